//! Who talks to whom, in which protocol, and what for.

use std::fmt;
use std::str::FromStr;

use crate::model::{Key, Node, Timestamp};

/// What a request is for. Closed: roles, screens and exports match on it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Act {
    /// Asks what the device is.
    Identify,
    /// Reads process data, files or configuration.
    Read,
    /// Changes process data, files or configuration.
    Write,
    /// Starts, stops, resets, changes the mode.
    Control,
    /// Loads or fetches a program or firmware.
    Program,
}

impl Act {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Identify, Self::Read, Self::Write, Self::Control, Self::Program];

    /// The name that exports and the query language use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Read => "read",
            Self::Write => "write",
            Self::Control => "control",
            Self::Program => "program",
        }
    }

    /// The fact that a node did it. The values are the protocols it did it with.
    pub const fn key(self) -> Key {
        Key::several(match self {
            Self::Identify => "ip.identifies",
            Self::Read => "ip.reads",
            Self::Write => "ip.writes",
            Self::Control => "ip.controls",
            Self::Program => "ip.programs",
        })
    }
}

/// How often each act was done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Acts([u32; Act::ALL.len()]);

impl Acts {
    /// Counts one; true when it is the first of its kind.
    pub fn count(&mut self, act: Act) -> bool {
        let counts = self.0.iter_mut().zip(Act::ALL);
        let own = counts.filter(|(_, kind)| *kind == act).map(|(count, _)| count).next();
        own.is_some_and(|count| std::mem::replace(count, count.saturating_add(1)) == 0)
    }

    /// Whether none was done.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// Counts of all of them, in the order of [`Act::ALL`].
    pub fn counts(&self) -> [u32; Act::ALL.len()] {
        self.0
    }

    /// The counterpart of [`Self::counts`].
    pub fn from_counts(counts: [u32; Act::ALL.len()]) -> Self {
        Self(counts)
    }

    /// How often one was done.
    pub fn of(&self, act: Act) -> u32 {
        self.0.iter().zip(Act::ALL).find(|(_, kind)| *kind == act).map_or(0, |(count, _)| *count)
    }

    /// Adds those of another list.
    pub fn add(&mut self, others: &Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            *own = own.saturating_add(other);
        }
    }
}

/// Where a server is spoken to. Prints as `tcp/502`, `udp/2222`, `ether/88cc`, `tcp/dynamic`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Port {
    /// An Ethernet type.
    Ether(u16),
    /// A TCP port.
    Tcp(u16),
    /// Whatever TCP ports a server chose for the moment: what was spoken there tells nothing by its number.
    TcpDynamic,
    /// A UDP port.
    Udp(u16),
    /// The same of UDP.
    UdpDynamic,
}

/// All that two nodes said to each other in one protocol, whatever the client's ports were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// Who asks.
    pub client: Node,
    /// Who answers; a group of hosts that is spoken to.
    pub server: Node,
    /// Where.
    pub port: Port,
    /// The protocol that was recognised, by registry name.
    pub protocol: Option<&'static str>,
    /// Its first packet.
    pub first: Timestamp,
    /// Its last packet.
    pub last: Timestamp,
    /// Packets to the server and to the client.
    pub packets: [u64; 2],
    /// Bytes of those packets on the wire, to the server and to the client.
    pub bytes: [u64; 2],
    /// What the requests were for.
    pub acts: Acts,
}

impl Port {
    /// The port without its number, when a server may have chosen it for the moment.
    pub fn dynamic(self) -> Option<Self> {
        match self {
            Self::Tcp(number) if number >= REGISTERED_PORTS => Some(Self::TcpDynamic),
            Self::Udp(number) if number >= REGISTERED_PORTS => Some(Self::UdpDynamic),
            Self::Tcp(_) | Self::Udp(_) | Self::Ether(_) => None,
            Self::TcpDynamic | Self::UdpDynamic => Some(self),
        }
    }

    /// Whether nobody can have registered the number.
    pub fn is_private(self) -> bool {
        matches!(self, Self::Tcp(number) | Self::Udp(number) if number >= PRIVATE_PORTS)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ether(kind) => write!(f, "ether/{kind:04x}"),
            Self::Tcp(number) => write!(f, "tcp/{number}"),
            Self::TcpDynamic => f.write_str("tcp/dynamic"),
            Self::Udp(number) => write!(f, "udp/{number}"),
            Self::UdpDynamic => f.write_str("udp/dynamic"),
        }
    }
}

/// As [`Port`] prints it.
impl FromStr for Port {
    type Err = NotAPort;

    fn from_str(text: &str) -> Result<Self, NotAPort> {
        let (kind, number) = text.split_once('/').ok_or(NotAPort)?;
        let port = || number.parse().map_err(|_| NotAPort);
        match (kind, number) {
            ("ether", _) => u16::from_str_radix(number, 16).map(Self::Ether).map_err(|_| NotAPort),
            ("tcp", "dynamic") => Ok(Self::TcpDynamic),
            ("tcp", _) => port().map(Self::Tcp),
            ("udp", "dynamic") => Ok(Self::UdpDynamic),
            ("udp", _) => port().map(Self::Udp),
            _ => Err(NotAPort),
        }
    }
}

/// A text that names no port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAPort;

impl Conversation {
    /// Puts together what belongs together, in order of client, server, port and protocol: whatever the order of the
    /// parts, and however they were divided.
    ///
    /// - Packets of which the protocol was not known yet, or not any more, count to the one spoken there.
    /// - Ports that nothing was recognised on and nobody can have registered are one dynamic port.
    /// - So are ports that a server may have chosen, when one client speaks the same, or nothing known, on many of them:
    ///   passive FTP, DCOM, a scan of ports.
    pub fn gather(mut parts: Vec<Self>) -> Vec<Self> {
        add_up(&mut parts);
        for same in parts.chunk_by_mut(|a, b| a.place() == b.place()) {
            let [unknown, known @ ..] = same else { continue };
            let most = |one: &&mut Self| one.packets.iter().copied().fold(0, u64::saturating_add);
            // Of equals the first: the last that `max_by_key` meets.
            if unknown.protocol.is_none()
                && let Some(known) = known.iter_mut().rev().max_by_key(most)
            {
                unknown.protocol = known.protocol;
            }
        }
        for part in parts.iter_mut().filter(|part| part.protocol.is_none()) {
            part.port = part.port.dynamic().filter(|_| part.port.is_private()).unwrap_or(part.port);
        }
        add_up(&mut parts);
        parts.sort_by_key(Self::choice);
        for same in parts.chunk_by_mut(|a, b| a.choice() == b.choice()) {
            if same.len() > PORTS_CHOSEN_MAX {
                for part in same {
                    part.port = part.port.dynamic().unwrap_or(part.port);
                }
            }
        }
        add_up(&mut parts);
        parts
    }

    /// Adds what else was said.
    pub fn add(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        let counts = self.packets.iter_mut().chain(&mut self.bytes);
        for (own, other) in counts.zip(other.packets.iter().chain(&other.bytes)) {
            *own = own.saturating_add(*other);
        }
        self.acts.add(&other.acts);
    }

    /// Who spoke to whom, and where.
    fn place(&self) -> (Node, Node, Port) {
        (self.client, self.server, self.port)
    }

    /// Who spoke what to whom, on ports that the server may have chosen.
    fn choice(&self) -> (Node, Node, Option<Port>, Option<&'static str>) {
        (self.client, self.server, self.port.dynamic(), self.protocol)
    }
}

/// Adds up those of the same nodes, port and protocol, and puts them in order.
fn add_up(parts: &mut Vec<Conversation>) {
    parts.sort_by_key(|part| (part.place(), part.protocol));
    parts.dedup_by(|part, sum| {
        let same = part.place() == sum.place() && part.protocol == sum.protocol;
        if same {
            sum.add(part);
        }
        same
    });
}

/// The first port that a server may choose for the moment: those below are given to services (RFC 6335 §6), and only
/// programs of the system may listen there.
const REGISTERED_PORTS: u16 = 1_024;
/// The first port that cannot be registered (RFC 6335 §6).
const PRIVATE_PORTS: u16 = 49_152;
/// Ports on which one client speaks the same to one server before they are taken for chosen at random: more than a
/// server has instances of a service, fewer than the data connections of a morning.
const PORTS_CHOSEN_MAX: usize = 16;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn part(port: &str, protocol: Option<&'static str>, packets: u64) -> Conversation {
        let node = |last| Node::ip(Scope::default(), [10, 0, 0, last].into());
        Conversation {
            client: node(1),
            server: node(2),
            port: port.parse().unwrap(),
            protocol,
            first: Timestamp(packets as i64),
            last: Timestamp(100 - packets as i64),
            packets: [packets, 1],
            bytes: [60 * packets, 60],
            acts: Acts::from_counts([0, 1, 0, 0, 0]),
        }
    }

    fn rows(parts: &[Conversation]) -> Vec<(String, Option<&'static str>, u64)> {
        let mut backwards = parts.to_vec();
        backwards.reverse();
        let gathered = Conversation::gather(parts.to_vec());
        assert_eq!(gathered, Conversation::gather(backwards), "order decides nothing");
        assert_eq!(gathered, Conversation::gather(gathered.clone()), "nothing more to gather");
        gathered.iter().map(|one| (one.port.to_string(), one.protocol, one.packets[0])).collect()
    }

    #[test]
    fn a_port_reads_back_as_it_prints() {
        for text in
            ["ether/88cc", "ether/0806", "tcp/502", "tcp/dynamic", "udp/2222", "udp/dynamic"]
        {
            assert_eq!(text.parse().map(|port: Port| port.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "tcp", "tcp/", "tcp/70000", "ether/dynamic", "sctp/5", "udp/-1"] {
            assert_eq!(wrong.parse::<Port>(), Err(NotAPort), "{wrong}");
        }
    }

    #[test]
    fn parts_add_up() {
        let sum = Conversation::gather(vec![
            part("tcp/502", Some("modbus"), 3),
            part("tcp/502", Some("modbus"), 9),
        ]);
        let [one] = &*sum else { panic!("{sum:?}") };
        assert_eq!((one.packets, one.bytes), ([12, 2], [720, 120]));
        assert_eq!((one.first, one.last), (Timestamp(3), Timestamp(97)));
        assert_eq!(one.acts.of(Act::Read), 2);
    }

    #[test]
    fn what_was_not_known_counts_to_what_is_spoken_there() {
        let unknown = part("tcp/80", None, 3);
        assert_eq!(rows(std::slice::from_ref(&unknown)), [("tcp/80".to_owned(), None, 3)]);
        let (http, rdp) = (part("tcp/80", Some("http"), 5), part("tcp/80", Some("rdp"), 7));
        assert_eq!(
            rows(&[http.clone(), unknown.clone()]),
            [("tcp/80".to_owned(), Some("http"), 8)]
        );
        assert_eq!(
            rows(&[http, unknown, rdp]),
            [("tcp/80".to_owned(), Some("http"), 5), ("tcp/80".to_owned(), Some("rdp"), 10)]
        );
    }

    #[test]
    fn unknown_private_ports_are_one_and_known_ones_keep_their_number() {
        let parts = [
            part("tcp/50000", None, 3),
            part("tcp/60000", None, 4),
            part("udp/50000", None, 5),
            part("tcp/50502", Some("modbus"), 6),
            part("tcp/50502", None, 2),
            part("tcp/40000", None, 1),
        ];
        let expected = [
            ("tcp/40000", None, 1),
            ("tcp/50502", Some("modbus"), 8),
            ("tcp/dynamic", None, 7),
            ("udp/dynamic", None, 5),
        ];
        assert_eq!(
            rows(&parts),
            expected.map(|(port, name, packets)| (port.to_owned(), name, packets))
        );
    }

    #[test]
    fn many_ports_for_the_same_are_one() {
        let some = |ports: std::ops::Range<u16>, protocol| {
            ports.map(move |port| part(&format!("tcp/{port}"), protocol, 1)).collect::<Vec<_>>()
        };
        assert_eq!(rows(&some(2_000..2_016, Some("dcerpc"))).len(), 16);
        let many = rows(&some(2_000..2_017, Some("dcerpc")));
        assert_eq!(many, [("tcp/dynamic".to_owned(), Some("dcerpc"), 17)]);
        let mut scan = some(1..1_100, None);
        scan.push(part("tcp/3389", Some("rdp"), 1));
        let rows = rows(&scan);
        assert_eq!(rows.len(), 1_023 + 2, "services keep their ports");
        assert!(rows.contains(&("tcp/dynamic".to_owned(), None, 76)));
        assert!(rows.contains(&("tcp/3389".to_owned(), Some("rdp"), 1)));
    }
}
