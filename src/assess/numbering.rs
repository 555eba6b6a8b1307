//! Two numberings of one product.
//!
//! A LOGO! says 1.82.04 of its firmware where its maker's documents speak of 8.3; a suite is called 2019 by some and 8.0 by
//! others. Numbers of two numberings compare perfectly well, and the answer means nothing. So versions that are clearly not of one
//! shape are not compared.

use crate::assess::leaf::Leaf;
use crate::model::version::{Scheme, Version};

/// The first number of a version that counts years, dates or builds.
const YEAR: u64 = 1_000;

/// The first number of one that counts releases.
const RELEASES: u64 = 100;

/// With another count of parts, first numbers that are this many times apart are of two numberings: 1.82.04 and 8.3.
const TIMES_APART: u64 = 4;

/// Whether two versions are of one numbering, as far as their shape tells.
pub(super) fn is_one(one: &Version, other: &Version) -> bool {
    // The major is a release train: 1.011 and 33.011 are of one numbering.
    if one.scheme() == Scheme::Rockwell && other.scheme() == Scheme::Rockwell {
        return true;
    }
    let (mine, theirs) = (one.numbers(), other.numbers());
    let (Some(first), Some(second)) = (mine.first(), theirs.first()) else { return true };
    let (low, high) = (first.min(second), first.max(second));
    if *high >= YEAR && *low < RELEASES {
        return false;
    }
    let written = |numbers: &[u64]| numbers.len() >= 2;
    mine.len() == theirs.len()
        || !written(&mine)
        || !written(&theirs)
        || *high < low.max(&1).saturating_mul(TIMES_APART)
}

/// The limit among those of the leaves that is of another numbering than a version; `None` where all are of its own.
pub(super) fn foreign<'a>(version: &Version, leaves: &'a [&Leaf<'_>]) -> Option<&'a Version> {
    let limits = leaves.iter().flat_map(|leaf| leaf.limits_of_ranges());
    limits.into_iter().find(|limit| !is_one(version, limit))
}

/// Why they are not compared, as a sentence.
pub(super) fn sentence(version: &Version, limit: &Version) -> String {
    format!(
        "{} and {} are two numberings of one product: which of them is the later is not known",
        version.raw(),
        limit.raw()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_differ_clearly_are_two_numberings() {
        for (one, other, alike) in [
            ("1.82.04", "8.3", false),
            ("8.3", "V1.82.04", false),
            ("2019 SP1", "8.0", false),
            ("20190412", "1.4.2", false),
            ("6137", "8.3.1", false),
            ("V4.5.0", "V4.5", true),
            ("V2.9", "V30.1", true),
            ("12.0.4", "13.2", true),
            ("2.60", "3.01", true),
            ("3", "2.4.1", true),
            ("16", "7.4.1", true),
            ("0.9.4", "2.0", true),
            ("2020.1", "2019.3.1", true),
        ] {
            let of = |raw| Version::new(raw, Scheme::Dotted);
            assert_eq!(is_one(&of(one), &of(other)), alike, "{one} {other}");
        }
    }
}
