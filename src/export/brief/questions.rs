//! The question behind each "cannot tell": the fact that is missing, where a person can read it, and how many verdicts it would settle.

use std::collections::{BTreeMap, BTreeSet};

use crate::export::Report;
use crate::export::brief::jobs::{Thing, plate};
use crate::export::brief::seen::product;
use crate::model::{AssetId, Field, Finding, Unit, Verdict, Why};

/// One question about devices of one kind.
#[derive(Debug)]
pub(in crate::export) struct Question<'a> {
    /// The missing fact.
    pub(in crate::export) why: Why,
    /// What the devices are.
    pub(in crate::export) product: String,
    /// What to ask, or to do.
    pub(in crate::export) ask: &'static str,
    /// Where the answer is found.
    pub(in crate::export) place: &'static str,
    /// The devices, in order of name.
    pub(in crate::export) things: Vec<Thing<'a>>,
    /// Verdicts that wait for the answer.
    pub(in crate::export) verdicts: usize,
    /// Of these, verdicts that a decision put aside.
    pub(in crate::export) aside: usize,
    /// The documents they are on.
    pub(in crate::export) advisories: BTreeSet<&'a str>,
    /// One of the sentences that say why it cannot be told.
    pub(in crate::export) example: &'a str,
}

/// All questions, those that settle most first.
pub(in crate::export) fn questions<'a>(report: &Report<'a>) -> Vec<Question<'a>> {
    type Things<'a> = BTreeMap<(String, AssetId, Option<&'a Unit>), Thing<'a>>;
    let mut found: BTreeMap<(Why, String), (Question<'a>, Things<'a>)> = BTreeMap::new();
    for finding in report.of_advisories() {
        let Verdict::Unknown(why) = finding.judgement.verdict else { continue };
        let Ok(at) = report.assets.binary_search_by_key(&finding.asset, |asset| asset.id) else {
            continue;
        };
        let Some(asset) = report.assets.get(at) else { continue };
        let module = finding.module.as_ref();
        let plate = plate(asset, module);
        let product = product(asset, plate);
        let place = found.entry((why, product.clone())).or_insert_with(|| {
            let vendor = plate.value(Field::Vendor).unwrap_or_default();
            let answer = answer(why, vendor, plate.value(Field::Os).is_some());
            (Question::new(why, product, answer, finding), Things::new())
        });
        let (question, things) = place;
        question.verdicts = question.verdicts.saturating_add(1);
        let is_aside = finding.handling.is_suppressed();
        question.aside = question.aside.saturating_add(usize::from(is_aside));
        question.advisories.insert(&*finding.judgement.advisory);
        things.insert((asset.shown_name(), asset.id, module), Thing { asset, module });
    }
    let mut questions: Vec<Question<'a>> = found
        .into_values()
        .map(|(question, things)| Question { things: things.into_values().collect(), ..question })
        .collect();
    questions.sort_by(|a, b| {
        let order = |one: &Question<'_>| (std::cmp::Reverse(one.verdicts), one.why);
        order(a).cmp(&order(b)).then_with(|| a.product.cmp(&b.product))
    });
    questions
}

impl<'a> Question<'a> {
    fn new(why: Why, product: String, answer: Answer, finding: &'a Finding) -> Self {
        Self {
            why,
            product,
            ask: answer.ask,
            place: answer.place,
            things: Vec::new(),
            verdicts: 0,
            aside: 0,
            advisories: BTreeSet::new(),
            example: finding.judgement.because.last().map(String::as_str).unwrap_or_default(),
        }
    }
}

/// A row of the table of answers.
#[derive(Clone, Copy, Debug)]
struct Answer {
    ask: &'static str,
    place: &'static str,
}

/// Where the missing fact is found: on devices of this maker where the table knows, else on any.
fn answer(why: Why, vendor: &str, is_computer: bool) -> Answer {
    let vendor = if is_computer { COMPUTER } else { vendor };
    let own = format!("{}|{vendor}", why.name());
    let found = find(&own).or_else(|| find(why.name()));
    found.unwrap_or(Answer { ask: why.name(), place: "" })
}

/// The row of a reason, or of a reason and a maker.
fn find(id: &str) -> Option<Answer> {
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).find_map(|line| {
        let mut cells = line.split(',');
        let is_it = cells.next() == Some(id);
        let (ask, place) = (cells.next()?, cells.next()?);
        is_it.then_some(Answer { ask, place })
    })
}

/// What the table calls a computer, whoever made its system.
const COMPUTER: &str = "computer";
const TABLE: &str = include_str!("../../../signatures/tables/questions.csv");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_question_and_a_place() {
        for why in Why::ALL {
            let Answer { ask, place } = answer(*why, "", false);
            assert!(ask.len() > 10 && place.len() > 10, "{why}");
            assert!(ask.ends_with('?') || ask.ends_with('.'), "{why}: {ask}");
        }
    }

    #[test]
    fn the_maker_goes_before_the_general_row() {
        let general = answer(Why::FirmwareVersion, "Nobody", false).place;
        let siemens = answer(Why::FirmwareVersion, "Siemens", false).place;
        assert_ne!(general, siemens);
        assert!(siemens.contains("TIA Portal"), "{siemens}");
        assert!(answer(Why::UpdateLevel, "Microsoft", true).place.contains("winver"));
    }

    #[test]
    fn every_row_is_about_a_reason_that_there_is() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [id, ask, place, source] = &*cells else { panic!("{line}") };
            let missing = id.split('|').next().unwrap();
            assert!(Why::ALL.iter().any(|why| why.name() == missing), "{line}");
            assert!(!ask.is_empty() && !place.is_empty() && !source.is_empty(), "{line}");
        }
    }
}
