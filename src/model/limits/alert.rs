//! Caps of outputs: what goes to log systems and other programs.

/// Outputs of one configuration: a thread each. A plant has two or three.
pub const OUTPUTS_MAX: usize = 32;

/// Notices that wait for one receiver, unless the configuration says otherwise: a receiver may be away for a long weekend of a busy
/// plant.
pub const SPOOL_NOTICES: u64 = 100_000;

/// The most that a configuration may ask for.
pub const SPOOL_NOTICES_MAX: u64 = 100_000_000;

/// Notices read from the store, and sent, at once.
pub const OUTPUT_BATCH_MAX: usize = 1_000;

/// Of these, unless the configuration says otherwise.
pub const OUTPUT_BATCH: usize = 100;

/// Bytes of a syslog message, unless the configuration says otherwise: what RFC 5424, section 6.1, wants receivers to take.
pub const SYSLOG_BYTES: usize = 2_048;

/// The fewest that a configuration may ask for: a notice without its texts fits.
pub const MESSAGE_BYTES_MIN: usize = 1_024;

/// The most: what a datagram of UDP can carry.
pub const MESSAGE_BYTES_MAX: usize = 65_507;

/// Batches that were sent and are not yet known to have arrived. Past that, sending waits.
pub const BATCHES_UNCONFIRMED_MAX: usize = 64;

/// Times that a receiver may refuse a single notice before it is given up, so that one that it cannot read does not hold up the others.
pub const REFUSALS_MAX: u32 = 10;

/// Bytes of a token, a secret, a key, or a certificate with its chain.
pub const SECRET_FILE_BYTES_MAX: u64 = 256 * 1_024;

/// Bytes of the certificates to trust: the list of a whole system has some 250 KiB.
pub const CA_FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// Bytes of a configuration that outputs are read from.
pub const OUTPUT_CONFIG_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// Bytes of the file that tells how far an output is.
pub const CURSOR_BYTES_MAX: u64 = 64 * 1_024;

/// Bytes of the head of an answer to a webhook.
pub const ANSWER_HEAD_BYTES_MAX: usize = 64 * 1_024;

/// Seconds that a receiver of a webhook may ask to be left alone.
pub const RETRY_AFTER_SECONDS_MAX: u64 = 300;

/// Addresses of one name that are tried.
pub const RESOLVED_ADDRESSES_MAX: usize = 8;

/// Datagrams sent without a pause: a receiver that was away is not flooded, which would cost what it should get.
pub const DATAGRAM_BURST_MAX: usize = 64;

/// Bytes of the system's table of connections that are read to find one of them.
pub const CONNECTION_TABLE_BYTES_MAX: u64 = 8 * 1_024 * 1_024;

/// Files of notices kept beside the current one.
pub const NOTICE_FILES_MAX: u32 = 1_000;

/// Bytes of an error that is kept and shown: a sentence of it.
pub const OUTPUT_ERROR_BYTES_MAX: usize = 512;
