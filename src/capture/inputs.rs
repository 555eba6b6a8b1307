//! From the paths on the command line to the files behind them: directories listed, doubles removed, order fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::CaptureError;

/// One file that may be a capture.
#[derive(Debug)]
pub(super) struct Candidate {
    /// As the user gave it, or joined below the directory given.
    pub(super) path: PathBuf,
    /// All such paths that lead to it; `path` is the first of them.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Named by the user; a file that was merely found in a directory may be something else.
    pub(super) named: bool,
    /// The directories given that lead to it.
    pub(super) roots: BTreeSet<PathBuf>,
    /// Can be closed and opened again; standard input and pipes cannot.
    pub(super) regular: bool,
}

/// What the inputs come to.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// Sorted by path; each file once, whatever the order and number of ways that lead to it.
    pub(super) candidates: Vec<Candidate>,
    /// The directories given.
    pub(super) roots: BTreeSet<PathBuf>,
    pub(super) errors: Vec<CaptureError>,
}

/// The name of standard input.
pub(super) const STANDARD_INPUT: &str = "-";

impl Inputs {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        let mut inputs = Self::default();
        for path in paths.iter().collect::<BTreeSet<_>>() {
            if path.as_os_str() != OsStr::new(STANDARD_INPUT) && path.is_dir() {
                inputs.walk(path);
                inputs.roots.insert(path.clone());
            } else {
                inputs.candidates.push(Candidate {
                    path: path.clone(),
                    paths: BTreeSet::from([path.clone()]),
                    named: true,
                    roots: BTreeSet::new(),
                    // What cannot be looked at is opened as a file, so that the error is that of opening.
                    regular: path.as_os_str() != OsStr::new(STANDARD_INPUT)
                        && fs::metadata(path).map_or(true, |metadata| metadata.is_file()),
                });
            }
        }
        inputs.join_doubles();
        inputs
    }

    /// Lists a directory and all below it. Each real directory is entered once, so links that lead back up end.
    fn walk(&mut self, root: &Path) {
        let mut entered = BTreeSet::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(directory) = waiting.pop() {
            if !entered.insert(real_path(&directory)) {
                continue;
            }
            let entries = match fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(source) => {
                    self.errors.push(CaptureError::List { path: directory, source });
                    continue;
                }
            };
            let mut paths = Vec::new();
            for entry in entries {
                match entry {
                    Ok(entry) => paths.push(entry.path()),
                    Err(source) => {
                        self.errors.push(CaptureError::List { path: directory.clone(), source })
                    }
                }
            }
            // The last is entered first: of two links to one directory, the name that sorts first shall be kept.
            paths.sort_by(|left, right| right.cmp(left));
            for path in paths {
                if path.is_dir() {
                    waiting.push(path);
                } else if path.is_file() {
                    let (roots, paths) = ([root.to_owned()].into(), [path.clone()].into());
                    self.candidates.push(Candidate {
                        path,
                        paths,
                        named: false,
                        roots,
                        regular: true,
                    });
                }
            }
        }
    }

    fn join_doubles(&mut self) {
        self.candidates.sort_by(|left, right| left.path.cmp(&right.path));
        let mut known: BTreeMap<PathBuf, usize> = BTreeMap::new();
        let mut kept: Vec<Candidate> = Vec::with_capacity(self.candidates.len());
        for candidate in self.candidates.drain(..) {
            let number = *known.entry(real_path(&candidate.path)).or_insert(kept.len());
            match kept.get_mut(number) {
                Some(first) => {
                    first.named |= candidate.named;
                    first.roots.extend(candidate.roots);
                    first.paths.extend(candidate.paths);
                }
                None => kept.push(candidate),
            }
        }
        self.candidates = kept;
        self.errors.sort_by_key(ToString::to_string);
    }
}

/// The one path of a file that has several; the path itself when there is none, as for a pipe.
fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
