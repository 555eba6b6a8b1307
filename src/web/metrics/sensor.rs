//! What the sensor says of itself.

use crate::model::health::{Gravity, InterfaceHealth, LinkState, Phase, StoreState};
use crate::model::limits::METRIC_LABELS_MAX;
use crate::model::{Health, NoticeKind};
use crate::web::metrics::text::Exposition;
use crate::web::ready::is_fresh;

/// Tells all families, with samples where a sensor wrote.
pub(super) fn tell(health: Option<&Health>, now_ns: i64, out: &mut Exposition) {
    state(health, now_ns, out);
    capture(health, now_ns, out);
    fills(health, out);
    store(health, out);
    backup(health, now_ns, out);
    work(health, now_ns, out);
    outputs(health, out);
}

fn state(health: Option<&Health>, now_ns: i64, out: &mut Exposition) {
    let is_running = |health: &Health| health.phase == Phase::Running && is_fresh(health, now_ns);
    out.gauge("nameplate_sensor_running", "1 when the sensor runs and was heard of a moment ago.")
        .flag(&[], health.is_some_and(is_running));
    let mut phase = out.gauge("nameplate_sensor_phase", "How far the sensor is: 1 at its phase.");
    for (one, name) in PHASES {
        if let Some(health) = health {
            phase.flag(&[("phase", name)], health.phase == one);
        }
    }
    let mut age =
        out.gauge("nameplate_sensor_health_age_seconds", "Since the sensor wrote how it is.");
    if let Some(health) = health {
        age.nanos(&[], now_ns.saturating_sub(health.written_ns));
    }
    let mut started =
        out.gauge("nameplate_sensor_start_time_seconds", "When the sensor started, since 1970.");
    if let Some(health) = health {
        started.nanos(&[], health.started_ns);
    }
    let mut complaints =
        out.gauge("nameplate_sensor_complaints", "What is wrong with the sensor now, by gravity.");
    for (gravity, name) in GRAVITIES {
        if let Some(health) = health {
            let same = health.complaints.iter().filter(|one| one.severity == gravity);
            complaints.count(&[("severity", name)], number(same.count()));
        }
    }
}

fn capture(health: Option<&Health>, now_ns: i64, out: &mut Exposition) {
    let all = health.map_or(&[][..], |health| &health.interfaces);
    let interfaces = || all.iter().take(METRIC_LABELS_MAX);
    type Counted = (&'static str, &'static str, fn(&InterfaceHealth) -> u64);
    const COUNTED: [Counted; 5] = [
        (
            "nameplate_capture_received_frames_total",
            "Frames that the kernel had for the capture, dropped ones included.",
            |one| one.received,
        ),
        ("nameplate_capture_frames_total", "Frames that were looked at.", |one| one.frames),
        ("nameplate_capture_bytes_total", "Bytes of them on the wire.", |one| one.bytes),
        (
            "nameplate_capture_interruptions_total",
            "How often the interface went away or down.",
            |one| one.interruptions,
        ),
        (
            "nameplate_capture_transmitted_packets_total",
            "Packets that the interface sent: there must be none.",
            |one| one.transmitted,
        ),
    ];
    for (name, help, value) in COUNTED {
        let mut samples = out.counter(name, help);
        for one in interfaces() {
            samples.count(&[("interface", &one.name)], value(one));
        }
    }
    let mut dropped = out.counter(
        "nameplate_capture_dropped_frames_total",
        "Frames that were lost, by where: nothing is known of what was in them.",
    );
    for one in interfaces() {
        let name = ("interface", &*one.name);
        dropped.count(&[name, ("place", "kernel")], one.dropped_by_kernel);
        dropped.count(&[name, ("place", "interface")], one.dropped_by_interface);
    }
    let mut age = out.gauge(
        "nameplate_capture_last_frame_age_seconds",
        "Since the latest frame; no sample before the first one.",
    );
    for one in interfaces().filter(|one| one.last_frame_ns != 0) {
        age.nanos(&[("interface", &one.name)], now_ns.saturating_sub(one.last_frame_ns));
    }
    let mut link = out.gauge("nameplate_capture_link_state", "1 at the state of the interface.");
    for one in interfaces() {
        for (state, name) in LINKS {
            link.flag(&[("interface", &one.name), ("state", name)], one.state == state);
        }
    }
}

fn fills(health: Option<&Health>, out: &mut Exposition) {
    let all = health.map_or(&[][..], |health| &health.fills);
    let mut holds = out.gauge("nameplate_fill_entries", "What a bounded table or queue holds.");
    for fill in all.iter().take(METRIC_LABELS_MAX) {
        holds.count(&[("name", &fill.name)], fill.holds);
    }
    let mut most = out.gauge("nameplate_fill_capacity_entries", "What it can hold.");
    for fill in all.iter().take(METRIC_LABELS_MAX) {
        most.count(&[("name", &fill.name)], fill.most);
    }
    let counters = health.map(|health| &health.counters);
    let mut counted = out.counter(
        "nameplate_counter_total",
        "Everything the sensor counts since its start: seen, skipped, damaged, dropped.",
    );
    for (name, value) in counters.into_iter().flatten().take(METRIC_LABELS_MAX) {
        counted.count(&[("name", name)], *value);
    }
    let mut told = out.counter("nameplate_notices_total", "Notices told since the start, by kind.");
    for (name, value) in counters.into_iter().flatten() {
        if let Some(kind) = name.strip_prefix(NOTICES).and_then(NoticeKind::named) {
            told.count(&[("kind", kind.name())], *value);
        }
    }
    let lists = [all.len(), counters.map_or(0, std::collections::BTreeMap::len)];
    let interfaces = health.map_or(0, |health| health.interfaces.len());
    let left_out = lists.into_iter().chain([interfaces]);
    let left_out = left_out.map(|len| len.saturating_sub(METRIC_LABELS_MAX)).sum::<usize>();
    out.gauge("nameplate_metrics_left_out", "Names that found no room among these metrics.")
        .count(&[], number(left_out));
}

fn store(health: Option<&Health>, out: &mut Exposition) {
    let store = health.map(|health| &health.store);
    let mut size = out.gauge("nameplate_store_size_bytes", "Bytes of the store on disk.");
    if let Some(store) = store {
        size.count(&[], store.bytes);
    }
    let mut most = out.gauge(
        "nameplate_store_size_max_bytes",
        "Bytes that the store may have; no sample when nobody said.",
    );
    if let Some(store) = store.filter(|store| store.bytes_max != 0) {
        most.count(&[], store.bytes_max);
    }
    let mut free = out.gauge("nameplate_store_free_bytes", "Bytes free on the disk of the store.");
    if let Some(store) = store {
        free.count(&[], store.free_bytes);
    }
    let mut state = out.gauge("nameplate_store_state", "1 at the state of the store.");
    for (one, name) in STORES {
        if let Some(store) = store {
            state.flag(&[("state", name)], store.state == one);
        }
    }
    let mut shed = out.counter("nameplate_store_shed_rows_total", "Rows shed for want of room.");
    if let Some(store) = store {
        shed.count(&[], store.shed);
    }
}

fn backup(health: Option<&Health>, now_ns: i64, out: &mut Exposition) {
    let backup = health.map(|health| &health.backup).filter(|backup| !backup.dir.is_empty());
    let mut age = out.gauge(
        "nameplate_backup_age_seconds",
        "Since the newest copy of the store was made; no sample when there is none.",
    );
    if let Some(backup) = backup.filter(|backup| backup.made_ns != 0) {
        age.nanos(&[], now_ns.saturating_sub(backup.made_ns));
    }
    let mut failing = out.gauge(
        "nameplate_backup_failing",
        "1 when the last copy of the store could not be made; no sample when none are to be.",
    );
    if let Some(backup) = backup {
        failing.flag(&[], !backup.trouble.is_empty());
    }
}

fn work(health: Option<&Health>, now_ns: i64, out: &mut Exposition) {
    let mut taken = out.counter("nameplate_observations_total", "Facts taken since the start.");
    if let Some(health) = health {
        taken.count(&[], health.observations);
    }
    let mut stored = out.gauge(
        "nameplate_last_stored_age_seconds",
        "Since a fact was stored; no sample before the first one.",
    );
    if let Some(health) = health.filter(|health| health.stored_ns != 0) {
        stored.nanos(&[], now_ns.saturating_sub(health.stored_ns));
    }
    let mut settle =
        out.gauge("nameplate_settle_seconds", "How long the sensor last took to judge the plant.");
    if let Some(health) = health {
        settle.millis(&[], health.settle_ms);
    }
    let mut memory =
        out.gauge("nameplate_sensor_resident_memory_bytes", "Resident memory of the sensor.");
    if let Some(health) = health.filter(|health| health.resident_bytes != 0) {
        memory.count(&[], health.resident_bytes);
    }
    let mut assets = out.gauge("nameplate_sensor_assets", "Devices that the sensor knows.");
    if let Some(health) = health {
        assets.count(&[], health.assets);
    }
    let mut documents =
        out.gauge("nameplate_sensor_documents", "Advisories that the sensor judges with.");
    if let Some(health) = health {
        let knowledge = &health.knowledge;
        documents.count(&[("state", "read")], knowledge.documents);
        documents.count(&[("state", "unread")], knowledge.unread);
    }
    let mut refused = out.gauge(
        "nameplate_sensor_reload_refused",
        "1 when the last reload was refused, and what was loaded before is in use.",
    );
    if let Some(health) = health {
        refused.flag(&[], !health.knowledge.refused.is_empty());
    }
}

fn outputs(health: Option<&Health>, out: &mut Exposition) {
    let all = health.map_or(&[][..], |health| &health.outputs);
    let outputs = || all.iter().take(METRIC_LABELS_MAX);
    let mut told = out.counter(
        "nameplate_output_notices_total",
        "Notices that an output was done with, by what became of them.",
    );
    for one in outputs() {
        told.count(&[("output", &one.name), ("result", "delivered")], one.delivered);
        told.count(&[("output", &one.name), ("result", "dropped")], one.dropped);
    }
    let mut waiting =
        out.gauge("nameplate_output_waiting_notices", "Notices that wait to be sent.");
    for one in outputs() {
        waiting.count(&[("output", &one.name)], one.waiting);
    }
    let mut failing =
        out.gauge("nameplate_output_failing", "1 when notices cannot be sent to the output now.");
    for one in outputs() {
        failing.flag(&[("output", &one.name)], one.failing_since_ns != 0);
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Begins the names of counters of notices.
const NOTICES: &str = "notices.";
const PHASES: [(Phase, &str); 4] = [
    (Phase::Starting, "starting"),
    (Phase::Running, "running"),
    (Phase::Stopping, "stopping"),
    (Phase::Stopped, "stopped"),
];
const GRAVITIES: [(Gravity, &str); 3] =
    [(Gravity::Blind, "blind"), (Gravity::Degraded, "degraded"), (Gravity::Warning, "warning")];
const LINKS: [(LinkState, &str); 3] =
    [(LinkState::Up, "up"), (LinkState::Down, "down"), (LinkState::Gone, "gone")];
const STORES: [(StoreState, &str); 3] = [
    (StoreState::Writable, "writable"),
    (StoreState::Tight, "tight"),
    (StoreState::Refusing, "refusing"),
];
