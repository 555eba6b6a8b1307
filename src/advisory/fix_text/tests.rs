//! Texts of vendor fixes and mitigations as makers write them.

use super::*;

fn versions(text: &str) -> Vec<String> {
    read(text).into_iter().map(|fix| fix.version).collect()
}

#[test]
fn all_expressions_compile() {
    assert!(
        [
            &SENTENCE_END,
            &VERB,
            &VERSION,
            &NEXT_VERSION,
            &LATER,
            &LOGIN,
            &CARRIES_FIX,
            &PATCH_FOR,
            &SCOPE_AFTER,
            &UNSTUDIED_TAIL,
            &AND_LATER,
            &AVAILABLE,
            &FOR_TRAIN
        ]
        .into_iter()
        .all(|regex| regex.is_some())
    );
}

#[test]
fn reads_the_sentences_of_the_corpus() {
    for (text, expected) in [
        ("Update to V4.5.0 or later version", &["V4.5.0"][..]),
        ("Update to V4.0 SP1 or later version", &["V4.0 SP1"]),
        ("Update to V16 Update 5 or later version", &["V16 Update 5"]),
        ("1756-EN4: v6.001 and later", &["v6.001"]),
        ("R12CCPU-V: Version 14 or later", &["14"]),
        ("Version 34.016", &["34.016"]),
        ("Users should upgrade to versions 33.013, 34.011, or later.", &["33.013", "34.011"]),
        (
            "1756-EN2T Series B: Update to 5.029 or later signed versions (**recommended). Update to 5.009 for unsigned versions",
            &["5.029", "5.009"],
        ),
        ("1734-AENT/1734-AENTR Series C: Versions 7.011 and prior. Upgrade to 7.013", &["7.013"]),
        (
            "RTU500 series CMU Firmware version 13.2.1 - 13.2.5: Update to CMU Firmware version 13.2.6",
            &["13.2.6"],
        ),
        (
            "has released a new firmware version for the MicroLogix 1400 Series B controllers, FRN 21.00, to address",
            &["21.00"],
        ),
        ("RFC 470S PN 3TX: Article number 2916794, firmware 4.20", &["4.20"]),
        (
            "NX7-series Machine Automation Controller (All Models): Versions 1.29 or higher",
            &["1.29"],
        ),
    ] {
        assert_eq!(versions(text), expected, "{text}");
    }
}

#[test]
fn does_not_take_other_numbers_for_fixes() {
    for text in [
        "IE-SW-VL05M-5TX firmware v3.6.24 Build 19062809 and prior",
        "Q03UDECPU: the first 5 digits of serial number 22082 or later",
        "Set up a firewall blocking all remote/external access to Port 502",
        "For SIMATIC: currently no fix is planned",
        "MELSEC iQ-R R120 PSFCPU firmware: Refer to \"Appendix 2 Firmware Update Function\" in the manual",
        "https://www.schneider-electric.fr/fr/search/V2.9?filters=CAT_PRD_DOC_FIRMUPD",
        "There is no fix available for versions prior to v2.0.",
    ] {
        assert_eq!(versions(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn tells_what_to_update() {
    let fixes = read("Update your entire solution to TIA Portal V17 and use TLS communication");
    assert_eq!(fixes[0].component, "your entire solution to TIA Portal");
    let fixes = read(
        "For ControlLogix 5570 redundancy: Users should upgrade to versions 33.052, 34.051, or later.",
    );
    assert!(fixes[1].sentence.contains("ControlLogix 5570 redundancy"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,120}") {
        let _ = read(&text);
    }
}

#[test]
fn a_version_that_is_offered_is_a_fix_where_it_is_of_a_program() {
    for (text, expected) in [
        ("Schneider Electric firmware Version 2.80 is available for download:", &["2.80"][..]),
        ("Firmware V3.1 for the M340 is now available to download", &["V3.1"]),
        ("Version 2.80 of the guide is available for download", &[]),
        ("Firmware 2.80 will be available for download", &[]),
        ("The feature in firmware 2.80 is available for download", &[]),
    ] {
        assert_eq!(versions(text), expected, "{text}");
    }
}

#[test]
fn and_later_is_said_of_the_last_version_and_a_train_of_those_that_are_of_it() {
    let read = |text: &str| -> Vec<(String, bool, Option<String>)> {
        let fixes = super::read(text).into_iter();
        fixes.map(|fix| (fix.version, fix.later, fix.train)).collect()
    };
    let row = |version: &str, later, train: Option<&str>| {
        (version.to_owned(), later, train.map(str::to_owned))
    };
    for (text, expected) in [
        (
            "Update to V33.017, V34.014 or later",
            vec![row("V33.017", false, None), row("V34.014", true, None)],
        ),
        ("Upgrade to firmware 5.021 (or higher)", vec![row("5.021", true, None)]),
        ("Upgrade to 7.013", vec![row("7.013", false, None)]),
        (
            "Update to v33.015 and later for versions 33. Update to v34.011 and later",
            vec![row("v33.015", true, Some("33")), row("v34.011", true, None)],
        ),
        ("Update to 2.4.1 for version 2.4", vec![row("2.4.1", false, Some("2.4"))]),
        ("Update to 2.0 for versions 1.9", vec![row("2.0", false, None)]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}
