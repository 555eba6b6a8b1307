//! Caps of the readers of ADS, Niagara Fox, EtherCAT, CODESYS, PCWorx, ProConOS, POWERLINK and Sercos.

/// ADS requests of one connection whose answer is awaited: TwinCAT sends the next when the answer to the last has come, and
/// panels some ten at once.
pub const ADS_PENDING_MAX: usize = 32;

/// AMS addresses of one connection that are told apart: a controller has some ten ports, a router passes on for a few others.
pub const ADS_ADDRESSES_MAX: usize = 64;

/// Bytes of one AMS message that are believed: TwinCAT's router takes 2 MB at most by default.
pub const ADS_MESSAGE_BYTES_MAX: u32 = 64 * 1_024 * 1_024;

/// Blocks of one answer to a search that are looked at; a controller sends three or four.
pub const ADS_BLOCKS_MAX: usize = 32;

/// Bytes of one hello of Niagara Fox that are waited for: those of large supervisors have some two thousand.
pub const FOX_HELLO_BYTES_MAX: usize = 16 * 1_024;

/// Lines of one hello that are looked at; there are some twenty.
pub const FOX_HELLO_LINES_MAX: usize = 128;

/// Datagrams of one EtherCAT frame that are looked at: a frame has room for 117 empty ones.
pub const ETHERCAT_DATAGRAMS_MAX: usize = 128;

/// Slaves of one line that are told apart; addresses would allow 65,535, plants have some hundreds.
pub const ETHERCAT_SLAVES_MAX: usize = 2_048;

/// Bytes of one CODESYS message over TCP that are believed; a block holds 512, and services are cut into blocks.
pub const CODESYS_MESSAGE_BYTES_MAX: usize = 64 * 1_024;
