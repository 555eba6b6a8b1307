//! Documents looked through for contradictions.

use std::path::{Path, PathBuf};

use crate::advisory::csaf::CsafError;
use crate::advisory::lint::{Known, lint};
use crate::advisory::{EMBEDDED, Names};
use crate::app::AppError;
use crate::assess::families::Families;
use crate::model::limits::ADVISORY_BYTES_MAX;
use crate::model::lint::Linted;
use crate::model::version::Scheme;

/// What was looked through.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Documents, in order of their identifiers.
    pub(super) documents: Vec<Linted>,
    /// Files that are no CSAF document, with the reason.
    pub(super) refused: Vec<String>,
}

/// Looks through the documents at or below a path; through those built in when none is given.
pub(super) fn look(path: Option<&Path>) -> Result<Looked, AppError> {
    let families = Families::embedded();
    let scheme = |vendor: &str| -> Scheme {
        families.vendor(vendor).map(|vendor| vendor.scheme()).unwrap_or_default()
    };
    let names = Names::default();
    let known = Known { scheme: &scheme, names: &names };
    let mut looked = Looked::default();
    match path {
        None => {
            for (name, text) in EMBEDDED {
                looked.add(name, text.as_bytes(), &known, true);
            }
        }
        Some(path) => {
            let files = files(path).map_err(|error| {
                let hint = "give a CSAF document, or a directory of them";
                AppError::Bundle(format!("cannot read {}: {error}; {hint}", path.display()))
            })?;
            // One file is meant to be a document; in a directory lie indexes and catalogues too.
            let only = files.len() == 1;
            for file in &files {
                looked.read(file, &known, only);
            }
            if looked.documents.is_empty() && looked.refused.is_empty() {
                let hint = "give a CSAF document, or a directory of them";
                let why = format!("{}: no CSAF document is here; {hint}", path.display());
                return Err(AppError::Bundle(why));
            }
        }
    }
    looked.documents.sort_by(|one, other| (&one.id, &one.file).cmp(&(&other.id, &other.file)));
    Ok(looked)
}

impl Looked {
    fn read(&mut self, path: &Path, known: &Known<'_>, only: bool) {
        let name = path.display().to_string();
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if usize::try_from(size).is_ok_and(|size| size > ADVISORY_BYTES_MAX) {
            self.refused.push(format!("{name}: {size} bytes are more than any advisory has"));
            return;
        }
        match std::fs::read(path) {
            Ok(bytes) => self.add(&name, &bytes, known, only),
            Err(error) => self.refused.push(format!("{name}: {error}")),
        }
    }

    fn add(&mut self, name: &str, bytes: &[u8], known: &Known<'_>, only: bool) {
        match lint(bytes, name, known) {
            Ok(linted) => self.documents.push(linted),
            Err(CsafError::NoTrackingId { .. }) if !only => {
                tracing::info!("{name} is no advisory");
            }
            Err(error) => self.refused.push(error.to_string()),
        }
    }
}

/// JSON files at or below a path, in order of their names. A path that is a file is taken whatever its name.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut todo = vec![path.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            if kind.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
