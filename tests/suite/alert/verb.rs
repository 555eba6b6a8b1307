//! `nameplate outputs`: what it prints, and how it ends.

use std::path::Path;

use super::receivers::{Server, Web, free_port};
use super::{Site, parse, until};
use crate::program::{Ran, run_in};

fn write(folder: &Path, configuration: &str) {
    std::fs::write(folder.join("n.toml"), configuration).unwrap();
}

fn test(folder: &Path) -> Ran {
    run_in(folder, &["outputs", "test", "--config", "n.toml"])
}

#[test]
fn a_test_reaches_each_receiver_and_says_which_failed() {
    let folder = tempfile::tempdir().unwrap();
    let (server, web) = (Server::new(), Web::new(|_, _| "HTTP/1.1 200 OK\r\n\r\n".to_owned()));
    let (tcp, http, dead) = (server.address, web.address, free_port());
    write(
        folder.path(),
        &format!(
            "[[output]]\nkind = 'syslog'\nname = 'dead'\nto = 'tcp://{dead}'\n\
             [[output]]\nkind = 'syslog'\nname = 'siem'\nto = 'tcp://{tcp}'\nwhat = ['finding']\n\
             [[output]]\nkind = 'webhook'\nname = 'hook'\nto = 'http://{http}/x'\n\
             [[output]]\nkind = 'file'\nname = 'agent'\nto = 'notices.ndjson'\n"
        ),
    );
    let ran = test(folder.path());
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].starts_with(&format!("dead  tcp://{dead}  failed: cannot connect to")),
        "{}",
        ran.out
    );
    assert!(lines[1].starts_with(&format!("siem  tcp://{tcp}  sent")), "{}", ran.out);
    assert_eq!(
        lines[2..],
        [
            format!("hook  http://{http}/x  delivered"),
            "agent  notices.ndjson  delivered".to_owned()
        ]
    );
    until("a message", || !server.messages().is_empty());
    let read = parse::rfc5424(&server.messages()[0]);
    assert!(read.text.contains("test of the output siem"), "{}", read.text);
    assert_eq!(web.requests().len(), 1);
    let ran = run_in(folder.path(), &["outputs", "test", "--config", "n.toml", "--only", "agent"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1));
    let written = std::fs::read_to_string(folder.path().join("notices.ndjson")).unwrap();
    assert_eq!(written.lines().count(), 2);
}

#[test]
fn a_configuration_that_is_wrong_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (configuration, said) in [
        (
            "[[output]]\nkind = 'file'\nto = 'a'\n[[output]]\nkind = 'file'\nto = 'b'\nkep = 3",
            "kep",
        ),
        (
            "[[output]]\nkind = 'file'\nto = 'a'\n[[output]]\nkind = 'syslog'\nto = 'tcp://h'",
            "no port",
        ),
        ("[site]\nname = 'x'", "no [[output]]"),
    ] {
        write(folder.path(), configuration);
        let ran = test(folder.path());
        assert_eq!((ran.code, &*ran.out), (2, ""), "{configuration}");
        assert!(ran.err.contains(said), "{}", ran.err);
        assert!(!folder.path().join("a").exists());
    }
    let ran = run_in(folder.path(), &["outputs", "test", "--config", "absent.toml"]);
    assert!(ran.code == 1 && ran.err.contains("absent.toml"), "{}", ran.err);
}

#[test]
fn a_state_tells_what_was_delivered_and_what_is_wrong() {
    let site = Site::new();
    let (server, dead) = (Server::new(), free_port());
    let configuration = format!(
        "[[output]]\nkind = 'syslog'\nname = 'siem'\nto = 'tcp://{}'\n\
         [[output]]\nkind = 'syslog'\nname = 'dead'\nto = 'tcp://{dead}'\n\
         [[output]]\nkind = 'syslog'\nname = 'unused'\nto = 'udp://h'\n",
        server.address
    );
    site.tell(4);
    let (used, _) = configuration.split_at(configuration.rfind("[[").unwrap());
    let outputs = site.start(used);
    until("a complaint", || outputs.health()[1].failing_since_ns != 0);
    until("delivery", || outputs.health()[0].number == 4);
    drop(outputs.stop(std::time::Duration::from_secs(10)));
    write(site.folder.path(), &configuration);
    let status = ["outputs", "status", "--config", "n.toml", "--state", "."];
    let ran = run_in(site.folder.path(), &status);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "  delivers\n  4 delivered, 0 waiting, 0 given up",
        "fails since ",
        "cannot connect to",
        "unused  udp://h:514  never used",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let ran = run_in(site.folder.path(), &[&status[..], &["-o", "ndjson"]].concat());
    let lines: Vec<serde_json::Value> =
        ran.lines_of("output").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["delivered"], &lines[0]["last_error"]),
        (&4.into(), &serde_json::Value::Null)
    );
    assert!(lines[1]["last_error"].as_str().unwrap().contains("cannot connect"));
    assert_eq!(lines[2]["written"], serde_json::Value::Null);
    // It does not disturb one that runs.
    let outputs = site.start(used);
    assert_eq!(run_in(site.folder.path(), &status).code, 0);
    site.tell(1);
    until("delivery", || outputs.health()[0].number == 5);
}
