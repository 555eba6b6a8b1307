//! How a sensor is: what it receives, what it loses, what it could not do. Everything that a person needs to know whether "nothing found" means
//! "nothing there".
//!
//! Plain data, as the sensor writes it beside its store and other processes read it. Texts in it may come from the wire: whoever shows them escapes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of a sensor at one moment.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Health {
    /// Version of the program.
    pub version: String,
    /// Process that wrote this.
    pub process: u32,
    /// When the sensor started: nanoseconds since 1970 by the clock on the wall.
    pub started_ns: i64,
    /// When this was written, by the clock on the wall.
    pub written_ns: i64,
    /// How far it is.
    pub phase: Phase,
    /// The interfaces that it listens on, in the order asked for.
    pub interfaces: Vec<InterfaceHealth>,
    /// Bounded stores and queues: what they hold, what they can hold, what found no room.
    pub fills: Vec<Fill>,
    /// Everything counted, by name.
    pub counters: BTreeMap<String, u64>,
    /// Where it keeps what it knows.
    pub store: StoreHealth,
    /// The copies that it makes of that.
    pub backup: BackupHealth,
    /// What it judges with.
    pub knowledge: KnowledgeHealth,
    /// Devices known.
    pub assets: u64,
    /// Verdicts: affected, fixed, not affected, cannot tell.
    pub verdicts: [u64; 4],
    /// Resident memory of the process, in bytes; zero where the system does not tell.
    pub resident_bytes: u64,
    /// Observations taken since the start.
    pub observations: u64,
    /// When the last observation was stored, by the clock on the wall; zero before the first one.
    pub stored_ns: i64,
    /// How long the last settling of the ledger took, in milliseconds.
    pub settle_ms: u64,
    /// What is wrong now, the worst first; empty when all is well.
    pub complaints: Vec<Complaint>,
    /// Where notices are sent to, in the order of the configuration.
    pub outputs: Vec<OutputHealth>,
}

/// How far a sensor is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It receives, and still reads what its store holds.
    #[default]
    Starting,
    /// It receives, and judges what it receives.
    Running,
    /// It writes what it has, and ends.
    Stopping,
    /// It has ended in order.
    Stopped,
}

/// One interface.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct InterfaceHealth {
    /// Its name in the system.
    pub name: String,
    /// Whether packets can come.
    pub state: LinkState,
    /// Frames that the kernel handed to the capture, those dropped for want of room included.
    pub received: u64,
    /// Of these, frames that the kernel dropped because its ring was full.
    pub dropped_by_kernel: u64,
    /// Frames that the network card or its driver dropped before that.
    pub dropped_by_interface: u64,
    /// Frames that went through the engine.
    pub frames: u64,
    /// Bytes of them on the wire.
    pub bytes: u64,
    /// Time of the first frame, by the clock that stamps frames; zero before it.
    pub first_frame_ns: i64,
    /// Time of the latest frame, by the same clock; zero before the first one.
    pub last_frame_ns: i64,
    /// How often the interface went away or down, and came back.
    pub interruptions: u64,
    /// Packets that the interface sent since the sensor started: there must be none.
    pub transmitted: u64,
    /// What is wrong with it; empty when nothing is.
    pub trouble: String,
}

/// Whether packets can come over an interface.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It is up, and the capture is open.
    Up,
    /// It is there, and down: no cable, or switched off.
    Down,
    /// It is not there, or cannot be opened.
    #[default]
    Gone,
}

/// What a bounded store or queue holds.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Fill {
    /// Its name, as in counters.
    pub name: String,
    /// What it holds.
    pub holds: u64,
    /// What it can hold.
    pub most: u64,
}

/// Where a sensor keeps what it knows.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct StoreHealth {
    /// Whether it can be written.
    pub state: StoreState,
    /// Bytes on disk, the log of changes included.
    pub bytes: u64,
    /// Bytes that it may have; zero when nobody said.
    pub bytes_max: u64,
    /// Bytes free on its disk.
    pub free_bytes: u64,
    /// Rows of evidence and events shed to stay within that.
    pub shed: u64,
    /// What is wrong with it; empty when nothing is.
    pub trouble: String,
}

/// Whether a store can be written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreState {
    /// It can.
    #[default]
    Writable,
    /// There is little room: only the inventory is kept, no evidence.
    Tight,
    /// It cannot be written now: what is new waits in memory, up to a cap.
    Refusing,
}

/// The copies that a sensor makes of its store.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct BackupHealth {
    /// The directory that they are in; empty when none are made.
    pub dir: String,
    /// When the newest was made, by the clock on the wall; zero when there is none.
    pub made_ns: i64,
    /// How many there are.
    pub kept: u64,
    /// Why the last one could not be made; empty when it could.
    pub trouble: String,
}

/// What a sensor judges with.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct KnowledgeHealth {
    /// Where the advisories come from, as `bundle 3`.
    pub origin: String,
    /// How many documents.
    pub documents: u64,
    /// How many could not be read.
    pub unread: u64,
    /// Date of the newest revision among them.
    pub newest: String,
    /// Days since then.
    pub age_days: u64,
    /// How many signatures.
    pub signatures: u64,
    /// Why the last reload was refused, so that the set before it is still in use; empty when it was not.
    pub refused: String,
}

/// One place that notices are sent to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct OutputHealth {
    /// Its name.
    pub name: String,
    /// Where it sends to, as configured.
    pub to: String,
    /// Notices delivered since the output was first used. What had to be sent again is counted again.
    pub delivered: u64,
    /// Notices that wait, of all kinds.
    pub waiting: u64,
    /// Notices that were given up since the output was first used.
    pub dropped: u64,
    /// Notices of which a text was cut to fit into a message, since the process started.
    pub shortened: u64,
    /// The number of the last notice that was delivered.
    pub number: u64,
    /// Since when nothing can be delivered: nanoseconds since 1970 by the clock on the wall; zero when all is well.
    pub failing_since_ns: i64,
    /// Why; empty when all is well.
    pub last_error: String,
    /// When this was written, by the clock on the wall.
    pub written_ns: i64,
}

/// Something that is wrong.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(default)]
pub struct Complaint {
    /// How bad it is.
    pub severity: Gravity,
    /// What it is about, as `interface eth1`.
    pub about: String,
    /// What is wrong, and what helps, in a sentence.
    pub text: String,
}

/// How bad something is for what the sensor is there for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// It sees nothing, or keeps nothing: nobody may rely on it now.
    Blind,
    /// It misses something.
    Degraded,
    /// It will, if nobody cares.
    #[default]
    Warning,
}
