//! Lists made to do harm.

use super::*;

const FEED: &str = "https://a.example/feed.json";

fn fetched(text: &str) -> (Report, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page(FEED, text);
    fake.page("https://a.example/x.json", &document("x"));
    fake.page("https://a.example/X.json", &document("X"));
    let report = run(&fake, &order(dir.path(), &[FEED]));
    (report, files(dir.path()))
}

#[test]
fn names_that_lead_elsewhere_are_refused_one_by_one() {
    let links = [
        "https://a.example/%2e%2e/%2e%2e/etc/x.json",
        "https://a.example/..%2f..%2fx.json",
        "https://a.example/a%5c..%5cx.json",
        "https://a.example/nul.json",
        "https://a.example/x%00.json",
        "https://a.example/%1b]0;x.json",
        "http://a.example/x.json",
        "file:///etc/x.json",
        "https://user:word@a.example/x.json",
        "https://a.example/x.exe",
        "",
    ];
    let entries: Vec<String> = links
        .iter()
        .chain(&["https://a.example/x.json"])
        .map(|link| format!(r#"{{"content":{{"src":"{link}"}}}}"#))
        .collect();
    let (report, files) = fetched(&format!(r#"{{"feed":{{"entry":[{}]}}}}"#, entries.join(",")));
    assert_eq!(counts(&report), (1, 0, 0, links.len()), "{report:?}");
    assert_eq!(files, ["a.example/x.json"]);
}

#[test]
fn two_documents_never_share_a_place() {
    let entries = r#"{"feed":{"entry":[{"content":{"src":"x.json"}},{"content":{"src":"x.json?y"}},
        {"content":{"src":"X.json"}},{"content":{"src":"%78.json"}},{"content":{"src":"x.json"}}]}}"#;
    let (report, files) = fetched(entries);
    assert_eq!(counts(&report), (1, 0, 0, 3), "{report:?}");
    assert_eq!(files, ["a.example/x.json"]);
}

#[test]
fn values_of_another_kind_cost_only_themselves() {
    for (text, expected) in [
        (
            r#"{"feed":{"entry":[7,null,{"content":[]},{"content":{"src":{}}},{"content":{"src":"x.json"}}]}}"#,
            1,
        ),
        (
            r#"{"feed":{"entry":[{"link":[{"rel":"self","href":"x.json"},5],"updated":{},"content":3}]}}"#,
            1,
        ),
        (r#"{"feed":{"entry":{"content":{"src":"x.json"}}}}"#, 0),
        (r#"{"feed":7}"#, 0),
        (r#"{"feed":{"entry":[{"content":{"src":"x.json"}}"#, 0),
        ("", 0),
        ("<html>", 0),
        (&format!("{{\"feed\":{}", "[".repeat(100_000)), 0),
    ] {
        let (report, _) = fetched(text);
        assert_eq!(report.fetched, expected, "{text:.60} {report:?}");
    }
}

#[test]
fn damaged_lists_never_panic() {
    let whole = feed("https://a.example/", &[("x.json", "2024-05-06T00:00:00Z")]);
    for at in 0..whole.len() {
        for change in ["", "\"", "{", "\u{fffd}"] {
            let text = format!("{}{change}{}", &whole[..at], &whole[at + 1..]);
            let _ = lists::page(text.as_bytes());
            if at % 40 == 0 {
                let (report, files) = fetched(&text);
                assert!(files.iter().all(|name| name.starts_with("a.example/")), "{text}");
                assert!(report.fetched <= 1);
            }
        }
    }
    for bytes in [&b"\xff\xfe\x00"[..], b"\"", b",,,\n\"a", b"a.json,\"", b"\n\n\r"] {
        let _ = lists::changes(bytes);
        let _ = lists::index(bytes);
        let _ = lists::security_txt(bytes);
    }
}

#[test]
fn a_document_that_was_cut_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page("https://a.example/csaf/index.txt", "a.json\nb.json\nc.json");
    fake.page("https://a.example/csaf/a.json", r#"{"document":{"title":"x"}"#);
    fake.page("https://a.example/csaf/b.json", "<html>");
    fake.page("https://a.example/csaf/c.json", r#"{"vulnerabilities":[]}"#);
    let report = run(&fake, &order(dir.path(), &["https://a.example/csaf/"]));
    assert_eq!(counts(&report), (0, 0, 0, 3), "{report:?}");
    assert!(files(dir.path()).is_empty());
}

#[test]
fn what_others_say_about_a_document_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    let order = order(dir.path(), &["https://evil.example/feed.json", "a.example"]);
    let feed_of_evil = |rows: &str| format!(r#"{{"feed":{{"entry":[{rows}]}}}}"#);
    // It says that a document is as old as the one that is here, that another has a checksum of its own, and takes a place.
    fake.page(
        "https://evil.example/feed.json",
        &feed_of_evil(
            r#"{"updated":"2024-05-06T00:00:00Z","content":{"src":"https://a.example/csaf/2024/x.json"}},
               {"updated":"2030-01-01T00:00:00Z","content":{"src":"https://a.example/csaf/2023/y.json"},
                "link":[{"rel":"hash","href":"https://evil.example/y.sha512"}]},
               {"content":{"src":"https://a.example/csaf/2023/y.json?evil"}}"#,
        ),
    );
    fake.page("https://evil.example/y.sha512", &sum("evil"));
    assert_eq!(counts(&run(&fake, &order)), (2, 0, 0, 1));
    let rows = [("2024/x.json", "2024-05-07T00:00:00Z"), ("2023/y.json", "2023-01-01T00:00:00Z")];
    fake.page("https://a.example/csaf/white.json", &feed("https://a.example/csaf/", &rows));
    fake.tagged("https://a.example/csaf/2024/x.json", &document("new"), "2");
    fake.page("https://a.example/csaf/2024/x.json.sha512", &sum(&document("new")));
    assert_eq!(counts(&run(&fake, &order)), (1, 1, 0, 1));
}

#[test]
fn metadata_that_claims_to_be_that_of_another_does_not_hide_it() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    fake.page(
        "https://evil.example/provider-metadata.json",
        &format!(r#"{{"canonical_url":"{PROVIDER}","distributions":[]}}"#),
    );
    let sources = ["https://evil.example/provider-metadata.json", "a.example"];
    assert_eq!(counts(&run(&fake, &order(dir.path(), &sources))), (2, 0, 0, 0));
}
