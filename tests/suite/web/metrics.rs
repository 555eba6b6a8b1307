//! `/metrics` as Prometheus reads it, and the dashboard and rules that are made of it.

use std::collections::{BTreeMap, BTreeSet};

use nameplate::model::Health;
use nameplate::model::health::{Fill, InterfaceHealth, LinkState, OutputHealth, Phase};

use crate::program::run;
use crate::replayed::root;
use crate::web::{Server, shared};

/// One family: its type, and its samples by their labels.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    samples: BTreeMap<(String, Vec<(String, String)>), f64>,
}

/// Reads the text format strictly: whatever Prometheus would refuse or warn about fails here.
fn read(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let (mut helped, mut current) = (BTreeSet::new(), String::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(help.ends_with('.') && help.len() > 5, "{line}");
            assert!(helped.insert(name.to_owned()), "{line}: twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert!(helped.contains(name), "{line}: no help before it");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert!(is_name(name) && name.starts_with("nameplate_"), "{line}");
            let family = Family { kind: kind.to_owned(), ..Family::default() };
            assert!(families.insert(name.to_owned(), family).is_none(), "{line}: twice");
            current = name.to_owned();
        } else {
            let (name, labels, value) = sample(line);
            let family = families.get_mut(&current).expect(line);
            let endings: &[&str] =
                if family.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            let ending = name.strip_prefix(&*current).expect(line);
            assert!(endings.contains(&ending), "{line}: not of {current}");
            let before = family.samples.insert((ending.to_owned(), labels), value);
            assert!(before.is_none(), "{line}: twice");
        }
    }
    families
}

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn sample(line: &str) -> (String, Vec<(String, String)>, f64) {
    let end = line.find(['{', ' ']).expect(line);
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").expect(line);
            assert!(is_name(label), "{line}");
            let (mut value, mut chars) = (String::new(), after.char_indices());
            let end = loop {
                match chars.next().expect(line) {
                    (_, '\\') => match chars.next().expect(line).1 {
                        'n' => value.push('\n'),
                        c @ ('\\' | '"') => value.push(c),
                        c => panic!("{line}: \\{c}"),
                    },
                    (at, '"') => break at,
                    (_, c) => value.push(c),
                }
            };
            labels.push((label.to_owned(), value));
            rest = &after[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').expect(line);
    }
    let value = rest.strip_prefix(' ').expect(line);
    assert!(is_name(name) && !value.contains(' '), "{line}");
    (name.to_owned(), labels, value.parse().expect(line))
}

impl Family {
    fn value(&self, labels: &[(&str, &str)]) -> Option<f64> {
        let same = |known: &Vec<(String, String)>| {
            labels.iter().all(|(name, value)| known.iter().any(|(a, b)| a == name && b == value))
        };
        let mut found = self.samples.iter().filter(|((_, known), _)| same(known));
        found.next().map(|(_, value)| *value)
    }
}

#[test]
fn metrics_are_what_the_plant_and_the_sensor_are() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path();
    let ran = run(&["scan", "captures/enip", "--store", store.to_str().unwrap(), "-o", "ndjson"]);
    let nasty = "eth\"1\\\n\u{1b}[31m";
    let second = 1_000_000_000;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = now.as_nanos() as i64;
    let health = Health {
        phase: Phase::Running,
        written_ns: now,
        started_ns: now - 3_600 * second,
        interfaces: vec![InterfaceHealth {
            name: nasty.into(),
            state: LinkState::Up,
            received: 1_000,
            dropped_by_kernel: 7,
            dropped_by_interface: 2,
            frames: 991,
            bytes: u64::MAX,
            last_frame_ns: now - 2 * second,
            ..InterfaceHealth::default()
        }],
        fills: vec![Fill { name: "batches".into(), holds: 3, most: 64 }],
        counters: (0..3_000).map(|at| (format!("n{at:04}"), at)).collect(),
        outputs: vec![OutputHealth { name: "siem".into(), waiting: 5, ..OutputHealth::default() }],
        settle_ms: 1_250,
        ..Health::default()
    };
    std::fs::write(store.join("health.json"), serde_json::to_vec(&health).unwrap()).unwrap();
    let server = Server::ready(store, &[]);
    let reply = server.get("/metrics");
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    reply.assert_safe("/metrics");
    let families = read(reply.text());
    let value = |name: &str, labels: &[(&str, &str)]| families[name].value(labels).unwrap();
    let interface = [("interface", "eth\"1\\\\n\\u{1b}[31m")];
    assert_eq!(value("nameplate_capture_received_frames_total", &interface), 1_000.0);
    assert_eq!(value("nameplate_capture_frames_total", &interface), 991.0);
    assert_eq!(value("nameplate_capture_transmitted_packets_total", &interface), 0.0);
    let dropped = |place| [interface[0], ("place", place)];
    assert_eq!(value("nameplate_capture_dropped_frames_total", &dropped("kernel")), 7.0);
    assert_eq!(value("nameplate_capture_dropped_frames_total", &dropped("interface")), 2.0);
    let age = value("nameplate_capture_last_frame_age_seconds", &interface);
    assert!((2.0..120.0).contains(&age), "{age}");
    assert_eq!(value("nameplate_capture_link_state", &[interface[0], ("state", "up")]), 1.0);
    assert_eq!(value("nameplate_fill_capacity_entries", &[("name", "batches")]), 64.0);
    assert_eq!(value("nameplate_counter_total", &[("name", "n0007")]), 7.0);
    assert_eq!(families["nameplate_counter_total"].samples.len(), 1_000);
    assert_eq!(value("nameplate_metrics_left_out", &[]), 2_000.0);
    assert_eq!(value("nameplate_settle_seconds", &[]), 1.25);
    assert_eq!(value("nameplate_output_waiting_notices", &[("output", "siem")]), 5.0);
    assert_eq!(value("nameplate_sensor_running", &[]), 1.0);
    assert_eq!(value("nameplate_ready", &[]), 1.0);
    let lines = |schema| ran.lines_of(schema).len() as f64;
    assert_eq!(value("nameplate_assets", &[]), lines("asset"));
    let findings: f64 = families["nameplate_findings"].samples.values().sum();
    assert_eq!(findings, lines("finding"));
    assert!(value("nameplate_web_resident_memory_bytes", &[]) > 1e6);
}

#[test]
fn durations_are_a_histogram() {
    let server = shared();
    server.get("/healthz");
    let families = read(server.get("/metrics").text());
    let histogram = &families["nameplate_web_request_duration_seconds"];
    let of = |ending: &str| -> Vec<(f64, f64)> {
        let own = histogram.samples.iter().filter(|((of, labels), _)| {
            of == ending && labels.contains(&("route".to_owned(), "/healthz".to_owned()))
        });
        let mut own: Vec<(f64, f64)> = own
            .map(|((_, labels), value)| {
                let bound = labels.iter().find(|(name, _)| name == "le");
                let bound =
                    bound.map_or(0.0, |(_, bound)| bound.replace("+Inf", "inf").parse().unwrap());
                (bound, *value)
            })
            .collect();
        own.sort_by(|a, b| a.partial_cmp(b).unwrap());
        own
    };
    let buckets = of("_bucket");
    assert!(buckets.windows(2).all(|two| two[0].1 <= two[1].1), "{buckets:?}");
    let (last, count) = (buckets.last().unwrap(), of("_count")[0].1);
    assert!(last.0.is_infinite() && last.1 == count && count >= 1.0, "{buckets:?}");
    assert!(of("_sum")[0].1 >= 0.0);
    let requests = &families["nameplate_web_requests_total"];
    assert_eq!(requests.value(&[("route", "/healthz"), ("code", "200")]), Some(count));
}

#[test]
fn dashboard_and_rules_name_metrics_that_exist() {
    let families = read(shared().get("/metrics").text());
    let mut known: BTreeSet<String> = families.keys().cloned().collect();
    for (name, family) in &families {
        if family.kind == "histogram" {
            known.extend(["_bucket", "_sum", "_count"].map(|ending| format!("{name}{ending}")));
        }
    }
    let dashboard = read_file("packaging/grafana-dashboard.json");
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    let panels = parsed["panels"].as_array().unwrap();
    assert!(panels.len() >= 10);
    let mut ids: Vec<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{}", panel["title"]);
    }
    let rules = read_file("packaging/prometheus-rules.yml");
    assert!(rules.matches("- alert: ").count() >= 8);
    assert_eq!(rules.matches("- alert: ").count(), rules.matches("summary: ").count());
    for (file, text) in
        [("dashboard", dashboard), ("rules", rules), ("page", read_file("docs/serving.md"))]
    {
        let words =
            text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        let named: BTreeSet<&str> = words.filter(|word| word.starts_with("nameplate_")).collect();
        assert!(named.len() >= 8, "{file}: {named:?}");
        let unknown: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

fn read_file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}
