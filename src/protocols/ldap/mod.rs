//! Lightweight Directory Access Protocol: which directory serves here, what domain it holds, and who binds to it.
//!
//! Reads the messages of RFC 4511 over TCP, and over UDP as \[MS-ADTS\] section 3.1.1.3.1.3 does: binds with their SASL
//! and Sicily tokens (\[MS-ADTS\] section 5.1.1.1), the root entry of the directory ([`root`]), and the domain
//! controller's answer to a ping ([`netlogon`]). Skips all other entries and operations by their length, without
//! waiting for them. Never keeps names of people, their passwords, or tokens. What is sealed or encrypted ends it.
//!
//! ```text
//!   30 LDAPMessage
//!      02 messageID
//!      60 bindRequest      02 version  04 name  { 80 simple | A3 { 04 mechanism 04 credentials } | 89 8A 8B Sicily }
//!      61 bindResponse     0A resultCode  04 matchedDN  04 diagnosticMessage  A3 referral  87 serverSaslCreds
//!      63 searchRequest    04 baseObject  0A scope  0A derefAliases  02 02 limits  01 typesOnly  filter  30 attributes
//!      64 searchResEntry   04 objectName  30 { 30 { 04 type  31 { 04 value ... } } ... }
//! ```
//!
//! The depth is that of the drawing: nothing here calls itself, and of filters only one level is read.

mod bind;
mod netlogon;
mod ping;
mod root;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::LDAP_MESSAGE_BYTES_MAX;
use crate::model::{Act, Key, Subject};
use crate::protocols::shared::{ber, kerberos, ntlmssp};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ldap",
    spec: "RFC 4511 (2006), RFC 4512 and RFC 3045; [MS-ADTS] sections 3.1.1.3.2, 5.1.1.1 and 6.3; RFC 4178, [MS-NLMP]",
    attach: &[Attach::Tcp(389), Attach::Tcp(3268), Attach::Udp(389)],
    keys: &[
        &[
            AUTHENTICATION,
            CLIENT_SITE_NAME,
            DC_SITE_NAME,
            DEFAULT_NAMING_CONTEXT,
            DIAGNOSTIC_BUILD,
            DNS_DOMAIN_NAME,
            DNS_FOREST_NAME,
            DNS_HOST_NAME,
            DOMAIN_CONTROLLER_FUNCTIONALITY,
            DOMAIN_FUNCTIONALITY,
            DOMAIN_GUID,
            FOREST_FUNCTIONALITY,
            HOST,
            LDAP_SERVICE_NAME,
            MECHANISM,
            NAMING_CONTEXT,
            NETBIOS_COMPUTER_NAME,
            NETBIOS_DOMAIN_NAME,
            NETLOGON_FLAGS,
            OBJECT_CLASS,
            REQUESTED_DOMAIN,
            ROOT_DOMAIN_NAMING_CONTEXT,
            SASL_MECHANISM,
            SERVER_NAME,
            SUPPORTED_CAPABILITY,
            VENDOR_NAME,
            VENDOR_VERSION,
        ],
        ntlmssp::KEYS,
        kerberos::KEYS,
    ],
    probe,
    start: || Box::new(Conversation::default()),
};

/// How a client shows who it is: `anonymous`, `unauthenticated`, `simple` (its password is in the clear), `SASL` or
/// `Sicily`.
const AUTHENTICATION: Key = Key::several("ldap.authentication");
/// Site that the domain controller counts this client to.
const CLIENT_SITE_NAME: Key = Key::several("ldap.client_site_name");
/// Site of a domain controller.
const DC_SITE_NAME: Key = Key::one("ldap.dc_site_name");
/// Distinguished name of the server's domain.
const DEFAULT_NAMING_CONTEXT: Key = Key::one("ldap.default_naming_context");
/// Build number that Active Directory writes behind its error texts. Samba writes that of Windows Server 2008 R2.
const DIAGNOSTIC_BUILD: Key = Key::one("ldap.diagnostic_build");
/// Domain of a domain controller.
const DNS_DOMAIN_NAME: Key = Key::one("ldap.dns_domain_name");
/// Forest of a domain controller.
const DNS_FOREST_NAME: Key = Key::one("ldap.dns_forest_name");
/// Fully qualified name of the server.
const DNS_HOST_NAME: Key = Key::one("ldap.dns_host_name");
/// Highest functional level that a domain controller can work at: not below this is its version.
const DOMAIN_CONTROLLER_FUNCTIONALITY: Key = Key::one("ldap.domain_controller_functionality");
/// Functional level of the domain.
const DOMAIN_FUNCTIONALITY: Key = Key::one("ldap.domain_functionality");
/// Identifier of the domain.
const DOMAIN_GUID: Key = Key::one("ldap.domain_guid");
/// Functional level of the forest.
const FOREST_FUNCTIONALITY: Key = Key::one("ldap.forest_functionality");
/// Name that a client gives itself when it looks for a domain controller.
const HOST: Key = Key::one("ldap.host");
/// Forest, account and realm of a domain controller: `plant.example:dc01$@PLANT.EXAMPLE`.
const LDAP_SERVICE_NAME: Key = Key::one("ldap.ldap_service_name");
/// Mechanisms that a token of this node named.
const MECHANISM: Key = Key::several("ldap.mechanism");
/// Distinguished names of the trees that the server holds.
const NAMING_CONTEXT: Key = Key::several("ldap.naming_context");
/// NetBIOS name of a domain controller.
const NETBIOS_COMPUTER_NAME: Key = Key::one("ldap.netbios_computer_name");
/// NetBIOS name of its domain.
const NETBIOS_DOMAIN_NAME: Key = Key::one("ldap.netbios_domain_name");
/// What a domain controller is and does (\[MS-ADTS\] section 6.3.1.2). One bit depends on who asks, hence several.
const NETLOGON_FLAGS: Key = Key::several("ldap.netlogon_flags");
/// Object classes of the root entry; OpenLDAP's have its name.
const OBJECT_CLASS: Key = Key::several("ldap.object_class");
/// Domains whose controllers a client looks for.
const REQUESTED_DOMAIN: Key = Key::several("ldap.requested_domain");
/// Distinguished name of the first domain of the forest.
const ROOT_DOMAIN_NAMING_CONTEXT: Key = Key::one("ldap.root_domain_naming_context");
/// SASL mechanisms that a server offers, or a client used.
const SASL_MECHANISM: Key = Key::several("ldap.sasl_mechanism");
/// Distinguished name of a domain controller's object, its site included.
const SERVER_NAME: Key = Key::one("ldap.server_name");
/// Object identifiers of what an Active Directory server can do.
const SUPPORTED_CAPABILITY: Key = Key::several("ldap.supported_capability");
/// Maker of the server.
const VENDOR_NAME: Key = Key::one("ldap.vendor_name");
/// Version of the server, in its maker's words.
const VENDOR_VERSION: Key = Key::one("ldap.vendor_version");

/// One connection, or the datagrams between two ports.
#[derive(Default)]
struct Conversation {
    /// The bind begun last uses tokens that can be read.
    tokens: bool,
    /// A bind may end in messages that are sealed.
    may_seal: bool,
    /// TLS was asked for.
    may_encrypt: bool,
}

/// The nodes at both ends. The operation tells which is which.
struct Ends {
    client: Subject,
    server: Subject,
}

impl Ends {
    fn of(input: &Input<'_>, operation: u8) -> Self {
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        if is_response(operation) {
            Self { client: receiver, server: sender }
        } else {
            Self { client: sender, server: receiver }
        }
    }
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(0);
        match input.bytes.first() {
            // A length of four bytes before each message (RFC 4422 section 3.7): none is so long that it is not 0.
            Some(0x00) if self.may_seal => {
                out.count("ldap.sealed_conversations");
                return Step::Done;
            }
            Some(&TLS_HANDSHAKE) if self.may_encrypt => {
                out.count("ldap.encrypted_conversations");
                return Step::Done;
            }
            _ => {}
        }
        let message = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(malformed) if input.whole => {
                out.damaged(malformed);
                return Step::Used(input.bytes.len().max(1));
            }
            Err(_) => return Step::Need(input.bytes.len().saturating_add(1)),
        };
        out.prove_with(message.operation_at.saturating_add(1));
        if !self.is_wanted(&message) {
            message.tell(out);
            return Step::Used(message.end);
        }
        if message.end > LDAP_MESSAGE_BYTES_MAX {
            out.count("ldap.messages_too_long");
            message.tell(out);
            return Step::Used(message.end);
        }
        if message.end > input.bytes.len() && !input.whole {
            return Step::Need(message.end);
        }
        message.tell(out);
        let whole = Reader::new(input.bytes).ahead("protocolOp", message.operation_at);
        let read = whole.and_then(|mut rest| {
            let operation = ber::element(&mut rest, "protocolOp")?;
            self.operation(operation, &Ends::of(input, message.operation), out)
        });
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(message.end)
    }

    fn gap(&mut self, _direction: Direction) {
        // What was missed may have been the end of a bind.
        (self.may_seal, self.may_encrypt) = (true, true);
    }
}

impl Conversation {
    fn is_wanted(&self, message: &Head) -> bool {
        match message.operation {
            BIND_REQUEST | BIND_RESPONSE | EXTENDED_REQUEST => true,
            SEARCH_REQUEST | SEARCH_RESULT_ENTRY => message.names_root,
            operation => is_result(operation) && message.operation_bytes > RESULT_BYTES_MIN,
        }
    }

    fn operation(
        &mut self,
        mut operation: ber::Element<'_>,
        ends: &Ends,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        match operation.tag {
            BIND_REQUEST => {
                let bind = bind::request(operation.body, ends, out)?;
                self.tokens = bind.tokens;
                self.may_seal |= bind.may_seal;
                Ok(())
            }
            BIND_RESPONSE => bind::response(operation.body, self.tokens, ends, out),
            SEARCH_REQUEST => ping::read(operation.body, &ends.client, out),
            SEARCH_RESULT_ENTRY => {
                ber::expect(&mut operation.body, ber::OCTET_STRING, "objectName")?;
                root::read(operation.body, ends, out)
            }
            EXTENDED_REQUEST => {
                let name = ber::expect(&mut operation.body, REQUEST_NAME, "requestName")?;
                self.may_encrypt |= name.peek() == START_TLS;
                Ok(())
            }
            _ => bind::result(&mut operation.body, &ends.server, out).map(|_| ()),
        }
    }
}

/// What is known of a message from its first bytes.
struct Head {
    operation: u8,
    /// Offset of the operation's tag.
    operation_at: usize,
    /// Bytes of its contents.
    operation_bytes: usize,
    /// The first field of the contents is an empty name: that of the root.
    names_root: bool,
    /// Offset of the byte behind the message.
    end: usize,
}

impl Head {
    /// Fails as too short while there are too few bytes, and as impossible when no more bytes can help.
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.u8("LDAPMessage")? != ber::SEQUENCE {
            return Err(reader.impossible("LDAPMessage"));
        }
        let length = ber::length(&mut reader, "LDAPMessage")?;
        let end = reader.at().saturating_add(length);
        if reader.u8("messageID")? != ber::INTEGER {
            return Err(reader.impossible("messageID"));
        }
        let id_bytes = ber::length(&mut reader, "messageID")?;
        if !(1..=5).contains(&id_bytes) {
            return Err(reader.impossible("messageID"));
        }
        reader.skip("messageID", id_bytes)?;
        let operation_at = reader.at();
        let operation = reader.u8("protocolOp")?;
        let operation_bytes = ber::length(&mut reader, "protocolOp")?;
        if !is_operation(operation) || reader.at().saturating_add(operation_bytes) > end {
            return Err(reader.impossible("protocolOp"));
        }
        let first = reader.sub("protocolOp", operation_bytes.min(NAME_HEAD_BYTES))?;
        let names_root = first.peek() == [ber::OCTET_STRING, 0];
        Ok(Self { operation, operation_at, operation_bytes, names_root, end })
    }

    /// Tells what a request is for. The root entry says what the directory is; all others are its contents.
    fn tell(&self, out: &mut Sink<'_>) {
        let act = match self.operation {
            SEARCH_REQUEST if self.names_root => Act::Identify,
            SEARCH_REQUEST | COMPARE_REQUEST => Act::Read,
            MODIFY_REQUEST | ADD_REQUEST | DELETE_REQUEST | MODIFY_NAME_REQUEST => Act::Write,
            _ => return,
        };
        out.act(act, Span { at: self.operation_at, len: 1 });
    }
}

/// Sure where the first fields of the operation fit as well: other protocols begin with such a sequence, too.
fn probe(bytes: &[u8]) -> Probe {
    let head = match Head::read(bytes) {
        Ok(head) => head,
        Err(malformed) if malformed.need == malformed.have => return Probe::No,
        Err(_) => return Probe::More,
    };
    let operation = Reader::new(bytes).ahead("protocolOp", head.operation_at);
    let contents = operation.and_then(|mut rest| {
        rest.u8("protocolOp")?;
        ber::length(&mut rest, "protocolOp")?;
        Ok(rest)
    });
    let Ok(contents) = contents else { return Probe::No };
    match (head.operation, contents.peek()) {
        (BIND_REQUEST, [ber::INTEGER, 1, 2 | 3, ber::OCTET_STRING, ..]) => Probe::Yes,
        (BIND_REQUEST, [ber::INTEGER, 1, 2 | 3] | [ber::INTEGER, 1] | [ber::INTEGER]) => {
            Probe::More
        }
        (BIND_REQUEST, _) => Probe::No,
        (operation, [ber::ENUMERATED, 1, _, ber::OCTET_STRING, ..]) if is_result(operation) => {
            Probe::Yes
        }
        (operation, [ber::ENUMERATED, ..]) if is_result(operation) => Probe::Maybe,
        (operation, _) if is_result(operation) => Probe::No,
        _ => Probe::Maybe,
    }
}

/// Operations of RFC 4511 section 4.2 to 4.14.
fn is_operation(tag: u8) -> bool {
    matches!(tag, 0x42 | 0x4a | 0x50 | 0x60..=0x69 | 0x6b..=0x6f | 0x73 | 0x77..=0x79)
}

fn is_response(tag: u8) -> bool {
    is_result(tag) || matches!(tag, SEARCH_RESULT_ENTRY | 0x73 | 0x79)
}

/// Operations that begin with an LDAPResult.
fn is_result(tag: u8) -> bool {
    matches!(tag, BIND_RESPONSE | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78)
}

const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_RESULT_ENTRY: u8 = 0x64;
const MODIFY_REQUEST: u8 = 0x66;
const ADD_REQUEST: u8 = 0x68;
const DELETE_REQUEST: u8 = 0x4a;
const MODIFY_NAME_REQUEST: u8 = 0x6c;
const COMPARE_REQUEST: u8 = 0x6e;
const EXTENDED_REQUEST: u8 = 0x77;
const REQUEST_NAME: u8 = 0x80;

/// The request to go on in TLS (RFC 4511 section 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes of a result that has no text: a code and two empty strings.
const RESULT_BYTES_MIN: usize = 7;
/// Tag and length of the name at the start of an operation.
const NAME_HEAD_BYTES: usize = 2;

#[cfg(test)]
mod tests;
