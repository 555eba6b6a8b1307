//! S7comm: jobs and their answers.
//!
//! ```text
//!   set up communication   F0 | 0 | calling jobs 2 | called jobs 2 | PDU length 2
//!   write variables        05 | items 1 | items            answer: 05 | items 1, data: one code for each item
//!   request download       1A | flags 1 | 0 0 | id 4 | name length 1 | name | lengths
//!   download ended         1C | flags 1 | error 2 | id 4 | name length 1 | name      asked by the device
//!   start upload           1D | flags 1 | 0 0 | id 4 | name length 1 | name          end upload 1F | flags 1 | error 2 | id 4
//!   PI service             28 | 7 | block length 2 | blocks | name length 1 | name
//!   stop                   29 | 5 | name length 1 | name
//!
//!   name of a block: _ 0A 00001 P    a mark, type, number, where it lies (A active, P passive, B both)
//! ```
//!
//! In a download the roles turn: the client asks for it, and then it is the device that asks for the blocks, part by part.

use crate::flow::Input;
use crate::model::{Act, Node, Subject};
use crate::protocols::s7::ends::Ends;
use crate::protocols::s7::jobs::{Job, Jobs};
use crate::protocols::s7::szl::Lists;
use crate::protocols::s7::{acts, keys};
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader, Span};

/// Reads one message.
pub(super) struct Comm<'a, 'i> {
    pub(super) ends: &'a mut Ends,
    pub(super) jobs: &'a mut Jobs,
    pub(super) lists: &'a mut Lists,
    pub(super) input: &'a Input<'i>,
}

/// What stands in front of parameters and data.
struct Header {
    kind: u8,
    reference: u16,
    /// Class and code of the error, where there is one, and where they stand.
    error: Option<(u16, Span)>,
    parameters: usize,
    data: usize,
}

impl Header {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        if r.u8("protocol identifier")? != PROTOCOL_ID {
            return Err(r.impossible("protocol identifier"));
        }
        let kind = r.u8("ROSCTR")?;
        r.skip("redundancy identification", 2)?;
        let reference = r.u16_be("PDU reference")?;
        let parameters = usize::from(r.u16_be("parameter length")?);
        let data = usize::from(r.u16_be("data length")?);
        let mut error = None;
        match kind {
            JOB | USER_DATA => {}
            ACK | ACK_DATA => {
                let start = r.at();
                let code = r.u16_be("error class and code")?;
                error = Some((code, r.since(start))).filter(|(code, _)| *code != 0);
            }
            _ => return Err(r.impossible("ROSCTR")),
        }
        Ok(Self { kind, reference, error, parameters, data })
    }
}

/// Whether user data of COTP, `whole` bytes of which this is the front, is S7comm.
pub(super) fn probe(data: &[u8], whole: usize) -> Probe {
    let mut r = Reader::new(data);
    match Header::read(&mut r) {
        Ok(header) => {
            let size = header.parameters.saturating_add(header.data).saturating_add(r.at());
            let is_reserved = matches!(data, [_, _, 0, 0, ..]);
            match size == whole {
                true if is_reserved => Probe::Yes,
                true => Probe::Maybe,
                false if size > whole && is_reserved => Probe::Maybe,
                false => Probe::No,
            }
        }
        Err(malformed) if malformed.need != malformed.have && data.len() < whole => Probe::More,
        Err(_) => Probe::No,
    }
}

impl Comm<'_, '_> {
    /// Reads one message.
    pub(super) fn read(
        &mut self,
        mut message: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let header = Header::read(&mut message)?;
        let parameters = message.sub("parameters", header.parameters)?;
        let data = message.sub("data", header.data)?;
        match header.kind {
            JOB => self.job(&header, parameters, out),
            USER_DATA => self.user_data(parameters, data, out),
            _ => self.answer(&header, parameters, data, out),
        }
    }

    fn job(
        &mut self,
        header: &Header,
        parameters: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let sender = self.input.sender();
        let whole = Span { at: parameters.at(), len: parameters.left() };
        let mut r = parameters;
        let function = r.u8("function")?;
        let span = Span { len: 1, ..whole };
        match function {
            acts::DOWNLOAD_BLOCK => return Ok(()),
            acts::DOWNLOAD_ENDED => return self.downloaded(r, span, out),
            _ => {}
        }
        match acts::job(function) {
            Some((_, Some(Act::Read))) => out.reads(span, whole),
            Some((_, Some(act))) => out.act(act, span),
            _ => {}
        }
        self.function(function, sender, span, out);
        let about = match function {
            acts::REQUEST_DOWNLOAD => {
                self.attempt("program download", span, out);
                block(r)?
            }
            acts::START_UPLOAD => {
                self.attempt("program upload", span, out);
                block(r)?
            }
            acts::PI_SERVICE => {
                let service = service(r)?;
                out.act(acts::service(&service), span);
                match &*service {
                    acts::PROGRAM => self.attempt("start", span, out),
                    acts::DELETE => self.attempt("block deletion", span, out),
                    _ => {}
                }
                service
            }
            acts::STOP => {
                self.attempt("stop", span, out);
                Box::default()
            }
            // Reads and writes are told by their answers alone.
            acts::READ | acts::WRITE => return Ok(()),
            _ => Box::default(),
        };
        self.jobs.asked(Job { by: sender, reference: header.reference, function, about });
        Ok(())
    }

    fn answer(
        &mut self,
        header: &Header,
        parameters: Reader<'_>,
        data: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (device, client) = (self.input.sender(), self.input.receiver());
        let job = self.jobs.answered(client, header.reference);
        let mut r = parameters;
        let start = r.at();
        let said = r.u8("function").ok();
        let span = r.since(start);
        let Some(function) = said.or(job.as_ref().map(|job| job.function)) else { return Ok(()) };
        if matches!(function, acts::DOWNLOAD_BLOCK | acts::DOWNLOAD_ENDED) {
            return Ok(());
        }
        if let Some((code, span)) = header.error {
            self.ends.tell_roles(client, device, span, out);
            let text = match acts::job(function) {
                Some((name, _)) => format!("{name}: {code:#06x}"),
                None => format!("{function:#04x}: {code:#06x}"),
            };
            out.text(&Subject::node(device), keys::ERROR, &text, span);
            return Ok(());
        }
        if said.is_none() {
            return Ok(());
        }
        self.ends.tell_roles(client, device, span, out);
        let server = Subject::node(device);
        out.text(&server, keys::GENERATION, "S7comm", span);
        self.function(function, device, span, out);
        match function {
            acts::SET_UP => {
                r.skip("reserved and calling jobs", 3)?;
                let start = r.at();
                let parallel = r.u16_be("called jobs")?;
                out.uint(&server, keys::PARALLEL_JOBS, parallel, r.since(start));
                let start = r.at();
                let length = r.u16_be("PDU length")?;
                out.uint(&server, keys::PDU_LENGTH, length, r.since(start));
                Ok(())
            }
            acts::WRITE => {
                let was_written = data.peek().contains(&SUCCESS);
                if was_written {
                    let (device, client) = self.ends.known(client, device);
                    out.text(device, keys::WRITER, client, span);
                }
                Ok(())
            }
            _ => {
                self.done(function, job, span, out);
                Ok(())
            }
        }
    }

    /// The device did what it was asked for.
    fn done(&mut self, function: u8, job: Option<Job>, span: Span, out: &mut Sink<'_>) {
        let (device, client) = self.ends.known(self.input.receiver(), self.input.sender());
        let about = job.map(|job| job.about).unwrap_or_default();
        match function {
            acts::STOP => out.text(device, keys::STOP, client, span),
            acts::START_UPLOAD => out.text(device, keys::UPLOADED_BLOCK, &about, span),
            acts::END_UPLOAD => out.text(device, keys::PROGRAM_UPLOAD, client, span),
            acts::PI_SERVICE => {
                out.text(device, keys::PI_SERVICE, &about, span);
                match &*about {
                    acts::PROGRAM => out.text(device, keys::START, client, span),
                    acts::DELETE => out.text(device, keys::BLOCK_DELETION, client, span),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The device tells that it has a block; an error tells that it has not.
    fn downloaded(
        &mut self,
        mut r: Reader<'_>,
        span: Span,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let name = block(r.clone())?;
        r.skip("flags", 1)?;
        if r.u16_be("error code")? == 0 {
            let (device, client) = self.ends.known(self.input.receiver(), self.input.sender());
            out.text(device, keys::PROGRAM_DOWNLOAD, client, span);
            out.text(device, keys::DOWNLOADED_BLOCK, &name, span);
        }
        Ok(())
    }

    /// Says that a node asks for, or answers, a function.
    fn function(&self, function: u8, node: Node, span: Span, out: &mut Sink<'_>) {
        let subject = Subject::node(node);
        match acts::job(function) {
            Some((name, _)) => out.text(&subject, keys::FUNCTION, name, span),
            None => out.text(&subject, keys::FUNCTION, &format!("{function:#04x}"), span),
        }
    }

    /// Says what somebody tries to change, of the address that it was sent to.
    pub(super) fn attempt(&self, what: &str, span: Span, out: &mut Sink<'_>) {
        let target = Subject::node(self.input.receiver());
        out.text(&target, keys::ATTEMPT, &format!("{what} by {}", self.input.sender().addr), span);
    }
}

/// The block that a download or upload names, behind the function: `DB1`.
fn block(mut r: Reader<'_>) -> Result<Box<str>, Malformed> {
    r.skip("flags, error and identifier", 7)?;
    let length = usize::from(r.u8("name length")?);
    Ok(block_name(r.bytes("file name", length)?))
}

/// `_0A00001P` as `DB1`; what has another form as it is.
fn block_name(name: &[u8]) -> Box<str> {
    let text = String::from_utf8_lossy(name);
    let parts = || {
        let kind = BLOCKS.iter().find(|(code, _)| text.get(1..3) == Some(code))?;
        let number: u32 = text.get(3..8)?.parse().ok()?;
        Some(format!("{}{number}", kind.1))
    };
    parts().unwrap_or_else(|| text.trim_matches('\0').to_owned()).into()
}

/// The name of a service, behind the blocks that it is to work on.
fn service(mut r: Reader<'_>) -> Result<Box<str>, Malformed> {
    r.skip("reserved", 7)?;
    let blocks = usize::from(r.u16_be("parameter block length")?);
    r.skip("parameter block", blocks)?;
    let length = usize::from(r.u8("service name length")?);
    Ok(String::from_utf8_lossy(r.bytes("service name", length)?).into())
}

/// First byte of every message.
pub(super) const PROTOCOL_ID: u8 = 0x32;

const JOB: u8 = 1;
const ACK: u8 = 2;
const ACK_DATA: u8 = 3;
const USER_DATA: u8 = 7;
const SUCCESS: u8 = 0xff;

/// Types of blocks in file names.
const BLOCKS: &[(&str, &str)] = &[
    ("08", "OB"),
    ("0A", "DB"),
    ("0B", "SDB"),
    ("0C", "FC"),
    ("0D", "SFC"),
    ("0E", "FB"),
    ("0F", "SFB"),
];
