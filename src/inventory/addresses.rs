//! What an address says of itself.

use std::net::IpAddr;

use crate::model::Mac;

/// False for addresses that are no single device's: group addresses, none, and those that move between routers.
pub(super) fn is_of_a_device(mac: Mac) -> bool {
    !(is_virtual(mac) || mac.is_group() || mac.is_zero())
}

/// Addresses that move between routers: VRRP and CARP (RFC 5798, 7.3), HSRP v1, v2 and for IPv6, GLBP.
fn is_virtual(mac: Mac) -> bool {
    matches!(
        mac.0,
        [0x00, 0x00, 0x5e, 0x00, 0x01 | 0x02, _]
            | [0x00, 0x00, 0x0c, 0x07, 0xac, _]
            | [0x00, 0x00, 0x0c, 0x9f, 0xf0..=0xff, _]
            | [0x00, 0x05, 0x73, 0xa0, 0x00..=0x0f, _]
            | [0x00, 0x07, 0xb4, 0x00, _, _]
    )
}

/// False for addresses that are nobody's own, which unconfigured switches give as theirs.
pub(super) fn is_of_a_host(ip: &IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() || broadcast)
}

/// True for an IPv6 address that means something on its own link only.
pub(super) fn is_link_local(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// True for an IPv6 address with the modified EUI-64 of a MAC address (RFC 4291, appendix A).
pub(super) fn is_made_from(ip: &IpAddr, mac: Mac) -> bool {
    let IpAddr::V6(ip) = ip else { return false };
    let [a, b, c, d, e, f] = mac.0;
    let [.., i, j, k, l, m, n, o, p] = ip.octets();
    [i, j, k, l, m, n, o, p] == [a ^ 0x02, b, c, 0xff, 0xfe, d, e, f]
}

/// The first half of an IPv6 address.
pub(super) fn network(ip: &IpAddr) -> Option<u64> {
    let IpAddr::V6(ip) = ip else { return None };
    u64::try_from(ip.to_bits() >> 64).ok()
}
