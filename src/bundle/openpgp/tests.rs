use super::*;

const DOCUMENT: &[u8] = include_bytes!("../../../tests/openpgp/document.json");

fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openpgp");
    std::fs::read(folder.join(name)).unwrap()
}

fn keys(names: &[&str]) -> Keys {
    let mut keys = Keys::default();
    names.iter().for_each(|name| keys.add(&file(name), name).unwrap());
    keys
}

fn is_by(signed: &Signed) -> bool {
    matches!(signed, Signed::By(_))
}

#[test]
fn signatures_of_gnupg_are_right_with_their_keys_and_unchecked_without() {
    for (key, signatures) in
        [("supplier.pub", &["supplier.asc", "supplier.sig"][..]), ("modern.pub", &["modern.asc"])]
    {
        for signature in signatures {
            let signature = file(signature);
            assert!(is_by(&keys(&[key]).check(DOCUMENT, &signature)), "{key}");
            let other = if key == "modern.pub" { "supplier.pub" } else { "modern.pub" };
            let unchecked = keys(&[other]).check(DOCUMENT, &signature);
            assert!(
                matches!(&unchecked, Signed::Unchecked(why) if why.contains("was not given")),
                "{unchecked:?}"
            );
            let changed = [DOCUMENT, b" "].concat();
            let wrong = keys(&["supplier.pub", "modern.pub"]).check(&changed, &signature);
            assert!(matches!(wrong, Signed::Wrong(_)), "{wrong:?}");
        }
    }
    // One of several is enough.
    assert!(is_by(&keys(&["modern.pub"]).check(DOCUMENT, &file("both.asc"))));
}

#[test]
fn a_signature_that_could_be_forged_is_none() {
    for (key, signature) in [("supplier.pub", "weak.asc"), ("revoked.pub", "revoked.asc")] {
        let mut keys = Keys::default();
        // A file in which no key may sign is refused where it is named.
        match keys.add(&file(key), key) {
            Ok(()) => {
                let signed = keys.check(DOCUMENT, &file(signature));
                assert!(matches!(signed, Signed::Wrong(_)), "{signature}: {signed:?}");
            }
            Err(error) => assert!(error.to_string().contains("may sign"), "{error}"),
        }
    }
}

#[test]
fn damaged_signatures_and_keys_never_panic_and_are_never_right() {
    let (right, signature) = (keys(&["modern.pub"]), file("modern.asc"));
    for at in 0..signature.len() {
        assert!(
            !is_by(&right.check(DOCUMENT, &signature[..at])) || at + 40 > signature.len(),
            "{at}"
        );
        let mut damaged = signature.clone();
        damaged[at] = damaged[at].wrapping_add(1);
        let _ = right.check(DOCUMENT, &damaged);
    }
    let binary = file("supplier.sig");
    let rsa = keys(&["supplier.pub"]);
    for at in (0..binary.len()).step_by(7) {
        let mut damaged = binary.clone();
        damaged[at] ^= 0x40;
        // Only what is not signed may differ: the hint at the issuer between the hashed part and the signature itself.
        if is_by(&rsa.check(DOCUMENT, &damaged)) {
            assert!((60..72).contains(&at), "byte {at}");
        }
    }
    for key in [&b""[..], b"-----BEGIN PGP PUBLIC KEY BLOCK-----", &[0xff; 100], &binary] {
        assert!(Keys::default().add(key, "key").is_err());
    }
    for none in
        [&b""[..], b"\x00", b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----"]
    {
        assert!(matches!(right.check(DOCUMENT, none), Signed::Wrong(_)));
    }
}
