//! How values are written (OPC 10000-6, 5.2): texts, node identifiers, variants and what lies in them.

use crate::model::limits::{OPCUA_DEPTH_MAX, OPCUA_ELEMENTS_MAX, OPCUA_NODE_BYTES_MAX};
use crate::wire::{Malformed, Reader, Span};

/// A String or ByteString, and where its bytes stand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) span: Span,
}

/// Reads a String or ByteString; that of none is empty.
pub(super) fn text<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<Text<'a>, Malformed> {
    let length = r.u32_le(field)?;
    let length = if length == NONE { 0 } else { usize::try_from(length).unwrap_or(usize::MAX) };
    let start = r.at();
    let bytes = r.bytes(field, length)?;
    Ok(Text { bytes, span: r.since(start) })
}

/// Reads the length of an array; that of none is 0. No element is without a byte, so no array can have more than are left.
pub(super) fn count(r: &mut Reader<'_>, field: &'static str) -> Result<usize, Malformed> {
    let count = r.u32_le(field)?;
    if count == NONE {
        return Ok(0);
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > r.left() { Err(r.impossible(field)) } else { Ok(count) }
}

/// Passes over an array of texts.
pub(super) fn skip_texts(r: &mut Reader<'_>, field: &'static str) -> Result<(), Malformed> {
    for _ in 0..count(r, field)? {
        text(r, field)?;
    }
    Ok(())
}

/// The text of a LocalizedText; its locale is passed over.
pub(super) fn localized<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<Text<'a>, Malformed> {
    let mask = r.u8(field)?;
    if mask & 1 != 0 {
        text(r, field)?;
    }
    if mask & 2 != 0 { text(r, field) } else { Ok(Text::default()) }
}

/// The name of a QualifiedName.
pub(super) fn qualified<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<Text<'a>, Malformed> {
    r.skip(field, 2)?;
    text(r, field)
}

/// A node identifier as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NodeId<'a> {
    pub(super) namespace: u16,
    id: Id<'a>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Id<'a> {
    Number(u32),
    /// The kind, text, GUID or bytes, and what it holds.
    Other(u8, &'a [u8]),
}

/// A node identifier that is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct KeptNodeId {
    namespace: u16,
    number: u32,
    /// Kind and content, where it is no number.
    other: Option<(u8, Box<[u8]>)>,
}

impl<'a> NodeId<'a> {
    /// Reads a NodeId or an ExpandedNodeId.
    pub(super) fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let encoding = r.u8("NodeId encoding")?;
        let (namespace, id) = match encoding & NODE_ID_KIND {
            0 => (0, Id::Number(r.u8("NodeId identifier")?.into())),
            1 => {
                let namespace = r.u8("NodeId namespace")?;
                (namespace.into(), Id::Number(r.u16_le("NodeId identifier")?.into()))
            }
            2 => {
                let namespace = r.u16_le("NodeId namespace")?;
                (namespace, Id::Number(r.u32_le("NodeId identifier")?))
            }
            kind @ (3 | 5) => {
                let namespace = r.u16_le("NodeId namespace")?;
                (namespace, Id::Other(kind, text(r, "NodeId identifier")?.bytes))
            }
            4 => {
                let namespace = r.u16_le("NodeId namespace")?;
                (namespace, Id::Other(4, r.bytes("NodeId identifier", GUID_BYTES)?))
            }
            _ => return Err(r.impossible("NodeId encoding")),
        };
        if encoding & HAS_NAMESPACE_URI != 0 {
            text(r, "ExpandedNodeId NamespaceUri")?;
        }
        if encoding & HAS_SERVER_INDEX != 0 {
            r.skip("ExpandedNodeId ServerIndex", 4)?;
        }
        Ok(Self { namespace, id })
    }

    /// Its number, when it is one of the namespace of OPC UA itself.
    pub(super) fn standard(self) -> Option<u32> {
        match self.id {
            Id::Number(number) if self.namespace == 0 => Some(number),
            _ => None,
        }
    }

    /// A copy to be kept; none when it is too long for that.
    pub(super) fn kept(self) -> Option<KeptNodeId> {
        let namespace = self.namespace;
        match self.id {
            Id::Number(number) => Some(KeptNodeId { namespace, number, other: None }),
            Id::Other(_, bytes) if bytes.len() > OPCUA_NODE_BYTES_MAX => None,
            Id::Other(kind, bytes) => {
                Some(KeptNodeId { namespace, number: 0, other: Some((kind, bytes.into())) })
            }
        }
    }
}

impl KeptNodeId {
    /// Whether it is this one.
    pub(super) fn is(&self, id: NodeId<'_>) -> bool {
        self.namespace == id.namespace
            && match (id.id, &self.other) {
                (Id::Number(number), None) => self.number == number,
                (Id::Other(kind, bytes), Some((own, kept))) => *own == kind && **kept == *bytes,
                _ => false,
            }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let other = self.other.as_ref().map_or(0, |(_, bytes)| bytes.len());
        other.saturating_add(size_of::<Self>())
    }
}

/// An extension object: the number of its type, and its body.
pub(super) fn extension<'a>(
    r: &mut Reader<'a>,
) -> Result<(Option<u32>, Option<Reader<'a>>), Malformed> {
    let kind = NodeId::read(r)?.standard();
    match r.u8("ExtensionObject encoding")? {
        0 => Ok((kind, None)),
        1 | 2 => {
            let length = r.u32_le("ExtensionObject length")?;
            let length =
                if length == NONE { 0 } else { usize::try_from(length).unwrap_or(usize::MAX) };
            Ok((kind, Some(r.sub("ExtensionObject body", length)?)))
        }
        _ => Err(r.impossible("ExtensionObject encoding")),
    }
}

/// The front of a variant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    pub(super) kind: u8,
    /// Values that follow; `None` when it is one and no array.
    pub(super) elements: Option<usize>,
    has_dimensions: bool,
}

impl Variant {
    /// Reads what stands in front of the values.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mask = r.u8("Variant encoding")?;
        let kind = mask & VARIANT_KIND;
        let elements =
            if mask & IS_ARRAY != 0 { Some(count(r, "Variant array length")?) } else { None };
        Ok(Self { kind, elements, has_dimensions: mask & HAS_DIMENSIONS != 0 })
    }

    /// Passes over the values.
    pub(super) fn skip(self, r: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        if let Some(width) = width(self.kind) {
            let bytes = width.checked_mul(self.elements.unwrap_or(1));
            r.skip("Variant value", bytes.unwrap_or(usize::MAX))?;
        } else {
            for _ in 0..self.elements.unwrap_or(1) {
                skip_value(self.kind, r, depth)?;
            }
        }
        if self.has_dimensions {
            let dimensions = count(r, "Variant dimensions")?;
            r.skip("Variant dimensions", dimensions.saturating_mul(4))?;
        }
        Ok(())
    }
}

/// What a DataValue says it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataValue(u8);

impl DataValue {
    /// Reads its front; when it has a value, the variant follows.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.u8("DataValue encoding").map(Self)
    }

    pub(super) fn has_value(self) -> bool {
        self.0 & 1 != 0
    }

    /// Passes over what stands behind the value; true when the value is good.
    pub(super) fn end(self, r: &mut Reader<'_>) -> Result<bool, Malformed> {
        let status = if self.0 & 2 != 0 { r.u32_le("DataValue Status")? } else { 0 };
        for (bit, bytes) in [(4, 8), (0x10, 2), (8, 8), (0x20, 2)] {
            if self.0 & bit != 0 {
                r.skip("DataValue timestamps", bytes)?;
            }
        }
        Ok(status & IS_BAD == 0)
    }
}

/// Passes over a DiagnosticInfo.
pub(super) fn skip_diagnostics(r: &mut Reader<'_>) -> Result<(), Malformed> {
    for _ in 0..OPCUA_DEPTH_MAX {
        let mask = r.u8("DiagnosticInfo encoding")?;
        for bit in [1, 2, 4, 8] {
            if mask & bit != 0 {
                r.skip("DiagnosticInfo", 4)?;
            }
        }
        if mask & 0x10 != 0 {
            text(r, "DiagnosticInfo AdditionalInfo")?;
        }
        if mask & 0x20 != 0 {
            r.skip("DiagnosticInfo InnerStatusCode", 4)?;
        }
        if mask & 0x40 == 0 {
            return Ok(());
        }
    }
    Err(r.impossible("DiagnosticInfo"))
}

/// At most as many elements as are looked at.
pub(super) fn capped(count: usize) -> usize {
    count.min(OPCUA_ELEMENTS_MAX)
}

fn skip_value(kind: u8, r: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
    let deeper = depth.saturating_add(1);
    if deeper > OPCUA_DEPTH_MAX {
        return Err(r.impossible("Variant depth"));
    }
    match kind {
        STRING | BYTE_STRING | XML => text(r, "Variant value").map(|_| ()),
        NODE_ID | EXPANDED_NODE_ID => NodeId::read(r).map(|_| ()),
        QUALIFIED_NAME => qualified(r, "Variant value").map(|_| ()),
        LOCALIZED_TEXT => localized(r, "Variant value").map(|_| ()),
        EXTENSION_OBJECT => extension(r).map(|_| ()),
        DATA_VALUE => {
            let value = DataValue::read(r)?;
            if value.has_value() {
                Variant::read(r)?.skip(r, deeper)?;
            }
            value.end(r).map(|_| ())
        }
        VARIANT => Variant::read(r)?.skip(r, deeper),
        DIAGNOSTIC_INFO => skip_diagnostics(r),
        _ => Err(r.impossible("Variant type")),
    }
}

/// Bytes of each value of a type, where all have as many.
fn width(kind: u8) -> Option<usize> {
    match kind {
        0 => Some(0),
        1..=3 => Some(1),
        4 | 5 => Some(2),
        INT32 | 7 | 10 | 19 => Some(4),
        8 | 9 | 11 | DATE_TIME => Some(8),
        14 => Some(GUID_BYTES),
        _ => None,
    }
}

pub(super) const INT32: u8 = 6;
pub(super) const STRING: u8 = 12;
pub(super) const DATE_TIME: u8 = 13;
pub(super) const LOCALIZED_TEXT: u8 = 21;
pub(super) const EXTENSION_OBJECT: u8 = 22;
/// Of status codes.
pub(super) const IS_BAD: u32 = 0x8000_0000;

const BYTE_STRING: u8 = 15;
const XML: u8 = 16;
const NODE_ID: u8 = 17;
const EXPANDED_NODE_ID: u8 = 18;
const QUALIFIED_NAME: u8 = 20;
const DATA_VALUE: u8 = 23;
const VARIANT: u8 = 24;
const DIAGNOSTIC_INFO: u8 = 25;

/// Length of what is not there.
const NONE: u32 = u32::MAX;
const GUID_BYTES: usize = 16;
const NODE_ID_KIND: u8 = 0x3f;
const HAS_NAMESPACE_URI: u8 = 0x80;
const HAS_SERVER_INDEX: u8 = 0x40;
const VARIANT_KIND: u8 = 0x3f;
const IS_ARRAY: u8 = 0x80;
const HAS_DIMENSIONS: u8 = 0x40;
