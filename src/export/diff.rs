//! What differs between two looks at a network, for a person at a terminal: one section for each sort of difference, one
//! line for each difference, words before and after, and the frames that say so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::compare::{Device, Difference, Kind, Place, Said, Talk};
use crate::export::escape::term;
use crate::export::table::{self, Style, plural};
use crate::model::{Verdict, Why};

/// One of the two looks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Look {
    /// Path as given.
    pub name: String,
    /// `store`, `report`, `captures` or `baseline`.
    pub kind: &'static str,
    /// Packets up to this time count; `None` when all do.
    pub until: Option<String>,
    /// Version of the program that gave the verdicts.
    pub version: String,
    /// Date of the newest advisory.
    pub bundle_newest: Option<String>,
    /// SHA-256 over the advisories.
    pub bundle_sha256: String,
    /// How many devices it holds.
    pub assets: usize,
    /// How many verdicts; `None` when it does not hold all of them.
    pub findings: Option<usize>,
}

/// Two looks, and what differs.
#[derive(Clone, Copy, Debug)]
pub struct Diff<'a> {
    /// The first look.
    pub before: &'a Look,
    /// The second look.
    pub after: &'a Look,
    /// What differs, in order.
    pub differences: &'a [Difference<'a>],
}

impl Diff<'_> {
    /// True when both looks were judged against the same advisories: then verdicts differ because devices do.
    pub fn same_advisories(&self) -> bool {
        self.before.bundle_sha256 == self.after.bundle_sha256
    }

    /// True when both looks hold all their verdicts.
    pub fn verdicts_compared(&self) -> bool {
        self.before.findings.is_some() && self.after.findings.is_some()
    }

    /// How many differences of each sort there are, of those that there are.
    pub fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for one in self.differences {
            let count: &mut usize = counts.entry(one.kind).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }
}

/// Prints what differs.
pub fn table(diff: &Diff<'_>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for (letter, look) in [("A", diff.before), ("B", diff.after)] {
        writeln!(out, "{letter}  {}", headline(look))?;
    }
    if diff.before.kind == BASELINE {
        // It holds none: verdicts change with the advisories, and nobody accepts them as normal.
    } else if !diff.verdicts_compared() {
        writeln!(out, "Verdicts are not compared: a report without all of them was given.")?;
    } else if !diff.same_advisories() {
        writeln!(out, "The advisories differ: verdicts may differ although devices do not.")?;
    }
    if diff.differences.is_empty() {
        return writeln!(out, "\nNo difference.");
    }
    for (kind, count) in diff.counts() {
        writeln!(out, "\n{} ({count})\n", heading(kind))?;
        let own = || diff.differences.iter().filter(move |one| one.kind == kind);
        let lines = match kind {
            _ if is_verdict(kind) => verdicts(own(), style),
            Kind::FieldKnown | Kind::FieldNotSeen if !style.wide => together(own(), style),
            Kind::ConversationNew | Kind::ConversationNotSeen => {
                talks(&own().filter_map(|one| one.talk).collect::<Vec<_>>(), style)
            }
            _ => rows(own().map(cells), style),
        };
        writeln!(out, "{lines}")?;
    }
    let counts = diff.counts().into_iter();
    let words: Vec<String> =
        counts.map(|(kind, count)| format!("{count} {}", heading(kind).to_lowercase())).collect();
    let all = plural(diff.differences.len(), "difference");
    writeln!(
        out,
        "\n{all}: {}",
        words.join(", ").replace(" in a", " in A").replace(" in b", " in B")
    )?;
    let moves = moves(diff, style);
    if moves.is_empty() { Ok(()) } else { writeln!(out, "verdicts: {}", moves.join(", ")) }
}

/// Who talks to whom, or did; without `--wide` not more than anybody reads.
pub fn talks(all: &[&Talk], style: &Style) -> String {
    let headings = ["Client", "Server", "Port", "Protocol", "First seen", "Last seen"];
    let mut table = table::empty(headings, &[0, 1], style);
    let shown = if style.wide { all.len() } else { all.len().min(TALKS_SHOWN_MAX) };
    for talk in all.iter().take(shown) {
        let [client, server] = [&talk.client, &talk.server];
        let party = |node: &str, name: &Option<Box<str>>| match name.as_deref() {
            Some(name) if name != node => format!("{} {}", term(name), term(node)),
            _ => term(node).into_owned(),
        };
        let [asks, answers] = &talk.names;
        table.add_row([
            party(client, asks),
            party(server, answers),
            talk.port.to_string(),
            talk.protocol.as_deref().unwrap_or_default().to_owned(),
            minute(&talk.seen.0),
            minute(&talk.seen.1),
        ]);
    }
    let more = all.len().saturating_sub(shown);
    let more = if more > 0 { format!("\nand {more} more (--wide)") } else { String::new() };
    format!("{}{more}", table::trimmed(&table))
}

/// How many verdicts went from which to which: `3 affected → fixed`.
fn moves(diff: &Diff<'_>, style: &Style) -> Vec<String> {
    let word = |said: &Option<Said>| {
        let value = said.as_ref().map_or("not given", |said| &said.value);
        term(value.split([',', ':']).next().unwrap_or_default()).into_owned()
    };
    let mut moves: BTreeMap<(String, String), usize> = BTreeMap::new();
    for one in diff.differences.iter().filter(|one| is_verdict(one.kind)) {
        let count = moves.entry((word(&one.was), word(&one.is))).or_default();
        *count = count.saturating_add(1);
    }
    let arrow = if style.ascii { "->" } else { "→" };
    moves.iter().map(|((was, is), count)| format!("{count} {was} {arrow} {is}")).collect()
}

fn is_verdict(kind: Kind) -> bool {
    matches!(kind, Kind::VerdictNew | Kind::VerdictChanged | Kind::VerdictClosed)
}

fn headline(look: &Look) -> String {
    let until = look.until.as_deref().map(|at| format!(" until {}", minute(at)));
    let verdicts = look.findings.map(|count| format!(", {}", plural(count, "finding")));
    let newest = look.bundle_newest.as_deref().and_then(|newest| newest.get(..10));
    let newest = newest.map(|newest| format!(", advisories until {}", term(newest)));
    let name = term(&look.name);
    let [until, verdicts, newest] = [until, verdicts, newest].map(Option::unwrap_or_default);
    format!("{} {name}{until}: {}{verdicts}{newest}", look.kind, plural(look.assets, "asset"))
}

/// A column is left out where no line has anything in it.
fn rows(lines: impl Iterator<Item = Cells>, style: &Style) -> String {
    let headings = ["Device", "Part", "What", "Before", "After", "How", "Seen in"];
    let lines: Vec<Cells> = lines.collect();
    let used: Vec<bool> =
        (0..headings.len()).map(|at| lines.iter().any(|line| is_filled(line, at))).collect();
    let pick = |line: Cells| -> Vec<String> {
        line.into_iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect()
    };
    let mut table = table::empty(headings, &[0], style);
    table.set_header(pick(headings.map(str::to_owned)));
    for line in lines {
        table.add_row(pick(line));
    }
    table::trimmed(&table)
}

/// What only one look knows of a thing, in one line: `firmware 1.0, model M-1`.
fn together<'a>(own: impl Iterator<Item = &'a Difference<'a>>, style: &Style) -> String {
    let mut lines: Vec<(Cells, Vec<&Place>)> = Vec::new();
    for one in own {
        let [device, part, what, was, is, ..] = cells(one);
        let named = |value: String| match value.is_empty() {
            true => value,
            false => format!("{what} {value}"),
        };
        let (was, is) = (named(was), named(is));
        let places = one.is.iter().chain(&one.was).flat_map(|said| &said.seen_in);
        match lines.last_mut() {
            Some(([same_device, same_part, _, all_was, all_is, ..], all_places))
                if *same_device == device && *same_part == part =>
            {
                for (all, more) in [(all_was, was), (all_is, is)] {
                    if !more.is_empty() {
                        all.push_str(", ");
                        all.push_str(&more);
                    }
                }
                all_places.extend(places);
            }
            _ => {
                let empty = String::new;
                lines.push(([device, part, empty(), was, is, empty(), empty()], places.collect()));
            }
        }
    }
    let lines = lines.into_iter().map(|([device, part, what, was, is, how, _], places)| {
        [device, part, what, was, is, how, frames(places)]
    });
    rows(lines, style)
}

/// Cells of a line: device, part, what, before, after, how, seen in.
type Cells = [String; 7];

fn is_filled(line: &Cells, at: usize) -> bool {
    line.get(at).is_some_and(|cell| !cell.is_empty())
}

fn cells(one: &Difference<'_>) -> Cells {
    let said = |said: &Option<Said>| {
        let value = said.as_ref().map(|said| term(&said.value).into_owned());
        value
            .map(|value| if value.is_empty() { "says nothing of itself".to_owned() } else { value })
    };
    let nothing = || match (one.kind, one.what.as_str()) {
        (Kind::Moved, "zone") => "in no zone".to_owned(),
        _ => String::new(),
    };
    let is_whole = matches!(
        one.kind,
        Kind::DeviceNew
            | Kind::DeviceNotSeen
            | Kind::DeviceReplaced
            | Kind::DeviceIdentified
            | Kind::ModuleNew
            | Kind::ModuleNotSeen
            | Kind::ModuleReplaced
    );
    [
        one.device().map(called).unwrap_or_default(),
        one.module.map(|path| term(path).into_owned()).unwrap_or_default(),
        if is_whole { String::new() } else { term(&one.what).into_owned() },
        said(&one.was).unwrap_or_else(nothing),
        said(&one.is).unwrap_or_else(nothing),
        how(one),
        seen_in(one),
    ]
}

/// A device, with its address where it has a name of its own.
fn called(device: &Device) -> String {
    let name = term(&device.name).into_owned();
    match device.ips.first().map(ToString::to_string) {
        Some(address) if address != name => format!("{name} {address}"),
        _ => name,
    }
}

fn how(one: &Difference<'_>) -> String {
    match (one.kind, one.same_serial, one.before, one.after) {
        (Kind::DeviceNew, _, _, Some(device)) => format!("first seen {}", minute(&device.seen.0)),
        (Kind::DeviceNotSeen, _, Some(device), _) => {
            format!("last seen {}", minute(&device.seen.1))
        }
        (Kind::DeviceReplaced, None, ..) => "other MAC address".to_owned(),
        (Kind::DeviceReplaced | Kind::ModuleReplaced, ..) => "other serial number".to_owned(),
        (Kind::VersionChanged, Some(true), ..) => "in place: same serial number".to_owned(),
        (Kind::EventNew, ..) => {
            let place = one.is.as_ref().and_then(|said| said.seen_in.first());
            place.map(|place| minute(&place.time)).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// `2026-03-02 06:00`.
fn minute(time: &str) -> String {
    term(time.get(..16).unwrap_or(time)).replace('T', " ")
}

/// The frames before, then those after.
fn seen_in(one: &Difference<'_>) -> String {
    let places = |said: &Option<Said>| {
        let places = said.as_ref().map(|said| said.seen_in.as_slice()).unwrap_or_default();
        frames(places)
    };
    let (was, is) = (places(&one.was), places(&one.is));
    match (was.is_empty(), is.is_empty()) {
        (false, false) => format!("{was}, then {is}"),
        _ => format!("{was}{is}"),
    }
}

/// `a.pcap#7 #9`, of the first capture; how many captures more.
fn frames<'a>(places: impl IntoIterator<Item = &'a Place>) -> String {
    let mut by_capture: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for place in places {
        let name = place.capture.rsplit_once('/').map_or(&*place.capture, |(_, file)| file);
        by_capture.entry(name).or_default().insert(place.frame);
    }
    let more = by_capture.len().saturating_sub(1);
    let Some((name, numbers)) = by_capture.first_key_value() else { return String::new() };
    let numbers: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{}{more}", term(name), numbers.join(" "))
}

/// Verdicts that changed alike for one device are one line.
fn verdicts<'a>(own: impl Iterator<Item = &'a Difference<'a>>, style: &Style) -> String {
    type Alike<'a> = (Option<usize>, Option<uuid::Uuid>, Option<&'a str>, String, String);
    let mut alike: BTreeMap<Alike<'_>, (String, Vec<&str>)> = BTreeMap::new();
    for one in own {
        let (before, after) = (verdict(&one.was, style), verdict(&one.is, style));
        let said = one.is.as_ref().or(one.was.as_ref());
        let begins = |said: &Said, word: &str| said.value.starts_with(word);
        let rank = said.map(|said| RANKS.iter().take_while(|word| !begins(said, word)).count());
        let id = one.device().map(|device| device.id.0);
        let device = one.device().map(called).unwrap_or_default();
        let group = alike.entry((rank, id, one.module, before, after));
        group.or_insert_with(|| (device, Vec::new())).1.push(&one.what);
    }
    let headings = ["Device", "Before", "After", "Advisory", "CVE"];
    let mut table = table::empty(headings, &[0, 3, 4], style);
    for ((_, _, module, before, after), (device, flaws)) in alike {
        let (documents, cves): (Vec<&str>, Vec<&str>) =
            flaws.iter().filter_map(|flaw| flaw.split_once(' ')).unzip();
        let part = module.map(|path| format!(" {}", term(path))).unwrap_or_default();
        let device = format!("{device}{part}");
        table.add_row([device, before, after, listed(&documents, style), listed(&cves, style)]);
    }
    table::trimmed(&table)
}

/// The first of them, and how many more; on a wide table all.
fn listed(items: &[&str], style: &Style) -> String {
    let items: BTreeSet<&str> = items.iter().copied().collect();
    let first = items.first().map(|item| term(item).into_owned()).unwrap_or_default();
    match (style.wide, items.len().saturating_sub(1)) {
        (true, _) => term(&items.into_iter().collect::<Vec<_>>().join(" ")).into_owned(),
        (false, 0) => first,
        (false, more) => format!("{first} +{more}"),
    }
}

/// A verdict is always a word plus a shape.
fn verdict(said: &Option<Said>, style: &Style) -> String {
    let Some(said) = said else { return "not given".to_owned() };
    let kind = match () {
        () if said.value.starts_with("affected") => Verdict::Affected,
        () if said.value.starts_with("fixed") => Verdict::Fixed,
        () if said.value.starts_with("not affected") => Verdict::NotAffected,
        () => Verdict::Unknown(Why::Candidate),
    };
    format!("{} {}", table::shape(&kind, style).0, term(&said.value))
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::DeviceNew => "NEW DEVICES",
        Kind::DeviceNotSeen => "DEVICES NOT SEEN IN B",
        Kind::DeviceReplaced => "DEVICES REPLACED",
        Kind::DeviceIdentified => "SAME DEVICE, OTHER IDENTITY",
        Kind::VersionChanged => "VERSIONS CHANGED",
        Kind::FieldChanged => "VALUES CHANGED",
        Kind::Moved => "MOVED",
        Kind::ModuleNew => "NEW MODULES",
        Kind::ModuleNotSeen => "MODULES NOT SEEN IN B",
        Kind::ModuleReplaced => "MODULES REPLACED",
        Kind::FieldKnown => "KNOWN IN B ONLY",
        Kind::FieldNotSeen => "KNOWN IN A ONLY",
        Kind::ProtocolNew => "NEW PROTOCOLS",
        Kind::ProtocolNotSeen => "PROTOCOLS NOT SEEN IN B",
        Kind::EventNew => "NEW EVENTS",
        Kind::ConversationNew => "NEW CONVERSATIONS",
        Kind::ConversationNotSeen => "CONVERSATIONS NOT SEEN IN B",
        Kind::VerdictNew => "NEW VERDICTS",
        Kind::VerdictChanged => "VERDICTS CHANGED",
        Kind::VerdictClosed => "VERDICTS CLOSED",
    }
}

/// What a look is that people accepted.
pub const BASELINE: &str = "baseline";
/// Conversations that a table shows without `--wide`.
const TALKS_SHOWN_MAX: usize = 50;
/// What verdicts begin with, the most urgent first.
const RANKS: &[&str] = &["affected", "cannot tell", "fixed", "not affected"];
