//! What is shown follows the store, and what the sensor says of itself.

use std::path::Path;

use nameplate::model::Health;
use nameplate::model::health::{Complaint, Gravity, Phase};

use crate::program::run;
use crate::web::Server;

fn now_ns() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_nanos() as i64
}

fn scan(capture: &str, store: &Path) {
    let ran = run(&["scan", capture, "--store", store.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn write(store: &Path, health: &Health) {
    let text = serde_json::to_vec(health).unwrap();
    std::fs::write(store.join("health.tmp"), text).unwrap();
    std::fs::rename(store.join("health.tmp"), store.join("health.json")).unwrap();
}

#[test]
fn a_capture_that_is_added_is_shown_and_a_store_that_breaks_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path();
    scan("captures/modbus", store);
    let server = Server::ready(store, &["--refresh", "1"]);
    let first = server.get("/api/v1/assets");
    let (before, tag) = (first.json()["of"].as_u64().unwrap(), first.header("etag").unwrap());
    let same = server.ask("GET", "/api/v1/assets", &[&format!("If-None-Match: {tag}")]);
    assert_eq!(same.status, 304);
    scan("captures/enip", store);
    server.wait_for("what was added", |server| {
        server.json("/api/v1/assets")["of"].as_u64().unwrap() > before
    });
    let changed = server.ask("GET", "/api/v1/assets", &[&format!("If-None-Match: {tag}")]);
    assert_eq!(changed.status, 200);
    let listed = run(&["assets", "list", "--store", store.to_str().unwrap(), "-o", "ndjson"]);
    assert_eq!(server.lines("/api/v1/assets"), listed.lines_of("asset"));
    assert_eq!(server.get("/readyz").text(), "ready: no sensor runs here\n");

    // What is shown stays, and everybody is told that it is old.
    let shown = server.lines("/api/v1/assets");
    for file in ["nameplate.db", "nameplate.db-wal", "nameplate.db-shm"] {
        let _ = std::fs::remove_file(store.join(file));
    }
    server.wait_for("the complaint", |server| server.get("/readyz").status == 503);
    let ready = server.get("/readyz");
    assert!(
        ready.text().starts_with("not ready\npicture_old: what is shown is of 20"),
        "{ready:?}"
    );
    ready.assert_safe("/readyz");
    assert_eq!(server.lines("/api/v1/assets"), shown);
    let health = server.json("/api/v1/health");
    assert!(
        health["picture"]["trouble"].as_str().unwrap().contains("there is no store"),
        "{health}"
    );
    scan("captures/modbus", store);
    server.wait_for("the store again", |server| server.get("/readyz").status == 200);
    assert_eq!(server.json("/api/v1/assets")["of"].as_u64(), Some(before));
}

#[test]
fn ready_means_that_the_sensor_runs_and_sees() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path();
    scan("captures/modbus", store);
    let server = Server::ready(store, &[]);
    let reasons = |server: &Server| -> Vec<String> {
        let reply = server.ask("GET", "/readyz", &["Accept: application/json"]);
        let json = reply.json();
        let reasons = json["reasons"].as_array().unwrap().clone();
        assert_eq!(reply.status, if reasons.is_empty() { 200 } else { 503 });
        assert_eq!(json["ready"], reasons.is_empty());
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(reasons(&server).is_empty());
    let fresh = || Health { phase: Phase::Running, written_ns: now_ns(), ..Health::default() };
    write(store, &fresh());
    assert!(reasons(&server).is_empty());
    assert_eq!(server.get("/readyz").text(), "ready\n");
    for (health, code) in [
        (Health { phase: Phase::Starting, ..fresh() }, "sensor_not_running"),
        (Health { phase: Phase::Stopping, ..fresh() }, "sensor_not_running"),
        (Health { phase: Phase::Stopped, ..fresh() }, "sensor_not_running"),
        (Health { written_ns: now_ns() - 31_000_000_000, ..fresh() }, "sensor_not_running"),
        (Health { written_ns: now_ns() + 40_000_000_000, ..fresh() }, "sensor_not_running"),
        (
            Health {
                complaints: vec![Complaint {
                    severity: Gravity::Blind,
                    about: "interface \u{1b}[31m\u{202e}eth1".into(),
                    text: "no packet\nready".into(),
                }],
                ..fresh()
            },
            "sensor_blind",
        ),
    ] {
        write(store, &health);
        assert_eq!(reasons(&server), [code], "{health:?}");
        let text = server.get("/readyz");
        text.assert_safe("/readyz");
        assert!(!text.text().lines().any(|line| line == "ready"), "{text:?}");
        server.get("/api/v1/health").assert_safe("/api/v1/health");
        server.get("/metrics").assert_safe("/metrics");
        assert_eq!(server.get("/healthz").status, 200, "the process serves all the same");
    }
    std::fs::write(store.join("health.json"), "{\"phase\":").unwrap();
    assert_eq!(reasons(&server), ["sensor_unreadable"]);
    std::fs::remove_file(store.join("health.json")).unwrap();
    assert!(reasons(&server).is_empty());
    let appliance = Server::ready(store, &["--sensor", "required"]);
    assert_eq!(reasons(&appliance), ["sensor_missing"]);
    write(store, &Health { phase: Phase::Stopped, ..fresh() });
    let copy = Server::ready(store, &["--sensor", "none"]);
    assert!(reasons(&copy).is_empty(), "a copy of a store on somebody's desk");
}
