use super::*;

const BEFORE: &str = r#"{"document":{"title":"Pump","tracking":{"id":"X-1","version":"1.0.0",
    "current_release_date":"2024-01-01","revision_history":[{"number":"1.0.0","date":"2024-01-01","summary":"first"}]}},
  "product_tree":{"branches":[{"category":"vendor","name":"Acme","branches":[
    {"category":"product_name","name":"Pump","branches":[
      {"category":"product_version_range","name":"<2.0","product":{"name":"Acme Pump <2.0","product_id":"P1"}}]},
    {"category":"product_name","name":"Valve","branches":[
      {"category":"product_version_range","name":"<3.0","product":{"name":"Acme Valve <3.0","product_id":"P2"}}]}]}]},
  "vulnerabilities":[{"cve":"CVE-2024-1","product_status":{"known_affected":["P1"],"known_not_affected":["P2"]},
    "remediations":[{"category":"vendor_fix","details":"Update to 2.0","product_ids":["P1"]}],
    "scores":[{"products":["P1"],"cvss_v3":{"baseScore":7.5,"vectorString":"CVSS:3.1/AV:N"}}],
    "notes":[{"category":"summary","title":"What","text":"It stops"}]}]}"#;

fn read(text: &str) -> Whole {
    Whole::read(text.as_bytes(), "x").unwrap()
}

fn told(after: &str) -> Vec<String> {
    let one = |change: &Change| {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!(
            "{} | {} | {} | {}",
            change.part.name(),
            change.about,
            said(&change.was),
            said(&change.is)
        )
    };
    changes(&read(BEFORE), &read(after)).iter().map(one).collect()
}

#[test]
fn one_change_is_told_once_and_says_what_of() {
    for (from, to, expected) in [
        ("\"Pump\",\"tracking\"", "\"Pumps\",\"tracking\"", "document | title | Pump | Pumps"),
        (
            "Update to 2.0",
            "Update to 2.1",
            "remediation | CVE-2024-1: vendor_fix | Update to 2.0 | Update to 2.1",
        ),
        ("7.5", "9.8", "score | CVE-2024-1 | 7.5 CVSS:3.1/AV:N | 9.8 CVSS:3.1/AV:N"),
        ("It stops", "It burns", "note | CVE-2024-1: What | It stops | It burns"),
        (
            "known_not_affected",
            "fixed",
            "status | CVE-2024-1: Acme Valve <3.0 | not affected | fixed",
        ),
        ("\"first\"", "\"only\"", "history | 1.0.0 | 2024-01-01 first | 2024-01-01 only"),
        (
            r#""product_ids":["P1"]"#,
            r#""product_ids":["P1","P2"]"#,
            "remediation | CVE-2024-1: vendor_fix: Update to 2.0 | Acme Pump <2.0 | Acme Pump <2.0; Acme Valve <3.0",
        ),
    ] {
        let after = BEFORE.replace(from, to);
        assert_ne!(after, BEFORE, "{from}");
        assert_eq!(told(&after), [expected]);
    }
    assert!(told(BEFORE).is_empty());
}

#[test]
fn another_range_is_no_other_product() {
    let after =
        BEFORE.replace(r#""name":"<2.0""#, r#""name":"<2.5""#).replace("Pump <2.0", "Pump <2.5");
    assert_eq!(told(&after), ["product | Acme Pump <2.5: versions | range <2.0 | range <2.5"]);
}

#[test]
fn identifiers_handed_out_anew_change_nothing() {
    let after = BEFORE.replace("P1", "tmp").replace("P2", "P1").replace("tmp", "P2");
    assert!(told(&after).is_empty(), "{:?}", told(&after));
}

#[test]
fn products_and_vulnerabilities_come_and_go() {
    let after = BEFORE.replace("Valve", "Gate").replace("CVE-2024-1", "CVE-2024-2");
    assert_eq!(
        told(&after),
        [
            "product | Acme Valve <3.0 | <3.0 | -",
            "product | Acme Gate <3.0 | - | <3.0",
            "vulnerability | CVE-2024-1 |  | -",
            "vulnerability | CVE-2024-2 | - | ",
        ]
    );
}

#[test]
fn a_major_revision_is_told_from_a_minor_one() {
    let revision = |text: &str| Advisory { revision: text.into(), ..Advisory::default() };
    for (old, new, change) in
        [("1.2.0", "2.0.0", Some((1, 2))), ("1.2.0", "1.3.0", None), ("1", "2", None)]
    {
        assert_eq!(major_change(&revision(old), &revision(new)), change);
    }
}
