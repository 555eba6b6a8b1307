//! `nameplate.fact/1`: one observation.

use serde::Serialize;

use crate::export::json::asset::{PlacePart, ValuePart};
use crate::model::{Addr, Observation, Run};

#[derive(Serialize)]
pub(super) struct FactLine<'a> {
    schema: &'static str,
    key: &'static str,
    value: ValuePart<'a>,
    subject: SubjectPart<'a>,
    capture: &'a str,
    frame: u64,
    time: String,
    #[serde(flatten)]
    place: PlacePart<'a>,
    protocol: &'static str,
    repeat: bool,
}

#[derive(Serialize)]
struct SubjectPart<'a> {
    site: Option<&'a str>,
    ip: Option<String>,
    mac: Option<String>,
    vlan: Option<u16>,
    outer_vlan: Option<u16>,
    unit: Option<String>,
}

impl<'a> FactLine<'a> {
    pub(super) fn new(run: &'a Run, observation: &'a Observation) -> Self {
        let node = observation.subject.node;
        let (ip, mac) = match node.addr {
            Addr::Ip(ip) => (Some(ip.to_string()), observation.mac),
            Addr::Mac(mac) => (None, Some(mac)),
            Addr::Listed(_) => (None, None),
        };
        let tag = |vlan: u16| Some(vlan).filter(|vlan| *vlan != 0);
        Self {
            schema: "nameplate.fact/1",
            key: observation.key.name,
            value: ValuePart::new(&observation.value),
            subject: SubjectPart {
                site: run.sites.name(node.scope.site),
                ip,
                mac: mac.map(|mac| mac.to_string()),
                vlan: tag(node.scope.vlan),
                outer_vlan: tag(node.scope.outer_vlan),
                unit: observation.subject.unit.as_ref().map(ToString::to_string),
            },
            capture: run.capture_name(observation.frame.capture),
            frame: observation.frame.number,
            time: observation.at.to_string(),
            place: PlacePart::new(run, observation.frame, &observation.excerpt),
            protocol: observation.key.protocol(),
            repeat: observation.repeat,
        }
    }
}
