//! Messages after the examples of \[MS-TDS\] section 4; `10.0.0.1` is the client, `10.0.0.2` the server.

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = ((body.len() + 8) as u16).to_be_bytes();
    [&[kind, 1, length[0], length[1], 0, 0, 1, 0][..], body].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Version 15.0.4322 and encryption of the login.
const OPTIONS: &[u8] = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff\x0f\x00\x10\xe2\x00\x00\x00";

#[test]
fn a_server_tells_its_build_and_what_it_encrypts() {
    let heard = listen(&[(ToServer, &packet(18, OPTIONS)), (ToClient, &packet(4, OPTIONS))]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  tds.client_version = 15.0.4322 @19+4",
            "10.0.0.2  tds.version = 15.0.4322 @19+4",
            "10.0.0.2  tds.encryption = off @25+1",
        ]
    );
}

/// The user and the password stand between the names.
fn login() -> Vec<u8> {
    let names = [
        wide("LINE4-HMI"),
        wide("sa"),
        wide("s3cret"),
        wide("Historian"),
        wide("x"),
        wide(""),
        wide("ODBC"),
    ];
    let mut body = vec![0; 36];
    let mut at = 36 + 4 * names.len();
    for name in &names {
        body.extend([(at as u16).to_le_bytes(), (name.len() as u16 / 2).to_le_bytes()].concat());
        at += name.len();
    }
    packet(16, &[body, names.concat()].concat())
}

#[test]
fn a_login_tells_machine_and_programs_and_never_who() {
    let heard = listen(&[(ToServer, &login())]);
    let values: Vec<String> =
        heard.said.iter().map(|one| format!("{} {}", one.key, one.value)).collect();
    assert_eq!(
        values,
        ["tds.client_name LINE4-HMI", "tds.application Historian", "tds.client_library ODBC"]
    );
    assert_eq!(heard.damage, []);
}

#[test]
fn the_answer_to_a_login_names_server_and_program() {
    let text = wide("Changed");
    let information =
        [&[0, 0, 0, 0, 1, 0, 7, 0][..], &text, &[3], &wide("SQL"), &[0], &[1, 0, 0, 0]].concat();
    let acknowledgement =
        [&[1, 0x74, 0, 0, 4, 4][..], &wide("SQL\0"), &[15, 0, 0x10, 0xe2]].concat();
    let token =
        |kind: u8, body: &[u8]| [&[kind][..], &(body.len() as u16).to_le_bytes(), body].concat();
    let answer = [token(0xab, &information), token(0xad, &acknowledgement), vec![0xfd, 0, 0]];
    let heard = listen(&[(ToServer, &login()), (ToClient, &packet(4, &answer.concat()))]);
    let values: Vec<String> =
        heard.said.iter().skip(3).map(|one| format!("{} {}", one.key, one.value)).collect();
    assert_eq!(values, ["tds.server_name SQL", "tds.program SQL", "tds.version 15.0.4322"]);
}

#[test]
fn the_browser_tells_all_instances() {
    let text = b"ServerName;PLANT-SQL;InstanceName;MSSQLSERVER;IsClustered;No;Version;15.0.2000.5;tcp;1433;;\
        ServerName;PLANT-SQL;InstanceName;MES;IsClustered;No;Version;13.0.1601.5;tcp;49172;np;\\\\x\\pipe;;";
    let answer = [&[5][..], &(text.len() as u16).to_le_bytes(), text].concat();
    assert_eq!(probe(&answer), Probe::Yes);
    let heard = harness::read(&PROTOCOL, true, &[(ToClient, &answer)]);
    let values: Vec<String> =
        heard.said.iter().map(|one| format!("{} {}", one.key, one.value)).collect();
    assert_eq!(
        values,
        [
            "tds.server_name PLANT-SQL",
            "tds.instance MSSQLSERVER",
            "tds.instance_version MSSQLSERVER 15.0.2000.5",
            "tds.instance_port MSSQLSERVER 1433",
            "tds.server_name PLANT-SQL",
            "tds.instance MES",
            "tds.instance_version MES 13.0.1601.5",
            "tds.instance_port MES 49172",
        ]
    );
}

#[test]
fn the_probe_is_sure_of_pre_logins_only() {
    let request = packet(18, OPTIONS);
    assert_eq!(probe(&request), Probe::Yes);
    assert_eq!(probe(&packet(4, OPTIONS)), Probe::Yes);
    assert_eq!(probe(&login()), Probe::Maybe);
    assert_eq!(probe(&request[..7]), Probe::More);
    assert_eq!(probe(&request[..10]), Probe::More);
    assert_eq!(probe(&packet(4, &[0xfd; 12])), Probe::No);
    assert_eq!(probe(b"\x12\x34\x56\x78\x9a\xbc\xde\xf0"), Probe::No);
    assert_eq!(probe(b"\x05\x10\x00ServerNamf;"), Probe::No);
}

#[test]
fn lengths_that_lie_are_damage() {
    let mut options = OPTIONS.to_vec();
    options[4] = 0xff;
    assert_eq!(listen(&[(ToServer, &packet(18, &options))]).damage.len(), 0, "no pre-login at all");
    let mut options = OPTIONS.to_vec();
    options[1] = 0xff;
    assert_eq!(listen(&[(ToServer, &packet(18, &options))]).damage.len(), 1);
    let mut login = login();
    login[44 + 1] = 0xff;
    assert_eq!(listen(&[(ToServer, &login)]).damage.len(), 1);
    assert_eq!(listen(&[(ToServer, b"\x12\x01\x00\x03\x00\x00\x01\x00")]).damage.len(), 1);
}
