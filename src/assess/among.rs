//! Whether a version is among those that a document lists as affected.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::advisory::name::compact;
use crate::advisory::range::{self, Predicate, What};
use crate::assess::explain;
use crate::assess::leaf::Leaf;
use crate::assess::trains::{self, Place};
use crate::model::advisory::Stated;
use crate::model::finding::Why;
use crate::model::version::{Range, Scheme, Version};

/// Whether a version is among those affected.
#[derive(Clone, Debug)]
pub(super) enum Among {
    /// In a range; `open` when it has no upper end of its own, so that a named fix ends it.
    Yes { open: bool },
    /// In none; `before` when it is older than the first affected.
    No { before: bool },
    /// It depends; `open` as for yes, should it be one.
    Perhaps { why: Why, open: bool },
}

/// What a predicate keeps from being known.
pub(super) fn reason(predicate: Predicate) -> Why {
    match predicate {
        Predicate::Serial | Predicate::Date => Why::SerialNumber,
        Predicate::FunctionState => Why::HardwareRevision,
        Predicate::Configuration => Why::Configuration,
    }
}

/// One range of one leaf.
struct Item<'a> {
    leaf: usize,
    range: &'a Range,
    narrowed: Option<Predicate>,
    train: bool,
}

/// Whether a version is among those affected, and what says so.
#[derive(Debug)]
pub(super) struct Found {
    /// The answer.
    pub(super) among: Among,
    /// Which leaf gave it, as an index.
    pub(super) leaf: usize,
    /// The comparisons that did not settle it.
    pub(super) beside: Vec<String>,
    /// Those that did; the last is the sentence to show.
    pub(super) because: Vec<String>,
    /// Where a range without an end says yes: what keeps one with an end from being known to say it, too. No fix ends that one.
    pub(super) doubt: Option<Why>,
}

/// Whether a version is among those that the leaves list as affected.
pub(super) fn among(version: &Version, leaves: &[&Leaf<'_>]) -> Found {
    let mut found: Vec<(Among, usize, Vec<String>)> = Vec::new();
    let items = items(leaves, &mut found);
    let limits: Vec<&Version> = items
        .iter()
        .filter(|item| item.train)
        .filter_map(|item| Some(&item.range.to.as_ref()?.version))
        .collect();
    // Ranges with a lower end say themselves where their train begins; they only mark off the others.
    let parallel = items.iter().filter(|item| item.train && item.range.from.is_none()).count() > 1;
    let place = if limits.len() > 1 { Some(trains::place(version, &limits)) } else { None };
    let one_name = is_one_name(leaves, &items);
    let mut limit = 0_usize;
    for item in &items {
        let own = limit;
        limit = limit.saturating_add(usize::from(item.train));
        let plainly = in_range(version, item.range);
        let among = match (place, item.train) {
            (Some(place), true) if item.range.from.is_none() => {
                match (on_train(version, item.range, place, own, &limits, parallel), &plainly) {
                    // Limits of products with different names may be for variants that cannot be told apart.
                    (Among::No { .. }, Among::Yes { .. }) if !one_name => {
                        Among::Perhaps { why: Why::Model, open: false }
                    }
                    (among, _) => among,
                }
            }
            _ => plainly.clone(),
        };
        let among = match (among, item.narrowed) {
            (Among::Yes { open }, Some(predicate)) => {
                Among::Perhaps { why: reason(predicate), open }
            }
            (among, _) => among,
        };
        let leaf = leaves.get(item.leaf);
        let doubted = leaf.and_then(|leaf| restated(version, leaf, &plainly));
        let mut because = explain::comparison(version, item.range);
        because.extend(doubted.as_ref().and(leaf).map(|leaf| {
            format!(
                "{:?} and {:?} say different things of {}",
                leaf.product.version,
                leaf.product.full_name,
                version.raw()
            )
        }));
        let among = doubted.unwrap_or(among);
        if let Among::Perhaps { why, .. } = &among {
            because.extend(explain::doubt(*why, version));
        }
        found.push((among, item.leaf, because));
    }
    if let Some(first) = first_of_exact(version, &items, found.len()) {
        for (among, _, because) in &mut found {
            *among = Among::Perhaps { why: Why::FixedOnly, open: false };
            *because = vec![explain::older_than_exact(version, first)];
        }
    }
    let nearest = || explain::nearest(version, items.iter().map(|item| item.range));
    choose(found, version, nearest)
}

/// The lowest of the versions that a document names exactly, where it names nothing else and the one observed is older. An
/// author who writes "version 3.2" tested 3.2: only where the maker is known to write exactly what is affected does it say that
/// 3.1 is not.
fn first_of_exact<'a>(
    version: &Version,
    items: &[Item<'a>],
    answers: usize,
) -> Option<&'a Version> {
    let all_exact = items.len() == answers && items.iter().all(|item| item.range.is_exact());
    let named = items.iter().any(|item| is_named_to_the_point(version, item.range));
    if !all_exact || named {
        return None;
    }
    let exact = items.iter().filter_map(|item| Some(&item.range.to.as_ref()?.version));
    let older = |limit: &&Version| version.compare(limit) == Some(Ordering::Less);
    let all: Vec<&Version> = exact.collect();
    let lowest = all.iter().copied().reduce(|lowest, one| {
        if one.compare(lowest) == Some(Ordering::Less) { one } else { lowest }
    })?;
    all.iter().all(older).then_some(lowest)
}

/// What settles it: a leaf that says yes, then one that says perhaps, then all that say no. Of two that say yes the one whose
/// range has an end: a fix that is named ends the other.
fn choose(
    found: Vec<(Among, usize, Vec<String>)>,
    version: &Version,
    nearest: impl Fn() -> Vec<String>,
) -> Found {
    const BESIDE_MAX: usize = 6;
    let with_end =
        |(among, _, _): &(Among, usize, Vec<String>)| matches!(among, Among::Yes { open: false });
    let open =
        |(among, _, _): &(Among, usize, Vec<String>)| matches!(among, Among::Yes { open: true });
    let yes = found.iter().position(with_end).or_else(|| found.iter().position(open));
    let perhaps = found.iter().position(|(among, _, _)| matches!(among, Among::Perhaps { .. }));
    let doubt = found.iter().find_map(|(among, _, _)| match among {
        Among::Perhaps { why, open: false } => Some(*why),
        _ => None,
    });
    let before = !found.is_empty()
        && found.iter().all(|(among, _, _)| matches!(among, Among::No { before: true }));
    let chosen = yes.or(perhaps);
    let several = found.len() > 1;
    let mut answer = Found {
        among: Among::No { before },
        leaf: found.first().map_or(0, |(_, leaf, _)| *leaf),
        beside: Vec::new(),
        because: Vec::new(),
        doubt,
    };
    for (at, (among, leaf, because)) in found.into_iter().enumerate() {
        if Some(at) == chosen {
            (answer.among, answer.leaf, answer.because) = (among, leaf, because);
        } else {
            answer.beside.extend(because);
        }
    }
    let mut seen = BTreeSet::new();
    answer.beside.retain(|sentence| seen.insert(sentence.clone()));
    if chosen.is_none() {
        // Of one range the end that it is beyond says all.
        if several && answer.beside.len() > BESIDE_MAX {
            answer.beside = nearest();
        }
        if several && answer.beside.len() > 1 {
            answer.because.push(format!("{} is in none of the affected ranges", version.raw()));
        } else {
            answer.because.append(&mut answer.beside);
        }
    }
    answer
}

/// Whether all limits are of products with one name.
fn is_one_name(leaves: &[&Leaf<'_>], items: &[Item<'_>]) -> bool {
    let names: BTreeSet<String> = items
        .iter()
        .filter(|item| item.train)
        .filter_map(|item| leaves.get(item.leaf))
        .map(|leaf| compact(&leaf.product.name))
        .collect();
    names.len() <= 1
}

/// The ranges of all leaves. What is no range is answered at once.
fn items<'a>(
    leaves: &[&'a Leaf<'_>],
    found: &mut Vec<(Among, usize, Vec<String>)>,
) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let narrowed = leaf.reading.narrowed;
        match &leaf.reading.what {
            What::All | What::Models(_) => {
                let mut because = vec!["all versions are affected".to_owned()];
                let among = match narrowed.map(reason) {
                    None => Among::Yes { open: true },
                    Some(why) => {
                        because = vec![explain::condition(why, &leaf.product.version)];
                        Among::Perhaps { why, open: true }
                    }
                };
                found.push((among, at, because));
            }
            What::Nothing => found.push((
                Among::No { before: false },
                at,
                vec!["no version is affected".to_owned()],
            )),
            What::Unread => {
                let because =
                    format!("{:?} could not be read as a range of versions", leaf.product.version);
                found.push((Among::Perhaps { why: Why::RangeText, open: true }, at, vec![because]));
            }
            What::Spans { spans, .. } => items.extend(spans.iter().map(|range| Item {
                leaf: at,
                range,
                narrowed,
                train: range.to.is_some() && !range.is_exact(),
            })),
        }
    }
    items
}

/// A limit among several, each on its own train.
fn on_train(
    version: &Version,
    range: &Range,
    place: Place,
    own: usize,
    limits: &[&Version],
    parallel: bool,
) -> Among {
    let same = |at: usize| match (limits.get(at), limits.get(own)) {
        (Some(one), Some(other)) => one.compare(other) == Some(Ordering::Equal),
        _ => false,
    };
    match place {
        Place::At(at) | Place::Below(at) if same(at) => in_range(version, range),
        Place::Above(_) | Place::At(_) | Place::Below(_) => Among::No { before: false },
        // Between two trains, or variants that cannot be told apart: inside one limit and outside another.
        Place::Between | Place::Unknown => match in_range(version, range) {
            Among::Yes { .. } if parallel => Among::Perhaps { why: between(version), open: false },
            other => other,
        },
    }
}

fn between(version: &Version) -> Why {
    match version.scheme() {
        Scheme::Rockwell => Why::SignedOrUnsigned,
        _ => Why::Model,
    }
}

fn in_range(version: &Version, range: &Range) -> Among {
    let open = range.to.is_none();
    if range
        .to
        .as_ref()
        .is_some_and(|bound| bound.inclusive && version.is_shortened(&bound.version))
    {
        return Among::Perhaps { why: Why::VersionOrder, open: false };
    }
    match range.contains(version) {
        Some(true) => Among::Yes { open },
        Some(false) => {
            let from = range.from.as_ref().filter(|_| !range.is_exact());
            let before = from
                .and_then(|bound| version.compare(&bound.version))
                .is_some_and(|order| order != Ordering::Greater)
                || (range.is_exact() && is_named_to_the_point(version, range));
            Among::No { before }
        }
        None => {
            let train = range.to.as_ref().is_some_and(|bound| bound.version.begins(version));
            Among::Perhaps { why: Why::VersionOrder, open: open || train }
        }
    }
}

/// Whether one exact version says nothing against those before it. Siemens names exactly what is affected. Logix firmware has
/// been kept in parallel trains since 20: one version named of train 35 is none of train 33.
fn is_named_to_the_point(version: &Version, range: &Range) -> bool {
    const FIRST_TRAIN: u64 = 20;
    let Some(bound) = &range.to else { return false };
    let major = |version: &Version| version.numbers().first().copied().unwrap_or_default();
    match version.scheme() {
        Scheme::Rockwell => (FIRST_TRAIN..major(&bound.version)).contains(&major(version)),
        Scheme::Siemens => {
            bound.version.numbers().len() > 1
                && version.compare(&bound.version) == Some(Ordering::Less)
        }
        _ => false,
    }
}

/// The full name often repeats the range in words. Where the two disagree about this version, neither is believed.
fn restated(version: &Version, leaf: &Leaf<'_>, among: &Among) -> Option<Among> {
    let (_, text) = leaf.product.full_name.rsplit_once(": ")?;
    let lower = text.trim_start().to_lowercase();
    let begins =
        ["version", "v", "<", ">", "prior", "before", "all versions", "r"].iter().any(|word| {
            lower.strip_prefix(word).is_some_and(|rest| {
                rest.starts_with(|c: char| !c.is_alphabetic()) || *word == "version"
            })
        }) || lower.starts_with(|c: char| c.is_ascii_digit());
    if !begins {
        return None;
    }
    let reading = range::read(text, Stated::Range, version.scheme());
    let What::Spans { spans, trains: false } = &reading.what else { return None };
    if reading.narrowed.is_some() || spans.len() != 1 {
        return None;
    }
    let says = in_range(version, spans.first()?);
    match (&says, among) {
        (Among::Yes { .. }, Among::No { .. }) | (Among::No { .. }, Among::Yes { .. }) => {
            Some(Among::Perhaps { why: Why::Contradiction, open: false })
        }
        _ => None,
    }
}
