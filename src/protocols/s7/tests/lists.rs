//! System status lists, whole and in parts.

use super::*;

/// An answer to Read SZL: data unit reference, whether more follows, and the bytes of the list.
fn answer(reference: u8, more: bool, list: &[u8]) -> (Direction, Vec<u8>) {
    let parameters = [0, 1, 0x12, 8, 0x12, 0x84, 1, 1, reference, u8::from(more), 0, 0];
    let length = (list.len() as u16).to_be_bytes();
    let body = [&[0xff, 9][..], &length, list].concat();
    (ToClient, data(&message(7, &parameters, &body, None)))
}

/// Head of a list, and its records.
fn list(id: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let size = records.first().map_or(0, Vec::len) as u16;
    let head = [id, 0, size, records.len() as u16].map(u16::to_be_bytes).concat();
    [head, records.concat()].concat()
}

fn module(index: u16, order: &[u8; 20], version: [u8; 4]) -> Vec<u8> {
    [&index.to_be_bytes()[..], order, &[0, 0xc0], &version].concat()
}

fn component(index: u16, text: &[u8]) -> Vec<u8> {
    let mut record = [&index.to_be_bytes()[..], text].concat();
    record.resize(34, 0);
    record
}

const ORDER: &[u8; 20] = b"6ES7 315-2EH14-0AB0 ";

#[test]
fn a_module_says_its_order_number_and_versions() {
    let records = [
        module(1, ORDER, [0, 4, 0, 1]),
        module(6, ORDER, [0, 5, 0, 1]),
        module(7, b"                    ", [b'V', 3, 2, 6]),
        module(0x81, b"Boot Loader         ", [b'A', 32, 9, 9]),
    ];
    let heard = listen(&[answer(0, false, &list(0x0011, &records))]);
    let lines: Vec<String> = heard.lines().into_iter().skip(4).collect();
    assert_eq!(
        lines,
        [
            "10.0.0.2  s7.order_number = 6ES7 315-2EH14-0AB0 @43+20",
            "10.0.0.2  s7.module_type = 192 @63+2",
            "10.0.0.2  s7.module_version = 4 @65+4",
            "10.0.0.2  s7.hardware_order_number = 6ES7 315-2EH14-0AB0 @71+20",
            "10.0.0.2  s7.hardware_version = 5 @93+4",
            "10.0.0.2  s7.firmware = V3.2.6 @121+4",
            "10.0.0.2  s7.firmware_extension = Boot Loader A32.9.9 @127+26",
        ]
    );
}

#[test]
fn firmware_without_its_letter_is_a_number_and_an_empty_one_is_none() {
    for (version, told) in [([0, 3, 6, 8], Some("3.6.8")), ([0, 0, 0, 0], None)] {
        let heard = listen(&[answer(0, false, &list(0x0111, &[module(7, ORDER, version)]))]);
        let told: Vec<String> =
            told.iter().map(|told| format!("10.0.0.2  firmware = {told}")).collect();
        assert_eq!(facts(&heard, &["firmware"]), told);
    }
}

#[test]
fn names_are_told_without_what_fills_them_up() {
    let records =
        [component(1, b"PUMPS"), component(3, b""), component(5, b"S C-1"), component(6, b"x")];
    let heard = listen(&[answer(0, false, &list(0x001c, &records))]);
    let lines: Vec<String> = heard.lines().into_iter().skip(4).collect();
    assert_eq!(
        lines,
        ["10.0.0.2  s7.system_name = PUMPS @43+5", "10.0.0.2  s7.serial_number = S C-1 @111+5"]
    );
}

#[test]
fn a_list_in_parts_is_read_when_the_last_is_there() {
    let whole = list(0x001c, &[component(1, b"PUMPS"), component(5, b"S C-1")]);
    let parts = |cut: usize| [answer(9, true, &whole[..cut]), answer(9, false, &whole[cut..])];
    for cut in 1..whole.len() {
        let heard = listen(&parts(cut));
        let told = ["10.0.0.2  system_name = PUMPS", "10.0.0.2  serial_number = S C-1"];
        assert_eq!(facts(&heard, &["system_name", "serial_number"]), told, "cut at {cut}");
    }
    let [first, _] = parts(20);
    let heard = listen(&[first]);
    assert_eq!(facts(&heard, &["system_name", "serial_number"]), [""; 0]);
}

#[test]
fn the_end_of_a_list_whose_beginning_was_not_seen_is_no_list() {
    let whole = list(0x001c, &[component(1, b"PUMPS"), component(5, b"S C-1")]);
    let heard = listen(&[answer(9, false, &whole[40..])]);
    assert_eq!(heard.lines().len(), 4);
    assert_eq!(heard.counted, ["s7.lists_without_beginning"]);
}

#[test]
fn parts_of_two_lists_do_not_make_one() {
    let whole = list(0x001c, &[component(1, b"PUMPS"), component(5, b"S C-1")]);
    let heard = listen(&[answer(9, true, &whole[..50]), answer(9, false, &whole[60..])]);
    assert_eq!(heard.lines().len(), 6);
    assert_eq!(heard.counted, ["s7.lists_incomplete"]);
}

#[test]
fn mode_protection_and_modules_of_the_rack() {
    let mode = vec![0x51, 0x44, 0xff, 0x48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut protection = [4_u16, 1, 0, 3, 2, 0, 0, 0x5656, 0x0102, 0x0304, 0x0506, 0x0708]
        .map(u16::to_be_bytes)
        .concat();
    protection.resize(40, 0);
    let modules = [
        vec![0, 0, 2, 0, 0x7f, 0xff, 0, 0xc0, 0, 0xc0, 0, 0, 0, 0, 0, 0],
        vec![0, 1, 4, 0, 0x7f, 0xff, 0, 0xc4, 0, 0xc5, 0, 0, 0, 0, 0, 0],
        vec![0x01, 1, 4, 0, 0x7f, 0xff, 0, 0xc4, 0, 0xc5, 0, 0, 0, 0, 0, 0],
    ];
    let heard = listen(&[
        answer(0, false, &list(0x0424, &[mode])),
        answer(0, false, &list(0x0132, &[protection])),
        answer(0, false, &list(0x0d91, &modules)),
    ]);
    let lines = heard.lines();
    let told: Vec<&str> = lines
        .iter()
        .map(|line| line.rsplit_once(" @").unwrap().0)
        .filter(|line| !line.contains("function") && !line.contains("generation"))
        .skip(2)
        .collect();
    assert_eq!(
        told,
        [
            "10.0.0.2  s7.mode = RUN",
            "10.0.0.2  s7.protection_key = 1",
            "10.0.0.2  s7.protection_parameter = 0",
            "10.0.0.2  s7.protection_level = 3",
            "10.0.0.2  s7.mode_switch = RUN-P",
            "10.0.0.2  s7.configuration_checksum = 01020304",
            "10.0.0.2  s7.program_checksum = 05060708",
            "10.0.0.2  s7.rack_module = rack 0 slot 2: 0x00c0",
            "10.0.0.2  s7.rack_module = rack 1 slot 4: 0x00c5, expected 0x00c4",
        ]
    );
}
