//! The steps to a verdict, as sentences.

use std::cmp::Ordering;

use crate::assess::fixes::{Fixed, Side};
use crate::model::finding::Why;
use crate::model::version::{Bound, Range, Version};

/// "V3.2.6 < V3.2.17 (siemens order)": the end of a range that a version is beyond, or both when it is inside.
pub(super) fn comparison(version: &Version, range: &Range) -> Vec<String> {
    if range.is_exact() {
        return range.to.iter().map(|bound| sentence(version, &bound.version, "")).collect();
    }
    let beyond = |bound: &Bound, wrong: Ordering| {
        let order = version.compare(&bound.version);
        order == Some(wrong) || (order == Some(Ordering::Equal) && !bound.inclusive)
    };
    let from = range.from.as_ref().map(|bound| {
        let said = if bound.inclusive { "first affected " } else { "" };
        (beyond(bound, Ordering::Less), sentence(version, &bound.version, said))
    });
    let to = range.to.as_ref().map(|bound| {
        let said = if bound.inclusive { "last affected " } else { "" };
        (beyond(bound, Ordering::Greater), sentence(version, &bound.version, said))
    });
    match (from, to) {
        (Some((true, below)), _) => vec![below],
        (from, to) => from.into_iter().chain(to).map(|(_, said)| said).collect(),
    }
}

/// Of many ranges that a version is in none of: the last that ends before it, and the first that begins behind it.
pub(super) fn nearest<'a>(
    version: &Version,
    ranges: impl Iterator<Item = &'a Range>,
) -> Vec<String> {
    let (mut ended, mut begins): (Option<&Bound>, Option<&Bound>) = (None, None);
    let is = |one: &Bound, than: &Bound, order| one.version.compare(&than.version) == Some(order);
    for range in ranges {
        let before = |bound: &&Bound, order| bound.version.compare(version) == Some(order);
        if let Some(to) = range.to.as_ref().filter(|to| before(to, Ordering::Less))
            && ended.is_none_or(|known| is(to, known, Ordering::Greater))
        {
            ended = Some(to);
        }
        if let Some(from) = range.from.as_ref().filter(|from| before(from, Ordering::Greater))
            && begins.is_none_or(|known| is(from, known, Ordering::Less))
        {
            begins = Some(from);
        }
    }
    let said = [(ended, "last affected "), (begins, "first affected ")];
    let said = said.into_iter().filter_map(|(bound, what)| Some((bound?, what)));
    said.map(|(bound, what)| {
        sentence(version, &bound.version, if bound.inclusive { what } else { "" })
    })
    .collect()
}

fn sentence(version: &Version, other: &Version, what: &str) -> String {
    let order = match version.compare(other) {
        Some(Ordering::Less) => "<",
        Some(Ordering::Equal) => "=",
        Some(Ordering::Greater) => ">",
        None if version.is_beginning() => {
            "is only the beginning of a version, and cannot be compared with"
        }
        None => "cannot be compared with",
    };
    format!("{} {order} {what}{} ({} order)", version.raw(), other.raw(), version.scheme().name())
}

/// Where the version stands to the fix that counts.
pub(super) fn side(version: &Version, fixes: &[Fixed], side: &Side) -> Option<String> {
    let fix = |at: usize| fixes.get(at).map(|fix| fix.version.raw());
    match side {
        Side::Fixed(at) => {
            fix(*at).map(|fix| format!("{} has reached the fixed {fix}", version.raw()))
        }
        Side::Older(at) => {
            fix(*at).map(|fix| format!("{} has not reached the fixed {fix}", version.raw()))
        }
        Side::LaterTrain(_) | Side::Unclear => {
            Some(format!("no fix is named for the release train of {}", version.raw()))
        }
        Side::NoneNamed => None,
    }
}

/// "34.011 is of a later release train than the fixed 33.017: …".
pub(super) fn later_train(version: &Version, fixes: &[Fixed], side: &Side) -> Option<String> {
    let (Side::Fixed(at) | Side::LaterTrain(at)) = side else { return None };
    let fix = fixes.get(*at)?.version.raw();
    Some(format!(
        "{} is of a later release train than the fixed {fix}: whether it has the fix is not said",
        version.raw()
    ))
}

/// "5.020 is above the last affected 5.019 and below the first fixed 5.021; the advisory says nothing about it". `is_doubted` when the fix may be for
/// something else.
pub(super) fn gap(
    version: &Version,
    ends: &[&Bound],
    fixes: &[Fixed],
    side: &Side,
    is_doubted: bool,
) -> String {
    let below: Vec<&&Bound> = ends
        .iter()
        .filter(|end| {
            version.compare(&end.version).is_some_and(|order| {
                order == Ordering::Greater || (order == Ordering::Equal && !end.inclusive)
            })
        })
        .collect();
    let last = below.iter().copied().reduce(|highest, end| {
        if end.version.compare(&highest.version) == Some(Ordering::Greater) { end } else { highest }
    });
    let above = last.map_or_else(
        || "outside the affected versions".to_owned(),
        |end| {
            let what = if end.inclusive { "above the last affected" } else { "not below" };
            format!("{what} {}", end.version.raw())
        },
    );
    let fixed = match side {
        _ if is_doubted => {
            Some(", and it is not said for what the fix is that is named".to_owned())
        }
        Side::Older(at) => {
            fixes.get(*at).map(|fix| format!(" and below the first fixed {}", fix.version.raw()))
        }
        Side::NoneNamed => Some(", and no fix is named".to_owned()),
        _ => Some(", and no fix is named for its release train".to_owned()),
    };
    format!(
        "{} is {above}{}; the advisory says nothing about it",
        version.raw(),
        fixed.unwrap_or_default()
    )
}

/// "only 3.2 is named as affected, and 3.1 is older: …".
pub(super) fn older_than_exact(version: &Version, first: &Version) -> String {
    let (raw, first) = (version.raw(), first.raw());
    format!(
        "the advisory names {first} and no range before it: whether {raw}, which is older, has the flaw is not said"
    )
}

/// Why a version that may be affected cannot be said to be.
pub(super) fn doubt(why: Why, version: &Version) -> Option<String> {
    let raw = version.raw();
    Some(match why {
        Why::SerialNumber => {
            format!("{raw} is affected only in some serial numbers or production dates")
        }
        Why::HardwareRevision => format!("{raw} is affected only in some hardware revisions"),
        Why::Configuration => {
            format!("{raw} is affected only with an option or setting that cannot be seen")
        }
        Why::SignedOrUnsigned => {
            format!("{raw} is inside one limit and outside another: signed or unsigned decides")
        }
        Why::Model => {
            format!("{raw} is inside one limit and outside another: the exact model decides")
        }
        Why::VersionOrder => format!("whether {raw} is below that limit is not known"),
        _ => return None,
    })
}

/// A condition in the place of a version range.
pub(super) fn condition(why: Why, text: &str) -> String {
    format!("{text:?} makes it depend on the {}", why.name())
}

/// An affected version that has also reached a fix.
pub(super) fn contradiction(version: &Version, fixes: &[Fixed], side: &Side) -> String {
    let fix = match side {
        Side::Fixed(at) | Side::Older(at) => fixes.get(*at).map(|fix| fix.version.raw()),
        _ => None,
    };
    format!(
        "{} is among the affected versions and has reached {}, which is named as fixed",
        version.raw(),
        fix.unwrap_or("a version")
    )
}
