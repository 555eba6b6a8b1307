//! Real captures, and the facts that another dissector or a person read from them: each must be said, by the same
//! node, in the same frame. The material lies beside the project; without it these tests have nothing to do.

mod expected;
mod network;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::ledger::Ledger;
use nameplate::model::Observation;
use serde_json::Value as Json;

use crate::replayed::{embedded, files_below, hear, tell};
use expected::{Expected, expected};

#[test]
fn no_real_capture_makes_anything_panic() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("captures/pcap");
    let mut by_origin: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in files_below(&folder) {
        by_origin.entry(path.parent().unwrap().into()).or_default().push(path);
    }
    assert!(!by_origin.is_empty(), "{} is empty", folder.display());
    let mut wrong = Vec::new();
    for captures in by_origin.into_values() {
        let mut ledger = Ledger::new(embedded());
        for capture in captures {
            let (_, errors) =
                Replay::open(std::slice::from_ref(&capture), &ReplayOptions::default());
            if !errors.is_empty() {
                wrong.extend(errors.iter().map(ToString::to_string));
                continue;
            }
            let heard = hear(std::slice::from_ref(&capture), false);
            for (name, count) in heard.counters.iter().filter(|(name, _)| name.ends_with(".panics"))
            {
                wrong.push(format!("{}: {name} = {count}", capture.display()));
            }
            tell(&mut ledger, heard);
        }
        ledger.settle();
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_fact_known_of_a_real_capture_is_said() {
    let Some(shared) = shared() else { return };
    let mut misses = Vec::new();
    let mut checked = 0;
    for path in files_below(&shared.join("captures/truth")) {
        let truth = read(&path);
        let facts = expected(&truth);
        if facts.is_empty() {
            continue;
        }
        let file = truth["file"].as_str().unwrap();
        let heard = hear(&[shared.join("captures/pcap").join(file)], true);
        let by_frame = by_frame(&heard.observations);
        checked += facts.len();
        for fact in &facts {
            // What a person read in a capture may be without a frame.
            let said: Vec<&Observation> = match fact.frame {
                0 => heard.observations.iter().collect(),
                frame => by_frame.get(&frame).cloned().unwrap_or_default(),
            };
            if !said.iter().any(|observation| fact.is(observation)) {
                misses.push(miss(file, fact, &said));
            }
        }
    }
    println!("{checked} facts checked");
    assert!(checked > 0, "no truth file holds a fact to check");
    assert!(misses.is_empty(), "{} of {checked}\n{}", misses.len(), misses.join("\n"));
}

/// Who served and who asked with which functions, over a whole capture.
#[test]
fn modbus_functions_seen_in_real_captures_are_said() {
    let Some(shared) = shared() else { return };
    let mut misses = Vec::new();
    for path in files_below(&shared.join("captures/truth")) {
        let truth = read(&path);
        let Some(roles) = truth["modbus_roles"].as_object() else { continue };
        let file = truth["file"].as_str().unwrap();
        let heard = hear(&[shared.join("captures/pcap").join(file)], false);
        for (role, functions) in
            roles.iter().filter(|(role, _)| !NO_SERVER.contains(&role.as_str()))
        {
            let assigned =
                |name: &&String| MODBUS_FUNCTIONS.contains(&name.trim_end_matches("!exc"));
            for function in functions.as_object().unwrap().keys().filter(assigned) {
                let fact = expected::modbus_role(role, function);
                if !heard.observations.iter().any(|observation| fact.is(observation)) {
                    misses.push(format!("{file}: {role}: {function}"));
                }
            }
        }
    }
    assert!(misses.is_empty(), "{}\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn nothing_is_taken_for_ethernet_ip_by_its_port_alone() {
    let Some(shared) = shared() else { return };
    for path in files_below(&shared.join("captures/truth")) {
        let truth = read(&path);
        let says_so = |fact: &Json| {
            fact["note"]
                .as_str()
                .is_some_and(|note| note.contains("no ENIP device may be reported"))
        };
        if !expected::facts(&truth).any(|(_, fact)| says_so(fact)) {
            continue;
        }
        let file = truth["file"].as_str().unwrap();
        let heard = hear(&[shared.join("captures/pcap").join(file)], false);
        let said: Vec<String> = heard
            .observations
            .iter()
            .filter(|one| one.key.protocol() == "enip")
            .map(|one| format!("#{} {} {} = {}", one.frame.number, one.subject, one.key, one.value))
            .collect();
        assert!(said.is_empty(), "{file}:\n{}", said.join("\n"));
    }
}

fn by_frame(observations: &[Observation]) -> BTreeMap<u64, Vec<&Observation>> {
    let mut by_frame: BTreeMap<u64, Vec<&Observation>> = BTreeMap::new();
    for observation in observations {
        by_frame.entry(observation.frame.number).or_default().push(observation);
    }
    by_frame
}

fn miss(file: &str, fact: &Expected, said: &[&Observation]) -> String {
    let said: Vec<String> = said
        .iter()
        .map(|one| format!("    said: {} {} = {}", one.subject, one.key, one.value))
        .collect();
    let said = if said.is_empty() { "    nothing said".to_owned() } else { said.join("\n") };
    format!("{file}#{}: {fact}\n{said}", fact.frame)
}

fn read(path: &Path) -> Json {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the material lies, if it does.
pub(crate) fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("NAMEPLATE_SHARED").map(PathBuf::from);
    let place = place.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    if !place.join("captures").is_dir() {
        println!("skipped: ../shared is not here");
        return None;
    }
    Some(place)
}

/// Functions that the specification assigns, and UMAS. Others are said where the framing is sure, not behind a gap.
const MODBUS_FUNCTIONS: &[&str] = &[
    "1", "2", "3", "4", "5", "6", "7", "8", "11", "12", "15", "16", "17", "20", "21", "22", "23",
    "24", "43", "90",
];

/// Opened a connection itself, from port 502, and sent exceptions nobody asked for: nothing tells that it serves.
const NO_SERVER: &[&str] = &["server 10.0.0.8:502 unit 10"];
