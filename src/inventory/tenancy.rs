//! Which device a fact is about, where several had one address, one after the other or at once.
//!
//! A packet from the device's own MAC address says so itself. Where routers stand between, a DHCP lease does, and a
//! serial number that changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::limits::TENANTS_MAX;
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

/// The devices that had one IP address, each called by one of its MAC addresses, in order of the times they had it.
#[derive(Debug, Default)]
pub struct Holders {
    holders: Vec<Holder>,
    /// What each MAC address belongs to.
    called: BTreeMap<Mac, Mac>,
    /// There were more than are told apart: none is.
    over_limit: bool,
}

#[derive(Debug)]
struct Holder {
    mac: Mac,
    /// When it got the address: its first packet, its leases.
    since: Vec<Timestamp>,
    /// It got the address by lease.
    leased: bool,
}

impl Holders {
    /// Those of an address; none where it had only one device, or nobody can tell.
    pub(super) fn new(bindings: &Bindings, node: Node) -> Self {
        let links = bindings.links(node);
        // Somebody who only says by ARP that an address is his does not take it from who uses it.
        let is_used = links.iter().any(|link| link.carried.is_some());
        let is_reliable = !bindings.changes_macs(node);
        let holds = links.iter().filter(|link| {
            let has_it = link.carried.is_some() || !is_used;
            let is_told =
                || (link.is_direct() && link.speaks()) || (has_it && bindings.owns(link.mac, node));
            !link.leases.is_empty() || (is_reliable && is_told())
        });
        let mut since: BTreeMap<Mac, (Vec<Timestamp>, bool)> = BTreeMap::new();
        for link in holds {
            let called = bindings.representative(node, link.mac);
            let (own, leased) = since.entry(called).or_default();
            own.extend(&link.leases);
            own.extend(link.between.map(|(first, _)| first));
            *leased |= !link.leases.is_empty();
        }
        // More devices than any address sees in its life are a flood of lies.
        if since.len() < 2 || since.len() > TENANTS_MAX {
            return Self { over_limit: since.len() > TENANTS_MAX, ..Self::default() };
        }
        let mut holders: Vec<Holder> = Vec::new();
        for (mac, (mut since, leased)) in since {
            since.sort_unstable();
            holders.push(Holder { mac, since, leased });
        }
        holders.sort_by(|a, b| a.since.cmp(&b.since).then(a.mac.cmp(&b.mac)));
        let called = links.iter().map(|link| (link.mac, bindings.representative(node, link.mac)));
        Self { holders, called: called.collect(), over_limit: false }
    }

    /// What each MAC address belongs to.
    pub fn called(&self) -> &BTreeMap<Mac, Mac> {
        &self.called
    }

    /// True when there were more devices than are told apart.
    pub fn is_over_limit(&self) -> bool {
        self.over_limit
    }

    /// Whether the device that is called so got the address by lease.
    pub fn is_leased(&self, mac: Option<Mac>) -> bool {
        self.holders.iter().any(|holder| Some(holder.mac) == mac && holder.leased)
    }

    /// The holder that a fact is about: the one it came from, else the one that got the address last before it.
    pub fn of(&self, ground: &Ground) -> Option<Mac> {
        self.at(ground.at, ground.mac)
    }

    /// The holder at a time, seen from a MAC address.
    pub(super) fn at(&self, at: Timestamp, mac: Option<Mac>) -> Option<Mac> {
        let mac = mac.map(|mac| self.called.get(&mac).copied().unwrap_or(mac));
        let sent = self.holders.iter().find(|holder| Some(holder.mac) == mac);
        let latest = || {
            let before = self.holders.iter().filter_map(|holder| {
                let since = holder.since.iter().rev().find(|since| **since <= at)?;
                Some((since, holder))
            });
            before.max_by_key(|(since, holder)| (**since, holder.mac)).map(|(_, holder)| holder)
        };
        sent.or_else(latest).or(self.holders.first()).map(|holder| holder.mac)
    }
}

/// The devices that had one address.
#[derive(Debug, Default)]
pub struct Tenancy {
    /// By their numbers.
    pub tenants: Vec<Stay>,
    /// Where one followed the other at the same MAC address or behind the same router, in order of time.
    pub handovers: Vec<Handover>,
    /// By which of its MAC addresses the device is called that has one.
    pub called: BTreeMap<Mac, Mac>,
}

/// One device at one address.
#[derive(Clone, Debug)]
pub struct Stay {
    /// The MAC address it is called by, where that told it from the others.
    pub mac: Option<Mac>,
    /// It got the address by lease.
    pub leased: bool,
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
        let mac = mac.map(|mac| self.called(mac));
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

    /// Whether a device got the address by lease.
    pub(super) fn is_leased(&self, number: u32) -> bool {
        self.stay(number).is_some_and(|stay| stay.leased)
    }

    /// One of the devices that had the address.
    pub(super) fn stay(&self, number: u32) -> Option<&Stay> {
        usize::try_from(number).ok().and_then(|at| self.tenants.get(at))
    }

    /// The MAC address by which the device is called that has this one.
    pub(super) fn called(&self, mac: Mac) -> Mac {
        self.called.get(&mac).copied().unwrap_or(mac)
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
