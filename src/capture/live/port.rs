//! What the system says of a network interface. It is read from files; nothing is asked on the wire, and nothing is set.
//!
//! On Linux these are the files below `/sys/class/net` and `/proc`: see sysfs-class-net and sysfs-class-net-statistics in the kernel's
//! `Documentation/ABI/testing`. Elsewhere libpcap's list of devices tells the little it knows.

use std::fs;
use std::path::{Path, PathBuf};

use pcap::{ConnectionStatus, Device};

use crate::model::Mac;
use crate::model::health::LinkState;

/// A network interface, as the system has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Port {
    /// Its number: another one under the same name is another interface.
    pub index: u32,
    /// Whether packets can come.
    pub state: LinkState,
    /// Switched on, whether or not there is a cable.
    pub is_on: bool,
    /// Asks for addresses and answers who asks for its own (ARP).
    pub resolves: bool,
    /// A loopback: it never leaves this machine.
    pub is_loopback: bool,
    /// Speed in Mbit/s, where the driver tells.
    pub speed_mbit: Option<u32>,
    /// Sends and receives at the same time, where the driver tells.
    pub full_duplex: Option<bool>,
    /// Largest payload of a frame in bytes.
    pub mtu: Option<u32>,
    /// Its address.
    pub mac: Option<Mac>,
    /// Name of its driver; virtual interfaces have none.
    pub driver: Option<String>,
    /// The bridge, bond or the like that it is part of.
    pub master: Option<String>,
    /// Whether it makes IPv6 packets of its own; `None` where the system does not tell.
    pub speaks_ipv6: Option<bool>,
    /// What it counted since the system made it.
    pub counters: PortCounters,
}

/// What an interface counted since the system made it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PortCounters {
    /// Frames received.
    pub received: u64,
    /// Bytes of them.
    pub received_bytes: u64,
    /// Frames that the network card had no room for.
    pub missed: u64,
    /// Frames that came damaged: checksum, alignment, length.
    pub damaged: u64,
    /// Frames sent.
    pub transmitted: u64,
}

impl Port {
    /// Reads all of it; `None` when there is no such interface, or this system does not tell.
    pub fn read(name: &str) -> Option<Self> {
        let folder = folder(name)?;
        let flags = flags(&folder)?;
        let text = |file: &str| text(&folder, file);
        let count = |file: &str| number::<u64>(&folder, &format!("statistics/{file}")).unwrap_or(0);
        let link = |file: &str| {
            let target = fs::read_link(folder.join(file)).ok()?;
            Some(target.file_name()?.to_string_lossy().into_owned())
        };
        Some(Self {
            index: index(name)?,
            state: state(name),
            is_on: flags & IFF_UP != 0,
            resolves: flags & IFF_NOARP == 0,
            is_loopback: flags & IFF_LOOPBACK != 0,
            speed_mbit: number::<i64>(&folder, "speed")
                .and_then(|speed| u32::try_from(speed).ok())
                .filter(|speed| *speed > 0 && *speed != u32::MAX),
            full_duplex: match text("duplex").as_deref() {
                Some("full") => Some(true),
                Some("half") => Some(false),
                _ => None,
            },
            mtu: number(&folder, "mtu"),
            mac: text("address").and_then(|text| text.parse().ok()),
            driver: link("device/driver"),
            master: link("master"),
            speaks_ipv6: speaks_ipv6(name),
            counters: PortCounters {
                received: count("rx_packets"),
                received_bytes: count("rx_bytes"),
                missed: count("rx_missed_errors").saturating_add(count("rx_fifo_errors")),
                damaged: count("rx_crc_errors")
                    .saturating_add(count("rx_frame_errors"))
                    .saturating_add(count("rx_length_errors")),
                transmitted: count("tx_packets"),
            },
        })
    }
}

/// Why libpcap did not open an interface.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// It is there and switched off.
    Down,
    /// It is not there.
    Missing,
    /// This process may not.
    NoRight,
    Other,
}

/// Why libpcap did not open an interface: by what the system says of it, because libpcap's words differ from version to version.
pub(super) fn refusal(name: &str, message: &str) -> Refusal {
    let lower = message.to_lowercase();
    let is_denied =
        ["permission", "permitted", "cap_net_raw"].iter().any(|word| lower.contains(word));
    match state(name) {
        LinkState::Gone if is_known(name) => Refusal::Other,
        LinkState::Gone => Refusal::Missing,
        _ if is_denied => Refusal::NoRight,
        LinkState::Down => Refusal::Down,
        LinkState::Up => Refusal::Other,
    }
}

/// Whether packets can come over an interface.
pub(super) fn state(name: &str) -> LinkState {
    if !Path::new(INTERFACES).is_dir() {
        return device_state(name);
    }
    let Some(folder) = folder(name) else { return LinkState::Gone };
    let Some(flags) = flags(&folder) else { return LinkState::Gone };
    let is_cut = text(&folder, "operstate").is_some_and(|state| CUT.contains(&state.as_str()));
    if flags & IFF_UP == 0 || is_cut { LinkState::Down } else { LinkState::Up }
}

/// Number of an interface.
pub(super) fn index(name: &str) -> Option<u32> {
    number(&folder(name)?, "ifindex")
}

/// True for a network interface of a system that tells of them.
pub(super) fn is_network(name: &str) -> bool {
    folder(name).is_some() || (name == super::ANY && Path::new(INTERFACES).is_dir())
}

/// Packets that an interface sent since the system made it.
pub(super) fn transmitted(name: &str) -> Option<u64> {
    number(&folder(name)?, "statistics/tx_packets")
}

/// Names of the interfaces there are.
pub(super) fn names() -> Vec<String> {
    let listed = fs::read_dir(INTERFACES).into_iter().flatten().flatten();
    let mut names: Vec<String> = listed
        // Beside interfaces, `bonding_masters` lies there, a file.
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    if names.is_empty() {
        names = devices().into_iter().map(|device| device.name).collect();
    }
    names.sort();
    names
}

/// The folder of an interface. A name that is no file name is no interface.
fn folder(name: &str) -> Option<PathBuf> {
    let is_name = !name.is_empty() && !name.contains(['/', '\0']) && name != "." && name != "..";
    let folder = Path::new(INTERFACES).join(name);
    (is_name && folder.is_dir()).then_some(folder)
}

fn flags(folder: &Path) -> Option<u32> {
    u32::from_str_radix(text(folder, "flags")?.strip_prefix("0x")?, 16).ok()
}

fn speaks_ipv6(name: &str) -> Option<bool> {
    match text(&Path::new(IPV6).join(name), "disable_ipv6") {
        Some(is_off) => Some(is_off == "0"),
        // The kernel tells of its network, and of no IPv6 on this interface. A service may see no such files at all.
        None => Path::new(NETWORK).is_dir().then_some(false),
    }
}

/// One line that the kernel writes. Some files cannot be read while the interface is down.
fn text(folder: &Path, file: &str) -> Option<String> {
    fs::read_to_string(folder.join(file)).ok().map(|text| text.trim().to_owned())
}

fn number<N: std::str::FromStr>(folder: &Path, file: &str) -> Option<N> {
    text(folder, file)?.parse().ok()
}

/// True when libpcap knows a device of that name.
fn is_known(name: &str) -> bool {
    devices().iter().any(|device| device.name == name)
}

fn device_state(name: &str) -> LinkState {
    let device = devices().into_iter().find(|device| device.name == name);
    match device.map(|device| device.flags) {
        None => LinkState::Gone,
        Some(flags) if flags.connection_status == ConnectionStatus::Disconnected => LinkState::Down,
        Some(flags) if flags.is_up() => LinkState::Up,
        Some(_) => LinkState::Down,
    }
}

/// Devices that libpcap knows; none when it cannot tell.
fn devices() -> Vec<Device> {
    Device::list().unwrap_or_default()
}

const INTERFACES: &str = "/sys/class/net";
const NETWORK: &str = "/proc/sys/net";
const IPV6: &str = "/proc/sys/net/ipv6/conf";

/// States of RFC 2863 in which nothing can come. Others say that it can, or, as those of virtual interfaces, nothing.
const CUT: [&str; 3] = ["down", "lowerlayerdown", "notpresent"];

/// Flags of netdevice(7).
const IFF_UP: u32 = 0x1;
const IFF_LOOPBACK: u32 = 0x8;
const IFF_NOARP: u32 = 0x80;
