//! Hellos as stations and tools say them. `10.0.0.1` is the client, `10.0.0.2` the server.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::fox::PROTOCOL;
use crate::protocols::harness::{self, Listener};

const STATION: &[u8] = b"fox a 0 -1 fox hello\n{\nfox.version=s:1.0.1\nid=i:2\nhostName=s:jace-7\n\
    app.name=s:Station\napp.version=s:3.8.111\nhostId=s:Qnx-NPM6-0000-1490-C30C\n\
    sysInfo=o:bog 13[<bog>\n</bog>\n]\nbrandId=s:vykon\n};;\n";
const CHALLENGE: &[u8] =
    b"fox a 1 -1 fox challenge\n{\nmethod=s:digest-md5\nnonce=b:3[\0\n\xff]\n};;\n";
const LOGIN: &[u8] = b"fox a 2 1 fox login\n{\nuserName=s:operator\nresponse=s:secret\n};;\n";

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

#[test]
fn a_hello_says_who_somebody_is() {
    let heard = listen(&[
        (ToServer, b"fox a 1 -1 fox hello\n{\napp.name=s:Workbench\n};;\n"),
        (ToClient, CHALLENGE),
    ]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  fox.app_name = Workbench @34+9",
            "10.0.0.2  fox.authentication_method = digest-md5 @36+10",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn objects_are_passed_by_their_length() {
    let heard = listen(&[(ToClient, STATION)]);
    let lines = heard.lines();
    let bare: Vec<&str> = lines.iter().map(|line| line.rsplit_once(" @").unwrap().0).collect();
    assert_eq!(
        bare,
        [
            "10.0.0.2  fox.version = 1.0.1",
            "10.0.0.2  fox.host_name = jace-7",
            "10.0.0.2  fox.app_name = Station",
            "10.0.0.2  fox.app_version = 3.8.111",
            "10.0.0.2  fox.host_id = Qnx-NPM6-0000-1490-C30C",
            "10.0.0.2  fox.sys_info = <bog>\n</bog>",
            "10.0.0.2  fox.brand_id = vykon",
        ]
    );
    assert_eq!(heard.damage, []);
}

#[test]
fn who_logs_in_is_not_listened_to() {
    let heard = listen(&[(ToServer, LOGIN), (ToClient, STATION)]);
    assert!(heard.said.is_empty(), "{:?}", heard.lines());
    let inside = b"fox a 3 1 fox challenge\n{\nuserName=s:operator\nhostName=s:secret\n};;\n";
    assert!(listen(&[(ToClient, inside)]).said.is_empty());
}

#[test]
fn a_hello_in_parts_is_waited_for() {
    for cut in 1..CHALLENGE.len() {
        let (head, rest) = CHALLENGE.split_at(cut);
        let heard = listen(&[(ToClient, head), (ToClient, rest)]);
        let lines = heard.lines();
        assert_eq!(lines, ["10.0.0.2  fox.authentication_method = digest-md5 @36+10"], "{cut}");
    }
}

#[test]
fn a_length_beyond_the_message_costs_the_rest_of_it() {
    let broken =
        b"fox a 0 -1 fox hello\n{\nos.name=s:QNX\nsysInfo=o:bog 9999[x]\nbrandId=s:vykon\n};;\n";
    let heard = listen(&[(ToClient, broken)]);
    assert_eq!(heard.lines(), ["10.0.0.2  fox.os_name = QNX @33+3"]);
    assert_eq!(heard.damage.len(), 1);
}

#[test]
fn the_first_line_tells_fox() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(STATION), Probe::Yes);
    assert_eq!(probe(LOGIN), Probe::Yes);
    assert_eq!(probe(b"fox a 0"), Probe::More);
    assert_eq!(probe(b"fox jumps over the lazy dog\n"), Probe::No);
    assert_eq!(probe(b"\x16\x03\x01\x02\x00\x01"), Probe::No);
    assert_eq!(listen(&[(ToServer, b"GET / HTTP/1.1\n")]).damage.len(), 1);
}
