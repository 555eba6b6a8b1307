//! Every word of a product tree that a document is looked for by: names, and every way to identify a product.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::advisory::lenient::{List, Object, Text};
use crate::advisory::prose::owned;
use crate::model::limits::ADVISORY_BRANCH_DEPTH_MAX;

/// `product_tree`, for its words only.
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
    product: Object<FullName<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct FullName<'a> {
    name: Text<'a>,
    product_id: Text<'a>,
    product_identification_helper: Object<Identified<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Identified<'a> {
    cpe: Text<'a>,
    /// CSAF 2.0 has one, 2.1 a list.
    purl: Text<'a>,
    purls: List<Text<'a>>,
    model_numbers: List<Text<'a>>,
    serial_numbers: List<Text<'a>>,
    skus: List<Text<'a>>,
    sbom_urls: List<Text<'a>>,
    hashes: List<Object<Hashed<'a>>>,
    x_generic_uris: List<Object<GenericUri<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Hashed<'a> {
    filename: Text<'a>,
    file_hashes: List<Object<FileHash<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct FileHash<'a> {
    value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct GenericUri<'a> {
    uri: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Relationship<'a> {
    category: Text<'a>,
    full_product_name: Object<FullName<'a>>,
}

/// What CSAF 2.1 has in the place of relationships.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Path<'a> {
    full_product_name: Object<FullName<'a>>,
    subpaths: List<Object<Subpath<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Subpath<'a> {
    category: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Group<'a> {
    group_id: Text<'a>,
    summary: Text<'a>,
}

type Words = BTreeSet<(Box<str>, Box<str>)>;

impl Tree<'_> {
    /// Every name and identifier, with its kind.
    pub(super) fn words(&self) -> Words {
        let mut words = Words::new();
        self.branches.0.iter().for_each(|Object(branch)| branch.add_to(&mut words, 1));
        self.full_product_names.0.iter().for_each(|Object(full)| full.add_to(&mut words));
        for Object(relationship) in &self.relationships.0 {
            add(&mut words, "relationship", &relationship.category);
            relationship.full_product_name.0.add_to(&mut words);
        }
        for Object(path) in &self.product_paths.0 {
            path.subpaths.0.iter().for_each(|Object(step)| {
                add(&mut words, "relationship", &step.category);
            });
            path.full_product_name.0.add_to(&mut words);
        }
        for Object(group) in &self.product_groups.0 {
            add(&mut words, "group_id", &group.group_id);
            add(&mut words, "group", &group.summary);
        }
        words
    }
}

impl Branch<'_> {
    fn add_to(&self, words: &mut Words, depth: usize) {
        // Documents with deeper trees are refused by `csaf::parse`.
        if depth > ADVISORY_BRANCH_DEPTH_MAX {
            return;
        }
        add(words, &self.category.0, &self.name);
        self.product.0.add_to(words);
        let deeper = depth.saturating_add(1);
        self.branches.0.iter().for_each(|Object(branch)| branch.add_to(words, deeper));
    }
}

impl FullName<'_> {
    fn add_to(&self, words: &mut Words) {
        add(words, "name", &self.name);
        add(words, "product_id", &self.product_id);
        let Object(by) = &self.product_identification_helper;
        add(words, "cpe", &by.cpe);
        add(words, "purl", &by.purl);
        let lists = [
            ("purl", &by.purls),
            ("model_number", &by.model_numbers),
            ("serial_number", &by.serial_numbers),
            ("sku", &by.skus),
            ("sbom_url", &by.sbom_urls),
        ];
        for (kind, list) in lists {
            list.0.iter().for_each(|text| add(words, kind, text));
        }
        for Object(hashed) in &by.hashes.0 {
            add(words, "file", &hashed.filename);
            hashed.file_hashes.0.iter().for_each(|Object(hash)| add(words, "hash", &hash.value));
        }
        by.x_generic_uris.0.iter().for_each(|Object(one)| add(words, "uri", &one.uri));
    }
}

fn add(words: &mut Words, kind: &str, text: &Text<'_>) {
    let text = owned(text);
    if !text.is_empty() {
        words.insert((kind.into(), text));
    }
}
