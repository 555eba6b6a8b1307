//! Objects whose attributes tell who somebody is, as tables: number, and what stands there.
//!
//! What is passed over where its size is known keeps the attributes behind it readable; what is not in the table
//! ends the reading of a list. Numbers are little-endian, strings ISO 8859-1 after their length. Values of the
//! process (assemblies, parameters, tags) have no table here, and never will.

pub(super) mod device;
mod network;

use crate::model::Key;
use crate::protocols::enip::cip::Object;
use crate::protocols::enip::identity::Facts;
use crate::wire::{Malformed, Reader};

/// What stands at an attribute, and under which key it is said.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// So many bytes that say nothing of interest.
    Skip(usize),
    /// A path, after its size in words.
    Path,
    /// A USINT or BYTE.
    U8(Key),
    /// A UINT or WORD.
    U16(Key),
    /// A UDINT or DWORD.
    U32(Key),
    /// A SHORT_STRING: length in one byte.
    ShortString(Key),
    /// A STRING: length in two bytes, padded to an even size where something follows.
    String(Key),
    /// A STRINGI: the same text in several languages.
    International(Key),
    /// Bytes after their number in four bytes.
    Described(Key),
    /// A structure of its own.
    Own(fn(&mut Facts<'_, '_>, &mut Reader<'_>) -> Result<(), Malformed>),
}

/// One attribute: its number, its name in the specification, what stands there.
pub(super) type Attribute = (u16, &'static str, Form);

/// What is known of an object.
pub(super) struct Layout {
    /// Its attributes.
    attributes: &'static [Attribute],
    /// Their order in Get_Attributes_All.
    pub(super) all: &'static [u16],
    /// How many of `all` every device sends; the rest may be missing.
    pub(super) required: usize,
}

impl Layout {
    /// The attribute of this number.
    pub(super) fn attribute(&self, number: u16) -> Option<Attribute> {
        self.attributes.iter().find(|(known, ..)| *known == number).copied()
    }
}

/// The object at a class and instance, if its attributes are read.
pub(super) fn readable((class, instance): (u32, u32)) -> Option<Object> {
    Some(match (class, instance) {
        (IDENTITY, 1) => Object::Identity,
        // Parts that have no address of their own. Instance 0 is the class, which says nothing of the device.
        (IDENTITY, 2..) => Object::Component(instance),
        (FILE, 1..) => Object::File,
        (TIME_SYNC, 1) => Object::TimeSync,
        (DEVICE_LEVEL_RING, 1) => Object::DeviceLevelRing,
        (BASE_SWITCH, 1) => Object::BaseSwitch,
        (CIP_SECURITY, 1) => Object::CipSecurity,
        (ETHERNET_IP_SECURITY, 1) => Object::EthernetIpSecurity,
        (CERTIFICATE_MANAGEMENT, 1..) => Object::CertificateManagement,
        (PROGRAM_NAME, 1) => Object::ProgramName,
        (PROJECT, 1) => Object::Project,
        (PORT, 1..) => Object::Port,
        (TCP_IP_INTERFACE, 1..) => Object::TcpIpInterface,
        (ETHERNET_LINK, 1..) => Object::EthernetLink,
        _ => return None,
    })
}

/// The layout of an object.
pub(super) fn layout(object: Object) -> &'static Layout {
    match object {
        Object::Identity | Object::Component(_) => &device::IDENTITY,
        Object::File => &device::FILE,
        Object::TimeSync => &device::TIME_SYNC,
        Object::ProgramName => &device::PROGRAM_NAME,
        Object::Project => &device::PROJECT,
        Object::CipSecurity => &device::CIP_SECURITY,
        Object::EthernetIpSecurity => &device::ETHERNET_IP_SECURITY,
        Object::CertificateManagement => &device::CERTIFICATE_MANAGEMENT,
        Object::DeviceLevelRing => &network::DEVICE_LEVEL_RING,
        Object::BaseSwitch => &network::BASE_SWITCH,
        Object::Port => &network::PORT,
        Object::TcpIpInterface => &network::TCP_IP_INTERFACE,
        Object::EthernetLink => &network::ETHERNET_LINK,
    }
}

pub(super) const IDENTITY: u32 = 0x01;
pub(super) const FILE: u32 = 0x37;
pub(super) const TIME_SYNC: u32 = 0x43;
pub(super) const DEVICE_LEVEL_RING: u32 = 0x47;
pub(super) const BASE_SWITCH: u32 = 0x51;
pub(super) const CIP_SECURITY: u32 = 0x5D;
pub(super) const ETHERNET_IP_SECURITY: u32 = 0x5E;
pub(super) const CERTIFICATE_MANAGEMENT: u32 = 0x5F;
/// Of Logix controllers.
pub(super) const PROGRAM_NAME: u32 = 0x64;
/// Of Logix controllers; Rockwell publication 1756-PM020 gives it no name.
pub(super) const PROJECT: u32 = 0xAC;
pub(super) const PORT: u32 = 0xF4;
pub(super) const TCP_IP_INTERFACE: u32 = 0xF5;
pub(super) const ETHERNET_LINK: u32 = 0xF6;
