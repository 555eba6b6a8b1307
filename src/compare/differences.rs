//! What differs between two sightings.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::pairs::{Pair, Tie};
use crate::compare::{Device, Difference, Happened, Judged, Kind, Plate, Said};
use crate::model::{AssetId, Field};

/// Tells what differs between the two sides of a pair; with zones, when those of both sides are known.
pub(super) fn of_pair<'a>(pair: &Pair<'a>, by_zone: bool, all: &mut Vec<Difference<'a>>) {
    let about = About::new(pair);
    match (pair.before, pair.after, pair.tie) {
        (None, Some(is), _) => {
            all.push(about.told(Kind::DeviceNew, "device", None, Some(is.plate.summary())));
            events(&about, &[], &is.events, all);
        }
        (Some(was), None, _) => {
            all.push(about.told(Kind::DeviceNotSeen, "device", Some(was.plate.summary()), None));
        }
        (Some(was), Some(is), Tie::Replaced(same_serial)) => {
            let (before, after) = (Some(was.plate.summary()), Some(is.plate.summary()));
            let told = about.told(Kind::DeviceReplaced, "device", before, after);
            all.push(Difference { same_serial, ..told });
            events(&about, &[], &is.events, all);
        }
        (Some(was), Some(is), Tie::Same) => of_one_device(&about, was, is, by_zone, all),
        (None, None, _) => {}
    }
}

/// Tells what differs between the verdicts about devices that are in both looks, and those about new ones. A device that
/// was not seen keeps its verdicts: nothing was learned about them.
pub(super) fn of_verdicts<'a>(
    pairs: &[Pair<'a>],
    was: &'a [Judged],
    is: &'a [Judged],
    all: &mut Vec<Difference<'a>>,
) {
    let (was, is) = (by_asset(was), by_asset(is));
    for pair in pairs.iter().filter(|pair| pair.after.is_some()) {
        let about = About::new(pair);
        // What took the place of another device did not get its flaws.
        let same = pair.before.filter(|_| pair.tie == Tie::Same);
        let of = |device: Option<&Device>, verdicts: &BTreeMap<AssetId, Vec<&'a Judged>>| {
            let own = device.and_then(|device| verdicts.get(&device.id));
            let own = own.into_iter().flatten().copied();
            own.map(|one| (flaw(one), one)).collect::<BTreeMap<_, _>>()
        };
        let (before, after) = (of(same, &was), of(pair.after, &is));
        for flaw in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (old, new) = (before.get(flaw), after.get(flaw));
            let (module, advisory, cve) = *flaw;
            let (old, new) = (old.map(|one| words(one)), new.map(|one| words(one)));
            let kind = match (&old, &new) {
                (Some(old), Some(new)) if old == new => continue,
                (Some(_), Some(_)) => Kind::VerdictChanged,
                (None, _) => Kind::VerdictNew,
                (_, None) => Kind::VerdictClosed,
            };
            // What no advisory makes has one name for both.
            let what =
                if advisory == cve { advisory.to_owned() } else { format!("{advisory} {cve}") };
            all.push(about.part(module).told(kind, &what, old, new));
        }
    }
}

/// Part, document and flaw.
type Flaw<'a> = (Option<&'a str>, &'a str, &'a str);

fn flaw(one: &Judged) -> Flaw<'_> {
    (one.module.as_deref(), &one.advisory, &one.cve)
}

fn by_asset(verdicts: &[Judged]) -> BTreeMap<AssetId, Vec<&Judged>> {
    let mut by_asset: BTreeMap<AssetId, Vec<&Judged>> = BTreeMap::new();
    verdicts.iter().for_each(|one| by_asset.entry(one.asset).or_default().push(one));
    by_asset
}

/// `affected, next`, `cannot tell: firmware version`.
fn words(one: &Judged) -> Said {
    let verdict = one.verdict.replace('_', " ");
    let value = match (&one.reason, &one.priority) {
        (Some(reason), _) => format!("{verdict}: {reason}"),
        (None, Some(priority)) => format!("{verdict}, {priority}"),
        (None, None) => verdict,
    };
    Said { value: value.into(), seen_in: Vec::new() }
}

/// What a difference is about.
#[derive(Clone, Copy)]
struct About<'a> {
    before: Option<&'a Device>,
    after: Option<&'a Device>,
    module: Option<&'a str>,
}

impl<'a> About<'a> {
    fn new(pair: &Pair<'a>) -> Self {
        Self { before: pair.before, after: pair.after, module: None }
    }

    fn part(self, module: Option<&'a str>) -> Self {
        Self { module, ..self }
    }

    fn told(self, kind: Kind, what: &str, was: Option<Said>, is: Option<Said>) -> Difference<'a> {
        let Self { before, after, module } = self;
        Difference {
            kind,
            before,
            after,
            module,
            talk: None,
            what: what.to_owned(),
            was,
            is,
            same_serial: None,
        }
    }
}

fn of_one_device<'a>(
    about: &About<'a>,
    was: &'a Device,
    is: &'a Device,
    by_zone: bool,
    all: &mut Vec<Difference<'a>>,
) {
    if was.id != is.id {
        let identity =
            |device: &Device| Some(Said { value: device.identity.clone(), ..Said::default() });
        all.push(about.told(Kind::DeviceIdentified, "identity", identity(was), identity(is)));
    }
    let mut own = Vec::new();
    fields(about, &was.plate, &is.plate, &mut own);
    let mut parts = Vec::new();
    modules(about, was, is, &mut parts);
    // The bridge in its own slot and the only unit of a device are the device seen from another side.
    parts.retain(|part| !own.iter().any(|known| is_said_twice(known, part)));
    all.append(&mut own);
    all.append(&mut parts);
    whereabouts(about, was, is, all);
    if by_zone && was.zone != is.zone {
        let said = |zone: &Option<Box<str>>| {
            zone.as_ref().map(|name| Said { value: name.clone(), ..Said::default() })
        };
        all.push(about.told(Kind::Moved, "zone", said(&was.zone), said(&is.zone)));
    }
    for protocol in is.protocols.difference(&was.protocols) {
        all.push(about.told(Kind::ProtocolNew, protocol, None, None));
    }
    for protocol in was.protocols.difference(&is.protocols) {
        all.push(about.told(Kind::ProtocolNotSeen, protocol, None, None));
    }
    events(about, &was.events, &is.events, all);
}

fn is_said_twice(own: &Difference<'_>, part: &Difference<'_>) -> bool {
    let value = |said: &Option<Said>| said.as_ref().map(|said| said.value.clone());
    let key = |one: &Difference<'_>| (one.kind, one.what.clone(), value(&one.was), value(&one.is));
    key(own) == key(part)
}

fn fields<'a>(about: &About<'a>, was: &Plate, is: &Plate, all: &mut Vec<Difference<'a>>) {
    let same_serial = was.same_serial(is);
    for field in Field::ALL {
        let (old, new) = (was.shown.get(field), is.shown.get(field));
        let is_version = matches!(field, Field::Firmware | Field::OsBuild);
        let kind = match (old, new) {
            (Some(old), Some(new)) if old.value == new.value => continue,
            (None, None) => continue,
            (Some(_), Some(_)) if is_version => Kind::VersionChanged,
            (Some(_), Some(_)) => Kind::FieldChanged,
            (None, Some(_)) => Kind::FieldKnown,
            (Some(_), None) => Kind::FieldNotSeen,
        };
        let told = about.told(kind, field.name(), old.cloned(), new.cloned());
        all.push(Difference { same_serial, ..told });
    }
}

fn modules<'a>(about: &About<'a>, was: &'a Device, is: &'a Device, all: &mut Vec<Difference<'a>>) {
    let paths: BTreeSet<&Box<str>> = was.modules.keys().chain(is.modules.keys()).collect();
    for path in paths {
        let about = about.part(Some(path));
        match (was.modules.get(path), is.modules.get(path)) {
            (Some(old), Some(new)) if old.same_serial(new) == Some(false) => {
                let (old, new) = (old.summary(), new.summary());
                let told = about.told(Kind::ModuleReplaced, "module", Some(old), Some(new));
                all.push(Difference { same_serial: Some(false), ..told });
            }
            (Some(old), Some(new)) => fields(&about, old, new, all),
            (None, Some(new)) => {
                all.push(about.told(Kind::ModuleNew, "module", None, Some(new.summary())));
            }
            (Some(old), None) => {
                all.push(about.told(Kind::ModuleNotSeen, "module", Some(old.summary()), None));
            }
            (None, None) => {}
        }
    }
}

/// Addresses, VLANs, sites. An address more is news about the device; one instead of another is a move.
fn whereabouts<'a>(about: &About<'a>, was: &Device, is: &Device, all: &mut Vec<Difference<'a>>) {
    fn texts<T: ToString>(items: &BTreeSet<T>) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }
    let lists = [
        ("ip", texts(&was.ips), texts(&is.ips)),
        ("mac", texts(&was.macs), texts(&is.macs)),
        ("vlan", texts(&was.vlans), texts(&is.vlans)),
        ("site", texts(&was.sites), texts(&is.sites)),
    ];
    for (what, old, new) in lists {
        let without = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|item| !other.contains(item)).cloned().collect()
        };
        let (lost, won) = (without(&old, &new), without(&new, &old));
        let between = if what == "site" { ", " } else { " " };
        let said =
            |list: &[String]| Some(Said { value: list.join(between).into(), ..Said::default() });
        match (lost.is_empty(), won.is_empty()) {
            (true, true) => {}
            (false, false) => all.push(about.told(Kind::Moved, what, said(&old), said(&new))),
            (true, false) => all.push(about.told(Kind::FieldKnown, what, None, said(&won))),
            (false, true) => all.push(about.told(Kind::FieldNotSeen, what, said(&lost), None)),
        }
    }
}

fn events<'a>(
    about: &About<'a>,
    was: &[Happened],
    is: &'a [Happened],
    all: &mut Vec<Difference<'a>>,
) {
    let known: BTreeSet<_> = was.iter().map(moment).collect();
    for event in is.iter().filter(|event| !known.contains(&moment(event))) {
        let about = about.part(event.module.as_deref());
        all.push(about.told(Kind::EventNew, &event.event, None, Some(event.said.clone())));
    }
}

/// An event is told once a minute; which frame of that minute tells it depends on what else was read.
fn moment(event: &Happened) -> (Option<&str>, &str, &str, &str) {
    let time = event.said.seen_in.first().map_or("", |place| &*place.time);
    let minute = time.get(..MINUTE_CHARACTERS).unwrap_or(time);
    (event.module.as_deref(), &event.event, &event.said.value, minute)
}

/// `2026-03-02T06:00`.
const MINUTE_CHARACTERS: usize = 16;
