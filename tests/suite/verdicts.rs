//! Verdicts on devices as the wire and lists show them, over the whole public corpus where it is beside this checkout.
//!
//! Facts go the whole way: observations to claims by the signatures, claims to a nameplate by the ledger, and the nameplate
//! to verdicts. Nothing here hands a nameplate to the comparator.

mod forgotten;
mod gold;
mod hand_checked;
mod pages;
mod removal;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use nameplate::advisory::{EMBEDDED, Index, csaf};
use nameplate::assess::Assessor;
use nameplate::assess::families::Families;
use nameplate::fingerprint::Signatures;
use nameplate::ledger::{Knowledge, Ledger};
use nameplate::model::advisory::Advisory;
use nameplate::model::asset::Nameplate;
use nameplate::model::finding::Verdict;
use nameplate::model::import::COLUMNS;
use nameplate::model::{
    Addr, Excerpt, FrameRef, Judgement, Key, Node, Observation, Scope, Subject, Timestamp, Value,
};
use nameplate::protocols::REGISTRY;

use crate::advisories::shared;

/// What one device was heard to say: keys of protocols, or columns of a list, with values.
pub(crate) type Heard = Vec<(String, String)>;

/// The facts, as a dissector or the importer hands them on.
fn observations(heard: &Heard, number: u32) -> Vec<Observation> {
    let addr = Addr::Ip(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number)));
    let frame = FrameRef { capture: 0, number: u64::from(number) };
    let fact = |(name, value): &(String, String)| Observation {
        at: Timestamp(i64::from(number)),
        frame,
        subject: Subject::node(Node { scope: Scope::default(), addr }),
        mac: None,
        key: KEYS.get(name.as_str()).copied().unwrap_or_else(|| panic!("no key {name}")),
        value: match value.parse() {
            Ok(value) if !name.starts_with("import.") && !value_is_text(name) => Value::Uint(value),
            _ => Value::Text(value.as_str().into()),
        },
        excerpt: Excerpt { frame, ..Excerpt::default() },
        repeat: false,
    };
    heard.iter().map(fact).collect()
}

/// Keys whose values are text also where they look like a number.
fn value_is_text(name: &str) -> bool {
    name.starts_with("modbus.") || name.contains("name") || name.contains("build")
}

static KEYS: LazyLock<BTreeMap<&str, Key>> = LazyLock::new(|| {
    let spoken = REGISTRY.iter().flat_map(|protocol| protocol.every_key());
    let listed = COLUMNS.iter().map(|column| column.key);
    spoken.chain(listed).map(|key| (key.name, key)).collect()
});

/// The nameplates that devices get which were heard to say this.
pub(crate) fn nameplates(heard: &[Heard]) -> Vec<Nameplate> {
    let knowledge = Knowledge {
        signatures: Signatures::embedded().unwrap(),
        families: Families::default(),
        advisories: Index::default(),
    };
    let mut ledger = Ledger::new(knowledge);
    for (number, heard) in (1..).zip(heard) {
        ledger.take(observations(heard, number));
    }
    ledger.settle();
    let assets = ledger.assets();
    let plate = |number: u32| {
        let ip = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number));
        let asset = assets.iter().find(|asset| asset.ips.contains(&ip));
        asset.map(|asset| asset.nameplate.clone()).unwrap_or_default()
    };
    (1..).zip(heard).map(|(number, _)| plate(number)).collect()
}

/// All documents: the corpus, later ones, and those in the program. `None` where the shared material is not here.
pub(crate) fn corpus() -> Option<&'static [Advisory]> {
    static CORPUS: LazyLock<Option<Vec<Advisory>>> = LazyLock::new(|| {
        let shared = shared()?;
        let mut files = Vec::new();
        for folder in ["csaf/csaf_files/OT", "csaf2025"] {
            json_files(&shared.join("advisories").join(folder), &mut files);
        }
        let read = |path: &PathBuf| csaf::parse(&std::fs::read(path).unwrap(), "corpus").ok();
        let embedded = EMBEDDED.iter().filter(|(name, _)| !name.starts_with("icsa"));
        let embedded = embedded.map(|(name, text)| csaf::parse(text.as_bytes(), name).unwrap());
        Some(files.iter().filter_map(read).chain(embedded).collect())
    });
    CORPUS.as_deref()
}

fn json_files(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

/// The document of that identifier.
pub(crate) fn document(id: &str) -> &'static Advisory {
    let documents = corpus().unwrap_or_default();
    let found = documents.iter().find(|document| *document.id == *id);
    found.unwrap_or_else(|| panic!("no document {id}"))
}

/// All documents, or those in the program where the shared material is not here, indexed once for all tests.
static ASSESSOR: LazyLock<Mutex<Assessor>> = LazyLock::new(|| {
    let embedded = || {
        let documents = EMBEDDED.iter();
        documents.map(|(name, text)| csaf::parse(text.as_bytes(), name).unwrap()).collect()
    };
    let index = Index::new(corpus().map_or_else(embedded, <[Advisory]>::to_vec));
    Mutex::new(Assessor::new(index, Families::embedded()))
});

/// What a scan finds for a device. A test that failed meanwhile leaves nothing half done behind.
pub(crate) fn judge(plate: &Nameplate) -> Vec<Arc<Judgement>> {
    ASSESSOR.lock().unwrap_or_else(PoisonError::into_inner).judge(plate)
}

/// Verdicts of devices over all documents at once, and those on one document alone.
pub(crate) struct Plant {
    pub(crate) plates: Vec<Nameplate>,
    families: Families,
}

impl Plant {
    pub(crate) fn of(heard: &[Heard]) -> Option<Self> {
        corpus()?;
        Some(Self { plates: nameplates(heard), families: Families::embedded() })
    }

    /// What a scan finds for a device in a document. Nothing for one that the document does not list.
    pub(crate) fn found(&self, at: usize, id: &str) -> Vec<Judgement> {
        let all = judge(&self.plates[at]);
        let found = all.iter().filter(|judgement| &*judgement.advisory == id);
        found.map(|judgement| (**judgement).clone()).collect()
    }

    /// What is said of a device when it is asked about a document.
    pub(crate) fn asked(&self, at: usize, id: &str) -> Vec<Judgement> {
        nameplate::assess::judge_document(&self.plates[at], document(id), &self.families)
    }
}

/// A verdict as tables of hand-checked rows spell it.
pub(crate) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Affected => "affected",
        Verdict::Fixed => "fixed",
        Verdict::NotAffected => "not_affected",
        Verdict::Unknown(_) => "cannot_tell",
    }
}

/// One row of a table of verdicts that a person worked out.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) heard: Heard,
    pub(crate) document: String,
    pub(crate) cves: Vec<String>,
    pub(crate) expected: String,
    pub(crate) acceptable: Vec<String>,
    pub(crate) must_not: Vec<String>,
    pub(crate) why: String,
}

/// Says which rows are right, and fails for those that are not. A verdict is right over the whole corpus and on the document
/// alone.
pub(crate) fn check(what: &str, rows: &[Row]) {
    let heard: Vec<Heard> = rows.iter().map(|row| row.heard.clone()).collect();
    let Some(plant) = Plant::of(&heard) else {
        println!("skipped: ../shared is not here");
        return;
    };
    let (mut right, mut dangerous, mut wrong, mut judged) = (0, 0, Vec::new(), 0);
    for (at, row) in rows.iter().enumerate() {
        let found_all = plant.found(at, &row.document);
        let asked = plant.asked(at, &row.document);
        let cves = if row.cves.is_empty() {
            document(&row.document).flaws.iter().map(|flaw| flaw.name.to_string()).collect()
        } else {
            row.cves.clone()
        };
        for cve in &cves {
            judged += 1;
            let said = |all: &[Judgement], none| {
                let one = all.iter().find(|judgement| *judgement.cve == **cve);
                one.map_or(none, |judgement| word(&judgement.verdict))
            };
            // Nothing found is the scan's way to say that the document does not list the device.
            let (found, asked_said) = (said(&found_all, "not_affected"), said(&asked, "nothing"));
            let fits =
                |said: &str| said == row.expected || row.acceptable.iter().any(|one| one == said);
            let bad = |said: &str| row.must_not.iter().any(|one| one == said);
            for one in found_all.iter().chain(&asked).filter(|one| *one.cve == **cve) {
                explains(&row.name, one);
            }
            let ok = fits(found) && fits(asked_said) && found == asked_said;
            right += usize::from(ok);
            dangerous += usize::from(bad(found) || bad(asked_said));
            let mark = if ok { "ok" } else { "WRONG" };
            println!(
                "{:<8} {:<20} {cve:<16} expected {:<13} found {found:<13} {mark}",
                row.name, row.document, row.expected
            );
            if !ok || std::env::var_os("NAMEPLATE_BECAUSE").is_some() {
                println!("         {:?} -> {}", row.heard, shown(&plant.plates[at]));
                println!("         why: {}", row.why);
                for one in asked.iter().filter(|one| *one.cve == **cve) {
                    println!("         {:?} {} {:?}", one.verdict, one.grade, one.fixed_in);
                    one.because.iter().for_each(|step| println!("           because {step}"));
                }
            }
            if !ok {
                wrong.push(format!("{} {cve}", row.name));
            }
        }
    }
    println!("{what}: {right} of {judged} right, {dangerous} dangerous");
    assert!(wrong.is_empty() && dangerous == 0, "{wrong:?}");
}

/// Every verdict says why in sentences that are not repeated, and where it is written.
fn explains(name: &str, judgement: &Judgement) {
    let Judgement { because, clause, .. } = judgement;
    assert!(!because.is_empty(), "{name} does not say why");
    assert!(clause.starts_with('/'), "{name} does not say where: {clause:?}");
    for (at, sentence) in because.iter().enumerate() {
        let first = because.iter().position(|one| one == sentence);
        assert!(first == Some(at) && !sentence.trim().is_empty(), "{name} repeats {sentence:?}");
    }
}

fn shown(plate: &Nameplate) -> String {
    let claims = plate.claims.values().filter_map(|claims| claims.first());
    claims.map(|claim| format!("{} {}", claim.field, claim.value)).collect::<Vec<_>>().join(", ")
}
