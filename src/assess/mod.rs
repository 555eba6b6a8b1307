//! Asset and advisory to verdict; pure.
//!
//! A device wrongly called safe is the worst bug we can have. So a verdict is given per (vulnerability, document), it holds
//! in every reading that the evidence allows, or it is unknown and says what is missing; a fix must be named to be reached;
//! and names that are only alike decide nothing.

mod among;
mod assessor;
mod conflict;
mod device;
mod explain;
pub mod exposure;
pub mod exposure_rules;
pub mod families;
mod fixes;
mod hints;
mod leaf;
mod listed;
pub mod lifecycle;
mod naming;
mod numbering;
pub mod priority;
mod product;
mod reading;
mod said_by;
mod standing;
mod status;
mod trains;
pub mod vendors;
mod windows;
mod words;

pub use assessor::Assessor;

pub use listed::listed;

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::{Names, makers};
use crate::assess::device::Device;
use crate::assess::families::Families;
use crate::assess::leaf::Leaf;
use crate::assess::product::Match;
use crate::assess::reading::Judged;
use crate::model::advisory::{Advisory, Flaw, Product, Remedy, Score, Standing};
use crate::model::asset::Nameplate;
use crate::model::finding::{Grade, Judgement, Kind, Verdict, Why};

/// Judges a device against one document, also when it is not listed there: then it is not affected, and says so. One that was
/// withdrawn judges nothing.
pub fn judge_document(
    nameplate: &Nameplate,
    document: &Advisory,
    families: &Families,
) -> Vec<Judgement> {
    judge_knowing(nameplate, document, &Names::of(std::slice::from_ref(document)), families)
}

/// As [`judge_document`], with the document's names read before: those of a whole index, or of the same document as it was.
pub fn judge_knowing(
    nameplate: &Nameplate,
    document: &Advisory,
    names: &Names,
    families: &Families,
) -> Vec<Judgement> {
    if document.standing == Standing::Withdrawn {
        return Vec::new();
    }
    conflict::settle(nameplate, |firmware| {
        let devices = Device::all(nameplate, firmware, families);
        let listed = devices.iter().find_map(|device| {
            let met = leaves(device, document, names);
            (!met.own.is_empty()).then(|| judge_leaves(device, &met, (document, names), |_| None))
        });
        let absent = || devices.first().map(|device| not_listed(device, document));
        listed.or_else(absent).unwrap_or_default()
    })
}

/// The products that a device met.
struct Met<'a> {
    /// Those that it meets most specifically. Candidates only when there is nothing better.
    own: Vec<Leaf<'a>>,
    /// Those that it meets, too, and less specifically: the family beside the model.
    wider: Vec<Leaf<'a>>,
}

/// The products that a device meets, with their version texts read.
fn leaves<'a>(device: &Device<'_>, document: &'a Advisory, names: &Names) -> Met<'a> {
    match &device.windows {
        Some(releases) => windows_leaves(device, releases, document),
        None => leaves_of(device, document, &met(device, document, names), names),
    }
}

fn windows_leaves<'a>(
    device: &Device<'_>,
    releases: &[windows::Release],
    document: &'a Advisory,
) -> Met<'a> {
    let own = windows::leaves(releases, document, own_products(device));
    Met { own, wider: Vec::new() }
}

/// Whether products are of the device's maker. A document repeats few names of makers by the hundred.
fn own_products<'a>(device: &Device<'_>) -> impl FnMut(&'a Product) -> bool {
    let mut vendors: BTreeMap<&str, bool> = BTreeMap::new();
    move |product: &'a Product| {
        *vendors
            .entry(&product.vendor)
            .or_insert_with(|| makers(&product.vendor).iter().any(|maker| device.is_by(maker)))
    }
}

/// The products that a device meets, by their places. The firmware has no say in it.
fn met(device: &Device<'_>, document: &Advisory, names: &Names) -> Vec<(usize, Match)> {
    let mut is_own = own_products(device);
    let mut met: Vec<(usize, Match)> = Vec::new();
    for (at, product) in document.products.iter().enumerate() {
        let found = if is_own(product) { device.meet(product, names) } else { None };
        met.extend(found.map(|found| (at, found)));
    }
    // The parts that a product was made of: nothing is said of them.
    if met.iter().any(|(at, _)| status::is_said(document, *at)) {
        met.retain(|(at, _)| status::is_said(document, *at));
    }
    // Candidates only when there is nothing better.
    if met.iter().any(|(_, found)| found.grade != Grade::E4) {
        met.retain(|(_, found)| found.grade != Grade::E4);
    }
    met
}

/// Products that were met, with their version texts read: those met most specifically, and the others.
fn leaves_of<'a>(
    device: &Device<'_>,
    document: &'a Advisory,
    met: &[(usize, Match)],
    names: &Names,
) -> Met<'a> {
    let read = |(at, found): &(usize, Match)| {
        let product = document.products.get(*at)?;
        let mut leaf = Leaf::new(*at, product, found.clone(), device.scheme);
        leaf.limit(device.scheme, names);
        Some(leaf)
    };
    let rank = |leaf: &Leaf<'_>| (leaf.met.rank.0, leaf.met.rank.1);
    let all: Vec<Leaf<'a>> = met.iter().filter_map(read).collect();
    let best = all.iter().map(rank).max();
    let (best, mut wider): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|leaf| Some(rank(leaf)) == best);
    // Among patterns the tighter wins: BMEP58*S over BMEP*.
    let tightest = best.iter().map(|leaf| leaf.met.rank.2).max().unwrap_or_default();
    let (own, loose): (Vec<_>, Vec<_>) =
        best.into_iter().partition(|leaf| leaf.met.rank.2 == 0 || leaf.met.rank.2 == tightest);
    wider.extend(loose);
    Met { own, wider }
}

fn judge_leaves(
    device: &Device<'_>,
    met: &Met<'_>,
    (document, names): (&Advisory, &Names),
    exploited: impl Fn(&str) -> Option<bool>,
) -> Vec<Judgement> {
    let judge =
        |flaw: &Flaw| judge_flaw(device, met, flaw, (document, names), exploited(&flaw.name));
    let doubted = |judgement| doubted(judgement, document);
    document.flaws.iter().map(judge).map(doubted).collect()
}

/// A damaged document may have lost the very range, state or fix that concerns the device: it flags, and clears nothing.
fn doubted(mut judgement: Judgement, document: &Advisory) -> Judgement {
    let fault = document.fault.as_ref().filter(|fault| fault.touches_devices);
    if let (Some(fault), Verdict::Fixed | Verdict::NotAffected) = (fault, &judgement.verdict) {
        judgement.verdict = Verdict::Unknown(Why::Damaged);
        judgement
            .because
            .push(format!("the advisory is damaged, and clears nothing: {}", fault.what));
    }
    judgement
}

fn judge_flaw(
    device: &Device<'_>,
    met: &Met<'_>,
    flaw: &Flaw,
    (document, names): (&Advisory, &Names),
    kev: Option<bool>,
) -> Judgement {
    let leaves = met.own.as_slice();
    let grade = leaves.iter().map(|leaf| leaf.met.grade).max().unwrap_or(Grade::E4);
    let among = |set: &BTreeSet<usize>| {
        leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect::<Vec<_>>()
    };
    // A vulnerability without any status concerns all products of its document.
    let affected: Vec<&Leaf<'_>> =
        if status::is_silent(flaw) { leaves.iter().collect() } else { among(&flaw.affected) };
    let own_series = |leaf: &&&Leaf<'_>| leaf.limits.may_be_of(device.series);
    let places: BTreeSet<usize> = affected.iter().filter(own_series).map(|leaf| leaf.at).collect();
    let fixes = fixes::named(device, leaves, &places, flaw, (document, names));
    let judged = if grade == Grade::E4 {
        unknown(Why::Candidate, "the product's name is not certain enough to judge", leaves)
    } else if let Some(releases) = &device.windows
        && (!affected.is_empty() || !among(&flaw.fixed).is_empty())
    {
        windows::judge(device, releases, leaves, flaw)
    } else if !affected.is_empty() {
        reading::judge(device, &affected, &|places| {
            fixes::named(device, leaves, places, flaw, (document, names))
        })
    } else {
        let own = status::unaffected(device, leaves, flaw);
        of_wider(device, own, met, flaw, (document, names))
    };
    let judged = status::doubted(device, leaves, flaw, judged);
    let judged = standing::weighed(judged, document, !among(&flaw.not_affected).is_empty());
    let strong = fixed_in(&fixes, &affected);
    let remedy = remedy(flaw, &places, &judged);
    let concerned =
        |score: &&Score| score.products.is_empty() || !score.products.is_disjoint(&places);
    let score = flaw.scores.iter().find(concerned).or(flaw.scores.first());
    // The product that settled it, when a document lists several that the device meets.
    let settling = leaves.iter().find(|leaf| *leaf.product.pointer == *judged.clause);
    let named = settling.or(leaves.first());
    let mut because: Vec<String> = named.map(|leaf| leaf.met.because.clone()).into_iter().collect();
    let exploited = hints::exploited(flaw, leaves.iter().map(|leaf| leaf.at));
    because.extend(exploited.clone());
    because.extend(hints::likelihood(flaw));
    because.extend(judged.because);
    Judgement {
        kind: Kind::Advisory,
        substance: document.substance,
        advisory: document.id.clone(),
        title: document.title.clone(),
        cve: flaw.name.clone(),
        verdict: judged.verdict,
        grade,
        certainty: device.certainty,
        because,
        clause: judged.clause,
        fixed_in: strong.into_iter().collect(),
        remediation: remedy.map(|remedy| remedy.category.clone()),
        cvss: score.map(|score| score.base),
        vector: score.map(|score| score.vector.clone()).filter(|vector| !vector.is_empty()),
        kev: if exploited.is_some() { Some(true) } else { kev },
        epss: flaw.likelihood.as_ref().map(|likelihood| likelihood.probability),
    }
}

/// The vulnerability says nothing of the device's own row, and something of a wider one.
fn of_wider(
    device: &Device<'_>,
    own: Judged,
    met: &Met<'_>,
    flaw: &Flaw,
    (document, names): (&Advisory, &Names),
) -> Judged {
    if met.own.iter().any(|leaf| status::is_of(flaw, leaf.at)) {
        return own;
    }
    let affected: Vec<&Leaf<'_>> =
        met.wider.iter().filter(|leaf| flaw.affected.contains(&leaf.at)).collect();
    let Some(first) = affected.first() else { return own };
    let judged = reading::judge(device, &affected, &|places| {
        fixes::named(device, &met.wider, places, flaw, (document, names))
    });
    status::widened(own, judged, &first.product.name)
}

/// The versions that carry the fix for this device. A text for many products says nothing certain about one whose range
/// has no end.
fn fixed_in(fixes: &[fixes::Fixed], affected: &[&Leaf<'_>]) -> BTreeSet<String> {
    let endless = affected.iter().any(|leaf| leaf.is_endless());
    let in_doubt = |fix: &fixes::Fixed| fix.weak || (endless && fix.broad);
    let certain = fixes.iter().filter(|fix| !in_doubt(fix));
    certain.map(|fix| fix.version.raw().to_owned()).collect()
}

fn unknown(why: Why, because: &str, leaves: &[Leaf<'_>]) -> Judged {
    let clause = leaves.first().map_or_else(String::new, |leaf| leaf.product.pointer.to_string());
    Judged { verdict: Verdict::Unknown(why), because: vec![because.to_owned()], clause }
}

/// The remediation to show: the one that settled the verdict, then a fix, then the word that there is none.
fn remedy<'a>(flaw: &'a Flaw, places: &BTreeSet<usize>, judged: &Judged) -> Option<&'a Remedy> {
    const ORDER: [&str; 7] = [
        "vendor_fix",
        "none_available",
        "no_fix_planned",
        "fix_planned",
        "mitigation",
        "workaround",
        "optional_patch",
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

fn not_listed(device: &Device<'_>, document: &Advisory) -> Vec<Judgement> {
    let judged = standing::weighed(
        Judged {
            verdict: Verdict::NotAffected,
            because: vec!["not listed: no product of the document is this one".to_owned()],
            clause: "/product_tree".to_owned(),
        },
        document,
        true,
    );
    document
        .flaws
        .iter()
        .map(|flaw| Judgement {
            kind: Kind::Advisory,
            substance: document.substance,
            advisory: document.id.clone(),
            title: document.title.clone(),
            cve: flaw.name.clone(),
            verdict: judged.verdict.clone(),
            grade: Grade::E2,
            certainty: device.certainty,
            because: judged.because.clone(),
            clause: judged.clause.clone(),
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
        })
        .collect()
}

#[cfg(test)]
mod tests;
