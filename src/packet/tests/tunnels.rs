//! Tunnels: which VLAN counts, what is believed, and where reading stops. That facts stay the same inside all of them is
//! shown over whole captures in `tests/suite/encapsulation.rs`.

use super::*;

fn over_ip(protocol: u8, body: &[u8]) -> Vec<u8> {
    let total = (20 + body.len()) as u16;
    let mut bytes = [MACS, b"\x81\x00\x03\x84\x08\x00\x45\x00", &total.to_be_bytes()].concat();
    bytes.extend([0, 1, 0, 0, 250, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    bytes.extend(body);
    bytes
}

fn over_udp(port: u16, body: &[u8]) -> Vec<u8> {
    let mut udp = 50_000_u16.to_be_bytes().to_vec();
    udp.extend(port.to_be_bytes());
    udp.extend(((8 + body.len()) as u16).to_be_bytes());
    udp.extend([0, 0]);
    udp.extend(body);
    over_ip(17, &udp)
}

fn inner(tags: &[u8]) -> Vec<u8> {
    [b"\x02\x00\x00\x00\x00\x08\x02\x00\x00\x00\x00\x07", tags, b"\x08\x00", IPV4].concat()
}

#[test]
fn the_innermost_addresses_and_vlans_count() {
    let gre = over_ip(47, &[b"\x00\x00\x65\x58", inner(b"\x81\x00\x00\x05").as_slice()].concat());
    assert_hello(LinkType::ETHERNET, &gre);
    let packet = decode(&frame(LinkType::ETHERNET, &gre));
    assert_eq!((packet.scope.outer_vlan, packet.scope.vlan), (0, 5));
    assert_eq!(packet.source, Some(Mac([2, 0, 0, 0, 0, 7])));
    assert!(packet.tunnelled);
    let bare = over_ip(4, IPV4);
    assert_hello(LinkType::ETHERNET, &bare);
    let packet = decode(&frame(LinkType::ETHERNET, &bare));
    assert_eq!((packet.source, packet.destination, packet.scope), (None, None, Scope::default()));
}

#[test]
fn a_mirror_names_the_vlan_of_a_tag_that_it_took_off() {
    let vlans = |header: &[u8], tags: &[u8]| {
        let gre = [b"\x10\x00\x88\xbe\x00\x00\x00\x01", header, inner(tags).as_slice()].concat();
        let bytes = over_ip(47, &gre);
        assert_hello(LinkType::ETHERNET, &bytes);
        let scope = decode(&frame(LinkType::ETHERNET, &bytes)).scope;
        (scope.outer_vlan, scope.vlan)
    };
    let (taken_off, kept) = (b"\x10\x1e\x10\x07\0\0\0\0", b"\x10\x1e\x18\x07\0\0\0\0");
    assert_eq!(vlans(taken_off, b""), (0, 30));
    assert_eq!(vlans(taken_off, b"\x81\x00\xe0\x00"), (0, 30), "a priority tag names no VLAN");
    assert_eq!(vlans(taken_off, b"\x81\x00\x00\x05"), (0, 5), "the frame knows better");
    assert_eq!(vlans(kept, b"\x81\x00\x00\x05"), (0, 5));
    assert_eq!(vlans(kept, b""), (0, 0), "the field means nothing");
    let third = b"\x20\x1e\x00\x07\0\0\0\0\0\0\0\0";
    assert_eq!(vlans(third, b""), (0, 30));
    assert_eq!(vlans(third, b"\x88\xa8\x00\x28\x81\x00\x00\x1e"), (40, 30));
}

#[test]
fn a_port_alone_makes_no_tunnel() {
    let vxlan = |flags: u8, inside: &[u8]| {
        over_udp(4_789, &[&[flags, 0, 0, 0, 0, 0, 1, 0], inside].concat())
    };
    assert_hello(LinkType::ETHERNET, &vxlan(0x08, &inner(b"")));
    let mut group = inner(b"");
    group[6] |= 1;
    let mut no_ip = inner(b"");
    no_ip[14] = 0x65;
    for bytes in [
        vxlan(0x00, &inner(b"")),
        vxlan(0x08, &group),
        vxlan(0x08, &no_ip),
        vxlan(0x08, b"short"),
        over_udp(37_008, b"\x01\x00\x00\x01\x05"),
        over_udp(6_081, &[b"\x3f\x00\x65\x58\0\0\x01\0", inner(b"").as_slice()].concat()),
        over_udp(1_701, b"\xc8\x02\x00\x0c\0\0\0\0\0\0\0\0"),
        over_udp(5_247, b"\x01\x10\0\0\0\0\0\0encrypted"),
    ] {
        let packet = decode(&frame(LinkType::ETHERNET, &bytes));
        assert!(!packet.tunnelled, "{bytes:02x?}");
        assert!(matches!(packet.transport, Some(Transport::Udp { source: 50_000, .. })));
        assert_eq!((packet.scope.vlan, packet.stopped), (900, None));
    }
}

#[test]
fn what_is_hidden_or_in_parts_is_told() {
    let stopped = |bytes: &[u8]| decode(&frame(LinkType::ETHERNET, bytes)).stopped.unwrap().field;
    let macsec = |control: u8| {
        let tag = [0x88, 0xe5, control, 0, 0, 0, 0, 1, 0x08, 0x00];
        [MACS, &tag, IPV4, &[0x1c; 16]].concat()
    };
    assert_hello(LinkType::ETHERNET, &macsec(0x00));
    assert_eq!(stopped(&macsec(0x0c)), "MACsec confidentiality");
    assert_eq!(stopped(&over_udp(5_247, b"\x00\x10\x02\x80\0\x01\0\0part")), "CAPWAP fragment");
    assert_eq!(stopped(&over_ip(47, b"\xb0\x00\x08\x00\0\0")), "GRE checksum and offset");
}

#[test]
fn tunnels_in_tunnels_end_at_the_layer_cap() {
    let mut bytes = inner(b"");
    for _ in 0..3 {
        bytes = over_ip(47, &[b"\x00\x00\x65\x58", bytes.as_slice()].concat());
    }
    assert_hello(LinkType::ETHERNET, &bytes);
    for _ in 0..20 {
        bytes = over_ip(47, &[b"\x00\x00\x65\x58", bytes.as_slice()].concat());
    }
    let packet = decode(&frame(LinkType::ETHERNET, &bytes));
    assert_eq!(packet.stopped.unwrap().field, "layers in one frame");
}

#[test]
fn a_redundancy_trailer_is_no_payload_and_nothing_else_is_one() {
    let payload = |bytes: &[u8]| decode(&frame(LinkType::ETHERNET, bytes)).payload.to_vec();
    let lldp = |tag: &[u8], size: u8| {
        [MACS, tag, b"\x88\xccbody\x00\x09\xa0", &[size], b"\x88\xfb"].concat()
    };
    assert_eq!(payload(&lldp(b"", 10)), b"body");
    assert_eq!(payload(&lldp(b"\x81\x00\x00\x05", 10)), b"body");
    assert_eq!(payload(&lldp(b"\x81\x00\x00\x05", 14)), b"body", "the tag may be counted");
    assert_eq!(payload(&lldp(b"", 11)).len(), 10, "another size is no trailer's");
}

#[test]
fn no_bytes_inside_make_it_fail() {
    let whole = inner(b"");
    let erspan = [
        b"\x10\x00\x22\xeb\0\0\0\x01\x20\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0",
        whole.as_slice(),
    ];
    let wireless = b"\x00\x10\x03\x00\0\0\0\0\x88\x03\0\0aaaaaabbbbbbcccccc\0\0dddddd\0\0\xaa\xaa\x03\0\0\0\x08\0";
    let geneve = [b"\x02\x00\x65\x58\0\0\x01\0optionss", whole.as_slice()];
    for mut bytes in [
        over_ip(47, &erspan.concat()),
        over_ip(
            47,
            &[b"\x70\x00\x65\x58\0\0\0\0key!seq!\0\x01\0\x02ab\0\0\0\0", whole.as_slice()].concat(),
        ),
        over_ip(47, &[b"\x30\x81\x88\x0b\x00\x22\0\x07seq!ack!\x21", IPV4].concat()),
        over_udp(5_247, &[wireless, IPV4].concat()),
        over_udp(6_081, &geneve.concat()),
        over_udp(37_008, &[b"\x01\x00\x00\x01\x0a\x01x\x01", whole.as_slice()].concat()),
        over_udp(1_701, &[b"\x4a\x02\0\x30\0\x01\0\x02NsNr\0\x02xx\xff\x03\0\x21", IPV4].concat()),
    ] {
        assert_hello(LinkType::ETHERNET, &bytes);
        for length in 0..bytes.len() {
            decode(&frame(LinkType::ETHERNET, &bytes[..length]));
        }
        for at in 0..bytes.len() {
            for value in [0x00, 0x08, 0x7f, 0x80, 0xff] {
                let kept = std::mem::replace(&mut bytes[at], value);
                let packet = decode(&frame(LinkType::ETHERNET, &bytes));
                assert!(packet.payload_at as usize + packet.payload.len() <= bytes.len());
                bytes[at] = kept;
            }
        }
    }
}

/// The ends of a tunnel are no hosts that talk here, also when the frame is cut before it tells what is inside.
#[test]
fn a_tunnel_that_is_cut_before_its_inside_tells_nothing_of_its_ends() {
    let frame_inside = inner(b"");
    let gre = over_ip(47, &[b"\x00\x00\x65\x58", frame_inside.as_slice()].concat());
    let vxlan = over_udp(4_789, &[b"\x08\0\0\0\0\0\x01\0", frame_inside.as_slice()].concat());
    for whole in [&gre, &vxlan, &over_ip(4, IPV4)] {
        assert_hello(LinkType::ETHERNET, whole);
        for length in 38..whole.len() {
            let cut = Frame { bytes: &whole[..length], ..frame(LinkType::ETHERNET, whole) };
            let packet = decode(&cut);
            let ends = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
            // Cut within its UDP header, it is a datagram of which nothing is known.
            let is_known = whole != &vxlan || length >= 46;
            assert!(
                !is_known || packet.net.is_none_or(|net| !ends.contains(&net.source)),
                "{length}"
            );
        }
    }
    let other = over_udp(4_000, b"hello");
    let cut = Frame { bytes: &other[..47], ..frame(LinkType::ETHERNET, &other) };
    assert!(decode(&cut).net.is_some());
}

/// A radio's frame has no length of its own, and holds more than a frame of IEEE 802.3.
#[test]
fn a_full_packet_in_a_frame_of_a_radio_is_not_cut() {
    let wireless =
        b"\x00\x10\x03\x00\0\0\0\0\x08\x03\0\0aaaaaabbbbbbcccccc\0\0dddddd\xaa\xaa\x03\0\0\0\x08\0";
    let mut packet = over_ip(253, &[7; 1_480]).split_off(18);
    packet[9] = 253;
    let bytes = over_udp(5_247, &[wireless.as_slice(), &packet].concat());
    let read = decode(&frame(LinkType::ETHERNET, &bytes));
    assert_eq!((read.payload.len(), read.missing), (1_480, 0));
}
