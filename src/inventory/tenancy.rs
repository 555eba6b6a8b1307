//! Which device a fact is about, where several had one address, one after the other or at once.
//!
//! A packet from the device's own MAC address says so itself. Where routers stand between, a DHCP lease does, and a
//! serial number that changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Ground, Mac, Node, Timestamp, Unit};

use super::bindings::Bindings;

/// One of the devices that had an address.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Tenant {
    /// The address.
    pub node: Node,
    /// Its place among them, in order of their first facts; 0 where there is only one.
    pub number: u32,
}

impl Tenant {
    /// The only device that had an address.
    pub fn sole(node: Node) -> Self {
        Self { node, number: 0 }
    }
}

/// A device, or a part of it, as it was seen at one address.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The device.
    pub tenant: Tenant,
    /// The part behind the address; `None` for the device itself.
    pub unit: Option<Unit>,
}

/// The MAC addresses of the devices that had one IP address, in order of the times they had it.
#[derive(Debug, Default)]
pub struct Holders(Vec<Holder>);

#[derive(Debug)]
struct Holder {
    mac: Mac,
    /// When it got the address: its first packet, its leases.
    since: Vec<Timestamp>,
}

impl Holders {
    /// Those of an address; none where it had only one device, or nobody can tell.
    pub(super) fn new(bindings: &Bindings, node: Node) -> Self {
        let links = bindings.links(node);
        // Somebody who only says by ARP that an address is his does not take it from who uses it.
        let is_used = links.iter().any(|link| link.carried.is_some());
        let holds = links.iter().filter(|link| {
            let has_it = link.carried.is_some() || !is_used;
            !link.leases.is_empty()
                || (link.is_direct() && link.speaks())
                || (has_it && bindings.owns(link.mac, node))
        });
        let mut holders: Vec<Holder> = holds
            .map(|link| {
                let mut since = link.leases.clone();
                since.extend(link.between.map(|(first, _)| first));
                since.sort_unstable();
                Holder { mac: link.mac, since }
            })
            .collect();
        holders.sort_by(|a, b| a.since.cmp(&b.since).then(a.mac.cmp(&b.mac)));
        if holders.len() < 2 {
            holders.clear();
        }
        Self(holders)
    }

    /// The holder that a fact is about: the one it came from, else the one that got the address last before it.
    pub fn of(&self, ground: &Ground) -> Option<Mac> {
        self.at(ground.at, ground.mac)
    }

    /// The holder at a time, seen from a MAC address.
    pub(super) fn at(&self, at: Timestamp, mac: Option<Mac>) -> Option<Mac> {
        let sent = self.0.iter().find(|holder| Some(holder.mac) == mac);
        let latest = || {
            let before = self.0.iter().filter_map(|holder| {
                let since = holder.since.iter().rev().find(|since| **since <= at)?;
                Some((since, holder))
            });
            before.max_by_key(|(since, holder)| (**since, holder.mac)).map(|(_, holder)| holder)
        };
        sent.or_else(latest).or(self.0.first()).map(|holder| holder.mac)
    }
}

/// The devices that had one address.
#[derive(Debug, Default)]
pub struct Tenancy {
    /// By their numbers.
    pub tenants: Vec<Stay>,
    /// Where one followed the other at the same MAC address or behind the same router, in order of time.
    pub handovers: Vec<Handover>,
}

/// One device at one address.
#[derive(Clone, Debug)]
pub struct Stay {
    /// Its MAC address, where that told it from the others.
    pub mac: Option<Mac>,
    /// First sign of it there.
    pub first: Timestamp,
    /// Last sign of it there.
    pub last: Timestamp,
    /// The first fact of it there.
    pub began: Arc<Ground>,
    /// The last fact of it there.
    pub ended: Arc<Ground>,
    /// When each run of its facts began; between, others had the address.
    pub since: Vec<Timestamp>,
}

/// One device followed another.
#[derive(Clone, Debug)]
pub struct Handover {
    /// Number of the tenant before.
    pub from: u32,
    /// Number of the tenant after.
    pub to: u32,
    /// The fact that told the one before.
    pub before: Arc<Ground>,
    /// The fact that told the one after.
    pub ground: Arc<Ground>,
}

impl Tenancy {
    /// The number of the device that had the address at a time, seen from a MAC address.
    pub(super) fn at(&self, at: Timestamp, mac: Option<Mac>) -> u32 {
        let numbered = || (0_u32..).zip(&self.tenants);
        let of_mac = |stay: &Stay| mac.is_some() && stay.mac == mac;
        let is_told = numbered().any(|(_, stay)| of_mac(stay));
        let candidates = numbered().filter(|(_, stay)| !is_told || of_mac(stay));
        let latest = candidates
            .filter_map(|(number, stay)| {
                let since = stay.since.iter().rev().find(|since| **since <= at)?;
                Some((*since, number))
            })
            .max();
        let first = || numbered().find(|(_, stay)| !is_told || of_mac(stay)).map(|(at, _)| at);
        latest.map(|(_, number)| number).or_else(first).unwrap_or(0)
    }

    /// Pairs that had the address at the same time, or one after the other, as their MAC addresses tell.
    pub(super) fn neighbours(&self) -> Vec<(Handover, bool)> {
        let mut by_mac: BTreeMap<Mac, (u32, &Stay)> = BTreeMap::new();
        for (number, stay) in (0_u32..).zip(&self.tenants) {
            if let Some(mac) = stay.mac {
                by_mac.entry(mac).or_insert((number, stay));
            }
        }
        let mut stays: Vec<(u32, &Stay)> = by_mac.into_values().collect();
        stays.sort_by_key(|(number, stay)| (stay.first, *number));
        let mut pairs = Vec::new();
        for ((from, one), (to, other)) in stays.iter().zip(stays.iter().skip(1)) {
            let at_once = other.first <= one.last;
            let before = if at_once { &one.began } else { &one.ended };
            let (before, ground) = (Arc::clone(before), Arc::clone(&other.began));
            pairs.push((Handover { from: *from, to: *to, before, ground }, at_once));
        }
        pairs
    }
}
