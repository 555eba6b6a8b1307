//! Observations in, changes out.
