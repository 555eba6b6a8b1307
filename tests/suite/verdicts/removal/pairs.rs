//! Devices, each with a document that it meets, and the workers that go through them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use nameplate::advisory::Names;
use nameplate::assess::families::Families;
use nameplate::assess::judge_knowing;
use nameplate::model::Judgement;
use nameplate::model::advisory::Advisory;
use nameplate::model::asset::Nameplate;
use nameplate::model::claim::Field;

use super::super::{Heard, KEYS, corpus, document, gold, hand_checked, judge, nameplates};

/// A device with a document that it meets.
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) heard: Heard,
    pub(super) plate: Nameplate,
    pub(super) document: &'static Advisory,
}

/// Pairs of a sample.
const SAMPLE: usize = 64;

/// Examples of which a sample takes its devices.
const EXAMPLES: usize = 32;

/// Whether everything is to be tried.
pub(in crate::verdicts) fn is_all() -> bool {
    std::env::var_os("NAMEPLATE_PROPERTIES").is_some_and(|value| value == "all")
}

/// A linear congruential generator: which pairs are chosen need not be more random than that.
pub(in crate::verdicts) struct Choice(u64);

impl Choice {
    pub(in crate::verdicts) fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    /// At most so many, in any order.
    pub(in crate::verdicts) fn few<T>(&mut self, mut all: Vec<T>, most: usize) -> Vec<T> {
        while all.len() > most {
            let at = self.next(all.len());
            all.swap_remove(at);
        }
        all
    }

    /// At most so many in a sample, and all where everything is to be tried.
    pub(in crate::verdicts) fn some<T>(&mut self, all: Vec<T>, most: usize) -> Vec<T> {
        if is_all() { all } else { self.few(all, most) }
    }
}

/// Identities of the rows with their documents, and devices of examples with those that they meet.
pub(super) fn pairs(seed: u64) -> Vec<Pair> {
    if corpus().is_none() {
        println!("skipped: ../shared is not here");
        return Vec::new();
    }
    let mut choice = Choice::of(seed);
    let mut found: Vec<(String, Heard, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for row in gold::rows().unwrap_or_default().into_iter().chain(hand_checked::rows()) {
        if seen.insert((row.heard.clone(), row.document.clone())) {
            found.push((row.name, row.heard, row.document));
        }
    }
    let examples = choice.some(examples(), EXAMPLES);
    let plates = nameplates(&examples);
    for (heard, plate) in examples.into_iter().zip(plates) {
        let met: BTreeSet<String> =
            judge(&plate).iter().map(|one| one.advisory.to_string()).collect();
        for id in choice.some(met.into_iter().collect(), 2) {
            found.push((format!("{heard:?} {id}"), heard.clone(), id));
        }
    }
    let found = choice.some(found, SAMPLE);
    println!("{} pairs of device and document, seed {seed:#x}", found.len());
    let heard: Vec<Heard> = found.iter().map(|(_, heard, _)| heard.clone()).collect();
    let plates = nameplates(&heard);
    let pair = |((name, heard, id), plate): ((String, Heard, String), Nameplate)| Pair {
        name,
        heard,
        plate,
        document: document(&id),
    };
    found.into_iter().zip(plates).map(pair).collect()
}

/// What devices say in the examples of the signatures.
fn examples() -> Vec<Heard> {
    let mut found = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/signatures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let file: toml::Table = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let signatures = file.get("signature").and_then(|list| list.as_array());
        for signature in signatures.into_iter().flatten() {
            let examples = signature.get("example").and_then(|list| list.as_array());
            for example in examples.into_iter().flatten() {
                let Some(given) = example.get("given").and_then(|given| given.as_table()) else {
                    continue;
                };
                let text = |value: &toml::Value| {
                    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                };
                let is_single = given.values().all(|value| !value.is_array());
                let known = given.keys().all(|key| KEYS.contains_key(key.as_str()));
                if is_single && known {
                    found.insert(
                        given.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
                    );
                }
            }
        }
    }
    found.into_iter().collect()
}

/// What is said of a device when it is asked about a document.
pub(super) fn said(plate: &Nameplate, document: &Advisory) -> Vec<Judgement> {
    judge_knowing(plate, document, &NAMES, &FAMILIES)
}

/// Which products of a document the device meets most specifically.
pub(super) fn listed(plate: &Nameplate, document: &Advisory) -> BTreeSet<usize> {
    nameplate::assess::listed(plate, document, &NAMES, &FAMILIES)
}

/// The tables are large, and the same for all.
static FAMILIES: LazyLock<Families> = LazyLock::new(Families::embedded);
static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of(corpus().unwrap_or_default()));

/// What each item gives, in order. Two workers share them.
pub(in crate::verdicts) fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(usize, &T) -> R + Sync,
) -> Vec<R> {
    const WORKERS: usize = 2;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(at, item);
                    done.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A device with each of the firmware versions around which a document turns: the ends of its ranges, its fixes, and those just
/// before and behind.
pub(super) fn in_versions(
    plate: &Nameplate,
    turns: &BTreeSet<String>,
    most: usize,
) -> Vec<Nameplate> {
    let Some(own) = plate.value(Field::Firmware) else { return vec![plate.clone()] };
    let mut versions = vec![own.to_owned()];
    let around = turns.iter().flat_map(|turn| [-1, 0, 1].map(|by| moved(turn, by)));
    let around: BTreeSet<String> = around.flatten().filter(|version| version != own).collect();
    versions.extend(Choice::of(around.len() as u64).few(around.into_iter().collect(), most));
    let plate = |version: String| {
        let mut changed = plate.clone();
        for claim in changed.claims.get_mut(&Field::Firmware).into_iter().flatten() {
            std::sync::Arc::make_mut(claim).value = version.as_str().into();
        }
        changed
    };
    versions.into_iter().map(plate).collect()
}

/// The versions in a text.
pub(super) fn versions(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let words = words.map(|word| word.trim_matches('.').to_owned());
    words.filter(|word| word.contains('.') && word.contains(|c: char| c.is_ascii_digit()))
}

/// The same version, higher or lower by its last number.
pub(super) fn moved(version: &str, by: i64) -> Option<String> {
    let end = version.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = version[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (number, width) = (version[start..end].parse::<i64>().ok()?, end - start);
    let moved = number.checked_add(by).filter(|moved| *moved >= 0)?;
    Some(format!("{}{moved:0width$}{}", &version[..start], &version[end..]))
}
