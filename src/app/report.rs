//! Auditor packs: what a store adds to a report, and checking one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::app::AppError;
use crate::bundle::key::{PublicKey, SecretKey};
use crate::export::pack::{Checked, Evaluation, Signed, check};
use crate::model::limits::PACK_NOTICES_MAX;
use crate::model::{Bundle, Notice, Timestamp};
use crate::store::{Matching, Store};

/// What only a store knows: the history of advisories, of evaluations, of what the sensor told.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) bundles: Vec<Bundle>,
    /// The earliest first.
    pub(super) evaluations: Vec<Evaluation>,
    pub(super) available: BTreeMap<String, Timestamp>,
    pub(super) notices: Vec<Notice>,
}

impl Kept {
    /// Reads it from a store; there is none of it without one.
    pub(super) fn of(store: Option<&Path>) -> Result<Self, AppError> {
        let Some(dir) = store else { return Ok(Self::default()) };
        let mut store = Store::open(dir)?;
        let bundles = store.bundles()?;
        let mut available: BTreeMap<String, Timestamp> = BTreeMap::new();
        let mut note = |id: String, at: Timestamp| {
            let known = available.entry(id).or_insert(at);
            *known = at.min(*known);
        };
        for bundle in bundles.iter().filter(|bundle| bundle.is_kept) {
            let documents = store.documents_of(bundle.number)?;
            documents.into_iter().for_each(|document| note(document.id, bundle.at));
        }
        let added = store.who_added()?;
        added.into_iter().for_each(|(id, (_, at))| note(id, at));
        let mut evaluations: Vec<Evaluation> =
            store.matchings(u64::from(u32::MAX))?.iter().map(evaluation).collect();
        evaluations.sort_by_key(|evaluation| (evaluation.at, evaluation.number));
        let last = store.last_notice()?;
        let most = u64::try_from(PACK_NOTICES_MAX).unwrap_or(u64::MAX);
        let notices = store.notices(last.saturating_sub(most), PACK_NOTICES_MAX)?;
        Ok(Self { bundles, evaluations, available, notices })
    }
}

fn evaluation(run: &Matching) -> Evaluation {
    Evaluation {
        number: run.number,
        at: run.at,
        trigger: run.trigger.name(),
        scope: run.scope.to_string(),
        version: run.version.to_string(),
        bundle: run.bundle.to_string(),
        origin: run.origin.to_string(),
        of: [run.documents, run.assets],
        verdicts: run.verdicts,
        changes: [run.opened, run.changed, run.closed],
    }
}

/// Signs with a key.
pub(super) fn signed(key: &SecretKey, message: &[u8]) -> Signed {
    Signed { key: *key.public().bytes(), signature: key.sign(message) }
}

/// Checks a pack.
pub(super) fn checked(path: &Path) -> io::Result<Checked> {
    check(File::open(path)?, &|signed, message| {
        PublicKey::new(&signed.key).is_some_and(|key| key.has_signed(message, &signed.signature))
    })
}

/// The public keys in a file, or the digits of one.
pub(super) fn keys(given: &str) -> Result<Vec<PublicKey>, AppError> {
    let path = Path::new(given);
    let text = if path.exists() {
        std::fs::read_to_string(path)
            .map_err(|error| AppError::Usage(format!("cannot read the key {given}: {error}")))?
    } else {
        given.to_owned()
    };
    PublicKey::read(&text, given).map_err(|error| AppError::Usage(error.to_string()))
}
