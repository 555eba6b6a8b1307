//! Services that change something: what they do to the object they are sent to.
//!
//! Common services are those of the CIP Networks Library volume 1, edition 3.x, appendix A. Of the services that
//! objects define themselves these are read, each with where it is written down:
//!
//! - File (0x37) 0x4C, 0x4E, 0x50, 0x51: volume 1, section 5A-42.
//! - CIP Security, EtherNet/IP Security, Certificate Management (0x5D to 0x5F) 0x4B and above: volume 8, chapter 5.
//! - Nonvolatile Storage (0xA1) 0x4B Update, 0x4D Transfer, through which firmware comes to devices of Rockwell:
//!   publications 1404-UM001, appendix F, and 1444-UM001, appendix A.
//! - Write Tag 0x4D, Read Modify Write Tag 0x4E and Write Tag Fragmented 0x53, to a symbol: 1756-PM020, chapter 1.
//!
//! What no publication of the maker tells: Start and Stop to classes 0x8E and 0x64 of Logix controllers change their mode
//! (0x8E by the documentation of AdvancedHMI, and in captures; 0x64 in the module `multi_cip_command` of Metasploit);
//! 0x4D and 0x4E to instance 0 of classes 0x68 and 0x69 switch forcing on and off (AdvancedHMI). How programs are
//! brought to Logix controllers is not published, so a download is seen only by [`keys::PROJECT_ATTRIBUTE_3`] and
//! [`keys::PROJECT_ATTRIBUTE_10`] becoming others. Classes 0x64 to 0xC7 belong to each vendor: another's object of
//! such a number would be taken for Rockwell's.

use crate::model::Key;
use crate::protocols::enip::{keys, objects};

/// What a service does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Deed {
    /// Starts the program.
    Start,
    /// Stops the program.
    Stop,
    /// Restarts the device, or returns it to the state it was sold in.
    Reset(&'static str),
    /// Brings firmware.
    FirmwareUpdate,
    /// Brings or clears a file.
    FileDownload,
    /// Changes the device or its interfaces.
    Configuration,
    /// Changes keys, certificates or what they protect.
    Security,
    /// Sets the clock.
    Clock,
    /// Switches forcing on or off.
    Forces,
    /// Writes data.
    Write,
}

impl Deed {
    /// What the service `service` does to an object, if it changes something. `class` is `None` for a symbol; `first`
    /// is the first byte of its data.
    pub(super) fn read(
        service: u8,
        (class, instance): (Option<u32>, u32),
        first: Option<u8>,
    ) -> Option<Self> {
        let Some(class) = class else { return tag(service) };
        match (service, class) {
            (START, objects::IDENTITY | PROGRAM_CONTROL | CONTROLLER | DEVICE_MODE) => {
                Some(Self::Start)
            }
            (STOP, objects::IDENTITY | PROGRAM_CONTROL | CONTROLLER | DEVICE_MODE) => {
                Some(Self::Stop)
            }
            (RESET, objects::IDENTITY) => Some(Self::Reset(match first {
                Some(1) => "reset to factory defaults",
                Some(2) => "reset to factory defaults except communication",
                _ => "reset",
            })),
            (UPDATE | TRANSFER, NONVOLATILE_STORAGE) => Some(Self::FirmwareUpdate),
            (
                INITIATE_DOWNLOAD | INITIATE_PARTIAL_WRITE | DOWNLOAD_TRANSFER | CLEAR_FILE,
                objects::FILE,
            ) => Some(Self::FileDownload),
            (
                SET_ATTRIBUTES_ALL
                | SET_ATTRIBUTE_LIST
                | SET_ATTRIBUTE_SINGLE
                | APPLY_ATTRIBUTES
                | CREATE
                | DELETE
                | OBJECT_SPECIFIC..,
                objects::CIP_SECURITY..=objects::CERTIFICATE_MANAGEMENT,
            ) => Some(Self::Security),
            (SET_ATTRIBUTES_ALL | SET_ATTRIBUTE_LIST | SET_ATTRIBUTE_SINGLE, WALL_CLOCK_TIME) => {
                Some(Self::Clock)
            }
            (ENABLE_FORCES | DISABLE_FORCES, PROGRAM | FORCING) if instance == 0 => {
                Some(Self::Forces)
            }
            (_, SYMBOL) => tag(service),
            (
                SET_ATTRIBUTES_ALL | SET_ATTRIBUTE_LIST | SET_ATTRIBUTE_SINGLE,
                objects::IDENTITY
                | objects::FILE..=objects::BASE_SWITCH
                | objects::PORT..=objects::ETHERNET_LINK,
            )
            | (APPLY_ATTRIBUTES | SAVE | RESTORE, _) => Some(Self::Configuration),
            (SET_ATTRIBUTES_ALL | SET_ATTRIBUTE_LIST | SET_ATTRIBUTE_SINGLE, _) => {
                Some(Self::Write)
            }
            _ => None,
        }
    }

    /// Under what it is told that it happened.
    pub(super) fn key(self) -> Key {
        match self {
            Self::Start => keys::START,
            Self::Stop => keys::STOP,
            Self::Reset(_) => keys::RESET,
            Self::FirmwareUpdate => keys::FIRMWARE_UPDATE,
            Self::FileDownload => keys::FILE_DOWNLOAD,
            Self::Configuration => keys::CONFIGURATION_CHANGE,
            Self::Security => keys::SECURITY_CHANGE,
            Self::Clock => keys::CLOCK_CHANGE,
            Self::Forces => keys::FORCES_CHANGE,
            Self::Write => keys::WRITER,
        }
    }

    /// What it is called when it is asked for. Writes of data are too many to tell each.
    pub(super) fn attempt(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("start"),
            Self::Stop => Some("stop"),
            Self::Reset(kind) => Some(kind),
            Self::FirmwareUpdate => Some("firmware update"),
            Self::FileDownload => Some("file download"),
            Self::Configuration => Some("change of configuration"),
            Self::Security => Some("change of security"),
            Self::Clock => Some("change of the clock"),
            Self::Forces => Some("change of forces"),
            Self::Write => None,
        }
    }
}

fn tag(service: u8) -> Option<Deed> {
    matches!(service, WRITE_TAG | READ_MODIFY_WRITE_TAG | WRITE_TAG_FRAGMENTED)
        .then_some(Deed::Write)
}

const SET_ATTRIBUTES_ALL: u8 = 0x02;
const SET_ATTRIBUTE_LIST: u8 = 0x04;
const RESET: u8 = 0x05;
const START: u8 = 0x06;
const STOP: u8 = 0x07;
const CREATE: u8 = 0x08;
const DELETE: u8 = 0x09;
const APPLY_ATTRIBUTES: u8 = 0x0D;
const SET_ATTRIBUTE_SINGLE: u8 = 0x10;
const RESTORE: u8 = 0x15;
const SAVE: u8 = 0x16;
/// The first of the services that objects define themselves.
const OBJECT_SPECIFIC: u8 = 0x4B;

const UPDATE: u8 = 0x4B;
const TRANSFER: u8 = 0x4D;
const INITIATE_DOWNLOAD: u8 = 0x4C;
const INITIATE_PARTIAL_WRITE: u8 = 0x4E;
const DOWNLOAD_TRANSFER: u8 = 0x50;
const CLEAR_FILE: u8 = 0x51;
const WRITE_TAG: u8 = 0x4D;
const READ_MODIFY_WRITE_TAG: u8 = 0x4E;
const WRITE_TAG_FRAGMENTED: u8 = 0x53;
const ENABLE_FORCES: u8 = 0x4D;
const DISABLE_FORCES: u8 = 0x4E;

const PROGRAM_CONTROL: u32 = objects::PROGRAM_NAME;
const PROGRAM: u32 = 0x68;
const FORCING: u32 = 0x69;
const SYMBOL: u32 = 0x6B;
const WALL_CLOCK_TIME: u32 = 0x8B;
const CONTROLLER: u32 = 0x8E;
const NONVOLATILE_STORAGE: u32 = 0xA1;
/// Device Mode (Rockwell publication 1444-UM001, appendix A): Start is run, Stop is program mode.
const DEVICE_MODE: u32 = 0x140;
