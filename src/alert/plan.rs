//! An output as it is to be done: what was configured, checked, with what was left out filled in.

use std::path::PathBuf;
use std::time::Duration;

use crate::alert::address::Target;
use crate::alert::format::{Form, facility};
use crate::alert::secret;
use crate::alert::settings::{
    Begin, FormatName, Framing, Header, OutputKind, OutputSettings, SettingsError,
};
use crate::alert::transport::{self, Trust};
use crate::alert::{Choice, cursor};
use crate::model::limits::{
    MESSAGE_BYTES_MAX, MESSAGE_BYTES_MIN, NOTICE_FILES_MAX, OUTPUT_BATCH, OUTPUT_BATCH_MAX,
    SPOOL_NOTICES, SPOOL_NOTICES_MAX, SYSLOG_BYTES,
};

/// An output as it is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// Where to.
    pub target: Target,
    /// Which notices.
    pub choice: Choice,
    /// How each is written.
    pub(super) form: Form,
    /// How messages are told apart on a connection.
    pub(super) framing: Framing,
    /// Whom to trust, and what to show.
    pub(super) trust: Trust,
    /// What goes with a request.
    pub(super) hook: Hook,
    /// When a new file is begun.
    pub(super) rotation: Rotation,
    /// Notices sent at once.
    pub(super) batch: usize,
    /// Notices that may wait.
    pub(super) spool: u64,
    /// How long one may wait.
    pub(super) spool_age: Option<Duration>,
    /// Where to begin the first time.
    pub(super) begin: Begin,
    /// How long anything may take.
    pub(super) timeout: Duration,
}

/// What goes with a request.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) token_file: Option<PathBuf>,
    pub(super) token_scheme: String,
    pub(super) secret_file: Option<PathBuf>,
}

/// When a new file is begun, and how many older ones stay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    pub(super) bytes: u64,
    pub(super) keep: u32,
}

impl Plan {
    pub(super) fn new(settings: &OutputSettings) -> Result<Self, SettingsError> {
        let about = About(settings);
        let target = Target::read(&settings.to).map_err(|cause| about.wrong("to", shown(cause)))?;
        about.is_of_its_kind(&target)?;
        let format = about.format()?;
        about.has_only_its_keys(&target, format)?;
        let name = match &settings.name {
            Some(name) if cursor::is_name(name) => name.clone(),
            Some(_) => {
                let cause = "must have 1 to 64 letters, digits, points, lines or underlines, and begin with a letter or digit";
                return Err(about.wrong("name", cause.to_owned()));
            }
            None => cursor::name_of(&target.to_string()),
        };
        let is_json = matches!(format, FormatName::Ndjson | FormatName::Json);
        let is_datagram = matches!(target, Target::Udp(_));
        let form = Form {
            format,
            facility: about.facility()?,
            enterprise: settings.enterprise.unwrap_or(DOCUMENTATION_ENTERPRISE),
            hostname: about.hostname()?,
            header: settings.header.unwrap_or_default(),
            process: std::process::id(),
            bytes_max: about.number(
                "max_bytes",
                settings.max_bytes,
                if is_json && !is_datagram { MESSAGE_BYTES_MAX } else { SYSLOG_BYTES },
                MESSAGE_BYTES_MIN..=MESSAGE_BYTES_MAX,
            )?,
        };
        let usual = if is_json { Framing::Lf } else { Framing::Octets };
        Ok(Self {
            name,
            choice: about.choice()?,
            form,
            framing: settings.framing.unwrap_or(usual),
            trust: about.trust(&target)?,
            hook: about.hook()?,
            rotation: about.rotation()?,
            batch: about.number("batch", settings.batch, OUTPUT_BATCH, 1..=OUTPUT_BATCH_MAX)?,
            spool: about.number("spool", settings.spool, SPOOL_NOTICES, 1..=SPOOL_NOTICES_MAX)?,
            spool_age: settings
                .spool_age
                .as_deref()
                .map(|age| about.duration("spool_age", age))
                .transpose()?,
            begin: settings.begin.unwrap_or_default(),
            timeout: match &settings.timeout {
                None => TIMEOUT,
                Some(text) => about.duration("timeout", text)?.min(TIMEOUT_MAX),
            },
            target,
        })
    }

    /// Looks at the files that it names; what deserves a word comes back.
    pub(super) fn check(&self) -> Result<Vec<String>, SettingsError> {
        let mut words = Vec::new();
        let private = [
            ("token_file", &self.hook.token_file),
            ("secret_file", &self.hook.secret_file),
            ("key_file", &self.trust.key_file),
        ];
        for (key, path) in private {
            let Some(path) = path else { continue };
            let wrong = |source| SettingsError::File {
                output: self.name.clone(),
                key,
                path: path.clone(),
                source,
            };
            secret::read(path).map_err(wrong)?;
            if secret::is_open(path).map_err(wrong)? {
                words.push(format!(
                    "output {}: {key}: everybody on this machine may read {}; chmod 640 it",
                    self.name,
                    path.display()
                ));
            }
        }
        if self.hook.token_file.is_some() && !self.target.is_secured() {
            words.push(format!(
                "output {}: the token goes over {} in the clear: everybody on the way can read it",
                self.name, self.target
            ));
        }
        if self.target.is_secured() {
            transport::check_trust(&self.trust).map_err(|(key, cause)| SettingsError::Wrong {
                output: self.name.clone(),
                key,
                cause,
            })?;
        }
        Ok(words)
    }
}

/// Settings, and how to complain about them.
struct About<'a>(&'a OutputSettings);

impl About<'_> {
    fn wrong(&self, key: &'static str, cause: String) -> SettingsError {
        let output = match &self.0.name {
            Some(name) => name.clone(),
            // Of an address that is not understood nothing is shown: there may be a password in it.
            None => {
                Target::read(&self.0.to).map_or_else(|_| UNNAMED.to_owned(), |to| to.to_string())
            }
        };
        SettingsError::Wrong { output, key, cause }
    }

    fn is_of_its_kind(&self, target: &Target) -> Result<(), SettingsError> {
        let (fits, cause) = match self.0.kind {
            OutputKind::Syslog => (
                matches!(target, Target::Udp(_) | Target::Tcp(_) | Target::Tls(_)),
                "a syslog output goes to udp://, tcp:// or tcp+tls://",
            ),
            OutputKind::Webhook => {
                (matches!(target, Target::Http { .. }), "a webhook goes to https:// or http://")
            }
            OutputKind::File => {
                (matches!(target, Target::File(_)), "a file output goes to the path of a file")
            }
        };
        if !fits {
            return Err(self.wrong("to", cause.to_owned()));
        }
        if target.is_secured() && !transport::HAS_TLS {
            let cause = "this build of nameplate has no TLS: use one with the feature tls, as the packages have it";
            return Err(self.wrong("to", cause.to_owned()));
        }
        Ok(())
    }

    fn format(&self) -> Result<FormatName, SettingsError> {
        use FormatName::{Cef, Json, Ndjson, Rfc5424};
        let (usual, possible, cause): (_, &[_], _) = match self.0.kind {
            OutputKind::Syslog => {
                (Rfc5424, &[Rfc5424, Cef, Ndjson], "a syslog output writes rfc5424, cef or ndjson")
            }
            OutputKind::Webhook => (Json, &[Json, Ndjson], "a webhook writes json or ndjson"),
            OutputKind::File => (Ndjson, &[Ndjson], "a file output writes ndjson"),
        };
        let format = self.0.format.unwrap_or(usual);
        match possible.contains(&format) {
            true => Ok(format),
            false => Err(self.wrong("format", cause.to_owned())),
        }
    }

    /// A key that does nothing is a mistake about what happens.
    fn has_only_its_keys(&self, target: &Target, format: FormatName) -> Result<(), SettingsError> {
        let s = self.0;
        let is_syslog = s.kind == OutputKind::Syslog;
        let (is_cef, is_hook) = (format == FormatName::Cef, s.kind == OutputKind::Webhook);
        let is_file = s.kind == OutputKind::File;
        let streams = matches!(target, Target::Tcp(_) | Target::Tls(_));
        let is_rfc5424 = format == FormatName::Rfc5424;
        let has_header = is_rfc5424 || (is_cef && s.header != Some(Header::None));
        let tls = target.is_secured();
        for (key, given, applies, of) in [
            ("facility", s.facility.is_some(), has_header, "messages with a syslog header"),
            ("enterprise", s.enterprise.is_some(), is_rfc5424, "the format rfc5424"),
            ("hostname", s.hostname.is_some(), has_header || is_cef, "the formats rfc5424 and cef"),
            ("header", s.header.is_some(), is_cef, "the format cef"),
            ("framing", s.framing.is_some(), streams, "tcp:// and tcp+tls://"),
            ("max_bytes", s.max_bytes.is_some(), is_syslog, "syslog outputs"),
            ("ca_file", s.ca_file.is_some(), tls, "tcp+tls:// and https://"),
            ("cert_file", s.cert_file.is_some(), tls, "tcp+tls:// and https://"),
            ("key_file", s.key_file.is_some(), tls, "tcp+tls:// and https://"),
            ("server_name", s.server_name.is_some(), tls, "tcp+tls:// and https://"),
            ("token_file", s.token_file.is_some(), is_hook, "webhooks"),
            ("token_scheme", s.token_scheme.is_some(), is_hook, "webhooks"),
            ("secret_file", s.secret_file.is_some(), is_hook, "webhooks"),
            ("batch", s.batch.is_some(), is_hook, "webhooks"),
            ("rotate", s.rotate.is_some(), is_file, "file outputs"),
            ("keep", s.keep.is_some(), is_file, "file outputs"),
        ] {
            if given && !applies {
                return Err(self.wrong(key, format!("is for {of} only; leave it out")));
            }
        }
        Ok(())
    }

    fn choice(&self) -> Result<Choice, SettingsError> {
        let s = self.0;
        Choice::read(s.what.as_deref(), s.min_severity.as_deref(), s.kinds.as_deref())
            .map_err(|(key, cause)| self.wrong(key, cause))
    }

    fn facility(&self) -> Result<u8, SettingsError> {
        let name = self.0.facility.as_deref().unwrap_or(FACILITY);
        facility(name).ok_or_else(|| {
            let cause = "is none of kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, ntp, audit, alert, clock, local0 to local7";
            self.wrong("facility", cause.to_owned())
        })
    }

    fn hostname(&self) -> Result<String, SettingsError> {
        let is_plain = |name: &str| {
            (1..=HOSTNAME_BYTES_MAX).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte))
        };
        match &self.0.hostname {
            Some(name) if is_plain(name) => Ok(name.clone()),
            Some(_) => {
                let cause =
                    "must have 1 to 64 letters, digits, points, lines, underlines or colons";
                Err(self.wrong("hostname", cause.to_owned()))
            }
            None => {
                let name = std::fs::read_to_string(SYSTEM_HOSTNAME).unwrap_or_default();
                // RFC 5424, section 6.2.4: what is not known is NILVALUE.
                Ok(Some(name.trim()).filter(|name| is_plain(name)).unwrap_or("-").to_owned())
            }
        }
    }

    fn trust(&self, target: &Target) -> Result<Trust, SettingsError> {
        let s = self.0;
        if s.cert_file.is_some() != s.key_file.is_some() {
            let key = if s.cert_file.is_some() { "cert_file" } else { "key_file" };
            return Err(self.wrong(key, "cert_file and key_file go together".to_owned()));
        }
        let host = match target {
            Target::Tls(server) | Target::Http { server, .. } => server.host.clone(),
            _ => String::new(),
        };
        Ok(Trust {
            ca_file: s.ca_file.clone(),
            cert_file: s.cert_file.clone(),
            key_file: s.key_file.clone(),
            server_name: s.server_name.clone().unwrap_or(host),
        })
    }

    fn hook(&self) -> Result<Hook, SettingsError> {
        let s = self.0;
        let scheme = s.token_scheme.as_deref().unwrap_or(TOKEN_SCHEME);
        let is_word = !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_word {
            let cause = "must be one word of letters and digits, such as Bearer or Splunk";
            return Err(self.wrong("token_scheme", cause.to_owned()));
        }
        if s.token_scheme.is_some() && s.token_file.is_none() {
            return Err(self.wrong("token_scheme", "does nothing without token_file".to_owned()));
        }
        Ok(Hook {
            token_file: s.token_file.clone(),
            token_scheme: scheme.to_owned(),
            secret_file: s.secret_file.clone(),
        })
    }

    fn rotation(&self) -> Result<Rotation, SettingsError> {
        let bytes = match &self.0.rotate {
            None => ROTATE_BYTES,
            Some(text) => {
                bytes(text).filter(|bytes| *bytes >= ROTATE_BYTES_MIN).ok_or_else(|| {
                    let cause = "must be a size of 64KiB or more, such as 64MiB";
                    self.wrong("rotate", cause.to_owned())
                })?
            }
        };
        let keep = self.number("keep", self.0.keep, FILES_KEPT, 0..=NOTICE_FILES_MAX)?;
        Ok(Rotation { bytes, keep })
    }

    fn duration(&self, key: &'static str, text: &str) -> Result<Duration, SettingsError> {
        duration(text).ok_or_else(|| {
            let cause = "must be a number with s, m, h or d, such as 10s or 7d";
            self.wrong(key, cause.to_owned())
        })
    }

    fn number<T: Copy + PartialOrd + std::fmt::Display>(
        &self,
        key: &'static str,
        given: Option<T>,
        usual: T,
        range: std::ops::RangeInclusive<T>,
    ) -> Result<T, SettingsError> {
        let number = given.unwrap_or(usual);
        match range.contains(&number) {
            true => Ok(number),
            false => {
                let cause = format!("must be from {} to {}", range.start(), range.end());
                Err(self.wrong(key, cause))
            }
        }
    }
}

fn shown(cause: &str) -> String {
    // The address itself is not repeated: people do put passwords into them.
    format!("the address {cause}")
}

/// `10s`, `5m`, `12h`, `7d`; not nothing, and not more than a century.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|number| is_digits && *number > 0)?;
    number.checked_mul(seconds).filter(|all| *all <= CENTURY_SECONDS).map(Duration::from_secs)
}

/// `500KiB`, `64MiB`, `1GiB`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = [("KiB", 1_u64 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
        .into_iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)))?;
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// An output that is not understood far enough to be named.
const UNNAMED: &str = "without a name";

/// RFC 5612: the number for documentation. Who has a number of his own sets it.
const DOCUMENTATION_ENTERPRISE: u32 = 32_473;

const FACILITY: &str = "local0";

const TOKEN_SCHEME: &str = "Bearer";

const HOSTNAME_BYTES_MAX: usize = 64;

const SYSTEM_HOSTNAME: &str = "/proc/sys/kernel/hostname";

const TIMEOUT: Duration = Duration::from_secs(10);

/// More would be a receiver that is not there, noticed too late.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

const CENTURY_SECONDS: u64 = 100 * 366 * 24 * 60 * 60;

const ROTATE_BYTES: u64 = 64 << 20;

const ROTATE_BYTES_MIN: u64 = 64 << 10;

const FILES_KEPT: u32 = 5;
