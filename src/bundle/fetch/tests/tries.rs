//! Trying again, giving up, and where redirects may lead.

use super::*;

const X: &str = "https://a.example/x.json";

fn only(fake: &Fake, allow_plain: bool, source: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    run(fake, &Order { allow_plain, ..order(dir.path(), &[source]) })
}

fn status(status: u16) -> Answer {
    Answer { status, ..Answer::default() }
}

fn redirect(location: &str) -> Answer {
    Answer { location: Some(location.to_owned()), ..status(302) }
}

#[test]
fn what_fails_for_the_moment_is_tried_again_and_not_for_ever() {
    let page = || Ok(ok(document("x").as_bytes()));
    let broken = || Err(Trouble::Passing("cut".to_owned()));
    for (answers, fetched, waited) in [
        (vec![Ok(status(503)), broken(), page()], 1, vec![1, 2]),
        (vec![Ok(Answer { retry_after: Some(7), ..status(429) }), page()], 1, vec![7]),
        (vec![Ok(Answer { retry_after: Some(86_400), ..status(429) }), page()], 1, vec![60]),
        (vec![Ok(status(429))], 0, vec![1, 2]),
        (vec![broken()], 0, vec![1, 2]),
        (vec![Err(Trouble::Lasting("no".to_owned()))], 0, vec![]),
        (vec![Ok(status(403))], 0, vec![]),
        (vec![Err(Trouble::TooLong)], 0, vec![]),
    ] {
        let fake = Fake::default();
        fake.script(X, answers.clone());
        let report = only(&fake, false, X);
        // The document itself is asked for once to see what it is, and once to fetch it.
        let waits = fake.waited();
        assert_eq!(report.fetched, fetched, "{answers:?} {report:?}");
        assert_eq!(waits, waited, "{answers:?}");
        assert_eq!(report.sources.is_empty(), fetched == 1, "{report:?}");
    }
}

#[test]
fn a_host_that_fails_again_and_again_is_asked_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    let names: Vec<String> = (0..200).map(|number| format!("{number}.json")).collect();
    fake.page("https://a.example/csaf/index.txt", &names.join("\n"));
    for name in &names {
        fake.script(
            &format!("https://a.example/csaf/{name}"),
            vec![Err(Trouble::Passing("cut".to_owned()))],
        );
    }
    let report = run(&fake, &order(dir.path(), &["https://a.example/csaf/"]));
    assert_eq!(counts(&report), (0, 0, 200, 0));
    assert!(fake.asked().len() < 40, "{}", fake.asked().len());
    assert!(report.missed.iter().any(|one| one.why.contains("asked no more")));
}

#[test]
fn redirects_lead_to_https_only_and_end() {
    for (location, is_fine) in [
        ("https://b.example/x.json", true),
        ("/y.json", true),
        ("http://a.example/x.json", false),
        ("http://127.0.0.1/x.json", false),
        ("file:///etc/passwd", false),
        ("ftp://a.example/x.json", false),
        ("", false),
        (X, false),
    ] {
        let fake = Fake::default();
        fake.script(X, vec![Ok(redirect(location))]);
        fake.page("https://b.example/x.json", &document("x"));
        fake.page("https://a.example/y.json", &document("y"));
        let report = only(&fake, true, X);
        assert_eq!(report.fetched == 1, is_fine, "{location}: {report:?}");
        let asked = fake.asked();
        assert!(asked.iter().all(|url| url.starts_with("https://")), "{asked:?}");
        assert!(asked.len() < 20, "{asked:?}");
    }
}

#[test]
fn http_is_for_this_machine_and_only_when_it_is_allowed() {
    for (source, allow_plain, is_asked) in [
        ("http://127.0.0.1/x.json", true, true),
        ("http://127.0.0.1/x.json", false, false),
        ("http://10.0.0.1/x.json", true, false),
        ("http://a.example/x.json", true, false),
    ] {
        let fake = Fake::default();
        fake.page(source, &document("x"));
        let report = only(&fake, allow_plain, source);
        assert_eq!(!fake.asked().is_empty(), is_asked, "{source}");
        assert_eq!(report.fetched == 1, is_asked, "{source} {report:?}");
    }
}

#[test]
fn a_list_on_the_web_does_not_lead_to_this_machine() {
    let fake = Fake::default();
    let rows = [("x.json", "2024-05-06T00:00:00Z")];
    fake.page("https://a.example/feed.json", &feed("http://127.0.0.1/", &rows));
    let report = only(&fake, true, "https://a.example/feed.json");
    assert_eq!(counts(&report), (0, 0, 0, 1), "{report:?}");
    assert_eq!(fake.asked(), ["https://a.example/feed.json"]);
}

#[test]
fn a_server_asks_to_wait_in_seconds_or_until_a_date() {
    let now = "2026-03-02T10:00:00Z".parse().unwrap();
    for (text, expected) in [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("Mon, 02 Mar 2026 10:01:30 GMT", Some(90)),
        ("Mon, 02 Mar 2026 09:00:00 GMT", Some(0)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ] {
        assert_eq!(retry_after(text, now), expected, "{text}");
    }
}
