//! OpenVEX 0.2.0: one statement for each product and vulnerability.
//!
//! The schema of that version takes either a `justification` or an `impact_statement` for a product that is not affected, never
//! both. A person's label is the justification, and the words stand in `status_notes`; what the program finds has no label, and is an
//! `impact_statement`.
//!
//! A part of a device is a product of its own and no `subcomponent`: programs that look for a product take a statement about any
//! of its subcomponents for one about the product, and a communication module that is not affected would clear the whole rack.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::vex::sink::{self, Made};
use crate::export::vex::statement::{Statement, Status};
use crate::export::vex::{Vex, named};
use crate::model::Field;

/// Prints the document. There must be a statement: the schema takes no document without one.
pub fn write(vex: &Vex<'_>, out: &mut impl Write) -> io::Result<()> {
    let about = vex.about;
    let (first, last) = about.dates();
    let id = document_id(vex);
    let author = about.publisher.as_ref().map(|publisher| publisher.name.as_str());
    let statements = || vex.statements().map(|statement| StatementPart::new(vex, &id, &statement));
    let document = Document {
        context: CONTEXT,
        id: &id,
        author: author.unwrap_or(&about.plant),
        role: ROLE,
        last_updated: (last != first).then_some(last),
        timestamp: first,
        version: about.number(),
        tooling: format!("nameplate {}", vex.report.run.version),
        statements: Made(statements),
    };
    sink::write(&document, out)
}

/// What the document is called: below the address of its publisher, or by a UUID.
fn document_id(vex: &Vex<'_>) -> String {
    id(vex.about)
}

/// The same, for one that is to be replaced.
pub fn id(about: &crate::export::vex::About) -> String {
    let namespace = about.publisher.as_ref().and_then(|publisher| publisher.namespace.as_deref());
    match namespace {
        Some(namespace) => {
            let slash = if namespace.ends_with('/') { "" } else { "/" };
            format!("{namespace}{slash}{}", about.uuid("openvex"))
        }
        None => about.uuid("openvex").urn().to_string(),
    }
}

#[derive(Serialize)]
struct Document<'a, S> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
    author: &'a str,
    role: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
    version: u64,
    tooling: String,
    statements: S,
}

#[derive(Serialize)]
struct StatementPart {
    #[serde(rename = "@id")]
    id: String,
    vulnerability: VulnerabilityPart,
    products: [ProductPart; 1],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    impact_statement: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    action_statement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement_timestamp: Option<String>,
    status_notes: String,
}

#[derive(Serialize)]
struct VulnerabilityPart {
    name: String,
    description: String,
}

#[derive(Serialize)]
struct ProductPart {
    #[serde(rename = "@id")]
    id: String,
}

impl StatementPart {
    fn new(vex: &Vex<'_>, document: &str, statement: &Statement<'_>) -> Self {
        let Statement { flaw, product, status, .. } = statement;
        let label = statement.label();
        let is_affected = *status == Status::Affected;
        let mut action: Vec<String> = Vec::new();
        if is_affected {
            action.extend(statement.actions(vex.cited).into_iter().map(|action| action.details));
            action.push(statement.decisions());
            action.retain(|text| !text.is_empty());
            action.dedup();
        }
        let (mut impact, mut words) = (statement.impact(), String::new());
        if label.is_some() {
            std::mem::swap(&mut impact, &mut words);
        }
        let decisions = if is_affected { String::new() } else { statement.decisions() };
        let notes = [
            format!("{}.", product.label()),
            statement.investigation(),
            words,
            statement.reasons(),
            decisions,
            statement.progress(),
        ];
        let notes: Vec<&str> =
            notes.iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
        let titles: Vec<String> =
            statement.titles().iter().map(|(id, title)| format!("{id}: {title}")).collect();
        let decided_at = statement.decided_at().filter(|_| is_affected);
        let urn = product.urn();
        Self {
            id: format!("{document}#{}", named(&["statement", &urn, &flaw.name()])),
            vulnerability: VulnerabilityPart { name: flaw.name(), description: titles.join("\n") },
            products: [ProductPart { id: urn }],
            status: match status {
                Status::Affected => "affected",
                Status::UnderInvestigation => "under_investigation",
                Status::Fixed => "fixed",
                Status::NotAffected => "not_affected",
            },
            supplier: product.value(Field::Vendor).map(str::to_owned),
            justification: label.map(|(justification, _)| justification.name()),
            impact_statement: impact,
            action_statement: action.join("\n"),
            action_statement_timestamp: decided_at.map(|at| at.to_string()),
            status_notes: notes.join("\n"),
        }
    }
}

/// The context of version 0.2.0.
pub const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";
const ROLE: &str =
    "Operator of the devices; statements are made by nameplate, except where a person is named";
