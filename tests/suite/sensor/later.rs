//! What is asked of the store of a sensor later: what its facts rest on, and what stands beside what people accepted.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Sensor;
use crate::mirror::Mirror;
use crate::program::{self, Ran, run};
use crate::traffic;

/// A store of a sensor that has heard a capture and goes on.
fn heard(mirror: &Mirror, store: &Path, options: &[&str]) -> Sensor {
    let file = program::capture("enip/chassis-13-slots.pcap");
    let sensor = Sensor::start(mirror, store, options);
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    sensor.wait_for_frames(traffic::shots(&file).len() as u64);
    sensor.wait_until("it knows devices", |health| health["assets"].as_u64() > Some(0));
    sensor
}

fn done(words: &[&str], store: &Path) -> Ran {
    let ran = run(&[words, &["--store", store.to_str().unwrap()]].concat());
    assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.out, ran.err);
    ran
}

/// Waits for a notice.
fn told(store: &Path, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let events = done(&["events", "list", "-o", "ndjson"], store).out;
        let mut events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        if let Some(found) = events.find(|event| is_it(event)) {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "not told: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn count(text: &str, words: &str) -> usize {
    let line = text.lines().find(|line| line.ends_with(words)).unwrap_or("0 ");
    line.trim_start().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn evidence_of_a_sensor_is_checked_shown_and_written_from_the_frames_that_it_kept() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    heard(&mirror, &store, &[]).end();
    let checked = done(&["explain", "--check"], &store).out;
    let (again, all) = (count(&checked, "value decoded again"), count(&checked, "facts checked"));
    assert_eq!(
        (count(&checked, "  differ"), count(&checked, "  not checked")),
        (0, 0),
        "{checked}"
    );
    // Requests prove nothing and were not kept: what their answers mean rests on them.
    let as_kept = count(&checked, "what they mean rests on frames that were not kept");
    assert!(again > 0 && again + as_kept == all, "{checked}");

    let facts = done(&["assets", "list", "-o", "ndjson"], &store).out;
    let fact = facts.lines().find_map(|line| {
        let asset: Value = serde_json::from_str(line).unwrap();
        let claims = asset["claims"].as_array()?.clone();
        claims.into_iter().find(|claim| claim["field"] == "firmware")
    });
    let evidence = &fact.unwrap()["evidence"][0];
    let place = format!("{}#{}", evidence["capture"].as_str().unwrap(), evidence["frame"]);
    let page = done(&["explain", &place], &store).out;
    for words in
        ["the store keeps it whole: ", "checked: bytes as ", " | tshark -r - -V", "enip.revision"]
    {
        assert!(page.contains(words), "no {words:?}: {page}");
    }
    let byte = format!("{place}@{}", evidence["offset"]);
    let byte = done(&["explain", &byte], &store).out;
    assert!(byte.contains("  byte ") && byte.contains("checked: bytes as kept"), "{byte}");

    let (every, one) = (folder.path().join("all.pcapng"), folder.path().join("one.pcapng"));
    done(&["store", "evidence", "-w", every.to_str().unwrap()], &store);
    done(&["store", "evidence", &place, "-w", one.to_str().unwrap()], &store);
    assert_eq!(traffic::shots(&one).len(), 1);
    assert!(traffic::shots(&every).len() > 10);
    let again = run(&["scan", every.to_str().unwrap(), "-o", "ndjson"]).out;
    assert!(again.contains("1756-"), "{again}");
    let text = String::from_utf8_lossy(&std::fs::read(&one).unwrap()).into_owned();
    assert!(text.contains(&place) && text.contains("enip.revision = "), "{text}");

    done(&["store", "prune", "--max", "64KiB"], &store);
    let page = done(&["explain", &place], &store).out;
    let words = "the frame cannot be shown: the store let the frame go to make room, on 2";
    assert!(page.contains(words), "{page}");
    let gone = run(&["store", "evidence", &place, "-w", "-", "--store", store.to_str().unwrap()]);
    assert!(gone.code == 1 && gone.err.contains("to make room, on 2"), "{}", gone.err);
    assert!(gone.out.is_empty());
}

#[test]
fn what_is_new_beside_the_baseline_is_a_warning_and_copies_are_made_meanwhile() {
    let Some(mirror) = Mirror::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let configuration = folder.path().join("nameplate.toml");
    let backups = folder.path().join("copies");
    let text = format!("[store]\nbackup = {:?}\nbackup_keep = 2\n", backups.to_str().unwrap());
    std::fs::write(&configuration, text).unwrap();
    let sensor = heard(&mirror, &store, &["--config", configuration.to_str().unwrap()]);
    done(&["baseline", "take", "--name", "Monday", "--by", "eve"], &store);
    told(&store, "the baseline is in use", |event| {
        event["text"].as_str().unwrap().starts_with("the baseline Monday is the reference: ")
    });
    mirror.replay(&[program::capture("lldp/lldpd.pcap")], &["--topspeed"]);
    let new = told(&store, "a device beside the baseline", |event| {
        event["kind"] == "asset_new" && event["severity"] == "warning"
    });
    assert_eq!(new["details"]["not_in_baseline"], "Monday", "{new}");
    sensor.wait_until("a copy is made", |health| health["backup"]["kept"] == 1);
    let health = sensor.end();
    assert_eq!(health["backup"]["trouble"], "", "{health}");
    let compared =
        run(&["baseline", "compare", "--fail-on", "new", "--store", store.to_str().unwrap()]);
    assert_eq!(compared.code, 3, "{}", compared.out);
    assert!(compared.out.contains("NEW DEVICES"));
    let copy = std::fs::read_dir(&backups).unwrap().next().unwrap().unwrap().path();
    let restored = folder.path().join("restored");
    done(&["store", "restore", copy.to_str().unwrap()], &restored);
    done(&["store", "check"], &restored);
    // After a restart the baseline still counts, and what was told is not told again.
    let sensor = Sensor::start(&mirror, &store, &[]);
    sensor.end();
    let events = done(&["events", "list", "-o", "ndjson"], &store).out;
    assert_eq!(events.matches("the baseline Monday is the reference: ").count(), 1);
}
