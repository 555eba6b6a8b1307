//! The room that a store takes and the room there is: a quota, a reserve for the day on which the disk is full, and what is left out then.
//!
//! The order in which things are given up: first the frames that prove facts, which are large, and of which every fact keeps an excerpt anyway; then,
//! when even facts find no room, the reserve; at the very end nothing is kept, and said so. A sensor never stops for that.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::model::health::{StoreHealth, StoreState};
use crate::model::limits::STORE_LOG_BYTES_MAX;
use crate::store::backup::REPLACED;
use crate::store::log::{bytes_of, index_path, log_path};
use crate::store::reader::unsigned;
use crate::store::rescue::QUARANTINE;
use crate::store::{Store, StoreError};

/// What a store takes, and what is left on its disk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Space {
    /// Bytes of the file.
    pub file: u64,
    /// Bytes of the log of changes beside it.
    pub log: u64,
    /// Bytes of the file that hold nothing and are used next.
    pub unused: u64,
    /// Bytes kept free for the day on which the disk is full.
    pub reserve: u64,
    /// Bytes free on the disk for this user.
    pub free: u64,
}

/// How many rows there are of what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rows {
    /// Devices, as kept last.
    pub assets: u64,
    /// Facts.
    pub observations: u64,
    /// Frames kept as evidence.
    pub frames: u64,
    /// Notices.
    pub notices: u64,
    /// Rows of conversations.
    pub conversations: u64,
    /// Captures that were files, and lists.
    pub files: u64,
    /// Sessions of a sensor.
    pub sessions: u64,
}

/// What a store that is written for years remembers of the room there is.
#[derive(Debug)]
pub(super) struct Keeping {
    /// Bytes that file and log may have; zero when nobody said.
    pub(super) bytes_max: u64,
    /// Bytes of the reserve; zero when there is to be none.
    pub(super) reserve_bytes: u64,
    pub(super) state: StoreState,
    /// What is wrong; empty when nothing is.
    pub(super) trouble: String,
    /// Rows shed so far, and frames that found no room.
    pub(super) shed: u64,
    /// False when the check at the start did not come to its end.
    pub(super) is_checked: bool,
    /// The last step of shedding left more to do.
    pub(super) is_shedding: bool,
    /// Where the next step of shedding goes on: a time and a row of frames, a subject.
    pub(super) frame: (i64, i64),
    pub(super) subject: i64,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            bytes_max: 0,
            reserve_bytes: 0,
            state: StoreState::Writable,
            trouble: String::new(),
            shed: 0,
            is_checked: true,
            is_shedding: false,
            frame: START,
            subject: 0,
        }
    }
}

impl Keeping {
    /// Bytes of the log past which it is cut.
    pub(super) fn log_bytes_max(&self) -> u64 {
        match self.bytes_max {
            0 => STORE_LOG_BYTES_MAX,
            max => (max / 16).clamp(LOG_BYTES_MIN, STORE_LOG_BYTES_MAX),
        }
    }

    /// Bytes that file and log may have before something is shed: a log may grow to its cap, and be written once more beside itself.
    pub(super) fn bytes_before_shedding(&self) -> u64 {
        match self.bytes_max {
            0 => u64::MAX,
            max => max.saturating_sub(self.log_bytes_max().saturating_mul(3)).max(max / 2),
        }
    }

    /// Pages that the file may have at all.
    fn pages_max(&self) -> u64 {
        match self.bytes_max {
            0 => PAGES_MAX,
            max => {
                let file = max.saturating_sub(self.log_bytes_max().saturating_mul(2)).max(max / 2);
                (file / PAGE_BYTES).clamp(1, PAGES_MAX)
            }
        }
    }
}

impl Store {
    /// What the store takes, and what is left.
    pub fn space(&mut self) -> Result<Space, StoreError> {
        let (file, log) = (bytes_of(&self.path), self.log_bytes());
        let unused = self.try_to(|connection| number(connection, "PRAGMA freelist_count"))?;
        let unused = unused.saturating_mul(PAGE_BYTES);
        let reserve = bytes_of(&self.reserve_path());
        let free =
            free_bytes(self.dir()).map_err(StoreError::file("look at the disk of", &self.path))?;
        Ok(Space { file, log, unused, reserve, free })
    }

    /// How many rows there are.
    pub fn rows(&mut self) -> Result<Rows, StoreError> {
        self.try_to(|connection| {
            let count = |what: &str| number(connection, &format!("SELECT count(*) FROM {what}"));
            let sessions = count("sessions")?;
            Ok(Rows {
                assets: count("assets")?,
                observations: count("observations")?,
                frames: count("frames")?,
                notices: count("notices")?,
                conversations: count("conversations")?,
                files: count("captures")?.saturating_sub(sessions),
                sessions,
            })
        })
    }

    /// What was set aside in the directory: stores that were damaged, or replaced by a backup.
    pub fn set_aside(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir()).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let is_aside =
            |name: &String| [QUARANTINE, REPLACED].iter().any(|start| name.starts_with(start));
        let mut names: Vec<String> = names.filter(is_aside).collect();
        names.sort();
        names
    }

    /// How the store is, for the state of a sensor.
    pub fn health(&mut self) -> StoreHealth {
        let (space, trouble) = match self.space() {
            Ok(space) => (space, None),
            Err(error) => (Space::default(), Some(error.to_string())),
        };
        let Keeping { bytes_max, state, shed, .. } = self.keeping;
        let trouble = trouble.unwrap_or_else(|| self.keeping.trouble.clone());
        let bytes = space.file.saturating_add(space.log);
        StoreHealth { state, bytes, bytes_max, free_bytes: space.free, shed, trouble }
    }

    /// Sets what the store may have. The file cannot grow past it then, whatever is written.
    pub(super) fn limit(&mut self, bytes_max: u64, reserve_bytes: u64) -> Result<(), StoreError> {
        if (self.keeping.bytes_max, self.keeping.reserve_bytes) == (bytes_max, reserve_bytes) {
            return Ok(());
        }
        (self.keeping.bytes_max, self.keeping.reserve_bytes) = (bytes_max, reserve_bytes);
        let pages = self.keeping.pages_max();
        self.try_to(|connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        })
    }

    /// True when that many bytes more are within what the store may have; a little past where shedding begins, so that it has time to.
    pub(super) fn has_room_for(&mut self, bytes: usize) -> Result<bool, StoreError> {
        if self.keeping.bytes_max == 0 {
            return Ok(true);
        }
        let used = self.used()?.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let slack = self.keeping.log_bytes_max() / 2;
        Ok(used <= self.keeping.bytes_before_shedding().saturating_add(slack))
    }

    /// Bytes of file and log that hold something.
    pub(super) fn used(&mut self) -> Result<u64, StoreError> {
        let log = self.log_bytes();
        let pages = self.try_to(|connection| used_pages(connection))?;
        Ok(pages.saturating_mul(PAGE_BYTES).saturating_add(log))
    }

    /// The disk is full: what was kept free for this is. False when there is nothing more to give.
    pub(super) fn give_up_reserve(&mut self) -> bool {
        let given = std::fs::remove_file(self.reserve_path()).is_ok();
        if given {
            self.say(StoreState::Tight, GAVE_UP);
        }
        given
    }

    /// Keeps room for the day on which the disk is full, where there is enough: as much again must stay free.
    pub(super) fn make_reserve(&mut self) -> Result<(), StoreError> {
        let (path, bytes) = (self.reserve_path(), self.keeping.reserve_bytes);
        if self.lock.is_none() || bytes == 0 || bytes_of(&path) == bytes {
            return Ok(());
        }
        let free =
            free_bytes(self.dir()).map_err(StoreError::file("look at the disk of", &self.path))?;
        if free < bytes.saturating_mul(2) {
            self.say(StoreState::Tight, NO_ROOM_FOR_RESERVE);
            return Ok(());
        }
        if reserve(&path, bytes).is_err() {
            // Half of it is no help, and takes room from what is written meanwhile.
            let _ = std::fs::remove_file(&path);
            self.say(StoreState::Tight, NO_ROOM_FOR_RESERVE);
        }
        Ok(())
    }

    /// Notes how the store is.
    pub(super) fn say(&mut self, state: StoreState, trouble: &str) {
        self.keeping.state = state;
        trouble.clone_into(&mut self.keeping.trouble);
    }

    /// True where the reserve is there, or there is to be none.
    pub(super) fn has_reserve(&self) -> bool {
        self.keeping.reserve_bytes == 0 || bytes_of(&self.reserve_path()) > 0
    }

    fn reserve_path(&self) -> PathBuf {
        self.dir().join(RESERVE)
    }
}

fn used_pages(connection: &Connection) -> rusqlite::Result<u64> {
    let unused = number(connection, "PRAGMA freelist_count")?;
    Ok(number(connection, "PRAGMA page_count")?.saturating_sub(unused))
}

pub(super) fn number(connection: &Connection, select: &str) -> rusqlite::Result<u64> {
    connection.query_row(select, [], |row| row.get::<_, i64>(0)).map(unsigned)
}

/// Bytes free for this user on the disk of a directory.
pub(super) fn free_bytes(dir: &Path) -> std::io::Result<u64> {
    let known = rustix::fs::statvfs(dir)?;
    Ok(known.f_bavail.saturating_mul(known.f_frsize))
}

/// Files of a store together, for whoever copies them.
pub(super) fn files_of(database: &Path) -> [PathBuf; 3] {
    [database.to_owned(), log_path(database), index_path(database)]
}

fn reserve(path: &Path, bytes: u64) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Ok(()) => file.sync_all(),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => fill(&mut file, bytes),
        Err(errno) => Err(errno.into()),
    }
}

/// Where a file system cannot set room aside, something has to be written.
fn fill(file: &mut File, bytes: u64) -> std::io::Result<()> {
    let block = [0_u8; 4_096];
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(block.get(..part).unwrap_or_default())?;
        left = left.saturating_sub(u64::try_from(part).unwrap_or(u64::MAX));
    }
    file.sync_all()
}

/// Before all times, and all rows.
pub(super) const START: (i64, i64) = (i64::MIN, 0);
/// Name of the reserve in the directory of the store.
pub(super) const RESERVE: &str = "reserve";
const PAGE_BYTES: u64 = 4_096;
/// The most that SQLite knows.
const PAGES_MAX: u64 = 4_294_967_294;
/// The log of the smallest store: a batch of a sensor fits twice.
const LOG_BYTES_MIN: u64 = 512 * 1_024;
const GAVE_UP: &str = "the disk is full: the reserve was given up, and no frames are kept as evidence; make room on it";
const NO_ROOM_FOR_RESERVE: &str =
    "there is little room on the disk: no frames are kept as evidence; make room on it";
