//! Caps of what switches, agents of network management and controllers of buildings say of themselves.

/// Numbers of one object identifier (RFC 2578, 3.5 allows no more).
pub const SNMP_OID_ARCS_MAX: usize = 128;

/// Variables read from one SNMP message: a full jumbo datagram of the shortest ones has some 800.
pub const SNMP_VARIABLES_MAX: usize = 1_024;

/// Bytes of one SNMP message over TCP that are waited for: agents bound theirs by what a datagram holds.
pub const SNMP_MESSAGE_BYTES_MAX: usize = 56 * 1_024;

/// Requests of one conversation that wait for their answers: managers have one under way for each agent, or a few.
pub const SNMP_PENDING_MAX: usize = 32;

/// Physical entities of one agent whose class is remembered while its table is walked: a full chassis with its ports,
/// fans and sensors has some 1,000.
pub const SNMP_ENTITIES_MAX: usize = 2_048;

/// Bytes of descriptions and names that wait for the class of their entity, in one conversation.
pub const SNMP_ENTITY_BYTES_MAX: usize = 64 * 1_024;

/// Addresses read from one TLV of CDP: a port has a few.
pub const CDP_ADDRESSES_MAX: usize = 32;

/// Entries read from one table of a BACnet BBMD: plants have a BBMD for each subnet.
pub const BACNET_TABLE_ENTRIES_MAX: usize = 512;

/// Networks read from one message of a BACnet router: large sites have some hundred.
pub const BACNET_NETWORKS_MAX: usize = 512;

/// Properties read from one answer to ReadPropertyMultiple: those of a device object are some sixty, and an answer may hold
/// many objects.
pub const BACNET_PROPERTIES_MAX: usize = 4_096;

/// Bytes of one BACnet answer that comes in segments: 64 of the largest.
pub const BACNET_ANSWER_BYTES_MAX: usize = 96 * 1_024;

/// Answers in segments that are put together at a time between two nodes: behind a router may be several devices.
pub const BACNET_ANSWERS_MAX: usize = 8;

/// Requests between two BACnet nodes that change something and wait for their answers.
pub const BACNET_PENDING_MAX: usize = 64;
