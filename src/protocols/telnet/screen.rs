//! What stands on the screen of whoever logs in, as far as it is the device's own.

use crate::flow::Input;
use crate::model::limits::{
    LOG_IN_NAME_BYTES_MAX, TELNET_BANNER_LINES_MAX, TELNET_LINE_BYTES_MAX, TELNET_WELCOME_LINES_MAX,
};
use crate::model::{Subject, Timestamp};
use crate::protocols::shared::{line, readable};
use crate::protocols::telnet::{BANNER, IAC, PROMPT, WELCOME};
use crate::protocols::{Sink, Step};
use crate::wire::{Reader, Span};

/// How far a session has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Phase {
    /// Nobody was asked for anything.
    #[default]
    Banner,
    /// A name was asked for.
    Name,
    /// A password was asked for.
    Password,
    /// It was given.
    Welcome,
    /// Nothing more is told.
    Over,
}

/// One screen.
#[derive(Default)]
pub(super) struct Screen {
    phase: Phase,
    /// Lines told in this phase.
    lines: usize,
    /// What was typed since the first question, so that no line that holds it is told: a name and a password.
    typed: Vec<Box<[u8]>>,
    /// What is being typed.
    typing: Vec<u8>,
    /// Bytes at the front of the unread ones that were looked at.
    scanned: usize,
    /// The rest of a line that is too long is passed over.
    skipping: bool,
    /// When the server last showed something.
    shown_at: Option<Timestamp>,
}

impl Screen {
    /// Bytes are missing: who said what cannot be told any more.
    pub(super) fn gap(&mut self) {
        *self = Self { phase: Phase::Over, ..Self::default() };
    }

    /// Takes what a client types, up to the next command; how many bytes that is.
    pub(super) fn typed(&mut self, bytes: &[u8]) -> usize {
        let used = text_bytes(bytes);
        for byte in bytes.iter().take(used) {
            match (self.phase, byte) {
                (Phase::Over, _) => break,
                (_, b'\r' | b'\n' | 0) => self.entered(),
                // Whoever types before he is asked, or after he is in, gives commands; what is corrected is unknown.
                (Phase::Name | Phase::Password, 0x20..=0x7e | 0x80..)
                    if self.typing.len() < LOG_IN_NAME_BYTES_MAX =>
                {
                    self.typing.push(*byte);
                }
                _ => self.gap(),
            }
        }
        used
    }

    /// A line was typed.
    fn entered(&mut self) {
        if self.typing.is_empty() {
            return;
        }
        let typed = std::mem::take(&mut self.typing);
        self.typed.push(typed.into());
        match self.phase {
            Phase::Password => (self.phase, self.lines) = (Phase::Welcome, 0),
            Phase::Name if self.typed.len() < TYPED_MAX => {}
            _ => self.gap(),
        }
    }

    /// Reads one line of what a server shows, or a question.
    pub(super) fn shown(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let bytes = input.bytes;
        let text = bytes.get(..text_bytes(bytes)).unwrap_or_default();
        if self.waited(input.at) {
            self.gap();
        }
        if self.phase == Phase::Over {
            return Step::Used(text.len().max(1));
        }
        let from = std::mem::take(&mut self.scanned);
        let behind = text.get(from..).unwrap_or_default();
        let end = behind.iter().position(|byte| *byte == b'\n').map(|at| from.saturating_add(at));
        if self.skipping {
            self.skipping = end.is_none() && text.len() == bytes.len();
            return Step::Used(end.map_or(text.len(), |end| end.saturating_add(1)).max(1));
        }
        let line = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
        let line = line.get(..TELNET_LINE_BYTES_MAX).unwrap_or(line);
        if let Some(length) = question(line) {
            self.asked(line.get(..length).unwrap_or_default(), input, out);
            return Step::Used(length.max(1));
        }
        if let Some(end) = end.filter(|end| *end <= TELNET_LINE_BYTES_MAX) {
            self.tell(line, input, out);
            return Step::Used(end.saturating_add(1));
        }
        if line.len() >= TELNET_LINE_BYTES_MAX {
            self.tell(line, input, out);
            self.skipping = true;
            return Step::Used(line.len());
        }
        if text.len() < bytes.len() || input.whole {
            // A command in the middle of a line: what stands before it is not known to be all of it.
            return Step::Used(text.len().max(1));
        }
        // A question is found wherever its bytes end.
        Step::Need(bytes.len().saturating_add(1))
    }

    /// Whether the server has waited for something before it went on: somebody typed, seen or not, and what is shown now may
    /// be that.
    fn waited(&mut self, now: Timestamp) -> bool {
        let before = self.shown_at.replace(now);
        let waits = matches!(self.phase, Phase::Banner | Phase::Welcome);
        let is_new = self.lines == 0 && self.phase == Phase::Welcome;
        waits && !is_new && before.is_some_and(|before| now.0.saturating_sub(before.0) > PAUSE)
    }

    /// The server asks for a name or a password.
    fn asked(&mut self, line: &[u8], input: &Input<'_>, out: &mut Sink<'_>) {
        let is_password = PASSWORDS.iter().any(|word| line::holds(line, word));
        match self.phase {
            Phase::Banner => self.say(PROMPT, line, input, out),
            Phase::Name if is_password => {}
            // Another try. Whoever is in has typed nothing since.
            Phase::Welcome => {}
            _ => return self.gap(),
        }
        self.phase = if is_password { Phase::Password } else { Phase::Name };
        self.lines = 0;
    }

    fn tell(&mut self, line: &[u8], input: &Input<'_>, out: &mut Sink<'_>) {
        let (key, lines_max) = match self.phase {
            Phase::Banner => (BANNER, TELNET_BANNER_LINES_MAX),
            Phase::Welcome => (WELCOME, TELNET_WELCOME_LINES_MAX),
            Phase::Name | Phase::Password | Phase::Over => return,
        };
        if line.trim_ascii().is_empty() {
            return;
        }
        // Behind the sign of a shell stands what somebody typed, or will.
        if SHELL.iter().any(|sign| line.windows(2).any(|pair| pair == *sign)) {
            return self.gap();
        }
        if self.lines >= lines_max {
            out.count("telnet.lines_over_limit");
            return self.gap();
        }
        self.lines = self.lines.saturating_add(1);
        let about_somebody = self.phase == Phase::Welcome
            && (line.trim_ascii_start().starts_with(LAST)
                || self.typed.iter().any(|typed| line::holds(line, typed)));
        if !about_somebody {
            self.say(key, line, input, out);
        }
    }

    fn say(&self, key: crate::model::Key, line: &[u8], input: &Input<'_>, out: &mut Sink<'_>) {
        let reader = line::trimmed(&Reader::new(line), 0);
        let span = Span { at: reader.at(), len: reader.left() };
        if self.phase == Phase::Banner {
            out.prove_with(reader.at().saturating_add(reader.left()));
        }
        let server = Subject::node(input.sender());
        readable::say_lines(out, &server, key, reader.peek(), span);
    }
}

/// Bytes up to the next command.
fn text_bytes(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == IAC).unwrap_or(bytes.len())
}

/// How long the question is that a line begins with. What stands in a line about the last time somebody was here is none.
fn question(line: &[u8]) -> Option<usize> {
    if line.trim_ascii_start().starts_with(LAST) {
        return None;
    }
    let ends = QUESTIONS.iter().chain(PASSWORDS).filter_map(|word| {
        let at = line.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))?;
        Some(at.saturating_add(word.len()))
    });
    ends.min()
}

/// Nanoseconds that a server takes between two lines of its own, and people do not take to type.
const PAUSE: i64 = 200_000_000;
/// Lines that are remembered of what was typed: names and passwords of some tries.
const TYPED_MAX: usize = 8;
/// What shells and consoles show before a command.
const SHELL: &[[u8; 2]] = &[*b"> ", *b"$ ", *b"# ", *b"% "];
/// How servers ask who is there.
const QUESTIONS: &[&[u8]] =
    &[b"login:", b"login :", b"user:", b"username:", b"user name:", b"account:", b"user :"];
/// How they ask for a password.
const PASSWORDS: &[&[u8]] = &[b"password:", b"password :", b"passwd:", b"passcode:"];
/// `Last login: ...`, `Last unsuccessful login: ...`.
const LAST: &[u8] = b"Last ";
