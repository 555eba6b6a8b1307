//! What people did about findings and patches, and the lists of patches that they imported: put in, and given back.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::handling::PATCH_COLUMNS;
use crate::model::{
    Anchor, Choice, Diary, Justification, Listed, Matter, Measure, PatchList, PatchState, Record,
    Sites, Subject, Substance, Then, Timestamp,
};
use crate::store::reader::subject;
use crate::store::sites::{self, Numbers};
use crate::store::writer::{signed, subject_id};
use crate::store::{Store, StoreError};

/// What is to be written into the diary; the store gives it its number.
#[derive(Clone, Debug)]
pub struct Entered {
    /// What was done.
    pub measure: Measure,
    /// What it was done about.
    pub matter: Option<Matter>,
    /// How that stood.
    pub then: Then,
}

impl Store {
    /// Everything that people did about findings and patches, and how many rows this version of the program cannot read.
    pub fn diary(&mut self) -> Result<(Diary, u64), StoreError> {
        self.try_to(|connection| {
            let (_, numbers) = sites::known(connection)?;
            let mut records = Vec::new();
            let mut passed_over = 0_u64;
            let mut statement = connection.prepare("SELECT * FROM handlings ORDER BY number")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match record(connection, &numbers, row)? {
                    Some(record) => records.push(record),
                    None => passed_over = passed_over.saturating_add(1),
                }
            }
            Ok((Diary::new(records), passed_over))
        })
    }

    /// Keeps what a person did, all of it or nothing, and gives each of it the next free number. They are told in order.
    /// Sites go by their numbers in `sites`.
    pub fn handle(
        &mut self,
        sites: &Sites,
        deeds: &[Entered],
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Vec<u64>, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let sites = sites::add(&transaction, sites)?;
            let numbers = deeds.iter().map(|deed| add(&transaction, &sites, deed, (by, why, at)));
            let numbers = numbers.collect::<rusqlite::Result<Vec<u64>>>()?;
            transaction.commit()?;
            Ok(numbers)
        })
    }

    /// The lists of patches, in order of number, and what they say, in order of list and row.
    pub fn patch_lists(&mut self) -> Result<(Vec<PatchList>, Vec<Listed>), StoreError> {
        self.try_to(|connection| {
            let mut lists = connection.prepare("SELECT * FROM patch_lists ORDER BY number")?;
            let lists = lists.query_map([], list)?.collect::<rusqlite::Result<_>>()?;
            let mut rows = connection.prepare("SELECT * FROM patch_rows ORDER BY list, row")?;
            let rows = rows.query_map([], listed)?.collect::<rusqlite::Result<_>>()?;
            Ok((lists, rows))
        })
    }

    /// Keeps a list of patches with its rows, and tells its number; `None` when the same file is there already, and
    /// nothing changes. The numbers in `list` and `rows` are not looked at.
    pub fn add_patch_list(
        &mut self,
        list: &PatchList,
        rows: &[Listed],
    ) -> Result<Option<u64>, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let PatchList { name, sha256, by, why, at, .. } = list;
            let number = transaction
                .query_row(ADD_LIST, params![name, sha256, by, why, at.0], |row| {
                    row.get::<_, i64>(0)
                })
                .optional()?;
            let Some(number) = number else { return Ok(None) };
            for row in rows {
                let said: serde_json::Map<String, serde_json::Value> = PATCH_COLUMNS
                    .iter()
                    .filter(|column| **column != STATE && !row.value(column).is_empty())
                    .map(|column| ((*column).to_owned(), row.value(column).into()))
                    .collect();
                let said = serde_json::Value::Object(said).to_string();
                transaction.prepare_cached(ADD_ROW)?.execute(params![
                    number,
                    signed(row.row),
                    row.state.map(PatchState::name),
                    said
                ])?;
            }
            transaction.commit()?;
            Ok(u64::try_from(number).ok())
        })
    }
}

fn add(
    connection: &Connection,
    sites: &Numbers,
    deed: &Entered,
    (by, why, at): (&str, &str, Timestamp),
) -> rusqlite::Result<u64> {
    let Entered { measure, matter, then } = deed;
    let (mut choice, mut due, mut expires) = (None, None, None);
    let (mut from, mut to, mut seen, mut automatic, mut undoes) = (None, None, false, None, None);
    let word = match measure {
        Measure::Decided { choice: chosen, due: until, expires: end } => {
            (choice, due, expires) = (Some(*chosen), *until, *end);
            DECIDE
        }
        Measure::Moved { from: before, to: after, observed } => {
            (from, to, seen) = (*before, Some(*after), *observed);
            MOVE
        }
        Measure::Automatic(is_on) => {
            automatic = Some(*is_on);
            AUTOMATIC
        }
        Measure::Undid(number) => {
            undoes = Some(signed(*number));
            UNDO
        }
    };
    let justification = match choice {
        Some(Choice::NotApplicable(justification)) => Some(justification.name()),
        _ => None,
    };
    // What is decided was seen in the store: its site has a number there.
    let subject = matter.as_ref().map(|matter| {
        let part = Subject { node: matter.anchor.node, unit: matter.unit.clone() };
        subject_id(connection, sites, &part)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
    });
    let subject = subject.transpose()?;
    let array = |texts: &[Box<str>]| serde_json::json!(texts).to_string();
    connection.prepare_cached(ADD_HANDLING)?.execute(params![
        word,
        subject,
        matter.as_ref().map(|matter| matter.anchor.at.0),
        matter.as_ref().map(|matter| &matter.advisory),
        matter.as_ref().map(|matter| array(&matter.cves)),
        choice.map(Choice::name),
        justification,
        due.map(|due| due.0),
        expires.map(|expires| expires.0),
        from.map(PatchState::name),
        to.map(PatchState::name),
        seen,
        automatic,
        undoes,
        matter.as_ref().map(|_| &then.verdict),
        then.version,
        then.serial,
        then.model,
        matter.as_ref().map(|_| then.substance.0),
        matter.as_ref().map(|_| array(&then.fixed_in)),
        then.evidence,
        matter.as_ref().map(|_| then.seen.0),
        by,
        why,
        at.0
    ])?;
    Ok(u64::try_from(connection.last_insert_rowid()).unwrap_or(0))
}

/// `None` for a row of a later version of the program, and for a damaged one.
fn record(
    connection: &Connection,
    sites: &Numbers,
    row: &Row<'_>,
) -> rusqlite::Result<Option<Record>> {
    let Some(measure) = measure(row)? else { return Ok(None) };
    let (mut matter, mut then) = (None, Then::default());
    if let Some(id) = row.get::<_, Option<i64>>("subject")? {
        let mut statement = connection.prepare_cached("SELECT * FROM subjects WHERE id = ?1")?;
        let subject = statement.query_row([id], |row| subject(row, sites))?;
        let cves = array(row, "cves")?.filter(|cves| !cves.is_empty());
        let advisory: Option<String> = row.get("advisory")?;
        let at: Option<i64> = row.get("subject_ns")?;
        let (Some(subject), Some(cves), Some(advisory), Some(at)) = (subject, cves, advisory, at)
        else {
            return Ok(None);
        };
        let Subject { node, unit } = subject;
        let anchor = Anchor { node, at: Timestamp(at) };
        matter = Some(Matter { anchor, unit, advisory: advisory.into(), cves });
        then = self::then(row)?;
    } else if matches!(measure, Measure::Decided { .. } | Measure::Moved { .. }) {
        return Ok(None);
    }
    let Ok(number) = u64::try_from(row.get::<_, i64>("number")?) else { return Ok(None) };
    let (by, why) = (text(row, "by")?.unwrap_or_default(), text(row, "why")?.unwrap_or_default());
    let at = Timestamp(row.get("at_ns")?);
    Ok(Some(Record { number, measure, matter, then, by, why, at }))
}

fn measure(row: &Row<'_>) -> rusqlite::Result<Option<Measure>> {
    let time = |name: &str| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(name)?.map(Timestamp))
    };
    let state = |name: &str| -> rusqlite::Result<Option<PatchState>> {
        Ok(text(row, name)?.and_then(|name| PatchState::named(&name)))
    };
    Ok(match row.get_ref("measure")?.as_str()? {
        DECIDE => {
            let why = text(row, "justification")?.and_then(|name| Justification::named(&name));
            let choice = text(row, "choice")?.and_then(|name| Choice::named(&name, why));
            let (due, expires) = (time("due_ns")?, time("expires_ns")?);
            choice.map(|choice| Measure::Decided { choice, due, expires })
        }
        MOVE => {
            let (from, observed) = (state("state_from")?, row.get("observed")?);
            state("state_to")?.map(|to| Measure::Moved { from, to, observed })
        }
        AUTOMATIC => row.get::<_, Option<bool>>("automatic")?.map(Measure::Automatic),
        UNDO => {
            let number = row.get::<_, Option<i64>>("undoes")?;
            number.and_then(|number| u64::try_from(number).ok()).map(Measure::Undid)
        }
        _ => None,
    })
}

fn then(row: &Row<'_>) -> rusqlite::Result<Then> {
    Ok(Then {
        verdict: text(row, "verdict")?.unwrap_or_default(),
        version: text(row, "version")?,
        serial: text(row, "serial")?,
        model: text(row, "model")?,
        substance: Substance(row.get::<_, Option<[u8; 32]>>("substance")?.unwrap_or_default()),
        fixed_in: array(row, "fixed_in")?.unwrap_or_default(),
        evidence: text(row, "evidence")?,
        seen: Timestamp(row.get::<_, Option<i64>>("seen_ns")?.unwrap_or_default()),
    })
}

fn text(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<Box<str>>> {
    Ok(row.get::<_, Option<String>>(name)?.map(Into::into))
}

/// `None` when it is no array of texts.
fn array(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<Vec<Box<str>>>> {
    Ok(row.get::<_, Option<String>>(name)?.and_then(|json| serde_json::from_str(&json).ok()))
}

fn list(row: &Row<'_>) -> rusqlite::Result<PatchList> {
    Ok(PatchList {
        number: u64::try_from(row.get::<_, i64>("number")?).unwrap_or(0),
        name: text(row, "name")?.unwrap_or_default(),
        sha256: text(row, "sha256")?.unwrap_or_default(),
        by: text(row, "by")?.unwrap_or_default(),
        why: text(row, "why")?.unwrap_or_default(),
        at: Timestamp(row.get("at_ns")?),
    })
}

/// Columns of a later version of the program are passed over.
fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let mut listed = Listed {
        list: u64::try_from(row.get::<_, i64>("list")?).unwrap_or(0),
        row: u64::try_from(row.get::<_, i64>("row")?).unwrap_or(0),
        state: text(row, STATE)?.and_then(|name| PatchState::named(&name)),
        ..Listed::default()
    };
    let said: String = row.get("said")?;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
    for (column, value) in said.as_object().into_iter().flatten() {
        if let Some(value) = value.as_str() {
            listed.put(column, value);
        }
    }
    Ok(listed)
}

const DECIDE: &str = "decide";
const MOVE: &str = "state";
const AUTOMATIC: &str = "automatic";
const UNDO: &str = "undo";
const STATE: &str = "state";
const ADD_HANDLING: &str = "INSERT INTO handlings (number, measure, subject, subject_ns, advisory, cves, choice, \
    justification, due_ns, expires_ns, state_from, state_to, observed, automatic, undoes, verdict, version, serial, \
    model, substance, fixed_in, evidence, seen_ns, by, why, at_ns)
    VALUES ((SELECT coalesce(max(number), 0) + 1 FROM handlings), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
    ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)";
const ADD_LIST: &str = "INSERT INTO patch_lists (number, name, sha256, by, why, at_ns)
    VALUES ((SELECT coalesce(max(number), 0) + 1 FROM patch_lists), ?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (sha256) DO NOTHING RETURNING number";
const ADD_ROW: &str = "INSERT INTO patch_rows (list, row, state, said) VALUES (?1, ?2, ?3, ?4)";
