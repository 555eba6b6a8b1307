//! The engine, on rules of its own: nothing here depends on what `signatures/` holds.

use super::*;
use crate::model::{Excerpt, FrameRef, Timestamp, Value};

const KEYS: &[Key] = &[
    Key::one("enip.vendor_id"),
    Key::one("enip.product_name"),
    Key::one("enip.revision"),
    Key::one("smb.native_os"),
    Key::several("ip.mac"),
];

const NUMBERED: &str = r#"
[[signature]]
id = "test-one"
source = "a document"
certainty = "certain"
when."enip.vendor_id".is = 1
when."enip.product_name".matches = '^(?<model>9999-[A-Z0-9]+)(?:/(?<series>[A-Z]))?'
except."smb.native_os".matches = '^Unix'
claim.vendor = "Test Vendor"
claim.model = "{model}"
claim.series = "{series}"
claim.firmware = "{enip.revision}"

[[signature.example]]
given = { "enip.vendor_id" = 1, "enip.product_name" = "9999-L1/B" }
gives = { vendor = "Test Vendor", model = "9999-L1", series = "B" }
"#;

const LOOKED_UP: &str = r#"
[[signature]]
id = "test-two"
source = "a document"
certainty = "hint"
when."ip.mac".exists = true
claim.vendor = { table = "test-oui", key = "ip.mac" }

[[signature.example]]
given = { "ip.mac" = ["02:00:00:00:00:01", "00:00:bc:00:00:01"] }
gives = { vendor = "Test Vendor" }
"#;

const VOCABULARY: (&str, &str) =
    ("vocabulary.toml", "[[vendor]]\nname = \"Test Vendor\"\naliases = [\"TEST VENDOR LTD\"]\n");

const TABLES: &[(&str, &str)] =
    &[("test-oui.csv", "prefix,organisation\n0000BC,Test Vendor Ltd\n")];

/// A fact; its frame tells facts apart.
fn fact(name: &str, value: Value, frame: u64) -> Arc<Ground> {
    let key = KEYS.iter().copied().find(|key| key.name == name).unwrap();
    let frame = FrameRef { number: frame, ..FrameRef::default() };
    Arc::new(Ground {
        key,
        value,
        at: Timestamp::default(),
        frame,
        mac: None,
        excerpt: Excerpt::default(),
    })
}

fn text(name: &str, value: &str) -> Arc<Ground> {
    fact(name, Value::Text(value.into()), 1)
}

/// Only the rules of these tests: those of the program need keys that no test here declares.
fn own(files: &[(&str, &str)]) -> Result<Signatures, Vec<SignatureError>> {
    let (rules, vocabulary) = compile::compile(files, &[VOCABULARY])?;
    let tables = Tables::new(&[], TABLES);
    check::check(files, &rules, &tables, &vocabulary, KEYS)?;
    Ok(Signatures::assemble(rules, tables, vocabulary))
}

fn problems(file: &str) -> Vec<String> {
    own(&[("t.toml", file)]).unwrap_err().iter().map(ToString::to_string).collect()
}

fn told(conclusions: &[Conclusion]) -> Vec<String> {
    conclusions
        .iter()
        .map(|c| format!("{} = {} ({}, {})", c.field, c.value, c.certainty.name(), c.by))
        .collect()
}

#[test]
fn embedded_rules_load() {
    let signatures = Signatures::embedded().unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert!(signatures.ids().count() > 0);
}

#[test]
fn claims_need_all_conditions_and_name_their_facts() {
    let signatures = own(&[("one.toml", NUMBERED), ("two.toml", LOOKED_UP)]).unwrap();
    let mut known = Known::new();
    known.take(text("enip.product_name", "9999-L1/B"));
    assert!(signatures.claims(&known, KEYS).is_empty());

    known.take(fact("enip.vendor_id", Value::Uint(1), 2));
    let conclusions = signatures.claims(&known, KEYS);
    assert_eq!(
        told(&conclusions),
        [
            "vendor = Test Vendor (certain, test-one)",
            "model = 9999-L1 (certain, test-one)",
            "series = B (certain, test-one)"
        ],
    );
    assert!(conclusions.iter().all(|conclusion| conclusion.from.len() == 2));

    known.take(text("enip.revision", "20.11"));
    let firmware = signatures.claims(&known, KEYS).pop().unwrap();
    assert_eq!(
        (firmware.field, &*firmware.value, firmware.from.len()),
        (Field::Firmware, "20.11", 3)
    );
}

#[test]
fn a_group_that_took_no_part_makes_no_claim() {
    let signatures = own(&[("one.toml", NUMBERED)]).unwrap();
    let mut known = Known::new();
    known.take(text("enip.product_name", "9999-L1"));
    known.take(fact("enip.vendor_id", Value::Uint(1), 2));
    assert!(
        signatures.claims(&known, KEYS).iter().all(|conclusion| conclusion.field != Field::Series)
    );
}

#[test]
fn an_exception_silences_the_rule() {
    let signatures = own(&[("one.toml", NUMBERED)]).unwrap();
    let mut known = Known::new();
    known.take(text("enip.product_name", "9999-L1/B"));
    known.take(fact("enip.vendor_id", Value::Uint(1), 2));
    known.take(text("smb.native_os", "Unix"));
    assert!(signatures.claims(&known, KEYS).is_empty());
    let touched = [Key::one("smb.native_os")];
    assert_eq!(signatures.asked(&touched).map(|id| &**id).collect::<Vec<_>>(), ["test-one"]);
}

#[test]
fn only_rules_that_mention_a_touched_key_are_asked() {
    let signatures = own(&[("one.toml", NUMBERED), ("two.toml", LOOKED_UP)]).unwrap();
    let mut known = Known::new();
    known.take(text("enip.product_name", "9999-L1/B"));
    known.take(fact("enip.vendor_id", Value::Uint(1), 2));
    known.take(text("ip.mac", "00:00:bc:00:00:01"));
    let asked = |key: Key| told(&signatures.claims(&known, &[key]));
    assert_eq!(asked(Key::several("ip.mac")), ["vendor = Test Vendor (hint, test-two)"]);
    assert_eq!(asked(Key::one("enip.revision")).len(), 3);
    assert!(asked(Key::one("smb.native_os")).len() == 3);
    assert!(asked(Key::one("unheard.of")).is_empty());
}

#[test]
fn any_value_of_a_key_may_be_in_the_table_and_is_then_the_proof() {
    let signatures = own(&[("two.toml", LOOKED_UP)]).unwrap();
    let mut known = Known::new();
    known.take(fact("ip.mac", Value::Text("02:00:00:00:00:01".into()), 1));
    known.take(fact("ip.mac", Value::Text("00:00:bc:00:00:01".into()), 2));
    let conclusions = signatures.claims(&known, KEYS);
    assert_eq!(told(&conclusions), ["vendor = Test Vendor (hint, test-two)"]);
    assert_eq!(
        conclusions[0].from.iter().map(|ground| ground.frame.number).collect::<Vec<_>>(),
        [2]
    );
}

#[test]
fn a_new_value_replaces_or_joins_as_the_key_says() {
    let mut known = Known::new();
    assert_eq!(known.take(text("enip.revision", "20.11")), Taken::Changed);
    assert_eq!(known.take(text("enip.revision", "20.11")), Taken::Same);
    assert_eq!(known.take(text("enip.revision", "20.12")), Taken::Changed);
    assert_eq!(known.grounds("enip.revision").len(), 1);
    for at in 0..crate::model::limits::VALUES_PER_KEY_MAX {
        assert_eq!(known.take(text("ip.mac", &at.to_string())), Taken::Changed);
    }
    assert_eq!(known.take(text("ip.mac", "one more")), Taken::Full);
}

#[test]
fn bytes_are_matched_as_hexadecimal() {
    let rule = NUMBERED.replace("'^Unix'", "'^00ff$'");
    let signatures = own(&[("one.toml", &rule)]).unwrap();
    let mut known = Known::new();
    known.take(text("enip.product_name", "9999-L1"));
    known.take(fact("enip.vendor_id", Value::Uint(1), 2));
    assert!(!signatures.claims(&known, KEYS).is_empty());
    known.take(fact("smb.native_os", Value::Bytes([0x00, 0xFF].into()), 3));
    assert!(signatures.claims(&known, KEYS).is_empty());
}

#[test]
fn tells_what_is_wrong_and_where() {
    let wrong = |from: &str, to: &str| problems(&NUMBERED.replace(from, to));
    let starts = |from: &str, to: &str, message: &str| {
        let problems = wrong(from, to);
        assert!(
            problems.iter().any(|problem| problem.starts_with(message)),
            "{message}: {problems:?}"
        );
    };
    starts("certainty", "certanty", "t.toml:5:1: unknown field `certanty`");
    starts("\"certain\"", "\"sure\"", "t.toml:5:13: unknown variant `sure`");
    starts("claim.model", "claim.modell", "t.toml:10:7: no field is called \"modell\"");
    starts("enip.revision", "enip.revison", "t.toml:12:18: no protocol says \"enip.revison\"");
    starts(
        "when.\"enip.vendor_id\"",
        "when.\"enip.vendor\"",
        "t.toml:6:6: no protocol says \"enip.vendor\"",
    );
    starts(
        "\"Test Vendor\"\n",
        "\"TEST VENDOR LTD\"\n",
        "t.toml:9:16: the vocabulary has no vendor",
    );
    starts("'^(?<model>", "'(?<model>", "t.toml:7:36: pattern");
    starts("{model}", "{order}", "t.toml:10:15: \"order\" is neither a group");
    starts("{model}", "9999", "t.toml:7:36: no claim uses the group \"model\"");
    starts("a document", " ", "t.toml:4:10: no source");
    starts("'^Unix'", "'^(Unix'", "t.toml:8:34: bad pattern");
    starts("{series}", "{series:3", "t.toml:11:16: bad template");
    starts("series = \"B\"", "series = \"C\"", "t.toml:14:1: the example says");
    starts(".is = 1", ".in = []", "t.toml:6:6: the condition tests nothing");
    starts(".is = 1", ".exists = false", "t.toml:6:32: exists = false is written");
}

#[test]
fn tells_signatures_that_prove_nothing() {
    let bare = "[[signature]]\nid = \"a\"\nsource = \"b\"\ncertainty = \"hint\"\n";
    let problems = problems(bare);
    for message in ["no condition", "claims nothing", "no example"] {
        assert!(problems.iter().any(|problem| problem.contains(message)), "{problems:?}");
    }
}

#[test]
fn tells_two_signatures_of_one_name() {
    let errors = own(&[("a.toml", NUMBERED), ("b.toml", NUMBERED)]).unwrap_err();
    assert_eq!(errors[0].to_string(), "b.toml:3:6: another signature is called \"test-one\"");
}

#[test]
fn damaged_files_are_told_not_trusted() {
    for bad in ["[[signature", "\u{0}", "signature = 1", "[[signature]]\nid = 1"] {
        assert_eq!(own(&[("a.toml", bad)]).unwrap_err().len(), 1, "{bad:?}");
    }
}
