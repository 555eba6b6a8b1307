//! What every packet tells of its sender: its MAC address and its hop limit, and where else it was seen.

use crate::engine::memo::Memo;
use crate::flow::table::Table;
use crate::flow::{LastPacket, ShownBy};
use crate::model::limits::HOSTS_MAX;
use crate::model::{
    Excerpt, Frame, FrameRef, Key, Mac, Node, Observation, Scope, Sighting, Subject, Timestamp,
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

/// Another source MAC address that packets of the same TCP connection came from before: of the same host.
pub const MAC_SAME_AS: Key = Key::several("ip.mac_same_as");

/// What hosts sent last. A flood of invented senders only pushes out other senders of one packet.
pub(super) struct Hosts {
    table: Table<Node, Host>,
}

/// The first values a host was seen with, the latest that differ from them, and when it was there.
#[derive(Clone, Copy, Default)]
struct Host {
    first: Option<Seen>,
    latest: Option<Seen>,
    spans: [Option<Span>; SPANS],
}

#[derive(Clone, Copy, Eq, PartialEq)]
struct Seen {
    mac: Option<Mac>,
    hop_limit: Option<u8>,
}

/// Times of a host's earliest and latest packet from one MAC address.
#[derive(Clone, Copy)]
struct Span {
    mac: Option<Mac>,
    first: Timestamp,
    last: Timestamp,
}

impl Hosts {
    pub(super) fn new(seed: u64) -> Self {
        Self { table: Table::new(HOSTS_MAX, seed) }
    }

    /// Entries held, how many can be, and how many had to go.
    pub(super) fn fill(&self) -> (usize, usize, u64) {
        (self.table.len(), self.table.cap(), self.table.pushed_out())
    }

    /// When each host sent its earliest and its latest packet from each MAC address, in order of their addresses. `later`
    /// are packets that were not shown here.
    pub(super) fn sightings(&self, later: impl Iterator<Item = LastPacket>) -> Vec<Sighting> {
        let mut sightings: BTreeMap<(Node, Option<Mac>), Sighting> = BTreeMap::new();
        for (node, host) in self.table.iter() {
            for Span { mac, first, last } in host.spans.into_iter().flatten() {
                sightings.insert((*node, mac), Sighting { node: *node, mac, first, last });
            }
        }
        for LastPacket { node, mac, at } in later {
            if let Some(sighting) = sightings.get_mut(&(node, mac)) {
                sighting.last = at.max(sighting.last);
            }
        }
        sightings.into_values().collect()
    }

    /// Takes the time of a host's last packet in a conversation that is over.
    pub(super) fn parted(&mut self, sent: LastPacket) {
        let Some((_, host)) = self.table.find(&sent.node) else { return };
        let mut spans = host.spans.iter_mut().flatten();
        if let Some(span) = spans.find(|span| span.mac == sent.mac) {
            span.last = sent.at.max(span.last);
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
        let mac = packet.source.filter(|mac| !mac.is_group() && !mac.is_zero());
        let Some(host) = self.host(node, mac, frame.at) else { return };
        // Group messages that must not leave the link (IGMP, RFC 3376 §4) start with 1; it is no count of routers.
        let stays = net.hop_limit == 1 && net.destination.is_multicast();
        let seen = Seen { mac, hop_limit: (!stays).then_some(net.hop_limit) };
        if host.first == Some(seen) || host.latest == Some(seen) {
            return;
        }
        let is_first = host.first.is_none();
        let known = if is_first { &mut host.first } else { &mut host.latest };
        *known = Some(seen);
        let is_news = is_first || host.first.is_some_and(|first| first.mac != mac);
        let mut teller = Teller { frame, mac, node, is_first, memo };
        if let Some(mac) = mac.filter(|_| is_news) {
            let (text, place) = (mac.to_string(), (shown_by.source, packet.source_at));
            teller.tell(MAC, Said::Text(&text), place, &mac.0, &mac.0);
        }
        if let Some(hop_limit) = seen.hop_limit {
            // From each MAC address anew: whether a router stands behind it is told by this.
            let [a, b, c, d, e, f] = mac.unwrap_or_default().0;
            let place = (shown_by.hop_limit, net.hop_limit_at);
            let said = Said::Uint(hop_limit.into());
            teller.tell(TTL, said, place, &[hop_limit], &[a, b, c, d, e, f, hop_limit]);
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
        if self.host(node, None, frame.at).is_none() {
            return;
        }
        let text = Node::ip(original, net.source).to_string();
        let mut teller = Teller { frame, mac: None, node, is_first: false, memo };
        let place = (shown_by.hop_limit, net.hop_limit_at);
        teller.tell(SAME_AS, Said::Text(&text), place, &[net.hop_limit], text.as_bytes());
    }

    /// Takes a packet of a TCP connection whose sender used another MAC address before.
    pub(super) fn moved(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        site: u16,
        before: Mac,
        memo: &mut Memo,
    ) {
        let (Some(net), Some(mac)) = (packet.net.filter(|net| is_host(net.source)), packet.source)
        else {
            return;
        };
        let node = Node::ip(Scope { site, ..packet.scope }, net.source);
        let text = before.to_string();
        let [a, b] = [before.min(mac), before.max(mac)].map(|mac| mac.0);
        let mut teller = Teller { frame, mac: Some(mac), node, is_first: false, memo };
        let place = (shown_by.source, packet.source_at);
        teller.tell(MAC_SAME_AS, Said::Text(&text), place, &mac.0, &[a, b].concat());
    }

    /// The record of a host that sent a packet now.
    fn host(&mut self, node: Node, mac: Option<Mac>, at: Timestamp) -> Option<&mut Host> {
        let found = self.table.find_or_insert(node, Host::default);
        if !found.new {
            self.table.settle(found.slot);
        }
        let (_, host) = self.table.get_mut(found.slot)?;
        let is_of = |span: &Option<Span>| span.is_none_or(|span| span.mac == mac);
        if let Some(slot) = host.spans.iter_mut().find(|span| is_of(span)) {
            let span = slot.get_or_insert(Span { mac, first: at, last: at });
            (span.first, span.last) = (span.first.min(at), span.last.max(at));
        }
        Some(host)
    }
}

struct Teller<'a> {
    frame: &'a Frame<'a>,
    mac: Option<Mac>,
    node: Node,
    /// True for the first packet of a host. Its values are told as they are: the host's own record remembers them, so
    /// that a flood of hosts seen once does not drive anything out of the memo.
    is_first: bool,
    memo: &'a mut Memo,
}

impl Teller<'_> {
    /// Tells a value unless what makes it news is known.
    fn tell(
        &mut self,
        key: Key,
        said: Said<'_>,
        place: (FrameRef, u32),
        bytes: &[u8],
        news: &[u8],
    ) {
        let subject = Subject::node(self.node);
        let mut hear = || self.memo.hear(self.frame.at, None, &subject, key, Said::Bytes(news));
        if !self.is_first && hear() != Heard::New {
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

/// Whether an address can be one host's.
pub(super) fn is_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !broadcast && !address.is_multicast() && !address.is_unspecified()
}

/// MAC addresses of one host of which the times are kept: its own, a router's, and one more when it was replaced.
const SPANS: usize = 3;
