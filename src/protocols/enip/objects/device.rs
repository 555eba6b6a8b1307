//! Objects that tell about the device itself.
//!
//! Identity (CIP Networks Library volume 1, edition 3.x, section 5A-2), File (5A-42), Time Sync (5A-47), CIP Security,
//! EtherNet/IP Security and Certificate Management (volume 8, chapter 5), Program Name (class 0x64 of Logix
//! controllers), and class 0xAC of Logix controllers, whose attributes change with the project: programs read them to
//! learn whether what they know of its tags still holds (Rockwell publication 1756-PM020, chapter 1). That publication
//! gives them no names, and the sizes of attributes 5 to 9 are those that controllers send.

use crate::protocols::enip::identity::{self, Facts};
use crate::protocols::enip::keys;
use crate::protocols::enip::objects::Form::{
    Described, International, Own, ShortString, Skip, String, U8, U16, U32,
};
use crate::protocols::enip::objects::Layout;
use crate::wire::{Malformed, Reader};

pub(super) const IDENTITY: Layout = Layout {
    attributes: &[
        (1, "vendor ID", U16(keys::VENDOR_ID)),
        (2, "device type", U16(keys::DEVICE_TYPE)),
        (3, "product code", U16(keys::PRODUCT_CODE)),
        (4, "revision", Own(revision)),
        (5, "status", Own(status)),
        (6, "serial number", Own(serial_number)),
        (7, "product name", ShortString(keys::PRODUCT_NAME)),
        (8, "state", U8(keys::STATE)),
        (9, "configuration consistency value", U16(keys::CONFIGURATION_CONSISTENCY)),
        (10, "heartbeat interval", Skip(1)),
        (11, "active language", Skip(3)),
        (13, "international product name", International(keys::INTERNATIONAL_PRODUCT_NAME)),
        (14, "semaphore", Skip(8)),
        (15, "assigned name", International(keys::ASSIGNED_NAME)),
        (16, "assigned description", International(keys::ASSIGNED_DESCRIPTION)),
        (17, "geographic location", International(keys::GEOGRAPHIC_LOCATION)),
        (19, "protection mode", U16(keys::PROTECTION_MODE)),
    ],
    all: &[1, 2, 3, 4, 5, 6, 7],
    required: 7,
};

pub(super) const FILE: Layout = Layout {
    attributes: &[
        (1, "state", Skip(1)),
        (3, "instance format version", Skip(2)),
        (4, "file name", International(keys::FILE_NAME)),
        (5, "file revision", Skip(2)),
        (6, "file size", Skip(4)),
        (7, "file checksum", Skip(2)),
        (8, "invocation method", Skip(1)),
        (9, "file save parameters", Skip(1)),
        (10, "file type", Skip(1)),
        (11, "file encoding format", Skip(1)),
    ],
    all: &[],
    required: 0,
};

/// The numbers of revision 3 of the object; before, its attributes were others that say nothing of the device.
pub(super) const TIME_SYNC: Layout = Layout {
    attributes: &[
        (1, "PTP enable", Skip(1)),
        (2, "is synchronized", Skip(1)),
        (3, "system time in microseconds", Skip(8)),
        (4, "system time in nanoseconds", Skip(8)),
        (5, "offset from master", Skip(8)),
        (6, "maximum offset from master", Skip(8)),
        (7, "mean path delay to master", Skip(8)),
        (8, "grandmaster clock info", Own(grandmaster)),
        (11, "number of ports", Skip(2)),
        (16, "priority 1", Skip(1)),
        (17, "priority 2", Skip(1)),
        (18, "domain number", Skip(1)),
        (19, "clock type", Skip(2)),
        (20, "manufacture identity", Skip(4)),
        (21, "product description", Described(keys::CLOCK_PRODUCT_DESCRIPTION)),
        (22, "revision data", Described(keys::CLOCK_REVISION_DATA)),
        (23, "user description", Described(keys::CLOCK_USER_DESCRIPTION)),
        (27, "steps removed", Skip(2)),
    ],
    all: &[],
    required: 0,
};

pub(super) const PROGRAM_NAME: Layout = Layout {
    attributes: &[(1, "program name", String(keys::PROGRAM_NAME))],
    all: &[1],
    required: 1,
};

pub(super) const PROJECT: Layout = Layout {
    attributes: &[
        (1, "project attribute 1", Skip(2)),
        (2, "project attribute 2", Skip(2)),
        (3, "project attribute 3", U32(keys::PROJECT_ATTRIBUTE_3)),
        (4, "project attribute 4", Skip(4)),
        (5, "project attribute 5", Skip(4)),
        (7, "project attribute 7", Skip(4)),
        (8, "project attribute 8", Skip(4)),
        (9, "project attribute 9", Skip(4)),
        (10, "project attribute 10", U32(keys::PROJECT_ATTRIBUTE_10)),
    ],
    all: &[1, 2, 3, 4, 5, 7, 8, 9, 10],
    required: 3,
};

pub(super) const CIP_SECURITY: Layout = Layout {
    attributes: &[
        (1, "CIP Security state", Own(cip_security_state)),
        (2, "security profiles", U16(keys::SECURITY_PROFILES)),
        (3, "security profiles configured", Skip(2)),
    ],
    all: &[1, 2],
    required: 2,
};

pub(super) const ETHERNET_IP_SECURITY: Layout = Layout {
    attributes: &[
        (1, "EtherNet/IP Security state", Own(ethernet_ip_security_state)),
        (2, "capability flags", Skip(4)),
    ],
    all: &[1],
    required: 1,
};

pub(super) const CERTIFICATE_MANAGEMENT: Layout = Layout {
    attributes: &[
        (1, "certificate name", ShortString(keys::CERTIFICATE_NAME)),
        (2, "certificate state", Skip(1)),
    ],
    all: &[1],
    required: 1,
};

fn revision(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let [major, minor] = data.array("revision")?;
    let revision = identity::Revision { major, minor }.to_string();
    facts.out.text(&facts.subject, keys::REVISION, &revision, data.since(at));
    Ok(())
}

fn serial_number(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let serial = data.u32_le("serial number")?;
    facts.out.speaks_as(&facts.subject, serial.into());
    let serial = identity::serial_number(serial);
    facts.out.text(&facts.subject, keys::SERIAL_NUMBER, &serial, data.since(at));
    Ok(())
}

/// ```text
///   bit 0 owned   2 configured   4-7 extended device status   8 minor recoverable   9 minor unrecoverable
///   10 major recoverable   11 major unrecoverable fault   12-15 of the vendor
/// ```
fn status(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let status = data.u16_le("status")?;
    let span = data.since(at);
    let Facts { subject, out } = facts;
    out.uint(subject, keys::STATUS, status, span);
    out.uint(subject, keys::OWNED, status & OWNED != 0, span);
    out.uint(subject, keys::CONFIGURED, status & CONFIGURED != 0, span);
    let extended = extended_device_status(status >> EXTENDED_SHIFT & 0x0F);
    out.text(subject, keys::EXTENDED_DEVICE_STATUS, extended, span);
    out.text(subject, keys::FAULTS, faults(status >> FAULTS_SHIFT & 0x0F), span);
    out.uint(subject, keys::MODE_STATUS, status & MODE_STATUS, span);
    Ok(())
}

fn extended_device_status(number: u16) -> &'static str {
    match number {
        0 => "self-testing or unknown",
        1 => "firmware update in progress",
        2 => "at least one faulted I/O connection",
        3 => "no I/O connections established",
        4 => "non-volatile configuration bad",
        5 => "major fault",
        6 => "at least one I/O connection in run mode",
        7 => "at least one I/O connection established, all in idle mode",
        8 | 9 => "reserved",
        _ => "vendor specific",
    }
}

fn faults(bits: u16) -> &'static str {
    match bits {
        0 => "none",
        1 => "minor recoverable",
        2 => "minor unrecoverable",
        3 => "minor recoverable, minor unrecoverable",
        4 => "major recoverable",
        5 => "minor recoverable, major recoverable",
        6 => "minor unrecoverable, major recoverable",
        7 => "minor recoverable, minor unrecoverable, major recoverable",
        8 => "major unrecoverable",
        9 => "minor recoverable, major unrecoverable",
        10 => "minor unrecoverable, major unrecoverable",
        11 => "minor recoverable, minor unrecoverable, major unrecoverable",
        12 => "major recoverable, major unrecoverable",
        13 => "minor recoverable, major recoverable, major unrecoverable",
        14 => "minor unrecoverable, major recoverable, major unrecoverable",
        _ => "minor recoverable, minor unrecoverable, major recoverable, major unrecoverable",
    }
}

/// The identity of the clock first; its quality does not matter here.
fn grandmaster(facts: &mut Facts<'_, '_>, data: &mut Reader<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let clock = data.bytes("grandmaster clock identity", 8)?;
    if clock.iter().any(|byte| *byte != 0) {
        facts.out.bytes(&facts.subject, keys::GRANDMASTER_IDENTITY, clock, data.since(at));
    }
    data.skip("grandmaster clock quality", 16)
}

/// Also in the answer to ListIdentity.
pub(in crate::protocols::enip) fn cip_security_state(
    facts: &mut Facts<'_, '_>,
    data: &mut Reader<'_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let word = match data.u8("CIP Security state")? {
        0 => "factory default configuration",
        1 => "configuration in progress",
        2 => "configured",
        3 => "incomplete configuration",
        _ => "reserved",
    };
    facts.out.text(&facts.subject, keys::CIP_SECURITY_OBJECT_STATE, word, data.since(at));
    Ok(())
}

/// Also in the answer to ListIdentity.
pub(in crate::protocols::enip) fn ethernet_ip_security_state(
    facts: &mut Facts<'_, '_>,
    data: &mut Reader<'_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let word = match data.u8("EtherNet/IP Security state")? {
        0 => "factory default configuration",
        1 => "configuration in progress",
        2 => "configured",
        3 => "pull model in progress",
        4 => "pull model completed",
        5 => "pull model disabled",
        _ => "reserved",
    };
    facts.out.text(&facts.subject, keys::ETHERNET_IP_SECURITY_OBJECT_STATE, word, data.since(at));
    Ok(())
}

const OWNED: u16 = 0x0001;
const CONFIGURED: u16 = 0x0004;
const EXTENDED_SHIFT: u32 = 4;
const FAULTS_SHIFT: u32 = 8;
const MODE_STATUS: u16 = 0xF0F0;
