//! Rows to devices: which columns there are, what the cells say, and of whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::app::import::complaints::Complaints;
use crate::app::import::grid::{Cell, Line, Note, Row, Sheet, heading};
use crate::app::import::own::{Homes, Meant, Own};
use crate::fingerprint::{Tables, Vocabulary};
use crate::model::import::{COLUMNS, Column, MAC};
use crate::model::{Addr, Mac, Node, Scope, Sites, Subject};

/// One device of a list.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Listed {
    /// What is said of it, by key, and where: row, column, and the text of the cell.
    pub(super) said: BTreeMap<&'static str, Said>,
}

/// What one cell says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Said {
    pub(super) column: Column,
    pub(super) row: u64,
    pub(super) place: u32,
    pub(super) text: String,
}

/// What data says about lists, and which sites the store knows.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) tables: &'a Tables,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) sites: &'a Sites,
}

impl Words<'_> {
    /// The column that a person means by a name.
    fn column(&self, name: &str) -> Option<Column> {
        let key = self.tables.find("import-columns", &folded(name))?;
        Column::named(&format!("import.{key}"))
    }

    /// How many cells of a row name columns.
    pub(super) fn names_in(&self, row: &Row) -> usize {
        row.cells.iter().filter(|cell| self.column(&cell.text).is_some()).count()
    }

    /// True for what people write where they have nothing to write: n/a, tbd, ?
    fn is_blank(&self, text: &str) -> bool {
        let word = folded(text);
        word.is_empty() || self.tables.find("import-blanks", &word).is_some()
    }
}

/// What a sheet says.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Of devices by the address that they are known by, and of parts of them.
    pub(super) devices: BTreeMap<Subject, Listed>,
    /// Rows that say nothing new, in a list that the program wrote.
    pub(super) unchanged: u64,
}

/// What a sheet says of whom. `Err` when no column is known.
pub(super) fn read(
    sheet: &Sheet,
    (words, homes): (Words<'_>, &Homes),
    complaints: &mut Complaints,
) -> Result<Read, String> {
    let known = |row: &Row| words.names_in(row);
    let at = heading(&sheet.lines, &known).ok_or_else(no_heading)?;
    let mut lines = sheet.lines.iter().skip(at);
    let Some(Line::Read(row)) = lines.next() else { return Err(no_heading()) };
    let own = Own::of(row);
    let columns = match own {
        Some(own) => own_columns(row, own),
        None => columns(row, words, complaints),
    };
    if own.is_none() && !columns.values().any(|column| TELLING.contains(&column.key.name)) {
        return Err(format!(
            "row {} names no column by which a device could be known: name, serial, ip or mac",
            row.number
        ));
    }
    let mut read = Read::default();
    for line in lines {
        match line {
            Line::Refused(number, why) => complaints.refuse(*number, why),
            Line::Read(row) => {
                let said = cells(row, &columns, words, complaints);
                if said.is_empty() && own.is_none() {
                    continue;
                }
                let meant =
                    own.map_or(Ok(Meant::Stranger), |own| homes.meant(own, row, said.clone()));
                match meant {
                    Err(why) => complaints.refuse(row.number, &why),
                    Ok(Meant::Known(_, said)) if said.is_empty() => {
                        read.unchanged = read.unchanged.saturating_add(1);
                    }
                    Ok(Meant::Known(subject, said)) => {
                        add(&mut read.devices, subject, said, row.number, complaints);
                    }
                    Ok(Meant::Stranger) => {
                        let said = if own.is_some() { without_stopgap(said) } else { said };
                        stranger(&mut read, said, row, words, complaints);
                    }
                }
            }
        }
    }
    Ok(read)
}

/// What a list that the program wrote calls a device without a name is its model or address, and no name.
fn without_stopgap(mut said: BTreeMap<&'static str, Said>) -> BTreeMap<&'static str, Said> {
    let text = |key: &str| said.get(key).map(|said| said.text.as_str());
    let name = text(NAME);
    if name.is_some() && STOPGAPS.iter().any(|key| text(key) == name) {
        said.remove(NAME);
    }
    said
}

/// A row that names its device by what it says.
fn stranger(
    read: &mut Read,
    said: BTreeMap<&'static str, Said>,
    row: &Row,
    words: Words<'_>,
    complaints: &mut Complaints,
) {
    match node(&said, words) {
        None => complaints.refuse(
            row.number,
            "names no device: it has no name, serial number, IP or MAC address",
        ),
        Some(node) => {
            add(&mut read.devices, Subject::node(node), said, row.number, complaints);
        }
    }
}

/// The columns of a list that the program wrote.
fn own_columns(row: &Row, own: Own) -> BTreeMap<u32, Column> {
    let cells = row.cells.iter();
    cells.filter_map(|cell| Some((cell.column, own.column(&cell.text)?))).collect()
}

/// Adds what a row says of a device. A later row about the same device counts more than an earlier one.
fn add(
    devices: &mut BTreeMap<Subject, Listed>,
    subject: Subject,
    said: BTreeMap<&'static str, Said>,
    number: u64,
    complaints: &mut Complaints,
) {
    let device = devices.entry(subject).or_default();
    if let Some(before) = device.said.values().map(|said| said.row).max() {
        let site = |said: &BTreeMap<&str, Said>| said.get(SITE).map(|said| said.text.clone());
        let (one, other) = (site(&device.said), site(&said));
        if one != other && one.is_some() && other.is_some() {
            let why = format!(
                "has the address of the device in row {before}, which is on another site, and the store knows no such sites: scan captures of each with --site first"
            );
            return complaints.refuse(number, &why);
        }
        complaints
            .say(number, &format!("is about the same device as row {before}, and counts more"));
    }
    device.said.extend(said);
}

/// Which column says what, by its number.
fn columns(row: &Row, words: Words<'_>, complaints: &mut Complaints) -> BTreeMap<u32, Column> {
    let mut columns: BTreeMap<u32, Column> = BTreeMap::new();
    let mut unknown = Vec::new();
    for cell in &row.cells {
        match words.column(&cell.text) {
            None => unknown.push(cell.text.clone()),
            Some(column) if columns.values().any(|known| known.key == column.key) => {
                let name = short(column);
                complaints.say(
                    row.number,
                    &format!("{:?} is a second column for {name}; the first counts", cell.text),
                );
            }
            Some(column) => drop(columns.insert(cell.column, column)),
        }
    }
    if !unknown.is_empty() {
        let known: Vec<&str> = COLUMNS.iter().map(|column| short(*column)).collect();
        let unknown: Vec<String> = unknown.iter().map(|name| format!("{name:?}")).collect();
        complaints.say(
            row.number,
            &format!(
                "columns passed over: {}; known are {} and other names for them",
                unknown.join(", "),
                known.join(", ")
            ),
        );
    }
    columns
}

/// What the cells of a row say. A cell that cannot be right costs itself.
fn cells(
    row: &Row,
    columns: &BTreeMap<u32, Column>,
    words: Words<'_>,
    complaints: &mut Complaints,
) -> BTreeMap<&'static str, Said> {
    let mut said = BTreeMap::new();
    for cell in &row.cells {
        let Some(column) = columns.get(&cell.column).copied() else { continue };
        let name = short(column);
        let text = match read_cell(cell, column) {
            _ if words.is_blank(&cell.text) => continue,
            Ok(text) => text,
            Err(why) => {
                complaints.say(row.number, &format!("{name} {:?} {why}", cell.text));
                continue;
            }
        };
        if cell.note == Note::Number && column.is_mangled_by_spreadsheets {
            complaints.doubt(name, row.number, &cell.text);
        }
        if cell.note == Note::Computed {
            complaints.computed(name, row.number);
        }
        let place = cell.column;
        said.insert(column.key.name, Said { column, row: row.number, place, text });
    }
    said
}

/// The text of a cell, or why it cannot be right.
fn read_cell(cell: &Cell, column: Column) -> Result<String, &'static str> {
    match cell.note {
        Note::TooLong => return Err("is too long, and passed over"),
        Note::Error => return Err("is an error of the spreadsheet, and passed over"),
        Note::Date if column.is_mangled_by_spreadsheets => {
            return Err("is a date, and passed over: was it a number such as 4.10?");
        }
        _ => {}
    }
    match column.key.name {
        IP => {
            let ip =
                address(&cell.text).ok_or("is no IP address of one device, and passed over")?;
            Ok(ip.to_string())
        }
        MAC => {
            let mac =
                first_mac(&cell.text).ok_or("is no MAC address of one device, and passed over")?;
            Ok(mac.to_string())
        }
        VLAN => {
            let vlan = vlan(&cell.text).ok_or("is no VLAN, and passed over")?;
            Ok(vlan.to_string())
        }
        _ => Ok(cell.text.clone()),
    }
}

/// Whom a row is about: the node at its IP address, else at its MAC address, else one that its serial number or name
/// stands for. A site counts that captures were scanned of; people write others, such as rooms.
fn node(said: &BTreeMap<&'static str, Said>, words: Words<'_>) -> Option<Node> {
    let text = |key: &str| said.get(key).map(|said| &*said.text);
    let vlan = text(VLAN).and_then(|text| text.parse().ok()).unwrap_or(0);
    let site = text(SITE).and_then(|name| words.sites.number(name)).unwrap_or(0);
    let scope = Scope { site, vlan, ..Scope::default() };
    if let Some(ip) = text(IP).and_then(|text| text.parse().ok()) {
        return Some(Node::ip(scope, ip));
    }
    if let Some(mac) = text(MAC).and_then(|text| text.parse().ok()) {
        return Some(Node::mac(scope, mac));
    }
    let vendor = text(VENDOR).unwrap_or_default();
    let vendor = words.vocabulary.vendor(vendor).unwrap_or(vendor);
    let serial = text(SERIAL).map(|serial| ["serial", vendor, serial]);
    let name = || text(NAME).map(|name| ["name", text(SITE).unwrap_or_default(), name]);
    let called = serial.or_else(name)?;
    // Capitals and blanks are not what tells two devices of a list apart.
    let digest = Sha256::digest(called.map(folded).join("\0").as_bytes());
    let number = digest.first_chunk().copied().map(u64::from_be_bytes)?;
    Some(Node { scope: Scope { vlan: 0, ..scope }, addr: Addr::Listed(number) })
}

/// The first address in a cell, without the length of its prefix.
fn address(text: &str) -> Option<IpAddr> {
    let first = text.split([',', ';', ' ', '\n', '/']).find(|part| !part.is_empty())?;
    let ip: IpAddr = first.parse().ok()?;
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    (!(ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() || broadcast)).then_some(ip)
}

/// The first MAC address in a cell.
fn first_mac(text: &str) -> Option<Mac> {
    mac(text).or_else(|| mac(text.split([',', ';', ' ', '\n']).find(|part| !part.is_empty())?))
}

/// A MAC address as people write it: 00:1d:9c:.., 00-1D-9C-.., 001d.9c00.0001, 001D9C000001.
fn mac(text: &str) -> Option<Mac> {
    let is_between = |c: char| matches!(c, ':' | '-' | '.' | ' ');
    let digits: String = text.chars().filter(|c| !is_between(*c)).collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u64::from_str_radix(&digits, 16).ok()?;
    let [_, _, bytes @ ..] = number.to_be_bytes();
    let mac = Mac(bytes);
    (!mac.is_group() && !mac.is_zero()).then_some(mac)
}

fn vlan(text: &str) -> Option<u16> {
    let digits = text.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ');
    digits.parse().ok().filter(|vlan| (1..=4_094).contains(vlan))
}

/// A name of a column, or a word, without what does not tell it from others: capitals, what stands between words.
pub(in crate::app) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let is_word = |c: &char| c.is_alphanumeric();
    for c in text.chars() {
        match Some(c).filter(is_word) {
            Some(c) => folded.extend(c.to_lowercase()),
            None if !folded.is_empty() && !folded.ends_with(' ') => folded.push(' '),
            None => {}
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn short(column: Column) -> &'static str {
    column.key.name.split_once('.').map_or(column.key.name, |(_, name)| name)
}

fn no_heading() -> String {
    let known: BTreeSet<&str> = COLUMNS.iter().map(|column| short(*column)).collect();
    let known: Vec<&str> = known.into_iter().collect();
    format!("has no row that names its columns; known are {}", known.join(", "))
}

const NAME: &str = "import.name";
const VENDOR: &str = "import.vendor";
const SERIAL: &str = "import.serial";
const IP: &str = "import.ip";
const VLAN: &str = "import.vlan";
const SITE: &str = "import.site";
/// What stands for a name where there is none.
const STOPGAPS: [&str; 4] = ["import.model", "import.product", IP, MAC];
/// Columns by which a device can be known.
const TELLING: [&str; 4] = [NAME, SERIAL, IP, MAC];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for text in ["00:1d:9c:00:00:01", "00-1D-9C-00-00-01", "001d.9c00.0001", "001D9C000001"] {
            let read = mac(text).map(|mac| mac.to_string());
            assert_eq!(read.as_deref(), Some("00:1d:9c:00:00:01"), "{text}");
        }
        for text in ["", "01:00:5e:00:00:01", "00:00:00:00:00:00", "1d:9c:00:00:01", "x"] {
            assert_eq!(mac(text), None, "{text}");
        }
        for (text, ip) in [
            ("10.0.0.5", Some("10.0.0.5")),
            ("10.0.0.5/24", Some("10.0.0.5")),
            ("10.0.0.5, 10.0.0.6", Some("10.0.0.5")),
            ("fe80::1", Some("fe80::1")),
            ("0.0.0.0", None),
            ("224.0.0.1", None),
            ("DHCP", None),
            ("", None),
        ] {
            assert_eq!(address(text).map(|ip| ip.to_string()).as_deref(), ip, "{text}");
        }
        assert_eq!(vlan("VLAN 31"), Some(31));
        assert_eq!(vlan("0"), None);
    }

    #[test]
    fn names_are_alike_whatever_stands_between_their_words() {
        for text in ["IP Address", "ip_address", " IP-address: ", "Ip  Address"] {
            assert_eq!(folded(text), "ip address");
        }
    }
}
