//! Baselines, habits, and what became of frames.

use super::live::{NOW, fact, kept, opened, session};
use super::*;
use crate::model::{Acts, AssetId, Conversation, Port};

fn talk(last: u8, protocol: Option<&'static str>) -> Conversation {
    let scope = Scope { site: 1, outer_vlan: 0, vlan: 7 };
    Conversation {
        client: Node::ip(scope, [10, 0, 0, last].into()),
        server: Node::mac(scope, Mac([2, 0, 0, 0, 0, last])),
        port: Port::Tcp(502),
        protocol,
        first: Timestamp(3),
        last: Timestamp(9),
        packets: [0; 2],
        bytes: [0; 2],
        acts: Acts::default(),
    }
}

fn named(name: &str) -> KeptBaseline {
    KeptBaseline {
        name: name.into(),
        note: "after the revision".into(),
        by: "eve".into(),
        at: NOW,
        heard: Some(Timestamp(77)),
        version: "0.1.0".into(),
        assets: 3,
        talks: 2,
        ..KeptBaseline::default()
    }
}

#[test]
fn a_baseline_is_given_back_as_it_was_taken_and_the_last_one_counts() {
    let dir = tempfile::tempdir().unwrap();
    let sites = Sites::new(["Nord".into()]);
    let talks = [talk(1, Some("modbus")), talk(2, None)];
    let protocols = |name: &str| ["modbus"].into_iter().find(|known| *known == name);
    let mut store = opened(dir.path());
    let monday = named("Monday");
    assert_eq!(store.add_baseline(&sites, &monday, b"devices", &talks).unwrap(), Some(1));
    assert_eq!(store.add_baseline(&sites, &monday, b"", &[]).unwrap(), None, "a name is one's own");
    let friday = KeptBaseline { heard: None, talks: 0, ..named("Friday") };
    assert_eq!(store.add_baseline(&sites, &friday, b"others", &[]).unwrap(), Some(2));
    drop(store);
    let mut store = opened(dir.path());
    let all = store.baselines().unwrap();
    assert_eq!(
        all,
        [KeptBaseline { number: 1, ..monday }, KeptBaseline { number: 2, ..friday.clone() }]
    );
    assert_eq!(store.baseline_devices(1).unwrap().unwrap(), b"devices");
    assert_eq!(store.baseline_devices(3).unwrap(), None);
    assert_eq!(store.baseline_talks(1, &protocols).unwrap(), talks);
    let unknown = store.baseline_talks(1, &|_| None).unwrap();
    assert!(unknown.iter().all(|talk| talk.protocol.is_none()));
    assert!(store.remove_baseline(1).unwrap());
    assert!(!store.remove_baseline(1).unwrap());
    assert_eq!(store.baselines().unwrap(), [KeptBaseline { number: 2, ..friday }]);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_baseline_outlives_everything_that_is_shed() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let sites = Sites::new(["Nord".into()]);
    store.add_baseline(&sites, &named("Monday"), b"devices", &[talk(1, None)]).unwrap();
    store.take(&sites, &[fact(1, capture, 1, 10, "a")], &[], &[kept(capture, 1, 10, 60)]).unwrap();
    let retention = Retention {
        bytes_max: 1,
        keep_ns: 1,
        now: Timestamp(NOW.0 + 1),
        is_sure_of_now: true,
        reserve_bytes: 0,
        key_named: &key_named,
    };
    for _ in 0..5 {
        store.retain(&retention).unwrap();
    }
    assert_eq!(store.rows().unwrap().frames, 0);
    assert_eq!(store.baselines().unwrap().len(), 1);
    assert_eq!(store.baseline_talks(1, &|_| None).unwrap().len(), 1);
}

#[test]
fn habits_are_kept_as_they_are_now() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let id = |number: u128| AssetId(uuid::Uuid::from_u128(number));
    store.put_habits(&[(id(1), 5), (id(2), 6)].into()).unwrap();
    let habits = [(id(2), 7), (id(3), u64::MAX / 2)].into();
    store.put_habits(&habits).unwrap();
    drop(store);
    assert_eq!(opened(dir.path()).habits().unwrap(), habits);
}

#[test]
fn it_is_known_why_a_frame_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let frame = |number| FrameRef { capture, number };
    let facts = [fact(1, capture, 30, NOW.0, "a")];
    let frames: Vec<KeptFrame> = (1..=3).map(|number| kept(capture, number * 10, 5, 60)).collect();
    store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    assert_eq!(store.frames_of(capture, (10, 29), 9).unwrap(), frames[..2]);
    assert_eq!(store.frames_of(capture, (0, u64::MAX), 1).unwrap(), frames[..1]);
    assert_eq!(store.let_go(frame(10)).unwrap(), None);
    let old = Retention {
        bytes_max: 0,
        keep_ns: 1_000,
        now: NOW,
        is_sure_of_now: true,
        reserve_bytes: 0,
        key_named: &key_named,
    };
    store.retain(&old).unwrap();
    let age = LetGo { why: WhyLetGo::Age, at: NOW };
    assert_eq!(store.let_go(frame(20)).unwrap(), Some(age), "it proved nothing, and was old");
    assert!(store.frame(frame(30)).unwrap().is_some(), "it proves a fact");
    let later = Timestamp(NOW.0 + 9);
    let small = Retention { bytes_max: 1, now: later, ..old };
    store.retain(&small).unwrap();
    let room = LetGo { why: WhyLetGo::Room, at: later };
    assert_eq!(store.let_go(frame(30)).unwrap(), Some(room));
    let refused = store.take(&Sites::default(), &[], &[], &[kept(capture, 40, 88, 60)]).unwrap();
    assert_eq!(refused.frames_refused, 1);
    let no_room = LetGo { why: WhyLetGo::NoRoom, at: Timestamp(88) };
    assert_eq!(store.let_go(frame(40)).unwrap(), Some(no_room));
    assert_eq!(store.let_go(frame(50)).unwrap(), None, "nobody knows");
    assert!(room.to_string().contains("2026-11-22"), "{room}");
}
