//! Keys that sign bundles: Ed25519 (RFC 8032), each in a line of text.
//!
//! ```text
//! nameplate-secret-key ed25519 <64 hexadecimal digits>             of a file that its owner alone can read
//! nameplate-public-key ed25519 <64 hexadecimal digits> [whose]     of a file that may go around
//! ```
//!
//! Lines that begin with `#` are for people. A file of public keys may hold several.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::bundle::{BundleError, from_hex, hex};
use crate::model::limits::BUNDLE_KEYS_MAX;

/// A key that signatures are checked with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key of these bytes; `None` when they are none, or one of the few with which anything could be signed.
    pub fn new(bytes: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(Self)
    }

    /// The keys in a text: lines of a file, or the digits alone.
    ///
    /// # Errors
    ///
    /// When a line is none of both, or there is no key at all.
    pub fn read(text: &str, name: &str) -> Result<Vec<Self>, BundleError> {
        let wrong = |why: &str| BundleError::Key(format!("{name}: {why}"));
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut keys = Vec::new();
        for line in lines.take(BUNDLE_KEYS_MAX) {
            let mut words = line.split_whitespace();
            let digits = match words.next() {
                Some(SECRET) => {
                    return Err(wrong(
                        "this is the secret key; the public one lies beside it, with .pub",
                    ));
                }
                Some(PUBLIC) if words.next() == Some(ALGORITHM) => words.next(),
                first => first,
            };
            let key = digits.and_then(from_hex).and_then(|bytes| Self::new(&bytes));
            keys.push(key.ok_or_else(|| {
                wrong("this is no public key: a line of one reads nameplate-public-key ed25519 and 64 digits")
            })?);
        }
        if keys.is_empty() {
            return Err(wrong("there is no public key in it"));
        }
        Ok(keys)
    }

    /// What a person calls it by: the first 16 digits of its SHA-256.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes())).chars().take(ID_DIGITS).collect()
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The line of a file.
    pub fn line(&self) -> String {
        format!("{PUBLIC} {ALGORITHM} {}\n", hex(self.0.as_bytes()))
    }

    /// True when the key signed the message.
    pub fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// A key that signs. It is wiped from memory when it goes.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key that random bytes make.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The key in a file.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn read(text: &str, name: &str) -> Result<Self, BundleError> {
        let mut lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut words = lines.next().unwrap_or_default().split_whitespace();
        let digits = match (words.next(), words.next()) {
            (Some(SECRET), Some(ALGORITHM)) => words.next(),
            _ => None,
        };
        let seed = digits.and_then(from_hex).ok_or_else(|| {
            BundleError::Key(format!(
                "{name}: this is no secret key; nameplate db key new FILE makes one"
            ))
        })?;
        Ok(Self::new(&seed))
    }

    /// The other half, for those who check.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The line of a file.
    pub fn line(&self) -> String {
        format!("{SECRET} {ALGORITHM} {}\n", hex(self.0.as_bytes()))
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// Never shows the key.
impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

const PUBLIC: &str = "nameplate-public-key";
const SECRET: &str = "nameplate-secret-key";
const ALGORITHM: &str = "ed25519";
const ID_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_lines() {
        let secret = SecretKey::new(&[7; 32]);
        let again = SecretKey::read(&format!("# mine\n\n{}", secret.line()), "k").unwrap();
        assert_eq!(again.public(), secret.public());
        let line = format!("# theirs\n{}", secret.public().line());
        assert_eq!(PublicKey::read(&line, "k.pub").unwrap(), [secret.public()]);
        let digits = hex(secret.public().bytes()).to_uppercase();
        assert_eq!(PublicKey::read(&digits, "--trust").unwrap(), [secret.public()]);
        assert!(!format!("{secret:?}").contains("0707"));
    }

    #[test]
    fn the_signature_of_one_message_by_one_key_holds_for_nothing_else() {
        let (one, other) = (SecretKey::new(&[1; 32]), SecretKey::new(&[2; 32]));
        let signature = one.sign(b"a");
        assert!(one.public().has_signed(b"a", &signature));
        assert!(!one.public().has_signed(b"b", &signature));
        assert!(!other.public().has_signed(b"a", &signature));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let secret = SecretKey::new(&[7; 32]);
        for (text, words) in [
            (secret.line(), "is the secret key"),
            (String::new(), "no public key in it"),
            ("# nothing".into(), "no public key in it"),
            ("nameplate-public-key ed25519 12".into(), "no public key"),
            ("00".repeat(32), "no public key"),
        ] {
            let error = PublicKey::read(&text, "x.pub").unwrap_err().to_string();
            assert!(error.starts_with("x.pub: ") && error.contains(words), "{error}");
        }
        assert!(SecretKey::read(&secret.public().line(), "x").is_err());
        assert!(SecretKey::read("", "x").is_err());
    }
}
