//! Caps of the reader of OPC UA.

/// Bytes that one chunk may say it has. Servers agree on 64 KiB mostly, on some MiB at most; what says more has lost its
/// framing.
pub const OPCUA_CHUNK_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Bytes of one message that is put together from chunks, or read whole. Answers with the endpoints of a server have some
/// 2 KiB for each endpoint and certificate.
pub const OPCUA_MESSAGE_BYTES_MAX: usize = 256 * 1_024;

/// Requests of one connection whose answer is awaited because it tells something; clients have a few under way.
pub const OPCUA_REQUESTS_MAX: usize = 32;

/// Elements of one array that are looked at: nodes that are read, references, endpoints.
pub const OPCUA_ELEMENTS_MAX: usize = 4_096;

/// Nodes of one connection whose place among the nameplates is remembered, or that one request asks for: a device has
/// some fifteen properties, and a server tens of devices.
pub const OPCUA_NODES_MAX: usize = 512;

/// Bytes of the identifier of a node that is remembered. Servers use the path of a tag as its identifier.
pub const OPCUA_NODE_BYTES_MAX: usize = 256;

/// How deep values, diagnostics and extension objects may lie in each other.
pub const OPCUA_DEPTH_MAX: usize = 8;
