//! Messages as nmap sends them and as controllers answer.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};
use crate::protocols::pcworx::PROTOCOL;

const HELLO: &[u8] = b"\x01\x01\0\x1a\0\0\0\0\x78\x80\0\x03\0\x0cIBETH01N0_M\0";
const QUESTION: &[u8] = b"\x01\x06\0\x0e\0\x02\0\0\0\0\0\x07\x04\0";

fn answer() -> Vec<u8> {
    let mut bytes = vec![0; 200];
    bytes[..4].copy_from_slice(&[0x81, 6, 0, 200]);
    for (at, text) in [
        (30, "ILC 330 ETH"),
        (66, "3.95T"),
        (79, "Mar  2 2012"),
        (91, "09:39:02"),
        (152, "2737193"),
    ] {
        bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    bytes
}

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

#[test]
fn a_controller_says_what_it_is() {
    let answer = answer();
    let (head, rest) = answer.split_at(70);
    let heard =
        listen(&[(ToServer, HELLO), (ToServer, QUESTION), (ToClient, head), (ToClient, rest)]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  pcworx.plc_type = ILC 330 ETH @30+11",
            "10.0.0.2  pcworx.firmware_version = 3.95T @66+5",
            "10.0.0.2  pcworx.firmware_date = Mar  2 2012 @79+11",
            "10.0.0.2  pcworx.firmware_time = 09:39:02 @91+8",
            "10.0.0.2  pcworx.model_number = 2737193 @152+7",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn a_client_that_sends_an_answer_is_not_believed() {
    assert!(listen(&[(ToServer, &answer())]).said.is_empty());
}

#[test]
fn the_name_of_the_service_tells_pcworx() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(HELLO), Probe::Yes);
    assert_eq!(probe(&HELLO[..10]), Probe::More);
    assert_eq!(probe(QUESTION), Probe::Maybe);
    assert_eq!(probe(&answer()), Probe::Maybe);
    assert_eq!(probe(b"\x01\x01\0\x03"), Probe::No);
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
    assert_eq!(listen(&[(ToServer, b"GET /")]).damage.len(), 1);
}
