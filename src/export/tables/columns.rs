//! Which columns the tables of devices, parts and verdicts have, and how wide they are.

use crate::export::columns::Column;
use crate::export::tables::{Head, Table};

/// A column of those tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// One that CSV and tables have, too.
    Known(Column),
    /// What to ask whom, so that a verdict can be given.
    Question,
    /// How many verdicts there are of this sort about the thing: affected.
    Affected,
    /// The same: cannot tell.
    CannotTell,
}

/// The columns of a table.
pub(super) fn of(table: Table) -> Vec<Place> {
    let names = match table {
        Table::Modules => MODULES,
        Table::Findings => FINDINGS,
        Table::CannotTell => CANNOT_TELL,
        _ => ASSETS,
    };
    let place = |name: &&str| match *name {
        QUESTION => Some(Place::Question),
        AFFECTED => Some(Place::Affected),
        UNDECIDED => Some(Place::CannotTell),
        name => Column::named(name).map(Place::Known),
    };
    names.iter().filter_map(place).collect()
}

/// Its name and width.
pub(super) fn head(place: &Place) -> Head {
    let name = match place {
        Place::Known(column) => column.name,
        Place::Question => QUESTION,
        Place::Affected => AFFECTED,
        Place::CannotTell => UNDECIDED,
    };
    let width = match name {
        "asset_id" | "finding_id" | "because" | "priority_because" | "title" | QUESTION => 38,
        "identity" | "first_seen" | "last_seen" | "evidence" | "vector" | "clause" => 32,
        "name" | "ips" | "macs" | "vendor" | "product" | "model" | "order_number" | "reason"
        | "fixed_in" | "decision_why" | "reopened" | "advisory" => 22,
        "serial" | "firmware" | "cve" | "zone" | "os" | "protocols" => 16,
        _ => 12,
    };
    Head { name, width }
}

const QUESTION: &str = "question";
const AFFECTED: &str = "affected";
const UNDECIDED: &str = "cannot_tell";

/// What can be edited stands where a person looks first; `assets import` takes the names.
const ASSETS: &[&str] = &[
    "asset_id",
    "name",
    "ips",
    "macs",
    "vlans",
    "kind",
    "role",
    "vendor",
    "product",
    "model",
    "order_number",
    "series",
    "firmware",
    "hardware",
    "serial",
    "os",
    "os_build",
    "domain",
    "mode",
    "sites",
    "zone",
    "purdue",
    "purdue_from",
    "criticality",
    AFFECTED,
    UNDECIDED,
    "protocols",
    "first_seen",
    "last_seen",
    "evidence",
    "identity",
];

const MODULES: &[&str] = &[
    "asset_id",
    "name",
    "ips",
    "macs",
    "vlans",
    "module",
    "kind",
    "role",
    "vendor",
    "product",
    "model",
    "order_number",
    "series",
    "firmware",
    "hardware",
    "serial",
    "os",
    "os_build",
    "mode",
    "sites",
    "zone",
    AFFECTED,
    UNDECIDED,
    "first_seen",
    "last_seen",
    "evidence",
];

const FINDINGS: &[&str] = &[
    "finding_id",
    "asset_id",
    "name",
    "module",
    "ips",
    "vendor",
    "product",
    "model",
    "firmware",
    "sites",
    "zone",
    "finding_kind",
    "advisory",
    "title",
    "cve",
    "verdict",
    "reason",
    "because",
    "clause",
    "grade",
    "certainty",
    "fixed_in",
    "remediation",
    "cvss",
    "vector",
    "kev",
    "epss",
    "exposure",
    "priority",
    "priority_because",
    "patch_state",
    "patch_state_by",
    "proposed_state",
    "decision",
    "decision_by",
    "decision_why",
    "decision_due",
    "decision_expires",
    "reopened",
];

const CANNOT_TELL: &[&str] = &[
    "finding_id",
    "asset_id",
    "name",
    "module",
    "ips",
    "vendor",
    "product",
    "model",
    "firmware",
    "sites",
    "zone",
    "finding_kind",
    "advisory",
    "title",
    "cve",
    "reason",
    QUESTION,
    "because",
    "cvss",
    "kev",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_column() {
        for (table, names) in [
            (Table::Assets, ASSETS),
            (Table::Modules, MODULES),
            (Table::Findings, FINDINGS),
            (Table::CannotTell, CANNOT_TELL),
        ] {
            assert_eq!(of(table).len(), names.len(), "{table:?}");
        }
    }
}
