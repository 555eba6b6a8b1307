//! Time as the capture tells it.

use std::fmt;

/// Nanoseconds since the Unix epoch, UTC, as stamped by the capture. Never the wall clock.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// A point in time from whole seconds and nanoseconds; saturates instead of wrapping.
    pub fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(i64::from(nanoseconds)))
    }

    /// Number of the minute, counted from the Unix epoch. Events are told once a minute.
    pub fn minute(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND.saturating_mul(60))
    }

    /// RFC 3339 to the second, as names of files and sessions bear it: `2026-11-22T18:00:00Z`.
    pub fn to_the_second(self) -> String {
        let second = self.0.div_euclid(NANOS_PER_SECOND).saturating_mul(NANOS_PER_SECOND);
        match jiff::Timestamp::from_nanosecond(i128::from(second)) {
            Ok(time) => format!("{time:.0}"),
            Err(_) => format!("{} ns", self.0),
        }
    }

    /// How long after `earlier` this is, in nanoseconds; zero when it is not later.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// RFC 3339 with nine digits of fraction, so that texts sort as times do.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_rfc_3339_with_all_nanoseconds() {
        let at = Timestamp::from_parts(1_300_000_000, 42);
        assert_eq!(at.to_string(), "2011-03-13T07:06:40.000000042Z");
    }

    #[test]
    fn a_name_needs_no_fraction() {
        assert_eq!(
            Timestamp::from_parts(1_300_000_000, 42).to_the_second(),
            "2011-03-13T07:06:40Z"
        );
        assert_eq!(Timestamp(-1).to_the_second(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn a_clock_that_steps_back_gives_zero() {
        assert_eq!(Timestamp(5).since(Timestamp(9)), 0);
    }
}
