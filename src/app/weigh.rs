//! How much findings matter in this network, and the findings that no advisory makes: put together from verdicts, conversations,
//! zones and a day.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use jiff::civil::Date;

use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::assess::exposure::{Around, Heard, Peer};
use crate::assess::exposure_rules::{self, Fact, Shown};
use crate::assess::{lifecycle, priority};
use crate::export::display_name;
use crate::export::talks::{Talk, whose};
use crate::ledger::{self, Ledger};
use crate::model::{
    Addr, Asset, AssetId, Certainty, Conversation, Finding, FrameRef, Judgement, Kind, Levels, Run,
    Weight, Zones,
};

/// Findings with their weight, and what those rest on that no advisory makes.
#[derive(Debug, Default)]
pub(super) struct Weighed {
    /// All findings, in order of device, part, document and CVE.
    pub(super) findings: Vec<Arc<Finding>>,
    /// The facts behind a finding that rests on facts alone.
    pub(super) facts: BTreeMap<uuid::Uuid, Vec<Fact>>,
}

/// The day on which support is judged: as asked for; else as the environment says; else today, in UTC.
pub(super) fn day(sources: &Sources) -> Result<Date, AppError> {
    if let Some(day) = sources.as_of {
        return Ok(day);
    }
    match std::env::var(AS_OF) {
        Ok(text) => text.parse().map_err(|_| {
            AppError::Usage(format!("{AS_OF}={text}: write a day, for example 2026-03-02"))
        }),
        Err(_) => Ok(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()),
    }
}

/// Weighs all findings of a ledger, and adds those that no advisory makes.
pub(super) fn weigh(
    ledger: &Ledger,
    run: &Run,
    conversations: &[Conversation],
    (zones, day): (&Zones, Date),
) -> Weighed {
    let (assets, findings) = (ledger.assets(), ledger.findings());
    let levels = ledger.signatures().vocabulary().levels();
    let plan = Plan { zones, levels, has_zones: *zones != Zones::default() };
    let talks = whose(conversations, &assets);
    let by_asset = by_asset(&talks);
    let watched = watched(run);
    let keys = exposure_rules::keys();
    let place = |frame: FrameRef| format!("{}#{}", run.capture_name(frame.capture), frame.number);
    let mut weighed = Weighed::default();
    for asset in &assets {
        let own = by_asset.get(&asset.id).map(Vec::as_slice).unwrap_or_default();
        let zone = zones.of(asset);
        let around = Around {
            heard: own.iter().filter_map(|talk| plan.heard(asset, talk)).collect(),
            watched,
            zone: zone.map(|zone| &*zone.name),
            criticality: zone.and_then(|zone| zone.criticality.as_deref()),
        };
        let start = findings.partition_point(|finding| finding.asset < asset.id);
        let rest = findings.get(start..).unwrap_or_default();
        let end = rest.partition_point(|finding| finding.asset == asset.id);
        for finding in rest.get(..end).unwrap_or_default() {
            let weight = weight(ledger, &finding.judgement, &around);
            let mut finding = Arc::clone(finding);
            if weight != finding.weight {
                Arc::make_mut(&mut finding).weight = weight;
            }
            weighed.findings.push(finding);
        }
        for (path, plate) in ledger::parts(asset) {
            for judgement in lifecycle::judge(plate, day) {
                let finding = ledger::finding(asset.id, path, Arc::new(judgement));
                weighed.add(finding, &around);
            }
        }
        let told = ledger.told(asset, &keys).into_iter();
        let told: Vec<Fact> = told.map(|(subject, ground)| (Some(subject), ground)).collect();
        for Shown { judgement, facts } in
            exposure_rules::judge(&told, &asset.events, &around, &place)
        {
            let finding = ledger::finding(asset.id, None, Arc::new(judgement));
            weighed.facts.insert(finding.id, facts);
            weighed.add(finding, &around);
        }
    }
    weighed.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    weighed
}

/// As the ledger orders findings.
fn order(finding: &Finding) -> impl Ord + '_ {
    let judgement = &finding.judgement;
    (finding.asset, finding.module.as_ref(), &judgement.advisory, &judgement.cve)
}

impl Weighed {
    fn add(&mut self, mut finding: Finding, around: &Around<'_>) {
        finding.weight = priority::weigh(&finding.judgement, &BTreeSet::new(), around);
        self.findings.push(Arc::new(finding));
    }
}

fn weight(ledger: &Ledger, judgement: &Judgement, around: &Around<'_>) -> Weight {
    let document = ledger.advisories().document(&judgement.advisory);
    let flaw =
        document.and_then(|document| document.flaws.iter().find(|flaw| flaw.name == judgement.cve));
    match flaw {
        Some(flaw) if judgement.kind == Kind::Advisory => {
            priority::weigh(judgement, &flaw.services, around)
        }
        _ => priority::weigh(judgement, &BTreeSet::new(), around),
    }
}

/// Conversations by the devices that had them.
fn by_asset<'a>(talks: &'a [Talk<'a>]) -> BTreeMap<AssetId, Vec<&'a Talk<'a>>> {
    let mut by_asset: BTreeMap<AssetId, Vec<&Talk<'_>>> = BTreeMap::new();
    for talk in talks {
        let ends: BTreeSet<AssetId> =
            [talk.client, talk.server].into_iter().flatten().map(|asset| asset.id).collect();
        for id in ends {
            by_asset.entry(id).or_default().push(talk);
        }
    }
    by_asset
}

/// Nanoseconds that captures cover together; those of lists cover none.
fn watched(run: &Run) -> u64 {
    let captures = (0_u32..).zip(&run.captures).filter(|(at, _)| run.import(*at).is_none());
    let mut spans: Vec<_> =
        captures.filter_map(|(_, capture)| Some((capture.first?, capture.last?))).collect();
    spans.sort_unstable();
    let (mut sum, mut until) = (0_u64, None);
    for (first, last) in spans {
        let from = until.map_or(first, |until| first.max(until));
        sum = sum.saturating_add(last.since(from));
        until = until.max(Some(last));
    }
    sum
}

/// Where in the plant things stand.
struct Plan<'a> {
    zones: &'a Zones,
    levels: &'a Levels,
    has_zones: bool,
}

/// Where one thing stands.
#[derive(Clone, Copy, Default)]
struct Stand<'a> {
    zone: Option<&'a str>,
    level: Option<u8>,
    is_public: bool,
}

impl<'a> Plan<'a> {
    /// What a conversation is to one of the devices that had it; `None` for one with itself or with a group of hosts.
    fn heard(&self, asset: &Asset, talk: &Talk<'_>) -> Option<Heard<'a>> {
        let said = talk.conversation;
        let is = |one: Option<&Asset>| one.is_some_and(|one| one.id == asset.id);
        let asks = is(talk.client);
        if asks && is(talk.server) {
            return None;
        }
        let (peer, node) =
            if asks { (talk.server, said.server) } else { (talk.client, said.client) };
        let own_node = if asks { said.client } else { said.server };
        let address = node.addr.to_string();
        let own = self.stand(Some(asset), own_node.addr, own_node.scope.vlan);
        let stand = self.stand(peer, node.addr, node.scope.vlan);
        let peer = Peer {
            name: peer.map_or_else(|| address.clone(), display_name),
            address,
            zone: stand.zone,
            level: stand.level,
            across: self.across(own, stand),
        };
        Some(Heard {
            port: said.port,
            protocol: said.protocol,
            asks,
            first: said.first,
            last: said.last,
            packets: said.packets,
            bytes: said.bytes,
            acts: said.acts,
            peer,
        })
    }

    fn stand(&self, asset: Option<&Asset>, addr: Addr, vlan: u16) -> Stand<'a> {
        let ip = match addr {
            Addr::Ip(ip) => Some(ip),
            Addr::Mac(_) | Addr::Listed(_) => None,
        };
        let zone = match asset {
            Some(asset) => self.zones.of(asset),
            None => self.zones.at(ip, [vlan]),
        };
        let by_role = || asset.and_then(|asset| self.levels.of(asset, self.zones));
        let level = by_role().filter(|level| level.certainty > Certainty::Hint);
        let level = zone.and_then(|zone| zone.purdue).or(level.map(|level| level.level));
        Stand { zone: zone.map(|zone| &*zone.name), level, is_public: ip.is_some_and(is_public) }
    }

    /// From where a peer reaches across, when it stands in another part of the plant: another zone; without zones, another
    /// of the three parts that the levels make; the Internet.
    fn across(&self, own: Stand<'_>, peer: Stand<'_>) -> Option<String> {
        let level = peer.level.map(|level| format!(" (level {level})")).unwrap_or_default();
        if peer.is_public && !own.is_public && peer.zone.is_none() {
            return Some("public addresses".to_owned());
        }
        if self.has_zones {
            return match (own.zone, peer.zone) {
                (own, Some(peer)) if own != Some(peer) => Some(format!("zone {peer}{level}")),
                (Some(_), None) => Some("addresses outside all zones".to_owned()),
                _ => None,
            };
        }
        let parts = [own.level.map(part), peer.level.map(part)];
        match (parts, peer.level) {
            ([Some(own), Some(other)], Some(level)) if own != other => {
                Some(format!("level {level}"))
            }
            _ => None,
        }
    }
}

/// The part of a plant that a level belongs to. Process, control and supervision (0 to 2) make up a cell and talk to each other
/// all day; site operations (3) and the enterprise (4, 5) are others.
fn part(level: u8) -> u8 {
    match level {
        0..=2 => 0,
        3 => 1,
        _ => 2,
    }
}

/// Addresses that anybody on the Internet may have.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && second & 0xc0 == 64; // RFC 6598
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || is_shared)
        }
        IpAddr::V6(v6) => {
            let [first, ..] = v6.segments();
            first & 0xe000 == 0x2000 // RFC 4291 section 2.5.4
        }
    }
}

/// Names the day for programs that are started by others, such as tests.
const AS_OF: &str = "NAMEPLATE_AS_OF";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CaptureInfo, Timestamp};

    fn capture(first: i64, last: i64) -> CaptureInfo {
        CaptureInfo {
            name: "a".to_owned(),
            sha256: String::new(),
            frames: 1,
            bytes: 1,
            first: Some(Timestamp(first)),
            last: Some(Timestamp(last)),
            incomplete: None,
            session: None,
        }
    }

    #[test]
    fn time_that_two_captures_cover_counts_once() {
        let run = |captures| Run { captures, ..Run::default() };
        assert_eq!(watched(&run(vec![capture(10, 30), capture(20, 40), capture(50, 60)])), 40);
        assert_eq!(watched(&run(vec![capture(10, 60), capture(20, 30)])), 50);
        assert_eq!(watched(&run(Vec::new())), 0);
    }

    #[test]
    fn only_another_part_of_the_plant_is_across() {
        let (zones, levels) = (Zones::default(), Levels::default());
        let plan = Plan { zones: &zones, levels: &levels, has_zones: false };
        let at = |level| Stand { level: Some(level), ..Stand::default() };
        assert_eq!(plan.across(at(1), at(2)), None, "supervision belongs to the cell");
        assert_eq!(plan.across(at(1), at(3)).as_deref(), Some("level 3"));
        assert_eq!(plan.across(at(1), Stand::default()), None);
        let public = Stand { is_public: true, ..Stand::default() };
        assert_eq!(plan.across(at(1), public).as_deref(), Some("public addresses"));
        assert_eq!(plan.across(public, public), None);
        let plan = Plan { has_zones: true, ..plan };
        let zone = |name, level| Stand { zone: Some(name), level, ..Stand::default() };
        assert_eq!(plan.across(zone("A", Some(1)), zone("A", Some(3))), None);
        assert_eq!(
            plan.across(zone("A", None), zone("B", Some(4))).as_deref(),
            Some("zone B (level 4)")
        );
        assert_eq!(
            plan.across(zone("A", None), Stand::default()).as_deref(),
            Some("addresses outside all zones")
        );
        assert_eq!(plan.across(Stand::default(), Stand::default()), None);
    }

    #[test]
    fn private_and_local_addresses_are_not_public() {
        for private in [
            "10.1.1.1",
            "192.168.0.9",
            "172.31.2.2",
            "169.254.1.1",
            "100.64.0.1",
            "fd00::1",
            "fe80::1",
            "224.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "2a00::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
