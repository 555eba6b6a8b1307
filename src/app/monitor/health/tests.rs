#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::model::health::{KnowledgeHealth, Phase, StoreHealth};

fn interface(state: LinkState) -> InterfaceHealth {
    InterfaceHealth { name: "eth1".to_owned(), state, ..InterfaceHealth::default() }
}

fn gravity(interface: &InterfaceHealth, is_losing: bool, seconds: u64) -> Option<Gravity> {
    interface_complaints(interface, is_losing, Duration::from_secs(seconds)).map(|(how, _)| how)
}

#[test]
fn who_sees_nothing_is_blind() {
    let up = interface(LinkState::Up);
    assert_eq!(gravity(&up, false, 5), None);
    assert_eq!(gravity(&up, false, 90), Some(Gravity::Warning));
    assert_eq!(gravity(&up, false, 301), Some(Gravity::Blind));
    assert_eq!(gravity(&up, true, 1), Some(Gravity::Degraded));
    for state in [LinkState::Down, LinkState::Gone] {
        assert_eq!(gravity(&interface(state), false, 0), Some(Gravity::Blind));
    }
    let sends = InterfaceHealth { transmitted: 7, ..up };
    assert_eq!(gravity(&sends, false, 0), Some(Gravity::Warning));
}

#[test]
fn what_is_wrong_is_told_once_and_its_end_too() {
    let mut doctor = Doctor::new(30);
    let mut health = Health { complaints: vec![], ..Health::default() };
    assert!(doctor.news(&health).is_empty());
    health.complaints = vec![complaint(Gravity::Blind, "store", "it takes no rows".to_owned())];
    let told = doctor.news(&health);
    assert_eq!((told.len(), told[0].severity), (1, Severity::Critical));
    assert!(doctor.news(&health).is_empty());
    health.complaints = vec![complaint(Gravity::Degraded, "store", "tight".to_owned())];
    assert_eq!(doctor.news(&health)[0].severity, Severity::Error, "better, and not yet well");
    health.complaints.clear();
    let told = doctor.news(&health);
    assert_eq!((told.len(), told[0].kind), (1, NoticeKind::SensorRecovered));
}

#[test]
fn a_store_that_refuses_is_worse_than_a_tight_one() {
    let with = |state| {
        let store = StoreHealth { state, ..StoreHealth::default() };
        store_of(Health { store, ..Health::default() })
    };
    assert_eq!(with(StoreState::Writable), None);
    assert_eq!(with(StoreState::Tight), Some(Gravity::Degraded));
    assert_eq!(with(StoreState::Refusing), Some(Gravity::Blind));
}

fn store_of(health: Health) -> Option<Gravity> {
    store(&health).map(|complaint| complaint.severity)
}

#[test]
fn old_advisories_are_told_unless_they_are_those_of_the_program() {
    let doctor = Doctor::new(30);
    let with = |origin: &str, age_days| {
        let origin = origin.to_owned();
        let knowledge =
            KnowledgeHealth { origin, age_days, documents: 3, ..KnowledgeHealth::default() };
        doctor.knowledge(&Health { knowledge, ..Health::default() }).len()
    };
    assert_eq!([with("bundle 3", 30), with("bundle 3", 31), with("built in", 900)], [0, 1, 0]);
}

#[test]
fn a_thread_that_stands_still_is_told_after_a_while() {
    let mut doctor = Doctor::new(30);
    assert!(doctor.threads(&[1, 1]).is_empty());
    doctor.beats[1].1 = Instant::now().checked_sub(STALLED_AFTER * 2).unwrap();
    assert_eq!(doctor.threads(&[2, 1]).len(), 1);
    assert!(!doctor.is_alive());
    assert!(doctor.threads(&[3, 2]).is_empty());
    assert!(doctor.is_alive());
}

#[test]
fn others_read_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let health = Health { assets: 3, phase: Phase::Running, ..Health::default() };
    write(&health, dir.path()).unwrap();
    let text = std::fs::read_to_string(path(dir.path())).unwrap();
    assert_eq!(serde_json::from_str::<Health>(&text).unwrap(), health);
}

#[test]
fn the_state_is_written_over_the_one_before_the_last_and_never_torn() {
    let dir = tempfile::tempdir().unwrap();
    let read = || -> Health {
        serde_json::from_str(&std::fs::read_to_string(path(dir.path())).unwrap()).unwrap()
    };
    for assets in 1..5 {
        write(&Health { assets, ..Health::default() }, dir.path()).unwrap();
        assert_eq!(read().assets, assets);
    }
    let long = Health { version: "v".repeat(LENGTH_STEP * 2), ..Health::default() };
    write(&long, dir.path()).unwrap();
    assert_eq!(read(), long);
    write(&Health { assets: 9, ..Health::default() }, dir.path()).unwrap();
    assert_eq!(read().assets, 9, "what is shorter leaves nothing of what was longer");
    // What cannot be written leaves the last one as it is.
    std::fs::remove_file(dir.path().join(PART)).unwrap();
    std::fs::create_dir(dir.path().join(PART)).unwrap();
    assert!(write(&Health::default(), dir.path()).is_err());
    assert_eq!(read().assets, 9);
}

#[test]
fn a_copy_that_could_not_be_made_is_told() {
    let trouble = "there is no room".to_owned();
    let failed = BackupHealth { trouble, dir: "/b".to_owned(), ..BackupHealth::default() };
    let told = backup(&Health { backup: failed, ..Health::default() }).unwrap();
    assert_eq!((&*told.about, told.severity), ("backup", Gravity::Warning));
    assert!(told.text.contains("/b") && told.text.contains("there is no room"));
    assert!(backup(&Health::default()).is_none());
}
