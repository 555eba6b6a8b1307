//! Files of EPSS scores that lie beside the advisories: `epss_scores-2025-08-12.csv`, packed with gzip or not.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use crate::advisory::Index;
use crate::advisory::epss::{self, Scores};
use crate::model::limits::SCORES_BYTES_MAX;
use crate::model::{BundleInfo, Feed};

/// True for a file that may be one of scores, by its name.
pub(super) fn is_named_so(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".csv") || name.ends_with(".csv.gz")
}

/// The text of a file of scores; `None` for another file. One that cannot be unpacked is passed over with a warning.
pub(super) fn unpacked(name: &str, bytes: Vec<u8>) -> Option<Vec<u8>> {
    let text = if bytes.starts_with(GZIP) {
        let most = SCORES_BYTES_MAX.saturating_add(1);
        let mut text = Vec::new();
        let read = MultiGzDecoder::new(&*bytes).take(most).read_to_end(&mut text);
        let fits = u64::try_from(text.len()).is_ok_and(|length| length <= SCORES_BYTES_MAX);
        let why = match read {
            Err(error) => Some(error.to_string()),
            Ok(_) if !fits => Some(format!("it has more than {SCORES_BYTES_MAX} bytes")),
            Ok(_) => None,
        };
        if let Some(why) = why {
            tracing::warn!("{name}: the EPSS scores in it were passed over: {why}");
            return None;
        }
        text
    } else {
        bytes
    };
    if !epss::is_scores(&text) {
        tracing::info!("{name} is no file of EPSS scores");
        return None;
    }
    Some(text)
}

/// Adds the newest of these scores to an index.
pub(super) fn add(texts: &[Vec<u8>], index: Index, bundle: &mut BundleInfo) -> Index {
    let cves: BTreeSet<&str> = index
        .documents()
        .iter()
        .flat_map(|document| &document.flaws)
        .map(|flaw| &*flaw.name)
        .collect();
    let mut newest: Option<Scores> = None;
    for text in texts {
        let scores = epss::parse(text, |cve| cves.contains(cve));
        if newest.as_ref().is_none_or(|known| known.date <= scores.date) {
            newest = Some(scores);
        }
    }
    let Some(scores) = newest else { return index };
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    bundle.scores =
        Some(Feed { date: text(&scores.date), count: scores.listed, model: text(&scores.model) });
    index.with_likelihoods(scores.of)
}

const GZIP: &[u8] = &[0x1f, 0x8b];
