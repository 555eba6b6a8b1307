//! From a device on the wire to the products of a document: hand-written expectations over many makers.
//!
//! `matching/*.txt` have one device after another as our rules would claim it, and behind each the names of products as
//! documents write them. `yes` is a match (or exactly `E1`, `E2`, `E3`), `maybe` a candidate, `no` none; lines with `+` and
//! `-` behind `set` are the products of one document, of which exactly those with `+` must be met.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use nameplate::advisory::{Index, csaf};
use nameplate::assess::families::Families;
use nameplate::assess::{judge_document, listed};
use nameplate::model::advisory::Advisory;
use nameplate::model::finding::{Grade, Judgement, Verdict, Why};
use nameplate::model::{Certainty, Claim, Field, Nameplate, Node, Scope, Subject, Timestamp};
use serde_json::json;

/// The files of the table.
const FILES: [(&str, &str); 3] = [
    ("rockwell-schneider.txt", include_str!("matching/rockwell-schneider.txt")),
    ("siemens.txt", include_str!("matching/siemens.txt")),
    ("others.txt", include_str!("matching/others.txt")),
];

/// Pairs that the table must keep.
const PAIRS_MIN: usize = 300;

/// A document of one maker whose products are each affected by a vulnerability of their own.
fn document(vendor: &str, names: &[&str]) -> Advisory {
    let branches: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({"category": "product_name", "name": name, "branches": [{
                "category": "product_version_range", "name": "vers:all/*",
                "product": {"name": format!("{name}: vers:all/*"), "product_id": format!("P{at}")}}]})
        })
        .collect();
    let flaws: Vec<_> = (0..names.len())
        .map(|at| json!({"cve": format!("CVE-2024-{at:04}"), "product_status": {"known_affected": [format!("P{at}")]}}))
        .collect();
    let whole = json!({
        "document": {"title": "T", "tracking": {"id": "X-1", "current_release_date": "2024"}},
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": branches}]},
        "vulnerabilities": flaws});
    csaf::parse(whole.to_string().as_bytes(), "table").unwrap()
}

fn is_met(judgement: &Judgement) -> bool {
    !judgement.because.iter().any(|step| step.contains("not listed"))
}

/// What a device came to: a grade, or none.
fn grade(judgements: &[Judgement]) -> Option<Grade> {
    judgements.first().filter(|judgement| is_met(judgement)).map(|judgement| judgement.grade)
}

fn is_as_expected(expected: &str, met: Option<Grade>) -> bool {
    match expected {
        "yes" => met.is_some_and(|grade| grade != Grade::E4),
        "maybe" => met == Some(Grade::E4),
        "no" => met.is_none(),
        "E1" => met == Some(Grade::E1),
        "E2" => met == Some(Grade::E2),
        "E3" => met == Some(Grade::E3),
        other => panic!("{other} is no expectation"),
    }
}

fn device(line: &str) -> (String, Vec<(Field, &str)>) {
    let mut claims = Vec::new();
    let mut vendor = String::new();
    for part in line.split('|').map(str::trim) {
        let (key, value) = part.split_once('=').unwrap_or(("vendor", part));
        let field = match key {
            "vendor" => Field::Vendor,
            "product" => Field::Product,
            "model" => Field::Model,
            "order" => Field::OrderNumber,
            "series" => Field::Series,
            other => panic!("{other} is no field of the table"),
        };
        if field == Field::Vendor {
            value.clone_into(&mut vendor);
        }
        claims.push((field, value));
    }
    (vendor, claims)
}

#[derive(Default)]
struct Tally {
    pairs: usize,
    wrong_product: usize,
    told: String,
}

impl Tally {
    fn count(&mut self, right: bool, wrong_product: bool, told: &str) {
        self.pairs += 1;
        if !right {
            self.wrong_product += usize::from(wrong_product);
            writeln!(self.told, "{told}").unwrap();
        }
    }
}

fn check(name: &str, text: &str, families: &Families, tally: &mut Tally) {
    let (mut maker, mut claims) = (String::new(), Vec::new());
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(rest) = line.strip_prefix("device ") {
            (maker, claims) = device(rest);
            continue;
        }
        let plate = nameplate(&claims);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (vendor, rest) = rest
            .trim()
            .strip_prefix("by ")
            .and_then(|rest| rest.split_once(':'))
            .map_or((maker.as_str(), rest.trim()), |(vendor, rest)| (vendor, rest.trim()));
        if word == "set" {
            let mut members: Vec<(bool, &str)> = Vec::new();
            while let Some(member) = lines.next_if(|line| line.starts_with(['+', '-'])) {
                members.push((member.starts_with('+'), member[1..].trim()));
            }
            let names: Vec<&str> = members.iter().map(|(_, name)| *name).collect();
            let document = document(vendor, &names);
            let judgements = judge_document(&plate, &document, families);
            let index = Index::new(vec![document.clone()]);
            let own = listed(&plate, &document, index.names(), families);
            let judged = (0_usize..).zip(&judgements);
            let met: Vec<bool> =
                judged.map(|(at, judgement)| own.contains(&at) && is_met(judgement)).collect();
            let expected: Vec<bool> = members.iter().map(|(met, _)| *met).collect();
            let wrong = expected.iter().zip(&met).any(|(expected, met)| *met && !*expected);
            let told = format!("{name}: {claims:?} of {members:?}: met {met:?}");
            tally.count(expected == met, wrong, &told);
        } else {
            let judgements = judge_document(&plate, &document(vendor, &[rest]), families);
            let met = grade(&judgements);
            if let Some(judgement) = judgements.first().filter(|one| one.grade == Grade::E4) {
                assert_eq!(judgement.verdict, Verdict::Unknown(Why::Candidate), "{line}");
            }
            let told = format!("{name}: {claims:?} and {rest:?}: expected {word}, is {met:?}");
            let wrong = word == "no" && met.is_some_and(|grade| grade != Grade::E4);
            tally.count(is_as_expected(word, met), wrong, &told);
        }
    }
}

#[test]
fn devices_meet_the_products_that_a_person_would_say() {
    let families = Families::embedded();
    let mut tally = Tally::default();
    for (name, text) in FILES {
        check(name, text, &families, &mut tally);
    }
    let wrong = tally.told.lines().count();
    println!(
        "{} pairs: {} right, {} of a wrong product",
        tally.pairs,
        tally.pairs - wrong,
        tally.wrong_product
    );
    assert!(wrong == 0, "{wrong} of {} pairs are wrong:\n{}", tally.pairs, tally.told);
    assert!(tally.pairs >= PAIRS_MIN, "only {} pairs", tally.pairs);
}

/// A nameplate with these values, each certain.
fn nameplate(values: &[(Field, &str)]) -> Nameplate {
    let subject = Subject::node(Node::ip(Scope::default(), [192, 0, 2, 1].into()));
    let mut claims: BTreeMap<Field, Vec<Arc<Claim>>> = BTreeMap::new();
    for (field, value) in values {
        claims.entry(*field).or_default().push(Arc::new(Claim {
            subject: subject.clone(),
            field: *field,
            value: (*value).into(),
            certainty: Certainty::Certain,
            by: Arc::from("test"),
            from: Vec::new(),
            first: Timestamp::default(),
            last: Timestamp::default(),
        }));
    }
    Nameplate { claims }
}
