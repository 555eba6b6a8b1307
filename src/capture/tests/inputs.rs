//! Which files are read, and under which name.

use super::bytes::{gzip, pcap};
use super::*;

#[test]
fn a_directory_gives_its_captures_and_nothing_else() {
    let folder = Folder::new()
        .with("plant/b.pcap", &pcap(&[2]))
        .with("plant/README.md", b"# Captures")
        .with("plant/empty", b"")
        .with("plant/notes.gz", &gzip(b"no frames"))
        .with("plant/deep/er/a", &gzip(&pcap(&[1])));
    let outcome = replay(&[folder.path("plant")]);
    assert!(outcome.errors.is_empty());
    let names: Vec<&str> = outcome.captures.iter().map(|capture| capture.name.as_str()).collect();
    assert_eq!(
        names,
        [name_of(&folder.path("plant/b.pcap")), name_of(&folder.path("plant/deep/er/a"))]
    );
    assert_eq!(outcome.frames.len(), 2);
}

#[test]
fn a_directory_without_captures_is_an_error() {
    let folder = Folder::new().with("plant/README.md", b"# Captures");
    let outcome = replay(&[folder.path("plant")]);
    let text = outcome.errors[0].to_string();
    assert!(text.starts_with("looking for captures in ") && text.contains("none found"), "{text}");
}

#[test]
fn a_missing_file_is_an_error_and_the_others_go_on() {
    let folder = Folder::new().with("good", &pcap(&[1]));
    let outcome = replay(&[folder.path("gone"), folder.path("good")]);
    assert!(outcome.errors[0].to_string().starts_with("opening "));
    assert_eq!(outcome.captures.len(), 2);
    assert_eq!(outcome.frames.len(), 1);
}

#[test]
fn a_file_reached_twice_counts_once() {
    let folder =
        Folder::new().with("plant/a.pcap", &pcap(&[1])).with("plant/sub/b.pcap", &pcap(&[2]));
    let twice = [
        folder.path("plant"),
        folder.path("plant/sub"),
        folder.path("plant/a.pcap"),
        folder.path("plant/sub/../a.pcap"),
        folder.path("plant"),
    ];
    let outcome = replay(&twice);
    assert_eq!(outcome.captures.len(), 2);
    assert_eq!(outcome.frames.len(), 2);
    assert!(outcome.errors.is_empty());
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_up_end() {
    let folder = Folder::new().with("plant/sub/a.pcap", &pcap(&[1]));
    std::os::unix::fs::symlink(folder.path("plant"), folder.path("plant/sub/up")).unwrap();
    std::os::unix::fs::symlink(folder.path("plant/sub/a.pcap"), folder.path("plant/again"))
        .unwrap();
    let outcome = replay(&[folder.path("plant")]);
    assert_eq!(outcome.captures.len(), 1);
    assert_eq!(outcome.captures[0].name, name_of(&folder.path("plant/again")));
}

#[test]
fn a_filter_lets_matching_frames_pass_and_keeps_their_numbers() {
    let folder = Folder::new().with("a", &pcap(&[1, 2, 3]));
    let outcome = replay_filtered(&[folder.path("a")], Some("ether[0] = 1"));
    assert_eq!(outcome.frames.len(), 1);
    assert_eq!(outcome.frames[0].number, 2);
    assert_eq!((outcome.captures[0].frames, outcome.captures[0].passed), (3, 1));
    assert_eq!(outcome.states(), [&Completeness::Complete]);
}

#[test]
fn a_filter_that_does_not_compile_quotes_libpcap() {
    let folder = Folder::new().with("a", &pcap(&[1]));
    for inputs in [vec![folder.path("a")], vec![]] {
        let outcome = replay_filtered(&inputs, Some("port modbus or"));
        let text = outcome.errors[0].to_string();
        assert!(
            text.starts_with("compiling the filter \"port modbus or\": ")
                && text.contains("syntax"),
            "{text}"
        );
        assert!(outcome.frames.is_empty());
    }
}

#[test]
fn frames_that_the_filter_cannot_judge_are_refused_and_told() {
    use super::bytes::LITTLE;
    let file = [
        LITTLE.section(),
        LITTLE.interface(1, 0, 6),
        LITTLE.interface(113, 0, 6),
        LITTLE.enhanced(0, 1, &[0; 20]),
        LITTLE.enhanced(1, 2, &[0; 20]),
    ]
    .concat();
    let folder = Folder::new().with("a", &file);
    let outcome = replay_filtered(&[folder.path("a")], Some("ether host 00:00:00:00:00:00"));
    assert_eq!(outcome.frames.len(), 1);
    let Completeness::Incomplete(why) = outcome.states()[0] else { panic!("said nothing") };
    assert!(why.starts_with("the filter does not compile for frames of link type 113: "), "{why}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_it_comes() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, gzip(&pcap(&[1, 2])))
    });
    let outcome = {
        let (mut replay, errors) = Replay::open(&[pipe], &ReplayOptions::default());
        assert!(errors.is_empty());
        assert_eq!(replay.progress().total, None);
        let mut frames = 0;
        while replay.next().is_some() {
            frames += 1;
        }
        (frames, replay.captures()[0].clone())
    };
    writer.join().unwrap().unwrap();
    assert_eq!(outcome.0, 2);
    assert_eq!(outcome.1.state, Completeness::Complete);
    assert_eq!(outcome.1.bytes, gzip(&pcap(&[1, 2])).len() as u64);
    assert!(outcome.1.sha256.is_some());
}

#[test]
fn listing_devices_answers_or_explains() {
    match super::super::interfaces() {
        Ok(interfaces) => assert!(interfaces.is_sorted_by(|left, right| left.name <= right.name)),
        Err(error) => assert!(error.to_string().starts_with("listing the capture devices: ")),
    }
}
