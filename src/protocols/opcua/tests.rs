//! Messages written field by field, and what is said about them. `10.0.0.1` is the client, `10.0.0.2` the server.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};
use crate::protocols::opcua::PROTOCOL;
use crate::protocols::{Probe, opcua};

fn listen(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, false, &messages)
}

/// The facts, without their places.
fn facts(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    let bare = lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.replace("opcua.", ""));
    bare.filter(|line| !line.contains("  role = ") && !line.contains("  service = ")).collect()
}

fn chunk(word: &[u8; 3], last: u8, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&word[..], &[last], &size.to_le_bytes(), body].concat()
}

fn text(value: &str) -> Vec<u8> {
    [&(value.len() as u32).to_le_bytes()[..], value.as_bytes()].concat()
}

/// A message, or a part of one, of the request with this number.
fn part(last: u8, request: u32, body: &[u8]) -> Vec<u8> {
    let heads = [7, 1, 50, request].map(u32::to_le_bytes).concat();
    chunk(b"MSG", last, &[&heads[..], body].concat())
}

fn opening(policy: &str) -> Vec<u8> {
    let uri = text(&format!("http://opcfoundation.org/UA/SecurityPolicy#{policy}"));
    chunk(b"OPN", b'F', &[&[7, 0, 0, 0][..], &uri, &NONE, &NONE, &[0; 16]].concat())
}

fn service(number: u16, head: &[u8], body: &[u8]) -> Vec<u8> {
    [&[1, 0][..], &number.to_le_bytes(), head, body].concat()
}

/// Token, time, handle, diagnostics, audit, timeout, additional header.
fn request(number: u16, body: &[u8]) -> Vec<u8> {
    let head = [&[0, 0][..], &[0; 16], &NONE, &[0; 4], &[0, 0, 0]].concat();
    service(number, &head, body)
}

/// Time, handle, result, diagnostics, texts, additional header.
fn response(number: u16, result: u32, body: &[u8]) -> Vec<u8> {
    let head = [&[0; 12][..], &result.to_le_bytes(), &[0], &NONE, &[0, 0, 0]].concat();
    service(number, &head, body)
}

/// ReadRequest of the values of these nodes of namespace 0.
fn read(nodes: &[u16]) -> Vec<u8> {
    let nodes: Vec<u8> = nodes
        .iter()
        .flat_map(|node| {
            let id = [&[1, 0][..], &node.to_le_bytes()].concat();
            [&id[..], &[13, 0, 0, 0], &NONE, &[0, 0], &NONE].concat()
        })
        .collect();
    let count = (nodes.len() / 18) as u32;
    request(631, &[&[0; 12][..], &count.to_le_bytes(), &nodes].concat())
}

/// ReadResponse with these DataValues.
fn values(values: &[Vec<u8>]) -> Vec<u8> {
    let count = (values.len() as u32).to_le_bytes();
    response(634, 0, &[&count[..], &values.concat(), &NONE].concat())
}

fn string(value: &str) -> Vec<u8> {
    [&[1, 12][..], &text(value)].concat()
}

#[test]
fn a_greeting_tells_the_url_by_which_the_server_is_asked() {
    let sizes = [&[0; 4][..], &65_535_u32.to_le_bytes(), &65_535_u32.to_le_bytes(), &[0; 8]];
    let hello = chunk(b"HEL", b'F', &[&sizes.concat()[..], &text("opc.tcp://plc:4840")].concat());
    assert_eq!((PROTOCOL.probe)(&hello), Probe::Yes);
    let listener = listen(&[(ToServer, hello)]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  opcua.role = server @0+3",
            "10.0.0.1  opcua.role = client @0+3",
            "10.0.0.2  opcua.requested_url = opc.tcp://plc:4840 @32+18",
        ]
    );
}

#[test]
fn a_build_is_told_by_the_answer_to_who_asked_for_it() {
    let listener = listen(&[
        (ToServer, part(b'F', 9, &read(&[2267, 2264, 2263]))),
        (ToClient, part(b'F', 9, &values(&[vec![1, 3, 255], string("3.2.1"), string("Maker")]))),
        (ToClient, part(b'F', 9, &values(&[vec![1, 3, 255], string("9.9.9"), string("Other")]))),
    ]);
    assert_eq!(
        facts(&listener),
        ["10.0.0.2  software_version = 3.2.1", "10.0.0.2  manufacturer_name = Maker"]
    );
}

#[test]
fn a_bad_value_and_one_of_another_type_say_nothing() {
    let bad = [&[3, 12][..], &text("3.2.1"), &0x8034_0000_u32.to_le_bytes()].concat();
    let listener = listen(&[
        (ToServer, part(b'F', 9, &read(&[2264, 2263]))),
        (ToClient, part(b'F', 9, &values(&[bad, vec![1, 6, 1, 0, 0, 0]]))),
    ]);
    assert!(facts(&listener).is_empty(), "{:?}", listener.lines());
    assert!(listener.damage.is_empty());
}

#[test]
fn a_message_in_chunks_is_put_together_without_their_signatures() {
    let answer = values(&[string("a version that is longer than one chunk")]);
    let (front, back) = answer.split_at(50);
    let listener = listen(&[
        (ToServer, opening("Basic256Sha256")),
        (ToClient, opening("Basic256Sha256")),
        (ToServer, part(b'F', 9, &[&read(&[2264])[..], &[7; 32]].concat())),
        (ToClient, part(b'C', 9, &[front, &[7; 32]].concat())),
        (ToClient, part(b'F', 9, &[back, &[7; 32]].concat())),
    ]);
    let facts = facts(&listener);
    assert!(facts.contains(&"10.0.0.2  channel_mode = Sign".to_owned()), "{facts:?}");
    let version = "10.0.0.2  software_version = a version that is longer than one chunk";
    assert!(facts.contains(&version.to_owned()), "{facts:?}");
}

#[test]
fn the_rest_of_a_message_whose_beginning_is_missing_is_no_encryption() {
    let listener =
        listen(&[(ToClient, part(b'C', 9, &[0x55; 80])), (ToClient, part(b'F', 9, &[0x55; 80]))]);
    assert!(facts(&listener).is_empty(), "{:?}", listener.lines());
}

#[test]
fn what_cannot_be_read_on_a_secure_channel_is_encrypted_and_left_alone() {
    let listener = listen(&[
        (ToServer, opening("Basic256Sha256")),
        (ToClient, opening("Basic256Sha256")),
        (ToServer, part(b'F', 9, &[0x55; 80])),
        (ToClient, part(b'F', 9, &[0x55; 80])),
        (ToServer, part(b'F', 10, &read(&[2264]))),
    ]);
    let policy = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";
    assert_eq!(
        facts(&listener),
        [
            format!("10.0.0.1  channel_policy = {policy}"),
            format!("10.0.0.2  channel_policy = {policy}"),
            "10.0.0.1  channel_mode = SignAndEncrypt".to_owned(),
            "10.0.0.2  channel_mode = SignAndEncrypt".to_owned(),
        ]
    );
}

#[test]
fn names_and_passwords_of_users_are_not_kept() {
    let token = [text("policy"), text("operator-7"), text("secret-7"), NONE.to_vec()].concat();
    let object = [&[1, 0, 0x44, 0x01, 1][..], &(token.len() as u32).to_le_bytes(), &token].concat();
    let body = [&NONE[..], &NONE, &NONE, &NONE, &object, &NONE, &NONE].concat();
    let listener = listen(&[(ToServer, part(b'F', 9, &request(467, &body)))]);
    let token = "10.0.0.2  identity_token = user name token in the clear";
    assert_eq!(facts(&listener), [token]);
    for said in &listener.said {
        let kept = String::from_utf8_lossy(&said.excerpt.bytes).into_owned();
        assert!(!kept.contains("operator") && !kept.contains("secret"), "{said:?}");
    }
}

#[test]
fn a_refused_service_is_told_with_its_status() {
    let listener = listen(&[(ToClient, part(b'F', 9, &response(464, 0x8013_0000, &[])))]);
    assert_eq!(
        facts(&listener),
        ["10.0.0.2  error = CreateSession: BadSecurityChecksFailed (0x80130000)"]
    );
}

#[test]
fn an_array_that_cannot_be_there_costs_only_its_message() {
    let listener = listen(&[
        (
            ToServer,
            part(b'F', 9, &request(631, &[&[0; 12][..], &[0xff, 0xff, 0xff, 0x7f]].concat())),
        ),
        (ToServer, part(b'F', 10, &read(&[2264]))),
        (ToClient, part(b'F', 10, &values(&[string("3.2.1")]))),
    ]);
    assert_eq!(listener.damage.len(), 1);
    assert_eq!(facts(&listener), ["10.0.0.2  software_version = 3.2.1"]);
}

#[test]
fn values_that_lie_in_each_other_without_end_are_given_up() {
    let mut nested = vec![1];
    nested.extend([24; 64]);
    let listener = listen(&[
        (ToServer, part(b'F', 9, &read(&[2264]))),
        (ToClient, part(b'F', 9, &values(&[nested]))),
    ]);
    assert_eq!(listener.damage.len(), 1);
    assert!(facts(&listener).is_empty());
}

#[test]
fn text_of_other_protocols_is_not_taken_for_it() {
    for bytes in [
        &b"HELO mail.example\r\n"[..],
        b"MSG hello there, all of you\r\n",
        b"ERR wrong\r\n",
        b"GET / HTTP/1.1\r\n",
    ] {
        assert_eq!((PROTOCOL.probe)(bytes), Probe::No, "{bytes:?}");
    }
    assert_eq!((PROTOCOL.probe)(b"HE"), Probe::More);
    assert_eq!((PROTOCOL.probe)(&part(b'F', 9, &[0x55; 80])), Probe::Maybe);
    assert_eq!((PROTOCOL.probe)(&part(b'F', 9, &read(&[2264]))), Probe::Yes);
    assert_eq!((PROTOCOL.probe)(&opening("None")), Probe::Yes);
    assert_eq!(opcua::PROTOCOL.name, "opcua");
}

const NONE: [u8; 4] = [0xff; 4];
