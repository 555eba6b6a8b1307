//! Where a sensor keeps what it knows: can it be written, is it sound, and how long will the room last?

use std::fs;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use crate::export::escape::shell;
use crate::model::Timestamp;
use crate::model::time::NANOS_PER_SECOND;
use crate::store::{Store, StoreError};

use super::check::{Check, Level};

/// Looks at the store in a directory, or at the directory that it would be made in.
pub(super) fn check(dir: Option<&Path>) -> Check {
    let Some(dir) = dir else {
        return new(Level::Skip, "no store was named".to_owned())
            .helped_by("nameplate doctor --store DIR".to_owned());
    };
    let there = dir.ancestors().find(|dir| dir.is_dir()).unwrap_or(Path::new("."));
    if access(there, Access::WRITE_OK).is_err() {
        let own = format!("chown \"$(id -un)\" {}", shell(&there.to_string_lossy()));
        return new(Level::Fail, format!("{} may not be written by this user", there.display()))
            .helped_by(own);
    }
    let free = statvfs(there).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    if !Store::is_in(dir) {
        let text = format!("there is none yet in {}; {} free", dir.display(), shown(free));
        return new(
            if free.is_some_and(|free| free < FREE_MIN) { Level::Fail } else { Level::Ok },
            text,
        );
    }
    // Only to read: a look at the machine changes nothing, and is nobody's business while a sensor writes.
    match Store::read(dir).and_then(|mut store| store.captures()) {
        Err(error @ StoreError::TooOld { .. }) => {
            new(Level::Warn, format!("{error}; a sensor does so when it starts"))
        }
        Err(error) => new(Level::Fail, error.to_string()),
        Ok(captures) => {
            let first = captures.iter().filter_map(|capture| capture.first).min();
            let last = captures.iter().filter_map(|capture| capture.last).max();
            standing(size(dir), free, first.zip(last))
        }
    }
}

fn standing(held: u64, free: Option<u64>, span: Option<(Timestamp, Timestamp)>) -> Check {
    let text = format!("sound; {} held, {} free", shown(Some(held)), shown(free));
    let Some(free) = free else { return new(Level::Ok, text) };
    let seconds = span
        .and_then(|(first, last)| last.since(first).checked_div(NANOS_PER_SECOND.unsigned_abs()))
        .unwrap_or(0);
    // What an hour shows says nothing about a year.
    let days = (seconds >= SECONDS_PER_DAY)
        .then(|| {
            let a_day = u128::from(held)
                .saturating_mul(SECONDS_PER_DAY.into())
                .checked_div(seconds.into())?;
            u64::try_from(u128::from(free).checked_div(a_day.max(1))?).ok()
        })
        .flatten();
    let level = match days {
        _ if free < FREE_MIN => Level::Fail,
        Some(days) if days < DAYS_MIN => Level::Warn,
        _ if free < FREE_WISHED => Level::Warn,
        _ => Level::Ok,
    };
    let text = match days {
        Some(days) if days < DAYS_TOLD => {
            format!("{text}: room for {days} days, if it grows as it did")
        }
        Some(_) => format!("{text}: room for years"),
        None => text,
    };
    let check = new(level, text);
    if level == Level::Ok { check } else { check.helped_by("df -h".to_owned()) }
}

/// Bytes on disk, the log of changes included.
fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file);
    sizes.fold(0, |sum, file| sum.saturating_add(file.len()))
}

fn shown(bytes: Option<u64>) -> String {
    let Some(bytes) = bytes else { return "an unknown amount".to_owned() };
    let in_units = |unit: u64| bytes.checked_div(unit).unwrap_or(0);
    match bytes {
        GIB.. => format!("{} GiB", in_units(GIB)),
        MIB.. => format!("{} MiB", in_units(MIB)),
        _ => format!("{} KiB", in_units(1_024)),
    }
}

fn new(level: Level, text: String) -> Check {
    Check::new("store", "room", level, text)
}

const MIB: u64 = 1_024 * 1_024;
const GIB: u64 = 1_024 * MIB;

/// Below it the next look at the store may fail.
const FREE_MIN: u64 = 64 * MIB;

const FREE_WISHED: u64 = GIB;

const SECONDS_PER_DAY: u64 = 86_400;

/// Nobody comes by more often than once a quarter.
const DAYS_MIN: u64 = 90;

/// Beyond it a number of days would only look exact.
const DAYS_TOLD: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(days: u64) -> Option<(Timestamp, Timestamp)> {
        let last = i64::try_from(days)
            .unwrap_or(0)
            .saturating_mul(86_400)
            .saturating_mul(NANOS_PER_SECOND);
        Some((Timestamp(0), Timestamp(last)))
    }

    #[test]
    fn the_room_is_reckoned_from_how_it_grew() {
        let ten_days = standing(10 * GIB, Some(80 * GIB), after(10));
        assert_eq!(ten_days.level, Level::Warn);
        assert!(ten_days.text.contains("room for 80 days"), "{}", ten_days.text);
        assert_eq!(standing(10 * MIB, Some(80 * GIB), after(10)).level, Level::Ok);
    }

    #[test]
    fn too_little_room_fails_however_slowly_it_grows() {
        assert_eq!(standing(1, Some(MIB), after(1_000)).level, Level::Fail);
        assert_eq!(standing(1, Some(MIB), None).level, Level::Fail);
        assert_eq!(standing(1, Some(FREE_WISHED - 1), None).level, Level::Warn);
        assert_eq!(standing(1, None, None).level, Level::Ok);
    }

    #[test]
    fn a_store_that_is_no_store_fails() {
        let folder = tempfile::tempdir().ok();
        let Some(folder) = folder else { return };
        assert_eq!(check(Some(folder.path())).level, Level::Ok);
        assert_eq!(check(Some(&folder.path().join("to/be/made"))).level, Level::Ok);
        assert!(fs::write(folder.path().join("nameplate.db"), "no database at all").is_ok());
        assert_eq!(check(Some(folder.path())).level, Level::Fail);
        assert_eq!(check(None).level, Level::Skip);
    }
}
