//! What happens to a sensor in years: power cuts, full disks, cables pulled, floods, rights taken away.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Sensor, held};
use crate::mirror::{Mirror, PORT};
use crate::program::{self, run};
use crate::traffic;

fn integrity(store: &Path) -> String {
    let connection = rusqlite::Connection::open(store.join("nameplate.db")).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

fn observations(store: &Path) -> Vec<(String, String, i64)> {
    let connection = rusqlite::Connection::open(store.join("nameplate.db")).unwrap();
    let sql = "SELECT subjects.address, key, capture FROM observations JOIN subjects ON subjects.id = subject ORDER BY 1, 2, 3";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn killed_again_and_again_it_loses_nothing_that_it_had_stored() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = program::capture("enip/chassis-13-slots.pcap");
    let times = std::env::var("NAMEPLATE_KILLS").map_or(5, |times| times.parse().unwrap());
    let mut known = Vec::new();
    let mut slowest = Duration::ZERO;
    for time in 0..times {
        let began = Instant::now();
        let sensor = Sensor::start(&mirror, &store, &[]);
        slowest = slowest.max(began.elapsed());
        mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
        // In the middle of whatever it does.
        std::thread::sleep(Duration::from_millis((time * 37) % 300));
        sensor.kill();
        assert_eq!(integrity(&store), "ok", "kill {time}");
        let now = observations(&store);
        let lost = known.iter().filter(|row| !now.contains(row)).count();
        assert_eq!(lost, 0, "kill {time}");
        known = now;
    }
    println!("{times} kills, slowest start {slowest:?}, {} facts", known.len());
    let sensor = Sensor::start(&mirror, &store, &[]);
    let health = sensor.end();
    assert!(health["complaints"].to_string().contains("did not end in order"), "{health}");
    // What it is told again after each start is no news: it keeps it once.
    let facts = known.len();
    let sensor = Sensor::start(&mirror, &store, &[]);
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    sensor.wait_for_frames(traffic::shots(&file).len() as u64);
    sensor.end();
    let more = observations(&store).len() - facts;
    assert!(more * 10 < facts, "{more} of {facts} facts were kept once more");
}

#[test]
fn a_store_of_years_is_read_by_a_sensor_that_may_open_no_other_files() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = program::capture("enip/chassis-13-slots.pcap");
    let ran = run(&["scan", file.to_str().unwrap(), "--store", store.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let facts = observations(&store).len();
    // More than the database sorts without a file beside it.
    let connection = rusqlite::Connection::open(store.join("nameplate.db")).unwrap();
    let sql = "WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < ?1)
        INSERT INTO observations SELECT NULL, subject, key, kind, value, at_ns + n, capture, frame + 100000 * n, start_capture,
        start_frame + 100000 * n, offset, length, excerpt, mac FROM observations, times";
    connection.execute(sql, [(ROWS_THAT_SPILL / facts) as i64]).unwrap();
    drop(connection);
    let devices = held(&store).lines_of("asset").len();
    let sensor = Sensor::start(&mirror, &store, &[]);
    sensor.wait_until("it knows its devices", |health| {
        health["assets"].as_u64() >= Some(devices as u64)
    });
    sensor.end();
}

/// Rows of facts whose sorting is more than the cache of pages holds, 2 MB.
const ROWS_THAT_SPILL: usize = 20_000;

#[test]
fn a_cable_that_is_pulled_and_put_back_is_told_and_it_goes_on() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = program::capture("modbus/mbpoll.pcap");
    let frames = traffic::shots(&file).len() as u64;
    let sensor = Sensor::start(&mirror, &store, &[]);
    mirror.set(&["down"]);
    sensor.wait_until("it says so", |health| health["complaints"][0]["severity"] == "blind");
    mirror.set(&["up"]);
    sensor.wait_until("it is well again", |health| health["complaints"] == serde_json::json!([]));
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    sensor.wait_for_frames(frames);
    mirror.remove();
    sensor.wait_until("it is gone", |health| health["interfaces"][0]["state"] == "gone");
    mirror.lay();
    sensor.wait_until("it is back", |health| health["interfaces"][0]["state"] == "up");
    mirror.replay(&[file], &["--topspeed"]);
    sensor.wait_for_frames(2 * frames);
    let health = sensor.end();
    assert!(health["interfaces"][0]["interruptions"].as_u64() >= Some(2), "{health}");
    assert!(!held(&store).lines_of("asset").is_empty());
}

#[test]
fn a_full_disk_costs_evidence_first_and_is_told_and_survived() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let disk_path = disk.to_str().unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=96m", "tmpfs", disk_path];
    if !Command::new("mount").args(mount).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: the right to mount a small disk is not here");
        return;
    }
    let store = disk.join("store");
    std::fs::create_dir(&store).unwrap();
    let sensor = Sensor::start(&mirror, &store, &[]);
    // Somebody else fills the disk.
    let hog = disk.join("hog");
    let _ = Command::new("dd")
        .args(["if=/dev/zero", "bs=64k", &format!("of={}", hog.display())])
        .output();
    let file = program::capture("enip/chassis-13-slots.pcap");
    let frames = traffic::shots(&file).len() as u64;
    mirror.replay(&[file], &["--topspeed"]);
    sensor.wait_for_frames(frames);
    sensor.wait_until("the devices are known", |health| health["assets"].as_u64() > Some(0));
    std::fs::remove_file(&hog).unwrap();
    sensor.wait_until("the store takes rows", |health| health["store"]["state"] == "writable");
    sensor.end();
    assert_eq!(integrity(&store), "ok");
    assert!(!held(&store).lines_of("asset").is_empty());
    let unmounted = Command::new("umount").arg(&disk).status().unwrap();
    assert!(unmounted.success());
}

#[test]
fn a_user_with_one_capability_is_enough_and_nothing_is_sent() {
    let Some(mirror) = Mirror::new() else { return };
    for tool in ["setpriv", "strace"] {
        if Command::new(tool).arg("--version").output().is_err() {
            eprintln!("skipped: {tool} is not here");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let trace = folder.path().join("trace");
    std::fs::create_dir(&store).unwrap();
    for path in [folder.path(), &store] {
        let owned = Command::new("chown").arg(NOBODY).arg(path).status().unwrap();
        assert!(owned.success());
    }
    let mut command = mirror.command("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    command.args(["--inh-caps", "-all,+net_raw", "--ambient-caps", "-all,+net_raw"]);
    command.args(["--bounding-set", "-all,+net_raw", "strace", "-f", "-e", "trace=%network", "-o"]);
    command.arg(&trace).arg(env!("CARGO_BIN_EXE_nameplate"));
    command.args(["run", "-i", PORT, "--store"]).arg(&store);
    let sensor = Sensor::listening(command, &store);
    let file = program::capture("modbus/mbpoll.pcap");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    sensor.wait_for_frames(traffic::shots(&file).len() as u64);
    // A process that is traced may be given a signal in a thread that cannot pass it on: then the next one does.
    let ended = (0..60).any(|_| {
        sensor.signal("TERM");
        std::thread::sleep(Duration::from_secs(1));
        sensor.health()["phase"] == "stopped"
    });
    assert!(ended, "{}", sensor.health());
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("AF_PACKET"), "{trace}");
    let sends = trace
        .lines()
        .filter(|line| ["sendto(", "sendmsg(", "sendmmsg("].iter().any(|call| line.contains(call)));
    // A signal wakes the main thread through a pair of sockets that leads nowhere else.
    let pairs: Vec<String> = trace
        .lines()
        .filter(|line| line.contains("socketpair(AF_UNIX"))
        .filter_map(|line| line.split_once('[')?.1.split_once(']'))
        .flat_map(|(pair, _)| pair.split(", ").map(|end| format!("({end},")).collect::<Vec<_>>())
        .collect();
    let sends = sends.filter(|line| !pairs.iter().any(|end| line.contains(end.as_str())));
    // libpcap asks the kernel about interfaces over netlink, which leads to no wire.
    let sends: Vec<&str> =
        sends.filter(|line| !line.contains("NLMSG") && !line.contains("AF_NETLINK")).collect();
    assert!(sends.is_empty(), "{}", sends.join("\n"));
    assert_eq!(mirror.counter("tx_packets"), 0);
}

#[test]
fn without_the_right_to_listen_it_says_what_helps() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    for path in [folder.path(), &store] {
        assert!(Command::new("chown").arg(NOBODY).arg(path).status().unwrap().success());
    }
    let mut command = mirror.command("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    command.arg(env!("CARGO_BIN_EXE_nameplate"));
    let ran = command.args(["run", "-i", PORT, "--store"]).arg(&store).output().unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{errors}");
    assert!(errors.contains("CAP_NET_RAW"), "{errors}");
}

#[test]
fn what_it_cannot_do_is_said_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    let missing = run(&["run", "--store", store]);
    assert_eq!(missing.code, 2, "{}", missing.err);
    assert!(missing.err.contains("-i IFACE"), "{}", missing.err);
    let unknown = run(&["run", "-i", "no-such-port", "--store", store]);
    assert_eq!(unknown.code, 1, "{}", unknown.err);
    assert!(unknown.err.contains("no-such-port"), "{}", unknown.err);
}

const NOBODY: &str = "65534";
