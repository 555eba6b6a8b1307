//! Who reads the bytes of conversations in a bench: nobody, or the dissectors with a memory that knows everything.

use nameplate::flow::{Audience, Direction, Input, LastPacket, ShownBy, Taken, Talked};
use nameplate::model::{Act, Acts, Frame, Key, Mac, Node, Observation, Scope, Subject, Timestamp};
use nameplate::packet::Packet;
use nameplate::protocols::recognise::{Recognised, Recogniser};
use nameplate::protocols::{Dissector, Heard, Record, Said, Sink, Step};
use nameplate::wire::Malformed;

/// Wants all bytes, and reads none.
pub(crate) struct Deaf;

impl Audience for Deaf {
    type State = ();

    fn show(&mut self, (): &mut (), input: &Input<'_>) -> Taken {
        Taken::Used(input.bytes.len())
    }

    fn gap(&mut self, (): &mut (), _direction: Direction) {}

    fn doubts(&self, _sender: Node) -> bool {
        false
    }

    fn sender(&mut self, _frame: &Frame<'_>, _packet: &Packet<'_>, _shown_by: ShownBy) {}

    fn copied(
        &mut self,
        _frame: &Frame<'_>,
        _packet: &Packet<'_>,
        _shown_by: ShownBy,
        _copy: Scope,
        _original: Scope,
    ) {
    }

    fn moved(&mut self, _frame: &Frame<'_>, _packet: &Packet<'_>, _by: ShownBy, _before: Mac) {}

    fn parted(&mut self, _last: LastPacket) {}

    fn talked(&mut self, (): &mut (), _talked: &Talked) {}

    fn name((): &()) -> u8 {
        0
    }

    fn glance((): &()) -> usize {
        0
    }

    fn release((): &mut ()) {}
}

/// What one conversation is read by.
#[derive(Default)]
pub(crate) struct Reading {
    dissector: Option<(usize, Box<dyn Dissector>)>,
}

/// Recognises and reads, as the engine does, but keeps nothing of what is said.
pub(crate) struct Knowing {
    recogniser: Recogniser,
    known: Known,
}

impl Knowing {
    pub(crate) fn new(recogniser: Recogniser) -> Self {
        Self { recogniser, known: Known::default() }
    }
}

impl Audience for Knowing {
    type State = Reading;

    fn show(&mut self, state: &mut Reading, input: &Input<'_>) -> Taken {
        if state.dissector.is_none() {
            let Input { bytes, whole, flow, .. } = *input;
            match self.recogniser.recognise(flow.attach, bytes, whole, true) {
                Recognised::Found(at) => {
                    let protocol = self.recogniser.protocol(at).expect("a protocol");
                    state.dissector = Some((at, (protocol.start)()));
                }
                Recognised::More => return Taken::Need(bytes.len() + 1),
                Recognised::Nothing => return Taken::Used(bytes.len()),
            }
        }
        let Some((at, dissector)) = &mut state.dissector else { return Taken::Done };
        let protocol = self.recogniser.protocol(*at).expect("a protocol");
        match dissector.read(input, &mut Sink::new(input, &mut self.known, protocol)) {
            Step::Used(used) => Taken::Used(used),
            Step::Need(need) => Taken::Need(need),
            Step::Lost(_) => {
                state.dissector = None;
                Taken::Used(input.bytes.len())
            }
            Step::Done => Taken::Done,
        }
    }

    fn gap(&mut self, state: &mut Reading, direction: Direction) {
        if let Some((_, dissector)) = &mut state.dissector {
            dissector.gap(direction);
        }
    }

    fn doubts(&self, _sender: Node) -> bool {
        false
    }

    fn sender(&mut self, _frame: &Frame<'_>, _packet: &Packet<'_>, _shown_by: ShownBy) {}

    fn copied(
        &mut self,
        _frame: &Frame<'_>,
        _packet: &Packet<'_>,
        _shown_by: ShownBy,
        _copy: Scope,
        _original: Scope,
    ) {
    }

    fn moved(&mut self, _frame: &Frame<'_>, _packet: &Packet<'_>, _by: ShownBy, _before: Mac) {}

    fn parted(&mut self, _last: LastPacket) {}

    fn talked(&mut self, _state: &mut Reading, _talked: &Talked) {}

    fn name(_state: &Reading) -> u8 {
        0
    }

    fn glance(state: &Reading) -> usize {
        usize::from(state.dissector.is_some())
    }

    fn release(state: &mut Reading) {
        state.dissector = None;
    }
}

/// A memory to which nothing is news.
#[derive(Default)]
struct Known {
    acts: Acts,
}

impl Record for Known {
    fn hear(
        &mut self,
        _at: Timestamp,
        _from: Option<Mac>,
        _subject: &Subject,
        _key: Key,
        _said: Said<'_>,
    ) -> Heard {
        Heard::Known
    }

    fn speaks_as(&mut self, _from: Option<Mac>, _subject: &Subject, _serial: Said<'_>) -> bool {
        false
    }

    fn take(&mut self, _observation: Observation) {}

    fn damaged(&mut self, _protocol: &'static str, _malformed: Malformed) {}

    fn count(&mut self, _name: &'static str) {}

    fn act(&mut self, act: Act) -> bool {
        self.acts.count(act);
        false
    }

    fn asked(&mut self, _at: Timestamp, _client: Node, _server: Node, _question: &[u8]) -> bool {
        false
    }
}
