//! The text format of Prometheus, version 0.0.4: families with their help and type, samples with labels.

use std::fmt::Write as _;

use crate::export::escape::term;

/// Families as they are written.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

/// One family as it is written.
pub(super) struct Samples<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family of counters: what only grows, until the process that counts starts anew.
    pub(super) fn counter(&mut self, name: &'static str, help: &str) -> Samples<'_> {
        self.family("counter", name, help)
    }

    /// Begins a family of what goes up and down.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str) -> Samples<'_> {
        self.family("gauge", name, help)
    }

    /// Begins a family of what is counted in buckets.
    pub(super) fn histogram(&mut self, name: &'static str, help: &str) -> Samples<'_> {
        self.family("histogram", name, help)
    }

    /// A family without samples is told too, so that whoever looks for it finds its help.
    fn family(&mut self, kind: &str, name: &'static str, help: &str) -> Samples<'_> {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Samples { text: &mut self.text, name }
    }

    /// All that was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

impl Samples<'_> {
    /// Adds a whole number.
    pub(super) fn count(&mut self, labels: &[(&str, &str)], value: u64) -> &mut Self {
        self.sample("", labels, value)
    }

    /// Adds 1 for yes, 0 for no.
    pub(super) fn flag(&mut self, labels: &[(&str, &str)], value: bool) -> &mut Self {
        self.sample("", labels, u8::from(value))
    }

    /// Adds a number of milliseconds as seconds.
    pub(super) fn millis(&mut self, labels: &[(&str, &str)], value: u64) -> &mut Self {
        self.sample("", labels, seconds(value, 1_000))
    }

    /// Adds a time or a span in nanoseconds as seconds.
    pub(super) fn nanos(&mut self, labels: &[(&str, &str)], value: i64) -> &mut Self {
        let text = seconds(value.unsigned_abs(), 1_000_000_000);
        self.sample("", labels, if value < 0 { format!("-{text}") } else { text })
    }

    /// Adds a sample of a histogram: its name ends otherwise.
    pub(super) fn sample(
        &mut self,
        ending: &str,
        labels: &[(&str, &str)],
        value: impl std::fmt::Display,
    ) -> &mut Self {
        let _ = write!(self.text, "{}{ending}", self.name);
        for (at, (name, text)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{name}=\"{}\"", label(text));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
        self
    }
}

/// Parts of a second as seconds, exactly: `1500` thousandths are `1.5`.
pub(super) fn seconds(parts: u64, per_second: u64) -> String {
    let whole = parts.checked_div(per_second).unwrap_or_default();
    let rest = parts.checked_rem(per_second).unwrap_or_default();
    if rest == 0 {
        return whole.to_string();
    }
    let digits = per_second.checked_ilog10().and_then(|digits| usize::try_from(digits).ok());
    let fraction = format!("{rest:0>width$}", width = digits.unwrap_or_default());
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// The value of a label: nothing that ends it, and nothing that a terminal obeys.
fn label(text: &str) -> String {
    term(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::escape::{NASTY, is_hostile};

    #[test]
    fn a_family_is_written_as_the_format_says() {
        let mut exposition = Exposition::default();
        let labels = [("x", "1\"2\\3"), ("y", "")];
        exposition
            .counter("a_total", "A \\ B\nC.")
            .count(&[], 7)
            .count(&labels, u64::MAX)
            .flag(&[], true);
        let text = String::from_utf8(exposition.into_bytes()).unwrap();
        let wanted = "# HELP a_total A \\\\ B\\nC.\n# TYPE a_total counter\na_total 7\n\
                      a_total{x=\"1\\\"2\\\\3\",y=\"\"} 18446744073709551615\na_total 1\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn no_name_ends_a_label_or_a_line() {
        for nasty in NASTY {
            let mut exposition = Exposition::default();
            exposition.counter("a_total", "A.").count(&[("name", nasty)], 1);
            let text = String::from_utf8(exposition.into_bytes()).unwrap();
            assert_eq!(text.lines().count(), 3, "{nasty:?}");
            let plain = text.replace('\n', "");
            assert!(!plain.contains(is_hostile), "{nasty:?}");
        }
    }

    #[test]
    fn seconds_are_exact() {
        for (parts, per_second, wanted) in [
            (0, 1_000, "0"),
            (1_500, 1_000, "1.5"),
            (7, 1_000, "0.007"),
            (60_000, 1_000, "60"),
            (1_000_000_001, 1_000_000_000, "1.000000001"),
            (u64::MAX, 1_000_000_000, "18446744073.709551615"),
        ] {
            assert_eq!(seconds(parts, per_second), wanted);
        }
    }
}
