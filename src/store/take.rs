//! A batch of a sensor: facts, sightings, and the frames that prove the facts; all of it or nothing.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::health::StoreState;
use crate::model::limits::KEPT_FRAME_BYTES_MAX;
use crate::model::{FrameRef, LinkType, Observation, Sighting, Sites, Timestamp};
use crate::store::reader::unsigned;
use crate::store::writer::{put, signed};
use crate::store::{Store, StoreError};

/// A frame kept as evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptFrame {
    /// Where it stands.
    pub frame: FrameRef,
    /// When it was captured.
    pub at: Timestamp,
    /// How to read its first byte.
    pub link: LinkType,
    /// Length on the wire, in bytes.
    pub wire_len: u32,
    /// What is kept of it: all, or its headers.
    pub bytes: Box<[u8]>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Taken {
    /// Facts that were not there.
    pub observations: u64,
    /// Frames that were not there.
    pub frames: u64,
    /// Frames left out because there is no room for them.
    pub frames_refused: u64,
}

impl Store {
    /// Keeps a batch in one transaction. Captures are named by the numbers that [`Store::begin_session`] gave, sites by their numbers in `sites`; a
    /// frame that is there already is left alone, and one that is larger than any frame is cut.
    ///
    /// Where there is no room for everything the frames are left out, and counted; where there is none for facts either, nothing is kept, and the
    /// same batch can be handed in again.
    pub fn take(
        &mut self,
        sites: &Sites,
        observations: &[Observation],
        sightings: &[Sighting],
        frames: &[KeptFrame],
    ) -> Result<Taken, StoreError> {
        let offered = u64::try_from(frames.len()).unwrap_or(u64::MAX);
        let bytes = frames.iter().map(|frame| frame.bytes.len().saturating_add(ROW_BYTES)).sum();
        let is_tight = self.keeping.state != StoreState::Writable;
        let with_frames = !frames.is_empty() && !is_tight && self.has_room_for(bytes)?;
        let all = frames;
        let frames = if with_frames { all } else { &[] };
        let mut taken = self.take_all(sites, observations, sightings, frames);
        let mut refused = if with_frames { 0 } else { offered };
        if with_frames && is_full(&taken) {
            refused = offered;
            taken = self.take_all(sites, observations, sightings, &[]);
        }
        if is_full(&taken) && self.give_up_reserve() {
            taken = self.take_all(sites, observations, sightings, &[]);
        }
        let taken =
            taken.inspect_err(|error| self.say(StoreState::Refusing, &error.to_string()))?;
        self.keeping.shed = self.keeping.shed.saturating_add(refused);
        if refused > 0 {
            self.note_refused(all);
        }
        if self.keeping.state == StoreState::Refusing {
            self.say(StoreState::Tight, AGAIN);
        }
        // What could not be written into the file now will be when there is room: the log holds it.
        let _ = self.tend_log(self.keeping.log_bytes_max());
        Ok(Taken { frames_refused: refused, ..taken })
    }

    /// The frame of that number, where it is kept.
    pub fn frame(&mut self, wanted: FrameRef) -> Result<Option<KeptFrame>, StoreError> {
        self.try_to(|connection| {
            connection
                .prepare_cached(FRAME)?
                .query_row(params![wanted.capture, signed(wanted.number)], frame)
                .optional()
        })
    }

    fn take_all(
        &mut self,
        sites: &Sites,
        observations: &[Observation],
        sightings: &[Sighting],
        frames: &[KeptFrame],
    ) -> Result<Taken, StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let observations = put(&transaction, sites, observations, sightings)?;
            let frames = keep(&transaction, frames)?;
            transaction.commit()?;
            let [observations, frames] =
                [observations, frames].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
            Ok(Taken { observations, frames, frames_refused: 0 })
        })
    }
}

fn is_full(taken: &Result<Taken, StoreError>) -> bool {
    taken.as_ref().is_err_and(StoreError::is_full)
}

fn keep(connection: &Connection, frames: &[KeptFrame]) -> rusqlite::Result<usize> {
    let mut kept = 0_usize;
    for KeptFrame { frame, at, link, wire_len, bytes } in frames {
        let bytes = bytes.get(..KEPT_FRAME_BYTES_MAX).unwrap_or(bytes);
        let added = connection.prepare_cached(KEEP)?.execute(params![
            frame.capture,
            signed(frame.number),
            at.0,
            link.0,
            wire_len,
            bytes
        ])?;
        kept = kept.saturating_add(added);
    }
    Ok(kept)
}

pub(super) fn frame(row: &Row<'_>) -> rusqlite::Result<KeptFrame> {
    Ok(KeptFrame {
        frame: FrameRef { capture: row.get("capture")?, number: unsigned(row.get("number")?) },
        at: Timestamp(row.get("at_ns")?),
        link: LinkType(row.get("link")?),
        wire_len: row.get("wire_len")?,
        bytes: row.get_ref("bytes")?.as_blob()?.into(),
    })
}

/// Bytes that a frame takes beside its own: its row, and its place in two indexes.
const ROW_BYTES: usize = 80;
const FRAME: &str = "SELECT * FROM frames WHERE capture = ?1 AND number = ?2";
const KEEP: &str = "INSERT INTO frames (capture, number, at_ns, link, wire_len, bytes)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (capture, number) DO NOTHING";
const AGAIN: &str = "there is little room: facts are kept again, frames are not";
