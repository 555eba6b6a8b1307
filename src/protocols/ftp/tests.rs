use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

fn session(messages: &[(Direction, &str)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, text)| (*direction, text.as_bytes())).collect();
    harness::read(&PROTOCOL, false, &messages)
}

fn said(messages: &[(Direction, &str)]) -> Vec<String> {
    session(messages).lines()
}

#[test]
fn a_greeting_is_told_line_by_line() {
    let greeting =
        "220-Welcome to line 4.\r\n  all use is logged\r\n220 NET+OS 6.3 FTP server ready.\r\n";
    assert_eq!(
        said(&[(ToClient, greeting)]),
        [
            "10.0.0.2  ftp.greeting = Welcome to line 4. @4+18",
            "10.0.0.2  ftp.greeting = all use is logged @2+17",
            "10.0.0.2  ftp.greeting = NET+OS 6.3 FTP server ready. @4+28",
        ]
    );
}

#[test]
fn software_is_told_and_nobody_who_uses_it() {
    let lines = said(&[
        (ToClient, "220 (vsFTPd 3.0.3)\r\n"),
        (ToServer, "USER anna\r\n"),
        (ToClient, "331 Password required for anna.\r\n"),
        (ToServer, "PASS s3cret\r\n"),
        (ToClient, "230 anna logged in.\r\n"),
        (ToServer, "SYST\r\n"),
        (ToClient, "215 UNIX Type: L8\r\n"),
        (ToServer, "FEAT\r\n"),
        (ToClient, "211-Features:\r\n EPSV\r\n REST STREAM\r\n211 End\r\n"),
        (ToServer, "STAT\r\n"),
        (
            ToClient,
            "211-FTP server status:\r\n Logged in to the ftp server as anna\r\n vsFTPd 3.0.3 - secure, fast, stable\r\n211 End of status\r\n",
        ),
        (ToServer, "HELP\r\n"),
        (
            ToClient,
            "214-The following commands are recognized.\r\n ABOR CWD\r\n214 Direct comments to anna@plant.example\r\n",
        ),
        (ToServer, "CLNT NcFTP 3.2.6 linux-x86_64\r\n"),
        (ToClient, "200 Noted.\r\n"),
    ]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  ftp.greeting = (vsFTPd 3.0.3) @4+14",
            "10.0.0.1  ftp.authentication = clear text @0+4",
            "10.0.0.2  ftp.accepted_log_in = clear text @0+3",
            "10.0.0.2  ftp.system = UNIX Type: L8 @4+13",
            "10.0.0.2  ftp.feature = EPSV @1+4",
            "10.0.0.2  ftp.feature = REST STREAM @1+11",
            "10.0.0.2  ftp.status = FTP server status: @4+18",
            "10.0.0.2  ftp.status = vsFTPd 3.0.3 - secure, fast, stable @1+35",
            "10.0.0.2  ftp.help = The following commands are recognized. @4+38",
            "10.0.0.1  ftp.client_name = NcFTP 3.2.6 linux-x86_64 @5+24",
        ]
    );
}

#[test]
fn files_that_come_are_events_once_they_are_there() {
    let asked = [
        (ToServer, "USER ftp\r\n"),
        (ToClient, "331 Any password will do.\r\n"),
        (ToServer, "PASS x@\r\n"),
        (ToClient, "230 Welcome.\r\n"),
        (ToServer, "STOR firmware.bin\r\n"),
        (ToClient, "150 Go on.\r\n"),
    ];
    let mut done = asked.to_vec();
    done.extend([
        (ToClient, "226 Done.\r\n"),
        (ToServer, "DELE old.bin\r\n"),
        (ToClient, "550 No.\r\n"),
    ]);
    let lines = said(&done);
    assert!(
        lines.contains(&"10.0.0.1  ftp.authentication = open to all @0+4".to_owned()),
        "{lines:?}"
    );
    assert_eq!(
        lines[lines.len() - 3..],
        [
            "10.0.0.2  ftp.attempt = store by 10.0.0.1 @0+4",
            "10.0.0.2  ftp.file_stored = 10.0.0.1 @0+3",
            "10.0.0.2  ftp.attempt = delete by 10.0.0.1 @0+4",
        ]
    );
    assert!(!said(&asked).iter().any(|line| line.contains("file_stored")));
}

#[test]
fn what_is_encrypted_ends_it() {
    let listener = session(&[
        (ToServer, "AUTH tls\r\n"),
        (ToClient, "234 Proceed.\r\n"),
        (ToServer, "\x16\x03\x01\x02\x00\x01"),
    ]);
    assert_eq!(listener.lines(), ["10.0.0.2  ftp.security_mechanism = TLS @0+3"]);
    assert_eq!(listener.counted, ["ftp.encrypted_conversations"]);
    assert!(listener.damage.is_empty());
}

#[test]
fn a_login_whose_name_was_not_seen_is_not_told() {
    let lines = said(&[(ToServer, "PASS x\r\n"), (ToClient, "230 Ok\r\n")]);
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn a_line_that_is_no_reply_costs_only_itself() {
    let listener = session(&[
        (ToClient, "220 ready\r\nhello\r\n"),
        (ToServer, "SYST\r\n"),
        (ToClient, "215 VxWorks\r\n"),
    ]);
    assert_eq!(listener.damage.len(), 1);
    assert_eq!(listener.lines()[1], "10.0.0.2  ftp.system = VxWorks @4+7");
}

#[test]
fn greetings_that_name_ftp_are_recognised_on_any_port() {
    assert_eq!(probe(b"220 NET+ARM FTP Server 1.0 ready.\r\n"), Probe::Yes);
    assert_eq!(probe(b"220 ready\r\n"), Probe::Maybe);
    assert_eq!(probe(b"220 mail.ftp.example ESMTP\r\n"), Probe::Maybe);
    assert_eq!(probe(b"22"), Probe::More);
    assert_eq!(probe(b"USER x\r\n"), Probe::Maybe);
    assert_eq!(probe(b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probe(b"\x16\x03\x01\x00"), Probe::No);
    assert_eq!(probe(b"SSH-2.0-OpenSSH_9.7\r\n"), Probe::No);
}
