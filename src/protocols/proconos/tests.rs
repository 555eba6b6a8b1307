//! Messages as public tools send them and as controllers answer.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};
use crate::protocols::proconos::PROTOCOL;

const INFORMATION: &[u8] = b"\xcc\x01\0\x0b\x40\x02\0\0\x47\xee";
const ASK_STATE: &[u8] = b"\xcc\x01\0\x0f\x40\x07\0\0\xea\xfa";
const STOP: &[u8] = b"\xcc\x01\0\x01\x40\x0e\0\0\x4c\x07";

fn answer(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16).to_le_bytes();
    [&[0xcc, 0x01, 0, 0, 0x40, 2][..], &length, data, &[0, 0]].concat()
}

fn information() -> Vec<u8> {
    let mut data = vec![0; 4];
    data.extend(b"ProConOS V3.0.1040 Oct 29 2002\0\0");
    data.extend(b"ADAM5510KW 1.24 Build 005\0\0\0\0\0\0\0\0");
    data.extend(b"510-projec\x00510-projec\x00Exist\x00");
    answer(&data)
}

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

#[test]
fn a_controller_says_what_it_is_and_whether_it_runs() {
    let heard = listen(&[
        (ToServer, INFORMATION),
        (ToClient, &information()),
        (ToServer, ASK_STATE),
        (ToClient, &answer(&[4, 0])),
    ]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  proconos.ladder_logic_runtime = ProConOS V3.0.1040 Oct 29 2002 @12+30",
            "10.0.0.2  proconos.plc_type = ADAM5510KW 1.24 Build 005 @44+25",
            "10.0.0.2  proconos.project_name = 510-projec @77+10",
            "10.0.0.2  proconos.boot_project = 510-projec @88+10",
            "10.0.0.2  proconos.source_code = Exist @99+5",
            "10.0.0.2  proconos.state = stop @8+1",
        ]
    );
    assert_eq!(heard.acts(), [1, 1, 0, 0, 0]);
}

#[test]
fn an_answer_without_its_question_says_nothing() {
    assert!(listen(&[(ToClient, &information())]).said.is_empty());
    let heard = listen(&[(ToServer, ASK_STATE), (ToClient, &information())]);
    assert!(heard.said.is_empty(), "{:?}", heard.lines());
}

#[test]
fn a_stop_is_told_as_an_attempt() {
    let heard = listen(&[(ToServer, STOP)]);
    assert_eq!(heard.lines(), ["10.0.0.2  proconos.attempt = stop by 10.0.0.1 @2+2"]);
    assert_eq!(heard.acts(), [0, 0, 0, 1, 0]);
}

#[test]
fn two_bytes_are_enough_on_the_port_and_nowhere_else() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(INFORMATION), Probe::Maybe);
    assert_eq!(probe(b"\xcc"), Probe::More);
    assert_eq!(probe(b"\xcc\x01\xff\xff"), Probe::No);
    assert_eq!(probe(b"GET /"), Probe::No);
    assert_eq!(listen(&[(ToServer, b"GET /")]).damage.len(), 1);
}
