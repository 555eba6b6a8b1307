//! Version texts as the corpus writes them.

use super::*;
use crate::model::version::Bound;

fn spans_of(text: &str) -> String {
    let reading = read(text, Stated::Range, Scheme::Dotted);
    let show = |range: &Range| {
        let end = |bound: &Option<Bound>, open: &str| {
            bound.as_ref().map_or(String::new(), |bound| {
                format!("{open}{}{}", if bound.inclusive { "=" } else { "" }, bound.version.raw())
            })
        };
        if range.is_exact() {
            range.to.as_ref().unwrap().version.raw().to_owned()
        } else {
            format!("{}{}", end(&range.from, ">"), end(&range.to, "<"))
        }
    };
    let what = match &reading.what {
        What::Spans { spans, trains } => {
            format!(
                "{}{}",
                if *trains { "trains " } else { "" },
                spans.iter().map(show).collect::<Vec<_>>().join(" | ")
            )
        }
        other => format!("{other:?}"),
    };
    match reading.narrowed {
        Some(predicate) => format!("{what} if {predicate:?}"),
        None => what,
    }
}

#[test]
fn reads_the_forms_of_the_corpus() {
    for (text, expected) in [
        ("*", "All"),
        ("vers:all/*", "All"),
        ("All versions", "All"),
        ("vers:all/<V4.3.8", "<V4.3.8"),
        ("<= 20.011", "<=20.011"),
        ("All versions < V4.0 SP1 HF2", "<V4.0 SP1 HF2"),
        ("All BIOS versions < V1.0.212N", "<V1.0.212N"),
        ("vers:all/>=V7.80<V9.40", ">=V7.80<V9.40"),
        (">= V4.5 and < V4.7", ">=V4.5<V4.7"),
        (">v33.011|<v33.015", ">v33.011<v33.015"),
        ("vers:intdot/>=1.0|<2.0", ">=1.0<2.0"),
        ("7.30 | 7.40", "7.30 | 7.40"),
        ("<V33.017_V34.014_V35.013", "trains <V33.017 | <V34.014 | <V35.013"),
        ("20-33", ">=20<=33"),
        (" 20-33", ">=20<=33"),
        ("<V16_Update_6", "<V16 Update 6"),
        ("<R510.2_TCU1_HF2", "<R510.2 TCU1 HF2"),
        ("prior to v2.9", "<v2.9"),
        ("Version 16.00 and prior versions;", "<=16.00"),
        ("v10.10 and earlier", "<=v10.10"),
        ("3.2 and later", ">=3.2"),
        (">FW16_up_to_and_including_FW26", ">FW16<=FW26"),
        ("between V1.2 (including) and V1.4.1 (excluding)", ">=V1.2<V1.4.1"),
        ("NMC2 <= 6.9.6", "<=6.9.6"),
        ("<= 15.2(5)EA.fc4", "<=15.2(5)EA.fc4"),
        ("< 02.07.07(10)", "<02.07.07(10)"),
        ("<= 3.5 (12)", "<=3.5 (12)"),
        ("<=(R4.10)", "<=R4.10"),
        ("<= 1.4 build 16062919 ", "<=1.4 build 16062919"),
        ("12.2.*", "12.2.*"),
        ("< V3.X.17", "<V3.X.17"),
        ("No version", "Nothing"),
    ] {
        assert_eq!(spans_of(text), expected, "{text}");
    }
}

#[test]
fn keeps_what_is_no_version_as_a_predicate() {
    for (text, expected) in [
        ("<=the_first_5_digits_of_serial_number_22081", "All if Serial"),
        ("All versions with Function State (FS) < 11", "All if FunctionState"),
        ("All versions <= V2.5.0 and Function State (FS) <= 9", "<=V2.5.0 if FunctionState"),
        ("<=production_date_December_2019", "All if Date"),
        ("vers:all/*_installed_on_CP8_devices", "All if Configuration"),
        ("< V2.1.3 only if web components are used", "<V2.1.3 if Configuration"),
        ("2700988", "Models([\"2700988\"])"),
        ("1783-SAD4T0SPK9", "Models([\"1783-SAD4T0SPK9\"])"),
        ("HEN08104", "Models([\"HEN08104\"])"),
        ("with Web Office Portal", "All if Configuration"),
        ("Gravel and sand", "Unread"),
    ] {
        assert_eq!(spans_of(text), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,80}") {
        let _ = read(&text, Stated::Range, Scheme::Unknown);
    }

    #[test]
    fn any_arrangement_of_its_words_is_read_without_panic(
        words in proptest::collection::vec(proptest::sample::select(vec!["<", ">=", "V1.2", "and", "prior", "to", "|", "all", "SP", "2", "(", ")", "-", "if", "x"]), 0..12)
    ) {
        let _ = read(&words.join(" "), Stated::Version, Scheme::Rockwell);
    }
}

#[test]
fn a_list_longer_than_any_real_one_is_kept_as_text_and_not_read_in_part() {
    let list = |count: usize| {
        let versions: Vec<String> = (0..count).map(|minor| format!("7.{minor}")).collect();
        read(&versions.join(" | "), Stated::Range, Scheme::Dotted)
    };
    assert!(list(20).is_comparable());
    assert!(!list(5_000).is_read());
}
