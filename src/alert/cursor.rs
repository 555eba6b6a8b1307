//! How far an output is, in a small file that a crash leaves whole: the old one or the new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::alert::secret;
use crate::model::OutputHealth;
use crate::model::limits::CURSOR_BYTES_MAX;

/// How far an output is, and how it was when that was written.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Cursor {
    /// When the last notice delivered was told: another notice with its number means that the store is another one.
    pub told_ns: i64,
    /// Notices given up of which the receiver was not told yet.
    pub gap: Option<Gap>,
    /// State and counts; `number` in it is the last notice delivered.
    pub health: OutputHealth,
}

/// Notices that were given up.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Gap {
    /// Number of the first one.
    pub first: u64,
    /// Number of the last one.
    pub last: u64,
    /// How many between them the receiver would have got.
    pub count: u64,
}

/// Why that file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// Reading it.
    #[error("cannot read {}, which tells how far the output is: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What it says.
    #[error("{} does not tell how far the output is: {source}; remove it, and the output begins anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Writing it.
    #[error("cannot keep in {} how far the output is: {source}; after a restart notices come again", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Cursor {
    /// How far the output of that name is; `None` when it was never used.
    ///
    /// # Errors
    ///
    /// When there is a file that cannot be read.
    pub fn load(folder: &Path, name: &str) -> Result<Option<Self>, CursorError> {
        let path = path(folder, name);
        let bytes = match secret::read_at_most(&path, CURSOR_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CursorError::Unreadable { path, source }),
        };
        match serde_json::from_slice(&bytes) {
            Ok(cursor) => Ok(Some(cursor)),
            Err(source) => Err(CursorError::Damaged { path, source }),
        }
    }

    /// All up to a number is done.
    pub(super) fn advance(&mut self, number: u64, told_ns: i64) {
        let done = number.saturating_sub(self.health.number);
        self.health.waiting = self.health.waiting.saturating_sub(done);
        (self.health.number, self.told_ns) = (number, told_ns);
    }

    /// Writes it beside, and puts it in the place of the old one when it is on disk.
    pub(super) fn save(&self, folder: &Path, name: &str) -> Result<(), CursorError> {
        let path = path(folder, name);
        self.write(folder, &path).map_err(|source| CursorError::Unwritable { path, source })
    }

    fn write(&self, folder: &Path, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let part = path.with_extension("json.part");
        let mut file = File::create(&part)?;
        let mut text = serde_json::to_vec(self)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&part, path)?;
        File::open(folder)?.sync_all()
    }
}

/// Whether a name is safe as that of a file, on a screen and in a log.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
}

/// A name for an output that has none, made of where it sends to.
pub(super) fn name_of(to: &str) -> String {
    let plain: String = to
        .split(|c: char| !c.is_ascii_alphanumeric() && !"._+".contains(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let plain = plain.trim_start_matches(['.', '_', '+', '-']);
    if is_name(plain) {
        return plain.to_owned();
    }
    let digest = Sha256::digest(to.as_bytes());
    let digits: String =
        digest.iter().take(NAME_DIGEST_BYTES).map(|b| format!("{b:02x}")).collect();
    let kept = NAME_BYTES_MAX.saturating_sub(digits.len()).saturating_sub(1);
    let start: String = plain.chars().take(kept).collect();
    if start.is_empty() { format!("output-{digits}") } else { format!("{start}-{digits}") }
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

const NAME_BYTES_MAX: usize = 64;

const NAME_DIGEST_BYTES: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_addresses_are_names() {
        assert_eq!(name_of("tcp+tls://siem:6514"), "tcp+tls-siem-6514");
        assert_eq!(name_of("udp://[2001:db8::1]:514"), "udp-2001-db8-1-514");
        for to in ["", "/", "../..", "/ä", &"x/".repeat(200), "\u{1b}"] {
            assert!(is_name(&name_of(to)), "{to:?}: {}", name_of(to));
        }
        assert!(["", "..", "a/b", "-a", ".a", "a b"].iter().all(|name| !is_name(name)));
    }

    #[test]
    fn what_is_saved_is_loaded_and_damage_is_no_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let cursor = Cursor { told_ns: 5, gap: None, health: OutputHealth::default() };
        assert_eq!(Cursor::load(folder.path(), "a").unwrap(), None);
        cursor.save(folder.path(), "a").unwrap();
        assert_eq!(Cursor::load(folder.path(), "a").unwrap(), Some(cursor));
        std::fs::write(folder.path().join("a.json"), "{").unwrap();
        assert!(matches!(Cursor::load(folder.path(), "a"), Err(CursorError::Damaged { .. })));
    }
}
