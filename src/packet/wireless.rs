//! Frames of a radio that reach the wire inside UDP: CAPWAP between access point and controller, and TZSP, in which
//! access points and routers send what they overhear. Both carry Ethernet frames, or IEEE 802.11 data frames with LLC.
//!
//! Skipped: what is encrypted (DTLS, or the radio's own protection), CAPWAP fragments, aggregated frames (A-MSDU), and
//! frames without data. RFC 5415 §4.3, RFC 5416 §2.1, IEEE 802.11-2020 §9.2.4 and §9.3.2.
//!
//! ```text
//! | frame control 2 | duration 2 | address 6 | address 6 | address 6 | sequence 2 | [address 6] [QoS 2] [HT 4] | LLC
//! ```

use crate::model::Mac;
use crate::packet::{Next, Packet, offset, tunnel};
use crate::wire::{Malformed, Reader};

/// ```text
/// | version, type 1 | length 5 bits, radio 5, binding 5, T F L W M K, flags 3 | fragment 2 | offset 2 | ...
/// ```
pub(super) fn capwap(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let whole = r.clone();
    let Ok(word) = r.u32_be("CAPWAP header") else { return Ok(None) };
    let words = usize::try_from(word >> CAPWAP_LENGTH_SHIFT & 0x1f).unwrap_or(0);
    let binding = word >> CAPWAP_BINDING_SHIFT & 0x1f;
    let is_data = word & (CAPWAP_PREAMBLE | CAPWAP_KEEP_ALIVE) == 0;
    if !is_data || words < CAPWAP_WORDS_MIN {
        return Ok(None);
    }
    if word & CAPWAP_FRAGMENT != 0 {
        return Err(r.impossible("CAPWAP fragment"));
    }
    *r = whole;
    if r.skip("CAPWAP header", words.saturating_mul(4)).is_err() {
        return Ok(None);
    }
    Ok(match word & CAPWAP_NATIVE {
        0 => tunnel::is_ethernet(r).then_some(Next::Ethernet),
        _ if binding == CAPWAP_BINDING_802_11 => is_data_frame(r).then_some(Next::Wireless),
        _ => None,
    })
}

/// ```text
/// | version 1 | type 1 | encapsulated protocol 2 | tags: type 1, length 1, ... until type 1 | frame
/// ```
pub(super) fn tzsp(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let version = r.u8("TZSP version")?;
    let kind = r.u8("TZSP type")?;
    let protocol = r.u16_be("TZSP protocol")?;
    if version != 1 || kind > TZSP_TRANSMIT {
        return Ok(None);
    }
    loop {
        match r.u8("TZSP tag")? {
            TZSP_TAG_END => break,
            TZSP_TAG_PADDING => {}
            _ => {
                let length = usize::from(r.u8("TZSP tag length")?);
                r.skip("TZSP tag value", length)?;
            }
        }
    }
    Ok(match protocol {
        TZSP_ETHERNET => Some(Next::Ethernet),
        TZSP_802_11 if is_data_frame(r) => Some(Next::Wireless),
        _ => None,
    })
}

/// Reads a data frame up to its LLC header.
pub(super) fn open(r: &mut Reader<'_>, packet: &mut Packet<'_>) -> Result<Next, Malformed> {
    let Addresses { source, source_at, destination } = header(r)?;
    (packet.source, packet.source_at) = (Some(source), source_at);
    packet.destination = Some(destination);
    Ok(Next::Llc)
}

struct Addresses {
    source: Mac,
    source_at: u32,
    destination: Mac,
}

/// True when this is a data frame that nothing hides: SNAP follows its header.
pub(super) fn is_data_frame(r: &Reader<'_>) -> bool {
    let mut ahead = r.clone();
    header(&mut ahead).is_ok() && ahead.peek().starts_with(SNAP)
}

fn header(r: &mut Reader<'_>) -> Result<Addresses, Malformed> {
    let [first, second] = r.array("802.11 frame control")?;
    // Some controllers send the two bytes in the other order.
    let (kind, flags) = match (first & KIND_MASK, second & KIND_MASK) {
        (KIND_DATA, _) => (first, second),
        (_, KIND_DATA) => (second, first),
        _ => return Err(r.impossible("802.11 frame type")),
    };
    if kind & SUBTYPE_NO_DATA != 0 {
        return Err(r.impossible("802.11 frame without data"));
    }
    r.skip("802.11 duration", 2)?;
    let (first, _) = address(r)?;
    let second = address(r)?;
    let third = address(r)?;
    r.skip("802.11 sequence control", 2)?;
    let ((source, source_at), destination) = match flags & (TO_DISTRIBUTION | FROM_DISTRIBUTION) {
        0 => (second, first),
        TO_DISTRIBUTION => (second, third.0),
        FROM_DISTRIBUTION => (third, first),
        _ => (address(r)?, third.0),
    };
    if kind & SUBTYPE_QOS != 0 {
        let [control, _] = r.array("802.11 QoS control")?;
        if control & QOS_AGGREGATED != 0 {
            return Err(r.impossible("802.11 aggregate"));
        }
        if flags & ORDERED != 0 {
            r.skip("802.11 HT control", 4)?;
        }
    }
    Ok(Addresses { source, source_at, destination })
}

fn address(r: &mut Reader<'_>) -> Result<(Mac, u32), Malformed> {
    let at = offset(r.at());
    Ok((Mac(r.array("802.11 address")?), at))
}

const CAPWAP_PREAMBLE: u32 = 0xff00_0000;
const CAPWAP_LENGTH_SHIFT: u32 = 19;
const CAPWAP_BINDING_SHIFT: u32 = 9;
const CAPWAP_NATIVE: u32 = 0x0000_0100;
const CAPWAP_FRAGMENT: u32 = 0x0000_0080;
const CAPWAP_KEEP_ALIVE: u32 = 0x0000_0008;
const CAPWAP_WORDS_MIN: usize = 2;
const CAPWAP_BINDING_802_11: u32 = 1;
const TZSP_TRANSMIT: u8 = 1;
const TZSP_TAG_PADDING: u8 = 0;
const TZSP_TAG_END: u8 = 1;
const TZSP_ETHERNET: u16 = 1;
const TZSP_802_11: u16 = 18;
/// Version and type of a frame control field: version 0, data.
const KIND_MASK: u8 = 0x0f;
const KIND_DATA: u8 = 0x08;
const SUBTYPE_NO_DATA: u8 = 0x40;
const SUBTYPE_QOS: u8 = 0x80;
const TO_DISTRIBUTION: u8 = 0x01;
const FROM_DISTRIBUTION: u8 = 0x02;
const ORDERED: u8 = 0x80;
const QOS_AGGREGATED: u8 = 0x80;
const SNAP: &[u8] = &[0xaa, 0xaa, 0x03];
