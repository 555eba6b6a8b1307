//! Session and presentation: the layers between COTP and MMS, as far as it takes to pass them (ISO/IEC 8327-1, 8.3;
//! 8823-1, 8.2).

use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader};

/// What is inside.
pub(super) enum UserData<'a> {
    /// What a session opens with: the contents of its connect or accept, and whether it is an accept.
    Opens(Reader<'a>, bool),
    /// The values of one presentation data value: an MMS message.
    Value(Reader<'a>),
}

/// Passes session and presentation. `None` for what ends a session, or carries something else.
pub(super) fn user_data<'a>(mut r: Reader<'a>) -> Result<Option<UserData<'a>>, Malformed> {
    match r.peek() {
        [GIVE_TOKENS, 0, DATA, 0, ..] => {
            r.skip("give tokens and data transfer", 4)?;
            presentation(r).map(|value| value.map(UserData::Value))
        }
        [kind @ (CONNECT | ACCEPT), ..] => {
            let is_accept = *kind == ACCEPT;
            r.skip("session message", 1)?;
            let length = length(&mut r)?;
            Ok(Some(UserData::Opens(r.sub("session parameters", length)?, is_accept)))
        }
        _ => Ok(None),
    }
}

/// A length of one byte, or of two behind FF.
fn length(r: &mut Reader<'_>) -> Result<usize, Malformed> {
    Ok(match r.u8("session length")? {
        0xff => usize::from(r.u16_be("session length")?),
        length => usize::from(length),
    })
}

/// The first value of fully encoded data that is one ASN.1 type.
fn presentation<'a>(mut r: Reader<'a>) -> Result<Option<Reader<'a>>, Malformed> {
    if r.peek().first() != Some(&FULLY_ENCODED) {
        return Ok(None);
    }
    let mut list = ber::expect(&mut r, FULLY_ENCODED, "fully encoded data")?;
    let mut values = ber::expect(&mut list, ber::SEQUENCE, "PDV list")?;
    while !values.is_empty() {
        let element = ber::element(&mut values, "presentation data values")?;
        if element.tag == SINGLE_TYPE {
            return Ok(Some(element.body));
        }
    }
    Ok(None)
}

/// First byte of a session that is asked for, and of one that is accepted.
pub(super) const CONNECT: u8 = 0x0d;
pub(super) const ACCEPT: u8 = 0x0e;
/// What data begins with: two messages of the session without parameters, one of which gives tokens to nobody.
pub(super) const GIVE_TOKENS: u8 = 0x01;
pub(super) const DATA: u8 = 0x01;

pub(super) const FULLY_ENCODED: u8 = 0x61;
const SINGLE_TYPE: u8 = 0xa0;
