//! Which MAC addresses are a device's own, once it is known which sightings are it, and which are those of routers in
//! front of it.

use std::collections::BTreeSet;

use crate::model::{Addr, Claim, Field, Mac, Node, Value};

use super::identity::Owners;
use super::{Inventory, Tenant};

/// The MAC addresses of a device that was seen as these.
pub(super) fn own(inventory: &Inventory, owners: &Owners, tenants: &[Tenant]) -> BTreeSet<Mac> {
    let mut own: BTreeSet<Mac> = tenants.iter().flat_map(|one| owners.macs(one)).collect();
    own.extend(tenants.iter().filter_map(|tenant| match tenant.node.addr {
        Addr::Mac(mac) => Some(mac),
        Addr::Ip(_) | Addr::Listed(_) => None,
    }));
    let device: BTreeSet<Tenant> = tenants.iter().copied().collect();
    for tenant in tenants {
        let links = inventory.bindings.links(tenant.node).iter();
        let others = links.filter(|link| link.is_direct() && !own.contains(&link.mac));
        let is_apart =
            |mac: Mac| owners.are_apart(Tenant::sole(Node::mac(tenant.node.scope, mac)), *tenant);
        let others: Vec<Mac> = others.map(|link| link.mac).filter(|mac| !is_apart(*mac)).collect();
        own.extend(others.into_iter().filter(|mac| is_of(inventory, *mac, tenant.node, &device)));
    }
    own
}

/// True when every address behind a MAC address was this device's when it was: such a MAC address is nobody else's.
fn is_of(inventory: &Inventory, mac: Mac, near: Node, device: &BTreeSet<Tenant>) -> bool {
    let mut behind = inventory.bindings.behind_mac(near.scope, mac).peekable();
    behind.peek().is_some()
        && behind.all(|ip| {
            let node = Node::ip(near.scope, ip);
            match inventory.tenancies.get(&node) {
                None => device.contains(&Tenant::sole(node)),
                Some(tenancy) => {
                    let stays = (0_u32..).zip(&tenancy.tenants);
                    let mut of_mac = stays
                        .filter(|(_, stay)| stay.mac == Some(tenancy.called(mac)))
                        .map(|(number, _)| Tenant { node, number })
                        .peekable();
                    of_mac.peek().is_some() && of_mac.all(|tenant| device.contains(&tenant))
                }
            }
        })
}

/// MAC addresses of routers that the packets of a sighting came through.
pub(super) fn routers(inventory: &Inventory, tenant: &Tenant, own: &BTreeSet<Mac>) -> Vec<Mac> {
    let links = inventory.bindings.links(tenant.node).iter();
    let routed = links.filter(|link| link.is_routed() && !own.contains(&link.mac));
    routed.map(|link| link.mac).collect()
}

/// True for what is claimed of a device because of a MAC address that is not its own: its router's maker is not its maker.
pub(super) fn rests_on_another(claim: &Claim, own: &BTreeSet<Mac>) -> bool {
    let tells_what_it_is = matches!(claim.field, Field::Vendor | Field::Product | Field::Model);
    tells_what_it_is
        && claim.from.iter().any(|ground| {
            let Value::Text(mac) = &ground.value else { return false };
            let is_link = matches!(ground.key.name, "ip.mac" | "arp.hardware_address");
            is_link && mac.parse().is_ok_and(|mac| !own.contains(&mac))
        })
}
