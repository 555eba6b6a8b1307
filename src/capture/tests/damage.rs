//! Cut, contradictory and hostile captures: what they hold is given, and the place of the damage is named.

use super::bytes::{BIG, LITTLE, MICROSECONDS, gzip, pcap, zstd};
use super::*;

/// Cuts a capture at every byte. Frames are a prefix, and only a sound end is called complete.
fn cut_everywhere(file: &[u8]) {
    let whole = replay_bytes(file);
    assert_eq!(whole.states(), [&Completeness::Complete]);
    let mut ends = 0;
    for cut in 0..file.len() {
        let outcome = replay_bytes(&file[..cut]);
        assert_eq!(outcome.frames, whole.frames[..outcome.frames.len()], "cut at {cut}");
        match &outcome.captures[0].state {
            Completeness::Complete => ends += 1,
            Completeness::Incomplete(why) => {
                assert!(why.contains("after packet") || why.contains("in packet"))
            }
            Completeness::Failed(_) => assert_eq!(outcome.errors.len(), 1),
            Completeness::Unfinished => panic!("cut at {cut}: unfinished"),
        }
    }
    assert!(ends <= whole.frames.len() + 2, "{ends} cuts look like sound ends");
}

#[test]
fn a_cut_gives_the_frames_before_it() {
    cut_everywhere(&pcap(&[1, 2, 3]));
    for writer in [LITTLE, BIG] {
        let packets = [
            writer.enhanced(0, 1, b"abcde"),
            writer.simple(3, b"xyz"),
            writer.packet(0, 2, b"old"),
        ];
        cut_everywhere(&[writer.section(), writer.interface(1, 0, 6), packets.concat()].concat());
    }
    cut_everywhere(&gzip(&pcap(&[1, 2])));
    cut_everywhere(&zstd(&pcap(&[1, 2])));
}

#[test]
fn says_in_which_packet_a_file_was_cut() {
    let file = pcap(&[1, 2, 3]);
    let outcome = replay_bytes(&file[..file.len() - 1]);
    assert_eq!(outcome.frames.len(), 2);
    assert_eq!(outcome.states(), [&incomplete("cut in packet 3")]);
}

#[test]
fn every_single_byte_may_be_wrong() {
    let section = [LITTLE.section(), LITTLE.interface(1, 0, 6)].concat();
    let packets =
        [LITTLE.enhanced(0, 1, b"abcde"), LITTLE.simple(3, b"xyz"), LITTLE.packet(0, 2, b"old")];
    let pcapng = [section, packets.concat()].concat();
    for file in [pcap(&[1, 2, 3]), pcapng.clone(), gzip(&pcapng), zstd(&pcapng)] {
        for at in 0..file.len() {
            for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = file.clone();
                damaged[at] = wrong;
                assert!(replay_bytes(&damaged).frames.len() <= 4, "byte {at} set to {wrong}");
            }
        }
    }
}

#[test]
fn an_impossible_length_ends_a_pcap_file() {
    let mut file = pcap(&[1]);
    file.extend([0; 8]);
    file.extend(LITTLE.u32(262_145));
    file.extend([0; 100]);
    let why = "damaged after packet 1: captured length 262145 is more than any frame has";
    assert_eq!(replay_bytes(&file).states(), [&incomplete(why)]);
}

#[test]
fn an_impossible_block_length_ends_a_pcapng_file() {
    for (length, why) in [
        (0, "damaged after packet 0: block length 0 is impossible"),
        (8, "damaged after packet 0: block length 8 is impossible"),
        (u32::MAX, "damaged after packet 0: block length 4294967295 is impossible"),
    ] {
        let packet = [LITTLE.u32(6), LITTLE.u32(length), [0; 4], LITTLE.u32(length)].concat();
        let file = [LITTLE.section(), packet].concat();
        assert_eq!(replay_bytes(&file).states(), [&incomplete(why)]);
    }
}

#[test]
fn a_long_block_that_carries_no_packet_is_passed_over() {
    let notes = vec![0; 3_000_000];
    let file = [
        LITTLE.section(),
        LITTLE.block(0x0000_0eef, &notes),
        LITTLE.interface(1, 0, 6),
        LITTLE.enhanced(0, 1, b"after"),
    ]
    .concat();
    let outcome = replay_bytes(&file);
    assert_eq!(outcome.frames[0].bytes, b"after");
    assert_eq!(outcome.states(), [&Completeness::Complete]);
}

#[test]
fn a_packet_of_an_unknown_interface_costs_only_itself() {
    let file = [
        LITTLE.section(),
        LITTLE.enhanced(0, 1, b"too early"),
        LITTLE.interface(1, 0, 6),
        LITTLE.enhanced(0, 1, b"sound"),
    ]
    .concat();
    let outcome = replay_bytes(&file);
    assert_eq!(outcome.frames.len(), 1);
    assert_eq!(outcome.frames[0].number, 2);
    assert_eq!(
        outcome.states(),
        [&incomplete("packet 1 cannot be read: interface 0 is not described")]
    );
    assert_eq!((outcome.captures[0].frames, outcome.captures[0].passed), (2, 1));
}

#[test]
fn bytes_after_the_last_gzip_member_do_not_cost_frames() {
    let outcome = replay_bytes(&[gzip(&pcap(&[1, 2])), b"no gzip".to_vec()].concat());
    assert_eq!(outcome.frames.len(), 2);
    assert!(matches!(outcome.states()[0], Completeness::Incomplete(_)));
}

#[test]
fn an_input_that_is_no_capture_says_so_in_one_line() {
    let pcap_of_the_future = LITTLE.header(MICROSECONDS, 4, 1);
    let mut pcap_of_the_future = pcap_of_the_future;
    pcap_of_the_future[4] = 9;
    for (bytes, message) in [
        (b"".as_slice(), "it is empty"),
        (b"hi".as_slice(), "this is no capture; give pcap or pcapng"),
        (b"just some text".as_slice(), "this is no capture; give pcap or pcapng"),
        (&gzip(b"just some text"), "this is no capture; give pcap or pcapng"),
        (&pcap(&[])[..10], "reading the file header of"),
        (&pcap_of_the_future, "format version 9 is unknown"),
        (&gzip(&pcap(&[1]))[..12], "reading the start of"),
    ] {
        let folder = Folder::new().with("bad", bytes).with("good", &pcap(&[1]));
        let outcome = replay(&[folder.path("bad"), folder.path("good")]);
        let text = outcome.errors[0].to_string();
        assert!(text.contains(message), "{text}");
        assert!(text.contains(&format!("{:?}", folder.path("bad"))), "{text}");
        assert!(!text.contains('\n'));
        assert_eq!(outcome.states()[0], &Completeness::Failed(text));
        assert_eq!(outcome.frames.len(), 1, "the other input goes on");
    }
}
