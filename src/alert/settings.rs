//! The `[[output]]` tables of a configuration, as they are written.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::alert::plan::Plan;

/// One output, as configured. What is left out has the value that `docs/outputs.md` names.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSettings {
    /// What sort of receiver.
    pub kind: OutputKind,
    /// Where to: `udp://host:514`, `tcp://host:601`, `tcp+tls://host:6514`, `https://host/path`, or the path of a file.
    pub to: String,
    /// What it is called in states, errors and the file that tells how far it is; made of `to` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How a notice is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<FormatName>,
    /// Which topics: `finding`, `change`, `sensor`; all when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<Vec<String>>,
    /// The least severity: `critical`, `error`, `warning`, `notice`, `informational`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_severity: Option<String>,
    /// Which kinds of notices; all of the topics when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<String>>,
    /// Syslog: the facility, `local0` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    /// Syslog: the private enterprise number behind the names of structured data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<u32>,
    /// What this machine calls itself; the name of the system when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// CEF: what stands before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// TCP and TLS: where one message ends and the next begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// Syslog: bytes that a message may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<usize>,
    /// TLS: the certificates to trust, as PEM; those of the system when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// TLS: the certificate to show, with its chain, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<PathBuf>,
    /// TLS: the key of that certificate, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// TLS: the name that the receiver's certificate must have; the host of `to` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Webhook: the file with the token of the `Authorization` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// Webhook: the word before that token; `Bearer` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_scheme: Option<String>,
    /// Webhook: the file with the secret that requests are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// Webhook: notices in one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// File: the size at which a new one is begun, such as `64MiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate: Option<String>,
    /// File: how many older ones are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
    /// Notices that may wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spool: Option<u64>,
    /// How long one may wait, such as `7d`; as long as it is kept when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spool_age: Option<String>,
    /// Where an output begins that was never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begin: Option<Begin>,
    /// How long a connection, a message or an answer may take, such as `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// What sort of receiver.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// A log system, over UDP, TCP or TLS.
    Syslog,
    /// A server of HTTP.
    Webhook,
    /// A file that an agent reads.
    File,
}

/// How a notice is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatName {
    /// Syslog with structured data.
    Rfc5424,
    /// ArcSight Common Event Format.
    Cef,
    /// A line of JSON for each.
    Ndjson,
    /// An array of JSON objects.
    Json,
}

/// What stands before CEF.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Header {
    /// Time and host as the format's own document has them.
    #[default]
    Rfc3164,
    /// The header of RFC 5424.
    Rfc5424,
    /// Nothing.
    None,
}

/// Where one message ends and the next begins.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// Its length stands before each message (RFC 6587, section 3.4.1).
    Octets,
    /// A line feed stands after each message (RFC 6587, section 3.4.2).
    Lf,
}

/// Where an output begins that was never used.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// With all that is kept, as far as the spool reaches: nothing is lost between the first start of a sensor and that of its outputs.
    #[default]
    Oldest,
    /// With what comes next.
    Now,
}

/// What is wrong with an output as configured.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The text is not TOML, or not outputs.
    #[error("cannot read the outputs of {origin}: {cause}")]
    Unreadable {
        /// Where it was read.
        origin: String,
        /// What is wrong, with its place.
        cause: String,
    },
    /// A key, or its value.
    #[error("output {output}: {key}: {cause}")]
    Wrong {
        /// The output, by its name or by where it sends to.
        output: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what to write.
        cause: String,
    },
    /// A file that it names.
    #[error("output {output}: {key}: cannot read {}: {source}", path.display())]
    File {
        /// The output.
        output: String,
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl OutputSettings {
    /// The output as it is to be done.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it, without looking at the files that it names.
    pub fn plan(&self) -> Result<Plan, SettingsError> {
        Plan::new(self)
    }

    /// Looks at it as a start would, the files that it names included; what is not wrong and still deserves a word comes back.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<Vec<String>, SettingsError> {
        self.plan()?.check()
    }
}

/// The outputs of a configuration; all else in it is not looked at.
///
/// # Errors
///
/// When it is not TOML, or its outputs have keys or values that outputs do not have.
pub fn read(text: &str, origin: &str) -> Result<Vec<OutputSettings>, SettingsError> {
    let cause = |error: toml::de::Error| SettingsError::Unreadable {
        origin: origin.to_owned(),
        cause: error.to_string().trim_end().to_owned(),
    };
    let whole: Whole = toml::from_str(text).map_err(cause)?;
    Ok(whole.output)
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    output: Vec<OutputSettings>,
}
