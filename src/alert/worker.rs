//! One output at work: notices are read from the backlog, sent, known to have arrived, and only then counted as delivered.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::alert::backoff::Backoff;
use crate::alert::format::Message;
use crate::alert::news::News;
use crate::alert::outputs::Open;
use crate::alert::plan::Plan;
use crate::alert::transport::{self, Standing, Transport, TransportError};
use crate::alert::{Backlog, BacklogError, Cursor, CursorError, lock, now};
use crate::export::escape::term;
use crate::model::OutputHealth;
use crate::model::limits::{BATCHES_UNCONFIRMED_MAX, OUTPUT_ERROR_BYTES_MAX, REFUSALS_MAX};

mod queue;

/// How fast an output works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often the backlog is looked at when nobody rings.
    pub poll: Duration,
    /// How long a connection has to live on after what was sent has arrived, before it counts as taken.
    pub settle: Duration,
    /// The wait after a first failure.
    pub shortest: Duration,
    /// The longest wait after many.
    pub longest: Duration,
    /// What the waits vary by, so that a hundred sensors do not come back in the same moment.
    pub seed: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            settle: Duration::from_secs(2),
            shortest: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            seed: u64::from(std::process::id()),
        }
    }
}

/// What an output and those who ask for it share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) health: Mutex<OutputHealth>,
    pub(super) stopping: AtomicBool,
    pub(super) deadline: Mutex<Option<Instant>>,
}

/// One output at work.
pub(super) struct Worker {
    plan: Plan,
    pace: Pace,
    folder: PathBuf,
    open: Open,
    news: News,
    shared: Arc<Shared>,
    transport: Box<dyn Transport>,
    backlog: Option<Box<dyn Backlog>>,
    /// How far it is, once that was read; `number` in it is the last one known to be delivered, or passed over.
    cursor: Option<Cursor>,
    /// Whether the backlog was seen to be the one that the cursor is about.
    verified: bool,
    /// The last number sent or passed over: never below that of the cursor.
    sent: u64,
    /// What was sent and is not known to have arrived, in order.
    floating: VecDeque<Mark>,
    /// Since when how many bytes do not get less.
    stuck: Option<(Instant, u64)>,
    /// Notices to send at once: fewer after a refusal.
    limit: usize,
    refusals: u32,
    backoff: Backoff,
    saved: Instant,
    unsaved: bool,
}

/// A batch that was sent.
#[derive(Debug)]
struct Mark {
    at: Instant,
    number: u64,
    told_ns: i64,
    count: u64,
    /// Whether it told of the gap.
    tells_gap: bool,
}

/// What there is to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    /// More of the same.
    More,
    /// Nothing, until there is news or time has passed.
    Wait,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Backlog(#[from] BacklogError),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

impl Worker {
    pub(super) fn new(
        plan: Plan,
        pace: Pace,
        folder: PathBuf,
        open: Open,
        news: News,
        shared: Arc<Shared>,
    ) -> Self {
        let (transport, limit) = (transport::open(&plan), plan.batch);
        // Outputs of one process do not retry in step either.
        let seed = plan
            .name
            .bytes()
            .fold(pace.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let backoff = Backoff::new(pace.shortest, pace.longest, seed);
        Self {
            plan,
            pace,
            folder,
            open,
            news,
            shared,
            transport,
            backlog: None,
            cursor: None,
            verified: false,
            sent: 0,
            floating: VecDeque::new(),
            stuck: None,
            limit,
            refusals: 0,
            backoff,
            saved: Instant::now(),
            unsaved: false,
        }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        loop {
            let heard = self.news.heard();
            match self.step() {
                Ok(Next::More) if !self.is_late() => {}
                Ok(_) => {
                    if self.is_stopping() {
                        break;
                    }
                    let pause = match self.floating.is_empty() {
                        true => self.pace.poll,
                        false => {
                            self.pace.poll.min(self.pace.settle.checked_div(4).unwrap_or_default())
                        }
                    };
                    self.news.wait(heard, pause);
                }
                Err(error) => {
                    let wait = self.failed(&error);
                    if self.is_stopping() || !self.rest(wait) {
                        break;
                    }
                }
            }
        }
        self.end();
    }

    fn step(&mut self) -> Result<Next, StepError> {
        self.begin()?;
        self.confirm()?;
        if self.floating.len() >= BATCHES_UNCONFIRMED_MAX {
            return Ok(Next::Wait);
        }
        let Some(batch) = self.take()? else {
            if self.floating.is_empty() {
                self.is_well();
            }
            self.save_at_times();
            return Ok(Next::Wait);
        };
        if batch.messages.is_empty() && self.floating.is_empty() {
            // All of them are for others: that is no delivery.
            self.pass(batch.number, batch.told_ns);
            return Ok(Next::More);
        }
        if !batch.messages.is_empty() {
            if let Err(error) = self.transport.send(&batch.messages) {
                self.start_over();
                return self.refused(error, &batch);
            }
            self.limit = self.limit.saturating_mul(2).min(self.plan.batch);
            self.refusals = 0;
        }
        self.sent = batch.number;
        self.floating.push_back(Mark {
            at: Instant::now(),
            number: batch.number,
            told_ns: batch.told_ns,
            count: batch.count,
            tells_gap: batch.tells_gap,
        });
        Ok(Next::More)
    }

    /// Looks whether what was sent has arrived.
    fn confirm(&mut self) -> Result<(), StepError> {
        let standing = match self.transport.standing() {
            Ok(standing) => standing,
            // A receiver may close a connection on which nothing is under way.
            Err(_) if self.floating.is_empty() => return Ok(()),
            Err(error) => {
                self.start_over();
                return Err(error.into());
            }
        };
        let arrived = match standing {
            Standing::Delivered => self.floating.len(),
            Standing::Arrived => {
                self.stuck = None;
                let settled = |mark: &&Mark| mark.at.elapsed() >= self.pace.settle;
                self.floating.iter().take_while(settled).count()
            }
            Standing::OnItsWay(bytes) => {
                let (since, before) = self.stuck.unwrap_or((Instant::now(), bytes));
                let since = if bytes < before { Instant::now() } else { since };
                self.stuck = Some((since, bytes));
                if since.elapsed() > self.plan.timeout {
                    self.start_over();
                    let (to, most) = (self.plan.target.to_string(), self.plan.timeout);
                    return Err(TransportError::Unconfirmed { to, most }.into());
                }
                0
            }
        };
        self.settle(arrived);
        Ok(())
    }

    /// Counts the first so many batches as delivered.
    fn settle(&mut self, batches: usize) {
        let Some(cursor) = &mut self.cursor else { return };
        let mut count = 0_u64;
        for mark in self.floating.drain(..batches.min(self.floating.len())) {
            cursor.advance(mark.number, mark.told_ns);
            count = count.saturating_add(mark.count);
            if mark.tells_gap {
                cursor.gap = None;
                count = count.saturating_add(1);
            }
        }
        if batches == 0 {
            return;
        }
        let health = &mut cursor.health;
        health.delivered = health.delivered.saturating_add(count);
        if count > 0 {
            self.is_well();
        }
        self.save();
    }

    /// All that there was to do is done.
    fn is_well(&mut self) {
        let Some(Cursor { health, .. }) = &mut self.cursor else { return };
        if health.failing_since_ns != 0 {
            tracing::info!("output {}: it works again", self.plan.name);
            health.failing_since_ns = 0;
            health.last_error.clear();
            self.unsaved = true;
        }
        self.backoff.worked();
    }

    /// A receiver that refuses gets fewer at once, and a single notice that it never takes is given up after a while.
    fn refused(&mut self, error: TransportError, batch: &Batch) -> Result<Next, StepError> {
        if !error.is_refusal() {
            return Err(error.into());
        }
        if self.limit > 1 && batch.messages.len() > 1 {
            self.limit = (batch.messages.len() / 2).max(1);
            return Ok(Next::More);
        }
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals >= REFUSALS_MAX {
            self.refusals = 0;
            match batch.tells_gap {
                true => self.forget_gap(),
                false => {
                    self.drop_up_to(batch.number, batch.told_ns, batch.count);
                }
            }
        }
        Err(error.into())
    }

    /// Nothing that was sent counts: all that is not known to be delivered is sent again, over a new connection.
    fn start_over(&mut self) {
        self.transport.close(Duration::ZERO);
        self.floating.clear();
        self.stuck = None;
        self.sent = self.cursor.as_ref().map_or(0, |cursor| cursor.health.number);
    }

    /// Notes a failure, and says how long to leave the receiver alone.
    fn failed(&mut self, error: &StepError) -> Duration {
        let text = term(&error.to_string()).into_owned();
        let text = text.split_at(text.floor_char_boundary(OUTPUT_ERROR_BYTES_MAX)).0.to_owned();
        let wait = self.backoff.failed();
        let wait = match error {
            StepError::Transport(error) => error.retry_after().unwrap_or(wait).max(wait),
            StepError::Backlog(_) => {
                self.backlog = None;
                wait
            }
            StepError::Cursor(_) => wait,
        };
        match &mut self.cursor {
            Some(cursor) => {
                if cursor.health.failing_since_ns == 0 {
                    tracing::warn!("output {}: {text}; it goes on trying", self.plan.name);
                    cursor.health.failing_since_ns = now().0;
                }
                cursor.health.last_error = text;
                self.save();
            }
            None => {
                tracing::warn!("output {}: {text}", self.plan.name);
                let mut health = lock(&self.shared.health);
                health.failing_since_ns = now().0;
                health.last_error = text;
            }
        }
        wait
    }

    /// Waits; false when it is to stop.
    fn rest(&self, wait: Duration) -> bool {
        let until = Instant::now().checked_add(wait);
        loop {
            let heard = self.news.heard();
            let left = until.map_or(wait, |until| until.saturating_duration_since(Instant::now()));
            if self.is_stopping() {
                return false;
            }
            if left.is_zero() {
                return true;
            }
            // News of notices changes nothing for a receiver that does not answer; a stop rings too.
            self.news.wait(heard, left);
        }
    }

    fn end(&mut self) {
        let left = lock(&self.shared.deadline)
            .map_or(Duration::ZERO, |deadline| deadline.saturating_duration_since(Instant::now()));
        if self.transport.close(left) {
            self.settle(self.floating.len());
        }
        self.save();
    }

    fn save_at_times(&mut self) {
        if self.unsaved && self.saved.elapsed() >= self.pace.poll {
            self.save();
        } else {
            self.publish();
        }
    }

    fn save(&mut self) {
        let Some(cursor) = &mut self.cursor else { return };
        if cursor.health.failing_since_ns == 0 {
            // What kept this from being written the last time.
            cursor.health.last_error.clear();
        }
        self.publish();
        let Some(cursor) = &mut self.cursor else { return };
        (self.saved, self.unsaved) = (Instant::now(), false);
        if let Err(error) = cursor.save(&self.folder, &self.plan.name) {
            tracing::warn!("output {}: {error}", self.plan.name);
            cursor.health.last_error = error.to_string();
            self.unsaved = true;
            self.publish();
        }
    }

    fn publish(&mut self) {
        if let Some(cursor) = &mut self.cursor {
            cursor.health.written_ns = now().0;
            lock(&self.shared.health).clone_from(&cursor.health);
        }
    }

    fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::Acquire)
    }

    /// Whether it is to stop, and may not even send what is left.
    fn is_late(&self) -> bool {
        let deadline = || *lock(&self.shared.deadline);
        self.is_stopping() && deadline().is_none_or(|deadline| Instant::now() >= deadline)
    }
}

/// What is sent at once.
#[derive(Debug)]
struct Batch {
    messages: Vec<Message>,
    /// The last number that this takes care of.
    number: u64,
    told_ns: i64,
    /// Notices among the messages.
    count: u64,
    /// Whether the first message tells of the gap.
    tells_gap: bool,
}
