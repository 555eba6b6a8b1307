//! ProConOS, the runtime of KW-Software that controllers of several makers carry: Phoenix Contact, Advantech, Yaskawa. Its
//! protocol is not published; it is read as the script proconos-info and the module phoenix_command of Metasploit do.
//!
//! Read: what a controller says of itself, whether it runs, who starts and stops it. Skipped: everything else.
//!
//! ```text
//! 0       2         4            6        8
//! ┌───────┬─────────┬────────────┬────────┬────────┬──────────┐
//! │ CC 01 │ command │ sequence   │ length │ data … │ checksum │    command big-endian, length little-endian
//! └───────┴─────────┴────────────┴────────┴────────┴──────────┘
//! answer to command 000B: texts at 12 (runtime), 44 (type), and one behind the other from 77 on: project, boot project, source code
//! ```

#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Act, Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span, text};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "proconos",
    spec: "ProConOS as Redpoint's proconos-info and Metasploit's phoenix_command read it",
    attach: &[Attach::Tcp(20_547)],
    keys: &[&[ATTEMPT, BOOT_PROJECT, PLC_TYPE, PROJECT_NAME, RUNTIME, SOURCE_CODE, STATE]],
    probe,
    start: || Box::new(ProConOs::default()),
};

/// A change was asked for, whatever the answer: what, and by which address.
const ATTEMPT: Key = Key::event("proconos.attempt");
/// Project that is loaded when power comes.
const BOOT_PROJECT: Key = Key::one("proconos.boot_project");
/// Type of the controller, and its version where its maker puts it there.
const PLC_TYPE: Key = Key::one("proconos.plc_type");
/// Project that is loaded.
const PROJECT_NAME: Key = Key::one("proconos.project_name");
/// The runtime, its version and the day on which it was made.
const RUNTIME: Key = Key::one("proconos.ladder_logic_runtime");
/// Whether the source code of the project is on the controller.
const SOURCE_CODE: Key = Key::one("proconos.source_code");
/// Whether the program runs: `run`, `stop`.
const STATE: Key = Key::one("proconos.state");

/// One connection.
#[derive(Default)]
struct ProConOs {
    /// The question that was asked last: its command.
    asked: Option<u16>,
}

impl Dissector for ProConOs {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        if !MAGIC.starts_with(input.bytes.get(..MAGIC.len()).unwrap_or(input.bytes)) {
            return Step::Lost(r.impossible("magic"));
        }
        let (Ok(_), Ok(command), Ok(_), Ok(length)) =
            (r.u16_be("magic"), r.u16_be("command"), r.u16_be("sequence"), r.u16_le("length"))
        else {
            return Step::Need(HEAD_BYTES);
        };
        let end = HEAD_BYTES.saturating_add(usize::from(length)).saturating_add(CHECKSUM_BYTES);
        if input.bytes.len() < end {
            return Step::Need(end);
        }
        if input.direction == Direction::ToServer {
            self.question(command, input, out);
        } else if let Some(asked) = self.asked.take() {
            let data_end = end.saturating_sub(CHECKSUM_BYTES);
            let message = input.bytes.get(..data_end).unwrap_or_default();
            answer(asked, message, &Subject::node(input.sender()), out);
        }
        Step::Used(end)
    }

    fn gap(&mut self, _direction: Direction) {
        self.asked = None;
    }
}

impl ProConOs {
    fn question(&mut self, command: u16, input: &Input<'_>, out: &mut Sink<'_>) {
        self.asked = Some(command);
        let what = match command {
            INFORMATION => return out.act(Act::Identify, COMMAND),
            ASK_STATE => return out.act(Act::Read, COMMAND),
            COLD_START => "cold start",
            STOP => "stop",
            _ => return,
        };
        out.act(Act::Control, COMMAND);
        let (target, by) = (Subject::node(input.receiver()), input.sender().addr);
        out.text(&target, ATTEMPT, &format!("{what} by {by}"), COMMAND);
    }
}

fn answer(asked: u16, message: &[u8], device: &Subject, out: &mut Sink<'_>) {
    match asked {
        INFORMATION if message.len() > PROJECT_AT => {
            let field = |at: usize, most: usize| {
                let field = message.get(at..).unwrap_or_default();
                text::until_nul(field.get(..most).unwrap_or(field))
            };
            let mut tell = |key: Key, at: usize, most: usize| {
                let text = field(at, most);
                readable::say(out, device, key, text, Span { at, len: text.len() });
                at.saturating_add(text.len()).saturating_add(1)
            };
            tell(RUNTIME, RUNTIME_AT, PLC_TYPE_AT.saturating_sub(RUNTIME_AT));
            tell(PLC_TYPE, PLC_TYPE_AT, PROJECT_AT.saturating_sub(PLC_TYPE_AT));
            let next = tell(PROJECT_NAME, PROJECT_AT, NAME_BYTES_MAX);
            let next = tell(BOOT_PROJECT, next, NAME_BYTES_MAX);
            tell(SOURCE_CODE, next, NAME_BYTES_MAX);
        }
        ASK_STATE => {
            let state = match message.get(HEAD_BYTES) {
                Some(2) => "run",
                Some(4) => "stop",
                _ => return,
            };
            out.text(device, STATE, state, Span { at: HEAD_BYTES, len: 1 });
        }
        _ => {}
    }
}

/// On its port a header that fits is enough; elsewhere two bytes and a sequence that begins with 40 or C0 prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    if !MAGIC.starts_with(bytes.get(..MAGIC.len()).unwrap_or(bytes)) {
        return Probe::No;
    }
    let mut r = Reader::new(bytes);
    match r.skip("magic", MAGIC.len()).and_then(|()| r.u16_be("command")) {
        Ok(command) if command <= COMMAND_LAST => Probe::Maybe,
        Ok(_) => Probe::No,
        Err(_) => Probe::More,
    }
}

const MAGIC: [u8; 2] = [0xcc, 0x01];
const HEAD_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 2;
/// Where the command stands.
const COMMAND: Span = Span { at: 2, len: 2 };
const COMMAND_LAST: u16 = 0x00ff;
const STOP: u16 = 0x0001;
const COLD_START: u16 = 0x0004;
const INFORMATION: u16 = 0x000b;
const ASK_STATE: u16 = 0x000f;

const RUNTIME_AT: usize = 12;
const PLC_TYPE_AT: usize = 44;
const PROJECT_AT: usize = 77;
const NAME_BYTES_MAX: usize = 64;
