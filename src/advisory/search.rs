//! What a document can be looked for, selected and ordered by: the properties that CSAF 2.0 asks of a management system (section
//! 9.1.12), and what a store adds to them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::advisory::prose::{Note, Whole};
use crate::advisory::{instant, is_newer, standing};
use crate::model::Marks;
use crate::model::advisory::{Advisory, Product};
use crate::model::version::{Scheme, Version};

/// A document, and what is known of it beside its text.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The document.
    pub whole: &'a Whole,
    /// Comments on it.
    pub comments: Vec<&'a str>,
    /// Who has read it.
    pub readers: BTreeSet<&'a str>,
    /// Whether one of its vulnerabilities is known to be exploited; `None` without a catalogue.
    pub kev: Option<bool>,
    /// Assets affected, cannot tell, fixed, not affected; `None` where no assets are known.
    pub assets: Option<[usize; 4]>,
    /// Assets that the document's vulnerabilities leave not remediated, in progress, done.
    pub remediation: Option<[usize; 3]>,
}

/// How values of a property are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// As words, capitals or not.
    Text,
    /// As numbers.
    Number,
    /// As dates, as far as a date is given: 2024, 2024-05, 2024-05-17.
    Date,
}

/// A property that documents are looked for, selected and ordered by.
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// How its values are compared.
    pub kind: Kind,
    values: for<'a> fn(&Card<'a>) -> Vec<Cow<'a, str>>,
}

impl Property {
    /// The property of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROPERTIES.iter().find(|property| property.name == name)
    }

    /// Its values in a document; none where the document says nothing.
    pub fn values<'a>(&self, card: &Card<'a>) -> Vec<Cow<'a, str>> {
        (self.values)(card)
    }

    /// Orders two documents by it: the lowest value of each counts, what says nothing comes last either way.
    pub fn compare(&self, one: &Card<'_>, other: &Card<'_>, is_reversed: bool) -> Ordering {
        let (a, b) = (self.values(one), self.values(other));
        let best = |values: &[Cow<'_, str>]| {
            let mut values: Vec<String> = values.iter().map(|value| value.to_string()).collect();
            values.sort_by(|a, b| self.order(a, b));
            if is_reversed { values.pop() } else { values.into_iter().next() }
        };
        match (best(&a), best(&b)) {
            (Some(a), Some(b)) if is_reversed => self.order(&b, &a),
            (Some(a), Some(b)) => self.order(&a, &b),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }

    fn order(&self, a: &str, b: &str) -> Ordering {
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::MIN);
        match self.kind {
            Kind::Number => number(a).total_cmp(&number(b)),
            Kind::Date => a.cmp(b),
            Kind::Text if self.name == SEVERITY => severity(a).cmp(&severity(b)).then(a.cmp(b)),
            Kind::Text if self.name == REVISION => {
                let [one, other] = [a, b].map(|text| Version::new(text, Scheme::Dotted));
                one.compare(&other).unwrap_or_else(|| a.cmp(b))
            }
            Kind::Text => a.to_lowercase().cmp(&b.to_lowercase()),
        }
    }
}

/// All properties, in the order in which messages name them.
pub const PROPERTIES: &[Property] = &[
    text("id", |card| one(&card.whole.advisory.id)),
    text("alias", |card| all(&card.whole.prose.aliases)),
    text("title", |card| one(&card.whole.advisory.title)),
    text(REVISION, |card| one(&card.whole.advisory.revision)),
    text("status", |card| one(&card.whole.prose.status)),
    text("category", |card| one(&card.whole.prose.category)),
    text("csaf_version", |card| one(&card.whole.prose.csaf_version)),
    text("language", |card| one(&card.whole.prose.language)),
    text("tlp", |card| one(&card.whole.prose.tlp)),
    text("sharing_group", |card| one(&card.whole.prose.sharing_group)),
    text("license", |card| one(&card.whole.prose.license)),
    text("standing", |card| one(standing::word(&card.whole.advisory.standing))),
    text("publisher", |card| one(&card.whole.advisory.publisher)),
    text("publisher_category", |card| one(&card.whole.prose.publisher_category)),
    text("namespace", |card| one(&card.whole.prose.publisher_namespace)),
    date("released", |card| dates([&card.whole.advisory.released])),
    date("first_released", |card| dates([&card.whole.prose.first_released])),
    date("history_date", |card| dates(card.whole.prose.history.iter().map(|one| &one.date))),
    text("history_number", |card| all(card.whole.prose.history.iter().map(|one| &one.number))),
    text("history", |card| all(card.whole.prose.history.iter().map(|one| &one.summary))),
    text(SEVERITY, |card| one(&card.whole.prose.severity)),
    number("cvss", |card| {
        highest_score(&card.whole.advisory)
            .map(|score| score.to_string().into())
            .into_iter()
            .collect()
    }),
    text("cve", |card| all(card.whole.advisory.flaws.iter().map(|flaw| &flaw.name))),
    text("cwe", |card| all(card.whole.prose.flaws.iter().map(|flaw| &flaw.weakness))),
    text("vendor", |card| of_products(card, |product| &product.vendor)),
    text("family", |card| of_products(card, |product| &product.family)),
    text("product", product_words),
    text("version", |card| of_products(card, |product| &product.version)),
    text("model", |card| in_tree(card, &["model_number", "sku"])),
    text("serial", |card| in_tree(card, &["serial_number"])),
    text("identifier", |card| {
        in_tree(card, &["cpe", "purl", "product_id", "hash", "file", "sbom_url", "uri"])
    }),
    text("tree", |card| {
        card.whole.prose.products.iter().map(|(_, word)| Cow::Borrowed(&**word)).collect()
    }),
    text("note", |card| {
        notes(card)
            .flat_map(|note| [Cow::Borrowed(&*note.title), Cow::Borrowed(&*note.text)])
            .collect()
    }),
    text("remediation", remedies),
    text("kev", |card| yes_or_no(card.kev)),
    text("comment", |card| card.comments.iter().map(|text| Cow::Borrowed(*text)).collect()),
    text("read_by", |card| card.readers.iter().map(|by| Cow::Borrowed(*by)).collect()),
    number("affected", |card| count(card.assets, 0)),
    number("cannot_tell", |card| count(card.assets, 1)),
    number("fixed", |card| count(card.assets, 2)),
    number("not_affected", |card| count(card.assets, 3)),
    number("not_remediated", |card| count(card.remediation, 0)),
    number("in_progress", |card| count(card.remediation, 1)),
    number("done", |card| count(card.remediation, 2)),
];

/// Whether a word, in lower case, is somewhere in a document or in a comment on it.
pub fn mentions(card: &Card<'_>, word: &str) -> bool {
    const WORDS: &[&str] = &[
        "id",
        "alias",
        "title",
        "publisher",
        "status",
        "severity",
        "cve",
        "cwe",
        "vendor",
        "tree",
        "history",
        "note",
        "remediation",
        "comment",
    ];
    let names = WORDS.iter().filter_map(|name| Property::named(name));
    names.flat_map(|property| property.values(card)).any(|value| contains(&value, word))
}

/// Whether a text holds a word that is in lower case already.
pub fn contains(text: &str, word: &str) -> bool {
    // Most words are ASCII, and most texts long: no copy is made of those.
    if word.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return word.is_empty()
            || text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

/// The highest base score in a document.
pub fn highest_score(document: &Advisory) -> Option<f64> {
    let scores = document.flaws.iter().flat_map(|flaw| &flaw.scores).map(|score| score.base);
    scores.max_by(f64::total_cmp)
}

/// Whether a document takes no part in matching, because a person deleted it.
///
/// A revision that came later comes back, unless what of it decides verdicts is what was deleted: it may name other products,
/// and nobody has decided about those. Revisions from before stay out: they say less.
pub fn is_deleted(document: &Advisory, marks: &Marks) -> bool {
    marks.deletion(&document.id).is_some_and(|mark| {
        let deleted = Advisory {
            released: mark.released.clone(),
            revision: mark.revision.clone(),
            ..Advisory::default()
        };
        document.substance == mark.substance || !is_newer(document, &deleted)
    })
}

/// A date as an instant in UTC, so that texts compare as the instants do; as it is written where it is none.
pub fn in_utc(date: &str) -> String {
    instant(date).map_or_else(|| date.trim().to_owned(), |at| at.to_string())
}

const REVISION: &str = "revision";
const SEVERITY: &str = "severity";

type Values = for<'a> fn(&Card<'a>) -> Vec<Cow<'a, str>>;

const fn text(name: &'static str, values: Values) -> Property {
    Property { name, kind: Kind::Text, values }
}

const fn number(name: &'static str, values: Values) -> Property {
    Property { name, kind: Kind::Number, values }
}

const fn date(name: &'static str, values: Values) -> Property {
    Property { name, kind: Kind::Date, values }
}

fn one(text: &str) -> Vec<Cow<'_, str>> {
    if text.is_empty() { Vec::new() } else { vec![Cow::Borrowed(text)] }
}

fn all<'a>(texts: impl IntoIterator<Item = &'a Box<str>>) -> Vec<Cow<'a, str>> {
    texts.into_iter().flat_map(|text| one(text)).collect()
}

fn dates<'a>(texts: impl IntoIterator<Item = &'a Box<str>>) -> Vec<Cow<'a, str>> {
    let texts = texts.into_iter().filter(|text| !text.is_empty());
    texts.map(|text| Cow::Owned(in_utc(text))).collect()
}

fn of_products<'a>(card: &Card<'a>, part: fn(&Product) -> &str) -> Vec<Cow<'a, str>> {
    let parts: BTreeSet<&str> = card.whole.advisory.products.iter().map(part).collect();
    parts.into_iter().flat_map(one).collect()
}

fn product_words<'a>(card: &Card<'a>) -> Vec<Cow<'a, str>> {
    let products = card.whole.advisory.products.iter();
    let words: BTreeSet<&str> = products
        .flat_map(|product| [&*product.name, &*product.full_name, &*product.family])
        .collect();
    words.into_iter().flat_map(one).collect()
}

fn in_tree<'a>(card: &Card<'a>, kinds: &[&str]) -> Vec<Cow<'a, str>> {
    let words = card.whole.prose.products.iter();
    let own = words.filter(|(kind, _)| kinds.contains(&&**kind));
    own.map(|(_, word)| Cow::Borrowed(&**word)).collect()
}

fn notes<'a>(card: &Card<'a>) -> impl Iterator<Item = &'a Note> + use<'a> {
    let prose = &card.whole.prose;
    let own = prose.notes.iter().filter(|note| &*note.category != "legal_disclaimer");
    own.chain(prose.flaws.iter().flat_map(|flaw| &flaw.notes))
}

fn remedies<'a>(card: &Card<'a>) -> Vec<Cow<'a, str>> {
    let remedies = card.whole.advisory.flaws.iter().flat_map(|flaw| &flaw.remedies);
    let texts: BTreeSet<&str> = remedies.map(|remedy| &*remedy.details).collect();
    texts.into_iter().flat_map(one).collect()
}

fn yes_or_no(known: Option<bool>) -> Vec<Cow<'static, str>> {
    known.map(|yes| Cow::Borrowed(if yes { "yes" } else { "no" })).into_iter().collect()
}

fn count<'a, const N: usize>(counts: Option<[usize; N]>, at: usize) -> Vec<Cow<'a, str>> {
    let count = counts.and_then(|counts| counts.get(at).copied());
    count.map(|count| Cow::Owned(count.to_string())).into_iter().collect()
}

/// The words that publishers use for how bad it is, the least first: those of CVSS, and of makers who have their own.
fn severity(word: &str) -> usize {
    const WORDS: &[&[&str]] = &[
        &["none", "informational", "info"],
        &["low", "minor"],
        &["moderate", "medium"],
        &["important", "high", "major", "severe"],
        &["critical"],
    ];
    let word = word.trim().to_lowercase();
    WORDS.iter().position(|words| words.contains(&&*word)).map_or(0, |at| at.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mark, Marking, Substance, Timestamp};

    fn whole(id: &str, score: Option<&str>, released: &str, severity: &str) -> Whole {
        let score = score.map_or(String::new(), |base| {
            format!(r#""scores":[{{"cvss_v3":{{"baseScore":{base}}}}}],"#)
        });
        let text = format!(
            r#"{{"document":{{"title":"Pump of {id}","aggregate_severity":{{"text":"{severity}"}},
              "tracking":{{"id":"{id}","version":"1","current_release_date":"{released}"}}}},
              "vulnerabilities":[{{{score}"cve":"CVE-2024-1"}}]}}"#
        );
        Whole::read(text.as_bytes(), id).unwrap()
    }

    fn card(whole: &Whole) -> Card<'_> {
        let (comments, readers) = (vec!["ask Müller"], BTreeSet::new());
        Card { whole, comments, readers, kev: None, assets: None, remediation: None }
    }

    fn sorted(wholes: &[Whole], by: &str, is_reversed: bool) -> Vec<String> {
        let property = Property::named(by).unwrap();
        let mut cards: Vec<Card<'_>> = wholes.iter().map(card).collect();
        cards.sort_by(|a, b| property.compare(a, b, is_reversed));
        cards.iter().map(|card| card.whole.advisory.id.to_string()).collect()
    }

    #[test]
    fn sorts_by_numbers_dates_and_words_for_severity() {
        let wholes = [
            whole("A", Some("9.8"), "2024-05-01T00:00:00Z", "Low"),
            whole("B", Some("10.0"), "2024-05-01T01:00:00+02:00", "Critical"),
            whole("C", None, "2023-05-01", "Important"),
        ];
        assert_eq!(sorted(&wholes, "cvss", true), ["B", "A", "C"]);
        assert_eq!(sorted(&wholes, "cvss", false), ["A", "B", "C"]);
        assert_eq!(sorted(&wholes, "released", false), ["C", "B", "A"]);
        assert_eq!(sorted(&wholes, "severity", true), ["B", "C", "A"]);
    }

    #[test]
    fn words_are_found_in_documents_and_comments_whatever_their_capitals() {
        let whole = whole("ICSA-1", None, "", "");
        let card = card(&whole);
        for word in ["icsa-1", "pump", "cve-2024", "müller"] {
            assert!(mentions(&card, word), "{word}");
        }
        assert!(!mentions(&card, "valve"));
    }

    #[test]
    fn what_was_deleted_stays_out_until_a_newer_revision_says_something_else() {
        let revision = |released: &str, substance: u8| Advisory {
            id: "A".into(),
            revision: "1".into(),
            released: released.into(),
            substance: Substance([substance; 32]),
            ..Advisory::default()
        };
        let mark = |number, marking| Mark {
            number,
            document: "A".into(),
            revision: "1".into(),
            released: "2024-05-01".into(),
            substance: Substance([1; 32]),
            marking,
            text: "not ours".into(),
            by: "alice".into(),
            at: Timestamp(0),
        };
        let marks = Marks::new(vec![mark(1, Marking::Deleted)]);
        assert!(is_deleted(&revision("2024-05-01", 1), &marks));
        assert!(is_deleted(&revision("2023-05-01", 2), &marks), "one from before says less");
        assert!(is_deleted(&revision("2024-06-01", 1), &marks), "it says the same");
        assert!(!is_deleted(&revision("2024-06-01", 2), &marks), "it may name other products");
        let marks = Marks::new(vec![mark(1, Marking::Deleted), mark(2, Marking::Restored)]);
        assert!(!is_deleted(&revision("2024-05-01", 1), &marks));
    }
}
