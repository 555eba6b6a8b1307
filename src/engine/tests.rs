#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::{Attach, Input};
use crate::model::{Mac, Node};
use crate::packet::build::{FIN, RST, SYN, Segment, frame, udp};
use crate::protocols::{Dissector, Probe, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

mod costs;
mod talks;

/// A protocol for tests: `T`, a length, and so many bytes of name; client and server alike. A length of 255 asks
/// for a panic, 254 loses the framing, 253 ends reading, 252 skips 1,000 bytes behind it, 251 has 6 MiB kept.
const TOY: Protocol = Protocol {
    name: "toy",
    spec: "none",
    attach: &[Attach::Tcp(7_777), Attach::Udp(7_777), Attach::Ether(0x7777)],
    keys: &[&[NAME, PAIRED]],
    probe: |bytes| match bytes {
        [b'T', b'?', ..] => Probe::No,
        [b'T', _, ..] => Probe::Maybe,
        b"T" => Probe::More,
        _ => Probe::No,
    },
    start: || Box::new(Toy::default()),
};
const NAME: Key = Key::several("toy.name");
const PAIRED: Key = Key::several("toy.paired");
const TOYS: &[&Protocol] = &[&TOY];

#[derive(Default)]
struct Toy {
    asked: Option<String>,
    kept_bytes: usize,
}

impl Dissector for Toy {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        let lost = Malformed { field: "tag", at: 0, need: 1, have: 1 };
        match (r.u8("tag"), r.u8("length")) {
            (Ok(b'T'), Ok(255)) => panic!("as asked"),
            (Ok(b'T'), Ok(254)) => Step::Lost(lost),
            (Ok(b'T'), Ok(253)) => Step::Done,
            (Ok(b'T'), Ok(252)) => Step::Used(1_002),
            (Ok(b'T'), Ok(251)) => {
                self.kept_bytes += 6 << 20;
                Step::Used(2)
            }
            (Ok(b'T'), Ok(length)) => {
                let length = usize::from(length);
                let Ok(name) = r.bytes("name", length) else { return Step::Need(length + 2) };
                let name = String::from_utf8_lossy(name).into_owned();
                let subject = crate::model::Subject::node(input.sender());
                out.text(&subject, NAME, &name, Span { at: 2, len: length });
                match input.direction {
                    crate::flow::Direction::ToServer => self.asked = Some(name),
                    crate::flow::Direction::ToClient => {
                        if let Some(asked) = self.asked.take() {
                            let both = format!("{asked}>{name}");
                            out.text(&subject, PAIRED, &both, Span { at: 2, len: length });
                        }
                    }
                }
                Step::Used(length + 2)
            }
            (Ok(b'T'), Err(_)) => Step::Need(2),
            _ => Step::Lost(lost),
        }
    }

    fn gap(&mut self, _direction: crate::flow::Direction) {
        self.asked = None;
    }

    fn forget(&mut self) {
        self.kept_bytes = 0;
    }

    fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }
}

/// One TCP connection from 10.0.0.1 to port 7777 of 10.0.0.2, and an engine that hears it.
struct Line {
    engine: Engine,
    number: u64,
    next: [u32; 2],
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl Line {
    fn new() -> Self {
        Self { engine: Engine::with(Options::default(), TOYS), number: 0, next: [1_000, 2_000] }
    }

    fn opened() -> Self {
        let mut line = Self::new();
        line.packet(CLIENT, 999, None, SYN, b"");
        line.packet(SERVER, 1_999, Some(1_000), SYN, b"");
        line
    }

    fn packet(&mut self, by: usize, sequence: u32, ack: Option<u32>, flags: u8, payload: &[u8]) {
        let payload = payload.to_vec();
        let acknowledged = ack;
        let (from, to, ports) =
            if by == CLIENT { (1, 2, (40_000, 7_777)) } else { (2, 1, (7_777, 40_000)) };
        let segment = Segment { from, to, ports, sequence, acknowledged, flags, payload };
        self.number += 1;
        self.engine.frame(&frame(self.number, &segment.bytes()));
    }

    fn send(&mut self, by: usize, payload: &[u8]) {
        let (sequence, other) = (self.next[by], self.next[1 - by]);
        self.lose(by, payload.len());
        self.packet(by, sequence, Some(other), 0, payload);
    }

    fn lose(&mut self, by: usize, bytes: usize) {
        self.next[by] = self.next[by].wrapping_add(bytes as u32);
    }

    /// `frame: who key = value @place frame+offset` of all but what every packet gives.
    fn told(&mut self) -> Vec<String> {
        self.engine.finish();
        lines(&mut self.engine)
    }
}

fn lines(engine: &mut Engine) -> Vec<String> {
    engine
        .drain()
        .filter(|o| o.key.protocol() == "toy")
        .map(|o| {
            let (excerpt, key) = (&o.excerpt, o.key.name.trim_start_matches("toy."));
            let place = format!("{}+{}", excerpt.frame.number, excerpt.offset);
            format!("{}: {} {key} = {} @{place}", o.frame.number, o.subject, o.value)
        })
        .collect()
}

#[test]
fn reads_messages_and_tells_where_they_stood() {
    let mut line = Line::opened();
    line.send(CLIENT, b"T\x02hiT\x03you");
    line.send(SERVER, b"T\x02me");
    assert_eq!(
        line.told(),
        [
            "3: 10.0.0.1 name = hi @3+56",
            "3: 10.0.0.1 name = you @3+60",
            "4: 10.0.0.2 name = me @4+56",
            "4: 10.0.0.2 paired = you>me @4+56",
        ]
    );
}

#[test]
fn a_message_in_pieces_is_reported_with_the_frame_that_completes_it() {
    let mut line = Line::opened();
    for byte in b"T\x04name" {
        line.send(CLIENT, &[*byte]);
    }
    assert_eq!(line.told(), ["8: 10.0.0.1 name = name @5+54"]);
}

/// A capture that starts within a message shows the end of it first.
#[test]
fn what_waited_unrecognised_does_not_spoil_what_follows_it() {
    let mut line = Line::new();
    line.send(CLIENT, b"T");
    line.send(SERVER, b"T\x02me");
    line.send(CLIENT, b"?");
    line.send(CLIENT, b"T\x03you");
    assert_eq!(line.told(), ["2: 10.0.0.2 name = me @2+56", "4: 10.0.0.1 name = you @4+56"]);
}

#[test]
fn segments_out_of_order_are_put_back() {
    let mut line = Line::opened();
    line.packet(CLIENT, 1_004, Some(2_000), 0, b"meT\x01x");
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"T\x04na");
    assert_eq!(line.told(), ["4: 10.0.0.1 name = name @4+56", "4: 10.0.0.1 name = x @3+58"]);
}

#[test]
fn repeated_segments_are_read_once_and_the_first_bytes_win() {
    let mut line = Line::opened();
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"T\x04na");
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"T\x04XYme");
    line.packet(CLIENT, 999, Some(2_000), 0, b"\0");
    assert_eq!(line.told(), ["4: 10.0.0.1 name = name @3+56"]);
    assert_eq!(line.engine.counters().count("stream.conflicts"), 1);
}

#[test]
fn overlapping_early_segments_keep_the_bytes_that_came_first() {
    let mut line = Line::opened();
    line.packet(CLIENT, 1_004, Some(2_000), 0, b"cd");
    line.packet(CLIENT, 1_002, Some(2_000), 0, b"abXXef");
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"T\x06");
    assert_eq!(line.told(), ["5: 10.0.0.1 name = abcdef @4+54"]);
    assert_eq!(line.engine.counters().count("stream.conflicts"), 1);
}

#[test]
fn sequence_numbers_wrap() {
    let mut line = Line::new();
    line.next[CLIENT] = u32::MAX - 2;
    line.packet(CLIENT, u32::MAX - 3, None, SYN, b"");
    line.send(CLIENT, b"T\x08wrap");
    line.send(CLIENT, b"aroundT\x01x");
    let told = line.told();
    assert!(told[0].ends_with("name = wraparou @2+56"), "{told:?}");
}

#[test]
fn after_a_gap_reading_goes_on_at_the_next_start_of_a_message() {
    let mut line = Line::opened();
    line.send(CLIENT, b"T\x02hiT\x09half");
    line.lose(CLIENT, 5);
    line.send(SERVER, b"");
    line.send(CLIENT, b"T\x02on");
    line.send(SERVER, b"T\x02me");
    let told = line.told();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[1].contains("name = on"));
    assert!(told[3].contains("on>me"));
    assert_eq!(line.engine.counters().count("stream.gaps"), 1);
}

#[test]
fn a_request_behind_a_gap_is_read_before_the_answer_to_it() {
    let mut line = Line::opened();
    line.send(CLIENT, b"T\x02hi");
    line.lose(CLIENT, 5);
    line.send(CLIENT, b"T\x02on");
    line.send(SERVER, b"T\x02me");
    let told = line.told();
    assert!(told.iter().any(|fact| fact.contains("on>me")), "{told:?}");
}

#[test]
fn an_answer_that_overtakes_its_request_waits_for_it() {
    let mut line = Line::opened();
    line.lose(CLIENT, 4);
    line.send(SERVER, b"T\x02me");
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"T\x02hi");
    let told = line.told();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[1..], ["3: 10.0.0.2 name = me @3+56", "3: 10.0.0.2 paired = hi>me @3+56"]);
    assert_eq!(line.engine.counters().count("stream.gaps"), 0);
}

#[test]
fn what_is_lost_between_requests_and_answers_pairs_none_of_them_wrongly() {
    for lost in 0..1 << 12 {
        let mut line = Line::opened();
        for step in 0..12_usize {
            let (by, message) = (step % 2, format!("T\x01{}", step / 2));
            if lost >> step & 1 == 0 {
                line.send(by, message.as_bytes());
            } else {
                line.lose(by, message.len());
            }
        }
        for fact in line.told() {
            if let Some((_, pair)) = fact.split_once("paired = ") {
                assert_eq!(pair[..1], pair[2..3], "{lost:b}: {fact}");
            }
        }
    }
}

#[test]
fn gaps_of_a_one_way_mirror_close_in_time() {
    let mut line = Line::new();
    line.packet(SERVER, 2_000, None, 0, b"T\x02hi");
    line.packet(SERVER, 2_009, None, 0, b"T\x02on");
    assert_eq!(lines(&mut line.engine).len(), 1);
    line.engine.tick(Timestamp(3 * NANOS_PER_SECOND));
    assert_eq!(lines(&mut line.engine).len(), 1);
    line.packet(SERVER, 2_100, None, 0, b"T\x02up");
    assert_eq!(line.told().len(), 1);
}

#[test]
fn unwanted_bytes_are_passed_over_even_when_lost() {
    let mut line = Line::opened();
    line.send(CLIENT, b"T\xfc");
    line.send(CLIENT, &[0xff; 400]);
    line.lose(CLIENT, 500);
    line.send(CLIENT, &[[0xff; 100].as_slice(), b"T\x02on"].concat());
    let told = line.told();
    assert_eq!(told, ["5: 10.0.0.1 name = on @5+156"]);
    assert_eq!(line.engine.counters().count("stream.gaps"), 0);
}

#[test]
fn a_reused_port_is_a_new_conversation() {
    let mut line = Line::opened();
    line.send(CLIENT, b"T\x09half");
    line.packet(CLIENT, 70_000, None, SYN, b"");
    line.packet(CLIENT, 70_001, Some(2_000), 0, b"T\x02on");
    assert_eq!(line.told(), ["5: 10.0.0.1 name = on @5+56"]);
}

#[test]
fn a_closed_conversation_is_released_and_a_forged_reset_does_not_end_it() {
    let mut line = Line::opened();
    line.packet(SERVER, 4_000_000_000, None, RST, b"");
    line.packet(SERVER, 2_000, None, RST, b"");
    line.send(SERVER, b"T\x02me");
    line.packet(SERVER, line.next[SERVER], None, FIN, b"");
    line.packet(CLIENT, line.next[CLIENT], None, FIN, b"");
    assert_eq!(line.told().len(), 1);
    assert_eq!(line.engine.fill()[1].1, 0);
}

#[test]
fn a_dissector_that_panics_costs_its_conversation_and_in_the_end_itself() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut engine = Engine::with(Options::default(), TOYS);
    for port in 0..20_u16 {
        engine.frame(&frame(1, &udp((1, 1_000 + port), (2, 7_777), b"T\xff")));
        engine.frame(&frame(1, &udp((1, 1_000 + port), (2, 7_777), b"T\x02hi")));
    }
    let _ = std::panic::take_hook();
    let counters = engine.counters();
    assert_eq!(counters.count("engine.panics"), 16);
    assert_eq!(counters.count("toy.panics"), 16);
    assert_eq!(counters.count("engine.protocols_switched_off"), 1);
    assert!(lines(&mut engine).is_empty());
}

#[test]
fn lost_framing_is_survived_a_bounded_number_of_times() {
    let mut engine = Engine::with(Options::default(), TOYS);
    let mut identification = 0;
    let mut say = |bytes: &[u8]| {
        let mut bytes = udp((1, 1_000), (2, 7_777), bytes);
        identification += 1;
        bytes[19] = identification;
        engine.frame(&frame(1, &bytes));
    };
    for _ in 0..7 {
        say(b"T\xfe");
    }
    say(b"T\x02hi");
    for _ in 0..8 {
        say(b"T\xfe");
    }
    say(b"T\x02no");
    assert_eq!(lines(&mut engine), ["1: 10.0.0.1 name = hi @1+44"]);
    assert_eq!(engine.counters().count("engine.conversations_given_up"), 1);
    assert_eq!(engine.counters().count("toy.lost"), 15);
}

#[test]
fn a_datagram_in_fragments_is_whole_again_and_its_bytes_are_located() {
    let mut engine = Engine::with(Options::default(), TOYS);
    let whole = udp((1, 1_000), (2, 7_777), b"T\x0cfragmentedly");
    let body = &whole[34..];
    for (number, (at, more)) in [(0_usize, true), (16, false)].into_iter().enumerate() {
        let part = if more { &body[at..at + 16] } else { &body[at..] };
        let mut bytes = crate::packet::build::ip(1, 2, 17, part);
        bytes[20] = if more { 0x20 } else { 0 };
        bytes[21] = (at / 8) as u8;
        engine.frame(&frame(number as u64 + 1, &bytes));
    }
    assert_eq!(lines(&mut engine), ["2: 10.0.0.1 name = fragmentedly @1+44"]);
}

#[test]
fn layer_2_protocols_are_read_too() {
    let mut engine = Engine::with(Options::default(), TOYS);
    let bytes = b"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x77\x77T\x02hi\x00\x00";
    engine.frame(&frame(1, bytes));
    assert_eq!(lines(&mut engine), ["1: 02:00:00:00:00:01 name = hi @1+16"]);
}

#[test]
fn every_packet_tells_of_its_sender_once() {
    let mut engine = Engine::with(Options::default(), TOYS);
    for number in 1..=3 {
        engine.frame(&frame(number, &udp((1, 1_000), (2, 7_777), b"T\x02hi")));
        engine.frame(&frame(number, &udp((2, 7_777), (1, 1_000), b"T\x02me")));
        engine.frame(&frame(number, &crate::packet::build::ip(3, 255, 1, b"ping")));
    }
    let told: Vec<String> = engine
        .drain()
        .filter(|o| KEYS.contains(&o.key))
        .map(|o| format!("{} {} = {} {:?}", o.subject, o.key, o.value, o.mac.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            "10.0.0.1 ip.mac = 02:00:00:00:00:01 true",
            "10.0.0.1 ip.ttl = 64 true",
            "10.0.0.1 ip.uses = toy true",
            "10.0.0.2 ip.mac = 02:00:00:00:00:02 true",
            "10.0.0.2 ip.ttl = 64 true",
            "10.0.0.2 ip.serves = toy true",
            "10.0.0.3 ip.mac = 02:00:00:00:00:03 true",
            "10.0.0.3 ip.ttl = 64 true",
        ]
    );
}

#[test]
fn the_last_packet_of_a_host_counts_however_long_its_conversation() {
    let mut engine = Engine::with(Options::default(), TOYS);
    for number in [5, 7, 90] {
        engine.frame(&frame(number, &udp((1, 1_000), (2, 7_777), b"T\x02hi")));
    }
    engine.frame(&frame(91, &udp((3, 1_000), (2, 7_777), b"T\x02hi")));
    let host = |last: u8| Node::ip(Default::default(), [10, 0, 0, last].into());
    let at = |number: i64| Timestamp(number * 1_000_000);
    let sighting = |last, from: i64, to: i64| {
        let mac = Some(Mac([2, 0, 0, 0, 0, last]));
        Sighting { node: host(last), mac, first: at(from), last: at(to) }
    };
    let expected = [sighting(1, 5, 90), sighting(3, 91, 91)];
    assert_eq!(engine.sightings(), expected);
    engine.tick(Timestamp::from_parts(86_400, 0));
    assert_eq!(engine.fill()[0].1, 0, "the conversations are forgotten");
    assert_eq!(engine.sightings(), expected);
}

#[test]
fn an_answer_behind_one_that_was_lost_is_not_taken_for_it() {
    let mut line = Line::new();
    line.packet(CLIENT, 999, None, SYN, b"");
    line.packet(CLIENT, 1_000, Some(2_000), 0, b"");
    line.send(CLIENT, b"T\x02hi");
    line.lose(SERVER, 4);
    line.lose(CLIENT, 4);
    line.send(SERVER, b"T\x02me");
    let told = line.told();
    assert!(!told.iter().any(|fact| fact.contains("hi>me")), "{told:?}");
}

#[test]
fn the_seed_and_steps_of_the_clock_change_nothing() {
    let run = |seed: u64, step: i64| {
        let mut engine = Engine::with(Options { seed, ..Options::default() }, TOYS);
        for number in 1..200_u64 {
            let port = 1_000 + (number % 17) as u16;
            let bytes =
                udp((number as u8, port), (2, 7_777), format!("T\x03{number:03}").as_bytes());
            let mut frame = frame(number, &bytes);
            frame.at = Timestamp(frame.at.0 + step * (number % 5) as i64);
            engine.frame(&frame);
        }
        lines(&mut engine)
    };
    let expected = run(1, 0);
    assert_eq!(expected.len(), 199);
    assert_eq!(run(2, 0), expected);
    assert_eq!(run(1, -5 * 365 * 86_400 * NANOS_PER_SECOND), expected);
    assert_eq!(run(1, i64::MAX / 8), expected);
}

#[test]
fn what_dissectors_keep_is_counted_over_all_conversations_and_given_up_beyond_a_cap() {
    let mut engine = Engine::with(Options::default(), TOYS);
    let kept = |engine: &Engine| {
        let fill = engine.fill().into_iter().find(|(name, ..)| *name == "engine.kept_bytes");
        fill.unwrap().1 >> 20
    };
    let mut number = 0;
    let mut keep = |engine: &mut Engine, port: u16| {
        number += 1;
        engine.frame(&frame(number, &udp((1, port), (2, 7_777), b"T\xfb")));
    };
    keep(&mut engine, 40_000);
    keep(&mut engine, 40_001);
    assert_eq!(kept(&engine), 12);
    keep(&mut engine, 40_002);
    assert_eq!(kept(&engine), 12, "the one that went beyond gives up what it kept");
    assert_eq!(engine.counters().count("engine.kept_given_up"), 1);
    engine.frame(&frame(9, &udp((1, 40_000), (2, 7_777), b"T\xfd")));
    assert_eq!(kept(&engine), 6, "a conversation that is read to its end keeps nothing");
}
