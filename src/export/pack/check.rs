//! Checking a pack: every bit of it, with nothing but the pack itself.
//!
//! It is read twice. Once as any reader of zip archives would, to say which file is changed, missing or added; and once from its first
//! byte to its last, each held against the one value that it can have, so that nothing is left in which a bit could differ.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use crate::export::pack::archive::{DEFLATED, Member, STORED, ending};
use crate::export::pack::hex;
use crate::export::pack::manifest::{
    Entry, MANIFEST, Manifest, SCHEMA, SEAL, SIGNED, Signed, message, seal,
};
use crate::model::limits::{
    PACK_FILE_BYTES_MAX, PACK_FILES_MAX, PACK_MANIFEST_BYTES_MAX, PACK_UNPACKED_BYTES_MAX,
};

/// What came of checking a pack.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong with it; nothing, when every bit is as it was written.
    pub problems: Vec<Problem>,
    /// Files that its manifest lists.
    pub files: usize,
    /// Version of the program that made it.
    pub version: String,
    /// The key that it is signed with, when the signature holds.
    pub signer: Option<[u8; 32]>,
}

/// One thing that is wrong with a pack. Names in it are those of the pack, and may be hostile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// A file is not what the manifest says.
    Changed(String, String),
    /// A file is not there.
    Missing(String),
    /// A file is there that the manifest does not list.
    Extra(String),
    /// The manifest, its hash or its signature.
    Manifest(String),
    /// What is around the files.
    Archive(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(name, why) => write!(f, "changed: {name}: {why}"),
            Self::Missing(name) => write!(f, "missing: {name}"),
            Self::Extra(name) => write!(f, "added: {name}"),
            Self::Manifest(why) => write!(f, "manifest: {why}"),
            Self::Archive(why) => write!(f, "archive: {why}"),
        }
    }
}

/// Checks a pack. `holds` tells whether a signature over a message is that of its key.
///
/// # Errors
///
/// When it cannot be read at all; what is wrong with its bytes is told in what is returned.
pub fn check(
    mut pack: impl Read + Seek,
    holds: &dyn Fn(&Signed, &[u8]) -> bool,
) -> io::Result<Checked> {
    let mut checked = Checked::default();
    let (found, manifest) = contents(&mut pack, holds, &mut checked);
    if let Some(manifest) = &manifest {
        checked.files = manifest.files.len();
        checked.version = manifest.version.clone();
        compare(manifest, &found, &mut checked.problems);
    }
    pack.seek(SeekFrom::Start(0))?;
    let strict = walk(&mut BufReader::new(&mut pack), manifest.as_ref())?;
    checked.problems.extend(strict.err().map(Problem::Archive));
    Ok(checked)
}

/// What a file holds: its size and its hash; or why it cannot be unpacked.
type Found = BTreeMap<String, Result<(u64, String), String>>;

/// Reads all files as any reader would.
fn contents(
    pack: &mut (impl Read + Seek),
    holds: &dyn Fn(&Signed, &[u8]) -> bool,
    checked: &mut Checked,
) -> (Found, Option<Manifest>) {
    let mut found = Found::new();
    let mut small: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let problems = &mut checked.problems;
    let mut archive = match zip::ZipArchive::new(BufReader::new(pack)) {
        Ok(archive) => archive,
        Err(error) => {
            problems.push(Problem::Archive(format!("this is no zip archive: {error}")));
            return (found, None);
        }
    };
    if archive.len() > PACK_FILES_MAX {
        let why = format!("more than {PACK_FILES_MAX} files: no pack has so many");
        problems.push(Problem::Archive(why));
        return (found, None);
    }
    let mut left = PACK_UNPACKED_BYTES_MAX;
    for at in 0..archive.len() {
        let mut file = match archive.by_index(at) {
            Ok(file) => file,
            Err(error) => {
                problems.push(Problem::Archive(format!("file {at}: {error}")));
                continue;
            }
        };
        let name = match file.name() {
            Ok(name) => name.into_owned(),
            Err(error) => {
                problems.push(Problem::Archive(format!("file {at}: {error}")));
                continue;
            }
        };
        let is_small = OWN.contains(&&*name);
        let read = match is_small {
            true => whole(&mut file, &name, &mut small),
            false => hashed(&mut file, left),
        };
        // A small archive can hold more than anybody has time for.
        left = left.saturating_sub(read.as_ref().map_or(0, |(bytes, _)| *bytes));
        if left == 0 {
            let why = format!("it holds more than {PACK_UNPACKED_BYTES_MAX} bytes: no pack does");
            problems.push(Problem::Archive(why));
            return (found, None);
        }
        if let (true, Err(why)) = (is_small, &read) {
            problems.push(Problem::Manifest(format!("{name} cannot be unpacked: {why}")));
        }
        if found.insert(name.clone(), read).is_some() {
            problems.push(Problem::Extra(format!("{name}, a second time")));
        }
    }
    let manifest = manifest(&small, holds, checked);
    (found, manifest)
}

fn whole(
    file: &mut impl Read,
    name: &str,
    small: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(u64, String), String> {
    let mut bytes = Vec::new();
    let read = file.take(PACK_MANIFEST_BYTES_MAX).read_to_end(&mut bytes);
    let read = read.map_err(|error| error.to_string())?;
    let hash = hex(&Sha256::digest(&bytes));
    small.insert(name.to_owned(), bytes);
    Ok((u64::try_from(read).unwrap_or(u64::MAX), hash))
}

fn hashed(file: &mut impl Read, left: u64) -> Result<(u64, String), String> {
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut file = file.take(PACK_FILE_BYTES_MAX.min(left));
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(|error| error.to_string())?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((bytes, hex(&hash.finalize())))
}

/// The manifest, held against its hash and its signature.
fn manifest(
    small: &BTreeMap<String, Vec<u8>>,
    holds: &dyn Fn(&Signed, &[u8]) -> bool,
    checked: &mut Checked,
) -> Option<Manifest> {
    let problems = &mut checked.problems;
    let mut wrong = |why: &str| problems.push(Problem::Manifest(why.to_owned()));
    let Some(text) = small.get(MANIFEST) else {
        wrong("there is none: this is no auditor pack, or it lost its list");
        return None;
    };
    match small.get(SEAL) {
        None => wrong("its hash is missing"),
        Some(sealed) if *sealed != seal(text).as_bytes() => {
            wrong("it is not the one that its hash is of");
        }
        Some(_) => {}
    }
    if let Some(signed) = small.get(SIGNED) {
        let signed = std::str::from_utf8(signed).ok().and_then(Signed::read);
        match signed {
            None => wrong("its signature is damaged"),
            Some(signed) if holds(&signed, &message(text)) => checked.signer = Some(signed.key),
            Some(_) => wrong("its signature does not hold"),
        }
    }
    match serde_json::from_slice::<Manifest>(text) {
        Ok(manifest) if manifest.schema == SCHEMA => Some(manifest),
        Ok(manifest) => {
            let why = format!("it is {:?}, and this program reads {SCHEMA}", manifest.schema);
            checked.problems.push(Problem::Manifest(why));
            None
        }
        Err(error) => {
            checked.problems.push(Problem::Manifest(format!("it cannot be read: {error}")));
            None
        }
    }
}

/// What is changed, missing, added.
fn compare(manifest: &Manifest, found: &Found, problems: &mut Vec<Problem>) {
    let mut listed: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in &manifest.files {
        if listed.insert(&entry.name, entry).is_some() {
            problems.push(Problem::Manifest(format!("{} is listed twice", entry.name)));
        }
        // Whoever unpacks a pack that was found whole must not be led out of the folder, nor find another list in it.
        let is_plain = entry.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !is_plain || entry.name.starts_with('.') || OWN.contains(&&*entry.name) {
            problems.push(Problem::Manifest(format!("no pack holds a file {}", entry.name)));
        }
    }
    for (name, entry) in &listed {
        let changed = |why: String| Problem::Changed((*name).to_owned(), why);
        problems.extend(match found.get(*name) {
            None => Some(Problem::Missing((*name).to_owned())),
            Some(Err(why)) => Some(changed(format!("it cannot be unpacked: {why}"))),
            Some(Ok((bytes, _))) if *bytes != entry.bytes => {
                Some(changed(format!("{bytes} bytes where {} were written", entry.bytes)))
            }
            Some(Ok((_, hash))) if *hash != entry.sha256 => {
                Some(changed("its SHA-256 is another than the manifest says".to_owned()))
            }
            Some(Ok(_)) => None,
        });
    }
    let extra =
        found.keys().filter(|name| !listed.contains_key(&***name) && !OWN.contains(&&***name));
    problems.extend(extra.map(|name| Problem::Extra(name.clone())));
}

/// Reads the archive from its first byte to its last, and says where it is not as it was written.
fn walk(pack: &mut impl Read, manifest: Option<&Manifest>) -> io::Result<Result<(), String>> {
    let mut listed = manifest.map(|manifest| manifest.files.iter()).into_iter().flatten();
    let mut own = OWN.iter().copied();
    let mut members: Vec<Member> = Vec::new();
    let mut offset = 0_u64;
    loop {
        let mut start = Vec::new();
        take(pack, SIGNATURE_BYTES, &mut start)?;
        if start != LOCAL || members.len() > PACK_FILES_MAX {
            return rest(pack, &start, &members, offset);
        }
        let member = match header(pack, start, offset)? {
            Ok(member) => member,
            Err(why) => return Ok(Err(format!("at byte {offset}: {why}"))),
        };
        // Behind the files that are listed come those about the list, each once and in their order.
        let entry = listed.next();
        let own = if entry.is_none() { own.next() } else { None };
        let (hash, bytes) = passed(pack, u64::from(member.packed))?;
        let name = &member.name;
        let is_right = match entry {
            // The list is held against its own hash, and that has no slack.
            None => own == Some(&**name) && member.method == STORED && member.size == member.packed,
            Some(entry) => {
                entry.name == *name
                    && member.method == DEFLATED
                    && entry.packed_sha256 == hash
                    && entry.packed == u64::from(member.packed)
                    && entry.bytes == u64::from(member.size)
            }
        };
        if manifest.is_some() && (!is_right || bytes != u64::from(member.packed)) {
            return Ok(Err(format!(
                "at byte {offset}: {name} does not lie there as it was written"
            )));
        }
        let head = u64::try_from(member.header().len()).unwrap_or(u64::MAX);
        offset = offset.saturating_add(head).saturating_add(bytes);
        members.push(member);
    }
}

/// The header of a file, of which the first bytes are read.
fn header(pack: &mut impl Read, start: Vec<u8>, offset: u64) -> io::Result<Result<Member, String>> {
    let mut bytes = start;
    take(pack, HEADER_BYTES, &mut bytes)?;
    let short = |at: usize| {
        let two = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
        two.map(|two| u16::from_le_bytes(*two))
    };
    let long = |at: usize| {
        let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
        four.map(|four| u32::from_le_bytes(*four))
    };
    let fields = (short(8), long(14), long(18), long(22), short(26));
    let (Some(method), Some(crc), Some(packed), Some(size), Some(name)) = fields else {
        return Ok(Err("it ends in the header of a file".to_owned()));
    };
    take(pack, u64::from(name), &mut bytes)?;
    let name = bytes.get(NAME_AT..).and_then(|name| std::str::from_utf8(name).ok());
    let Some(name) = name else { return Ok(Err("the name of a file is no text".to_owned())) };
    let Ok(offset) = u32::try_from(offset) else { return Ok(Err("it is too long".to_owned())) };
    let member = Member { name: name.to_owned(), method, crc, packed, size, offset };
    if member.header() != bytes {
        return Ok(Err(format!("the header of {name} is not as it was written")));
    }
    Ok(Ok(member))
}

/// Passes over data; gives its hash, and how much of it there was.
fn passed(pack: &mut impl Read, length: u64) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut passed = 0_u64;
    let mut data = pack.take(length);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = data.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        passed = passed.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((hex(&hash.finalize()), passed))
}

/// What is behind the last file must be the directory of the files before it, and nothing more.
fn rest(
    pack: &mut impl Read,
    start: &[u8],
    members: &[Member],
    offset: u64,
) -> io::Result<Result<(), String>> {
    let Some(expected) = ending(members, offset) else {
        return Ok(Err("it has more files than an archive can".to_owned()));
    };
    let mut found = start.to_vec();
    // One byte more than there should be tells that there is more.
    let most = u64::try_from(expected.len()).unwrap_or(u64::MAX).saturating_add(1);
    pack.take(most).read_to_end(&mut found)?;
    let same = found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
    let at = offset.saturating_add(u64::try_from(same).unwrap_or(u64::MAX));
    Ok(match found.len().cmp(&expected.len()) {
        _ if same < expected.len().min(found.len()) => {
            Err(format!("at byte {at}: its directory is not as it was written"))
        }
        std::cmp::Ordering::Less => Err(format!("it ends at byte {at}, in its directory")),
        std::cmp::Ordering::Greater => {
            Err(format!("at byte {at}: something was added behind its end"))
        }
        std::cmp::Ordering::Equal => Ok(()),
    })
}

fn take(pack: &mut impl Read, most: u64, into: &mut Vec<u8>) -> io::Result<()> {
    pack.by_ref().take(most).read_to_end(into).map(|_| ())
}

/// What is about the list of files, in the order in which it lies behind them.
const OWN: [&str; 3] = [MANIFEST, SEAL, SIGNED];
const LOCAL: &[u8] = b"PK\x03\x04";
const SIGNATURE_BYTES: u64 = 4;
/// The header behind its signature, without the name.
const HEADER_BYTES: u64 = 26;
/// Where the name begins.
const NAME_AT: usize = 30;
const BUFFER_BYTES: usize = 64 * 1_024;
