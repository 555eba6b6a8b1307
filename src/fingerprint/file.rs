//! A signature file as it is written: TOML, with the place of every word that can be wrong.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::model::Certainty;

/// One file under `signatures/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Every signature in the file.
    #[serde(default)]
    pub(super) signature: Vec<Spanned<Signature>>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// Stable name, quoted in evidence.
    pub(super) id: Spanned<Box<str>>,
    /// Where this was learned; a document that a reviewer can open.
    pub(super) source: Spanned<Box<str>>,
    /// How far to trust it.
    pub(super) certainty: CertaintyWord,
    /// By key: all must hold.
    #[serde(default)]
    pub(super) when: BTreeMap<Spanned<Box<str>>, Test>,
    /// By key: none may hold. A key that was not said does not hold.
    #[serde(default)]
    pub(super) except: BTreeMap<Spanned<Box<str>>, Test>,
    /// By field: what is then claimed.
    #[serde(default)]
    pub(super) claim: BTreeMap<Spanned<Box<str>>, Spanned<Value>>,
    /// Proofs that it works; at least one.
    #[serde(default)]
    pub(super) example: Vec<Spanned<Example>>,
}

/// The words for [`Certainty`].
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CertaintyWord {
    /// Suggests; never enough for a finding.
    Hint,
    /// Very probably.
    Likely,
    /// The device says so itself.
    Certain,
}

impl From<CertaintyWord> for Certainty {
    fn from(word: CertaintyWord) -> Self {
        match word {
            CertaintyWord::Hint => Self::Hint,
            CertaintyWord::Likely => Self::Likely,
            CertaintyWord::Certain => Self::Certain,
        }
    }
}

/// What one value must be. All that is said must hold of the same value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    /// The printed value matches this pattern; its named groups can be used in claims.
    pub(super) matches: Option<Spanned<Box<str>>>,
    /// The value is this.
    pub(super) is: Option<Literal>,
    /// The value is one of these.
    #[serde(rename = "in")]
    pub(super) one_of: Option<Vec<Literal>>,
    /// The value is a number, and at least this.
    pub(super) min: Option<u64>,
    /// The value is a number, and at most this.
    pub(super) max: Option<u64>,
    /// The key was said at all.
    pub(super) exists: Option<Always>,
}

/// The word `true`. `exists = false` is written as an exception.
#[derive(Debug)]
pub(super) struct Always;

impl<'de> Deserialize<'de> for Always {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? {
            Ok(Self)
        } else {
            Err(serde::de::Error::custom(
                "exists = false is written as except.\"key\".exists = true",
            ))
        }
    }
}

/// A value as written: numbers are compared with numbers, text with the printed value.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
pub(super) enum Literal {
    /// A number, decimal or hexadecimal (`0x0C`).
    Number(u64),
    /// Text, or bytes in lower-case hexadecimal.
    Text(Box<str>),
}

/// What is claimed for a field.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    /// Text with names in braces.
    Template(Box<str>),
    /// The entry of a table.
    Lookup(Lookup),
}

/// The entry of a table. Without an entry, the claim is not made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    /// Name of the table: its file without `.csv`.
    pub(super) table: Box<str>,
    /// Group or key whose printed value is looked up.
    pub(super) key: Box<str>,
}

/// What is observed, and what this signature alone must claim from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    /// Observed keys and values.
    pub(super) given: BTreeMap<Box<str>, Given>,
    /// Claims expected, all of them.
    pub(super) gives: BTreeMap<Box<str>, Box<str>>,
}

/// The values of one key in an example.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Given {
    /// One value.
    One(Literal),
    /// Several values of a key that takes them.
    Several(Vec<Literal>),
}

/// The file of spellings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VocabularyFile {
    /// Every vendor.
    #[serde(default)]
    pub(super) vendor: Vec<VendorEntry>,
    /// Every role.
    #[serde(default)]
    pub(super) role: Vec<RoleEntry>,
    /// Every kind.
    #[serde(default)]
    pub(super) kind: Vec<KindEntry>,
}

/// One role that a device can have in the plant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEntry {
    /// As it is claimed.
    pub(super) name: Spanned<Box<str>>,
    /// What a device does that has it, for people.
    pub(super) meaning: Spanned<Box<str>>,
    /// The level of the Purdue model where such devices stand.
    pub(super) purdue: Option<Spanned<u8>>,
}

/// One sort of device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindEntry {
    /// As it is claimed.
    pub(super) name: Spanned<Box<str>>,
    /// The role that such a device has.
    pub(super) role: Option<Spanned<Box<str>>>,
    /// How certain the role is at most; as certain as the kind when it is left out.
    pub(super) certainty: Option<CertaintyWord>,
    /// The level of the Purdue model where such devices stand, whatever they do.
    pub(super) purdue: Option<Spanned<u8>>,
}

/// One vendor, and how it and its products are spelled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorEntry {
    /// As advisories spell it.
    pub(super) name: Spanned<Box<str>>,
    /// Other spellings of it: by devices, registries, former owners.
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<Box<str>>>,
    /// Its product lines, as advisories spell them.
    #[serde(default)]
    pub(super) products: Vec<Box<str>>,
}
