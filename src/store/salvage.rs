//! Rows of a database that is damaged, or of a backup, into one that is whole: table by table, row by row.
//!
//! Rows go in with references checked: one that refers to something lost is lost too. A table is read from its beginning to the first damaged
//! place, then past it in steps that double, as far as its last row.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::model::limits::SALVAGE_JUMPS_MAX;
use crate::store::layout;
use crate::store::log::bytes_of;
use crate::store::rescue::{open_untouched, remove};

/// What came of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Salvaged {
    /// Rows that are in the new store and were not there.
    pub(super) rows: u64,
    /// Tables of which rows were lost.
    pub(super) lost: Vec<String>,
    /// The file could be read at all.
    pub(super) is_read: bool,
}

impl Salvaged {
    /// True when nothing is known to be missing.
    pub(super) fn is_whole(&self) -> bool {
        self.is_read && self.lost.is_empty()
    }
}

/// Takes over what can be read of a damaged file.
///
/// `dir` is the directory of the store: beside it stands where its tables begin.
pub(super) fn from_damaged(damaged: &Path, dir: &Path, to: &mut Connection) -> Salvaged {
    let opened = open_untouched(damaged).ok().filter(has_tables);
    if let Some(from) = opened {
        return fill(&from, to);
    }
    // The first hundred bytes of every such file are the same but for some counts: if only they are damaged, the rest is there.
    let repaired = damaged.with_extension("repaired");
    let salvaged = with_header(damaged, &repaired, to).ok().and_then(|()| {
        let is_found = || open_untouched(&repaired).ok().filter(has_tables);
        // The log belongs to what is lost.
        let from = is_found().or_else(|| {
            layout::put(&repaired, dir).ok()?;
            is_found()
        })?;
        Some(fill(&from, to))
    });
    let _ = remove(&repaired);
    let mut salvaged = salvaged.unwrap_or_default();
    salvaged.lost.push("header".to_owned());
    salvaged
}

/// Takes over all rows of one database that another has not.
pub(super) fn fill(from: &Connection, to: &mut Connection) -> Salvaged {
    let mut salvaged = Salvaged { is_read: true, ..Salvaged::default() };
    for table in TABLES {
        if !exists(from, table) {
            continue;
        }
        match copy(from, to, table) {
            Ok((rows, is_whole)) => {
                salvaged.rows = salvaged.rows.saturating_add(rows);
                if !is_whole {
                    salvaged.lost.push((*table).to_owned());
                }
            }
            Err(_) => salvaged.lost.push((*table).to_owned()),
        }
    }
    // Numbers of notices are never given twice, those of notices that were shed or lost neither.
    let last = from.query_row(LAST_NOTICE, [], |row| row.get::<_, i64>(0));
    if let Ok(last) = last {
        let _ = to.execute(NUMBER_ON, [last]);
    }
    salvaged
}

/// How many rows of a table are new, and whether all could be read and put in.
fn copy(from: &Connection, to: &mut Connection, table: &str) -> rusqlite::Result<(u64, bool)> {
    let columns = common(from, to, table)?;
    let names = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let transaction = to.transaction()?;
    let (mut rows, mut is_whole) = (0_u64, true);
    {
        let mut add = transaction
            .prepare(&format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"))?;
        let mut put = |row: Vec<Value>| match add.execute(params_from_iter(row)) {
            Ok(added) => rows = rows.saturating_add(u64::try_from(added).unwrap_or(0)),
            // It refers to what is lost, or is none that this table takes.
            Err(_) => is_whole = false,
        };
        if !read(from, table, &names, columns.len(), &mut put)? {
            is_whole = false;
        }
    }
    transaction.commit()?;
    Ok((rows, is_whole))
}

/// Reads a table as far as it can be read; true when that is to its end.
fn read(
    from: &Connection,
    table: &str,
    names: &str,
    count: usize,
    put: &mut dyn FnMut(Vec<Value>),
) -> rusqlite::Result<bool> {
    let by_row = from.prepare(&format!("SELECT rowid FROM {table} LIMIT 1"));
    if by_row.is_err() {
        // Without row numbers there is no way past a damaged place but from the other end.
        let forth = pass(from, &format!("SELECT 0, {names} FROM {table}"), 0, count, put);
        if forth.1 {
            return Ok(true);
        }
        pass(
            from,
            &format!("SELECT 0, {names} FROM {table} ORDER BY {} DESC", key(from, table)?),
            0,
            count,
            put,
        );
        return Ok(false);
    }
    let onward = format!("SELECT rowid, {names} FROM {table} WHERE rowid > ?1 ORDER BY rowid");
    let (mut last, mut is_whole) = pass(from, &onward, i64::MIN, count, put);
    if is_whole {
        return Ok(true);
    }
    let (mut step, mut jumps) = (1_i64, 0_usize);
    while !is_whole && jumps < SALVAGE_JUMPS_MAX {
        jumps = jumps.saturating_add(1);
        let start = last.max(0).saturating_add(step);
        let (reached, to_the_end) = pass(from, &onward, start, count, put);
        step = if reached > start { 1 } else { step.saturating_mul(2) };
        last = if reached > start { reached } else { last };
        is_whole = to_the_end || step > ROWS_MAX;
    }
    Ok(false)
}

/// Reads from a place on: how far it came, and whether that is the end.
fn pass(
    from: &Connection,
    select: &str,
    start: i64,
    count: usize,
    put: &mut dyn FnMut(Vec<Value>),
) -> (i64, bool) {
    let mut last = start;
    let mut walk = || -> rusqlite::Result<()> {
        let mut statement = from.prepare(select)?;
        let mut rows = match statement.parameter_count() {
            0 => statement.query([])?,
            _ => statement.query([start])?,
        };
        while let Some(row) = rows.next()? {
            let values = (1..=count).map(|at| row.get::<_, Value>(at));
            // Text that is none is not taken for some.
            if let Ok(values) = values.collect::<rusqlite::Result<Vec<Value>>>() {
                put(values);
            }
            last = row.get(0)?;
        }
        Ok(())
    };
    let is_end = walk().is_ok();
    (last, is_end)
}

fn exists(connection: &Connection, table: &str) -> bool {
    connection.prepare(&format!("SELECT 1 FROM {table} LIMIT 1")).is_ok()
}

fn has_tables(connection: &Connection) -> bool {
    exists(connection, "captures") || exists(connection, "subjects")
}

/// Columns that both have.
fn common(from: &Connection, to: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let columns = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
        let statement = connection.prepare(&format!("SELECT * FROM {table} LIMIT 0"))?;
        Ok(statement.column_names().map(str::to_owned).collect())
    };
    let known = columns(to)?;
    Ok(columns(from)?.into_iter().filter(|column| known.contains(column)).collect())
}

/// The columns of the primary key, in order.
fn key(connection: &Connection, table: &str) -> rusqlite::Result<String> {
    let mut columns =
        connection.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    let columns: Vec<String> =
        columns.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(columns.join(" DESC, "))
}

/// A copy of a file with the header of a sound one, its counts set to what the file is.
fn with_header(damaged: &Path, repaired: &Path, sound: &Connection) -> std::io::Result<()> {
    remove(repaired).map_err(std::io::Error::other)?;
    // Pages have the same size in every store; a new one has a page at least.
    let path = sound.path().map(Path::new).unwrap_or(repaired);
    sound
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(std::io::Error::other)?;
    let header = std::fs::read(path)?;
    let mut header = header.get(..HEADER_BYTES).unwrap_or_default().to_vec();
    let pages = u32::try_from(bytes_of(damaged) / PAGE_BYTES).unwrap_or(u32::MAX);
    let counter = header.get(24..28).unwrap_or_default().to_vec();
    for (at, bytes) in [(28, pages.to_be_bytes().as_slice()), (32, &[0; 8]), (92, &counter)] {
        let field = header.get_mut(at..).and_then(|rest| rest.get_mut(..bytes.len()));
        field.ok_or(std::io::ErrorKind::UnexpectedEof)?.copy_from_slice(bytes);
    }
    std::fs::copy(damaged, repaired)?;
    let mut file = OpenOptions::new().write(true).open(repaired)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header)
}

/// All tables, each behind those that it refers to, the largest last.
pub(super) const TABLES: &[&str] = &[
    "sites",
    "captures",
    "subjects",
    "sessions",
    "decisions",
    "imports",
    "handlings",
    "patch_lists",
    "patch_rows",
    "marks",
    "matchings",
    "contents",
    "bundles",
    "bundle_turns",
    "holdings",
    "runs",
    "upkeep",
    "habits",
    "frames_let_go",
    "baselines",
    "baseline_talks",
    "sightings",
    "assets",
    "claims",
    "findings",
    "conversation_scans",
    "observations",
    "conversations",
    "notices",
    "frames",
];
const LAST_NOTICE: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'notices'";
const NUMBER_ON: &str = "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'notices'";
const HEADER_BYTES: usize = 100;
const PAGE_BYTES: u64 = 4_096;
/// More rows than any table has.
const ROWS_MAX: i64 = 1 << 40;
