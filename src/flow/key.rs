//! Which packets belong to one conversation, and which of its two parties is the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::flow::{Attach, Direction, FlowKey};
use crate::model::{Addr, Mac, Node, Scope};
use crate::packet::{Packet, Transport};

/// The two parties of a conversation in an order of their own, so that both directions give the same tuple.
/// Packed, because every packet hashes one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Tuple {
    low: u128,
    high: u128,
    /// Port of the low party, then of the high one; 0 where there are none.
    ports: u32,
    /// Transport or link, and for a link the Ethernet type.
    kind: u32,
    scope: u64,
}

/// One of the two parties.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Party {
    /// The one whose address and port come first.
    Low,
    /// The other.
    High,
}

impl Party {
    /// The one it talks to.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

impl Tuple {
    /// See [`Flow::glance`](crate::flow::conversation::Flow::glance).
    pub(super) fn glance(&self) -> u64 {
        u64::from(self.ports) ^ self.scope
    }

    /// The tuple of a packet with a transport header, and the party that sent it.
    pub(super) fn of_transport(
        packet: &Packet<'_>,
        transport: &Transport,
        site: u16,
    ) -> Option<(Self, Party)> {
        let net = packet.net?;
        let (kind, source_port, destination_port) = match *transport {
            Transport::Tcp(tcp) => (KIND_TCP, tcp.source, tcp.destination),
            Transport::Udp { source, destination } => (KIND_UDP, source, destination),
        };
        let (source, version) = packed(net.source);
        let (destination, _) = packed(net.destination);
        let scope = packed_scope(packet.scope, site);
        Some(Self::ordered(
            (source, source_port),
            (destination, destination_port),
            kind | version,
            scope,
        ))
    }

    /// The tuple of a packet that is no IP, and the party that sent it.
    pub(super) fn of_link(packet: &Packet<'_>, site: u16) -> (Self, Party) {
        let source = packed_mac(packet.source.unwrap_or_default());
        let destination = packed_mac(packet.destination.unwrap_or_default());
        let kind = KIND_ETHER | u32::from(packet.ether_type);
        Self::ordered((source, 0), (destination, 0), kind, packed_scope(packet.scope, site))
    }

    fn ordered(
        source: (u128, u16),
        destination: (u128, u16),
        kind: u32,
        scope: u64,
    ) -> (Self, Party) {
        let (low, high, sender) = if source <= destination {
            (source, destination, Party::Low)
        } else {
            (destination, source, Party::High)
        };
        let ports = u32::from(low.1) << 16 | u32::from(high.1);
        (Self { low: low.0, high: high.0, ports, kind, scope }, sender)
    }

    /// Where a protocol attaches when `server` is the server.
    pub(super) fn attach(&self, server: Party) -> Attach {
        match self.kind & KIND_MASK {
            KIND_TCP => Attach::Tcp(self.port(server)),
            KIND_UDP => Attach::Udp(self.port(server)),
            _ => Attach::Ether(low_u16(u64::from(self.kind))),
        }
    }

    /// The server, judged by ports: the party whose port a protocol claims; when both or neither do, the one
    /// with the lower port; and between equal ports the one spoken to first.
    pub(super) fn server(&self, sender: Party, claimed: &[Attach]) -> Party {
        let claims = |party| claimed.binary_search(&self.attach(party)).is_ok();
        match (claims(Party::Low), claims(Party::High)) {
            (true, false) => Party::Low,
            (false, true) => Party::High,
            _ => match self.port(Party::Low).cmp(&self.port(Party::High)) {
                std::cmp::Ordering::Less => Party::Low,
                std::cmp::Ordering::Greater => Party::High,
                std::cmp::Ordering::Equal => sender.other(),
            },
        }
    }

    /// The key that dissectors see.
    pub(super) fn key(&self, server: Party) -> FlowKey {
        let client = server.other();
        FlowKey {
            client: self.node(client),
            client_port: self.port(client),
            server: self.node(server),
            attach: self.attach(server),
        }
    }

    fn port(&self, party: Party) -> u16 {
        match party {
            Party::Low => low_u16(u64::from(self.ports >> 16)),
            Party::High => low_u16(u64::from(self.ports)),
        }
    }

    /// The address of a party.
    pub(super) fn node(&self, party: Party) -> Node {
        let address = match party {
            Party::Low => self.low,
            Party::High => self.high,
        };
        let scope = Scope {
            site: low_u16(self.scope >> 32),
            outer_vlan: low_u16(self.scope >> 16),
            vlan: low_u16(self.scope),
        };
        let [.., a, b, c, d, e, f] = address.to_be_bytes();
        let addr = match self.kind & (KIND_MASK | VERSION_6) {
            KIND_ETHER => Addr::Mac(Mac([a, b, c, d, e, f])),
            KIND_TCP | KIND_UDP => Addr::Ip(Ipv4Addr::new(c, d, e, f).into()),
            _ => Addr::Ip(Ipv6Addr::from_bits(address).into()),
        };
        Node { scope, addr }
    }
}

/// Which way the sender's bytes travel.
pub(super) fn direction(sender: Party, server: Party) -> Direction {
    if sender == server { Direction::ToClient } else { Direction::ToServer }
}

fn packed(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 0),
        IpAddr::V6(v6) => (v6.to_bits(), VERSION_6),
    }
}

fn packed_mac(mac: Mac) -> u128 {
    let [a, b, c, d, e, f] = mac.0;
    u128::from(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
}

fn packed_scope(scope: Scope, site: u16) -> u64 {
    u64::from(site) << 32 | u64::from(scope.outer_vlan) << 16 | u64::from(scope.vlan)
}

fn low_u16(number: u64) -> u16 {
    let [.., high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}

const KIND_MASK: u32 = 0x000f_0000;
const KIND_ETHER: u32 = 0x0001_0000;
const KIND_TCP: u32 = 0x0002_0000;
const KIND_UDP: u32 = 0x0003_0000;
const VERSION_6: u32 = 0x0010_0000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Net;

    fn packet(source: &str, destination: &str) -> Packet<'static> {
        let net = Net {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            protocol: 17,
            hop_limit: 64,
            hop_limit_at: 0,
            fragment: None,
        };
        let scope = Scope { site: 0, outer_vlan: 7, vlan: 5 };
        Packet { net: Some(net), scope, ..Packet::default() }
    }

    fn udp(source: u16, destination: u16) -> Transport {
        Transport::Udp { source, destination }
    }

    #[test]
    fn both_directions_give_one_tuple_and_the_addresses_come_back() {
        for (a, b) in [("10.0.0.9", "10.0.0.2"), ("fe80::1", "::ffff:10.0.0.9")] {
            let (there, first) = Tuple::of_transport(&packet(a, b), &udp(5000, 161), 3).unwrap();
            let (back, second) = Tuple::of_transport(&packet(b, a), &udp(161, 5000), 3).unwrap();
            assert_eq!(there, back);
            assert_eq!(first, second.other());
            let key = there.key(first.other());
            let scope = Scope { site: 3, outer_vlan: 7, vlan: 5 };
            assert_eq!(key.client, Node::ip(scope, a.parse().unwrap()));
            assert_eq!(key.server, Node::ip(scope, b.parse().unwrap()));
            assert_eq!((key.client_port, key.attach), (5000, Attach::Udp(161)));
        }
    }

    #[test]
    fn the_side_whose_port_a_protocol_claims_is_the_server() {
        let claimed = [Attach::Udp(44_818), Attach::Udp(47_808)];
        let attach = |source, destination| {
            let packet = packet("10.0.0.9", "10.0.0.2");
            let (tuple, sender) =
                Tuple::of_transport(&packet, &udp(source, destination), 0).unwrap();
            let server = tuple.server(sender, &claimed);
            (tuple.attach(server), direction(sender, server))
        };
        assert_eq!(attach(1_500, 44_818), (Attach::Udp(44_818), Direction::ToServer));
        assert_eq!(attach(44_818, 1_500), (Attach::Udp(44_818), Direction::ToClient));
        assert_eq!(attach(1_500, 9), (Attach::Udp(9), Direction::ToServer));
        assert_eq!(attach(44_818, 47_808), (Attach::Udp(44_818), Direction::ToClient));
        assert_eq!(attach(47_808, 47_808), (Attach::Udp(47_808), Direction::ToServer));
    }

    #[test]
    fn link_conversations_keep_their_type_and_addresses() {
        let mut packet = packet("10.0.0.1", "10.0.0.2");
        (packet.net, packet.ether_type) = (None, 0x88cc);
        packet.source = Some(Mac([2, 0, 0, 0, 0, 9]));
        packet.destination = Some(Mac([1, 0x80, 0xc2, 0, 0, 0x0e]));
        let (tuple, sender) = Tuple::of_link(&packet, 0);
        let key = tuple.key(tuple.server(sender, &[]));
        assert_eq!(key.attach, Attach::Ether(0x88cc));
        assert_eq!(key.client.addr, Addr::Mac(Mac([2, 0, 0, 0, 0, 9])));
        assert_eq!(key.server.addr, Addr::Mac(Mac([1, 0x80, 0xc2, 0, 0, 0x0e])));
    }
}
