//! Remote procedure calls over TCP, and the endpoint mapper over UDP.
//!
//! What is read, and how the messages look, is told at [`shared::dcerpc`](crate::protocols::shared::dcerpc), which named
//! pipes share. Here are the ports: 135, where the endpoint mapper and the object exporter answer, and any other port by
//! its first bytes; and the connectionless form, which PROFINET devices use ([`connectionless`]).

mod connectionless;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::DCERPC_ANSWER_BYTES_MAX;
use crate::protocols::shared::dcerpc::{self, Association, Carrier};
use crate::protocols::shared::{kerberos, ntlmssp};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dcerpc",
    spec: "The Open Group C706 (1997), [MS-RPCE]; [MS-DCOM], [MS-LSAD], [MS-NRPC], [MS-RPRN], [MS-RRP], [MS-SRVS], [MS-WKST]",
    attach: &[Attach::Tcp(135), Attach::Udp(135), Attach::Udp(34_964)],
    keys: &[
        dcerpc::ACCOUNT_DOMAIN_NAME,
        dcerpc::ACCOUNT_DOMAIN_SID,
        dcerpc::ANNOTATION,
        dcerpc::BIOS_VERSION,
        dcerpc::BUILD_LAB_EX,
        dcerpc::COM_VERSION,
        dcerpc::COMMENT,
        dcerpc::COMPUTER_NAME,
        dcerpc::CSD_VERSION,
        dcerpc::CURRENT_BUILD,
        dcerpc::CURRENT_VERSION,
        dcerpc::DISPLAY_VERSION,
        dcerpc::DNS_DOMAIN_NAME,
        dcerpc::DNS_FOREST_NAME,
        dcerpc::DNS_HOST_NAME,
        dcerpc::DOMAIN_CONTROLLER,
        dcerpc::DOMAIN_NAME,
        dcerpc::DOMAIN_SID,
        dcerpc::EDITION_ID,
        dcerpc::ENDPOINT,
        dcerpc::HOST_NAME,
        dcerpc::INSTALLATION_TYPE,
        dcerpc::INTERFACE,
        dcerpc::MECHANISM,
        dcerpc::NETWORK_ADDRESS,
        dcerpc::OS_VERSION,
        dcerpc::OS_VERSION_INFO,
        dcerpc::PLATFORM_ID,
        dcerpc::PRODUCT_NAME,
        dcerpc::PRODUCT_TYPE,
        dcerpc::RELEASE_ID,
        dcerpc::SEALED,
        dcerpc::SERVER_TYPE,
        dcerpc::SYSTEM_MANUFACTURER,
        dcerpc::SYSTEM_PRODUCT_NAME,
        dcerpc::UBR,
        kerberos::ENCRYPTION_TYPE,
        kerberos::MACHINE_ACCOUNT,
        kerberos::REALM,
        kerberos::SERVER_PRINCIPAL,
        ntlmssp::DNS_COMPUTER_NAME,
        ntlmssp::DNS_DOMAIN_NAME,
        ntlmssp::DNS_TREE_NAME,
        ntlmssp::DOMAIN,
        ntlmssp::MACHINE_ACCOUNT,
        ntlmssp::NETBIOS_COMPUTER_NAME,
        ntlmssp::NETBIOS_DOMAIN_NAME,
        ntlmssp::REVISION,
        ntlmssp::SERVICE_PRINCIPAL,
        ntlmssp::TARGET_NAME,
        ntlmssp::VERSION,
        ntlmssp::WORKSTATION,
    ],
    probe,
    start: || Box::new(Conversation::default()),
};

/// One connection, or the datagrams between two ports.
#[derive(Default)]
struct Conversation {
    association: Association,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if matches!(input.flow.attach, Attach::Udp(_)) {
            return connectionless::read(input, out);
        }
        self.association.read(input, &CARRIER, out)
    }

    fn gap(&mut self, _direction: Direction) {
        self.association.gap();
    }
}

fn probe(bytes: &[u8]) -> Probe {
    match bytes.first() {
        Some(&connectionless::VERSION) => connectionless::probe(bytes),
        _ => dcerpc::probe(bytes),
    }
}

const CARRIER: Carrier = Carrier {
    bytes_max: DCERPC_ANSWER_BYTES_MAX,
    sealed: "dcerpc.encrypted_calls",
    too_long: "dcerpc.answers_too_long",
};

#[cfg(test)]
mod tests;
