//! Parts that several protocols carry.

pub(super) mod readable;
