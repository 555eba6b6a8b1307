//! Bundles of advisories: one signed file that a plant without a network carries in on a stick.
//!
//! A connected machine [gathers](gather) documents and lists from directories and archives, checks the checksums and signatures that
//! lie beside them, and [writes](file::write) a bundle; the appliance [reads](file::Bundle::read) it. What is read here was carried
//! around and may be hostile: every length is compared with a cap before anything is done with it, and what is wrong with one
//! document costs that document.

pub mod archive;
pub mod checksum;
pub mod feeds;
pub mod fetch;
pub mod file;
pub mod gather;
pub mod key;
pub mod openpgp;

use std::path::PathBuf;

use crate::model::limits::{BUNDLE_BYTES_MAX, BUNDLE_MANIFEST_BYTES_MAX};
use crate::wire::Malformed;

/// Why a bundle, or what one is made of, could not be used as a whole. Each says what was being done, to what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or directory.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An archive.
    #[error("cannot read {path} as a zip archive: {cause}; fetch it again")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Something else than a bundle.
    #[error("this is no bundle of nameplate: it does not begin like one")]
    NoBundle,
    /// A bundle in a format that this version does not know.
    #[error(
        "the bundle has format version {0}, this program reads version 1; use a newer nameplate"
    )]
    Version(u16),
    /// Shorter or longer than it says, or not what its parts say.
    #[error("the bundle is damaged: {0}; copy or fetch it again")]
    Damaged(String),
    /// Larger than any.
    #[error(
        "the bundle is larger than any: more than {BUNDLE_BYTES_MAX} bytes, or a list of contents of more than {BUNDLE_MANIFEST_BYTES_MAX}"
    )]
    TooLarge,
    /// The signature is not one of this bundle by the key that it names.
    #[error(
        "the signature of the bundle is not right: somebody changed the bundle, or signed another one; do not use it"
    )]
    Signature,
    /// A file of keys.
    #[error("{0}")]
    Key(String),
}

impl From<Malformed> for BundleError {
    fn from(error: Malformed) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What was left out, and why.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
pub struct LeftOut {
    /// Name of the file.
    pub name: String,
    /// The reason, for a person.
    pub why: String,
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The last part of a path inside an archive or a directory: what its file is called. Names lead nowhere; whatever they say, nothing
/// is ever written where they point.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Bytes from hexadecimal digits of either case; `None` when they are not as many as asked for, or not digits.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [high, low] => Some((high << 4) | low),
            _ => None,
        })
        .collect();
    if digits.len() != N.checked_mul(2)? {
        return None;
    }
    bytes.try_into().ok()
}
