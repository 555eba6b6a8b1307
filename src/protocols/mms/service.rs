//! MMS messages and the services in them (ISO 9506-2, clause 7 and the abstract syntax of each service).

use crate::model::Act;
use crate::protocols::mms::items::{self, Item};
use crate::protocols::mms::session::UserData;
use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader, Span};

/// A message that tells something.
pub(super) enum Message<'a> {
    /// Somebody asks for something.
    Request {
        invoke: u32,
        service: Service<'a>,
        /// The tag of the service.
        span: Span,
        /// What is asked, without the number that tells questions apart.
        question: Span,
    },
    /// An answer to that.
    Answer { invoke: u32, answer: Answer<'a>, span: Span },
    /// An association was accepted, with MMS inside.
    Accepted(Span),
}

/// What is asked for.
pub(super) struct Service<'a> {
    number: u32,
    body: Reader<'a>,
}

/// What is answered.
pub(super) enum Answer<'a> {
    /// What the device is.
    Identify(Reader<'a>),
    /// A list of names.
    Names(Reader<'a>),
    /// Results of reading: values, or why there is none.
    Values(Reader<'a>),
    /// Results of writing: whether it was done.
    Written(Reader<'a>),
    /// Anything else.
    Other,
}

/// Reads a message. `None` for those that neither ask nor answer.
pub(super) fn message<'a>(data: UserData<'a>) -> Result<Option<Message<'a>>, Malformed> {
    let mut r = match data {
        UserData::Value(value) => value,
        UserData::Opens(session, is_accept) => {
            let span = Span { at: session.at(), len: 1 };
            let is_ours = is_accept && speaks_mms(session.peek());
            return Ok(is_ours.then_some(Message::Accepted(span)));
        }
    };
    let element = ber::element(&mut r, "MMS message")?;
    let mut body = element.body;
    let is_request = match element.tag {
        REQUEST => true,
        ANSWER => false,
        _ => return Ok(None),
    };
    let invoke = ber::number(
        ber::expect(&mut body, ber::INTEGER, "invoke identifier")?,
        "invoke identifier",
    )?;
    // Modifiers of a request: an event that it waits for.
    if is_request && body.peek().first() == Some(&ber::SEQUENCE) {
        ber::element(&mut body, "list of modifiers")?;
    }
    let question = Span { at: body.at(), len: body.left() };
    let (number, inner, span) = service(&mut body)?;
    if is_request {
        let service = Service { number, body: inner };
        return Ok(Some(Message::Request { invoke, service, span, question }));
    }
    let answer = match number {
        IDENTIFY => Answer::Identify(inner),
        GET_NAMES => {
            let mut inner = inner;
            Answer::Names(ber::expect(&mut inner, LIST_OF_IDENTIFIERS, "list of identifiers")?)
        }
        READ => {
            let mut inner = inner;
            let mut element = ber::element(&mut inner, "read")?;
            if element.tag == VARIABLES_REPEATED {
                element = ber::element(&mut inner, "list of access results")?;
            }
            Answer::Values(element.body)
        }
        WRITE => Answer::Written(inner),
        _ => Answer::Other,
    };
    Ok(Some(Message::Answer { invoke, answer, span }))
}

/// Whether the set-up of a session names MMS: the object identifier 1.0.9506.2 of the standard itself, which every abstract
/// syntax and application context of it begins with.
pub(super) fn speaks_mms(parameters: &[u8]) -> bool {
    parameters.windows(MMS.len()).any(|window| window == MMS)
}

/// The text of one element of a list, its tag, and where it stands.
pub(super) fn text<'a>(list: &mut Reader<'a>) -> Result<(u8, &'a [u8], Span), Malformed> {
    let element = ber::element(list, "element")?;
    let mut body = element.body;
    let span = Span { at: body.at(), len: body.left() };
    Ok((element.tag, body.rest(), span))
}

/// The number of a service, its contents, and its tag: numbers of 31 and more stand behind the first byte of it.
fn service<'a>(r: &mut Reader<'a>) -> Result<(u32, Reader<'a>, Span), Malformed> {
    let start = r.at();
    let first = r.u8("service")?;
    if first & CLASS != CONTEXT {
        return Err(r.impossible("service"));
    }
    let mut number = u32::from(first & NUMBER);
    if first & NUMBER == NUMBER {
        number = u32::from(r.u8("service number")?);
        if number & MORE_DIGITS != 0 {
            return Err(r.impossible("service number"));
        }
    }
    let span = r.since(start);
    let length = ber::length(r, "service length")?;
    Ok((number, r.sub("service", length)?, span))
}

impl<'a> Service<'a> {
    /// What it is for.
    pub(super) fn act(&self) -> Option<Act> {
        Some(match self.number {
            STATUS | IDENTIFY => Act::Identify,
            GET_NAMES | READ | 6 | 9 | 12 | 15 | 37 | 45 | 65 | 68 | 71..=73 | 77 => Act::Read,
            WRITE | 7..=8 | 10..=11 | 13..=14 | 16 | 46 | 66..=67 | 69..=70 | 75..=76 => Act::Write,
            26..=36 => Act::Program,
            38..=44 => Act::Control,
            _ => return None,
        })
    }

    /// True for reading variables, which clients do again and again.
    pub(super) fn is_read(&self) -> bool {
        self.number == READ
    }

    /// The variables that are read or written.
    pub(super) fn items(&self) -> Result<Vec<Item<'a>>, Malformed> {
        match self.number {
            READ | WRITE => items::named(&self.body, self.number == READ),
            _ => Ok(Vec::new()),
        }
    }

    /// True for writing variables.
    pub(super) fn is_write(&self) -> bool {
        self.number == WRITE
    }

    /// The name of a service that changes programs, domains or files.
    pub(super) fn change(&self) -> Option<&'static str> {
        CHANGES.iter().find(|(number, _)| *number == self.number).map(|(_, name)| *name)
    }

    /// True when the names of domains are asked for.
    pub(super) fn asks_for_domains(&self) -> Result<bool, Malformed> {
        if self.number != GET_NAMES {
            return Ok(false);
        }
        let mut body = self.body.clone();
        let mut class = ber::expect(&mut body, CLASS_OF_OBJECTS, "class of objects")?;
        let class = ber::element(&mut class, "basic class of objects")?;
        Ok(ber::number(class.body, "basic class of objects")? == DOMAINS)
    }
}

/// Tags of messages.
pub(super) const REQUEST: u8 = 0xa0;
pub(super) const ANSWER: u8 = 0xa1;

const STATUS: u32 = 0;
const GET_NAMES: u32 = 1;
const IDENTIFY: u32 = 2;
const READ: u32 = 4;
const WRITE: u32 = 5;

/// Elements of the answer to Identify.
pub(super) const VENDOR: u8 = 0x80;
pub(super) const MODEL: u8 = 0x81;
pub(super) const REVISION: u8 = 0x82;
/// A variable was written.
pub(super) const SUCCESS: u8 = 0x81;
/// Values that are text: of letters, and of more than ASCII.
pub(super) const TEXT: u8 = 0x8a;
pub(super) const WIDE_TEXT: u8 = 0x90;
/// A name in a list of them.
pub(super) const VISIBLE_STRING: u8 = 0x1a;

const CLASS_OF_OBJECTS: u8 = 0xa0;
const DOMAINS: u32 = 9;
const LIST_OF_IDENTIFIERS: u8 = 0xa0;

const CLASS: u8 = 0xc0;
const CONTEXT: u8 = 0x80;
const NUMBER: u8 = 0x1f;
const MORE_DIGITS: u32 = 0x80;

const MMS: &[u8] = b"\x28\xca\x22\x02";
/// Parts of an answer to Read that repeat what was asked for.
const VARIABLES_REPEATED: u8 = 0xa0;

/// Services that change what a device does or holds.
const CHANGES: &[(u32, &str)] = &[
    (26, "initiateDownloadSequence"),
    (32, "requestDomainDownload"),
    (34, "loadDomainContent"),
    (36, "deleteDomain"),
    (38, "createProgramInvocation"),
    (39, "deleteProgramInvocation"),
    (40, "start"),
    (41, "stop"),
    (42, "resume"),
    (43, "reset"),
    (44, "kill"),
    (46, "obtainFile"),
    (75, "fileRename"),
    (76, "fileDelete"),
];
