//! A notice as a message: RFC 5424, CEF, or a line of JSON. Same notice, same bytes.

mod cef;
mod rfc5424;

use crate::alert::settings::{FormatName, Header};
use crate::export::json;
use crate::model::{Notice, Severity};

/// How notices are written for one output.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Form {
    /// Which format.
    pub format: FormatName,
    /// Syslog facility, 0 to 23.
    pub facility: u8,
    /// Number behind the names of structured data.
    pub enterprise: u32,
    /// What this machine calls itself; `-` when that is not known.
    pub hostname: String,
    /// What stands before CEF.
    pub header: Header,
    /// The process that sends.
    pub process: u32,
    /// Bytes that a message may have.
    pub bytes_max: usize,
}

/// A notice as it is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// The number of the notice.
    pub number: u64,
    /// What is sent: no line feed, no other control character.
    pub text: String,
    /// Whether texts were cut to fit.
    pub shortened: bool,
}

impl Form {
    /// Writes a notice. When it is too long, its texts are cut, all to the same length, and details go before what they are about.
    pub fn write(&self, notice: &Notice) -> Message {
        let number = notice.number;
        let text = self.text(notice, false);
        if text.len() <= self.bytes_max {
            return Message { number, text, shortened: false };
        }
        let mut text = String::new();
        for (bytes, details) in SHORTER {
            text = self.text(&shorter(notice, *bytes, *details), true);
            if text.len() <= self.bytes_max {
                break;
            }
        }
        Message { number, text, shortened: true }
    }

    fn text(&self, notice: &Notice, shortened: bool) -> String {
        match self.format {
            FormatName::Rfc5424 => rfc5424::write(self, notice, shortened),
            FormatName::Cef => cef::write(self, notice),
            FormatName::Ndjson | FormatName::Json => {
                let mut line = Vec::new();
                // Writing to memory cannot fail, and what is written is UTF-8.
                let _ = json::notice(notice, shortened, &mut line);
                String::from_utf8_lossy(line.trim_ascii_end()).into_owned()
            }
        }
    }

    /// The number before a message (RFC 5424, section 6.2.1).
    fn priority(&self, severity: Severity) -> u8 {
        self.facility.saturating_mul(8).saturating_add(severity.code())
    }
}

/// The number of a facility (RFC 5424, section 6.2.1; names as `logger(1)` has them).
pub(super) fn facility(name: &str) -> Option<u8> {
    let number = FACILITIES.iter().position(|one| *one == name)?;
    u8::try_from(number).ok()
}

/// The same notice with each text cut to so many bytes, and so many details and addresses.
fn shorter(notice: &Notice, bytes: usize, most: usize) -> Notice {
    let cut = |text: &str| cut(text, bytes).into_boxed_str();
    let details = notice.details.iter().take(most);
    let &Notice { number, at, told, kind, severity, asset, finding, .. } = notice;
    Notice {
        number,
        at,
        told,
        kind,
        severity,
        site: cut(&notice.site),
        asset,
        name: cut(&notice.name),
        addresses: notice.addresses.iter().take(most.max(1)).map(|text| cut(text)).collect(),
        finding,
        text: cut(&notice.text),
        details: details.map(|(name, value)| (cut(name), cut(value))).collect(),
    }
}

/// The beginning of a text, with a mark where it was cut.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes.saturating_sub(CUT.len()));
    let (kept, _) = text.split_at(end);
    format!("{kept}{CUT}")
}

/// What a cut text ends with.
const CUT: &str = "…";

/// How texts are cut, step by step: bytes of each, and how many details. The last fits into the shortest message there may be, whatever
/// its characters turn into.
const SHORTER: &[(usize, usize)] =
    &[(1_024, 32), (512, 32), (256, 16), (128, 16), (64, 8), (32, 4), (16, 0), (8, 0)];

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

#[cfg(test)]
mod tests;
