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
            &UNSTUDIED_TAIL
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
