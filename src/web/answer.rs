//! An answer: what every route gives, and how it goes out.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{ALLOW, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::export::json;
use crate::model::limits::WEB_SMALL_ANSWER_BYTES_MAX;
use crate::web::plant::Refused;

/// What a route answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) kind: Kind,
    pub(super) body: Vec<u8>,
    /// Which state of things it shows.
    pub(super) tag: Option<String>,
    /// Where the next page is.
    pub(super) next: Option<String>,
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Json,
    Ndjson,
    Text,
    Metrics,
}

/// Something that is wrong with a request, or in the way of its answer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Problem {
    #[serde(skip)]
    pub(super) status: StatusCode,
    /// A word for programs, which never changes.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) text: String,
    /// What helps.
    pub(super) hint: String,
}

#[derive(Serialize)]
struct Wrapped<'a> {
    error: &'a Problem,
}

impl Answer {
    /// Bytes of JSON or of something else.
    pub(super) fn new(kind: Kind, body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, kind, body, tag: None, next: None }
    }

    /// One value as JSON, in which nothing is left that a terminal obeys.
    pub(super) fn json(value: &impl Serialize) -> Self {
        let mut body = Vec::new();
        match json::value(value, &mut body) {
            Ok(()) => Self::new(Kind::Json, body),
            Err(error) => Problem::internal(error.to_string()).into(),
        }
    }

    /// The same with another status.
    pub(super) fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// What the asker already has is still so.
    pub(super) fn unchanged(kind: Kind, tag: String) -> Self {
        let answer = Self::new(kind, Vec::new()).with(StatusCode::NOT_MODIFIED);
        Self { tag: Some(tag), ..answer }
    }

    /// What goes out, with the room that it takes until it is gone; a refusal where there is no room.
    pub(super) fn response(self, room: &Arc<Semaphore>) -> Response<Body> {
        let Some(body) = held(self.body, room) else {
            return Self::from(Problem::busy()).response(room);
        };
        let status = self.status;
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if status != StatusCode::NOT_MODIFIED {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind.name()));
        }
        headers.insert(VARY, HeaderValue::from_static("accept"));
        let mut texts: Vec<(HeaderName, String)> = Vec::new();
        texts.extend(self.tag.map(|tag| (ETAG, tag)));
        texts.extend(self.next.map(|next| (LINK, format!("<{next}>; rel=\"next\""))));
        match status {
            StatusCode::METHOD_NOT_ALLOWED => texts.push((ALLOW, "GET, HEAD".to_owned())),
            StatusCode::SERVICE_UNAVAILABLE => texts.push((RETRY_AFTER, "2".to_owned())),
            StatusCode::UNAUTHORIZED => {
                texts.push((WWW_AUTHENTICATE, "Bearer realm=\"nameplate\"".to_owned()));
            }
            _ => {}
        }
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Text => "text/plain; charset=utf-8",
            Self::Metrics => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

impl Problem {
    /// A problem with the status of its code.
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, code, text: text.into(), hint: hint.into() }
    }

    /// A parameter is wrong.
    pub(super) fn wrong(parameter: &str, text: impl std::fmt::Display) -> Self {
        let hint = "/api/v1/openapi.json lists the parameters of every route";
        Self::new(StatusCode::BAD_REQUEST, "bad_parameter", format!("{parameter}: {text}"), hint)
    }

    /// Nothing is there.
    pub(super) fn not_found(what: &str) -> Self {
        let hint = "/api/v1/openapi.json lists all routes";
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} here"), hint)
    }

    /// Something broke here.
    pub(super) fn internal(text: String) -> Self {
        let hint = "the log of the server says more; please report it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text, hint)
    }

    /// Others are being answered.
    pub(super) fn busy() -> Self {
        let (text, hint) = ("others are being answered", "ask again in a moment");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text, hint)
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        Self::json(&Wrapped { error: &problem }).with(problem.status)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        match refused {
            Refused::Starting => {
                let hint = "ask again in a moment; /readyz says when it is done";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "starting", text, hint)
            }
            Refused::Busy => Self::busy(),
            Refused::Wrong { parameter, text } => Self::wrong(parameter, text),
            Refused::Failed(text) => {
                let hint = "/readyz and the log of the server say more";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", text, hint)
            }
        }
    }
}

/// The bytes of an answer, with the room that they take until they are sent.
struct Held {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The bytes of an answer as they go out; `None` when too many others are on their way.
fn held(bytes: Vec<u8>, room: &Arc<Semaphore>) -> Option<Bytes> {
    let kib = match bytes.len() {
        small if small <= WEB_SMALL_ANSWER_BYTES_MAX => return Some(Bytes::from(bytes)),
        large => u32::try_from(large.div_ceil(1_024)).ok()?,
    };
    let room = Arc::clone(room).try_acquire_many_owned(kib).ok()?;
    Some(Bytes::from_owner(Held { bytes, _room: room }))
}
