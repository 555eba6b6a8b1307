//! Spanning tree: STP, RSTP and MSTP (IEEE 802.1Q-2022, 14; IEEE 802.1D-2004, 9), and Cisco's tree for each VLAN (PVST+).
//!
//! Read: who is a bridge and with which identifier, which bridge it takes for the root, changes of topology, the region of
//! MSTP. Skipped: path costs, timers, roles of ports, and the instances behind the common tree of MSTP.
//!
//! The frame is IEEE 802.2 with SAP 0x42; of PVST+ it is SNAP, organization 00-00-0C, protocol 0x010B, and the VLAN
//! stands behind the BPDU.
//!
//! ```text
//! 0          2         3      4       5              13          17               25        27
//! ┌──────────┬─────────┬──────┬───────┬──────────────┬───────────┬────────────────┬─────────┬────────────┐
//! │ protocol │ version │ type │ flags │ root         │ root path │ bridge         │ port    │ four times │  big-endian
//! │ 0        │ 0, 2, 3 │      │       │ priority,MAC │ cost      │ priority, MAC  │         │ in 1/256 s │
//! └──────────┴─────────┴──────┴───────┴──────────────┴───────────┴────────────────┴─────────┴────────────┘
//!   35:  version 1 length 1 (RSTP) | version 3 length 2, selector 1, region name 32, revision 2, digest 16, ... (MSTP)
//! ```

use crate::flow::{Attach, Input};
use crate::model::{Key, Mac, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "stp",
    spec: "IEEE 802.1D-2004, IEEE 802.1Q-2022",
    attach: &[Attach::Ether(0x0042), Attach::Ether(PER_VLAN)],
    keys: &[&[
        VERSION,
        BRIDGE_ID,
        ROOT_ID,
        ROLE,
        VLAN_ROOT,
        PORT_ID,
        TOPOLOGY_CHANGE,
        REGION_NAME,
        REGION_REVISION,
    ]],
    probe,
    start: || Box::new(Stp),
};

/// Which protocol the bridge speaks: `STP`, `RSTP`, `MSTP`.
const VERSION: Key = Key::one("stp.version");
/// Identifier of the bridge: priority and MAC address, `32768 00:1b:1b:20:13:01`.
const BRIDGE_ID: Key = Key::one("stp.bridge_id");
/// Identifier of the bridge that it takes for the root of the tree.
const ROOT_ID: Key = Key::one("stp.root_id");
/// What the bridge is in the tree: `root` or `bridge`.
const ROLE: Key = Key::one("stp.role");
/// Roots of the trees of single VLANs, of PVST+: `vlan 10: 24586 00:1b:1b:20:13:01`.
const VLAN_ROOT: Key = Key::several("stp.vlan_root");
/// Identifiers of ports that it sends from: priority and number.
const PORT_ID: Key = Key::several("stp.port_id");
/// The bridge told that the topology changed: `notified` towards the root, or `flagged` by whoever tells it on.
const TOPOLOGY_CHANGE: Key = Key::event("stp.topology_change");
/// Name of the region of MSTP that the bridge is configured for.
const REGION_NAME: Key = Key::one("stp.region_name");
/// Revision of the same configuration.
const REGION_REVISION: Key = Key::one("stp.region_revision");

struct Stp;

impl Dissector for Stp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let is_per_vlan = input.flow.attach == Attach::Ether(PER_VLAN);
        let subject = Subject::node(input.sender());
        if let Err(malformed) = bpdu(&subject, input.bytes, is_per_vlan, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The service access point alone makes a frame a BPDU; others that it carries begin otherwise.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [0, 0, 0 | 2 | 3 | 4, CONFIGURATION | RAPID | TOPOLOGY_CHANGE_NOTIFICATION, ..] => {
            Probe::Maybe
        }
        [_, _, _, _, ..] => Probe::No,
        _ => Probe::More,
    }
}

fn bpdu(
    subject: &Subject,
    bytes: &[u8],
    is_per_vlan: bool,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut r = Reader::new(bytes);
    if r.u16_be("protocol identifier")? != 0 {
        return Err(r.impossible("protocol identifier"));
    }
    let version_span = Span { at: r.at(), len: 1 };
    let version = r.u8("protocol version identifier")?;
    let kind_span = Span { at: r.at(), len: 1 };
    let kind = r.u8("BPDU type")?;
    if kind == TOPOLOGY_CHANGE_NOTIFICATION {
        out.text(subject, TOPOLOGY_CHANGE, "notified", kind_span);
        return Ok(());
    }
    if !matches!(kind, CONFIGURATION | RAPID) {
        return Err(r.impossible("BPDU type"));
    }
    let flags_span = Span { at: r.at(), len: 1 };
    let flags = r.u8("flags")?;
    let (root, root_span) = identifier(&mut r, "root identifier")?;
    r.skip("root path cost", 4)?;
    let (bridge, bridge_span) = identifier(&mut r, "bridge identifier")?;
    let port_start = r.at();
    let port = r.u16_be("port identifier")?;
    let port_span = r.since(port_start);
    let name = match version {
        0 => "STP",
        2 => "RSTP",
        3 => "MSTP",
        _ => "SPB",
    };
    out.text(subject, VERSION, name, version_span);
    out.text(subject, BRIDGE_ID, &bridge.to_string(), bridge_span);
    out.uint(subject, PORT_ID, port, port_span);
    if flags & TOPOLOGY_CHANGED != 0 {
        out.text(subject, TOPOLOGY_CHANGE, "flagged", flags_span);
    }
    if is_per_vlan {
        return per_vlan(subject, &mut r, &root, root_span, out);
    }
    out.text(subject, ROOT_ID, &root.to_string(), root_span);
    let role = if root == bridge { "root" } else { "bridge" };
    out.text(subject, ROLE, role, root_span);
    if version == 3 { region(subject, &mut r, out) } else { Ok(()) }
}

/// The VLAN that a tree of PVST+ is for: a TLV behind the BPDU, of type 0 and two bytes.
fn per_vlan(
    subject: &Subject,
    r: &mut Reader<'_>,
    root: &Identifier,
    span: Span,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("times", TIMES_BYTES)?;
    // RSTP has the length of version 1 ahead of it, plain STP a byte of padding: the same place.
    r.skip("version 1 length", 1)?;
    let kind = r.u16_be("originating VLAN type")?;
    let length = r.u16_be("originating VLAN length")?;
    if (kind, length) != (0, 2) {
        return Err(r.impossible("originating VLAN length"));
    }
    let vlan = r.u16_be("originating VLAN")?;
    out.text(subject, VLAN_ROOT, &format!("vlan {vlan}: {root}"), span);
    Ok(())
}

/// The MST configuration identifier.
fn region(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("times", TIMES_BYTES)?;
    r.skip("version 1 length", 1)?;
    if usize::from(r.u16_be("version 3 length")?) < REGION_BYTES {
        return Ok(());
    }
    r.skip("configuration identifier format selector", 1)?;
    let start = r.at();
    let name = r.bytes("configuration name", 32)?;
    readable::say(out, subject, REGION_NAME, name, r.since(start));
    let start = r.at();
    let revision = r.u16_be("revision level")?;
    out.uint(subject, REGION_REVISION, revision, r.since(start));
    Ok(())
}

#[derive(Eq, PartialEq)]
struct Identifier {
    priority: u16,
    mac: Mac,
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.priority, self.mac)
    }
}

fn identifier(r: &mut Reader<'_>, field: &'static str) -> Result<(Identifier, Span), Malformed> {
    let start = r.at();
    let priority = r.u16_be(field)?;
    let mac = Mac(r.array(field)?);
    Ok((Identifier { priority, mac }, r.since(start)))
}

/// Protocol number of PVST+ below Cisco's organization.
const PER_VLAN: u16 = 0x010b;
const CONFIGURATION: u8 = 0x00;
const RAPID: u8 = 0x02;
const TOPOLOGY_CHANGE_NOTIFICATION: u8 = 0x80;
const TOPOLOGY_CHANGED: u8 = 0x01;
/// Message age, maximum age, hello time and forward delay.
const TIMES_BYTES: usize = 8;
/// Selector, name, revision and digest of a region.
const REGION_BYTES: usize = 51;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness;

    const ROOT: [u8; 8] = [0x60, 0x00, 0x00, 0x1b, 0x1b, 0x20, 0x13, 0x01];
    const BRIDGE: [u8; 8] = [0x80, 0x00, 0x00, 0x1b, 0x1b, 0x20, 0x13, 0x02];

    fn unit(version: u8, kind: u8, flags: u8, root: [u8; 8], bridge: [u8; 8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, version, kind, flags];
        bytes.extend(root);
        bytes.extend([0, 0, 0x4e, 0x20]);
        bytes.extend(bridge);
        bytes.extend([0x80, 0x05]);
        bytes.extend([0, 0, 20, 0, 2, 0, 15, 0]);
        bytes
    }

    fn said(bytes: &[u8]) -> Vec<String> {
        let lines = harness::read(&PROTOCOL, true, &[(ToServer, bytes)]).lines();
        lines.iter().map(|line| line.split_once("  ").unwrap().1.to_owned()).collect()
    }

    #[test]
    fn a_bridge_names_itself_its_root_and_its_port() {
        assert_eq!(
            said(&unit(0, 0, 0, ROOT, BRIDGE)),
            [
                "stp.version = STP @2+1",
                "stp.bridge_id = 32768 00:1b:1b:20:13:02 @17+8",
                "stp.port_id = 32773 @25+2",
                "stp.root_id = 24576 00:1b:1b:20:13:01 @5+8",
                "stp.role = bridge @5+8",
            ]
        );
        assert!(said(&unit(2, 2, 0, ROOT, ROOT)).contains(&"stp.role = root @5+8".to_owned()));
    }

    #[test]
    fn changes_of_topology_are_events() {
        assert_eq!(said(&[0, 0, 0, 0x80]), ["stp.topology_change = notified @3+1"]);
        let flagged = said(&unit(2, 2, 0x3d, ROOT, BRIDGE));
        assert!(flagged.contains(&"stp.topology_change = flagged @4+1".to_owned()), "{flagged:?}");
    }

    #[test]
    fn regions_of_mstp_have_a_name_and_a_revision() {
        let mut bytes = unit(3, 2, 0, ROOT, BRIDGE);
        bytes.extend([0, 0, 64, 0]);
        bytes.extend(b"RING-7");
        bytes.resize(bytes.len() + 26, 0);
        bytes.extend([0, 3]);
        bytes.extend([0xac; 16]);
        let said = said(&bytes);
        assert_eq!(said[5..], ["stp.region_name = RING-7 @39+32", "stp.region_revision = 3 @71+2"]);
    }

    #[test]
    fn a_tree_for_each_vlan_has_a_root_for_each() {
        let bytes = [&unit(2, 2, 0, ROOT, BRIDGE)[..], &[0, 0, 0, 0, 2, 0, 31]].concat();
        let node = |last| crate::model::Node::mac(Default::default(), Mac([2, 0, 0, 0, 0, last]));
        let subject = Subject::node(node(1));
        let mut listener = harness::Listener::default();
        let flow = crate::flow::FlowKey {
            client: node(1),
            client_port: 0,
            server: node(2),
            attach: Attach::Ether(PER_VLAN),
        };
        let frame = crate::model::FrameRef { capture: 0, number: 1 };
        let input = Input {
            bytes: &bytes,
            whole: true,
            direction: ToServer,
            flow: &flow,
            at: crate::model::Timestamp(0),
            frame,
            mac: None,
            places: &[crate::flow::Place { start: 0, frame, offset: 0 }],
        };
        Stp.read(&input, &mut Sink::new(&input, &mut listener, &PROTOCOL));
        let lines = listener.lines();
        assert!(
            lines[3].ends_with("stp.vlan_root = vlan 31: 24576 00:1b:1b:20:13:01 @5+8"),
            "{lines:?}"
        );
        assert!(lines.iter().all(|line| line.starts_with(&subject.to_string())));
    }

    #[test]
    fn a_cut_bpdu_says_nothing_and_is_counted() {
        let whole = unit(0, 0, 0, ROOT, BRIDGE);
        for length in 1..27 {
            let listener = harness::read(&PROTOCOL, true, &[(ToServer, &whole[..length])]);
            assert!(listener.said.is_empty(), "{length}");
            assert_eq!(listener.damage.len(), 1, "{length}");
        }
    }

    #[test]
    fn probes_by_protocol_version_and_type() {
        assert_eq!(probe(&unit(2, 2, 0, ROOT, BRIDGE)), Probe::Maybe);
        assert_eq!(probe(&[0, 0]), Probe::More);
        assert_eq!(probe(&[0, 1, 0, 0]), Probe::No);
    }
}
