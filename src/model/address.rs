//! Addresses, and where each of them is unique.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::str::FromStr;

/// An IEEE 802 MAC address (EUI-48).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// True for group addresses, the broadcast address among them (IEEE 802-2014, 8.2.2: I/G bit).
    pub fn is_group(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// True when a program chose the address, not a manufacturer (IEEE 802-2014, 8.2.2: U/L bit).
    pub fn is_local(self) -> bool {
        self.0[0] & 0x02 != 0
    }

    /// True for 00:00:00:00:00:00, which means "no address".
    pub fn is_zero(self) -> bool {
        self.0 == [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// Six bytes in hexadecimal with colons between, as [`Mac`] prints them.
impl FromStr for Mac {
    type Err = NotAMac;

    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let is_byte = |part: &&str| part.len() == 2 && !part.starts_with('+');
            let part = parts.next().filter(is_byte).ok_or(NotAMac)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| NotAMac)?;
        }
        if parts.next().is_none() { Ok(Self(bytes)) } else { Err(NotAMac) }
    }
}

/// A text that is no MAC address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAMac;

/// Where an address is unique: cloned machine cells all use 192.168.0.x.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Scope {
    /// Number of the site, as [`Sites`](crate::model::Sites) counts them; 0 for the one without a name.
    pub site: u16,
    /// Outer (service) VLAN identifier; 0 without one.
    pub outer_vlan: u16,
    /// Inner (customer) VLAN identifier; 0 for untagged frames.
    pub vlan: u16,
}

/// An address something answered from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Addr {
    /// Seen over IP.
    Ip(IpAddr),
    /// Seen at layer 2 only (LLDP, DHCP before a lease, PROFINET DCP).
    Mac(Mac),
    /// Never seen: on a list that a person keeps, which gives no address. The number is computed from what the list calls
    /// the device, and the same wherever that is the same.
    Listed(u64),
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Mac(mac) => mac.fmt(f),
            Self::Listed(number) => write!(f, "{LISTED}{number:016x}"),
        }
    }
}

/// As [`Addr`] prints it.
impl FromStr for Addr {
    type Err = NotAnAddr;

    fn from_str(text: &str) -> Result<Self, NotAnAddr> {
        let listed = || {
            let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let digits = text.strip_prefix(LISTED).filter(|digits| digits.len() == 16)?;
            let digits = digits.bytes().all(is_digit).then_some(digits)?;
            u64::from_str_radix(digits, 16).ok().map(Self::Listed)
        };
        let ip = text.parse().ok().map(Self::Ip);
        let addr = ip.or_else(|| text.parse().ok().map(Self::Mac)).or_else(listed);
        addr.ok_or(NotAnAddr)
    }
}

/// A text that is no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAnAddr;

/// What stands before the number of a device that is known from a list only.
const LISTED: &str = "listed-";

/// An address in its scope: what facts are keyed by.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Node {
    /// Where the address is unique.
    pub scope: Scope,
    /// The address.
    pub addr: Addr,
}

/// In two or three words, because every message hashes some: field by field it would be a dozen.
impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Scope { site, outer_vlan, vlan } = self.scope;
        let scope = u64::from(site) << 32 | u64::from(outer_vlan) << 16 | u64::from(vlan);
        let within = |kind: u64| kind << 48 | scope;
        match self.addr {
            Addr::Ip(IpAddr::V4(v4)) => {
                state.write_u64(within(1));
                state.write_u64(v4.to_bits().into());
            }
            Addr::Ip(IpAddr::V6(v6)) => {
                state.write_u64(within(2));
                let [high, low] = [v6.to_bits() >> 64, v6.to_bits() & u128::from(u64::MAX)];
                state.write_u64(u64::try_from(high).unwrap_or(0));
                state.write_u64(u64::try_from(low).unwrap_or(0));
            }
            Addr::Mac(Mac([a, b, c, d, e, f])) => {
                state.write_u64(within(3));
                state.write_u64(u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
            }
            Addr::Listed(number) => {
                state.write_u64(within(4));
                state.write_u64(number);
            }
        }
    }
}

impl Node {
    /// The node at an IP address.
    pub fn ip(scope: Scope, ip: IpAddr) -> Self {
        Self { scope, addr: Addr::Ip(ip) }
    }

    /// The node at a MAC address.
    pub fn mac(scope: Scope, mac: Mac) -> Self {
        Self { scope, addr: Addr::Mac(mac) }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.addr.fmt(f)?;
        match (self.scope.outer_vlan, self.scope.vlan) {
            (0, 0) => Ok(()),
            (0, vlan) => write!(f, " vlan {vlan}"),
            (outer, vlan) => write!(f, " vlan {outer}.{vlan}"),
        }
    }
}

/// As [`Node`] prints it; the site is not printed, and 0 here.
impl FromStr for Node {
    type Err = NotANode;

    fn from_str(text: &str) -> Result<Self, NotANode> {
        let (addr, vlans) = text.split_once(" vlan ").map_or((text, None), |(a, v)| (a, Some(v)));
        let addr = addr.parse().map_err(|_| NotANode)?;
        let vlan = |digits: &str| digits.parse().map_err(|_| NotANode);
        let scope = match vlans.map(|vlans| vlans.split_once('.').ok_or(vlans)) {
            None => Scope::default(),
            Some(Err(one)) => Scope { vlan: vlan(one)?, ..Scope::default() },
            Some(Ok((outer, inner))) => {
                Scope { outer_vlan: vlan(outer)?, vlan: vlan(inner)?, ..Scope::default() }
            }
        };
        Ok(Self { scope, addr })
    }
}

/// A text that names no node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotANode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_reads_back_as_it_prints() {
        for text in [
            "10.0.0.2",
            "10.0.0.2 vlan 31",
            "fe80::1 vlan 7.31",
            "00:1d:9c:ff:00:09",
            "00:1d:9c:ff:00:09 vlan 5",
            "listed-00000000000000ff",
        ] {
            assert_eq!(text.parse().map(|node: Node| node.to_string()), Ok(text.to_owned()));
        }
        for wrong in [
            "",
            "10.0.0",
            "listed-ff",
            "listed-+0000000000000ff",
            "10.0.0.2 vlan",
            "10.0.0.2 vlan x",
            "10.0.0.2 vlan 1.2.3",
        ] {
            assert_eq!(wrong.parse::<Node>(), Err(NotANode), "{wrong}");
        }
    }

    #[test]
    fn a_mac_reads_back_as_it_prints() {
        let mac = Mac([0, 0x1d, 0x9c, 0xff, 0, 9]);
        assert_eq!(mac.to_string().parse(), Ok(mac));
        for wrong in
            ["", "00:1d:9c:ff:00", "00:1d:9c:ff:00:09:00", "0:1d:9c:ff:00:09", "+0:1d:9c:ff:00:09"]
        {
            assert_eq!(wrong.parse::<Mac>(), Err(NotAMac), "{wrong}");
        }
    }
}
