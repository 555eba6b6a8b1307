//! What every packet tells of its sender: its MAC address and its hop limit, and where else it was seen.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::engine::memo::{Marks, Memo, Told};
use crate::engine::strangers::{Held, Standing, Strangers, Waiting};
use crate::flow::table::Table;
use crate::flow::{LastPacket, ShownBy};
use crate::model::limits::HOSTS_MAX;
use crate::model::{
    Addr, Ceiling, Excerpt, Frame, FrameRef, Key, Mac, Node, Observation, Scope, Sighting, Subject,
    Timestamp,
};
use crate::packet::Packet;
use crate::protocols::{Heard, Record, Said};

/// Source MAC address of a packet from this IP address: the host's own, or the last router's.
pub const MAC: Key = Key::several("ip.mac");
/// Time to live or hop limit of a packet from this IP address.
pub const TTL: Key = Key::several("ip.ttl");
/// The same node in another VLAN: a packet of it was seen there first, and here as a copy behind a router or bridge.
pub const SAME_AS: Key = Key::several("ip.same_as");

/// Another source MAC address that packets of the same TCP connection came from before: of the same host.
pub const MAC_SAME_AS: Key = Key::several("ip.mac_same_as");

/// Everyone about whom something was heard. A flood of invented hosts only pushes out other strangers.
pub(super) struct Hosts {
    table: Table<Node, Host>,
    strangers: Strangers,
    /// Under what that was remembered which strangers said that had to go.
    unsaid: Vec<Marks>,
}

/// The first values a host was seen with, the latest that differ from them, and when it was there.
#[derive(Default)]
struct Host {
    first: Option<Seen>,
    latest: Option<Seen>,
    spans: [Option<Span>; SPANS],
    standing: Standing,
}

/// Bytes that a host takes.
#[cfg(test)]
pub(super) fn host_bytes() -> usize {
    Table::<Node, Host>::entry_bytes()
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

/// Where a packet tells of its sender, each a frame and an offset in it.
#[derive(Clone, Copy)]
struct Shown {
    frame: FrameRef,
    mac: Place,
    hop_limit: Place,
}

/// What a packet adds to what is known of its sender.
struct News {
    /// True for the first packet of a host. Its values are told as they are: the host's own record remembers them, so
    /// that a flood of hosts seen once does not drive anything out of the memo.
    is_first: bool,
    /// Whether its MAC address may be news, too.
    mac: bool,
}

impl Host {
    fn waits(&self) -> bool {
        matches!(self.standing, Standing::Waits(_))
    }
}

impl Hosts {
    pub(super) fn new(ceiling: Ceiling, seed: u64) -> Self {
        let table = Table::new(ceiling.of(HOSTS_MAX), seed);
        Self { table, strangers: Strangers::new(ceiling), unsaid: Vec::new() }
    }

    /// Entries held, how many can be, and how many had to go.
    pub(super) fn fill(&self) -> (usize, usize, u64) {
        (self.table.len(), self.table.cap(), self.table.pushed_out())
    }

    /// Who was heard at one time only, and waits for another.
    pub(super) fn strangers(&self) -> &Strangers {
        &self.strangers
    }

    /// When each host that was told of sent its earliest and its latest packet from each MAC address, in order of their
    /// addresses. `later` are packets that were not shown here.
    pub(super) fn sightings(&self, later: impl Iterator<Item = LastPacket>) -> Vec<Sighting> {
        let mut sightings: BTreeMap<(Node, Option<Mac>), Sighting> = BTreeMap::new();
        for (node, host) in self.table.iter().filter(|(_, host)| !host.waits()) {
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
    pub(super) fn parted(&mut self, sent: LastPacket, told: &mut Told) {
        if let Some((_, host)) = self.table.find(&sent.node) {
            let mut spans = host.spans.iter_mut().flatten();
            if let Some(span) = spans.find(|span| span.mac == sent.mac) {
                span.last = sent.at.max(span.last);
            }
        }
        self.again(sent.node, sent.at, told);
    }

    /// True when strangers have to wait, and this host is one or had to go.
    pub(super) fn doubts(&self, node: &Node) -> bool {
        let is_known = |slot| {
            self.table.get(slot).is_some_and(|host| matches!(host.standing, Standing::Known))
        };
        self.strangers.wait() && !self.table.slot(node).is_some_and(is_known)
    }

    /// True when strangers had to go, and this may have been one of them.
    pub(super) fn leaves_out(&self, node: Node) -> bool {
        let Addr::Ip(ip) = node.addr else { return false };
        if self.strangers.given_up() == 0 || !is_host(ip) {
            return false;
        }
        let host = self.table.slot(&node).and_then(|slot| self.table.get(slot));
        host.is_none_or(Host::waits)
    }

    /// A host was heard, whatever it said.
    pub(super) fn again(&mut self, node: Node, at: Timestamp, told: &mut Told) {
        let slot = if self.strangers.wait() { self.table.slot(&node) } else { None };
        if let Some(slot) = slot {
            self.heard(slot, at, false, told);
        }
    }

    /// Takes what is said about a host, and under what it is remembered; gives it back if it need not wait.
    pub(super) fn receive(
        &mut self,
        fact: Observation,
        marks: Marks,
        told: &mut Told,
    ) -> Option<Observation> {
        let slot = self.meet(fact.subject.node, (fact.at, fact.frame), false, told);
        let (_, host) = self.table.get_mut(slot)?;
        let Standing::Waits(waiting) = &mut host.standing else { return Some(fact) };
        self.strangers.hold(waiting, Held { fact, marks });
        if waiting.speaks {
            self.tell_of(slot, Strangers::may_tell, told);
        }
        self.make_room();
        None
    }

    /// A second has passed: tells of those that wait longest, while there is room. A bounded amount of work.
    pub(super) fn tick(&mut self, told: &mut Told) {
        let mut room = self.strangers.second();
        for _ in 0..STRANGERS_PER_TICK {
            let [Some(oldest), _] = self.table.oldest() else { return };
            if !room {
                return;
            }
            self.tell_of(oldest, Strangers::may_tell, told);
            self.table.refresh(oldest);
            room = self.strangers.have_room();
        }
    }

    /// Nothing more will be heard: tells of those that wait, and gives up the others.
    pub(super) fn finish(&mut self, told: &mut Told) {
        let mut waiting: Vec<(FrameRef, Node, u32)> = Vec::new();
        for slot in 0..self.table.slots() {
            if let Some((node, Host { standing: Standing::Waits(waits), .. })) =
                self.table.get_mut(slot)
            {
                waiting.push((waits.frame, *node, slot));
            }
        }
        waiting.sort_unstable();
        for (_, _, slot) in waiting {
            self.tell_of(slot, Strangers::may_tell_last, told);
            if self.table.get(slot).is_some_and(Host::waits) {
                self.give_up(slot);
            }
        }
    }

    /// Under what that was remembered which strangers said that had to go.
    pub(super) fn unsaid(&mut self) -> Vec<Marks> {
        std::mem::take(&mut self.unsaid)
    }

    /// The record of a host that sent a packet now.
    fn meet_sender(
        &mut self,
        node: Node,
        mac: Option<Mac>,
        frame: &Frame<'_>,
        answers: bool,
        told: &mut Told,
    ) -> u32 {
        let slot = self.meet(node, (frame.at, frame.frame), answers, told);
        if let Some((_, host)) = self.table.get_mut(slot) {
            let is_of = |span: &Option<Span>| span.is_none_or(|span| span.mac == mac);
            if let Some(span) = host.spans.iter_mut().find(|span| is_of(span)) {
                let at = frame.at;
                let span = span.get_or_insert(Span { mac, first: at, last: at });
                (span.first, span.last) = (span.first.min(at), span.last.max(at));
            }
        }
        slot
    }

    /// Takes what a packet shows of its sender; gives what may be news of that and need not wait.
    fn note(&mut self, slot: u32, seen: Seen, shown: Shown) -> Option<News> {
        let (_, host) = self.table.get_mut(slot)?;
        if host.first == Some(seen) || host.latest == Some(seen) {
            return None;
        }
        let Some(first) = host.first else {
            host.first = Some(seen);
            if let Standing::Waits(waiting) = &mut host.standing
                && waiting.frame == shown.frame
            {
                waiting.mac_at = seen.mac.map(|_| shown.mac);
                waiting.hop_limit_at = seen.hop_limit.map(|_| shown.hop_limit);
                return None;
            }
            return Some(News { is_first: true, mac: true });
        };
        host.latest = Some(seen);
        Some(News { is_first: false, mac: first.mac != seen.mac })
    }

    /// The slot of a host that is heard now.
    fn meet(
        &mut self,
        node: Node,
        (at, frame): (Timestamp, FrameRef),
        answers: bool,
        told: &mut Told,
    ) -> u32 {
        let found = self.table.find_or_insert(node, Host::default);
        if let Some((_, host)) = found.pushed_out {
            self.forget(host);
        }
        if !found.new {
            self.heard(found.slot, at, answers, told);
        } else if let Some((_, host)) = self.table.get_mut(found.slot) {
            host.standing = self.strangers.begin(at, frame);
            self.make_room();
        }
        found.slot
    }

    /// A stranger that is heard at another time is none any more, when it answers somebody then or when there is room.
    fn heard(&mut self, slot: u32, at: Timestamp, answers: bool, told: &mut Told) {
        let Some((node, host)) = self.table.get_mut(slot) else { return };
        let since = match &host.standing {
            Standing::Known => return,
            Standing::Returned(_) => None,
            Standing::Told(since, _) => Some(*since),
            Standing::Waits(waiting) => Some(waiting.since),
        };
        if since == Some(at) {
            return;
        }
        let now = if answers {
            Standing::Known
        } else {
            let Some(now) = self.strangers.may_return(&host.standing) else { return };
            now
        };
        if let Some(waiting) = self.strangers.is_known(std::mem::replace(&mut host.standing, now)) {
            release(*node, host.first, *waiting, told);
        }
        self.table.settle(slot);
    }

    /// Tells what was said by one that waits, if it may.
    fn tell_of(&mut self, slot: u32, may: fn(&mut Strangers, &Waiting) -> bool, told: &mut Told) {
        let Some((node, host)) = self.table.get_mut(slot) else { return };
        let Standing::Waits(waiting) = &mut host.standing else { return };
        if !may(&mut self.strangers, waiting) {
            return;
        }
        let now = Standing::Told(waiting.since, waiting.speaks);
        if let Standing::Waits(waiting) = std::mem::replace(&mut host.standing, now) {
            release(*node, host.first, *waiting, told);
        }
    }

    /// Gives up the strangers that wait longest, until the others have room.
    fn make_room(&mut self) {
        while self.strangers.are_too_many() {
            let [Some(oldest), _] = self.table.oldest() else { return };
            if self.table.get(oldest).is_some_and(Host::waits) {
                self.give_up(oldest);
            } else {
                self.table.refresh(oldest);
            }
        }
    }

    fn give_up(&mut self, slot: u32) {
        if let Some((_, host)) = self.table.remove(slot) {
            self.forget(host);
        }
    }

    fn forget(&mut self, host: Host) {
        let said = self.strangers.is_forgotten(host.standing);
        self.unsaid.extend(said.into_iter().map(|held| held.marks));
    }
}

/// Tells what waited: the same, in the same order, as if it had not.
fn release(node: Node, first: Option<Seen>, waiting: Waiting, told: &mut Told) {
    let Waiting { since, frame, mac_at, hop_limit_at, said, .. } = waiting;
    let mac = first.and_then(|first| first.mac);
    let hop_limit = first.and_then(|first| first.hop_limit);
    let fact = |key, said: Said<'_>, place, bytes: &[u8]| Observation {
        at: since,
        frame,
        subject: Subject::node(node),
        mac,
        key,
        value: said.into(),
        excerpt: excerpt(place, bytes),
        repeat: false,
    };
    if let Some((place, mac)) = mac_at.zip(mac) {
        told.push(fact(MAC, Said::Text(&mac.to_string()), place, &mac.0));
    }
    if let Some((place, hop_limit)) = hop_limit_at.zip(hop_limit) {
        told.push(fact(TTL, Said::Uint(hop_limit.into()), place, &[hop_limit]));
    }
    said.into_iter().for_each(|held| told.push(held.fact));
}

fn excerpt((frame, offset): Place, bytes: &[u8]) -> Excerpt {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Excerpt { frame, offset, length, bytes: bytes.into() }
}

impl Memo {
    /// Takes the sender of a packet.
    pub(super) fn see(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        site: u16,
    ) {
        let Some(net) = packet.net.filter(|net| is_host(net.source)) else { return };
        let node = Node::ip(Scope { site, ..packet.scope }, net.source);
        let mac = packet.source.filter(|mac| !mac.is_group() && !mac.is_zero());
        // Group messages that must not leave the link (IGMP, RFC 3376 §4) start with 1; it is no count of routers.
        let stays = net.hop_limit == 1 && net.destination.is_multicast();
        let seen = Seen { mac, hop_limit: (!stays).then_some(net.hop_limit) };
        let shown = Shown {
            frame: frame.frame,
            mac: (shown_by.source, packet.source_at),
            hop_limit: (shown_by.hop_limit, net.hop_limit_at),
        };
        let slot = self.hosts.meet_sender(node, mac, frame, shown_by.answers, &mut self.told);
        if let Some(news) = self.hosts.note(slot, seen, shown) {
            let mut teller = Teller { frame, mac, node, is_first: news.is_first, memo: self };
            if let Some(mac) = mac.filter(|_| news.mac) {
                teller.tell(MAC, Said::Text(&mac.to_string()), shown.mac, &mac.0, &mac.0);
            }
            if let Some(hop_limit) = seen.hop_limit {
                // From each MAC address anew: whether a router stands behind it is told by this.
                let [a, b, c, d, e, f] = mac.unwrap_or_default().0;
                let (said, news) = (Said::Uint(hop_limit.into()), [a, b, c, d, e, f, hop_limit]);
                teller.tell(TTL, said, shown.hop_limit, &[hop_limit], &news);
            }
        }
        self.forget_unsaid();
    }

    /// Takes the sender of a packet that was seen in two VLANs.
    pub(super) fn copied(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        copy: Scope,
        original: Scope,
    ) {
        let Some(net) = packet.net.filter(|net| is_host(net.source)) else { return };
        let node = Node::ip(copy, net.source);
        self.hosts.meet_sender(node, None, frame, shown_by.answers, &mut self.told);
        let text = Node::ip(original, net.source).to_string();
        let mut teller = Teller { frame, mac: None, node, is_first: false, memo: self };
        let place = (shown_by.hop_limit, net.hop_limit_at);
        teller.tell(SAME_AS, Said::Text(&text), place, &[net.hop_limit], text.as_bytes());
        self.forget_unsaid();
    }

    /// Takes a packet of a TCP connection whose sender used another MAC address before.
    pub(super) fn moved(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        site: u16,
        before: Mac,
    ) {
        let (Some(net), Some(mac)) = (packet.net.filter(|net| is_host(net.source)), packet.source)
        else {
            return;
        };
        let node = Node::ip(Scope { site, ..packet.scope }, net.source);
        let text = before.to_string();
        let [a, b] = [before.min(mac), before.max(mac)].map(|mac| mac.0);
        let mut teller = Teller { frame, mac: Some(mac), node, is_first: false, memo: self };
        let place = (shown_by.source, packet.source_at);
        teller.tell(MAC_SAME_AS, Said::Text(&text), place, &mac.0, &[a, b].concat());
    }
}

struct Teller<'a> {
    frame: &'a Frame<'a>,
    mac: Option<Mac>,
    node: Node,
    is_first: bool,
    memo: &'a mut Memo,
}

impl Teller<'_> {
    /// Tells a value unless what makes it news is known.
    fn tell(&mut self, key: Key, said: Said<'_>, place: Place, bytes: &[u8], news: &[u8]) {
        let subject = Subject::node(self.node);
        let mut hear = || self.memo.hear(self.frame.at, None, &subject, key, Said::Bytes(news));
        if !self.is_first && hear() != Heard::New {
            return;
        }
        self.memo.take(Observation {
            at: self.frame.at,
            frame: self.frame.frame,
            subject,
            mac: self.mac,
            key,
            value: said.into(),
            excerpt: excerpt(place, bytes),
            repeat: false,
        });
    }
}

/// A frame, and an offset in it.
type Place = (FrameRef, u32);

/// Whether an address can be one host's.
pub(super) fn is_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !broadcast && !address.is_multicast() && !address.is_unspecified()
}

/// MAC addresses of one host of which the times are kept: its own, a router's, and one more when it was replaced.
const SPANS: usize = 3;
/// Strangers looked at in one tick: more than a plant has, so that who waits does not do so for long.
const STRANGERS_PER_TICK: usize = 1_024;
