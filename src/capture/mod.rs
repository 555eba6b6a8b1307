//! Edge: bytes in. Captures are replayed as one stream of frames in packet-time order; interfaces are listened on.
//!
//! Reads pcap and pcapng, plain or compressed with gzip or zstd, from files, directories, pipes and standard input.
//! Damage never stops a replay: a capture gives what it holds, and says where it ended and why.
//!
//! The formats are read here and not with a crate: what is needed of them is 25 fields, and the crates at hand lack the
//! obsolete Packet Block, lose packets over a damaged comment, and allocate for every packet that carries one.
//!
//! ```text
//!  RawBytes ──▶ Stream ──▶ Window ──▶ PcapFile, PcapngFile ──▶ Reader ─┐
//!  disk, hash   inflate    in memory  formats                  numbers ├──▶ Replay: merged by time, filtered
//!                                                              Reader ─┘
//! ```

mod batch;
mod decompress;
mod error;
mod file;
mod filter;
mod inputs;
pub mod live;
mod pcap_file;
mod pcapng;
mod reader;
mod record;
mod replay;
mod resolution;
mod source;
mod window;

#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use error::{CaptureError, Damage};
pub use filter::check_filter;
pub use live::{Breaker, Filled, Live, LiveOptions, LiveTally, Port};
pub use replay::{Replay, ReplayOptions};

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::model::Timestamp;

/// One input of a replay, and what came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Capture {
    /// The path as the user gave it, or joined below the directory given; `-` is standard input.
    pub name: String,
    /// Every path by which the inputs lead to it, that of `name` among them.
    pub paths: BTreeSet<PathBuf>,
    /// SHA-256 of the input as it lies on disk, compressed or not; for a stream, of the bytes read.
    /// Known once the capture has ended, or [`Replay::finish`] was called.
    pub sha256: Option<[u8; 32]>,
    /// Packets read so far, those that the filter refused included.
    pub frames: u64,
    /// Of these, handed on: neither refused by the filter nor lost to damage.
    pub passed: u64,
    /// Bytes of the input as it lies on disk; for a stream, bytes read, known when it has ended.
    pub bytes: u64,
    /// Earliest time of a frame handed on.
    pub first: Option<Timestamp>,
    /// Latest time of a frame handed on.
    pub last: Option<Timestamp>,
    /// How much of it there was.
    pub state: Completeness,
}

/// Whether a capture was read to its end, and whether that end is sound.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Completeness {
    /// Not read to its end, because nobody asked for more.
    Unfinished,
    /// Read to its end, every packet of it.
    Complete,
    /// Truncated or damaged; says where and how.
    Incomplete(String),
    /// Not read at all; says why.
    Failed(String),
}

/// How far a replay is, in bytes as they lie on disk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes read.
    pub done: u64,
    /// Bytes there are; `None` when a stream is among the inputs.
    pub total: Option<u64>,
}

/// A device that libpcap can capture from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interface {
    /// As it is named on the command line.
    pub name: String,
    /// What the system calls it, if anything.
    pub description: Option<String>,
    /// Administratively up, and running.
    pub up: bool,
    /// Its addresses of IP, in order.
    pub addresses: Vec<IpAddr>,
    /// What the system says of it; `None` for what is no network interface, and on systems that do not tell.
    pub port: Option<Port>,
}

/// Lists the capture devices, sorted by name. Fails when libpcap does.
pub fn interfaces() -> Result<Vec<Interface>, CaptureError> {
    let devices = pcap::Device::list()
        .map_err(|failure| CaptureError::Devices { message: failure.to_string() })?;
    let mut interfaces: Vec<Interface> = devices.into_iter().map(interface).collect();
    interfaces.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(interfaces)
}

fn interface(device: pcap::Device) -> Interface {
    let mut addresses: Vec<IpAddr> = device.addresses.iter().map(|address| address.addr).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Interface {
        up: device.flags.is_up() && device.flags.is_running(),
        addresses,
        port: Port::read(&device.name),
        name: device.name,
        description: device.desc,
    }
}
