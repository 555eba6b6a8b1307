//! Certificates that OpenSSL 3.0 made of invented names; all are valid from 2026-11-23 to 2026-12-23.

use super::*;
use crate::flow::{Attach, Direction, Input};
use crate::protocols::harness::{self, Listener};
use crate::protocols::shared::base64;
use crate::protocols::{Dissector, Probe, Protocol, Step};

const SERVER: Protocol = Protocol {
    name: "certificate",
    spec: "",
    attach: &[Attach::Tcp(1)],
    keys: &[KEYS],
    probe: |_| Probe::No,
    start: || Box::new(Bare { is_client: false, is_authority: false }),
};

const CLIENT: Protocol =
    Protocol { start: || Box::new(Bare { is_client: true, is_authority: false }), ..SERVER };

const AUTHORITY: Protocol =
    Protocol { start: || Box::new(Bare { is_client: false, is_authority: true }), ..SERVER };

/// Certificates with nothing around them, shown on 2026-12-24.
struct Bare {
    is_client: bool,
    is_authority: bool,
}

impl Dissector for Bare {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut reader = Reader::new(input.bytes);
        let subject = Subject::node(input.sender());
        let at = Timestamp(1_798_070_400 * NANOSECONDS);
        let holder = Holder { subject: &subject, is_client: self.is_client, at };
        let told = if self.is_authority {
            read_authority(&mut reader, holder, out)
        } else {
            super::read(&mut reader, holder, out)
        };
        match told {
            Ok(told) if told.is_of_person => out.count("certificate.of_persons"),
            Ok(_) => {}
            Err(malformed) => out.damaged(malformed),
        }
        Step::Used(reader.at().max(1))
    }
}

fn heard(protocol: &'static Protocol, bytes: &[u8]) -> Listener {
    harness::read(protocol, true, &[(Direction::ToClient, bytes)])
}

/// What was said, without whom it is about.
fn lines(listener: &Listener) -> Vec<String> {
    let bare = |line: String| line.split_once("  certificate.").unwrap().1.to_owned();
    listener.lines().into_iter().map(bare).collect()
}

fn der(text: &str) -> Vec<u8> {
    base64::decode(text.as_bytes()).unwrap()
}

#[test]
fn a_device_names_itself_and_every_fact_has_its_place() {
    let said = lines(&heard(&SERVER, &der(DEVICE)));
    assert_eq!(
        said,
        [
            "fingerprint = 7999ce83ace6ee4cfceb61274586b266a1b5a53001a912c4c8151ad13cee8a84 @0+576",
            "serial_number = 8f21 @16+2",
            "subject_common_name = plc7.line4.example @183+18",
            "subject_organization = Example Machines GmbH @212+21",
            "subject_organizational_unit = Filler 3000 @244+11",
            "subject_serial_number = S V-L9C27264 @266+12",
            "dns_name = plc7 @386+4",
            "dns_name = plc7.line4.example @392+18",
            "ip_address = 192.168.7.20 @412+4",
            "ip_address = fd00::7 @418+16",
            "uri = urn:plc7:Example:Filler @436+23",
            "self_issued = 7999ce83ace6ee4cfceb61274586b266a1b5a53001a912c4c8151ad13cee8a84 @170+108",
            "issuer_common_name = plc7.line4.example @43+18",
            "issuer_organization = Example Machines GmbH @72+21",
            "issuer_organizational_unit = Filler 3000 @104+11",
            "not_before = 2026-11-23T05:22:29Z @142+13",
            "not_after = 2026-12-23T05:22:29Z @157+13",
            "expired = 2026-12-23T05:22:29Z @157+13",
            "signature_algorithm = ecdsa-with-SHA256 @494+8",
            "public_key = EC secp256r1 @278+91"
        ]
    );
}

#[test]
fn names_in_two_bytes_a_letter_are_text_and_rsa_keys_have_a_size() {
    let said = lines(&heard(&SERVER, &der(WIDE)));
    for line in [
        "subject_common_name = Łódź 4 @124+12",
        "subject_organization = Straße @147+12",
        "public_key = RSA 1024 @",
        "signature_algorithm = sha1WithRSAEncryption @",
    ] {
        assert!(said.iter().any(|said| said.starts_with(line)), "{line}: {said:#?}");
    }
}

#[test]
fn of_a_person_at_a_client_nothing_is_said_but_how_good_the_certificate_is() {
    let listener = heard(&CLIENT, &der(PERSON));
    let said = lines(&listener);
    assert_eq!(
        said,
        [
            "not_before = 2026-11-23T05:22:29Z @145+13",
            "not_after = 2026-12-23T05:22:29Z @160+13",
            "expired = 2026-12-23T05:22:29Z @160+13",
            "signature_algorithm = ecdsa-with-SHA256 @427+8",
            "public_key = EC secp256r1 @286+91"
        ]
    );
    assert_eq!(listener.counted, ["certificate.of_persons"]);
    let server = lines(&heard(&SERVER, &der(PERSON)));
    assert!(server.iter().any(|said| said.contains("Mustermann")), "{server:#?}");
}

#[test]
fn names_of_authorities_are_names_of_issuers() {
    let said = lines(&heard(&AUTHORITY, &der(DEVICE)));
    assert!(said.iter().all(|line| line.starts_with("issuer_")), "{said:#?}");
    assert_eq!(said.len(), 6);
}

#[test]
fn certificates_that_follow_each_other_are_read_one_after_the_other() {
    let chain = [der(DEVICE), der(WIDE)].concat();
    let said = lines(&heard(&SERVER, &chain));
    assert_eq!(said.iter().filter(|line| line.starts_with("fingerprint")).count(), 2);
}

#[test]
fn a_certificate_that_cannot_be_read_keeps_its_fingerprint_and_is_counted() {
    let listener = heard(&SERVER, b"\x30\x03\x02\x01\x01");
    assert_eq!(listener.damage.len(), 1);
    let said = lines(&listener);
    assert!(matches!(&said[..], [line] if line.starts_with("fingerprint = ")), "{said:#?}");
}

/// Every cut, and every byte in turn with each of a few values: said or damaged, and the reader always gets on.
#[test]
fn no_cut_and_no_wrong_byte_does_harm() {
    let whole = der(DEVICE);
    for end in 1..whole.len() {
        assert_eq!(heard(&SERVER, &whole[..end]).damage.len(), 1, "{end}");
    }
    for at in 0..whole.len() {
        for value in [0x00, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut broken = whole.clone();
            broken[at] = value;
            heard(&CLIENT, &broken);
        }
    }
}

/// Self-signed, with a key on an elliptic curve and alternative names of three kinds.
const DEVICE: &str = "\
    MIICPDCCAeKgAwIBAgIDAI8hMAoGCCqGSM49BAMCMGoxGzAZBgNVBAMTEnBsYzcubGluZTQuZXhhbXBsZTEeMBwGA1UEChMV\
    RXhhbXBsZSBNYWNoaW5lcyBHbWJIMRQwEgYDVQQLEwtGaWxsZXIgMzAwMDEVMBMGA1UEBRMMUyBWLUw5QzI3MjY0MB4XDTI2\
    MTEyMzA1MjIyOVoXDTI2MTIyMzA1MjIyOVowajEbMBkGA1UEAxMScGxjNy5saW5lNC5leGFtcGxlMR4wHAYDVQQKExVFeGFt\
    cGxlIE1hY2hpbmVzIEdtYkgxFDASBgNVBAsTC0ZpbGxlciAzMDAwMRUwEwYDVQQFEwxTIFYtTDlDMjcyNjQwWTATBgcqhkjO\
    PQIBBggqhkjOPQMBBwNCAASczlnMt+PexGUFXkp2EswAMvQ6vcGM6nTy387bcanh1Yx+DaFoTDwRN4vwaxiHWrfhUpNuOZun\
    /KWJljEZlBn0o3cwdTBUBgNVHREETTBLggRwbGM3ghJwbGM3LmxpbmU0LmV4YW1wbGWHBMCoBxSHEP0AAAAAAAAAAAAAAAAA\
    AAeGF3VybjpwbGM3OkV4YW1wbGU6RmlsbGVyMB0GA1UdDgQWBBRpSWoh4ygFkDaWfOKMDn1C4Q62QjAKBggqhkjOPQQDAgNI\
    ADBFAiBtF2oCUn4XJx5+rXdG1OwfJ5i3lYQ7ZkusVJ8VFV+SvAIhALSs/oJ4AEy5OB3v0sDc8QWCFZAIIZmtp8gwdquSq5xh";

/// Of a person: a mail address in the subject. Names in BMPString.
const PERSON: &str = "\
    MIIB+DCCAZ+gAwIBAgIBBzAKBggqhkjOPQQDAjBvMSswKQYDVQQDHiIASgD8AHIAZwBlAG4AIABNAHUAcwB0AGUAcgBtAGEA\
    bgBuMRUwEwYDVQQKHgwAUwB0AHIAYQDfAGUxKTAnBgkqhkiG9w0BCQEWGmoubXVzdGVybWFubkBwbGFudC5leGFtcGxlMB4X\
    DTI2MTEyMzA1MjIyOVoXDTI2MTIyMzA1MjIyOVowbzErMCkGA1UEAx4iAEoA/AByAGcAZQBuACAATQB1AHMAdABlAHIAbQBh\
    AG4AbjEVMBMGA1UECh4MAFMAdAByAGEA3wBlMSkwJwYJKoZIhvcNAQkBFhpqLm11c3Rlcm1hbm5AcGxhbnQuZXhhbXBsZTBZ\
    MBMGByqGSM49AgEGCCqGSM49AwEHA0IABJzOWcy3497EZQVeSnYSzAAy9Dq9wYzqdPLfzttxqeHVjH4NoWhMPBE3i/BrGIda\
    t+FSk245m6f8pYmWMRmUGfSjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFGlJaiHjKAWQNpZ84owOfULhDrZCMAoGCCqGSM49\
    BAMCA0cAMEQCIADFFU0VQD+O1kTCiJJSqlwgCgIUttmBU+oBanIwjLZUAiAbMrh48kf8MxTM3nYfMxj4Zw40Z/wH9oWN7FAe\
    sBEodg==";

/// Names in BMPString, an RSA key, SHA-1.
const WIDE: &str = "\
    MIIB/jCCAWegAwIBAgIBCTANBgkqhkiG9w0BAQUFADAuMRUwEwYDVQQDHgwBQQDzAGQBegAgADQxFTATBgNVBAoeDABTAHQA\
    cgBhAN8AZTAeFw0yNjExMjMwNTIyMjlaFw0yNjEyMjMwNTIyMjlaMC4xFTATBgNVBAMeDAFBAPMAZAF6ACAANDEVMBMGA1UE\
    Ch4MAFMAdAByAGEA3wBlMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDahFMEp/RLy3FYYpL4PgF7ZRoCow5RMr26sedX\
    cYvRm5JG7Sm2HSo/NfB4gwaWqR1JjpVuHDArxuP3KbMYKKt2gNQ1wupH+pez3NWhAjyGMmrpEPOMhOzyor/PORGwpd21tK+G\
    cd0q1I9DJrGHJX41gwp6Xkm2Lsys/kdMn9IfwwIDAQABoywwKjAJBgNVHRMEAjAAMB0GA1UdDgQWBBSTID9Az1kARvPc+S6c\
    3M2xgVN60TANBgkqhkiG9w0BAQUFAAOBgQCQan05T0GEYWgppOr8oyaQ9md7nErcHKJRCdllRWgKNxI31x0pnKLiyTK9qrco\
    36NYkEdkpBoLnavJwERcVz0h+n3YCjLzCGRad4iA1hXKygxzrhr5ZTXkUGEJU3x9eT2rE6uPxwpPQXcdsWlniMfwMy85UMNP\
    FPVwfczBel3VVw==";
