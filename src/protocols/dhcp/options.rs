//! Options: found wherever a message keeps them, and put together where they came in pieces.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use crate::protocols::dhcp::MessageType;
use crate::wire::{Malformed, Reader, Span, open_enum, text};

open_enum! {
    /// Options that are read.
    pub(super) enum Code: u8 {
        /// Host name (RFC 2132, 3.14).
        HostName = 12, "host name",
        /// Requested IP address (9.1).
        RequestedAddress = 50, "requested IP address",
        /// Option overload (9.3).
        Overload = 52, "option overload",
        /// DHCP message type (9.6).
        MessageType = 53, "DHCP message type",
        /// Server identifier (9.7).
        ServerIdentifier = 54, "server identifier",
        /// Parameter request list (9.8).
        ParameterRequestList = 55, "parameter request list",
        /// Vendor class identifier (9.13).
        VendorClassIdentifier = 60, "vendor class identifier",
        /// Client identifier (9.14).
        ClientIdentifier = 61, "client identifier",
        /// Client fully qualified domain name (RFC 4702).
        ClientFqdn = 81, "client FQDN",
        /// Manufacturer usage description (RFC 8520, 10).
        MudUrl = 161, "MUD URL",
    }
}

/// The options of one message that are of interest; at most one entry for each code.
#[derive(Default)]
pub(super) struct Options<'a> {
    found: Vec<Found<'a>>,
}

struct Found<'a> {
    code: Code,
    value: Cow<'a, [u8]>,
    /// Where the value lies; its first piece, when it came in several.
    span: Span,
}

impl<'a> Options<'a> {
    /// Reads the options field, then `file` and `sname` where option 52 says that they hold options too.
    /// What was found before the damage is kept when it fails.
    pub(super) fn collect(
        &mut self,
        field: Reader<'a>,
        file: &Reader<'a>,
        sname: &Reader<'a>,
    ) -> Result<(), Malformed> {
        self.walk(field)?;
        let overload = self.value(Code::Overload).and_then(|(value, _)| value.first().copied());
        if matches!(overload, Some(OVERLOAD_FILE | OVERLOAD_BOTH)) {
            self.walk(file.clone())?;
        }
        if matches!(overload, Some(OVERLOAD_SNAME | OVERLOAD_BOTH)) {
            self.walk(sname.clone())?;
        }
        Ok(())
    }

    /// The value of an option; `None` without the option, or when it is empty.
    pub(super) fn value(&self, code: Code) -> Option<(&[u8], Span)> {
        let found = self.found.iter().find(|found| found.code == code)?;
        (!found.value.is_empty()).then_some((&*found.value, found.span))
    }

    /// The value of an option that holds one IPv4 address.
    pub(super) fn address(&self, code: Code) -> Option<(Ipv4Addr, Span)> {
        let (value, span) = self.value(code)?;
        let octets: [u8; 4] = value.try_into().ok()?;
        Some((octets.into(), span))
    }

    /// Option 53.
    pub(super) fn message_type(&self) -> Option<(MessageType, Span)> {
        let (value, span) = self.value(Code::MessageType)?;
        match value {
            [kind] => Some(((*kind).into(), span)),
            _ => None,
        }
    }

    /// The name in option 81: flags, two result codes, then a domain name, in labels where the flag says so.
    pub(super) fn fqdn(&self) -> Option<(Box<str>, Span)> {
        let (value, span) = self.value(Code::ClientFqdn)?;
        let (flags, name) = value.split_first()?;
        let name = name.get(2..)?;
        let span = Span { at: span.at.saturating_add(3), len: span.len.saturating_sub(3) };
        let ascii = if flags & FLAG_ENCODED == 0 { name.into() } else { labels(name)? };
        Some((text::utf8(&ascii)?, span))
    }

    fn walk(&mut self, mut r: Reader<'a>) -> Result<(), Malformed> {
        while !r.is_empty() {
            let code = r.u8("option code")?;
            match code {
                PAD => continue,
                END => break,
                _ => {}
            }
            let length = usize::from(r.u8("option length")?);
            let start = r.at();
            let value = r.bytes("option value", length)?;
            let code = Code::from(code);
            if code.name().is_some() {
                self.add(code, value, r.since(start));
            }
        }
        Ok(())
    }

    /// Options of the same code are pieces of one option (RFC 3396, 7).
    fn add(&mut self, code: Code, value: &'a [u8], span: Span) {
        match self.found.iter_mut().find(|found| found.code == code) {
            Some(found) => found.value.to_mut().extend_from_slice(value),
            None => self.found.push(Found { code, value: Cow::Borrowed(value), span }),
        }
    }
}

/// A domain name in the encoding of RFC 1035, 3.1, with dots; labels cannot point elsewhere here.
fn labels(encoded: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut r = Reader::new(encoded);
    let mut name = Vec::new();
    while !r.is_empty() {
        let length = r.u8("label length").ok().filter(|length| *length <= LABEL_BYTES_MAX)?;
        if length == 0 {
            break;
        }
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(r.bytes("label", usize::from(length)).ok()?);
    }
    Some(Cow::Owned(name))
}

const PAD: u8 = 0;
const END: u8 = 255;
const OVERLOAD_FILE: u8 = 1;
const OVERLOAD_SNAME: u8 = 2;
const OVERLOAD_BOTH: u8 = 3;
/// Flag E: the domain name is in labels (RFC 4702, 2.1).
const FLAG_ENCODED: u8 = 0x04;
/// Bytes of a label; a higher length would be a pointer.
const LABEL_BYTES_MAX: u8 = 63;
