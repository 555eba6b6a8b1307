//! Media Redundancy Protocol (IEC 62439-2): who keeps a ring of switches from being one.
//!
//! Read: the ring manager's test frames and announcements of changes, and the clients' messages about links that went
//! and came; with the domain, the manager's priority, and whether the ring is closed. Skipped: interconnections of
//! rings, and the options of makers.
//!
//! ```text
//! 0             2      3        4
//! ┌─────────────┬──────┬────────┬───────────────┐
//! │ MRP_Version │ type │ length │ value         │  type, length and value repeated; 1 common, 0 end
//! └─────────────┴──────┴────────┴───────────────┘
//! common        MRP_SequenceID u16 | MRP_DomainUUID 16
//! test          MRP_Prio u16 | MRP_SA 6 | MRP_PortRole u16 | MRP_RingState u16 | MRP_Transition u16 | MRP_TimeStamp u32
//! change        MRP_Prio u16 | MRP_SA 6 | MRP_Interval u16
//! link down, up MRP_SA 6 | MRP_PortRole u16 | MRP_Interval u16 | MRP_Blocked u16
//! ```

use uuid::Uuid;

use crate::flow::{Attach, Input};
use crate::model::{Key, Mac, Node, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mrp",
    spec: "IEC 62439-2",
    attach: &[Attach::Ether(0x88e3)],
    keys: &[&[DOMAIN, LINK_CHANGE, PRIORITY, RING_STATE, ROLE, TOPOLOGY_CHANGE]],
    probe,
    start: || Box::new(Mrp),
};

/// Ring that the switch is in.
const DOMAIN: Key = Key::several("mrp.domain");
/// A link in the ring went or came: `link down`, `link up`.
const LINK_CHANGE: Key = Key::event("mrp.link_change");
/// How much the switch wants to be the manager: 0 most.
const PRIORITY: Key = Key::one("mrp.priority");
/// `closed` when the ring is whole, `open` when a link of it is down, as the manager says.
const RING_STATE: Key = Key::one("mrp.ring_state");
/// `ring manager` or `ring client`.
const ROLE: Key = Key::several("mrp.role");
/// The manager told all to forget which way stations are.
const TOPOLOGY_CHANGE: Key = Key::event("mrp.topology_change");

struct Mrp;

impl Dissector for Mrp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The Ethernet type alone makes a frame MRP; other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match Reader::new(bytes).u16_be("MRP_Version") {
        Ok(VERSION) => Probe::Maybe,
        Ok(_) => Probe::No,
        Err(_) => Probe::More,
    }
}

/// Frames bear the address of the port that sent them; the switch has its own inside.
fn message(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    r.skip("MRP_Version", 2)?;
    let mut subject = None;
    while !r.is_empty() {
        let kind = r.u8("MRP_TLVHeader.Type")?;
        let length = usize::from(r.u8("MRP_TLVHeader.Length")?);
        let mut value = r.sub("MRP_TLVHeader.Length", length)?;
        match kind {
            END => break,
            COMMON => {
                let Some(subject) = &subject else { continue };
                value.skip("MRP_SequenceID", 2)?;
                let start = value.at();
                let domain = Uuid::from_bytes(value.array("MRP_DomainUUID")?);
                out.text(subject, DOMAIN, &domain.to_string(), value.since(start));
            }
            TEST | CHANGE | LINK_DOWN | LINK_UP => {
                subject = Some(told(kind, value, input, out)?);
            }
            _ => {}
        }
    }
    Ok(())
}

fn told(
    kind: u8,
    mut r: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<Subject, Malformed> {
    let is_manager = matches!(kind, TEST | CHANGE);
    let start = r.at();
    let priority = if is_manager { Some(r.u16_be("MRP_Prio")?) } else { None };
    let priority_span = r.since(start);
    let start = r.at();
    let mac = Mac(r.array("MRP_SA")?);
    if mac.is_group() || mac.is_zero() {
        return Err(r.impossible("MRP_SA"));
    }
    let address_span = r.since(start);
    let subject = Subject::node(Node::mac(input.sender().scope, mac));
    let role = if is_manager { "ring manager" } else { "ring client" };
    out.text(&subject, ROLE, role, address_span);
    if let Some(priority) = priority {
        out.uint(&subject, PRIORITY, priority, priority_span);
    }
    match kind {
        TEST => {
            r.skip("MRP_PortRole", 2)?;
            let start = r.at();
            let state = match r.u16_be("MRP_RingState")? {
                0 => "open",
                1 => "closed",
                _ => return Err(r.impossible("MRP_RingState")),
            };
            out.text(&subject, RING_STATE, state, r.since(start));
        }
        CHANGE => out.text(&subject, TOPOLOGY_CHANGE, &mac.to_string(), address_span),
        LINK_DOWN => out.text(&subject, LINK_CHANGE, "link down", address_span),
        _ => out.text(&subject, LINK_CHANGE, "link up", address_span),
    }
    Ok(subject)
}

const VERSION: u16 = 1;
const END: u8 = 0;
const COMMON: u8 = 1;
const TEST: u8 = 2;
const CHANGE: u8 = 3;
const LINK_DOWN: u8 = 4;
const LINK_UP: u8 = 5;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness;

    const TEST_FRAME: &[u8] = &[
        0x00, 0x01, // MRP_Version
        0x02, 0x12, // test, 18 bytes
        0x80, 0x00, // MRP_Prio
        0x00, 0x1b, 0x1b, 0x20, 0x12, 0x01, // MRP_SA
        0x00, 0x00, // MRP_PortRole: primary
        0x00, 0x01, // MRP_RingState: closed
        0x00, 0x03, // MRP_Transition
        0x00, 0x01, 0x02, 0x03, // MRP_TimeStamp
        0x01, 0x12, // common, 18 bytes
        0x00, 0x07, // MRP_SequenceID
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // MRP_DomainUUID
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
        0x00, 0x00, // end
    ];

    fn read(frame: &[u8]) -> harness::Listener {
        harness::read(&PROTOCOL, true, &[(ToServer, frame)])
    }

    fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut frame = TEST_FRAME.to_vec();
        frame[at..at + bytes.len()].copy_from_slice(bytes);
        frame
    }

    #[test]
    fn a_test_frame_tells_the_manager_by_its_own_address() {
        assert_eq!(
            read(TEST_FRAME).lines(),
            [
                "00:1b:1b:20:12:01  mrp.role = ring manager @6+6",
                "00:1b:1b:20:12:01  mrp.priority = 32768 @4+2",
                "00:1b:1b:20:12:01  mrp.ring_state = closed @14+2",
                "00:1b:1b:20:12:01  mrp.domain = ffffffff-ffff-ffff-ffff-ffffffffffff @26+16",
            ]
        );
        let open = read(&changed(14, &[0, 0])).lines();
        assert!(open[2].contains("mrp.ring_state = open"), "{open:?}");
    }

    #[test]
    fn clients_tell_links_that_went_and_came() {
        for (kind, what) in [(4, "link down"), (5, "link up")] {
            let mut frame = vec![0, 1, kind, 12];
            frame.extend_from_slice(&[0x00, 0x1b, 0x1b, 0x20, 0x12, 0x02]); // MRP_SA
            frame.extend_from_slice(&[0, 0, 0, 20, 0, 1]); // MRP_PortRole, MRP_Interval, MRP_Blocked
            let lines = read(&frame).lines();
            assert_eq!(lines[0], "00:1b:1b:20:12:02  mrp.role = ring client @4+6");
            assert!(lines[1].contains(&format!("mrp.link_change = {what}")), "{lines:?}");
        }
    }

    #[test]
    fn impossible_addresses_and_states_are_damage() {
        for (at, bytes) in [(6, &[0xff; 6][..]), (6, &[0; 6]), (14, &[0, 9])] {
            assert_eq!(read(&changed(at, bytes)).damage.len(), 1, "{bytes:?}");
        }
    }

    #[test]
    fn a_cut_frame_keeps_what_came_before_the_cut() {
        let whole = read(TEST_FRAME).lines();
        for length in 1..TEST_FRAME.len() {
            let cut = read(&TEST_FRAME[..length]);
            assert!(whole.starts_with(&cut.lines()), "{length}");
            assert!(cut.damage.len() <= 1, "{length}");
        }
    }

    #[test]
    fn probes_by_version() {
        assert_eq!(probe(TEST_FRAME), Probe::Maybe);
        assert_eq!(probe(&[0]), Probe::More);
        assert_eq!(probe(&[0, 2]), Probe::No);
    }
}
