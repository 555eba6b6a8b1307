//! Stores that something broke: never silently empty, as much as can be read, and told.

use std::os::unix::fs::FileExt;

use super::live::{NOW, fact, kept, notice, session};
use super::*;
use crate::store::log::{bytes_of, log_path};

const DEVICES: u32 = 400;

/// A store with what people decided, facts, frames and notices, closed in order.
fn filled(dir: &Path) {
    let mut store = live::opened(dir);
    store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap();
    let mut info = session("eth1");
    let capture = store.begin_session(&mut info).unwrap();
    for device in 1..=DEVICES {
        let facts: Vec<Observation> = (0..5)
            .map(|number| {
                fact(device, capture, u64::from(device) * 8 + number, 10, "1756-L61/B LOGIX5561")
            })
            .collect();
        let frames = [kept(capture, u64::from(device) * 8, 10, 300)];
        store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    }
    store.add_notices(&mut [notice("a", 1), notice("b", 2)]).unwrap();
    store.end_session(capture, &mut info, NOW).unwrap();
}

fn observations(store: &mut Store) -> usize {
    store.restore(&key_named).unwrap().observations.len()
}

fn damage(path: &Path, at: u64, bytes: &[u8]) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, at).unwrap();
}

fn all() -> usize {
    usize::try_from(DEVICES).unwrap() * 5
}

#[test]
fn a_header_that_is_lost_costs_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    damage(&dir.path().join(FILE), 0, &[0x5a; 100]);
    let Opened { mut store, incidents, .. } = Store::open_for_sensor(dir.path(), NOW).unwrap();
    let told: Vec<String> = incidents.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("quarantine-2026-11-22T18:00:00Z"), "{told:?}");
    assert_eq!(observations(&mut store), all());
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    assert_eq!(store.last_notice().unwrap(), 2);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let aside = dir.path().join("quarantine-2026-11-22T18:00:00Z").join(FILE);
    assert_eq!(std::fs::read(&aside).unwrap()[..100], [0x5a; 100]);
    drop(store);
    live::opened(dir.path());
}

/// Of such a file every table is whole, and nothing says where it begins.
#[test]
fn where_the_tables_begin_is_known_when_the_file_does_not_say_it_any_more() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    damage(&dir.path().join(FILE), 0, &[0xa5; 4_096]);
    let Opened { mut store, incidents, .. } = Store::open_for_sensor(dir.path(), NOW).unwrap();
    assert_eq!(observations(&mut store), all(), "{incidents:?}");
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    assert_eq!(store.rows().unwrap().frames, u64::from(DEVICES));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Pages all over the file, one after the other: of every one the rest is there, or it is found to be whole.
#[test]
fn a_damaged_page_costs_its_own_rows() {
    let dir = tempfile::tempdir().unwrap();
    let sound = dir.path().join("sound");
    filled(&sound);
    let pages = bytes_of(&sound.join(FILE)) / 4_096;
    let (mut found, mut least) = (0, all());
    for page in (1..pages).step_by(usize::try_from(pages / 24).unwrap()) {
        let dir = dir.path().join(page.to_string());
        std::fs::create_dir(&dir).unwrap();
        for name in [FILE, "lock", "layout"] {
            std::fs::copy(sound.join(name), dir.join(name)).unwrap();
        }
        damage(&dir.join(FILE), page * 4_096, &[0xa5; 4_096]);
        let Opened { mut store, incidents, .. } = Store::open_for_sensor(&dir, NOW).unwrap();
        assert_eq!(store.check().unwrap(), Vec::<String>::new(), "page {page}");
        found += usize::from(!incidents.is_empty());
        assert!(!incidents.contains(&Incident::Empty), "page {page}: {incidents:?}");
        least = least.min(observations(&mut store));
    }
    println!(
        "{found} of 24 damaged pages were found, {least} of {} facts at least were left",
        all()
    );
    assert!(found >= 20);
}

#[test]
fn a_file_that_was_cut_gives_back_what_is_left_and_a_backup_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = dir.path().join(FILE);
    std::fs::create_dir(dir.path().join("backups")).unwrap();
    let store = Store::read(dir.path()).unwrap();
    store.backup(&dir.path().join("backups/nightly.db")).unwrap();
    drop(store);
    std::fs::write(dir.path().join("backups/notes.txt"), "no backup").unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(bytes_of(&path) / 3).unwrap();
    let Opened { mut store, incidents, .. } = Store::open_for_sensor(dir.path(), NOW).unwrap();
    assert!(
        incidents.iter().any(|one| matches!(one, Incident::FromBackup { .. })),
        "{incidents:?}"
    );
    assert_eq!(observations(&mut store), all());
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    assert_eq!(store.rows().unwrap().frames, u64::from(DEVICES));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_gone_or_empty_is_never_taken_for_a_new_store() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    std::fs::write(dir.path().join(FILE), "").unwrap();
    let opened = Store::open_for_sensor(dir.path(), NOW).unwrap();
    assert_eq!(opened.incidents.last(), Some(&Incident::Empty));
    assert!(opened.incidents[0].to_string().contains("gone or empty"));
    drop(opened);
    std::fs::remove_file(dir.path().join(FILE)).unwrap();
    let opened = Store::open_for_sensor(dir.path(), NOW).unwrap();
    assert_eq!(opened.incidents.last(), Some(&Incident::Empty));
}

#[test]
fn a_rescue_that_was_cut_short_is_taken_up_again() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let aside = dir.path().join("quarantine-2026-01-01T00:00:00Z");
    std::fs::create_dir(&aside).unwrap();
    std::fs::rename(dir.path().join(FILE), aside.join(FILE)).unwrap();
    std::fs::write(dir.path().join("nameplate.db.new"), "half").unwrap();
    let Opened { mut store, incidents, .. } = Store::open_for_sensor(dir.path(), NOW).unwrap();
    assert_eq!(observations(&mut store), all());
    assert!(matches!(&incidents[0], Incident::Quarantined { to, .. } if *to == aside));
    drop(store);
    live::opened(dir.path());
}

#[test]
fn a_damaged_log_is_told_and_what_was_written_before_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = live::opened(dir.path());
    store.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap();
    store.settle_log().unwrap();
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    for number in 1..=50 {
        let facts = [fact(1, capture, number, 10, &format!("{number}"))];
        store.take(&Sites::default(), &facts, &[], &[]).unwrap();
    }
    // As after a kill: file and log as they are now.
    let killed = dir.path().join("killed");
    std::fs::create_dir(&killed).unwrap();
    for name in [FILE, "nameplate.db-wal", "lock"] {
        std::fs::copy(dir.path().join(name), killed.join(name)).unwrap();
    }
    let log = log_path(&killed.join(FILE));
    damage(&log, bytes_of(&log) / 2, &[0xff; 64]);
    let Opened { mut store, incidents, unclean, .. } =
        Store::open_for_sensor(&killed, NOW).unwrap();
    assert!(
        matches!(&incidents[..], [Incident::LogDamaged { to }] if log_path(&to.join(FILE)).exists()),
        "{incidents:?}"
    );
    assert_eq!(unclean.len(), 1);
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    let left = observations(&mut store);
    assert!((1..50).contains(&left), "{left}");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
