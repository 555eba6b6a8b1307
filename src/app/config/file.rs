//! The file: every mistake in it, with line and column.

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Key, OUTPUT, SECRETS, SECTIONS, Section};
use super::{ConfigError, Gathered, Origin, value};
use crate::app::zones;
use crate::model::limits::{CONFIG_BYTES_MAX, INTERFACES_MAX, OUTPUTS_MAX};
use crate::model::{NoticeKind, Topic};

/// Takes what a file says.
pub(super) fn read(path: &Path, gathered: &mut Gathered) -> Result<(), ConfigError> {
    let unreadable = |source| ConfigError::Read { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let most = u64::try_from(CONFIG_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    file.take(most.saturating_add(1)).read_to_string(&mut text).map_err(unreadable)?;
    let mut page = Page { path, text: &text, wrong: Vec::new(), gathered };
    if text.len() > CONFIG_BYTES_MAX {
        page.wrong(0..0, format!("a configuration has at most {CONFIG_BYTES_MAX} bytes"));
    } else {
        page.read();
    }
    page.tell();
    Ok(())
}

struct Page<'a> {
    path: &'a Path,
    text: &'a str,
    /// Where it starts, and what is wrong.
    wrong: Vec<(usize, String)>,
    gathered: &'a mut Gathered,
}

impl Page<'_> {
    fn read(&mut self) {
        let text = self.text;
        let (table, errors) = DeTable::parse_recoverable(text);
        // What follows a slip of the pen is read as something else: of such a file only the slips are told.
        if !errors.is_empty() {
            for error in errors {
                self.wrong(error.span().unwrap_or_default(), error.message().to_owned());
            }
            return;
        }
        let mut tables: toml::Table = toml::from_str(text).unwrap_or_default();
        tables.retain(|name, _| ["zone", "output"].contains(&name));
        self.gathered.configuration.tables = tables;
        for (key, value) in table.get_ref() {
            let name: &str = key.get_ref();
            match SECTIONS.iter().find(|section| section.name == name) {
                Some(section) => self.section(section, value),
                None if name == "zone" => self.zones(value),
                None if name == "output" => self.outputs(value),
                None => self.unknown_section(key.span(), name),
            }
        }
    }

    fn section(&mut self, section: &Section, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value.span(), format!("write what belongs to it below [{}]", section.name));
            return;
        };
        for (key, value) in table {
            let Some(known) = section.keys.iter().find(|known| known.name == &**key.get_ref())
            else {
                self.unknown(key, section.keys, &format!("[{}]", section.name));
                continue;
            };
            let name = format!("{}.{}", section.name, known.name);
            match value::from_file(known.kind, value) {
                Ok(value::Value::Names(names)) if names.len() > INTERFACES_MAX => {
                    self.wrong(value.span(), format!("{name}: at most {INTERFACES_MAX}"));
                }
                Ok(taken) => {
                    let (line, _) = self.place(&value.span());
                    let origin = Origin::File(self.path.to_owned(), line);
                    self.gathered.set(&name, taken, origin);
                }
                Err(what) => self.wrong(value.span(), format!("{name}: {what}")),
            }
        }
    }

    fn zones(&mut self, value: &Spanned<DeValue<'_>>) {
        let (zones, wrong) = zones::tables(value);
        wrong.into_iter().for_each(|(place, what)| self.wrong(place, what));
        let (line, _) = self.place(&value.span());
        let configuration = &mut self.gathered.configuration;
        configuration.settings.zones = zones;
        configuration.origins.insert("zone".to_owned(), Origin::File(self.path.to_owned(), line));
    }

    fn outputs(&mut self, value: &Spanned<DeValue<'_>>) {
        let list = value.get_ref().as_array();
        let Some(list) = list.filter(|list| list.iter().all(|one| one.get_ref().is_table())) else {
            self.wrong(value.span(), "write each output below [[output]]".to_owned());
            return;
        };
        if list.len() > OUTPUTS_MAX {
            self.wrong(value.span(), format!("there can be {OUTPUTS_MAX} outputs at most"));
        }
        for one in list.iter() {
            if let Some(table) = one.get_ref().as_table() {
                self.output(table, one.span());
            }
        }
        let (line, _) = self.place(&value.span());
        let configuration = &mut self.gathered.configuration;
        let tables = configuration.tables.get("output").cloned().map(toml::Value::try_into);
        configuration.settings.outputs = tables.and_then(Result::ok).unwrap_or_default();
        configuration.origins.insert("output".to_owned(), Origin::File(self.path.to_owned(), line));
    }

    fn output(&mut self, table: &DeTable<'_>, place: Range<usize>) {
        for (key, value) in table {
            let Some(known) = OUTPUT.iter().find(|known| known.name == &**key.get_ref()) else {
                self.unknown(key, OUTPUT, "[[output]]");
                continue;
            };
            match value::from_file(known.kind, value) {
                Ok(value::Value::Names(names)) => {
                    let (topics, kinds) =
                        (Topic::ALL.map(Topic::name), NoticeKind::ALL.map(NoticeKind::name));
                    let words: &[&str] = if known.name == "what" { &topics } else { &kinds };
                    for name in names.iter().filter(|name| !words.contains(&&***name)) {
                        let what = value::no_word(name, words);
                        self.wrong(value.span(), format!("output.{}: {what}", known.name));
                    }
                }
                Ok(_) => {}
                Err(what) => self.wrong(value.span(), format!("output.{}: {what}", known.name)),
            }
        }
        for needed in ["kind", "to"] {
            if !table.contains_key(needed) {
                self.wrong(place.clone(), format!("this output has no key {needed:?}"));
            }
        }
    }

    fn unknown_section(&mut self, place: Range<usize>, name: &str) {
        let sections = SECTIONS.iter().map(|section| section.name).chain(["zone", "output"]);
        let hint = match value::near(name, sections.clone()) {
            Some(near) => format!("do you mean [{near}]?"),
            None => match holder(name) {
                Some(section) => format!("{name} belongs below [{section}]"),
                None => format!("there are {}", sections.collect::<Vec<_>>().join(", ")),
            },
        };
        self.wrong(place, format!("there is no section {name:?}; {hint}"));
    }

    fn unknown(&mut self, key: &Spanned<impl AsRef<str>>, keys: &[Key], section: &str) {
        let name = key.get_ref().as_ref();
        let names = keys.iter().map(|key| key.name);
        let secret = SECRETS.iter().find(|(word, _)| *word == name);
        let secret = secret.filter(|(_, file)| names.clone().any(|name| name == *file));
        let hint = match (secret, value::near(name, names.clone()), holder(name)) {
            (Some((_, file)), _, _) => {
                format!(
                    "secrets are never written here: put it into a file of its own, and name that as {file}"
                )
            }
            (None, Some(near), _) => format!("do you mean {near}?"),
            (None, None, Some(holder)) => format!("it belongs below [{holder}]"),
            (None, None, None) => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
        };
        self.wrong(key.span(), format!("there is no key {name:?} in {section}; {hint}"));
    }

    fn wrong(&mut self, place: Range<usize>, what: String) {
        self.wrong.push((place.start, what));
    }

    /// Tells all that is wrong, in the order of the file.
    fn tell(&mut self) {
        let mut wrong = std::mem::take(&mut self.wrong);
        wrong.sort();
        for (start, what) in wrong {
            let (line, column) = self.place(&(start..start));
            self.gathered.mistake(format!("{}:{line}:{column}", self.path.display()), what);
        }
    }

    /// Line and column, both from 1; columns are characters.
    fn place(&self, place: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.chars().rev().take_while(|c| *c != '\n').count().saturating_add(1);
        (line, column)
    }
}

/// The section that has a key of that name.
fn holder(name: &str) -> Option<&'static str> {
    let holds = |section: &&Section| section.keys.iter().any(|key| key.name == name);
    SECTIONS.iter().find(holds).map(|section| section.name)
}
