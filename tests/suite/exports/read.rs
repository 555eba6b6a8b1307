//! Readers that share nothing with the program: archives, XML, workbooks.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use sha2::{Digest, Sha256};

/// The files of an archive, as text.
pub fn unpacked(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(name, text);
    }
    files
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An element of XML, with its text.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
}

/// All elements of a document, in the order in which they begin. Panics where it is not well-formed.
pub fn elements(document: &str) -> Vec<Element> {
    let mut all: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = document.trim_start();
    if rest.starts_with("<?xml") {
        rest = rest.split_once("?>").unwrap().1;
    }
    while let Some((text, tail)) = rest.split_once('<') {
        assert!(!text.contains('>') || open.is_empty(), "a bare > in {text:?}");
        if let Some(at) = open.last() {
            all[*at].text.push_str(&plain(text));
        } else {
            assert!(text.trim().is_empty(), "text outside of elements: {text:?}");
        }
        let (tag, tail) = tail.split_once('>').expect("a tag ends");
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            let at = open.pop().expect("an element is open");
            assert_eq!(all[at].name, name, "elements end in order");
            continue;
        }
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, mut left) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || ":._-".contains(c)), "{name:?}");
        let mut attributes = BTreeMap::new();
        while let Some((key, value)) = left.trim_start().split_once("=\"") {
            let (value, after) = value.split_once('"').expect("a value ends");
            assert!(attributes.insert(key.to_owned(), plain(value)).is_none(), "{tag}");
            left = after;
        }
        assert!(left.trim().is_empty(), "{tag}");
        all.push(Element { name: name.to_owned(), attributes, ..Element::default() });
        if !is_empty {
            open.push(all.len() - 1);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "all elements end");
    all
}

fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, after) = after.split_once(';').expect("a reference ends");
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            other => panic!("no reference of XML: {other}"),
        });
        rest = after;
    }
    plain + rest
}

/// A sheet as rows by the names of their columns; each cell with what it is: `text` or `number`.
pub fn sheet(workbook: &[u8], title: &str) -> Vec<BTreeMap<String, (String, &'static str)>> {
    let parts = unpacked(workbook);
    let book = elements(&parts["xl/workbook.xml"]);
    let own = book.iter().find(|one| one.name == "sheet" && one.attributes["name"] == title);
    let id = &own.unwrap_or_else(|| panic!("no sheet {title}")).attributes["r:id"];
    let relations = elements(&parts["xl/_rels/workbook.xml.rels"]);
    let part = relations.iter().find(|one| one.attributes.get("Id") == Some(id)).unwrap();
    let all = elements(&parts[&format!("xl/{}", part.attributes["Target"])]);
    let mut rows: Vec<BTreeMap<String, (String, &'static str)>> = Vec::new();
    let mut place = (String::new(), "");
    for element in &all {
        match element.name.as_str() {
            "row" => rows.push(BTreeMap::new()),
            "c" => {
                let column = element.attributes["r"].trim_end_matches(|c: char| c.is_ascii_digit());
                let is_text = element.attributes.get("t").map(String::as_str) == Some("inlineStr");
                // Text cells are formatted as text, so that what is typed into them stays text.
                assert!(!is_text || ["1", "2"].contains(&&*element.attributes["s"]), "{element:?}");
                place = (column.to_owned(), if is_text { "text" } else { "number" });
            }
            "t" | "v" => {
                let text = element.text.replace("_x005F_", "_");
                rows.last_mut().unwrap().insert(place.0.clone(), (text, place.1));
            }
            "f" => panic!("a formula"),
            _ => {}
        }
    }
    let heads = rows.remove(0);
    rows.into_iter()
        .map(|row| row.into_iter().map(|(at, cell)| (heads[&at].0.clone(), cell)).collect())
        .collect()
}
