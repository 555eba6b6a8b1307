//! What a bundle is made of, gathered from directories, archives and files, in an order that does not depend on where they lie.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::advisory::csaf::{self, CsafError};
use crate::bundle::archive::{Archive, SIDECARS};
use crate::bundle::checksum::{self, Sum};
use crate::bundle::file::{DOCUMENT, Entry, Manifest};
use crate::bundle::openpgp::{Keys, Signed};
use crate::bundle::{BundleError, LeftOut, feeds, file_name, hex};
use crate::model::limits::{
    ADVISORY_BYTES_MAX, BUNDLE_LEFT_OUT_MAX, BUNDLE_PARTS_MAX, BUNDLE_UNPACKED_BYTES_MAX,
    FEED_BYTES_MAX, SIDECAR_BYTES_MAX,
};

/// What was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The parts, in order: lists first, then documents by identifier.
    parts: BTreeMap<Place, (Entry, Vec<u8>)>,
    bytes: u64,
    /// Files that should have been parts.
    pub left_out: Vec<LeftOut>,
    /// What was checked.
    pub checked: Checked,
    /// Why signatures were not checked, and how often.
    pub unchecked: BTreeMap<String, usize>,
}

/// Where a part stands: the rank of its kind, its identifier, its hash.
type Place = (u8, String, [u8; 32]);

/// Compares a document of a name with the checksum beside it.
type Compare = fn(&[u8], &str, &[u8]) -> Sum;

/// How many parts were checked, and how.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Checked {
    /// With a checksum beside them, which was right.
    pub checksums: usize,
    /// Without a checksum beside them.
    pub without_checksum: usize,
    /// With a signature beside them, which was right.
    pub signatures: usize,
    /// With a signature beside them, which was not checked.
    pub unchecked: usize,
    /// Files that are neither advisories nor lists: indexes, feeds, read-me files.
    pub passed_over: usize,
    /// Files that were there twice.
    pub repeated: usize,
}

impl Gathered {
    /// Reads everything in these inputs.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read at all, or there is more than a bundle can hold. What is wrong with one file costs only it.
    pub fn from(inputs: &[PathBuf], keys: &Keys) -> Result<Self, BundleError> {
        let mut gathered = Self::default();
        for input in inputs {
            let mut archive = Archive::open(input)?;
            for name in archive.names() {
                gathered.file(&mut archive, &name, keys)?;
            }
        }
        gathered.one_list_of_each_kind();
        gathered.left_out.sort();
        gathered.left_out.dedup();
        Ok(gathered)
    }

    /// How many documents and lists there are.
    pub fn counts(&self) -> (usize, usize) {
        let documents = self.parts.values().filter(|(entry, _)| entry.is_document()).count();
        (documents, self.parts.len().saturating_sub(documents))
    }

    /// The dates that documents give themselves. Lists come out every day, and make no advisory any younger.
    pub fn dates(&self) -> impl Iterator<Item = &str> {
        let documents = self.parts.values().filter(|(entry, _)| entry.is_document());
        documents.map(|(entry, _)| &*entry.date)
    }

    /// The list of contents, and the contents.
    pub fn into_parts(mut self, built: String, builder: String) -> (Manifest, Vec<Vec<u8>>) {
        let hidden = self.left_out.len().saturating_sub(BUNDLE_LEFT_OUT_MAX);
        self.left_out.truncate(BUNDLE_LEFT_OUT_MAX);
        if hidden > 0 {
            let why = format!("{hidden} more files were left out");
            self.left_out.push(LeftOut { name: String::new(), why });
        }
        let (parts, contents) = self.parts.into_values().unzip();
        (
            Manifest { built, builder, parts, left_out: self.left_out, ..Manifest::default() },
            contents,
        )
    }

    fn file(&mut self, archive: &mut Archive, name: &str, keys: &Keys) -> Result<(), BundleError> {
        let lower = name.to_ascii_lowercase();
        let is_table = lower.ends_with(".csv") || lower.ends_with(".csv.gz");
        if !is_table && !lower.ends_with(".json") {
            let is_sidecar = SIDECARS.iter().any(|end| lower.ends_with(end));
            self.checked.passed_over =
                self.checked.passed_over.saturating_add(usize::from(!is_sidecar));
            return Ok(());
        }
        let bytes_max = if is_table { FEED_BYTES_MAX } else { ADVISORY_BYTES_MAX };
        match archive.bytes(name, bytes_max) {
            Ok(bytes) => self.part(archive, name, bytes, keys),
            Err(why) => {
                self.refuse(name, why);
                Ok(())
            }
        }
    }

    fn part(
        &mut self,
        archive: &mut Archive,
        name: &str,
        bytes: Vec<u8>,
        keys: &Keys,
    ) -> Result<(), BundleError> {
        let (place, mut entry, unpacked) = match recognise(name, bytes.clone()) {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.checked.passed_over = self.checked.passed_over.saturating_add(1);
                return Ok(());
            }
            Err(why) => {
                self.refuse(name, why);
                return Ok(());
            }
        };
        // What lies beside a list that is packed is of the packed one.
        match self.checks(archive, name, &bytes, keys) {
            Ok((checksum, openpgp)) => (entry.checksum, entry.openpgp) = (checksum, openpgp),
            Err(why) => {
                self.refuse(name, why);
                return Ok(());
            }
        }
        if self.parts.contains_key(&place) {
            self.checked.repeated = self.checked.repeated.saturating_add(1);
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(unpacked.len()).unwrap_or(u64::MAX));
        self.parts.insert(place, (entry, unpacked));
        if self.parts.len() > BUNDLE_PARTS_MAX || self.bytes > BUNDLE_UNPACKED_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        Ok(())
    }

    /// Whether a checksum beside a file is right, and the key of a signature beside it; or why the file must not be used.
    fn checks(
        &mut self,
        archive: &mut Archive,
        name: &str,
        bytes: &[u8],
        keys: &Keys,
    ) -> Result<(bool, Option<String>), String> {
        let mut has_checksum = false;
        let kinds: [(&str, Compare); 2] =
            [(".sha512", checksum::sha512), (".sha256", checksum::sha256)];
        for (end, compare) in kinds {
            let beside = format!("{name}{end}");
            if !archive.has(&beside) {
                continue;
            }
            let sum = archive.bytes(&beside, SIDECAR_BYTES_MAX);
            match compare(bytes, name, &sum.map_err(|why| format!("its {end}: {why}"))?) {
                Sum::Right => has_checksum = true,
                Sum::Wrong => return Err(format!("its bytes do not agree with its {end}")),
                Sum::Missing => return Err(format!("there is no checksum in its {end}")),
            }
        }
        let count = if has_checksum {
            &mut self.checked.checksums
        } else {
            &mut self.checked.without_checksum
        };
        *count = count.saturating_add(1);
        let beside = format!("{name}.asc");
        if !archive.has(&beside) {
            return Ok((has_checksum, None));
        }
        let mut unchecked = |why: String| {
            self.checked.unchecked = self.checked.unchecked.saturating_add(1);
            let count = self.unchecked.entry(why).or_default();
            *count = count.saturating_add(1);
        };
        if keys.is_empty() {
            unchecked("no key was given with --pgp-key".to_owned());
            return Ok((has_checksum, None));
        }
        let signature = archive.bytes(&beside, SIDECAR_BYTES_MAX);
        match keys.check(bytes, &signature.map_err(|why| format!("its .asc: {why}"))?) {
            Signed::By(key) => {
                self.checked.signatures = self.checked.signatures.saturating_add(1);
                Ok((has_checksum, Some(key)))
            }
            Signed::Unchecked(why) => {
                unchecked(why);
                Ok((has_checksum, None))
            }
            Signed::Wrong(why) => Err(format!("the signature beside it is not right: {why}")),
        }
    }

    /// Of several lists of one kind the latest stays.
    fn one_list_of_each_kind(&mut self) {
        let lists = self.parts.iter().filter(|(_, (entry, _))| !entry.is_document());
        let mut latest: BTreeMap<u8, (String, Place)> = BTreeMap::new();
        let mut older = Vec::new();
        for (place, (entry, _)) in lists {
            let this = (entry.date.clone(), place.clone());
            match latest.get_mut(&place.0) {
                Some(kept) if *kept < this => older.push(std::mem::replace(kept, this).1),
                Some(_) => older.push(this.1),
                None => {
                    latest.insert(place.0, this);
                }
            }
        }
        for place in older {
            if let Some((entry, _)) = self.parts.remove(&place) {
                self.refuse(&entry.name, "there is a later list of the same kind".to_owned());
            }
        }
    }

    fn refuse(&mut self, name: &str, why: String) {
        self.left_out.push(LeftOut { name: file_name(name).to_owned(), why });
    }
}

/// What a file is, where it belongs, and its bytes unpacked; `None` for one that is neither advisory nor list.
fn recognise(name: &str, bytes: Vec<u8>) -> Result<Option<(Place, Entry, Vec<u8>)>, String> {
    let short = file_name(name).to_owned();
    let bytes = feeds::unpacked(bytes)?;
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let entry = Entry { name: short.clone(), sha256: hex(&hash), ..Entry::default() };
    let error = match csaf::parse(&bytes, &short) {
        Ok(read) => {
            let entry = Entry {
                kind: DOCUMENT.to_owned(),
                id: read.id.clone().into(),
                revision: read.revision.into(),
                date: read.released.into(),
                origin: read.publisher.into(),
                ..entry
            };
            return Ok(Some(((u8::MAX, read.id.into(), hash), entry, bytes)));
        }
        Err(error) => error,
    };
    if let Some(list) = feeds::recognise(&bytes) {
        let rank = crate::model::FeedKind::ALL.iter().position(|kind| *kind == list.kind);
        let rank = rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or_default();
        let kind = list.kind.name().to_owned();
        let entry = Entry { kind, date: list.date, origin: list.origin, ..entry };
        return Ok(Some(((rank, String::new(), hash), entry, bytes)));
    }
    let is_json = name.to_ascii_lowercase().ends_with(".json");
    match error {
        // Feeds and indexes lie beside the documents that they list.
        CsafError::NoTrackingId { .. } if !csaf::has_document(&bytes) => Ok(None),
        error if is_json => Err(error.to_string()),
        _ => Ok(None),
    }
}
