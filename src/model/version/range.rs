//! Ranges of versions.

use std::cmp::Ordering;

use crate::model::version::Version;

/// One end of a range.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bound {
    /// The version named.
    pub version: Version,
    /// Whether it is itself inside.
    pub inclusive: bool,
}

/// Versions from one to another; an end that is missing is open.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Range {
    /// Lower end.
    pub from: Option<Bound>,
    /// Upper end.
    pub to: Option<Bound>,
}

impl Range {
    /// Exactly one version.
    pub fn exactly(version: Version) -> Self {
        let bound = Bound { version, inclusive: true };
        Self { from: Some(bound.clone()), to: Some(bound) }
    }

    /// Whether it names a single version.
    pub fn is_exact(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to))
            if from.version == to.version && from.inclusive && to.inclusive)
    }

    /// Whether its lower end is above its upper one: then nothing is inside, which nobody meant to say.
    pub fn is_inverted(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to))
            if from.version.compare(&to.version) == Some(Ordering::Greater))
    }

    /// Whether a version is inside. `None` when the order is not known, or when the upper end names only the beginning of
    /// the version: 33.011 may or may not be among "33 and prior".
    pub fn contains(&self, version: &Version) -> Option<bool> {
        let above = match &self.from {
            None => Some(true),
            Some(bound) if bound.version.begins(version) && bound.inclusive => Some(true),
            Some(bound) => version.compare(&bound.version).map(|order| match order {
                Ordering::Greater => true,
                Ordering::Equal => bound.inclusive,
                Ordering::Less => false,
            }),
        };
        let below = match &self.to {
            None => Some(true),
            Some(bound) if bound.inclusive && bound.version.begins(version) => None,
            // "< 4.5.x" may end anywhere in 4.5.
            Some(bound)
                if !bound.inclusive
                    && bound.version.is_open()
                    && version.compare(&bound.version) == Some(Ordering::Equal) =>
            {
                None
            }
            Some(bound) => version.compare(&bound.version).map(|order| match order {
                Ordering::Less => true,
                Ordering::Equal => bound.inclusive,
                Ordering::Greater => false,
            }),
        };
        match (above, below) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}
