//! What fuzzing found, and the inputs that reach the most code, through the same functions as `tests/fuzz` uses.

use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod targets;

#[test]
fn frames_of_the_corpus_hold() {
    assert!(each("frame", targets::frame) > 0, "the corpus is empty");
}

#[test]
fn streams_of_the_corpus_hold() {
    assert!(each("stream", targets::stream) > 0, "the corpus is empty");
}

/// Shows every file of a target's corpus, and those that once were a finding; tells how many.
fn each(target: &str, show: fn(&[u8])) -> usize {
    let mut shown = 0;
    for folder in ["corpus", "found"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(folder);
        for entry in std::fs::read_dir(folder.join(target)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let outcome = std::panic::catch_unwind(|| show(&bytes));
            assert!(outcome.is_ok(), "{} is a finding", path.display());
            shown += 1;
        }
    }
    shown
}
