#![allow(clippy::arithmetic_side_effects)]

use std::net::IpAddr;
use std::sync::Arc;

use super::*;
use crate::model::{
    Anchor, Certainty, Excerpt, FrameRef, Ground, JoinedBy, Key, Ruling, Scope, Value,
};

const CARRIED: Key = Key::several("ip.mac");
const ARP: Key = Key::several("arp.hardware_address");
const TTL: Key = Key::several("ip.ttl");
const LEASE: Key = Key::several("dhcp.address");

fn node(last: u8) -> Node {
    Node::ip(Scope::default(), [10, 0, 0, last].into())
}

/// A fact that a node said, sent from the MAC address that it names.
fn said(node: Node, key: Key, value: Value) -> (Subject, Arc<Ground>) {
    let mac = match &value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    let (frame, excerpt) = (FrameRef::default(), Excerpt::default());
    let ground = Ground { key, value, at: Timestamp(1), frame, mac, excerpt };
    (Subject::node(node), Arc::new(ground))
}

/// As [`said`], sent from a MAC address.
fn said_from(mac: &str, node: Node, key: Key, value: Value) -> (Subject, Arc<Ground>) {
    let (subject, ground) = said(node, key, value);
    let ground = Ground { mac: mac.parse().ok(), ..(*ground).clone() };
    (subject, Arc::new(ground))
}

fn see(inventory: &mut Inventory, (subject, ground): (Subject, Arc<Ground>)) {
    inventory.observe(&subject, &ground);
}

fn claimed(inventory: &mut Inventory, claim: Claim) {
    inventory.claim(&Place::sole(&claim.subject.clone()), claim);
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn claim(subject: Subject, field: Field, value: &str, certainty: Certainty, at: i64) -> Claim {
    let ground = Ground {
        key: ARP,
        value: text(value),
        at: Timestamp(at),
        frame: FrameRef::default(),
        mac: None,
        excerpt: Excerpt::default(),
    };
    let (first, last) = (Timestamp(at), Timestamp(at));
    let from = vec![Arc::new(ground)];
    Claim { subject, field, value: value.into(), certainty, by: "rule".into(), from, first, last }
}

fn addresses(inventory: &Inventory) -> Vec<Vec<IpAddr>> {
    let mut all: Vec<Vec<IpAddr>> =
        inventory.assets().iter().map(|asset| asset.ips.iter().copied().collect()).collect();
    all.sort();
    all
}

const PLC: &str = "00:00:bc:01:02:03";
const ROUTER: &str = "00:1b:54:00:00:01";

#[test]
fn a_router_never_joins_the_hosts_behind_it() {
    let mut inventory = Inventory::default();
    for last in 1..=20 {
        see(&mut inventory, said(node(last), CARRIED, text(ROUTER)));
    }
    assert_eq!(inventory.assets().len(), 20);
    assert!(inventory.assets().iter().all(|asset| asset.macs.is_empty()));
}

#[test]
fn a_router_with_an_address_of_its_own_keeps_its_mac_to_itself() {
    let mut inventory = Inventory::default();
    see(&mut inventory, said(node(1), ARP, text(ROUTER)));
    see(&mut inventory, said(node(1), CARRIED, text(ROUTER)));
    see(&mut inventory, said(node(9), CARRIED, text(ROUTER)));
    let assets = inventory.assets();
    assert_eq!(addresses(&inventory).len(), 2);
    assert_eq!(assets.iter().filter(|asset| !asset.macs.is_empty()).count(), 1);
}

#[test]
fn one_host_behind_a_router_does_not_take_its_mac() {
    let mut inventory = Inventory::default();
    see(&mut inventory, said(node(9), CARRIED, text(ROUTER)));
    see(&mut inventory, said_from(ROUTER, node(9), TTL, Value::Uint(57)));
    assert!(inventory.assets()[0].macs.is_empty());
}

#[test]
fn a_lease_ties_a_name_given_by_dhcp_to_its_address() {
    let mut inventory = Inventory::default();
    let mac = Node::mac(Scope::default(), Mac([0, 0, 0xbc, 1, 2, 3]));
    see(&mut inventory, said(mac, LEASE, text("10.0.0.7")));
    see(&mut inventory, said(node(7), CARRIED, text(PLC)));
    claimed(&mut inventory, claim(Subject::node(mac), Field::Name, "hmi-7", Certainty::Certain, 1));
    let assets = inventory.assets();
    assert_eq!(assets.len(), 1);
    assert_eq!(assets[0].nameplate.value(Field::Name), Some("hmi-7"));
    assert_eq!(&*assets[0].identity, "mac 00:00:bc:01:02:03");
}

#[test]
fn a_packet_seen_in_two_vlans_joins_its_sender_and_an_address_alone_does_not() {
    let elsewhere = Node {
        scope: Scope { vlan: 32, ..Scope::default() },
        ..Node::mac(Scope::default(), Mac([2; 6]))
    };
    let twin = Node { addr: node(5).addr, ..elsewhere };
    let other = Node { addr: node(6).addr, ..elsewhere };
    let mut inventory = Inventory::default();
    for node in [node(5), node(6), twin, other] {
        see(&mut inventory, said(node, TTL, Value::Uint(64)));
    }
    assert_eq!(inventory.assets().len(), 4);
    see(&mut inventory, said(twin, Key::several("ip.same_as"), text("10.0.0.5")));
    let assets = inventory.assets();
    assert_eq!(assets.len(), 3);
    assert!(assets.iter().any(|asset| asset.scopes.len() == 2 && asset.ips.len() == 1));
    let serial = |node: Node, serial: &str, inventory: &mut Inventory| {
        let subject = Subject::node(node);
        claimed(inventory, claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1));
        claimed(inventory, claim(subject, Field::Serial, serial, Certainty::Certain, 1));
    };
    serial(node(5), "A1", &mut inventory);
    serial(twin, "B2", &mut inventory);
    assert_eq!(inventory.assets().len(), 4, "two serial numbers are two devices");
}

#[test]
fn an_adapter_named_across_a_router_is_the_devices_unless_two_claim_it() {
    let status = Key::several("nbns.mac_address");
    let mut inventory = Inventory::default();
    see(&mut inventory, said(node(9), CARRIED, text(ROUTER)));
    see(&mut inventory, said_from(ROUTER, node(9), TTL, Value::Uint(57)));
    see(&mut inventory, said(node(9), status, text(PLC)));
    let assets = inventory.assets();
    assert_eq!((assets.len(), &*assets[0].identity), (1, "mac 00:00:bc:01:02:03"));
    see(&mut inventory, said(node(8), status, text(PLC)));
    assert!(inventory.assets().iter().all(|asset| asset.macs.is_empty()));
}

#[test]
fn different_serial_numbers_stay_two_devices_behind_one_mac() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        see(&mut inventory, said(node(last), ARP, text(PLC)));
        let subject = Subject::node(node(last));
        let serial = format!("0000000{last}");
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1),
        );
        claimed(&mut inventory, claim(subject, Field::Serial, &serial, Certainty::Certain, 1));
    }
    assert_eq!(addresses(&inventory).len(), 2);
}

#[test]
fn the_same_serial_in_two_vlans_is_one_device() {
    let mut inventory = Inventory::default();
    for vlan in [3, 4] {
        let scope = Scope { vlan, ..Scope::default() };
        let subject =
            Subject::node(Node::ip(scope, [10, 0, 3, if vlan == 3 { 1 } else { 2 }].into()));
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1),
        );
        claimed(&mut inventory, claim(subject, Field::Serial, "00524D8E", Certainty::Certain, 1));
    }
    let assets = inventory.assets();
    assert_eq!(assets.len(), 1);
    assert_eq!(&*assets[0].identity, "serial Maker/00524D8E");
}

#[test]
fn a_serial_number_of_zeros_joins_nothing() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        let subject = Subject::node(node(last));
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1),
        );
        claimed(&mut inventory, claim(subject, Field::Serial, "00000000", Certainty::Certain, 1));
    }
    assert_eq!(inventory.assets().len(), 2);
}

#[test]
fn a_later_hint_never_hides_a_certain_claim_and_both_are_kept() {
    let mut inventory = Inventory::default();
    let subject = Subject::node(node(1));
    claimed(
        &mut inventory,
        claim(subject.clone(), Field::Firmware, "20.011", Certainty::Certain, 5),
    );
    claimed(&mut inventory, claim(subject.clone(), Field::Firmware, "99.999", Certainty::Hint, 9));
    claimed(&mut inventory, claim(subject, Field::Firmware, "20.013", Certainty::Certain, 7));
    let assets = inventory.assets();
    assert_eq!(assets[0].nameplate.value(Field::Firmware), Some("20.013"));
    assert_eq!(assets[0].nameplate.others(Field::Firmware).count(), 2);
}

#[test]
fn slots_are_modules_and_never_the_bridge() {
    let mut inventory = Inventory::default();
    let slot = Unit(Box::new([Hop::Slot(3)]));
    let module = Subject { node: node(1), unit: Some(slot) };
    claimed(&mut inventory, claim(module, Field::Model, "1756-L61", Certainty::Certain, 1));
    claimed(
        &mut inventory,
        claim(Subject::node(node(1)), Field::Model, "1756-EN2T", Certainty::Certain, 1),
    );
    let assets = inventory.assets();
    assert_eq!(assets[0].nameplate.value(Field::Model), Some("1756-EN2T"));
    assert_eq!(assets[0].modules[0].path.to_string(), "slot 3");
    assert_eq!(assets[0].modules[0].nameplate.value(Field::Model), Some("1756-L61"));
}

#[test]
fn a_lone_modbus_unit_speaks_for_the_device_and_two_do_not() {
    let mut inventory = Inventory::default();
    let unit = |unit| Subject { node: node(1), unit: Some(Unit::modbus(unit)) };
    claimed(&mut inventory, claim(unit(1), Field::Product, "Modicon M340", Certainty::Certain, 1));
    assert_eq!(inventory.assets()[0].nameplate.value(Field::Product), Some("Modicon M340"));
    claimed(&mut inventory, claim(unit(2), Field::Product, "Altivar 320", Certainty::Certain, 1));
    assert_eq!(inventory.assets()[0].nameplate.value(Field::Product), None);
}

#[test]
fn the_order_of_arrival_decides_nothing() {
    let claims = [
        claim(Subject::node(node(1)), Field::Name, "b", Certainty::Likely, 4),
        claim(Subject::node(node(1)), Field::Name, "a", Certainty::Likely, 4),
        claim(Subject::node(node(1)), Field::Name, "c", Certainty::Likely, 2),
    ];
    let (mut forwards, mut backwards) = (Inventory::default(), Inventory::default());
    claims.iter().for_each(|claim| claimed(&mut forwards, claim.clone()));
    claims.iter().rev().for_each(|claim| claimed(&mut backwards, claim.clone()));
    assert_eq!(forwards.assets(), backwards.assets());
    assert_eq!(forwards.assets()[0].nameplate.value(Field::Name), Some("a"));
}

#[test]
fn a_proxy_does_not_join_the_hosts_it_answers_for() {
    let mut inventory = Inventory::default();
    for last in [10, 11] {
        see(&mut inventory, said(node(last), ARP, text(ROUTER)));
    }
    assert_eq!(inventory.assets().len(), 2);
}

#[test]
fn an_address_leased_to_two_machines_joins_neither() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        let mac = Node::mac(Scope::default(), Mac([0, 0, 0xbc, 0, 0, last]));
        see(&mut inventory, said(mac, LEASE, text("10.0.0.7")));
        see(&mut inventory, said(mac, LEASE, text(&format!("10.0.0.{last}"))));
    }
    see(&mut inventory, said(node(7), CARRIED, text(PLC)));
    assert_eq!(inventory.assets().len(), 3);
}

#[test]
fn the_same_serial_on_another_model_is_another_device() {
    let mut inventory = Inventory::default();
    for (last, model) in [(1, "1756-L61"), (2, "5069-L320ER")] {
        let subject = Subject::node(node(last));
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1),
        );
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Serial, "00000001", Certainty::Certain, 1),
        );
        claimed(&mut inventory, claim(subject, Field::Model, model, Certainty::Certain, 1));
    }
    let assets = inventory.assets();
    assert_eq!(assets.len(), 2);
    assert_ne!(assets[0].id, assets[1].id);
}

#[test]
fn switches_without_an_address_share_none() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        let mac = Node::mac(Scope::default(), Mac([0, 0, 0xbc, 0, 0, last]));
        see(&mut inventory, said(mac, Key::several("lldp.management_address"), text("0.0.0.0")));
    }
    let assets = inventory.assets();
    assert!(assets.len() == 2 && assets.iter().all(|asset| asset.ips.is_empty()));
}

#[test]
fn a_remote_address_is_not_joined_with_the_router_it_came_through() {
    let mut inventory = Inventory::default();
    let at = |text: &str| Node::ip(Scope::default(), text.parse().unwrap());
    for address in ["fe80::21b:54ff:fe00:1", "2001:db8:9::2"] {
        see(&mut inventory, said(at(address), CARRIED, text(ROUTER)));
    }
    assert_eq!(inventory.assets().len(), 2);
}

#[test]
fn addresses_of_one_interface_are_one_device() {
    let mut inventory = Inventory::default();
    let at = |text: &str| Node::ip(Scope::default(), text.parse().unwrap());
    let plc = ["fe80::200:bcff:fe01:203", "2001:db8::200:bcff:fe01:203", "2001:db8::5:6:7:8"];
    for address in plc.into_iter().chain(["10.0.0.1"]) {
        see(&mut inventory, said(at(address), CARRIED, text(PLC)));
    }
    let assets = inventory.assets();
    assert_eq!((assets.len(), assets[0].ips.len()), (1, 4));
    assert_eq!(assets[0].joins.len(), 3);
}

#[test]
fn one_maker_s_address_in_two_networks_is_one_device_and_a_program_s_is_not() {
    for (mac, devices) in [(PLC, 1), ("02:00:00:00:00:01", 2)] {
        let mut inventory = Inventory::default();
        for vlan in [3, 4] {
            let node = Node { scope: Scope { vlan, ..Scope::default() }, ..node(1) };
            see(&mut inventory, said(node, CARRIED, text(mac)));
        }
        assert_eq!(inventory.assets().len(), devices, "{mac}");
    }
}

#[test]
fn a_device_behind_a_translation_keeps_the_address_it_says_to_itself() {
    let mut inventory = Inventory::default();
    let socket = Key::several("enip.socket_address");
    see(&mut inventory, said(node(1), socket, text("192.168.1.5:44818")));
    see(&mut inventory, said(node(2), socket, text("10.0.0.2:44818")));
    let assets = inventory.assets();
    let inner: Vec<usize> = assets.iter().map(|asset| asset.inner_ips.len()).collect();
    assert_eq!((assets.len(), inner.iter().sum::<usize>()), (2, 1));
    assert!(assets.iter().all(|asset| asset.ips.len() == 1));
}

#[test]
fn a_router_in_front_is_told_and_is_not_the_device() {
    let mut inventory = Inventory::default();
    see(&mut inventory, said(node(9), CARRIED, text(ROUTER)));
    see(&mut inventory, said_from(ROUTER, node(9), TTL, Value::Uint(127)));
    let assets = inventory.assets();
    assert_eq!(assets[0].reached_through, [ROUTER.parse().unwrap()].into());
    assert!(assets[0].macs.is_empty());
}

fn guid(inventory: &mut Inventory, node: Node, mac: &str, name: &str) {
    let key = Key::one("smb.server_guid");
    see(inventory, said(node, CARRIED, text(mac)));
    see(inventory, said_from(mac, node, key, text("00112233-4455-6677-0809-0a0b0c0d0e0f")));
    claimed(inventory, claim(Subject::node(node), Field::Name, name, Certainty::Certain, 1));
}

#[test]
fn one_server_guid_is_one_computer_but_not_under_two_names() {
    for (names, devices) in [(["SRV1", "srv1"], 1), (["SRV1", "SRV2"], 2)] {
        let mut inventory = Inventory::default();
        guid(&mut inventory, node(1), "00:15:5d:00:00:01", names[0]);
        guid(&mut inventory, node(2), "00:15:5d:00:00:02", names[1]);
        assert_eq!(inventory.assets().len(), devices, "{names:?}");
    }
}

#[test]
fn cloned_cells_stay_two_though_their_computers_give_one_guid() {
    let mut inventory = Inventory::default();
    let elsewhere = Node { scope: Scope { vlan: 32, ..Scope::default() }, ..node(1) };
    guid(&mut inventory, node(1), "00:15:5d:00:00:01", "HMI");
    guid(&mut inventory, elsewhere, "00:15:5d:00:00:02", "HMI");
    assert_eq!(inventory.assets().len(), 2);
}

fn decided(number: u64, ruling: Ruling) -> Decision {
    let (by, why) = ("somebody".into(), "because".into());
    Decision { number, ruling, by, why, at: Timestamp(9) }
}

#[test]
fn what_a_person_decided_stands_until_decided_otherwise() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        see(&mut inventory, said(node(last), TTL, Value::Uint(64)));
    }
    let [a, b] = [1, 2].map(|last| Anchor { node: node(last), at: Timestamp(1) });
    let mut decisions = Vec::new();
    let rulings =
        [(Ruling::Together(a, b), 1), (Ruling::Apart(b, a), 2), (Ruling::Together(b, a), 1)];
    for (number, (ruling, devices)) in (1..).zip(rulings) {
        decisions.push(decided(number, ruling));
        inventory.decide(decisions.clone());
        let assets = inventory.assets();
        assert_eq!(assets.len(), devices);
        let by: Vec<&JoinedBy> = assets.iter().flat_map(|a| &a.joins).map(|j| &j.by).collect();
        assert!(devices == 2 || by == [&JoinedBy::Decision(number)]);
    }
}

#[test]
fn a_split_holds_against_the_wire() {
    let mut inventory = Inventory::default();
    for last in [1, 2] {
        let subject = Subject::node(node(last));
        claimed(
            &mut inventory,
            claim(subject.clone(), Field::Vendor, "Maker", Certainty::Certain, 1),
        );
        claimed(&mut inventory, claim(subject, Field::Serial, "A1", Certainty::Certain, 1));
    }
    assert_eq!(inventory.assets().len(), 1);
    let [a, b] = [1, 2].map(|last| Anchor { node: node(last), at: Timestamp(1) });
    inventory.decide(vec![decided(1, Ruling::Apart(a, b))]);
    assert_eq!(inventory.assets().len(), 2);
}
