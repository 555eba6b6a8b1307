//! An inventory as text, to compare: everything that it says, but not in which file and frame it was said. Evidence is
//! named by its time and its bytes instead.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use nameplate::advisory::Index;
use nameplate::assess::families::Families;
use nameplate::fingerprint::Signatures;
use nameplate::ledger::{Knowledge, Ledger};
use nameplate::model::{Asset, Claim, Ground, Nameplate, Unit};

use crate::replayed::{Heard, tell};

/// The devices that a ledger makes of what was heard.
pub(super) fn assets(heard: Heard) -> Vec<Arc<Asset>> {
    // Verdicts follow from devices and documents; here it is about devices, without either.
    let knowledge = Knowledge {
        signatures: SIGNATURES.clone(),
        families: Families::default(),
        advisories: Index::new(Vec::new()),
    };
    let mut ledger = Ledger::new(knowledge);
    tell(&mut ledger, heard);
    ledger.settle();
    ledger.assets()
}

/// What of an inventory is compared.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum With {
    /// All of it.
    Times,
    /// All but when something was last said, and when a binding was there: what says the same again is no news in one
    /// capture, and news again in the next one.
    Starts,
    /// All but when it was, and which facts claims rest on: for traffic in another order.
    NoTimes,
}

/// Everything that is said of the devices, one line for each thing, in order.
pub(super) fn lines(assets: &[Arc<Asset>], with: With) -> Vec<String> {
    assets.iter().flat_map(|asset| of_asset(asset, with)).collect()
}

/// The lines that only one of two inventories has.
pub(super) fn differences(what: &str, before: &[String], after: &[String]) -> Vec<String> {
    let missing = before.iter().filter(|line| !after.contains(line));
    let added = after.iter().filter(|line| !before.contains(line));
    let missing = missing.map(|line| format!("{what}: missing {line}"));
    let mut wrong: Vec<String> =
        missing.chain(added.map(|line| format!("{what}: added {line}"))).collect();
    if wrong.is_empty() && before != after {
        wrong.push(format!("{what}: the same lines in another order"));
    }
    wrong
}

fn of_asset(asset: &Asset, with: With) -> Vec<String> {
    let Asset { id, identity, scopes, ips, macs, protocols, .. } = asset;
    let (through, inner) = (&asset.reached_through, &asset.inner_ips);
    let mut lines = vec![format!(
        "{id} {identity} {scopes:?} {ips:?} {macs:?} {protocols:?} {through:?} {inner:?}{}",
        between(asset.first.0, asset.last.0, with)
    )];
    let name = |path: Option<&Unit>| {
        path.map_or_else(|| identity.to_string(), |path| format!("{identity} {path}"))
    };
    plate(&name(None), &asset.nameplate, with, &mut lines);
    for module in &asset.modules {
        let name = name(Some(&module.path));
        lines.push(format!("{name}{}", between(module.first.0, module.last.0, with)));
        plate(&name, &module.nameplate, with, &mut lines);
    }
    for vacancy in &asset.vacancies {
        let (name, ground) = (name(Some(&vacancy.path)), ground(&vacancy.ground, with));
        lines.push(format!("{name} is vacant, silent: {} {ground}", vacancy.silent));
    }
    for event in &asset.events {
        // The last fact that said how it was before: of the same words, a later one.
        let untimed = if with == With::Starts { With::NoTimes } else { with };
        let before = event.before.as_ref().map(|before| ground(before, untimed));
        let ground = ground(&event.ground, with);
        let (name, what) = (name(event.module.as_ref()), event.name());
        lines.push(format!("{name} {what} {} {ground} {before:?}", event.words()));
    }
    for binding in &asset.bindings {
        let between = match with {
            With::Starts => String::new(),
            _ => between(binding.first.0, binding.last.0, with),
        };
        let (node, mac) = (binding.node, binding.mac);
        lines.push(format!("{identity} was at {node} {mac:?}{between}"));
    }
    for join in &asset.joins {
        let grounds: Vec<String> = join.grounds.iter().map(|one| ground(one, with)).collect();
        let (a, b, by) = (join.a, join.b, &join.by);
        lines.push(format!("{identity} joins {a} and {b} by {by:?} {grounds:?}"));
    }
    if with == With::NoTimes {
        let (first, rest) = lines.split_at_mut(1);
        debug_assert_eq!(first.len(), 1, "the line of the device itself stays in front");
        rest.sort();
        // What happens again in another minute is told again.
        lines.dedup();
    }
    lines
}

fn plate(name: &str, plate: &Nameplate, with: With, lines: &mut Vec<String>) {
    for (field, claims) in &plate.claims {
        for (place, claim) in claims.iter().enumerate() {
            let Claim { subject, value, certainty, by, from, first, last, .. } = &**claim;
            // Without times nothing says which of several is shown, but that the strongest is.
            let place = if with == With::NoTimes { String::new() } else { place.to_string() };
            // A rule that takes any of several values of a key rests on the one said first, which is another one when
            // messages change places.
            let from: BTreeSet<String> = match with {
                With::Times | With::Starts => from.iter().map(|one| ground(one, with)).collect(),
                With::NoTimes => BTreeSet::new(),
            };
            let between = between(first.0, last.0, with);
            lines.push(format!(
                "{name} {field}{place} = {value} ({certainty:?} {by} of {subject}){between} {from:?}"
            ));
        }
    }
}

fn ground(ground: &Ground, with: With) -> String {
    let Ground { key, value, at, excerpt, .. } = ground;
    let bytes: String = excerpt.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match with {
        With::Times | With::Starts => format!("{key} = {value} at {} by {bytes}", at.0),
        With::NoTimes => format!("{key} = {value}"),
    }
}

fn between(first: i64, last: i64, with: With) -> String {
    match with {
        With::Times => format!(" from {first} to {last}"),
        With::Starts => format!(" from {first}"),
        With::NoTimes => String::new(),
    }
}

/// Read once: reading them takes longer than most captures.
static SIGNATURES: LazyLock<Signatures> = LazyLock::new(|| Signatures::embedded().unwrap());
