//! Bundles between the connected machine and the appliance: built there, verified and imported here, given up again.

pub(super) mod build;
pub(super) mod fetch;
pub(super) mod import;
pub(super) mod trust;

use std::path::Path;

use crate::app::AppError;
use crate::app::knowledge::bundle_at;
use crate::bundle::file::Bundle;
use crate::bundle::{BundleError, LeftOut};
use crate::model::Parcel;

use trust::Trust;

/// A bundle that was read.
#[derive(Debug)]
pub(super) struct Opened {
    /// What is in it.
    pub(super) parcel: Parcel,
    /// What in it could not be read.
    pub(super) broken: Vec<LeftOut>,
    /// What its builder left out.
    pub(super) left_out: Vec<LeftOut>,
    /// How many parts agreed with a checksum, and had a signature, when it was built.
    pub(super) checked: (usize, usize),
    /// True when a key that is trusted signed it.
    pub(super) is_trusted: bool,
}

/// Reads a bundle, and finds out whether a key that is trusted signed it.
pub(super) fn open(path: &Path, trust: &Trust) -> Result<Opened, AppError> {
    let failed = |error: BundleError| AppError::Bundle(format!("{}: {error}", path.display()));
    let bytes = match bundle_at(path)? {
        Some(bytes) => bytes,
        None if path.exists() => return Err(failed(BundleError::NoBundle)),
        None => {
            return Err(AppError::Bundle(format!(
                "cannot read {}: it is not there",
                path.display()
            )));
        }
    };
    let bundle = Bundle::read(&bytes).map_err(failed)?;
    let (parcel, broken) = bundle.parcel(&path.display().to_string());
    let parts = &bundle.manifest.parts;
    let checked = (
        parts.iter().filter(|part| part.checksum).count(),
        parts.iter().filter(|part| part.openpgp.is_some()).count(),
    );
    let is_trusted = bundle.signer.as_ref().is_some_and(|signer| trust.knows(signer));
    Ok(Opened { parcel, broken, left_out: bundle.manifest.left_out, checked, is_trusted })
}

/// Why a bundle must not be used, unless a person says so.
pub(super) fn distrust(opened: &Opened, path: &Path, allow_unsigned: bool) -> Option<String> {
    let name = path.display();
    match &opened.parcel.signer {
        _ if opened.is_trusted => None,
        Some(signer) => Some(format!(
            "{name} is signed by key {signer}, which is not trusted here: get the public key from who builds bundles, and name it with \
             --trust or put it into {}",
            trust::TRUSTED
        )),
        None if allow_unsigned => None,
        None => Some(format!(
            "{name} is not signed: build it with --sign KEY, or take it as it is with --allow-unsigned"
        )),
    }
}
