//! What devices say of themselves, and gateways of the devices behind them.

use crate::model::{Hop, Key, Node, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::hart_ip::keys;
use crate::protocols::hart_ip::pdu::{Unique, packed_ascii};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// The device of a unique address behind a server.
pub(super) fn device(server: Node, unique: Unique) -> Subject {
    let text: String = unique.0.iter().map(|byte| format!("{byte:02x}")).collect();
    Subject { node: server, unit: Some(Unit([Hop::Address(HART, text.into())].into())) }
}

/// Answers to commands 0, 11 and 21: who the device is. The server that is a gateway says so of itself.
pub(super) fn identity(
    server: Node,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if r.u8("expansion code")? != EXPANSION {
        return Err(r.impossible("expansion code"));
    }
    let start = r.at();
    let device_type: [u8; 2] = r.array("expanded device type")?;
    let type_span = r.since(start);
    r.skip("minimum number of preambles", 1)?;
    let mut numbers = [(0, Span::default()); 4];
    let fields =
        ["HART universal revision", "device revision", "software revision", "hardware revision"];
    for (number, field) in numbers.iter_mut().zip(fields) {
        let start = r.at();
        *number = (r.u8(field)?, r.since(start));
    }
    r.skip("flags", 1)?;
    let start = r.at();
    let id: [u8; 3] = r.array("device ID")?;
    let id_span = r.since(start);
    let after = After::read(&mut r);
    let itself = device(server, Unique::of(device_type, id));
    let gateway = after.profile.is_some_and(|(profile, _)| SERVERS.contains(&profile));
    let whole = gateway.then(|| Subject::node(server));
    let [universal, revision, software, (hardware, hardware_span)] = numbers;
    for subject in whole.iter().chain([&itself]) {
        if let Some((maker, span)) = after.maker {
            out.uint(subject, keys::MANUFACTURER_ID, maker, span);
        } else if universal.0 < HART_7 {
            // In front of the device type, then.
            let ([maker, _], span) = (device_type, Span { len: 1, ..type_span });
            out.uint(subject, keys::MANUFACTURER_ID, maker, span);
        }
        let device_type = u16::from_be_bytes(device_type);
        out.uint(subject, keys::EXPANDED_DEVICE_TYPE, device_type, type_span);
        out.uint(subject, keys::UNIVERSAL_REVISION, universal.0, universal.1);
        out.uint(subject, keys::DEVICE_REVISION, revision.0, revision.1);
        out.uint(subject, keys::SOFTWARE_REVISION, software.0, software.1);
        out.uint(subject, keys::HARDWARE_REVISION, hardware >> 3, hardware_span);
        let [a, b, c] = id;
        out.text(subject, keys::DEVICE_ID, &format!("{a:02x}{b:02x}{c:02x}"), id_span);
        after.tell(subject, out);
    }
    Ok(())
}

/// What HART 7 added to the answer, as far as it is there.
#[derive(Default)]
struct After {
    changes: Option<(u16, Span)>,
    maker: Option<(u16, Span)>,
    label: Option<(u16, Span)>,
    profile: Option<(u8, Span)>,
}

impl After {
    fn read(r: &mut Reader<'_>) -> Self {
        let mut after = Self::default();
        // Devices before HART 6 end here.
        after.fill(r).ok();
        after
    }

    fn fill(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        r.skip("minimum number of response preambles, maximum number of device variables", 2)?;
        self.changes = Some(word(r, "configuration change counter")?);
        r.skip("extended device status", 1)?;
        self.maker = Some(word(r, "manufacturer identification code")?);
        self.label = Some(word(r, "private label distributor code")?);
        let start = r.at();
        self.profile = Some((r.u8("device profile")?, r.since(start)));
        Ok(())
    }

    fn tell(&self, subject: &Subject, out: &mut Sink<'_>) {
        let words = [
            (keys::CONFIGURATION_CHANGES, self.changes),
            (keys::PRIVATE_LABEL, self.label),
            (keys::DEVICE_PROFILE, self.profile.map(|(profile, span)| (profile.into(), span))),
        ];
        for (key, said) in words {
            if let Some((number, span)) = said {
                out.uint(subject, key, number, span);
            }
        }
    }
}

fn word(r: &mut Reader<'_>, field: &'static str) -> Result<(u16, Span), Malformed> {
    let start = r.at();
    Ok((r.u16_be(field)?, r.since(start)))
}

/// Answer to command 84: a device behind a gateway, and where.
pub(super) fn sub_device(
    gateway: Node,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("sub-device index", 2)?;
    let start = r.at();
    let [card, channel] = r.array("I/O card, channel")?;
    let place = r.since(start);
    let (maker, maker_span) = word(&mut r, "manufacturer identification code")?;
    let start = r.at();
    let device_type: [u8; 2] = r.array("expanded device type")?;
    let type_span = r.since(start);
    let start = r.at();
    let id: [u8; 3] = r.array("device ID")?;
    let id_span = r.since(start);
    let start = r.at();
    let universal = r.u8("universal command revision")?;
    let universal_span = r.since(start);
    let subject = device(gateway, Unique::of(device_type, id));
    out.uint(&subject, keys::MANUFACTURER_ID, maker, maker_span);
    let number = u16::from_be_bytes(device_type);
    out.uint(&subject, keys::EXPANDED_DEVICE_TYPE, number, type_span);
    let [a, b, c] = id;
    out.text(&subject, keys::DEVICE_ID, &format!("{a:02x}{b:02x}{c:02x}"), id_span);
    out.uint(&subject, keys::UNIVERSAL_REVISION, universal, universal_span);
    out.text(&subject, keys::PLACE, &format!("card {card} channel {channel}"), place);
    latin(&subject, keys::LONG_TAG, &mut r, out)
}

/// Says a packed text of so many bytes.
pub(super) fn packed(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    len: usize,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let text = packed_ascii(r.bytes("packed text", len)?);
    // A device that was given none answers question marks.
    if !text.trim_matches('?').is_empty() {
        out.text(subject, key, &text, r.since(start));
    }
    Ok(())
}

/// Says a text of 32 bytes in ISO 8859-1.
pub(super) fn latin(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let bytes = r.bytes("long tag", LONG_TAG_BYTES)?;
    readable::say_lines(out, subject, key, bytes.trim_ascii_end(), r.since(start));
    Ok(())
}

/// The port number of HART hops: CIP, which has such hops too, numbers its ports from 1.
const HART: u32 = 0;
const EXPANSION: u8 = 254;
const HART_7: u8 = 7;
const LONG_TAG_BYTES: usize = 32;
/// Device profiles of servers that have devices behind them (HCF_SPEC-183, table 57): I/O system, WirelessHART gateway.
const SERVERS: &[u8] = &[4, 132];
