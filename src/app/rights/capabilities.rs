//! Capabilities: CAP_NET_RAW at most, capabilities(7).

use caps::{CapSet, Capability, CapsHashSet};

use super::Step;

/// How far it reaches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// Threads that begin from now on, and all programs: the bounding set too, and no more privileges for good.
    Process,
    /// The calling thread.
    Thread,
}

/// Drops every capability of the calling thread; CAP_NET_RAW is kept when `raw` is given and it is there.
pub(super) fn drop_all_but(raw: bool, reach: Reach) -> Step {
    let mut held = Vec::new();
    if reach == Reach::Process {
        held.extend(bound());
        if let Err(error) = rustix::thread::set_no_new_privs(true) {
            held.push(format!("programs started could have more rights ({error})"));
        }
    }
    let before = caps::read(None, CapSet::Permitted).unwrap_or_default();
    let kept: CapsHashSet = before
        .into_iter()
        .filter(|capability| raw && *capability == Capability::CAP_NET_RAW)
        .collect();
    // In this order: what is ambient must be inheritable, what is effective must be permitted.
    for (set, kept) in [
        (CapSet::Ambient, &CapsHashSet::new()),
        (CapSet::Effective, &kept),
        (CapSet::Permitted, &kept),
        (CapSet::Inheritable, &CapsHashSet::new()),
    ] {
        if let Err(error) = caps::set(None, set, kept) {
            held.push(format!("the {set:?} set could not be changed ({error})"));
        }
    }
    let text = match kept.is_empty() {
        true => "none".to_owned(),
        false => "CAP_NET_RAW only, to open an interface again".to_owned(),
    };
    match held.is_empty() {
        true => Step::done(MEASURE, text),
        false => Step::partly(MEASURE, format!("{text}; {}", held.join("; "))),
    }
}

/// Empties the bounding set, which takes a capability of its own; systemd has done it where there is none.
fn bound() -> Option<String> {
    let bounding = caps::read(None, CapSet::Bounding).unwrap_or_default();
    let more = bounding.iter().any(|capability| *capability != Capability::CAP_NET_RAW);
    if !more {
        return None;
    }
    let able = caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP);
    if !able.unwrap_or(false) {
        // Without new privileges the set is of no use to anybody; it is only untidy.
        return None;
    }
    caps::clear(None, CapSet::Bounding)
        .err()
        .map(|error| format!("the bounding set could not be emptied ({error})"))
}

const MEASURE: &str = "capabilities";
