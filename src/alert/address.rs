//! Where an output sends to: `udp://`, `tcp://`, `tcp+tls://`, `http://`, `https://`, or a file.

use std::fmt;
use std::path::PathBuf;

/// Where to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// Datagrams.
    Udp(Endpoint),
    /// A connection, in the clear.
    Tcp(Endpoint),
    /// A connection under TLS.
    Tls(Endpoint),
    /// Requests of HTTP.
    Http {
        /// The server.
        server: Endpoint,
        /// Path and query.
        path: String,
        /// Whether under TLS.
        tls: bool,
    },
    /// A file.
    File(PathBuf),
}

/// A host and a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// A name or an address; of IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// Reads it; else says what is wrong.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return match text {
                "" => Err("is empty"),
                path if path.contains('\0') => Err("holds a character that no path has"),
                path => Ok(Self::File(PathBuf::from(path))),
            };
        };
        match scheme {
            "udp" => Ok(Self::Udp(Endpoint::read(rest, Some(SYSLOG_PORT))?)),
            "tcp" => Ok(Self::Tcp(Endpoint::read(rest, None)?)),
            "tcp+tls" | "tls" => Ok(Self::Tls(Endpoint::read(rest, Some(SYSLOG_TLS_PORT))?)),
            "http" => Self::http(rest, false),
            "https" => Self::http(rest, true),
            "file" if rest.starts_with('/') => Ok(Self::File(PathBuf::from(rest))),
            "file" => Err("is no path: write file:///var/log/notices.ndjson"),
            _ => Err(
                "is no address known here: udp://, tcp://, tcp+tls://, http://, https://, or a path",
            ),
        }
    }

    fn http(rest: &str, tls: bool) -> Result<Self, &'static str> {
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        if path.contains('#') || !path.chars().all(|c| c.is_ascii_graphic()) {
            return Err("has a path with characters that must be written as %20 and the like");
        }
        let server = Endpoint::read(authority, Some(if tls { HTTPS_PORT } else { HTTP_PORT }))?;
        let path = match path.strip_prefix('/') {
            Some(_) => path.to_owned(),
            None => format!("/{path}"),
        };
        Ok(Self::Http { server, path, tls })
    }

    /// Whether it goes under TLS.
    pub(super) fn is_secured(&self) -> bool {
        matches!(self, Self::Tls(_) | Self::Http { tls: true, .. })
    }
}

/// As people may see it: a query may hold what nobody else should know, and is left out.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(server) => write!(f, "udp://{server}"),
            Self::Tcp(server) => write!(f, "tcp://{server}"),
            Self::Tls(server) => write!(f, "tcp+tls://{server}"),
            Self::Http { server, path, tls } => {
                let path = path.split('?').next().unwrap_or_default();
                write!(f, "http{}://{server}{path}", if *tls { "s" } else { "" })
            }
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Endpoint {
    fn read(text: &str, usual: Option<u16>) -> Result<Self, &'static str> {
        if text.contains('@') {
            return Err(
                "names a user or a password: put a token into a file and name that as token_file",
            );
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(inner) => {
                let (host, rest) =
                    inner.split_once(']').ok_or("has no ] after the IPv6 address")?;
                let is_plain = |c: char| c.is_ascii_alphanumeric() || ":.%-_".contains(c);
                if !host.contains(':') || !host.chars().all(is_plain) {
                    return Err("has no IPv6 address in its brackets");
                }
                (host, rest)
            }
            None => {
                let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
                let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
                if host.is_empty() || !host.chars().all(is_plain) {
                    return Err(
                        "has no host, or one with characters that no name has; an IPv6 address stands in [ ]",
                    );
                }
                (host, port)
            }
        };
        let port = match (port.strip_prefix(':'), usual) {
            (Some(port), _) => port.parse().ok().filter(|port| *port != 0),
            (None, Some(usual)) if port.is_empty() => Some(usual),
            (None, _) => return Err("has no port: write host:port"),
        };
        let port = port.ok_or("has no port from 1 to 65535 after its last colon")?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// RFC 5426, section 3.3.
const SYSLOG_PORT: u16 = 514;

/// RFC 5425, section 4.1.
const SYSLOG_TLS_PORT: u16 = 6_514;

const HTTP_PORT: u16 = 80;

const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_shown() {
        for (text, shown) in [
            ("udp://siem", "udp://siem:514"),
            ("udp://[2001:db8::1]", "udp://[2001:db8::1]:514"),
            ("tcp://10.0.0.1:1514", "tcp://10.0.0.1:1514"),
            ("tls://siem.plant.example", "tcp+tls://siem.plant.example:6514"),
            ("tcp+tls://[fe80::1%eth0]:7000", "tcp+tls://[fe80::1%eth0]:7000"),
            ("https://hooks.example/a/b?key=secret", "https://hooks.example:443/a/b"),
            ("http://hooks.example", "http://hooks.example:80/"),
            ("http://hooks.example?x", "http://hooks.example:80/"),
            ("/var/log/notices.ndjson", "/var/log/notices.ndjson"),
            ("file:///var/log/notices.ndjson", "/var/log/notices.ndjson"),
        ] {
            assert_eq!(Target::read(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for text in [
            "",
            "ftp://host",
            "tcp://host",
            "tcp://",
            "tcp://:514",
            "udp://host:0",
            "udp://host:65536",
            "udp://host:port",
            "udp://2001:db8::1",
            "udp://[host]:514",
            "udp://[::1",
            "udp://[::1]514",
            "https://user:secret@host/",
            "https://host/with space",
            "https://host/#there",
            "https://ho\r\nst/",
            "https://host/\r\nX: y",
            "file://relative",
            "udp://host/path",
        ] {
            assert!(Target::read(text).is_err(), "{text:?}");
        }
    }
}
