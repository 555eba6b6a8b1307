//! OpenPGP signatures beside documents (RFC 9580), checked with keys that the user names: no key is looked for anywhere.
//!
//! A signature counts when a key that was given made it, or one of its subkeys that it declares to be for signing, and when that key
//! was neither revoked nor expired at the time that the signature gives itself.

/// What a signature beside a document says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Signed {
    /// A key that was given signed this document.
    By(String),
    /// It is not checked: no key that was given made it. With what names the key that did, where the signature tells.
    Unchecked(String),
    /// It is no signature of this document by the key that it names, or none at all.
    Wrong(String),
}

/// Keys to check with.
#[derive(Debug, Default)]
pub struct Keys(Vec<inside::Key>);

impl Keys {
    /// Adds the keys of a file, armoured or not.
    ///
    /// # Errors
    ///
    /// With the reason when there is none in it that could check anything.
    pub fn add(&mut self, bytes: &[u8], name: &str) -> Result<(), super::BundleError> {
        let keys =
            inside::read(bytes).map_err(|why| super::BundleError::Key(format!("{name}: {why}")))?;
        self.0.extend(keys);
        Ok(())
    }

    /// True when no key was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fingerprints of the keys, in upper case; none where the program was built without OpenPGP.
    pub fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(inside::Key::fingerprint).collect()
    }

    /// Adds keys that were read before.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Checks a detached signature.
    pub fn check(&self, document: &[u8], signature: &[u8]) -> Signed {
        inside::check(&self.0, document, signature)
    }
}

#[cfg(not(feature = "openpgp"))]
mod inside {
    use super::Signed;

    #[derive(Debug)]
    pub(super) struct Key;

    impl Key {
        pub(super) fn fingerprint(&self) -> String {
            String::new()
        }
    }

    pub(super) fn read(_: &[u8]) -> Result<Vec<Key>, String> {
        Err("this program was built without OpenPGP: build it with the feature openpgp".to_owned())
    }

    pub(super) fn check(_: &[Key], _: &[u8], _: &[u8]) -> Signed {
        Signed::Unchecked("this program was built without OpenPGP".to_owned())
    }
}

#[cfg(feature = "openpgp")]
mod inside;

#[cfg(feature = "openpgp")]
#[cfg(test)]
mod tests;
