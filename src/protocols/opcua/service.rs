//! Which service a message asks for or answers (OPC 10000-4), and the heads that all of them have.

use crate::protocols::opcua::codec::{self, NodeId};
use crate::wire::{Malformed, Reader, Span};

/// A service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Service {
    /// Name of it.
    pub(super) name: &'static str,
    /// Number of the encoding of its request.
    pub(super) request: u16,
    response: u16,
    /// Place in the table.
    pub(super) at: usize,
}

/// What the front of a message tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Front {
    pub(super) service: Service,
    pub(super) is_request: bool,
    /// Where the number of the type stands.
    pub(super) span: Span,
}

impl Front {
    /// Reads the type of a message. `None` when it is no service: then it may be encrypted.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        let start = r.at();
        if r.peek().first() != Some(&FOUR_BYTES) && r.peek().first() != Some(&NUMERIC) {
            return Ok(None);
        }
        let number = NodeId::read(r)?.standard().and_then(|number| u16::try_from(number).ok());
        let span = r.since(start);
        let Some(number) = number else { return Ok(None) };
        let found = SERVICES
            .iter()
            .enumerate()
            .find(|(_, (request, response, _))| *request == number || *response == number);
        Ok(found.map(|(at, (request, response, name))| Self {
            service: Service { name, request: *request, response: *response, at },
            is_request: *request == number && *response != number,
            span,
        }))
    }
}

/// Passes over the head of a request. The authentication token in it is a secret.
pub(super) fn skip_request_header(r: &mut Reader<'_>) -> Result<(), Malformed> {
    NodeId::read(r)?;
    r.skip("timestamp, requestHandle, returnDiagnostics", 16)?;
    codec::text(r, "auditEntryId")?;
    r.skip("timeoutHint", 4)?;
    codec::extension(r).map(|_| ())
}

/// Reads the result in the head of a response, and where it stands.
pub(super) fn result(r: &mut Reader<'_>) -> Result<(u32, Span), Malformed> {
    r.skip("timestamp, requestHandle", 12)?;
    let start = r.at();
    let result = r.u32_le("serviceResult")?;
    Ok((result, r.since(start)))
}

/// Passes over what stands behind the result in the head of a response.
pub(super) fn skip_response_header(r: &mut Reader<'_>) -> Result<(), Malformed> {
    codec::skip_diagnostics(r)?;
    codec::skip_texts(r, "stringTable")?;
    codec::extension(r).map(|_| ())
}

/// A status code with its name.
pub(super) fn status(code: u32) -> String {
    let code = code & STATUS;
    match STATUS_NAMES.iter().find(|(number, _)| *number == code) {
        Some((_, name)) => format!("{name} ({code:#010x})"),
        None => format!("{code:#010x}"),
    }
}

/// Bytes behind the type that the result of a response needs.
pub(super) const RESULT_END: usize = 16;
/// Bytes of the longest type of a service.
pub(super) const TYPE_BYTES: usize = 7;

pub(super) const FIND_SERVERS: u16 = 422;
pub(super) const GET_ENDPOINTS: u16 = 428;
pub(super) const REGISTER_SERVER: u16 = 437;
pub(super) const REGISTER_SERVER_2: u16 = 12_211;
pub(super) const FIND_SERVERS_ON_NETWORK: u16 = 12_208;
pub(super) const CREATE_SESSION: u16 = 461;
pub(super) const ACTIVATE_SESSION: u16 = 467;
pub(super) const ADD_NODES: u16 = 488;
pub(super) const ADD_REFERENCES: u16 = 494;
pub(super) const DELETE_NODES: u16 = 500;
pub(super) const DELETE_REFERENCES: u16 = 506;
pub(super) const BROWSE: u16 = 527;
pub(super) const BROWSE_NEXT: u16 = 533;
pub(super) const TRANSLATE_BROWSE_PATHS: u16 = 554;
pub(super) const READ: u16 = 631;
pub(super) const HISTORY_READ: u16 = 664;
pub(super) const WRITE: u16 = 673;
pub(super) const HISTORY_UPDATE: u16 = 700;
pub(super) const CALL: u16 = 712;
pub(super) const CREATE_MONITORED_ITEMS: u16 = 751;
pub(super) const PUBLISH: u16 = 826;
/// Of the answer to any request.
pub(super) const SERVICE_FAULT: u16 = 397;

/// Numbers of the binary encodings of request and response (OPC 10000-6, annex A; the file NodeIds.csv).
const SERVICES: &[(u16, u16, &str)] = &[
    (READ, 634, "Read"),
    (PUBLISH, 829, "Publish"),
    (WRITE, 676, "Write"),
    (CALL, 715, "Call"),
    (SERVICE_FAULT, SERVICE_FAULT, "ServiceFault"),
    (FIND_SERVERS, 425, "FindServers"),
    (GET_ENDPOINTS, 431, "GetEndpoints"),
    (REGISTER_SERVER, 440, "RegisterServer"),
    (446, 449, "OpenSecureChannel"),
    (452, 455, "CloseSecureChannel"),
    (CREATE_SESSION, 464, "CreateSession"),
    (ACTIVATE_SESSION, 470, "ActivateSession"),
    (473, 476, "CloseSession"),
    (479, 482, "Cancel"),
    (ADD_NODES, 491, "AddNodes"),
    (ADD_REFERENCES, 497, "AddReferences"),
    (DELETE_NODES, 503, "DeleteNodes"),
    (DELETE_REFERENCES, 509, "DeleteReferences"),
    (BROWSE, 530, "Browse"),
    (BROWSE_NEXT, 536, "BrowseNext"),
    (TRANSLATE_BROWSE_PATHS, 557, "TranslateBrowsePathsToNodeIds"),
    (560, 563, "RegisterNodes"),
    (566, 569, "UnregisterNodes"),
    (615, 618, "QueryFirst"),
    (621, 624, "QueryNext"),
    (HISTORY_READ, 667, "HistoryRead"),
    (HISTORY_UPDATE, 703, "HistoryUpdate"),
    (CREATE_MONITORED_ITEMS, 754, "CreateMonitoredItems"),
    (763, 766, "ModifyMonitoredItems"),
    (769, 772, "SetMonitoringMode"),
    (775, 778, "SetTriggering"),
    (781, 784, "DeleteMonitoredItems"),
    (787, 790, "CreateSubscription"),
    (793, 796, "ModifySubscription"),
    (799, 802, "SetPublishingMode"),
    (832, 835, "Republish"),
    (841, 844, "TransferSubscriptions"),
    (847, 850, "DeleteSubscriptions"),
    (FIND_SERVERS_ON_NETWORK, 12_209, "FindServersOnNetwork"),
    (REGISTER_SERVER_2, 12_212, "RegisterServer2"),
];

/// Those that tell who may do what, and what is not there (OPC 10000-6, annex A; the file StatusCode.csv).
const STATUS_NAMES: &[(u32, &str)] = &[
    (0x8002_0000, "BadInternalError"),
    (0x8005_0000, "BadCommunicationError"),
    (0x800a_0000, "BadTimeout"),
    (0x800b_0000, "BadServiceUnsupported"),
    (0x800d_0000, "BadServerNotConnected"),
    (0x8012_0000, "BadCertificateInvalid"),
    (0x8013_0000, "BadSecurityChecksFailed"),
    (0x8014_0000, "BadCertificateTimeInvalid"),
    (0x8016_0000, "BadCertificateHostNameInvalid"),
    (0x8017_0000, "BadCertificateUriInvalid"),
    (0x801a_0000, "BadCertificateUntrusted"),
    (0x801f_0000, "BadUserAccessDenied"),
    (0x8020_0000, "BadIdentityTokenInvalid"),
    (0x8021_0000, "BadIdentityTokenRejected"),
    (0x8022_0000, "BadSecureChannelIdInvalid"),
    (0x8025_0000, "BadSessionIdInvalid"),
    (0x8026_0000, "BadSessionClosed"),
    (0x8027_0000, "BadSessionNotActivated"),
    (0x8028_0000, "BadSubscriptionIdInvalid"),
    (0x8034_0000, "BadNodeIdUnknown"),
    (0x8054_0000, "BadSecurityModeRejected"),
    (0x8055_0000, "BadSecurityPolicyRejected"),
    (0x8056_0000, "BadTooManySessions"),
    (0x8079_0000, "BadNoSubscription"),
    (0x807d_0000, "BadTcpServerTooBusy"),
    (0x807e_0000, "BadTcpMessageTypeInvalid"),
    (0x807f_0000, "BadTcpSecureChannelUnknown"),
    (0x8080_0000, "BadTcpMessageTooLarge"),
    (0x8082_0000, "BadTcpInternalError"),
    (0x8083_0000, "BadTcpEndpointUrlInvalid"),
    (0x80ac_0000, "BadConnectionRejected"),
];

/// Bits of a status code that are its number.
const STATUS: u32 = 0xffff_0000;
const FOUR_BYTES: u8 = 1;
const NUMERIC: u8 = 2;
