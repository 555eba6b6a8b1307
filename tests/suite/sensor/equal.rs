//! What the sensor finds is what a scan of the same frames finds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Sensor, held};
use crate::mirror::Mirror;
use crate::program::run;
use crate::replayed::{captures_below, root};
use crate::traffic::{self, Shot};

/// Longest capture that is put in, in nanoseconds: time goes by as it did then.
const LONGEST: i64 = 1_500_000_000;

/// One capture of many short ones, one after the other, as somebody would record it who listened all the time.
fn day_at_the_plant(file: &Path) -> u64 {
    let mut now = 1_700_000_000_000_000_000_i64;
    let mut bytes = Vec::new();
    // The header of a file with nanoseconds: magic number, version 2.4, snap length, Ethernet.
    for word in [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        bytes.extend(word.to_le_bytes());
    }
    let mut frames = 0;
    for path in captures_below(&root().join("captures")) {
        // One exchange in many wrappings: whether two of them are copies of one frame depends on milliseconds, which a replay does not keep.
        let is_wrapped = path.parent().is_some_and(|folder| folder.ends_with("packet"));
        if is_wrapped || path.extension().is_none_or(|extension| extension != "pcap") {
            continue;
        }
        let shots: Vec<Shot> = traffic::shots(&path);
        let times: Vec<i64> = shots.iter().map(|shot| shot.at.0).collect();
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { continue };
        if last - first > LONGEST
            || !times.is_sorted()
            || shots.iter().any(|shot| shot.bytes.len() > 9_000)
        {
            continue;
        }
        let begin = now + 2_000_000;
        for shot in &shots {
            // No two frames at one time: on a wire there are none either.
            now = (begin + (shot.at.0 - first)).max(now + 1_000);
            let part = u32::try_from(now % 1_000_000_000).unwrap();
            let seconds = u32::try_from(now / 1_000_000_000).unwrap();
            let length = u32::try_from(shot.bytes.len()).unwrap();
            for word in [seconds, part, length, length] {
                bytes.extend(word.to_le_bytes());
            }
            bytes.extend(&shot.bytes);
            frames += 1;
        }
    }
    std::fs::write(file, bytes).unwrap();
    frames
}

/// Times by their place among all times, and names of captures by one name: the rest must be the same to the byte.
fn comparable(text: &str, capture: &str) -> Vec<String> {
    let is_time = |word: &str| {
        word.len() == 30 && word.ends_with('Z') && word.as_bytes()[10] == b'T' && word.is_ascii()
    };
    // The run line tells when the sensor was started, which a file does not know.
    let is_run = |line: &&str| line.starts_with("{\"schema\":\"nameplate.run/");
    let lines: Vec<&str> = text.lines().filter(|line| !is_run(line)).collect();
    let words = lines.iter().flat_map(|line| line.split('"'));
    let times: BTreeSet<&str> = words.filter(|word| is_time(word)).collect();
    let places: BTreeMap<&str, usize> =
        times.into_iter().enumerate().map(|(place, time)| (time, place)).collect();
    let lines = lines.iter().map(|line| {
        let words = line.split('"').map(|word| match places.get(word) {
            Some(place) => format!("time {place}"),
            None => word.replace(capture, "CAPTURE"),
        });
        words.collect::<Vec<_>>().join("\"")
    });
    lines.collect()
}

fn name_of_capture(text: &str) -> String {
    let run = text.lines().next().unwrap();
    let run: serde_json::Value = serde_json::from_str(run).unwrap();
    run["inputs"][0]["capture"].as_str().unwrap().to_owned()
}

#[test]
fn a_sensor_finds_what_a_scan_of_the_same_frames_finds() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.pcap");
    let frames = day_at_the_plant(&file);
    assert!(frames > 1_000, "{frames}");
    let scanned = folder.path().join("scanned");
    let scan = run(&["scan", file.to_str().unwrap(), "--store", scanned.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.err);
    let live = folder.path().join("live");
    let sensor = Sensor::start(&mirror, &live, &[]);
    wait_for_the_middle_of_a_minute();
    mirror.replay(&[file], &[]);
    sensor.wait_for_frames(frames);
    let health = sensor.end();
    assert_eq!(health["interfaces"][0]["frames"], frames);
    assert_eq!(health["interfaces"][0]["transmitted"], 0);
    assert_eq!(mirror.counter("tx_packets"), 0, "nothing was sent");
    let (scanned, live) = (held(&scanned).out, held(&live).out);
    let expected = comparable(&scanned, &name_of_capture(&scanned));
    let found = comparable(&live, &name_of_capture(&live));
    assert!(expected.len() > 100, "{}", expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

/// What happens again is told once a minute, by the clock: frames that take twenty seconds must lie in one minute, as they do in the file.
fn wait_for_the_middle_of_a_minute() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    if now % 60 > 25 {
        std::thread::sleep(Duration::from_secs(61 - now % 60));
    }
}
