//! Names in certificates: alternative ones, those of persons, and those of algorithms.

use std::borrow::Cow;
use std::net::IpAddr;

use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;

use super::{GeneralName, ParsedExtension};

/// The alternative names of the subject.
pub(super) fn alternative<'a, 'b>(
    certificate: &'a X509Certificate<'b>,
) -> impl Iterator<Item = &'a GeneralName<'b>> {
    let lists = certificate.extensions().iter().filter_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(list) => Some(&list.general_names),
            _ => None,
        }
    });
    lists.flatten()
}

/// True when the subject has what persons have and machines have not: a mail address, a surname, a given name, a user
/// identifier, a Windows account that is not a machine's.
pub(super) fn are_of_person(certificate: &X509Certificate<'_>) -> bool {
    let mut attributes = certificate.subject().iter_attributes();
    let is_account = |kind: &Oid<'_>| kind.as_bytes() == USER_PRINCIPAL_NAME;
    let is_machine = |name: &[u8]| name.windows(MACHINE.len()).any(|part| part == MACHINE);
    attributes.any(|attribute| PERSONAL.contains(&attribute.attr_type().as_bytes()))
        || alternative(certificate).any(|name| match name {
            GeneralName::RFC822Name(_) => true,
            GeneralName::OtherName(kind, value) => is_account(kind) && !is_machine(value),
            _ => false,
        })
}

/// An address of four bytes or of sixteen.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    let short = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    short.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// The name of an object identifier in a list, or else its numbers.
pub(super) fn of(list: &[(&str, &'static str)], kind: &Oid<'_>) -> Cow<'static, str> {
    let numbers = kind.to_id_string();
    match list.iter().find(|(known, _)| *known == numbers) {
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Owned(numbers),
    }
}

/// emailAddress (PKCS #9), surname, givenName, initials, pseudonym, userid (RFC 4519).
const PERSONAL: &[&[u8]] = &[
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01],
    &[0x55, 0x04, 0x04],
    &[0x55, 0x04, 0x2a],
    &[0x55, 0x04, 0x2b],
    &[0x55, 0x04, 0x41],
    &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01],
];

/// 1.3.6.1.4.1.311.20.2.3: the account that a smart card is for.
const USER_PRINCIPAL_NAME: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03];

/// How the account of a machine ends, in front of its domain.
const MACHINE: &[u8] = b"$@";

/// RFC 3279, RFC 4055, RFC 5758, RFC 8410, RFC 9881, and the one that NIST's OIW workshop gave SHA-1.
pub(super) const SIGNATURE_ALGORITHMS: &[(&str, &str)] = &[
    ("1.2.840.10040.4.3", "dsa-with-sha1"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "rsassaPss"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.3.14.3.2.29", "sha1WithRSASignature"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-sha256"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// RFC 3279, RFC 4055, RFC 5480, RFC 8410, RFC 9881.
pub(super) const PUBLIC_KEY_ALGORITHMS: &[(&str, &str)] = &[
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10045.2.1", "EC"),
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// RFC 5480 section 2.1.1.1, and the curves of RFC 5639.
pub(super) const CURVES: &[(&str, &str)] = &[
    ("1.2.840.10045.3.1.1", "secp192r1"),
    ("1.2.840.10045.3.1.7", "secp256r1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.33", "secp224r1"),
    ("1.3.132.0.34", "secp384r1"),
    ("1.3.132.0.35", "secp521r1"),
];
