//! The title of a page, as far as it can be had without reading HTML: the first `title` element of its head.

use std::borrow::Cow;

use crate::wire::Span;

/// What the start of a page holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// The text of the title lies here.
    Title(Span),
    /// None, and none will come.
    Nothing,
    /// None so far.
    More,
}

/// Looks for the title in the first bytes of a page.
pub(super) fn find(page: &[u8]) -> Found {
    let Some(tag) = position(page, b"<title") else {
        // Behind the head, pictures may have titles of their own.
        let ended = [&b"</head"[..], b"<body"].iter().any(|end| position(page, end).is_some());
        return if ended { Found::Nothing } else { Found::More };
    };
    let behind = page.get(tag..).unwrap_or_default();
    let Some(start) = behind.iter().position(|c| *c == b'>').map(|end| end.saturating_add(1))
    else {
        return Found::More;
    };
    let text = behind.get(start..).unwrap_or_default();
    match position(text, b"</title") {
        Some(len) => Found::Title(Span { at: tag.saturating_add(start), len }),
        None => Found::More,
    }
}

/// The text of a title: runs of white space are one space, and the usual character references are characters.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let decoded: Cow<'_, str> = match std::str::from_utf8(bytes) {
        // Most titles are plain, and pages are asked for again and again.
        Ok(text) if is_plain(text) => return Cow::Borrowed(text),
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut text = String::new();
    for word in decoded.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        unescape(word, &mut text);
    }
    Cow::Owned(text)
}

fn is_plain(text: &str) -> bool {
    let blank = |c: char| c.is_whitespace() && c != ' ';
    !text.contains('&') && !text.contains(blank) && !text.contains("  ") && text.trim() == text
}

fn unescape(word: &str, text: &mut String) {
    let mut rest = word;
    while let Some((before, reference)) = rest.split_once('&') {
        text.push_str(before);
        match reference.split_once(';').and_then(|(name, behind)| Some((character(name)?, behind)))
        {
            Some((c, behind)) => {
                text.push(c);
                rest = behind;
            }
            None => {
                text.push('&');
                rest = reference;
            }
        }
    }
    text.push_str(rest);
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(number);
    }
    REFERENCES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}

const REFERENCES: &[(&str, char)] = &[
    ("amp", '&'),
    ("apos", '\''),
    ("copy", '\u{a9}'),
    ("gt", '>'),
    ("lt", '<'),
    ("mdash", '\u{2014}'),
    ("nbsp", ' '),
    ("ndash", '\u{2013}'),
    ("quot", '"'),
    ("reg", '\u{ae}'),
    ("trade", '\u{2122}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_found_whatever_its_letters_and_attributes() {
        let page = b"<HTML><HEAD><TITLE lang=\"en\">\n  S7-1200 &amp; station_1\n</TITLE>";
        let Found::Title(span) = find(page) else { panic!("no title") };
        assert_eq!(text(&page[span.at..span.at.saturating_add(span.len)]), "S7-1200 & station_1");
    }

    #[test]
    fn titles_of_pictures_in_the_body_are_no_title_of_the_page() {
        assert_eq!(find(b"<head></head><body><svg><titl"), Found::Nothing);
        assert_eq!(find(b"<html><head><meta x"), Found::More);
        assert_eq!(find(b"<title>half"), Found::More);
    }

    #[test]
    fn what_is_no_character_reference_stays() {
        assert_eq!(
            text(b"M&uuml;ller & S&#246;hne &#x110000; M\xfcller"),
            "M&uuml;ller & S\u{f6}hne &#x110000; M\u{fc}ller"
        );
    }
}
