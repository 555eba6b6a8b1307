//! Telnet: what a server says before anybody has logged in, what both ends can do, and what terminal asks.
//!
//! Reads the commands of RFC 854 (options that are offered and asked for, RFC 855), the terminal type (RFC 1091), the
//! signature of serial device servers (COM-PORT-OPTION, RFC 2217 section 3.1), and the server's lines up to the first
//! question for a name or a password; then, once a password was given, its lines up to what is typed next. Skips all
//! that a client types, and with it the whole rest of a session.
//!
//! ```text
//!   FF FB 01            IAC WILL ECHO                   FF FD 18            IAC DO TERMINAL-TYPE
//!   FF FA 18 00 xterm FF F0                             IAC SB TERMINAL-TYPE IS name IAC SE
//!   KINETIX 6500 CR LF  login:                          lines between them, and a question without an end
//! ```
//!
//! What is typed is never kept longer than until the server's answer: no line is told that holds any of it, where a
//! device shows passwords on the screen. A name of a user, the welcome of whom it is, and commands are not told at all.

mod screen;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::TELNET_OPTION_BYTES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span};

use screen::Screen;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "telnet",
    spec: "RFC 854 and RFC 855 (1983), RFC 1091 (1989), RFC 2217 (1997)",
    attach: &[Attach::Tcp(23)],
    keys: &[&[BANNER, COM_PORT_SIGNATURE, OPTION, PROMPT, TERMINAL_TYPE, WELCOME]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// Lines that the server says before it asks who is there.
const BANNER: Key = Key::several("telnet.banner");
/// What a serial device server calls itself.
const COM_PORT_SIGNATURE: Key = Key::several("telnet.com_port_signature");
/// Options that this end offers or asks for: `WILL ECHO`, `DO TERMINAL-TYPE`.
const OPTION: Key = Key::several("telnet.option");
/// How the server asks for a name or a password. Many put the host's name in front.
const PROMPT: Key = Key::several("telnet.prompt");
/// Terminal that a client has.
const TERMINAL_TYPE: Key = Key::several("telnet.terminal_type");
/// Lines that the server says once a password was given, up to what is typed next.
const WELCOME: Key = Key::several("telnet.welcome");

/// One connection.
#[derive(Default)]
struct Conversation {
    screen: Screen,
    /// What is sent from here on cannot be read.
    encrypted: bool,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(0);
        let bytes = input.bytes;
        if bytes.first() == Some(&IAC) {
            return match self.command(input, out) {
                Some(_) if self.encrypted => {
                    out.count("telnet.encrypted_conversations");
                    Step::Done
                }
                Some(used) => Step::Used(used),
                None if input.whole || bytes.len() > TELNET_OPTION_BYTES_MAX => {
                    // A subnegotiation without an end: its beginning is passed over, and what follows is no line.
                    self.screen.gap();
                    out.damaged(Reader::new(bytes).impossible("IAC SE"));
                    Step::Used(bytes.len().max(1))
                }
                None => Step::Need(bytes.len().saturating_add(1)),
            };
        }
        match input.direction {
            Direction::ToServer => Step::Used(self.screen.typed(bytes)),
            Direction::ToClient => self.screen.shown(input, out),
        }
    }

    fn gap(&mut self, _direction: Direction) {
        self.screen.gap();
    }

    fn forget(&mut self) {
        self.screen.gap();
    }
}

impl Conversation {
    /// Reads the command at the front: how many bytes it takes, `None` when it is not complete.
    fn command(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Option<usize> {
        let sender = Subject::node(input.sender());
        let mut r = Reader::new(input.bytes);
        r.u8("IAC").ok()?;
        match r.u8("command").ok()? {
            verb @ WILL..=DONT => {
                let option = r.u8("option").ok()?;
                // The negotiation proves that it is Telnet.
                out.prove_with(COMMAND_BYTES);
                let word = match verb {
                    WILL => "WILL",
                    DO => "DO",
                    _ => return Some(COMMAND_BYTES),
                };
                let told = match OPTIONS.iter().find(|(number, _)| *number == option) {
                    Some((_, name)) => format!("{word} {name}"),
                    None => format!("{word} {option}"),
                };
                out.text(&sender, OPTION, &told, Span { at: 1, len: 2 });
                Some(COMMAND_BYTES)
            }
            SUBNEGOTIATION => {
                let body = input.bytes.get(2..)?;
                let end = body.windows(2).position(|pair| pair == [IAC, SUBNEGOTIATION_END])?;
                let parameters = r.sub("parameters", end).ok()?;
                self.subnegotiation(parameters, &sender, input.direction, out);
                Some(end.saturating_add(4))
            }
            _ => Some(2),
        }
    }

    fn subnegotiation(
        &mut self,
        mut r: Reader<'_>,
        sender: &Subject,
        direction: Direction,
        out: &mut Sink<'_>,
    ) {
        let (Ok(option), Ok(verb)) = (r.u8("option"), r.u8("verb")) else { return };
        let start = r.at();
        let text = r.rest();
        let span = r.since(start);
        match (option, verb, direction) {
            (TERMINAL_TYPE_OPTION, IS, Direction::ToServer) => {
                if let Some(name) = readable::readable(text) {
                    out.text(sender, TERMINAL_TYPE, &name, span);
                }
            }
            (COM_PORT_OPTION, COM_PORT_SIGNATURE_OF_SERVER, Direction::ToClient) => {
                if let Some(name) = readable::readable(text) {
                    out.text(sender, COM_PORT_SIGNATURE, &name, span);
                }
            }
            (ENCRYPT, ENCRYPT_START, _) => self.encrypted = true,
            _ => {}
        }
    }
}

/// Two negotiations in a row are Telnet on any port, one or a printed line where it is expected.
fn probe(bytes: &[u8]) -> Probe {
    let negotiates = |at: usize| match bytes.get(at..at.saturating_add(COMMAND_BYTES)) {
        Some([IAC, WILL..=DONT, option]) => Some(usize::from(*option) < OPTIONS_IN_USE),
        Some(_) => Some(false),
        None => None,
    };
    match (negotiates(0), negotiates(COMMAND_BYTES)) {
        (Some(true), Some(true)) => Probe::Yes,
        (Some(true), _) => Probe::Maybe,
        (None, _) if bytes.first() == Some(&IAC) => Probe::More,
        _ if bytes.first() == Some(&IAC) => Probe::Maybe,
        _ if !bytes.is_empty() && bytes.iter().all(|byte| is_shown(*byte)) => Probe::Maybe,
        _ => Probe::No,
    }
}

/// What may stand on a screen: printed signs, line ends, bells, changes of colour.
fn is_shown(byte: u8) -> bool {
    matches!(byte, 0 | 0x07..=0x0d | 0x1b | 0x20..=0x7e | 0x80..=0xff)
}

const IAC: u8 = 0xff;
const DONT: u8 = 0xfe;
const DO: u8 = 0xfd;
const WILL: u8 = 0xfb;
const SUBNEGOTIATION: u8 = 0xfa;
const SUBNEGOTIATION_END: u8 = 0xf0;
/// IAC, verb, option.
const COMMAND_BYTES: usize = 3;

const TERMINAL_TYPE_OPTION: u8 = 24;
const IS: u8 = 0;
const ENCRYPT: u8 = 38;
const ENCRYPT_START: u8 = 3;
const COM_PORT_OPTION: u8 = 44;
/// What a server answers has 100 added to it (RFC 2217, 3).
const COM_PORT_SIGNATURE_OF_SERVER: u8 = 100;

/// Numbers of options below which programs use them.
const OPTIONS_IN_USE: usize = 50;

/// Names of the IANA registry of Telnet options.
const OPTIONS: &[(u8, &str)] = &[
    (0, "BINARY"),
    (1, "ECHO"),
    (3, "SUPPRESS-GO-AHEAD"),
    (5, "STATUS"),
    (6, "TIMING-MARK"),
    (24, "TERMINAL-TYPE"),
    (31, "NAWS"),
    (32, "TERMINAL-SPEED"),
    (33, "REMOTE-FLOW-CONTROL"),
    (34, "LINEMODE"),
    (35, "X-DISPLAY-LOCATION"),
    (36, "ENVIRON"),
    (37, "AUTHENTICATION"),
    (38, "ENCRYPT"),
    (39, "NEW-ENVIRON"),
    (40, "TN3270E"),
    (42, "CHARSET"),
    (44, "COM-PORT-OPTION"),
    (46, "START-TLS"),
];
