//! Lists beside the documents: the catalogue of known exploited vulnerabilities, and the scores of how likely exploitation is.

use crate::bundle::fetch::address::Address;
use crate::bundle::fetch::client::Got;
use crate::bundle::fetch::folder::{Note, sha256};
use crate::bundle::fetch::{FetchError, Report, Run};
use crate::bundle::{LeftOut, feeds};
use crate::model::FeedKind;
use crate::model::limits::FEED_BYTES_MAX;

/// Fetches a list. One that is none of its kind is not kept: the one before stays.
pub(super) fn fetch(
    run: &Run<'_>,
    report: &mut Report,
    kind: FeedKind,
    address: &Address,
) -> Result<(), FetchError> {
    let url = address.to_string();
    let packed = if address.path().ends_with(".gz") { ".gz" } else { "" };
    let (place, other) = match kind {
        FeedKind::Kev => ("kev.json".to_owned(), None),
        kind if packed.is_empty() => {
            (format!("{}.csv", kind.name()), Some(format!("{}.csv.gz", kind.name())))
        }
        kind => (format!("{}.csv.gz", kind.name()), Some(format!("{}.csv", kind.name()))),
    };
    let note = run.folder.note(&url, &place);
    let known = note.map(Note::known).unwrap_or_default();
    let file = match run.client.get(address, FEED_BYTES_MAX, known) {
        Ok(Got::File(file)) => Ok(file),
        Ok(Got::Same) => {
            // It is noted, and stays so.
            report.lists = report.lists.saturating_add(1);
            return Ok(());
        }
        Ok(Got::Absent) => Err("it is not there".to_owned()),
        Err(miss) => Err(miss.why()),
    };
    let checked = file.and_then(|file| {
        let read = feeds::recognise(&feeds::unpacked(file.bytes.clone())?);
        match read.filter(|list| list.kind == kind && list.rows > 0) {
            Some(_) => Ok(file),
            None => Err(format!("it is no list of the kind {}", kind.name())),
        }
    });
    match checked {
        Ok(file) => {
            run.folder.write(&place, &file.bytes)?;
            // Of two lists of a kind a bundle takes one: there is one.
            if let Some(other) = other {
                run.folder.remove(&other)?;
            }
            run.folder.remember(&Note {
                url,
                sha256: sha256(&file.bytes),
                tag: file.tag,
                modified: file.modified,
                ..Note::default()
            })?;
            report.lists = report.lists.saturating_add(1);
        }
        Err(why) => report.sources.push(LeftOut { name: url, why }),
    }
    Ok(())
}
