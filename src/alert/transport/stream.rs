//! Syslog over TCP (RFC 6587) and TLS (RFC 5425), and lines of JSON over both.
//!
//! The protocol has no answer by which a sender knows that a message was taken. What can be known is used: the acknowledgements of the
//! other machine's TCP, and that the connection lives on; a program that ends with messages unread makes its system reset the connection.

use std::time::Duration;

use crate::alert::address::Endpoint;
use crate::alert::format::Message;
use crate::alert::plan::Plan;
use crate::alert::settings::Framing;
use crate::alert::transport::connect::{Connection, Glance};
use crate::alert::transport::tls::Trust;
use crate::alert::transport::{Standing, Transport, TransportError};

/// Messages over one connection.
pub(super) struct Lines {
    server: Endpoint,
    trust: Option<Trust>,
    framing: Framing,
    timeout: Duration,
    open: Option<Connection>,
}

impl Lines {
    pub(super) fn new(plan: &Plan, server: &Endpoint, trust: Option<Trust>) -> Self {
        let (framing, timeout) = (plan.framing, plan.timeout);
        Self { server: server.clone(), trust, framing, timeout, open: None }
    }
}

impl Transport for Lines {
    fn send(&mut self, messages: &[Message]) -> Result<(), TransportError> {
        let mut connection = match self.open.take() {
            Some(connection) => connection,
            None => Connection::open(&self.server, self.trust.as_ref(), self.timeout)?,
        };
        connection.write(&framed(messages, self.framing))?;
        self.open = Some(connection);
        Ok(())
    }

    fn standing(&mut self) -> Result<Standing, TransportError> {
        let Some(mut connection) = self.open.take() else {
            return Err(TransportError::Closed { to: self.server.to_string() });
        };
        let seen = connection.glance()?;
        let standing = match seen {
            Glance::Closed => return Err(TransportError::Closed { to: self.server.to_string() }),
            // Where the system does not tell, time has to.
            Glance::Open(None | Some(0)) => Standing::Arrived,
            Glance::Open(Some(bytes)) => Standing::OnItsWay(bytes),
        };
        self.open = Some(connection);
        Ok(standing)
    }

    fn close(&mut self, most: Duration) -> bool {
        self.open.take().is_some_and(|connection| connection.finish(most))
    }
}

fn framed(messages: &[Message], framing: Framing) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Message { text, .. } in messages {
        if framing == Framing::Octets {
            bytes.extend_from_slice(text.len().to_string().as_bytes());
            bytes.push(b' ');
        }
        bytes.extend_from_slice(text.as_bytes());
        if framing == Framing::Lf {
            bytes.push(b'\n');
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_bytes_and_not_characters() {
        let message = |text: &str| Message { number: 1, text: text.to_owned(), shortened: false };
        let messages = [message("<1>ü"), message("<2>b")];
        assert_eq!(framed(&messages, Framing::Octets), "5 <1>ü4 <2>b".as_bytes());
        assert_eq!(framed(&messages, Framing::Lf), "<1>ü\n<2>b\n".as_bytes());
    }
}
