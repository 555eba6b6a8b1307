//! What a document says of a product beside "affected": fixed, not affected, still looked into, nothing.
//!
//! A statement is about the versions that stand beside it. "2.1.3 is not affected" says nothing about 2.1.0, and a fix of one release
//! train nothing about the next one.

use std::collections::BTreeSet;

use crate::advisory::range::What;
use crate::assess::among::{self, Among};
use crate::assess::device::Device;
use crate::assess::explain;
use crate::assess::fixes::{self, Side};
use crate::assess::leaf::Leaf;
use crate::assess::numbering;
use crate::assess::reading::Judged;
use crate::model::advisory::{Advisory, Flaw};
use crate::model::finding::{Verdict, Why};

/// The device is listed in the document, but not as affected by this vulnerability.
pub(super) fn unaffected(device: &Device<'_>, leaves: &[Leaf<'_>], flaw: &Flaw) -> Judged {
    let among = |set: &BTreeSet<usize>| {
        leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect::<Vec<_>>()
    };
    let (fixed, cleared) = (among(&flaw.fixed), among(&flaw.not_affected));
    let of_fixed = (!fixed.is_empty()).then(|| fixed_only(device, &fixed));
    if let Some(judged) = of_fixed.as_ref().filter(|judged| judged.verdict == Verdict::Fixed) {
        return judged.clone();
    }
    let of_cleared = (!cleared.is_empty()).then(|| cleared_only(device, &cleared));
    let is_clear = |judged: &&Judged| judged.verdict == Verdict::NotAffected;
    if let Some(judged) = of_cleared.as_ref().filter(is_clear) {
        return judged.clone();
    }
    if let Some(judged) = of_fixed.or(of_cleared) {
        return judged;
    }
    if !among(&flaw.investigated).is_empty() {
        return investigated(leaves);
    }
    let because = vec!["the product is not listed as affected by this vulnerability".to_owned()];
    Judged { verdict: Verdict::NotAffected, because, clause: clause(leaves.first()) }
}

/// A product named as carrying the fix, and nothing said about those before it.
fn fixed_only(device: &Device<'_>, leaves: &[&Leaf<'_>]) -> Judged {
    let Some(version) = &device.firmware else {
        let because =
            vec!["only fixed versions are named, and the firmware version was not seen".to_owned()];
        let verdict = Verdict::Unknown(Why::FirmwareVersion);
        return Judged { verdict, because, clause: clause(leaves.first().copied()) };
    };
    let named = fixes::of_status(leaves);
    let foreign =
        |at: usize| named.get(at).is_some_and(|fix| !numbering::is_one(version, &fix.version));
    let earlier = |at: usize| fixes::is_of_earlier_train(version, &named, at);
    let side = fixes::side(version, &named, false, device.series);
    if let Side::Fixed(at) = side
        && !foreign(at)
        && !earlier(at)
    {
        let because = explain::side(version, &named, &side).into_iter().collect();
        let clause = named.get(at).map_or_else(String::new, |fix| fix.pointer.to_string());
        return Judged { verdict: Verdict::Fixed, because, clause };
    }
    let because = vec![format!(
        "only fixed versions are named, and {} has reached none of them",
        version.raw()
    )];
    let verdict = Verdict::Unknown(Why::FixedOnly);
    Judged { verdict, because, clause: clause(leaves.first().copied()) }
}

/// Products said not to be affected: in the versions that stand there.
fn cleared_only(device: &Device<'_>, leaves: &[&Leaf<'_>]) -> Judged {
    let clause = clause(leaves.first().copied());
    let whole = leaves.iter().find(|leaf| {
        leaf.reading.narrowed.is_none() && matches!(leaf.reading.what, What::All | What::Models(_))
    });
    if let Some(leaf) = whole {
        let because = vec!["all versions of it are said not to be affected".to_owned()];
        let clause = leaf.product.pointer.to_string();
        return Judged { verdict: Verdict::NotAffected, because, clause };
    }
    let Some(version) = &device.firmware else {
        let because = vec![
            "some versions are said not to be affected, and the firmware version was not seen"
                .to_owned(),
        ];
        return Judged { verdict: Verdict::Unknown(Why::FirmwareVersion), because, clause };
    };
    let found = among::among(version, leaves);
    let foreign = numbering::foreign(version, leaves);
    let verdict = match found.among {
        _ if foreign.is_some() => Verdict::Unknown(Why::VersionOrder),
        Among::Yes { .. } => Verdict::NotAffected,
        Among::Perhaps { why, .. } if why != Why::FixedOnly => Verdict::Unknown(why),
        _ => Verdict::Unknown(Why::Gap),
    };
    let said = if verdict == Verdict::NotAffected {
        format!("{} is among the versions said not to be affected", version.raw())
    } else {
        format!("only other versions than {} are said not to be affected", version.raw())
    };
    let mut because = found.because;
    because.push(said);
    Judged { verdict, because, clause }
}

fn investigated(leaves: &[Leaf<'_>]) -> Judged {
    let because = vec!["the maker is still looking into it".to_owned()];
    Judged { verdict: Verdict::Unknown(Why::RangeText), because, clause: clause(leaves.first()) }
}

/// What else the document says of the same product may be enough to doubt a verdict that the affected versions gave.
pub(super) fn doubted(
    device: &Device<'_>,
    leaves: &[Leaf<'_>],
    flaw: &Flaw,
    judged: Judged,
) -> Judged {
    let may_be = |set: &BTreeSet<usize>, exactly: bool| {
        let listed: Vec<&Leaf<'_>> = leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect();
        let Some(version) = device.firmware.as_ref().filter(|_| !listed.is_empty()) else {
            return !exactly && !listed.is_empty();
        };
        match among::among(version, &listed).among {
            Among::Yes { open } => !exactly || !open,
            Among::Perhaps { .. } => !exactly,
            Among::No { .. } => false,
        }
    };
    let clears = matches!(judged.verdict, Verdict::Fixed | Verdict::NotAffected);
    let unsettled = !flaw.investigated.is_empty() && clears && may_be(&flaw.investigated, false);
    if unsettled {
        return investigated(leaves);
    }
    let spared = !flaw.not_affected.is_empty()
        && judged.verdict == Verdict::Affected
        && may_be(&flaw.not_affected, true);
    if !spared {
        return judged;
    }
    let mut because = judged.because;
    because.push("the same version is also said not to be affected".to_owned());
    Judged { verdict: Verdict::Unknown(Why::Contradiction), because, ..judged }
}

/// A wider row of the document, of which the device's own row is silent here: "the whole family" beside a model of it. Whether it
/// includes the device is not said, so that it cannot clear it.
pub(super) fn widened(own: Judged, wider: Judged, name: &str) -> Judged {
    let clears = |judged: &Judged| matches!(judged.verdict, Verdict::Fixed | Verdict::NotAffected);
    if !clears(&own) || clears(&wider) {
        return own;
    }
    let mut because = wider.because;
    because.push(format!(
        "this vulnerability lists {name:?} and not the model's own row: whether the model is meant is not said"
    ));
    Judged { verdict: Verdict::Unknown(Why::Model), because, clause: wider.clause }
}

/// Whether a document says anything of a product: with a vulnerability that is silent, it says it of all.
pub(super) fn is_said(document: &Advisory, at: usize) -> bool {
    document.flaws.iter().any(|flaw| is_silent(flaw) || is_of(flaw, at))
}

/// Whether a vulnerability says anything of a product.
pub(super) fn is_of(flaw: &Flaw, at: usize) -> bool {
    let Flaw { affected, fixed, not_affected, investigated, .. } = flaw;
    [affected, fixed, not_affected, investigated].iter().any(|products| products.contains(&at))
}

/// True for a vulnerability that says of no product what it means for it.
pub(super) fn is_silent(flaw: &Flaw) -> bool {
    let Flaw { affected, fixed, not_affected, investigated, .. } = flaw;
    [affected, fixed, not_affected, investigated].iter().all(|products| products.is_empty())
}

fn clause(leaf: Option<&Leaf<'_>>) -> String {
    leaf.map_or_else(String::new, |leaf| leaf.product.pointer.to_string())
}
