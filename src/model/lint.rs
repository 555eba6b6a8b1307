//! What is wrong inside a supplier's document, for those who write such documents and for those who judge by them.

/// How much a complaint matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Verdicts cannot be told, or may not, because of it.
    Error,
    /// Read with a doubt, or in a way that the author may not have meant.
    Warning,
    /// Worth knowing; nothing to mend.
    Note,
}

impl Severity {
    /// The word that is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One kind of complaint. The name never changes: scripts and suppressions go by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rule {
    /// Stable name: "range-vs-name".
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it looks for, in one line.
    pub about: &'static str,
}

/// One complaint about a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Complaint {
    /// Which kind.
    pub rule: &'static Rule,
    /// Place in the document, as a JSON pointer; the first of all places.
    pub pointer: String,
    /// How many places say the same; at least one.
    pub places: usize,
    /// The texts concerned, as written.
    pub texts: Vec<String>,
    /// What is wrong with them.
    pub what: String,
    /// How they are read, or what to write instead.
    pub reading: String,
}

/// A document looked through.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Linted {
    /// Tracking identifier.
    pub id: String,
    /// Where it was read from.
    pub file: String,
    /// Complaints, the gravest first.
    pub complaints: Vec<Complaint>,
    /// Complaints beyond those kept.
    pub more: usize,
    /// How its version texts were read.
    pub versions: VersionCounts,
}

/// How many version texts were read, and how far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct VersionCounts {
    /// Products with a version text.
    pub versioned: usize,
    /// Read to ranges that versions can be compared with.
    pub comparable: usize,
    /// Read to ranges with a condition beside, or to model numbers.
    pub conditional: usize,
    /// Not read: kept as text.
    pub unread: usize,
}

impl VersionCounts {
    /// Adds those of another document.
    pub fn add(&mut self, other: Self) {
        self.versioned = self.versioned.saturating_add(other.versioned);
        self.comparable = self.comparable.saturating_add(other.comparable);
        self.conditional = self.conditional.saturating_add(other.conditional);
        self.unread = self.unread.saturating_add(other.unread);
    }
}
