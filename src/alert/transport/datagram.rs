//! Syslog over UDP (RFC 5426): a message in each datagram, and nobody who says that it arrived.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::alert::address::Endpoint;
use crate::alert::format::Message;
use crate::alert::transport::connect::resolve;
use crate::alert::transport::{Standing, Transport, TransportError};
use crate::model::limits::DATAGRAM_BURST_MAX;

/// Datagrams to one receiver.
pub(super) struct Datagrams {
    server: Endpoint,
    timeout: Duration,
    open: Option<(Instant, UdpSocket)>,
}

impl Datagrams {
    pub(super) fn new(server: &Endpoint, timeout: Duration) -> Self {
        Self { server: server.clone(), timeout, open: None }
    }

    /// The socket is bound to its receiver, so that the refusal of a closed port comes back as an error of the next message.
    fn open(&self) -> Result<UdpSocket, TransportError> {
        let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "it has no address");
        for address in resolve(&self.server)? {
            let own: SocketAddr = match address {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            let socket = UdpSocket::bind(own).and_then(|socket| {
                socket.connect(address)?;
                socket.set_write_timeout(Some(self.timeout))?;
                Ok(socket)
            });
            match socket {
                Ok(socket) => return Ok(socket),
                Err(error) => last = error,
            }
        }
        Err(self.failed(last))
    }

    fn failed(&self, source: std::io::Error) -> TransportError {
        TransportError::Io { doing: "send to", to: self.server.to_string(), source }
    }
}

impl Transport for Datagrams {
    fn send(&mut self, messages: &[Message]) -> Result<(), TransportError> {
        let (since, socket) = match self.open.take() {
            Some((since, socket)) if since.elapsed() < RESOLVE_AGAIN => (since, socket),
            _ => (Instant::now(), self.open()?),
        };
        for burst in messages.chunks(DATAGRAM_BURST_MAX) {
            for message in burst {
                socket.send(message.text.as_bytes()).map_err(|source| self.failed(source))?;
            }
            if burst.len() == DATAGRAM_BURST_MAX {
                std::thread::sleep(PAUSE);
            }
        }
        self.open = Some((since, socket));
        Ok(())
    }

    /// A port that nobody listens on is told by the machine that has it, some time later.
    fn standing(&mut self) -> Result<Standing, TransportError> {
        let Some((_, socket)) = &self.open else {
            return Err(TransportError::Closed { to: self.server.to_string() });
        };
        match socket.take_error() {
            Ok(None) => Ok(Standing::Arrived),
            Ok(Some(error)) | Err(error) => {
                self.open = None;
                Err(self.failed(error))
            }
        }
    }

    fn close(&mut self, _: Duration) -> bool {
        self.open = None;
        true
    }
}

/// A name may lead elsewhere tomorrow.
const RESOLVE_AGAIN: Duration = Duration::from_secs(60);

/// Between bursts: some 3,000 messages a second.
const PAUSE: Duration = Duration::from_millis(20);
