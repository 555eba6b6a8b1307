//! The answer of a domain controller to a ping (\[MS-ADTS\] section 6.3.1.7 to 6.3.1.9).
//!
//! ```text
//!   since Windows 2000   0 opcode 23, 24, 25 | 2 Sbz | 4 flags | 8 domain GUID | 24 forest | domain | host |
//!                        NetBIOS domain | NetBIOS computer | user | DC site | client site | ... | NtVersion
//!                        names are compressed as in RFC 1035 section 4.1.4, counted from the opcode
//!   NT 4 and asked so    0 opcode 19, 20, 21 | logon server | user | domain, in UTF-16 up to a zero |
//!                        domain GUID | null GUID | forest | domain | host | address | flags | NtVersion
//! ```
//!
//! The user's name is not kept.

use crate::model::limits::LDAP_NAME_LABELS_MAX;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::ldap::{
    CLIENT_SITE_NAME, DC_SITE_NAME, DNS_DOMAIN_NAME, DNS_FOREST_NAME, DNS_HOST_NAME, DOMAIN_GUID,
    NETBIOS_COMPUTER_NAME, NETBIOS_DOMAIN_NAME, NETLOGON_FLAGS,
};
use crate::wire::{Malformed, Reader, Span, text};

/// Reads one response. What stands before a damaged field has been said when it fails.
pub(super) fn read(
    message: Reader<'_>,
    client: &Subject,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut fields = message.clone();
    match fields.u16_le("Opcode")? {
        23..=25 => extended(&message, fields, client, server, out),
        19..=21 => plain(&message, fields, server, out),
        _ => Err(fields.impossible("Opcode")),
    }
}

fn extended<'a>(
    message: &Reader<'a>,
    mut fields: Reader<'a>,
    client: &Subject,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    fields.skip("Sbz", 2)?;
    flags(&mut fields, server, out)?;
    guid(&mut fields, server, out)?;
    for (field, said) in [
        ("DnsForestName", Some((server, DNS_FOREST_NAME))),
        ("DnsDomainName", Some((server, DNS_DOMAIN_NAME))),
        ("DnsHostName", Some((server, DNS_HOST_NAME))),
        ("NetbiosDomainName", Some((server, NETBIOS_DOMAIN_NAME))),
        ("NetbiosComputerName", Some((server, NETBIOS_COMPUTER_NAME))),
        ("UserName", None),
        ("DcSiteName", Some((server, DC_SITE_NAME))),
        ("ClientSiteName", Some((client, CLIENT_SITE_NAME))),
    ] {
        let (name, span) = compressed(message, &mut fields, field)?;
        if let Some((subject, key)) = said {
            out.text(subject, key, name.trim_start_matches('\\'), span);
        }
    }
    Ok(())
}

fn plain<'a>(
    message: &Reader<'a>,
    mut fields: Reader<'a>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    terminated(&mut fields, "UnicodeLogonServer", Some((server, NETBIOS_COMPUTER_NAME)), out)?;
    terminated(&mut fields, "UnicodeUserName", None, out)?;
    terminated(&mut fields, "UnicodeDomainName", Some((server, NETBIOS_DOMAIN_NAME)), out)?;
    if fields.left() <= VERSION_AND_TOKENS_BYTES {
        return Ok(()); // Asked as NT 4 did.
    }
    guid(&mut fields, server, out)?;
    fields.skip("NullGuid", GUID_BYTES)?;
    for (field, key) in [
        ("DnsForestName", DNS_FOREST_NAME),
        ("DnsDomainName", DNS_DOMAIN_NAME),
        ("DnsHostName", DNS_HOST_NAME),
    ] {
        let (name, span) = compressed(message, &mut fields, field)?;
        out.text(server, key, &name, span);
    }
    fields.skip("DcIpAddress", 4)?;
    flags(&mut fields, server, out)
}

fn flags(fields: &mut Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = fields.at();
    let flags = fields.u32_le("Flags")?;
    out.uint(server, NETLOGON_FLAGS, flags, fields.since(start));
    Ok(())
}

fn guid(fields: &mut Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = fields.at();
    let guid = uuid::Uuid::from_bytes_le(fields.array::<GUID_BYTES>("DomainGuid")?);
    if !guid.is_nil() {
        out.text(server, DOMAIN_GUID, &guid.to_string(), fields.since(start));
    }
    Ok(())
}

/// Reads a compressed name. A pointer leads backwards only, so that no name is without end.
fn compressed<'a>(
    message: &Reader<'a>,
    fields: &mut Reader<'a>,
    field: &'static str,
) -> Result<(String, Span), Malformed> {
    let start = fields.at();
    let mut name = String::new();
    let mut walk = fields.clone();
    let mut lowest = start;
    let mut jumped = false;
    for _ in 0..LDAP_NAME_LABELS_MAX {
        let length = walk.u8(field)?;
        match length {
            0 => {
                if !jumped {
                    *fields = walk;
                }
                return Ok((name, fields.since(start)));
            }
            1..=0x3f => {
                let label = walk.bytes(field, usize::from(length))?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label));
            }
            0xc0.. => {
                let high = usize::from(length & 0x3f) << 8;
                let target = high | usize::from(walk.u8(field)?);
                if !jumped {
                    *fields = walk.clone();
                    jumped = true;
                }
                let to = message.ahead(field, target)?;
                if to.at() >= lowest {
                    return Err(walk.impossible(field));
                }
                lowest = to.at();
                walk = to;
            }
            _ => return Err(walk.impossible(field)),
        }
    }
    Err(walk.impossible(field))
}

/// Reads a name in UTF-16 that ends with a zero; servers write theirs behind two backslashes.
fn terminated(
    fields: &mut Reader<'_>,
    field: &'static str,
    said: Option<(&Subject, Key)>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (units, _) = fields.peek().as_chunks::<2>();
    let length = units.iter().position(|unit| *unit == [0, 0]);
    let length = length.ok_or(fields.impossible(field))?.saturating_mul(2);
    let start = fields.at();
    let bytes = fields.bytes(field, length)?;
    let span = fields.since(start);
    fields.skip(field, 2)?;
    if let Some((subject, key)) = said {
        let name = text::utf16_le(bytes).unwrap_or_default();
        out.text(subject, key, name.trim_start_matches('\\'), span);
    }
    Ok(())
}

const GUID_BYTES: usize = 16;
/// NtVersion and two tokens, which end every response.
const VERSION_AND_TOKENS_BYTES: usize = 8;
