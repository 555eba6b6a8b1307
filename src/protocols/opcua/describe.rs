//! Who applications are, and what their endpoints ask for (OPC 10000-4, 5.5, 5.7, 7.2 and 7.14).

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::opcua::codec::{self, Text};
use crate::protocols::opcua::{keys, service};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// Under which keys an application is told.
struct Keys {
    uri: Key,
    product: Key,
    name: Key,
    kind: Key,
    discovery_url: Key,
}

/// An application that is told of itself, or of others that it knows: these may run anywhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whose {
    Own,
    Listed,
}

/// Who is told of, and where.
pub(super) struct Told<'s, 'a, 'b> {
    pub(super) subject: &'s Subject,
    pub(super) out: &'b mut Sink<'a>,
}

impl Told<'_, '_, '_> {
    fn text(&mut self, key: Key, text: Text<'_>) {
        readable::say(self.out, self.subject, key, text.bytes, text.span);
    }

    fn name(&mut self, key: Key, name: &str, span: Span) {
        self.out.text(self.subject, key, name, span);
    }

    /// Says how many bytes a certificate has.
    pub(super) fn certificate(&mut self, certificate: Text<'_>) {
        let Span { at, len } = certificate.span;
        if let Ok(bytes @ 1..) = u64::try_from(len) {
            let length = Span { at: at.saturating_sub(LENGTH_BYTES), len: LENGTH_BYTES };
            self.out.uint(self.subject, keys::CERTIFICATE_BYTES, bytes, length);
        }
    }

    fn application_type(&mut self, key: Key, r: &mut Reader<'_>) -> Result<(), Malformed> {
        let start = r.at();
        let number = r.u32_le("ApplicationType")?;
        let name = named(APPLICATION_TYPES, number);
        self.name(key, &name, r.since(start));
        Ok(())
    }

    /// An ApplicationDescription.
    fn application(&mut self, r: &mut Reader<'_>, whose: Whose) -> Result<(), Malformed> {
        let keys = whose.keys();
        self.text(keys.uri, codec::text(r, "applicationUri")?);
        self.text(keys.product, codec::text(r, "productUri")?);
        self.text(keys.name, codec::localized(r, "applicationName")?);
        self.application_type(keys.kind, r)?;
        let gateway = codec::text(r, "gatewayServerUri")?;
        if whose == Whose::Own {
            self.text(keys::GATEWAY_SERVER_URI, gateway);
        }
        codec::text(r, "discoveryProfileUri")?;
        self.texts(keys.discovery_url, r, "discoveryUrls")
    }

    /// An array of texts.
    fn texts(
        &mut self,
        key: Key,
        r: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<(), Malformed> {
        for _ in 0..codec::count(r, field)? {
            self.text(key, codec::text(r, field)?);
        }
        Ok(())
    }

    /// An array of EndpointDescription.
    fn endpoints(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        for _ in 0..codec::count(r, "endpoints")? {
            self.text(keys::ENDPOINT_URL, codec::text(r, "endpointUrl")?);
            self.application(r, Whose::Own)?;
            self.certificate(codec::text(r, "serverCertificate")?);
            let start = r.at();
            let mode = named(MODES, r.u32_le("securityMode")?);
            let policy = codec::text(r, "securityPolicyUri")?;
            let span = r.since(start);
            self.text(keys::SECURITY_POLICY, policy);
            if let Some(uri) = readable::readable(policy.bytes) {
                let short = uri.strip_prefix(POLICIES).unwrap_or(&uri);
                self.name(keys::ENDPOINT_SECURITY, &format!("{mode} {short}"), span);
            }
            self.user_tokens(r)?;
            codec::text(r, "transportProfileUri")?;
            r.skip("securityLevel", 1)?;
        }
        Ok(())
    }

    fn user_tokens(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        for _ in 0..codec::count(r, "userIdentityTokens")? {
            codec::text(r, "policyId")?;
            let start = r.at();
            let kind = named(TOKEN_TYPES, r.u32_le("tokenType")?);
            self.name(keys::USER_TOKEN_TYPE, &kind, r.since(start));
            codec::text(r, "issuedTokenType")?;
            codec::text(r, "issuerEndpointUrl")?;
            codec::text(r, "securityPolicyUri")?;
        }
        Ok(())
    }

    /// GetEndpointsResponse, behind its head.
    pub(super) fn endpoints_response(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        self.endpoints(r)
    }

    /// FindServersResponse, behind its head. `for_all` tells whether the client asked for all that the server knows.
    ///
    /// A discovery server tells of itself among others. Any other server knows itself alone: but when one is told of alone, only
    /// the question tells whether it is the one that was chosen from several.
    pub(super) fn servers(
        &mut self,
        r: &mut Reader<'_>,
        for_all: Option<bool>,
    ) -> Result<(), Malformed> {
        let count = codec::count(r, "servers")?;
        for _ in 0..count {
            let whose = match (application_kind(r.clone())?, for_all) {
                (DISCOVERY_SERVER, _) => Whose::Own,
                (_, Some(true)) if count == 1 => Whose::Own,
                (_, None) if count == 1 => return Ok(()),
                _ => Whose::Listed,
            };
            self.application(r, whose)?;
        }
        Ok(())
    }

    /// FindServersOnNetworkResponse, behind its head.
    pub(super) fn servers_on_network(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        r.skip("lastCounterResetTime", 8)?;
        for _ in 0..codec::count(r, "servers")? {
            r.skip("recordId", 4)?;
            self.text(keys::LISTED_APPLICATION_NAME, codec::text(r, "serverName")?);
            self.text(keys::LISTED_DISCOVERY_URL, codec::text(r, "discoveryUrl")?);
            codec::skip_texts(r, "serverCapabilities")?;
        }
        Ok(())
    }

    /// RegisterServerRequest and RegisterServer2Request, behind the head: who asks is the server.
    pub(super) fn register(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        self.text(keys::APPLICATION_URI, codec::text(r, "serverUri")?);
        self.text(keys::PRODUCT_URI, codec::text(r, "productUri")?);
        for _ in 0..codec::count(r, "serverNames")? {
            self.text(keys::APPLICATION_NAME, codec::localized(r, "serverNames")?);
        }
        self.application_type(keys::APPLICATION_TYPE, r)?;
        self.text(keys::GATEWAY_SERVER_URI, codec::text(r, "gatewayServerUri")?);
        self.texts(keys::DISCOVERY_URL, r, "discoveryUrls")
    }

    /// CreateSessionRequest, behind its head. Gives the URL that the server was asked for by.
    pub(super) fn create_session<'r>(&mut self, r: &mut Reader<'r>) -> Result<Text<'r>, Malformed> {
        self.application(r, Whose::Own)?;
        codec::text(r, "serverUri")?;
        let url = codec::text(r, "endpointUrl")?;
        self.text(keys::SESSION_NAME, codec::text(r, "sessionName")?);
        codec::text(r, "clientNonce")?;
        self.certificate(codec::text(r, "clientCertificate")?);
        Ok(url)
    }

    /// CreateSessionResponse, behind its head. The authentication token in it is a secret.
    pub(super) fn session(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        codec::NodeId::read(r)?;
        codec::NodeId::read(r)?;
        r.skip("revisedSessionTimeout", 8)?;
        codec::text(r, "serverNonce")?;
        self.certificate(codec::text(r, "serverCertificate")?);
        self.endpoints(r)
    }

    /// ActivateSessionRequest, behind its head: by what kind of token users prove to the subject who they are. Neither their
    /// names nor what proves them is kept.
    pub(super) fn activate(&mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        codec::text(r, "clientSignature algorithm")?;
        codec::text(r, "clientSignature")?;
        for _ in 0..codec::count(r, "clientSoftwareCertificates")? {
            codec::text(r, "certificateData")?;
            codec::text(r, "signature")?;
        }
        codec::skip_texts(r, "localeIds")?;
        let start = r.at();
        codec::NodeId::read(&mut r.clone())?;
        let (kind, body) = codec::extension(r)?;
        let span = Span { at: start, len: TOKEN_TYPE_BYTES };
        let token = match kind {
            Some(0 | ANONYMOUS) => "anonymous",
            Some(USER_NAME) if body.is_some_and(|body| has_clear_password(body)) => {
                "user name token in the clear"
            }
            Some(USER_NAME) => "user name token",
            Some(X509) => "X.509 token",
            Some(ISSUED) => "issued token",
            _ => return Ok(()),
        };
        self.name(keys::IDENTITY_TOKEN, token, span);
        Ok(())
    }
}

impl Whose {
    fn keys(self) -> Keys {
        match self {
            Self::Own => Keys {
                uri: keys::APPLICATION_URI,
                product: keys::PRODUCT_URI,
                name: keys::APPLICATION_NAME,
                kind: keys::APPLICATION_TYPE,
                discovery_url: keys::DISCOVERY_URL,
            },
            Self::Listed => Keys {
                uri: keys::LISTED_APPLICATION_URI,
                product: keys::LISTED_PRODUCT_URI,
                name: keys::LISTED_APPLICATION_NAME,
                kind: keys::LISTED_APPLICATION_TYPE,
                discovery_url: keys::LISTED_DISCOVERY_URL,
            },
        }
    }
}

/// Whether a FindServersRequest, read to its head's end, asks for all servers.
pub(super) fn asks_for_all(r: &mut Reader<'_>) -> Result<bool, Malformed> {
    codec::text(r, "endpointUrl")?;
    codec::skip_texts(r, "localeIds")?;
    Ok(codec::count(r, "serverUris")? == 0)
}

/// The head of a response and its result; false when the service failed.
pub(super) fn succeeded(r: &mut Reader<'_>) -> Result<bool, Malformed> {
    let (result, _) = service::result(r)?;
    service::skip_response_header(r)?;
    Ok(result & codec::IS_BAD == 0)
}

/// The number that an ApplicationDescription has as its type.
fn application_kind(mut r: Reader<'_>) -> Result<u32, Malformed> {
    codec::text(&mut r, "applicationUri")?;
    codec::text(&mut r, "productUri")?;
    codec::localized(&mut r, "applicationName")?;
    r.u32_le("ApplicationType")
}

/// A password in a UserNameIdentityToken that is there, and for which no algorithm is named: the policy of the token is None,
/// and the channel lets us read it. Without an algorithm it stands as it is (OPC 10000-4, 7.40.4).
fn has_clear_password(mut r: Reader<'_>) -> bool {
    let mut field = |name| codec::text(&mut r, name).map(|text| text.bytes);
    let fields = || -> Result<_, Malformed> {
        field("policyId")?;
        field("userName")?;
        Ok((field("password")?, field("encryptionAlgorithm")?))
    };
    let mut fields = fields;
    fields().is_ok_and(|(password, algorithm)| !password.is_empty() && algorithm.is_empty())
}

/// The name of a number, or the number itself.
fn named(names: &'static [&'static str], number: u32) -> std::borrow::Cow<'static, str> {
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    names.get(at).map_or_else(|| number.to_string().into(), |name| (*name).into())
}

const LENGTH_BYTES: usize = 4;
/// Bytes of the type of a token in front of the token: four for its number.
const TOKEN_TYPE_BYTES: usize = 4;

/// What URIs of security policies begin with.
pub(super) const POLICIES: &str = "http://opcfoundation.org/UA/SecurityPolicy#";

const DISCOVERY_SERVER: u32 = 3;
const APPLICATION_TYPES: &[&str] = &["Server", "Client", "ClientAndServer", "DiscoveryServer"];
const MODES: &[&str] = &["Invalid", "None", "Sign", "SignAndEncrypt"];
const TOKEN_TYPES: &[&str] = &["Anonymous", "UserName", "Certificate", "IssuedToken"];

const ANONYMOUS: u32 = 321;
const USER_NAME: u32 = 324;
const X509: u32 = 327;
const ISSUED: u32 = 940;
