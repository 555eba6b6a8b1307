//! CSAF documents to ranges, over the whole public corpus where it is beside this checkout.

use std::path::{Path, PathBuf};

use nameplate::advisory::{Index, csaf};
use nameplate::model::advisory::Advisory;

/// Where the shared test material lies: beside the checkout, or where `NAMEPLATE_SHARED` says.
pub(crate) fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("NAMEPLATE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    path.join("advisories/csaf").is_dir().then_some(path)
}

/// Every JSON file below a directory, in order.
pub(crate) fn json_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.append(&mut json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Documents of the corpus and how many files there were.
fn corpus(shared: &Path) -> (Vec<Advisory>, usize) {
    let files = json_files(&shared.join("advisories/csaf/csaf_files/OT"));
    let documents = files
        .iter()
        .filter_map(|path| {
            match csaf::parse(&std::fs::read(path).unwrap(), &path.display().to_string()) {
                Ok(document) => Some(document),
                Err(error) => {
                    println!("{error}");
                    None
                }
            }
        })
        .collect();
    (documents, files.len())
}

fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[test]
fn corpus_is_read_and_its_ranges_understood() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let (documents, files) = corpus(&shared);
    let read = documents.len();
    let index = Index::new(documents);
    let counts = index.counts();
    println!("documents read: {read} of {files} = {:.2} %", percent(read, files));
    println!("versioned products: {}", counts.versioned);
    println!(
        "comparable: {} = {:.2} %",
        counts.comparable,
        percent(counts.comparable, counts.versioned)
    );
    let understood = counts.comparable + counts.conditional;
    println!("with predicates: {understood} = {:.2} %", percent(understood, counts.versioned));
    println!("kept as text: {}", counts.unread);
    if std::env::var_os("NAMEPLATE_LIST_UNREAD").is_some() {
        for (document, product) in index.unread() {
            println!("unread {}: {:?} {:?}", document.id, product.name, product.version);
        }
    }
    assert!(percent(read, files) >= 95.0);
    assert!(percent(counts.comparable, counts.versioned) >= 93.0);
    assert!(percent(understood, counts.versioned) >= 96.5);
}

/// Documents of 2025 and later write ranges as `vers:intdot/…`, state fixed versions, and put firmware on hardware.
#[test]
fn later_documents_are_read_too() {
    let Some(directory) = shared().map(|shared| shared.join("advisories/csaf2025")) else {
        println!("skipped: ../shared is not here");
        return;
    };
    let files = if directory.is_dir() { json_files(&directory) } else { Vec::new() };
    for path in &files {
        let document = csaf::parse(&std::fs::read(path).unwrap(), &path.display().to_string());
        let document = document.unwrap();
        assert!(!document.products.is_empty() && !document.flaws.is_empty(), "{}", path.display());
        let index = Index::new(vec![document]);
        let counts = index.counts();
        let understood = counts.comparable + counts.conditional;
        println!("{}: {understood} of {} understood", path.display(), counts.versioned);
        assert!(counts.versioned == 0 || percent(understood, counts.versioned) >= 90.0);
    }
}
