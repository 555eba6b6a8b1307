//! What is said about the transport under CIP: services, security and connections.

use crate::model::Key;

/// ListServices: what the bits of [`super::keys::CAPABILITY_FLAGS`] mean, those without a meaning left out.
pub(super) const CAPABILITIES: Key = Key::one("enip.capabilities");
/// ListIdentity: names of the profiles in [`super::keys::SECURITY_PROFILES`].
pub(super) const SECURITY_PROFILE_NAMES: Key = Key::one("enip.security_profile_names");
/// ListIdentity: the registered ports that are open, of 44818, 2222 and 2221.
pub(super) const OPEN_PORTS: Key = Key::one("enip.open_ports");
/// TLS or DTLS in front of EtherNet/IP, with the version that the server chose: `TLS 1.2`. Without a version
/// when the conversation began before the capture.
pub(super) const CIP_SECURITY: Key = Key::several("enip.cip_security");
/// Number of the cipher suite that the server chose (IANA TLS Cipher Suites); those named NULL encrypt nothing.
pub(super) const CIPHER_SUITE: Key = Key::several("enip.cip_security_cipher_suite");

/// ListInterfaces: handle of an interface other than CIP's.
pub(super) const INTERFACE_HANDLE: Key = Key::several("enip.interface_handle");
/// Encapsulation status of refusals that tell what the device is: 1 command unknown, 2 out of memory,
/// 0x69 version of the protocol unknown, 0x6A service not allowed on this port.
pub(super) const ENCAPSULATION_ERROR: Key = Key::several("enip.encapsulation_error");

/// Electronic key of a Forward_Open: the serial number expected, written as [`super::keys::SERIAL_NUMBER`].
pub(super) const EXPECTED_SERIAL_NUMBER: Key = Key::one("enip.expected_serial_number");
/// Forward_Open: bytes that a message from originator to target may have.
pub(super) const ORIGINATOR_TO_TARGET_SIZE: Key = Key::several("enip.originator_to_target_size");
/// Forward_Open: bytes that a message from target to originator may have.
pub(super) const TARGET_TO_ORIGINATOR_SIZE: Key = Key::several("enip.target_to_originator_size");
/// Forward_Open: after how many packet intervals without a message a connection is given up.
pub(super) const TIMEOUT_MULTIPLIER: Key = Key::several("enip.connection_timeout_multiplier");
/// Forward_Open: microseconds that the target waits between two messages at least.
pub(super) const PRODUCTION_INHIBIT_TIME: Key = Key::several("enip.production_inhibit_time");
/// Forward_Open: group, `ip:port`, to which this node sends implicit messages.
pub(super) const PRODUCES_TO: Key = Key::several("enip.produces_to");
/// Forward_Open: group, `ip:port`, from which this node takes implicit messages.
pub(super) const CONSUMES_FROM: Key = Key::several("enip.consumes_from");
/// A Forward_Open that was refused: general status, then extended status, in hexadecimal. Extended status
/// 0x0114 to 0x0116 say that the device is not the one that its electronic key expects.
pub(super) const CONNECTION_REFUSED: Key = Key::event("enip.connection_refused");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    CAPABILITIES,
    SECURITY_PROFILE_NAMES,
    OPEN_PORTS,
    CIP_SECURITY,
    CIPHER_SUITE,
    INTERFACE_HANDLE,
    ENCAPSULATION_ERROR,
    EXPECTED_SERIAL_NUMBER,
    ORIGINATOR_TO_TARGET_SIZE,
    TARGET_TO_ORIGINATOR_SIZE,
    TIMEOUT_MULTIPLIER,
    PRODUCTION_INHIBIT_TIME,
    PRODUCES_TO,
    CONSUMES_FROM,
    CONNECTION_REFUSED,
];
