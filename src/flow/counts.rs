//! What happened to conversations, counted without a look-up.

use crate::model::Counters;

/// Plain numbers, because every packet counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) tcp: u64,
    pub(super) udp: u64,
    pub(super) link: u64,
    pub(super) flows: u64,
    pub(super) gaps: u64,
    pub(super) gap_bytes: u64,
    pub(super) retransmissions: u64,
    pub(super) out_of_order: u64,
    pub(super) out_of_window: u64,
    pub(super) conflicts: u64,
    pub(super) unread_overflows: u64,
    pub(super) short_datagrams: u64,
    pub(super) cut_bytes: u64,
    pub(super) idle: u64,
    pub(super) held_pushed_out: u64,
    pub(super) copies: u64,
    pub(super) copies_other_vlan: u64,
    pub(super) nested_too_deep: u64,
}

impl Counts {
    /// Adds them under their names; a count of zero has none.
    pub(super) fn tell(&self, counters: &mut Counters) {
        for (name, count) in [
            ("flow.conversations", self.flows),
            ("flow.idle", self.idle),
            ("ip.datagrams_nested_too_deep", self.nested_too_deep),
            ("link.datagrams", self.link),
            ("packet.copies", self.copies),
            ("packet.copies_other_vlan", self.copies_other_vlan),
            ("stream.conflicts", self.conflicts),
            ("stream.cut_bytes", self.cut_bytes),
            ("stream.gap_bytes", self.gap_bytes),
            ("stream.gaps", self.gaps),
            ("stream.held_pushed_out", self.held_pushed_out),
            ("stream.out_of_order", self.out_of_order),
            ("stream.out_of_window", self.out_of_window),
            ("stream.retransmissions", self.retransmissions),
            ("stream.unread_overflows", self.unread_overflows),
            ("tcp.segments", self.tcp),
            ("udp.datagrams", self.udp),
            ("udp.short_datagrams", self.short_datagrams),
        ] {
            if count > 0 {
                counters.add(name, count);
            }
        }
    }
}
