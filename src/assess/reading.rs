//! All readings that the evidence allows, and the one verdict when they agree.
//!
//! What the wire did not say (series letter, signed or unsigned, a version, the meaning of "33 and prior") is not guessed:
//! every possibility is judged, and only a verdict that holds in all of them is given. Otherwise the answer is unknown,
//! with the one fact that would settle it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::advisory::range::{self, Predicate, What};
use crate::assess::device::Device;
use crate::assess::explain;
use crate::assess::fixes::{self, Fixed, Side};
use crate::assess::leaf::Leaf;
use crate::assess::trains::{self, Place};
use crate::model::advisory::Stated;
use crate::model::finding::{Verdict, Why};
use crate::model::version::{Bound, Range, Scheme, Version};

/// A verdict with the steps to it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// The verdict.
    pub(super) verdict: Verdict,
    /// One sentence per step.
    pub(super) because: Vec<String>,
    /// What settled it, as a JSON pointer.
    pub(super) clause: String,
}

/// Whether a version is among those affected.
#[derive(Clone, Debug)]
enum Among {
    /// In a range; `open` when it has no upper end of its own, so that a named fix ends it.
    Yes { open: bool },
    /// In none; `before` when it is older than the first affected.
    No { before: bool },
    /// It depends; `open` as for yes, should it be one.
    Perhaps { why: Why, open: bool },
}

/// Judges a device against the products it met, for one vulnerability.
pub(super) fn judge(
    device: &Device<'_>,
    leaves: &[&Leaf<'_>],
    fixes: &dyn Fn(&BTreeSet<usize>) -> Vec<Fixed>,
) -> Judged {
    let letters: BTreeSet<char> =
        leaves.iter().flat_map(|leaf| leaf.limits.series.iter().copied()).collect();
    let series: Vec<Option<char>> = match device.series {
        Some(letter) => vec![Some(letter)],
        None if letters.is_empty() => vec![None],
        None => letters.into_iter().map(Some).collect(),
    };
    let kinds: BTreeSet<bool> = leaves.iter().filter_map(|leaf| leaf.limits.signed).collect();
    let kinds: Vec<Option<bool>> =
        if kinds.is_empty() { vec![None] } else { kinds.into_iter().map(Some).collect() };
    let mut readings: Vec<(Why, Judged)> = Vec::new();
    for letter in &series {
        for kind in &kinds {
            let chosen: Vec<&Leaf<'_>> = leaves
                .iter()
                .filter(|leaf| {
                    leaf.limits.series.is_empty()
                        || letter.is_none_or(|letter| leaf.limits.series.contains(&letter))
                })
                .filter(|leaf| {
                    leaf.limits.signed.is_none() || kind.is_none() || leaf.limits.signed == *kind
                })
                .copied()
                .collect();
            let why = if series.len() > 1 { Why::SeriesLetter } else { Why::SignedOrUnsigned };
            let places = chosen.iter().map(|leaf| leaf.at).collect();
            readings.push((why, judge_reading(device, &chosen, &fixes(&places), *letter, leaves)));
        }
    }
    agree(readings)
}

/// The verdict of all readings when they agree.
fn agree(readings: Vec<(Why, Judged)>) -> Judged {
    let mut readings = readings.into_iter();
    let Some((why, first)) = readings.next() else {
        return Judged {
            verdict: Verdict::Unknown(Why::Model),
            because: Vec::new(),
            clause: String::new(),
        };
    };
    let mut agreed = first;
    let mut several = false;
    for (_, next) in readings {
        several = true;
        if next.verdict != agreed.verdict {
            let unknown =
                [&agreed.verdict, &next.verdict].into_iter().find_map(|verdict| match verdict {
                    Verdict::Unknown(why) => Some(*why),
                    _ => None,
                });
            let why = unknown.unwrap_or(why);
            let mut because = agreed.because;
            because.push(format!(
                "another reading gives {:?}: it takes the {} to tell",
                next.verdict.name(),
                why.name()
            ));
            return Judged { verdict: Verdict::Unknown(why), because, clause: agreed.clause };
        }
    }
    if several {
        agreed
            .because
            .push("every reading that the evidence allows gives the same answer".to_owned());
    }
    agreed
}

/// One series, one kind of firmware.
fn judge_reading(
    device: &Device<'_>,
    chosen: &[&Leaf<'_>],
    fixes: &[Fixed],
    series: Option<char>,
    all: &[&Leaf<'_>],
) -> Judged {
    let clause = |leaves: &[&Leaf<'_>]| {
        leaves.first().map_or_else(String::new, |leaf| leaf.product.pointer.to_string())
    };
    if chosen.is_empty() {
        let letter = series.map_or_else(String::new, |letter| format!(" {letter}"));
        let because = vec![format!("series{letter} is not among those listed")];
        return Judged { verdict: Verdict::NotAffected, because, clause: clause(all) };
    }
    let mut leaves: Vec<&Leaf<'_>> = Vec::new();
    let mut train_unknown = false;
    for leaf in chosen {
        match leaf.limits.admit(device.firmware.as_ref()) {
            Some(true) => leaves.push(leaf),
            Some(false) => {}
            None => {
                train_unknown = true;
                leaves.push(leaf);
            }
        }
    }
    if leaves.is_empty() {
        let because = vec!["the release train is not among those listed".to_owned()];
        return Judged { verdict: Verdict::NotAffected, because, clause: clause(chosen) };
    }
    let Some(version) = &device.firmware else {
        return without_version(&leaves, fixes, series, train_unknown);
    };
    let (among, at, mut because) = among(version, &leaves);
    // A text for many products says nothing certain about one whose range has no end: it may be for the others.
    let endless = leaves.iter().any(|leaf| leaf.is_endless());
    let fixes: Vec<Fixed> = fixes
        .iter()
        .cloned()
        .map(|fix| Fixed { weak: fix.weak || (endless && fix.broad), ..fix })
        .collect();
    let fixes = fixes.as_slice();
    let strong = fixes::side(version, fixes, false, series);
    let weak = fixes::side(version, fixes, true, series);
    because.extend(explain::side(version, fixes, &strong));
    let settled = |place: usize| fixes.get(place).map(|fix| fix.pointer.to_string());
    // One exact version stands for all up to the fix of its train.
    let among = match (among, &strong) {
        (Among::No { .. }, Side::Older(_))
            if leaves.iter().any(|leaf| leaf.is_behind_exact(version)) =>
        {
            Among::Yes { open: true }
        }
        (among, _) => among,
    };
    let verdict = match &among {
        Among::Perhaps { why, open } => {
            let yes = combine(&Among::Yes { open: *open }, &strong, &weak);
            let no = combine(&Among::No { before: false }, &strong, &weak);
            if yes == no && !is_first_of_train(version, fixes, &strong) {
                yes
            } else if yes == Verdict::Fixed && no == Verdict::Fixed {
                Verdict::Unknown(Why::Contradiction)
            } else {
                Verdict::Unknown(*why)
            }
        }
        sure => combine(sure, &strong, &weak),
    };
    let clause = match (&verdict, &strong) {
        (Verdict::Fixed, Side::Fixed(place)) => settled(*place),
        _ => None,
    };
    let clause = clause
        .or_else(|| leaves.get(at).map(|leaf| leaf.product.pointer.to_string()))
        .unwrap_or_default();
    because.extend(explain::unknown(&verdict, version));
    Judged { verdict, because, clause }
}

/// "33 and prior" with a fix 33.011, which is the first release of train 33: then no affected release of it exists, and the
/// document says two things.
fn is_first_of_train(version: &Version, fixes: &[Fixed], side: &Side) -> bool {
    const FIRST_MINOR: u64 = 11;
    let Side::Fixed(place) = side else { return false };
    let Some(fix) = fixes.get(*place) else { return false };
    let (own, fixed) = (version.numbers(), fix.version.numbers());
    version.scheme() == Scheme::Rockwell
        && own.first() == fixed.first()
        && fixed.get(1).is_some_and(|minor| *minor <= FIRST_MINOR)
}

fn combine(among: &Among, strong: &Side, weak: &Side) -> Verdict {
    match (among, strong) {
        (Among::Perhaps { why, .. }, _) => Verdict::Unknown(*why),
        (Among::Yes { open: true }, Side::Fixed(_)) => Verdict::Fixed,
        (Among::Yes { open: false }, Side::Fixed(_)) => Verdict::Unknown(Why::Contradiction),
        // A fix that may be for something else does not clear, but it is enough to doubt.
        (Among::Yes { open: true }, Side::NoneNamed) if matches!(weak, Side::Fixed(_)) => {
            Verdict::Unknown(Why::Contradiction)
        }
        (Among::Yes { .. }, _) => Verdict::Affected,
        (Among::No { .. }, Side::Fixed(_)) => Verdict::Fixed,
        (Among::No { .. }, Side::NoneNamed) | (Among::No { before: true }, _) => {
            Verdict::NotAffected
        }
        (Among::No { before: false }, Side::Older(_) | Side::Unclear) => Verdict::Unknown(Why::Gap),
    }
}

/// Only a product of which all versions are affected, with no fix named, can be judged without a version.
fn without_version(
    leaves: &[&Leaf<'_>],
    fixes: &[Fixed],
    series: Option<char>,
    train_unknown: bool,
) -> Judged {
    let concerned = |fix: &&Fixed| {
        fix.series.is_empty() || series.is_none_or(|letter| fix.series.contains(&letter))
    };
    let no_fix = !fixes.iter().any(|fix| concerned(&fix));
    let all = leaves.iter().find(|leaf| {
        leaf.reading.narrowed.is_none()
            && matches!(leaf.reading.what, What::All | What::Models(_))
            && leaf.limits.train.is_none()
    });
    let pointer = |leaf: Option<&&Leaf<'_>>| {
        leaf.map_or_else(String::new, |leaf| leaf.product.pointer.to_string())
    };
    if let (Some(leaf), true) = (all, no_fix) {
        let because = vec!["all versions are affected, and no fix is named".to_owned()];
        return Judged { verdict: Verdict::Affected, because, clause: pointer(Some(leaf)) };
    }
    if !train_unknown && leaves.iter().all(|leaf| leaf.reading.what == What::Nothing) {
        let because = vec!["no version is affected".to_owned()];
        return Judged { verdict: Verdict::NotAffected, because, clause: pointer(leaves.first()) };
    }
    let narrowed = leaves.iter().map(|leaf| leaf.reading.narrowed);
    let why = narrowed
        .reduce(|one, other| if one == other { one } else { None })
        .flatten()
        .map_or(Why::FirmwareVersion, reason);
    let because = vec![format!("the {} was not seen", why.name())];
    Judged { verdict: Verdict::Unknown(why), because, clause: pointer(leaves.first()) }
}

fn reason(predicate: Predicate) -> Why {
    match predicate {
        Predicate::Serial | Predicate::Date => Why::SerialNumber,
        Predicate::FunctionState => Why::HardwareRevision,
        Predicate::Configuration => Why::Configuration,
    }
}

/// One range of one leaf.
struct Item<'a> {
    leaf: usize,
    range: &'a Range,
    narrowed: Option<Predicate>,
    train: bool,
}

/// Whether a version is among those affected, the leaf that says so, and the comparisons made.
fn among(version: &Version, leaves: &[&Leaf<'_>]) -> (Among, usize, Vec<String>) {
    let mut found: Vec<(Among, usize)> = Vec::new();
    let mut because = Vec::new();
    let items = items(leaves, &mut found, &mut because);
    let limits: Vec<&Version> = items
        .iter()
        .filter(|item| item.train)
        .filter_map(|item| Some(&item.range.to.as_ref()?.version))
        .collect();
    // Ranges with a lower end say themselves where their train begins; they only mark off the others.
    let parallel = items.iter().filter(|item| item.train && item.range.from.is_none()).count() > 1;
    let place = if limits.len() > 1 { Some(trains::place(version, &limits)) } else { None };
    let mut limit = 0_usize;
    for item in &items {
        let own = limit;
        limit = limit.saturating_add(usize::from(item.train));
        let among = match (place, item.train) {
            (Some(place), true) if item.range.from.is_none() => {
                on_train(version, item.range, place, own, &limits, parallel)
            }
            _ => in_range(version, item.range),
        };
        because.extend(explain::comparison(version, item.range));
        let among = match (among, item.narrowed) {
            (Among::Yes { open }, Some(predicate)) => {
                Among::Perhaps { why: reason(predicate), open }
            }
            (among, _) => among,
        };
        let doubted = leaves
            .get(item.leaf)
            .and_then(|leaf| restated(version, leaf, &in_range(version, item.range)));
        found.push((doubted.unwrap_or(among), item.leaf));
    }
    because.dedup();
    let yes = found.iter().find(|(among, _)| matches!(among, Among::Yes { .. }));
    let perhaps = found.iter().find(|(among, _)| matches!(among, Among::Perhaps { .. }));
    if let Some((among, at)) = yes.or(perhaps) {
        return (among.clone(), *at, because);
    }
    let before = !found.is_empty()
        && found.iter().all(|(among, _)| matches!(among, Among::No { before: true }));
    (Among::No { before }, found.first().map_or(0, |(_, at)| *at), because)
}

/// The ranges of all leaves. What is no range is answered at once.
fn items<'a>(
    leaves: &[&'a Leaf<'_>],
    found: &mut Vec<(Among, usize)>,
    because: &mut Vec<String>,
) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let narrowed = leaf.reading.narrowed;
        match &leaf.reading.what {
            What::All | What::Models(_) => {
                because.push("all versions are affected".to_owned());
                found.push((
                    narrowed.map_or(Among::Yes { open: true }, |what| Among::Perhaps {
                        why: reason(what),
                        open: true,
                    }),
                    at,
                ));
            }
            What::Nothing => found.push((Among::No { before: false }, at)),
            What::Unread => {
                because.push(format!(
                    "{:?} could not be read as a range of versions",
                    leaf.product.version
                ));
                found.push((Among::Perhaps { why: Why::RangeText, open: true }, at));
            }
            What::Spans { spans, .. } => items.extend(spans.iter().map(|range| Item {
                leaf: at,
                range,
                narrowed,
                train: range.to.is_some() && !range.is_exact(),
            })),
        }
    }
    items
}

/// A limit among several, each on its own train.
fn on_train(
    version: &Version,
    range: &Range,
    place: Place,
    own: usize,
    limits: &[&Version],
    parallel: bool,
) -> Among {
    let same = |at: usize| match (limits.get(at), limits.get(own)) {
        (Some(one), Some(other)) => one.compare(other) == Some(Ordering::Equal),
        _ => false,
    };
    match place {
        Place::At(at) | Place::Below(at) if same(at) => in_range(version, range),
        Place::Above(_) | Place::At(_) | Place::Below(_) => Among::No { before: false },
        // Between two trains, or variants that cannot be told apart: inside one limit and outside another.
        Place::Between | Place::Unknown => match in_range(version, range) {
            Among::Yes { .. } if parallel => Among::Perhaps { why: between(version), open: false },
            other => other,
        },
    }
}

fn between(version: &Version) -> Why {
    match version.scheme() {
        Scheme::Rockwell => Why::SignedOrUnsigned,
        _ => Why::Model,
    }
}

fn in_range(version: &Version, range: &Range) -> Among {
    let open = range.to.is_none();
    match range.contains(version) {
        Some(true) => Among::Yes { open },
        Some(false) => {
            let from = range.from.as_ref().filter(|_| !range.is_exact());
            let before = from
                .and_then(|bound| version.compare(&bound.version))
                .is_some_and(|order| order != Ordering::Greater);
            Among::No { before }
        }
        None => {
            let train = range.to.as_ref().is_some_and(|bound| bound.version.begins(version));
            Among::Perhaps { why: Why::VersionOrder, open: open || train }
        }
    }
}

/// The full name often repeats the range in words. Where the two disagree about this version, neither is believed.
fn restated(version: &Version, leaf: &Leaf<'_>, among: &Among) -> Option<Among> {
    let (_, text) = leaf.product.full_name.rsplit_once(": ")?;
    let lower = text.trim_start().to_lowercase();
    let begins =
        ["version", "v", "<", ">", "prior", "before", "all versions", "r"].iter().any(|word| {
            lower.strip_prefix(word).is_some_and(|rest| {
                rest.starts_with(|c: char| !c.is_alphabetic()) || *word == "version"
            })
        }) || lower.starts_with(|c: char| c.is_ascii_digit());
    if !begins {
        return None;
    }
    let reading = range::read(text, Stated::Range, version.scheme());
    let What::Spans { spans, trains: false } = &reading.what else { return None };
    if reading.narrowed.is_some() || spans.len() != 1 {
        return None;
    }
    let says = in_range(version, spans.first()?);
    match (&says, among) {
        (Among::Yes { .. }, Among::No { .. }) | (Among::No { .. }, Among::Yes { .. }) => {
            Some(Among::Perhaps { why: Why::Contradiction, open: false })
        }
        _ => None,
    }
}

/// A product named as carrying the fix, and nothing said about those before it.
pub(super) fn fixed_only(device: &Device<'_>, leaves: &[&Leaf<'_>]) -> Judged {
    let clause = leaves.first().map_or_else(String::new, |leaf| leaf.product.pointer.to_string());
    let Some(version) = &device.firmware else {
        let because =
            vec!["only fixed versions are named, and the firmware version was not seen".to_owned()];
        return Judged { verdict: Verdict::Unknown(Why::FirmwareVersion), because, clause };
    };
    for leaf in leaves {
        let What::Spans { spans, .. } = &leaf.reading.what else { continue };
        for Range { from, to } in spans {
            let bound: Option<&Bound> = from.as_ref().or(to.as_ref());
            let reached = bound
                .and_then(|bound| version.compare(&bound.version))
                .is_some_and(|order| order != Ordering::Less);
            if reached {
                let because = vec![format!(
                    "{} is at or above the fixed {}",
                    version.raw(),
                    leaf.product.version
                )];
                return Judged {
                    verdict: Verdict::Fixed,
                    because,
                    clause: leaf.product.pointer.to_string(),
                };
            }
        }
    }
    let because =
        vec![format!("only fixed versions are named, and {} is not one of them", version.raw())];
    Judged { verdict: Verdict::Unknown(Why::FixedOnly), because, clause }
}
