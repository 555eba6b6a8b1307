//! The file of decisions that `--decisions` names: what a site keeps under version control, where a review of the change is
//! the signature.
//!
//! ```toml
//! [[decision]]
//! vendor = "Siemens"
//! model = "6ES7315-*"
//! advisory = "ICSA-19-283-01"
//! decision = "accept"
//! why = "the cell has no way in from outside"
//! by = "alice"
//! date = 2026-03-02
//! expires = 2026-12-31
//! ```

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::app::cli::{date, day};
use crate::model::limits::{DECISION_TEXT_BYTES_MAX, DECISIONS_FILE_BYTES_MAX};
use crate::model::{Choice, Justification, Meant, Timestamp, Written};
use crate::query::nearest;

/// Why a file that a person wrote about findings or patches cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::app) enum WrittenError {
    /// It cannot be read.
    #[error("cannot read {}: {source}; check the path", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It says what it may not say.
    #[error("{}:{line}: {what}", .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// Reads a file of decisions.
pub(super) fn read(path: &Path, now: Timestamp) -> Result<Vec<Written>, WrittenError> {
    let text = text_of(path, DECISIONS_FILE_BYTES_MAX)?;
    let name = path.display().to_string();
    decisions(&text, &name, now).map_err(|wrong| wrong_at(path, &text, wrong))
}

/// The text of a file, if it is not too long.
pub(super) fn text_of(path: &Path, bytes_max: usize) -> Result<String, WrittenError> {
    let unreadable = |source| WrittenError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() > bytes_max {
        let what = format!("this file has at most {bytes_max} bytes");
        return Err(wrong_at(path, "", (0..0, what)));
    }
    Ok(text)
}

/// A place in the text, and what is wrong there.
pub(super) type Wrong = (Range<usize>, String);

pub(super) fn wrong_at(path: &Path, text: &str, (place, what): Wrong) -> WrittenError {
    WrittenError::Wrong { path: path.to_owned(), line: line(text, place.start), what }
}

pub(super) fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

pub(super) fn table(text: &str) -> Result<Spanned<DeTable<'_>>, Wrong> {
    DeTable::parse(text)
        .map_err(|error| (error.span().unwrap_or_default(), error.message().to_owned()))
}

pub(super) fn unknown(place: Range<usize>, key: &str, known: &[&str]) -> Wrong {
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("do you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    (place, format!("there is no key {key:?}; {hint}"))
}

fn decisions(text: &str, name: &str, now: Timestamp) -> Result<Vec<Written>, Wrong> {
    let mut written = Vec::new();
    for (key, value) in table(text)?.get_ref() {
        if key.get_ref() != "decision" {
            return Err(unknown(key.span(), key.get_ref(), &["decision"]));
        }
        let list = value.get_ref().as_array();
        let list = list.filter(|list| list.iter().all(|one| one.get_ref().is_table()));
        let list = list
            .ok_or_else(|| (value.span(), "write each decision below [[decision]]".to_owned()))?;
        for one in list.iter() {
            let Some(table) = one.get_ref().as_table() else { continue };
            let source = format!("{name}:{}", line(text, one.span().start));
            let entry = decision(table, &one.span(), source)?;
            if entry.at > now {
                let what = "date lies in the future: it would stand against all that is decided until then";
                return Err((one.span(), what.to_owned()));
            }
            written.push(entry);
        }
    }
    Ok(written)
}

fn decision(table: &DeTable<'_>, place: &Range<usize>, source: String) -> Result<Written, Wrong> {
    let mut entry = Entry::default();
    for (key, value) in table {
        entry.take(key, value)?;
    }
    let missing = |key: &str| (place.clone(), format!("this decision has no {key}"));
    if entry.meant == Meant::default() {
        let what = format!("this decision names no device: give one of {}", DEVICE_KEYS.join(", "));
        return Err((place.clone(), what));
    }
    if entry.advisory.is_none() && entry.cve.is_none() {
        return Err((place.clone(), "this decision names no advisory and no cve".to_owned()));
    }
    let (at, word) = entry.decision.ok_or_else(|| missing("decision"))?;
    let choice = Choice::named(&word, entry.justification).ok_or_else(|| {
        let labels: Vec<&str> = Justification::ALL.iter().map(|one| one.name()).collect();
        let what = if Choice::named(&word, Some(Justification::ComponentNotPresent)).is_some() {
            format!("not_applicable takes a justification: one of {}", labels.join(", "))
        } else {
            format!("there is no decision {word:?}; there are {}", CHOICES.join(", "))
        };
        (at, what)
    })?;
    if entry.justification.is_some() && choice.justification().is_none() {
        let what = "justification: only not_applicable takes one";
        return Err((place.clone(), what.to_owned()));
    }
    Ok(Written {
        source: source.into(),
        meant: entry.meant,
        advisory: entry.advisory,
        cve: entry.cve,
        choice,
        why: entry.why.ok_or_else(|| missing("why"))?,
        by: entry.by.ok_or_else(|| missing("by"))?,
        at: entry.date.ok_or_else(|| missing("date"))?,
        due: entry.until,
        expires: entry.expires,
    })
}

/// What an entry says so far.
#[derive(Default)]
struct Entry {
    meant: Meant,
    advisory: Option<Box<str>>,
    cve: Option<Box<str>>,
    decision: Option<(Range<usize>, String)>,
    justification: Option<Justification>,
    why: Option<Box<str>>,
    by: Option<Box<str>>,
    date: Option<Timestamp>,
    until: Option<Timestamp>,
    expires: Option<Timestamp>,
}

impl Entry {
    fn take(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), Wrong> {
        let name: &str = key.get_ref();
        let wrong = |what: &str| (value.span(), format!("{name}: {what}"));
        let text = || -> Result<Box<str>, Wrong> {
            let text = value.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty());
            let text = text.filter(|text| text.len() <= DECISION_TEXT_BYTES_MAX);
            text.map(Box::from).ok_or_else(|| wrong("write a text in quotation marks"))
        };
        let time = |read: fn(&str) -> Result<Timestamp, String>| -> Result<Timestamp, Wrong> {
            let text = match value.get_ref() {
                DeValue::Datetime(date) => date.to_string(),
                DeValue::String(text) => text.to_string(),
                _ => String::new(),
            };
            read(&text).map_err(|what| wrong(&what))
        };
        let meant = &mut self.meant;
        match name {
            "asset" => meant.id = Some(text()?),
            "ip" => {
                let ip = text()?.parse().map_err(|_| wrong("write an IP address"))?;
                meant.ip = Some(ip);
            }
            "mac" => {
                let mac = text()?.to_lowercase().replace('-', ":");
                meant.mac = Some(mac.parse().map_err(|_| wrong("write a MAC address"))?);
            }
            "serial" => meant.serial = Some(text()?),
            "name" => meant.name = Some(text()?),
            "vendor" => meant.vendor = Some(text()?),
            "model" => meant.model = Some(text()?),
            "module" => meant.module = Some(text()?),
            "advisory" => self.advisory = Some(text()?),
            "cve" => self.cve = Some(text()?),
            "decision" => self.decision = Some((value.span(), text()?.into())),
            "justification" => {
                let labels: Vec<&str> = Justification::ALL.iter().map(|one| one.name()).collect();
                let known = Justification::named(&text()?);
                let known =
                    known.ok_or_else(|| wrong(&format!("write one of {}", labels.join(", "))))?;
                self.justification = Some(known);
            }
            "why" => self.why = Some(text()?),
            "by" => self.by = Some(text()?),
            "date" => self.date = Some(time(day)?),
            "until" => self.until = Some(time(date)?),
            "expires" => self.expires = Some(time(date)?),
            other => return Err(unknown(key.span(), other, KEYS)),
        }
        Ok(())
    }
}

/// Words of decisions, as files and commands write them.
pub(in crate::app) const CHOICES: &[&str] =
    &["remediate", "mitigate", "accept", "defer", "not_applicable", "false_match"];
const DEVICE_KEYS: &[&str] = &["asset", "ip", "mac", "serial", "name", "vendor", "model", "module"];
const KEYS: &[&str] = &[
    "asset",
    "ip",
    "mac",
    "serial",
    "name",
    "vendor",
    "model",
    "module",
    "advisory",
    "cve",
    "decision",
    "justification",
    "why",
    "by",
    "date",
    "until",
    "expires",
];

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    const LATER: Timestamp = Timestamp(i64::MAX);
    const WHOLE: &str = "[[decision]]\nip = \"10.0.0.1\"\nadvisory = \"A-1\"\ndecision = \"accept\"\n\
        why = \"w\"\nby = \"b\"\ndate = 2026-03-02\n";

    #[test]
    fn an_entry_says_what_it_says() {
        let text = format!("# ours\n\n{WHOLE}expires = 2026-12-31\ncve = \"CVE-1\"\n");
        let [one] = &*decisions(&text, "decisions.toml", LATER).unwrap() else { panic!("one") };
        assert_eq!(&*one.source, "decisions.toml:3");
        assert_eq!(one.choice, Choice::Accept);
        assert_eq!(one.at.to_string(), "2026-03-02T00:00:00.000000000Z");
        assert!(one.expires.unwrap().to_string().starts_with("2026-12-31T23:59:59"));
        assert!(decisions("", "d", LATER).unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let with = |line: &str| format!("{WHOLE}{line}\n");
        let without = |key: &str| {
            let lines = WHOLE.lines().filter(|line| !line.starts_with(key));
            lines.collect::<Vec<_>>().join("\n")
        };
        for (text, line, words) in [
            ("[[decisions]]\n".to_owned(), 1, "do you mean decision?"),
            ("[decision]\nip = \"10.0.0.1\"\n".to_owned(), 1, "[[decision]]"),
            (with("advisry = \"x\""), 8, "do you mean advisory?"),
            (with("mac = \"no\""), 8, "MAC address"),
            (with("expires = \"soon\""), 8, "is no date"),
            (with("expires = 7"), 8, "is no date"),
            (with("cve = \"\""), 8, "write a text"),
            (with("justification = \"because\""), 8, "component_not_present"),
            (with("justification = \"component_not_present\""), 1, "only not_applicable"),
            (without("ip"), 1, "names no device"),
            (without("advisory"), 1, "no advisory and no cve"),
            (without("why"), 1, "has no why"),
            (without("date"), 1, "has no date"),
            (without("decision"), 1, "has no decision"),
            (WHOLE.replace("accept", "acept"), 4, "there is no decision"),
            (WHOLE.replace("accept", "not-applicable"), 4, "takes a justification"),
            ("[[decision]\n".to_owned(), 1, ""),
        ] {
            let (place, what) = decisions(&text, "d", LATER).unwrap_err();
            assert!(what.contains(words), "{text}: {what}");
            assert_eq!(super::line(&text, place.start), line, "{text}: {what}");
        }
    }
}
