//! What stands in one place of a table.

use std::borrow::Cow;

use crate::model::{Timestamp, Value};

/// A value. What a spreadsheet could take for a number and must not is text: serial numbers, versions, identifiers.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing to say.
    Empty,
    /// Text, raw: every sink escapes it.
    Text(Cow<'a, str>),
    /// A count, or a number of a frame.
    Count(u64),
    /// A score.
    Score(f64),
}

impl<'a> Cell<'a> {
    /// Text, or nothing where there is none.
    pub(in crate::export) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The same of a text that may not be there.
    pub(super) fn stated(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    /// A time, as NDJSON has it.
    pub(super) fn time(at: Timestamp) -> Self {
        Self::text(at.to_string())
    }

    /// What the wire said.
    pub(super) fn value(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::text(&**text),
            Value::Uint(_) | Value::Bytes(_) => Self::text(value.to_string()),
        }
    }

    /// A number that may not be there.
    pub(super) fn count(count: Option<impl Into<u64>>) -> Self {
        count.map_or(Self::Empty, |count| Self::Count(count.into()))
    }

    /// As a file of text has it.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Count(count) => Cow::Owned(count.to_string()),
            Self::Score(score) => Cow::Owned(score.to_string()),
        }
    }
}
