//! What people say about advisories, and the runs of matching: put in, and given back.

use std::collections::BTreeMap;

use rusqlite::{Row, params};
use uuid::Uuid;

use crate::model::{Mark, Marking, Marks, Substance, Timestamp, Verdict, Why};
use crate::store::writer::signed;
use crate::store::{Store, StoreError};

/// What made devices and advisories be matched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trigger {
    /// A person asked for it.
    Manual,
    /// Something new came into the store: a capture, a list, a decision, advisories.
    Automatic,
}

impl Trigger {
    /// The word that stores and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
        }
    }
}

/// One run of matching.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Matching {
    /// Number in the store, from 1; 0 before it is there.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What made it run.
    pub trigger: Trigger,
    /// Which documents and devices were asked for; empty for all.
    pub scope: Box<str>,
    /// Version of the program.
    pub version: Box<str>,
    /// SHA-256 of the advisories, in hexadecimal.
    pub bundle: Box<str>,
    /// Where the advisories came from.
    pub origin: Box<str>,
    /// How many documents.
    pub documents: u64,
    /// How many devices.
    pub assets: u64,
    /// Verdicts afterwards: affected, cannot tell, fixed, not affected.
    pub verdicts: [u64; 4],
    /// Verdicts given for the first time.
    pub opened: u64,
    /// Verdicts that became another.
    pub changed: u64,
    /// Verdicts that are no longer given.
    pub closed: u64,
}

/// A verdict, as the store holds it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct KeptVerdict {
    /// Identifier of the finding.
    pub id: Box<str>,
    /// Identifier of the device.
    pub asset: Box<str>,
    /// The part of it; empty for the device itself.
    pub module: Box<str>,
    /// Tracking identifier of the document.
    pub advisory: Box<str>,
    /// CVE.
    pub cve: Box<str>,
    /// "affected", "cannot_tell" …
    pub verdict: Box<str>,
    /// The missing fact.
    pub reason: Option<Box<str>>,
}

impl Store {
    /// All that people said about advisories, and how many rows this version of the program cannot read.
    pub fn marks(&mut self) -> Result<(Marks, u64), StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare(MARKS)?;
            let mut rows = statement.query([])?;
            let (mut marks, mut passed_over) = (Vec::new(), 0_u64);
            while let Some(row) = rows.next()? {
                match mark(row)? {
                    Some(mark) => marks.push(mark),
                    None => passed_over = passed_over.saturating_add(1),
                }
            }
            Ok((Marks::new(marks), passed_over))
        })
    }

    /// Keeps marks, all of them or none, and gives each the next free number. They are told in order.
    pub fn mark(&mut self, marks: &[Mark]) -> Result<Vec<u64>, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let mut numbers = Vec::new();
            for mark in marks {
                transaction.prepare_cached(ADD_MARK)?.execute(params![
                    mark.document,
                    mark.revision,
                    mark.released,
                    mark.substance.0,
                    mark.marking.name(),
                    mark.text,
                    mark.by,
                    mark.at.0
                ])?;
                numbers.push(u64::try_from(transaction.last_insert_rowid()).unwrap_or(0));
            }
            transaction.commit()?;
            Ok(numbers)
        })
    }

    /// The last runs of matching, the newest first.
    pub fn matchings(&mut self, most: u64) -> Result<Vec<Matching>, StoreError> {
        self.try_to(|connection| {
            connection
                .prepare(MATCHINGS)?
                .query_map([signed(most)], matching)?
                .collect::<rusqlite::Result<_>>()
        })
    }

    /// Notes that devices and advisories were matched.
    pub fn add_matching(&mut self, run: &Matching) -> Result<u64, StoreError> {
        let [affected, cannot_tell, fixed, not_affected] = run.verdicts.map(signed);
        self.try_to(|connection| {
            connection.execute(
                ADD_MATCHING,
                params![
                    run.at.0,
                    run.trigger.name(),
                    run.scope,
                    run.version,
                    run.bundle,
                    run.origin,
                    signed(run.documents),
                    signed(run.assets),
                    affected,
                    cannot_tell,
                    fixed,
                    not_affected,
                    signed(run.opened),
                    signed(run.changed),
                    signed(run.closed)
                ],
            )?;
            Ok(u64::try_from(connection.last_insert_rowid()).unwrap_or(0))
        })
    }

    /// Who added which document by hand, and when, by the SHA-256 of its bytes.
    pub fn who_added(&mut self) -> Result<BTreeMap<String, (String, Timestamp)>, StoreError> {
        self.try_to(|connection| {
            let row = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, Timestamp(row.get(2)?))));
            connection.prepare(WHO_ADDED)?.query_map([], row)?.collect::<rusqlite::Result<_>>()
        })
    }

    /// The same as little as tells whether one changed; `None` for a verdict that this version of the program does not know.
    pub fn kept_in_brief(&mut self) -> Result<BTreeMap<Uuid, Option<Verdict>>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare(KEPT_IN_BRIEF)?;
            let mut rows = statement.query([])?;
            let mut kept = BTreeMap::new();
            while let Some(row) = rows.next()? {
                if let Ok(id) = row.get_ref("id")?.as_str()?.parse() {
                    let reason = row.get_ref("reason")?.as_str_or_null()?;
                    kept.insert(id, verdict(row.get_ref("verdict")?.as_str()?, reason));
                }
            }
            Ok(kept)
        })
    }

    /// The verdicts as they were kept last, in order of their identifiers.
    pub fn kept_verdicts(&mut self) -> Result<Vec<KeptVerdict>, StoreError> {
        self.try_to(|connection| {
            connection
                .prepare(KEPT_VERDICTS)?
                .query_map([], kept_verdict)?
                .collect::<rusqlite::Result<_>>()
        })
    }
}

fn verdict(name: &str, reason: Option<&str>) -> Option<Verdict> {
    let why = || Why::ALL.iter().find(|why| Some(why.name()) == reason);
    let plain = [Verdict::Affected, Verdict::Fixed, Verdict::NotAffected];
    let plain = plain.into_iter().find(|verdict| verdict.name() == name);
    plain.or_else(|| why().map(|why| Verdict::Unknown(*why)))
}

/// `None` for a row of a later version of the program, and for a damaged one.
fn mark(row: &Row<'_>) -> rusqlite::Result<Option<Mark>> {
    let text = |name: &str| row.get::<_, String>(name).map(Into::into);
    let marking = Marking::named(row.get_ref("marking")?.as_str()?);
    let substance: Option<[u8; 32]> = row.get_ref("substance")?.as_blob()?.try_into().ok();
    let number = u64::try_from(row.get::<_, i64>("number")?).ok();
    let (Some(marking), Some(substance), Some(number)) = (marking, substance, number) else {
        return Ok(None);
    };
    Ok(Some(Mark {
        number,
        document: text("document")?,
        revision: text("revision")?,
        released: text("released")?,
        substance: Substance(substance),
        marking,
        text: text("text")?,
        by: text("by")?,
        at: Timestamp(row.get("at_ns")?),
    }))
}

fn matching(row: &Row<'_>) -> rusqlite::Result<Matching> {
    let text = |name: &str| row.get::<_, String>(name).map(Into::into);
    let count = |name: &str| row.get::<_, i64>(name).map(|n| u64::try_from(n).unwrap_or(0));
    let is_manual = row.get_ref("trigger")?.as_str()? == Trigger::Manual.name();
    Ok(Matching {
        number: count("number")?,
        at: Timestamp(row.get("at_ns")?),
        trigger: if is_manual { Trigger::Manual } else { Trigger::Automatic },
        scope: text("scope")?,
        version: text("version")?,
        bundle: text("bundle")?,
        origin: text("origin")?,
        documents: count("documents")?,
        assets: count("assets")?,
        verdicts: [
            count("affected")?,
            count("cannot_tell")?,
            count("fixed")?,
            count("not_affected")?,
        ],
        opened: count("opened")?,
        changed: count("changed")?,
        closed: count("closed")?,
    })
}

fn kept_verdict(row: &Row<'_>) -> rusqlite::Result<KeptVerdict> {
    let text = |name: &str| row.get::<_, String>(name).map(Into::into);
    Ok(KeptVerdict {
        id: text("id")?,
        asset: text("asset")?,
        module: text("module")?,
        advisory: text("advisory")?,
        cve: text("cve")?,
        verdict: text("verdict")?,
        reason: row.get::<_, Option<String>>("reason")?.map(Into::into),
    })
}

const MARKS: &str = "SELECT * FROM marks ORDER BY number";
const ADD_MARK: &str =
    "INSERT INTO marks (document, revision, released, substance, marking, text, by, at_ns)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const MATCHINGS: &str = "SELECT * FROM matchings ORDER BY number DESC LIMIT ?1";
const ADD_MATCHING: &str =
    "INSERT INTO matchings (at_ns, trigger, scope, version, bundle, origin, documents, assets, affected, cannot_tell,
    fixed, not_affected, opened, changed, closed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
const WHO_ADDED: &str = "SELECT contents.sha256, holdings.by, holdings.at_ns
    FROM holdings JOIN contents ON contents.number = holdings.content
    WHERE holdings.bundle IS NULL AND holdings.by IS NOT NULL AND holdings.at_ns IS NOT NULL
    ORDER BY holdings.number DESC";
const KEPT_IN_BRIEF: &str = "SELECT id, verdict, reason FROM findings";
const KEPT_VERDICTS: &str =
    "SELECT id, asset, module, advisory, cve, verdict, reason FROM findings ORDER BY id";
