//! `/metrics`: how the sensor, the plant and this process are, for Prometheus.
//!
//! Labels come from closed lists, or from what a sensor writes of itself up to a cap: no name of a device is one, because whoever is
//! on the network could make as many as he likes.

mod plant;
mod process;
mod sensor;
mod text;

use crate::web::Web;
use crate::web::answer::{Answer, Kind, Problem};
use crate::web::asked::Asked;
use crate::web::plant::{Question, Sensor};
use crate::web::ready;

use text::Exposition;

/// `/metrics`.
pub(super) fn metrics(web: &Web, _: &Asked) -> Result<Answer, Problem> {
    let (state, standing, now_ns) = (web.plant.sensor(), web.plant.standing(), web.plant.now_ns());
    let mut out = Exposition::default();
    out.gauge("nameplate_build_info", "Version of the program that serves this.")
        .count(&[("version", &web.rules.version)], 1);
    let is_ready = ready::reasons(&state, &standing, now_ns).is_empty();
    out.gauge("nameplate_ready", "1 when /readyz says that what is shown can be relied on.")
        .flag(&[], is_ready);
    out.gauge(
        "nameplate_sensor_expected",
        "0 when captures are added by hand, and no sensor runs.",
    )
    .flag(&[], state != Sensor::None);
    let health = match &state {
        Sensor::Wrote(health) => Some(&**health),
        Sensor::None | Sensor::Missing | Sensor::Unreadable(_) => None,
    };
    sensor::tell(health, now_ns, &mut out);
    process::picture(&standing, now_ns, &mut out);
    // The families are told before the first picture too, without samples.
    let shown = web.look(&Question::default(), |look| plant::tell(Some(look), now_ns, &mut out));
    if shown.is_err() {
        plant::tell(None, now_ns, &mut out);
    }
    process::web(&web.tally, &mut out);
    Ok(Answer::new(Kind::Metrics, out.into_bytes()))
}
