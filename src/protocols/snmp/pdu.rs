//! Protocol data units: what is asked, answered or told (RFC 3416, 3; RFC 1157, 4.1 for the Trap-PDU of version 1).
//!
//! ```text
//!   | tag A0..A8 | length | request-id | error-status, or non-repeaters | error-index, or max-repetitions | variables |
//!   | tag A4     | length | enterprise | agent-addr | generic-trap | specific-trap | time-stamp | variables |
//!
//!   variables:  SEQUENCE of  | SEQUENCE | name: OBJECT IDENTIFIER | value |
//! ```

use std::net::Ipv4Addr;

use crate::model::limits::SNMP_VARIABLES_MAX;
use crate::protocols::shared::ber;
use crate::protocols::snmp::oid::Oid;
use crate::wire::{Malformed, Reader, Span};

/// What a data unit is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Asks for variables, the next ones, or many next ones.
    Get,
    /// Sets variables.
    Set,
    /// Answers.
    Response,
    /// Tells that something happened.
    Trap,
    /// Tells it, and wants to know that it was heard.
    Inform,
    /// Tells what was wrong with a message of version 3.
    Report,
}

impl Kind {
    /// The kind of data unit with this tag.
    pub(super) fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0xa0 | 0xa1 | 0xa5 => Self::Get,
            0xa2 => Self::Response,
            0xa3 => Self::Set,
            TRAP_OF_VERSION_1 | 0xa7 => Self::Trap,
            0xa6 => Self::Inform,
            0xa8 => Self::Report,
            _ => return None,
        })
    }
}

/// A data unit up to its variables.
pub(super) struct Pdu<'a> {
    pub(super) kind: Kind,
    /// Where its tag stands.
    pub(super) span: Span,
    pub(super) request: i64,
    /// An answer with an error repeats what was asked: nothing in it is true.
    pub(super) failed: bool,
    /// Of the Trap-PDU of version 1.
    pub(super) trap: Option<OldTrap>,
    pub(super) variables: Reader<'a>,
}

/// What the Trap-PDU of version 1 says ahead of its variables.
pub(super) struct OldTrap {
    pub(super) enterprise: Oid,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) address_span: Span,
    pub(super) generic: i64,
    pub(super) specific: i64,
    /// Where the two numbers stand.
    pub(super) span: Span,
}

impl<'a> Pdu<'a> {
    /// Reads a data unit, whose tag is known to be one.
    pub(super) fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let start = r.at();
        let tag = r.u8("PDU")?;
        let span = r.since(start);
        let kind = Kind::of(tag).ok_or_else(|| r.impossible("PDU"))?;
        let mut body = clipped(r, "PDU")?;
        if tag == TRAP_OF_VERSION_1 {
            let trap = OldTrap::read(&mut body)?;
            let variables = list(&mut body)?;
            return Ok(Self { kind, span, request: 0, failed: false, trap: Some(trap), variables });
        }
        let request = integer(&mut body, "request-id")?;
        let status = integer(&mut body, "error-status")?;
        integer(&mut body, "error-index")?;
        let failed = kind == Kind::Response && status != 0;
        Ok(Self { kind, span, request, failed, trap: None, variables: list(&mut body)? })
    }
}

impl OldTrap {
    fn read(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let enterprise =
            Oid::read(ber::expect(body, ber::OBJECT_IDENTIFIER, "enterprise")?, "enterprise")?;
        let mut address = ber::expect(body, IP_ADDRESS, "agent-addr")?;
        let start = address.at();
        let octets = address.rest();
        let address_span = address.since(start);
        let address = <[u8; 4]>::try_from(octets).ok().map(Ipv4Addr::from);
        let start = body.at();
        let generic = integer(body, "generic-trap")?;
        let specific = integer(body, "specific-trap")?;
        let span = body.since(start);
        ber::element(body, "time-stamp")?;
        Ok(Self { enterprise, address, address_span, generic, specific, span })
    }
}

/// A variable and its value.
pub(super) struct Variable<'a> {
    pub(super) name: Oid,
    /// Tag of the value.
    pub(super) tag: u8,
    pub(super) value: Reader<'a>,
}

impl Variable<'_> {
    /// The bytes of the value and where they stand.
    pub(super) fn bytes(&self) -> (&[u8], Span) {
        let bytes = self.value.peek();
        (bytes, Span { at: self.value.at(), len: bytes.len() })
    }

    /// The value as a number that is not negative.
    pub(super) fn number(&self) -> Option<u64> {
        let bytes = self.value.peek();
        let is_number =
            matches!(self.tag, ber::INTEGER | COUNTER | GAUGE | TIME_TICKS | COUNTER_64);
        let bytes = bytes.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(bytes);
        if !is_number || bytes.is_empty() || bytes.len() > 8 {
            return None;
        }
        if self.tag == ber::INTEGER
            && self.value.peek().first().is_some_and(|first| first & 0x80 != 0)
        {
            return None;
        }
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The value as an object identifier.
    pub(super) fn oid(&self) -> Option<Oid> {
        let is_oid = self.tag == ber::OBJECT_IDENTIFIER;
        is_oid.then(|| Oid::read(self.value.clone(), "value").ok()).flatten()
    }

    /// Whether it has a value: not that there is no such object, or that the end was reached (RFC 3416, 3).
    pub(super) fn has_value(&self) -> bool {
        !matches!(self.tag, NULL | 0x80..=0x82)
    }

    /// Whether it is a string of octets.
    pub(super) fn is_string(&self) -> bool {
        self.tag == ber::OCTET_STRING
    }
}

/// The variables of a data unit, as far as they are sound; then what was wrong.
pub(super) struct Variables<'a> {
    rest: Reader<'a>,
    left: usize,
}

impl<'a> Variables<'a> {
    pub(super) fn of(pdu: &Pdu<'a>) -> Self {
        Self { rest: pdu.variables.clone(), left: SNMP_VARIABLES_MAX }
    }

    /// True when there were more than are read.
    pub(super) fn is_cut(&self) -> bool {
        self.left == 0 && !self.rest.is_empty()
    }

    fn one(&mut self) -> Result<Variable<'a>, Malformed> {
        let mut pair = ber::expect(&mut self.rest, ber::SEQUENCE, "VarBind")?;
        let name = ber::expect(&mut pair, ber::OBJECT_IDENTIFIER, "name")?;
        let value = ber::element(&mut pair, "value")?;
        Ok(Variable { name: Oid::read(name, "name")?, tag: value.tag, value: value.body })
    }
}

impl<'a> Iterator for Variables<'a> {
    type Item = Result<Variable<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.left == 0 {
            return None;
        }
        self.left = self.left.saturating_sub(1);
        let one = self.one();
        if one.is_err() {
            self.rest.rest();
        }
        Some(one)
    }
}

/// The contents of an element whose tag has been read; of one that is longer than what is left, what is left: what
/// stands ahead of the cut is as true as ever.
pub(super) fn clipped<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    let length = ber::length(r, field)?;
    r.sub(field, length.min(r.left()))
}

/// The contents of a SEQUENCE, clipped likewise.
pub(super) fn sequence<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    if r.u8(field)? != ber::SEQUENCE {
        return Err(r.impossible(field));
    }
    clipped(r, field)
}

/// An INTEGER of at most 64 bits.
pub(super) fn integer(r: &mut Reader<'_>, field: &'static str) -> Result<i64, Malformed> {
    let mut body = ber::expect(r, ber::INTEGER, field)?;
    let bytes = body.rest();
    let (Some(first), 1..=8) = (bytes.first(), bytes.len()) else {
        return Err(body.impossible(field));
    };
    let start = if first & 0x80 != 0 { -1 } else { 0 };
    Ok(bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
}

fn list<'a>(body: &mut Reader<'a>) -> Result<Reader<'a>, Malformed> {
    sequence(body, "variable-bindings")
}

const NULL: u8 = 0x05;
const TRAP_OF_VERSION_1: u8 = 0xa4;
/// Application types of RFC 2578, 7.1.
const IP_ADDRESS: u8 = 0x40;
const COUNTER: u8 = 0x41;
const GAUGE: u8 = 0x42;
const TIME_TICKS: u8 = 0x43;
const COUNTER_64: u8 = 0x46;
