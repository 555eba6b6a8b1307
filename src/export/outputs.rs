//! How outputs are, for a person at a terminal and as one JSON object a line.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::json;
use crate::model::{OutputHealth, Timestamp};

/// Prints them for people: what each does, and what is wrong with it.
pub fn table(outputs: &[OutputHealth], out: &mut impl Write) -> io::Result<()> {
    for output in outputs {
        let state = match (output.written_ns, output.failing_since_ns) {
            (0, _) => "never used".to_owned(),
            (_, 0) => "delivers".to_owned(),
            (_, since) => format!("fails since {}", Timestamp(since)),
        };
        writeln!(out, "{}  {}  {state}", term(&output.name), term(&output.to))?;
        if output.written_ns == 0 {
            continue;
        }
        let OutputHealth { delivered, waiting, dropped, number, .. } = output;
        writeln!(
            out,
            "  {delivered} delivered, {waiting} waiting, {dropped} given up; the last one was number {number}, at {}",
            Timestamp(output.written_ns)
        )?;
        if !output.last_error.is_empty() {
            writeln!(out, "  {}", term(&output.last_error))?;
        }
    }
    Ok(())
}

/// Prints them as NDJSON.
pub fn ndjson(outputs: &[OutputHealth], out: &mut impl Write) -> io::Result<()> {
    let time = |ns: i64| Some(Timestamp(ns).to_string()).filter(|_| ns != 0);
    outputs.iter().try_for_each(|output| {
        let line = OutputLine {
            schema: "nameplate.output/1",
            name: &output.name,
            to: &output.to,
            delivered: output.delivered,
            waiting: output.waiting,
            dropped: output.dropped,
            shortened: output.shortened,
            number: output.number,
            failing_since: time(output.failing_since_ns),
            last_error: Some(&*output.last_error).filter(|error| !error.is_empty()),
            written: time(output.written_ns),
        };
        json::line(&line, out)
    })
}

#[derive(Serialize)]
struct OutputLine<'a> {
    schema: &'static str,
    name: &'a str,
    to: &'a str,
    delivered: u64,
    waiting: u64,
    dropped: u64,
    shortened: u64,
    number: u64,
    failing_since: Option<String>,
    last_error: Option<&'a str>,
    written: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::escape::is_hostile;

    #[test]
    fn what_is_wrong_stands_below_its_output() {
        let fails = OutputHealth {
            name: "siem".to_owned(),
            to: "tcp://siem:601".to_owned(),
            delivered: 7,
            waiting: 2,
            number: 9,
            failing_since_ns: 1_300_000_000_000_000_000,
            last_error: "siem answers \u{1b}[2J".to_owned(),
            written_ns: 1_300_000_001_000_000_000,
            ..OutputHealth::default()
        };
        let fresh = OutputHealth { name: "new".to_owned(), ..OutputHealth::default() };
        let mut printed = Vec::new();
        table(&[fails.clone(), fresh], &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(printed.starts_with("siem  tcp://siem:601  fails since 2011-03-13T07:06:40.000000000Z\n  7 delivered, 2 waiting, 0 given up"));
        assert!(printed.ends_with("new    never used\n"), "{printed}");
        assert!(!printed.replace('\n', "").contains(is_hostile));
        let mut line = Vec::new();
        ndjson(&[fails], &mut line).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(
            (&value["failing_since"], &value["number"]),
            (&"2011-03-13T07:06:40.000000000Z".into(), &9.into())
        );
    }
}
