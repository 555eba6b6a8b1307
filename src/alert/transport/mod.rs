//! The only place with sockets: what goes out to receivers on the management network.
//!
//! Nothing here runs in the process that captures, and nothing here is given a capture interface; see `docs/passive.md`.

mod connect;
mod datagram;
mod http;
mod stream;
mod tls;
mod unacknowledged;
mod webhook;

use std::io;
use std::time::Duration;

use crate::alert::address::Target;
use crate::alert::file::LineFile;
use crate::alert::format::Message;
use crate::alert::plan::Plan;

pub(super) use tls::{HAS_TLS, Trust, check as check_trust};

use datagram::Datagrams;
use stream::Lines;
use webhook::Webhook;

/// A way to a receiver. It connects when there is something to send.
pub(super) trait Transport: Send {
    /// Sends messages in their order.
    ///
    /// # Errors
    ///
    /// When some of them may not have been sent: all of them are to be sent again.
    fn send(&mut self, messages: &[Message]) -> Result<(), TransportError>;

    /// What is known of what was sent. To be asked from time to time, so that a connection that died is noticed.
    ///
    /// # Errors
    ///
    /// When what was sent and not known to have arrived may be lost.
    fn standing(&mut self) -> Result<Standing, TransportError>;

    /// Ends in order and waits, at most so long, for the receiver to show that it has read everything.
    fn close(&mut self, most: Duration) -> bool;
}

/// What is known of what was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// The receiver said that it has it, or nobody can ever say more.
    Delivered,
    /// The machine of the receiver has it; whether the program there took it shows in that the connection lives on.
    Arrived,
    /// So many bytes have not arrived yet.
    OnItsWay(u64),
}

/// Why something could not be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    /// The name.
    #[error("cannot find the address of {host}: {source}")]
    Resolve { host: String, source: io::Error },
    /// The connection, or a step on it.
    #[error("cannot {doing} {to}: {source}")]
    Io { doing: &'static str, to: String, source: io::Error },
    /// A file that a key names.
    #[error("cannot read {key} {path}: {source}")]
    File { key: &'static str, path: String, source: io::Error },
    /// TLS cannot be set up.
    #[error("cannot use {key}: {cause}")]
    Trust { key: &'static str, cause: String },
    /// The receiver closed the connection; what it did not read comes again.
    #[error("{to} closed the connection")]
    Closed { to: String },
    /// The receiver's machine is silent.
    #[error("{to} did not confirm what was sent within {} s", most.as_secs())]
    Unconfirmed { to: String, most: Duration },
    /// The receiver answered, and not with success.
    #[error("{to} answers {status}{more}")]
    Answer { to: String, status: u16, more: String, retry_after: Option<Duration> },
    /// The receiver says that it will never take this.
    #[error("{to} refuses what was sent with {status}{more}")]
    Refused { to: String, status: u16, more: String },
    /// What came back is no answer.
    #[error("{to} answers with something else than HTTP: {cause}")]
    NotHttp { to: String, cause: &'static str },
}

impl TransportError {
    /// How long the receiver asked to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answer { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether fewer messages at once, or others, might be taken.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// The way to the receiver of an output.
pub(super) fn open(plan: &Plan) -> Box<dyn Transport> {
    match &plan.target {
        Target::Udp(server) => Box::new(Datagrams::new(server, plan.timeout)),
        Target::Tcp(server) => Box::new(Lines::new(plan, server, None)),
        Target::Tls(server) => Box::new(Lines::new(plan, server, Some(plan.trust.clone()))),
        Target::Http { server, path, tls } => Box::new(Webhook::new(plan, server, path, *tls)),
        Target::File(path) => Box::new(LineFile::new(path, plan.rotation)),
    }
}

impl Transport for LineFile {
    fn send(&mut self, messages: &[Message]) -> Result<(), TransportError> {
        self.append(messages).map_err(|source| TransportError::Io {
            doing: "write",
            to: self.shown(),
            source,
        })
    }

    fn standing(&mut self) -> Result<Standing, TransportError> {
        Ok(Standing::Delivered)
    }

    fn close(&mut self, _: Duration) -> bool {
        true
    }
}
