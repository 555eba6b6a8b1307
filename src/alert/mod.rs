//! Edge: messages out. What is worth telling goes to the log systems and programs that a plant already has: syslog and CEF over UDP,
//! TCP and TLS, webhooks, files that an agent reads.
//!
//! Notices are numbered rows that somebody keeps, a [`Backlog`]; each output reads from there in a thread of its own and remembers in a
//! small file how far it is. So a receiver that is slow or away holds up nothing but itself, what it missed is sent when it is back, and
//! what waits is bounded by what is kept. Delivery is at least once: after a broken connection the last notices come again, with the
//! same numbers.
//!
//! ARCHITECTURE INVARIANT: sockets stand in `transport` alone, and nothing here runs in a process that captures.

mod address;
mod backlog;
mod backoff;
mod browse;
mod choice;
mod cursor;
mod file;
pub mod format;
pub(crate) mod hmac;
mod news;
mod outputs;
mod plan;
mod secret;
mod settings;
mod transport;
mod trial;
mod worker;

pub use backlog::{Backlog, BacklogError, Kept};
pub use browse::Browse;
pub use choice::Choice;
pub use cursor::{Cursor, CursorError};
pub use news::News;
pub use outputs::{Open, Outputs, OutputsError};
pub use plan::Plan;
pub use settings::{
    Begin, FormatName, Framing, Header, OutputKind, OutputSettings, SettingsError, read,
};
pub use trial::{Trial, attempt};
pub use worker::Pace;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::Timestamp;

/// Takes a lock; what a thread that died left behind is plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clock on the wall.
fn now() -> Timestamp {
    Timestamp(i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX))
}
