//! The product tree of CSAF: branches to leaves.
//!
//! ```text
//! vendor "Siemens"
//! └ product_family "SCALANCE"             (may be missing)
//!   └ product_name "SCALANCE X204IRT"
//!     └ product_version_range "<V5.5.0"   → product { name, product_id, product_identification_helper }
//! ```
//!
//! Branches come in any order and depth; each leaf takes the last name of each category above it. Relationships make a
//! product of two: firmware installed on hardware.

use std::collections::BTreeMap;

use serde::Deserialize;

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
struct FullName<'a> {
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
struct Relationship<'a> {
    full_product_name: Object<FullName<'a>>,
    product_reference: Text<'a>,
    relates_to_product_reference: Text<'a>,
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
    for (at, Object(relationship)) in tree.relationships.0.iter().enumerate() {
        relate(relationship, at, &mut products)?;
    }
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

fn push(
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
    let mut models = owned(&helper.model_numbers);
    models.append(&mut owned(&helper.skus));
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

/// Firmware on hardware: the version is the firmware's, the device is the hardware.
fn relate(relationship: &Relationship<'_>, at: usize, products: &mut Vec<Product>) -> Option<()> {
    let named = |id: &str| products.iter().find(|product| *product.id == *id).cloned();
    let (Some(software), Some(hardware)) = (
        named(&relationship.product_reference.0),
        named(&relationship.relates_to_product_reference.0),
    ) else {
        return Some(());
    };
    let pointer = format!("/product_tree/relationships/{at}/full_product_name");
    let mut joined = Product { on: Some(hardware.name), on_models: hardware.models, ..software };
    if joined.vendor.is_empty() {
        joined.vendor = hardware.vendor;
    }
    push(&relationship.full_product_name.0, &joined, pointer, products)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relationship_takes_version_from_firmware_and_device_from_hardware() {
        let tree: Tree<'_> = serde_json::from_str(
            r#"{"branches":[{"category":"vendor","name":"Acme","branches":[
                {"category":"product_name","name":"Firmware","branches":[{"category":"product_version","name":"2.0",
                  "product":{"name":"Firmware 2.0","product_id":"F"}}]},
                {"category":"product_name","name":"Pump","product":{"name":"Pump","product_id":"H",
                  "product_identification_helper":{"model_numbers":["PU-1[C]"]}}}]}],
              "relationships":[{"category":"installed_on","product_reference":"F","relates_to_product_reference":"H",
                "full_product_name":{"name":"Firmware 2.0 on Pump","product_id":"FH"}}]}"#,
        )
        .unwrap();
        let (products, _) = flatten(&tree).unwrap();
        let joined = products.last().unwrap();
        assert_eq!(
            (&*joined.id, &*joined.version, joined.on.as_deref()),
            ("FH", "2.0", Some("Pump"))
        );
        assert_eq!(joined.on_models, vec!["PU-1[C]".into()]);
        assert_eq!(joined.vendor.as_ref(), "Acme");
        assert_eq!(&*products[1].pointer, "/product_tree/branches/0/branches/1/product");
    }
}
