//! Precision Time Protocol: which clocks are here, which one all follow, and what they say they are.
//!
//! Reads the header of every message (IEEE 1588-2019 clause 13.3), Announce (13.5), and the clock description of
//! management messages (15.5.3.1.2), over UDP, over Ethernet and as IEEE 802.1AS uses it; of version 1 (IEEE 1588-2002)
//! the version and the subdomain. Skips timestamps, corrections, delays and all other TLVs.
//!
//! ```text
//!   header    | sdo 4, type 4 | minor 4, version 4 | length u16 | domain | sdo | flags u16 | correction 8 | 4
//!             | clock identity 8 | port u16 | sequence u16 | control | interval |                            34 bytes
//!   Announce  | time 10 | UTC offset u16 | 0 | priority 1 | class | accuracy | variance u16 | priority 2
//!             | grandmaster identity 8 | steps removed u16 | time source |
//!   management| target port identity 10 | hops | hops | action | 0 | TLV: type u16 | length u16 | id u16 | data |
//! ```

use crate::flow::{Attach, Input};
use crate::model::{Act, Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ptp",
    spec: "IEEE 1588-2019, IEEE 802.1AS-2020, IEEE 1588-2002",
    attach: &[Attach::Ether(0x88f7), Attach::Udp(319), Attach::Udp(320)],
    keys: &[&[
        CLOCK_ACCURACY,
        CLOCK_CLASS,
        CLOCK_IDENTITY,
        DOMAIN,
        GRANDMASTER,
        MANUFACTURER_IDENTITY,
        PRIORITY,
        PRODUCT_DESCRIPTION,
        PROFILE,
        REVISION_DATA,
        ROLE,
        STEPS_REMOVED,
        SUBDOMAIN,
        TIME_SOURCE,
        USER_DESCRIPTION,
        VERSION,
    ]],
    probe,
    start: || Box::new(Ptp),
};

/// How near the grandmaster's time is to the true one, as this clock announces it.
const CLOCK_ACCURACY: Key = Key::several("ptp.clock_accuracy");
/// How good the grandmaster is, as this clock announces it: 6 follows a primary reference, 248 nothing.
const CLOCK_CLASS: Key = Key::several("ptp.clock_class");
/// Identity of the clock, of which most have their MAC address in it.
const CLOCK_IDENTITY: Key = Key::several("ptp.clock_identity");
/// Domains that the clock takes part in.
const DOMAIN: Key = Key::several("ptp.domain");
/// Identity of the clock that all follow.
const GRANDMASTER: Key = Key::several("ptp.grandmaster_identity");
/// First bytes of MAC addresses of the clock's maker.
const MANUFACTURER_IDENTITY: Key = Key::one("ptp.manufacturer_identity");
/// The two priorities of the grandmaster: `128 / 128`. Lower ones win.
const PRIORITY: Key = Key::several("ptp.priority");
/// Maker, model and serial number of the clock, divided by semicolons.
const PRODUCT_DESCRIPTION: Key = Key::one("ptp.product_description");
/// Whose rules the clock follows, where the messages tell: `IEEE 802.1AS`.
const PROFILE: Key = Key::several("ptp.profile");
/// Revisions of hardware, firmware and software of the clock, divided by semicolons.
const REVISION_DATA: Key = Key::one("ptp.revision_data");
/// What the clock does: `grandmaster`, `master`, `slave`.
const ROLE: Key = Key::several("ptp.role");
/// Clocks between this one and the grandmaster.
const STEPS_REMOVED: Key = Key::several("ptp.steps_removed");
/// Subdomain of version 1: `_DFLT`.
const SUBDOMAIN: Key = Key::several("ptp.subdomain");
/// What the grandmaster takes its time from: `GNSS`, `INTERNAL_OSCILLATOR`.
const TIME_SOURCE: Key = Key::several("ptp.time_source");
/// Name and place that somebody gave the clock.
const USER_DESCRIPTION: Key = Key::one("ptp.user_description");
/// Version of the protocol: `2.1`, `2.0`, `1`.
const VERSION: Key = Key::several("ptp.version");

struct Ptp;

impl Dissector for Ptp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The fields fit; enough where it is expected.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [kind, version, high, low, ..] if version & LOW == 2 => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let known = matches!(kind & LOW, 0x0..=0x3 | 0x8..=0xd);
            if known && (HEADER_BYTES..=bytes.len()).contains(&length) {
                Probe::Maybe
            } else {
                Probe::No
            }
        }
        [0, 1, 0, 1, ..] if bytes.len() >= OLD_HEADER_BYTES => Probe::Maybe,
        [_, _, _, _, ..] => Probe::No,
        _ => Probe::More,
    }
}

fn message(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let sender = Subject::node(input.sender());
    let mut r = Reader::new(input.bytes);
    let first = r.u8("messageType")?;
    let version = r.u8("versionPTP")?;
    if (first, version) == (0, 1) {
        return old(&mut r, &sender, out);
    }
    if version & LOW != 2 {
        return Err(r.impossible("versionPTP"));
    }
    let length = usize::from(r.u16_be("messageLength")?);
    // Behind the message a frame may be filled up.
    let mut r = r.sub("message", length.saturating_sub(4))?;
    let domain = r.u8("domainNumber")?;
    r.skip("flags", 15)?;
    let start = r.at();
    let identity: [u8; 8] = r.array("clockIdentity")?;
    let identity_span = r.since(start);
    r.skip("portNumber", 6)?;
    let told = format!("2.{}", version >> 4);
    out.text(&sender, VERSION, &told, Span { at: 1, len: 1 });
    out.text(&sender, CLOCK_IDENTITY, &dashed(&identity), identity_span);
    out.uint(&sender, DOMAIN, domain, Span { at: 4, len: 1 });
    if first >> 4 == SDO_802_1AS {
        out.text(&sender, PROFILE, "IEEE 802.1AS", Span { at: 0, len: 1 });
    }
    let kind = Span { at: 0, len: 1 };
    match first & LOW {
        SYNC | FOLLOW_UP | DELAY_RESPONSE => out.text(&sender, ROLE, "master", kind),
        DELAY_REQUEST => out.text(&sender, ROLE, "slave", kind),
        ANNOUNCE => {
            out.text(&sender, ROLE, "master", kind);
            announce(&mut r, identity, &sender, out)?;
        }
        MANAGEMENT => management(&mut r, &sender, out)?,
        _ => {}
    }
    Ok(())
}

fn announce(
    r: &mut Reader<'_>,
    identity: [u8; 8],
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("originTimestamp", 13)?;
    let start = r.at();
    let first = r.u8("grandmasterPriority1")?;
    let class = r.u8("clockClass")?;
    let accuracy = r.u8("clockAccuracy")?;
    r.skip("offsetScaledLogVariance", 2)?;
    let second = r.u8("grandmasterPriority2")?;
    let quality = r.since(start);
    let at = r.at();
    let grandmaster: [u8; 8] = r.array("grandmasterIdentity")?;
    let grandmaster_span = r.since(at);
    let at = r.at();
    let steps = r.u16_be("stepsRemoved")?;
    let steps_span = r.since(at);
    let at = r.at();
    let source = r.u8("timeSource")?;
    let source_span = r.since(at);
    out.text(sender, GRANDMASTER, &dashed(&grandmaster), grandmaster_span);
    if grandmaster == identity && steps == 0 {
        out.text(sender, ROLE, "grandmaster", grandmaster_span);
    }
    out.text(sender, PRIORITY, &format!("{first} / {second}"), quality);
    let one = |offset: usize| Span { at: quality.at.saturating_add(offset), len: 1 };
    out.uint(sender, CLOCK_CLASS, class, one(1));
    out.text(sender, CLOCK_ACCURACY, &named(accuracy, ACCURACIES), one(2));
    out.uint(sender, STEPS_REMOVED, steps, steps_span);
    out.text(sender, TIME_SOURCE, &named(source, TIME_SOURCES), source_span);
    Ok(())
}

/// Of what is managed only the description of the clock is read, from the clock itself.
fn management(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("targetPortIdentity", 12)?;
    let at = r.at();
    let action = r.u8("actionField")? & LOW;
    let action_span = r.since(at);
    r.skip("reserved", 1)?;
    let kind = r.u16_be("tlvType")?;
    let length = usize::from(r.u16_be("lengthField")?);
    let mut r = r.sub("dataField", length)?;
    if kind != MANAGEMENT_TLV {
        return Ok(());
    }
    let id = r.u16_be("managementId")?;
    match action {
        GET if id == CLOCK_DESCRIPTION => out.act(Act::Identify, action_span),
        GET => out.act(Act::Read, action_span),
        SET | COMMAND => out.act(Act::Write, action_span),
        RESPONSE if id == CLOCK_DESCRIPTION && !r.is_empty() => description(&mut r, sender, out)?,
        _ => {}
    }
    Ok(())
}

fn description(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("clockType", 2)?;
    let length = usize::from(r.u8("physicalLayerProtocol")?);
    r.skip("physicalLayerProtocol", length)?;
    let length = usize::from(r.u16_be("physicalAddressLength")?);
    r.skip("physicalAddress", length)?;
    r.skip("networkProtocol", 2)?;
    let length = usize::from(r.u16_be("addressLength")?);
    r.skip("protocolAddress", length)?;
    let start = r.at();
    let maker: [u8; 3] = r.array("manufacturerIdentity")?;
    if maker != [0; 3] {
        out.text(sender, MANUFACTURER_IDENTITY, &dashed(&maker), r.since(start));
    }
    r.skip("reserved", 1)?;
    for (key, field) in [
        (PRODUCT_DESCRIPTION, "productDescription"),
        (REVISION_DATA, "revisionData"),
        (USER_DESCRIPTION, "userDescription"),
    ] {
        let length = usize::from(r.u8(field)?);
        let start = r.at();
        let text = r.bytes(field, length)?;
        // Of what was not filled in, the semicolons are left.
        if text.iter().any(|byte| !matches!(byte, b';' | b' ')) {
            readable::say(out, sender, key, text, r.since(start));
        }
    }
    Ok(())
}

/// Version 1.
fn old(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("versionNetwork", 2)?;
    let start = r.at();
    let subdomain = r.bytes("subdomain", 16)?;
    let span = r.since(start);
    out.text(sender, VERSION, "1", Span { at: 0, len: 2 });
    readable::say(out, sender, SUBDOMAIN, subdomain, span);
    Ok(())
}

/// Bytes in hexadecimal as IEEE 1588 writes identities: `00-1B-21-FF-FE-0A-0B-0C`.
fn dashed(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join("-")
}

fn named(number: u8, names: &[(u8, &str)]) -> String {
    let known = names.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("0x{number:02X}"), |(_, name)| (*name).to_owned())
}

/// The low half of a byte.
const LOW: u8 = 0x0f;
const HEADER_BYTES: usize = 34;
const OLD_HEADER_BYTES: usize = 40;
/// majorSdoId of IEEE 802.1AS.
const SDO_802_1AS: u8 = 1;

const SYNC: u8 = 0x0;
const DELAY_REQUEST: u8 = 0x1;
const FOLLOW_UP: u8 = 0x8;
const DELAY_RESPONSE: u8 = 0x9;
const ANNOUNCE: u8 = 0xb;
const MANAGEMENT: u8 = 0xd;

const GET: u8 = 0;
const SET: u8 = 1;
const RESPONSE: u8 = 2;
const COMMAND: u8 = 3;
const MANAGEMENT_TLV: u16 = 0x0001;
const CLOCK_DESCRIPTION: u16 = 0x0001;

/// IEEE 1588-2019, table 5.
const ACCURACIES: &[(u8, &str)] = &[
    (0x20, "25 ns"),
    (0x21, "100 ns"),
    (0x22, "250 ns"),
    (0x23, "1 us"),
    (0x24, "2.5 us"),
    (0x25, "10 us"),
    (0x26, "25 us"),
    (0x27, "100 us"),
    (0x28, "250 us"),
    (0x29, "1 ms"),
    (0x2a, "2.5 ms"),
    (0x2b, "10 ms"),
    (0x2c, "25 ms"),
    (0x2d, "100 ms"),
    (0x2e, "250 ms"),
    (0x2f, "1 s"),
    (0x30, "10 s"),
    (0x31, "more than 10 s"),
    (0xfe, "unknown"),
];

/// IEEE 1588-2019, table 6.
const TIME_SOURCES: &[(u8, &str)] = &[
    (0x10, "ATOMIC_CLOCK"),
    (0x20, "GNSS"),
    (0x30, "TERRESTRIAL_RADIO"),
    (0x39, "SERIAL_TIME_CODE"),
    (0x40, "PTP"),
    (0x50, "NTP"),
    (0x60, "HAND_SET"),
    (0x90, "OTHER"),
    (0xa0, "INTERNAL_OSCILLATOR"),
];

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::ToServer;
    use crate::protocols::harness;

    const CLOCK: [u8; 8] = [0x00, 0x1b, 0x21, 0xff, 0xfe, 0x0a, 0x0b, 0x0c];

    fn header(first: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(34 + body.len()).unwrap();
        let mut bytes = vec![first, 0x12];
        bytes.extend(length.to_be_bytes());
        bytes.extend([7, 0, 0, 0]);
        bytes.extend([0; 12]);
        bytes.extend(CLOCK);
        bytes.extend([0, 1, 0, 9, 5, 1]);
        bytes.extend(body);
        bytes
    }

    fn said(bytes: &[u8]) -> Vec<String> {
        let lines = harness::read(&PROTOCOL, true, &[(ToServer, bytes)]).lines();
        lines.iter().map(|line| line.split_once("  ").unwrap().1.to_owned()).collect()
    }

    fn announced(grandmaster: [u8; 8], steps: u8) -> Vec<u8> {
        let mut body = vec![0; 13];
        body.extend([128, 6, 0x21, 0x4e, 0x5d, 127]);
        body.extend(grandmaster);
        body.extend([0, steps, 0x20]);
        header(0x0b, &body)
    }

    #[test]
    fn a_grandmaster_announces_itself() {
        assert_eq!(
            said(&announced(CLOCK, 0)),
            [
                "ptp.version = 2.1 @1+1",
                "ptp.clock_identity = 00-1B-21-FF-FE-0A-0B-0C @20+8",
                "ptp.domain = 7 @4+1",
                "ptp.role = master @0+1",
                "ptp.grandmaster_identity = 00-1B-21-FF-FE-0A-0B-0C @53+8",
                "ptp.role = grandmaster @53+8",
                "ptp.priority = 128 / 127 @47+6",
                "ptp.clock_class = 6 @48+1",
                "ptp.clock_accuracy = 100 ns @49+1",
                "ptp.steps_removed = 0 @61+2",
                "ptp.time_source = GNSS @63+1",
            ]
        );
        assert!(!said(&announced([1; 8], 1)).contains(&"ptp.role = grandmaster @53+8".to_owned()));
    }

    #[test]
    fn a_slave_asks_for_its_delay_and_802_1as_is_told_by_its_number() {
        let lines = said(&header(0x11, &[0; 10]));
        assert_eq!(lines[3..], ["ptp.profile = IEEE 802.1AS @0+1", "ptp.role = slave @0+1"]);
    }

    #[test]
    fn a_clock_describes_itself_when_it_is_managed() {
        let mut data = vec![0, 1, 0x80, 0, 10];
        data.extend(b"IEEE 802.3");
        data.extend([0, 6, 0, 0x1b, 0x21, 0x0a, 0x0b, 0x0c, 0, 1, 0, 4, 10, 0, 0, 1]);
        data.extend([0x00, 0x80, 0x63, 0]);
        for text in [&b"Maker;MAR1040;42"[..], b"1.0;2.1;;", b";"] {
            data.push(u8::try_from(text.len()).unwrap());
            data.extend(text);
        }
        let mut body = vec![0xff; 10];
        body.extend([0, 0, 2, 0, 0, 1]);
        body.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        body.extend(&data);
        let lines = said(&header(0x0d, &body));
        let told: Vec<&str> =
            lines[3..].iter().map(|line| line.split(" @").next().unwrap()).collect();
        assert_eq!(
            told,
            [
                "ptp.manufacturer_identity = 00-80-63",
                "ptp.product_description = Maker;MAR1040;42",
                "ptp.revision_data = 1.0;2.1;;",
            ]
        );
    }

    #[test]
    fn version_1_tells_its_subdomain() {
        let mut bytes = vec![0, 1, 0, 1];
        bytes.extend(b"_DFLT\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend([0; 100]);
        assert_eq!(said(&bytes), ["ptp.version = 1 @0+2", "ptp.subdomain = _DFLT @4+16"]);
    }

    #[test]
    fn a_length_beyond_the_frame_is_damage() {
        let mut bytes = announced(CLOCK, 0);
        bytes[3] = 0xff;
        assert_eq!(probe(&bytes), Probe::No);
        let listener = harness::read(&PROTOCOL, true, &[(ToServer, &bytes)]);
        assert_eq!(listener.damage.len(), 1);
        assert!(listener.said.is_empty());
    }
}
