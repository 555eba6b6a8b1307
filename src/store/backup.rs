//! A copy of a store in one file, made while a sensor writes, and put back.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::model::Timestamp;
use crate::model::limits::BACKUP_PAGES_PER_STEP;
use crate::store::error::failed;
use crate::store::log::{bytes_of, index_path, log_path};
use crate::store::opening::{Lock, free_name, own_as_directory};
use crate::store::rescue::{put_in_place, remove, sync_dir};
use crate::store::space::free_bytes;
use crate::store::{FILE, Store, StoreError, known_version};

/// A backup that was made, or put back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackedUp {
    /// Bytes of it.
    pub bytes: u64,
    /// Schema version of what is in it.
    pub version: i64,
    /// Where what was there before is now; `None` when there was nothing.
    pub before: Option<PathBuf>,
}

impl Store {
    /// Copies the store, as it is at this moment, into one file; whoever writes to it meanwhile goes on. The file is there whole or not at all, and
    /// readable for its owner only. A file that is there already is replaced if it is a backup, and refused if it is anything else.
    pub fn backup(&self, to: &Path) -> Result<BackedUp, StoreError> {
        self.backup_while(to, &|| true)
    }

    /// The same, given up when `goes_on` says so: it is asked every few megabytes.
    fn backup_while(&self, to: &Path, goes_on: &dyn Fn() -> bool) -> Result<BackedUp, StoreError> {
        if bytes_of(to) > 0 && !is_database(to) {
            let why = "is there already, and is no backup: name another file".to_owned();
            return Err(StoreError::Backup { path: to.to_owned(), why });
        }
        let new = beside(to);
        remove(&new)?;
        let made = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&new);
        drop(made.map_err(StoreError::file("make", &new))?);
        let copied = self.copy_to(&new, goes_on).and_then(|()| checked(&new));
        let version = match copied {
            Ok(version) => version,
            Err(error) => {
                // Half a backup is none.
                remove(&new)?;
                return Err(error);
            }
        };
        let bytes = bytes_of(&new);
        put_in_place(&new, to)?;
        Ok(BackedUp { bytes, version, before: None })
    }

    /// Puts a backup in the place of the store in a directory. What was there is kept in `replaced-TIME` beside it. No sensor may be at work.
    pub fn put_back(backup: &Path, dir: &Path, now: Timestamp) -> Result<BackedUp, StoreError> {
        if !is_database(backup) {
            let why = "is no backup of a store: name a file that `nameplate store backup` made"
                .to_owned();
            return Err(StoreError::Backup { path: backup.to_owned(), why });
        }
        std::fs::create_dir_all(dir)
            .map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        let _lock = Lock::take(dir)?;
        let (path, new) = (dir.join(FILE), dir.join(RESTORED));
        remove(&new)?;
        std::fs::copy(backup, &new).map_err(StoreError::file("copy", backup))?;
        let version = match checked(&new) {
            Ok(version) => version,
            Err(error) => {
                remove(&new)?;
                return Err(renamed(error, backup));
            }
        };
        own_as_directory(&new);
        let before = set_aside(dir, &path, now)?;
        let bytes = bytes_of(&new);
        put_in_place(&new, &path)?;
        Ok(BackedUp { bytes, version, before })
    }

    /// Makes one of the copies that are kept in a directory, named after the time, and removes the oldest when there are more than that. One that finds
    /// no room beside what the store itself may need is not begun.
    pub fn backup_into(
        &mut self,
        dir: &Path,
        (keep, now): (usize, Timestamp),
        goes_on: &dyn Fn() -> bool,
    ) -> Result<BackedUp, StoreError> {
        std::fs::create_dir_all(dir)
            .map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        forget_unfinished(dir)?;
        let space = self.space()?;
        let needed = space.file.saturating_add(space.log);
        let needed = needed.saturating_add(needed / 8).saturating_add(ROOM_BESIDE_BYTES);
        let free = free_bytes(dir).map_err(StoreError::file("look at the disk of", dir))?;
        if free < needed {
            let why = format!(
                "has {free} bytes free, and a backup takes {needed}: make room there, or name another directory"
            );
            return Err(StoreError::Backup { path: dir.to_owned(), why });
        }
        let at = now.to_the_second().replace(':', "");
        let to = free_name(dir, &format!("{NAME}{at}{ENDING}"));
        let made = self.backup_while(&to, goes_on)?;
        let mut others = backups(dir);
        others.retain(|(_, path)| *path != to);
        let over = others.len().saturating_sub(keep.saturating_sub(1));
        for (_, path) in others.iter().take(over) {
            std::fs::remove_file(path).map_err(StoreError::file("remove", path))?;
        }
        Ok(made)
    }

    fn copy_to(&self, new: &Path, goes_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        let here = |source| failed(&self.path, source);
        let there = |source| failed(new, source);
        let mut copy = Connection::open(new).map_err(there)?;
        // What others write meanwhile does not count: without this it would begin anew each time.
        let reading = self.connection.unchecked_transaction().map_err(here)?;
        reading.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(here)?;
        {
            let backup = Backup::new(&reading, &mut copy).map_err(here)?;
            loop {
                if !goes_on() {
                    let why = "was given up, because the sensor ends".to_owned();
                    return Err(StoreError::Backup { path: new.to_owned(), why });
                }
                match backup.step(BACKUP_PAGES_PER_STEP).map_err(there)? {
                    StepResult::Done => break,
                    StepResult::More => {}
                    _ => std::thread::sleep(PAUSE),
                }
            }
        }
        drop(reading);
        // One file that can be carried away, without a log beside it.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(there)?;
        copy.close().map_err(|(_, source)| there(source))
    }
}

/// The copies in a directory that [`Store::backup_into`] made, the oldest first, with the time of each.
pub fn backups(dir: &Path) -> Vec<(SystemTime, PathBuf)> {
    let mut found: Vec<(SystemTime, PathBuf)> = entries(dir, ENDING)
        .filter_map(|path| Some((std::fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    found.sort();
    found
}

/// Removes what a backup left that was cut short: names differ from one to the next, so no other would.
fn forget_unfinished(dir: &Path) -> Result<(), StoreError> {
    entries(dir, &format!("{ENDING}{PART}")).try_for_each(|path| remove(&path))
}

/// What is named like a copy of a store, and ends like that.
fn entries(dir: &Path, ending: &str) -> impl Iterator<Item = PathBuf> {
    let paths = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    paths.filter(move |path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(NAME) && name.ends_with(ending))
    })
}

/// The schema version of a file that is whole, and that this program knows.
fn checked(path: &Path) -> Result<i64, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<(i64, String)> {
        let connection = Connection::open_with_flags(path, flags)?;
        let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((version, found))
    };
    let (found, check) = open().map_err(|source| failed(path, source))?;
    let known = known_version();
    match check.as_str() {
        "ok" if found > known => Err(StoreError::TooNew { path: path.to_owned(), found, known }),
        "ok" if found < 1 => {
            let why = "is a database, but no backup of a store".to_owned();
            Err(StoreError::Backup { path: path.to_owned(), why })
        }
        "ok" => Ok(found),
        _ => Err(StoreError::Damaged { path: path.to_owned(), found: check }),
    }
}

/// The same error about the file that a person named.
fn renamed(error: StoreError, to: &Path) -> StoreError {
    let path = to.to_owned();
    match error {
        StoreError::TooNew { found, known, .. } => StoreError::TooNew { path, found, known },
        StoreError::Damaged { found, .. } => {
            StoreError::Backup { path, why: format!("is damaged ({found}): name another backup") }
        }
        StoreError::Backup { why, .. } => StoreError::Backup { path, why },
        other => other,
    }
}

fn set_aside(dir: &Path, path: &Path, now: Timestamp) -> Result<Option<PathBuf>, StoreError> {
    if !path.exists() {
        // A log without its file belongs to nothing that is put back.
        remove(path)?;
        return Ok(None);
    }
    let aside = free_name(dir, &format!("{REPLACED}{}", now.to_the_second()));
    std::fs::create_dir(&aside).map_err(StoreError::file("make", &aside))?;
    let to = aside.join(FILE);
    for (from, to) in [(log_path(path), log_path(&to)), (path.to_owned(), to)] {
        if from.exists() {
            std::fs::rename(&from, &to).map_err(StoreError::file("set aside", &from))?;
        }
    }
    let index = index_path(path);
    if index.exists() {
        std::fs::remove_file(&index).map_err(StoreError::file("remove", &index))?;
    }
    sync_dir(dir)?;
    Ok(Some(aside))
}

fn is_database(path: &Path) -> bool {
    let mut start = [0; 16];
    let read = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok() && start == *MAGIC
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PART);
    PathBuf::from(name)
}

/// The first bytes of every database of SQLite.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How copies are called that are made of themselves: `nameplate-2026-11-22T180000Z.backup`.
const NAME: &str = "nameplate-";
const ENDING: &str = ".backup";
/// What stands behind the name of one that is not finished.
const PART: &str = ".part";
/// Bytes that stay free beside a backup: the store may be on the same disk, and comes first.
const ROOM_BESIDE_BYTES: u64 = 32 * 1_024 * 1_024;
/// An inventory is nobody else's business.
const OWNER_ONLY: u32 = 0o600;
/// How the directories are called that stores are kept in for which a backup was put back.
pub(super) const REPLACED: &str = "replaced-";
/// A backup that is being put back.
const RESTORED: &str = "nameplate.db.restored";
/// How long to wait while somebody holds the file.
const PAUSE: Duration = Duration::from_millis(20);
