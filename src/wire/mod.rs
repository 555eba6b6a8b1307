//! Untrusted bytes: the only way to read them, and how they fail.
//!
//! ARCHITECTURE INVARIANT: imports nothing from this crate, and no other module moves through bytes.

pub mod malformed;
pub mod open_enum;
pub mod reader;
pub mod text;

pub use malformed::Malformed;
pub use open_enum::open_enum;
pub use reader::{Reader, Span};
