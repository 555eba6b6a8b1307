//! `/api/v1`: the structs of NDJSON, a page at a time.
//!
//! Rows have marks, and `after=MARK` goes on behind a row: also when rows came or went in between, a row that stays is told on one
//! of the pages. Where that cannot be promised, because rows are sorted by something that changes, a mark that is gone is refused.

mod page;
mod rows;

use axum::http::StatusCode;
use serde::Serialize;

use crate::export::json;
use crate::model::{AssetId, Health};
use crate::web::Web;
use crate::web::answer::{Answer, Kind, Problem};
use crate::web::asked::Asked;
use crate::web::plant::{Look, Question, Sensor, Standing};
use crate::web::ready::{self, Reason};

use page::Page;
pub(super) use rows::{assets, conversations, facts, findings};

/// `/api/v1/run`: what was read, with what, and the four counts.
pub(super) fn run(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    one(web, asked, |look, out| {
        Some(json::run(&look.report, out)).ok_or_else(|| Problem::not_found("run"))
    })
}

/// `/api/v1/assets/{id}`: one device.
pub(super) fn asset(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    one(web, asked, |look, out| {
        let id = asked.last.parse().map(AssetId).ok();
        let asset = id.and_then(|id| look.report.asset(id));
        asset.map(|asset| json::asset(&look.report, asset, out)).ok_or_else(|| gone("device"))
    })
}

/// `/api/v1/findings/{id}`: one verdict.
pub(super) fn finding(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    one(web, asked, |look, out| {
        let id: Option<uuid::Uuid> = asked.last.parse().ok();
        let finding = look.report.findings.iter().find(|finding| Some(finding.id) == id);
        finding.map(|finding| json::finding(finding, out)).ok_or_else(|| gone("verdict"))
    })
}

/// `/api/v1/advisories`: what devices are judged by.
pub(super) fn advisories(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    let mut page = Page::new("advisories", asked)?;
    let version = web.plant.standing().version.unwrap_or_default();
    if let Some(unchanged) = page.of_version(&version) {
        return Ok(unchanged);
    }
    let listing = web.plant.advisories()?;
    // The list has an order of its own, by what matters: here rows are in order of their marks.
    let mut rows: Vec<_> = listing.advisories.iter().collect();
    rows.sort_by(|a, b| a.advisory.cmp(&b.advisory));
    page.of = rows.len();
    let after = asked.text("after");
    let rest = rows.into_iter().filter(|row| after.is_none_or(|after| *row.advisory > *after));
    page.filled(rest, json::value, |row| row.advisory.clone())
}

/// `/api/v1/events`: what happened, from the oldest that is kept on, or after a number.
pub(super) fn events(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    let mut page = Page::new("events", asked)?;
    let after = asked.number("after")?.unwrap_or_default();
    let most = asked.limit()?.saturating_add(1);
    let notices = web.plant.notices(after, most)?;
    page.is_of_known_length = false;
    page.filled(
        notices.iter(),
        |notice, out| json::notice(notice, false, out),
        |notice| notice.number.to_string(),
    )
}

/// `/api/v1/openapi.json`: all this for programs that write programs.
pub(super) fn openapi(_: &Web, _: &Asked) -> Result<Answer, Problem> {
    Ok(Answer::new(Kind::Json, include_str!("../openapi.json").as_bytes().to_vec()))
}

/// `/api/v1/health`: how the sensor and the picture are, and what is wrong.
pub(super) fn health(web: &Web, _: &Asked) -> Result<Answer, Problem> {
    let (sensor, standing) = (web.plant.sensor(), web.plant.standing());
    let reasons = ready::reasons(&sensor, &standing, web.plant.now_ns());
    let (state, health) = match &sensor {
        Sensor::None => ("none", None),
        Sensor::Missing => ("missing", None),
        Sensor::Unreadable(_) => ("unreadable", None),
        Sensor::Wrote(health) => ("known", Some(&**health)),
    };
    Ok(Answer::json(&HealthLine {
        schema: "nameplate.health/1",
        ready: reasons.is_empty(),
        reasons,
        sensor: state,
        health,
        picture: PicturePart::new(&standing),
    }))
}

#[derive(Serialize)]
struct HealthLine<'a> {
    schema: &'static str,
    ready: bool,
    reasons: Vec<Reason>,
    sensor: &'static str,
    health: Option<&'a Health>,
    picture: PicturePart<'a>,
}

#[derive(Serialize)]
struct PicturePart<'a> {
    version: Option<&'a str>,
    made: Option<String>,
    took_ms: u64,
    trouble: &'a str,
}

impl<'a> PicturePart<'a> {
    fn new(standing: &'a Standing) -> Self {
        let version = standing.version.as_deref();
        let made = version.map(|_| crate::model::Timestamp(standing.made_ns).to_string());
        Self { version, made, took_ms: standing.took_ms, trouble: &standing.trouble }
    }
}

/// One thing, as JSON.
fn one(
    web: &Web,
    asked: &Asked,
    print: impl FnOnce(&Look<'_>, &mut Vec<u8>) -> Result<std::io::Result<()>, Problem>,
) -> Result<Answer, Problem> {
    web.look(&Question::default(), |look| {
        let tag = page::tag(look.version, Kind::Json);
        let mut body = Vec::new();
        print(look, &mut body)?.map_err(|error| Problem::internal(error.to_string()))?;
        if asked.has(&tag) {
            return Ok(Answer::unchanged(Kind::Json, tag));
        }
        Ok(Answer { tag: Some(tag), ..Answer::new(Kind::Json, body) })
    })?
}

fn gone(what: &str) -> Problem {
    let hint = "identifiers are written in full; /api/v1/assets and /api/v1/findings list them";
    let text = format!("there is no {what} with that identifier");
    Problem::new(StatusCode::NOT_FOUND, "not_found", text, hint)
}
