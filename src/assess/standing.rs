//! What a verdict is worth when the publisher does not stand by the document as final.
//!
//! | document | verdict |
//! |---|---|
//! | interim | affected and fixed hold; "not affected" only where the document says so, since its list is expected to grow |
//! | draft | cannot tell |
//! | superseded | cannot tell, and nothing where its successor lists device and vulnerability |
//! | withdrawn | none |

use std::collections::BTreeSet;

use crate::advisory::Index;
use crate::advisory::standing::meaning;
use crate::assess::Judged;
use crate::model::advisory::{Advisory, Standing};
use crate::model::finding::{Judgement, Verdict, Why};

/// A verdict as the standing of its document leaves it. `is_said` where "not affected" is a word of the document, and not its
/// silence.
pub(super) fn weighed(mut judged: Judged, document: &Advisory, is_said: bool) -> Judged {
    let Some(meaning) = meaning(&document.standing) else { return judged };
    let holds = match (&document.standing, &judged.verdict) {
        (_, Verdict::Unknown(_)) | (Standing::Interim, Verdict::Affected | Verdict::Fixed) => true,
        (Standing::Interim, Verdict::NotAffected) => is_said,
        _ => false,
    };
    let sentence = format!("the advisory is {meaning}");
    if holds {
        // In front: the step that settled it stays the last.
        judged.because.insert(0, sentence);
    } else {
        judged.verdict = Verdict::Unknown(Why::NotFinal);
        judged.because.push(sentence);
    }
    judged
}

/// Without what a successor has taken over: a vulnerability that it lists too, in a document that lists the device.
pub(super) fn not_taken_over(
    judgements: &mut Vec<Judgement>,
    document: &Advisory,
    index: &Index,
    is_listed: impl Fn(&str) -> bool,
) {
    let Some(successor) = index.successor_of(document).filter(|one| is_listed(&one.id)) else {
        return;
    };
    let taken: BTreeSet<&str> = successor.flaws.iter().map(|flaw| &*flaw.name).collect();
    judgements.retain(|judgement| !taken.contains(&*judgement.cve));
}
