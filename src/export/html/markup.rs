//! HTML as it is written: markup is a text of the program, known when it is compiled; everything else is escaped on its way in.
//!
//! The types hold that: what is not `'static` cannot be written but through the escaper. So no text of a device, a file or an
//! advisory can begin an element or end an attribute.

use std::fmt::Display;

use crate::export::escape::xml;
use crate::export::map::Map;
use crate::export::map::svg;
use crate::model::limits::REPORT_CELL_CHARS_MAX;

/// A part of a page.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// The text of the page so far.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Markup of the program itself.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Any text, escaped, and cut where somebody made it long.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&xml(&shortened(text)));
        self
    }

    /// Any text, escaped, however long: hashes, lists of names that are counted already.
    pub(super) fn whole(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&xml(text));
        self
    }

    /// A number or the like.
    pub(super) fn show(&mut self, value: impl Display) -> &mut Self {
        self.whole(&value.to_string())
    }

    /// An element with a text in it: `open` and `close` are its tags.
    pub(super) fn within(
        &mut self,
        open: &'static str,
        text: &str,
        close: &'static str,
    ) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// The map, which escapes by the same function.
    pub(super) fn map(&mut self, map: &Map<'_>) -> &mut Self {
        self.0.push_str(&svg::inline(map));
        self
    }

    /// The start of a table: its class, its caption and the headings of its columns, with the classes of these.
    pub(super) fn table(
        &mut self,
        class: &'static str,
        caption: &str,
        columns: &[(&'static str, &'static str)],
    ) -> &mut Self {
        self.raw("<div class=\"scroll\"><table class=\"").raw(class).raw("\">");
        if !caption.is_empty() {
            self.within("<caption>", caption, "</caption>");
        }
        self.raw("<thead><tr>");
        for (class, heading) in columns {
            let open = if *class == NUMBER {
                "<th scope=\"col\" class=\"n\">"
            } else {
                "<th scope=\"col\">"
            };
            self.within(open, heading, "</th>");
        }
        self.raw("</tr></thead><tbody>\n")
    }

    /// The end of a table; `left` rows were not written.
    pub(super) fn end_table(&mut self, left: usize) -> &mut Self {
        self.raw("</tbody></table></div>\n");
        if left > 0 {
            self.raw("<p class=\"left\">and ")
                .show(left)
                .raw(" more, not shown here: the workbook and CSV (<code>nameplate export xlsx</code>, <code>nameplate scan -o csv</code>) have all of them.</p>\n");
        }
        self
    }

    /// A cell of a table.
    pub(super) fn cell(&mut self, text: &str) -> &mut Self {
        self.within("<td>", text, "</td>")
    }

    /// A cell of a word that is not broken.
    pub(super) fn word(&mut self, text: &str) -> &mut Self {
        self.within("<td class=\"k\">", text, "</td>")
    }

    /// A cell of a number.
    pub(super) fn number(&mut self, value: impl Display) -> &mut Self {
        self.raw("<td class=\"n\">").show(value).raw("</td>")
    }
}

/// A text of at most [`REPORT_CELL_CHARS_MAX`] characters.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(REPORT_CELL_CHARS_MAX) {
        None => text.into(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
    }
}

/// The class of a column of numbers.
pub(super) const NUMBER: &str = "n";

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::export::escape::NASTY;

    #[test]
    fn no_text_begins_an_element_or_ends_an_attribute() {
        for nasty in NASTY {
            let mut markup = Markup::default();
            markup.raw("<td>").text(nasty).raw("</td>");
            let text = markup.into_text();
            let inside = text.strip_prefix("<td>").and_then(|text| text.strip_suffix("</td>"));
            assert!(!inside.unwrap().contains(['<', '>', '"', '\'']), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut markup = Markup::default();
        markup.text(&"ü".repeat(REPORT_CELL_CHARS_MAX + 1));
        assert_eq!(markup.into_text().chars().count(), REPORT_CELL_CHARS_MAX + 1);
    }
}
