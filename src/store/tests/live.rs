//! What a sensor does with its store while all is well.

use super::*;
use crate::model::health::StoreState;
use crate::model::{AssetId, LinkType, Notice, NoticeKind, Session, Severity};

pub(super) const NOW: Timestamp = Timestamp(1_795_370_400_000_000_000);

pub(super) fn session(interface: &str) -> CaptureInfo {
    CaptureInfo::live(Session { interface: interface.into(), started: NOW, ..Session::default() })
}

pub(super) fn opened(dir: &Path) -> Store {
    let Opened { store, incidents, .. } = Store::open_for_sensor(dir, NOW).unwrap();
    assert_eq!(incidents, []);
    store
}

/// A fact that a device said in a frame of a capture.
pub(super) fn fact(device: u32, capture: u32, number: u64, at: i64, value: &str) -> Observation {
    let node = Node::ip(Scope::default(), std::net::IpAddr::from(device.to_be_bytes()));
    let frame = FrameRef { capture, number };
    Observation {
        at: Timestamp(at),
        frame,
        subject: Subject::node(node),
        mac: Some(Mac([2, 0, 0, 0, 0, 1])),
        key: NAME,
        value: Value::Text(value.into()),
        excerpt: Excerpt { frame, offset: 60, length: 9, bytes: value.as_bytes().into() },
        repeat: false,
    }
}

pub(super) fn kept(capture: u32, number: u64, at: i64, bytes: usize) -> KeptFrame {
    KeptFrame {
        frame: FrameRef { capture, number },
        at: Timestamp(at),
        link: LinkType::ETHERNET,
        wire_len: 1_500,
        bytes: vec![0xab; bytes].into(),
    }
}

pub(super) fn notice(text: &str, told: i64) -> Notice {
    Notice {
        number: 0,
        at: Timestamp(told.saturating_sub(5)),
        told: Timestamp(told),
        kind: NoticeKind::AssetNew,
        severity: Severity::Notice,
        site: "Nord".into(),
        asset: Some(AssetId(uuid::Uuid::from_u128(7))),
        name: "PLC\u{0}\u{1b}[1m \"7\"".into(),
        addresses: vec!["10.0.0.1".into(), "00:01:02:03:04:05".into()],
        finding: None,
        text: text.into(),
        details: vec![("from".into(), "\u{202e}1\n".into()), ("to".into(), "".into())],
    }
}

#[test]
fn a_session_is_a_capture_without_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    store.add_captures(&[capture("a", "00")]).unwrap();
    let mut info = session("eth1");
    assert_eq!(store.begin_session(&mut info).unwrap(), 1);
    assert_eq!(info.name, "eth1@2026-11-22T18:00:00Z");
    let mut other = session("eth1");
    assert_eq!(store.begin_session(&mut other).unwrap(), 2);
    assert_eq!(other.name, "eth1@2026-11-22T18:00:00Z.2");
    (info.frames, info.bytes, info.last) = (9, 900, Some(Timestamp(77)));
    let known = info.session.as_mut().unwrap();
    (known.received, known.dropped_by_kernel, known.interruptions) = (12, 3, 1);
    store.update_session(1, &info).unwrap();
    store.end_session(1, &mut info, Timestamp(NOW.0 + 5)).unwrap();
    let captures = store.captures().unwrap();
    assert_eq!(captures[0], capture("a", "00"));
    let why = "the kernel dropped 3 frames, the interface was away or down 1 times";
    assert_eq!(captures[1], CaptureInfo { incomplete: Some(why.to_owned()), ..info });
    assert_eq!(captures[2], other);
}

#[test]
fn a_batch_is_kept_with_its_frames_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let facts = [fact(1, capture, 5, 10, "a"), fact(2, capture, 6, 11, "b")];
    let frames = [kept(capture, 5, 10, 60), kept(capture, 6, 11, 70)];
    let taken = store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    assert_eq!(taken, Taken { observations: 2, frames: 2, frames_refused: 0 });
    let again = store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    assert_eq!(again, Taken::default());
    assert_eq!(store.frame(frames[1].frame).unwrap(), Some(frames[1].clone()));
    assert_eq!(store.frame(FrameRef { capture, number: 7 }).unwrap(), None);
    assert_eq!(store.restore(&key_named).unwrap().observations, facts);
    assert_eq!(store.health().state, StoreState::Writable);
}

#[test]
fn a_stop_without_notice_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let mut info = session("eth1");
    let capture = store.begin_session(&mut info).unwrap();
    store.take(&Sites::default(), &[fact(1, capture, 1, 10, "a")], &[], &[]).unwrap();
    (info.first, info.last) = (Some(Timestamp(9)), Some(Timestamp(NOW.0 + 10)));
    store.update_session(capture, &info).unwrap();
    drop(store);
    let Opened { mut store, unclean, .. } = Store::open_for_sensor(dir.path(), NOW).unwrap();
    let stop = UncleanStop {
        capture,
        name: info.name.clone(),
        interface: "eth1".to_owned(),
        started: NOW,
        last: info.last,
    };
    assert_eq!(unclean, [stop]);
    let known = store.captures().unwrap();
    assert!(known[0].session.as_ref().unwrap().unclean);
    assert!(known[0].incomplete.as_ref().unwrap().contains("did not stop in order"));
    drop(store);
    assert_eq!(Store::open_for_sensor(dir.path(), NOW).unwrap().unclean, []);
}

#[test]
fn a_sensor_that_fails_again_and_again_leaves_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let mut store = opened_again(dir.path());
        for interface in ["eth1", "eth2"] {
            let capture = store.begin_session(&mut session(interface)).unwrap();
            assert!(capture < 2);
        }
    }
    let mut store = opened_again(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    store.take(&Sites::default(), &[fact(1, capture, 1, 10, "a")], &[], &[]).unwrap();
    drop(store);
    let mut store = opened_again(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    assert_eq!(capture, 1);
    store.take(&Sites::default(), &[], &[], &[kept(capture, 1, 10, 60)]).unwrap();
    drop(store);
    assert_eq!(opened_again(dir.path()).begin_session(&mut session("eth1")).unwrap(), 2);
}

fn opened_again(dir: &Path) -> Store {
    Store::open_for_sensor(dir, NOW).unwrap().store
}

#[test]
fn notices_come_back_as_they_went_in_and_are_numbered_on_whatever_the_clock_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    assert_eq!(store.last_notice().unwrap(), 0);
    const HOUR: i64 = 3_600 * 1_000_000_000;
    // Steps of an hour, ten years back, past 2038, past 2106.
    let steps = [0, HOUR, -HOUR, -87_600 * HOUR, 105_000 * HOUR, 700_000 * HOUR, 0];
    let mut all: Vec<Notice> = Vec::new();
    for (number, step) in (1..).zip(steps) {
        let mut one = [notice(&format!("{number}"), NOW.0 + step)];
        store.add_notices(&mut one).unwrap();
        assert_eq!(one[0].number, number);
        all.extend(one);
    }
    assert_eq!(store.notices(0, 100).unwrap(), all);
    assert_eq!(store.notices(2, 3).unwrap(), all[2..5]);
    store.try_to(|connection| connection.execute("DELETE FROM notices", [])).unwrap();
    drop(store);
    let mut store = opened(dir.path());
    assert_eq!(store.last_notice().unwrap(), 7);
    let mut next = [notice("next", 0)];
    store.add_notices(&mut next).unwrap();
    assert_eq!(next[0].number, 8);
}

#[test]
fn two_sensors_never_write_one_store() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    assert!(Store::is_in_use(dir.path()));
    for error in [
        Store::open_for_sensor(dir.path(), NOW).unwrap_err(),
        Store::open_alone(dir.path()).unwrap_err(),
        Store::put_back(&dir.path().join(FILE), dir.path(), NOW).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::InUse { .. }), "{error}");
        assert!(error.to_string().contains("another sensor"));
    }
    // People decide meanwhile.
    let mut person = Store::open(dir.path()).unwrap();
    person.decide(&Sites::default(), &ruled(), "alice", "seen", Timestamp(7)).unwrap();
    assert_eq!(store.decisions().unwrap().0.entries().len(), ruled().len());
    drop(store);
    assert!(!Store::is_in_use(dir.path()));
    opened(dir.path());
}

#[test]
fn readers_see_what_a_sensor_writes_and_outlive_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let mut reader = Store::read(dir.path()).unwrap();
    let mut version = reader.data_version().unwrap();
    for number in 1..=20 {
        let facts = [fact(1, capture, number, 10, &format!("{number}"))];
        store.take(&Sites::default(), &facts, &[], &[]).unwrap();
        assert!(store.settle_log().unwrap());
        let now = reader.data_version().unwrap();
        assert_ne!(now, version);
        version = now;
        let seen = reader.restore(&key_named).unwrap().observations.len();
        assert_eq!(u64::try_from(seen).unwrap(), number);
    }
    assert_eq!(reader.data_version().unwrap(), version);
    let error = reader.add_notices(&mut [notice("no", 0)]).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

#[test]
fn conversations_of_a_session_grow_and_only_what_differs_is_written() {
    use crate::model::{Acts, Conversation, Port};
    let dir = tempfile::tempdir().unwrap();
    let mut store = opened(dir.path());
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let one = |last: u8, packets: u64| Conversation {
        client: Node::ip(Scope::default(), [10, 0, 0, last].into()),
        server: Node::ip(Scope::default(), [10, 0, 1, 1].into()),
        port: Port::Tcp(502),
        protocol: None,
        first: Timestamp(1),
        last: Timestamp(2),
        packets: [packets, 0],
        bytes: [packets * 60, 0],
        acts: Acts::default(),
    };
    let mut put = |all: &[Conversation]| {
        let heard = Heard { frames: 0, conversations: all.to_vec() };
        store.add_conversations(&Sites::default(), &[(capture, heard)].into()).unwrap();
        store.connection.total_changes()
    };
    let many: Vec<Conversation> = (1..=200).map(|last| one(last, 3)).collect();
    let first = put(&many);
    let second = put(&many);
    let mut changed = many.clone();
    changed[5].packets[0] = 4;
    let third = put(&changed);
    // One that the sensor does not remember any more stays.
    put(&changed[..100]);
    assert_eq!((second - first, third - second), (0, 1));
    assert_eq!(store.conversations(&|_| None).unwrap(), changed);
}

#[test]
fn a_backup_made_while_a_sensor_writes_is_one_moment_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let there = dir.path().join("a.backup");
    let store_dir = dir.path().join("store");
    let mut store = opened(&store_dir);
    let capture = store.begin_session(&mut session("eth1")).unwrap();
    let batch = |store: &mut Store, from: u64| {
        let facts: Vec<Observation> = (from..from + 200)
            .map(|number| fact(7, capture, number, 10, &format!("{number}")))
            .collect();
        let frames: Vec<KeptFrame> =
            (from..from + 200).map(|number| kept(capture, number, 10, 1_400)).collect();
        store.take(&Sites::default(), &facts, &[], &frames).unwrap();
    };
    for round in 0..20 {
        batch(&mut store, round * 200);
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    let backed_up = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut round = 20;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                batch(&mut store, round * 200);
                round += 1;
            }
            round
        });
        let made = Store::read(&store_dir).unwrap().backup(&there).unwrap();
        let again = Store::read(&store_dir).unwrap().backup(&there).unwrap();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(writer.join().unwrap() > 20);
        assert!(again.bytes >= made.bytes);
        again
    });
    drop(store);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&there).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let put_back = Store::put_back(&there, &store_dir, NOW).unwrap();
    assert_eq!((put_back.bytes, put_back.version), (backed_up.bytes, known_version()));
    assert!(Store::open(put_back.before.as_deref().unwrap()).is_ok());
    let mut store = opened_again(&store_dir);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let rows = store.rows().unwrap();
    assert_eq!((rows.observations % 200, rows.frames), (0, rows.observations));
    assert!(rows.observations >= 4_000);
}

#[test]
fn a_backup_never_takes_the_place_of_something_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir.path().join("store"));
    let report = dir.path().join("report.txt");
    std::fs::write(&report, "a year of work").unwrap();
    assert!(matches!(store.backup(&report).unwrap_err(), StoreError::Backup { .. }));
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "a year of work");
    drop(store);
    let error = Store::put_back(&report, &dir.path().join("store"), NOW).unwrap_err();
    assert!(error.to_string().contains("is no backup"), "{error}");
}
