//! Calls that came in several datagrams, in whatever order these came.

use crate::flow::Input;
use crate::model::limits::{PN_IO_CALL_BYTES_MAX, PN_IO_CALL_PARTS_MAX, PN_IO_CALLS_MAX};
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::{Datagram, Gathered};

/// Calls of which more parts are to come.
#[derive(Debug, Default)]
pub(super) struct Calls {
    waiting: Vec<Parts>,
}

/// The parts of one call, as far as they came.
#[derive(Debug)]
struct Parts {
    kind: u8,
    call: ([u8; 16], u32),
    /// By number, each once. What they hold together stays below [`PN_IO_CALL_BYTES_MAX`].
    pieces: Vec<(u16, Gathered)>,
    /// Number of the last one, once it came.
    last: Option<u16>,
}

impl Calls {
    /// Takes a part; the whole when all are there. A call that is too long, or gives way to others, is counted.
    pub(super) fn take(
        &mut self,
        datagram: &Datagram<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Option<Gathered> {
        let number = datagram.fragment?;
        let is_this = |parts: &Parts| parts.kind == datagram.kind && parts.call == datagram.call;
        let mut parts = match self.waiting.iter().position(is_this) {
            Some(at) => self.waiting.remove(at),
            None => {
                Parts { kind: datagram.kind, call: datagram.call, pieces: Vec::new(), last: None }
            }
        };
        if datagram.is_last {
            parts.last = Some(number);
        }
        // One that is there was sent again, because nobody told that it had arrived.
        if let Err(at) = parts.pieces.binary_search_by_key(&number, |(known, _)| *known) {
            let length = parts.bytes().saturating_add(datagram.body.left());
            if length > PN_IO_CALL_BYTES_MAX || parts.pieces.len() >= PN_IO_CALL_PARTS_MAX {
                out.count("pn_io.calls_incomplete");
                return None;
            }
            let mut piece = Gathered::default();
            piece.push(input, datagram.body.at(), datagram.body.left());
            parts.pieces.insert(at, (number, piece));
        }
        if parts.is_whole() {
            return Some(parts.together(input));
        }
        if self.waiting.len() >= PN_IO_CALLS_MAX {
            self.waiting.remove(0);
            out.count("pn_io.calls_incomplete");
        }
        self.waiting.push(parts);
        None
    }

    /// Drops what came.
    pub(super) fn forget(&mut self) {
        self.waiting = Vec::new();
    }

    /// Bytes of memory that it takes beside itself.
    pub(super) fn kept_bytes(&self) -> usize {
        let own = self.waiting.capacity().saturating_mul(size_of::<Parts>());
        self.waiting.iter().fold(own, |sum, parts| sum.saturating_add(parts.kept_bytes()))
    }
}

impl Parts {
    fn bytes(&self) -> usize {
        self.pieces.iter().fold(0, |sum, (_, piece)| sum.saturating_add(piece.len()))
    }

    fn is_whole(&self) -> bool {
        let numbers = self.pieces.iter().map(|(number, _)| *number);
        self.last.is_some_and(|last| numbers.eq(0..=last))
    }

    fn together(&self, input: &Input<'_>) -> Gathered {
        let mut whole = Gathered::default();
        for (_, piece) in &self.pieces {
            whole.push(&piece.shown(input), 0, piece.len());
        }
        whole
    }

    fn kept_bytes(&self) -> usize {
        let own = self.pieces.capacity().saturating_mul(size_of::<(u16, Gathered)>());
        self.pieces.iter().fold(own, |sum, (_, piece)| sum.saturating_add(piece.kept_bytes()))
    }
}
