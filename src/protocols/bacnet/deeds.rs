//! What is done to devices: writing, restarting, silencing. Told when the device said yes; a refusal is told as one.
//!
//! Confirmed services by their numbers (ASHRAE 135-2020, clause 21, BACnetConfirmedServiceChoice). Passwords that such
//! requests carry are not read.

use std::collections::VecDeque;

use crate::model::limits::BACNET_PENDING_MAX;
use crate::model::{Act, Subject};
use crate::protocols::Sink;
use crate::protocols::bacnet::tag::Element;
use crate::protocols::bacnet::{device, keys};
use crate::wire::{Reader, Span};

/// Requests that change something and wait for their answers, the oldest first.
#[derive(Default)]
pub(super) struct Deeds {
    pending: VecDeque<Request>,
}

struct Request {
    client: Subject,
    target: Subject,
    invoke: u8,
    service: u8,
    deed: Deed,
}

#[derive(Clone, Copy)]
enum Deed {
    Write,
    Reinitialize(&'static str),
    Communication(&'static str),
}

/// A confirmed request.
pub(super) struct Asked<'a> {
    pub(super) client: &'a Subject,
    pub(super) target: Option<&'a Subject>,
    pub(super) invoke: u8,
    pub(super) service: u8,
    /// Where the service stands.
    pub(super) span: Span,
    pub(super) data: Reader<'a>,
}

impl Deeds {
    /// Takes a request, and tells what it is for.
    pub(super) fn asked(&mut self, asked: &Asked<'_>, out: &mut Sink<'_>) {
        let deed = match asked.service {
            READ_PROPERTY | READ_PROPERTY_MULTIPLE | READ_PROPERTY_CONDITIONAL | READ_RANGE => {
                match device::is_asked_for(asked.data.clone()) {
                    Some(true) => out.act(Act::Identify, asked.span),
                    Some(false) => {
                        let (at, len) = (asked.data.at(), asked.data.left());
                        out.reads(asked.span, Span { at, len });
                    }
                    None => {}
                }
                return;
            }
            READ_FILE => return out.act(Act::Read, asked.span),
            WRITE_FILE..=WRITE_PROPERTY_MULTIPLE if is_write(asked.service) => Deed::Write,
            REINITIALIZE => {
                out.act(Act::Control, asked.span);
                let Some(how) = state(asked.data.clone()) else { return };
                Deed::Reinitialize(how)
            }
            COMMUNICATION => {
                out.act(Act::Control, asked.span);
                let Some(how) = communication(asked.data.clone()) else { return };
                Deed::Communication(how)
            }
            _ => return,
        };
        if matches!(deed, Deed::Write) {
            out.act(Act::Write, asked.span);
        }
        let Some(target) = asked.target else { return };
        if self.pending.len() >= BACNET_PENDING_MAX {
            self.pending.pop_front();
            out.count("bacnet.pending_over_limit");
        }
        self.pending.push_back(Request {
            client: asked.client.clone(),
            target: target.clone(),
            invoke: asked.invoke,
            service: asked.service,
            deed,
        });
    }

    /// A device said yes.
    pub(super) fn done(
        &mut self,
        source: &Subject,
        (invoke, service): (u8, u8),
        span: Span,
        out: &mut Sink<'_>,
    ) {
        let Some(request) = self.answered(source, invoke) else { return };
        if request.service != service {
            return;
        }
        let client = name(&request.client);
        match request.deed {
            Deed::Write => out.text(source, keys::WRITTEN_BY, &client, span),
            Deed::Reinitialize(how) => {
                out.text(source, keys::REINITIALIZED, &format!("{how} by {client}"), span);
            }
            Deed::Communication(how) => {
                out.text(source, keys::COMMUNICATION_CONTROL, &format!("{how} by {client}"), span);
            }
        }
    }

    /// A device said no.
    pub(super) fn refused(&mut self, source: &Subject, invoke: u8, span: Span, out: &mut Sink<'_>) {
        let Some(request) = self.answered(source, invoke) else { return };
        let what = match request.deed {
            Deed::Write => "write",
            Deed::Reinitialize(how) | Deed::Communication(how) => how,
        };
        let text = format!("{what} by {}", name(&request.client));
        out.text(source, keys::REFUSED, &text, span);
    }

    /// Gives up what waits: answers that were missed may have been to any of it.
    pub(super) fn forget(&mut self) {
        self.pending.clear();
    }

    fn answered(&mut self, source: &Subject, invoke: u8) -> Option<Request> {
        let is_its = |request: &Request| request.target == *source && request.invoke == invoke;
        let at = self.pending.iter().position(is_its)?;
        self.pending.remove(at)
    }
}

fn is_write(service: u8) -> bool {
    matches!(
        service,
        WRITE_FILE
            | ADD_LIST_ELEMENT
            | REMOVE_LIST_ELEMENT
            | CREATE_OBJECT
            | DELETE_OBJECT
            | WRITE_PROPERTY
            | WRITE_PROPERTY_MULTIPLE
    )
}

/// Who it is: an address, and the way behind it.
fn name(client: &Subject) -> String {
    match &client.unit {
        Some(unit) => format!("{} {unit}", client.node.addr),
        None => client.node.addr.to_string(),
    }
}

/// The state that ReinitializeDevice asks for (16.4.1); `None` when it cannot be read.
fn state(mut data: Reader<'_>) -> Option<&'static str> {
    let number = Element::context(&mut data, 0, "reinitialized state").ok()?.number()?;
    Some(match number {
        0 => "cold start",
        1 => "warm start",
        2 => "start of backup",
        3 => "end of backup",
        4 => "start of restore",
        5 => "end of restore",
        6 => "abort of restore",
        7 => "activation of changes",
        _ => "reinitialization",
    })
}

/// What DeviceCommunicationControl asks for (16.1.1), behind a duration that may be left away; `None` likewise.
fn communication(mut data: Reader<'_>) -> Option<&'static str> {
    Element::optional(&mut data, 0).ok()?;
    let number = Element::context(&mut data, 1, "enable-disable").ok()?.number()?;
    Some(match number {
        0 => "enabled",
        1 => "disabled",
        2 => "initiation disabled",
        _ => "communication control",
    })
}

const READ_FILE: u8 = 6;
const WRITE_FILE: u8 = 7;
const ADD_LIST_ELEMENT: u8 = 8;
const REMOVE_LIST_ELEMENT: u8 = 9;
const CREATE_OBJECT: u8 = 10;
const DELETE_OBJECT: u8 = 11;
const READ_PROPERTY: u8 = 12;
const READ_PROPERTY_CONDITIONAL: u8 = 13;
const READ_PROPERTY_MULTIPLE: u8 = 14;
const WRITE_PROPERTY: u8 = 15;
const WRITE_PROPERTY_MULTIPLE: u8 = 16;
const COMMUNICATION: u8 = 17;
const REINITIALIZE: u8 = 20;
const READ_RANGE: u8 = 26;
