//! Sampled values: currents and voltages of a substation as they are measured, some thousand times a second, without IP
//! (IEC 61850-9-2:2011, IEC 61869-9:2016).
//!
//! Read: under which identifiers a merging unit publishes, with which data set, revision, rate and synchronization, and whether
//! the stream is simulated. Skipped: the samples. What was said already is known again and counted, and nothing is made for it.
//!
//! ```text
//!   APPID, length, flags: see shared/process_bus.rs
//!   60 { 80 number   [81 security]   A2 { 30 { 80 identifier   [81 data set]   82 counter   83 revision   [84 time]
//!                                              85 synchronization   [86 rate]   87 samples   [88 mode]   [89 clock] } ... } }
//! ```

use crate::flow::{Attach, Input};
use crate::model::{Key, Subject};
use crate::protocols::shared::process_bus::{self, Element, Pdu, Stream, Streams};
use crate::protocols::shared::{ber, readable};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// What a node does: `publisher`.
const ROLE: Key = Key::several("sv.role");
/// Numbers of the applications of its messages (APPID).
const APPLICATION_ID: Key = Key::several("sv.application_id");
/// Identifiers of the streams that it publishes.
const ID: Key = Key::several("sv.id");
/// Data sets that it publishes.
const DATA_SET: Key = Key::several("sv.data_set");
/// Revisions of the configuration of what it publishes.
const CONFIGURATION_REVISION: Key = Key::several("sv.configuration_revision");
/// How its samples are synchronized: `none`, `local`, `global`, or the number of a local clock.
const SYNCHRONIZATION: Key = Key::several("sv.synchronization");
/// Samples in a period of the grid, or in a second.
const SAMPLE_RATE: Key = Key::several("sv.sample_rate");
/// Identity of the clock that it follows (gmIdentity).
const GRANDMASTER: Key = Key::several("sv.grandmaster");
/// Identifiers of streams that are simulated.
const SIMULATION: Key = Key::several("sv.simulation");

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "sv",
    spec: "IEC 61850-9-2:2011 with Amd 1 (2020), IEC 61869-9:2016",
    attach: &[Attach::Ether(0x88ba)],
    keys: &[&[
        ROLE,
        APPLICATION_ID,
        ID,
        DATA_SET,
        CONFIGURATION_REVISION,
        SYNCHRONIZATION,
        SAMPLE_RATE,
        GRANDMASTER,
        SIMULATION,
    ]],
    probe,
    start: || Box::new(Sv::default()),
};

/// What one node publishes to one address.
#[derive(Default)]
struct Sv {
    streams: Streams,
}

impl Dissector for Sv {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The Ethernet type alone makes a frame one of sampled values; other types of the same standard have other tags.
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
    id: Option<Element<'a>>,
    data_set: Option<Element<'a>>,
    revision: Option<Element<'a>>,
    synchronization: Option<Element<'a>>,
    rate: Option<Element<'a>>,
    grandmaster: Option<Element<'a>>,
}

impl Sv {
    fn message(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let pdu = Pdu::read(input.bytes, TAG)?;
        let mut r = pdu.body.clone();
        let mut list = loop {
            let element = Element::read(&mut r, "savPdu")?;
            if element.tag == LIST {
                break element.body;
            }
        };
        while !list.is_empty() {
            let asdu = ber::expect(&mut list, ber::SEQUENCE, "ASDU")?;
            self.samples(&pdu, asdu, input, out)?;
        }
        Ok(())
    }

    fn samples(
        &mut self,
        pdu: &Pdu<'_>,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut told = Told::default();
        while !r.is_empty() {
            let element = Element::read(&mut r, "ASDU")?;
            match element.tag {
                0x80 => told.id = Some(element),
                0x81 => told.data_set = Some(element),
                0x83 => told.revision = Some(element),
                0x85 => told.synchronization = Some(element),
                0x86 => told.rate = Some(element),
                0x89 => told.grandmaster = Some(element),
                _ => {}
            }
        }
        if told.id.is_none() {
            return Err(r.impossible("svID"));
        }
        let [application, flags] = pdu.front;
        let stream = self.streams.take(&[
            application,
            flags,
            process_bus::whole(told.id.as_ref()),
            process_bus::whole(told.data_set.as_ref()),
            process_bus::whole(told.revision.as_ref()),
            process_bus::whole(told.synchronization.as_ref()),
            process_bus::whole(told.rate.as_ref()),
            process_bus::whole(told.grandmaster.as_ref()),
        ]);
        match stream {
            Stream::Known => {
                out.count("sv.samples_repeated");
                return Ok(());
            }
            Stream::OverLimit => out.count("sv.streams_over_limit"),
            Stream::New => {}
        }
        said(pdu, &told, &Subject::node(input.sender()), out);
        Ok(())
    }
}

fn said(pdu: &Pdu<'_>, told: &Told<'_>, sender: &Subject, out: &mut Sink<'_>) {
    out.text(sender, ROLE, "publisher", APPID);
    out.uint(sender, APPLICATION_ID, pdu.application, APPID);
    for (key, element) in [(ID, &told.id), (DATA_SET, &told.data_set)] {
        if let Some((bytes, span)) = element.as_ref().map(Element::contents) {
            readable::say(out, sender, key, bytes, span);
        }
    }
    // Numbers of fixed length, and without a sign: not those of the basic encoding rules.
    for (key, element) in [(CONFIGURATION_REVISION, &told.revision), (SAMPLE_RATE, &told.rate)] {
        if let Some((bytes, span)) = element.as_ref().map(Element::contents)
            && (1..=4).contains(&bytes.len())
        {
            let number = bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            out.uint(sender, key, number, span);
        }
    }
    if let Some((&[number], span)) = told.synchronization.as_ref().map(Element::contents) {
        match number {
            0 => out.text(sender, SYNCHRONIZATION, "none", span),
            1 => out.text(sender, SYNCHRONIZATION, "local", span),
            2 => out.text(sender, SYNCHRONIZATION, "global", span),
            clock => out.text(sender, SYNCHRONIZATION, &format!("local clock {clock}"), span),
        }
    }
    if let Some((bytes, span)) = told.grandmaster.as_ref().map(Element::contents) {
        out.bytes(sender, GRANDMASTER, bytes, span);
    }
    if pdu.is_simulated {
        let id = told.id.as_ref().map(|id| id.contents().0);
        let name = id.and_then(readable::readable).unwrap_or_default();
        out.text(sender, SIMULATION, &name, FLAGS);
    }
}

/// Places of the number of the application, and of the flags.
const APPID: Span = Span { at: 0, len: 2 };
const FLAGS: Span = Span { at: 4, len: 2 };
const TAG: u8 = 0x60;
const LIST: u8 = 0xa2;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness::{self, Listener};

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, body.len() as u8][..], body].concat()
    }

    fn asdu(counter: u8, synchronization: u8) -> Vec<u8> {
        let elements = [
            tlv(0x80, b"MU4001"),
            tlv(0x82, &[0, counter]),
            tlv(0x83, &[0, 0, 0, 1]),
            tlv(0x85, &[synchronization]),
            tlv(0x86, &[0x0f, 0xa0]),
            tlv(0x87, &[0; 64]),
        ];
        tlv(0x30, &elements.concat())
    }

    fn frame(flags: u8, asdus: &[u8]) -> Vec<u8> {
        let body = [
            &[0x60, 0x81, asdus.len() as u8 + 6, 0x80, 1, 1, 0xa2, 0x81][..],
            &[asdus.len() as u8],
            asdus,
        ]
        .concat();
        let length = body.len() as u8 + 8;
        [&[0x40, 0, 0, length, flags, 0, 0, 0][..], &body].concat()
    }

    fn listen(frames: &[Vec<u8>]) -> Listener {
        let frames: Vec<_> = frames.iter().map(|frame| (ToServer, frame.as_slice())).collect();
        harness::read(&PROTOCOL, true, &frames)
    }

    #[test]
    fn a_stream_is_told_once_and_its_samples_are_counted() {
        let listener =
            listen(&[frame(0, &asdu(1, 2)), frame(0, &asdu(2, 2)), frame(0, &asdu(3, 2))]);
        let lines = listener.lines();
        let told: Vec<&str> = lines
            .iter()
            .map(|line| line.split_once("  sv.").unwrap().1.rsplit_once(" @").unwrap().0)
            .collect();
        assert_eq!(
            told,
            [
                "role = publisher",
                "application_id = 16384",
                "id = MU4001",
                "configuration_revision = 1",
                "sample_rate = 4000",
                "synchronization = global",
            ]
        );
        assert_eq!(listener.counted, ["sv.samples_repeated"; 2]);
    }

    #[test]
    fn a_stream_that_loses_its_clock_tells_so() {
        let listener = listen(&[frame(0, &asdu(1, 2)), frame(0x80, &asdu(2, 0))]);
        let lines = listener.lines();
        assert!(lines.iter().any(|line| line.contains("sv.synchronization = none")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("sv.simulation = MU4001")), "{lines:?}");
    }

    #[test]
    fn samples_without_an_identifier_are_damaged() {
        let listener =
            listen(&[frame(0, &tlv(0x30, &tlv(0x82, &[0, 1]))), vec![0x40, 0, 0, 8, 0, 0, 0, 0]]);
        assert_eq!(listener.damage.len(), 2);
        assert!(listener.lines().is_empty());
    }
}
