//! The baseline that what is new is held against: the newest in the store, whoever took it.

use crate::app::baseline;
use crate::app::monitor::keep::Keeper;
use crate::app::monitor::now;
use crate::model::Timestamp;
use crate::model::notice::{NoticeKind, Severity};
use crate::watch;

/// Which baseline is in use: its number and when it was taken.
pub(in crate::app::monitor) type Reference = Option<(u64, Timestamp)>;

impl Keeper<'_> {
    /// Takes over the newest baseline, and tells when it is another one than before.
    pub(super) fn take_reference(&mut self) {
        let newest = match baseline::reference(&mut self.store) {
            Ok(newest) => newest,
            // What cannot be read now is read the next time; the one before stays in use.
            Err(error) => {
                self.counters.one("monitor.baselines_unread");
                tracing::warn!(%error, "the baseline could not be read: the one before stays in use");
                return;
            }
        };
        let reference = newest.as_ref().map(|(kept, _)| (kept.number, kept.at));
        if std::mem::replace(&mut self.reference, reference) == reference {
            return;
        }
        let text = match &newest {
            Some((kept, _)) => format!(
                "the baseline {} is the reference: {} devices, {} conversations; what is new beside it is a warning",
                kept.name, kept.assets, kept.talks
            ),
            None => "there is no baseline any more: what is new is for the record".to_owned(),
        };
        self.watch.accept(newest.map(|(_, baseline)| baseline));
        tracing::info!("{text}");
        // At the start it is no news.
        if self.is_known {
            let (kind, severity) = (NoticeKind::SensorState, Severity::Informational);
            self.tell(vec![watch::sensor(kind, severity, "baseline", &text, now())]);
        }
    }
}
