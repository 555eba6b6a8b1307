//! `nameplate.notice/1`: something worth telling as it happened.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::model::Notice;

#[derive(Serialize)]
pub(super) struct NoticeLine<'a> {
    schema: &'static str,
    number: u64,
    kind: &'static str,
    topic: &'static str,
    severity: &'static str,
    time: String,
    told: String,
    site: Option<&'a str>,
    asset_id: Option<String>,
    name: Option<&'a str>,
    addresses: &'a [Box<str>],
    finding_id: Option<String>,
    text: &'a str,
    details: Details<'a>,
    /// Whether texts were shortened to fit where the line goes.
    shortened: bool,
}

/// Parts by name, in the order of the notice.
struct Details<'a>(&'a [(Box<str>, Box<str>)]);

impl<'a> NoticeLine<'a> {
    pub(super) fn new(notice: &'a Notice, shortened: bool) -> Self {
        let stated = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Self {
            schema: "nameplate.notice/1",
            number: notice.number,
            kind: notice.kind.name(),
            topic: notice.kind.topic().name(),
            severity: notice.severity.name(),
            time: notice.at.to_string(),
            told: notice.told.to_string(),
            site: stated(&notice.site),
            asset_id: notice.asset.as_ref().map(ToString::to_string),
            name: stated(&notice.name),
            addresses: &notice.addresses,
            finding_id: notice.finding.map(|id| id.to_string()),
            text: &notice.text,
            details: Details(&notice.details),
            shortened,
        }
    }
}

impl Serialize for Details<'_> {
    /// A name that stands twice gets both values: an object with the same member twice is read differently by every program.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (at, (name, value)) in self.0.iter().enumerate() {
            let (before, after) = self.0.split_at(at);
            if before.iter().any(|(earlier, _)| earlier == name) {
                continue;
            }
            let same = after.iter().skip(1).filter(|(later, _)| later == name);
            let mut value = value.to_string();
            for (_, more) in same {
                value.push_str(", ");
                value.push_str(more);
            }
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use crate::export::escape::NASTY;
    use crate::export::json;
    use crate::model::{Notice, NoticeKind, Severity, Timestamp};

    fn notice(text: &str) -> Notice {
        Notice {
            number: 7,
            at: Timestamp(1_300_000_000_000_000_042),
            told: Timestamp(1_300_000_001_000_000_000),
            kind: NoticeKind::AssetChanged,
            severity: Severity::Warning,
            site: "".into(),
            asset: None,
            name: text.into(),
            addresses: vec![text.into()],
            finding: None,
            text: text.into(),
            details: vec![
                ("from".into(), text.into()),
                ("to".into(), "2".into()),
                ("from".into(), "1".into()),
            ],
        }
    }

    fn printed(notice: &Notice) -> String {
        let mut line = Vec::new();
        json::notice(notice, false, &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn every_part_stands_in_its_place() {
        let expected = concat!(
            r#"{"schema":"nameplate.notice/1","number":7,"kind":"asset_changed","topic":"change","severity":"warning","#,
            r#""time":"2011-03-13T07:06:40.000000042Z","told":"2011-03-13T07:06:41.000000000Z","site":null,"asset_id":null,"#,
            r#""name":"a","addresses":["a"],"finding_id":null,"text":"a","details":{"from":"a, 1","to":"2"},"shortened":false}"#,
            "\n"
        );
        assert_eq!(printed(&notice("a")), expected);
    }

    #[test]
    fn hostile_text_stays_in_its_line_and_reads_back() {
        for nasty in NASTY {
            let line = printed(&notice(nasty));
            let (body, end) = line.split_at(line.len() - 1);
            assert!(end == "\n" && !body.contains(crate::export::escape::is_hostile), "{line:?}");
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(value["text"], *nasty);
            assert_eq!(value["addresses"][0], *nasty);
        }
    }
}
