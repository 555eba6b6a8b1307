//! Captures written for a test, in each of the formats that people have.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use nameplate::model::LinkType;

use crate::traffic::Shot;

/// A container and what it is packed with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Pcap,
    Pcapng,
    PcapGzip,
    PcapngZstandard,
}

impl Format {
    pub(super) const ALL: [Self; 4] =
        [Self::Pcap, Self::Pcapng, Self::PcapGzip, Self::PcapngZstandard];
}

/// Writes frames into `folder`; a capture with several links, or of times that pcap cannot tell, is written as pcapng
/// whatever the format.
pub(super) fn write(folder: &Path, name: &str, format: Format, shots: &[&Shot]) -> PathBuf {
    let links = links(shots);
    let fits = |shot: &&Shot| u32::try_from(shot.at.0.div_euclid(NANOS)).is_ok();
    let is_pcap = matches!(format, Format::Pcap | Format::PcapGzip)
        && links.len() == 1
        && shots.iter().all(fits);
    let bytes = if is_pcap { pcap(links[0], shots) } else { pcapng(&links, shots) };
    let end = if is_pcap { "pcap" } else { "pcapng" };
    let (bytes, end) = match format {
        Format::Pcap | Format::Pcapng => (bytes, end.to_owned()),
        Format::PcapGzip => {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&bytes).unwrap();
            (packed.finish().unwrap(), format!("{end}.gz"))
        }
        Format::PcapngZstandard => {
            (zstd::encode_all(bytes.as_slice(), 1).unwrap(), format!("{end}.zst"))
        }
    };
    let path = folder.join(format!("{name}.{end}"));
    fs::write(&path, bytes).unwrap();
    path
}

fn links(shots: &[&Shot]) -> Vec<LinkType> {
    let mut links: Vec<LinkType> = Vec::new();
    for shot in shots {
        if !links.contains(&shot.link) {
            links.push(shot.link);
        }
    }
    links
}

/// pcap with times in nanoseconds.
fn pcap(link: LinkType, shots: &[&Shot]) -> Vec<u8> {
    let mut file = 0xa1b2_3c4d_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(SNAPLEN.to_le_bytes());
    file.extend(u32::from(link.0).to_le_bytes());
    for shot in shots {
        let (seconds, nanos) = (shot.at.0.div_euclid(NANOS), shot.at.0.rem_euclid(NANOS));
        let length = shot.bytes.len() as u32;
        for number in [seconds as u32, nanos as u32, length, shot.wire_len] {
            file.extend(number.to_le_bytes());
        }
        file.extend(&shot.bytes);
    }
    file
}

/// pcapng with an interface for each link, times in nanoseconds.
fn pcapng(links: &[LinkType], shots: &[&Shot]) -> Vec<u8> {
    let mut file = Vec::new();
    let section = [0x1a2b_3c4d_u32.to_le_bytes(), [1, 0, 0, 0], [0xff; 4], [0xff; 4]].concat();
    block(&mut file, 0x0a0d_0d0a, &section);
    for link in links {
        let [low, high] = link.0.to_le_bytes();
        let [a, b, c, d] = SNAPLEN.to_le_bytes();
        block(&mut file, 1, &[low, high, 0, 0, a, b, c, d, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    }
    for shot in shots {
        let interface = links.iter().position(|link| *link == shot.link).unwrap() as u32;
        let (high, low) = ((shot.at.0 >> 32) as u32, shot.at.0 as u32);
        let length = shot.bytes.len() as u32;
        let head = [interface, high, low, length, shot.wire_len].map(u32::to_le_bytes);
        let mut body = head.concat();
        body.extend(&shot.bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        block(&mut file, 6, &body);
    }
    file
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = (body.len() as u32 + 12).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.extend(length);
}

const SNAPLEN: u32 = 262_144;
const NANOS: i64 = 1_000_000_000;
