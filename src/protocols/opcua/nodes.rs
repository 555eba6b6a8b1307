//! Which nodes tell who a server and the devices behind it are, and what their values say (OPC 10000-5, 6.3 and 12.4;
//! OPC 10000-100, 4.5.2).

use std::collections::VecDeque;

use crate::model::limits::{OPCUA_NODES_MAX, OPCUA_REQUESTS_MAX};
use crate::model::{Key, Subject, Timestamp};
use crate::protocols::Sink;
use crate::protocols::opcua::codec::{self, DataValue, KeptNodeId, NodeId, Variant};
use crate::protocols::opcua::keys;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// What the value of a node tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// A ServerStatusDataType.
    Status,
    /// A BuildInfo.
    Build,
    /// A ServerState.
    State,
    /// A text, several texts, or the time of a build.
    Field(Key),
}

/// What the answer to a request will tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Awaited {
    /// Values at these places of the answer to a Read.
    Values(Box<[(usize, Wanted)]>),
    /// Nodes at these places of the answer to a TranslateBrowsePathsToNodeIds.
    Paths(Box<[(usize, Key)]>),
    /// The servers that are known: all of them when true.
    Servers(bool),
    /// Whether something of the server itself was done.
    Administration,
}

/// Requests whose answers tell something, and nodes that were found by their names.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    awaited: VecDeque<(u32, Awaited)>,
    named: Vec<(KeptNodeId, Key)>,
}

impl Nodes {
    /// Bytes that it takes.
    pub(super) fn kept_bytes(&self) -> usize {
        let named = self.named.iter().map(|(id, _)| id.bytes()).sum::<usize>();
        let awaited = self.awaited.iter().map(|(_, awaited)| match awaited {
            Awaited::Values(values) => values.len().saturating_mul(ROW_BYTES),
            Awaited::Paths(paths) => paths.len().saturating_mul(ROW_BYTES),
            Awaited::Servers(_) | Awaited::Administration => ROW_BYTES,
        });
        awaited.sum::<usize>().saturating_add(named)
    }

    /// Forgets all.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes what the answer to a request will tell.
    pub(super) fn asked(&mut self, request: u32, awaited: Awaited, out: &mut Sink<'_>) {
        if self.awaited.len() >= OPCUA_REQUESTS_MAX {
            self.awaited.pop_front();
            out.count("opcua.requests_over_limit");
        }
        self.awaited.push_back((request, awaited));
    }

    /// What the answer to this request tells.
    pub(super) fn answered(&mut self, request: u32) -> Option<Awaited> {
        let at = self.awaited.iter().position(|(number, _)| *number == request)?;
        self.awaited.remove(at).map(|(_, awaited)| awaited)
    }

    /// Whether the answer to this request tells anything.
    pub(super) fn awaits(&self, request: u32) -> bool {
        self.awaited.iter().any(|(number, _)| *number == request)
    }

    /// Reads the nodes of a ReadRequest: where those stand that tell something, and whether there is any other.
    pub(super) fn read_request(
        &self,
        r: &mut Reader<'_>,
    ) -> Result<(Vec<(usize, Wanted)>, bool), Malformed> {
        let (mut wanted, mut others) = (Vec::new(), false);
        for at in 0..codec::capped(codec::count(r, "nodesToRead")?) {
            let node = NodeId::read(r)?;
            let attribute = r.u32_le("attributeId")?;
            codec::text(r, "indexRange")?;
            codec::qualified(r, "dataEncoding")?;
            let found = self.wanted(node).filter(|_| attribute == VALUE);
            match found {
                Some(found) if wanted.len() < OPCUA_NODES_MAX => wanted.push((at, found)),
                _ => others |= attribute == VALUE,
            }
        }
        Ok((wanted, others))
    }

    fn wanted(&self, node: NodeId<'_>) -> Option<Wanted> {
        if let Some(number) = node.standard() {
            return STANDARD.iter().find(|(id, _)| *id == number).map(|(_, wanted)| *wanted);
        }
        let (_, key) = self.named.iter().find(|(id, _)| id.is(node))?;
        Some(Wanted::Field(*key))
    }

    /// Keeps a node that has a name of the nameplate.
    fn name(&mut self, node: NodeId<'_>, key: Key, out: &mut Sink<'_>) {
        if self.named.iter().any(|(id, _)| id.is(node)) {
            return;
        }
        match node.kept() {
            Some(kept) if self.named.len() < OPCUA_NODES_MAX => self.named.push((kept, key)),
            _ => out.count("opcua.nodes_over_limit"),
        }
    }

    /// The results of a BrowseResponse or BrowseNextResponse, behind the head.
    pub(super) fn browsed(
        &mut self,
        r: &mut Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        for _ in 0..codec::capped(codec::count(r, "results")?) {
            r.skip("statusCode", 4)?;
            codec::text(r, "continuationPoint")?;
            for _ in 0..codec::capped(codec::count(r, "references")?) {
                NodeId::read(r)?;
                r.skip("isForward", 1)?;
                let node = NodeId::read(r)?;
                let name = codec::qualified(r, "browseName")?;
                codec::localized(r, "displayName")?;
                let class = r.u32_le("nodeClass")?;
                NodeId::read(r)?;
                if let Some(key) = nameplate(name.bytes).filter(|_| class == VARIABLE) {
                    self.name(node, key, out);
                }
            }
        }
        Ok(())
    }

    /// The paths of a TranslateBrowsePathsToNodeIdsRequest, behind the head, that end in a name of the nameplate.
    pub(super) fn paths(r: &mut Reader<'_>) -> Result<Vec<(usize, Key)>, Malformed> {
        let mut paths = Vec::new();
        for at in 0..codec::capped(codec::count(r, "browsePaths")?) {
            NodeId::read(r)?;
            let mut last = None;
            for _ in 0..codec::capped(codec::count(r, "elements")?) {
                NodeId::read(r)?;
                r.skip("isInverse, includeSubtypes", 2)?;
                last = Some(codec::qualified(r, "targetName")?);
            }
            if let Some(key) = last.and_then(|name| nameplate(name.bytes))
                && paths.len() < OPCUA_NODES_MAX
            {
                paths.push((at, key));
            }
        }
        Ok(paths)
    }

    /// The results of a TranslateBrowsePathsToNodeIdsResponse, behind the head.
    pub(super) fn translated(
        &mut self,
        paths: &[(usize, Key)],
        r: &mut Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        for at in 0..codec::capped(codec::count(r, "results")?) {
            r.skip("statusCode", 4)?;
            let key = paths.iter().find(|(place, _)| *place == at).map(|(_, key)| *key);
            for _ in 0..codec::capped(codec::count(r, "targets")?) {
                let node = NodeId::read(r)?;
                let rest = r.u32_le("remainingPathIndex")?;
                if let Some(key) = key.filter(|_| rest == u32::MAX) {
                    self.name(node, key, out);
                }
            }
        }
        Ok(())
    }
}

/// The results of a ReadResponse, behind the head.
pub(super) fn values(
    wanted: &[(usize, Wanted)],
    server: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut wanted = wanted.iter().peekable();
    for at in 0..codec::capped(codec::count(r, "results")?) {
        let Some((place, what)) = wanted.peek() else { return Ok(()) };
        let is_wanted = *place == at;
        let value = DataValue::read(r)?;
        let here = r.clone();
        if value.has_value() {
            Variant::read(r)?.skip(r, 0)?;
        }
        let is_good = value.end(r)?;
        if is_wanted {
            if is_good && value.has_value() {
                say(*what, server, here, out)?;
            }
            wanted.next();
        }
    }
    Ok(())
}

fn say(
    what: Wanted,
    server: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let variant = Variant::read(&mut r)?;
    match (what, variant.kind) {
        (Wanted::Field(key), codec::STRING) => {
            for _ in 0..codec::capped(variant.elements.unwrap_or(1)) {
                let text = codec::text(&mut r, key.name)?;
                readable::say(out, server, key, text.bytes, text.span);
            }
        }
        (Wanted::Field(key), codec::LOCALIZED_TEXT) if variant.elements.is_none() => {
            let text = codec::localized(&mut r, key.name)?;
            readable::say(out, server, key, text.bytes, text.span);
        }
        (Wanted::Field(keys::BUILD_DATE), codec::DATE_TIME) if variant.elements.is_none() => {
            build_date(server, &mut r, out)?;
        }
        (Wanted::State, codec::INT32) if variant.elements.is_none() => {
            state(server, &mut r, out)?;
        }
        (Wanted::Build | Wanted::Status, codec::EXTENSION_OBJECT) if variant.elements.is_none() => {
            match codec::extension(&mut r)? {
                (Some(BUILD_INFO), Some(mut body)) => build(server, &mut body, out)?,
                (Some(SERVER_STATUS), Some(mut body)) => {
                    body.skip("startTime, currentTime", 16)?;
                    state(server, &mut body, out)?;
                    build(server, &mut body, out)?;
                }
                _ => {}
            }
        }
        _ => {}
    }
    Ok(())
}

/// A BuildInfo.
fn build(server: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    for key in [
        keys::BUILD_PRODUCT_URI,
        keys::MANUFACTURER_NAME,
        keys::PRODUCT_NAME,
        keys::SOFTWARE_VERSION,
        keys::BUILD_NUMBER,
    ] {
        let text = codec::text(r, key.name)?;
        readable::say(out, server, key, text.bytes, text.span);
    }
    build_date(server, r, out)
}

/// A time in units of 100 ns since 1601. Zero stands for none.
fn build_date(server: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let time = r.u64_le("buildDate")?;
    let since_1970 = time.checked_sub(TIME_OF_1970).and_then(|units| units.checked_mul(100));
    if let Some(nanos) = since_1970.and_then(|nanos| i64::try_from(nanos).ok()) {
        out.text(server, keys::BUILD_DATE, &Timestamp(nanos).to_string(), r.since(start));
    }
    Ok(())
}

fn state(server: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let number = usize::try_from(r.u32_le("ServerState")?).unwrap_or(usize::MAX);
    let span: Span = r.since(start);
    if let Some(name) = STATES.get(number) {
        out.text(server, keys::SERVER_STATE, name, span);
    }
    Ok(())
}

/// The key of a property of the nameplate.
fn nameplate(name: &[u8]) -> Option<Key> {
    NAMEPLATE.iter().find(|(own, _)| own.as_bytes() == name).map(|(_, key)| *key)
}

/// Attribute of a node.
const VALUE: u32 = 13;
/// Class of a node.
const VARIABLE: u32 = 2;
const BUILD_INFO: u32 = 340;
const SERVER_STATUS: u32 = 864;
const TIME_OF_1970: u64 = 116_444_736_000_000_000;
const ROW_BYTES: usize = size_of::<(usize, Key)>();

/// Nodes that every server has.
const STANDARD: &[(u32, Wanted)] = &[
    (2_255, Wanted::Field(keys::NAMESPACE)),
    (2_256, Wanted::Status),
    (2_259, Wanted::State),
    (2_260, Wanted::Build),
    (2_261, Wanted::Field(keys::PRODUCT_NAME)),
    (2_262, Wanted::Field(keys::BUILD_PRODUCT_URI)),
    (2_263, Wanted::Field(keys::MANUFACTURER_NAME)),
    (2_264, Wanted::Field(keys::SOFTWARE_VERSION)),
    (2_265, Wanted::Field(keys::BUILD_NUMBER)),
    (2_266, Wanted::Field(keys::BUILD_DATE)),
];

const STATES: &[&str] = &[
    "Running",
    "Failed",
    "NoConfiguration",
    "Suspended",
    "Shutdown",
    "Test",
    "CommunicationFault",
    "Unknown",
];

/// Browse names of the vendor and the tag nameplate, and the one that makers add for the number to order by.
const NAMEPLATE: &[(&str, Key)] = &[
    ("Manufacturer", keys::MANUFACTURER),
    ("ManufacturerUri", keys::MANUFACTURER_URI),
    ("Model", keys::MODEL),
    ("SerialNumber", keys::SERIAL_NUMBER),
    ("HardwareRevision", keys::HARDWARE_REVISION),
    ("SoftwareRevision", keys::SOFTWARE_REVISION),
    ("DeviceRevision", keys::DEVICE_REVISION),
    ("DeviceClass", keys::DEVICE_CLASS),
    ("ProductCode", keys::PRODUCT_CODE),
    ("OrderNumber", keys::ORDER_NUMBER),
    ("ProductInstanceUri", keys::PRODUCT_INSTANCE_URI),
    ("AssetId", keys::ASSET_ID),
    ("ComponentName", keys::COMPONENT_NAME),
];
