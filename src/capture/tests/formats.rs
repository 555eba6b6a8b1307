//! Every dialect of pcap and pcapng, plain and compressed.

use super::bytes::{BIG, LITTLE, MICROSECONDS, MODIFIED, NANOSECONDS, gzip, pcap, zstd};
use super::*;

fn seen(number: u64, at: i64, link: u16, bytes: &[u8]) -> Seen {
    Seen { capture: 0, number, at, link, wire_len: bytes.len() as u32 + 10, bytes: bytes.to_vec() }
}

#[test]
fn reads_pcap_in_both_byte_orders_and_both_resolutions() {
    for writer in [LITTLE, BIG] {
        for (magic, worth, extra) in
            [(MICROSECONDS, 1_000, 0), (NANOSECONDS, 1, 0), (MODIFIED, 1_000, 8)]
        {
            let mut file = writer.header(magic, 4, 113);
            file.extend(writer.record(5, 7, b"abc", extra));
            file.extend(writer.record(4_000_000_000, 8, b"", extra));
            let outcome = replay_bytes(&file);
            let first = seen(1, 5_000_000_000 + 7 * worth, 113, b"abc");
            let second = seen(2, 4_000_000_000_000_000_000 + 8 * worth, 113, b"");
            assert_eq!(outcome.frames, [first, second]);
            assert_eq!(outcome.states(), [&Completeness::Complete]);
        }
    }
}

#[test]
fn link_type_is_the_low_half_of_its_field() {
    let mut file = LITTLE.header(MICROSECONDS, 4, 0x2400_0001);
    file.extend(LITTLE.record(1, 0, b"x", 0));
    assert_eq!(replay_bytes(&file).frames[0].link, 1);
}

#[test]
fn old_pcap_versions_have_their_lengths_swapped() {
    for minor in [2, 3] {
        let mut file = LITTLE.header(MICROSECONDS, minor, 1);
        for word in [1, 0, 60, 3] {
            file.extend(LITTLE.u32(word));
        }
        file.extend(b"abc");
        let frame = &replay_bytes(&file).frames[0];
        assert_eq!((frame.bytes.as_slice(), frame.wire_len), (b"abc".as_slice(), 60));
    }
}

#[test]
fn reads_pcapng_with_several_interfaces_sections_and_kinds_of_packet() {
    for writer in [LITTLE, BIG] {
        let other = if writer.big { LITTLE } else { BIG };
        let file = [
            writer.section(),
            writer.interface(1, 0, 6),
            writer.interface(113, 4, 9),
            writer.enhanced(1, 3, b"abcde"),
            writer.block(0x0eef, b"a block that nobody knows"),
            writer.enhanced(0, 3, b""),
            writer.simple(6, b"simple"),
            writer.packet(1, 0x1_0000_0000, b"old"),
            other.section(),
            other.interface(101, 4, 0x81),
            other.enhanced(0, 3, b"raw"),
            other.simple(6, b"simp"),
        ]
        .concat();
        let outcome = replay_bytes(&file);
        let expected = [
            seen(1, 3, 113, b"abcde"),
            seen(2, 3_000, 1, b""),
            Seen { wire_len: 6, ..seen(3, 3_000, 1, b"simple") },
            Seen { wire_len: 99, ..seen(4, 0x1_0000_0000, 113, b"old") },
            seen(5, 1_500_000_000, 101, b"raw"),
            Seen { wire_len: 6, ..seen(6, 1_500_000_000, 101, b"simp") },
        ];
        assert_eq!(outcome.frames, expected);
        assert_eq!(outcome.states(), [&Completeness::Complete]);
    }
}

#[test]
fn a_frame_is_never_shorter_than_what_was_captured_of_it() {
    let mut pcap = LITTLE.header(MICROSECONDS, 4, 1);
    for word in [1, 0, 3, 0] {
        pcap.extend(LITTLE.u32(word));
    }
    pcap.extend(b"abc");
    assert_eq!(replay_bytes(&pcap).frames[0].wire_len, 3);

    let mut packet = LITTLE.enhanced(0, 1, b"abc");
    packet[24..28].fill(0);
    let pcapng = [LITTLE.section(), LITTLE.interface(1, 0, 6), packet].concat();
    assert_eq!(replay_bytes(&pcapng).frames[0].wire_len, 3);
}

#[test]
fn numbers_count_what_wireshark_shows_between_packets() {
    let file = [
        LITTLE.section(),
        LITTLE.interface(1, 0, 6),
        LITTLE.block(0x0000_0009, b"MESSAGE=link up\n"),
        LITTLE.enhanced(0, 1, b"abcde"),
        LITTLE.block(0x4000_0bad, b"\x01\x02\x03\x04"),
        LITTLE.enhanced(0, 2, b"abcde"),
    ]
    .concat();
    let outcome = replay_bytes(&file);
    let numbers: Vec<u64> = outcome.frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, [2, 4]);
    assert_eq!(outcome.captures[0].frames, 2);
}

#[test]
fn a_block_length_that_forgot_the_padding_is_rounded_up() {
    let mut packet = LITTLE.simple(5, b"hello");
    for at in [4, packet.len() - 4] {
        packet[at] -= 3;
    }
    let file =
        [LITTLE.section(), LITTLE.interface(1, 0, 6), packet, LITTLE.simple(2, b"on")].concat();
    let outcome = replay_bytes(&file);
    assert_eq!(outcome.frames.len(), 2);
    assert_eq!(outcome.frames[0].bytes, b"hello");
}

#[test]
fn compression_is_recognised_by_magic_and_may_come_in_pieces() {
    let plain = pcap(&[1, 2, 3]);
    let (front, back) = plain.split_at(50);
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
    for packed in [
        gzip(&plain),
        [gzip(front), gzip(back)].concat(),
        zstd(&plain),
        [zstd(front), zstd(back)].concat(),
        [skippable.to_vec(), zstd(&plain)].concat(),
    ] {
        let outcome = replay_bytes(&packed);
        assert_eq!(outcome.frames, replay_bytes(&plain).frames);
        assert_eq!(outcome.states(), [&Completeness::Complete]);
        assert_eq!(outcome.captures[0].bytes, packed.len() as u64);
    }
}

#[test]
fn the_hash_is_that_of_the_file_as_it_lies_on_disk() {
    use sha2::{Digest, Sha256};
    for file in [pcap(&[1, 2]), gzip(&pcap(&[1, 2])), pcap(&[1, 2])[..60].to_vec()] {
        let expected: [u8; 32] = Sha256::digest(&file).into();
        assert_eq!(replay_bytes(&file).captures[0].sha256, Some(expected));

        let folder = Folder::new().with("one", &file);
        let (mut replay, _) = Replay::open(&[folder.path("one")], &ReplayOptions::default());
        assert!(replay.next().is_some());
        replay.finish();
        assert!(replay.next().is_none());
        assert_eq!(replay.captures()[0].sha256, Some(expected), "stopped after one frame");
        assert_eq!(replay.captures()[0].state, Completeness::Unfinished);
    }
}

#[test]
fn a_frame_larger_than_the_window_is_whole() {
    let large = vec![7; 262_144];
    let mut file = LITTLE.header(MICROSECONDS, 4, 1);
    file.extend(LITTLE.record(1, 0, b"small", 0));
    file.extend(LITTLE.record(2, 0, &large, 0));
    file.extend(LITTLE.record(3, 0, b"small", 0));
    let outcome = replay_bytes(&file);
    assert_eq!(outcome.frames[1].bytes, large);
    assert_eq!(outcome.frames[2].bytes, b"small");
}
