//! Which state of a patch may follow which.
//!
//! The states are those of IEC TR 62443-2-3; the arrows between them are this program's own reading of what suppliers and
//! owners do, and claim no conformance. Each arrow says what happened. Two people move a patch: the supplier of the product
//! along one track, the owner of the plant along another that begins where the supplier has approved it.

use crate::model::PatchState::{
    self, Approved, Authorized, Available, Effective, InInternalTest, InTest, Installed,
    NotApplicable, NotApproved, NotAuthorized, Released,
};

/// The states that may follow a state; `None` is a patch of which nothing was said.
pub fn next(from: Option<PatchState>) -> Vec<PatchState> {
    ARROWS.iter().filter(|(start, ..)| *start == from).map(|(_, to, _)| *to).collect()
}

/// Why one state may follow another, in words; `None` when it may not.
pub fn meaning(from: Option<PatchState>, to: PatchState) -> Option<&'static str> {
    let arrow = ARROWS.iter().find(|(start, end, _)| (*start, *end) == (from, to));
    arrow.map(|(.., meaning)| *meaning)
}

/// The way from one state to another, each step of it legal, without the first and with the last. Of a supplier only what
/// it publishes is known: that it tested and approved what it has released goes without saying. Whatever the owner does is
/// one step at a time.
pub fn way(from: Option<PatchState>, to: PatchState) -> Option<Vec<PatchState>> {
    if meaning(from, to).is_some() {
        return Some(vec![to]);
    }
    let start = from.filter(|state| state.is_the_suppliers() && to.is_the_suppliers())?;
    let ahead = PUBLISHED.iter().position(|state| *state == start)?;
    let mut way: Vec<PatchState> = Vec::new();
    for state in PUBLISHED.iter().skip(ahead.saturating_add(1)) {
        let before = way.last().copied().unwrap_or(start);
        if meaning(Some(before), to).is_some() && !way.is_empty() {
            way.push(to);
            return Some(way);
        }
        way.push(*state);
        if *state == to {
            return Some(way);
        }
    }
    None
}

/// What may follow, for somebody whose step was refused.
pub fn legal(from: Option<PatchState>) -> String {
    let names: Vec<&str> = next(from).into_iter().map(PatchState::name).collect();
    names.join(", ")
}

/// The way on which a supplier brings a patch out.
const PUBLISHED: [PatchState; 4] = [Available, InTest, Approved, Released];

type Arrow = (Option<PatchState>, PatchState, &'static str);

/// Every arrow, and what happened on it.
pub const ARROWS: &[Arrow] = &[
    (None, Available, "the patch was published"),
    (None, InTest, "first heard of while the supplier tests it"),
    (None, NotApproved, "first heard of when the supplier advised against it"),
    (
        None,
        NotApplicable,
        "first heard of when the supplier said that it does not concern the product",
    ),
    (None, Approved, "first heard of when the supplier had tested it"),
    (None, Released, "first heard of when the supplier released it"),
    (Some(Available), InTest, "the supplier began to test it with the product"),
    (
        Some(Available),
        NotApplicable,
        "the supplier saw without a test that it does not concern the product",
    ),
    (Some(InTest), Approved, "it passed the supplier's tests"),
    (Some(InTest), NotApproved, "it failed the supplier's tests"),
    (
        Some(InTest),
        NotApplicable,
        "the supplier's tests showed that it does not concern the product",
    ),
    (Some(NotApproved), InTest, "the supplier tests it again"),
    (Some(NotApplicable), InTest, "the supplier looks at it again"),
    (Some(Approved), Released, "the supplier released it to owners"),
    (Some(Approved), NotApproved, "the supplier took its approval back"),
    (Some(Approved), InTest, "the supplier tests it again"),
    (Some(Released), NotApproved, "the supplier recalled it"),
    (Some(Released), InTest, "the supplier took it back to test it again"),
    (Some(Approved), InInternalTest, "the owner began to test what the supplier has approved"),
    (Some(Released), InInternalTest, "the owner began to test it"),
    (Some(InInternalTest), Authorized, "it passed the owner's tests"),
    (Some(InInternalTest), NotAuthorized, "it failed the owner's tests, or shall not be installed"),
    (Some(NotAuthorized), InInternalTest, "the owner tests it again"),
    (Some(Authorized), Effective, "its installation is due"),
    (Some(Authorized), NotAuthorized, "the owner took the authorisation back"),
    (Some(Authorized), InInternalTest, "the owner tests it again"),
    (Some(Effective), Installed, "it is in the device"),
    (Some(Effective), NotAuthorized, "the owner took the authorisation back"),
    (Some(Installed), Effective, "it was taken out again, and is to be installed anew"),
    (Some(Installed), NotAuthorized, "it was taken out again, for good"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_legal_or_not_as_the_table_of_the_book_says() {
        // One row for each state, beginning with none; a mark for each state that may follow, in the order of ALL.
        let legal = [
            "xxxxxx.....", // nothing said
            ".x.x.......", // Available
            "..xxx......", // In Test
            ".x.........", // Not Approved
            ".x.........", // Not Applicable
            ".xx..xx....", // Approved
            ".xx...x....", // Released
            ".......xx..", // In Internal Test
            "......x....", // Not Authorized
            "......xx.x.", // Authorized
            ".......x..x", // Effective
            ".......x.x.", // Installed
        ];
        let starts = std::iter::once(None).chain(PatchState::ALL.iter().copied().map(Some));
        for (from, row) in starts.zip(legal) {
            for (to, mark) in PatchState::ALL.iter().zip(row.chars()) {
                assert_eq!(meaning(from, *to).is_some(), mark == 'x', "{from:?} to {to:?}");
            }
        }
        assert_eq!(ARROWS.len(), legal.join("").matches('x').count());
    }

    #[test]
    fn what_a_supplier_publishes_passes_the_states_before_it() {
        assert_eq!(way(Some(Available), Released), Some(vec![InTest, Approved, Released]));
        assert_eq!(way(Some(Available), NotApproved), Some(vec![InTest, NotApproved]));
        assert_eq!(way(Some(InTest), Released), Some(vec![Approved, Released]));
        assert_eq!(way(None, Released), Some(vec![Released]));
        assert_eq!(way(Some(Released), Available), None);
        assert_eq!(way(Some(NotApproved), Released), None);
    }

    #[test]
    fn an_owner_goes_one_step_at_a_time() {
        for (from, to) in [
            (Some(Available), Installed),
            (Some(Available), InInternalTest),
            (Some(InTest), InInternalTest),
            (Some(Released), Authorized),
            (Some(InInternalTest), Installed),
            (Some(Authorized), Installed),
            (None, Installed),
        ] {
            assert_eq!(way(from, to), None, "{from:?} to {to}");
        }
        assert_eq!(way(Some(Effective), Installed), Some(vec![Installed]));
    }

    #[test]
    fn every_step_of_every_way_is_legal() {
        let starts = std::iter::once(None).chain(PatchState::ALL.iter().copied().map(Some));
        for from in starts {
            for to in PatchState::ALL {
                let mut before = from;
                for step in way(from, *to).into_iter().flatten() {
                    assert!(meaning(before, step).is_some(), "{before:?} to {step} towards {to}");
                    before = Some(step);
                }
            }
        }
    }
}
