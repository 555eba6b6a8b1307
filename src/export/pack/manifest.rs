//! The manifest of a pack: which files are in it, with their hashes, and what they are of. Its own hash lies beside it, and perhaps a
//! signature.

use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::export::pack::{from_hex, hex};
use crate::export::{Report, json};
use crate::model::limits::PACK_MANIFEST_BYTES_MAX;

/// What is in a pack.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Manifest {
    /// `nameplate.pack/1`.
    pub(super) schema: String,
    /// The program.
    pub(super) tool: String,
    /// Its version.
    pub(super) version: String,
    /// The day of the verdicts.
    pub(super) as_of: Option<String>,
    /// Whether all inputs were read to a sound end.
    pub(super) complete: bool,
    /// SHA-256 of the advisories.
    pub(super) bundle: String,
    /// The inputs.
    pub(super) inputs: Vec<Input>,
    /// The four counts.
    pub(super) verdicts: Verdicts,
    /// The files, in the order in which they lie in the archive.
    pub(super) files: Vec<Entry>,
}

/// An input of the report.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Input {
    pub(super) capture: String,
    pub(super) sha256: String,
}

/// The four counts.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Verdicts {
    pub(super) affected: usize,
    pub(super) cannot_tell: usize,
    pub(super) fixed: usize,
    pub(super) not_affected: usize,
}

/// A file of a pack.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Entry {
    /// Its name in the archive.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// SHA-256 of it.
    pub(super) sha256: String,
    /// Its size as it lies in the archive.
    pub(super) packed: u64,
    /// SHA-256 of it as it lies in the archive: several packings unpack to the same.
    pub(super) packed_sha256: String,
}

impl Manifest {
    /// The manifest of these files of a report.
    pub(super) fn new(report: &Report<'_>, files: Vec<Entry>) -> Self {
        let (run, counts) = (report.run, report.counts());
        let captures = run.captures.iter().filter(|capture| !capture.is_shed());
        let input = |capture: &crate::model::CaptureInfo| Input {
            capture: capture.name.clone(),
            sha256: capture.sha256.clone(),
        };
        Self {
            schema: SCHEMA.to_owned(),
            tool: "nameplate".to_owned(),
            version: run.version.clone(),
            as_of: run.as_of.clone(),
            complete: run.complete(),
            bundle: run.bundle.sha256.clone(),
            inputs: captures.map(input).collect(),
            verdicts: Verdicts {
                affected: counts.affected,
                cannot_tell: counts.cannot_tell,
                fixed: counts.fixed,
                not_affected: counts.not_affected,
            },
            files,
        }
    }

    /// As it is written: one value a line, and nothing that a terminal obeys. One that could not be checked again is not written.
    pub(super) fn text(&self) -> io::Result<Vec<u8>> {
        let mut text = json::inert(&serde_json::to_string_pretty(self)?);
        text.push('\n');
        let fits = u64::try_from(text.len()).is_ok_and(|bytes| bytes < PACK_MANIFEST_BYTES_MAX);
        fits.then(|| text.into_bytes()).ok_or_else(|| {
            io::Error::other(format!(
                "the list of inputs of an auditor pack has at most {PACK_MANIFEST_BYTES_MAX} bytes: report fewer captures at once"
            ))
        })
    }
}

/// The file with the hash of the manifest, as `sha256sum -c` reads it.
pub(super) fn seal(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", hex(&Sha256::digest(manifest)))
}

/// A signature, and the key that it was made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Signed {
    /// The public key.
    pub key: [u8; 32],
    /// The signature of `message`: of the hash of the manifest, under a name of its own.
    pub signature: [u8; 64],
}

impl Signed {
    /// The file of it.
    pub(super) fn text(&self) -> String {
        format!("{KEY}{}\n{SIGNATURE}{}\n", hex(&self.key), hex(&self.signature))
    }

    /// The signature in a file; `None` when that is not to the byte what [`Self::text`] writes.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (key, signature) = text.split_once('\n')?;
        let key = from_hex(key.strip_prefix(KEY)?)?.try_into().ok()?;
        let signature = signature.strip_prefix(SIGNATURE)?.strip_suffix('\n')?;
        let signed = Self { key, signature: from_hex(signature)?.try_into().ok()? };
        (signed.text() == text).then_some(signed)
    }
}

/// What is signed: the hash of the manifest, so that it can be taken for nothing else.
pub(super) fn message(manifest: &[u8]) -> Vec<u8> {
    let mut message = SIGNED_AS.to_vec();
    message.extend(Sha256::digest(manifest));
    message
}

pub(super) const SCHEMA: &str = "nameplate.pack/1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SEAL: &str = "manifest.sha256";
pub(super) const SIGNED: &str = "manifest.sig";
const KEY: &str = "nameplate-public-key ed25519 ";
const SIGNATURE: &str = "nameplate-signature ed25519 ";
const SIGNED_AS: &[u8] = b"nameplate pack 1 ed25519\n";
