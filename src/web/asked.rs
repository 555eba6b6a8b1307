//! What was asked for: the parameters of a request, read strictly, so that a slip of the finger is told and not passed over.

use axum::http::header::{ACCEPT, IF_NONE_MATCH};
use axum::http::{HeaderMap, Uri};

use crate::model::limits::{WEB_ROWS_DEFAULT, WEB_ROWS_MAX};
use crate::web::answer::{Kind, Problem};

/// One request, as far as answers depend on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The last part of the path, where a route has one that varies.
    pub(super) last: String,
    /// The path as it was written.
    pub(super) path: String,
    parameters: Vec<(String, String)>,
    accept: String,
    tags: String,
}

impl Asked {
    /// Reads a request, whose route knows these parameters.
    pub(super) fn new(uri: &Uri, headers: &HeaderMap, known: &[&str]) -> Result<Self, Problem> {
        let text = |name| {
            let all = headers.get_all(name).into_iter();
            let texts: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
            texts.join(",")
        };
        let last = uri.path().rsplit('/').next().unwrap_or_default();
        let mut asked = Self {
            last: decoded(last).ok_or_else(|| Problem::wrong("path", "it is not encoded right"))?,
            path: uri.path().to_owned(),
            parameters: Vec::new(),
            accept: text(ACCEPT).to_ascii_lowercase(),
            tags: text(IF_NONE_MATCH),
        };
        for part in uri.query().unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let read = decoded(name).zip(decoded(value));
            let (name, value) =
                read.ok_or_else(|| Problem::wrong("query", "it is not encoded right"))?;
            if !known.contains(&&*name) {
                let known = match known {
                    [] => "this route has none".to_owned(),
                    known => format!("this route has {}", known.join(", ")),
                };
                let name: String = name.chars().take(NAME_CHARS_SHOWN_MAX).collect();
                return Err(Problem::wrong(&name, format!("there is no such parameter; {known}")));
            }
            if asked.text(&name).is_some() {
                return Err(Problem::wrong(&name, "it is given twice"));
            }
            asked.parameters.push((name, value));
        }
        Ok(asked)
    }

    /// A parameter, where it was given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value).filter(|value| !value.trim().is_empty())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let read =
            |text: &str| text.parse().map_err(|_| Problem::wrong(name, "write a number, as 100"));
        self.text(name).map(read).transpose()
    }

    /// How many rows are wanted.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(limit) = self.number("limit")? else { return Ok(WEB_ROWS_DEFAULT) };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        match limit {
            1..=WEB_ROWS_MAX => Ok(limit),
            _ => Err(Problem::wrong("limit", format!("write a number from 1 to {WEB_ROWS_MAX}"))),
        }
    }

    /// The form of lists that is wanted.
    pub(super) fn form(&self) -> Kind {
        if self.accept.contains("application/x-ndjson") { Kind::Ndjson } else { Kind::Json }
    }

    /// Whether plain text is wanted rather than JSON.
    pub(super) fn wants_json(&self) -> bool {
        self.accept.contains("json")
    }

    /// True when the asker already has the state with that tag.
    pub(super) fn has(&self, tag: &str) -> bool {
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        self.tags.split(',').any(|one| one.trim() == "*" || bare(one) == tag)
    }

    /// The address of the page that follows the row with that mark.
    pub(super) fn after(&self, mark: &str) -> String {
        let mut address = format!("{}?after={}", self.path, encoded(mark));
        for (name, value) in self.parameters.iter().filter(|(name, _)| name != "after") {
            address.push_str(&format!("&{}={}", encoded(name), encoded(value)));
        }
        address
    }
}

/// Text as it stands in an address; `None` when it is encoded wrong.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The same the other way round: only what RFC 3986, section 2.3, calls unreserved stands as it is.
fn encoded(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                safe.push(char::from(byte));
            }
            other => safe.push_str(&format!("%{other:02X}")),
        }
    }
    safe
}

/// A name that does not exist is repeated up to here.
const NAME_CHARS_SHOWN_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str) -> Result<Asked, Problem> {
        Asked::new(&uri.parse().unwrap(), &HeaderMap::new(), &["where", "limit", "after"])
    }

    #[test]
    fn parameters_are_decoded() {
        let asked = asked("/a?where=vendor%3DSiemens+and%20firmware%3C10&limit=7").unwrap();
        assert_eq!(asked.text("where"), Some("vendor=Siemens and firmware<10"));
        assert_eq!(asked.limit().unwrap(), 7);
    }

    #[test]
    fn what_is_no_parameter_is_told() {
        for (uri, what) in [
            ("/a?were=1", "were: there is no such parameter; this route has where, limit, after"),
            ("/a?limit=1&limit=2", "limit: it is given twice"),
            ("/a?where=%zz", "query: it is not encoded right"),
            ("/a?where=%ff", "query: it is not encoded right"),
            ("/a?where=%4", "query: it is not encoded right"),
        ] {
            assert_eq!(asked(uri).unwrap_err().text, what, "{uri}");
        }
        for limit in ["0", "1001", "-1", "x", "99999999999999999999999"] {
            let problem = asked(&format!("/a?limit={limit}")).unwrap().limit().unwrap_err();
            assert_eq!(problem.status, 400, "{limit}");
        }
    }

    #[test]
    fn the_address_of_the_next_page_reads_back() {
        let first = asked("/a?where=name~%22a%26b%22&after=1&limit=2").unwrap();
        let uri = first.after("x y/ü");
        let next = asked(&uri).unwrap();
        assert_eq!(next.text("after"), Some("x y/ü"));
        assert_eq!(next.text("where"), first.text("where"));
        assert_eq!(next.limit().unwrap(), 2);
    }

    #[test]
    fn tags_are_compared_weakly() {
        let asked = Asked { tags: "\"a\", W/\"b\"".to_owned(), ..Asked::default() };
        assert!(asked.has("\"a\"") && asked.has("\"b\"") && !asked.has("\"c\""));
        assert!(Asked { tags: "*".to_owned(), ..Asked::default() }.has("\"c\""));
    }
}
