//! Runs against a web that is only a table: which addresses are asked, what is made of the answers, what lies in the directory then.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod fake;
mod hostile;
mod places;
mod tries;

use std::path::Path;

use super::*;
use fake::{Fake, document, feed, ok, sum};

const PROVIDER: &str = "https://a.example/.well-known/csaf/provider-metadata.json";

/// A provider with one feed of two documents, with all that lies beside them.
fn provider() -> Fake {
    let fake = Fake::default();
    fake.page(
        PROVIDER,
        r#"{"canonical_url":"https://a.example/.well-known/csaf/provider-metadata.json","distributions":[
            {"directory_url":"https://a.example/csaf/white/"},
            {"rolie":{"feeds":[{"tlp_label":"WHITE","url":"https://a.example/csaf/white.json"},
                               {"tlp_label":"AMBER","url":"https://a.example/csaf/amber.json"}]}}]}"#,
    );
    let rows = [("2024/x.json", "2024-05-06T00:00:00Z"), ("2023/y.json", "2023-01-01T00:00:00Z")];
    fake.page("https://a.example/csaf/white.json", &feed("https://a.example/csaf/", &rows));
    for (path, _) in rows {
        let (url, text) = (format!("https://a.example/csaf/{path}"), document(path));
        fake.page(&url, &text);
        fake.page(&format!("{url}.sha512"), &sum(&text));
        fake.page(&format!("{url}.asc"), "-----BEGIN PGP SIGNATURE-----");
    }
    fake
}

fn order(folder: &Path, sources: &[&str]) -> Order {
    Order {
        sources: sources.iter().map(|text| Source::read(text).unwrap()).collect(),
        lists: Vec::new(),
        folder: folder.to_owned(),
        labels: BTreeSet::from([Label::White]),
        since: None,
        tries: 2,
        allow_plain: false,
    }
}

fn run(fake: &Fake, order: &Order) -> Report {
    fetch(fake, order, &|_, _| {}).unwrap()
}

fn counts(report: &Report) -> (usize, usize, usize, usize) {
    (report.fetched, report.unchanged, report.failed, report.refused)
}

/// Files below a folder with their contents, without notes.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true => todo.push(path),
                false if name.starts_with(".nameplate") => {}
                false => found.push(name),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_domain_leads_to_its_feed_and_to_documents_with_what_lies_beside_them() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    let report = run(&fake, &order(dir.path(), &["a.example"]));
    assert_eq!(counts(&report), (2, 0, 0, 0), "{report:?}");
    assert!(report.sources.is_empty(), "{report:?}");
    let expected = [
        "a.example/csaf/2023/y.json",
        "a.example/csaf/2023/y.json.asc",
        "a.example/csaf/2023/y.json.sha512",
        "a.example/csaf/2024/x.json",
        "a.example/csaf/2024/x.json.asc",
        "a.example/csaf/2024/x.json.sha512",
    ];
    assert_eq!(files(dir.path()), expected);
    // Feeds are preferred, and those for others are told and not asked for.
    let asked = fake.asked();
    assert!(
        !asked.iter().any(|url| url.contains("amber") || url.contains("index.txt")),
        "{asked:?}"
    );
    assert!(report.notes.iter().any(|note| note.contains("--tlp amber")), "{report:?}");
}

#[test]
fn what_is_here_already_is_not_fetched_again() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    let order = order(dir.path(), &["a.example"]);
    run(&fake, &order);
    fake.forget();
    let report = run(&fake, &order);
    assert_eq!(counts(&report), (0, 2, 0, 0));
    assert!(!fake.asked().iter().any(|url| url.contains("x.json")), "{:?}", fake.asked());

    // The list says that one was changed; the server says that it is the same.
    let rows = [("2024/x.json", "2024-05-07T00:00:00Z"), ("2023/y.json", "2023-01-01T00:00:00Z")];
    fake.page("https://a.example/csaf/white.json", &feed("https://a.example/csaf/", &rows));
    fake.forget();
    assert_eq!(counts(&run(&fake, &order)), (0, 2, 0, 0));
    assert_eq!(fake.asked().iter().filter(|url| url.contains("x.json")).count(), 1);
    fake.forget();
    assert_eq!(counts(&run(&fake, &order)), (0, 2, 0, 0));
    assert!(!fake.asked().iter().any(|url| url.contains("x.json")));

    // One that was changed here is fetched anew, whatever the list says.
    std::fs::write(dir.path().join("a.example/csaf/2023/y.json"), "{}").unwrap();
    assert_eq!(counts(&run(&fake, &order)), (1, 1, 0, 0));
}

#[test]
fn a_document_that_does_not_agree_with_what_lies_beside_it_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    let order = order(dir.path(), &["a.example"]);
    run(&fake, &order);
    let before = std::fs::read(dir.path().join("a.example/csaf/2024/x.json")).unwrap();
    let rows = [("2024/x.json", "2024-06-06T00:00:00Z"), ("2023/y.json", "2023-01-01T00:00:00Z")];
    fake.page("https://a.example/csaf/white.json", &feed("https://a.example/csaf/", &rows));
    fake.tagged("https://a.example/csaf/2024/x.json", &document("another"), "2");
    let report = run(&fake, &order);
    assert_eq!(counts(&report), (0, 1, 0, 1));
    assert!(report.missed[0].why.contains("checksum"), "{report:?}");
    let after = std::fs::read(dir.path().join("a.example/csaf/2024/x.json")).unwrap();
    assert_eq!(before, after);
    // It comes as soon as both agree.
    fake.page("https://a.example/csaf/2024/x.json.sha512", &sum(&document("another")));
    assert_eq!(counts(&run(&fake, &order)), (1, 1, 0, 0));
}

#[test]
fn a_checksum_that_is_listed_and_cannot_be_had_keeps_the_document_away() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    let url = "https://a.example/csaf/2024/x.json.sha512";
    fake.script(url, vec![Ok(Answer { status: 503, ..Answer::default() })]);
    let report = run(&fake, &order(dir.path(), &["a.example"]));
    assert_eq!(counts(&report), (1, 0, 1, 0), "{report:?}");
    assert!(!dir.path().join("a.example/csaf/2024/x.json").exists());
}

#[test]
fn a_directory_is_read_by_both_of_its_lists() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page(
        "https://a.example/csaf/index.txt",
        "2024/x.json\r\n2023/y.json\n../../../etc/z.json\n",
    );
    fake.page(
        "https://a.example/csaf/changes.csv",
        "\"2024/x.json\",\"2024-05-06T00:00:00Z\"\n2022/w.json,2022-01-01T00:00:00Z\n",
    );
    for path in ["2024/x.json", "2023/y.json", "2022/w.json"] {
        fake.page(&format!("https://a.example/csaf/{path}"), &document(path));
    }
    fake.page("https://a.example/csaf/2024/x.json.sha256", &fake::sum256(&document("2024/x.json")));
    // A server that has a page for everything has no signature.
    fake.page("https://a.example/csaf/2024/x.json.asc", "<html>not here</html>");
    let report = run(&fake, &order(dir.path(), &["https://a.example/csaf/"]));
    assert_eq!(counts(&report), (3, 0, 0, 1), "{report:?}");
    let expected = [
        "a.example/csaf/2022/w.json",
        "a.example/csaf/2023/y.json",
        "a.example/csaf/2024/x.json",
        "a.example/csaf/2024/x.json.sha256",
    ];
    assert_eq!(files(dir.path()), expected);
    // Newest first, those without a date last.
    let order_of = |name: &str| fake.asked().iter().position(|url| url.ends_with(name)).unwrap();
    assert!(order_of("x.json") < order_of("y.json") && order_of("w.json") < order_of("y.json"));
}

#[test]
fn since_a_day_leaves_what_is_known_to_be_older() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page("https://a.example/csaf/index.txt", "a.json\nb.json\nc.json");
    fake.page(
        "https://a.example/csaf/changes.csv",
        "a.json,2024-05-06T00:00:00Z\nb.json,2020-01-01\n",
    );
    for path in ["a.json", "b.json", "c.json"] {
        fake.page(&format!("https://a.example/csaf/{path}"), &document(path));
    }
    let since = crate::advisory::instant("2024-01-01");
    let order = Order { since, ..order(dir.path(), &["https://a.example/csaf/"]) };
    let report = run(&fake, &order);
    assert_eq!((counts(&report), report.older), ((2, 0, 0, 0), 1));
    assert!(!dir.path().join("a.example/csaf/b.json").exists());
}

#[test]
fn a_document_says_itself_who_may_see_it() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    fake.page("https://a.example/csaf/index.txt", "a.json\nb.json\nc.json\nd.json");
    let labels = [("a", "WHITE"), ("b", "TLP:CLEAR"), ("c", "AMBER+STRICT"), ("d", "PURPLE")];
    for (name, label) in labels {
        let text = format!(r#"{{"document":{{"distribution":{{"tlp":{{"label":"{label}"}}}}}}}}"#);
        fake.page(&format!("https://a.example/csaf/{name}.json"), &text);
    }
    let mut order = order(dir.path(), &["https://a.example/csaf/index.txt"]);
    assert_eq!(counts(&run(&fake, &order)), (2, 0, 0, 2));
    order.labels.insert(Label::Amber);
    assert_eq!(counts(&run(&fake, &order)), (1, 2, 0, 1));
}

#[test]
fn an_aggregator_leads_to_mirrors_first() {
    let dir = tempfile::tempdir().unwrap();
    let fake = provider();
    fake.page(
        "https://agg.example/aggregator.json",
        &format!(
            r#"{{"aggregator":{{}},"csaf_providers":[
                {{"metadata":{{"url":"{PROVIDER}"}},"mirrors":["https://agg.example/gone/provider-metadata.json"]}},
                {{"metadata":{{"url":"https://b.example/provider-metadata.json"}}}}, 7]}}"#
        ),
    );
    let report = run(&fake, &order(dir.path(), &["https://agg.example/aggregator.json"]));
    assert_eq!(counts(&report), (2, 0, 0, 0), "{report:?}");
    assert!(report.sources.iter().any(|one| one.name.contains("b.example")), "{report:?}");
    assert!(fake.asked().iter().any(|url| url.contains("gone")));
}

#[test]
fn lists_of_exploited_vulnerabilities_and_scores_are_kept_when_they_are_such() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    let (kev, epss) = ("https://k.example/kev.json", "https://e.example/current.csv");
    fake.page(kev, r#"{"title":"K","vulnerabilities":[{"cveID":"CVE-2020-1"}]}"#);
    fake.page(epss, "<html>moved</html>");
    let lists = [(FeedKind::Kev, kev), (FeedKind::Epss, epss)];
    let lists = lists.map(|(kind, url)| (kind, Address::read(url).unwrap())).to_vec();
    let order = Order { lists, ..order(dir.path(), &[]) };
    let report = run(&fake, &order);
    assert_eq!((report.lists, report.sources.len()), (1, 1), "{report:?}");
    assert_eq!(files(dir.path()), ["kev.json"]);
    fake.page(
        epss,
        "#model_version:v1,score_date:2025-08-01\ncve,epss,percentile\nCVE-1999-1,0.1,0.2\n",
    );
    fake.forget();
    let report = run(&fake, &order);
    assert_eq!((report.lists, report.sources.len()), (2, 0), "{report:?}");
    assert_eq!(files(dir.path()), ["epss.csv", "kev.json"]);
}

#[cfg(feature = "openpgp")]
mod openpgp {
    use super::*;
    use crate::bundle::openpgp::Keys;

    const SIGNED: &str = include_str!("../../../tests/openpgp/document.json");
    const SIGNATURE: &str = include_str!("../../../tests/openpgp/supplier.asc");

    fn key(name: &str) -> (String, String) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openpgp");
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut keys = Keys::default();
        keys.add(text.as_bytes(), name).unwrap();
        (keys.fingerprints()[0].clone(), text)
    }

    fn signed(fingerprint: &str, key: &str) -> Fake {
        let fake = Fake::default();
        fake.page(
            PROVIDER,
            &format!(
                r#"{{"canonical_url":"{PROVIDER}","distributions":[{{"directory_url":"https://a.example/csaf"}}],
                    "public_openpgp_keys":[{{"fingerprint":"{fingerprint}","url":"/key.asc"}}]}}"#
            ),
        );
        fake.page("https://a.example/key.asc", key);
        fake.page("https://a.example/csaf/index.txt", "x.json");
        fake.page("https://a.example/csaf/x.json", SIGNED);
        fake.page("https://a.example/csaf/x.json.asc", SIGNATURE);
        fake
    }

    #[test]
    fn a_signature_is_checked_with_the_key_that_the_metadata_names() {
        let dir = tempfile::tempdir().unwrap();
        let (print, text) = key("supplier.pub");
        let fake = signed(&print.to_ascii_lowercase(), &text);
        let report = run(&fake, &order(dir.path(), &["a.example"]));
        assert_eq!(counts(&report), (1, 0, 0, 0), "{report:?}");
        assert_eq!(report.keys[0].place, format!("a.example/openpgp/{print}.asc"));
        assert_eq!(std::fs::read_to_string(dir.path().join(&report.keys[0].place)).unwrap(), text);

        let dir = tempfile::tempdir().unwrap();
        fake.page("https://a.example/csaf/x.json", &format!("{SIGNED} "));
        let report = run(&fake, &order(dir.path(), &["a.example"]));
        assert_eq!(counts(&report), (0, 0, 0, 1), "{report:?}");
        assert!(report.missed[0].why.contains("signature"), "{report:?}");
    }

    #[test]
    fn a_key_that_is_not_the_one_that_is_named_counts_for_nothing() {
        let (print, text) = key("supplier.pub");
        let (_, other) = key("modern.pub");
        let both = format!("{text}\n{other}");
        for (print, text) in [(&*print, &*other), (&*print, &*both), ("", &*text), ("12", &*text)] {
            let dir = tempfile::tempdir().unwrap();
            let report = run(&signed(print, text), &order(dir.path(), &["a.example"]));
            assert!(report.keys.is_empty(), "{report:?}");
            assert!(report.notes.iter().any(|note| note.contains("is not used")), "{report:?}");
            assert_eq!(counts(&report), (1, 0, 0, 0), "{report:?}");
        }
    }
}
