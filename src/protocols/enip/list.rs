//! Answers to ListIdentity, ListServices and ListInterfaces (CIP Networks Library volume 2, edition 1.x,
//! sections 2-4.2, 2-4.3 and 2-4.6), and to ListIdentity of devices with CIP Security (volume 8, edition 1.x).
//!
//! ```text
//!   identity   encapsulation version 2   socket address 16   Identity attributes 1 to 7   state 1
//!   security   profiles 2   CIP Security state 1   EtherNet/IP Security state 1   open ports 1
//!   service    version 2   capability flags 2   name 16, to the first NUL
//!   interface  handle 4   what its vendor likes
//! ```

use crate::model::Key;
use crate::protocols::enip::cip::Object;
use crate::protocols::enip::cpf::{self, Items};
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::objects::device;
use crate::protocols::enip::{keys, transport_keys};
use crate::wire::{Malformed, Reader, text};

/// Reads the items of an answer to ListIdentity or ListServices.
pub(super) fn read(body: Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    for item in Items::read(body)? {
        let item = item?;
        let mut data = item.data;
        let read = match item.kind {
            cpf::IDENTITY => identity(&mut data, facts),
            cpf::SECURITY => security(&mut data, facts),
            cpf::SERVICE => service(&mut data, facts),
            cpf::NULL_ADDRESS | cpf::CAPABILITY | cpf::USAGE => Ok(()),
            _ => {
                facts.out.count("enip.unknown_item");
                Ok(())
            }
        };
        if let Err(malformed) = read {
            facts.out.damaged(malformed);
        }
    }
    Ok(())
}

/// Reads the items of an answer to ListInterfaces, whose types are their vendor's: of their data only the handle
/// is agreed.
pub(super) fn interfaces(body: Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    for item in Items::read(body)? {
        let mut data = item?.data;
        if !data.is_empty() {
            let at = data.at();
            let handle = data.u32_le("interface handle")?;
            let span = data.since(at);
            facts.out.uint(&facts.subject, transport_keys::INTERFACE_HANDLE, handle, span);
        }
    }
    Ok(())
}

fn identity(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    facts.u16(keys::ENCAPSULATION_VERSION, "encapsulation version", data)?;
    socket_address(data, facts)?;
    facts.identity(data)?;
    facts.attribute(Object::Identity, 8, data).map(|_| ())
}

/// What the device believes its address to be: behind a NAT it is not the node's, which stays the subject.
fn socket_address(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    if let Some((address, span)) = cpf::socket_address(data)?
        && !address.ip().is_unspecified()
    {
        facts.out.text(&facts.subject, keys::SOCKET_ADDRESS, &address.to_string(), span);
    }
    Ok(())
}

fn security(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    let mut profiles = data.clone();
    facts.u16(keys::SECURITY_PROFILES, "security profiles", data)?;
    named(transport_keys::SECURITY_PROFILE_NAMES, PROFILES, &mut profiles, 2, facts)?;
    device::cip_security_state(facts, data)?;
    device::ethernet_ip_security_state(facts, data)?;
    named(transport_keys::OPEN_PORTS, PORTS, data, 1, facts)
}

fn service(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    facts.u16(keys::ENCAPSULATION_VERSION, "encapsulation version", data)?;
    let mut flags = data.clone();
    facts.u16(keys::CAPABILITY_FLAGS, "capability flags", data)?;
    named(transport_keys::CAPABILITIES, CAPABILITIES, &mut flags, 2, facts)?;
    let at = data.at();
    let name = data.bytes("name of service", 16)?;
    if let Some(name) = text::latin1(text::until_nul(name)) {
        facts.out.text(&facts.subject, keys::SERVICE, &name, data.since(at));
    }
    Ok(())
}

/// Says the names of the bits that are set in a field of `size` bytes, one or two.
fn named(
    key: Key,
    names: &[(u16, &str)],
    data: &mut Reader<'_>,
    size: usize,
    facts: &mut Facts<'_, '_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let field = "bit field";
    let bits = if size == 1 { u16::from(data.u8(field)?) } else { data.u16_le(field)? };
    let set = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name);
    let text = set.collect::<Vec<_>>().join(", ");
    facts.out.text(&facts.subject, key, &text, data.since(at));
    Ok(())
}

/// Bits of the capability flags; the others are reserved.
const CAPABILITIES: &[(u16, &str)] =
    &[(0x0020, "CIP over TCP"), (0x0100, "CIP class 0 and 1 over UDP")];
/// Bits of the security profiles, by the names that volume 8 gives them.
const PROFILES: &[(u16, &str)] = &[
    (0x0001, "EtherNet/IP Integrity"),
    (0x0002, "EtherNet/IP Confidentiality"),
    (0x0004, "CIP Authorization"),
    (0x0008, "CIP User Authentication"),
    (0x0010, "Resource-Constrained CIP Security"),
];
/// Bits of the state of the registered ports.
const PORTS: &[(u16, &str)] = &[
    (0x01, "44818/tcp"),
    (0x02, "44818/udp"),
    (0x04, "2222/udp"),
    (0x08, "2221/tcp"),
    (0x10, "2221/udp"),
];
