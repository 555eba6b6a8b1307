//! Frames that prove facts, asked for later: those that are kept, and what became of those that are not.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{FrameRef, Timestamp};
use crate::store::take::{KeptFrame, frame};
use crate::store::writer::signed;
use crate::store::{Store, StoreError};

/// Why frames are not in the store.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum WhyLetGo {
    /// They were older than evidence is kept.
    Age,
    /// Room was needed.
    Room,
    /// There was none when they came.
    NoRoom,
}

/// What became of a frame that is not in the store, as far as anybody knows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LetGo {
    /// Why frames of this session are not there, those with numbers around this one.
    pub why: WhyLetGo,
    /// When that happened last, by the clock on the wall: this frame went then or before.
    pub at: Timestamp,
}

impl fmt::Display for LetGo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.to_the_second();
        match self.why {
            WhyLetGo::Age => {
                write!(f, "the store let the frame go because it was too old, on {at} or before")
            }
            WhyLetGo::Room => {
                write!(f, "the store let the frame go to make room, on {at} or before")
            }
            WhyLetGo::NoRoom => {
                write!(f, "the store had no room for the frame when it came, as of {at}")
            }
        }
    }
}

impl WhyLetGo {
    fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Room => "room",
            Self::NoRoom => "no_room",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Age, Self::Room, Self::NoRoom].into_iter().find(|why| why.name() == name)
    }
}

impl Store {
    /// The frames of a capture that are kept, from one number to another, in order; at most so many.
    pub fn frames_of(
        &mut self,
        capture: u32,
        (from, to): (u64, u64),
        most: usize,
    ) -> Result<Vec<KeptFrame>, StoreError> {
        self.try_to(|connection| {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            connection
                .prepare_cached(FRAMES)?
                .query_map(params![capture, signed(from), signed(to), most], frame)?
                .collect()
        })
    }

    /// What became of a frame that is not kept; `None` when nobody knows.
    pub fn let_go(&mut self, wanted: FrameRef) -> Result<Option<LetGo>, StoreError> {
        self.try_to(|connection| {
            let found: Option<(String, i64)> = connection
                .prepare_cached(FIND)?
                .query_row(params![wanted.capture, signed(wanted.number)], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            Ok(found.and_then(|(why, at)| {
                Some(LetGo { why: WhyLetGo::named(&why)?, at: Timestamp(at) })
            }))
        })
    }

    /// Notes frames that found no room. Best effort: where there is none for a frame there may be none for this.
    pub(super) fn note_refused(&mut self, frames: &[KeptFrame]) {
        let noted = self.try_to(|connection| {
            for KeptFrame { frame, at, .. } in frames {
                let (number, why) = (signed(frame.number), WhyLetGo::NoRoom.name());
                connection.prepare_cached(NOTE)?.execute(params![
                    frame.capture,
                    why,
                    number,
                    number,
                    1,
                    at.0
                ])?;
            }
            Ok(())
        });
        // The frames are gone either way; that they are is told by the state of the store.
        drop(noted);
    }
}

/// Notes what is let go: the frames with these row numbers, before they are deleted.
pub(super) fn note(
    connection: &Connection,
    why: WhyLetGo,
    ids: &[i64],
    now: Timestamp,
) -> rusqlite::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = serde_json::json!(ids).to_string();
    connection.prepare_cached(NOTE_ROWS)?.execute(params![why.name(), ids, now.0])?;
    Ok(())
}

const FRAMES: &str = "SELECT * FROM frames WHERE capture = ?1 AND number BETWEEN ?2 AND ?3
    ORDER BY number LIMIT ?4";
/// Frames go in about the order in which they came: the closest range that holds the number is the likeliest.
const FIND: &str =
    "SELECT why, at_ns FROM frames_let_go WHERE capture = ?1 AND ?2 BETWEEN first AND last
    ORDER BY last - first, why LIMIT 1";
const NOTE: &str = "INSERT INTO frames_let_go (capture, why, first, last, frames, at_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (capture, why) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last),
    frames = frames + excluded.frames, at_ns = max(at_ns, excluded.at_ns)";
const NOTE_ROWS: &str = "INSERT INTO frames_let_go (capture, why, first, last, frames, at_ns)
    SELECT capture, ?1, min(number), max(number), count(*), ?3 FROM frames
    WHERE id IN (SELECT value FROM json_each(?2)) GROUP BY capture
    ON CONFLICT (capture, why) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last),
    frames = frames + excluded.frames, at_ns = max(at_ns, excluded.at_ns)";
