//! The log-on mailslot: which host is a domain controller of which domain, and which host looks for one.
//!
//! Reads the query for the primary domain controller and its answer, the SAM log-on request, and its answers in both
//! forms: for Windows NT 4.0, and extended since Windows 2000. Keeps no name of a user, and no GUID or SID.
//! \[MS-ADTS\] (2023) sections 6.3.1 (structures) and 6.3.5 (in mailslots).
//!
//! ```text
//!   Opcode u16
//!    7 primary query       | ComputerName 00 | MailslotName 00 | pad to even | UnicodeComputerName 0000 | NtVersion u32 |
//!   12 primary response    | PrimaryDCName 00 | pad | UnicodePrimaryDCName 0000 | UnicodeDomainName 0000 | NtVersion |
//!   18 SAM log-on request  | RequestCount u16 | UnicodeComputerName 0000 | UnicodeUserName 0000 | MailslotName 00 |
//!                          | AllowableAccountControlBits u32 | DomainSidSize u32 | pad to 4, DomainSid | NtVersion u32 |
//!   19, 20, 21 response    | UnicodeLogonServer 0000 | UnicodeUserName 0000 | UnicodeDomainName 0000 | ...
//!   23, 24, 25 extended    | Sbz u16 | Flags u32 | DomainGuid 16 | names in DNS format: DnsForestName, DnsDomainName,
//!                          | DnsHostName, NetbiosDomainName, NetbiosComputerName, UserName, DcSiteName, ...
//! ```

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::browser::{Letter, text_to_nul};
use crate::protocols::shared::dns::Name;
use crate::wire::{Malformed, Reader, Span, open_enum, text};

/// NetBIOS name of a host that looks for a domain controller, or is one.
pub(super) const COMPUTER_NAME: Key = Key::one("browser.netlogon_computer_name");
/// NetBIOS name of the domain that a domain controller serves.
pub(super) const DOMAIN: Key = Key::one("browser.netlogon_domain");
/// DNS name of a domain controller.
pub(super) const DNS_HOST_NAME: Key = Key::one("browser.netlogon_dns_host_name");
/// DNS name of its domain.
pub(super) const DNS_DOMAIN_NAME: Key = Key::one("browser.netlogon_dns_domain_name");
/// DNS name of its forest.
pub(super) const DNS_FOREST_NAME: Key = Key::one("browser.netlogon_dns_forest_name");
/// Name of its site.
pub(super) const SITE_NAME: Key = Key::one("browser.netlogon_site_name");
/// What a domain controller is: `primary`, `NT 4.0 form`, or the names of its flags.
pub(super) const DOMAIN_CONTROLLER: Key = Key::one("browser.netlogon_domain_controller");
/// Flags that tell which forms of answer the host understands, a number.
pub(super) const NT_VERSION: Key = Key::one("browser.netlogon_nt_version");

/// Reads one message.
pub(super) fn read(letter: &Letter<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = letter.data.clone();
    let start = r.at();
    let opcode = Opcode::from(r.u16_le("Opcode")?);
    let span = r.since(start);
    let sender = &letter.sender;
    match opcode {
        Opcode::PrimaryQuery => primary_query(&mut r, &letter.data, sender, out),
        Opcode::PrimaryResponse => {
            out.text(sender, DOMAIN_CONTROLLER, "primary", span);
            primary_response(&mut r, &letter.data, sender, out)
        }
        Opcode::SamLogonRequest => sam_logon_request(&mut r, letter, out),
        Opcode::SamLogonResponse | Opcode::SamPauseResponse | Opcode::SamUserUnknown => {
            out.text(sender, DOMAIN_CONTROLLER, "NT 4.0 form", span);
            sam_logon_response(&mut r, sender, out)
        }
        Opcode::SamLogonResponseEx | Opcode::SamPauseResponseEx | Opcode::SamUserUnknownEx => {
            sam_logon_response_ex(&mut r, &letter.data, sender, out)
        }
        Opcode::Unknown(_) => Ok(()),
    }
}

fn primary_query(
    r: &mut Reader<'_>,
    message: &Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (name, span) = text_to_nul(r);
    out.text(sender, COMPUTER_NAME, name.as_deref().unwrap_or_default(), span);
    text_to_nul(r); // Where the answer shall go.
    if r.is_empty() {
        return Ok(()); // LAN Manager has nothing more to ask.
    }
    align(r, message, 2)?;
    unicode_to_nul(r, "UnicodeComputerName")?;
    say_nt_version(r, sender, out)
}

fn primary_response(
    r: &mut Reader<'_>,
    message: &Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (name, span) = text_to_nul(r);
    out.text(sender, COMPUTER_NAME, name.as_deref().unwrap_or_default(), span);
    if r.is_empty() {
        return Ok(());
    }
    align(r, message, 2)?;
    unicode_to_nul(r, "UnicodePrimaryDCName")?;
    let (domain, span) = unicode_to_nul(r, "UnicodeDomainName")?;
    out.text(sender, DOMAIN, domain.as_deref().unwrap_or_default(), span);
    say_nt_version(r, sender, out)
}

/// The request comes from a host that logs somebody on. Who that is, is nobody's business.
fn sam_logon_request(
    r: &mut Reader<'_>,
    letter: &Letter<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let sender = &letter.sender;
    r.skip("RequestCount", 2)?;
    let (name, span) = unicode_to_nul(r, "UnicodeComputerName")?;
    out.text(sender, COMPUTER_NAME, name.as_deref().unwrap_or_default(), span);
    unicode_to_nul(r, "UnicodeUserName")?;
    text_to_nul(r); // Where the answer shall go.
    r.skip("AllowableAccountControlBits", 4)?;
    let sid = usize::try_from(r.u32_le("DomainSidSize")?).unwrap_or(usize::MAX);
    if sid > 0 {
        align(r, &letter.data, 4)?;
        r.skip("DomainSid", sid)?;
    }
    say_nt_version(r, sender, out)
}

fn sam_logon_response(
    r: &mut Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (server, span) = unicode_to_nul(r, "UnicodeLogonServer")?;
    say_server(server, span, sender, out);
    unicode_to_nul(r, "UnicodeUserName")?;
    let (domain, span) = unicode_to_nul(r, "UnicodeDomainName")?;
    out.text(sender, DOMAIN, domain.as_deref().unwrap_or_default(), span);
    Ok(())
}

fn sam_logon_response_ex(
    r: &mut Reader<'_>,
    message: &Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("Sbz", 2)?;
    let start = r.at();
    let flags = r.u32_le("Flags")?;
    out.text(sender, DOMAIN_CONTROLLER, &flag_names(flags), r.since(start));
    r.skip("DomainGuid", 16)?;
    for key in [DNS_FOREST_NAME, DNS_DOMAIN_NAME, DNS_HOST_NAME, DOMAIN] {
        let (name, span) = compressed(r, message)?;
        out.text(sender, key, &name, span);
    }
    let (server, span) = compressed(r, message)?;
    say_server(Some(server.into()), span, sender, out);
    compressed(r, message)?; // UserName
    let (site, span) = compressed(r, message)?;
    out.text(sender, SITE_NAME, &site, span);
    Ok(())
}

/// Servers are written with two backslashes before them, or without.
fn say_server(server: Option<Box<str>>, span: Span, sender: &Subject, out: &mut Sink<'_>) {
    let server = server.unwrap_or_default();
    out.text(sender, COMPUTER_NAME, server.trim_start_matches('\\'), span);
}

fn say_nt_version(
    r: &mut Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let version = r.u32_le("NtVersion")?;
    out.uint(sender, NT_VERSION, version, r.since(start));
    Ok(())
}

fn compressed(r: &mut Reader<'_>, message: &Reader<'_>) -> Result<(String, Span), Malformed> {
    let start = r.at();
    let name = Name::read(r, message)?;
    Ok((name.to_string(), r.since(start)))
}

/// UTF-16 up to its NUL; damage when there is none.
fn unicode_to_nul(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<(Option<Box<str>>, Span), Malformed> {
    let (units, _) = r.peek().as_chunks::<2>();
    let count = units.iter().position(|unit| *unit == [0, 0]).ok_or(r.impossible(field))?;
    let start = r.at();
    let name = r.bytes(field, count.saturating_mul(2))?;
    let span = r.since(start);
    r.skip(field, 2)?;
    Ok((text::utf16_le(name), span))
}

/// Passes over padding up to a multiple of `bytes` from the start of the message.
fn align(r: &mut Reader<'_>, message: &Reader<'_>, bytes: usize) -> Result<(), Malformed> {
    let past = r.at().saturating_sub(message.at());
    let padding = past.next_multiple_of(bytes).saturating_sub(past);
    r.skip("Pad", padding)
}

/// Flags of a domain controller (\[MS-ADTS\], 6.3.1.2).
fn flag_names(flags: u32) -> String {
    let set = FLAGS.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name);
    set.collect::<Vec<&str>>().join(", ")
}

const FLAGS: &[(u32, &str)] = &[
    (0x0000_0001, "primary"),
    (0x0000_0004, "global catalogue"),
    (0x0000_0008, "LDAP"),
    (0x0000_0010, "directory service"),
    (0x0000_0020, "key distribution centre"),
    (0x0000_0040, "time service"),
    (0x0000_0080, "closest"),
    (0x0000_0100, "writable"),
    (0x0000_0200, "reliable time"),
    (0x0000_0800, "read-only"),
    (0x0000_1000, "all secrets"),
    (0x0000_2000, "web service"),
    (0x0000_4000, "Windows Server 2012 or later"),
    (0x0000_8000, "Windows Server 2012 R2 or later"),
    (0x0001_0000, "Windows Server 2016 or later"),
];

open_enum! {
    /// Operations that are read (\[MS-ADTS\], 6.3.1.3).
    enum Opcode: u16 {
        /// Looks for the primary domain controller.
        PrimaryQuery = 7, "primary query",
        /// It is.
        PrimaryResponse = 12, "primary response",
        /// Looks for any domain controller.
        SamLogonRequest = 18, "SAM log-on request",
        /// It is one.
        SamLogonResponse = 19, "SAM log-on response",
        /// It is one, but takes no log-ons.
        SamPauseResponse = 20, "SAM pause response",
        /// It is one, and does not know the user.
        SamUserUnknown = 21, "SAM user unknown",
        /// It is one.
        SamLogonResponseEx = 23, "extended SAM log-on response",
        /// It is one, but takes no log-ons.
        SamPauseResponseEx = 24, "extended SAM pause response",
        /// It is one, and does not know the user.
        SamUserUnknownEx = 25, "extended SAM user unknown",
    }
}
