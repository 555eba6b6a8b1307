//! Tables: numbers and prefixes to names, searched in place.
//!
//! A table is CSV text, embedded in the program or brought by a user: first lines that begin with `#` and say
//! source, licence and date; then one line that names the two columns; then `key,value` lines in ascending
//! order of the bytes of their keys, each key once. A value with a comma or a quotation mark is in quotation
//! marks, doubled inside, as RFC 4180 has it; keys are never quoted. Columns behind the second, such as the source of
//! each line, are for people. Because the lines are sorted, a table is
//! never read into memory structures: a look-up is a binary search in the text.
//!
//! A table whose first column is called `prefix` is searched for the longest prefix of a MAC address: 9, 7 or 6
//! hexadecimal digits, the three sizes of block that the IEEE Registration Authority assigns (36, 28, 24 bits).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// All tables, by name.
#[derive(Debug)]
pub struct Tables {
    by_name: BTreeMap<Box<str>, Table>,
}

impl Tables {
    /// Tables from names and texts of CSV files. Those of `others` replace those of the same name.
    pub(super) fn new(embedded: &[(&'static str, &'static str)], others: &[(&str, &str)]) -> Self {
        let own =
            embedded.iter().map(|(name, text)| (table_name(name), Table::new(Cow::Borrowed(text))));
        let brought = others
            .iter()
            .map(|(name, text)| (table_name(name), Table::new(Cow::Owned((*text).into()))));
        Self { by_name: own.chain(brought).collect() }
    }

    /// True when there is such a table.
    pub fn has(&self, table: &str) -> bool {
        self.by_name.contains_key(table)
    }

    /// Names of all tables, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(|name| &**name)
    }

    /// What a table says about a value.
    pub fn find(&self, table: &str, value: &str) -> Option<Cow<'_, str>> {
        self.by_name.get(table)?.find(value)
    }
}

fn table_name(file: &str) -> Box<str> {
    file.strip_suffix(".csv").unwrap_or(file).into()
}

#[derive(Debug)]
struct Table {
    text: Cow<'static, str>,
    /// Where the sorted lines start: `lines <= text.len()`.
    lines: usize,
    by_prefix: bool,
}

/// Hexadecimal digits of the blocks that the IEEE assigns, the longest first.
const PREFIX_DIGITS: [usize; 3] = [9, 7, 6];

impl Table {
    fn new(text: Cow<'static, str>) -> Self {
        let mut lines = 0_usize;
        let mut by_prefix = false;
        for line in text.split_inclusive('\n') {
            lines = lines.saturating_add(line.len());
            if !line.starts_with('#') {
                by_prefix = line.starts_with("prefix,");
                break;
            }
        }
        Self { lines, by_prefix, text }
    }

    fn find(&self, value: &str) -> Option<Cow<'_, str>> {
        if !self.by_prefix {
            return self.line(value);
        }
        let digits = address_digits(value)?;
        PREFIX_DIGITS.iter().find_map(|length| self.line(digits.get(..*length)?))
    }

    /// The value of the line with this key.
    fn line(&self, key: &str) -> Option<Cow<'_, str>> {
        let mut rest = self.text.get(self.lines..)?;
        while !rest.is_empty() {
            let middle = line_start(rest, rest.len() / 2);
            let (before, from) = rest.split_at_checked(middle)?;
            let (line, after) = from.split_once('\n').unwrap_or((from, ""));
            let (found, value) = line.split_once(',')?;
            match found.as_bytes().cmp(key.as_bytes()) {
                Ordering::Equal => {
                    return Some(unquoted(first_column(value.trim_end_matches('\r'))));
                }
                Ordering::Less => rest = after,
                Ordering::Greater => rest = before,
            }
        }
        None
    }
}

/// Start of the line that holds this byte; a byte within a character does no harm, as line feeds are bytes of
/// their own in UTF-8.
fn line_start(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().rposition(|byte| *byte == b'\n').map_or(0, |feed| feed.saturating_add(1))
}

/// The text up to the first comma that stands outside of quotation marks.
fn first_column(columns: &str) -> &str {
    let mut quoted = false;
    let end = columns.find(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    end.and_then(|end| columns.get(..end)).unwrap_or(columns)
}

fn unquoted(value: &str) -> Cow<'_, str> {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        None => Cow::Borrowed(value),
        Some(inside) if inside.contains("\"\"") => Cow::Owned(inside.replace("\"\"", "\"")),
        Some(inside) => Cow::Borrowed(inside),
    }
}

/// The hexadecimal digits of a printed MAC address, in upper case; `None` for addresses that no manufacturer
/// assigned: groups, and those that a program chose.
fn address_digits(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|character| !matches!(character, ':' | '-' | '.'))
        .map(|character| character.to_ascii_uppercase())
        .collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let first = u8::from_str_radix(digits.get(..2)?, 16).ok()?;
    (first & GROUP_OR_LOCAL == 0).then_some(digits)
}

/// I/G and U/L bits of the first octet (IEEE 802-2014, 8.2.2).
const GROUP_OR_LOCAL: u8 = 0x03;

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: &str = "# Source: test\n# Licence: none\nvendor_id,name\n1,One\n10,\"Ten, Ltd.\"\n2,\"Two \"\"2\"\"\"\n562,Müller\n";
    const PREFIXES: &str = "# Source: test\nprefix,organisation\n001BC5,IEEE\n001BC5000,Converging\n70B3D5,IEEE\n8C1F640,Seven\n";

    fn tables() -> Tables {
        Tables::new(&[("numbers.csv", NUMBERS), ("oui.csv", PREFIXES)], &[])
    }

    #[test]
    fn finds_every_line_and_nothing_between() {
        let tables = tables();
        let find = |key: &str| tables.find("numbers", key).map(Cow::into_owned);
        assert_eq!(find("1").as_deref(), Some("One"));
        assert_eq!(find("10").as_deref(), Some("Ten, Ltd."));
        assert_eq!(find("2").as_deref(), Some("Two \"2\""));
        assert_eq!(find("562").as_deref(), Some("Müller"));
        for absent in ["", "0", "11", "3", "56", "5620", "9", "vendor_id"] {
            assert_eq!(find(absent), None, "{absent}");
        }
        assert_eq!(tables.find("absent", "1"), None);
    }

    #[test]
    fn columns_behind_the_second_are_for_people() {
        let table = "key,value,source\n1,One,\"A, B\"\n2,\"Two, \"\"2\"\"\",C\n";
        let tables = Tables::new(&[], &[("t.csv", table)]);
        assert_eq!(tables.find("t", "1").as_deref(), Some("One"));
        assert_eq!(tables.find("t", "2").as_deref(), Some("Two, \"2\""));
    }

    #[test]
    fn takes_the_longest_prefix_of_an_address() {
        let tables = tables();
        let find = |address: &str| tables.find("oui", address).map(Cow::into_owned);
        assert_eq!(find("00:1b:c5:00:01:02").as_deref(), Some("Converging"));
        assert_eq!(find("00:1b:c5:01:01:02").as_deref(), Some("IEEE"));
        assert_eq!(find("8c-1f-64-01-02-03").as_deref(), Some("Seven"));
        assert_eq!(find("8c:1f:64:f1:02:03"), None);
    }

    #[test]
    fn knows_no_maker_of_group_and_local_addresses() {
        let table = "prefix,organisation\n021BC5,Local\n031BC5,Group\n";
        let tables = Tables::new(&[("oui.csv", table)], &[]);
        for address in
            ["02:1b:c5:00:00:01", "03:1b:c5:00:00:01", "", "00:1b:c5", "zz:zz:zz:zz:zz:zz"]
        {
            assert_eq!(tables.find("oui", address), None, "{address}");
        }
    }

    #[test]
    fn a_table_of_the_same_name_replaces_the_programs() {
        let tables =
            Tables::new(&[("numbers.csv", NUMBERS)], &[("numbers.csv", "id,name\n1,Other\n")]);
        assert_eq!(tables.find("numbers", "1").as_deref(), Some("Other"));
        assert_eq!(tables.find("numbers", "10"), None);
    }

    #[test]
    fn damaged_tables_find_nothing() {
        for text in ["", "# only a comment", "id,name", "id,name\nno comma\n", "id,name\n\n\n"] {
            let tables = Tables::new(&[], &[("t.csv", text)]);
            assert_eq!(tables.find("t", "1"), None, "{text:?}");
        }
    }
}
