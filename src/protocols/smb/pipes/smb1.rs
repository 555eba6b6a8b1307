//! Pipes of SMB1.
//!
//! Reads \[MS-CIFS\] sections 2.2.4.5 (CLOSE), 2.2.4.33 (TRANSACTION) with 2.2.5.6 (TRANSACT_NMPIPE), 2.2.4.41 (OPEN_ANDX),
//! 2.2.4.42 and 2.2.4.43 (READ_ANDX, WRITE_ANDX), 2.2.4.64 (NT_CREATE_ANDX). Skips commands chained behind the first, and the
//! remote administration protocol: its lists name other hosts, and what a host says there of itself it says elsewhere.
//!
//! ```text
//!   NT_CREATE_ANDX  answer    5 FID,  63 ResourceType     OPEN_ANDX  answer   4 FID, 18 ResourceType
//!   WRITE_ANDX      request   4 FID,  14 WriteMode, 20 DataLength, 22 DataOffset
//!   READ_ANDX       request   4 FID   answer   10 DataLength, 12 DataOffset
//!   TRANSACTION     request  22 DataCount, 24 DataOffset, 26 SetupCount u8, 28 subcommand, 30 FID
//!                   answer   12 DataCount, 14 DataOffset
//!   CLOSE           request   0 FID
//! ```
//!
//! Offsets in the drawing count from the first word, those in the fields from `FF 'SMB'`. The answer to an opening says itself that
//! it is a pipe.

use crate::flow::Input;
use crate::protocols::shared::dcerpc;
use crate::protocols::smb::pipes::{BIND_HEADER_BYTES, BIND_MESSAGE_BYTES_MAX, Id, Message, Pipes};
use crate::protocols::{Sink, Step};
use crate::wire::{Malformed, Reader};

impl Pipes {
    /// Looks at one message of SMB1 that lies at `start`, header included. `None` when nothing more is wanted of it.
    pub(in crate::protocols::smb) fn smb1(
        &mut self,
        input: &Input<'_>,
        start: usize,
        length: usize,
        out: &mut Sink<'_>,
    ) -> Option<Step> {
        let (message, forgotten) = (Message { start, length }, self.forgotten);
        let step = self.message_smb1(&message, input, out).err().flatten();
        self.count(forgotten, out);
        step
    }

    fn message_smb1(
        &mut self,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let header = Header::read(message.part(input, 0, HEADER_BYTES)?).map_err(|_| None)?;
        match (header.command, header.response) {
            (NT_CREATE_ANDX, true) => self.opened(message, input, (68, 5, 63)),
            (OPEN_ANDX, true) => self.opened(message, input, (20, 4, 18)),
            (CLOSE, false) => {
                let fid = word(&message.part(input, WORDS_AT, 2)?, 0)?;
                self.open.retain(|pipe| pipe.id != Id::Fid(fid));
                Ok(())
            }
            (WRITE_ANDX, false) => self.write_smb1(message, input, out),
            (READ_ANDX, false) => {
                if self.open.is_empty() {
                    return Ok(());
                }
                let words = message.part(input, WORDS_AT, 6)?;
                if let Some(number) = self.find(&Id::Fid(word(&words, 4)?)) {
                    self.await_answer(header.message, number);
                }
                Ok(())
            }
            (TRANSACTION, false) => self.transact(&header, message, input, out),
            (READ_ANDX, true) => self.answer_smb1(&header, message, input, (10, 12), out),
            (TRANSACTION, true) => self.answer_smb1(&header, message, input, (12, 14), out),
            _ => Ok(()),
        }
    }

    /// An opening that succeeded: bytes of its words, and where FID and ResourceType lie.
    fn opened(
        &mut self,
        message: &Message,
        input: &Input<'_>,
        (bytes, fid_at, kind_at): (usize, usize, usize),
    ) -> Result<(), Option<Step>> {
        let words = message.part(input, WORDS_AT, bytes)?;
        if matches!(word(&words, kind_at)?, BYTE_PIPE | MESSAGE_PIPE) {
            let fid = word(&words, fid_at)?;
            self.add(Id::Fid(fid));
        }
        Ok(())
    }

    fn write_smb1(
        &mut self,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let may_open = message.length <= BIND_MESSAGE_BYTES_MAX;
        if self.open.is_empty() && !may_open {
            return Ok(());
        }
        let words = message.part(input, WORDS_AT, 24)?;
        let id = Id::Fid(word(&words, 4)?);
        let length = usize::from(word(&words, 20)?);
        let offset = usize::from(word(&words, 22)?);
        let number = match self.find(&id) {
            Some(number) => number,
            None if may_open && length >= BIND_HEADER_BYTES => {
                let data = message.part(input, offset, BIND_HEADER_BYTES)?;
                if !dcerpc::opens(data.peek()) {
                    return Ok(());
                }
                self.add(id)
            }
            None => return Ok(()),
        };
        // The first part of a raw write begins with the length of the whole.
        let raw = if word(&words, 14)? & RAW_MODE != 0 { 2 } else { 0 };
        message.whole(input, out)?;
        let data = (message, offset.saturating_add(raw), length.saturating_sub(raw));
        self.feed(number, false, input, data, out);
        Ok(())
    }

    fn transact(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let words = message.part(input, WORDS_AT, 32)?;
        let setup_count = words.peek().get(26).copied();
        if setup_count != Some(2) || word(&words, 28)? != TRANSACT_NMPIPE {
            return Ok(());
        }
        let id = Id::Fid(word(&words, 30)?);
        let length = usize::from(word(&words, 22)?);
        let offset = usize::from(word(&words, 24)?);
        message.whole(input, out)?;
        let number = self.find(&id).unwrap_or_else(|| self.add(id));
        self.await_answer(header.message, number);
        self.feed(number, false, input, (message, offset, length), out);
        Ok(())
    }

    /// What was read from a pipe: where length and offset of it lie in the words.
    fn answer_smb1(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
        (length_at, offset_at): (usize, usize),
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let Some(number) = self.awaiting(header.message) else { return Ok(()) };
        // A failure has no words.
        if message.length >= WORDS_AT.saturating_add(16) {
            message.whole(input, out)?;
            let words = message.part(input, WORDS_AT, 16)?;
            let length = usize::from(word(&words, length_at)?);
            let offset = usize::from(word(&words, offset_at)?);
            self.feed(number, true, input, (message, offset, length), out);
        }
        self.awaited.retain(|(known, _)| *known != header.message);
        Ok(())
    }
}

/// What matters of a header of SMB1.
struct Header {
    command: u8,
    response: bool,
    /// PID and MID, which an answer repeats.
    message: u64,
}

impl Header {
    fn read(mut reader: Reader<'_>) -> Result<Self, Malformed> {
        reader.skip("Protocol", 4)?;
        let command = reader.u8("Command")?;
        reader.skip("Status", 4)?;
        let response = reader.u8("Flags")? & FLAGS_REPLY != 0;
        reader.skip("Flags2 to TID", 16)?;
        let process = reader.u16_le("PIDLow")?;
        reader.skip("UID", 2)?;
        let multiplex = reader.u16_le("MID")?;
        let message = u64::from(process) << 16 | u64::from(multiplex);
        Ok(Self { command, response, message })
    }
}

fn word(words: &Reader<'_>, at: usize) -> Result<u16, Option<Step>> {
    words.ahead("Words", at).and_then(|mut word| word.u16_le("Words")).map_err(|_| None)
}

/// Bytes up to the words: the header and WordCount.
const WORDS_AT: usize = 33;
const HEADER_BYTES: usize = 32;
const FLAGS_REPLY: u8 = 0x80;
const CLOSE: u8 = 0x04;
const TRANSACTION: u8 = 0x25;
const OPEN_ANDX: u8 = 0x2d;
const READ_ANDX: u8 = 0x2e;
const WRITE_ANDX: u8 = 0x2f;
const NT_CREATE_ANDX: u8 = 0xa2;
const TRANSACT_NMPIPE: u16 = 0x0026;
const BYTE_PIPE: u16 = 1;
const MESSAGE_PIPE: u16 = 2;
const RAW_MODE: u16 = 0x0004;
