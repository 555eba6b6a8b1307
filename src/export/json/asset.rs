//! `nameplate.asset/1`: one device with its parts, its claims, and the frames behind them.

use serde::Serialize;

use crate::export::json::decision::DecisionPart;
use crate::export::{Report, display_name, missing};
use crate::model::{
    Asset, Binding, Claim, Excerpt, Field, FrameRef, Ground, Join, JoinedBy, Module, Nameplate,
    Run, Scope, Value,
};

#[derive(Serialize)]
pub(super) struct AssetLine<'a> {
    schema: &'static str,
    asset_id: String,
    identity: &'a str,
    name: String,
    #[serde(flatten)]
    plate: PlatePart<'a>,
    ips: Vec<String>,
    inner_ips: Vec<String>,
    macs: Vec<String>,
    reached_through: Vec<String>,
    vlans: Vec<u16>,
    site: Option<&'a str>,
    sites: Vec<&'a str>,
    zone: Option<&'a str>,
    purdue: Option<u8>,
    purdue_from: Option<&'static str>,
    purdue_certainty: Option<&'static str>,
    protocols: Vec<&'a str>,
    modules: Vec<ModulePart<'a>>,
    decisions: Vec<DecisionPart<'a>>,
    bindings: Vec<BindingPart>,
    joins: Vec<JoinPart<'a>>,
    first_seen: String,
    last_seen: String,
}

/// An address that the device had, and when.
#[derive(Serialize)]
struct BindingPart {
    address: String,
    outer_vlan: Option<u16>,
    vlan: Option<u16>,
    mac: Option<String>,
    first_seen: String,
    last_seen: String,
}

/// Why two of its sightings are one device.
#[derive(Serialize)]
struct JoinPart<'a> {
    a: String,
    b: String,
    by: &'static str,
    value: Option<String>,
    evidence: Vec<EvidencePart<'a>>,
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
        let sites = run.sites.of(asset);
        let level = report.level(asset);
        let vlans = asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0);
        Self {
            schema: "nameplate.asset/1",
            asset_id: asset.id.to_string(),
            identity: &asset.identity,
            name: display_name(asset),
            plate: PlatePart::new(run, &asset.nameplate),
            ips: asset.ips.iter().map(ToString::to_string).collect(),
            inner_ips: asset.inner_ips.iter().map(ToString::to_string).collect(),
            macs: asset.macs.iter().map(ToString::to_string).collect(),
            reached_through: asset.reached_through.iter().map(ToString::to_string).collect(),
            vlans: vlans.collect(),
            site: match sites.as_slice() {
                [site] => Some(site),
                _ => None,
            },
            sites,
            zone: zone.map(|zone| &*zone.name),
            purdue: level.map(|level| level.level),
            purdue_from: level.map(|level| level.from.name()),
            purdue_certainty: level.map(|level| level.certainty.name()),
            protocols: asset.protocols.iter().map(|protocol| &**protocol).collect(),
            modules: asset.modules.iter().map(|module| ModulePart::new(run, module)).collect(),
            decisions: run
                .decisions
                .about(asset)
                .into_iter()
                .map(|(entry, fate)| DecisionPart::new(entry, fate))
                .collect(),
            bindings: asset.bindings.iter().map(BindingPart::new).collect(),
            joins: asset.joins.iter().map(|join| JoinPart::new(run, join)).collect(),
            first_seen: asset.first.to_string(),
            last_seen: asset.last.to_string(),
        }
    }
}

impl BindingPart {
    fn new(binding: &Binding) -> Self {
        let Scope { outer_vlan, vlan, .. } = binding.node.scope;
        let tagged = |vlan: u16| (vlan != 0).then_some(vlan);
        Self {
            address: binding.node.addr.to_string(),
            outer_vlan: tagged(outer_vlan),
            vlan: tagged(vlan),
            mac: binding.mac.map(|mac| mac.to_string()),
            first_seen: binding.first.to_string(),
            last_seen: binding.last.to_string(),
        }
    }
}

impl<'a> JoinPart<'a> {
    fn new(run: &'a Run, join: &'a Join) -> Self {
        let (by, value) = match &join.by {
            JoinedBy::Serial(serial) => ("serial", Some(serial.to_string())),
            JoinedBy::ServerGuid(guid) => ("server_guid", Some(guid.to_string())),
            JoinedBy::Mac(mac) => ("mac", Some(mac.to_string())),
            JoinedBy::SamePacket => ("same_packet", None),
            JoinedBy::Decision(number) => ("decision", Some(number.to_string())),
        };
        let evidence = join.grounds.iter().map(|ground| EvidencePart::new(run, ground));
        let (a, b) = (join.a.to_string(), join.b.to_string());
        Self { a, b, by, value, evidence: evidence.collect() }
    }
}

impl<'a> EvidencePart<'a> {
    fn new(run: &'a Run, ground: &'a Ground) -> Self {
        Self {
            key: ground.key.name,
            value: ValuePart::new(&ground.value),
            capture: run.capture_name(ground.frame.capture),
            frame: ground.frame.number,
            time: ground.at.to_string(),
            place: PlacePart::new(run, ground.frame, &ground.excerpt),
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
        let evidence = claim.from.iter().map(|ground| EvidencePart::new(run, ground));
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
