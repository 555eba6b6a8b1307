//! One open pipe: the association in it, and the bytes of both directions that wait for more.

use crate::flow::Input;
use crate::model::limits::PIPE_BYTES_MAX;
use crate::protocols::shared::dcerpc::{Association, Carrier, Gathered};
use crate::protocols::smb::pipes::Id;
use crate::protocols::{Sink, Step};
use crate::wire::Malformed;

/// One open pipe.
pub(super) struct Pipe {
    pub(super) number: u64,
    pub(super) id: Id,
    pub(super) association: Association,
    /// A fragment of a remote procedure call was seen.
    pub(super) understood: bool,
    pub(super) to_server: Stream,
    pub(super) to_client: Stream,
}

/// One direction of a pipe.
#[derive(Default)]
pub(super) struct Stream {
    pub(super) unread: Gathered,
    /// Bytes still to come that are of no interest.
    pub(super) passing: usize,
}

impl Pipe {
    /// Takes bytes that one side wrote.
    pub(super) fn feed(
        &mut self,
        from_server: bool,
        input: &Input<'_>,
        at: usize,
        len: usize,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let stream = if from_server { &mut self.to_client } else { &mut self.to_server };
        let passed = stream.passing.min(len);
        stream.passing = stream.passing.saturating_sub(passed);
        stream.unread.push(input, at.saturating_add(passed), len.saturating_sub(passed));
        while !stream.unread.is_empty() {
            let shown = stream.unread.shown(input);
            let step = self.association.read(&shown, &CARRIER, &mut out.over(&shown));
            match step {
                Step::Used(used) => {
                    self.understood = true;
                    let here = used.min(stream.unread.len());
                    stream.passing = used.saturating_sub(here);
                    stream.unread.pass(here.max(1));
                }
                Step::Need(need) if need <= PIPE_BYTES_MAX => break,
                Step::Need(_) => {
                    out.count("smb.pipe_messages_too_long");
                    stream.unread.clear();
                }
                Step::Lost(malformed) => return Err(malformed),
                Step::Done => stream.unread.clear(),
            }
        }
        Ok(())
    }

    /// Bytes of memory that it takes.
    pub(super) fn kept_bytes(&self) -> usize {
        size_of::<Self>()
            .saturating_add(self.association.kept_bytes())
            .saturating_add(self.to_server.unread.kept_bytes())
            .saturating_add(self.to_client.unread.kept_bytes())
    }
}

const CARRIER: Carrier = Carrier {
    bytes_max: PIPE_BYTES_MAX,
    sealed: "smb.encrypted_calls",
    too_long: "smb.answers_too_long",
    forgotten: "smb.calls_forgotten",
};
