//! What was seen: captures, time, devices by kind.

use std::collections::BTreeMap;

use crate::export::Report;
use crate::model::{Asset, Field, Nameplate, Timestamp};

/// What was seen, in numbers.
#[derive(Debug)]
pub(in crate::export) struct Seen {
    /// Captures read, sessions of a sensor among them.
    pub(in crate::export) captures: usize,
    /// Lists of devices that people imported.
    pub(in crate::export) lists: usize,
    /// Frames of the captures.
    pub(in crate::export) frames: u64,
    /// The earliest and the latest frame.
    pub(in crate::export) time: Option<(Timestamp, Timestamp)>,
    /// How much of that captures cover, in words: captures of two days a year apart cover two days.
    pub(in crate::export) covered: String,
    /// Devices that say what sort they are, by that, the most frequent first; the others under `None`, last.
    pub(in crate::export) kinds: Vec<(Option<Box<str>>, usize)>,
    /// Modules in chassis and units behind gateways.
    pub(in crate::export) modules: usize,
    /// Devices that say neither model nor product nor operating system.
    pub(in crate::export) nameless: usize,
    /// Devices that say what they are, and no version.
    pub(in crate::export) versionless: usize,
}

/// Counts what was seen.
pub(in crate::export) fn seen(report: &Report<'_>) -> Seen {
    let run = report.run;
    let kept = || run.captures.iter().filter(|capture| !capture.is_shed());
    let first = run.captures.iter().filter_map(|capture| capture.first).min();
    let last = run.captures.iter().filter_map(|capture| capture.last).max();
    let mut kinds: BTreeMap<Option<Box<str>>, usize> = BTreeMap::new();
    let (mut nameless, mut versionless, mut modules) = (0_usize, 0_usize, 0_usize);
    for asset in report.assets {
        let kind = asset.nameplate.value(Field::Kind).map(Box::from);
        let count = kinds.entry(kind).or_default();
        *count = count.saturating_add(1);
        let speaks = asset.is_its_only_unit();
        modules = modules.saturating_add(if speaks { 0 } else { asset.modules.len() });
        if !is_known(&asset.nameplate) {
            nameless = nameless.saturating_add(1);
        } else if version(&asset.nameplate).is_none() {
            versionless = versionless.saturating_add(1);
        }
    }
    let mut kinds: Vec<(Option<Box<str>>, usize)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, count)| (kind.is_none(), std::cmp::Reverse(*count), kind.clone()));
    Seen {
        captures: kept().count().saturating_sub(run.imports.len()),
        lists: run.imports.len(),
        frames: run.packets_read(),
        time: first.zip(last),
        covered: covered(kept().filter_map(|capture| capture.first.zip(capture.last)).collect()),
        kinds,
        modules,
        nameless,
        versionless,
    }
}

/// True when it says at least of what make it is.
fn is_known(plate: &Nameplate) -> bool {
    [Field::Model, Field::Product, Field::Os].iter().any(|field| plate.claim(*field).is_some())
}

/// The version that verdicts are about: of the firmware, else of the operating system.
pub(in crate::export) fn version(plate: &Nameplate) -> Option<&str> {
    crate::export::shown_version(plate)
}

/// What a thing is, in words: its maker and model; the product where it gives no model; the release of an operating system.
pub(in crate::export) fn product(asset: &Asset, plate: &Nameplate) -> String {
    let os = plate.value(Field::Os);
    let what = plate.value(Field::Model).or(os).or_else(|| plate.value(Field::Product));
    let vendor = plate.value(Field::Vendor);
    match (vendor, what) {
        (Some(vendor), Some(what)) if what.starts_with(vendor) => what.to_owned(),
        (Some("Microsoft"), Some(what)) => what.to_owned(),
        (Some(vendor), Some(what)) => format!("{vendor} {what}"),
        (None, Some(what)) => what.to_owned(),
        (Some(vendor), None) => format!("{vendor}, model not stated"),
        (None, None) => asset.shown_name(),
    }
}

/// How long the times together are that lie in one of these, in words.
fn covered(mut times: Vec<(Timestamp, Timestamp)>) -> String {
    times.sort();
    let (mut sum, mut until) = (0_u64, Timestamp(i64::MIN));
    for (first, last) in times {
        sum = sum.saturating_add(last.since(first.max(until)));
        until = until.max(last);
    }
    span(Timestamp(0), Timestamp(i64::try_from(sum).unwrap_or(i64::MAX)))
}

/// A time span in the largest two units that say something: `15 h 45 min`, `3 days 4 h`.
pub(in crate::export) fn span(first: Timestamp, last: Timestamp) -> String {
    let seconds = last.since(first).div_euclid(NANOSECONDS);
    let (days, hours, minutes) = (
        seconds.div_euclid(DAY),
        seconds.rem_euclid(DAY).div_euclid(HOUR),
        seconds.rem_euclid(HOUR).div_euclid(MINUTE),
    );
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, 0, _) => format!("{days} days"),
        (days, hours, _) => format!("{days} days {hours} h"),
    }
}

/// The day of a time: `2026-03-02`.
pub(in crate::export) fn day(at: Timestamp) -> String {
    crate::export::handling::date(at)
}

/// A time to the minute: `2026-03-02 06:00`.
pub(in crate::export) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..MINUTE_CHARACTERS).unwrap_or(&text).replace('T', " ")
}

const NANOSECONDS: u64 = 1_000_000_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// `2026-03-02T06:00`.
const MINUTE_CHARACTERS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_two_units() {
        let long = |seconds: i64| span(Timestamp(0), Timestamp::from_parts(seconds, 0));
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_600, "1 h"),
            (56_729, "15 h 45 min"),
            (86_400, "1 day"),
            (90_000, "1 day 1 h"),
            (172_800, "2 days"),
            (273_600, "3 days 4 h"),
        ] {
            assert_eq!(long(seconds), words);
        }
        assert_eq!(span(Timestamp(5), Timestamp(0)), "0 s", "a clock that steps back");
    }

    #[test]
    fn what_captures_cover_is_counted_once_and_what_lies_between_them_never() {
        let at = |seconds: i64| Timestamp::from_parts(seconds, 0);
        let times = vec![
            (at(100_000), at(100_120)),
            (at(0), at(3_600)),
            (at(60), at(120)),
            (at(3_000), at(4_200)),
        ];
        assert_eq!(covered(times), "1 h 12 min");
        assert_eq!(covered(Vec::new()), "0 s");
    }
}
