//! What is not known never makes a device safe.
//!
//! Two properties, over the hand-checked rows and over devices of the signatures' examples, each with the documents that they meet.
//!
//! **Less evidence never clears.** Without any one observation, and without any one statement of a document, a verdict that was
//! affected or cannot tell does not become fixed, and not "not affected". In detail, by what is taken away:
//!
//! - an observation: what is left is cannot tell, or what was said before; or the device is no longer tied to the document, so that
//!   nothing is said of it at all;
//! - the version beside a product (it then is the product as a whole), a model number, a score, a serial number, a fixed or not
//!   affected entry of the product status: never cleared;
//! - a remediation, or a sentence of one: where the version was affected, it is never cleared. Three kinds of removal are no loss of
//!   evidence but another statement, and are left out: the fix of a higher train beside one of a lower train ("33.017, 34.014"
//!   without 34.014 says that 33.017 mends 34.011, too); a sentence that another one corrects ("Update to 2.0. 2.0 does not
//!   mend CVE-1."); and the text of a gap, which lives by the fix named ("up to 7.011, fixed in 7.013" says nothing about
//!   7.012, and without the second half says that it is not affected);
//! - an affected entry, a product with such an entry, a flaw, a document: these are the statement itself. Nothing is left to
//!   be affected by, and nothing is asserted.
//!
//! **Verdicts follow the version.** With a higher version of the same train nothing that was fixed becomes affected, and with a lower
//! one nothing that was affected becomes fixed.
//!
//! `NAMEPLATE_PROPERTIES=all` tries every pair; without it a sample that a seed chooses, which is printed.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use nameplate::assess::families::Families;
use nameplate::assess::judge_document;
use nameplate::model::Judgement;
use nameplate::model::advisory::{Advisory, Stated};
use nameplate::model::asset::Nameplate;
use nameplate::model::claim::Field;
use nameplate::model::finding::Verdict;

use super::{Heard, corpus, document, gold, hand_checked, judge, nameplates};

/// Chooses the sample.
const SEED: u64 = 0x5eed_0012;

/// Pairs of device and document of a sample; a pair costs some ten judgements for each product and remediation.
const SAMPLE: usize = 32;

/// Removals tried per pair in a sample; a document of hundreds of products has as many of each kind.
const REMOVALS: usize = 24;

struct Pair {
    name: String,
    heard: Heard,
    document: &'static Advisory,
}

fn is_all() -> bool {
    std::env::var_os("NAMEPLATE_PROPERTIES").is_some_and(|value| value == "all")
}

/// A linear congruential generator: which pairs are chosen need not be more random than that.
struct Choice(u64);

impl Choice {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    fn some<T>(&mut self, mut all: Vec<T>, most: usize) -> Vec<T> {
        if is_all() {
            return all;
        }
        while all.len() > most {
            let at = self.next(all.len());
            all.swap_remove(at);
        }
        all
    }
}

/// Identities of the rows with their documents, and devices of examples with those that they meet.
fn pairs(choice: &mut Choice) -> Vec<Pair> {
    if corpus().is_none() {
        println!("skipped: ../shared is not here");
        return Vec::new();
    }
    let mut pairs = Vec::new();
    let mut seen = BTreeSet::new();
    for row in gold::rows().unwrap_or_default().into_iter().chain(hand_checked::rows()) {
        if seen.insert((row.heard.clone(), row.document.clone())) {
            let document = document(&row.document);
            pairs.push(Pair { name: row.name, heard: row.heard, document });
        }
    }
    let examples = choice.some(examples(), SAMPLE);
    let plates = nameplates(&examples);
    for (heard, plate) in examples.into_iter().zip(plates) {
        let found = judge(&plate);
        let met: BTreeSet<&str> = found.iter().map(|one| &*one.advisory).collect();
        for id in choice.some(met.into_iter().collect(), 2) {
            let document = document(id);
            pairs.push(Pair { name: format!("{heard:?} {id}"), heard: heard.clone(), document });
        }
    }
    let pairs = choice.some(pairs, SAMPLE);
    println!("{} pairs of device and document, seed {SEED:#x}", pairs.len());
    pairs
}

/// What devices say in the examples of the signatures.
fn examples() -> Vec<Heard> {
    let mut found = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/signatures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let file: toml::Table = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let signatures = file.get("signature").and_then(|list| list.as_array());
        for signature in signatures.into_iter().flatten() {
            let examples = signature.get("example").and_then(|list| list.as_array());
            for example in examples.into_iter().flatten() {
                let Some(given) = example.get("given").and_then(|given| given.as_table()) else {
                    continue;
                };
                let text = |value: &toml::Value| {
                    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                };
                let is_single = given.values().all(|value| !value.is_array());
                let known = given.keys().all(|key| super::KEYS.contains_key(key.as_str()));
                if is_single && known {
                    found.insert(
                        given.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
                    );
                }
            }
        }
    }
    found.into_iter().collect()
}

fn said(plate: &Nameplate, document: &Advisory) -> Vec<Judgement> {
    judge_document(plate, document, &FAMILIES)
}

/// The table is large, and the same for all.
static FAMILIES: LazyLock<Families> = LazyLock::new(Families::embedded);

fn is_clear(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fixed | Verdict::NotAffected)
}

/// Flaws of which a verdict that did not clear became one that does. A device that is no longer listed is not cleared: a scan says
/// nothing of it.
fn cleared(before: &[Judgement], after: &[Judgement], only_affected: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, was) in before.iter().enumerate() {
        let concerned =
            if only_affected { was.verdict == Verdict::Affected } else { !is_clear(&was.verdict) };
        let Some(is) = after.get(at).filter(|is| is.cve == was.cve && concerned) else { continue };
        let is_tied = is.clause != "/product_tree";
        if is_clear(&is.verdict) && is_tied {
            wrong.push(format!(
                "{} {:?} became {:?}: {:?}",
                was.cve, was.verdict, is.verdict, is.because
            ));
        }
    }
    wrong
}

#[test]
fn without_an_observation_nothing_is_cleared_and_nothing_is_found() {
    let mut choice = Choice(SEED);
    let (mut wrong, mut tried) = (Vec::new(), 0_usize);
    for Pair { name, heard, document } in pairs(&mut choice) {
        let mut forms = vec![heard.clone()];
        for at in 0..heard.len() {
            let mut less = heard.clone();
            drop(less.remove(at));
            forms.push(less);
        }
        let plates = nameplates(&forms);
        let whole = said(&plates[0], document);
        for (gone, plate) in heard.iter().zip(&plates[1..]) {
            tried += 1;
            let less = said(plate, document);
            let is_tied = |one: &&Judgement| one.clause != "/product_tree";
            for (was, is) in whole.iter().zip(less.iter()).filter(|(_, is)| is_tied(is)) {
                let towards_unknown =
                    matches!(is.verdict, Verdict::Unknown(_)) || is.verdict == was.verdict;
                if !towards_unknown && was.clause != "/product_tree" {
                    wrong.push(format!(
                        "{name}: without {gone:?} {} {:?} became {:?}",
                        was.cve, was.verdict, is.verdict
                    ));
                }
            }
        }
    }
    println!("{tried} observations taken away");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_a_claim_nothing_is_cleared() {
    let mut choice = Choice(SEED + 1);
    let mut wrong = Vec::new();
    for Pair { name, heard, document } in pairs(&mut choice) {
        let plate = nameplates(std::slice::from_ref(&heard)).remove(0);
        let whole = said(&plate, document);
        for field in plate.claims.keys().copied().collect::<Vec<Field>>() {
            let mut less = plate.clone();
            less.claims.remove(&field);
            let after = said(&less, document);
            let found = cleared(&whole, &after, false);
            wrong.extend(found.into_iter().map(|one| format!("{name}: without {field} {one}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A change to a document that leaves out one thing, and what it was.
type Removal = (String, bool, Box<dyn Fn(&mut Advisory)>);

/// Everything that can be left out of a document and is not the statement itself. The flag says that only "affected" must not
/// become clear.
fn removals(document: &Advisory) -> Vec<Removal> {
    let mut all: Vec<Removal> = Vec::new();
    let mut add = |what: String, only_affected, change: Box<dyn Fn(&mut Advisory)>| {
        all.push((what, only_affected, change));
    };
    for (at, product) in document.products.iter().enumerate() {
        if product.stated != Stated::Nothing {
            let what = format!("version {:?} of {:?}", product.version, product.name);
            add(
                what,
                false,
                Box::new(move |document| {
                    document.products[at].version = "".into();
                    document.products[at].stated = Stated::Nothing;
                }),
            );
        }
        for (place, model) in product.models.iter().enumerate().take(4) {
            let what = format!("model {model} of {:?}", product.name);
            add(
                what,
                false,
                Box::new(move |document| {
                    drop(document.products[at].models.remove(place));
                }),
            );
        }
    }
    for (at, flaw) in document.flaws.iter().enumerate() {
        for product in &flaw.fixed {
            let product = *product;
            add(
                format!("{} fixed in {product}", flaw.name),
                true,
                Box::new(move |document| {
                    document.flaws[at].fixed.remove(&product);
                }),
            );
        }
        for place in 0..flaw.scores.len() {
            add(
                format!("{} score {place}", flaw.name),
                false,
                Box::new(move |document| {
                    drop(document.flaws[at].scores.remove(place));
                }),
            );
        }
        for (place, remedy) in flaw.remedies.iter().enumerate() {
            add(
                format!("{} {:?}", flaw.name, remedy.details),
                true,
                Box::new(move |document| {
                    drop(document.flaws[at].remedies.remove(place));
                }),
            );
            for (from, sentence) in remedy.details.match_indices(". ").take(8) {
                let to = from + sentence.len();
                let what = format!("{} {:?} up to {to}", flaw.name, remedy.details);
                add(
                    what,
                    true,
                    Box::new(move |document| {
                        let details = document.flaws[at].remedies[place].details.to_string();
                        document.flaws[at].remedies[place].details = details[to..].into();
                    }),
                );
            }
        }
    }
    all
}

/// Whether a removal takes the fix of a train and leaves one of a lower train: then the document says something else.
fn leaves_a_lower_fix(before: &Judgement, after: &Judgement) -> bool {
    after.verdict == Verdict::Fixed
        && before.fixed_in.len() > after.fixed_in.len()
        && !after.fixed_in.is_empty()
}

#[test]
fn without_a_statement_of_a_document_nothing_is_cleared() {
    let mut choice = Choice(SEED + 2);
    let (mut wrong, mut tried) = (Vec::new(), 0_usize);
    for Pair { name, heard, document } in pairs(&mut choice) {
        let plate = nameplates(std::slice::from_ref(&heard)).remove(0);
        let whole = said(&plate, document);
        if whole.iter().all(|one| is_clear(&one.verdict)) {
            continue;
        }
        for (what, only_affected, change) in choice.some(removals(document), REMOVALS) {
            tried += 1;
            let mut less = document.clone();
            change(&mut less);
            let mut after = said(&plate, &less);
            after.retain(|is| {
                let was = whole.iter().find(|was| was.cve == is.cve);
                !was.is_some_and(|was| leaves_a_lower_fix(was, is))
            });
            if after.len() != whole.len() {
                continue;
            }
            let found = cleared(&whole, &after, only_affected);
            wrong.extend(found.into_iter().map(|one| format!("{name} without {what}: {one}")));
        }
    }
    println!("{tried} statements taken away");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The same version, higher or lower by its last number.
fn moved(version: &str, by: i64) -> Option<String> {
    let end = version.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = version[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (number, width) = (version[start..end].parse::<i64>().ok()?, end - start);
    let moved = number.checked_add(by).filter(|moved| *moved >= 0)?;
    Some(format!("{}{moved:0width$}{}", &version[..start], &version[end..]))
}

#[test]
fn higher_versions_stay_fixed_and_lower_ones_affected() {
    let mut choice = Choice(SEED + 3);
    let (mut wrong, mut tried) = (Vec::new(), 0_usize);
    for Pair { name, heard, document } in pairs(&mut choice) {
        let plate = nameplates(std::slice::from_ref(&heard)).remove(0);
        let Some(firmware) = plate.value(Field::Firmware).map(str::to_owned) else { continue };
        let whole = said(&plate, document);
        for by in [1, 2, 3, -1, -2, -3] {
            let Some(other) = moved(&firmware, by) else { continue };
            tried += 1;
            let mut changed = plate.clone();
            for claim in changed.claims.get_mut(&Field::Firmware).into_iter().flatten() {
                claim.value = other.as_str().into();
            }
            let after = said(&changed, document);
            for (was, is) in whole.iter().zip(&after) {
                let wrong_way = match (&was.verdict, &is.verdict) {
                    (Verdict::Fixed, Verdict::Affected) => by > 0,
                    (Verdict::Affected, Verdict::Fixed) => by < 0,
                    _ => false,
                };
                // Blocks of minors under one major are trains of their own: 5.009 is fixed, and 5.010 is not of its train.
                let same_train = other.len() == firmware.len();
                if wrong_way && same_train {
                    wrong.push(format!(
                        "{name}: {firmware} {:?}, {other} {:?} {:?}",
                        was.verdict, is.verdict, is.because
                    ));
                }
            }
        }
    }
    println!("{tried} versions moved");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
