//! Why the store could not be used.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};

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
        "the store {path} is damaged ({found}); keep a copy of it, and scan the captures into a new one or put a backup back with `nameplate store restore`"
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
    /// The file was written by an earlier version of the program, and whoever only reads cannot bring it up to date.
    #[error(
        "the store {path} has schema version {found}, this program reads {known}; any verb that may write to it, as `nameplate store check`, brings it up to date"
    )]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// The version that is read.
        known: i64,
    },
    /// A sensor writes to it, and only one may.
    #[error(
        "another sensor or a repair is at work in {path}; stop it first, or name another directory: two must never write one store"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The disk is full, or what this process or the store may have is used up: the store is as it was.
    #[error("cannot use the store {path}: {source}; make room on its disk, and try again")]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// It may not be written to: the store is as it was.
    #[error(
        "cannot write to the store {path}: {source}; give this user the right to write there, or mount its disk for writing"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Another program has been writing for too long: the store is as it was.
    #[error("cannot use the store {path}: another program is writing to it; try again")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file beside the database failed: a backup, a reserve, what is set aside.
    #[error("cannot {doing} {path}: {source}; check the place and the rights there")]
    File {
        /// What was being done, as `copy`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A backup cannot be what it is asked for.
    #[error("{path} {why}")]
    Backup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
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

impl StoreError {
    /// True when nothing could be written for want of room: it may go well later, and with less.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }

    /// A file beside the database that failed.
    pub(super) fn file(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                let source = rusqlite::Error::ToSqlConversionFailure(source.into());
                Self::Full { path, source }
            }
            _ => Self::File { doing, path, source },
        }
    }
}

/// What went wrong, by what SQLite says.
pub(super) fn failed(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let code = source.sqlite_error().map(|error| (error.code, error.extended_code));
    match code {
        Some((ErrorCode::DiskFull, _) | (_, SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE)) => {
            StoreError::Full { path, source }
        }
        Some((ErrorCode::ReadOnly, _)) => StoreError::ReadOnly { path, source },
        Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => StoreError::Busy { path },
        _ if is_damage(&source) => StoreError::Damaged { path, found: source.to_string() },
        _ => StoreError::Sqlite { path, source },
    }
}

/// True when SQLite says that the file is not what it should be.
pub(super) fn is_damage(source: &rusqlite::Error) -> bool {
    let code = source.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
