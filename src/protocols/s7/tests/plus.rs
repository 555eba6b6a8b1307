//! S7comm-plus: sessions, who starts and stops, and what TLS hides.

use super::*;

fn plus(version: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    [&[0x72, version][..], &length, body, &[0x72, version, 0, 0]].concat()
}

fn request(function: u16, sequence: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = function.to_be_bytes();
    [&[0x31, 0, 0, high, low, 0, 0, 0, sequence, 0, 0, 3, 0x88, 0x34][..], body].concat()
}

fn response(function: u16, sequence: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = function.to_be_bytes();
    [&[0x32, 0, 0, high, low, 0, 0, 0, sequence, 0x34][..], body].concat()
}

/// An answer that creates a session, with the text in the place of the version.
fn session(text: &[u8]) -> Vec<u8> {
    let body = [
        b"\x00\x02\x87\x08\x87\x09".as_slice(), // return value, two identifiers
        b"\xa1\x00\x00\x01\x20\x82\x1f\x00\x00", // object, class 287
        b"\xa3\x82\x2f\x10\x02\x02\xaa\xbb",    // attribute 303: two bytes
        b"\xa3\x82\x32\x00\x17\x00\x00\x01\x3a", // attribute 306: a structure
        b"\x82\x3b\x00\x04\x82\x00",            // element 315: a number
        b"\x82\x3f\x00\x15",                    // element 319: a text
        &[text.len() as u8],
        text,
        b"\x00\xa2\x00\x00\x00\x00", // end of the structure, of the object
    ]
    .concat();
    response(0x04ca, 1, &body)
}

#[test]
fn a_session_tells_order_number_and_firmware_of_the_server() {
    let answer = plus(1, &session(b"1;6ES7 211-1BE31-0XB0 ;V3.0"));
    // The client sends the text back, as a value of its own.
    let echo = plus(2, &request(0x0542, 2, b"\0\0\x03\x88\x01\x01\x82\x3f\0\x151;6ES7 211;V3.0"));
    let heard = listen(&[(ToClient, data(&answer)), (ToServer, data(&echo))]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  s7.function = plus: create object @14+2",
            "10.0.0.2  s7.role = server @14+2",
            "10.0.0.1  s7.role = client @14+2",
            "10.0.0.2  s7.generation = S7comm-plus @14+2",
            "10.0.0.2  s7.session_version = 1;6ES7 211-1BE31-0XB0 ;V3.0 @64+27",
            "10.0.0.2  s7.order_number = 6ES7 211-1BE31-0XB0 @66+19",
            "10.0.0.2  s7.session_firmware = V3.0 @87+4",
            "10.0.0.1  s7.function = plus: set variables @14+2",
        ]
    );
    assert_eq!(heard.acts(), [0; 5]);
}

#[test]
fn a_session_in_two_parts_is_one() {
    let body = session(b"1;6ES7 511-1AK00-0AB0;V1.0");
    for cut in 1..body.len() {
        let [high, low] = (cut as u16).to_be_bytes();
        let first = [&[0x72, 1, high, low][..], &body[..cut]].concat();
        let heard = listen(&[(ToClient, data(&first)), (ToClient, data(&plus(1, &body[cut..])))]);
        let told = facts(&heard, &["order_number", "session_firmware"]);
        assert_eq!(told.len(), 2, "cut at {cut}: {:?}", heard.lines());
    }
}

#[test]
fn the_variable_of_the_execution_unit_starts_and_stops() {
    let wanted = |mode: u8| [0, 0, 0, 52, 1, 0x90, 0x77, 0, 8, mode];
    // Version 3 puts a digest in front.
    let digest = |body: Vec<u8>| [&[0x20][..], &[0x5a; 32], &body].concat();
    let heard = listen(&[
        (ToServer, data(&plus(3, &digest(request(0x04f2, 7, &wanted(1)))))),
        (ToClient, data(&plus(3, &digest(response(0x04f2, 7, &[0]))))),
        (ToServer, data(&plus(2, &request(0x04f2, 8, &wanted(3))))),
        (ToClient, data(&plus(2, &response(0x04f2, 8, &[0x81, 0x05])))),
    ]);
    assert_eq!(
        facts(&heard, &["attempt", "start", "stop", "generation"]),
        [
            "10.0.0.2  attempt = stop by 10.0.0.1",
            "10.0.0.2  generation = S7comm-plus V3",
            "10.0.0.2  stop = 10.0.0.1",
            "10.0.0.2  attempt = start by 10.0.0.1",
            "10.0.0.2  generation = S7comm-plus V2",
        ]
    );
    assert_eq!(heard.acts(), [0, 0, 0, 2, 0]);
}

#[test]
fn tls_is_told_and_ends_the_reading() {
    let extension = b"\0\x06\0\x2b\0\x02\x03\x04";
    let hello = [&b"\x03\x03"[..], &[7; 32], b"\0\x13\x02\0", extension].concat();
    let length = [0, 0, hello.len() as u8];
    let body = [&[2][..], &length, &hello].concat();
    let record = [&[22, 3, 3, 0, body.len() as u8][..], &body].concat();
    let heard = listen(&[
        (ToClient, data(&record)),
        (ToClient, data(&message(3, &[0xf0, 0, 0, 1, 0, 1, 0, 240], &[], Some(0)))),
    ]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  s7.role = server @60+2",
            "10.0.0.1  s7.role = client @60+2",
            "10.0.0.2  s7.generation = S7comm-plus over TLS @60+2",
            "10.0.0.2  s7.security = TLS 1.3 @60+2",
        ]
    );
    let heard = listen(&[(ToClient, data(b"\x17\x03\x03\0\x04abcd"))]);
    let told = facts(&heard, &["generation", "security"]);
    assert_eq!(told, ["10.0.0.2  generation = S7comm-plus over TLS"], "no version was seen");
}
