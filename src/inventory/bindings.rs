//! Which addresses were seen together, when, and how: what is known of them before anything is concluded.
//!
//! Addresses are weak. A MAC address in front of an IP address may be a router's; several IP addresses behind one MAC
//! address may be one device's, or those of all hosts behind a proxy or a bridge. So a MAC address is taken for a
//! device's own only when the device says so, or when it is the only address ever seen behind it and no router has
//! counted its hop limit down.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::model::placeholder::is_shared_guid;
use crate::model::{Addr, Counters, Ground, Mac, Node, Scope, Sighting, Subject, Timestamp, Value};

use super::addresses::{is_link_local, is_made_from, is_of_a_device, is_of_a_host, network};

/// Which addresses were seen together.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// For each IP address the MAC addresses in front of it, in order.
    links: BTreeMap<Node, Vec<Link>>,
    /// For each MAC address the IP addresses behind it.
    macs: BTreeMap<(Scope, Mac), Behind>,
    /// IP addresses with several MAC addresses in front of them.
    shared: BTreeSet<Node>,
    /// For each IP address pairs of MAC addresses that packets of one TCP connection came from: of one host.
    united: BTreeMap<Node, BTreeSet<(Mac, Mac)>>,
    /// Nodes of which one packet was seen as the other's, with the fact that says so first.
    twins: BTreeMap<(Node, Node), Arc<Ground>>,
    /// For each server GUID the nodes that gave it, once from each MAC address.
    guids: BTreeMap<Value, BTreeMap<Node, Vec<Arc<Ground>>>>,
    /// Addresses that a node says it has, other than the one it was reached at.
    inner: BTreeMap<Node, Vec<(IpAddr, Arc<Ground>)>>,
    /// How many of each there may be.
    subjects_max: usize,
}

/// One MAC address in front of one IP address.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) mac: Mac,
    /// The first packet that came from there.
    pub(super) carried: Option<Arc<Ground>>,
    /// The first time that somebody said the two belong together.
    pub(super) said: Option<Arc<Ground>>,
    /// The device said so by ARP, or in a protocol that crosses routers.
    owns: bool,
    /// The highest hop limit of its packets.
    hop_limit: Option<u64>,
    /// Packets from there said more than that they are there.
    speaks: bool,
    /// When the address was leased to the MAC address.
    pub(super) leases: Vec<Timestamp>,
    /// The first and the last sign of the two together.
    pub(super) between: Option<(Timestamp, Timestamp)>,
}

/// The IP addresses seen with one MAC address, in the order in which they were.
#[derive(Debug, Default)]
struct Behind {
    /// The device said so by ARP, or in a protocol that crosses routers.
    arp: Vec<IpAddr>,
    /// The device said so otherwise: a DHCP lease, an LLDP management address.
    said: Vec<IpAddr>,
    /// Packets with this source came from the MAC address: perhaps through a router.
    carried: Vec<IpAddr>,
}

impl Bindings {
    pub(super) fn new(subjects_max: usize) -> Self {
        Self { subjects_max, ..Self::default() }
    }

    /// Takes note of a fact that ties addresses together; ignores others.
    pub(super) fn observe(
        &mut self,
        subject: &Subject,
        ground: &Arc<Ground>,
        counters: &mut Counters,
    ) {
        let node = subject.node;
        let full = match (ground.key.name, &ground.value, node.addr) {
            (
                "arp.hardware_address"
                | "enip.mac_address"
                | "mdns.mac_address"
                | "nbns.mac_address"
                | "pn_io.mac_address"
                | "snmp.engine_mac_address",
                Value::Text(mac),
                Addr::Ip(ip),
            ) if subject.unit.is_none() => self.says_mac(node, ip, mac.parse().ok(), ground),
            ("ip.mac", Value::Text(mac), Addr::Ip(ip)) => {
                self.is_carried(node, ip, mac.parse().ok(), ground)
            }
            ("ip.mac_same_as", Value::Text(before), Addr::Ip(_)) => {
                let Some(pair) = before.parse().ok().zip(ground.mac) else { return };
                self.unite(node, pair)
            }
            ("ip.ttl", Value::Uint(hop_limit), Addr::Ip(_)) => {
                self.link(node, ground.mac, |link| {
                    link.hop_limit = link.hop_limit.max(Some(*hop_limit));
                })
            }
            (
                "cdp.address"
                | "cdp.management_address"
                | "dhcp.address"
                | "lldp.management_address"
                | "pn_dcp.ip_address",
                Value::Text(ip),
                Addr::Mac(mac),
            ) => {
                let Some(ip) = ip.parse().ok().filter(is_of_a_host) else { return };
                self.says_ip(node.scope, mac, ip, ground)
            }
            ("enip.socket_address" | "enip.ip_address", Value::Text(said), Addr::Ip(ip))
                if subject.unit.is_none() =>
            {
                self.says_inner(node, ip, said, ground) | self.speaks(subject, ground)
            }
            ("ip.same_as", Value::Text(twin), Addr::Ip(_)) => {
                let Ok(twin) = twin.parse::<Node>() else { return };
                let scope = Scope { site: node.scope.site, ..twin.scope };
                self.is_twin((node, Node { scope, ..twin }), ground)
            }
            _ => self.speaks(subject, ground),
        };
        if full {
            counters.one("inventory.bindings_over_limit");
        }
    }

    /// A device at an IP address says that a MAC address is its own. This and what follows is true when there is no room.
    fn says_mac(&mut self, node: Node, ip: IpAddr, mac: Option<Mac>, ground: &Arc<Ground>) -> bool {
        let full = self.behind(node.scope, mac, |behind| note(&mut behind.arp, ip));
        full | self.link(node, mac, |link| {
            earliest(&mut link.said, ground);
            link.owns = true;
            link.see(ground.at, ground.at);
        })
    }

    /// A device at a MAC address says, or is told, that an IP address is its own.
    fn says_ip(&mut self, scope: Scope, mac: Mac, ip: IpAddr, ground: &Arc<Ground>) -> bool {
        let is_leased = ground.key.name == "dhcp.address";
        let full = self.behind(scope, Some(mac), |behind| note(&mut behind.said, ip));
        full | self.link(Node::ip(scope, ip), Some(mac), |link| {
            earliest(&mut link.said, ground);
            if is_leased && link.leases.len() < ADDRESSES_KEPT_MAX {
                link.leases.push(ground.at);
            }
        })
    }

    /// Packets of an IP address came from a MAC address.
    fn is_carried(
        &mut self,
        node: Node,
        ip: IpAddr,
        mac: Option<Mac>,
        ground: &Arc<Ground>,
    ) -> bool {
        let full = self.behind(node.scope, mac, |behind| note(&mut behind.carried, ip));
        full | self.link(node, mac, |link| {
            earliest(&mut link.carried, ground);
            link.see(ground.at, ground.at);
        })
    }

    /// Packets of one TCP connection came from two MAC addresses.
    fn unite(&mut self, node: Node, pair: (Mac, Mac)) -> bool {
        if self.united.len() >= self.subjects_max && !self.united.contains_key(&node) {
            return true;
        }
        let pairs = self.united.entry(node).or_default();
        let room = pairs.len() < ADDRESSES_KEPT_MAX;
        if room {
            pairs.insert(pair);
        }
        !room
    }

    /// One packet was seen as two nodes'.
    fn is_twin(&mut self, pair: (Node, Node), ground: &Arc<Ground>) -> bool {
        let room = self.twins.len() < self.subjects_max || self.twins.contains_key(&pair);
        if room {
            keep_earliest(self.twins.entry(pair), ground);
        }
        !room
    }

    /// Takes an address that a node reached at `ip` says it has.
    fn says_inner(&mut self, node: Node, ip: IpAddr, said: &str, ground: &Arc<Ground>) -> bool {
        let of_socket = said.parse().ok().map(|socket: SocketAddr| socket.ip());
        let said = of_socket.or_else(|| said.parse().ok()).filter(is_of_a_host);
        let Some(said) = said.filter(|said| *said != ip) else { return false };
        if self.inner.len() >= self.subjects_max && !self.inner.contains_key(&node) {
            return true;
        }
        let inner = self.inner.entry(node).or_default();
        let known = inner.iter().any(|(known, other)| *known == said && other.mac == ground.mac);
        let room = inner.len() < LINKS_PER_ADDRESS_MAX;
        if room && !known {
            inner.push((said, Arc::clone(ground)));
        }
        !room && !known
    }

    /// Addresses that a node says it has, other than the one it was reached at.
    pub(super) fn inner(&self, node: Node) -> &[(IpAddr, Arc<Ground>)] {
        self.inner.get(&node).map(Vec::as_slice).unwrap_or_default()
    }

    /// Takes note of when a node sent packets, and from where.
    pub(super) fn seen(&mut self, sighting: &Sighting) {
        let Sighting { node, mac, first, last } = *sighting;
        let links = self.links.get_mut(&node).into_iter().flatten();
        if let Some(link) = links.into_iter().find(|link| Some(link.mac) == mac) {
            link.see(first, last);
        }
    }

    /// IP addresses that several devices may have had.
    pub(super) fn shared(&self) -> impl Iterator<Item = Node> {
        self.shared.iter().copied()
    }

    /// The MAC addresses in front of an IP address.
    pub(super) fn links(&self, node: Node) -> &[Link] {
        self.links.get(&node).map(Vec::as_slice).unwrap_or_default()
    }

    /// True when a host at an IP address used several MAC addresses in one connection, more than a team of adapters does:
    /// nothing can be told by them there.
    pub(super) fn changes_macs(&self, node: Node) -> bool {
        let macs: BTreeSet<Mac> =
            self.united.get(&node).into_iter().flatten().flat_map(|(a, b)| [*a, *b]).collect();
        macs.len() > TEAM_MACS
    }

    /// The one of several MAC addresses of a host at an IP address by which it is called.
    pub(super) fn representative(&self, node: Node, mac: Mac) -> Mac {
        let Some(pairs) = self.united.get(&node) else { return mac };
        let mut all = BTreeSet::from([mac]);
        loop {
            let touches = |(a, b): &&(Mac, Mac)| all.contains(a) != all.contains(b);
            let Some((a, b)) = pairs.iter().find(touches).copied() else { break };
            all.extend([a, b]);
        }
        all.first().copied().unwrap_or(mac)
    }

    /// Nodes of which one packet was seen as the other's.
    pub(super) fn twins(&self) -> impl Iterator<Item = (&(Node, Node), &Arc<Ground>)> {
        self.twins.iter()
    }

    /// Server GUIDs, with the nodes that gave them.
    pub(super) fn guids(
        &self,
    ) -> impl Iterator<Item = (&Value, &BTreeMap<Node, Vec<Arc<Ground>>>)> {
        self.guids.iter()
    }

    /// For each MAC address the IP addresses that are certainly its owner's, in order.
    pub(super) fn owned(&self) -> impl Iterator<Item = ((Scope, Mac), BTreeSet<IpAddr>)> {
        self.macs.iter().map(|(&(scope, mac), behind)| ((scope, mac), self.own(scope, mac, behind)))
    }

    /// Whether an IP address is certainly that of the owner of a MAC address.
    pub(super) fn owns(&self, mac: Mac, node: Node) -> bool {
        let Addr::Ip(ip) = node.addr else { return false };
        let behind = self.macs.get(&(node.scope, mac));
        behind.is_some_and(|behind| self.own(node.scope, mac, behind).contains(&ip))
    }

    /// When a packet last came from a MAC address.
    pub(super) fn last_from(&self, scope: Scope, mac: Mac) -> Option<Timestamp> {
        let links = self.behind_mac(scope, mac).flat_map(|ip| self.links(Node::ip(scope, ip)));
        let own = links.filter(|link| link.mac == mac);
        own.filter_map(|link| link.between.map(|(_, last)| last)).max()
    }

    /// The IPv4 addresses seen with a MAC address.
    pub(super) fn behind_mac(&self, scope: Scope, mac: Mac) -> impl Iterator<Item = IpAddr> {
        let behind = self.macs.get(&(scope, mac)).into_iter();
        let all = behind.flat_map(|behind| behind.arp.iter().chain(&behind.carried).copied());
        all.filter(IpAddr::is_ipv4)
    }

    /// The IP addresses that the device at this MAC address says are its own, whether or not a packet came from there.
    pub(super) fn said(&self, scope: Scope, mac: Mac) -> impl Iterator<Item = IpAddr> {
        self.macs.get(&(scope, mac)).into_iter().flat_map(|behind| behind.said.iter().copied())
    }

    /// The IP addresses that are certainly the owner's of this MAC address.
    fn own(&self, scope: Scope, mac: Mac, behind: &Behind) -> BTreeSet<IpAddr> {
        if !is_of_a_device(mac) {
            return BTreeSet::new();
        }
        let Behind { arp, said, carried } = behind;
        let mut own: BTreeSet<IpAddr> = said.iter().copied().collect();
        // A router that answers ARP for the hosts behind it claims all their addresses: those whose packets it handled are
        // not its own. One that answers for a single host cannot be told from the host, several addresses are never taken
        // for one device.
        let routed = |ip: &&IpAddr| {
            let links = self.links(Node::ip(scope, **ip)).iter();
            arp.len() > 1 && links.filter(|link| link.mac == mac).any(Link::is_routed)
        };
        let unrouted: Vec<&IpAddr> = arp.iter().filter(|ip| !routed(ip)).collect();
        if let [only] = unrouted.as_slice() {
            own.insert(**only);
        }
        let is_near = |ip: &&IpAddr| self.is_near(Node::ip(scope, **ip), mac);
        let (v4, v6): (Vec<&IpAddr>, Vec<&IpAddr>) = carried.iter().partition(|ip| ip.is_ipv4());
        if arp.is_empty() && said.is_empty() && v4.len() == 1 {
            own.extend(v4.into_iter().filter(is_near));
        }
        let local: Vec<&&IpAddr> = v6.iter().filter(|ip| is_link_local(ip)).collect();
        if let [only] = local.as_slice() {
            own.insert(***only);
        }
        // A global address is the device's own when its interface identifier is made from the MAC address, or when one of the
        // same network is: temporary addresses (RFC 8981). Others may come through a router.
        let networks: BTreeSet<u64> =
            v6.iter().filter(|ip| is_made_from(ip, mac)).filter_map(|ip| network(ip)).collect();
        let is_own = |ip: &&IpAddr| network(ip).is_some_and(|own| networks.contains(&own));
        if v6.len() <= IPV6_ADDRESSES_MAX {
            own.extend(v6.into_iter().filter(is_own).filter(is_near));
        }
        own
    }

    fn is_near(&self, node: Node, mac: Mac) -> bool {
        self.links(node).iter().all(|link| link.mac != mac || link.is_near())
    }

    /// Takes note that packets from a MAC address say something; and who gives which server GUID.
    fn speaks(&mut self, subject: &Subject, ground: &Arc<Ground>) -> bool {
        let node = subject.node;
        let mut full = false;
        let is_guid = ground.key.name == "smb.server_guid" && subject.unit.is_none();
        if is_guid && !is_shared_guid(&ground.value.to_string()) {
            let room =
                self.guids.len() < self.subjects_max || self.guids.contains_key(&ground.value);
            if room {
                let nodes = self.guids.entry(ground.value.clone()).or_default();
                if nodes.len() < ADDRESSES_KEPT_MAX || nodes.contains_key(&node) {
                    let grounds = nodes.entry(node).or_default();
                    let room = grounds.len() < LINKS_PER_ADDRESS_MAX;
                    match grounds.iter_mut().find(|known| known.mac == ground.mac) {
                        Some(known) if (ground.at, ground.frame) < (known.at, known.frame) => {
                            *known = Arc::clone(ground);
                        }
                        None if room => grounds.push(Arc::clone(ground)),
                        _ => {}
                    }
                }
            }
            full = !room;
        }
        let is_more = !matches!(ground.key.protocol(), "ip" | "arp");
        if !is_more || !matches!(node.addr, Addr::Ip(_)) || ground.mac.is_none() {
            return full;
        }
        full | self.link(node, ground.mac, |link| {
            link.speaks = true;
            link.see(ground.at, ground.at);
        })
    }

    /// Changes what is known of a MAC address; true when there is no room.
    fn behind(
        &mut self,
        scope: Scope,
        mac: Option<Mac>,
        change: impl FnOnce(&mut Behind) -> bool,
    ) -> bool {
        let Some(mac) = mac else { return false };
        let room = self.macs.len() < self.subjects_max || self.macs.contains_key(&(scope, mac));
        !room || !change(self.macs.entry((scope, mac)).or_default())
    }

    /// Changes what is known of a MAC address in front of an IP address; true when there is no room.
    fn link(&mut self, node: Node, mac: Option<Mac>, change: impl FnOnce(&mut Link)) -> bool {
        let Some(mac) = mac else { return false };
        if self.links.len() >= self.subjects_max && !self.links.contains_key(&node) {
            return true;
        }
        let links = self.links.entry(node).or_default();
        let at = match links.binary_search_by_key(&mac, |link| link.mac) {
            Ok(at) => at,
            Err(_) if links.len() >= LINKS_PER_ADDRESS_MAX => return true,
            Err(at) => {
                links.reserve_exact(1);
                links.insert(at, Link::new(mac));
                at
            }
        };
        if let Some(link) = links.get_mut(at) {
            change(link);
        }
        if links.len() > 1 {
            self.shared.insert(node);
        }
        false
    }
}

impl Link {
    fn new(mac: Mac) -> Self {
        Self {
            mac,
            carried: None,
            said: None,
            owns: false,
            hop_limit: None,
            speaks: false,
            leases: Vec::new(),
            between: None,
        }
    }

    fn see(&mut self, first: Timestamp, last: Timestamp) {
        let (from, to) = self.between.unwrap_or((first, last));
        self.between = Some((from.min(first), to.max(last)));
    }

    /// True when no router can have handled the packets: their hop limit is one that hosts start with.
    pub(super) fn is_near(&self) -> bool {
        self.hop_limit.is_none_or(|highest| INITIAL_HOP_LIMITS.contains(&highest))
    }

    /// True when a router handled the packets.
    pub(super) fn is_routed(&self) -> bool {
        self.carried.is_some() && !self.is_near()
    }

    /// True when packets came straight from a device there.
    pub(super) fn is_direct(&self) -> bool {
        is_of_a_device(self.mac) && self.carried.is_some() && (self.owns || self.is_near())
    }

    /// True when it said more than that it is there.
    pub(super) fn speaks(&self) -> bool {
        self.speaks
    }
}

/// Adds an address while there is room; false when there was none. A MAC address in front of more addresses than
/// that is a router's, and which addresses they are no longer matters.
fn note(addresses: &mut Vec<IpAddr>, ip: IpAddr) -> bool {
    let known = addresses.contains(&ip);
    let room = addresses.len() < ADDRESSES_KEPT_MAX;
    if room && !known {
        addresses.push(ip);
    }
    room || known
}

fn earliest(kept: &mut Option<Arc<Ground>>, ground: &Arc<Ground>) {
    let is_earlier = |known: &Arc<Ground>| (ground.at, ground.frame) < (known.at, known.frame);
    if kept.as_ref().is_none_or(is_earlier) {
        *kept = Some(Arc::clone(ground));
    }
}

fn keep_earliest<K: Ord>(
    entry: std::collections::btree_map::Entry<'_, K, Arc<Ground>>,
    ground: &Arc<Ground>,
) {
    let kept = entry.or_insert_with(|| Arc::clone(ground));
    if (ground.at, ground.frame) < (kept.at, kept.frame) {
        *kept = Arc::clone(ground);
    }
}

/// Hop limits that operating systems start with.
const INITIAL_HOP_LIMITS: &[u64] = &[30, 32, 60, 64, 100, 128, 200, 255];
/// Addresses kept for one MAC address: enough to know a router from a host.
const ADDRESSES_KEPT_MAX: usize = 64;
/// MAC addresses kept for one IP address: routers of many ways to it, and devices that took each other's place.
const LINKS_PER_ADDRESS_MAX: usize = 16;
/// MAC addresses of a team of adapters.
const TEAM_MACS: usize = 2;
/// Temporary addresses (RFC 8981) add up to a few at a time.
const IPV6_ADDRESSES_MAX: usize = 8;
