//! One document: fetched with what lies beside it, checked, and kept only when all of it agrees.

use std::sync::Arc;

use crate::advisory::{self, csaf};
use crate::bundle::archive::SIDECARS;
use crate::bundle::checksum::{self, Sum};
use crate::bundle::fetch::address::Address;
use crate::bundle::fetch::client::{File, Got, Known, Miss};
use crate::bundle::fetch::folder::{Note, sha256};
use crate::bundle::fetch::lists::{self, Label};
use crate::bundle::fetch::{FetchError, Run};
use crate::bundle::openpgp::{Keys, Signed};
use crate::model::limits::{ADVISORY_BYTES_MAX, SIDECAR_BYTES_MAX};

/// A document that a list names.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Where it is.
    pub address: Address,
    /// Where it goes.
    pub place: String,
    /// When it was last changed, as the list says.
    pub updated: Option<String>,
    /// True when a list on its own host names it.
    pub(super) is_own: bool,
    /// What lies beside it.
    pub beside: Beside,
    /// The keys of its publisher.
    pub keys: Arc<Keys>,
}

impl Wanted {
    /// True when this entry is to be believed rather than another about the same place.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let date = |one: &Self| one.updated.as_deref().and_then(advisory::instant);
        let is_same = self.address == other.address;
        (self.is_own && !other.is_own)
            || (self.is_own == other.is_own && is_same && date(self) > date(other))
    }
}

/// What lies beside a document.
#[derive(Clone, Debug)]
pub(super) enum Beside {
    /// What the feed says.
    Listed {
        /// Checksums.
        hashes: Vec<Address>,
        /// The signature.
        signature: Option<Address>,
    },
    /// What is found by its name: an index says nothing about it.
    ByName,
}

/// What became of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// It is here now.
    Fetched,
    /// It was here already.
    Unchanged,
    /// It is not here, or not the newest.
    Missed(Miss),
}

/// What was found beside a document: the ends of names, and what is in the files.
type Sidecars = Vec<(&'static str, Vec<u8>)>;

/// Fetches a document.
///
/// # Errors
///
/// When the directory cannot be written; what is wrong with the document costs only it.
pub(super) fn fetch(run: &Run<'_>, wanted: &Wanted) -> Result<Outcome, FetchError> {
    let url = wanted.address.to_string();
    let note = run.folder.note(&url, &wanted.place);
    if note.is_some_and(|note| note.updated.is_some() && note.updated == wanted.updated) {
        return Ok(Outcome::Unchanged);
    }
    let known = note.map(Note::known).unwrap_or_default();
    let file = match run.client.get(&wanted.address, ADVISORY_BYTES_MAX, known) {
        Ok(Got::File(file)) => file,
        Ok(Got::Same) => {
            if let Some(note) = note {
                run.folder.remember(&Note { updated: wanted.updated.clone(), ..note.clone() })?;
            }
            return Ok(Outcome::Unchanged);
        }
        Ok(Got::Absent) => return Ok(failed("it is listed, and not there")),
        Err(miss) => return Ok(Outcome::Missed(miss)),
    };
    let sidecars = match checked(run, wanted, &file) {
        Ok(sidecars) => sidecars,
        Err(miss) => return Ok(Outcome::Missed(miss)),
    };
    let hash = sha256(&file.bytes);
    let was_same = note.is_some_and(|note| note.sha256 == hash);
    keep(run, wanted, &file, &sidecars)?;
    run.folder.remember(&Note {
        url,
        sha256: hash,
        updated: wanted.updated.clone(),
        tag: file.tag,
        modified: file.modified,
        beside: sidecars.iter().map(|(end, _)| (*end).to_owned()).collect(),
    })?;
    Ok(if was_same { Outcome::Unchanged } else { Outcome::Fetched })
}

/// What lies beside a document, when everything there is agrees with it.
fn checked(run: &Run<'_>, wanted: &Wanted, file: &File) -> Result<Sidecars, Miss> {
    let refused = |why: String| Err(Miss::Refused(why));
    if !csaf::has_document(&file.bytes) {
        return refused("it is no CSAF document: another file, or one that was cut".to_owned());
    }
    if let Some(label) = lists::label(&file.bytes) {
        match Label::read(&label) {
            Some(label) if run.order.labels.contains(&label) => {}
            Some(label) => return refused(format!("it is labeled TLP:{}", label.name())),
            None => return refused("its TLP label is none that is known".to_owned()),
        }
    }
    let sidecars = sidecars(run, wanted)?;
    for (end, beside) in &sidecars {
        let sum = match *end {
            ".sha512" => checksum::sha512(&file.bytes, &wanted.place, beside),
            ".sha256" => checksum::sha256(&file.bytes, &wanted.place, beside),
            _ => match wanted.keys.check(&file.bytes, beside) {
                Signed::Wrong(why) if !wanted.keys.is_empty() => {
                    return refused(format!("its signature is not right: {why}"));
                }
                _ => Sum::Right,
            },
        };
        if sum != Sum::Right {
            return refused(format!("it does not agree with the checksum in its {end}"));
        }
    }
    Ok(sidecars)
}

/// Fetches what lies beside a document. What is not there is no matter; what is there and cannot be had is, because it might say that
/// the document is another.
fn sidecars(run: &Run<'_>, wanted: &Wanted) -> Result<Sidecars, Miss> {
    let get = |address: &Address| -> Result<Option<Vec<u8>>, Miss> {
        match run.client.get(address, SIDECAR_BYTES_MAX, Known::default())? {
            Got::File(file) => Ok(Some(file.bytes)),
            Got::Same | Got::Absent => Ok(None),
        }
    };
    let mut found = Sidecars::new();
    match &wanted.beside {
        Beside::Listed { hashes, signature } => {
            for end in [".sha512", ".sha256"] {
                let listed = hashes.iter().find(|hash| hash.path().ends_with(end));
                let bytes = listed.map(get).transpose()?.flatten();
                found.extend(bytes.map(|bytes| (end, bytes)));
            }
            let bytes = signature.as_ref().map(get).transpose()?.flatten();
            found.extend(bytes.map(|bytes| (".asc", bytes)));
        }
        Beside::ByName => {
            for end in SIDECARS {
                // One checksum is enough where there may be none at all.
                if end == ".sha256" && !found.is_empty() {
                    continue;
                }
                let address = wanted.address.with(end).map_err(Miss::Refused)?;
                let bytes = get(&address)?.filter(|bytes| is_sidecar(end, bytes));
                found.extend(bytes.map(|bytes| (end, bytes)));
            }
        }
    }
    Ok(found)
}

/// True for a file that is what its name says. Some servers have a page for people in the place of each file that they have not.
fn is_sidecar(end: &str, bytes: &[u8]) -> bool {
    let sum = match end {
        ".sha512" => checksum::sha512(&[], "", bytes),
        ".sha256" => checksum::sha256(&[], "", bytes),
        _ => {
            let is_packet = bytes.first().is_some_and(|byte| *byte >= OPENPGP_PACKET);
            return is_packet || String::from_utf8_lossy(bytes).contains(OPENPGP_ARMOUR);
        }
    };
    sum != Sum::Missing
}

/// Writes what lies beside a document, then the document: whoever builds a bundle in between finds that they do not agree, and leaves
/// the old one out.
fn keep(
    run: &Run<'_>,
    wanted: &Wanted,
    file: &File,
    sidecars: &Sidecars,
) -> Result<(), FetchError> {
    for end in SIDECARS {
        let place = format!("{}{end}", wanted.place);
        match sidecars.iter().find(|(found, _)| *found == end) {
            Some((_, bytes)) => run.folder.write(&place, bytes)?,
            // That of an earlier document says nothing about this one.
            None => run.folder.remove(&place)?,
        }
    }
    run.folder.write(&wanted.place, &file.bytes)
}

fn failed(why: &str) -> Outcome {
    Outcome::Missed(Miss::Failed(why.to_owned()))
}

/// The highest bit of the first byte of every OpenPGP packet (RFC 9580 §4.2), which no text begins with.
const OPENPGP_PACKET: u8 = 0x80;
const OPENPGP_ARMOUR: &str = "-----BEGIN PGP ";
