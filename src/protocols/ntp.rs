//! Network Time Protocol: who tells the time, how far it is from a clock, and who takes it.
//!
//! Reads the header of every mode (RFC 5905 section 7.3): version, mode, stratum and reference; and of control messages
//! (RFC 9327, mode 6) the system variables that name the program, the processor and the operating system. Skips
//! timestamps, extensions, keys and digests, and mode 7, which is each program's own.
//!
//! ```text
//!   | LI 2, VN 3, Mode 3 | stratum | poll | precision | root delay 4 | root dispersion 4 | reference ID 4 | times 4 x 8 |
//!
//!   mode 6: | LI, VN, 6 | R E M, opcode 5 | sequence u16 | status u16 | association u16 | offset u16 | count u16 | data |
//!   data:   version="ntpd 4.2.8p15@1.3728-o", processor="x86_64", system="Linux/5.10.0", leap=0, stratum=2, ...
//! ```
//!
//! A reference ID is a name at stratum 1, an address below it, and means nothing at stratum 0.

use std::net::{IpAddr, Ipv4Addr};

use crate::flow::{Attach, Input};
use crate::model::{Act, Addr, Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ntp",
    spec: "RFC 5905 (2010), RFC 9327 (2022)",
    attach: &[Attach::Udp(123)],
    keys: &[&[
        PROCESSOR,
        REFERENCE_ID,
        ROLE,
        STRATUM,
        SYSTEM,
        SYSTEM_VERSION,
        TIME_SOURCE,
        VERSION,
    ]],
    probe,
    start: || Box::new(Ntp),
};

/// Processor, by the system variables.
const PROCESSOR: Key = Key::one("ntp.processor");
/// Where the time comes from: a name such as `GPS` or `LOCL` at stratum 1, an address below it.
const REFERENCE_ID: Key = Key::several("ntp.reference_id");
/// What this node is to others: `client`, `server`, `symmetric active`, `symmetric passive`, `broadcast`.
const ROLE: Key = Key::several("ntp.role");
/// How many steps it is away from a clock: 1 has one.
const STRATUM: Key = Key::several("ntp.stratum");
/// Operating system, by the system variables.
const SYSTEM: Key = Key::one("ntp.system");
/// Program and its version, by the system variables.
const SYSTEM_VERSION: Key = Key::one("ntp.system_version");
/// A server that answered this node with a time that holds.
const TIME_SOURCE: Key = Key::several("ntp.time_source");
/// Version of the protocol.
const VERSION: Key = Key::several("ntp.version");

struct Ntp;

impl Dissector for Ntp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(1);
        let mut r = Reader::new(input.bytes);
        let read = match r.u8("mode") {
            Ok(first) if first & MODE == CONTROL => control(&mut r, input, out),
            Ok(first) if first & MODE == PRIVATE => Ok(()),
            Ok(first) => time(first, &mut r, input, out),
            Err(malformed) => Err(malformed),
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// A datagram of the right length in which the fields fit: enough where it is expected.
fn probe(bytes: &[u8]) -> Probe {
    let Some(first) = bytes.first() else { return Probe::More };
    let is_version = matches!(first >> 3 & 7, 1..=4);
    let fits = match first & MODE {
        CONTROL => bytes.len() >= CONTROL_HEADER_BYTES,
        PRIVATE => bytes.len() >= PRIVATE_HEADER_BYTES,
        0 => false,
        _ => bytes.len() >= HEADER_BYTES && bytes.get(1).is_some_and(|stratum| *stratum <= 16),
    };
    if is_version && fits { Probe::Maybe } else { Probe::No }
}

fn time(
    first: u8,
    r: &mut Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let sender = Subject::node(input.sender());
    let stratum = r.u8("stratum")?;
    r.skip("poll", 10)?;
    let start = r.at();
    let reference: [u8; 4] = r.array("reference ID")?;
    let reference_span = r.since(start);
    r.skip("timestamps", 32)?;
    let mode = Span { at: 0, len: 1 };
    let role = match first & MODE {
        1 => "symmetric active",
        2 => "symmetric passive",
        3 => "client",
        SERVER => "server",
        5 => "broadcast",
        _ => return Err(r.impossible("mode")),
    };
    out.text(&sender, ROLE, role, mode);
    out.uint(&sender, VERSION, first >> 3 & 7, mode);
    // Clocks that are not set say so in the first two bits or by their stratum.
    if first & UNSYNCHRONIZED == UNSYNCHRONIZED || !STRATA.contains(&stratum) {
        return Ok(());
    }
    out.uint(&sender, STRATUM, stratum, Span { at: 1, len: 1 });
    let own = sender.node.addr;
    match (stratum, own) {
        (1, _) => {
            if let Some(name) = readable::readable(&reference) {
                out.text(&sender, REFERENCE_ID, &name, reference_span);
            }
        }
        (_, Addr::Ip(IpAddr::V4(_))) if reference != [0; 4] => {
            let address = Ipv4Addr::from(reference).to_string();
            out.text(&sender, REFERENCE_ID, &address, reference_span);
        }
        // Over IPv6 it may be the beginning of a hash of an address.
        _ => {}
    }
    let receiver = Subject::node(input.receiver());
    if first & MODE == SERVER
        && matches!(receiver.node.addr, Addr::Ip(address) if !address.is_multicast())
    {
        out.text(&receiver, TIME_SOURCE, &own.to_string(), mode);
    }
    Ok(())
}

fn control(r: &mut Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let flags = r.u8("opcode")?;
    r.skip("sequence", 4)?;
    let association = r.u16_be("association ID")?;
    let offset = r.u16_be("offset")?;
    let count = usize::from(r.u16_be("count")?);
    let opcode = flags & OPCODE;
    if flags & RESPONSE == 0 {
        let act = match opcode {
            READ_STATUS | READ_VARIABLES if association == 0 => Act::Identify,
            WRITE_VARIABLES | WRITE_CLOCK | CONFIGURE | SAVE_CONFIGURATION => Act::Write,
            _ => Act::Read,
        };
        out.act(act, Span { at: 1, len: 1 });
        return Ok(());
    }
    if opcode != READ_VARIABLES || association != 0 || flags & FAILED != 0 {
        return Ok(());
    }
    let data = r.sub("data", count)?;
    let server = Subject::node(input.sender());
    let is_whole = (offset == 0, flags & MORE == 0);
    variables(data, is_whole, |name, text, span| {
        let known = VARIABLES.iter().find(|(known, _)| known.as_bytes() == name);
        if let Some((_, key)) = known
            && let Some(text) = readable::readable(text)
        {
            out.text(&server, *key, &text, span);
        }
    });
    Ok(())
}

/// Shows each variable whose name and value are whole. The list may go on in another datagram at either end, and then the
/// one at that end is left out.
fn variables(
    mut data: Reader<'_>,
    (from_start, to_end): (bool, bool),
    mut show: impl FnMut(&[u8], &[u8], Span),
) {
    if !from_start {
        let skip = data.peek().iter().position(|byte| *byte == b',').unwrap_or(data.left());
        let _ = data.skip("variable", skip);
    }
    while !data.is_empty() {
        let blank = |byte: &&u8| matches!(byte, b',' | b' ' | b'\r' | b'\n');
        let _ = data.skip("comma", data.peek().iter().take_while(blank).count());
        let mut quoted = false;
        let end = data.peek().iter().position(|byte| {
            quoted ^= *byte == b'"';
            !quoted && *byte == b','
        });
        if end.is_none() && !to_end {
            return;
        }
        let at = data.at();
        let Ok(variable) = data.bytes("variable", end.unwrap_or(data.left())) else { return };
        let Some(equals) = variable.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = variable.split_at(equals);
        let value = value.get(1..).unwrap_or_default();
        let (before, inner) = match value {
            [b'"', inner @ .., b'"'] => (2, inner),
            value => (1, value),
        };
        let at = at.saturating_add(equals).saturating_add(before);
        show(name, inner, Span { at, len: inner.len() });
    }
}

const VARIABLES: &[(&str, Key)] =
    &[("processor", PROCESSOR), ("system", SYSTEM), ("version", SYSTEM_VERSION)];

/// Bits of the first byte.
const MODE: u8 = 0x07;
const UNSYNCHRONIZED: u8 = 0xc0;
const SERVER: u8 = 4;
const CONTROL: u8 = 6;
const PRIVATE: u8 = 7;
/// Strata of clocks that are set.
const STRATA: std::ops::RangeInclusive<u8> = 1..=15;

const HEADER_BYTES: usize = 48;
const CONTROL_HEADER_BYTES: usize = 12;
const PRIVATE_HEADER_BYTES: usize = 8;

/// Bits of the second byte of a control message.
const RESPONSE: u8 = 0x80;
const FAILED: u8 = 0x40;
const MORE: u8 = 0x20;
const OPCODE: u8 = 0x1f;
const READ_STATUS: u8 = 1;
const READ_VARIABLES: u8 = 2;
const WRITE_VARIABLES: u8 = 3;
const WRITE_CLOCK: u8 = 5;
const CONFIGURE: u8 = 8;
const SAVE_CONFIGURATION: u8 = 9;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::{self, ToClient, ToServer};
    use crate::protocols::harness;

    fn said(messages: &[(Direction, &[u8])]) -> Vec<String> {
        harness::read(&PROTOCOL, true, messages).lines()
    }

    fn packet(first: u8, stratum: u8, reference: [u8; 4]) -> Vec<u8> {
        let mut bytes = vec![first, stratum, 6, 0xe9];
        bytes.extend([0; 8]);
        bytes.extend(reference);
        bytes.extend([0; 32]);
        bytes
    }

    fn answer(flags: u8, offset: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x16, flags, 0, 1, 0, 0, 0, 0];
        bytes.extend(offset.to_be_bytes());
        bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_server_with_a_clock_is_the_source_of_who_asked() {
        let lines =
            said(&[(ToServer, &packet(0x23, 0, [0; 4])), (ToClient, &packet(0x24, 1, *b"GPS\0"))]);
        assert_eq!(
            lines,
            [
                "10.0.0.1  ntp.role = client @0+1",
                "10.0.0.1  ntp.version = 4 @0+1",
                "10.0.0.2  ntp.role = server @0+1",
                "10.0.0.2  ntp.version = 4 @0+1",
                "10.0.0.2  ntp.stratum = 1 @1+1",
                "10.0.0.2  ntp.reference_id = GPS @12+4",
                "10.0.0.1  ntp.time_source = 10.0.0.2 @0+1",
            ]
        );
    }

    #[test]
    fn below_the_first_stratum_the_reference_is_an_address() {
        let lines = said(&[(ToClient, &packet(0x1c, 3, [10, 1, 2, 3]))]);
        assert_eq!(lines[3], "10.0.0.2  ntp.reference_id = 10.1.2.3 @12+4");
    }

    #[test]
    fn a_clock_that_is_not_set_is_no_source() {
        for bytes in [packet(0xe4, 2, [1; 4]), packet(0x24, 0, *b"RATE"), packet(0x24, 16, [0; 4])]
        {
            let lines = said(&[(ToClient, &bytes)]);
            assert_eq!(lines.len(), 2, "{lines:?}");
        }
    }

    #[test]
    fn system_variables_name_the_program() {
        let data =
            br#"version="ntpd 4.2.8p15@1.3728-o", processor="x86_64", system="Linux/5.10", leap=0"#;
        let lines = said(&[(ToClient, &answer(0x82, 0, data))]);
        assert_eq!(
            lines,
            [
                "10.0.0.2  ntp.system_version = ntpd 4.2.8p15@1.3728-o @21+22",
                "10.0.0.2  ntp.processor = x86_64 @57+6",
                "10.0.0.2  ntp.system = Linux/5.10 @74+10",
            ]
        );
    }

    #[test]
    fn a_variable_that_goes_on_elsewhere_is_left_out() {
        let begun = answer(0xa2, 0, br#"version="ntpd 4", system="Linux/5."#);
        let ended = answer(0x82, 34, br#"10", processor="armv7l""#);
        let lines = said(&[(ToClient, &begun), (ToClient, &ended)]);
        assert_eq!(
            lines,
            [
                "10.0.0.2  ntp.system_version = ntpd 4 @21+6",
                "10.0.0.2  ntp.processor = armv7l @28+6"
            ]
        );
    }

    #[test]
    fn probes_by_length_version_and_stratum() {
        assert_eq!(probe(&packet(0x23, 0, [0; 4])), Probe::Maybe);
        assert_eq!(probe(&packet(0x23, 0, [0; 4])[..40]), Probe::No);
        assert_eq!(probe(&packet(0x23, 99, [0; 4])), Probe::No);
        assert_eq!(probe(&packet(0x03, 2, [0; 4])), Probe::No);
    }
}
