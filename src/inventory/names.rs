//! What a device is known by, and the identifier computed from it.

use std::collections::BTreeSet;

use crate::model::placeholder::is_unset_serial;
use crate::model::site::UNNAMED;
use crate::model::{Addr, AssetId, Field, Mac, Nameplate, Scope, Sites};

use super::Tenant;

/// What a device can be known by, the strongest identity first. Only the last, its address in its scope and its place
/// among those that had it, is certainly nobody else's.
pub(super) fn names(
    nameplate: &Nameplate,
    macs: &BTreeSet<Mac>,
    tenants: &[Tenant],
    sites: &Sites,
) -> Vec<String> {
    let vendor = nameplate.value(Field::Vendor);
    let serial = nameplate.value(Field::Serial).filter(|serial| !is_unset_serial(serial));
    let of_maker = vendor.zip(serial).map(|(vendor, serial)| format!("serial {vendor}/{serial}"));
    let burned_in = macs.iter().find(|mac| !mac.is_local()).map(|mac| format!("mac {mac}"));
    let address = tenants.first().map(|Tenant { node, number }| {
        let kind = match node.addr {
            Addr::Ip(_) => "ip",
            Addr::Mac(_) => "mac",
            Addr::Listed(_) => "listed",
        };
        let Scope { site, outer_vlan, vlan } = node.scope;
        let site = sites.name(site).unwrap_or(UNNAMED);
        let place =
            if *number == 0 { String::new() } else { format!(" #{}", number.saturating_add(1)) };
        format!("{kind} {site}/{outer_vlan}/{vlan}/{}{place}", node.addr)
    });
    of_maker.into_iter().chain(burned_in).chain(address).collect()
}

/// The identifier computed from an identity.
pub(super) fn id(identity: &str) -> AssetId {
    AssetId(uuid::Uuid::new_v5(&ASSET_NAMESPACE, identity.as_bytes()))
}

/// Name space of asset identifiers: a version 5 UUID of `asset.nameplate` in the DNS name space.
const ASSET_NAMESPACE: uuid::Uuid =
    uuid::Uuid::from_u128(0x0115_a7f0_690c_58a9_890b_ebe8_3022_f1a4);
