//! Days, times and ages as people write them.

use crate::model::Timestamp;

/// A time, or the last moment of a day in UTC.
pub(in crate::app) fn date(text: &str) -> Result<Timestamp, String> {
    moment(text, jiff::civil::Time::MAX)
}

/// A time, or the first moment of a day in UTC.
pub(in crate::app) fn day(text: &str) -> Result<Timestamp, String> {
    moment(text, jiff::civil::Time::MIN)
}

fn moment(text: &str, of_day: jiff::civil::Time) -> Result<Timestamp, String> {
    let wrong = || format!("{text} is no date: write 2026-03-02 or 2026-03-02T10:30:00Z");
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(at) => at,
        Err(_) => {
            let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
            jiff::tz::Offset::UTC.to_timestamp(day.to_datetime(of_day)).map_err(|_| wrong())?
        }
    };
    i64::try_from(at.as_nanosecond()).map(Timestamp).map_err(|_| wrong())
}

pub(in crate::app) fn age(text: &str) -> Result<jiff::SignedDuration, String> {
    let wrong = || format!("{text} is no age: write days as 30d or hours as 12h");
    let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => (days, 24),
        (_, Some(hours)) => (hours, 1),
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let hours = number.checked_mul(hours).filter(|hours| (0..=MAX_AGE_HOURS).contains(hours));
    hours.map(jiff::SignedDuration::from_hours).ok_or_else(wrong)
}

/// A century: more is a slip of the finger.
const MAX_AGE_HOURS: i64 = 24 * 366 * 100;
