//! Edge: SQLite. One directory, one file in it, one sensor that writes it, for years.
//!
//! Observations are kept as they were said; from them the ledger works everything else out again. Assets, claims
//! and findings are kept beside them for people and tools that read the file.
//!
//! Three ways in:
//!
//! - [`Store::open`] and [`Store::create`]: for a verb that reads and may write: a scan, a decision, an import.
//! - [`Store::open_for_sensor`]: the one that writes for years. It takes the lock of the directory, repairs what an unclean stop or a broken disk
//!   left behind, and tells so.
//! - [`Store::read`]: for pages and outputs beside it, in the same process or another. [`Store::data_version`] tells when something changed.
//!
//! What a sensor does with it:
//!
//! ```text
//! open_for_sensor(dir, now) -> Opened { store, unclean, incidents }
//! begin_session(&CaptureInfo::live(Session { interface, started, .. })) -> capture number, for the FrameRefs of that interface
//! take(sites, observations, sightings, frames)      each batch, one transaction: on a full disk first the frames go, then it fails whole
//! add_conversations(sites, {capture: Heard})        every few minutes, cumulative: only rows that differ are written
//! update_session(capture, &info)                    now and then
//! add_notices(&mut notices)                         numbers them
//! retain(&Retention { .. }) -> Shed                 every minute or so, again at once while `more`
//! health()                                          for the state of the sensor
//! end_session(capture, &info)                       at the end, then drop the store
//! ```
//!
//! All of it is synchronous and belongs to one thread; every failure leaves the store as it was, and usable.

mod backup;
mod baselines;
mod check;
mod conversations;
mod decisions;
mod error;
mod habits;
mod layout;
mod handling;
mod let_go;
mod library;
mod log;
mod marks;
mod notices;
mod opening;
mod reader;
mod rescue;
mod retention;
mod salvage;
mod sessions;
mod sites;
mod space;
mod take;
mod watch;
mod writer;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use check::Check;
use error::failed;
use opening::Lock;
use space::Keeping;

pub use backup::{BackedUp, backups};
pub use baselines::KeptBaseline;
pub use conversations::Heard;
pub use error::StoreError;
pub use handling::Entered;
pub use let_go::{LetGo, WhyLetGo};
pub use library::{Put, Rollback};
pub use marks::{KeptVerdict, Matching, Trigger};
pub use opening::{Opened, UncleanStop};
pub use reader::Restored;
pub use rescue::Incident;
pub use retention::{Retention, Shed};
pub use space::{Rows, Space};
pub use take::{KeptFrame, Taken};
pub use watch::{State, Watch};

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Held by the one that writes for years.
    lock: Option<Lock>,
    /// What is known of the room there is.
    keeping: Keeping,
}

impl Store {
    /// Opens the store in a directory, and makes both when they are not there.
    pub fn create(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)
            .map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        Self::connect(dir, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// True when a directory holds a store.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(FILE).is_file()
    }

    /// Opens the store in a directory.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        if !Self::is_in(dir) {
            return Err(StoreError::Missing { path: dir.to_owned() });
        }
        Self::connect(dir, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// Opens the store in a directory for reading only, while another may write to it. Each method sees the store at one moment.
    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        if !Self::is_in(dir) {
            return Err(StoreError::Missing { path: dir.to_owned() });
        }
        let path = dir.join(FILE);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<(Connection, i64)> {
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.execute_batch(READING)?;
            let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            Ok((connection, version))
        };
        let (connection, found) = open().map_err(|source| failed(&path, source))?;
        let known = known_version();
        match found.cmp(&known) {
            std::cmp::Ordering::Less => Err(StoreError::TooOld { path, found, known }),
            std::cmp::Ordering::Greater => Err(StoreError::TooNew { path, found, known }),
            std::cmp::Ordering::Equal => {
                Ok(Self { connection, path, lock: None, keeping: Keeping::default() })
            }
        }
    }

    /// A number that is another one as soon as somebody else has written to the store.
    pub fn data_version(&mut self) -> Result<i64, StoreError> {
        self.try_to(|connection| connection.query_row("PRAGMA data_version", [], |row| row.get(0)))
    }

    /// The directory of the store.
    pub fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn connect(dir: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        Self::connect_to(dir.join(FILE), flags)
    }

    fn connect_to(path: PathBuf, flags: OpenFlags) -> Result<Self, StoreError> {
        let failed = |source| failed(&path, source);
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let mut store = Self { connection, path, lock: None, keeping: Keeping::default() };
        store.prepare()?;
        Ok(store)
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        match self.try_to(check::in_bounded_time)? {
            Check::Sound => {}
            Check::Unfinished => self.keeping.is_checked = false,
            Check::Damaged(found) => {
                return Err(StoreError::Damaged { path: self.path.clone(), found });
            }
        }
        self.try_to(|connection| {
            let is_new =
                connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))? == 0;
            if is_new {
                // Takes effect only before the first table is made, and writes to the file even when it changes nothing.
                connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
            }
            connection.execute_batch(WRITING)
        })?;
        let found: i64 = self.try_to(|connection| {
            connection.query_row("PRAGMA user_version", [], |row| row.get(0))
        })?;
        let known = known_version();
        if found > known {
            return Err(StoreError::TooNew { path: self.path.clone(), found, known });
        }
        if found < known {
            self.migrate(found)?;
        }
        self.try_to(|connection| connection.execute_batch("PRAGMA foreign_keys = ON"))
    }

    /// Brings the schema up to date, a version at a time. A table that others refer to cannot be made anew while foreign keys hold: so they are off,
    /// and checked before each version counts.
    fn migrate(&mut self, found: i64) -> Result<(), StoreError> {
        self.try_to(|connection| connection.execute_batch("PRAGMA foreign_keys = OFF"))?;
        for (version, migration) in
            (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found)
        {
            let orphan: Option<String> = self.try_to(|connection| {
                let transaction = connection.transaction()?;
                transaction.execute_batch(migration)?;
                transaction.pragma_update(None, "user_version", version)?;
                let orphan = check::orphan(&transaction)?;
                if orphan.is_none() {
                    transaction.commit()?;
                }
                Ok(orphan)
            })?;
            if let Some(found) = orphan {
                return Err(StoreError::Damaged { path: self.path.clone(), found });
            }
        }
        Ok(())
    }

    /// Runs something on the database, and names the file when it fails.
    fn try_to<T>(
        &mut self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        act(&mut self.connection).map_err(|source| failed(&self.path, source))
    }

    /// The same for what people did: it is on the disk before anybody is told that it was done. Observations come again, decisions do not.
    fn try_for_good<T>(
        &mut self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.try_to(|connection| {
            connection.execute_batch("PRAGMA synchronous = FULL")?;
            let done = act(connection);
            connection.execute_batch("PRAGMA synchronous = NORMAL")?;
            done
        })
    }
}

fn known_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Schema versions, oldest first: version n is the n-th of them.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
    include_str!("schema/0005.sql"),
    include_str!("schema/0006.sql"),
    include_str!("schema/0007.sql"),
    include_str!("schema/0008.sql"),
    include_str!("schema/0009.sql"),
    include_str!("schema/0010.sql"),
];
/// Name of the database in its directory.
const FILE: &str = "nameplate.db";
/// How the file is used by one that writes. What is sorted stays in memory: files outside the store are closed to a sensor, and what a plant
/// says of itself does not belong into the folder for temporary files.
const WRITING: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;";
/// The same for one that does not.
const READING: &str =
    "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
    PRAGMA mmap_size = 0; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;";
/// Statements that are kept prepared: all that a batch of a sensor needs.
const STATEMENTS: usize = 64;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;
