//! Bytes written after \[MS-SMB2\].

use super::*;
use crate::protocols::smb::tests::{TO_CLIENT, TO_SERVER, framed, listen, sweep, wide};

const RESPONSE: u8 = 0x01;
const ASYNC: u8 = 0x02;

/// A whole message of one command.
fn message(command: u16, flags: u8, status: u32, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xfeSMB\x40\0\0\0".to_vec();
    message.extend_from_slice(&status.to_le_bytes());
    message.extend_from_slice(&command.to_le_bytes());
    message.extend_from_slice(&[1, 0, flags, 0, 0, 0]); // CreditResponse, Flags
    message.extend_from_slice(&[0; 44]); // NextCommand to Signature
    message.extend_from_slice(body);
    framed(&message)
}

const GUID: [u8; 16] =
    [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 8, 9, 10, 11, 12, 13, 14, 15];

/// A negotiate context with its padding.
fn context(kind: u8, data: &[u8]) -> Vec<u8> {
    let mut context = vec![kind, 0, u8::try_from(data.len()).unwrap(), 0, 0, 0, 0, 0];
    context.extend_from_slice(data);
    context.resize(context.len().next_multiple_of(8), 0);
    context
}

/// A request that offers 2.1 and 3.1.1 with contexts at 104.
fn negotiate_request() -> Vec<u8> {
    let mut body = b"\x24\0\x02\0\x01\0\0\0\x7f\0\0\0".to_vec();
    body.extend_from_slice(&GUID);
    body.extend_from_slice(&[104, 0, 0, 0, 5, 0, 0, 0]); // contexts: offset, count
    body.extend_from_slice(&[0x10, 0x02, 0x11, 0x03]);
    body.extend_from_slice(b"\x01\0\x20\0\x01\0\0\0"); // padding, here of any content
    body.truncate(40);
    body.extend_from_slice(&context(1, b"\x01\0\x02\0\x01\0ss")); // SHA-512 and a salt
    body.extend_from_slice(&context(2, b"\x02\0\x02\0\x01\0")); // two ciphers
    body.extend_from_slice(&context(3, b"\x01\0\0\0\0\0\0\0\x04\0")); // one compression
    body.extend_from_slice(&context(8, b"\x02\0\x00\0\x09\0")); // two signing algorithms
    body.extend_from_slice(&context(5, &wide("hist1")));
    message(NEGOTIATE, 0, 0, &body)
}

#[test]
fn a_client_tells_what_it_can_and_whom_it_asks() {
    let request = negotiate_request();
    let heard = listen(&[(TO_SERVER, &request)]);
    let expected = [
        "10.0.0.1  smb.signing = enabled @72+2",
        "10.0.0.1  smb.capabilities = DFS, leasing, large MTU, multi-channel, persistent handles, directory leasing, encryption @76+4",
        "10.0.0.1  smb.client_guid = 00112233-4455-6677-0809-0a0b0c0d0e0f @80+16",
        "10.0.0.1  smb.dialects = SMB 2.1 @104+2",
        "10.0.0.1  smb.dialects = SMB 3.1.1 @106+2",
        "10.0.0.1  smb.integrity_hash = SHA-512 @120+2",
        "10.0.0.1  smb.encryption = AES-128-GCM @134+2",
        "10.0.0.1  smb.encryption = AES-128-CCM @136+2",
        "10.0.0.1  smb.compression = Pattern_V1 @156+2",
        "10.0.0.1  smb.signing_algorithm = HMAC-SHA256 @174+2",
        "10.0.0.1  smb.signing_algorithm = 0x0009 @176+2",
        "10.0.0.2  smb.netname = hist1 @188+10",
    ];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    sweep(&[(TO_SERVER, &request)]);
}

/// A response with a security buffer at 128 and, in SMB 3.1.1, one context behind it.
fn negotiate_response(dialect: u16, start_time: u64, guid: &[u8; 16]) -> Vec<u8> {
    let token = NTLM;
    let [low, high] = dialect.to_le_bytes();
    let mut body = vec![65, 0, 3, 0, low, high, 1, 0];
    body.extend_from_slice(guid);
    body.extend_from_slice(&[0x2f, 0, 0, 0]); // Capabilities
    body.extend_from_slice(&[0; 12]); // MaxTransactSize, MaxReadSize, MaxWriteSize
    body.extend_from_slice(&0x01d3_db8f_0000_0000_u64.to_le_bytes()); // SystemTime
    body.extend_from_slice(&start_time.to_le_bytes());
    body.extend_from_slice(&[128, 0, u8::try_from(token.len()).unwrap(), 0]);
    body.extend_from_slice(&[168, 0, 0, 0]); // NegotiateContextOffset
    body.extend_from_slice(token);
    body.resize(168 - 64, 0);
    body.extend_from_slice(&context(2, b"\x01\0\x02\0"));
    message(NEGOTIATE, RESPONSE, 0, &body)
}

const NTLM: &[u8] = b"NTLMSSP\0\x02\0\0\0\x04\0\x04\0\x20\0\0\0\x02\x02\0\0chalengeNT4S";

#[test]
fn a_server_tells_dialect_identifier_and_start() {
    // 24 April 2018, 05:39:06.3586576
    let response = negotiate_response(0x0311, 131_690_219_463_586_576, &GUID);
    let heard = listen(&[(TO_CLIENT, &response)]);
    let expected = [
        "10.0.0.2  smb.signing = required @70+2",
        "10.0.0.2  smb.dialect = SMB 3.1.1 @72+2",
        "10.0.0.2  smb.version = 3 @72+2",
        "10.0.0.1  smb.version = 3 @72+2",
        "10.0.0.2  smb.server_guid = 00112233-4455-6677-0809-0a0b0c0d0e0f @76+16",
        "10.0.0.2  smb.capabilities = DFS, leasing, large MTU, multi-channel, directory leasing @92+4",
        "10.0.0.2  smb.boot_time = 2018-04-24T05:39:06.358657600Z @116+8",
        "10.0.0.2  ntlmssp.target_name = NT4S @164+4",
        "10.0.0.2  smb.encryption = AES-128-GCM @182+2",
    ];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    sweep(&[(TO_CLIENT, &response)]);
}

#[test]
fn identifiers_and_times_that_are_zero_are_not_said() {
    let heard = listen(&[(TO_CLIENT, &negotiate_response(0x0210, 0, &[0; 16]))]).lines();
    assert!(!heard.iter().any(|line| line.contains("guid") || line.contains("boot_time")));
    assert_eq!(time(u64::MAX), None);
    assert_eq!(time(FILE_TIME_OF_1970), Some(Timestamp(0)));
}

#[test]
fn the_bytes_of_contexts_are_something_else_before_smb_3_1_1() {
    let heard = listen(&[(TO_CLIENT, &negotiate_response(0x0302, 0, &GUID))]).lines();
    assert!(!heard.iter().any(|line| line.contains("smb.encryption")));
    assert!(heard.contains(&"10.0.0.1  smb.version = 3 @72+2".to_owned()));
}

#[test]
fn the_wildcard_promises_no_version_yet() {
    let heard = listen(&[(TO_CLIENT, &negotiate_response(0x02ff, 0, &GUID))]).lines();
    assert!(heard.contains(&"10.0.0.2  smb.dialect = SMB 2.??? @72+2".to_owned()));
    assert!(!heard.iter().any(|line| line.contains("smb.version")));
}

/// SESSION_SETUP response: flags, buffer at 72.
fn session_setup_response(flags: u8, status: u32, session: u8) -> Vec<u8> {
    let length = u8::try_from(NTLM.len()).unwrap();
    let body = [&[9, 0, session, 0, 72, 0, length, 0], NTLM].concat();
    message(SESSION_SETUP, flags, status, &body)
}

#[test]
fn a_challenge_is_read_from_an_answer_that_asks_for_more() {
    let response = session_setup_response(RESPONSE, STATUS_MORE_PROCESSING_REQUIRED, 0);
    let expected = ["10.0.0.2  ntlmssp.target_name = NT4S @108+4"];
    assert_eq!(listen(&[(TO_CLIENT, &response)]).lines(), expected);
    let late = session_setup_response(RESPONSE | ASYNC, STATUS_MORE_PROCESSING_REQUIRED, 0);
    assert_eq!(listen(&[(TO_CLIENT, &late)]).lines(), expected);
    sweep(&[(TO_CLIENT, &response)]);
}

#[test]
fn a_session_that_demands_encryption_is_said() {
    let response = session_setup_response(RESPONSE, 0, 4);
    let heard = listen(&[(TO_CLIENT, &response)]).lines();
    assert!(heard.contains(&"10.0.0.2  smb.encrypted = 1 @70+2".to_owned()));
}

#[test]
fn the_body_of_a_failure_is_not_read() {
    const STATUS_LOGON_FAILURE: u32 = 0xc000_006d;
    let heard = listen(&[(TO_CLIENT, &session_setup_response(RESPONSE, STATUS_LOGON_FAILURE, 4))]);
    assert!(heard.said.is_empty() && heard.damage.is_empty());
}

#[test]
fn a_request_is_the_clients_whichever_way_it_travels() {
    // The conversation was picked up in the middle and its ends were taken for each other.
    let length = u8::try_from(NTLM.len()).unwrap();
    let mut body = vec![25, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 88, 0, length, 0];
    body.extend_from_slice(&[0; 8]); // PreviousSessionId
    body.extend_from_slice(NTLM);
    let request = message(SESSION_SETUP, 0, 0, &body);
    let heard = listen(&[(TO_CLIENT, &request)]).lines();
    assert_eq!(heard, ["10.0.0.1  ntlmssp.target_name = NT4S @124+4"]);
}

#[test]
fn buffers_and_contexts_that_lie_outside_cost_only_themselves() {
    let mut outside = negotiate_response(0x0311, 0, &GUID);
    outside[124] = 0xff; // SecurityBufferOffset
    let heard = listen(&[(TO_CLIENT, &outside)]);
    assert_eq!(heard.damage.len(), 1);
    assert!(heard.lines().iter().any(|line| line.contains("AES-128-GCM")));
    let mut inside = negotiate_response(0x0311, 0, &GUID);
    inside[128] = 8; // NegotiateContextOffset, into the header
    assert_eq!(listen(&[(TO_CLIENT, &inside)]).damage.len(), 1);
    let mut many = negotiate_request();
    many[70] = 0xff; // DialectCount
    many[71] = 0xff;
    let heard = listen(&[(TO_SERVER, &many)]);
    assert!(!heard.lines().iter().any(|line| line.contains("dialects")));
    assert_eq!(heard.damage.len(), 1);
}

#[test]
fn what_goes_by_rdma_quic_and_posix_is_told_by_both_ends() {
    let mut body = b"\x24\0\x01\0\x01\0\0\0\0\0\0\0".to_vec();
    body.extend_from_slice(&GUID);
    body.extend_from_slice(&[104, 0, 0, 0, 4, 0, 0, 0, 0x11, 0x03, 0, 0]);
    body.extend_from_slice(&context(6, b"\x01\0\0\0"));
    body.extend_from_slice(&context(7, b"\x02\0\0\0\0\0\0\0\x01\0\x02\0"));
    body.extend_from_slice(&context(3, b"\x01\0\0\0\x01\0\0\0\x03\0"));
    let mut posix = context(0, &[0x93; 16]);
    posix[1] = 1; // SMB2_POSIX_EXTENSIONS_AVAILABLE is 0x0100
    body.extend_from_slice(&posix);
    let request = message(NEGOTIATE, 0, 0, &body);
    let heard = listen(&[(TO_SERVER, &request)]);
    let expected = [
        "10.0.0.1  smb.transport_security = 1 @116+4",
        "10.0.0.1  smb.rdma_transform = encryption @140+2",
        "10.0.0.1  smb.rdma_transform = signing @142+2",
        "10.0.0.1  smb.compression = chained @160+4",
        "10.0.0.1  smb.compression = LZ77+Huffman @164+2",
        "10.0.0.1  smb.posix_extensions = 1 @180+16",
    ];
    assert_eq!(heard.lines()[4..], expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    sweep(&[(TO_SERVER, &request)]);
}

#[test]
fn a_further_connection_of_a_session_and_sessions_of_nobody_are_told() {
    let bound =
        message(SESSION_SETUP, 0, 0, b"\x19\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(listen(&[(TO_SERVER, &bound)]).lines(), ["10.0.0.1  smb.multi_channel = 1 @70+1"]);
    let granted = message(SESSION_SETUP, RESPONSE, 0, b"\x09\0\x03\0\0\0\0\0");
    let expected =
        ["10.0.0.2  smb.session = guest @70+2", "10.0.0.2  smb.session = anonymous @70+2"];
    assert_eq!(listen(&[(TO_CLIENT, &granted)]).lines(), expected);
}

#[test]
fn the_path_of_a_share_names_the_server() {
    let path = wide("\\\\hist1.lab.example\\recipes");
    let length = u8::try_from(path.len()).unwrap();
    let body = [&[9, 0, 0, 0, 72, 0, length, 0][..], &path].concat();
    let request = message(TREE_CONNECT, 0, 0, &body);
    let expected = ["10.0.0.2  smb.netname = hist1.lab.example @80+34"];
    assert_eq!(listen(&[(TO_SERVER, &request)]).lines(), expected);
    sweep(&[(TO_SERVER, &request)]);
}

#[test]
fn an_identifier_that_is_a_name_is_told_as_one() {
    let said = |guid: &[u8; 16]| {
        let mut body = b"\x41\0\x01\0\x10\x02\0\0".to_vec();
        body.extend_from_slice(guid);
        body.extend_from_slice(&[0; 40]);
        let lines = listen(&[(TO_CLIENT, &message(NEGOTIATE, RESPONSE, 0, &body))]).lines();
        lines.into_iter().find(|line| line.contains("guid_text"))
    };
    let expected = "10.0.0.2  smb.server_guid_text = filesrv @76+16";
    assert_eq!(said(b"filesrv\0\0\0\0\0\0\0\0\0").as_deref(), Some(expected));
    assert!(said(b"AAAAAAAAAAAAAAAA").is_some());
    for guid in
        [&GUID, b"a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", b"filesrv\0\0\0\0\0\0\0\0\x01", &[0; 16]]
    {
        assert_eq!(said(guid), None, "{guid:02x?}");
    }
}
