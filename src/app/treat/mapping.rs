//! How a list of patches is written as XML: a file that a site writes against its own copy of a standard or of a supplier's
//! description. This program knows no element of any schema by itself.
//!
//! ```toml
//! record = "catalogue/item"          # where one patch stands, from the root
//! repeat = ["cves"]                  # columns with an element for each value
//!
//! [fields]                           # column = path below the record, or from the root with a / before it
//! vendor = "/catalogue/@maker"       # @ is an attribute
//! patch = "number"
//! state = "progress/@stage"
//! cves = "weakness"
//!
//! [states]                           # word in the file = state
//! ready = "Released"
//!
//! [root]                             # attributes of the first element, written as they are
//! xmlns = "urn:example:catalogue"
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use crate::app::AppError;
use crate::app::import::markup::{Piece, Pieces, attribute};
use crate::app::treat::rows::{Complaints, Said, folded};
use crate::app::treat::written::{Wrong, table, text_of, unknown, wrong_at};
use crate::export::escape;
use crate::model::handling::PATCH_COLUMNS;
use crate::model::limits::{
    LIST_CELL_BYTES_MAX, MAPPING_BYTES_MAX, PATCH_ROWS_MAX, PATCH_XML_DEPTH_MAX,
};
use crate::model::{Listed, PatchState};

/// A mapping.
#[derive(Debug, Default)]
pub(in crate::app) struct Mapping {
    /// Elements from the root to one patch.
    record: Vec<String>,
    fields: Vec<(&'static str, Place)>,
    repeated: Vec<&'static str>,
    /// Words for states, folded.
    pub(super) states: BTreeMap<String, PatchState>,
    /// The same as they are written, the first for each state.
    spelled: Vec<(PatchState, String)>,
    root: Vec<(String, String)>,
}

/// Where a value stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Place {
    /// From the root, not from the record.
    is_absolute: bool,
    elements: Vec<String>,
    attribute: Option<String>,
}

impl Mapping {
    /// Reads a mapping.
    pub(in crate::app) fn read(path: &Path) -> Result<Self, AppError> {
        let text = text_of(path, MAPPING_BYTES_MAX)?;
        let mapping = Self::parse(&text);
        Ok(mapping.map_err(|wrong| wrong_at(path, &text, wrong))?)
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let mut mapping = Self::default();
        for (key, value) in table(text)?.get_ref() {
            match &**key.get_ref() {
                "record" => {
                    let place = place(value)?;
                    if place.attribute.is_some() || place.elements.len() < 2 {
                        let what =
                            "record: write the way from the root to one patch, as list/patch";
                        return Err((value.span(), what.to_owned()));
                    }
                    mapping.record = place.elements;
                }
                "repeat" => {
                    let list = value.get_ref().as_array().map(|list| list.iter());
                    for one in list.into_iter().flatten() {
                        let name = one.get_ref().as_str().unwrap_or_default();
                        mapping.repeated.push(column(one.span(), name)?);
                    }
                }
                "fields" => {
                    for (key, value) in entries(value)? {
                        mapping.fields.push((column(key.span(), key.get_ref())?, place(value)?));
                    }
                }
                "states" => {
                    for (key, value) in entries(value)? {
                        let name = value.get_ref().as_str().unwrap_or_default();
                        let state = PatchState::named(name).ok_or_else(|| {
                            let all: Vec<&str> =
                                PatchState::ALL.iter().map(|state| state.name()).collect();
                            let all = all.join(", ");
                            (value.span(), format!("there is no state {name:?}; there are {all}"))
                        })?;
                        mapping.states.insert(folded(key.get_ref()), state);
                        mapping.spelled.push((state, key.get_ref().to_string()));
                    }
                }
                "root" => {
                    for (key, value) in entries(value)? {
                        let text = value.get_ref().as_str().unwrap_or_default().to_owned();
                        let name = name(key.get_ref()).map_err(|what| (key.span(), what))?;
                        mapping.root.push((name, text));
                    }
                }
                other => return Err(unknown(key.span(), other, KEYS)),
            }
        }
        if mapping.record.is_empty() {
            return Err((0..0, "there is no record: say where one patch stands".to_owned()));
        }
        if mapping.fields.is_empty() {
            return Err((0..0, "there are no [fields]: say where its values stand".to_owned()));
        }
        // The order of the columns, so that the same mapping always writes the same.
        let rank = |name: &str| PATCH_COLUMNS.iter().position(|column| *column == name);
        mapping.fields.sort_by_key(|(name, _)| rank(name));
        Ok(mapping)
    }

    /// The records of a document: what stands at each place. The number of a record is its place among them.
    pub(super) fn records(
        &self,
        bytes: &[u8],
        complaints: &mut Complaints,
    ) -> Result<Vec<(u64, Said)>, String> {
        let text = decoded(bytes)?;
        let mut pieces = Pieces::new(&text);
        let mut reading = Reading::new(self);
        loop {
            match pieces.next().map_err(|why| format!("is no XML that is read here: {why}"))? {
                None => break,
                Some(Piece::Start { name, attributes, is_empty }) => {
                    reading.open(name, attributes)?;
                    if is_empty {
                        reading.close(None)?;
                    }
                }
                Some(Piece::End(name)) => reading.close(Some(name))?,
                Some(Piece::Text(text)) => reading.text(&text),
            }
        }
        reading.finish(complaints)
    }

    /// Writes a list.
    pub(in crate::app) fn write(
        &self,
        listed: &[Listed],
        out: &mut impl Write,
    ) -> Result<io::Result<()>, AppError> {
        let Some((root, inner)) = self.record.split_first() else { return Ok(Ok(())) };
        let mut tree =
            Tree { name: root.clone(), attributes: self.root.clone(), ..Tree::default() };
        for (column, place) in self.fields.iter().filter(|(_, place)| place.is_absolute) {
            let mut values: Vec<String> =
                listed.iter().map(|row| self.value(row, column)).collect();
            values.sort();
            values.dedup();
            match &*values {
                [] => {}
                [one] => tree.put(
                    place.elements.get(1..).unwrap_or_default(),
                    &place.attribute,
                    one,
                    false,
                ),
                several => {
                    return Err(AppError::Usage(format!(
                        "the mapping gives {column} a place outside of the record, and there are {} of it: put it inside of the record",
                        several.len()
                    )));
                }
            }
        }
        let (own, parents) =
            inner.split_last().map_or(("", inner), |(own, parents)| (own, parents));
        for row in listed {
            let mut record = Tree { name: own.to_owned(), ..Tree::default() };
            for (column, place) in self.fields.iter().filter(|(_, place)| !place.is_absolute) {
                let value = self.value(row, column);
                if value.is_empty() {
                    continue;
                }
                if self.repeated.contains(column) {
                    for one in value.split(' ') {
                        record.put(&place.elements, &place.attribute, one, true);
                    }
                } else {
                    record.put(&place.elements, &place.attribute, &value, false);
                }
            }
            let mut record = Some(record);
            tree.within(parents, &mut |parent| parent.children.extend(record.take()));
        }
        let head = out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Ok(head.and_then(|()| tree.write(0, out)))
    }

    fn value(&self, row: &Listed, column: &str) -> String {
        let spelled = |state: PatchState| {
            self.spelled.iter().find(|(own, _)| *own == state).map(|(_, word)| word.clone())
        };
        match row.state.filter(|_| column == "state") {
            Some(state) => spelled(state).unwrap_or_else(|| state.name().to_owned()),
            None => row.value(column).to_owned(),
        }
    }
}

/// A document being read.
struct Reading<'m> {
    mapping: &'m Mapping,
    path: Vec<String>,
    /// How deep the record lies that is being read.
    record: Option<usize>,
    said: Said,
    /// Text at places outside of records.
    around: Said,
    records: Vec<(u64, Said)>,
    found: u64,
    /// Values that were cut.
    cut: u64,
}

impl<'m> Reading<'m> {
    fn new(mapping: &'m Mapping) -> Self {
        let (said, around) = (Said::new(), Said::new());
        let (path, records) = (Vec::new(), Vec::new());
        Self { mapping, path, record: None, said, around, records, found: 0, cut: 0 }
    }

    fn open(&mut self, name: &str, attributes: &str) -> Result<(), String> {
        if self.path.len() >= PATCH_XML_DEPTH_MAX {
            return Err(format!("has more than {PATCH_XML_DEPTH_MAX} elements inside one another"));
        }
        self.path.push(name.to_owned());
        if self.record.is_none() && is_at(&self.path, &self.mapping.record) {
            self.record = Some(self.path.len());
            self.said = self.around.clone();
        }
        for (column, place) in &self.mapping.fields {
            if let Some(wanted) = &place.attribute
                && self.is_here(place)
                && let Some(value) = attribute(attributes, local(wanted))
            {
                self.add(column, place.is_absolute, &value, true);
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        for (column, place) in &self.mapping.fields {
            if place.attribute.is_none() && self.is_here(place) {
                self.add(column, place.is_absolute, text, false);
            }
        }
    }

    fn close(&mut self, name: Option<&str>) -> Result<(), String> {
        let open = self.path.pop().ok_or("closes an element that is not open")?;
        if let Some(name) = name.filter(|name| **name != *open) {
            return Err(format!("closes {name:?} where {open:?} is open"));
        }
        if self.record == Some(self.path.len().saturating_add(1)) {
            self.record = None;
            self.found = self.found.saturating_add(1);
            let said = std::mem::take(&mut self.said);
            if self.records.len() <= PATCH_ROWS_MAX {
                self.records.push((self.found, said));
            }
        }
        Ok(())
    }

    fn finish(self, complaints: &mut Complaints) -> Result<Vec<(u64, Said)>, String> {
        if let Some(open) = self.path.last() {
            return Err(format!("ends while {open:?} is open"));
        }
        if self.found == 0 {
            return Err(format!(
                "has no element {}, where the mapping says that patches stand",
                self.mapping.record.join("/")
            ));
        }
        if self.cut > 0 {
            let what = format!(
                "and others: {} values are longer than {LIST_CELL_BYTES_MAX} bytes, and passed over",
                self.cut
            );
            complaints.say(1, &what);
        }
        Ok(self.records)
    }

    fn is_here(&self, place: &Place) -> bool {
        match (place.is_absolute, self.record) {
            (true, _) => is_at(&self.path, &place.elements),
            (false, Some(depth)) => {
                self.path.get(depth..).is_some_and(|below| is_at(below, &place.elements))
            }
            (false, None) => false,
        }
    }

    /// A value; of several at one place all are kept.
    fn add(&mut self, column: &'static str, is_absolute: bool, value: &str, is_new: bool) {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = if is_absolute { &mut self.around } else { &mut self.said };
        let slot = said.entry(column).or_default();
        if is_absolute && is_new {
            slot.clear();
        }
        if slot.len().saturating_add(value.len()) >= LIST_CELL_BYTES_MAX {
            self.cut = self.cut.saturating_add(1);
            return;
        }
        if !slot.is_empty() {
            slot.push(' ');
        }
        slot.push_str(&value);
        if is_absolute && self.record.is_some() {
            let value = slot.clone();
            self.said.insert(column, value);
        }
    }
}

/// An element to be written.
#[derive(Debug, Default)]
struct Tree {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Tree>,
}

impl Tree {
    /// Does something with the element at a way below this one, which is made where it is not there.
    fn within(&mut self, way: &[String], act: &mut dyn FnMut(&mut Self)) {
        let Some((first, rest)) = way.split_first() else { return act(self) };
        if !self.children.iter().any(|child| child.name == *first) {
            self.children.push(Self { name: first.clone(), ..Self::default() });
        }
        if let Some(child) = self.children.iter_mut().find(|child| child.name == *first) {
            child.within(rest, act);
        }
    }

    /// Puts a value below this element; in an element of its own, when that is asked for.
    fn put(&mut self, way: &[String], attribute: &Option<String>, value: &str, is_own: bool) {
        let mut set = |element: &mut Self| match attribute {
            Some(name) => element.attributes.push((name.clone(), value.to_owned())),
            None => element.text.push_str(value),
        };
        match way.split_last().filter(|_| is_own) {
            None => self.within(way, &mut set),
            Some((last, parents)) => self.within(parents, &mut |parent| {
                let mut child = Self { name: last.clone(), ..Self::default() };
                set(&mut child);
                parent.children.push(child);
            }),
        }
    }

    fn write(&self, depth: usize, out: &mut impl Write) -> io::Result<()> {
        let indent = "  ".repeat(depth);
        write!(out, "{indent}<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(out, " {name}=\"{}\"", escape::xml(value))?;
        }
        if self.children.is_empty() && self.text.is_empty() {
            return writeln!(out, "/>");
        }
        if self.children.is_empty() {
            return writeln!(out, ">{}</{}>", escape::xml(&self.text), self.name);
        }
        writeln!(out, ">{}", escape::xml(&self.text))?;
        self.children.iter().try_for_each(|child| child.write(depth.saturating_add(1), out))?;
        writeln!(out, "{indent}</{}>", self.name)
    }
}

/// Prefixes stand for name spaces, and are not what tells two elements of one mapping apart.
fn is_at(path: &[String], wanted: &[String]) -> bool {
    path.len() == wanted.len() && path.iter().zip(wanted).all(|(own, wanted)| own == local(wanted))
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn decoded(bytes: &[u8]) -> Result<String, String> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    text.ok_or_else(|| "is neither UTF-8 nor UTF-16: save it as UTF-8".to_owned())
}

type Entries<'a, 'i> = Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)>;

fn entries<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Result<Entries<'a, 'i>, Wrong> {
    let table = value.get_ref().as_table();
    let table = table.ok_or_else(|| (value.span(), "write this as a table".to_owned()))?;
    Ok(table.iter().collect())
}

fn column(place: std::ops::Range<usize>, name: &str) -> Result<&'static str, Wrong> {
    let known = PATCH_COLUMNS.iter().copied().find(|column| *column == name);
    known.ok_or_else(|| unknown(place, name, PATCH_COLUMNS))
}

fn place(value: &Spanned<DeValue<'_>>) -> Result<Place, Wrong> {
    let text = value.get_ref().as_str().unwrap_or_default().trim();
    let wrong = |what: String| (value.span(), what);
    let (is_absolute, way) = match text.strip_prefix('/') {
        Some(way) => (true, way),
        None => (false, text),
    };
    let mut place = Place { is_absolute, ..Place::default() };
    for part in way.split('/') {
        if place.attribute.is_some() {
            return Err(wrong("an attribute is the end of a way".to_owned()));
        }
        match part.strip_prefix('@') {
            Some(attribute) => place.attribute = Some(name(attribute).map_err(wrong)?),
            None => place.elements.push(name(part).map_err(wrong)?),
        }
    }
    if place.elements.len() >= PATCH_XML_DEPTH_MAX {
        return Err(wrong(format!("a way has less than {PATCH_XML_DEPTH_MAX} elements")));
    }
    Ok(place)
}

/// A name that can be written as XML without harm.
fn name(text: &str) -> Result<String, String> {
    let is_start = |c: char| c.is_alphabetic() || c == '_';
    let is_part = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    if text.starts_with(is_start) && text.chars().all(is_part) {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no name of an element or attribute; write names with / between them"))
}

const KEYS: &[&str] = &["record", "repeat", "fields", "states", "root"];
