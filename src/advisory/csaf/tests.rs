//! Documents whole, odd, broken and cut.

use super::*;

const WHOLE: &[u8] = br#"{"document":{"title":"T \"quoted\"","tracking":{"id":"X-1","version":3}},
  "product_tree":{"branches":[{"category":"vendor","name":"Acme","branches":[
    {"category":"product_name","name":"Pump","branches":[
      {"category":"product_version_range","name":"<2.0","product":{"name":"Acme Pump <2.0","product_id":"P1",
       "product_identification_helper":{"model_numbers":["PU-1"]}}}]}]}],
    "product_groups":[{"group_id":"G","product_ids":["P1"]}]},
  "vulnerabilities":[{"cve":"CVE-2024-1","product_status":{"known_affected":["P1","gone"],"fixed":null},
    "remediations":[{"category":"vendor_fix","details":"Update to 2.0","group_ids":["G"]}, 7],
    "scores":[{"products":["P1"],"cvss_v3":{"baseScore":"7.5","vectorString":"CVSS:3.1/AV:N"}}]}]}"#;

#[test]
fn reads_what_matching_needs() {
    let read = parse(WHOLE, "x.json").unwrap();
    assert_eq!((&*read.id, &*read.title, &*read.revision), ("X-1", "T \"quoted\"", "3"));
    assert_eq!(&*read.products[0].models[0], "PU-1");
    let flaw = &read.flaws[0];
    assert_eq!(flaw.affected, BTreeSet::from([0]));
    assert_eq!(flaw.remedies[0].products, BTreeSet::from([0]));
    assert_eq!((flaw.scores[0].base, &*flaw.scores[0].vector), (7.5, "CVSS:3.1/AV:N"));
}

#[test]
fn the_page_of_a_document_is_found_and_nothing_that_is_no_address() {
    let url = |references: &str| {
        let head = r#"{"document":{"tracking":{"id":"ICSA-1"},"references":"#;
        parse(format!("{head}{references}}}}}").as_bytes(), "x").unwrap().url
    };
    let own = |url: &str| format!(r#"{{"category":"self","summary":"s","url":"{url}"}}"#);
    let other =
        r#"{"category":"external","summary":"ICSA-1, restated","url":"https://b.example/1"}"#;
    let (file, page) = (own("https://a.example/x.json"), own("https://a.example/x"));
    assert_eq!(url(&format!("[{other},{file},{page}]")).as_deref(), Some("https://a.example/x"));
    assert_eq!(url(&format!("[{other},{file}]")).as_deref(), Some("https://a.example/x.json"));
    assert_eq!(url(&format!("[{other}]")).as_deref(), Some("https://b.example/1"));
    for none in ["javascript:1", "https://", "https://a b", "https://a\u{202e}", "https://a<b"] {
        assert_eq!(url(&format!("[{}]", own(none))), None, "{none}");
    }
}

#[test]
fn values_of_another_kind_cost_only_themselves() {
    let odd = br#"{"document":{"title":[1,{"a":2}],"tracking":{"id":"X"}},"product_tree":3,"vulnerabilities":{"a":[]}}"#;
    let read = parse(odd, "odd").unwrap();
    assert_eq!((&*read.title, read.products.len(), read.flaws.len()), ("", 0, 0));
}

#[test]
fn refuses_with_one_line() {
    for (bytes, word) in
        [(&b"{"[..], "not a JSON"), (b"[]", "no document.tracking.id"), (b"{}", "no document")]
    {
        let error = parse(bytes, "bad.json").unwrap_err().to_string();
        assert!(
            error.starts_with("bad.json: ") && error.contains(word) && !error.contains('\n'),
            "{error}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let deep = [br#"{"document":"#.repeat(100_000), b"1".to_vec()].concat();
    assert!(parse(&deep, "deep").is_err());
}

#[test]
fn cut_and_damaged_documents_never_panic() {
    for at in 0..WHOLE.len() {
        let _ = parse(&WHOLE[..at], "cut");
        for byte in [0x00, 0x7f, 0x80, 0xff, b'"', b'{'] {
            let mut damaged = WHOLE.to_vec();
            damaged[at] = byte;
            let _ = parse(&damaged, "damaged");
        }
    }
}

#[test]
fn a_tree_too_deep_is_refused_and_not_read_in_part() {
    let nested = |depth: usize| {
        let leaf =
            r#"{"category":"product_name","name":"X","product":{"name":"X","product_id":"1"}}"#;
        let above = r#"{"category":"product_family","name":"F","branches":["#.repeat(depth);
        let below = "]}".repeat(depth);
        let head = r#"{"document":{"tracking":{"id":"T"}},"product_tree":{"branches":["#;
        format!("{head}{above}{leaf}{below}]}}}}")
    };
    assert_eq!(parse(nested(8).as_bytes(), "x").unwrap().products.len(), 1);
    let refused = parse(nested(40).as_bytes(), "x").unwrap_err();
    assert!(matches!(refused, CsafError::TooManyProducts { .. }), "{refused}");
}
