//! Where a dissector says what it learned.

use crate::flow::Input;
use crate::model::limits::{EXCERPT_BYTES_MAX, TEXT_BYTES_MAX, VALUE_BYTES_MAX};
use crate::model::{Excerpt, Key, Observation, Subject, Timestamp, Value};
use crate::wire::{Malformed, Span};

/// A value before it is worth an allocation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Said<'a> {
    /// Decoded text.
    Text(&'a str),
    /// A number.
    Uint(u64),
    /// Bytes without an agreed reading.
    Bytes(&'a [u8]),
}

impl From<Said<'_>> for Value {
    fn from(said: Said<'_>) -> Self {
        match said {
            Said::Text(text) => Self::Text(text.into()),
            Said::Uint(number) => Self::Uint(number),
            Said::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

/// What the memory of the engine answers to something said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    /// Not said by this subject before, or different from what it said last.
    New,
    /// Said before, and whoever listens wants repeats too.
    Repeat,
    /// Said before.
    Known,
}

/// The engine's side of a [`Sink`]: remembers what was said, and collects what is new.
pub trait Record {
    /// Whether this is news.
    fn hear(&mut self, at: Timestamp, subject: &Subject, key: Key, said: Said<'_>) -> Heard;

    /// Takes an observation that was news.
    fn take(&mut self, observation: Observation);

    /// Counts damage that cost only itself.
    fn damaged(&mut self, protocol: &'static str, malformed: Malformed);

    /// Counts something worth knowing about the reading itself, named `protocol.what`.
    fn count(&mut self, name: &'static str);
}

/// Where a dissector says what it learned. Stamps everything with time, frame and place.
pub struct Sink<'a> {
    input: &'a Input<'a>,
    record: &'a mut dyn Record,
    protocol: &'static str,
    keys: &'static [Key],
}

impl<'a> Sink<'a> {
    /// A sink for what `protocol` says about `input`.
    pub fn new(
        input: &'a Input<'a>,
        record: &'a mut dyn Record,
        protocol: &'static super::Protocol,
    ) -> Self {
        Self { input, record, protocol: protocol.name, keys: protocol.keys }
    }

    /// This sink for bytes that were put together from several messages; `input` tells where each came from.
    pub fn over<'b>(&'b mut self, input: &'b Input<'b>) -> Sink<'b> {
        Sink { input, record: &mut *self.record, protocol: self.protocol, keys: self.keys }
    }

    /// Says a text. Empty text says nothing; text beyond the cap is cut at a character.
    pub fn text(&mut self, subject: &Subject, key: Key, text: &str, span: Span) {
        if !text.is_empty() {
            let cut = text.floor_char_boundary(TEXT_BYTES_MAX);
            let text = text.get(..cut).unwrap_or_default();
            self.say(subject, key, Said::Text(text), span);
        }
    }

    /// Says a number.
    pub fn uint(&mut self, subject: &Subject, key: Key, number: impl Into<u64>, span: Span) {
        self.say(subject, key, Said::Uint(number.into()), span);
    }

    /// Says bytes that have no agreed reading; beyond the cap they are cut.
    pub fn bytes(&mut self, subject: &Subject, key: Key, bytes: &[u8], span: Span) {
        if !bytes.is_empty() {
            let kept = bytes.get(..VALUE_BYTES_MAX).unwrap_or(bytes);
            self.say(subject, key, Said::Bytes(kept), span);
        }
    }

    /// Counts a message, or a part of one, that was damaged while the rest was sound.
    pub fn damaged(&mut self, malformed: Malformed) {
        self.record.damaged(self.protocol, malformed);
    }

    /// Counts something about the reading itself, named `protocol.what`.
    pub fn count(&mut self, name: &'static str) {
        debug_assert!(
            name.starts_with(self.protocol),
            "{name} does not belong to {}",
            self.protocol
        );
        self.record.count(name);
    }

    fn say(&mut self, subject: &Subject, key: Key, said: Said<'_>, span: Span) {
        debug_assert!(self.keys.contains(&key), "{key} is not among the keys of {}", self.protocol);
        let repeat = match self.record.hear(self.input.at, subject, key, said) {
            Heard::Known => return,
            Heard::Repeat => true,
            Heard::New => false,
        };
        let Input { at, frame, mac, .. } = *self.input;
        self.record.take(Observation {
            at,
            frame,
            subject: subject.clone(),
            mac: mac.filter(|_| subject.node == self.input.sender()),
            key,
            value: said.into(),
            excerpt: self.excerpt(span),
            repeat,
        });
    }

    fn excerpt(&self, span: Span) -> Excerpt {
        let (frame, offset) = self.input.locate(span.at);
        let end = span.at.saturating_add(span.len.min(EXCERPT_BYTES_MAX));
        let bytes = self.input.bytes.get(span.at..end).unwrap_or_default();
        let length = u32::try_from(span.len).unwrap_or(u32::MAX);
        Excerpt { frame, offset, length, bytes: bytes.into() }
    }
}
