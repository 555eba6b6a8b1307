//! Asset and advisory to verdict; pure.
//!
//! A device wrongly called safe is the worst bug we can have. So a verdict is given per (vulnerability, document), it holds
//! in every reading that the evidence allows, or it is unknown and says what is missing; a fix must be named to be reached;
//! and names that are only alike decide nothing.

mod among;
mod conflict;
mod device;
mod explain;
pub mod families;
mod fixes;
mod leaf;
mod listed;
mod product;
mod reading;
mod said_by;
mod trains;
mod windows;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use listed::listed;

use crate::advisory::{Index, Names, makers};
use crate::assess::device::Device;
use crate::assess::families::Families;
use crate::assess::leaf::Leaf;
use crate::assess::reading::Judged;
use crate::model::advisory::{Advisory, Flaw, Product, Remedy};
use crate::model::asset::Nameplate;
use crate::model::claim::Field;
use crate::model::finding::{Grade, Judgement, Kind, Priority, Verdict, Why};

/// Judges a device against all documents that list its product, in order of document and vulnerability. Documents about
/// other products give nothing.
pub fn judge(nameplate: &Nameplate, index: &Index, families: &Families) -> Vec<Arc<Judgement>> {
    let mut judgements = index.judged(&kind(nameplate), || judge_anew(nameplate, index, families));
    // Two devices of one kind are judged once; whose word it was is each one's own.
    let said_by = said_by::sentences(nameplate);
    if !said_by.is_empty() {
        for one in &mut judgements {
            drop(Arc::make_mut(one).because.splice(0..0, said_by.iter().cloned()));
        }
    }
    judgements
}

fn judge_anew(nameplate: &Nameplate, index: &Index, families: &Families) -> Vec<Judgement> {
    let mut judgements = conflict::settle(nameplate, |firmware| {
        let mut judgements = Vec::new();
        for device in Device::all(nameplate, firmware, families) {
            for document in index.about(|maker| device.is_by(maker)) {
                let leaves = leaves(&device, document, index.names());
                if !leaves.is_empty() {
                    let exploited = |cve: &str| index.is_exploited(cve);
                    judgements.extend(judge_leaves(
                        &device,
                        &leaves,
                        (document, index.names()),
                        exploited,
                    ));
                }
            }
        }
        judgements
    });
    judgements.sort_by(|one, other| one.advisory.cmp(&other.advisory));
    judgements
}

/// All that verdicts follow from, as one text: two devices with the same are judged alike.
fn kind(nameplate: &Nameplate) -> String {
    const FIELDS: [Field; 7] = [
        Field::Vendor,
        Field::Product,
        Field::Model,
        Field::OrderNumber,
        Field::Series,
        Field::Os,
        Field::OsBuild,
    ];
    let said = FIELDS.iter().map(|field| device::said(nameplate, *field));
    let firmwares = device::firmwares(nameplate);
    let mut kind = String::new();
    for claim in said.chain(firmwares.into_iter().map(Some)) {
        // Values may hold any character: their lengths keep them apart.
        let (value, certainty) =
            claim.map_or(("", None), |claim| (&*claim.value, Some(claim.certainty)));
        kind.push_str(&format!("{}:{value}{certainty:?};", value.len()));
    }
    kind
}

/// Judges a device against one document, also when it is not listed there: then it is not affected, and says so.
pub fn judge_document(
    nameplate: &Nameplate,
    document: &Advisory,
    families: &Families,
) -> Vec<Judgement> {
    let names = Names::of(std::slice::from_ref(document));
    conflict::settle(nameplate, |firmware| {
        let devices = Device::all(nameplate, firmware, families);
        let listed = devices.iter().find_map(|device| {
            let leaves = leaves(device, document, &names);
            (!leaves.is_empty())
                .then(|| judge_leaves(device, &leaves, (document, &names), |_| None))
        });
        let absent = || devices.first().map(|device| not_listed(device, document));
        listed.or_else(absent).unwrap_or_default()
    })
}

/// The products that a device meets most specifically. Candidates only when there is nothing better.
fn leaves<'a>(device: &Device<'_>, document: &'a Advisory, names: &Names) -> Vec<Leaf<'a>> {
    let mut vendors: BTreeMap<&str, bool> = BTreeMap::new();
    let mut is_own = |product: &'a Product| {
        *vendors
            .entry(&product.vendor)
            .or_insert_with(|| makers(&product.vendor).iter().any(|maker| device.is_by(maker)))
    };
    if let Some(releases) = &device.windows {
        return windows::leaves(releases, document, is_own);
    }
    let mut met: Vec<Leaf<'a>> = Vec::new();
    for (at, product) in document.products.iter().enumerate() {
        let found = if is_own(product) { device.meet(product, names) } else { None };
        if let Some(found) = found {
            met.push(Leaf::new(at, product, found, device.scheme));
        }
    }
    let best = met
        .iter()
        .map(|leaf| (leaf.met.grade != Grade::E4, leaf.met.rank.0, leaf.met.rank.1))
        .max();
    met.retain(|leaf| {
        Some((leaf.met.grade != Grade::E4, leaf.met.rank.0, leaf.met.rank.1)) == best
    });
    // Among patterns the tighter wins: BMEP58*S over BMEP*.
    let tightest = met.iter().map(|leaf| leaf.met.rank.2).max().unwrap_or_default();
    met.retain(|leaf| leaf.met.rank.2 == 0 || leaf.met.rank.2 == tightest);
    for leaf in &mut met {
        leaf.limit(device.scheme, names);
    }
    met
}

fn judge_leaves(
    device: &Device<'_>,
    leaves: &[Leaf<'_>],
    (document, names): (&Advisory, &Names),
    exploited: impl Fn(&str) -> Option<bool>,
) -> Vec<Judgement> {
    let grade = leaves.iter().map(|leaf| leaf.met.grade).max().unwrap_or(Grade::E4);
    document
        .flaws
        .iter()
        .map(|flaw| {
            judge_flaw(device, leaves, flaw, (document, names), grade, exploited(&flaw.name))
        })
        .collect()
}

fn judge_flaw(
    device: &Device<'_>,
    leaves: &[Leaf<'_>],
    flaw: &Flaw,
    (document, names): (&Advisory, &Names),
    grade: Grade,
    kev: Option<bool>,
) -> Judgement {
    let among = |set: &BTreeSet<usize>| {
        leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect::<Vec<_>>()
    };
    // A vulnerability without any status concerns all products of its document.
    let affected: Vec<&Leaf<'_>> =
        if is_silent(flaw) { leaves.iter().collect() } else { among(&flaw.affected) };
    let own_series = |leaf: &&&Leaf<'_>| {
        device.series.is_none_or(|letter| {
            leaf.limits.series.is_empty() || leaf.limits.series.contains(&letter)
        })
    };
    let places: BTreeSet<usize> = affected.iter().filter(own_series).map(|leaf| leaf.at).collect();
    let fixes = fixes::named(device, leaves, &places, flaw, (document, names));
    let judged = if grade == Grade::E4 {
        unknown(Why::Candidate, "the product's name is not certain enough to judge", leaves)
    } else if let Some(releases) = &device.windows
        && (!affected.is_empty() || !among(&flaw.fixed).is_empty())
    {
        let (why, because) = windows::missing(releases);
        unknown(why, because, leaves)
    } else if !affected.is_empty() {
        reading::judge(device, &affected, &|places| {
            fixes::named(device, leaves, places, flaw, (document, names))
        })
    } else {
        unaffected(device, leaves, flaw)
    };
    let strong = fixed_in(&fixes, &affected);
    let remedy = remedy(flaw, &places, &judged);
    let score = flaw
        .scores
        .iter()
        .find(|score| score.products.is_empty() || !score.products.is_disjoint(&places));
    let score = score.or(flaw.scores.first());
    let fix_exists =
        !strong.is_empty() || remedy.is_some_and(|remedy| &*remedy.category == "vendor_fix");
    // The product that settled it, when a document lists several that the device meets.
    let settling = leaves.iter().find(|leaf| *leaf.product.pointer == *judged.clause);
    let named = settling.or(leaves.first());
    let mut because: Vec<String> = named.map(|leaf| leaf.met.because.clone()).into_iter().collect();
    because.extend(judged.because);
    Judgement {
        kind: Kind::Advisory,
        substance: document.substance,
        advisory: document.id.clone(),
        title: document.title.clone(),
        cve: flaw.name.clone(),
        priority: priority(&judged.verdict, kev, fix_exists),
        verdict: judged.verdict,
        grade,
        certainty: device.certainty,
        because,
        clause: judged.clause,
        fixed_in: strong.into_iter().collect(),
        remediation: remedy.map(|remedy| remedy.category.clone()),
        cvss: score.map(|score| score.base),
        vector: score.map(|score| score.vector.clone()).filter(|vector| !vector.is_empty()),
        kev,
        epss: None,
    }
}

/// The versions that carry the fix for this device. A text for many products says nothing certain about one whose range
/// has no end.
fn fixed_in(fixes: &[fixes::Fixed], affected: &[&Leaf<'_>]) -> BTreeSet<String> {
    let endless = affected.iter().any(|leaf| leaf.is_endless());
    let in_doubt = |fix: &fixes::Fixed| fix.weak || (endless && fix.broad);
    let certain = fixes.iter().filter(|fix| !in_doubt(fix));
    certain.map(|fix| fix.version.raw().to_owned()).collect()
}

/// True for a vulnerability that says of no product what it means for it.
fn is_silent(flaw: &Flaw) -> bool {
    let Flaw { affected, fixed, not_affected, investigated, .. } = flaw;
    [affected, fixed, not_affected, investigated].iter().all(|products| products.is_empty())
}

/// The device is listed in the document, but not as affected by this vulnerability.
fn unaffected(device: &Device<'_>, leaves: &[Leaf<'_>], flaw: &Flaw) -> Judged {
    let among = |set: &BTreeSet<usize>| {
        leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect::<Vec<_>>()
    };
    let fixed = among(&flaw.fixed);
    if !fixed.is_empty() {
        return reading::fixed_only(device, &fixed);
    }
    if !among(&flaw.investigated).is_empty() {
        return unknown(Why::RangeText, "the maker is still looking into it", leaves);
    }
    let because = vec!["the product is not listed as affected by this vulnerability".to_owned()];
    let clause = leaves.first().map_or_else(String::new, |leaf| leaf.product.pointer.to_string());
    Judged { verdict: Verdict::NotAffected, because, clause }
}

fn unknown(why: Why, because: &str, leaves: &[Leaf<'_>]) -> Judged {
    let clause = leaves.first().map_or_else(String::new, |leaf| leaf.product.pointer.to_string());
    Judged { verdict: Verdict::Unknown(why), because: vec![because.to_owned()], clause }
}

/// The remediation to show: the one that settled the verdict, then a fix, then the word that there is none.
fn remedy<'a>(flaw: &'a Flaw, places: &BTreeSet<usize>, judged: &Judged) -> Option<&'a Remedy> {
    const ORDER: [&str; 6] = [
        "vendor_fix",
        "none_available",
        "no_fix_planned",
        "fix_planned",
        "mitigation",
        "workaround",
    ];
    let settled = flaw.remedies.iter().find(|remedy| *remedy.pointer == *judged.clause);
    settled.or_else(|| {
        let concerns =
            |remedy: &&Remedy| remedy.products.is_empty() || !remedy.products.is_disjoint(places);
        ORDER.iter().find_map(|category| {
            flaw.remedies.iter().filter(concerns).find(|remedy| &*remedy.category == *category)
        })
    })
}

fn priority(verdict: &Verdict, kev: Option<bool>, fix_exists: bool) -> Option<Priority> {
    match verdict {
        Verdict::Affected if kev == Some(true) => Some(Priority::Now),
        Verdict::Affected if fix_exists => Some(Priority::Next),
        Verdict::Affected => Some(Priority::Watch),
        _ => None,
    }
}

fn not_listed(device: &Device<'_>, document: &Advisory) -> Vec<Judgement> {
    document
        .flaws
        .iter()
        .map(|flaw| Judgement {
            kind: Kind::Advisory,
            substance: document.substance,
            advisory: document.id.clone(),
            title: document.title.clone(),
            cve: flaw.name.clone(),
            verdict: Verdict::NotAffected,
            grade: Grade::E2,
            certainty: device.certainty,
            because: vec!["not listed: no product of the document is this one".to_owned()],
            clause: "/product_tree".to_owned(),
            fixed_in: Vec::new(),
            remediation: None,
            cvss: flaw.scores.first().map(|score| score.base),
            vector: flaw
                .scores
                .first()
                .map(|score| score.vector.clone())
                .filter(|vector| !vector.is_empty()),
            kev: None,
            epss: None,
            priority: None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
