//! What two looks at a network are made from: a store, one at two dates, captures, or a report printed before.

use std::path::Path;

use crate::app::knowledge::{self, Sources};
use crate::app::scan::Scanned;
use crate::app::{AppError, reports, scan, weigh};
use crate::compare::{Device, Happened, Judged, Place, Plate, Said, Snapshot};
use crate::export::diff::Look;
use crate::export::display_name;
use crate::ledger::Ledger;
use crate::model::limits::EVIDENCE_PLACES_MAX;
use crate::model::{
    Asset, Field, Finding, Ground, Happening, Nameplate, Run, Sighting, Timestamp, Verdict, Zones,
};
use crate::store::Store;

/// One look, ready to be compared.
#[derive(Debug)]
pub(super) struct Looked {
    /// Where it came from.
    pub(super) look: Look,
    /// What it holds.
    pub(super) snapshot: Snapshot,
}

impl Looked {
    /// Puts every device into its zone by its addresses and VLANs, whatever zones were known when it was looked at.
    pub(super) fn put_into(&mut self, zones: &Zones) {
        for device in &mut self.snapshot.devices {
            let zone = zones.at(device.ips.iter().copied(), device.vlans.iter().copied());
            device.zone = zone.map(|zone| zone.name.clone());
        }
        self.snapshot.has_zones = true;
    }
}

/// What an input is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    /// The directory of a store.
    Store,
    /// A report printed before.
    Report,
    /// Captures, or something that cannot be read as such.
    Captures,
}

/// Looks what an input is.
pub(super) fn source(path: &Path) -> Source {
    if Store::is_in(path) {
        Source::Store
    } else if path.is_file() && reports::is_report(path) {
        Source::Report
    } else {
        Source::Captures
    }
}

/// What a scan found or a store holds.
pub(super) fn of_scanned(path: &Path, kind: &'static str, scanned: &Scanned) -> Looked {
    let Scanned { run, assets, findings, .. } = scanned;
    let look = Look {
        name: path.display().to_string(),
        kind,
        until: None,
        version: run.version.clone(),
        bundle_newest: run.bundle.newest.clone(),
        bundle_sha256: run.bundle.sha256.clone(),
        assets: assets.len(),
        findings: Some(findings.len()),
    };
    let snapshot = Snapshot {
        devices: assets.iter().map(|asset| device(run, asset)).collect(),
        has_zones: false,
        verdicts: Some(findings.iter().map(|finding| judged(finding)).collect()),
        talks: None,
    };
    Looked { look, snapshot }
}

/// What a store knew at two times of its packets. What is known is a pure function of the observations, so that of an
/// earlier time is what follows from the earlier ones.
pub(super) fn at_two_dates(
    dir: &Path,
    dates: [Option<Timestamp>; 2],
    sources: &Sources,
) -> Result<[Looked; 2], AppError> {
    let mut store = Store::open(dir)?;
    let day = weigh::day(sources)?;
    let mut held = Run::default();
    let restored = scan::restored(&mut store, &mut held)?;
    let mut look = |until: Option<Timestamp>| -> Result<Looked, AppError> {
        let counts = |at: Timestamp| until.is_none_or(|until| at <= until);
        let (knowledge, bundle) = knowledge::load(sources, Some(&mut store))?;
        let mut ledger = Ledger::new(knowledge);
        ledger.name_sites(&restored.sites);
        ledger.take(restored.observations.iter().filter(|one| counts(one.at)).cloned());
        for sighting in restored.sightings.iter().filter(|sighting| counts(sighting.first)) {
            let last = until.map_or(sighting.last, |until| until.min(sighting.last));
            ledger.seen(&Sighting { last, ..*sighting });
        }
        // People say of a device what it is, and was: decisions hold for both dates.
        ledger.decide(held.decisions.standing());
        ledger.settle();
        let weighed = weigh::weigh(&ledger, &held, &[], (&sources.zones, day));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let run = Run { version, bundle, ..held.clone() };
        let (assets, findings) = (ledger.assets(), weighed.findings);
        let known = Scanned { run, assets, findings, ..Scanned::default() };
        let mut looked = of_scanned(dir, "store", &known);
        looked.look.until = until.map(|until| until.to_string());
        Ok(looked)
    };
    let [from, to] = dates;
    Ok([look(from)?, look(to)?])
}

fn device(run: &Run, asset: &Asset) -> Device {
    let modules = asset.modules.iter();
    let events = asset.events.iter().map(|event| Happened {
        module: event.module.as_ref().map(|path| path.to_string().into()),
        event: match &event.what {
            Happening::Told => event.ground.key.name.into(),
            _ => event.name().into(),
        },
        said: Said { value: event.words().into(), seen_in: vec![place(run, &event.ground)] },
    });
    Device {
        id: asset.id,
        identity: asset.identity.clone(),
        name: display_name(asset).into(),
        plate: plate(run, &asset.nameplate),
        modules: modules
            .map(|module| (module.path.to_string().into(), plate(run, &module.nameplate)))
            .collect(),
        ips: asset.ips.clone(),
        macs: asset.macs.clone(),
        vlans: asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0).collect(),
        sites: run.sites.of(asset).into_iter().map(Box::from).collect(),
        zone: None,
        protocols: asset.protocols.clone(),
        events: events.collect(),
        seen: (asset.first.to_string().into(), asset.last.to_string().into()),
    }
}

fn plate(run: &Run, nameplate: &Nameplate) -> Plate {
    let shown = nameplate.claims.keys().filter_map(|field| {
        let claim = nameplate.claim(*field)?;
        let places = claim.from.iter().take(EVIDENCE_PLACES_MAX);
        let seen_in = places.map(|ground| place(run, ground)).collect();
        Some((*field, Said { value: claim.value.clone(), seen_in }))
    });
    let serials = nameplate.claims.get(&Field::Serial).into_iter().flatten();
    Plate { shown: shown.collect(), serials: serials.map(|claim| claim.value.clone()).collect() }
}

fn place(run: &Run, ground: &Ground) -> Place {
    Place {
        capture: run.capture_name(ground.frame.capture).into(),
        frame: ground.frame.number,
        time: ground.at.to_string().into(),
    }
}

fn judged(finding: &Finding) -> Judged {
    let judgement = &finding.judgement;
    let reason = match &judgement.verdict {
        Verdict::Unknown(why) => Some(why.name().into()),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
    };
    Judged {
        asset: finding.asset,
        module: finding.module.as_ref().map(|path| path.to_string().into()),
        advisory: judgement.advisory.clone(),
        cve: judgement.cve.clone(),
        verdict: judgement.verdict.name().into(),
        reason,
        priority: finding.weight.priority.map(|priority| priority.name().into()),
    }
}
