//! Which lists a path means: a file, or the lists of a set of files or of a workbook that the program wrote itself.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::app::AppError;
use crate::app::import::bytes_of;
use crate::app::import::devices::Words;
use crate::app::import::grid::{self, Line, Sheet};
use crate::app::import::own::Own;
use crate::app::knowledge::hex;

/// A list that was read.
#[derive(Debug)]
pub(super) struct File {
    /// Path, and the sheet where it is not the first.
    pub(super) name: String,
    pub(super) sheet: Sheet,
    /// Of the file; of a further sheet, of the file and the name of the sheet.
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

impl File {
    /// Whether the program wrote it.
    pub(super) fn is_own(&self) -> bool {
        is_own(&self.sheet)
    }
}

/// The lists at a path.
pub(super) fn read(
    path: &Path,
    sheet: Option<&str>,
    words: Words<'_>,
) -> Result<Vec<File>, AppError> {
    if !path.is_dir() {
        return of_file(path, sheet, words);
    }
    let paths: Vec<PathBuf> =
        IN_A_SET.iter().map(|name| path.join(name)).filter(|path| path.is_file()).collect();
    if paths.is_empty() {
        return Err(AppError::NotFound(format!(
            "{}: holds no {}; give a list, or the directory of nameplate export csv",
            path.display(),
            IN_A_SET.join(" and no ")
        )));
    }
    let mut files = Vec::new();
    for path in paths {
        files.extend(of_file(&path, sheet, words)?);
    }
    Ok(files)
}

fn of_file(path: &Path, wanted: Option<&str>, words: Words<'_>) -> Result<Vec<File>, AppError> {
    let name = path.display().to_string();
    let failed = |why: String| AppError::NotFound(format!("{name}: {why}"));
    let bytes = bytes_of(path).map_err(failed)?;
    let known = |row: &grid::Row| words.names_in(row);
    let failed = |why: String| AppError::NotFound(format!("{name}: {why}"));
    let sheet = grid::read(&bytes, wanted, &known).map_err(failed)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let has_parts = wanted.is_none() && sheet.name.is_some() && is_own(&sheet);
    let sha256 = hex(&Sha256::digest(&bytes));
    let mut files = vec![File { name: name.clone(), sheet, sha256, bytes: length }];
    if let Some(parts) = has_parts.then(|| grid::read(&bytes, Some(PARTS), &known).ok()).flatten() {
        let mut hash = Sha256::new_with_prefix(&bytes);
        hash.update(PARTS.as_bytes());
        files.push(File {
            name: format!("{name}, sheet {PARTS}"),
            sheet: parts,
            sha256: hex(&hash.finalize()),
            bytes: length,
        });
    }
    Ok(files)
}

fn is_own(sheet: &Sheet) -> bool {
    let is_own = |line: &Line| matches!(line, Line::Read(row) if Own::of(row).is_some());
    sheet.lines.iter().take(grid::HEADING_ROWS_MAX).any(is_own)
}

/// The sheet of parts in a workbook that the program wrote.
const PARTS: &str = "Modules";
/// The lists in a set of files that the program wrote, that can be read back.
const IN_A_SET: [&str; 2] = ["assets.csv", "modules.csv"];
