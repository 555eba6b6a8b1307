//! Implicit (I/O) messages on UDP 2222: who produces and who consumes, and nothing of what (CIP Networks Library
//! volume 2, edition 1.x, section 2-6.4). Run or idle and the data are their ends' own.
//!
//! ```text
//!   item count 2   sequenced address 2   8   connection 4   number 4   connected data 2   length 2   data
//!   item count 2   connected address 2   4   connection 4              connected data 2   length 2   data
//! ```
//!
//! They come by the thousand per second. After the first each way nothing is left to learn, and the conversation is
//! let go: what it costs from then on is to find it in a table.

use std::net::IpAddr;

use crate::flow::{Direction, Input};
use crate::model::limits::IMPLICIT_ONE_WAY_MAX;
use crate::model::{Addr, Node, Subject};
use crate::protocols::enip::keys;
use crate::protocols::{Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// What was said of one conversation.
#[derive(Debug, Default)]
pub(super) struct Implicit {
    /// To the server, to the client.
    said: [bool; 2],
    /// Messages since the first.
    more: u16,
}

impl Implicit {
    /// See [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> u16 {
        self.more
    }

    /// Reads one message; the caller found that it is one.
    pub(super) fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let [to_server, to_client] = &mut self.said;
        let (said, other) = match input.direction {
            Direction::ToServer => (to_server, *to_client),
            Direction::ToClient => (to_client, *to_server),
        };
        let receiver = input.receiver();
        let one = is_one_device(receiver);
        if !*said {
            *said = true;
            let span = Span { at: 0, len: HEAD_BYTES };
            out.text(&Subject::node(input.sender()), keys::ROLE, "producer", span);
            if one {
                out.text(&Subject::node(receiver), keys::ROLE, "consumer", span);
            }
        }
        self.more = self.more.saturating_add(1);
        // A group does not answer; a connection with one direction on this pair of ports never will.
        if other || !one || self.more >= IMPLICIT_ONE_WAY_MAX {
            Step::Done
        } else {
            Step::Used(input.bytes.len().max(1))
        }
    }
}

/// Whether a datagram begins as implicit messages do: two items, an address of its one length first. They have no
/// encapsulation header.
pub(super) fn is_implicit(bytes: &[u8]) -> bool {
    bytes.starts_with(SEQUENCED) || bytes.starts_with(CONNECTED)
}

/// Type of the item behind the address of an implicit message.
pub(super) fn data_item(bytes: &[u8]) -> Result<u16, Malformed> {
    let mut message = Reader::new(bytes);
    message.skip("item count and type", 4)?;
    let length = message.u16_le("item length")?;
    message.skip("address item", usize::from(length))?;
    message.u16_le("item type")
}

/// False for addresses of groups.
fn is_one_device(node: Node) -> bool {
    match node.addr {
        Addr::Ip(IpAddr::V4(ip)) => !ip.is_multicast() && !ip.is_broadcast(),
        Addr::Ip(IpAddr::V6(ip)) => !ip.is_multicast(),
        Addr::Mac(mac) => !mac.is_group(),
        // No packet comes from there.
        Addr::Listed(_) => false,
    }
}

const HEAD_BYTES: usize = 6;
const SEQUENCED: &[u8] = b"\x02\x00\x02\x80\x08\x00";
const CONNECTED: &[u8] = b"\x02\x00\xa1\x00\x04\x00";
