//! Products made of several: relationships of CSAF 2.0, and the paths of 2.1 that took their place.
//!
//! ```text
//! "Firmware < 2.4"  installed_on  "Pump P1"               the version is the firmware's, the device is the pump
//! "OpenSSL < 3.0"   default_component_of  "Pump < 2.4"    the version is the pump's: nobody sees the one of the part
//! "Web server"      optional_component_of "Pump < 2.4"    the same, and whether the option is there is not seen
//! "App"             installed_with  "Database"            what is beside it is not seen
//! ```
//!
//! What a device says is one version, its own. A version of something in it or beside it may not be compared with that: then the
//! product stands for all versions, with a condition beside it, and gives no more than cannot tell.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::advisory::csaf_tree::{FullName, push};
use crate::advisory::lenient::{List, Object, Text};
use crate::advisory::makers;
use crate::advisory::range::{self, What};
use crate::model::advisory::{Product, Stated};
use crate::model::limits::ADVISORY_PATH_PASSES_MAX;
use crate::model::version::Scheme;

/// `product_tree.relationships[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Relationship<'a> {
    category: Text<'a>,
    full_product_name: Object<FullName<'a>>,
    product_reference: Text<'a>,
    relates_to_product_reference: Text<'a>,
}

/// `product_tree.product_paths[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Path<'a> {
    beginning_product_reference: Text<'a>,
    full_product_name: Object<FullName<'a>>,
    subpaths: List<Object<Subpath<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Subpath<'a> {
    category: Text<'a>,
    next_product_reference: Text<'a>,
}

/// A product to be made: of which, by which steps.
struct Join<'a> {
    full: &'a FullName<'a>,
    pointer: String,
    begin: &'a str,
    steps: Vec<(&'a str, &'a str)>,
}

/// Adds the products that relationships and paths make. Each may be made of others that are made themselves, in any order; one
/// that leads in a circle or to nothing is not made, and whatever is said of it is a fault of the document. `None` for more
/// products than any real tree has.
pub(super) fn join(
    relationships: &List<Object<Relationship<'_>>>,
    paths: &List<Object<Path<'_>>>,
    products: &mut Vec<Product>,
) -> Option<()> {
    let mut waiting = joins(relationships, paths);
    let mut places: BTreeMap<Box<str>, usize> = BTreeMap::new();
    for (at, product) in products.iter().enumerate() {
        places.entry(product.id.clone()).or_insert(at);
    }
    for _ in 0..ADVISORY_PATH_PASSES_MAX {
        let before = waiting.len();
        let mut left = Vec::new();
        for join in waiting {
            let Some(made) = join.made(products, &places) else {
                left.push(join);
                continue;
            };
            push(join.full, &made, join.pointer, products)?;
            if let Some((at, last)) = products.iter().enumerate().next_back() {
                places.entry(last.id.clone()).or_insert(at);
            }
        }
        waiting = left;
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    Some(())
}

fn joins<'a>(
    relationships: &'a List<Object<Relationship<'a>>>,
    paths: &'a List<Object<Path<'a>>>,
) -> Vec<Join<'a>> {
    let of_two = (0_usize..).zip(&relationships.0).map(|(at, Object(one))| Join {
        full: &one.full_product_name.0,
        pointer: format!("/product_tree/relationships/{at}/full_product_name"),
        begin: one.product_reference.0.trim(),
        steps: vec![(&*one.category.0, one.relates_to_product_reference.0.trim())],
    });
    let of_path = (0_usize..).zip(&paths.0).map(|(at, Object(path))| Join {
        full: &path.full_product_name.0,
        pointer: format!("/product_tree/product_paths/{at}/full_product_name"),
        begin: path.beginning_product_reference.0.trim(),
        steps: path
            .subpaths
            .0
            .iter()
            .map(|Object(step)| (&*step.category.0, step.next_product_reference.0.trim()))
            .collect(),
    });
    of_two.chain(of_path).collect()
}

impl Join<'_> {
    /// The product, as far as what it is made of says it. A path without a step is none.
    fn made(&self, products: &[Product], places: &BTreeMap<Box<str>, usize>) -> Option<Product> {
        let named = |id: &str| places.get(id).and_then(|at| products.get(*at));
        let first = named(self.begin).cloned()?;
        if self.steps.is_empty() {
            return None;
        }
        self.steps
            .iter()
            .try_fold(first, |made, (category, next)| Some(related(made, category, named(next)?)))
    }
}

fn related(first: Product, category: &str, second: &Product) -> Product {
    match category {
        "installed_on" => installed(first, second),
        "default_component_of" => component(&first, second, false),
        "external_component_of" | "optional_component_of" => component(&first, second, true),
        // "installed_with", and what no version of the standard knows.
        _ => Product { beside: true, ..without_version(on(first, second)) },
    }
}

/// Firmware on hardware: the version is the firmware's, the device is the hardware.
fn installed(first: Product, second: &Product) -> Product {
    if !is_of_one_maker(&first.vendor, &second.vendor) {
        // Software of another maker: the device does not say the version of that.
        let made = without_version(on(first, second));
        return Product { vendor: second.vendor.clone(), beside: true, ..made };
    }
    let (of_first, of_second) = (is_versioned(&first), is_versioned(second));
    let beside = first.beside || second.beside || of_second;
    let made = on(first, second);
    if of_second && !of_first {
        let (stated, version) = (second.stated, second.version.clone());
        return Product { stated, version, beside, ..made };
    }
    Product { beside, ..made }
}

/// A part of something: the device is the whole, and its version the one that it says.
fn component(first: &Product, second: &Product, is_optional: bool) -> Product {
    // A part of certain versions, in a whole of which nothing says them.
    let hidden = is_versioned(first) && !is_versioned(second);
    let beside = first.beside || second.beside || is_optional || hidden;
    // Its own numbers are those of the whole: the entry of the product made has none of them.
    let on_models = second.models.iter().chain(&second.on_models).cloned().collect();
    Product { beside, on_models, ..second.clone() }
}

fn on(first: Product, second: &Product) -> Product {
    let mut on_models = first.on_models.clone();
    on_models.extend(second.models.iter().chain(&second.on_models).cloned());
    let vendor = if first.vendor.is_empty() { second.vendor.clone() } else { first.vendor.clone() };
    Product { vendor, on: Some(second.name.clone()), on_models, ..first }
}

fn without_version(product: Product) -> Product {
    Product { stated: Stated::Nothing, version: Box::default(), ..product }
}

/// Whether a product is not all versions of it.
fn is_versioned(product: &Product) -> bool {
    let reading = range::read(&product.version, product.stated, Scheme::Unknown);
    reading.what != What::All || reading.narrowed.is_some()
}

fn is_of_one_maker(one: &str, other: &str) -> bool {
    let (one, other) = (makers(one), makers(other));
    one.is_empty() || other.is_empty() || one.iter().any(|maker| other.contains(maker))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::csaf_tree::{Tree, flatten};

    /// A tree of Acme's products, each with a range, and what is made of them.
    fn made(part: &str, joins: serde_json::Value) -> Vec<Product> {
        let leaf = |vendor: &str, name: &str, range: &str, id: &str| {
            let product = serde_json::json!({ "name": name, "product_id": id,
                "product_identification_helper": { "model_numbers": [format!("{id}-1")] } });
            let last = if range.is_empty() {
                serde_json::json!({ "category": "product_name", "name": name, "product": product })
            } else {
                serde_json::json!({ "category": "product_name", "name": name, "branches": [
                    { "category": "product_version_range", "name": range, "product": product }] })
            };
            serde_json::json!({ "category": "vendor", "name": vendor, "branches": [last] })
        };
        let tree = serde_json::json!({
            "branches": [
                leaf("Acme", "Firmware", "vers:intdot/<2.4", "F"),
                leaf("Acme", "Pump", "", "H"),
                leaf("Acme", "Pump Pro", "vers:intdot/<3.0", "P"),
                leaf("Acme", "Rack", "vers:all/*", "R"),
                leaf("Bolt", "Runtime", "vers:intdot/<1.1", "B"),
            ],
            part: joins,
        });
        let text = tree.to_string();
        let tree: Tree<'_> = serde_json::from_str(&text).unwrap();
        let (products, _) = flatten(&tree).unwrap();
        products.into_iter().skip(5).collect()
    }

    fn relationship(category: &str, first: &str, second: &str) -> Product {
        let joins = serde_json::json!([{ "category": category, "product_reference": first,
            "relates_to_product_reference": second, "full_product_name": { "name": "made", "product_id": "M" } }]);
        let old = made("relationships", joins);
        let joins = serde_json::json!([{ "beginning_product_reference": first,
            "subpaths": [{ "category": category, "next_product_reference": second }],
            "full_product_name": { "name": "made", "product_id": "M" } }]);
        let new = made("product_paths", joins);
        let same = Product { pointer: old[0].pointer.clone(), ..new[0].clone() };
        assert_eq!(old[0], same, "a path of one step is a relationship");
        assert_eq!(&*new[0].pointer, "/product_tree/product_paths/0/full_product_name");
        old[0].clone()
    }

    #[test]
    fn installed_takes_version_from_firmware_and_device_from_hardware() {
        let made = relationship("installed_on", "F", "H");
        assert_eq!(
            (&*made.version, made.on.as_deref(), made.beside),
            ("vers:intdot/<2.4", Some("Pump"), false)
        );
        assert_eq!(made.on_models, vec!["H-1".into()]);
        assert!(!relationship("installed_on", "F", "R").beside, "all versions are no condition");
        assert!(relationship("installed_on", "F", "P").beside, "two versions, and one is seen");
    }

    #[test]
    fn software_of_another_maker_has_a_version_that_the_device_does_not_say() {
        let made = relationship("installed_on", "B", "P");
        assert_eq!((&*made.vendor, made.stated, made.beside), ("Acme", Stated::Nothing, true));
    }

    #[test]
    fn the_version_of_a_whole_is_not_that_of_its_part() {
        let made = relationship("default_component_of", "B", "P");
        assert_eq!(
            (&*made.name, &*made.version, made.beside),
            ("Pump Pro", "vers:intdot/<3.0", false)
        );
        assert!(relationship("optional_component_of", "B", "P").beside);
        let made = relationship("default_component_of", "B", "H");
        assert_eq!((&*made.name, made.stated, made.beside), ("Pump", Stated::Nothing, true));
        let made = relationship("installed_with", "F", "H");
        assert_eq!((made.stated, made.beside), (Stated::Nothing, true));
        assert!(relationship("soldered_to", "F", "H").beside, "a word that nobody knows");
    }

    #[test]
    fn paths_have_several_steps_and_may_be_built_on_each_other_in_any_order() {
        let path = |begin: &str, steps: &[(&str, &str)], id: &str| {
            let steps: Vec<_> = steps
                .iter()
                .map(|(category, next)| serde_json::json!({ "category": category, "next_product_reference": next }))
                .collect();
            serde_json::json!({ "beginning_product_reference": begin, "subpaths": steps,
                "full_product_name": { "name": id, "product_id": id } })
        };
        let on = "installed_on";
        let all = made(
            "product_paths",
            serde_json::json!([
                path("X", &[(on, "R")], "Y"),
                path("F", &[(on, "H")], "X"),
                path("F", &[(on, "H"), (on, "R")], "Z"),
                path("Q", &[(on, "H")], "Q"),
                path("F", &[], "N"),
                path("F", &[(on, "nowhere")], "O"),
            ]),
        );
        let ids: Vec<&str> = all.iter().map(|product| &*product.id).collect();
        assert_eq!(ids, ["X", "Z", "Y"]);
        let [_, collapsed, built] = &*all else { panic!() };
        for product in [collapsed, built] {
            assert_eq!(product.on.as_deref(), Some("Rack"));
            assert_eq!(product.on_models, vec!["H-1".into(), "R-1".into()]);
            assert_eq!(&*product.version, "vers:intdot/<2.4");
        }
    }
}
