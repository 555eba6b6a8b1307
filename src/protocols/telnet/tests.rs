use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness;

fn said(messages: &[(Direction, &[u8])]) -> Vec<String> {
    harness::read(&PROTOCOL, false, messages).lines()
}

#[test]
fn options_terminal_and_lines_before_the_question_are_told() {
    let lines = said(&[
        (ToClient, b"\xff\xfb\x01\xff\xfd\x18"),
        (ToServer, b"\xff\xfb\x18"),
        (ToClient, b"\xff\xfa\x18\x01\xff\xf0"),
        (ToServer, b"\xff\xfa\x18\x00XTERM-256COLOR\xff\xf0"),
        (ToClient, b"\r\nOpenBSD/i386 (oof) (ttyp2)\r\n\r\nlogin: "),
    ]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  telnet.option = WILL ECHO @1+2",
            "10.0.0.2  telnet.option = DO TERMINAL-TYPE @1+2",
            "10.0.0.1  telnet.option = WILL TERMINAL-TYPE @1+2",
            "10.0.0.1  telnet.terminal_type = XTERM-256COLOR @4+14",
            "10.0.0.2  telnet.banner = OpenBSD/i386 (oof) (ttyp2) @0+26",
            "10.0.0.2  telnet.prompt = login: @0+6",
        ]
    );
}

#[test]
fn what_is_typed_is_not_told_even_where_it_is_shown() {
    let lines = said(&[
        (ToClient, b"hmi7 login: "),
        (ToServer, b"anna\r\n"),
        (ToClient, b"anna\r\nPassword: "),
        (ToServer, b"s3cret\r\0"),
        (ToClient, b"s3cret\r\nLast login: Sat Nov 27 from bam\r\nWelcome anna\r\nOpenBSD 2.6-beta (OOF) #4\r\n$ "),
        (ToServer, b"ls\r\n"),
        (ToClient, b"ls\r\nrecipes\r\n"),
    ]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  telnet.prompt = hmi7 login: @0+11",
            "10.0.0.2  telnet.welcome = OpenBSD 2.6-beta (OOF) #4 @0+25",
        ]
    );
}

#[test]
fn commands_that_are_typed_without_a_question_end_it() {
    let lines = said(&[
        (ToClient, b"NPort 5110\r\n> "),
        (ToServer, b"passwd geheim\r\n"),
        (ToClient, b"passwd geheim\r\ndone\r\n"),
    ]);
    assert_eq!(lines, ["10.0.0.2  telnet.banner = NPort 5110 @0+10"]);
}

#[test]
fn every_try_is_a_question() {
    let lines = said(&[
        (ToClient, b"login: "),
        (ToServer, b"anna\r\n"),
        (ToClient, b"Password: "),
        (ToServer, b"wrong\r\n"),
        (ToClient, b"\r\nLogin incorrect\r\nlogin: "),
        (ToServer, b"anna\r\n"),
        (ToClient, b"Password: "),
        (ToServer, b"right\r\n"),
        (ToClient, b"Welcome to line 7\r\n"),
    ]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  telnet.prompt = login: @0+6",
            "10.0.0.2  telnet.welcome = Login incorrect @0+15",
            "10.0.0.2  telnet.welcome = Welcome to line 7 @1+17",
        ]
    );
}

#[test]
fn serial_device_servers_tell_their_signature() {
    let lines = said(&[(ToClient, b"\xff\xfa\x2c\x64Digi One SP\xff\xf0")]);
    assert_eq!(lines, ["10.0.0.2  telnet.com_port_signature = Digi One SP @4+11"]);
}

#[test]
fn a_subnegotiation_without_an_end_is_damage() {
    let long = [&b"\xff\xfa\x18\x00"[..], &[b'B'; 2_000]].concat();
    let listener = harness::read(&PROTOCOL, false, &[(ToServer, &long)]);
    assert_eq!(listener.damage.len(), 1);
    assert!(listener.said.is_empty());
}

#[test]
fn two_negotiations_are_recognised_on_any_port() {
    assert_eq!(probe(b"\xff\xfd\x18\xff\xfd\x20"), Probe::Yes);
    assert_eq!(probe(b"\xff\xfd\x18"), Probe::Maybe);
    assert_eq!(probe(b"\xff\xfd"), Probe::More);
    assert_eq!(probe(b"\xff\xfb\xf0\xff\xfb\x01"), Probe::Maybe);
    assert_eq!(probe(b"\r\nUser Access Verification\r\n"), Probe::Maybe);
    assert_eq!(probe(b"\x16\x03\x01\x00"), Probe::No);
}
