//! What a store lets go of so that it can be written for years, oldest first, in this order of worth:
//!
//! 1. notices past their age;
//! 2. frames past their age that prove nothing which is still kept; when there is no room, frames of any age and kind;
//! 3. facts that were said again: between the first and the latest time of a value only changes stay, and of a value that flaps the first and the
//!    newest ones, as the ledger counts them;
//! 4. sessions of which nothing is left, and the conversations of old ones, which are put together;
//! 5. when there is still no room, notices but for the last thousand.
//!
//! The first and the latest value of every fact stay, so the inventory does; so do all facts of files and lists, decisions, what was done about
//! findings, and bundles. When that alone is more than the store may have, it says so.
//!
//! Nothing here takes longer than a step: a caller that is told that there is `more` calls again.
//!
//! **Clocks.** The store keeps a time of its own, which follows the clock by an hour at most from one round of shedding to the next, and that is a
//! minute in a sensor. Ages are measured against the earlier of the two: a clock that jumps ahead by ten years for ten minutes makes the store age
//! by ten hours, one that is set back makes nothing old, and one that begins in 1970 at each start is right as soon as it is set. What bears a time
//! in the future has no age; it goes when there is no room, in the order in which it came.

mod repeats;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::health::StoreState;
use crate::model::limits::{
    AGE_STEP_NS_MAX, NOTICES_KEPT_MIN, SHED_ROWS_PER_STEP, VACUUM_PAGES_PER_STEP,
};
use crate::model::{Key, Timestamp};
use crate::store::let_go::{self, WhyLetGo};
use crate::store::log::bytes_of;
use crate::store::sessions::forget;
use crate::store::space::{START, number};
use crate::store::{Store, StoreError};

/// What a store may have, and for how long.
#[derive(Clone, Copy)]
pub struct Retention<'a> {
    /// Bytes that file and log together may have; zero for any number.
    pub bytes_max: u64,
    /// Age past which evidence and notices go, in nanoseconds; zero for any age.
    pub keep_ns: i64,
    /// The clock on the wall.
    pub now: Timestamp,
    /// A person says that the clock is right: ages are measured against it as it is.
    pub is_sure_of_now: bool,
    /// Bytes kept free on the disk for the day on which it is full; zero for none.
    pub reserve_bytes: u64,
    /// The keys of this version of the program: facts of others are left as they are.
    pub key_named: &'a dyn Fn(&str) -> Option<Key>,
}

/// What a step let go of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Shed {
    /// Notices.
    pub notices: u64,
    /// Frames.
    pub frames: u64,
    /// Facts that were said again.
    pub observations: u64,
    /// Sessions of which nothing was left.
    pub sessions: u64,
    /// Rows of conversations that were put together with others.
    pub conversations: u64,
    /// Bytes given back to the disk.
    pub bytes: u64,
    /// There is more to do: call again.
    pub more: bool,
    /// What is looked through piece by piece has been looked through to its end; the next step begins anew.
    pub is_round: bool,
    /// What must stay is more than the store may have.
    pub is_over: bool,
    /// Somebody has been reading for so long that the log of changes cannot be cut, and grows.
    pub is_log_held: bool,
}

impl Shed {
    /// All rows.
    pub fn rows(&self) -> u64 {
        let rows = [self.notices, self.frames, self.observations, self.sessions];
        rows.iter().fold(self.conversations, |sum, rows| sum.saturating_add(*rows))
    }

    /// Adds what another step let go of; whether there is more is as that one says.
    pub fn add(&mut self, step: &Self) {
        let sum = |one: u64, other: u64| one.saturating_add(other);
        *self = Self {
            notices: sum(self.notices, step.notices),
            frames: sum(self.frames, step.frames),
            observations: sum(self.observations, step.observations),
            sessions: sum(self.sessions, step.sessions),
            conversations: sum(self.conversations, step.conversations),
            bytes: sum(self.bytes, step.bytes),
            more: step.more,
            is_round: step.is_round,
            is_over: step.is_over,
            is_log_held: step.is_log_held,
        };
    }
}

impl Store {
    /// Lets go of what is too old or too much, one step of it; keeps the reserve, cuts the log, gives pages back to the disk. On a full disk it
    /// gives the reserve up, so that there is room to make room.
    pub fn retain(&mut self, retention: &Retention<'_>) -> Result<Shed, StoreError> {
        self.limit(retention.bytes_max, retention.reserve_bytes)?;
        let mut shed = self.step(retention);
        if shed.as_ref().is_err_and(StoreError::is_full) && self.give_up_reserve() {
            shed = self.step(retention);
        }
        let shed = shed.inspect_err(|error| self.say(StoreState::Refusing, &error.to_string()))?;
        self.keeping.shed = self.keeping.shed.saturating_add(shed.rows());
        self.keeping.is_shedding = shed.more;
        self.tell_how_it_is(&shed)?;
        Ok(shed)
    }

    /// Gives everything that holds nothing back to the disk, however long that takes.
    pub fn compact(&mut self) -> Result<(), StoreError> {
        self.try_to(|connection| vacuum(connection, 0))?;
        self.settle_log()?;
        Ok(())
    }

    fn step(&mut self, retention: &Retention<'_>) -> Result<Shed, StoreError> {
        let mut shed = Shed::default();
        let cutoff = self.cutoff(retention)?;
        self.by_age(cutoff, retention, &mut shed)?;
        // What is in the log is on the disk from here on, whatever happens to the power.
        self.sync_log()?;
        let is_log_cut = self.tend_log(self.keeping.log_bytes_max())?;
        let most = self.keeping.bytes_before_shedding();
        if self.used()? > most {
            self.by_size(retention, &mut shed)?;
        }
        self.give_back(most, &mut shed)?;
        let used = self.used()?;
        shed.is_round = self.keeping.frame == START && self.keeping.subject == 0;
        shed.is_log_held = !is_log_cut;
        shed.is_over = used > most && shed.rows() == 0 && !shed.more && is_log_cut;
        shed.more |= used > most && shed.rows() > 0;
        self.make_reserve()?;
        Ok(shed)
    }

    /// Everything before this is past its age; `None` when nothing is.
    fn cutoff(&mut self, retention: &Retention<'_>) -> Result<Option<i64>, StoreError> {
        if retention.keep_ns <= 0 {
            return Ok(None);
        }
        let now = retention.now.0;
        // Called again at once, because there is more to do, it is the same round.
        let step = if self.keeping.is_shedding { 0 } else { AGE_STEP_NS_MAX };
        let measured = self.try_to(|connection| {
            let known: Option<i64> =
                connection.prepare_cached(MEASURED)?.query_row([], |row| row.get(0)).optional()?;
            let measured = match known {
                // The first time there is nothing to compare with.
                None => now,
                Some(_) if retention.is_sure_of_now => now,
                Some(known) => now.clamp(known.saturating_sub(step), known.saturating_add(step)),
            };
            if known != Some(measured) {
                connection.prepare_cached(MEASURE)?.execute([measured])?;
            }
            Ok(measured.min(now))
        })?;
        Ok(Some(measured.saturating_sub(retention.keep_ns)))
    }

    fn by_age(
        &mut self,
        cutoff: Option<i64>,
        retention: &Retention<'_>,
        shed: &mut Shed,
    ) -> Result<(), StoreError> {
        let Some(cutoff) = cutoff else { return Ok(()) };
        let mut left = SHED_ROWS_PER_STEP;
        let notices = self.try_to(|connection| {
            connection.prepare_cached(OLD_NOTICES)?.execute(params![cutoff, rows(left)])
        })?;
        count(&mut shed.notices, notices, &mut left);
        if left > 0 {
            let (seen, gone) = self.old_frames(cutoff, left, retention.now)?;
            count(&mut shed.frames, gone, &mut left);
            left = left.saturating_sub(seen.saturating_sub(gone));
        }
        if left > 0 {
            let gone = self.repeats(Some(cutoff), retention, left)?;
            count(&mut shed.observations, gone, &mut left);
        }
        if left > 0 {
            let sessions = self.try_to(|connection| forget_empty(connection, cutoff))?;
            count(&mut shed.sessions, sessions, &mut left);
            let together = self.try_to(|connection| put_together(connection, cutoff))?;
            count(&mut shed.conversations, together, &mut left);
        }
        shed.more |= shed.rows() > 0;
        Ok(())
    }

    /// Frames past their age that prove nothing which is kept, of the next ones looked at: how many were, and how many are gone.
    fn old_frames(
        &mut self,
        cutoff: i64,
        most: usize,
        now: Timestamp,
    ) -> Result<(usize, usize), StoreError> {
        let from = self.keeping.frame;
        let (seen, reached, gone) = self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let mut looked = transaction.prepare_cached(OLD_FRAMES)?;
            let mut found = looked.query(params![from.0, from.1, cutoff, rows(most)])?;
            let (mut seen, mut reached, mut useless) = (0_usize, from, Vec::new());
            while let Some(row) = found.next()? {
                reached = (row.get(1)?, row.get(0)?);
                seen = seen.saturating_add(1);
                if !row.get::<_, bool>(2)? {
                    useless.push(reached.1);
                }
            }
            drop(found);
            drop(looked);
            let_go::note(&transaction, WhyLetGo::Age, &useless, now)?;
            for id in &useless {
                transaction.prepare_cached("DELETE FROM frames WHERE id = ?1")?.execute([id])?;
            }
            transaction.commit()?;
            Ok((seen, reached, useless.len()))
        })?;
        self.keeping.frame = if seen < most { START } else { reached };
        Ok((seen, gone))
    }

    fn by_size(&mut self, retention: &Retention<'_>, shed: &mut Shed) -> Result<(), StoreError> {
        let mut left = SHED_ROWS_PER_STEP;
        let frames = self.try_to(|connection| first_frames(connection, left, retention.now))?;
        count(&mut shed.frames, frames, &mut left);
        if frames > 0 {
            return Ok(());
        }
        let begun = self.keeping.subject;
        let gone = self.repeats(None, retention, left)?;
        count(&mut shed.observations, gone, &mut left);
        if gone > 0 || self.keeping.subject > begun {
            shed.more = true;
            return Ok(());
        }
        let together = self.try_to(|connection| put_together(connection, i64::MAX))?;
        count(&mut shed.conversations, together, &mut left);
        let kept = i64::try_from(NOTICES_KEPT_MIN).unwrap_or(i64::MAX);
        let notices = self.try_to(|connection| {
            connection.prepare_cached(FIRST_NOTICES)?.execute(params![kept, rows(left)])
        })?;
        count(&mut shed.notices, notices, &mut left);
        Ok(())
    }

    /// Gives pages that hold nothing back to the disk, where the file is larger than it should be, or mostly empty.
    fn give_back(&mut self, most: u64, shed: &mut Shed) -> Result<(), StoreError> {
        let before = bytes_of(&self.path);
        let (unused, pages) = self.try_to(|connection| {
            Ok((
                number(connection, "PRAGMA freelist_count")?,
                number(connection, "PRAGMA page_count")?,
            ))
        })?;
        let is_large = before.saturating_add(self.log_bytes()) > most;
        if unused == 0 || !(is_large || unused > pages / 4) {
            return Ok(());
        }
        self.try_to(|connection| vacuum(connection, VACUUM_PAGES_PER_STEP))?;
        self.tend_log(self.keeping.log_bytes_max())?;
        shed.bytes = before.saturating_sub(bytes_of(&self.path));
        shed.more |= unused > u64::from(VACUUM_PAGES_PER_STEP);
        Ok(())
    }

    fn tell_how_it_is(&mut self, shed: &Shed) -> Result<(), StoreError> {
        if shed.is_over {
            let most = self.keeping.bytes_max;
            let used = self.used()?;
            self.say(
                StoreState::Tight,
                &format!("{used} bytes are the least that it can have, and {most} are what it may: no frames are kept as evidence; raise `max`"),
            );
        } else if shed.is_log_held {
            let log = self.log_bytes();
            self.say(
                StoreState::Tight,
                &format!("its log of changes has {log} bytes and cannot be cut, because another program has been reading the store for too long: end that"),
            );
        } else if self.has_reserve() {
            self.say(StoreState::Writable, "");
        }
        Ok(())
    }
}

/// Gives pages that hold nothing back; 0 for all of them. Each step of the statement frees some: one that is not stepped to its end frees no more.
fn vacuum(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Lets go of the frames that came first, and notes them: how many.
fn first_frames(
    connection: &mut Connection,
    most: usize,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    let mut first = transaction.prepare_cached(FIRST_FRAMES)?;
    let ids = first.query_map([rows(most)], |row| row.get(0))?;
    let ids = ids.collect::<rusqlite::Result<Vec<i64>>>()?;
    drop(first);
    let Some(last) = ids.last() else { return Ok(0) };
    let_go::note(&transaction, WhyLetGo::Room, &ids, now)?;
    let gone = transaction.execute("DELETE FROM frames WHERE id <= ?1", [last])?;
    transaction.commit()?;
    Ok(gone)
}

/// Sessions that ended before a time and left nothing. The last number stays, so that no number is given twice.
fn forget_empty(connection: &mut Connection, cutoff: i64) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    let mut empty = transaction.prepare_cached(EMPTY_SESSIONS)?;
    let numbers =
        empty.query_map(params![cutoff, SESSIONS_PER_STEP], |row| row.get::<_, u32>(0))?;
    let numbers = numbers.collect::<rusqlite::Result<Vec<u32>>>()?;
    drop(empty);
    for number in &numbers {
        forget(&transaction, *number)?;
    }
    transaction.commit()?;
    Ok(numbers.len())
}

/// Puts the conversations of the oldest session that ended before a time into the next such one: sums stay what they are. How many rows are fewer.
fn put_together(connection: &mut Connection, cutoff: i64) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    let mut oldest = transaction.prepare_cached(OLDEST_HEARD)?;
    let pair = oldest.query_map([cutoff], |row| row.get::<_, u32>(0))?;
    let pair = pair.collect::<rusqlite::Result<Vec<u32>>>()?;
    drop(oldest);
    let &[from, into] = pair.as_slice() else { return Ok(0) };
    let moved = transaction.prepare_cached(MOVE)?.execute([from, into])?;
    transaction.prepare_cached("DELETE FROM conversations WHERE capture = ?1")?.execute([from])?;
    transaction
        .prepare_cached("DELETE FROM conversation_scans WHERE capture = ?1")?
        .execute([from])?;
    transaction.commit()?;
    Ok(moved.max(1))
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(sum: &mut u64, gone: usize, left: &mut usize) {
    *sum = sum.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
    *left = left.saturating_sub(gone);
}

const SESSIONS_PER_STEP: i64 = 16;
const MEASURED: &str = "SELECT value FROM upkeep WHERE name = 'ages_measured_at_ns'";
const MEASURE: &str = "INSERT INTO upkeep VALUES ('ages_measured_at_ns', ?1)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const OLD_NOTICES: &str = "DELETE FROM notices WHERE number IN
    (SELECT number FROM notices WHERE told_ns < ?1 ORDER BY told_ns LIMIT ?2)";
const FIRST_NOTICES: &str = "DELETE FROM notices WHERE number IN
    (SELECT number FROM notices WHERE number <= (SELECT max(number) FROM notices) - ?1 ORDER BY number LIMIT ?2)";
const OLD_FRAMES: &str = "SELECT id, at_ns,
    EXISTS (SELECT 1 FROM observations WHERE observations.capture = frames.capture AND frame = number)
    OR EXISTS (SELECT 1 FROM observations WHERE start_capture = frames.capture AND start_frame = number
        AND (start_frame <> frame OR start_capture <> observations.capture))
    FROM frames WHERE (at_ns, id) > (?1, ?2) AND at_ns < ?3 ORDER BY at_ns, id LIMIT ?4";
const FIRST_FRAMES: &str = "SELECT id FROM frames ORDER BY id LIMIT ?1";
const EMPTY_SESSIONS: &str = "SELECT capture FROM sessions AS old WHERE ended_ns < ?1
    AND capture < (SELECT max(number) FROM captures)
    AND NOT EXISTS (SELECT 1 FROM observations WHERE observations.capture = old.capture)
    AND NOT EXISTS (SELECT 1 FROM observations WHERE start_capture = old.capture
        AND (start_frame <> frame OR start_capture <> observations.capture))
    AND NOT EXISTS (SELECT 1 FROM frames WHERE frames.capture = old.capture)
    AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.capture = old.capture)
    ORDER BY capture LIMIT ?2";
const OLDEST_HEARD: &str = "SELECT conversation_scans.capture FROM conversation_scans
    JOIN sessions ON sessions.capture = conversation_scans.capture WHERE ended_ns < ?1
    ORDER BY conversation_scans.capture LIMIT 2";
const MOVE: &str = "INSERT INTO conversations SELECT ?2, client, server, port, protocol, first_ns, last_ns,
    packets_to_server, packets_to_client, bytes_to_server, bytes_to_client, identify, read, write, control, program
    FROM conversations WHERE capture = ?1
    ON CONFLICT (capture, client, server, port, protocol) DO UPDATE SET
    first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns),
    packets_to_server = packets_to_server + excluded.packets_to_server,
    packets_to_client = packets_to_client + excluded.packets_to_client,
    bytes_to_server = bytes_to_server + excluded.bytes_to_server,
    bytes_to_client = bytes_to_client + excluded.bytes_to_client,
    identify = min(identify + excluded.identify, 4294967295), read = min(read + excluded.read, 4294967295),
    write = min(write + excluded.write, 4294967295), control = min(control + excluded.control, 4294967295),
    program = min(program + excluded.program, 4294967295)";
