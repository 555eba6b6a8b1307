//! The 32 fields of an OT asset inventory that CISA and its partners recommend (Foundations for OT Cybersecurity: Asset Inventory Guidance
//! for Owners and Operators, 13 August 2025, appendix A, table 1), each with where it comes from here, or why listening cannot tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::export::Report;
use crate::export::pack::tables::Table;
use crate::model::{Asset, AssetId, Field};

/// One field.
struct Attribute {
    /// As the guidance calls it.
    name: &'static str,
    /// How important the guidance takes it.
    priority: &'static str,
    /// Where it comes from here, or why it does not.
    source: &'static str,
    what: What,
}

/// What is known of a field.
#[derive(Clone, Copy)]
enum What {
    /// A field of the nameplate.
    Plate(Field),
    /// The release and the build of an operating system.
    OsVersion,
    /// Firmware, else the version of the system.
    Version,
    /// Kind and role.
    Role,
    Protocols,
    Ports,
    Criticality,
    Number,
    Addresses,
    Macs,
    Vlans,
    /// Site and zone.
    Place,
    /// Listening cannot tell it.
    Never,
}

/// Prints a row for each field: priority, source, and for how many devices it is known.
pub(super) fn fields(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let columns = ["field", "priority", "observable", "known_for", "of_assets", "source"];
    let mut table = Table::new(out, &columns)?;
    let ports = ports(report);
    let all = report.assets.len().to_string();
    for attribute in ATTRIBUTES {
        let is_never = matches!(attribute.what, What::Never);
        let known =
            report.assets.iter().filter(|asset| value(report, &ports, asset, attribute).is_some());
        let known = if is_never { String::new() } else { known.count().to_string() };
        let observable = if is_never { NOT_OBSERVABLE } else { "yes" };
        let Attribute { name, priority, source, .. } = attribute;
        table.row([*name, *priority, observable, &*known, &*all, *source])?;
    }
    table.end()
}

/// Prints a row for each device, with a column for each field.
pub(super) fn values(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let names = ATTRIBUTES.iter().map(|attribute| attribute.name);
    let columns: Vec<&str> = ["asset_id", "name"].into_iter().chain(names).collect();
    let mut table = Table::new(out, &columns)?;
    let ports = ports(report);
    for asset in report.assets {
        let mut row = vec![asset.id.to_string(), asset.shown_name()];
        row.extend(ATTRIBUTES.iter().map(|attribute| {
            let missing = match attribute.what {
                What::Never => NOT_OBSERVABLE,
                _ => NOT_SEEN,
            };
            value(report, &ports, asset, attribute).unwrap_or_else(|| missing.to_owned())
        }));
        table.row(row)?;
    }
    table.end()
}

/// Where each device was spoken to.
fn ports(report: &Report<'_>) -> BTreeMap<AssetId, BTreeSet<String>> {
    let mut ports: BTreeMap<AssetId, BTreeSet<String>> = BTreeMap::new();
    for talk in report.talks {
        // A port that nobody answered from is no service.
        let answered = talk.conversation.packets.last().is_some_and(|packets| *packets > 0);
        if let Some(server) = talk.server.filter(|_| answered) {
            ports.entry(server.id).or_default().insert(talk.conversation.port.to_string());
        }
    }
    ports
}

/// What is known of a field of a device; `None` where nothing is.
fn value(
    report: &Report<'_>,
    ports: &BTreeMap<AssetId, BTreeSet<String>>,
    asset: &Asset,
    attribute: &Attribute,
) -> Option<String> {
    let plate = &asset.nameplate;
    let joined = |items: Vec<String>| Some(items.join(" ")).filter(|text| !text.is_empty());
    let words = |fields: &[Field]| {
        let said = fields.iter().filter_map(|field| plate.value(*field));
        joined(said.map(str::to_owned).collect())
    };
    match attribute.what {
        What::Plate(field) => plate.value(field).map(str::to_owned),
        What::OsVersion => plate.value(Field::OsBuild).map(str::to_owned),
        What::Version => crate::export::shown_version(plate).map(str::to_owned),
        What::Role => words(&[Field::Kind, Field::Role]),
        What::Protocols => joined(asset.protocols.iter().map(ToString::to_string).collect()),
        What::Ports => joined(ports.get(&asset.id)?.iter().cloned().collect()),
        What::Criticality => report.zones.of(asset)?.criticality.as_deref().map(str::to_owned),
        What::Number => Some(asset.id.to_string()),
        What::Addresses => joined(asset.ips.iter().map(ToString::to_string).collect()),
        What::Macs => joined(asset.macs.iter().map(ToString::to_string).collect()),
        What::Vlans => {
            let vlans: BTreeSet<u16> = asset.scopes.iter().map(|scope| scope.vlan).collect();
            let vlans = vlans.iter().filter(|vlan| **vlan != 0).map(ToString::to_string);
            joined(vlans.collect())
        }
        What::Place => {
            let site = report.run.sites.of(asset).join(", ");
            let zone = report.zones.of(asset).map(|zone| zone.name.to_string());
            let parts = [Some(site).filter(|site| !site.is_empty()), zone];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(": "))
                .filter(|text| !text.is_empty())
        }
        What::Never => None,
    }
}

const fn seen(
    name: &'static str,
    priority: &'static str,
    what: What,
    source: &'static str,
) -> Attribute {
    Attribute { name, priority, source, what }
}

const fn never(name: &'static str, priority: &'static str, source: &'static str) -> Attribute {
    Attribute { name, priority, source, what: What::Never }
}

/// What the table says where no device could be told by listening.
const NOT_OBSERVABLE: &str = "not observable";
/// What it says where this device did not tell.
const NOT_SEEN: &str = "not seen";
const HIGH: &str = "high";
const MEDIUM: &str = "medium";
const LOW: &str = "low";

/// All fields, by the names, priorities and order of the guidance.
const ATTRIBUTES: &[Attribute] = &[
    seen(
        "Active/supported communication protocols",
        HIGH,
        What::Protocols,
        "protocols that the device was heard to speak; those that it supports and nobody used are not seen",
    ),
    seen(
        "Asset criticality",
        HIGH,
        What::Criticality,
        "criticality of its zone, as a person states it (--zones)",
    ),
    seen(
        "Asset number",
        HIGH,
        What::Number,
        "identifier computed from its strongest identity: the same for everybody who sees the device; the plant's own number is not on the wire",
    ),
    seen(
        "Asset role/type",
        HIGH,
        What::Role,
        "kind and role, by rules on what it says and does; evidence.csv names the frames",
    ),
    seen(
        "Hostname",
        HIGH,
        What::Plate(Field::Name),
        "name that the device gives itself; evidence.csv names the frames",
    ),
    seen("IP address", HIGH, What::Addresses, "source addresses of its packets"),
    never(
        "Logging",
        HIGH,
        "how its logs are collected is a matter of configuration; ask its administrator",
    ),
    seen(
        "MAC address",
        HIGH,
        What::Macs,
        "source addresses of its frames; that of a router in front of it is not taken for its own",
    ),
    seen(
        "Manufacturer",
        HIGH,
        What::Plate(Field::Vendor),
        "vendor, as the device says; else by the block of its MAC address, as a hint; evidence.csv names the frames",
    ),
    seen(
        "Model",
        HIGH,
        What::Plate(Field::Model),
        "model or catalogue number, as the device says; evidence.csv names the frames",
    ),
    seen(
        "Operating system",
        HIGH,
        What::Plate(Field::Os),
        "release of the operating system, as the device says; evidence.csv names the frames",
    ),
    seen(
        "Physical location/address",
        HIGH,
        What::Place,
        "site and zone, as a person states them (--site, --zones); rack and room are not on the wire",
    ),
    seen(
        "Ports/services",
        HIGH,
        What::Ports,
        "ports on which the device answered; those that nobody used are not seen",
    ),
    never(
        "User accounts",
        HIGH,
        "accounts of people are never kept, even where a protocol shows them; ask its administrator",
    ),
    never("Backup frequency/type", MEDIUM, "a matter of procedure; ask its administrator"),
    never("Baseline image", MEDIUM, "a matter of procedure; ask its administrator"),
    never("Department/owner", MEDIUM, "a matter of organisation; ask the owner of the zone"),
    never("Distributor", MEDIUM, "in the papers of purchase"),
    seen(
        "Firmware/software version",
        MEDIUM,
        What::Version,
        "firmware, where it is the number that advisories use; evidence.csv names the frames",
    ),
    seen(
        "OS version",
        MEDIUM,
        What::OsVersion,
        "build of the operating system, as the device says; evidence.csv names the frames",
    ),
    never(
        "Physical or virtual",
        MEDIUM,
        "a MAC address of a maker of hypervisors is a hint at best: it can be set; ask its administrator",
    ),
    seen(
        "VLAN",
        MEDIUM,
        What::Vlans,
        "tags of its frames at the point of capture; none where the mirror takes them off",
    ),
    never("Antivirus/endpoint protection", LOW, "a matter of configuration; ask its administrator"),
    never(
        "Date of manufacture",
        LOW,
        "on the label of the device; no protocol that is read tells it",
    ),
    never("Hypervisor", LOW, "a matter of configuration; ask its administrator"),
    never("Local time zone", LOW, "no protocol that is read tells it of a device"),
    never("Location within hypervisor", LOW, "a matter of configuration; ask its administrator"),
    never(
        "Network monitoring",
        LOW,
        "that the device is in this list means that its traffic passed the point of capture; how well, coverage.csv tells for the whole",
    ),
    never(
        "Notes/description",
        LOW,
        "free text of people; what they state of devices is in decisions-devices.csv",
    ),
    never(
        "Primary communication method",
        LOW,
        "a mirror port hides the medium in front of the switch; ask its administrator",
    ),
    seen(
        "Serial number",
        LOW,
        What::Plate(Field::Serial),
        "serial number, as the device says; evidence.csv names the frames",
    ),
    never("Time source", LOW, "NTP and PTP are not read yet"),
];
