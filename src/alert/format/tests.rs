use super::*;
use crate::export::escape::{NASTY, is_hostile};
use crate::model::{AssetId, NoticeKind, Timestamp};

pub(super) fn form(format: FormatName, bytes_max: usize) -> Form {
    Form {
        format,
        facility: 16,
        enterprise: 32_473,
        hostname: "sensor1".to_owned(),
        header: Header::default(),
        process: 812,
        bytes_max,
    }
}

fn notice() -> Notice {
    Notice {
        number: 7,
        at: Timestamp(1_300_000_000_000_000_042),
        told: Timestamp(1_300_000_001_123_456_789),
        kind: NoticeKind::AssetChanged,
        severity: Severity::Warning,
        site: "Plant A".into(),
        asset: Some(AssetId(uuid::Uuid::from_u128(1))),
        name: "PLC \"7\"".into(),
        addresses: vec!["10.0.0.1".into(), "2001:db8::1".into(), "00:0e:8c:12:34:56".into()],
        finding: None,
        text: "firmware was V3.2.6 and is V3.2.17".into(),
        details: vec![("field".into(), "firmware".into()), ("to".into(), "[a]=\\".into())],
    }
}

#[test]
fn rfc5424_has_every_part_in_its_place() {
    let written = form(FormatName::Rfc5424, 2_048).write(&notice());
    assert_eq!(
        written.text,
        concat!(
            "<132>1 2011-03-13T07:06:41.123456Z sensor1 nameplate 812 asset_changed ",
            r#"[nameplate@32473 number="7" topic="change" time="2011-03-13T07:06:40.000000042Z" site="Plant A" "#,
            r#"asset="00000000-0000-0000-0000-000000000001" name="PLC \"7\"" address="10.0.0.1" address="2001:db8::1" "#,
            r#"address="00:0e:8c:12:34:56"][details@32473 field="firmware" to="[a\]=\\"] "#,
            "firmware was V3.2.6 and is V3.2.17"
        )
    );
    assert!(!written.shortened);
}

#[test]
fn text_beyond_ascii_begins_with_the_mark_that_the_specification_wants() {
    let mut notice = notice();
    notice.text = "Ventil öffnet".into();
    let written = form(FormatName::Rfc5424, 2_048).write(&notice).text;
    assert!(written.ends_with("] \u{feff}Ventil öffnet"), "{written}");
}

#[test]
fn cef_has_every_part_in_its_place() {
    let mut form = form(FormatName::Cef, 2_048);
    let expected = concat!(
        "CEF:0|nameplate|nameplate|",
        env!("CARGO_PKG_VERSION"),
        "|asset_changed|Device changed|6|rt=1300000001123 start=1300000000000 externalId=7 cat=change dvchost=sensor1 ",
        "dst=10.0.0.1 c6a3=2001:db8::1 c6a3Label=Destination IPv6 Address dmac=00:0e:8c:12:34:56 dhost=PLC \"7\" ",
        "cs1=00000000-0000-0000-0000-000000000001 cs1Label=Asset cs2=Plant A cs2Label=Site ",
        "cs6=field: firmware; to: [a]\\=\\\\ cs6Label=Details cn1=3 cn1Label=Addresses ",
        "msg=firmware was V3.2.6 and is V3.2.17"
    );
    let text = form.write(&notice()).text;
    assert_eq!(text, format!("<132>Mar 13 07:06:41 sensor1 {expected}"));
    form.header = Header::None;
    assert_eq!(form.write(&notice()).text, expected);
    form.header = Header::Rfc5424;
    let text = form.write(&notice()).text;
    let before = "<132>1 2011-03-13T07:06:41.123456Z sensor1 nameplate 812 asset_changed - ";
    assert_eq!(text, format!("{before}{expected}"));
}

#[test]
fn whatever_a_name_is_a_message_stays_one_line_within_its_size() {
    let formats = [FormatName::Rfc5424, FormatName::Cef, FormatName::Ndjson];
    let mut names: Vec<String> = NASTY.iter().map(|nasty| (*nasty).to_owned()).collect();
    names.extend(
        ["]", "\"", "\\", "=", "|", "ü", "日", "\u{202e}", "\u{1b}", "\u{e0041}"]
            .map(str::to_owned),
    );
    for format in formats {
        for name in &names {
            for times in [1, 40, 700] {
                let long: Box<str> = name.repeat(times).into();
                let mut notice = notice();
                notice.severity = Severity::Critical;
                notice.kind = NoticeKind::ConversationNew;
                notice.number = u64::MAX;
                notice.finding = notice.asset.map(|id| id.0);
                (notice.name, notice.site, notice.text) =
                    (long.clone(), long.clone(), long.clone());
                notice.addresses = vec![long.clone(); 40];
                notice.details = vec![(long.clone(), long.clone()); 40];
                let mut form = form(format, 1_024);
                form.hostname = "h".repeat(64);
                form.process = u32::MAX;
                form.enterprise = u32::MAX;
                let written = form.write(&notice);
                assert!(written.text.len() <= 1_024, "{} bytes of {name:?}", written.text.len());
                assert!(written.shortened || times == 1, "{name:?} {times}");
                let text = written.text.replace('\u{feff}', "");
                assert!(!text.contains(is_hostile), "{text:?}");
                if format == FormatName::Ndjson {
                    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(value["shortened"], written.shortened);
                }
            }
        }
    }
}

#[test]
fn facilities_have_the_numbers_of_the_specification() {
    for (name, number) in [
        ("kern", Some(0)),
        ("authpriv", Some(10)),
        ("local0", Some(16)),
        ("local7", Some(23)),
        ("local8", None),
    ] {
        assert_eq!(facility(name), number);
    }
}
