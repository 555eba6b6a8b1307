//! Every capture of the project, and what is read from it: facts, devices, verdicts, and what was not understood. One
//! text for each, at `tests/golden/<folder>/<case>.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nameplate::export::escape::term;
use nameplate::model::{
    Asset, Claim, Counters, Field, Finding, Nameplate, Observation, Unit, Verdict,
};

use crate::kept;
use crate::replayed::{bundled, files_below, hear, know, root};

#[test]
fn captures_say_what_they_said() {
    let mut wrong = Vec::new();
    let mut computed: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for capture in bundled() {
        let path = golden(&capture);
        if let Some(other) = computed.insert(path.clone(), capture.clone()) {
            wrong.push(format!("{} and {} have one name", other.display(), capture.display()));
            continue;
        }
        wrong.extend(kept::check(&path, &text(&capture)).err());
    }
    for path in files_below(&root().join(GOLDEN)) {
        let path = path.strip_prefix(root()).unwrap();
        let is_case = path.parent() != Some(Path::new(GOLDEN));
        if is_case && !computed.contains_key(path) {
            wrong.extend(kept::stale(path).err());
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `enip/discovery.pcap` gives `tests/golden/enip/discovery.txt`.
fn golden(capture: &Path) -> PathBuf {
    let name = capture.file_name().unwrap().to_str().unwrap();
    let case = name.split('.').next().unwrap();
    Path::new(GOLDEN).join(capture.with_file_name(format!("{case}.txt")))
}

fn text(capture: &Path) -> String {
    let heard = hear(&[root().join("captures").join(capture)], false);
    let mut text = format!("facts of {}\n\n", capture.display());
    facts(&heard.observations, &mut text);
    let counters = heard.counters.clone();
    let known = know(heard);
    text.push_str("\nassets\n");
    let mut assets: Vec<&Asset> = known.assets.iter().map(|asset| &**asset).collect();
    assets.sort_by_key(|asset| (asset.ips.first().copied(), asset.id));
    assets.iter().for_each(|asset| device(asset, &mut text));
    text.push_str("\nverdicts\n\n");
    for asset in assets {
        verdicts(asset, &known.findings, &mut text);
    }
    text.push_str("\nnot understood\n\n");
    not_understood(&counters, &mut text);
    text
}

/// One line for each fact, in order of frames, then of subjects, keys and values.
fn facts(observations: &[Observation], text: &mut String) {
    let mut sorted: Vec<&Observation> = observations.iter().collect();
    sorted.sort_by_key(|one| (one.frame, &one.subject, one.key, &one.value));
    for Observation { frame, subject, key, value, .. } in sorted {
        let line = format!("#{} {subject}  {key} = {value}", frame.number);
        writeln!(text, "{}", term(&line)).unwrap();
    }
}

/// Who it is, then one line for each field shown.
fn device(asset: &Asset, text: &mut String) {
    let ips = asset.ips.iter().map(ToString::to_string);
    let macs = asset.macs.iter().map(ToString::to_string);
    let spoken = asset.protocols.iter().map(ToString::to_string);
    let about: Vec<String> = ips.chain(macs).chain(spoken).collect();
    let line = format!("{}  {}", asset.identity, about.join(" "));
    writeln!(text, "\n{}", term(&line)).unwrap();
    plate(asset, None, &asset.nameplate, text);
    for module in &asset.modules {
        plate(asset, Some(&module.path), &module.nameplate, text);
    }
}

fn plate(asset: &Asset, path: Option<&Unit>, plate: &Nameplate, text: &mut String) {
    let name = name(asset, path);
    if let (Some(_), true) = (path, plate.claims.is_empty()) {
        writeln!(text, "{}  says nothing about itself", term(&name)).unwrap();
    }
    for field in Field::ALL {
        let Some(Claim { value, certainty, by, .. }) = plate.claim(*field) else { continue };
        let others: Vec<&str> = plate.others(*field).map(|claim| &*claim.value).collect();
        let others = match &*others {
            [] => String::new(),
            others => format!(", kept beside it: {}", others.join(", ")),
        };
        let line = format!("{name}  {field} = {value}  ({}, {by}{others})", certainty.name());
        writeln!(text, "{}", term(&line)).unwrap();
    }
}

/// One line for all vulnerabilities of one document that get the same verdict for the same reason.
fn verdicts(asset: &Asset, findings: &[std::sync::Arc<Finding>], text: &mut String) {
    let mut lines: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.asset == asset.id) {
        let judgement = &finding.judgement;
        let verdict = match &judgement.verdict {
            Verdict::Unknown(why) => format!("cannot tell for want of {why}"),
            told => told.name().replace('_', " "),
        };
        let name = name(asset, finding.module.as_ref());
        let about = format!("{name}  {} {verdict}", judgement.advisory);
        let (grade, certainty) = (judgement.grade, judgement.certainty.name());
        let why = judgement.because.last().unwrap();
        let because = format!("({grade}, {certainty}: {why})");
        lines.entry((about, because)).or_default().push(&judgement.cve);
    }
    for ((about, because), cves) in lines {
        let line = format!("{about}  {}  {because}", cves.join(" "));
        writeln!(text, "{}", term(&line)).unwrap();
    }
}

/// Everything counted that means bytes were damaged, passed over or lost.
fn not_understood(counters: &Counters, text: &mut String) {
    for (name, count) in counters.iter() {
        if !VOLUMES.contains(&name) && !name.ends_with(".recognised") {
            writeln!(text, "{name} = {count}").unwrap();
        }
    }
}

/// What a device or a part of it is called here: its first address, its way from there.
fn name(asset: &Asset, path: Option<&Unit>) -> String {
    let ip = asset.ips.first().map(ToString::to_string);
    let mac = asset.macs.first().map(ToString::to_string);
    let first = ip.or(mac).unwrap_or_else(|| asset.identity.to_string());
    match path {
        None => first,
        Some(path) => format!("{first} {path}"),
    }
}

const GOLDEN: &str = "tests/golden";
/// Counters that say how much there was, not what was wrong with it.
const VOLUMES: &[&str] = &[
    "engine.bytes",
    "engine.frames",
    "flow.conversations",
    "flow.idle",
    "link.datagrams",
    "tcp.segments",
    "udp.datagrams",
];
