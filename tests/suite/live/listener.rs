//! What the tests of listening start: a process of its own inside the namespace of the sensor. It is this same test binary, with one test in
//! it, [`listen`], that does nothing when a person runs the tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nameplate::capture::{Batch, Filled, Live, LiveOptions};

use crate::mirror::{Mirror, PORT};

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
pub(super) struct Wish {
    pub(super) interface: Option<&'static str>,
    pub(super) filter: Option<&'static str>,
    pub(super) ring_bytes: Option<usize>,
    pub(super) asleep: bool,
    /// A command that starts the listener, in place of nobody.
    pub(super) behind: Vec<String>,
}

/// A process that listens.
pub(super) struct Listener {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    folder: tempfile::TempDir,
}

/// What it heard.
pub(super) struct Heard {
    pub(super) frames: Vec<Arrived>,
    counts: BTreeMap<String, u64>,
}

pub(super) struct Arrived {
    pub(super) number: u64,
    pub(super) at: i64,
    pub(super) link: u64,
    pub(super) wire_len: u64,
    pub(super) bytes: Vec<u8>,
}

impl Listener {
    /// One that listens already.
    pub(super) fn start(mirror: &Mirror, wish: &Wish) -> Self {
        let listener = Self::spawn(mirror, wish);
        assert_eq!(listener.line(), "ready");
        listener
    }

    pub(super) fn spawn(mirror: &Mirror, wish: &Wish) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The listener may be another user.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).unwrap();
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

    fn command(mirror: &Mirror, wish: &Wish) -> Command {
        let this = std::env::current_exe().unwrap();
        let mut command = match wish.behind.split_first() {
            Some((first, rest)) => {
                let mut command = mirror.command(first);
                command.args(rest).arg(this);
                command
            }
            None => mirror.command(this),
        };
        command.args(["--exact", "live::listener::listen", "--ignored", "--nocapture"]);
        let texts = [(FILTER, wish.filter), (INTERFACE, wish.interface)];
        command.envs(texts.iter().filter_map(|(name, text)| Some((*name, (*text)?))));
        command.envs(wish.ring_bytes.map(|bytes| (RING, bytes.to_string())));
        command.envs(wish.asleep.then_some((ASLEEP, "1")));
        command
    }

    pub(super) fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("the listener says nothing")
    }

    /// Waits until it says that this is what comes of filling a batch.
    pub(super) fn await_state(&mut self, state: &str) {
        while self.line() != state {}
    }

    pub(super) fn say(&mut self, word: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    /// Lets it take what is there, and end.
    pub(super) fn end(mut self) -> Heard {
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
    pub(super) fn count(&self, name: &str) -> u64 {
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

pub(super) const WAIT_MS: u64 = 200;

/// In front of what the listener says, beside what the test runner says.
const MARK: &str = "live: ";

const FILE: &str = "NAMEPLATE_TEST_LISTEN_FILE";
const INTERFACE: &str = "NAMEPLATE_TEST_LISTEN_INTERFACE";
const FILTER: &str = "NAMEPLATE_TEST_LISTEN_FILTER";
const RING: &str = "NAMEPLATE_TEST_LISTEN_RING";
const ASLEEP: &str = "NAMEPLATE_TEST_LISTEN_ASLEEP";
