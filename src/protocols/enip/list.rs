//! Answers to ListIdentity and ListServices (CIP Networks Library volume 2, edition 1.x, sections 2-4.2 and
//! 2-4.6), and to ListIdentity of devices with CIP Security (volume 8).
//!
//! ```text
//!   identity   encapsulation version 2   socket address 16   Identity attributes 1 to 7   state 1
//!   security   profiles 2   CIP Security state 1   EtherNet/IP Security state 1   port state 1
//!   service    version 2   capability flags 2   name 16, to the first NUL
//! ```

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::protocols::enip::cip::Object;
use crate::protocols::enip::cpf::{self, Items};
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::keys;
use crate::wire::{Malformed, Reader, text};

/// Reads the items of either answer.
pub(super) fn read(body: Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    for item in Items::read(body)? {
        let item = item?;
        let mut data = item.data;
        let read = match item.kind {
            cpf::IDENTITY => identity(&mut data, facts),
            cpf::SECURITY => facts.u16(keys::SECURITY_PROFILES, "security profiles", &mut data),
            cpf::SERVICE => service(&mut data, facts),
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

fn identity(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    facts.u16(keys::ENCAPSULATION_VERSION, "encapsulation version", data)?;
    socket_address(data, facts)?;
    facts.identity(data)?;
    facts.attribute(Object::Identity, 8, data).map(|_| ())
}

/// The address as in `sockaddr_in`, big-endian: family, port, address, eight zeros. It is what the device
/// believes: behind a NAT it is not the node's, which stays the subject.
fn socket_address(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    data.skip("address family", 2)?;
    let at = data.at();
    let port = data.u16_be("port")?;
    let address = Ipv4Addr::from_bits(data.u32_be("IP address")?);
    let span = data.since(at);
    data.skip("zeros", 8)?;
    if !address.is_unspecified() {
        let address = SocketAddrV4::new(address, port).to_string();
        facts.out.text(&facts.subject, keys::SOCKET_ADDRESS, &address, span);
    }
    Ok(())
}

fn service(data: &mut Reader<'_>, facts: &mut Facts<'_, '_>) -> Result<(), Malformed> {
    facts.u16(keys::ENCAPSULATION_VERSION, "encapsulation version", data)?;
    facts.u16(keys::CAPABILITY_FLAGS, "capability flags", data)?;
    let at = data.at();
    let name = data.bytes("name of service", 16)?;
    if let Some(name) = text::latin1(text::until_nul(name)) {
        facts.out.text(&facts.subject, keys::SERVICE, &name, data.since(at));
    }
    Ok(())
}
