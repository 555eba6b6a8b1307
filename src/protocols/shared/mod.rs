//! Parts that several protocols carry.

pub(in crate::protocols) mod ntlmssp;
pub(in crate::protocols) mod spnego;
