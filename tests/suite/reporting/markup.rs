//! A reader of HTML that is independent of the writer, and strict: it takes only what a report may hold.

use std::collections::BTreeMap;

/// What of a page is no markup, and all its attributes.
#[derive(Debug, Default)]
pub struct Page {
    pub text: String,
    /// Values of each attribute, by element and name.
    pub attributes: BTreeMap<(String, String), Vec<String>>,
    pub style: String,
}

/// Reads a page, or says what in it may not be there.
pub fn read(html: &str, elements: &[&str]) -> Result<Page, String> {
    let mut page = Page::default();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        let (text, tag) = rest.split_at(at);
        words(text, &mut page.text)?;
        let tag = tag.strip_prefix('<').ok_or(format!("a > alone behind {:?}", last(text)))?;
        let end = end_of_tag(tag)?;
        let (inside, behind) = tag.split_at(end);
        rest = &behind[1..];
        if inside.starts_with('!') || inside.starts_with('?') {
            let known = ["!DOCTYPE html", "?xml version=\"1.0\" encoding=\"UTF-8\"?"];
            if !known.contains(&inside) {
                return Err(format!("<{inside}>"));
            }
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            let expected = open.pop();
            if expected.as_deref() != Some(name) {
                return Err(format!("</{name}> where {expected:?} is open"));
            }
            continue;
        }
        let is_closed = inside.ends_with('/');
        let name = element(inside.trim_end_matches('/'), elements, &mut page)?;
        if name == "style" {
            let (style, behind) = rest.split_once("</style>").ok_or("style without an end")?;
            page.style.push_str(style);
            rest = behind;
        } else if !is_closed && !VOID.contains(&&*name) {
            open.push(name);
        }
    }
    words(rest, &mut page.text)?;
    if open.is_empty() { Ok(page) } else { Err(format!("{open:?} left open")) }
}

/// A tag ends at a > that is in no value.
fn end_of_tag(tag: &str) -> Result<usize, String> {
    let mut is_quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '<' => return Err(format!("a < in a tag: {:?}", last(&tag[..at]))),
            '>' if !is_quoted => return Ok(at),
            '>' => return Err(format!("a > in a value: {:?}", last(&tag[..at]))),
            _ => {}
        }
    }
    Err("a tag without an end".to_owned())
}

fn element(tag: &str, elements: &[&str], page: &mut Page) -> Result<String, String> {
    let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    if !elements.contains(&name) {
        return Err(format!("<{name}> has no place here"));
    }
    while !attributes.trim().is_empty() {
        let (attribute, rest) = attributes
            .trim_start()
            .split_once("=\"")
            .ok_or(format!("an attribute without a value in quotes: {attributes:?}"))?;
        let (value, rest) = rest.split_once('"').ok_or("a value without an end")?;
        let is_plain = attribute.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        if !is_plain
            || attribute.starts_with("on")
            || ["src", "srcset", "style", "action"].contains(&attribute)
        {
            return Err(format!("the attribute {attribute} of {name}"));
        }
        let mut text = String::new();
        words(value, &mut text)?;
        page.attributes.entry((name.to_owned(), attribute.to_owned())).or_default().push(text);
        attributes = rest;
    }
    Ok(name.to_owned())
}

/// Text with its references resolved; only those that the escaper writes are taken.
fn words(text: &str, into: &mut String) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        into.push_str(&rest[..at]);
        let reference =
            rest[at..].split_once(';').ok_or(format!("a & alone in {:?}", last(rest)))?;
        into.push(match reference.0 {
            "&amp" => '&',
            "&lt" => '<',
            "&gt" => '>',
            "&quot" => '"',
            "&apos" => '\'',
            other => return Err(format!("the reference {other}")),
        });
        rest = reference.1;
    }
    into.push_str(rest);
    into.push('\n');
    Ok(())
}

fn last(text: &str) -> String {
    let tail: Vec<char> = text.chars().rev().take(40).collect();
    tail.into_iter().rev().collect()
}

const VOID: &[&str] = &["meta", "br"];

/// The elements of a page, and of a map in it or alone.
pub const HTML: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "nav", "footer",
    "h1", "h2", "h3", "p", "a", "b", "br", "small", "span", "code", "div", "ul", "ol", "li", "dl",
    "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "svg", "g",
    "rect", "path", "text", "title",
];
