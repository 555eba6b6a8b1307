//! What a store adds to a report: what the sensor told, when devices were judged and against what, what people decided.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::app::redact::hide::Hiding;
use crate::app::redact::originals::of_text;
use crate::app::report::Kept;
use crate::export::pack::Evaluation;
use crate::model::{
    Anchor, Bundle, Diary, Field, Handbook, Mac, Matter, Notice, Outcome, Record, Then, Written,
};

impl Hiding<'_> {
    /// Addresses of notices: of devices, too, that are not there any more.
    pub(super) fn gather_told(
        notices: &[Notice],
        ips: &mut BTreeSet<IpAddr>,
        macs: &mut BTreeSet<Mac>,
    ) {
        for notice in notices {
            let details = notice.details.iter().map(|(_, value)| value);
            let texts = notice.addresses.iter().chain(details).chain([&notice.text]);
            texts.for_each(|text| of_text(text, ips, macs));
        }
    }

    /// Names and serial numbers of notices.
    pub(super) fn gather_named(
        notices: &[Notice],
        names: &mut BTreeSet<String>,
        serials: &mut BTreeSet<String>,
    ) {
        for notice in notices.iter().filter(|notice| notice.asset.is_some()) {
            names.insert(notice.name.to_string());
            names.extend(detail(notice, "not_in_baseline").map(str::to_owned));
            let values = ["from", "to"].iter().filter_map(|name| detail(notice, name));
            match detail(notice, "field").and_then(field_named) {
                Some(Field::Name | Field::Domain) => names.extend(values.map(str::to_owned)),
                Some(Field::Serial) => serials.extend(values.map(str::to_owned)),
                _ => {}
            }
        }
    }

    /// All of it that goes into a pack.
    pub(super) fn of_store(&self, kept: &Kept) -> Kept {
        Kept {
            bundles: kept.bundles.iter().map(|bundle| self.bundle(bundle)).collect(),
            evaluations: kept.evaluations.iter().map(|one| self.evaluation(one)).collect(),
            available: kept.available.clone(),
            notices: kept.notices.iter().map(|notice| self.notice(notice)).collect(),
        }
    }

    /// Lines of the diary, with what became of each. It was found out by the originals: pseudonyms are compared with nothing.
    pub(super) fn history(&self, lines: &[(&Record, Outcome)]) -> Vec<(Record, Outcome)> {
        let outcome = |outcome: &Outcome| match outcome {
            Outcome::Overruled(by) => Outcome::Overruled(self.text(by).into()),
            Outcome::Reopened(why) => Outcome::Reopened(self.text(why).into()),
            Outcome::Stands | Outcome::Undone(_) | Outcome::Idle => outcome.clone(),
        };
        lines.iter().map(|(record, became)| (self.record(record), outcome(became))).collect()
    }

    /// What files say of findings. The diary itself is told by its history, and lists of patches by the findings they are about.
    pub(super) fn handbook(&self, handbook: &Handbook) -> Handbook {
        let written = |one: &Written| Written {
            source: self.file(&one.source),
            meant: <_>::default(),
            why: self.text(&one.why).into(),
            by: self.person(&one.by).into(),
            ..one.clone()
        };
        Handbook {
            diary: Diary::default(),
            lists: Vec::new(),
            listed: Vec::new(),
            written: handbook.written.iter().map(written).collect(),
            notes: self.texts(&handbook.notes),
        }
    }

    fn record(&self, record: &Record) -> Record {
        let matter = |matter: &Matter| Matter {
            anchor: Anchor { node: self.node(matter.anchor.node), at: matter.anchor.at },
            unit: matter.unit.as_ref().map(|unit| self.unit(unit)),
            ..matter.clone()
        };
        let then = &record.then;
        Record {
            matter: record.matter.as_ref().map(matter),
            then: Then {
                serial: then.serial.as_ref().map(|it| self.stated(Field::Serial, it).into()),
                evidence: then.evidence.as_ref().map(|place| self.file(place)),
                ..then.clone()
            },
            by: self.person(&record.by).into(),
            why: self.text(&record.why).into(),
            ..record.clone()
        }
    }

    /// What a device is called where it is told of: its name, else its model or its address.
    fn called(&self, name: &str) -> String {
        let is_address = name.parse::<IpAddr>().is_ok() || name.parse::<Mac>().is_ok();
        match self.redaction.what.name && !is_address && !name.is_empty() {
            true if !self.is_published(name) => self.stated(Field::Name, name),
            _ => self.text(name),
        }
    }

    /// A place in a file, `FILE#FRAME` or `FILE:LINE`: the name of a file that nothing else knows is hidden, too.
    fn file(&self, place: &str) -> Box<str> {
        let at = place.rfind(['#', ':']).unwrap_or(place.len());
        let (name, rest) = place.split_at(at);
        match self.redaction.what.name && !name.is_empty() {
            true => format!("{}{rest}", self.redaction.word("capture", name)).into(),
            false => self.text(place).into(),
        }
    }

    fn bundle(&self, bundle: &Bundle) -> Bundle {
        Bundle { origin: self.path(&bundle.origin), by: self.person(&bundle.by), ..bundle.clone() }
    }

    fn evaluation(&self, one: &Evaluation) -> Evaluation {
        Evaluation { scope: self.text(&one.scope), origin: self.path(&one.origin), ..one.clone() }
    }

    fn notice(&self, notice: &Notice) -> Notice {
        let what = self.redaction.what;
        let boxed = |text: String| text.into_boxed_str();
        let field = detail(notice, "field").and_then(field_named);
        let value = |(name, value): &(Box<str>, Box<str>)| {
            let said = match (&**name, field) {
                ("from" | "to", Some(field)) => self.stated(field, value).into(),
                ("from" | "to" | "with" | "identity", None) => self.identity(value),
                _ => boxed(self.text(value)),
            };
            (name.clone(), said)
        };
        let site = match what.name && !notice.site.is_empty() {
            true => self.redaction.word("site", &notice.site),
            false => self.text(&notice.site),
        };
        Notice {
            site: boxed(site),
            asset: notice.asset.map(|id| self.id(id)),
            name: boxed(self.called(&notice.name)),
            addresses: notice.addresses.iter().map(|one| boxed(self.text(one))).collect(),
            finding: notice.finding.map(|id| self.redaction.uuid(id)),
            text: boxed(self.text(&notice.text)),
            details: notice.details.iter().map(value).collect(),
            ..notice.clone()
        }
    }
}

fn detail<'n>(notice: &'n Notice, name: &str) -> Option<&'n str> {
    let found = notice.details.iter().find(|(known, _)| &**known == name);
    found.map(|(_, value)| &**value)
}

fn field_named(name: &str) -> Option<Field> {
    Field::ALL.iter().copied().find(|field| field.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::redact::{Redaction, What};
    use crate::app::scan::Scanned;
    use crate::app::select;
    use crate::export::Layout;
    use crate::model::{AssetId, NoticeKind, Severity, Timestamp, Zones};

    fn notice(text: &str, details: &[(&str, &str)]) -> Notice {
        Notice {
            number: 1,
            at: Timestamp(0),
            told: Timestamp(0),
            kind: NoticeKind::AssetChanged,
            severity: Severity::Notice,
            site: "Werk Nord".into(),
            asset: Some(AssetId(uuid::Uuid::from_u128(7))),
            name: "PRESS-7".into(),
            addresses: vec!["10.1.2.3".into(), "00:1d:9c:01:02:03".into()],
            finding: Some(uuid::Uuid::from_u128(9)),
            text: text.into(),
            details: details
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        }
    }

    #[test]
    fn notices_about_devices_that_are_gone_tell_no_original() {
        let all = What { ip: true, mac: true, name: true, serial: true };
        let redaction = Redaction { what: all, key: b"a key that is long enough".to_vec() };
        let serial = [("field", "serial"), ("from", "00524E10"), ("to", "00524E11")];
        let replaced =
            [("from", "serial Maker/4711"), ("to", "name press-7"), ("address", "10.1.2.3")];
        let talk = [("client", "10.9.9.9"), ("not_in_baseline", "Werk Nord, Montag")];
        let notices = vec![
            notice(
                "PRESS-7: serial changed: 00524E10 to 00524E11, not in Werk Nord, Montag",
                &serial,
            ),
            notice("PRESS-7 slot 2: device replaced: 10.1.2.3 by 001d.9c01.0203", &replaced),
            notice("a conversation that was not known: 10.9.9.9 to 10.1.2.3", &talk),
        ];
        let bundle = Bundle { origin: "/home/werk-nord/b.npdb".to_owned(), ..bundle() };
        let store = Kept { notices, bundles: vec![bundle], ..Kept::default() };
        let kept = select::Kept {
            assets: Vec::new(),
            findings: Vec::new(),
            selected: None,
            layout: Layout::default(),
        };
        let (.., hidden) =
            redaction.hide_report(&Scanned::default(), &Zones::default(), kept, &store);
        let told = format!("{hidden:?}").to_lowercase();
        for original in [
            "press-7",
            "10.1.2.3",
            "10.9.9.9",
            "1d:9c",
            "9c01",
            "00524e1",
            "4711",
            "werk",
            "montag",
            "0000-000000000007",
            "0000-000000000009",
            "alice",
        ] {
            assert!(!told.contains(original), "{original}: {told}");
        }
        assert!(told.contains("serial changed: serial-") && told.contains("slot 2"), "{told}");
    }

    fn bundle() -> Bundle {
        Bundle {
            number: 1,
            sha256: String::new(),
            built: String::new(),
            builder: String::new(),
            signer: None,
            origin: String::new(),
            by: "Alice".to_owned(),
            at: Timestamp(0),
            documents: 0,
            is_kept: true,
            is_current: true,
        }
    }
}
