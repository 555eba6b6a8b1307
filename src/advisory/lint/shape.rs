//! Parts that are missing, identifiers that lead nowhere, dates out of order: what the reader of documents passes over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::advisory::csaf;
use crate::advisory::lint::Found;
use crate::advisory::makers;
use crate::model::advisory::Advisory;
use crate::model::limits::ADVISORY_BRANCH_DEPTH_MAX;

/// Holds the document against what the standard requires, as far as verdicts need it.
pub(super) fn check(whole: &Value, document: &Advisory, found: &mut Found) {
    parts(whole, document, found);
    dates(whole, found);
    let mut ids = Ids::default();
    tree(whole, &mut ids, found);
    paths(whole, document, &ids, found);
    let groups = groups(whole, &ids, found);
    uses(whole, &ids, &groups, found);
    vendors(document, found);
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn parts(whole: &Value, document: &Advisory, found: &mut Found) {
    const REQUIRED: [&str; 11] = [
        "/document/title",
        "/document/category",
        "/document/csaf_version",
        "/document/publisher/name",
        "/document/publisher/category",
        "/document/publisher/namespace",
        "/document/tracking/version",
        "/document/tracking/status",
        "/document/tracking/current_release_date",
        "/document/tracking/initial_release_date",
        "/document/tracking/revision_history",
    ];
    const REQUIRED_SINCE_2_1: [&str; 2] = ["/$schema", "/document/distribution/tlp/label"];
    let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let version = text("/document/csaf_version").trim();
    let newer = REQUIRED_SINCE_2_1.iter().filter(|_| !matches!(version, "" | "2.0"));
    // What was taken back, or only informs, has no list of products.
    let judges = csaf::judges(text("/document/category"), &document.standing);
    let tree = ["/product_tree"].iter().filter(|_| judges);
    for pointer in REQUIRED.iter().chain(newer).chain(tree) {
        let there = whole.pointer(pointer).is_some_and(|value| match value {
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(_) => true,
            _ => false,
        });
        if !there {
            let what = format!("there is no {pointer}");
            found.add("missing-part", pointer, &[], what, "read as empty");
        }
    }
    if !version.is_empty() && !csaf::VERSIONS.contains(&version) {
        let what = "this version of CSAF is not known here: 2.0 and 2.1 are";
        let reading = "what is like these is read; it flags devices and clears none";
        found.add("csaf-version", "/document/csaf_version", &[version], what, reading);
    }
}

fn dates(whole: &Value, found: &mut Found) {
    const CURRENT: &str = "/document/tracking/current_release_date";
    const INITIAL: &str = "/document/tracking/initial_release_date";
    let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str);
    let mut read = |pointer: &str| {
        let text = text(pointer)?;
        let instant = instant(text);
        if instant.is_none() {
            let what = "this is no date with a time and a zone";
            found.add("date-order", pointer, &[text], what, "older than any that is one");
        }
        instant
    };
    let (current, initial) = (read(CURRENT), read(INITIAL));
    if let (Some(current), Some(initial)) = (current, initial)
        && current < initial
    {
        let texts = [text(CURRENT).unwrap_or_default(), text(INITIAL).unwrap_or_default()];
        let what = "the current release is older than the first";
        found.add("date-order", CURRENT, &texts, what, "the current one is believed");
    }
    let history = list(whole, "/document/tracking/revision_history");
    let latest = history
        .iter()
        .filter_map(|entry| entry.get("date")?.as_str())
        .filter_map(|text| Some((instant(text)?, text)))
        .max();
    if let (Some(current), Some((latest, text_of_latest))) = (current, latest)
        && latest > current
    {
        let texts = [text(CURRENT).unwrap_or_default(), text_of_latest];
        let what = "the history has a revision that is younger than the current release";
        found.add("date-order", CURRENT, &texts, what, "the current release date is believed");
    }
}

fn instant(text: &str) -> Option<jiff::Timestamp> {
    text.trim().parse().ok()
}

/// Identifiers of products, each with its place.
#[derive(Default)]
struct Ids {
    places: BTreeMap<String, String>,
}

impl Ids {
    fn define(&mut self, full: &Value, pointer: &str, found: &mut Found) {
        let name = full.get("name").and_then(Value::as_str).unwrap_or_default();
        let id = full.get("product_id").and_then(Value::as_str).unwrap_or_default().trim();
        if id.is_empty() {
            let what = "this product has no product_id";
            found.add("product-without-id", pointer, &[name], what, "nothing can be said of it");
        } else if let Some(first) = self.places.insert(id.to_owned(), pointer.to_owned()) {
            let what = format!("this product_id is also that of {first}");
            let reading = "the last product of that identifier is meant, wherever it is used";
            found.add("duplicate-product-id", pointer, &[id, name], what, reading);
        }
    }

    fn has(&self, id: &str) -> bool {
        self.places.contains_key(id.trim())
    }
}

fn tree(whole: &Value, ids: &mut Ids, found: &mut Found) {
    let root = "/product_tree/branches";
    let mut todo: Vec<(&Value, String, usize)> = Vec::new();
    for (at, branch) in list(whole, root).iter().enumerate() {
        todo.push((branch, format!("{root}/{at}"), 1));
    }
    // A stack, so that the last is read first: turned round, pointers come in the order of the document.
    todo.reverse();
    while let Some((branch, pointer, depth)) = todo.pop() {
        if let Some(full) = branch.get("product") {
            ids.define(full, &format!("{pointer}/product"), found);
        }
        if depth >= ADVISORY_BRANCH_DEPTH_MAX {
            continue;
        }
        let below = list(branch, "/branches");
        for (at, branch) in below.iter().enumerate().rev() {
            todo.push((branch, format!("{pointer}/branches/{at}"), depth.saturating_add(1)));
        }
    }
    for (at, full) in list(whole, "/product_tree/full_product_names").iter().enumerate() {
        ids.define(full, &format!("/product_tree/full_product_names/{at}"), found);
    }
    for (at, relationship) in list(whole, "/product_tree/relationships").iter().enumerate() {
        let pointer = format!("/product_tree/relationships/{at}");
        for part in ["product_reference", "relates_to_product_reference"] {
            used(relationship.get(part), &format!("{pointer}/{part}"), ids, found);
        }
        if let Some(full) = relationship.get("full_product_name") {
            ids.define(full, &format!("{pointer}/full_product_name"), found);
        }
    }
    for (at, path) in list(whole, "/product_tree/product_paths").iter().enumerate() {
        if let Some(full) = path.get("full_product_name") {
            let pointer = format!("/product_tree/product_paths/{at}/full_product_name");
            ids.define(full, &pointer, found);
        }
    }
}

/// Paths lead from product to product, in any order: all are defined before any is followed.
fn paths(whole: &Value, document: &Advisory, ids: &Ids, found: &mut Found) {
    let made: BTreeSet<&str> = document.products.iter().map(|product| &*product.pointer).collect();
    for (at, path) in list(whole, "/product_tree/product_paths").iter().enumerate() {
        let pointer = format!("/product_tree/product_paths/{at}");
        let begin = "beginning_product_reference";
        used(path.get(begin), &format!("{pointer}/{begin}"), ids, found);
        for (step, subpath) in list(path, "/subpaths").iter().enumerate() {
            let next = "next_product_reference";
            let pointer = format!("{pointer}/subpaths/{step}/{next}");
            used(subpath.get(next), &pointer, ids, found);
        }
        let own = format!("{pointer}/full_product_name");
        if !made.contains(&*own) {
            let what = "this path has no step, leads in a circle, or to no product of the tree";
            found.add("dangling-product-id", &own, &[], what, "no product is made of it");
        }
    }
}

fn used(id: Option<&Value>, pointer: &str, ids: &Ids, found: &mut Found) {
    let Some(id) = id.and_then(Value::as_str) else { return };
    if !ids.has(id) {
        let what = "no product of the tree has this identifier";
        found.add("dangling-product-id", pointer, &[id], what, "passed over");
    }
}

fn groups(whole: &Value, ids: &Ids, found: &mut Found) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, group) in list(whole, "/product_tree/product_groups").iter().enumerate() {
        let pointer = format!("/product_tree/product_groups/{at}/product_ids");
        for (place, id) in list(group, "/product_ids").iter().enumerate() {
            used(Some(id), &format!("{pointer}/{place}"), ids, found);
        }
        named.extend(group.get("group_id").and_then(Value::as_str).map(str::to_owned));
    }
    named
}

fn uses(whole: &Value, ids: &Ids, groups: &BTreeSet<String>, found: &mut Found) {
    for (at, flaw) in list(whole, "/vulnerabilities").iter().enumerate() {
        let pointer = format!("/vulnerabilities/{at}");
        let status = flaw.get("product_status").and_then(Value::as_object);
        for (kind, listed) in status.into_iter().flatten() {
            for (place, id) in listed.as_array().into_iter().flatten().enumerate() {
                used(Some(id), &format!("{pointer}/product_status/{kind}/{place}"), ids, found);
            }
        }
        const OF_PRODUCTS: [&str; 7] = [
            "remediations",
            "threats",
            "flags",
            "first_known_exploitation_dates",
            "involvements",
            "ids",
            "notes",
        ];
        for part in OF_PRODUCTS {
            for (place, entry) in list(flaw, &format!("/{part}")).iter().enumerate() {
                let pointer = format!("{pointer}/{part}/{place}");
                for (one, id) in list(entry, "/product_ids").iter().enumerate() {
                    used(Some(id), &format!("{pointer}/product_ids/{one}"), ids, found);
                }
                for id in list(entry, "/group_ids").iter().filter_map(Value::as_str) {
                    if !groups.contains(id) {
                        let what = "no product group has this identifier";
                        found.add("dangling-group-id", &pointer, &[id], what, "passed over");
                    }
                }
            }
        }
        for part in ["scores", "metrics"] {
            for (place, entry) in list(flaw, &format!("/{part}")).iter().enumerate() {
                for (one, id) in list(entry, "/products").iter().enumerate() {
                    let pointer = format!("{pointer}/{part}/{place}/products/{one}");
                    used(Some(id), &pointer, ids, found);
                }
            }
        }
    }
}

fn vendors(document: &Advisory, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for product in &document.products {
        let vendor = &*product.vendor;
        if !seen.insert(vendor) || !(vendor.contains(" and ") || vendor.contains([',', ';', '/'])) {
            continue;
        }
        let makers = makers(vendor);
        if makers.len() > 1 {
            let what = "one vendor branch names several makers";
            let reading = format!("each of {} is taken for the maker", makers.join(", "));
            found.add("vendor-list", &product.pointer, &[vendor], what, reading);
        }
    }
}
