use super::*;

fn document(id: &str) -> Vec<u8> {
    format!(r#"{{"document":{{"tracking":{{"id":"{id}","version":"2","current_release_date":"2024-01-02"}}}}}}"#)
        .into_bytes()
}

fn entry(kind: &str, name: &str) -> Entry {
    Entry { kind: kind.into(), name: name.into(), ..Entry::default() }
}

fn bundle(parts: &[(&str, &str, Vec<u8>)], key: Option<&SecretKey>) -> Vec<u8> {
    let entries = parts.iter().map(|(kind, name, _)| entry(kind, name)).collect();
    let contents: Vec<Vec<u8>> = parts.iter().map(|(_, _, bytes)| bytes.clone()).collect();
    let manifest = Manifest { built: "2024-01-02".into(), parts: entries, ..Manifest::default() };
    write(manifest, &contents, key).unwrap()
}

fn small(key: Option<&SecretKey>) -> Vec<u8> {
    let kev = br#"{"vulnerabilities":[{"cveID":"CVE-2020-1"}]}"#.to_vec();
    bundle(&[("csaf", "a.json", document("A")), ("kev", "kev.json", kev)], key)
}

#[test]
fn what_was_written_is_read() {
    let key = SecretKey::new(&[3; 32]);
    let file = small(Some(&key));
    let read = Bundle::read(&file).unwrap();
    assert_eq!(read.signer, Some(key.public()));
    let (parcel, left_out) = read.parcel("a.npdb");
    assert_eq!(left_out, []);
    assert_eq!((&*parcel.documents[0].id, &*parcel.documents[0].revision), ("A", "2"));
    assert_eq!(parcel.documents[0].bytes, document("A"));
    assert_eq!(parcel.feeds[0].kind, FeedKind::Kev);
    assert_eq!(small(Some(&key)), file);
    assert_eq!(Bundle::read(&small(None)).unwrap().signer, None);
}

#[test]
fn no_byte_can_be_changed_cut_or_added() {
    let key = SecretKey::new(&[3; 32]);
    for file in [small(Some(&key)), small(None)] {
        for at in 0..file.len() {
            for change in [1, 0x80] {
                let mut changed = file.clone();
                changed[at] ^= change;
                assert!(Bundle::read(&changed).is_err(), "byte {at}");
            }
            assert!(Bundle::read(&file[..at]).is_err(), "cut at {at}");
        }
        assert!(Bundle::read(&[&file[..], &[0]].concat()).is_err());
    }
}

#[test]
fn the_signature_of_another_bundle_is_none_of_this_one() {
    let key = SecretKey::new(&[3; 32]);
    let (one, other) = (small(Some(&key)), bundle(&[("csaf", "b", document("B"))], Some(&key)));
    let mut mixed = one[..one.len() - 97].to_vec();
    mixed.extend(&other[other.len() - 97..]);
    assert!(matches!(Bundle::read(&mixed), Err(BundleError::Signature)));
}

#[test]
fn a_part_that_is_broken_costs_only_itself() {
    let good = document("A");
    let file = bundle(
        &[
            ("csaf", "broken.json", b"{".to_vec()),
            ("csaf", "a.json", good),
            ("weather", "w.csv", b"x".to_vec()),
        ],
        None,
    );
    let (parcel, left_out) = Bundle::read(&file).unwrap().parcel("x");
    let names: Vec<&str> = left_out.iter().map(|one| &*one.name).collect();
    assert_eq!((names, parcel.documents.len()), (vec!["broken.json", "w.csv"], 1));
}

/// A bundle with a list of contents that lies, as only a hostile builder writes one.
fn lying(change: impl Fn(&mut Manifest)) -> Vec<u8> {
    let frame = zstd::bulk::compress(&vec![b' '; 1 << 20], 3).unwrap();
    let mut manifest = Manifest { parts: vec![entry("csaf", "bomb.json")], ..Manifest::default() };
    manifest.parts[0].packed = length(&frame);
    manifest.parts[0].size = 1 << 20;
    change(&mut manifest);
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let mut file = MAGIC.to_vec();
    file.extend([0, 1, 0, 0]);
    file.extend(u32::try_from(manifest.len()).unwrap().to_be_bytes());
    file.extend(length(&frame).to_be_bytes());
    file.extend(manifest);
    file.extend(frame);
    let digest = Sha256::digest(&file);
    file.extend(digest);
    file.extend([0; 97]);
    file
}

#[test]
fn what_unpacks_to_more_than_it_says_is_refused() {
    type Change = fn(&mut Manifest);
    let changes: [(Change, &str); 5] = [
        (|manifest| manifest.parts[0].size = 10, "small"),
        (|manifest| manifest.parts[0].size = u64::MAX, "more than any"),
        (|manifest| manifest.parts[0].packed = u64::MAX, "part"),
        (|manifest| manifest.parts[0].name = "x".repeat(1 << 20), "longer than any"),
        (|_| (), "not the one"),
    ];
    for (change, words) in changes {
        let file = lying(change);
        let (parcel, left_out) = Bundle::read(&file).unwrap().parcel("x");
        assert_eq!(parcel.documents.len(), 0);
        assert!(left_out[0].why.contains(words), "{}", left_out[0].why);
    }
}

#[test]
fn many_parts_in_one_bundle_share_one_cap() {
    let file = lying(|manifest| {
        let part = Entry { size: 32 << 20, packed: 0, ..manifest.parts[0].clone() };
        manifest.parts = vec![part; 200];
    });
    let read = Bundle::read(&file).unwrap();
    let refused =
        read.parts().filter(|(_, part)| part.as_ref().is_err_and(|why| why.contains("together")));
    assert!(refused.count() > 0);
    let many = lying(|manifest| manifest.parts = vec![Entry::default(); BUNDLE_PARTS_MAX + 1]);
    assert!(matches!(Bundle::read(&many), Err(BundleError::TooLarge)));
}
