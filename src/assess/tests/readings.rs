//! Errors that reading verdicts over the public corpus brought to light, each as a small document.

use super::*;

fn of(vendor: &str, model: &str, firmware: &str) -> Nameplate {
    plate(&[(Field::Vendor, vendor), (Field::Model, model), (Field::Firmware, firmware)])
}

#[test]
fn a_text_for_the_own_number_comes_before_one_for_all_other_models() {
    let document = document(
        "Omron",
        &[("NJ-series Machine Automation Controller", "<= 1.48")],
        &[
            (
                "mitigation",
                "NJ-series Controller (NJ501-1300, NJ501-1400): Versions 1.49 or higher",
                &[0],
            ),
            (
                "mitigation",
                "NJ-series Controller (All other Models): Versions 1.50 or higher",
                &[0],
            ),
        ],
    );
    assert_eq!(verdict(&of("Omron", "NJ501-1300", "1.49"), &document), Verdict::Fixed);
    assert_eq!(verdict(&of("Omron", "NJ101-9000", "1.49"), &document), Verdict::Unknown(Why::Gap));
    assert_eq!(verdict(&of("Omron", "NJ101-9000", "1.50"), &document), Verdict::Fixed);
}

#[test]
fn a_version_that_may_have_lost_its_last_zero_clears_nothing() {
    let document = document("Moxa", &[("NPort 5110", "2.1")], &[]);
    let judged = |firmware| verdict(&of("Moxa", "NPort 5110", firmware), &document);
    assert_eq!(judged("2.10"), Verdict::Unknown(Why::VersionOrder));
    assert_eq!(judged("2.1"), Verdict::Affected);
    assert_eq!(judged("2.11"), Verdict::Unknown(Why::Gap));
}

#[test]
fn status_fixed_is_a_fix() {
    let whole = serde_json::json!({
        "document": {"title": "T", "tracking": {"id": "X-1"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "WAGO", "branches": [
            {"category": "product_name", "name": "PFC200 (750-82xx/xxx-xxx)", "branches": [
                {"category": "product_version_range", "name": "vers:all/*",
                 "product": {"name": "PFC200", "product_id": "A"}},
                {"category": "product_version", "name": "FW15",
                 "product": {"name": "PFC200 FW15", "product_id": "F"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-1",
            "product_status": {"known_affected": ["A"], "fixed": ["F"]}}]});
    let document = csaf::parse(whole.to_string().as_bytes(), "test").unwrap();
    assert_eq!(verdict(&of("WAGO", "750-8212", "17"), &document), Verdict::Fixed);
    assert_eq!(verdict(&of("WAGO", "750-8212", "14"), &document), Verdict::Affected);
}

#[test]
fn one_exact_version_says_nothing_against_those_before_it_where_trains_are_parallel() {
    let logix = document(
        "Rockwell Automation",
        &[("ControlLogix 5580", "35.011")],
        &[("vendor_fix", "Update to 35.013, 36.011 or later", &[0])],
    );
    for (firmware, expected) in [
        ("33.014", Verdict::NotAffected),
        ("35.011", Verdict::Affected),
        ("35.012", Verdict::Affected),
        ("35.013", Verdict::Fixed),
    ] {
        let plate = rockwell("1756-L83E", None, Some(firmware));
        assert_eq!(verdict(&plate, &logix), expected, "{firmware}");
    }
    let siemens = document(
        "Siemens",
        &[("SIMATIC S7-1200 CPU family (incl. SIPLUS variants)", "V4.5.0")],
        &[("vendor_fix", "Update to V4.5.1 or later version", &[0])],
    );
    let judged = |firmware| verdict(&of("Siemens", "6ES7 212-1AE40-0XB0", firmware), &siemens);
    assert_eq!(judged("V4.4.1"), Verdict::NotAffected);
    assert_eq!(judged("V4.5.0"), Verdict::Affected);
    assert_eq!(judged("V4.5.1"), Verdict::Fixed);
}

#[test]
fn a_range_up_to_a_train_holds_below_the_fix_of_that_train() {
    let document = document(
        "Rockwell Automation",
        &[("CompactLogix 5380 controllers", "28 - 32")],
        &[("mitigation", "CompactLogix 5380 controllers: Update to V32.016 or later", &[0])],
    );
    let judged = |firmware| verdict(&rockwell("5069-L320ER", None, Some(firmware)), &document);
    assert_eq!(judged("32.011"), Verdict::Affected);
    assert_eq!(judged("32.016"), Verdict::Fixed);
}

#[test]
fn a_module_is_not_the_controller_whose_family_its_name_begins_with() {
    let module = document(
        "Siemens",
        &[("SIPLUS S7-1200 CP 1243-1 RAIL (6AG2243-1BX30-1XE0)", "< V3.3")],
        &[],
    );
    let cpu = of("Siemens", "6ES7 212-1AE40-0XB0", "V3.1");
    assert_eq!(verdict(&cpu, &module), Verdict::NotAffected);
    let adapter = document("Mitsubishi Electric", &[("FX3U-ENET", "<= 1.16")], &[]);
    let other = of("Mitsubishi Electric", "FX3U-ENET-ADP", "1.10");
    assert_eq!(verdict(&other, &adapter), Verdict::NotAffected);
}

#[test]
fn one_of_several_things_named_is_enough() {
    let document = document("Honeywell", &[("C300 and ACE controllers", "vers:all/*")], &[]);
    assert_eq!(verdict(&of("Honeywell", "C300", "R510.1"), &document), Verdict::Affected);
}

#[test]
fn serial_numbers_in_a_name_are_no_versions() {
    let document = document(
        "Mitsubishi Electric",
        &[("MELSEC Q Series Q03UDECPU The first 5 digits of serial No.", "<= 23121")],
        &[],
    );
    for firmware in ["1", "24000"] {
        let plate = of("Mitsubishi Electric", "Q03UDECPU", firmware);
        assert_eq!(verdict(&plate, &document), Verdict::Unknown(Why::SerialNumber));
    }
}
