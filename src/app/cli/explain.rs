//! `nameplate explain`: why a fact, an asset or a verdict is so.

use std::io::{self, Write};

use crate::app::cli::args::{ExplainArgs, Within};
use crate::app::cli::scan::{interruptible, request};
use crate::app::scan::{self, Request, Scanned};
use crate::app::{AppError, Exit, explain};

/// Runs the verb.
pub(super) fn run(args: &ExplainArgs) -> Result<Exit, AppError> {
    let frame = args
        .what
        .rsplit_once('#')
        .and_then(|(capture, number)| Some((capture.to_owned(), number.parse().ok()?)));
    let known = known(&args.within, frame)?;
    let text = explain::explain(&known, &args.what).ok_or_else(|| {
        let what = &args.what;
        AppError::NotFound(format!(
            "nothing here is called {what}: give an identifier from scan -o ndjson, an address, a name, or FILE#FRAME"
        ))
    })?;
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    Ok(Exit::Done)
}

/// What is known there, and what a frame says if one is asked for.
pub(super) fn known(within: &Within, frame: Option<(String, u64)>) -> Result<Scanned, AppError> {
    let sources = within.knowledge.sources();
    match &within.store {
        Some(store) => scan::from_store(store, &sources),
        None => interruptible(Request { sources, frame, ..request(&within.inputs)? }, None),
    }
}
