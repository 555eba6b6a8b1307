//! Serial numbers and identifiers that were never given: what many devices say makes no two sightings one device.
//!
//! The texts are data, `signatures/placeholders.csv`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// True for a serial number that a device gives when it was never given one: nothing, one character repeated, a first
/// number, digits in order, words that say that there is none.
pub fn is_unset_serial(serial: &str) -> bool {
    let plain = plain(serial);
    let counted = plain.trim_start_matches('0');
    is_one_repeated(&plain)
        || counted == "1"
        || (plain.len() >= COUNTING_MIN && COUNTING.iter().any(|count| count.starts_with(&plain)))
        || is_listed(&plain, "serial")
}

/// True for a GUID that is not one machine's own: one byte repeated, the name of a host in ASCII filled up with zeros, as
/// Samba has it, or one that is shipped with many.
pub fn is_shared_guid(guid: &str) -> bool {
    let plain = plain(guid);
    is_one_repeated(&plain) || is_text(&plain) || is_listed(&plain, "guid")
}

/// Letters and digits, in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_one_repeated(plain: &str) -> bool {
    let mut chars = plain.chars();
    let Some(first) = chars.next() else { return true };
    let is_long = plain.len() >= REPEATED_MIN || matches!(first, '0' | 'f');
    is_long && chars.all(|c| c == first)
}

fn is_listed(plain: &str, kind: &'static str) -> bool {
    LISTED.contains(&(plain, kind))
}

/// True for sixteen bytes of which the first are letters, digits or signs, and the rest zeros. The first three groups of
/// a GUID are written from their last byte on, which changes nothing about that.
fn is_text(plain: &str) -> bool {
    let bytes: Option<Vec<u8>> = (0..GUID_BYTES)
        .map(|at| {
            let start = at.checked_mul(2)?;
            u8::from_str_radix(plain.get(start..start.checked_add(2)?)?, 16).ok()
        })
        .collect();
    let Some(bytes) = bytes else { return false };
    let letters = bytes.iter().filter(|byte| byte.is_ascii_graphic()).count();
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    letters >= LETTERS_MIN && letters.saturating_add(zeros) == GUID_BYTES
}

/// Texts with their kinds.
static LISTED: LazyLock<BTreeSet<(&str, &str)>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .filter_map(|line| {
            let mut cells = line.splitn(3, ',');
            Some((cells.next()?, cells.next()?))
        })
        .collect()
});

const TABLE: &str = include_str!("../../signatures/placeholders.csv");
/// Ways of counting up that people type into a form.
const COUNTING: [&str; 2] = ["0123456789", "1234567890"];
/// Fewer digits in order may well be somebody's number.
const COUNTING_MIN: usize = 5;
/// Makers who number each model from 1 have a number 22.
const REPEATED_MIN: usize = 4;
const GUID_BYTES: usize = 16;
/// Random bytes are never so many letters and otherwise zeros.
const LETTERS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_given_is_no_serial_number() {
        for serial in [
            "",
            " - ",
            "0",
            "0000-0000",
            "00000000",
            "FFFFFFFF",
            "ff:ff",
            "1",
            "00000001",
            "11111111",
            "XXXX",
            "123456",
            "12345678",
            "0123456789",
            "N/A",
            "n.a.",
            "None",
            "Default string",
            "To be filled by O.E.M.",
            "System Serial Number",
            "Not Specified",
            "0123456789ABCDEF",
        ] {
            assert!(is_unset_serial(serial), "{serial:?}");
        }
        for serial in [
            "61101001",
            "00524D8E",
            "S C-X4U421302009",
            "1234",
            "12",
            "00000011",
            "2",
            "22",
            "X",
            "1234567891",
            "NA12",
            "Standard-7",
        ] {
            assert!(!is_unset_serial(serial), "{serial:?}");
        }
    }

    #[test]
    fn the_name_of_a_host_is_no_guid() {
        for guid in [
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "6e697270-7374-7672-0000-000000000000", // printsrv
            "656c6966-7273-0076-0000-000000000000", // filesrv
            "00736170-0000-0000-0000-000000000000", // pas
            "41414141-4141-4141-4141-414141414141",
            "2d6d6f72-6e75-6978-2d73-65727665722d", // sixteen letters without a zero
            "03000200-0400-0500-0006-000700080009",
        ] {
            assert!(is_shared_guid(guid), "{guid}");
        }
        for guid in [
            "41879add-8b26-40dc-2593-97976ce5f1aa",
            "ca9e2e84-cb7f-92ff-e010-1fec2df9af98",
            "00112233-4455-6677-0809-0a0b0c0d0e0f",
            "no guid at all",
        ] {
            assert!(!is_shared_guid(guid), "{guid}");
        }
    }

    #[test]
    fn the_table_is_written_as_it_is_compared() {
        let lines: Vec<&str> =
            TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).collect();
        assert!(lines.is_sorted() && lines.len() == LISTED.len(), "in order, each text once");
        for line in lines {
            let cells: Vec<&str> = line.splitn(3, ',').collect();
            let [text, kind, source] = cells.as_slice() else { panic!("{line}") };
            assert_eq!(plain(text), *text);
            assert!(["guid", "serial"].contains(kind) && source.len() > 2, "{line}");
        }
    }
}
