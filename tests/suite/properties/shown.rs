//! What an inventory shows of devices, in a form in which less is a part of more.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use nameplate::model::{
    Asset, Certainty, Claim, Event, Field, Happening, Mac, Node, Scope, SignatureId, Unit,
};

use crate::traffic::{Shot, is_place_at, packet_of};

/// The claims, devices and events of an inventory.
pub(super) struct Shown {
    claims: BTreeSet<Said>,
    /// The addresses of each device.
    addresses: Vec<BTreeSet<String>>,
    /// The MAC addresses of routers.
    routers: BTreeSet<String>,
    /// The IP addresses that several devices had.
    shared: BTreeSet<IpAddr>,
    /// What was claimed where.
    values: BTreeSet<(String, Field, String)>,
    happened: BTreeSet<Happened>,
    /// Where a program plays a device.
    played: BTreeSet<String>,
}

/// A claim.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Said {
    subject: String,
    field: Field,
    value: String,
    certainty: Certainty,
    by: SignatureId,
}

/// An event.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Happened {
    name: String,
    what: What,
    /// The addresses of the device, each with the part of it.
    places: BTreeSet<String>,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum What {
    /// Who did it; or of a part, what was there and what is there now.
    Words(BTreeSet<String>),
    /// A field, what was said before, what is said now.
    Changed(Field, String, String),
    /// Several devices had one of these addresses. Which ones is told in the words of identities, and these get weaker
    /// with what is lost: without its serial number a device is known by its MAC address.
    Shared(BTreeSet<IpAddr>),
}

impl Shown {
    pub(super) fn of(assets: &[Arc<Asset>]) -> Self {
        let mut claims = BTreeSet::new();
        let mut values = BTreeSet::new();
        let mut happened = BTreeSet::new();
        let mut played = BTreeSet::new();
        let mut owners: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for asset in assets {
            let parts = asset.modules.iter().map(|module| (Some(&module.path), &module.nameplate));
            for (part, plate) in parts.chain([(None, &asset.nameplate)]) {
                for claim in plate.claims.values().flatten() {
                    claims.insert(said(claim));
                    if tells_a_player(&claim.by) {
                        played.extend(places(asset, part));
                    }
                    let there = places(asset, part).into_iter();
                    values.extend(there.map(|at| (at, claim.field, claim.value.to_string())));
                }
            }
            happened.extend(asset.events.iter().map(|event| happening(asset, event)));
            for ip in &asset.ips {
                *owners.entry(*ip).or_default() += 1;
            }
        }
        let routers = assets.iter().flat_map(|asset| addresses(asset, [], &asset.reached_through));
        Self {
            claims,
            addresses: assets.iter().map(|one| addresses(one, &one.ips, &one.macs)).collect(),
            routers: routers.collect(),
            shared: owners.into_iter().filter(|(_, of)| *of > 1).map(|(ip, _)| ip).collect(),
            values,
            happened,
            played,
        }
    }

    /// Claims that are here and not in the whole.
    pub(super) fn claims_beyond<'a>(
        &'a self,
        whole: &'a Self,
        passed_over: &'a impl Fn(IpAddr) -> bool,
    ) -> impl Iterator<Item = String> + 'a {
        let more = self.claims.difference(&whole.claims);
        let more = more.filter(move |claim| !host(&claim.subject).is_some_and(passed_over));
        let strange = more.filter(|claim| !whole.claims.iter().any(|all| covers(all, claim)));
        let honest = strange.filter(|claim| !whole.is_played(&claim.subject));
        honest.filter(|claim| !MAY_SPEAK.contains(&&*claim.by)).map(|claim| {
            let Said { subject, field, value, certainty, by } = claim;
            let same = |all: &&Said| all.subject == *subject && all.field == *field;
            let known: Vec<String> = whole
                .claims
                .iter()
                .filter(same)
                .map(|all| format!("{} ({:?} {})", all.value, all.certainty, all.by))
                .collect();
            format!("added claim {subject} {field} = {value} ({certainty:?} {by}), was {known:?}")
        })
    }

    /// Events that are here, and follow from nothing in the whole.
    pub(super) fn events_beyond<'a>(
        &'a self,
        whole: &'a Self,
        senders: &'a Senders,
    ) -> impl Iterator<Item = String> + 'a {
        let more = self.happened.iter().filter(|event| !whole.explains(event, senders));
        more.map(|event| format!("added event {event:?}"))
    }

    /// Devices here that have the addresses of several in the whole. That a MAC address is a router's is told by the other
    /// hosts behind it, which may be lost.
    pub(super) fn joined_beyond<'a>(
        &'a self,
        whole: &'a Self,
        senders: &'a Senders,
    ) -> impl Iterator<Item = String> + 'a {
        let beyond_sense = |one: &String| host(one).is_some_and(|ip| senders.are_beyond_sense(ip));
        let with_sense = self.addresses.iter().filter(move |one| !one.iter().any(beyond_sense));
        with_sense.filter_map(|here| {
            let own: BTreeSet<String> = here.difference(&whole.routers).cloned().collect();
            let touched: Vec<_> =
                whole.addresses.iter().filter(|all| !own.is_disjoint(all)).collect();
            let known: BTreeSet<String> = own
                .iter()
                .filter(|one| touched.iter().any(|all| all.contains(*one)))
                .cloned()
                .collect();
            let fits = known.is_empty() || touched.iter().any(|all| known.is_subset(all));
            (!fits).then(|| format!("a device at {here:?}, which was {touched:?}"))
        })
    }

    /// True of a device that a program plays: it says all that the device does, and its own name, or a limit that no device
    /// has, in one answer only. Where that was lost, it is what it plays.
    fn is_played(&self, subject: &str) -> bool {
        let played = self.claims.iter().filter(|claim| tells_a_player(&claim.by));
        let mut places = played.map(|claim| &*claim.subject);
        places.any(|place| place == subject || is_place_at(place, subject))
    }

    /// True when this happened, when it skips what was between, from the first mode to the third, or when it only says that
    /// several devices had an address that several are known to have had.
    fn explains(&self, event: &Happened, senders: &Senders) -> bool {
        let same = |all: &&Happened| all.name == event.name && is_there(all, event);
        match &event.what {
            What::Words(words) => {
                let known = self.happened.iter().filter(same).filter_map(|all| match &all.what {
                    What::Words(words) => Some(words),
                    _ => None,
                });
                let known: BTreeSet<&String> = known.flatten().collect();
                words.iter().all(|word| known.contains(word))
            }
            What::Changed(..) if !self.played.is_disjoint(&event.places) => true,
            What::Changed(field, from, to) => event.places.iter().any(|place| {
                let claimed =
                    |value: &String| self.values.contains(&(place.clone(), *field, value.clone()));
                claimed(from) && claimed(to)
            }),
            What::Shared(ips) => {
                let is_shared = |ip: &IpAddr| self.shared.contains(ip) || senders.are_several(*ip);
                self.happened.iter().any(|all| same(&all)) || ips.iter().any(is_shared)
            }
        }
    }
}

/// From which MAC addresses the packets of each IP address came.
pub(super) struct Senders(BTreeMap<IpAddr, BTreeSet<Mac>>);

impl Senders {
    pub(super) fn of(shots: &[Shot]) -> Self {
        let mut senders: BTreeMap<IpAddr, BTreeSet<Mac>> = BTreeMap::new();
        for packet in shots.iter().map(packet_of) {
            if let Some((net, mac)) = packet.net.zip(packet.source) {
                senders.entry(net.source).or_default().insert(mac);
            }
        }
        Self(senders)
    }

    /// Whether there were several: that these are one device's, a switch with ports of its own, may have been told by what
    /// was lost.
    fn are_several(&self, ip: IpAddr) -> bool {
        self.0.get(&ip).is_some_and(|macs| macs.len() > 1)
    }

    /// True when some of these are.
    pub(super) fn are_any_beyond_sense(&self) -> bool {
        self.0.keys().any(|ip| self.are_beyond_sense(*ip))
    }

    /// True of addresses of which packets come from any MAC address, as tests of other programs make them up for each
    /// packet: no device can be told by it.
    pub(super) fn are_beyond_sense(&self, ip: IpAddr) -> bool {
        self.0.get(&ip).is_some_and(|macs| macs.len() > MACS_WITH_SENSE_MAX)
    }
}

fn said(claim: &Claim) -> Said {
    Said {
        subject: claim.subject.to_string(),
        field: claim.field,
        value: claim.value.to_string(),
        certainty: claim.certainty,
        by: Arc::clone(&claim.by),
    }
}

fn happening(asset: &Asset, event: &Event) -> Happened {
    let words = || event.words().split(" -> ").map(str::to_owned).collect();
    let what = match &event.what {
        Happening::Changed { field, from, to } => {
            What::Changed(*field, from.to_string(), to.to_string())
        }
        Happening::Replaced { .. } if event.module.is_none() => What::Shared(asset.ips.clone()),
        Happening::Contested { address, .. } => What::Shared(host(address).into_iter().collect()),
        Happening::Replaced { .. } | Happening::Told => What::Words(words()),
    };
    let places = places(asset, event.module.as_ref());
    Happened { name: event.name().into(), what, places }
}

/// The addresses of a device, each with the part of it.
fn places(asset: &Asset, part: Option<&Unit>) -> BTreeSet<String> {
    let addresses = addresses(asset, &asset.ips, &asset.macs).into_iter();
    addresses.map(|address| format!("{address} {part:?}")).collect()
}

/// Addresses in all scopes of a device.
fn addresses<'a>(
    asset: &Asset,
    ips: impl IntoIterator<Item = &'a IpAddr>,
    macs: impl IntoIterator<Item = &'a Mac>,
) -> BTreeSet<String> {
    let (ips, macs): (Vec<_>, Vec<_>) = (ips.into_iter().collect(), macs.into_iter().collect());
    let in_scope = |scope: &Scope| {
        let ips = ips.iter().map(|ip| Node::ip(*scope, **ip).to_string());
        ips.chain(macs.iter().map(|mac| Node::mac(*scope, **mac).to_string())).collect::<Vec<_>>()
    };
    asset.scopes.iter().flat_map(in_scope).collect()
}

/// The IP address of what begins with the name of a node.
fn host(name: &str) -> Option<IpAddr> {
    name.split(' ').next()?.parse().ok()
}

/// True when two events are of one place. What happened to a module of an S7 station is told of the address where its place
/// was lost.
fn is_there(whole: &Happened, part: &Happened) -> bool {
    let is_module_of = |address: &str| {
        let mut units = whole.places.iter().filter_map(|place| place.strip_prefix(address));
        units.any(|unit| unit.starts_with(" Some(Unit([Rack("))
    };
    !whole.places.is_disjoint(&part.places)
        || part.places.iter().filter_map(|place| place.strip_suffix(" None")).any(is_module_of)
}

/// True of the rules that tell a program which plays a device.
fn tells_a_player(by: &str) -> bool {
    by.starts_with("snap7-server") || by == "conpot-s7"
}

/// True when a claim may stand where the whole makes another: it is a part of it, or, said with less certainty, the same
/// and more words. What a module of an S7 station says is said of the address where its place was lost.
fn covers(whole: &Said, part: &Said) -> bool {
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (a, b) = (letters(&whole.value), letters(&part.value));
    (whole.subject == part.subject || is_place_at(&whole.subject, &part.subject))
        && whole.field == part.field
        && (whole.certainty >= part.certainty && a.contains(&b)
            || whole.certainty > part.certainty && b.contains(&a))
}

/// A device and the one that took its place have no more; a host of so many teamed cards is rare.
const MACS_WITH_SENSE_MAX: usize = 2;
/// Rules that may say something else when less was seen.
const MAY_SPEAK: &[&str] = &[
    // The maker of a network card is a hint for each address that was seen; which of several was first may be lost.
    "mac-organisation",
    "arp-organisation",
    // A name that was asked for and refused: the refusal may be lost. It never passes a name that was granted.
    "nbns-requested-name",
    // Who both asks and answers is shown as what answers.
    "modbus-client",
    "role-poller",
];
