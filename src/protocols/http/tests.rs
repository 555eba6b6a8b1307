//! What is said of whole exchanges; `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn said(messages: &[(Direction, &[u8])]) -> Vec<String> {
    let lines = listen(messages).lines();
    lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.to_owned()).collect()
}

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Server: GoAhead-Webs\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    Content-Length: 60\r\n\r\n\
    <html><head><title>IE-SW-VL08</title></head><body></body> ..";

#[test]
fn an_exchange_names_client_and_server() {
    let heard = listen(&[
        (
            ToServer,
            b"GET /login?user=alice&password=s3cret HTTP/1.1\r\n\
              Host: sw4.plant.example:8080\r\nUser-Agent:  curl/7.88.1 \r\nCookie: sid=s3cret\r\n\r\n",
        ),
        (ToClient, PAGE),
        (ToServer, b"GET / HTTP/1.1\r\nHost: 10.0.0.2:80\r\n\r\n"),
        (ToClient, PAGE),
    ]);
    let once =
        ["10.0.0.2  http.server = GoAhead-Webs @25+12", "10.0.0.2  http.title = IE-SW-VL08 @19+10"];
    let asked = [
        "10.0.0.2  http.host = sw4.plant.example:8080 @6+22",
        "10.0.0.1  http.user_agent = curl/7.88.1 @13+11",
    ];
    let spoken: Vec<&str> = asked.iter().chain(&once).chain(&once).copied().collect();
    let heard: Vec<String> = heard.lines();
    let values = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|l| l.rsplit_once(" @").unwrap().0.to_owned()).collect()
    };
    let spoken: Vec<String> = spoken.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(values(&heard), values(&spoken));
}

#[test]
fn secrets_are_in_no_value_and_in_no_excerpt() {
    let response = base64_of(b"NTLMSSP\0\x03\0\0\0");
    let ntlm = format!("GET / HTTP/1.1\r\nAuthorization: NTLM {response}\r\n\r\n");
    let heard = listen(&[
        (
            ToServer,
            b"GET /s3cret?key=s3cret HTTP/1.1\r\nHost: s3cret:s3cret@plc\r\n\
              Authorization: Basic s3cret\r\nProxy-Authorization: s3cret\r\nX-Api-Key: s3cret\r\n\
              Cookie: s3cret\r\n\r\n",
        ),
        (
            ToServer,
            b"GET / HTTP/1.1\r\nAuthorization: Digest username=\"s3cret\", response=\"s3cret\"\r\n\
              Cookie: s3cret\r\n\r\n",
        ),
        (ToServer, ntlm.as_bytes()),
        (
            ToClient,
            b"HTTP/1.1 200 OK\r\nSet-Cookie: s3cret\r\nSet-Cookie: wbm=s3cret\r\n\
            Location: /1a2b3c4d5e6f/s3cret\r\nLocation: /login.htm?key=s3cret\r\n\
            Location: http://s3cret:s3cret@plc/\r\n\r\n",
        ),
    ]);
    let schemes: Vec<String> = heard.said.iter().map(|o| o.value.to_string()).collect();
    assert_eq!(schemes, ["Basic", "Digest", "NTLM", "wbm", "/login.htm"]);
    for said in &heard.said {
        let excerpt = String::from_utf8_lossy(&said.excerpt.bytes).into_owned();
        assert_eq!(excerpt, said.value.to_string(), "evidence is the value and nothing else");
    }
}

fn base64_of(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b))
            << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            text.push(char::from(SYMBOLS[(bits >> (18 - 6 * at)) as usize & 0x3f]));
        }
        text.push_str(&"=="[..3 - group.len()]);
    }
    text
}

#[test]
fn ntlm_in_a_challenge_is_proved_by_the_characters_that_hold_it() {
    let mut challenge =
        b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\x05\x02\x08\xa2chalenge\0\0\0\0\0\0\0\0\
        \0\0\0\0\x38\0\0\0"
            .to_vec();
    challenge.truncate(48);
    challenge.extend_from_slice(b"\x0a\x00\x7c\x4f\0\0\0\x0f");
    let text = base64_of(&challenge);
    for scheme in ["NTLM", "Negotiate"] {
        let head = format!("HTTP/1.1 401 No\r\nWWW-Authenticate: {scheme} {text}\r\n\r\n");
        let heard = listen(&[(ToClient, head.as_bytes())]);
        let version = &heard.said[1];
        assert_eq!(version.key, ntlmssp::VERSION);
        assert_eq!(version.value.to_string(), "10.0.20348");
        // The line is shown alone: the token stands behind the name, a blank, the scheme and a blank.
        let token_at = "WWW-Authenticate: ".len() + scheme.len() + 1;
        let line_at = "HTTP/1.1 401 No\r\n".len();
        assert_eq!(version.excerpt.offset as usize, token_at + 64);
        let bytes = &head.as_bytes()[line_at + token_at + 64..][..6];
        assert_eq!(*version.excerpt.bytes, *bytes, "characters of the four bytes");
    }
}

#[test]
fn challenges_of_one_field_are_told_apart() {
    let lines = said(&[(
        ToClient,
        b"HTTP/1.1 401 Unauthorized\r\n\
          WWW-Authenticate: Digest realm=\"S7-1200 \\\"A\\\"\", qop=\"auth, auth-int\", nonce=s3cret, Basic Realm = \"ILC 151\"\r\n\
          www-authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n\
          WWW-Authenticate: Bearer realm=plain\r\nContent-Length: 0\r\n\r\n",
    )]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  http.authentication_scheme = Digest",
            "10.0.0.2  http.realm = S7-1200 \"A\"",
            "10.0.0.2  http.authentication_scheme = Basic",
            "10.0.0.2  http.realm = ILC 151",
            "10.0.0.2  http.authentication_scheme = Negotiate",
            "10.0.0.2  http.authentication_scheme = NTLM",
            "10.0.0.2  http.authentication_scheme = Bearer",
            "10.0.0.2  http.realm = plain",
        ]
    );
}

#[test]
fn the_server_behind_a_proxy_is_not_the_proxy() {
    let lines = said(&[
        (ToServer, b"GET http://vendor.example/ HTTP/1.1\r\nHost: vendor.example\r\n\r\n"),
        (
            ToClient,
            b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/5.7\r\n\
              Proxy-Authenticate: Basic realm=\"proxy\"\r\nVia: 1.1 gw (squid/5.7)\r\nContent-Length: 0\r\n\r\n",
        ),
    ]);
    assert_eq!(
        lines,
        [
            "10.0.0.2  http.authentication_scheme = Basic",
            "10.0.0.2  http.realm = proxy",
            "10.0.0.2  http.via = 1.1 gw (squid/5.7)",
        ]
    );
}

#[test]
fn bodies_are_passed_over_whatever_they_look_like() {
    let lines = said(&[
        (ToServer, b"HEAD / HTTP/1.1\r\n\r\nPOST /a HTTP/1.1\r\nContent-Length: 21\r\n\r\nUser-Agent: a body\r\n\r\n"),
        (ToServer, b"GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n"),
        (ToClient, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nServer: head\r\n\r\n"),
        (ToClient, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nServer: none\r\n\r\n"),
        (
            ToClient,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nServer: chunked\r\n\r\n\
              12;x=\"y\"\r\nServer: in a chunk\r\n0\r\nServer: in a trailer\r\n\r\n",
        ),
        (ToClient, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nServer: last\r\n\r\n"),
    ]);
    let servers = ["head", "none", "chunked", "last"];
    let expected = servers.map(|name| format!("10.0.0.2  http.server = {name}"));
    assert_eq!(lines, expected);
}

#[test]
fn nothing_is_read_after_an_upgrade_or_a_tunnel() {
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nServer: a\r\n\r\nHTTP/1.1 200 OK\r\nServer: b\r\n\r\n";
    assert_eq!(said(&[(ToClient, switch)]), ["10.0.0.2  http.server = a"]);
    let tunnel = [
        (ToServer, &b"CONNECT plc:443 HTTP/1.1\r\nUser-Agent: c\r\n\r\n"[..]),
        (ToClient, b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nServer: b\r\n\r\n"),
    ];
    assert_eq!(said(&tunnel), ["10.0.0.1  http.user_agent = c"]);
}

#[test]
fn a_title_in_the_first_chunk_is_found_piece_by_piece() {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: TEXT/HTML\r\nTransfer-Encoding: chunked\r\n\r\n\
        20\r\n<html><head><TITLE >WAGO</TITLE>\r\n0\r\n\r\nHTTP/1.1 204 No\r\nServer: next\r\n\r\n";
    let pieces: Vec<(Direction, &[u8])> = page.chunks(1).map(|byte| (ToClient, byte)).collect();
    let expected = ["10.0.0.2  http.title = WAGO", "10.0.0.2  http.server = next"];
    assert_eq!(said(&[(ToClient, page)]), expected);
    assert_eq!(said(&pieces), expected);
}

#[test]
fn a_flood_of_fields_is_given_up() {
    let mut flood = b"GET / HTTP/1.1\r\n".to_vec();
    for _ in 0..HTTP_HEAD_BYTES_MAX {
        flood.extend_from_slice(b"a: b\r\n");
    }
    let heard = listen(&[(ToServer, &flood)]);
    assert_eq!(heard.counted, ["http.heads_too_long"]);
    assert_eq!(heard.damage[0].field, "header section");
    let endless =
        [&b"GET / HTTP/1.1\r\nCookie: "[..], &vec![b'x'; 2 * HTTP_HEAD_BYTES_MAX]].concat();
    let pieces: Vec<(Direction, &[u8])> =
        endless.chunks(1_000).map(|part| (ToServer, part)).collect();
    assert_eq!(listen(&pieces).counted.first(), Some(&"http.heads_too_long"));
}

#[test]
fn an_endless_field_is_not_kept() {
    let mut line = b"HTTP/1.1 200 OK\r\nServer: ".to_vec();
    line.resize(HTTP_LINE_BYTES_MAX + 100, b'x');
    line.extend_from_slice(b"\r\nX-Powered-By: PHP/5.2.6\r\n\r\n");
    let pieces: Vec<(Direction, &[u8])> = line.chunks(500).map(|part| (ToClient, part)).collect();
    let heard = listen(&pieces);
    assert_eq!(heard.counted, ["http.lines_too_long"]);
    assert_eq!(heard.said.len(), 1);
    assert_eq!(heard.said[0].value.to_string(), "PHP/5.2.6");
}

#[test]
fn lengths_that_cannot_be_lose_the_framing() {
    for head in [
        &b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"[..],
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n",
        b"GET rtsp://camera/ RTSP/1.0\r\n\r\n",
    ] {
        assert_eq!(
            listen(&[(ToServer, head)]).damage.len(),
            1,
            "{}",
            String::from_utf8_lossy(head)
        );
    }
    let largest = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nxx";
    assert_eq!(listen(&[(ToServer, largest)]).damage, []);
}

#[test]
fn a_gap_begins_anew_with_the_next_message() {
    let mut conversation = Conversation::default();
    conversation.asked.push_back(Asked::default());
    conversation.to_client.at = At::ChunkSize;
    conversation.gap(ToClient);
    assert!(conversation.asked.is_empty());
    assert!(matches!(conversation.to_client.at, At::StartLine));
}

#[test]
fn version_2_is_counted_and_left_alone() {
    let heard = listen(&[(ToServer, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]);
    assert_eq!(heard.counted, ["http.version_2_conversations"]);
}

#[test]
fn the_probe_is_sure_of_whole_start_lines_only() {
    for (bytes, expected) in [
        (&b"GET / HTTP/1.1\r\n"[..], Probe::Yes),
        (b"POST /wsman HTTP/1.1\r\nHost", Probe::Yes),
        (b"HTTP/1.0 401 Unauthorized\r\n", Probe::Yes),
        (b"GE", Probe::More),
        (b"GET /", Probe::More),
        (b"HTTP/1.1 4", Probe::More),
        (b"OPTIONS sip:a@b SIP/2.0\r\n", Probe::No),
        (b"OPTIONS rtsp://camera RTSP/1.0\r\n", Probe::No),
        (b"HTTP/1.1 x\r\n", Probe::No),
        (b"GETTING\r\n", Probe::No),
        (b"\x03\x00\x00\x16", Probe::No),
        (b"", Probe::More),
    ] {
        assert_eq!(probe::probe(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn methods_read_or_write() {
    for (method, acts) in [
        ("GET", [0, 1, 0, 0, 0]),
        ("HEAD", [0, 1, 0, 0, 0]),
        ("POST", [0, 0, 1, 0, 0]),
        ("PUT", [0, 0, 1, 0, 0]),
        ("PATCH", [0, 0, 1, 0, 0]),
        ("DELETE", [0, 0, 1, 0, 0]),
        ("OPTIONS", [0; 5]),
        ("CONNECT", [0; 5]),
    ] {
        let request = format!("{method} / HTTP/1.1\r\nHost: plc4\r\n\r\n");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let talk = [(ToServer, request.as_bytes()), (ToClient, answer)];
        assert_eq!(listen(&talk).acts(), acts, "{method}");
    }
}
