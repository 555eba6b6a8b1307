//! The connection that COTP makes: who asks, and whom for (ITU-T X.224, 13.3; RFC 1006).
//!
//! ```text
//!   connection request, confirm:  destination 2 | source 2 | class | parameters
//!   parameter: code 1 | length 1 | value          C0 size, C1 calling TSAP, C2 called TSAP
//! ```

use crate::wire::{Malformed, Reader, Span};

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
