//! DOT, the language of Graphviz: a cluster for each zone, a line for each conversation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::export::escape::term;
use crate::export::graph::{Dot, EDGE_KEYS, Graph, Line, NODE_KEYS};
use crate::export::{Report, origin};

/// Prints the graph.
///
/// # Errors
///
/// What `out` fails with.
pub fn dot(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let Graph { dots, lines } = Graph::new(report);
    for line in origin::lines(report) {
        writeln!(out, "// {line}")?;
    }
    writeln!(out, "digraph plant {{")?;
    writeln!(out, "  graph [rankdir=LR, compound=true, fontname=\"sans-serif\"];")?;
    writeln!(out, "  node [shape=box, fontname=\"sans-serif\"];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9];")?;
    let mut clusters: BTreeMap<Option<&str>, Vec<&Dot>> = BTreeMap::new();
    for dot in &dots {
        clusters.entry(dot.cluster.as_deref()).or_default().push(dot);
    }
    for (number, (name, members)) in (0_u64..).zip(&clusters) {
        match name {
            None => members.iter().try_for_each(|dot| node(out, "  ", dot))?,
            Some(name) => {
                writeln!(out, "  subgraph cluster_{number} {{")?;
                writeln!(out, "    label={};", quoted(name))?;
                members.iter().try_for_each(|dot| node(out, "    ", dot))?;
                writeln!(out, "  }}")?;
            }
        }
    }
    lines.iter().try_for_each(|line| edge(out, line))?;
    writeln!(out, "}}")
}

fn node(out: &mut impl Write, indent: &str, dot: &Dot) -> io::Result<()> {
    let style = match (dot.kind, dot.affected, dot.cannot_tell) {
        ("group", ..) => ", style=dashed, shape=ellipse",
        ("address", ..) => ", style=dashed",
        (_, 0, 0) => "",
        (_, 0, _) => ", style=filled, fillcolor=\"#fff4ce\"",
        _ => ", style=filled, fillcolor=\"#fde0dc\"",
    };
    let mut label = vec![dot.label.clone()];
    let shown = NODE_KEYS.iter().zip(&dot.values);
    let shown = shown.filter(|(key, value)| SHOWN.contains(&key.name) && !value.is_empty());
    for (_, value) in shown.filter(|(_, value)| **value != dot.label) {
        label.push(value.clone());
    }
    if dot.affected > 0 {
        label.push(format!("{} affected", dot.affected));
    }
    if dot.cannot_tell > 0 {
        label.push(format!("{} cannot tell", dot.cannot_tell));
    }
    write!(out, "{indent}{} [label={}, kind={}", quoted(&dot.id), multiline(&label), dot.kind)?;
    for (key, value) in NODE_KEYS.iter().zip(&dot.values).filter(|(_, value)| !value.is_empty()) {
        write!(out, ", {}={}", key.name, quoted(value))?;
    }
    writeln!(out, ", affected={}, cannot_tell={}{style}];", dot.affected, dot.cannot_tell)
}

fn edge(out: &mut impl Write, line: &Line) -> io::Result<()> {
    let value = |name: &str| {
        let mut values = EDGE_KEYS.iter().zip(&line.values);
        values.find(|(key, _)| key.name == name).map_or("", |(_, value)| value.as_str())
    };
    let label = [value("protocol"), value("port")].join(" ");
    write!(
        out,
        "  {} -> {} [label={}",
        quoted(&line.from),
        quoted(&line.to),
        quoted(label.trim())
    )?;
    for (key, value) in EDGE_KEYS.iter().zip(&line.values).filter(|(_, value)| !value.is_empty()) {
        write!(out, ", {}={}", key.name, quoted(value))?;
    }
    writeln!(out, "];")
}

/// A quoted string. Of what stands in it only the quotation mark means something to the language, and the backslash to labels.
fn quoted(text: &str) -> String {
    format!("\"{}\"", inside(text))
}

fn multiline(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| inside(line)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

fn inside(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in term(text).chars() {
        if matches!(c, '"' | '\\') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// What stands below the name of a device.
const SHOWN: &[&str] = &["model", "version", "ips"];
