//! **nameplate**: passive OT asset and patch-status monitor.
//!
//! One module per layer, in layer order; what may import what is a table in `tests/suite/tidy.rs`.

pub mod model;
pub mod wire;
pub mod packet;
pub mod flow;
pub mod protocols;
pub mod fingerprint;
pub mod inventory;
pub mod advisory;
pub mod assess;
pub mod handling;
pub mod query;
pub mod engine;
pub mod ledger;
pub mod compare;
pub mod watch;
pub mod capture;
pub mod bundle;
pub mod store;
pub mod export;
pub mod alert;
pub mod web;
pub mod app;
