//! Rows of a list of patches, as a spreadsheet has them, to what they say.

use std::collections::BTreeMap;

use crate::app::import::grid::{Line, Note, Row, Sheet, heading};
use crate::fingerprint::Tables;
use crate::handling::covers;
use crate::model::handling::PATCH_COLUMNS;
use crate::model::limits::{LIST_COMPLAINTS_MAX, PATCH_ROWS_MAX};
use crate::model::version::Scheme;
use crate::model::{Listed, PatchState};

pub(super) use crate::app::import::folded;

/// What is to be said about a list, in order of its rows.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    said: Vec<(u64, String)>,
    left_out: u64,
    /// Rows that were not taken.
    pub(super) refused: u64,
}

impl Complaints {
    pub(super) fn refuse(&mut self, row: u64, why: &str) {
        self.refused = self.refused.saturating_add(1);
        self.say(row, &format!("is not taken: {why}"));
    }

    pub(super) fn say(&mut self, row: u64, what: &str) {
        if self.said.len() < LIST_COMPLAINTS_MAX {
            self.said.push((row, what.to_owned()));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    pub(super) fn sentences(mut self) -> Vec<String> {
        self.said.sort();
        let mut all: Vec<String> =
            self.said.into_iter().map(|(row, what)| format!("row {row} {what}")).collect();
        if self.left_out > 0 {
            all.push(format!("and {} complaints more", self.left_out));
        }
        all
    }
}

/// What data says about lists of patches, and what a mapping adds to it.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) tables: &'a Tables,
    /// Words for states, folded, that a mapping names.
    pub(super) states: &'a BTreeMap<String, PatchState>,
}

impl Words<'_> {
    /// The column that a person means by a name.
    fn column(&self, name: &str) -> Option<&'static str> {
        let folded = folded(name);
        let known = self.tables.find("patch-columns", &folded);
        let wanted = known.as_deref().unwrap_or(&folded).replace(' ', "_");
        PATCH_COLUMNS.iter().copied().find(|column| *column == wanted)
    }

    /// How many cells of a row name columns.
    pub(super) fn names_in(&self, row: &Row) -> usize {
        row.cells.iter().filter(|cell| self.column(&cell.text).is_some()).count()
    }

    fn is_blank(&self, text: &str) -> bool {
        let word = folded(text);
        word.is_empty() || self.tables.find("import-blanks", &word).is_some()
    }

    /// The state that a word means.
    pub(super) fn state(&self, text: &str) -> Option<PatchState> {
        let word = folded(text);
        let told = self.states.get(&word).copied().or_else(|| PatchState::named(text));
        told.or_else(|| PatchState::named(&self.tables.find("patch-states", &word)?))
    }
}

/// What one record says, column by column, before it is known whether it can be taken.
pub(super) type Said = BTreeMap<&'static str, String>;

/// The records of a sheet.
pub(super) fn records(
    sheet: &Sheet,
    words: Words<'_>,
    complaints: &mut Complaints,
) -> Result<Vec<(u64, Said)>, String> {
    let known = |row: &Row| words.names_in(row);
    let none =
        || format!("has no row that names its columns; known are {}", PATCH_COLUMNS.join(", "));
    let at = heading(&sheet.lines, &known).ok_or_else(none)?;
    let mut lines = sheet.lines.iter().skip(at);
    let Some(Line::Read(row)) = lines.next() else { return Err(none()) };
    let mut columns: BTreeMap<u32, &'static str> = BTreeMap::new();
    let mut passed_over = Vec::new();
    for cell in &row.cells {
        match words.column(&cell.text) {
            Some(column) if !columns.values().any(|known| *known == column) => {
                columns.insert(cell.column, column);
            }
            Some(column) => complaints.say(
                row.number,
                &format!("{:?} is a second column for {column}; the first counts", cell.text),
            ),
            None => passed_over.push(format!("{:?}", cell.text)),
        }
    }
    if !passed_over.is_empty() {
        let what = format!(
            "columns passed over: {}; known are {} and other names for them",
            passed_over.join(", "),
            PATCH_COLUMNS.join(", ")
        );
        complaints.say(row.number, &what);
    }
    let mut records = Vec::new();
    for line in lines {
        match line {
            Line::Refused(number, why) => complaints.refuse(*number, why),
            Line::Read(row) => {
                let mut said = Said::new();
                for cell in &row.cells {
                    let Some(column) = columns.get(&cell.column).copied() else { continue };
                    match cell.note {
                        _ if column != "state" && words.is_blank(&cell.text) => {}
                        Note::TooLong | Note::Error => complaints.say(
                            row.number,
                            &format!("{column} {:?} is passed over: too long, or an error", cell.text),
                        ),
                        Note::Date if matches!(column, "version" | "fixed_in" | "patch") => complaints
                            .say(
                                row.number,
                                &format!("{column} {:?} is a date, and passed over: was it a number such as 4.10?", cell.text),
                            ),
                        _ => drop(said.insert(column, cell.text.clone())),
                    }
                }
                if !said.is_empty() {
                    records.push((row.number, said));
                }
            }
        }
    }
    Ok(records)
}

/// What records say of patches; one that cannot be taken is named, and costs only itself.
pub(super) fn patches(
    records: Vec<(u64, Said)>,
    words: Words<'_>,
    complaints: &mut Complaints,
) -> Vec<Listed> {
    let mut rows: BTreeMap<[String; 5], Listed> = BTreeMap::new();
    for (number, said) in records {
        let listed = match patch(number, &said, words) {
            Ok(listed) => listed,
            Err(why) => {
                complaints.refuse(number, &why);
                continue;
            }
        };
        if rows.len() >= PATCH_ROWS_MAX {
            complaints.refuse(number, &format!("a list has at most {PATCH_ROWS_MAX} patches"));
            continue;
        }
        if listed.advisories.is_empty() && listed.cves.is_empty() && listed.fixed_in.is_empty() {
            complaints.say(number, "names no advisory, no CVE and no fixed version: it is kept, and is about no finding");
        }
        if covers(&listed.version, None, Scheme::default()).is_none() {
            let what = format!(
                "versions {:?} cannot be read: it is kept, and is for no device",
                listed.version
            );
            complaints.say(number, &what);
        }
        if let Some(before) = rows.insert(listed.key(), listed) {
            complaints.say(
                number,
                &format!("is about the same patch as row {}, and counts more", before.row),
            );
        }
    }
    let mut rows: Vec<Listed> = rows.into_values().collect();
    rows.sort_by_key(|listed| listed.row);
    rows
}

fn patch(number: u64, said: &Said, words: Words<'_>) -> Result<Listed, String> {
    let mut listed = Listed { row: number, ..Listed::default() };
    for (column, text) in said {
        let text = match *column {
            "advisories" | "cves" => {
                let parts = text.split(|c: char| c.is_whitespace() || ",;|".contains(c));
                parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            }
            _ => text.clone(),
        };
        listed.put(column, &text);
    }
    if listed.vendor.is_empty() && listed.product.is_empty() {
        return Err("it names no vendor and no product".to_owned());
    }
    if listed.patch.is_empty() && listed.fixed_in.is_empty() && listed.title.is_empty() {
        return Err("it names no patch".to_owned());
    }
    let word = said.get("state").map(|text| text.trim()).filter(|text| !folded(text).is_empty());
    let applies = folded(&listed.applicability);
    let state = match word {
        Some(word) => words.state(word).ok_or_else(|| {
            let known: Vec<&str> = SUPPLIERS.iter().map(|state| state.name()).collect();
            format!("there is no state {word:?}; there are {}", known.join(", "))
        })?,
        // To list a patch is to publish it.
        None if matches!(&*applies, "no" | "not applicable" | "nein") => PatchState::NotApplicable,
        None => PatchState::Available,
    };
    if !state.is_the_suppliers() {
        return Err(format!(
            "{state} is a state that the owner of a plant gives: nameplate patches set does"
        ));
    }
    listed.state = Some(state);
    Ok(listed)
}

const SUPPLIERS: [PatchState; 6] = [
    PatchState::Available,
    PatchState::InTest,
    PatchState::NotApproved,
    PatchState::NotApplicable,
    PatchState::Approved,
    PatchState::Released,
];
