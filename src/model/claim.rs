//! What signatures conclude from facts.

use std::fmt;
use std::sync::Arc;

use crate::model::observe::{Excerpt, Value};
use crate::model::{FrameRef, Key, Mac, Subject, Timestamp};

/// What a claim is about. Closed: exports and screens match on it, and a new one is a design decision.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Field {
    /// Maker, spelled as `signatures/vocabulary.toml` does.
    Vendor,
    /// Product line, as advisories name it: "Modicon M340".
    Product,
    /// Model or catalogue number, as advisories spell it: "BMXP342020".
    Model,
    /// Order number, where the maker has one beside the model: "6ES7315-2EH14-0AB0".
    OrderNumber,
    /// Hardware series letter of the maker: Rockwell "B".
    Series,
    /// Serial number.
    Serial,
    /// Firmware version, only when it is the number that advisories use.
    Firmware,
    /// Hardware revision.
    Hardware,
    /// Operating system by its release name: "Windows 10".
    Os,
    /// Operating system build: "10.0.19041".
    OsBuild,
    /// Name the device gives itself: host name, station name.
    Name,
    /// Windows domain or workgroup, DNS domain.
    Domain,
    /// What sort of device: "plc", "hmi", "drive", "io", "switch", "server", "workstation", "gateway" …
    Kind,
    /// What it does in the plant: "controller", "engineering station" …
    Role,
    /// Mode it said to be in: "run", "program".
    Mode,
}

impl Field {
    /// All fields, in the order in which screens show them.
    pub const ALL: &'static [Self] = &[
        Self::Vendor,
        Self::Product,
        Self::Model,
        Self::OrderNumber,
        Self::Series,
        Self::Serial,
        Self::Firmware,
        Self::Hardware,
        Self::Os,
        Self::OsBuild,
        Self::Name,
        Self::Domain,
        Self::Kind,
        Self::Role,
        Self::Mode,
    ];

    /// The name that signature files, exports and the query language use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Product => "product",
            Self::Model => "model",
            Self::OrderNumber => "order_number",
            Self::Series => "series",
            Self::Serial => "serial",
            Self::Firmware => "firmware",
            Self::Hardware => "hardware",
            Self::Os => "os",
            Self::OsBuild => "os_build",
            Self::Name => "name",
            Self::Domain => "domain",
            Self::Kind => "kind",
            Self::Role => "role",
            Self::Mode => "mode",
        }
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How far a claim is to be trusted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Certainty {
    /// Suggests; never enough for a finding.
    Hint,
    /// Very probably.
    Likely,
    /// The device says so itself.
    Certain,
    /// A person decided so.
    Decided,
}

impl Certainty {
    /// The word that signature files and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Likely => "likely",
            Self::Certain => "certain",
            Self::Decided => "decided",
        }
    }
}

/// Name of the rule that made a claim.
pub type SignatureId = Arc<str>;

/// One fact that a claim rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ground {
    /// What was said.
    pub key: Key,
    /// The value as said.
    pub value: Value,
    /// When it was first said.
    pub at: Timestamp,
    /// The frame that completed it.
    pub frame: FrameRef,
    /// Source MAC address of that frame, when the subject sent it over Ethernet.
    pub mac: Option<Mac>,
    /// The bytes that prove it.
    pub excerpt: Excerpt,
}

/// What a signature concludes about a subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Whom it is about.
    pub subject: Subject,
    /// What is claimed.
    pub field: Field,
    /// The value claimed; never empty.
    pub value: Box<str>,
    /// How far to trust it.
    pub certainty: Certainty,
    /// The rule that made it.
    pub by: SignatureId,
    /// The facts it rests on; never empty.
    pub from: Vec<Arc<Ground>>,
    /// When the last of those facts was first said.
    pub first: Timestamp,
    /// When the claim last became true or was said again.
    pub last: Timestamp,
}
