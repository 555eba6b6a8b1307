//! Keys: which are trusted, and new ones.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::bundle::key::{PublicKey, SecretKey};

/// The keys whose bundles are taken.
#[derive(Debug, Default)]
pub(in crate::app) struct Trust(Vec<PublicKey>);

impl Trust {
    /// The keys that were given, as digits or files, and those that the machine trusts. A file there that cannot be read trusts
    /// nobody, and does not keep others from being trusted.
    pub(in crate::app) fn new(given: &[String]) -> Result<Self, AppError> {
        let mut keys = Vec::new();
        for one in given {
            let path = Path::new(one);
            let text = if path.exists() { read(path)? } else { one.clone() };
            keys.extend(
                PublicKey::read(&text, one).map_err(|error| AppError::Usage(error.to_string()))?,
            );
        }
        for path in trusted_files() {
            let name = path.display().to_string();
            let found = read(&path)
                .map_err(|error| error.to_string())
                .and_then(|text| PublicKey::read(&text, &name).map_err(|error| error.to_string()));
            match found {
                Ok(found) => keys.extend(found),
                Err(why) => tracing::warn!("{why}"),
            }
        }
        Ok(Self(keys))
    }

    /// True for one of them.
    pub(in crate::app) fn knows(&self, key: &PublicKey) -> bool {
        self.0.contains(key)
    }
}

/// The key that bundles are signed with.
pub(in crate::app) fn secret(path: &Path) -> Result<SecretKey, AppError> {
    let name = path.display().to_string();
    SecretKey::read(&read(path)?, &name).map_err(|error| AppError::Usage(error.to_string()))
}

/// Makes a pair of keys: the secret one for its owner alone, the public one beside it. Nothing is ever written over.
pub(in crate::app) fn new_pair(path: &Path) -> Result<(PathBuf, PublicKey), AppError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| AppError::Internal(error.to_string()))?;
    let key = SecretKey::new(&seed);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    let beside = PathBuf::from(beside);
    write_new(&beside, &key.public().line(), 0o644)?;
    if let Err(error) = write_new(path, &key.line(), 0o600) {
        // A public key whose secret one was never kept would be trusted for nothing.
        let _ = std::fs::remove_file(&beside);
        return Err(error);
    }
    Ok((beside, key.public()))
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), AppError> {
    let failed = |source| AppError::Write { what: path.display().to_string(), source };
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

fn read(path: &Path) -> Result<String, AppError> {
    let failed = |why: String| AppError::Usage(format!("cannot read {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > KEY_FILE_BYTES_MAX {
        return Err(failed("it is larger than any file of keys".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

fn trusted_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(TRUSTED).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "pub"))
        .collect();
    files.sort();
    files
}

/// Where the keys lie that a machine trusts.
pub(in crate::app) const TRUSTED: &str = "/etc/nameplate/trusted";
const KEY_FILE_BYTES_MAX: u64 = 1_024 * 1_024;
