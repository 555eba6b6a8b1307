//! The way through a scan: captures are read, engines dissect, a ledger concludes. One thread does all three in turn, or up to
//! three do them side by side, a batch behind each other. Each still sees everything in the same order, so that what comes
//! of it is the same, byte for byte: `docs/decisions/threads.md` says why frames are not dealt out among engines.

use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use crate::app::AppError;
use crate::app::evidence::Evidence;
use crate::app::intake::Intake;
use crate::app::scan::{Request, Watch, is_wanted};
use crate::app::sites::Engines;
use crate::capture::Replay;
use crate::export::json;
use crate::ledger::Ledger;
use crate::model::{Observation, Run};

/// What a scan reads with, and whom it tells.
pub(super) struct Line<'a> {
    /// What to scan.
    pub(super) request: &'a Request,
    /// What is known of the scan before anything is read.
    pub(super) run: &'a Run,
    /// Set when it is to end early.
    pub(super) stop: &'a AtomicBool,
    /// Keeps the packets behind what is found.
    pub(super) evidence: Option<&'a mut Evidence>,
}

impl Line<'_> {
    /// Reads all there is, through engines to the ledger. Gives back what was read from, and where it went.
    pub(super) fn pass<'w>(
        mut self,
        replay: Replay,
        engines: &mut Engines,
        onward: Onward<'w>,
        watch: &mut dyn Watch,
    ) -> Result<(Replay, Onward<'w>), AppError> {
        std::thread::scope(|threads| {
            let most = self.request.frames_max;
            let reads_ahead = self.reads_ahead(&replay, engines);
            let intake = match reads_ahead {
                true => Intake::beside(threads, replay, most, self.stop),
                false => Intake::new(replay, most, self.stop),
            };
            let outlet = match reads_ahead && self.request.threads.count() > 2 {
                true => Outlet::beside(threads, onward, self.run),
                false => Outlet::Own(Box::new(onward)),
            };
            self.through(intake, engines, outlet, watch)
        })
    }

    /// Whether another thread may read ahead. Not where each frame is dealt with alone, and not from a stream, of which
    /// everything that came is wanted when a person ends it.
    fn reads_ahead(&self, replay: &Replay, engines: &Engines) -> bool {
        self.request.threads.count() > 1
            && self.evidence.is_none()
            && !engines.are_several()
            && replay.progress().total.is_some()
    }

    fn through<'w>(
        &mut self,
        mut intake: Intake<'_>,
        engines: &mut Engines,
        mut outlet: Outlet<'_, 'w>,
        watch: &mut dyn Watch,
    ) -> Result<(Replay, Onward<'w>), AppError> {
        let mut learned = Vec::new();
        while intake.step(engines, self.evidence.as_deref_mut(), self.run)? {
            let is_due = intake.ends_a_batch();
            if is_due || self.evidence.is_some() || engines.are_several() {
                self.learn(engines.drain_last(), &mut learned);
            }
            if is_due {
                if !outlet.pass(&mut learned, self.run)? {
                    break;
                }
                watch.progress(intake.progress.done, intake.progress.total, intake.frames);
            }
        }
        engines.finish();
        self.learn(engines.drain(), &mut learned);
        outlet.pass(&mut learned, self.run)?;
        Ok((intake.end()?, outlet.end()?))
    }

    /// Takes over what the engine learned, with its evidence if that is asked for: then after each frame, while it waits.
    fn learn(
        &mut self,
        drained: impl Iterator<Item = Observation>,
        learned: &mut Vec<Observation>,
    ) {
        let known = learned.len();
        learned.extend(drained);
        if let Some(evidence) = &mut self.evidence {
            learned.iter().skip(known).for_each(|fact| evidence.cite(self.run, fact));
        }
    }
}

/// Where observations go from the engine: to the printed facts, to the ledger or the store, to what is kept.
pub(super) struct Onward<'w> {
    /// What is asked for.
    pub(super) request: &'w Request,
    /// Gets every observation as it is made.
    pub(super) facts: Option<&'w mut (dyn Write + Send)>,
    /// What was kept.
    pub(super) kept: Vec<Observation>,
    /// Concludes.
    pub(super) ledger: Ledger,
}

impl Onward<'_> {
    fn pass(&mut self, observations: Vec<Observation>, run: &Run) -> Result<(), AppError> {
        if let Some(out) = self.facts.as_mut() {
            let printed =
                observations.iter().try_for_each(|observation| json::fact(run, observation, out));
            printed.map_err(|source| AppError::Write { what: "facts".to_owned(), source })?;
        }
        if self.request.store.is_some() {
            self.kept.extend(observations.into_iter().filter(|one| !one.repeat));
            return Ok(());
        }
        if let Some(wanted) = &self.request.frame {
            let said = observations.iter().filter(|one| is_wanted(one, wanted, run));
            self.kept.extend(said.cloned());
        } else if self.request.all_facts {
            self.kept.extend(observations.iter().filter(|one| !one.repeat).cloned());
        }
        self.ledger.take(observations);
        Ok(())
    }
}

/// Who hands observations on.
enum Outlet<'scope, 'w> {
    Own(Box<Onward<'w>>),
    Beside {
        hand: SyncSender<Vec<Observation>>,
        thread: ScopedJoinHandle<'scope, Result<Onward<'w>, AppError>>,
    },
}

impl<'scope, 'w: 'scope> Outlet<'scope, 'w> {
    fn beside<'env>(
        threads: &'scope Scope<'scope, 'env>,
        mut onward: Onward<'w>,
        run: &'env Run,
    ) -> Self {
        let (hand, taken): (_, Receiver<Vec<Observation>>) = sync_channel(PARCELS_WAITING);
        let thread = threads.spawn(move || {
            taken.iter().try_for_each(|observations| onward.pass(observations, run))?;
            Ok(onward)
        });
        Self::Beside { hand, thread }
    }
}

impl<'w> Outlet<'_, 'w> {
    /// Hands on what was learned; false when nobody takes it any more, and [`Outlet::end`] says why.
    fn pass(&mut self, learned: &mut Vec<Observation>, run: &Run) -> Result<bool, AppError> {
        if learned.is_empty() {
            return Ok(true);
        }
        let observations = std::mem::take(learned);
        match self {
            Self::Own(onward) => onward.pass(observations, run).map(|()| true),
            Self::Beside { hand, .. } => Ok(hand.send(observations).is_ok()),
        }
    }

    fn end(self) -> Result<Onward<'w>, AppError> {
        match self {
            Self::Own(onward) => Ok(*onward),
            Self::Beside { hand, thread } => {
                drop(hand);
                let broke =
                    |_| AppError::Internal("the thread that concludes broke off".to_owned());
                thread.join().map_err(broke)?
            }
        }
    }
}

/// What the engine learned of so many batches may wait for the ledger.
const PARCELS_WAITING: usize = 8;
