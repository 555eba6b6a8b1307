//! Vendor documents to advisories.
