//! Pseudonyms for what tells which plant it is: addresses, names, serial numbers. In one place, before anything is printed.
//!
//! A pseudonym is a keyed hash (HMAC-SHA-256) of what it stands for: the same key gives the same pseudonym, in every run and every
//! format, and without the key nobody can try out the few addresses there are. What follows from an original is replaced with it: the
//! identifiers of devices and findings, which are hashes of serial numbers and addresses; the bytes that prove facts; the names of
//! captures, sites and zones; addresses in texts. What others published stays as it is: advisories, vulnerabilities, models, versions.

mod hide;
mod originals;
mod people;
mod said;
mod terms;
mod told;

use std::path::{Path, PathBuf};

use crate::alert::hmac;
use crate::app::scan::Scanned;
use crate::app::select::Kept;
use crate::app::{AppError, report};
use crate::model::Zones;
use crate::model::limits::{REDACTION_KEY_BYTES_MAX, REDACTION_KEY_BYTES_MIN};

use hide::Hiding;

/// What is replaced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct What {
    pub(super) ip: bool,
    pub(super) mac: bool,
    pub(super) name: bool,
    pub(super) serial: bool,
}

/// What is replaced, and the key that pseudonyms are made with.
pub(super) struct Redaction {
    what: What,
    key: Vec<u8>,
}

/// Why there are no pseudonyms.
#[derive(Debug, thiserror::Error)]
pub(super) enum RedactError {
    /// The key cannot be read.
    #[error(
        "cannot read the key of pseudonyms {path}: {source}; make one with: head -c 32 /dev/urandom > {path}"
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no key.
    #[error("{path}: {why}; make a key with: head -c 32 /dev/urandom > {path}")]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system gives no random bytes.
    #[error(
        "the system gives no random bytes for pseudonyms: {0}; bring a key with --redact-key FILE"
    )]
    NoSecret(String),
}

impl Redaction {
    /// With the key in a file, or with a secret of this run.
    pub(super) fn new(what: What, key: Option<&Path>) -> Result<Self, AppError> {
        let key = match key {
            Some(path) => read(path)?,
            None => {
                let mut secret = [0_u8; 32];
                getrandom::fill(&mut secret)
                    .map_err(|error| RedactError::NoSecret(error.to_string()))?;
                secret.to_vec()
            }
        };
        Ok(Self { what, key })
    }

    /// Replaces what was asked for in all that is known, and in what was selected of it.
    pub(super) fn hide(
        &self,
        known: &Scanned,
        zones: &Zones,
        kept: Kept,
    ) -> (Scanned, Zones, Kept) {
        Hiding::new(self, known, zones, &[]).all(known, zones, kept)
    }

    /// The same in a report, and in what a store adds to it.
    pub(super) fn hide_report(
        &self,
        known: &Scanned,
        zones: &Zones,
        kept: Kept,
        store: &report::Kept,
    ) -> (Scanned, Zones, Kept, report::Kept) {
        let mut hiding = Hiding::new(self, known, zones, &store.notices);
        let (known, zones, kept) = hiding.all(known, zones, kept);
        (known, zones, kept, hiding.of_store(store))
    }

    /// Hexadecimal digits that stand for something of a kind.
    fn digits(&self, kind: &str, original: &str) -> String {
        hmac::sha256(&self.key, format!("{kind}\0{original}").as_bytes())
    }

    /// The same as a number of so many bits.
    fn number(&self, kind: &str, original: &str, bits: u32) -> u128 {
        let digits = self.digits(kind, original);
        let number = digits.get(..32).and_then(|digits| u128::from_str_radix(digits, 16).ok());
        number.unwrap_or_default().checked_shr(128_u32.saturating_sub(bits)).unwrap_or_default()
    }

    /// A word that stands for something: its kind, and digits.
    fn word(&self, kind: &str, original: &str) -> String {
        let digits = self.digits(kind, original);
        format!("{kind}-{}", digits.get(..WORD_DIGITS).unwrap_or(&digits))
    }

    /// An identifier that stands for another.
    fn uuid(&self, original: uuid::Uuid) -> uuid::Uuid {
        // The name space is a secret of 128 bits, so that nobody without the key can try out identifiers either.
        let space = uuid::Uuid::from_u128(self.number("identifiers", "", 128));
        uuid::Uuid::new_v5(&space, original.as_bytes())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, RedactError> {
    let failed = |source| RedactError::Key { path: path.to_owned(), source };
    let unfit = |why: String| RedactError::NoKey { path: path.to_owned(), why };
    if std::fs::metadata(path).map_err(failed)?.len() > REDACTION_KEY_BYTES_MAX {
        return Err(unfit(format!("a key has no more than {REDACTION_KEY_BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    // The end of a line is an editor's, and no part of a key.
    let end = bytes.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    let key = bytes.get(..end.map_or(0, |end| end.saturating_add(1))).unwrap_or_default();
    if key.len() < REDACTION_KEY_BYTES_MIN {
        return Err(unfit(format!("a key has at least {REDACTION_KEY_BYTES_MIN} bytes")));
    }
    Ok(key.to_vec())
}

/// Digits of a word: 48 bits, so that two of a million words are hardly ever alike.
const WORD_DIGITS: usize = 12;
