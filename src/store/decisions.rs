//! What people decided, and which lists they imported: put in, and given back.

use rusqlite::{Connection, Row, params};

use crate::model::decision::Book;
use crate::model::{Anchor, Deed, Entry, Field, Import, Ruling, Sites, Subject, Timestamp};
use crate::store::reader::subject;
use crate::store::sites::{self, Numbers};
use crate::store::writer::{signed, subject_id};
use crate::store::{Store, StoreError};

impl Store {
    /// Everything that people decided, in order of number, and how many rows this version of the program cannot read.
    pub fn decisions(&mut self) -> Result<(Book, u64), StoreError> {
        self.try_to(|connection| {
            let (_, numbers) = sites::known(connection)?;
            let mut entries = Vec::new();
            let mut passed_over = 0_u64;
            let mut statement = connection.prepare(DECISIONS)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match entry(connection, &numbers, row)? {
                    Some(entry) => entries.push(entry),
                    None => passed_over = passed_over.saturating_add(1),
                }
            }
            Ok((Book::new(entries), passed_over))
        })
    }

    /// Keeps what a person did, all of it or nothing, and gives each of it the next free number. They are told in order.
    /// Sites go by their numbers in `sites`.
    pub fn decide(
        &mut self,
        sites: &Sites,
        deeds: &[Deed],
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Vec<u64>, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let sites = sites::add(&transaction, sites)?;
            let numbers = deeds.iter().map(|deed| add(&transaction, &sites, deed, by, why, at));
            let numbers = numbers.collect::<rusqlite::Result<Vec<u64>>>()?;
            transaction.commit()?;
            Ok(numbers)
        })
    }

    /// The lists of devices that were imported, in order of the numbers of their files.
    pub fn imports(&mut self) -> Result<Vec<Import>, StoreError> {
        self.try_to(|connection| {
            connection.prepare(IMPORTS)?.query_map([], import)?.collect::<rusqlite::Result<_>>()
        })
    }

    /// Notes that a file is a list that was imported. What was noted before stays as it is.
    pub fn add_import(&mut self, import: &Import) -> Result<(), StoreError> {
        let Import { capture, by, why, at, as_of } = import;
        self.try_for_good(|connection| {
            connection.execute(ADD_IMPORT, params![capture, by, why, at.0, as_of.0])
        })?;
        Ok(())
    }
}

fn add(
    connection: &Connection,
    sites: &Numbers,
    deed: &Deed,
    by: &str,
    why: &str,
    at: Timestamp,
) -> rusqlite::Result<u64> {
    // What is decided was seen in the store: its site has a number there.
    let id_of = |subject: &Subject| {
        subject_id(connection, sites, subject)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
    };
    let id = |anchor: &Anchor| id_of(&Subject::node(anchor.node));
    let mut row = Columns::default();
    let word = match deed {
        Deed::Ruled(ruling @ (Ruling::Together(a, b) | Ruling::Apart(a, b))) => {
            (row.a, row.b) = (Some((id(a)?, a.at.0)), Some((id(b)?, b.at.0)));
            if matches!(ruling, Ruling::Together(..)) { TOGETHER } else { APART }
        }
        Deed::Ruled(Ruling::Set { anchor, unit, field, value }) => {
            let part = Subject { node: anchor.node, unit: unit.clone() };
            row.a = Some((id_of(&part)?, anchor.at.0));
            row.said = Some((field.name(), value));
            SET
        }
        Deed::Undid(number) => {
            row.undoes = Some(signed(*number));
            UNDO
        }
    };
    connection.prepare_cached(ADD_DECISION)?.execute(params![
        word,
        row.a.map(|(id, _)| id),
        row.a.map(|(_, at)| at),
        row.b.map(|(id, _)| id),
        row.b.map(|(_, at)| at),
        row.said.map(|(field, _)| field),
        row.said.map(|(_, value)| value),
        row.undoes,
        by,
        why,
        at.0
    ])?;
    Ok(u64::try_from(connection.last_insert_rowid()).unwrap_or(0))
}

/// What a row holds beside who, why and when.
#[derive(Default)]
struct Columns<'a> {
    /// A subject, and a time.
    a: Option<(i64, i64)>,
    b: Option<(i64, i64)>,
    /// Field and value.
    said: Option<(&'static str, &'a str)>,
    undoes: Option<i64>,
}

/// `None` for a row of a later version of the program, and for a damaged one.
fn entry(
    connection: &Connection,
    sites: &Numbers,
    row: &Row<'_>,
) -> rusqlite::Result<Option<Entry>> {
    let named = |id: &str, at: &str| -> rusqlite::Result<Option<(Subject, Timestamp)>> {
        let (Some(id), Some(at)) = (row.get::<_, Option<i64>>(id)?, row.get::<_, Option<i64>>(at)?)
        else {
            return Ok(None);
        };
        let mut statement = connection.prepare_cached("SELECT * FROM subjects WHERE id = ?1")?;
        let subject = statement.query_row([id], |row| subject(row, sites))?;
        Ok(subject.map(|subject| (subject, Timestamp(at))))
    };
    let (a, b) = (named("a", "a_ns")?, named("b", "b_ns")?);
    let anchor = |(subject, at): &(Subject, Timestamp)| Anchor { node: subject.node, at: *at };
    let pair = a.as_ref().map(anchor).zip(b.as_ref().map(anchor));
    let field = row.get::<_, Option<String>>("field")?.and_then(|name| Field::named(&name));
    let value: Option<String> = row.get("value")?;
    let undoes = row.get::<_, Option<i64>>("undoes")?.and_then(|number| u64::try_from(number).ok());
    let deed = match (row.get_ref("deed")?.as_str()?, pair, a, field.zip(value), undoes) {
        (TOGETHER, Some((a, b)), ..) => Deed::Ruled(Ruling::Together(a, b)),
        (APART, Some((a, b)), ..) => Deed::Ruled(Ruling::Apart(a, b)),
        (SET, None, Some((Subject { node, unit }, at)), Some((field, value)), _) => {
            let (anchor, value) = (Anchor { node, at }, value.into());
            Deed::Ruled(Ruling::Set { anchor, unit, field, value })
        }
        (UNDO, None, None, None, Some(number)) => Deed::Undid(number),
        _ => return Ok(None),
    };
    let Ok(number) = u64::try_from(row.get::<_, i64>("number")?) else { return Ok(None) };
    let (by, why): (String, String) = (row.get("by")?, row.get("why")?);
    let at = Timestamp(row.get("at_ns")?);
    Ok(Some(Entry { number, deed, by: by.into(), why: why.into(), at }))
}

fn import(row: &Row<'_>) -> rusqlite::Result<Import> {
    Ok(Import {
        capture: row.get("capture")?,
        by: row.get::<_, String>("by")?.into(),
        why: row.get::<_, String>("why")?.into(),
        at: Timestamp(row.get("at_ns")?),
        as_of: Timestamp(row.get("as_of_ns")?),
    })
}

const TOGETHER: &str = "together";
const APART: &str = "apart";
const SET: &str = "set";
const UNDO: &str = "undo";
const DECISIONS: &str = "SELECT * FROM decisions ORDER BY number";
const ADD_DECISION: &str =
    "INSERT INTO decisions (number, deed, a, a_ns, b, b_ns, field, value, undoes, by, why, at_ns)
    VALUES ((SELECT coalesce(max(number), 0) + 1 FROM decisions), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const IMPORTS: &str = "SELECT * FROM imports ORDER BY capture";
const ADD_IMPORT: &str =
    "INSERT INTO imports (capture, by, why, at_ns, as_of_ns) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (capture) DO NOTHING";
