//! What only CSAF 2.1 can say, one construct at a time, and words that no version of CSAF has.

use nameplate::model::advisory::Advisory;

use super::*;

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = whole();
    change(&mut document);
    document
}

#[test]
fn a_whole_document_flags_and_clears_as_its_author_means() {
    let document = whole();
    assert_eq!(read(&document).fault, None);
    assert_eq!(verdict(&document, "2.3.9"), Verdict::Affected);
    assert_eq!(verdict(&document, "2.4.0"), Verdict::Fixed);
    assert_eq!(verdict(&document, "2.5.0"), Verdict::Fixed);
    let judged = judge(&document, &pump("PU-1", "2.3.9"));
    assert_eq!((judged.cvss, judged.fixed_in), (Some(7.5), vec!["2.4.0".to_owned()]));
}

#[test]
fn ranges_with_exclusions_intervals_and_escapes_are_read() {
    let of = |range: &str, firmware: &str| {
        let document = with(|whole| {
            let branches = "/product_tree/branches/0/branches/0/branches";
            whole.pointer_mut(branches).unwrap()[0]["name"] = json!(range);
            whole.pointer_mut(branches).unwrap().as_array_mut().unwrap().pop();
            whole["vulnerabilities"][0]["product_status"] = json!({ "known_affected": ["A"] });
            whole["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations");
        });
        verdict(&document, firmware)
    };
    use Verdict::{Affected, NotAffected};
    for (range, firmware, expected) in [
        ("vers:intdot/*", "7.1.0", Affected),
        ("vers:intdot/>=1.0.0|<1.5.0|>=2.0.0|<=2.3.0", "1.4.0", Affected),
        ("vers:intdot/>=1.0.0|<1.5.0|>=2.0.0|<=2.3.0", "1.7.0", NotAffected),
        ("vers:intdot/>=1.0.0|<1.5.0|>=2.0.0|<=2.3.0", "2.3.0", Affected),
        ("vers:intdot/>=1.0.0|<1.5.0|>=2.0.0|<=2.3.0", "2.4.0", NotAffected),
        ("vers:intdot/1.0.0|1.2.0", "1.2.0", Affected),
        ("vers:generic/>=1.0.0|!=1.5.0|<2.0.0", "1.4.0", Affected),
        ("vers:generic/>=1.0.0|!=1.5.0|<2.0.0", "1.5.0", NotAffected),
        ("vers:generic/>=1.0.0|!=1.5.0|<2.0.0", "1.6.0", Affected),
        ("vers:generic/!=1.5.0", "1.6.0", Affected),
        (">=1.0.0|!=1.5.0|<2.0.0", "1.6.0", Affected),
        ("vers:none/*", "1.6.0", NotAffected),
        ("vers:generic/>=1.0.0|%3C2.0.0", "1.6.0", Affected),
        ("<=2.2", "2.1.0", Affected),
        (">=2.2|<=3.2", "3.0.0", Affected),
    ] {
        assert_eq!(of(range, firmware), expected, "{range} {firmware}");
    }
    for (range, firmware) in [
        ("vers:generic/!=1.5.*", "1.5.2"),
        ("vers:generic/>=1.0.0|!=|<2.0.0", "2.5.0"),
        ("vers:generic/>=1.0.0,!=1.5.0|<2.0.0", "2.5.0"),
        ("vers:generic/!=gravel", "2.5.0"),
    ] {
        assert!(!clears(&of(range, firmware)), "{range} {firmware}");
    }
}

#[test]
fn an_excluded_version_is_not_cleared_by_a_statement_about_the_others() {
    let document = with(|whole| {
        whole.pointer_mut("/product_tree/branches/0/branches/0/branches").unwrap()[0]["name"] =
            json!("vers:generic/>=1.0.0|!=1.5.0|<2.0.0");
        whole["vulnerabilities"][0]["product_status"] = json!({ "known_not_affected": ["A"] });
        whole["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations");
    });
    assert_eq!(verdict(&document, "1.4.0"), Verdict::NotAffected);
    assert!(!clears(&verdict(&document, "1.5.0")));
}

/// Firmware, an operating system and two pumps, and a path of these.
fn with_path(subpaths: Value, status: &str) -> Value {
    let product = |name: &str, id: &str| {
        json!({ "category": "product_name", "name": name, "product": { "name": name, "product_id": id,
            "product_identification_helper": { "model_numbers": [id] } } })
    };
    let versioned = |name: &str, range: &str, id: &str| {
        json!({ "category": "product_name", "name": name, "branches": [{ "category": "product_version_range",
            "name": range, "product": { "name": format!("{name} {range}"), "product_id": id } }] })
    };
    with(|whole| {
        whole["product_tree"] = json!({
            "branches": [{ "category": "vendor", "name": "Acme", "branches": [
                versioned("Pump Firmware", "vers:intdot/<2.4.0", "FW"), product("Rack", "RK-1"), product("Pump", "PU-1") ] },
                { "category": "vendor", "name": "Bolt", "branches": [versioned("Runtime", "vers:intdot/<1.1.0", "RT")] }],
            "product_paths": [{ "beginning_product_reference": "FW", "subpaths": subpaths,
                "full_product_name": { "name": "Pump Firmware on Pump", "product_id": "A" } }],
            "product_groups": [{ "group_id": "G", "product_ids": ["A", "FW"] }],
        });
        whole["vulnerabilities"][0]["product_status"] = json!({ status: ["A"] });
        whole["vulnerabilities"][0]["remediations"][0]["details"] = json!("Update to 2.4.0");
        whole["vulnerabilities"][0]["remediations"][0]["product_ids"] = json!(["A"]);
        if status != "known_affected" {
            whole["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations");
        }
    })
}

fn step(category: &str, next: &str) -> Value {
    json!({ "category": category, "next_product_reference": next })
}

#[test]
fn a_path_takes_the_version_from_its_beginning_and_the_device_from_its_steps() {
    for steps in [
        json!([step("installed_on", "PU-1")]),
        json!([step("installed_on", "PU-1"), step("installed_on", "RK-1")]),
        json!([step("installed_on", "RK-1"), step("installed_on", "PU-1")]),
    ] {
        let document = with_path(steps, "known_affected");
        assert_eq!(read(&document).fault, None);
        assert_eq!(verdict(&document, "2.3.0"), Verdict::Affected);
        assert_eq!(verdict(&document, "2.4.0"), Verdict::Fixed);
    }
}

#[test]
fn the_version_of_what_is_beside_a_device_clears_nothing() {
    for status in ["known_affected", "known_not_affected", "fixed"] {
        for category in ["installed_with", "optional_component_of", "external_component_of"] {
            let document = with_path(json!([step(category, "PU-1")]), status);
            for firmware in ["1.0.0", "2.4.0", "3.0.0"] {
                let given = verdict(&document, firmware);
                assert!(
                    !matches!(given, Verdict::NotAffected),
                    "{status} {category} {firmware} {given:?}"
                );
            }
        }
        let mut document = with_path(json!([step("installed_on", "PU-1")]), status);
        document["product_tree"]["product_paths"][0]["beginning_product_reference"] = json!("RT");
        for firmware in ["1.0.0", "2.0.0"] {
            assert!(!clears(&verdict(&document, firmware)), "{status} {firmware}");
        }
    }
}

#[test]
fn a_path_to_nothing_is_a_fault_of_the_document() {
    for steps in [json!([step("installed_on", "A")]), json!([step("installed_on", "X")]), json!([])]
    {
        let document = with_path(steps, "known_affected");
        assert!(read(&document).fault.unwrap().touches_devices);
    }
}

#[test]
fn numbers_with_placeholders_are_met_and_those_without_are_whole() {
    let of = |listed: &str, model: &str| {
        let document = with(|whole| {
            for at in 0..2 {
                let leaf = format!(
                    "/product_tree/branches/0/branches/0/branches/{at}/product/product_identification_helper"
                );
                *whole.pointer_mut(&leaf).unwrap() = json!({ "model_numbers": [listed] });
            }
            whole["product_tree"]["branches"][0]["branches"][0]["name"] = json!("Flow engine");
        });
        let document = read(&document);
        judge_document(&pump(model, "2.3.0"), &document, &Families::embedded()).remove(0).verdict
    };
    for (listed, model) in [
        ("PU-1*", "PU-1"),
        ("PU-1*", "PU-100"),
        ("PU-?00", "PU-100"),
        ("PU-100", "PU-100"),
        ("P?-1*", "PU-1A"),
    ] {
        assert_eq!(of(listed, model), Verdict::Affected, "{listed} {model}");
    }
    assert_ne!(of("PU-10", "PU-100"), Verdict::Affected);
}

#[test]
fn serial_numbers_narrow_what_a_product_is() {
    let document = with(|whole| {
        let leaf =
            "/product_tree/branches/0/branches/0/branches/1/product/product_identification_helper";
        whole.pointer_mut(leaf).unwrap()["serial_numbers"] = json!(["SN?1*"]);
        whole["vulnerabilities"][0]["product_status"] = json!({ "known_not_affected": ["F"] });
    });
    assert!(is_unknown(&verdict(&document, "2.4.0"), Why::SerialNumber));
}

#[test]
fn what_nobody_knows_and_what_no_version_has_is_not_cleared() {
    let status = |status: Value| {
        with(|whole| {
            whole["vulnerabilities"][0]["product_status"] = status;
            whole["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations");
        })
    };
    for known in ["unknown", "under_investigation"] {
        assert!(!clears(&verdict(&status(json!({ known: ["A", "F"] })), "2.3.0")), "{known}");
    }
    let unheard = status(json!({ "partly_affected": ["A"], "fixed": ["F"] }));
    assert!(is_unknown(&verdict(&unheard, "2.4.0"), Why::Damaged));
    assert!(read(&unheard).fault.unwrap().what.contains("partly_affected"));
}

#[test]
fn a_planned_fix_and_an_optional_patch_mend_nothing() {
    for category in ["fix_planned", "optional_patch"] {
        let document = with(|whole| {
            let branches = "/product_tree/branches/0/branches/0/branches";
            whole.pointer_mut(branches).unwrap()[0]["name"] = json!("vers:intdot/*");
            whole["vulnerabilities"][0]["product_status"] = json!({ "known_affected": ["A"] });
            whole["vulnerabilities"][0]["remediations"][0]["category"] = json!(category);
        });
        assert_eq!(verdict(&document, "2.4.0"), Verdict::Affected, "{category}");
        let judged = judge(&document, &pump("PU-1", "2.4.0"));
        assert_eq!(judged.remediation.as_deref(), Some(category));
        assert!(judged.fixed_in.is_empty());
    }
}

#[test]
fn scores_of_both_versions_probability_and_exploitation_are_told() {
    let v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    let document = with(|whole| {
        let flaw = &mut whole["vulnerabilities"][0];
        flaw["metrics"].as_array_mut().unwrap().extend([
            json!({ "products": ["A"], "content": { "cvss_v4": { "version": "4.0", "baseScore": 9.3, "vectorString": v4 } } }),
            json!({ "products": ["A"], "content": { "qualitative_severity_rating": "critical",
                "epss": { "probability": "0.42", "percentile": "0.97", "timestamp": "2025-02-01T00:00:00Z" } } }),
        ]);
        flaw["first_known_exploitation_dates"] = json!([
            { "date": "2025-02-01T00:00:00Z", "exploitation_date": "2025-01-20T00:00:00Z", "product_ids": ["A"] },
            { "date": "2025-02-01T00:00:00Z", "exploitation_date": "2025-01-15T00:00:00Z", "product_ids": ["A"] }]);
    });
    let read: Advisory = read(&document);
    let bases: Vec<f64> = read.flaws[0].scores.iter().map(|score| score.base).collect();
    assert_eq!((bases, read.fault), (vec![9.3, 7.5], None));
    let judged = judge(&document, &pump("PU-1", "2.3.0"));
    assert_eq!((judged.cvss, judged.epss, judged.kev), (Some(9.3), Some(0.42), Some(true)));
    assert_eq!(judged.vector.as_deref(), Some(v4));
    let said = judged.because.join("; ");
    assert!(said.contains("exploited at 2025-01-15T00:00:00Z, as the advisory says"), "{said}");
    assert!(said.contains("repeats an EPSS of 2025-02-01T00:00:00Z: 0.42"), "{said}");
    assert_eq!(judged.verdict, Verdict::Affected);
    assert_eq!(judge(&whole(), &pump("PU-1", "2.3.0")).kev, None);
}

#[test]
fn an_unheard_version_of_the_standard_flags_and_clears_nothing() {
    for version in ["2.2", "3.0"] {
        let document = with(|whole| whole["document"]["csaf_version"] = json!(version));
        assert_eq!(verdict(&document, "2.3.9"), Verdict::Affected);
        assert!(is_unknown(&verdict(&document, "2.4.0"), Why::Damaged));
        assert!(read(&document).fault.unwrap().what.contains("csaf_version"));
    }
}

/// Every word of a document that the standard counts, and every name of a member, replaced by one that no version has.
#[test]
fn a_word_that_is_not_understood_never_clears() {
    let documents = [
        whole(),
        with_path(json!([step("installed_on", "PU-1")]), "known_affected"),
        with_path(json!([step("installed_on", "PU-1")]), "known_not_affected"),
    ];
    let families = Families::embedded();
    let mut tried = 0;
    for document in &documents {
        for plate in ["2.3.0", "2.4.0"].map(|firmware| pump("PU-1", firmware)) {
            let before = judge(document, &plate).verdict;
            for changed in misspelled(document) {
                let read = csaf::parse(changed.to_string().as_bytes(), "changed");
                let Ok(read) = read else { continue };
                let after = judge_document(&plate, &read, &families);
                for after in after {
                    let listed = !after.because.iter().any(|why| why.starts_with("not listed"));
                    let worse = !clears(&before) && clears(&after.verdict) && listed;
                    assert!(!worse, "{before:?} became {:?} by {changed}", after.verdict);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

/// The document with one word changed, for each that decides what something means.
fn misspelled(document: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    walk(document, &mut String::new(), &mut places);
    let mut all = Vec::new();
    for pointer in places {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if matches!(name, "category" | "status" | "csaf_version") {
            let mut changed = document.clone();
            *changed.pointer_mut(&pointer).unwrap() = json!("unheard_of");
            all.push(changed);
        }
        let mut renamed = document.clone();
        let Some(members) = renamed.pointer_mut(parent).and_then(Value::as_object_mut) else {
            continue;
        };
        let value = members.remove(name).unwrap();
        members.insert(format!("{name}_s"), value);
        all.push(renamed);
    }
    all
}

fn walk(value: &Value, at: &mut String, places: &mut Vec<String>) {
    let length = at.len();
    let steps: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, below)| (name.clone(), below)).collect()
        }
        Value::Array(list) => (0..list.len()).map(|at| at.to_string()).zip(list).collect(),
        _ => Vec::new(),
    };
    for (step, below) in steps {
        at.push('/');
        at.push_str(&step);
        places.push(at.clone());
        walk(below, at, places);
        at.truncate(length);
    }
}
