#![allow(clippy::arithmetic_side_effects)]

use super::*;
use crate::model::{Excerpt, FrameRef, Key, Node, Scope, Timestamp, Value};

const VENDOR_ID: Key = Key::one("enip.vendor_id");
const REVISION: Key = Key::one("enip.revision");
const NAME: Key = Key::one("enip.product_name");
const SERIAL: Key = Key::one("enip.serial_number");

const RULE: &str = r#"
[[signature]]
id = "test-rockwell"
source = "this test"
certainty = "certain"
when."enip.vendor_id".is = 1
when."enip.product_name".matches = '^(?<model>1756-\w+)'
when."enip.revision".matches = '^(?<major>\d+)\.(?<minor>\d+)$'
claim.vendor = "Rockwell Automation"
claim.model = "{model}"
claim.serial = "{enip.serial_number}"
claim.firmware = "{major}.{minor:03}"

[[signature.example]]
given = { "enip.vendor_id" = 1, "enip.product_name" = "1756-L61", "enip.revision" = "20.11" }
gives = { vendor = "Rockwell Automation", model = "1756-L61", firmware = "20.011" }
"#;

fn ledger() -> Ledger {
    let keys = [VENDOR_ID, REVISION, NAME, SERIAL];
    // Files named like the program's replace them, so that only this rule speaks here.
    let empty = crate::fingerprint::embedded::FILES.iter().map(|(name, _)| (*name, ""));
    let files: Vec<(&str, &str)> = empty.chain([("test.toml", RULE)]).collect();
    let signatures = Signatures::load(&files, &[], &keys).unwrap();
    let families = Families::embedded();
    Ledger::new(Knowledge { signatures, families, advisories: Index::new(Vec::new()) })
}

/// What one ListIdentity answer says, in one frame.
fn identity(frame: u64, name: &str, revision: &str, serial: &str) -> Vec<Observation> {
    let subject = Subject::node(Node::ip(Scope::default(), [10, 0, 0, 1].into()));
    let values = [
        (VENDOR_ID, Value::Uint(1)),
        (NAME, Value::Text(name.into())),
        (REVISION, Value::Text(revision.into())),
        (SERIAL, Value::Text(serial.into())),
    ];
    let frame = FrameRef { capture: 0, number: frame };
    let at = Timestamp(i64::try_from(frame.number).unwrap());
    let one = |(key, value)| Observation {
        at,
        frame,
        subject: subject.clone(),
        mac: None,
        key,
        value,
        excerpt: Excerpt::default(),
        repeat: false,
    };
    values.into_iter().map(one).collect()
}

fn values(ledger: &Ledger, field: Field) -> Vec<String> {
    let assets = ledger.assets();
    let claims = assets[0].nameplate.claims.get(&field).into_iter().flatten();
    claims.map(|claim| claim.value.to_string()).collect()
}

#[test]
fn facts_of_one_frame_are_never_mixed_with_those_of_another() {
    let mut ledger = ledger();
    ledger.take(identity(1, "1756-L61", "20.11", "0000AAAA"));
    ledger.take(identity(2, "1756-L73", "33.13", "0000AAAA"));
    ledger.settle();
    assert_eq!(values(&ledger, Field::Firmware), ["33.013", "20.011"]);
    assert_eq!(values(&ledger, Field::Model), ["1756-L73", "1756-L61"]);
}

#[test]
fn the_order_in_which_captures_arrive_decides_nothing() {
    let (early, late) = (
        identity(1, "1756-L61", "20.11", "0000AAAA"),
        identity(2, "1756-L61", "20.13", "0000AAAA"),
    );
    let (mut forwards, mut backwards) = (ledger(), ledger());
    forwards.take(early.clone());
    forwards.take(late.clone());
    backwards.take(late);
    backwards.take(early);
    forwards.settle();
    backwards.settle();
    assert_eq!(forwards.assets(), backwards.assets());
    assert_eq!(values(&backwards, Field::Firmware), ["20.013", "20.011"]);
}

#[test]
fn the_same_facts_again_change_nothing() {
    let mut ledger = ledger();
    let facts = identity(1, "1756-L61", "20.11", "0000AAAA");
    ledger.take(facts.clone());
    assert_eq!(ledger.settle().len(), 1);
    ledger.take(facts);
    assert_eq!(ledger.settle(), []);
}

#[test]
fn a_new_version_is_a_change_of_the_same_asset() {
    let mut ledger = ledger();
    ledger.take(identity(1, "1756-L61", "20.11", "0000AAAA"));
    ledger.settle();
    ledger.take(identity(2, "1756-L61", "20.13", "0000AAAA"));
    let changes = ledger.settle();
    assert!(matches!(&*changes, [Change::AssetChanged(_)]), "{changes:?}");
}

/// Each device as its serial number, its firmware, and what happened to it.
fn devices(ledger: &Ledger) -> Vec<(String, String, Vec<String>)> {
    let value = |asset: &Asset, field| asset.nameplate.value(field).unwrap_or_default().to_owned();
    let events = |asset: &Asset| {
        let told = asset.events.iter().map(|event| {
            let frame = |ground: &Arc<Ground>| ground.frame.number;
            let (before, now) = (event.before.as_ref().map(frame), frame(&event.ground));
            format!("{} {} #{before:?} #{now}", event.name(), event.words())
        });
        told.collect()
    };
    let assets = ledger.assets();
    let mut devices: Vec<_> = assets
        .iter()
        .map(|asset| (value(asset, Field::Serial), value(asset, Field::Firmware), events(asset)))
        .collect();
    devices.sort();
    devices
}

#[test]
fn a_new_version_is_told_with_the_frames_of_both() {
    let mut ledger = ledger();
    ledger.take(identity(3, "1756-L61", "20.13", "0000AAAA"));
    ledger.take(identity(1, "1756-L61", "20.11", "0000AAAA"));
    ledger.settle();
    let event = "firmware_changed 20.011 -> 20.013 #Some(1) #3".to_owned();
    assert_eq!(devices(&ledger), [("0000AAAA".into(), "20.013".into(), vec![event])]);
}

#[test]
fn a_new_serial_number_at_an_address_is_another_device() {
    let mut ledger = ledger();
    ledger.take(identity(9, "1756-L61", "20.13", "0000BBBB"));
    ledger.take(identity(1, "1756-L61", "20.11", "0000AAAA"));
    ledger.settle();
    let (old, new) = ("serial Rockwell Automation/0000AAAA", "serial Rockwell Automation/0000BBBB");
    let event = format!("replaced {old} -> {new} #Some(1) #9");
    let expected = [
        ("0000AAAA".to_owned(), "20.011".to_owned(), vec![event.clone()]),
        ("0000BBBB".to_owned(), "20.013".to_owned(), vec![event]),
    ];
    assert_eq!(devices(&ledger), expected);
    let assets = ledger.assets();
    assert!(assets.iter().all(|asset| asset.ips.len() == 1 && asset.bindings.len() == 1));
}

#[test]
fn a_device_that_comes_back_is_the_one_it_was() {
    let mut ledger = ledger();
    for (frame, serial) in [(1, "0000AAAA"), (2, "0000BBBB"), (3, "0000AAAA"), (4, "0000BBBB")] {
        ledger.take(identity(frame, "1756-L61", "20.11", serial));
    }
    ledger.settle();
    let devices = devices(&ledger);
    assert_eq!(devices.len(), 2, "{devices:?}");
    // Only the last change left one of them unseen.
    assert_eq!((devices[0].2.len(), devices[1].2.len()), (1, 1), "{devices:?}");
}

#[test]
fn facts_are_the_device_s_whose_mac_address_they_came_from() {
    let mut ledger = ledger();
    let from = |last: u8, frame, revision: &str, serial: &str| {
        let own = crate::model::Mac([0, 0, 0xbc, 0, 0, last]);
        let key = Key::several("ip.mac");
        let mut facts = identity(frame, "1756-L61", revision, serial);
        let (mac, value) = (Some(own), Value::Text(own.to_string().into()));
        facts.push(Observation { key, value, ..facts[0].clone() });
        facts.into_iter().map(move |fact| Observation { mac, ..fact })
    };
    // Both answer all the time, and neither gives a serial number that is one.
    ledger.take(from(1, 1, "20.11", "00000000"));
    ledger.take(from(2, 2, "33.13", "00000000"));
    ledger.take(from(1, 3, "20.12", "00000000"));
    ledger.settle();
    let assets = ledger.assets();
    assert_eq!(assets.len(), 2);
    let mut firmware: Vec<_> =
        assets.iter().map(|asset| asset.nameplate.value(Field::Firmware).unwrap()).collect();
    firmware.sort_unstable();
    assert_eq!(firmware, ["20.012", "33.013"]);
    assert!(assets.iter().all(|asset| asset.macs.len() == 1));
    let contested =
        |asset: &Arc<Asset>| asset.events.iter().any(|event| event.name() == "address_contested");
    assert!(assets.iter().all(contested));
}

#[test]
fn repeats_are_sightings_and_no_news() {
    let mut ledger = ledger();
    ledger.take(identity(1, "1756-L61", "20.11", "0000AAAA"));
    ledger.settle();
    let repeats = identity(9, "1756-L61", "20.11", "0000AAAA").into_iter();
    ledger.take(repeats.map(|fact| Observation { repeat: true, ..fact }));
    ledger.settle();
    let assets = ledger.assets();
    assert_eq!((assets[0].first, assets[0].last), (Timestamp(1), Timestamp(9)));
    assert_eq!(values(&ledger, Field::Firmware), ["20.011"]);
}

#[test]
fn a_flood_of_hosts_that_say_nothing_leaves_room_for_one_that_does() {
    let mut ledger = ledger();
    let frame = FrameRef { capture: 0, number: 1 };
    let flood = (0..200_000_u32).map(|host| Observation {
        at: Timestamp(1),
        frame,
        subject: Subject::node(Node::ip(Scope::default(), host.to_be_bytes().into())),
        mac: None,
        key: Key::several("ip.ttl"),
        value: Value::Uint(64),
        excerpt: Excerpt::default(),
        repeat: false,
    });
    ledger.take(flood);
    ledger.take(identity(2, "1756-L61", "20.11", "0000AAAA"));
    ledger.settle();
    assert_eq!(ledger.assets().len(), PASSERS_BY_MAX + 1);
    assert!(ledger.assets().iter().any(|a| a.nameplate.value(Field::Model) == Some("1756-L61")));
    assert_eq!(ledger.counters().count("ledger.passers_by_over_limit"), 200_000 - 65_536);
}

#[test]
fn a_module_is_the_bridge_itself_only_by_a_number_that_was_given() {
    let plate = |serial: &str, model: &str| {
        let mut ledger = ledger();
        ledger.take(identity(1, model, "20.11", serial));
        ledger.settle();
        ledger.assets()[0].nameplate.clone()
    };
    let is_itself = |serial: &str, model: &str, of: (&str, &str)| {
        let asset = Asset { nameplate: plate(of.0, of.1), ..Asset::default() };
        is_the_device_itself(&asset, &plate(serial, model))
    };
    assert!(is_itself("60000001", "1756-EN2T", ("60000001", "1756-EN2T")));
    assert!(!is_itself("60000002", "1756-EN2T", ("60000001", "1756-EN2T")));
    assert!(!is_itself("00000000", "1756-EN2T", ("00000000", "1756-EN2T")));
    assert!(!is_itself("60000001", "1756-L61", ("60000001", "1756-EN2T")));
}

#[test]
fn more_devices_at_one_address_than_are_told_apart_are_counted() {
    let mut ledger = ledger();
    for frame in 1..=20 {
        ledger.take(identity(frame, "1756-L61", "20.11", &format!("0000AA{frame:02}")));
    }
    ledger.settle();
    assert_eq!(ledger.assets().len(), crate::model::limits::TENANTS_MAX);
    assert_eq!(ledger.counters().count("ledger.tenants_over_limit"), 1);
}
