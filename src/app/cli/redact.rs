//! `--redact`: what is printed for others, without what tells which plant it is.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::AppError;
use crate::app::redact::{Redaction, What};

/// What is replaced, and with which key.
#[derive(Args, Clone, Debug)]
pub(super) struct RedactArgs {
    /// Print pseudonyms in place of these (comma separated), everywhere in every format; identifiers and the bytes of evidence go, too
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    redact: Vec<Redacted>,
    /// The key of pseudonyms: with the same key they are the same in every run. Without one each run has a secret of its own
    #[arg(long, value_name = "FILE", requires = "redact")]
    redact_key: Option<PathBuf>,
}

/// What can be replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Redacted {
    /// IP addresses
    Ip,
    /// MAC addresses
    Mac,
    /// Names of devices, domains, people, sites, zones and captures
    Name,
    /// Serial numbers
    Serial,
}

impl RedactArgs {
    /// What was asked for; `None` for nothing. Before anything is read, so that a missing key costs no scan.
    pub(super) fn redaction(&self) -> Result<Option<Redaction>, AppError> {
        if self.redact.is_empty() {
            return Ok(None);
        }
        let has = |what| self.redact.contains(&what);
        let what = What {
            ip: has(Redacted::Ip),
            mac: has(Redacted::Mac),
            name: has(Redacted::Name),
            serial: has(Redacted::Serial),
        };
        Redaction::new(what, self.redact_key.as_deref()).map(Some)
    }
}
