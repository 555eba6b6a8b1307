//! Who reads the bytes of conversations, and what it is told beside them.

use crate::flow::{Direction, Input, ShownBy, Talked};
use crate::model::{Frame, Mac, Node, Scope, Timestamp};
use crate::packet::Packet;

/// Who reads the bytes of conversations.
pub trait Audience {
    /// What it keeps for one conversation.
    type State: Default;

    /// Is shown all unread bytes of one direction, and says how far it got.
    fn show(&mut self, state: &mut Self::State, input: &Input<'_>) -> Taken;

    /// Is told that bytes of one direction are missing.
    fn gap(&mut self, state: &mut Self::State, direction: Direction);

    /// Whether it wants to be told of another packet of this sender to believe that it is there.
    fn doubts(&self, sender: Node) -> bool;

    /// Is told of a packet whose sender, in this conversation, was not seen with this MAC address and hop limit
    /// just before, or is doubted.
    fn sender(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, shown_by: ShownBy);

    /// Is told of a packet that was seen in two VLANs: its sender is the same node in both. `copy` is the one where
    /// it came later on its way, so that its MAC address and hop limit are not the sender's.
    fn copied(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        copy: Scope,
        original: Scope,
    );

    /// Is told of a packet whose sender used another MAC address earlier in the same TCP connection.
    fn moved(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, shown_by: ShownBy, before: Mac);

    /// Is told, when a conversation is forgotten, when a party of it last sent a packet.
    fn parted(&mut self, last: LastPacket);

    /// Is told what was sent in a conversation since this was last told: when it is forgotten, when packets count under
    /// another account, and when it is asked for.
    fn talked(&mut self, state: &mut Self::State, talked: &Talked);

    /// What a conversation is known to be; 0 for nothing.
    fn name(state: &Self::State) -> u8;

    /// Whether the bytes just shown told that client and server are the other way round. Asked of conversations without IP,
    /// in which neither ports nor a handshake tell.
    fn turns(_state: &mut Self::State) -> bool {
        false
    }

    /// Looks at what is kept for a conversation, so that it is near when a packet of it comes. What it gives means nothing.
    fn glance(state: &Self::State) -> usize;

    /// Nothing more is shown: what is kept for reading may go.
    fn release(state: &mut Self::State);
}

/// The last packet of one party of a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastPacket {
    /// Who sent it.
    pub node: Node,
    /// From which MAC address, unless it was a copy behind a router.
    pub mac: Option<Mac>,
    /// When.
    pub at: Timestamp,
}

/// What an [`Audience`] did with what it was shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// Used this many bytes; more than were shown when those that follow are of no interest.
    Used(usize),
    /// Used none; wants to be shown at least this many.
    Need(usize),
    /// Wants nothing of this conversation any more.
    Done,
}
