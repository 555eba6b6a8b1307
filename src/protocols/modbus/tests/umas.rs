//! UMAS: who the controller is, and what is done to it.

use super::{adu, adu_of};
use super::{answered, asked, read};
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::modbus::{Dissector, Modbus, Request};

/// What the answer of the server itself says behind role, function, UMAS function and raw data.
fn told(question: &[u8], answer: &[u8]) -> Vec<String> {
    let lines = asked(0, question, answer);
    let about = lines.iter().filter(|line| line.starts_with("10.0.0.2"));
    about
        .filter(|line| {
            !["role", "modbus.function", "umas_function", "umas_data"]
                .iter()
                .any(|key| line.contains(key))
        })
        .map(|line| line.trim_start_matches("10.0.0.2  modbus.").to_owned())
        .collect()
}

#[test]
fn read_id_names_the_controller() {
    let mut identity = vec![
        0x5a, 0x00, 0xfe, // function code, pairing key, done
        0x00, 0x00, // range
        0x30, 0x0c, 0x01, 0x06, // hardware ID
        0x01, 0x00, // model
        0x70, 0x02, // communication version
        0x0a, 0x00, // patch
        0x70, 0x02, // internal version
        0x01, 0x05, // hardware version
        0x00, 0x00, 0x00, 0x00, // crash code
        0x00, 0x00,
    ];
    identity.push(12); // name length
    identity.extend(b"BMX P34 2020");
    identity.extend([1, 0x30, 0, 0, 0, 0, 0, 0, 0]); // memory banks
    let lines = asked(0, &[0x5a, 0x00, 0x02], &identity);
    assert_eq!(lines[4], "10.0.0.2  modbus.umas_function = 2 @8+2");
    assert!(lines[5].starts_with("10.0.0.2  modbus.umas_data = 0000300c0106"), "{lines:?}");
    assert_eq!(
        told(&[0x5a, 0x00, 0x02], &identity),
        [
            "umas_hardware_id = 100731952 @12+4",
            "umas_model = 1 @16+2",
            "umas_com_version = 624 @18+2",
            "umas_com_patch = 10 @20+2",
            "umas_internal_version = 624 @22+2",
            "umas_hardware_version = 1281 @24+2",
            "umas_cpu_name = BMX P34 2020 @33+12",
        ]
    );
}

#[test]
fn initialising_tells_the_firmware() {
    let answer: &[u8] = &[
        0x5a, 0x00, 0xfe, // function code, pairing key, done
        0xfd, 0x03, // largest frame: 1,021
        0x70, 0x02, // firmware version
        0, 0, 0, 0, // unknown
        0, 0, 0, 0, // internal code
        3, b'E', b'S', b'1', // host name
    ];
    assert_eq!(
        told(&[0x5a, 0x00, 0x01, 0x00], answer),
        [
            "umas_max_frame = 1021 @10+2",
            "umas_firmware_version = 624 @12+2",
            "umas_firmware = 2.70 @12+2",
            "umas_hostname = ES1 @23+3",
        ]
    );
    let mut odd = answer.to_vec();
    odd[5] = 0x7a; // no decimal digit
    assert!(
        !told(&[0x5a, 0x00, 0x01, 0x00], &odd).iter().any(|line| line.contains("umas_firmware ="))
    );
}

/// An answer with part 0 of the project information.
fn project() -> Vec<u8> {
    let mut answer = vec![0x5a, 0x00, 0xfe];
    answer.extend([0; 27]);
    answer.extend([33, 55, 5, 11, 7, 0xdd, 0x07]); // 2013-07-11 05:55:33
    answer.extend([9, 0, 0]); // version 0.0.9
    answer.extend([0, 0]);
    answer.extend(b"Project\0\0\0");
    answer
}

#[test]
fn project_information_tells_name_version_and_time() {
    assert_eq!(
        told(&[0x5a, 0x00, 0x03, 0x00], &project()),
        [
            "umas_project_name = Project @49+7",
            "umas_project_version = 0.0.9 @44+3",
            "umas_project_modified = 2013-07-11 05:55:33 @37+7",
        ]
    );
    // Other parts have another layout, and so may other controllers.
    assert!(told(&[0x5a, 0x00, 0x03, 0x04], &project()).is_empty());
    for (at, wrong) in [(30, 60), (33, 0), (34, 13), (36, 0x10), (42, 0x01)] {
        let mut answer = project();
        answer[at] = wrong;
        assert!(told(&[0x5a, 0x00, 0x03, 0x00], &answer).is_empty(), "{at}");
    }
}

#[test]
fn status_card_and_file_name() {
    let status: &[u8] = b"\x5a\x00\xfe\x02\x0f\x00\x02\x00\x00\x00\x00\x78\x56\x34\x12";
    assert_eq!(
        told(&[0x5a, 0x00, 0x04], status),
        ["umas_status = 020f0002 @10+4", "umas_project_crc = 305419896 @18+4"]
    );
    let card: &[u8] = b"\x5a\x00\xfe\x01\x00\x00\x00\x00\x00\x0aBMXRMS008M";
    assert_eq!(told(&[0x5a, 0x00, 0x06, 0x06], card), ["umas_memory_card = BMXRMS008M @17+10"]);
    let file: &[u8] = b"\x5a\x00\xfe\x00\x0d\x00Project.STU\0\0";
    let at = |offset| [0x5a, 0x00, 0x20, 0x00, 0x14, 0x00, offset, 0x01, 0x00, 0x00, 0xf6, 0x00];
    assert_eq!(told(&at(0x5a), file), ["umas_project_file = Project.STU @13+11"]);
    assert!(told(&at(0x5b), file).is_empty(), "memory elsewhere is not kept");
    assert!(told(&at(0x5a), b"\x5a\x00\xfe\x00\x05\x00hello").is_empty());
}

/// A request of the engineering station, and the answer that it is done.
fn done(transaction: u16, request: &[u8]) -> [(crate::flow::Direction, Vec<u8>); 2] {
    [
        (ToServer, adu_of(transaction, 0, &[&[0x5a, 0x01][..], request].concat())),
        (ToClient, adu_of(transaction, 0, &[0x5a, 0x01, 0xfe])),
    ]
}

#[test]
fn what_is_done_to_the_controller_is_told_with_who_did_it() {
    let reserve = b"\x10\x43\x4c\x00\x00\x0fUSER-714E74F21B";
    let mut session = Vec::new();
    for (number, request) in (1..).zip([
        &reserve[..],
        b"\x41\xff\x00",
        b"\x30\x00\x01",
        b"\x31\x00\x01\x01\x00\x04\x00abcd",
        b"\x40\xff\x00",
        b"\x33\x00\x01\xfb\x03",
        b"\x11",
    ]) {
        session.extend(done(number, request));
    }
    let lines = read(&session).lines();
    let told: Vec<&str> = lines
        .iter()
        .filter(|line| line.contains("umas_") && !line.contains("umas_function"))
        .map(|line| line.split(" @").next().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "10.0.0.1  modbus.umas_client_name = USER-714E74F21B",
            "10.0.0.2  modbus.umas_reservation_owner = USER-714E74F21B",
            "10.0.0.2  modbus.umas_reserved = 10.0.0.1",
            "10.0.0.2  modbus.umas_stopped = 10.0.0.1",
            "10.0.0.2  modbus.umas_mode = stop",
            "10.0.0.2  modbus.umas_program_download = 10.0.0.1",
            "10.0.0.2  modbus.umas_program_download = 10.0.0.1",
            "10.0.0.2  modbus.umas_started = 10.0.0.1",
            "10.0.0.2  modbus.umas_mode = run",
            "10.0.0.2  modbus.umas_program_upload = 10.0.0.1",
            "10.0.0.2  modbus.umas_released = 10.0.0.1",
        ]
    );
}

#[test]
fn what_is_refused_did_not_happen() {
    for request in [&b"\x10\x43\x4c\x00\x00\x02ES"[..], b"\x41\xff\x00", b"\x30\x00\x01"] {
        let question = [&[0x5a, 0x00][..], request].concat();
        assert!(told(&question, &[0x5a, 0x00, 0xfd, 0x01]).is_empty());
    }
}

#[test]
fn names_of_reservations_that_are_no_host_names_are_not_kept() {
    for name in [&b"ES1\x00\x01\x02\x9fsecret"[..], &[b'a'; 64]] {
        let length = u8::try_from(name.len()).unwrap();
        let question = [&[0x5a, 0x00, 0x10, 0x43, 0x4c, 0x00, 0x00, length][..], name].concat();
        let lines = asked(0, &question, &[0x5a, 0x00, 0xfe, 0x01]);
        assert!(!lines.iter().any(|line| line.contains("client_name") || line.contains("owner")));
    }
}

#[test]
fn of_unknown_functions_only_the_front_is_kept() {
    let lines = read(&[(ToServer, adu(0, b"\x5a\x00\x6e\x01\x20a hash of a password"))]).lines();
    assert_eq!(lines[2], "10.0.0.1  modbus.request_data = 006e0120 @8+4");
}

#[test]
fn umas_answers_mean_nothing_without_their_request() {
    assert!(answered(0, b"\x5a\x00\xfe\x01\x00\x00\x00\x00\x00\x03abc").is_empty());
    let mut modbus = Modbus::default();
    modbus.requests.asked(Request { transaction: 1, unit: 0, function: 0x5a, detail: 6 });
    modbus.gap(ToServer);
    assert_eq!(modbus.requests.answered(1, 0, 0x5a, |_| true), None);
}

#[test]
fn a_cut_anywhere_is_damage_and_no_wrong_fact() {
    let whole = told(&[0x5a, 0x00, 0x03, 0x00], &project());
    for length in 1..project().len() {
        let cut = told(&[0x5a, 0x00, 0x03, 0x00], &project()[..length]);
        assert!(cut.is_empty() || cut.len() == whole.len(), "{length}: {cut:?}");
    }
    for length in 0..8 {
        let question = &b"\x5a\x00\x10\x43\x4c\x00\x00\x0fUSER"[..3 + length.min(5)];
        read(&[(ToServer, adu(0, question))]);
    }
}
