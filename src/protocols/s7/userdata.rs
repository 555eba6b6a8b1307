//! User data: what programming software asks beside jobs, and what a device tells by itself.
//!
//! ```text
//!   parameters   00 01 12 | length 1 | 11 asks, 12 answers | type and group 1 | function 1 | sequence 1
//!                [data unit reference 1 | 0 last, 1 more follows | error 2          of answers, and of asking for more]
//!   data         return code 1 | transport size 1 | length 2 | ...
//! ```
//!
//! Types are 4 for a request, 8 for a response, 0 for what is told unasked. Passwords are never kept.

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::s7::comm::Comm;
use crate::protocols::s7::{acts, keys, szl};
use crate::wire::{Malformed, Reader, Span};

/// The parameters of user data.
struct Head {
    kind: u8,
    group: u8,
    function: u8,
    /// Type, group and function.
    span: Span,
    /// What the parts of one answer have in common; 0 for an answer that came whole.
    reference: u8,
    more_follows: bool,
    error: u16,
}

impl Head {
    fn read(mut r: Reader<'_>) -> Result<Self, Malformed> {
        r.skip("parameter head", 3)?;
        let length = usize::from(r.u8("parameter length")?);
        let mut r = r.sub("parameters", length)?;
        r.skip("method", 1)?;
        let start = r.at();
        let kind_and_group = r.u8("type and function group")?;
        let function = r.u8("subfunction")?;
        let span = r.since(start);
        r.skip("sequence number", 1)?;
        let (mut reference, mut more_follows, mut error) = (0, false, 0);
        if r.left() >= ANSWER_BYTES {
            reference = r.u8("data unit reference")?;
            more_follows = r.u8("last data unit")? != 0;
            error = r.u16_be("error code")?;
        }
        let (kind, group) = (kind_and_group >> 4, kind_and_group & GROUP);
        Ok(Self { kind, group, function, span, reference, more_follows, error })
    }
}

impl Comm<'_, '_> {
    /// Reads one message of user data.
    pub(super) fn user_data(
        &mut self,
        parameters: Reader<'_>,
        data: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let head = Head::read(parameters)?;
        match head.kind {
            REQUEST => self.asked(&head, data, out),
            RESPONSE => self.answered(&head, data, out),
            TOLD if head.group == acts::MODE_TRANSITION => {
                let (device, _) = self.ends.known(self.input.receiver(), self.input.sender());
                match mode_after(head.function) {
                    Some(mode) => out.text(device, keys::MODE, mode, head.span),
                    None => out.count("s7.modes_unknown"),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn asked(
        &mut self,
        head: &Head,
        data: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (group, function) = (head.group, head.function);
        self.user_function(head, Subject::node(self.input.sender()), out);
        match acts::user_data(group, function) {
            Some((_, Some(act))) => out.act(act, head.span),
            _ if (group, function) == (acts::CPU, acts::READ_SZL) => {
                // Asking for more of an answer names no list.
                if let Ok((_, mut list)) = content(data)
                    && let Ok(id) = list.u16_be("SZL-ID")
                {
                    out.act(acts::list(id), head.span);
                }
            }
            _ => {}
        }
        if let Some(what) = attempted(group, function) {
            self.attempt(what, head.span, out);
        }
        Ok(())
    }

    fn answered(
        &mut self,
        head: &Head,
        data: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (device, client) = (self.input.sender(), self.input.receiver());
        self.ends.tell_roles(client, device, head.span, out);
        let server = Subject::node(device);
        out.text(&server, keys::GENERATION, "S7comm", head.span);
        if head.error != 0 {
            let name = acts::user_data(head.group, head.function).map(|(name, _)| name);
            let name = name.unwrap_or("user data");
            out.text(&server, keys::ERROR, &format!("{name}: {:#06x}", head.error), head.span);
            return Ok(());
        }
        self.user_function(head, server, out);
        if (head.group, head.function) == (acts::CPU, acts::READ_SZL) {
            let (code, list) = content(data)?;
            if code != SUCCESS {
                return Ok(());
            }
            let (device, _) = self.ends.known(client, device);
            let part = szl::Part { reference: head.reference, more_follows: head.more_follows };
            return self.lists.read(part, list, device, self.input, out);
        }
        let Some(key) = event(head.group, head.function) else { return Ok(()) };
        let code = data.peek().first().copied();
        if !head.more_follows && code.is_none_or(|code| matches!(code, SUCCESS | NO_DATA)) {
            let (device, client) = self.ends.known(client, device);
            out.text(device, key, client, head.span);
        }
        Ok(())
    }

    fn user_function(&self, head: &Head, subject: Subject, out: &mut Sink<'_>) {
        match acts::user_data(head.group, head.function) {
            Some((name, _)) => out.text(&subject, keys::FUNCTION, name, head.span),
            None => {
                let text = format!("user data: {}.{:#04x}", head.group, head.function);
                out.text(&subject, keys::FUNCTION, &text, head.span);
            }
        }
    }
}

/// Return code, and what stands behind the head of data.
fn content(mut data: Reader<'_>) -> Result<(u8, Reader<'_>), Malformed> {
    let code = data.u8("return code")?;
    data.skip("transport size", 1)?;
    let length = usize::from(data.u16_be("data length")?);
    Ok((code, data.sub("data", length.min(data.left()))?))
}

/// What a function tries to change.
fn attempted(group: u8, function: u8) -> Option<&'static str> {
    match (group, function) {
        (acts::TIME, acts::SET_CLOCK | acts::SET_CLOCK_TOO) => Some("change of the clock"),
        (acts::PROGRAMMER, acts::FORCE) => Some("change of forces"),
        (acts::PROGRAMMER, acts::MEMORY_RESET) => Some("memory reset"),
        (acts::SECURITY, acts::PASSWORD) => Some("log-in"),
        _ => None,
    }
}

/// Under what it is told that it happened.
fn event(group: u8, function: u8) -> Option<Key> {
    match (group, function) {
        (acts::TIME, acts::SET_CLOCK | acts::SET_CLOCK_TOO) => Some(keys::CLOCK_CHANGE),
        (acts::PROGRAMMER, acts::FORCE) => Some(keys::FORCES_CHANGE),
        (acts::PROGRAMMER, acts::MEMORY_RESET) => Some(keys::MEMORY_RESET),
        (acts::SECURITY, acts::PASSWORD) => Some(keys::LOG_IN),
        _ => None,
    }
}

/// The mode that a device tells it changed to.
fn mode_after(transition: u8) -> Option<&'static str> {
    match transition {
        0 => Some("STOP"),
        1 | 3 | 6 => Some("STARTUP"),
        2 | 9 => Some("RUN"),
        4 => Some("HOLD"),
        _ => None,
    }
}

const REQUEST: u8 = 4;
const RESPONSE: u8 = 8;
const TOLD: u8 = 0;
const GROUP: u8 = 0x0f;
const ANSWER_BYTES: usize = 4;

const SUCCESS: u8 = 0xff;
/// Of answers that have nothing to give.
const NO_DATA: u8 = 0x0a;
