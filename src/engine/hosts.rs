//! What every packet tells of its sender: its MAC address and its hop limit, and where else it was seen.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::engine::memo::{Memo, Told};
use crate::engine::strangers::{Standing, Strangers, Waiting};
use crate::flow::ShownBy;
use crate::flow::table::Table;
use crate::model::limits::HOSTS_MAX;
use crate::model::{
    Excerpt, Frame, FrameRef, Key, Mac, Node, Observation, Scope, Subject, Timestamp,
};
use crate::packet::Packet;
use crate::protocols::{Heard, Record, Said};

/// Source MAC address of a packet from this IP address: the host's own, or the last router's.
pub const MAC: Key = Key::several("ip.mac");
/// Time to live or hop limit of a packet from this IP address.
pub const TTL: Key = Key::several("ip.ttl");
/// The same node in another VLAN: a packet of it was seen there first, and here as a copy behind a router or bridge.
pub const SAME_AS: Key = Key::several("ip.same_as");

/// Everyone about whom something was heard. A flood of invented hosts only pushes out other strangers.
pub(super) struct Hosts {
    table: Table<Node, Host>,
    strangers: Strangers,
    /// What was said by strangers that had to go, and is to be forgotten.
    unsaid: Vec<Observation>,
}

/// The first values a host was seen with, and the latest that differ from them.
#[derive(Default)]
struct Host {
    first: Seen,
    latest: Seen,
    /// Time of its earliest and its latest packet; `None` while none was seen.
    between: Option<(Timestamp, Timestamp)>,
    standing: Standing,
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Seen {
    mac: Option<Mac>,
    hop_limit: Option<u8>,
}

impl Host {
    fn waits(&self) -> bool {
        matches!(self.standing, Standing::Waits(_))
    }
}

impl Hosts {
    pub(super) fn new(seed: u64) -> Self {
        let table = Table::new(HOSTS_MAX, seed);
        Self { table, strangers: Strangers::default(), unsaid: Vec::new() }
    }

    /// Entries held, how many can be, and how many had to go.
    pub(super) fn fill(&self) -> (usize, usize, u64) {
        (self.table.len(), self.table.cap(), self.table.pushed_out())
    }

    /// Who was heard at one time only, and waits for another.
    pub(super) fn strangers(&self) -> &Strangers {
        &self.strangers
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
    pub(super) fn parted(&mut self, node: Node, last: Timestamp, told: &mut Told) {
        if let Some((_, to)) = self.table.find(&node).and_then(|(_, host)| host.between.as_mut()) {
            *to = last.max(*to);
        }
        self.again(node, last, told);
    }

    /// True when strangers have to wait, and this host is one or had to go.
    pub(super) fn doubts(&self, node: &Node) -> bool {
        let is_known = |slot| {
            self.table.get(slot).is_some_and(|host| matches!(host.standing, Standing::Known))
        };
        self.strangers.wait() && !self.table.slot(node).is_some_and(is_known)
    }

    /// A host was heard, whatever it said.
    pub(super) fn again(&mut self, node: Node, at: Timestamp, told: &mut Told) {
        let slot = if self.strangers.wait() { self.table.slot(&node) } else { None };
        if let Some(slot) = slot {
            self.heard(slot, at, told);
        }
    }

    /// Takes what is said about a host; gives it back if it need not wait.
    pub(super) fn receive(&mut self, fact: Observation, told: &mut Told) -> Option<Observation> {
        let slot = self.meet(fact.subject.node, fact.at, fact.frame, told);
        let (_, host) = self.table.get_mut(slot)?;
        let Standing::Waits(waiting) = &mut host.standing else { return Some(fact) };
        self.strangers.hold(waiting, fact);
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

    /// What was said by strangers that had to go.
    pub(super) fn unsaid(&mut self) -> Vec<Observation> {
        std::mem::take(&mut self.unsaid)
    }

    /// The record of a host that sent a packet now.
    fn meet_sender(&mut self, node: Node, frame: &Frame<'_>, told: &mut Told) -> u32 {
        let slot = self.meet(node, frame.at, frame.frame, told);
        if let Some((_, host)) = self.table.get_mut(slot) {
            let (from, to) = host.between.unwrap_or((frame.at, frame.at));
            host.between = Some((from.min(frame.at), to.max(frame.at)));
        }
        slot
    }

    /// Takes a MAC address; when it is neither the first nor the latest, and need not wait, whether it is the first.
    fn note_mac(&mut self, slot: u32, mac: Mac, frame: FrameRef, place: Place) -> Option<bool> {
        let (_, host) = self.table.get_mut(slot)?;
        let news = note(mac, &mut host.first.mac, &mut host.latest.mac);
        let first = news && host.first.mac == Some(mac);
        match &mut host.standing {
            Standing::Waits(waiting) if first && waiting.frame == frame => {
                waiting.mac_at = Some(place);
                None
            }
            _ => news.then_some(first),
        }
    }

    /// The same of a hop limit.
    fn note_hop_limit(&mut self, slot: u32, hops: u8, frame: FrameRef, at: Place) -> Option<bool> {
        let (_, host) = self.table.get_mut(slot)?;
        let news = note(hops, &mut host.first.hop_limit, &mut host.latest.hop_limit);
        let first = news && host.first.hop_limit == Some(hops);
        match &mut host.standing {
            Standing::Waits(waiting) if first && waiting.frame == frame => {
                waiting.hop_limit_at = Some(at);
                None
            }
            _ => news.then_some(first),
        }
    }

    /// The slot of a host that is heard now.
    fn meet(&mut self, node: Node, at: Timestamp, frame: FrameRef, told: &mut Told) -> u32 {
        let found = self.table.find_or_insert(node, Host::default);
        if let Some((_, host)) = found.pushed_out {
            self.unsaid.extend(self.strangers.is_forgotten(host.standing));
        }
        if !found.new {
            self.heard(found.slot, at, told);
        } else if let Some((_, host)) = self.table.get_mut(found.slot) {
            host.standing = self.strangers.begin(at, frame);
            self.make_room();
        }
        found.slot
    }

    /// A stranger that is heard at another time is none any more.
    fn heard(&mut self, slot: u32, at: Timestamp, told: &mut Told) {
        let Some((node, host)) = self.table.get_mut(slot) else { return };
        let since = match &host.standing {
            Standing::Known => return,
            Standing::Told(since, _) => *since,
            Standing::Waits(waiting) => waiting.since,
        };
        if since == at {
            return;
        }
        if let Some(waiting) = self.strangers.is_known(std::mem::take(&mut host.standing)) {
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
            self.unsaid.extend(self.strangers.is_forgotten(host.standing));
        }
    }
}

/// Tells what waited: the same, in the same order, as if it had not.
fn release(node: Node, first: Seen, waiting: Waiting, told: &mut Told) {
    let Waiting { since, frame, mac_at, hop_limit_at, said, .. } = waiting;
    let fact = |key, said: Said<'_>, place, bytes: &[u8]| Observation {
        at: since,
        frame,
        subject: Subject::node(node),
        mac: first.mac,
        key,
        value: said.into(),
        excerpt: excerpt(place, bytes),
        repeat: false,
    };
    if let Some((place, mac)) = mac_at.zip(first.mac) {
        told.push(fact(MAC, Said::Text(&mac.to_string()), place, &mac.0));
    }
    if let Some((place, hop_limit)) = hop_limit_at.zip(first.hop_limit) {
        told.push(fact(TTL, Said::Uint(hop_limit.into()), place, &[hop_limit]));
    }
    said.into_iter().for_each(|fact| told.push(fact));
}

fn excerpt((frame, offset): (FrameRef, u32), bytes: &[u8]) -> Excerpt {
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
        let slot = self.hosts.meet_sender(node, frame, &mut self.told);
        let mac = packet.source.filter(|mac| !mac.is_group() && !mac.is_zero());
        let place = (shown_by.source, packet.source_at);
        if let Some(mac) = mac
            && let Some(first) = self.hosts.note_mac(slot, mac, frame.frame, place)
        {
            let text = mac.to_string();
            let said = Said::Text(&text);
            self.tell(frame, (node, Some(mac)), (MAC, said), (place, &mac.0), first);
        }
        // Group messages that must not leave the link (IGMP, RFC 3376 §4) start with 1; it is no count of routers.
        let stays = net.hop_limit == 1 && net.destination.is_multicast();
        let place = (shown_by.hop_limit, net.hop_limit_at);
        if !stays
            && let Some(first) = self.hosts.note_hop_limit(slot, net.hop_limit, frame.frame, place)
        {
            let said = Said::Uint(net.hop_limit.into());
            self.tell(frame, (node, mac), (TTL, said), (place, &[net.hop_limit]), first);
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
        self.hosts.meet_sender(node, frame, &mut self.told);
        let text = Node::ip(original, net.source).to_string();
        let place = (shown_by.hop_limit, net.hop_limit_at);
        let said = Said::Text(&text);
        self.tell(frame, (node, None), (SAME_AS, said), (place, &[net.hop_limit]), false);
        self.forget_unsaid();
    }

    /// The first value is told as it is: its host's own record remembers it, so that a flood of hosts seen
    /// once does not drive anything out of the memo.
    fn tell(
        &mut self,
        frame: &Frame<'_>,
        (node, mac): (Node, Option<Mac>),
        (key, said): (Key, Said<'_>),
        (place, bytes): (Place, &[u8]),
        first: bool,
    ) {
        let subject = Subject::node(node);
        if !first && self.hear(frame.at, &subject, key, said) != Heard::New {
            return;
        }
        self.take(Observation {
            at: frame.at,
            frame: frame.frame,
            subject,
            mac,
            key,
            value: said.into(),
            excerpt: excerpt(place, bytes),
            repeat: false,
        });
    }
}

/// A frame, and an offset in it.
type Place = (FrameRef, u32);

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

/// Strangers looked at in one tick: more than a plant has, so that who waits does not do so for long.
const STRANGERS_PER_TICK: usize = 1_024;
