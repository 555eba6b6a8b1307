//! A sensor that is killed while it writes: what it was told is kept, is kept.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nameplate::model::{
    CaptureInfo, Excerpt, FrameRef, Key, LinkType, Mac, Node, Notice, NoticeKind, Observation,
    Scope, Session, Severity, Sites, Subject, Timestamp, Value,
};
use nameplate::store::{KeptFrame, Opened, Retention, Store};

const KEY: Key = Key::one("enip.product_name");
const NOW: Timestamp = Timestamp(1_795_370_400_000_000_000);
/// Where the process that is killed writes.
const DIR: &str = "NAMEPLATE_KILLED_STORE";
/// How often; 20 times when nobody says.
const TIMES: &str = "NAMEPLATE_KILLS";
const SEED: u64 = 0x51_6b11;
const FACTS_PER_BATCH: u64 = 20;

fn key_named(name: &str) -> Option<Key> {
    (name == KEY.name).then_some(KEY)
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let folder = tempfile::tempdir().unwrap();
    let times: u64 = std::env::var(TIMES).map_or(20, |times| times.parse().unwrap());
    let (mut state, mut slowest, mut acknowledged) = (SEED, Duration::ZERO, Vec::new());
    let mut unclean = 0;
    for round in 0..times {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis((state >> 33) % 150);
        acknowledged.extend(killed_after(folder.path(), after));
        let start = Instant::now();
        let Opened { mut store, unclean: stops, incidents, .. } =
            Store::open_for_sensor(folder.path(), NOW).unwrap();
        slowest = slowest.max(start.elapsed());
        let what = format!("seed {SEED:#x}, round {round}, killed after {after:?}");
        assert_eq!(incidents, [], "{what}");
        unclean += stops.len();
        assert_eq!(store.check().unwrap(), Vec::<String>::new(), "{what}");
        // Batches are whole or not there at all; each has as many facts as frames, and one notice.
        let rows = store.rows().unwrap();
        assert_eq!(
            (rows.observations, rows.observations % FACTS_PER_BATCH),
            (rows.frames, 0),
            "{what}"
        );
        let last = store.last_notice().unwrap();
        let batches = rows.observations / FACTS_PER_BATCH;
        assert!(last <= batches && batches - last <= round + 1, "{what}: {last} of {batches}");
    }
    let mut store = Store::open(folder.path()).unwrap();
    let kept: std::collections::BTreeSet<FrameRef> =
        store.restore(&key_named).unwrap().observations.iter().map(|one| one.frame).collect();
    let lost: Vec<&FrameRef> = acknowledged.iter().filter(|frame| !kept.contains(frame)).collect();
    println!(
        "{times} kills, {unclean} of them told as such: {} batches acknowledged, {} facts kept, slowest start {} ms",
        acknowledged.len(),
        kept.len(),
        slowest.as_millis()
    );
    assert!(lost.is_empty(), "{lost:?}");
    assert!(acknowledged.len() as u64 > times && unclean > 0);
}

/// Starts the process below, kills it that long after its first batch, and tells the last frames of the batches that it said it kept.
fn killed_after(dir: &Path, after: Duration) -> Vec<FrameRef> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::killed::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let read = |line: &str| {
        let mut words = line.split("kept ").nth(1)?.split(' ');
        let capture = words.next()?.parse().ok()?;
        Some(FrameRef { capture, number: words.next()?.parse().ok()? })
    };
    let first = lines.by_ref().map(Result::unwrap).find_map(|line| read(&line));
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    // A line that was cut by the kill promised nothing.
    let rest = lines.map_while(Result::ok).filter(|line| line.ends_with('.'));
    first.into_iter().chain(rest.filter_map(|line| read(&line))).collect()
}

/// Not a test: the process that the one above kills.
#[test]
#[ignore = "is started and killed by another test"]
fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let Opened { mut store, .. } = Store::open_for_sensor(Path::new(&dir), NOW).unwrap();
    let session = Session { interface: "eth1".into(), started: NOW, ..Session::default() };
    let mut info = CaptureInfo::live(session);
    let capture = store.begin_session(&mut info).unwrap();
    let retention = Retention {
        bytes_max: 0,
        keep_ns: 86_400 * 1_000_000_000,
        now: NOW,
        is_sure_of_now: false,
        reserve_bytes: 1 << 20,
        key_named: &key_named,
    };
    for batch in 0.. {
        let numbers = batch * FACTS_PER_BATCH..(batch + 1) * FACTS_PER_BATCH;
        let facts: Vec<Observation> = numbers.clone().map(|number| fact(capture, number)).collect();
        let frames: Vec<KeptFrame> = numbers.clone().map(|number| kept(capture, number)).collect();
        store.take(&Sites::default(), &facts, &[], &frames).unwrap();
        store.add_notices(&mut [notice()]).unwrap();
        if batch % 7 == 0 {
            info.frames = numbers.end;
            store.update_session(capture, &info).unwrap();
            store.retain(&retention).unwrap();
        }
        println!("kept {capture} {} .", numbers.end - 1);
        std::io::stdout().flush().unwrap();
    }
}

fn fact(capture: u32, number: u64) -> Observation {
    let frame = FrameRef { capture, number };
    let node = Node::ip(Scope::default(), [10, 0, (number % 50) as u8, 1].into());
    let value = format!("1756-L61/B {number}");
    Observation {
        at: Timestamp(NOW.0 + number as i64),
        frame,
        subject: Subject::node(node),
        mac: Some(Mac([2, 0, 0, 0, 0, (number % 50) as u8])),
        key: KEY,
        excerpt: Excerpt { frame, offset: 60, length: 9, bytes: value.as_bytes().into() },
        value: Value::Text(value.into()),
        repeat: false,
    }
}

fn kept(capture: u32, number: u64) -> KeptFrame {
    KeptFrame {
        frame: FrameRef { capture, number },
        at: Timestamp(NOW.0 + number as i64),
        link: LinkType::ETHERNET,
        wire_len: 600,
        bytes: vec![7; 600].into(),
    }
}

fn notice() -> Notice {
    Notice {
        number: 0,
        at: NOW,
        told: NOW,
        kind: NoticeKind::AssetNew,
        severity: Severity::Notice,
        site: "".into(),
        asset: None,
        name: "".into(),
        addresses: Vec::new(),
        finding: None,
        text: "a device that was not known".into(),
        details: Vec::new(),
    }
}
