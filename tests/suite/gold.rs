//! Hand-checked verdicts: an identity as observed, a document, and what may and must not be said.

use std::collections::BTreeMap;
use std::sync::Arc;

use nameplate::advisory::csaf;
use nameplate::assess::families::Families;
use nameplate::assess::judge_document;
use nameplate::model::asset::Nameplate;
use nameplate::model::claim::{Certainty, Claim, Field};
use nameplate::model::finding::Verdict;
use nameplate::model::{Addr, Node, Scope, Subject, Timestamp};
use serde_json::Value;

use crate::advisories::shared;

/// A nameplate with these values, each certain.
pub(crate) fn nameplate(values: &[(Field, &str)]) -> Nameplate {
    let mut claims: BTreeMap<Field, Vec<Claim>> = BTreeMap::new();
    for (field, value) in values {
        claims.entry(*field).or_default().push(Claim {
            subject: subject(),
            field: *field,
            value: (*value).into(),
            certainty: Certainty::Certain,
            by: Arc::from("test"),
            from: Vec::new(),
            first: Timestamp::default(),
            last: Timestamp::default(),
        });
    }
    Nameplate { claims }
}

fn subject() -> Subject {
    Subject::node(Node {
        scope: Scope::default(),
        addr: Addr::Ip(std::net::IpAddr::from([192, 0, 2, 1])),
    })
}

/// What signatures claim from an observation of the gold file.
fn claims(observed: &Value) -> Vec<(Field, String)> {
    let text = |key: &str| observed.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut out = Vec::new();
    let vendor = text("vendor_name").unwrap_or_default();
    let rockwell = vendor.starts_with("Rockwell");
    let vendor = if rockwell { "Rockwell Automation".to_owned() } else { vendor };
    let vendor = if vendor.starts_with("Omron") { "Omron".to_owned() } else { vendor };
    out.push((Field::Vendor, vendor));
    let mut firmware =
        text("firmware").or_else(|| text("major_minor_revision")).or_else(|| text("revision"));
    if let Some(model) = text("model") {
        out.push((Field::Model, model));
    } else if let Some(code) = text("product_code") {
        out.push((Field::Model, code.replace(' ', "")));
    } else if let Some(name) = text("product_name") {
        let catalogue = name.split([' ', '/']).next().unwrap_or_default().to_owned();
        // MicroLogix says series and firmware in its name: "1766-L32BXB C/21.02".
        let frn = name.split(' ').nth(1).and_then(|word| word.split_once('/'));
        let series =
            frn.map(|(letter, _)| letter).or_else(|| name.split('/').nth(1).map(|rest| &rest[..1]));
        if let Some((_, revision)) = frn {
            firmware = Some(revision.to_owned());
        }
        if let (Some(series), true) = (series, rockwell) {
            out.push((Field::Series, series.to_owned()));
        }
        if let (Some((major, minor)), true) =
            (firmware.as_ref().and_then(|text| text.split_once('.')), rockwell)
        {
            firmware = Some(format!("{major}.{minor:0>3}"));
        }
        out.push((Field::Model, catalogue));
    }
    out.extend(firmware.map(|firmware| (Field::Firmware, firmware)));
    out
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Affected => "AFFECTED",
        Verdict::Fixed => "FIXED",
        Verdict::NotAffected => "NOT_AFFECTED",
        Verdict::Unknown(_) => "UNKNOWN",
    }
}

#[test]
fn hand_checked_verdicts_hold() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let families = Families::embedded();
    let gold = std::fs::read_to_string(shared.join("gold/gold_shared.jsonl")).unwrap();
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for line in gold.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let list = |key: &str| -> Vec<&str> {
            row[key].as_array().unwrap().iter().filter_map(Value::as_str).collect()
        };
        let path = shared.join("advisories").join(row["file"].as_str().unwrap());
        let document = csaf::parse(&std::fs::read(&path).unwrap(), "gold").unwrap();
        let claims = claims(&row["observed"]);
        let claims: Vec<(Field, &str)> =
            claims.iter().map(|(field, value)| (*field, value.as_str())).collect();
        let judgements = judge_document(&nameplate(&claims), &document, &families);
        let expected = row["expected"].as_str().unwrap();
        for cve in list("cves") {
            rows += 1;
            let judgement = judgements.iter().find(|judgement| &*judgement.cve == cve);
            let said = judgement.map_or("NOTHING", |judgement| word(&judgement.verdict));
            let right = said == expected || list("acceptable").contains(&said);
            let id = row["id"].as_str().unwrap();
            println!(
                "{id} {cve}: expected {expected}, said {said} {}",
                if right { "ok" } else { "WRONG" }
            );
            if !right || list("must_not").contains(&said) {
                wrong.push(id.to_owned());
                println!("   {judgement:#?}");
            }
        }
    }
    println!("gold: {} of {rows} right", rows - wrong.len());
    assert!(wrong.is_empty(), "{wrong:?}");
}
