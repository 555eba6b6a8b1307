//! What people decided, for a person at a terminal and as CSV.

use std::io::{self, Write};

use crate::export::escape::{self, term};
use crate::export::table::{self, Style};
use crate::model::{Anchor, Deed, Entry, Fate, Ruling};

/// What was done, as a sentence.
pub fn words(entry: &Entry) -> String {
    let name = |anchor: &Anchor| anchor.node.to_string();
    match &entry.deed {
        Deed::Ruled(Ruling::Together(a, b)) => {
            format!("{} and {} are one device", name(a), name(b))
        }
        Deed::Ruled(Ruling::Apart(a, b)) => format!("{} and {} are two devices", name(a), name(b)),
        Deed::Ruled(Ruling::Set { anchor, unit, field, value }) => {
            let part = unit.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
            let what = format!("{}{part}", name(anchor));
            if value.is_empty() {
                format!("{what}: {field} is as observed")
            } else {
                format!("{what}: {field} is {value}")
            }
        }
        Deed::Undid(number) => format!("decision {number} no longer counts"),
    }
}

/// What became of it, as a sentence.
pub fn fate_words(fate: Fate) -> String {
    match fate {
        Fate::Stands => "stands".to_owned(),
        Fate::Undone(number) => format!("undone by decision {number}"),
        Fate::Overruled(number) => format!("overruled by decision {number}"),
    }
}

/// Prints decisions as a table.
pub fn table(lines: &[(&Entry, Fate)], style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "DECISIONS ({})\n", lines.len())?;
    let mut rows = table::empty(["No.", "Decision", "By", "When", "Why", "State"], &[], style);
    for (entry, fate) in lines {
        let at = entry.at.to_string();
        rows.add_row([
            entry.number.to_string(),
            term(&words(entry)).into_owned(),
            term(&entry.by).into_owned(),
            at.get(..19).unwrap_or(&at).replace('T', " "),
            term(&entry.why).into_owned(),
            fate_words(*fate),
        ]);
    }
    if lines.is_empty() { Ok(()) } else { writeln!(out, "{}", table::trimmed(&rows)) }
}

/// Prints decisions as RFC 4180 CSV.
pub fn csv(lines: &[(&Entry, Fate)], out: &mut impl Write) -> io::Result<()> {
    let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    super::csv::record(&mut rows, ["number", "decision", "by", "time", "why", "state"])?;
    for (entry, fate) in lines {
        let (number, at) = (entry.number.to_string(), entry.at.to_string());
        let cells = [number, words(entry), entry.by.to_string(), at, entry.why.to_string()];
        let cells = cells.into_iter().chain([fate_words(*fate)]);
        super::csv::record(&mut rows, cells.map(|text| escape::csv(&text).into_owned()))?;
    }
    rows.flush()
}
