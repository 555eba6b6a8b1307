//! Lists of devices that people keep, and that were imported: what a row can say of its device.

use crate::model::{Field, Key, Timestamp};

/// A list that was imported into a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Import {
    /// Number of its file among the captures of the store.
    pub capture: u32,
    /// Who imported it.
    pub by: Box<str>,
    /// Why; empty when nothing was said.
    pub why: Box<str>,
    /// When: the time of the clock on the wall.
    pub at: Timestamp,
    /// The time at which the list was true.
    pub as_of: Timestamp,
}

/// What a column of a list says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Column {
    /// The fact that a cell of it states.
    pub key: Key,
    /// The field of the nameplate that it is about, if any.
    pub field: Option<Field>,
    /// True for versions and numbers that a spreadsheet mangles when it takes them for numbers: 4.10, 00524.
    pub is_mangled_by_spreadsheets: bool,
}

impl Column {
    const fn about(name: &'static str, field: Option<Field>) -> Self {
        Self { key: Key::one(name), field, is_mangled_by_spreadsheets: false }
    }

    const fn digits(name: &'static str, field: Field) -> Self {
        let key = Key::one(name);
        Self { key, field: Some(field), is_mangled_by_spreadsheets: true }
    }

    /// The column of that key.
    pub fn named(name: &str) -> Option<Self> {
        COLUMNS.iter().copied().find(|column| column.key.name == name)
    }
}

/// Every column that is known, in the order in which messages name them.
pub const COLUMNS: &[Column] = &[
    Column::about("import.name", Some(Field::Name)),
    Column::about("import.vendor", Some(Field::Vendor)),
    Column::about("import.product", Some(Field::Product)),
    Column::about("import.model", Some(Field::Model)),
    Column::digits("import.order_number", Field::OrderNumber),
    Column::about("import.series", Some(Field::Series)),
    Column::digits("import.serial", Field::Serial),
    Column::digits("import.firmware", Field::Firmware),
    Column::digits("import.hardware", Field::Hardware),
    Column::about("import.os", Some(Field::Os)),
    Column::digits("import.os_build", Field::OsBuild),
    Column::about("import.domain", Some(Field::Domain)),
    Column::about("import.kind", Some(Field::Kind)),
    Column::about("import.role", Some(Field::Role)),
    Column::about("import.ip", None),
    Column::about(MAC, None),
    Column::about("import.vlan", None),
    Column::about("import.zone", None),
    Column::about("import.site", None),
];

/// The MAC address of a device.
pub const MAC: &str = "import.mac";

/// The protocol of facts that a list states: the first part of their keys.
pub const PROTOCOL: &str = "import";
