//! What people do about findings: what they decide, and the states that a patch goes through on its way into a device.
//!
//! The states are those of IEC TR 62443-2-3 (patch management in the IACS environment), in two lists: what the supplier of
//! the product says of a patch, and what the owner of the plant does with it. A verdict is a third thing, and none of the
//! three changes another: an accepted risk is still a risk.

mod diary;
mod patch;

use std::fmt;

use crate::model::Timestamp;

pub use diary::{Diary, Matter, Measure, Outcome, Record, Then};
pub use patch::{Handbook, Listed, Meant, PATCH_COLUMNS, PatchList, Written};

/// How far a patch is on its way into a device.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PatchState {
    /// Supplier: a third party has published the patch; nothing is known of it with the product yet.
    Available,
    /// Supplier: the patch is being tested with the product.
    InTest,
    /// Supplier: the patch failed the tests, or must not be used with the product.
    NotApproved,
    /// Supplier: the patch has nothing to do with the product.
    NotApplicable,
    /// Supplier: the patch passed the tests with the product.
    Approved,
    /// Supplier: the patch is there for owners to install.
    Released,
    /// Owner: the patch is being tested in the owner's own environment.
    InInternalTest,
    /// Owner: the patch failed the owner's tests, or shall not be installed.
    NotAuthorized,
    /// Owner: the patch may be installed.
    Authorized,
    /// Owner: the patch is there where it is to be installed from, and its installation is due.
    Effective,
    /// Owner: the patch is in the device.
    Installed,
}

impl PatchState {
    /// All states, the supplier's first.
    pub const ALL: &'static [Self] = &[
        Self::Available,
        Self::InTest,
        Self::NotApproved,
        Self::NotApplicable,
        Self::Approved,
        Self::Released,
        Self::InInternalTest,
        Self::NotAuthorized,
        Self::Authorized,
        Self::Effective,
        Self::Installed,
    ];

    /// The words of the standard.
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::InTest => "In Test",
            Self::NotApproved => "Not Approved",
            Self::NotApplicable => "Not Applicable",
            Self::Approved => "Approved",
            Self::Released => "Released",
            Self::InInternalTest => "In Internal Test",
            Self::NotAuthorized => "Not Authorized",
            Self::Authorized => "Authorized",
            Self::Effective => "Effective",
            Self::Installed => "Installed",
        }
    }

    /// The state of that name, however its words are put together: "In Test", "in-test", "InTest".
    pub fn named(name: &str) -> Option<Self> {
        let folded = |text: &str| -> String {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect()
        };
        let wanted = folded(name);
        Self::ALL.iter().copied().find(|state| folded(state.name()) == wanted)
    }

    /// True for a state that the supplier of the product gives, not the owner of the plant.
    pub fn is_the_suppliers(self) -> bool {
        self < Self::InInternalTest
    }
}

impl fmt::Display for PatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a flaw is none in a device, when a person says so: the five labels that CSAF 2.0 (`flags`, section 3.2.3.5) and OpenVEX
/// share.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Justification {
    /// The part with the flaw is not in the device.
    ComponentNotPresent,
    /// The part is there, the code with the flaw is not.
    VulnerableCodeNotPresent,
    /// The code with the flaw is never run.
    VulnerableCodeNotInExecutePath,
    /// Nobody who means harm can reach the code with the flaw.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something already keeps the flaw from being used.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
    ];

    /// The label, as CSAF and OpenVEX spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }

    /// The justification of that label, with spaces or hyphens instead of underscores too.
    pub fn named(name: &str) -> Option<Self> {
        let folded = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        Self::ALL.iter().copied().find(|one| one.name() == folded)
    }
}

/// What a person decided to do about a finding.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Choice {
    /// Install the fix, until a date.
    Remediate,
    /// Make the flaw harder to use.
    Mitigate,
    /// Live with it.
    Accept,
    /// Decide later.
    Defer,
    /// The flaw is none in this device.
    NotApplicable(Justification),
    /// The device is not the product that the advisory means.
    FalseMatch,
}

impl Choice {
    /// The word that exports and commands use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Remediate => "remediate",
            Self::Mitigate => "mitigate",
            Self::Accept => "accept",
            Self::Defer => "defer",
            Self::NotApplicable(_) => "not_applicable",
            Self::FalseMatch => "false_match",
        }
    }

    /// The choice of that word, also with blanks or hyphens; `why` is for [`Self::NotApplicable`], which is none without.
    pub fn named(name: &str, why: Option<Justification>) -> Option<Self> {
        match &*name.trim().to_ascii_lowercase().replace(['-', ' '], "_") {
            "remediate" => Some(Self::Remediate),
            "mitigate" => Some(Self::Mitigate),
            "accept" => Some(Self::Accept),
            "defer" => Some(Self::Defer),
            "not_applicable" => why.map(Self::NotApplicable),
            "false_match" => Some(Self::FalseMatch),
            _ => None,
        }
    }

    /// Why the flaw is none in the device, where that was decided.
    pub fn justification(self) -> Option<Justification> {
        match self {
            Self::NotApplicable(justification) => Some(justification),
            _ => None,
        }
    }

    /// True for a decision that takes a finding out of what is left to do, as long as it stands. It is still counted.
    pub fn suppresses(self) -> bool {
        match self {
            Self::Accept | Self::Defer | Self::NotApplicable(_) | Self::FalseMatch => true,
            Self::Remediate | Self::Mitigate => false,
        }
    }
}

/// A decision about a finding that stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Treatment {
    /// Where it is written: its number in the store, or a file and the place in it.
    pub source: Box<str>,
    /// What was decided.
    pub choice: Choice,
    /// Who decided it.
    pub by: Box<str>,
    /// Why.
    pub why: Box<str>,
    /// When.
    pub at: Timestamp,
    /// Until when it is to be done, for [`Choice::Remediate`].
    pub due: Option<Timestamp>,
    /// From when on it no longer stands.
    pub expires: Option<Timestamp>,
}

/// How far the patch for a finding is, and whose word that is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patching {
    /// The state.
    pub state: PatchState,
    /// Who set it; `None` for the program, which only proposes.
    pub by: Option<Box<str>>,
    /// Why: a person's words, or what was seen.
    pub why: Box<str>,
    /// When.
    pub at: Option<Timestamp>,
}

/// What people do about a finding.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Handling {
    /// The state of the patch.
    pub patch: Option<Patching>,
    /// A state that the program proposes on what was seen, for a person to confirm.
    pub proposed: Option<Patching>,
    /// The decision that stands.
    pub decision: Option<Treatment>,
    /// Why a decision or a state that was given no longer stands: expired, another version, another device.
    pub reopened: Option<Box<str>>,
}

impl Handling {
    /// True for a finding that a decision takes out of what is left to do.
    pub fn is_suppressed(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.choice.suppresses())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_by_name_however_it_is_written() {
        for state in PatchState::ALL {
            assert_eq!(PatchState::named(state.name()), Some(*state));
        }
        assert_eq!(PatchState::named("in-internal-test"), Some(PatchState::InInternalTest));
        assert_eq!(PatchState::named("NotAuthorized"), Some(PatchState::NotAuthorized));
        assert_eq!(PatchState::named("done"), None);
    }

    #[test]
    fn six_states_are_the_suppliers() {
        assert_eq!(PatchState::ALL.iter().filter(|state| state.is_the_suppliers()).count(), 6);
    }
}
