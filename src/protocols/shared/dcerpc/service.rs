//! Which operations of which interfaces are read.

use crate::model::{Act, Key};
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::Ndr;
use crate::protocols::shared::dcerpc::pdu::SyntaxId;
use crate::protocols::shared::dcerpc::{
    Ends, endpoint_mapper, management, object_exporter, printing, registry, security_authority,
};
use crate::wire::{Malformed, Span};

/// An operation that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operation {
    /// \[C706\] appendix O: services and where they are.
    EptLookup,
    /// The same, one service.
    EptMap,
    /// \[MS-WKST\] section 3.2.4.1.
    NetrWkstaGetInfo,
    /// \[MS-SRVS\] section 3.1.4.17.
    NetrServerGetInfo,
    /// \[MS-LSAD\] sections 3.1.4.4.3 and 3.1.4.4.4.
    LsarQueryInformationPolicy,
    /// \[MS-RRP\] section 3.1.5.3.
    OpenLocalMachine,
    /// \[MS-RRP\] section 3.1.5.15.
    BaseRegOpenKey,
    /// \[MS-RRP\] section 3.1.5.5.
    BaseRegCloseKey,
    /// \[MS-RRP\] section 3.1.5.17.
    BaseRegQueryValue,
    /// \[MS-RRP\] section 3.1.5.11.
    BaseRegEnumValue,
    /// \[MS-DCOM\] section 3.1.2.5.1.6.
    ServerAlive2,
    /// \[MS-DCOM\] sections 3.1.2.5.1.1 and 3.1.2.5.1.5.
    ResolveOxid,
    /// \[MS-RPRN\] section 3.1.4.2.7.
    RpcGetPrinterData,
    /// \[MS-RPRN\] section 3.1.4.2.14.
    RpcOpenPrinterEx,
    /// \[MS-NRPC\] section 3.5.4.4.1.
    NetrServerReqChallenge,
    /// \[MS-NRPC\] section 3.5.4.3.1 and before.
    DsrGetDcName,
}

/// What a request asked for, as far as its answer needs it.
#[derive(Debug, Default)]
pub(super) enum Asked {
    /// The answer says enough itself.
    #[default]
    Nothing,
    /// A registry key, by its path.
    Path(Box<str>),
    /// Something that is said under this key.
    Key(Key),
}

impl Operation {
    /// The operation with this number of an interface; `None` when it is not read.
    pub(super) fn of(interface: &SyntaxId, number: u16) -> Option<Self> {
        let found = OPERATIONS.iter().find(|(uuid, major, opnum, _)| {
            *opnum == number && interface.major == *major && interface.uuid.as_u128() == *uuid
        });
        found.map(|(_, _, _, operation)| *operation)
    }

    /// Tells what a call is for. Opening and closing is for nothing itself.
    pub(super) fn tell(self, out: &mut Sink<'_>) {
        use Operation::*;
        let act = match self {
            EptLookup
            | EptMap
            | NetrWkstaGetInfo
            | NetrServerGetInfo
            | LsarQueryInformationPolicy
            | ServerAlive2
            | DsrGetDcName => Act::Identify,
            BaseRegQueryValue | BaseRegEnumValue | RpcGetPrinterData => Act::Read,
            OpenLocalMachine
            | BaseRegOpenKey
            | BaseRegCloseKey
            | ResolveOxid
            | RpcOpenPrinterEx
            | NetrServerReqChallenge => return,
        };
        out.act(act, OPERATION_NUMBER);
    }

    /// True when the request says something, or what its answer is about.
    pub(super) fn has_request(self) -> bool {
        use Operation::*;
        matches!(
            self,
            BaseRegOpenKey
                | BaseRegCloseKey
                | BaseRegQueryValue
                | BaseRegEnumValue
                | RpcGetPrinterData
                | RpcOpenPrinterEx
                | NetrServerReqChallenge
        )
    }

    /// Reads a request.
    pub(super) fn request(
        self,
        stub: Ndr<'_>,
        ends: &Ends,
        keys: &mut registry::Keys,
        out: &mut Sink<'_>,
    ) -> Result<Asked, Malformed> {
        match self {
            Self::BaseRegOpenKey => keys.open_request(stub),
            Self::BaseRegCloseKey => keys.close_request(stub),
            Self::BaseRegQueryValue => keys.query_request(stub),
            Self::BaseRegEnumValue => keys.enumerate_request(stub),
            Self::RpcGetPrinterData => printing::data_request(stub),
            Self::RpcOpenPrinterEx => printing::open_request(stub, ends, out),
            Self::NetrServerReqChallenge => security_authority::challenge_request(stub, ends, out),
            _ => Ok(Asked::Nothing),
        }
    }

    /// Reads an answer.
    pub(super) fn response(
        self,
        stub: Ndr<'_>,
        asked: &Asked,
        ends: &Ends,
        keys: &mut registry::Keys,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        match self {
            Self::EptLookup => endpoint_mapper::lookup(stub, &ends.server, out),
            Self::EptMap => endpoint_mapper::map(stub, &ends.server, out),
            Self::NetrWkstaGetInfo => management::workstation(stub, ends, out),
            Self::NetrServerGetInfo => management::server(stub, ends, out),
            Self::LsarQueryInformationPolicy => security_authority::policy(stub, ends, out),
            Self::OpenLocalMachine => keys.local_machine(stub),
            Self::BaseRegOpenKey => keys.opened(stub, asked),
            Self::BaseRegQueryValue => registry::queried(stub, asked, ends, out),
            Self::BaseRegEnumValue => registry::enumerated(stub, asked, ends, out),
            Self::ServerAlive2 => object_exporter::server_alive(stub, ends, out),
            Self::ResolveOxid => object_exporter::resolved(stub, ends, out),
            Self::RpcGetPrinterData => printing::data(stub, asked, ends, out),
            Self::DsrGetDcName => security_authority::domain_controller(stub, ends, out),
            Self::BaseRegCloseKey | Self::RpcOpenPrinterEx | Self::NetrServerReqChallenge => Ok(()),
        }
    }
}

/// Place of the operation's number in a request (\[C706\] section 12.6.4.9).
const OPERATION_NUMBER: Span = Span { at: 22, len: 2 };
/// Identifier of the endpoint mapper.
pub(super) const EPM: u128 = 0xe1af8308_5d1f_11c9_91a4_08002b14a0fa;
const WKSSVC: u128 = 0x6bffd098_a112_3610_9833_46c3f87e345a;
const SRVSVC: u128 = 0x4b324fc8_1670_01d3_1278_5a47bf6ee188;
const LSARPC: u128 = 0x12345778_1234_abcd_ef00_0123456789ab;
const WINREG: u128 = 0x338cd001_2244_31f1_aaaa_900038001003;
const OBJECT_EXPORTER: u128 = 0x99fcfec4_5260_101b_bbcb_00aa0021347a;
const SPOOLSS: u128 = 0x12345678_1234_abcd_ef00_0123456789ab;
const NETLOGON: u128 = 0x12345678_1234_abcd_ef00_01234567cffb;

/// Interface, its major version, operation number.
const OPERATIONS: &[(u128, u16, u16, Operation)] = &[
    (EPM, 3, 2, Operation::EptLookup),
    (EPM, 3, 3, Operation::EptMap),
    (WKSSVC, 1, 0, Operation::NetrWkstaGetInfo),
    (SRVSVC, 3, 21, Operation::NetrServerGetInfo),
    (LSARPC, 0, 7, Operation::LsarQueryInformationPolicy),
    (LSARPC, 0, 46, Operation::LsarQueryInformationPolicy),
    (WINREG, 1, 2, Operation::OpenLocalMachine),
    (WINREG, 1, 5, Operation::BaseRegCloseKey),
    (WINREG, 1, 10, Operation::BaseRegEnumValue),
    (WINREG, 1, 15, Operation::BaseRegOpenKey),
    (WINREG, 1, 17, Operation::BaseRegQueryValue),
    (OBJECT_EXPORTER, 0, 0, Operation::ResolveOxid),
    (OBJECT_EXPORTER, 0, 4, Operation::ResolveOxid),
    (OBJECT_EXPORTER, 0, 5, Operation::ServerAlive2),
    (SPOOLSS, 1, 26, Operation::RpcGetPrinterData),
    (SPOOLSS, 1, 69, Operation::RpcOpenPrinterEx),
    (NETLOGON, 1, 4, Operation::NetrServerReqChallenge),
    (NETLOGON, 1, 20, Operation::DsrGetDcName),
    (NETLOGON, 1, 27, Operation::DsrGetDcName),
    (NETLOGON, 1, 34, Operation::DsrGetDcName),
];
