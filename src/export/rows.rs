//! Plain rows under named columns: for lists that are no devices and no verdicts.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::export::csv::record;
use crate::export::table::{self, Style};
use crate::export::{escape, json};

/// Values by column.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Names of the columns.
    pub names: &'static [&'static str],
    /// Schema of each row as an object.
    pub schema: &'static str,
    /// One value for each column.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// One object a line.
    pub fn ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        self.objects().try_for_each(|object| json::value(&object, out))
    }

    /// One list of objects.
    pub fn json(&self, out: &mut impl Write) -> io::Result<()> {
        json::value(&Value::Array(self.objects().collect()), out)
    }

    /// RFC 4180.
    pub fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut rows =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
        record(&mut rows, self.names)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| escape::csv(&text(cell)).into_owned());
            record(&mut rows, cells)?;
        }
        rows.flush()
    }

    /// For people.
    pub fn table(&self, style: &Style, out: &mut impl Write) -> io::Result<()> {
        let mut shown = table::empty(self.names, &[0], style);
        for row in &self.rows {
            shown.add_row(row.iter().map(|cell| escape::term(&text(cell)).into_owned()));
        }
        writeln!(out, "{}", table::trimmed(&shown))
    }

    /// Each row as an object, with its schema.
    pub fn objects(&self) -> impl Iterator<Item = Value> {
        self.rows.iter().map(|row| {
            let mut object = Map::new();
            object.insert("schema".to_owned(), Value::from(self.schema));
            let fields = self.names.iter().zip(row);
            object.extend(fields.map(|(name, value)| ((*name).to_owned(), value.clone())));
            Value::Object(object)
        })
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}
