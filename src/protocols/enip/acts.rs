//! What services are for: who asks what a device is, who reads, who writes, who starts and stops, who brings programs.
//!
//! Services that change something are those of [`Deed`]; here are the others. Common services are those of the CIP
//! Networks Library volume 1, edition 3.x, appendix A; reading tags and the list of them is told in Rockwell publication
//! 1756-PM020, chapter 1. Of files (0x37; volume 1, section 5A-42) reading is reading: most of them are electronic data
//! sheets. Services that carry others are for nothing themselves.

use crate::model::Act;
use crate::protocols::enip::cip;
use crate::protocols::enip::events::Deed;
use crate::protocols::enip::objects;

/// What a service to an object of this class is for; a path by symbol has no class.
pub(super) fn of(service: u8, class: Option<u32>, deed: Option<Deed>) -> Option<Act> {
    if let Some(deed) = deed {
        return Some(match deed {
            Deed::Start | Deed::Stop | Deed::Reset(_) => Act::Control,
            Deed::FirmwareUpdate | Deed::FileDownload => Act::Program,
            Deed::Configuration | Deed::Security | Deed::Clock | Deed::Forces | Deed::Write => {
                Act::Write
            }
        });
    }
    let is_of_logix = matches!(class, None | Some(SYMBOL | TEMPLATE));
    match (service, class) {
        (
            cip::GET_ATTRIBUTES_ALL | cip::GET_ATTRIBUTE_LIST | cip::GET_ATTRIBUTE_SINGLE,
            Some(objects::IDENTITY),
        ) => Some(Act::Identify),
        (
            cip::GET_ATTRIBUTES_ALL
            | cip::GET_ATTRIBUTE_LIST
            | cip::GET_ATTRIBUTE_SINGLE
            | FIND_NEXT_OBJECT_INSTANCE
            | GET_MEMBER,
            _,
        ) => Some(Act::Read),
        (SET_MEMBER | INSERT_MEMBER | REMOVE_MEMBER, Some(_)) => Some(Act::Write),
        (READ_TAG | READ_TAG_FRAGMENTED | GET_INSTANCE_ATTRIBUTE_LIST, _) if is_of_logix => {
            Some(Act::Read)
        }
        (INITIATE_UPLOAD | INITIATE_PARTIAL_READ | UPLOAD_TRANSFER, Some(objects::FILE)) => {
            Some(Act::Read)
        }
        _ => None,
    }
}

const FIND_NEXT_OBJECT_INSTANCE: u8 = 0x11;
const GET_MEMBER: u8 = 0x18;
const SET_MEMBER: u8 = 0x19;
const INSERT_MEMBER: u8 = 0x1A;
const REMOVE_MEMBER: u8 = 0x1B;
const INITIATE_UPLOAD: u8 = 0x4B;
const INITIATE_PARTIAL_READ: u8 = 0x4D;
const UPLOAD_TRANSFER: u8 = 0x4F;
const READ_TAG: u8 = 0x4C;
const READ_TAG_FRAGMENTED: u8 = 0x52;
const GET_INSTANCE_ATTRIBUTE_LIST: u8 = 0x55;

const SYMBOL: u32 = 0x6B;
/// Layouts of structured tags, which are read like tags.
const TEMPLATE: u32 = 0x6C;

#[cfg(test)]
mod tests {
    use super::*;

    fn act(service: u8, class: Option<u32>) -> Option<Act> {
        of(service, class, Deed::read(service, (class, 1), None))
    }

    #[test]
    fn attributes_of_the_identity_object_identify_and_those_of_others_are_read() {
        for service in [0x01, 0x03, 0x0E] {
            assert_eq!(act(service, Some(1)), Some(Act::Identify));
            assert_eq!(act(service, Some(4)), Some(Act::Read));
        }
        assert_eq!(act(0x10, Some(4)), Some(Act::Write));
        assert_eq!(act(0x10, Some(0xF5)), Some(Act::Write));
    }

    #[test]
    fn tags_are_read_and_written() {
        for class in [None, Some(0x6B)] {
            for (services, expected) in
                [(&[0x4C, 0x52, 0x55][..], Act::Read), (&[0x4D, 0x4E, 0x53], Act::Write)]
            {
                for service in services {
                    assert_eq!(act(*service, class), Some(expected), "{service:#x} {class:?}");
                }
            }
        }
        assert_eq!(act(0x4C, Some(0x6C)), Some(Act::Read));
    }

    #[test]
    fn modes_are_controlled_and_firmware_is_brought() {
        for (service, class) in [(6, 0x8E), (7, 0x64), (5, 1)] {
            assert_eq!(act(service, Some(class)), Some(Act::Control));
        }
        for (service, class) in [(0x4B, 0xA1), (0x4C, 0x37), (0x50, 0x37)] {
            assert_eq!(act(service, Some(class)), Some(Act::Program));
        }
        assert_eq!(act(0x4B, Some(0x37)), Some(Act::Read));
    }

    #[test]
    fn what_carries_others_or_is_not_known_is_for_nothing() {
        for (service, class) in
            [(0x52, 6), (0x54, 6), (0x5B, 6), (0x4E, 6), (0x0A, 2), (0x4C, 0x99)]
        {
            assert_eq!(act(service, Some(class)), None, "{service:#x} {class:#x}");
        }
    }
}
