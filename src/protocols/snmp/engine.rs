//! Version 3: who the engines are, and how messages are protected (RFC 3412, 6; RFC 3414, 2.4; RFC 3411, 5).
//!
//! ```text
//!   | version 3 | SEQUENCE: msgID, msgMaxSize, msgFlags, msgSecurityModel |
//!   | OCTET STRING with SEQUENCE: engine ID, boots, time, user name, digest, salt |
//!   | ScopedPDU: SEQUENCE: contextEngineID, contextName, PDU |    or an OCTET STRING, encrypted
//!
//!   engine ID:  | 1 enterprise 31 bits | format: 1 IPv4, 2 IPv6, 3 MAC, 4 text, 5 bytes, 128.. the maker's | ... |
//! ```

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::{Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::{ber, readable};
use crate::protocols::snmp::{keys, pdu};
use crate::wire::{Malformed, Reader, Span};

/// The header of a message of version 3.
pub(super) struct Header<'a> {
    flags: u8,
    flags_span: Span,
    engine: &'a [u8],
    engine_span: Span,
    boots: i64,
    boots_span: Span,
    time: i64,
    time_span: Span,
    user: &'a [u8],
    user_span: Span,
}

impl<'a> Header<'a> {
    /// Reads what stands between the version and the data. `None` for a security model that is not the user-based one.
    pub(super) fn read(message: &mut Reader<'a>) -> Result<Option<Self>, Malformed> {
        let mut global = pdu::sequence(message, "msgGlobalData")?;
        pdu::integer(&mut global, "msgID")?;
        pdu::integer(&mut global, "msgMaxSize")?;
        let mut flags = ber::expect(&mut global, ber::OCTET_STRING, "msgFlags")?;
        let start = flags.at();
        let bits = flags.u8("msgFlags")?;
        let flags_span = flags.since(start);
        let model = pdu::integer(&mut global, "msgSecurityModel")?;
        let mut outer = ber::expect(message, ber::OCTET_STRING, "msgSecurityParameters")?;
        if model != USER_BASED {
            return Ok(None);
        }
        let mut parameters = pdu::sequence(&mut outer, "msgSecurityParameters")?;
        let (engine, engine_span) = octets(&mut parameters, "msgAuthoritativeEngineID")?;
        let (boots, boots_span) = number(&mut parameters, "msgAuthoritativeEngineBoots")?;
        let (time, time_span) = number(&mut parameters, "msgAuthoritativeEngineTime")?;
        let (user, user_span) = octets(&mut parameters, "msgUserName")?;
        Ok(Some(Self {
            flags: bits,
            flags_span,
            engine,
            engine_span,
            boots,
            boots_span,
            time,
            time_span,
            user,
            user_span,
        }))
    }

    /// Whether what follows is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & PRIVATE != 0
    }

    /// Whether the sender waits for an answer: then the receiver's engine is the authoritative one.
    pub(super) fn wants_answer(&self) -> bool {
        self.flags & REPORTABLE != 0
    }

    /// Says what the node whose engine is the authoritative one tells of it.
    pub(super) fn tell_engine(&self, subject: &Subject, out: &mut Sink<'_>) {
        tell_identifier(self.engine, self.engine_span, subject, out);
        // Both are zero where the sender did not know them yet.
        if let (Ok(boots), true) = (u64::try_from(self.boots), self.boots != 0) {
            out.uint(subject, keys::ENGINE_BOOTS, boots, self.boots_span);
            if let Ok(seconds) = u64::try_from(self.time) {
                let days = seconds.checked_div(SECONDS_PER_DAY).unwrap_or_default();
                out.uint(subject, keys::ENGINE_TIME, days, self.time_span);
            }
        }
    }

    /// Says how a message was protected that an agent took or sent, and for which user. Reports and what they answer are
    /// how the two get to know each other; of them it says nothing.
    pub(super) fn tell_protection(&self, agent: &Subject, out: &mut Sink<'_>) {
        if self.user.is_empty() {
            return;
        }
        let level = match self.flags & (AUTHENTIC | PRIVATE) {
            0 => "noAuthNoPriv",
            AUTHENTIC => "authNoPriv",
            _ => "authPriv",
        };
        out.text(agent, keys::SECURITY_LEVEL, level, self.flags_span);
        readable::say(out, agent, keys::USER_NAME, self.user, self.user_span);
    }
}

/// Says an engine's identifier, and what is in it.
pub(super) fn tell_identifier(id: &[u8], span: Span, subject: &Subject, out: &mut Sink<'_>) {
    let is_sound = ID_BYTES.contains(&id.len()) && id.iter().any(|byte| !matches!(byte, 0 | 0xff));
    let Some((maker, rest)) = id.split_first_chunk::<4>().filter(|_| is_sound) else { return };
    out.bytes(subject, keys::ENGINE_ID, id, span);
    let number = u32::from_be_bytes(*maker);
    let enterprise = number & !NEW_FORM;
    out.uint(subject, keys::ENGINE_ENTERPRISE, enterprise, Span { at: span.at, len: 4 });
    let (Some((format, value)), true) = (rest.split_first(), number & NEW_FORM != 0) else {
        return;
    };
    let span = Span { at: span.at.saturating_add(5), len: value.len() };
    match format {
        1 => {
            if let Ok(octets) = <[u8; 4]>::try_from(value) {
                let address = Ipv4Addr::from(octets).to_string();
                out.text(subject, keys::ENGINE_ADDRESS, &address, span);
            }
        }
        2 => {
            if let Ok(octets) = <[u8; 16]>::try_from(value) {
                let address = Ipv6Addr::from(octets).to_string();
                out.text(subject, keys::ENGINE_ADDRESS, &address, span);
            }
        }
        3 => {
            // Some makers put more behind the address.
            if let Some(octets) = value.first_chunk::<6>() {
                let mac = Mac(*octets);
                if !mac.is_zero() && !mac.is_group() {
                    let span = Span { len: 6, ..span };
                    out.text(subject, keys::ENGINE_MAC_ADDRESS, &mac.to_string(), span);
                }
            }
        }
        4 => readable::say(out, subject, keys::ENGINE_TEXT, value, span),
        _ => {}
    }
}

fn octets<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<(&'a [u8], Span), Malformed> {
    let mut body = ber::expect(r, ber::OCTET_STRING, field)?;
    let start = body.at();
    Ok((body.rest(), body.since(start)))
}

/// A number, and the bytes of its value.
fn number(r: &mut Reader<'_>, field: &'static str) -> Result<(i64, Span), Malformed> {
    let mut ahead = r.clone();
    let body = ber::expect(&mut ahead, ber::INTEGER, field)?;
    let span = Span { at: body.at(), len: body.left() };
    Ok((pdu::integer(r, field)?, span))
}

/// Bits of msgFlags (RFC 3412, 6.4).
const AUTHENTIC: u8 = 0x01;
const PRIVATE: u8 = 0x02;
const REPORTABLE: u8 = 0x04;
/// msgSecurityModel of RFC 3414.
const USER_BASED: i64 = 3;
/// Lengths that an engine's identifier may have.
const ID_BYTES: std::ops::RangeInclusive<usize> = 5..=32;
/// First bit of an identifier that tells its form.
const NEW_FORM: u32 = 0x8000_0000;
const SECONDS_PER_DAY: u64 = 86_400;
