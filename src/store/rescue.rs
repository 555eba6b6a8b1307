//! A store that is damaged: set aside as it is, and replaced by what can be read of it. What happened is told, whatever comes of it.
//!
//! Every step can be cut short: as long as there is no new file in its place, the next start takes the last quarantine up again.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::model::Timestamp;
use crate::store::log::{bytes_of, index_path, log_path};
use crate::store::opening::free_name;
use crate::store::salvage::{self, Salvaged};
use crate::store::{FILE, Store, StoreError};

/// Something that was broken, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Incident {
    /// The store was damaged, and is set aside.
    Quarantined {
        /// What was found.
        found: String,
        /// The directory it is in now.
        to: PathBuf,
    },
    /// The log of changes was damaged: what was written last is lost. A copy of it is set aside.
    LogDamaged {
        /// The directory the copy is in.
        to: PathBuf,
    },
    /// Rows of it that could be read are in the store again.
    Salvaged {
        /// How many.
        rows: u64,
        /// Tables of which rows were lost, or which could not be read to their end.
        lost: Vec<String>,
    },
    /// Rows of a backup fill the gaps, or are all there is.
    FromBackup {
        /// The backup.
        path: PathBuf,
        /// How many rows came from it.
        rows: u64,
    },
    /// Nothing could be read, and there is no backup: the store is a new one.
    Empty,
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quarantined { found, to } => {
                write!(f, "the store was damaged ({found}); it is set aside in {}", to.display())
            }
            Self::LogDamaged { to } => {
                write!(f, "the log of changes of the store was damaged: what was written last is lost; a copy of it is in {}", to.display())
            }
            Self::Salvaged { rows, lost } if lost.is_empty() => {
                write!(f, "all {rows} rows of the damaged store that it refers to are in the new one")
            }
            Self::Salvaged { rows, lost } => {
                write!(f, "{rows} rows of the damaged store are in the new one; some are lost of: {}", lost.join(", "))
            }
            Self::FromBackup { path, rows } => {
                write!(f, "{rows} rows were taken from the backup {}", path.display())
            }
            Self::Empty => f.write_str(
                "nothing of the damaged store could be read, and there is no backup in `backups`: the store is empty; scan captures into it again, or put a backup back with `nameplate store restore`",
            ),
        }
    }
}

/// Sets the store in a directory aside, and makes a new one of what can be read.
pub(super) fn rescue(
    dir: &Path,
    found: String,
    now: Timestamp,
) -> Result<Vec<Incident>, StoreError> {
    let path = dir.join(FILE);
    let aside = match unfinished(dir) {
        Some(aside) if bytes_of(&path) == 0 => aside,
        _ => set_aside(dir, &path, now)?,
    };
    let mut incidents = vec![Incident::Quarantined { found, to: aside.clone() }];
    let new = dir.join(NEW);
    remove(&new)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut store = Store::connect_to(new.clone(), flags)?;
    let mut salvaged = Salvaged::default();
    let damaged = aside.join(FILE);
    if bytes_of(&damaged) > 0 {
        salvaged = store.try_to(|to| Ok(salvage::from_damaged(&damaged, dir, to)))?;
    }
    if salvaged.rows > 0 {
        let (rows, lost) = (salvaged.rows, salvaged.lost.clone());
        incidents.push(Incident::Salvaged { rows, lost });
    }
    if !salvaged.is_whole()
        && let Some((backup, rows)) = from_backup(dir, &mut store)?
    {
        incidents.push(Incident::FromBackup { path: backup, rows });
        salvaged.rows = salvaged.rows.saturating_add(rows);
    }
    if salvaged.rows == 0 {
        incidents.push(Incident::Empty);
    }
    store.settle_log()?;
    drop(store);
    put_in_place(&new, &path)?;
    let _ = File::create(aside.join(DONE));
    Ok(incidents)
}

/// Keeps a copy of a log that is damaged. The store itself is as it was when the last change before the damage was made.
pub(super) fn keep_log(dir: &Path, log: &Path, now: Timestamp) -> Result<Incident, StoreError> {
    let to = free_name(dir, &format!("{QUARANTINE}{}", now.to_the_second()));
    std::fs::create_dir(&to).map_err(StoreError::file("make", &to))?;
    std::fs::copy(log, log_path(&to.join(FILE))).map_err(StoreError::file("copy", log))?;
    Ok(Incident::LogDamaged { to })
}

/// The newest backup that is whole; what of it is not there yet is taken over.
fn from_backup(dir: &Path, store: &mut Store) -> Result<Option<(PathBuf, u64)>, StoreError> {
    let mut backups: Vec<(std::time::SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(dir.join(BACKUPS)).into_iter().flatten().flatten() {
        if let Ok(at) = entry.metadata().and_then(|known| known.modified()) {
            backups.push((at, entry.path()));
        }
    }
    backups.sort();
    let copy = dir.join(COPY);
    for (_, backup) in backups.into_iter().rev() {
        remove(&copy)?;
        if std::fs::copy(&backup, &copy).is_err() {
            continue;
        }
        // One of an earlier version is brought up to date first, as a copy.
        let opened = Store::connect_to(copy.clone(), OpenFlags::SQLITE_OPEN_READ_WRITE);
        let Ok(mut from) = opened else { continue };
        if from.check().is_ok_and(|wrong| wrong.is_empty()) {
            let rows = store.try_to(|to| Ok(salvage::fill(&from.connection, to).rows))?;
            drop(from);
            remove(&copy)?;
            return Ok(Some((backup, rows)));
        }
    }
    remove(&copy)?;
    Ok(None)
}

/// The quarantine that a rescue left when it was cut short.
fn unfinished(dir: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path());
    let mut asides: Vec<PathBuf> = entries.filter(|path| is_quarantine(path)).collect();
    asides.sort();
    asides.pop().filter(|aside| aside.join(FILE).is_file() && !aside.join(DONE).exists())
}

fn is_quarantine(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(QUARANTINE))
}

fn set_aside(dir: &Path, path: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let aside = free_name(dir, &format!("{QUARANTINE}{}", now.to_the_second()));
    std::fs::create_dir(&aside).map_err(StoreError::file("make", &aside))?;
    for (from, to) in
        [(path.to_owned(), aside.join(FILE)), (log_path(path), log_path(&aside.join(FILE)))]
    {
        if from.exists() {
            // Moved, not copied: there may be no room for a second one.
            std::fs::rename(&from, &to).map_err(StoreError::file("set aside", &from))?;
        }
    }
    // The index of the log is made anew from it.
    let index = index_path(path);
    if index.exists() {
        std::fs::remove_file(&index).map_err(StoreError::file("remove", &index))?;
    }
    sync_dir(dir)?;
    Ok(aside)
}

/// Puts a finished file in the place of another, so that at any moment one of the two is there whole.
pub(super) fn put_in_place(new: &Path, path: &Path) -> Result<(), StoreError> {
    File::open(new).and_then(|file| file.sync_all()).map_err(StoreError::file("write", new))?;
    std::fs::rename(new, path).map_err(StoreError::file("rename", new))?;
    sync_dir(path.parent().unwrap_or(path))
}

pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::file("write", dir))
}

/// Removes a database with what stands beside it; nothing where there is none.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    for path in crate::store::space::files_of(path) {
        if path.exists() {
            std::fs::remove_file(&path).map_err(StoreError::file("remove", &path))?;
        }
    }
    Ok(())
}

/// Opens a damaged database without changing it: what is in its log stays there.
pub(super) fn open_untouched(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;",
    )?;
    Ok(connection)
}

/// How the directories are called that damaged stores are set aside in.
pub(super) const QUARANTINE: &str = "quarantine-";
/// Says in a quarantine that what could be read of it is in the store again.
const DONE: &str = "salvaged";
/// A new store before it is complete.
const NEW: &str = "nameplate.db.new";
/// A backup while it is read.
const COPY: &str = "nameplate.db.backup";
/// Where a sensor keeps its backups.
pub(super) const BACKUPS: &str = "backups";
