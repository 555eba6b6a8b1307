//! Verdicts, and why.

use std::fmt;
use std::sync::Arc;

use crate::model::Unit;
use crate::model::asset::AssetId;
use crate::model::claim::Certainty;
use crate::model::handling::Handling;

/// The four answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// A flaw that the advisory describes is in the version observed.
    Affected,
    /// A fix that the advisory names is in the version observed.
    Fixed,
    /// The product or version is not one of those affected.
    NotAffected,
    /// Cannot tell, with the one fact that is missing.
    Unknown(Why),
}

impl Verdict {
    /// The word that exports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
            Self::Unknown(_) => "cannot_tell",
        }
    }
}

/// What is missing for a verdict. Closed: every value has a page in the book with an example.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Why {
    /// The firmware or software version was not seen.
    FirmwareVersion,
    /// The exact model was not seen, and the answer depends on it.
    Model,
    /// The hardware series letter was not seen, and the answer depends on it.
    SeriesLetter,
    /// The hardware revision or function state was not seen, and the answer depends on it.
    HardwareRevision,
    /// Signed or unsigned firmware: the answer depends on it.
    SignedOrUnsigned,
    /// The answer depends on the serial number or production date.
    SerialNumber,
    /// The answer depends on an option, module or setting that cannot be seen.
    Configuration,
    /// A build names a release of Windows, never a monthly update level.
    UpdateLevel,
    /// The maker's version order is not known, and two readings disagree.
    VersionOrder,
    /// The version is above the last affected and below the first fixed one.
    Gap,
    /// The document names only fixed versions; the one observed is older.
    FixedOnly,
    /// The document states its versions in a way that could not be read.
    RangeText,
    /// The document contradicts itself.
    Contradiction,
    /// The document is damaged, and what is left of it may not be all that concerns the device.
    Damaged,
    /// The publisher does not stand by the document as final: it is a draft, is expected to grow, or was superseded.
    NotFinal,
    /// Only the words of the names are alike: a candidate, no match.
    Candidate,
}

impl Why {
    /// All reasons, in the order in which they are counted on screens.
    pub const ALL: &'static [Self] = &[
        Self::FirmwareVersion,
        Self::Model,
        Self::SeriesLetter,
        Self::HardwareRevision,
        Self::SignedOrUnsigned,
        Self::SerialNumber,
        Self::Configuration,
        Self::UpdateLevel,
        Self::VersionOrder,
        Self::Gap,
        Self::FixedOnly,
        Self::RangeText,
        Self::Contradiction,
        Self::Damaged,
        Self::NotFinal,
        Self::Candidate,
    ];

    /// The missing fact, as exports and screens say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirmwareVersion => "firmware version",
            Self::Model => "exact model",
            Self::SeriesLetter => "series letter",
            Self::HardwareRevision => "hardware revision",
            Self::SignedOrUnsigned => "signed or unsigned",
            Self::SerialNumber => "serial number",
            Self::Configuration => "configuration",
            Self::UpdateLevel => "monthly update level",
            Self::VersionOrder => "order of versions",
            Self::Gap => "statement on versions between last affected and first fixed",
            Self::FixedOnly => "first affected version",
            Self::RangeText => "readable version range",
            Self::Contradiction => "advisory without contradiction",
            Self::Damaged => "undamaged advisory",
            Self::NotFinal => "final advisory",
            Self::Candidate => "product name beyond doubt",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How firmly a device was tied to a product of a document. Section 3 of the verdict rules.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Grade {
    /// Exact order or model number.
    E1,
    /// Exact family by table.
    E2,
    /// Family by glob.
    E3,
    /// Words of the name only: never enough for affected or fixed.
    E4,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What is left to do, as a bucket and not a score.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// Affected, and known to be exploited or reached from another part of the plant.
    Now,
    /// Affected, and a fix exists.
    Next,
    /// Affected without a fix, or not to be used from the network.
    Watch,
}

impl Priority {
    /// The word that exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Next => "next",
            Self::Watch => "watch",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A vulnerability that an advisory describes.
    #[default]
    Advisory,
    /// The maker no longer supports the product, or will soon no longer.
    EndOfSupport,
    /// Something that the device was seen to do and that should not be: SMB1, passwords in clear text.
    Exposure,
}

impl Kind {
    /// The word that exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Advisory => "advisory",
            Self::EndOfSupport => "end_of_support",
            Self::Exposure => "exposure",
        }
    }
}

/// What of a document decides verdicts, as a SHA-256: its product tree, product states and remediations. Two revisions with the
/// same are alike for everybody who has decided something; content has been changed without a new revision number.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Substance(pub [u8; 32]);

impl fmt::Display for Substance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Substance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether what a flaw needs to be used was seen on the network.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Exposure {
    /// The service that the advisory names was used by a peer of another zone or level.
    SeenAcrossZones,
    /// The service that the advisory names was seen on the device.
    Seen,
    /// The service that the advisory names was not seen in the traffic looked at.
    NotSeen,
    /// The flaw needs hands on the device, or an account on it: it cannot be used from the network.
    NotReachable,
    /// The advisory names no service that traffic could show.
    Unknown,
}

impl Exposure {
    /// The words that exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::SeenAcrossZones => "seen_across_zones",
            Self::Seen => "seen",
            Self::NotSeen => "not_seen",
            Self::NotReachable => "not_reachable",
            Self::Unknown => "unknown",
        }
    }
}

/// How much a finding matters here, beside what it is: what only this network can say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weight {
    /// Whether what the flaw needs was seen; `None` where nothing is left to do.
    pub exposure: Option<Exposure>,
    /// The bucket; `None` unless something is left to do.
    pub priority: Option<Priority>,
    /// Why, one sentence each.
    pub because: Vec<String>,
}

/// What one advisory means for one device, for one vulnerability.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What it is about.
    pub kind: Kind,
    /// Tracking identifier of the document.
    pub advisory: Box<str>,
    /// What of that document decides verdicts.
    pub substance: Substance,
    /// Title of the document.
    pub title: Box<str>,
    /// CVE, or the vulnerability's other identifier where it has none.
    pub cve: Box<str>,
    /// The answer.
    pub verdict: Verdict,
    /// How firmly the device was tied to the product.
    pub grade: Grade,
    /// Trust in the weakest claim the verdict rests on.
    pub certainty: Certainty,
    /// The steps that led here, one sentence each, in order; never empty.
    pub because: Vec<String>,
    /// Place in the document that settled it, as a JSON pointer.
    pub clause: String,
    /// Versions that carry the fix for this product, as the document spells them.
    pub fixed_in: Vec<String>,
    /// Category of remediation that applies, as CSAF names it.
    pub remediation: Option<Box<str>>,
    /// CVSS base score, the newest version given.
    pub cvss: Option<f64>,
    /// CVSS vector string.
    pub vector: Option<Box<str>>,
    /// Known to be exploited: in the catalogue of such, or with a date in the document, which `because` then says. `None` when
    /// no catalogue was loaded and the document has no date.
    pub kev: Option<bool>,
    /// Probability that the vulnerability is exploited within 30 days, from 0 to 1 (FIRST EPSS): of the scores loaded, else the one
    /// that the document repeats.
    pub epss: Option<f64>,
}

/// A judgement, tied to an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable identity: a version 5 UUID of asset, module, document and CVE.
    pub id: uuid::Uuid,
    /// The device.
    pub asset: AssetId,
    /// The part of it, when it is not the device itself.
    pub module: Option<Unit>,
    /// The judgement, which all devices of one kind share.
    pub judgement: Arc<Judgement>,
    /// How much it matters here.
    pub weight: Weight,
    /// What people do about it.
    pub handling: Handling,
}
