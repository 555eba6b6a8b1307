//! Whether anybody may rely on what is shown: `/healthz`, `/readyz`.
//!
//! "Ready" is a strong word here. A sensor that sees nothing, or one whose last word is old, looks like a plant in which nothing
//! happens; so each of these is a reason not to be ready, and told.

use axum::http::StatusCode;
use serde::Serialize;

use crate::export::escape::term;
use crate::model::health::{Gravity, Phase};
use crate::model::limits::HEALTH_SECONDS_MAX;
use crate::model::{Health, Timestamp};
use crate::web::Web;
use crate::web::answer::{Answer, Kind, Problem};
use crate::web::asked::Asked;
use crate::web::plant::{Sensor, Standing};

/// A reason not to be ready.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Reason {
    /// In one word for programs.
    pub(super) code: &'static str,
    /// In a sentence.
    pub(super) text: String,
}

/// `/healthz`: this process answers.
pub(super) fn healthz(_: &Web, _: &Asked) -> Result<Answer, Problem> {
    Ok(Answer::new(Kind::Text, b"ok\n".to_vec()))
}

/// `/readyz`: the sensor sees, and what it sees is shown.
pub(super) fn readyz(web: &Web, asked: &Asked) -> Result<Answer, Problem> {
    let (sensor, standing) = (web.plant.sensor(), web.plant.standing());
    let reasons = reasons(&sensor, &standing, web.plant.now_ns());
    let is_ready = reasons.is_empty();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if asked.wants_json() {
        return Ok(Answer::json(&Readiness { ready: is_ready, reasons }).with(status));
    }
    let mut text = String::from(match (&sensor, is_ready) {
        (Sensor::None, true) => "ready: no sensor runs here\n",
        (_, true) => "ready\n",
        (_, false) => "not ready\n",
    });
    for reason in reasons {
        text.push_str(&format!("{}: {}\n", reason.code, term(&reason.text)));
    }
    Ok(Answer::new(Kind::Text, text.into_bytes()).with(status))
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    reasons: Vec<Reason>,
}

/// Why what is shown cannot be relied on; nothing when it can.
pub(super) fn reasons(sensor: &Sensor, standing: &Standing, now_ns: i64) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut because = |code, text: String| reasons.push(Reason { code, text });
    match sensor {
        Sensor::None => {}
        Sensor::Missing => {
            because("sensor_missing", "no sensor has written its health beside the store".into());
        }
        Sensor::Unreadable(why) => {
            because("sensor_unreadable", format!("the health of the sensor cannot be read: {why}"));
        }
        Sensor::Wrote(health) => {
            if let Some(text) = not_running(health, now_ns) {
                because("sensor_not_running", text);
            }
            let blind = health.complaints.iter().filter(|one| one.severity == Gravity::Blind);
            for complaint in blind.take(COMPLAINTS_TOLD_MAX) {
                because("sensor_blind", format!("{}: {}", complaint.about, complaint.text));
            }
        }
    }
    match (&standing.version, &*standing.trouble) {
        (None, "") => {
            because("picture_missing", "the plant is being judged for the first time".into());
        }
        (None, trouble) => {
            because("picture_missing", format!("the plant cannot be judged: {trouble}"));
        }
        (Some(_), "") => {}
        (Some(_), trouble) => {
            let made = Timestamp(standing.made_ns);
            let text = format!("what is shown is of {made}, and cannot be made anew: {trouble}");
            because("picture_old", text);
        }
    }
    reasons
}

/// Whether a sensor wrote its health a short while ago: one that stopped writing may have stopped seeing.
pub(super) fn is_fresh(health: &Health, now_ns: i64) -> bool {
    now_ns.saturating_sub(health.written_ns).unsigned_abs() < FRESH_NS
}

/// Why a sensor does not run; `None` when it does.
fn not_running(health: &Health, now_ns: i64) -> Option<String> {
    let written = Timestamp(health.written_ns);
    if health.phase == Phase::Stopped {
        return Some(format!("the sensor ended in order at {written}"));
    }
    if !is_fresh(health, now_ns) {
        return Some(match health.written_ns > now_ns {
            true => format!(
                "the sensor says that it wrote at {written}, which lies ahead: a clock was set"
            ),
            false => format!("the sensor was last heard of at {written}"),
        });
    }
    match health.phase {
        Phase::Starting => Some("the sensor receives, and still reads its store".to_owned()),
        Phase::Stopping => Some("the sensor is stopping".to_owned()),
        Phase::Running | Phase::Stopped => None,
    }
}

const FRESH_NS: u64 = HEALTH_SECONDS_MAX * 1_000_000_000;
/// Each interface has one; a hundred of them help nobody.
const COMPLAINTS_TOLD_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Complaint;

    const NOW: i64 = 1_800_000_000_000_000_000;

    fn running() -> Health {
        Health { phase: Phase::Running, written_ns: NOW - 2_000_000_000, ..Health::default() }
    }

    fn codes(health: Health) -> Vec<&'static str> {
        let standing = Standing { version: Some("1".into()), ..Standing::default() };
        let reasons = reasons(&Sensor::Wrote(Box::new(health)), &standing, NOW);
        reasons.into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn a_sensor_is_ready_when_it_runs_and_sees() {
        assert!(codes(running()).is_empty());
        for phase in [Phase::Starting, Phase::Stopping, Phase::Stopped] {
            assert_eq!(codes(Health { phase, ..running() }), ["sensor_not_running"], "{phase:?}");
        }
    }

    #[test]
    fn an_old_word_is_none_and_so_is_one_of_tomorrow() {
        for seconds in [30, 3_600, -31, -86_400] {
            let written_ns = NOW - seconds * 1_000_000_000;
            let health = Health { written_ns, ..running() };
            assert_eq!(codes(health), ["sensor_not_running"], "{seconds}");
        }
        for seconds in [0, 29, -29] {
            let health = Health { written_ns: NOW - seconds * 1_000_000_000, ..running() };
            assert!(codes(health).is_empty(), "{seconds}");
        }
        assert_eq!(codes(Health { written_ns: i64::MIN, ..running() }), ["sensor_not_running"]);
    }

    #[test]
    fn only_a_blind_sensor_is_not_ready() {
        let complaint = |severity| Complaint {
            severity,
            about: "interface eth1".into(),
            text: "no packet for ten minutes".into(),
        };
        let with = |severity| Health { complaints: vec![complaint(severity)], ..running() };
        assert_eq!(codes(with(Gravity::Blind)), ["sensor_blind"]);
        assert!(codes(with(Gravity::Degraded)).is_empty());
        assert!(codes(with(Gravity::Warning)).is_empty());
    }

    #[test]
    fn without_a_sensor_the_picture_alone_decides() {
        let codes = |sensor: &Sensor, standing: &Standing| -> Vec<&str> {
            reasons(sensor, standing, NOW).into_iter().map(|reason| reason.code).collect()
        };
        let none = Standing::default();
        let shown = Standing { version: Some("1".into()), ..Standing::default() };
        let old = Standing { trouble: "the disk is gone".into(), ..shown.clone() };
        assert_eq!(codes(&Sensor::None, &none), ["picture_missing"]);
        assert!(codes(&Sensor::None, &shown).is_empty());
        assert_eq!(codes(&Sensor::None, &old), ["picture_old"]);
        assert_eq!(codes(&Sensor::Missing, &shown), ["sensor_missing"]);
        assert_eq!(codes(&Sensor::Unreadable("cut".into()), &shown), ["sensor_unreadable"]);
    }
}
