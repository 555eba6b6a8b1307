//! Files of EPSS scores that lie beside the advisories: `epss_scores-2025-08-12.csv`, packed with gzip or not.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::advisory::Index;
use crate::advisory::epss::{self, Scores};
use crate::model::limits::{SCORES_BYTES_MAX, SCORES_FILE_BYTES_MAX};
use crate::model::{BundleInfo, Feed};

/// Adds the scores of the newest such file among these to an index. A file that cannot be read is passed over with a warning.
pub(super) fn beside(files: &[PathBuf], index: Index, bundle: &mut BundleInfo) -> Index {
    let cves: BTreeSet<&str> = index
        .documents()
        .iter()
        .flat_map(|document| &document.flaws)
        .map(|flaw| &*flaw.name)
        .collect();
    let mut newest: Option<Scores> = None;
    for path in files.iter().filter(|path| is_named_so(path)) {
        match read(path) {
            Ok(bytes) if epss::is_scores(&bytes) => {
                let scores = epss::parse(&bytes, |cve| cves.contains(cve));
                if newest.as_ref().is_none_or(|known| known.date <= scores.date) {
                    newest = Some(scores);
                }
            }
            Ok(_) => tracing::info!("{} is no file of EPSS scores", path.display()),
            Err(why) => {
                let path = path.display();
                tracing::warn!("{path}: the EPSS scores in it were passed over: {why}");
            }
        }
    }
    let Some(scores) = newest else { return index };
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    bundle.scores =
        Some(Feed { date: text(&scores.date), count: scores.listed, model: text(&scores.model) });
    index.with_likelihoods(scores.of)
}

fn is_named_so(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".csv") || name.ends_with(".csv.gz")
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let too_large = |most: u64| {
        let why = format!("it has more than {most} bytes");
        Err(std::io::Error::new(std::io::ErrorKind::InvalidData, why))
    };
    if file.metadata()?.len() > SCORES_FILE_BYTES_MAX {
        return too_large(SCORES_FILE_BYTES_MAX);
    }
    let mut bytes = Vec::new();
    let most = SCORES_BYTES_MAX.saturating_add(1);
    if path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("gz")) {
        MultiGzDecoder::new(BufReader::new(file)).take(most).read_to_end(&mut bytes)?;
    } else {
        file.take(most).read_to_end(&mut bytes)?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > SCORES_BYTES_MAX) {
        return too_large(SCORES_BYTES_MAX);
    }
    Ok(bytes)
}
