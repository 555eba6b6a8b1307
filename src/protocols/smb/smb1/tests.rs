//! Bytes written after \[MS-CIFS\] and \[MS-SMB\].

#![allow(clippy::arithmetic_side_effects)]

use crate::protocols::smb::tests::{TO_CLIENT, TO_SERVER, framed, listen, sweep, wide};

const REPLY: u8 = 0x80;
const WIDE: u16 = 0x8000;

/// A header with its protocol identifier.
fn header(command: u8, flags: u8, flags2: u16) -> Vec<u8> {
    let mut header = b"\xffSMB".to_vec();
    header.push(command);
    header.extend_from_slice(&[0x16, 0, 0, 0xc0]); // Status: more processing required
    header.push(flags);
    header.extend_from_slice(&flags2.to_le_bytes());
    header.extend_from_slice(&[0; 20]); // process, signature, tree, user, multiplex
    header
}

/// A whole message: header, words, bytes.
fn message(command: u8, flags: u8, flags2: u16, words: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut message = header(command, flags, flags2);
    message.push(u8::try_from(words.len() / 2).unwrap());
    message.extend_from_slice(words);
    message.extend_from_slice(&u16::try_from(bytes.len()).unwrap().to_le_bytes());
    message.extend_from_slice(bytes);
    framed(&message)
}

fn negotiate_request(dialects: &[&str]) -> Vec<u8> {
    let bytes: Vec<u8> =
        dialects.iter().flat_map(|name| format!("\x02{name}\0").into_bytes()).collect();
    message(0x72, 0, 0, &[], &bytes)
}

/// The words of an NT LM 0.12 answer.
fn nt_words(index: u16, security_mode: u8, capabilities: u32, zone: i16) -> Vec<u8> {
    let mut words = index.to_le_bytes().to_vec();
    words.push(security_mode);
    words.extend_from_slice(&[0; 16]); // MaxMpxCount to SessionKey
    words.extend_from_slice(&capabilities.to_le_bytes());
    words.extend_from_slice(&[0x5a; 8]); // SystemTime
    words.extend_from_slice(&zone.to_le_bytes());
    words.push(8); // ChallengeLength
    words
}

#[test]
fn a_client_offers_and_a_server_chooses_by_number() {
    let request = negotiate_request(&["LANMAN1.0", "NT LANMAN 1.0", "NT LM 0.12"]);
    let bytes = [&[0xcc; 8][..], &wide("TEST\0JESSIE\0")].concat();
    let answer = message(0x72, REPLY, WIDE, &nt_words(1, 0x0f, 0x44, -60), &bytes);
    let heard = listen(&[(TO_SERVER, &request), (TO_CLIENT, &answer)]);
    let expected = [
        "10.0.0.1  smb.dialects = LANMAN1.0 @40+9",
        "10.0.0.1  smb.dialects = NT LANMAN 1.0 @51+13",
        "10.0.0.1  smb.dialects = NT LM 0.12 @66+10",
        "10.0.0.1  smb.version = 1 @4+4",
        "10.0.0.2  smb.dialect = NT LANMAN 1.0 @37+2",
        "10.0.0.2  smb.security_mode = user level @39+1",
        "10.0.0.2  smb.security_mode = encrypted passwords @39+1",
        "10.0.0.2  smb.signing = required @39+1",
        "10.0.0.2  smb.capabilities_smb1 = Unicode, 32-bit status @56+4",
        "10.0.0.2  smb.time_zone = +01:00 @68+2",
        "10.0.0.2  smb.primary_domain = TEST @81+8",
        "10.0.0.2  smb.server_name = JESSIE @91+12",
        "10.0.0.2  smb.version = 1 @4+4",
    ];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    sweep(&[(TO_SERVER, &request)]);
    sweep(&[(TO_SERVER, &request), (TO_CLIENT, &answer)]);
}

#[test]
fn extended_security_tells_the_identifier_of_the_server() {
    let guid = [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 8, 9, 10, 11, 12, 13, 14, 15];
    let answer = message(0x72, REPLY, WIDE, &nt_words(0, 0x03, 0x8000_0004, 210), &guid);
    let heard = listen(&[(TO_CLIENT, &answer)]).lines();
    assert!(!heard.iter().any(|fact| fact.contains("smb.dialect =")), "the request names it");
    assert!(heard.contains(&"10.0.0.2  smb.time_zone = -03:30 @68+2".to_owned()));
    let guid = "10.0.0.2  smb.server_guid = 00112233-4455-6677-0809-0a0b0c0d0e0f @73+16";
    assert!(heard.contains(&guid.to_owned()));
}

#[test]
fn a_lan_manager_answer_tells_the_domain() {
    let mut words = vec![0; 26];
    words[22] = 2; // ChallengeLength
    let answer = message(0x72, REPLY, 0, &words, b"ccPLANT\0");
    let request = negotiate_request(&["LANMAN2.1"]);
    let heard = listen(&[(TO_SERVER, &request), (TO_CLIENT, &answer)]).lines();
    assert!(heard.contains(&"10.0.0.2  smb.dialect = LANMAN2.1 @37+2".to_owned()));
    assert!(heard.contains(&"10.0.0.2  smb.primary_domain = PLANT @67+5".to_owned()));
}

#[test]
fn smb_2_in_the_clothes_of_smb_1_is_not_smb_1() {
    let request = negotiate_request(&["SMB 2.002", "SMB 2.???"]);
    let refusal = message(0x72, REPLY, 0, &[0xff, 0xff], &[]);
    let heard = listen(&[(TO_SERVER, &request), (TO_CLIENT, &refusal)]).lines();
    assert_eq!(heard.len(), 2);
    assert!(!heard.iter().any(|line| line.contains("smb.version")));
}

/// AndXCommand, AndXReserved, AndXOffset and the words behind them.
fn andx(command: u8, offset: u16, words: &[u8]) -> Vec<u8> {
    [&[command, 0], &offset.to_le_bytes()[..], words].concat()
}

#[test]
fn a_lan_manager_client_tells_its_system_in_ascii() {
    let mut words = vec![0; 16];
    words[10] = 3; // PasswordLength
    let request =
        message(0x73, 0, 0, &andx(0xff, 0, &words), b"pwdUSER\0PLANT\0Windows 4.0\0WFW 4.0");
    let heard = listen(&[(TO_SERVER, &request)]);
    let expected = [
        "10.0.0.1  smb.primary_domain = PLANT @67+5",
        "10.0.0.1  smb.native_os = Windows 4.0 @73+11",
        "10.0.0.1  smb.native_lan_manager = WFW 4.0 @85+7",
        "10.0.0.1  smb.version = 1 @4+4",
    ];
    assert_eq!(heard.lines(), expected);
    sweep(&[(TO_SERVER, &request)]);
}

#[test]
fn wide_names_lie_on_even_offsets_behind_the_passwords() {
    let mut words = vec![0; 22];
    words[10] = 1; // OEMPasswordLen
    words[12] = 3; // UnicodePasswordLen
    words[18] = 0xd4; // Capabilities
    let names = wide("USER\0PLANT\0Windows 2000 2195\0Windows 2000 5.0\0");
    let bytes = [&b"p"[..], b"pwd", b"\0", &names].concat();
    let request = message(0x73, 0, WIDE, &andx(0xff, 0, &words), &bytes);
    let expected = [
        "10.0.0.1  smb.capabilities_smb1 = Unicode, NT SMBs, 32-bit status, level II oplocks @59+4",
        "10.0.0.1  smb.primary_domain = PLANT @80+10",
        "10.0.0.1  smb.native_os = Windows 2000 2195 @92+34",
        "10.0.0.1  smb.native_lan_manager = Windows 2000 5.0 @128+32",
        "10.0.0.1  smb.version = 1 @4+4",
    ];
    assert_eq!(listen(&[(TO_SERVER, &request)]).lines(), expected);
    sweep(&[(TO_SERVER, &request)]);
}

const NTLM: &[u8] = b"NTLMSSP\0\x02\0\0\0\x04\0\x04\0\x20\0\0\0\x02\x02\0\0chalengeNT4S";

#[test]
fn an_answer_that_asks_for_more_carries_ntlm_and_the_system() {
    // Action, SecurityBlobLength; one byte of padding; the last string is ended by half a NUL, as Windows does.
    let bytes = [NTLM, &wide("Windows 5.1\0Windows 2000 LAN Manager"), b"\0"].concat();
    let blob = u8::try_from(NTLM.len()).unwrap();
    let answer = message(0x73, REPLY, WIDE, &andx(0xff, 0, &[0, 0, blob, 0]), &{
        let mut padded = bytes.clone();
        padded.insert(NTLM.len(), 0);
        padded
    });
    let expected = [
        "10.0.0.2  ntlmssp.target_name = NT4S @79+4",
        "10.0.0.2  smb.native_os = Windows 5.1 @84+22",
        "10.0.0.2  smb.native_lan_manager = Windows 2000 LAN Manager @108+48",
        "10.0.0.2  smb.version = 1 @4+4",
    ];
    assert_eq!(listen(&[(TO_CLIENT, &answer)]).lines(), expected);
    sweep(&[(TO_CLIENT, &answer)]);
}

#[test]
fn a_server_without_extended_security_tells_its_domain() {
    let answer =
        message(0x73, REPLY, 0, &andx(0xff, 0, &[1, 0]), b"Windows 6.1\0Samba 4.7.4\0TEST\0");
    let expected = [
        "10.0.0.2  smb.session = guest @41+2",
        "10.0.0.2  smb.native_os = Windows 6.1 @45+11",
        "10.0.0.2  smb.native_lan_manager = Samba 4.7.4 @57+11",
        "10.0.0.2  smb.primary_domain = TEST @69+4",
        "10.0.0.2  smb.version = 1 @4+4",
    ];
    assert_eq!(listen(&[(TO_CLIENT, &answer)]).lines(), expected);
}

/// What a server says of itself whose header promises UTF-16.
fn odd_server(padding: &[u8], names: &[u8]) -> Vec<String> {
    let bytes = [padding, names].concat();
    let answer = message(0x73, REPLY, WIDE, &andx(0xff, 0, &[0, 0]), &bytes);
    listen(&[(TO_CLIENT, &answer)]).lines()
}

#[test]
fn strings_are_read_however_odd_servers_align_them() {
    let names = wide("Windows NT 4.0\0NT LAN Manager 4.0\0LAB\0");
    // The bytes begin at 45 of the frame, 41 of the message: an odd offset, which wants one byte of padding.
    for padding in [&b"\0"[..], b"", b"\xee"] {
        let lines = odd_server(padding, &names);
        assert!(lines[0].contains("native_os = Windows NT 4.0 @"), "{padding:?} {lines:?}");
        assert!(lines[2].contains("primary_domain = LAB @"), "{padding:?} {lines:?}");
    }
    let lines = odd_server(b"\0\0", &names);
    assert!(lines[0].contains("native_os = Windows NT 4.0 @"), "padded once too often: {lines:?}");
}

#[test]
fn ascii_under_a_header_that_promises_utf_16_is_ascii() {
    let lines = odd_server(b"", b"Unix\0Samba 2.0.7\0LABOR\0");
    let expected =
        ["native_os = Unix", "native_lan_manager = Samba 2.0.7", "primary_domain = LABOR"];
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{lines:?}");
    }
    let chinese = wide("\u{6957}\u{646e}\0\u{5173}\u{4e8e}\0");
    assert!(odd_server(b"\0", &chinese)[0].contains("native_os = \u{6957}\u{646e}"));
}

#[test]
fn a_client_that_gives_one_name_only_has_one() {
    let lines = odd_server(b"\0", &wide("VxWorks"));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("native_os = VxWorks @"));
}

#[test]
fn a_tree_connect_tells_the_name_of_the_server_and_neither_share_nor_password() {
    let words = andx(0xff, 0, &[0, 0, 4, 0]);
    let bytes = [&b"pass\0"[..], &wide("\\\\HIST1\\recipes\0"), b"A:\0"].concat();
    let alone = message(0x75, 0, WIDE, &words, &bytes);
    let heard = listen(&[(TO_SERVER, &alone)]).lines();
    assert_eq!(heard, ["10.0.0.2  smb.netname = HIST1 @56+10", "10.0.0.1  smb.version = 1 @4+4"]);
    let old = message(0x70, 0, 0, &[], b"\x04\\\\HIST1\\RECIPES\0\x04secret\0\x04A:\0");
    let heard = listen(&[(TO_SERVER, &old)]).lines();
    assert_eq!(heard[0], "10.0.0.2  smb.netname = HIST1 @42+5");
    sweep(&[(TO_SERVER, &alone)]);
    sweep(&[(TO_SERVER, &old)]);
}

#[test]
fn a_path_of_another_form_names_no_server() {
    for path in [&b"\x04IPC$\0"[..], b"\x04\\\\\0", b"\x04\\\\HIST1\0", b"\x04\0", b"\x04"] {
        let heard = listen(&[(TO_SERVER, &message(0x70, 0, 0, &[], path))]);
        assert_eq!(heard.lines(), ["10.0.0.1  smb.version = 1 @4+4"], "{path:?}");
    }
}

#[test]
fn a_server_that_asks_for_a_password_per_share_is_told() {
    let answer = message(0x72, REPLY, 0, &[0; 26], b"");
    let heard = listen(&[(TO_CLIENT, &answer)]).lines();
    assert_eq!(heard[0], "10.0.0.2  smb.security_mode = share level @39+1");
    assert_eq!(heard[1], "10.0.0.2  smb.security_mode = plain-text passwords @39+1");
}

#[test]
fn a_session_set_up_behind_a_logoff_is_found() {
    // A LOGOFF_ANDX of seven bytes at 32, then the set-up's word count at 39.
    let mut request = header(0x74, 0, 0);
    request.push(2);
    request.extend_from_slice(&andx(0x73, 39, &[]));
    request.extend_from_slice(&[0, 0]); // ByteCount
    request.push(10);
    request.extend_from_slice(&andx(0xff, 0, &[0; 16]));
    request.extend_from_slice(b"\x0a\0USER\0\0OS\0L\0");
    let heard = listen(&[(TO_SERVER, &framed(&request))]).lines();
    assert!(heard.iter().any(|line| line.contains("smb.native_os = OS")), "{heard:?}");
}

#[test]
fn chains_that_do_not_advance_or_do_not_end_are_left() {
    for offset in [0, 31, 32] {
        let request = message(0x74, 0, 0, &andx(0x74, offset, &[]), &[]);
        assert_eq!(listen(&[(TO_SERVER, &request)]).damage.len(), 1);
    }
    let mut endless = header(0x74, 0, 0);
    for link in 1..100_u16 {
        endless.push(2);
        endless.extend_from_slice(&andx(0x74, 32 + 7 * link, &[]));
        endless.extend_from_slice(&[0, 0]);
    }
    assert_eq!(listen(&[(TO_SERVER, &framed(&endless))]).counted, ["smb.chains_too_long"]);
}

#[test]
fn a_name_that_goes_on_past_the_message_is_not_said() {
    let mut answer =
        message(0x73, REPLY, 0, &andx(0xff, 0, &[1, 0]), b"Windows 6.1\0Samba 4.7.4\0TEST");
    answer[43] = 0xff; // ByteCount
    let heard = listen(&[(TO_CLIENT, &answer)]);
    assert!(!heard.lines().iter().any(|line| line.contains("TEST")));
    assert_eq!(heard.said.len(), 3, "guest, operating system, LAN manager");
    assert_eq!(heard.damage.len(), 2);
}

#[test]
fn other_commands_are_smb_1_and_nothing_more() {
    let heard = listen(&[(TO_CLIENT, &message(0x2e, REPLY, 0, &[0; 24], &[0xee; 2_000]))]);
    assert_eq!(heard.lines(), ["10.0.0.2  smb.version = 1 @4+4"]);
}

#[test]
fn commands_read_and_write_files() {
    for (command, acts) in [
        (0x2e, [0; 5]),
        (0x08, [0, 1, 0, 0, 0]),
        (0x2f, [0; 5]),
        (0x06, [0, 0, 1, 0, 0]),
        (0x32, [0; 5]),
    ] {
        let request = message(command, 0, 0, &[0; 24], b"");
        assert_eq!(listen(&[(TO_SERVER, &request)]).acts(), acts, "{command:#x}");
        let answer = message(command, REPLY, 0, &[0; 24], b"");
        assert_eq!(listen(&[(TO_CLIENT, &answer)]).acts(), [0; 5]);
    }
}
