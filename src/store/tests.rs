use super::*;

mod accepted;
mod broken;
mod live;
mod migrations;
mod retained;
mod room;

use crate::model::CaptureInfo;
use crate::model::{
    Addr, Anchor, Deed, Excerpt, Field, FrameRef, Hop, Import, Key, Mac, Node, Observation, Ruling,
    Scope, Sighting, Sites, Subject, Timestamp, Unit, Value,
};

const NAME: Key = Key::one("enip.product_name");
const SERIAL: Key = Key::one("enip.serial");

fn key_named(name: &str) -> Option<Key> {
    [NAME, SERIAL].into_iter().find(|key| key.name == name)
}

fn capture(name: &str, sha256: &str) -> CaptureInfo {
    CaptureInfo {
        name: name.into(),
        sha256: sha256.into(),
        frames: 7,
        bytes: 700,
        first: Some(Timestamp(1)),
        last: None,
        incomplete: Some("cut in packet 8".into()),
        session: None,
    }
}

fn observations() -> Vec<Observation> {
    let scope = Scope { site: 0, outer_vlan: 4, vlan: 103 };
    let ip = Node::ip(scope, "fe80::1".parse().unwrap());
    let path = [
        Hop::Slot(2),
        Hop::Address(2, "192.168.1.7".into()),
        Hop::Link(3, 1),
        Hop::Unit(9),
        Hop::Network(11, "29".into()),
        Hop::Station(1_024),
        Hop::Slave(1_001),
        Hop::Entity(1_001),
    ];
    let subjects = [
        Subject { node: ip, unit: Some(Unit(Box::new(path))) },
        Subject::node(Node::mac(scope, Mac([0, 1, 2, 3, 4, 0xff]))),
    ];
    let values = [
        Value::Text("1756-L61\u{1b}".into()),
        Value::Uint(u64::MAX),
        Value::Bytes([0, 255].into()),
    ];
    let mut all = Vec::new();
    for (at, subject) in (1..).zip(subjects) {
        for value in values.clone() {
            let frame = FrameRef { capture: 0, number: 3 };
            let excerpt = Excerpt { frame, offset: 62, length: 11, bytes: [1, 2, 3].into() };
            let (at, mac, key) = (Timestamp(at), Some(Mac([9; 6])), NAME);
            let subject = subject.clone();
            all.push(Observation { at, frame, subject, mac, key, value, excerpt, repeat: false });
        }
    }
    all
}

fn sighting(node: Node) -> Sighting {
    Sighting { node, mac: Some(Mac([9; 6])), first: Timestamp(4), last: Timestamp(9) }
}

#[test]
fn gives_back_what_was_put_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(&dir.path().join("deep/down")).unwrap();
    assert_eq!(store.add_captures(&[capture("a", "00")]).unwrap(), [0]);
    let node = observations()[1].subject.node;
    store.add_observations(&Sites::default(), &observations(), &[sighting(node)]).unwrap();
    drop(store);
    let mut store = Store::open(&dir.path().join("deep/down")).unwrap();
    let restored = store.restore(&key_named).unwrap();
    assert_eq!(restored.observations, observations());
    assert_eq!(restored.sightings, [sighting(node)]);
    assert_eq!(store.captures().unwrap(), [capture("a", "00")]);
}

#[test]
fn the_same_again_changes_no_byte() {
    let dir = tempfile::tempdir().unwrap();
    let fill = || {
        let mut store = Store::create(dir.path()).unwrap();
        store.add_captures(&[capture("a", "00"), capture("b", "01")]).unwrap();
        let node = observations()[0].subject.node;
        store.add_observations(&Sites::default(), &observations(), &[sighting(node)]).unwrap();
    };
    fill();
    let before = std::fs::read(dir.path().join(FILE)).unwrap();
    fill();
    let after = std::fs::read(dir.path().join(FILE)).unwrap();
    let differs = before.iter().zip(&after).position(|(a, b)| a != b);
    assert_eq!((differs, after.len()), (None, before.len()));
}

#[test]
fn a_capture_keeps_its_number_whatever_it_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    assert_eq!(store.add_captures(&[capture("a", "00"), capture("b", "01")]).unwrap(), [0, 1]);
    assert_eq!(store.add_captures(&[capture("c", "02"), capture("moved", "01")]).unwrap(), [2, 1]);
}

#[test]
fn keys_of_another_version_are_passed_over_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    store.add_captures(&[capture("a", "00")]).unwrap();
    store.add_observations(&Sites::default(), &observations(), &[]).unwrap();
    let restored = store.restore(&|_| None).unwrap();
    assert_eq!((restored.observations.len(), restored.passed_over), (0, 6));
}

#[test]
fn damage_is_named_and_never_taken_for_an_empty_store() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::create(dir.path()).unwrap());
    let path = dir.path().join(FILE);
    let length = std::fs::metadata(&path).unwrap().len();
    std::fs::write(&path, vec![0x5a; usize::try_from(length).unwrap()]).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_missing_store_says_how_to_make_one() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("--store"), "{error}");
}

#[test]
fn a_store_of_a_later_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    store.try_to(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
    drop(store);
    assert!(matches!(Store::open(dir.path()).unwrap_err(), StoreError::TooNew { found: 99, .. }));
}

fn ruled() -> Vec<Deed> {
    let [part, mac] = [observations()[0].subject.clone(), observations()[3].subject.clone()];
    let anchor = |subject: &Subject, at| Anchor { node: subject.node, at: Timestamp(at) };
    let (a, b) = (anchor(&part, 1), anchor(&mac, -2));
    let listed = Node { scope: Scope::default(), addr: Addr::Listed(u64::MAX) };
    let set = |unit: Option<Unit>, value: &str| Ruling::Set {
        anchor: Anchor { node: listed, at: Timestamp(3) },
        unit,
        field: Field::OsBuild,
        value: value.into(),
    };
    vec![
        Deed::Ruled(Ruling::Together(a, b)),
        Deed::Ruled(Ruling::Apart(b, a)),
        Deed::Ruled(set(part.unit, "10.0")),
        Deed::Ruled(set(None, "")),
        Deed::Undid(2),
    ]
}

#[test]
fn decisions_come_back_as_they_were_made_and_are_numbered_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    assert_eq!(
        store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(
        store.decide(&Sites::default(), &[Deed::Undid(5)], "bob", "no", Timestamp(8)).unwrap(),
        [6]
    );
    drop(store);
    let (book, passed_over) = Store::open(dir.path()).unwrap().decisions().unwrap();
    let deeds: Vec<Deed> = book.entries().iter().map(|entry| entry.deed.clone()).collect();
    assert_eq!((deeds, passed_over), ([ruled(), vec![Deed::Undid(5)]].concat(), 0));
    let last = book.entry(6).unwrap();
    assert_eq!((&*last.by, &*last.why, last.at), ("bob", "no", Timestamp(8)));
}

#[test]
fn no_decision_can_be_deleted_or_changed() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap();
    for wrong in [
        "DELETE FROM decisions WHERE number = 1",
        "UPDATE decisions SET why = 'other'",
        "INSERT INTO decisions (deed, by, why, at_ns) VALUES ('set', 'a', 'b', 0)",
    ] {
        assert!(store.connection.execute(wrong, []).is_err(), "{wrong}");
    }
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
}

#[test]
fn a_store_of_the_first_version_learns_to_keep_decisions() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join(FILE)).unwrap();
    connection.execute_batch(MIGRATIONS[0]).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let mut store = Store::open(dir.path()).unwrap();
    assert_eq!(
        store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap().len(),
        5
    );
}

#[test]
fn a_list_is_imported_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    store.add_captures(&[capture("a", "00")]).unwrap();
    let import = |by: &str| Import {
        capture: 0,
        by: by.into(),
        why: "".into(),
        at: Timestamp(5),
        as_of: Timestamp(4),
    };
    store.add_import(&import("alice")).unwrap();
    store.add_import(&import("bob")).unwrap();
    assert_eq!(store.imports().unwrap(), [import("alice")]);
}

#[test]
fn sites_keep_their_numbers_in_the_file_and_come_back_in_the_order_of_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    let at = |site| Node::ip(Scope { site, ..Scope::default() }, "10.0.0.1".parse().unwrap());
    let sites = |names: &[&str]| Sites::new(names.iter().map(|name| Box::from(*name)));
    store
        .add_observations(&sites(&["Nord", "Ost"]), &[], &[sighting(at(1)), sighting(at(2))])
        .unwrap();
    store
        .add_observations(&sites(&["Berg", "Ost"]), &[], &[sighting(at(1)), sighting(at(2))])
        .unwrap();
    store.add_observations(&Sites::default(), &[], &[sighting(at(0))]).unwrap();
    let kept: Vec<(i64, String)> = store
        .try_to(|connection| {
            let mut rows = connection.prepare("SELECT number, name FROM sites ORDER BY number")?;
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .unwrap();
    assert_eq!(kept, [(1, "Nord".to_owned()), (2, "Ost".to_owned()), (3, "Berg".to_owned())]);
    let restored = store.restore(&key_named).unwrap();
    assert_eq!(restored.sites, sites(&["Berg", "Nord", "Ost"]));
    let mut nodes: Vec<Node> = restored.sightings.iter().map(|sighting| sighting.node).collect();
    nodes.sort();
    assert_eq!(nodes, [at(0), at(1), at(2), at(3)]);
}

#[test]
fn a_store_of_the_first_version_has_the_site_without_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join(FILE)).unwrap();
    connection.execute_batch(MIGRATIONS[0]).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    let subject = "INSERT INTO subjects VALUES (1, 0, 0, 0, '10.0.0.1', '');
        INSERT INTO sightings VALUES (1, 4, 9)";
    connection.execute_batch(subject).unwrap();
    drop(connection);
    let mut store = Store::open(dir.path()).unwrap();
    let restored = store.restore(&key_named).unwrap();
    assert!(restored.sites.is_empty());
    let node = Node::ip(Scope::default(), "10.0.0.1".parse().unwrap());
    assert_eq!(restored.sightings, [Sighting { mac: None, ..sighting(node) }]);
}
