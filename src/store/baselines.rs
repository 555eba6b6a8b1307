//! What people accepted as the normal state of their network: devices as a document that whoever put it in can read, and who talked to whom.
//!
//! Nothing here ages: a baseline stays until somebody removes it. The one that was taken last is the reference.

use rusqlite::{OptionalExtension, Row, params};

use crate::model::{Acts, Conversation, Port, Sites, Subject, Timestamp};
use crate::store::conversations::{TALKER_COLUMNS, TALKERS, talkers};
use crate::store::reader::unsigned;
use crate::store::sites;
use crate::store::writer::{signed, subject_id};
use crate::store::{Store, StoreError};

/// A baseline, without what it holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeptBaseline {
    /// Its number; zero before it is in a store.
    pub number: u64,
    /// What people call it; no two have the same.
    pub name: Box<str>,
    /// What they wrote about it; may be empty.
    pub note: Box<str>,
    /// Who took it.
    pub by: Box<str>,
    /// When, by the clock on the wall.
    pub at: Timestamp,
    /// Time of the last frame that the store had heard then; `None` when it had heard none.
    pub heard: Option<Timestamp>,
    /// Version of the program that took it.
    pub version: Box<str>,
    /// How many devices it holds.
    pub assets: u64,
    /// How many conversations.
    pub talks: u64,
}

impl Store {
    /// Keeps a baseline with its devices, compressed by whoever will read them, and its conversations; gives its number. `None` when another one has
    /// its name.
    pub fn add_baseline(
        &mut self,
        sites: &Sites,
        baseline: &KeptBaseline,
        devices: &[u8],
        talks: &[Conversation],
    ) -> Result<Option<u64>, StoreError> {
        let KeptBaseline { name, note, by, at, heard, version, assets, .. } = baseline;
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            if transaction.prepare_cached(IS_NAMED)?.exists([name])? {
                return Ok(None);
            }
            let numbers = sites::add(&transaction, sites)?;
            let number = transaction.prepare_cached(ADD)?.insert(params![
                name,
                note,
                by,
                at.0,
                heard.map(|at| at.0),
                version,
                signed(*assets),
                devices
            ])?;
            let mut add = transaction.prepare_cached(ADD_TALK)?;
            for talk in talks {
                let client = subject_id(&transaction, &numbers, &Subject::node(talk.client))?;
                let server = subject_id(&transaction, &numbers, &Subject::node(talk.server))?;
                let Some((client, server)) = client.zip(server) else { continue };
                let (port, protocol) = (talk.port.to_string(), talk.protocol.unwrap_or_default());
                add.execute(params![
                    number,
                    client,
                    server,
                    port,
                    protocol,
                    talk.first.0,
                    talk.last.0
                ])?;
            }
            drop(add);
            transaction.commit()?;
            Ok(Some(unsigned(number)))
        })
    }

    /// All baselines, in the order in which they were taken.
    pub fn baselines(&mut self) -> Result<Vec<KeptBaseline>, StoreError> {
        self.try_to(|connection| connection.prepare_cached(ALL)?.query_map([], baseline)?.collect())
    }

    /// The devices of a baseline, as they were put in; `None` when there is no such baseline.
    pub fn baseline_devices(&mut self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.try_to(|connection| {
            let devices = connection
                .prepare_cached(DEVICES)?
                .query_row([signed(number)], |row| Ok(row.get_ref("devices")?.as_blob()?.to_vec()));
            devices.optional()
        })
    }

    /// The conversations of a baseline: who, where, in what and when; without counts. What was recognised as a protocol that `protocol_named` does not
    /// know is as if it were not recognised.
    pub fn baseline_talks(
        &mut self,
        number: u64,
        protocol_named: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.try_to(|connection| {
            let (_, numbers) = sites::known(connection)?;
            let select = format!("{TALKS}{TALKER_COLUMNS} FROM baseline_talks{TALKERS}{OF}");
            let mut statement = connection.prepare_cached(&select)?;
            let mut rows = statement.query([signed(number)])?;
            let mut talks = Vec::new();
            while let Some(row) = rows.next()? {
                let port: Option<Port> = row.get_ref("port")?.as_str()?.parse().ok();
                // A row that somebody damaged is no conversation.
                let Some(((client, server), port)) = talkers(row, &numbers)?.zip(port) else {
                    continue;
                };
                talks.push(Conversation {
                    client,
                    server,
                    port,
                    protocol: protocol_named(row.get_ref("protocol")?.as_str()?),
                    first: Timestamp(row.get("first_ns")?),
                    last: Timestamp(row.get("last_ns")?),
                    packets: [0; 2],
                    bytes: [0; 2],
                    acts: Acts::default(),
                });
            }
            Ok(talks)
        })
    }

    /// Removes a baseline; false when there is none of that number. The one before it is the reference then.
    pub fn remove_baseline(&mut self, number: u64) -> Result<bool, StoreError> {
        let number = signed(number);
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM baseline_talks WHERE baseline = ?1", [number])?;
            let gone = transaction.execute("DELETE FROM baselines WHERE number = ?1", [number])?;
            transaction.commit()?;
            Ok(gone > 0)
        })
    }
}

fn baseline(row: &Row<'_>) -> rusqlite::Result<KeptBaseline> {
    let text = |column: &str| row.get::<_, String>(column).map(Box::<str>::from);
    Ok(KeptBaseline {
        number: unsigned(row.get("number")?),
        name: text("name")?,
        note: text("note")?,
        by: text("by")?,
        at: Timestamp(row.get("at_ns")?),
        heard: row.get::<_, Option<i64>>("heard_ns")?.map(Timestamp),
        version: text("version")?,
        assets: unsigned(row.get("assets")?),
        talks: unsigned(row.get("talks")?),
    })
}

const IS_NAMED: &str = "SELECT 1 FROM baselines WHERE name = ?1";
const ADD: &str =
    "INSERT INTO baselines (name, note, by, at_ns, heard_ns, version, assets, devices)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const ADD_TALK: &str =
    "INSERT INTO baseline_talks (baseline, client, server, port, protocol, first_ns, last_ns)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
const ALL: &str = "SELECT number, name, note, by, at_ns, heard_ns, version, assets,
    (SELECT count(*) FROM baseline_talks WHERE baseline = number) AS talks FROM baselines ORDER BY number";
const DEVICES: &str = "SELECT devices FROM baselines WHERE number = ?1";
const TALKS: &str = "SELECT baseline_talks.*, ";
const OF: &str = " WHERE baseline = ?1 ORDER BY client, server, port, protocol";
