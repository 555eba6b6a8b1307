//! Lengths, counts and floods that only an attacker sends, and calls that nobody reads.

use super::*;
use crate::model::limits::{DCERPC_FRAGMENTS_MAX, PENDING_REQUESTS_MAX};

/// One conversation, shown bytes step by step.
#[derive(Default)]
struct Stepped {
    conversation: Conversation,
    heard: Listener,
}

impl Stepped {
    fn show(&mut self, direction: Direction, bytes: &[u8]) -> Step {
        let node = |last| crate::model::Node::ip(Default::default(), [10, 0, 0, last].into());
        let flow = crate::flow::FlowKey {
            client: node(1),
            client_port: 1,
            server: node(2),
            attach: Attach::Tcp(135),
        };
        let input = Input {
            bytes,
            whole: false,
            direction,
            flow: &flow,
            at: Default::default(),
            frame: Default::default(),
            mac: None,
            places: &[],
        };
        let mut sink = Sink::new(&input, &mut self.heard, &PROTOCOL);
        self.conversation.read(&input, &mut sink)
    }

    fn bound(interface: (u128, u32)) -> Self {
        let mut stepped = Self::default();
        stepped.show(TO_SERVER, &bind(interface, &[NDR]));
        stepped.show(TO_CLIENT, &bind_ack(&[Some(NDR)]));
        stepped
    }
}

#[test]
fn calls_that_are_not_read_are_passed_over_without_waiting_for_them() {
    let mut stepped = Stepped::bound(WKSSVC);
    let bulk = request(30, 9, &[0xee; 5_000]);
    assert_eq!(stepped.show(TO_SERVER, &bulk[..24]), Step::Used(bulk.len()));
    let answer = response(WHOLE, 9, &[0xee; 5_000]);
    assert_eq!(stepped.show(TO_CLIENT, &answer[..16]), Step::Used(answer.len()));
    assert_eq!(stepped.show(TO_SERVER, &bulk[..15]), Step::Need(16));
    assert_eq!(stepped.show(TO_SERVER, &bulk[..20]), Step::Need(24));
}

#[test]
fn fragments_without_an_end_are_read_as_far_as_the_cap() {
    let mut stepped = Stepped::bound(EPM);
    stepped.show(TO_SERVER, &request(2, 7, &[]));
    let stub = services::lookup();
    let mut endless = response(1, 7, &stub);
    for _ in 0..DCERPC_FRAGMENTS_MAX * 2 {
        endless.extend_from_slice(&response(0, 7, &[0]));
    }
    let Step::Used(used) = stepped.show(TO_CLIENT, &endless) else { panic!("waits") };
    assert!(used < endless.len());
    assert_eq!(stepped.heard.counted, ["dcerpc.answers_too_long"]);
    assert_eq!(stepped.heard.said.len(), 4);
    assert_eq!(stepped.show(TO_CLIENT, &endless[used..]), Step::Used(25));
    let mut stepped = Stepped::bound(EPM);
    stepped.show(TO_SERVER, &request(2, 7, &[]));
    let large: Vec<u8> =
        (0..20).flat_map(|at| response(u8::from(at == 0), 7, &[0; 5_000])).collect();
    assert!(matches!(stepped.show(TO_CLIENT, &large), Step::Used(used) if used < 61_440));
}

#[test]
fn counts_beyond_what_is_there_say_what_is_there() {
    for count in [2, 0xffff, u32::MAX] {
        let mut stub = services::lookup();
        stub[32..36].copy_from_slice(&count.to_le_bytes());
        let heard = call(EPM, 2, &[], &stub);
        assert_eq!(heard.damage.len(), 1, "{count}");
        assert!(said(&heard).contains(&"10.0.0.2  dcerpc.annotation = FactoryTalk".to_owned()));
    }
}

#[test]
fn floods_of_contexts_and_calls_stay_bounded() {
    let mut stepped = Stepped::default();
    for round in 0..40_u8 {
        let mut many = bind(WKSSVC, &[NDR; 250]);
        many[2] = 14; // alter_context
        for context in 0..250 {
            many[28 + context * 44 + 1] = round;
        }
        stepped.show(TO_SERVER, &many);
    }
    assert!(stepped.conversation.association.held().0 <= 64);
    let mut stepped = Stepped::bound(WKSSVC);
    for number in 0..1_000 {
        stepped.show(TO_SERVER, &request(0, number, &[]));
    }
    assert_eq!(stepped.conversation.association.held().1, PENDING_REQUESTS_MAX);
    stepped.conversation.gap(TO_CLIENT);
    assert_eq!(stepped.conversation.association.held().1, 0);
}

#[test]
fn encrypted_answers_are_counted_and_nothing_of_them_is_read() {
    let mut stepped = Stepped::bound(WKSSVC);
    stepped.show(TO_SERVER, &request(0, 7, &[]));
    let stub = [0xee; 32];
    let trailer = [10, 6, 0, 0, 0, 0, 0, 0];
    let mut answer = response(WHOLE, 7, &[&stub[..], &trailer, &[0x11; 16]].concat());
    answer[10] = 16; // auth_length
    assert_eq!(stepped.show(TO_CLIENT, &answer), Step::Used(answer.len()));
    assert_eq!(stepped.heard.counted, ["dcerpc.encrypted_calls"]);
    assert_eq!(said(&stepped.heard).last().unwrap(), "10.0.0.2  dcerpc.sealed = 1");
    assert!(stepped.heard.damage.is_empty());
}

#[test]
fn cut_and_changed_bytes_say_nothing_that_is_not_there() {
    let stub = Stub::default().u32(&[100, 1, 500, 2, 3, 10, 0]).string("HMI-7").string("PLANT");
    let answers = [(WKSSVC, 0, stub.0), (EPM, 2, services::lookup())];
    for (interface, operation, stub) in answers {
        let (ask, accept) = (bind(interface, &[NDR]), bind_ack(&[Some(NDR)]));
        let request = request(operation, 7, &[]);
        let answer = response(WHOLE, 7, &stub);
        let messages = [&ask, &accept, &request, &answer];
        let directions = [TO_SERVER, TO_CLIENT, TO_SERVER, TO_CLIENT];
        let all: Vec<(Direction, &[u8])> =
            directions.into_iter().zip(messages).map(|(to, bytes)| (to, &bytes[..])).collect();
        let whole = listen(&all).lines();
        for (which, message) in messages.iter().enumerate() {
            for at in 0..message.len() {
                let mut cut = all.clone();
                cut[which].1 = &message[..at];
                let heard = listen(&cut[..=which]).lines();
                assert!(heard.iter().all(|line| whole.contains(line)));
                for value in [0x00, 0x7f, 0x80, 0xff] {
                    let mut changed = message.to_vec();
                    changed[at] = value;
                    let mut others = all.clone();
                    others[which].1 = &changed;
                    listen(&others);
                }
            }
        }
    }
}

#[test]
fn the_probe_knows_fragments_on_any_port() {
    let bind = bind(EPM, &[NDR]);
    for end in 0..16 {
        assert_eq!(probe(&bind[..end]), Probe::More, "{end}");
    }
    assert_eq!(probe(&bind), Probe::Yes);
    assert_eq!(probe(&response(WHOLE, 1, &[])), Probe::Yes);
    let mut big_endian = bind.clone();
    (big_endian[4], big_endian[8], big_endian[9]) = (0, 0, 72);
    assert_eq!(probe(&big_endian), Probe::Yes);
    big_endian[2] = REQUEST;
    assert_eq!(probe(&big_endian), Probe::Maybe);
    for (at, value) in [(0, 6), (1, 2), (2, 200), (4, 0x20), (5, 9), (6, 1), (9, 0xff)] {
        let mut other = bind.clone();
        other[at] = value;
        // A length of its own is no reason to doubt; every fixed byte is.
        assert_eq!(probe(&other), if at == 9 { Probe::Yes } else { Probe::No }, "{at}");
    }
    let mut short = bind;
    short[8] = 15;
    assert_eq!(probe(&short), Probe::No);
    assert_eq!(probe(b"\x05\x01\x00"), Probe::More); // SOCKS 5, so far.
    assert_eq!(probe(b"\x05\x01\x00\x01\x0a\x00\x00\x02\x00\x50"), Probe::No);
}

#[test]
fn bytes_that_are_no_fragment_lose_the_framing() {
    assert!(matches!(Stepped::default().show(TO_SERVER, &[0xee; 64]), Step::Lost(_)));
}
