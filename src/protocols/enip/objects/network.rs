//! Objects that tell about interfaces, ports and rings: who the device is on its networks, and who else is there.
//!
//! TCP/IP Interface, Ethernet Link, Device Level Ring and Base Switch (CIP Networks Library volume 2, edition 1.x,
//! chapter 5), and Port (volume 1, edition 3.x, section 3-7). Passes over counters and everything that is set.

use std::net::Ipv4Addr;

use crate::model::limits::LIST_ITEMS_MAX;
use crate::model::{Key, Mac};
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::keys;
use crate::protocols::enip::objects::Form::{Own, Path, ShortString, Skip, String};
use crate::protocols::enip::objects::Layout;
use crate::wire::{Malformed, Reader};

pub(super) const TCP_IP_INTERFACE: Layout = Layout {
    attributes: &[
        (1, "status", Skip(4)),
        (2, "configuration capability", Skip(4)),
        (3, "configuration control", Skip(4)),
        (4, "physical link object", Path),
        (5, "interface configuration", Own(interface_configuration)),
        (6, "host name", String(keys::HOST_NAME)),
        (7, "safety network number", Skip(6)),
        (8, "TTL value", Skip(1)),
        (9, "multicast configuration", Skip(8)),
        (10, "select address conflict detection", Skip(1)),
        (11, "last conflict detected", Own(last_conflict)),
        (12, "quick connect", Skip(1)),
        (13, "encapsulation inactivity timeout", Skip(2)),
    ],
    all: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    required: 6,
};

pub(super) const ETHERNET_LINK: Layout = Layout {
    attributes: &[
        (1, "interface speed", Skip(4)),
        (2, "interface flags", Skip(4)),
        (3, "physical address", Own(physical_address)),
        (4, "interface counters", Skip(44)),
        (5, "media counters", Skip(48)),
        (6, "interface control", Skip(4)),
        (7, "interface type", Skip(1)),
        (8, "interface state", Skip(1)),
        (9, "administrative state", Skip(1)),
        (10, "interface label", ShortString(keys::INTERFACE_LABEL)),
    ],
    all: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    required: 3,
};

pub(super) const PORT: Layout = Layout {
    attributes: &[
        (1, "port type", Skip(2)),
        (2, "port number", Skip(2)),
        (3, "link object", Path),
        (4, "port name", ShortString(keys::PORT_NAME)),
        (8, "port node range", Own(node_range)),
    ],
    all: &[1, 2, 3, 4],
    required: 4,
};

/// Who is no supervisor sends attributes 1, 2, 10 and 12 of all, who can be one nearly all of them: the two first
/// are the same in both.
pub(super) const DEVICE_LEVEL_RING: Layout = Layout {
    attributes: &[
        (1, "network topology", Skip(1)),
        (2, "network status", Own(ring_status)),
        (3, "ring supervisor status", Skip(1)),
        (4, "ring supervisor configuration", Skip(12)),
        (5, "ring faults count", Skip(2)),
        (6, "last active node on port 1", Skip(10)),
        (7, "last active node on port 2", Skip(10)),
        (8, "ring participants count", Skip(2)),
        (9, "ring participants list", Own(ring_participants)),
        (10, "active supervisor address", Own(ring_supervisor)),
        (11, "active supervisor precedence", Skip(1)),
        (12, "capability flags", Skip(4)),
    ],
    all: &[1, 2],
    required: 2,
};

pub(super) const BASE_SWITCH: Layout = Layout {
    attributes: &[
        (1, "device up time", Skip(4)),
        (2, "total port count", Skip(4)),
        (3, "system firmware version", ShortString(keys::SYSTEM_FIRMWARE_VERSION)),
        (4, "power source", Skip(2)),
        (5, "port mask size", Skip(2)),
    ],
    all: &[1, 2, 3],
    required: 3,
};

/// ```text
///   IP address 4   network mask 4   gateway address 4   name server 4   name server 2 4   domain name
/// ```
fn interface_configuration(
    facts: &mut Facts<'_, '_>,
    data: &mut Reader<'_>,
) -> Result<(), Malformed> {
    address(facts, keys::IP_ADDRESS, "IP address", data)?;
    data.skip("network mask", 4)?;
    address(facts, keys::GATEWAY_ADDRESS, "gateway address", data)?;
    address(facts, keys::NAME_SERVER, "name server", data)?;
    address(facts, keys::NAME_SERVER, "name server 2", data)?;
    facts.string(keys::DOMAIN_NAME, "domain name", data)
}

/// An address as a number; 0.0.0.0 means that there is none.
fn address(
    facts: &mut Facts<'_, '_>,
    key: Key,
    field: &'static str,
    data: &mut Reader<'_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let address = Ipv4Addr::from_bits(data.u32_le(field)?);
    if !address.is_unspecified() {
        facts.out.text(&facts.subject, key, &address.to_string(), data.since(at));
    }
    Ok(())
}

fn physical_address(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    mac(facts, keys::MAC_ADDRESS, data)
}

fn mac(facts: &mut Facts<'_, '_>, key: Key, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let mac = Mac(data.array("physical address")?);
    if !mac.is_zero() && !mac.is_group() {
        facts.out.text(&facts.subject, key, &mac.to_string(), data.since(at));
    }
    Ok(())
}

/// ```text
///   activity 1   MAC address of the other 6   its ARP message 28
/// ```
fn last_conflict(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    data.skip("address conflict detection activity", 1)?;
    mac(facts, keys::CONFLICTING_MAC_ADDRESS, data)?;
    data.skip("ARP message", 28)
}

fn node_range(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let lowest = data.u16_le("minimum node number")?;
    let highest = data.u16_le("maximum node number")?;
    let range = format!("{lowest}-{highest}");
    facts.out.text(&facts.subject, keys::PORT_NODE_RANGE, &range, data.since(at));
    Ok(())
}

fn ring_status(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let word = match data.u8("network status")? {
        0 => "normal",
        1 => "ring fault",
        2 => "unexpected loop detected",
        3 => "partial network fault",
        4 => "rapid fault/restore cycle",
        _ => "reserved",
    };
    facts.out.text(&facts.subject, keys::RING_STATUS, word, data.since(at));
    Ok(())
}

fn ring_supervisor(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    ring_node(facts, keys::RING_SUPERVISOR, data)
}

/// The list fills what is left of its message.
fn ring_participants(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    for _ in 0..LIST_ITEMS_MAX {
        if data.left() < RING_NODE_BYTES {
            break; // At most the padding of a service in a packet.
        }
        ring_node(facts, keys::RING_PARTICIPANT, data)?;
    }
    Ok(())
}

fn ring_node(facts: &mut Facts<'_, '_>, key: Key, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let address = Ipv4Addr::from_bits(data.u32_le("ring node IP address")?);
    let mac = Mac(data.array("ring node MAC address")?);
    if !mac.is_zero() {
        let node = format!("{address} {mac}");
        facts.out.text(&facts.subject, key, &node, data.since(at));
    }
    Ok(())
}

const RING_NODE_BYTES: usize = 10;
