//! OpenPGP keys that a provider names in its metadata. They come by the same way as the documents, so that they show that a document is the
//! provider's as long as the way was safe once: each is kept in a file that is called by its fingerprint, for a person to compare and to
//! name to `db build`.

use crate::bundle::fetch::address::Address;
use crate::bundle::fetch::client::{Got, Known};
use crate::bundle::fetch::lists::KeyLink;
use crate::bundle::fetch::place::folder_of;
use crate::bundle::fetch::{FetchError, Report, Run};
use crate::bundle::openpgp::Keys;
use crate::model::limits::SIDECAR_BYTES_MAX;

/// A key that was fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FetchedKey {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Where it is now, below the directory.
    pub place: String,
}

/// Fetches the keys of a provider. A key that is not the one that is named counts for nothing, and is told.
pub(super) fn fetch(
    run: &Run<'_>,
    report: &mut Report,
    page: &Address,
    links: &[KeyLink],
) -> Result<Keys, FetchError> {
    let mut all = Keys::default();
    for link in links {
        let fingerprint = plain(&link.fingerprint);
        match one(run, page, link, &fingerprint) {
            Ok((keys, bytes)) => {
                let place = format!("{}/openpgp/{fingerprint}.asc", folder_of(page));
                run.folder.write(&place, &bytes)?;
                report.keys.push(FetchedKey { fingerprint, place });
                all.extend(keys);
            }
            Err(why) => report.notes.push(format!("the key at {} is not used: {why}", link.url)),
        }
    }
    Ok(all)
}

fn one(
    run: &Run<'_>,
    page: &Address,
    link: &KeyLink,
    fingerprint: &str,
) -> Result<(Keys, Vec<u8>), String> {
    let is_print = PRINT_DIGITS.contains(&fingerprint.len())
        && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_print {
        return Err("the metadata does not give its fingerprint".to_owned());
    }
    let address = run.client.link(page, &link.url)?;
    let file = match run.client.get(&address, SIDECAR_BYTES_MAX, Known::default()) {
        Ok(Got::File(file)) => file,
        Ok(Got::Same | Got::Absent) => return Err("it is not there".to_owned()),
        Err(miss) => return Err(miss.why()),
    };
    let mut keys = Keys::default();
    keys.add(&file.bytes, "it").map_err(|error| error.to_string())?;
    // A second key in the same file would sign as well as the one that is named.
    if let Some(other) = keys.fingerprints().iter().find(|print| *print != fingerprint) {
        return Err(format!("its fingerprint is {other}, the metadata names {fingerprint}"));
    }
    Ok((keys, file.bytes))
}

/// A fingerprint without blanks, in upper case.
fn plain(fingerprint: &str) -> String {
    let digits = fingerprint.chars().filter(|c| !c.is_whitespace());
    digits.map(|c| c.to_ascii_uppercase()).collect()
}

/// Digits of a fingerprint of a key of version 4, and of version 6.
const PRINT_DIGITS: [usize; 2] = [40, 64];
