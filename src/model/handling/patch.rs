//! Lists of patches as suppliers and owners exchange them, and decisions that a site keeps in a file.

use std::net::IpAddr;

use crate::model::handling::{Choice, Diary, PatchState};
use crate::model::{Mac, Timestamp};

/// A list of patches that was imported.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PatchList {
    /// Its number in the store, from 1; later ones have higher numbers.
    pub number: u64,
    /// Name of the file as given.
    pub name: Box<str>,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: Box<str>,
    /// Who imported it.
    pub by: Box<str>,
    /// Where it comes from.
    pub why: Box<str>,
    /// When: the time of the clock on the wall.
    pub at: Timestamp,
}

/// What a list of a supplier says of one patch for one product. Text that the list does not give is empty.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Listed {
    /// Number of the list.
    pub list: u64,
    /// Row of the list, from 1; for XML the place of the record.
    pub row: u64,
    /// Maker of the product.
    pub vendor: Box<str>,
    /// The product, its model or its order number; `*` stands for any characters.
    pub product: Box<str>,
    /// Versions of the product that the patch is for; empty for all.
    pub version: Box<str>,
    /// What the supplier calls the patch.
    pub patch: Box<str>,
    /// The version of the product that has the patch, where it is one.
    pub fixed_in: Box<str>,
    /// Title.
    pub title: Box<str>,
    /// Whether it applies, in the supplier's words.
    pub applicability: Box<str>,
    /// The supplier's state.
    pub state: Option<PatchState>,
    /// Other patches that must be there before.
    pub dependencies: Box<str>,
    /// Whether the device restarts.
    pub restart: Box<str>,
    /// Whether and how it can be taken back.
    pub rollback: Box<str>,
    /// When it was released.
    pub released: Box<str>,
    /// When it was tested.
    pub tested: Box<str>,
    /// Documents that it is for, with blanks between them.
    pub advisories: Box<str>,
    /// Vulnerabilities that it removes, with blanks between them.
    pub cves: Box<str>,
    /// Name of the file to install.
    pub file: Box<str>,
    /// Hash of that file.
    pub hash: Box<str>,
}

/// The columns of a list of patches, in the order in which they are written.
pub const PATCH_COLUMNS: &[&str] = &[
    "vendor",
    "product",
    "version",
    "patch",
    "fixed_in",
    "title",
    "applicability",
    "state",
    "dependencies",
    "restart",
    "rollback",
    "released",
    "tested",
    "advisories",
    "cves",
    "file",
    "hash",
];

impl Listed {
    /// What stands in a column.
    pub fn value(&self, column: &str) -> &str {
        match column {
            "state" => self.state.map_or("", PatchState::name),
            "vendor" => &self.vendor,
            "product" => &self.product,
            "version" => &self.version,
            "patch" => &self.patch,
            "fixed_in" => &self.fixed_in,
            "title" => &self.title,
            "applicability" => &self.applicability,
            "dependencies" => &self.dependencies,
            "restart" => &self.restart,
            "rollback" => &self.rollback,
            "released" => &self.released,
            "tested" => &self.tested,
            "advisories" => &self.advisories,
            "cves" => &self.cves,
            "file" => &self.file,
            "hash" => &self.hash,
            _ => "",
        }
    }

    /// Puts a text into a column; false for a column of another name, and for the state, which is no text.
    pub fn put(&mut self, column: &str, text: &str) -> bool {
        let place = match column {
            "vendor" => &mut self.vendor,
            "product" => &mut self.product,
            "version" => &mut self.version,
            "patch" => &mut self.patch,
            "fixed_in" => &mut self.fixed_in,
            "title" => &mut self.title,
            "applicability" => &mut self.applicability,
            "dependencies" => &mut self.dependencies,
            "restart" => &mut self.restart,
            "rollback" => &mut self.rollback,
            "released" => &mut self.released,
            "tested" => &mut self.tested,
            "advisories" => &mut self.advisories,
            "cves" => &mut self.cves,
            "file" => &mut self.file,
            "hash" => &mut self.hash,
            _ => return false,
        };
        *place = text.into();
        true
    }

    /// What tells one patch for one product from another: a later row of the same says how it is now.
    pub fn key(&self) -> [String; 5] {
        // Where a supplier gives its patches no names, the document that one is for stands for it.
        let patch = if self.patch.is_empty() { &self.advisories } else { &self.patch };
        let parts = [&self.vendor, &self.product, &self.version, patch, &self.fixed_in];
        parts.map(|part| part.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// True when two rows say the same, wherever they stand.
    pub fn says_as(&self, other: &Self) -> bool {
        PATCH_COLUMNS.iter().all(|column| self.value(column) == other.value(column))
    }
}

/// Which devices an entry of a file of decisions is about: all that is given must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Meant {
    /// Start of the identifier.
    pub id: Option<Box<str>>,
    /// An IP address.
    pub ip: Option<IpAddr>,
    /// A MAC address.
    pub mac: Option<Mac>,
    /// A serial number, of the device or a part of it.
    pub serial: Option<Box<str>>,
    /// The name that it gives itself.
    pub name: Option<Box<str>>,
    /// The maker.
    pub vendor: Option<Box<str>>,
    /// Model, order number or product; `*` stands for any characters.
    pub model: Option<Box<str>>,
    /// A part of the device, as screens print its path.
    pub module: Option<Box<str>>,
}

/// A decision as a file under version control states it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// The file and the line: `decisions.toml:12`.
    pub source: Box<str>,
    /// The devices.
    pub meant: Meant,
    /// The document; `None` for whatever names the vulnerability.
    pub advisory: Option<Box<str>>,
    /// The vulnerability; `None` for all of the document, also those that it gains later.
    pub cve: Option<Box<str>>,
    /// What was decided.
    pub choice: Choice,
    /// Why.
    pub why: Box<str>,
    /// Who decided it.
    pub by: Box<str>,
    /// When.
    pub at: Timestamp,
    /// Until when it is to be done.
    pub due: Option<Timestamp>,
    /// From when on it no longer stands.
    pub expires: Option<Timestamp>,
}

/// All that is written down about findings and patches.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Handbook {
    /// What the store keeps of decisions and states.
    pub diary: Diary,
    /// The lists of patches in the store, in order of number.
    pub lists: Vec<PatchList>,
    /// What they say, in order of list and row.
    pub listed: Vec<Listed>,
    /// What a file says, in its order.
    pub written: Vec<Written>,
    /// What a person should know of it: entries about nothing, entries that contradict each other. One sentence each.
    pub notes: Vec<String>,
}
