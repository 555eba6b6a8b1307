//! What can go wrong with an input as a whole; damage inside a capture is its [`Completeness`](super::Completeness).

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// One input, or the filter, cannot be used. The other inputs go on.
///
/// Each text says what was being done, to what, and what to do next. Paths are printed quoted and escaped,
/// because the names in a directory are as little to be trusted as what the files contain.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The path leads nowhere, or may not be read.
    #[error("opening {path:?}: {source}; check the path and the right to read it")]
    Open {
        /// As the user gave it, or joined below the directory given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A directory, or one below it, cannot be listed.
    #[error("listing the directory {path:?}: {source}; check the right to read it")]
    List {
        /// The directory that failed.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The first bytes cannot be read.
    #[error(
        "reading the start of {path:?}: {source}; copy the capture again from where it was made"
    )]
    Read {
        /// As the user gave it, or joined below the directory given.
        path: PathBuf,
        /// What the system or the decompressor said.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("reading {path:?}: it is empty; was the capture stopped before it was written?")]
    Empty {
        /// As the user gave it, or joined below the directory given.
        path: PathBuf,
    },
    /// It does not start as any capture does.
    #[error(
        "reading {path:?}: this is no capture; give pcap or pcapng, plain or compressed with gzip or zstd"
    )]
    NotACapture {
        /// As the user gave it.
        path: PathBuf,
    },
    /// It starts as a capture does, but its header is cut or contradicts itself.
    #[error(
        "reading the file header of {path:?}: {damage}; copy the capture again from where it was made"
    )]
    Header {
        /// As the user gave it, or joined below the directory given.
        path: PathBuf,
        /// What is wrong.
        damage: Damage,
    },
    /// A directory was given, and no file below it is a capture.
    #[error(
        "looking for captures in {path:?}: none found; give a directory that holds pcap or pcapng files"
    )]
    NoCaptures {
        /// The directory as the user gave it.
        path: PathBuf,
    },
    /// libpcap refuses the filter for every link type at hand.
    #[error("compiling the filter {filter:?}: {message}; see pcap-filter(7) for the syntax")]
    Filter {
        /// As the user gave it.
        filter: String,
        /// libpcap's words.
        message: String,
    },
    /// libpcap cannot list the capture devices.
    #[error("listing the capture devices: {message}; run with the right to capture")]
    Devices {
        /// libpcap's words.
        message: String,
    },
    /// There is no interface of that name.
    #[error("listening on {interface:?}: there is no such interface; those here are {known}")]
    NoInterface {
        /// As the user gave it.
        interface: String,
        /// Names of those that there are.
        known: String,
    },
    /// The process may not receive what is not for it.
    #[error(
        "listening on {interface:?}: this process has no right to capture ({message}); give the program the right with \
         `setcap cap_net_raw+ep` on its file, or its service with `AmbientCapabilities=CAP_NET_RAW`: it need not be root"
    )]
    NoRight {
        /// The interface.
        interface: String,
        /// libpcap's words.
        message: String,
    },
    /// libpcap cannot open the interface, or cannot go on.
    #[error(
        "listening on {interface:?}: {message}; `nameplate doctor -i {interface}` looks for the reason"
    )]
    Listen {
        /// The interface.
        interface: String,
        /// libpcap's words.
        message: String,
    },
    /// The system does not let the program wait for frames.
    #[error("waiting for frames on {interface:?}: {source}; are there too many open files?")]
    Wait {
        /// The interface.
        interface: String,
        /// What the system said.
        source: io::Error,
    },
}

/// How a capture file contradicts its format.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Damage {
    /// The file ends inside its header.
    #[error("it is cut")]
    Cut,
    /// A frame longer than any network makes: the length field, and all that follows, cannot be believed.
    #[error("captured length {0} is more than any frame has")]
    FrameLength(u32),
    /// A block too short for its own header, or too long to be one.
    #[error("block length {0} is impossible")]
    BlockLength(u32),
    /// A pcapng block says its length at both ends.
    #[error("the lengths at the two ends of a block differ, {0} and {1}")]
    LengthsDiffer(u32, u32),
    /// The captured length is more than the block around it holds.
    #[error("captured length {0} runs past the end of its block")]
    FrameBeyondBlock(u32),
    /// A packet names an interface that its section has not described.
    #[error("interface {0} is not described")]
    Interface(u32),
    /// A section header without the byte-order magic.
    #[error("byte-order magic {0:#010x} is unknown")]
    ByteOrder(u32),
    /// A format version whose layout is not known.
    #[error("format version {0} is unknown")]
    Version(u16),
}
