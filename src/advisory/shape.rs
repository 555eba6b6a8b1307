//! Whether a document has the shape that CSAF 2.0 or 2.1 gives it, as far as verdicts rest on it.
//!
//! Documents are read tolerantly: a value of an unexpected kind costs only itself. But what it cost may have been the product, the
//! range or the state that concerns a device, and a device must not be called safe because of a typing error. So each document is
//! looked at a second time, against the shapes below, and the first thing that is wrong goes with it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::advisory::lenient;
use crate::model::advisory::Fault;
use crate::model::limits::{
    ADVISORY_FAULT_BYTES_MAX, ADVISORY_NAME_CHARS_MAX, ADVISORY_SHAPE_DEPTH_MAX,
};

/// What a value has to be.
enum Shape {
    /// A string that is not empty.
    Text,
    /// A string, also an empty one.
    AnyText,
    /// A number, or one written as a string.
    Number,
    /// A list of such values.
    List(&'static Shape),
    /// An object with these members. Others are not read.
    Object(&'static [Member]),
    /// An object with these members and no others: what another one says would be lost, and silence reads as safe.
    Closed(&'static [Member]),
    /// One of these words: another one may turn the meaning of what stands beside it.
    Word(&'static [&'static str]),
}

/// A member of an object: its name, whether it must be there, and its shape.
type Member = (&'static str, Need, &'static Shape);

#[derive(Clone, Copy, Eq, PartialEq)]
enum Need {
    Must,
    May,
}

use Need::{May, Must};
use Shape::{AnyText, Closed, List, Number, Object, Text, Word};

static TEXTS: Shape = List(&Text);

static DOCUMENT: Shape = Object(&[
    ("document", Must, &HEAD),
    ("product_tree", Must, &TREE),
    ("vulnerabilities", May, &List(&VULNERABILITY)),
]);

/// Of a document that says nothing of products.
static DOCUMENT_WITHOUT_TREE: Shape = Object(&[
    ("document", Must, &HEAD),
    ("product_tree", May, &TREE),
    ("vulnerabilities", May, &List(&VULNERABILITY)),
]);

static HEAD: Shape = Object(&[
    ("title", Must, &Text),
    ("tracking", Must, &TRACKING),
    ("publisher", Must, &Object(&[("name", Must, &Text)])),
    ("notes", May, &List(&Object(&[("text", Must, &AnyText)]))),
]);

static TRACKING: Shape = Object(&[
    ("id", Must, &Text),
    ("version", Must, &Text),
    ("current_release_date", Must, &Text),
    ("initial_release_date", May, &Text),
    ("status", May, &Text),
]);

static TREE: Shape = Object(&[
    ("branches", May, &BRANCHES),
    ("full_product_names", May, &List(&PRODUCT)),
    ("relationships", May, &List(&RELATIONSHIP)),
    ("product_paths", May, &List(&PATH)),
    ("product_groups", May, &List(&GROUP)),
]);

static BRANCHES: Shape = List(&BRANCH);

static BRANCH: Shape = Object(&[
    ("category", Must, &BRANCH_CATEGORY),
    ("name", Must, &Text),
    ("branches", May, &BRANCHES),
    ("product", May, &PRODUCT),
]);

/// `legacy` of CSAF 2.0 only, `platform` of 2.1 only.
static BRANCH_CATEGORY: Shape = Word(&[
    "architecture",
    "host_name",
    "language",
    "legacy",
    "patch_level",
    "platform",
    "product_family",
    "product_name",
    "product_version",
    "product_version_range",
    "service_pack",
    "specification",
    "vendor",
]);

static PRODUCT: Shape = Object(&[
    ("name", Must, &Text),
    ("product_id", Must, &Text),
    (
        "product_identification_helper",
        May,
        &Object(&[
            ("model_numbers", May, &TEXTS),
            ("serial_numbers", May, &TEXTS),
            ("skus", May, &TEXTS),
        ]),
    ),
]);

static JOIN_CATEGORY: Shape = Word(&[
    "default_component_of",
    "external_component_of",
    "installed_on",
    "installed_with",
    "optional_component_of",
]);

static PATH: Shape = Object(&[
    ("beginning_product_reference", Must, &Text),
    ("full_product_name", Must, &PRODUCT),
    (
        "subpaths",
        Must,
        &List(&Object(&[
            ("category", Must, &JOIN_CATEGORY),
            ("next_product_reference", Must, &Text),
        ])),
    ),
]);

static RELATIONSHIP: Shape = Object(&[
    ("category", Must, &JOIN_CATEGORY),
    ("full_product_name", Must, &PRODUCT),
    ("product_reference", Must, &Text),
    ("relates_to_product_reference", Must, &Text),
]);

static GROUP: Shape = Object(&[("group_id", Must, &Text), ("product_ids", Must, &TEXTS)]);

static VULNERABILITY: Shape = Object(&[
    ("cve", May, &Text),
    ("title", May, &Text),
    ("ids", May, &List(&Object(&[("text", Must, &Text)]))),
    ("product_status", Must, &STATUS),
    ("remediations", May, &List(&REMEDIATION)),
    ("scores", May, &List(&SCORE)),
    ("metrics", May, &List(&Object(&[("content", Must, &SCORE), ("products", May, &TEXTS)]))),
    (
        "first_known_exploitation_dates",
        May,
        &List(&Object(&[
            ("exploitation_date", Must, &Text),
            ("product_ids", May, &TEXTS),
            ("group_ids", May, &TEXTS),
        ])),
    ),
]);

static STATUS: Shape = Closed(&[
    ("first_affected", May, &TEXTS),
    ("first_fixed", May, &TEXTS),
    ("fixed", May, &TEXTS),
    ("known_affected", May, &TEXTS),
    ("known_not_affected", May, &TEXTS),
    ("last_affected", May, &TEXTS),
    ("recommended", May, &TEXTS),
    ("under_investigation", May, &TEXTS),
    ("unknown", May, &TEXTS),
]);

/// `fix_planned` and `optional_patch` of CSAF 2.1 only.
static REMEDIATION_CATEGORY: Shape = Word(&[
    "fix_planned",
    "mitigation",
    "no_fix_planned",
    "none_available",
    "optional_patch",
    "vendor_fix",
    "workaround",
]);

static REMEDIATION: Shape = Object(&[
    ("category", Must, &REMEDIATION_CATEGORY),
    ("details", Must, &AnyText),
    ("product_ids", May, &TEXTS),
    ("group_ids", May, &TEXTS),
]);

static SCORE: Shape = Object(&[
    ("products", May, &TEXTS),
    ("cvss_v2", May, &CVSS),
    ("cvss_v3", May, &CVSS),
    ("cvss_v4", May, &CVSS),
]);

static CVSS: Shape = Object(&[("baseScore", Must, &Number), ("vectorString", May, &Text)]);

/// The first thing that is wrong with the shape of a document; of its head only when nothing else is. `None` for a document that
/// is as it should be, and for what is no JSON. A document that judges nothing needs no products.
pub(super) fn fault(text: &str, judges: bool) -> Option<Fault> {
    let mut looker = Looker { at: String::new(), found: None, of_head: None };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let shape = if judges { &DOCUMENT } else { &DOCUMENT_WITHOUT_TREE };
    let walk = Walk { shape, looker: &mut looker, depth: 0 };
    // What is no JSON is refused before; a walk that stopped early has found something.
    let _ = walk.deserialize(&mut deserializer);
    let fault = |what: String, touches_devices| Fault { what: what.into(), touches_devices };
    let of_head = looker.of_head.map(|what| fault(what, false));
    looker.found.map(|what| fault(what, true)).or(of_head)
}

/// Below this a document speaks of itself.
const OF_HEAD: &str = "/document/";

/// Where the walk is, and what it found.
struct Looker {
    at: String,
    found: Option<String>,
    /// In what the document says of itself.
    of_head: Option<String>,
}

impl Looker {
    fn wrong(&mut self, what: &str) {
        let at = if self.at.is_empty() { "/" } else { &self.at };
        let place = if at.starts_with(OF_HEAD) { &mut self.of_head } else { &mut self.found };
        place.get_or_insert_with(|| format!("{at} {what}"));
    }

    /// A word that no known version of the standard has, where its words are counted.
    fn unknown(&mut self, word: &str) {
        let word: String = word.chars().take(ADVISORY_NAME_CHARS_MAX).collect();
        self.wrong(&format!("is {word:?}, which neither CSAF 2.0 nor 2.1 has there"));
    }

    /// Goes one step down. Names of documents are cut: they may be of any length.
    fn enter(&mut self, step: &str) -> usize {
        let before = self.at.len();
        if before < ADVISORY_FAULT_BYTES_MAX {
            self.at.push('/');
            self.at.push_str(step);
        }
        before
    }
}

/// One value to be looked at.
struct Walk<'a> {
    shape: &'static Shape,
    looker: &'a mut Looker,
    depth: usize,
}

impl Walk<'_> {
    fn is(self, kind: &str, fits: bool) {
        if !fits {
            let wanted = match self.shape {
                Text | AnyText | Word(_) => "a string",
                Number => "a number",
                List(_) => "a list",
                Object(_) | Closed(_) => "an object",
            };
            self.looker.wrong(&format!("is {kind}, not {wanted}"));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        if self.looker.found.is_some() || self.depth > ADVISORY_SHAPE_DEPTH_MAX {
            return input.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a CSAF document")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.is("true or false", false);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.is("null", false);
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        let fits = matches!(self.shape, Number);
        self.is("a number", fits);
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        let fits = matches!(self.shape, Number);
        self.is("a number", fits);
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        let fits = matches!(self.shape, Number);
        self.is("a number", fits);
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        match self.shape {
            Text if text.trim().is_empty() => self.is("an empty string", false),
            Number => {
                let fits = text.trim().parse::<f64>().is_ok();
                self.is("a string", fits);
            }
            Text | AnyText => {}
            Word(words) if words.contains(&text.trim()) => {}
            Word(_) => self.looker.unknown(text),
            _ => self.is("a string", false),
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let List(shape) = self.shape else {
            self.is("a list", false);
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let (looker, depth) = (self.looker, self.depth.saturating_add(1));
        for at in 0_usize.. {
            let before = looker.enter(&at.to_string());
            let walked = items.next_element_seed(Walk { shape, looker, depth })?;
            looker.at.truncate(before);
            if walked.is_none() {
                break;
            }
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let (Object(members) | Closed(members)) = self.shape else {
            self.is("an object", false);
            while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let is_closed = matches!(self.shape, Closed(_));
        let (looker, depth) = (self.looker, self.depth.saturating_add(1));
        let mut seen: Vec<&str> = Vec::new();
        while let Some(name) = fields.next_key::<lenient::Text<'de>>()? {
            let Some((name, _, shape)) = members.iter().find(|(known, ..)| *known == name.0) else {
                if is_closed {
                    looker.unknown(&name.0);
                }
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            let before = looker.enter(name);
            if seen.contains(name) {
                looker.wrong("is there twice");
            }
            seen.push(name);
            fields.next_value_seed(Walk { shape, looker, depth })?;
            looker.at.truncate(before);
        }
        let missing = members.iter().find(|(name, need, _)| *need == Must && !seen.contains(name));
        if let Some((name, ..)) = missing {
            let before = looker.enter(name);
            looker.wrong("is missing");
            looker.at.truncate(before);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"document":{"title":"T","publisher":{"name":"P"},
        "tracking":{"id":"X","version":"1","current_release_date":"2024-01-01"}},
      "product_tree":{"branches":[{"category":"vendor","name":"Acme","branches":[
        {"category":"product_name","name":"Pump","product":{"name":"Pump","product_id":"1",
          "product_identification_helper":{"model_numbers":["P-1"]}}}]}]},
      "vulnerabilities":[{"cve":"CVE-2024-1","product_status":{"known_affected":["1"]},
        "remediations":[{"category":"vendor_fix","details":"","product_ids":["1"]}],
        "scores":[{"products":["1"],"cvss_v3":{"baseScore":"7.5"}}]}]}"#;

    #[test]
    fn a_whole_document_has_no_fault() {
        assert_eq!(fault(WHOLE, true), None);
    }

    #[test]
    fn the_first_fault_is_named_with_its_place() {
        for (from, to, expected) in [
            (r#""title":"T""#, r#""title":7"#, "/document/title is a number, not a string"),
            (r#""version":"1","#, "", "/document/tracking/version is missing"),
            (r#"["P-1"]"#, r#""P-1""#, "model_numbers is a string, not a list"),
            (
                r#"{"known_affected":["1"]}"#,
                "null",
                "/vulnerabilities/0/product_status is null, not an object",
            ),
            (
                r#"{"known_affected":["1"]}"#,
                r#"{"known_affected":[1]}"#,
                "/known_affected/0 is a number, not a string",
            ),
            (
                r#""name":"Pump","product""#,
                r#""name":" ","product""#,
                "/product_tree/branches/0/branches/0/name is an empty string",
            ),
            (
                r#""known_affected""#,
                r#""partly_affected""#,
                "product_status is \"partly_affected\", which neither CSAF 2.0 nor 2.1 has there",
            ),
            (
                r#""product_name""#,
                r#""product_versions""#,
                "category is \"product_versions\", which",
            ),
            (r#""vendor_fix""#, r#""vendor_patch""#, "category is \"vendor_patch\", which"),
            (r#""7.5""#, r#""high""#, "/cvss_v3/baseScore is a string, not a number"),
            (
                r#""cve":"CVE-2024-1""#,
                r#""product_status":{},"cve":"C""#,
                "/vulnerabilities/0/product_status is there twice",
            ),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let Fault { what, touches_devices } =
                fault(&WHOLE.replacen(from, to, 1), true).unwrap();
            assert!(what.contains(expected), "{what}");
            assert_eq!(touches_devices, !expected.starts_with("/document"), "{what}");
        }
    }
}
