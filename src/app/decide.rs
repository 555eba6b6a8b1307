//! What a person decides about devices: found by name, checked, and put into the words in which a store keeps it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::scan::Scanned;
use crate::app::{AppError, explain};
use crate::export::display_name;
use crate::fingerprint::{Vocabulary, distance};
use crate::model::decision::{are_of, is_of};
use crate::model::limits::{DECISIONS_PER_COMMAND_MAX, TEXT_BYTES_MAX};
use crate::model::{
    Anchor, Asset, Book, Decision, Deed, Fate, Field, Module, Nameplate, Node, Ruling, Timestamp,
    Unit,
};

/// The device that `what` names. Fails with a list of candidates when there are several, and of similar ones when there is
/// none.
pub(super) fn one<'a>(known: &'a Scanned, what: &'a str) -> Result<&'a Arc<Asset>, AppError> {
    let found: Vec<&Arc<Asset>> = explain::assets(known, what).collect();
    match &*found {
        [one] => Ok(one),
        [] => Err(AppError::NotFound(unknown(known, what))),
        several => {
            let list = candidates(several.iter().copied());
            Err(AppError::NotFound(format!(
                "{what} can mean {} devices: give an identifier, or an address with its VLAN\n{list}",
                several.len()
            )))
        }
    }
}

/// These devices are one.
pub(super) fn merge(known: &Scanned, whats: &[String]) -> Result<Vec<Deed>, AppError> {
    let assets: Vec<&Arc<Asset>> =
        whats.iter().map(|what| one(known, what)).collect::<Result<_, _>>()?;
    let standing = known.run.decisions.standing();
    let mut rulings: Vec<Ruling> = Vec::new();
    for (at, (asset, what)) in assets.iter().zip(whats).enumerate() {
        for (number, (other, before)) in assets.iter().zip(whats).take(at).enumerate() {
            if other.id == asset.id {
                return Err(AppError::NotFound(format!(
                    "{before} and {what} are one device already: {}",
                    display_name(asset)
                )));
            }
            // What was decided to be apart before must be taken together again, pair by pair.
            rulings.extend(standing.iter().filter_map(|decision| match &decision.ruling {
                Ruling::Apart(a, b) if are_of(a, b, asset, other) => Some(Ruling::Together(*a, *b)),
                _ => None,
            }));
            if number == 0 {
                let pair = first(known, other).zip(first(known, asset));
                rulings.extend(pair.map(|(a, b)| Ruling::Together(a, b)));
            }
        }
    }
    deeds(rulings)
}

/// These addresses of a device are another device.
pub(super) fn split(
    known: &Scanned,
    what: &str,
    addresses: &[String],
) -> Result<Vec<Deed>, AppError> {
    let asset = one(known, what)?;
    let all = anchors(known, asset);
    let mut moved: Vec<Anchor> = Vec::new();
    for address in addresses {
        let named: Vec<Anchor> =
            all.iter().filter(|anchor| is_called(&anchor.node, address)).copied().collect();
        if named.is_empty() {
            let own = list_of(&all);
            return Err(AppError::NotFound(format!(
                "{address} is no address of {}; it has {own}",
                display_name(asset)
            )));
        }
        moved.extend(named);
    }
    moved.sort_unstable();
    moved.dedup();
    let remaining: Vec<Anchor> =
        all.iter().filter(|anchor| !moved.contains(anchor)).copied().collect();
    let Some((leader, followers)) = moved.split_first().filter(|_| !remaining.is_empty()) else {
        return Err(AppError::NotFound(format!(
            "nothing would remain of {}: name some of its addresses, not all of {}",
            display_name(asset),
            list_of(&all)
        )));
    };
    let standing = known.run.decisions.standing();
    let mut rulings = Vec::new();
    for here in &moved {
        for there in &remaining {
            rulings.extend(apart(*here, *there, &standing));
        }
    }
    rulings.extend(followers.iter().map(|anchor| Ruling::Together(*leader, *anchor)));
    rulings.retain(|ruling| !standing.iter().any(|decision| decision.ruling == *ruling));
    deeds(rulings)
}

/// What a person says of a device.
pub(super) struct Statement<'a> {
    /// The device.
    pub(super) what: &'a str,
    /// A part of it, as screens show it.
    pub(super) module: Option<&'a str>,
    /// `FIELD=VALUE`, each.
    pub(super) said: &'a [String],
    /// Take names that are not known as they are.
    pub(super) as_is: bool,
}

/// A device is what a person says.
pub(super) fn set(
    known: &Scanned,
    statement: &Statement<'_>,
    vocabulary: &Vocabulary,
) -> Result<Vec<Deed>, AppError> {
    let asset = one(known, statement.what)?;
    let part = statement.module.map(|path| module(asset, path)).transpose()?;
    let mut rulings = Vec::new();
    for text in statement.said {
        let (field, value) = said(text)?;
        let value = match field {
            Field::Vendor if !value.is_empty() && !statement.as_is => vendor(value, vocabulary)?,
            _ => value,
        };
        let rulings_before = rulings.len();
        for (anchor, unit) in targets(known, asset, part, field) {
            rulings.push(Ruling::Set { anchor, unit, field, value: value.into() });
        }
        let plate = part.map_or(&asset.nameplate, |module| &module.nameplate);
        if value.is_empty() && stated(plate, field).is_none() {
            return Err(AppError::NotFound(format!(
                "nobody has stated the {field} of {}: there is nothing to take back",
                statement.what
            )));
        }
        if rulings.len() == rulings_before {
            return Err(AppError::NotFound(format!(
                "{} has no address that a decision could hold on to",
                statement.what
            )));
        }
    }
    deeds(rulings)
}

/// What was done under these numbers no longer counts.
pub(super) fn undo(book: &Book, numbers: &[u64]) -> Result<Vec<Deed>, AppError> {
    let fates: BTreeMap<u64, Fate> =
        book.lines().map(|(entry, fate)| (entry.number, fate)).collect();
    let mut deeds = Vec::new();
    for number in numbers {
        match fates.get(number) {
            None => {
                return Err(AppError::NotFound(format!(
                    "there is no decision {number}: nameplate assets decisions lists them"
                )));
            }
            Some(Fate::Undone(by)) => {
                return Err(AppError::NotFound(format!(
                    "decision {number} is undone already, by decision {by}: undo that to bring it back"
                )));
            }
            Some(Fate::Stands | Fate::Overruled(_)) if !deeds.contains(&Deed::Undid(*number)) => {
                deeds.push(Deed::Undid(*number));
            }
            Some(_) => {}
        }
    }
    Ok(deeds)
}

/// The maker as the vocabulary spells it.
fn vendor<'a>(value: &'a str, vocabulary: &'a Vocabulary) -> Result<&'a str, AppError> {
    vocabulary.vendor(value).ok_or_else(|| {
        let nearest = vocabulary.nearest_vendor(value);
        let nearest = nearest.map(|name| format!(", the nearest is {name:?}")).unwrap_or_default();
        AppError::NotFound(format!(
            "no vendor is spelled {value:?}{nearest}; advisories are found by spelling, --as-is takes it as it is"
        ))
    })
}

fn said(text: &str) -> Result<(Field, &str), AppError> {
    let usage = |what: String| {
        let names: Vec<&str> = STATED.iter().map(|field| field.name()).collect();
        AppError::Usage(format!("{what}: write FIELD=VALUE, with one of {}", names.join(", ")))
    };
    let (name, value) = text.split_once('=').ok_or_else(|| usage(format!("{text:?} has no =")))?;
    let folded = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let field = Field::named(&folded).filter(|field| STATED.contains(field));
    let field = field.ok_or_else(|| usage(format!("{name:?} is no field that can be stated")))?;
    let value = value.trim();
    if value.len() > TEXT_BYTES_MAX || value.contains(char::is_control) {
        return Err(AppError::Usage(format!(
            "the {field} must be one line of at most {TEXT_BYTES_MAX} bytes"
        )));
    }
    Ok((field, value))
}

/// The part of a device at a path, as screens show it.
fn module<'a>(asset: &'a Asset, path: &str) -> Result<&'a Module, AppError> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = words(path);
    let same = |module: &&Module| words(&module.path.to_string()).eq_ignore_ascii_case(&wanted);
    asset.modules.iter().find(same).ok_or_else(|| {
        let paths = asset.modules.iter().take(CANDIDATES_SHOWN_MAX);
        let paths: Vec<String> = paths.map(|module| module.path.to_string()).collect();
        let has = if paths.is_empty() { "no parts".to_owned() } else { paths.join(", ") };
        AppError::NotFound(format!("{} has no part at {path:?}; it has {has}", display_name(asset)))
    })
}

/// Where a statement about a field goes. One that stands already is followed by the next at the same place, so that the
/// later one counts. What is said of a device that is known by its only unit is said of that unit, too.
fn targets(
    known: &Scanned,
    asset: &Asset,
    part: Option<&Module>,
    field: Field,
) -> Vec<(Anchor, Option<Unit>)> {
    let standing = known.run.decisions.standing();
    let is_meant = |unit: Option<&Unit>| match part {
        Some(module) => unit == Some(&module.path),
        None => unit.is_none() || only_unit(asset).map(|module| &module.path) == unit,
    };
    let before = standing.iter().filter_map(|decision| match &decision.ruling {
        Ruling::Set { anchor, unit, field: of, .. } if *of == field && is_of(anchor, asset) => {
            is_meant(unit.as_ref()).then(|| (*anchor, unit.clone()))
        }
        _ => None,
    });
    let before: Vec<(Anchor, Option<Unit>)> = before.collect();
    if !before.is_empty() {
        return before;
    }
    let near = |plate: &Nameplate| {
        let claims = plate.claims.values().flatten();
        let first = claims.filter(|claim| claim.subject.unit.is_some()).min_by_key(|c| c.first);
        let node = first.map(|claim| claim.subject.node)?;
        anchors(known, asset).into_iter().find(|anchor| anchor.node == node)
    };
    match part {
        Some(module) => {
            let anchor = near(&module.nameplate).or_else(|| first(known, asset));
            anchor.map(|anchor| (anchor, Some(module.path.clone()))).into_iter().collect()
        }
        None => {
            let own = first(known, asset).map(|anchor| (anchor, None));
            let unit = only_unit(asset).and_then(|module| {
                let anchor = near(&module.nameplate).or_else(|| first(known, asset))?;
                Some((anchor, Some(module.path.clone())))
            });
            // Words of its own would hide what it says as its unit.
            let says_itself = asset.nameplate.claims.values().flatten();
            let mut telling = says_itself.filter(|claim| {
                matches!(claim.field, Field::Product | Field::Model) && claim.subject.unit.is_none()
            });
            let is_silent = unit.is_some() && telling.next().is_none();
            own.filter(|_| !is_silent).into_iter().chain(unit).collect()
        }
    }
}

/// The unit as which a device without a gateway answers.
fn only_unit(asset: &Asset) -> Option<&Module> {
    asset.modules.first().filter(|_| asset.is_its_only_unit())
}

/// The decision behind the value shown, if a person stated it.
fn stated(plate: &Nameplate, field: Field) -> Option<u64> {
    let claim = plate.claim(field)?;
    crate::model::decision::decided(claim).map(|(number, ..)| number)
}

/// Two sightings that shall be of two devices; as they were named where somebody decided the contrary before.
fn apart(here: Anchor, there: Anchor, standing: &[Decision]) -> Vec<Ruling> {
    let before = standing.iter().filter_map(|decision| match &decision.ruling {
        Ruling::Together(a, b) => {
            let nodes = [a.node, b.node];
            (nodes == [here.node, there.node] || nodes == [there.node, here.node])
                .then_some(Ruling::Apart(*a, *b))
        }
        _ => None,
    });
    let mut rulings: Vec<Ruling> = before.collect();
    if rulings.is_empty() {
        rulings.push(Ruling::Apart(here, there));
    }
    rulings
}

fn deeds(mut rulings: Vec<Ruling>) -> Result<Vec<Deed>, AppError> {
    let mut kept: Vec<Ruling> = Vec::new();
    rulings.retain(|ruling| {
        let is_new = !kept.contains(ruling);
        if is_new && kept.len() <= DECISIONS_PER_COMMAND_MAX {
            kept.push(ruling.clone());
        }
        is_new
    });
    if rulings.len() > DECISIONS_PER_COMMAND_MAX {
        return Err(AppError::NotFound(format!(
            "this takes {} decisions, more than {DECISIONS_PER_COMMAND_MAX}: do it in steps",
            rulings.len()
        )));
    }
    Ok(rulings.into_iter().map(Deed::Ruled).collect())
}

/// Every address that a device had, with a time at which it had it; the earliest first.
fn anchors(known: &Scanned, asset: &Asset) -> Vec<Anchor> {
    let mut all: Vec<Anchor> = asset
        .bindings
        .iter()
        .map(|binding| Anchor { node: binding.node, at: binding.first })
        .collect();
    if all.is_empty() {
        let mut first: BTreeMap<Node, Timestamp> = BTreeMap::new();
        for observation in &known.observations {
            let anchor = Anchor { node: observation.subject.node, at: observation.at };
            if is_of(&anchor, asset) {
                let at = first.entry(anchor.node).or_insert(anchor.at);
                *at = anchor.at.min(*at);
            }
        }
        all = first.into_iter().map(|(node, at)| Anchor { node, at }).collect();
    }
    all.sort_by_key(|anchor| (anchor.at, anchor.node));
    all.dedup();
    all
}

/// The earliest sighting of a device.
pub(super) fn first(known: &Scanned, asset: &Asset) -> Option<Anchor> {
    anchors(known, asset).into_iter().next()
}

/// True when a person who writes `text` can mean this address: in any VLAN, when none is named.
fn is_called(node: &Node, text: &str) -> bool {
    node.to_string().eq_ignore_ascii_case(text.trim())
        || node.addr.to_string().eq_ignore_ascii_case(text.trim())
}

fn list_of(anchors: &[Anchor]) -> String {
    let mut names: Vec<String> = anchors.iter().map(|anchor| anchor.node.to_string()).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// What to say of a name that nothing has.
fn unknown(known: &Scanned, what: &str) -> String {
    let wanted = what.to_lowercase();
    let similar = known.assets.iter().filter(|asset| {
        let names = [Field::Name, Field::Model, Field::Product, Field::Serial];
        let mut texts: Vec<String> = names
            .iter()
            .filter_map(|field| asset.nameplate.value(*field))
            .map(str::to_lowercase)
            .collect();
        texts.extend(asset.ips.iter().map(ToString::to_string));
        texts.extend(asset.macs.iter().map(ToString::to_string));
        texts.iter().any(|text| {
            text.contains(&wanted) || distance(text, &wanted) <= wanted.chars().count() / 4
        })
    });
    let similar: Vec<&Arc<Asset>> = similar.take(CANDIDATES_SHOWN_MAX).collect();
    let hint = "give an identifier from assets list -o ndjson, an address or a name";
    if similar.is_empty() {
        return format!("no device here is called {what}: {hint}");
    }
    format!("no device here is called {what}: {hint}; similar are\n{}", candidates(similar))
}

/// One line for each, as many as a screen takes.
fn candidates<'a>(assets: impl IntoIterator<Item = &'a Arc<Asset>>) -> String {
    let mut lines: Vec<String> = assets
        .into_iter()
        .map(|asset| {
            let ips = asset.ips.iter().map(ToString::to_string);
            let macs = asset.macs.iter().map(ToString::to_string);
            let vlans = asset.scopes.iter().filter(|scope| scope.vlan != 0);
            let vlans = vlans.map(|scope| format!("vlan {}", scope.vlan));
            let places: Vec<String> = ips.chain(macs).chain(vlans).collect();
            format!("  {}  {}  {}", asset.id, display_name(asset), places.join(" "))
        })
        .collect();
    let more = lines.len().saturating_sub(CANDIDATES_SHOWN_MAX);
    lines.truncate(CANDIDATES_SHOWN_MAX);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}

/// Fields that a person may state: all but the mode, which is what a device is in now.
const STATED: &[Field] = &[
    Field::Vendor,
    Field::Product,
    Field::Model,
    Field::OrderNumber,
    Field::Series,
    Field::Serial,
    Field::Firmware,
    Field::Hardware,
    Field::Os,
    Field::OsBuild,
    Field::Name,
    Field::Domain,
    Field::Kind,
    Field::Role,
];

const CANDIDATES_SHOWN_MAX: usize = 10;
