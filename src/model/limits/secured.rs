//! Caps of certificates, of what carries them, and of what servers say of themselves when a conversation begins.

/// Attributes read from one name in a certificate; real ones have up to ten.
pub const CERTIFICATE_ATTRIBUTES_MAX: usize = 32;

/// Alternative names read from one certificate: those of content networks have some hundred, those of devices up to ten.
pub const CERTIFICATE_NAMES_MAX: usize = 128;

/// Certificates read from one chain: a device's own, and those of the authorities above it, seldom more than three.
pub const TLS_CERTIFICATES_MAX: usize = 16;

/// Bytes of one handshake message of TLS that is waited for: it must fit what one direction of a conversation may hold. Chains
/// of large certificates take some 8 KiB.
pub const TLS_MESSAGE_BYTES_MAX: usize = 48 * 1_024;

/// Records that are looked at behind the one with which an end began to encrypt, where the other end is not seen to: captures
/// may hold one direction only.
pub const TLS_RECORDS_MAX: u8 = 16;

/// Bytes of one packet of SSH that is waited for: RFC 4253 section 6.1 asks for 35,000, and hosts keep to it.
pub const SSH_PACKET_BYTES_MAX: usize = 35_000;

/// Packets of one direction of SSH that are read before it encrypts: a key exchange has three.
pub const SSH_PACKETS_MAX: u8 = 16;

/// Bytes of one TDS packet that is waited for: both ends agree on 4,096 at first, and on 32,767 at most.
pub const TDS_MESSAGE_BYTES_MAX: usize = 32 * 1_024;

/// Bytes of the first packet of a MySQL server that is waited for: greetings have about a hundred, refusals a sentence.
pub const MYSQL_GREETING_BYTES_MAX: usize = 1_024;
