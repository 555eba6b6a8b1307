//! Attributes of objects as services bring them: all in their order, as a list with numbers, or one alone.
//!
//! Which attributes there are, and what stands at each, is in [`objects`]. Partial answers keep what was good of them:
//! an attribute that was refused has no value in a list, and one whose size is not known ends its reading.

use std::fmt;

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::cip::Object;
use crate::protocols::enip::keys;
use crate::protocols::enip::objects::{self, Form};
use crate::wire::{Malformed, Reader, text};

/// Major and minor revision; prints as `4.3`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Revision {
    /// Says what interface the device has.
    pub(super) major: u8,
    /// Counts changes that do not touch the interface.
    pub(super) minor: u8,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A serial number as tools and labels print it.
pub(super) fn serial_number(serial: u32) -> String {
    format!("{serial:08X}")
}

/// Says what one subject tells about itself.
pub(super) struct Facts<'s, 'i> {
    /// The device.
    pub(super) subject: Subject,
    /// Where to say it.
    pub(super) out: &'s mut Sink<'i>,
}

impl Facts<'_, '_> {
    /// Reads the attributes of one object in their order, as Get_Attributes_All brings them.
    pub(super) fn all(&mut self, object: Object, data: &mut Reader<'_>) -> Result<(), Malformed> {
        let layout = objects::layout(object);
        if let Object::Component(instance) = object {
            let mut part = Part::default();
            let read =
                layout.all.iter().try_for_each(|number| part.read(*number, data).map(|_| ()));
            self.component(instance, &part, data);
            return read;
        }
        if object == Object::Identity {
            self.introduce(data.clone());
        }
        for (place, number) in layout.all.iter().enumerate() {
            if place < layout.required {
                self.attribute(object, *number, data)?;
                continue;
            }
            // What is optional may be missing, or be the padding of a service in a packet.
            let mut optional = data.clone();
            if data.is_empty() || self.attribute(object, *number, &mut optional).is_err() {
                return Ok(());
            }
            *data = optional;
        }
        if object == Object::Identity {
            // A single zero is padding: state 0 would mean that the device does not exist.
            if !matches!(data.peek(), [] | [0]) {
                self.attribute(object, 8, data)?;
            }
            if data.left() >= 2 {
                self.attribute(object, 9, data)?;
            }
        }
        Ok(())
    }

    /// Reads attributes 1 to 7 of the Identity object, which also stand in the answer to ListIdentity.
    pub(super) fn identity(&mut self, data: &mut Reader<'_>) -> Result<(), Malformed> {
        self.introduce(data.clone());
        (1..=7).try_for_each(|number| self.attribute(Object::Identity, number, data).map(|_| ()))
    }

    /// Tells which serial number stands behind attributes 1 to 5, so that they are not taken for what the device before
    /// it said already.
    fn introduce(&mut self, mut data: Reader<'_>) {
        if data.skip("attributes 1 to 5", BEFORE_SERIAL_NUMBER).is_ok()
            && let Ok(serial) = data.u32_le("serial number")
        {
            self.out.speaks_as(&self.subject, serial.into());
        }
    }

    /// Reads the attributes of a Get_Attribute_List reply: number, state, and the value if the state is 0.
    pub(super) fn list(&mut self, object: Object, data: &mut Reader<'_>) -> Result<(), Malformed> {
        let mut part = Part::default();
        let read = self.listed(object, &mut part, data);
        if let Object::Component(instance) = object {
            self.component(instance, &part, data);
        }
        read
    }

    fn listed(
        &mut self,
        object: Object,
        part: &mut Part,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let count = data.u16_le("attribute count")?;
        for _ in 0..count {
            let number = data.u16_le("attribute ID")?;
            let status = data.u16_le("attribute status")?;
            if status != 0 {
                continue;
            }
            let known = match object {
                Object::Component(_) => part.read(number, data)?,
                _ => self.attribute(object, number, data)?,
            };
            if !known {
                self.out.count("enip.unknown_attribute");
                break;
            }
        }
        Ok(())
    }

    /// Reads one attribute. False when its size is not known: then nothing was read.
    pub(super) fn attribute(
        &mut self,
        object: Object,
        number: u16,
        data: &mut Reader<'_>,
    ) -> Result<bool, Malformed> {
        if let Object::Component(instance) = object {
            let mut part = Part::default();
            let known = part.read(number, data)?;
            self.component(instance, &part, data);
            return Ok(known);
        }
        let Some((_, field, form)) = objects::layout(object).attribute(number) else {
            return Ok(false);
        };
        self.form(field, form, data)?;
        Ok(true)
    }

    fn form(
        &mut self,
        field: &'static str,
        form: Form,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let at = data.at();
        match form {
            Form::Skip(size) => data.skip(field, size),
            Form::Path => {
                let words = data.u16_le(field)?;
                data.skip(field, usize::from(words).saturating_mul(2))
            }
            Form::U8(key) => {
                let number = data.u8(field)?;
                self.out.uint(&self.subject, key, number, data.since(at));
                Ok(())
            }
            Form::U16(key) => self.u16(key, field, data),
            Form::U32(key) => {
                let number = data.u32_le(field)?;
                self.out.uint(&self.subject, key, number, data.since(at));
                Ok(())
            }
            Form::ShortString(key) => {
                let size = data.u8(field)?;
                self.characters(key, field, usize::from(size), data)
            }
            Form::String(key) => self.string(key, field, data),
            Form::International(key) => self.international(key, field, data),
            Form::Described(key) => {
                let size = usize::try_from(data.u32_le(field)?).unwrap_or(usize::MAX);
                self.characters(key, field, size, data)
            }
            Form::Own(read) => read(self, data),
        }
    }

    /// Says a number.
    pub(super) fn u16(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let at = data.at();
        let number = data.u16_le(field)?;
        self.out.uint(&self.subject, key, number, data.since(at));
        Ok(())
    }

    fn characters(
        &mut self,
        key: Key,
        field: &'static str,
        size: usize,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let at = data.at();
        let characters = data.bytes(field, size)?;
        if let Some(characters) = text::latin1(characters) {
            self.out.text(&self.subject, key, &characters, data.since(at));
        }
        Ok(())
    }

    /// A STRING, padded to an even size where something follows.
    pub(super) fn string(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let size = usize::from(data.u16_le(field)?);
        self.characters(key, field, size, data)?;
        if size & 1 == 1 && !data.is_empty() {
            data.skip("pad", 1)?;
        }
        Ok(())
    }

    /// A STRINGI: the same text in several languages. The first is said, the others are passed over.
    ///
    /// ```text
    ///   number of strings 1   { language 3   type 1   character set 2   [size of a character 2]   length   text }
    /// ```
    fn international(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        for number in 0..data.u8("number of strings")? {
            data.skip("language", 3)?;
            let kind = data.u8("string type")?;
            let set = data.u16_le("character set")?;
            let width = match kind {
                STRING | SHORT_STRING => 1,
                STRING_2 => 2,
                STRING_N => usize::from(data.u16_le("character size")?),
                _ => return Err(data.impossible("string type")),
            };
            let count = match kind {
                SHORT_STRING => usize::from(data.u8("string length")?),
                _ => usize::from(data.u16_le("string length")?),
            };
            let at = data.at();
            let bytes = data.bytes(field, count.saturating_mul(width))?;
            let decoded = match (width, set) {
                (1, UTF_8) => text::utf8(bytes),
                (1, _) => text::latin1(bytes),
                (2, _) => text::utf16_le(bytes),
                _ => None,
            };
            if let (0, Some(decoded)) = (number, decoded) {
                self.out.text(&self.subject, key, &decoded, data.since(at));
            }
        }
        Ok(())
    }

    /// Says what was read of a further instance of the Identity object. It is a part of the device, often its boot
    /// code or a daughter board, and what it says must not be taken for the device's own.
    fn component(&mut self, instance: u32, part: &Part, data: &Reader<'_>) {
        let Some(start) = part.start else { return };
        let mut words = format!("instance {instance}");
        if let Some(name) = &part.name {
            words.push_str(&format!(" {name}"));
        }
        if let Some(revision) = &part.revision {
            words.push_str(&format!(" revision {revision}"));
        }
        if let Some(serial) = &part.serial {
            words.push_str(&format!(" serial number {serial}"));
        }
        self.out.text(&self.subject, keys::COMPONENT, &words, data.since(start));
    }
}

/// What is told of a part of the device: revision, serial number and name.
#[derive(Default)]
struct Part {
    /// Where the first of them stands.
    start: Option<usize>,
    revision: Option<Revision>,
    serial: Option<String>,
    name: Option<Box<str>>,
}

impl Part {
    /// Reads one attribute. False when its size is not known.
    fn read(&mut self, number: u16, data: &mut Reader<'_>) -> Result<bool, Malformed> {
        let at = data.at();
        match number {
            1 | 2 | 3 | 5 | 9 => data.skip("identity attribute", 2)?,
            8 => data.skip("state", 1)?,
            4 => {
                let [major, minor] = data.array("revision")?;
                self.revision = Some(Revision { major, minor });
            }
            6 => self.serial = Some(serial_number(data.u32_le("serial number")?)),
            7 => {
                let size = data.u8("product name length")?;
                self.name = text::latin1(data.bytes("product name", usize::from(size))?);
            }
            _ => return Ok(false),
        }
        if matches!(number, 4 | 6 | 7) && self.start.is_none() {
            self.start = Some(at);
        }
        Ok(true)
    }
}

const STRING: u8 = 0xD0;
const STRING_2: u8 = 0xD5;
const STRING_N: u8 = 0xD9;
const SHORT_STRING: u8 = 0xDA;
/// Number of UTF-8 in the register of character sets (RFC 1759).
const UTF_8: u16 = 106;

/// Bytes of attributes 1 to 5 of the Identity object: vendor, device type, product code, revision, status.
const BEFORE_SERIAL_NUMBER: usize = 10;
