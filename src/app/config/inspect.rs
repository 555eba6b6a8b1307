//! What a configuration that is sound in itself meets on this machine: interfaces, directories, files.

use std::path::Path;

use super::Settings;
use crate::capture;

/// What is wrong, and what is likely not meant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Inspection {
    /// What cannot work anywhere, as a filter that is none: one sentence each.
    pub wrong: Vec<String>,
    /// What does not work here and now, and may when the sensor starts: one sentence each.
    pub cautions: Vec<String>,
}

/// Looks at what the settings name. Leaves everything as it was: an empty file that tries whether the store's directory can be written is gone at once.
pub fn inspect(settings: &Settings) -> Inspection {
    let mut found = Inspection::default();
    if let Err(error) = capture::check_filter(&settings.capture.filter) {
        found.wrong.push(format!("capture.filter: {error}"));
    }
    interfaces(settings, &mut found);
    directory("store.path", &settings.store.path, &mut found);
    if settings.store.keep.is_zero() {
        found.cautions.push("store.keep: nothing is kept".to_owned());
    }
    for (key, path) in
        [("db.path", &settings.advisories), ("signatures.path", &settings.signatures)]
    {
        if let Some(path) = path {
            readable(key, path, &mut found);
        }
    }
    if settings.capture.ring_bytes > settings.capture.memory_bytes / 2 {
        let what = "capture.ring: one ring takes more than half of capture.memory";
        found.cautions.push(what.to_owned());
    }
    for (number, output) in settings.outputs.iter().enumerate() {
        let number = number.saturating_add(1);
        for (key, value) in output.iter().filter(|(key, _)| key.ends_with("_file")) {
            let Some(path) = value.as_str() else { continue };
            readable(&format!("output {number}, {key}"), Path::new(path), &mut found);
            if !["ca_file", "cert_file"].contains(&&**key) {
                private(&format!("output {number}, {key}"), Path::new(path), &mut found);
            }
        }
    }
    found
}

fn interfaces(settings: &Settings, found: &mut Inspection) {
    let interfaces = &settings.capture.interfaces;
    if interfaces.is_empty() {
        let what = "capture.interfaces: none is set, so that a sensor has nothing to listen on; nameplate interfaces lists those of this machine";
        found.cautions.push(what.to_owned());
    }
    for (at, name) in interfaces.iter().enumerate() {
        if name.is_empty() || name.contains(['/', '\0']) || name.len() > INTERFACE_BYTES_MAX {
            found.wrong.push(format!("capture.interfaces: {name:?} is no name of an interface"));
        } else if interfaces.iter().take(at).any(|other| other == name) {
            found.wrong.push(format!("capture.interfaces: {name} is there twice"));
        } else if Path::new(NETWORK).is_dir() && !Path::new(NETWORK).join(name).exists() {
            let what = format!(
                "capture.interfaces: there is no interface {name} on this machine now; nameplate interfaces lists those that are"
            );
            found.cautions.push(what);
        }
    }
}

/// A directory that files are to be made in, or that is to be made.
fn directory(key: &str, path: &Path, found: &mut Inspection) {
    let shown = path.display();
    let there = path.ancestors().find(|path| path.exists());
    let Some(there) = there else { return };
    if !there.is_dir() {
        found.wrong.push(format!("{key}: {} is no directory", there.display()));
    } else if !writable(there) {
        let what = match there == path {
            true => format!("{key}: {shown} cannot be written by the user who asks"),
            false => {
                format!("{key}: {shown} is not there, and cannot be made by the user who asks")
            }
        };
        found.cautions.push(what);
    }
}

fn readable(key: &str, path: &Path, found: &mut Inspection) {
    let opened = match path.is_dir() {
        true => std::fs::read_dir(path).map(drop),
        false => std::fs::File::open(path).map(drop),
    };
    if let Err(error) = opened {
        found.cautions.push(format!("{key}: cannot read {}: {error}", path.display()));
    }
}

/// Secrets that everybody on the machine can read are none.
#[cfg(unix)]
fn private(key: &str, path: &Path, found: &mut Inspection) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = path.metadata().map(|about| about.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS_READ != 0) {
        let path = path.display();
        found
            .cautions
            .push(format!("{key}: everybody on this machine can read {path}; chmod o= {path}"));
    }
}

#[cfg(not(unix))]
fn private(_: &str, _: &Path, _: &mut Inspection) {}

/// Whether a file can be made there: tried, because permissions, read-only mounts and full quotas all decide.
fn writable(path: &Path) -> bool {
    let trial = path.join(format!(".nameplate-trial-{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&trial).is_ok();
    if made {
        let _ = std::fs::remove_file(&trial);
    }
    made
}

/// Linux's `IFNAMSIZ` without its final zero.
const INTERFACE_BYTES_MAX: usize = 15;

#[cfg(unix)]
const OTHERS_READ: u32 = 0o004;

/// Where Linux lists its network interfaces.
const NETWORK: &str = "/sys/class/net";
