//! One captured frame, as the edges hand it in.

use crate::model::Timestamp;

/// Which capture, and which frame in it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FrameRef {
    /// Number of the capture in this run; the list of captures is kept beside it.
    pub capture: u32,
    /// Number of the frame in its capture, counted from 1 as Wireshark does.
    pub number: u64,
}

/// Link-layer type, as registered at tcpdump.org ("LINKTYPE_" values, as stored in files).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a 4-byte protocol family in the host byte order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// IEEE 802.3 Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// PPP, with or without HDLC-like framing (RFC 1662).
    pub const PPP: Self = Self(9);
    /// Raw IP, value that BSD-derived systems write.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, value that OpenBSD writes.
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IPv4 or IPv6; the first nibble tells.
    pub const RAW: Self = Self(101);
    /// Cisco HDLC.
    pub const C_HDLC: Self = Self(104);
    /// OpenBSD loopback: as [`Self::NULL`] in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture v1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture v2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// A captured frame; borrowed, lives for one call.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When it was captured.
    pub at: Timestamp,
    /// Where it stands.
    pub frame: FrameRef,
    /// How to read its first byte.
    pub link: LinkType,
    /// Length on the wire, in bytes; more than `bytes.len()` when the snap length cut it.
    pub wire_len: u32,
    /// The captured bytes.
    pub bytes: &'a [u8],
}
