//! `nameplate db list`: the bundles of a store, or the documents in one.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::app::cli::args::{Format, Output, PrintArgs};
use crate::app::cli::db::args::ListArgs;
use crate::app::cli::output;
use crate::app::{AppError, Exit};
use crate::export::rows::Rows;
use crate::model::{Bundle, Holding};
use crate::store::Store;

/// Runs the verb.
pub(super) fn run(args: &ListArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint = "bundles are printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let mut store = Store::open(&args.store)?;
    let rows = match args.documents {
        None => Rows {
            names: BUNDLE_COLUMNS,
            schema: "nameplate.bundle/1",
            rows: store.bundles()?.iter().map(of_bundle).collect(),
        },
        Some(number) => {
            let documents = match number {
                Some(number) => store.documents_of(number)?,
                None => store.documents()?,
            };
            let rows = documents.iter().map(of_document).collect();
            Rows { names: DOCUMENT_COLUMNS, schema: "nameplate.document/1", rows }
        }
    };
    for output in &outputs {
        print(&rows, output, &args.print)?;
    }
    Ok(Exit::Done)
}

fn of_bundle(bundle: &Bundle) -> Vec<Value> {
    let Bundle { number, built, documents, signer, origin, by, at, is_current, is_kept, .. } =
        bundle;
    vec![
        json!(number),
        json!(is_current),
        json!(is_kept),
        json!(built),
        json!(documents),
        json!(signer),
        json!(by),
        json!(at.to_string()),
        json!(origin),
        json!(bundle.sha256),
    ]
}

fn of_document(document: &Holding) -> Vec<Value> {
    let Holding { id, revision, released, origin, name, bundle, sha256, .. } = document;
    vec![
        json!(id),
        json!(revision),
        json!(released),
        json!(origin),
        json!(bundle),
        json!(name),
        json!(sha256),
    ]
}

fn print(rows: &Rows, output: &Output, args: &PrintArgs) -> Result<(), AppError> {
    let mut out = output::open(output)?;
    let printed: io::Result<()> = match output.format {
        Format::Ndjson => rows.ndjson(&mut out),
        Format::Json => rows.json(&mut out),
        Format::Csv => rows.csv(&mut out),
        Format::Table | Format::Facts | Format::Html => {
            rows.table(&output::style(args, output), &mut out)
        }
    };
    let written = printed.and_then(|()| out.flush());
    written.map_err(|source| output::cannot_write(output, source))
}

const BUNDLE_COLUMNS: &[&str] = &[
    "number",
    "in_use",
    "kept",
    "built",
    "documents",
    "signer",
    "by",
    "imported",
    "origin",
    "sha256",
];
const DOCUMENT_COLUMNS: &[&str] =
    &["id", "revision", "released", "origin", "bundle", "name", "sha256"];
