//! The thread of one interface: from the kernel's ring into batches, and nothing else.
//!
//! It never waits for the engine with frames in its hands that the kernel could still count: when all batches are in use it stops taking, the ring fills, and
//! what finds no room there is dropped and counted by the kernel. So there is one place where frames are lost, and it counts them exactly.

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use crate::app::monitor::now;
use crate::app::monitor::status::Status;
use crate::capture::{Batch, Filled, Live};
use crate::model::Timestamp;
use crate::model::health::LinkState;

/// What the thread of an interface tells the engine.
#[derive(Debug)]
pub(super) enum Heard {
    /// Frames.
    Frames(usize, Batch),
    /// Nothing came up to that time.
    Silence(usize, Timestamp),
    /// Nothing will come any more.
    Ended(usize),
}

/// One interface, and where its frames go.
pub(super) struct Reception<'a> {
    pub(super) interface: usize,
    pub(super) live: Live,
    /// How long the kernel may keep a frame before it shows it.
    pub(super) block_wait: Duration,
    pub(super) out: SyncSender<Heard>,
    /// Batches that were read and can be filled again.
    pub(super) back: Receiver<Batch>,
    pub(super) status: &'a Status,
}

impl Reception<'_> {
    /// Receives until the sensor stops; then takes what the kernel still has, and ends.
    pub(super) fn run(mut self) {
        let began = self.live.transmitted();
        let mut told = Instant::now();
        let mut was_up = true;
        self.tell(began);
        while !self.status.is_stopping() {
            self.status.beat(self.interface);
            let (trouble, is_up) = self.round();
            if was_up && !is_up {
                self.status.interface(self.interface, |health| {
                    health.interruptions = health.interruptions.saturating_add(1);
                });
            }
            was_up = is_up;
            if told.elapsed() >= TELL_EVERY || trouble.is_some() {
                told = Instant::now();
                self.status.interface(self.interface, |health| {
                    health.trouble = trouble.unwrap_or_default();
                });
                self.tell(began);
            }
        }
        self.drain();
        self.tell(began);
        // The engine is gone only when the sensor ends in disorder.
        let _ = self.out.send(Heard::Ended(self.interface));
    }

    /// One batch, or a moment of nothing. Gives what is wrong, and whether frames can come.
    fn round(&mut self) -> (Option<String>, bool) {
        let mut batch = self.empty();
        let filled = self.live.fill(&mut batch, ROUND);
        let at = self.interface;
        match filled {
            Ok(Filled::Frames) => {
                self.hand_over(batch);
                (None, true)
            }
            Ok(Filled::Silent) => {
                self.silent();
                (None, true)
            }
            Ok(Filled::Down) => {
                self.silent();
                (Some("it is down: check the cable and the mirror port".to_owned()), false)
            }
            Ok(Filled::Gone) => {
                self.silent();
                let trouble = self.live.reopen().err().map(|error| error.to_string());
                if trouble.is_some() {
                    std::thread::sleep(REOPEN_EVERY);
                } else {
                    tracing::info!(interface = self.live.interface(), "the interface is back");
                }
                (trouble, false)
            }
            Err(error) => {
                tracing::warn!(interface = at, %error, "receiving failed");
                std::thread::sleep(REOPEN_EVERY);
                let again = self.live.reopen().err();
                (Some(again.unwrap_or(error).to_string()), false)
            }
        }
    }

    /// What the kernel still has when the sensor stops: all of it, if it ends in time.
    fn drain(&mut self) {
        let began = Instant::now();
        // A block of the ring that is not full is shown after a while only.
        let patience = self.block_wait.saturating_mul(2);
        loop {
            let mut batch = self.empty();
            match self.live.fill(&mut batch, patience.saturating_sub(began.elapsed())) {
                Ok(Filled::Frames) => self.hand_over(batch),
                _ if began.elapsed() >= patience => return,
                Ok(Filled::Silent) => {
                    std::thread::sleep(patience.saturating_sub(began.elapsed()).min(DRAIN_STEP));
                }
                _ => return,
            }
            if began.elapsed() >= DRAIN_FOR {
                return;
            }
        }
    }

    fn empty(&self) -> Batch {
        let mut batch = self.back.try_recv().unwrap_or_default();
        batch.clear();
        batch
    }

    fn hand_over(&self, batch: Batch) {
        // The engine is gone only when the sensor ends in disorder; then these frames are lost with it.
        let _ = self.out.send(Heard::Frames(self.interface, batch));
    }

    fn silent(&self) {
        let behind =
            i64::try_from(self.block_wait.as_nanos()).unwrap_or(i64::MAX).saturating_mul(2);
        let up_to = Timestamp(now().0.saturating_sub(behind));
        // Nobody needs to know of a silence that finds no room: there is something to read.
        let _ = self.out.try_send(Heard::Silence(self.interface, up_to));
    }

    /// Brings what is known of the interface up to date.
    fn tell(&mut self, began: Option<u64>) {
        let tally = self.live.tally();
        let state = self.live.link_state();
        let sent = self.live.transmitted().zip(began).map(|(now, began)| now.saturating_sub(began));
        self.status.interface(self.interface, |health| {
            health.state = state;
            health.received = tally.received;
            health.dropped_by_kernel = tally.dropped_by_kernel;
            health.dropped_by_interface = tally.dropped_by_interface;
            health.transmitted = sent.unwrap_or(0);
            if state == LinkState::Up && health.trouble.is_empty() && tally.restamped > 0 {
                health.trouble = format!("{} frames came without a time", tally.restamped);
            }
        });
    }
}

/// How long a round waits for frames: what the engine may not know of a silence.
const ROUND: Duration = Duration::from_millis(100);
const TELL_EVERY: Duration = Duration::from_secs(1);
const REOPEN_EVERY: Duration = Duration::from_secs(1);
/// How long a sensor that stops reads what the kernel still has.
const DRAIN_FOR: Duration = Duration::from_secs(5);
const DRAIN_STEP: Duration = Duration::from_millis(20);
