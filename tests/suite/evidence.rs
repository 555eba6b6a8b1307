//! `scan -w`: the packets behind the facts, and no others, as they were; comments that Wireshark shows; and commands of
//! `explain` that a shell runs as they are printed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nameplate::capture::{Completeness, Replay, ReplayOptions};
use nameplate::export::escape::is_hostile;
use nameplate::model::{FrameRef, LinkType, Observation, Timestamp};

use crate::made::{self, Device};
use crate::program::{Ran, capture, program, run, run_in};
use crate::replayed::{bundled, captures_below, hear, root};

#[test]
fn the_packets_behind_what_is_news_are_written_once_in_order_and_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<PathBuf> = captures_below(&root().join("captures/plant-demo"));
    for captures in [
        &all[..],
        &[capture("enip/chassis-13-slots.pcap")],
        &[capture("smb/windows-7.pcap")],
        &[capture("dcerpc/windows-server-2019-tcp.pcap"), capture("lldp/lldpd.pcap")],
    ] {
        let evidence = folder.path().join("evidence.pcapng");
        write(captures, &evidence);
        let cited = cited(&hear(captures, true).observations);
        let expected: Vec<Packet> =
            packets(captures).into_iter().filter(|packet| cited.contains(&packet.frame)).collect();
        let written = packets(&[evidence]);
        assert!(!expected.is_empty());
        assert_eq!(written.len(), expected.len(), "{captures:?}");
        for (there, here) in written.iter().zip(&expected) {
            assert_eq!(there.without_place(), here.without_place(), "{:?}", here.frame);
        }
    }
}

#[test]
fn evidence_that_needs_nothing_else_says_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence.pcapng");
    let mut facts = 0;
    for path in bundled() {
        if !SAY_ALL_IN_CITED_FRAMES.iter().any(|part| path.starts_with(part)) {
            continue;
        }
        let input = capture(path.to_str().unwrap());
        write(std::slice::from_ref(&input), &evidence);
        let (first, again) = (said(&input), said(&evidence));
        assert_eq!(first, again, "{}", path.display());
        facts += first.len();
    }
    assert!(facts > 1_000, "only {facts} facts were compared");
}

#[test]
fn evidence_of_several_captures_tells_which_is_which_and_is_the_same_whatever_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = [capture("lldp/lldpd.pcap"), root().join("captures/dhcp")];
    let (a, b) = (folder.path().join("a.pcapng"), folder.path().join("b.pcapng"));
    write(&[one.clone(), other.clone()], &a);
    write(&[other, one], &b);
    let (a, b) = (std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
    assert!(a == b, "the order of the inputs shows");
    let text = String::from_utf8_lossy(&a);
    for words in ["nameplate 0.", "lldp/lldpd.pcap#1", "dhcp/", "SHA-256 "] {
        assert!(text.contains(words), "no {words:?}");
    }
}

#[test]
fn what_changed_is_told_on_the_frames_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence.pcapng");
    std::os::unix::fs::symlink("real.pcapng", &evidence).unwrap();
    let input = capture("enip/objects-identity.pcap");
    let ran = run(&[
        Path::new("scan"),
        &input,
        "-w".as_ref(),
        &evidence,
        "--store".as_ref(),
        &folder.path().join("store"),
        "-o".as_ref(),
        "ndjson".as_ref(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let changes: Vec<serde_json::Value> = ran
        .lines_of("event")
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["event"].as_str().unwrap().ends_with("_changed"))
        .collect();
    assert!(changes.len() > 3, "{}", ran.out);
    let text = String::from_utf8_lossy(&std::fs::read(&evidence).unwrap()).into_owned();
    for change in &changes {
        let (name, to) = (change["event"].as_str().unwrap(), change["value"].as_str().unwrap());
        let from = change["before"]["value"].as_str().unwrap();
        let (now, before) = (&change["frame"], &change["before"]["frame"]);
        for (place, other) in [
            (before, format!("before; then in {}#{now}", input.display())),
            (now, format!("then; before in {}#{before}", input.display())),
        ] {
            let start = text
                .find(&format!("objects-identity.pcap#{place}\0"))
                .or(text.find(&format!("objects-identity.pcap#{place}")));
            let words = format!("  {name}: {from} -> {to}  ({other})");
            assert!(text[start.unwrap()..].contains(&words), "no {words:?}");
        }
    }
    let cited = cited(&hear(std::slice::from_ref(&input), true).observations);
    assert_eq!(packets(std::slice::from_ref(&evidence)).len(), cited.len());
    let names: BTreeSet<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{names:?}");
    assert!(evidence.is_symlink(), "the link was replaced");
    let piped = program()
        .arg("scan")
        .arg(&input)
        .args(["-w", "-", "-o", "ndjson=/dev/stderr"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert!(told.contains("\"evidence.events_not_written\":"), "{told}");
}

#[test]
fn writing_evidence_changes_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture("plant-demo/cell1-filling.pcap");
    let input = input.to_str().unwrap();
    let without = run_in(folder.path(), &["scan", input, "-o", "ndjson"]);
    let with = run_in(folder.path(), &["scan", input, "-o", "ndjson", "-w", "e.pcapng"]);
    assert_eq!((with.code, &with.out), (0, &without.out));
    let facts = run_in(folder.path(), &["scan", input, "-o", "facts", "-w", "f.pcapng"]);
    assert_eq!(facts.code, 0, "{}", facts.err);
    let both =
        ["e.pcapng", "f.pcapng"].map(|name| std::fs::read(folder.path().join(name)).unwrap());
    assert!(both[0] == both[1], "repeats are no news");
}

#[test]
fn a_capture_in_which_nobody_says_anything_gives_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    made::write(&folder.path().join("in.pcap"), &[]);
    let ran = run_in(folder.path(), &["scan", "in.pcap", "-w", "out.pcapng"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(packets(&[folder.path().join("out.pcapng")]).is_empty());
}

#[test]
fn evidence_goes_to_a_place_of_its_own_or_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pcap");
    made::write(&file, &[Device::named(1, b"1756-EN2T/D")]);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::hard_link(&file, folder.path().join("same.pcap")).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for (arguments, code, hints) in [
        (&["a.pcap", "-w", "a.pcap"][..], 2, &["a.pcap", "one of the captures"][..]),
        (&["a.pcap", "-w", "./a.pcap"], 2, &["a.pcap", "one of the captures"]),
        (&["a.pcap", "-w", "same.pcap"], 2, &["same.pcap", "one of the captures"]),
        (&[".", "-w", "a.pcap"], 2, &["a.pcap", "one of the captures"]),
        (&["a.pcap", "-w", "-"], 2, &["standard output", "-o FMT=PATH"]),
        (&["a.pcap", "-o", "csv=e", "-w", "e"], 2, &["e is asked for twice"]),
        (&["a.pcap", "-w", "folder"], 1, &["cannot write folder", "name a place"]),
        (&["a.pcap", "-w", "none/e.pcapng"], 1, &["cannot write none/e.pcapng"]),
    ] {
        let ran = run_in(folder.path(), &[&["scan"], arguments].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        for hint in hints {
            assert!(ran.err.contains(hint), "{arguments:?} without {hint:?}: {}", ran.err);
        }
        assert!(ran.out.is_empty() && ran.complaints().len() == 1, "{arguments:?}: {ran:?}");
        assert!(std::fs::read(&file).unwrap() == bytes, "{arguments:?} wrote over its input");
    }
}

#[test]
fn evidence_can_be_piped_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture("enip/discovery.pcap");
    let mut command = program();
    command.arg("scan").arg(&input).args(["-w", "-", "-o", "csv=result.csv"]);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = folder.path().join("e.pcapng");
    write(&[input], &file);
    assert!(std::fs::read(file).unwrap() == output.stdout);
    assert!(folder.path().join("result.csv").is_file());
}

#[test]
fn hostile_names_are_text_in_comments() {
    let folder = tempfile::tempdir().unwrap();
    let name = "evil\u{1b}[31m\u{202e}\n.pcap";
    made::write(&folder.path().join(name), &[Device::named(1, b"\x1b[2Jowned\r\n")]);
    let ran = run_in(folder.path(), &["scan", name, "-w", "e.pcapng"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let bytes = std::fs::read(folder.path().join("e.pcapng")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for words in
        [r"evil\u{1b}[31m\u{202e}\n.pcap#1", r"10.99.0.1  enip.product_name = \u{1b}[2Jowned"]
    {
        assert!(text.contains(words), "no {words:?}");
    }
}

#[test]
fn wireshark_shows_each_fact_as_a_comment() {
    if !tshark_is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence.pcapng");
    let input = capture("enip/chassis-13-slots.pcap");
    write(std::slice::from_ref(&input), &evidence);
    let shown = shell(
        folder.path(),
        "tshark -r evidence.pcapng -T fields -E aggregator='|' -e frame.number -e frame.len -e frame.comment",
    );
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), packets(std::slice::from_ref(&evidence)).len());
    for (line, number) in lines.iter().zip(1..) {
        assert!(line.starts_with(&format!("{number}\t")), "{line}");
        assert!(line.contains("chassis-13-slots.pcap#"), "{line}");
    }
    let heard = hear(&[input], false).observations;
    let mut facts = 0;
    for fact in heard.iter().filter(|fact| fact.excerpt.frame == fact.frame) {
        let (offset, length) = (fact.excerpt.offset, fact.excerpt.length);
        let said =
            format!("{}  {} = {}  (bytes {offset}+{length})", fact.subject, fact.key, fact.value);
        let place = format!("chassis-13-slots.pcap#{}|", fact.frame.number);
        let line = lines.iter().find(|line| line.contains(&place)).unwrap();
        assert!(line.contains(&said), "{said} is not in {line}");
        facts += 1;
    }
    assert!(facts > 100, "{facts}");
}

#[test]
fn explain_prints_commands_for_each_frame_once() {
    let input = capture("enip/discovery.pcap");
    let device = explain_first(&input);
    let commands: Vec<&str> = commands(&device, "tshark ");
    let distinct: BTreeSet<&&str> = commands.iter().collect();
    assert!(!commands.is_empty(), "{}", device.out);
    assert_eq!(distinct.len(), commands.len(), "{}", device.out);
    assert_eq!(self::commands(&device, "wireshark ").len(), commands.len());
}

#[test]
fn explain_prints_commands_that_a_shell_runs_whatever_the_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in
        ["plain.pcap", "it's two; touch \"x\" $(touch y) `touch z`.pcap", "e\u{1b}[2J'\n\\.pcap"]
    {
        made::write(&folder.path().join(name), &[Device::named(1, b"1756-EN2T/D")]);
        for what in ["10.99.0.1", &format!("{name}#1")] {
            let ran = run_in(folder.path(), &["explain", what, name]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert!(!ran.out.contains(|c| c != '\n' && is_hostile(c)), "{:?}", ran.out);
            let (wireshark, tshark) = (commands(&ran, "wireshark "), commands(&ran, "tshark "));
            assert_eq!(wireshark.iter().filter(|line| line.ends_with(" -g 1")).count(), 1);
            let first = tshark.iter().find(|line| line.contains("== 1'")).unwrap();
            let words =
                shell(folder.path(), &format!("tshark() {{ printf '%s\\0' \"$@\"; }}; {first}"));
            let words: Vec<&str> = words.trim_end_matches('\0').split('\0').collect();
            assert_eq!(words, ["-r", name, "-Y", "frame.number == 1", "-V"]);
            if tshark_is_here() {
                let shown = shell(folder.path(), first);
                assert!(shown.contains("Product Name: 1756-EN2T/D"), "{first}: {shown}");
            }
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "a name was obeyed");
}

#[test]
fn explain_prints_no_commands_for_standard_input() {
    let bytes = std::fs::read(capture("enip/discovery.pcap")).unwrap();
    let ran = crate::program::run_with_input(&["explain", "--", "-#1", "-"], &bytes);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("-#1\n") && !ran.out.contains("shark"), "{}", ran.out);
}

/// A packet, and where it was read.
struct Packet {
    frame: FrameRef,
    at: Timestamp,
    link: LinkType,
    wire_len: u32,
    bytes: Vec<u8>,
}

impl Packet {
    fn without_place(&self) -> (Timestamp, LinkType, u32, &[u8]) {
        (self.at, self.link, self.wire_len, &self.bytes)
    }
}

fn packets(captures: &[PathBuf]) -> Vec<Packet> {
    let (mut replay, errors) = Replay::open(captures, &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut packets = Vec::new();
    while let Some(frame) = replay.next() {
        let (at, link, wire_len) = (frame.at, frame.link, frame.wire_len);
        packets.push(Packet { frame: frame.frame, at, link, wire_len, bytes: frame.bytes.into() });
    }
    let states = replay.captures().iter().map(|capture| &capture.state);
    states.for_each(|state| assert_eq!(*state, Completeness::Complete));
    packets
}

fn write(captures: &[PathBuf], evidence: &Path) {
    let mut arguments = vec![PathBuf::from("scan"), "-w".into(), evidence.into()];
    arguments.extend(captures.iter().cloned());
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn cited(observations: &[Observation]) -> BTreeSet<FrameRef> {
    let news = observations.iter().filter(|one| !one.repeat);
    news.flat_map(|one| [one.frame, one.excerpt.frame]).collect()
}

/// What was said, by whom, wherever it stood.
fn said(input: &Path) -> BTreeSet<String> {
    let observations = hear(&[input.to_owned()], false).observations;
    observations.iter().map(|one| format!("{} {} {}", one.subject, one.key, one.value)).collect()
}

/// Explains the first device that says something.
fn explain_first(input: &Path) -> Ran {
    let subject = hear(&[input.to_owned()], false).observations[0].subject.clone();
    let address = subject.node.to_string();
    let ran = run(&["explain".as_ref(), Path::new(&address), input]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

fn commands<'a>(ran: &'a Ran, program: &str) -> Vec<&'a str> {
    ran.out.lines().map(str::trim_start).filter(|line| line.starts_with(program)).collect()
}

/// Bash, because the names of some files need a way of quoting that older shells do not have.
fn shell(folder: &Path, command: &str) -> String {
    let output = Command::new("bash").args(["-c", command]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn tshark_is_here() -> bool {
    let mut asked = Command::new("tshark");
    let asked = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Captures in which every message names all that is needed to read it, and lies in frames that some fact cites.
/// Elsewhere a reply cannot be read without its request, which says nothing itself.
const SAY_ALL_IN_CITED_FRAMES: &[&str] = &[
    "arp",
    "browser",
    "dhcp",
    "enip/discovery.pcap",
    "ldap",
    "lldp",
    "llmnr",
    "mdns",
    "modbus/gateway-32-units.pcap",
    "rdp",
    "smb/windows-7.pcap",
];
