//! The evidence of all facts in short: what does not hold, and how much of each there is.

use std::fmt::Write as _;

use crate::app::explain::page::verdict;
use crate::app::recheck::{Checks, Fact, Outcome};
use crate::export::escape::term;
use crate::model::Run;

/// A line for each fact that differs and for each capture that cannot be read again, and the counts.
pub(in crate::app) fn summary(run: &Run, facts: &[Fact], checks: &Checks) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", term(words));
    };
    let mut counts = [0_usize; KINDS.len()];
    for (fact, outcome) in facts.iter().zip(&checks.outcomes) {
        if let Some(count) = counts.get_mut(kind(outcome)) {
            *count = count.saturating_add(1);
        }
        if matches!(outcome, Outcome::Differs(_)) {
            let Fact { frame, key, value, excerpt, subject, .. } = fact;
            let name = run.capture_name(frame.capture);
            let subject = subject.as_ref().map(ToString::to_string).unwrap_or_default();
            let (number, offset, length) = (frame.number, excerpt.offset, excerpt.length);
            line(&format!("{name}#{number}  {subject}  {key} = {value}  bytes {offset}+{length}"));
            line(&format!("  {}", verdict(outcome)));
        }
    }
    for (capture, absent) in &checks.absent {
        line(&format!("{}: {}", run.capture_name(*capture), absent.words()));
    }
    line(&format!("{} facts checked", facts.len()));
    for (words, count) in KINDS.iter().zip(counts) {
        line(&format!("{count:>COUNT_WIDTH$}  {words}"));
    }
    text
}

/// The place of an outcome in [`KINDS`].
fn kind(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::DecodedAgain => 0,
        Outcome::SameBytes(_) => 1,
        Outcome::KeptBytes(_, Some(_)) => 2,
        Outcome::KeptBytes(_, None) => 3,
        Outcome::Differs(_) => 4,
    }
}

const KINDS: [&str; 5] = [
    "bytes as kept, value decoded again",
    "bytes as kept; told once of a host, not decoded again",
    "read from the bytes that were kept",
    "not checked",
    "differ",
];
const COUNT_WIDTH: usize = 9;
