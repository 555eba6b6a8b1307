//! The texts of an XML message, with the names of the elements around them. A small reader: what it does not know is passed
//! over, nothing is looked up, and nothing calls itself.

use crate::model::limits::{WS_DISCOVERY_DEPTH_MAX, WS_DISCOVERY_ELEMENTS_MAX};
use crate::wire::Span;

/// Text between two tags.
pub(super) struct Text<'a> {
    /// Local name of the element that it stands in, and of the one around that.
    pub(super) within: [&'a [u8]; 2],
    /// The text without blanks around it, not empty.
    pub(super) text: &'a [u8],
    /// Where it stands.
    pub(super) span: Span,
}

/// Shows each text. False when there are more elements, or deeper ones, than are looked at.
pub(super) fn texts<'a>(message: &'a [u8], mut show: impl FnMut(Text<'a>)) -> bool {
    let mut open: Vec<&[u8]> = Vec::new();
    let mut at = 0_usize;
    for _ in 0..WS_DISCOVERY_ELEMENTS_MAX {
        let rest = message.get(at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'<') else { return true };
        let raw = rest.get(..length).unwrap_or_default();
        let text = raw.trim_ascii();
        if let (Some(inner), false) = (open.last(), text.is_empty()) {
            let outer = open.len().checked_sub(2).and_then(|at| open.get(at));
            let before = raw.len().saturating_sub(raw.trim_ascii_start().len());
            let span = Span { at: at.saturating_add(before), len: text.len() };
            show(Text { within: [inner, outer.copied().unwrap_or_default()], text, span });
        }
        at = at.saturating_add(length);
        let tag = message.get(at..).unwrap_or_default();
        let end: &[u8] = if tag.starts_with(b"<!--") { b"-->" } else { b">" };
        let Some(length) = tag.windows(end.len()).position(|window| window == end) else {
            return true;
        };
        let tag = tag.get(..length).unwrap_or_default();
        at = at.saturating_add(length).saturating_add(end.len());
        match tag.get(1) {
            Some(b'!' | b'?') => {}
            Some(b'/') => {
                open.pop();
            }
            _ if tag.ends_with(b"/") => {}
            _ if open.len() >= WS_DISCOVERY_DEPTH_MAX => return false,
            _ => open.push(local_name(tag.get(1..).unwrap_or_default())),
        }
    }
    false
}

/// The name of an element without its prefix.
fn local_name(tag: &[u8]) -> &[u8] {
    let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

/// A text with the five entities that XML itself has.
pub(super) fn plain(text: &str) -> String {
    let replace = |text: String, (entity, sign): &(&str, &str)| text.replace(entity, sign);
    ENTITIES.iter().fold(text.to_owned(), replace)
}

/// The ampersand last, so that what it stands in front of is not read again.
const ENTITIES: &[(&str, &str)] =
    &[("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Vec<String> {
        let mut all = Vec::new();
        texts(message.as_bytes(), |text| {
            let [inner, outer] = text.within.map(String::from_utf8_lossy);
            all.push(format!("{outer}/{inner}={}", String::from_utf8_lossy(text.text)));
        });
        all
    }

    #[test]
    fn texts_are_shown_with_the_elements_around_them() {
        let message = "<?xml version=\"1.0\"?><!-- <a>no</a> --><s:E x='1'>\n<a:Ref><a:Address> urn:1 </a:Address></a:Ref><b/>tail</s:E>";
        assert_eq!(read(message), ["Ref/Address=urn:1", "/E=tail"]);
    }

    #[test]
    fn depth_and_number_of_elements_are_bounded() {
        assert!(!texts("<a>".repeat(1_000).as_bytes(), |_| ()));
        assert!(!texts("<a/>".repeat(10_000).as_bytes(), |_| ()));
        assert!(texts(b"<a", |_| ()));
    }

    #[test]
    fn entities_are_signs() {
        assert_eq!(plain("a&amp;lt;b&lt;c"), "a&lt;b<c");
    }
}
