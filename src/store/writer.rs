//! Into the store. Everything here can be done twice: what is there already is left alone.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use crate::model::decision::is_of_the_book;
use crate::model::{
    Addr, Asset, AssetId, CaptureInfo, Change, Field, Finding, Hop, Nameplate, Node, Observation,
    Run, Sighting, Sites, Subject, Unit, Value, Verdict,
};
use crate::store::sites::{self, Numbers};
use crate::store::{Store, StoreError};

impl Store {
    /// Makes captures known, and tells under which numbers the store refers to them, in the order given.
    pub fn add_captures(&mut self, captures: &[CaptureInfo]) -> Result<Vec<u32>, StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let numbers = captures.iter().map(|capture| add_capture(&transaction, capture));
            let numbers = numbers.collect::<rusqlite::Result<Vec<u32>>>()?;
            transaction.commit()?;
            Ok(numbers)
        })
    }

    /// Keeps observations and sightings. Captures are named by the numbers that [`Store::add_captures`] gave, sites by
    /// their numbers in `sites`. What is of a site that found no room is not kept.
    pub fn add_observations(
        &mut self,
        sites: &Sites,
        observations: &[Observation],
        sightings: &[Sighting],
    ) -> Result<(), StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            put(&transaction, sites, observations, sightings)?;
            transaction.commit()
        })
    }

    /// Applies what the ledger says has changed. Devices refer to `sites` by number.
    pub fn apply(&mut self, sites: &Sites, changes: &[Change]) -> Result<(), StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            for change in changes {
                match change {
                    Change::AssetSeen(asset) | Change::AssetChanged(asset) => {
                        put_asset(&transaction, sites, asset)?;
                    }
                    Change::AssetGone(id) => remove_asset(&transaction, *id)?,
                    Change::FindingOpened(finding) | Change::FindingChanged(finding) => {
                        put_finding(&transaction, finding)?;
                    }
                    Change::FindingClosed(id) => {
                        transaction
                            .prepare_cached("DELETE FROM findings WHERE id = ?1")?
                            .execute([id.to_string()])?;
                    }
                }
            }
            transaction.commit()
        })
    }

    /// Removes assets and findings that are not among these: rows of an earlier version of the rules.
    pub fn forget_others(
        &mut self,
        assets: &[Arc<Asset>],
        findings: &[Arc<Finding>],
    ) -> Result<(), StoreError> {
        let assets: Vec<String> = assets.iter().map(|asset| asset.id.to_string()).collect();
        let findings: Vec<String> = findings.iter().map(|finding| finding.id.to_string()).collect();
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute(FORGET_ASSETS, [json!(assets).to_string()])?;
            transaction.execute(FORGET_FINDINGS, [json!(findings).to_string()])?;
            transaction.commit()
        })
    }

    /// Notes that a run took place. The same run again is the same row.
    pub fn add_run(&mut self, run: &Run) -> Result<(), StoreError> {
        let is_live = |capture: &CaptureInfo| capture.session.is_some() || capture.is_shed();
        let captures = run.captures.iter().filter(|capture| !is_live(capture));
        let captures: Vec<&str> = captures.map(|capture| &*capture.sha256).collect();
        let captures = json!(captures).to_string();
        let name = format!("{}/{captures}/{}", run.version, run.bundle.sha256);
        let id = uuid::Uuid::new_v5(&RUN_NAMESPACE, name.as_bytes()).to_string();
        let (version, bundle, complete) = (&run.version, &run.bundle.sha256, run.complete());
        self.try_to(|connection| {
            connection.execute(ADD_RUN, params![id, version, captures, bundle, complete])
        })?;
        Ok(())
    }
}

/// Puts facts and sightings in, and tells how many facts were not there.
pub(super) fn put(
    connection: &Connection,
    sites: &Sites,
    observations: &[Observation],
    sightings: &[Sighting],
) -> rusqlite::Result<usize> {
    let numbers = sites::add(connection, sites)?;
    let mut added = 0_usize;
    for observation in observations.iter().filter(|observation| !observation.repeat) {
        added = added.saturating_add(add_observation(connection, &numbers, observation)?);
    }
    for Sighting { node, mac, first, last } in sightings {
        let subject = subject_id(connection, &numbers, &Subject::node(*node))?;
        let Some(subject) = subject else { continue };
        let mac = mac.map(|mac| mac.0.to_vec()).unwrap_or_default();
        connection.prepare_cached(ADD_SIGHTING)?.execute(params![subject, mac, first.0, last.0])?;
    }
    Ok(added)
}

fn add_capture(connection: &Connection, capture: &CaptureInfo) -> rusqlite::Result<u32> {
    let CaptureInfo { name, sha256, frames, bytes, first, last, incomplete, .. } = capture;
    let (first, last) = (first.map(|at| at.0), last.map(|at| at.0));
    connection.prepare_cached(ADD_CAPTURE)?.execute(params![
        sha256,
        name,
        signed(*frames),
        signed(*bytes),
        first,
        last,
        incomplete
    ])?;
    connection
        .prepare_cached("SELECT number FROM captures WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
}

/// The row of a subject, made if need be; `None` when its site found no room.
pub(super) fn subject_id(
    connection: &Connection,
    numbers: &Numbers,
    subject: &Subject,
) -> rusqlite::Result<Option<i64>> {
    let Node { scope, addr } = subject.node;
    let Some(site) = numbers.of(scope.site) else { return Ok(None) };
    let unit = subject.unit.as_ref().map(unit_json).unwrap_or_default();
    let key = params![site, scope.outer_vlan, scope.vlan, address(&addr), unit];
    let known =
        connection.prepare_cached(FIND_SUBJECT)?.query_row(key, |row| row.get(0)).optional()?;
    match known {
        Some(id) => Ok(Some(id)),
        None => connection.prepare_cached(ADD_SUBJECT)?.insert(key).map(Some),
    }
}

fn add_observation(
    connection: &Connection,
    numbers: &Numbers,
    observation: &Observation,
) -> rusqlite::Result<usize> {
    let Observation { at, frame, subject, mac, key, value, excerpt, .. } = observation;
    let Some(subject) = subject_id(connection, numbers, subject)? else { return Ok(0) };
    let (kind, value) = match value {
        Value::Text(text) => ("text", rusqlite::types::Value::Text(text.to_string())),
        Value::Bytes(bytes) => ("bytes", rusqlite::types::Value::Blob(bytes.to_vec())),
        Value::Uint(number) => (
            "uint",
            match i64::try_from(*number) {
                Ok(number) => rusqlite::types::Value::Integer(number),
                Err(_) => rusqlite::types::Value::Text(number.to_string()),
            },
        ),
    };
    connection.prepare_cached(ADD_OBSERVATION)?.execute(params![
        subject,
        key.name,
        kind,
        value,
        at.0,
        frame.capture,
        signed(frame.number),
        excerpt.frame.capture,
        signed(excerpt.frame.number),
        excerpt.offset,
        excerpt.length,
        &*excerpt.bytes,
        mac.map(|mac| mac.0)
    ])
}

fn put_asset(connection: &Connection, sites: &Sites, asset: &Asset) -> rusqlite::Result<()> {
    let plate = &asset.nameplate;
    let list =
        |items: &mut dyn Iterator<Item = String>| json!(items.collect::<Vec<_>>()).to_string();
    let id = asset.id.to_string();
    let changed = connection.prepare_cached(PUT_ASSET)?.execute(params![
        id,
        asset.identity,
        plate.value(Field::Name),
        plate.value(Field::Kind),
        plate.value(Field::Vendor),
        plate.value(Field::Product),
        plate.value(Field::Model),
        plate.value(Field::Firmware),
        plate.value(Field::Serial),
        plate.value(Field::Os),
        list(&mut asset.ips.iter().map(ToString::to_string)),
        list(&mut asset.macs.iter().map(ToString::to_string)),
        list(&mut asset.protocols.iter().map(ToString::to_string)),
        asset.first.0,
        asset.last.0,
        json!(sites.of(asset)).to_string()
    ])?;
    let mut claims = Vec::new();
    claim_rows(&mut claims, "", plate);
    for module in &asset.modules {
        claim_rows(&mut claims, &module.path.to_string(), &module.nameplate);
    }
    let kept: Vec<ClaimRow> = connection
        .prepare_cached(CLAIMS_OF)?
        .query_map([&id], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })?
        .collect::<rusqlite::Result<_>>()?;
    claims.sort();
    if changed == 0 && kept == claims {
        return Ok(());
    }
    connection.prepare_cached("DELETE FROM claims WHERE asset = ?1")?.execute([&id])?;
    for (module, field, rank, value, certainty, signature, evidence) in &claims {
        connection
            .prepare_cached(ADD_CLAIM)?
            .execute(params![id, module, field, rank, value, certainty, signature, evidence])?;
    }
    Ok(())
}

/// Module, field, rank, value, certainty, signature, evidence.
type ClaimRow = (String, String, i64, String, String, String, String);

fn claim_rows(rows: &mut Vec<ClaimRow>, module: &str, plate: &Nameplate) {
    for (field, claims) in &plate.claims {
        for (rank, claim) in (0_i64..).zip(claims) {
            let evidence = claim.from.iter().map(|ground| {
                let (capture, frame) = (ground.frame.capture, ground.frame.number);
                let key = ground.key.name;
                if is_of_the_book(ground.frame) {
                    return json!({ "decision": frame, "key": key });
                }
                json!({ "capture": capture, "frame": frame, "key": key })
            });
            rows.push((
                module.to_owned(),
                field.name().to_owned(),
                rank,
                claim.value.to_string(),
                claim.certainty.name().to_owned(),
                claim.by.to_string(),
                json!(evidence.collect::<Vec<_>>()).to_string(),
            ));
        }
    }
}

fn remove_asset(connection: &Connection, id: AssetId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM assets WHERE id = ?1")?.execute([id.to_string()])?;
    Ok(())
}

fn put_finding(connection: &Connection, finding: &Finding) -> rusqlite::Result<()> {
    let judgement = &finding.judgement;
    let reason = match &judgement.verdict {
        Verdict::Unknown(why) => Some(why.name()),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
    };
    connection.prepare_cached(PUT_FINDING)?.execute(params![
        finding.id.to_string(),
        finding.asset.to_string(),
        finding.module.as_ref().map(ToString::to_string).unwrap_or_default(),
        judgement.advisory,
        judgement.cve,
        judgement.verdict.name(),
        reason,
        json!(judgement.because).to_string(),
        judgement.clause,
        judgement.grade.to_string(),
        json!(judgement.fixed_in).to_string(),
        judgement.cvss,
        judgement.kev,
        finding.weight.priority.map(|priority| priority.name())
    ])?;
    Ok(())
}

fn address(addr: &Addr) -> String {
    addr.to_string()
}

/// A path as JSON: one list for each hop, the first item its kind.
fn unit_json(unit: &Unit) -> String {
    let hops = unit.0.iter().map(|hop| match hop {
        Hop::Slot(slot) => json!(["slot", slot]),
        Hop::Link(port, link) => json!(["link", port, link]),
        Hop::Address(port, address) => json!(["address", port, address]),
        Hop::Unit(unit) => json!(["unit", unit]),
        Hop::Rack(rack, slot) => json!(["rack", rack, slot]),
        Hop::Subslot(subslot) => json!(["subslot", subslot]),
        Hop::Network(network, address) => json!(["network", network, address]),
        Hop::Station(station) => json!(["station", station]),
        Hop::Entity(row) => json!(["entity", row]),
        Hop::Slave(station) => json!(["slave", station]),
    });
    json!(hops.collect::<Vec<_>>()).to_string()
}

/// SQLite has signed integers only; no capture has 2^63 frames.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const ADD_CAPTURE: &str =
    "INSERT INTO captures (number, sha256, name, frames, bytes, first_ns, last_ns, incomplete)
    VALUES ((SELECT coalesce(max(number) + 1, 0) FROM captures), ?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (sha256) DO NOTHING";
const FIND_SUBJECT: &str = "SELECT id FROM subjects
    WHERE site = ?1 AND outer_vlan = ?2 AND vlan = ?3 AND address = ?4 AND unit = ?5";
const ADD_SUBJECT: &str =
    "INSERT INTO subjects (site, outer_vlan, vlan, address, unit) VALUES (?1, ?2, ?3, ?4, ?5)";
const ADD_OBSERVATION: &str =
    "INSERT INTO observations (subject, key, kind, value, at_ns, capture, frame,
    start_capture, start_frame, offset, length, excerpt, mac)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (subject, key, value, capture, frame) DO NOTHING";
const ADD_SIGHTING: &str =
    "INSERT INTO sightings (subject, mac, first_ns, last_ns) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (subject, mac) DO UPDATE SET first_ns = min(first_ns, excluded.first_ns),
    last_ns = max(last_ns, excluded.last_ns)
    WHERE excluded.first_ns < first_ns OR excluded.last_ns > last_ns";
const PUT_ASSET: &str = "INSERT INTO assets (id, identity, name, kind, vendor, product, model, firmware, serial, os,
    ips, macs, protocols, first_ns, last_ns, sites)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
    ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, name = excluded.name, kind = excluded.kind,
    vendor = excluded.vendor, product = excluded.product, model = excluded.model, firmware = excluded.firmware,
    serial = excluded.serial, os = excluded.os, ips = excluded.ips, macs = excluded.macs,
    protocols = excluded.protocols, first_ns = excluded.first_ns, last_ns = excluded.last_ns, sites = excluded.sites
    WHERE (identity, name, kind, vendor, product, model, firmware, serial, os, ips, macs, protocols, first_ns, last_ns,
    sites)
    IS NOT (excluded.identity, excluded.name, excluded.kind, excluded.vendor, excluded.product, excluded.model,
    excluded.firmware, excluded.serial, excluded.os, excluded.ips, excluded.macs, excluded.protocols,
    excluded.first_ns, excluded.last_ns, excluded.sites)";
const CLAIMS_OF: &str =
    "SELECT module, field, rank, value, certainty, signature, evidence FROM claims
    WHERE asset = ?1 ORDER BY module, field, rank";
const ADD_CLAIM: &str =
    "INSERT INTO claims (asset, module, field, rank, value, certainty, signature, evidence)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const PUT_FINDING: &str = "INSERT INTO findings (id, asset, module, advisory, cve, verdict, reason, because, clause, grade,
    fixed_in, cvss, kev, priority)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (id) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, because = excluded.because,
    clause = excluded.clause, grade = excluded.grade, fixed_in = excluded.fixed_in, cvss = excluded.cvss,
    kev = excluded.kev, priority = excluded.priority
    WHERE (verdict, reason, because, clause, grade, fixed_in, cvss, kev, priority)
    IS NOT (excluded.verdict, excluded.reason, excluded.because, excluded.clause, excluded.grade, excluded.fixed_in,
    excluded.cvss, excluded.kev, excluded.priority)";
const FORGET_ASSETS: &str = "DELETE FROM assets WHERE id NOT IN (SELECT value FROM json_each(?1))";
const FORGET_FINDINGS: &str =
    "DELETE FROM findings WHERE id NOT IN (SELECT value FROM json_each(?1))";
const ADD_RUN: &str =
    "INSERT INTO runs (id, version, captures, bundle, complete) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (id) DO NOTHING";
/// Name space of run identifiers: the version 5 UUID of `run.nameplate` in the DNS name space.
const RUN_NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x0b87_8677_484d_5e69_84d2_e097_6b25_643f);
