//! Tells the program which commit it is built from, where that can be known.

use std::path::Path;
use std::process::Command;

fn main() {
    let version = env!("CARGO_PKG_VERSION");
    let named = match commit() {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=NAMEPLATE_VERSION={named}");
    println!("cargo::rerun-if-changed=packaging/build.rs");
    // Absent in a source archive: cargo would then run this script every time.
    for path in [".git/HEAD", ".git/logs/HEAD"] {
        if Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// The first digits of the commit that is checked out.
fn commit() -> Option<String> {
    let answer = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
    let commit = String::from_utf8(answer.stdout).ok()?;
    let commit = commit.trim();
    (answer.status.success() && !commit.is_empty()).then(|| commit.to_owned())
}
