//! Facts that were said again. A sensor that starts anew hears everything anew: what a device has said a hundred times is known by the first and the
//! last time, and by what it said between them that was something else.
//!
//! Facts of one frame belong together: rules see all of them or none. So they go together, when none of them is needed.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::model::limits::{SHED_ROWS_PER_SUBJECT_MAX, VALUES_PER_KEY_MAX};
use crate::model::{Key, Values};
use crate::store::retention::Retention;
use crate::store::{Store, StoreError};

/// A row, as far as it decides whether it is needed.
struct Said {
    id: i64,
    key: Option<Key>,
    /// The name of the key, and what was said by whom.
    what: (String, Vec<u8>),
    at: i64,
    /// Capture and frame.
    frame: (i64, i64),
    is_of_session: bool,
}

impl Store {
    /// Removes facts that were said again, of the next subjects: those before a time, or all. How many.
    pub(super) fn repeats(
        &mut self,
        before: Option<i64>,
        retention: &Retention<'_>,
        most: usize,
    ) -> Result<usize, StoreError> {
        let mut gone = 0_usize;
        let mut looked_at = 0_usize;
        while looked_at < most && gone < most {
            let from = self.keeping.subject;
            let step = self.try_to(|connection| {
                let next: Option<i64> = connection
                    .prepare_cached("SELECT min(id) FROM subjects WHERE id > ?1")?
                    .query_row([from], |row| row.get(0))?;
                let Some(subject) = next else { return Ok(None) };
                let said = said(connection, subject, retention)?;
                let ids = not_needed(&said, before);
                let transaction = connection.transaction()?;
                for id in &ids {
                    transaction
                        .prepare_cached("DELETE FROM observations WHERE id = ?1")?
                        .execute([id])?;
                }
                transaction.commit()?;
                Ok(Some((subject, said.len(), ids.len())))
            })?;
            let Some((subject, seen, removed)) = step else {
                self.keeping.subject = 0;
                break;
            };
            self.keeping.subject = subject;
            looked_at = looked_at.saturating_add(seen).saturating_add(1);
            gone = gone.saturating_add(removed);
        }
        Ok(gone)
    }
}

/// What was said of a subject, in the order in which it counts.
fn said(
    connection: &Connection,
    subject: i64,
    retention: &Retention<'_>,
) -> rusqlite::Result<Vec<Said>> {
    let most = i64::try_from(SHED_ROWS_PER_SUBJECT_MAX).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(SAID)?;
    let rows = statement.query_map(params![subject, most], |row| {
        let name: String = row.get(1)?;
        let mut value = match row.get::<_, Value>(2)? {
            Value::Text(text) => text.into_bytes(),
            Value::Blob(bytes) => bytes,
            Value::Integer(number) => number.to_be_bytes().to_vec(),
            Value::Real(_) | Value::Null => Vec::new(),
        };
        value.push(0);
        value.extend(row.get::<_, Option<Vec<u8>>>(3)?.unwrap_or_default());
        Ok(Said {
            id: row.get(0)?,
            key: (retention.key_named)(&name),
            what: (name, value),
            at: row.get(4)?,
            frame: (row.get(5)?, row.get(6)?),
            is_of_session: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// The rows that nothing is lost with.
fn not_needed(said: &[Said], before: Option<i64>) -> Vec<i64> {
    let mut by_key: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
    for one in said {
        by_key.entry(&one.what.0).or_default().push(one);
    }
    let mut spare: BTreeSet<i64> = BTreeSet::new();
    for of_key in by_key.values() {
        spare.extend(spare_of_key(of_key, before));
    }
    let needed = said.iter().filter(|one| !spare.contains(&one.id) || !one.is_of_session);
    let needed: BTreeSet<(i64, i64)> = needed.map(|one| one.frame).collect();
    said.iter().filter(|one| !needed.contains(&one.frame)).map(|one| one.id).collect()
}

/// The rows of one key that are not needed for its own sake.
fn spare_of_key(said: &[&Said], before: Option<i64>) -> Vec<i64> {
    let Some(key) = said.first().and_then(|one| one.key) else { return Vec::new() };
    let is_old = |one: &Said| before.is_none_or(|before| one.at < before);
    match key.values {
        // What happened is told until it is old.
        Values::Events if before.is_none() => Vec::new(),
        Values::Several | Values::Events => {
            let mut spare = Vec::new();
            let mut ends: BTreeMap<&[u8], (usize, usize)> = BTreeMap::new();
            for (at, one) in said.iter().enumerate() {
                ends.entry(&one.what.1).or_insert((at, at)).1 = at;
            }
            for (at, one) in said.iter().enumerate() {
                let is_end = ends.get(&*one.what.1).is_some_and(|(a, b)| at == *a || at == *b);
                if !is_end && is_old(one) {
                    spare.push(one.id);
                }
            }
            spare
        }
        Values::One => {
            let mut spare: Vec<i64> = Vec::new();
            let mut changes = Vec::new();
            for (at, one) in said.iter().enumerate() {
                let is_same =
                    |other: Option<&&Said>| other.is_some_and(|other| other.what == one.what);
                let earlier = at.checked_sub(1).and_then(|at| said.get(at));
                let later = said.get(at.saturating_add(1));
                match is_same(earlier) && is_same(later) {
                    true if is_old(one) => spare.push(one.id),
                    _ => changes.push(one),
                }
            }
            // A name that flaps for years: the ledger counts the first value and the newest ones.
            let over = changes.len().saturating_sub(FLAPS_KEPT);
            spare.extend(
                changes.iter().skip(1).take(over).filter(|one| is_old(one)).map(|one| one.id),
            );
            spare
        }
    }
}

/// Twice what the ledger keeps of a key: of each change the first and the last row.
const FLAPS_KEPT: usize = VALUES_PER_KEY_MAX * 2;
const SAID: &str =
    "SELECT id, key, value, mac, at_ns, capture, frame, capture IN (SELECT capture FROM sessions)
    FROM observations WHERE subject = ?1 ORDER BY at_ns, capture, frame, id LIMIT ?2";
