//! Pipes among files, in SMB1 and SMB 2. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::{Attach, Direction, FlowKey};
use crate::model::Node;
use crate::protocols::Dissector;
use crate::protocols::harness::Listener;
use crate::protocols::smb::tests::{TO_CLIENT, TO_SERVER, framed, listen, wide};
use crate::protocols::smb::{Conversation, PROTOCOL};

const FILE: [u8; 16] = [0xab; 16];
const RELATED: [u8; 16] = [0xff; 16];

/// A message of SMB 2 with its frame header.
fn message(command: u16, response: bool, status: u32, id: u64, body: &[u8]) -> Vec<u8> {
    framed(&bare(command, response, status, id, body))
}

fn bare(command: u16, response: bool, status: u32, id: u64, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xfeSMB\x40\0\x01\0".to_vec();
    message.extend_from_slice(&status.to_le_bytes());
    message.extend_from_slice(&command.to_le_bytes());
    message.extend_from_slice(&[1, 0, u8::from(response), 0, 0, 0, 0, 0, 0, 0]);
    message.extend_from_slice(&id.to_le_bytes());
    message.extend_from_slice(&[0, 0, 0, 0, 5, 0, 0, 0]); // process, tree
    message.extend_from_slice(&[0; 24]); // session, signature
    message.extend_from_slice(body);
    message
}

fn create(name: &str) -> Vec<u8> {
    let name = wide(name);
    let mut body = vec![57, 0];
    body.resize(44, 0);
    body.extend_from_slice(&[120, 0, name.len() as u8, 0]);
    body.resize(56, 0);
    body.extend_from_slice(&name);
    body
}

fn created(file: [u8; 16]) -> Vec<u8> {
    let mut body = vec![89, 0];
    body.resize(64, 0);
    body.extend_from_slice(&file);
    body.resize(88, 0);
    body
}

fn write(file: [u8; 16], data: &[u8]) -> Vec<u8> {
    let mut body = vec![49, 0, 112, 0];
    body.extend_from_slice(&(data.len() as u32).to_le_bytes());
    body.extend_from_slice(&[0; 8]);
    body.extend_from_slice(&file);
    body.resize(48, 0);
    body.extend_from_slice(data);
    body
}

fn read(file: [u8; 16]) -> Vec<u8> {
    let mut body = vec![49, 0];
    body.resize(16, 0);
    body.extend_from_slice(&file);
    body.resize(49, 0);
    body
}

fn was_read(data: &[u8]) -> Vec<u8> {
    let mut body = vec![17, 0, 80, 0];
    body.extend_from_slice(&(data.len() as u32).to_le_bytes());
    body.resize(16, 0);
    body.extend_from_slice(data);
    body
}

const SHARE_OF_PIPES: [u8; 16] = [16, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A bind to the workstation service in NDR.
fn bind() -> Vec<u8> {
    let mut bytes = b"\x05\0\x0b\x03\x10\0\0\0\x48\0\0\0\x01\0\0\0".to_vec();
    bytes.extend_from_slice(b"\xd0\x16\xd0\x16\0\0\0\0\x01\0\0\0\0\0\x01\0");
    bytes.extend_from_slice(WORKSTATION);
    bytes.extend_from_slice(
        b"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60\x02\0\0\0",
    );
    bytes
}

const WORKSTATION: &[u8] =
    b"\x98\xd0\xff\x6b\x12\xa1\x10\x36\x98\x33\x46\xc3\xf8\x7e\x34\x5a\x01\0\0\0";

fn bind_ack() -> Vec<u8> {
    let mut bytes = b"\x05\0\x0c\x03\x10\0\0\0\x3c\0\0\0\x01\0\0\0".to_vec();
    bytes.extend_from_slice(b"\xd0\x16\xd0\x16\x01\0\0\0\x04\x00135\0\0\0\x01\0\0\0\0\0\0\0");
    bytes.extend_from_slice(
        b"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60\x02\0\0\0",
    );
    bytes
}

/// What was said, by key.
fn keys(listener: &Listener) -> Vec<&'static str> {
    let keys = listener.said.iter().map(|said| said.key.name);
    keys.filter(|name| name.starts_with("dcerpc.")).collect()
}

/// Shows messages to one connection and tells the last step.
#[derive(Default)]
struct Stepped {
    conversation: Conversation,
    heard: Listener,
}

impl Stepped {
    fn show(&mut self, direction: Direction, bytes: &[u8]) -> Step {
        let node = |last| Node::ip(Default::default(), [10, 0, 0, last].into());
        let flow =
            FlowKey { client: node(1), client_port: 1, server: node(2), attach: Attach::Tcp(445) };
        let input = Input {
            bytes,
            whole: false,
            direction,
            flow: &flow,
            at: Default::default(),
            frame: Default::default(),
            mac: None,
            places: &[],
        };
        self.conversation.read(&input, &mut Sink::new(&input, &mut self.heard, &PROTOCOL))
    }

    /// A connection with one pipe open.
    fn with_pipe() -> Self {
        let mut stepped = Self::default();
        stepped.show(TO_CLIENT, &message(TREE_CONNECT, true, 0, 1, &SHARE_OF_PIPES));
        stepped.show(TO_SERVER, &message(CREATE, false, 0, 2, &create("anything")));
        stepped.show(TO_CLIENT, &message(CREATE, true, 0, 2, &created(FILE)));
        assert_eq!(stepped.conversation.pipes.open.len(), 1);
        stepped
    }
}

#[test]
fn a_write_to_a_file_is_passed_over_at_once_while_pipes_are_open() {
    let mut stepped = Stepped::with_pipe();
    let bulk = message(WRITE, false, 0, 3, &write([0x11; 16], &[0xee; 50_000]));
    assert_eq!(stepped.show(TO_SERVER, &bulk[..4 + 64 + 32]), Step::Used(bulk.len()));
    let answer = message(READ, true, 0, 4, &was_read(&[0xee; 50_000]));
    assert_eq!(stepped.show(TO_CLIENT, &answer[..4 + 64]), Step::Used(answer.len()));
    let mut fresh = Stepped::default();
    assert_eq!(fresh.show(TO_SERVER, &bulk[..4 + 64]), Step::Used(bulk.len()));
}

#[test]
fn what_is_written_to_a_pipe_and_read_from_it_is_an_association() {
    let mut stepped = Stepped::with_pipe();
    stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &bind())));
    stepped.show(TO_SERVER, &message(READ, false, 0, 4, &read(FILE)));
    let answer = message(READ, true, 0, 4, &was_read(&bind_ack()));
    assert_eq!(stepped.show(TO_CLIENT, &answer[..70]), Step::Need(answer.len()));
    assert_eq!(stepped.show(TO_CLIENT, &answer), Step::Used(answer.len()));
    assert_eq!(keys(&stepped.heard), ["dcerpc.interface"]);
    let mut close = vec![24, 0, 0, 0, 0, 0, 0, 0];
    close.extend_from_slice(&FILE);
    stepped.show(TO_SERVER, &message(CLOSE, false, 0, 5, &close));
    assert!(stepped.conversation.pipes.open.is_empty());
}

#[test]
fn an_answer_in_several_reads_is_put_together_at_every_cut() {
    let ack = bind_ack();
    for cut in 1..ack.len() {
        let mut stepped = Stepped::with_pipe();
        stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &bind())));
        for (id, part, status) in [(4, &ack[..cut], STATUS_BUFFER_OVERFLOW), (5, &ack[cut..], 0)] {
            stepped.show(TO_SERVER, &message(READ, false, 0, id, &read(FILE)));
            stepped.show(TO_CLIENT, &message(READ, true, status, id, &was_read(part)));
        }
        assert_eq!(keys(&stepped.heard), ["dcerpc.interface"], "cut at {cut}");
    }
}

#[test]
fn a_bind_opens_a_pipe_whose_opening_was_not_captured() {
    let heard = listen(&[
        (TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &bind()))),
        (TO_SERVER, &message(READ, false, 0, 4, &read(FILE))),
        (TO_CLIENT, &message(READ, true, 0, 4, &was_read(&bind_ack()))),
    ]);
    assert_eq!(keys(&heard), ["dcerpc.interface"]);
    let mut stepped = Stepped::default();
    stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &[5; 100])));
    assert!(stepped.conversation.pipes.open.is_empty());
}

#[test]
fn related_requests_mean_the_pipe_that_is_just_being_opened() {
    let mut first = bare(CREATE, false, 0, 2, &create("wkssvc"));
    first.resize(first.len().next_multiple_of(8), 0);
    let next = first.len() as u32;
    first[20..24].copy_from_slice(&next.to_le_bytes());
    let second = bare(WRITE, false, 0, 3, &write(RELATED, &bind()));
    let heard = listen(&[
        (TO_SERVER, &framed(&[first, second].concat())),
        (TO_CLIENT, &message(CREATE, true, 0, 2, &created(FILE))),
        (TO_SERVER, &message(READ, false, 0, 4, &read(FILE))),
        (TO_CLIENT, &message(READ, true, 0, 4, &was_read(&bind_ack()))),
    ]);
    assert_eq!(keys(&heard), ["dcerpc.interface"]);
}

#[test]
fn a_pipe_of_another_program_is_forgotten_without_damage() {
    let mut stepped = Stepped::with_pipe();
    stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, b"GET something else")));
    assert!(stepped.conversation.pipes.open.is_empty());
    assert!(stepped.heard.damage.is_empty());
    assert_eq!(stepped.heard.counted, ["smb.pipes_of_other_programs"]);
}

#[test]
fn an_opening_that_failed_opens_nothing_and_floods_stay_bounded() {
    let mut stepped = Stepped::default();
    stepped.show(TO_SERVER, &message(CREATE, false, 0, 2, &create("winreg")));
    stepped.show(TO_CLIENT, &message(CREATE, true, 0xc000_0022, 2, &[9, 0, 0, 0, 0, 0, 0, 0]));
    assert!(stepped.conversation.pipes.open.is_empty());
    for id in 0..100_u64 {
        stepped.show(TO_SERVER, &message(CREATE, false, 0, id, &create("winreg")));
        stepped.show(TO_CLIENT, &message(CREATE, true, 0, id, &created([id as u8; 16])));
        stepped.show(TO_SERVER, &message(READ, false, 0, 1_000 + id, &read([id as u8; 16])));
    }
    let pipes = &stepped.conversation.pipes;
    assert_eq!((pipes.open.len(), pipes.awaited.len()), (PIPES_MAX, PIPE_REQUESTS_MAX));
    stepped.conversation.gap(TO_CLIENT);
    assert!(stepped.conversation.pipes.awaited.is_empty());
}

#[test]
fn a_message_that_never_ends_is_dropped_and_counted() {
    let mut stepped = Stepped::with_pipe();
    let mut endless = bind();
    (endless[8], endless[9]) = (0xff, 0xff); // A fragment of 65,535 bytes.
    stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &endless)));
    assert_eq!(stepped.heard.counted, ["smb.pipe_messages_too_long"]);
    let beyond = message(WRITE, false, 0, 4, &write(FILE, &[0; 100]));
    let mut beyond = beyond;
    beyond[4 + 64 + 6] = 0xff; // Length: sixteen million bytes.
    stepped.show(TO_SERVER, &beyond);
    assert_eq!(stepped.heard.damage.len(), 1);
}

/// A message of SMB1 with its frame header; `words` without their count.
fn old(command: u8, response: bool, words: &[u8], data: &[u8]) -> Vec<u8> {
    let mut message = b"\xffSMB".to_vec();
    message.extend_from_slice(&[command, 0, 0, 0, 0, if response { 0x98 } else { 0x18 }]);
    message.resize(30, 0);
    message.extend_from_slice(&[7, 0, (words.len() / 2) as u8]);
    message.extend_from_slice(words);
    message.extend_from_slice(&(data.len() as u16).to_le_bytes());
    message.extend_from_slice(data);
    framed(&message)
}

#[test]
fn pipes_of_smb1_are_told_by_the_answer_to_their_opening() {
    let mut opened = vec![0xff, 0, 0, 0, 0, 0x07, 0x40];
    opened.resize(63, 0);
    opened.extend_from_slice(&[2, 0, 0xff, 0x05, 0]); // ResourceType, state, Directory
    let mut transact = vec![0; 32];
    let (bind, ack) = (bind(), bind_ack());
    // DataCount, DataOffset, SetupCount, subcommand, FID
    transact[22..32].copy_from_slice(&[bind.len() as u8, 0, 67, 0, 2, 0, 0x26, 0, 0x07, 0x40]);
    let mut answered = vec![0; 20];
    answered[12..16].copy_from_slice(&[ack.len() as u8, 0, 55, 0]);
    let messages = [
        (TO_CLIENT, old(0xa2, true, &opened, &[])),
        (TO_SERVER, old(0x25, false, &transact, &bind)),
        (TO_CLIENT, old(0x25, true, &answered, &ack)),
    ];
    let shown: Vec<(Direction, &[u8])> =
        messages.iter().map(|(to, bytes)| (*to, &bytes[..])).collect();
    let heard = listen(&shown);
    assert_eq!(keys(&heard), ["dcerpc.interface"]);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    let mut stepped = Stepped::default();
    stepped.show(TO_CLIENT, shown[0].1);
    assert_eq!(stepped.conversation.pipes.open.len(), 1);
    let mut write = vec![0; 24];
    (write[4], write[5], write[20], write[21]) = (0x99, 0x99, 0x50, 0xc3); // Another file.
    let bulk = old(0x2f, false, &write, &[0xee; 50_000]);
    assert_eq!(stepped.show(TO_SERVER, &bulk[..4 + 33 + 24]), Step::Used(bulk.len()));
    stepped.show(TO_SERVER, &old(0x04, false, &[0x07, 0x40, 0, 0, 0, 0], &[]));
    assert!(stepped.conversation.pipes.open.is_empty());
}

#[test]
fn a_pipe_is_neither_read_nor_written_as_a_file_is() {
    let mut stepped = Stepped::with_pipe();
    stepped.show(TO_SERVER, &message(WRITE, false, 0, 3, &write(FILE, &bind())));
    stepped.show(TO_SERVER, &message(READ, false, 0, 4, &read(FILE)));
    assert_eq!(stepped.heard.acts(), [0; 5]);
}
