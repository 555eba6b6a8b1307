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

    /// Whether a version is inside. `None` when the order is not known, when the upper end names only the beginning of the
    /// version: 33.011 may or may not be among "33 and prior", and when the version is a beginning of which some are inside.
    pub fn contains(&self, version: &Version) -> Option<bool> {
        let (above, below) = match version.ends() {
            None => (self.is_above_from(version), self.is_below_to(version)),
            Some([lowest, highest]) => {
                let above = [self.is_above_from(&lowest), self.is_above_from(&highest)];
                let below = [self.is_below_to(&lowest), self.is_below_to(&highest)];
                let alike = |[one, other]: [Option<bool>; 2]| one.filter(|_| one == other);
                (alike(above), alike(below))
            }
        };
        match (above, below) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    fn is_above_from(&self, version: &Version) -> Option<bool> {
        match &self.from {
            None => Some(true),
            Some(bound) if bound.version.begins(version) && bound.inclusive => Some(true),
            Some(bound) => version.compare(&bound.version).map(|order| match order {
                Ordering::Greater => true,
                Ordering::Equal => bound.inclusive,
                Ordering::Less => false,
            }),
        }
    }

    fn is_below_to(&self, version: &Version) -> Option<bool> {
        match &self.to {
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
        }
    }
}
