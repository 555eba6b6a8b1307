//! The store as something to look after: how it is, whether it is whole, copies of it, what it lets go of.

mod evidence;

use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::app::knowledge;
use crate::model::{Key, Timestamp};
use crate::store::{BackedUp, Retention, Rows, Shed, Space, Store};

pub(super) use evidence::{Wanted, write as write_evidence};

/// How a store is.
#[derive(Clone, Debug)]
pub(super) struct Status {
    /// Its directory.
    pub(super) dir: PathBuf,
    /// A sensor, or somebody who tidies up, is at work in it.
    pub(super) in_use: bool,
    /// Bytes.
    pub(super) space: Space,
    /// Rows.
    pub(super) rows: Rows,
    /// The number of the last notice.
    pub(super) last_notice: u64,
    /// Time of the first and the last frame of all captures.
    pub(super) heard: Option<(Timestamp, Timestamp)>,
    /// What was set aside beside it: stores that were damaged, or replaced by a backup.
    pub(super) aside: Vec<String>,
}

/// Looks at a store without writing to it.
pub(super) fn status(dir: &Path) -> Result<Status, AppError> {
    let mut store = Store::read(dir)?;
    let captures = store.captures()?;
    let first = captures.iter().filter_map(|capture| capture.first).min();
    let last = captures.iter().filter_map(|capture| capture.last).max();
    Ok(Status {
        dir: dir.to_owned(),
        in_use: Store::is_in_use(dir),
        space: store.space()?,
        rows: store.rows()?,
        last_notice: store.last_notice()?,
        heard: first.zip(last),
        aside: store.set_aside(),
    })
}

/// Checks every page of a store, and tells what is wrong and how many rows there are.
pub(super) fn check(dir: &Path) -> Result<(Vec<String>, Rows), AppError> {
    let mut store = Store::open(dir)?;
    let wrong = store.check()?;
    // Rows of what is damaged cannot be counted.
    let rows = if wrong.is_empty() { store.rows()? } else { Rows::default() };
    Ok((wrong, rows))
}

/// Copies a store into one file, whoever writes to it meanwhile.
pub(super) fn backup(dir: &Path, to: &Path) -> Result<BackedUp, AppError> {
    Ok(Store::read(dir)?.backup(to)?)
}

/// Puts a backup in the place of a store.
pub(super) fn restore(backup: &Path, dir: &Path, now: Timestamp) -> Result<BackedUp, AppError> {
    Ok(Store::put_back(backup, dir, now)?)
}

/// Lets go of what is too old or too much, now and all of it.
pub(super) fn prune(
    dir: &Path,
    bytes_max: u64,
    keep_ns: i64,
    now: Timestamp,
) -> Result<Shed, AppError> {
    let mut store = Store::open_alone(dir)?;
    let known = knowledge::keys();
    let key_named =
        |name: &str| -> Option<Key> { known.iter().find(|key| key.name == name).copied() };
    let (is_sure_of_now, reserve_bytes) = (true, 0);
    let retention =
        Retention { bytes_max, keep_ns, now, is_sure_of_now, reserve_bytes, key_named: &key_named };
    let mut shed = Shed::default();
    // Rounds until one finds nothing: facts that go make frames go, and those sessions.
    let mut found = 0_u64;
    for _ in 0..STEPS_MAX {
        let step = store.retain(&retention)?;
        found = found.saturating_add(step.rows());
        shed.add(&step);
        if step.is_round && !step.more {
            if found == 0 {
                break;
            }
            found = 0;
        }
    }
    store.compact()?;
    Ok(shed)
}

/// More than any store needs; a round that never ends would be a mistake of ours.
const STEPS_MAX: u32 = 10_000_000;
