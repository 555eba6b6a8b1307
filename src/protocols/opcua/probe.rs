//! Whether bytes are OPC UA.

use crate::protocols::Probe;
use crate::protocols::opcua::chunk::{BODY_AT, Head, Kind, Last};
use crate::protocols::opcua::describe::POLICIES;
use crate::protocols::opcua::service::{self, Front};
use crate::wire::{Malformed, Reader};

/// See [`crate::protocols::Protocol`]. A greeting is sure by its numbers, the opening of a channel by its policy, and a message
/// by its service. A message that is encrypted, or goes on, is sure of nothing but three letters and a length.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match sure(bytes) {
        Ok(true) => Probe::Yes,
        Ok(false) => Probe::Maybe,
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

fn sure(bytes: &[u8]) -> Result<bool, Malformed> {
    let head = Head::read(bytes)?;
    let mut r = Reader::new(bytes);
    r.skip("head", 8)?;
    match head.kind {
        // Version 0 is the only one; buffers are of 8 KiB at least.
        Kind::Hello | Kind::Acknowledge => {
            let version = r.u32_le("ProtocolVersion")?;
            let buffers = [r.u32_le("ReceiveBufferSize")?, r.u32_le("SendBufferSize")?];
            let is_sound = version == 0 && buffers.iter().all(|size| *size >= BUFFER_BYTES_MIN);
            if is_sound { Ok(true) } else { Err(r.impossible("ProtocolVersion")) }
        }
        Kind::Error => {
            let error = r.u32_le("Error")?;
            let length = r.u32_le("Reason")?;
            let whole =
                if length == u32::MAX { 0 } else { usize::try_from(length).unwrap_or(usize::MAX) };
            let is_sound = error >= BAD && r.at().checked_add(whole) == Some(head.size);
            if is_sound { Ok(true) } else { Err(r.impossible("Error")) }
        }
        Kind::ReverseHello => {
            let length = usize::try_from(r.u32_le("ServerUri")?).unwrap_or(usize::MAX);
            let fits = r.at().checked_add(length).is_some_and(|end| end <= head.size);
            if fits { Ok(false) } else { Err(r.impossible("ServerUri")) }
        }
        Kind::Open => {
            r.skip("SecureChannelId", 4)?;
            let length = r.u32_le("SecurityPolicyUri")?;
            if length > POLICY_BYTES_MAX {
                return Err(r.impossible("SecurityPolicyUri"));
            }
            let policy = r.bytes("SecurityPolicyUri", POLICIES.len())?;
            Ok(policy == POLICIES.as_bytes())
        }
        Kind::Message => {
            // What is too short for a service may be the end of a message.
            let body = head.size.saturating_sub(BODY_AT).min(service::TYPE_BYTES);
            r.skip("security and sequence headers", BODY_AT.saturating_sub(8))?;
            let mut body = r.sub("body", body)?;
            Ok(head.last != Last::Abort && matches!(Front::read(&mut body), Ok(Some(_))))
        }
    }
}

/// Smallest buffer that either end may offer (OPC 10000-6, 7.1.2.3).
const BUFFER_BYTES_MIN: u32 = 8_192;
/// Longest URI of a policy (OPC 10000-6, 6.7.2.3).
const POLICY_BYTES_MAX: u32 = 255;
/// Of status codes.
const BAD: u32 = 0x8000_0000;
