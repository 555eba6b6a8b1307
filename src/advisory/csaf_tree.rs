//! The product tree of CSAF: branches to leaves.
//!
//! ```text
//! vendor "Siemens"
//! └ product_family "SCALANCE"             (may be missing)
//!   └ product_name "SCALANCE X204IRT"
//!     └ product_version_range "<V5.5.0"   → product { name, product_id, product_identification_helper }
//! ```
//!
//! Branches come in any order and depth; each leaf takes the last name of each category above it. Relationships (CSAF 2.0) and
//! paths (2.1) make a product of several: firmware installed on hardware ([`crate::advisory::csaf_paths`]).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::advisory::csaf_paths::{self, Path, Relationship};
use crate::advisory::lenient::{List, Object, Text};
use crate::model::advisory::{Product, Stated};
use crate::model::limits::{ADVISORY_BRANCH_DEPTH_MAX, ADVISORY_PRODUCTS_MAX};

/// `product_tree`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Tree<'a> {
    branches: List<Object<Branch<'a>>>,
    full_product_names: List<Object<FullName<'a>>>,
    relationships: List<Object<Relationship<'a>>>,
    product_paths: List<Object<Path<'a>>>,
    product_groups: List<Object<Group<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Branch<'a> {
    category: Text<'a>,
    name: Text<'a>,
    branches: List<Object<Branch<'a>>>,
    product: Option<Object<FullName<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct FullName<'a> {
    name: Text<'a>,
    product_id: Text<'a>,
    product_identification_helper: Object<Helper<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Helper<'a> {
    model_numbers: List<Text<'a>>,
    serial_numbers: List<Text<'a>>,
    skus: List<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Group<'a> {
    group_id: Text<'a>,
    product_ids: List<Text<'a>>,
}

/// Identifiers of products by the identifier of their group.
pub(super) type Groups = BTreeMap<String, Vec<String>>;

/// Leaves in document order, and the members of each product group. `None` for a tree deeper or with more products than
/// any real one: a part of it would be silent about products that it lists, and silence reads as safe.
pub(super) fn flatten(tree: &Tree<'_>) -> Option<(Vec<Product>, Groups)> {
    let mut products = Vec::new();
    for (at, Object(branch)) in tree.branches.0.iter().enumerate() {
        let pointer = format!("/product_tree/branches/{at}");
        descend(branch, &Product::default(), &pointer, 1, &mut products)?;
    }
    for (at, Object(full)) in tree.full_product_names.0.iter().enumerate() {
        let pointer = format!("/product_tree/full_product_names/{at}/product_id");
        push(full, &Product::default(), pointer, &mut products)?;
    }
    csaf_paths::join(&tree.relationships, &tree.product_paths, &mut products)?;
    let groups = tree.product_groups.0.iter().map(|Object(group)| {
        let members = group.product_ids.0.iter().map(|id| id.0.to_string()).collect();
        (group.group_id.0.to_string(), members)
    });
    Some((products, groups.collect()))
}

fn descend(
    branch: &Branch<'_>,
    above: &Product,
    pointer: &str,
    depth: usize,
    out: &mut Vec<Product>,
) -> Option<()> {
    if depth > ADVISORY_BRANCH_DEPTH_MAX {
        return None;
    }
    let mut here = above.clone();
    let name: Box<str> = branch.name.0.trim().into();
    match &*branch.category.0 {
        "vendor" => here.vendor = name,
        "product_family" => here.family = name,
        "product_name" => here.name = name,
        "product_version" => (here.stated, here.version) = (Stated::Version, name),
        "product_version_range" => (here.stated, here.version) = (Stated::Range, name),
        _ => {}
    }
    if let Some(Object(full)) = &branch.product {
        push(full, &here, format!("{pointer}/product"), out)?;
    }
    for (at, Object(below)) in branch.branches.0.iter().enumerate() {
        descend(below, &here, &format!("{pointer}/branches/{at}"), depth.saturating_add(1), out)?;
    }
    Some(())
}

/// Adds a product with what its own entry says, and the rest from what stands above it.
pub(super) fn push(
    full: &FullName<'_>,
    above: &Product,
    pointer: String,
    out: &mut Vec<Product>,
) -> Option<()> {
    let helper = &full.product_identification_helper.0;
    let owned = |list: &List<Text<'_>>| -> Vec<Box<str>> {
        list.0
            .iter()
            .map(|text| text.0.trim())
            .filter(|text| !text.is_empty())
            .map(Into::into)
            .collect()
    };
    let full_name: Box<str> = full.name.0.trim().into();
    let numbers = owned(&helper.model_numbers).into_iter().chain(owned(&helper.skus));
    let models = numbers.flat_map(|number| spelled(&number)).collect();
    if out.len() >= ADVISORY_PRODUCTS_MAX {
        return None;
    }
    out.push(Product {
        id: full.product_id.0.trim().into(),
        name: if above.name.is_empty() { full_name.clone() } else { above.name.clone() },
        full_name,
        models,
        serials: owned(&helper.serial_numbers),
        pointer: pointer.into(),
        ..above.clone()
    });
    Some(())
}

/// A number with its placeholders as they are met elsewhere: `*` for any characters, none too. `?` stands for one character and
/// becomes the same, and so does an escaped sign: the document then lists a few numbers more, and a device that it does not mean
/// hears of a flaw too much. CSAF 2.1 ends every number that may go on with a star; the number without it is the exact one.
fn spelled(number: &str) -> Vec<Box<str>> {
    if !number.contains(['*', '?', '\\']) {
        return vec![number.into()];
    }
    let mut pattern = String::with_capacity(number.len());
    for c in number.chars().filter(|c| *c != '\\') {
        match c {
            '*' | '?' if pattern.ends_with('*') => {}
            '*' | '?' => pattern.push('*'),
            c => pattern.push(c),
        }
    }
    let exact = pattern.strip_suffix('*').filter(|exact| !exact.contains('*') && !exact.is_empty());
    exact.into_iter().chain([pattern.as_str()]).map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_placeholders_are_patterns_and_a_star_at_the_end_is_the_number_too() {
        let spelled =
            |number: &str| -> Vec<String> { spelled(number).into_iter().map(Into::into).collect() };
        assert_eq!(spelled("6RA8096-4MV62-0AA0"), ["6RA8096-4MV62-0AA0"]);
        assert_eq!(spelled("PU-1*"), ["PU-1", "PU-1*"]);
        assert_eq!(spelled("6RA801?-??V62-0AA0"), ["6RA801*-*V62-0AA0"]);
        assert_eq!(spelled("PU*-1*"), ["PU*-1*"]);
        assert_eq!(spelled(r"PU\*1"), ["PU*1"]);
        assert_eq!(spelled("*"), ["*"]);
    }
}
