//! Times as people write them: the shorter, the longer what is meant.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// The first moment that a text means and the first one behind it, in UTC: a year, a month, a day, a minute or a second; a
/// fraction of a second is a moment.
pub(super) fn read(text: &str) -> Option<(Timestamp, Timestamp)> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|text| digits(text, 2));
    let day = parts.next().map(|text| digits(text, 2));
    if parts.next().is_some() || (time.is_some() && day.is_none()) {
        return None;
    }
    let (month_or_first, day_or_first) = (month.unwrap_or(Some(1))?, day.unwrap_or(Some(1))?);
    let whole_day = DateTime::new(
        year,
        month_or_first.try_into().ok()?,
        day_or_first.try_into().ok()?,
        0,
        0,
        0,
        0,
    )
    .ok()?;
    let (start, length) = match time {
        None if day.is_some() => (whole_day, 1.day()),
        None if month.is_some() => (whole_day, 1.month()),
        None => (whole_day, 1.year()),
        Some(time) => {
            let mut parts = time.split(':');
            let hour = digits(parts.next()?, 2)?;
            let minute = digits(parts.next()?, 2)?;
            let seconds = parts.next();
            if parts.next().is_some() {
                return None;
            }
            let (second, fraction) = match seconds {
                None => (0, None),
                Some(text) => match text.split_once('.') {
                    None => (digits(text, 2)?, None),
                    Some((second, fraction)) => (digits(second, 2)?, Some(nanoseconds(fraction)?)),
                },
            };
            let time = jiff::civil::Time::new(
                hour.try_into().ok()?,
                minute.try_into().ok()?,
                second.try_into().ok()?,
                fraction.unwrap_or(0),
            );
            let length = match (seconds, fraction) {
                (None, _) => 1.minute(),
                (Some(_), None) => 1.second(),
                (Some(_), Some(_)) => 1.nanosecond(),
            };
            (whole_day.date().to_datetime(time.ok()?), length)
        }
    };
    Some((timestamp(start)?, timestamp(start.checked_add(length).ok()?)?))
}

fn digits(text: &str, count: usize) -> Option<i16> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    let is_number =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    format!("{fraction:0<9}").parse().ok().filter(|_| is_number)
}

fn timestamp(at: DateTime) -> Option<Timestamp> {
    let nanoseconds = at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_nanosecond();
    i64::try_from(nanoseconds).ok().map(Timestamp)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<(String, String)> {
        read(text).map(|(start, end)| (start.to_string(), end.to_string()))
    }

    #[test]
    fn a_shorter_time_is_a_longer_period() {
        for (text, start, end) in [
            ("2026", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
            ("2026-02", "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
            ("2026-02-28", "2026-02-28T00:00:00", "2026-03-01T00:00:00"),
            ("2026-03-02T09:00", "2026-03-02T09:00:00", "2026-03-02T09:01:00"),
            ("2026-03-02 09:00:03Z", "2026-03-02T09:00:03", "2026-03-02T09:00:04"),
        ] {
            let full = |text: &str| format!("{text}.000000000Z");
            assert_eq!(shown(text), Some((full(start), full(end))), "{text}");
        }
        let (start, end) = read("2026-03-02T09:00:03.033").unwrap();
        assert_eq!(
            (start.to_string().as_str(), end.0 - start.0),
            ("2026-03-02T09:00:03.033000000Z", 1)
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in [
            "",
            "26",
            "2026-13",
            "2026-02-30",
            "2026-02-01T",
            "2026-02T09:00",
            "2026-02-01T9:00",
            "yesterday",
            "2026-02-01T09:00:00.",
            "9999-12-31",
            "-026",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
