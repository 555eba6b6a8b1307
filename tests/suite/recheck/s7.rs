//! A second reader of S7: from the bytes of frames to what S7 says in them, without any of the program's code.
//!
//! What S7 tells is seldom printed on the wire: a byte is a function, a nibble a mode, an answer is about what was asked. So
//! each key of S7 whose value is more than its bytes is read here once more, with the place where it stands. It reads what
//! the captures of the project need: Ethernet, IPv4, TCP in order, connections on port 102.

mod comm;
mod plus;

use std::collections::{BTreeMap, BTreeSet};

/// Key, value, number of the frame, place in it.
pub(super) type Said = BTreeSet<(&'static str, String, u64, u32)>;

/// All that is read in the frames of a capture, the first of which has the number 1.
pub(super) fn said(frames: &[Vec<u8>]) -> Said {
    let mut said = Said::new();
    let mut talks: BTreeMap<(String, u16), Talk> = BTreeMap::new();
    for (number, frame) in (1..).zip(frames) {
        let Some(segment) = segment(frame, number) else { continue };
        let Segment { client, server, port, .. } = &segment;
        let talk = talks.entry((format!("{client} {server}"), *port)).or_default();
        talk.client.clone_from(client);
        if segment.begins {
            *talk = Talk { client: client.clone(), ..Talk::default() };
        }
        talk.take(&segment, &mut said);
    }
    said
}

/// Bytes, each with the number of its frame and its place in it.
#[derive(Clone, Debug, Default)]
struct Bytes(Vec<(u8, u64, u32)>);

impl Bytes {
    fn len(&self) -> usize {
        self.0.len()
    }

    /// Zero behind the end: whoever asks compares with what stands there.
    fn u8(&self, at: usize) -> u8 {
        self.0.get(at).map_or(0, |byte| byte.0)
    }

    fn u16(&self, at: usize) -> usize {
        usize::from(self.u8(at)) << 8 | usize::from(self.u8(at + 1))
    }

    fn u32(&self, at: usize) -> usize {
        self.u16(at) << 16 | self.u16(at + 2)
    }

    fn part(&self, at: usize, length: usize) -> Self {
        Self(self.0.iter().skip(at).take(length).copied().collect())
    }

    fn plain(&self) -> Vec<u8> {
        self.0.iter().map(|byte| byte.0).collect()
    }

    fn text(&self) -> String {
        self.0.iter().map(|byte| char::from(byte.0)).collect()
    }

    /// Notes that this is said at one of the bytes.
    fn say(&self, at: usize, key: &'static str, value: impl Into<String>, said: &mut Said) {
        let (_, frame, offset) = self.0[at];
        said.insert((key, value.into(), frame, offset));
    }
}

/// The bytes that one packet adds to a connection on port 102.
struct Segment {
    client: String,
    server: String,
    /// Of the client.
    port: u16,
    to_server: bool,
    begins: bool,
    sequence: u32,
    bytes: Bytes,
}

/// Ethernet, IPv4, TCP.
fn segment(frame: &[u8], number: u64) -> Option<Segment> {
    let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
    if frame.len() < 54 || word(12) != 0x0800 || frame[23] != 6 {
        return None;
    }
    let tcp = 14 + usize::from(frame[14] & 0x0f) * 4;
    let (from, to) = (word(tcp), word(tcp + 2));
    let to_server = to == PORT;
    if !to_server && from != PORT {
        return None;
    }
    let address = |at: usize| frame[at..at + 4].iter().map(u8::to_string).collect::<Vec<_>>();
    let (source, target) = (address(26).join("."), address(30).join("."));
    let (client, server) = if to_server { (source, target) } else { (target, source) };
    let data = tcp + usize::from(frame[tcp + 12] >> 4) * 4;
    let end = 14 + usize::from(word(16));
    let flags = frame[tcp + 13];
    let bytes = frame.iter().enumerate().take(end).skip(data);
    Some(Segment {
        client,
        server,
        port: if to_server { from } else { to },
        to_server,
        begins: flags & SYN != 0 && flags & ACK == 0,
        sequence: u32::from(word(tcp + 4)) << 16 | u32::from(word(tcp + 6)),
        bytes: Bytes(bytes.map(|(at, byte)| (*byte, number, at as u32)).collect()),
    })
}

/// One connection.
#[derive(Default)]
struct Talk {
    client: String,
    /// To the client and to the server.
    ways: [Way; 2],
    jobs: comm::Jobs,
    changes: plus::Changes,
}

/// One direction of it.
#[derive(Default)]
struct Way {
    /// Where the next segment begins.
    next: Option<u32>,
    unread: Bytes,
    /// User data that waits for its last part, of COTP and of S7comm-plus.
    parts: Bytes,
    plus: Bytes,
}

impl Talk {
    fn take(&mut self, segment: &Segment, said: &mut Said) {
        let Self { client, ways, jobs, changes } = self;
        let way = &mut ways[usize::from(segment.to_server)];
        if segment.bytes.len() == 0 || way.next.is_some_and(|next| next != segment.sequence) {
            return;
        }
        way.next = Some(segment.sequence + segment.bytes.len() as u32);
        way.unread.0.extend(&segment.bytes.0);
        // TPKT: 3, 0, and the length of all of it.
        while way.unread.len() >= 4 && way.unread.len() >= way.unread.u16(2) {
            let length = way.unread.u16(2);
            let rest = way.unread.part(length, usize::MAX);
            let tpdu = std::mem::replace(&mut way.unread, rest).part(0, length);
            match tpdu.u8(5) & 0xf0 {
                code @ (0xe0 | 0xd0) => connect(&tpdu, code == 0xe0, said),
                0xf0 => {
                    way.parts.0.extend(&tpdu.part(7, length).0);
                    if tpdu.u8(6) & 0x80 == 0 {
                        continue;
                    }
                    let message = std::mem::take(&mut way.parts);
                    match message.u8(0) {
                        0x32 => jobs.read(&message, client, said),
                        0x72 => changes.read(&message, &mut way.plus, client, said),
                        20..=23 => hello(&message, said),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }
}

/// Who asks, and what for. Selectors that begin with zero are those of other protocols: no resource of S7 has that number.
fn connect(tpdu: &Bytes, is_request: bool, said: &mut Said) {
    let is_other =
        |at: &usize| tpdu.u8(*at) == 0xc2 && tpdu.u8(at + 1) == 2 && tpdu.u8(at + 2) == 0;
    if (11..tpdu.len()).any(|at| is_other(&at)) {
        return;
    }
    let mut at = 11;
    while at + 2 < tpdu.len() {
        let (code, length) = (tpdu.u8(at), usize::from(tpdu.u8(at + 1)));
        let value = tpdu.part(at + 2, length);
        let shown = match length {
            2 => format!("0x{:04x}", value.u16(0)),
            _ => value.text(),
        };
        match (code, is_request) {
            (0xc1, _) => value.say(0, "s7.calling_tsap", shown, said),
            (0xc2, false) => value.say(0, "s7.tsap", shown, said),
            (0xc2, true) if length == 2 => {
                let resource = match value.u8(0) {
                    1 => "PG",
                    2 => "OP",
                    3 => "S7 basic",
                    _ => "configured",
                };
                value.say(0, "s7.connection_type", resource, said);
            }
            _ => {}
        }
        at += 2 + length;
    }
}

/// The hello of a TLS server: its version stands in an extension since 1.3 (RFC 8446, 4.2.1).
fn hello(record: &Bytes, said: &mut Said) {
    if record.u8(0) != 22 || record.u8(5) != 2 {
        return;
    }
    let behind_session = 44 + usize::from(record.u8(43));
    let mut at = behind_session + 5;
    let end = at + record.u16(behind_session + 3);
    let mut version = 9;
    while at < end {
        if record.u16(at) == 43 {
            version = at + 4;
        }
        at += 4 + record.u16(at + 2);
    }
    let name = format!("TLS 1.{}", record.u16(version) - 0x0301);
    record.say(version, "s7.security", name, said);
    record.say(version, "s7.generation", "S7comm-plus over TLS", said);
    roles(record, version, said);
}

/// An answer: whoever gives it serves the one that asked.
fn roles(message: &Bytes, at: usize, said: &mut Said) {
    message.say(at, "s7.role", "server", said);
    message.say(at, "s7.role", "client", said);
}

const PORT: u16 = 102;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
