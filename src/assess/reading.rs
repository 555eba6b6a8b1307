//! All readings that the evidence allows, and the one verdict when they agree.
//!
//! What the wire did not say (series letter, signed or unsigned, a version, the meaning of "33 and prior") is not guessed:
//! every possibility is judged, and only a verdict that holds in all of them is given. Otherwise the answer is unknown,
//! with the one fact that would settle it.

use std::collections::BTreeSet;

use crate::advisory::range::What;
use crate::assess::among::{self, Among, Found, reason};
use crate::assess::device::Device;
use crate::assess::explain;
use crate::assess::fixes::{self, Fixed, Side};
use crate::assess::leaf::Leaf;
use crate::assess::numbering;
use crate::model::finding::{Verdict, Why};
use crate::model::version::{Scheme, Version};

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
    let kinds = kinds(leaves, device.firmware.as_ref());
    let mut readings: Vec<(Why, String, Judged)> = Vec::new();
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
            let judged = judge_reading(device, &chosen, &fixes(&places), *letter, leaves);
            readings.push((why, reading_name(*letter, *kind), judged));
        }
    }
    agree(readings)
}

fn reading_name(letter: Option<char>, kind: Option<bool>) -> String {
    let letter = letter.map(|letter| format!("series {letter}"));
    let kind = kind.map(|signed| if signed { "signed firmware" } else { "unsigned firmware" });
    [letter.as_deref(), kind].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Signed and unsigned firmware that may run. Rockwell keeps them in blocks of ten minors under one major (5.00x unsigned,
/// 5.02x signed), so a version in the block of one kind's limits is of that kind.
fn kinds(leaves: &[&Leaf<'_>], version: Option<&Version>) -> Vec<Option<bool>> {
    let kinds: BTreeSet<bool> = leaves.iter().filter_map(|leaf| leaf.limits.signed).collect();
    if kinds.is_empty() {
        return vec![None];
    }
    let block = |version: &Version| {
        let numbers = version.numbers();
        Some((*numbers.first()?, numbers.get(1)?.checked_div(10)?))
    };
    if let Some(own) =
        version.filter(|version| version.scheme() == Scheme::Rockwell).and_then(block)
    {
        let in_block = |kind: bool| {
            leaves
                .iter()
                .filter(|leaf| leaf.limits.signed == Some(kind))
                .any(|leaf| leaf.ends().iter().any(|end| block(&end.version) == Some(own)))
        };
        match (in_block(true), in_block(false)) {
            (true, false) if kinds.len() > 1 => return vec![Some(true)],
            (false, true) if kinds.len() > 1 => return vec![Some(false)],
            _ => {}
        }
    }
    kinds.into_iter().map(Some).collect()
}

/// The verdict of all readings when they agree.
fn agree(readings: Vec<(Why, String, Judged)>) -> Judged {
    let mut readings = readings.into_iter();
    let Some((why, name, first)) = readings.next() else {
        return Judged {
            verdict: Verdict::Unknown(Why::Model),
            because: Vec::new(),
            clause: String::new(),
        };
    };
    let mut agreed = first;
    let mut several = false;
    for (_, other, next) in readings {
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
                "{name} gives {}, {other} gives {}: it takes the {} to tell",
                spoken(&agreed.verdict),
                spoken(&next.verdict),
                why.name()
            ));
            return Judged { verdict: Verdict::Unknown(why), because, clause: agreed.clause };
        }
    }
    if several {
        // In front: the step that settled it stays the last.
        agreed
            .because
            .insert(0, "every reading that the evidence allows gives the same answer".to_owned());
    }
    agreed
}

/// A verdict as a word of a sentence.
pub(super) fn spoken(verdict: &Verdict) -> String {
    verdict.name().replace('_', " ")
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
    let admits = |leaf: &&&Leaf<'_>| leaf.limits.admit(device.firmware.as_ref());
    let leaves: Vec<&Leaf<'_>> =
        chosen.iter().filter(|leaf| admits(leaf) != Some(false)).copied().collect();
    let train_unknown = leaves.iter().any(|leaf| admits(&leaf).is_none());
    if leaves.is_empty() {
        let because = vec!["the release train is not among those listed".to_owned()];
        return Judged { verdict: Verdict::NotAffected, because, clause: clause(chosen) };
    }
    let Some(version) = &device.firmware else {
        return without_version(&leaves, fixes, series, train_unknown);
    };
    if let Some(foreign) = numbering::foreign(version, &leaves) {
        let because = vec![numbering::sentence(version, foreign)];
        let verdict = Verdict::Unknown(Why::VersionOrder);
        return Judged { verdict, because, clause: clause(&leaves) };
    }
    let Found { among, leaf: at, beside: mut because, because: settling, doubt } =
        among::among(version, &leaves);
    let fixes = weighed(fixes, &leaves);
    let fixes = fixes.as_slice();
    let strong = fixes::side(version, fixes, false, series);
    let weak = fixes::side(version, fixes, true, series);
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
    let stand = Stand { version, among: &among, strong: &strong, doubt };
    let verdict = stand.corrected(decide(version, &among, fixes, &strong, &weak), &leaves, fixes);
    let clause = match (&verdict, &strong) {
        (Verdict::Fixed, Side::Fixed(place)) => settled(*place),
        _ => None,
    };
    let clause = clause
        .or_else(|| leaves.get(at).map(|leaf| leaf.product.pointer.to_string()))
        .unwrap_or_default();
    // Where no fix is surely for this device, it is one that may be that makes the doubt.
    let is_doubted = strong == Side::NoneNamed
        && weak != Side::NoneNamed
        && matches!(verdict, Verdict::Unknown(Why::Contradiction | Why::Gap));
    let side = if is_doubted { weak } else { strong };
    because = steps(version, &verdict, &among, (because, settling), fixes, &side);
    if let (Verdict::Unknown(Why::Gap), Among::Yes { .. }) = (&verdict, &among) {
        because.extend(explain::later_train(version, fixes, &side));
    } else if verdict == Verdict::Unknown(Why::Gap) {
        let ends: Vec<_> = leaves.iter().flat_map(|leaf| leaf.ends()).collect();
        because.push(explain::gap(version, &ends, fixes, &side, is_doubted));
    }
    Judged { verdict, because, clause }
}

/// A text for many products says nothing certain about one whose range has no end: it may be for the others.
fn weighed(fixes: &[Fixed], leaves: &[&Leaf<'_>]) -> Vec<Fixed> {
    let endless = leaves.iter().any(|leaf| leaf.is_endless());
    let fixes = fixes.iter().cloned();
    fixes.map(|fix| Fixed { weak: fix.weak || (endless && fix.broad), ..fix }).collect()
}

/// Where a version stands: among the limits, and to the fixes that are surely for it.
struct Stand<'a> {
    version: &'a Version,
    among: &'a Among,
    strong: &'a Side,
    doubt: Option<Why>,
}

impl Stand<'_> {
    /// What is known beside limits and fixes may be enough to doubt what follows from them.
    fn corrected(&self, verdict: Verdict, leaves: &[&Leaf<'_>], fixes: &[Fixed]) -> Verdict {
        let Self { version, among, strong, doubt } = self;
        let fix = match strong {
            Side::Fixed(place) | Side::Older(place) => fixes.get(*place),
            _ => None,
        };
        let is_foreign = fix.is_some_and(|fix| !numbering::is_one(version, &fix.version));
        let is_open = matches!(among, Among::Yes { open: true });
        match verdict {
            // The one version named is affected, and nothing says where it ends.
            Verdict::NotAffected if leaves.iter().any(|leaf| leaf.is_behind_exact(version)) => {
                Verdict::Unknown(Why::Gap)
            }
            // A fix above it is for nobody in particular.
            Verdict::NotAffected
                if matches!(among, Among::No { before: false })
                    && fixes::is_below_one_for_nobody(version, fixes) =>
            {
                Verdict::Unknown(Why::Gap)
            }
            // A fix is named for one of several variants, and which one this is was not seen.
            Verdict::NotAffected if fixes::is_below_a_variant(version, fixes) => {
                Verdict::Unknown(Why::Model)
            }
            // Nor is it seen whether it is one of those that the fix reached is for.
            Verdict::Affected if is_open && fixes::has_reached_a_variant(version, fixes) => {
                Verdict::Unknown(Why::Model)
            }
            // A range with an end may hold the version, too, and then the document contradicts itself.
            Verdict::Fixed if is_open && doubt.is_some() => {
                doubt.map_or(Verdict::Fixed, Verdict::Unknown)
            }
            // Nor does a fix of another release train say anything of this one.
            Verdict::Fixed if is_open && self.is_of_earlier_train(fixes) => {
                Verdict::Unknown(Why::Gap)
            }
            // A fix before a version that is affected, too, is none of what follows.
            Verdict::Fixed
                if fix.is_some_and(|fix| {
                    leaves.iter().any(|leaf| leaf.is_exact_between(&fix.version, version))
                }) =>
            {
                Verdict::Unknown(Why::Gap)
            }
            // The fix is counted in another numbering.
            Verdict::Fixed if is_foreign => Verdict::Unknown(Why::VersionOrder),
            Verdict::Affected if is_foreign && is_open => Verdict::Unknown(Why::VersionOrder),
            // What is itself affected mends nothing: the version is beyond it for another reason.
            Verdict::Fixed
                if matches!(among, Among::No { .. })
                    && fix.is_some_and(|fix| is_inside(&fix.version, leaves)) =>
            {
                Verdict::NotAffected
            }
            verdict => verdict,
        }
    }

    fn is_of_earlier_train(&self, fixes: &[Fixed]) -> bool {
        matches!(self.strong, Side::Fixed(at) if fixes::is_of_earlier_train(self.version, fixes, *at))
    }
}

/// Whether a version is plainly among those affected, up to an end.
fn is_inside(version: &Version, leaves: &[&Leaf<'_>]) -> bool {
    matches!(among::among(version, leaves).among, Among::Yes { open: false })
}

/// What follows from where the version stands among the limits, and to the fixes.
fn decide(
    version: &Version,
    among: &Among,
    fixes: &[Fixed],
    strong: &Side,
    weak: &Side,
) -> Verdict {
    let Among::Perhaps { why, open } = among else { return combine(among, strong, weak) };
    let yes = combine(&Among::Yes { open: *open }, strong, weak);
    let no = combine(&Among::No { before: false }, strong, weak);
    let order = *why == Why::VersionOrder && *open;
    let agreed = yes == no && !is_first_of_train(version, fixes, strong);
    if agreed || (order && is_below_fix_of_train(version, fixes, strong)) {
        yes
    } else if yes == Verdict::Fixed && no == Verdict::Fixed {
        Verdict::Unknown(Why::Contradiction)
    } else {
        Verdict::Unknown(*why)
    }
}

/// The steps in the order in which they are told: the last is the one that settles it.
fn steps(
    version: &Version,
    verdict: &Verdict,
    among: &Among,
    (beside, settling): (Vec<String>, Vec<String>),
    fixes: &[Fixed],
    side: &Side,
) -> Vec<String> {
    let mut because = beside;
    let reached = explain::side(version, fixes, side);
    match (verdict, among) {
        (Verdict::Affected, Among::Yes { open: false }) => {
            because.extend(reached.into_iter().chain(settling));
        }
        (Verdict::NotAffected | Verdict::Unknown(Why::Gap), _) => because.extend(settling),
        (Verdict::Unknown(Why::FixedOnly), _) => {
            because.extend(reached.into_iter().chain(settling));
        }
        _ => because.extend(settling.into_iter().chain(reached)),
    }
    match (verdict, among) {
        (
            Verdict::Unknown(Why::Contradiction),
            Among::Yes { .. } | Among::No { .. } | Among::Perhaps { why: Why::VersionOrder, .. },
        ) => because.push(explain::contradiction(version, fixes, side)),
        (Verdict::Unknown(why), Among::Perhaps { .. }) => {
            because.extend(explain::doubt(*why, version));
        }
        _ => {}
    }
    // Said once, where it was said last.
    let mut seen = BTreeSet::new();
    because.reverse();
    because.retain(|sentence| seen.insert(sentence.clone()));
    because.reverse();
    because
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

/// "28 - 32" with a fix 32.016: then 32.011 is among them, since the document itself mends train 32.
fn is_below_fix_of_train(version: &Version, fixes: &[Fixed], side: &Side) -> bool {
    let Side::Older(place) = side else { return false };
    let fix = fixes.get(*place).and_then(|fix| fix.version.numbers().first().copied());
    version.scheme() == Scheme::Rockwell
        && fix.is_some()
        && version.numbers().first().copied() == fix
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
        (Among::Yes { open: true } | Among::No { before: false }, Side::LaterTrain(_)) => {
            Verdict::Unknown(Why::Gap)
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
