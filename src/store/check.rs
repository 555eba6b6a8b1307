//! Whether the file is what it should be.

use std::time::Instant;

use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::model::limits::STORE_CHECK_TIME_MAX;
use crate::store::error::is_damage;
use crate::store::{Store, StoreError};

/// What a check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Check {
    /// Everything is in order.
    Sound,
    /// As far as it came in its time, everything is in order.
    Unfinished,
    /// What is wrong.
    Damaged(String),
}

impl Store {
    /// Checks every page, every index and every reference, however long that takes, and tells what is wrong; nothing when all is well.
    pub fn check(&mut self) -> Result<Vec<String>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
            let found = statement.query_map([], |row| row.get::<_, String>(0))?;
            let mut wrong = Vec::new();
            for line in found {
                match line {
                    Ok(line) if line == "ok" => {}
                    Ok(line) => wrong.push(line),
                    Err(source) if is_damage(&source) => {
                        wrong.push(source.to_string());
                        break;
                    }
                    Err(source) => return Err(source),
                }
            }
            if wrong.is_empty() {
                wrong.extend(orphan(connection)?);
            }
            Ok(wrong)
        })
    }
}

/// Checks what can be checked in the time that a sensor may take to start. Of a large store the small tables come first: what people decided is
/// in them.
pub(super) fn in_bounded_time(connection: &mut Connection) -> rusqlite::Result<Check> {
    let start = Instant::now();
    connection
        .progress_handler(OPERATIONS, Some(move || start.elapsed() > STORE_CHECK_TIME_MAX))?;
    let checked = by_table(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    match checked {
        Err(source) if is_damage(&source) => Ok(Check::Damaged(source.to_string())),
        Err(source) if source.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(Check::Unfinished)
        }
        // A check that cannot be made, on a full disk for one, has found no damage.
        checked => checked,
    }
}

fn by_table(connection: &Connection) -> rusqlite::Result<Check> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages <= PAGES_CHECKED_WHOLE {
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        return Ok(if found == "ok" { Check::Sound } else { Check::Damaged(found) });
    }
    let mut tables = connection.prepare(TABLES)?;
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in tables {
        let found: String =
            connection
                .query_row("SELECT * FROM pragma_quick_check(?1)", [&table], |row| row.get(0))?;
        if found != "ok" {
            return Ok(Check::Damaged(found));
        }
    }
    Ok(Check::Sound)
}

/// A row that refers to one that is not there, in a sentence.
pub(super) fn orphan(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("PRAGMA foreign_key_check", [], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of {table} refers to one of {parent} that is not there"))
        })
        .optional()
}

/// Operations of SQLite, or pages of a check, between two looks at the clock.
const OPERATIONS: i32 = 64;
/// Pages of 4 KiB up to which the whole file is checked at once, free pages too: some 16 MiB.
const PAGES_CHECKED_WHOLE: i64 = 4_096;
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
    ORDER BY name IN ('contents', 'claims'), name IN ('notices', 'conversations'), name = 'observations', name = 'frames', name";
