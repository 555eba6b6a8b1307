//! Two questions that SMB 3 clients ask after the session set-up: what was negotiated, and over which interfaces the
//! server can be reached.
//!
//! Reads \[MS-SMB2\] sections 2.2.31 and 2.2.32 (IOCTL), 2.2.31.4 and 2.2.32.6 (VALIDATE_NEGOTIATE_INFO), which repeats
//! the negotiation where the capture began after it, and 2.2.32.5 (NETWORK_INTERFACE_INFO). Skips all other controls.
//!
//! ```text
//!   64         68 control  72 file       88 input         96 output        request: 57, input at 24, output at 36
//!   | size u16 | code u32  | 16 bytes    | offset, count  | offset, count  response: 49, output at 32
//!
//!   interface  | next u32 | index u32 | capability u32 | reserved | link speed u64 | family u16 | address ... | 152
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::limits::SMB_INTERFACES_MAX;
use crate::protocols::Sink;
use crate::protocols::smb::{
    CLIENT_GUID, DIALECT, DIALECTS, Ends, INTERFACE, INTERFACE_ADDRESS, flags, smb2,
};
use crate::wire::{Malformed, Reader};

/// Reads an IOCTL message, whose fixed part begins in `body`.
pub(super) fn read(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    body.skip("StructureSize, Reserved", 4)?;
    let code = body.u32_le("CtlCode")?;
    body.skip("FileId", 16)?;
    if ends.response {
        body.skip("InputOffset, InputCount", 8)?;
    }
    let offset = usize::try_from(body.u32_le("Offset")?).unwrap_or(usize::MAX);
    let count = usize::try_from(body.u32_le("Count")?).unwrap_or(usize::MAX);
    if count == 0 || offset < smb2::HEADER_BYTES {
        return Ok(());
    }
    let buffer = |field| message.ahead(field, offset)?.sub(field, count);
    match (code, ends.response) {
        (VALIDATE_NEGOTIATE_INFO, false) => offered(buffer("Input")?, ends, out),
        (VALIDATE_NEGOTIATE_INFO, true) => chosen(buffer("Output")?, ends, out),
        (QUERY_NETWORK_INTERFACE_INFO, true) => interfaces(buffer("Output")?, ends, out),
        _ => Ok(()),
    }
}

fn offered(mut info: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let client = &ends.client;
    smb2::capabilities(&mut info, client, out)?;
    smb2::guid(&mut info, "Guid", client, CLIENT_GUID, out)?;
    smb2::security_mode(&mut info, client, out)?;
    let count = usize::from(info.u16_le("DialectCount")?);
    let mut dialects = info.sub("Dialects", count.saturating_mul(2))?;
    while !dialects.is_empty() {
        smb2::dialect(&mut dialects, client, DIALECTS, out)?;
    }
    Ok(())
}

fn chosen(mut info: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let server = &ends.server;
    smb2::capabilities(&mut info, server, out)?;
    smb2::server_guid(&mut info, server, out)?;
    smb2::security_mode(&mut info, server, out)?;
    let (dialect, span) = smb2::dialect(&mut info, server, DIALECT, out)?;
    smb2::version(dialect, ends, span, out);
    Ok(())
}

/// A list in which each entry tells how far the next one is.
fn interfaces(list: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut here = list;
    for _ in 0..SMB_INTERFACES_MAX {
        let next = here.clone().u32_le("Next")?;
        interface(here.clone(), ends, out)?;
        if next == 0 {
            return Ok(());
        }
        let next = usize::try_from(next).unwrap_or(usize::MAX);
        if next < INTERFACE_BYTES_MIN {
            return Err(here.impossible("Next"));
        }
        here.skip("Next", next)?;
    }
    out.count("smb.interfaces_too_many");
    Ok(())
}

fn interface(mut entry: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = entry.at();
    entry.skip("Next", 4)?;
    let index = entry.u32_le("IfIndex")?;
    let capability = entry.u32_le("Capability")?;
    entry.skip("Reserved", 4)?;
    let speed = entry.u64_le("LinkSpeed")?;
    let family = entry.u16_le("Family")?;
    entry.skip("Port", 2)?;
    if family == FAMILY_IPV6 {
        entry.skip("FlowInfo", 4)?;
    }
    let address_at = entry.at();
    let address = match family {
        FAMILY_IPV4 => IpAddr::V4(Ipv4Addr::from(entry.array("IPv4Address")?)),
        FAMILY_IPV6 => IpAddr::V6(Ipv6Addr::from(entry.array("IPv6Address")?)),
        _ => return Ok(()),
    };
    if address.is_unspecified() {
        return Ok(());
    }
    let server = &ends.server;
    out.text(server, INTERFACE_ADDRESS, &address.to_string(), entry.since(address_at));
    let capabilities = flags::words(capability, CAPABILITIES);
    let interface = format!("{address}, index {index}, {speed} bit/s, {capabilities}");
    out.text(server, INTERFACE, &interface, entry.since(start));
    Ok(())
}

const VALIDATE_NEGOTIATE_INFO: u32 = 0x0014_0204;
const QUERY_NETWORK_INTERFACE_INFO: u32 = 0x0014_01fc;

/// An entry up to an IPv4 address.
const INTERFACE_BYTES_MIN: usize = 32;
const FAMILY_IPV4: u16 = 0x0002;
const FAMILY_IPV6: u16 = 0x0017;
const CAPABILITIES: &[(u32, &str)] = &[(0x1, "RSS"), (0x2, "RDMA")];

#[cfg(test)]
mod tests;
