//! What a report for people says before it lists anything: what was seen, what to do first, what to ask, what could not be seen.
//!
//! Each is computed from the same [`Report`](crate::export::Report) that NDJSON prints, so that a number on the first page is the
//! number of the contract.

mod gaps;
mod jobs;
mod questions;
mod seen;
mod tally;

pub(super) use gaps::{Gap, gaps};
pub(super) use jobs::{Job, Thing, jobs};
pub(super) use questions::{Question, questions};
pub(super) use seen::{Seen, day, minute, product, seen, version};
pub(super) use tally::{Tally, tallies};
