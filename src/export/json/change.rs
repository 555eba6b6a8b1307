//! `nameplate.diff/1`: what was compared; `nameplate.change/1`: one difference.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::{Device, Difference, Said, Talk};
use crate::export::diff::{Diff, Look};

#[derive(Serialize)]
pub(super) struct DiffLine<'a> {
    schema: &'static str,
    tool: &'static str,
    before: LookPart<'a>,
    after: LookPart<'a>,
    same_advisories: bool,
    verdicts_compared: bool,
    differences: usize,
    changes: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct LookPart<'a> {
    name: &'a str,
    kind: &'static str,
    until: Option<&'a str>,
    version: &'a str,
    bundle_newest: Option<&'a str>,
    bundle_sha256: &'a str,
    assets: usize,
    findings: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct ChangeLine<'a> {
    schema: &'static str,
    change: &'static str,
    asset_id: Option<String>,
    asset_id_before: Option<String>,
    name: Option<&'a str>,
    ips: Vec<String>,
    module: Option<&'a str>,
    what: &'a str,
    before: Option<SaidPart<'a>>,
    after: Option<SaidPart<'a>>,
    same_serial: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<TalkPart<'a>>,
}

/// Who talked to whom, where the difference is about that.
#[derive(Serialize)]
struct TalkPart<'a> {
    site: Option<&'a str>,
    client: &'a str,
    client_name: Option<&'a str>,
    server: &'a str,
    server_name: Option<&'a str>,
    port: &'a str,
    protocol: Option<&'a str>,
    first_seen: &'a str,
    last_seen: &'a str,
}

#[derive(Serialize)]
struct SaidPart<'a> {
    value: &'a str,
    evidence: Vec<PlacePart<'a>>,
}

#[derive(Serialize)]
struct PlacePart<'a> {
    capture: &'a str,
    frame: u64,
    time: &'a str,
}

impl<'a> DiffLine<'a> {
    pub(super) fn new(diff: &Diff<'a>) -> Self {
        Self {
            schema: "nameplate.diff/1",
            tool: "nameplate",
            before: LookPart::new(diff.before),
            after: LookPart::new(diff.after),
            same_advisories: diff.same_advisories(),
            verdicts_compared: diff.verdicts_compared(),
            differences: diff.differences.len(),
            changes: diff.counts().into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        }
    }
}

impl<'a> LookPart<'a> {
    fn new(look: &'a Look) -> Self {
        Self {
            name: &look.name,
            kind: look.kind,
            until: look.until.as_deref(),
            version: &look.version,
            bundle_newest: look.bundle_newest.as_deref(),
            bundle_sha256: &look.bundle_sha256,
            assets: look.assets,
            findings: look.findings,
        }
    }
}

impl<'a> ChangeLine<'a> {
    pub(super) fn new(one: &'a Difference<'a>) -> Self {
        let id = |device: Option<&Device>| device.map(|device| device.id.to_string());
        let device = one.device();
        let ips = device.into_iter().flat_map(|device| &device.ips);
        Self {
            schema: "nameplate.change/1",
            change: one.kind.name(),
            asset_id: id(device),
            asset_id_before: id(one.before),
            name: device.map(|device| &*device.name),
            ips: ips.map(ToString::to_string).collect(),
            module: one.module,
            what: &one.what,
            before: one.was.as_ref().map(SaidPart::new),
            after: one.is.as_ref().map(SaidPart::new),
            same_serial: one.same_serial,
            conversation: one.talk.map(TalkPart::new),
        }
    }
}

impl<'a> TalkPart<'a> {
    fn new(talk: &'a Talk) -> Self {
        let [client_name, server_name] = &talk.names;
        Self {
            site: Some(&*talk.site).filter(|site| !site.is_empty()),
            client: &talk.client,
            client_name: client_name.as_deref(),
            server: &talk.server,
            server_name: server_name.as_deref(),
            port: &talk.port,
            protocol: talk.protocol.as_deref(),
            first_seen: &talk.seen.0,
            last_seen: &talk.seen.1,
        }
    }
}

impl<'a> SaidPart<'a> {
    fn new(said: &'a Said) -> Self {
        let evidence = said.seen_in.iter().map(|place| PlacePart {
            capture: &place.capture,
            frame: place.frame,
            time: &place.time,
        });
        Self { value: &said.value, evidence: evidence.collect() }
    }
}
