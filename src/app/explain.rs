//! The way back: from a verdict to its reasons, from a value to the rule that made it, from the rule to the facts, and
//! from the facts to frames and bytes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::app::scan::{Scanned, names_capture};
use crate::export::{display_name, escape::shell, escape::term, missing};
use crate::model::{
    Asset, Excerpt, Field, Finding, FrameRef, Ground, Nameplate, Observation, Run, Value, Verdict,
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
        || asset.macs.iter().any(|mac| mac.to_string().eq_ignore_ascii_case(what))
        || names(&asset.nameplate)
        || asset.modules.iter().any(|module| names(&module.nameplate))
}

fn explain_asset(known: &Scanned, asset: &Asset, page: &mut Page<'_>) {
    page.line(0, &format!("asset {}  {}", asset.id, display_name(asset)));
    page.line(1, &format!("identity: {}", asset.identity));
    let joined = |items: Vec<String>| items.join(" ");
    let ips = joined(asset.ips.iter().map(ToString::to_string).collect());
    let macs = joined(asset.macs.iter().map(ToString::to_string).collect());
    page.line(1, &format!("addresses: {ips} {macs}"));
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
            claim.from.iter().for_each(|ground| explain_ground(ground, depth, page));
        }
    }
    let missing = missing(plate);
    if !missing.is_empty() {
        page.line(depth, &format!("never stated: {}", missing.join(", ")));
    }
}

fn explain_ground(ground: &Ground, depth: usize, page: &mut Page<'_>) {
    let Ground { key, value, at, frame, excerpt, .. } = ground;
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

fn explain_frame(known: &Scanned, capture: &str, frame: u64, page: &mut Page<'_>) -> Option<()> {
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
        let is_readable = name != STANDARD_INPUT && !name.contains(char::REPLACEMENT_CHARACTER);
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

const STANDARD_INPUT: &str = "-";
/// Shorter starts of an identifier would be words.
const ID_PREFIX_MIN: usize = 4;
