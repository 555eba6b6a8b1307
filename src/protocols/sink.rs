//! Where a dissector says what it learned.

use crate::flow::Input;
use crate::model::limits::{EXCERPT_BYTES_MAX, TEXT_BYTES_MAX, VALUE_BYTES_MAX};
use crate::model::{Act, Addr, Excerpt, Key, Mac, Node, Observation, Subject, Timestamp, Value};
use crate::wire::{Malformed, Span};

/// A protocol in which this node asks one and the same question of one server again and again: it polls.
pub const POLLS: Key = Key::several("ip.polls");

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
    /// Whether this is news of whoever has the subject's address now: `from` is the MAC address it came from, zero where
    /// there is none, and `None` when another said it of the subject.
    fn hear(
        &mut self,
        at: Timestamp,
        from: Option<Mac>,
        subject: &Subject,
        key: Key,
        said: Said<'_>,
    ) -> Heard;

    /// Whoever speaks as this subject now has this serial number: when it is another one than before, all it says is
    /// news. True then.
    fn speaks_as(&mut self, from: Option<Mac>, subject: &Subject, serial: Said<'_>) -> bool;

    /// Takes an observation that was news.
    fn take(&mut self, observation: Observation);

    /// Counts damage that cost only itself.
    fn damaged(&mut self, protocol: &'static str, malformed: Malformed);

    /// Counts something worth knowing about the reading itself, named `protocol.what`.
    fn count(&mut self, name: &'static str);

    /// Counts what a request of this conversation is for; true when it is the first of its kind.
    fn act(&mut self, act: Act) -> bool;

    /// Takes whether the sender of the message is asked, or asks.
    fn serves(&mut self, _is_asked: bool) {}

    /// Takes what a client asks of a server; true when it has now been asked often enough, at different times, to know
    /// that the client polls. `question` are the bytes of the request that stay the same when it is asked again.
    fn asked(&mut self, at: Timestamp, client: Node, server: Node, question: &[u8]) -> bool;
}

/// Where a dissector says what it learned. Stamps everything with time, frame and place.
pub struct Sink<'a> {
    input: &'a Input<'a>,
    record: &'a mut dyn Record,
    protocol: &'static str,
    keys: &'static [&'static [Key]],
    /// Where the Base64 text starts that spans count the decoded bytes of.
    base64_at: Option<usize>,
    /// Bytes at the front of the input that may be kept as proof that it is this protocol.
    proof_bytes: usize,
}

impl<'a> Sink<'a> {
    /// A sink for what `protocol` says about `input`.
    pub fn new(
        input: &'a Input<'a>,
        record: &'a mut dyn Record,
        protocol: &'static super::Protocol,
    ) -> Self {
        let (protocol, keys) = (protocol.name, protocol.keys);
        Self { input, record, protocol, keys, base64_at: None, proof_bytes: EXCERPT_BYTES_MAX }
    }

    /// A sink for what is read from decoded Base64 text, whose first character is at `at` of the input. Spans given
    /// to it count from the first decoded byte; the evidence is the characters that hold those bytes.
    pub fn base64(&mut self, at: usize) -> Sink<'_> {
        let Self { input, protocol, keys, proof_bytes, .. } = *self;
        Sink { input, record: self.record, protocol, keys, base64_at: Some(at), proof_bytes }
    }

    /// Tells that no more than `bytes` at the front of the input may be kept as proof of the protocol: a secret
    /// may stand behind them.
    pub fn prove_with(&mut self, bytes: usize) {
        self.proof_bytes = self.proof_bytes.min(bytes);
    }

    /// Bytes at the front of the input that prove the protocol, at most [`EXCERPT_BYTES_MAX`].
    pub fn proof_bytes(&self) -> usize {
        self.proof_bytes
    }

    /// This sink for bytes that were put together from several messages; `input` tells where each came from.
    pub fn over<'b>(&'b mut self, input: &'b Input<'b>) -> Sink<'b> {
        let Self { protocol, keys, proof_bytes, .. } = *self;
        Sink { input, record: &mut *self.record, protocol, keys, base64_at: None, proof_bytes }
    }

    /// Says a text. Empty text says nothing; text beyond the cap is cut at a character.
    pub fn text(&mut self, subject: &Subject, key: Key, text: &str, span: Span) {
        if !text.is_empty() {
            let cut = text.floor_char_boundary(TEXT_BYTES_MAX);
            let text = text.get(..cut).unwrap_or_default();
            self.say(subject, key, Said::Text(text), span);
        }
    }

    /// Tells who speaks as a subject now: by the serial number that it is about to give, before anything else of its
    /// message is said, or by the MAC address that a lease went to. Another device of the same kind may stand at the
    /// address, of which nothing is known yet. True when it is another one than before.
    pub fn speaks_as(&mut self, subject: &Subject, who: u64) -> bool {
        let from = self.source(subject);
        self.record.speaks_as(from, subject, Said::Uint(who))
    }

    /// Says a text that is news although it was said before: it stopped being true in between.
    pub fn text_again(&mut self, subject: &Subject, key: Key, text: &str, span: Span) {
        self.told(subject, key, Said::Text(text), span, false);
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

    /// Tells what this request is for; `span` shows it: the bytes of the function or service code. Told for every
    /// request, because conversations count them.
    pub fn act(&mut self, act: Act, span: Span) {
        let sender = self.input.sender();
        if !self.record.act(act) || !matches!(sender.addr, Addr::Ip(_)) {
            return;
        }
        self.news(&Subject::node(sender), act.key(), Said::Text(self.protocol), span);
    }

    /// Tells that this message is an answer, so that its sender is the server of the conversation, or that it is a request.
    /// Only for protocols without IP: elsewhere ports and handshakes tell, and here the answer to a request that went to all
    /// begins the conversation of the two.
    pub fn sender_serves(&mut self, is_asked: bool) {
        self.record.serves(is_asked);
    }

    /// Tells that this request reads values of the process, as [`Sink::act`] does, and what it asks for: bytes that stay
    /// the same when it is asked again. Who asks the same again and again polls.
    pub fn reads(&mut self, span: Span, question: Span) {
        self.act(Act::Read, span);
        let (client, server) = (self.input.sender(), self.input.receiver());
        let end = question.at.saturating_add(question.len);
        let bytes = self.input.bytes.get(question.at..end).unwrap_or_default();
        if matches!(client.addr, Addr::Ip(_))
            && self.record.asked(self.input.at, client, server, bytes)
        {
            self.news(&Subject::node(client), POLLS, Said::Text(self.protocol), span);
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
        debug_assert!(
            self.keys.iter().any(|keys| keys.contains(&key)),
            "{key} is not among the keys of {}",
            self.protocol
        );
        self.news(subject, key, said, span);
    }

    /// The MAC address that this message came from, zero where there is none; when the subject sent it.
    fn source(&self, subject: &Subject) -> Option<Mac> {
        (subject.node == self.input.sender()).then(|| self.input.mac.unwrap_or_default())
    }

    /// Says something if it is news.
    fn news(&mut self, subject: &Subject, key: Key, said: Said<'_>, span: Span) {
        let from = self.source(subject);
        let repeat = match self.record.hear(self.input.at, from, subject, key, said) {
            Heard::Known => return,
            Heard::Repeat => true,
            Heard::New => false,
        };
        self.told(subject, key, said, span, repeat);
    }

    fn told(&mut self, subject: &Subject, key: Key, said: Said<'_>, span: Span, repeat: bool) {
        let Input { at, frame, .. } = *self.input;
        let mac = self.source(subject).and(self.input.mac);
        self.record.take(Observation {
            at,
            frame,
            subject: subject.clone(),
            mac,
            key,
            value: said.into(),
            excerpt: self.excerpt(span),
            repeat,
        });
    }

    fn excerpt(&self, span: Span) -> Excerpt {
        let span = self.base64_at.map_or(span, |at| encoded(span, at));
        let (frame, offset) = self.input.locate(span.at);
        let end = span.at.saturating_add(span.len.min(EXCERPT_BYTES_MAX));
        let bytes = self.input.bytes.get(span.at..end).unwrap_or_default();
        let length = u32::try_from(span.len).unwrap_or(u32::MAX);
        Excerpt { frame, offset, length, bytes: bytes.into() }
    }
}

/// Where decoded bytes stand in Base64 text that begins at `at`: each character holds six bits of them.
fn encoded(span: Span, at: usize) -> Span {
    let end = span.at.saturating_add(span.len);
    let first = span.at.saturating_mul(8) / 6;
    let last = end.saturating_mul(8).div_ceil(6);
    Span { at: at.saturating_add(first), len: last.saturating_sub(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decoded_from_base64_are_proved_by_the_characters_that_hold_them() {
        // "abcdef" is YWJjZGVm; its "b" lies in WJ, its "d" in ZG, its "def" in ZGVm.
        let within = |at, len| encoded(Span { at, len }, 100);
        assert_eq!(within(1, 1), Span { at: 101, len: 2 });
        assert_eq!(within(3, 1), Span { at: 104, len: 2 });
        assert_eq!(within(3, 3), Span { at: 104, len: 4 });
    }
}
