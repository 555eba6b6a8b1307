//! Parts that several protocols carry.
