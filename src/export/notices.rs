//! Notices for a person at a terminal: a line each, in their order.
//!
//! ```text
//! 2026-11-22T18:22:07.812000000Z  #7  notice    asset_new      PLC 7 (10.0.0.7): A device that was not known
//! ```

use std::io::{self, Write};

use crate::export::escape::term;
use crate::model::Notice;

/// Prints a notice: when it happened, its number, severity and kind, what it is about, what happened, and its details.
pub fn line(notice: &Notice, out: &mut impl Write) -> io::Result<()> {
    let (severity, kind) = (notice.severity.name(), notice.kind.name());
    write!(out, "{}  #{}  {severity:<13}  {kind:<17}  ", notice.at, notice.number)?;
    if !notice.site.is_empty() {
        write!(out, "[{}] ", term(&notice.site))?;
    }
    let addresses: Vec<_> = notice.addresses.iter().map(|address| term(address)).collect();
    match (notice.name.is_empty(), addresses.is_empty()) {
        (true, true) => {}
        (false, true) => write!(out, "{}: ", term(&notice.name))?,
        (true, false) => write!(out, "{}: ", addresses.join(", "))?,
        (false, false) => write!(out, "{} ({}): ", term(&notice.name), addresses.join(", "))?,
    }
    write!(out, "{}", term(&notice.text))?;
    for (name, value) in &notice.details {
        write!(out, "  {}={}", term(name), term(value))?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::escape::{NASTY, is_hostile};
    use crate::model::{NoticeKind, Severity, Timestamp};

    fn printed(text: &str) -> String {
        let notice = Notice {
            number: 7,
            at: Timestamp(1_300_000_000_000_000_042),
            told: Timestamp(0),
            kind: NoticeKind::AssetNew,
            severity: Severity::Notice,
            site: text.into(),
            asset: None,
            name: text.into(),
            addresses: vec![text.into()],
            finding: None,
            text: text.into(),
            details: vec![(text.into(), text.into())],
        };
        let mut written = Vec::new();
        line(&notice, &mut written).unwrap();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn a_notice_is_one_harmless_line() {
        let expected = "2011-03-13T07:06:40.000000042Z  #7  notice         asset_new          [a] a (a): a  a=a\n";
        assert_eq!(printed("a"), expected);
        for nasty in NASTY {
            let line = printed(nasty);
            assert!(!line.trim_end_matches('\n').contains(is_hostile), "{line:?}");
        }
    }
}
