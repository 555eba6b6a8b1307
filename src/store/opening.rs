//! How a sensor opens its store: alone, quickly, and with whatever an unclean stop or a broken disk left behind put right, and told.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;

use crate::model::Timestamp;
use crate::store::layout;
use crate::store::log::{self, bytes_of, log_path};
use crate::store::rescue::{self, Incident};
use crate::store::space::RESERVE;
use crate::store::{FILE, Store, StoreError, known_version};

/// A store that a sensor may write to, and what has to be told about it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Sessions that the sensor before this one did not end; they are ended now.
    pub unclean: Vec<UncleanStop>,
    /// What was found broken, and what became of it. Empty when all is well.
    pub incidents: Vec<Incident>,
    /// The check at the start came to its end; a large store takes longer than a sensor may take to start, and [`Store::check`] does.
    pub is_checked: bool,
}

/// A session that nobody ended: power, a kill, a crash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UncleanStop {
    /// The number of its capture.
    pub capture: u32,
    /// Its name.
    pub name: String,
    /// The interface.
    pub interface: String,
    /// When it began.
    pub started: Timestamp,
    /// Time of its last frame, as far as that was kept.
    pub last: Option<Timestamp>,
}

/// That nobody else writes to a directory for years. Given up when the file is closed, by the system too when a process is killed.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Store {
    /// Opens the store in a directory for a sensor, and makes both where there are none. Fails when another sensor has it.
    ///
    /// A store that is damaged is set aside in `quarantine-TIME`; what can be read of it is put into a new one, with what the newest backup in
    /// `backups` has beside it. It is never silently empty: what happened is told.
    pub fn open_for_sensor(dir: &Path, now: Timestamp) -> Result<Opened, StoreError> {
        std::fs::create_dir_all(dir)
            .map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        let mut lock = Lock::take(dir)?;
        let mut incidents = Vec::new();
        let path = dir.join(FILE);
        if bytes_of(&path) == 0 && (lock.knows_a_store()? || bytes_of(&log_path(&path)) > 0) {
            incidents.extend(rescue::rescue(dir, "the file is gone or empty".to_owned(), now)?);
        }
        let log = log_path(&path);
        if log::is_damaged(&log).map_err(StoreError::file("read", &log))? {
            incidents.push(rescue::keep_log(dir, &log, now)?);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut opened = Self::connect(dir, flags);
        if opened.as_ref().is_err_and(StoreError::is_full)
            && std::fs::remove_file(dir.join(RESERVE)).is_ok()
        {
            // The disk is full, and even to read the store a few pages have to be written beside it.
            opened = Self::connect(dir, flags);
        }
        let mut store = match opened {
            Err(StoreError::Damaged { found, .. }) => {
                incidents.extend(rescue::rescue(dir, found, now)?);
                Self::connect(dir, flags)?
            }
            opened => opened?,
        };
        lock.note_that_there_is_a_store()?;
        store.lock = Some(lock);
        // One checkpointer: the sensor itself, between batches.
        store.try_to(|connection| {
            connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))
        })?;
        layout::keep(&store.connection, dir);
        let unclean = store.end_unclean_sessions()?;
        let is_checked = store.keeping.is_checked;
        Ok(Opened { store, unclean, incidents, is_checked })
    }

    /// Opens the store in a directory for somebody who tidies up in it: no sensor may be at work.
    pub fn open_alone(dir: &Path) -> Result<Self, StoreError> {
        if !Self::is_in(dir) {
            return Err(StoreError::Missing { path: dir.to_owned() });
        }
        let lock = Lock::take(dir)?;
        let mut store = Self::connect(dir, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        store.lock = Some(lock);
        Ok(store)
    }

    /// True while a sensor, or somebody who tidies up, is at work in a directory.
    pub fn is_in_use(dir: &Path) -> bool {
        dir.join(LOCK).exists() && matches!(Lock::take(dir), Err(StoreError::InUse { .. }))
    }
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(LOCK);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::file("open", &path))?;
        own_as_directory(&path);
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: dir.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StoreError::file("lock", &path)(source)),
        }
    }

    /// True when there was a store here once, whatever became of it.
    fn knows_a_store(&mut self) -> Result<bool, StoreError> {
        let mut text = Vec::new();
        let read = self.file.rewind().and_then(|()| (&self.file).take(64).read_to_end(&mut text));
        read.map_err(StoreError::file("read", Path::new(LOCK)))?;
        Ok(!text.is_empty())
    }

    fn note_that_there_is_a_store(&mut self) -> Result<(), StoreError> {
        if self.knows_a_store()? {
            return Ok(());
        }
        let text = format!("nameplate store, schema {}\n", known_version());
        // A disk without room for a line has none for the store: that is told where it is written to.
        match self.file.write_all(text.as_bytes()) {
            Err(source) if source.kind() != std::io::ErrorKind::StorageFull => {
                Err(StoreError::file("write", Path::new(LOCK))(source))
            }
            _ => Ok(()),
        }
    }
}

/// Gives a file to whom the directory belongs: what root puts right must not lock the sensor out, which is another user.
pub(super) fn own_as_directory(path: &Path) {
    let owner = |path: &Path| std::fs::metadata(path).map(|known| (known.uid(), known.gid()));
    let Some(Ok((user, group))) = path.parent().map(owner) else { return };
    if owner(path).is_ok_and(|known| known != (user, group)) {
        // Who is not root cannot, and need not.
        let _ = std::os::unix::fs::chown(path, Some(user), Some(group));
    }
}

/// Makes a name that is not taken yet in a directory.
pub(super) fn free_name(dir: &Path, name: &str) -> PathBuf {
    let numbered = (2_u32..).map(|number| dir.join(format!("{name}.{number}")));
    let mut names = std::iter::once(dir.join(name)).chain(numbered);
    names.find(|path| !path.exists()).unwrap_or_else(|| dir.join(name))
}

/// Name of the file that is locked. It stays when nobody holds it, and says that there was a store.
const LOCK: &str = "lock";
