//! The local security authority and the logon service: names and security identifiers of host and domain.
//!
//! Reads \[MS-LSAD\] section 3.1.4.4: the answers of LsarQueryInformationPolicy and its second form for the primary domain,
//! the account domain and the domain in DNS (structures in 2.2.4); \[MS-NRPC\]: the request of NetrServerReqChallenge (section
//! 3.5.4.4.1), the answers of DsrGetDcName and its later forms (2.2.1.2.1), and the NL_AUTH_MESSAGE that opens a secure
//! channel (2.2.1.3.1). Skips challenges, credentials and all accounts. Of a domain controller that is named only the
//! name is kept: the domain may be one that this host merely trusts.
//!
//! ```text
//!   policy            pointer | class u16 | 3, 5: name, pointer | 12: name, DNS domain, DNS forest, identifier 16, pointer
//!   controller        pointer | name, address, u32, identifier 16, domain, forest, flags u32, site, site
//!   NL_AUTH_MESSAGE   type u32 | flags u32 | NetBIOS domain, 0 | NetBIOS computer, 0 | ...
//! ```

use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::Ndr;
use crate::protocols::shared::dcerpc::service::Asked;
use crate::protocols::shared::dcerpc::{
    ACCOUNT_DOMAIN_NAME, ACCOUNT_DOMAIN_SID, COMPUTER_NAME, DNS_DOMAIN_NAME, DNS_FOREST_NAME,
    DOMAIN_CONTROLLER, DOMAIN_NAME, DOMAIN_SID, Ends, computer_name,
};
use crate::wire::{Malformed, Reader, text};

/// Reads the answer of LsarQueryInformationPolicy.
pub(super) fn policy(mut stub: Ndr<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if !stub.pointer("PolicyInformation")? {
        return Ok(());
    }
    stub.align_pointers()?;
    let class = stub.enumeration("InformationClass")?;
    let server = &ends.server;
    let (name_key, sid_key) = match class {
        PRIMARY_DOMAIN | DNS_DOMAIN | DNS_DOMAIN_INT => (DOMAIN_NAME, DOMAIN_SID),
        ACCOUNT_DOMAIN | LOCAL_ACCOUNT_DOMAIN => (ACCOUNT_DOMAIN_NAME, ACCOUNT_DOMAIN_SID),
        _ => return Ok(()),
    };
    let has_name = stub.counted_string("Name")?;
    let in_dns = matches!(class, DNS_DOMAIN | DNS_DOMAIN_INT);
    let (mut has_domain, mut has_forest) = (false, false);
    if in_dns {
        has_domain = stub.counted_string("DnsDomainName")?;
        has_forest = stub.counted_string("DnsForestName")?;
        stub.uuid("DomainGuid")?;
    }
    let has_sid = stub.pointer("Sid")?;
    for (there, key) in
        [(has_name, name_key), (has_domain, DNS_DOMAIN_NAME), (has_forest, DNS_FOREST_NAME)]
    {
        let name = stub.string_at(there, "Name, DnsDomainName, DnsForestName")?;
        out.text(server, key, &name.text, name.span);
    }
    if has_sid {
        let sid = stub.sid("Sid")?;
        out.text(server, sid_key, &sid.text, sid.span);
    }
    Ok(())
}

/// Reads the request of NetrServerReqChallenge: the client's own name stands in it.
pub(super) fn challenge_request(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<Asked, Malformed> {
    let there = stub.pointer("PrimaryName")?;
    stub.string_at(there, "PrimaryName")?;
    let name = stub.string("ComputerName")?;
    computer_name(&ends.client, &name.text, name.span, out);
    Ok(Asked::Nothing)
}

/// Reads the answer of DsrGetDcName, DsrGetDcNameEx or DsrGetDcNameEx2.
pub(super) fn domain_controller(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if !stub.pointer("DomainControllerInfo")? {
        return Ok(());
    }
    stub.align_pointers()?;
    let there = stub.pointer("DomainControllerName")?;
    stub.pointer("DomainControllerAddress")?;
    stub.u32("DomainControllerAddressType")?;
    stub.uuid("DomainGuid")?;
    stub.align_pointers()?;
    stub.pointer("DomainName")?;
    stub.pointer("DnsForestName")?;
    stub.u32("Flags")?;
    stub.pointer("DcSiteName")?;
    stub.pointer("ClientSiteName")?;
    let name = stub.string_at(there, "DomainControllerName")?;
    out.text(&ends.server, DOMAIN_CONTROLLER, name.text.trim_start_matches('\\'), name.span);
    Ok(())
}

/// Reads the first token of a secure channel, which a member of a domain sends to a controller.
pub(super) fn secure_channel(
    mut token: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if token.u32_le("MessageType")? != NEGOTIATE_REQUEST {
        return Ok(());
    }
    let flags = token.u32_le("Flags")?;
    for (bit, key) in [(NETBIOS_DOMAIN, DOMAIN_NAME), (NETBIOS_COMPUTER, COMPUTER_NAME)] {
        if flags & bit == 0 {
            continue;
        }
        let bytes = text::until_nul(token.peek());
        let start = token.at();
        token.skip("Buffer", bytes.len())?;
        let name = text::utf8(bytes).unwrap_or_default();
        let span = token.since(start);
        token.skip("Buffer", 1)?; // A name without its NUL was cut.
        out.text(&ends.client, key, &name, span);
    }
    Ok(())
}

const PRIMARY_DOMAIN: u32 = 3;
const ACCOUNT_DOMAIN: u32 = 5;
const DNS_DOMAIN: u32 = 12;
const DNS_DOMAIN_INT: u32 = 13;
const LOCAL_ACCOUNT_DOMAIN: u32 = 14;

const NEGOTIATE_REQUEST: u32 = 0;
const NETBIOS_DOMAIN: u32 = 0x0000_0001;
const NETBIOS_COMPUTER: u32 = 0x0000_0002;
