//! Where files come from: a directory, a zip archive as GitHub makes one of a repository, or one file. Names in them are labels: nothing
//! is ever unpacked to a disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::bundle::{BundleError, file_name};
use crate::model::limits::{ARCHIVE_BYTES_MAX, ARCHIVE_FILES_MAX, ARCHIVE_UNPACKED_BYTES_MAX};

/// Files by name, in order.
pub struct Archive {
    kind: Kind,
    /// Bytes that may still be read.
    left: u64,
}

enum Kind {
    /// By their path below the directory.
    Files(BTreeMap<String, PathBuf>),
    /// By their name, and their place in the archive.
    Zip(Box<zip::ZipArchive<BufReader<File>>>, BTreeMap<String, usize>),
}

impl Archive {
    /// Opens one.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no archive although it begins like one.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let unreadable = |source| BundleError::Unreadable { path: path.to_owned(), source };
        let kind = if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            Kind::Files(below(path)?)
        } else if begins_like_zip(path).map_err(unreadable)? {
            zip_of(path)?
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut files = BTreeMap::from([(name, path.to_owned())]);
            files.extend(beside(path));
            Kind::Files(files)
        };
        Ok(Self { kind, left: ARCHIVE_UNPACKED_BYTES_MAX })
    }

    /// Names of all files.
    pub fn names(&self) -> Vec<String> {
        match &self.kind {
            Kind::Files(files) => files.keys().cloned().collect(),
            Kind::Zip(_, files) => files.keys().cloned().collect(),
        }
    }

    /// True when there is a file of that name.
    pub fn has(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Files(files) => files.contains_key(name),
            Kind::Zip(_, files) => files.contains_key(name),
        }
    }

    /// The bytes of a file, up to a length.
    ///
    /// # Errors
    ///
    /// With the reason when it cannot be read, or is longer.
    pub fn bytes(&mut self, name: &str, bytes_max: usize) -> Result<Vec<u8>, String> {
        let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).min(self.left);
        let room = most.saturating_add(1);
        let mut bytes = Vec::new();
        match &mut self.kind {
            Kind::Files(files) => {
                let path = files.get(name).ok_or("is not there")?;
                let file = File::open(path).map_err(|error| error.to_string())?;
                file.take(room).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            }
            Kind::Zip(archive, files) => {
                let place = files.get(name).copied().ok_or("is not there")?;
                let file = archive.by_index(place).map_err(|error| error.to_string())?;
                file.take(room).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            }
        }
        let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(read);
        if read > most {
            return Err(format!("has more than the {most} bytes that are read of it"));
        }
        Ok(bytes)
    }
}

/// All files at or below a directory. Links to directories are not followed.
fn below(dir: &Path) -> Result<BTreeMap<String, PathBuf>, BundleError> {
    let mut files = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        let unreadable = |source| BundleError::Unreadable { path: path.clone(), source };
        for entry in std::fs::read_dir(&path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                todo.push(path);
            } else if files.len() < ARCHIVE_FILES_MAX {
                let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
                files.insert(name, path);
            } else {
                return Err(too_many(dir));
            }
        }
    }
    Ok(files)
}

/// The checksums and the signature of a file that is named alone.
fn beside(path: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    SIDECARS.iter().filter_map(move |end| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        let beside = PathBuf::from(beside);
        let name = beside.file_name()?.to_string_lossy().into_owned();
        beside.is_file().then_some((name, beside))
    })
}

fn begins_like_zip(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

fn zip_of(path: &Path) -> Result<Kind, BundleError> {
    let unreadable = |source| BundleError::Unreadable { path: path.to_owned(), source };
    let wrong = |cause: String| BundleError::Archive { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > ARCHIVE_BYTES_MAX {
        return Err(wrong(format!("it has more than {ARCHIVE_BYTES_MAX} bytes")));
    }
    let archive =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    if archive.len() > ARCHIVE_FILES_MAX {
        return Err(too_many(path));
    }
    let names: BTreeMap<String, usize> = (0..archive.len())
        .filter_map(|place| Some((archive.name_for_index(place)?.ok()?.into_owned(), place)))
        .filter(|(name, _)| !file_name(name).is_empty())
        .collect();
    Ok(Kind::Zip(Box::new(archive), names))
}

fn too_many(path: &Path) -> BundleError {
    let cause = format!("it has more than {ARCHIVE_FILES_MAX} files");
    BundleError::Archive { path: path.to_owned(), cause }
}

/// What the names of files end with that say something about the file beside them.
pub const SIDECARS: [&str; 3] = [".sha512", ".sha256", ".asc"];

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let mut archive = zip::ZipWriter::new(tempfile::NamedTempFile::new().unwrap());
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        for (name, bytes) in files {
            archive.start_file(*name, options).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap()
    }

    #[test]
    fn names_in_an_archive_are_labels_and_lead_nowhere() {
        let names = ["../../../tmp/out.json", "/etc/passwd.json", "C:\\a\\b.json", "top/x.json"];
        let file = zip(&names.map(|name| (name, name.as_bytes())));
        let mut archive = Archive::open(file.path()).unwrap();
        assert_eq!(archive.names().len(), 4);
        for name in archive.names() {
            assert_eq!(archive.bytes(&name, 100).unwrap(), name.as_bytes());
            assert!(!file_name(&name).contains(['/', '\\']), "{name}");
        }
        assert!(!Path::new("/tmp/out.json").exists());
    }

    #[test]
    fn a_file_that_unpacks_to_more_than_it_may_is_refused() {
        let file = zip(&[("bomb.json", &vec![b' '; 4 << 20]), ("a.json", b"{}")]);
        assert!(file.path().metadata().unwrap().len() < 10_000);
        let mut archive = Archive::open(file.path()).unwrap();
        let why = archive.bytes("bomb.json", 1 << 20).unwrap_err();
        assert!(why.contains("more than"), "{why}");
        assert_eq!(archive.bytes("a.json", 100).unwrap(), b"{}");
        archive.left = 1;
        assert!(archive.bytes("a.json", 100).is_err());
    }

    #[test]
    fn a_damaged_archive_is_named_and_never_panics() {
        let file = zip(&[("a.json", b"{}"), ("b.json", &[7; 300])]);
        let whole = std::fs::read(file.path()).unwrap();
        let damaged = tempfile::NamedTempFile::new().unwrap();
        for at in (4..whole.len()).step_by(3) {
            for change in [vec![0], vec![0xff; 8]] {
                let end = (at + change.len()).min(whole.len());
                let bytes = [&whole[..at], &change[..end - at], &whole[end..]].concat();
                std::fs::write(damaged.path(), bytes).unwrap();
                if let Ok(mut archive) = Archive::open(damaged.path()) {
                    for name in archive.names() {
                        let _ = archive.bytes(&name, 1_000);
                    }
                }
            }
        }
        std::fs::write(damaged.path(), &whole[..whole.len() / 2]).unwrap();
        let error = Archive::open(damaged.path()).err().unwrap().to_string();
        assert!(error.contains("zip archive"), "{error}");
    }

    #[test]
    fn a_file_alone_has_what_lies_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.json", "a.json.sha512", "a.json.asc", "b.json"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let archive = Archive::open(&dir.path().join("a.json")).unwrap();
        assert_eq!(archive.names(), ["a.json", "a.json.asc", "a.json.sha512"]);
    }
}
