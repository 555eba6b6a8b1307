//! What this process says of itself: its picture of the plant, and whom it answered.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::limits::WEB_CONNECTIONS_MAX;
use crate::web::metrics::text::{Exposition, seconds};
use crate::web::plant::Standing;
use crate::web::tally::{BOUNDS_MS, Tally};

/// How the picture stands.
pub(super) fn picture(standing: &Standing, now_ns: i64, out: &mut Exposition) {
    out.gauge("nameplate_picture_loaded", "1 when there is something to show.")
        .flag(&[], standing.version.is_some());
    let mut age = out.gauge("nameplate_picture_age_seconds", "Since the store was last judged.");
    if standing.version.is_some() {
        age.nanos(&[], now_ns.saturating_sub(standing.made_ns));
    }
    let mut took = out.gauge("nameplate_picture_settle_seconds", "How long that took.");
    if standing.version.is_some() {
        took.millis(&[], standing.took_ms);
    }
    out.counter("nameplate_picture_refreshes_total", "How often it was tried, by result.")
        .count(&[("result", "done")], standing.made)
        .count(&[("result", "failed")], standing.failed);
}

/// Whom this process answered, and what that costs it.
pub(super) fn web(tally: &Tally, out: &mut Exposition) {
    let mut requests =
        out.counter("nameplate_web_requests_total", "Requests answered, by route and status.");
    for ((route, status), count) in tally.requests() {
        requests.count(&[("route", route), ("code", &status.to_string())], count);
    }
    let mut durations = out.histogram(
        "nameplate_web_request_duration_seconds",
        "Time from the head of a request to its answer, by route.",
    );
    for (route, told) in tally.durations() {
        let mut all = 0_u64;
        let bounds = BOUNDS_MS.iter().map(|bound| seconds(*bound, 1_000));
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(told.counts) {
            all = all.saturating_add(count);
            durations.sample("_bucket", &[("route", route), ("le", &bound)], all);
        }
        durations.sample("_sum", &[("route", route)], seconds(told.sum_us, 1_000_000));
        durations.sample("_count", &[("route", route)], all);
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    out.counter("nameplate_web_panics_total", "Requests that broke on an error of the program.")
        .count(&[], count(&tally.panics));
    out.gauge("nameplate_web_connections", "Connections now.")
        .count(&[], count(&tally.connections));
    out.gauge("nameplate_web_connections_max", "Connections that there may be.")
        .count(&[], u64::try_from(WEB_CONNECTIONS_MAX).unwrap_or(u64::MAX));
    out.counter("nameplate_web_connections_turned_away_total", "Connections without room.")
        .count(&[], count(&tally.turned_away));
    out.counter("nameplate_web_connections_stalled_total", "Connections cut for being too slow.")
        .count(&[], count(&tally.stalled));
    let mut memory =
        out.gauge("nameplate_web_resident_memory_bytes", "Resident memory of this process.");
    if let Some(bytes) = resident() {
        memory.count(&[], bytes);
    }
}

/// Resident memory of this process, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1_024)
}
