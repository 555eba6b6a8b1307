//! How long a plant of many devices takes to be judged against a folder of CSAF documents: all of it, and what a changed document
//! costs after that.
//!
//!     tests/bench/devices.py LIST 10000 10000 && cargo bench --bench advise -- LIST FOLDER
//!
//! The list is one of `devices.py`. Documents are read before the clock starts, once more for each step, as a new bundle would be.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use nameplate::advisory::{Index, csaf};
use nameplate::assess::Assessor;
use nameplate::assess::families::Families;
use nameplate::model::advisory::Advisory;
use nameplate::model::{
    Certainty, Claim, Field, Nameplate, Node, Scope, Subject, Timestamp, Verdict,
};

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (Some(list), Some(folder)) = (arguments.next(), arguments.next()) else {
        println!("advise: give a list of devices.py and a folder of CSAF documents");
        return;
    };
    let plates = devices(Path::new(&list));
    let texts = documents(Path::new(&folder));
    let start = Instant::now();
    let index = Index::new(read(&texts));
    println!("{} documents read and indexed in {:.2?}", index.documents().len(), start.elapsed());
    let mut assessor = Assessor::new(index, Families::embedded());
    judged("everything", &plates, &mut assessor);
    judged("again", &plates, &mut assessor);
    let known: Vec<String> =
        assessor.index().documents().iter().map(|one| one.id.to_string()).collect();
    let mut wide = read(&texts);
    for document in &mut wide {
        if document.id.ends_with("-284-20") {
            document.title = "changed".into();
            for flaw in &mut document.flaws {
                flaw.name = format!("{}-changed", flaw.name).into();
            }
        }
    }
    assessor.advise(Index::new(wide));
    judged("after one changed document", &plates, &mut assessor);
    let mut fewer = read(&texts);
    fewer.retain(|document| *document.id != *known[0]);
    assessor.advise(Index::new(fewer));
    judged("after that one changed back, and one taken away", &plates, &mut assessor);
}

fn judged(what: &str, plates: &[Nameplate], assessor: &mut Assessor) {
    let start = Instant::now();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for plate in plates {
        for judgement in assessor.judge(plate) {
            let word = match judgement.verdict {
                Verdict::Affected => "affected",
                Verdict::Fixed => "fixed",
                Verdict::NotAffected => "not affected",
                Verdict::Unknown(_) => "cannot tell",
            };
            *counts.entry(word).or_default() += 1;
        }
    }
    println!("{} devices judged, {what}: {:.2?}; {counts:?}", plates.len(), start.elapsed());
}

fn devices(list: &Path) -> Vec<Nameplate> {
    let mut reader = csv::Reader::from_path(list).expect("a list of devices.py");
    let subject = Subject::node(Node::ip(Scope::default(), [192, 0, 2, 1].into()));
    let claim = |field, value: &str| Claim {
        subject: subject.clone(),
        field,
        value: value.into(),
        certainty: Certainty::Certain,
        by: Arc::from("bench"),
        from: Vec::new(),
        first: Timestamp::default(),
        last: Timestamp::default(),
    };
    let plate = |row: csv::StringRecord| {
        let fields = [Field::Vendor, Field::Model, Field::Firmware];
        let claims = fields.into_iter().zip(row.iter().skip(1));
        let claims = claims.map(|(field, value)| (field, vec![Arc::new(claim(field, value))]));
        Nameplate { claims: claims.collect() }
    };
    reader.records().map(|row| plate(row.expect("a row"))).collect()
}

fn documents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut todo = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            todo.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|kind| kind == "json") {
            found.push((path.clone(), std::fs::read(&path).expect("a file")));
        }
    }
    found
}

fn read(texts: &[(PathBuf, Vec<u8>)]) -> Vec<Advisory> {
    let parse = |(path, bytes): &(PathBuf, Vec<u8>)| csaf::parse(bytes, &path.to_string_lossy());
    texts.iter().filter_map(|text| parse(text).ok()).collect()
}
