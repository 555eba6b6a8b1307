//! Conversations field by field, broken ones, and those cut short.

mod done;
mod serial;
mod umas;

use super::*;
use crate::flow::{Direction::ToClient, Direction::ToServer, FlowKey, Place};
use crate::model::{FrameRef, Node, Scope, Timestamp};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};

/// An ADU of transaction 1.
fn adu(unit: u8, pdu: &[u8]) -> Vec<u8> {
    adu_of(1, unit, pdu)
}

fn adu_of(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut adu = transaction.to_be_bytes().to_vec();
    adu.extend([0, 0]); // protocol identifier
    adu.extend(u16::try_from(pdu.len() + 1).unwrap().to_be_bytes()); // length
    adu.push(unit);
    adu.extend(pdu);
    adu
}

fn read(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> = messages.iter().map(|(d, b)| (*d, &b[..])).collect();
    harness::read(&PROTOCOL, false, &messages)
}

/// What the unit says when it is asked with one PDU and answers with another.
fn asked(unit: u8, question: &[u8], answer: &[u8]) -> Vec<String> {
    read(&[(ToServer, adu(unit, question)), (ToClient, adu(unit, answer))]).lines()
}

/// What an answer alone says beyond role and function.
fn answered(unit: u8, answer: &[u8]) -> Vec<String> {
    let lines = read(&[(ToClient, adu(unit, answer))]).lines();
    lines.into_iter().skip(2).collect()
}

const READ_REGISTERS: &[u8] = &[
    0x03, // function code: read holding registers
    0x00, 0x10, // starting address
    0x00, 0x02, // quantity of registers
];
const REGISTERS: &[u8] = &[
    0x03, // function code
    0x04, // byte count
    0x00, 0x01, 0x00, 0x02, // register values
];
const READ_DEVICE_ID: &[u8] = &[
    0x2b, // function code
    0x0e, // MEI type
    0x01, // read device ID code: basic
    0x00, // object ID
];

#[test]
fn a_poll_shows_roles_and_functions_and_no_values() {
    assert_eq!(
        asked(7, READ_REGISTERS, REGISTERS),
        [
            "10.0.0.1  modbus.role = client @7+1",
            "10.0.0.1  modbus.function = 3 @7+1",
            "10.0.0.2  modbus.role = server @7+1",
            "10.0.0.2 unit 7  modbus.function = 3 @7+1",
        ]
    );
}

#[test]
fn units_0_and_255_are_the_server_itself() {
    for unit in [0, 255] {
        let lines = asked(unit, READ_REGISTERS, REGISTERS);
        assert_eq!(lines[3], "10.0.0.2  modbus.function = 3 @7+1");
    }
}

#[test]
fn device_identification_with_all_basic_and_regular_objects() {
    let mut answer = vec![
        0x2b, // function code
        0x0e, // MEI type
        0x02, // read device ID code: regular
        0x82, // conformity level
        0x00, // more follows
        0x00, // next object ID
        0x07, // number of objects
    ];
    for (id, value) in
        (0_u8..).zip(["Maker", "BMX P34 2020", "v2.9", "https://x", "M340", "Model", "Line 1\0\0"])
    {
        answer.extend([id, u8::try_from(value.len()).unwrap()]);
        answer.extend(value.as_bytes());
    }
    assert_eq!(
        answered(3, &answer),
        [
            "10.0.0.2 unit 3  modbus.conformity_level = 130 @10+1",
            "10.0.0.2 unit 3  modbus.vendor_name = Maker @16+5",
            "10.0.0.2 unit 3  modbus.product_code = BMX P34 2020 @23+12",
            "10.0.0.2 unit 3  modbus.major_minor_revision = v2.9 @37+4",
            "10.0.0.2 unit 3  modbus.vendor_url = https://x @43+9",
            "10.0.0.2 unit 3  modbus.product_name = M340 @54+4",
            "10.0.0.2 unit 3  modbus.model_name = Model @60+5",
            "10.0.0.2 unit 3  modbus.user_application_name = Line 1 @67+8",
            "10.0.0.2 unit 3  modbus.identification = regular: complete @11+2",
        ]
    );
}

#[test]
fn objects_come_over_several_answers_and_one_by_one() {
    let first: &[u8] = &[
        0x2b, 0x0e, 0x01, 0x01, // function, MEI type, read code, conformity level
        0xff, 0x01, // more follows, from object 1 on
        0x01, 0x00, 0x01, b'A', // one object: vendor name
    ];
    let second: &[u8] = b"\x2b\x0e\x01\x01\x00\x00\x01\x01\x01B";
    let single: &[u8] = b"\x2b\x0e\x04\x81\x00\x00\x01\x02\x031.0";
    let said: Vec<String> =
        [first, second, single].iter().map(|answer| answered(1, answer)[1].clone()).collect();
    assert_eq!(
        said,
        [
            "10.0.0.2 unit 1  modbus.vendor_name = A @16+1",
            "10.0.0.2 unit 1  modbus.product_code = B @16+1",
            "10.0.0.2 unit 1  modbus.major_minor_revision = 1.0 @16+3",
        ]
    );
}

#[test]
fn extended_objects_keep_their_numbers() {
    let answer: &[u8] = b"\x2b\x0e\x03\x03\x00\x00\x02\x80\x03abc\xff\x02\x00\x01";
    let lines = answered(1, answer);
    assert_eq!(lines[1], "10.0.0.2 unit 1  modbus.private_object = 0x80: abc @16+3");
    assert_eq!(lines[2], "10.0.0.2 unit 1  modbus.private_object = 0xff: 0001 @21+2");
}

#[test]
fn texts_in_latin_1_keep_every_character() {
    let lines = answered(1, b"\x2b\x0e\x01\x01\x00\x00\x01\x00\x06M\xfcller");
    assert_eq!(lines[1], "10.0.0.2 unit 1  modbus.vendor_name = M\u{fc}ller @16+6");
}

#[test]
fn a_wrong_number_of_objects_costs_no_object() {
    for count in [0x02, 0xff] {
        let mut answer = b"\x2b\x0e\x01\x01\x00\x00\x00\x00\x01A\x01\x01B".to_vec();
        answer[6] = count;
        let listener = read(&[(ToClient, adu(1, &answer))]);
        let objects = listener
            .lines()
            .iter()
            .filter(|line| line.contains("_name =") || line.contains("_code ="))
            .count();
        assert_eq!(objects, 2, "{count}");
        assert_eq!(listener.damage.len(), usize::from(count != 2), "{count}");
        let is_told_whole = listener.lines().iter().any(|line| line.contains("complete"));
        assert_eq!(is_told_whole, count == 2, "{count}");
    }
}

#[test]
fn an_identification_without_readable_objects_is_kept_as_bytes() {
    let answer: &[u8] = b"\x2b\x0e\x01\x00\x4d\xb7\x00\x00\x00\x00\x00";
    let listener = read(&[(ToServer, adu(0, READ_DEVICE_ID)), (ToClient, adu(0, answer))]);
    assert_eq!(
        listener.lines()[4],
        "10.0.0.2  modbus.encapsulated_data = 0e01004db70000000000 @8+10"
    );
    assert_eq!(listener.damage.len(), 1);
}

#[test]
fn server_id_with_run_indicator_and_text() {
    let answer: &[u8] = &[
        0x11, // function code
        0x07, // byte count
        0x00, // server ID
        0xff, // run indicator: on
        b'W', b'i', b'n', b'g', b' ', // additional data
    ];
    assert_eq!(
        answered(10, answer),
        [
            "10.0.0.2 unit 10  modbus.server_id = 00ff57696e6720 @9+7",
            "10.0.0.2 unit 10  modbus.run_indicator = 255 @10+1",
            "10.0.0.2 unit 10  modbus.server_id_text = Wing @11+5",
        ]
    );
}

#[test]
fn server_id_of_other_layouts_makes_no_run_indicator_up() {
    let text_first = answered(2, b"\x11\x08PLC 1.2\xff");
    assert_eq!(text_first[1], "10.0.0.2 unit 2  modbus.run_indicator = 255 @16+1");
    assert_eq!(text_first[2], "10.0.0.2 unit 2  modbus.server_id_text = PLC 1.2 @9+7");
    let unknown = answered(2, b"\x11\x04\x01\x02\x00\x03");
    assert_eq!(unknown, ["10.0.0.2 unit 2  modbus.server_id = 01020003 @9+4"]);
}

#[test]
fn a_server_id_with_a_wrong_count_is_kept_and_counted() {
    let listener = read(&[(ToClient, adu(2, b"\x11\x09\x01\x02"))]);
    assert_eq!(listener.lines()[2], "10.0.0.2 unit 2  modbus.server_id = 0102 @9+2");
    assert_eq!(listener.damage.len(), 1);
}

#[test]
fn exceptions_are_the_units_and_those_of_a_gateway_make_no_unit() {
    let lines = asked(5, READ_DEVICE_ID, &[0xab, 0x04]);
    assert_eq!(lines[3], "10.0.0.2 unit 5  modbus.exception = 43: 4 @7+2");
    for code in [0x0a, 0x0b] {
        let lines = asked(5, READ_DEVICE_ID, &[0xab, code]);
        assert_eq!(
            lines[3],
            format!("10.0.0.2  modbus.gateway_exception = unit 5: 43: {code} @7+2")
        );
    }
}

#[test]
fn requests_for_identification_with_strange_data_are_told() {
    for function in [17, 43, 90] {
        let lines = read(&[(ToServer, adu(1, &[function, 0, 0, 0, 0]))]).lines();
        assert_eq!(lines[1], format!("10.0.0.1  modbus.function = {function} @7+1"));
        assert_eq!(lines[2], "10.0.0.1  modbus.request_data = 00000000 @8+4");
    }
    for sound in [&[17][..], READ_DEVICE_ID, &[90, 0, 2], &[43, 0x0d, 0]] {
        assert_eq!(read(&[(ToServer, adu(1, sound))]).said.len(), 2, "{sound:?}");
    }
}

#[test]
fn several_units_in_one_segment_and_one_over_several() {
    let two = [adu_of(1, 4, READ_REGISTERS), adu_of(2, 5, READ_REGISTERS)].concat();
    let answers = [adu_of(2, 5, REGISTERS), adu_of(1, 4, REGISTERS)].concat();
    let whole = read(&[(ToServer, two.clone()), (ToClient, answers.clone())]);
    assert!(whole.damage.is_empty());
    assert_eq!(whole.said.len(), 6);
    let bytes = |direction, bytes: &[u8]| {
        bytes.iter().map(|byte| (direction, vec![*byte])).collect::<Vec<_>>()
    };
    let pieces = read(&[bytes(ToServer, &two), bytes(ToClient, &answers)].concat());
    assert_eq!(pieces.lines(), whole.lines());
}

#[test]
fn quantities_beyond_the_specification_are_damage() {
    let listener = read(&[(ToServer, adu(1, b"\x03\x00\x00\x00\x7e"))]);
    assert_eq!(listener.damage[0].field, "address, quantity or byte count");
    assert_eq!(listener.said.len(), 2, "the function was asked for all the same");
}

#[test]
fn an_answer_that_does_not_fit_its_request_is_damage() {
    let listener = read(&[
        (ToServer, adu(1, READ_REGISTERS)),
        (ToClient, adu(1, b"\x03\x06\x00\x00\x00\x00\x00\x00")),
    ]);
    assert_eq!(listener.damage[0].field, "byte count");
}

#[test]
fn other_protocols_on_the_port_lose_the_framing() {
    for bytes in [&b"SSH-2.0-OpenSSH"[..], b"\0\0\0\0\0\x01\x01\x03", b"\0\0\0\0\x01\0\x01\x03"] {
        let listener = read(&[(ToServer, bytes.to_vec())]);
        assert!(listener.said.is_empty());
        assert_eq!(listener.damage[0].field, "MBAP header");
    }
}

#[test]
fn a_datagram_that_is_cut_is_damage() {
    let message = adu(1, READ_REGISTERS);
    for length in 1..message.len() {
        let listener = harness::read(&PROTOCOL, true, &[(ToServer, &message[..length])]);
        assert!(listener.said.is_empty(), "{length}");
        assert_eq!(listener.damage.len(), 1, "{length}");
    }
}

#[test]
fn a_cut_identification_keeps_the_objects_before_the_cut() {
    let answer = b"\x2b\x0e\x01\x01\x00\x00\x03\x00\x01A\x01\x02BC\x02\x03D.E";
    let whole = answered(1, answer);
    for length in 1..answer.len() {
        let cut = answered(1, &answer[..length]);
        let objects: Vec<&String> =
            cut.iter().filter(|line| !line.contains("encapsulated_data")).collect();
        assert_eq!(objects, whole.iter().take(objects.len()).collect::<Vec<_>>(), "{length}");
    }
}

/// Shows runs of bytes from the client to a server on `port`, each in a frame of its own, all unread.
fn read_runs(port: u16, direction: Direction, runs: &[&[u8]]) -> Listener {
    let node = |last| Node::ip(Scope::default(), [10, 0, 0, last].into());
    let flow = FlowKey {
        client: node(1),
        client_port: 50_000,
        server: node(2),
        attach: Attach::Tcp(port),
    };
    let mut unread = runs.concat();
    let mut places = Vec::new();
    let mut start = 0;
    for (number, run) in (1..).zip(runs) {
        places.push(Place { start, frame: FrameRef { capture: 0, number }, offset: 54 });
        start += run.len();
    }
    let mut listener = Listener::default();
    let mut modbus = Modbus::default();
    while !unread.is_empty() {
        let input = Input {
            bytes: &unread,
            whole: false,
            direction,
            flow: &flow,
            at: Timestamp(0),
            frame: FrameRef { capture: 0, number: 9 },
            mac: None,
            places: &places,
        };
        let step = modbus.read(&input, &mut Sink::new(&input, &mut listener, &PROTOCOL));
        let Step::Used(used) = step else { break };
        unread.drain(..used);
        places.retain(|place| place.start >= used);
        places.iter_mut().for_each(|place| place.start -= used);
    }
    listener
}

#[test]
fn a_length_that_lies_costs_one_adu() {
    let mut liar = adu(1, READ_REGISTERS);
    liar[5] = 0x25; // length: 37 instead of 6
    let next = adu(1, &[0x11]);
    let listener = read_runs(PORT, ToServer, &[&liar, &next, &next]);
    assert_eq!(listener.damage[0].field, "length");
    let frames: Vec<u64> = listener.said.iter().map(|o| o.excerpt.frame.number).collect();
    assert_eq!(frames, [2, 2, 3], "role and function of the second, function of the third");
}

#[test]
fn bytes_that_are_left_over_cost_only_themselves() {
    let mut liar = adu(1, READ_REGISTERS);
    liar[5] = 0x04; // length: 4 instead of 6
    let next = adu(1, &[0x11]);
    let listener = read_runs(PORT, ToServer, &[&liar, &next]);
    assert_eq!(listener.damage.len(), 2, "quantity cut off, then two bytes that are no header");
    assert_eq!(listener.said[2].excerpt.frame.number, 2);
}

#[test]
fn an_adu_over_two_segments_is_not_mistaken_for_two() {
    // Register values that look like an ADU of their own, to the end of the segment.
    let inner = adu(1, &[0x03, 0x00]);
    let values = [&[0x00], &inner[..]].concat();
    let answer = adu(1, &[&[0x03, u8::try_from(values.len()).unwrap()], &values[..]].concat());
    let (head, tail) = answer.split_at(answer.len() - inner.len());
    let listener = read_runs(PORT, ToClient, &[head, tail]);
    assert_eq!(listener.said.len(), 2);
    assert!(listener.damage.is_empty(), "{:?}", listener.damage);
}

#[test]
fn away_from_the_port_the_form_tells_who_serves() {
    let question = adu(1, READ_DEVICE_ID);
    let answer = adu(1, b"\x2b\x0e\x01\x01\x00\x00\x01\x00\x01A");
    let straight = read_runs(40_502, ToServer, &[&question]);
    assert_eq!(straight.lines()[0], "10.0.0.1  modbus.role = client @61+1");
    let reversed = read_runs(40_502, ToServer, &[&answer]);
    assert!(reversed.lines()[0].starts_with("10.0.0.1  modbus.role = server"));
    assert!(reversed.lines()[3].contains("10.0.0.1 unit 1  modbus.vendor_name = A"));
    let echo = adu(1, b"\x06\x00\x01\x00\x02"); // write single register: request and answer alike
    assert!(read_runs(40_502, ToServer, &[&echo]).said.is_empty());
}

#[test]
fn probes_are_sure_of_exact_forms_only() {
    let probe = PROTOCOL.probe;
    for pdu in [READ_REGISTERS, REGISTERS, READ_DEVICE_ID, &[0xab, 0x01], &[0x11]] {
        let mut message = adu(1, pdu);
        assert_eq!(probe(&message), Probe::Yes, "{pdu:?}");
        message.extend(adu(2, READ_REGISTERS));
        assert_eq!(probe(&message), Probe::Yes, "{pdu:?} and another");
        message.push(0x77);
        assert_eq!(probe(&message), Probe::Maybe, "{pdu:?} and something else");
        for length in 1..adu(1, pdu).len() {
            assert_eq!(probe(&message[..length]), Probe::More, "{pdu:?} {length}");
        }
    }
    let maybe = [&b"\x03\x00\x00\x00\x7e"[..], b"\x41\x01", b"\x5a\x00\x02", b"\x2b\x0e\x09\x00"];
    for pdu in maybe {
        assert_eq!(probe(&adu(1, pdu)), Probe::Maybe, "{pdu:?}");
    }
    for other in [&b"GET / HTTP/1.1"[..], b"\x03\x00\x00\x16\x11\xe0\x00\x00", b"\0\0\0\0\0\0\0\0"]
    {
        assert_eq!(probe(other), Probe::No, "{other:?}");
    }
}
