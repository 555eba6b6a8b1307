//! The discovery and basic configuration protocol.
//!
//! Reads Hello, Identify, Get and Set. What a station says in answers is said of it; what others ask it to take is told
//! as such, because only its own answer shows whether it did. An answer names what was set, so that none has to be paired.
//!
//! ```text
//! 0         2           3             4      8               10              12
//! ┌─────────┬───────────┬─────────────┬──────┬───────────────┬───────────────┬──────────┐
//! │ FrameID │ ServiceID │ ServiceType │ Xid  │ ResponseDelay │ DCPDataLength │ blocks   │
//! └─────────┴───────────┴─────────────┴──────┴───────────────┴───────────────┴──────────┘
//! block     option u8 | suboption u8 | length u16 | value, padded to an even number of bytes
//!           the value begins with BlockQualifier u16 in Set, with BlockInfo u16 in answers and in Hello
//! Get       option u8 | suboption u8, repeated
//! Response  option 5, suboption 4: option u8 | suboption u8 | BlockError u8
//! ```

use std::net::Ipv4Addr;

use crate::flow::Input;
use crate::model::limits::PN_DCP_BLOCKS_MAX;
use crate::model::{Act, Addr, Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

use super::{is_station, keys};

/// Who says what to whom.
struct Message {
    sender: Subject,
    receiver: Subject,
    form: Form,
}

/// What the blocks of a message are.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// What the sender says of itself.
    Told,
    /// What the sender looks for.
    Sought,
    /// What the receiver is to take.
    Ordered,
    /// What came of an order.
    Done,
}

/// Reads one message.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    r.skip("FrameID", 2)?;
    let service = r.u8("ServiceID")?;
    let kind = r.u8("ServiceType")?;
    r.skip("Xid, ResponseDelay", 6)?;
    let length = usize::from(r.u16_be("DCPDataLength")?);
    let blocks = r.sub("DCPDataLength", length)?;
    // A device that tells of itself unasked serves, too.
    out.sender_serves(kind == RESPONSE || service == HELLO);
    let form = match (service, kind) {
        (GET, REQUEST) => {
            out.act(Act::Identify, SERVICE);
            return Ok(());
        }
        (IDENTIFY, REQUEST) => {
            out.act(Act::Identify, SERVICE);
            Form::Sought
        }
        (SET, REQUEST) => Form::Ordered,
        (SET, RESPONSE) => Form::Done,
        (GET | IDENTIFY, RESPONSE) | (HELLO, REQUEST) => Form::Told,
        _ => return Ok(()),
    };
    let is_unicast =
        matches!(input.receiver().addr, Addr::Mac(mac) if !mac.is_group() && !mac.is_zero());
    if !is_station(input) || (matches!(form, Form::Ordered | Form::Done) && !is_unicast) {
        return Ok(());
    }
    let [sender, receiver] = [input.sender(), input.receiver()].map(Subject::node);
    Message { sender, receiver, form }.blocks(blocks, out)
}

impl Message {
    fn blocks(&self, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        if self.form == Form::Ordered {
            self.tell_act(r.clone(), out);
        }
        for _ in 0..PN_DCP_BLOCKS_MAX {
            if r.is_empty() {
                return Ok(());
            }
            let start = r.at();
            let what = (r.u8("Option")?, r.u8("Suboption")?);
            let named = r.since(start);
            let length = usize::from(r.u16_be("DCPBlockLength")?);
            let value = r.sub("DCPBlockLength", length)?;
            // A block that is wrong inside costs only itself: its length was sound.
            if let Err(malformed) = self.block(what, named, value, out) {
                out.damaged(malformed);
            }
            if length & 1 == 1 && !r.is_empty() {
                r.skip("padding", 1)?;
            }
        }
        out.count("pn_dcp.blocks_over_limit");
        Ok(())
    }

    /// Names and addresses are written; resetting and blinking is control.
    fn tell_act(&self, mut r: Reader<'_>, out: &mut Sink<'_>) {
        let mut act = Act::Write;
        while let (Ok(option), Ok(suboption)) = (r.u8("Option"), r.u8("Suboption")) {
            if matches!((option, suboption), SIGNAL | FACTORY_RESET | RESET_TO_FACTORY) {
                act = Act::Control;
            }
            let length = usize::from(r.u16_be("DCPBlockLength").unwrap_or(u16::MAX));
            if r.skip("DCPBlockLength", length.saturating_add(length & 1)).is_err() {
                break;
            }
        }
        out.act(act, SERVICE);
    }

    fn block(
        &self,
        what: (u8, u8),
        named: Span,
        mut value: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        match self.form {
            Form::Sought => self.sought(what, value, out),
            Form::Done => self.done(what, value, out),
            Form::Ordered => {
                let qualifier = value.u16_be("BlockQualifier")?;
                self.ordered(what, named, qualifier, value, out)
            }
            // A block that could not be read is told in the form of an answer to Set.
            Form::Told if what == RESPONSE_BLOCK => Ok(()),
            Form::Told => {
                let start = value.at();
                let info = value.u16_be("BlockInfo")?;
                let span = value.since(start);
                self.told(what, (info, span), value, out)
            }
        }
    }

    fn told(
        &self,
        what: (u8, u8),
        info: (u16, Span),
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let subject = &self.sender;
        match what {
            (IP, 1) => mac(subject, &mut r, out)?,
            (IP, 2 | 3) => addresses(subject, info, &mut r, out)?,
            (DEVICE, 1) => text(subject, keys::TYPE_OF_STATION, &mut r, out),
            NAME_OF_STATION => text(subject, keys::NAME_OF_STATION, &mut r, out),
            (DEVICE, 3) => pair(subject, [keys::VENDOR_ID, keys::DEVICE_ID], &mut r, out)?,
            (DEVICE, 4) => role(subject, &mut r, out)?,
            (DEVICE, 5) => options(subject, &mut r, out),
            ALIAS_NAME => text(subject, keys::ALIAS_NAME, &mut r, out),
            (DEVICE, 7) => {
                let start = r.at();
                let instance = r.u16_be("DeviceInstance")?;
                out.uint(subject, keys::DEVICE_INSTANCE, instance, r.since(start));
            }
            (DEVICE, 8) => {
                pair(subject, [keys::OEM_VENDOR_ID, keys::OEM_DEVICE_ID], &mut r, out)?;
            }
            (DEVICE, 9) => address(subject, keys::GATEWAY, &mut r, out)?,
            (DHCP, DHCP_HOST_NAME) => text(subject, keys::DHCP_HOST_NAME, &mut r, out),
            _ => {}
        }
        Ok(())
    }

    fn sought(
        &self,
        what: (u8, u8),
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        match what {
            NAME_OF_STATION => text(&self.sender, keys::SOUGHT_NAME_OF_STATION, &mut r, out),
            ALIAS_NAME => text(&self.sender, keys::SOUGHT_ALIAS_NAME, &mut r, out),
            _ => {}
        }
        Ok(())
    }

    fn ordered(
        &self,
        what: (u8, u8),
        named: Span,
        qualifier: u16,
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let receiver = &self.receiver;
        match what {
            (IP, 2 | 3) => address(receiver, keys::ASSIGNED_IP_ADDRESS, &mut r, out)?,
            NAME_OF_STATION => text(receiver, keys::ASSIGNED_NAME_OF_STATION, &mut r, out),
            _ => {}
        }
        if let Some(name) = name(what) {
            let lasting = qualifier & PERMANENT != 0;
            let by = self.sender.node.addr;
            let told = match what {
                RESET_TO_FACTORY => {
                    let part = RESETS.iter().find(|(known, _)| *known == qualifier >> 1);
                    format!("{name} ({}) by {by}", part.map_or("unknown", |(_, part)| part))
                }
                (IP | DEVICE, _) if lasting => format!("{name} for good by {by}"),
                _ => format!("{name} by {by}"),
            };
            out.text(receiver, keys::ATTEMPT, &told, named);
        }
        Ok(())
    }

    /// What came of an order: the answering station is the one that was changed.
    fn done(&self, what: (u8, u8), mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        if what != RESPONSE_BLOCK {
            return Ok(());
        }
        let start = r.at();
        let ordered = (r.u8("Option")?, r.u8("Suboption")?);
        let error = r.u8("BlockError")?;
        let span = r.since(start);
        let (station, by) = (&self.sender, self.receiver.node.addr.to_string());
        let Some(name) = name(ordered) else { return Ok(()) };
        if error != 0 {
            let known = ERRORS.iter().find(|(known, _)| *known == error);
            let why = known.map_or("unknown error", |(_, why)| why);
            out.text(station, keys::REFUSED, &format!("{name}: {why}, by {by}"), span);
            return Ok(());
        }
        let key = match ordered {
            NAME_OF_STATION => keys::NAME_CHANGE,
            SIGNAL => keys::SIGNAL,
            FACTORY_RESET | RESET_TO_FACTORY => keys::FACTORY_RESET,
            _ => keys::ADDRESS_CHANGE,
        };
        out.text(station, key, &by, span);
        Ok(())
    }
}

/// Orders that change something, by what they are told as.
fn name(what: (u8, u8)) -> Option<&'static str> {
    Some(match what {
        (IP, 2) => "IP parameter",
        (IP, 3) => "full IP suite",
        NAME_OF_STATION => "name of station",
        (DHCP, _) => "DHCP",
        SIGNAL => "signal",
        FACTORY_RESET => "factory reset",
        RESET_TO_FACTORY => "reset to factory",
        _ => return None,
    })
}

/// All of the value, as text.
fn text(subject: &Subject, key: Key, r: &mut Reader<'_>, out: &mut Sink<'_>) {
    let start = r.at();
    let bytes = r.rest();
    readable::say(out, subject, key, bytes, r.since(start));
}

fn mac(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let mac = Mac(r.array("MACAddressValue")?);
    if mac.is_group() || mac.is_zero() {
        return Err(r.impossible("MACAddressValue"));
    }
    out.text(subject, keys::MAC_ADDRESS, &mac.to_string(), r.since(start));
    Ok(())
}

/// Address, mask and gateway; in the full suite the servers for names, too.
fn addresses(
    subject: &Subject,
    (info, span): (u16, Span),
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let state = match info & IP_STATE {
        0 => "not set",
        1 => "set",
        2 => "set by DHCP",
        _ => return Err(r.impossible("BlockInfo")),
    };
    out.text(subject, keys::IP_STATE, state, span);
    if info & IP_CONFLICT != 0 {
        // It has the address by its settings and does not use it: the other one does.
        return address(subject, keys::ADDRESS_CONFLICT, r, out);
    }
    for key in [keys::IP_ADDRESS, keys::SUBNET_MASK, keys::GATEWAY] {
        address(subject, key, r, out)?;
    }
    while r.left() >= 4 {
        address(subject, keys::DNS_SERVER, r, out)?;
    }
    Ok(())
}

/// An address; all zero is none.
fn address(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let address = Ipv4Addr::from(r.array::<4>(key.name)?);
    if !address.is_unspecified() {
        out.text(subject, key, &address.to_string(), r.since(start));
    }
    Ok(())
}

/// Two numbers, of maker and device.
fn pair(
    subject: &Subject,
    numbers: [Key; 2],
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for key in numbers {
        let start = r.at();
        let number = r.u16_be(key.name)?;
        out.uint(subject, key, number, r.since(start));
    }
    Ok(())
}

fn role(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let bits = r.u8("DeviceRoleDetails")?;
    let span = r.since(start);
    let names: Vec<&str> =
        ROLES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    out.text(subject, keys::DEVICE_ROLE, &names.join(", "), span);
    Ok(())
}

fn options(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) {
    let start = r.at();
    let bytes = r.rest();
    let (pairs, _) = bytes.as_chunks::<2>();
    let pairs: Vec<String> =
        pairs.iter().map(|[option, suboption]| format!("{option}.{suboption}")).collect();
    out.text(subject, keys::DEVICE_OPTIONS, &pairs.join(", "), r.since(start));
}

/// Place of the service's number and of its type.
const SERVICE: Span = Span { at: 2, len: 2 };
const GET: u8 = 3;
const SET: u8 = 4;
const IDENTIFY: u8 = 5;
const HELLO: u8 = 6;
const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;

const IP: u8 = 1;
const DEVICE: u8 = 2;
const DHCP: u8 = 3;
const DHCP_HOST_NAME: u8 = 12;
const NAME_OF_STATION: (u8, u8) = (DEVICE, 2);
const ALIAS_NAME: (u8, u8) = (DEVICE, 6);
const SIGNAL: (u8, u8) = (5, 3);
const RESPONSE_BLOCK: (u8, u8) = (5, 4);
const FACTORY_RESET: (u8, u8) = (5, 5);
const RESET_TO_FACTORY: (u8, u8) = (5, 6);

/// BlockQualifier: kept when the power goes.
const PERMANENT: u16 = 0x0001;
/// BlockInfo: whether there is an address, and whether another has it, too.
const IP_STATE: u16 = 0x0003;
const IP_CONFLICT: u16 = 0x0080;
/// DeviceRoleDetails.
const ROLES: &[(u8, &str)] =
    &[(1, "IO device"), (2, "IO controller"), (4, "IO multidevice"), (8, "IO supervisor")];
/// What Reset to Factory resets, by BlockQualifier without its lowest bit.
const RESETS: &[(u16, &str)] = &[
    (1, "application data"),
    (2, "communication parameters"),
    (3, "engineering parameters"),
    (4, "all data"),
    (8, "device"),
    (9, "firmware of the factory"),
];
/// BlockError.
const ERRORS: &[(u8, &str)] = &[
    (1, "option not supported"),
    (2, "suboption not supported or no data there"),
    (3, "suboption not set"),
    (4, "resource error"),
    (5, "set not possible for local reasons"),
    (6, "in operation, set not possible"),
];
