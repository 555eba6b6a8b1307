//! What is left when a statement is gone, and statements that are less than they look.

use super::*;

fn of(vendor: &str, model: &str, firmware: &str) -> Nameplate {
    plate(&[(Field::Vendor, vendor), (Field::Model, model), (Field::Firmware, firmware)])
}

const GAP: Verdict = Verdict::Unknown(Why::Gap);

#[test]
fn a_fix_of_one_train_is_none_of_the_next_unless_it_is_said_to_be_in_later_versions() {
    for (range, text, firmware, expected) in [
        ("vers:all/*", "Update to V33.017", "34.011", GAP),
        ("vers:all/*", "Update to V33.017", "33.017", Verdict::Fixed),
        ("vers:all/*", "Update to V33.017", "32.011", Verdict::Affected),
        ("vers:all/*", "Update to V33.017, V34.014", "34.011", Verdict::Affected),
        ("vers:all/*", "Update to V33.017, V34.014", "36.011", GAP),
        ("vers:all/*", "Update to V33.017 or later", "34.011", Verdict::Fixed),
        ("vers:all/*", "Update to V34.014, V33.017 and later", "36.011", Verdict::Fixed),
        ("vers:all/*", "Update to V33.017 and later for versions 33", "34.011", GAP),
        ("vers:all/*", "Update to V33.017 and later for versions 33", "33.018", Verdict::Fixed),
        ("vers:all/*", "Update to V33.017 and later for versions 33", "32.011", Verdict::Affected),
        // The range itself ends before it.
        ("<V33.017", "Update to V33.017", "34.011", Verdict::Fixed),
    ] {
        let document = document(
            "Rockwell Automation",
            &[("ControlLogix 5580", range)],
            &[("vendor_fix", text, &[0])],
        );
        let found = verdict(&rockwell("1756-L83E", None, Some(firmware)), &document);
        assert_eq!(found, expected, "{text} {firmware}");
    }
}

#[test]
fn a_range_with_an_end_counts_beside_one_without() {
    let products = [("CP 343-1", "vers:all/*"), ("CP 343-1", "<= V2.1")];
    let fix: (&str, &str, &[usize]) = ("vendor_fix", "Update to V2.1 or later", &[0, 1]);
    for order in [[0, 1], [1, 0]] {
        let document = document("Siemens", &order.map(|at| products[at]), &[fix]);
        let device = of("Siemens", "CP 343-1", "V2.1");
        assert_eq!(verdict(&device, &document), Verdict::Unknown(Why::Contradiction), "{order:?}");
    }
}

#[test]
fn a_fix_for_some_numbers_of_a_family_is_no_fix_for_a_device_without_a_number() {
    let document = document(
        "Omron",
        &[("NJ-series", "vers:all/*")],
        &[("vendor_fix", "NJ-series (NJ501-1300, NJ501-1400): Versions 1.49 or higher", &[0])],
    );
    let product = |firmware| {
        plate(&[
            (Field::Vendor, "Omron"),
            (Field::Product, "NJ series"),
            (Field::Firmware, firmware),
        ])
    };
    assert_eq!(verdict(&product("1.49"), &document), Verdict::Unknown(Why::Model));
    assert_eq!(verdict(&product("1.48"), &document), Verdict::Affected);
    assert_eq!(verdict(&of("Omron", "NJ501-1300", "1.49"), &document), Verdict::Fixed);
    assert_ne!(verdict(&of("Omron", "NJ301-1100", "1.49"), &document), Verdict::Fixed);
}

#[test]
fn a_fix_for_nobody_in_particular_that_names_a_shorter_name_is_for_that_one() {
    let text = "Modicon M580 CPU (part numbers BMEP* and BMEH*): Firmware SV4.10 includes a fix";
    let mut document = document(
        "Schneider Electric",
        &[
            ("Modicon M580 CPU Safety (part numbers BMEP58*S and BMEH58*S)", "vers:all/*"),
            ("Modicon M580 CPU (part numbers BMEP* and BMEH*)", "<SV4.10"),
        ],
        &[("vendor_fix", text, &[1])],
    );
    let device = of("Schneider Electric", "BME P58 4040S", "v04.20");
    assert_eq!(verdict(&device, &document), Verdict::Affected);
    document.flaws[0].remedies[0].products.clear();
    assert!(matches!(verdict(&device, &document), Verdict::Unknown(_) | Verdict::Affected));
}

#[test]
fn a_fix_before_a_version_that_is_named_as_affected_clears_nothing_behind_it() {
    let document = document(
        "Siemens",
        &[("SCALANCE XB-200", "V4.1"), ("SCALANCE XC-200", "< V2.0.1")],
        &[("vendor_fix", "Update to V2.0.1", &[])],
    );
    assert_eq!(verdict(&of("Siemens", "SCALANCE XB-200", "V4.2"), &document), GAP);
}
