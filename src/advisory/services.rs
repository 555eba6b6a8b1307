//! Services that the texts of an advisory name: "the integrated web server (port 80/tcp)", "restrict access to port 44818".
//!
//! What is kept of a text is which rows of a table it names, and ports that no row has. A description names what the flaw is
//! in; of remedies only sentences that shut something off count, because the others name web portals and download pages.
//! General advice that lists examples of services is about no flaw at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::model::Port;
use crate::model::limits::SERVICES_PER_FLAW_MAX;

/// The table.
const TABLE: &str = include_str!("../../signatures/tables/services.csv");

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| rows(TABLE));
static WORDS: LazyLock<BTreeMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut words: BTreeMap<&str, Vec<Phrase>> = BTreeMap::new();
    for service in SERVICES.iter() {
        for phrase in &service.words {
            let mut rest = phrase.split(' ');
            let Some(first) = rest.next().filter(|first| !first.is_empty()) else { continue };
            let phrase = Phrase { rest: rest.collect(), service: &service.name };
            words.entry(first).or_default().push(phrase);
        }
    }
    words
});

/// Words behind the first of a phrase, and what the whole names.
struct Phrase {
    rest: Vec<&'static str>,
    service: &'static str,
}

/// One row of the table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// What findings and other rows call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    words: Vec<String>,
    /// Where it is expected.
    pub ports: Vec<Port>,
    /// Protocols of ours that are it, by registry name.
    pub protocols: Vec<String>,
    /// Whether the flaw may be in who asks, too.
    pub is_of_both_sides: bool,
    /// What logging in sends in the clear.
    pub clear: Clear,
}

/// Whether logging in sends what anybody on the way can read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clear {
    /// It does not, or the protocol tells by itself.
    No,
    /// It does.
    Passwords,
    /// That depends on a version or a setting that the port does not tell.
    Perhaps,
}

impl Service {
    /// Whether a conversation is of it: by what was recognised, else by its port.
    pub fn is(&self, port: Port, protocol: Option<&str>) -> bool {
        match protocol {
            Some(protocol) => {
                self.protocols.iter().any(|own| own == protocol)
                    || (self.protocols.is_empty() && self.ports.contains(&port))
            }
            None => self.ports.contains(&port),
        }
    }
}

/// All rows, in order of their names.
pub fn all() -> &'static [Service] {
    &SERVICES
}

/// The row of a name.
pub fn named(name: &str) -> Option<&'static Service> {
    let at = SERVICES.binary_search_by(|service| service.name.as_str().cmp(name)).ok()?;
    SERVICES.get(at)
}

/// What a description names: rows of the table, and ports without a row as [`Port`] prints.
pub fn in_description(text: &str) -> BTreeSet<Box<str>> {
    let mut found = BTreeSet::new();
    for sentence in sentences(text) {
        if !is_denied(&sentence) {
            name(&sentence, &mut found);
        }
    }
    found
}

/// What the sentences of a remedy shut off. A text that begins with vulnerabilities and a colon is for these.
pub fn in_remedy(text: &str, cve: &str) -> BTreeSet<Box<str>> {
    let mut found = BTreeSet::new();
    if is_for_others(text, cve) {
        return found;
    }
    for sentence in sentences(text) {
        let has = |words: &[&str]| sentence.iter().any(|word| words.contains(&word.as_str()));
        if has(SHUTS_OFF) && !has(GENERAL) {
            name(&sentence, &mut found);
        }
    }
    found
}

/// "CVE-2023-44315: Restrict access …" beside another vulnerability.
fn is_for_others(text: &str, cve: &str) -> bool {
    let head = text.split_once(':').map(|(head, _)| head).unwrap_or_default();
    let mut named = head.split([' ', ',', ';']).filter(|word| word.starts_with("CVE-")).peekable();
    named.peek().is_some() && !cve.is_empty() && named.all(|word| word != cve)
}

/// Words of each sentence, in small letters. Addresses of pages are left out.
fn sentences(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut sentence: Vec<String> = Vec::new();
    let mut end = |sentence: &mut Vec<String>| {
        if !sentence.is_empty() {
            all.push(std::mem::take(sentence));
        }
    };
    for line in text.lines() {
        for chunk in line.split_whitespace() {
            if chunk.contains("://") || chunk.contains("www.") || chunk.contains('@') {
                continue;
            }
            let lower = chunk.to_lowercase();
            let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '.'));
            let words = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty());
            sentence.extend(words.map(str::to_owned));
            let closed = chunk.trim_end_matches([')', '"', '\'', ']']);
            if closed.ends_with(['.', ';', '!', '?']) && !ABBREVIATIONS.contains(&&*lower) {
                end(&mut sentence);
            }
        }
        end(&mut sentence);
    }
    all
}

fn is_denied(sentence: &[String]) -> bool {
    let pairs = sentence.windows(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
    let mut pairs = pairs.map(|(one, next)| (one.as_str(), next.as_str()));
    pairs.any(|pair| matches!(pair, ("not", "affected") | ("not", "vulnerable")))
}

/// Adds what a sentence names.
fn name(sentence: &[String], found: &mut BTreeSet<Box<str>>) {
    for (at, word) in sentence.iter().enumerate() {
        let behind = sentence.iter().skip(at.saturating_add(1));
        for phrase in WORDS.get(word.as_str()).into_iter().flatten() {
            let mut behind = behind.clone();
            if phrase.rest.iter().all(|wanted| behind.next().is_some_and(|own| own == wanted)) {
                add(phrase.service, found);
            }
        }
    }
    ports(sentence, found);
}

/// Ports are numbers beside "tcp" or "udp", and in the row of numbers behind "port".
fn ports(sentence: &[String], found: &mut BTreeSet<Box<str>>) {
    let word = |at: Option<usize>| at.and_then(|at| sentence.get(at)).map(String::as_str);
    let mut in_row = false;
    for (at, text) in sentence.iter().enumerate() {
        let Some(number) = text.parse::<u16>().ok().filter(|number| *number > 0) else {
            in_row = matches!(text.as_str(), "port" | "ports") || (in_row && joins(text));
            continue;
        };
        let beside = [word(at.checked_add(1)), word(at.checked_sub(1))];
        let says = |name: &str| beside.contains(&Some(name));
        let (tcp, udp) = (says("tcp"), says("udp"));
        if !(in_row || tcp || udp) {
            continue;
        }
        // "Port 44818" may be either.
        let either = tcp == udp;
        let meant = [(tcp || either, Port::Tcp(number)), (udp || either, Port::Udp(number))];
        let meant: Vec<Port> =
            meant.into_iter().filter(|(is_meant, _)| *is_meant).map(|(_, port)| port).collect();
        let mut known = false;
        for service in SERVICES.iter() {
            if meant.iter().any(|port| service.ports.contains(port)) {
                known = true;
                add(&service.name, found);
            }
        }
        for port in meant.iter().filter(|_| !known) {
            add(&port.to_string(), found);
        }
    }
}

/// Words between the numbers of a row of ports.
fn joins(word: &str) -> bool {
    matches!(word, "tcp" | "udp" | "and" | "or" | "default" | "number" | "numbers" | "ip" | "to")
}

fn add(name: &str, found: &mut BTreeSet<Box<str>>) {
    if found.len() < SERVICES_PER_FLAW_MAX {
        found.insert(name.into());
    }
}

fn rows(table: &str) -> Vec<Service> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
    let list = |text: &str| -> Vec<String> {
        text.split('|').filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let row = |record: csv::StringRecord| {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        Service {
            name: cell(0).to_owned(),
            title: cell(1).to_owned(),
            words: list(cell(2)),
            ports: list(cell(3)).iter().filter_map(|port| port.parse().ok()).collect(),
            protocols: list(cell(4)),
            is_of_both_sides: cell(5) == "either",
            clear: match cell(6) {
                "passwords" => Clear::Passwords,
                "perhaps" => Clear::Perhaps,
                _ => Clear::No,
            },
        }
    };
    // A test proves that every row can be read.
    reader.records().filter_map(Result::ok).map(row).collect()
}

/// Words of sentences that keep something from being reached.
const SHUTS_OFF: &[&str] = &[
    "block",
    "blocked",
    "blocking",
    "close",
    "closed",
    "deactivate",
    "deactivated",
    "deactivating",
    "disable",
    "disabled",
    "disabling",
    "filter",
    "filtered",
    "filtering",
    "limit",
    "limited",
    "limiting",
    "restrict",
    "restricted",
    "restricting",
    "off",
];

/// Words of general advice, which lists services as examples.
const GENERAL: &[&str] = &["e.g", "etc", "unused", "unneeded", "unnecessary", "example"];

/// Dots that end no sentence.
const ABBREVIATIONS: &[&str] = &["e.g.", "(e.g.", "i.e.", "(i.e.", "no.", "vs.", "approx."];

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> String {
        in_description(text).iter().map(|name| &**name).collect::<Vec<_>>().join(" ")
    }

    fn shut_off(text: &str) -> String {
        in_remedy(text, "CVE-2024-1").iter().map(|name| &**name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_row_of_the_table_can_be_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len() + 1, lines);
        assert!(all().is_sorted_by(|a, b| a.name < b.name));
        for row in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let name = row.split_once(',').map(|(name, _)| name).unwrap_or_default();
            let service = named(name).unwrap();
            let ports = row.split(',').nth(3).unwrap_or_default().split('|').count();
            assert_eq!(service.ports.len(), ports, "{name}: a port that is none");
            assert!(!service.words.is_empty() && row.split(',').count() == 8, "{name}");
            for word in &service.words {
                assert!(word.split(' ').all(|part| !part.is_empty()), "{name}: {word:?}");
            }
        }
    }

    #[test]
    fn descriptions_name_services_by_word_and_port() {
        for (text, expected) in [
            ("The integrated web server (port 80/tcp and port 443/tcp) could allow XSS.", "http"),
            ("Specially crafted packets sent to port 102/tcp could cause a crash.", "iec61850 s7"),
            ("The Device-status service listens on port 10100/ UDP by default.", "udp/10100"),
            (
                "The SNMPv2c agent and the Telnet service have hard-coded credentials.",
                "snmp telnet",
            ),
            ("A malformed CIP request via EtherNet/IP crashes the module.", "enip"),
            ("Ports TCP 2222 and UDP 8211 are open.", "csp udp/8211"),
            ("The UMAS protocol accepts commands over Modbus.", "modbus umas"),
            ("Firmware 4.102 of the port extender 6ES7 fails.", ""),
            ("See https://www.example.com/web-server/http for downloads.", ""),
            ("The web server is not affected.", ""),
        ] {
            assert_eq!(described(text), expected, "{text}");
        }
    }

    #[test]
    fn remedies_count_where_they_shut_something_off() {
        for (text, expected) in [
            ("Restrict access to port 44818/TCP to trusted devices.", "enip"),
            ("Disable the web server if it is not used.", "http"),
            (
                "Download the update from the web portal, or use the web interface to install it.",
                "",
            ),
            ("Deactivate unused services (e.g., SNMP, FTP, BootP, DHCP, etc.)", ""),
            ("CVE-2024-2, CVE-2024-3: Disable the FTP service", ""),
            ("CVE-2024-1: Disable the FTP service", "ftp"),
            ("Block ports 5007 and 5006 at the firewall.", "melsec"),
        ] {
            assert_eq!(shut_off(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_name_no_more_than_the_cap() {
        let many: String = (1..60_000).map(|port| format!("port {port}/tcp ")).collect();
        assert_eq!(in_description(&many).len(), SERVICES_PER_FLAW_MAX);
        in_description(&"port ".repeat(100_000));
        in_description("\u{0}\u{202e}ports 99999999999999999999/tcp, 0/udp");
    }

    #[test]
    fn what_was_recognised_goes_before_the_port() {
        let http = named("http").unwrap();
        assert!(http.is(Port::Tcp(9_999), Some("http")) && http.is(Port::Tcp(443), None));
        assert!(!http.is(Port::Tcp(8_000), Some("modbus")));
        assert!(named("telnet").unwrap().is(Port::Tcp(23), None));
    }
}
