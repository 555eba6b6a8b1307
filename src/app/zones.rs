//! The file of zones that `--zones` names.
//!
//! ```toml
//! [[zone]]
//! name = "Cell 3"
//! purdue = 1
//! subnets = ["10.10.3.0/24"]
//! vlans = [103]
//! criticality = "high"
//! ```

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::limits::ZONES_BYTES_MAX;
use crate::model::zone::{NotASubnet, Taken};
use crate::model::{Subnet, Zone, Zones};
use crate::query::nearest;

/// Why a file of zones cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ZonesError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It says what no file of zones may say.
    #[error("{}:{line}: {what}", .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// Reads a file of zones.
pub(super) fn read(path: &Path) -> Result<Zones, ZonesError> {
    let unreadable = |source| ZonesError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let most = u64::try_from(ZONES_BYTES_MAX).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_string(&mut text).map_err(unreadable)?;
    let zones = if text.len() > ZONES_BYTES_MAX {
        Err((0..0, format!("a file of zones has at most {ZONES_BYTES_MAX} bytes")))
    } else {
        zones(&text)
    };
    zones.map_err(|(place, what)| {
        let before = text.bytes().take(place.start);
        let line = before.filter(|byte| *byte == b'\n').count().saturating_add(1);
        ZonesError::Wrong { path: path.to_owned(), line, what }
    })
}

/// A place in the text, and what is wrong there.
pub(super) type Wrong = (Range<usize>, String);

fn zones(text: &str) -> Result<Zones, Wrong> {
    let table = DeTable::parse(text)
        .map_err(|error| (error.span().unwrap_or_default(), error.message().to_owned()))?;
    let mut zones = Zones::default();
    for (key, value) in table.get_ref() {
        if key.get_ref() != "zone" {
            return Err(unknown(key.span(), key.get_ref(), &["zone"]));
        }
        let (told, wrong) = tables(value);
        if let Some(first) = wrong.into_iter().next() {
            return Err(first);
        }
        zones = told;
    }
    Ok(zones)
}

/// The zones of what stands below `[[zone]]`, and all that is wrong with them.
pub(super) fn tables(value: &Spanned<DeValue<'_>>) -> (Zones, Vec<Wrong>) {
    let (mut zones, mut wrong) = (Zones::default(), Vec::new());
    let list = value.get_ref().as_array();
    let Some(list) = list.filter(|list| list.iter().all(|one| one.get_ref().is_table())) else {
        wrong.push((value.span(), "write each zone below [[zone]]".to_owned()));
        return (zones, wrong);
    };
    for one in list.iter() {
        let zone = one.get_ref().as_table().map(zone).transpose();
        let taken = zone.and_then(|zone| add(&mut zones, zone.unwrap_or_default(), one.span()));
        wrong.extend(taken.err());
    }
    (zones, wrong)
}

fn add(zones: &mut Zones, zone: Zone, place: Range<usize>) -> Result<(), Wrong> {
    if zone.name.is_empty() {
        return Err((place, "this zone has no name".to_owned()));
    }
    let name = zone.name.clone();
    zones.add(zone).map_err(|taken| {
        let what = match taken {
            Taken::Name => format!("two zones are called {name:?}"),
            Taken::Subnet(subnet, by) => format!(
                "subnet {subnet} of zone {name:?} is that of zone {by:?}; where cells repeat addresses, give only their VLANs"
            ),
            Taken::Vlan(vlan, by) => {
                format!("vlan {vlan} of zone {name:?} is that of zone {by:?}")
            }
        };
        (place, what)
    })
}

fn zone(table: &DeTable<'_>) -> Result<Zone, Wrong> {
    let mut zone = Zone::default();
    for (key, value) in table {
        let wrong = |what: &str| (value.span(), format!("{}: {what}", key.get_ref()));
        match &**key.get_ref() {
            "name" => {
                let name = value.get_ref().as_str().map(str::trim).filter(|name| !name.is_empty());
                zone.name = name.ok_or_else(|| wrong("write a name in quotes"))?.into();
            }
            "purdue" => {
                let level = whole(value).and_then(|level| u8::try_from(level).ok());
                let level = level.filter(|level| *level <= PURDUE_MAX);
                zone.purdue = Some(level.ok_or_else(|| wrong("write a level from 0 to 5"))?);
            }
            "subnets" => {
                for one in list(value).ok_or_else(|| wrong("write a list, as [\"10.1.0.0/16\"]"))? {
                    let subnet = one.get_ref().as_str().unwrap_or_default();
                    zone.subnets.insert(subnet.parse().map_err(|error| no_subnet(one, error))?);
                }
            }
            "vlans" => {
                for one in list(value).ok_or_else(|| wrong("write a list, as [103, 104]"))? {
                    let vlan = whole(one).filter(|vlan| (1..=VLAN_MAX).contains(vlan));
                    let vlan = vlan.ok_or_else(|| {
                        (one.span(), "vlans: write numbers from 1 to 4094".to_owned())
                    })?;
                    zone.vlans.insert(vlan);
                }
            }
            "criticality" => {
                let word = value.get_ref().as_str().filter(|word| CRITICALITIES.contains(word));
                let hint = format!("write one of {}", CRITICALITIES.join(", "));
                zone.criticality = Some(word.ok_or_else(|| wrong(&hint))?.into());
            }
            other => return Err(unknown(key.span(), other, KEYS)),
        }
    }
    Ok(zone)
}

fn unknown(place: Range<usize>, key: &str, known: &[&str]) -> Wrong {
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("do you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    (place, format!("there is no key {key:?}; {hint}"))
}

fn no_subnet(value: &Spanned<DeValue<'_>>, error: NotASubnet) -> Wrong {
    let text = value.get_ref().as_str().unwrap_or_default();
    let what = match error {
        NotASubnet::Perhaps(meant) => Subnet::to_string(&meant),
        NotASubnet::Unreadable => "one like 10.1.0.0/16".to_owned(),
    };
    (value.span(), format!("{text:?} is no subnet; write {what}"))
}

fn list<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Option<&'a [Spanned<DeValue<'i>>]> {
    value.get_ref().as_array().map(|list| &**list)
}

fn whole(value: &Spanned<DeValue<'_>>) -> Option<u16> {
    let integer = value.get_ref().as_integer()?;
    u16::from_str_radix(integer.as_str(), integer.radix()).ok()
}

const KEYS: &[&str] = &["name", "purdue", "subnets", "vlans", "criticality"];
pub(super) const CRITICALITIES: &[&str] = &["low", "medium", "high", "critical"];

/// The enterprise network; the level above the highest is no part of a plant.
pub(super) const PURDUE_MAX: u8 = 5;

/// 4095 is reserved, 0 is no VLAN (IEEE 802.1Q-2018, 9.6).
pub(super) const VLAN_MAX: u16 = 4_094;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, String) {
        let (place, what) = zones(text).unwrap_err();
        (text[..place.start].matches('\n').count() + 1, what)
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line, words) in [
            ("[[zone]]\nname = \"A\"\nsubnet = []\n", 3, "no key \"subnet\"; do you mean subnets?"),
            ("[[zones]]\nname = \"A\"\n", 1, "do you mean zone?"),
            ("[zone]\nname = \"A\"\n", 1, "[[zone]]"),
            ("[[zone]]\npurdue = 1\n", 1, "no name"),
            ("[[zone]]\nname = \"A\"\npurdue = 6\n", 3, "from 0 to 5"),
            ("[[zone]]\nname = \"A\"\nsubnets = [\n  \"10.1.2.3/24\"]\n", 4, "10.1.2.0/24"),
            ("[[zone]]\nname = \"A\"\nsubnets = [\"10.1\"]\n", 3, "is no subnet"),
            ("[[zone]]\nname = \"A\"\nvlans = [0]\n", 3, "from 1 to 4094"),
            ("[[zone]]\nname = \"A\"\ncriticality = \"huge\"\n", 3, "low, medium"),
            ("[[zone]]\nname = \"A\"\n\n[[zone]]\nname = \"A\"\n", 4, "two zones"),
            (
                "[[zone]]\nname = \"A\"\nvlans = [3]\n[[zone]]\nname = \"B\"\nvlans = [3]\n",
                4,
                "vlan 3",
            ),
            (
                "[[zone]]\nname = \"A\"\nsubnets = [\"10.0.0.0/8\"]\n[[zone]]\nname = \"B\"\nsubnets = [\"10.0.0.0/8\"]\n",
                4,
                "give only their VLANs",
            ),
            ("[[zone]\n", 1, ""),
        ] {
            let (at, what) = wrong(text);
            assert_eq!(at, line, "{text}: {what}");
            assert!(what.contains(words), "{text}: {what}");
        }
    }

    #[test]
    fn a_file_without_zones_is_one() {
        assert_eq!(zones("# none yet\n").unwrap(), Zones::default());
    }
}
