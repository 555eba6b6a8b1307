//! What devices say of themselves: I-Am and I-Have, and properties of their device object (ASHRAE 135-2020, 12.11, 15.5, 15.7,
//! 16.9, 16.10).

use crate::model::limits::BACNET_PROPERTIES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::bacnet::keys;
use crate::protocols::bacnet::tag::{self, Element, Kind, Object};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// I-Am: device, longest APDU, segmentation, vendor.
pub(super) fn i_am(
    source: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let device = Element::application(r, tag::OBJECT_IDENTIFIER, "I-Am device identifier")?;
    instance(source, device.object(), device.span, out);
    let length = Element::application(r, tag::UNSIGNED, "max APDU length accepted")?;
    if let Some(number) = length.number() {
        out.uint(source, keys::MAX_APDU_LENGTH, number, length.span);
    }
    let segmentation = Element::application(r, tag::ENUMERATED, "segmentation supported")?;
    let name = segmentation.number().and_then(|number| named(SEGMENTATIONS, number));
    if let Some(name) = name {
        out.text(source, keys::SEGMENTATION, name, segmentation.span);
    }
    let vendor = Element::application(r, tag::UNSIGNED, "vendor identifier")?;
    if let Some(number) = vendor.number() {
        out.uint(source, keys::VENDOR_IDENTIFIER, number, vendor.span);
    }
    Ok(())
}

/// I-Have: device, object, its name.
pub(super) fn i_have(
    source: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let device = Element::application(r, tag::OBJECT_IDENTIFIER, "device identifier")?;
    instance(source, device.object(), device.span, out);
    Element::application(r, tag::OBJECT_IDENTIFIER, "object identifier")?;
    let name = Element::application(r, tag::CHARACTERS, "object name")?;
    if let Some((text, span)) = name.text() {
        readable::say_lines(out, source, keys::OBJECT, &text, span);
    }
    Ok(())
}

/// The answer to ReadProperty.
pub(super) fn read_property(
    source: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let object = Element::context(r, 0, "object identifier")?;
    let property = Element::context(r, 1, "property identifier")?;
    let is_whole = Element::optional(r, 2)?.is_none();
    if !tag::is_next(r, 3, Kind::Opening) {
        return Err(r.impossible("property value"));
    }
    Element::read(r)?;
    let value = tag::enclosed(r, 3)?;
    if object.object().is_some_and(Object::is_device) && is_whole {
        instance(source, object.object(), object.span, out);
        say(source, property.number(), value, out)?;
    }
    Ok(())
}

/// The answer to ReadPropertyMultiple: of each object a list of properties, each with its value or an error.
pub(super) fn read_property_multiple(
    source: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut left = BACNET_PROPERTIES_MAX;
    while !r.is_empty() {
        let object = Element::context(r, 0, "object identifier")?;
        if !tag::is_next(r, 1, Kind::Opening) {
            return Err(r.impossible("list of results"));
        }
        Element::read(r)?;
        let is_device = object.object().is_some_and(Object::is_device);
        if is_device {
            instance(source, object.object(), object.span, out);
        }
        while !tag::is_next(r, 1, Kind::Closing) {
            if left == 0 {
                out.count("bacnet.properties_over_limit");
                return Ok(());
            }
            left = left.saturating_sub(1);
            let property = Element::context(r, 2, "property identifier")?;
            let is_whole = Element::optional(r, 3)?.is_none();
            let opening = Element::read(r)?;
            let number = opening.tag.number;
            if opening.tag.kind != Kind::Opening || !matches!(number, 4 | 5) {
                return Err(r.impossible("property value, or error"));
            }
            let value = tag::enclosed(r, number)?;
            if is_device && is_whole && number == 4 {
                say(source, property.number(), value, out)?;
            }
        }
        Element::read(r)?;
    }
    Ok(())
}

/// Whether asking for an object is asking who somebody is: the first that a request names. `None` when it cannot be read.
pub(super) fn is_asked_for(mut request: Reader<'_>) -> Option<bool> {
    let object = Element::context(&mut request, 0, "object identifier");
    object.ok().and_then(|object| object.object()).map(Object::is_device)
}

fn say(
    source: &Subject,
    property: Option<u64>,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let found = property.and_then(|number| PROPERTIES.iter().find(|(known, _)| *known == number));
    let Some((_, key)) = found else { return Ok(()) };
    let element = Element::read(&mut value)?;
    if element.tag.is_context {
        return Ok(());
    }
    match element.tag.number {
        tag::CHARACTERS => {
            if let Some((text, span)) = element.text() {
                readable::say_lines(out, source, *key, &text, span);
            }
        }
        tag::UNSIGNED => {
            if let Some(number) = element.number() {
                out.uint(source, *key, number, element.span);
            }
        }
        tag::ENUMERATED => {
            let name = element.number().and_then(|number| named(STATES, number));
            if let (Some(name), true) = (name, *key == keys::SYSTEM_STATUS) {
                out.text(source, *key, name, element.span);
            }
        }
        tag::OCTETS => out.bytes(source, *key, element.bytes, element.span),
        _ => {}
    }
    Ok(())
}

/// The number 4,194,303 stands for any device, or for one that has none yet.
fn instance(source: &Subject, object: Option<Object>, span: Span, out: &mut Sink<'_>) {
    if let Some(object) = object.filter(|object| object.is_device() && object.instance != ANY) {
        out.uint(source, keys::DEVICE_INSTANCE, object.instance, span);
    }
}

fn named(names: &[&'static str], number: u64) -> Option<&'static str> {
    usize::try_from(number).ok().and_then(|at| names.get(at)).copied()
}

/// Properties of the device object by their numbers (clause 21, BACnetPropertyIdentifier).
const PROPERTIES: &[(u64, Key)] = &[
    (12, keys::APPLICATION_SOFTWARE_VERSION),
    (28, keys::DEVICE_DESCRIPTION),
    (44, keys::FIRMWARE_REVISION),
    (58, keys::LOCATION),
    (62, keys::MAX_APDU_LENGTH),
    (70, keys::MODEL_NAME),
    (77, keys::OBJECT_NAME),
    (98, keys::PROTOCOL_VERSION),
    (112, keys::SYSTEM_STATUS),
    (120, keys::VENDOR_IDENTIFIER),
    (121, keys::VENDOR_NAME),
    (139, keys::PROTOCOL_REVISION),
    (168, keys::PROFILE_NAME),
    (372, keys::SERIAL_NUMBER),
    (507, keys::DEVICE_UUID),
];

const SEGMENTATIONS: &[&str] = &["both", "transmit", "receive", "none"];
/// BACnetDeviceStatus.
const STATES: &[&str] = &[
    "operational",
    "operational, read only",
    "download required",
    "download in progress",
    "non-operational",
    "backup in progress",
];
const ANY: u32 = 0x003f_ffff;
