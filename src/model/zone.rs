//! Zones: the parts that the owner of a plant divides it into, by address and VLAN.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::model::Asset;

/// Addresses that share their leading bits: 10.10.3.0/24.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Subnet {
    first: IpAddr,
    prefix: u8,
}

impl Subnet {
    /// The subnet of that many leading bits that an address lies in; `None` when it has fewer bits than that.
    pub fn around(address: IpAddr, prefix: u8) -> Option<Self> {
        let first = match address {
            IpAddr::V4(v4) => {
                let host = 32_u32.checked_sub(prefix.into())?;
                let mask = u32::MAX.checked_shl(host).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
            }
            IpAddr::V6(v6) => {
                let host = 128_u32.checked_sub(prefix.into())?;
                let mask = u128::MAX.checked_shl(host).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        };
        Some(Self { first, prefix })
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4()
            && Self::around(address, self.prefix) == Some(*self)
    }

    /// How many leading bits its addresses share.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// Why a text is no subnet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotASubnet {
    /// No address with, perhaps, a slash and a number of bits behind it.
    Unreadable,
    /// The address has bits behind the prefix: this subnet is perhaps meant.
    Perhaps(Subnet),
}

/// An address, a slash and the number of leading bits; an address alone is a subnet of one.
impl FromStr for Subnet {
    type Err = NotASubnet;

    fn from_str(text: &str) -> Result<Self, NotASubnet> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotASubnet::Unreadable)?;
        let prefix = match prefix {
            None if address.is_ipv4() => 32,
            None => 128,
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().map_err(|_| NotASubnet::Unreadable)?
            }
            Some(_) => return Err(NotASubnet::Unreadable),
        };
        let subnet = Self::around(address, prefix).ok_or(NotASubnet::Unreadable)?;
        if subnet.first == address { Ok(subnet) } else { Err(NotASubnet::Perhaps(subnet)) }
    }
}

/// One zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zone {
    /// What it is called.
    pub name: Box<str>,
    /// Its level in the Purdue model, 0 to 5.
    pub purdue: Option<u8>,
    /// Addresses of it.
    pub subnets: BTreeSet<Subnet>,
    /// VLANs of it.
    pub vlans: BTreeSet<u16>,
    /// How much depends on it: `low`, `medium`, `high` or `critical`.
    pub criticality: Option<Box<str>>,
}

/// All zones of a plant. No two of them have the same subnet or the same VLAN.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zones {
    zones: Vec<Zone>,
    by_subnet: BTreeMap<Subnet, usize>,
    by_vlan: BTreeMap<u16, usize>,
}

impl Zones {
    /// Adds a zone behind the others.
    ///
    /// # Errors
    ///
    /// The name of the zone that has the same name, subnet or VLAN; then nothing is added.
    pub fn add(&mut self, zone: Zone) -> Result<(), Taken> {
        let name = |at: &usize| self.zones.get(*at).map(|zone| zone.name.clone());
        if self.zones.iter().any(|known| known.name == zone.name) {
            return Err(Taken::Name);
        }
        for subnet in &zone.subnets {
            if let Some(by) = self.by_subnet.get(subnet).and_then(name) {
                return Err(Taken::Subnet(*subnet, by));
            }
        }
        for vlan in &zone.vlans {
            if let Some(by) = self.by_vlan.get(vlan).and_then(name) {
                return Err(Taken::Vlan(*vlan, by));
            }
        }
        let at = self.zones.len();
        self.by_subnet.extend(zone.subnets.iter().map(|subnet| (*subnet, at)));
        self.by_vlan.extend(zone.vlans.iter().map(|vlan| (*vlan, at)));
        self.zones.push(zone);
        Ok(())
    }

    /// All of them, in the order in which they were named.
    pub fn iter(&self) -> impl Iterator<Item = &Zone> {
        self.zones.iter()
    }

    /// The zone of a device: that of the most specific subnet that holds one of its addresses, IPv4 before IPv6; where no
    /// subnet does, that of a VLAN in which it was seen. Of two that are equal in this, the one named first.
    pub fn of(&self, asset: &Asset) -> Option<&Zone> {
        self.at(asset.ips.iter().copied(), asset.scopes.iter().map(|scope| scope.vlan))
    }

    /// The same for what has these addresses and was seen in these VLANs.
    pub fn at(
        &self,
        ips: impl IntoIterator<Item = IpAddr>,
        vlans: impl IntoIterator<Item = u16>,
    ) -> Option<&Zone> {
        let mut best: Option<(bool, u8, std::cmp::Reverse<usize>)> = None;
        for address in ips {
            best = best.max(self.of_address(address));
        }
        let at = match best {
            Some((_, _, at)) => at.0,
            None => *vlans.into_iter().filter_map(|vlan| self.by_vlan.get(&vlan)).min()?,
        };
        self.zones.get(at)
    }

    fn of_address(&self, address: IpAddr) -> Option<(bool, u8, std::cmp::Reverse<usize>)> {
        let bits: u8 = if address.is_ipv4() { 32 } else { 128 };
        (0..=bits).rev().filter(|_| !self.by_subnet.is_empty()).find_map(|prefix| {
            let at = self.by_subnet.get(&Subnet::around(address, prefix)?)?;
            Some((address.is_ipv4(), prefix, std::cmp::Reverse(*at)))
        })
    }
}

/// What two zones cannot share.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Taken {
    /// The name.
    Name,
    /// A subnet, and the zone that has it.
    Subnet(Subnet, Box<str>),
    /// A VLAN, and the zone that has it.
    Vlan(u16, Box<str>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    #[test]
    fn a_subnet_holds_the_addresses_that_begin_alike() {
        assert!(subnet("10.1.0.0/16").contains("10.1.255.3".parse().unwrap()));
        assert!(!subnet("10.1.0.0/16").contains("10.2.0.3".parse().unwrap()));
        assert!(subnet("0.0.0.0/0").contains("255.1.2.3".parse().unwrap()));
        assert!(!subnet("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(subnet("fd00::/8").contains("fdab::7".parse().unwrap()));
        assert!(subnet("10.1.2.3").contains("10.1.2.3".parse().unwrap()));
        assert_eq!(subnet("10.1.2.3").to_string(), "10.1.2.3/32");
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        for wrong in
            ["", "10.1", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/+8", "10.1.0.0/8/8", "::/129"]
        {
            assert_eq!(wrong.parse::<Subnet>(), Err(NotASubnet::Unreadable), "{wrong}");
        }
        assert_eq!(
            "10.1.2.3/24".parse::<Subnet>(),
            Err(NotASubnet::Perhaps(subnet("10.1.2.0/24")))
        );
    }

    fn asset(ips: &[&str], vlan: u16) -> Asset {
        Asset {
            scopes: [Scope { vlan, ..Scope::default() }].into(),
            ips: ips.iter().map(|ip| ip.parse().unwrap()).collect(),
            ..Asset::default()
        }
    }

    fn zone(name: &str, subnets: &[&str], vlans: &[u16]) -> Zone {
        Zone {
            name: name.into(),
            subnets: subnets.iter().map(|text| subnet(text)).collect(),
            vlans: vlans.iter().copied().collect(),
            ..Zone::default()
        }
    }

    #[test]
    fn the_most_specific_subnet_decides_and_a_vlan_only_without_one() {
        let mut zones = Zones::default();
        zones.add(zone("cell b", &["10.1.2.0/24"], &[])).unwrap();
        zones.add(zone("plant", &["10.1.0.0/16", "fd00::/8"], &[7])).unwrap();
        zones.add(zone("cell a", &["10.1.1.0/24", "fd00:1::/64"], &[8])).unwrap();
        for (ips, vlan, expected) in [
            (&["10.1.1.5"][..], 0, Some("cell a")),
            (&["10.1.9.5"], 8, Some("plant")),
            (&["192.168.0.1"], 8, Some("cell a")),
            (&["192.168.0.1"], 9, None),
            (&[], 7, Some("plant")),
            (&["10.1.9.5", "fd00:1::5"], 0, Some("plant")),
            (&["fe80::1", "fd00:1::5"], 0, Some("cell a")),
            (&["10.1.1.5", "10.1.2.5"], 0, Some("cell b")),
        ] {
            let found = zones.of(&asset(ips, vlan)).map(|zone| &*zone.name);
            assert_eq!(found, expected, "{ips:?} vlan {vlan}");
        }
    }

    #[test]
    fn nothing_is_in_two_zones() {
        let mut zones = Zones::default();
        zones.add(zone("a", &["10.0.0.0/8"], &[7])).unwrap();
        assert_eq!(zones.add(zone("a", &[], &[])), Err(Taken::Name));
        let taken = Taken::Subnet(subnet("10.0.0.0/8"), "a".into());
        assert_eq!(zones.add(zone("b", &["10.0.0.0/8"], &[])), Err(taken));
        assert_eq!(zones.add(zone("b", &["10.2.0.0/16"], &[7])), Err(Taken::Vlan(7, "a".into())));
        assert_eq!(zones.of(&asset(&["10.2.0.1"], 0)).map(|zone| &*zone.name), Some("a"));
    }
}
