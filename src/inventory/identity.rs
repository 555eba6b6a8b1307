//! What joins two sightings, and what never does.
//!
//! Addresses are weak: an IP address means something in its scope only, and a MAC address in front of an IP
//! address may be a router's. Two addresses in two VLANs are one device's when one packet was seen in both. A MAC address is taken for a device's own only when the device says so (ARP, DHCP,
//! LLDP), or when it is the only address ever seen behind it and no router has counted its TTL down.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::limits::SUBJECTS_MAX;
use crate::model::{
    Addr, AssetId, Counters, Field, Mac, Nameplate, Node, Observation, Scope, Subject, Value,
};

use super::Inventory;

/// Which addresses were seen together, and how.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    macs: BTreeMap<(Scope, Mac), Owned>,
    ttls: BTreeMap<Node, BTreeSet<u64>>,
    /// Nodes of which one packet was seen as the other's.
    twins: BTreeSet<(Node, Node)>,
}

/// The IP addresses seen with one MAC address.
#[derive(Debug, Default)]
struct Owned {
    /// The device said so by ARP, or in a protocol that crosses routers.
    arp: BTreeSet<IpAddr>,
    /// The device said so otherwise: a DHCP lease, an LLDP management address.
    said: BTreeSet<IpAddr>,
    /// Packets with this source came from the MAC address: perhaps through a router.
    carried: BTreeSet<IpAddr>,
}

impl Bindings {
    /// Takes note of a fact that ties addresses together; ignores others.
    pub(super) fn observe(&mut self, observation: &Observation, counters: &mut Counters) {
        let node = observation.subject.node;
        let full = match (observation.key.name, &observation.value, node.addr) {
            (
                "arp.hardware_address"
                | "enip.mac_address"
                | "mdns.mac_address"
                | "nbns.mac_address",
                Value::Text(mac),
                Addr::Ip(ip),
            ) if observation.subject.unit.is_none() => self
                .owned(node.scope, mac.parse().ok())
                .is_none_or(|owned| !note(&mut owned.arp, ip)),
            ("ip.mac", Value::Text(mac), Addr::Ip(ip)) => self
                .owned(node.scope, mac.parse().ok())
                .is_none_or(|owned| !note(&mut owned.carried, ip)),
            ("dhcp.address" | "lldp.management_address", Value::Text(ip), Addr::Mac(mac)) => {
                let Some(ip) = ip.parse().ok().filter(is_of_a_host) else { return };
                self.owned(node.scope, Some(mac)).is_none_or(|owned| !note(&mut owned.said, ip))
            }
            ("ip.same_as", Value::Text(twin), Addr::Ip(_)) => {
                let Ok(twin) = twin.parse::<Node>() else { return };
                let scope = Scope { site: node.scope.site, ..twin.scope };
                let room = self.twins.len() < SUBJECTS_MAX;
                if room {
                    self.twins.insert((node, Node { scope, ..twin }));
                }
                !room
            }
            ("ip.ttl", Value::Uint(ttl), Addr::Ip(_)) => {
                let ttls = self.ttls.entry(node).or_default();
                if ttls.len() < ADDRESSES_KEPT_MAX {
                    ttls.insert(*ttl);
                }
                false
            }
            _ => false,
        };
        if full {
            counters.one("inventory.bindings_over_limit");
        }
    }

    fn owned(&mut self, scope: Scope, mac: Option<Mac>) -> Option<&mut Owned> {
        let key = (scope, mac?);
        let room = self.macs.len() < SUBJECTS_MAX || self.macs.contains_key(&key);
        room.then(|| self.macs.entry(key).or_default())
    }

    /// The IP addresses that are certainly the owner's of this MAC address.
    fn own_addresses(&self, scope: Scope, mac: Mac, owned: &Owned) -> BTreeSet<IpAddr> {
        if is_virtual(mac) || mac.is_group() || mac.is_zero() {
            return BTreeSet::new();
        }
        let mut own = owned.said.clone();
        // A router that answers ARP for the hosts behind it claims all their addresses; one that answers for a
        // single host cannot be told from the host, several addresses are never taken for one device.
        if owned.arp.len() == 1 {
            own.extend(&owned.arp);
        }
        let (v4, v6): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) =
            owned.carried.iter().copied().partition(IpAddr::is_ipv4);
        if owned.arp.is_empty() && owned.said.is_empty() && v4.len() == 1 {
            own.extend(v4.iter().filter(|ip| self.is_near(scope, **ip)));
        }
        let local = v6.iter().filter(|ip| is_link_local(**ip)).count();
        if local <= 1 {
            own.extend(v6.iter().filter(|ip| is_link_local(**ip)));
        }
        if !own.is_empty() && v6.len() <= IPV6_ADDRESSES_MAX {
            own.extend(v6.iter().filter(|ip| self.is_near(scope, **ip)));
        }
        own
    }

    /// True when no router can have handled the packets of this address: their TTL is one that hosts start with.
    fn is_near(&self, scope: Scope, ip: IpAddr) -> bool {
        let Some(ttls) = self.ttls.get(&Node::ip(scope, ip)) else { return true };
        ttls.iter().all(|ttl| INITIAL_TTLS.contains(ttl))
    }
}

/// Adds an address while there is room; false when there was none. A MAC address in front of more addresses than
/// that is a router's, and which addresses they are no longer matters.
fn note(addresses: &mut BTreeSet<IpAddr>, ip: IpAddr) -> bool {
    let room = addresses.len() < ADDRESSES_KEPT_MAX || addresses.contains(&ip);
    if room {
        addresses.insert(ip);
    }
    room
}

/// All nodes, put together by device: lists in order of their first node, each list in order.
pub(super) fn groups(inventory: &Inventory) -> Vec<Vec<Node>> {
    let mut joined = Joined::new(inventory);
    for ((scope, mac), ips) in owners(inventory) {
        for ip in ips {
            joined.join(&Node::mac(scope, mac), &Node::ip(scope, ip));
        }
    }
    for (node, twin) in &inventory.bindings.twins {
        joined.join(node, twin);
    }
    // Programs that play a device, and makers who number each model from 1, give a serial number more than once.
    let mut by_serial: BTreeMap<(Serial, Option<&str>), Node> = BTreeMap::new();
    for (subject, sheet) in inventory.sheets.iter().filter(|(subject, _)| subject.unit.is_none()) {
        let models = sheet.claims.iter().filter(|claim| claim.field == Field::Model);
        let model =
            models.max_by_key(|claim| (claim.certainty, claim.last)).map(|claim| &*claim.value);
        for serial in serials(inventory, &subject.node) {
            match by_serial.get(&(serial.clone(), model)) {
                Some(other) => joined.join(other, &subject.node),
                None => drop(by_serial.insert((serial, model), subject.node)),
            }
        }
    }
    joined.groups()
}

/// For each MAC address the IP addresses that are certainly its owner's. An address that two MAC addresses own, because
/// a lease went to another machine or somebody lies, says nothing about either.
fn owners(inventory: &Inventory) -> BTreeMap<(Scope, Mac), BTreeSet<IpAddr>> {
    let bindings = &inventory.bindings;
    let mut owners: BTreeMap<(Scope, Mac), BTreeSet<IpAddr>> = BTreeMap::new();
    let mut owned_by: BTreeMap<Node, usize> = BTreeMap::new();
    for ((scope, mac), owned) in &bindings.macs {
        let own = bindings.own_addresses(*scope, *mac, owned);
        for ip in &own {
            let count = owned_by.entry(Node::ip(*scope, *ip)).or_default();
            *count = count.saturating_add(1);
        }
        owners.insert((*scope, *mac), own);
    }
    for ((scope, _), ips) in &mut owners {
        ips.retain(|ip| owned_by.get(&Node::ip(*scope, *ip)) == Some(&1));
    }
    owners
}

/// The MAC addresses of each device that are its own, by the nodes it was seen as.
pub(super) fn macs_by_node(inventory: &Inventory) -> BTreeMap<Node, BTreeSet<Mac>> {
    let mut macs: BTreeMap<Node, BTreeSet<Mac>> = BTreeMap::new();
    for ((scope, mac), ips) in owners(inventory) {
        macs.entry(Node::mac(scope, mac)).or_default().insert(mac);
        for ip in ips {
            macs.entry(Node::ip(scope, ip)).or_default().insert(mac);
        }
    }
    macs
}

/// The IP addresses that these nodes say are theirs, whether or not a packet came from there.
pub(super) fn said_addresses(inventory: &Inventory, nodes: &[Node]) -> BTreeSet<IpAddr> {
    let owned = nodes.iter().filter_map(|node| match node.addr {
        Addr::Mac(mac) => inventory.bindings.macs.get(&(node.scope, mac)),
        Addr::Ip(_) | Addr::Listed(_) => None,
    });
    owned.flat_map(|owned| owned.said.iter().copied()).collect()
}

/// What a device can be known by, the strongest identity first. Only the last, its address in its scope, is certainly
/// nobody else's.
pub(super) fn names(nameplate: &Nameplate, macs: &BTreeSet<Mac>, nodes: &[Node]) -> Vec<String> {
    let vendor = nameplate.value(Field::Vendor);
    let serial = nameplate.value(Field::Serial).filter(|serial| is_telling(serial));
    let of_maker = vendor.zip(serial).map(|(vendor, serial)| format!("serial {vendor}/{serial}"));
    let burned_in = macs.iter().find(|mac| !mac.is_local()).map(|mac| format!("mac {mac}"));
    let address = nodes.first().map(|Node { scope, addr }| {
        let kind = match addr {
            Addr::Ip(_) => "ip",
            Addr::Mac(_) => "mac",
            Addr::Listed(_) => "listed",
        };
        let Scope { site, outer_vlan, vlan } = scope;
        format!("{kind} {site}/{outer_vlan}/{vlan}/{addr}")
    });
    of_maker.into_iter().chain(burned_in).chain(address).collect()
}

/// The identifier computed from an identity.
pub(super) fn id(identity: &str) -> AssetId {
    AssetId(uuid::Uuid::new_v5(&ASSET_NAMESPACE, identity.as_bytes()))
}

/// Union-find over nodes: small, and independent of the order of joins.
struct Joined {
    nodes: Vec<Node>,
    number: BTreeMap<Node, usize>,
    parent: Vec<usize>,
    serials: Vec<BTreeSet<Serial>>,
}

/// Vendor and serial number: what no two devices share.
type Serial = (Box<str>, Box<str>);

impl Joined {
    fn new(inventory: &Inventory) -> Self {
        let mut nodes: Vec<Node> = inventory.sheets.keys().map(|subject| subject.node).collect();
        nodes.dedup();
        let number = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let parent = (0..nodes.len()).collect();
        let serials = nodes.iter().map(|node| serials(inventory, node)).collect();
        Self { nodes, number, parent, serials }
    }

    fn join(&mut self, a: &Node, b: &Node) {
        let (Some(a), Some(b)) = (self.root_of(a), self.root_of(b)) else { return };
        if a == b || self.contradict(a, b) {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        let theirs = self.serials.get_mut(high).map(std::mem::take).unwrap_or_default();
        if let Some(serials) = self.serials.get_mut(low) {
            serials.extend(theirs);
        }
        if let Some(parent) = self.parent.get_mut(high) {
            *parent = low;
        }
    }

    /// Two devices that name different serial numbers are two devices, whatever their addresses say.
    fn contradict(&self, a: usize, b: usize) -> bool {
        match (self.serials.get(a), self.serials.get(b)) {
            (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && a.is_disjoint(b),
            _ => false,
        }
    }

    fn root_of(&self, node: &Node) -> Option<usize> {
        self.number.get(node).map(|at| self.root(*at))
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(parent) = self.parent.get(at).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }

    fn groups(&self) -> Vec<Vec<Node>> {
        let mut groups: BTreeMap<usize, Vec<Node>> = BTreeMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            groups.entry(self.root(at)).or_default().push(*node);
        }
        groups.into_values().collect()
    }
}

/// Vendor and serial number pairs that the node itself states.
fn serials(inventory: &Inventory, node: &Node) -> BTreeSet<Serial> {
    let Some(sheet) = inventory.sheets.get(&Subject::node(*node)) else { return BTreeSet::new() };
    let values = |field: Field| sheet.claims.iter().filter(move |claim| claim.field == field);
    let Some(vendor) = values(Field::Vendor).max_by_key(|claim| claim.certainty) else {
        return BTreeSet::new();
    };
    // Where the device says its number itself, an old list that names another one joins it to nobody.
    let surest = values(Field::Serial).map(|claim| claim.certainty).max();
    values(Field::Serial)
        .filter(|claim| Some(claim.certainty) == surest && is_telling(&claim.value))
        .map(|claim| (vendor.value.clone(), claim.value.clone()))
        .collect()
}

/// False for numbers that devices give which were never given one: all zeros, all Fs.
fn is_telling(serial: &str) -> bool {
    let mut digits = serial.chars().filter(char::is_ascii_alphanumeric).peekable();
    digits.peek().is_some()
        && !serial.chars().all(|c| matches!(c, '0' | '-' | '.' | ' '))
        && !serial.chars().all(|c| matches!(c, 'F' | 'f' | '-' | '.' | ' '))
}

/// Addresses that move between routers: VRRP and CARP (RFC 5798, 7.3), HSRP v1 and v2, GLBP.
fn is_virtual(mac: Mac) -> bool {
    matches!(
        mac.0,
        [0x00, 0x00, 0x5e, 0x00, 0x01 | 0x02, _]
            | [0x00, 0x00, 0x0c, 0x07, 0xac, _]
            | [0x00, 0x00, 0x0c, 0x9f, 0xf0..=0xff, _]
            | [0x00, 0x07, 0xb4, 0x00, _, _]
    )
}

/// False for addresses that are nobody's own, which unconfigured switches give as theirs.
fn is_of_a_host(ip: &IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() || broadcast)
}

fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// TTL and hop limit values that operating systems start with.
const INITIAL_TTLS: &[u64] = &[30, 32, 60, 64, 100, 128, 200, 255];
/// Addresses kept for one MAC address: enough to know a router from a host.
const ADDRESSES_KEPT_MAX: usize = 64;
/// Temporary addresses (RFC 8981) add up to a few at a time.
const IPV6_ADDRESSES_MAX: usize = 8;
/// Name space of asset identifiers: a version 5 UUID of `asset.nameplate` in the DNS name space.
const ASSET_NAMESPACE: uuid::Uuid =
    uuid::Uuid::from_u128(0x0115_a7f0_690c_58a9_890b_ebe8_3022_f1a4);
