//! Orders of versions, maker by maker.

use super::*;

fn order(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    Version::new(a, scheme).compare(&Version::new(b, scheme))
}

#[test]
fn rockwell_minor_is_three_digits_however_it_is_written() {
    assert_eq!(order(Scheme::Rockwell, "20.11", "V20.011"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Rockwell, "4.003", "4.3"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Rockwell, "33.14", "33.015"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Rockwell, "11.2", "11.003"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Rockwell, "v34.011", "V33.017"), Some(Ordering::Greater));
}

#[test]
fn rockwell_redundancy_firmware_is_beside_the_standard_one() {
    assert_eq!(order(Scheme::Rockwell, "33.051", "33.013"), None);
    assert_eq!(order(Scheme::Rockwell, "33.051", "33.052"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Rockwell, "33.051", "34.011"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Rockwell, "6.50", "6.40"), Some(Ordering::Greater));
}

#[test]
fn schneider_minor_is_two_digits() {
    assert_eq!(order(Scheme::Schneider, "v02.20", "2.3"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Schneider, "2.3", "2.30"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Schneider, "v04.10", "SV4.10"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Schneider, "2.6", "SV3.51"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Schneider, "2.60", "2.7.1"), None);
    assert_eq!(order(Scheme::Schneider, "2.3", "2.7.1"), None);
    assert_eq!(order(Scheme::Schneider, "2.80", "2.7.1"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Schneider, "2.60", "1.5.1.0"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Schneider, "SV3.51 IR1", "SV3.51"), Some(Ordering::Greater));
}

#[test]
fn siemens_tails_follow_the_numbers() {
    assert_eq!(order(Scheme::Siemens, "V4.5", "V4.5.0"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Siemens, "V 4.4.1", "V4.5.0"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Siemens, "V3.10", "V3.9"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Siemens, "V16 Update 3", "V16 Upd 4"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Siemens, "V7.4 SP1", "V7.4 Update 9"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Siemens, "V7.4 SP1 HF2", "V7.4 SP1 HF10"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Siemens, "V3.2.16", "V3.X.17"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Siemens, "V3.3.17", "V3.X.17"), Some(Ordering::Equal));
}

#[test]
fn ios_letters_name_a_train() {
    assert_eq!(order(Scheme::Ios, "15.2(5)EA.fc4", "15.2(7)E3"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Ios, "15.2(7)E3", "15.2(7)E4"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Ios, "15.2(7)E3", "15.2(7)EA3"), None);
}

#[test]
fn integers_and_releases() {
    assert_eq!(order(Scheme::Integer, "05", "39"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Integer, "FW10", "10"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Integer, "01.07.03(10)", "FW10"), Some(Ordering::Equal));
    assert_eq!(order(Scheme::Integer, "02.05.23(08)", "02.07.07(10)"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Integer, "02.05.23", "FW16"), None);
    assert_eq!(order(Scheme::Dotted, "02.07.07(10)", "02.07.08(10)"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Release, "R6.03.10", "R6.08.00"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Release, "R510.2_TCU1_HF2", "R510.2 HF13"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Release, "1p1r26", "1p1r3"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Integer, "1.010L", "1.011M"), Some(Ordering::Less));
}

#[test]
fn a_letter_behind_the_number_is_a_letter_and_no_patch_or_release() {
    for scheme in [Scheme::Integer, Scheme::Dotted, Scheme::Siemens] {
        for pair in [("1.087Q", "1.087R"), ("1.087R", "1.087S"), ("1.014O", "1.014P")] {
            assert_eq!(order(scheme, pair.0, pair.1), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(order(scheme, "1.042T", "1.042U"), Some(Ordering::Less));
    }
    assert_eq!(order(Scheme::Siemens, "V3.14 P021", "V3.14 P022"), Some(Ordering::Less));
}

#[test]
fn words_behind_the_core_are_not_run_together() {
    let siemens = |a, b| order(Scheme::Siemens, a, b);
    assert_eq!(siemens("V9.0 SP3 UC02", "V9.0 SP3 UC04"), Some(Ordering::Less));
    assert_eq!(siemens("V9.0 SP3", "V9.0 SP3 UC04"), Some(Ordering::Less));
    assert_eq!(siemens("V18 SR 1", "V18"), Some(Ordering::Greater));
    assert_eq!(siemens("V5.0", "V5.0 QU1"), Some(Ordering::Less));
    assert_eq!(siemens("V16 Update 3", "V16 Update 3a"), Some(Ordering::Less));
    assert_eq!(siemens("V16 Update 3a", "V16 Update 4"), Some(Ordering::Less));
    // What TC6 counts nobody has studied: only what stands before it decides.
    assert_eq!(siemens("5.1 FP4 TC6", "5.1 FP4"), None);
    assert_eq!(siemens("5.1 FP4 TC6", "5.1 FP5"), Some(Ordering::Less));
    assert_eq!(siemens("1.5 Beta 4", "1.5"), None);
    assert_eq!(order(Scheme::Dotted, "2023.0.2 LTS", "2023.0.2"), Some(Ordering::Equal));
}

#[test]
fn two_ways_of_counting_are_not_compared() {
    assert_eq!(order(Scheme::Integer, "05", "1.057"), None);
    assert_eq!(order(Scheme::Integer, "1.057", "1.060"), Some(Ordering::Less));
}

#[test]
fn a_range_that_ends_before_it_begins_is_seen() {
    let version = |raw| Version::new(raw, Scheme::Dotted);
    let range = |from, to| Range {
        from: Some(Bound { version: version(from), inclusive: true }),
        to: Some(Bound { version: version(to), inclusive: true }),
    };
    assert!(range("4.5.0", "3.5.2").is_inverted());
    assert!(!range("3.5.0", "3.5.2").is_inverted() && !range("3.5", "3.5").is_inverted());
}

#[test]
fn an_open_end_that_is_excluded_may_be_anywhere_in_it() {
    let version = |raw| Version::new(raw, Scheme::Dotted);
    let below =
        Range { from: None, to: Some(Bound { version: version("4.5.x"), inclusive: false }) };
    assert_eq!(below.contains(&version("4.4.9")), Some(true));
    assert_eq!(below.contains(&version("4.5.1")), None);
    assert_eq!(below.contains(&version("4.6")), Some(false));
}

#[test]
fn unknown_order_is_not_guessed() {
    assert_eq!(order(Scheme::Unknown, "2.10", "2.9"), None);
    assert_eq!(order(Scheme::Unknown, "1.05", "1.5"), None);
    assert_eq!(order(Scheme::Unknown, "2.10.1", "2.9.1"), Some(Ordering::Greater));
    assert_eq!(order(Scheme::Unknown, "1.29", "1.48"), Some(Ordering::Less));
    assert_eq!(order(Scheme::Unknown, "banana", "1.0"), None);
    assert_eq!(order(Scheme::Unknown, "1.4", "1.4 Build 16062919"), None);
    assert_eq!(order(Scheme::Unknown, "B12", "12"), None);
}

#[test]
fn range_ends_that_name_a_train_are_ambiguous_inside_it() {
    let version = |raw| Version::new(raw, Scheme::Rockwell);
    let prior = Range { from: None, to: Some(Bound { version: version("33"), inclusive: true }) };
    assert_eq!(prior.contains(&version("32.015")), Some(true));
    assert_eq!(prior.contains(&version("33.011")), None);
    assert_eq!(prior.contains(&version("34.011")), Some(false));
    let exact = Range::exactly(version("36.011"));
    assert!(exact.is_exact());
    assert_eq!(exact.contains(&version("36.11")), Some(true));
    assert_eq!(exact.contains(&version("36.012")), Some(false));
}

const SAMPLES: &[&str] = &[
    "1",
    "05",
    "39",
    "33",
    "2.3",
    "2.30",
    "v02.20",
    "20.11",
    "20.011",
    "V33.017",
    "SV3.51",
    "SV3.51 IR1",
    "V4.5.0",
    "V4.5",
    "4.5.0.1",
    "V7.4 SP1",
    "V7.4 SP1 Upd 3",
    "V16 Update 3",
    "15.2(7)E3",
    "15.2(5)EA.fc4",
    "1.010L",
    "1.063R",
    "R6.03.10",
    "R510.2_TCU1",
    "1p1r26",
    "FW10",
    "02.07.07(10)",
    "",
    "x",
    "2.x",
    "1.4 Build 12",
    "1.4",
    "5.1a",
    "5.1b",
    "2014 R2",
    "2014 R2 SP1",
    "9.9.9.9.9.9",
];

const SCHEMES: [Scheme; 8] = [
    Scheme::Rockwell,
    Scheme::Schneider,
    Scheme::Siemens,
    Scheme::Ios,
    Scheme::Integer,
    Scheme::Release,
    Scheme::Dotted,
    Scheme::Unknown,
];

#[test]
fn order_is_antisymmetric() {
    for scheme in SCHEMES {
        for a in SAMPLES {
            for b in SAMPLES {
                assert_eq!(
                    order(scheme, a, b),
                    order(scheme, b, a).map(Ordering::reverse),
                    "{a} {b}"
                );
            }
        }
    }
}

#[test]
fn order_is_transitive_without_placeholders() {
    let closed: Vec<_> = SAMPLES.iter().filter(|raw| !raw.contains('x')).collect();
    for scheme in SCHEMES {
        for a in &closed {
            for b in &closed {
                for c in &closed {
                    if order(scheme, a, b) == Some(Ordering::Less)
                        && order(scheme, b, c) == Some(Ordering::Less)
                    {
                        assert_ne!(
                            order(scheme, a, c),
                            Some(Ordering::Greater),
                            "{a} < {b} < {c} in {scheme:?}"
                        );
                        assert_ne!(
                            order(scheme, a, c),
                            Some(Ordering::Equal),
                            "{a} < {b} < {c} in {scheme:?}"
                        );
                    }
                }
            }
        }
    }
}

/// Versions as makers write them: a core, then what was repaired.
fn written() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let core = proptest::collection::vec(0_u64..14, 1..4)
        .prop_map(|numbers| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."));
    let prefix = proptest::sample::select(vec!["", "V", "v", "R", "FW", "SV"]);
    let letter = proptest::sample::select(vec!["", "", "", "a", "b", "P", "R"]);
    let word = proptest::sample::select(vec![
        "", " SP", " Update ", " HF", " Build ", " UC", " Beta ", " TC",
    ]);
    (prefix, core, letter, word, 1_u64..4).prop_map(|(prefix, core, letter, word, count)| {
        let tail = if word.is_empty() { String::new() } else { format!("{word}{count}") };
        format!("{prefix}{core}{letter}{tail}")
    })
}

proptest::proptest! {
    #[test]
    fn orders_of_made_up_versions_are_orders(a in written(), b in written(), c in written()) {
        for scheme in SCHEMES {
            let [ab, bc, ac] = [(&a, &b), (&b, &c), (&a, &c)].map(|(one, other)| order(scheme, one, other));
            assert_eq!(ab, order(scheme, &b, &a).map(Ordering::reverse), "{scheme:?}");
            assert_eq!(order(scheme, &a, &a), Some(Ordering::Equal));
            // Two steps up are never a step down, whatever is known of the pair itself.
            if ab == Some(Ordering::Less) && bc == Some(Ordering::Less) {
                assert_ne!(ac, Some(Ordering::Greater), "{a} < {b} < {c} in {scheme:?}");
            }
            if ab == Some(Ordering::Equal) && let (Some(ac), Some(bc)) = (ac, bc) {
                assert_eq!(ac, bc, "{a} = {b}, {c} in {scheme:?}");
            }
        }
    }

    #[test]
    fn trailing_noughts_change_nothing_where_numbers_stand_between_dots(a in 0_u64..60, b in 0_u64..60) {
        for scheme in [Scheme::Rockwell, Scheme::Siemens, Scheme::Dotted, Scheme::Release] {
            assert_eq!(order(scheme, &format!("{a}.{b}"), &format!("{a}.{b}.0")), Some(Ordering::Equal));
        }
    }

    #[test]
    fn any_text_is_read_without_panic(raw in ".{0,64}", other in ".{0,64}") {
        let (a, b) = (Version::new(&raw, Scheme::Unknown), Version::new(&other, Scheme::Unknown));
        assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
        assert_eq!(a.compare(&a), Some(Ordering::Equal));
    }

    #[test]
    fn dotted_numbers_compare_as_numbers(a in proptest::collection::vec(0_u64..50, 1..4), b in proptest::collection::vec(0_u64..50, 1..4)) {
        let join = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
        let pad = |numbers: &[u64]| (0..4).map(|at| numbers.get(at).copied().unwrap_or(0)).collect::<Vec<_>>();
        assert_eq!(order(Scheme::Dotted, &join(&a), &join(&b)), Some(pad(&a).cmp(&pad(&b))));
    }
}

#[test]
fn a_beginning_compares_where_all_that_it_may_be_compare_alike() {
    let siemens = |text: &str| Version::new(text, Scheme::Siemens);
    let begun = siemens("V2.9").beginning();
    let order = |other: &str| begun.compare(&siemens(other));
    assert_eq!(order("V2.8.4"), Some(Ordering::Greater));
    assert_eq!(order("V3.0"), Some(Ordering::Less));
    assert_eq!(order("V2.10.1"), Some(Ordering::Less));
    assert_eq!((order("V2.9"), order("V2.9.0"), order("V2.9.2")), (None, None, None));
    assert_eq!(siemens("V2.8.4").compare(&begun), Some(Ordering::Less));
    assert_eq!(siemens("V2.9.4").compare(&begun), None);
    assert_eq!(begun.raw(), "V2.9");
}

#[test]
fn a_beginning_is_inside_when_all_that_it_may_be_are() {
    let siemens = |text: &str| Version::new(text, Scheme::Siemens);
    let bound = |text: &str, inclusive| Bound { version: siemens(text), inclusive };
    let range = |from: &str, to: &str| Range {
        from: (!from.is_empty()).then(|| bound(from, true)),
        to: (!to.is_empty()).then(|| bound(to, false)),
    };
    let begun = siemens("V2.9").beginning();
    let inside = |from: &str, to: &str| range(from, to).contains(&begun);
    assert_eq!(inside("", "V3.0.1"), Some(true));
    assert_eq!(inside("V2.9", "V2.10"), Some(true));
    assert_eq!(inside("", "V2.9"), Some(false));
    assert_eq!(inside("V2.10", ""), Some(false));
    // V2.9.3 is inside: what says V2.9 only is not safe.
    assert_eq!(inside("V2.9.2", "V2.9.4"), None);
    assert_eq!(inside("", "V2.9.7"), None);
    assert_eq!(inside("V2.9.2", ""), None);
    let up_to = Range { from: None, to: Some(bound("V2.9", true)) };
    assert_eq!(up_to.contains(&begun), None);
    assert_eq!(Range::exactly(siemens("V2.9")).contains(&begun), None);
}
