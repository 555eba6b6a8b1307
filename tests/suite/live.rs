//! Listening on an interface, in network namespaces that each test makes for itself. The part that listens is this same test binary, started
//! again inside the namespace of the sensor: [`listen`], which does nothing when a person runs the tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nameplate::capture::{Batch, Filled, Live, LiveOptions};

use crate::mirror::{Mirror, PORT};
use crate::program;
use crate::replayed::{captures_below, root};
use crate::traffic;

#[test]
fn frames_arrive_whole_and_in_order_and_nothing_is_sent() {
    let Some(mirror) = Mirror::new() else { return };
    let mut files: Vec<PathBuf> = captures_below(&root().join("captures"));
    // The others are packed, or hold what no Ethernet carries: tcpreplay does not read them.
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pcap"));
    let expected: Vec<Vec<u8>> =
        files.iter().flat_map(|file| traffic::shots(file)).map(|shot| shot.bytes).collect();
    assert!(expected.len() > 5_000);
    assert!(expected.iter().any(|bytes| bytes[12..14] == [0x81, 0x00]), "no VLAN tag among them");
    let listener = Listener::start(&mirror, &Wish::default());
    mirror.replay(&files, &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.frames.len(), expected.len());
    for (number, (heard, expected)) in heard.frames.iter().zip(&expected).enumerate() {
        assert_eq!(heard.bytes, *expected, "frame {}", number + 1);
        assert_eq!(heard.number, number as u64 + 1);
        assert_eq!(heard.wire_len as usize, expected.len());
    }
    assert_eq!(heard.count("received"), expected.len() as u64);
    assert_eq!((heard.count("frames"), heard.count("dropped")), (expected.len() as u64, 0));
    assert_eq!((heard.count("restamped"), heard.count("openings")), (0, 1));
    assert_eq!((heard.count("transmitted"), mirror.counter("tx_packets")), (0, 0));
}

#[test]
fn times_are_those_of_arrival() {
    let Some(mirror) = Mirror::new() else { return };
    let listener = Listener::start(&mirror, &Wish::default());
    let before = now();
    mirror.replay(&[program::capture("lldp/lldpd.pcap")], &["--topspeed"]);
    let heard = listener.end();
    let after = now();
    let times: Vec<i64> = heard.frames.iter().map(|frame| frame.at).collect();
    assert!(!times.is_empty() && times.is_sorted());
    assert!(times.iter().all(|at| (before..after).contains(at)), "{before} {times:?} {after}");
    assert!(times.iter().any(|at| at % 1_000 != 0), "no nanoseconds: {times:?}");
}

#[test]
fn a_silent_port_gives_the_time_asked_for_and_no_more() {
    let Some(mirror) = Mirror::new() else { return };
    let listener = Listener::start(&mirror, &Wish::default());
    std::thread::sleep(Duration::from_secs(2));
    let heard = listener.end();
    assert!(heard.frames.is_empty());
    let longest = heard.count("longest_ms");
    assert!((WAIT_MS..WAIT_MS + 400).contains(&longest), "{longest} ms");
}

#[test]
fn the_filter_is_the_kernels() {
    let Some(mirror) = Mirror::new() else { return };
    let files = [program::capture("modbus/mbpoll.pcap"), program::capture("lldp/lldpd.pcap")];
    let wish = Wish { filter: Some("ether proto 0x88cc"), ..Wish::default() };
    let listener = Listener::start(&mirror, &wish);
    mirror.replay(&files, &["--topspeed"]);
    let heard = listener.end();
    let lldp = |bytes: &[u8]| bytes[12..14] == [0x88, 0xcc];
    let expected = files.iter().flat_map(|file| traffic::shots(file));
    let expected = expected.filter(|shot| lldp(&shot.bytes)).count();
    assert!(expected > 0);
    assert_eq!(heard.frames.len(), expected);
    assert!(heard.frames.iter().all(|frame| lldp(&frame.bytes)));
    assert_eq!(heard.count("received"), expected as u64);
}

#[test]
fn a_wrong_filter_is_told() {
    let Some(mirror) = Mirror::new() else { return };
    let wish = Wish { filter: Some("porrt 502"), ..Wish::default() };
    for down in [false, true] {
        if down {
            mirror.set(&["down"]);
        }
        let line = Listener::spawn(&mirror, &wish).line();
        assert!(line.contains("compiling the filter \"porrt 502\""), "{line}");
    }
}

#[test]
fn an_interface_goes_on_when_it_is_up_again() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let each = traffic::shots(&file).len() as u64;
    let mut listener = Listener::start(&mirror, &Wish::default());
    for _ in 0..2 {
        mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
        listener.await_state("Frames");
        mirror.set(&["down"]);
        listener.await_state("Down");
        mirror.set(&["up"]);
        listener.await_state("Silent");
    }
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.count("frames"), 3 * each);
    assert_eq!((heard.count("received"), heard.count("dropped")), (3 * each, 0));
    assert_eq!(heard.frames.last().unwrap().number, 3 * each);
    assert_eq!((heard.count("openings"), heard.count("transmitted")), (1, 0));
}

#[test]
fn an_interface_that_is_down_at_first_is_waited_for() {
    let Some(mirror) = Mirror::new() else { return };
    mirror.set(&["down"]);
    let file = program::capture("modbus/mbpoll.pcap");
    let mut listener = Listener::start(&mirror, &Wish::default());
    listener.await_state("Down");
    mirror.set(&["up"]);
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.frames.len(), traffic::shots(&file).len());
}

#[test]
fn an_interface_that_is_removed_and_made_again_is_opened_anew() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let each = traffic::shots(&file).len() as u64;
    let mut listener = Listener::start(&mirror, &Wish::default());
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    // No pause: what the ring holds when the interface goes is not lost.
    mirror.remove();
    listener.await_state("Gone");
    mirror.lay();
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    listener.await_state("Frames");
    listener.await_state("Silent");
    // So quickly that nobody ever sees it missing: the old handle would stay silent for ever.
    mirror.remove();
    mirror.lay();
    listener.await_state("Gone");
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.count("frames"), 3 * each);
    assert_eq!((heard.count("received"), heard.count("dropped")), (3 * each, 0));
    let numbers: Vec<u64> = heard.frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, (1..=3 * each).collect::<Vec<u64>>());
    assert_eq!((heard.count("openings"), heard.count("dropped_by_interface")), (3, 0));
}

#[test]
fn what_is_lost_is_counted_to_the_frame() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let wish = Wish { ring_bytes: Some(1 << 20), asleep: true, ..Wish::default() };
    let mut listener = Listener::start(&mirror, &wish);
    mirror.replay(std::slice::from_ref(&file), &["--topspeed", "--loop", "2000"]);
    listener.say("read");
    listener.await_state("Frames");
    let heard = listener.end();
    let sent = 2_000 * traffic::shots(&file).len() as u64;
    let (received, dropped) = (heard.count("received"), heard.count("dropped"));
    eprintln!("{sent} sent, {received} received, {dropped} of them dropped");
    assert!(dropped > 0);
    assert_eq!(received, sent);
    assert_eq!(heard.frames.len() as u64, received - dropped);
}

#[test]
fn all_interfaces_together_have_a_link_type_of_their_own() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let listener = Listener::start(&mirror, &Wish { interface: Some("any"), ..Wish::default() });
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    let expected = traffic::shots(&file);
    assert_eq!(heard.frames.len(), expected.len());
    for (heard, expected) in heard.frames.iter().zip(expected) {
        // Linux cooked, version 1: a header of 16 bytes in place of one of 14.
        assert_eq!((heard.link, &heard.bytes[16..]), (113, &expected.bytes[14..]));
    }
}

#[test]
fn without_the_right_the_way_to_get_it_is_told() {
    let Some(mirror) = Mirror::new() else { return };
    let wish = Wish { no_rights: true, ..Wish::default() };
    if Listener::command(&mirror, &wish).stdout(Stdio::null()).status().is_err() {
        return eprintln!("skipped: setpriv is not here");
    }
    let line = Listener::spawn(&mirror, &wish).line();
    for word in ["no right to capture", "setcap cap_net_raw+ep", "AmbientCapabilities=CAP_NET_RAW"]
    {
        assert!(line.contains(word), "{line}");
    }
}

/// The listener itself: a process of its own inside the namespace, told by its environment what to do.
#[test]
#[ignore = "is run by the other tests"]
fn listen() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let wish = |name: &str| std::env::var(name).ok();
    let mut options = LiveOptions { filter: wish(FILTER), ..LiveOptions::default() };
    options.ring_bytes = wish(RING).map_or(options.ring_bytes, |bytes| bytes.parse().unwrap());
    let interface = wish(INTERFACE).unwrap_or_else(|| PORT.to_owned());
    let mut live = match Live::open(&interface, 7, &options) {
        Ok(live) => live,
        Err(error) => return println!("{MARK}{error}"),
    };
    println!("{MARK}ready");
    let asleep = Arc::new(AtomicBool::new(wish(ASLEEP).is_some()));
    let ended = Arc::new(AtomicBool::new(false));
    let (breaker, awake, end) = (live.breaker(), Arc::clone(&asleep), Arc::clone(&ended));
    std::thread::spawn(move || {
        for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
            awake.store(false, Ordering::Relaxed);
        }
        end.store(true, Ordering::Relaxed);
        breaker.stop();
    });
    let mut out = BufWriter::new(File::create(file).unwrap());
    let mut longest = Duration::ZERO;
    let mut state = None;
    let mut batch = Batch::default();
    while !ended.load(Ordering::Relaxed) {
        if asleep.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        let started = Instant::now();
        let filled = fill(&mut live, &mut batch, &mut out);
        longest = longest.max(started.elapsed());
        if state.replace(filled) != Some(filled) {
            println!("{MARK}{filled:?}");
        }
        if filled == Filled::Gone && live.reopen().is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    // What is in a block that is not full is there when the block has waited long enough.
    std::thread::sleep(3 * options.block_wait);
    while fill(&mut live, &mut batch, &mut out) == Filled::Frames {}
    out.flush().unwrap();
    let tally = live.tally();
    for (name, count) in [
        ("received", tally.received),
        ("dropped", tally.dropped_by_kernel),
        ("dropped_by_interface", tally.dropped_by_interface),
        ("frames", tally.frames),
        ("restamped", tally.restamped),
        ("openings", tally.openings),
        ("longest_ms", longest.as_millis() as u64),
        ("transmitted", live.transmitted().unwrap_or_default()),
    ] {
        println!("{MARK}{name} {count}");
    }
}

fn fill(live: &mut Live, batch: &mut Batch, out: &mut impl Write) -> Filled {
    batch.clear();
    let filled = live.fill(batch, Duration::from_millis(WAIT_MS)).unwrap();
    assert_eq!(filled == Filled::Frames, !batch.is_empty());
    for frame in batch.frames() {
        assert_eq!(frame.frame.capture, 7);
        out.write_all(&frame.frame.number.to_le_bytes()).unwrap();
        out.write_all(&frame.at.0.to_le_bytes()).unwrap();
        out.write_all(&u64::from(frame.link.0).to_le_bytes()).unwrap();
        out.write_all(&u64::from(frame.wire_len).to_le_bytes()).unwrap();
        out.write_all(&(frame.bytes.len() as u64).to_le_bytes()).unwrap();
        out.write_all(frame.bytes).unwrap();
    }
    filled
}

/// How to listen.
#[derive(Default)]
struct Wish {
    interface: Option<&'static str>,
    filter: Option<&'static str>,
    ring_bytes: Option<usize>,
    asleep: bool,
    no_rights: bool,
}

/// A process that listens.
struct Listener {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    folder: tempfile::TempDir,
}

/// What it heard.
struct Heard {
    frames: Vec<Arrived>,
    counts: BTreeMap<String, u64>,
}

struct Arrived {
    number: u64,
    at: i64,
    link: u64,
    wire_len: u64,
    bytes: Vec<u8>,
}

impl Listener {
    /// One that listens already.
    fn start(mirror: &Mirror, wish: &Wish) -> Self {
        let listener = Self::spawn(mirror, wish);
        assert_eq!(listener.line(), "ready");
        listener
    }

    fn spawn(mirror: &Mirror, wish: &Wish) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Self::command(mirror, wish);
        command
            .env(FILE, folder.path().join("frames"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // The test runner may have begun a line of its own.
                if let Some((_, line)) = line.split_once(MARK) {
                    let _ = sender.send(line.to_owned());
                }
            }
        });
        Self { stdin: child.stdin.take(), child, lines, folder }
    }

    fn command(mirror: &Mirror, wish: &Wish) -> std::process::Command {
        let this = std::env::current_exe().unwrap();
        let mut command = if wish.no_rights {
            let mut command = mirror.command("setpriv");
            command.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(this);
            command
        } else {
            mirror.command(this)
        };
        command.args(["--exact", "live::listen", "--ignored", "--nocapture"]);
        let texts = [(FILTER, wish.filter), (INTERFACE, wish.interface)];
        command.envs(texts.iter().filter_map(|(name, text)| Some((*name, (*text)?))));
        command.envs(wish.ring_bytes.map(|bytes| (RING, bytes.to_string())));
        command.envs(wish.asleep.then_some((ASLEEP, "1")));
        command
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("the listener says nothing")
    }

    /// Waits until it says that this is what comes of filling a batch.
    fn await_state(&mut self, state: &str) {
        while self.line() != state {}
    }

    fn say(&mut self, word: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    /// Lets it take what is there, and end.
    fn end(mut self) -> Heard {
        drop(self.stdin.take());
        let mut counts = BTreeMap::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(30)) {
            if let Some((name, count)) = line.split_once(' ')
                && let Ok(count) = count.parse()
            {
                counts.insert(name.to_owned(), count);
            }
        }
        assert!(self.child.wait().unwrap().success());
        Heard { frames: arrived(&self.folder.path().join("frames")), counts }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Heard {
    fn count(&self, name: &str) -> u64 {
        self.counts[name]
    }
}

fn arrived(path: &Path) -> Vec<Arrived> {
    let mut file = BufReader::new(File::open(path).unwrap());
    let mut frames = Vec::new();
    let mut head = [0; 40];
    while file.read_exact(&mut head).is_ok() {
        let [number, at, link, wire_len, held] =
            [0, 8, 16, 24, 32].map(|at| u64::from_le_bytes(head[at..at + 8].try_into().unwrap()));
        let mut bytes = vec![0; held as usize];
        file.read_exact(&mut bytes).unwrap();
        frames.push(Arrived { number, at: at as i64, link, wire_len, bytes });
    }
    frames
}

fn now() -> i64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as i64
}

const WAIT_MS: u64 = 200;

/// In front of what the listener says, beside what the test runner says.
const MARK: &str = "live: ";

const FILE: &str = "NAMEPLATE_TEST_LISTEN_FILE";
const INTERFACE: &str = "NAMEPLATE_TEST_LISTEN_INTERFACE";
const FILTER: &str = "NAMEPLATE_TEST_LISTEN_FILTER";
const RING: &str = "NAMEPLATE_TEST_LISTEN_RING";
const ASLEEP: &str = "NAMEPLATE_TEST_LISTEN_ASLEEP";
