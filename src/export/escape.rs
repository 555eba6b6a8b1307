//! Strings from the wire are hostile. Every sink takes its text from here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// For a terminal or a log line: nothing that moves the cursor, changes colours, reverses or hides text.
pub fn term(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            hostile if is_hostile(hostile) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(hostile));
            }
            plain => safe.push(plain),
        }
    }
    Cow::Owned(safe)
}

/// For a cell of a CSV file that a spreadsheet may open: a leading character that starts a formula is made text.
pub fn csv(text: &str) -> Cow<'_, str> {
    let safe = term(text);
    if safe.trim_start().starts_with(is_formula_start) {
        Cow::Owned(format!("'{safe}"))
    } else {
        safe
    }
}

/// For text and attributes of XML: nothing that a terminal obeys, and nothing that ends an element or a value.
pub fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in term(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            // No characters of XML 1.0, section 2.2.
            '\u{fffe}' | '\u{ffff}' => {}
            plain => safe.push(plain),
        }
    }
    safe
}

/// A word for a shell, as POSIX.1-2024 quotes it: nothing in it is obeyed by the shell, nor by the terminal it is
/// printed on.
pub fn shell(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    if !text.contains(is_hostile) {
        return Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")));
    }
    let mut word = String::from("$'");
    let mut utf8 = [0; 4];
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            hostile if is_hostile(hostile) => {
                for byte in hostile.encode_utf8(&mut utf8).bytes() {
                    // Writing to a String cannot fail.
                    let _ = write!(word, "\\{byte:03o}");
                }
            }
            plain => word.push(plain),
        }
    }
    word.push('\'');
    Cow::Owned(word)
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and characters that change direction or have no width.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' |
            '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

fn is_formula_start(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
}

/// Names that devices have been given to break the programs that show them: run through every sink by the tests.
#[cfg(test)]
pub(crate) const NASTY: &[&str] = &[
    "\u{1b}[2J\u{1b}[31mowned",
    "\u{9b}31mowned",
    "bell\u{7}",
    "two\r\nlines",
    "tab\there",
    "\u{202e}gpj.exe",
    "zero\u{200b}width\u{feff}",
    "=HYPERLINK(\"http://example.invalid\")",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\u{ff1d}1+1",
    "\t=1",
    "<script>alert(1)</script>",
    "\"quoted\", with comma",
    "back\\slash",
    "nul\0inside",
    "\u{2028}separator",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_reaches_a_terminal() {
        for nasty in NASTY {
            assert!(!term(nasty).contains(is_hostile), "{nasty:?}");
        }
        assert_eq!(term("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(term("Umlaut ü, 日本"), "Umlaut ü, 日本");
    }

    #[test]
    fn a_word_for_a_shell_is_quoted_where_it_has_to_be() {
        for (text, word) in [
            ("captures/enip/a-1.pcap", "captures/enip/a-1.pcap"),
            ("", "''"),
            ("two words; rm -r $HOME `x`", "'two words; rm -r $HOME `x`'"),
            ("it's", r"'it'\''s'"),
            ("~", "'~'"),
            ("Umlaut ü", "'Umlaut ü'"),
            ("\u{1b}[2J'1\\", r"$'\033[2J\'1\\'"),
            ("\u{202e}x", r"$'\342\200\256x'"),
        ] {
            assert_eq!(shell(text), word);
        }
        for nasty in NASTY {
            assert_eq!(term(&shell(nasty)), shell(nasty), "{nasty:?}");
        }
    }

    #[test]
    fn nothing_ends_an_element_of_xml() {
        for nasty in NASTY {
            let text = xml(nasty);
            assert!(!text.contains(is_hostile) && !text.contains(['<', '>', '"']), "{text:?}");
        }
        assert_eq!(xml("a&b<c>'\u{ffff}"), "a&amp;b&lt;c&gt;&apos;");
    }

    #[test]
    fn no_cell_starts_a_formula() {
        for nasty in NASTY {
            let cell = csv(nasty);
            let first = cell.chars().next().unwrap();
            assert!(!is_formula_start(first) && !is_hostile(first), "{cell:?}");
            assert!(!cell.contains(is_hostile), "{cell:?}");
        }
    }
}
