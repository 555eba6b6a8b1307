//! Socket addresses beside a Forward_Open: the groups to which implicit messages will go (CIP Networks Library
//! volume 2, edition 1.x, section 3-3.9).
//!
//! Only a group is worth telling. Where one device speaks to one, the addresses are zeros or those of the packets
//! anyway; a group says who listens to a producer that never sends to him.

use std::net::SocketAddrV4;

use crate::flow::Input;
use crate::model::{Node, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::cip::{FORWARD_OPEN, LARGE_FORWARD_OPEN, REPLY};
use crate::protocols::enip::{cpf, service_code, transport_keys};
use crate::wire::{Malformed, Reader, Span};

/// What one list of items tells.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// From originator to target, which the originator chooses in its request.
    to_target: Option<Group>,
    /// From target to originator, which the target chooses in its reply.
    to_originator: Option<Group>,
    /// Whether the list opens a connection: by request, by reply.
    opens: [bool; 2],
}

type Group = (SocketAddrV4, Span);

impl Groups {
    /// Takes the service that the addresses belong to.
    pub(super) fn service(&mut self, message: &Reader<'_>) {
        let code = service_code(message);
        let opens = matches!(code & !REPLY, FORWARD_OPEN | LARGE_FORWARD_OPEN);
        let accepted = message.peek().get(GENERAL_STATUS) == Some(&0);
        self.opens = [opens && code & REPLY == 0, opens && code & REPLY != 0 && accepted];
    }

    /// Reads the item of messages from originator to target.
    pub(super) fn towards_target(&mut self, data: &mut Reader<'_>) -> Result<(), Malformed> {
        self.to_target = group(data)?;
        Ok(())
    }

    /// Reads the item of messages from target to originator.
    pub(super) fn towards_originator(&mut self, data: &mut Reader<'_>) -> Result<(), Malformed> {
        self.to_originator = group(data)?;
        Ok(())
    }

    /// Says who sends to a group and who listens. Whoever chose the group sends to it.
    pub(super) fn say(&self, input: &Input<'_>, out: &mut Sink<'_>) {
        let chosen = match self.opens {
            [true, _] => self.to_target,
            [_, true] => self.to_originator,
            _ => None,
        };
        let Some((group, span)) = chosen else { return };
        let group = group.to_string();
        let mut say = |node: Node, key| out.text(&Subject::node(node), key, &group, span);
        say(input.sender(), transport_keys::PRODUCES_TO);
        say(input.receiver(), transport_keys::CONSUMES_FROM);
    }
}

fn group(data: &mut Reader<'_>) -> Result<Option<Group>, Malformed> {
    Ok(cpf::socket_address(data)?.filter(|(address, _)| address.ip().is_multicast()))
}

/// Place of the general status in a reply.
const GENERAL_STATUS: usize = 2;
