//! Addresses on the web, as far as advisories lie there: `https`, or `http` on this machine. Read strictly: what a list says is not
//! trusted, and an address that two programs could read differently is none.

use std::fmt;

use crate::model::limits::ADVISORY_URL_BYTES_MAX;

/// An address.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Address {
    is_secure: bool,
    /// In lower case; an IPv6 address with its brackets.
    host: String,
    port: Option<u16>,
    /// Begins with `/`, as it came, without `.` and `..`.
    path: String,
    query: Option<String>,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// With the reason when it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > ADVISORY_URL_BYTES_MAX {
            return Err(format!("it has more than {ADVISORY_URL_BYTES_MAX} bytes"));
        }
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
        if !text.bytes().all(is_plain) {
            return Err("it has characters that no address has".to_owned());
        }
        let (scheme, rest) = text.split_once("://").ok_or("it does not begin with https://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("it does not begin with https://".to_owned()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).ok_or("it is cut")?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        let (host, port) = authority_of(authority)?;
        let port = port.filter(|port| *port != if is_secure { HTTPS } else { HTTP });
        Ok(Self { is_secure, host, port, path: without_dots(path), query })
    }

    /// The address that a link means that stands on the page of this one.
    ///
    /// # Errors
    ///
    /// With the reason when it is none.
    pub fn link(&self, link: &str) -> Result<Self, String> {
        let link = link.trim();
        let bare = link.split(['?', '#']).next().unwrap_or_default();
        if bare.contains("://") {
            return Self::read(link);
        }
        let origin = self.origin();
        let (scheme, _) = origin.split_once("//").unwrap_or_default();
        if link.starts_with("//") {
            return Self::read(&format!("{scheme}{link}"));
        }
        if link.starts_with('/') {
            return Self::read(&format!("{origin}{link}"));
        }
        if bare.contains(':') {
            return Err("it does not begin with https://".to_owned());
        }
        Self::read(&format!("{origin}{}{link}", self.folder()))
    }

    /// The address of a file that lies below this folder, by the path that an index gives it.
    ///
    /// # Errors
    ///
    /// With the reason when the path leads elsewhere.
    pub fn below(&self, path: &str) -> Result<Self, String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let leads_out = path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if leads_out || path.contains(['\\', ':', '?', '#']) {
            return Err("it does not lie below the directory".to_owned());
        }
        Self::read(&format!("{}{}{path}", self.origin(), self.folder()))
    }

    /// The address with something behind its path.
    ///
    /// # Errors
    ///
    /// With the reason when it becomes none.
    pub fn with(&self, end: &str) -> Result<Self, String> {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Self::read(&format!("{}{}{end}{query}", self.origin(), self.path))
    }

    /// The folder with the files of this address: it itself when it ends in a slash.
    ///
    /// # Errors
    ///
    /// With the reason when it becomes none.
    pub fn as_folder(&self) -> Result<Self, String> {
        let slash = if self.path.ends_with('/') { "" } else { "/" };
        Self::read(&format!("{}{}{slash}", self.origin(), self.path))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.host)
    }

    /// The host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// True for `https`.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// True for this machine itself, by an address that cannot mean another.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let is_own = |address: std::net::IpAddr| address.is_loopback();
        host == "localhost" || host.parse().is_ok_and(is_own)
    }

    /// True when the host is a number, and no name that others could be made from.
    pub fn is_number(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<std::net::Ipv4Addr>().is_ok()
    }

    fn folder(&self) -> &str {
        let end = self.path.rfind('/').and_then(|at| at.checked_add(1)).unwrap_or_default();
        self.path.get(..end).unwrap_or("/")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.origin(), self.path)?;
        self.query.as_ref().map_or(Ok(()), |query| write!(out, "?{query}"))
    }
}

/// Host and port. A name and password before them would be sent, kept and printed: there must be none.
fn authority_of(text: &str) -> Result<(String, Option<u16>), String> {
    if text.contains('@') {
        return Err("it has a name or password in it".to_owned());
    }
    let is_bracketed = text.starts_with('[');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !is_bracketed || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(port.parse().map_err(|_| format!("{port} is no port"))?)
        }
        Some(port) => return Err(format!("{port} is no port")),
        None => None,
    };
    let host = host.to_ascii_lowercase();
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match inside {
        Some(number) => number.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(&host),
    };
    if is_host { Ok((host, port)) } else { Err("it names no host".to_owned()) }
}

/// A name in the sense of hosts: labels of letters, digits and hyphens.
fn is_name(host: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| {
        !label.is_empty() && label.len() <= LABEL_BYTES_MAX && label.bytes().all(is_letter)
    };
    host.len() <= NAME_BYTES_MAX && host.split('.').all(is_label)
}

/// A path without `.` and `..`, as RFC 3986 §5.2.4 takes them out.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut is_folder = false;
    for part in path.split('/').skip(1) {
        is_folder = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let end = if is_folder && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

const HTTPS: u16 = 443;
const HTTP: u16 = 80;
/// Of a name of a host, and of one of its labels (RFC 1035 §2.3.4).
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Address::read(text).map_or_else(|why| format!("! {why}"), |address| address.to_string())
    }

    #[test]
    fn addresses_are_read_and_said_again() {
        for (text, expected) in [
            ("https://Example.COM", "https://example.com/"),
            ("HTTPS://a.b:443/x/./y/../z.json#part", "https://a.b/x/z.json"),
            ("http://127.0.0.1:80/?a=b/c", "http://127.0.0.1/?a=b/c"),
            ("https://[::1]:8443/a//b", "https://[::1]:8443/a//b"),
            ("https://a.b/..", "https://a.b/"),
            ("https://a.b/../../c/.", "https://a.b/c/"),
            ("https://a.b/%2e%2e/c", "https://a.b/%2e%2e/c"),
        ] {
            assert_eq!(read(text), expected, "{text}");
            assert_eq!(read(expected), expected);
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_address() {
        let long = format!("https://a.b/{}", "x".repeat(3_000));
        for text in [
            "",
            "example.com",
            "ftp://a.b/",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://user:word@a.b/",
            "https://a.b@c.d/",
            "https://a.b\\c.d/",
            "https://a.b:x/",
            "https://a.b:99999/",
            "https://a b/",
            "https://a.b/\u{7}",
            "https://ä.b/",
            "https://[::1/",
            "https://[::1]x/",
            "https://a..b/",
            "https://a.b/\r\nHost: c",
            &long,
        ] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn links_are_read_as_on_a_page() {
        let page = Address::read("https://a.b/csaf/feed.json?x=1").unwrap();
        for (link, expected) in [
            ("2024/x.json", "https://a.b/csaf/2024/x.json"),
            ("../y.json", "https://a.b/y.json"),
            ("/z.json", "https://a.b/z.json"),
            ("//c.d/z.json", "https://c.d/z.json"),
            (" https://c.d/z.json ", "https://c.d/z.json"),
            ("http://c.d/z.json", "http://c.d/z.json"),
        ] {
            assert_eq!(page.link(link).unwrap().to_string(), expected, "{link}");
        }
        for link in ["javascript:x", "data:text/plain,x", "file:///etc/passwd", "mailto:a@b"] {
            assert!(page.link(link).is_err(), "{link}");
        }
    }

    #[test]
    fn an_index_names_files_below_it_and_nothing_else() {
        let folder = Address::read("https://a.b/csaf/").unwrap();
        assert_eq!(
            folder.below("./2024/x.json").unwrap().to_string(),
            "https://a.b/csaf/2024/x.json"
        );
        for path in [
            "../x.json",
            "2024/../../x.json",
            "/etc/x.json",
            "//c.d/x.json",
            "https://c.d/x.json",
            "C:\\x.json",
            "2024\\x.json",
            "x.json?y",
            "a//b.json",
            "",
        ] {
            assert!(folder.below(path).is_err(), "{path}");
        }
    }

    #[test]
    fn this_machine_is_known_by_address_only() {
        for (text, expected) in [
            ("http://127.0.0.1:1/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://0x7f000001/", false),
        ] {
            assert_eq!(Address::read(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
