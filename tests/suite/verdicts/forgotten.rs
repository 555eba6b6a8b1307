//! What a sensor misses never makes a device safe.
//!
//! Any one observation of a capture is taken away: a fact of any key, the hardware address that came with it, or the note that a
//! host sent packets at all. What is left goes the whole way again, to devices and to verdicts over all documents. Then, for each
//! address, unit, document and vulnerability:
//!
//! - what was affected or cannot tell is not fixed and not "not affected";
//! - or nothing is said any more, since what tied the device to the document was not seen: allowed, and counted;
//! - or the observation was one of several that state a version, and another one is left that states another: then the device is
//!   judged by what was heard of it. This is recognised by the claims: the value left was there before, beside another.
//!
//! `NAMEPLATE_PROPERTIES=all` takes every observation of every capture, and of those with very many some hundreds; without it a sample
//! that a seed chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use nameplate::advisory::Index;
use nameplate::assess::families::Families;
use nameplate::fingerprint::Signatures;
use nameplate::ledger::{Knowledge, Ledger, parts};
use nameplate::model::asset::Nameplate;
use nameplate::model::claim::Field;
use nameplate::model::finding::Verdict;
use nameplate::model::{Observation, Sighting};

use super::removal::pairs::{Choice, each, is_all};
use super::{judge, word};
use crate::advisories::shared;
use crate::replayed::{captures_below, hear, root};

/// Chooses the sample.
const SEED: u64 = 0x5eed_0013;

/// Removals per capture of a sample.
const REMOVALS: usize = 4;

/// Removals per capture where everything is to be tried: each costs as much as the capture is long.
const REMOVALS_OF_ALL: usize = 600;

/// What was heard in one capture.
struct Capture {
    name: String,
    observations: Vec<Observation>,
    sightings: Vec<Sighting>,
}

/// One thing that a sensor may miss.
#[derive(Clone, Copy, Debug)]
enum Gone {
    Nothing,
    Observation(usize),
    Mac(usize),
    Sighting(usize),
}

/// Address and unit, document, vulnerability.
type About = (String, String, Box<str>, Box<str>);

/// What is said of devices, and what they are by address and unit.
#[derive(Default)]
struct Said {
    verdicts: BTreeMap<About, Vec<Verdict>>,
    plates: BTreeMap<(String, String), Vec<Nameplate>>,
}

impl Said {
    fn of(capture: &Capture, gone: Gone) -> Self {
        let mut ledger = Ledger::new(Knowledge {
            signatures: SIGNATURES.clone(),
            families: Families::default(),
            advisories: Index::default(),
        });
        let observations = capture.observations.iter().enumerate();
        ledger.take(observations.filter_map(|(at, observation)| match gone {
            Gone::Observation(missed) if missed == at => None,
            Gone::Mac(missed) if missed == at => {
                Some(Observation { mac: None, ..observation.clone() })
            }
            _ => Some(observation.clone()),
        }));
        for (at, sighting) in capture.sightings.iter().enumerate() {
            if !matches!(gone, Gone::Sighting(missed) if missed == at) {
                ledger.seen(sighting);
            }
        }
        ledger.settle();
        let mut said = Self::default();
        for asset in ledger.assets() {
            let ips = asset.ips.iter().map(ToString::to_string);
            let addresses: BTreeSet<String> =
                ips.chain(asset.macs.iter().map(ToString::to_string)).collect();
            for (unit, plate) in parts(&asset) {
                let unit = unit.map(ToString::to_string).unwrap_or_default();
                let found = judge(plate);
                for address in &addresses {
                    let place = (address.clone(), unit.clone());
                    said.plates.entry(place).or_default().push(plate.clone());
                    for one in &found {
                        let about =
                            (address.clone(), unit.clone(), one.advisory.clone(), one.cve.clone());
                        said.verdicts.entry(about).or_default().push(one.verdict.clone());
                    }
                }
            }
        }
        said
    }
}

static SIGNATURES: LazyLock<Signatures> = LazyLock::new(|| Signatures::embedded().unwrap());

/// What came of forgetting.
#[derive(Default)]
struct Tally {
    there: usize,
    tried: usize,
    changed: BTreeMap<String, usize>,
    excepted: usize,
    wrong: Vec<String>,
}

#[test]
fn without_any_one_observation_of_a_capture_nothing_is_cleared() {
    let mut folders = vec![root().join("captures")];
    folders.extend(shared().map(|shared| shared.join("captures/pcap")));
    let files: Vec<_> = folders.iter().flat_map(|folder| captures_below(folder)).collect();
    let tallies = each(&files, |at, file| {
        let heard = hear(std::slice::from_ref(file), false);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let capture =
            Capture { name, observations: heard.observations, sightings: heard.sightings };
        forget(&capture, Choice::of(SEED + at as u64))
    });
    let mut all = Tally::default();
    let mut captures = 0;
    for tally in tallies {
        captures += usize::from(tally.tried > 0);
        all.there += tally.there;
        all.tried += tally.tried;
        all.excepted += tally.excepted;
        for (change, count) in tally.changed {
            *all.changed.entry(change).or_default() += count;
        }
        all.wrong.extend(tally.wrong);
    }
    println!(
        "{} of {} observations of {captures} captures with findings taken away",
        all.tried, all.there
    );
    println!("what was said: {:?}", all.changed);
    println!("another version left: {}", all.excepted);
    assert!(all.wrong.is_empty(), "{} wrong\n{}", all.wrong.len(), all.wrong.join("\n"));
}

fn is_clear(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fixed | Verdict::NotAffected)
}

fn forget(capture: &Capture, mut choice: Choice) -> Tally {
    let mut tally = Tally::default();
    let before = Said::of(capture, Gone::Nothing);
    if before.verdicts.values().flatten().all(is_clear) {
        return tally;
    }
    let observations = 0..capture.observations.len();
    let with_mac = observations.clone().filter(|at| capture.observations[*at].mac.is_some());
    let all: Vec<Gone> = observations
        .clone()
        .map(Gone::Observation)
        .chain(with_mac.map(Gone::Mac))
        .chain((0..capture.sightings.len()).map(Gone::Sighting))
        .collect();
    tally.there = all.len();
    for gone in choice.few(all, if is_all() { REMOVALS_OF_ALL } else { REMOVALS }) {
        tally.tried += 1;
        let after = Said::of(capture, gone);
        for (about, was) in &before.verdicts {
            let is = after.verdicts.get(about);
            if is == Some(was) {
                continue;
            }
            let shown = |verdicts: Option<&Vec<Verdict>>| {
                verdicts.and_then(|all| all.first()).map_or("nothing", word)
            };
            let change = format!("{} to {}", shown(Some(was)), shown(is));
            *tally.changed.entry(change).or_default() += 1;
            let is_cleared = is.is_some_and(|is| is.iter().all(is_clear));
            if is_cleared && !was.iter().all(is_clear) {
                let place = (about.0.clone(), about.1.clone());
                if is_other_version(before.plates.get(&place), after.plates.get(&place)) {
                    tally.excepted += 1;
                } else {
                    tally.wrong.push(format!(
                        "{} without {}: {about:?} {was:?} became {is:?}",
                        capture.name,
                        missed(capture, gone)
                    ));
                }
            }
        }
    }
    tally
}

fn missed(capture: &Capture, gone: Gone) -> String {
    match gone {
        Gone::Nothing => "nothing".to_owned(),
        Gone::Observation(at) | Gone::Mac(at) => {
            let Observation { subject, key, value, frame, .. } = &capture.observations[at];
            format!("{gone:?} {subject} {key} = {value} of frame {}", frame.number)
        }
        Gone::Sighting(_) => format!("{gone:?}"),
    }
}

/// Whether a version that was stated is gone, and another one that was stated beside it is left.
fn is_other_version(before: Option<&Vec<Nameplate>>, after: Option<&Vec<Nameplate>>) -> bool {
    let versions = |plates: Option<&Vec<Nameplate>>| -> BTreeSet<String> {
        let plates = plates.into_iter().flatten();
        plates
            .flat_map(|plate| {
                [Field::Firmware, Field::OsBuild].map(|field| plate.claims.get(&field))
            })
            .flatten()
            .flatten()
            .map(|claim| claim.value.to_string())
            .collect()
    };
    let (before, after) = (versions(before), versions(after));
    !after.is_empty() && after.is_subset(&before) && after.len() < before.len()
}
