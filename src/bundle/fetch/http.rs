//! The one file of this program that opens connections: requests over HTTPS, on a machine that fetches advisories. Compiled only with the
//! feature `fetch`; nothing that listens to a plant calls it.
//!
//! Certificates are checked against those of Mozilla that the program was built with, so that the same program trusts the same wherever
//! it runs; a plant whose proxy re-signs what passes names its own with `--ca-file`, and they are trusted instead. A proxy is taken from
//! the environment, as other programs take it (`HTTPS_PROXY`, `NO_PROXY`).

use std::path::Path;
use std::time::Duration;

use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Timeout};

use super::FetchError;
use super::client::{Answer, Question, Trouble, Web, retry_after};
use crate::model::limits::{FETCH_HEADER_BYTES_MAX, SIDECAR_BYTES_MAX};

/// Sends requests.
#[derive(Debug)]
pub struct Http {
    secure: Agent,
    /// To this machine itself, past any proxy.
    plain: Agent,
}

impl Http {
    /// With how long one request may take, and a file of certificates to trust.
    ///
    /// # Errors
    ///
    /// When there is no certificate in the file.
    pub fn new(timeout: Duration, certificates: Option<&Path>) -> Result<Self, FetchError> {
        let roots = certificates.map(trusted).transpose()?.unwrap_or(RootCerts::WebPki);
        let secure = Agent::config_builder()
            .https_only(true)
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        let plain = Agent::config_builder().proxy(None);
        let [secure, plain] = [secure, plain].map(|config| {
            config
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_global(Some(timeout))
                .timeout_connect(Some(timeout.min(CONNECT_TIMEOUT)))
                .max_response_header_size(HEADERS_BYTES_MAX)
                .user_agent(concat!("nameplate/", env!("CARGO_PKG_VERSION")))
                .build()
                .new_agent()
        });
        Ok(Self { secure, plain })
    }
}

impl Web for Http {
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Trouble> {
        let Question { address, bytes_max, known } = *question;
        let agent = if address.is_secure() { &self.secure } else { &self.plain };
        let mut request = agent.get(address.to_string());
        if let Some(tag) = known.tag {
            request = request.header("If-None-Match", tag);
        }
        if let Some(modified) = known.modified {
            request = request.header("If-Modified-Since", modified);
        }
        let response = request.call().map_err(trouble)?;
        let mut answer = head(&response);
        if response.status() != StatusCode::OK {
            return Ok(answer);
        }
        let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        if response.body().content_length().is_some_and(|length| length > most) {
            return Err(Trouble::TooLong);
        }
        let body = response.into_body().into_with_config().limit(most).read_to_vec();
        answer.body = body.map_err(trouble)?;
        Ok(answer)
    }

    fn wait(&self, seconds: u64) {
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

fn head<T>(response: &Response<T>) -> Answer {
    let headers = response.headers();
    Answer {
        status: response.status().as_u16(),
        location: header(headers, "location"),
        tag: header(headers, "etag"),
        modified: header(headers, "last-modified"),
        retry_after: header(headers, "retry-after")
            .and_then(|text| retry_after(&text, jiff::Timestamp::now())),
        body: Vec::new(),
    }
}

/// A header that is text, and short enough to be kept and sent again.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= FETCH_HEADER_BYTES_MAX).then(|| text.to_owned())
}

/// What did not work, and whether it may the next time.
fn trouble(error: ureq::Error) -> Trouble {
    match error {
        ureq::Error::BodyExceedsLimit(_) => Trouble::TooLong,
        // A firewall that drops what it does not let through: to try again takes as long, and ends alike.
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            Trouble::Lasting("no connection came about in time".to_owned())
        }
        ureq::Error::Timeout(_) => Trouble::Passing("it takes too long".to_owned()),
        ureq::Error::Io(error) => Trouble::Passing(error.to_string()),
        ureq::Error::ConnectionFailed => Trouble::Passing("there is no connection".to_owned()),
        error => Trouble::Lasting(error.to_string()),
    }
}

fn trusted(path: &Path) -> Result<RootCerts, FetchError> {
    let failed = |cause: String| FetchError::Certificates { path: path.to_owned(), cause };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if usize::try_from(size).map_or(true, |size| size > SIDECAR_BYTES_MAX) {
        return Err(failed("it is larger than any".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&bytes) {
        if let PemItem::Certificate(one) = item.map_err(|error| failed(error.to_string()))? {
            certificates.push(one);
        }
    }
    if certificates.is_empty() {
        return Err(failed("there is no certificate in it".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of the head of an answer.
const HEADERS_BYTES_MAX: usize = 64 * 1_024;
