//! Outputs: what is sent is what receivers read, nothing is lost while they are away, and what is given up is told.

mod delivery;
mod formats;
pub mod parse;
mod receivers;
mod settings;
#[cfg(feature = "tls")]
mod tls;
mod verb;
mod webhook;

use std::sync::Arc;
use std::time::{Duration, Instant};

use nameplate::alert::{Backlog, Kept, News, Open, OutputSettings, Outputs, Pace, read};
use nameplate::model::{AssetId, Notice, NoticeKind, OutputHealth, Severity, Timestamp};

/// Quick enough for tests.
const PACE: Pace = Pace {
    poll: Duration::from_millis(20),
    settle: Duration::from_millis(100),
    shortest: Duration::from_millis(10),
    longest: Duration::from_millis(100),
    seed: 1,
};

/// For tests of what is not to be taken for delivered: long enough for the slowest machine to notice.
const PATIENT: Pace = Pace { settle: Duration::from_secs(5), ..PACE };

/// Outputs over notices in memory.
struct Site {
    kept: Kept,
    news: News,
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { kept: Kept::default(), news: News::new(), folder }
    }

    fn start(&self, configuration: &str) -> Outputs {
        self.start_at(configuration, PACE)
    }

    fn start_at(&self, configuration: &str, pace: Pace) -> Outputs {
        let kept = self.kept.clone();
        let open: Open = Arc::new(move || Ok(Box::new(kept.clone()) as Box<dyn Backlog>));
        Outputs::start(&settings(configuration), &open, self.folder.path(), &self.news, pace)
            .unwrap()
    }

    /// So many notices more, as `told`.
    fn tell(&self, count: u64) {
        for _ in 0..count {
            self.kept.add(notice());
        }
        self.news.ring();
    }
}

fn settings(configuration: &str) -> Vec<OutputSettings> {
    read(configuration, "the test").unwrap()
}

fn notice() -> Notice {
    Notice {
        number: 0,
        at: Timestamp(1_300_000_000_000_000_042),
        told: Timestamp(1_300_000_001_000_000_000),
        kind: NoticeKind::AssetNew,
        severity: Severity::Notice,
        site: "Plant A".into(),
        asset: Some(AssetId(uuid::Uuid::from_u128(7))),
        name: "PLC 7".into(),
        addresses: vec!["10.0.0.7".into(), "00:0e:8c:12:34:56".into()],
        finding: Some(uuid::Uuid::from_u128(8)),
        text: "A device that was not known: PLC 7".into(),
        details: vec![("from".into(), "V1".into()), ("to".into(), "V2".into())],
    }
}

/// Waits for something that must come; a test that waits for long has failed.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn until_delivered(outputs: &Outputs, number: u64) -> OutputHealth {
    until("delivery", || outputs.health().iter().all(|health| health.number >= number));
    outputs.health().remove(0)
}
