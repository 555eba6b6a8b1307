//! Out of the store, as it was put in.

use rusqlite::Row;

use crate::model::{
    Addr, CaptureInfo, Excerpt, FrameRef, Hop, Key, Mac, Node, Observation, Scope, Session,
    Sighting, Sites, Subject, Timestamp, Unit, Value,
};
use crate::store::sites::{self, Numbers};
use crate::store::{Store, StoreError};

/// What the store gave back.
#[derive(Debug, Default)]
pub struct Restored {
    /// The sites that scopes refer to.
    pub sites: Sites,
    /// Facts, in order of time.
    pub observations: Vec<Observation>,
    /// When nodes were there.
    pub sightings: Vec<Sighting>,
    /// Rows that this version of the program cannot read: keys it does not know, damaged values.
    pub passed_over: u64,
}

impl Store {
    /// Captures that evidence refers to; their position is their number.
    pub fn captures(&mut self) -> Result<Vec<CaptureInfo>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare(CAPTURES)?;
            let mut rows = statement.query([])?;
            let mut captures: Vec<CaptureInfo> = Vec::new();
            while let Some(row) = rows.next()? {
                let number = usize::try_from(row.get::<_, u32>("number")?).unwrap_or(usize::MAX);
                // A number that nothing is left of still counts.
                captures.resize_with(number.max(captures.len()), CaptureInfo::shed);
                captures.push(capture(row)?);
            }
            Ok(captures)
        })
    }

    /// Everything observed. `key_named` knows the keys of this version of the program.
    pub fn restore(
        &mut self,
        key_named: &dyn Fn(&str) -> Option<Key>,
    ) -> Result<Restored, StoreError> {
        self.try_to(|connection| {
            let (sites, numbers) = sites::known(connection)?;
            let mut restored = Restored { sites, ..Restored::default() };
            let mut observations = connection.prepare(OBSERVATIONS)?;
            let mut rows = observations.query([])?;
            while let Some(row) = rows.next()? {
                match observation(row, key_named, &numbers)? {
                    Some(observation) => restored.observations.push(observation),
                    None => restored.passed_over = restored.passed_over.saturating_add(1),
                }
            }
            let mut sightings = connection.prepare(SIGHTINGS)?;
            let mut rows = sightings.query([])?;
            while let Some(row) = rows.next()? {
                match subject(row, &numbers)? {
                    Some(subject) => restored.sightings.push(Sighting {
                        node: subject.node,
                        mac: row.get_ref("mac")?.as_blob()?.try_into().ok().map(Mac),
                        first: Timestamp(row.get("first_ns")?),
                        last: Timestamp(row.get("last_ns")?),
                    }),
                    None => restored.passed_over = restored.passed_over.saturating_add(1),
                }
            }
            Ok(restored)
        })
    }
}

fn capture(row: &Row<'_>) -> rusqlite::Result<CaptureInfo> {
    let interface: Option<String> = row.get("interface")?;
    let session = interface.map(|interface| session(row, interface)).transpose()?;
    let incomplete: Option<String> = row.get("incomplete")?;
    Ok(CaptureInfo {
        name: row.get("name")?,
        sha256: row.get::<_, Option<String>>("sha256")?.unwrap_or_default(),
        frames: unsigned(row.get("frames")?),
        bytes: unsigned(row.get("bytes")?),
        first: row.get::<_, Option<i64>>("first_ns")?.map(Timestamp),
        last: row.get::<_, Option<i64>>("last_ns")?.map(Timestamp),
        incomplete: incomplete.or_else(|| session.as_ref()?.incomplete()),
        session,
    })
}

fn session(row: &Row<'_>, interface: String) -> rusqlite::Result<Session> {
    Ok(Session {
        interface: interface.into(),
        started: Timestamp(row.get("started_ns")?),
        ended: row.get::<_, Option<i64>>("ended_ns")?.map(Timestamp),
        received: unsigned(row.get("received")?),
        dropped_by_kernel: unsigned(row.get("dropped_by_kernel")?),
        dropped_by_interface: unsigned(row.get("dropped_by_interface")?),
        interruptions: unsigned(row.get("interruptions")?),
        unclean: row.get("unclean")?,
    })
}

fn observation(
    row: &Row<'_>,
    key_named: &dyn Fn(&str) -> Option<Key>,
    numbers: &Numbers,
) -> rusqlite::Result<Option<Observation>> {
    let key = key_named(row.get_ref("key")?.as_str()?);
    let (Some(subject), Some(key), Some(value)) = (subject(row, numbers)?, key, value(row)?) else {
        return Ok(None);
    };
    let place = |capture: &str, frame: &str| -> rusqlite::Result<FrameRef> {
        Ok(FrameRef { capture: row.get(capture)?, number: unsigned(row.get(frame)?) })
    };
    Ok(Some(Observation {
        at: Timestamp(row.get("at_ns")?),
        frame: place("capture", "frame")?,
        subject,
        mac: row.get::<_, Option<[u8; 6]>>("mac")?.map(Mac),
        key,
        value,
        excerpt: Excerpt {
            frame: place("start_capture", "start_frame")?,
            offset: row.get("offset")?,
            length: row.get("length")?,
            bytes: row.get_ref("excerpt")?.as_blob()?.into(),
        },
        repeat: false,
    }))
}

fn value(row: &Row<'_>) -> rusqlite::Result<Option<Value>> {
    let (kind, value) = (row.get_ref("kind")?, row.get_ref("value")?);
    Ok(match (kind.as_str()?, value) {
        ("text", value) => Some(Value::Text(value.as_str()?.into())),
        ("bytes", value) => Some(Value::Bytes(value.as_blob()?.into())),
        ("uint", rusqlite::types::ValueRef::Integer(number)) => {
            u64::try_from(number).ok().map(Value::Uint)
        }
        ("uint", value) => value.as_str()?.parse().ok().map(Value::Uint),
        _ => None,
    })
}

pub(super) fn subject(row: &Row<'_>, numbers: &Numbers) -> rusqlite::Result<Option<Subject>> {
    let Some(site) = numbers.of(row.get("site")?) else { return Ok(None) };
    let scope = Scope { site, outer_vlan: row.get("outer_vlan")?, vlan: row.get("vlan")? };
    let unit: String = row.get("unit")?;
    let unit = if unit.is_empty() { Some(None) } else { unit_from_json(&unit).map(Some) };
    let addr: Option<Addr> = row.get_ref("address")?.as_str()?.parse().ok();
    Ok(addr.zip(unit).map(|(addr, unit)| Subject { node: Node { scope, addr }, unit }))
}

/// The counterpart of what the writer makes of a path.
fn unit_from_json(text: &str) -> Option<Unit> {
    let hops: Vec<Vec<serde_json::Value>> = serde_json::from_str(text).ok()?;
    let hops = hops.iter().map(|hop| {
        let number = |at: usize| hop.get(at)?.as_u64()?.try_into().ok();
        match hop.first()?.as_str()? {
            "slot" => number(1).map(Hop::Slot),
            "link" => Some(Hop::Link(number(1)?, number(2)?)),
            "address" => Some(Hop::Address(number(1)?, hop.get(2)?.as_str()?.into())),
            "unit" => number(1)?.try_into().ok().map(Hop::Unit),
            "rack" => Some(Hop::Rack(number(1)?.try_into().ok()?, number(2)?.try_into().ok()?)),
            "subslot" => number(1)?.try_into().ok().map(Hop::Subslot),
            "network" => {
                Some(Hop::Network(number(1)?.try_into().ok()?, hop.get(2)?.as_str()?.into()))
            }
            "station" => number(1)?.try_into().ok().map(Hop::Station),
            "entity" => number(1).map(Hop::Entity),
            "slave" => number(1)?.try_into().ok().map(Hop::Slave),
            _ => None,
        }
    });
    hops.collect::<Option<Box<[Hop]>>>().filter(|hops| !hops.is_empty()).map(Unit)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

const CAPTURES: &str =
    "SELECT * FROM captures LEFT JOIN sessions ON capture = number ORDER BY number";
const OBSERVATIONS: &str =
    "SELECT * FROM observations JOIN subjects ON subjects.id = observations.subject
    ORDER BY at_ns, capture, frame, observations.id";
const SIGHTINGS: &str = "SELECT * FROM sightings JOIN subjects ON subjects.id = sightings.subject ORDER BY subject, mac";
