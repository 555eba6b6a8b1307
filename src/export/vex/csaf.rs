//! CSAF 2.0 (OASIS, 18 November 2022), profile VEX (section 4.5).
//!
//! Texts that several products share stand once, with the products that they are about. What the tests of section 6.1 ask for and
//! the schema cannot say is kept here: one entry for each vulnerability (6.1.23), no product in two states (6.1.6), no product identifier
//! that is not defined (6.1.1), a statement of impact for each product that is not affected and of action for each that is
//! (6.1.27.9, 6.1.27.10), one label for each product at most (6.1.33), no score that is not that of its vector (6.1.9).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use crate::export::vex::csaf_tree::Tree;
use crate::export::vex::cvss::{Cvss, Version};
use crate::export::vex::sink::{self, Made};
use crate::export::vex::statement::{Flaw, Statement, Status};
use crate::export::vex::{Revision, Vex};

/// Prints the document. There must be a statement: the profile takes no document without one.
pub fn write(vex: &Vex<'_>, out: &mut impl Write) -> io::Result<()> {
    let vulnerabilities = || vex.flaws.keys().map(|flaw| Vulnerability::new(vex, flaw));
    let document = Document {
        document: Head::new(vex),
        product_tree: Tree::new(vex),
        vulnerabilities: Made(vulnerabilities),
    };
    sink::write(&document, out)
}

#[derive(Serialize)]
struct Document<'a, V> {
    document: Head<'a>,
    product_tree: Tree<'a>,
    vulnerabilities: V,
}

#[derive(Serialize)]
struct Head<'a> {
    category: &'static str,
    csaf_version: &'static str,
    distribution: Distribution,
    lang: &'static str,
    notes: Vec<Note>,
    publisher: PublisherPart<'a>,
    title: String,
    tracking: Tracking<'a>,
}

#[derive(Serialize)]
struct Distribution {
    tlp: TlpPart,
}

#[derive(Serialize)]
struct TlpPart {
    label: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct PublisherPart<'a> {
    category: &'static str,
    name: &'a str,
    namespace: &'a str,
}

#[derive(Serialize)]
struct Tracking<'a> {
    current_release_date: String,
    generator: Generator<'a>,
    id: &'a str,
    initial_release_date: String,
    revision_history: Vec<RevisionPart>,
    status: &'static str,
    version: String,
}

#[derive(Serialize)]
struct Generator<'a> {
    date: String,
    engine: Engine<'a>,
}

#[derive(Serialize)]
struct Engine<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct RevisionPart {
    date: String,
    number: String,
    summary: &'static str,
}

#[derive(Serialize)]
struct Note {
    category: &'static str,
    text: String,
    title: &'static str,
}

impl<'a> Head<'a> {
    fn new(vex: &Vex<'a>) -> Self {
        let about = vex.about;
        let (first, last) = about.dates();
        let publisher = about.publisher.as_ref();
        let namespace = publisher.and_then(|publisher| publisher.namespace.as_deref());
        let revisions = about.revisions().into_iter().map(|Revision { number, date }| {
            let summary = if number == 1 { "First issue" } else { "As known on this date" };
            RevisionPart { date, number: number.to_string(), summary }
        });
        let mut notes = vec![
            Note { category: "summary", title: "Summary", text: summary(vex) },
            Note { category: "general", title: "How to read this", text: READING.to_owned() },
        ];
        if let Some(selected) = vex.report.selected {
            let text = format!("Only devices and verdicts for which this holds: {}", selected.by);
            notes.push(Note { category: "general", title: "Selection", text });
        }
        Self {
            category: "csaf_vex",
            csaf_version: "2.0",
            distribution: Distribution {
                tlp: TlpPart { label: about.tlp.name(), url: "https://www.first.org/tlp/" },
            },
            lang: "en",
            notes,
            publisher: PublisherPart {
                category: "user",
                name: publisher.map_or(&about.plant, |publisher| &publisher.name),
                namespace: namespace.unwrap_or_default(),
            },
            title: format!("{}: vulnerabilities and the state of devices (VEX)", about.plant),
            tracking: Tracking {
                generator: Generator {
                    date: last.clone(),
                    engine: Engine { name: "nameplate", version: &vex.report.run.version },
                },
                current_release_date: last,
                id: &about.id,
                initial_release_date: first,
                revision_history: revisions.collect(),
                status: "final",
                version: about.number().to_string(),
            },
        }
    }
}

/// What the document holds, and what it rests on.
fn summary(vex: &Vex<'_>) -> String {
    let totals = vex.totals();
    let bundle = &vex.report.run.bundle;
    let newest = bundle.newest.as_deref().map(|date| format!(", the newest of {date}"));
    format!(
        "{} statements about {} products: {} affected, {} under investigation, {} fixed, {} not affected. Devices were identified from their network traffic; their versions were compared with {} advisories ({}{}).",
        totals.statements(),
        totals.products,
        totals.affected,
        totals.under_investigation,
        totals.fixed,
        totals.not_affected,
        bundle.documents,
        bundle.origin,
        newest.unwrap_or_default(),
    )
}

#[derive(Serialize)]
struct Vulnerability {
    #[serde(skip_serializing_if = "Option::is_none")]
    cve: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<OtherId>,
    notes: Vec<Note>,
    product_status: BTreeMap<&'static str, Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remediations: Vec<Told>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scores: Vec<Score>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    threats: Vec<Told>,
}

#[derive(Serialize)]
struct Flag {
    date: String,
    label: &'static str,
    product_ids: Vec<String>,
}

#[derive(Serialize)]
struct OtherId {
    system_name: String,
    text: String,
}

#[derive(Serialize)]
struct Reference {
    category: &'static str,
    summary: String,
    url: String,
}

/// A remediation or a threat.
#[derive(Serialize)]
struct Told {
    category: &'static str,
    details: String,
    product_ids: Vec<String>,
}

#[derive(Serialize)]
struct Score {
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss_v2: Option<CvssV2>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss_v3: Option<CvssV3>,
    products: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CvssV2 {
    base_score: f64,
    vector_string: String,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CvssV3 {
    base_score: f64,
    base_severity: String,
    vector_string: String,
    version: &'static str,
}

/// Texts by kind, with the products that they are about.
type Texts = BTreeMap<(&'static str, String), Vec<String>>;

/// What the statements about one vulnerability say, gathered by text.
#[derive(Default)]
struct Gathered<'a> {
    states: BTreeMap<&'static str, Vec<String>>,
    flags: BTreeMap<(&'static str, String), Vec<String>>,
    remediations: Texts,
    threats: Texts,
    notes: BTreeMap<(&'static str, String), Vec<String>>,
    scores: Vec<(Cvss<'a>, Vec<String>)>,
    titles: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, vex: &Vex<'_>, statement: &Statement<'a>) {
        let id = statement.product.uuid().to_string();
        let state = match statement.status {
            Status::Affected => "known_affected",
            Status::UnderInvestigation => "under_investigation",
            Status::Fixed => "fixed",
            Status::NotAffected => "known_not_affected",
        };
        self.states.entry(state).or_default().push(id.clone());
        if let Some((justification, person)) = statement.label() {
            let flag = (justification.name(), person.at.to_string());
            self.flags.entry(flag).or_default().push(id.clone());
        }
        for action in statement.actions(vex.cited) {
            let text = (action.category, action.details);
            self.remediations.entry(text).or_default().push(id.clone());
        }
        let impact = statement.impact();
        if !impact.is_empty() {
            self.threats.entry(("impact", impact)).or_default().push(id.clone());
        }
        let is_open = matches!(statement.status, Status::Affected | Status::UnderInvestigation);
        if is_open && statement.is_exploited() {
            let text = ("exploit_status", EXPLOITED.to_owned());
            self.threats.entry(text).or_default().push(id.clone());
        }
        for (title, text) in [
            (INVESTIGATION, statement.investigation()),
            ("Judgement", statement.reasons()),
            ("Decision", statement.decisions()),
            ("Patch state", statement.progress()),
        ] {
            if !text.is_empty() {
                self.notes.entry((title, text)).or_default().push(statement.product.label());
            }
        }
        // What is fixed, or is not there, has no score: a reader would take it for what is left.
        let scores = if is_open { statement.scores() } else { Vec::new() };
        for (score, _) in scores {
            match self.scores.iter_mut().find(|(known, _)| *known == score) {
                Some((_, products)) => products.push(id.clone()),
                None => self.scores.push((score, vec![id.clone()])),
            }
        }
        self.titles.extend(statement.titles());
    }
}

impl Vulnerability {
    fn new(vex: &Vex<'_>, flaw: &Flaw<'_>) -> Self {
        let mut gathered = Gathered::default();
        vex.about_flaw(flaw).for_each(|statement| gathered.add(vex, &statement));
        let Gathered { states, flags, remediations, threats, notes, scores, titles } = gathered;
        let (cve, ids) = match flaw {
            Flaw::Cve(cve) => (Some((*cve).to_owned()), Vec::new()),
            Flaw::Other { advisory, name } => {
                let system = vex.cited.publisher(advisory);
                let system = system.map(|publisher| format!("{publisher}, {advisory}"));
                let system_name = system.unwrap_or_else(|| (*advisory).to_owned());
                (None, vec![OtherId { system_name, text: (*name).to_owned() }])
            }
        };
        Self {
            cve: cve.clone(),
            flags: flags
                .into_iter()
                .map(|((label, date), product_ids)| Flag { date, label, product_ids })
                .collect(),
            ids,
            notes: all_notes(&titles, notes),
            product_status: states,
            references: references(vex, cve.as_deref(), &titles),
            remediations: told(remediations),
            scores: scores
                .iter()
                .filter_map(|(score, products)| as_score(score, products))
                .collect(),
            threats: told(threats),
        }
    }
}

fn told(texts: Texts) -> Vec<Told> {
    texts
        .into_iter()
        .map(|((category, details), product_ids)| Told { category, details, product_ids })
        .collect()
}

fn all_notes(
    titles: &BTreeSet<(&str, &str)>,
    gathered: BTreeMap<(&'static str, String), Vec<String>>,
) -> Vec<Note> {
    let titles: Vec<String> = titles.iter().map(|(id, title)| format!("{id}: {title}")).collect();
    let text = titles.join("\n");
    let mut notes = vec![Note { category: "description", text, title: "Advisories" }];
    notes.extend(gathered.into_iter().map(|((title, text), products)| {
        let category = if title == "Judgement" { "details" } else { "other" };
        Note { category, text: format!("{text}\nProducts: {}", products.join("; ")), title }
    }));
    notes
}

fn references(vex: &Vex<'_>, cve: Option<&str>, titles: &BTreeSet<(&str, &str)>) -> Vec<Reference> {
    let documents = titles.iter().filter_map(|(id, title)| {
        let (summary, url) = (format!("{id}: {title}"), vex.cited.url(id)?.to_owned());
        Some(Reference { category: "external", summary, url })
    });
    let record = cve.map(|cve| Reference {
        category: "external",
        summary: format!("CVE record of {cve}"),
        url: format!("https://www.cve.org/CVERecord?id={cve}"),
    });
    documents.chain(record).collect()
}

/// `None` for CVSS 4.0, which CSAF 2.0 has no place for.
fn as_score(score: &Cvss<'_>, products: &[String]) -> Option<Score> {
    let (vector_string, base_score) = (score.vector.to_owned(), score.base);
    let v3 = |version| CvssV3 {
        version,
        vector_string: vector_string.clone(),
        base_score,
        base_severity: score.severity().to_uppercase(),
    };
    let (cvss_v2, cvss_v3) = match score.version {
        Version::V2 => (
            Some(CvssV2 { version: "2.0", vector_string: vector_string.clone(), base_score }),
            None,
        ),
        Version::V30 => (None, Some(v3("3.0"))),
        Version::V31 => (None, Some(v3("3.1"))),
        Version::V4 => return None,
    };
    Some(Score { cvss_v2, cvss_v3, products: products.to_vec() })
}

const INVESTIGATION: &str = "Under investigation";
const EXPLOITED: &str = "Listed in the catalogue of known exploited vulnerabilities.";
const READING: &str = "A product is one device or one part of it in this plant, never all of its kind. Its firmware is the product that the device was seen with. Not affected means that an advisory lists the product and that the device, or its version, is outside of what it says is affected; or that the person who is named says so. Where one fact is missing the state is under investigation, and the fact is named. Nothing is said of devices that were not seen, nor of advisories that do not list a product.";
