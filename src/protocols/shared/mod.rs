//! Parts that several protocols carry.

pub(super) mod base64;
pub(super) mod ber;
pub(super) mod certificate;
pub(super) mod cotp;
pub(super) mod dcerpc;
pub(super) mod dns;
pub(super) mod gathered;
pub(super) mod kerberos;
pub(super) mod line;
pub(super) mod netbios_name;
pub(super) mod ntlmssp;
pub(super) mod pccc;
pub(super) mod process_bus;
pub(super) mod readable;
pub(super) mod spnego;
