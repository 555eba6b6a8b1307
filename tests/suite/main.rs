//! The one integration-test binary. Tests may index, cast and unwrap: a panic is how they fail.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod embedded;
mod tidy;
