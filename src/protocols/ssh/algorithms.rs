//! What both ends offer (RFC 4253 section 7.1), and HASSH of it.
//!
//! HASSH as Salesforce specifies it (github.com/salesforce/hassh, BSD 3-Clause): MD5 of key exchanges, ciphers, integrity
//! codes and compressions, of the direction in which the sender speaks.
//!
//! ```text
//!   | cookie 16 | ten lists of names: length 4 and names with commas | first_kex_packet_follows 1 | reserved 4 |
//!     kex, host keys, ciphers to server, to client, codes to server, to client, compressions, languages
//! ```

use crate::flow::Direction;
use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::ssh::{
    ENCRYPTION_ALGORITHMS, HASSH, HASSH_SERVER, KEX_ALGORITHMS, MAC_ALGORITHMS,
    SERVER_HOST_KEY_ALGORITHMS, md5, string,
};
use crate::wire::{Malformed, Reader, Span};

/// Reads the lists of one end.
pub(super) fn read(
    mut body: Reader<'_>,
    direction: Direction,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    body.skip("cookie", COOKIE_BYTES)?;
    let start = body.at();
    let kex = string(&mut body, "kex_algorithms")?;
    let host_keys = string(&mut body, "server_host_key_algorithms")?;
    let ciphers = both(&mut body, direction, "encryption_algorithms")?;
    let codes = both(&mut body, direction, "mac_algorithms")?;
    let compressions = both(&mut body, direction, "compression_algorithms")?;
    let all = body.since(start);
    let hashed = [&kex, &ciphers, &codes, &compressions].map(Reader::peek).join(&b';');
    let hassh: String = md5::digest(&hashed).iter().map(|byte| format!("{byte:02x}")).collect();
    if direction == Direction::ToServer {
        out.text(sender, HASSH, &hassh, all);
        return Ok(());
    }
    out.text(sender, HASSH_SERVER, &hassh, all);
    for (key, names) in [
        (KEX_ALGORITHMS, kex),
        (SERVER_HOST_KEY_ALGORITHMS, host_keys),
        (ENCRYPTION_ALGORITHMS, ciphers),
        (MAC_ALGORITHMS, codes),
    ] {
        let span = Span { at: names.at(), len: names.left() };
        let text = std::str::from_utf8(names.peek()).ok();
        if let Some(text) = text.filter(|text| text.bytes().all(|c| c.is_ascii_graphic())) {
            out.text(sender, key, text, span);
        }
    }
    Ok(())
}

/// The list for what the sender sends, of the two for both directions.
fn both<'a>(
    body: &mut Reader<'a>,
    direction: Direction,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    let to_server = string(body, field)?;
    let to_client = string(body, field)?;
    Ok(match direction {
        Direction::ToServer => to_server,
        Direction::ToClient => to_client,
    })
}

const COOKIE_BYTES: usize = 16;
