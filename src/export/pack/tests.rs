use super::manifest::Entry;
use super::*;
use std::io::Cursor;

/// A pack of two files, as [`write`] puts it together.
fn pack(signed: bool) -> Vec<u8> {
    let mut archive = Archive::new(Vec::new());
    let files: [(&str, &[u8]); 2] = [("a.txt", b"one line, one line, one line\n"), ("b.csv", b"")];
    let entries: Vec<Entry> = files
        .iter()
        .map(|(name, text)| archive.add(name, |out| out.write_all(text)).unwrap())
        .collect();
    let manifest =
        Manifest { schema: manifest::SCHEMA.to_owned(), files: entries, ..Manifest::default() };
    let manifest = manifest.text().unwrap();
    archive.store(MANIFEST, &manifest).unwrap();
    archive.store(SEAL, seal(&manifest).as_bytes()).unwrap();
    if signed {
        let mut signature = [0; 64];
        signature[..message(&manifest).len().min(64)].copy_from_slice(&message(&manifest)[..57]);
        let signed = Signed { key: [7; 32], signature };
        archive.store(SIGNED, signed.text().as_bytes()).unwrap();
    }
    archive.finish().unwrap()
}

/// A signature that is the message itself: any other bit of it does not hold.
fn holds(signed: &Signed, message: &[u8]) -> bool {
    signed.key == [7; 32]
        && signed.signature.starts_with(message)
        && signed.signature[57..] == [0; 7]
}

fn problems(bytes: &[u8]) -> Vec<String> {
    let checked = check(Cursor::new(bytes), &holds).unwrap();
    checked.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_whole_pack_has_no_problem_and_says_who_signed_it() {
    for signed in [false, true] {
        let checked = check(Cursor::new(pack(signed)), &holds).unwrap();
        assert_eq!(checked.problems, []);
        assert_eq!(checked.files, 2);
        assert_eq!(checked.signer, signed.then_some([7; 32]));
    }
    assert_eq!(pack(true), pack(true), "the same bytes");
}

#[test]
fn every_bit_that_is_flipped_is_found() {
    let whole = pack(true);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            assert!(!problems(&bytes).is_empty(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn what_is_cut_off_or_added_is_found() {
    let whole = pack(true);
    for end in 0..whole.len() {
        assert!(!problems(&whole[..end]).is_empty(), "cut at {end}");
    }
    let longer = [&whole[..], b"\0"].concat();
    assert!(problems(&longer).iter().any(|problem| problem.contains("added behind its end")));
    let before = [b"\0", &whole[..]].concat();
    assert!(!problems(&before).is_empty());
}

#[test]
fn a_pack_that_was_packed_again_is_told_file_by_file() {
    let mut again = Archive::new(Vec::new());
    again.add("a.txt", |out| out.write_all(b"another line\n")).unwrap();
    again.add("evil\u{1b}.txt", |out| out.write_all(b"new")).unwrap();
    let whole = pack(false);
    let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
    for name in [MANIFEST, SEAL] {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut text).unwrap();
        again.store(name, &text).unwrap();
    }
    let found = problems(&again.finish().unwrap());
    assert!(
        found.iter().any(|problem| problem.starts_with("changed: a.txt: 13 bytes where 29")),
        "{found:?}"
    );
    assert!(found.contains(&"missing: b.csv".to_owned()), "{found:?}");
    assert!(found.contains(&"added: evil\u{1b}.txt".to_owned()), "{found:?}");
}

#[test]
fn what_is_no_pack_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK\x03\x04", b"a text", &[0; 100]] {
        assert!(problems(bytes)[0].contains("no zip archive"), "{bytes:?}");
    }
    let empty = Archive::new(Vec::new()).finish().unwrap();
    assert!(problems(&empty).iter().any(|problem| problem.contains("no auditor pack")));
}
