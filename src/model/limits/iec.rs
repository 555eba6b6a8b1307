//! Caps of the readers of IEC 60870 and IEC 61850.

/// Common addresses that are told of one way of a connection: a concentrator speaks for some hundred stations.
pub const IEC104_STATIONS_MAX: usize = 1_024;

/// Bytes of one TPDU, or of one message that came in several, that are waited for: stations agree on 65,000 at most, and
/// lists of names, the longest that is read, are cut to that.
pub const MMS_MESSAGE_BYTES_MAX: usize = 64 * 1_024;

/// Questions of one association whose answer is awaited because it tells something: both ends agree on some ten requests at
/// once.
pub const MMS_QUESTIONS_MAX: usize = 32;

/// Variables of one request that are looked at: a list of them fits one message.
pub const MMS_ITEMS_MAX: usize = 1_024;

/// Streams of GOOSE, or of sampled values, that one node publishes to one address and that are known again: a relay has up to
/// some tens of control blocks, mostly each with an address of its own.
pub const PROCESS_BUS_STREAMS_MAX: usize = 128;

/// Bytes of what one message says of itself that are kept to know it again: three names of 129 letters and a few numbers.
pub const PROCESS_BUS_STREAM_BYTES_MAX: usize = 512;
