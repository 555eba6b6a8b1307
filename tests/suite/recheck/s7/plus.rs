//! S7comm-plus once more: what is asked for, in which version, and who starts, stops and writes.

use std::collections::BTreeMap;

use super::{Bytes, Said, roles};

/// The changes that wait for their answer, by sequence number: the key under which they are told.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<usize, &'static str>);

impl Changes {
    /// Reads a message, or a part of one, behind those in `parts`: only the last has a second head behind it.
    pub(super) fn read(
        &mut self,
        message: &Bytes,
        parts: &mut Bytes,
        client: &str,
        said: &mut Said,
    ) {
        let (version, length) = (message.u8(1), message.u16(2));
        let digest = if version == 3 && message.u8(4) == 32 { 33 } else { 0 };
        parts.0.extend(&message.part(4 + digest, length - digest).0);
        if message.len() == 4 + length {
            return;
        }
        let data = std::mem::take(parts);
        let function = data.u16(3);
        let mut say = |key, value: &str| data.say(3, key, value, said);
        match data.u8(0) {
            0x31 => {
                say("s7.function", &name(function));
                let (session, object) = (data.u32(9), data.u32(14));
                // Object 52 is the execution unit, 2167 its mode; in seven bits for each byte 90 77.
                let sets_mode = function == 0x04f2 && object == 52 && data.u16(19) == 0x9077;
                let change = match (function, data.u8(23)) {
                    (0x04f2, 1) if sets_mode => Some(("s7.stop", "stop by ")),
                    (0x04f2, 3) if sets_mode => Some(("s7.start", "start by ")),
                    (0x04f2 | 0x0542 | 0x057c, _) if object != session => Some(("s7.writer", "")),
                    _ => None,
                };
                if let Some((key, attempt)) = change {
                    self.0.insert(data.u16(7), key);
                    if !attempt.is_empty() {
                        say("s7.attempt", &format!("{attempt}{client}"));
                    }
                }
            }
            0x32 => {
                say("s7.function", &name(function));
                match function {
                    0x04ca => say("s7.generation", "S7comm-plus"),
                    _ => say("s7.generation", &format!("S7comm-plus V{version}")),
                }
                if let (Some(key), 0) = (self.0.remove(&data.u16(7)), data.u8(10)) {
                    say(key, client);
                }
                roles(&data, 3, said);
            }
            _ => {}
        }
    }
}

fn name(function: usize) -> String {
    let name = match function {
        0x04bb => "explore",
        0x04ca => "create object",
        0x04d4 => "delete object",
        0x04f2 => "set variable",
        0x0542 => "set variables",
        0x054c => "get variables",
        0x0586 => "get streamed variable",
        0x05b3 => "initialise TLS",
        _ => panic!("function {function:#x} is in no capture"),
    };
    format!("plus: {name}")
}
