//! The log of changes that stands beside the file (SQLite's "WAL"): how large it is, when it is written into the file, whether it is whole.
//!
//! Its format is that of section 4 of <https://www.sqlite.org/fileformat2.html>.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::{Store, StoreError};

impl Store {
    /// Bytes of the log.
    pub(super) fn log_bytes(&self) -> u64 {
        bytes_of(&log_path(&self.path))
    }

    /// Writes the log into the file and cuts it, when it is past that size. False when it is and somebody reads what it holds: then it goes on
    /// growing until that ends, and this is to be tried again.
    pub(super) fn tend_log(&mut self, bytes_max: u64) -> Result<bool, StoreError> {
        if self.log_bytes() <= bytes_max {
            return Ok(true);
        }
        self.try_to(cut)
    }

    /// Writes what nobody reads any more of the log into the file, without waiting for anybody. The disk has it then.
    pub(super) fn sync_log(&mut self) -> Result<(), StoreError> {
        self.try_to(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        })
    }

    /// Writes the log into the file, whatever its size.
    pub(super) fn settle_log(&mut self) -> Result<bool, StoreError> {
        self.try_to(cut)
    }
}

fn cut(connection: &mut Connection) -> rusqlite::Result<bool> {
    // Whoever writes must not wait for whoever reads.
    connection.execute_batch("PRAGMA busy_timeout = 50")?;
    let busy =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.execute_batch("PRAGMA busy_timeout = 5000")?;
    Ok(busy? == 0)
}

/// Where the log of a database is.
pub(super) fn log_path(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

/// Where its index is.
pub(super) fn index_path(database: &Path) -> PathBuf {
    beside(database, "-shm")
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |known| known.len())
}

/// True when a log holds changes that were committed, behind a place that is damaged: SQLite reads it up to there, and says nothing. A log that
/// merely ends in the middle of something is what a stop without notice leaves, and whole as far as anything was promised.
pub(super) fn is_damaged(path: &Path) -> std::io::Result<bool> {
    if bytes_of(path) > LOG_READ_BYTES_MAX {
        return Ok(false);
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(source),
    };
    Ok(is_cut_by_damage(&bytes))
}

fn is_cut_by_damage(log: &[u8]) -> bool {
    let Some((header, mut rest)) = log.split_at_checked(HEADER_BYTES) else { return false };
    if header.iter().all(|byte| *byte == 0) {
        return false;
    }
    let word = |bytes: &[u8], at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?))
    };
    let order = match word(header, 0) {
        Some(MAGIC_LITTLE) => u32::from_le_bytes,
        Some(MAGIC_BIG) => u32::from_be_bytes,
        // Nothing behind such a header is read.
        _ => return true,
    };
    let mut sum = summed([0, 0], header.get(..24).unwrap_or_default(), order);
    if [word(header, 24), word(header, 28)] != sum.map(Some) {
        return true;
    }
    let salt = header.get(16..24);
    let page = word(header, 8).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    let Some(length) = page.checked_add(FRAME_HEADER_BYTES).filter(|_| page >= 512) else {
        return true;
    };
    let mut is_sound = true;
    while let Some((frame, behind)) = rest.split_at_checked(length) {
        rest = behind;
        // What an earlier turn of the log left has another salt.
        if frame.get(8..16) != salt {
            return false;
        }
        if is_sound {
            sum = summed(sum, frame.get(..8).unwrap_or_default(), order);
            sum = summed(sum, frame.get(FRAME_HEADER_BYTES..).unwrap_or_default(), order);
            is_sound = [word(frame, 16), word(frame, 20)] == sum.map(Some);
        }
        let is_commit = word(frame, 4).is_some_and(|pages| pages > 0);
        if !is_sound && is_commit {
            return true;
        }
    }
    false
}

/// The running check sum of the format, two words at a time.
fn summed(mut sum: [u32; 2], bytes: &[u8], order: fn([u8; 4]) -> u32) -> [u32; 2] {
    let (words, _) = bytes.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in words.iter().copied() {
        let [one, other] = sum;
        let one = one.wrapping_add(order([a, b, c, d])).wrapping_add(other);
        let other = other.wrapping_add(order([e, f, g, h])).wrapping_add(one);
        sum = [one, other];
    }
    sum
}

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The check sums read words with the least significant byte first, or last.
const MAGIC_LITTLE: u32 = 0x377f_0682;
const MAGIC_BIG: u32 = 0x377f_0683;
/// A log past that is not read through at the start.
const LOG_READ_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;

    /// A log of several commits, as SQLite writes it.
    fn log() -> (tempfile::TempDir, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
            .unwrap();
        let bytes = std::fs::read(log_path(&path)).unwrap();
        (dir, bytes)
    }

    #[test]
    fn a_log_is_whole_however_it_ends() {
        let (_dir, bytes) = log();
        assert!(bytes.len() > 3 * 4_096);
        for end in (0..bytes.len()).step_by(97) {
            assert!(!is_cut_by_damage(&bytes[..end]), "{end}");
        }
        assert!(!is_cut_by_damage(&[0; 500]));
    }

    #[test]
    fn a_commit_behind_damage_is_missed() {
        let (_dir, bytes) = log();
        for at in [0, 9, 20, 30, 32 + 17, 32 + 24 + 100] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(is_cut_by_damage(&damaged), "{at}");
        }
    }
}
