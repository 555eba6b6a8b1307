//! One event as a line.

use std::fmt::{Debug, Write as _};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};

use crate::app::logging::LogFormat;
use crate::export::escape::term;
use crate::export::json;
use crate::model::limits::LOG_TEXT_BYTES_MAX;

/// What an event says.
#[derive(Debug)]
pub(super) struct Line {
    level: Level,
    target: &'static str,
    message: String,
    fields: Vec<(&'static str, Value)>,
}

/// How many lines of a kind were left out.
pub(super) fn more(kind: &'static Metadata<'static>, count: u64) -> Line {
    let place = format!("{}:{}", kind.file().unwrap_or("?"), kind.line().unwrap_or_default());
    Line {
        level: *kind.level(),
        target: kind.target(),
        message: "more of the same was left out".to_owned(),
        fields: vec![("count", count.into()), ("place", place.into())],
    }
}

impl Line {
    /// What an event says.
    pub(super) fn of(event: &Event<'_>) -> Self {
        let about = event.metadata();
        let (message, fields) = (String::new(), Vec::new());
        let mut line = Self { level: *about.level(), target: about.target(), message, fields };
        event.record(&mut line);
        line
    }

    /// Appends the line to a text, with its end.
    pub(super) fn written(&self, format: LogFormat, is_colored: bool, text: &mut String) {
        match format {
            LogFormat::Json => self.json(text),
            LogFormat::Journal => {
                let _ = write!(text, "<{}>", priority(self.level));
                self.said(text);
            }
            LogFormat::Text => {
                let (begin, end) = if is_colored { color(self.level) } else { ("", "") };
                let _ = write!(text, "{begin}{:>5}{end} ", self.level.as_str());
                self.said(text);
            }
        }
        text.push('\n');
    }

    /// The message and its fields for people: nothing in it is obeyed by a terminal, and it has no second line.
    fn said(&self, text: &mut String) {
        text.push_str(&term(&self.message));
        for (name, value) in &self.fields {
            let _ = match value {
                Value::String(value) if is_word(value) => write!(text, " {name}={value}"),
                Value::String(value) => {
                    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
                    write!(text, " {name}=\"{}\"", term(&quoted))
                }
                value => write!(text, " {name}={value}"),
            };
        }
    }

    fn json(&self, text: &mut String) {
        let mut object = Map::new();
        object.insert("time".to_owned(), jiff::Timestamp::now().to_string().into());
        object.insert("level".to_owned(), self.level.as_str().to_lowercase().into());
        object.insert("target".to_owned(), self.target.into());
        object.insert("message".to_owned(), (&*self.message).into());
        for (name, value) in &self.fields {
            // A field may be called like one of those above.
            let name = if object.contains_key(*name) {
                format!("field.{name}")
            } else {
                (*name).to_owned()
            };
            object.insert(name, value.clone());
        }
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = json::value(&object, &mut bytes);
        text.push_str(String::from_utf8_lossy(&bytes).trim_end());
    }

    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => self.fields.push((name, value)),
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.put(field, shortened(text).into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, shortened(value.to_owned()).into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

/// A text as it may stand in a line: one from the wire can be long.
fn shortened(mut text: String) -> String {
    if text.len() > LOG_TEXT_BYTES_MAX {
        let end = text.floor_char_boundary(LOG_TEXT_BYTES_MAX);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// True for text that needs no quotes: nobody can take it for another field.
fn is_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:%+,@".contains(c);
    !text.is_empty() && text.chars().all(is_plain)
}

/// The number of sd-daemon(3), which is that of syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

fn color(level: Level) -> (&'static str, &'static str) {
    let begin = match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        _ => "\u{1b}[2m",
    };
    (begin, "\u{1b}[0m")
}
