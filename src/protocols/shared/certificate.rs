//! Certificates (ITU-T X.509 version 3, profile of RFC 5280): whom one names, who issued it, and how good it is.
//!
//! Read: of the subject and the issuer common name, organization and unit, of the subject its serial number, which makers
//! write theirs into; the certificate's own serial number; validity; alternative names (RFC 5280 4.2.1.6): DNS, IP address,
//! URI; signature algorithm, public key and its size; the SHA-256 fingerprint of the whole. Skipped: places, mail addresses,
//! other extensions. No signature is checked: what a certificate says, whoever made it says.
//!
//! ```text
//!   SEQUENCE | tbsCertificate: version [0], serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo,
//!            |                 [1] [2] unique identifiers, extensions [3]
//!            | signatureAlgorithm | signatureValue
//! ```
//!
//! A server's certificate names a machine. A client's may name a person: when it bears a mail address, a person's name or a
//! Windows account, nothing of its subject is said, its serial number and fingerprint included.

mod names;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::{Any, FromDer, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use crate::model::limits::{CERTIFICATE_ATTRIBUTES_MAX, CERTIFICATE_NAMES_MAX};
use crate::model::{Key, Subject, Timestamp};
use crate::protocols::Sink;
use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader, Span, text};

/// Common name of the subject: what the certificate is for.
pub(in crate::protocols) const SUBJECT_COMMON_NAME: Key =
    Key::several("certificate.subject_common_name");
/// Organization of the subject.
pub(in crate::protocols) const SUBJECT_ORGANIZATION: Key =
    Key::several("certificate.subject_organization");
/// Organizational unit of the subject.
pub(in crate::protocols) const SUBJECT_ORGANIZATIONAL_UNIT: Key =
    Key::several("certificate.subject_organizational_unit");
/// Serial number of the subject, not of the certificate: makers of devices write that of the device here.
pub(in crate::protocols) const SUBJECT_SERIAL_NUMBER: Key =
    Key::several("certificate.subject_serial_number");
/// Common names of the issuer, and of the authorities above it as far as they were sent.
pub(in crate::protocols) const ISSUER_COMMON_NAME: Key =
    Key::several("certificate.issuer_common_name");
/// Organizations of the issuer, and of the authorities above it.
pub(in crate::protocols) const ISSUER_ORGANIZATION: Key =
    Key::several("certificate.issuer_organization");
/// Organizational units of the issuer, and of the authorities above it.
pub(in crate::protocols) const ISSUER_ORGANIZATIONAL_UNIT: Key =
    Key::several("certificate.issuer_organizational_unit");
/// Serial number that the issuer gave the certificate, in hexadecimal.
pub(in crate::protocols) const SERIAL_NUMBER: Key = Key::several("certificate.serial_number");
/// When the certificate becomes valid.
pub(in crate::protocols) const NOT_BEFORE: Key = Key::several("certificate.not_before");
/// When it ends to be valid.
pub(in crate::protocols) const NOT_AFTER: Key = Key::several("certificate.not_after");
/// When a certificate that was shown after that time ended to be valid.
pub(in crate::protocols) const EXPIRED: Key = Key::several("certificate.expired");
/// Fingerprint of a certificate whose subject is its issuer (RFC 5280 section 3.2): one that signed itself, as most devices do.
pub(in crate::protocols) const SELF_ISSUED: Key = Key::several("certificate.self_issued");
/// DNS names among the alternative names of the subject.
pub(in crate::protocols) const DNS_NAME: Key = Key::several("certificate.dns_name");
/// IP addresses among them.
pub(in crate::protocols) const IP_ADDRESS: Key = Key::several("certificate.ip_address");
/// URIs among them: OPC UA writes that of the application here.
pub(in crate::protocols) const URI: Key = Key::several("certificate.uri");
/// Algorithm that the issuer signed with.
pub(in crate::protocols) const SIGNATURE_ALGORITHM: Key =
    Key::several("certificate.signature_algorithm");
/// Algorithm of the subject's public key, and its size: `RSA 2048`, `EC secp256r1`.
pub(in crate::protocols) const PUBLIC_KEY: Key = Key::several("certificate.public_key");
/// SHA-256 of the certificate, in hexadecimal: what tools and people compare.
pub(in crate::protocols) const FINGERPRINT: Key = Key::several("certificate.fingerprint");

/// Everything that a certificate says: a protocol that carries one lists this among its keys.
pub(in crate::protocols) const KEYS: &[Key] = &[
    SUBJECT_COMMON_NAME,
    SUBJECT_ORGANIZATION,
    SUBJECT_ORGANIZATIONAL_UNIT,
    SUBJECT_SERIAL_NUMBER,
    ISSUER_COMMON_NAME,
    ISSUER_ORGANIZATION,
    ISSUER_ORGANIZATIONAL_UNIT,
    SERIAL_NUMBER,
    NOT_BEFORE,
    NOT_AFTER,
    EXPIRED,
    SELF_ISSUED,
    DNS_NAME,
    IP_ADDRESS,
    URI,
    SIGNATURE_ALGORITHM,
    PUBLIC_KEY,
    FINGERPRINT,
];

/// Whose certificate it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::protocols) struct Holder<'a> {
    /// The node that showed it.
    pub(in crate::protocols) subject: &'a Subject,
    /// It showed it as a client, so that it may be a person's.
    pub(in crate::protocols) is_client: bool,
    /// When it was shown.
    pub(in crate::protocols) at: Timestamp,
}

/// What came of a certificate, for the counters of the protocol that carried it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::protocols) struct Told {
    /// It names a person, and nothing was said of its subject.
    pub(in crate::protocols) is_of_person: bool,
    /// It has more names than are read.
    pub(in crate::protocols) is_cut: bool,
}

/// Reads the certificate at the front of `reader`, which stands behind it then; what is there may be the next one of a
/// chain. Of a certificate that cannot be read the fingerprint is said all the same, when its end is known.
pub(in crate::protocols) fn read(
    reader: &mut Reader<'_>,
    holder: Holder<'_>,
    out: &mut Sink<'_>,
) -> Result<Told, Malformed> {
    let whole = Whole::take(reader)?;
    let Ok((_, certificate)) = X509Certificate::from_der(whole.bytes) else {
        if !holder.is_client {
            out.text(holder.subject, FINGERPRINT, &whole.fingerprint(), whole.span());
        }
        return Err(whole.impossible());
    };
    let Holder { subject, is_client, at } = holder;
    let is_of_person = is_client && names::are_of_person(&certificate);
    let mut told = Told { is_of_person, is_cut: false };
    if !is_of_person {
        whole.subject(&certificate, subject, &mut told, out);
    }
    // A person may have signed it, too.
    if !(is_of_person && is_self_issued(&certificate)) {
        whole.name(certificate.issuer(), &ISSUER_KEYS, subject, &mut told, out);
    }
    whole.validity(&certificate, subject, at, out);
    whole.algorithms(&certificate, subject, out);
    Ok(told)
}

/// Reads the certificate of an authority, which was sent with that of the holder: its names are those of issuers.
pub(in crate::protocols) fn read_authority(
    reader: &mut Reader<'_>,
    holder: Holder<'_>,
    out: &mut Sink<'_>,
) -> Result<Told, Malformed> {
    let whole = Whole::take(reader)?;
    let Ok((_, certificate)) = X509Certificate::from_der(whole.bytes) else {
        return Err(whole.impossible());
    };
    let mut told = Told::default();
    for name in [certificate.subject(), certificate.issuer()] {
        whole.name(name, &ISSUER_KEYS, holder.subject, &mut told, out);
    }
    Ok(told)
}

/// The bytes of one certificate, and where they stand.
struct Whole<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Whole<'a> {
    /// Takes the certificate at the front. When its length lies, nothing behind it can be found.
    fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut ahead = reader.clone();
        let body = ber::expect(&mut ahead, ber::SEQUENCE, "Certificate");
        let at = reader.at();
        let bytes = match &body {
            Ok(_) => reader.bytes("Certificate", ahead.at().saturating_sub(at))?,
            Err(_) => reader.rest(),
        };
        body.map(|_| Self { bytes, at })
    }

    fn span(&self) -> Span {
        Span { at: self.at, len: self.bytes.len() }
    }

    /// Where a part of the certificate stands.
    fn span_of(&self, part: &[u8]) -> Span {
        let start = self.bytes.as_ptr().addr();
        let offset = part.as_ptr().addr().checked_sub(start);
        match offset.filter(|offset| offset.saturating_add(part.len()) <= self.bytes.len()) {
            Some(offset) => Span { at: self.at.saturating_add(offset), len: part.len() },
            None => self.span(),
        }
    }

    fn impossible(&self) -> Malformed {
        Reader::starting_at(self.bytes, self.at).impossible("Certificate")
    }

    fn fingerprint(&self) -> String {
        hexadecimal(&Sha256::digest(self.bytes))
    }

    /// Says whom it is for.
    fn subject(
        &self,
        certificate: &X509Certificate<'_>,
        subject: &Subject,
        told: &mut Told,
        out: &mut Sink<'_>,
    ) {
        let fingerprint = self.fingerprint();
        out.text(subject, FINGERPRINT, &fingerprint, self.span());
        let serial = certificate.tbs_certificate.raw_serial();
        // A first byte of zero says that the number is positive.
        let serial = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
        if serial.len() <= SERIAL_NUMBER_BYTES_MAX {
            out.text(subject, SERIAL_NUMBER, &hexadecimal(serial), self.span_of(serial));
        }
        self.name(certificate.subject(), &SUBJECT_KEYS, subject, told, out);
        for name in names::alternative(certificate).take(CERTIFICATE_NAMES_MAX) {
            match name {
                GeneralName::DNSName(name) => {
                    out.text(subject, DNS_NAME, name, self.span_of(name.as_bytes()));
                }
                GeneralName::URI(uri) => {
                    out.text(subject, URI, uri, self.span_of(uri.as_bytes()));
                }
                GeneralName::IPAddress(bytes) => {
                    if let Some(address) = names::address(bytes) {
                        out.text(subject, IP_ADDRESS, &address.to_string(), self.span_of(bytes));
                    }
                }
                _ => {}
            }
        }
        told.is_cut |= names::alternative(certificate).nth(CERTIFICATE_NAMES_MAX).is_some();
        if is_self_issued(certificate) {
            let name = self.span_of(certificate.subject().as_raw());
            out.text(subject, SELF_ISSUED, &fingerprint, name);
        }
    }

    /// Says the attributes of a name that have a key.
    fn name(
        &self,
        name: &X509Name<'_>,
        keys: &[(&[u8], Key)],
        subject: &Subject,
        told: &mut Told,
        out: &mut Sink<'_>,
    ) {
        for attribute in name.iter_attributes().take(CERTIFICATE_ATTRIBUTES_MAX) {
            let kind = attribute.attr_type().as_bytes();
            let Some((_, key)) = keys.iter().find(|(known, _)| *known == kind) else { continue };
            let value = attribute.attr_value();
            let span = self.span_of(value.data);
            match decoded(value).filter(|text| !text.contains(char::is_control)) {
                Some(text) => out.text(subject, *key, &text, span),
                None => out.bytes(subject, *key, value.data, span),
            }
        }
        told.is_cut |= name.iter_attributes().nth(CERTIFICATE_ATTRIBUTES_MAX).is_some();
    }

    fn validity(
        &self,
        certificate: &X509Certificate<'_>,
        subject: &Subject,
        at: Timestamp,
        out: &mut Sink<'_>,
    ) {
        let [begins, ends] = self.validity_spans(certificate);
        let validity = certificate.validity();
        out.text(subject, NOT_BEFORE, &printed(validity.not_before), begins);
        out.text(subject, NOT_AFTER, &printed(validity.not_after), ends);
        // Certificates that never end say the year 9999, which no number of nanoseconds here holds.
        let seconds = at.0.div_euclid(NANOSECONDS);
        if validity.not_after.timestamp() < seconds {
            out.text(subject, EXPIRED, &printed(validity.not_after), ends);
        }
    }

    /// Where both times stand: between the issuer and the subject.
    fn validity_spans(&self, certificate: &X509Certificate<'_>) -> [Span; 2] {
        let issuer = self.span_of(certificate.issuer().as_raw());
        let start = issuer.at.saturating_add(issuer.len);
        let read = || {
            let whole = Reader::starting_at(self.bytes, self.at);
            let mut r = whole.ahead("validity", start.checked_sub(self.at)?).ok()?;
            let mut times = ber::expect(&mut r, ber::SEQUENCE, "validity").ok()?;
            let mut time = || {
                let time = ber::element(&mut times, "time").ok()?.body;
                Some(Span { at: time.at(), len: time.left() })
            };
            Some([time()?, time()?])
        };
        read().unwrap_or([self.span(), self.span()])
    }

    fn algorithms(&self, certificate: &X509Certificate<'_>, subject: &Subject, out: &mut Sink<'_>) {
        let algorithm = &certificate.signature_algorithm.algorithm;
        let name = names::of(names::SIGNATURE_ALGORITHMS, algorithm);
        out.text(subject, SIGNATURE_ALGORITHM, &name, self.span_of(algorithm.as_bytes()));
        let key = certificate.public_key();
        out.text(subject, PUBLIC_KEY, &public_key(key), self.span_of(key.raw));
    }
}

fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

/// Algorithm and size of a public key. The size of an RSA key is that of its modulus without zero bits in front.
fn public_key(key: &SubjectPublicKeyInfo<'_>) -> String {
    let name = names::of(names::PUBLIC_KEY_ALGORITHMS, &key.algorithm.algorithm);
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let zeros = rsa.modulus.iter().take_while(|byte| **byte == 0).count();
            let modulus = rsa.modulus.get(zeros..).unwrap_or_default();
            let leading = modulus.first().map_or(0, |byte| byte.leading_zeros());
            let bits = modulus.len().saturating_mul(8);
            format!("{name} {}", bits.saturating_sub(usize::try_from(leading).unwrap_or_default()))
        }
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            match curve {
                Some(curve) => format!("{name} {}", names::of(names::CURVES, &curve)),
                None => name.into_owned(),
            }
        }
        Ok(PublicKey::DSA(value)) => format!("{name} {}", value.len().saturating_mul(8)),
        _ => name.into_owned(),
    }
}

/// A string of one of the kinds that names are written in (RFC 5280 appendix A.1).
fn decoded<'a>(value: &Any<'a>) -> Option<Cow<'a, str>> {
    let bytes = value.data;
    match value.tag() {
        Tag::BmpString => {
            let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok());
            let units = units.map(u16::from_be_bytes);
            char::decode_utf16(units).collect::<Result<String, _>>().ok().map(Cow::Owned)
        }
        Tag::UniversalString => {
            let units = bytes.chunks_exact(4).filter_map(|four| four.try_into().ok());
            let letters = units.map(|four| char::from_u32(u32::from_be_bytes(four)));
            letters.collect::<Option<String>>().map(Cow::Owned)
        }
        // Writers put ISO 8859-1 into T61String, and some into PrintableString.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Some(Cow::Borrowed(text)),
            Err(_) => text::latin1(bytes).map(|text| Cow::Owned(text.into())),
        },
    }
}

/// A time as RFC 3339 prints it; certificates know no parts of seconds.
fn printed(time: ASN1Time) -> String {
    let time = time.to_datetime();
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Attributes of names (ITU-T X.520), by their object identifiers as they are encoded.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SERIAL: &[u8] = &[0x55, 0x04, 0x05];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 0x0b];

const SUBJECT_KEYS: [(&[u8], Key); 4] = [
    (COMMON_NAME, SUBJECT_COMMON_NAME),
    (ORGANIZATION, SUBJECT_ORGANIZATION),
    (ORGANIZATIONAL_UNIT, SUBJECT_ORGANIZATIONAL_UNIT),
    (SERIAL, SUBJECT_SERIAL_NUMBER),
];

const ISSUER_KEYS: [(&[u8], Key); 3] = [
    (COMMON_NAME, ISSUER_COMMON_NAME),
    (ORGANIZATION, ISSUER_ORGANIZATION),
    (ORGANIZATIONAL_UNIT, ISSUER_ORGANIZATIONAL_UNIT),
];

/// Bytes of a certificate's serial number: RFC 5280 4.1.2.2 allows 20; some issuers took more.
const SERIAL_NUMBER_BYTES_MAX: usize = 64;
/// In a second.
const NANOSECONDS: i64 = 1_000_000_000;
