//! Versions that a range leaves out: `>=1.0|!=1.5|<2.0`, as `vers:` and what is written like it have them.

use std::cmp::Ordering;

use crate::advisory::range::{Reading, What};
use crate::model::limits::RANGE_EXCLUSIONS_MAX;
use crate::model::version::{Bound, Range, Scheme, Version};

/// A text without the versions that it leaves out, and those. `None` where one is left out in a way that no grammar has: then
/// nothing of the text is read, since what is left of it would say more than its author did.
pub(super) fn split(text: &str) -> Option<(String, Vec<&str>)> {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for part in text.split('|').map(str::trim) {
        match part.strip_prefix("!=").map(str::trim) {
            Some(version)
                if version.is_empty() || version.contains(['!', '=', '<', '>', ',', ' ']) =>
            {
                return None;
            }
            Some(version) => left_out.push(version),
            None if part.contains("!=") => return None,
            None => kept.push(part),
        }
    }
    let kept = if kept.is_empty() { "*".to_owned() } else { kept.join("|") };
    (left_out.len() <= RANGE_EXCLUSIONS_MAX).then_some((kept, left_out))
}

/// A reading without these versions. Where their order is not known it is none.
pub(super) fn without(reading: Reading, versions: &[&str], scheme: Scheme) -> Reading {
    let unread = Reading { what: What::Unread, narrowed: None };
    let mut spans = match reading.what {
        What::All => vec![Range { from: None, to: None }],
        What::Spans { spans, trains: false } => spans,
        What::Nothing => return reading,
        What::Spans { trains: true, .. } | What::Models(_) | What::Unread => return unread,
    };
    for text in versions {
        let version = Version::new(text, scheme);
        if !version.is_readable() || version.is_open() {
            return unread;
        }
        let Some(cut) = spans.iter().map(|span| cut(span, &version)).collect::<Option<Vec<_>>>()
        else {
            return unread;
        };
        spans = cut.into_iter().flatten().collect();
    }
    let what = if spans.is_empty() { What::Nothing } else { What::Spans { spans, trains: false } };
    Reading { what, narrowed: reading.narrowed }
}

/// What is left of a range on both sides of a version. `None` when their order is not known.
fn cut(span: &Range, version: &Version) -> Option<Vec<Range>> {
    let order = |bound: &Option<Bound>| match bound {
        Some(bound) => version.compare(&bound.version).map(Some),
        None => Some(None),
    };
    let (from, to) = (order(&span.from)?, order(&span.to)?);
    if from == Some(Ordering::Less) || to == Some(Ordering::Greater) {
        return Some(vec![span.clone()]);
    }
    let end = || Some(Bound { version: version.clone(), inclusive: false });
    let mut left = Vec::new();
    if from != Some(Ordering::Equal) {
        left.push(Range { from: span.from.clone(), to: end() });
    }
    if to != Some(Ordering::Equal) {
        left.push(Range { from: end(), to: span.to.clone() });
    }
    Some(left)
}
