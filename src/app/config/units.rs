//! Sizes and lengths of time, as people write them.

use jiff::SignedDuration;

/// Bytes: `20GiB`, `500 MB`, `65536`.
///
/// # Errors
///
/// What to write instead.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size: write it as \"64MiB\" or \"20GiB\"");
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    match factor {
        Some((_, factor)) => {
            number.checked_mul(*factor).ok_or_else(|| format!("{text:?} is more than there is"))
        }
        None if ["k", "m", "g", "t"].iter().any(|short| short.eq_ignore_ascii_case(unit)) => {
            let unit = unit.to_uppercase();
            Err(format!("{text:?} can mean two sizes: write {number}{unit}iB"))
        }
        None => Err(wrong()),
    }
}

/// A length of time: `365d`, `12h`, `100ms`.
///
/// # Errors
///
/// What to write instead.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong =
        || format!("{text:?} is no length of time: write it as \"30d\", \"12h\" or \"500ms\"");
    let (number, unit) = split(text);
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let Some((_, factor)) = DURATIONS.iter().find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "m" => format!("{text:?} can mean minutes or months: write {number}min"),
            "y" => format!("{text:?}: years differ in length: write days, as \"365d\""),
            _ => wrong(),
        });
    };
    let millis = number.checked_mul(*factor).filter(|millis| *millis <= DURATION_MILLIS_MAX);
    millis.map(SignedDuration::from_millis).ok_or_else(|| format!("{text:?} is too long"))
}

/// A size as it is written: in the largest unit that it is a whole number of.
pub fn show_size(bytes: u64) -> String {
    let whole = SIZES.iter().filter(|(name, _)| name.ends_with("iB") || *name == "B");
    let fits = whole.filter(|(_, factor)| bytes.checked_rem(*factor) == Some(0));
    let unit = fits.filter(|(_, factor)| *factor <= bytes.max(1)).max_by_key(|(_, factor)| *factor);
    match unit {
        Some((name, factor)) => format!("{}{name}", bytes.checked_div(*factor).unwrap_or(bytes)),
        None => format!("{bytes}B"),
    }
}

/// A length of time as it is written: in the largest unit that it is a whole number of, weeks aside.
pub fn show_duration(duration: SignedDuration) -> String {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let fits = DURATIONS.iter().filter(|(name, factor)| {
        *name != "w" && millis >= *factor && millis.checked_rem(*factor) == Some(0)
    });
    match fits.max_by_key(|(_, factor)| *factor) {
        Some((name, factor)) => format!("{}{name}", millis.checked_div(*factor).unwrap_or(millis)),
        None => format!("{millis}ms"),
    }
}

/// The number in front, and the unit behind it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

/// Units of size: those of IEC 80000-13, and the decimal ones.
const SIZES: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1_024),
    ("MiB", 1_048_576),
    ("GiB", 1_073_741_824),
    ("TiB", 1_099_511_627_776),
];

/// Units of time, in milliseconds.
const DURATIONS: &[(&str, i64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// A century: more is a slip of the finger.
const DURATION_MILLIS_MAX: i64 = 100 * 366 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written_alike() {
        for (text, bytes, shown) in [
            ("64MiB", 67_108_864, "64MiB"),
            ("20 GiB", 21_474_836_480, "20GiB"),
            ("1024MiB", 1_073_741_824, "1GiB"),
            ("500MB", 500_000_000, "500000000B"),
            ("65536", 65_536, "64KiB"),
            ("0", 0, "0B"),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
            assert_eq!(show_size(bytes), shown);
        }
    }

    #[test]
    fn lengths_of_time_are_read_and_written_alike() {
        for (text, millis, shown) in [
            ("365d", 31_536_000_000, "365d"),
            ("12h", 43_200_000, "12h"),
            ("24h", 86_400_000, "1d"),
            ("2w", 1_209_600_000, "14d"),
            ("100ms", 100, "100ms"),
            ("90 s", 90_000, "90s"),
            ("0s", 0, "0ms"),
        ] {
            let read = duration(text).unwrap();
            assert_eq!(read, SignedDuration::from_millis(millis), "{text}");
            assert_eq!(show_duration(read), shown);
        }
    }

    #[test]
    fn what_can_mean_two_things_is_refused_with_what_to_write() {
        assert!(size("20G").unwrap_err().contains("20GiB"));
        assert!(size("1.5GiB").unwrap_err().contains("no size"));
        assert!(size("-1").unwrap_err().contains("no size"));
        assert!(size("99999999999TiB").unwrap_err().contains("more than there is"));
        assert!(duration("5m").unwrap_err().contains("5min"));
        assert!(duration("1y").unwrap_err().contains("365d"));
        assert!(duration("soon").unwrap_err().contains("no length"));
        assert!(duration("99999999d").unwrap_err().contains("too long"));
    }
}
