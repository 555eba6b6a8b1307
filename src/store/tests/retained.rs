//! What a store lets go of, and what never.

use super::live::{NOW, fact, kept, notice, session};
use super::*;
use crate::model::Notice;

const DAY: i64 = 86_400 * 1_000_000_000;
const SEVERAL: Key = Key::several("arp.address");
const EVENT: Key = Key::event("csp.program_download");

fn keys(name: &str) -> Option<Key> {
    [NAME, SERIAL, SEVERAL, EVENT].into_iter().find(|key| key.name == name)
}

fn retention(keep_ns: i64, now: Timestamp) -> Retention<'static> {
    Retention {
        bytes_max: 0,
        keep_ns,
        now,
        is_sure_of_now: false,
        reserve_bytes: 0,
        key_named: &keys,
    }
}

/// Steps until there is no more to do.
fn retain(store: &mut Store, retention: &Retention<'_>) -> Shed {
    let mut all = Shed::default();
    loop {
        let step = store.retain(retention).unwrap();
        all.add(&step);
        if !step.more {
            return all;
        }
    }
}

fn said(key: Key, capture: u32, number: u64, value: &str) -> Observation {
    let at = i64::try_from(number).unwrap();
    Observation { key, ..fact(1, capture, number, at, value) }
}

fn values(store: &mut Store) -> Vec<String> {
    let restored = store.restore(&keys).unwrap();
    let words = restored.observations.iter().map(|one| {
        let Value::Text(text) = &one.value else { panic!() };
        format!("{}{}", one.frame.number, text)
    });
    words.collect()
}

#[test]
fn of_a_fact_said_again_the_first_the_last_and_every_change_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let words = ["a", "a", "a", "b", "b", "a", "a", "a", "a", "c"];
    let facts: Vec<Observation> =
        (1..).zip(words).map(|(number, word)| said(NAME, capture, number, word)).collect();
    store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    let shed = retain(&mut store, &retention(DAY, NOW));
    assert_eq!(shed.observations, 3);
    assert_eq!(values(&mut store), ["1a", "3a", "4b", "5b", "6a", "9a", "10c"]);
    assert_eq!(retain(&mut store, &retention(DAY, NOW)).observations, 0);
}

#[test]
fn facts_of_one_frame_go_together_or_stay_together() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    // The serial number changes in the third frame, so the name in it stays too.
    let mut facts = Vec::new();
    for (number, serial) in (1..).zip(["1", "1", "1", "2", "2", "2", "2"]) {
        facts.push(said(NAME, capture, number, "n"));
        facts.push(said(SERIAL, capture, number, serial));
    }
    store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    assert_eq!(retain(&mut store, &retention(DAY, NOW)).observations, 6);
    let expected = ["1n", "11", "3n", "31", "4n", "42", "7n", "72"];
    assert_eq!(values(&mut store), expected);
}

#[test]
fn what_a_subject_has_several_of_and_what_happened_keep_their_first_and_last() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let words = ["x", "y", "z", "x", "y", "z", "x", "y"];
    let facts: Vec<Observation> =
        (1..).zip(words).map(|(number, word)| said(SEVERAL, capture, number, word)).collect();
    store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    let events: Vec<Observation> = (11..)
        .zip(["e", "e", "e"])
        .map(|(number, word)| said(EVENT, capture, number, word))
        .collect();
    store.take(&Sites::default(), &events, &[], &[]).unwrap();
    retain(&mut store, &retention(DAY, NOW));
    assert_eq!(values(&mut store), ["1x", "2y", "3z", "6z", "7x", "8y", "11e", "13e"]);
}

#[test]
fn facts_of_files_and_of_keys_that_nobody_knows_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    store.add_captures(&[capture("a", "00")]).unwrap();
    let live = store.begin_session(&mut session("eth1")).unwrap();
    let facts: Vec<Observation> = (1..9).map(|number| said(NAME, 0, number, "a")).collect();
    store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    let unknown = Key::one("later.name");
    let facts: Vec<Observation> = (1..9).map(|number| said(unknown, live, number, "a")).collect();
    store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    assert_eq!(retain(&mut store, &retention(DAY, NOW)).rows(), 0);
}

#[test]
fn a_name_that_flaps_for_years_keeps_its_first_value_and_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    for part in 0..6 {
        let facts: Vec<Observation> = (1..=500)
            .map(|number| part * 500 + number)
            .map(|number| said(NAME, capture, number, &format!("name {}", number % 7)))
            .collect();
        store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    }
    retain(&mut store, &retention(DAY, NOW));
    let left = values(&mut store);
    assert_eq!((left.len(), &*left[0], &*left[left.len() - 1]), (128, "1name 1", "3000name 4"));
}

#[test]
fn frames_stay_while_they_prove_something_that_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let facts: Vec<Observation> = (1..=9).map(|number| said(NAME, capture, number, "a")).collect();
    let mut facts = facts;
    // A message that began in another frame.
    facts[8].excerpt.frame.number = 20;
    let mut frames: Vec<KeptFrame> =
        (1..=9).map(|number| kept(capture, number, i64::try_from(number).unwrap(), 60)).collect();
    frames.push(kept(capture, 20, 20, 60));
    frames.push(kept(capture, 30, NOW.0, 60));
    store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    let shed = retain(&mut store, &retention(DAY, NOW));
    assert_eq!(shed.observations, 7);
    let shed = retain(&mut store, &retention(DAY, NOW));
    let left: Vec<u64> = frames
        .iter()
        .filter(|kept| store.frame(kept.frame).unwrap().is_some())
        .map(|kept| kept.frame.number)
        .collect();
    assert_eq!(left, [1, 9, 20, 30], "{shed:?}");
}

#[test]
fn sessions_of_which_nothing_is_left_go_and_their_numbers_are_never_given_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let mut numbers = Vec::new();
    for number in 1..=6 {
        let mut info = session("eth1");
        let capture = store.begin_session(&mut info).unwrap();
        store.take(&Sites::default(), &[said(NAME, capture, number, "a")], &[], &[]).unwrap();
        store.end_session(capture, &mut info, Timestamp(i64::try_from(number).unwrap())).unwrap();
        numbers.push(capture);
    }
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
    let shed = retain(&mut store, &retention(DAY, NOW));
    assert_eq!((shed.observations, shed.sessions), (4, 4));
    let captures = store.captures().unwrap();
    let shed: Vec<bool> = captures.iter().map(CaptureInfo::is_shed).collect();
    assert_eq!(shed, [false, true, true, true, true, false]);
    assert_eq!(values(&mut store), ["1a", "6a"]);
    assert_eq!(store.begin_session(&mut session("eth1")).unwrap(), 6);
}

#[test]
fn conversations_of_old_sessions_are_put_together_and_say_the_same() {
    use crate::model::{Acts, Conversation, Port};
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    for number in 1..=5_i64 {
        let mut info = session("eth1");
        let capture = store.begin_session(&mut info).unwrap();
        let one = |last: u8| Conversation {
            client: Node::ip(Scope::default(), [10, 0, 0, last].into()),
            server: Node::ip(Scope::default(), [10, 0, 1, 1].into()),
            port: Port::Tcp(502),
            protocol: None,
            first: Timestamp(number * 10),
            last: Timestamp(number * 10 + 5),
            packets: [7, 8],
            bytes: [70, 80],
            acts: Acts::from_counts([1, u32::MAX - 3, 3, 4, 5]),
        };
        let heard =
            Heard { frames: 0, conversations: vec![one(1), one(u8::try_from(number).unwrap())] };
        store.add_conversations(&Sites::default(), &[(capture, heard)].into()).unwrap();
        store.end_session(capture, &mut info, Timestamp(number)).unwrap();
    }
    let before = store.conversations(&|_| None).unwrap();
    let rows = store.rows().unwrap();
    let shed = retain(&mut store, &retention(DAY, NOW));
    assert!(shed.conversations > 0);
    assert_eq!(store.conversations(&|_| None).unwrap(), before);
    assert!(store.rows().unwrap().conversations < rows.conversations);
}

#[test]
fn a_clock_that_jumps_ahead_by_years_and_back_costs_some_hours_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let mut notices: Vec<Notice> =
        (0..1_000).map(|number| notice("x", NOW.0 - number * DAY / 10)).collect();
    store.add_notices(&mut notices).unwrap();
    let keep = 30 * DAY;
    let shed = retain(&mut store, &retention(keep, NOW));
    assert_eq!((shed.notices, store.rows().unwrap().notices), (699, 301));
    // Ten minutes with a clock that is wrong by ten years, past 2038 and past 2106.
    for years in [10, 20, 100] {
        for minute in 0..10 {
            let wrong = Timestamp(NOW.0.saturating_add(years * 365 * DAY + minute * DAY / 1_440));
            retain(&mut store, &retention(keep, wrong));
        }
        retain(&mut store, &retention(keep, NOW));
        let left = store.rows().unwrap().notices;
        assert!(left >= 285, "{left} after {years} years");
    }
    // And back by ten years: nothing is old.
    for back in [DAY / 24, 3_650 * DAY] {
        assert_eq!(retain(&mut store, &retention(keep, Timestamp(NOW.0 - back))).rows(), 0);
    }
    // A day later, minute by minute, everything is as old as it should be.
    for minute in 0..1_440 {
        retain(&mut store, &retention(keep, Timestamp(NOW.0 + minute * DAY / 1_440)));
    }
    let oldest = store.notices(0, 2_000).unwrap().iter().map(|one| one.told.0).min().unwrap();
    assert!(oldest >= NOW.0 - 29 * DAY - DAY / 10, "{}", (NOW.0 - oldest) / DAY);
}

#[test]
fn a_person_who_is_sure_of_the_clock_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    store.add_notices(&mut [notice("old", 0), notice("new", NOW.0 + 900 * DAY)]).unwrap();
    retain(&mut store, &retention(DAY, Timestamp(DAY / 2)));
    let sure = Retention { is_sure_of_now: true, ..retention(DAY, Timestamp(NOW.0 + 900 * DAY)) };
    assert_eq!(retain(&mut store, &sure).notices, 1);
    assert_eq!(store.last_notice().unwrap(), 2);
}

/// The order of worth when there is no room: frames, then facts said again, then notices; never what the inventory is made of.
#[test]
fn without_room_the_inventory_and_what_people_decided_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap();
    let mut last = 0;
    for round in 0..12_u32 {
        let mut info = session("eth1");
        last = store.begin_session(&mut info).unwrap();
        let facts: Vec<Observation> = (1..=600)
            .map(|device| {
                fact(device, last, u64::from(device), i64::from(round), &format!("device {device}"))
            })
            .collect();
        let frames: Vec<KeptFrame> = (1..=300).map(|number| kept(last, number, 5, 900)).collect();
        store.take(&Sites::default(), &facts, &[], &frames).unwrap();
        let mut told: Vec<Notice> = (0..400).map(|_| notice("x", NOW.0)).collect();
        store.add_notices(&mut told).unwrap();
        store.end_session(last, &mut info, NOW).unwrap();
    }
    let tight = Retention { bytes_max: 1_500_000, ..retention(0, NOW) };
    let shed = retain(&mut store, &tight);
    assert_eq!(shed.frames, 3_600);
    assert_eq!(shed.observations, 6_000);
    let rows = store.rows().unwrap();
    assert_eq!((rows.observations, rows.frames), (1_200, 0));
    assert!(rows.notices >= 1_000);
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    let restored = store.restore(&keys).unwrap().observations;
    assert!((1..=600).all(|device| {
        let node = fact(device, 0, 0, 0, "").subject.node;
        let of_it: Vec<u32> = restored
            .iter()
            .filter(|one| one.subject.node == node)
            .map(|one| one.frame.capture)
            .collect();
        of_it == [0, last]
    }));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
