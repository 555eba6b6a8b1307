//! The settings of the conference that an RDP session is: T.125 Connect-Initial and Connect-Response around T.124
//! Conference Create (\[MS-RDPBCGR\] sections 2.2.1.3 and 2.2.1.4).
//!
//! Reads of the client's core data its version, build and name; of the server's data its version and how it encrypts.
//! Skips screens, keyboards, channels, product identifiers, random numbers and certificates.
//!
//! ```text
//!   7F65 Connect-Initial   04 calling 04 called 01 upward 30 30 30 parameters  04 userData
//!   7F66 Connect-Response  0A result 02 connect identifier 30 parameters       04 userData
//!   userData   00 05 00 14 7C 00 01  T.124;  settings of the conference;  "Duca" or "McDn";  length;  blocks:
//!              | type u16 | length u16, these four bytes included | ... |
//! ```

use crate::flow::Input;
use crate::model::Subject;
use crate::model::limits::LIST_ITEMS_MAX;
use crate::protocols::rdp::{
    CLIENT_BUILD, CLIENT_NAME, CLIENT_VERSION, ENCRYPTION_LEVEL, ENCRYPTION_METHOD, Ends,
    SERVER_VERSION,
};
use crate::protocols::shared::ber;
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader, open_enum, text};

/// Reads one data message. True when it was the server's response, the last that is read.
pub(super) fn read(
    mut packet: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    packet.skip("X.224 end of transmission", 1)?;
    let tag = packet.peek().first_chunk::<2>().copied();
    let (fields, response): (&[&'static str], bool) = match tag {
        Some(CONNECT_INITIAL) => (CONNECT_INITIAL_FIELDS, false),
        Some(CONNECT_RESPONSE) => (CONNECT_RESPONSE_FIELDS, true),
        _ => return Ok(false),
    };
    packet.skip("MCS tag", 2)?;
    let length = ber::length(&mut packet, "MCS length")?;
    let mut body = packet.sub("MCS body", length)?;
    for field in fields {
        ber::element(&mut body, field)?;
    }
    let user_data = ber::expect(&mut body, ber::OCTET_STRING, "userData")?;
    let ends = Ends::of(input, response);
    let mut blocks = conference(user_data, response)?;
    for _ in 0..LIST_ITEMS_MAX {
        if blocks.is_empty() {
            break;
        }
        let kind = blocks.u16_le("user data type")?;
        let length = usize::from(blocks.u16_le("user data length")?);
        let length = length.checked_sub(BLOCK_HEAD_BYTES);
        let length = length.ok_or(blocks.impossible("user data length"))?;
        let block = blocks.sub("user data", length)?;
        let read = match (kind, response) {
            (CLIENT_CORE, false) => client_core(block, &ends.client, out),
            (SERVER_CORE, true) => server_core(block, &ends.server, out),
            (SERVER_SECURITY, true) => server_security(block, &ends.server, out),
            _ => Ok(()),
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
    }
    Ok(response)
}

/// Likely where T.125 begins: other conferences than those of RDP have other ports.
pub(super) fn probe(data: &[u8]) -> Probe {
    match data {
        [_, tag @ ..] if tag.starts_with(&CONNECT_INITIAL) => Probe::Maybe,
        [_, tag @ ..] if tag.starts_with(&CONNECT_RESPONSE) => Probe::Maybe,
        _ => Probe::No,
    }
}

/// Passes over T.124's Conference Create in its packed encoding, up to the blocks. Its settings are always the same,
/// and the key before the blocks is the only thing in it to hold on to.
fn conference<'a>(mut user_data: Reader<'a>, response: bool) -> Result<Reader<'a>, Malformed> {
    if user_data.array::<7>("T.124 identifier")? != T124 {
        return Err(user_data.impossible("T.124 identifier"));
    }
    let key: &[u8] = if response { SERVER_KEY } else { CLIENT_KEY };
    let at = user_data.peek().windows(key.len()).position(|window| window == key);
    let at = at.filter(|at| *at <= KEY_AT_MAX).ok_or(user_data.impossible("H.221 key"))?;
    user_data.skip("H.221 key", at.saturating_add(key.len()))?;
    // A length in one byte, or in two with the first bit set. The blocks have lengths of their own: it is not needed.
    if user_data.u8("userData length")? & 0x80 != 0 {
        user_data.skip("userData length", 1)?;
    }
    Ok(user_data)
}

/// Section 2.2.1.3.2.
fn client_core(
    mut block: Reader<'_>,
    client: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    version(&mut block, client, CLIENT_VERSION, out)?;
    block.skip("desktop size, depth, SAS sequence and keyboard layout", 12)?;
    let start = block.at();
    let build = block.u32_le("clientBuild")?;
    out.uint(client, CLIENT_BUILD, build, block.since(start));
    let mut name = block.sub("clientName", CLIENT_NAME_BYTES)?;
    let start = name.at();
    let (units, _) = name.peek().as_chunks::<2>();
    let units = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
    let name_bytes = name.bytes("clientName", units.saturating_mul(2))?;
    let said = text::utf16_le(name_bytes).unwrap_or_default();
    out.text(client, CLIENT_NAME, &said, name.since(start));
    Ok(())
}

/// Section 2.2.1.4.2.
fn server_core(
    mut block: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    version(&mut block, server, SERVER_VERSION, out)
}

/// Section 2.2.1.4.3.
fn server_security(
    mut block: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = block.at();
    let method = block.u32_le("encryptionMethod")?;
    let name = Method::from(method).name().map_or_else(|| format!("{method:#010x}"), str::to_owned);
    out.text(server, ENCRYPTION_METHOD, &name, block.since(start));
    let start = block.at();
    let level = block.u32_le("encryptionLevel")?;
    let name = Level::from(level).name().map_or_else(|| format!("{level:#010x}"), str::to_owned);
    out.text(server, ENCRYPTION_LEVEL, &name, block.since(start));
    Ok(())
}

/// Minor number, then major.
fn version(
    block: &mut Reader<'_>,
    subject: &Subject,
    key: crate::model::Key,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = block.at();
    let (minor, major) = (block.u16_le("version")?, block.u16_le("version")?);
    out.text(subject, key, &format!("{major}.{minor}"), block.since(start));
    Ok(())
}

open_enum! {
    /// Encryption method of standard RDP security.
    enum Method: u32 {
        /// No encryption.
        None = 0x00, "none",
        /// RC4 with 40 bits.
        Bits40 = 0x01, "40 bit",
        /// RC4 with 128 bits.
        Bits128 = 0x02, "128 bit",
        /// RC4 with 56 bits.
        Bits56 = 0x08, "56 bit",
        /// Triple DES.
        Fips = 0x10, "FIPS",
    }
}

open_enum! {
    /// Encryption level of standard RDP security.
    enum Level: u32 {
        /// No encryption.
        None = 0, "none",
        /// What the client sends.
        Low = 1, "low",
        /// Both directions, as strong as the client can.
        ClientCompatible = 2, "client compatible",
        /// Both directions, as strong as the server can.
        High = 3, "high",
        /// Both directions, by approved methods.
        Fips = 4, "FIPS",
    }
}

const CONNECT_INITIAL: [u8; 2] = [0x7f, 0x65];
const CONNECT_RESPONSE: [u8; 2] = [0x7f, 0x66];
const CONNECT_INITIAL_FIELDS: &[&str] = &[
    "callingDomainSelector",
    "calledDomainSelector",
    "upwardFlag",
    "targetParameters",
    "minimumParameters",
    "maximumParameters",
];
const CONNECT_RESPONSE_FIELDS: &[&str] = &["result", "calledConnectId", "domainParameters"];

/// The choice of an object identifier, its length, and that of T.124.
const T124: [u8; 7] = [0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01];
const CLIENT_KEY: &[u8] = b"Duca";
const SERVER_KEY: &[u8] = b"McDn";
/// Bytes of settings before the key: they take 12 or 13.
const KEY_AT_MAX: usize = 32;

const CLIENT_CORE: u16 = 0xc001;
const SERVER_CORE: u16 = 0x0c01;
const SERVER_SECURITY: u16 = 0x0c02;
const BLOCK_HEAD_BYTES: usize = 4;
const CLIENT_NAME_BYTES: usize = 32;
