//! What the program says about its work, in the form that was asked for.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::program::program;
use crate::web::{Server, store};

/// What a server says of some requests, one of them hostile.
fn said(folder: &Path, options: &[&str], variable: Option<&str>) -> String {
    let path = folder.join("log");
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "-v", "--store"]).arg(store());
    command.args(options).stdout(Stdio::piped()).stderr(File::create(&path).unwrap());
    if let Some(format) = variable {
        command.env("NAMEPLATE_LOG_FORMAT", format);
    }
    let server = Server::spawned(&mut command);
    for path in ["/healthz", "/readyz", "/%1b%5b31m%0anothing", "/api/v1/assets?where=%1b"] {
        server.get(path);
    }
    for _ in 0..150 {
        server.get("/healthz");
    }
    drop(server);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_server_logs_one_line_an_event_in_the_form_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let is_raw = |c: char| c.is_control() && c != '\n';
    let text = said(folder, &[], None);
    assert!(text.lines().any(|line| line == " INFO answered route=/healthz status=200 took_ms=0"));
    assert!(text.lines().any(|line| line.starts_with(" INFO answered route=none status=404")));
    let answered = text.lines().filter(|line| line.contains("answered")).count();
    assert_eq!(answered, 100, "what comes more often in a minute is summed up");
    assert!(!text.contains(is_raw), "{text:?}");

    for text in [said(folder, &["--log", "json"], Some("text")), said(folder, &[], Some("json"))] {
        assert!(text.lines().count() >= 100, "{text}");
        for line in text.lines() {
            let json: serde_json::Value = serde_json::from_str(line).expect(line);
            assert!(json["time"].is_string() && json["level"].is_string(), "{line}");
        }
    }
    let text = said(folder, &["--log", "journal"], None);
    assert!(text.lines().all(|line| line.starts_with("<6>")), "{text}");

    let mut command = program();
    let ran = command.args(["interfaces"]).env("NAMEPLATE_LOG_FORMAT", "xml").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("NAMEPLATE_LOG_FORMAT=xml: write text, json or journal"), "{said}");
}
