//! Address Resolution Protocol (RFC 826, with the address checks of RFC 5227).
//!
//! Read: which hardware address answers for which IPv4 address, from the sender fields of requests and
//! replies, gratuitous ones among them; and whether another machine put the frame on the wire (proxy ARP).
//! Skipped: the target fields, which repeat what somebody else believes; address probes, whose sender has no
//! address yet; hardware other than Ethernet; RARP and InARP.
//!
//! ```text
//! 0        2        4    5    6        8                 14        18                24        28
//! ┌────────┬────────┬────┬────┬────────┬─────────────────┬─────────┬─────────────────┬─────────┐
//! │ ar$hrd │ ar$pro │hln │pln │ ar$op  │ ar$sha          │ ar$spa  │ ar$tha          │ ar$tpa  │  big-endian
//! └────────┴────────┴────┴────┴────────┴─────────────────┴─────────┴─────────────────┴─────────┘
//! ```

use std::net::Ipv4Addr;

use crate::flow::{Attach, Input};
use crate::model::{Key, Mac, Node, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "arp",
    spec: "RFC 826 (1982), RFC 5227 (2008)",
    attach: &[Attach::Ether(0x0806)],
    keys: &[&[HARDWARE_ADDRESS, PROXY]],
    probe,
    start: || Box::new(Arp),
};

/// Hardware address that the sender gives for its IPv4 address.
const HARDWARE_ADDRESS: Key = Key::several("arp.hardware_address");
/// Ethernet source of a frame whose ARP sender has another hardware address: a machine that speaks for it.
const PROXY: Key = Key::several("arp.proxy");

struct Arp;

impl Dissector for Arp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = packet(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The Ethernet type alone makes a frame ARP; other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match header(&mut Reader::new(bytes)) {
        Ok(Some(_)) => Probe::Maybe,
        Ok(None) => Probe::No,
        Err(_) => Probe::More,
    }
}

fn packet(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    let Some(operation) = header(&mut r)? else { return Ok(()) };
    let start = r.at();
    let hardware = Mac(r.array("ar$sha")?);
    let hardware_span = r.since(start);
    let address = Ipv4Addr::from(r.array::<4>("ar$spa")?);
    if !matches!(operation, REQUEST | REPLY) || address.is_unspecified() {
        return Ok(());
    }
    if hardware.is_group() || hardware.is_zero() {
        return Err(r.impossible("ar$sha"));
    }
    if address.is_multicast() || address.is_broadcast() || address.is_loopback() {
        return Err(r.impossible("ar$spa"));
    }
    let subject = Subject::node(Node::ip(input.sender().scope, address.into()));
    out.text(&subject, HARDWARE_ADDRESS, &hardware.to_string(), hardware_span);
    if let Some(source) = input.mac
        && source != hardware
        && !source.is_group()
        && !source.is_zero()
    {
        // The Ethernet header lies ahead of these bytes; what proves the difference here is the sender field.
        out.text(&subject, PROXY, &source.to_string(), hardware_span);
    }
    Ok(())
}

/// The operation; `None` when the packet does not resolve IPv4 to Ethernet.
fn header(r: &mut Reader<'_>) -> Result<Option<u16>, Malformed> {
    let hardware_type = r.u16_be("ar$hrd")?;
    let protocol_type = r.u16_be("ar$pro")?;
    let lengths = (r.u8("ar$hln")?, r.u8("ar$pln")?);
    let operation = r.u16_be("ar$op")?;
    let ours = matches!(hardware_type, ETHERNET | IEEE_802)
        && protocol_type == IPV4
        && lengths == (MAC_BYTES, IPV4_BYTES);
    Ok(ours.then_some(operation))
}

/// Hardware type of Ethernet.
const ETHERNET: u16 = 1;
/// Hardware type of IEEE 802 networks, which some senders give for Ethernet as well.
const IEEE_802: u16 = 6;
/// Protocol type of IPv4: its Ethernet type.
const IPV4: u16 = 0x0800;
const MAC_BYTES: u8 = 6;
const IPV4_BYTES: u8 = 4;
const REQUEST: u16 = 1;
const REPLY: u16 = 2;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness;

    /// A reply: 192.168.1.8 is at 02:00:00:00:00:01, which is also the Ethernet source of the harness.
    const ANSWER: &[u8] = &[
        0x00, 0x01, // ar$hrd: Ethernet
        0x08, 0x00, // ar$pro: IPv4
        0x06, 0x04, // ar$hln, ar$pln
        0x00, 0x02, // ar$op: reply
        0x02, 0x00, 0x00, 0x00, 0x00, 0x01, // ar$sha
        192, 168, 1, 8, // ar$spa
        0x02, 0x00, 0x00, 0x00, 0x00, 0x02, // ar$tha
        192, 168, 1, 1, // ar$tpa
    ];

    fn read(packet: &[u8]) -> harness::Listener {
        harness::read(&PROTOCOL, true, &[(ToServer, packet)])
    }

    fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut packet = ANSWER.to_vec();
        packet[at..at + bytes.len()].copy_from_slice(bytes);
        packet
    }

    #[test]
    fn a_reply_binds_address_and_hardware() {
        let listener = read(ANSWER);
        assert_eq!(
            listener.lines(),
            ["192.168.1.8  arp.hardware_address = 02:00:00:00:00:01 @8+6"]
        );
    }

    #[test]
    fn padding_behind_the_packet_is_ignored() {
        let mut padded = ANSWER.to_vec();
        padded.resize(46, 0);
        assert_eq!(read(&padded).lines(), read(ANSWER).lines());
    }

    #[test]
    fn a_request_binds_as_well_and_an_address_probe_does_not() {
        assert_eq!(read(&changed(7, &[1])).said.len(), 1);
        let listener = read(&changed(14, &[0, 0, 0, 0]));
        assert!(listener.said.is_empty() && listener.damage.is_empty());
    }

    #[test]
    fn another_ethernet_source_is_a_proxy() {
        let lines = read(&changed(8, &[0x00, 0x0c, 0x29, 0xb3, 0xaa, 0xad])).lines();
        assert_eq!(
            lines,
            [
                "192.168.1.8  arp.hardware_address = 00:0c:29:b3:aa:ad @8+6",
                "192.168.1.8  arp.proxy = 02:00:00:00:00:01 @8+6",
            ]
        );
    }

    #[test]
    fn addresses_that_nobody_can_have_say_nothing() {
        for (at, bytes) in [
            (8, &[0xff; 6][..]), // ar$sha: broadcast
            (8, &[0x00; 6]),     // ar$sha: none
            (14, &[0xff; 4]),    // ar$spa: broadcast
            (14, &[224, 0, 0, 1]),
            (14, &[127, 0, 0, 1]),
        ] {
            let listener = read(&changed(at, bytes));
            assert!(listener.said.is_empty(), "{bytes:?}");
            assert_eq!(listener.damage.len(), 1, "{bytes:?}");
        }
    }

    #[test]
    fn other_hardware_and_other_operations_are_passed_over() {
        for packet in [changed(1, &[15]), changed(2, &[0x86, 0xdd]), changed(7, &[9])] {
            let listener = read(&packet);
            assert!(listener.said.is_empty() && listener.damage.is_empty());
        }
    }

    #[test]
    fn a_cut_packet_says_nothing_and_is_counted() {
        for length in 1..18 {
            let listener = read(&ANSWER[..length]);
            assert!(listener.said.is_empty(), "{length}");
            assert_eq!(listener.damage.len(), 1, "{length}");
        }
    }

    #[test]
    fn probes_by_header() {
        assert_eq!(probe(ANSWER), Probe::Maybe);
        assert_eq!(probe(&ANSWER[..7]), Probe::More);
        assert_eq!(probe(&changed(0, &[9])), Probe::No);
    }
}
