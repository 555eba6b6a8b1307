//! DNP3 over TCP and UDP (IEEE 1815-2012): outstations in substations, waterworks and pipelines, and who commands them.
//!
//! Read: link addresses, device attributes (group 0), the internal indications of answers, which functions masters ask for,
//! what outstations did of it, names of files that are read or written, that secure authentication is in use. Every other
//! object is passed over: values of points are never kept, and neither is what secure authentication carries. Skipped: TLS
//! around it, which hides all of this.
//!
//! ```text
//! 0     1     2        3         4             6        8     10
//! ┌─────┬─────┬────────┬─────────┬─────────────┬────────┬─────┬────────────────────┬─────┬──
//! │ 05  │ 64  │ length │ control │ destination │ source │ CRC │ 16 bytes of data   │ CRC │ …  little-endian
//! └─────┴─────┴────────┴─────────┴─────────────┴────────┴─────┴────────────────────┴─────┴──
//! data: │ transport │ control │ function │ internal indications, of answers only │ objects …
//! ```
//!
//! An outstation is a station behind its address: one gateway stands in front of a whole line of them. A frame with a wrong
//! CRC costs itself, and the fragment that it was a part of.

mod attribute;
mod function;
mod keys;
mod link;
mod object;
mod stations;
mod transport;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::DNP3_PENDING_MAX;
use crate::model::{Act, Subject};
use crate::protocols::shared::gathered::Gathered;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use function::Deed;
use link::{Framed, Link};
use stations::Stations;
use transport::{Fragments, Segment};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dnp3",
    spec: "IEEE 1815-2012 (DNP3)",
    attach: &[
        Attach::Tcp(PORT),
        Attach::Tcp(SECURED_PORT),
        Attach::Udp(PORT),
        Attach::Udp(SECURED_PORT),
    ],
    keys: &[keys::ALL],
    probe: link::probe,
    start: || Box::new(Dnp3::default()),
};

#[derive(Default)]
struct Dnp3 {
    fragments: Fragments,
    stations: Stations,
    /// Requests that do something and wait for their answers, the oldest first.
    pending: VecDeque<Request>,
    /// Whether the roles of master and outstation were told.
    told: [bool; 2],
    /// A frame with a right header was read.
    is_sound: bool,
}

/// A request that does something.
struct Request {
    station: u16,
    sequence: u8,
    deed: Deed,
    /// The file that it is about.
    file: Box<str>,
}

/// The front of a fragment.
#[derive(Clone, Copy)]
struct Head {
    sequence: u8,
    function: u8,
    /// Where the function code stands.
    span: Span,
    /// Internal indications of an answer.
    indications: u16,
    indications_span: Span,
    /// Group and variation of the first object header, and where they stand.
    object: Option<(u8, u8, Span)>,
}

impl Dissector for Dnp3 {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Objects behind the headers may hold passwords and keys.
        out.prove_with(PROOF_BYTES);
        let link = match link::frame(input) {
            Framed::Link(link) => link,
            Framed::Damaged(malformed, length) => {
                out.damaged(malformed);
                return Step::Used(length);
            }
            Framed::Need(bytes) => return Step::Need(bytes),
            // Frames were read here: others come, however the bytes of this one are cut.
            Framed::Lost(malformed) if self.is_sound => {
                out.damaged(malformed);
                return Step::Used(input.bytes.len().max(1));
            }
            Framed::Lost(malformed) => return Step::Lost(malformed),
        };
        self.is_sound = true;
        if let Err(malformed) = self.link(&link, input, out) {
            out.damaged(malformed);
            self.fragments.end(&link, input.direction);
        }
        Step::Used(link.length)
    }

    fn gap(&mut self, direction: Direction) {
        self.fragments.forget(direction);
        self.pending.clear();
    }

    fn kept_bytes(&self) -> usize {
        self.fragments.kept_bytes()
    }

    fn forget(&mut self) {
        self.fragments.clear();
    }
}

impl Dnp3 {
    fn link(
        &mut self,
        link: &Link,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let bytes = input.bytes.get(..link.length).unwrap_or(input.bytes);
        link.check(bytes)?;
        self.tell_role(link, input, out);
        if !link.has_data {
            return Ok(());
        }
        let mut r = link.first_block(bytes);
        let segment = Segment::of(r.u8("transport header")?);
        if segment.is_first {
            self.fragments.end(link, input.direction);
            let head = Head::read(&mut r)?;
            if head.is_answer() == link.is_from_master {
                return Err(r.impossible("function code"));
            }
            let has_news = if head.is_answer() {
                self.answer(&head, link, input, out)
            } else {
                self.request(&head, link, input, out)
            };
            if !has_news {
                return Ok(());
            }
        }
        let Some(gathered) = self.fragments.take(segment, link, input, out) else { return Ok(()) };
        self.fragment(&gathered, link, input, out)
    }

    /// Says who commands and who obeys; once for each conversation.
    fn tell_role(&mut self, link: &Link, input: &Input<'_>, out: &mut Sink<'_>) {
        let [master, outstation] = &mut self.told;
        let node = Subject::node(input.sender());
        let (told, role) =
            if link.is_from_master { (master, "master") } else { (outstation, "outstation") };
        if !*told {
            *told = true;
            out.text(&node, keys::ROLE, role, link::CONTROL_SPAN);
        }
        if link.is_from_master {
            let span = Span { at: SOURCE_AT, len: 2 };
            out.uint(&node, keys::MASTER_ADDRESS, link.source, span);
        }
    }

    /// Takes the front of a request. True when its objects are worth reading.
    fn request(&mut self, head: &Head, link: &Link, input: &Input<'_>, out: &mut Sink<'_>) -> bool {
        if let Some(name) = function::name(head.function) {
            out.text(&Subject::node(input.sender()), keys::FUNCTION, name, head.span);
        }
        let group = head.object.map(|(group, ..)| group);
        if head.function == function::READ {
            match head.object {
                Some((function::ATTRIBUTES, ..)) => out.act(Act::Identify, head.span),
                Some((.., span)) => {
                    let end = link.first_block(input.bytes);
                    let len = end.at().saturating_add(end.left()).saturating_sub(span.at);
                    out.reads(head.span, Span { at: span.at, len });
                }
                None => {}
            }
        } else if let Some(act) = function::act(head.function, group) {
            out.act(act, head.span);
        }
        let names_file = matches!(group, Some(function::FILE));
        match function::deed(head.function, group) {
            Some(deed) if !names_file => {
                self.asked(link, head, deed, "".into(), input, out);
                false
            }
            Some(_) => true,
            None => names_file && head.function == function::OPEN_FILE,
        }
    }

    /// Takes a request that does something, and tells that it was asked for.
    fn asked(
        &mut self,
        link: &Link,
        head: &Head,
        deed: Deed,
        file: Box<str>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        if deed.is_attempt {
            let name = deed.name;
            let file = if file.is_empty() { String::new() } else { format!(" {file}") };
            let whose = match link.destination {
                BROADCAST.. => "all stations".to_owned(),
                station => format!("station {station}"),
            };
            let text = format!("{name}{file} of {whose} by {}", input.sender().addr);
            out.text(&Subject::node(input.receiver()), keys::ATTEMPT, &text, head.span);
        }
        if deed.is_unanswered || link.destination >= BROADCAST {
            return;
        }
        let (station, sequence) = (link.destination, head.sequence);
        self.pending.retain(|other| (other.station, other.sequence) != (station, sequence));
        if self.pending.len() >= DNP3_PENDING_MAX {
            self.pending.pop_front();
            out.count("dnp3.pending_over_limit");
        }
        self.pending.push_back(Request { station, sequence, deed, file });
    }

    /// Takes the front of an answer. True when its objects are worth reading.
    fn answer(&mut self, head: &Head, link: &Link, input: &Input<'_>, out: &mut Sink<'_>) -> bool {
        let station = self.stations.of(input.sender(), link.source, out);
        if let Some(name) = function::name(head.function) {
            out.text(&station.subject, keys::FUNCTION, name, head.span);
        }
        station.tell_state(head.indications, head.indications_span, out);
        if let Some((function::AUTHENTICATION, variation, span)) = head.object
            && let Some(name) = function::authentication(variation)
        {
            out.text(&station.subject, keys::SECURE_AUTHENTICATION, name, span);
            return false;
        }
        let has_attributes = matches!(head.object, Some((function::ATTRIBUTES, ..)));
        if head.function != function::RESPONSE {
            return false;
        }
        let Some(at) = awaited(&self.pending, link, head) else { return has_attributes };
        let is_refused = head.indications & REFUSALS != 0;
        let tells_later =
            self.pending.get(at).is_some_and(|request| request.deed.has_status && !is_refused);
        if tells_later {
            return head.object.is_some();
        }
        if let Some(request) = self.pending.remove(at) {
            let reason = is_refused.then(|| refusal(head.indications).to_owned());
            request.tell(&station.subject, head, reason, input, out);
        }
        has_attributes
    }

    /// Reads the objects of a fragment that is whole.
    fn fragment(
        &mut self,
        gathered: &Gathered,
        link: &Link,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let shown = gathered.shown(input);
        let mut r = Reader::new(shown.bytes);
        let head = Head::read(&mut r)?;
        let out = &mut out.over(&shown);
        if !head.is_answer() {
            if let Some(file) = object::file(r)? {
                let act = if file.is_to_be_written || head.function != function::OPEN_FILE {
                    Act::Program
                } else {
                    Act::Read
                };
                if head.function == function::OPEN_FILE {
                    out.act(act, head.span);
                }
                let deed = function::deed(head.function, Some(function::FILE))
                    .unwrap_or_else(|| function::opening(file.is_to_be_written));
                self.asked(link, &head, deed, file.name, &shown, out);
            }
            return Ok(());
        }
        let station = self.stations.of(input.sender(), link.source, out);
        let subject = &station.subject;
        if let Some(at) = awaited(&self.pending, link, &head)
            && let Some(status) = object::status(r.clone())?
            && let Some(request) = self.pending.remove(at)
        {
            let reason = (status != 0).then(|| format!("status {status}"));
            request.tell(subject, &head, reason, &shown, out);
        }
        attribute::say(subject, r, out)
    }
}

impl Head {
    /// Reads the front of a fragment, up to the first object header.
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let control = r.u8("application control")?;
        let start = r.at();
        let function = r.u8("function code")?;
        let span = r.since(start);
        if function::name(function).is_none() {
            return Err(r.impossible("function code"));
        }
        let start = r.at();
        let indications =
            if function & ANSWER != 0 { r.u16_le("internal indications")? } else { 0 };
        let indications_span = r.since(start);
        let object = match r.peek() {
            [group, variation, ..] => Some((*group, *variation, Span { at: r.at(), len: 2 })),
            _ => None,
        };
        let sequence = control & SEQUENCE;
        Ok(Self { sequence, function, span, indications, indications_span, object })
    }

    fn is_answer(&self) -> bool {
        self.function & ANSWER != 0
    }
}

impl Request {
    /// Tells what came of it: who did it, or why it was not done.
    fn tell(
        &self,
        station: &Subject,
        head: &Head,
        refusal: Option<String>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let who = input.receiver().addr;
        let (name, file) = (self.deed.name, &*self.file);
        let space = if file.is_empty() { "" } else { " " };
        let (key, text) = match refusal {
            Some(reason) => (keys::REFUSED, format!("{name}{space}{file} by {who}: {reason}")),
            None if file.is_empty() => (self.deed.done, who.to_string()),
            None => (self.deed.done, format!("{file} by {who}")),
        };
        out.text(station, key, &text, head.span);
    }
}

/// The place of the request that this answers.
fn awaited(pending: &VecDeque<Request>, link: &Link, head: &Head) -> Option<usize> {
    let answered = (link.source, head.sequence);
    pending.iter().position(|request| (request.station, request.sequence) == answered)
}

/// Why a station would not, by its internal indications.
fn refusal(indications: u16) -> &'static str {
    REASONS.iter().find(|(bit, _)| indications & bit != 0).map_or("refused", |(_, text)| text)
}

/// Registered port.
const PORT: u16 = 20_000;
/// Registered port for DNP3 in TLS; some put it there in the clear.
const SECURED_PORT: u16 = 19_999;
/// Link header, transport header, application control and function code.
const PROOF_BYTES: usize = 13;
/// Where the source address stands in a frame.
const SOURCE_AT: usize = 6;
/// Destinations from here on mean all stations.
const BROADCAST: u16 = 0xfffd;
const SEQUENCE: u8 = 0x0f;
/// Set in the function codes of answers.
const ANSWER: u8 = 0x80;
/// Internal indications that refuse a request: no such function, no such object, wrong parameter, already executing.
const REFUSALS: u16 = 0x1700;
const REASONS: &[(u16, &str)] = &[
    (0x0100, "function code not supported"),
    (0x0200, "object unknown"),
    (0x0400, "parameter error"),
    (0x1000, "already executing"),
];
