//! Who is let in, and what every answer carries.
//!
//! A page in somebody's browser can send requests to any address that the browser reaches, also to this one. It cannot read the
//! answers, unless a name of its own leads here (DNS rebinding): so only known names are answered, and no other origin is ever
//! allowed.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use axum::middleware::Next;
use sha2::{Digest, Sha256};

use crate::model::limits::TOKEN_CHARS_MIN;
use crate::web::Web;
use crate::web::answer::{Answer, Problem};

/// Who is let in.
#[derive(Debug)]
pub struct Rules {
    /// Version of the program, as it is told.
    pub version: String,
    /// Names under which the server is asked for.
    pub hosts: Hosts,
    /// What a request must bring along; `None` where everybody who reaches the port may read.
    pub token: Option<Token>,
}

/// Names under which a server is asked for.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Names, in lower case.
    pub names: BTreeSet<String>,
    /// Whether addresses of any machine are taken; those of this one always are. An address in place of a name cannot be made to
    /// lead elsewhere.
    pub any_address: bool,
}

/// A secret that a request must bring along. It is kept as a digest, so that comparing takes the same time whatever is brought.
pub struct Token([u8; 32]);

/// Why a token is none.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It can be guessed.
    #[error(
        "the token in {path} has fewer than {TOKEN_CHARS_MIN} characters; make one with: openssl rand -hex 32"
    )]
    Short {
        /// The file.
        path: PathBuf,
    },
    /// It cannot stand in a header.
    #[error(
        "the token in {path} has characters other than letters, digits and -._~+/=; make one with: openssl rand -hex 32"
    )]
    Characters {
        /// The file.
        path: PathBuf,
    },
}

impl Token {
    /// Reads a token out of the text of a file.
    ///
    /// # Errors
    ///
    /// When it is too short or has characters that a header cannot carry (RFC 6750, section 2.1).
    pub fn new(text: &str, path: &std::path::Path) -> Result<Self, TokenError> {
        let (text, path) = (text.trim(), path.to_owned());
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)) {
            return Err(TokenError::Characters { path });
        }
        if text.len() < TOKEN_CHARS_MIN {
            return Err(TokenError::Short { path });
        }
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }

    /// Whether a header brings it. How long this takes does not depend on what is right in it.
    fn is_in(&self, header: &str) -> bool {
        let (scheme, brought) = header.split_at_checked(SCHEME.len()).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(brought.trim().as_bytes()).into();
        let differs = self.0.iter().zip(digest).fold(0, |differs, (a, b)| differs | (a ^ b));
        scheme.eq_ignore_ascii_case(SCHEME) && differs == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Hosts {
    /// Whether a request for this host is meant for this server.
    fn know(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else { return false };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.any_address || address.is_loopback();
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost" || self.names.contains(&name)
    }
}

/// A host without its port; `None` when it is written wrong.
fn without_port(host: &str) -> Option<&str> {
    let end = match host.starts_with('[') {
        true => host.find(']')?.checked_add(1)?,
        false => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at_checked(end)?;
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    (!name.is_empty() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)))
        .then_some(name)
}

/// Stands before every route, and behind it: looks at each request, and gives each answer what it must carry.
pub(super) async fn guard(
    State(web): State<Arc<Web>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let begun = Instant::now();
    let mut response = match refusal(&web.rules, &request) {
        None => next.run(request).await,
        Some(problem) => {
            let response = Answer::from(problem).response(&web.room);
            web.told("refused", &response, begun);
            response
        }
    };
    let headers = response.headers_mut();
    for (name, value) in CARRIED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not let in; `None` when it is.
fn refusal(rules: &Rules, request: &Request) -> Option<Problem> {
    let (uri, headers) = (request.uri(), request.headers());
    if let Some(problem) = not_meant(&rules.hosts, uri, headers) {
        return Some(problem);
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let (text, hint) = ("nothing can be changed here", "use GET or HEAD");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Some(Problem::new(status, "method_not_allowed", text, hint));
    }
    let length = headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    if length || headers.contains_key(TRANSFER_ENCODING) {
        let (text, hint) = ("a request has no body here", "send its parameters in the address");
        return Some(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_refused", text, hint));
    }
    let token = rules.token.as_ref().filter(|_| uri.path() != OPEN)?;
    let mut brought = headers.get_all(AUTHORIZATION).iter();
    let only = brought.next().filter(|_| brought.next().is_none());
    if only.and_then(|header| header.to_str().ok()).is_some_and(|header| token.is_in(header)) {
        return None;
    }
    let (text, hint) =
        ("a token is missing, or wrong", "send the header Authorization: Bearer TOKEN");
    Some(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", text, hint))
}

/// Why a request is not meant for this server.
fn not_meant(hosts: &Hosts, uri: &Uri, headers: &HeaderMap) -> Option<Problem> {
    let mut named = headers.get_all(HOST).iter();
    let only = named.next().filter(|_| named.next().is_none());
    let Some(host) = only.and_then(|host| host.to_str().ok()) else {
        let (text, hint) = ("a request names one host", "send one header Host");
        return Some(Problem::new(StatusCode::BAD_REQUEST, "host_missing", text, hint));
    };
    let in_address = uri.authority().map(|authority| authority.as_str());
    if [Some(host), in_address].into_iter().flatten().all(|host| hosts.know(host)) {
        return None;
    }
    let text = "this server is not known under that name";
    let hint = "ask for it by its address, or start it with --host NAME";
    Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, "host_unknown", text, hint))
}

const SCHEME: &str = "Bearer ";
/// What is answered without a token: that the process is there, which everybody who reached it knows.
const OPEN: &str = "/healthz";

/// What every answer carries. Nothing of this server is shown in a frame, kept by others, or runs.
const CARRIED: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "private, no-cache"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_lead_here_for_sure_are_known() {
        let hosts = Hosts { names: ["sensor.plant".to_owned()].into(), any_address: false };
        for host in [
            "localhost",
            "LOCALHOST:8443",
            "127.0.0.1",
            "127.9.9.9:1",
            "[::1]:8443",
            "sensor.plant.",
        ] {
            assert!(hosts.know(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "[2001:db8::1]",
            "",
            ":8443",
            "localhost:x",
            "localhost:8443:1",
            "[::1",
            "user@localhost",
            "localhost/",
        ] {
            assert!(!hosts.know(host), "{host}");
        }
        let hosts = Hosts { any_address: true, ..Hosts::default() };
        assert!(hosts.know("10.0.0.1:80") && hosts.know("[2001:db8::1]"));
        assert!(!hosts.know("evil.example"));
    }

    #[test]
    fn a_token_is_one_text_and_no_other() {
        let path = std::path::Path::new("token");
        let token = Token::new("0123456789abcdefghij\n", path).unwrap();
        assert!(token.is_in("Bearer 0123456789abcdefghij"));
        assert!(token.is_in("bearer  0123456789abcdefghij "));
        for wrong in
            ["", "Bearer", "Bearer ", "Bearer 0123456789abcdefghi", "Basic 0123456789abcdefghij"]
        {
            assert!(!token.is_in(wrong), "{wrong}");
        }
        assert!(Token::new("0123456789abcdefghi", path).is_err(), "too short");
        assert!(Token::new("0123456789 abcdefghij", path).is_err(), "a blank");
        assert_eq!(format!("{token:?}"), "Token");
    }
}
