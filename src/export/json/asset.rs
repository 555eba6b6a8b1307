//! `nameplate.asset/1`: one device with its parts, its claims, and the frames behind them.

use serde::Serialize;

use crate::export::json::decision::DecisionPart;
use crate::export::{Report, display_name, missing};
use crate::model::{Asset, Claim, Excerpt, Field, FrameRef, Module, Nameplate, Run, Value};

#[derive(Serialize)]
pub(super) struct AssetLine<'a> {
    schema: &'static str,
    asset_id: String,
    identity: &'a str,
    name: String,
    #[serde(flatten)]
    plate: PlatePart<'a>,
    ips: Vec<String>,
    macs: Vec<String>,
    vlans: Vec<u16>,
    zone: Option<&'a str>,
    purdue: Option<u8>,
    protocols: Vec<&'a str>,
    modules: Vec<ModulePart<'a>>,
    decisions: Vec<DecisionPart<'a>>,
    first_seen: String,
    last_seen: String,
}

#[derive(Serialize)]
struct PlatePart<'a> {
    kind: Option<&'a str>,
    role: Option<&'a str>,
    vendor: Option<&'a str>,
    product: Option<&'a str>,
    model: Option<&'a str>,
    order_number: Option<&'a str>,
    series: Option<&'a str>,
    firmware: Option<&'a str>,
    hardware: Option<&'a str>,
    serial: Option<&'a str>,
    os: Option<&'a str>,
    os_build: Option<&'a str>,
    mode: Option<&'a str>,
    claims: Vec<ClaimPart<'a>>,
    missing: Vec<&'static str>,
}

#[derive(Serialize)]
struct ModulePart<'a> {
    path: String,
    name: Option<&'a str>,
    #[serde(flatten)]
    plate: PlatePart<'a>,
    first_seen: String,
    last_seen: String,
}

#[derive(Serialize)]
struct ClaimPart<'a> {
    field: &'static str,
    value: &'a str,
    shown: bool,
    certainty: &'static str,
    signature: &'a str,
    evidence: Vec<EvidencePart<'a>>,
}

#[derive(Serialize)]
struct EvidencePart<'a> {
    key: &'static str,
    value: ValuePart<'a>,
    capture: &'a str,
    frame: u64,
    time: String,
    #[serde(flatten)]
    place: PlacePart<'a>,
}

/// Where the bytes of a value are. `starts_in` is given when they begin in an earlier frame than the one that
/// completed the message; `offset` then counts from the start of that frame.
#[derive(Serialize)]
pub(super) struct PlacePart<'a> {
    offset: u32,
    length: u32,
    bytes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_in: Option<StartPart<'a>>,
}

#[derive(Serialize)]
struct StartPart<'a> {
    capture: &'a str,
    frame: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ValuePart<'a> {
    Text(&'a str),
    Uint(u64),
    Bytes(String),
}

impl<'a> ValuePart<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Uint(number) => Self::Uint(*number),
            Value::Bytes(_) => Self::Bytes(value.to_string()),
        }
    }
}

impl<'a> PlacePart<'a> {
    pub(super) fn new(run: &'a Run, frame: FrameRef, excerpt: &Excerpt) -> Self {
        let start = || StartPart {
            capture: run.capture_name(excerpt.frame.capture),
            frame: excerpt.frame.number,
        };
        Self {
            offset: excerpt.offset,
            length: excerpt.length,
            bytes: Value::Bytes(excerpt.bytes.clone()).to_string(),
            starts_in: (excerpt.frame != frame).then(start),
        }
    }
}

impl<'a> AssetLine<'a> {
    pub(super) fn new(report: &Report<'a>, asset: &'a Asset) -> Self {
        let (run, zone) = (report.run, report.zones.of(asset));
        let vlans = asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0);
        Self {
            schema: "nameplate.asset/1",
            asset_id: asset.id.to_string(),
            identity: &asset.identity,
            name: display_name(asset),
            plate: PlatePart::new(run, &asset.nameplate),
            ips: asset.ips.iter().map(ToString::to_string).collect(),
            macs: asset.macs.iter().map(ToString::to_string).collect(),
            vlans: vlans.collect(),
            zone: zone.map(|zone| &*zone.name),
            purdue: zone.and_then(|zone| zone.purdue),
            protocols: asset.protocols.iter().map(|protocol| &**protocol).collect(),
            modules: asset.modules.iter().map(|module| ModulePart::new(run, module)).collect(),
            decisions: run
                .decisions
                .about(asset)
                .into_iter()
                .map(|(entry, fate)| DecisionPart::new(entry, fate))
                .collect(),
            first_seen: asset.first.to_string(),
            last_seen: asset.last.to_string(),
        }
    }
}

impl<'a> ModulePart<'a> {
    fn new(run: &'a Run, module: &'a Module) -> Self {
        Self {
            path: module.path.to_string(),
            name: module.nameplate.value(Field::Name),
            plate: PlatePart::new(run, &module.nameplate),
            first_seen: module.first.to_string(),
            last_seen: module.last.to_string(),
        }
    }
}

impl<'a> PlatePart<'a> {
    fn new(run: &'a Run, plate: &'a Nameplate) -> Self {
        let claims = plate.claims.iter().flat_map(|(field, claims)| {
            let shown = plate.value(*field);
            claims.iter().map(move |claim| ClaimPart::new(run, claim, shown == Some(&*claim.value)))
        });
        Self {
            kind: plate.value(Field::Kind),
            role: plate.value(Field::Role),
            vendor: plate.value(Field::Vendor),
            product: plate.value(Field::Product),
            model: plate.value(Field::Model),
            order_number: plate.value(Field::OrderNumber),
            series: plate.value(Field::Series),
            firmware: plate.value(Field::Firmware),
            hardware: plate.value(Field::Hardware),
            serial: plate.value(Field::Serial),
            os: plate.value(Field::Os),
            os_build: plate.value(Field::OsBuild),
            mode: plate.value(Field::Mode),
            claims: claims.collect(),
            missing: missing(plate),
        }
    }
}

impl<'a> ClaimPart<'a> {
    fn new(run: &'a Run, claim: &'a Claim, shown: bool) -> Self {
        let evidence = claim.from.iter().map(|ground| EvidencePart {
            key: ground.key.name,
            value: ValuePart::new(&ground.value),
            capture: run.capture_name(ground.frame.capture),
            frame: ground.frame.number,
            time: ground.at.to_string(),
            place: PlacePart::new(run, ground.frame, &ground.excerpt),
        });
        Self {
            field: claim.field.name(),
            value: &claim.value,
            shown,
            certainty: claim.certainty.name(),
            signature: &claim.by,
            evidence: evidence.collect(),
        }
    }
}
