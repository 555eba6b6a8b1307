//! Names that limit a product, and patterns of catalogue numbers.

use super::*;

fn of(vendor: &str, model: &str, firmware: &str) -> Nameplate {
    plate(&[(Field::Vendor, vendor), (Field::Model, model), (Field::Firmware, firmware)])
}

#[test]
fn a_range_repeated_in_the_full_name_is_no_release_train() {
    let whole = serde_json::json!({
        "document": {"title": "T", "tracking": {"id": "X-1"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Siemens", "branches": [
            {"category": "product_name", "name": "SENTRON PAC3200", "branches": [
                {"category": "product_version_range", "name": "vers:intdot/<2.4.7",
                 "product": {"name": "Siemens SENTRON PAC3200 <V2.4.7", "product_id": "P"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_affected": ["P"]},
            "remediations": [{"category": "vendor_fix", "details": "Update to V2.4.7 or later", "product_ids": ["P"]}]}]});
    let document = csaf::parse(whole.to_string().as_bytes(), "test").unwrap();
    for (firmware, expected) in
        [("V2.4.2", Verdict::Affected), ("V2.4.7", Verdict::Fixed), ("V2.3", Verdict::Affected)]
    {
        assert_eq!(verdict(&of("Siemens", "PAC3200", firmware), &document), expected, "{firmware}");
    }
}

#[test]
fn a_version_in_a_name_that_is_the_range_once_more_clears_nothing() {
    for (name, range) in [
        ("SENTRON PAC3200 V3.50", "< V3.50"),
        ("SENTRON PAC3200 V3.50", "<= V3.50"),
        ("SENTRON PAC3200 V3", "< V3"),
        ("SENTRON PAC3200 V2 and earlier", "vers:all/*"),
        ("SENTRON PAC3200 < V2.4.7", "< V2.4.7"),
    ] {
        let document = document("Siemens", &[(name, range)], &[]);
        let said = verdict(&of("Siemens", "PAC3200", "V2.4.2"), &document);
        assert!(said != Verdict::NotAffected && said != Verdict::Fixed, "{name} {range}: {said:?}");
    }
}

#[test]
fn a_train_in_a_name_still_limits_it() {
    let document = document(
        "Siemens",
        &[
            ("SIMATIC S7-1200 CPU family < V4.x", "All versions"),
            ("SIMATIC S7-1200 CPU family V4.x", "< V4.2.3"),
        ],
        &[],
    );
    let judged = |firmware| verdict(&of("Siemens", "6ES7 212-1AE40-0XB0", firmware), &document);
    assert_eq!(judged("V3.0.2"), Verdict::Affected);
    assert_eq!(judged("V4.1"), Verdict::Affected);
    assert_eq!(judged("V4.2.3"), Verdict::NotAffected);
}

#[test]
fn placeholders_meet_catalogue_numbers() {
    for (vendor, name, model) in [
        ("Rockwell Automation", "CompactLogix 5380 (5069-L3z)", "5069-L320ER"),
        ("Rockwell Automation", "5069-L3z", "5069-L320ER"),
        ("Rockwell Automation", "ControlLogix 5580 (1756-L8z)", "1756-L83E"),
        ("Rockwell Automation", "GuardLogix 5580 (1756-L8z)", "1756-L83ES"),
        ("Rockwell Automation", "ControlLogix 5570 (1756-L7z)", "1756-L73"),
        ("Rockwell Automation", "CompactLogix 5370 (1769-L3x)", "1769-L33ER"),
        ("Rockwell Automation", "1769-L3x", "1769-L33ER"),
        ("WAGO", "PFC200 (750-82xx/xxx-xxx)", "750-8212"),
        ("WAGO", "PFC200 (750-82xx/xxx-xxx)", "750-8202/025-001"),
        ("WAGO", "750-82xx/xxx-xxx", "750-8212"),
        ("WAGO", "750-8212", "750-8212"),
        ("Schneider Electric", "Modicon M340 CPU (part numbers BMXP34*)", "BMXP342020"),
        ("Schneider Electric", "BMXP34*", "BMX P34 2020"),
    ] {
        let document = document(vendor, &[(name, "vers:all/*")], &[]);
        assert_eq!(
            verdict(&of(vendor, model, "1"), &document),
            Verdict::Affected,
            "{name} {model}"
        );
    }
}

#[test]
fn safety_controllers_are_told_from_their_neighbours() {
    for (name, model) in [
        ("GuardLogix 5580 (1756-L8z)", "1756-L83E"),
        ("ControlLogix 5580 (1756-L8z)", "1756-L83ES"),
        ("GuardLogix 5570 (1756-L7z)", "1756-L73"),
        ("Compact GuardLogix 5380 (5069-L3zS2)", "5069-L320ER"),
    ] {
        let document = document("Rockwell Automation", &[(name, "vers:all/*")], &[]);
        let said = verdict(&of("Rockwell Automation", model, "33.011"), &document);
        assert_eq!(said, Verdict::NotAffected, "{name} {model}");
    }
}

#[test]
fn signed_and_unsigned_firmware_is_told_by_the_block_of_minors() {
    let document = document(
        "Rockwell Automation",
        &[
            ("1756-EN2T Series A/B/C (unsigned firmware)", "<=5.008"),
            ("1756-EN2T Series A/B/C (signed firmware)", "<=5.028"),
        ],
        &[(
            "vendor_fix",
            "Update to 5.029 or later for signed versions. Update to 5.009 for unsigned versions",
            &[0, 1],
        )],
    );
    let judged = |firmware| verdict(&rockwell("1756-EN2T", Some("B"), Some(firmware)), &document);
    for (firmware, expected) in [
        ("5.9", Verdict::Fixed),
        ("5.008", Verdict::Affected),
        ("5.28", Verdict::Affected),
        ("5.029", Verdict::Fixed),
        ("4.002", Verdict::Affected),
    ] {
        assert_eq!(judged(firmware), expected, "{firmware}");
    }
    assert!(matches!(judged("5.012"), Verdict::Unknown(_)));
}

#[test]
fn the_last_sentence_is_the_one_that_settles_it() {
    let document = document(
        "Rockwell Automation",
        &[("1734-AENT Series B", "<= 5.019")],
        &[("vendor_fix", "Upgrade to 5.021", &[0])],
    );
    for (firmware, last) in [
        ("5.019", "5.019 = last affected 5.019 (rockwell order)"),
        (
            "5.020",
            "5.020 is above the last affected 5.019 and below the first fixed 5.021; the advisory says nothing about it",
        ),
        ("5.021", "5.021 has reached the fixed 5.021"),
    ] {
        let plate = rockwell("1734-AENT", None, Some(firmware));
        let judged = judge_document(&plate, &document, &Families::embedded()).remove(0);
        assert_eq!(judged.because.last().map(String::as_str), Some(last));
    }
}

#[test]
fn a_version_that_the_wire_counts_otherwise_clears_nothing_and_flags_nothing() {
    let judged = |range, firmware| {
        let document = document(
            "Siemens",
            &[("LOGO! 8 BM (incl. SIPLUS variants)", range)],
            &[("vendor_fix", "Update to V8.3 or later", &[0])],
        );
        let plate = plate(&[
            (Field::Vendor, "Siemens"),
            (Field::OrderNumber, "6ED1052-1CC01-0BA8"),
            (Field::Firmware, firmware),
        ]);
        verdict(&plate, &document)
    };
    for firmware in ["1.82.04", "V1.82.04"] {
        for range in ["< V8.3", ">= V1.81.01 | < V8.3", "<= V8.2"] {
            let said = judged(range, firmware);
            assert_eq!(said, Verdict::Unknown(Why::VersionOrder), "{range} {firmware}");
        }
    }
    // A list may give the number that advisories count by.
    assert_eq!(judged("< V8.3", "V8.2"), Verdict::Affected);
}

#[test]
fn a_relay_of_the_old_name_is_judged_by_the_documents_of_the_new_one() {
    let document = document("Hitachi Energy", &[("Relion 670 series", "vers:all/*")], &[]);
    assert_eq!(verdict(&of("ABB", "REL670", "2.2.1"), &document), Verdict::Affected);
    assert_eq!(verdict(&of("ABB", "REF615", "2.2.1"), &document), Verdict::NotAffected);
    // Products passed between other makers say nothing of this one.
    assert_eq!(verdict(&of("Hirschmann", "REL670", "2.2.1"), &document), Verdict::NotAffected);
}
