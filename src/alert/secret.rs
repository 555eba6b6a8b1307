//! Tokens, secrets and keys: read from files, never shown, never logged.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::model::limits::SECRET_FILE_BYTES_MAX;

/// All of a small file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, SECRET_FILE_BYTES_MAX)
}

/// All of a file that may be so long.
pub(super) fn read_at_most(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()).is_ok_and(|length| length <= bytes_max) {
        true => Ok(bytes),
        false => Err(io::Error::other(format!(
            "it has more than {bytes_max} bytes; is it the right file?"
        ))),
    }
}

/// A secret as editors leave it: without the end of its line.
pub(super) fn read_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = read(path)?;
    while bytes.last().is_some_and(u8::is_ascii_whitespace) {
        bytes.pop();
    }
    match bytes.is_empty() {
        true => Err(io::Error::other("it is empty")),
        false => Ok(bytes),
    }
}

/// Whether everybody on the machine may read it.
pub(super) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & READ_BY_OTHERS != 0)
}

const READ_BY_OTHERS: u32 = 0o004;
