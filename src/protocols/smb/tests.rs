//! Framing: both transports, compounds, bulk data, what is hidden. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::protocols::harness::{self, Listener};

pub(super) const TO_SERVER: Direction = Direction::ToServer;
pub(super) const TO_CLIENT: Direction = Direction::ToClient;

pub(super) fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

/// A message behind its frame header.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&length.to_be_bytes()[..], message].concat()
}

/// UTF-16, little-endian, without a NUL.
pub(super) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Shows `messages` cut at every byte, and byte by byte, and with every byte changed: nothing is said that is
/// not there, what is said does not depend on the cuts, and nothing does harm.
pub(super) fn sweep(messages: &[(Direction, &[u8])]) {
    let whole = listen(messages).lines();
    let (direction, last) = *messages.last().unwrap();
    let before = &messages[..messages.len() - 1];
    for end in 0..last.len() {
        let cut = listen(&[before, &[(direction, &last[..end])]].concat());
        assert!(cut.lines().iter().all(|line| whole.contains(line)), "cut at {end}");
        let both = [(direction, &last[..end]), (direction, &last[end..])];
        let said = listen(&[before, &both].concat()).said.len();
        assert_eq!(said, whole.len(), "in two parts at {end}");
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let mut changed = last.to_vec();
            changed[end] = value;
            listen(&[before, &[(direction, &changed)]].concat());
        }
    }
}

/// A header of SMB 2 and the fixed part of nothing.
fn smb2_message(command: u8, next: u32, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xfeSMB\x40\0\x01\0\0\0\0\0".to_vec();
    message.extend_from_slice(&[command, 0, 1, 0]); // Command, credits
    message.extend_from_slice(&[0, 0, 0, 0]); // Flags: a request
    message.extend_from_slice(&next.to_le_bytes());
    message.extend_from_slice(&[0; 40]); // MessageId, process, tree, session, signature
    message.extend_from_slice(body);
    message
}

const READ: u8 = 0x08;
const WRITE: u8 = 0x09;
const NEGOTIATE: u8 = 0x00;

/// A NEGOTIATE request that offers SMB 2.0.2.
fn negotiate() -> Vec<u8> {
    let mut body = b"\x24\0\x01\0\x01\0\0\0".to_vec(); // StructureSize, DialectCount, SecurityMode
    body.extend_from_slice(&[0; 28]); // Capabilities, ClientGuid, ClientStartTime
    body.extend_from_slice(b"\x02\x02"); // Dialects
    body
}

const SESSION_REQUEST: &[u8] = b"\x81\0\0\x44\
    \x20EKEFFDFDEJEFCACACACACACACACACACA\0\
    \x20EIENEJDHCACACACACACACACACACACAAA\0";

#[test]
fn a_session_request_names_both_ends() {
    let heard = listen(&[(TO_SERVER, SESSION_REQUEST), (TO_CLIENT, b"\x82\0\0\0")]);
    let expected =
        ["10.0.0.2  smb.called_name = JESSIE @4+34", "10.0.0.1  smb.calling_name = HMI7 @38+34"];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty());
    sweep(&[(TO_SERVER, SESSION_REQUEST)]);
}

#[test]
fn keep_alives_and_refusals_say_nothing() {
    let heard = listen(&[
        (TO_SERVER, b"\x85\0\0\0\x00\0\0\0"),
        (TO_CLIENT, b"\x83\0\0\x01\x82"),
        (TO_CLIENT, b"\x84\0\0\x06\x0a\0\0\x09\0\x8b"),
    ]);
    assert!(heard.said.is_empty() && heard.damage.is_empty());
}

#[test]
fn bulk_data_is_passed_over_without_waiting_for_it() {
    let bulk = framed(&smb2_message(WRITE, 0, &[0xee; 60_000]));
    let (head, tail) = bulk.split_at(68);
    let flow = FlowForOne;
    assert_eq!(flow.step(head), Step::Used(bulk.len()));
    let hello = framed(&smb2_message(NEGOTIATE, 0, &negotiate()));
    let heard = listen(&[(TO_SERVER, head), (TO_SERVER, tail), (TO_SERVER, &hello)]);
    assert!(heard.lines().contains(&"10.0.0.1  smb.dialects = SMB 2.0.2 @104+2".to_owned()));
}

/// Shows bytes to a new conversation and tells its step.
struct FlowForOne;

impl FlowForOne {
    fn step(&self, bytes: &[u8]) -> Step {
        let node = |last| crate::model::Node::ip(Default::default(), [10, 0, 0, last].into());
        let attach = Attach::Tcp(445);
        let flow =
            crate::flow::FlowKey { client: node(1), client_port: 1, server: node(2), attach };
        let input = Input {
            bytes,
            whole: false,
            direction: TO_SERVER,
            flow: &flow,
            at: Default::default(),
            frame: Default::default(),
            mac: None,
            places: &[],
        };
        let mut listener = Listener::default();
        Conversation::default().read(&input, &mut Sink::new(&input, &mut listener, &PROTOCOL))
    }
}

#[test]
fn waits_for_no_more_than_a_header_and_the_messages_it_reads() {
    let flow = FlowForOne;
    assert_eq!(flow.step(b"\0"), Step::Need(4));
    assert_eq!(flow.step(b"\0\0\xff\xff"), Step::Need(8));
    assert_eq!(flow.step(b"\0\0\xff\xff\xfeSMB"), Step::Need(68));
    assert_eq!(flow.step(b"\0\0\xff\xff\xffSMB"), Step::Need(36));
    let hello = framed(&smb2_message(NEGOTIATE, 0, &negotiate()));
    assert_eq!(flow.step(&hello[..100]), Step::Need(hello.len()));
    let mut huge = hello;
    huge[1] = 0xff; // A negotiate message of sixteen million bytes.
    assert_eq!(flow.step(&huge), Step::Used(4 + 0x00ff_0066));
}

#[test]
fn each_message_of_a_compound_is_read_and_bulk_among_them_is_not_waited_for() {
    let bulk = smb2_message(READ, 64 + 4_000, &[0xee; 4_000]);
    let compound = framed(&[bulk, smb2_message(NEGOTIATE, 0, &negotiate())].concat());
    let hello = framed(&smb2_message(NEGOTIATE, 0, &negotiate()));
    for cut in [68, 69, 2_000, 4_067, 4_068, 4_100, 4_140] {
        let (head, tail) = compound.split_at(cut);
        let heard = listen(&[(TO_SERVER, head), (TO_SERVER, tail), (TO_SERVER, &hello)]);
        assert!(heard.damage.is_empty(), "{:?}", heard.damage);
        let offers = heard.said.iter().filter(|said| said.key == DIALECTS).count();
        assert_eq!(offers, 2, "cut at {cut}");
    }
}

#[test]
fn a_next_command_that_does_not_advance_or_leads_outside_ends_the_compound() {
    let hello = framed(&smb2_message(NEGOTIATE, 0, &negotiate()));
    for next in [1, 63, 65, 1_000, u32::MAX] {
        let compound = framed(&smb2_message(READ, next, &[0; 64]));
        let heard = listen(&[(TO_SERVER, &compound), (TO_SERVER, &hello)]);
        assert_eq!(heard.damage.len(), 1, "{next}");
        assert_eq!(heard.said.len(), 3, "{next}");
    }
}

#[test]
fn a_gap_forgets_the_compound() {
    let compound = framed(&smb2_message(READ, 64, &[0; 64]));
    let mut conversation = Conversation::default();
    conversation.to_server.compound_left = compound.len();
    conversation.gap(TO_SERVER);
    assert_eq!(conversation.to_server.compound_left, 0);
}

#[test]
fn encryption_is_said_once_for_each_side_and_every_message_counted() {
    let hidden = framed(&[&b"\xfdSMB"[..], &[0xee; 80]].concat());
    let heard = listen(&[(TO_SERVER, &hidden), (TO_SERVER, &hidden), (TO_CLIENT, &hidden)]);
    let expected = [
        "10.0.0.1  smb.encrypted = 1 @4+4",
        "10.0.0.1  smb.version = 3 @4+4",
        "10.0.0.2  smb.encrypted = 1 @4+4",
        "10.0.0.2  smb.version = 3 @4+4",
    ];
    assert_eq!(heard.lines(), expected);
    assert_eq!(heard.counted, ["smb.encrypted_messages"; 3]);
    let packed = framed(&[&b"\xfcSMB"[..], &[0xee; 80]].concat());
    assert_eq!(listen(&[(TO_SERVER, &packed)]).counted, ["smb.compressed_messages"]);
}

#[test]
fn a_damaged_message_costs_only_itself() {
    let hello = framed(&smb2_message(NEGOTIATE, 0, &negotiate()));
    let mut odd = hello.clone();
    odd[8] = 0x41; // StructureSize of the header
    let short = framed(b"\xfeSMB\x40\0");
    for damaged in [odd, short] {
        let heard = listen(&[(TO_SERVER, &damaged), (TO_SERVER, &hello)]);
        assert_eq!((heard.damage.len(), heard.said.len()), (1, 3));
    }
}

#[test]
fn bytes_that_are_not_smb_lose_the_framing() {
    assert!(matches!(FlowForOne.step(b"\0\0\0\x20JUNK"), Step::Lost(_)));
    assert!(matches!(FlowForOne.step(b"GET / HTTP/1.1"), Step::Lost(_)));
}

#[test]
fn the_probe_knows_smb_on_any_port() {
    for (bytes, answer) in [
        (&b"\0\0\0\x54\xffSMBr"[..], Probe::Yes),
        (b"\0\0\x01\0\xfeSMB\x40", Probe::Yes),
        (b"\0\0\x01\0\xfdSMB", Probe::Yes),
        (b"\0\0\0\x10\xffSMBr", Probe::No),
        (b"\0\0\0\x54\xffSMA", Probe::No),
        (b"\0\0\0\x54\xff", Probe::More),
        (b"\0\0\0\x54\x05", Probe::No),
        (b"\0", Probe::More),
        (b"", Probe::More),
        (b"HTTP", Probe::No),
        (SESSION_REQUEST, Probe::Yes),
        (SESSION_REQUEST.split_at(20).0, Probe::More),
        (b"\x81\0\0\x44\x20not a name at all, not a name......", Probe::No),
        (b"\x82\0\0\0", Probe::Maybe),
        (b"\x85\0\0\0", Probe::Maybe),
        (b"\x85\0\0\x01", Probe::No),
    ] {
        assert_eq!(probe(bytes), answer, "{bytes:02x?}");
    }
}

#[test]
fn files_are_read_and_written_and_messages_shown_twice_count_once() {
    for (command, acts) in [
        (READ, [0, 1, 0, 0, 0]),
        (0x0e, [0, 1, 0, 0, 0]),
        (0x10, [0, 1, 0, 0, 0]),
        (WRITE, [0, 0, 1, 0, 0]),
        (0x11, [0, 0, 1, 0, 0]),
        (NEGOTIATE, [0; 5]),
        (0x05, [0; 5]),
    ] {
        let request = framed(&smb2_message(command, 0, &[0; 64]));
        let (head, tail) = request.split_at(30);
        let mut disk =
            framed(&smb2_message(0x03, 0, &[16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        disk[4 + 8..4 + 12].fill(0); // STATUS_SUCCESS
        disk[4 + 16] |= 1; // the server's
        let heard = listen(&[(TO_CLIENT, &disk), (TO_SERVER, head), (TO_SERVER, tail)]);
        assert_eq!(heard.acts(), acts, "{command:#x}");
        assert_eq!(listen(&[(TO_SERVER, &request)]).acts(), [0; 5], "of a tree that is not known");
        let mut answer = request.clone();
        answer[4 + 16] |= 1; // the server's
        assert_eq!(listen(&[(TO_CLIENT, &answer)]).acts(), [0; 5]);
    }
}
