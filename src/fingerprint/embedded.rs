//! The files that come with the program. `tests/suite/signatures.rs` checks that none of `signatures/` is missing.

/// Files of rules, in the order of their names.
pub const FILES: &[(&str, &str)] =
    &[("rockwell.toml", include_str!("../../signatures/rockwell.toml"))];

/// Spellings of vendors and products.
pub const VOCABULARY: &[(&str, &str)] =
    &[("vocabulary.toml", include_str!("../../signatures/vocabulary.toml"))];

/// Tables, in the order of their names.
pub const TABLES: &[(&str, &str)] = &[
    ("cip-vendors.csv", include_str!("../../signatures/tables/cip-vendors.csv")),
    ("oui.csv", include_str!("../../signatures/tables/oui.csv")),
];
