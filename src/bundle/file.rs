//! The file: a list of contents, the contents, and a signature over both.
//!
//! ```text
//! offset  bytes
//!      0      8  89 4e 50 44 42 0d 0a 1a: changed by whatever changes line ends
//!      8      2  format version, 1                                       numbers are big-endian
//!     10      2  zero
//!     12      4  M, length of the manifest
//!     16      8  C, length of the content
//!     24      M  manifest: JSON
//!   24+M      C  the parts in the order of the manifest, each a zstd frame
//!  -129     32  SHA-256 of all before
//!   -97      1  0 not signed, 1 Ed25519
//!   -96     32  public key, zero when not signed
//!   -64     64  signature over "nameplate bundle 1 ed25519\n" and the SHA-256, zero when not signed
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::advisory::csaf;
use crate::bundle::key::{PublicKey, SecretKey};
use crate::bundle::{BundleError, LeftOut, hex};
use crate::model::limits::{
    ADVISORY_BYTES_MAX, BUNDLE_BYTES_MAX, BUNDLE_MANIFEST_BYTES_MAX, BUNDLE_NAME_BYTES_MAX,
    BUNDLE_PARTS_MAX, BUNDLE_UNPACKED_BYTES_MAX, FEED_BYTES_MAX,
};
use crate::model::{FeedKind, Holding, Parcel, Supplement};
use crate::wire::Reader;

/// The list of contents.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// `nameplate.bundle/1`.
    pub format: String,
    /// When the knowledge in it is of.
    pub built: String,
    /// The program that built it.
    pub builder: String,
    /// What is in it, in order.
    pub parts: Vec<Entry>,
    /// What was among the inputs and is not in it.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

/// One part.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// `csaf`, `kev`, `epss`, `oui` or `lifecycle`.
    pub kind: String,
    /// Name of its file.
    pub name: String,
    /// Tracking identifier of a document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Tracking version of a document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision: String,
    /// When this revision was released, or what day a list is of.
    #[serde(default)]
    pub date: String,
    /// Who published it.
    #[serde(default)]
    pub origin: String,
    /// SHA-256 of it unpacked, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes unpacked.
    pub size: u64,
    /// Bytes of its zstd frame.
    pub packed: u64,
    /// True when it agreed with a checksum beside it.
    #[serde(default)]
    pub checksum: bool,
    /// The OpenPGP key whose signature beside it was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openpgp: Option<String>,
}

impl Entry {
    /// True for a document.
    pub fn is_document(&self) -> bool {
        self.kind == DOCUMENT
    }
}

/// Writes a bundle: the same parts in the same order give the same bytes.
///
/// # Errors
///
/// When it would be larger than can be read again.
pub fn write(
    mut manifest: Manifest,
    contents: &[Vec<u8>],
    key: Option<&SecretKey>,
) -> Result<Vec<u8>, BundleError> {
    manifest.format = FORMAT.to_owned();
    let mut packed = Vec::new();
    for (entry, content) in manifest.parts.iter_mut().zip(contents) {
        let frame = zstd::bulk::compress(content, PACKING)
            .map_err(|error| BundleError::Damaged(error.to_string()))?;
        entry.sha256 = hex(&Sha256::digest(content));
        entry.size = length(content);
        entry.packed = length(&frame);
        packed.extend(frame);
    }
    let manifest =
        serde_json::to_vec(&manifest).map_err(|error| BundleError::Damaged(error.to_string()))?;
    let size = u32::try_from(manifest.len()).map_err(|_| BundleError::TooLarge)?;
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_be_bytes());
    file.extend([0, 0]);
    file.extend(size.to_be_bytes());
    file.extend(length(&packed).to_be_bytes());
    file.extend(manifest.iter());
    file.extend(packed);
    let digest: [u8; 32] = Sha256::digest(&file).into();
    file.extend(digest);
    match key {
        Some(key) => {
            file.push(SIGNED);
            file.extend(key.public().bytes());
            file.extend(key.sign(&message(&digest)));
        }
        None => file.extend([0; 97]),
    }
    // A bundle that cannot be read again is refused where it is made.
    if manifest.len() > BUNDLE_MANIFEST_BYTES_MAX || file.len() > BUNDLE_BYTES_MAX {
        return Err(BundleError::TooLarge);
    }
    Ok(file)
}

/// A bundle whose bytes are those that were written, and whose signature is right if it has one. Whether the key is one to trust
/// is for the reader to say.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    /// The list of contents.
    pub manifest: Manifest,
    /// The key that signed it.
    pub signer: Option<PublicKey>,
    /// SHA-256 of the whole file.
    pub sha256: String,
    content: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// True for bytes that begin like a bundle.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Reads the frame of a bundle, and checks that nothing in it was changed.
    ///
    /// # Errors
    ///
    /// When it is none, of another version, damaged, or signed wrongly.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BundleError> {
        if !Self::is_one(bytes) {
            return Err(BundleError::NoBundle);
        }
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        reader.skip("magic", MAGIC.len())?;
        let version = reader.u16_be("format version")?;
        if version != VERSION {
            return Err(BundleError::Version(version));
        }
        reader.skip("zero", 2)?;
        let manifest_bytes = usize::try_from(reader.u32_be("length of the manifest")?);
        let content_bytes = usize::try_from(reader.u64_be("length of the content")?);
        let (Ok(manifest_bytes), Ok(content_bytes)) = (manifest_bytes, content_bytes) else {
            return Err(BundleError::TooLarge);
        };
        if manifest_bytes > BUNDLE_MANIFEST_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let manifest = reader.bytes("manifest", manifest_bytes)?;
        let content = reader.bytes("content", content_bytes)?;
        let before = bytes.get(..reader.at()).unwrap_or_default();
        let said: [u8; 32] = reader.array("digest")?;
        let digest: [u8; 32] = Sha256::digest(before).into();
        if digest != said {
            return Err(BundleError::Damaged(
                "its bytes are not those that were written".to_owned(),
            ));
        }
        let signer = signer(&mut reader, &digest)?;
        if !reader.is_empty() {
            return Err(BundleError::Damaged("something follows behind its end".to_owned()));
        }
        let manifest: Manifest = serde_json::from_slice(manifest)
            .map_err(|error| BundleError::Damaged(format!("its list of contents: {error}")))?;
        if manifest.parts.len() > BUNDLE_PARTS_MAX {
            return Err(BundleError::TooLarge);
        }
        Ok(Self { manifest, signer, sha256: hex(&Sha256::digest(bytes)), content })
    }

    /// The parts, each unpacked, or why it cannot be.
    pub fn parts(&self) -> impl Iterator<Item = (&Entry, Result<Vec<u8>, String>)> + '_ {
        let mut reader = Reader::new(self.content);
        let mut left = BUNDLE_UNPACKED_BYTES_MAX;
        self.manifest.parts.iter().map(move |entry| {
            let packed = usize::try_from(entry.packed).unwrap_or(usize::MAX);
            let unpacked = reader
                .bytes("part", packed)
                .map_err(|error| error.to_string())
                .and_then(|packed| unpack(entry, packed, &mut left));
            (entry, unpacked)
        })
    }

    /// All of it, ready for a store, and what of it could not be read: that costs only itself.
    pub fn parcel(&self, origin: &str) -> (Parcel, Vec<LeftOut>) {
        let mut parcel = Parcel {
            sha256: self.sha256.clone(),
            built: self.manifest.built.clone(),
            builder: self.manifest.builder.clone(),
            signer: self.signer.as_ref().map(PublicKey::id),
            origin: origin.to_owned(),
            ..Parcel::default()
        };
        let mut left_out = Vec::new();
        for (entry, bytes) in self.parts() {
            let kept = bytes.and_then(|bytes| keep(entry, bytes, &mut parcel));
            left_out.extend(kept.err().map(|why| LeftOut { name: entry.name.clone(), why }));
        }
        (parcel, left_out)
    }
}

fn signer(reader: &mut Reader<'_>, digest: &[u8; 32]) -> Result<Option<PublicKey>, BundleError> {
    let kind = reader.u8("kind of signature")?;
    let key: [u8; 32] = reader.array("public key")?;
    let signature: [u8; 64] = reader.array("signature")?;
    match kind {
        SIGNED => {
            let key = PublicKey::new(&key).ok_or(BundleError::Signature)?;
            if !key.has_signed(&message(digest), &signature) {
                return Err(BundleError::Signature);
            }
            Ok(Some(key))
        }
        // Who takes a signature off leaves no trace of it; what is left of one is a trace of somebody else.
        0 if key == [0; 32] && signature == [0; 64] => Ok(None),
        _ => Err(BundleError::Damaged("its signature is of no kind that is known".to_owned())),
    }
}

fn unpack(entry: &Entry, packed: &[u8], left: &mut u64) -> Result<Vec<u8>, String> {
    let names = [&entry.kind, &entry.name, &entry.id, &entry.revision, &entry.date, &entry.origin];
    if names.iter().any(|name| name.len() > BUNDLE_NAME_BYTES_MAX) {
        return Err("a name longer than any".to_owned());
    }
    let bytes_max = if entry.is_document() { ADVISORY_BYTES_MAX } else { FEED_BYTES_MAX };
    let size = usize::try_from(entry.size).ok().filter(|size| *size <= bytes_max);
    let size =
        size.ok_or_else(|| format!("{} bytes are more than any such part has", entry.size))?;
    *left =
        left.checked_sub(entry.size).ok_or("more than all parts of a bundle together may have")?;
    let bytes = zstd::bulk::decompress(packed, size).map_err(|error| error.to_string())?;
    if hex(&Sha256::digest(&bytes)) != entry.sha256 {
        return Err("its content is not the one that the list of contents names".to_owned());
    }
    Ok(bytes)
}

/// Puts a part where it belongs. What a document says of itself counts, not what the list of contents says of it.
fn keep(entry: &Entry, bytes: Vec<u8>, parcel: &mut Parcel) -> Result<(), String> {
    let (name, origin) = (entry.name.clone(), entry.origin.clone());
    let sha256 = entry.sha256.clone();
    if entry.is_document() {
        let read = csaf::parse(&bytes, &entry.name).map_err(|error| error.to_string())?;
        parcel.documents.push(Holding {
            id: read.id.into(),
            revision: read.revision.into(),
            released: read.released.into(),
            substance: read.substance,
            sha256,
            origin,
            name,
            bundle: None,
            bytes,
        });
        return Ok(());
    }
    let kind = FeedKind::named(&entry.kind)
        .ok_or_else(|| format!("{} is a kind of a later version", entry.kind))?;
    let date = entry.date.clone();
    parcel.feeds.push(Supplement { kind, name, origin, date, sha256, bytes });
    Ok(())
}

fn message(digest: &[u8; 32]) -> Vec<u8> {
    [CONTEXT, digest].concat()
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The kind of parts that are documents.
pub const DOCUMENT: &str = "csaf";
const FORMAT: &str = "nameplate.bundle/1";
const MAGIC: &[u8] = b"\x89NPDB\r\n\x1a";
const VERSION: u16 = 1;
const SIGNED: u8 = 1;
const CONTEXT: &[u8] = b"nameplate bundle 1 ed25519\n";
/// A level of zstd: higher ones pack the public corpus little smaller, and take several times as long.
const PACKING: i32 = 9;

#[cfg(test)]
mod tests;
