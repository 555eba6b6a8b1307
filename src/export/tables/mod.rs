//! The tables that a set of CSV files and a workbook have in common: which there are, their columns, their rows.
//!
//! Values are those of the lines of NDJSON, under the same names. A row is made when it is written, so that a plant of any size
//! takes the memory of one row.

mod cells;
mod columns;
mod facts;
mod things;
mod words;

use std::io;

use crate::export::Report;
use crate::model::Observation;

pub use cells::Cell;
pub use words::question;

/// What a set of files or a workbook is made of: a report, and the facts that it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// Devices, verdicts, conversations.
    pub report: &'a Report<'a>,
    /// What was observed, in order of time.
    pub facts: &'a [Observation],
}

/// A table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Table {
    /// One row for each device.
    Assets,
    /// One row for each part of a device.
    Modules,
    /// One row for each verdict.
    Findings,
    /// One row for each fact.
    Facts,
    /// One row for each conversation.
    Conversations,
    /// One row for each verdict that cannot be given, with the question to ask.
    CannotTell,
}

/// The head of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// Name, as in NDJSON.
    pub name: &'static str,
    /// Characters that mostly fit.
    pub width: u16,
}

/// Where rows go, one after the other.
pub type Each<'e> = &'e mut dyn FnMut(&[Cell<'_>]) -> io::Result<()>;

impl Table {
    /// All of them, in the order of a workbook.
    pub const ALL: [Self; 6] = [
        Self::Assets,
        Self::Modules,
        Self::Findings,
        Self::Facts,
        Self::Conversations,
        Self::CannotTell,
    ];

    /// In one word, for the name of a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assets => "assets",
            Self::Modules => "modules",
            Self::Findings => "findings",
            Self::Facts => "facts",
            Self::Conversations => "conversations",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// As a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Assets => "Assets",
            Self::Modules => "Modules",
            Self::Findings => "Findings",
            Self::Facts => "Facts",
            Self::Conversations => "Conversations",
            Self::CannotTell => "Cannot tell",
        }
    }

    /// What a row of it is.
    pub fn about(self) -> &'static str {
        match self {
            Self::Assets => "one row for each device",
            Self::Modules => {
                "one row for each part of a device: a module in a chassis, a unit behind a gateway"
            }
            Self::Findings => "one row for each verdict, with the reasons for it",
            Self::Facts => "one row for each fact that was observed, with the frame that proves it",
            Self::Conversations => "one row for each two addresses that talked in one protocol",
            Self::CannotTell => {
                "one row for each verdict that cannot be given, with the question to ask"
            }
        }
    }

    /// Its columns.
    pub fn heads(self) -> Vec<Head> {
        match self {
            Self::Facts => facts::HEADS.to_vec(),
            Self::Conversations => facts::TALK_HEADS.to_vec(),
            Self::Assets | Self::Modules | Self::Findings | Self::CannotTell => {
                columns::of(self).iter().map(columns::head).collect()
            }
        }
    }

    /// Makes its rows, in order; how many there were.
    ///
    /// # Errors
    ///
    /// What `each` fails with.
    pub fn rows(self, holding: &Holding<'_>, each: Each<'_>) -> io::Result<u64> {
        let mut count = 0_u64;
        let mut counted = |row: &[Cell<'_>]| {
            count = count.saturating_add(1);
            each(row)
        };
        match self {
            Self::Facts => facts::facts(holding, &mut counted)?,
            Self::Conversations => facts::talks(holding, &mut counted)?,
            Self::Assets | Self::Modules | Self::Findings | Self::CannotTell => {
                things::rows(self, holding.report, &mut counted)?;
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_table_has_two_columns_of_a_name() {
        for table in Table::ALL {
            let heads = table.heads();
            let names: BTreeSet<&str> = heads.iter().map(|head| head.name).collect();
            assert_eq!(names.len(), heads.len(), "{table:?}");
            assert!(heads.iter().all(|head| head.width > 0));
        }
    }
}
