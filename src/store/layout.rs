//! Where the tables of a store begin, kept beside it.
//!
//! SQLite keeps that in the first pages of the file: when one of them is damaged no table can be found any more, although all others are whole. With a
//! copy of it they can. Pages and their headers are those of section 1.6 of <https://www.sqlite.org/fileformat2.html>.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};
use serde::{Deserialize, Serialize};

use crate::store::log::bytes_of;

/// A table or an index, as the file itself lists it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Entry {
    kind: String,
    name: String,
    table: String,
    root: i64,
    sql: Option<String>,
}

/// Keeps the layout of a sound store in its directory. Best effort: it is needed on no day but one.
pub(super) fn keep(connection: &Connection, dir: &Path) {
    let Ok(entries) = entries(connection) else { return };
    let Ok(text) = serde_json::to_vec(&entries) else { return };
    let (path, part) = (dir.join(LAYOUT), dir.join(PART));
    if std::fs::read(&path).is_ok_and(|known| known == text) {
        return;
    }
    let written = std::fs::write(&part, &text).and_then(|()| std::fs::rename(&part, &path));
    if written.is_err() {
        // On a full disk half of it would be in the way.
        drop(std::fs::remove_file(&part));
    }
}

/// Writes into a copy of a damaged file where its tables begin. The first page is made anew for it; its header of 100 bytes must be sound.
pub(super) fn put(repaired: &Path, dir: &Path) -> std::io::Result<()> {
    let text = std::fs::read(dir.join(LAYOUT))?;
    let entries: Vec<Entry> = serde_json::from_slice(&text)?;
    let file = OpenOptions::new().write(true).open(repaired)?;
    file.write_all_at(EMPTY_LEAF, HEADER_BYTES)?;
    let pages = u32::try_from(bytes_of(repaired) / PAGE_BYTES).unwrap_or(u32::MAX);
    file.write_all_at(&pages.to_be_bytes(), PAGES_AT)?;
    // No free page is used again: which they are may be what is damaged.
    file.write_all_at(&[0; 8], FREE_PAGES_AT)?;
    drop(file);
    insert(repaired, &entries).map_err(std::io::Error::other)
}

fn entries(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare(ENTRIES)?;
    let rows = statement.query_map([], |row| {
        Ok(Entry {
            kind: row.get(0)?,
            name: row.get(1)?,
            table: row.get(2)?,
            root: row.get(3)?,
            sql: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn insert(path: &Path, entries: &[Entry]) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA writable_schema = ON")?;
    let mut add = connection.prepare(ADD)?;
    for Entry { kind, name, table, root, sql } in entries {
        add.execute(params![kind, name, table, root, sql])?;
    }
    Ok(())
}

const ENTRIES: &str =
    "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid";
const ADD: &str =
    "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, ?4, ?5)";
const LAYOUT: &str = "layout";
const PART: &str = "layout.part";
const PAGE_BYTES: u64 = 4_096;
const HEADER_BYTES: u64 = 100;
const PAGES_AT: u64 = 28;
const FREE_PAGES_AT: u64 = 32;
/// A leaf of a table without rows: its kind, no free block, no cell, content that begins at the end of the page, no fragments.
const EMPTY_LEAF: &[u8] = &[0x0d, 0, 0, 0, 0, 0x10, 0, 0];
