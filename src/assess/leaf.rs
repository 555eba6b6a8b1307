//! A product that the device met, and the limits that its name carries.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::advisory::Names;
use crate::advisory::range::{self, Predicate, Reading, What};
use crate::assess::product::Match;
use crate::model::advisory::{Product, Stated};
use crate::model::version::{Bound, Range, Scheme, Version};

/// A product of the document that the device met.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'a> {
    /// Its place in the document's list of products.
    pub(super) at: usize,
    /// The product.
    pub(super) product: &'a Product,
    /// How the device met it.
    pub(super) met: Match,
    /// Its version text, read.
    pub(super) reading: Reading,
    /// What its name is limited to.
    pub(super) limits: Limits,
}

impl<'a> Leaf<'a> {
    /// A product that was met, with its version text read.
    pub(super) fn new(at: usize, product: &'a Product, met: Match, scheme: Scheme) -> Self {
        let read = range::read(&product.version, product.stated, scheme);
        let reading = with_condition(&product.name, with_serial(&product.name, read));
        let reading = Reading { narrowed: reading.narrowed.or(beside(product)), ..reading };
        Self { at, product, met, reading, limits: Limits::default() }
    }

    /// Reads what its name is limited to.
    pub(super) fn limit(&mut self, scheme: Scheme, names: &Names) {
        self.limits = Limits::of(self.product, &self.reading, scheme, names);
    }

    /// Whether a range of it has no upper end.
    pub(super) fn is_endless(&self) -> bool {
        match &self.reading.what {
            What::All | What::Models(_) => true,
            What::Spans { spans, .. } => spans.iter().any(|range| range.to.is_none()),
            What::Nothing | What::Unread => false,
        }
    }

    /// Upper ends of its ranges.
    pub(super) fn ends(&self) -> Vec<&Bound> {
        match &self.reading.what {
            What::Spans { spans, .. } => {
                spans.iter().filter_map(|range| range.to.as_ref()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Both ends of its ranges.
    pub(super) fn limits_of_ranges(&self) -> Vec<&Version> {
        let What::Spans { spans, .. } = &self.reading.what else { return Vec::new() };
        let ends = spans.iter().flat_map(|range| [&range.from, &range.to]).flatten();
        ends.map(|bound| &bound.version).collect()
    }

    /// Whether a version follows one that it names exactly.
    pub(super) fn is_behind_exact(&self, version: &Version) -> bool {
        self.exact().any(|named| version.compare(named) == Some(Ordering::Greater))
    }

    /// Whether it names a version exactly that is not before the first of these, and before the second.
    pub(super) fn is_exact_between(&self, first: &Version, second: &Version) -> bool {
        self.exact().any(|named| {
            first.compare(named).is_some_and(|order| order != Ordering::Greater)
                && second.compare(named) == Some(Ordering::Greater)
        })
    }

    /// The versions that it names exactly.
    fn exact(&self) -> impl Iterator<Item = &Version> {
        let spans: &[Range] = match &self.reading.what {
            What::Spans { spans, .. } => spans,
            _ => &[],
        };
        let exact = spans.iter().filter(|range| range.is_exact());
        exact.filter_map(|range| range.to.as_ref()).map(|bound| &bound.version)
    }
}

/// What of a product no version tells: the serial numbers that it is listed with, or what it is a part of, or stands beside.
fn beside(product: &Product) -> Option<Predicate> {
    let serial = (!product.serials.is_empty()).then_some(Predicate::Serial);
    serial.or(product.beside.then_some(Predicate::Configuration))
}

/// "Q03UDECPU: the first 5 digits of serial No." before "<= 23121": the numbers may be serial numbers, and no versions.
fn with_serial(name: &str, reading: Reading) -> Reading {
    const SERIAL_DIGITS: u64 = 10_000;
    if reading.narrowed.is_some() || !name.to_lowercase().contains("serial n") {
        return reading;
    }
    let narrowed = Some(Predicate::Serial);
    let counts_serials = match &reading.what {
        What::Spans { spans, .. } => {
            spans.iter().flat_map(|range| [&range.from, &range.to]).flatten().any(|bound| {
                bound.version.numbers().first().is_some_and(|one| *one >= SERIAL_DIGITS)
            })
        }
        _ => false,
    };
    let what = if counts_serials { What::All } else { reading.what };
    Reading { what, narrowed }
}

/// "SIMATIC S7-400 CPU hardware version 4.0 and below", "Kinetix 5500 devices manufactured between May 2022 and January 2023": what
/// the version text does not say, the name does.
fn with_condition(name: &str, reading: Reading) -> Reading {
    const IN_NAMES: [(&str, Predicate); 8] = [
        ("hardware version", Predicate::FunctionState),
        ("hardware revision", Predicate::FunctionState),
        ("hw version", Predicate::FunctionState),
        ("hw rev", Predicate::FunctionState),
        ("function state", Predicate::FunctionState),
        ("manufactured", Predicate::Date),
        ("produced between", Predicate::Date),
        ("production date", Predicate::Date),
    ];
    let lower = name.to_lowercase();
    let found = IN_NAMES.iter().find(|(words, _)| lower.contains(words));
    let narrowed = reading.narrowed.or(found.map(|(_, predicate)| *predicate));
    Reading { narrowed, ..reading }
}

/// Limits that a product's name carries.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// Series letters.
    pub(super) series: BTreeSet<char>,
    /// Signed or unsigned firmware.
    pub(super) signed: Option<bool>,
    /// Release train: "4", "<4", "<=6".
    pub(super) train: Option<String>,
}

impl Limits {
    /// Reads the limits in a product's names.
    fn of(product: &Product, reading: &Reading, scheme: Scheme, names: &Names) -> Self {
        let mut limits = Self::default();
        for text in crate::advisory::name::texts(product) {
            let name = names.name(text);
            if limits.series.is_empty() && scheme == Scheme::Rockwell {
                limits.series.clone_from(&name.series);
            }
            limits.signed = limits.signed.or(name.signed);
            // The full name repeats the range: only a name of its own can be limited to a train.
            let own = *text == *product.name
                && (product.stated == Stated::Nothing || product.name != product.full_name);
            if scheme == Scheme::Siemens && own {
                limits.train = name.train.clone().filter(|train| is_beside(train, reading, scheme));
            }
        }
        limits
    }

    /// Whether a device of a series may be meant; `None` is one of which the series was not seen.
    pub(super) fn may_be_of(&self, series: Option<char>) -> bool {
        series.is_none_or(|letter| self.series.is_empty() || self.series.contains(&letter))
    }

    /// Whether a version is on the train that the name is limited to; `None` when that cannot be known.
    pub(super) fn admit(&self, version: Option<&Version>) -> Option<bool> {
        let Some(train) = &self.train else { return Some(true) };
        let version = version?;
        let limit = Version::new(train.trim_start_matches(['<', '=']), version.scheme());
        if version.begins(&limit) || version.numbers().is_empty() {
            return None;
        }
        let mut numbers = version.numbers();
        numbers.resize(numbers.len().max(limit.numbers().len()), 0);
        let on = numbers.starts_with(&limit.numbers());
        match (train.starts_with("<="), train.starts_with('<'), version.compare(&limit)?) {
            (true, _, order) => Some(on || order == Ordering::Less),
            (false, true, order) => Some(!on && order == Ordering::Less),
            (false, false, _) => Some(on),
        }
    }
}

/// Whether a train and a range can stand beside each other: each upper end is on the train and not its beginning. "V3.50"
/// in the name beside "< V3.50" is the range once more, and limits nothing.
fn is_beside(train: &str, reading: &Reading, scheme: Scheme) -> bool {
    let What::Spans { spans, .. } = &reading.what else { return true };
    if train.starts_with('<') {
        return true;
    }
    let limit = Version::new(train, scheme);
    spans.iter().filter_map(|range| range.to.as_ref()).all(|bound| {
        bound.version.numbers().starts_with(&limit.numbers())
            && bound.version.compare(&limit) == Some(Ordering::Greater)
    })
}
