#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod tunnels;

use super::*;
use crate::model::{FrameRef, LinkType, Timestamp};

/// IPv4 10.0.0.1 to 10.0.0.2, UDP 1000 to 2000, payload `hello`.
const IPV4: &[u8] =
    b"\x45\x00\x00\x21\x00\x01\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\
\x03\xe8\x07\xd0\x00\x0d\x00\x00hello";

const MACS: &[u8] = b"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01";

fn frame(link: LinkType, bytes: &[u8]) -> Frame<'_> {
    let wire_len = bytes.len() as u32;
    Frame { at: Timestamp(0), frame: FrameRef::default(), link, wire_len, bytes }
}

fn assert_hello(link: LinkType, bytes: &[u8]) {
    let packet = decode(&frame(link, bytes));
    assert_eq!(packet.payload, b"hello", "{packet:?}");
    assert_eq!(&bytes[packet.payload_at as usize..][..5], b"hello");
    assert_eq!(bytes[packet.net.unwrap().hop_limit_at as usize], packet.net.unwrap().hop_limit);
    assert_eq!(packet.transport, Some(Transport::Udp { source: 1000, destination: 2000 }));
    assert_eq!(packet.stopped, None);
    if let Some(Mac(mac)) = packet.source {
        assert_eq!(bytes[packet.source_at as usize..][..6], mac);
    }
}

#[test]
fn reads_ip_through_every_link_header() {
    let at = |head: &[u8]| [head, IPV4].concat();
    for link in [LinkType::RAW, LinkType::RAW_BSD, LinkType::RAW_OPENBSD, LinkType::IPV4] {
        assert_hello(link, IPV4);
    }
    assert_hello(LinkType::ETHERNET, &at(&[MACS, b"\x08\x00"].concat()));
    assert_hello(LinkType::NULL, &at(b"\x02\x00\x00\x00"));
    assert_hello(LinkType::NULL, &at(b"\x00\x00\x00\x02"));
    assert_hello(LinkType::LOOP, &at(b"\x00\x00\x00\x02"));
    assert_hello(LinkType::PPP, &at(b"\xff\x03\x00\x21"));
    assert_hello(LinkType::PPP, &at(b"\x21"));
    assert_hello(LinkType::PPP, &at(b"\x0f\x00\x08\x00"));
    assert_hello(LinkType::C_HDLC, &at(b"\x0f\x00\x08\x00"));
    assert_hello(
        LinkType::LINUX_SLL,
        &at(b"\x00\x00\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00\x08\x00"),
    );
    assert_hello(
        LinkType::LINUX_SLL2,
        &at(b"\x08\x00\x00\x00\x00\x00\x00\x02\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00"),
    );
}

#[test]
fn reads_ip_through_tags_labels_and_tunnels() {
    let tagged = |tags: &[u8]| [MACS, tags, IPV4].concat();
    let ethernet = LinkType::ETHERNET;
    assert_hello(ethernet, &tagged(b"\x81\x00\x00\x05\x08\x00"));
    assert_hello(ethernet, &tagged(b"\x91\x00\x00\x07\x88\xa8\x00\x06\x81\x00\x00\x05\x08\x00"));
    assert_hello(ethernet, &tagged(b"\x88\x47\x00\x01\x00\x40\x00\x01\x01\x40"));
    assert_hello(ethernet, &tagged(b"\x88\x64\x11\x00\x00\x01\x00\x23\x00\x21"));
    assert_hello(ethernet, &tagged(b"\x89\x2f\x00\x2a\x00\x01\x08\x00"));
    assert_hello(ethernet, &tagged(b"\x00\x29\xaa\xaa\x03\x00\x00\x00\x08\x00"));
    let wire = [b"\x88\x47\x00\x01\x01\x40\x00\x00\x00\x00", MACS, b"\x08\x00"].concat();
    assert_hello(ethernet, &tagged(&wire));
}

#[test]
fn names_the_outermost_and_the_innermost_vlan() {
    let scope = |tags: &[u8]| {
        let bytes = [MACS, tags, b"\x08\x00", IPV4].concat();
        let scope = decode(&frame(LinkType::ETHERNET, &bytes)).scope;
        (scope.outer_vlan, scope.vlan)
    };
    assert_eq!(scope(b""), (0, 0));
    assert_eq!(scope(b"\x81\x00\x20\x05"), (0, 5));
    assert_eq!(scope(b"\x88\xa8\x00\x06\x81\x00\x00\x05"), (6, 5));
    assert_eq!(scope(b"\x91\x00\x00\x07\x88\xa8\x00\x06\x81\x00\x00\x05"), (7, 5));
    assert_eq!(scope(b"\x81\x00\xe0\x00"), (0, 0), "a priority tag names no VLAN");
}

#[test]
fn stops_at_the_layer_cap() {
    let bytes = [MACS, &b"\x81\x00\x00\x05".repeat(350), b"\x08\x00", IPV4].concat();
    let packet = decode(&frame(LinkType::ETHERNET, &bytes));
    assert_eq!(packet.stopped.unwrap().field, "layers in one frame");
    assert_eq!(packet.source, Some(Mac([2, 0, 0, 0, 0, 1])), "what was understood is kept");
}

#[test]
fn padding_is_not_payload() {
    let bytes = [MACS, b"\x08\x00", IPV4, &[0; 20]].concat();
    assert_hello(LinkType::ETHERNET, &bytes);
    let bytes = [MACS, b"\x00\x05\x42\x42\x03ab", &[0; 40]].concat();
    let packet = decode(&frame(LinkType::ETHERNET, &bytes));
    assert_eq!((packet.ether_type, packet.payload), (0x42, &b"ab"[..]));
}

#[test]
fn hands_on_layer_2_protocols() {
    let arp = [MACS, b"\x81\x00\x00\x05\x08\x06body"].concat();
    let packet = decode(&frame(LinkType::ETHERNET, &arp));
    assert_eq!((packet.ether_type, packet.payload, packet.payload_at), (0x0806, &b"body"[..], 18));
    let cdp = [MACS, b"\x00\x0c\xaa\xaa\x03\x00\x00\x0c\x20\x00body"].concat();
    let packet = decode(&frame(LinkType::ETHERNET, &cdp));
    assert_eq!((packet.ether_type, packet.payload), (0x2000, &b"body"[..]));
}

#[test]
fn a_cut_frame_keeps_what_it_holds_and_says_how_much_is_missing() {
    let whole = [MACS, b"\x08\x00", IPV4].concat();
    let cut = Frame { bytes: &whole[..whole.len() - 2], ..frame(LinkType::ETHERNET, &whole) };
    let packet = decode(&cut);
    assert_eq!((packet.payload, packet.missing, packet.cut), (&b"hel"[..], 2, true));
    assert_eq!(packet.stopped, None);
}

#[test]
fn reads_ipv6_with_extension_headers_and_fragments() {
    let ipv6 = |next: u8, body: &[u8]| {
        let mut bytes = vec![0x60, 0, 0, 0, 0, body.len() as u8, next, 0x40];
        bytes.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        bytes.extend(body);
        bytes
    };
    let udp = &IPV4[20..];
    assert_hello(LinkType::IPV6, &ipv6(17, udp));
    assert_hello(
        LinkType::IPV6,
        &ipv6(0, &[b"\x3c\x00\x01\x04\0\0\0\0\x11\x00\x01\x04\0\0\0\0", udp].concat()),
    );
    // A fragment whose body looks like an extension header: it must stay whole.
    let body = b"\x3c\x00\x00\x11\x00\x00\x00\x07\x11\x00\x01\x04\0\0\0\0rest";
    let bytes = ipv6(44, body);
    let packet = decode(&frame(LinkType::RAW, &bytes));
    let net = packet.net.unwrap();
    let expected = Fragment { identification: 7, start: 16, more: true };
    assert_eq!((net.fragment, net.protocol), (Some(expected), 60));
    assert_eq!((packet.payload, packet.payload_at), (&body[8..], 48));
}

#[test]
fn no_bytes_make_it_fail() {
    let mut bytes = [MACS, b"\x81\x00\x00\x05\x08\x00", IPV4].concat();
    for link in (0..300).map(LinkType) {
        for len in 0..bytes.len() {
            decode(&frame(link, &bytes[..len]));
        }
    }
    for at in 0..bytes.len() {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let kept = std::mem::replace(&mut bytes[at], value);
            let packet = decode(&frame(LinkType::ETHERNET, &bytes));
            assert!(packet.payload_at as usize + packet.payload.len() <= bytes.len());
            bytes[at] = kept;
        }
    }
}
