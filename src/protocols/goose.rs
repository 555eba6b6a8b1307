//! GOOSE: how protection relays and bay controllers tell each other of events, without IP (IEC 61850-8-1:2011, clause 18).
//!
//! Read: which control block publishes which data set under which identifier and revision of its configuration, and whether the
//! message is simulated, or its publisher not commissioned yet. Skipped: the values, state and sequence numbers, times. Messages
//! are repeated for ever; what was said already is known again and counted, and nothing is made for it.
//!
//! ```text
//!   APPID, length, flags: see shared/process_bus.rs
//!   61 { 80 control block   81 time   82 data set   83 identifier   84 time of change   85 state   86 sequence
//!        87 simulation   88 configuration revision   89 needs commissioning   8A entries   AB values }
//! ```

use crate::flow::{Attach, Input};
use crate::model::{Key, Subject};
use crate::protocols::shared::process_bus::{self, Element, Pdu, Stream, Streams};
use crate::protocols::shared::{ber, readable};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Span};

/// What a node does: `publisher`.
const ROLE: Key = Key::several("goose.role");
/// Numbers of the applications of its messages (APPID).
const APPLICATION_ID: Key = Key::several("goose.application_id");
/// Control blocks that it publishes for: `FEEDER4CTRL/LLN0$GO$gcb01`.
const CONTROL_BLOCK: Key = Key::several("goose.control_block");
/// Data sets that it publishes.
const DATA_SET: Key = Key::several("goose.data_set");
/// Identifiers of what it publishes.
const ID: Key = Key::several("goose.id");
/// Revisions of the configuration of what it publishes.
const CONFIGURATION_REVISION: Key = Key::several("goose.configuration_revision");
/// Control blocks whose messages are simulated: a test set sends them, or a device under test.
const SIMULATION: Key = Key::several("goose.simulation");
/// Control blocks whose publisher is not commissioned yet.
const NEEDS_COMMISSIONING: Key = Key::several("goose.needs_commissioning");

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "goose",
    spec: "IEC 61850-8-1:2011 with Amd 1 (2020)",
    attach: &[Attach::Ether(0x88b8)],
    keys: &[&[
        ROLE,
        APPLICATION_ID,
        CONTROL_BLOCK,
        DATA_SET,
        ID,
        CONFIGURATION_REVISION,
        SIMULATION,
        NEEDS_COMMISSIONING,
    ]],
    probe,
    start: || Box::new(Goose::default()),
};

/// What one node publishes to one address.
#[derive(Default)]
struct Goose {
    streams: Streams,
}

impl Dissector for Goose {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The Ethernet type alone makes a frame GOOSE; other types of the same standard have other tags.
fn probe(bytes: &[u8]) -> Probe {
    match Pdu::read(bytes, TAG) {
        Ok(_) => Probe::Maybe,
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

/// The elements that tell something.
#[derive(Default)]
struct Told<'a> {
    control_block: Option<Element<'a>>,
    data_set: Option<Element<'a>>,
    id: Option<Element<'a>>,
    simulation: Option<Element<'a>>,
    revision: Option<Element<'a>>,
    needs_commissioning: Option<Element<'a>>,
}

impl Goose {
    fn message(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let pdu = Pdu::read(input.bytes, TAG)?;
        let mut told = Told::default();
        let mut r = pdu.body.clone();
        while !r.is_empty() {
            let element = Element::read(&mut r, "goosePdu")?;
            match element.tag {
                0x80 => told.control_block = Some(element),
                0x82 => told.data_set = Some(element),
                0x83 => told.id = Some(element),
                0x87 => told.simulation = Some(element),
                0x88 => told.revision = Some(element),
                0x89 => told.needs_commissioning = Some(element),
                _ => {}
            }
        }
        if told.control_block.is_none() {
            return Err(r.impossible("gocbRef"));
        }
        let [application, flags] = pdu.front;
        let stream = self.streams.take(&[
            application,
            flags,
            process_bus::whole(told.control_block.as_ref()),
            process_bus::whole(told.data_set.as_ref()),
            process_bus::whole(told.id.as_ref()),
            process_bus::whole(told.simulation.as_ref()),
            process_bus::whole(told.revision.as_ref()),
            process_bus::whole(told.needs_commissioning.as_ref()),
        ]);
        match stream {
            Stream::Known => {
                out.count("goose.messages_repeated");
                return Ok(());
            }
            Stream::OverLimit => out.count("goose.streams_over_limit"),
            Stream::New => {}
        }
        said(&pdu, &told, &Subject::node(input.sender()), out)
    }
}

fn said(
    pdu: &Pdu<'_>,
    told: &Told<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    out.text(sender, ROLE, "publisher", APPID);
    out.uint(sender, APPLICATION_ID, pdu.application, APPID);
    for (key, element) in
        [(CONTROL_BLOCK, &told.control_block), (DATA_SET, &told.data_set), (ID, &told.id)]
    {
        if let Some((bytes, span)) = element.as_ref().map(Element::contents) {
            readable::say(out, sender, key, bytes, span);
        }
    }
    if let Some(revision) = &told.revision {
        let (_, span) = revision.contents();
        let number = ber::number(revision.body.clone(), "confRev")?;
        out.uint(sender, CONFIGURATION_REVISION, number, span);
    }
    let control_block = told.control_block.as_ref().map(|element| element.contents().0);
    let name = control_block.and_then(readable::readable).unwrap_or_default();
    if let Some(span) = flag(told.simulation.as_ref()).or(pdu.is_simulated.then_some(FLAGS)) {
        out.text(sender, SIMULATION, &name, span);
    }
    if let Some(span) = flag(told.needs_commissioning.as_ref()) {
        out.text(sender, NEEDS_COMMISSIONING, &name, span);
    }
    Ok(())
}

/// Where a flag stands that is set.
fn flag(element: Option<&Element<'_>>) -> Option<Span> {
    let (bytes, span) = element?.contents();
    bytes.iter().any(|byte| *byte != 0).then_some(span)
}

/// Places of the number of the application, and of the flags.
const APPID: Span = Span { at: 0, len: 2 };
const FLAGS: Span = Span { at: 4, len: 2 };
const TAG: u8 = 0x61;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness::{self, Listener};

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, body.len() as u8][..], body].concat()
    }

    fn frame(flags: u8, elements: &[u8]) -> Vec<u8> {
        let body = tlv(0x61, elements);
        let length = body.len() as u8 + 8;
        [&[0x30, 1, 0, length, flags, 0, 0, 0][..], &body, &[0; 6]].concat()
    }

    fn message(simulated: u8, sequence: u8) -> Vec<u8> {
        [
            tlv(0x80, b"F4CTRL/LLN0$GO$gcb01"),
            tlv(0x81, &[7, 0xd0]),
            tlv(0x82, b"F4CTRL/LLN0$ds1"),
            tlv(0x83, b"trip"),
            tlv(0x84, &[0; 8]),
            tlv(0x85, &[1]),
            tlv(0x86, &[sequence]),
            tlv(0x87, &[simulated]),
            tlv(0x88, &[3]),
            tlv(0x89, &[0]),
            tlv(0x8a, &[1]),
            tlv(0xab, &[0x83, 1, 1]),
        ]
        .concat()
    }

    fn listen(frames: &[Vec<u8>]) -> Listener {
        let frames: Vec<_> = frames.iter().map(|frame| (ToServer, frame.as_slice())).collect();
        harness::read(&PROTOCOL, true, &frames)
    }

    #[test]
    fn a_message_tells_what_is_published_and_the_next_one_nothing_more() {
        let listener = listen(&[frame(0, &message(0, 1)), frame(0, &message(0, 2))]);
        let lines = listener.lines();
        let told: Vec<&str> =
            lines.iter().map(|line| line.split_once("  goose.").unwrap().1).collect();
        assert_eq!(
            told,
            [
                "role = publisher @0+2",
                "application_id = 12289 @0+2",
                "control_block = F4CTRL/LLN0$GO$gcb01 @12+20",
                "data_set = F4CTRL/LLN0$ds1 @38+15",
                "id = trip @55+4",
                "configuration_revision = 3 @80+1",
            ]
        );
        assert_eq!(listener.counted, ["goose.messages_repeated"]);
    }

    #[test]
    fn simulation_is_told_by_either_flag() {
        for simulated in [frame(0x80, &message(0, 1)), frame(0, &message(1, 1))] {
            let listener = listen(&[simulated]);
            let lines = listener.lines();
            assert!(
                lines.iter().any(|line| line.contains("goose.simulation = F4CTRL")),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_message_without_its_control_block_is_damaged() {
        let listener = listen(&[frame(0, &tlv(0x83, b"trip")), frame(0, &[0x80, 0x50, 1])]);
        assert_eq!(listener.damage.len(), 2);
        assert!(listener.lines().is_empty());
    }
}
