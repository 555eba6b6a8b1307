//! Everything that OPC UA can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("opcua.role");
/// Services that a client asks for, and that a server answers: `Read`.
pub(super) const SERVICE: Key = Key::several("opcua.service");
/// What went wrong, with its status code: `CreateSession: BadSecurityChecksFailed (0x80130000)`.
pub(super) const ERROR: Key = Key::several("opcua.error");

/// URL by which a client asks for a server.
pub(super) const REQUESTED_URL: Key = Key::several("opcua.requested_url");
/// URL that a server gives for an endpoint of its own.
pub(super) const ENDPOINT_URL: Key = Key::several("opcua.endpoint_url");
/// Mode and policy that a server offers together: `SignAndEncrypt Basic256Sha256`.
pub(super) const ENDPOINT_SECURITY: Key = Key::several("opcua.endpoint_security");
/// Security policy of an endpoint that a server offers, as a URI.
pub(super) const SECURITY_POLICY: Key = Key::several("opcua.security_policy");
/// How users may prove who they are: `Anonymous`, `UserName`, `Certificate`, `IssuedToken`.
pub(super) const USER_TOKEN_TYPE: Key = Key::several("opcua.user_token_type");
/// Security policy of a channel that a node opened or accepted, as a URI.
pub(super) const CHANNEL_POLICY: Key = Key::several("opcua.channel_policy");
/// Mode of a channel that a node spoke on: `None`, `Sign`, `SignAndEncrypt`. Of the last nothing can be read.
pub(super) const CHANNEL_MODE: Key = Key::several("opcua.channel_mode");
/// How users of a server proved who they are: `anonymous`, `user name token`, `user name token in the clear` where the
/// password is not encrypted either, `X.509 token`, `issued token`. The names are not kept.
pub(super) const IDENTITY_TOKEN: Key = Key::several("opcua.identity_token");
/// SHA-1 of the certificate of a node, by which the other end names it.
pub(super) const CERTIFICATE_THUMBPRINT: Key = Key::several("opcua.certificate_thumbprint");
/// Bytes of a certificate that a node showed, with those of its issuers when they follow.
pub(super) const CERTIFICATE_BYTES: Key = Key::several("opcua.certificate_bytes");

/// URI of an instance of an application: `urn:PLC-7:Siemens:SIMATIC.S7-1500.OPC-UA.Application:PLC_1`.
pub(super) const APPLICATION_URI: Key = Key::several("opcua.application_uri");
/// URI of the product that it is.
pub(super) const PRODUCT_URI: Key = Key::several("opcua.product_uri");
/// Name of it.
pub(super) const APPLICATION_NAME: Key = Key::several("opcua.application_name");
/// `Server`, `Client`, `ClientAndServer`, `DiscoveryServer`.
pub(super) const APPLICATION_TYPE: Key = Key::several("opcua.application_type");
/// URL by which it can be found.
pub(super) const DISCOVERY_URL: Key = Key::several("opcua.discovery_url");
/// URI of the gateway behind which it stands.
pub(super) const GATEWAY_SERVER_URI: Key = Key::several("opcua.gateway_server_uri");
/// Name of a session that a client opened.
pub(super) const SESSION_NAME: Key = Key::several("opcua.session_name");

/// URI of an application that a discovery server knows; it may run elsewhere.
pub(super) const LISTED_APPLICATION_URI: Key = Key::several("opcua.listed_application_uri");
/// URI of the product that it is.
pub(super) const LISTED_PRODUCT_URI: Key = Key::several("opcua.listed_product_uri");
/// Name of it.
pub(super) const LISTED_APPLICATION_NAME: Key = Key::several("opcua.listed_application_name");
/// Type of it.
pub(super) const LISTED_APPLICATION_TYPE: Key = Key::several("opcua.listed_application_type");
/// URL by which it can be found.
pub(super) const LISTED_DISCOVERY_URL: Key = Key::several("opcua.listed_discovery_url");

/// BuildInfo of the server: URI of the product.
pub(super) const BUILD_PRODUCT_URI: Key = Key::one("opcua.build_product_uri");
/// BuildInfo: who made the software.
pub(super) const MANUFACTURER_NAME: Key = Key::one("opcua.manufacturer_name");
/// BuildInfo: name of the software.
pub(super) const PRODUCT_NAME: Key = Key::one("opcua.product_name");
/// BuildInfo: version of the software.
pub(super) const SOFTWARE_VERSION: Key = Key::one("opcua.software_version");
/// BuildInfo: number of the build.
pub(super) const BUILD_NUMBER: Key = Key::one("opcua.build_number");
/// BuildInfo: when it was built.
pub(super) const BUILD_DATE: Key = Key::one("opcua.build_date");
/// State of the server: `Running`, `Failed`, `NoConfiguration`, `Suspended`, `Shutdown`, `Test`, `CommunicationFault`.
pub(super) const SERVER_STATE: Key = Key::one("opcua.server_state");
/// Namespaces of the server's nodes.
pub(super) const NAMESPACE: Key = Key::several("opcua.namespace");

/// Manufacturer of a device that the server represents (OPC 10000-100, vendor nameplate). A server can represent many.
pub(super) const MANUFACTURER: Key = Key::several("opcua.manufacturer");
/// URI of the manufacturer.
pub(super) const MANUFACTURER_URI: Key = Key::several("opcua.manufacturer_uri");
/// Model of a device.
pub(super) const MODEL: Key = Key::several("opcua.model");
/// Serial number of a device.
pub(super) const SERIAL_NUMBER: Key = Key::several("opcua.serial_number");
/// Revision of a device's hardware.
pub(super) const HARDWARE_REVISION: Key = Key::several("opcua.hardware_revision");
/// Revision of a device's software.
pub(super) const SOFTWARE_REVISION: Key = Key::several("opcua.software_revision");
/// Revision of a device as a whole.
pub(super) const DEVICE_REVISION: Key = Key::several("opcua.device_revision");
/// Class of a device.
pub(super) const DEVICE_CLASS: Key = Key::several("opcua.device_class");
/// Product code of a device.
pub(super) const PRODUCT_CODE: Key = Key::several("opcua.product_code");
/// Order number of a device, which servers of Siemens and others have beside the nameplate.
pub(super) const ORDER_NUMBER: Key = Key::several("opcua.order_number");
/// URI of the instance of a device.
pub(super) const PRODUCT_INSTANCE_URI: Key = Key::several("opcua.product_instance_uri");
/// What the users of a device call it.
pub(super) const ASSET_ID: Key = Key::several("opcua.asset_id");
/// What the users of a device call the part that it is.
pub(super) const COMPONENT_NAME: Key = Key::several("opcua.component_name");

/// Addresses that wrote variables or attributes.
pub(super) const WRITER: Key = Key::several("opcua.writer");
/// Addresses that called methods.
pub(super) const CALLER: Key = Key::several("opcua.caller");
/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("opcua.attempt");
/// Nodes or references were added or deleted: by which address.
pub(super) const NODES_CHANGE: Key = Key::event("opcua.nodes_change");
/// State of the server, its certificate, its trust list or its users were changed, or a program started or stopped: by
/// which address.
pub(super) const ADMINISTRATION: Key = Key::event("opcua.administration");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    SERVICE,
    ERROR,
    REQUESTED_URL,
    ENDPOINT_URL,
    ENDPOINT_SECURITY,
    SECURITY_POLICY,
    USER_TOKEN_TYPE,
    CHANNEL_POLICY,
    CHANNEL_MODE,
    IDENTITY_TOKEN,
    CERTIFICATE_THUMBPRINT,
    CERTIFICATE_BYTES,
    APPLICATION_URI,
    PRODUCT_URI,
    APPLICATION_NAME,
    APPLICATION_TYPE,
    DISCOVERY_URL,
    GATEWAY_SERVER_URI,
    SESSION_NAME,
    LISTED_APPLICATION_URI,
    LISTED_PRODUCT_URI,
    LISTED_APPLICATION_NAME,
    LISTED_APPLICATION_TYPE,
    LISTED_DISCOVERY_URL,
    BUILD_PRODUCT_URI,
    MANUFACTURER_NAME,
    PRODUCT_NAME,
    SOFTWARE_VERSION,
    BUILD_NUMBER,
    BUILD_DATE,
    SERVER_STATE,
    NAMESPACE,
    MANUFACTURER,
    MANUFACTURER_URI,
    MODEL,
    SERIAL_NUMBER,
    HARDWARE_REVISION,
    SOFTWARE_REVISION,
    DEVICE_REVISION,
    DEVICE_CLASS,
    PRODUCT_CODE,
    ORDER_NUMBER,
    PRODUCT_INSTANCE_URI,
    ASSET_ID,
    COMPONENT_NAME,
    WRITER,
    CALLER,
    ATTEMPT,
    NODES_CHANGE,
    ADMINISTRATION,
];
