//! Named pipes, and the remote procedure calls in them.
//!
//! Reads, of \[MS-SMB2\], sections 2.2.10 (TREE_CONNECT), 2.2.13 and 2.2.14 (CREATE), 2.2.15 (CLOSE), 2.2.19 to 2.2.22 (READ,
//! WRITE), 2.2.31 and 2.2.32 (IOCTL with FSCTL_PIPE_TRANSCEIVE); of \[MS-CIFS\] the like commands in [`smb1`]. Only what is
//! written to and read from a pipe is waited for; bytes of files are passed over by their length, as before.
//!
//! ```text
//!   CREATE       44 NameOffset u16, 46 NameLength u16               answer  64 FileId
//!   CLOSE         8 FileId
//!   WRITE         2 DataOffset u16,  4 Length u32,  16 FileId
//!   READ         16 FileId                                          answer   2 DataOffset u8, 4 DataLength u32
//!   IOCTL         4 CtlCode u32,     8 FileId, 24 Offset, 28 Count  answer  32 OutputOffset u32, 36 OutputCount u32
//! ```
//!
//! Offsets in the drawing count from the body, those in the fields from `FE 'SMB'`. A file is a pipe when its tree is one of
//! pipes; without the tree's answer in the capture, when it bears the name of a service; without its CREATE, when what is
//! written to it begins an association.

mod pipe;
mod smb1;

use crate::flow::Input;
use crate::model::limits::{PIPE_REQUESTS_MAX, PIPES_MAX, SMB_MESSAGE_BYTES_MAX};
use crate::protocols::shared::dcerpc::{self, Association};
use crate::protocols::{Sink, Step};
use crate::wire::{Malformed, Reader, text};

use pipe::{Pipe, Stream};

/// The pipes of one connection.
#[derive(Default)]
pub(super) struct Pipes {
    /// Trees of SMB 2 that hold pipes.
    trees: Vec<u32>,
    /// The one opened first stands first.
    open: Vec<Pipe>,
    /// Requests whose answers bring bytes of a pipe: identifier of the message, number of the pipe.
    awaited: Vec<(u64, u64)>,
    /// Number of the next pipe.
    number: u64,
    /// The pipe that a related request means.
    related: Option<u64>,
    /// How often something gave way to a cap.
    forgotten: u32,
    /// Trees of SMB 2 that hold files.
    disks: Vec<u32>,
    /// The message looked at last is about one of them.
    of_disk: bool,
}

/// What a client calls a pipe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Id {
    /// Asked for in this message, not yet answered.
    Asked(u64),
    /// FileId of SMB 2.
    File([u8; 16]),
    /// FID of SMB1.
    Fid(u16),
}

/// Where one SMB message lies in the bytes shown.
#[derive(Clone, Copy)]
struct Message {
    start: usize,
    length: usize,
}

impl Message {
    /// The part of the message from `at` on, when `need` bytes of it are there. `Err(None)`: the message is too short.
    fn part<'a>(
        &self,
        input: &Input<'a>,
        at: usize,
        need: usize,
    ) -> Result<Reader<'a>, Option<Step>> {
        let end = at.saturating_add(need);
        if self.length < end {
            return Err(None);
        }
        let message = Reader::new(input.bytes).ahead("SMB message", self.start);
        let part = message.and_then(|mut message| {
            message.skip("SMB message", at)?;
            message.ahead("SMB message", need)?;
            Ok(message)
        });
        part.map_err(|_| Some(Step::Need(self.start.saturating_add(end))))
    }

    /// Waits for the whole message.
    fn whole(&self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Option<Step>> {
        if self.length > SMB_MESSAGE_BYTES_MAX {
            out.count("smb.messages_too_long");
            return Err(None);
        }
        self.part(input, 0, self.length).map(|_| ())
    }
}

impl Pipes {
    /// Looks at one message of SMB 2 that lies at `start`, header included. `None` when nothing more is wanted of it.
    pub(super) fn smb2(
        &mut self,
        input: &Input<'_>,
        start: usize,
        length: usize,
        out: &mut Sink<'_>,
    ) -> Option<Step> {
        let (message, forgotten) = (Message { start, length }, self.forgotten);
        self.of_disk = false;
        let step = self.message(&message, input, out).err().flatten();
        self.count(forgotten, out);
        step
    }

    /// True when the message looked at last is about a tree that is known to hold files.
    pub(super) fn of_disk(&self) -> bool {
        self.of_disk
    }

    /// Counts when a cap made room since `before`.
    fn count(&self, before: u32, out: &mut Sink<'_>) {
        if self.forgotten != before {
            out.count("smb.pipes_forgotten");
        }
    }

    /// Bytes of memory that the pipes take.
    pub(super) fn kept_bytes(&self) -> usize {
        self.open.iter().fold(0, |bytes, pipe| bytes.saturating_add(pipe.kept_bytes()))
    }

    /// Forgets what was awaited: bytes are missing.
    pub(super) fn gap(&mut self) {
        self.awaited.clear();
        // A tree may have been left in it, and its number given to another.
        self.disks.clear();
        for pipe in &mut self.open {
            pipe.association.gap();
            for stream in [&mut pipe.to_server, &mut pipe.to_client] {
                stream.unread.clear();
                stream.passing = 0;
            }
        }
    }

    fn message(
        &mut self,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let header = Header::read(message.part(input, 0, HEADER_BYTES)?).map_err(|_| None)?;
        self.of_disk = self.disks.contains(&header.tree);
        match (header.command, header.response) {
            (TREE_DISCONNECT, false) => {
                self.disks.retain(|tree| *tree != header.tree);
                Ok(())
            }
            (TREE_CONNECT, true) if header.status == 0 => {
                let mut body = message.part(input, HEADER_BYTES, 3)?;
                body.skip("StructureSize", 2).map_err(|_| None)?;
                let kind = body.u8("ShareType").map_err(|_| None)?;
                self.disks.retain(|tree| *tree != header.tree);
                if kind == SHARE_TYPE_DISK && self.disks.len() < PIPE_REQUESTS_MAX {
                    self.disks.push(header.tree);
                }
                if kind == SHARE_TYPE_PIPE {
                    self.trees.retain(|tree| *tree != header.tree);
                    if self.trees.len() >= PIPE_REQUESTS_MAX {
                        self.trees.remove(0);
                        self.forgotten = self.forgotten.wrapping_add(1);
                    }
                    self.trees.push(header.tree);
                }
                Ok(())
            }
            (CREATE, false) => self.create_request(&header, message, input),
            (CREATE, true) => self.create_response(&header, message, input),
            (CLOSE, false) => {
                let body = message.part(input, HEADER_BYTES, 24)?;
                if let Some(number) = self.find(&file_id(body, 8)?) {
                    self.open.retain(|pipe| pipe.number != number);
                }
                Ok(())
            }
            (WRITE, false) => self.write(message, input, out),
            (READ, false) => {
                if self.open.is_empty() {
                    return Ok(());
                }
                let body = message.part(input, HEADER_BYTES, 32)?;
                if let Some(number) = self.find(&file_id(body, 16)?) {
                    self.await_answer(header.message, number);
                }
                Ok(())
            }
            (IOCTL, false) => self.transceive(&header, message, input, out),
            (READ | IOCTL, true) => self.answer(&header, message, input, out),
            _ => Ok(()),
        }
    }

    fn create_request(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
    ) -> Result<(), Option<Step>> {
        let certain = self.trees.contains(&header.tree);
        if !certain && !self.trees.is_empty() {
            return Ok(());
        }
        let mut body = message.part(input, HEADER_BYTES, 48)?;
        body.skip("before NameOffset", 44).map_err(|_| None)?;
        let offset = usize::from(body.u16_le("NameOffset").map_err(|_| None)?);
        let length = usize::from(body.u16_le("NameLength").map_err(|_| None)?);
        if length > NAME_BYTES_MAX {
            return Ok(());
        }
        let mut name = message.part(input, offset, length)?;
        let name = text::utf16_le(name.bytes("Name", length).map_err(|_| None)?);
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if certain || SERVICES.contains(&name.as_str()) {
            let number = self.add(Id::Asked(header.message));
            self.related = Some(number);
        }
        Ok(())
    }

    fn create_response(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
    ) -> Result<(), Option<Step>> {
        let asked = Id::Asked(header.message);
        if header.status == STATUS_PENDING || !self.open.iter().any(|pipe| pipe.id == asked) {
            return Ok(());
        }
        if header.status != 0 {
            self.open.retain(|pipe| pipe.id != asked);
            return Ok(());
        }
        let id = file_id(message.part(input, HEADER_BYTES, 80)?, 64)?;
        if let Some(pipe) = self.open.iter_mut().find(|pipe| pipe.id == asked) {
            pipe.id = id;
        }
        Ok(())
    }

    fn write(
        &mut self,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let may_open = message.length <= BIND_MESSAGE_BYTES_MAX;
        if self.open.is_empty() && !may_open {
            return Ok(());
        }
        let mut body = message.part(input, HEADER_BYTES, 32)?;
        let id = file_id(body.clone(), 16)?;
        body.skip("StructureSize", 2).map_err(|_| None)?;
        let offset = usize::from(body.u16_le("DataOffset").map_err(|_| None)?);
        let length = usize_of(body.u32_le("Length"))?;
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
        message.whole(input, out)?;
        self.feed(number, false, input, (message, offset, length), out);
        Ok(())
    }

    /// A request to write to a pipe and to read what comes back. Nothing but a pipe takes it.
    fn transceive(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let mut body = message.part(input, HEADER_BYTES, 32)?;
        let id = file_id(body.clone(), 8)?;
        body.skip("StructureSize, Reserved", 4).map_err(|_| None)?;
        if body.u32_le("CtlCode") != Ok(FSCTL_PIPE_TRANSCEIVE) {
            return Ok(());
        }
        body.skip("FileId", 16).map_err(|_| None)?;
        let offset = usize_of(body.u32_le("InputOffset"))?;
        let length = usize_of(body.u32_le("InputCount"))?;
        message.whole(input, out)?;
        let number = self.find(&id).unwrap_or_else(|| self.add(id));
        self.await_answer(header.message, number);
        self.feed(number, false, input, (message, offset, length), out);
        Ok(())
    }

    /// What was read from a pipe. A buffer that was too small holds the beginning; the rest is asked for next.
    fn answer(
        &mut self,
        header: &Header,
        message: &Message,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Option<Step>> {
        let Some(number) = self.awaiting(header.message) else { return Ok(()) };
        if header.status == STATUS_PENDING {
            return Ok(());
        }
        if matches!(header.status, 0 | STATUS_BUFFER_OVERFLOW) {
            message.whole(input, out)?;
            let (offset, length) = if header.command == READ {
                let mut body = message.part(input, HEADER_BYTES, 8)?;
                body.skip("StructureSize", 2).map_err(|_| None)?;
                let offset = usize::from(body.u8("DataOffset").map_err(|_| None)?);
                body.skip("Reserved", 1).map_err(|_| None)?;
                (offset, usize_of(body.u32_le("DataLength"))?)
            } else {
                let mut body = message.part(input, HEADER_BYTES, 40)?;
                body.skip("before OutputOffset", 32).map_err(|_| None)?;
                (usize_of(body.u32_le("OutputOffset"))?, usize_of(body.u32_le("OutputCount"))?)
            };
            self.feed(number, true, input, (message, offset, length), out);
        }
        self.awaited.retain(|(message, _)| *message != header.message);
        Ok(())
    }

    /// The pipe with this identifier; one whose bits are all set means the pipe of the request before.
    fn find(&self, id: &Id) -> Option<u64> {
        if *id == Id::File([0xff; 16]) {
            return self.related;
        }
        self.open.iter().find(|pipe| pipe.id == *id).map(|pipe| pipe.number)
    }

    fn add(&mut self, id: Id) -> u64 {
        self.open.retain(|pipe| pipe.id != id);
        if self.open.len() >= PIPES_MAX {
            self.open.remove(0);
            self.forgotten = self.forgotten.wrapping_add(1);
        }
        let number = self.number;
        self.number = self.number.wrapping_add(1);
        self.open.push(Pipe {
            number,
            id,
            association: Association::default(),
            understood: false,
            to_server: Stream::default(),
            to_client: Stream::default(),
        });
        number
    }

    fn await_answer(&mut self, message: u64, number: u64) {
        self.awaited.retain(|(known, _)| *known != message);
        if self.awaited.len() >= PIPE_REQUESTS_MAX {
            self.awaited.remove(0);
            self.forgotten = self.forgotten.wrapping_add(1);
        }
        self.awaited.push((message, number));
    }

    fn awaiting(&self, message: u64) -> Option<u64> {
        self.awaited.iter().find(|(known, _)| *known == message).map(|(_, number)| *number)
    }

    /// Shows bytes of a pipe to its association. A pipe that carries something else is forgotten.
    fn feed(
        &mut self,
        number: u64,
        from_server: bool,
        input: &Input<'_>,
        (message, offset, length): (&Message, usize, usize),
        out: &mut Sink<'_>,
    ) {
        let Some(at) = self.open.iter().position(|pipe| pipe.number == number) else { return };
        let Some(pipe) = self.open.get_mut(at) else { return };
        if message.part(input, offset, length).is_err() {
            out.damaged(Malformed {
                field: "data of a pipe",
                at: message.start,
                need: offset.saturating_add(length),
                have: message.length,
            });
            return;
        }
        let start = message.start.saturating_add(offset);
        if let Err(malformed) = pipe.feed(from_server, input, start, length, out) {
            // Programs have pipes of their own, with bytes of their own.
            if pipe.understood {
                out.damaged(malformed);
            } else {
                out.count("smb.pipes_of_other_programs");
            }
            self.open.remove(at);
        }
    }
}

/// What matters of a header of SMB 2.
struct Header {
    command: u16,
    response: bool,
    status: u32,
    /// Identifier of the message, which its answer repeats.
    message: u64,
    tree: u32,
}

impl Header {
    fn read(mut reader: Reader<'_>) -> Result<Self, Malformed> {
        reader.skip("ProtocolId, StructureSize, CreditCharge", 8)?;
        let status = reader.u32_le("Status")?;
        let command = reader.u16_le("Command")?;
        reader.skip("CreditResponse", 2)?;
        let flags = reader.u32_le("Flags")?;
        reader.skip("NextCommand", 4)?;
        let message = reader.u64_le("MessageId")?;
        reader.skip("Reserved", 4)?;
        let tree = reader.u32_le("TreeId")?;
        Ok(Self { command, response: flags & SERVER_TO_REDIRECTOR != 0, status, message, tree })
    }
}

fn file_id(mut body: Reader<'_>, at: usize) -> Result<Id, Option<Step>> {
    body.skip("before FileId", at).map_err(|_| None)?;
    body.array("FileId").map(Id::File).map_err(|_| None)
}

fn usize_of(number: Result<u32, Malformed>) -> Result<usize, Option<Step>> {
    number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)).map_err(|_| None)
}

const HEADER_BYTES: usize = super::smb2::HEADER_BYTES;
const SERVER_TO_REDIRECTOR: u32 = 0x0000_0001;
const TREE_CONNECT: u16 = 0x0003;
const TREE_DISCONNECT: u16 = 0x0004;
const CREATE: u16 = 0x0005;
const CLOSE: u16 = 0x0006;
const READ: u16 = 0x0008;
const WRITE: u16 = 0x0009;
const IOCTL: u16 = 0x000b;
const SHARE_TYPE_DISK: u8 = 0x01;
const SHARE_TYPE_PIPE: u8 = 0x02;
const FSCTL_PIPE_TRANSCEIVE: u32 = 0x0011_c017;
const STATUS_PENDING: u32 = 0x0000_0103;
const STATUS_BUFFER_OVERFLOW: u32 = 0x8000_0005;

/// Names of pipes are short; those of files need not be.
const NAME_BYTES_MAX: usize = 256;
/// Bytes of a message that may hold the first bind of a pipe whose opening was not captured: one fragment of the size
/// that Windows agrees on, and headers.
const BIND_MESSAGE_BYTES_MAX: usize = 6_144;
/// Bytes that tell a bind.
const BIND_HEADER_BYTES: usize = 24;

/// Pipes of the services that are read, \[MS-RPCE\] and the documents of each, section 2.1.
const SERVICES: &[&str] = &[
    "epmapper", "lsarpc", "lsass", "netlogon", "ntsvcs", "samr", "spoolss", "srvsvc", "winreg",
    "wkssvc",
];

#[cfg(test)]
mod tests;
