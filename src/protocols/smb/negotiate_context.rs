//! What both ends of an SMB 3.1.1 conversation can do: hashes, ciphers, compression, signing, transport, RDMA; and the
//! name that the client knows the server by.
//!
//! Reads \[MS-SMB2\] sections 2.2.3.1.1 to 2.2.3.1.7, and their like in 2.2.4.1; and the context by which Samba, the
//! kernel of Linux and macOS offer the file semantics of POSIX (SMB3 POSIX Extensions, section 2.2.3.1), which no
//! Windows does. Skips salts.
//!
//! ```text
//!   | type u16 | length u16 | reserved u32 | data ... | padding to a multiple of 8 |   repeated
//! ```

use crate::model::Key;
use crate::protocols::Sink;
use crate::protocols::smb::{
    COMPRESSION, ENCRYPTION, Ends, INTEGRITY_HASH, NETNAME, POSIX_EXTENSIONS, RDMA_TRANSFORM,
    SIGNING_ALGORITHM, TRANSPORT_SECURITY, smb2,
};
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
        PREAUTHENTICATION_INTEGRITY_CAPABILITIES => {
            let count = data.u16_le("HashAlgorithmCount")?;
            data.skip("SaltLength", 2)?;
            list(data, count, INTEGRITY_HASH, |raw| Hash::from(raw).name(), ends, out)
        }
        ENCRYPTION_CAPABILITIES => {
            let count = data.u16_le("CipherCount")?;
            list(data, count, ENCRYPTION, |raw| Cipher::from(raw).name(), ends, out)
        }
        COMPRESSION_CAPABILITIES => {
            let count = data.u16_le("CompressionAlgorithmCount")?;
            data.skip("Padding", 2)?;
            let start = data.at();
            if data.u32_le("Flags")? & COMPRESSION_FLAG_CHAINED != 0 {
                out.text(ends.sender(), COMPRESSION, "chained", data.since(start));
            }
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
        TRANSPORT_CAPABILITIES => {
            let start = data.at();
            if data.u32_le("Flags")? & ACCEPT_TRANSPORT_LEVEL_SECURITY != 0 {
                out.uint(ends.sender(), TRANSPORT_SECURITY, 1_u8, data.since(start));
            }
            Ok(())
        }
        RDMA_TRANSFORM_CAPABILITIES => {
            let count = data.u16_le("TransformCount")?;
            data.skip("Reserved1, Reserved2", 6)?;
            list(data, count, RDMA_TRANSFORM, |raw| Transform::from(raw).name(), ends, out)
        }
        POSIX_EXTENSIONS_AVAILABLE => {
            let start = data.at();
            data.rest();
            out.uint(ends.sender(), POSIX_EXTENSIONS, 1_u8, data.since(start));
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

/// The name of a compression algorithm.
pub(super) fn compression(raw: u16) -> Option<&'static str> {
    Compression::from(raw).name()
}

open_enum! {
    /// Hash algorithm of the pre-authentication integrity.
    enum Hash: u16 {
        /// The only one.
        Sha512 = 0x0001, "SHA-512",
    }
}

open_enum! {
    /// What is done to data that goes by RDMA.
    enum Transform: u16 {
        /// Since Windows Server 2022.
        Encryption = 0x0001, "encryption",
        /// Since Windows Server 2022.
        Signing = 0x0002, "signing",
    }
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

const PREAUTHENTICATION_INTEGRITY_CAPABILITIES: u16 = 0x0001;
const ENCRYPTION_CAPABILITIES: u16 = 0x0002;
const COMPRESSION_CAPABILITIES: u16 = 0x0003;
const NETNAME_NEGOTIATE: u16 = 0x0005;
const TRANSPORT_CAPABILITIES: u16 = 0x0006;
const RDMA_TRANSFORM_CAPABILITIES: u16 = 0x0007;
const SIGNING_CAPABILITIES: u16 = 0x0008;
const POSIX_EXTENSIONS_AVAILABLE: u16 = 0x0100;
const COMPRESSION_FLAG_CHAINED: u32 = 0x0000_0001;
const ACCEPT_TRANSPORT_LEVEL_SECURITY: u32 = 0x0000_0001;
const CONTEXT_ALIGNMENT: usize = 8;
