//! GraphML (graphml.graphdrawing.org, primer and schema 1.0): a directed graph with parallel edges, one for each conversation.

use std::io::{self, Write};

use crate::export::escape::xml;
use crate::export::graph::{Dot, EDGE_KEYS, Graph, Line, NODE_KEYS, PropertyKey};
use crate::export::{Report, origin};

/// Prints the graph.
///
/// # Errors
///
/// What `out` fails with.
pub fn graphml(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let Graph { dots, lines } = Graph::new(report);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">"#
    )?;
    key(out, "graph", "about", "string")?;
    for name in ["kind", "label"] {
        key(out, "node", name, "string")?;
    }
    for name in ["affected", "cannot_tell"] {
        key(out, "node", name, "long")?;
    }
    for (of, keys) in [("node", NODE_KEYS), ("edge", EDGE_KEYS)] {
        for PropertyKey { name, is_number } in keys {
            key(out, of, name, if *is_number { "long" } else { "string" })?;
        }
    }
    writeln!(out, r#"  <graph id="plant" edgedefault="directed">"#)?;
    let about = origin::lines(report).join("\n");
    writeln!(out, r#"    <data key="graph_about">{}</data>"#, lines_of(&about))?;
    dots.iter().try_for_each(|dot| node(out, dot))?;
    (1_u64..).zip(&lines).try_for_each(|(number, line)| edge(out, number, line))?;
    writeln!(out, "  </graph>\n</graphml>")
}

fn key(out: &mut impl Write, of: &str, name: &str, kind: &str) -> io::Result<()> {
    writeln!(out, r#"  <key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>"#)
}

fn node(out: &mut impl Write, dot: &Dot) -> io::Result<()> {
    writeln!(out, r#"    <node id="{}">"#, xml(&dot.id))?;
    let (affected, cannot_tell) = (dot.affected.to_string(), dot.cannot_tell.to_string());
    for (name, value) in [
        ("kind", dot.kind),
        ("label", &dot.label),
        ("affected", &affected),
        ("cannot_tell", &cannot_tell),
    ] {
        data(out, "node", name, value)?;
    }
    let values = NODE_KEYS.iter().zip(&dot.values);
    values.into_iter().try_for_each(|(key, value)| data(out, "node", key.name, value))?;
    writeln!(out, "    </node>")
}

fn edge(out: &mut impl Write, number: u64, line: &Line) -> io::Result<()> {
    let (from, to) = (xml(&line.from), xml(&line.to));
    writeln!(out, r#"    <edge id="e{number}" source="{from}" target="{to}">"#)?;
    let values = EDGE_KEYS.iter().zip(&line.values);
    values.into_iter().try_for_each(|(key, value)| data(out, "edge", key.name, value))?;
    writeln!(out, "    </edge>")
}

/// What is not known is left out: an empty text is no number.
fn data(out: &mut impl Write, of: &str, name: &str, value: &str) -> io::Result<()> {
    if value.is_empty() {
        return Ok(());
    }
    writeln!(out, r#"      <data key="{of}_{name}">{}</data>"#, xml(value))
}

/// Lines stay lines.
fn lines_of(text: &str) -> String {
    text.lines().map(xml).collect::<Vec<_>>().join("\n")
}
