use super::*;
use crate::model::limits::BUNDLES_KEPT_MAX;
use crate::model::{FeedKind, Substance};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path()).unwrap();
    (dir, store)
}

/// A document whose hash is its text: the store takes hashes as they are told.
fn document(id: &str, text: &str) -> Holding {
    Holding {
        id: id.into(),
        revision: "1".into(),
        released: "2024-10-10T06:00:00Z".into(),
        sha256: text.into(),
        substance: Substance([7; 32]),
        origin: "Acme".into(),
        name: format!("{id}.json"),
        bundle: None,
        bytes: text.repeat(100).into_bytes(),
    }
}

fn parcel(sha256: &str, documents: &[Holding]) -> Parcel {
    let feed = Supplement {
        kind: FeedKind::Kev,
        name: "kev.json".into(),
        origin: "CISA".into(),
        date: "2024-10-11".into(),
        sha256: format!("kev of {sha256}"),
        bytes: b"{}".to_vec(),
    };
    Parcel {
        sha256: sha256.into(),
        built: "2024-10-12T00:00:00Z".into(),
        builder: "nameplate 0.1.0".into(),
        signer: Some("abcd".into()),
        origin: "usb/a.npdb".into(),
        documents: documents.to_vec(),
        feeds: vec![feed],
    }
}

fn texts(store: &mut Store) -> Vec<(String, Option<u32>)> {
    let documents = store.documents().unwrap();
    documents.into_iter().map(|document| (document.sha256, document.bundle)).collect()
}

fn contents(store: &mut Store) -> i64 {
    store
        .try_to(|connection| {
            connection.query_row("SELECT count(*) FROM contents", [], |row| row.get(0))
        })
        .unwrap()
}

const AT: Timestamp = Timestamp(9);

#[test]
fn a_bundle_comes_back_as_it_was_put_in() {
    let (dir, mut store) = store();
    let whole = parcel("x", &[document("A", "a"), document("B", "b")]);
    assert_eq!(store.current_bundle().unwrap(), None);
    assert_eq!(store.put_bundle(&whole, "eve", AT).unwrap(), Put::New(1));
    drop(store);
    let mut store = Store::open(dir.path()).unwrap();
    let held = store.documents().unwrap();
    let put: Vec<Holding> =
        whole.documents.iter().map(|one| Holding { bundle: Some(1), ..one.clone() }).collect();
    assert_eq!(held, put);
    assert_eq!(store.feeds().unwrap(), whole.feeds);
    let bundle = store.current_bundle().unwrap().unwrap();
    assert_eq!((bundle.number, &*bundle.by, bundle.documents), (1, "eve", 2));
    assert_eq!(store.put_bundle(&whole, "eve", AT).unwrap(), Put::InUse(1));
}

#[test]
fn going_back_twice_goes_back_two_bundles_and_then_to_none() {
    let (_dir, mut store) = store();
    for text in ["a", "b", "c"] {
        store.put_bundle(&parcel(text, &[document("A", text)]), "eve", AT).unwrap();
    }
    let mut back = || {
        let to = store.rollback(None, "eve", AT).unwrap();
        (to, texts(&mut store).pop().map(|(text, _)| text))
    };
    assert_eq!(back(), (Rollback::To(Some(2)), Some("b".into())));
    assert_eq!(back(), (Rollback::To(Some(1)), Some("a".into())));
    assert_eq!(back(), (Rollback::To(None), None));
    assert_eq!(back(), (Rollback::Nowhere, None));
    assert_eq!(store.rollback(Some(3), "eve", AT).unwrap(), Rollback::To(Some(3)));
    assert_eq!(store.rollback(Some(4), "eve", AT).unwrap(), Rollback::Unknown(4));
    // What was in use before was none.
    assert_eq!(store.rollback(None, "eve", AT).unwrap(), Rollback::To(None));
    assert_eq!(store.bundle_turns().unwrap().len(), 8);
}

#[test]
fn a_bundle_that_was_given_up_is_not_what_a_later_one_goes_back_to() {
    let (_dir, mut store) = store();
    for text in ["a", "b"] {
        store.put_bundle(&parcel(text, &[document("A", text)]), "eve", AT).unwrap();
    }
    store.rollback(None, "eve", AT).unwrap();
    store.put_bundle(&parcel("c", &[document("A", "c")]), "eve", AT).unwrap();
    assert_eq!(store.rollback(None, "eve", AT).unwrap(), Rollback::To(Some(1)));
    let again = store.put_bundle(&parcel("b", &[document("A", "b")]), "eve", AT).unwrap();
    assert_eq!(again, Put::Again(2));
}

#[test]
fn what_bundles_share_is_kept_once_and_old_content_is_dropped() {
    let (_dir, mut store) = store();
    let common = document("A", "common");
    for number in 0..BUNDLES_KEPT_MAX + 2 {
        let own = document("B", &format!("b{number}"));
        let parcel = parcel(&format!("{number}"), &[common.clone(), own]);
        store.put_bundle(&parcel, "eve", AT).unwrap();
    }
    // Of each bundle that is kept one document and the catalogue, and what all have.
    let kept = i64::try_from(2 * BUNDLES_KEPT_MAX + 1).unwrap();
    assert_eq!(contents(&mut store), kept);
    let bundles = store.bundles().unwrap();
    assert_eq!(bundles.iter().filter(|bundle| !bundle.is_kept).count(), 2);
    assert_eq!(bundles.len(), BUNDLES_KEPT_MAX + 2);
    assert_eq!(store.rollback(Some(1), "eve", AT).unwrap(), Rollback::Dropped(1));
    let first = parcel("0", &[common, document("B", "b0")]);
    assert_eq!(store.put_bundle(&first, "eve", AT).unwrap(), Put::Again(1));
    assert_eq!(texts(&mut store), [("common".into(), Some(1)), ("b0".into(), Some(1))]);
    assert_eq!(contents(&mut store), kept);
}

#[test]
fn documents_that_people_add_stay_when_bundles_come_and_go() {
    let (_dir, mut store) = store();
    let own = [document("A", "own"), document("C", "c")];
    assert_eq!(store.add_documents(&own, "eve", AT).unwrap(), 2);
    assert_eq!(store.add_documents(&own, "bob", AT).unwrap(), 0);
    store.put_bundle(&parcel("x", &[document("A", "a")]), "eve", AT).unwrap();
    let all = [("own".into(), None), ("c".into(), None), ("a".into(), Some(1))];
    assert_eq!(texts(&mut store), all);
    store.rollback(None, "eve", AT).unwrap();
    assert_eq!(texts(&mut store), all[..2]);
}

#[test]
fn content_that_is_damaged_reads_as_empty_and_costs_only_itself() {
    let (_dir, mut store) = store();
    store.put_bundle(&parcel("x", &[document("A", "a"), document("B", "b")]), "eve", AT).unwrap();
    for damage in ["packed = x'00'", "size = 9000000000"] {
        let damage = format!("UPDATE contents SET {damage} WHERE sha256 = 'a'");
        store.try_to(|connection| connection.execute_batch(&damage)).unwrap();
        let held = store.documents().unwrap();
        assert_eq!((held[0].bytes.len(), held[1].bytes.len()), (0, 100));
    }
}
