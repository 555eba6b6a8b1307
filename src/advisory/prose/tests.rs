use super::*;

const WHOLE: &[u8] = br#"{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","lang":"en","title":"T",
  "distribution":{"tlp":{"label":"GREEN"}},"aggregate_severity":{"text":"Important"},
  "publisher":{"category":"vendor","name":"Acme","namespace":"https://acme.example"},
  "notes":[{"category":"summary","title":"What","text":"A pump stops"},7],
  "references":[{"category":"self","summary":"this","url":"https://acme.example/x-1.json"}],
  "tracking":{"id":"X-1","version":"2.1.0","status":"final","initial_release_date":"2024-01-01",
    "revision_history":[{"number":"1.0.0","date":"2024-01-01","summary":"first"},{"number":"2.1.0","date":"2024-02-01"}]}},
  "product_tree":{"branches":[{"category":"vendor","name":"Acme","branches":[
    {"category":"architecture","name":"arm64","product":{"name":"Pump","product_id":"P1",
      "product_identification_helper":{"cpe":"cpe:2.3:h:acme:pump","model_numbers":["PU-1"],
        "x_generic_uris":[{"uri":"urn:acme:pump"}]}}}]}]},
  "vulnerabilities":[{"cve":"CVE-2024-1","title":"Stops","cwe":{"id":"CWE-20","name":"Improper Input Validation"},
    "remediations":[7,{"category":"vendor_fix","details":"Update","url":"https://acme.example/fw","date":"2024-03-01",
      "restart_required":{"category":"machine"}}]}]}"#;

#[test]
fn reads_what_people_read() {
    let whole = Whole::read(WHOLE, "x.json").unwrap();
    let prose = &whole.prose;
    assert_eq!((&*prose.tlp, &*prose.severity, &*prose.status), ("GREEN", "Important", "final"));
    assert_eq!(prose.history.len(), 2);
    assert_eq!(&*prose.notes[0].text, "A pump stops");
    assert_eq!(&*prose.flaws[0].weakness, "CWE-20 Improper Input Validation");
    // What stands beside the remediations of the advisory stands at the same places.
    assert_eq!(whole.advisory.flaws[0].remedies.len(), prose.flaws[0].remedies.len());
    assert_eq!(&*prose.flaws[0].remedies[1].restart, "machine");
    for (kind, value) in [
        ("vendor", "Acme"),
        ("architecture", "arm64"),
        ("cpe", "cpe:2.3:h:acme:pump"),
        ("uri", "urn:acme:pump"),
        ("product_id", "P1"),
        ("model_number", "PU-1"),
    ] {
        assert!(prose.products.contains(&(kind.into(), value.into())), "{kind}");
    }
}

#[test]
fn damage_costs_only_what_it_hits() {
    assert_eq!(Prose::read(b"not json"), Prose::default());
    for at in 0..WHOLE.len() {
        for byte in [0x00, 0x7f, 0xff, b'"', b'{', b'7'] {
            let mut damaged = WHOLE.to_vec();
            damaged[at] = byte;
            let _ = Prose::read(&damaged);
        }
    }
}

#[test]
fn semantic_numbers_of_revisions_are_told_from_whole_ones() {
    for (text, kind) in [
        ("1", Versioning::Integer),
        ("12", Versioning::Integer),
        ("1.0.0", Versioning::Semantic(1)),
        ("2.0.0-1.2", Versioning::Semantic(2)),
        ("3.1.4+build", Versioning::Semantic(3)),
        ("1.0", Versioning::Other),
        ("V1", Versioning::Other),
        ("", Versioning::Other),
    ] {
        assert_eq!(versioning(text), kind, "{text}");
    }
}
