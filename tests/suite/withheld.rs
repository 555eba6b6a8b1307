//! Secrets that a capture holds are in no fact and in no evidence.

use crate::replayed::{captures_below, hear, root};

/// Passwords, names of people and credentials that the captures of a folder were made with.
const SECRETS: &[(&str, &[&str])] = &[
    (
        "http",
        &[
            "operator",
            "session=",
            "key=invented",
            "b3BlcmF0b3I6aW52ZW50ZWQtNDcxMQ==",
            "aW52ZW50ZWQ6aW52ZW50ZWQ=",
            "response=",
        ],
    ),
    ("ldap", &["invented", "Invented Person", "cn=admin", "Administrator", "wrong", "operator"]),
    ("rdp", &["mstshash", "operator", "invented"]),
];

#[test]
fn no_secret_of_a_capture_is_told() {
    for (folder, secrets) in SECRETS {
        let captures = captures_below(&root().join("captures").join(folder));
        let bytes: Vec<u8> =
            captures.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
        let heard = hear(&captures, true);
        for secret in *secrets {
            let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let tells = |bytes: &[u8]| holds(bytes, secret.as_bytes()) || holds(bytes, &wide);
            assert!(tells(&bytes), "no capture of {folder} holds {secret}: it proves nothing");
            for told in &heard.observations {
                let value = told.value.to_string();
                assert!(!tells(value.as_bytes()) && !tells(&told.excerpt.bytes), "{told:?}");
            }
        }
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
