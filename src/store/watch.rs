//! Whether a store was changed by somebody else, without reading what is in it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::store::error::failed;
use crate::store::{FILE, StoreError};

/// A look at a store now and then.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    open: Option<(Connection, Place)>,
}

/// Which file it is, whatever its name: a store that was restored from a copy is another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    device: u64,
    inode: u64,
}

/// A state of a store: another one when anything in it can be different.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct State {
    place: (u64, u64),
    /// What SQLite counts commits of others by, on one connection.
    version: i64,
}

impl State {
    /// True when both are of one file, and not of one that was put in its place.
    pub fn is_of_same_file(self, other: Self) -> bool {
        self.place == other.place
    }
}

impl Watch {
    /// Watches the store in a directory.
    pub fn new(dir: &Path) -> Self {
        Self { path: dir.join(FILE), open: None }
    }

    /// The state of the store now.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be read.
    pub fn state(&mut self) -> Result<State, StoreError> {
        let missing =
            |_| StoreError::Missing { path: self.path.parent().unwrap_or(&self.path).to_owned() };
        let there = std::fs::metadata(&self.path).map_err(missing)?;
        let place = Place { device: there.dev(), inode: there.ino() };
        let kept = self.open.take().filter(|(_, of)| *of == place);
        let (connection, _) = match kept {
            Some(kept) => self.open.insert(kept),
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags);
                let connection = connection.map_err(|source| failed(&self.path, source))?;
                self.open.insert((connection, place))
            }
        };
        let version = connection.query_row("PRAGMA data_version", [], |row| row.get(0));
        match version {
            Ok(version) => Ok(State { place: (place.device, place.inode), version }),
            Err(source) => {
                self.open = None;
                Err(failed(&self.path, source))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Run;
    use crate::store::Store;

    #[test]
    fn another_state_is_seen_when_somebody_writes_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(dir.path());
        assert!(matches!(watch.state(), Err(StoreError::Missing { .. })));
        let mut store = Store::create(dir.path()).unwrap();
        let before = watch.state().unwrap();
        assert_eq!(watch.state().unwrap(), before);
        store.add_run(&Run::default()).unwrap();
        let after = watch.state().unwrap();
        assert!(after != before && after.is_of_same_file(before));
        assert_eq!(watch.state().unwrap(), after);
    }

    #[test]
    fn a_store_put_in_the_place_of_another_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        drop(Store::create(dir.path()).unwrap());
        drop(Store::create(other.path()).unwrap());
        let mut watch = Watch::new(dir.path());
        let before = watch.state().unwrap();
        std::fs::rename(other.path().join(FILE), dir.path().join(FILE)).unwrap();
        let after = watch.state().unwrap();
        assert!(after != before && !after.is_of_same_file(before));
    }
}
