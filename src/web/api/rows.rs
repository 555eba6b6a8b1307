//! The lists that a look at the plant gives: devices, verdicts, conversations, facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use sha2::{Digest, Sha256};

use crate::export::json;
use crate::export::talks::Talk;
use crate::model::{Asset, AssetId, Finding, Observation};
use crate::web::Web;
use crate::web::answer::{Answer, Problem};
use crate::web::api::gone;
use crate::web::api::page::Page;
use crate::web::asked::Asked;
use crate::web::plant::{Look, Question};

/// `/api/v1/assets`: devices, in order of identity or as asked for.
pub(in crate::web) fn assets(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    list(web, asked, "assets", |look, mut page| {
        let report = &look.report;
        let mark = |mark: &str| mark.parse().map(AssetId).map_err(|_| no_mark());
        let after = asked.text("after").map(mark).transpose()?;
        let mut assets: Vec<&Arc<Asset>> = report.assets.iter().collect();
        if let Some(order) = &report.layout.order {
            assets.sort_by_key(|asset| rank(&order.devices, &asset.id));
        }
        let is_sorted = report.layout.order.is_some();
        let start = match after {
            Some(after) if is_sorted => behind(assets.iter().position(|asset| asset.id == after))?,
            Some(after) => assets.partition_point(|asset| asset.id <= after),
            None => 0,
        };
        page.of = assets.len();
        page.filled(
            assets.into_iter().skip(start),
            |asset, out| json::asset(report, asset, out),
            |asset| asset.id.to_string(),
        )
    })
}

/// `/api/v1/findings`: verdicts, in order of device, part, document and CVE, or as asked for.
pub(in crate::web) fn findings(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    list(web, asked, "findings", |look, mut page| {
        let report = &look.report;
        let only = device(look, asked)?.map(|asset| asset.id);
        let own = report.findings.iter().filter(|one| only.is_none_or(|only| one.asset == only));
        let mut findings: Vec<&Arc<Finding>> = own.collect();
        if let Some(order) = &report.layout.order {
            findings.sort_by_key(|finding| rank(&order.findings, &finding.id));
        }
        let is_sorted = report.layout.order.is_some();
        let start = match asked.text("after").map(finding_mark).transpose()? {
            Some((asset, id)) => {
                let there = findings.iter().position(|finding| finding.id == id);
                match there {
                    // The verdict is gone: those of its device again, so that none is left out.
                    None if !is_sorted => findings.partition_point(|one| one.asset < asset),
                    there => behind(there)?,
                }
            }
            None => 0,
        };
        page.of = findings.len();
        page.filled(
            findings.into_iter().skip(start),
            |finding, out| json::finding(finding, out),
            |finding| format!("{}.{}", finding.asset, finding.id),
        )
    })
}

/// `/api/v1/conversations`: who talked to whom, in order of client, server, port and protocol.
pub(in crate::web) fn conversations(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    list(web, asked, "conversations", |look, mut page| {
        let only = device(look, asked)?.map(|asset| asset.id);
        let own = look.report.talks.iter();
        let talks: Vec<&Talk<'_>> =
            own.filter(|talk| only.is_none_or(|only| talk.is_of(only))).collect();
        let start = match asked.text("after") {
            Some(after) => behind(talks.iter().position(|talk| talk_mark(talk) == after))?,
            None => 0,
        };
        page.of = talks.len();
        page.filled(
            talks.into_iter().skip(start),
            |talk, out| json::talk(talk, out),
            |talk| talk_mark(talk),
        )
    })
}

/// `/api/v1/facts`: what was said, in order of time.
pub(in crate::web) fn facts(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    list(web, asked, "facts", |look, mut page| {
        let only = device(look, asked)?;
        let own = look.observations.iter();
        let is_own = |fact: &&Observation| only.is_none_or(|only| (look.said_by)(only, fact));
        let facts: Vec<&Observation> = own.filter(is_own).collect();
        let start = match asked.text("after").map(fact_mark).transpose()? {
            // Facts of one moment are told apart by their number in it.
            Some((at, number)) => {
                let moment = facts.partition_point(|fact| fact.at.0 < at);
                let end = facts.partition_point(|fact| fact.at.0 <= at);
                moment.saturating_add(number).saturating_add(1).min(end)
            }
            None => 0,
        };
        page.of = facts.len();
        let number = |at: usize, fact: &Observation| {
            at.saturating_sub(facts.partition_point(|other| other.at < fact.at))
        };
        page.filled(
            facts.iter().enumerate().skip(start),
            |(_, fact), out| json::fact(look.report.run, fact, out),
            |(at, fact)| format!("{}.{}", fact.at.0, number(*at, fact)),
        )
    })
}

/// A page of what a look shows.
fn list(
    web: &Web,
    asked: &Asked,
    name: &'static str,
    fill: impl FnOnce(&Look<'_>, Page<'_>) -> Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    let mut page = Page::new(name, asked)?;
    let question = Question {
        expression: asked.text("where"),
        sort: asked.text("sort"),
        talks: name == "conversations",
    };
    web.look(&question, |look| match page.of_version(look.version) {
        Some(unchanged) => Ok(unchanged),
        None => fill(look, page),
    })?
}

/// The device that rows must be about, where one was named.
fn device<'a>(look: &Look<'a>, asked: &Asked) -> Result<Option<&'a Asset>, Problem> {
    let Some(text) = asked.text("asset") else { return Ok(None) };
    let id = text.parse().map(AssetId).map_err(|_| {
        Problem::wrong("asset", "write the identifier of a device, as /api/v1/assets lists them")
    })?;
    let all = look.report.assets;
    let at = all.binary_search_by_key(&id, |asset| asset.id).map_err(|_| gone("device"))?;
    Ok(all.get(at).map(|asset| &**asset))
}

fn rank<K: Ord>(ranks: &BTreeMap<K, usize>, key: &K) -> usize {
    ranks.get(key).copied().unwrap_or(usize::MAX)
}

/// The row behind the one at that place.
fn behind(place: Option<usize>) -> Result<usize, Problem> {
    let hint = "begin again without after";
    let gone = || {
        let text = "after: that row is there no more, and the rows behind it cannot be told";
        Problem::new(StatusCode::GONE, "mark_gone", text, hint)
    };
    place.map(|at| at.saturating_add(1)).ok_or_else(gone)
}

fn no_mark() -> Problem {
    Problem::wrong("after", "it is no mark of a row: take the address of the next page as it is")
}

fn finding_mark(mark: &str) -> Result<(AssetId, uuid::Uuid), Problem> {
    let (asset, finding) = mark.split_once('.').ok_or_else(no_mark)?;
    let (asset, finding) = (asset.parse(), finding.parse());
    asset.ok().map(AssetId).zip(finding.ok()).ok_or_else(no_mark)
}

fn fact_mark(mark: &str) -> Result<(i64, usize), Problem> {
    let (at, number) = mark.split_once('.').ok_or_else(no_mark)?;
    at.parse().ok().zip(number.parse().ok()).ok_or_else(no_mark)
}

/// A name for a conversation, which it keeps as long as it is there: its parts are too long for an address.
fn talk_mark(talk: &Talk<'_>) -> String {
    let one = talk.conversation;
    let parts = format!("{:?} {:?} {:?} {:?}", one.client, one.server, one.port, one.protocol);
    let digest = Sha256::digest(parts.as_bytes());
    digest.iter().take(MARK_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of a digest that tell all conversations of a plant apart.
const MARK_BYTES: usize = 12;
