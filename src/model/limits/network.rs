//! Caps of what switches and agents of network management say of themselves.

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
