//! The report as one HTML file: for a manager on its first page, for everybody else behind it.
//!
//! No scripts, no links out, nothing fetched: a policy in the file forbids all of it but the one style sheet that it carries, by its
//! hash. What it says is computed in `export::brief` from the same report that NDJSON prints; the wall clock is
//! nowhere in it.

mod appendix;
mod findings;
mod first;
mod later;
mod markup;
mod places;

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::export::Report;
use crate::export::brief::{gaps, jobs, questions, seen};
use crate::model::{Outcome, Record};
use markup::Markup;

/// What a report for people has beside the report itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beyond<'a> {
    /// What people did about findings, with what became of it.
    pub history: &'a [(&'a Record, Outcome)],
}

/// Writes the page.
pub fn html(report: &Report<'_>, beyond: Beyond<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut style = Markup::default();
    style.raw(TOKENS).raw(PAGE_STYLE).raw(MAP_STYLE);
    let style = style.into_text();
    let title = first::title(report);
    let mut head = Markup::default();
    head.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-")
        .whole(&base64(&Sha256::digest(style.as_bytes())))
        .raw("'; base-uri 'none'; form-action 'none'\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"nameplate ")
        .whole(&report.run.version)
        .raw("\">\n<title>")
        .text(&title)
        .raw("</title>\n<style>");
    out.write_all(head.into_text().as_bytes())?;
    out.write_all(style.as_bytes())?;
    out.write_all(b"</style>\n</head>\n<body>\n")?;
    let seen = seen(report);
    let (jobs, gaps, questions) = (jobs(report), gaps(report, &seen), questions(report));
    let parts: [&dyn Fn(&mut Markup); 8] = [
        &|page| first::first(report, &title, (&seen, &jobs, &gaps), page),
        &|page| places::places(report, page),
        &|page| findings::jobs(&jobs, page),
        &|page| findings::findings(report, page),
        &|page| findings::ask(report, &questions, page),
        &|page| later::ends(report, page),
        &|page| later::changes(report, beyond, page),
        &|page| appendix::appendix(report, &gaps, page),
    ];
    for part in parts {
        let mut page = Markup::default();
        part(&mut page);
        out.write_all(page.into_text().as_bytes())?;
    }
    out.write_all(b"</body>\n</html>\n")
}

/// Base 64 of RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4_usize {
            let shift = [18_u32, 12, 6, 0].get(place).copied().unwrap_or_default();
            let digit = usize::try_from(bits.checked_shr(shift).unwrap_or_default() & 0x3f)
                .unwrap_or_default();
            let digit = DIGITS.as_bytes().get(digit).copied().unwrap_or(b'=');
            text.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// Colours, for light and for dark; print is always light.
pub(super) const TOKENS: &str = include_str!("tokens.css");
/// How the map looks.
pub(super) const MAP_STYLE: &str = include_str!("map.css");
const PAGE_STYLE: &str = include_str!("page.css");
const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_standard() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
