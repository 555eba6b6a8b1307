//! Evidence holds: every fact of every capture of the project is decoded again from the bytes it cites.
//!
//! Twice: by the program, which reads the captures again (`explain --check`), and here without any of its code: the
//! cited bytes are looked up by a second reader, and read as a value wherever they are written as they are printed. Of S7,
//! which prints little, the rest is read by a second reader of its own.

mod computed;
mod done;
mod frames;
mod plain;
mod s7;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::model::Observation;

use crate::made::{self, Device};
use crate::program::{Ran, capture, run, run_in};
use crate::replayed::{bundled, hear, root};
use computed::COMPUTED;

#[test]
fn every_fact_of_every_capture_is_decoded_again_by_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let ran = run(&[Path::new("scan"), "captures".as_ref(), "--store".as_ref(), &store]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let together = run(&["explain", "--check", "captures"]);
    // Those of a store are read one by one: it is not known which of them were scanned together.
    let apart = run(&[Path::new("explain"), "--check".as_ref(), "--store".as_ref(), &store]);
    for ran in [together, apart] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let counts = counts(&ran);
        let all = counts.get("facts checked").copied().unwrap_or_default();
        assert!(all > 4_000, "{}", ran.out);
        assert_eq!(counts.get("bytes as kept, value decoded again"), Some(&all), "{}", ran.out);
    }
}

#[test]
fn cited_bytes_stand_where_a_second_reader_finds_them() {
    let mut wrong = Vec::new();
    let (mut whole, mut begun) = (0, 0);
    for path in bundled() {
        let path = root().join("captures").join(path);
        let frames = frames::frames(&path);
        for fact in hear(std::slice::from_ref(&path), true).observations {
            let excerpt = &fact.excerpt;
            let kept = &*excerpt.bytes;
            let frame = &frames[excerpt.frame.number as usize - 1];
            let there = frame.get(excerpt.offset as usize..).unwrap_or_default();
            let same = there.iter().zip(kept).take_while(|(a, b)| a == b).count();
            // The rest of a message in several segments stands in others.
            match () {
                () if same == kept.len() => whole += 1,
                () if same > 0 && fact.excerpt.length > 1 => begun += 1,
                () => wrong.push(about(&path, &fact)),
            }
        }
    }
    println!("{whole} whole, {begun} begun in the frame");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    assert!(whole > 10_000 && begun * 100 < whole, "{whole} {begun}");
}

#[test]
fn cited_bytes_are_the_value_by_a_second_way_of_reading() {
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for (reason, keys) in COMPUTED {
        for key in *keys {
            assert!(reasons.insert(key, reason).is_none(), "{key} is listed twice");
        }
    }
    let (mut plain, mut needed) = (BTreeSet::new(), BTreeSet::new());
    let mut wrong = BTreeMap::new();
    let mut s7_again = BTreeSet::new();
    for path in bundled() {
        let path = root().join("captures").join(path);
        let second = s7::said(&frames::frames(&path));
        let mut unsaid: BTreeSet<_> =
            second.iter().map(|(key, value, ..)| (*key, value.clone())).collect();
        for fact in hear(std::slice::from_ref(&path), true).observations {
            let key = fact.key.name;
            let (value, place) = (fact.value.to_string(), &fact.excerpt);
            unsaid.remove(&(key, value.clone()));
            if plain::is_plain(&fact.value, &fact.excerpt) {
                plain.insert(key);
            } else if reasons.contains_key(key) {
                needed.insert(key);
            } else if second.contains(&(key, value, place.frame.number, place.offset)) {
                s7_again.insert(key);
            } else {
                wrong.entry(key).or_insert_with(|| about(&path, &fact));
            }
        }
        for (key, value) in unsaid {
            let name = path.file_name().unwrap().to_string_lossy();
            wrong
                .insert(key, format!("{key} = {value} is read in {name} here, and said by nobody"));
        }
    }
    let wrong: Vec<String> = wrong.into_values().collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    let stale: Vec<_> = reasons.keys().filter(|key| !needed.contains(**key)).collect();
    assert!(stale.is_empty(), "these need no reason: {stale:?}");
    println!(
        "{} keys are plain somewhere, {} are computed somewhere, {} of S7 were read again",
        plain.len(),
        needed.len(),
        s7_again.len()
    );
}

#[test]
fn tshark_counts_and_times_the_cited_frames_alike() {
    let captures: Vec<PathBuf> =
        bundled().iter().map(|path| root().join("captures").join(path)).collect();
    let Some(theirs) = frames_in_tshark(&captures) else {
        println!("skipped: tshark and mergecap are not here");
        return;
    };
    let mut theirs = theirs.lines();
    let (mut compared, mut before) = (0, 0);
    for path in &captures {
        let ours = frames_here(path);
        let heard = hear(std::slice::from_ref(path), true).observations;
        let cited: BTreeSet<u64> =
            heard.iter().flat_map(|fact| [fact.frame.number, fact.excerpt.frame.number]).collect();
        for (number, frame) in (1_u64..).zip(&ours) {
            let there = theirs.next().unwrap_or_default();
            let here = format!("{}\t{frame}", before + number);
            assert_eq!(there, here, "{}#{number}", path.display());
            compared += usize::from(cited.contains(&number));
        }
        before += ours.len() as u64;
    }
    assert_eq!(theirs.next(), None, "tshark sees more frames");
    println!("{compared} cited frames, of {before} in all, are the same in tshark");
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn a_fact_is_shown_with_its_frame_its_bytes_its_rule_and_its_check() {
    let input = capture("enip/chassis-13-slots.pcap");
    let input = input.to_str().unwrap();
    let ran = run(&["explain", "10.20.2.40", input]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for words in [
        "  firmware = 1.013  certain, rule rockwell-firmware",
        "    rule rockwell-firmware in rockwell.toml, by ",
        "    enip.revision = 1.13\n",
        "chassis-13-slots.pcap#31  2026-03-02T09:00:03.033000000Z  bytes 104+2: 010d\n",
        "Ethernet, IPv4, TCP port 44818 to 49153: in the payload\n",
        "0060  00 00 01 00 0a 00 03 00[01 0d]30 00 0a 28 20 60  |..........0..( `|\n",
        "checked: bytes as kept, value decoded again\n",
    ] {
        let found = ran.out.lines().any(|line| format!("{line}\n").contains(words));
        assert!(found, "no {words:?} in\n{}", ran.out);
    }
    let proofs = ran.out.lines().filter(|line| line.trim_start().starts_with("checked: "));
    assert!(proofs.count() > 20, "{}", ran.out);
    assert!(!ran.out.contains("DIFFERS"), "{}", ran.out);
}

#[test]
fn a_byte_is_known_by_the_facts_that_cite_it() {
    let input = capture("enip/chassis-13-slots.pcap");
    let input = input.to_str().unwrap();
    let byte = |offset: u32| {
        let ran = run(&["explain", &format!("chassis-13-slots.pcap#31@{offset}"), input]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let revision = byte(105);
    assert!(revision.contains("byte 105 of 123"), "{revision}");
    assert!(revision.contains("10.20.2.40 slot 10  enip.revision = 1.13"), "{revision}");
    assert!(revision.contains("[01 0d]") && revision.contains("[0d]"), "{revision}");
    assert_eq!(revision.matches("checked: ").count(), 1, "{revision}");
    assert!(byte(16).contains("no fact cites this byte"), "{}", byte(16));
    assert!(byte(16).contains("in the headers"), "{}", byte(16));
    assert!(byte(123).contains("the frame has 123 bytes only"), "{}", byte(123));
}

#[test]
fn a_store_that_says_something_else_than_its_capture_is_told_loudly() {
    let (folder, _) = stored();
    let sql = |command: &str| {
        let store = rusqlite::Connection::open(folder.path().join("store/nameplate.db"));
        store.unwrap().execute(command, []).unwrap()
    };
    let check = || run_in(folder.path(), &["explain", "--check", "--store", "store"]);
    assert_eq!(check().code, 0);
    for (change, how) in [
        (
            "UPDATE observations SET value = '1756-EN2T/E' WHERE key = 'enip.product_name'",
            "decode to 1756-EN2T/D now",
        ),
        (
            "UPDATE observations SET excerpt = x'313735362d454e32542f45' WHERE key = 'enip.product_name'",
            "the frame holds 313735362d454e32542f44 there, kept were 313735362d454e32542f45",
        ),
        (
            "UPDATE observations SET excerpt = x'313735362d454e32542f44', frame = 2 WHERE key = 'enip.product_name'",
            "nothing says this when the capture is read now",
        ),
        (
            "UPDATE observations SET start_frame = 9 WHERE key = 'enip.product_name'",
            "the capture holds no frame 9",
        ),
    ] {
        assert_eq!(sql(change), 1, "{change}");
        for ran in [check(), run_in(folder.path(), &["explain", "10.99.0.1", "--store", "store"])] {
            assert_eq!(ran.code, 1, "{change}: {}", ran.out);
            assert!(
                ran.out.contains("DIFFERS: ") && ran.out.contains(how),
                "{change}: {}",
                ran.out
            );
            assert!(ran.err.contains("1 of "), "{}", ran.err);
        }
    }
}

#[test]
fn without_its_capture_a_fact_is_read_from_the_bytes_that_were_kept() {
    let (folder, file) = stored();
    let explain = |what: &[&str]| run_in(folder.path(), &[&["explain"], what].concat());
    let asked = ["10.99.0.1", "--store", "store"];
    let bytes = std::fs::read(&file).unwrap();
    for (change, why) in
        [(true, "the capture has changed since"), (false, "the capture is not here")]
    {
        if change {
            std::fs::write(&file, [&bytes[..], &bytes[24..]].concat()).unwrap();
        } else {
            std::fs::remove_file(&file).unwrap();
        }
        let ran = explain(&asked);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for words in [
            format!("checked by the kept bytes alone, because {why}: they read as ASCII text"),
            format!("because {why}: they read as numbers of a byte each"),
        ] {
            assert!(ran.out.contains(&words), "no {words:?} in {}", ran.out);
        }
        assert!(!ran.out.contains("decoded again"), "{}", ran.out);
        let all = explain(&["--check", "--store", "store"]);
        assert_eq!(all.code, 0, "{}", all.err);
        assert!(all.out.contains(&format!("a.pcap: {why}")), "{}", all.out);
        assert!(counts(&all)["read from the bytes that were kept"] > 3, "{}", all.out);
    }
    std::fs::write(&file, &bytes).unwrap();
    assert!(explain(&asked).out.contains("decoded again"));
}

#[test]
fn captures_from_standard_input_are_told_to_be_gone() {
    let bytes = std::fs::read(capture("enip/discovery.pcap")).unwrap();
    let ran = crate::program::run_with_input(&["explain", "--check", "--", "-"], &bytes);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("-: the capture came from standard input"), "{}", ran.out);
}

#[test]
fn several_captures_compressed_or_not_are_checked_in_one_page() {
    let ran = run(&["explain", "--check", "captures/plant-demo", "captures/lldp"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let counts = counts(&ran);
    assert_eq!(
        counts["facts checked"], counts["bytes as kept, value decoded again"],
        "{}",
        ran.out
    );
    let filtered = run(&["explain", "--check", "captures/plant-demo", "-f", "arp", "-c", "500"]);
    assert_eq!(filtered.code, 0, "{}{}", filtered.out, filtered.err);
    assert!(filtered.out.contains("        0  differ"), "{}", filtered.out);
}

#[test]
fn a_conversation_that_goes_on_in_the_next_capture_is_read_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture("enip/chassis-13-slots.pcap");
    let bytes = std::fs::read(&input).unwrap();
    // The last frame of the first half is a request; its answer is in the second.
    let half =
        24 + frames::frames(&input)[..30].iter().map(|frame| 16 + frame.len()).sum::<usize>();
    std::fs::write(folder.path().join("a.pcap"), &bytes[..half]).unwrap();
    std::fs::write(folder.path().join("b.pcap"), [&bytes[..24], &bytes[half..]].concat()).unwrap();
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    assert_eq!(run(&["scan", "a.pcap", "b.pcap", "--store", "store"]).code, 0);
    let module = run(&["explain", "b.pcap#1", "--store", "store"]);
    assert!(module.out.contains("10.20.2.40 slot 10  enip.revision = 1.13"), "{}", module.out);
    for ran in [module, run(&["explain", "--check", "--store", "store"])] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(!ran.out.contains("DIFFERS"), "{}", ran.out);
    }
}

#[test]
fn a_merge_is_told_with_the_facts_of_both_sides() {
    let explain = |what: &[&str]| {
        let ran = run(&[&["explain", "--merge"], what].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let mirror = "captures/packet/mirror-two-vlans.pcap";
    let one = explain(&["10.20.16.10", mirror]);
    for words in [
        "  had 10.20.16.10 vlan 31: ",
        "  10.20.16.10 vlan 32 and 10.20.16.10 vlan 31 are one, because one packet was seen as both",
        "    ip.same_as = 10.20.16.10 vlan 31",
        "checked: bytes as kept, value decoded again",
    ] {
        assert!(one.contains(words), "no {words:?} in {one}");
    }
    let chassis = "captures/enip";
    let two = explain(&["10.20.2.40", "10.20.2.41", chassis]);
    assert!(two.starts_with("two devices\n"), "{two}");
    assert!(two.contains("because they give different serial numbers: 60202801 and "), "{two}");
    let same = explain(&["10.20.16.10", "f8:b1:56:20:10:0a", mirror]);
    assert!(same.starts_with("10.20.16.10 and f8:b1:56:20:10:0a are one device\n"), "{same}");
    let unknown = run(&["explain", "--merge", "10.20.2.40", "10.99.99.99", chassis]);
    assert_eq!((unknown.code, &*unknown.out), (1, ""));
    assert!(unknown.err.contains("nothing here is called 10.99.99.99"), "{}", unknown.err);
}

/// A store of a capture in which one device says what it is.
fn stored() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pcap");
    made::write(&file, &[Device::named(1, b"1756-EN2T/D")]);
    let ran = run_in(folder.path(), &["scan", "a.pcap", "--store", "store"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    (folder, file)
}

/// Time, length on the wire and length here of every frame, as tshark prints them.
fn frames_here(path: &Path) -> Vec<String> {
    let (mut replay, errors) = Replay::open(&[path.to_owned()], &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut frames = Vec::new();
    while let Some(frame) = replay.next() {
        let (seconds, rest) = (frame.at.0 / 1_000_000_000, frame.at.0 % 1_000_000_000);
        assert_eq!(frame.frame.number, frames.len() as u64 + 1);
        frames.push(format!("{seconds}.{rest:09}\t{}\t{}", frame.wire_len, frame.bytes.len()));
    }
    frames
}

/// The same of captures one after the other, in one run: starting tshark takes longer than reading. `None` where it or
/// mergecap, which belongs to it, is not installed.
fn frames_in_tshark(captures: &[PathBuf]) -> Option<String> {
    let mut merged = Command::new("mergecap");
    merged.args(["-a", "-I", "none", "-w", "-"]).args(captures);
    let mut merged = merged.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut command = Command::new("tshark");
    command.args(["-n", "-r", "-", "-T", "fields"]);
    for field in ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len"] {
        command.args(["-e", field]);
    }
    let output = command.stdin(merged.stdout.take()?).stderr(Stdio::null()).output();
    assert!(merged.wait().unwrap().success(), "mergecap refuses a capture of the project");
    String::from_utf8(output.ok()?.stdout).ok()
}

fn about(path: &Path, fact: &Observation) -> String {
    let name = path.file_name().unwrap().to_string_lossy();
    let (number, key, value, excerpt) = (fact.frame.number, fact.key, &fact.value, &fact.excerpt);
    let bytes: String = excerpt.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{key} = {value}: {bytes} at {}+{} in {name}#{number}", excerpt.offset, excerpt.length)
}

/// The counts of `explain --check`, by their words.
fn counts(ran: &Ran) -> BTreeMap<&str, u64> {
    let lines = ran.out.lines().map(str::trim);
    let counted = lines.filter_map(|line| {
        let (count, words) = line.split_once(' ')?;
        Some((words.trim(), count.parse().ok()?))
    });
    counted.collect()
}
