//! What documents say beside ranges: exact versions, other statuses, two numberings, update levels of Windows.

use super::*;

fn pump(firmware: &str) -> Nameplate {
    plate(&[(Field::Vendor, "Acme"), (Field::Model, "Pump 3000"), (Field::Firmware, firmware)])
}

fn of(vendor: &str, model: &str, firmware: &str) -> Nameplate {
    plate(&[(Field::Vendor, vendor), (Field::Model, model), (Field::Firmware, firmware)])
}

/// A document of products with versions, each with its status.
fn stated(vendor: &str, products: &[(&str, &str, &str)]) -> Advisory {
    let mut statuses: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut branches = Vec::new();
    for (at, (name, version, status)) in products.iter().enumerate() {
        if !status.is_empty() {
            statuses.entry(status).or_default().push(at.to_string());
        }
        let is_range = version.starts_with(['<', '>', 'v', '*']);
        let category = if is_range { "product_version_range" } else { "product_version" };
        branches.push(serde_json::json!({"category": "product_name", "name": name, "branches": [{
            "category": category, "name": version,
            "product": {"name": format!("{vendor} {name} {version}"), "product_id": at.to_string()}}]}));
    }
    let whole = serde_json::json!({
        "document": {"title": "T", "tracking": {"id": "X-1"}},
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": branches}]},
        "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": statuses}],
    });
    csaf::parse(whole.to_string().as_bytes(), "x").unwrap()
}

#[test]
fn one_exact_version_says_nothing_of_older_ones() {
    for remedies in [&[][..], &[("vendor_fix", "Update to 3.4", &[0_usize][..])]] {
        let document = document("Acme", &[("Pump 3000", "3.2")], remedies);
        for older in ["3.1", "2.9.9", "1.0"] {
            let said = verdict(&pump(older), &document);
            assert_eq!(said, Verdict::Unknown(Why::FixedOnly), "{older} {remedies:?}");
        }
        assert_eq!(verdict(&pump("3.2"), &document), Verdict::Affected);
    }
}

#[test]
fn one_exact_version_is_affected_up_to_the_fix_and_in_doubt_without_one() {
    let fixed = document("Acme", &[("Pump 3000", "3.2")], &[("vendor_fix", "Update to 3.4", &[0])]);
    assert_eq!(verdict(&pump("3.3"), &fixed), Verdict::Affected);
    assert_eq!(verdict(&pump("3.4"), &fixed), Verdict::Fixed);
    let open = document("Acme", &[("Pump 3000", "3.2")], &[]);
    assert_eq!(verdict(&pump("3.3"), &open), Verdict::Unknown(Why::Gap));
    let list = document("Acme", &[("Pump 3000", "3.2 | 3.4")], &[]);
    assert_eq!(verdict(&pump("3.4"), &list), Verdict::Affected);
    assert_eq!(verdict(&pump("3.5"), &list), Verdict::Unknown(Why::Gap));
    assert_eq!(verdict(&pump("3.1"), &list), Verdict::Unknown(Why::FixedOnly));
}

#[test]
fn siemens_and_logix_write_exactly_what_is_affected() {
    let plc = |firmware| of("Siemens", "6ES7 212-1AE40-0XB0", firmware);
    let document = |vendor, name, version| document(vendor, &[(name, version)], &[]);
    let siemens =
        document("Siemens", "SIMATIC S7-1200 CPU family (incl. SIPLUS variants)", "V4.5.0");
    assert_eq!(verdict(&plc("V4.4.1"), &siemens), Verdict::NotAffected);
    let logix = document("Rockwell Automation", "ControlLogix 5580", "v35.011");
    let at = |firmware| verdict(&rockwell("1756-L83E", None, Some(firmware)), &logix);
    assert_eq!(at("33.016"), Verdict::NotAffected);
    assert_eq!(at("35.010"), Verdict::Unknown(Why::FixedOnly));
}

#[test]
fn a_general_text_ends_the_range_that_all_its_products_share() {
    let text = "Users should update to version 2.4 or later";
    let alike = document(
        "Acme",
        &[("Pump 3000", "vers:all/*"), ("Valve 10", "vers:all/*")],
        &[("vendor_fix", text, &[0, 1])],
    );
    assert_eq!(verdict(&pump("2.4"), &alike), Verdict::Fixed);
    assert_eq!(verdict(&pump("2.3"), &alike), Verdict::Affected);
    let unlike = document(
        "Acme",
        &[("Pump 3000", "vers:all/*"), ("Valve 10", "< 2.4")],
        &[("vendor_fix", text, &[0, 1])],
    );
    let said = verdict(&pump("2.4"), &unlike);
    assert!(matches!(said, Verdict::Affected | Verdict::Unknown(_)), "{said:?}");
}

#[test]
fn a_fix_for_nobody_in_particular_leaves_a_doubt() {
    let text = "Acme released firmware 3.4 and the associated Pump Studio 7.0";
    let products = [("Pump 3000", "<= 3.2"), ("Pump Studio", "<= 6.0")];
    // The same text, said of both products and of none.
    for (of, beside) in [(&[0_usize, 1][..], "said"), (&[][..], "unsaid")] {
        let document = document("Acme", &products, &[("vendor_fix", text, of)]);
        let between = verdict(&pump("3.3"), &document);
        assert!(matches!(between, Verdict::Unknown(Why::Gap)), "{beside}: {between:?}");
        assert_eq!(verdict(&pump("3.2"), &document), Verdict::Affected, "{beside}");
    }
}

#[test]
fn two_numberings_are_not_compared() {
    let why = Verdict::Unknown(Why::VersionOrder);
    let logo = |firmware| of("Siemens", "LOGO! 8 BM", firmware);
    for range in ["< V8.3", ">= V8.2 < V8.3", "< V1.82.04"] {
        let document = document("Siemens", &[("LOGO! 8 BM (incl. SIPLUS variants)", range)], &[]);
        let other = if range.contains("1.82") { "8.3" } else { "1.82.04" };
        assert_eq!(verdict(&logo(other), &document), why, "{range}");
    }
    let fix = document(
        "Acme",
        &[("Pump 3000", "vers:all/*")],
        &[("vendor_fix", "Update to version 2.0.1", &[0])],
    );
    assert_eq!(verdict(&pump("20190412"), &fix), why);
    assert_eq!(verdict(&pump("2.0.1"), &fix), Verdict::Fixed);
}

#[test]
fn not_affected_is_said_of_the_versions_beside_it_only() {
    let spared = stated("Acme", &[("Pump 3000", "3.1", "known_not_affected")]);
    assert_eq!(verdict(&pump("3.1"), &spared), Verdict::NotAffected);
    assert_eq!(verdict(&pump("3.0"), &spared), Verdict::Unknown(Why::Gap));
    let both = stated(
        "Acme",
        &[("Pump 3000", "< 2.0", "known_affected"), ("Pump 3000", "1.9.8", "known_not_affected")],
    );
    assert_eq!(verdict(&pump("1.9.7"), &both), Verdict::Affected);
    assert_eq!(verdict(&pump("1.9.8"), &both), Verdict::Unknown(Why::Contradiction));
    assert_eq!(verdict(&pump("2.0"), &both), Verdict::NotAffected);
    let whole = stated("Acme", &[("Pump 3000", "vers:all/*", "known_not_affected")]);
    assert_eq!(verdict(&pump("1.0"), &whole), Verdict::NotAffected);
}

#[test]
fn what_is_looked_into_is_not_cleared() {
    let both = stated(
        "Acme",
        &[("Pump 3000", "< 2.0", "known_affected"), ("Pump 3000", ">= 3.0", "under_investigation")],
    );
    assert_eq!(verdict(&pump("1.0"), &both), Verdict::Affected);
    assert_eq!(verdict(&pump("3.1"), &both), Verdict::Unknown(Why::RangeText));
    assert_eq!(verdict(&pump("2.1"), &both), Verdict::NotAffected);
    let all = stated("Acme", &[("Pump 3000", "vers:all/*", "under_investigation")]);
    assert_eq!(verdict(&pump("1.0"), &all), Verdict::Unknown(Why::RangeText));
}

#[test]
fn a_fixed_version_of_one_train_says_nothing_of_the_next() {
    for status in ["fixed", "first_fixed", "recommended"] {
        let document =
            stated("Acme", &[("Pump 3000", "1.9.8", status), ("Pump 3000", "2.1.3", status)]);
        assert_eq!(verdict(&pump("1.9.8"), &document), Verdict::Fixed, "{status}");
        assert_eq!(verdict(&pump("2.1.3"), &document), Verdict::Fixed, "{status}");
        assert_eq!(
            verdict(&pump("2.0.0"), &document),
            Verdict::Unknown(Why::FixedOnly),
            "{status}"
        );
    }
}

#[test]
fn the_family_row_is_not_forgotten_where_the_models_own_row_is_silent() {
    let mut document = stated(
        "Siemens",
        &[
            ("SIMATIC S7-1200 CPU family (incl. SIPLUS variants)", "< V4.5", "known_affected"),
            ("SIMATIC S7-1200 CPU 1212C (6ES7 212-1AE40-0XB0)", "< V4.2", ""),
        ],
    );
    let mut second = document.flaws[0].clone();
    second.name = "CVE-2024-2".into();
    second.affected = BTreeSet::from([1]);
    document.flaws.push(second);
    let plc = of("Siemens", "6ES7 212-1AE40-0XB0", "V4.4.1");
    let said = judge_document(&plc, &document, &Families::embedded());
    assert_eq!(said[0].verdict, Verdict::Unknown(Why::Model), "{:?}", said[0].because);
    assert_eq!(said[1].verdict, Verdict::NotAffected);
}

#[test]
fn a_name_that_speaks_of_hardware_or_production_leaves_it_open() {
    for (name, why) in [
        ("Pump 3000 hardware version 4.0 and below", Why::HardwareRevision),
        ("Pump 3000 devices manufactured between May 2022 and January 2023", Why::SerialNumber),
    ] {
        let document = document("Acme", &[(name, "vers:all/*")], &[]);
        let said = judge_document(&pump("1.0"), &document, &Families::embedded());
        let said = &said[0].verdict;
        assert!(
            *said == Verdict::Unknown(why) || *said == Verdict::Unknown(Why::Candidate),
            "{said:?}"
        );
    }
}

#[test]
fn an_update_level_of_windows_is_compared_where_documents_count_by_it() {
    let document = stated(
        "Microsoft",
        &[
            ("Windows Server 2019", "<10.0.17763.4010", "known_affected"),
            ("Windows Server 2019", "10.0.17763.4010", "fixed"),
            ("Windows 10 Version 1607", "<10.0.14393.5717", "known_affected"),
        ],
    );
    let server = |build: &str| {
        plate(&[
            (Field::Vendor, "Microsoft"),
            (Field::Os, "Windows Server 2019 Standard"),
            (Field::OsBuild, build),
        ])
    };
    assert_eq!(verdict(&server("10.0.17763.3887"), &document), Verdict::Affected);
    assert_eq!(verdict(&server("10.0.17763.4010"), &document), Verdict::Fixed);
    assert_eq!(verdict(&server("10.0.17763.4131"), &document), Verdict::Fixed);
    let level = Verdict::Unknown(Why::UpdateLevel);
    assert_eq!(verdict(&server("10.0.17763"), &document), level);
    // Older Windows numbers its files, not its updates.
    let files = stated("Microsoft", &[("Windows 7", "<6.1.7601.23689", "known_affected")]);
    let seven = plate(&[(Field::Os, "Windows 7"), (Field::OsBuild, "6.1.7601.24000")]);
    assert_eq!(verdict(&seven, &files), level);
}

#[test]
fn numbers_that_two_rules_read_at_once_clear_nothing() {
    let document =
        document("Acme", &[("Pump 3000", "< 2.0.1")], &[("vendor_fix", "Update to 2.0.1", &[0])]);
    let mut plate = pump("2.0.1");
    let firmwares = plate.claims.get_mut(&Field::Firmware).unwrap();
    let first = Claim::clone(&firmwares[0]);
    let other = Claim { value: "1.4.0".into(), by: Arc::from("other"), ..first };
    firmwares.push(Arc::new(other.clone()));
    assert_eq!(verdict(&plate, &document), Verdict::Unknown(Why::Contradiction));
    // A hint beside it says nothing, whichever way.
    let hint = Claim { certainty: Certainty::Hint, ..other };
    plate.claims.insert(
        Field::Firmware,
        vec![
            pump("1.0.0").claims[&Field::Firmware][0].clone(),
            Arc::new(Claim { value: "2.0.1".into(), ..hint }),
        ],
    );
    assert_eq!(verdict(&plate, &document), Verdict::Affected);
}
