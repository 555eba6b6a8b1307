use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::any;
use proptest::sample::select;

use crate::model::finding::{Grade, Judgement, Kind, Substance, Weight, Why};
use crate::model::limits::{QUERY_BYTES_MAX, QUERY_DEPTH_MAX};
use crate::model::{
    AssetId, Certainty, Claim, Handling, Hop, Mac, Node as NetworkNode, Scope, Subject, Timestamp,
};

use super::*;

fn plate(fields: &[(Field, &str)]) -> Nameplate {
    let mut plate = Nameplate::default();
    for (field, value) in fields {
        let address = IpAddr::from([10, 1, 1, 5]);
        let claim = Claim {
            subject: Subject::node(NetworkNode::ip(Scope::default(), address)),
            field: *field,
            value: (*value).into(),
            certainty: Certainty::Certain,
            by: "rule".into(),
            from: Vec::new(),
            first: Timestamp(0),
            last: Timestamp(0),
        };
        plate.claims.insert(*field, vec![claim.into()]);
    }
    plate
}

fn module(slot: u32, fields: &[(Field, &str)]) -> Module {
    let at = Timestamp(0);
    Module { path: Unit([Hop::Slot(slot)].into()), nameplate: plate(fields), first: at, last: at }
}

/// A chassis at 10.1.1.5: nothing known of itself but its name, a communication module in slot 1, a controller in slot 3.
fn chassis() -> Asset {
    Asset {
        identity: "ip 10.1.1.5".into(),
        nameplate: plate(&[(Field::Name, "Line 7"), (Field::Kind, "plc")]),
        modules: vec![
            module(
                1,
                &[
                    (Field::Vendor, "Rockwell Automation"),
                    (Field::Model, "1756-EN2T/D"),
                    (Field::Firmware, "20.9"),
                ],
            ),
            module(
                3,
                &[(Field::Model, "1756-L61"), (Field::Firmware, "2.3"), (Field::Series, "B")],
            ),
        ],
        scopes: [Scope { vlan: 103, ..Scope::default() }].into(),
        ips: [IpAddr::from([10, 1, 1, 5])].into(),
        macs: [Mac([0, 0x1d, 0x9c, 1, 2, 3])].into(),
        protocols: ["enip".into(), "arp".into()].into(),
        first: "2026-03-02".parse().map(day).unwrap(),
        last: "2026-03-04".parse().map(day).unwrap(),
        ..Asset::default()
    }
}

fn day(date: jiff::civil::Date) -> Timestamp {
    period::read(&date.to_string()).unwrap().0
}

fn finding(slot: u32, cve: &str, verdict: Verdict, cvss: Option<f64>) -> Arc<Finding> {
    Arc::new(Finding {
        id: uuid::Uuid::nil(),
        asset: AssetId(uuid::Uuid::nil()),
        module: Some(Unit([Hop::Slot(slot)].into())),
        weight: Weight::default(),
        handling: Handling::default(),
        judgement: Arc::new(Judgement {
            kind: Kind::Advisory,
            substance: Substance::default(),
            advisory: "ICSA-24-284-20".into(),
            title: "".into(),
            cve: cve.into(),
            verdict,
            grade: Grade::E1,
            certainty: Certainty::Certain,
            because: Vec::new(),
            clause: String::new(),
            fixed_in: Vec::new(),
            remediation: None,
            cvss,
            vector: None,
            kev: None,
            epss: None,
        }),
    })
}

fn findings() -> Vec<Arc<Finding>> {
    vec![
        finding(1, "CVE-2024-0001", Verdict::Affected, Some(5.3)),
        finding(1, "CVE-2024-0002", Verdict::Fixed, Some(9.8)),
        finding(3, "CVE-2024-0003", Verdict::Unknown(Why::Model), None),
    ]
}

/// Controllers stand at level 1, and so do all of kind `plc`.
fn levels() -> Levels {
    let mut levels = Levels::default();
    levels.role("controller", Some(1));
    levels.kind("plc", Some(1));
    levels
}

#[test]
fn the_level_is_that_of_the_zone_or_else_of_role_and_kind() {
    let ask = |text: &str, zones: &Zones| {
        let query = Query::parse(text).unwrap();
        let order = |_: &str| Scheme::Unknown;
        let context = Context { zones, levels: &levels(), sites: &Sites::default(), order: &order };
        !query.select(&context, &chassis(), &[]).parts.is_empty()
    };
    let none = Zones::default();
    assert!(ask("purdue = 1", &none) && !ask("purdue = 2", &none));
    assert!(!Query::parse("purdue = 1").unwrap().asks_for_zones());
    let mut zones = Zones::default();
    let vlans = [103].into();
    zones.add(Zone { purdue: Some(2), vlans, ..Zone::default() }).unwrap();
    assert!(ask("purdue = 2", &zones) && !ask("purdue = 1", &zones));
}

fn ask(text: &str) -> Selected {
    let mut zones = Zones::default();
    let (name, vlans) = ("Cell 3".into(), [103].into());
    let purdue = Some(1);
    zones.add(Zone { name, purdue, vlans, ..Zone::default() }).unwrap();
    let order = |vendor: &str| match vendor {
        "Rockwell Automation" => Scheme::Rockwell,
        _ => Scheme::Unknown,
    };
    let sites = Sites::new(["Nord".into(), "Süd".into()]);
    let context = Context { zones: &zones, levels: &levels(), sites: &sites, order: &order };
    let query = Query::parse(text).unwrap_or_else(|error| panic!("{error}"));
    query.select(&context, &chassis(), &findings())
}

fn holds_for_it(text: &str) -> bool {
    !ask(text).parts.is_empty()
}

fn wrong(text: &str) -> String {
    Query::parse(text).unwrap_err().to_string()
}

#[test]
fn every_operator_finds_what_it_says() {
    for (text, expected) in [
        ("model = '1756-en2t/d'", true),
        ("model = 1756-EN2T", false),
        ("model ~ en2t", true),
        ("model ~ '175?-L6*1'", true),
        ("model ~ '175?-L7*'", false),
        ("model != 1756-L61", true),
        ("kind != plc", false),
        ("vlan > 102", true),
        ("vlan >= 104", false),
        ("vlan in 100-110", true),
        ("vlan in (1, 103)", true),
        ("ip in 10.1.0.0/16", true),
        ("ip in (10.2.0.0/16, 10.3.0.0/16)", false),
        ("ip = 10.1.1.5", true),
        ("ip < 10.1.1.6", true),
        ("ip ~ 10.1.", true),
        ("mac = 00-1D-9C-01-02-03", true),
        ("protocol has enip", true),
        ("protocols = modbus", false),
        ("vendor has automation", true),
        ("vendor has auto", false),
        ("has serial", false),
        ("has firmware", true),
        ("series < C", true),
        ("zone = 'cell 3' and purdue <= 1", true),
        ("has criticality", false),
        ("module = 'slot 3'", true),
        ("first_seen = 2026-03-02", true),
        ("last_seen > 2026-03-03", true),
        ("last_seen > 2026-03-04", false),
        ("last_seen >= 2026-03", true),
        ("verdict = cannot-tell and reason ~ model", true),
        ("cve = cve-2024-0002", true),
        ("advisory ~ 24-284", true),
        ("cvss >= 9", true),
        ("has kev", false),
    ] {
        assert_eq!(holds_for_it(text), expected, "{text}");
    }
}

#[test]
fn versions_have_the_order_of_their_maker() {
    assert!(holds_for_it("model ~ EN2T and firmware < 20.11"));
    assert!(!holds_for_it("model ~ EN2T and firmware >= 20.011"));
    assert!(holds_for_it("firmware = 20.009"), "20.9 is 20.009 at Rockwell");
}

/// 2.3 may be above 2.20, as it is at Schneider, or below: nobody studied this maker.
#[test]
fn versions_without_an_order_are_neither_selected_nor_silent() {
    for text in ["model ~ L61 and firmware < 2.20", "model~L61 and firmware != 2.20"] {
        let selected = ask(text);
        assert!(selected.parts.is_empty() && selected.is_undecided, "{text}: {selected:?}");
    }
    let selected = ask("not (model ~ L61 and firmware < 2.20)");
    assert!(selected.parts.is_empty() && selected.is_undecided, "{selected:?}");
    assert!(!ask("model ~ nothing and firmware < 2.20").is_undecided);
}

#[test]
fn and_binds_more_than_or_and_not_more_than_and() {
    assert!(holds_for_it("kind = plc or kind = hmi and kind = drive"));
    assert!(!holds_for_it("(kind = plc or kind = hmi) and kind = drive"));
    assert!(holds_for_it("not kind = hmi and kind = plc"));
    assert!(!holds_for_it("not (kind = hmi or kind = plc)"));
    assert!(holds_for_it("NOT NOT kind = plc"));
}

#[test]
fn a_field_without_a_value_is_neither_equal_nor_unequal() {
    assert!(!holds_for_it("serial = 1"));
    assert!(!holds_for_it("serial != 1"));
    assert!(holds_for_it("not serial = 1"));
}

#[test]
fn one_part_must_be_all_that_is_asked_for() {
    assert!(!holds_for_it("model ~ EN2T and model ~ L61"));
    let selected = ask("model ~ L61 and name = 'line 7'");
    assert_eq!(selected.parts, [Some(Unit([Hop::Slot(3)].into()))].into());
    assert_eq!(selected.findings, [false, false, true]);
}

#[test]
fn one_verdict_must_be_all_that_is_asked_for() {
    assert_eq!(ask("verdict = affected").findings, [true, false, false]);
    assert!(!holds_for_it("verdict = affected and cvss >= 9"));
    assert!(holds_for_it("verdict != affected"), "another verdict is not");
    assert!(!holds_for_it("not verdict = affected"), "the device has one that is");
}

#[test]
fn words_are_searched_and_all_must_be_found() {
    assert!(holds_for_it("rockwell en2t"));
    assert!(holds_for_it("00:1d:9c"));
    assert!(holds_for_it("\"line 7\" 10.1.1.5"));
    assert!(!holds_for_it("rockwell siemens"));
    assert!(holds_for_it("rockwell and not siemens"));
}

#[test]
fn mistakes_show_their_place() {
    for (text, words, carets) in [
        ("", "empty", 1),
        ("vendr = Siemens", "there is no field vendr; do you mean vendor?", 5),
        ("kind=plc and colour = red", "there are vendor, product", 6),
        ("vendor", "vendor is a field", 6),
        ("vendor = Schneider Electric", "needs quotes", 8),
        ("vendor < Siemens", "vendor has no order", 8),
        ("vendor =", "a value is missing here", 1),
        ("vendor = and", "need quotes", 3),
        ("vendor == Siemens", "write = here", 2),
        ("kind=plc && kind=hmi", "write and here", 2),
        ("(kind = plc", "this parenthesis is not closed", 1),
        ("kind = plc)", "no parenthesis is open here", 1),
        ("kind = 'plc", "no ' ends the text", 1),
        ("and kind = plc", "missing before this", 3),
        ("kind = plc or", "missing here", 1),
        ("ip = 10.1.0.0/16", "write ip in 10.1.0.0/16", 11),
        ("ip in 10.1.2.3/16", "do you mean 10.1.0.0/16?", 11),
        ("ip = 10.1", "~ finds a part of one", 4),
        ("vlan = many", "many is no number", 4),
        ("verdict = afected", "do you mean affected?", 7),
        ("kev = maybe", "neither true nor false", 5),
        ("last_seen > tomorrow", "is no time", 8),
        ("firmware < newest", "no version that has an order", 6),
        ("vlan in (1, 2", "this list is not closed", 1),
        ("has colour", "no field colour", 6),
    ] {
        let message = wrong(text);
        let lines: Vec<&str> = message.lines().collect();
        let [what, shown, caret] = lines[..] else { panic!("{message}") };
        assert!(what.contains(words), "{message}");
        assert_eq!(shown.trim(), text.trim(), "{message}");
        assert_eq!(caret.matches('^').count(), carets, "{message}");
    }
    let message = wrong("kind=plc and vendr=x");
    let column = |line: usize, sign: &str| message.lines().nth(line).unwrap().find(sign);
    assert_eq!(column(1, "vendr"), column(2, "^"), "{message}");
}

#[test]
fn a_long_or_deep_expression_is_refused() {
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::parse(&deep(QUERY_DEPTH_MAX - 1)).is_ok());
    assert!(wrong(&deep(QUERY_DEPTH_MAX + 1)).contains("inside each other"));
    assert!(wrong(&"not ".repeat(500)).contains("inside each other"));
    assert!(wrong(&"a ".repeat(QUERY_BYTES_MAX)).contains("bytes"));
    let message = wrong(&format!("{} vendr=x", "word ".repeat(200)));
    assert!(message.lines().all(|line| line.chars().count() < 120), "{message}");
}

#[test]
fn hostile_patterns_cost_little() {
    let text = "a".repeat(1_000);
    assert!(!contains(&text, &"*a".repeat(2_000)));
    assert!(contains(&text, &"*a".repeat(1_000)));
    assert!(contains("ümlaut", "?ml*t") && !contains("ab", "???"));
}

proptest::proptest! {
    #[test]
    fn no_text_stops_the_parser(text in ".{0,200}") {
        let _ = Query::parse(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_words_stop_the_parser(
        words in proptest::collection::vec(
            select(vec![
                "vendor", "firmware", "ip", "vlan", "=", "!=", "~", "<", ">=", "has", "in", "(", ")",
                ",", "and", "or", "not", "V3.2", "10.0.0.0/8", "'x y'", "\"", "\\", "é", "*", "-",
            ]),
            0..20,
        ),
        blanks in any::<bool>(),
    ) {
        let text = words.join(if blanks { " " } else { "" });
        match Query::parse(&text) {
            Ok(_) => { let _ = ask(&text); }
            Err(error) => {
                let place = error.place();
                proptest::prop_assert!(place.start <= place.end && place.end <= text.len());
                proptest::prop_assert_eq!(error.to_string().lines().count(), 3);
            }
        }
    }
}
