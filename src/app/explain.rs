//! The way back: from a verdict to its reasons, from a value to the rule that made it, from the rule to the facts, and
//! from the facts to frames and bytes.

use std::sync::Arc;

mod events;
mod merge;
mod page;
mod summary;

pub(super) use merge::{Merge, merge};
pub(super) use page::{Page, Rules};
pub(super) use summary::summary;

use crate::app::recheck::{Fact, Spot};
use crate::app::scan::{Scanned, names_capture};
use crate::app::treat;
use crate::export::decisions::{fate_words, words};
use crate::export::{display_name, handling, missing};
use crate::handling::day;
use crate::model::decision::{BOOK_NAME, decided};
use crate::model::{
    Addr, Asset, Claim, Field, Finding, FrameRef, Kind, Nameplate, Node, Observation, Verdict,
};

/// Explains whatever `what` names: a finding or an asset by the start of its identifier, an asset by address or name,
/// a frame as FILE#FRAME, a byte of it as FILE#FRAME@OFFSET. `None` when nothing is called so.
pub(super) fn explain<'a>(known: &'a Scanned, rules: &'a Rules, what: &str) -> Option<Page<'a>> {
    let mut page = Page::new(&known.run, rules);
    if let Some(place) = Place::parse(what) {
        explain_frame(known, &place, &mut page)?;
        return Some(page);
    }
    let findings: Vec<&Arc<Finding>> =
        known.findings.iter().filter(|finding| begins(finding.id.to_string(), what)).collect();
    if !findings.is_empty() {
        findings.iter().for_each(|finding| explain_finding(known, finding, &mut page));
        return Some(page);
    }
    let assets: Vec<&Arc<Asset>> = assets(known, what).collect();
    assets.iter().for_each(|asset| explain_asset(known, asset, &mut page));
    (!assets.is_empty()).then_some(page)
}

/// A frame, or a byte of it, as a person writes it: FILE#FRAME or FILE#FRAME@OFFSET.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    /// The capture: the whole of its name, or its last parts.
    pub(super) capture: String,
    /// Number of the frame, from 1.
    pub(super) frame: u64,
    /// Offset of the byte from the start of the frame.
    pub(super) offset: Option<u32>,
}

impl Place {
    /// Reads it; `None` for a text that is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (capture, place) = text.rsplit_once('#')?;
        let (frame, offset) = match place.split_once('@') {
            Some((frame, offset)) => (frame, Some(offset.parse().ok()?)),
            None => (place, None),
        };
        Some(Self { capture: capture.to_owned(), frame: frame.parse().ok()?, offset })
    }
}

/// The devices that `what` names: by the start of an identifier, an address, a name.
pub(super) fn assets<'a>(
    known: &'a Scanned,
    what: &'a str,
) -> impl Iterator<Item = &'a Arc<Asset>> {
    let assets = known.assets.iter();
    assets.filter(move |asset| begins(asset.id.to_string(), what) || is_called(asset, what))
}

fn begins(id: String, what: &str) -> bool {
    what.len() >= ID_PREFIX_MIN && id.starts_with(what)
}

fn is_called(asset: &Asset, what: &str) -> bool {
    let names = |plate: &Nameplate| {
        [Field::Name, Field::Serial, Field::Model].iter().any(|field| {
            plate
                .claims
                .get(field)
                .into_iter()
                .flatten()
                .any(|c| c.value.eq_ignore_ascii_case(what))
        })
    };
    what.parse().is_ok_and(|ip| asset.ips.contains(&ip))
        || what.parse().is_ok_and(|node| is_at(asset, node))
        || asset.macs.iter().any(|mac| mac.to_string().eq_ignore_ascii_case(what))
        || names(&asset.nameplate)
        || asset.modules.iter().any(|module| names(&module.nameplate))
}

/// True for an address in a VLAN, and for the name that a device without an address goes by.
fn is_at(asset: &Asset, node: Node) -> bool {
    let vlans = |node: Node| (node.scope.outer_vlan, node.scope.vlan);
    let is_listed = matches!(node.addr, Addr::Listed(_));
    let mut nodes = asset.bindings.iter().map(|binding| binding.node);
    (vlans(node) != (0, 0) || is_listed)
        && nodes.any(|own| own.addr == node.addr && vlans(own) == vlans(node))
}

fn explain_asset(known: &Scanned, asset: &Asset, page: &mut Page<'_>) {
    page.line(0, &format!("asset {}  {}", asset.id, display_name(asset)));
    page.line(1, &format!("identity: {}", asset.identity));
    let joined = |items: Vec<String>| items.join(" ");
    let ips = joined(asset.ips.iter().map(ToString::to_string).collect());
    let macs = joined(asset.macs.iter().map(ToString::to_string).collect());
    let none = if ips.is_empty() && macs.is_empty() { "none" } else { "" };
    page.line(1, &format!("addresses: {ips} {macs}{none}"));
    page.line(1, &format!("seen: {} to {}", asset.first, asset.last));
    explain_plate(&asset.nameplate, 1, page);
    for module in &asset.modules {
        page.line(1, &module.path.to_string());
        explain_plate(&module.nameplate, 2, page);
    }
    events::explain(asset, page);
    let own = known.findings.iter().filter(|finding| finding.asset == asset.id);
    for finding in own {
        let judgement = &finding.judgement;
        let part = finding.module.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
        let (verdict, cve) = (judgement.verdict.name(), &judgement.cve);
        page.line(
            1,
            &match judgement.kind {
                Kind::Advisory => {
                    format!("finding {}: {verdict} {} {cve}{part}", finding.id, judgement.advisory)
                }
                Kind::EndOfSupport | Kind::Exposure => {
                    format!("finding {}: {verdict} {cve}{part}", finding.id)
                }
            },
        );
    }
}

fn explain_plate(plate: &Nameplate, depth: usize, page: &mut Page<'_>) {
    for (field, claims) in &plate.claims {
        for claim in claims {
            let shown = plate.value(*field) == Some(&*claim.value);
            let also = if shown { "" } else { " (kept, not shown)" };
            let (value, certainty, rule) = (&claim.value, claim.certainty.name(), &claim.by);
            page.line(depth, &format!("{field} = {value}{also}  {certainty}, rule {rule}"));
            let within = depth.saturating_add(1);
            if decided(claim).is_some() {
                explain_decision(claim, within, page);
                continue;
            }
            page.source(within, rule);
            let subject = Some(&claim.subject);
            claim.from.iter().for_each(|ground| page.ground(within, ground, subject));
        }
    }
    let missing = missing(plate);
    if !missing.is_empty() {
        page.line(depth, &format!("never stated: {}", missing.join(", ")));
    }
}

/// What a person said stands in no packet: there is nobody to ask but who said it.
fn explain_decision(claim: &Claim, depth: usize, page: &mut Page<'_>) {
    let Some((number, by, why)) = decided(claim) else { return };
    page.line(depth, &format!("decided by {by}, {}: {why}", claim.last));
    page.line(depth, &format!("decision {number}; nameplate assets undo {number} takes it back"));
}

fn explain_finding(known: &Scanned, finding: &Finding, page: &mut Page<'_>) {
    let judgement = &finding.judgement;
    let verdict = match &judgement.verdict {
        Verdict::Unknown(why) => format!("cannot tell: {why} is missing"),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => {
            judgement.verdict.name().replace('_', " ")
        }
    };
    page.line(0, &format!("finding {}  {verdict}", finding.id));
    let cve = match judgement.kind {
        Kind::Advisory => format!(" {}", judgement.cve),
        // What no advisory makes has one name for both.
        Kind::EndOfSupport | Kind::Exposure => String::new(),
    };
    page.line(1, &format!("{}{cve}: {}", judgement.advisory, judgement.title));
    judgement.because.iter().for_each(|step| page.line(1, &format!("because {step}")));
    page.line(1, &format!("clause: {} in {}", judgement.clause, judgement.advisory));
    page.line(1, &format!("grade {}, {}", judgement.grade, judgement.certainty.name()));
    weigh(finding, page);
    if !judgement.fixed_in.is_empty() {
        page.line(1, &format!("fixed in: {}", judgement.fixed_in.join(", ")));
    }
    if let Some(score) = judgement.cvss {
        let vector = judgement.vector.as_deref().unwrap_or_default();
        page.line(1, &format!("CVSS {score:.1} {vector}"));
    }
    handling::sentences(&finding.handling).iter().for_each(|line| page.line(1, line));
    for (record, outcome) in treat::history(known, Some(&[Arc::new(finding.clone())]), |_| true) {
        let (number, at) = (record.number, day(record.at));
        let (words, by, why) = (handling::words(record), &record.by, &record.why);
        page.line(
            1,
            &format!("entry {number} of {at}: {words}, by {by}: {why} ({})", outcome.words()),
        );
    }
    let Some(asset) = known.assets.iter().find(|asset| asset.id == finding.asset) else { return };
    let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    for (subject, ground) in known.facts.get(&finding.id).into_iter().flatten() {
        page.ground(1, ground, subject.as_ref());
    }
    page.line(1, &format!("asset {}  {}{part}", asset.id, display_name(asset)));
    let module = asset.modules.iter().find(|module| Some(&module.path) == finding.module.as_ref());
    let plate = module.map_or(&asset.nameplate, |module| &module.nameplate);
    explain_plate(plate, 2, page);
}

/// How much it matters here, and why.
fn weigh(finding: &Finding, page: &mut Page<'_>) {
    let (weight, judgement) = (&finding.weight, &finding.judgement);
    if let Some(priority) = weight.priority {
        page.line(1, &format!("priority: {}", priority.name()));
    }
    if let Some(exposure) = weight.exposure {
        page.line(1, &format!("exposure: {}", exposure.name().replace('_', " ")));
    }
    weight.because.iter().for_each(|step| page.line(2, step));
    if judgement.kev == Some(true) {
        page.line(1, "known to be exploited (KEV)");
    }
    if let Some(score) = judgement.epss {
        page.line(1, &format!("EPSS {score:.4}: probability of exploitation within 30 days"));
    }
}

/// What a line of the book of decisions says.
fn explain_entry(known: &Scanned, number: u64, page: &mut Page<'_>) -> Option<()> {
    let (entry, fate) = known.run.decisions.lines().find(|(entry, _)| entry.number == number)?;
    page.line(0, &format!("decision {number}: {}", words(entry)));
    page.line(1, &format!("decided by {}, {}: {}", entry.by, entry.at, entry.why));
    page.line(1, &fate_words(fate));
    Some(())
}

fn explain_frame(known: &Scanned, place: &Place, page: &mut Page<'_>) -> Option<()> {
    if place.capture == BOOK_NAME
        && let Some(explained) = explain_entry(known, place.frame, page)
    {
        return Some(explained);
    }
    let captures = &known.run.captures;
    let number = captures.iter().position(|known| names_capture(&known.name, &place.capture))?;
    let wanted = FrameRef { capture: u32::try_from(number).ok()?, number: place.frame };
    let name = known.run.capture_name(wanted.capture);
    let frame = place.frame;
    let facts: Vec<&Observation> = match place.offset {
        None => {
            page.line(0, &format!("{name}#{frame}"));
            let of_frame = |one: &&Observation| one.frame == wanted || one.excerpt.frame == wanted;
            known.observations.iter().filter(of_frame).collect()
        }
        Some(offset) => {
            page.line(0, &format!("{name}#{frame}@{offset}"));
            page.spot(1, Spot { frame: wanted, offset, length: 1 });
            known.observations.iter().filter(|one| cites(one, wanted, offset)).collect()
        }
    };
    page.kept(1, wanted);
    page.commands(1, wanted);
    if facts.is_empty() {
        page.line(
            1,
            match place.offset {
                None => "says nothing about any device",
                Some(_) => "no fact cites this byte",
            },
        );
    }
    for fact in facts {
        page.line(1, &format!("{}  {} = {}", fact.subject, fact.key, fact.value));
        page.proof(2, Fact::from(fact));
    }
    Some(())
}

/// True when a fact cites a byte of a frame. Where its bytes go on in a later frame, those there are not known of.
fn cites(fact: &Observation, frame: FrameRef, offset: u32) -> bool {
    let ahead = offset.checked_sub(fact.excerpt.offset);
    fact.excerpt.frame == frame && ahead.is_some_and(|ahead| ahead < fact.excerpt.length)
}

/// Shorter starts of an identifier would be words.
const ID_PREFIX_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_capture_a_frame_and_perhaps_a_byte() {
        let place =
            |text| Place::parse(text).map(|place| (place.capture, place.frame, place.offset));
        assert_eq!(place("a#b.pcap#7"), Some(("a#b.pcap".to_owned(), 7, None)));
        assert_eq!(place("a.pcap#7@104"), Some(("a.pcap".to_owned(), 7, Some(104))));
        for none in ["a.pcap", "PLC #x", "a.pcap#7@", "a.pcap#7@-1", "a.pcap#@1"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
