//! Format, lints and documentation, as tests: `cargo test` knows everything that CI knows.

use std::path::Path;
use std::process::Command;

#[test]
fn the_code_is_formatted() {
    cargo(&["fmt", "--check"], &[]);
}

#[test]
fn no_lint_complains() {
    cargo(&["clippy", "--locked", "--all-targets", "--quiet", "--", "-D", "warnings"], &[]);
}

#[test]
fn the_documentation_builds_without_warnings() {
    let strict = ("RUSTDOCFLAGS", "-D warnings");
    cargo(&["doc", "--locked", "--no-deps", "--quiet", "--document-private-items"], &[strict]);
}

/// The feature that fetches is off in the program as it is usually built, and so in these tests: its own run in a build that has it.
#[cfg(not(feature = "fetch"))]
#[test]
fn what_fetches_holds_its_tests() {
    let with = ["--locked", "--quiet", "--features", "fetch"];
    cargo(&[&["clippy"], &with[..], &["--lib", "--", "-D", "warnings"]].concat(), &[]);
    cargo(&[&["test"], &with[..], &["--test", "suite", "--", "fetch::"]].concat(), &[]);
}

/// Runs cargo in a target directory of its own, because the one in use may be locked by the cargo that runs this test.
fn cargo(arguments: &[&str], variables: &[(&str, &str)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target").join("lints");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .envs(variables.iter().copied())
        .env("CARGO_TARGET_DIR", target)
        .current_dir(root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let listed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "cargo {arguments:?}:\n{listed}{said}");
}
