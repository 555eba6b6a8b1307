//! The way back: from a verdict to its reasons, from a value to the rule that made it, from the rule to the facts, and
//! from the facts to frames and bytes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::app::scan::{Scanned, names_capture};
use crate::export::decisions::{fate_words, words};
use crate::export::{display_name, escape::shell, escape::term, missing};
use crate::model::decision::{BOOK_NAME, decided, is_of, is_of_the_book};
use crate::model::{
    Addr, Anchor, Asset, Claim, Excerpt, Field, Finding, FrameRef, Ground, Nameplate, Node,
    Observation, Run, Value, Verdict,
};

/// Explains whatever `what` names: a finding or an asset by the start of its identifier, an asset by address or name,
/// a frame as FILE#FRAME. `None` when nothing is called so.
pub(super) fn explain(known: &Scanned, what: &str) -> Option<String> {
    let mut page = Page { run: &known.run, text: String::new(), shown: BTreeSet::new() };
    if let Some((capture, frame)) = what.rsplit_once('#') {
        explain_frame(known, capture, frame.parse().ok()?, &mut page)?;
        return Some(page.text);
    }
    let findings: Vec<&Arc<Finding>> =
        known.findings.iter().filter(|finding| begins(finding.id.to_string(), what)).collect();
    if !findings.is_empty() {
        findings.iter().for_each(|finding| explain_finding(known, finding, &mut page));
        return Some(page.text);
    }
    let assets: Vec<&Arc<Asset>> = assets(known, what).collect();
    assets.iter().for_each(|asset| explain_asset(known, asset, &mut page));
    (!assets.is_empty()).then_some(page.text)
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
    let has_vlan = (node.scope.outer_vlan, node.scope.vlan) != (0, 0);
    let is_listed = matches!(node.addr, Addr::Listed(_));
    (has_vlan || is_listed) && is_of(&Anchor { node, at: asset.last }, asset)
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
    let own = known.findings.iter().filter(|finding| finding.asset == asset.id);
    for finding in own {
        let judgement = &finding.judgement;
        let part = finding.module.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
        let (verdict, cve) = (judgement.verdict.name(), &judgement.cve);
        page.line(
            1,
            &format!("finding {}: {verdict} {} {cve}{part}", finding.id, judgement.advisory),
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
            if decided(claim).is_some() {
                explain_decision(claim, depth, page);
            } else {
                claim.from.iter().for_each(|ground| explain_ground(ground, depth, page));
            }
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
    let depth = depth.saturating_add(1);
    page.line(depth, &format!("decided by {by}, {}: {why}", claim.last));
    page.line(depth, &format!("decision {number}; nameplate assets undo {number} takes it back"));
}

fn explain_ground(ground: &Ground, depth: usize, page: &mut Page<'_>) {
    let Ground { key, value, at, frame, excerpt } = ground;
    page.line(depth.saturating_add(1), &format!("{key} = {value}"));
    page.evidence(depth.saturating_add(2), *frame, excerpt, &at.to_string());
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
    page.line(1, &format!("{} {}: {}", judgement.advisory, judgement.cve, judgement.title));
    judgement.because.iter().for_each(|step| page.line(1, &format!("because {step}")));
    page.line(1, &format!("clause: {} in {}", judgement.clause, judgement.advisory));
    page.line(1, &format!("grade {}, {}", judgement.grade, judgement.certainty.name()));
    if !judgement.fixed_in.is_empty() {
        page.line(1, &format!("fixed in: {}", judgement.fixed_in.join(", ")));
    }
    if let Some(score) = judgement.cvss {
        let vector = judgement.vector.as_deref().unwrap_or_default();
        page.line(1, &format!("CVSS {score:.1} {vector}"));
    }
    let Some(asset) = known.assets.iter().find(|asset| asset.id == finding.asset) else { return };
    let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    page.line(1, &format!("asset {}  {}{part}", asset.id, display_name(asset)));
    let module = asset.modules.iter().find(|module| Some(&module.path) == finding.module.as_ref());
    let plate = module.map_or(&asset.nameplate, |module| &module.nameplate);
    explain_plate(plate, 2, page);
}

/// What a line of the book of decisions says.
fn explain_entry(known: &Scanned, number: u64, page: &mut Page<'_>) -> Option<()> {
    let (entry, fate) = known.run.decisions.lines().find(|(entry, _)| entry.number == number)?;
    page.line(0, &format!("decision {number}: {}", words(entry)));
    page.line(1, &format!("decided by {}, {}: {}", entry.by, entry.at, entry.why));
    page.line(1, &fate_words(fate));
    Some(())
}

fn explain_frame(known: &Scanned, capture: &str, frame: u64, page: &mut Page<'_>) -> Option<()> {
    if capture == BOOK_NAME
        && let Some(explained) = explain_entry(known, frame, page)
    {
        return Some(explained);
    }
    let captures = &known.run.captures;
    let number = captures.iter().position(|known| names_capture(&known.name, capture))?;
    let wanted = FrameRef { capture: u32::try_from(number).ok()?, number: frame };
    let name = known.run.capture_name(wanted.capture);
    page.line(0, &format!("{name}#{frame}"));
    page.commands(1, wanted);
    let facts: Vec<&Observation> =
        known.observations.iter().filter(|observation| observation.frame == wanted).collect();
    if facts.is_empty() {
        page.line(1, "says nothing about any device");
    }
    for fact in facts {
        page.line(1, &format!("{}  {} = {}", fact.subject, fact.key, fact.value));
        page.evidence(2, fact.frame, &fact.excerpt, &fact.at.to_string());
    }
    Some(())
}

/// The text of an explanation.
struct Page<'a> {
    run: &'a Run,
    text: String,
    /// Frames whose commands were printed.
    shown: BTreeSet<FrameRef>,
}

impl Page<'_> {
    fn line(&mut self, depth: usize, words: &str) {
        let indent = depth.saturating_mul(2);
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:indent$}{}", "", term(words));
    }

    /// The frame and the bytes that prove something, and how to look at them.
    fn evidence(&mut self, depth: usize, frame: FrameRef, excerpt: &Excerpt, at: &str) {
        let name = self.run.capture_name(frame.capture);
        if let Some(import) = self.run.import(frame.capture) {
            let (row, column) = (frame.number, column_name(excerpt.offset));
            let why =
                if import.why.is_empty() { String::new() } else { format!(": {}", import.why) };
            let by = format!("imported by {}, {}{why}", import.by, import.at);
            self.line(depth, &format!("{name} row {row} column {column}, as of {at}; {by}"));
            return;
        }
        let start = if excerpt.frame == frame {
            String::new()
        } else {
            let name = self.run.capture_name(excerpt.frame.capture);
            format!(", counted in {name}#{}", excerpt.frame.number)
        };
        let (offset, length) = (excerpt.offset, excerpt.length);
        let bytes = Value::Bytes(excerpt.bytes.clone());
        let number = frame.number;
        self.line(
            depth,
            &format!("{name}#{number}  {at}  bytes {offset}+{length}{start}: {bytes}"),
        );
        self.commands(depth.saturating_add(1), frame);
    }

    /// Commands that show a frame, once for each; none when nobody can read the capture again.
    fn commands(&mut self, depth: usize, frame: FrameRef) {
        let name = self.run.capture_name(frame.capture);
        // The replacement character stands for bytes of the name that are not known any more.
        let is_capture = self.run.import(frame.capture).is_none() && !is_of_the_book(frame);
        let is_readable =
            is_capture && name != STANDARD_INPUT && !name.contains(char::REPLACEMENT_CHARACTER);
        if !is_readable || !self.shown.insert(frame) {
            return;
        }
        let (file, number) = (shell(name), frame.number);
        let wireshark = format!("wireshark -r {file} -g {number}");
        let tshark = format!("tshark -r {file} -Y 'frame.number == {number}' -V");
        self.line(depth, &wireshark);
        self.line(depth, &tshark);
    }
}

/// What spreadsheets call the column of that number, counted from 1: A, Z, AA.
fn column_name(number: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = number;
    while let Some(left) = rest.checked_sub(1) {
        let letter = u8::try_from(left % 26).unwrap_or(0).saturating_add(b'A');
        letters.push(char::from(letter));
        rest = left / 26;
    }
    letters.iter().rev().collect()
}

const STANDARD_INPUT: &str = "-";
/// Shorter starts of an identifier would be words.
const ID_PREFIX_MIN: usize = 4;
