//! What conversations add up to: what requests were for, across connections, protocols and questions.

use super::*;
use crate::model::{Acts, Conversation as Talk, Node, Scope};

/// A protocol for tests: `R` reads, `W` writes, `.` says nothing, `D` ends reading, all else loses the framing.
const ACTING: Protocol = Protocol {
    name: "acting",
    spec: "none",
    attach: &[Attach::Tcp(7_777)],
    keys: &[],
    probe: |bytes| if b"RWD.".contains(&bytes[0]) { Probe::Maybe } else { Probe::No },
    start: || Box::new(Acting),
};
const PLAYERS: &[&Protocol] = &[&ACTING, &TOY];

struct Acting;

impl Dissector for Acting {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let span = Span { at: 0, len: 1 };
        match input.bytes[0] {
            b'R' => out.act(Act::Read, span),
            b'W' => out.act(Act::Write, span),
            b'.' => {}
            b'D' => return Step::Done,
            _ => return Step::Lost(Malformed { field: "act", at: 0, need: 1, have: 1 }),
        }
        Step::Used(1)
    }
}

/// Protocol, packets each way, reads and writes.
fn rows(engine: &mut Engine) -> Vec<(Option<&'static str>, [u64; 2], u32, u32)> {
    let parts = engine.conversations().into_iter().map(|(_, part)| part).collect();
    let row = |one: &Talk| {
        let node = |last| Node::ip(Scope::default(), [10, 0, 0, last].into());
        assert_eq!((one.client, one.server), (node(1), node(2)));
        (one.protocol, one.packets, one.acts.of(Act::Read), one.acts.of(Act::Write))
    };
    Talk::gather(parts).iter().map(row).collect()
}

fn line() -> Line {
    let engine = Engine::with(Options::default(), PLAYERS);
    let mut line = Line { engine, number: 0, next: [1_000, 2_000] };
    line.packet(CLIENT, 999, None, SYN, b"");
    line.packet(SERVER, 1_999, Some(1_000), SYN, b"");
    line
}

#[test]
fn requests_count_after_reading_has_ended_and_connections_add_up() {
    let mut line = line();
    line.send(CLIENT, b"RRW");
    line.send(SERVER, b".");
    line.send(CLIENT, b"RD");
    line.send(CLIENT, b"what follows is not read");
    // The same ports again, and another connection.
    line.packet(CLIENT, 70_000, None, SYN, b"");
    line.packet(CLIENT, 70_001, None, 0, b"W");
    line.engine.finish();
    assert_eq!(rows(&mut line.engine), [(Some("acting"), [6, 2], 3, 2)]);
    assert_eq!(rows(&mut line.engine), [(Some("acting"), [6, 2], 3, 2)], "asked again");
}

#[test]
fn asking_while_a_connection_is_open_counts_nothing_twice() {
    let mut line = line();
    for round in 1..=5_u32 {
        line.send(CLIENT, b"RW");
        line.send(SERVER, b".");
        let packets = [u64::from(round) + 1; 2];
        assert_eq!(rows(&mut line.engine), [(Some("acting"), packets, round, round)]);
    }
}

#[test]
fn what_is_held_behind_a_hole_until_the_end_is_what_it_turns_out_to_be() {
    let mut line = line();
    line.lose(CLIENT, 1);
    line.send(CLIENT, b"R");
    line.engine.finish();
    assert_eq!(rows(&mut line.engine), [(Some("acting"), [2, 1], 1, 0)]);
}

#[test]
fn two_protocols_on_one_port_are_two_conversations() {
    let mut line = line();
    line.send(CLIENT, b"R");
    line.send(CLIENT, b"R");
    // The first of each ends what was read before.
    for payload in [&b"T\x01x"[..], b"T\x01y", b"W", b"W"] {
        line.send(CLIENT, payload);
    }
    line.engine.finish();
    let found = rows(&mut line.engine);
    assert_eq!(found, [(Some("acting"), [5, 1], 2, 1), (Some("toy"), [2, 0], 0, 0)]);
}

#[test]
fn every_protocol_of_the_registry_has_a_number_of_its_own() {
    let numbers: Vec<u8> = (0..REGISTRY.len()).map(conversation::number).collect();
    assert!(!numbers.contains(&0), "more protocols than numbers: widen Account::name");
    assert_eq!(Acts::default().counts(), [0; Act::ALL.len()]);
}
