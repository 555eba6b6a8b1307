//! Runs against servers that are right, and against those that are not.

use std::path::Path;
use std::time::{Duration, Instant};

use super::server::{Reply, Server};
use crate::program::{Ran, run_in};

fn document(id: &str) -> String {
    format!(
        r#"{{"document":{{"title":"{id}","publisher":{{"name":"Acme"}},"tracking":{{"id":"{id}","version":"1",
        "current_release_date":"2024-05-06T00:00:00Z"}}}},"product_tree":{{}},"vulnerabilities":[]}}"#
    )
}

fn fetch(folder: &Path, sources: &[&str], options: &str) -> Ran {
    let mut arguments = vec!["db", "fetch", "-o", "advisories", "--allow-http"];
    if !options.contains("--retries") {
        arguments.extend(["--retries", "1"]);
    }
    arguments.extend(sources);
    arguments.extend(options.split(' ').filter(|word| !word.is_empty()));
    run_in(folder, &arguments)
}

/// A directory of documents with checksums.
fn directory(names: &[&str]) -> Server {
    let server = Server::new();
    let rows = |end: &str| names.iter().map(|name| format!("{name}{end}\n")).collect::<String>();
    server.page("/csaf/index.txt", &rows(""));
    server.page("/csaf/changes.csv", &rows(",2024-05-06T00:00:00Z"));
    for name in names {
        server.document(&format!("/csaf/{name}"), &document(name));
    }
    server
}

fn counted(ran: &Ran, words: &str) {
    assert!(ran.out.contains(words), "{words}: {ran:?}");
}

#[test]
fn what_was_fetched_from_a_domain_makes_a_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new();
    let (top, meta) = (server.url(""), "/.well-known/csaf/provider-metadata.json");
    server.page(
        meta,
        &format!(
            r#"{{"canonical_url":"{}","role":"csaf_trusted_provider","distributions":[
                {{"rolie":{{"feeds":[{{"tlp_label":"WHITE","url":"{top}/csaf/feed.json"}}]}}}}]}}"#,
            server.url(meta)
        ),
    );
    let entry = |name: &str| {
        format!(
            r#"{{"id":"{name}","updated":"2024-05-06T00:00:00Z","content":{{"src":"{top}/csaf/2024/{name}.json"}},
            "link":[{{"rel":"hash","href":"{top}/csaf/2024/{name}.json.sha512"}}]}}"#
        )
    };
    let entries = [entry("a"), entry("b")].join(",");
    server.page("/csaf/feed.json", &format!(r#"{{"feed":{{"entry":[{entries}]}}}}"#));
    server.document("/csaf/2024/a.json", &document("ACME-1"));
    server.document("/csaf/2024/b.json", &document("ACME-2"));
    let kev =
        r#"{"title":"KEV","dateReleased":"2024-07-01","vulnerabilities":[{"cveID":"CVE-2024-1"}]}"#;
    server.page("/kev.json", kev);

    let list = format!("--kev={}", server.url("/kev.json"));
    let ran = fetch(folder.path(), &[&top], &list);
    assert_eq!(ran.code, 0, "{ran:?}");
    counted(
        &ran,
        "advisories: 2 documents fetched, 0 unchanged, 0 failed, 0 refused; 1 list, 0 keys",
    );
    let agent = format!("user-agent: nameplate/{}", env!("CARGO_PKG_VERSION"));
    assert!(server.heads().iter().all(|head| head.to_ascii_lowercase().contains(&agent)));

    server.forget();
    let ran = fetch(folder.path(), &[&top], &list);
    counted(&ran, "0 documents fetched, 2 unchanged");
    let asked = server.heads();
    assert!(!asked.iter().any(|head| head.contains("/2024/")), "{asked:?}");
    assert!(asked.iter().any(|head| head.to_ascii_lowercase().contains("if-none-match")));

    let ran = run_in(folder.path(), &["db", "build", "advisories", "-o", "x.npdb", "--strict"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    counted(&ran, "x.npdb: 2 documents and 1 list");
    counted(&ran, "2 files agreed with a checksum");
}

#[test]
fn nothing_is_sent_without_encryption_unless_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let server = directory(&["a.json"]);
    let ran = run_in(folder.path(), &["db", "fetch", &server.url("/csaf/"), "-o", "advisories"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("--allow-http"), "{ran:?}");
    assert!(server.heads().is_empty());
}

#[test]
fn a_bad_document_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a.json", "wrong.json", "gone.json", "long.json", "html.json", "away.json"];
    let server = directory(&names);
    server.page("/csaf/wrong.json", &document("other"));
    server.put("/csaf/gone.json", Reply::Status(404, "X", String::new()));
    server.put("/csaf/long.json", Reply::Said(1 << 40));
    server.page("/csaf/html.json", "<html>");
    let elsewhere = "http://192.0.2.1/away.json".to_owned();
    server.put("/csaf/away.json", Reply::Status(302, "Location", elsewhere));
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    counted(&ran, "1 document fetched, 0 unchanged, 1 failed, 4 refused");
    for (name, why) in [
        ("wrong.json", "checksum"),
        ("gone.json", "not there"),
        ("long.json", "more than"),
        ("html.json", "no CSAF document"),
        ("away.json", "by https only"),
    ] {
        let line = ran.err.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.contains(why)), "{name}: {ran:?}");
        assert!(!folder.path().join("advisories").join(name).exists());
    }
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "--strict");
    assert_eq!(ran.code, 4, "{ran:?}");
}

#[test]
fn bodies_without_end_and_slow_ones_end() {
    let folder = tempfile::tempdir().unwrap();
    let server = directory(&["a.json", "endless.json"]);
    server.put("/csaf/endless.json", Reply::Endless);
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "--timeout 300");
    counted(&ran, "1 document fetched, 0 unchanged, 0 failed, 1 refused");
    assert!(ran.err.contains("endless.json was not fetched: it has more than"), "{ran:?}");

    let folder = tempfile::tempdir().unwrap();
    let server = directory(&["a.json", "slow.json"]);
    server.put("/csaf/slow.json", Reply::Slow);
    let started = Instant::now();
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "--timeout 3 --retries 0");
    counted(&ran, "1 document fetched");
    assert!(
        ran.err.lines().any(|line| line.contains("slow.json") && line.contains("too long")),
        "{ran:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_run_that_was_cut_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..20).map(|number| format!("{number:02}.json")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = directory(&names);
    let text = document("07.json");
    server.put("/csaf/07.json", Reply::Cut(text.clone().into_bytes()));
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "--retries 0");
    counted(&ran, "19 documents fetched, 0 unchanged, 1 failed");
    let place = format!("advisories/127.0.0.1_{}/csaf/07.json", server.port);
    assert!(!folder.path().join(&place).exists());
    server.page("/csaf/07.json", &text);
    server.forget();
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "");
    counted(&ran, "1 document fetched, 19 unchanged, 0 failed");
    assert_eq!(std::fs::read_to_string(folder.path().join(&place)).unwrap(), text);
    let documents = server.heads().iter().filter(|head| head.contains(".json HTTP")).count();
    assert_eq!(documents, 1);
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let server = directory(&["a.json", "b.json"]);
    let busy = Reply::Status(429, "Retry-After", "1".to_owned());
    let page = Reply::Page(document("a.json").into_bytes());
    server.put("/csaf/a.json", Reply::Then(vec![busy.clone(), page]));
    server.put("/csaf/b.json", busy);
    let started = Instant::now();
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "");
    counted(&ran, "1 document fetched, 0 unchanged, 1 failed");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(ran.err.contains("429"), "{ran:?}");
}

#[test]
fn names_that_lead_out_of_the_directory_write_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new();
    let bad = ["../../../escaped.json", "%2e%2e/%2e%2e/%2e%2e/escaped.json", "/escaped.json"];
    server.page("/csaf/index.txt", &bad.join("\n"));
    for path in ["/escaped.json", "/csaf/%2e%2e/%2e%2e/%2e%2e/escaped.json"] {
        server.document(path, &document("x"));
    }
    let ran = fetch(folder.path(), &[&server.url("/csaf/")], "");
    counted(&ran, "0 documents fetched, 0 unchanged, 0 failed, 3 refused");
    assert_eq!(ran.code, 1);
    let found: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(found, ["advisories"]);
}

#[test]
fn a_server_that_is_not_there_is_told_with_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/csaf/");
    let ran = fetch(folder.path(), &[&url], "--retries 0");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(&url) && ran.err.contains("refused"), "{ran:?}");
}
