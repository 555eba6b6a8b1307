//! One capture cut into any files gives what it gave as one.

use std::path::PathBuf;

use super::files::{Format, write};
use super::inventory::{With, assets, differences, lines};
use super::{Case, cases, nothing};
use crate::random::Random;
use crate::replayed::hear;
use crate::traffic::{Shot, heard};

#[test]
fn a_capture_in_several_files_gives_what_it_gives_in_one() {
    let mut wrong = Vec::new();
    for case in cases(0) {
        let base = lines(&assets(heard(&case.shots)), With::Times);
        // Names in an order of their own: the times decide, not what the files are called.
        let seed = case.number as u64 + 1;
        for (what, parts) in [("cut", cut(&case, seed)), ("dealt out", dealt(&case.shots, 3))] {
            let folder = tempfile::tempdir().unwrap();
            let paths: Vec<PathBuf> = parts
                .iter()
                .enumerate()
                .map(|(at, shots)| {
                    let format = Format::ALL[(at + case.number) % Format::ALL.len()];
                    let name = format!("{}-{at}", (at * 5 + case.number) % 9);
                    write(folder.path(), &name, format, shots)
                })
                .collect();
            let told = lines(&assets(hear(&paths, false)), With::Times);
            let what = format!("{} {what} into {}, seed {seed}", case.name, parts.len());
            wrong.extend(differences(&what, &base, &told));
        }
    }
    nothing(&wrong);
}

/// Cut at any frames into two to seven parts.
fn cut(case: &Case, seed: u64) -> Vec<Vec<&Shot>> {
    let mut random = Random::new(seed);
    let mut cuts: Vec<usize> =
        (0..1 + random.below(6)).map(|_| random.below(case.shots.len())).collect();
    cuts.extend([0, case.shots.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|ends| case.shots[ends[0]..ends[1]].iter().collect()).collect()
}

/// One frame to each file in turn.
fn dealt(shots: &[Shot], files: usize) -> Vec<Vec<&Shot>> {
    let files = files.min(shots.len());
    (0..files).map(|file| shots.iter().skip(file).step_by(files).collect()).collect()
}
