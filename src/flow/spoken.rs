//! What the parties of a conversation sent, counted packet by packet: plain additions in its record.
//!
//! The counts stand under an *account*: the capture that the packets came from, and what the conversation was known to
//! be when they came. When either changes the counts are told, and begin anew. So every packet counts once, in its own
//! capture and as what it was, whenever counts are asked for.

use std::net::{IpAddr, Ipv4Addr};

use crate::flow::key::{Party, Tuple};
use crate::flow::{Attach, FlowKey, Input};
use crate::model::{Addr, Node, Timestamp};

/// What was sent in a conversation since it was last told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Talked {
    /// Who asks.
    pub client: Node,
    /// Who answers. A group of hosts is always spoken to.
    pub server: Node,
    /// Where: for TCP and UDP, the server's port.
    pub attach: Attach,
    /// Under what it counts.
    pub account: Account,
    /// Time of the earliest packet.
    pub first: Timestamp,
    /// Time of the latest packet.
    pub last: Timestamp,
    /// What went to the server, and what to the client.
    pub sent: [Sent; 2],
}

impl Talked {
    /// A conversation in which nothing was sent since it was last told.
    pub fn nothing(input: &Input<'_>, account: Account) -> Self {
        let FlowKey { client, server, attach, .. } = *input.flow;
        let sent = [Sent::default(); 2];
        Self { client, server, attach, account, first: input.at, last: input.at, sent }
    }
}

/// Under what packets count.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Account {
    /// The capture that they came from.
    pub capture: u32,
    /// What the conversation was known to be: a number that the audience chose, 0 for nothing.
    pub name: u8,
}

/// What one party sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sent {
    /// Bytes of its packets on the wire.
    pub bytes: u64,
    /// Its packets.
    pub packets: u32,
    /// Whether it sent more than headers.
    pub spoke: bool,
}

impl Sent {
    /// Adds what it sent more.
    pub(super) fn add(&mut self, more: Self) {
        self.packets = self.packets.saturating_add(more.packets);
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.spoke |= more.spoke;
    }
}

/// The counts of a conversation.
#[derive(Clone, Copy, Default)]
pub(super) struct Spoken {
    account: Account,
    /// Of the low party and of the high one.
    sent: [Sent; 2],
    first: Timestamp,
    last: Timestamp,
}

impl Spoken {
    /// Whether a packet can be counted with those counted so far.
    pub(super) fn takes(&self, account: Account, sent: Sent) -> bool {
        let fits = |so_far: &Sent| so_far.packets.checked_add(sent.packets).is_some();
        self.is_empty() || (self.account == account && self.sent.iter().all(fits))
    }

    /// Whether packets of another capture were counted.
    pub(super) fn is_of_other(&self, capture: u32) -> bool {
        self.account.capture != capture && !self.is_empty()
    }

    /// Counts what a party sent.
    pub(super) fn count(&mut self, account: Account, sender: Party, at: Timestamp, sent: Sent) {
        if self.is_empty() {
            (self.account, self.first, self.last) = (account, at, at);
        }
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        let [low, high] = &mut self.sent;
        match sender {
            Party::Low => low.add(sent),
            Party::High => high.add(sent),
        }
    }

    /// What was counted as nothing known turns out to be this.
    pub(super) fn rename(&mut self, name: u8) {
        if self.account.name == 0 {
            self.account.name = name;
        }
    }

    /// What was counted; it counts anew from here on.
    pub(super) fn take(&mut self, tuple: &Tuple, server: Party) -> Talked {
        let Self { account, sent: [low, high], first, last } = *self;
        self.sent = [Sent::default(); 2];
        let is_group = |party| is_group(tuple.node(party).addr);
        let server = match (is_group(server), is_group(server.other())) {
            (false, true) => server.other(),
            _ => server,
        };
        let sent = match server {
            Party::Low => [high, low],
            Party::High => [low, high],
        };
        let (client, attach) = (tuple.node(server.other()), tuple.attach(server));
        Talked { client, server: tuple.node(server), attach, account, first, last, sent }
    }

    /// See [`Flow::glance`](crate::flow::conversation::Flow::glance).
    pub(super) fn glance(&self) -> u64 {
        self.first.0.unsigned_abs() ^ u64::from(self.account.name)
    }

    fn is_empty(&self) -> bool {
        let [low, high] = &self.sent;
        low.packets == 0 && high.packets == 0
    }
}

/// Whether several hosts listen to an address. The broadcast address of a subnet is not known to be one.
fn is_group(addr: Addr) -> bool {
    match addr {
        Addr::Ip(IpAddr::V4(v4)) => v4.is_multicast() || v4 == Ipv4Addr::BROADCAST,
        Addr::Ip(IpAddr::V6(v6)) => v6.is_multicast(),
        Addr::Mac(mac) => mac.is_group(),
        Addr::Listed(_) => false,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::packet::{Net, Packet, Transport};

    const ACCOUNT: Account = Account { capture: 2, name: 1 };
    const ONE: Sent = Sent { bytes: 60, packets: 1, spoke: false };

    fn tuple(source: &str, destination: &str, ports: [u16; 2]) -> (Tuple, Party) {
        let net = Net {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            protocol: 17,
            hop_limit: 64,
            hop_limit_at: 0,
            fragment: None,
        };
        let transport = Transport::Udp { source: ports[0], destination: ports[1] };
        let packet = Packet { net: Some(net), ..Packet::default() };
        Tuple::of_transport(&packet, &transport, 0).unwrap()
    }

    #[test]
    fn a_record_stays_small() {
        assert_eq!(size_of::<Spoken>(), 56);
    }

    #[test]
    fn what_was_taken_is_counted_no_more() {
        let (tuple, client) = tuple("10.0.0.9", "10.0.0.2", [40_000, 502]);
        let mut spoken = Spoken::default();
        for at in [7, 3, 5] {
            spoken.count(ACCOUNT, client, Timestamp(at), ONE);
        }
        spoken.count(ACCOUNT, client.other(), Timestamp(4), Sent { spoke: true, ..ONE });
        let talked = spoken.take(&tuple, client.other());
        assert_eq!(
            (talked.first, talked.last, talked.account),
            (Timestamp(3), Timestamp(7), ACCOUNT)
        );
        assert_eq!(talked.attach, Attach::Udp(502));
        let [there, back] = talked.sent;
        assert_eq!(
            (there, back),
            (Sent { bytes: 180, packets: 3, spoke: false }, Sent { spoke: true, ..ONE })
        );
        assert_eq!(spoken.take(&tuple, client.other()).sent, [Sent::default(); 2]);
    }

    #[test]
    fn other_captures_and_names_do_not_go_together_and_counts_never_wrap() {
        let (_, client) = tuple("10.0.0.9", "10.0.0.2", [40_000, 502]);
        let mut spoken = Spoken::default();
        assert!(spoken.takes(ACCOUNT, ONE) && !spoken.is_of_other(7));
        spoken.count(ACCOUNT, client, Timestamp(1), Sent { packets: u32::MAX - 1, ..ONE });
        assert!(spoken.takes(ACCOUNT, ONE) && spoken.is_of_other(7));
        assert!(!spoken.takes(Account { capture: 3, ..ACCOUNT }, ONE));
        assert!(!spoken.takes(Account { name: 0, ..ACCOUNT }, ONE));
        spoken.count(ACCOUNT, client, Timestamp(1), ONE);
        assert!(!spoken.takes(ACCOUNT, ONE));
    }

    #[test]
    fn a_group_is_the_server_whatever_the_ports_say() {
        for group in ["239.192.1.32", "255.255.255.255", "ff02::1"] {
            let sender = if group.contains(':') { "fe80::1" } else { "10.0.0.1" };
            let (tuple, party) = tuple(sender, group, [67, 68]);
            let mut spoken = Spoken::default();
            spoken.count(ACCOUNT, party, Timestamp(1), ONE);
            let talked = spoken.take(&tuple, party);
            assert_eq!(talked.server.addr.to_string(), group);
            assert_eq!((talked.attach, talked.sent), (Attach::Udp(68), [ONE, Sent::default()]));
        }
    }
}
