//! Datagrams by which devices are searched for and routes are added. Beckhoff does not describe them; several published
//! programs read and write them alike (pyads, Apache PLC4X, Beckhoff/ADS).
//!
//! ```text
//! 0             4        8         12       18     20       24
//! ┌─────────────┬────────┬─────────┬────────┬──────┬────────┬─────┬────────┬───────┬─────┬──
//! │ 03 66 14 71 │ invoke │ service │ NetId  │ port │ blocks │ tag │ length │ value │ tag │ …     little-endian
//! └─────────────┴────────┴─────────┴────────┴──────┴────────┴─────┴────────┴───────┴─────┴──
//! ```
//!
//! A request to add a route holds the name and the password of somebody who may. No byte of them is kept.

use crate::flow::Input;
use crate::model::limits::ADS_BLOCKS_MAX;
use crate::model::{Act, Subject};
use crate::protocols::ads::ams::NetId;
use crate::protocols::ads::keys;
use crate::protocols::shared::readable;
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader, Span, text};

/// Bytes in front of the blocks.
pub(super) const HEAD_BYTES: usize = 24;

/// The route that was asked for last.
#[derive(Default)]
pub(super) struct Routes {
    asked: Option<(u32, NetId)>,
}

impl Routes {
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }

    pub(super) fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let mut r = Reader::new(input.bytes);
        if r.array("magic")? != MAGIC {
            return Err(r.impossible("magic"));
        }
        let invoke = r.u32_le("invoke id")?;
        let at = r.at();
        let service = r.u32_le("service")?;
        let service_span = r.since(at);
        let at = r.at();
        let net_id = NetId(r.array("NetId")?);
        let net_id_span = r.since(at);
        r.u16_le("port")?;
        let blocks = Blocks { left: r.u32_le("blocks")?, seen: 0, rest: r };
        let sender = Subject::node(input.sender());
        match service {
            SEARCH => out.act(Act::Identify, service_span),
            SEARCH_ANSWER => {
                out.text(&sender, keys::NET_ID, &net_id.to_string(), net_id_span);
                return tell(blocks, &sender, out);
            }
            ADD_ROUTE => {
                out.act(Act::Write, service_span);
                let target = Subject::node(input.receiver());
                let attempt = format!("route by {}", sender.node.addr);
                out.text(&target, keys::ATTEMPT, &attempt, service_span);
                self.asked = route(blocks)?.map(|route| (invoke, route));
            }
            ADD_ROUTE_ANSWER => {
                let asked = self.asked.take().filter(|(number, _)| *number == invoke);
                return added(blocks, asked.map(|(_, route)| route), input, out);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Says what a device says of itself.
fn tell(mut blocks: Blocks<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    while let Some((tag, mut value)) = blocks.next(out)? {
        let whole = Span { at: value.at(), len: value.left() };
        match tag {
            HOST_NAME | FINGERPRINT => {
                let key = if tag == HOST_NAME { keys::HOST_NAME } else { keys::FINGERPRINT };
                let name = text::until_nul(value.peek());
                readable::say(out, device, key, name, Span { len: name.len(), ..whole });
            }
            TWINCAT_VERSION => {
                let [major, minor] = value.array("TwinCAT version")?;
                let build = value.u16_le("TwinCAT build")?;
                let version = format!("{major}.{minor}.{build}");
                out.text(device, keys::TWINCAT_VERSION, &version, whole);
            }
            OPERATING_SYSTEM => system(&mut value, device, out)?,
            _ => {}
        }
    }
    Ok(())
}

/// The structure OSVERSIONINFO of Windows; other systems fill it alike.
fn system(r: &mut Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("dwOSVersionInfoSize", 4)?;
    let at = r.at();
    let (major, minor) = (r.u32_le("dwMajorVersion")?, r.u32_le("dwMinorVersion")?);
    let build = r.u32_le("dwBuildNumber")?;
    let version =
        if build == 0 { format!("{major}.{minor}") } else { format!("{major}.{minor}.{build}") };
    out.text(device, keys::OS_VERSION, &version, r.since(at));
    let at = r.at();
    let platform = r.u32_le("dwPlatformId")?;
    let span = r.since(at);
    match PLATFORMS.iter().find(|(number, _)| *number == platform) {
        Some((_, name)) => out.text(device, keys::OS_PLATFORM, name, span),
        None => out.uint(device, keys::OS_PLATFORM, platform, span),
    }
    let at = r.at();
    let pack = r.rest();
    let is_wide = pack.iter().skip(1).step_by(2).take(2).all(|byte| *byte == 0);
    let (pairs, _) = pack.as_chunks::<2>();
    let len = match is_wide {
        true => pairs.iter().take_while(|pair| **pair != [0, 0]).count().saturating_mul(2),
        false => text::until_nul(pack).len(),
    };
    let pack = pack.get(..len).unwrap_or_default();
    let read = if is_wide { text::utf16_le(pack) } else { readable::readable(pack) };
    if let Some(read) = read {
        out.text(device, keys::OS_SERVICE_PACK, &read, Span { at, len });
    }
    Ok(())
}

/// The NetId that a route is asked for to.
fn route(mut blocks: Blocks<'_>) -> Result<Option<NetId>, Malformed> {
    while let Some((tag, mut value)) = blocks.advance()? {
        if tag == ROUTE_NET_ID {
            return value.array("NetId").map(|bytes| Some(NetId(bytes)));
        }
    }
    Ok(None)
}

/// Says what came of a request for a route.
fn added(
    mut blocks: Blocks<'_>,
    route: Option<NetId>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (device, by) = (Subject::node(input.sender()), input.receiver().addr);
    while let Some((tag, mut value)) = blocks.next(out)? {
        if tag != STATUS {
            continue;
        }
        let at = value.at();
        let status = value.u32_le("status")?;
        let span = value.since(at);
        if status != 0 {
            out.text(&device, keys::REFUSED, &format!("route by {by}: {status:#x}"), span);
            return Ok(());
        }
        out.text(&device, keys::ROUTE_CHANGE, &by.to_string(), span);
        if let Some(route) = route {
            out.text(&device, keys::ROUTE, &route.to_string(), span);
        }
        return Ok(());
    }
    Ok(())
}

/// What follows the head: tag, length and value, again and again.
struct Blocks<'a> {
    left: u32,
    seen: usize,
    rest: Reader<'a>,
}

impl<'a> Blocks<'a> {
    fn next(&mut self, out: &mut Sink<'_>) -> Result<Option<(u16, Reader<'a>)>, Malformed> {
        if self.left > 0 && self.seen >= ADS_BLOCKS_MAX {
            out.count("ads.blocks_over_limit");
        }
        self.advance()
    }

    fn advance(&mut self) -> Result<Option<(u16, Reader<'a>)>, Malformed> {
        if self.left == 0 || self.seen >= ADS_BLOCKS_MAX {
            return Ok(None);
        }
        self.left = self.left.saturating_sub(1);
        self.seen = self.seen.saturating_add(1);
        let tag = self.rest.u16_le("tag")?;
        let length = self.rest.u16_le("length")?;
        self.rest.sub("value", length.into()).map(|value| Some((tag, value)))
    }
}

/// Four bytes that all of them begin with, and a service.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    let Ok(magic) = r.array("magic") else {
        return if MAGIC.starts_with(bytes) { Probe::More } else { Probe::No };
    };
    if magic != MAGIC {
        return Probe::No;
    }
    match r.ahead("service", 4).and_then(|mut r| r.u32_le("service")) {
        Ok(service) if service & !ANSWER <= SERVICE_LAST => Probe::Yes,
        Ok(_) => Probe::No,
        Err(_) => Probe::More,
    }
}

const MAGIC: [u8; 4] = [0x03, 0x66, 0x14, 0x71];

const ANSWER: u32 = 0x8000_0000;
const SEARCH: u32 = 1;
const SEARCH_ANSWER: u32 = SEARCH | ANSWER;
const ADD_ROUTE: u32 = 6;
const ADD_ROUTE_ANSWER: u32 = ADD_ROUTE | ANSWER;
/// Numbers beyond it are no services.
const SERVICE_LAST: u32 = 0xff;

const STATUS: u16 = 1;
const TWINCAT_VERSION: u16 = 3;
const OPERATING_SYSTEM: u16 = 4;
const HOST_NAME: u16 = 5;
const ROUTE_NET_ID: u16 = 7;
const FINGERPRINT: u16 = 18;

/// `dwPlatformId` of OSVERSIONINFO (Microsoft).
const PLATFORMS: &[(u32, &str)] = &[(1, "Windows 9x"), (2, "Windows NT"), (3, "Windows CE")];
