//! What devices do in the plant, and at which level they stand: words, rules, and what captures show.

use std::collections::BTreeSet;

use nameplate::fingerprint::{Signatures, embedded};
use nameplate::model::{Asset, Certainty, Claim, Field, LevelFrom, Levels, Zones};
use serde_json::Value as Json;

use crate::program::run;
use crate::replayed::{hear, know, root};
use crate::truth::shared;

/// Roles and kinds are words that the vocabulary explains; a template that composes one is a user's affair.
#[test]
fn every_role_and_kind_that_a_rule_claims_is_in_the_vocabulary() {
    let signatures = Signatures::embedded().unwrap();
    let vocabulary = signatures.vocabulary();
    let mut unknown = BTreeSet::new();
    for (file, text) in embedded::FILES {
        let table: toml::Table = text.parse().unwrap();
        for signature in table["signature"].as_array().unwrap() {
            for example in signature["example"].as_array().unwrap() {
                let gives = &example["gives"];
                let said = |field: &str| gives.get(field).and_then(toml::Value::as_str);
                let role = said("role").filter(|role| !vocabulary.has_role(role));
                let kind = said("kind").filter(|kind| !vocabulary.has_kind(kind));
                unknown.extend(role.or(kind).map(|word| format!("{file}: {word}")));
            }
        }
    }
    let (_, kinds) = embedded::TABLES.iter().find(|(name, _)| *name == "cip-kinds.csv").unwrap();
    let rows = kinds.lines().skip_while(|line| line.starts_with('#')).skip(1);
    let words = rows.map(|row| row.split_once(',').unwrap().1);
    unknown.extend(words.filter(|kind| !vocabulary.has_kind(kind)).map(str::to_owned));
    assert!(unknown.is_empty(), "{unknown:?}");
    for (role, meaning) in vocabulary.roles() {
        assert!(meaning.ends_with('.') && meaning.len() > 20, "{role}: {meaning:?}");
    }
}

fn levels() -> Levels {
    Signatures::embedded().unwrap().vocabulary().levels().clone()
}

fn role(asset: &Asset) -> Option<(&str, Certainty)> {
    let Claim { value, certainty, .. } = asset.nameplate.claim(Field::Role)?;
    Some((value, *certainty))
}

fn at<'a>(assets: &'a [std::sync::Arc<Asset>], ip: &str) -> &'a Asset {
    let ip = ip.parse().unwrap();
    assets.iter().find(|asset| asset.ips.contains(&ip)).unwrap()
}

/// A plant with panels, supervision, drives, I/O and controllers: each has its role, and nobody has another's.
#[test]
fn who_polls_and_writes_supervises_and_who_says_what_it_is_has_its_role() {
    use Certainty::{Certain, Likely};
    let known = know(hear(&[root().join("captures/plant-demo")], false));
    let levels = levels();
    for (ip, expected, level) in [
        ("10.10.2.50", ("hmi", Likely), 2),
        ("10.10.1.51", ("hmi", Likely), 2),
        ("10.10.1.50", ("hmi", Certain), 2),
        ("10.10.2.10", ("controller", Certain), 1),
    ] {
        let asset = at(&known.assets, ip);
        assert_eq!(role(asset), Some(expected), "{ip}");
        let told = levels.of(asset, &Zones::default()).unwrap();
        assert_eq!((told.level, told.from, told.certainty), (level, LevelFrom::Role, expected.1));
    }
    let polled = known.assets.iter().filter(|asset| asset.protocols.contains("modbus"));
    let supervised = polled.filter(|asset| role(asset).is_some_and(|(role, _)| role == "hmi"));
    assert_eq!(supervised.count(), 1, "whoever is polled does not supervise");
}

#[test]
fn who_programs_is_an_engineering_station_and_who_is_programmed_a_controller() {
    for (capture, client, server) in [
        ("captures/modbus/umas-session.pcap", "10.20.1.10", "10.20.1.43"),
        ("captures/csp/slc-5-05.pcap", "10.20.15.10", "10.20.15.20"),
    ] {
        let known = know(hear(&[root().join(capture)], false));
        assert_eq!(role(at(&known.assets, client)).unwrap().0, "engineering station", "{capture}");
        assert_eq!(role(at(&known.assets, server)).unwrap().0, "controller", "{capture}");
    }
}

/// Questions asked once or a few times, however many, are no poll.
#[test]
fn scanners_do_not_poll() {
    for capture in ["modbus/nmap-modbus-discover.pcap", "modbus/pymodbus-functions.pcap"] {
        let known = know(hear(&[root().join("captures").join(capture)], false));
        for asset in &known.assets {
            assert_ne!(role(asset).map(|(role, _)| role), Some("hmi"), "{capture}");
        }
    }
}

/// Who serves Modbus in the captures of others never supervises or programs, and who only asks is no field device.
#[test]
fn roles_agree_with_what_is_known_of_shared_captures() {
    let Some(shared) = shared() else { return };
    let mut checked = 0_usize;
    for entry in std::fs::read_dir(shared.join("captures/truth")).unwrap() {
        let truth: Json =
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let Some(roles) = truth["modbus_roles"].as_object() else { continue };
        let capture = shared.join("captures/pcap").join(truth["file"].as_str().unwrap());
        let known = know(hear(&[capture], false));
        for words in roles.keys() {
            let mut words = words.split(' ');
            let (side, address) = (words.next().unwrap(), words.next().unwrap());
            let Ok(ip) = address.trim_end_matches(":502").parse::<std::net::IpAddr>() else {
                continue;
            };
            let asset = known.assets.iter().find(|asset| asset.ips.contains(&ip));
            let Some((role, _)) = asset.and_then(|asset| role(asset)) else { continue };
            checked += 1;
            let wrong: &[&str] = match side {
                "server" => &["hmi", "engineering station", "historian"],
                _ => &["field device", "drive", "i/o"],
            };
            assert!(!wrong.contains(&role), "{}: {side} {ip} is {role}", truth["file"]);
        }
    }
    assert!(checked > 0);
}

#[test]
fn a_level_is_asked_for_by_role_and_goes_into_every_format() {
    let asked = ["--where", "purdue = 2 and role = hmi"];
    let shown = run(&[&["scan", "captures/plant-demo", "-o", "ndjson"], &asked[..]].concat());
    let lines = shown.lines_of("asset");
    let assets: Vec<Json> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(assets.len(), 3);
    for asset in &assets {
        assert_eq!((asset["purdue"].as_u64(), &asset["purdue_from"]), (Some(2), &"role".into()));
        assert_eq!(asset["role"], "hmi");
    }
}
