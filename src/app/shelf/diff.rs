//! `advisories diff`: what differs between two revisions, and which verdicts that changes.

use std::collections::BTreeSet;
use std::path::Path;

use crate::advisory::changes::{changes, major_change};
use crate::advisory::prose::Whole;
use crate::app::AppError;
use crate::app::scan::Scanned;
use crate::app::shelf::show::called;
use crate::app::shelf::verdicts::{self, Verdicts};
use crate::app::shelf::{Shelf, load};
use crate::export::shelf::{Difference, VerdictChange};
use crate::model::limits::ADVISORY_CHANGES_MAX;
use crate::model::{Judgement, Verdict};

/// What is compared.
pub(in crate::app) enum Sides<'a> {
    /// Two revisions of a document; without numbers the two newest.
    Revisions(&'a str, Option<(&'a str, &'a str)>),
    /// Two files.
    Files(&'a Path, &'a Path),
}

/// Compares.
pub(in crate::app) fn diff(shelf: &Shelf, sides: &Sides<'_>) -> Result<Difference, AppError> {
    let files;
    let (before, after): (&Whole, &Whole) = match sides {
        Sides::Files(one, other) => {
            files = [only(one)?, only(other)?];
            let [before, after] = &files;
            (before, after)
        }
        Sides::Revisions(what, Some((one, other))) => {
            let id = shelf.named(what)?;
            (&shelf.revision(id, Some(one))?.whole, &shelf.revision(id, Some(other))?.whole)
        }
        Sides::Revisions(what, None) => {
            let id = shelf.named(what)?;
            let mut newest = shelf.revisions(id);
            match (newest.next(), newest.next()) {
                (Some(after), Some(before)) => (&before.whole, &after.whole),
                _ => {
                    return Err(AppError::NotFound(format!(
                        "{id} is here in one revision only: add another with nameplate advisories add, or name two files"
                    )));
                }
            }
        }
    };
    if before.advisory.id != after.advisory.id {
        let (one, other) = (&before.advisory.id, &after.advisory.id);
        return Err(AppError::NotFound(format!(
            "{one} and {other} are two documents: give two revisions of one"
        )));
    }
    let mut found = changes(before, after);
    let more = found.len().saturating_sub(ADVISORY_CHANGES_MAX);
    found.truncate(ADVISORY_CHANGES_MAX);
    if more > 0 {
        tracing::warn!("{more} changes more than {ADVISORY_CHANGES_MAX} are not told");
    }
    let told = found.into_iter().map(|one| (one.part.name(), one.about, one.was, one.is));
    let edge =
        |whole: &Whole| (whole.advisory.revision.to_string(), whole.advisory.released.to_string());
    let verdicts =
        shelf.known.as_ref().map(|known| between(known, before, after)).unwrap_or_default();
    Ok(Difference {
        schema: "nameplate.advisory_diff/1",
        advisory: after.advisory.id.to_string(),
        title: after.advisory.title.to_string(),
        before: edge(before),
        after: edge(after),
        substance_changed: before.advisory.substance != after.advisory.substance,
        major: major_change(&before.advisory, &after.advisory),
        assets: shelf.known.as_ref().map(|known| known.assets.len()),
        changes: told.collect(),
        verdicts,
    })
}

/// The one document in a file.
fn only(path: &Path) -> Result<Whole, AppError> {
    let mut loaded = load::from_path(path)?;
    let (count, first) = (loaded.held.len(), loaded.held.pop());
    match first {
        Some(held) if count == 1 => Ok(held.whole),
        _ => {
            let why = loaded.complaints.first().map(|why| format!(" ({why})")).unwrap_or_default();
            Err(AppError::NotFound(format!(
                "{} holds {count} CSAF documents, not one{why}",
                path.display()
            )))
        }
    }
}

fn between(known: &Scanned, before: &Whole, after: &Whole) -> Vec<VerdictChange> {
    let [was, is] = [before, after].map(|whole| verdicts::of(known, &whole.advisory, None));
    let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let words = |verdicts: &Verdicts, key| verdicts.get(key).map(|one| spoken(one));
    let mut changed = Vec::new();
    for key @ (asset, module, cve) in keys {
        let (was, is) = (words(&was, key), words(&is, key));
        if was != is {
            let found = known.assets.iter().find(|one| one.id == *asset);
            changed.push(VerdictChange {
                schema: "nameplate.verdict_change/1",
                asset_id: asset.to_string(),
                name: found.map(|asset| called(asset, None)).unwrap_or_default(),
                module: module.as_ref().map(ToString::to_string),
                advisory: after.advisory.id.to_string(),
                cve: cve.to_string(),
                was,
                is,
            });
        }
    }
    changed
}

/// A verdict in words, with the missing fact.
pub(super) fn spoken(judgement: &Judgement) -> String {
    let name = judgement.verdict.name().replace('_', " ");
    match &judgement.verdict {
        Verdict::Unknown(why) => format!("{name}: {why}"),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => name,
    }
}
