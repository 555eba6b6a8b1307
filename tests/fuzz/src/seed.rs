//! Writes seeds for both targets from the captures of the project: `cargo run --example seed`.
//!
//! One seed for the first frames of each capture, and one for the first messages of each conversation in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::flow::Attach;
use nameplate::model::Frame;
use nameplate::packet::{Transport, decode};
use nameplate::protocols::REGISTRY;
use nameplate_fuzz::{LINKS, TO_CLIENT, WHOLE};

fn main() -> std::io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut captures = Vec::new();
    find(&here.join("../../captures"), &mut captures)?;
    captures.sort();
    for capture in captures {
        let (mut replay, _) = Replay::open(std::slice::from_ref(&capture), &ReplayOptions::default());
        let mut frames = Vec::new();
        let mut streams: BTreeMap<(u8, u16), Vec<u8>> = BTreeMap::new();
        while let Some(frame) = replay.next() {
            if frames.len() < SEED_BYTES_MAX {
                let link = LINKS.iter().position(|link| *link == frame.link).unwrap_or(0) as u8;
                frames.extend([link, 1]);
                frames.extend(counted(frame.bytes));
            }
            message(&frame, &mut streams);
        }
        let name = capture.file_name().unwrap_or_default().to_string_lossy().into_owned();
        write(&here.join("seeds/frame"), &name, &frames)?;
        for ((protocol, port), bytes) in streams {
            let name = format!("{name}-{protocol}-{port}");
            write(&here.join("seeds/stream"), &name, &bytes)?;
        }
    }
    Ok(())
}

/// Adds what a frame carries to the seed of its conversation, when a protocol is expected there.
fn message(frame: &Frame<'_>, streams: &mut BTreeMap<(u8, u16), Vec<u8>>) {
    let packet = decode(frame);
    let (ports, whole) = match packet.transport {
        Some(Transport::Tcp(tcp)) => ([tcp.source, tcp.destination].map(Attach::Tcp), 0),
        Some(Transport::Udp { source, destination }) => {
            ([source, destination].map(Attach::Udp), WHOLE)
        }
        None => ([Attach::Ether(packet.ether_type); 2], WHOLE),
    };
    for (port, from) in ports.iter().zip([TO_CLIENT, 0]) {
        let Some(at) = REGISTRY.iter().position(|protocol| protocol.attach.contains(port)) else {
            continue;
        };
        let other = match ports[usize::from(from != 0)] {
            Attach::Tcp(port) | Attach::Udp(port) | Attach::Ether(port) => port,
        };
        let seed = streams.entry((at as u8, other)).or_insert_with(|| vec![at as u8]);
        if !packet.payload.is_empty() && seed.len() < SEED_BYTES_MAX {
            seed.push(from | whole);
            seed.extend(counted(packet.payload));
        }
        return;
    }
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(usize::from(u16::MAX))];
    [&(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), bytes)
}

fn find(folder: &Path, captures: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, captures)?;
        } else if path.extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng") {
            captures.push(path);
        }
    }
    Ok(())
}

/// Longer seeds are slow to mutate.
const SEED_BYTES_MAX: usize = 4_096;
