//! CycloneDX 1.6: devices with their firmware and their parts, the frames that prove them, and the statements, in one document; or
//! the statements alone, which then refer to the other document by BOM-Link.
//!
//! Statements that say the same of several products stand once. They refer to the component with the version that was judged: the
//! firmware or the operating system in a device; the device where none was seen.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::export::origin;
use crate::export::vex::cvss::{Cvss, Version};
use crate::export::vex::cyclonedx_parts::{Component, Organization, Property, bom_ref, version};
use crate::export::vex::sink::{self, Made};
use crate::export::vex::statement::{Flaw, Statement, Status};
use crate::export::vex::{About, Vex, named};
use crate::model::{Choice, Justification};

/// Prints the document: devices and statements, or statements only.
pub fn write(vex: &Vex<'_>, is_vex_only: bool, out: &mut impl Write) -> io::Result<()> {
    let about = vex.about;
    let components = || vex.report.assets.iter().map(|asset| Component::device(vex, asset));
    let refers_to = is_vex_only.then(|| {
        let bom = about.uuid(BOM);
        format!("urn:cdx:{bom}/{}#", about.number())
    });
    let prefix = refers_to.unwrap_or_default();
    let vulnerabilities = || vex.flaws.keys().flat_map(|flaw| of_flaw(vex, flaw, &prefix));
    let document = Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(about, is_vex_only),
        version: about.number(),
        metadata: Metadata::new(vex),
        components: (!is_vex_only).then_some(Made(components)),
        compositions: (!is_vex_only)
            .then_some([Composition { aggregate: "incomplete", assemblies: [PLANT] }]),
        vulnerabilities: Made(vulnerabilities),
    };
    sink::write(&document, out)
}

/// What the document is called.
pub fn serial_number(about: &About, is_vex_only: bool) -> String {
    about.uuid(if is_vex_only { VEX_ONLY } else { BOM }).urn().to_string()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<C, V> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u64,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<C>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compositions: Option<[Composition; 1]>,
    vulnerabilities: V,
}

#[derive(Serialize)]
struct Metadata {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    tools: Tools,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<Organization>,
    component: Component,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools {
    components: [Component; 1],
}

/// What was seen on the network is never known to be all.
#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    assemblies: [&'static str; 1],
}

impl Metadata {
    fn new(vex: &Vex<'_>) -> Self {
        let about = vex.about;
        let (_, last) = about.dates();
        let run = vex.report.run;
        let mut properties = vec![
            Property::new("nameplate:document", &about.id),
            Property::new("nameplate:tlp", about.tlp.name()),
            Property::new("nameplate:advisories:origin", &run.bundle.origin),
            Property::new("nameplate:advisories:count", &run.bundle.documents.to_string()),
        ];
        for (name, text) in origin::origin(vex.report) {
            properties.extend(match name {
                "complete" => Some(Property::new("nameplate:complete", &text)),
                "input" => Some(Property::new("nameplate:input", &text)),
                "not read" => Some(Property::new("nameplate:not_read", &text)),
                _ => None,
            });
        }
        let newest = run.bundle.newest.as_deref();
        properties.extend(newest.map(|date| Property::new("nameplate:advisories:newest", date)));
        let selected = vex.report.selected;
        properties.extend(selected.map(|by| Property::new("nameplate:selected", &by.by)));
        let publisher = about.publisher.as_ref();
        Self {
            timestamp: last,
            lifecycles: [Lifecycle { phase: "discovery" }],
            tools: Tools { components: [Component::tool(&run.version)] },
            manufacturer: publisher.map(|publisher| Organization {
                name: publisher.name.clone(),
                url: publisher.namespace.clone().into_iter().collect(),
            }),
            component: Component::plant(PLANT, &about.plant),
            properties,
        }
    }
}

#[derive(Serialize)]
struct Vulnerability {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    id: String,
    source: Source,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ratings: Vec<Rating>,
    description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    recommendation: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    workaround: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advisories: Vec<AdvisoryPart>,
    analysis: Analysis,
    affects: Vec<Affects>,
    properties: Vec<Property>,
}

#[derive(Clone, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Source {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Rating {
    source: Source,
    score: f64,
    severity: &'static str,
    method: &'static str,
    vector: String,
}

#[derive(Serialize)]
struct AdvisoryPart {
    url: String,
}

#[derive(Clone, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Analysis {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    response: Vec<&'static str>,
    detail: String,
}

#[derive(Serialize)]
struct Affects {
    #[serde(rename = "ref")]
    component: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<VersionPart>,
}

#[derive(Serialize)]
struct VersionPart {
    version: String,
    status: &'static str,
}

/// What statements have in common that stand as one: all but the product.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Said {
    analysis: Analysis,
    description: String,
    recommendation: String,
    workaround: String,
    properties: Vec<Property>,
    /// Vectors and their documents; the scores follow from them.
    ratings: Vec<(String, String)>,
}

/// The entries of one vulnerability: one for each thing that is said.
fn of_flaw<'v>(
    vex: &'v Vex<'_>,
    flaw: &'v Flaw<'_>,
    prefix: &str,
) -> impl Iterator<Item = Vulnerability> {
    let mut said: BTreeMap<Said, (Vec<Affects>, Vec<Rating>)> = BTreeMap::new();
    for statement in vex.about_flaw(flaw) {
        let (affects, ratings) = (Affects::new(&statement, prefix), ratings(vex, &statement));
        let (all, kept) = said.entry(Said::new(vex, &statement)).or_default();
        all.push(affects);
        *kept = ratings;
    }
    let name = flaw.name();
    let advisories = documents(vex, flaw);
    said.into_iter().map(move |(said, (affects, ratings))| {
        let first = affects.first().map(|affects| affects.component.clone()).unwrap_or_default();
        let Said { analysis, description, recommendation, workaround, properties, .. } = said;
        let of_maker = advisories.first().cloned();
        Vulnerability {
            bom_ref: named(&["vulnerability", &name, &first]).to_string(),
            id: name.clone(),
            source: of_maker.unwrap_or_else(|| Source { name: name.clone(), url: None }),
            ratings,
            description,
            recommendation,
            workaround,
            advisories: advisories
                .iter()
                .filter_map(|source| source.url.clone())
                .map(|url| AdvisoryPart { url })
                .collect(),
            analysis,
            affects,
            properties,
        }
    })
}

/// The documents that speak of a vulnerability, in order, with their addresses.
fn documents(vex: &Vex<'_>, flaw: &Flaw<'_>) -> Vec<Source> {
    let mut sources: Vec<Source> = vex
        .about_flaw(flaw)
        .flat_map(|statement| statement.titles())
        .map(|(id, _)| Source { name: id.to_owned(), url: vex.cited.url(id).map(str::to_owned) })
        .collect();
    sources.sort();
    sources.dedup();
    sources
}

impl Said {
    fn new(vex: &Vex<'_>, statement: &Statement<'_>) -> Self {
        let titles: Vec<String> =
            statement.titles().iter().map(|(id, title)| format!("{id}: {title}")).collect();
        let actions = statement.actions(vex.cited);
        let of = |wanted: fn(&str) -> bool| {
            let texts = actions.iter().filter(|action| wanted(action.category));
            texts.map(|action| action.details.clone()).collect::<Vec<_>>().join("\n")
        };
        let is_workaround = |category: &str| matches!(category, "mitigation" | "workaround");
        Self {
            analysis: Analysis::new(statement, &actions.iter().map(|one| one.category).collect()),
            description: titles.join("\n"),
            recommendation: of(|category| !matches!(category, "mitigation" | "workaround")),
            workaround: of(is_workaround),
            properties: properties(statement),
            ratings: statement
                .scores()
                .iter()
                .map(|(score, from)| (score.vector.to_owned(), (*from).to_owned()))
                .collect(),
        }
    }
}

impl Analysis {
    fn new(statement: &Statement<'_>, offered: &Vec<&'static str>) -> Self {
        let state = match statement.status {
            Status::Affected => "exploitable",
            Status::UnderInvestigation => "in_triage",
            Status::Fixed => "resolved",
            Status::NotAffected if statement.is_false_match() => "false_positive",
            Status::NotAffected => "not_affected",
        };
        let label = statement.label().filter(|_| state == "not_affected");
        let detail = [
            statement.investigation(),
            statement.impact(),
            statement.reasons(),
            statement.decisions(),
            statement.progress(),
        ];
        let detail: Vec<&str> =
            detail.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        Self {
            state,
            justification: label.and_then(|(justification, _)| as_justification(justification)),
            response: if statement.status == Status::Affected {
                response(statement, offered)
            } else {
                Vec::new()
            },
            detail: detail.join("\n"),
        }
    }
}

/// The words of CycloneDX for the labels that CSAF and OpenVEX share. For code that nobody who means harm can control there is none:
/// the words that come near say what a flaw requires, not who can do what. The label then stands in a property only.
fn as_justification(justification: Justification) -> Option<&'static str> {
    match justification {
        Justification::ComponentNotPresent | Justification::VulnerableCodeNotPresent => {
            Some("code_not_present")
        }
        Justification::VulnerableCodeNotInExecutePath => Some("code_not_reachable"),
        Justification::VulnerableCodeCannotBeControlledByAdversary => None,
        Justification::InlineMitigationsAlreadyExist => Some("protected_by_mitigating_control"),
    }
}

/// What is done about it: what was decided; without a decision, what the maker offers.
fn response(statement: &Statement<'_>, offered: &[&'static str]) -> Vec<&'static str> {
    let mut decided: Vec<&'static str> = Vec::new();
    for choice in statement.choices() {
        decided.extend(match choice {
            Choice::Remediate => Some("update"),
            Choice::Mitigate => Some("workaround_available"),
            Choice::Accept => Some("will_not_fix"),
            // To decide later is no response, and the others are no choice about an affected product.
            Choice::Defer | Choice::NotApplicable(_) | Choice::FalseMatch => None,
        });
    }
    let is_open = statement.choices().next().is_none();
    let maker = offered.iter().filter_map(|category| match *category {
        "vendor_fix" => Some("update"),
        "mitigation" | "workaround" => Some("workaround_available"),
        "no_fix_planned" => Some("will_not_fix"),
        _ => None,
    });
    decided.extend(maker.filter(|_| is_open));
    decided.sort_unstable();
    decided.dedup();
    decided
}

impl Affects {
    fn new(statement: &Statement<'_>, prefix: &str) -> Self {
        let product = &statement.product;
        let software = product.software();
        let version = software.as_ref().and_then(|software| software.version).map(version);
        let status = match statement.status {
            Status::Affected => "affected",
            Status::UnderInvestigation => "unknown",
            Status::Fixed | Status::NotAffected => "unaffected",
        };
        Self {
            component: format!("{prefix}{}", bom_ref(product, software.is_some())),
            versions: version.map(|version| VersionPart { version, status }).into_iter().collect(),
        }
    }
}

fn ratings(vex: &Vex<'_>, statement: &Statement<'_>) -> Vec<Rating> {
    let rating = |(score, from): &(Cvss<'_>, &str)| Rating {
        source: Source { name: (*from).to_owned(), url: vex.cited.url(from).map(str::to_owned) },
        score: score.base,
        severity: score.severity(),
        method: match score.version {
            Version::V2 => "CVSSv2",
            Version::V30 => "CVSSv3",
            Version::V31 => "CVSSv31",
            Version::V4 => "CVSSv4",
        },
        vector: score.vector.to_owned(),
    };
    statement.scores().iter().map(rating).collect()
}

fn properties(statement: &Statement<'_>) -> Vec<Property> {
    let mut properties: Vec<Property> =
        statement.titles().iter().map(|(id, _)| Property::new("nameplate:advisory", id)).collect();
    let missing = statement.missing();
    properties.extend(missing.iter().map(|fact| Property::new("nameplate:missing", fact)));
    if let Some((justification, person)) = statement.label() {
        properties.push(Property::new("nameplate:justification", justification.name()));
        properties.push(Property::new("nameplate:decided_by", &person.by));
        properties.push(Property::new("nameplate:decided_at", &person.at.to_string()));
    } else {
        let choices = statement.choices();
        properties.extend(choices.map(|one| Property::new("nameplate:decision", one.name())));
    }
    if statement.is_exploited() {
        properties.push(Property::new("nameplate:known_exploited", "true"));
    }
    properties
}

/// The plant, in its own document.
const PLANT: &str = "plant";
const BOM: &str = "cyclonedx";
const VEX_ONLY: &str = "cyclonedx vex";
