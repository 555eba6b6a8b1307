//! Whether what a flaw needs was seen: the service that its advisory names, used by whom, from where, and for how long was looked.
//!
//! What was not seen is no proof: the capture may have been short, or taken at another switch. So each sentence says how long
//! traffic was looked at, and only a long look lowers anything (`priority`).

use std::collections::BTreeSet;

use crate::advisory::services::{self, Service};
use crate::model::limits::PEERS_NAMED_MAX;
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{Acts, Exposure, Port, Timestamp};

/// All that a device said with one peer in one protocol.
#[derive(Clone, Debug)]
pub struct Heard<'a> {
    /// Where.
    pub port: Port,
    /// What was recognised.
    pub protocol: Option<&'static str>,
    /// True when the device is who asks.
    pub asks: bool,
    /// First packet.
    pub first: Timestamp,
    /// Last packet.
    pub last: Timestamp,
    /// Packets to the server and to the client.
    pub packets: [u64; 2],
    /// Bytes of them on the wire.
    pub bytes: [u64; 2],
    /// What the requests were for.
    pub acts: Acts,
    /// With whom.
    pub peer: Peer<'a>,
}

/// Who was at the other end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Peer<'a> {
    /// What screens call it.
    pub name: String,
    /// Its address in the conversation.
    pub address: String,
    /// The zone that it stands in.
    pub zone: Option<&'a str>,
    /// Its level.
    pub level: Option<u8>,
    /// From where it reaches across, where it stands in another part of the plant: "zone Office (level 4)".
    pub across: Option<String>,
}

/// What is known about the network around a device.
#[derive(Clone, Debug, Default)]
pub struct Around<'a> {
    /// What it said with others.
    pub heard: Vec<Heard<'a>>,
    /// Nanoseconds of traffic that were looked at.
    pub watched: u64,
    /// The zone that it stands in.
    pub zone: Option<&'a str>,
    /// How much depends on that zone.
    pub criticality: Option<&'a str>,
}

/// Whether what a flaw needs was seen, in a sentence, and from which other parts of the plant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) exposure: Exposure,
    pub(super) because: String,
    pub(super) across: BTreeSet<String>,
}

impl Heard<'_> {
    /// True for more than knocking at a closed door: a protocol that was recognised, or packets in both directions that carry
    /// more than the handshake of TCP.
    pub(super) fn is_used(&self) -> bool {
        let [to_server, to_client] = self.packets;
        if to_server == 0 || to_client == 0 {
            // Half of a conversation is seen where a mirror shows one direction only.
            return self.protocol.is_some();
        }
        self.protocol.is_some() || !matches!(self.port, Port::Tcp(_)) || self.carries_data()
    }

    /// Whether TCP carried data: the answers are more, and longer on the average, than those that open, refuse and close.
    pub(super) fn carries_data(&self) -> bool {
        let [to_server, to_client] = self.packets;
        let [_, bytes] = self.bytes;
        to_server.min(to_client) >= PACKETS_WITH_DATA_MIN
            && bytes > to_client.saturating_mul(BYTES_WITHOUT_DATA_MAX)
    }
}

/// Whether what a flaw needs was seen.
pub(super) fn of(vector: Option<&str>, named: &BTreeSet<Box<str>>, around: &Around<'_>) -> Seen {
    let used = || around.heard.iter().filter(|heard| heard.is_used());
    if let Some(metric) = attack_vector(vector).filter(|metric| matches!(metric, 'L' | 'P')) {
        let needs = if metric == 'P' { "hands on the device" } else { "an account or hands on it" };
        return Seen {
            exposure: Exposure::NotReachable,
            because: format!(
                "the flaw cannot be used from the network: it needs {needs} (AV:{metric})"
            ),
            across: BTreeSet::new(),
        };
    }
    let serving: Vec<&Heard<'_>> = used().filter(|heard| !heard.asks).collect();
    if named.is_empty() {
        let across = reaching(&serving);
        let beside = match &*list(&across, "") {
            "" => String::new(),
            places => format!("; the device answers {places}"),
        };
        let because = format!("the advisory names no service that traffic could show{beside}");
        return Seen { exposure: Exposure::Unknown, because, across };
    }
    let titles = list(&named.iter().map(|name| title(name)).collect(), "");
    let used: Vec<&Heard<'_>> =
        used().filter(|heard| named.iter().any(|name| is_of(name, heard))).collect();
    let across = reaching(&used);
    let (exposure, because) = if around.heard.is_empty() {
        let because =
            format!("the advisory names {titles}; the device was not seen to talk at all");
        (Exposure::Unknown, because)
    } else if used.is_empty() {
        let span = span(around.watched);
        let because =
            format!("the advisory names {titles}: not seen on this device in {span} of traffic");
        (Exposure::NotSeen, because)
    } else {
        let (who, when) = (peers(&used), days(&used));
        let beside = match &*list(&across, "") {
            "" => String::new(),
            places => format!(", from {places}"),
        };
        let seen = if across.is_empty() { Exposure::Seen } else { Exposure::SeenAcrossZones };
        (seen, format!("the advisory names {titles}: seen {when} with {who}{beside}"))
    };
    Seen { exposure, because, across }
}

/// How an attacker must come: N, A, L or P; `None` when the vector does not say.
pub(super) fn attack_vector(vector: Option<&str>) -> Option<char> {
    let (_, behind) = vector?.split_once("AV:")?;
    behind.chars().next()
}

/// Whether what was heard is of a service: by a row of the table, or by its port.
fn is_of(name: &str, heard: &Heard<'_>) -> bool {
    match services::named(name) {
        Some(service) => {
            (service.is_of_both_sides || !heard.asks) && service.is(heard.port, heard.protocol)
        }
        None => !heard.asks && name.parse().is_ok_and(|port: Port| port == heard.port),
    }
}

fn title(name: &str) -> String {
    services::named(name).map_or_else(|| name.to_owned(), |service: &Service| service.title.clone())
}

/// Other parts of the plant that peers stand in.
pub(super) fn reaching(heard: &[&Heard<'_>]) -> BTreeSet<String> {
    heard.iter().filter_map(|heard| heard.peer.across.clone()).collect()
}

/// "1 peer (HMI-3)", "5 peers (10.1.1.5, 10.1.1.6, HMI-3 …)".
pub(super) fn peers(heard: &[&Heard<'_>]) -> String {
    let known: BTreeSet<(&str, &str)> =
        heard.iter().map(|heard| (&*heard.peer.name, &*heard.peer.address)).collect();
    let named: Vec<&str> = known.iter().map(|(name, _)| *name).take(PEERS_NAMED_MAX).collect();
    let more = if known.len() > named.len() { " …" } else { "" };
    let noun = if known.len() == 1 { "peer" } else { "peers" };
    format!("{} {noun} ({}{more})", known.len(), named.join(", "))
}

/// "on 2026-03-02", "from 2026-03-02 to 2026-03-09".
pub(super) fn days(heard: &[&Heard<'_>]) -> String {
    let day = |at: Option<Timestamp>| {
        let text = at.unwrap_or_default().to_string();
        text.get(..DAY_CHARACTERS).unwrap_or(&text).to_owned()
    };
    let first = day(heard.iter().map(|heard| heard.first).min());
    let last = day(heard.iter().map(|heard| heard.last).max());
    if first == last { format!("on {first}") } else { format!("from {first} to {last}") }
}

/// Items with "and" before the last.
pub(super) fn list(items: &BTreeSet<String>, before: &str) -> String {
    let mut items: Vec<String> = items.iter().map(|item| format!("{before}{item}")).collect();
    match items.pop() {
        None => String::new(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
    }
}

/// A span of time in the largest unit that it holds twice.
pub(super) fn span(nanoseconds: u64) -> String {
    let second = NANOS_PER_SECOND.unsigned_abs();
    let seconds = nanoseconds.checked_div(second).unwrap_or_default();
    const UNITS: [(&str, u64); 4] =
        [("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)];
    for (unit, length) in UNITS {
        let count = seconds.checked_div(length).unwrap_or_default();
        if count >= 2 {
            return format!("{count} {unit}");
        }
    }
    "less than 2 seconds".to_owned()
}

/// `2026-03-02`.
const DAY_CHARACTERS: usize = 10;
/// Packets in each direction of a connection that is opened, says nothing and is closed: fewer.
const PACKETS_WITH_DATA_MIN: u64 = 4;
/// Bytes of a TCP segment without data, with the time stamps of RFC 7323, over IPv4 and Ethernet: more are data. Refusals are shorter.
const BYTES_WITHOUT_DATA_MAX: u64 = 66;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn heard(port: &str, protocol: Option<&'static str>, peer: &str) -> Heard<'static> {
        let at = Timestamp::from_parts(1_772_400_000, 0);
        Heard {
            port: port.parse().unwrap(),
            protocol,
            asks: false,
            first: at,
            last: at,
            packets: [20, 20],
            bytes: [2_000, 2_000],
            acts: Acts::default(),
            peer: Peer { name: peer.to_owned(), ..Peer::default() },
        }
    }

    pub(crate) fn around(heard: Vec<Heard<'static>>, days: u64) -> Around<'static> {
        Around { heard, watched: days * 86_400 * 1_000_000_000, ..Around::default() }
    }

    fn told(names: &[&str], around: &Around<'_>) -> (Exposure, String) {
        let names = names.iter().map(|name| Box::from(*name)).collect();
        let seen = of(Some("CVSS:3.1/AV:N/AC:L"), &names, around);
        (seen.exposure, seen.because)
    }

    #[test]
    fn what_needs_hands_or_an_account_cannot_be_used_from_the_network() {
        for (vector, metric) in [("CVSS:3.1/AV:L/AC:L", "AV:L"), ("AV:P/AC:L/Au:N", "AV:P")] {
            let seen = of(Some(vector), &BTreeSet::new(), &Around::default());
            assert_eq!(seen.exposure, Exposure::NotReachable);
            assert!(seen.because.contains(metric), "{}", seen.because);
        }
        assert_eq!(attack_vector(None), None);
        assert_eq!(attack_vector(Some("AV:")), None);
    }

    #[test]
    fn the_service_that_is_named_was_seen_or_was_not() {
        let busy = around(vec![heard("tcp/80", Some("http"), "HMI-3")], 3);
        assert_eq!(
            told(&["http"], &busy),
            (
                Exposure::Seen,
                "the advisory names web server (HTTP): seen on 2026-03-01 with 1 peer (HMI-3)"
                    .to_owned()
            )
        );
        let (exposure, because) = told(&["telnet"], &busy);
        assert_eq!(exposure, Exposure::NotSeen);
        assert!(because.ends_with("not seen on this device in 3 days of traffic"), "{because}");
        assert_eq!(told(&["telnet", "http"], &busy).0, Exposure::Seen);
        assert_eq!(told(&["tcp/8211"], &busy).0, Exposure::NotSeen);
        assert_eq!(told(&[], &busy).0, Exposure::Unknown);
        assert_eq!(told(&["http"], &Around::default()).0, Exposure::Unknown);
    }

    #[test]
    fn a_client_is_exposed_only_where_the_flaw_may_be_in_who_asks() {
        let mut asks = heard("tcp/80", Some("http"), "server");
        asks.asks = true;
        assert_eq!(told(&["http"], &around(vec![asks.clone()], 1)).0, Exposure::NotSeen);
        asks.port = "udp/67".parse().unwrap();
        asks.protocol = Some("dhcp");
        assert_eq!(told(&["dhcp"], &around(vec![asks], 1)).0, Exposure::Seen);
    }

    #[test]
    fn knocking_at_a_door_is_no_use_of_it() {
        let mut knock = heard("tcp/23", None, "scanner");
        (knock.packets, knock.bytes) = ([3, 3], [222, 180]);
        assert!(!knock.is_used(), "refused");
        (knock.packets, knock.bytes) = ([40, 40], [2_960, 2_400]);
        assert!(!knock.is_used(), "refused many times");
        (knock.packets, knock.bytes) = ([12, 10], [830, 900]);
        assert!(knock.is_used());
        let mut half = heard("tcp/80", Some("http"), "one way");
        half.packets = [9, 0];
        assert!(half.is_used(), "recognised in the direction that is seen");
    }

    #[test]
    fn peers_of_other_parts_of_the_plant_are_named() {
        let mut office = heard("tcp/502", Some("modbus"), "10.9.0.1");
        office.peer.across = Some("zone Office (level 4)".to_owned());
        let both = around(vec![office, heard("tcp/502", Some("modbus"), "HMI-3")], 1);
        let (exposure, because) = told(&["modbus"], &both);
        assert_eq!(exposure, Exposure::SeenAcrossZones);
        assert!(
            because.ends_with("with 2 peers (10.9.0.1, HMI-3), from zone Office (level 4)"),
            "{because}"
        );
    }

    #[test]
    fn spans_are_told_in_a_unit_that_fits() {
        let second = 1_000_000_000;
        for (nanoseconds, text) in [
            (0, "less than 2 seconds"),
            (90 * second, "90 seconds"),
            (7_200 * second, "2 hours"),
            (40 * 86_400 * second, "40 days"),
        ] {
            assert_eq!(span(nanoseconds), text);
        }
    }
}
