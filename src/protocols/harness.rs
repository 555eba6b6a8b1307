//! For the unit tests of dissectors: shows bytes to one, and prints what it said.

use crate::flow::{Attach, Direction, FlowKey, Input, Place};
use crate::model::{Act, Acts, FrameRef, Key, Mac, Node, Observation, Scope, Subject, Timestamp};
use crate::protocols::{Heard, Protocol, Record, Said, Sink, Step};
use crate::wire::Malformed;

/// Collects all that is said, repeats included.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) said: Vec<Observation>,
    pub(crate) damage: Vec<Malformed>,
    pub(crate) counted: Vec<&'static str>,
    pub(crate) acts: Acts,
    pub(crate) questions: Vec<Box<[u8]>>,
}

impl Record for Listener {
    fn hear(
        &mut self,
        _at: Timestamp,
        _from: Option<Mac>,
        _subject: &Subject,
        _key: Key,
        _said: Said<'_>,
    ) -> Heard {
        Heard::New
    }

    fn speaks_as(&mut self, _from: Option<Mac>, _subject: &Subject, _serial: Said<'_>) -> bool {
        false
    }

    fn take(&mut self, observation: Observation) {
        self.said.push(observation);
    }

    fn damaged(&mut self, _protocol: &'static str, malformed: Malformed) {
        self.damage.push(malformed);
    }

    fn count(&mut self, name: &'static str) {
        self.counted.push(name);
    }

    /// Counted, and told to nobody: what acts become is the engine's.
    fn act(&mut self, act: Act) -> bool {
        self.acts.count(act);
        false
    }

    fn asked(&mut self, _at: Timestamp, _client: Node, _server: Node, question: &[u8]) -> bool {
        self.questions.push(question.into());
        false
    }
}

impl Listener {
    /// How often requests were told to identify, read, write, control and program.
    pub(crate) fn acts(&self) -> [u32; 5] {
        Act::ALL.map(|act| self.acts.of(act))
    }

    /// One line for each fact: `10.0.0.2 slot 3  enip.product_name = 1756-L61 @62+11`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.said
            .iter()
            .map(|o| {
                let (subject, key, value) = (&o.subject, o.key, &o.value);
                format!("{subject}  {key} = {value} @{}+{}", o.excerpt.offset, o.excerpt.length)
            })
            .collect()
    }
}

/// Shows messages to one dissector, client 10.0.0.1 and server 10.0.0.2 (MAC addresses end likewise), each
/// message in a frame of its own from offset 0 on. `whole` is true for datagrams. Messages that it wants more
/// bytes for are shown again, longer, with the next of the same direction; bytes that it used before they came
/// are passed over, as the flow does.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn read(
    protocol: &'static Protocol,
    whole: bool,
    messages: &[(Direction, &[u8])],
) -> Listener {
    let attach = protocol.attach[0];
    let node = |last: u8| match attach {
        Attach::Ether(_) => Node::mac(Scope::default(), Mac([2, 0, 0, 0, 0, last])),
        Attach::Tcp(_) | Attach::Udp(_) => Node::ip(Scope::default(), [10, 0, 0, last].into()),
    };
    let flow = FlowKey { client: node(1), client_port: 50_000, server: node(2), attach };
    let mut listener = Listener::default();
    let mut dissector = (protocol.start)();
    let mut unread: [Vec<u8>; 2] = [Vec::new(), Vec::new()];
    let mut passed_over = [0; 2];
    for (number, (direction, bytes)) in (1_u64..).zip(messages) {
        let side = usize::from(*direction == Direction::ToClient);
        let skipped = bytes.len().min(passed_over[side]);
        passed_over[side] -= skipped;
        unread[side].extend_from_slice(&bytes[skipped..]);
        while !unread[side].is_empty() {
            let frame = FrameRef { capture: 0, number };
            let input = Input {
                bytes: &unread[side],
                whole,
                direction: *direction,
                flow: &flow,
                at: Timestamp(0),
                frame,
                mac: Some(Mac([2, 0, 0, 0, 0, if side == 0 { 1 } else { 2 }])),
                places: &[Place { start: 0, frame, offset: 0 }],
            };
            match dissector.read(&input, &mut Sink::new(&input, &mut listener, protocol)) {
                Step::Used(used) => {
                    assert!(used > 0, "a step must advance");
                    let here = used.min(unread[side].len());
                    unread[side].drain(..here);
                    passed_over[side] = if whole { 0 } else { used - here };
                }
                Step::Need(need) => {
                    assert!(need > unread[side].len(), "asks for {need} bytes and has them");
                    break;
                }
                Step::Lost(malformed) => {
                    listener.damage.push(malformed);
                    unread[side].clear();
                }
                Step::Done => return listener,
            }
        }
        if whole {
            unread[side].clear();
        }
    }
    listener
}
