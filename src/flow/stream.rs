//! The bytes of one direction of a conversation, in order. Gaps are told, never guessed; bytes that overlap
//! are taken from the segment that was captured first, and counted when they differ (RFC 9293 §3.10.7.4).
//!
//! In-order bytes are shown straight from the packet. Copied is only what a dissector leaves unread, and what
//! comes too early. A hole is given up when the receiver has acknowledged what we miss, when too much is held
//! back behind it, or when it stays open too long.

use crate::flow::counts::Counts;
use crate::flow::held::{Held, Segment, rebased};
use crate::flow::{Audience, Direction, FlowKey, Input, Place, Taken};
use crate::model::limits::{GAP_WAIT_SECONDS_MAX, PLACES_MAX, SEGMENTS_HELD_MAX, UNREAD_BYTES_MAX};
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{FrameRef, Mac, Timestamp};

/// One direction. Small, because every conversation has two; the buffers are elsewhere, and mostly nowhere.
#[derive(Default)]
pub(super) struct Side {
    /// Sequence number of the first byte; only when `started`.
    first: u32,
    /// Sequence number expected next; only when `started`.
    next: u32,
    /// What the other side has acknowledged.
    acknowledged: u32,
    /// Where a segment far from all others ended.
    far: Option<u32>,
    /// Unread bytes that the dissector waits for.
    need: u32,
    /// Where the direction ends, once a FIN was seen.
    end: Option<u32>,
    started: bool,
    acknowledges: bool,
    /// Packets of this direction are captured.
    heard: bool,
    /// Bytes that were forgotten and not yet told as a gap.
    untold: bool,
    /// Bytes ahead that nobody wants to see.
    skip: usize,
    /// Since when there is a hole.
    hole_since: Timestamp,
    held: Option<Box<Held>>,
}

/// New bytes of one direction.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) places: &'a [Place],
    pub(super) at: Timestamp,
    pub(super) frame: FrameRef,
    pub(super) mac: Option<Mac>,
}

/// Whom bytes are shown to.
pub(super) struct Desk<'a, A: Audience> {
    pub(super) audience: &'a mut A,
    pub(super) state: &'a mut A::State,
    pub(super) flow: &'a FlowKey,
    pub(super) direction: Direction,
    pub(super) counts: &'a mut Counts,
    /// Set when nothing is wanted any more.
    pub(super) done: &'a mut bool,
}

impl Side {
    /// Starts behind a SYN with this sequence number. False when the direction is at work with other numbers.
    pub(super) fn open(&mut self, sequence: u32) -> bool {
        let first = sequence.wrapping_add(1);
        self.heard = true;
        if !self.started {
            (self.started, self.first, self.next) = (true, first, first);
        }
        self.first == first
    }

    /// Whether the sequence number of a RST or FIN belongs to this connection.
    pub(super) fn is_near(&self, sequence: u32) -> bool {
        !self.started || ahead(sequence, self.next).unsigned_abs() <= WINDOW_BYTES_MAX
    }

    /// True when a segment continues exactly where the last one ended.
    pub(super) fn continues(&self, sequence: u32) -> bool {
        self.started && self.next == sequence
    }

    /// See [`Flow::glance`](crate::flow::conversation::Flow::glance).
    pub(super) fn glance(&self) -> u32 {
        self.next ^ u32::from(self.held.is_some())
    }

    /// See [`Flow::glance_held`](crate::flow::conversation::Flow::glance_held).
    pub(super) fn glance_held(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.unread.len())
    }

    /// True when this direction holds bytes.
    pub(super) fn holds(&self) -> bool {
        self.held.is_some()
    }

    /// Bytes of memory that this direction holds.
    pub(super) fn cost(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.cost())
    }

    /// True when segments wait behind a hole.
    pub(super) fn waits(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.segments.is_empty())
    }

    /// True when a hole has been open for too long.
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        let wait = GAP_WAIT_SECONDS_MAX.saturating_mul(NANOS_PER_SECOND.unsigned_abs());
        now.since(self.hole_since) > wait && self.waits()
    }

    /// Forgets all that is held. What comes next comes after a gap.
    pub(super) fn forget(&mut self) {
        if let Some(held) = self.held.take() {
            self.untold = true;
            self.need = 0;
            if let Some(last) = held.segments.last() {
                self.next = last.end();
            }
        }
    }

    /// Notes where the direction ends.
    pub(super) fn close(&mut self, sequence: u32) {
        self.end = Some(sequence);
    }

    /// True when all bytes up to the end were shown or told missing.
    pub(super) fn is_finished(&self) -> bool {
        self.end == Some(self.next)
    }

    /// Sequence number expected next.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// Packets of this direction seem not to be captured; until one is, its bytes are not waited for.
    pub(super) fn fall_silent(&mut self) {
        self.heard = false;
    }

    /// True when somebody who acknowledges this number has seen bytes that may still come here.
    pub(super) fn misses(&self, number: u32) -> bool {
        let more = u32::try_from(ahead(number, self.next)).unwrap_or(0);
        let beyond_end = u32::from(self.is_finished());
        self.heard
            && more > beyond_end
            && more <= WINDOW_BYTES_MAX
            && usize::try_from(more).is_ok_and(|more| more > self.skip)
    }

    /// Notes what the other side has acknowledged; `speaks` when it does so with data of its own.
    pub(super) fn acknowledge<A: Audience>(
        &mut self,
        number: u32,
        speaks: bool,
        desk: &mut Desk<'_, A>,
    ) {
        if !self.started {
            // What comes before was sent and missed: bytes behind it come after a gap, not at the start.
            (self.started, self.first, self.next) = (true, number, number);
        }
        if !self.acknowledges || ahead(number, self.acknowledged) > 0 {
            (self.acknowledged, self.acknowledges) = (number, true);
            let passed = ahead(number, self.next) > 0;
            if speaks && passed && !self.heard && !self.waits() {
                // Nobody listens to this direction, so its answers do not even count as missing.
                self.next = number;
                desk.audience.gap(desk.state, desk.direction);
            }
        }
    }

    /// Sequence number of the first segment held, and what it acknowledges that was not seen before it.
    pub(super) fn first_held(&self) -> Option<(u32, Option<u32>)> {
        let first = self.held.as_ref()?.segments.first()?;
        Some((first.start, first.after))
    }

    /// True when the first segment held waits neither for bytes before it nor for those of the other side.
    pub(super) fn is_ready(&self, other: &Self) -> bool {
        self.first_held().is_some_and(|(start, after)| {
            ahead(start, self.next) <= 0 && !after.is_some_and(|number| other.misses(number))
        })
    }

    /// True when what is waited for was received by its receiver: it will not be sent again.
    pub(super) fn is_stuck(&self) -> bool {
        self.first_held().is_some_and(|(start, after)| {
            after.is_some() || (self.acknowledges && ahead(self.acknowledged, start) >= 0)
        })
    }

    /// True when no more segments may be held.
    pub(super) fn is_full(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.segments.len() > SEGMENTS_HELD_MAX)
    }

    /// Takes a segment, of which `missing` more bytes were on the wire but not captured. It is shown unless it
    /// comes too early, or comes `after` bytes of the other side that were not seen yet.
    pub(super) fn segment<A: Audience>(
        &mut self,
        mut sequence: u32,
        piece: &Piece<'_>,
        missing: u32,
        after: Option<u32>,
        desk: &mut Desk<'_, A>,
    ) {
        let places;
        let mut piece = *piece;
        self.heard = true;
        if !self.started {
            (self.started, self.first, self.next) = (true, sequence, sequence);
        }
        let length = u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX);
        let end = sequence.wrapping_add(length).wrapping_add(missing);
        let mut distance = ahead(sequence, self.next);
        if distance.unsigned_abs() > WINDOW_BYTES_MAX {
            if !self.follows_far(sequence, end) {
                desk.counts.out_of_window = desk.counts.out_of_window.saturating_add(1);
                return;
            }
            self.gap_to(sequence, desk);
            distance = 0;
        }
        self.far = None;
        if distance < 0 {
            let old = usize::try_from(distance.unsigned_abs()).unwrap_or(usize::MAX);
            self.compare(old, piece.bytes, desk);
            if ahead(end, self.next) <= 0 {
                desk.counts.retransmissions = desk.counts.retransmissions.saturating_add(1);
                return;
            }
            let old = old.min(piece.bytes.len());
            piece.bytes = piece.bytes.get(old..).unwrap_or_default();
            places = rebased(piece.places, old);
            piece.places = &places;
            sequence = self.next;
            distance = 0;
        }
        let early = distance > 0 && !self.pass_hole(distance.unsigned_abs());
        if early || after.is_some() {
            let segment = Segment::copied(sequence, &piece, missing, after, early);
            self.hold(segment, desk.counts);
        } else {
            self.accept(&piece, missing, desk);
        }
    }

    /// Two segments far from the rest that continue each other, or one where the receiver is: the stream has
    /// moved there. A single stray one has not.
    fn follows_far(&mut self, sequence: u32, end: u32) -> bool {
        let follows = self.far == Some(sequence);
        let expected = self.acknowledges
            && ahead(sequence, self.acknowledged).unsigned_abs() <= WINDOW_BYTES_MAX;
        self.far = Some(end);
        follows || expected
    }

    /// A hole in bytes that nobody wants is no hole.
    fn pass_hole(&mut self, length: u32) -> bool {
        let length_bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let passed = self.skip >= length_bytes && !self.waits();
        if passed {
            self.skip = self.skip.saturating_sub(length_bytes);
            self.next = self.next.wrapping_add(length);
        }
        passed
    }

    fn hold(&mut self, segment: Segment, counts: &mut Counts) {
        if !self.waits() {
            self.hole_since = segment.at;
        }
        counts.out_of_order = counts.out_of_order.saturating_add(1);
        let next = self.next;
        let held = self.held.get_or_insert_default();
        counts.conflicts = counts.conflicts.saturating_add(held.insert(next, segment));
    }

    /// Moves to a sequence number; what is between is missing.
    pub(super) fn gap_to<A: Audience>(&mut self, sequence: u32, desk: &mut Desk<'_, A>) {
        let length = usize::try_from(sequence.wrapping_sub(self.next)).unwrap_or(usize::MAX);
        self.next = sequence;
        if self.skip >= length {
            self.skip = self.skip.saturating_sub(length);
            return;
        }
        self.skip = 0;
        desk.counts.gaps = desk.counts.gaps.saturating_add(1);
        desk.counts.gap_bytes =
            desk.counts.gap_bytes.saturating_add(u64::try_from(length).unwrap_or(0));
        self.break_off(desk);
    }

    /// Forgets unread bytes and tells the gap.
    fn break_off<A: Audience>(&mut self, desk: &mut Desk<'_, A>) {
        self.need = 0;
        self.untold = false;
        if let Some(held) = &mut self.held {
            held.unread.clear();
            held.places.clear();
        }
        desk.audience.gap(desk.state, desk.direction);
    }

    /// Shows the first segment held. When it came too early, the piece `by` that filled the hole completed it.
    pub(super) fn accept_first<A: Audience>(
        &mut self,
        by: Option<&Piece<'_>>,
        desk: &mut Desk<'_, A>,
    ) {
        let Some(held) = self.held.as_mut().filter(|held| !held.segments.is_empty()) else {
            return;
        };
        let segment = held.segments.remove(0);
        let old = usize::try_from(self.next.wrapping_sub(segment.start)).unwrap_or(usize::MAX);
        if old <= segment.bytes.len() {
            let places = rebased(&segment.places, old);
            let by = by.filter(|by| segment.early && by.frame > segment.frame);
            let piece = Piece {
                bytes: segment.bytes.get(old..).unwrap_or_default(),
                places: &places,
                at: by.map_or(segment.at, |by| by.at),
                frame: by.map_or(segment.frame, |by| by.frame),
                mac: by.map_or(segment.mac, |by| by.mac),
            };
            self.accept(&piece, segment.missing, desk);
        }
        if self.held.as_ref().is_some_and(|held| held.is_empty()) {
            self.held = None;
        }
    }

    /// Takes bytes that are next.
    fn accept<A: Audience>(&mut self, piece: &Piece<'_>, missing: u32, desk: &mut Desk<'_, A>) {
        let length = u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX);
        self.next = self.next.wrapping_add(length);
        if self.untold {
            self.break_off(desk);
        }
        let skipped = self.skip.min(piece.bytes.len());
        self.skip = self.skip.saturating_sub(skipped);
        let bytes = piece.bytes.get(skipped..).unwrap_or_default();
        if !bytes.is_empty() && !*desk.done {
            let places;
            let mut piece = Piece { bytes, ..*piece };
            if skipped > 0 {
                places = rebased(piece.places, skipped);
                piece.places = &places;
            }
            self.show_stream(&piece, desk);
        }
        if missing > 0 {
            self.gap_to(self.next.wrapping_add(missing), desk);
        }
    }

    fn show_stream<A: Audience>(&mut self, piece: &Piece<'_>, desk: &mut Desk<'_, A>) {
        let Some(held) = self.held.as_deref_mut().filter(|held| !held.unread.is_empty()) else {
            let shown = show(piece, false, desk);
            self.skip = shown.skip;
            self.keep(piece, shown, desk);
            return;
        };
        held.append(piece.bytes, piece.places);
        if held.unread.len() < usize::try_from(self.need).unwrap_or(usize::MAX)
            && held.places.len() <= PLACES_MAX
        {
            return;
        }
        let (unread, places) = (std::mem::take(&mut held.unread), std::mem::take(&mut held.places));
        let shown = show(&Piece { bytes: &unread, places: &places, ..*piece }, false, desk);
        self.skip = shown.skip;
        self.need = 0;
        let too_many = places.len() > PLACES_MAX;
        if let Some(held) = &mut self.held {
            held.put_back(unread, places, shown.used);
            let overflow = shown.need > UNREAD_BYTES_MAX || too_many;
            if *desk.done {
                held.unread.clear();
                held.places.clear();
            } else if !held.unread.is_empty() && overflow {
                desk.counts.unread_overflows = desk.counts.unread_overflows.saturating_add(1);
                self.break_off(desk);
            } else {
                self.need = u32::try_from(shown.need).unwrap_or(u32::MAX);
            }
        }
        if self.held.as_ref().is_some_and(|held| held.is_empty()) {
            self.held = None;
        }
    }

    /// Copies what a dissector left unread of a packet.
    fn keep<A: Audience>(&mut self, piece: &Piece<'_>, shown: Shown, desk: &mut Desk<'_, A>) {
        let rest = piece.bytes.get(shown.used..).unwrap_or_default();
        if rest.is_empty() || *desk.done {
            return;
        }
        if shown.need > UNREAD_BYTES_MAX || rest.len() > UNREAD_BYTES_MAX {
            desk.counts.unread_overflows = desk.counts.unread_overflows.saturating_add(1);
            self.break_off(desk);
            return;
        }
        self.need = u32::try_from(shown.need).unwrap_or(u32::MAX);
        self.held.get_or_insert_default().append(rest, &rebased(piece.places, shown.used));
    }

    /// Compares bytes sent again with those still unread; `old` is how far before `next` they start.
    fn compare<A: Audience>(&self, old: usize, bytes: &[u8], desk: &mut Desk<'_, A>) {
        let Some(held) = &self.held else { return };
        let unread = &held.unread;
        let (kept, again) = match unread.len().checked_sub(old) {
            Some(start) => (unread.get(start..).unwrap_or_default(), bytes),
            None => {
                let gone = old.saturating_sub(unread.len());
                (unread.as_slice(), bytes.get(gone..).unwrap_or_default())
            }
        };
        if kept.iter().zip(again).any(|(kept, again)| kept != again) {
            desk.counts.conflicts = desk.counts.conflicts.saturating_add(1);
        }
    }
}

/// How far showing got.
#[derive(Clone, Copy, Default)]
pub(super) struct Shown {
    /// Bytes used from the front.
    used: usize,
    /// Bytes behind them that are not wanted.
    skip: usize,
    /// Bytes wanted from `used` on before it is worth to show them again.
    need: usize,
}

impl Shown {
    /// True when a message ended before its end.
    pub(super) fn is_short(&self) -> bool {
        self.need > 0
    }
}

/// Shows one message after the other until nothing is left or more is needed.
pub(super) fn show<A: Audience>(piece: &Piece<'_>, whole: bool, desk: &mut Desk<'_, A>) -> Shown {
    let mut shown = Shown::default();
    let mut many;
    let mut one;
    while shown.used < piece.bytes.len() {
        let bytes = piece.bytes.get(shown.used..).unwrap_or_default();
        let places: &[Place] = match piece.places {
            places if shown.used == 0 => places,
            [place] => {
                one = [place.moved(shown.used)];
                &one
            }
            places => {
                many = rebased(places, shown.used);
                &many
            }
        };
        let Piece { at, frame, mac, .. } = *piece;
        let (direction, flow) = (desk.direction, desk.flow);
        let input = Input { bytes, whole, direction, flow, at, frame, mac, places };
        match desk.audience.show(desk.state, &input) {
            Taken::Used(used) => {
                let used = used.max(1);
                shown.skip = used.saturating_sub(bytes.len());
                shown.used = shown.used.saturating_add(used.min(bytes.len()));
            }
            Taken::Need(need) => {
                shown.need = need.max(bytes.len().saturating_add(1));
                return shown;
            }
            Taken::Done => {
                *desk.done = true;
                return shown;
            }
        }
    }
    shown
}

/// How far one sequence number is ahead of another, modulo 2³² (RFC 9293 §3.4).
pub(super) fn ahead(sequence: u32, of: u32) -> i32 {
    sequence.wrapping_sub(of).cast_signed()
}

/// The largest distance that is still believed: scaled windows in use are smaller, a burst of loss is too.
const WINDOW_BYTES_MAX: u32 = 16 * 1_024 * 1_024;
