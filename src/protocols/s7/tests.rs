//! Messages written field by field, and what is said about them. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod hostile;
mod lists;
mod plus;

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};
use crate::protocols::s7::PROTOCOL;
use crate::protocols::{Probe, s7};

fn listen(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, false, &messages)
}

/// The facts of these keys, without their places.
fn facts(listener: &Listener, keys: &[&str]) -> Vec<String> {
    let lines = listener.lines();
    let bare = lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.replace("s7.", ""));
    bare.filter(|line| keys.iter().any(|key| line.contains(&format!(" {key} = ")))).collect()
}

fn tpkt(cotp: &[u8]) -> Vec<u8> {
    let length = u16::try_from(cotp.len() + 4).unwrap();
    [&[3, 0][..], &length.to_be_bytes(), cotp].concat()
}

/// A connection request or confirm: calling TSAP 01 00.
fn connect(kind: u8, called: &[u8]) -> Vec<u8> {
    let parameters = [&[0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, called.len() as u8][..], called].concat();
    let head = [6 + parameters.len() as u8, kind, 0, 0, 0, 1, 0];
    tpkt(&[&head[..], &parameters].concat())
}

/// User data, the last part of a message.
fn data(payload: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x80][..], payload].concat())
}

/// User data that goes on.
fn part(payload: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x00][..], payload].concat())
}

/// A message of S7comm; `error` is that of answers.
fn message(kind: u8, parameters: &[u8], body: &[u8], error: Option<u16>) -> Vec<u8> {
    let sizes = [parameters.len() as u16, body.len() as u16].map(u16::to_be_bytes).concat();
    let error = error.map(|code| code.to_be_bytes().to_vec()).unwrap_or_default();
    [&[0x32, kind, 0, 0, 0, 7][..], &sizes, &error, parameters, body].concat()
}

fn job(parameters: &[u8]) -> (Direction, Vec<u8>) {
    (ToServer, data(&message(1, parameters, &[], None)))
}

fn done(parameters: &[u8], error: u16) -> (Direction, Vec<u8>) {
    (ToClient, data(&message(3, parameters, &[], Some(error))))
}

fn opened(called: &[u8]) -> Vec<(Direction, Vec<u8>)> {
    vec![(ToServer, connect(0xe0, called)), (ToClient, connect(0xd0, called))]
}

const STOP: &[u8] = b"\x29\0\0\0\0\0\x09P_PROGRAM";
const START: &[u8] = b"\x28\0\0\0\0\0\0\xfd\0\0\x09P_PROGRAM";

#[test]
fn a_connection_tells_what_it_asks_for() {
    let heard = listen(&opened(&[1, 0x22]));
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  s7.calling_tsap = 0x0100 @16+2",
            "10.0.0.1  s7.connection_type = PG @20+2",
            "10.0.0.2  s7.tsap = 0x0122 @20+2",
            "10.0.0.1  s7.calling_tsap = 0x0100 @16+2",
        ]
    );
}

#[test]
fn what_is_done_is_done_to_the_module_in_its_slot() {
    let mut talk = opened(&[1, 0x22]);
    talk.extend([job(STOP), done(&[0x29], 0), job(START), done(&[0x28], 0)]);
    let heard = listen(&talk);
    assert_eq!(
        facts(&heard, &["attempt", "stop", "start", "pi_service"]),
        [
            "10.0.0.2  attempt = stop by 10.0.0.1",
            "10.0.0.2 rack 1 slot 2  stop = 10.0.0.1",
            "10.0.0.2  attempt = start by 10.0.0.1",
            "10.0.0.2 rack 1 slot 2  pi_service = P_PROGRAM",
            "10.0.0.2 rack 1 slot 2  start = 10.0.0.1",
        ]
    );
    assert_eq!(heard.acts(), [0, 0, 0, 2, 0]);
}

#[test]
fn what_was_refused_or_not_answered_did_not_happen() {
    let heard = listen(&[job(STOP), done(&[0x29], 0x8104), job(START)]);
    assert_eq!(
        facts(&heard, &["attempt", "stop", "start", "error"]),
        [
            "10.0.0.2  attempt = stop by 10.0.0.1",
            "10.0.0.2  error = stop: 0x8104",
            "10.0.0.2  attempt = start by 10.0.0.1",
        ]
    );
}

#[test]
fn a_download_is_over_when_the_device_says_so() {
    let asked = b"\x1a\0\x01\0\0\0\0\0\x09_0A00017P\x0d1000080000040";
    let block = b"\x1b\0\0\0\0\0\0\0\x09_0A00017P";
    let ended = b"\x1c\0\0\0\0\0\0\0\x09_0A00017P";
    let failed = b"\x1c\0\x85\0\0\0\0\0\x09_0A00018P";
    let mut talk = vec![job(asked), done(&[0x1a], 0)];
    for back in [&block[..], ended, failed] {
        talk.push((ToClient, data(&message(1, back, &[], None))));
        talk.push((ToServer, data(&message(3, &back[..1], &[0; 8], Some(0)))));
    }
    let heard = listen(&talk);
    assert_eq!(
        facts(&heard, &["attempt", "program_download", "downloaded_block", "role"]),
        [
            "10.0.0.2  attempt = program download by 10.0.0.1",
            "10.0.0.2  role = server",
            "10.0.0.1  role = client",
            "10.0.0.2  program_download = 10.0.0.1",
            "10.0.0.2  downloaded_block = DB17",
        ]
    );
    assert_eq!(heard.acts(), [0, 0, 0, 0, 1]);
}

#[test]
fn who_writes_is_told_when_something_was_written() {
    let write = b"\x05\x01\x12\x0a\x10\x02\0\x02\0\x01\x84\0\0\0";
    let answer = |code: u8| (ToClient, data(&message(3, b"\x05\x01", &[code], Some(0))));
    let heard = listen(&[job(write), answer(0x0a)]);
    assert_eq!(facts(&heard, &["writer"]), [""; 0]);
    let heard = listen(&[job(write), answer(0xff)]);
    assert_eq!(facts(&heard, &["writer"]), ["10.0.0.2  writer = 10.0.0.1"]);
}

#[test]
fn parts_make_a_message_and_each_byte_keeps_its_place() {
    let whole = message(3, b"\xf0\0\0\x01\0\x02\x01\xe0", &[], Some(0));
    let heard = listen(&[
        (ToClient, part(b"")),
        (ToClient, part(&whole[..15])),
        (ToClient, data(&whole[15..])),
    ]);
    let lines = heard.lines();
    assert!(lines.contains(&"10.0.0.2  s7.parallel_jobs = 2 @8+2".to_owned()), "{lines:?}");
    assert!(lines.contains(&"10.0.0.2  s7.pdu_length = 480 @10+2".to_owned()), "{lines:?}");
}

#[test]
fn a_password_is_never_kept() {
    let secret = *b"\x6d\x0b\x5d\x1f\x4c\x2a\x07\x99";
    let asked = [&[0xff, 9, 0, 8][..], &secret].concat();
    let asked = message(7, b"\0\x01\x12\x04\x11\x45\x01\0", &asked, None);
    let given = message(7, b"\0\x01\x12\x08\x12\x85\x01\x01\0\0\0\0", b"\x0a\0\0\0", None);
    let heard = listen(&[(ToServer, data(&asked)), (ToClient, data(&given))]);
    assert_eq!(
        facts(&heard, &["attempt", "log_in"]),
        ["10.0.0.2  attempt = log-in by 10.0.0.1", "10.0.0.2  log_in = 10.0.0.1"]
    );
    let holds = |bytes: &[u8]| bytes.windows(3).any(|window| window == &secret[..3]);
    assert!(!heard.said.iter().any(|fact| holds(&fact.excerpt.bytes)));
}

#[test]
fn the_first_bytes_tell_s7_from_what_else_runs_over_iso_transport() {
    let probe = s7::probe::probe;
    assert_eq!(probe(&connect(0xe0, &[1, 2])), Probe::Yes);
    assert_eq!(probe(&connect(0xd0, b"SIMATIC-ROOT-HMI")), Probe::Yes);
    assert_eq!(probe(&data(&message(1, STOP, &[], None))), Probe::Yes);
    assert_eq!(probe(&connect(0xe0, &[1, 2])[..9]), Probe::More);
    // MMS of IEC 61850: another selector, then a session.
    let mms = connect(0xe0, &[0, 1]);
    assert_eq!(probe(&mms), Probe::More);
    assert_eq!(probe(&[mms.clone(), data(b"\x0d\x2b\x05\x06")].concat()), Probe::No);
    // A selector of somebody's own, and S7 behind it.
    let own = [mms, part(b""), data(&message(1, STOP, &[], None))].concat();
    assert_eq!(probe(&own), Probe::Yes);
    // Remote desktop.
    let cookie = tpkt(b"\x1e\xe0\0\0\0\0\0Cookie: mstshash=operator");
    assert_eq!(probe(&cookie), Probe::No);
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
    assert_eq!(probe(b"\x03\x00\x00\x05\x02\xf0\x80"), Probe::No);
}
