use super::*;
use crate::model::{
    AssetId, Certainty, Claim, Excerpt, FrameRef, Ground, Key, Mac, Nameplate, Run, Scope, Subject,
    Timestamp, Value,
};

const CELLS: [Scope; 2] =
    [Scope { site: 0, outer_vlan: 0, vlan: 5 }, Scope { site: 0, outer_vlan: 0, vlan: 6 }];

fn claim(field: Field, value: &str, node: Node) -> Claim {
    Claim {
        subject: Subject::node(node),
        field,
        value: value.into(),
        certainty: Certainty::Certain,
        by: "a-rule".into(),
        from: Vec::new(),
        first: Timestamp(0),
        last: Timestamp(0),
    }
}

/// A device that had one address from one time to another.
fn device(id: u128, node: Node, (first, last): (i64, i64), said: &[(Field, &str)]) -> Asset {
    let mut nameplate = Nameplate::default();
    for (field, value) in said {
        nameplate.claims.entry(*field).or_default().push(claim(*field, value, node).into());
    }
    let ips = match node.addr {
        Addr::Ip(ip) => BTreeSet::from([ip]),
        Addr::Mac(_) | Addr::Listed(_) => BTreeSet::new(),
    };
    let (first, last) = (Timestamp(first), Timestamp(last));
    Asset {
        id: AssetId(uuid::Uuid::from_u128(id)),
        identity: format!("device {id}").into(),
        nameplate,
        scopes: BTreeSet::from([node.scope]),
        ips,
        bindings: vec![Binding { node, mac: None, first, last }],
        first,
        last,
        ..Asset::default()
    }
}

fn at(cell: usize, last: u8) -> Node {
    Node::ip(CELLS[cell], [192, 168, 0, last].into())
}

fn with_mac(mut asset: Asset, mac: [u8; 6]) -> Asset {
    asset.macs.insert(Mac(mac));
    asset
}

#[test]
fn cloned_cells_stay_apart_and_it_is_told_why() {
    let one = device(1, at(0, 10), (0, 9), &[(Field::Serial, "0001"), (Field::Vendor, "A")]);
    let other = device(2, at(1, 10), (0, 9), &[(Field::Serial, "0002"), (Field::Vendor, "A")]);
    assert_eq!(
        alike(&one, &other),
        ["both had the IP address 192.168.0.10: 192.168.0.10 vlan 5 and 192.168.0.10 vlan 6"]
    );
    let because = because(&one, &other);
    assert_eq!(because[0], "they give different serial numbers: 0001 and 0002");
    assert!(because[1].starts_with("they were seen in different VLANs"), "{because:?}");
}

#[test]
fn a_replaced_device_had_the_address_before_the_other() {
    let one = with_mac(device(1, at(0, 10), (0, 4), &[]), [0, 1, 2, 3, 4, 5]);
    let other = with_mac(device(2, at(0, 10), (6, 9), &[]), [0, 1, 2, 3, 4, 6]);
    for (a, b) in [(&one, &other), (&other, &one)] {
        assert_eq!(alike(a, b), ["both had the address 192.168.0.10 vlan 5"]);
        let because = because(a, b);
        assert!(because[0].starts_with("their own MAC addresses differ: 00:01:02"), "{because:?}");
        assert_eq!(
            because[1],
            format!(
                "one had 192.168.0.10 vlan 5 until {}, the other from {}",
                Timestamp(4),
                Timestamp(6)
            )
        );
    }
}

#[test]
fn two_devices_at_one_address_at_a_time_are_told_to_be() {
    let one = device(1, at(0, 10), (0, 7), &[]);
    let other = device(2, at(0, 10), (6, 9), &[]);
    assert_eq!(because(&one, &other), ["both used 192.168.0.10 vlan 5 at the same time"]);
}

#[test]
fn serial_numbers_of_two_makers_are_two() {
    let one = device(1, at(0, 1), (0, 9), &[(Field::Serial, "12-34ab"), (Field::Vendor, "A")]);
    let other = device(2, at(0, 2), (0, 9), &[(Field::Serial, "1234AB"), (Field::Vendor, "B")]);
    assert_eq!(alike(&one, &other), ["both give the serial number 1234AB"]);
    assert_eq!(because(&one, &other), ["every maker numbers for himself: these are A and B"]);
}

#[test]
fn a_name_or_a_mac_address_alone_joins_nothing() {
    let one = with_mac(device(1, at(0, 1), (0, 9), &[(Field::Name, "PLC-1")]), [2, 0, 0, 0, 0, 1]);
    let other =
        with_mac(device(2, at(0, 2), (0, 9), &[(Field::Name, "plc-1")]), [2, 0, 0, 0, 0, 1]);
    assert_eq!(
        alike(&one, &other),
        ["both show the MAC address 02:00:00:00:00:01", "both are called plc-1"]
    );
    assert!(because(&one, &other)[0].starts_with("addresses and names alone join nothing"));
    let third = device(3, at(1, 3), (0, 9), &[(Field::Name, "PLC-2")]);
    assert!(alike(&one, &third).is_empty());
}

#[test]
fn a_thousand_cloned_cells_are_no_thousand_lines() {
    let all: Vec<Arc<Asset>> =
        (1..=1_000).map(|id| Arc::new(device(id, at(1, 10), (0, 9), &[]))).collect();
    let (likenesses, beyond) = likenesses(&all[0], &all);
    assert_eq!(
        (likenesses.len(), beyond),
        (EXPLAINED_LIKENESSES_MAX, 999 - EXPLAINED_LIKENESSES_MAX)
    );
}

#[test]
fn each_join_is_told_with_its_reason_and_its_facts() {
    let ground = Arc::new(Ground {
        key: Key::one("toy.serial"),
        value: Value::Text("4711".into()),
        at: Timestamp(3),
        frame: FrameRef { capture: 0, number: 7 },
        mac: None,
        excerpt: Excerpt::default(),
    });
    let join = |by, grounds| Join { a: at(0, 1), b: at(1, 1), by, grounds };
    let mut asset = device(1, at(0, 1), (0, 9), &[]);
    asset.bindings.push(Binding {
        node: at(1, 1),
        mac: Some(Mac([0, 1, 2, 3, 4, 5])),
        first: Timestamp(1),
        last: Timestamp(2),
    });
    asset.reached_through.insert(Mac([0, 0, 0, 0, 0, 9]));
    asset.joins = vec![
        join(JoinedBy::Serial("A/4711".into()), vec![Arc::clone(&ground), ground]),
        join(JoinedBy::ServerGuid("f00d".into()), Vec::new()),
        join(JoinedBy::Mac(Mac([0, 1, 2, 3, 4, 5])), Vec::new()),
        join(JoinedBy::SamePacket, Vec::new()),
        join(JoinedBy::Decision(3), Vec::new()),
    ];
    let twin = device(2, at(0, 1), (20, 30), &[]);
    let assets = vec![Arc::new(asset), Arc::new(twin)];
    let known = Scanned { run: Run::default(), assets, ..Scanned::default() };
    let rules = Rules::new();
    let text = |other| match merge(&known, &rules, "00000000-0000-0000-0000-000000000001", other) {
        Merge::Page(page) => page.text(&Default::default()),
        Merge::Unknown(what) => what,
    };
    let one = text(None);
    for words in [
        "  had 192.168.0.1 vlan 6: 1970-01-01T00:00:00.000000001Z to 1970-01-01T00:00:00.000000002Z, \
         from its MAC address 00:01:02:03:04:05\n",
        "  reached through 00:00:00:00:00:09: a router's address, which is no key",
        "  192.168.0.1 vlan 5 and 192.168.0.1 vlan 6 are one, because both gave the serial number A/4711",
        "    toy.serial = 4711\n",
        "because both gave the server GUID f00d\n",
        "because packets from there came from the MAC address 00:01:02:03:04:05",
        "because one packet was seen as both\n",
        "because decision 3 says so\n",
        "  not joined with asset 00000000-0000-0000-0000-000000000002",
        "    although both had the address 192.168.0.1 vlan 5\n",
        "    because one had 192.168.0.1 vlan 5 until 1970-01-01T00:00:00.000000009Z, the other from ",
    ] {
        assert!(one.contains(words), "no {words:?} in\n{one}");
    }
    let two = text(Some("00000000-0000-0000-0000-000000000002"));
    assert!(two.starts_with("two devices\n  asset 00000000-0000-0000-0000-000000000001"), "{two}");
    assert!(two.contains("  although both had the address"), "{two}");
    let same = text(Some("192.168.0.1"));
    assert!(same.contains("and 192.168.0.1 are one device\n") && same.contains("two devices\n"));
    assert_eq!(text(Some("nobody")), "nobody");
}
