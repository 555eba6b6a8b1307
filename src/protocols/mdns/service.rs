//! Services: their types, the names of their instances, and what they say of the product. RFC 6763 (2013).

use crate::model::Mac;
use crate::model::limits::TXT_STRINGS_MAX;
use crate::protocols::Sink;
use crate::protocols::mdns::{INSTANCE, MAC_ADDRESS, SERVICE, TXT, Told};
use crate::protocols::shared::dns::{Entry, Message, Name, TYPE_PTR, TYPE_SRV, TYPE_TXT};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Span};

/// Port and host of an SRV record.
pub(super) fn target(entry: &Entry<'_>, message: &Message<'_>) -> Result<(u16, Name), Malformed> {
    let mut data = entry.data.clone();
    data.skip("SRV Priority and Weight", 4)?;
    let port = data.u16_be("SRV Port")?;
    Ok((port, Name::read(&mut data, message.whole())?))
}

/// Whether pointers from this name list the types of services (RFC 6763, 9).
pub(super) fn lists_types(name: &Name) -> bool {
    name.is(&["_services", "_dns-sd", "_udp", "local"])
}

/// Whether this is the service that only describes a host, and that nobody can connect to.
pub(super) fn is_device_info(name: &Name) -> bool {
    name.label(1).is_some_and(|service| service.eq_ignore_ascii_case(b"_device-info"))
}

/// Says what a PTR, SRV or TXT record says of the sender.
pub(super) fn say(entry: &Entry<'_>, told: &Told<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    match entry.kind {
        TYPE_PTR => {
            let mut data = entry.data.clone();
            let start = data.at();
            let target = Name::read(&mut data, told.message.whole())?;
            let span = data.since(start);
            if lists_types(&entry.name) {
                say_type(&target, 0, span, told, out);
            } else {
                say_instance(&target, span, told, out);
            }
        }
        TYPE_SRV => say_instance(&entry.name, entry.name_span, told, out),
        TYPE_TXT => return say_pairs(entry, told, out),
        _ => {}
    }
    Ok(())
}

fn say_instance(name: &Name, span: Span, told: &Told<'_>, out: &mut Sink<'_>) {
    say_type(name, 1, span, told, out);
    let (Some(service), Some(instance)) = (service_type(name, 1), name.label(0)) else { return };
    let instance = String::from_utf8_lossy(instance);
    if OF_MACHINES.iter().any(|machines| service.eq_ignore_ascii_case(machines)) {
        out.text(told.sender, INSTANCE, &format!("{service} {instance}"), span);
    }
    if service.eq_ignore_ascii_case(WORKSTATION)
        && let Some(mac) = bracketed_mac(&instance)
    {
        out.text(told.sender, MAC_ADDRESS, &mac.to_string(), span);
    }
}

fn say_type(name: &Name, at: usize, span: Span, told: &Told<'_>, out: &mut Sink<'_>) {
    if let Some(service) = service_type(name, at) {
        out.text(told.sender, SERVICE, &service, span);
    }
}

/// The type of a service, whose two labels begin at a place of the name: `_http._tcp`.
fn service_type(name: &Name, at: usize) -> Option<String> {
    let (service, transport) = (name.label(at)?, name.label(at.checked_add(1)?)?);
    let sound = service.starts_with(b"_")
        && (transport.eq_ignore_ascii_case(b"_tcp") || transport.eq_ignore_ascii_case(b"_udp"));
    sound.then(|| {
        format!("{}.{}", String::from_utf8_lossy(service), String::from_utf8_lossy(transport))
    })
}

/// The pairs that name a product (RFC 6763, 6). The first of several with one key counts; a key without a value, and
/// a value that is no text, say nothing.
fn say_pairs(entry: &Entry<'_>, told: &Told<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let Some(service) = service_type(&entry.name, 1) else { return Ok(()) };
    let mut said = [false; IDENTITY_KEYS.len()];
    let mut data = entry.data.clone();
    for _ in 0..TXT_STRINGS_MAX {
        if data.is_empty() {
            return Ok(());
        }
        let length = usize::from(data.u8("TXT string length")?);
        let start = data.at();
        let pair = data.bytes("TXT string", length)?;
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
        let known = IDENTITY_KEYS.iter().zip(&mut said);
        let found = known.filter(|(known, _)| key.eq_ignore_ascii_case(known.as_bytes())).last();
        let (Some((key, said)), Some(value)) = (found, readable::readable(value)) else { continue };
        if !std::mem::replace(said, true) {
            out.text(told.sender, TXT, &format!("{service} {key}={value}"), data.since(start));
        }
    }
    out.count("mdns.txt_strings_beyond_cap");
    Ok(())
}

/// `name [00:0e:8c:ef:75:c5]`, as Avahi names the workstation service.
fn bracketed_mac(instance: &str) -> Option<Mac> {
    let (_, after) = instance.rsplit_once('[')?;
    let text = after.strip_suffix(']')?;
    let mut mac = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    let mac = Mac(mac);
    (parts.next().is_none() && !mac.is_zero() && !mac.is_group()).then_some(mac)
}

const WORKSTATION: &str = "_workstation._tcp";

/// Services whose instances are named by their maker or for their place in a plant. All others are told without the
/// name: telephones, music players and shared folders are named after their owners.
const OF_MACHINES: &[&str] = &[
    WORKSTATION,
    "_axis-video._tcp",
    "_coap._udp",
    "_http._tcp",
    "_https._tcp",
    "_ipp._tcp",
    "_ipps._tcp",
    "_lxi._tcp",
    "_mqtt._tcp",
    "_ni-rt._tcp",
    "_nmea-0183._tcp",
    "_ntp._udp",
    "_opcua-tcp._tcp",
    "_opcua-tls._tcp",
    "_pdl-datastream._tcp",
    "_printer._tcp",
    "_profinet._udp",
    "_psia._tcp",
    "_rtsp._tcp",
    "_scanner._tcp",
    "_scpi-raw._tcp",
    "_scpi-telnet._tcp",
    "_snmp._udp",
    "_telnet._tcp",
    "_uscan._tcp",
    "_vxi-11._tcp",
];

/// Keys of TXT pairs that tell maker, model, version, serial number or place, in lower case. Names that people give
/// (`fn`, `nm`), and identifiers that mean nothing outside of the protocol, are not among them.
const IDENTITY_KEYS: &[&str] = &[
    "am",
    "caps",
    "deviceid",
    "devicetype",
    "firmware",
    "firmwareversion",
    "fv",
    "fw",
    "fwversion",
    "hardware",
    "hw",
    "hwversion",
    "mac",
    "macaddress",
    "manufacturer",
    "md",
    "mdl",
    "mfg",
    "model",
    "note",
    "osvers",
    "osxvers",
    "path",
    "platform",
    "product",
    "rmodel",
    "rpmd",
    "serial",
    "serialnumber",
    "sn",
    "srcvers",
    "sw",
    "swver",
    "swversion",
    "ty",
    "usb_mdl",
    "usb_mfg",
    "vendor",
    "vers",
    "version",
];
