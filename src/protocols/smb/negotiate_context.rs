//! What both ends of an SMB 3.1.1 conversation can do: ciphers, compression, signing; and the name that the client
//! knows the server by.
//!
//! Reads \[MS-SMB2\] sections 2.2.3.1.2 to 2.2.3.1.4 and 2.2.3.1.7, and their like in 2.2.4.1. Skips hashes and salts.
//!
//! ```text
//!   | type u16 | length u16 | reserved u32 | data ... | padding to a multiple of 8 |   repeated
//! ```

use crate::model::Key;
use crate::protocols::Sink;
use crate::protocols::smb::{COMPRESSION, ENCRYPTION, Ends, NETNAME, SIGNING_ALGORITHM, smb2};
use crate::wire::{Malformed, Reader, open_enum, text};

/// Reads `count` contexts that begin `offset` bytes behind the start of `message`.
pub(super) fn read(
    message: &Reader<'_>,
    offset: u32,
    count: u16,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    if offset < smb2::HEADER_BYTES {
        return Err(message.impossible("NegotiateContextOffset"));
    }
    let mut contexts = message.ahead("NegotiateContextOffset", offset)?;
    for _ in 0..count {
        let kind = contexts.u16_le("ContextType")?;
        let length = usize::from(contexts.u16_le("DataLength")?);
        contexts.skip("Reserved", 4)?;
        let data = contexts.sub("Data", length)?;
        if let Err(malformed) = context(kind, data, ends, out) {
            out.damaged(malformed);
        }
        let padding = length.next_multiple_of(CONTEXT_ALIGNMENT).saturating_sub(length);
        contexts.skip("Padding", padding.min(contexts.left()))?; // None behind the last.
    }
    Ok(())
}

fn context(
    kind: u16,
    mut data: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match kind {
        ENCRYPTION_CAPABILITIES => {
            let count = data.u16_le("CipherCount")?;
            list(data, count, ENCRYPTION, |raw| Cipher::from(raw).name(), ends, out)
        }
        COMPRESSION_CAPABILITIES => {
            let count = data.u16_le("CompressionAlgorithmCount")?;
            data.skip("Padding, Flags", 6)?;
            list(data, count, COMPRESSION, |raw| Compression::from(raw).name(), ends, out)
        }
        SIGNING_CAPABILITIES => {
            let count = data.u16_le("SigningAlgorithmCount")?;
            list(data, count, SIGNING_ALGORITHM, |raw| Signing::from(raw).name(), ends, out)
        }
        NETNAME_NEGOTIATE if !ends.response => {
            let start = data.at();
            let name = text::utf16_le(data.rest());
            let span = data.since(start);
            out.text(&ends.server, NETNAME, name.as_deref().unwrap_or_default(), span);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Algorithms by number. Zero stands for none of those offered, except where it has a name.
fn list(
    mut data: Reader<'_>,
    count: u16,
    key: Key,
    name: fn(u16) -> Option<&'static str>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut list = data.sub("algorithms", usize::from(count).saturating_mul(2))?;
    while !list.is_empty() {
        let start = list.at();
        let raw = list.u16_le("algorithm")?;
        let name = name(raw);
        if raw != 0 || name.is_some() {
            smb2::named(ends.sender(), key, name, raw, list.since(start), out);
        }
    }
    Ok(())
}

open_enum! {
    /// Encryption algorithm.
    enum Cipher: u16 {
        /// Since SMB 3.0.
        Aes128Ccm = 0x0001, "AES-128-CCM",
        /// Since SMB 3.1.1.
        Aes128Gcm = 0x0002, "AES-128-GCM",
        /// Since Windows Server 2022.
        Aes256Ccm = 0x0003, "AES-256-CCM",
        /// Since Windows Server 2022.
        Aes256Gcm = 0x0004, "AES-256-GCM",
    }
}

open_enum! {
    /// Compression algorithm.
    enum Compression: u16 {
        /// \[MS-XCA\] LZNT1.
        Lznt1 = 0x0001, "LZNT1",
        /// \[MS-XCA\] Plain LZ77.
        Lz77 = 0x0002, "LZ77",
        /// \[MS-XCA\] LZ77 with Huffman coding.
        Lz77Huffman = 0x0003, "LZ77+Huffman",
        /// Runs of one byte.
        PatternV1 = 0x0004, "Pattern_V1",
        /// LZ4.
        Lz4 = 0x0005, "LZ4",
    }
}

open_enum! {
    /// Signing algorithm.
    enum Signing: u16 {
        /// That of SMB 2.
        HmacSha256 = 0x0000, "HMAC-SHA256",
        /// That of SMB 3.0.
        AesCmac = 0x0001, "AES-CMAC",
        /// Since Windows Server 2022.
        AesGmac = 0x0002, "AES-GMAC",
    }
}

const ENCRYPTION_CAPABILITIES: u16 = 0x0002;
const COMPRESSION_CAPABILITIES: u16 = 0x0003;
const NETNAME_NEGOTIATE: u16 = 0x0005;
const SIGNING_CAPABILITIES: u16 = 0x0008;
const CONTEXT_ALIGNMENT: usize = 8;
