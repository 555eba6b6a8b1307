//! Several ranges of one product: they should neither overlap nor leave versions out.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::advisory::lint::ranges::shown_range;
use crate::advisory::lint::{Found, Known, scheme};
use crate::advisory::name::compact;
use crate::advisory::range::{self, What};
use crate::model::advisory::{Advisory, Product};
use crate::model::version::{Bound, Range};

/// Holds ranges of products with one name against each other.
pub(super) fn check(document: &Advisory, known: &Known<'_>, found: &mut Found) {
    let mut named: BTreeMap<String, Vec<(&Product, Range)>> = BTreeMap::new();
    for (at, product) in document.products.iter().enumerate() {
        let reading = range::read(&product.version, product.stated, scheme(document, at, known));
        let (What::Spans { spans, .. }, None) = (&reading.what, reading.narrowed) else { continue };
        let models: Vec<&str> =
            product.models.iter().chain(&product.on_models).map(|model| &**model).collect();
        let own = [
            &*product.vendor,
            &*product.family,
            &*product.name,
            product.on.as_deref().unwrap_or_default(),
        ];
        let key = format!("{}|{}", own.map(compact).join("|"), models.join("|"));
        let list = named.entry(key).or_default();
        for span in spans.iter().filter(|span| !span.is_exact()) {
            // Documents repeat a product for each flaw: one range said twice is one.
            if !list.iter().any(|(_, kept)| same(kept, span)) {
                list.push((product, span.clone()));
            }
        }
    }
    for list in named.into_values().filter(|list| list.len() > 1) {
        neighbours(document, list, found);
    }
}

fn same(one: &Range, other: &Range) -> bool {
    let alike = |one: &Option<Bound>, other: &Option<Bound>| match (one, other) {
        (Some(one), Some(other)) => {
            one.inclusive == other.inclusive
                && one.version.compare(&other.version) == Some(Ordering::Equal)
        }
        (None, None) => true,
        _ => false,
    };
    alike(&one.from, &other.from) && alike(&one.to, &other.to)
}

/// Ranges in the order of their lower ends; those without one are for trains, and only the first of them is looked at.
fn neighbours(document: &Advisory, mut list: Vec<(&Product, Range)>, found: &mut Found) {
    list.sort_by(|(_, one), (_, other)| match (&one.from, &other.from) {
        (Some(one), Some(other)) => one
            .version
            .compare(&other.version)
            .unwrap_or_else(|| one.version.raw().cmp(other.version.raw())),
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
    });
    for pair in list.windows(2) {
        let [(first, lower), (second, upper)] = pair else { continue };
        let (Some(end), Some(start)) = (&lower.to, &upper.from) else { continue };
        // One product of two flaws has a range for each: only those that one flaw lists together are siblings.
        if !together(document, first, second) {
            continue;
        }
        let texts = [&*first.version, &*second.version, &*first.name];
        let (one, other) = (shown_range(lower), shown_range(upper));
        match end.version.compare(&start.version) {
            Some(Ordering::Greater) => {
                let what = format!("{one} and {other} of one product overlap");
                found.add(
                    "sibling-overlap",
                    &second.pointer,
                    &texts,
                    what,
                    "a version in either is affected",
                );
            }
            // Trains of their own are no gap: "< 35.013" and ">= 36".
            Some(Ordering::Less) if same_train(end, start) => {
                let what =
                    format!("between {one} and {other} lie versions of which nothing is said");
                found.add(
                    "sibling-gap",
                    &second.pointer,
                    &texts,
                    what,
                    "those between are outside the range",
                );
            }
            _ => {}
        }
    }
}

/// Whether two ends share all but their last number.
fn same_train(one: &Bound, other: &Bound) -> bool {
    let (one, other) = (one.version.numbers(), other.version.numbers());
    let shared = one.len().max(other.len()).saturating_sub(1);
    let head = |numbers: &[u64]| -> Vec<u64> {
        numbers.iter().copied().chain(std::iter::repeat(0)).take(shared).collect()
    };
    head(&one) == head(&other)
}

fn together(document: &Advisory, one: &Product, other: &Product) -> bool {
    let place = |wanted: &Product| {
        document.products.iter().position(|product| product.pointer == wanted.pointer)
    };
    let (Some(one), Some(other)) = (place(one), place(other)) else { return false };
    document.flaws.iter().any(|flaw| flaw.affected.contains(&one) && flaw.affected.contains(&other))
}
