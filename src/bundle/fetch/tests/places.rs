//! What a user names, and how a domain says where its advisories are.

use super::*;

#[test]
fn a_user_names_a_domain_or_an_address() {
    for (text, expected) in [
        ("example.com", Some("domain https://example.com/")),
        ("example.com:8443", Some("domain https://example.com:8443/")),
        ("https://example.com", Some("domain https://example.com/")),
        ("https://example.com/", Some("domain https://example.com/")),
        ("https://example.com/csaf/", Some("page https://example.com/csaf/")),
        ("http://127.0.0.1:1/x.json", Some("page http://127.0.0.1:1/x.json")),
        ("example.com/csaf", None),
        ("advisories directory", None),
        ("../x", None),
        ("", None),
    ] {
        let read = Source::read(text).ok().map(|source| match source {
            Source::Domain(address) => format!("domain {address}"),
            Source::Page(address) => format!("page {address}"),
        });
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn security_txt_names_metadata_beside_the_well_known_one() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    fake.page(
        "https://a.example/.well-known/security.txt",
        &format!(
            "Contact: x\ncsaf: {PROVIDER}\nCSAF: https://b.example/p/provider-metadata.json\n"
        ),
    );
    fake.page(
        "https://b.example/p/provider-metadata.json",
        r#"{"canonical_url":"https://b.example/p/provider-metadata.json","distributions":[
            {"directory":{"url":"https://b.example/csaf","tlp_label":"CLEAR"}}]}"#,
    );
    fake.page("https://b.example/csaf/index.txt", "z.json");
    fake.page("https://b.example/csaf/z.json", &document("z"));
    let report = run(&fake, &order(dir.path(), &["a.example"]));
    assert_eq!(counts(&report), (3, 0, 0, 0), "{report:?}");
    // The same metadata twice is read once.
    let feeds = fake.asked().iter().filter(|url| url.ends_with("white.json")).count();
    assert_eq!(feeds, 1);
    assert!(!fake.asked().iter().any(|url| url.contains("csaf.data.security")));
}

#[test]
fn the_name_in_front_of_a_domain_is_the_last_resort() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page(
        "https://csaf.data.security.a.example/",
        r#"{"canonical_url":"c","distributions":[{"directory_url":"https://a.example/csaf"}]}"#,
    );
    fake.page("https://a.example/csaf/changes.csv", "z.json,2024-05-06T00:00:00Z");
    fake.page("https://a.example/csaf/z.json", &document("z"));
    let report = run(&fake, &order(dir.path(), &["a.example"]));
    assert_eq!(counts(&report), (1, 0, 0, 0), "{report:?}");
    let nothing = run(&Fake::default(), &order(dir.path(), &["b.example", "https://127.0.0.1"]));
    assert_eq!(nothing.sources.len(), 2, "{nothing:?}");
    assert!(nothing.sources[0].why.contains("no advisories were found"), "{nothing:?}");
}

#[test]
fn a_feed_that_is_gone_leaves_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    fake.script(
        "https://a.example/csaf/white.json",
        vec![Ok(Answer { status: 404, ..Answer::default() })],
    );
    fake.page("https://a.example/csaf/white/index.txt", "z.json");
    fake.page("https://a.example/csaf/white/z.json", &document("z"));
    let report = run(&fake, &order(dir.path(), &["a.example"]));
    assert_eq!(counts(&report), (1, 0, 0, 0), "{report:?}");
    assert_eq!(report.sources.len(), 1, "{report:?}");
}
