//! Little room, and none.

use super::live::{NOW, fact, kept, notice, session};
use super::*;
use crate::model::health::StoreState;
use crate::store::log::bytes_of;

const MIB: u64 = 1_024 * 1_024;

fn retention(bytes_max: u64, reserve_bytes: u64) -> Retention<'static> {
    Retention {
        bytes_max,
        keep_ns: 0,
        now: NOW,
        is_sure_of_now: false,
        reserve_bytes,
        key_named: &key_named,
    }
}

/// No more pages than there are now stands for a full disk.
fn fill_up(store: &mut Store) {
    store
        .try_to(|connection| {
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        })
        .unwrap();
}

fn empty(store: &mut Store) {
    store
        .try_to(|connection| {
            connection.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(()))
        })
        .unwrap();
}

#[test]
fn nothing_half_written_stays_of_a_batch_without_room_and_it_can_be_handed_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    fill_up(&mut store);
    let facts: Vec<Observation> =
        (1..2_000).map(|device| fact(device, capture, u64::from(device), 10, "x")).collect();
    let frames = [kept(capture, 1, 10, 60)];
    let error = store.take(&Sites::default(), &facts, &[], &frames).unwrap_err();
    assert!(error.is_full(), "{error}");
    assert_eq!(store.health().state, StoreState::Refusing);
    assert!(!store.health().trouble.is_empty());
    assert_eq!(store.rows().unwrap().observations, 0);
    let error = store.add_notices(&mut [notice(&"x".repeat(9_000), 1)]).unwrap_err();
    assert!(error.is_full(), "{error}");
    assert_eq!(store.last_notice().unwrap(), 0);
    empty(&mut store);
    let taken = store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    assert_eq!((taken.observations, taken.frames, taken.frames_refused), (1_999, 0, 1));
    assert_eq!(store.health().state, StoreState::Tight);
    store.retain(&retention(0, 0)).unwrap();
    assert_eq!(store.health().state, StoreState::Writable);
    assert_eq!(store.take(&Sites::default(), &[], &[], &frames).unwrap().frames, 1);
}

#[test]
fn frames_go_before_facts() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    fill_up(&mut store);
    let frames: Vec<KeptFrame> = (1..400).map(|number| kept(capture, number, 10, 1_400)).collect();
    let taken =
        store.take(&Sites::default(), &[fact(1, capture, 1, 10, "x")], &[], &frames).unwrap();
    assert_eq!(taken, Taken { observations: 1, frames: 0, frames_refused: 399 });
    assert_eq!(store.health().shed, 399);
}

/// Evidence at many times what fits, with readers and a person beside it: file and log stay below, and no fact is lost.
#[test]
fn a_quota_holds_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let quota = retention(12 * MIB, 0);
    let (mut highest, mut shed, mut rows) = (0, Shed::default(), 0_u64);
    let start = std::time::Instant::now();
    for batch in 0..120_u64 {
        let numbers = batch * 300..(batch + 1) * 300;
        let facts: Vec<Observation> = numbers
            .clone()
            .step_by(10)
            .map(|number| {
                fact(
                    u32::try_from(number).unwrap() % 997,
                    capture,
                    number,
                    i64::try_from(number).unwrap(),
                    "1756-L61/B",
                )
            })
            .collect();
        let frames: Vec<KeptFrame> = numbers
            .map(|number| kept(capture, number, i64::try_from(number).unwrap(), 1_200))
            .collect();
        rows += u64::try_from(facts.len() + frames.len()).unwrap();
        store.take(&Sites::default(), &facts, &[], &frames).unwrap();
        let mut reader = Store::read(dir.path()).unwrap();
        reader.last_notice().unwrap();
        drop(reader);
        loop {
            let step = store.retain(&quota).unwrap();
            highest = highest.max(bytes_of(&dir.path().join(FILE)) + store.log_bytes());
            shed.add(&step);
            if !step.more {
                break;
            }
        }
        highest = highest.max(bytes_of(&dir.path().join(FILE)) + store.log_bytes());
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{rows} rows at {:.0} a second; highest {highest} of {} bytes; shed {shed:?}",
        rows as f64 / seconds,
        12 * MIB
    );
    assert!(highest <= 12 * MIB, "{highest}");
    assert!(shed.frames > 20_000);
    assert_eq!(store.health().state, StoreState::Writable);
    let known = store.rows().unwrap();
    assert!(known.frames > 2_000, "{known:?}");
    // The newest evidence is there, and every device.
    assert!(store.frame(FrameRef { capture, number: 120 * 300 - 1 }).unwrap().is_some());
    let mut devices: Vec<Node> = store
        .restore(&key_named)
        .unwrap()
        .observations
        .iter()
        .map(|one| one.subject.node)
        .collect();
    devices.dedup();
    devices.sort();
    devices.dedup();
    assert_eq!(devices.len(), 997);
}

/// A file system of some MiB, where the kernel lets us have one.
#[test]
fn a_disk_that_is_full_costs_evidence_then_the_reserve_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=12m", "none"])
        .arg(&disk)
        .output();
    if !mount.is_ok_and(|ran| ran.status.success()) {
        println!("skipped: no file system of our own to be had here");
        return;
    }
    let _unmount = Unmount(disk.clone());
    let mut store = live::opened(&disk);
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let quota = retention(0, 2 * MIB);
    store.retain(&quota).unwrap();
    assert_eq!(store.space().unwrap().reserve, 2 * MIB);
    std::fs::write(disk.join("filler"), vec![1; 6 << 20]).unwrap();
    let (mut kept_facts, mut states) = (0, Vec::new());
    for batch in 0..4_000_u32 {
        let number = u64::from(batch);
        let frames: Vec<KeptFrame> =
            (0..20).map(|more| kept(capture, number * 20 + more, 10, 1_400)).collect();
        let facts: Vec<Observation> = (0..20)
            .map(|more| fact(batch * 20 + more, capture, number * 20 + u64::from(more), 10, "x"))
            .collect();
        match store.take(&Sites::default(), &facts, &[], &frames) {
            Ok(taken) => kept_facts += taken.observations,
            Err(error) => assert!(error.is_full(), "{error}"),
        }
        states.push(store.health().state);
        if batch % 10 == 0 {
            let _ = store.retain(&quota);
        }
        if states.last() == Some(&StoreState::Refusing) {
            break;
        }
    }
    states.dedup();
    assert_eq!(states.first(), Some(&StoreState::Writable));
    assert!(states.contains(&StoreState::Tight), "{states:?}");
    assert_eq!(states.last(), Some(&StoreState::Refusing), "{states:?}");
    assert_eq!(store.rows().unwrap().observations, kept_facts);
    println!("{kept_facts} facts kept on the full disk, {} shed", store.health().shed);
    std::fs::remove_file(disk.join("filler")).unwrap();
    let facts = [fact(9_999_999, capture, 9_999_999, 10, "x")];
    assert_eq!(store.take(&Sites::default(), &facts, &[], &[]).unwrap().observations, 1);
    store.retain(&quota).unwrap();
    assert_eq!(store.health().state, StoreState::Writable, "{}", store.health().trouble);
    assert_eq!(store.space().unwrap().reserve, 2 * MIB);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    // A sensor that starts on a disk without a byte left gives the reserve up to read its store.
    drop(store);
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    while std::io::Write::write_all(&mut filler, &[1; 4_096]).is_ok() {}
    let mut store = live::opened(&disk);
    assert_eq!(store.space().unwrap().reserve, 0);
    assert_eq!(store.rows().unwrap().observations, kept_facts + 1);
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// Figures of a plant of 10,000 devices: printed, and held to what a sensor needs.
#[test]
fn ten_thousand_devices_are_opened_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let start = std::time::Instant::now();
    let mut rows = 0_u64;
    for from in (1..=10_000_u32).step_by(100) {
        let facts: Vec<Observation> = (from..from + 100)
            .flat_map(|device| {
                (0..12).map(move |one| {
                    let number = u64::from(device) * 12 + one;
                    fact(device, capture, number, 10, &format!("1756-L61/B LOGIX5561 {one}"))
                })
            })
            .collect();
        let sightings: Vec<Sighting> =
            facts.iter().step_by(12).map(|fact| sighting(fact.subject.node)).collect();
        rows += u64::try_from(facts.len() + sightings.len()).unwrap();
        store.take(&Sites::default(), &facts, &sightings, &[]).unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    store.settle_log().unwrap();
    let bytes = bytes_of(&dir.path().join(FILE));
    println!("{:.0} rows a second, {} bytes a device", rows as f64 / seconds, bytes / 10_000);
    assert!(bytes / 10_000 < 8_192);
    let mut info = session("eth1");
    store.end_session(capture, &mut info, NOW).unwrap();
    drop(store);
    let start = std::time::Instant::now();
    let store = live::opened(dir.path());
    let open = start.elapsed();
    println!("opened in {} ms, checked to the end: {}", open.as_millis(), store.keeping.is_checked);
    // The machine may be busy: the figure that counts is printed.
    assert!(open.as_millis() < 2_000);
}
