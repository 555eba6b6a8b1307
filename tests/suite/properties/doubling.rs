//! Frames that a mirror shows more than once change nothing.

use super::files::{Format, write};
use super::inventory::{With, assets, differences, lines};
use super::{cases, nothing};
use crate::replayed::hear;
use crate::traffic::{Shot, heard};

#[test]
fn frames_shown_twice_at_once_change_nothing() {
    changes_nothing(1, "twice at once", |shots| {
        shots.iter().flat_map(|shot| [shot.clone(), shot.clone()]).collect()
    });
}

#[test]
fn frames_shown_again_a_millisecond_later_change_nothing() {
    changes_nothing(2, "again after 1 ms", |shots| {
        let mut all: Vec<Shot> = shots.to_vec();
        for shot in shots {
            let mut later = shot.clone();
            later.at.0 += MILLISECOND;
            all.push(later);
        }
        all.sort_by_key(|shot| shot.at);
        all
    });
}

#[test]
fn one_capture_under_two_names_says_what_it_says_once() {
    let mut wrong = Vec::new();
    for case in cases(3) {
        let folder = tempfile::tempdir().unwrap();
        let shots: Vec<&Shot> = case.shots.iter().collect();
        let one = write(folder.path(), "one", Format::Pcapng, &shots);
        let two = write(folder.path(), "another", Format::PcapGzip, &shots);
        let base = lines(&assets(heard(&case.shots)), With::Times);
        let told = lines(&assets(hear(&[one, two], false)), With::Times);
        wrong.extend(differences(&format!("{} under two names", case.name), &base, &told));
    }
    nothing(&wrong);
}

fn changes_nothing(turn: usize, what: &str, change: impl Fn(&[Shot]) -> Vec<Shot>) {
    let mut wrong = Vec::new();
    for case in cases(turn) {
        let base = lines(&assets(heard(&case.shots)), With::Times);
        let told = lines(&assets(heard(&change(&case.shots))), With::Times);
        wrong.extend(differences(&format!("{}, {what}", case.name), &base, &told));
    }
    nothing(&wrong);
}

const MILLISECOND: i64 = 1_000_000;
