//! What stands at and around cited bytes, and how it is shown.

use std::fmt::Write as _;

use crate::model::limits::EXCERPT_BYTES_MAX;
use crate::model::{Excerpt, Frame, FrameRef, LinkType};
use crate::packet::{Packet, Transport, decode};

/// Bytes of a frame.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::app) struct Spot {
    /// The frame.
    pub(in crate::app) frame: FrameRef,
    /// Offset of the first, in bytes from the start of the frame as captured.
    pub(in crate::app) offset: u32,
    /// How many.
    pub(in crate::app) length: u32,
}

impl Spot {
    /// The first spot of a frame, in the order of spots.
    pub(super) fn first(frame: FrameRef) -> Self {
        Self { frame, offset: 0, length: 0 }
    }

    /// The last spot of a frame, in the order of spots.
    pub(super) fn last(frame: FrameRef) -> Self {
        Self { frame, offset: u32::MAX, length: u32::MAX }
    }
}

/// What stands in a frame at a spot, and around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) struct Look {
    /// The headers of the frame, outermost first, and where the spot lies.
    pub(in crate::app) layers: String,
    /// Bytes of the frame in the capture.
    pub(in crate::app) frame_length: usize,
    /// Bytes in front of the spot, at most [`AROUND_BYTES`].
    before: Box<[u8]>,
    /// The bytes of the spot, as many as the frame holds and an excerpt keeps.
    pub(in crate::app) cited: Box<[u8]>,
    /// Bytes behind them, at most [`AROUND_BYTES`].
    after: Box<[u8]>,
    /// Bytes from the start of the spot to the end of the frame's payload.
    pub(super) payload_ahead: usize,
}

impl Look {
    /// Looks at a spot of a frame.
    pub(super) fn new(frame: &Frame<'_>, spot: Spot) -> Self {
        let packet = decode(frame);
        let (offset, payload_at) = (index(spot.offset), index(packet.payload_at));
        let length = index(spot.length).min(EXCERPT_BYTES_MAX);
        let end = offset.saturating_add(length);
        let payload_end = payload_at.saturating_add(packet.payload.len());
        let part = |from: usize, to: usize| -> Box<[u8]> {
            let (from, to) = (from.min(frame.bytes.len()), to.min(frame.bytes.len()));
            frame.bytes.get(from..to).unwrap_or_default().into()
        };
        Self {
            layers: layers(frame.link, &packet, offset < payload_at),
            frame_length: frame.bytes.len(),
            before: part(offset.saturating_sub(AROUND_BYTES), offset),
            cited: part(offset, end),
            after: part(end, end.saturating_add(AROUND_BYTES)),
            payload_ahead: payload_end.saturating_sub(offset),
        }
    }

    /// The bytes with those of the spot in brackets, one line for each row.
    pub(in crate::app) fn dump(&self, spot: Spot) -> Vec<String> {
        let offset = index(spot.offset);
        let bytes = [&*self.before, &*self.cited, &*self.after].concat();
        let cited = (offset, offset.saturating_add(self.cited.len()));
        rows(offset.saturating_sub(self.before.len()), &bytes, cited)
    }
}

/// The bytes that were kept, one line for each row.
pub(in crate::app) fn dump(excerpt: &Excerpt) -> Vec<String> {
    let offset = index(excerpt.offset);
    rows(offset, &excerpt.bytes, (offset, offset.saturating_add(excerpt.bytes.len())))
}

/// The headers of a frame, outermost first as far as they are known; of a tunnel what travelled inside.
fn layers(link: LinkType, packet: &Packet<'_>, is_in_header: bool) -> String {
    let mut words = vec![match link {
        LinkType::ETHERNET => "Ethernet".to_owned(),
        LinkType::LINUX_SLL | LinkType::LINUX_SLL2 => "Linux cooked capture".to_owned(),
        LinkType::NULL | LinkType::LOOP => "loopback".to_owned(),
        LinkType::PPP | LinkType::C_HDLC => "PPP".to_owned(),
        LinkType(_) if packet.net.is_some() => "raw IP".to_owned(),
        LinkType(number) => format!("link type {number}"),
    }];
    if packet.tunnelled {
        words.push("tunnel".to_owned());
    }
    match (packet.scope.outer_vlan, packet.scope.vlan) {
        (0, 0) => {}
        (0, vlan) => words.push(format!("VLAN {vlan}")),
        (outer, vlan) => words.push(format!("VLAN {outer}.{vlan}")),
    }
    match &packet.net {
        Some(net) => {
            let version = if net.source.is_ipv4() { "IPv4" } else { "IPv6" };
            let part = if net.fragment.is_some() { ", a fragment" } else { "" };
            words.push(format!("{version}{part}"));
        }
        None => words.push(format!("type 0x{:04x}", packet.ether_type)),
    }
    match &packet.transport {
        Some(Transport::Tcp(tcp)) => {
            words.push(format!("TCP port {} to {}", tcp.source, tcp.destination));
        }
        Some(Transport::Udp { source, destination }) => {
            words.push(format!("UDP port {source} to {destination}"));
        }
        None => {}
    }
    let place = if is_in_header { "in the headers" } else { "in the payload" };
    format!("{}: {place}", words.join(", "))
}

/// Rows of sixteen bytes as Wireshark draws them; cited bytes stand in brackets.
fn rows(start: usize, bytes: &[u8], (from, to): (usize, usize)) -> Vec<String> {
    let is_cited = |at: usize| (from..to).contains(&at);
    let last = start.saturating_add(bytes.len());
    let mut rows = Vec::new();
    let mut row = start.saturating_sub(start % ROW_BYTES);
    while row < last {
        let (mut hexes, mut texts) = (String::new(), String::new());
        for at in row..row.saturating_add(ROW_BYTES) {
            let is_first = at == row || !is_cited(at.saturating_sub(1));
            hexes.push(match is_cited(at) {
                true if is_first => '[',
                false if at > row && is_cited(at.saturating_sub(1)) => ']',
                _ => ' ',
            });
            let byte = at.checked_sub(start).and_then(|at| bytes.get(at));
            // Writing to a String cannot fail.
            let _ = match byte {
                Some(byte) => write!(hexes, "{byte:02x}"),
                None => write!(hexes, "  "),
            };
            texts.push(match byte {
                Some(byte) if byte.is_ascii_graphic() || *byte == b' ' => char::from(*byte),
                Some(_) => '.',
                None => ' ',
            });
        }
        let end = row.saturating_add(ROW_BYTES);
        hexes.push(if is_cited(end.saturating_sub(1)) { ']' } else { ' ' });
        rows.push(format!("{row:04x} {hexes} |{texts}|"));
        row = end;
    }
    rows
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Bytes shown on either side: a row.
pub(in crate::app) const AROUND_BYTES: usize = 16;
const ROW_BYTES: usize = 16;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn look(length: u8, offset: u32, cited: u32) -> (Look, Vec<String>) {
        let bytes: Vec<u8> = (0..length).collect();
        let at = FrameRef { capture: 0, number: 1 };
        let frame = Frame {
            at: Timestamp(0),
            frame: at,
            link: LinkType::ETHERNET,
            wire_len: length.into(),
            bytes: &bytes,
        };
        let spot = Spot { frame: at, offset, length: cited };
        let look = Look::new(&frame, spot);
        let rows = look.dump(spot);
        (look, rows)
    }

    #[test]
    fn cited_bytes_stand_in_brackets_among_sixteen_on_either_side() {
        let (_, rows) = look(64, 30, 4);
        assert_eq!(
            rows,
            [
                "0000                                            0e 0f  |              ..|",
                "0010  10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d[1e 1f] |................|",
                "0020 [20 21]22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|",
                "0030  30 31                                            |01              |",
            ]
        );
    }

    #[test]
    fn a_frame_may_end_within_or_before_the_cited_bytes() {
        let (within, rows) = look(20, 18, 4);
        assert_eq!((&*within.cited, rows.len()), (&[18, 19][..], 2));
        assert!(rows[1].contains("[12 13]"), "{rows:?}");
        let (beyond, _) = look(20, 90, 4);
        assert!(beyond.cited.is_empty());
        let (_, rows) = look(0, 0, 1);
        assert!(rows.is_empty());
    }

    #[test]
    fn no_more_is_taken_than_an_excerpt_keeps() {
        let (look, rows) = look(200, 0, u32::MAX);
        assert_eq!(look.cited.len(), EXCERPT_BYTES_MAX);
        assert_eq!(rows.len(), EXCERPT_BYTES_MAX / ROW_BYTES + 1);
    }
}
