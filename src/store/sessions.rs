//! What a sensor hears on an interface from start to stop: a capture without a file.

use rusqlite::{Connection, params};

use crate::model::{CaptureInfo, Timestamp};
use crate::store::writer::signed;
use crate::store::{Store, StoreError, UncleanStop};

impl Store {
    /// Begins a session, and tells under which number its frames are known. `info` comes from [`CaptureInfo::live`]; the name that it has in the
    /// store is given back in it, another one when one of that name began in the same second.
    pub fn begin_session(&mut self, info: &mut CaptureInfo) -> Result<u32, StoreError> {
        let (number, name) = self.try_to(|connection| {
            let transaction = connection.transaction()?;
            forget_last_ones_without_rows(&transaction)?;
            let name = free_name(&transaction, info)?;
            let number: u32 = transaction.query_row(ADD_CAPTURE, [&name], |row| row.get(0))?;
            if let Some(session) = &info.session {
                transaction
                    .execute(ADD_SESSION, params![number, session.interface, session.started.0])?;
            }
            transaction.commit()?;
            Ok((number, name))
        })?;
        info.name = name;
        self.update_session(number, info)?;
        Ok(number)
    }

    /// Brings what is known of a session up to date: frames, bytes, times, what was lost.
    pub fn update_session(&mut self, number: u32, info: &CaptureInfo) -> Result<(), StoreError> {
        let Some(session) = &info.session else { return Ok(()) };
        let (first, last) = (info.first.map(|at| at.0), info.last.map(|at| at.0));
        let (frames, bytes) = (signed(info.frames), signed(info.bytes));
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            transaction
                .prepare_cached(UPDATE_CAPTURE)?
                .execute(params![number, frames, bytes, first, last])?;
            transaction.prepare_cached(UPDATE_SESSION)?.execute(params![
                number,
                session.ended.map(|at| at.0),
                signed(session.received),
                signed(session.dropped_by_kernel),
                signed(session.dropped_by_interface),
                signed(session.interruptions)
            ])?;
            transaction.commit()
        })
    }

    /// Ends a session in order.
    pub fn end_session(
        &mut self,
        number: u32,
        info: &mut CaptureInfo,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(session) = &mut info.session {
            session.ended = Some(at);
        }
        self.update_session(number, info)
    }

    /// Ends the sessions that were not ended in order, and tells them.
    pub(super) fn end_unclean_sessions(&mut self) -> Result<Vec<UncleanStop>, StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let mut open = transaction.prepare(OPEN)?;
            let stops = open.query_map([], |row| {
                Ok(UncleanStop {
                    capture: row.get(0)?,
                    name: row.get(1)?,
                    interface: row.get(2)?,
                    started: Timestamp(row.get(3)?),
                    last: row.get::<_, Option<i64>>(4)?.map(Timestamp),
                })
            })?;
            let stops = stops.collect::<rusqlite::Result<Vec<_>>>()?;
            drop(open);
            transaction.execute(END_UNCLEAN, [])?;
            transaction.commit()?;
            Ok(stops)
        })
    }
}

/// A sensor that starts and fails again and again leaves no rows behind but the last ones: nothing refers to the numbers before, so they are free.
fn forget_last_ones_without_rows(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..FORGOTTEN_AT_ONCE {
        let number: Option<u32> =
            connection.prepare_cached(LAST_WITHOUT_ROWS)?.query_row([], |row| row.get(0))?;
        let Some(number) = number else { break };
        forget(connection, number)?;
    }
    Ok(())
}

/// Removes a session that nothing refers to.
pub(super) fn forget(connection: &Connection, number: u32) -> rusqlite::Result<()> {
    for table in ["sessions", "conversation_scans", "frames_let_go"] {
        connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE capture = ?1"))?
            .execute([number])?;
    }
    connection.prepare_cached("DELETE FROM captures WHERE number = ?1")?.execute([number])?;
    Ok(())
}

fn free_name(connection: &Connection, info: &CaptureInfo) -> rusqlite::Result<String> {
    let mut name = info.name.clone();
    let mut is_taken = connection.prepare_cached("SELECT 1 FROM captures WHERE name = ?1")?;
    for again in 2..u32::MAX {
        if !is_taken.exists([&name])? {
            break;
        }
        name = format!("{}.{again}", info.name);
    }
    Ok(name)
}

const FORGOTTEN_AT_ONCE: usize = 64;
const ADD_CAPTURE: &str = "INSERT INTO captures (number, sha256, name, frames, bytes)
    VALUES ((SELECT coalesce(max(number) + 1, 0) FROM captures), NULL, ?1, 0, 0) RETURNING number";
const ADD_SESSION: &str =
    "INSERT INTO sessions (capture, interface, started_ns, received, dropped_by_kernel,
    dropped_by_interface, interruptions, unclean) VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0)";
const UPDATE_CAPTURE: &str =
    "UPDATE captures SET frames = ?2, bytes = ?3, first_ns = ?4, last_ns = ?5 WHERE number = ?1";
const UPDATE_SESSION: &str =
    "UPDATE sessions SET ended_ns = ?2, received = ?3, dropped_by_kernel = ?4,
    dropped_by_interface = ?5, interruptions = ?6 WHERE capture = ?1";
const OPEN: &str = "SELECT capture, name, interface, started_ns, last_ns FROM sessions
    JOIN captures ON number = capture WHERE ended_ns IS NULL ORDER BY capture";
/// It ended when its last frame came, as far as anybody knows.
const END_UNCLEAN: &str = "UPDATE sessions SET unclean = 1, ended_ns = max(started_ns, coalesce(
    (SELECT last_ns FROM captures WHERE number = capture), started_ns)) WHERE ended_ns IS NULL";
/// The number of the last capture, where it is a session that ended and left nothing.
const LAST_WITHOUT_ROWS: &str = "SELECT max(last.number) FROM captures AS last
    WHERE last.number = (SELECT max(number) FROM captures)
    AND last.number IN (SELECT capture FROM sessions WHERE ended_ns IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM observations WHERE observations.capture = last.number)
    AND NOT EXISTS (SELECT 1 FROM observations WHERE start_capture = last.number
        AND (start_frame <> frame OR start_capture <> observations.capture))
    AND NOT EXISTS (SELECT 1 FROM frames WHERE frames.capture = last.number)
    AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.capture = last.number)";
