//! One thing looked at, and how it is printed.
//!
//! ```text
//! ok    machine rights       CAP_NET_RAW, and not root
//! FAIL  eth1 link            down: no cable, or switched off
//!       -> ip link set dev eth1 up
//! ```

use std::io::{self, Write};

use serde_json::Value;

use crate::export::escape::term;
use crate::export::rows::Rows;

/// How it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::app) enum Level {
    /// As it should be.
    Ok,
    /// The sensor works, and could be fooled or go without something.
    Warn,
    /// The sensor sees nothing, keeps nothing, or is not passive.
    Fail,
    /// Not looked at, and why.
    Skip,
}

impl Level {
    /// In one word. The one that must not be overlooked is loud.
    pub(in crate::app) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Skip => "skip",
        }
    }
}

/// One thing looked at. Texts may hold names from outside: whoever prints them escapes them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) struct Check {
    /// What it is about: `machine`, `store`, the name of a port.
    pub(in crate::app) about: String,
    /// What of it was looked at, in one word for programs.
    pub(in crate::app) name: &'static str,
    /// How it is.
    pub(in crate::app) level: Level,
    /// The same in a sentence.
    pub(in crate::app) text: String,
    /// The command that helps, or that tells more.
    pub(in crate::app) remedy: Option<String>,
}

impl Check {
    pub(super) fn new(
        about: &str,
        name: &'static str,
        level: Level,
        text: impl Into<String>,
    ) -> Self {
        Self { about: about.to_owned(), name, level, text: text.into(), remedy: None }
    }

    pub(super) fn helped_by(self, command: String) -> Self {
        Self { remedy: Some(command), ..self }
    }
}

/// How many are of a level.
pub(in crate::app) fn count(checks: &[Check], level: Level) -> usize {
    checks.iter().filter(|check| check.level == level).count()
}

/// The checks for programs.
pub(in crate::app) fn rows(checks: &[Check]) -> Rows {
    let rows = checks.iter().map(|check| {
        vec![
            Value::from(check.about.as_str()),
            Value::from(check.name),
            Value::from(check.level.word().to_lowercase()),
            Value::from(check.text.as_str()),
            check.remedy.as_deref().map_or(Value::Null, Value::from),
        ]
    });
    Rows { names: NAMES, schema: "nameplate.check/1", rows: rows.collect() }
}

/// The checks for people.
pub(in crate::app) fn table(checks: &[Check], ascii: bool, out: &mut impl Write) -> io::Result<()> {
    let arrow = if ascii { "->" } else { "→" };
    let subject = |check: &Check| format!("{} {}", term(&check.about), check.name);
    let width = checks.iter().map(|check| subject(check).chars().count()).max().unwrap_or(0);
    for check in checks {
        writeln!(
            out,
            "{:<5} {:<width$}  {}",
            check.level.word(),
            subject(check),
            term(&check.text)
        )?;
        if let Some(remedy) = &check.remedy {
            writeln!(out, "      {arrow} {}", term(remedy))?;
        }
    }
    let counts = [Level::Ok, Level::Warn, Level::Fail, Level::Skip]
        .map(|level| format!("{} {}", count(checks, level), level.word()));
    writeln!(out, "\n{}", counts.join(", "))
}

const NAMES: &[&str] = &["about", "check", "state", "text", "remedy"];
