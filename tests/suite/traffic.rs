//! For the tests that change traffic before they show it: frames, and what an engine makes of them.

use std::path::Path;

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::engine::{Engine, Options};
use nameplate::model::{Counters, Frame, FrameRef, LinkType, Observation, Timestamp};
use nameplate::packet::{Packet, Transport, decode};

use crate::replayed::{Heard, captures_below, root};

/// One frame that can be changed.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    pub(crate) at: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) bytes: Vec<u8>,
    pub(crate) wire_len: u32,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `subject key = value`, sorted.
    pub(crate) facts: Vec<String>,
    pub(crate) counters: Counters,
}

/// The frames of every capture of the project, by its path below `captures/`, and a conversation made here.
pub(crate) fn captures() -> Vec<(String, Vec<Shot>)> {
    let mut all = vec![("made here".to_owned(), made_here())];
    let folder = root().join("captures");
    for file in captures_below(&folder) {
        let name = file.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        all.push((name, shots(&file)));
    }
    all
}

/// The frames of one capture; none of what is no capture.
pub(crate) fn shots(file: &Path) -> Vec<Shot> {
    let (mut replay, _) = Replay::open(&[file.to_owned()], &ReplayOptions::default());
    let mut shots = Vec::new();
    while let Some(frame) = replay.next() {
        let Frame { at, link, wire_len, .. } = frame;
        shots.push(Shot { at, link, bytes: frame.bytes.to_vec(), wire_len });
    }
    shots
}

/// Shows frames to an engine.
pub(crate) fn run(shots: &[Shot]) -> Outcome {
    let (observations, counters) = hear(shots);
    let mut facts: Vec<String> =
        observations.iter().map(|o| format!("{} {} = {}", o.subject, o.key, o.value)).collect();
    facts.sort();
    Outcome { facts, counters }
}

/// Shows frames to an engine, and keeps all that it says. The first frame has the number 1.
pub(crate) fn hear(shots: &[Shot]) -> (Vec<Observation>, Counters) {
    let Heard { observations, counters, .. } = heard(shots);
    (observations, counters)
}

/// The same, and when each host was there.
pub(crate) fn heard(shots: &[Shot]) -> Heard {
    let mut engine = Engine::new(Options { seed: 0x5eed, ..Options::default() });
    let mut observations = Vec::new();
    for (number, shot) in (1..).zip(shots) {
        let Shot { at, link, wire_len, .. } = *shot;
        let frame = FrameRef { capture: 0, number };
        engine.frame(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
        observations.extend(engine.drain());
    }
    engine.finish();
    observations.extend(engine.drain());
    for (name, held, cap) in engine.fill() {
        assert!(held <= cap, "{name} holds {held} of {cap}");
    }
    Heard { observations, sightings: engine.sightings(), counters: engine.counters() }
}

/// Which rack and slot of an S7 station answers is said once, when a connection is opened. Where that was lost, what the
/// module says is said of the address: less is known, and nothing else. True of such a fact, written as in [`Outcome`], of
/// which the whole has the one with the place.
pub(crate) fn is_said_of_less<'a>(fact: &str, whole: impl IntoIterator<Item = &'a String>) -> bool {
    let Some((address, said)) = fact.split_once(" s7.") else { return false };
    whole.into_iter().any(|known| {
        let known = known.split_once(" s7.");
        known.is_some_and(|(place, known)| known == said && is_place_at(place, address))
    })
}

/// True of the rack and slot of an S7 station at this address.
pub(crate) fn is_place_at(place: &str, address: &str) -> bool {
    place.strip_prefix(address).is_some_and(|unit| unit.starts_with(" rack "))
}

/// A frame as layers.
pub(crate) fn packet_of(shot: &Shot) -> Packet<'_> {
    let Shot { at, link, wire_len, .. } = *shot;
    decode(&Frame { at, frame: FrameRef::default(), link, wire_len, bytes: &shot.bytes })
}

/// Cuts the TCP payload of an IPv4 frame into pieces of the lengths given, the rest being the last piece. `None`
/// when there is nothing to cut.
pub(crate) fn cut(shot: &Shot, lengths: &mut dyn Iterator<Item = usize>) -> Option<Vec<Shot>> {
    let packet = packet_of(shot);
    let (Some(net), Some(Transport::Tcp(tcp))) = (packet.net, packet.transport) else {
        return None;
    };
    if !net.source.is_ipv4() || packet.payload.is_empty() || packet.cut || tcp.syn {
        return None;
    }
    let (ip, payload) = (net.hop_limit_at as usize - 8, packet.payload_at as usize);
    let tcp_at = ip + usize::from(shot.bytes[ip] & 0x0f) * 4;
    let mut pieces = Vec::new();
    let mut done = 0;
    while done < packet.payload.len() {
        let left = packet.payload.len() - done;
        let length = lengths.next().unwrap_or(left).clamp(1, left);
        let mut bytes = shot.bytes[..payload].to_vec();
        bytes.extend(&packet.payload[done..done + length]);
        let total = (bytes.len() - ip) as u16;
        bytes[ip + 2..ip + 4].copy_from_slice(&total.to_be_bytes());
        let sequence = tcp.sequence.wrapping_add(done as u32);
        bytes[tcp_at + 4..tcp_at + 8].copy_from_slice(&sequence.to_be_bytes());
        if length < left {
            bytes[tcp_at + 13] &= !FIN;
        }
        bytes.extend(&shot.bytes[payload + packet.payload.len()..]);
        pieces.push(Shot { wire_len: bytes.len() as u32, bytes, ..shot.clone() });
        done += length;
    }
    Some(pieces)
}

/// Modbus over TCP: a device identification is asked for and given, then a name that comes in two answers.
fn made_here() -> Vec<Shot> {
    let request = b"\x00\x01\x00\x00\x00\x05\x01\x2b\x0e\x01\x00";
    let answer = b"\x00\x01\x00\x00\x00\x1e\x01\x2b\x0e\x01\x01\x00\x00\x03\
\x00\x04Acme\x01\x05AC-12\x02\x04v2.9";
    let (mut client, mut server) = (1_000_u32, 9_000_u32);
    let mut shots = vec![segment(true, 999, 0, 0x02, b""), segment(false, 8_999, 1_000, 0x12, b"")];
    for _ in 0..3 {
        shots.push(segment(true, client, server, 0x18, request));
        client += request.len() as u32;
        shots.push(segment(false, server, client, 0x18, answer));
        server += answer.len() as u32;
    }
    for (number, shot) in shots.iter_mut().enumerate() {
        shot.at = Timestamp(number as i64 * 10_000_000);
    }
    shots
}

fn segment(to_server: bool, sequence: u32, acknowledged: u32, flags: u8, payload: &[u8]) -> Shot {
    let (from, to, ports) = if to_server {
        (1, 2, [40_000_u16.to_be_bytes(), 502_u16.to_be_bytes()])
    } else {
        (2, 1, [502_u16.to_be_bytes(), 40_000_u16.to_be_bytes()])
    };
    let mut bytes = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x08, 0x00, 0x45, 0];
    bytes.extend((40 + payload.len() as u16).to_be_bytes());
    bytes.extend([0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    bytes.extend(ports.concat());
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(acknowledged.to_be_bytes());
    bytes.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    bytes.extend(payload);
    let wire_len = bytes.len() as u32;
    Shot { at: Timestamp(0), link: LinkType::ETHERNET, bytes, wire_len }
}

const FIN: u8 = 0x01;
