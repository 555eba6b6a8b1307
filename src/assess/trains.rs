//! Parallel release trains: of several limits, the one that counts is the one on the device's own train.
//!
//! "< V33.017, V34.014" says nothing about 34.011 through its first number, and 5.009 (unsigned) is not below 5.028
//! (signed). How many leading numbers make a train is taken from the limits themselves: as few as tell them apart. Where
//! Rockwell keeps two trains under one major, the blocks of ten minors are the trains.

use std::cmp::Ordering;

use crate::model::version::{Scheme, Version};

/// Where a version stands to several limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// On the train of this limit.
    At(usize),
    /// Below all trains; the lowest limit.
    Below(usize),
    /// Above all trains; the highest limit.
    Above(usize),
    /// On a train of its own between them.
    Between,
    /// The order is not known.
    Unknown,
}

/// Finds the limit that counts for a version.
pub(super) fn place(version: &Version, limits: &[&Version]) -> Place {
    let mut sorted: Vec<(usize, &Version)> = Vec::new();
    for (at, limit) in limits.iter().enumerate() {
        let same = sorted.iter().any(|(_, kept)| kept.compare(limit) == Some(Ordering::Equal));
        if !same {
            sorted.push((at, limit));
        }
    }
    for (_, one) in &sorted {
        let blocks = |other: &Version| {
            one.scheme() == Scheme::Rockwell && one.numbers().first() == other.numbers().first()
        };
        if sorted.iter().any(|(_, other)| one.compare(other).is_none() && !blocks(other)) {
            return outside(version, &sorted);
        }
    }
    sorted.sort_by(|(_, one), (_, other)| {
        one.compare(other).unwrap_or_else(|| one.numbers().cmp(&other.numbers()))
    });
    let (Some((lowest, _)), Some((highest, _))) = (sorted.first(), sorted.last()) else {
        return Place::Unknown;
    };
    if sorted.len() == 1 {
        return Place::At(*lowest);
    }
    let Some(train) = train_key(&sorted) else { return beside(version, &sorted) };
    let own = train(version);
    if let Some((at, _)) = sorted.iter().find(|(_, limit)| train(limit) == own) {
        return Place::At(*at);
    }
    let below = sorted.first().is_some_and(|(_, limit)| own < train(limit));
    let above = sorted.last().is_some_and(|(_, limit)| own > train(limit));
    match (below, above) {
        (true, _) => Place::Below(*lowest),
        (_, true) => Place::Above(*highest),
        _ => Place::Between,
    }
}

/// Of limits whose own order is not known ("1.5 SP1, 1.5.1.0") only one thing is: what is behind all of them, or before all.
fn outside(version: &Version, limits: &[(usize, &Version)]) -> Place {
    let all =
        |wanted: Ordering| limits.iter().all(|(_, limit)| version.compare(limit) == Some(wanted));
    let (Some((first, _)), Some((last, _))) = (limits.first(), limits.last()) else {
        return Place::Unknown;
    };
    match (all(Ordering::Less), all(Ordering::Greater)) {
        (true, _) => Place::Below(*first),
        (_, true) => Place::Above(*last),
        _ => Place::Unknown,
    }
}

/// Limits that share all but their last number belong to variants that the device cannot be told to be: only below all and
/// at or above all is known.
fn beside(version: &Version, sorted: &[(usize, &Version)]) -> Place {
    let (Some((lowest, low)), Some((highest, high))) = (sorted.first(), sorted.last()) else {
        return Place::Unknown;
    };
    match (version.compare(low), version.compare(high)) {
        (Some(Ordering::Less), _) => Place::Below(*lowest),
        (_, Some(Ordering::Greater | Ordering::Equal)) => Place::At(*highest),
        _ => Place::Unknown,
    }
}

type Key = Box<dyn Fn(&Version) -> Vec<u64>>;

/// What names the train of a version, so that each limit has its own. `None` when only the last number differs.
fn train_key(limits: &[(usize, &Version)]) -> Option<Key> {
    let longest = limits.iter().map(|(_, limit)| limit.numbers().len()).max()?;
    let shortest = limits.iter().map(|(_, limit)| limit.numbers().len()).min()?;
    let distinct = |key: &dyn Fn(&Version) -> Vec<u64>| {
        let mut keys: Vec<_> = limits.iter().map(|(_, limit)| key(limit)).collect();
        keys.sort();
        keys.windows(2).all(|pair| pair.first() != pair.last())
    };
    for depth in 1..longest.min(shortest.saturating_add(1)) {
        let key = move |version: &Version| {
            let mut numbers = version.numbers();
            numbers.resize(depth.max(numbers.len()), 0);
            numbers.truncate(depth);
            numbers
        };
        if distinct(&key) {
            return Some(Box::new(key));
        }
    }
    let rockwell = limits.iter().all(|(_, limit)| limit.scheme() == Scheme::Rockwell);
    let block = |version: &Version| {
        let numbers = version.numbers();
        let minor = numbers.get(1).copied().unwrap_or_default();
        vec![
            numbers.first().copied().unwrap_or_default(),
            minor.checked_div(10).unwrap_or_default(),
        ]
    };
    (rockwell && distinct(&block)).then(|| -> Key { Box::new(block) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(version: &str, limits: &[&str], scheme: Scheme) -> Place {
        let limits: Vec<Version> = limits.iter().map(|raw| Version::new(raw, scheme)).collect();
        place(&Version::new(version, scheme), &limits.iter().collect::<Vec<_>>())
    }

    #[test]
    fn own_train_counts() {
        let limits = ["33.017", "34.014", "36.011"];
        assert_eq!(placed("33.016", &limits, Scheme::Rockwell), Place::At(0));
        assert_eq!(placed("34.14", &limits, Scheme::Rockwell), Place::At(1));
        assert_eq!(placed("32.011", &limits, Scheme::Rockwell), Place::Below(0));
        assert_eq!(placed("35.011", &limits, Scheme::Rockwell), Place::Between);
        assert_eq!(placed("37.011", &limits, Scheme::Rockwell), Place::Above(2));
    }

    #[test]
    fn blocks_of_ten_are_trains_under_one_major() {
        let limits = ["5.008", "5.028"];
        assert_eq!(placed("5.009", &limits, Scheme::Rockwell), Place::At(0));
        assert_eq!(placed("5.29", &limits, Scheme::Rockwell), Place::At(1));
        assert_eq!(placed("4.002", &limits, Scheme::Rockwell), Place::Below(0));
        assert_eq!(placed("5.012", &limits, Scheme::Rockwell), Place::Between);
    }

    #[test]
    fn redundancy_firmware_has_trains_of_its_own() {
        let limits = ["33.013", "34.011", "33.052", "34.051"];
        assert_eq!(placed("33.051", &limits, Scheme::Rockwell), Place::At(2));
        assert_eq!(placed("33.016", &limits, Scheme::Rockwell), Place::At(0));
    }

    #[test]
    fn limits_of_variants_are_not_trains() {
        assert_eq!(placed("1.49", &["1.49", "1.50"], Scheme::Dotted), Place::Unknown);
        assert_eq!(placed("1.50", &["1.49", "1.50"], Scheme::Dotted), Place::At(1));
        assert_eq!(placed("1.40", &["1.49", "1.50"], Scheme::Dotted), Place::Below(0));
        assert_eq!(placed("13.0.5", &["13.0.4", "13.1.2"], Scheme::Dotted), Place::At(0));
    }

    #[test]
    fn what_is_outside_all_limits_is_so_whatever_their_order() {
        let limits = ["V1.5SP1", "v1.5.1.0"];
        assert_eq!(placed("V2.60", &limits, Scheme::Schneider), Place::Above(1));
        assert_eq!(placed("V1.3.0.1", &limits, Scheme::Schneider), Place::Below(0));
        assert_eq!(placed("1.5.2.0", &limits, Scheme::Schneider), Place::Unknown);
    }
}
