//! The evidence of all facts in short: what does not hold, and how much of each there is.

use std::fmt::Write as _;

use crate::app::explain::page::verdict;
use crate::app::recheck::{Absent, Checks, Fact, Outcome};
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
    let mut gone = 0_usize;
    for (fact, outcome) in facts.iter().zip(&checks.outcomes) {
        if let Some(count) = counts.get_mut(kind(outcome)) {
            *count = count.saturating_add(1);
        }
        let is_gone = matches!(outcome, Outcome::KeptBytes(Absent::NotKept(_) | Absent::Part, _));
        gone = gone.saturating_add(usize::from(is_gone));
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
    if gone > 0 {
        line(&format!(
            "{gone} facts rest on frames that the store of the sensor does not hold, or not whole; explain says of each why"
        ));
    }
    line(&format!("{} facts checked", facts.len()));
    // What only a sensor can leave behind is told where it did.
    let is_told = |(at, count): (usize, usize)| at != SAME_FRAME || count > 0;
    let kinds = KINDS.iter().zip(counts).enumerate();
    for (_, (words, count)) in kinds.filter(|(at, (_, count))| is_told((*at, *count))) {
        line(&format!("{count:>COUNT_WIDTH$}  {words}"));
    }
    text
}

/// The place of an outcome in [`KINDS`].
fn kind(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::DecodedAgain => 0,
        Outcome::SameBytes(_) => 1,
        Outcome::SameFrame(_) => SAME_FRAME,
        Outcome::KeptBytes(_, Some(_)) => 3,
        Outcome::KeptBytes(_, None) => 4,
        Outcome::Differs(_) => 5,
    }
}

const SAME_FRAME: usize = 2;
const KINDS: [&str; 6] = [
    "bytes as kept, value decoded again",
    "bytes as kept; told once of a host, not decoded again",
    "bytes as in the frame of a sensor; what they mean rests on frames that were not kept",
    "read from the bytes that were kept",
    "not checked",
    "differ",
];
const COUNT_WIDTH: usize = 9;
