//! Parts that several protocols carry.

pub(super) mod ntlmssp;
pub(super) mod pccc;
pub(super) mod readable;
pub(super) mod spnego;
