//! Lists that come beside documents, known by what they begin with: CISA's catalogue of known exploited vulnerabilities, FIRST's scores,
//! IEEE's assignments of MAC addresses, tables of dates at which support ends.

use std::io::Read;

use serde::Deserialize;

use crate::advisory;
use crate::model::FeedKind;
use crate::model::limits::{BUNDLE_NAME_BYTES_MAX, FEED_BYTES_MAX};

/// What a list is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recognised {
    /// Which.
    pub kind: FeedKind,
    /// Who published it.
    pub origin: String,
    /// What day it is of, as it says itself; empty where it does not.
    pub date: String,
    /// How many rows it has.
    pub rows: usize,
}

/// Recognises a list; `None` for anything else.
pub fn recognise(bytes: &[u8]) -> Option<Recognised> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace())? {
        b'{' => known_exploited(bytes),
        _ => table(bytes),
    }
}

/// A list unpacked, where it is packed with gzip as FIRST gives its scores out.
///
/// # Errors
///
/// With the reason when it cannot be unpacked, or to more than any list has.
pub fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(GZIP) {
        return Ok(bytes);
    }
    let room = u64::try_from(FEED_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    let read =
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(room).read_to_end(&mut unpacked);
    read.map_err(|error| error.to_string())?;
    if unpacked.len() > FEED_BYTES_MAX {
        return Err(format!("unpacks to more than {FEED_BYTES_MAX} bytes"));
    }
    Ok(unpacked)
}

fn known_exploited(bytes: &[u8]) -> Option<Recognised> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Top {
        title: Option<String>,
        #[serde(rename = "dateReleased")]
        released: Option<String>,
    }
    let rows = advisory::parse_kev(bytes).ok().filter(|kev| !kev.is_empty())?.len();
    let Top { title, released } = serde_json::from_slice(bytes).unwrap_or_default();
    let origin = title.unwrap_or_else(|| "catalogue of known exploited vulnerabilities".to_owned());
    Some(Recognised { kind: FeedKind::Kev, origin, date: released.unwrap_or_default(), rows })
}

/// A table is known by the line that names its columns; lines before it that begin with `#` say where it comes from.
fn table(bytes: &[u8]) -> Option<Recognised> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| {
        let line = line.get(..BUNDLE_NAME_BYTES_MAX.min(line.len())).unwrap_or(line);
        String::from_utf8_lossy(line).trim().to_owned()
    });
    let mut about = Vec::new();
    let heading = loop {
        let line = lines.next()?;
        match line.strip_prefix('#') {
            Some(said) if about.len() < COMMENTS_MAX => about.push(said.trim().to_owned()),
            Some(_) => return None,
            None => break line.to_ascii_lowercase(),
        }
    };
    let heading: Vec<&str> = heading.split(',').map(|name| name.trim_matches(['"', ' '])).collect();
    let rows = lines.filter(|line| !line.is_empty()).count();
    let said = |word: &str| about.iter().find_map(|line| line.strip_prefix(word)).map(str::trim);
    let told = || {
        let source = said("Source:").unwrap_or_default().to_owned();
        let date = said("Date:").and_then(|date| date.get(..10)).unwrap_or_default().to_owned();
        (source, date)
    };
    let (kind, (origin, date)) = match heading.as_slice() {
        ["cve", "epss", ..] => (FeedKind::Epss, scores(&about)),
        ["registry", "assignment", "organization name", ..] => {
            (FeedKind::Oui, ("IEEE Registration Authority".to_owned(), String::new()))
        }
        ["prefix", "organisation", ..] => (FeedKind::Oui, told()),
        names if names.iter().any(|name| LIFECYCLE.contains(name)) => (FeedKind::Lifecycle, told()),
        _ => return None,
    };
    Some(Recognised { kind, origin, date, rows })
}

/// `#model_version:v2025.03.14,score_date:2025-08-01T12:55:00Z`
fn scores(about: &[String]) -> (String, String) {
    let words = about.iter().flat_map(|line| line.split(','));
    let mut said = words.filter_map(|word| word.split_once(':'));
    let (mut model, mut date) = (String::new(), String::new());
    for (name, value) in said.by_ref() {
        match name.trim() {
            "model_version" => model = format!("FIRST EPSS {}", value.trim()),
            "score_date" => date = value.trim().to_owned(),
            _ => {}
        }
    }
    let origin = if model.is_empty() { "FIRST EPSS".to_owned() } else { model };
    (origin, date)
}

const GZIP: &[u8] = &[0x1f, 0x8b];
/// Lines before the names of columns.
const COMMENTS_MAX: usize = 64;
/// Columns that only a table of dates has at which support ends.
const LIFECYCLE: &[&str] = &["end_of_support", "end_of_life", "support_ends"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_known_by_what_they_begin_with() {
        let kev = br#"{"title":"CISA Catalog","dateReleased":"2025-08-01T00:00:00Z","vulnerabilities":[{"cveID":"CVE-2020-1"}]}"#;
        let epss = b"#model_version:v2025.03.14,score_date:2025-08-01T12:55:00Z\ncve,epss,percentile\nCVE-1999-0001,0.1,0.2\n";
        let ieee = b"Registry,Assignment,Organization Name,Organization Address\r\nMA-L,00000C,\"Cisco\",x\r\n";
        let own =
            b"# Source: Acme\n# Date: 2024-05-06, of the site\nprefix,organisation\n00000C,Cisco\n";
        let ends = b"# Source: Acme\nproduct,end_of_support\nX,2024-01-01\n";
        for (bytes, kind, origin, date) in [
            (&kev[..], FeedKind::Kev, "CISA Catalog", "2025-08-01T00:00:00Z"),
            (epss, FeedKind::Epss, "FIRST EPSS v2025.03.14", "2025-08-01T12:55:00Z"),
            (ieee, FeedKind::Oui, "IEEE Registration Authority", ""),
            (own, FeedKind::Oui, "Acme", "2024-05-06"),
            (ends, FeedKind::Lifecycle, "Acme", ""),
        ] {
            let found = recognise(bytes).unwrap();
            let told = (found.kind, &*found.origin, &*found.date, found.rows);
            assert_eq!(told, (kind, origin, date, 1));
        }
        for other in [
            &b"{}"[..],
            b"",
            b"a,b\n1,2\n",
            b"\x00\xff",
            b"{\"vulnerabilities\":[]}",
            &b"#\n".repeat(999),
        ] {
            assert_eq!(recognise(other), None);
        }
    }

    #[test]
    fn packed_lists_are_unpacked_up_to_a_size() {
        use std::io::Write as _;
        let pack = |bytes: &[u8]| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(bytes).unwrap();
            gzip.finish().unwrap()
        };
        assert_eq!(unpacked(pack(b"abc")).unwrap(), b"abc");
        assert_eq!(unpacked(b"abc".to_vec()).unwrap(), b"abc");
        assert!(unpacked(vec![0x1f, 0x8b, 0]).is_err());
        let bomb = pack(&vec![0; FEED_BYTES_MAX + 1]);
        assert!(unpacked(bomb).unwrap_err().contains("more than"));
    }
}
