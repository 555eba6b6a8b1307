//! What a device was seen to do and should not, whatever its version: SMB1, passwords in the clear, file sharing for anybody,
//! programs loaded from another part of the plant.
//!
//! Facts are met with the table `exposures.csv`. Where no reader of a protocol exists yet, a conversation that carries data to the
//! port of a service which is known to send passwords in the clear is evidence too, and only likely. No password is ever
//! looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use crate::advisory::name::glob;
use crate::advisory::services::{self, Clear, Service};
use crate::assess::exposure::{Around, Heard, days, list, peers, reaching};
use crate::model::limits::EXPOSURE_FRAMES_MAX;
use crate::model::{
    Act, Certainty, Event, FrameRef, Grade, Ground, Judgement, Kind, Port, Subject, Substance,
    Verdict, Why,
};

/// The table.
const TABLE: &str = include_str!("../../signatures/tables/exposures.csv");

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(TABLE));

/// A fact that is a finding.
#[derive(Debug)]
struct Rule {
    id: String,
    title: String,
    key: String,
    values: Vec<String>,
    because: String,
    advice: String,
}

/// A fact, and whom it is about; `None` for an event of the device.
pub type Fact = (Option<Subject>, Arc<Ground>);

/// A judgement, and the facts that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The judgement.
    pub judgement: Judgement,
    /// The facts, in order of time; none where only a conversation shows it.
    pub facts: Vec<Fact>,
}

/// The keys of the facts that matter here.
pub fn keys() -> BTreeSet<&'static str> {
    RULES.iter().map(|rule| rule.key.as_str()).collect()
}

/// What a device was seen to do and should not. `facts` are those of [`keys`]; `place` names a frame.
pub fn judge(
    facts: &[Fact],
    events: &[Event],
    around: &Around<'_>,
    place: &dyn Fn(FrameRef) -> String,
) -> Vec<Shown> {
    let mut shown: Vec<Shown> =
        RULES.iter().filter_map(|rule| by_fact(rule, facts, place)).collect();
    let served: Vec<&Heard<'_>> =
        around.heard.iter().filter(|heard| !heard.asks && heard.is_used()).collect();
    shown.extend(services::all().iter().filter_map(|service| by_port(service, &served)));
    shown.extend(from_elsewhere(&served, events, place));
    shown.sort_by(|one, other| one.judgement.advisory.cmp(&other.judgement.advisory));
    shown
}

fn by_fact(rule: &Rule, facts: &[Fact], place: &dyn Fn(FrameRef) -> String) -> Option<Shown> {
    let mut met: Vec<Fact> = facts
        .iter()
        .filter(|(_, ground)| ground.key.name == rule.key)
        .filter(|(_, ground)| {
            let value = ground.value.to_string();
            rule.values.iter().any(|pattern| glob(pattern, &value))
        })
        .cloned()
        .collect();
    if met.is_empty() {
        return None;
    }
    met.sort_by_key(|(_, ground)| (ground.at, ground.frame, ground.value.clone()));
    met.truncate(EXPOSURE_FRAMES_MAX);
    let mut frames: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, ground) in &met {
        frames.entry(ground.value.to_string()).or_default().insert(place(ground.frame));
    }
    let sentence = |(value, places): (&String, &BTreeSet<String>)| {
        format!("{} (seen in {})", rule.because.replace("{value}", value), list(places, ""))
    };
    let because = frames.iter().map(sentence).collect();
    let title = format!("{}. What helps: {}", rule.title, rule.advice);
    let judgement = judgement(&rule.id, &title, because, Verdict::Affected, Certainty::Certain);
    Some(Shown { judgement, facts: met })
}

/// A service that sends passwords in the clear, by the port that carried data.
fn by_port(service: &Service, served: &[&Heard<'_>]) -> Option<Shown> {
    if service.clear == Clear::No {
        return None;
    }
    let carried = |heard: &&&Heard<'_>| match heard.port {
        Port::Tcp(_) | Port::TcpDynamic => heard.carries_data(),
        _ => heard.packets.iter().all(|count| *count > 0),
    };
    let used: Vec<&Heard<'_>> = served
        .iter()
        .filter(|heard| heard.protocol.is_none() && service.is(heard.port, None))
        .filter(carried)
        .copied()
        .collect();
    if used.is_empty() {
        return None;
    }
    let (verdict, title, what) = match service.clear {
        Clear::No => return None,
        Clear::Passwords => {
            let title = format!("Passwords in the clear: {}", service.title);
            (Verdict::Affected, title, "which sends passwords that anybody on the way can read")
        }
        Clear::Perhaps => {
            let title = format!("Perhaps passwords in the clear: {}", service.title);
            let what =
                "which does or does not, by its version and settings, send passwords in the clear";
            (Verdict::Unknown(Why::Configuration), title, what)
        }
    };
    let ports: BTreeSet<String> = used.iter().map(|heard| heard.port.to_string()).collect();
    let (ports, when, who) = (list(&ports, ""), days(&used), peers(&used));
    let sentence =
        format!("{ports}, the port of {}, carried data {when} with {who}: {what}", service.title);
    let because =
        vec!["the port tells the service; what was said there is not read".to_owned(), sentence];
    let judgement = judgement(&service.name, &title, because, verdict, Certainty::Likely);
    Some(Shown { judgement, facts: Vec::new() })
}

/// Programs and modes that somebody in another part of the plant loads and changes.
fn from_elsewhere(
    served: &[&Heard<'_>],
    events: &[Event],
    place: &dyn Fn(FrameRef) -> String,
) -> Option<Shown> {
    let changes = |heard: &Heard<'_>| [Act::Control, Act::Program].map(|act| heard.acts.of(act));
    let used: Vec<&Heard<'_>> = served
        .iter()
        .filter(|heard| {
            heard.peer.across.is_some() && changes(heard).iter().any(|count| *count > 0)
        })
        .copied()
        .collect();
    if used.is_empty() {
        return None;
    }
    let addresses: BTreeSet<&str> = used.iter().map(|heard| heard.peer.address.as_str()).collect();
    let mut facts: Vec<Fact> = events
        .iter()
        .filter(|event| addresses.contains(event.ground.value.to_string().as_str()))
        .map(|event| (None, Arc::clone(&event.ground)))
        .collect();
    facts.truncate(EXPOSURE_FRAMES_MAX);
    let [control, program] = used.iter().fold([0_u32; 2], |[control, program], heard| {
        let [own_control, own_program] = changes(heard);
        [control.saturating_add(own_control), program.saturating_add(own_program)]
    });
    let spoken: BTreeSet<String> =
        used.iter().filter_map(|heard| heard.protocol.map(str::to_owned)).collect();
    let frames: BTreeSet<String> = facts.iter().map(|(_, ground)| place(ground.frame)).collect();
    let seen =
        if frames.is_empty() { String::new() } else { format!(" (seen in {})", list(&frames, "")) };
    let because = vec![
        format!("asked by {}", peers(&used)),
        format!(
            "over {}, {program} requests loaded or fetched programs and {control} changed its state, {} from {}{seen}",
            list(&spoken, ""),
            days(&used),
            list(&reaching(&used), ""),
        ),
    ];
    let title = "Programs or modes changed from another part of the plant. What helps: let only the engineering station of the cell \
                 reach the controller";
    let certainty = if facts.is_empty() { Certainty::Likely } else { Certainty::Certain };
    let judgement =
        judgement("program-from-elsewhere", title, because, Verdict::Affected, certainty);
    Some(Shown { judgement, facts })
}

fn judgement(
    rule: &str,
    title: &str,
    because: Vec<String>,
    verdict: Verdict,
    certainty: Certainty,
) -> Judgement {
    let advisory: Box<str> = format!("{EXPOSURE}{rule}").into();
    Judgement {
        kind: Kind::Exposure,
        cve: advisory.clone(),
        advisory,
        substance: Substance::default(),
        title: title.into(),
        verdict,
        grade: Grade::E1,
        certainty,
        because,
        clause: format!("rule {rule}"),
        fixed_in: Vec::new(),
        remediation: Some("workaround".into()),
        cvss: None,
        vector: None,
        kev: None,
        epss: None,
    }
}

fn rules(table: &str) -> Vec<Rule> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
    let row = |record: csv::StringRecord| {
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        Rule {
            id: cell(0),
            title: cell(1),
            key: cell(2),
            values: cell(3).split('|').map(str::to_owned).collect(),
            because: cell(4),
            advice: cell(5),
        }
    };
    // A test proves that every row can be read.
    reader.records().filter_map(Result::ok).map(row).collect()
}

/// How identifiers of these findings begin.
pub const EXPOSURE: &str = "exposure:";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::exposure::tests::{around, heard};
    use crate::model::{Acts, Excerpt, Happening, Key, Node, Scope, Timestamp, Value};

    fn ground(key: &'static str, value: &str, frame: u64) -> Arc<Ground> {
        let frame = FrameRef { capture: 0, number: frame };
        Arc::new(Ground {
            key: Key::several(key),
            value: Value::Text(value.into()),
            at: Timestamp(1),
            frame,
            mac: None,
            excerpt: Excerpt { frame, offset: 0, length: 1, bytes: [1].into() },
        })
    }

    fn fact(key: &'static str, value: &str, frame: u64) -> Fact {
        let node = Node::ip(Scope::default(), [10, 0, 0, 1].into());
        (Some(Subject::node(node)), ground(key, value, frame))
    }

    fn judged(facts: &[Fact], events: &[Event], around: &Around<'_>) -> Vec<Shown> {
        judge(facts, events, around, &|frame| format!("a.pcap#{}", frame.number))
    }

    fn told(shown: &[Shown]) -> Vec<(&str, &'static str, &'static str)> {
        let told = |one: &Shown| {
            let Judgement { advisory, verdict, certainty, .. } = &one.judgement;
            (advisory.to_string(), verdict.name(), certainty.name())
        };
        shown.iter().map(|one| (&*one.judgement.advisory, told(one).1, told(one).2)).collect()
    }

    #[test]
    fn every_row_of_the_table_can_be_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(RULES.len() + 1, lines);
        for rule in RULES.iter() {
            assert!(rule.key.contains('.') && rule.because.contains("{value}"), "{rule:?}");
            assert!(!rule.title.is_empty() && !rule.advice.is_empty(), "{rule:?}");
        }
    }

    #[test]
    fn smb1_is_told_with_its_frames_and_newer_dialects_are_not() {
        let facts = [
            fact("smb.dialect", "SMB 3.1.1", 4),
            fact("smb.dialect", "NT LM 0.12", 9),
            fact("smb.dialect", "NT LM 0.12", 12),
            fact("smb.session", "guest", 15),
        ];
        let shown = judged(&facts, &[], &Around::default());
        assert_eq!(
            told(&shown),
            [
                ("exposure:guest-session", "affected", "certain"),
                ("exposure:smb1", "affected", "certain")
            ]
        );
        let last = shown[1].judgement.because.last().unwrap();
        assert_eq!(
            last,
            "it chose the dialect NT LM 0.12, which is SMB1 (seen in a.pcap#12 and a.pcap#9)"
        );
        assert_eq!(shown[1].facts.len(), 2);
        assert!(judged(&facts[..1], &[], &Around::default()).is_empty());
    }

    #[test]
    fn a_port_that_carries_data_is_likely_and_one_that_depends_is_unknown() {
        let telnet = heard("tcp/23", None, "PC-7");
        let snmp = heard("udp/161", None, "NMS");
        let mut refused = heard("tcp/21", None, "scanner");
        refused.bytes = [1_400, 1_200];
        let shown = judged(&[], &[], &around(vec![telnet, snmp, refused], 1));
        assert_eq!(
            told(&shown),
            [("exposure:snmp", "cannot_tell", "likely"), ("exposure:telnet", "affected", "likely")]
        );
        let mut asks = heard("tcp/23", None, "PC-7");
        asks.asks = true;
        assert!(judged(&[], &[], &around(vec![asks], 1)).is_empty(), "the server is at fault");
    }

    #[test]
    fn programs_loaded_from_elsewhere_are_told_with_the_event() {
        let mut load = heard("tcp/44818", Some("enip"), "PC-7");
        load.acts = Acts::from_counts([0, 0, 0, 1, 3]);
        load.peer.address = "10.9.0.7".to_owned();
        assert!(judged(&[], &[], &around(vec![load.clone()], 1)).is_empty(), "from the same cell");
        load.peer.across = Some("zone Office".to_owned());
        let event = Event {
            module: None,
            what: Happening::Told,
            ground: ground("enip.program_download", "10.9.0.7", 33),
            before: None,
        };
        let shown = judged(&[], std::slice::from_ref(&event), &around(vec![load.clone()], 1));
        assert_eq!(told(&shown), [("exposure:program-from-elsewhere", "affected", "certain")]);
        let last = shown[0].judgement.because.last().unwrap();
        assert!(last.contains("zone Office") && last.contains("a.pcap#33"), "{last}");
        assert_eq!(shown[0].facts.len(), 1);
        let shown = judged(&[], &[], &around(vec![load], 1));
        assert_eq!(told(&shown), [("exposure:program-from-elsewhere", "affected", "likely")]);
    }
}
