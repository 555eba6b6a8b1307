//! The program as people start it: arguments in; exit code, standard output and standard error out.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::replayed::root;

/// How a run ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Lines of standard error without the closing line of a scan, which tells how long it took.
    pub fn complaints(&self) -> Vec<&str> {
        self.err.lines().filter(|line| !is_closing_line(line)).collect()
    }

    /// Lines of NDJSON of one schema: `asset`, `finding`, `run`, `fact`.
    pub fn lines_of(&self, schema: &str) -> Vec<&str> {
        let start = format!("{{\"schema\":\"nameplate.{schema}/");
        self.out.lines().filter(|line| line.starts_with(&start)).collect()
    }
}

/// The day on which the program judges in tests.
pub const AS_OF: &str = "2026-03-02";

/// A command that runs the program with an environment that changes nothing.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nameplate"));
    command.env_remove("NAMEPLATE_LOG").env_remove("NO_COLOR").current_dir(root());
    command.env_remove("NAMEPLATE_LOG_FORMAT");
    // Whether a maker still supports something depends on the day: that of the tests is always the same.
    command.env("NAMEPLATE_AS_OF", AS_OF);
    command
}

/// Runs the program with these arguments at the top of the project.
pub fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Ran {
    run_in(root(), arguments)
}

/// Runs the program in a folder.
pub fn run_in<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Ran {
    ended(program().args(arguments).current_dir(folder).stdin(Stdio::null()))
}

/// Runs the program and feeds it.
pub fn run_with_input<A: AsRef<OsStr>>(arguments: &[A], input: &[u8]) -> Ran {
    let mut command = program();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may stop reading before the end.
    let _ = stdin.write_all(input);
    drop(stdin);
    finished(child)
}

fn ended(command: &mut Command) -> Ran {
    finished(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Waits for the end of a run that should have one: without it a mistake would hold up all tests, and tell nobody which.
fn finished(child: Child) -> Ran {
    let process = Pid::from_child(&child);
    let (ended, waited) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let is_late = waited.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if is_late {
            // It is not waited for yet, so its number is still its own.
            kill_process(process, Signal::KILL).unwrap();
        }
        is_late
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    let ran = ran(&output);
    assert!(!watch.join().unwrap(), "it did not end in {PATIENCE:?}: {} {}", ran.out, ran.err);
    ran
}

fn ran(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// Far more than the longest run of the tests takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

fn is_closing_line(line: &str) -> bool {
    line.contains(" frames in ") && line.ends_with(" s")
}

/// A capture of the project, by its path below `captures/`.
pub fn capture(name: &str) -> PathBuf {
    let path = root().join("captures").join(name);
    assert!(path.is_file(), "{} is not there", path.display());
    path
}
