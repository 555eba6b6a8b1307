//! `advisories comment`, `read`, `delete`, `restore` and `marks`: what people say about documents.

use std::path::Path;

use crate::app::AppError;
use crate::app::shelf::{Place, Shelf};
use crate::export::shelf::MarkRow;
use crate::model::{Mark, Marking, Timestamp};
use crate::store::Store;

/// What a person says, and about which documents.
pub(in crate::app) struct Said<'a> {
    /// What.
    pub(in crate::app) marking: Marking,
    /// The documents, as the person calls them.
    pub(in crate::app) whats: &'a [String],
    /// The comment, or the reason.
    pub(in crate::app) text: &'a str,
    /// Who.
    pub(in crate::app) by: &'a str,
    /// When.
    pub(in crate::app) at: Timestamp,
}

/// Keeps it, and tells what was kept; nothing where it is so already.
pub(in crate::app) fn mark(
    place: &Place<'_>,
    dir: &Path,
    said: &Said<'_>,
) -> Result<Vec<MarkRow>, AppError> {
    let shelf = Shelf::of_documents(place)?;
    let mut marks: Vec<Mark> = Vec::new();
    for what in said.whats {
        let id = shelf.named(what)?;
        // A deletion is of all revisions that are here.
        let held = match said.marking {
            Marking::Deleted => shelf.latest().get(id).copied(),
            _ => None,
        };
        let held = held.map_or_else(|| shelf.revision(id, None), Ok)?;
        let advisory = &held.whole.advisory;
        let is_out = shelf.marks.deletion(id).is_some();
        let is_read = shelf.marks.readers(id, advisory.substance).contains(said.by);
        match said.marking {
            Marking::Restored if !is_out => {
                return Err(AppError::NotFound(format!(
                    "{id} was not deleted: nameplate advisories list --deleted shows what was"
                )));
            }
            Marking::Read if is_read => continue,
            Marking::Unread if !is_read => continue,
            // Said of an earlier revision, and the document came back since: it has to be said again.
            Marking::Deleted if is_out && !shelf.counting().contains_key(id) => continue,
            _ if marks.iter().any(|mark| *mark.document == *id) => continue,
            _ => {}
        }
        marks.push(Mark {
            number: 0,
            document: id.into(),
            revision: advisory.revision.clone(),
            released: advisory.released.clone(),
            substance: advisory.substance,
            marking: said.marking,
            text: said.text.into(),
            by: said.by.into(),
            at: said.at,
        });
    }
    let numbers = Store::open(dir)?.mark(&marks)?;
    for (mark, number) in marks.iter_mut().zip(numbers) {
        mark.number = number;
    }
    Ok(marks.iter().map(line).collect())
}

/// Everything that was said, in order of number.
pub(in crate::app) fn all(dir: &Path) -> Result<Vec<MarkRow>, AppError> {
    let (marks, _) = Store::open(dir)?.marks()?;
    let mut lines: Vec<MarkRow> = marks.all().map(line).collect();
    lines.sort_by_key(|line| line.number);
    Ok(lines)
}

/// A mark as it is printed.
pub(super) fn line(mark: &Mark) -> MarkRow {
    MarkRow {
        schema: "nameplate.mark/1",
        number: mark.number,
        advisory: mark.document.to_string(),
        revision: mark.revision.to_string(),
        mark: mark.marking.name(),
        text: mark.text.to_string(),
        by: mark.by.to_string(),
        time: mark.at.to_string(),
    }
}
