//! Texts that the tests compute and the repository keeps: compared here, rewritten with `UPDATE_GOLDEN=1`, and read by
//! a person before they are committed.

use std::fmt::Write as _;
use std::path::Path;

use crate::replayed::root;

/// True when texts are to be rewritten instead of compared.
pub fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Compares `text` with the file at `path` below the top of the project, or rewrites the file. Says how they differ.
pub fn check(path: &Path, text: &str) -> Result<(), String> {
    let file = root().join(path);
    if update() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return Ok(());
    }
    match std::fs::read_to_string(&file) {
        Ok(kept) if kept == text => Ok(()),
        Ok(kept) => Err(format!(
            "{} differs from what is computed now (- kept, + now; {HINT}):\n{}",
            path.display(),
            difference(&kept, text)
        )),
        Err(error) => Err(format!("{}: {error}; {HINT}", path.display())),
    }
}

/// Removes a kept file that nothing computes any more, or complains about it.
pub fn stale(path: &Path) -> Result<(), String> {
    if update() {
        std::fs::remove_file(root().join(path)).unwrap();
        return Ok(());
    }
    Err(format!("{}: nothing computes this any more; {HINT}", path.display()))
}

/// The lines that differ, each with its number in the file it stands in.
fn difference(kept: &str, now: &str) -> String {
    let (kept, now): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), now.lines().collect());
    let alike = kept.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let behind = kept[alike..].iter().rev().zip(now[alike..].iter().rev());
    let behind = behind.take_while(|(a, b)| a == b).count();
    let (a, b) = (&kept[alike..kept.len() - behind], &now[alike..now.len() - behind]);
    let mut lines = changes(a, b, alike + 1);
    let more = lines.len().saturating_sub(LINES_SHOWN_MAX);
    lines.truncate(LINES_SHOWN_MAX);
    let mut text = lines.join("\n");
    if more > 0 {
        let _ = write!(text, "\n  and {more} lines more");
    }
    text
}

/// The shortest list of removals and additions, by the table of longest common subsequences.
fn changes(a: &[&str], b: &[&str], first: usize) -> Vec<String> {
    let (a, b) = (&a[..a.len().min(LINES_COMPARED_MAX)], &b[..b.len().min(LINES_COMPARED_MAX)]);
    let mut common = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines.push(format!("{:>6} - {}", first + i, a[i]));
            i += 1;
        } else {
            lines.push(format!("{:>6} + {}", first + j, b[j]));
            j += 1;
        }
    }
    lines
}

const HINT: &str = "UPDATE_GOLDEN=1 cargo test rewrites it, then read the change";
const LINES_SHOWN_MAX: usize = 40;
/// More changed lines than this are not compared: the table grows with their square.
const LINES_COMPARED_MAX: usize = 2_000;

#[test]
fn a_difference_shows_the_lines_that_changed_and_no_others() {
    let shown = difference("one\ntwo\nthree\nfour", "one\nthree\n3.5\nfour");
    assert_eq!(shown, "     2 - two\n     3 + 3.5");
}
