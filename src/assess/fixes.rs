//! Which fixed versions a document names for a device, and on which side of them the device's version is.
//!
//! A wrong fix clears a device, so a version counts only when its text is for the device: by the product identifiers of
//! the remediation, or by naming it. Texts for other products are dropped; texts that could be for anything are weak.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::advisory::Names;
use crate::advisory::fix_text::Fix;
use crate::advisory::name::{Name, compact};
use crate::advisory::range::{What, is_code};
use crate::assess::device::Device;
use crate::assess::leaf::Leaf;
use crate::assess::trains::{self, Place};
use crate::assess::words::is_plain;
use crate::model::advisory::{Advisory, Flaw, Remedy};
use crate::model::version::{Scheme, Version};

/// A version named as fixed, and for whom.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// The version.
    pub(super) version: Version,
    /// The text may be for something else.
    pub(super) weak: bool,
    /// The text names no product and is for several.
    pub(super) broad: bool,
    /// The remediation does not say for which products it is.
    pub(super) for_nobody: bool,
    /// The text names the device's own number.
    pub(super) exact: bool,
    /// The text is for a variant of the product, and which one the device is was not seen.
    pub(super) variant: bool,
    /// Series letters the text is limited to; empty means all.
    pub(super) series: BTreeSet<char>,
    /// It is said to be in all later versions, too.
    pub(super) later: bool,
    /// The release train that the text is limited to.
    pub(super) train: Option<Version>,
    /// Where it stands, as a JSON pointer.
    pub(super) pointer: Box<str>,
}

/// On which side of the fixes a version is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Side {
    /// No fix is named.
    NoneNamed,
    /// At or above the fix of its train; which one, as an index.
    Fixed(usize),
    /// Below it.
    Older(usize),
    /// The fix is said to be for an earlier release train, and none is named for the version's own.
    LaterTrain(usize),
    /// Fixes are named, but none for its train, or their order is not known.
    Unclear,
}

/// The fixes that a vulnerability names for the products at `places`: those that its remediations name, and those of the
/// leaves met whose status is fixed.
pub(super) fn named(
    device: &Device<'_>,
    leaves: &[Leaf<'_>],
    places: &BTreeSet<usize>,
    flaw: &Flaw,
    (document, known): (&Advisory, &Names),
) -> Vec<Fixed> {
    let mut fixes: Vec<Fixed> = Vec::new();
    let others = other_products(places, document);
    for remedy in &flaw.remedies {
        let concerns = remedy.products.is_empty() || !remedy.products.is_disjoint(places);
        if !concerns || !matches!(&*remedy.category, "vendor_fix" | "mitigation") {
            continue;
        }
        for fix in known.fixes(&remedy.details).iter() {
            let scope = Scope { device, places, others: &others, document, known };
            if let Some(Scoped { weak, broad, exact, variant, series }) = scope.of(fix, remedy) {
                let version = Version::new(&fix.version, device.scheme);
                let weak = weak || fix.conditional;
                if version.is_readable() {
                    fixes.push(Fixed {
                        version,
                        weak,
                        broad,
                        for_nobody: remedy.products.is_empty(),
                        exact,
                        variant,
                        series,
                        later: fix.later,
                        train: fix.train.as_ref().map(|train| Version::new(train, device.scheme)),
                        pointer: remedy.pointer.clone(),
                    });
                }
            }
        }
    }
    // "NJ501-1300: 1.49 or higher" counts for an NJ501-1300, and "all other models: 1.50 or higher" does not.
    if fixes.iter().any(|fix| fix.exact && !fix.weak) {
        fixes.retain(|fix| fix.exact);
    }
    fixes.extend(with_status(leaves, places, flaw));
    fixes
}

/// Versions with the status fixed, of products that are named as those at `places` are.
fn with_status(leaves: &[Leaf<'_>], places: &BTreeSet<usize>, flaw: &Flaw) -> Vec<Fixed> {
    let names: BTreeSet<String> = leaves
        .iter()
        .filter(|leaf| places.contains(&leaf.at))
        .map(|leaf| compact(&leaf.product.name))
        .collect();
    let mut fixes = Vec::new();
    for leaf in leaves.iter().filter(|leaf| flaw.fixed.contains(&leaf.at)) {
        let weak = !names.contains(&compact(&leaf.product.name));
        fixes.extend(of_leaf(leaf).into_iter().map(|fix| Fixed { weak: fix.weak || weak, ..fix }));
    }
    fixes
}

/// The versions of products with the status fixed.
pub(super) fn of_status(leaves: &[&Leaf<'_>]) -> Vec<Fixed> {
    leaves.iter().flat_map(|leaf| of_leaf(leaf)).collect()
}

/// Only a lower end is a version to reach.
fn of_leaf(leaf: &Leaf<'_>) -> Vec<Fixed> {
    let What::Spans { spans, .. } = &leaf.reading.what else { return Vec::new() };
    let bounds = spans.iter().filter_map(|range| Some((range.from.as_ref()?, range)));
    let fixed = bounds.filter(|(bound, _)| bound.inclusive).map(|(bound, range)| Fixed {
        version: bound.version.clone(),
        later: range.to.is_none(),
        train: None,
        weak: leaf.reading.narrowed.is_some(),
        broad: false,
        for_nobody: false,
        exact: false,
        variant: false,
        series: leaf.limits.series.clone(),
        pointer: leaf.product.pointer.clone(),
    });
    fixed.collect()
}

/// Names of products of the document that the device is not.
fn other_products<'a>(places: &BTreeSet<usize>, document: &'a Advisory) -> BTreeSet<&'a str> {
    let own: BTreeSet<&str> = places
        .iter()
        .filter_map(|at| document.products.get(*at))
        .map(|product| &*product.name)
        .collect();
    document
        .products
        .iter()
        .map(|product| &*product.name)
        .filter(|name| !own.contains(name))
        .collect()
}

/// Whom a text is for.
struct Scoped {
    weak: bool,
    broad: bool,
    exact: bool,
    variant: bool,
    series: BTreeSet<char>,
}

struct Scope<'a> {
    device: &'a Device<'a>,
    places: &'a BTreeSet<usize>,
    others: &'a BTreeSet<&'a str>,
    document: &'a Advisory,
    known: &'a Names,
}

impl Scope<'_> {
    /// `None` when the text is for something else.
    fn of(&self, fix: &Fix, remedy: &Remedy) -> Option<Scoped> {
        let known: BTreeSet<String> = self
            .places
            .iter()
            .filter_map(|at| self.document.products.get(*at))
            .flat_map(|product| crate::advisory::name::words(&product.name))
            .collect();
        let unknown = |word: &String| !known.contains(word) && !is_plain(word) && !is_number(word);
        // "Update ECP to 2.30" in a line for the device is about something on it.
        let other_thing = self.device.telling_words(&fix.component).iter().any(unknown);
        for text in [&fix.component, &fix.sentence, &fix.earlier] {
            let name = self.known.name(text);
            if self.device.is_named_in(&name) {
                let exact = self.device.is_numbered_in(&name) || self.is_own_code(&name);
                if !exact && self.device.is_listed_without(&name) {
                    return None;
                }
                // "NJ-series (NJ501-1300, NJ501-1400)" is none of an NJ301, and of a device that says only its family nobody knows
                // whether it is one of these.
                let listed = !exact && lists_numbers(&name) && !self.is_in_pattern(&name);
                let variant = listed && self.device.numbers.is_empty();
                let weak = (other_thing && *text != fix.component)
                    || listed
                    || (remedy.products.is_empty() && self.names_other_in_full(text));
                return self.for_series(text, &name).map(|series| Scoped {
                    weak,
                    broad: false,
                    exact,
                    variant,
                    series,
                });
            }
            if self.names_another(&name) {
                // Without a number the device may be that other one; and a text that is for nobody in particular may be for both.
                let variant = self.device.numbers.is_empty();
                let doubtful = variant || remedy.products.is_empty();
                let series = BTreeSet::new();
                let scoped = Scoped { weak: true, broad: true, exact: false, variant, series };
                return doubtful.then_some(scoped);
            }
        }
        let narrow = !remedy.products.is_empty() && remedy.products.is_subset(self.places);
        let for_all = narrow || self.others.is_empty() || self.is_for_own_names(remedy);
        let for_something = || {
            fix.alone || self.device.telling_words(&proper_names(&fix.sentence)).iter().any(unknown)
        };
        let weak = other_thing || (!for_all && for_something());
        Some(Scoped {
            weak,
            broad: !for_all && !self.is_uniform(remedy),
            exact: false,
            variant: false,
            series: BTreeSet::new(),
        })
    }

    /// Whether a number with placeholders in a text is the device's.
    fn is_in_pattern(&self, name: &Name) -> bool {
        name.codes.iter().any(|code| {
            code.is_pattern() && self.device.numbers.iter().any(|number| code.matches(&number.text))
        })
    }

    /// Whether a text lists the device's own number, however short.
    fn is_own_code(&self, name: &Name) -> bool {
        let own = |text: &str| self.device.numbers.iter().any(|number| number.compact == text);
        name.codes.iter().any(|code| !code.is_pattern() && own(&compact(&code.pattern)))
    }

    /// Whether all products that a remediation is for are named as the device is: "MicroLogix 1400 Controllers" and "MicroLogix
    /// 1400 Controllers Series B and C".
    fn is_for_own_names(&self, remedy: &Remedy) -> bool {
        let names: BTreeSet<&str> = remedy
            .products
            .iter()
            .filter_map(|at| self.document.products.get(*at))
            .map(|product| &*product.name)
            .collect();
        const NAMES_MAX: usize = 16;
        !names.is_empty()
            && names.len() <= NAMES_MAX
            && names.iter().all(|name| {
                let name = self.known.name(name);
                self.device.is_named_in(&name) && !self.device.is_sibling_named_in(&name)
            })
    }

    /// Whether all products that a remediation is for have the ranges that the device's have: then what fixes one fixes all.
    fn is_uniform(&self, remedy: &Remedy) -> bool {
        let version = |at: &usize| self.document.products.get(*at).map(|product| &product.version);
        let own: BTreeSet<_> = self.places.iter().map(version).collect();
        !remedy.products.is_empty() && remedy.products.iter().all(|at| own.contains(&version(at)))
    }

    /// Series letters behind the device's own number: "1756-EN2F, Series C, 1756-EN2T, Series D".
    fn for_series(&self, text: &str, name: &Name) -> Option<BTreeSet<char>> {
        if name.series.is_empty() {
            return Some(BTreeSet::new());
        }
        let upper = text.to_uppercase();
        let mut letters = BTreeSet::new();
        for number in &self.device.numbers {
            for (at, found) in upper.match_indices(&number.text.to_uppercase()) {
                let end = at.saturating_add(found.len());
                let rest = text.get(end..).unwrap_or_default();
                if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                    continue;
                }
                // As far as the next number of a catalogue.
                let stop = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
                letters.extend(Name::read(rest.get(..stop).unwrap_or_default()).series);
            }
        }
        Some(if letters.is_empty() { name.series.clone() } else { letters })
    }

    /// "PulseNET" beside an own "PulseNET Enterprise" names both.
    fn is_part_of_own(&self, core: &str) -> bool {
        let own = self.places.iter().filter_map(|at| self.document.products.get(*at));
        own.map(|product| crate::advisory::name::compact(&product.name))
            .any(|own| own.contains(core))
    }

    /// Whether a text has the whole name of another product of the document, and not the own one: "Modicon M580 CPU: SV4.10" beside a
    /// "Modicon M580 CPU Safety".
    fn names_other_in_full(&self, text: &str) -> bool {
        const LENGTH_MIN: usize = 4;
        let text = compact(text);
        let has = |name: &str| {
            let name = compact(name);
            name.len() >= LENGTH_MIN && text.contains(&name)
        };
        let own = self.places.iter().filter_map(|at| self.document.products.get(*at));
        self.others.iter().any(|other| has(other)) && !own.map(|product| &*product.name).any(has)
    }

    fn names_another(&self, name: &Name) -> bool {
        const LENGTH_MIN: usize = 4;
        self.device.is_sibling_named_in(name)
            || self.others.iter().any(|other| {
                let core = self.device.core(other);
                core.len() >= LENGTH_MIN
                    && name.find(&core).is_some()
                    && !self.is_part_of_own(&core)
            })
    }
}

/// Whether a text lists numbers of a catalogue.
fn lists_numbers(name: &Name) -> bool {
    name.codes.iter().any(|code| is_code(&code.pattern))
}

/// Words of a sentence, but the first, that begin with a capital.
fn proper_names(sentence: &str) -> String {
    let words = sentence.split_whitespace().skip(1);
    words.filter(|word| word.starts_with(|c: char| c.is_uppercase())).collect::<Vec<_>>().join(" ")
}

fn is_number(word: &str) -> bool {
    word.trim_start_matches(['V', 'R']).chars().all(|c| c.is_ascii_digit())
}

/// Where a version stands to the fixes for one series.
pub(super) fn side(version: &Version, fixes: &[Fixed], weak: bool, series: Option<char>) -> Side {
    let chosen: Vec<(usize, &Version)> = fixes
        .iter()
        .enumerate()
        .filter(|(_, fix)| fix.weak == weak && !fix.variant)
        .filter(|(_, fix)| {
            fix.series.is_empty() || series.is_none_or(|letter| fix.series.contains(&letter))
        })
        .map(|(at, fix)| (at, &fix.version))
        .collect();
    let on_train = |at: usize| fixes.get(at).is_some_and(|fix| fix.is_for_train_of(version));
    let (chosen, of_others): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|(at, _)| on_train(*at));
    if chosen.is_empty() {
        return of_others.first().map_or(Side::NoneNamed, |(at, _)| Side::LaterTrain(*at));
    }
    let versions: Vec<&Version> = chosen.iter().map(|(_, version)| *version).collect();
    let index = |place: usize| chosen.get(place).map_or(0, |(at, _)| *at);
    match trains::place(version, &versions) {
        Place::At(place) => match versions.get(place).and_then(|fix| version.compare(fix)) {
            Some(Ordering::Less) => Side::Older(index(place)),
            Some(_) => Side::Fixed(index(place)),
            None => Side::Unclear,
        },
        Place::Below(place) => Side::Older(index(place)),
        Place::Above(place) => Side::Fixed(index(place)),
        Place::Between | Place::Unknown => Side::Unclear,
    }
}

impl Fixed {
    /// Whether a version is of the release train that the fix is limited to, if it is limited to any. An older one is to come to it.
    fn is_for_train_of(&self, version: &Version) -> bool {
        self.train.as_ref().is_none_or(|train| {
            version.numbers().starts_with(&train.numbers())
                || version.compare(&self.version) == Some(Ordering::Less)
        })
    }
}

/// Whether a version is of a later release train than the fix at a place, and nothing says that it has it: none of the fixes is said
/// to be in later versions, too, or one is named for its own train, and be it in a text for something else, that it has not reached.
/// Rockwell keeps trains side by side: 33.017 mends train 33, and 34.011 is the older of the two.
pub(super) fn is_of_earlier_train(version: &Version, fixes: &[Fixed], at: usize) -> bool {
    let train = |version: &Version| version.numbers().first().copied();
    let is_later = |fix: &Fixed| train(version) > train(&fix.version);
    let is_said = || fixes.iter().any(|fix| fix.later && !fix.weak && is_later(fix));
    let is_below_own = |fix: &Fixed| {
        train(version) == train(&fix.version)
            && version.compare(&fix.version) == Some(Ordering::Less)
    };
    version.scheme() == Scheme::Rockwell
        && fixes.get(at).is_some_and(is_later)
        && (!is_said() || fixes.iter().any(is_below_own))
}

/// Whether a fix that is for nobody in particular, and so may be for the device, is above a version, or may be.
pub(super) fn is_below_one_for_nobody(version: &Version, fixes: &[Fixed]) -> bool {
    let below =
        |fix: &Fixed| version.compare(&fix.version).is_none_or(|order| order == Ordering::Less);
    fixes.iter().any(|fix| fix.weak && fix.for_nobody && !fix.variant && below(fix))
}

/// Whether a version has reached a fix for some numbers of its family, of which the device may be one.
pub(super) fn has_reached_a_variant(version: &Version, fixes: &[Fixed]) -> bool {
    let reached =
        |fix: &Fixed| version.compare(&fix.version).is_some_and(|order| order != Ordering::Less);
    fixes.iter().any(|fix| fix.variant && !fix.broad && reached(fix))
}

/// Whether a fix for a variant that the device may be is above a version, or may be.
pub(super) fn is_below_a_variant(version: &Version, fixes: &[Fixed]) -> bool {
    let below =
        |fix: &&Fixed| version.compare(&fix.version).is_none_or(|order| order == Ordering::Less);
    fixes.iter().filter(|fix| fix.variant).any(|fix| below(&fix))
}
