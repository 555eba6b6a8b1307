//! Messages written from the specification, field by field, and what is said about them.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod acts;
mod chassis;
mod connected;
mod events;
mod framing;
mod hostile;
mod listed;
mod names;
mod objects;
mod transport;

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::enip::PROTOCOL;
use crate::protocols::harness::{self, Listener};

/// Shows a conversation over TCP.
fn tcp(messages: &[(Direction, Vec<u8>)]) -> Listener {
    shown(false, messages)
}

/// Shows datagrams.
fn udp(messages: &[(Direction, Vec<u8>)]) -> Listener {
    shown(true, messages)
}

fn shown(whole: bool, messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, whole, &messages)
}

/// The facts, without their places.
fn facts(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.to_owned()).collect()
}

/// A request over an unconnected channel, and the reply to it.
fn asked(request: &[u8], reply: &[u8]) -> [(Direction, Vec<u8>); 2] {
    [(ToServer, unconnected(1, request)), (ToClient, unconnected(1, reply))]
}

/// An encapsulation message of session 0x11223344.
fn message(command: u16, context: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [
        &command.to_le_bytes()[..],      // command
        &length.to_le_bytes(),           // length
        &0x1122_3344_u32.to_le_bytes(),  // session handle
        &[0; 4],                         // status: success
        &[context, 0, 0, 0, 0, 0, 0, 0], // sender context
        &[0; 4],                         // options
        data,
    ]
    .concat()
}

/// SendRRData with a null address and an unconnected data item.
fn unconnected(context: u8, service: &[u8]) -> Vec<u8> {
    let length = u16::try_from(service.len()).unwrap();
    let head = [
        &[0; 4][..],   // interface handle: CIP
        &[5, 0],       // timeout
        &[2, 0],       // item count
        &[0, 0, 0, 0], // null address item
        &[0xB2, 0],
        &length.to_le_bytes(), // unconnected data item
    ];
    message(0x6F, context, &[&head.concat(), service].concat())
}

/// SendUnitData with a connected address and a connected data item.
fn connected(identifier: u32, sequence: u16, service: &[u8]) -> Vec<u8> {
    let length = u16::try_from(service.len() + 2).unwrap();
    let head = [
        &[0; 4][..],      // interface handle: CIP
        &[0, 0],          // timeout
        &[2, 0],          // item count
        &[0xA1, 0, 4, 0], // connected address item
        &identifier.to_le_bytes(),
        &[0xB1, 0],
        &length.to_le_bytes(),   // connected data item
        &sequence.to_le_bytes(), // sequence count
    ];
    message(0x70, 0, &[&head.concat(), service].concat())
}

/// A CIP request.
fn request(service: u8, path: &[u8], data: &[u8]) -> Vec<u8> {
    [&[service, u8::try_from(path.len() / 2).unwrap()], path, data].concat()
}

/// A CIP reply.
fn reply(service: u8, status: u8, data: &[u8]) -> Vec<u8> {
    [&[service | 0x80, 0, status, 0], data].concat()
}

/// An Unconnected Send of `service` along `route`.
fn sent(service: &[u8], route: &[u8]) -> Vec<u8> {
    let data = [
        &[0x0A, 0x0E][..],                                    // tick time, ticks
        &u16::try_from(service.len()).unwrap().to_le_bytes(), // embedded message size
        service,
        if service.len() % 2 == 1 { &[0] } else { &[] }, // pad
        &[u8::try_from(route.len() / 2).unwrap(), 0],    // route path size, reserved
        route,
    ];
    request(0x52, b"\x20\x06\x24\x01", &data.concat())
}

/// The data of a Multiple Service Packet, request or reply.
fn packet(services: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = u16::try_from(services.len()).unwrap().to_le_bytes().to_vec();
    let mut offset = 2 + 2 * services.len();
    for service in services {
        bytes.extend(u16::try_from(offset).unwrap().to_le_bytes());
        offset += service.len();
    }
    bytes.extend(services.concat());
    bytes
}

/// Attributes 1 to 7 of an Identity object.
fn nameplate(name: &str) -> Vec<u8> {
    [
        &[0x01, 0x00][..],         // vendor ID: 1
        &[0x0E, 0x00],             // device type: 14
        &[0x36, 0x00],             // product code: 54
        &[0x14, 0x0B],             // revision: 20.11
        &[0x60, 0x30],             // status: 0x3060
        &[0x8E, 0x4D, 0x52, 0x00], // serial number: 0x00524D8E
        &[u8::try_from(name.len()).unwrap()],
        name.as_bytes(), // product name
    ]
    .concat()
}

/// What is said of [`nameplate`].
fn said_of(subject: &str, name: &str) -> Vec<String> {
    [
        "vendor_id = 1",
        "device_type = 14",
        "product_code = 54",
        "revision = 20.11",
        "status = 12384",
        "owned = 0",
        "configured = 0",
        "extended_device_status = at least one I/O connection in run mode",
        "faults = none",
        "mode_status = 12384",
        "serial_number = 00524D8E",
        &format!("product_name = {name}"),
    ]
    .iter()
    .map(|fact| format!("{subject}  enip.{fact}"))
    .collect()
}

/// Instance 1 of the Identity object.
const IDENTITY: &[u8] = b"\x20\x01\x24\x01";
/// Instance 1 of the Message Router.
const ROUTER: &[u8] = b"\x20\x02\x24\x01";
