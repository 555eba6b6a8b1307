//! Numbers as Excel shows them, as well as can be: by the number of digits, decimals and zeros that a cell's format has
//! (ECMA-376 part 1, section 18.8.30). A version that was typed into a cell of numbers is what a person sees there.

/// How a cell of numbers is shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Format {
    /// As short as can be.
    #[default]
    General,
    /// With this many digits before the point at least, and this many behind it.
    Fixed {
        /// Digits before the point, filled with zeros.
        digits: usize,
        /// Digits behind the point.
        decimals: usize,
        /// In hundredths, with a sign.
        percent: bool,
    },
    /// A date or a time.
    Date,
}

impl Format {
    /// The format of that number; `code` is what the workbook itself defines for it.
    pub(super) fn new(number: u32, code: Option<&str>) -> Self {
        match (number, code) {
            (_, Some(code)) => Self::of_code(code),
            (1, _) => Self::Fixed { digits: 1, decimals: 0, percent: false },
            (2 | 4 | 39 | 40, _) => Self::Fixed { digits: 1, decimals: 2, percent: false },
            (3 | 37 | 38, _) => Self::Fixed { digits: 1, decimals: 0, percent: false },
            (9, _) => Self::Fixed { digits: 1, decimals: 0, percent: true },
            (10, _) => Self::Fixed { digits: 1, decimals: 2, percent: true },
            (14..=22 | 27..=36 | 45..=47 | 50..=58, _) => Self::Date,
            _ => Self::General,
        }
    }

    fn of_code(code: &str) -> Self {
        let plain = without_literals(code.split(';').next().unwrap_or_default());
        if plain.eq_ignore_ascii_case("general") || plain.contains(['@', '/', 'E', 'e']) {
            let is_date = plain.contains(['y', 'Y', 'd', 'D']);
            return if is_date { Self::Date } else { Self::General };
        }
        if plain.contains(['y', 'Y', 'd', 'D', 'h', 'H', 's', 'S', 'm', 'M']) {
            return Self::Date;
        }
        let is_digit = |c: &char| matches!(c, '0' | '#' | '?');
        if !plain.contains(|c| is_digit(&c)) {
            return Self::General;
        }
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        Self::Fixed {
            digits: whole.chars().filter(|c| *c == '0').count().min(DIGITS_MAX),
            decimals: part.chars().filter(|c| *c == '0').count().min(DIGITS_MAX),
            percent: plain.contains('%'),
        }
    }

    /// The number as it is shown, from the text that the workbook holds. `None` for a text that is no number.
    pub(super) fn show(self, text: &str) -> Option<String> {
        let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
        Some(match self {
            Self::General | Self::Date => general(number),
            Self::Fixed { digits, decimals, percent } => {
                let number = if percent { number * 100.0 } else { number };
                let width = match decimals {
                    0 => digits,
                    _ => digits.saturating_add(decimals).saturating_add(1),
                };
                let sign = if number < 0.0 { "-" } else { "" };
                let percent = if percent { "%" } else { "" };
                format!("{sign}{:0width$.decimals$}{percent}", number.abs())
            }
        })
    }
}

/// As short as tells the number with the 15 digits that Excel keeps.
fn general(number: f64) -> String {
    let kept: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{kept}")
}

/// A code without what is shown as it stands: quoted text, escaped characters, colours and conditions, spaces as wide as
/// a character.
fn without_literals(code: &str) -> String {
    let mut plain = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '[' => drop(chars.by_ref().find(|c| *c == ']')),
            '\\' | '_' | '*' => drop(chars.next()),
            c => plain.push(c),
        }
    }
    plain
}

/// Digits that a number of Excel can have before or behind its point.
const DIGITS_MAX: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_they_do_in_the_spreadsheet() {
        for (number, code, text, shown) in [
            (0, None, "4.0999999999999996", "4.1"),
            (0, None, "32011", "32011"),
            (0, None, "1E+3", "1000"),
            (2, None, "4.0999999999999996", "4.10"),
            (164, Some("0.000"), "33.010999999999996", "33.011"),
            (164, Some("00000"), "524", "00524"),
            (164, Some("00.00"), "4.1", "04.10"),
            (164, Some("\"V\"0.0;[Red]-0.0"), "2.5", "2.5"),
            (10, None, "0.5", "50.00%"),
            (49, None, "7", "7"),
            (164, Some("#,##0"), "12345", "12345"),
            (1, None, "-3.2", "-3"),
        ] {
            let format = Format::new(number, code);
            assert_eq!(format.show(text).as_deref(), Some(shown), "{code:?} {text}");
        }
        assert_eq!(Format::General.show("x"), None);
        assert_eq!(Format::General.show("NaN"), None);
    }

    #[test]
    fn dates_are_known_by_their_format() {
        for (number, code) in [
            (14, None),
            (22, None),
            (164, Some("yyyy-mm-dd")),
            (164, Some("d/m")),
            (165, Some("[h]:mm:ss")),
        ] {
            assert_eq!(Format::new(number, code), Format::Date, "{number} {code:?}");
        }
        assert_eq!(Format::new(164, Some("\"day\" 0")).show("3").as_deref(), Some("3"));
    }
}
