//! The one integration-test binary. Tests may index, cast and unwrap: a panic is how they fail.

#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod advisories;
mod alert;
mod baseline;
mod broken;
mod bundles;
mod ceiling;
mod chunking;
mod cli;
mod columns;
mod config;
mod conversations;
mod coverage;
mod csaf21;
mod damage;
mod decisions;
mod determinism;
mod diffs;
mod docs;
mod doctor;
mod embedded;
mod encapsulation;
mod evidence;
mod exports;
mod fetch;
mod fuzzed;
mod golden;
mod hostile;
mod hygiene;
mod kept;
mod lint;
mod lints;
mod lists;
mod live;
mod made;
mod matching;
mod mirror;
mod packaging;
mod patches;
mod program;
mod properties;
mod query;
mod random;
mod reading;
mod recheck;
mod registry;
mod replayed;
mod reporting;
mod rulings;
mod rights;
mod roles;
mod scenarios;
mod schemas;
mod secrets;
mod sensor;
mod shelf;
mod signatures;
mod sites;
mod store;
mod tidy;
mod traffic;
mod treatment;
mod truth;
mod vex;
mod tshark;
mod verdicts;
mod weighing;
mod web;
mod withheld;
