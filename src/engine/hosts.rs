//! What every packet tells of its sender: its MAC address and its hop limit, and where else it was seen.

use crate::engine::memo::Memo;
use crate::flow::ShownBy;
use crate::flow::table::Table;
use crate::model::limits::HOSTS_MAX;
use crate::model::{
    Excerpt, Frame, FrameRef, Key, Mac, Node, Observation, Scope, Subject, Timestamp,
};
use crate::packet::Packet;
use crate::protocols::{Heard, Record, Said};

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Source MAC address of a packet from this IP address: the host's own, or the last router's.
pub const MAC: Key = Key::several("ip.mac");
/// Time to live or hop limit of a packet from this IP address.
pub const TTL: Key = Key::several("ip.ttl");
/// The same node in another VLAN: a packet of it was seen there first, and here as a copy behind a router or bridge.
pub const SAME_AS: Key = Key::several("ip.same_as");

/// What hosts sent last. A flood of invented senders only pushes out other senders of one packet.
pub(super) struct Hosts {
    table: Table<Node, Host>,
}

/// The first values a host was seen with, and the latest that differ from them.
#[derive(Clone, Copy, Default)]
struct Host {
    first: Seen,
    latest: Seen,
    /// Time of its earliest and its latest packet; `None` before the first.
    between: Option<(Timestamp, Timestamp)>,
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Seen {
    mac: Option<Mac>,
    hop_limit: Option<u8>,
}

impl Hosts {
    pub(super) fn new(seed: u64) -> Self {
        Self { table: Table::new(HOSTS_MAX, seed) }
    }

    /// Entries held, how many can be, and how many had to go.
    pub(super) fn fill(&self) -> (usize, usize, u64) {
        (self.table.len(), self.table.cap(), self.table.pushed_out())
    }

    /// When each host sent its earliest and its latest packet, in order of their addresses. `later` are packets
    /// that were not shown here.
    pub(super) fn sightings(
        &self,
        later: impl Iterator<Item = (Node, Timestamp)>,
    ) -> Vec<(Node, Timestamp, Timestamp)> {
        let hosts = self.table.iter();
        let mut sightings: BTreeMap<Node, (Timestamp, Timestamp)> =
            hosts.filter_map(|(node, host)| Some((*node, host.between?))).collect();
        for (node, at) in later {
            if let Some((_, to)) = sightings.get_mut(&node) {
                *to = at.max(*to);
            }
        }
        sightings.into_iter().map(|(node, (from, to))| (node, from, to)).collect()
    }

    /// Takes the time of a host's last packet in a conversation that is over.
    pub(super) fn parted(&mut self, node: Node, last: Timestamp) {
        if let Some((_, to)) = self.table.find(&node).and_then(|(_, host)| host.between.as_mut()) {
            *to = last.max(*to);
        }
    }

    /// Takes the sender of a packet.
    pub(super) fn see(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        site: u16,
        memo: &mut Memo,
    ) {
        let Some(net) = packet.net.filter(|net| is_host(net.source)) else { return };
        let node = Node::ip(Scope { site, ..packet.scope }, net.source);
        let Some(host) = self.host(node, frame.at) else { return };
        let mac = packet.source.filter(|mac| !mac.is_group() && !mac.is_zero());
        let mut teller = Teller { frame, mac, node, memo };
        if let Some(mac) = mac
            && note(mac, &mut host.first.mac, &mut host.latest.mac)
        {
            let first = host.first.mac == Some(mac);
            let text = mac.to_string();
            let place = (shown_by.source, packet.source_at);
            teller.tell(MAC, Said::Text(&text), place, &mac.0, first);
        }
        // Group messages that must not leave the link (IGMP, RFC 3376 §4) start with 1; it is no count of routers.
        let stays = net.hop_limit == 1 && net.destination.is_multicast();
        if !stays && note(net.hop_limit, &mut host.first.hop_limit, &mut host.latest.hop_limit) {
            let first = host.first.hop_limit == Some(net.hop_limit);
            let said = Said::Uint(net.hop_limit.into());
            let place = (shown_by.hop_limit, net.hop_limit_at);
            teller.tell(TTL, said, place, &[net.hop_limit], first);
        }
    }

    /// Takes the sender of a packet that was seen in two VLANs.
    pub(super) fn copied(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        copy: Scope,
        original: Scope,
        memo: &mut Memo,
    ) {
        let Some(net) = packet.net.filter(|net| is_host(net.source)) else { return };
        let node = Node::ip(copy, net.source);
        if self.host(node, frame.at).is_none() {
            return;
        }
        let text = Node::ip(original, net.source).to_string();
        let mut teller = Teller { frame, mac: None, node, memo };
        let place = (shown_by.hop_limit, net.hop_limit_at);
        teller.tell(SAME_AS, Said::Text(&text), place, &[net.hop_limit], false);
    }

    /// The record of a host that sent a packet now.
    fn host(&mut self, node: Node, at: Timestamp) -> Option<&mut Host> {
        let found = self.table.find_or_insert(node, Host::default);
        if !found.new {
            self.table.settle(found.slot);
        }
        let (_, host) = self.table.get_mut(found.slot)?;
        let (from, to) = host.between.unwrap_or((at, at));
        host.between = Some((from.min(at), to.max(at)));
        Some(host)
    }
}

struct Teller<'a> {
    frame: &'a Frame<'a>,
    mac: Option<Mac>,
    node: Node,
    memo: &'a mut Memo,
}

impl Teller<'_> {
    /// The first value is told as it is: its host's own record remembers it, so that a flood of hosts seen
    /// once does not drive anything out of the memo.
    fn tell(
        &mut self,
        key: Key,
        said: Said<'_>,
        place: (FrameRef, u32),
        bytes: &[u8],
        first: bool,
    ) {
        let subject = Subject::node(self.node);
        if !first && self.memo.hear(self.frame.at, &subject, key, said) != Heard::New {
            return;
        }
        let (frame, offset) = place;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.memo.take(Observation {
            at: self.frame.at,
            frame: self.frame.frame,
            subject,
            mac: self.mac,
            key,
            value: said.into(),
            excerpt: Excerpt { frame, offset, length, bytes: bytes.into() },
            repeat: false,
        });
    }
}

/// True when a value is neither the first nor the latest seen; remembers it.
fn note<T: Copy + Eq>(value: T, first: &mut Option<T>, latest: &mut Option<T>) -> bool {
    if first.is_none() {
        *first = Some(value);
        return true;
    }
    if *first == Some(value) {
        return false;
    }
    latest.replace(value) != Some(value)
}

/// Whether an address can be one host's.
pub(super) fn is_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !broadcast && !address.is_multicast() && !address.is_unspecified()
}
