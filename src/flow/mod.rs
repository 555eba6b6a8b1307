//! Conversations: who talks to whom, and their bytes in order. Bounded, deterministic, no clock.

pub mod input;

pub use input::{Attach, Direction, FlowKey, Input, Place};
