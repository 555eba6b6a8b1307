//! Fetching advisories, on a machine with a network.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::AppError;
use crate::bundle::fetch::{FetchError, Order, Report};

/// How to reach the network.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "fetch"),
    expect(dead_code, reason = "there is no way to it in this build")
)]
pub(in crate::app) struct Way {
    /// How long one request may take.
    pub(in crate::app) timeout: Duration,
    /// Certificates to trust instead of those that are built in.
    pub(in crate::app) certificates: Option<PathBuf>,
}

/// Fetches what is ordered.
#[cfg(feature = "fetch")]
pub(in crate::app) fn fetch(
    way: &Way,
    order: &Order,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, AppError> {
    let http = crate::bundle::fetch::Http::new(way.timeout, way.certificates.as_deref())?;
    Ok(crate::bundle::fetch::fetch(&http, order, progress)?)
}

/// Says that nothing in this program could.
#[cfg(not(feature = "fetch"))]
pub(in crate::app) fn fetch(
    _: &Way,
    _: &Order,
    _: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, AppError> {
    Err(AppError::Usage(
        "this build of nameplate cannot fetch: nothing in it opens connections; on a machine with a network, build one that can with \
         cargo build --release --features fetch"
            .to_owned(),
    ))
}

impl From<FetchError> for AppError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Certificates { .. } => Self::Usage(error.to_string()),
            error => Self::Fetch(error),
        }
    }
}
