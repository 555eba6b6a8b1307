//! What became different between two revisions of a document.
//!
//! Identifiers of products are the document's own, and makers hand them out anew: so a product is the same when it says the same,
//! then when it has the same identifier and name, then when its name is the only one of its kind in both. What is left was added or
//! removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::prose::{FlawProse, Note, Reference, Versioning, Whole, versioning};
use crate::model::advisory::{Advisory, Flaw, Product, Score, Stated};

/// What of a document changed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Part {
    /// Title, revision, dates, publisher, severity.
    Head,
    /// The history of revisions.
    History,
    /// A product, or its versions.
    Product,
    /// A vulnerability.
    Flaw,
    /// What a vulnerability means for a product.
    Status,
    /// A remediation.
    Remediation,
    /// A score.
    Score,
    /// A note.
    Note,
    /// A reference.
    Reference,
}

impl Part {
    /// All parts, in the order in which they are told.
    pub const ALL: &'static [Self] = &[
        Self::Head,
        Self::History,
        Self::Product,
        Self::Flaw,
        Self::Status,
        Self::Remediation,
        Self::Score,
        Self::Note,
        Self::Reference,
    ];

    /// The word that exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "document",
            Self::History => "history",
            Self::Product => "product",
            Self::Flaw => "vulnerability",
            Self::Status => "status",
            Self::Remediation => "remediation",
            Self::Score => "score",
            Self::Note => "note",
            Self::Reference => "reference",
        }
    }
}

/// One thing that changed.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Change {
    /// What of the document.
    pub part: Part,
    /// Of what: a field, a product, a vulnerability.
    pub about: String,
    /// Before; `None` for what was added.
    pub was: Option<String>,
    /// After; `None` for what was removed.
    pub is: Option<String>,
}

/// All that changed, in the order of [`Part::ALL`].
pub fn changes(before: &Whole, after: &Whole) -> Vec<Change> {
    let mut found = Found(Vec::new());
    head(before, after, &mut found);
    let old = before.prose.history.iter();
    let entry = |number: &str, text: String| (number.to_owned(), text);
    let told = |one: &crate::advisory::prose::Revision| {
        entry(&one.number, format!("{} {}", one.date, one.summary).trim().to_owned())
    };
    found.listed(Part::History, old.map(told), after.prose.history.iter().map(told));
    let pairs = Pairs::of(&before.advisory, &after.advisory);
    products(&pairs, &mut found);
    flaws(before, after, &pairs, &mut found);
    let note = |note: &Note| (titled("", note), note.text.to_string());
    found.listed(
        Part::Note,
        before.prose.notes.iter().map(note),
        after.prose.notes.iter().map(note),
    );
    let reference = |one: &Reference| (one.url.to_string(), one.summary.to_string());
    let [old, new] =
        [&before.prose, &after.prose].map(|prose| prose.references.iter().map(reference));
    found.listed(Part::Reference, old, new);
    found.0.sort_by_key(|change| change.part);
    found.0
}

/// The first parts of two semantic revision numbers, where they differ: the publisher says that somebody has to look again.
pub fn major_change(before: &Advisory, after: &Advisory) -> Option<(u64, u64)> {
    match [before, after].map(|one| versioning(&one.revision)) {
        [Versioning::Semantic(old), Versioning::Semantic(new)] if old != new => Some((old, new)),
        _ => None,
    }
}

/// A product in a few words: its full name, which most documents make of all the rest, and the version where that is left out.
pub fn called(product: &Product) -> String {
    let Product { full_name, name, vendor, version, on, .. } = product;
    let full =
        if full_name.is_empty() { format!("{vendor} {name}") } else { full_name.to_string() };
    let version = version.trim();
    let version = if full.contains(version) { String::new() } else { format!(" {version}") };
    let on = on.as_ref().filter(|on| !full.contains(&***on));
    format!("{}{version}{}", full.trim(), on.map(|on| format!(" on {on}")).unwrap_or_default())
}

struct Found(Vec<Change>);

impl Found {
    fn add(&mut self, part: Part, about: &str, was: Option<String>, is: Option<String>) {
        if was != is {
            self.0.push(Change { part, about: about.to_owned(), was, is });
        }
    }

    /// Two lists of things with a name and a text. One of a name on either side is the same thing, changed; of several with one
    /// name, those with another text were removed and added.
    fn listed(
        &mut self,
        part: Part,
        before: impl Iterator<Item = (String, String)>,
        after: impl Iterator<Item = (String, String)>,
    ) {
        let mut by_name: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
        for (name, text) in before {
            let [old, _] = by_name.entry(name).or_default();
            old.push(text);
        }
        for (name, text) in after {
            let [old, new] = by_name.entry(name).or_default();
            match old.iter().position(|known| *known == text) {
                Some(at) => drop(old.swap_remove(at)),
                None => new.push(text),
            }
        }
        for (name, [mut old, mut new]) in by_name {
            old.sort_unstable();
            new.sort_unstable();
            if let ([was], [is]) = (&*old, &*new) {
                self.add(part, &name, Some(was.clone()), Some(is.clone()));
                continue;
            }
            old.into_iter().for_each(|was| self.add(part, &name, Some(was), None));
            new.into_iter().for_each(|is| self.add(part, &name, None, Some(is)));
        }
    }
}

fn head(before: &Whole, after: &Whole, found: &mut Found) {
    let fields = |Whole { advisory, prose }: &Whole| {
        [
            ("title", advisory.title.clone()),
            ("revision", advisory.revision.clone()),
            ("released", advisory.released.clone()),
            ("first released", prose.first_released.clone()),
            ("status", prose.status.clone()),
            ("publisher", advisory.publisher.clone()),
            ("publisher category", prose.publisher_category.clone()),
            ("namespace", prose.publisher_namespace.clone()),
            ("severity", prose.severity.clone()),
            ("TLP", prose.tlp.clone()),
            ("sharing group", prose.sharing_group.clone()),
            ("license", prose.license.clone()),
            ("category", prose.category.clone()),
            ("CSAF version", prose.csaf_version.clone()),
            ("language", prose.language.clone()),
        ]
    };
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    for ((name, was), (_, is)) in fields(before).into_iter().zip(fields(after)) {
        found.add(Part::Head, name, said(&was), said(&is));
    }
}

/// Which product of one revision is which of the other.
struct Pairs<'a> {
    before: &'a [Product],
    after: &'a [Product],
    /// Places after, by places before.
    after_of: BTreeMap<usize, usize>,
}

impl<'a> Pairs<'a> {
    fn of(before: &'a Advisory, after: &'a Advisory) -> Self {
        let (before, after) = (&*before.products, &*after.products);
        let mut pairs = Self { before, after, after_of: BTreeMap::new() };
        let mut taken = BTreeSet::new();
        let whole = |product: &Product| {
            let Product { id: _, pointer: _, .. } = product;
            format!("{:?}", Product { id: "".into(), pointer: "".into(), ..product.clone() })
        };
        let same_id =
            |one: &Product| format!("{}\0{}\0{}\0{:?}", one.id, one.vendor, one.name, one.on);
        let same_name =
            |one: &Product| format!("{}\0{}\0{}\0{:?}", one.vendor, one.family, one.name, one.on);
        pairs.join(&mut taken, &|product| whole(product), true);
        pairs.join(&mut taken, &|product| same_id(product), false);
        pairs.join(&mut taken, &|product| same_name(product), false);
        pairs
    }

    /// Joins products that are left on both sides and have one key. Those that say the same are alike, whichever is which; of
    /// others there must be one only.
    fn join(
        &mut self,
        taken: &mut BTreeSet<usize>,
        key: &dyn Fn(&Product) -> String,
        are_alike: bool,
    ) {
        let mut by_key: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
        for (at, product) in self.before.iter().enumerate() {
            if !self.after_of.contains_key(&at) {
                let [old, _] = by_key.entry(key(product)).or_default();
                old.push(at);
            }
        }
        for (at, product) in self.after.iter().enumerate() {
            if !taken.contains(&at)
                && let Some([_, new]) = by_key.get_mut(&key(product))
            {
                new.push(at);
            }
        }
        for [old, new] in by_key.into_values() {
            if are_alike || (old.len() == 1 && new.len() == 1) {
                for (old, new) in old.into_iter().zip(new) {
                    self.after_of.insert(old, new);
                    taken.insert(new);
                }
            }
        }
    }

    /// Places before, as places after; what is there no more has none.
    fn now(&self, places: &BTreeSet<usize>) -> BTreeSet<usize> {
        places.iter().filter_map(|at| self.after_of.get(at).copied()).collect()
    }

    fn gone(&self) -> impl Iterator<Item = &'a Product> {
        let kept = |at: &usize| self.after_of.contains_key(at);
        self.before.iter().enumerate().filter(move |(at, _)| !kept(at)).map(|(_, product)| product)
    }

    fn added(&self) -> impl Iterator<Item = &'a Product> {
        let kept: BTreeSet<usize> = self.after_of.values().copied().collect();
        self.after
            .iter()
            .enumerate()
            .filter(move |(at, _)| !kept.contains(at))
            .map(|(_, product)| product)
    }

    fn called(&self, at: usize) -> String {
        self.after.get(at).map(called).unwrap_or_default()
    }
}

fn products(pairs: &Pairs<'_>, found: &mut Found) {
    for (old, new) in &pairs.after_of {
        let (Some(old), Some(new)) = (pairs.before.get(*old), pairs.after.get(*new)) else {
            continue;
        };
        let about = called(new);
        let list = |texts: &[Box<str>]| {
            let texts: BTreeSet<&str> = texts.iter().map(|text| &**text).collect();
            texts.into_iter().collect::<Vec<_>>().join(", ")
        };
        let words = |product: &Product| -> [(&str, String); 7] {
            let stated = match product.stated {
                Stated::Version => "",
                Stated::Range => "range ",
                Stated::Nothing => "no version",
            };
            [
                ("versions", format!("{stated}{}", product.version)),
                ("name", product.name.to_string()),
                ("full name", product.full_name.to_string()),
                ("model numbers", list(&product.models)),
                ("serial numbers", list(&product.serials)),
                ("hardware", list(&product.on_models)),
                ("family", product.family.to_string()),
            ]
        };
        for ((name, was), (_, is)) in words(old).into_iter().zip(words(new)) {
            // The full name of most products holds their version: that is one change, not two.
            let is_told =
                name == "full name" && (old.version != new.version || old.name != new.name);
            if !is_told {
                found.add(Part::Product, &format!("{about}: {name}"), Some(was), Some(is));
            }
        }
    }
    pairs.gone().for_each(|product| {
        found.add(Part::Product, &called(product), Some(versions(product)), None)
    });
    pairs.added().for_each(|product| {
        found.add(Part::Product, &called(product), None, Some(versions(product)))
    });
}

fn versions(product: &Product) -> String {
    if product.stated == Stated::Nothing {
        "no version".to_owned()
    } else {
        product.version.to_string()
    }
}

fn flaws(before: &Whole, after: &Whole, pairs: &Pairs<'_>, found: &mut Found) {
    let by_name = |whole: &'_ Whole| -> BTreeMap<Box<str>, usize> {
        let flaws = whole.advisory.flaws.iter().enumerate();
        flaws.map(|(at, flaw)| (flaw.name.clone(), at)).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let titled = |whole: &Whole, at: usize| {
        whole.prose.flaws.get(at).map(|flaw| flaw.title.to_string()).unwrap_or_default()
    };
    for (name, at) in &old {
        if !new.contains_key(name) {
            found.add(Part::Flaw, name, Some(titled(before, *at)), None);
        }
    }
    for (name, at) in &new {
        let Some(was) = old.get(name) else {
            found.add(Part::Flaw, name, None, Some(titled(after, *at)));
            continue;
        };
        let (Some(one), Some(other)) =
            (before.advisory.flaws.get(*was), after.advisory.flaws.get(*at))
        else {
            continue;
        };
        statuses(one, other, pairs, found);
        remedies(one, other, pairs, found);
        scores(one, other, pairs, found);
        let empty = FlawProse::default();
        let [one, other] = [(before, *was), (after, *at)]
            .map(|(whole, at)| whole.prose.flaws.get(at).unwrap_or(&empty));
        words(name, one, other, found);
    }
}

/// What is said of a vulnerability for people.
fn words(name: &str, one: &FlawProse, other: &FlawProse, found: &mut Found) {
    for (what, was, is) in
        [("title", &one.title, &other.title), ("weakness", &one.weakness, &other.weakness)]
    {
        found.add(
            Part::Flaw,
            &format!("{name}: {what}"),
            Some(was.to_string()),
            Some(is.to_string()),
        );
    }
    let note = |note: &Note| (titled(name, note), note.text.to_string());
    found.listed(Part::Note, one.notes.iter().map(note), other.notes.iter().map(note));
    let reference = |one: &Reference| (format!("{name}: {}", one.url), one.summary.to_string());
    found.listed(
        Part::Reference,
        one.references.iter().map(reference),
        other.references.iter().map(reference),
    );
}

fn titled(of: &str, note: &Note) -> String {
    let title = if note.title.is_empty() { &note.category } else { &note.title };
    if of.is_empty() { title.to_string() } else { format!("{of}: {title}") }
}

/// What a vulnerability means for each product that is in both, and for those that are in one.
fn statuses(one: &Flaw, other: &Flaw, pairs: &Pairs<'_>, found: &mut Found) {
    for (old, new) in &pairs.after_of {
        let (was, is) = (status(one, *old), status(other, *new));
        if was != is {
            let about = format!("{}: {}", other.name, pairs.called(*new));
            found.add(Part::Status, &about, Some(was), Some(is));
        }
    }
}

fn status(flaw: &Flaw, at: usize) -> String {
    let Flaw { affected, fixed, not_affected, investigated, .. } = flaw;
    let all = [
        ("affected", affected),
        ("fixed", fixed),
        ("not affected", not_affected),
        ("under investigation", investigated),
    ];
    let held = all.iter().filter(|(_, places)| places.contains(&at)).map(|(word, _)| *word);
    let held: Vec<&str> = held.collect();
    if held.is_empty() { "not said".to_owned() } else { held.join(" and ") }
}

/// Remediations with one text are one, whatever its products; of a category with one text on either side, that text changed.
fn remedies(one: &Flaw, other: &Flaw, pairs: &Pairs<'_>, found: &mut Found) {
    type Texts = BTreeMap<(Box<str>, Box<str>), BTreeSet<usize>>;
    let (mut old, mut new) = (Texts::new(), Texts::new());
    for remedy in &one.remedies {
        let key = (remedy.category.clone(), remedy.details.clone());
        old.entry(key).or_default().extend(pairs.now(&remedy.products));
    }
    for remedy in &other.remedies {
        let key = (remedy.category.clone(), remedy.details.clone());
        new.entry(key).or_default().extend(&remedy.products);
    }
    let names = |places: &BTreeSet<usize>| {
        let names: BTreeSet<String> = places.iter().map(|at| pairs.called(*at)).collect();
        names.into_iter().collect::<Vec<_>>().join("; ")
    };
    let about = |category: &str| format!("{}: {category}", other.name);
    for (key @ (category, details), places) in &new {
        if let Some(was) = old.get(key).filter(|was| *was != places) {
            let about = format!("{}: {details}", about(category));
            found.add(Part::Remediation, &about, Some(names(was)), Some(names(places)));
        }
    }
    let left = |own: &Texts, others: &Texts| -> Vec<(String, String)> {
        let left = own.keys().filter(|key| !others.contains_key(*key));
        left.map(|(category, details)| (about(category), details.to_string())).collect()
    };
    let (gone, added) = (left(&old, &new), left(&new, &old));
    found.listed(Part::Remediation, gone.into_iter(), added.into_iter());
}

fn scores(one: &Flaw, other: &Flaw, pairs: &Pairs<'_>, found: &mut Found) {
    let told = |scores: &[Score], now: &dyn Fn(&BTreeSet<usize>) -> BTreeSet<usize>| {
        let mut told: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for score in scores {
            let words = format!("{:.1} {}", score.base, score.vector).trim().to_owned();
            told.entry(words).or_default().extend(now(&score.products));
        }
        told
    };
    let old = told(&one.scores, &|places| pairs.now(places));
    let new = told(&other.scores, &BTreeSet::clone);
    let name = || other.name.to_string();
    let left = |own: &BTreeMap<String, BTreeSet<usize>>,
                others: &BTreeMap<String, BTreeSet<usize>>| {
        let left = own.keys().filter(|words| !others.contains_key(*words));
        left.map(|words| (name(), words.clone())).collect::<Vec<_>>()
    };
    found.listed(Part::Score, left(&old, &new).into_iter(), left(&new, &old).into_iter());
}

#[cfg(test)]
mod tests;
