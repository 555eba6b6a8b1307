//! What could not be seen: a report that is silent about it would be taken for "nothing there".

use std::collections::{BTreeMap, BTreeSet};

use crate::export::Report;
use crate::export::brief::seen::Seen;
use crate::export::table::plural;
use crate::model::limits::REPORT_NAMES_MAX;
use crate::model::{Port, Run};

/// One thing that could not be seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::export) struct Gap {
    /// What it is about, in a few words.
    pub(in crate::export) about: &'static str,
    /// What is missing, as a sentence. Names in it may come from the wire.
    pub(in crate::export) what: String,
    /// True where something was lost that should have been there; false for what passive listening never shows.
    pub(in crate::export) is_loss: bool,
}

/// All of them: losses first, then the limits of listening.
pub(in crate::export) fn gaps(report: &Report<'_>, seen: &Seen) -> Vec<Gap> {
    let run = report.run;
    let mut gaps = Vec::new();
    inputs(run, &mut gaps);
    lost(run, &mut gaps);
    one_way(report, &mut gaps);
    hidden(run, &mut gaps);
    unread(report, &mut gaps);
    silent(report, seen, &mut gaps);
    coverage(report, seen, &mut gaps);
    advisories(run, &mut gaps);
    gaps.sort_by_key(|gap| !gap.is_loss);
    gaps
}

fn loss(about: &'static str, what: String) -> Gap {
    Gap { about, what, is_loss: true }
}

fn limit(about: &'static str, what: String) -> Gap {
    Gap { about, what, is_loss: false }
}

fn inputs(run: &Run, gaps: &mut Vec<Gap>) {
    gaps.extend(run.failed.iter().map(|failed| loss("Not read", failed.clone())));
    if run.stopped {
        let what = "a person ended the run before the end of its inputs".to_owned();
        gaps.push(loss("Not read", what));
    }
    let incomplete = run.captures.iter().filter_map(|capture| {
        let why = capture.incomplete.as_ref().filter(|why| !run.failed.contains(why))?;
        Some(loss("Incomplete", format!("{}: {why}", capture.name)))
    });
    let incomplete: Vec<Gap> = incomplete.collect();
    let more = incomplete.len().saturating_sub(REPORT_NAMES_MAX);
    gaps.extend(incomplete.into_iter().take(REPORT_NAMES_MAX));
    if more > 0 {
        gaps.push(loss("Incomplete", format!("and {}", plural(more, "other input"))));
    }
}

/// Packets, bytes and facts that were dropped on the way.
fn lost(run: &Run, gaps: &mut Vec<Gap>) {
    let count = |name: &str| run.counters.count(name);
    let stream = count("stream.gaps");
    if stream > 0 {
        let bytes = count("stream.gap_bytes");
        gaps.push(loss(
            "Packets missing",
            format!("{stream} gaps in TCP conversations, {bytes} bytes: the mirror or the capture lost packets there"),
        ));
    }
    let sums = |ends: &[&str]| {
        let counters = run.counters.iter();
        counters
            .filter(|(name, _)| ends.iter().any(|end| name.ends_with(end)))
            .fold(0_u64, |sum, (_, count)| sum.saturating_add(count))
    };
    let dropped =
        sums(&[".frames_lost", ".frames_shed", ".observations_lost", ".observations_dropped"]);
    if dropped > 0 {
        let what = format!("{dropped} frames or facts were dropped because queues were full");
        gaps.push(loss("Dropped", what));
    }
    let damaged = sums(&[".damaged"]);
    if damaged > 0 {
        let what =
            format!("{damaged} messages did not hold what they promised, and were read in part");
        gaps.push(loss("Damaged", what));
    }
    let panics = sums(&[".panics", ".protocols_switched_off"]);
    if panics > 0 {
        let what = format!("a reader of a protocol failed {panics} times: please report it");
        gaps.push(loss("Failed", what));
    }
    let capped = sums(&[
        "_over_limit",
        "_beyond_cap",
        "_pushed_out",
        "_given_up",
        "_forgotten",
        "_too_many",
        "_too_long",
        "_left_out",
    ]);
    if capped > 0 {
        let what = format!(
            "{capped} items were beyond a cap and not kept; the counters at the end name each"
        );
        gaps.push(loss("Caps", what));
    }
}

/// TCP conversations of which one direction was seen: a mirror port that is set to receive or to send only.
fn one_way(report: &Report<'_>, gaps: &mut Vec<Gap>) {
    let tcp = |port: Port| matches!(port, Port::Tcp(_) | Port::TcpDynamic);
    let all = report.talks.iter().map(|talk| talk.conversation).filter(|one| tcp(one.port));
    let (mut whole, mut half) = (0_usize, 0_usize);
    for conversation in all {
        let is_half = conversation.packets.contains(&0);
        let count = if is_half { &mut half } else { &mut whole };
        *count = count.saturating_add(1);
    }
    if half > 0 {
        let all = plural(whole.saturating_add(half), "TCP conversation");
        let what = format!(
            "of {half} of {all} only one direction was seen: nobody answered, or the port of capture shows one side"
        );
        gaps.push(loss("One-way", what));
    }
}

/// What was encrypted, by protocol.
fn hidden(run: &Run, gaps: &mut Vec<Gap>) {
    let parts: Vec<String> = run
        .counters
        .iter()
        .filter(|(name, _)| HIDDEN.iter().any(|word| name.contains(word)))
        .map(|(name, count)| {
            let (place, what) = name.split_once('.').unwrap_or((name, ""));
            format!("{place}: {count} {}", what.replace('_', " "))
        })
        .collect();
    if !parts.is_empty() {
        gaps.push(limit("Encrypted", parts.join("; ")));
    }
}

/// Conversations in protocols that nothing here reads.
fn unread(report: &Report<'_>, gaps: &mut Vec<Gap>) {
    let mut ports: BTreeMap<Port, (usize, u64)> = BTreeMap::new();
    for talk in report.talks {
        let conversation = talk.conversation;
        if conversation.protocol.is_none() {
            let (count, bytes) = ports.entry(conversation.port).or_default();
            *count = count.saturating_add(1);
            *bytes = conversation.bytes.iter().fold(*bytes, |sum, one| sum.saturating_add(*one));
        }
    }
    if ports.is_empty() {
        return;
    }
    let all = ports.values().fold(0_usize, |sum, (count, _)| sum.saturating_add(*count));
    let mut ports: Vec<(Port, (usize, u64))> = ports.into_iter().collect();
    ports.sort_by_key(|(port, (count, bytes))| (std::cmp::Reverse((*bytes, *count)), *port));
    let names: Vec<String> =
        ports.iter().take(REPORT_NAMES_MAX).map(|(port, _)| port.to_string()).collect();
    let more = ports.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} other ports") } else { String::new() };
    let all = plural(all, "conversation");
    let what = format!(
        "{all} in protocols that are not read, or not recognised: {}{more}",
        names.join(", ")
    );
    gaps.push(limit("Unread", what));
}

fn silent(report: &Report<'_>, seen: &Seen, gaps: &mut Vec<Gap>) {
    let all = report.assets.len();
    if seen.nameless > 0 {
        let what = format!(
            "{} of {} said nothing of what they are: no advisory can be held against them",
            seen.nameless,
            plural(all, "device")
        );
        gaps.push(limit("Silent", what));
    }
    if seen.versionless > 0 {
        let what =
            format!("{} said what they are and no version", plural(seen.versionless, "device"));
        gaps.push(limit("No version", what));
    }
}

/// Which part of the plant, and for how long.
fn coverage(report: &Report<'_>, seen: &Seen, gaps: &mut Vec<Gap>) {
    if seen.time.is_some() {
        let what = format!(
            "{} of traffic: what was switched off, or speaks less often, is not here",
            seen.covered
        );
        gaps.push(limit("Time", what));
    }
    let scopes = report.assets.iter().flat_map(|asset| asset.scopes.iter());
    let vlans: BTreeSet<u16> = scopes.map(|scope| scope.vlan).collect();
    let mut places: Vec<String> =
        vlans.iter().filter(|vlan| **vlan != 0).map(|vlan| format!("VLAN {vlan}")).collect();
    if vlans.contains(&0) {
        places.push("untagged frames".to_owned());
    }
    let more = places.len().saturating_sub(REPORT_NAMES_MAX);
    places.truncate(REPORT_NAMES_MAX);
    if more > 0 {
        places.push(format!("{more} others"));
    }
    let places = if places.is_empty() { "nothing".to_owned() } else { places.join(", ") };
    let what = format!(
        "only what passed the points of capture ({places}); switched traffic between two devices elsewhere passes none"
    );
    gaps.push(limit("Place", what));
}

fn advisories(run: &Run, gaps: &mut Vec<Gap>) {
    let bundle = &run.bundle;
    let newest = bundle.newest.as_deref().and_then(|newest| newest.get(..10));
    let dated = newest.map(|newest| format!(", the newest of {newest}")).unwrap_or_default();
    let is_built_in = bundle.origin == BUILT_IN;
    let hint = if is_built_in { ": these come with the program and are no feed" } else { "" };
    let what = format!(
        "held against {}{dated}{hint}; what no document lists is not judged",
        plural(bundle.documents, "advisory")
    );
    gaps.push(limit("Advisories", what));
    if bundle.unread > 0 {
        let what = format!("{} could not be read", plural(bundle.unread, "advisory"));
        gaps.push(loss("Advisories", what));
    }
    if !bundle.kev {
        let what = "no catalogue of known exploited vulnerabilities was loaded: nothing here says what is being exploited".to_owned();
        gaps.push(limit("Exploitation", what));
    }
}

/// What counters call that which no reader can look into.
const HIDDEN: [&str; 4] = ["encrypted", "sealed", "macsec", "compressed"];
/// What knowledge calls the advisories of the program itself.
const BUILT_IN: &str = "built in";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CaptureInfo;

    #[test]
    fn what_was_lost_is_told_before_what_was_never_to_be_seen() {
        let mut run = Run { failed: vec!["cannot read x".to_owned()], ..Run::default() };
        run.counters.add("stream.gaps", 2);
        run.counters.add("smb.encrypted_messages", 7);
        run.counters.add("mdns.names_beyond_cap", 3);
        let capture = CaptureInfo { incomplete: Some("cut".to_owned()), ..CaptureInfo::shed() };
        run.captures.push(capture);
        let mut gaps = Vec::new();
        inputs(&run, &mut gaps);
        lost(&run, &mut gaps);
        hidden(&run, &mut gaps);
        advisories(&run, &mut gaps);
        gaps.sort_by_key(|gap| !gap.is_loss);
        let about: Vec<&str> = gaps.iter().map(|gap| gap.about).collect();
        let losses = ["Not read", "Incomplete", "Packets missing", "Caps"];
        assert_eq!(about, [&losses[..], &["Encrypted", "Advisories", "Exploitation"]].concat());
        assert!(gaps.iter().any(|gap| gap.what == "smb: 7 encrypted messages"), "{gaps:?}");
    }
}
