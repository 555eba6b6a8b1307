#![allow(clippy::arithmetic_side_effects)]

use super::*;
use crate::model::{Excerpt, FrameRef, Key, Scope, Value};

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
    ledger.take(identity(2, "1756-L73", "33.13", "0000BBBB"));
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
