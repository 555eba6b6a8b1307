//! `nameplate interfaces`: what could be listened on.

use std::io::{self, Write};

use crate::app::{AppError, Exit};
use crate::capture;
use crate::export::escape::term;

/// Lists the capture devices, one a line.
pub(super) fn run() -> Result<Exit, AppError> {
    let mut out = io::stdout();
    for interface in capture::interfaces()? {
        let state = if interface.up { "up" } else { "down" };
        let about = interface.description.as_deref().unwrap_or_default();
        let line = format!("{:<16} {state:<5} {}", term(&interface.name), term(about));
        writeln!(out, "{}", line.trim_end())
            .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    }
    Ok(Exit::Done)
}
