//! From captures to engines, in packet order: by the thread that works on the frames, or by one beside it, which reads
//! ahead while the other works. What comes of it is the same.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use crate::app::AppError;
use crate::app::evidence::Evidence;
use crate::app::sites::Engines;
use crate::capture::{Batch, Progress, Replay};
use crate::model::Run;

/// Frames that come in.
pub(super) struct Intake<'scope> {
    /// Set when no more is to be read. What was read by then is taken in, so that frames count where they were seen.
    stop: &'scope AtomicBool,
    /// How many were taken in so far.
    pub(super) frames: u64,
    /// How far the captures are read.
    pub(super) progress: Progress,
    most: u64,
    ahead: Batch,
    reader: Reader<'scope>,
}

/// Who reads the captures.
enum Reader<'scope> {
    Own(Box<Replay>),
    Beside(Beside<'scope>),
}

/// A thread that reads, and what it hands over.
struct Beside<'scope> {
    full: Receiver<(Batch, Progress)>,
    empty: SyncSender<Batch>,
    thread: ScopedJoinHandle<'scope, Replay>,
}

impl<'scope> Intake<'scope> {
    /// Takes in no more than so many frames, read here.
    pub(super) fn new(replay: Replay, most: Option<u64>, stop: &'scope AtomicBool) -> Self {
        Self::of(Reader::Own(Box::new(replay)), most, stop)
    }

    /// The same, read by a thread of its own, which is ahead by [`BATCHES_AHEAD`] batches.
    pub(super) fn beside<'env>(
        threads: &'scope Scope<'scope, 'env>,
        replay: Replay,
        most: Option<u64>,
        stop: &'scope AtomicBool,
    ) -> Self {
        let (fill, full) = sync_channel(BATCHES_AHEAD);
        let (empty, used) = sync_channel(BATCHES_AHEAD);
        let left = most.unwrap_or(u64::MAX);
        let thread = threads.spawn(move || read(replay, left, stop, (&fill, &used)));
        Self::of(Reader::Beside(Beside { full, empty, thread }), most, stop)
    }

    fn of(reader: Reader<'scope>, most: Option<u64>, stop: &'scope AtomicBool) -> Self {
        let (most, ahead) = (most.unwrap_or(u64::MAX), Batch::default());
        Self { stop, frames: 0, progress: Progress::default(), most, ahead, reader }
    }

    /// Takes in what comes next, never beyond the end of a batch of [`FRAMES_PER_BATCH`]; false when nothing does.
    ///
    /// Evidence wants each frame alone, and so do several sites: what is learned is drained after each. Neither can be read
    /// beside.
    pub(super) fn step(
        &mut self,
        engines: &mut Engines,
        evidence: Option<&mut Evidence>,
        run: &Run,
    ) -> Result<bool, AppError> {
        if matches!(self.reader, Reader::Own(_)) && self.stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let left = self.most.saturating_sub(self.frames);
        let taken = match &mut self.reader {
            Reader::Beside(beside) => {
                let Ok((batch, progress)) = beside.full.recv() else { return Ok(false) };
                self.progress = progress;
                engines.frames(batch.frames());
                let taken = batch.len();
                // When the reader has ended it wants none back.
                let _ = beside.empty.try_send(batch);
                taken
            }
            Reader::Own(replay) if evidence.is_none() && engines.look_ahead() => {
                let due = FRAMES_PER_BATCH.saturating_sub(self.frames % FRAMES_PER_BATCH);
                copy(replay, &mut self.ahead, due.min(left).min(FRAMES_AHEAD));
                engines.frames(self.ahead.frames());
                self.ahead.len()
            }
            Reader::Own(replay) => {
                let next = if left > 0 { replay.next() } else { None };
                let Some(frame) = next else { return Ok(false) };
                if let Some(evidence) = evidence {
                    evidence.hold(run, &frame)?;
                }
                engines.frame(&frame);
                1
            }
        };
        self.frames = self.frames.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        if let Reader::Own(replay) = &self.reader
            && self.ends_a_batch()
        {
            self.progress = replay.progress();
        }
        Ok(taken > 0)
    }

    /// True when it is time to hand on what was learned.
    pub(super) fn ends_a_batch(&self) -> bool {
        matches!(self.reader, Reader::Beside(_)) || self.frames.is_multiple_of(FRAMES_PER_BATCH)
    }

    /// Takes in no more, and gives the captures back.
    pub(super) fn end(self) -> Result<Replay, AppError> {
        match self.reader {
            Reader::Own(replay) => Ok(*replay),
            Reader::Beside(Beside { full, empty, thread }) => {
                drop((full, empty));
                let ended = thread.join();
                ended.map_err(|_| AppError::Internal("the thread that reads broke off".to_owned()))
            }
        }
    }
}

/// Reads until there is no more, or nobody wants more. Every frame that was read is handed over.
fn read(
    mut replay: Replay,
    mut left: u64,
    stop: &AtomicBool,
    (fill, used): (&SyncSender<(Batch, Progress)>, &Receiver<Batch>),
) -> Replay {
    while left > 0 && !stop.load(Ordering::Relaxed) {
        let mut batch = used.try_recv().unwrap_or_default();
        copy(&mut replay, &mut batch, left.min(FRAMES_PER_BATCH));
        left = left.saturating_sub(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        if batch.is_empty() || fill.send((batch, replay.progress())).is_err() {
            break;
        }
    }
    replay
}

/// Copies the next frames, so that the engine can look at all of them before it reads the first.
fn copy(replay: &mut Replay, batch: &mut Batch, most: u64) {
    batch.clear();
    for _ in 0..most {
        let Some(frame) = replay.next() else { return };
        batch.push(&frame);
    }
}

/// Frames between two times that what was learned is handed on.
const FRAMES_PER_BATCH: u64 = 256;
/// Frames copied at once by the thread that works on them: few enough that they are still in the nearest cache then.
const FRAMES_AHEAD: u64 = 32;
/// Batches that wait for the engine: enough that neither waits for the other's longest step, few enough to stay in the caches.
const BATCHES_AHEAD: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::sites::Placed;
    use crate::capture::ReplayOptions;
    use crate::engine;

    #[test]
    fn what_was_read_when_a_person_ends_the_scan_is_taken_in() {
        let captures = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");
        for beside in [false, true] {
            let (replay, _) = Replay::open(&[captures.into()], &ReplayOptions::default());
            let placed = Placed::new(&[], replay.captures()).unwrap();
            let mut engines = Engines::new(engine::Options::default(), &placed);
            let stop = AtomicBool::new(false);
            let (frames, replay) = std::thread::scope(|threads| {
                let mut intake = match beside {
                    true => Intake::beside(threads, replay, None, &stop),
                    false => Intake::new(replay, None, &stop),
                };
                assert!(intake.step(&mut engines, None, &Run::default()).unwrap());
                stop.store(true, Ordering::Relaxed);
                while intake.step(&mut engines, None, &Run::default()).unwrap() {}
                (intake.frames, intake.end().unwrap())
            });
            let read: u64 = replay.captures().iter().map(|capture| capture.passed).sum();
            assert_eq!((frames, engines.counters().count("engine.frames")), (read, read));
            assert!((1..10_000).contains(&read), "{read}");
        }
    }
}
