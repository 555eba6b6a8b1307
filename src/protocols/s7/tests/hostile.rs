//! What nobody should send.

use super::*;

#[test]
fn lengths_that_lie_cost_their_message_only() {
    let sound = done(b"\xf0\0\0\x01\0\x01\0\xf0", 0);
    // Parameters longer than the message.
    let long = (ToClient, data(b"\x32\x03\0\0\0\x07\0\xff\0\0\0\0\xf0"));
    let heard = listen(&[long, sound.clone()]);
    assert_eq!(facts(&heard, &["pdu_length"]), ["10.0.0.2  pdu_length = 240"]);
    assert_eq!(heard.damage.len(), 1);
    // A TPKT shorter than its own head loses the framing.
    let heard = listen(&[(ToClient, vec![3, 0, 0, 6, 2, 0xf0, 0x80]), sound]);
    assert_eq!(facts(&heard, &["pdu_length"]), ["10.0.0.2  pdu_length = 240"]);
    assert_eq!(heard.damage.len(), 1);
}

#[test]
fn what_is_no_s7_is_left_to_others() {
    let heard = listen(&[(ToServer, data(b"\x0d\x2b\x05\x06"))]);
    assert_eq!(heard.lines(), [""; 0]);
    assert_eq!(heard.counted, ["s7.other_protocols"]);
    assert_eq!(heard.damage.len(), 1, "the framing is lost: others are asked");
}

#[test]
fn a_message_without_end_is_passed_over() {
    let filler = part(&[0; 4_000]);
    let mut talk: Vec<_> = (0..6).map(|_| (ToClient, filler.clone())).collect();
    talk.push((ToClient, data(b"end")));
    talk.push(done(b"\xf0\0\0\x01\0\x01\0\xf0", 0));
    let heard = listen(&talk);
    assert_eq!(facts(&heard, &["pdu_length"]), ["10.0.0.2  pdu_length = 240"]);
    assert_eq!(heard.counted, ["s7.messages_too_long"]);
}

#[test]
fn lists_of_nothing_and_of_too_much_end() {
    let list = |size: u16, count: u16| {
        let head = [0x0011_u16, 0, size, count].map(u16::to_be_bytes).concat();
        let body = [&[0xff, 9, 0, 8][..], &head].concat();
        let parameters = [0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0];
        (ToClient, data(&message(7, &parameters, &body, None)))
    };
    let heard = listen(&[list(0, 0xffff), list(28, 0xffff), list(0xffff, 1)]);
    assert_eq!(heard.damage.len(), 3);
}

#[test]
fn values_inside_values_have_a_bottom() {
    let session = |inside: &[u8]| {
        let front = b"\x32\0\0\x04\xca\0\0\0\x01\x34\0\0\xa1\0\0\x01\x20\x82\x1f\0\0\xa3\x01";
        let body = [&front[..], inside].concat();
        let length = (body.len() as u16).to_be_bytes();
        let whole = [&[0x72, 1][..], &length, &body, &[0x72, 1, 0, 0]].concat();
        listen(&[(ToClient, data(&whole))])
    };
    let nested = b"\0\x17\0\0\0\x01\x01".repeat(200);
    let huge_array = b"\x10\x15\x8f\xff\xff\xff\x7f".to_vec();
    let huge_numbers = b"\x10\x02\x8f\xff\xff\xff\x7f".to_vec();
    let endless_number = [&b"\0\x04"[..], &[0xff; 300]].concat();
    for inside in [nested, huge_array, huge_numbers, endless_number] {
        assert_eq!(session(&inside).damage.len(), 1);
    }
}
