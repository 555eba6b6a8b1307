//! What is not known never makes a device safe.
//!
//! Properties over the hand-checked rows and over devices of the signatures' examples, each with the documents that they meet.
//!
//! **Less evidence never clears.** Without any one observation, claim or statement of a document, a verdict that was affected or
//! cannot tell does not become fixed, and not "not affected". By what is taken away:
//!
//! - an observation: what is left is cannot tell, or what was said before; or the device is no longer tied to the document, so that
//!   nothing is said of it at all;
//! - a version beside a product (it then is the product as a whole), a model or serial number, the hardware of a relation, a product
//!   that is fixed, not affected or looked into, a score, a remediation, a sentence of one, or the products that one is for. The
//!   device is judged in its own version and in those around which the document turns;
//! - an affected entry, a product with such an entry, a flaw, a document: these are the statement itself. Nothing is left to be
//!   affected by, and nothing is asserted.
//!
//! **What was affected is never cleared, without exception.** What was *cannot tell* is, in two cases where what is left is another
//! statement and no less evidence (`docs/decisions/removing-statements.md`); each is recognised by what it is, see
//! [`another_statement`], and counted.
//!
//! **Verdicts follow the version.** With a higher version of the same train nothing that was fixed becomes affected, and with a lower
//! one nothing that was affected becomes fixed.
//!
//! `NAMEPLATE_PROPERTIES=all` tries every pair; without it a sample that a seed chooses, which is printed. A removal is judged in a
//! document that has only the flaw concerned (`statements::lean`), which is asserted to give the same answer.

pub(super) mod pairs;
mod statements;

use std::sync::Arc;

use std::collections::{BTreeMap, BTreeSet};

use nameplate::model::Judgement;
use nameplate::model::advisory::Advisory;
use nameplate::model::asset::Nameplate;
use nameplate::model::claim::Field;
use nameplate::model::finding::{Verdict, Why};

use self::pairs::{Choice, Pair, each, in_versions, is_all, moved, pairs, said, versions};
use self::statements::{Statement, distinct, lean, met, statements};
use super::{Heard, nameplates, word};

/// Chooses the sample.
const SEED: u64 = 0x5eed_0012;

/// Removals tried per flaw in a sample.
const REMOVALS: usize = 24;

/// Versions beside its own in which a device is judged.
const VERSIONS: usize = 6;

/// Flaws tried per pair in a sample.
const FLAWS: usize = 3;

fn is_clear(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fixed | Verdict::NotAffected)
}

/// A device that is no longer listed is not cleared: a scan says nothing of it.
fn is_tied(judgement: &Judgement) -> bool {
    judgement.clause != "/product_tree"
}

#[test]
fn without_an_observation_nothing_is_cleared_and_nothing_is_found() {
    let pairs = pairs(SEED);
    let mut forms: Vec<Heard> = Vec::new();
    for Pair { heard, .. } in &pairs {
        for at in 0..heard.len() {
            let mut less = heard.clone();
            drop(less.remove(at));
            forms.push(less);
        }
    }
    let mut plates = nameplates(&forms).into_iter();
    let with_plates: Vec<_> = pairs
        .iter()
        .map(|pair| (pair, plates.by_ref().take(pair.heard.len()).collect::<Vec<_>>()))
        .collect();
    let (mut wrong, mut tried) = (Vec::new(), 0_usize);
    for found in each(&with_plates, |_, (pair, plates)| without_observations(pair, plates)) {
        tried += found.0;
        wrong.extend(found.1);
    }
    println!("{tried} observations taken away");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many observations a device has, and what became wrong without one of them.
fn without_observations(pair: &Pair, plates: &[Nameplate]) -> (usize, Vec<String>) {
    let Pair { name, heard, plate, document } = pair;
    let mut wrong = Vec::new();
    let whole = said(plate, document);
    for (gone, plate) in heard.iter().zip(plates) {
        let less = said(plate, document);
        for (was, is) in whole.iter().zip(&less).filter(|(was, is)| is_tied(was) && is_tied(is)) {
            let towards_unknown =
                matches!(is.verdict, Verdict::Unknown(_)) || is.verdict == was.verdict;
            if !towards_unknown {
                wrong.push(format!(
                    "{name}: without {gone:?} {} {:?} became {:?}",
                    was.cve, was.verdict, is.verdict
                ));
            }
        }
    }
    (heard.len(), wrong)
}

#[test]
fn without_a_claim_nothing_is_cleared() {
    let pairs = pairs(SEED + 1);
    let wrong: Vec<String> = each(&pairs, |_, pair| without_claims(pair)).concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn without_claims(Pair { name, plate, document, .. }: &Pair) -> Vec<String> {
    let mut wrong = Vec::new();
    let whole = said(plate, document);
    for field in plate.claims.keys().copied().collect::<Vec<Field>>() {
        let mut less = plate.clone();
        less.claims.remove(&field);
        for (was, is) in whole.iter().zip(&said(&less, document)) {
            if !is_clear(&was.verdict) && is_clear(&is.verdict) && is_tied(is) {
                wrong.push(format!(
                    "{name}: without {field} {} {:?} became {:?}: {:?}",
                    was.cve, was.verdict, is.verdict, is.because
                ));
            }
        }
    }
    wrong
}

/// What came of leaving out statements.
#[derive(Default)]
struct Tally {
    /// How many of each kind.
    tried: BTreeMap<&'static str, usize>,
    /// Verdicts that changed, as "affected to cannot_tell".
    changed: BTreeMap<String, usize>,
    /// Removals that are no loss of evidence, by what they are.
    excepted: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

#[test]
fn without_a_statement_of_a_document_nothing_is_cleared() {
    let pairs = pairs(SEED + 2);
    let mut all = Tally::default();
    for tally in each(&pairs, |at, pair| without_statements(pair, Choice::of(SEED + at as u64))) {
        for (kind, count) in tally.tried {
            *all.tried.entry(kind).or_default() += count;
        }
        for (change, count) in tally.changed {
            *all.changed.entry(change).or_default() += count;
        }
        for (what, count) in tally.excepted {
            *all.excepted.entry(what).or_default() += count;
        }
        all.wrong.extend(tally.wrong);
    }
    println!("statements taken away: {:?}", all.tried);
    println!("verdicts that changed: {:?}", all.changed);
    println!("other statements: {:?}", all.excepted);
    assert!(all.wrong.is_empty(), "{} wrong\n{}", all.wrong.len(), all.wrong.join("\n"));
}

/// Whether what is left is another statement and no loss of evidence: by what was left out, and by what the answers say.
fn another_statement(
    statement: Statement,
    was: &Judgement,
    is: &Judgement,
) -> Option<&'static str> {
    let fixes = |judgement: &Judgement| judgement.fixed_in.iter().cloned().collect::<BTreeSet<_>>();
    let (before, after) = (fixes(was), fixes(is));
    let names_fix =
        matches!(statement, Statement::Remedy(_) | Statement::Sentence(..) | Statement::Fixed(_));
    match (&was.verdict, &is.verdict) {
        // Behind the last affected version and before the fix; without the fix there is nothing but the range.
        (Verdict::Unknown(Why::Gap), Verdict::NotAffected) if names_fix => {
            (after.is_subset(&before) && after.len() < before.len())
                .then_some("a gap has lost its fix")
        }
        // A range that could not stand beside the fix is gone, and the fix is where it was.
        (Verdict::Unknown(Why::VersionOrder | Why::Contradiction | Why::Model), Verdict::Fixed)
            if matches!(statement, Statement::Version(_)) =>
        {
            (before == after && !after.is_empty()).then_some("a range that doubted the fix is gone")
        }
        _ => None,
    }
}

fn without_statements(pair: &Pair, mut choice: Choice) -> Tally {
    let Pair { name, plate, document, .. } = pair;
    let mut tally = Tally::default();
    let met = met(plate, document);
    let judged = said(plate, document);
    let flaws = choice.some(distinct(document), FLAWS);
    let texts = met.iter().map(|at| &*document.products[*at].version);
    let fixes = judged.iter().flat_map(|one| &one.fixed_in).map(String::as_str);
    let turns = texts.chain(fixes).flat_map(versions).collect();
    for plate in in_versions(plate, &turns, if is_all() { VERSIONS } else { 2 }) {
        let judged = said(&plate, document);
        for at in &flaws {
            let whole = lean(document, *at);
            let was = said(&plate, &whole).remove(0);
            assert_eq!(was, judged[*at], "{name}: judged alone, {} gives another answer", was.cve);
            let statements = statements(&whole, &met, &mut Choice::of(SEED));
            let statements = choice.some(statements, REMOVALS);
            tally.add(name, &plate, (&whole, &was), &statements);
        }
    }
    tally
}

impl Tally {
    fn add(
        &mut self,
        name: &str,
        plate: &Nameplate,
        (whole, was): (&Advisory, &Judgement),
        statements: &[Statement],
    ) {
        let mut less = whole.clone();
        for statement in statements {
            *self.tried.entry(statement.kind()).or_default() += 1;
            statement.leave_out(&mut less);
            let is = said(plate, &less).remove(0);
            statement.put_back(&mut less, whole);
            if was.verdict == is.verdict || !is_tied(&is) {
                continue;
            }
            let change = format!("{} to {}", word(&was.verdict), word(&is.verdict));
            *self.changed.entry(change).or_default() += 1;
            if is_clear(&was.verdict) || !is_clear(&is.verdict) {
                continue;
            }
            if let Some(what) = another_statement(*statement, was, &is) {
                *self.excepted.entry(what).or_default() += 1;
            } else {
                self.wrong.push(format!(
                    "{:?} {:?}>{:?} | {name} {:?} {} {} without {}:\n   {:?} {:?}\n   {:?} {:?}",
                    statement.kind(),
                    was.verdict,
                    is.verdict,
                    plate.value(Field::Firmware),
                    whole.id,
                    was.cve,
                    statement.shown(whole),
                    was.because,
                    was.fixed_in,
                    is.because,
                    is.fixed_in
                ));
            }
        }
    }
}

#[test]
fn higher_versions_stay_fixed_and_lower_ones_affected() {
    let (mut wrong, mut tried) = (Vec::new(), 0_usize);
    for Pair { name, plate, document, .. } in pairs(SEED + 3) {
        let Some(firmware) = plate.value(Field::Firmware).map(str::to_owned) else { continue };
        let whole = said(&plate, document);
        for by in [1, 2, 3, -1, -2, -3] {
            let Some(other) = moved(&firmware, by) else { continue };
            tried += 1;
            let mut changed = plate.clone();
            for claim in changed.claims.get_mut(&Field::Firmware).into_iter().flatten() {
                Arc::make_mut(claim).value = other.as_str().into();
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
