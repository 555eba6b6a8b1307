//! MMS, the manufacturing message specification: how IEC 61850 devices of substations, and controllers that follow IEC 61131-5
//! or TASE.2 (ICCP), are read, written and operated, over the OSI layers on TCP.
//!
//! Read: who serves and who asks; what a device says it is (Identify); the domains that it has, which IEC 61850 calls logical
//! devices; name plates of devices and logical nodes, where their attributes are read one by one (a plate that is read whole
//! does not tell which attributes it has); what each request is for, who writes, operates, loads and deletes. Skipped: all other
//! values, reports, the contents of files and journals. The set-up of an association may hold a password in the clear (ACSE
//! authentication value): it is passed over.
//!
//! ISO 9506-2:2003 (MMS), IEC 61850-8-1:2011 (its mapping); below it ISO/IEC 8650-1 (association), 8823-1 (presentation), 8327-1
//! (session), ITU-T X.224 and RFC 1006.
//!
//! ```text
//!   TPKT 4 | COTP 3 | session | presentation | MMS                                            in ASN.1, basic encoding rules
//!
//!   session        0D or 0E connect, accept: length, parameters; C1 the layers above
//!                  01 0 01 0 data
//!   presentation   61 { 30 { [06 syntax] 02 context A0 { MMS } } }
//!   MMS            A0 request, A1 answer: 02 invoke identifier, service     A2 error    A3 unasked    A8 A9 set-up
//!   service        80 status   A1 names   82 identify   A4 read   A5 write   ... its number in the tag
//!
//!   Identify       A2 { 80 vendor   81 model   82 revision   [A3 abstract syntaxes] }
//!   names          A1 { A0 { 80 or 81 class, 9 domain } ... }      answer  A1 { A0 { 1A name, 1A name ... } [81 more follows] }
//! ```

mod items;
mod keys;
mod probe;
mod service;
mod session;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{MMS_ITEMS_MAX, MMS_MESSAGE_BYTES_MAX, MMS_QUESTIONS_MAX};
use crate::model::{Act, Key, Node, Subject};
use crate::protocols::shared::cotp::{self, Head, Parts, Taken};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use service::{Answer, Message, Service};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mms",
    spec: "ISO 9506-2:2003; IEC 61850-8-1:2011; ISO/IEC 8327-1, 8823-1, 8650-1; RFC 1006, ITU-T X.224",
    attach: &[Attach::Tcp(102)],
    keys: &[keys::ALL],
    probe: probe::probe,
    start: || Box::new(Mms::default()),
};

/// One association.
#[derive(Default)]
struct Mms {
    /// Messages whose end has not come, to the server and to the client.
    parts: [Parts; 2],
    /// Who asked for what the answer will tell, and under which invoke identifier, oldest first.
    questions: VecDeque<(Node, u32, Awaited)>,
    told: bool,
    /// True when the client was told to write.
    wrote: bool,
}

/// What an answer will tell.
#[derive(Debug, Eq, PartialEq)]
enum Awaited {
    /// Names of domains.
    Domains,
    /// Attributes of name plates, at these places among the results.
    Plates(Box<[(usize, Key)]>),
    /// Whether variables were written, and whether that operates something.
    Written { operates: bool },
    /// Whether programs, domains or files were changed.
    Change,
}

impl Dissector for Mms {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the head of a message may stand a password.
        out.prove_with(PROOF_BYTES);
        let head = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(cotp::HEAD_BYTES),
        };
        let [to_server, to_client] = &mut self.parts;
        let part = match input.direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        if head.length > MMS_MESSAGE_BYTES_MAX {
            out.count("mms.messages_too_long");
            part.pass(head);
            return Step::Used(head.length);
        }
        let Some(tpdu) = input.bytes.get(..head.length) else { return Step::Need(head.length) };
        if head.kind != cotp::DATA {
            return Step::Used(head.length);
        }
        let read = match part.take(head, input, MMS_MESSAGE_BYTES_MAX) {
            Taken::Waits => Ok(()),
            Taken::TooLong => {
                out.count("mms.messages_too_long");
                Ok(())
            }
            Taken::Here => {
                let message = Reader::new(tpdu).ahead("COTP header", head.data_at);
                message.and_then(|message| self.message(message, input, out))
            }
            Taken::Gathered(gathered) => {
                let shown = gathered.shown(input);
                self.message(Reader::new(shown.bytes), &shown, &mut out.over(&shown))
            }
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(head.length)
    }

    fn gap(&mut self, direction: Direction) {
        let [to_server, to_client] = &mut self.parts;
        match direction {
            Direction::ToServer => to_server.clear(),
            Direction::ToClient => to_client.clear(),
        }
        self.questions.clear();
    }

    fn kept_bytes(&self) -> usize {
        let [to_server, to_client] = &self.parts;
        to_server.kept_bytes().saturating_add(to_client.kept_bytes())
    }

    fn forget(&mut self) {
        self.parts.iter_mut().for_each(Parts::forget);
    }
}

impl Mms {
    fn message(
        &mut self,
        message: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let Some(user_data) = session::user_data(message)? else { return Ok(()) };
        let Some(message) = service::message(user_data)? else { return Ok(()) };
        match message {
            Message::Request { invoke, service, span, question } => {
                self.asked(invoke, &service, (span, question), input, out)
            }
            Message::Answer { invoke, answer, span } => {
                self.tell_roles(input, span, out);
                let question = self.questions.iter().position(|(client, number, _)| {
                    *client == input.receiver() && *number == invoke
                });
                let awaited = question.and_then(|at| self.questions.remove(at));
                self.answered(answer, awaited.map(|(.., awaited)| awaited), span, input, out)
            }
            Message::Accepted(span) => {
                self.tell_roles(input, span, out);
                Ok(())
            }
        }
    }

    /// Says who serves and who asks: whoever answers serves. Once for each association.
    fn tell_roles(&mut self, input: &Input<'_>, span: Span, out: &mut Sink<'_>) {
        if !std::mem::replace(&mut self.told, true) {
            out.text(&Subject::node(input.sender()), keys::ROLE, "server", span);
            out.text(&Subject::node(input.receiver()), keys::ROLE, "client", span);
        }
    }

    /// What is asked for; `span` is the tag of the service, and behind it the question without its number.
    fn asked(
        &mut self,
        invoke: u32,
        service: &Service<'_>,
        (span, question): (Span, Span),
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let items = service.items()?;
        let operated = items.iter().find(|item| service.is_write() && item.operates());
        match service.act() {
            Some(Act::Read) if service.is_read() => out.reads(span, question),
            // IEC 61850 operates a device by writing to variables below the functional constraint CO.
            Some(Act::Write) if operated.is_some() => out.act(Act::Control, span),
            Some(act) => out.act(act, span),
            None => {}
        }
        let target = Subject::node(input.receiver());
        let by = |what: &str| format!("{what} by {}", input.sender().addr);
        let awaited = if let Some(item) = operated {
            out.text(&target, keys::ATTEMPT, &by(&item.name()), item.span);
            Awaited::Written { operates: true }
        } else if let Some(change) = service.change() {
            out.text(&target, keys::ATTEMPT, &by(change), span);
            Awaited::Change
        } else if service.is_write() && !self.wrote {
            Awaited::Written { operates: false }
        } else if service.is_read() {
            let plates = items.iter().enumerate();
            let plates: Box<[_]> =
                plates.filter_map(|(at, item)| Some((at, item.plate()?))).collect();
            if plates.is_empty() {
                return Ok(());
            }
            Awaited::Plates(plates)
        } else if service.asks_for_domains()? {
            Awaited::Domains
        } else {
            return Ok(());
        };
        if self.questions.len() >= MMS_QUESTIONS_MAX {
            self.questions.pop_front();
            out.count("mms.questions_over_limit");
        }
        self.questions.push_back((input.sender(), invoke, awaited));
        Ok(())
    }

    fn answered(
        &mut self,
        answer: Answer<'_>,
        awaited: Option<Awaited>,
        span: Span,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let server = Subject::node(input.sender());
        let client = || input.receiver().addr.to_string();
        match (answer, awaited) {
            (Answer::Identify(list), _) => identified(list, &server, out),
            (Answer::Names(mut list), Some(Awaited::Domains)) => {
                while !list.is_empty() {
                    let (tag, text, span) = service::text(&mut list)?;
                    if tag == service::VISIBLE_STRING {
                        readable::say(out, &server, keys::DOMAIN, text, span);
                    }
                }
                Ok(())
            }
            (Answer::Values(list), Some(Awaited::Plates(plates))) => {
                plates_read(&plates, list, &server, out)
            }
            (Answer::Written(mut list), Some(Awaited::Written { operates })) => {
                while !list.is_empty() {
                    let (tag, ..) = service::text(&mut list)?;
                    if tag != service::SUCCESS {
                        continue;
                    }
                    if !std::mem::replace(&mut self.wrote, true) {
                        out.text(&server, keys::WRITER, &client(), span);
                    }
                    if operates {
                        out.text(&server, keys::OPERATION, &client(), span);
                    }
                    break;
                }
                Ok(())
            }
            (_, Some(Awaited::Change)) => {
                out.text(&server, keys::CHANGE, &client(), span);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What a device says it is.
fn identified(mut list: Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    while !list.is_empty() {
        let (tag, text, span) = service::text(&mut list)?;
        let key = match tag {
            service::VENDOR => keys::VENDOR_NAME,
            service::MODEL => keys::MODEL_NAME,
            service::REVISION => keys::REVISION,
            _ => continue,
        };
        readable::say(out, server, key, text, span);
    }
    Ok(())
}

/// Texts of name plates, among the results of a Read.
fn plates_read(
    plates: &[(usize, Key)],
    mut list: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for at in 0..MMS_ITEMS_MAX {
        if list.is_empty() {
            break;
        }
        let (tag, text, span) = service::text(&mut list)?;
        let plate = plates.iter().find(|(place, _)| *place == at);
        if let (Some((_, key)), service::TEXT | service::WIDE_TEXT) = (plate, tag) {
            readable::say(out, server, *key, text, span);
        }
    }
    Ok(())
}

/// Heads of TPKT and COTP, and the first bytes of the session.
const PROOF_BYTES: usize = 11;
