//! Fix texts held against the ranges that they end.
//!
//! A text is held against a product only when nothing else can be meant: all products that the remediation is for have one
//! name, and the text names one version.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::lint::ranges::shown_range;
use crate::advisory::lint::{Found, Known, scheme};
use crate::advisory::name::compact;
use crate::advisory::range::{self, What};
use crate::model::advisory::{Advisory, Flaw, Product, Remedy};
use crate::model::version::{Bound, Range, Scheme, Version};

/// Holds the fix texts of each flaw against the ranges of its products.
pub(super) fn check(document: &Advisory, known: &Known<'_>, found: &mut Found) {
    for flaw in &document.flaws {
        let mut named: BTreeMap<usize, Vec<(Version, &Remedy)>> = BTreeMap::new();
        for remedy in &flaw.remedies {
            if matches!(&*remedy.category, "vendor_fix" | "mitigation") {
                collect(document, flaw, remedy, known, &mut named);
            }
        }
        for (at, fixes) in named {
            let Some(product) = document.products.get(at) else { continue };
            product_against(product, scheme(document, at, known), &fixes, found);
        }
    }
}

/// The version that a remediation names, for each product that it can only be for.
fn collect<'a>(
    document: &Advisory,
    flaw: &Flaw,
    remedy: &'a Remedy,
    known: &Known<'_>,
    named: &mut BTreeMap<usize, Vec<(Version, &'a Remedy)>>,
) {
    let fixes = known.names.fixes(&remedy.details);
    let [fix] = fixes.as_slice() else { return };
    let everything: BTreeSet<usize> = (0..document.products.len()).collect();
    let meant = if remedy.products.is_empty() { &everything } else { &remedy.products };
    let names: BTreeSet<String> = meant
        .iter()
        .filter_map(|at| document.products.get(*at))
        .map(|product| compact(&product.name))
        .collect();
    // "Update the underlying library to 2.3" is about something else.
    const PLAIN: [&str; 10] =
        ["", "to", "the", "firmware", "software", "version", "it", "your", "device", "devices"];
    let elsewhere = fix.component.to_lowercase().split_whitespace().any(|word| {
        !PLAIN.contains(&word) && !names.iter().any(|name| name.contains(&compact(word)))
    });
    if names.len() != 1 || fix.conditional || elsewhere {
        return;
    }
    for at in meant.intersection(&flaw.affected) {
        let version = Version::new(&fix.version, scheme(document, *at, known));
        let list = named.entry(*at).or_default();
        let known = list.iter().any(|(kept, _)| kept.compare(&version) == Some(Ordering::Equal));
        if version.is_readable() && !known {
            list.push((version, remedy));
        }
    }
}

fn product_against(
    product: &Product,
    scheme: Scheme,
    fixes: &[(Version, &Remedy)],
    found: &mut Found,
) {
    let reading = range::read(&product.version, product.stated, scheme);
    if reading.narrowed.is_some() {
        return;
    }
    for (version, remedy) in fixes {
        match &reading.what {
            What::All if fixes.len() == 1 => {
                let what = format!("all versions are affected, and {} is the fix", version.raw());
                let reading = format!(
                    "affected below {0}, fixed from {0} on; write vers:generic/<{0}",
                    version.raw()
                );
                complain("all-with-fix", product, remedy, version, (what, reading), found);
            }
            What::Spans { spans, .. } => {
                if let [range] = spans.as_slice()
                    && (fixes.len() == 1 || on_train_of(version, range))
                {
                    against(range, version, product, remedy, found);
                }
            }
            _ => {}
        }
    }
}

/// Of several fixes, the one that shares all but the last number with the end of the range.
fn on_train_of(version: &Version, range: &Range) -> bool {
    let Some(end) = &range.to else { return false };
    let (own, end) = (version.numbers(), end.version.numbers());
    let shared = end.len().saturating_sub(1).max(1);
    own.get(..shared).is_some_and(|own| end.get(..shared) == Some(own))
}

fn complain(
    rule: &str,
    product: &Product,
    remedy: &Remedy,
    fix: &Version,
    (what, reading): (String, String),
    found: &mut Found,
) {
    let texts = [&*product.version, fix.raw(), &*remedy.details];
    found.add(rule, &product.pointer, &texts, what, reading);
}

fn against(range: &Range, fix: &Version, product: &Product, remedy: &Remedy, found: &mut Found) {
    let range_text = shown_range(range);
    let raw = fix.raw();
    let below = range
        .from
        .as_ref()
        .is_some_and(|bound| fix.compare(&bound.version) == Some(Ordering::Less));
    let end = range.to.as_ref();
    let (rule, what, reading) = if range.is_exact() {
        let later = end.is_some_and(|bound| fix.compare(&bound.version) == Some(Ordering::Greater));
        if !later {
            return;
        }
        let what = format!("{range_text} is affected, and {raw} is the fix");
        let reading = format!(
            "affected from there up to the fix of its train; write the whole range, vers:generic/<{raw}"
        );
        ("exact-with-fix", what, reading)
    } else if end.is_some_and(|bound| lost_zero(fix, bound)) {
        let what = format!(
            "the range ends at {range_text} and the fix is {raw}: a trailing zero may be lost"
        );
        (
            "lost-zero",
            what,
            "the range is believed; a version between the two is cannot tell".to_owned(),
        )
    } else if below {
        let what = format!("the fix {raw} is older than all of {range_text}");
        (
            "fix-below-range",
            what,
            "both are believed: what is affected cannot be fixed by it".to_owned(),
        )
    } else if end.is_some() && range.contains(fix) == Some(true) {
        let what = format!("the fix {raw} is itself inside the affected range {range_text}");
        (
            "fix-inside-range",
            what,
            "from the fix to the end of the range the verdict is cannot tell".to_owned(),
        )
    } else if let Some(bound) = end.filter(|bound| !bound.inclusive)
        && fix.compare(&bound.version) == Some(Ordering::Greater)
    {
        let what = format!("affected are {range_text}, and the fix is {raw}");
        let reading = format!(
            "versions from {} up to {raw} are neither affected nor fixed: cannot tell",
            bound.version.raw()
        );
        ("fix-gap", what, reading)
    } else {
        return;
    };
    complain(rule, product, remedy, fix, (what, reading), found);
}

fn lost_zero(fix: &Version, end: &Bound) -> bool {
    fix.is_shortened(&end.version) || end.version.is_shortened(fix)
}
