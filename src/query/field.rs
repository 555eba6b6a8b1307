//! What can be asked about: the fields of a nameplate, of a device, of a verdict.

use crate::model::Field;

/// Something that an expression can name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Name {
    /// A field of a nameplate.
    Plate(Field),
    AssetId,
    Identity,
    Ip,
    Mac,
    Vlan,
    Protocol,
    Site,
    Zone,
    Purdue,
    Criticality,
    Module,
    FirstSeen,
    LastSeen,
    FindingKind,
    Advisory,
    Cve,
    Verdict,
    Reason,
    Priority,
    Exposure,
    Cvss,
    Epss,
    Kev,
    PatchState,
    PatchStateBy,
    ProposedState,
    Decision,
    DecisionBy,
    DecisionWhy,
    DecisionDue,
    DecisionExpires,
    Reopened,
}

/// What its values are, which decides how they compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Text without an order.
    Text,
    /// Letters in the order of the alphabet.
    Letters,
    /// A version, in the order of its maker.
    Version,
    Ip,
    Number,
    Time,
    Flag,
    /// One of a few words.
    Word(&'static [&'static str]),
}

/// Names beside those of [`Field::ALL`]. The second spelling of a name is that of exports.
const NAMES: &[(&str, Name)] = &[
    ("asset_id", Name::AssetId),
    ("identity", Name::Identity),
    ("ip", Name::Ip),
    ("ips", Name::Ip),
    ("mac", Name::Mac),
    ("macs", Name::Mac),
    ("vlan", Name::Vlan),
    ("vlans", Name::Vlan),
    ("protocol", Name::Protocol),
    ("protocols", Name::Protocol),
    ("site", Name::Site),
    ("sites", Name::Site),
    ("zone", Name::Zone),
    ("purdue", Name::Purdue),
    ("criticality", Name::Criticality),
    ("module", Name::Module),
    ("first_seen", Name::FirstSeen),
    ("last_seen", Name::LastSeen),
    ("finding_kind", Name::FindingKind),
    ("advisory", Name::Advisory),
    ("cve", Name::Cve),
    ("verdict", Name::Verdict),
    ("reason", Name::Reason),
    ("priority", Name::Priority),
    ("exposure", Name::Exposure),
    ("cvss", Name::Cvss),
    ("epss", Name::Epss),
    ("kev", Name::Kev),
    ("patch_state", Name::PatchState),
    ("patch_state_by", Name::PatchStateBy),
    ("proposed_state", Name::ProposedState),
    ("decision", Name::Decision),
    ("decision_by", Name::DecisionBy),
    ("decision_why", Name::DecisionWhy),
    ("decision_due", Name::DecisionDue),
    ("decision_expires", Name::DecisionExpires),
    ("reopened", Name::Reopened),
];

impl Name {
    /// All names, as they are written.
    pub(super) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        let plate = Field::ALL.iter().map(|field| (field.name(), Self::Plate(*field)));
        plate.chain(NAMES.iter().copied())
    }

    /// What a word names.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::all().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, field)| field)
    }

    /// True when only the file of zones gives it a value.
    pub(super) fn is_of_zone(self) -> bool {
        matches!(self, Self::Zone | Self::Purdue | Self::Criticality)
    }

    /// True when it is of a verdict, and not of what the verdict is about.
    pub(super) fn is_of_finding(self) -> bool {
        matches!(
            self,
            Self::FindingKind
                | Self::Advisory
                | Self::Cve
                | Self::Verdict
                | Self::Reason
                | Self::Priority
                | Self::Exposure
                | Self::Cvss
                | Self::Epss
                | Self::Kev
        ) || self.is_of_handling()
    }

    /// True when it is of what people do about a verdict.
    fn is_of_handling(self) -> bool {
        matches!(
            self,
            Self::PatchState
                | Self::PatchStateBy
                | Self::ProposedState
                | Self::Decision
                | Self::DecisionBy
                | Self::DecisionWhy
                | Self::DecisionDue
                | Self::DecisionExpires
                | Self::Reopened
        )
    }

    /// What its values are.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Plate(Field::Firmware | Field::Hardware | Field::OsBuild) => Kind::Version,
            Self::Plate(Field::Series) => Kind::Letters,
            Self::Plate(_)
            | Self::AssetId
            | Self::Identity
            | Self::Mac
            | Self::Protocol
            | Self::Site
            | Self::Zone
            | Self::Module
            | Self::Advisory
            | Self::Cve
            | Self::Reason
            | Self::PatchState
            | Self::PatchStateBy
            | Self::ProposedState
            | Self::DecisionBy
            | Self::DecisionWhy
            | Self::Reopened => Kind::Text,
            Self::Ip => Kind::Ip,
            Self::Vlan | Self::Purdue | Self::Cvss | Self::Epss => Kind::Number,
            Self::FirstSeen | Self::LastSeen | Self::DecisionDue | Self::DecisionExpires => {
                Kind::Time
            }
            Self::Decision => Kind::Word(&[
                "remediate",
                "mitigate",
                "accept",
                "defer",
                "not_applicable",
                "false_match",
            ]),
            Self::Kev => Kind::Flag,
            Self::Verdict => Kind::Word(&["affected", "cannot_tell", "fixed", "not_affected"]),
            Self::FindingKind => Kind::Word(&["advisory", "end_of_support", "exposure"]),
            Self::Exposure => {
                Kind::Word(&["seen_across_zones", "seen", "not_seen", "not_reachable", "unknown"])
            }
            Self::Priority => Kind::Word(&["now", "next", "watch"]),
            Self::Criticality => Kind::Word(&["low", "medium", "high", "critical"]),
        }
    }
}

/// The word of a list that is most like a word, when any is like it: a slip of the finger or two.
pub fn nearest<'a>(word: &str, list: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    let slips = (word.len() / 3).clamp(1, 3);
    let near = list.into_iter().map(|known| (edits(&word, known), known));
    near.filter(|(edits, _)| *edits <= slips)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// How many characters must be changed, added or left out to make one word of the other (Levenshtein).
fn edits(one: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=one.len()).collect();
    for (line, theirs) in other.chars().take(WORD_CHARS_MAX).enumerate() {
        let mut diagonal = line;
        let mut left = line.saturating_add(1);
        let mut next = vec![left];
        for (above, mine) in row.iter().skip(1).zip(one) {
            let changed = diagonal.saturating_add(usize::from(*mine != theirs));
            left = changed.min(left.saturating_add(1)).min(above.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Longer words are compared by their beginning.
const WORD_CHARS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let names = ["vendor", "firmware", "first_seen"];
        assert_eq!(nearest("vendr", names), Some("vendor"));
        assert_eq!(nearest("Firmwrae", names), Some("firmware"));
        assert_eq!(nearest("firstseen", names), Some("first_seen"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn no_name_is_there_twice() {
        let mut names: Vec<&str> = Name::all().map(|(name, _)| name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
