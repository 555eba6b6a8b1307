//! The directory that documents are fetched into, and its notes: what was fetched from where, so that it need not be fetched again.
//!
//! Every file is written beside its place, flushed to the disk and renamed: whenever a run ends, what is there is whole. The notes are
//! one line of JSON for each file, written behind it; of several about one address the last counts, and a line that was cut counts for
//! nothing, so that its file is fetched once more.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bundle::fetch::FetchError;
use crate::bundle::fetch::client::Known;
use crate::bundle::fetch::place::PART;
use crate::bundle::hex;
use crate::model::limits::{FETCH_NOTES_BYTES_MAX, FETCH_REMEMBERED_MAX};

/// The directory.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    before: BTreeMap<String, Note>,
    notes: Mutex<fs::File>,
    /// Held as long as the directory is in use: two runs at once would write over each other.
    _lock: fs::File,
}

/// What is remembered of a file.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(super) struct Note {
    /// Where it came from.
    pub url: String,
    /// The hash of its bytes.
    pub sha256: String,
    /// When it was last changed, as the list that names it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The entity tag it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The date it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Ends of the names of what was fetched to lie beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

impl Note {
    /// What to ask a server with whether the file is still the same.
    pub(super) fn known(&self) -> Known<'_> {
        Known { tag: self.tag.as_deref(), modified: self.modified.as_deref() }
    }
}

impl Folder {
    /// Opens the directory, and makes it when it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be read or written, or another run is at it.
    pub(super) fn open(root: &Path) -> Result<Self, FetchError> {
        let failed = |source| FetchError::Directory { path: root.to_owned(), source };
        fs::create_dir_all(root).map_err(failed)?;
        let lock = OpenOptions::new().create(true).append(true).open(root.join(LOCK));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(FetchError::InUse { path: root.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let path = root.join(NOTES);
        let before = read(&path).map_err(failed)?;
        // Written anew, without what is outdated and without a line that was cut.
        let lines: Vec<String> = before.values().filter_map(line).collect();
        replace(&path, lines.concat().as_bytes()).map_err(failed)?;
        let notes = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        Ok(Self { root: root.to_owned(), before, notes: Mutex::new(notes), _lock: lock })
    }

    /// What was noted about an address before this run, when the file of it is still as it was, and what lies beside it is there.
    pub(super) fn note(&self, url: &str, place: &str) -> Option<&Note> {
        let note = self.before.get(url)?;
        let path = self.root.join(place);
        let beside = |end: &String| self.root.join(format!("{place}{end}")).is_file();
        let is_there = path.is_file() && note.beside.iter().all(beside);
        let is_same = is_there && sha256_of(&path).is_ok_and(|hash| hash == note.sha256);
        is_same.then_some(note)
    }

    /// Notes a file.
    ///
    /// # Errors
    ///
    /// When the notes cannot be written.
    pub(super) fn remember(&self, note: &Note) -> Result<(), FetchError> {
        let failed = |source| FetchError::Directory { path: self.root.join(NOTES), source };
        let line = line(note).unwrap_or_default();
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.write_all(line.as_bytes()).map_err(failed)
    }

    /// Writes a file whole, or leaves the one that was there.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(super) fn write(&self, place: &str, bytes: &[u8]) -> Result<(), FetchError> {
        let path = self.root.join(place);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| replace(&path, bytes))
            .map_err(|source| FetchError::Directory { path, source })
    }

    /// Removes a file that is there.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub(super) fn remove(&self, place: &str) -> Result<(), FetchError> {
        let path = self.root.join(place);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(FetchError::Directory { path, source })
            }
            _ => Ok(()),
        }
    }
}

/// The hash of some bytes, as notes have it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

fn line(note: &Note) -> Option<String> {
    serde_json::to_string(note).ok().map(|text| format!("{text}\n"))
}

fn read(path: &Path) -> std::io::Result<BTreeMap<String, Note>> {
    let mut bytes = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(FETCH_NOTES_BYTES_MAX).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let lines = bytes.split(|byte| *byte == b'\n').take(FETCH_REMEMBERED_MAX);
    let notes = lines.filter_map(|line| serde_json::from_slice::<Note>(line).ok());
    Ok(notes.map(|note| (note.url.clone(), note)).collect())
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(PART);
    let part = PathBuf::from(part);
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Hosts have no names that begin with a dot: neither is ever a folder of one.
const NOTES: &str = ".nameplate-fetch";
const LOCK: &str = ".nameplate-fetch.lock";
const BUFFER_BYTES: usize = 64 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn note(url: &str, bytes: &[u8]) -> Note {
        Note { url: url.to_owned(), sha256: sha256(bytes), ..Note::default() }
    }

    #[test]
    fn a_file_counts_as_there_as_long_as_it_is_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        folder.write("a.b/x.json", b"x").unwrap();
        folder.write("a.b/x.json.asc", b"s").unwrap();
        let beside = vec![".asc".to_owned()];
        folder.remember(&Note { beside, ..note("https://a.b/x.json", b"x") }).unwrap();
        drop(folder);
        let folder = Folder::open(dir.path()).unwrap();
        let known = || folder.note("https://a.b/x.json", "a.b/x.json");
        assert!(known().is_some());
        fs::write(dir.path().join("a.b/x.json"), b"y").unwrap();
        assert!(known().is_none());
        fs::write(dir.path().join("a.b/x.json"), b"x").unwrap();
        fs::remove_file(dir.path().join("a.b/x.json.asc")).unwrap();
        assert!(known().is_none());
    }

    #[test]
    fn a_line_that_was_cut_costs_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        for (url, place) in
            [("https://a.b/x.json", "a.b/x.json"), ("https://a.b/y.json", "a.b/y.json")]
        {
            folder.write(place, b"x").unwrap();
            folder.remember(&note(url, b"x")).unwrap();
        }
        drop(folder);
        let path = dir.path().join(NOTES);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        assert!(folder.note("https://a.b/x.json", "a.b/x.json").is_some());
        assert!(folder.note("https://a.b/y.json", "a.b/y.json").is_none());
        folder.remember(&note("https://a.b/y.json", b"x")).unwrap();
        drop(folder);
        let folder = Folder::open(dir.path()).unwrap();
        assert!(folder.note("https://a.b/y.json", "a.b/y.json").is_some());
    }

    #[test]
    fn two_runs_at_once_do_not_write_over_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path()).unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(FetchError::InUse { .. })));
        drop(first);
        assert!(Folder::open(dir.path()).is_ok());
    }
}
