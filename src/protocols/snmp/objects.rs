//! Variables that tell who an agent is.
//!
//! Of the makers' own objects only those of published MIBs that identify are read; all others are passed over, because
//! communities and passwords are among them.

use crate::model::{Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::protocols::snmp::oid::{ANY, Oid};
use crate::protocols::snmp::pdu::Variable;
use crate::protocols::snmp::{engine, entity, keys};

/// The system group (RFC 3418, 2).
const SYSTEM: &[u32] = &[1, 3, 6, 1, 2, 1, 1];
const ENTERPRISES: &[u32] = &[1, 3, 6, 1, 4, 1];

/// Whether asking for it is asking who somebody is.
pub(super) fn identifies(name: &Oid) -> bool {
    name.behind(SYSTEM).is_some()
        || name.behind(entity::TABLE).is_some()
        || OBJECTS.iter().any(|(pattern, _)| name.is(pattern))
}

/// Says a variable of an agent, when it is one that identifies.
pub(super) fn say(variable: &Variable<'_>, agent: &Subject, out: &mut Sink<'_>) {
    match variable.name.behind(SYSTEM) {
        Some([number, 0]) => system(*number, variable, agent, out),
        Some(_) => {}
        None => {
            let object = OBJECTS.iter().find(|(pattern, _)| variable.name.is(pattern));
            let (bytes, span) = variable.bytes();
            match object {
                Some((_, keys::BRIDGE_ADDRESS)) => bridge(variable, agent, out),
                Some((_, keys::ENGINE_ID)) => engine::tell_identifier(bytes, span, agent, out),
                Some((_, key)) if variable.is_string() => {
                    readable::say_lines(out, agent, *key, bytes, span);
                }
                _ => {}
            }
        }
    }
}

fn system(number: u32, variable: &Variable<'_>, agent: &Subject, out: &mut Sink<'_>) {
    let (bytes, span) = variable.bytes();
    let key = match number {
        1 => keys::SYSTEM_DESCRIPTION,
        2 => {
            let Some(oid) = variable.oid().filter(|oid| !oid.is_null()) else { return };
            out.text(agent, keys::SYSTEM_OBJECT_ID, &oid.to_string(), span);
            if let Some([enterprise, ..]) = oid.behind(ENTERPRISES) {
                out.uint(agent, keys::ENTERPRISE, *enterprise, span);
            }
            return;
        }
        3 => {
            // Every answer has another number; a day is as fine as anybody needs it.
            if let Some(ticks) = variable.number() {
                let days = ticks.checked_div(TICKS_PER_DAY).unwrap_or_default();
                out.uint(agent, keys::SYSTEM_UP_TIME, days, span);
            }
            return;
        }
        4 => keys::SYSTEM_CONTACT,
        5 => keys::SYSTEM_NAME,
        6 => keys::SYSTEM_LOCATION,
        7 => {
            if let Some(services) = variable.number() {
                out.uint(agent, keys::SYSTEM_SERVICES, services, span);
            }
            return;
        }
        _ => return,
    };
    if variable.is_string() {
        readable::say_lines(out, agent, key, bytes, span);
    }
}

fn bridge(variable: &Variable<'_>, agent: &Subject, out: &mut Sink<'_>) {
    let (bytes, span) = variable.bytes();
    let Ok(octets) = <[u8; 6]>::try_from(bytes) else { return };
    let mac = Mac(octets);
    if !mac.is_zero() && !mac.is_group() {
        out.text(agent, keys::BRIDGE_ADDRESS, &mac.to_string(), span);
    }
}

/// Hundredths of a second.
const TICKS_PER_DAY: u64 = 8_640_000;

/// Objects by their numbers, each of the MIB that its key names.
const OBJECTS: &[(&[u32], Key)] = &[
    (&[1, 3, 6, 1, 2, 1, 17, 1, 1, 0], keys::BRIDGE_ADDRESS),
    (&[1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1], keys::DEVICE_DESCRIPTION),
    (&[1, 3, 6, 1, 2, 1, 33, 1, 1, 1, 0], keys::UPS_MANUFACTURER_NAME),
    (&[1, 3, 6, 1, 2, 1, 33, 1, 1, 2, 0], keys::UPS_MODEL_NAME),
    (&[1, 3, 6, 1, 2, 1, 33, 1, 1, 3, 0], keys::UPS_SOFTWARE_VERSION),
    (&[1, 3, 6, 1, 2, 1, 33, 1, 1, 4, 0], keys::UPS_AGENT_SOFTWARE_VERSION),
    (&[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1], keys::PRINTER_SERIAL_NUMBER),
    (&[1, 3, 6, 1, 4, 1, 9, 3, 6, 3, 0], keys::CISCO_CHASSIS_SERIAL),
    (&[1, 3, 6, 1, 4, 1, 248, 11, 10, 1, 1, 2, 0], keys::HIOS_PRODUCT),
    (&[1, 3, 6, 1, 4, 1, 248, 11, 10, 1, 1, 3, 0], keys::HIOS_SERIAL_NUMBER),
    // The first image in memory is the one that runs.
    (&[1, 3, 6, 1, 4, 1, 248, 11, 10, 1, 3, 1, 10, 1, 5, 1, 1], keys::HIOS_SOFTWARE_VERSION),
    (&[1, 3, 6, 1, 4, 1, 248, 14, 1, 1, 2, 0], keys::HIRSCHMANN_VERSION),
    (&[1, 3, 6, 1, 4, 1, 248, 14, 1, 1, 9, 1, 10, 1], keys::HIRSCHMANN_SERIAL_NUMBER),
    (&[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 1, 1, 1, 0], keys::APC_MODEL),
    (&[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 1, 2, 1, 0], keys::APC_FIRMWARE_REVISION),
    (&[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 1, 2, 3, 0], keys::APC_SERIAL_NUMBER),
    (&[1, 3, 6, 1, 4, 1, 4329, 6, 3, 2, 1, 1, 2, 0], keys::AUTOMATION_ORDER_NUMBER),
    (&[1, 3, 6, 1, 4, 1, 4329, 6, 3, 2, 1, 1, 3, 0], keys::AUTOMATION_SERIAL_NUMBER),
    (&[1, 3, 6, 1, 4, 1, 4329, 6, 3, 2, 1, 1, 4, 0], keys::AUTOMATION_HARDWARE_REVISION),
    (&[1, 3, 6, 1, 4, 1, 4329, 6, 3, 2, 1, 1, 5, 0], keys::AUTOMATION_SOFTWARE_REVISION),
    (&[1, 3, 6, 1, 4, 1, 8691, 7, ANY, 1, 2, 0], keys::MOXA_MODEL),
    (&[1, 3, 6, 1, 4, 1, 8691, 7, ANY, 1, 4, 0], keys::MOXA_FIRMWARE_VERSION),
    (&[1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0], keys::ENGINE_ID),
];
