//! Edge: SQLite.
