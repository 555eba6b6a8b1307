//! S7comm once more: jobs, what they were about, user data, system status lists.

use std::collections::BTreeMap;

use super::{Bytes, Said, roles};

/// What waits for its answer, or for its other parts.
#[derive(Default)]
pub(super) struct Jobs {
    /// By reference: what a job is about.
    about: BTreeMap<usize, String>,
    /// The function, of jobs whose answer may not repeat it.
    functions: BTreeMap<usize, u8>,
    /// By data unit reference: lists that go on.
    lists: BTreeMap<u8, Bytes>,
}

impl Jobs {
    pub(super) fn read(&mut self, message: &Bytes, client: &str, said: &mut Said) {
        let (kind, reference) = (message.u8(1), message.u16(4));
        let head = if matches!(kind, 2 | 3) { 12 } else { 10 };
        let parameters = message.part(head, message.u16(6));
        let data = message.part(head + message.u16(6), message.u16(8));
        match kind {
            1 => self.job(reference, &parameters, client, said),
            2 | 3 => self.answer(reference, message, &parameters, &data, client, said),
            7 => self.user_data(&parameters, &data, client, said),
            _ => {}
        }
    }

    fn job(&mut self, reference: usize, parameters: &Bytes, client: &str, said: &mut Said) {
        let function = parameters.u8(0);
        let mut say = |key, value: String| parameters.say(0, key, value, said);
        let file = || block(&parameters.part(9, parameters.u8(8).into()).text());
        match function {
            // The device asks for the parts of a download, and says that it has all of them.
            0x1b => return,
            0x1c => {
                if parameters.u16(2) == 0 {
                    say("s7.program_download", client.to_owned());
                    say("s7.downloaded_block", file());
                }
                return;
            }
            _ => say("s7.function", name(function)),
        }
        let blocks = parameters.u16(8);
        let service = parameters.part(11 + blocks, parameters.u8(10 + blocks).into()).text();
        let (attempt, about) = match function {
            0x1a => (Some("program download"), file()),
            0x1d => (Some("program upload"), file()),
            0x28 if service == "P_PROGRAM" => (Some("start"), service),
            0x28 if service == "_DELE" => (Some("block deletion"), service),
            0x28 => (None, service),
            0x29 => (Some("stop"), String::new()),
            _ => (None, String::new()),
        };
        if let Some(what) = attempt {
            say("s7.attempt", format!("{what} by {client}"));
        }
        self.about.insert(reference, about);
        self.functions.insert(reference, function);
    }

    fn answer(
        &mut self,
        reference: usize,
        message: &Bytes,
        parameters: &Bytes,
        data: &Bytes,
        client: &str,
        said: &mut Said,
    ) {
        let asked = self.functions.remove(&reference);
        let about = self.about.remove(&reference).unwrap_or_default();
        let function = if parameters.len() > 0 { Some(parameters.u8(0)) } else { asked };
        let Some(function) = function.filter(|function| !matches!(function, 0x1b | 0x1c)) else {
            return;
        };
        if message.u16(10) != 0 {
            roles(message, 10, said);
            let text = format!("{}: {:#06x}", name(function), message.u16(10));
            return message.say(10, "s7.error", text, said);
        }
        roles(parameters, 0, said);
        let mut say = |key, value: &str| parameters.say(0, key, value, said);
        say("s7.generation", "S7comm");
        say("s7.function", &name(function));
        match function {
            0x05 if data.plain().contains(&0xff) => say("s7.writer", client),
            0x1d => say("s7.uploaded_block", &about),
            0x1f => say("s7.program_upload", client),
            0x28 => {
                say("s7.pi_service", &about);
                match &*about {
                    "P_PROGRAM" => say("s7.start", client),
                    "_DELE" => say("s7.block_deletion", client),
                    _ => {}
                }
            }
            0x29 => say("s7.stop", client),
            _ => {}
        }
    }

    fn user_data(&mut self, parameters: &Bytes, data: &Bytes, client: &str, said: &mut Said) {
        let (kind, group, function) =
            (parameters.u8(5) >> 4, parameters.u8(5) & 0x0f, parameters.u8(6));
        let mut say = |key, value: &str| parameters.say(5, key, value, said);
        let (what, done) = match (group, function) {
            (1, 0x09) => ("change of forces", "s7.forces_change"),
            (1, 0x0c) => ("memory reset", "s7.memory_reset"),
            (5, 0x01) => ("log-in", "s7.log_in"),
            (7, 0x02 | 0x04) => ("change of the clock", "s7.clock_change"),
            _ => ("", ""),
        };
        let name = user_data_name(group, function);
        match kind {
            0 if group == 0 => match function {
                0 => say("s7.mode", "STOP"),
                2 => say("s7.mode", "RUN"),
                other => panic!("transition {other} is in no capture"),
            },
            4 => {
                say("s7.function", &name);
                if !what.is_empty() {
                    say("s7.attempt", &format!("{what} by {client}"));
                }
            }
            8 => {
                say("s7.generation", "S7comm");
                let error = parameters.u16(10);
                if error != 0 {
                    say("s7.error", &format!("{name}: {error:#06x}"));
                } else {
                    say("s7.function", &name);
                    if !done.is_empty() {
                        say(done, client);
                    }
                }
                roles(parameters, 5, said);
                if (group, function, error, data.u8(0)) == (4, 1, 0, 0xff) {
                    self.list(parameters, data, said);
                }
            }
            _ => {}
        }
    }

    /// A list, or a part of one: its parts have a reference in common, and the last says that nothing follows.
    fn list(&mut self, parameters: &Bytes, data: &Bytes, said: &mut Said) {
        let list = self.lists.entry(parameters.u8(8)).or_default();
        list.0.extend(&data.part(4, data.u16(2)).0);
        if parameters.u8(9) != 0 {
            return;
        }
        let list = self.lists.remove(&parameters.u8(8)).unwrap_or_default();
        let (id, size, records) = (list.u16(0), list.u16(4), list.u16(6));
        for at in 0..records {
            let record = list.part(8 + at * size, size);
            if record.len() == size {
                self::record(id, &record, said);
            }
        }
    }
}

/// One record of a list: "System Software for S7-300/400", chapter "System Status Lists".
fn record(id: usize, record: &Bytes, said: &mut Said) {
    let index = record.u16(0);
    let dotted = format!("{}.{}.{}", record.u8(25), record.u8(26), record.u8(27));
    let letter = char::from(record.u8(24));
    let issue = match letter {
        'A'..='Z' => format!("{letter}{dotted}"),
        _ => record.u16(24).to_string(),
    };
    // The low byte is the list, the digit before it which part of it was asked for.
    match (id & 0x00ff, index) {
        (0x11, 1) => record.say(24, "s7.module_version", issue, said),
        (0x11, 6) => record.say(24, "s7.hardware_version", issue, said),
        (0x11, 7) => {
            let version = if record.u8(24) == 0 { dotted } else { issue };
            record.say(24, "s7.firmware", version, said);
        }
        (0x11, 0x81) => {
            let name = record.part(2, 20).text();
            record.say(2, "s7.firmware_extension", format!("{} {issue}", name.trim()), said);
        }
        (0x32, 4) => {
            let position = ["", "RUN", "RUN-P", "STOP", "MRES"][record.u16(8)];
            record.say(8, "s7.mode_switch", position, said);
        }
        (0x24, _) => {
            let mode = match record.u8(3) & 0x0f {
                1..=4 => "STOP",
                8 => "RUN",
                other => panic!("mode {other} is in no capture"),
            };
            record.say(3, "s7.mode", mode, said);
        }
        (0x91, _) => {
            let (expected, found) = (record.u16(6), record.u16(8));
            let place = format!("rack {} slot {}: {found:#06x}", record.u8(1), record.u8(2));
            let other = match expected == found {
                true => String::new(),
                false => format!(", expected {expected:#06x}"),
            };
            record.say(0, "s7.rack_module", place + &other, said);
        }
        _ => {}
    }
}

/// `_0A00001P` as `DB1`.
fn block(file: &str) -> String {
    let kind = match &file[1..3] {
        "08" => "OB",
        "0A" => "DB",
        "0B" => "SDB",
        other => panic!("blocks of type {other} are in no capture"),
    };
    format!("{kind}{}", file[3..8].trim_start_matches('0'))
}

fn name(function: u8) -> String {
    let name = match function {
        0x04 => "read variables",
        0x05 => "write variables",
        0x1a => "request download",
        0x1d => "start upload",
        0x1e => "upload",
        0x1f => "end upload",
        0x28 => "PI service",
        0x29 => "stop",
        0xf0 => "set up communication",
        _ => panic!("function {function:#x} is in no capture"),
    };
    name.to_owned()
}

fn user_data_name(group: u8, function: u8) -> String {
    let name = match (group, function) {
        (1, 0x09) => "programmer: force",
        (1, 0x0c) => "programmer: memory reset",
        (3, 1) => "block functions: list blocks",
        (3, 2) => "block functions: list blocks of type",
        (3, 3) => "block functions: get block info",
        (4, 1) => "CPU functions: read SZL",
        (5, 1) => "security: password",
        (7, 1) => "time functions: read clock",
        (7, 2) => "time functions: set clock",
        _ => return format!("user data: {group}.{function:#04x}"),
    };
    name.to_owned()
}
