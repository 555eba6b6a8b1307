//! Verdicts on small documents, and what must never happen.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

mod claims;
mod losses;
mod names;
mod readings;
mod statements;

use super::*;
use crate::advisory::Index;
use crate::advisory::csaf;
use crate::assess::vendors::Vendors;
use crate::model::claim::{Certainty, Claim, Field};
use crate::model::{Addr, Node, Scope, Subject, Timestamp};

fn plate(values: &[(Field, &str)]) -> Nameplate {
    plate_with(Certainty::Certain, values)
}

fn plate_with(certainty: Certainty, values: &[(Field, &str)]) -> Nameplate {
    let addr = Addr::Ip(IpAddr::from([192, 0, 2, 1]));
    let claim = |field, value: &str| {
        Arc::new(Claim {
            subject: Subject::node(Node { scope: Scope::default(), addr }),
            field,
            value: value.into(),
            certainty,
            by: Arc::from("test"),
            from: Vec::new(),
            first: Timestamp::default(),
            last: Timestamp::default(),
        })
    };
    let claims: BTreeMap<Field, Vec<Arc<Claim>>> =
        values.iter().map(|(field, value)| (*field, vec![claim(*field, value)])).collect();
    Nameplate { claims }
}

/// A document of one vendor: products with range and full name, and remedies with category and product places.
fn document(
    vendor: &str,
    products: &[(&str, &str)],
    remedies: &[(&str, &str, &[usize])],
) -> Advisory {
    let branches: Vec<_> = products
        .iter()
        .enumerate()
        .map(|(at, (name, version))| {
            serde_json::json!({"category": "product_name", "name": name, "branches": [{
                "category": "product_version_range", "name": version,
                "product": {"name": format!("{name}: {version}"), "product_id": format!("P{at}")}}]})
        })
        .collect();
    let ids: Vec<String> = (0..products.len()).map(|at| format!("P{at}")).collect();
    let remedies: Vec<_> = remedies
        .iter()
        .map(|(category, details, places)| {
            let ids: Vec<String> = places.iter().map(|at| format!("P{at}")).collect();
            serde_json::json!({"category": category, "details": details, "product_ids": ids})
        })
        .collect();
    let whole = serde_json::json!({
        "document": {"title": "T", "tracking": {"id": "X-1", "current_release_date": "2024"}},
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": branches}]},
        "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"known_affected": ids}, "remediations": remedies}]});
    csaf::parse(whole.to_string().as_bytes(), "test").unwrap()
}

fn verdict(plate: &Nameplate, document: &Advisory) -> Verdict {
    judge_document(plate, document, &Families::embedded())[0].verdict.clone()
}

fn rockwell(model: &str, series: Option<&str>, firmware: Option<&str>) -> Nameplate {
    let mut values = vec![(Field::Vendor, "Rockwell Automation"), (Field::Model, model)];
    values.extend(series.map(|series| (Field::Series, series)));
    values.extend(firmware.map(|firmware| (Field::Firmware, firmware)));
    plate(&values)
}

#[test]
fn fix_of_the_own_train_counts() {
    let document = document(
        "Rockwell Automation",
        &[("ControlLogix 5580", "<V33.017_V34.014_V35.013")],
        &[("vendor_fix", "Update to V33.017, V34.014, V35.013 or later", &[0])],
    );
    for (firmware, expected) in [
        ("33.016", Verdict::Affected),
        ("33.017", Verdict::Fixed),
        ("34.013", Verdict::Affected),
        ("34.014", Verdict::Fixed),
        ("36.011", Verdict::Fixed),
        ("32.011", Verdict::Affected),
    ] {
        assert_eq!(
            verdict(&rockwell("1756-L83E", None, Some(firmware)), &document),
            expected,
            "{firmware}"
        );
    }
}

#[test]
fn range_without_upper_end_is_ended_by_the_fix() {
    let document = document(
        "Rockwell Automation",
        &[("GuardLogix 5580", ">=v34.011")],
        &[("vendor_fix", "Update to v34.014 and later", &[0])],
    );
    assert_eq!(verdict(&rockwell("1756-L83ES", None, Some("36.011")), &document), Verdict::Fixed);
    assert_eq!(
        verdict(&rockwell("1756-L83ES", None, Some("34.012")), &document),
        Verdict::Affected
    );
    assert_eq!(
        verdict(&rockwell("1756-L83ES", None, Some("33.012")), &document),
        Verdict::NotAffected
    );
    // The standard controller is another family.
    assert_eq!(
        verdict(&rockwell("1756-L83E", None, Some("34.012")), &document),
        Verdict::NotAffected
    );
}

#[test]
fn above_last_affected_and_below_first_fixed_is_a_gap() {
    let document = document(
        "Rockwell Automation",
        &[("1734-AENTR Series C", "<= 7.011")],
        &[("vendor_fix", "Upgrade to 7.013", &[0])],
    );
    let judged = |firmware| verdict(&rockwell("1734-AENTR", Some("C"), Some(firmware)), &document);
    assert_eq!(judged("7.011"), Verdict::Affected);
    assert_eq!(judged("7.012"), Verdict::Unknown(Why::Gap));
    assert_eq!(judged("7.013"), Verdict::Fixed);
}

#[test]
fn outside_the_range_without_a_fix_is_not_affected() {
    let document = document("Acme", &[("Pump 3000", "< 2.0.1")], &[]);
    let pump = |firmware| {
        plate(&[(Field::Vendor, "Acme"), (Field::Model, "Pump 3000"), (Field::Firmware, firmware)])
    };
    assert_eq!(verdict(&pump("2.0.1"), &document), Verdict::NotAffected);
    assert_eq!(verdict(&pump("2.0.0"), &document), Verdict::Affected);
}

#[test]
fn redundancy_firmware_is_not_cleared_by_the_fix_of_the_standard_one() {
    let whole = document(
        "Rockwell Automation",
        &[("ControlLogix 5570", "20-33"), ("ControlLogix5570 redundancy", "20-33")],
        &[
            (
                "mitigation",
                "For ControlLogix 5570: Users should upgrade to versions 33.013, 34.011, or later.",
                &[0, 1],
            ),
            (
                "mitigation",
                "For ControlLogix 5570 redundancy: Users should upgrade to versions 33.052, 34.051, or later.",
                &[0, 1],
            ),
        ],
    );
    let standard = document(
        "Rockwell Automation",
        &[("ControlLogix 5570", "< 33.013")],
        &[("vendor_fix", "Update to 33.013 or later", &[0])],
    );
    assert_eq!(verdict(&rockwell("1756-L73", None, Some("33.052")), &whole), Verdict::Fixed);
    assert_eq!(verdict(&rockwell("1756-L73", None, Some("33.016")), &whole), Verdict::Fixed);
    for document in [&whole, &standard] {
        let said = verdict(&rockwell("1756-L73", None, Some("33.051")), document);
        assert!(matches!(said, Verdict::Affected | Verdict::Unknown(_)), "{said:?}");
    }
}

#[test]
fn series_decides_or_is_named_as_missing() {
    let document = document(
        "Rockwell Automation",
        &[("1756-EN2T Series C", "<= 5.008"), ("1756-EN2T Series D", "<= 11.003")],
        &[],
    );
    assert_eq!(
        verdict(&rockwell("1756-EN2T", Some("D"), Some("11.002")), &document),
        Verdict::Affected
    );
    assert_eq!(
        verdict(&rockwell("1756-EN2T", None, Some("10.010")), &document),
        Verdict::Unknown(Why::SeriesLetter)
    );
    assert_eq!(verdict(&rockwell("1756-EN2T", None, Some("5.001")), &document), Verdict::Affected);
}

#[test]
fn first_release_of_a_train_as_fix_contradicts_that_train_and_prior() {
    let document = document(
        "Rockwell Automation",
        &[("ControlLogix 5570 controllers", "<= 33")],
        &[("mitigation", "Apply firmware v33.011 or later.", &[0])],
    );
    assert_eq!(
        verdict(&rockwell("1756-L73", None, Some("33.011")), &document),
        Verdict::Unknown(Why::Contradiction)
    );
    assert_eq!(verdict(&rockwell("1756-L73", None, Some("32.011")), &document), Verdict::Affected);
    assert_eq!(verdict(&rockwell("1756-L73", None, Some("34.011")), &document), Verdict::Fixed);
}

#[test]
fn fix_for_another_product_clears_nothing() {
    let document = document(
        "Siemens",
        &[("SIMATIC S7-1200 CPU family", "All versions"), ("SIMATIC S7-1500 CPU family", "< V2.9")],
        &[
            ("mitigation", "Update your entire solution to TIA Portal V3", &[0, 1]),
            ("vendor_fix", "SIMATIC S7-1500: Update to V2.9 or later", &[0, 1]),
        ],
    );
    let plate = plate(&[
        (Field::Vendor, "Siemens"),
        (Field::Model, "6ES7 212-1AE40-0XB0"),
        (Field::Firmware, "V4.4.1"),
    ]);
    let said = verdict(&plate, &document);
    assert!(said != Verdict::Fixed && said != Verdict::NotAffected, "{said:?}");
}

#[test]
fn conditions_that_are_not_seen_are_named() {
    let plc = |model, firmware| {
        plate(&[
            (Field::Vendor, "Mitsubishi Electric"),
            (Field::Model, model),
            (Field::Firmware, firmware),
        ])
    };
    let serial = document(
        "Mitsubishi Electric",
        &[("Q03UDECPU", "<=the_first_5_digits_of_serial_number_22081")],
        &[],
    );
    assert_eq!(verdict(&plc("Q03UDECPU", "1"), &serial), Verdict::Unknown(Why::SerialNumber));
    let option =
        document("Mitsubishi Electric", &[("R04CPU", "< 20 only if web components are used")], &[]);
    assert_eq!(verdict(&plc("R04CPU", "10"), &option), Verdict::Unknown(Why::Configuration));
    assert_eq!(verdict(&plc("R04CPU", "20"), &option), Verdict::NotAffected);
    let text = document("Mitsubishi Electric", &[("R04CPU", "<=LF")], &[]);
    assert_eq!(verdict(&plc("R04CPU", "10"), &text), Verdict::Unknown(Why::RangeText));
}

#[test]
fn alike_words_are_only_a_candidate() {
    let document = document("Acme", &[("Pump 3000 Turbo Edition", "vers:all/*")], &[]);
    let plate = plate(&[
        (Field::Vendor, "Acme"),
        (Field::Product, "Pump 3000"),
        (Field::Firmware, "1.0.0"),
    ]);
    let said = &judge_document(&plate, &document, &Families::embedded())[0];
    assert_eq!((&said.verdict, said.grade), (&Verdict::Unknown(Why::Candidate), Grade::E4));
}

fn assessor(documents: Vec<Advisory>) -> Assessor {
    Assessor::new(Index::new(documents), Families::embedded())
}

#[test]
fn hints_never_give_a_finding() {
    let document = document("Acme", &[("Pump 3000", "vers:all/*")], &[]);
    let plate =
        plate_with(Certainty::Hint, &[(Field::Vendor, "Acme"), (Field::Model, "Pump 3000")]);
    assert!(assessor(vec![document]).judge(&plate).is_empty());
}

#[test]
fn windows_build_never_tells_the_update_level() {
    let document = document("Microsoft", &[("Windows 10", "< 10.0.19041.900")], &[]);
    let plate = plate(&[
        (Field::Vendor, "Microsoft"),
        (Field::Os, "Windows 10"),
        (Field::OsBuild, "10.0.19041"),
        (Field::Product, "Windows 10"),
    ]);
    assert_eq!(verdict(&plate, &document), Verdict::Unknown(Why::UpdateLevel));
}

#[test]
fn documents_about_other_products_say_nothing_unless_asked() {
    let document = document("Rockwell Automation", &[("ControlLogix 5580", "vers:all/*")], &[]);
    let plate = rockwell("1756-L61", None, Some("20.013"));
    assert!(assessor(vec![document.clone()]).judge(&plate).is_empty());
    let said = &judge_document(&plate, &document, &Families::embedded())[0];
    assert_eq!(said.verdict, Verdict::NotAffected);
    assert!(said.because[0].starts_with("not listed"));
}

#[test]
fn exploited_comes_first_and_reasons_are_never_empty() {
    let document =
        document("Acme", &[("Pump 3000", "< 2.0.1")], &[("vendor_fix", "Update to 2.0.1", &[0])]);
    let plate =
        plate(&[(Field::Vendor, "Acme"), (Field::Model, "Pump 3000"), (Field::Firmware, "1.0.0")]);
    let plain = assessor(vec![document.clone()]).judge(&plate).remove(0);
    assert_eq!((plain.kev, plain.epss), (None, None));
    assert_eq!(plain.fixed_in, ["2.0.1"]);
    assert!(
        plain.because.contains(&"1.0.0 < 2.0.1 (unknown order)".to_owned()),
        "{:?}",
        plain.because
    );
    assert!(plain.clause.starts_with("/product_tree/"));
    let kev = Index::new(vec![document]).with_kev(BTreeSet::from(["CVE-2024-1".into()]));
    let known = kev.with_likelihoods([("CVE-2024-1".into(), 0.25)].into());
    let judged = Assessor::new(known, Families::embedded()).judge(&plate).remove(0);
    assert_eq!((judged.kev, judged.epss), (Some(true), Some(0.25)));
}

#[test]
fn deleting_evidence_only_moves_towards_unknown() {
    let documents = [
        document(
            "Rockwell Automation",
            &[
                ("1756-EN2T Series A", "<= 5.008"),
                ("1756-EN2T Series B", "<= 5.028"),
                ("1756-EN2T Series D", "<= 11.003"),
            ],
            &[("vendor_fix", "1756-EN2T Series D: Update to 11.004 or later", &[2])],
        ),
        document(
            "Rockwell Automation",
            &[("ControlLogix 5580", "<V33.017_V34.014")],
            &[("vendor_fix", "Update to V33.017 or V34.014", &[0])],
        ),
        document(
            "Siemens",
            &[("SIMATIC S7-1200 CPU family (incl. SIPLUS variants)", "< V4.5.0")],
            &[("vendor_fix", "Update to V4.5.0 or later", &[0])],
        ),
        document(
            "Schneider Electric",
            &[
                ("Modicon M580 CPU Safety (part numbers BMEP58*S)", "vers:all/*"),
                ("Modicon M580 CPU (part numbers BMEP*)", "< SV4.10"),
            ],
            &[],
        ),
    ];
    let models = ["1756-EN2T", "1756-L83E", "6ES7212-1AE40-0XB0", "BMEP584040S", "BMEP582040"];
    for document in &documents {
        let mut assessor = assessor(vec![document.clone()]);
        for model in models {
            for firmware in
                ["1.0", "5.008", "5.029", "11.004", "33.016", "34.014", "V4.4.1", "v04.20"]
            {
                for series in ["A", "B", "D"] {
                    let vendor = document.products[0].vendor.to_string();
                    let all = [
                        (Field::Vendor, vendor.as_str()),
                        (Field::Model, model),
                        (Field::Series, series),
                        (Field::Firmware, firmware),
                    ];
                    let Some(whole) = assessor.judge(&plate(&all)).pop() else {
                        continue;
                    };
                    for gone in [Field::Vendor, Field::Model, Field::Series, Field::Firmware] {
                        let rest: Vec<_> =
                            all.iter().copied().filter(|(field, _)| *field != gone).collect();
                        let Some(less) = assessor.judge(&plate(&rest)).pop() else {
                            continue;
                        };
                        let weaker = matches!(less.verdict, Verdict::Unknown(_))
                            || less.verdict == whole.verdict;
                        assert!(
                            weaker,
                            "{model} {series} {firmware} without {gone}: {:?} became {:?}",
                            whole.verdict, less.verdict
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn embedded_table_is_sound() {
    let families =
        Families::read(include_str!("../../signatures/families.toml"), Vendors::embedded())
            .unwrap();
    assert!(families.families().len() >= 150);
    let vendors: BTreeSet<&str> =
        families.families().iter().map(|family| family.vendor.as_str()).collect();
    assert!(vendors.len() >= 10, "{vendors:?}");
    for family in families.families() {
        assert!(!family.names.is_empty() && !family.source.trim().is_empty(), "{family:?}");
    }
    for (vendor, number, name) in [
        ("Rockwell Automation", "1756-L83ES", "GuardLogix 5580"),
        ("Siemens", "6ES7 212-1AE40-0XB0", "SIMATIC S7-1200"),
        ("Siemens", "6ES7 214-1AD23-0XB0", "SIMATIC S7-200"),
        // What passed from one maker to another is found under both.
        ("General Electric", "IC695CPE305", "RX3i CPE305"),
    ] {
        let row = families.of_number(vendor, number).unwrap();
        assert_eq!(row.names[0], name);
    }
}
