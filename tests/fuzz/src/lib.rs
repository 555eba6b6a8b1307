//! What the fuzz targets do with their input, and what must hold. The test suite shows the committed corpus to the same
//! functions, so that a crash once found stays found.
//!
//! Both inputs are lists of records, so that a mutation of one message leaves the others in place:
//!
//! ```text
//! frame    | link 1 | milliseconds 1 | length 2, little-endian | bytes |  ...
//! stream   | protocol 1 |  then  | direction 1 | length 2, little-endian | bytes |  ...
//! ```

use nameplate::engine::{Engine, Options};
use nameplate::flow::{Attach, Direction, FlowKey, Input, Place};
use nameplate::model::limits::{EXCERPT_BYTES_MAX, TEXT_BYTES_MAX, VALUE_BYTES_MAX};
use nameplate::model::{
    Act, Frame, FrameRef, Key, LinkType, Mac, Node, Observation, Scope, Subject, Timestamp, Value,
};
use nameplate::protocols::{Heard, REGISTRY, Record, Said, Sink, Step};
use nameplate::wire::Malformed;

/// Shows frames to an engine.
///
/// # Panics
/// When a dissector panicked, a store went over its cap, or a fact is longer than facts may be.
pub fn frame(input: &[u8]) {
    let mut engine = Engine::new(Options { seed: 1, ..Options::default() });
    let (mut rest, mut number, mut at) = (input, 0, Timestamp(0));
    while let Some((head, bytes)) = record::<2>(&mut rest) {
        let [link, milliseconds] = head;
        number += 1;
        at.0 += i64::from(milliseconds) * 1_000_000;
        let link = LINKS.get(usize::from(link)).copied().unwrap_or(LinkType::ETHERNET);
        let wire_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        engine.frame(&Frame { at, frame: FrameRef { capture: 0, number }, link, wire_len, bytes });
    }
    engine.finish();
    assert_eq!(engine.counters().count("engine.panics"), 0, "a dissector panicked");
    for (name, held, cap) in engine.fill() {
        assert!(held <= cap, "{name} holds {held} of {cap}");
    }
    engine.drain().for_each(|observation| is_sound(&observation));
}

/// Shows messages to the dissector that the first byte picks, as a flow would: unread bytes again, with those that
/// follow; bytes that are of no interest not at all.
///
/// # Panics
/// When the dissector panics, makes no progress, or says something longer than facts may be.
pub fn stream(input: &[u8]) {
    let Some((pick, mut rest)) = input.split_first() else { return };
    let Some(protocol) = REGISTRY.get(usize::from(*pick) % REGISTRY.len()) else { return };
    let Some(attach) = protocol.attach.first().copied() else { return };
    let node = |last: u8| match attach {
        Attach::Ether(_) => Node::mac(Scope::default(), Mac([2, 0, 0, 0, 0, last])),
        Attach::Tcp(_) | Attach::Udp(_) => Node::ip(Scope::default(), [10, 0, 0, last].into()),
    };
    let flow = FlowKey { client: node(1), client_port: 50_000, server: node(2), attach };
    let mut dissector = (protocol.start)();
    let mut listener = Listener;
    let mut unread: [Unread; 2] = Default::default();
    let mut number = 0;
    while let Some(([how], bytes)) = record::<1>(&mut rest) {
        number += 1;
        let (direction, side) = match how & TO_CLIENT {
            0 => (Direction::ToServer, &mut unread[0]),
            _ => (Direction::ToClient, &mut unread[1]),
        };
        if how & GAP != 0 {
            *side = Unread::default();
            dissector.gap(direction);
        }
        let whole = how & WHOLE != 0;
        side.arrive(bytes);
        while !side.bytes.is_empty() && side.bytes.len() >= side.wanted {
            let frame = FrameRef { capture: 0, number };
            let input = Input {
                bytes: &side.bytes,
                whole,
                direction,
                flow: &flow,
                at: Timestamp(i64::try_from(number).unwrap_or(0) * 1_000_000),
                frame,
                mac: None,
                places: &[Place { start: 0, frame, offset: 0 }],
            };
            match dissector.read(&input, &mut Sink::new(&input, &mut listener, protocol)) {
                Step::Used(used) => {
                    assert!(used > 0, "{}: used nothing", protocol.name);
                    side.take(used);
                }
                Step::Need(need) => {
                    assert!(need > side.bytes.len(), "{}: needs what is there", protocol.name);
                    side.wanted = need;
                }
                Step::Lost(_) => side.bytes.clear(),
                Step::Done => return,
            }
        }
        if whole {
            *side = Unread::default();
        }
    }
}

/// Unread bytes of one direction.
#[derive(Default)]
struct Unread {
    bytes: Vec<u8>,
    /// Bytes that must be there before they are shown again.
    wanted: usize,
    /// Bytes still to come that are of no interest.
    skipped: usize,
}

impl Unread {
    fn arrive(&mut self, bytes: &[u8]) {
        let skipped = self.skipped.min(bytes.len());
        self.skipped -= skipped;
        self.bytes.extend_from_slice(&bytes[skipped..]);
    }

    fn take(&mut self, used: usize) {
        self.skipped = used.saturating_sub(self.bytes.len());
        self.bytes.drain(..used.min(self.bytes.len()));
        self.wanted = 0;
    }
}

/// Hears everything as new, as an engine would that has seen nothing.
struct Listener;

impl Record for Listener {
    fn hear(&mut self, _: Timestamp, _: Option<Mac>, _: &Subject, _: Key, _: Said<'_>) -> Heard {
        Heard::New
    }

    fn speaks_as(&mut self, _: Option<Mac>, _: &Subject, _: Said<'_>) -> bool {
        false
    }

    fn take(&mut self, observation: Observation) {
        is_sound(&observation);
    }

    fn damaged(&mut self, _: &'static str, _: Malformed) {}

    fn count(&mut self, _: &'static str) {}

    fn act(&mut self, _: Act) -> bool {
        true
    }

    fn asked(&mut self, _: Timestamp, _: Node, _: Node, _: &[u8]) -> bool {
        true
    }
}

fn is_sound(observation: &Observation) {
    let length = match &observation.value {
        Value::Text(text) => {
            assert!(!text.is_empty() && text.len() <= TEXT_BYTES_MAX, "{}", observation.key);
            text.len()
        }
        Value::Bytes(bytes) => {
            assert!(!bytes.is_empty() && bytes.len() <= VALUE_BYTES_MAX, "{}", observation.key);
            bytes.len()
        }
        Value::Uint(_) => 1,
    };
    let excerpt = &observation.excerpt;
    assert!(excerpt.bytes.len() <= EXCERPT_BYTES_MAX, "{} of {length}", observation.key);
}

/// The head and the bytes of the first record; what is missing of its bytes was cut off.
fn record<'a, const HEAD: usize>(rest: &mut &'a [u8]) -> Option<([u8; HEAD], &'a [u8])> {
    let (head, behind) = rest.split_first_chunk::<HEAD>()?;
    let (length, behind) = behind.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_le_bytes(*length)).min(behind.len());
    let (bytes, behind) = behind.split_at(length);
    *rest = behind;
    Some((*head, bytes))
}

/// Link types by number in an input; others are Ethernet.
pub const LINKS: &[LinkType] =
    &[LinkType::ETHERNET, LinkType::RAW, LinkType::LINUX_SLL, LinkType::NULL];
/// In the first byte of a stream's record: sent by the server.
pub const TO_CLIENT: u8 = 0x01;
/// A datagram: nothing will follow these bytes.
pub const WHOLE: u8 = 0x02;
/// Bytes of this direction are missing before these.
pub const GAP: u8 = 0x04;
