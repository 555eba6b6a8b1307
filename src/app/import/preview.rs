//! What an import would change: all that the store would know, with the list and without it. Nothing is written.

use crate::app::import::put_where_seen;
use crate::app::knowledge::{self, Sources};
use crate::app::scan::{self, Scanned};
use crate::app::{AppError, weigh};
use crate::ledger::Ledger;
use crate::model::{CaptureInfo, Import, Observation};
use crate::store::{Restored, Store};

/// A list that would be imported.
#[derive(Clone, Debug)]
pub(super) struct Imagined {
    pub(super) capture: CaptureInfo,
    pub(super) import: Import,
    pub(super) observations: Vec<Observation>,
}

impl Imagined {
    /// Takes the number that the store gave: a sensor that writes into it may have taken the one that was next.
    pub(super) fn renumber(&mut self, number: u32) {
        self.import.capture = number;
        for one in &mut self.observations {
            one.frame.capture = number;
            one.excerpt.frame.capture = number;
        }
    }
}

/// All that is known with these lists. Their numbers go on from those of the store.
pub(super) fn imagined(
    mut store: Option<&mut Store>,
    sources: &Sources,
    lists: &[Imagined],
) -> Result<Scanned, AppError> {
    let (knowledge, bundle) = knowledge::load(sources, store.as_deref_mut())?;
    let mut run = scan::new_run();
    run.bundle = bundle;
    let mut restored = match store {
        Some(store) => scan::restored(store, &mut run)?,
        None => Restored::default(),
    };
    for list in lists {
        run.captures.push(list.capture.clone());
        run.imports.push(list.import.clone());
        restored.observations.extend(list.observations.iter().cloned());
    }
    put_where_seen(&mut restored.observations);
    let mut ledger = Ledger::new(knowledge);
    ledger.name_sites(&restored.sites);
    ledger.take(restored.observations);
    restored.sightings.iter().for_each(|sighting| ledger.seen(sighting));
    ledger.decide(run.decisions.standing());
    ledger.settle();
    let weighed = weigh::weigh(&ledger, &run, &[], (&sources.zones, weigh::day(sources)?));
    let (assets, findings) = (ledger.assets(), weighed.findings);
    Ok(Scanned { run, assets, findings, ..Scanned::default() })
}
