//! Rights given away: a child of this test gives them away as a sensor does, tries what an attacker would, and tells what the kernel said.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

use nameplate::app::rights::{Confinement, Network, Outcome, Rights, Step, Work, confine, enter};
use rustix::net::{AddressFamily, SendFlags, SocketType, send, socket};

use crate::replayed::{hear, know, root};

/// What was tried, and what came of it: `ok`, or the name of the error.
type Told = BTreeMap<String, String>;

#[test]
fn a_confined_process_starts_nothing_connects_to_nobody_and_writes_only_its_store() {
    let told = child("process");
    for tried in ["start a program", "listen", "udp socket", "tcp socket", "connect a unix socket"]
    {
        assert_eq!(told[tried], "EPERM", "{tried}: {told:#?}");
    }
    for tried in ["write the store", "start a thread", "tell the service manager"] {
        assert_eq!(told[tried], "ok", "{tried}: {told:#?}");
    }
    assert_eq!(told["no new privileges"], "true");
    assert!(told["capabilities"].is_empty() || told["capabilities"] == "CAP_NET_RAW", "{told:#?}");
    match told["files"].as_str() {
        "Not" => eprintln!("skipped: Landlock is not here: {}", told["files, why"]),
        _ => {
            for tried in ["write elsewhere", "read elsewhere", "read the folder above"] {
                assert_eq!(told[tried], "EACCES", "{tried}: {told:#?}");
            }
            assert_eq!(told["read what was named"], "ok");
            assert_eq!(told["read interfaces"], "ok");
        }
    }
}

#[test]
fn a_capture_thread_sends_on_no_socket() {
    let told = child("capture");
    if told["packet socket"] != "ok" {
        return eprintln!("skipped: the right to open packet sockets is not here");
    }
    for tried in ["send on it", "write to it", "write with a vector", "udp socket", "connect"] {
        assert_eq!(told[tried], "EPERM", "{tried}: {told:#?}");
    }
    assert_eq!(told["capabilities"], "CAP_NET_RAW");
    for tried in ["open it again", "standard error"] {
        assert_eq!(told[tried], "ok", "{tried}: {told:#?}");
    }
}

#[test]
fn a_thread_that_reads_frames_opens_nothing() {
    let told = child("reading");
    for tried in ["open a file", "make a file", "packet socket", "unix socket", "start a program"] {
        assert_eq!(told[tried], "EPERM", "{tried}: {told:#?}");
    }
    assert_eq!(told["capabilities"], "");
    assert_eq!(told["standard error"], "ok");
}

#[test]
fn a_thread_that_stores_writes_files_and_no_capture() {
    let told = child("storing");
    for tried in ["write to the capture", "make another name for it", "unix socket"] {
        assert_eq!(told[tried], "EPERM", "{tried}: {told:#?}");
    }
    assert_eq!(told["capabilities"], "");
    assert_eq!(told["write the store"], "ok");
}

#[test]
fn captures_are_read_as_ever_by_confined_threads() {
    let told = child("work");
    let (devices, facts) = work();
    assert_eq!(told["devices"], devices.to_string());
    assert_eq!(told["facts"], facts.to_string());
    assert_eq!(told["store"], "ok", "{told:#?}");
}

/// The child: does one of the things above, and prints what came of each. Runs as one of the tests so that no second program is needed; without its
/// variable it has nothing to do.
#[test]
fn child_of_the_tests_above() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let mut told = Told::new();
    match &*role {
        "process" => process(&folder, &mut told),
        "capture" => capture(&folder, &mut told),
        "reading" => reading(&folder, &mut told),
        "storing" => storing(&folder, &mut told),
        _ => confined_work(&folder, &mut told),
    }
    let lines: Vec<String> =
        told.iter().map(|(tried, came)| format!("{MARK}{tried}={came}")).collect();
    // Behind the name of the test, which has no line feed yet.
    println!("\n{}", lines.join("\n"));
}

fn process(folder: &Path, told: &mut Told) {
    let manager = UnixDatagram::bind(folder.join("manager")).unwrap();
    let notify = UnixDatagram::unbound().unwrap();
    notify.connect(folder.join("manager")).unwrap();
    let steps = confine(&keep(folder));
    note(told, &steps);
    try_out(told, "start a program", Command::new("/bin/true").status());
    try_out(told, "udp socket", UdpSocket::bind("127.0.0.1:0"));
    try_out(told, "tcp socket", TcpStream::connect("127.0.0.1:9"));
    try_out(
        told,
        "listen",
        std::os::unix::net::UnixListener::bind(folder.join("store/socket")).map_err(|error| {
            // Where Landlock is, making the socket's file is refused first.
            if error.raw_os_error() == Some(13) {
                std::io::Error::from_raw_os_error(1)
            } else {
                error
            }
        }),
    );
    let other = UnixDatagram::unbound().unwrap();
    try_out(told, "connect a unix socket", other.connect(folder.join("manager")));
    try_out(told, "tell the service manager", notify.send(b"WATCHDOG=1"));
    drop(manager);
    try_out(told, "write the store", std::fs::write(folder.join("store/file"), "x"));
    try_out(told, "write elsewhere", std::fs::write(folder.join("other/file"), "x"));
    try_out(told, "read what was named", std::fs::read(folder.join("named/file")));
    try_out(told, "read elsewhere", std::fs::read("/etc/passwd"));
    try_out(told, "read the folder above", std::fs::read_dir(folder));
    try_out(told, "read interfaces", std::fs::read("/sys/class/net/lo/statistics/tx_packets"));
    let thread = std::thread::Builder::new().spawn(|| ());
    try_out(told, "start a thread", thread.map(|thread| thread.join().unwrap()));
    rights(told);
}

fn capture(folder: &Path, told: &mut Told) {
    let open =
        || socket(AddressFamily::PACKET, SocketType::RAW, None).map_err(std::io::Error::from);
    let first = open();
    try_out(told, "packet socket", first.as_ref().map(|_| ()).map_err(copy));
    let Ok(first) = first else { return };
    note(told, &confine(&keep(folder)));
    note(told, &enter(&Work::Capture));
    try_out(told, "send on it", send(&first, b"frame", SendFlags::empty()));
    try_out(told, "write to it", rustix::io::write(&first, b"frame"));
    try_out(
        told,
        "write with a vector",
        rustix::io::writev(&first, &[std::io::IoSlice::new(b"frame")]),
    );
    try_out(told, "udp socket", socket(AddressFamily::INET, SocketType::DGRAM, None));
    try_out(told, "connect", TcpStream::connect("127.0.0.1:9"));
    try_out(told, "open it again", open());
    try_out(told, "standard error", std::io::stderr().write_all(b"\n"));
    rights(told);
}

fn reading(folder: &Path, told: &mut Told) {
    note(told, &confine(&keep(folder)));
    // Opened before, because it may not open anything after.
    let mut status = std::fs::File::open("/proc/thread-self/status").unwrap();
    note(told, &enter(&Work::Reading));
    try_out(told, "open a file", std::fs::read(folder.join("store/there")));
    try_out(told, "make a file", std::fs::write(folder.join("store/file"), "x"));
    try_out(told, "packet socket", socket(AddressFamily::PACKET, SocketType::RAW, None));
    try_out(told, "unix socket", UnixDatagram::unbound());
    try_out(told, "start a program", Command::new("/bin/true").status());
    try_out(told, "standard error", std::io::stderr().write_all(b"\n"));
    let mut text = String::new();
    status.read_to_string(&mut text).unwrap();
    let effective = text.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap().trim();
    told.insert("capabilities".to_owned(), effective.trim_start_matches('0').to_owned());
}

fn storing(folder: &Path, told: &mut Told) {
    // Stands for a capture: any descriptor does.
    let (capture, _other) = UnixDatagram::pair().unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&capture);
    note(told, &confine(&keep(folder)));
    note(told, &enter(&Work::Storing(vec![number])));
    try_out(told, "write to the capture", rustix::io::write(&capture, b"frame"));
    try_out(told, "make another name for it", rustix::io::dup(&capture));
    try_out(told, "unix socket", UnixDatagram::unbound());
    try_out(told, "write the store", std::fs::write(folder.join("store/file"), "x"));
    rights(told);
}

/// A thread of a confined process reads captures and judges, and the process writes its store.
fn confined_work(folder: &Path, told: &mut Told) {
    let mut keep = keep(folder);
    keep.reads.push(root().join("captures"));
    note(told, &confine(&keep));
    let (devices, facts) = std::thread::spawn(|| {
        enter(&Work::Storing(Vec::new()));
        work()
    })
    .join()
    .unwrap();
    told.insert("devices".to_owned(), devices.to_string());
    told.insert("facts".to_owned(), facts.to_string());
    let store = nameplate::store::Store::create(&folder.join("store"));
    told.insert(
        "store".to_owned(),
        store.map_or_else(|error| error.to_string(), |_| "ok".to_owned()),
    );
}

fn work() -> (usize, usize) {
    let captures: Vec<PathBuf> = ["enip/discovery.pcap", "plant-demo/cell1-filling.pcap"]
        .map(|name| root().join("captures").join(name))
        .into();
    let heard = hear(&captures, false);
    let facts = heard.observations.len();
    (know(heard).assets.len(), facts)
}

fn keep(folder: &Path) -> Confinement {
    Confinement {
        writes: vec![folder.join("store")],
        reads: vec![folder.join("named"), folder.join("not there")],
        network: Network::Nobody,
        reopens: true,
    }
}

fn note(told: &mut Told, steps: &[Step]) {
    for step in steps {
        told.insert(step.measure.to_owned(), format!("{:?}", step.outcome));
        told.insert(format!("{}, why", step.measure), step.text.clone());
        // The bounding set and the filters are everybody's to give away.
        assert!(step.outcome == Outcome::Done || step.measure != "system calls", "{step}");
    }
}

fn rights(told: &mut Told) {
    let rights = Rights::now().unwrap();
    assert!(rights.filters >= 2, "{rights:?}");
    assert!(rights.effective == rights.permitted, "{rights:?}");
    told.insert("no new privileges".to_owned(), rights.no_new_privileges.to_string());
    told.insert("capabilities".to_owned(), rights.effective.join(" "));
}

fn try_out<T>(told: &mut Told, what: &str, came: Result<T, impl Into<std::io::Error>>) {
    let came = match came.map_err(Into::into) {
        Ok(_) => "ok".to_owned(),
        Err(error) => match error.raw_os_error() {
            Some(1) => "EPERM".to_owned(),
            Some(13) => "EACCES".to_owned(),
            _ => error.to_string(),
        },
    };
    told.insert(what.to_owned(), came);
}

fn copy(error: &std::io::Error) -> std::io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error)
}

/// Runs the child in a process of its own, and reads what it tells.
fn child(role: &str) -> Told {
    let folder = tempfile::tempdir().unwrap();
    for name in ["store", "other", "named"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    for file in ["named/file", "store/there"] {
        std::fs::write(folder.path().join(file), "x").unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "rights::child_of_the_tests_above", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{role}: {:?}\n{out}\n{err}", output.status);
    let lines = out.lines().filter_map(|line| line.strip_prefix(MARK)?.split_once('='));
    lines.map(|(tried, came)| (tried.to_owned(), came.to_owned())).collect()
}

const ROLE: &str = "NAMEPLATE_RIGHTS_CHILD";
const FOLDER: &str = "NAMEPLATE_RIGHTS_FOLDER";
const MARK: &str = "tried: ";
