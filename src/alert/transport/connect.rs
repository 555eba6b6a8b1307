//! A connection to a name: resolved anew each time, every address tried, nothing waited for longer than is allowed.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::alert::address::Endpoint;
use crate::alert::transport::tls::{Secured, Trust, secure};
use crate::alert::transport::{TransportError, unacknowledged};
use crate::model::limits::RESOLVED_ADDRESSES_MAX;

/// A connection of TCP, perhaps under TLS.
pub(super) struct Connection {
    stream: Stream,
    to: String,
    timeout: Duration,
}

enum Stream {
    Plain(TcpStream),
    Secured(Box<Secured>),
}

/// What a glance at a connection shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Glance {
    /// It is open; so many bytes are not acknowledged by the machine on the other side, where the system tells.
    Open(Option<u64>),
    /// The other side closed it.
    Closed,
}

impl Connection {
    /// Connects to the first address that answers.
    pub(super) fn open(
        server: &Endpoint,
        trust: Option<&Trust>,
        timeout: Duration,
    ) -> Result<Self, TransportError> {
        let to = server.to_string();
        let failed = |doing, source| TransportError::Io { doing, to: to.clone(), source };
        let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address");
        for address in resolve(server)? {
            match TcpStream::connect_timeout(&address, timeout) {
                Ok(tcp) => {
                    let prepared = tcp
                        .set_nodelay(true)
                        .and_then(|()| tcp.set_read_timeout(Some(timeout)))
                        .and_then(|()| tcp.set_write_timeout(Some(timeout)));
                    prepared.map_err(|source| failed("connect to", source))?;
                    let stream = match trust {
                        None => Stream::Plain(tcp),
                        Some(trust) => Stream::Secured(Box::new(secure(tcp, trust, &to)?)),
                    };
                    return Ok(Self { stream, to, timeout });
                }
                Err(error) => last = error,
            }
        }
        Err(failed("connect to", last))
    }

    /// Sends all of it, within the time that is allowed for it.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), TransportError> {
        let deadline = Instant::now().checked_add(self.timeout);
        while !bytes.is_empty() {
            let written = match self.io().write(bytes) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let written = written.map_err(|source| self.failed("send to", source))?;
            bytes = bytes.get(written..).unwrap_or_default();
            if !bytes.is_empty() && deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Err(self.failed("send to", io::ErrorKind::TimedOut.into()));
            }
        }
        self.io().flush().map_err(|source| self.failed("send to", source))
    }

    /// Reads what is there, or waits for it.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, TransportError> {
        loop {
            match self.io().read(into) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed("read the answer of", error)),
            }
        }
    }

    /// Looks at it without waiting. What a log server says is read and forgotten.
    pub(super) fn glance(&mut self) -> Result<Glance, TransportError> {
        let failed = |this: &Self, source| this.failed("go on sending to", source);
        self.tcp().set_nonblocking(true).map_err(|source| failed(self, source))?;
        let mut scratch = [0_u8; 512];
        let mut seen = Ok(Glance::Open(None));
        for _ in 0..GLANCE_READS_MAX {
            match self.io().read(&mut scratch) {
                Ok(0) => seen = Ok(Glance::Closed),
                Ok(_) => continue,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => seen = Err(failed(self, error)),
            }
            break;
        }
        self.tcp().set_nonblocking(false).map_err(|source| failed(self, source))?;
        Ok(match seen? {
            Glance::Open(_) => Glance::Open(unacknowledged::bytes(self.tcp())),
            Glance::Closed => Glance::Closed,
        })
    }

    /// Says that nothing more comes, and waits until the other side has read all and says so too.
    pub(super) fn finish(mut self, most: Duration) -> bool {
        let deadline = Instant::now().checked_add(most);
        if let Stream::Secured(secured) = &mut self.stream {
            // What cannot be said any more shows below.
            let _ = secured.say_goodbye();
        }
        if self.tcp().shutdown(Shutdown::Write).is_err() {
            return false;
        }
        let mut scratch = [0_u8; 512];
        loop {
            let left = deadline.map_or(most, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() || self.tcp().set_read_timeout(Some(left)).is_err() {
                return false;
            }
            match self.io().read(&mut scratch) {
                Ok(0) => return true,
                Ok(_) => {}
                // Many programs end TLS without a word; that they closed after reading everything is what counts.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> TransportError {
        TransportError::Io { doing, to: self.to.clone(), source: plain(source) }
    }

    fn io(&mut self) -> &mut dyn ReadWrite {
        match &mut self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Secured(secured) => &mut **secured,
        }
    }

    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Secured(secured) => secured.tcp(),
        }
    }
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

/// The addresses of a host, as the system knows them now.
pub(super) fn resolve(server: &Endpoint) -> Result<Vec<SocketAddr>, TransportError> {
    let found = (&*server.host, server.port)
        .to_socket_addrs()
        .map_err(|source| TransportError::Resolve { host: server.host.clone(), source })?;
    Ok(found.take(RESOLVED_ADDRESSES_MAX).collect())
}

/// A time that ran out, in words that say so: the system calls it a resource that is temporarily unavailable.
fn plain(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::new(io::ErrorKind::TimedOut, "it took too long")
        }
        _ => error,
    }
}

/// A receiver that talks without end is read on at the next glance.
const GLANCE_READS_MAX: usize = 64;
