//! Everything that S7 can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("s7.role");
/// Which protocol a server speaks: `S7comm`, `S7comm-plus V1` to `V3`, `S7comm-plus over TLS`.
pub(super) const GENERATION: Key = Key::several("s7.generation");
/// Version of TLS in which a server wraps S7comm-plus: what follows is hidden from us.
pub(super) const SECURITY: Key = Key::several("s7.security");
/// Transport selector that a server was asked for and accepted: `0x0102`, `SIMATIC-ROOT-HMI`.
pub(super) const TSAP: Key = Key::several("s7.tsap");
/// Transport selector that a client gave for itself.
pub(super) const CALLING_TSAP: Key = Key::several("s7.calling_tsap");
/// Resource of the server that a client takes: `PG` (programming device), `OP` (operator panel), `S7 basic`, or
/// `configured` for a connection that was set up in a project.
pub(super) const CONNECTION_TYPE: Key = Key::several("s7.connection_type");
/// PDU length, in bytes, that a server agreed to: one for each client that asks, hence several.
pub(super) const PDU_LENGTH: Key = Key::several("s7.pdu_length");
/// Jobs at once that a server agreed to.
pub(super) const PARALLEL_JOBS: Key = Key::several("s7.parallel_jobs");
/// Functions that a client asks for, and that a server answers.
pub(super) const FUNCTION: Key = Key::several("s7.function");
/// Function that a server refused, and its error class and code: `start upload: 0xd241`.
pub(super) const ERROR: Key = Key::several("s7.error");

/// Order number (MLFB) of the module: SZL 0x11 index 1, or the session of S7comm-plus.
pub(super) const ORDER_NUMBER: Key = Key::one("s7.order_number");
/// Type number of the module (BGTyp).
pub(super) const MODULE_TYPE: Key = Key::one("s7.module_type");
/// Version of the module (SZL 0x11 index 1).
pub(super) const MODULE_VERSION: Key = Key::one("s7.module_version");
/// Order number of the basic hardware (SZL 0x11 index 6).
pub(super) const HARDWARE_ORDER_NUMBER: Key = Key::one("s7.hardware_order_number");
/// Version of the basic hardware.
pub(super) const HARDWARE_VERSION: Key = Key::one("s7.hardware_version");
/// Version of the basic firmware (SZL 0x11 index 7): `V3.2.6`.
pub(super) const FIRMWARE: Key = Key::one("s7.firmware");
/// Name and version of a firmware extension (SZL 0x11 index 0x81): `Boot Loader A32.9.9`.
pub(super) const FIRMWARE_EXTENSION: Key = Key::several("s7.firmware_extension");

/// Name of the automation system (SZL 0x1C index 1).
pub(super) const SYSTEM_NAME: Key = Key::one("s7.system_name");
/// Name of the module (index 2).
pub(super) const MODULE_NAME: Key = Key::one("s7.module_name");
/// Plant designation of the module (index 3).
pub(super) const PLANT_DESIGNATION: Key = Key::one("s7.plant_designation");
/// Copyright entry (index 4).
pub(super) const COPYRIGHT: Key = Key::one("s7.copyright");
/// Serial number of the module (index 5).
pub(super) const SERIAL_NUMBER: Key = Key::one("s7.serial_number");
/// Module type name (index 7): `CPU 315-2 PN/DP`.
pub(super) const MODULE_TYPE_NAME: Key = Key::one("s7.module_type_name");
/// Serial number of the memory card (index 8).
pub(super) const MEMORY_CARD_SERIAL_NUMBER: Key = Key::one("s7.memory_card_serial_number");
/// Manufacturer of the module by its PROFINET number (index 9): 42 is Siemens.
pub(super) const MANUFACTURER_ID: Key = Key::one("s7.manufacturer_id");
/// Profile of the module (index 9).
pub(super) const PROFILE_ID: Key = Key::one("s7.profile_id");
/// Type within that profile.
pub(super) const PROFILE_TYPE: Key = Key::one("s7.profile_type");
/// Copyright of a maker who sells the module as its own (index 10).
pub(super) const OEM_COPYRIGHT: Key = Key::one("s7.oem_copyright");
/// Number of that maker.
pub(super) const OEM_ID: Key = Key::one("s7.oem_id");
/// Location designation of the module (index 11).
pub(super) const LOCATION_DESIGNATION: Key = Key::one("s7.location_designation");

/// Longest PDU of the module, in bytes (SZL 0x31 index 1).
pub(super) const MAXIMUM_PDU_LENGTH: Key = Key::one("s7.maximum_pdu_length");
/// Most connections that the module holds.
pub(super) const MAXIMUM_CONNECTIONS: Key = Key::one("s7.maximum_connections");
/// Protection level in force: 1 none, 2 against writing, 3 against reading and writing (SZL 0x32 index 4).
pub(super) const PROTECTION_LEVEL: Key = Key::one("s7.protection_level");
/// Protection level that the project sets; 0 for none.
pub(super) const PROTECTION_PARAMETER: Key = Key::one("s7.protection_parameter");
/// Protection level that the key switch sets.
pub(super) const PROTECTION_KEY: Key = Key::one("s7.protection_key");
/// Position of the mode switch: `RUN`, `RUN-P`, `STOP`, `MRES`.
pub(super) const MODE_SWITCH: Key = Key::one("s7.mode_switch");
/// Checksum of the hardware configuration: another one means that it was changed.
pub(super) const CONFIGURATION_CHECKSUM: Key = Key::one("s7.configuration_checksum");
/// Checksum of the user program: another one means that it was changed.
pub(super) const PROGRAM_CHECKSUM: Key = Key::one("s7.program_checksum");
/// Operating mode: `RUN`, `STOP`, `STARTUP`, `HOLD`, `DEFECT` (SZL 0x0424, mode transition).
pub(super) const MODE: Key = Key::one("s7.mode");
/// A module of the racks, as the CPU knows it: place, type number, and the type expected where it is another.
pub(super) const RACK_MODULE: Key = Key::several("s7.rack_module");

/// Addresses that wrote variables.
pub(super) const WRITER: Key = Key::several("s7.writer");
/// Blocks that came to the device.
pub(super) const DOWNLOADED_BLOCK: Key = Key::several("s7.downloaded_block");
/// Blocks that were fetched from the device.
pub(super) const UPLOADED_BLOCK: Key = Key::several("s7.uploaded_block");
/// Services of the program invocation that the device obeyed: `P_PROGRAM`, `_INSE`.
pub(super) const PI_SERVICE: Key = Key::several("s7.pi_service");
/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("s7.attempt");
/// The CPU was started: by which address.
pub(super) const START: Key = Key::event("s7.start");
/// The CPU was stopped: by which address.
pub(super) const STOP: Key = Key::event("s7.stop");
/// A block came to the device: from which address.
pub(super) const PROGRAM_DOWNLOAD: Key = Key::event("s7.program_download");
/// A block was fetched: by which address.
pub(super) const PROGRAM_UPLOAD: Key = Key::event("s7.program_upload");
/// A block was deleted: by which address.
pub(super) const BLOCK_DELETION: Key = Key::event("s7.block_deletion");
/// The clock was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("s7.clock_change");
/// Variables were forced: by which address.
pub(super) const FORCES_CHANGE: Key = Key::event("s7.forces_change");
/// The memory of the CPU was reset: by which address.
pub(super) const MEMORY_RESET: Key = Key::event("s7.memory_reset");
/// A password was accepted: from which address. The password is not kept.
pub(super) const LOG_IN: Key = Key::event("s7.log_in");

/// What the session of S7comm-plus calls the device, as it stands there: `1;6ES7 212-1BE31-0XB0 ;V3.0`.
pub(super) const SESSION_VERSION: Key = Key::one("s7.session_version");
/// Firmware in it: the first two numbers of it only.
pub(super) const SESSION_FIRMWARE: Key = Key::one("s7.session_firmware");
/// How a client's S7comm-plus names itself: version and network card.
pub(super) const SESSION_CLIENT: Key = Key::several("s7.session_client");
/// Program that opened a session of S7comm-plus.
pub(super) const SESSION_APPLICATION: Key = Key::several("s7.session_application");
/// Computer, or connection, from which it did.
pub(super) const SESSION_HOST: Key = Key::several("s7.session_host");
/// Software and its build, in the words of either end of a session.
pub(super) const SESSION_COMMENT: Key = Key::several("s7.session_comment");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    GENERATION,
    SECURITY,
    TSAP,
    CALLING_TSAP,
    CONNECTION_TYPE,
    PDU_LENGTH,
    PARALLEL_JOBS,
    FUNCTION,
    ERROR,
    ORDER_NUMBER,
    MODULE_TYPE,
    MODULE_VERSION,
    HARDWARE_ORDER_NUMBER,
    HARDWARE_VERSION,
    FIRMWARE,
    FIRMWARE_EXTENSION,
    SYSTEM_NAME,
    MODULE_NAME,
    PLANT_DESIGNATION,
    COPYRIGHT,
    SERIAL_NUMBER,
    MODULE_TYPE_NAME,
    MEMORY_CARD_SERIAL_NUMBER,
    MANUFACTURER_ID,
    PROFILE_ID,
    PROFILE_TYPE,
    OEM_COPYRIGHT,
    OEM_ID,
    LOCATION_DESIGNATION,
    MAXIMUM_PDU_LENGTH,
    MAXIMUM_CONNECTIONS,
    PROTECTION_LEVEL,
    PROTECTION_PARAMETER,
    PROTECTION_KEY,
    MODE_SWITCH,
    CONFIGURATION_CHECKSUM,
    PROGRAM_CHECKSUM,
    MODE,
    RACK_MODULE,
    WRITER,
    DOWNLOADED_BLOCK,
    UPLOADED_BLOCK,
    PI_SERVICE,
    ATTEMPT,
    START,
    STOP,
    PROGRAM_DOWNLOAD,
    PROGRAM_UPLOAD,
    BLOCK_DELETION,
    CLOCK_CHANGE,
    FORCES_CHANGE,
    MEMORY_RESET,
    LOG_IN,
    SESSION_VERSION,
    SESSION_FIRMWARE,
    SESSION_CLIENT,
    SESSION_APPLICATION,
    SESSION_HOST,
    SESSION_COMMENT,
];
