//! Copies of the store, made by the sensor itself in a thread of its own: what is heard meanwhile is kept as always.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::app::monitor::now;
use crate::app::monitor::status::Status;
use crate::model::health::BackupHealth;
use crate::store::{Store, StoreError, backups};

/// Where copies go, how often, and how many stay.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) struct Backups {
    /// The directory.
    pub(in crate::app) dir: PathBuf,
    /// The time between two of them.
    pub(in crate::app) every: Duration,
    /// How many stay.
    pub(in crate::app) keep: usize,
}

impl Backups {
    /// Makes copies until the sensor ends.
    pub(super) fn run(&self, store: &Path, status: &Status) {
        let mut tried: Option<(Instant, bool)> = None;
        self.tell(status, String::new());
        while !status.is_stopping() {
            if self.is_due(tried) {
                let done = self.make(store, status);
                if status.is_stopping() {
                    return;
                }
                tried = Some((Instant::now(), done.is_ok()));
                self.tell(status, done.err().map(|error| error.to_string()).unwrap_or_default());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn make(&self, store: &Path, status: &Status) -> Result<(), StoreError> {
        // The disk has other things to do, too.
        let goes_on = || {
            std::thread::sleep(PAUSE);
            !status.is_stopping()
        };
        let made = Store::read(store)?.backup_into(&self.dir, (self.keep, now()), &goes_on)?;
        tracing::info!(bytes = made.bytes, "the store was copied into {}", self.dir.display());
        Ok(())
    }

    /// Whether it is time. A clock that was set does not decide it while the sensor runs; what a sensor before this one did is told by the files.
    fn is_due(&self, tried: Option<(Instant, bool)>) -> bool {
        match tried {
            Some((at, true)) => at.elapsed() >= self.every,
            Some((at, false)) => at.elapsed() >= self.every.min(AGAIN_AFTER),
            None => {
                let newest = backups(&self.dir).pop();
                newest.is_none_or(|(made, _)| {
                    SystemTime::now().duration_since(made).map_or(true, |age| age >= self.every)
                })
            }
        }
    }

    fn tell(&self, status: &Status, trouble: String) {
        let all = backups(&self.dir);
        let made = all.last().and_then(|(made, _)| made.duration_since(UNIX_EPOCH).ok());
        status.keeper().backup = BackupHealth {
            dir: self.dir.display().to_string(),
            made_ns: made.and_then(|made| i64::try_from(made.as_nanos()).ok()).unwrap_or(0),
            kept: u64::try_from(all.len()).unwrap_or(u64::MAX),
            trouble,
        };
    }
}

/// How often it looks whether it is time, or the end.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Between two pieces of a copy.
const PAUSE: Duration = Duration::from_millis(2);
/// After a failure it is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(600);
