//! Listening for a while, on all ports at once, and what the ports and the kernel say of it.

use std::thread;
use std::time::{Duration, Instant};

use crate::capture::{Batch, CaptureError, Filled, Live, LiveOptions, LiveTally, Port};
use crate::export::escape::shell;

use super::check::{Check, Level};
use super::mirror::Mirror;

/// Opens each port, listens on it if that is asked for, and tells what came of it.
pub(super) fn checks(
    interfaces: &[String],
    listen: Option<Duration>,
    begins: &dyn Fn(Duration),
) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut opened = Vec::new();
    for name in interfaces {
        let before = Port::read(name);
        match Live::open(name, 0, &LiveOptions::default()) {
            Ok(live) => opened.push((live, before)),
            // A port that is not there was told of already.
            Err(CaptureError::NoInterface { .. }) => {}
            Err(error) => checks.push(Check::new(name, "capture", Level::Fail, error.to_string())),
        }
    }
    let Some(time) = listen else {
        checks.extend(opened.iter_mut().map(|(live, _)| can_be_opened(live)));
        return checks;
    };
    begins(time);
    let listeners: Vec<_> = opened
        .into_iter()
        .map(|(live, before)| {
            let name = live.interface().to_owned();
            (name, thread::spawn(move || heard(live, before.as_ref(), time)))
        })
        .collect();
    for (name, listener) in listeners {
        checks.extend(match listener.join() {
            Ok(Ok(heard)) => heard,
            Ok(Err(error)) => vec![Check::new(&name, "capture", Level::Fail, error.to_string())],
            Err(_) => {
                let text =
                    "looking at what came in failed on an error of the program: please report it";
                vec![Check::new(&name, "capture", Level::Fail, text)]
            }
        });
    }
    checks
}

fn can_be_opened(live: &mut Live) -> Check {
    let name = live.interface().to_owned();
    if live.tally().openings == 0 {
        let text = "it is down, and can be opened when it is up";
        return Check::new(&name, "capture", Level::Skip, text);
    }
    Check::new(&name, "capture", Level::Ok, "it can be opened; what comes in was not looked at")
        .helped_by(format!("nameplate doctor -i {} --listen 10s", shell(&name)))
}

/// Listens on one port.
fn heard(
    mut live: Live,
    before: Option<&Port>,
    time: Duration,
) -> Result<Vec<Check>, CaptureError> {
    let mut mirror = Mirror::new(before.and_then(|port| port.mac));
    let mut batch = Batch::default();
    let started = Instant::now();
    let mut was_gone = false;
    while started.elapsed() < time && !was_gone {
        batch.clear();
        let left = time.saturating_sub(started.elapsed());
        match live.fill(&mut batch, left.min(WAIT))? {
            Filled::Frames => batch.frames().for_each(|frame| mirror.frame(&frame)),
            Filled::Gone => was_gone = true,
            Filled::Silent | Filled::Down => {}
        }
    }
    let spent = started.elapsed();
    let name = live.interface().to_owned();
    let after = Port::read(&name);
    let mut checks = vec![capture(&name, was_gone)];
    checks.extend(mirror.checks(&name, spent));
    checks.push(lost(&name, &live.tally()));
    checks.push(sent(&name, before, after.as_ref()));
    Ok(checks)
}

fn capture(name: &str, was_gone: bool) -> Check {
    if was_gone {
        return Check::new(
            name,
            "capture",
            Level::Fail,
            "the port went away while it was listened on",
        );
    }
    Check::new(name, "capture", Level::Ok, "it can be opened")
}

fn lost(name: &str, tally: &LiveTally) -> Check {
    let LiveTally { received, dropped_by_kernel, dropped_by_interface, .. } = *tally;
    let lost = dropped_by_kernel.saturating_add(dropped_by_interface);
    let text = format!(
        "{dropped_by_kernel} of {received} frames were lost in the kernel, {dropped_by_interface} before it"
    );
    let level = if lost > 0 { Level::Warn } else { Level::Ok };
    let check = Check::new(name, "drops", level, text);
    if lost == 0 { check } else { check.helped_by(format!("ethtool -S {}", shell(name))) }
}

/// Whether this machine sent on the port while it was listened on. Nobody else could have.
fn sent(name: &str, before: Option<&Port>, after: Option<&Port>) -> Check {
    let new = |level, text: String| Check::new(name, "passive", level, text);
    let (Some(before), Some(after)) = (before, after) else {
        return new(Level::Skip, "nobody counts what this port sends".to_owned());
    };
    if before.index != after.index {
        return new(Level::Skip, "the port was made anew meanwhile".to_owned());
    }
    match after.counters.transmitted.saturating_sub(before.counters.transmitted) {
        0 => new(Level::Ok, "nothing was sent meanwhile".to_owned()),
        sent => new(
            Level::Fail,
            format!("this machine sent {sent} packets meanwhile: some other program or the system itself uses the port"),
        )
        .helped_by(format!("nameplate doctor -i {} --fix", shell(name))),
    }
}

/// Often enough to end in time.
const WAIT: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::live::PortCounters;

    #[test]
    fn a_port_that_sent_fails() {
        let port = |transmitted| {
            let counters = PortCounters { transmitted, ..PortCounters::default() };
            Some(Port { index: 4, counters, ..Port::default() })
        };
        let level = |before: &Option<Port>, after: &Option<Port>| {
            sent("x", before.as_ref(), after.as_ref()).level
        };
        assert_eq!(level(&port(7), &port(7)), Level::Ok);
        assert_eq!(level(&port(7), &port(8)), Level::Fail);
        assert_eq!(level(&port(7), &None), Level::Skip);
    }

    #[test]
    fn what_was_lost_is_told_wherever_it_was() {
        let tally = LiveTally { received: 10, ..LiveTally::default() };
        assert_eq!(lost("x", &tally).level, Level::Ok);
        for tally in [
            LiveTally { dropped_by_kernel: 1, ..tally },
            LiveTally { dropped_by_interface: 1, ..tally },
        ] {
            assert_eq!(lost("x", &tally).level, Level::Warn);
        }
    }
}
