//! Secrets that a capture holds are in no fact and in no evidence.

use crate::replayed::{captures_below, hear, root};

/// Passwords, names of people and session keys that the captures of a folder were made with.
const SECRETS: &[(&str, &[&str])] = &[
    (
        "http",
        &[
            "invented-4711",
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
        for capture in captures_below(&root().join("captures").join(folder)) {
            let bytes = std::fs::read(&capture).unwrap();
            let heard = hear(&[capture], true);
            assert!(!heard.observations.is_empty());
            for secret in *secrets {
                let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for told in &heard.observations {
                    let value = told.value.to_string();
                    let excerpt = &told.excerpt.bytes;
                    let holds = |text: &[u8]| !text.is_empty() && holds(excerpt, text);
                    assert!(
                        !value.contains(secret) && !holds(secret.as_bytes()) && !holds(&wide),
                        "{secret}: {told:?}"
                    );
                }
            }
            let any = secrets.iter().any(|secret| holds(&bytes, secret.as_bytes()));
            assert!(any || folder == &"http", "a capture without secrets proves nothing");
        }
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
