//! Parts that several protocols carry.

pub(super) mod dns;
pub(super) mod netbios_name;
pub(super) mod ntlmssp;
pub(super) mod readable;
pub(super) mod spnego;
