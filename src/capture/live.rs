//! Receive-only live capture of one interface, over libpcap.
//!
//! One [`Live`] belongs to one plain thread, which fills batches from it. It can receive and nothing else: the handle that libpcap could also
//! write to is private, and no method leads there.
//!
//! How it listens, and why:
//!
//! - **Never immediate mode.** It makes libpcap take the older ring of Linux (TPACKET_V2), which lost frames where the newer one (TPACKET_V3)
//!   lost none. The price is that a frame on a quiet wire waits for its block to be handed over: [`LiveOptions::block_wait`] at most.
//! - **Never a blocking read.** On a silent port such a read does not come back, whatever timeout it was given. The handle does not block, and
//!   [`Live::fill`] waits on its descriptor, with an end and with a [`Breaker`].
//! - **Promiscuous by default.** A mirror port shows frames for others; without this the network card drops them. It is asked for by this
//!   handle and ends with it, so that nothing is left behind on the interface.
//! - **Both directions.** A mirror port sends nothing, so there is nothing to leave out; and should this machine send on it after all, the
//!   frame is seen, which is how somebody finds out.
//! - **VLAN tags stay.** Network cards take them off, libpcap puts them back where they were.
//!
//! An interface that goes down stays open: the kernel goes on when it is up again. One that is removed, or removed and made again under its
//! name, gives nothing for ever on the old handle; the number of the interface tells, and [`Filled::Gone`] says so.

mod port;
mod waiting;

#[cfg(test)]
mod tests;

pub use port::{Port, PortCounters};
pub use waiting::Breaker;

use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant, SystemTime};

use pcap::{Active, Precision, Stat};

use crate::model::health::LinkState;
use crate::model::{Frame, FrameRef, LinkType, Timestamp};

use super::filter::{self, Filter};
use super::{Batch, CaptureError};
use waiting::Waiting;

/// How to listen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LiveOptions {
    /// Only frames that this filter accepts, pcap-filter(7); the kernel refuses the others.
    pub filter: Option<String>,
    /// Bytes kept of each frame.
    pub snap_bytes: u32,
    /// Bytes of the ring that the kernel writes frames into: what arrives while nobody reads must fit.
    pub ring_bytes: usize,
    /// Take frames for other machines, too.
    pub promiscuous: bool,
    /// How long the kernel may keep a block of the ring that is not full.
    pub block_wait: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            filter: None,
            snap_bytes: SNAP_BYTES,
            ring_bytes: RING_BYTES,
            promiscuous: true,
            block_wait: BLOCK_WAIT,
        }
    }
}

/// What came of an attempt to fill a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Filled {
    /// There is at least one more frame in the batch.
    Frames,
    /// Nothing came in the time given.
    Silent,
    /// Nothing came, and the interface is down: no cable, or switched off. It goes on by itself.
    Down,
    /// The interface is not there any more. [`Live::reopen`] works once it is back.
    Gone,
}

/// What was received and lost since [`Live::open`], over all openings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LiveTally {
    /// Frames that passed the filter in the kernel, those included for which its ring had no room: once the ring is empty, `frames` and
    /// `dropped_by_kernel` together. Where both directions of a loopback interface show a frame, libpcap leaves one of them out afterwards.
    pub received: u64,
    /// Of these, frames for which the ring had no room.
    pub dropped_by_kernel: u64,
    /// Frames that the network card or its driver lost before that.
    pub dropped_by_interface: u64,
    /// Frames handed on.
    pub frames: u64,
    /// Bytes of them on the wire.
    pub bytes: u64,
    /// Frames without a usable time, which got that of the wall clock.
    pub restamped: u64,
    /// How often the interface was opened.
    pub openings: u64,
}

/// A capture of one interface, open to receive.
pub struct Live {
    interface: String,
    capture: u32,
    options: LiveOptions,
    /// `None` while the interface is down and was never up since the last attempt.
    handle: Option<Handle>,
    waiting: Waiting,
    tally: LiveTally,
    /// Since when the interface is known to be gone. What the ring still holds is read before anybody is told.
    gone_since: Option<Instant>,
    /// When opening was last tried while the interface was down.
    tried: Instant,
}

/// libpcap's side of it. Never leaves this file: it could be written to.
struct Handle {
    pcap: pcap::Capture<Active>,
    link: LinkType,
    /// Number of the interface when it was opened; `None` for what is no network interface, as `any`.
    index: Option<u32>,
    /// Fractions of seconds are nanoseconds, not microseconds.
    nanoseconds: bool,
    /// What libpcap had counted when it was last asked.
    counted: Counted,
}

impl Live {
    /// Opens an interface. One that is there and down is waited for; the frames get the number `capture`.
    pub fn open(
        interface: &str,
        capture: u32,
        options: &LiveOptions,
    ) -> Result<Self, CaptureError> {
        let waiting = Waiting::new().map_err(|source| cannot_wait(interface, source))?;
        let mut live = Self {
            interface: interface.to_owned(),
            capture,
            options: options.clone(),
            handle: None,
            waiting,
            tally: LiveTally::default(),
            gone_since: None,
            tried: Instant::now(),
        };
        live.reopen()?;
        Ok(live)
    }

    /// Opens the interface anew. Counters and the numbers of frames go on.
    pub fn reopen(&mut self) -> Result<(), CaptureError> {
        self.close();
        self.gone_since = None;
        self.tried = Instant::now();
        let Some(handle) = open(&self.interface, &self.options)? else { return Ok(()) };
        let watched = self.waiting.watch(handle.pcap.as_raw_fd());
        watched.map_err(|source| cannot_wait(&self.interface, source))?;
        self.handle = Some(handle);
        self.tally.openings = self.tally.openings.saturating_add(1);
        Ok(())
    }

    /// Waits for frames, at most this long, and puts those that are there behind the frames of the batch until it is full. After
    /// [`Breaker::stop`] it takes what is there and does not wait.
    pub fn fill(&mut self, batch: &mut Batch, wait: Duration) -> Result<Filled, CaptureError> {
        let started = Instant::now();
        loop {
            let before = batch.len();
            let trouble = self.take(batch);
            if batch.len() > before {
                self.gone_since = None;
                return Ok(Filled::Frames);
            }
            let left = wait.saturating_sub(started.elapsed());
            if left.is_zero() || self.waiting.is_stopped() {
                return self.nothing(trouble);
            }
            let waited = self.waiting.wait(left);
            waited.map_err(|source| cannot_wait(&self.interface, source))?;
        }
    }

    /// What was received and lost so far.
    pub fn tally(&mut self) -> LiveTally {
        if let Some(handle) = &mut self.handle
            && let Ok(stat) = handle.pcap.stats()
        {
            handle.counted.take(stat, &mut self.tally);
        }
        self.tally
    }

    /// Whether frames can come.
    pub fn link_state(&self) -> LinkState {
        let index = self.handle.as_ref().map(|handle| handle.index);
        match (port::state(&self.interface), index) {
            // Not an interface of the system, and open all the same: `any`.
            (LinkState::Gone, Some(None)) => LinkState::Up,
            (_, Some(Some(index))) if port::index(&self.interface) != Some(index) => {
                LinkState::Gone
            }
            (LinkState::Up, None) => LinkState::Down,
            (state, _) => state,
        }
    }

    /// Packets that the interface sent since the system made it; `None` where nobody counts them.
    pub fn transmitted(&self) -> Option<u64> {
        port::transmitted(&self.interface)
    }

    /// The descriptor that frames are read from, which nobody may ever write to; `None` while the interface is down.
    pub fn descriptor(&self) -> Option<RawFd> {
        self.handle.as_ref().map(|handle| handle.pcap.as_raw_fd())
    }

    /// Name of the interface.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// What stops the waiting of [`Live::fill`] from another thread.
    pub fn breaker(&self) -> Breaker {
        self.waiting.breaker()
    }

    /// Takes what is there, without waiting. Gives libpcap's words when it failed.
    fn take(&mut self, batch: &mut Batch) -> Option<String> {
        let Handle { pcap, link, nanoseconds, .. } = self.handle.as_mut()?;
        let tally = &mut self.tally;
        while !batch.is_full() {
            let packet = match pcap.next_packet() {
                Ok(packet) => packet,
                Err(pcap::Error::TimeoutExpired) => return None,
                Err(failure) => return Some(failure.to_string()),
            };
            let at = stamp(packet.header, *nanoseconds).unwrap_or_else(|| {
                tally.restamped = tally.restamped.saturating_add(1);
                now()
            });
            tally.frames = tally.frames.saturating_add(1);
            tally.bytes = tally.bytes.saturating_add(packet.header.len.into());
            batch.push(&Frame {
                at,
                frame: FrameRef { capture: self.capture, number: tally.frames },
                link: *link,
                wire_len: packet.header.len,
                bytes: packet.data,
            });
        }
        None
    }

    /// Why nothing came.
    fn nothing(&mut self, trouble: Option<String>) -> Result<Filled, CaptureError> {
        if self.handle.is_none() && self.tried.elapsed() >= RETRY_AFTER {
            match self.reopen() {
                Ok(()) | Err(CaptureError::NoInterface { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        match (self.link_state(), trouble) {
            (LinkState::Gone, _) => {
                // What came last is still in a block of the ring that is not full: it is handed over when its time has come.
                let since = *self.gone_since.get_or_insert_with(Instant::now);
                let is_empty = self.handle.is_none() || since.elapsed() >= self.last_block_wait();
                Ok(if is_empty { Filled::Gone } else { Filled::Silent })
            }
            (LinkState::Down, _) => Ok(Filled::Down),
            (LinkState::Up, None) => Ok(Filled::Silent),
            (LinkState::Up, Some(message)) => {
                Err(CaptureError::Listen { interface: self.interface.clone(), message })
            }
        }
    }

    fn last_block_wait(&self) -> Duration {
        self.options.block_wait.saturating_mul(2).saturating_add(BLOCK_WAIT)
    }

    /// Lets go of the handle, with its last counts.
    fn close(&mut self) {
        self.tally();
        if let Some(handle) = self.handle.take() {
            self.waiting.forget(handle.pcap.as_raw_fd());
        }
    }
}

/// What libpcap had counted when it was last asked; it counts from each opening on, in 32 bits.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    received: u32,
    dropped: u32,
    if_dropped: u32,
}

impl Counted {
    fn take(&mut self, stat: Stat, tally: &mut LiveTally) {
        for (before, now, sum) in [
            (&mut self.received, stat.received, &mut tally.received),
            (&mut self.dropped, stat.dropped, &mut tally.dropped_by_kernel),
            (&mut self.if_dropped, stat.if_dropped, &mut tally.dropped_by_interface),
        ] {
            let more = now.wrapping_sub(*before);
            // An interface that was removed takes its own counter with it, which then goes backwards.
            if more <= STEP_MAX {
                *sum = sum.saturating_add(more.into());
            }
            *before = now;
        }
    }
}

/// Opens an interface for receiving; `None` when it is there and down.
fn open(interface: &str, options: &LiveOptions) -> Result<Option<Handle>, CaptureError> {
    let index = port::index(interface);
    match activate(interface, options, options.promiscuous && interface != ANY) {
        Ok((pcap, nanoseconds)) => ready(interface, pcap, options, (index, nanoseconds)).map(Some),
        Err(message) => match port::refusal(interface, &message) {
            port::Refusal::Down => {
                // A slip of the pen is told now, not when somebody plugs the cable in.
                if let Some(text) = &options.filter {
                    Filter::new(text, std::iter::once(LinkType::ETHERNET))?;
                }
                Ok(None)
            }
            port::Refusal::Missing => Err(CaptureError::NoInterface {
                interface: interface.to_owned(),
                known: port::names().join(", "),
            }),
            port::Refusal::NoRight => {
                Err(CaptureError::NoRight { interface: interface.to_owned(), message })
            }
            port::Refusal::Other => {
                Err(CaptureError::Listen { interface: interface.to_owned(), message })
            }
        },
    }
}

/// A handle that libpcap has activated, and whether it stamps in nanoseconds; or libpcap's words.
fn activate(
    interface: &str,
    options: &LiveOptions,
    promiscuous: bool,
) -> Result<(pcap::Capture<Active>, bool), String> {
    let within = |number: u128| i32::try_from(number).unwrap_or(i32::MAX);
    // Only network interfaces of Linux are known to have them; elsewhere nobody would tell that the wish was not granted.
    let nanoseconds = port::is_network(interface);
    let precision = if nanoseconds { Precision::Nano } else { Precision::Micro };
    let activated = pcap::Capture::from_device(interface).and_then(|inactive| {
        inactive
            .promisc(promiscuous)
            .snaplen(within(options.snap_bytes.into()))
            .buffer_size(i32::try_from(options.ring_bytes).unwrap_or(i32::MAX))
            // A timeout of zero is none: a block would wait until it is full.
            .timeout(within(options.block_wait.as_millis().max(1)))
            .precision(precision)
            .open()
    });
    match activated {
        Ok(pcap) => Ok((pcap, nanoseconds)),
        // Some devices have no such mode; libpcap says so in a warning, which the crate takes for a failure.
        Err(failure) if promiscuous && failure.to_string().contains("romiscuous") => {
            activate(interface, options, false)
        }
        Err(failure) => Err(failure.to_string()),
    }
}

fn ready(
    interface: &str,
    mut pcap: pcap::Capture<Active>,
    options: &LiveOptions,
    (index, nanoseconds): (Option<u32>, bool),
) -> Result<Handle, CaptureError> {
    if let Some(text) = &options.filter {
        pcap.filter(text, true).map_err(|failure| CaptureError::Filter {
            filter: text.clone(),
            message: failure.to_string(),
        })?;
    }
    let link = filter::link_type(pcap.get_datalink());
    let pcap = pcap.setnonblock().map_err(|failure| CaptureError::Listen {
        interface: interface.to_owned(),
        message: failure.to_string(),
    })?;
    Ok(Handle { pcap, link, index, nanoseconds, counted: Counted::default() })
}

/// The time of a frame, when it has one: a driver that stamps nothing leaves zero, a broken clock a time before 1970.
#[allow(clippy::useless_conversion, reason = "the parts are shorter on systems of 32 bits")]
fn stamp(header: &pcap::PacketHeader, nanoseconds: bool) -> Option<Timestamp> {
    moment(header.ts.tv_sec.into(), header.ts.tv_usec.into(), nanoseconds)
}

fn moment(seconds: i64, fraction: i64, nanoseconds: bool) -> Option<Timestamp> {
    let unit = if nanoseconds { 1 } else { NANOS_PER_MICRO };
    let fraction = u32::try_from(fraction.checked_mul(unit)?).ok()?;
    (seconds > 0).then(|| Timestamp::from_parts(seconds, fraction))
}

/// The clock on the wall: this is an edge.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

fn cannot_wait(interface: &str, source: std::io::Error) -> CaptureError {
    CaptureError::Wait { interface: interface.to_owned(), source }
}

/// What all interfaces of a system together are called.
const ANY: &str = "any";

/// More than any frame but a jumbo of jumbos; what merging network cards make of several is cut, and counted as cut.
const SNAP_BYTES: u32 = 65_535;

/// Half a second of a gigabit that is full.
const RING_BYTES: usize = 64 * 1_024 * 1_024;

const BLOCK_WAIT: Duration = Duration::from_millis(100);

/// How often an interface that is down is tried to open. It is asked for its state more often than that.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// More frames than arrive between two looks at a counter: beyond it, a counter went backwards.
const STEP_MAX: u32 = u32::MAX / 2;

const NANOS_PER_MICRO: i64 = 1_000;
