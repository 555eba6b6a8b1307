//! Channels, and the services that go through them. A request that takes several blocks names its service in the first.
//!
//! ```text
//! ┌─────────┬───────┬─────────┬───────┬─────┬───────────┬──────────┬──────┬────────┬───────┬─────────┬─────────┬────────┬──────
//! │ command │ flags │ channel │ block │ ack │ remaining │ checksum │ CD55 │ header │ group │ service │ session │ length │ data …
//! └─────────┴───────┴─────────┴───────┴─────┴───────────┴──────────┴──────┴────────┴───────┴─────────┴─────────┴────────┴──────
//!   1         1       2         4       4     4           4          2      2        2       2         4         4
//! ```

use crate::flow::Input;
use crate::model::{Act, Subject};
use crate::protocols::Sink;
use crate::protocols::codesys::keys;
use crate::wire::{Malformed, Reader};

/// Reads a block of a channel, and tells what its service is for.
pub(super) fn read(
    mut r: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if r.u8("command")? != BLOCK {
        return Ok(());
    }
    let is_first = r.u8("flags")? & FIRST != 0;
    if !is_first {
        return Ok(());
    }
    r.skip("channel, block, acknowledgement, size and checksum", 18)?;
    let at = r.at();
    let tag = r.u16_le("header tag")?;
    let span = r.since(at);
    if tag == SECURED {
        out.text(&Subject::node(input.sender()), keys::PROTECTION, "secured", span);
        return Ok(());
    }
    if tag != SERVICES {
        return Ok(());
    }
    r.skip("header size", 2)?;
    let at = r.at();
    let (group, service) = (r.u16_le("service group")?, r.u16_le("service")?);
    let span = r.since(at);
    let Some((_, what, act)) = KNOWN.iter().find(|(numbers, _, _)| *numbers == (group, service))
    else {
        return Ok(());
    };
    out.act(*act, span);
    if let Some(what) = what {
        let (target, by) = (Subject::node(input.receiver()), input.sender().addr);
        out.text(&target, keys::ATTEMPT, &format!("{what} by {by}"), span);
    }
    Ok(())
}

/// Group and service; what is told as an attempt; what the request is for. Answers have other groups.
const KNOWN: &[((u16, u16), Option<&str>, Act)] = &[
    ((0x01, 0x01), None, Act::Identify),
    ((0x01, 0x02), Some("login"), Act::Read),
    ((0x01, 0x04), Some("reset to origin"), Act::Control),
    ((0x01, 0x06), Some("change of operating mode"), Act::Control),
    ((0x01, 0x09), Some("change of node name"), Act::Write),
    ((0x02, 0x03), Some("creation of application"), Act::Program),
    ((0x02, 0x04), Some("deletion of application"), Act::Program),
    ((0x02, 0x05), Some("program download"), Act::Program),
    ((0x02, 0x06), Some("online change"), Act::Program),
    ((0x02, 0x07), Some("device download"), Act::Program),
    ((0x02, 0x10), Some("start"), Act::Control),
    ((0x02, 0x11), Some("stop"), Act::Control),
    ((0x02, 0x12), Some("reset"), Act::Control),
    ((0x02, 0x13), Some("breakpoint"), Act::Control),
    ((0x02, 0x14), None, Act::Read),
    ((0x02, 0x18), None, Act::Read),
    ((0x02, 0x23), Some("creation of boot project"), Act::Program),
    ((0x02, 0x30), Some("program download"), Act::Program),
    ((0x02, 0x31), None, Act::Read),
    ((0x02, 0x34), Some("program download"), Act::Program),
    ((0x05, 0x01), None, Act::Read),
    ((0x08, 0x02), Some("file download"), Act::Program),
    ((0x08, 0x05), Some("file upload"), Act::Program),
    ((0x08, 0x0e), Some("file deletion"), Act::Program),
    ((0x09, 0x03), None, Act::Read),
    ((0x09, 0x04), None, Act::Write),
    ((0x09, 0x05), None, Act::Read),
    ((0x09, 0x06), None, Act::Write),
    ((0x11, 0x01), Some("shell command"), Act::Control),
    ((0x1b, 0x01), None, Act::Read),
    ((0x1b, 0x02), None, Act::Write),
];

const BLOCK: u8 = 0x01;
const FIRST: u8 = 0x01;
const SERVICES: u16 = 0xcd55;
const SECURED: u16 = 0x5775;
