//! Notices in requests of HTTP: an array or lines of JSON, with a token and a signature. A redirect is never followed: a token goes where
//! it was configured to go, or nowhere.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::alert::address::Endpoint;
use crate::alert::format::Message;
use crate::alert::plan::{Hook, Plan};
use crate::alert::settings::FormatName;
use crate::alert::transport::connect::Connection;
use crate::alert::transport::http::{self, Answer};
use crate::alert::transport::tls::Trust;
use crate::alert::transport::{Standing, Transport, TransportError};
use crate::alert::{hmac, secret};
use crate::export::escape::term;
use crate::model::limits::RETRY_AFTER_SECONDS_MAX;

/// Requests to one server.
pub(super) struct Webhook {
    name: String,
    server: Endpoint,
    path: String,
    trust: Option<Trust>,
    hook: Hook,
    as_array: bool,
    timeout: Duration,
}

impl Webhook {
    pub(super) fn new(plan: &Plan, server: &Endpoint, path: &str, tls: bool) -> Self {
        Self {
            name: plan.name.clone(),
            server: server.clone(),
            path: path.to_owned(),
            trust: tls.then(|| plan.trust.clone()),
            hook: plan.hook.clone(),
            as_array: plan.form.format == FormatName::Json,
            timeout: plan.timeout,
        }
    }

    /// The whole request. Secrets are read each time, so that a new one counts from the next request on.
    fn request(&self, messages: &[Message]) -> Result<Vec<u8>, TransportError> {
        let body = self.body(messages);
        let number = |message: Option<&Message>| message.map_or(0, |message| message.number);
        let media = if self.as_array { "application/json" } else { "application/x-ndjson" };
        let mut head = String::new();
        // Writing to a String cannot fail.
        let _ = write!(
            head,
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: nameplate/{}\r\nContent-Type: {media}\r\n\
             Content-Length: {}\r\nConnection: close\r\nAccept: */*\r\nIdempotency-Key: {}-{}-{}\r\n",
            self.path,
            self.server,
            env!("CARGO_PKG_VERSION"),
            body.len(),
            self.name,
            number(messages.first()),
            number(messages.last()),
        );
        if let Some(path) = &self.hook.secret_file {
            let code = hmac::sha256(&read("secret_file", path)?, body.as_bytes());
            let _ = write!(head, "{SIGNATURE}: sha256={code}\r\n");
        }
        if let Some(path) = &self.hook.token_file {
            let token = read("token_file", path)?;
            let token = String::from_utf8(token).ok();
            let token = token.filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
            let token = token.ok_or_else(|| TransportError::Trust {
                key: "token_file",
                cause: format!("{} holds something else than one token", path.display()),
            })?;
            let _ = write!(head, "Authorization: {} {token}\r\n", self.hook.token_scheme);
        }
        head.push_str("\r\n");
        head.push_str(&body);
        Ok(head.into_bytes())
    }

    fn body(&self, messages: &[Message]) -> String {
        let texts: Vec<&str> = messages.iter().map(|message| &*message.text).collect();
        match self.as_array {
            true => format!("[{}]\n", texts.join(",\n")),
            false => texts.iter().flat_map(|text| [text, "\n"]).collect(),
        }
    }

    fn to(&self) -> String {
        let scheme = if self.trust.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.server)
    }

    /// What an answer means: 2xx is delivered; all else is not.
    fn judge(&self, answer: &Answer) -> Result<(), TransportError> {
        let (to, status) = (self.to(), answer.status);
        match status {
            200..300 => Ok(()),
            300..400 => {
                let location = term(answer.field("location").unwrap_or("another place"));
                let location: String = location.chars().take(LOCATION_CHARACTERS_MAX).collect();
                let more = format!(
                    ", which leads to {location}: redirects are not followed; put the right address into to"
                );
                Err(TransportError::Answer { to, status, more, retry_after: None })
            }
            400 | 413 | 415 | 422 => {
                Err(TransportError::Refused { to, status, more: String::new() })
            }
            401 | 403 => {
                let more = ": it does not accept the token, or the certificate".to_owned();
                Err(TransportError::Answer { to, status, more, retry_after: None })
            }
            _ => {
                let seconds = answer.field("retry-after").and_then(|text| text.parse::<u64>().ok());
                let retry_after = seconds
                    .map(|seconds| Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS_MAX)));
                Err(TransportError::Answer { to, status, more: String::new(), retry_after })
            }
        }
    }
}

impl Transport for Webhook {
    fn send(&mut self, messages: &[Message]) -> Result<(), TransportError> {
        let request = self.request(messages)?;
        let mut connection = Connection::open(&self.server, self.trust.as_ref(), self.timeout)?;
        // A server that refuses early answers before it has read everything.
        let written = connection.write(&request);
        match http::answer(&mut connection, &self.to(), self.timeout) {
            Ok(answer) => self.judge(&answer),
            Err(error) => Err(written.err().unwrap_or(error)),
        }
    }

    fn standing(&mut self) -> Result<Standing, TransportError> {
        Ok(Standing::Delivered)
    }

    fn close(&mut self, _: Duration) -> bool {
        true
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TransportError> {
    secret::read_line(path).map_err(|source| TransportError::File {
        key,
        path: path.display().to_string(),
        source,
    })
}

/// Over the body, so that a receiver knows that it is whole and from here.
const SIGNATURE: &str = "X-Nameplate-Signature";

const LOCATION_CHARACTERS_MAX: usize = 200;
