//! Writes a capture of a plant of any size: every asset says who it is once, and is polled from then on.
//!
//!     rustc -O --edition 2024 plant.rs && ./plant ASSETS FILE [--packets N] [--window N] [--flood N] [--seconds N]
//!
//! Subnets of 200 assets: ten Windows machines, 95 controllers that speak Modbus and 95 that speak CIP. Ten conversations
//! are held with each asset, by the Windows machines of its subnet; `--packets` is shared among them. `--window` of them
//! are under way at a time (100,000 unless told), an exchange of each in turn. `--flood` invented senders of one packet
//! each are mixed in evenly. The same bytes each time; std only, because a million conversations are too many for Python.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Result, Write};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, assets, file, ..] = &*arguments else { panic!("plant ASSETS FILE [--packets N] ...") };
    let option = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().expect(name))
    };
    let plant = Plant { assets: assets.parse().expect("ASSETS") };
    let conversations = plant.assets * CONVERSATIONS_PER_ASSET;
    let packets = option("--packets", conversations * 14);
    let flood = option("--flood", 0);
    let seconds = option("--seconds", 600);
    let mut out = Capture::create(file, packets + flood, flood, seconds)?;
    let exchanges = (packets / conversations).saturating_sub(4) / 2;
    let (mut next, mut active) = (0, VecDeque::new());
    let window = option("--window", 100_000).min(conversations);
    loop {
        // One new conversation for each that had its turn: they do not all begin, nor end, together.
        if active.len() < window as usize && next < conversations {
            let talk = Talk::new(plant, next, exchanges);
            talk.announce(&mut out)?;
            active.push_back(talk);
            next += 1;
        }
        let Some(mut talk) = active.pop_front() else { break };
        talk.turn(&mut out)?;
        if !talk.is_over() {
            active.push_back(talk);
        }
    }
    out.invent(u64::MAX)?;
    out.file.flush()?;
    let Capture { packets, bytes, .. } = out;
    eprintln!("assets={} conversations={conversations} packets={packets} bytes={bytes}", plant.assets);
    Ok(())
}

/// Who is there.
#[derive(Clone, Copy)]
struct Plant {
    assets: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Windows,
    Modbus,
    Cip,
}

#[derive(Clone, Copy)]
struct Host {
    number: u64,
    kind: Kind,
    mac: [u8; 6],
    ip: [u8; 4],
}

impl Plant {
    fn windows(self, subnet: u64) -> u64 {
        (self.assets - subnet * SUBNET).min(SUBNET).div_ceil(20).max(2)
    }

    fn host(self, number: u64) -> Host {
        let (subnet, place) = (number / SUBNET, number % SUBNET);
        let kind = match place {
            _ if place < self.windows(subnet) => Kind::Windows,
            _ if place % 2 == 0 => Kind::Modbus,
            _ => Kind::Cip,
        };
        let maker = match kind {
            Kind::Windows => [0x00, 0x14, 0x22],
            Kind::Modbus => [0x00, 0x80, 0xf4],
            Kind::Cip => [0x00, 0x00, 0xbc],
        };
        let [.., a, b, c] = number.to_be_bytes();
        let [.., net, part] = subnet.to_be_bytes();
        Host { number, kind, mac: [maker[0], maker[1], maker[2], a, b, c], ip: [10, net, part, place as u8 + 1] }
    }
}

/// One conversation.
struct Talk {
    number: u64,
    client: Host,
    server: Host,
    ports: (u16, u16),
    sequence: (u32, u32),
    turns: u64,
    /// Exchanges after the handshake.
    exchanges: u64,
    /// Whether it is the first with its server.
    introduces: bool,
}

impl Talk {
    fn new(plant: Plant, number: u64, exchanges: u64) -> Self {
        let (round, server) = (number / plant.assets, number % plant.assets);
        let subnet = server / SUBNET;
        let windows = plant.windows(subnet);
        let mut client = subnet * SUBNET + (round + server) % windows;
        if client == server {
            client = subnet * SUBNET + (client + 1 - subnet * SUBNET) % windows;
        }
        let (client, server) = (plant.host(client), plant.host(server));
        let port = match server.kind {
            Kind::Windows => 445,
            Kind::Modbus => 502,
            Kind::Cip => 44_818,
        };
        // 200 servers at most for one client, ten times each: no two conversations have the same ports.
        let own = 20_000 + (round * SUBNET + server.number % SUBNET) as u16;
        let random = mixed(number);
        let exchanges = exchanges * 7 / 10 + random % (exchanges * 6 / 10 + 1);
        let sequence = ((random >> 16) as u32, (random >> 32) as u32);
        let introduces = round == 0;
        Self { number, client, server, ports: (own, port), sequence, turns: 0, exchanges: exchanges.max(2), introduces }
    }

    fn is_over(&self) -> bool {
        self.turns > self.exchanges + 1
    }

    /// What is said around the first conversation with an asset.
    fn announce(&self, out: &mut Capture) -> Result<()> {
        if !self.introduces {
            return Ok(());
        }
        let Self { client, server, .. } = self;
        out.frame(&arp(1, client, server))?;
        out.frame(&arp(2, server, client))?;
        match server.kind {
            Kind::Windows => out.frame(&udp(server, client, [255; 4], (68, 67), &dhcp_request(server))),
            Kind::Modbus => Ok(()),
            Kind::Cip => out.frame(&udp(server, client, client.ip, (44_818, 44_818), &list_identity(server))),
        }
    }

    /// The handshake, then a question and its answer each time, then for every other conversation its end.
    fn turn(&mut self, out: &mut Capture) -> Result<()> {
        let turn = self.turns;
        self.turns += 1;
        match turn {
            0 => {
                self.segment(out, true, SYN, b"")?;
                self.segment(out, false, SYN | ACK, b"")?;
                self.segment(out, true, ACK, b"")
            }
            _ if turn <= self.exchanges => {
                let (question, answer) = self.exchange(turn);
                self.segment(out, true, PSH | ACK, &question)?;
                self.segment(out, false, PSH | ACK, &answer)
            }
            _ if self.number % 2 == 0 => {
                self.segment(out, true, FIN | ACK, b"")?;
                self.segment(out, false, FIN | ACK, b"")?;
                self.segment(out, true, ACK, b"")
            }
            _ => Ok(()),
        }
    }

    fn exchange(&self, turn: u64) -> (Vec<u8>, Vec<u8>) {
        let Self { number, server, introduces, .. } = *self;
        let identifies = introduces && turn == 2;
        let count = turn as u16;
        match server.kind {
            Kind::Modbus if identifies => (modbus(count, &[0x2b, 0x0e, 1, 0]), modbus(count, &identification(server))),
            Kind::Modbus => {
                let values: Vec<u8> = (0..40).map(|at| mixed(number ^ turn ^ at) as u8).collect();
                (modbus(count, &[3, 0, 100, 0, 20]), modbus(count, &[&[3, 40][..], &values].concat()))
            }
            Kind::Cip if turn == 1 => (enip(0x65, 0, &[1, 0, 0, 0]), enip(0x65, number as u32 + 1, &[1, 0, 0, 0])),
            Kind::Cip => {
                let session = number as u32 + 1;
                let (question, answer) = if identifies {
                    (vec![0x01, 0x02, 0x20, 0x01, 0x24, 0x01], [&[0x81, 0, 0, 0][..], &identity(server)].concat())
                } else {
                    let value = (mixed(number ^ turn) as u32).to_le_bytes();
                    let tag = b"\x4c\x03\x91\x04Flow\x01\x00".to_vec();
                    (tag, [&[0xcc, 0, 0, 0, 0xca, 0][..], &value].concat())
                };
                (enip(0x6f, session, &unconnected(&question)), enip(0x6f, session, &unconnected(&answer)))
            }
            Kind::Windows if turn == 1 => (smb(0, 0, turn, &negotiate()), smb(0, 1, turn, &negotiated(server))),
            Kind::Windows if turn == 2 => (smb(1, 0, turn, &set_up()), smb(1, 1, turn, &challenge(server))),
            Kind::Windows => (smb(13, 0, turn, &[4, 0, 0, 0]), smb(13, 1, turn, &[4, 0, 0, 0])),
        }
    }

    fn segment(&mut self, out: &mut Capture, by_client: bool, flags: u8, payload: &[u8]) -> Result<()> {
        let Self { client, server, ports, sequence, .. } = self;
        let (from, to, ports, own, other) = if by_client {
            (client, server, *ports, &mut sequence.0, sequence.1)
        } else {
            (server, client, (ports.1, ports.0), &mut sequence.1, sequence.0)
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { other };
        let mut tcp = Vec::with_capacity(20 + payload.len());
        tcp.extend(ports.0.to_be_bytes());
        tcp.extend(ports.1.to_be_bytes());
        tcp.extend(own.to_be_bytes());
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([0x50, flags, 0x20, 0x00, 0, 0, 0, 0]);
        tcp.extend(payload);
        *own = own.wrapping_add(payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0));
        out.frame(&ipv4(from, to.mac, to.ip, 6, &mut tcp, 16))
    }
}

/// The file, and what time it is in it.
struct Capture {
    file: BufWriter<File>,
    packets: u64,
    bytes: u64,
    expected: u64,
    flood: u64,
    invented: u64,
    nanos_per_packet: u64,
}

impl Capture {
    fn create(name: &str, expected: u64, flood: u64, seconds: u64) -> Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(name)?);
        for word in [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 65_535, 1] {
            file.write_all(&word.to_le_bytes())?;
        }
        let nanos_per_packet = seconds * 1_000_000_000 / expected.max(1);
        Ok(Self { file, packets: 0, bytes: 24, expected, flood, invented: 0, nanos_per_packet })
    }

    fn frame(&mut self, frame: &[u8]) -> Result<()> {
        self.put(frame)?;
        if self.flood > 0 {
            self.invent(self.packets * self.flood / self.expected)?;
        }
        Ok(())
    }

    /// Writes invented senders until there are so many.
    fn invent(&mut self, until: u64) -> Result<()> {
        while self.invented < until.min(self.flood) {
            self.invented += 1;
            let (a, b) = (mixed(self.invented << 32).to_be_bytes(), mixed(self.invented << 33).to_be_bytes());
            let from = Host { number: 0, kind: Kind::Modbus, mac: [a[0] & 0xfc, a[1], a[2], a[3], a[4], a[5]], ip: [172, b[0], b[1], b[2]] };
            let to = Host { mac: [a[6] & 0xfc, a[7], b[3], b[4], b[5], b[6]], ..from };
            self.put(&udp(&from, &to, [172, b[3], b[4], b[5]], (9_000, 9_000), b"hello, world"))?;
        }
        Ok(())
    }

    fn put(&mut self, frame: &[u8]) -> Result<()> {
        let at = START_SECONDS * 1_000_000_000 + self.packets * self.nanos_per_packet;
        let length = frame.len() as u32;
        for word in [(at / 1_000_000_000) as u32, (at % 1_000_000_000) as u32, length, length] {
            self.file.write_all(&word.to_le_bytes())?;
        }
        self.file.write_all(frame)?;
        self.packets += 1;
        self.bytes += 16 + u64::from(length);
        Ok(())
    }
}

fn arp(operation: u8, from: &Host, to: &Host) -> Vec<u8> {
    let asks = operation == 1;
    let target = if asks { [0; 6] } else { to.mac };
    let destination = if asks { [0xff; 6] } else { to.mac };
    let head = [&destination[..], &from.mac, &[8, 6, 0, 1, 8, 0, 6, 4, 0, operation]].concat();
    padded([&head[..], &from.mac, &from.ip, &target, &to.ip].concat())
}

fn udp(from: &Host, to: &Host, destination: [u8; 4], ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    datagram.extend(ports.0.to_be_bytes());
    datagram.extend(ports.1.to_be_bytes());
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    let mac = if destination == [255; 4] { [0xff; 6] } else { to.mac };
    ipv4(from, mac, destination, 17, &mut datagram, 6)
}

/// A frame around a segment or datagram whose checksum belongs at `checksum_at`.
fn ipv4(from: &Host, mac: [u8; 6], destination: [u8; 4], protocol: u8, inner: &mut [u8], checksum_at: usize) -> Vec<u8> {
    let length = inner.len() as u32;
    let pseudo = added(added(length + u32::from(protocol), &from.ip), &destination);
    let sum = folded(added(pseudo, inner));
    inner[checksum_at..checksum_at + 2].copy_from_slice(&sum.to_be_bytes());
    let ttl = if from.kind == Kind::Windows { 128 } else { 64 };
    let mut frame = Vec::with_capacity(34 + inner.len());
    frame.extend(mac);
    frame.extend(from.mac);
    frame.extend([8, 0]);
    frame.extend([0x45, 0]);
    frame.extend((20 + length as u16).to_be_bytes());
    frame.extend([0, 0, 0x40, 0, ttl, protocol, 0, 0]);
    frame.extend(from.ip);
    frame.extend(destination);
    let sum = folded(added(0, &frame[14..34]));
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
    frame.extend(&*inner);
    padded(frame)
}

fn padded(mut frame: Vec<u8>) -> Vec<u8> {
    frame.resize(frame.len().max(60), 0);
    frame
}

fn added(sum: u32, bytes: &[u8]) -> u32 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    sum + words.sum::<u32>()
}

fn folded(mut sum: u32) -> u16 {
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn modbus(transaction: u16, pdu: &[u8]) -> Vec<u8> {
    let [high, low] = transaction.to_be_bytes();
    [&[high, low, 0, 0, 0, pdu.len() as u8 + 1, 1][..], pdu].concat()
}

fn identification(_: Host) -> Vec<u8> {
    let objects = ["Schneider Electric", "BMX P34 2020", "v2.70"];
    let mut pdu = vec![0x2b, 0x0e, 1, 1, 0, 0, 3];
    for (number, text) in objects.iter().enumerate() {
        pdu.extend([number as u8, text.len() as u8]);
        pdu.extend(text.as_bytes());
    }
    pdu
}

fn enip(command: u16, session: u32, data: &[u8]) -> Vec<u8> {
    let mut message = command.to_le_bytes().to_vec();
    message.extend((data.len() as u16).to_le_bytes());
    message.extend(session.to_le_bytes());
    message.extend([0; 16]);
    message.extend(data);
    message
}

fn unconnected(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u16).to_le_bytes();
    [&[0, 0, 0, 0, 10, 0, 2, 0, 0, 0, 0, 0, 0xb2, 0][..], &length, message].concat()
}

/// Identity object: a controller whose serial number is its own.
fn identity(server: Host) -> Vec<u8> {
    let serial = (0x0052_0000 + server.number as u32).to_le_bytes();
    let name = b"1769-L33ER/A LOGIX5333ER";
    [&[1, 0, 14, 0, 107, 0, 30, 11, 0x30, 0][..], &serial, &[name.len() as u8], name].concat()
}

fn list_identity(server: &Host) -> Vec<u8> {
    let address = [&[1, 0, 0, 2, 0xaf, 0x12][..], &server.ip, &[0; 8]].concat();
    let item = [&address[..], &identity(*server), &[3]].concat();
    let length = (item.len() as u16).to_le_bytes();
    enip(0x63, 0, &[&[1, 0, 0x0c, 0][..], &length, &item].concat())
}

fn dhcp_request(host: &Host) -> Vec<u8> {
    let mut message = vec![0; 236];
    message[..4].copy_from_slice(&[1, 1, 6, 0]);
    message[4..8].copy_from_slice(&(host.number as u32).to_be_bytes());
    message[28..34].copy_from_slice(&host.mac);
    let name = name(host);
    message.extend([0x63, 0x82, 0x53, 0x63, 53, 1, 3, 50, 4]);
    message.extend(host.ip);
    message.extend([12, name.len() as u8]);
    message.extend(name.as_bytes());
    message.push(255);
    message
}

fn name(host: &Host) -> String {
    format!("WS-{:06}", host.number)
}

fn smb(command: u16, from_server: u32, message: u64, body: &[u8]) -> Vec<u8> {
    let length = (64 + body.len()) as u32;
    let mut out = length.to_be_bytes().to_vec();
    out.extend(b"\xfeSMB");
    out.extend([64, 0, 1, 0, 0, 0, 0, 0]);
    if command == 1 && from_server == 1 {
        out[12..16].copy_from_slice(&0xc000_0016_u32.to_le_bytes());
    }
    out.extend(command.to_le_bytes());
    out.extend([1, 0]);
    out.extend(from_server.to_le_bytes());
    out.extend([0; 4]);
    out.extend((message - 1).to_le_bytes());
    out.extend([0; 32]);
    out.extend(body);
    out
}

fn negotiate() -> Vec<u8> {
    [&[36, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0][..], &[7; 16], &[0; 8], &[2, 2, 0, 3]].concat()
}

fn negotiated(server: Host) -> Vec<u8> {
    let (low, high) = (mixed(server.number).to_le_bytes(), mixed(!server.number).to_le_bytes());
    let head = [&[65, 0, 1, 0, 0, 3, 0, 0][..], &low, &high, &[0x2f, 0, 0, 0]].concat();
    [&head[..], &[0, 0, 0x80, 0].repeat(3), &[0; 16], &[128, 0, 0, 0, 0, 0, 0, 0]].concat()
}

fn set_up() -> Vec<u8> {
    let token = [&b"NTLMSSP\0\x01\0\0\0"[..], &0xe208_8297_u32.to_le_bytes(), &[0; 16], &[10, 0, 0x63, 0x45, 0, 0, 0, 15]].concat();
    let length = token.len() as u8;
    [&[25, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0, length, 0][..], &[0; 8], &token].concat()
}

fn challenge(server: Host) -> Vec<u8> {
    let name: Vec<u8> = name(&server).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = (name.len() as u16).to_le_bytes();
    let info = [&[1, 0][..], &length, &name, &[0; 4]].concat();
    let mut token = b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0".to_vec();
    token.extend(0xe28a_8215_u32.to_le_bytes());
    token.extend(mixed(server.number).to_le_bytes());
    token.extend([0; 8]);
    for _ in 0..2 {
        token.extend((info.len() as u16).to_le_bytes());
    }
    token.extend([56, 0, 0, 0, 10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    token.extend(&info);
    [&[9, 0, 0, 0, 72, 0][..], &(token.len() as u16).to_le_bytes(), &token].concat()
}

/// A number that looks random (the finisher of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const CONVERSATIONS_PER_ASSET: u64 = 10;
const SUBNET: u64 = 200;
const START_SECONDS: u64 = 1_772_000_000;
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
