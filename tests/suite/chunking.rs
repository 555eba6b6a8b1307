//! A dissector must not care how TCP cut its bytes: any cut gives the same facts.

use std::collections::BTreeSet;

use nameplate::packet::Transport;

use crate::traffic::{Shot, captures, cut, packet_of, run};

#[test]
fn any_cut_of_any_stream_gives_the_same_facts() {
    for (name, shots) in captures() {
        let whole = run(&shots).facts;
        let longest = shots.iter().map(|shot| shot.bytes.len()).max().unwrap_or(0);
        let cuts = (1..longest).filter(|at| *at <= CUTS_MAX || at % CUTS_STEP == 0);
        for at in cuts {
            let changed = recut(&shots, || Box::new([at].into_iter()));
            assert_eq!(run(&changed).facts, whole, "{name}: every segment cut at byte {at}");
        }
    }
}

#[test]
fn byte_by_byte_gives_the_same_facts() {
    for (name, shots) in captures() {
        let changed = recut(&shots, || Box::new(std::iter::repeat(1)));
        assert_eq!(run(&changed).facts, run(&shots).facts, "{name}: byte by byte");
    }
}

/// Of a conversation that was under way, only the first packet of each side tells where its bytes begin: that one stays
/// as it is. Were its end to come first, its beginning would look like something that was read before the capture.
#[test]
fn pieces_in_reverse_order_give_the_same_facts() {
    for (name, shots) in captures() {
        let mut begun = BTreeSet::new();
        let mut changed = Vec::new();
        for shot in &shots {
            let is_first = way(shot).is_some_and(|way| begun.insert(way));
            match cut(shot, &mut [9, 7].into_iter()).filter(|_| !is_first) {
                Some(pieces) => changed.extend(pieces.into_iter().rev()),
                None => changed.push(shot.clone()),
            }
        }
        assert_eq!(run(&changed).facts, run(&shots).facts, "{name}: reversed");
    }
}

/// Who sends to whom over TCP.
fn way(shot: &Shot) -> Option<String> {
    let packet = packet_of(shot);
    let (net, Transport::Tcp(tcp)) = (packet.net?, packet.transport?) else { return None };
    let ends = [(net.source, tcp.source), (net.destination, tcp.destination)];
    Some(format!("{:?} {ends:?}", packet.scope))
}

fn recut(shots: &[Shot], lengths: impl Fn() -> Box<dyn Iterator<Item = usize>>) -> Vec<Shot> {
    shots
        .iter()
        .flat_map(|shot| cut(shot, &mut *lengths()).unwrap_or_else(|| vec![shot.clone()]))
        .collect()
}

/// Headers and names of identity messages end before; the rest is looked at in steps to keep the test short.
const CUTS_MAX: usize = 128;
const CUTS_STEP: usize = 61;
