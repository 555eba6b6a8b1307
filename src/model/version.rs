//! Versions, and the orders that their makers gave them.
