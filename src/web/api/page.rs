//! A page of a list: rows up to a number and up to a size, and where the next ones are.

use std::io;

use serde::Serialize;

use crate::export::json;
use crate::model::limits::WEB_ANSWER_BYTES_MAX;
use crate::web::answer::{Answer, Kind, Problem};
use crate::web::asked::Asked;

/// A page to be filled.
pub(super) struct Page<'a> {
    name: &'static str,
    asked: &'a Asked,
    limit: usize,
    form: Kind,
    version: Option<String>,
    /// How many rows there are on all pages.
    pub(super) of: usize,
    /// False where counting all rows would cost more than telling some.
    pub(super) is_of_known_length: bool,
}

/// What stands around the rows; they come between the two.
#[derive(Serialize)]
struct Frame<'a> {
    schema: &'static str,
    version: Option<&'a str>,
    count: usize,
    of: Option<usize>,
    next: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// A page as it was asked for.
    pub(super) fn new(name: &'static str, asked: &'a Asked) -> Result<Self, Problem> {
        let (limit, form) = (asked.limit()?, asked.form());
        Ok(Self { name, asked, limit, form, version: None, of: 0, is_of_known_length: true })
    }

    /// Says which picture it shows; an answer without rows where the asker already has that.
    pub(super) fn of_version(&mut self, version: &str) -> Option<Answer> {
        self.version = Some(version.to_owned());
        let tag = tag(version, self.form);
        self.asked.has(&tag).then(|| Answer::unchanged(self.form, tag))
    }

    /// The page with its rows. `print` writes one as a line, `mark` names it.
    pub(super) fn filled<T>(
        self,
        rows: impl Iterator<Item = T>,
        print: impl Fn(&T, &mut Vec<u8>) -> io::Result<()>,
        mark: impl Fn(&T) -> String,
    ) -> Result<Answer, Problem> {
        let failed = |error: io::Error| Problem::internal(error.to_string());
        let (mut body, mut count, mut last) = (Vec::new(), 0_usize, None);
        let mut rows = rows.peekable();
        while count < self.limit && (count == 0 || body.len() < WEB_ANSWER_BYTES_MAX) {
            let Some(row) = rows.next() else { break };
            print(&row, &mut body).map_err(failed)?;
            if self.form == Kind::Json && body.pop_if(|byte| *byte == b'\n').is_some() {
                body.push(b',');
            }
            last = Some(mark(&row));
            count = count.saturating_add(1);
        }
        let more = last.filter(|_| rows.peek().is_some());
        let next = more.map(|mark| self.asked.after(&mark));
        if self.form == Kind::Json {
            let _ = body.pop_if(|byte| *byte == b',');
            let (version, next) = (self.version.as_deref(), next.as_deref());
            let of = self.is_of_known_length.then_some(self.of);
            let frame = Frame { schema: "nameplate.page/1", version, count, of, next };
            let mut framed = Vec::with_capacity(body.len().saturating_add(FRAME_BYTES));
            json::value(&frame, &mut framed).map_err(failed)?;
            framed.truncate(framed.len().saturating_sub(b"}\n".len()));
            framed.extend_from_slice(format!(",\"{}\":[", self.name).as_bytes());
            framed.append(&mut body);
            framed.extend_from_slice(b"]}\n");
            body = framed;
        }
        let tag = self.version.as_deref().map(|version| tag(version, self.form));
        Ok(Answer { tag, next, ..Answer::new(self.form, body) })
    }
}

/// The tag of a picture in one form.
pub(super) fn tag(version: &str, form: Kind) -> String {
    let form = if form == Kind::Ndjson { "n" } else { "j" };
    format!("\"{version}{form}\"")
}

const FRAME_BYTES: usize = 512;
