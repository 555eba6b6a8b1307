//! The thread of the engine: from frames to facts with their evidence.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::{Duration, Instant};

use crate::app::config::Keep;
use crate::app::monitor::behind::{self, Behind};
use crate::app::monitor::merge::Merge;
use crate::app::monitor::receive::Heard;
use crate::app::monitor::status::Status;
use crate::app::monitor::{fills, now};
use crate::capture::Batch;
use crate::engine::{Engine, Options};
use crate::model::{Conversation, Frame, Notice, Observation, Sighting, Timestamp};
use crate::store::KeptFrame;

/// What the engine tells those who keep it.
#[derive(Debug)]
pub(super) enum Parcel {
    /// Facts, and the frames behind them.
    Facts(Vec<Observation>, Vec<KeptFrame>),
    /// Who was there when, who talked to whom: all of it since the start, by capture.
    Standing(Vec<Sighting>, Vec<(u32, Conversation)>),
    /// What is worth telling of the sensor itself.
    Notices(Vec<Notice>),
    /// A person asks to read signatures, zones and advisories again.
    Reload,
    /// Nothing more comes.
    End,
}

/// The engine, what comes in and where it goes.
pub(super) struct Reading<'a> {
    engine: Engine,
    merge: Merge,
    behind: Behind,
    keep: Keep,
    back: Vec<Sender<Batch>>,
    out: SyncSender<Parcel>,
    status: &'a Status,
    /// Interfaces that still give something.
    open: usize,
    /// When a frame was read last.
    heard: Instant,
    /// The time of the frame read last.
    latest: Timestamp,
    /// How often it tells who was there.
    standing_every: Duration,
    stood: Instant,
}

impl<'a> Reading<'a> {
    /// An engine for so many interfaces as there are ways back.
    pub(super) fn new(
        (options, keep, standing_every): (Options, Keep, Duration),
        back: Vec<Sender<Batch>>,
        out: SyncSender<Parcel>,
        status: &'a Status,
    ) -> Self {
        Self {
            engine: Engine::new(options),
            merge: Merge::new(back.len()),
            behind: Behind::default(),
            keep,
            open: back.len(),
            back,
            out,
            status,
            heard: Instant::now(),
            latest: Timestamp::default(),
            standing_every,
            stood: Instant::now(),
        }
    }

    /// Reads until all interfaces have ended, then tells the rest.
    pub(super) fn run(mut self, heard: &Receiver<Heard>) {
        let mut told = Instant::now();
        while self.open > 0 || !self.merge.is_empty() {
            self.status.beat(self.status.engine_thread());
            match heard.recv_timeout(WAIT) {
                Ok(heard) => self.take(heard),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.open = 0;
                    (0..self.back.len()).for_each(|interface| self.merge.ended(interface));
                }
            }
            self.read();
            self.tick();
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                self.tell();
            }
            if self.stood.elapsed() >= self.standing_every {
                self.stand();
            }
        }
        self.engine.finish();
        self.hand_on();
        self.stand();
        self.tell();
        // Those who keep it are gone only when the sensor ends in disorder.
        let _ = self.out.send(Parcel::End);
    }

    fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Frames(interface, batch) => self.merge.push(interface, batch),
            Heard::Silence(interface, up_to) => self.merge.silent(interface, up_to),
            Heard::Ended(interface) => {
                self.merge.ended(interface);
                self.open = self.open.saturating_sub(1);
            }
        }
    }

    /// Reads all frames whose turn it is.
    fn read(&mut self) {
        loop {
            let Self { merge, engine, latest, heard, status, .. } = self;
            let now = Instant::now();
            let turn = merge.turn(now, |frame: &Frame<'_>| {
                engine.frame(frame);
                *latest = frame.at;
                *heard = now;
            });
            let Some((interface, batch)) = turn else {
                self.hand_on();
                return;
            };
            let wire: u64 = batch.frames().map(|frame| u64::from(frame.wire_len)).sum();
            let frames = u64::try_from(batch.len()).unwrap_or(0);
            status.interface(interface, |health| {
                health.frames = health.frames.saturating_add(frames);
                health.bytes = health.bytes.saturating_add(wire);
                if health.first_frame_ns == 0 {
                    health.first_frame_ns = batch.first().unwrap_or_default().0;
                }
                health.last_frame_ns = batch.last().unwrap_or_default().0;
            });
            if let Some((interface, batch)) = self.behind.push(interface, batch)
                && let Some(back) = self.back.get(interface)
            {
                // Its thread may have ended.
                let _ = back.send(batch);
            }
            self.hand_on();
        }
    }

    /// Time goes by on a silent wire.
    fn tick(&mut self) {
        if self.heard.elapsed() >= TICK_AFTER {
            self.heard = Instant::now();
            // Frames are stamped by the clock on the wall; one that stepped back must not make old what is new.
            self.engine.tick(now().max(self.latest));
            self.hand_on();
        }
    }

    /// Hands on what was learned.
    fn hand_on(&mut self) {
        let facts: Vec<Observation> = self.engine.drain().collect();
        if facts.is_empty() {
            return;
        }
        let keep = self.keep;
        let frames = if keep == Keep::None {
            Vec::new()
        } else {
            let merge = &self.merge;
            let frames = self.behind.frames(&facts, |frame| merge.find(frame));
            frames.iter().map(|frame| kept(keep, frame)).collect()
        };
        // Those who keep it are gone only when the sensor ends in disorder.
        let _ = self.out.send(Parcel::Facts(facts, frames));
    }

    /// Tells who was there and who talked to whom.
    fn stand(&mut self) {
        self.stood = Instant::now();
        let parcel = Parcel::Standing(self.engine.sightings(), self.engine.conversations());
        let _ = self.out.send(parcel);
    }

    fn tell(&mut self) {
        let mut counters = self.engine.counters();
        if self.behind.gone() > 0 {
            counters.add("evidence.frames_gone", self.behind.gone());
        }
        let fills = fills(&self.engine.fill());
        let mut status = self.status.engine();
        status.counters = counters;
        status.fills = fills;
    }
}

fn kept(keep: Keep, frame: &Frame<'_>) -> KeptFrame {
    KeptFrame {
        frame: frame.frame,
        at: frame.at,
        link: frame.link,
        wire_len: frame.wire_len,
        bytes: behind::part(keep, frame).into(),
    }
}

/// How long it waits for frames before it looks after other things.
const WAIT: Duration = Duration::from_millis(100);
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Frames make time go by; after this long without one the clock does.
const TICK_AFTER: Duration = Duration::from_secs(1);
