//! Frames of several captures in one order, whatever the order of the arguments.

use super::bytes::{LITTLE, gzip, pcap};
use super::*;

fn seconds(outcome: &Outcome) -> Vec<(i64, u32, u64)> {
    outcome
        .frames
        .iter()
        .map(|frame| (frame.at / 1_000_000_000, frame.capture, frame.number))
        .collect()
}

#[test]
fn frames_come_in_time_order_and_ties_by_capture_and_number() {
    let folder = Folder::new()
        .with("a", &pcap(&[2, 4, 4]))
        .with("b", &gzip(&pcap(&[1, 4, 9])))
        .with("c", &pcap(&[]));
    let expected = [(1, 1, 1), (2, 0, 1), (4, 0, 2), (4, 0, 3), (4, 1, 2), (9, 1, 3)];
    let forward = replay(&[folder.path("a"), folder.path("b"), folder.path("c")]);
    let backward = replay(&[folder.path("c"), folder.path("b"), folder.path("a")]);
    assert_eq!(seconds(&forward), expected);
    assert_eq!(seconds(&backward), expected);
    assert_eq!(forward.captures, backward.captures);
    assert_eq!(forward.states(), [&Completeness::Complete; 3]);
}

#[test]
fn a_clock_that_steps_back_does_not_reorder_its_file() {
    let folder = Folder::new().with("a", &pcap(&[5, 1, 6, 2])).with("b", &pcap(&[3, 7]));
    let outcome = replay(&[folder.path("a"), folder.path("b")]);
    let of_a: Vec<u64> =
        outcome.frames.iter().filter(|f| f.capture == 0).map(|f| f.number).collect();
    assert_eq!(of_a, [1, 2, 3, 4]);
    assert_eq!(seconds(&outcome)[0], (3, 1, 1));
    assert_eq!(outcome.captures[0].first.unwrap().0, 1_000_000_000);
    assert_eq!(outcome.captures[0].last.unwrap().0, 6_000_000_000);
}

#[test]
fn more_overlapping_captures_than_descriptors_are_read() {
    // Frames so large that every capture is read in several gulps, and so reopened after it was parked.
    let count = crate::model::limits::CAPTURE_FILES_OPEN_MAX + 20;
    let mut folder = Folder::new();
    for number in 0..count {
        let mut file = pcap(&[]);
        for second in 0..4 {
            file.extend(LITTLE.record(second, 0, &vec![number as u8; 60_000], 0));
        }
        folder = folder.with(&format!("{number:04}"), &file);
    }
    let outcome = replay(&[folder.0.path().to_owned()]);
    assert_eq!(outcome.frames.len(), 4 * count);
    assert!(seconds(&outcome).is_sorted());
    assert!(outcome.captures.iter().all(|capture| capture.state == Completeness::Complete));
    assert!(outcome.frames.iter().all(|frame| frame.bytes == vec![frame.capture as u8; 60_000]));
}

#[test]
fn a_replay_may_run_in_its_own_thread() {
    fn needs_send<T: Send>() {}
    needs_send::<Replay>();
}

#[test]
fn progress_ends_at_the_size_on_disk() {
    let folder = Folder::new().with("a", &pcap(&[1, 2])).with("b", &gzip(&pcap(&[3])));
    let size: u64 =
        ["a", "b"].map(|name| fs::metadata(folder.path(name)).unwrap().len()).iter().sum();
    let (mut replay, _) =
        Replay::open(&[folder.path("a"), folder.path("b")], &ReplayOptions::default());
    assert_eq!(replay.progress(), super::super::Progress { done: 0, total: Some(size) });
    while replay.next().is_some() {}
    assert_eq!(replay.progress(), super::super::Progress { done: size, total: Some(size) });
}
