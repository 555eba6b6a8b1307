//! What the process may do, given away: a sensor reads bytes that an attacker may have written, so what reads them may do nothing else.
//!
//! In two steps. [`confine`] is called once, on the main thread, when captures, store and the socket of the service manager are open and no other
//! thread runs yet: it gives away all capabilities but the one that reopening an interface needs, and closes the files (Landlock) and the system calls
//! (seccomp) that no part of the process needs. Threads inherit that. Then each thread gives away more by calling [`enter`] with its work.
//!
//! What follows for those who call it: signals are taken on the main thread; threads that capture or read hand on over channels of the standard library,
//! because waking an async runtime writes to a descriptor, which they may not; interfaces are listed before, because the C library asks for them by
//! sending to the kernel.
//!
//! Forbidden calls fail with `EPERM`; nothing is killed for them: a new version of a library that tries an unexpected call must not make the sensor
//! blind. What the kernel lacks is never an error either. Each step says what was achieved, for the log and the health page.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod capabilities;
#[cfg(target_os = "linux")]
mod files;

use std::fmt;
use std::path::PathBuf;

/// What a process keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Confinement {
    /// Directories that it writes to: the store. They must be there.
    pub writes: Vec<PathBuf>,
    /// Files and directories that it reads beside those: signatures, advisories, the configuration for reloading. What is not there is left out.
    pub reads: Vec<PathBuf>,
    /// Whom it talks to.
    pub network: Network,
    /// Whether it keeps CAP_NET_RAW, to open an interface again that went away.
    pub reopens: bool,
}

/// Whom a process talks to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Network {
    /// Nobody: it receives frames, and tells the service manager how it is over a socket that is open already.
    Nobody,
    /// Receivers of notices, at these TCP ports.
    Outward(Vec<u16>),
    /// Those who come to these TCP ports, and receivers of notices at the others.
    Server {
        /// Where it listens.
        listen: Vec<u16>,
        /// Whom it calls.
        outward: Vec<u16>,
    },
}

/// What a thread does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Work {
    /// It receives frames from an interface, and opens the interface again when it went away and came back, where the process kept the right to.
    Capture,
    /// It reads what others wrote: frames in, observations out. It opens nothing.
    Reading,
    /// It interprets, judges and writes the store. The descriptors of captures, which it must never write to, are given: those open when it begins. An
    /// interface that was opened again later has another number, and is kept from it by nothing but the code.
    Storing(Vec<i32>),
}

/// One measure, and what came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// What was given away: `capabilities`, `files`, `system calls`.
    pub measure: &'static str,
    /// Whether it was.
    pub outcome: Outcome,
    /// What exactly holds now, or why it does not: a sentence without its end.
    pub text: String,
}

/// What came of a measure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It holds.
    Done,
    /// Some of it holds.
    Partly,
    /// Nothing of it holds.
    Not,
}

/// What the calling thread may do, as the kernel tells it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rights {
    /// Effective user.
    pub user: u32,
    /// Capabilities in effect, by name, in order.
    pub effective: Vec<String>,
    /// Capabilities that it may take into effect.
    pub permitted: Vec<String>,
    /// Capabilities that a program it starts could have.
    pub bounding: Vec<String>,
    /// Programs that it starts can have no more rights than it.
    pub no_new_privileges: bool,
    /// How many filters its system calls go through.
    pub filters: u32,
}

impl Rights {
    /// The rights of the calling thread; `None` where the system does not tell.
    pub fn now() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/thread-self/status").ok()?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|rest| rest.trim_start_matches(':').trim().to_owned())
        };
        let user = field("Uid")?.split_whitespace().nth(1)?.parse().ok()?;
        Some(Self {
            user,
            effective: names(&field("CapEff")?),
            permitted: names(&field("CapPrm")?),
            bounding: names(&field("CapBnd")?),
            no_new_privileges: field("NoNewPrivs")? == "1",
            filters: field("Seccomp_filters").and_then(|count| count.parse().ok()).unwrap_or(0),
        })
    }
}

/// Gives away what no part of the process needs. Called once, before other threads run.
#[cfg(target_os = "linux")]
pub fn confine(keep: &Confinement) -> Vec<Step> {
    let capabilities = capabilities::drop_all_but(keep.reopens, capabilities::Reach::Process);
    // Files before calls: the filter refuses nothing that Landlock needs, but the order says which of the two has the last word.
    let files = files::close(keep);
    vec![capabilities, files, calls::close(&keep.network)]
}

/// Gives away what the calling thread does not need for its work. Called at its beginning, after [`confine`].
#[cfg(target_os = "linux")]
pub fn enter(work: &Work) -> Vec<Step> {
    let raw = *work == Work::Capture;
    let capabilities = capabilities::drop_all_but(raw, capabilities::Reach::Thread);
    vec![capabilities, calls::narrow(work)]
}

/// Gives away nothing: there is nothing known here to do it with.
#[cfg(not(target_os = "linux"))]
pub fn confine(_: &Confinement) -> Vec<Step> {
    vec![Step::not(
        "system calls",
        "this system has none of what nameplate gives rights away with".to_owned(),
    )]
}

/// Gives away nothing: there is nothing known here to do it with.
#[cfg(not(target_os = "linux"))]
pub fn enter(_: &Work) -> Vec<Step> {
    Vec::new()
}

impl Step {
    #[cfg(target_os = "linux")]
    fn done(measure: &'static str, text: String) -> Self {
        Self { measure, outcome: Outcome::Done, text }
    }

    #[cfg(target_os = "linux")]
    fn partly(measure: &'static str, text: String) -> Self {
        Self { measure, outcome: Outcome::Partly, text }
    }

    fn not(measure: &'static str, text: String) -> Self {
        Self { measure, outcome: Outcome::Not, text }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, outcome, text } = self;
        match outcome {
            Outcome::Done => write!(f, "{measure}: {text}"),
            Outcome::Partly => write!(f, "{measure}, in part: {text}"),
            Outcome::Not => write!(f, "{measure} not restricted: {text}"),
        }
    }
}

/// Capabilities by name, of a mask in hexadecimal.
fn names(mask: &str) -> Vec<String> {
    let mask = u64::from_str_radix(mask, 16).unwrap_or(0);
    let set = (0..u64::BITS).filter(|bit| mask.checked_shr(*bit).is_some_and(|rest| rest & 1 == 1));
    set.map(name).collect()
}

#[cfg(target_os = "linux")]
fn name(bit: u32) -> String {
    let known = caps::all().into_iter().find(|one| u32::from(one.index()) == bit);
    known.map_or_else(|| format!("CAP_{bit}"), |one| one.to_string())
}

#[cfg(not(target_os = "linux"))]
fn name(bit: u32) -> String {
    format!("CAP_{bit}")
}
