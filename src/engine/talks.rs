//! Who talked to whom: the counts of conversations that are over, added up by nodes, server's port and protocol.
//!
//! Counts are kept by capture, because a store must know what it has added up already. Conversations in which nobody
//! said anything that is known, or nobody answered, are the first to go: a scan of a plant, or a flood of invented
//! addresses, costs a fixed amount of memory and no real conversation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::flow::table::Table;
use crate::flow::{Account, Attach, Talked};
use crate::model::limits::{
    CONVERSATIONS_MAX, CONVERSATIONS_PASSING_KEPT, CONVERSATIONS_PASSING_MAX,
};
use crate::model::{
    Acts, Addr, Ceiling, Conversation, Counters, Mac, Node, Port, Scope, Timestamp,
};
use crate::protocols::Protocol;

/// See the module.
pub(super) struct Talks {
    table: Table<Key, Tally>,
    /// Where all of this is talked.
    site: u16,
    /// Real conversations that had to go.
    pushed_out: u64,
    /// Others that had to.
    passed_by: u64,
}

/// Packed, because there are many.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key {
    client: [u8; 16],
    server: [u8; 16],
    capture: u32,
    outer_vlan: u16,
    vlan: u16,
    port: u16,
    /// What kind of addresses and of port.
    kind: u8,
    /// Number of the protocol, counted from 1; 0 for none.
    protocol: u8,
}

#[derive(Clone, Copy)]
struct Tally {
    first: Timestamp,
    last: Timestamp,
    packets: [u64; 2],
    bytes: [u64; 2],
    acts: Acts,
    spoke: [bool; 2],
}

impl Talks {
    pub(super) fn new(ceiling: Ceiling, seed: u64, site: u16) -> Self {
        let [most, kept, passing] =
            [CONVERSATIONS_MAX, CONVERSATIONS_PASSING_KEPT, CONVERSATIONS_PASSING_MAX]
                .map(|cap| ceiling.of(cap));
        Self {
            table: Table::with_newcomers(most, kept, passing, seed),
            site,
            pushed_out: 0,
            passed_by: 0,
        }
    }

    /// Conversations held, and how many can be.
    pub(super) fn fill(&self) -> (usize, usize) {
        (self.table.len(), self.table.cap())
    }

    pub(super) fn tell(&self, counters: &mut Counters) {
        for (name, count) in [
            ("engine.conversations_passed_by", self.passed_by),
            ("engine.conversations_pushed_out", self.pushed_out),
        ] {
            if count > 0 {
                counters.add(name, count);
            }
        }
    }

    /// Adds what was sent.
    pub(super) fn add(&mut self, talked: &Talked) {
        let [to_server, to_client] = talked.sent;
        if to_server.packets == 0 && to_client.packets == 0 {
            return;
        }
        self.put(
            Key::new(talked, talked.account),
            &Tally {
                first: talked.first,
                last: talked.last,
                packets: [to_server.packets.into(), to_client.packets.into()],
                bytes: [to_server.bytes, to_client.bytes],
                acts: Acts::default(),
                spoke: [to_server.spoke, to_client.spoke],
            },
        );
    }

    /// Adds what requests were for that came under the account, if there were some.
    pub(super) fn add_acts(&mut self, talked: &Talked, account: Account, acts: Acts) {
        if !acts.is_empty() {
            self.put(
                Key::new(talked, account),
                &Tally { acts, ..Tally::at(talked.first, talked.last) },
            );
        }
    }

    /// All of them with the capture that they were in, without those of clients that are left out, unless they are real.
    pub(super) fn all(
        &self,
        protocols: &'static [&'static Protocol],
        is_left_out: impl Fn(Node) -> bool,
    ) -> impl Iterator<Item = (u32, Conversation)> {
        let one = move |(key, tally): (&Key, &Tally)| {
            let conversation = tally.conversation(key, self.site, protocols);
            let stays = tally.is_real(key) || !is_left_out(conversation.client);
            stays.then_some((key.capture, conversation))
        };
        self.table.iter().filter_map(one)
    }

    fn put(&mut self, key: Key, more: &Tally) {
        let mut next = Some((key, *more));
        while let Some((key, more)) = next.take() {
            let found = self.table.find_or_insert(key, || Tally::at(more.first, more.last));
            if let Some((_, tally)) = self.table.get_mut(found.slot) {
                tally.add(&more);
                if key.stays() && tally.is_real(&key) {
                    self.table.settle(found.slot);
                }
            }
            let Some((key, tally)) = found.pushed_out else { return };
            // Of ports that are told as one, what is known of each may go as long as their sum stays.
            match key.folded() {
                Some(folded) if tally.is_real(&key) => next = Some((folded, tally)),
                _ if tally.is_real(&key) => self.pushed_out = self.pushed_out.saturating_add(1),
                _ => self.passed_by = self.passed_by.saturating_add(1),
            }
        }
    }
}

impl Key {
    fn new(talked: &Talked, account: Account) -> Self {
        let Talked { client, server, attach, .. } = *talked;
        let (client, family) = packed(client.addr);
        let (port, transport) = match attach {
            Attach::Ether(kind) => (kind, ETHER),
            Attach::Tcp(port) => (port, TCP),
            Attach::Udp(port) => (port, UDP),
        };
        Self {
            client,
            server: packed(server.addr).0,
            capture: account.capture,
            outer_vlan: server.scope.outer_vlan,
            vlan: server.scope.vlan,
            port,
            kind: family | transport,
            protocol: account.name,
        }
    }

    /// The key of the port without its number, for those that [`Conversation::gather`] tells as one in any case.
    fn folded(&self) -> Option<Self> {
        let is_one_of_many = self.protocol == 0 && self.port().is_private();
        is_one_of_many.then_some(Self { port: 0, kind: self.kind | DYNAMIC, ..*self })
    }

    /// Whether a conversation can stay when it is real.
    fn stays(&self) -> bool {
        self.folded().is_none()
    }

    fn port(&self) -> Port {
        match self.kind & TRANSPORTS {
            TCP => Port::Tcp(self.port),
            UDP => Port::Udp(self.port),
            ETHER => Port::Ether(self.port),
            kind if kind & UDP == 0 => Port::TcpDynamic,
            _ => Port::UdpDynamic,
        }
    }

    fn node(&self, address: [u8; 16], site: u16) -> Node {
        let scope = Scope { site, outer_vlan: self.outer_vlan, vlan: self.vlan };
        let [a, b, c, d, e, f, ..] = address;
        let addr = match self.kind & FAMILIES {
            V4 => Addr::Ip(IpAddr::V4(Ipv4Addr::new(a, b, c, d))),
            V6 => Addr::Ip(IpAddr::V6(Ipv6Addr::from(address))),
            _ => Addr::Mac(Mac([a, b, c, d, e, f])),
        };
        Node { scope, addr }
    }
}

impl Tally {
    fn at(first: Timestamp, last: Timestamp) -> Self {
        let acts = Acts::default();
        Self { first, last, packets: [0; 2], bytes: [0; 2], acts, spoke: [false; 2] }
    }

    fn add(&mut self, more: &Self) {
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
        let counts = self.packets.iter_mut().chain(&mut self.bytes);
        for (own, more) in counts.zip(more.packets.iter().chain(&more.bytes)) {
            *own = own.saturating_add(*more);
        }
        self.acts.add(&more.acts);
        for (own, more) in self.spoke.iter_mut().zip(more.spoke) {
            *own |= more;
        }
    }

    fn conversation(
        &self,
        key: &Key,
        site: u16,
        protocols: &'static [&'static Protocol],
    ) -> Conversation {
        let number = usize::from(key.protocol).checked_sub(1);
        let protocol = number.and_then(|number| protocols.get(number));
        let Self { first, last, packets, bytes, acts, .. } = *self;
        Conversation {
            client: key.node(key.client, site),
            server: key.node(key.server, site),
            port: key.port(),
            protocol: protocol.map(|protocol| protocol.name),
            first,
            last,
            packets,
            bytes,
            acts,
        }
    }

    /// Whether somebody said something that was understood, or was answered, or said something again.
    fn is_real(&self, key: &Key) -> bool {
        let [asked, answered] = self.spoke;
        let [there, back] = self.packets;
        // One packet is what a flood of invented senders costs for each, in any protocol.
        let is_said = key.protocol != 0 || !self.acts.is_empty() || asked || answered;
        is_said && there.saturating_add(back) > 1
    }
}

fn packed(addr: Addr) -> ([u8; 16], u8) {
    let mut bytes = [0; 16];
    let (address, family): (&[u8], u8) = match &addr {
        Addr::Ip(IpAddr::V4(v4)) => (&v4.octets(), V4),
        Addr::Ip(IpAddr::V6(v6)) => return (v6.octets(), V6),
        Addr::Mac(mac) => (&mac.0, MAC),
        Addr::Listed(number) => (&number.to_be_bytes(), LISTED),
    };
    bytes.iter_mut().zip(address).for_each(|(to, from)| *to = *from);
    (bytes, family)
}

const FAMILIES: u8 = 0xf0;
const V4: u8 = 0x10;
const V6: u8 = 0x20;
const MAC: u8 = 0x30;
const LISTED: u8 = 0x40;
const TRANSPORTS: u8 = 0x0f;
const ETHER: u8 = 0x00;
const TCP: u8 = 0x01;
const UDP: u8 = 0x02;
/// Beside a transport: of ports of any number.
const DYNAMIC: u8 = 0x08;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::flow::Sent;

    fn talked(client: u32, attach: Attach, sent: [(u32, bool); 2], name: u8) -> Talked {
        let node = |number: u32| Node::ip(Scope::default(), Ipv4Addr::from_bits(number).into());
        Talked {
            client: node(client),
            server: node(0x0a00_0001),
            attach,
            account: Account { capture: 0, name },
            first: Timestamp(client.into()),
            last: Timestamp(client.into()),
            sent: sent.map(|(packets, spoke)| Sent {
                bytes: u64::from(packets) * 60,
                packets,
                spoke,
            }),
        }
    }

    fn is_there(talks: &Talks, one: &Talked) -> bool {
        talks.all(&[], |_| false).any(|(_, kept)| kept.client == one.client)
    }

    #[test]
    fn an_entry_is_small() {
        assert_eq!(
            (size_of::<Key>(), size_of::<Tally>(), size_of::<Option<Tally>>()),
            (44, 72, 72)
        );
    }

    #[test]
    fn a_million_packets_of_a_flood_push_out_no_conversation() {
        let mut talks = Talks::new(Ceiling::default(), 7, 0);
        let real = [
            talked(1, Attach::Tcp(4_000), [(5, true), (5, true)], 0),
            talked(2, Attach::Udp(4_000), [(2, true), (0, false)], 0),
            talked(3, Attach::Udp(4_000), [(2, false), (0, false)], 1),
        ];
        real.iter().for_each(|one| talks.add(one));
        let refused = talked(4, Attach::Tcp(4_000), [(3, false), (3, false)], 0);
        talks.add(&refused);
        for client in 0..1_000_000 {
            // Half of the flood says what a protocol is known by.
            let (name, spoke) = ((client % 2) as u8, client % 2 == 1);
            let sent = [(1, spoke), (0, false)];
            talks.add(&talked(0x1400_0000 + client, Attach::Tcp(80), sent, name));
        }
        assert!(real.iter().all(|one| is_there(&talks, one)));
        assert!(!is_there(&talks, &refused));
        assert_eq!(talks.fill().0, CONVERSATIONS_PASSING_MAX + real.len());
        let mut counters = Counters::default();
        talks.tell(&mut counters);
        let passed_by = 1_000_001 - CONVERSATIONS_PASSING_MAX as u64;
        assert_eq!(counters.count("engine.conversations_passed_by"), passed_by);
        assert_eq!(counters.count("engine.conversations_pushed_out"), 0);
    }

    #[test]
    fn ports_chosen_for_the_moment_fill_no_table_and_lose_no_count() {
        let mut talks = Talks::new(Ceiling::default(), 7, 0);
        for transfer in 0..200_000_u32 {
            let port = 49_152 + (transfer % 16_384) as u16;
            talks.add(&talked(transfer / 16_384, Attach::Tcp(port), [(4, false), (6, true)], 0));
        }
        assert!(talks.fill().0 <= CONVERSATIONS_PASSING_MAX + 13);
        assert_eq!((talks.passed_by, talks.pushed_out), (0, 0));
        let gathered =
            Conversation::gather(talks.all(&[], |_| false).map(|(_, one)| one).collect());
        assert_eq!(gathered.len(), 13);
        assert!(gathered.iter().all(|one| one.port == Port::TcpDynamic));
        let packets: u64 = gathered.iter().map(|one| one.packets[0] + one.packets[1]).sum();
        assert_eq!(packets, 2_000_000);
    }

    #[test]
    fn every_address_and_port_comes_back() {
        let scope = Scope { site: 0, outer_vlan: 7, vlan: 31 };
        let mac = |last| Node::mac(scope, Mac([1, 2, 3, 4, 5, last]));
        let ip = |text: &str| Node::ip(scope, text.parse().unwrap());
        let mut talks = Talks::new(Ceiling::default(), 7, 0);
        let mut expected = Vec::new();
        for (client, server, attach) in [
            (ip("10.0.0.9"), ip("224.0.0.1"), Attach::Udp(2_222)),
            (ip("fe80::1"), ip("ff02::fb"), Attach::Udp(5_353)),
            (ip("10.0.0.9"), ip("10.0.0.2"), Attach::Tcp(502)),
            (mac(9), mac(1), Attach::Ether(0x88cc)),
        ] {
            let sent = [(1, true), (0, false)];
            talks.add(&Talked { client, server, ..talked(1, attach, sent, 0) });
            expected.push((client, server));
        }
        let all: Vec<_> =
            talks.all(&[], |_| false).map(|(_, one)| (one.client, one.server)).collect();
        assert_eq!(all, expected);
        let ports: Vec<_> =
            talks.all(&[], |_| false).map(|(_, one)| one.port.to_string()).collect();
        assert_eq!(ports, ["udp/2222", "udp/5353", "tcp/502", "ether/88cc"]);
    }
}
