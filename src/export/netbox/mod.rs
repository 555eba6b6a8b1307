//! A bundle of CSV files for the bulk import of NetBox: files to look through and to import by hand, in the order of their numbers.
//! Nothing is ever written to a NetBox.
//!
//! The headers are those that its import forms take (`netbox/dcim/forms/bulk_import.py` and `netbox/ipam/forms/bulk_import.py` of
//! github.com/netbox-community/netbox, release 4.2 and later), and only such as every release since then has. What NetBox needs and
//! nobody observed is said to be unknown: a device without a maker gets the manufacturer "Unknown", never a guess.

mod names;
mod records;

use std::io;

use crate::export::Report;
use crate::export::set::{Place, Set};
use crate::export::tables::Cell;

use records::Records;

/// Writes the bundle.
///
/// # Errors
///
/// When a file cannot be written.
pub fn netbox(report: &Report<'_>, place: &mut dyn Place) -> io::Result<()> {
    let records = Records::new(report);
    let mut set = Set::new(place);
    for (number, (file, rows)) in (1_u64..).zip(FILES.iter().zip(records.files())) {
        let name = format!("{number:02}-{}.csv", file.name);
        set.csv((name, file.about), file.heads, |each| {
            for row in rows {
                let cells: Vec<Cell<'_>> =
                    row.iter().map(|text| Cell::text(text.as_str())).collect();
                each(&cells)?;
            }
            Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
        })?;
    }
    set.finish("netbox", report, &records.notes)
}

/// A file of the bundle.
struct FileOf {
    name: &'static str,
    about: &'static str,
    heads: &'static [&'static str],
}

/// In the order in which they refer to each other.
const FILES: [FileOf; 12] = [
    FileOf {
        name: "sites",
        about: "Organization, Sites",
        heads: &["name", "slug", "status", "description"],
    },
    FileOf {
        name: "manufacturers",
        about: "Devices, Manufacturers",
        heads: &["name", "slug", "description"],
    },
    FileOf {
        name: "device-roles",
        about: "Devices, Device Roles",
        heads: &["name", "slug", "color", "vm_role", "description"],
    },
    FileOf {
        name: "device-types",
        about: "Devices, Device Types",
        heads: &["manufacturer", "model", "slug", "part_number", "u_height", "description"],
    },
    FileOf {
        name: "module-types",
        about: "Devices, Module Types",
        heads: &["manufacturer", "model", "part_number", "description"],
    },
    FileOf {
        name: "devices",
        about: "Devices, Devices",
        heads: &[
            "name",
            "role",
            "manufacturer",
            "device_type",
            "serial",
            "status",
            "site",
            "description",
            "comments",
        ],
    },
    FileOf {
        name: "module-bays",
        about: "Devices, Module Bays",
        heads: &["device", "name", "position", "description"],
    },
    FileOf {
        name: "modules",
        about: "Devices, Modules",
        heads: &[
            "device",
            "module_bay",
            "module_type",
            "serial",
            "status",
            "description",
            "comments",
        ],
    },
    FileOf {
        name: "interfaces",
        about: "Devices, Interfaces",
        heads: &["device", "name", "type", "enabled", "description"],
    },
    FileOf {
        name: "mac-addresses",
        about: "Devices, MAC Addresses",
        heads: &["mac_address", "device", "interface", "description"],
    },
    FileOf {
        name: "vrfs",
        about: "IPAM, VRFs: where several devices have one address, each has a place of its own",
        heads: &["name", "enforce_unique", "description"],
    },
    FileOf {
        name: "ip-addresses",
        about: "IPAM, IP Addresses",
        heads: &["address", "vrf", "status", "device", "interface", "is_primary", "description"],
    },
];

#[cfg(test)]
mod tests;
