//! Claims that are weak, that contradict each other, or that name an operating system.

use super::*;

fn windows(os: &str) -> Nameplate {
    plate(&[(Field::Vendor, "Microsoft"), (Field::Product, "Windows"), (Field::Os, os)])
}

#[test]
fn a_listed_release_of_windows_is_unknown_and_any_other_is_not_affected() {
    let document = document(
        "Microsoft",
        &[
            ("Windows 10 Version 1903", "vers:intdot/<10.0.18362.720"),
            ("Windows Server, version 1909", "vers:intdot/<10.0.18363.720"),
        ],
        &[("vendor_fix", "Install KB4551762.", &[0, 1])],
    );
    for (os, expected) in [
        ("Windows 10 1903", Verdict::Unknown(Why::UpdateLevel)),
        ("Windows 10 1909", Verdict::NotAffected),
        ("Windows 10 2004 to 22H2", Verdict::NotAffected),
        ("Windows 7 Professional SP1", Verdict::NotAffected),
        ("Windows 8.1 / Windows Server 2012 R2", Verdict::NotAffected),
        ("Windows", Verdict::Unknown(Why::Model)),
    ] {
        assert_eq!(verdict(&windows(os), &document), expected, "{os}");
        let listed = !assessor(vec![document.clone()]).judge(&windows(os)).is_empty();
        assert_eq!(listed, expected != Verdict::NotAffected, "{os}");
    }
}

#[test]
fn windows_on_a_device_of_another_maker_is_judged_too() {
    let document = document("Microsoft", &[("Windows 7 Service Pack 1", "vers:all/*")], &[]);
    let panel = plate(&[
        (Field::Vendor, "Siemens"),
        (Field::Model, "SIMATIC IPC477E"),
        (Field::Os, "Windows 7 Professional Service Pack 1"),
    ]);
    assert_eq!(verdict(&panel, &document), Verdict::Unknown(Why::UpdateLevel));
}

#[test]
fn a_hinted_version_of_samba_gives_no_verdict() {
    let document = document(
        "Samba",
        &[("Samba", "vers:intdot/>=3.5.0|<4.4.14")],
        &[("vendor_fix", "Update to 4.4.14 or later.", &[0])],
    );
    for version in ["4.17.12-Debian", "4.1.0"] {
        let mut plate =
            plate(&[(Field::Vendor, "Samba"), (Field::Product, "Samba"), (Field::Os, "Unix")]);
        let hint = plate_with(Certainty::Hint, &[(Field::Firmware, version)]);
        plate.claims.extend(hint.claims);
        assert_eq!(verdict(&plate, &document), Verdict::Unknown(Why::FirmwareVersion));
    }
}

/// A pump with firmware values, each with the seconds of its first and last sign.
fn pump(firmwares: &[(&str, i64, i64)]) -> Nameplate {
    let mut plate = plate(&[(Field::Vendor, "Acme"), (Field::Model, "Pump 3000")]);
    let claims = firmwares.iter().map(|(value, first, last)| {
        let mut claim = plate_with(Certainty::Certain, &[(Field::Firmware, value)])
            .claims
            .remove(&Field::Firmware)
            .unwrap()
            .remove(0);
        let own = Arc::make_mut(&mut claim);
        own.first = Timestamp::from_parts(*first, 0);
        own.last = Timestamp::from_parts(*last, 0);
        claim
    });
    plate.claims.insert(Field::Firmware, claims.collect());
    plate
}

fn pump_document() -> Advisory {
    document("Acme", &[("Pump 3000", "< 2.0.1")], &[("vendor_fix", "Update to 2.0.1", &[0])])
}

#[test]
fn a_version_that_replaced_an_older_one_counts() {
    for order in [[("1.0.0", 10, 20), ("2.0.1", 30, 40)], [("2.0.1", 30, 40), ("1.0.0", 10, 20)]] {
        assert_eq!(verdict(&pump(&order), &pump_document()), Verdict::Fixed);
    }
    let downgraded = pump(&[("2.0.1", 10, 20), ("1.0.0", 30, 40)]);
    assert_eq!(verdict(&downgraded, &pump_document()), Verdict::Affected);
}

#[test]
fn a_version_said_beside_another_clears_nothing() {
    for firmwares in [
        [("1.0.0", 10, 50), ("2.0.1", 30, 40)],
        [("2.0.1", 30, 40), ("1.0.0", 10, 50)],
        [("2.0.1", 10, 50), ("1.0.0", 30, 40)],
        [("1.0.0", 10, 10), ("2.0.1", 10, 10)],
    ] {
        let judged =
            judge_document(&pump(&firmwares), &pump_document(), &Families::embedded()).remove(0);
        assert_eq!(judged.verdict, Verdict::Unknown(Why::Contradiction));
        let last = judged.because.last().unwrap();
        assert!(last.contains("1.0.0") && last.contains("2.0.1"), "{last}");
    }
    // Where both give the same answer, it holds.
    let both = pump(&[("1.0.0", 10, 50), ("1.0.1", 30, 40)]);
    assert_eq!(verdict(&both, &pump_document()), Verdict::Affected);
}

#[test]
fn two_numbers_of_a_firmware_that_has_three_decide_only_what_they_can() {
    let plate = |firmware| {
        plate(&[
            (Field::Vendor, "Siemens"),
            (Field::Model, "6ES7511-1AK02-0AB0"),
            (Field::Product, "SIMATIC S7-1500 CPU family"),
            (Field::Firmware, firmware),
        ])
    };
    let family = "SIMATIC S7-1500 CPU family (incl. related ET200 CPUs and SIPLUS variants)";
    let on = |range: &str, firmware| {
        let fixes: &[(&str, &str, &[usize])] = &[("vendor_fix", "Update to V2.9.4 or later", &[0])];
        verdict(&plate(firmware), &document("Siemens", &[(family, range)], fixes))
    };
    // What says V2.9 may be V2.9.3.
    for range in ["vers:all/>=V2.9.2<V2.9.4", "< V2.9.4", ">= V2.9.2"] {
        assert!(
            matches!(on(range, "V2.9"), Verdict::Unknown(_)),
            "{range}: {:?}",
            on(range, "V2.9")
        );
        assert_eq!(on(range, "V2.9.3"), Verdict::Affected, "{range}");
    }
    assert_eq!(on("< V2.9.4", "V2.8"), Verdict::Affected);
    assert_eq!(on("vers:all/>=V2.9.2<V2.9.4", "V2.8"), Verdict::NotAffected);
    assert_eq!(on("< V2.9.4", "V3.0"), Verdict::Fixed);
}
