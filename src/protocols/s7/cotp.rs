//! TPKT and COTP: packets in a stream, and the connection that they make (RFC 1006; ITU-T X.224, class 0).
//!
//! ```text
//!   0    1   2        4    5      6
//!   | 03 | 0 | length | LI | kind | ...                                      length counts from the first byte
//!                     |  2 | F0   | 80 last, 00 more follows | user data
//!                     |    | E0 connection request, D0 confirm | destination 2 | source 2 | class | parameters
//!                                                              parameter: code 1 | length 1 | value
//!                                                              C0 size, C1 calling TSAP, C2 called TSAP
//! ```

use crate::wire::{Malformed, Reader, Span};

/// One TPDU, whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Bytes of it, TPKT included.
    pub(super) length: usize,
    /// What it is: the code without its credit.
    pub(super) kind: u8,
    /// Where its user data begins.
    pub(super) data_at: usize,
    /// True when nothing of the message follows. Of data only.
    pub(super) is_last: bool,
}

impl Head {
    /// Reads the head. Fails as too short while there are too few bytes, and as impossible when more cannot help.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        if r.u8("TPKT version")? != VERSION || r.u8("TPKT reserved")? != 0 {
            return Err(r.impossible("TPKT version"));
        }
        let length = usize::from(r.u16_be("TPKT length")?);
        if length < LENGTH_MIN {
            return Err(r.impossible("TPKT length"));
        }
        let indicator = usize::from(r.u8("COTP length indicator")?);
        let data_at = indicator.saturating_add(INDICATOR_END);
        let kind = r.u8("COTP code")? & KIND;
        let flags = r.u8("COTP number")?;
        let is_sound = match kind {
            DATA => indicator == DATA_INDICATOR,
            REQUEST | CONFIRM => indicator >= CONNECT_INDICATOR_MIN && data_at == length,
            DISCONNECT | DISCONNECTED | ERROR | EXPEDITED | ACKNOWLEDGED => {
                indicator >= DATA_INDICATOR && data_at <= length
            }
            _ => false,
        };
        let is_last = flags & LAST != 0;
        if is_sound {
            Ok(Self { length, kind, data_at, is_last })
        } else {
            Err(r.impossible("COTP code"))
        }
    }
}

/// The parameters of a connection request or confirm.
#[derive(Debug, Default)]
pub(super) struct Connect<'a> {
    /// Who asks.
    pub(super) calling: Option<Tsap<'a>>,
    /// Who is asked.
    pub(super) called: Option<Tsap<'a>>,
}

impl<'a> Connect<'a> {
    /// Reads a whole TPDU.
    pub(super) fn read(tpdu: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(tpdu);
        r.skip("references and class", PARAMETERS_AT)?;
        let mut connect = Self::default();
        while !r.is_empty() {
            let code = r.u8("COTP parameter code")?;
            let length = usize::from(r.u8("COTP parameter length")?);
            let mut value = r.sub("COTP parameter", length)?;
            let span = Span { at: value.at(), len: length };
            match code {
                CALLING => connect.calling = Some(Tsap { bytes: value.rest(), span }),
                CALLED => connect.called = Some(Tsap { bytes: value.rest(), span }),
                PARAMETERS_LOW..=PARAMETERS_HIGH | SIZE..=OPTIONS => {}
                _ => return Err(r.impossible("COTP parameter code")),
            }
        }
        Ok(connect)
    }

    /// True when a module of an S7 station is asked for.
    pub(super) fn is_s7(&self) -> bool {
        self.called.is_some_and(|called| called.is_root() || called.place().is_some())
    }
}

/// A transport selector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tsap<'a> {
    bytes: &'a [u8],
    /// Where it stands.
    pub(super) span: Span,
}

impl Tsap<'_> {
    /// Rack and slot that it names: the resource in the first byte, rack and slot in the second.
    pub(super) fn place(&self) -> Option<(u8, u8)> {
        let [resource, place] = *self.bytes else { return None };
        resource_name(resource)?;
        Some((place >> 5, place & SLOT))
    }

    /// The resource of the server that is taken.
    pub(super) fn resource(&self) -> Option<&'static str> {
        let [resource, _] = *self.bytes else { return None };
        resource_name(resource)
    }

    /// True for the names that S7comm-plus asks for.
    fn is_root(&self) -> bool {
        self.bytes.starts_with(ROOT)
    }

    /// Text where it is text, else hexadecimal.
    pub(super) fn shown(&self) -> String {
        let is_name = self.bytes.len() > 2 && self.bytes.iter().all(u8::is_ascii_graphic);
        if is_name {
            return String::from_utf8_lossy(self.bytes).into_owned();
        }
        let digits: String = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("0x{digits}")
    }
}

fn resource_name(resource: u8) -> Option<&'static str> {
    match resource {
        1 => Some("PG"),
        2 => Some("OP"),
        3 => Some("S7 basic"),
        0x10..=0xdf => Some("configured"),
        _ => None,
    }
}

/// Connection request (13.3).
pub(super) const REQUEST: u8 = 0xe0;
/// Connection confirm (13.4).
pub(super) const CONFIRM: u8 = 0xd0;
/// Data (13.7).
pub(super) const DATA: u8 = 0xf0;

const DISCONNECT: u8 = 0x80;
const DISCONNECTED: u8 = 0xc0;
const ERROR: u8 = 0x70;
const EXPEDITED: u8 = 0x10;
const ACKNOWLEDGED: u8 = 0x60;

const VERSION: u8 = 3;
const KIND: u8 = 0xf0;
const LAST: u8 = 0x80;
/// TPKT header, and the smallest of TPDUs.
const LENGTH_MIN: usize = 7;
/// The length indicator counts the bytes behind itself.
const INDICATOR_END: usize = 5;
const DATA_INDICATOR: usize = 2;
const CONNECT_INDICATOR_MIN: usize = 6;
const PARAMETERS_AT: usize = 11;

const SIZE: u8 = 0xc0;
const CALLING: u8 = 0xc1;
const CALLED: u8 = 0xc2;
/// The other parameters of 13.3.4.
const OPTIONS: u8 = 0xc8;
const PARAMETERS_LOW: u8 = 0x85;
const PARAMETERS_HIGH: u8 = 0x8b;

const SLOT: u8 = 0x1f;
const ROOT: &[u8] = b"SIMATIC-ROOT-";
