//! What is heard of MMS, and what hostile bytes cannot do. `10.0.0.1` is the client, `10.0.0.2` the server.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{Listener, read};

#[test]
fn a_device_says_its_maker_its_model_and_its_revision() {
    let heard = listen(&[
        (ToServer, connect(0xe0)),
        (ToClient, connect(0xd0)),
        (ToServer, tpdu(&opens(0x0d))),
        (ToClient, tpdu(&opens(0x0e))),
        (ToServer, data(&request(1, &[0x82, 0]))),
        (ToClient, data(&answer(1, &identity()))),
    ]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  mms.role = server @9+1",
            "10.0.0.1  mms.role = client @9+1",
            "10.0.0.2  mms.vendor_name = ACME @29+4",
            "10.0.0.2  mms.model_name = F60 @35+3",
            "10.0.0.2  mms.revision = 7.60 @40+4",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
}

#[test]
fn domains_are_told_and_other_names_are_not() {
    let class = |class: u8| tlv(0xa0, &tlv(0x80, &[class]));
    let domains = tlv(0xa1, &[class(9), tlv(0xa1, &tlv(0x80, b""))].concat());
    let variables = tlv(0xa1, &[class(0), tlv(0xa1, &tlv(0x81, b"F60CTRL"))].concat());
    let names = |names: &[&[u8]]| {
        let names: Vec<u8> = names.iter().flat_map(|name| tlv(0x1a, name)).collect();
        tlv(0xa1, &[tlv(0xa0, &names), tlv(0x81, &[0])].concat())
    };
    let heard = listen(&[
        (ToServer, data(&request(7, &domains))),
        (ToServer, data(&request(8, &variables))),
        (ToClient, data(&answer(8, &names(&[b"LLN0", b"LLN0$DC"])))),
        (ToClient, data(&answer(7, &names(&[b"F60CTRL", b"F60PROT"])))),
        (ToClient, data(&answer(7, &names(&[b"AGAIN"])))),
    ]);
    let domains: Vec<String> =
        heard.lines().into_iter().filter(|line| line.contains("domain")).collect();
    assert_eq!(
        domains,
        ["10.0.0.2  mms.domain = F60CTRL @31+7", "10.0.0.2  mms.domain = F60PROT @40+7"]
    );
    assert_eq!(heard.acts(), [0, 2, 0, 0, 0]);
}

#[test]
fn what_requests_are_for_is_told() {
    let write = |name: &[u8]| tlv(0xa5, &[variables(&[name]), tlv(0xa0, &[0x83, 1, 0])].concat());
    let heard = listen(&[
        (ToServer, data(&request(1, &tlv(0xa4, &tlv(0xa1, &variables(&[b"LLN0$ST$Beh"])))))),
        (ToServer, data(&request(2, &write(b"LLN0$SP$SetVal")))),
        (ToServer, data(&request(3, &write(b"CSWI1$CO$Pos$Oper")))),
        (ToServer, data(&request(4, &[&[0xbf, 72][..], &[2, 0x19, 0]].concat()))),
        (ToServer, data(&request(5, &tlv(0xba, b"")))),
    ]);
    assert_eq!(heard.acts(), [0, 2, 1, 1, 1]);
    assert_eq!(heard.questions.len(), 1, "reads may be polls");
    let lines = heard.lines();
    let attempts: Vec<&String> = lines.iter().filter(|line| line.contains("attempt")).collect();
    assert_eq!(
        attempts,
        [
            "10.0.0.2  mms.attempt = CSWI1$CO$Pos$Oper by 10.0.0.1 @46+17",
            "10.0.0.2  mms.attempt = initiateDownloadSequence by 10.0.0.1 @25+1",
        ]
    );
}

#[test]
fn attributes_of_name_plates_are_told_by_the_names_they_were_asked_by() {
    let asked: [&[u8]; 3] = [b"LPHD1$DC$PhyNam$serNum", b"LLN0$ST$Beh", b"LLN0$DC$NamPlt$swRev"];
    let results = [tlv(0x8a, b"B-731"), tlv(0x85, &[1]), tlv(0x8a, b"4.2")].concat();
    let heard = listen(&[
        (ToServer, data(&request(1, &tlv(0xa4, &tlv(0xa1, &variables(&asked)))))),
        (ToClient, data(&answer(1, &tlv(0xa4, &tlv(0xa1, &results))))),
        (ToClient, data(&answer(1, &tlv(0xa4, &tlv(0xa1, &tlv(0x8a, b"again")))))),
    ]);
    let lines = heard.lines();
    let told: Vec<&str> = lines
        .iter()
        .filter(|line| !line.contains("role"))
        .map(|line| line.rsplit_once(" @").unwrap().0)
        .collect();
    assert_eq!(
        told,
        ["10.0.0.2  mms.serial_number = B-731", "10.0.0.2  mms.node_software_revision = 4.2"]
    );
}

#[test]
fn what_was_operated_is_told_when_it_was_done() {
    let oper = tlv(0xa5, &[variables(&[b"CSWI1$CO$Pos$Oper"]), tlv(0xa0, &[0x83, 1, 1])].concat());
    let heard = listen(&[
        (ToServer, data(&request(1, &oper))),
        (ToClient, data(&answer(1, &tlv(0xa5, &[0x80, 1, 3])))),
        (ToServer, data(&request(2, &oper))),
        (ToClient, data(&answer(2, &tlv(0xa5, &[0x81, 0])))),
    ]);
    let lines = heard.lines();
    let done: Vec<&String> = lines.iter().filter(|line| line.contains("operation")).collect();
    assert_eq!(done.len(), 1, "{lines:?}");
}

#[test]
fn a_message_in_parts_is_read_when_the_last_is_there() {
    let whole = session(&answer(1, &identity()));
    let (front, back) = whole.split_at(20);
    let heard = listen(&[(ToClient, part(front)), (ToClient, tpdu(back))]);
    assert_eq!(heard.lines().len(), 5, "{:?}", heard.lines());
}

#[test]
fn the_first_bytes_tell_mms_from_what_else_runs_over_iso_transport() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&connect(0xe0)), Probe::More);
    assert_eq!(probe(&[connect(0xe0), tpdu(&opens(0x0d))].concat()), Probe::Yes);
    assert_eq!(probe(&tpdu(&opens(0x0e))), Probe::Yes);
    let asked = data(&request(1, &[0x82, 0]));
    assert_eq!(probe(&asked), Probe::Maybe);
    for cut in 1..asked.len() {
        assert_eq!(probe(&asked[..cut]), Probe::More, "cut at {cut}");
    }
    let s7 = b"\x32\x01\0\0\0\x01\0\x08\0\0\xf0\0\0\x01\0\x01\x01\xe0";
    assert_eq!(probe(&tpdu(s7)), Probe::No);
    // Mail and others open a session, too.
    let other = [&[0x0d, 4][..], &[0xc1, 2, 0x28, 0xca]].concat();
    assert_eq!(probe(&tpdu(&other)), Probe::No);
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
}

#[test]
fn lengths_that_lie_cost_their_message_only() {
    for lie in [
        tlv(0xa1, &[0x02, 0x01, 0x01, 0xa2, 0x7f, 0x80, 0x04]),
        tlv(0xa1, &[0x02, 0x09, 0x01]),
        tlv(0xa1, &[0x02, 0x01, 0x01, 0xbf, 0xff, 0xff]),
        tlv(0xa0, &[0x02, 0x01, 0x01, 0xa1, 0x80]),
        vec![0xa1, 0x84, 0xff, 0xff, 0xff, 0xff],
    ] {
        let heard = listen(&[(ToClient, data(&lie)), (ToClient, data(&answer(1, &identity())))]);
        assert_eq!(heard.damage.len(), 1, "{lie:02x?}");
        assert!(heard.lines().iter().any(|line| line.contains("model_name")), "{lie:02x?}");
    }
}

#[test]
fn questions_without_answers_are_forgotten() {
    let domains = tlv(0xa1, &[tlv(0xa0, &tlv(0x80, &[9])), tlv(0xa1, &tlv(0x80, b""))].concat());
    let names = |name: &[u8]| tlv(0xa1, &tlv(0xa0, &tlv(0x1a, name)));
    let mut talk: Vec<_> =
        (0..100).map(|number| (ToServer, data(&request(number, &domains)))).collect();
    talk.push((ToClient, data(&answer(0, &names(b"FIRST")))));
    talk.push((ToClient, data(&answer(99, &names(b"LAST")))));
    let heard = listen(&talk);
    let told = heard.lines().into_iter().filter(|line| line.contains("mms.domain")).count();
    assert_eq!(told, 1, "{:?}", heard.lines());
}

fn listen(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, &**bytes)).collect();
    read(&PROTOCOL, false, &messages)
}

fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, body.len() as u8][..], body].concat()
}

/// A connection request or confirm, whose selectors are those of IEC 61850.
fn connect(code: u8) -> Vec<u8> {
    let parameters = b"\xc0\x01\x0d\xc1\x02\0\x01\xc2\x02\0\x01";
    let cotp = [&[17, code, 0, 0, 0, 1, 0][..], parameters].concat();
    [&[3, 0, 0, cotp.len() as u8 + 4][..], &cotp].concat()
}

fn tpdu(data: &[u8]) -> Vec<u8> {
    [&[3, 0, 0, data.len() as u8 + 7, 2, 0xf0, 0x80][..], data].concat()
}

fn part(data: &[u8]) -> Vec<u8> {
    [&[3, 0, 0, data.len() as u8 + 7, 2, 0xf0, 0x00][..], data].concat()
}

/// A session that is opened or accepted with the abstract syntax of MMS among its contexts.
fn opens(kind: u8) -> Vec<u8> {
    tlv(kind, &tlv(0xc1, &tlv(0x31, &tlv(0xa2, b"\x06\x05\x28\xca\x22\x02\x01"))))
}

fn session(mms: &[u8]) -> Vec<u8> {
    let values = tlv(0x30, &[tlv(2, &[3]), tlv(0xa0, mms)].concat());
    [&[1, 0, 1, 0][..], &tlv(0x61, &values)].concat()
}

fn data(mms: &[u8]) -> Vec<u8> {
    tpdu(&session(mms))
}

fn request(invoke: u8, service: &[u8]) -> Vec<u8> {
    tlv(0xa0, &[tlv(2, &[invoke]), service.to_vec()].concat())
}

fn answer(invoke: u8, service: &[u8]) -> Vec<u8> {
    tlv(0xa1, &[tlv(2, &[invoke]), service.to_vec()].concat())
}

/// Variables of a domain, by their names.
fn variables(names: &[&[u8]]) -> Vec<u8> {
    let one = |name: &[u8]| {
        let object = tlv(0xa1, &[tlv(0x1a, b"F60CTRL"), tlv(0x1a, name)].concat());
        tlv(0x30, &tlv(0xa0, &object))
    };
    let all: Vec<u8> = names.iter().flat_map(|name| one(name)).collect();
    tlv(0xa0, &all)
}

fn identity() -> Vec<u8> {
    tlv(0xa2, &[tlv(0x80, b"ACME"), tlv(0x81, b"F60"), tlv(0x82, b"7.60")].concat())
}
