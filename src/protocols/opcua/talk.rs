//! What the two ends of a connection say to each other.

use crate::flow::Input;
use crate::model::{Act, Subject};
use crate::protocols::Sink;
use crate::protocols::opcua::codec::{self, NodeId, Variant};
use crate::protocols::opcua::describe::{self, Told};
use crate::protocols::opcua::keys;
use crate::protocols::opcua::nodes::{self, Awaited, Nodes};
use crate::protocols::opcua::service::{self, Front};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// What was said, as far as the rest needs it.
#[derive(Default)]
pub(super) struct Talk {
    pub(super) nodes: Nodes,
    roles_told: bool,
    /// A bit for each service that was told of who asks, and of who answers.
    asked: u64,
    answered: u64,
    /// True when the client was told to write, and to call.
    wrote: bool,
    called: bool,
}

impl Talk {
    /// Says who serves and who asks; once for each connection.
    pub(super) fn tell_roles(
        &mut self,
        is_client: bool,
        span: Span,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        if !std::mem::replace(&mut self.roles_told, true) {
            let (sender, receiver) = (input.sender(), input.receiver());
            let (client, server) = if is_client { (sender, receiver) } else { (receiver, sender) };
            out.text(&Subject::node(server), keys::ROLE, "server", span);
            out.text(&Subject::node(client), keys::ROLE, "client", span);
        }
    }

    /// Whether more of a message than its front is worth reading.
    pub(super) fn needs_all(&self, front: &Front, request: u32) -> bool {
        let service = front.service.request;
        if front.is_request {
            return matches!(
                service,
                service::READ
                    | service::CALL
                    | service::GET_ENDPOINTS
                    | service::FIND_SERVERS
                    | service::REGISTER_SERVER
                    | service::REGISTER_SERVER_2
                    | service::CREATE_SESSION
                    | service::ACTIVATE_SESSION
                    | service::TRANSLATE_BROWSE_PATHS
            );
        }
        match service {
            service::WRITE => !self.wrote,
            service::CALL => !self.called || self.nodes.awaits(request),
            service::READ | service::TRANSLATE_BROWSE_PATHS => self.nodes.awaits(request),
            service::GET_ENDPOINTS
            | service::FIND_SERVERS
            | service::FIND_SERVERS_ON_NETWORK
            | service::CREATE_SESSION
            | service::BROWSE
            | service::BROWSE_NEXT
            | service::ADD_NODES
            | service::ADD_REFERENCES
            | service::DELETE_NODES
            | service::DELETE_REFERENCES => true,
            _ => false,
        }
    }

    /// Reads a whole message.
    pub(super) fn message(
        &mut self,
        front: &Front,
        request: u32,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        // Of a message in several chunks the type stands at the front of what was put together.
        let span = Span { at: r.at(), len: front.span.len };
        let front = Front { span, ..*front };
        self.front(&front, &mut r.clone(), input, out)?;
        NodeId::read(&mut r)?;
        if front.is_request {
            service::skip_request_header(&mut r)?;
            self.request(&front, request, r, input, out)
        } else if describe::succeeded(&mut r)? {
            self.response(&front, request, r, input, out)
        } else {
            self.nodes.answered(request);
            Ok(())
        }
    }

    /// Reads the front of a message: who asks for what, and whether it went wrong.
    pub(super) fn front(
        &mut self,
        front: &Front,
        r: &mut Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let Front { service, is_request, span } = *front;
        self.tell_roles(is_request, span, input, out);
        let sender = Subject::node(input.sender());
        let told = if is_request { &mut self.asked } else { &mut self.answered };
        let bit = 1_u64.checked_shl(u32::try_from(service.at).unwrap_or(u32::MAX)).unwrap_or(0);
        if *told & bit == 0 && service.request != service::SERVICE_FAULT {
            *told |= bit;
            out.text(&sender, keys::SERVICE, service.name, span);
        }
        if is_request {
            act(service.request, span, out);
            if matches!(
                service.request,
                service::ADD_NODES
                    | service::ADD_REFERENCES
                    | service::DELETE_NODES
                    | service::DELETE_REFERENCES
            ) {
                attempt(service.name, span, input, out);
            }
            return Ok(());
        }
        NodeId::read(r)?;
        let (result, span) = service::result(r)?;
        if result & codec::IS_BAD != 0 {
            let text = format!("{}: {}", service.name, service::status(result));
            out.text(&sender, keys::ERROR, &text, span);
        }
        Ok(())
    }

    /// A request, behind its head.
    fn request(
        &mut self,
        front: &Front,
        request: u32,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (client, server) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        match front.service.request {
            service::READ => self.read_request(front.span, request, r, out),
            service::CALL => self.call(front.span, request, r, input, out),
            service::TRANSLATE_BROWSE_PATHS => {
                let paths = Nodes::paths(&mut r)?;
                if !paths.is_empty() {
                    self.nodes.asked(request, Awaited::Paths(paths.into()), out);
                }
                Ok(())
            }
            service::GET_ENDPOINTS => {
                let url = codec::text(&mut r, "endpointUrl")?;
                readable::say(out, &server, keys::REQUESTED_URL, url.bytes, url.span);
                Ok(())
            }
            service::FIND_SERVERS => {
                let all = describe::asks_for_all(&mut r)?;
                self.nodes.asked(request, Awaited::Servers(all), out);
                Ok(())
            }
            service::REGISTER_SERVER | service::REGISTER_SERVER_2 => {
                Told { subject: &client, out }.register(&mut r)
            }
            service::CREATE_SESSION => {
                let url = Told { subject: &client, out }.create_session(&mut r)?;
                readable::say(out, &server, keys::REQUESTED_URL, url.bytes, url.span);
                Ok(())
            }
            service::ACTIVATE_SESSION => Told { subject: &server, out }.activate(&mut r),
            _ => Ok(()),
        }
    }

    /// A response, behind its head.
    fn response(
        &mut self,
        front: &Front,
        request: u32,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let server = Subject::node(input.sender());
        let awaited = self.nodes.answered(request);
        let span = front.span;
        let mut told = Told { subject: &server, out };
        match (front.service.request, awaited) {
            (service::READ, Some(Awaited::Values(wanted))) => {
                nodes::values(&wanted, &server, &mut r, out)
            }
            (service::TRANSLATE_BROWSE_PATHS, Some(Awaited::Paths(paths))) => {
                self.nodes.translated(&paths, &mut r, out)
            }
            (service::BROWSE | service::BROWSE_NEXT, _) => self.nodes.browsed(&mut r, out),
            (service::GET_ENDPOINTS, _) => told.endpoints_response(&mut r),
            (service::FIND_SERVERS, awaited) => {
                let for_all = match awaited {
                    Some(Awaited::Servers(all)) => Some(all),
                    _ => None,
                };
                told.servers(&mut r, for_all)
            }
            (service::FIND_SERVERS_ON_NETWORK, _) => told.servers_on_network(&mut r),
            (service::CREATE_SESSION, _) => told.session(&mut r),
            (service::WRITE, _) => {
                if any_good(&mut r)? {
                    self.wrote = true;
                    by(keys::WRITER, span, input, out);
                }
                Ok(())
            }
            (service::CALL, awaited) => {
                // The first result tells: what was called together, mostly one method, is done together.
                let count = codec::count(&mut r, "results")?;
                if count > 0 && r.u32_le("statusCode")? & codec::IS_BAD == 0 {
                    if !std::mem::replace(&mut self.called, true) {
                        by(keys::CALLER, span, input, out);
                    }
                    if awaited == Some(Awaited::Administration) {
                        by(keys::ADMINISTRATION, span, input, out);
                    }
                }
                Ok(())
            }
            (service::ADD_NODES, _) => {
                let count = codec::count(&mut r, "results")?;
                if count > 0 && r.u32_le("statusCode")? & codec::IS_BAD == 0 {
                    by(keys::NODES_CHANGE, span, input, out);
                }
                Ok(())
            }
            (service::ADD_REFERENCES | service::DELETE_NODES | service::DELETE_REFERENCES, _) => {
                if any_good(&mut r)? {
                    by(keys::NODES_CHANGE, span, input, out);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// ReadRequest: who asks for who the server is identifies it, who asks for anything else reads.
    fn read_request(
        &mut self,
        span: Span,
        request: u32,
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        r.skip("maxAge, timestampsToReturn", 12)?;
        let question = Span { at: r.at(), len: r.left() };
        let (wanted, others) = self.nodes.read_request(&mut r)?;
        if others {
            out.reads(span, question);
        } else {
            out.act(Act::Identify, span);
        }
        if !wanted.is_empty() {
            self.nodes.asked(request, Awaited::Values(wanted.into()), out);
        }
        Ok(())
    }

    /// CallRequest. Methods of the server itself that change it are known by their numbers.
    fn call(
        &mut self,
        span: Span,
        request: u32,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (mut administers, mut is_own) = (false, false);
        for _ in 0..codec::capped(codec::count(&mut r, "methodsToCall")?) {
            NodeId::read(&mut r)?;
            let start = r.at();
            let method = NodeId::read(&mut r)?;
            let method_span = r.since(start);
            is_own |= method.namespace != 0;
            let found = ADMINISTRATION.iter().find(|(id, _)| Some(*id) == method.standard());
            if let Some((_, name)) = found {
                administers = true;
                attempt(name, method_span, input, out);
            }
            for _ in 0..codec::capped(codec::count(&mut r, "inputArguments")?) {
                Variant::read(&mut r)?.skip(&mut r, 0)?;
            }
        }
        // Other methods of OPC UA itself fetch something: monitored items, conditions.
        out.act(if administers || is_own { Act::Control } else { Act::Read }, span);
        if administers {
            self.nodes.asked(request, Awaited::Administration, out);
        }
        Ok(())
    }
}

/// What a request is for, of those that tell it by their service alone.
fn act(service: u16, span: Span, out: &mut Sink<'_>) {
    match service {
        service::WRITE
        | service::HISTORY_UPDATE
        | service::ADD_NODES
        | service::ADD_REFERENCES
        | service::DELETE_NODES
        | service::DELETE_REFERENCES => out.act(Act::Write, span),
        service::PUBLISH | service::CREATE_MONITORED_ITEMS | service::HISTORY_READ => {
            out.act(Act::Read, span);
        }
        service::GET_ENDPOINTS
        | service::FIND_SERVERS
        | service::FIND_SERVERS_ON_NETWORK
        | service::BROWSE
        | service::BROWSE_NEXT => out.act(Act::Identify, span),
        _ => {}
    }
}

/// Says what somebody tries to change, of the address that it was sent to.
fn attempt(what: &str, span: Span, input: &Input<'_>, out: &mut Sink<'_>) {
    let target = Subject::node(input.receiver());
    out.text(&target, keys::ATTEMPT, &format!("{what} by {}", input.sender().addr), span);
}

/// Says who had something done, of the server that answers.
fn by(key: crate::model::Key, span: Span, input: &Input<'_>, out: &mut Sink<'_>) {
    let server = Subject::node(input.sender());
    out.text(&server, key, &input.receiver().addr.to_string(), span);
}

/// Whether any of an array of status codes is good.
fn any_good(r: &mut Reader<'_>) -> Result<bool, Malformed> {
    for _ in 0..codec::capped(codec::count(r, "results")?) {
        if r.u32_le("StatusCode")? & codec::IS_BAD == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Methods that change the server itself: of its state, of its certificates and trust lists, of its users and roles, and of
/// programs (OPC 10000-5, OPC 10000-10, OPC 10000-12, OPC 10000-18; numbers of the file NodeIds.csv).
const ADMINISTRATION: &[(u32, &str)] = &[
    (2_426, "Start"),
    (2_427, "Suspend"),
    (2_428, "Resume"),
    (2_429, "Halt"),
    (2_430, "Reset"),
    (12_616, "UpdateCertificate"),
    (12_666, "TrustList CloseAndUpdate"),
    (12_670, "TrustList RemoveCertificate"),
    (12_740, "ApplyChanges"),
    (12_883, "RequestServerStateChange"),
    (12_886, "RequestServerStateChange"),
    (13_737, "UpdateCertificate"),
    (14_114, "TrustList CloseAndUpdate"),
    (14_119, "TrustList RemoveCertificate"),
    (14_148, "TrustList CloseAndUpdate"),
    (14_153, "TrustList RemoveCertificate"),
    (15_997, "AddRole"),
    (24_304, "AddUser"),
    (24_306, "ModifyUser"),
    (24_308, "RemoveUser"),
    (24_310, "ChangePassword"),
    (25_699, "ResetToServerDefaults"),
    (25_709, "ResetToServerDefaults"),
];
