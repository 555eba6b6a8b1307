//! The object exporter of DCOM: the networks that a host is in, and its name in each, told to anyone who asks.
//!
//! Reads \[MS-DCOM\] section 3.1.2.5.1: the answers of ServerAlive2, ResolveOxid and ResolveOxid2, with the
//! DUALSTRINGARRAY of section 2.2.19.1. Skips the security bindings.
//!
//! ```text
//!   ServerAlive2    major u16, minor u16 | pointer | array | reserved u32 | status u32
//!   ResolveOxid     pointer | array | ...
//!   array           max u32 | entries u16 | security offset u16 | n * { tower u16, characters u16 ..., 0 }, 0 | ...
//! ```

use crate::model::limits::LIST_ITEMS_MAX;
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::{self, Ndr};
use crate::protocols::shared::dcerpc::{COM_VERSION, Ends, HOST_NAME, NETWORK_ADDRESS};
use crate::wire::{Malformed, Reader};

/// Reads the answer of ServerAlive2.
pub(super) fn server_alive(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = stub.at();
    let major = stub.u16("MajorVersion")?;
    let minor = stub.u16("MinorVersion")?;
    out.text(&ends.server, COM_VERSION, &format!("{major}.{minor}"), stub.since(start));
    resolved(stub, ends, out)
}

/// Reads the answer of ResolveOxid or ResolveOxid2.
pub(super) fn resolved(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if !stub.pointer("ppdsaOrBindings")? {
        return Ok(());
    }
    stub.size("DUALSTRINGARRAY")?;
    let entries = usize::from(stub.u16("wNumEntries")?);
    let security = usize::from(stub.u16("wSecurityOffset")?);
    if security > entries {
        return Err(stub.impossible("wSecurityOffset"));
    }
    let little_endian = stub.is_little_endian();
    let mut bindings = stub.sub("aStringArray", security.saturating_mul(2))?;
    for _ in 0..LIST_ITEMS_MAX {
        if bindings.left() < 4 || bindings.peek().starts_with(&[0, 0]) {
            break;
        }
        bindings.skip("wTowerId", 2)?;
        let (pairs, _) = bindings.peek().as_chunks::<2>();
        let units = pairs.iter().position(|pair| *pair == [0, 0]).unwrap_or(pairs.len());
        let address = bindings.sub("aNetworkAddr", units.saturating_mul(2))?;
        binding(address, little_endian, ends, out);
        if !bindings.is_empty() {
            bindings.skip("aNetworkAddr", 2)?;
        }
    }
    Ok(())
}

/// An address or a name, which may have an endpoint in brackets behind it.
fn binding(address: Reader<'_>, little_endian: bool, ends: &Ends, out: &mut Sink<'_>) {
    let address = ndr::wide_text(address, little_endian);
    let text = address.text.split('[').next().unwrap_or_default();
    let numeric = text.split('%').next().unwrap_or_default(); // Behind it stands the zone of a link-local address.
    let key = match numeric.parse::<std::net::IpAddr>() {
        Ok(_) => NETWORK_ADDRESS,
        Err(_) => HOST_NAME,
    };
    out.text(&ends.server, key, text, address.span);
}
