//! Supplier advisories, as far as matching needs them.
