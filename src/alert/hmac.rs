//! HMAC-SHA-256 (RFC 2104), with which a receiver knows that a request came from here.

use sha2::{Digest, Sha256};

/// The code of a message under a key, in hexadecimal.
pub(crate) fn sha256(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; BLOCK_BYTES];
    let hashed;
    let key = match key.len() > BLOCK_BYTES {
        true => {
            hashed = Sha256::digest(key);
            &hashed[..]
        }
        false => key,
    };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    let code = outer.chain_update(inner.finalize()).finalize();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of SHA-256.
const BLOCK_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn codes_are_those_of_the_specification() {
        for (key, message, code) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(sha256(key, message), code);
        }
    }
}
