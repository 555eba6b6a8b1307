//! A second reader of captures: as little of pcap and pcapng as the captures of the project need, so that what the
//! program cites is looked up without any of its code.

use std::io::Read as _;
use std::path::Path;

/// The bytes of every packet of a capture, in its order: that of frame 1 first.
pub(super) fn frames(path: &Path) -> Vec<Vec<u8>> {
    let file = std::fs::read(path).unwrap();
    let name = path.to_string_lossy().into_owned();
    let bytes = if name.ends_with(".gz") {
        let mut bytes = Vec::new();
        flate2::read::MultiGzDecoder::new(&*file).read_to_end(&mut bytes).unwrap();
        bytes
    } else if name.ends_with(".zst") {
        zstd::decode_all(&*file).unwrap()
    } else {
        file
    };
    match bytes[..4] {
        [0x0a, 0x0d, 0x0d, 0x0a] => pcapng(&bytes),
        [0xa1, ..] => pcap(&bytes, u32::from_be_bytes),
        _ => pcap(&bytes, u32::from_le_bytes),
    }
}

/// A header of 24 bytes; then, for each packet, two words of time, its length here, its length there, its bytes.
fn pcap(bytes: &[u8], word: fn([u8; 4]) -> u32) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut at = 24;
    while at + 16 <= bytes.len() {
        let length = word(bytes[at + 8..at + 12].try_into().unwrap()) as usize;
        frames.push(bytes[at + 16..at + 16 + length].to_vec());
        at += 16 + length;
    }
    frames
}

/// Blocks of type, length, body, length; an Enhanced Packet has its captured length 20 bytes into the block.
fn pcapng(bytes: &[u8]) -> Vec<Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(word(8), 0x1a2b_3c4d, "big-endian sections are in no capture of the project");
    let mut frames = Vec::new();
    let mut at = 0;
    while at + 12 <= bytes.len() {
        if word(at) == 6 {
            let length = word(at + 20) as usize;
            frames.push(bytes[at + 28..at + 28 + length].to_vec());
        }
        at += word(at + 4) as usize;
    }
    frames
}
