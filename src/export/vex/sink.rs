//! JSON as people read and compare it: indented, and without any character that a screen could obey.
//!
//! These documents are sent to others, who show them with programs of their own. So what is hostile is not only escaped, as in
//! the lines of [`json`](crate::export::json), where the bytes of a value must come back: it is written out in words, `\u{202e}`,
//! and stays so when the document is read. Line feeds and tabulators stay, since texts of advisories have lines.

use std::io::{self, Write};

use serde::ser::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};

use crate::export::escape;

/// Prints one document.
pub(super) fn write(document: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let formatter = Plain(PrettyFormatter::new());
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// A list of which each item is made when it is written: a store of any size takes the memory of one item.
pub(super) struct Made<F>(pub(super) F);

impl<F, I> Serialize for Made<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

struct Plain(PrettyFormatter<'static>);

/// Hands a method on to the formatter that indents.
macro_rules! as_indented {
    ($($name:ident($($argument:ident: $kind:ty),*)),+ $(,)?) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(out $(, $argument)*)
        })+
    };
}

impl Formatter for Plain {
    as_indented!(
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        begin_object_value(),
        end_object_value(),
    );

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(escape::is_hostile) {
            let (plain, hostile) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut chars = hostile.chars();
            spell(chars.next().unwrap_or_default(), out)?;
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::Backspace => spell('\u{8}', out),
            CharEscape::FormFeed => spell('\u{c}', out),
            CharEscape::CarriageReturn => spell('\r', out),
            CharEscape::AsciiControl(byte) => spell(char::from(byte), out),
            harmless => self.0.write_char_escape(out, harmless),
        }
    }
}

/// The backslash is doubled, as JSON asks: who reads the value sees one.
fn spell<W: ?Sized + Write>(hostile: char, out: &mut W) -> io::Result<()> {
    write!(out, "\\\\u{{{:x}}}", u32::from(hostile))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        let mut out = Vec::new();
        write(&[text], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_hostile_is_there_before_or_after_reading() {
        for nasty in escape::NASTY {
            let document = printed(nasty);
            assert!(!document.contains(|c| c != '\n' && escape::is_hostile(c)), "{document:?}");
            let [read] = serde_json::from_str::<[String; 1]>(&document).unwrap();
            let left = |c| !matches!(c, '\n' | '\t') && escape::is_hostile(c);
            assert!(!read.contains(left), "{read:?}");
        }
        let plain = "Umlaut ü, 日本, \"quoted\" back\\slash\nline";
        assert_eq!(serde_json::from_str::<[String; 1]>(&printed(plain)).unwrap(), [plain]);
        assert!(printed("\u{202e}gpj.exe").contains(r"\\u{202e}gpj.exe"));
    }
}
