//! The header in front of every message, and how sure it makes us that this is EtherNet/IP.

use crate::protocols::Probe;
use crate::protocols::enip::{cpf, implicit, security};
use crate::wire::{Malformed, Reader};

/// The encapsulation header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// What the message is.
    pub(super) command: u16,
    /// Bytes behind the header.
    pub(super) length: usize,
    /// Given by the answer to RegisterSession.
    pub(super) session: u32,
    /// 0 unless the answer is a refusal.
    pub(super) status: u32,
    /// Chosen by the client, repeated in the answer.
    pub(super) context: [u8; 8],
    /// 0: receivers discard a message with any other.
    pub(super) options: u32,
}

impl Header {
    /// Reads the header.
    pub(super) fn read(message: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            command: message.u16_le("command")?,
            length: usize::from(message.u16_le("length")?),
            session: message.u32_le("session handle")?,
            status: message.u32_le("status")?,
            context: message.array("sender context")?,
            options: message.u32_le("options")?,
        })
    }

    /// Whether the specification names the command.
    pub(super) fn is_known(&self) -> bool {
        is_known(self.command)
    }

    /// Whether the data of the command is read.
    pub(super) fn is_read(&self) -> bool {
        matches!(
            self.command,
            LIST_SERVICES
                | LIST_IDENTITY
                | LIST_INTERFACES
                | REGISTER_SESSION
                | SEND_RR_DATA
                | SEND_UNIT_DATA
        )
    }

    fn is_plausible(&self) -> bool {
        let refusal = self.length == 0 && self.status != SUCCESS;
        self.is_known()
            && self.options == 0
            && (self.status == SUCCESS || refusal_name(self.status).is_some())
            && match self.command {
                LIST_SERVICES | LIST_IDENTITY | LIST_INTERFACES => self.length != 1,
                REGISTER_SESSION => self.length == 4 || refusal,
                UNREGISTER_SESSION => self.length <= 4,
                SEND_RR_DATA | SEND_UNIT_DATA => self.length >= 8 || refusal,
                _ => true,
            }
            && self.length <= DATA_BYTES_MAX
    }

    /// Whether data and header together hold so many fixed values that no other protocol has them by chance.
    fn is_sure(&self, mut data: Reader<'_>, alone: bool) -> Result<bool, Malformed> {
        if self.status != SUCCESS {
            return Ok(false);
        }
        match self.command {
            LIST_IDENTITY if self.length == 0 => Ok(alone && self.session == 0),
            LIST_IDENTITY | LIST_SERVICES if self.length > 0 => {
                data.skip("item count", 2)?;
                let kind = data.u16_le("item type")?;
                let length = usize::from(data.u16_le("item length")?);
                let version = data.u16_le("encapsulation version")?;
                let expected =
                    if self.command == LIST_IDENTITY { cpf::IDENTITY } else { cpf::SERVICE };
                Ok(kind == expected && version == VERSION && length < self.length)
            }
            REGISTER_SESSION => Ok(data.u32_le("version and flags")? == u32::from(VERSION)),
            SEND_RR_DATA | SEND_UNIT_DATA => {
                let interface = data.u32_le("interface handle")?;
                data.skip("timeout", 2)?;
                let count = data.u16_le("item count")?;
                let address = data.u16_le("address item type")?;
                let length = data.u16_le("address item length")?;
                data.skip("address item", usize::from(length))?;
                let kind = data.u16_le("data item type")?;
                let items = (address, length, kind);
                Ok(interface == CIP_INTERFACE && (2..=4).contains(&count) && is_usual(items))
            }
            _ => Ok(false),
        }
    }
}

/// The name under which refusals of a status are counted, if the specification has the status.
pub(super) fn refusal_name(status: u32) -> Option<&'static str> {
    Some(match status {
        INVALID_COMMAND => "enip.status_invalid_command",
        NO_MEMORY => "enip.status_no_memory",
        INCORRECT_DATA => "enip.status_incorrect_data",
        INVALID_SESSION => "enip.status_invalid_session",
        INVALID_LENGTH => "enip.status_invalid_length",
        UNSUPPORTED_VERSION => "enip.status_unsupported_version",
        NOT_ON_THIS_PORT => "enip.status_not_on_this_port",
        _ => return None,
    })
}

/// See [`crate::protocols::Protocol::probe`].
pub(super) fn probe(bytes: &[u8]) -> Probe {
    if let Some(answer) = security::probe(bytes) {
        return answer;
    }
    let mut reader = Reader::new(bytes);
    if implicit::is_implicit(bytes) {
        return match implicit::data_item(bytes) {
            Ok(cpf::CONNECTED_DATA) => Probe::Yes,
            Ok(_) => Probe::No,
            Err(_) => Probe::More,
        };
    }
    let Ok(header) = Header::read(&mut reader) else {
        let command = Reader::new(bytes).u16_le("command");
        let possible = command.is_ok_and(|command| is_known(command) || command == IMPLICIT_ITEMS);
        return if bytes.len() < 2 || possible { Probe::More } else { Probe::No };
    };
    let alone = reader.is_empty();
    match header.is_plausible() {
        false => Probe::No,
        true if header.is_sure(reader, alone) == Ok(true) => Probe::Yes,
        true => Probe::Maybe,
    }
}

fn is_known(command: u16) -> bool {
    matches!(
        command,
        NOP | LIST_SERVICES
            | LIST_IDENTITY
            | LIST_INTERFACES
            | REGISTER_SESSION
            | UNREGISTER_SESSION
            | SEND_RR_DATA
            | SEND_UNIT_DATA
            | INDICATE_STATUS
            | CANCEL
            | START_DTLS
    )
}

fn is_usual(items: (u16, u16, u16)) -> bool {
    matches!(
        items,
        (cpf::NULL_ADDRESS, 0, cpf::UNCONNECTED_DATA)
            | (cpf::CONNECTED_ADDRESS, 4, cpf::CONNECTED_DATA)
    )
}

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 24;
/// The specification bounds a message so that its whole length still fits in 16 bits.
pub(super) const DATA_BYTES_MAX: usize = 65_511;
/// How implicit messages begin instead of with a command: their item count.
const IMPLICIT_ITEMS: u16 = 0x0002;
const VERSION: u16 = 1;
/// Interface handle of CIP.
pub(super) const CIP_INTERFACE: u32 = 0;
/// Status of requests, and of answers that are no refusal.
pub(super) const SUCCESS: u32 = 0;

const NOP: u16 = 0x0000;
pub(super) const LIST_SERVICES: u16 = 0x0004;
pub(super) const LIST_IDENTITY: u16 = 0x0063;
pub(super) const LIST_INTERFACES: u16 = 0x0064;
pub(super) const REGISTER_SESSION: u16 = 0x0065;
const UNREGISTER_SESSION: u16 = 0x0066;
const SEND_RR_DATA: u16 = 0x006F;
const SEND_UNIT_DATA: u16 = 0x0070;
const INDICATE_STATUS: u16 = 0x0072;
const CANCEL: u16 = 0x0073;
/// Volume 8: what follows on these ports is DTLS.
const START_DTLS: u16 = 0x00C8;

/// Status of refusals. These four tell of the device; the others that the client made a mistake.
pub(super) const INVALID_COMMAND: u32 = 0x01;
pub(super) const NO_MEMORY: u32 = 0x02;
pub(super) const UNSUPPORTED_VERSION: u32 = 0x69;
pub(super) const NOT_ON_THIS_PORT: u32 = 0x6A;
const INCORRECT_DATA: u32 = 0x03;
const INVALID_SESSION: u32 = 0x64;
const INVALID_LENGTH: u32 = 0x65;
