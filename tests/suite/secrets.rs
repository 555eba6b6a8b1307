//! No secret is kept. Passwords, hashes, responses, keys, tickets, communities, cookies and accounts of people are found
//! in the frames by patterns, and then looked for in everything that the program keeps or prints.

mod find;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::model::{Observation, Value};
use nameplate::packet::{Transport, decode};
use nameplate::protocols::REGISTRY;

use crate::program::run;
use crate::replayed::{bundled, captures_below, hear, root};
use find::{Secrets, WINDOW};

#[test]
fn captures_of_the_project_hold_secrets_of_every_kind() {
    let mut kinds = std::collections::BTreeSet::new();
    for capture in bundled() {
        kinds.extend(secrets(&root().join("captures").join(capture)).kinds);
    }
    for kind in KINDS {
        assert!(kinds.contains(kind), "no capture holds a {kind}: {kinds:?}");
    }
}

#[test]
fn no_fact_of_any_capture_of_the_project_holds_a_secret() {
    let captures = bundled();
    let captures = captures.iter().map(|capture| root().join("captures").join(capture));
    assert_none_leak(captures);
}

#[test]
fn no_fact_of_any_real_capture_holds_a_secret() {
    let Some(shared) = shared() else { return };
    assert_none_leak(captures_below(&shared.join("captures/pcap")).into_iter());
}

#[test]
fn nothing_that_is_stored_or_printed_holds_a_secret() {
    let mut all = Secrets::default();
    for capture in bundled() {
        gather(&root().join("captures").join(capture), &mut all);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut arguments =
        vec!["scan".to_owned(), "captures".to_owned(), "--store".to_owned(), path("store")];
    for format in ["table", "ndjson", "json", "facts", "csv"] {
        arguments.extend(["-o".to_owned(), format!("{format}={}", path(format))]);
    }
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut looked_at = 0;
    for file in crate::replayed::files_below(folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        looked_at += bytes.len();
        if let Some(window) = window(&all, &bytes).or_else(|| window(&all, &unhexed(&bytes))) {
            panic!("{name} holds {window:02x?}");
        }
        let text = all.texts.iter().find(|text| !is_word_of_a_key(text) && contains(&bytes, text));
        assert!(text.is_none(), "{name} holds {text:02x?}");
    }
    assert!(looked_at > 100_000, "{looked_at} bytes are no store and five formats");
}

/// "public" is a community, and stands in `certificate.public_key`. Values are looked at one by one above.
fn is_word_of_a_key(text: &[u8]) -> bool {
    let mut keys = REGISTRY.iter().flat_map(|protocol| protocol.every_key());
    keys.any(|key| contains(key.name.as_bytes(), text))
}

/// The test itself must be able to fail.
#[test]
fn a_secret_that_leaked_would_be_found() {
    let capture = root().join("captures/smb/windows-10.pcap");
    let secrets = secrets(&capture);
    let heard = hear(&[capture], false);
    let sound = heard.observations.first().unwrap();
    assert!(leak(&secrets, sound).is_none());
    let with = |value: Value, excerpt: &[u8]| {
        let mut observation = sound.clone();
        observation.value = value;
        observation.excerpt.bytes = excerpt.into();
        leak(&secrets, &observation)
    };
    let secret = secrets.windows.iter().next().unwrap();
    let wide: Vec<u8> = "Operator".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(with(Value::Uint(1), &[&b"ab"[..], secret].concat()).is_some());
    assert!(with(Value::Bytes(secret.as_slice().into()), b"").is_some());
    assert!(with(Value::Text("PLANT\\OPERATOR".into()), b"").is_some());
    assert!(with(Value::Uint(1), &wide).is_some());
    assert!(with(Value::Text("operators".into()), b"operators").is_none());
}

/// What no capture here holds yet is found as well.
#[test]
fn communities_cookies_and_passwords_in_lines_are_found() {
    let mut secrets = Secrets::default();
    secrets.look(b"\x30\x0f\x02\x01\x01\x04\x07line4rw\xa0\x01\x00", [40_000, 161]);
    let head =
        "GET / HTTP/1.1\r\nauthorization: Basic b3BlcmF0b3I6NDcxMQ==\r\nCookie: id=4711-0815\r\n";
    secrets.look(head.as_bytes(), [40_000, 80]);
    secrets.look(b"USER line4\r\nPASS invented\r\n", [40_000, 21]);
    for secret in
        ["line4rw", "operator:4711", "Basic b3BlcmF0b3I6NDcxMQ==", "id=4711-0815", "invented"]
    {
        assert!(secrets.texts.contains(secret.as_bytes()), "{secret}");
    }
    // An AUTHENTICATE of NTLM in letters: its response of 24 bytes stands at 64.
    let mut message = b"NTLMSSP\0\x03\0\0\0\0\0\0\0\0\0\0\0\x18\0\x18\0\x40\0\0\0".to_vec();
    message.resize(64, 0);
    message.extend(1..=24);
    let letters = find::to_base64(&message);
    secrets.look(format!("Authorization: NTLM {letters}\r\n").as_bytes(), [40_000, 80]);
    assert!(secrets.windows.contains(&[1, 2, 3, 4, 5, 6, 7, 8]));
    let in_letters: [u8; WINDOW] = letters.as_bytes()[88..88 + WINDOW].try_into().unwrap();
    assert!(secrets.windows.contains(&in_letters), "a header quoted as it is would leak");
}

fn assert_none_leak(captures: impl Iterator<Item = PathBuf>) {
    let mut wrong = Vec::new();
    let mut with_secrets = 0;
    for capture in captures {
        let secrets = secrets(&capture);
        if secrets.is_empty() {
            continue;
        }
        with_secrets += 1;
        for observation in &hear(std::slice::from_ref(&capture), false).observations {
            if let Some(what) = leak(&secrets, observation) {
                let Observation { frame, key, value, .. } = observation;
                let name = capture.file_name().unwrap().to_string_lossy();
                wrong.push(format!("{name}#{} {key} = {value}: {what}", frame.number));
            }
        }
    }
    assert!(with_secrets > 0, "no capture holds a secret: nothing was tested");
    assert!(wrong.is_empty(), "{} of {with_secrets}\n{}", wrong.len(), wrong.join("\n"));
}

/// Which secret is in the value or the excerpt of a fact.
fn leak(secrets: &Secrets, observation: &Observation) -> Option<String> {
    let value = match &observation.value {
        Value::Text(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        Value::Uint(_) => &[],
    };
    let excerpt = &observation.excerpt.bytes;
    for bytes in [value, excerpt] {
        if let Some(window) = window(secrets, bytes) {
            return Some(format!("a secret number {window:02x?}"));
        }
        if let Some(text) = secrets.texts.iter().find(|text| contains(bytes, text)) {
            return Some(format!("a secret text {:?}", String::from_utf8_lossy(text)));
        }
    }
    if OWN_WORDS.contains(&observation.key.name) {
        return None;
    }
    let people = secrets.accounts.iter().filter(|account| !secrets.machines.contains(*account));
    let words = [words(value), words(excerpt), words(&narrow(excerpt))].concat();
    people
        .into_iter()
        .find(|account| words.contains(account))
        .map(|name| format!("account {name:?}"))
}

fn window<'a>(secrets: &'a Secrets, bytes: &[u8]) -> Option<&'a [u8; WINDOW]> {
    bytes.windows(WINDOW).find_map(|window| secrets.windows.get(window))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// In lower case, with the signs that account names have.
fn words(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    words.map(|word| word.trim_matches('.').to_owned()).collect()
}

/// UTF-16 without the high bytes, from whichever end it is aligned.
fn narrow(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != 0).collect()
}

/// What the hexadecimal digits of a text stand for, run after run.
fn unhexed(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for run in text.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 2 * WINDOW) {
        let digits = std::str::from_utf8(run).unwrap();
        let pairs = (0..run.len() / 2).map(|at| &digits[2 * at..2 * at + 2]);
        bytes.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
    }
    bytes
}

fn secrets(capture: &Path) -> Secrets {
    let mut secrets = Secrets::default();
    gather(capture, &mut secrets);
    secrets
}

/// Puts the payloads of each direction of a conversation together, as far as they follow each other, and looks.
fn gather(capture: &Path, secrets: &mut Secrets) {
    let (mut replay, _) = Replay::open(&[capture.to_owned()], &ReplayOptions::default());
    let mut streams: BTreeMap<_, (u32, Vec<u8>)> = BTreeMap::new();
    while let Some(frame) = replay.next() {
        let packet = decode(&frame);
        let Some(net) = packet.net else { continue };
        match packet.transport {
            Some(Transport::Tcp(tcp)) => {
                let ports = [tcp.source, tcp.destination];
                let (next, bytes) = streams
                    .entry((net.source, net.destination, ports))
                    .or_insert((tcp.sequence, Vec::new()));
                let ahead = tcp.sequence.wrapping_sub(*next);
                if ahead < 1 << 31 && !packet.payload.is_empty() {
                    bytes.extend_from_slice(packet.payload);
                    *next = tcp.sequence.wrapping_add(packet.payload.len() as u32);
                } else if tcp.syn {
                    *next = tcp.sequence.wrapping_add(1);
                }
            }
            Some(Transport::Udp { source, destination }) => {
                secrets.look(packet.payload, [source, destination]);
            }
            _ => {}
        }
    }
    for ((_, _, ports), (_, bytes)) in streams {
        secrets.look(&bytes, ports);
    }
}

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("NAMEPLATE_SHARED")
        .map_or_else(|| root().join("../shared"), PathBuf::from);
    folder.join("captures/pcap").is_dir().then_some(folder)
}

/// Kinds of secrets that the captures of the project must hold, or the tests above say nothing.
const KINDS: &[&str] = &[
    "Kerberos ticket or authenticator",
    "LM response",
    "NTLM response",
    "NTLMv2 response",
    "OPC UA password",
    "SMB1 password",
    "SNMP community",
    "account in NTLM",
    "account in OPC UA",
    "account in SMB1",
    "principal in Kerberos",
    "server challenge",
    "session key",
];

/// Keys whose values are words of the program, among which an account may have its name: "user level", "guest".
const OWN_WORDS: &[&str] = &["smb.security_mode", "smb.session"];
