//! What is to be said about a list: each row that could not be taken, and what a person should look at.

use std::collections::BTreeMap;

use crate::model::limits::LIST_COMPLAINTS_MAX;

/// Complaints about one list, in order of its rows.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    /// Row and sentence.
    said: Vec<(u64, String)>,
    left_out: u64,
    refused: u64,
    /// Columns of which cells are numbers: how many, the first row, and its text.
    doubts: BTreeMap<&'static str, (u64, u64, String)>,
    /// Columns of which cells are formulas: how many, and the first row.
    computed: BTreeMap<&'static str, (u64, u64)>,
}

impl Complaints {
    /// A row was not taken.
    pub(super) fn refuse(&mut self, row: u64, why: &str) {
        self.refused = self.refused.saturating_add(1);
        self.say(row, &format!("is not taken: {why}"));
    }

    /// Something about a row that was taken, or about the names of the columns.
    pub(super) fn say(&mut self, row: u64, what: &str) {
        if self.said.len() < LIST_COMPLAINTS_MAX {
            self.said.push((row, what.to_owned()));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// A cell of a version is a number.
    pub(super) fn doubt(&mut self, column: &'static str, row: u64, text: &str) {
        let doubt = self.doubts.entry(column).or_insert_with(|| (0, row, text.to_owned()));
        doubt.0 = doubt.0.saturating_add(1);
    }

    /// A cell is a formula.
    pub(super) fn computed(&mut self, column: &'static str, row: u64) {
        let computed = self.computed.entry(column).or_insert((0, row));
        computed.0 = computed.0.saturating_add(1);
    }

    /// Rows that were not taken.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// All of it, one sentence each.
    pub(super) fn sentences(mut self) -> Vec<String> {
        self.said.sort_by_key(|(row, _)| *row);
        let mut all: Vec<String> =
            self.said.into_iter().map(|(row, what)| format!("row {row} {what}")).collect();
        if self.left_out > 0 {
            all.push(format!("and {} complaints more", self.left_out));
        }
        all.extend(self.doubts.into_iter().map(|(column, (count, row, text))| {
            format!(
                "{count} of {column} are numbers, the first {text} in row {row}: a spreadsheet drops zeros, it may have been {text}0 or 0{text}; format the column as text"
            )
        }));
        all.extend(self.computed.into_iter().map(|(column, (count, row))| {
            format!(
                "{count} of {column} are formulas, the first in row {row}: taken is what was last computed"
            )
        }));
        all
    }
}
