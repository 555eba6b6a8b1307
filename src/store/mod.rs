//! Edge: SQLite. One file, one writer.
//!
//! Observations are kept as they were said; from them the ledger works everything else out again. Assets, claims
//! and findings are kept beside them for people and tools that read the file.

mod conversations;
mod decisions;
mod handling;
mod library;
mod marks;
mod reader;
mod sites;
mod watch;
mod writer;

use std::path::{Path, PathBuf};

use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};
use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use conversations::Heard;
pub use handling::Entered;
pub use library::{Put, Rollback};
pub use marks::{KeptVerdict, Matching, Trigger};
pub use reader::Restored;
pub use watch::{State, Watch};

/// Why the store could not be used. Each says what was being done, to what, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory cannot be made.
    #[error(
        "cannot make the store directory {path}: {source}; name a directory that you may write to"
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no store.
    #[error("there is no store in {path}; `nameplate scan CAPTURE --store {path}` makes one")]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// SQLite found damage.
    #[error(
        "the store {path} is damaged ({found}); keep a copy of it, and scan the captures into a new one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        found: String,
    },
    /// The file was written by a later version of the program.
    #[error(
        "the store {path} has schema version {found}, this program knows up to {known}; use a newer nameplate"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// The disk is full, or what this process may write is used up: the store is as it was.
    #[error("cannot use the store {path}: {source}; make room on its disk, and try again")]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("cannot use the store {path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
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

    fn connect(dir: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let failed = |source| failed(&path, source);
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        let mut store = Self { connection, path };
        store.prepare()?;
        Ok(store)
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        let damaged = |found: String| StoreError::Damaged { path: self.path.clone(), found };
        match self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        {
            Ok(answer) if answer == "ok" => {}
            Ok(answer) => return Err(damaged(answer)),
            // A check that cannot be made, on a full disk for one, has found no damage.
            Err(source) if is_damage(&source) => return Err(damaged(source.to_string())),
            Err(source) => return Err(failed(&self.path, source)),
        }
        self.try_to(|connection| {
            let is_new =
                connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))? == 0;
            if is_new {
                // Takes effect only before the first table is made, and writes to the file even when it changes nothing.
                connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
            }
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
                 PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
                 PRAGMA mmap_size = 0; PRAGMA busy_timeout = 5000;",
            )
        })?;
        let found: i64 = self.try_to(|connection| {
            connection.query_row("PRAGMA user_version", [], |row| row.get(0))
        })?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        if found > known {
            return Err(StoreError::TooNew { path: self.path.clone(), found, known });
        }
        for (version, migration) in
            (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found)
        {
            self.try_to(|connection| {
                let transaction = connection.transaction()?;
                transaction.execute_batch(migration)?;
                transaction.pragma_update(None, "user_version", version)?;
                transaction.commit()
            })?;
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
}

fn failed(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let code = source.sqlite_error().map(|error| (error.code, error.extended_code));
    match code {
        Some((ErrorCode::DiskFull, _) | (_, SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE)) => {
            StoreError::Full { path, source }
        }
        _ => StoreError::Sqlite { path, source },
    }
}

fn is_damage(source: &rusqlite::Error) -> bool {
    let code = source.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
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
];
/// Name of the database in its directory.
const FILE: &str = "nameplate.db";

#[cfg(test)]
mod tests;
