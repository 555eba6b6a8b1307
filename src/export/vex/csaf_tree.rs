//! The product tree: makers, products and versions as branches, and what they are installed on.
//!
//! ```text
//! branches             vendor ── product_name ── product_version: a firmware, once for all devices that have it
//! full_product_names   the hardware of each device or part, with serial and model number; and what has no version
//! relationships        firmware installed_on hardware: the product that statements are about
//! ```

use std::collections::BTreeMap;

use serde::Serialize;

use crate::export::vex::product::{Product, Software};
use crate::export::vex::{Vex, named};
use crate::model::Field;

#[derive(Serialize)]
pub(super) struct Tree<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<Branch>,
    full_product_names: Vec<FullName<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relationships: Vec<Relationship<'a>>,
}

/// Either with branches below it, or with a product.
#[derive(Serialize)]
struct Branch {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<Branch>,
    category: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<FullName<'static>>,
}

#[derive(Serialize)]
struct FullName<'a> {
    name: String,
    product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_identification_helper: Option<Helper<'a>>,
}

#[derive(Serialize)]
struct Helper<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model_numbers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    serial_numbers: Vec<String>,
    x_generic_uris: [GenericUri<'a>; 1],
}

#[derive(Serialize)]
struct GenericUri<'a> {
    namespace: &'a str,
    uri: String,
}

#[derive(Serialize)]
struct Relationship<'a> {
    category: &'static str,
    full_product_name: FullName<'a>,
    product_reference: String,
    relates_to_product_reference: String,
}

/// Makers, their products, and the versions of those with their identifiers.
type Versions<'a> = BTreeMap<Option<&'a str>, BTreeMap<String, BTreeMap<&'a str, String>>>;

impl<'a> Tree<'a> {
    pub(super) fn new(vex: &Vex<'a>) -> Self {
        let publisher = vex.about.publisher.as_ref();
        let namespace = publisher.and_then(|publisher| publisher.namespace.as_deref());
        let namespace = namespace.unwrap_or_default();
        let mut versions: Versions<'_> = BTreeMap::new();
        let (mut names, mut relationships) = (Vec::new(), Vec::new());
        for product in vex.products() {
            let helper = Some(helper(&product, namespace));
            let id = product.uuid().to_string();
            let Some((software, version)) = versioned(&product) else {
                let name = product.label();
                names.push(FullName {
                    name,
                    product_id: id,
                    product_identification_helper: helper,
                });
                continue;
            };
            let vendor = product.value(Field::Vendor).filter(|_| software.is_firmware);
            let firmware =
                named(&["software", vendor.unwrap_or_default(), &software.name, version]);
            let of_vendor = versions.entry(vendor).or_default();
            let of_name = of_vendor.entry(software.name.clone()).or_default();
            of_name.insert(version, firmware.to_string());
            let hardware = product.own("hardware");
            names.push(FullName {
                name: product.label(),
                product_id: hardware.clone(),
                product_identification_helper: helper,
            });
            let name = format!("{} {version} on {}", software.name, product.label());
            relationships.push(Relationship {
                category: "installed_on",
                full_product_name: FullName {
                    name,
                    product_id: id,
                    product_identification_helper: None,
                },
                product_reference: firmware.to_string(),
                relates_to_product_reference: hardware,
            });
        }
        Self { branches: branches(versions), full_product_names: names, relationships }
    }
}

/// Software with a version that may stand in a branch of one version.
fn versioned<'a>(product: &Product<'a>) -> Option<(Software<'a>, &'a str)> {
    let software = product.software()?;
    let version = software.version.filter(|version| !reads_as_a_range(version))?;
    Some((software, version))
}

/// True for a text that means several versions, as CSAF 2.0 sees it (section 6.1.31): in a list that people keep, or in what a
/// hostile device says of itself.
fn reads_as_a_range(version: &str) -> bool {
    const WORDS: [&str; 9] =
        ["<", ">", "after", "all", "before", "earlier", "later", "prior", "versions"];
    let folded = version.to_ascii_lowercase();
    WORDS.iter().any(|word| folded.contains(word))
}

fn branches(versions: Versions<'_>) -> Vec<Branch> {
    let mut top = Vec::new();
    for (vendor, products) in versions {
        let title = vendor.map(|vendor| format!("{vendor} ")).unwrap_or_default();
        let products = products.into_iter().map(|(name, versions)| {
            let versions = versions.into_iter().map(|(version, product_id)| Branch {
                branches: Vec::new(),
                category: "product_version",
                name: version.to_owned(),
                product: Some(FullName {
                    name: format!("{title}{name} {version}"),
                    product_id,
                    product_identification_helper: None,
                }),
            });
            let branches = versions.collect();
            Branch { branches, category: "product_name", name, product: None }
        });
        match vendor {
            None => top.extend(products),
            Some(vendor) => top.push(Branch {
                branches: products.collect(),
                category: "vendor",
                name: vendor.to_owned(),
                product: None,
            }),
        }
    }
    top
}

fn helper<'a>(product: &Product<'_>, namespace: &'a str) -> Helper<'a> {
    Helper {
        model_numbers: product.models().into_iter().map(literal).collect(),
        serial_numbers: product.serial().map(literal).into_iter().collect(),
        x_generic_uris: [GenericUri { namespace, uri: product.urn() }],
    }
}

/// A number that means itself: stars and question marks stand for any others (section 3.1.3.3.4).
fn literal(number: &str) -> String {
    number.replace('*', "\\*").replace('?', "\\?")
}
