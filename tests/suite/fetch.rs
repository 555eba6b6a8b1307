//! `db fetch`, as people run it: in the default build, which cannot, and in one that was built to, against servers on this machine.

use crate::program::run_in;

#[cfg(feature = "fetch")]
mod encrypted;
#[cfg(feature = "fetch")]
mod served;
#[cfg(feature = "fetch")]
mod server;

#[cfg(not(feature = "fetch"))]
#[test]
fn a_build_that_cannot_fetch_says_so_and_how_to_get_one_that_can() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(folder.path(), &["db", "fetch", "example.com", "-o", "advisories"]);
    assert_eq!((ran.code, &*ran.out), (2, ""), "{ran:?}");
    assert!(ran.err.contains("cannot fetch"), "{ran:?}");
    assert!(ran.err.contains("cargo build --release --features fetch"), "{ran:?}");
    assert!(!folder.path().join("advisories").exists());
}

#[test]
fn what_is_no_address_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["db", "fetch", "-o", "x"][..],
        &["db", "fetch", "example.com"],
        &["db", "fetch", "ftp://example.com/", "-o", "x"],
        &["db", "fetch", "https://user:word@example.com/", "-o", "x"],
        &["db", "fetch", "../etc", "-o", "x"],
        &["db", "fetch", "example.com", "-o", "x", "--since", "yesterday"],
        &["db", "fetch", "example.com", "-o", "x", "--tlp", "purple"],
        &["db", "fetch", "example.com", "-o", "x", "--timeout", "0"],
        &["db", "fetch", "-o", "x", "--kev=example"],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{arguments:?} {ran:?}");
        assert!(!folder.path().join("x").exists());
    }
}
