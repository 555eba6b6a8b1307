//! The machine: what this process may do, how much memory there is, whether the clock can be believed, what a crash would leave behind.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::check::{Check, Level};

/// Looks at the machine, for a sensor on so many ports.
pub(super) fn checks(ports: usize) -> Vec<Check> {
    let status = read("/proc/self/status");
    let limits = read("/proc/self/limits");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut checks = vec![rights(&status), memory(&read("/proc/meminfo"), ports)];
    checks.extend([clock(now.as_secs()), time_service()]);
    checks.extend([core_dumps(&limits), open_files(&limits)]);
    checks
}

fn rights(status: &str) -> Check {
    let Some(may) = field(status, "CapEff:").and_then(|hex| u64::from_str_radix(hex, 16).ok())
    else {
        return skipped("rights", "this system does not tell what a process may do");
    };
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let is_root = user.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0");
    let give = || {
        let program = std::env::current_exe().unwrap_or_else(|_| "nameplate".into());
        let program = program.to_string_lossy().into_owned();
        format!("setcap cap_net_raw+ep {}", crate::export::escape::shell(&program))
    };
    match (may & CAP_NET_RAW != 0, is_root) {
        (true, true) => new("rights", Level::Warn, "runs as root, which is more than it needs: CAP_NET_RAW is enough")
            .helped_by(give()),
        (true, false) => new("rights", Level::Ok, "CAP_NET_RAW, and not root"),
        (false, _) => new("rights", Level::Fail, "this process may not capture: it needs CAP_NET_RAW, which a service gets by AmbientCapabilities=CAP_NET_RAW")
            .helped_by(give()),
    }
}

fn memory(meminfo: &str, ports: usize) -> Check {
    let free = field(meminfo, "MemAvailable:").and_then(|kib| kib.parse::<u64>().ok());
    let Some(free) = free.map(|kib| kib.checked_div(1_024).unwrap_or(0)) else {
        return skipped("memory", "this system does not tell how much memory is free");
    };
    let rings = u64::try_from(ports.max(1)).unwrap_or(1).saturating_mul(RING_MIB);
    let needed = rings.saturating_add(ENGINE_MIB);
    let level = if free < needed { Level::Warn } else { Level::Ok };
    let text = format!("{free} MiB free; a sensor with this many ports may take {needed} MiB");
    new("memory", level, &text)
}

fn clock(seconds: u64) -> Check {
    let at = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX));
    let day = at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
    if (EARLIEST..LATEST).contains(&seconds) {
        return new("clock", Level::Ok, &format!("it is {day}"));
    }
    let text = format!("it says {day}, which cannot be: every packet would be dated so");
    new("clock", Level::Fail, &text).helped_by("timedatectl set-ntp true".to_owned())
}

/// Whether somebody keeps the clock. Who keeps it is asked for no figures: the answer would come over a socket.
fn time_service() -> Check {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return new("time", Level::Ok, "synchronised by systemd-timesyncd");
    }
    let runs = |(_, file, _): &&(&str, &str, &str)| Path::new(file).exists();
    match TIME_SERVICES.iter().find(runs) {
        Some((name, _, ask)) => {
            let text = format!("{name} runs; whether it has found the time it tells itself");
            skipped("time", &text).helped_by((*ask).to_owned())
        }
        None => skipped("time", "no time service was found; without one, packets of several sensors cannot be put in order")
            .helped_by("timedatectl".to_owned()),
    }
}

fn core_dumps(limits: &str) -> Check {
    match limit(limits, "Max core file size") {
        Some("0") => new("core", Level::Ok, "a crash leaves no memory dump behind"),
        Some(_) => new(
            "core",
            Level::Warn,
            "a crash may leave a dump of memory behind, with bytes off the wire in it",
        )
        .helped_by("ulimit -c 0, or LimitCORE=0 in the service".to_owned()),
        None => skipped("core", "this system does not tell whether a crash leaves a dump"),
    }
}

fn open_files(limits: &str) -> Check {
    match limit(limits, "Max open files") {
        Some(most) if most.parse::<u64>().is_ok_and(|most| most < OPEN_FILES_MIN) => {
            new("files", Level::Warn, &format!("only {most} open files are allowed")).helped_by(
                format!(
                    "ulimit -n {OPEN_FILES_MIN}, or LimitNOFILE={OPEN_FILES_MIN} in the service"
                ),
            )
        }
        Some(most) => new("files", Level::Ok, &format!("{most} open files are allowed")),
        None => skipped("files", "this system does not tell how many files may be open"),
    }
}

/// The limit in force: the first of two behind the name, proc(5).
fn limit<'a>(limits: &'a str, name: &str) -> Option<&'a str> {
    limits.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
}

/// A file of the kernel; empty where it is not there.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn new(name: &'static str, level: Level, text: &str) -> Check {
    Check::new("machine", name, level, text)
}

fn skipped(name: &'static str, why: &str) -> Check {
    new(name, Level::Skip, why)
}

/// Bit 13, capabilities(7).
const CAP_NET_RAW: u64 = 1 << 13;

/// The ring of one port, and what engine and ledger may take.
const RING_MIB: u64 = 64;
const ENGINE_MIB: u64 = 512;

/// 2026 and 2100: before the first the program was not there.
const EARLIEST: u64 = 1_767_225_600;
const LATEST: u64 = 4_102_444_800;

const OPEN_FILES_MIN: u64 = 256;

/// Other services that keep the clock, a file that is there while they run, and how to ask them.
const TIME_SERVICES: &[(&str, &str, &str)] = &[
    ("chrony", "/run/chrony/chronyd.pid", "chronyc tracking"),
    ("ntpd", "/run/ntpd.pid", "ntpq -p"),
    ("ptp4l", "/run/ptp4l", "pmc -u -b 0 'GET TIME_STATUS_NP'"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str =
        "Name:\tnameplate\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000002000\n";

    #[test]
    fn the_one_right_is_enough_and_root_is_too_much() {
        assert_eq!(rights(STATUS).level, Level::Ok);
        assert_eq!(rights(&STATUS.replace("1000", "0")).level, Level::Warn);
        let none = rights(&STATUS.replace("2000\n", "0000\n"));
        assert_eq!(none.level, Level::Fail);
        assert!(none.remedy.is_some_and(|remedy| remedy.starts_with("setcap cap_net_raw+ep ")));
        assert_eq!(rights("").level, Level::Skip);
    }

    #[test]
    fn a_clock_that_was_never_set_fails() {
        assert_eq!(clock(0).level, Level::Fail);
        assert_eq!(clock(u64::MAX).level, Level::Fail);
        assert_eq!(clock(1_800_000_000).level, Level::Ok);
    }

    #[test]
    fn limits_are_those_in_force() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax core file size  0  unlimited  bytes\nMax open files  128  4096  files\n";
        assert_eq!(core_dumps(limits).level, Level::Ok);
        assert_eq!(open_files(limits).level, Level::Warn);
        assert_eq!(core_dumps("").level, Level::Skip);
    }

    #[test]
    fn every_port_needs_a_ring() {
        let meminfo = "MemTotal: 900000 kB\nMemAvailable: 614400 kB\n";
        assert_eq!(memory(meminfo, 1).level, Level::Ok);
        assert_eq!(memory(meminfo, 2).level, Level::Warn);
    }
}
