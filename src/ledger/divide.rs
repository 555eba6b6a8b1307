//! Facts of an address that several devices had are divided among them, and interpreted for each alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fingerprint::Signatures;
use crate::inventory::{Handover, Holders, Inventory, Place, Stay, Tenancy, Tenant};
use crate::ledger::record::{Arrival, Record, events, slots_without_module};
use crate::ledger::runs::Runs;
use crate::ledger::tell;
use crate::ledger::working::Working;
use crate::model::{Counters, Event, Ground, Happening, Mac, Node, Subject};

/// Divides what is known of one address anew, and interprets it.
pub(super) fn divide(
    node: Node,
    records: &BTreeMap<Subject, Record>,
    inventory: &mut Inventory,
    signatures: &Signatures,
    counters: &mut Counters,
) {
    let own = Subject::node(node);
    let about = || records.range(&own..).take_while(|(subject, _)| subject.node == node);
    let mut shares = Shares::new(records.get(&own), inventory.holders(node), signatures);
    if shares.is_over_limit() {
        counters.one("ledger.tenants_over_limit");
    }
    let tenancy = shares.tenancy(about().flat_map(|(_, record)| record.history()), inventory, node);
    if tenancy.tenants.len() < 2 && !inventory.is_divided(node) {
        return;
    }
    let stays: Vec<Stay> = tenancy.tenants.clone();
    inventory.divide(node, tenancy);
    for (subject, record) in about() {
        let mut parts: BTreeMap<u32, Vec<Arc<Ground>>> = BTreeMap::new();
        for ground in record.history() {
            parts.entry(shares.number(ground)).or_default().push(Arc::clone(ground));
        }
        for (number, grounds) in parts {
            let place = Place { tenant: Tenant { node, number }, unit: subject.unit.clone() };
            interpret(&place, subject, &grounds, inventory, signatures, counters);
        }
    }
    for (number, stay) in (0_u32..).zip(stays) {
        let place = Place { tenant: Tenant { node, number }, unit: None };
        inventory.stayed(&place, stay.first, stay.last);
    }
}

/// What follows from the facts of one device, or one part of it.
fn interpret(
    place: &Place,
    subject: &Subject,
    grounds: &[Arc<Ground>],
    inventory: &mut Inventory,
    signatures: &Signatures,
    counters: &mut Counters,
) {
    grounds.iter().for_each(|ground| inventory.put(place, ground));
    let mut current: Vec<Arc<Ground>> = Vec::new();
    let mut replaced: Vec<Event> = Vec::new();
    if place.unit.is_some() {
        // A module can be changed while its chassis stays: its plate is that of the last one.
        let runs = Runs::find(grounds, signatures);
        if runs.is_over_limit() {
            counters.one("ledger.tenants_over_limit");
        }
        let last = runs.last_device();
        let of_last = grounds.iter().filter(|one| runs.device_at((one.at, one.frame)) == last);
        current.extend(of_last.cloned());
        replaced.extend(runs.handovers().map(|(_, _, before, ground)| Event {
            module: place.unit.clone(),
            what: Happening::Replaced {
                from: format!("serial {}", before.value).into(),
                to: format!("serial {}", ground.value).into(),
            },
            ground: Arc::clone(ground),
            before: Some(Arc::clone(before)),
        }));
    } else {
        current.extend(grounds.iter().cloned());
    }
    let (_, outcomes) = Working::through(&current, signatures, counters);
    outcomes.into_iter().for_each(|outcome| tell(inventory, place, subject, outcome));
    replaced.into_iter().for_each(|event| inventory.changed(place, event));
    inventory.happened(place, events(grounds));
    inventory.without_module(place, slots_without_module(grounds));
}

/// How the facts of one address are shared out.
struct Shares {
    holders: Holders,
    /// Runs of serial numbers of each holder.
    runs: BTreeMap<Option<Mac>, Runs>,
    /// Number of each device: a holder, and one of those with its MAC address.
    numbers: BTreeMap<(Option<Mac>, usize), u32>,
}

impl Shares {
    fn new(record: Option<&Record>, holders: Holders, signatures: &Signatures) -> Self {
        let mut by_holder: BTreeMap<Option<Mac>, Vec<Arc<Ground>>> = BTreeMap::new();
        for ground in record.into_iter().flat_map(Record::history) {
            by_holder.entry(holders.of(ground)).or_default().push(Arc::clone(ground));
        }
        let runs: BTreeMap<Option<Mac>, Runs> = by_holder
            .into_iter()
            .map(|(holder, grounds)| (holder, Runs::find(&grounds, signatures)))
            .collect();
        Self { holders, runs, numbers: BTreeMap::new() }
    }

    fn is_over_limit(&self) -> bool {
        self.holders.is_over_limit() || self.runs.values().any(Runs::is_over_limit)
    }

    /// Numbers the devices in order of their first facts.
    fn tenancy<'a>(
        &mut self,
        grounds: impl Iterator<Item = &'a Arc<Ground>>,
        inventory: &Inventory,
        node: Node,
    ) -> Tenancy {
        let mut shares: BTreeMap<(Option<Mac>, usize), Vec<&Arc<Ground>>> = BTreeMap::new();
        for ground in grounds {
            shares.entry(self.share(ground)).or_default().push(ground);
        }
        let moment = |ground: &&&Arc<Ground>| -> Arrival { (ground.at, ground.frame) };
        let mut stays: Vec<((Option<Mac>, usize), Stay)> = shares
            .into_iter()
            .filter_map(|(share, grounds)| {
                let (began, ended) =
                    (grounds.iter().min_by_key(moment)?, grounds.iter().max_by_key(moment)?);
                let since: BTreeSet<_> = grounds.iter().map(|ground| ground.at).collect();
                let stay = Stay {
                    mac: share.0,
                    leased: self.holders.is_leased(share.0),
                    first: began.at,
                    last: ended.at,
                    began: Arc::clone(began),
                    ended: Arc::clone(ended),
                    since: since.into_iter().collect(),
                };
                Some((share, stay))
            })
            .collect();
        stays.sort_by_key(|(share, stay)| (stay.began.at, stay.began.frame, *share));
        self.numbers = (0_u32..).zip(&stays).map(|(number, (share, _))| (*share, number)).collect();
        let number = |share: (Option<Mac>, usize)| self.numbers.get(&share).copied().unwrap_or(0);
        let handovers = self.runs.iter().flat_map(|(holder, runs)| {
            runs.handovers().map(|(from, to, before, ground)| Handover {
                from: number((*holder, from)),
                to: number((*holder, to)),
                before: Arc::clone(before),
                ground: Arc::clone(ground),
            })
        });
        let mut handovers: Vec<Handover> = handovers.collect();
        handovers.sort_by_key(|handover| (handover.ground.at, handover.ground.frame));
        let mut tenants: Vec<Stay> = stays.into_iter().map(|(_, stay)| stay).collect();
        extend(&mut tenants, self.holders.called(), inventory, node);
        Tenancy { tenants, handovers, called: self.holders.called().clone() }
    }

    fn share(&self, ground: &Ground) -> (Option<Mac>, usize) {
        let holder = self.holders.of(ground);
        let runs = self.runs.get(&holder);
        (holder, runs.map_or(0, |runs| runs.device_at((ground.at, ground.frame))))
    }

    fn number(&self, ground: &Ground) -> u32 {
        self.numbers.get(&self.share(ground)).copied().unwrap_or(0)
    }
}

/// Packets without news make a stay longer: those from the device's own MAC address, and where that is not known, those of
/// the address for the first and the last device that had it.
fn extend(tenants: &mut [Stay], called: &BTreeMap<Mac, Mac>, inventory: &Inventory, node: Node) {
    for stay in tenants.iter_mut() {
        let own = called.iter().filter(|(_, called)| Some(**called) == stay.mac);
        for (first, last) in own.filter_map(|(mac, _)| inventory.between(node, Some(*mac))) {
            (stay.first, stay.last) = (stay.first.min(first), stay.last.max(last));
        }
    }
    let macs: BTreeSet<Mac> = tenants.iter().filter_map(|stay| stay.mac).collect();
    let seen = |mac: &Mac| inventory.between(node, Some(*mac)).is_some();
    let Some((first, last)) = inventory.between(node, None).filter(|_| !macs.iter().any(seen))
    else {
        return;
    };
    if let Some(stay) = tenants.iter_mut().min_by_key(|stay| stay.first) {
        stay.first = stay.first.min(first);
    }
    if let Some(stay) = tenants.iter_mut().max_by_key(|stay| stay.last) {
        stay.last = stay.last.max(last);
    }
}
