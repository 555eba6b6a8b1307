//! Version 2: the question that public tools ask first, and its answer. Nothing else is read.
//!
//! ```text
//! 0       2        6              64              96              128
//! ┌───────┬────────┬──────────────┬───────────────┬───────────────┬──────────────┐
//! │ BB BB │ length │ not known …  │ operating sys │ which of it   │ product      │  texts, each up to a zero
//! └───────┴────────┴──────────────┴───────────────┴───────────────┴──────────────┘
//! ```

use crate::flow::{Direction, Input};
use crate::model::{Act, Subject};
use crate::protocols::codesys::keys;
use crate::protocols::shared::readable;
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Reader, Span, text};

/// What messages begin with.
pub(super) const MAGIC: [u8; 2] = [0xbb, 0xbb];

/// One connection.
#[derive(Default)]
pub(super) struct Connection {
    /// It was asked what it is.
    is_asked: bool,
}

impl Connection {
    pub(super) fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if input.direction == Direction::ToServer {
            let Some(question) = input.bytes.get(..QUESTION_BYTES) else {
                return Step::Need(QUESTION_BYTES);
            };
            if !QUESTIONS.contains(&question) {
                return Step::Done;
            }
            self.is_asked = true;
            out.act(Act::Identify, Span { at: 0, len: QUESTION_BYTES });
            return Step::Used(QUESTION_BYTES);
        }
        if !self.is_asked {
            return Step::Done;
        }
        if input.bytes.len() < ANSWER_BYTES {
            return Step::Need(ANSWER_BYTES);
        }
        let device = Subject::node(input.sender());
        out.text(&device, keys::VERSION, "2", Span { at: 0, len: MAGIC.len() });
        for (key, at) in
            [(keys::OS_NAME, 64), (keys::OS_TYPE, 96), (keys::PRODUCT_TYPE, PRODUCT_AT)]
        {
            let field = input.bytes.get(at..).unwrap_or_default();
            let field = text::until_nul(field.get(..FIELD_BYTES).unwrap_or(field));
            readable::say(out, &device, key, field, Span { at, len: field.len() });
        }
        Step::Done
    }
}

/// The question begins like nothing else; an answer is only known behind it.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    let Ok(question) = r.bytes("question", QUESTION_BYTES) else {
        let begins = QUESTIONS.iter().any(|question| question.starts_with(bytes));
        return if begins { Probe::More } else { Probe::No };
    };
    match question {
        question if QUESTIONS.contains(&question) => Probe::Yes,
        [0xbb, 0xbb, ..] => Probe::Maybe,
        _ => Probe::No,
    }
}

/// The same question for processors of either order of bytes.
const QUESTIONS: [&[u8]; 2] = [b"\xbb\xbb\x01\x00\x00\x00\x01", b"\xbb\xbb\x01\x00\x00\x01\x01"];
const QUESTION_BYTES: usize = 7;
const PRODUCT_AT: usize = 128;
const FIELD_BYTES: usize = 32;
const ANSWER_BYTES: usize = 160;
