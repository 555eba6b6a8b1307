//! Services that change something.

use super::*;

/// What is told of a service with `data`, refused or done.
fn told(service: u8, path: &[u8], data: &[u8], status: u8) -> Vec<String> {
    let talk = asked(&request(service, path, data), &reply(service, status, b""));
    let told = |line: String| line.strip_prefix("10.0.0.2  enip.").unwrap().to_owned();
    facts(&tcp(&talk)).into_iter().map(told).collect()
}

fn done(service: u8, path: &[u8], data: &[u8]) -> Vec<String> {
    told(service, path, data, 0)
}

#[test]
fn what_was_done_is_told_with_who_asked_for_it() {
    type Case = (u8, &'static [u8], &'static [u8], &'static str, &'static str);
    let cases: &[Case] = &[
        (0x06, b"\x20\x8e\x24\x01", b"", "start", "start"),
        (0x07, b"\x20\x8e\x24\x01", b"", "stop", "stop"),
        (0x07, b"\x20\x64\x24\x01", b"\xde\xad\xbe\xef", "stop", "stop"),
        (0x06, b"\x21\x00\x40\x01\x24\x01", b"", "start", "start"),
        (0x05, b"\x20\x01\x24\x01", b"", "reset", "reset"),
        (0x05, b"\x20\x01\x24\x01", b"\x01", "reset to factory defaults", "reset"),
        (0x4B, b"\x20\xa1\x24\x01", &[0; 8], "firmware update", "firmware_update"),
        (0x4D, b"\x20\xa1\x24\x01", &[0; 8], "firmware update", "firmware_update"),
        (0x4C, b"\x20\x37\x24\xc8", b"", "file download", "file_download"),
        (0x10, b"\x20\xf5\x24\x01\x30\x05", b"", "change of configuration", "configuration_change"),
        (0x10, b"\x20\xf6\x24\x01\x30\x06", b"", "change of configuration", "configuration_change"),
        (0x0D, b"\x20\x99\x24\x01", b"", "change of configuration", "configuration_change"),
        (0x4B, b"\x20\x5e\x24\x01", b"", "change of security", "security_change"),
        (0x10, b"\x20\x5d\x24\x01\x30\x03", b"", "change of security", "security_change"),
        (0x04, b"\x20\x8b\x24\x01", b"", "change of the clock", "clock_change"),
        (0x4E, b"\x20\x69\x24\x00", b"", "change of forces", "forces_change"),
    ];
    for (service, path, data, what, event) in cases {
        let expected = [format!("attempt = {what} by 10.0.0.1"), format!("{event} = 10.0.0.1")];
        assert_eq!(done(*service, path, data), expected);
    }
}

#[test]
fn what_was_refused_stays_an_attempt() {
    assert_eq!(
        told(0x07, b"\x20\x8e\x24\x01", b"", 0x0F), // privilege violation
        ["attempt = stop by 10.0.0.1"]
    );
}

#[test]
fn writers_are_named_once_they_wrote() {
    for service in [0x4D, 0x4E, 0x53] {
        assert_eq!(
            done(service, b"\x91\x03Run\x00", b"\xc1\x00\x01\x00\x01"),
            ["writer = 10.0.0.1"]
        );
        assert_eq!(done(service, b"\x20\x6b\x25\x00\x02\x01", b""), ["writer = 10.0.0.1"]);
    }
    assert_eq!(done(0x10, b"\x20\x04\x24\x65\x30\x03", b"\x00"), ["writer = 10.0.0.1"]);
    assert!(told(0x4D, b"\x91\x03Run\x00", b"", 0x04).is_empty());
    assert!(done(0x4C, b"\x91\x03Run\x00", b"\x01\x00").is_empty());
    assert!(done(0x4D, b"\x20\x69\x24\x01", b"").is_empty());
}

#[test]
fn an_event_happened_to_the_module_it_was_sent_to() {
    let request = sent(&request(0x07, b"\x20\x8e\x24\x01", b""), b"\x01\x04");
    let listener = tcp(&asked(&request, &reply(0x07, 0, b"")));
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  enip.attempt = stop by 10.0.0.1 @50+6",
            "10.0.0.2 slot 4  enip.stop = 10.0.0.1 @40+4",
        ]
    );
}

#[test]
fn each_service_of_a_packet_is_told_by_its_own_reply() {
    let stop = request(0x07, b"\x20\x8e\x24\x01", b"");
    let reset = request(0x05, IDENTITY, b"");
    let request = request(0x0A, ROUTER, &packet(&[stop, reset]));
    let replies = packet(&[reply(0x07, 0x10, b""), reply(0x05, 0, b"")]);
    let listener = tcp(&asked(&request, &reply(0x0A, 0x1E, &replies)));
    assert_eq!(facts(&listener)[2..], ["10.0.0.2  enip.reset = 10.0.0.1"]);
}

#[test]
fn an_attempt_over_an_unknown_connection_is_told_of_the_address() {
    let stop = connected(0xFF95_4022, 0x0106, &request(0x07, b"\x20\x8e\x24\x01", b""));
    let poll = connected(0xFF95_4022, 0x0107, &request(0x4C, b"\x91\x03Run\x00", b"\x01\x00"));
    let data = connected(0xFF95_4022, 0x0108, b"\x06\xff\x01");
    let answer = connected(0x0045_0001, 0x0106, &reply(0x07, 0, b""));
    let listener = tcp(&[(ToServer, stop), (ToServer, poll), (ToServer, data), (ToClient, answer)]);
    assert_eq!(listener.lines(), ["10.0.0.2  enip.attempt = stop by 10.0.0.1 @46+6"]);
    assert_eq!(listener.counted, ["enip.connection_unknown"; 4]);
    assert!(listener.damage.is_empty());
}
