//! The same, with rPGP underneath: it reads packets and does the arithmetic, and leaves to its user which key may sign when.

use pgp::composed::{Deserializable, DetachedSignature, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{RevocationCode, Signature, SignatureType};
use pgp::types::{KeyDetails, Tag};

use super::Signed;
use crate::model::limits::{BUNDLE_KEYS_MAX, OPENPGP_SIGNATURES_MAX};

/// A key with the times in which it may sign.
#[derive(Debug)]
pub(super) struct Key {
    own: SignedPublicKey,
    primary: Option<Times>,
    /// In the order of the subkeys; `None` for one that is not for signing.
    subkeys: Vec<Option<Times>>,
}

/// Seconds since 1970 from and before which a key may sign.
#[derive(Clone, Copy, Debug)]
struct Times {
    from: u64,
    before: Option<u64>,
}

impl Times {
    fn hold(self, at: u64) -> bool {
        self.from <= at && self.before.is_none_or(|before| at < before)
    }

    fn ended_by(self, end: Option<u64>) -> Self {
        let before = [self.before, end].into_iter().flatten().min();
        Self { before, ..self }
    }
}

/// The keys in a file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Key>, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    if text.contains(ARMOUR) {
        for block in text.split_inclusive(ARMOUR_END).filter(|block| block.contains(ARMOUR)) {
            let block = block.find(ARMOUR).and_then(|at| block.get(at..)).unwrap_or(block);
            let (keys, _) = SignedPublicKey::from_armor_many(block.as_bytes())
                .map_err(|error| error.to_string())?;
            found.extend(keys.take(BUNDLE_KEYS_MAX).filter_map(Result::ok));
        }
    } else {
        let keys = SignedPublicKey::from_bytes_many(bytes).map_err(|error| error.to_string())?;
        found.extend(keys.take(BUNDLE_KEYS_MAX).filter_map(Result::ok));
    }
    let keys: Vec<Key> = found.into_iter().map(Key::new).collect();
    if !keys.iter().any(Key::can_sign) {
        return Err("there is no OpenPGP public key in it that may sign anything".to_owned());
    }
    Ok(keys)
}

/// Checks the signatures beside a document: one that is right is enough.
pub(super) fn check(keys: &[Key], document: &[u8], beside: &[u8]) -> Signed {
    let wrong = || Signed::Wrong("it is no OpenPGP signature".to_owned());
    let text = String::from_utf8_lossy(beside);
    let mut signatures = Vec::new();
    if text.contains(SIGNATURE) {
        // Signatures of several are often laid one behind the other.
        for block in text.split(SIGNATURE).skip(1).take(OPENPGP_SIGNATURES_MAX) {
            let block = format!("{SIGNATURE}{block}");
            let Ok((found, _)) = DetachedSignature::from_armor_many(block.as_bytes()) else {
                continue;
            };
            signatures.extend(found.take(OPENPGP_SIGNATURES_MAX).filter_map(Result::ok));
        }
    } else {
        let Ok(found) = DetachedSignature::from_bytes_many(beside) else { return wrong() };
        signatures.extend(found.take(OPENPGP_SIGNATURES_MAX).filter_map(Result::ok));
    }
    let mut worst = None;
    for DetachedSignature { signature } in &signatures {
        match one(keys, document, signature) {
            by @ Signed::By(_) => return by,
            wrong @ Signed::Wrong(_) => worst = Some(wrong),
            unchecked @ Signed::Unchecked(_) => worst = worst.or(Some(unchecked)),
        }
    }
    worst.unwrap_or_else(wrong)
}

fn one(keys: &[Key], document: &[u8], signature: &Signature) -> Signed {
    if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
        return Signed::Wrong("it is a signature of something else than a document".to_owned());
    }
    let made = issuer(signature);
    let weak = [HashAlgorithm::Md5, HashAlgorithm::Sha1, HashAlgorithm::Ripemd160];
    let is_weak = signature.hash_alg().is_none_or(|hash| weak.contains(&hash));
    let at = signature.created().map(|at| u64::from(at.as_secs()));
    for key in keys {
        let Some((name, times, verified)) = key.check(signature, document) else { continue };
        if !verified {
            return Signed::Wrong(format!("it is not what key {name} signed"));
        }
        if is_weak {
            return Signed::Wrong(format!("key {name} signed it with a hash that can be forged"));
        }
        return match (times, at) {
            (Some(times), Some(at)) if times.hold(at) => Signed::By(name),
            (None, _) => Signed::Wrong(format!("key {name} is not one that may sign documents")),
            _ => Signed::Wrong(format!("key {name} had expired or was revoked when it signed")),
        };
    }
    Signed::Unchecked(match made {
        Some(made) => format!("key {made} was not given"),
        None => "it does not tell which key made it".to_owned(),
    })
}

/// The key that a signature names.
fn issuer(signature: &Signature) -> Option<String> {
    let print = signature.issuer_fingerprint().first().map(|print| print.to_string());
    print.or_else(|| signature.issuer_key_id().first().map(|id| id.to_string()))
}

fn is_named(signature: &Signature, key: &impl KeyDetails) -> bool {
    let (print, id) = (key.fingerprint(), key.legacy_key_id());
    let prints = signature.issuer_fingerprint();
    if prints.is_empty() {
        return signature.issuer_key_id().iter().any(|one| **one == id);
    }
    prints.iter().any(|one| **one == print)
}

impl Key {
    fn new(own: SignedPublicKey) -> Self {
        let primary = primary_times(&own);
        let end = primary_end(&own);
        let subkeys = own
            .public_subkeys
            .iter()
            // A subkey is worth no more than the key that vouches for it.
            .map(|subkey| subkey_times(&own, subkey).map(|times| times.ended_by(end)))
            .collect();
        Self { own, primary, subkeys }
    }

    /// Of the key itself, not of its subkeys.
    pub(super) fn fingerprint(&self) -> String {
        self.own.primary_key.fingerprint().to_string().to_ascii_uppercase()
    }

    fn can_sign(&self) -> bool {
        self.primary.is_some() || self.subkeys.iter().any(Option::is_some)
    }

    /// What this key is called, when it may sign, and whether it made the signature; `None` when the signature names others.
    fn check(
        &self,
        signature: &Signature,
        document: &[u8],
    ) -> Option<(String, Option<Times>, bool)> {
        let primary = &self.own.primary_key;
        if is_named(signature, primary) {
            let verified = signature.verify(primary, document).is_ok();
            return Some((primary.fingerprint().to_string(), self.primary, verified));
        }
        let mut subkeys = self.own.public_subkeys.iter().zip(&self.subkeys);
        let (subkey, times) = subkeys.find(|(subkey, _)| is_named(signature, &subkey.key))?;
        let verified = signature.verify(&subkey.key, document).is_ok();
        Some((subkey.key.fingerprint().to_string(), *times, verified))
    }
}

/// What a key says of itself last: on a user identifier, or directly.
fn latest_own(key: &SignedPublicKey) -> Option<&Signature> {
    let primary = &key.primary_key;
    let of_users = key.details.users.iter().flat_map(|user| {
        let own = user.signatures.iter().filter(|one| one.is_certification());
        own.filter(|one| one.verify_certification(primary, Tag::UserId, &user.id).is_ok())
    });
    let direct = key.details.direct_signatures.iter().filter(|one| one.verify_key(primary).is_ok());
    of_users.chain(direct).max_by_key(|signature| signature.created())
}

/// When a key ends: by what it says of itself, or because it was revoked.
fn primary_end(key: &SignedPublicKey) -> Option<u64> {
    let created = u64::from(key.primary_key.created_at().as_secs());
    let expires = latest_own(key).and_then(|own| expiry(own, created));
    let revocations = key.details.revocation_signatures.iter();
    let revoked = revocations.filter(|one| one.verify_key(&key.primary_key).is_ok()).map(end);
    expires.into_iter().chain(revoked).min()
}

fn primary_times(key: &SignedPublicKey) -> Option<Times> {
    let own = latest_own(key)?;
    let from = u64::from(key.primary_key.created_at().as_secs());
    own.key_flags().sign().then_some(Times { from, before: primary_end(key) })
}

/// A subkey may sign when the key says so, and the subkey says that it belongs to that key.
fn subkey_times(key: &SignedPublicKey, subkey: &SignedPublicSubKey) -> Option<Times> {
    let primary = &key.primary_key;
    let bound = |one: &&Signature| {
        one.typ() == Some(SignatureType::SubkeyBinding)
            && one.verify_subkey_binding(primary, &subkey.key).is_ok()
    };
    let binding = subkey.signatures.iter().filter(bound).max_by_key(|one| one.created())?;
    let back = binding.embedded_signature()?;
    if !binding.key_flags().sign() || back.verify_primary_key_binding(&subkey.key, primary).is_err()
    {
        return None;
    }
    let from = u64::from(subkey.key.created_at().as_secs());
    let revoked = subkey.signatures.iter().filter(|one| {
        one.typ() == Some(SignatureType::SubkeyRevocation)
            && one.verify_subkey_binding(primary, &subkey.key).is_ok()
    });
    let before = expiry(binding, from).into_iter().chain(revoked.map(end)).min();
    Some(Times { from, before })
}

fn expiry(own: &Signature, created: u64) -> Option<u64> {
    let lasts = own.key_expiration_time().map(|lasts| u64::from(lasts.as_secs()));
    lasts.filter(|lasts| *lasts > 0).and_then(|lasts| created.checked_add(lasts))
}

/// Until when signatures of a key that was revoked count: those of a key that was merely replaced up to then, and none of one that
/// may be in other hands, since its signatures can be dated back.
fn end(revocation: &Signature) -> u64 {
    match revocation.revocation_reason_code() {
        Some(RevocationCode::KeySuperseded | RevocationCode::KeyRetired) => {
            revocation.created().map_or(0, |at| u64::from(at.as_secs()))
        }
        _ => 0,
    }
}

const ARMOUR: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const ARMOUR_END: &str = "-----END PGP PUBLIC KEY BLOCK-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
