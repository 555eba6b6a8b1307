//! Whether bytes begin an HTTP message.

use crate::model::limits::PROBE_BYTES_MAX;
use crate::protocols::Probe;
use crate::protocols::http::message::{Request, status};

/// Sure of a whole start line. RTSP and SIP look alike up to its end.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let bytes = bytes.trim_ascii_start();
    let starts = |word: &&[u8]| bytes.starts_with(word) || word.starts_with(bytes);
    if !METHODS.iter().any(starts) && !starts(&STATUS_LINE) {
        return Probe::No;
    }
    let Some(end) = bytes.iter().position(|c| *c == b'\n') else {
        // A target too long to wait for is one of HTTP: the others have short ones.
        let long = bytes.len() >= PROBE_BYTES_MAX && bytes.iter().all(|c| matches!(c, b' '..=b'~'));
        return if long { Probe::Yes } else { Probe::More };
    };
    let line = bytes.get(..end).unwrap_or_default().trim_ascii_end();
    let understood = Request::read(line).is_some() || status(line).is_some();
    if understood || line == super::HTTP_2_PREFACE { Probe::Yes } else { Probe::No }
}

const STATUS_LINE: &[u8] = b"HTTP/1.";

/// Methods that begin requests in practice: RFC 9110 and 5789, WebDAV (RFC 4918), and those of Windows and UPnP.
const METHODS: &[&[u8]] = &[
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"CONNECT ",
    b"OPTIONS ",
    b"TRACE ",
    b"PATCH ",
    b"PROPFIND ",
    b"PROPPATCH ",
    b"MKCOL ",
    b"COPY ",
    b"MOVE ",
    b"LOCK ",
    b"UNLOCK ",
    b"REPORT ",
    b"SEARCH ",
    b"SUBSCRIBE ",
    b"UNSUBSCRIBE ",
    b"NOTIFY ",
    b"RPC_IN_DATA ",
    b"RPC_OUT_DATA ",
    b"CCM_POST ",
    b"PRI * HTTP/2.0",
];
