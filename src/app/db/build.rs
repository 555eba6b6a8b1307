//! Building a bundle.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::app::knowledge::newest;
use crate::bundle::gather::{Checked, Gathered};
use crate::bundle::key::SecretKey;
use crate::bundle::openpgp::Keys;
use crate::bundle::{LeftOut, file};
use crate::model::limits::SIDECAR_BYTES_MAX;

/// What to build.
#[derive(Debug)]
pub(in crate::app) struct Request {
    /// Directories, archives, files.
    pub(in crate::app) inputs: Vec<PathBuf>,
    /// Where to.
    pub(in crate::app) output: PathBuf,
    /// The key to sign with.
    pub(in crate::app) key: Option<SecretKey>,
    /// Files of OpenPGP keys to check signatures with.
    pub(in crate::app) openpgp: Vec<PathBuf>,
    /// When the knowledge is of, when not of its newest document.
    pub(in crate::app) built_at: Option<String>,
}

/// What was built.
#[derive(Debug)]
pub(in crate::app) struct Built {
    /// Files that were left out.
    pub(in crate::app) left_out: Vec<LeftOut>,
    /// What was checked.
    pub(in crate::app) checked: Checked,
    /// Why signatures were not checked, and how often.
    pub(in crate::app) unchecked: BTreeMap<String, usize>,
    /// How many documents and lists are in it.
    pub(in crate::app) counts: (usize, usize),
    /// When its knowledge is of.
    pub(in crate::app) built: String,
    /// Bytes of the file.
    pub(in crate::app) bytes: usize,
}

/// Builds it.
pub(in crate::app) fn build(request: &Request) -> Result<Built, AppError> {
    let mut keys = Keys::default();
    for path in &request.openpgp {
        let name = path.display().to_string();
        let failed = |why: String| AppError::Usage(format!("cannot read {name}: {why}"));
        let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
        if usize::try_from(size).map_or(true, |size| size > SIDECAR_BYTES_MAX) {
            return Err(failed("it is larger than any file of keys".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        keys.add(&bytes, &name).map_err(|error| AppError::Usage(error.to_string()))?;
    }
    let failed = |error: crate::bundle::BundleError| AppError::Bundle(error.to_string());
    let gathered = Gathered::from(&request.inputs, &keys).map_err(failed)?;
    let counts = gathered.counts();
    if counts == (0, 0) {
        let left_out = gathered.left_out.iter().take(SHOWN_MAX);
        let why: String = left_out.map(|one| format!("\n{}: {}", one.name, one.why)).collect();
        return Err(AppError::Bundle(format!(
            "there is no advisory and no list in these inputs that could be used: nothing was built{why}"
        )));
    }
    let newest = || newest(gathered.dates(), jiff::Timestamp::now()).unwrap_or_default();
    let built = request.built_at.clone().unwrap_or_else(newest);
    let left_out = gathered.left_out.clone();
    let (checked, unchecked) = (gathered.checked, gathered.unchecked.clone());
    let builder = format!("nameplate {}", env!("CARGO_PKG_VERSION"));
    let (manifest, contents) = gathered.into_parts(built.clone(), builder);
    let bytes = file::write(manifest, &contents, request.key.as_ref()).map_err(failed)?;
    replace(&request.output, &bytes)?;
    Ok(Built { left_out, checked, unchecked, counts, built, bytes: bytes.len() })
}

/// Writes a file whole, or leaves the one that was there.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let failed = |source| AppError::Write { what: path.display().to_string(), source };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written.map_err(failed)
}

/// Files named in one message.
const SHOWN_MAX: usize = 10;
