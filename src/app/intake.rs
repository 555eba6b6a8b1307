//! From captures to engines: one frame at a time, or many where that is quicker. What comes of it is the same.

use crate::app::AppError;
use crate::app::evidence::Evidence;
use crate::app::sites::Engines;
use crate::capture::{Batch, Replay};
use crate::model::Run;

/// Frames that were taken in, and those that were copied to be.
pub(super) struct Intake {
    /// How many were taken in so far.
    pub(super) frames: u64,
    most: u64,
    ahead: Batch,
}

impl Intake {
    /// Takes in no more than so many frames.
    pub(super) fn new(most: Option<u64>) -> Self {
        Self { frames: 0, most: most.unwrap_or(u64::MAX), ahead: Batch::default() }
    }

    /// Takes in what comes next, never beyond the end of a batch of [`FRAMES_PER_BATCH`]; false when nothing does.
    ///
    /// Evidence wants each frame alone, and so do several sites: what is learned is drained after each.
    pub(super) fn step(
        &mut self,
        replay: &mut Replay,
        engines: &mut Engines,
        evidence: Option<&mut Evidence>,
        run: &Run,
    ) -> Result<bool, AppError> {
        let left = self.most.saturating_sub(self.frames);
        if evidence.is_none() && engines.look_ahead() {
            let due = FRAMES_PER_BATCH.saturating_sub(self.frames % FRAMES_PER_BATCH);
            self.copy(replay, due.min(left).min(FRAMES_AHEAD));
            engines.frames(self.ahead.frames());
            let taken = u64::try_from(self.ahead.len()).unwrap_or(u64::MAX);
            self.frames = self.frames.saturating_add(taken);
            return Ok(taken > 0);
        }
        let next = if left > 0 { replay.next() } else { None };
        let Some(frame) = next else { return Ok(false) };
        if let Some(evidence) = evidence {
            evidence.hold(run, &frame)?;
        }
        engines.frame(&frame);
        self.frames = self.frames.saturating_add(1);
        Ok(true)
    }

    /// True when it is time to hand on what was learned.
    pub(super) fn ends_a_batch(&self) -> bool {
        self.frames.is_multiple_of(FRAMES_PER_BATCH)
    }

    /// Copies the next frames, so that the engine can look at all of them before it reads the first.
    fn copy(&mut self, replay: &mut Replay, most: u64) {
        self.ahead.clear();
        for _ in 0..most {
            let Some(frame) = replay.next() else { return };
            self.ahead.push(&frame);
        }
    }
}

/// Frames between two times that what was learned is handed on.
const FRAMES_PER_BATCH: u64 = 256;
/// Frames copied at once: few enough that they are still in the nearest cache when they are read.
const FRAMES_AHEAD: u64 = 32;
