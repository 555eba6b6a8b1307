//! Matching and each sort of difference, on snapshots made here.

use std::slice::from_ref;

use super::*;

/// A device known by its address alone.
fn device(id: u128, ip: &str) -> Device {
    Device {
        id: AssetId(uuid::Uuid::from_u128(id)),
        identity: format!("ip 0/0/0/{ip}").into(),
        name: ip.into(),
        plate: Plate::default(),
        modules: BTreeMap::new(),
        ips: [ip.parse().unwrap()].into(),
        macs: BTreeSet::new(),
        vlans: BTreeSet::new(),
        sites: BTreeSet::new(),
        zone: None,
        protocols: ["enip".into()].into(),
        events: Vec::new(),
        seen: ("2026-03-02T06:00:00Z".into(), "2026-03-02T07:00:00Z".into()),
    }
}

fn plate(fields: &[(Field, &str)]) -> Plate {
    let said = |value: &str| {
        let place =
            Place { capture: "a.pcap".into(), frame: 7, time: "2026-03-02T06:00:00Z".into() };
        Said { value: value.into(), seen_in: vec![place] }
    };
    let serials = fields.iter().filter(|(field, _)| *field == Field::Serial);
    Plate {
        shown: fields.iter().map(|(field, value)| (*field, said(value))).collect(),
        serials: serials.map(|(_, value)| (*value).into()).collect(),
    }
}

fn with_serial(id: u128, ip: &str, serial: &str, firmware: &str) -> Device {
    let fields = [
        (Field::Vendor, "Maker"),
        (Field::Model, "M-1"),
        (Field::Serial, serial),
        (Field::Firmware, firmware),
    ];
    let identity = format!("serial Maker/{serial}").into();
    Device { identity, plate: plate(&fields), ..device(id, ip) }
}

fn of(devices: &[Device]) -> Snapshot {
    Snapshot { devices: devices.to_vec(), has_zones: true, verdicts: None, talks: None }
}

/// Kind, what, value before, value after; of devices the device.
fn told(before: &[Device], after: &[Device]) -> Vec<(Kind, String, String, String)> {
    words(&of(before), &of(after))
}

fn words(before: &Snapshot, after: &Snapshot) -> Vec<(Kind, String, String, String)> {
    let value =
        |said: &Option<Said>| said.as_ref().map(|s| s.value.to_string()).unwrap_or_default();
    let all = compare(before, after);
    all.iter().map(|one| (one.kind, one.what.clone(), value(&one.was), value(&one.is))).collect()
}

fn kinds(before: &[Device], after: &[Device]) -> Vec<Kind> {
    told(before, after).into_iter().map(|(kind, ..)| kind).collect()
}

fn line(kind: Kind, what: &str, was: &str, is: &str) -> (Kind, String, String, String) {
    (kind, what.to_owned(), was.to_owned(), is.to_owned())
}

const MAC_A: Mac = Mac([0, 0x1d, 0x9c, 0, 0, 1]);
const MAC_B: Mac = Mac([0, 0x1d, 0x9c, 0, 0, 2]);

#[test]
fn a_look_does_not_differ_from_itself_in_any_order() {
    let devices = [device(1, "10.0.0.1"), with_serial(2, "10.0.0.2", "S1", "1.0")];
    let mut turned = devices.clone();
    turned.reverse();
    assert_eq!(kinds(&devices, &turned), []);
}

#[test]
fn what_is_on_one_side_only_is_new_or_not_seen() {
    let (one, other) = (device(1, "10.0.0.1"), device(2, "10.0.0.2"));
    assert_eq!(kinds(from_ref(&one), &[one.clone(), other.clone()]), [Kind::DeviceNew]);
    assert_eq!(kinds(&[one.clone(), other], &[one]), [Kind::DeviceNotSeen]);
}

#[test]
fn a_stronger_identity_is_the_same_device() {
    let weak = device(1, "10.0.0.1");
    let strong = with_serial(2, "10.0.0.1", "S1", "1.0");
    let found = told(&[weak], &[strong]);
    let expected = line(Kind::DeviceIdentified, "identity", "ip 0/0/0/10.0.0.1", "serial Maker/S1");
    assert_eq!(found[0], expected);
    assert!(found[1..].iter().all(|(kind, ..)| *kind == Kind::FieldKnown), "{found:?}");
}

#[test]
fn a_burned_in_address_ties_across_vlans_and_a_chosen_one_does_not() {
    let at =
        |id, ip, mac, vlan| Device { macs: [mac].into(), vlans: [vlan].into(), ..device(id, ip) };
    let found = kinds(&[at(1, "10.0.0.1", MAC_A, 1)], &[at(2, "10.0.0.9", MAC_A, 2)]);
    assert!(!found.contains(&Kind::DeviceNew) && found.contains(&Kind::Moved), "{found:?}");
    let chosen = Mac([2, 0, 0, 0, 0, 1]);
    let found = kinds(&[at(1, "10.0.0.1", chosen, 1)], &[at(2, "10.0.0.9", chosen, 2)]);
    assert_eq!(found, [Kind::DeviceNew, Kind::DeviceNotSeen]);
}

#[test]
fn the_same_address_in_another_vlan_is_another_device() {
    let at = |id, vlan| Device { vlans: [vlan].into(), ..device(id, "192.168.0.1") };
    assert_eq!(kinds(&[at(1, 10)], &[at(2, 20)]), [Kind::DeviceNew, Kind::DeviceNotSeen]);
}

#[test]
fn an_address_that_two_devices_have_ties_nothing() {
    let before = [device(1, "10.0.0.1")];
    let after = [device(2, "10.0.0.1"), device(3, "10.0.0.1")];
    assert_eq!(kinds(&before, &after), [Kind::DeviceNew, Kind::DeviceNew, Kind::DeviceNotSeen]);
}

#[test]
fn another_serial_number_at_the_same_address_is_a_replacement() {
    let before = of(&[with_serial(1, "10.0.0.1", "S1", "1.0")]);
    let after = of(&[with_serial(2, "10.0.0.1", "S2", "2.0")]);
    let found = compare(&before, &after);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].same_serial), (Kind::DeviceReplaced, Some(false)));
    assert_eq!(&*found[0].was.as_ref().unwrap().value, "Maker M-1 1.0 serial S1");
    assert_eq!(&*found[0].is.as_ref().unwrap().value, "Maker M-1 2.0 serial S2");
}

/// A serial number without its maker is no identity: the identifier stays that of the address.
#[test]
fn a_replacement_is_seen_behind_the_same_identifier() {
    let known_as = |serial| Device {
        plate: plate(&[(Field::Model, "M-1"), (Field::Serial, serial)]),
        ..device(1, "10.0.0.1")
    };
    assert_eq!(kinds(&[known_as("S1")], &[known_as("S2")]), [Kind::DeviceReplaced]);
    assert_eq!(kinds(&[known_as("00000000")], &[known_as("S2")]), [Kind::FieldChanged]);
}

#[test]
fn without_serial_numbers_another_burned_in_address_is_a_replacement() {
    let at = |id, mac| Device { macs: [mac].into(), ..device(id, "10.0.0.1") };
    let (before, after) = (of(&[at(1, MAC_A)]), of(&[at(2, MAC_B)]));
    let found = compare(&before, &after);
    assert_eq!((found[0].kind, found[0].same_serial), (Kind::DeviceReplaced, None));
}

/// A store that saw both knows both numbers; the one said last is shown.
#[test]
fn a_serial_number_that_was_never_heard_before_is_another_device() {
    let before = with_serial(1, "10.0.0.1", "S1", "1.0");
    let mut after = with_serial(2, "10.0.0.1", "S2", "1.0");
    after.plate.serials.insert("S1".into());
    assert_eq!(kinds(from_ref(&before), from_ref(&after)), [Kind::DeviceReplaced]);
    let mut torn = before;
    torn.plate.serials.insert("S2".into());
    let found = kinds(&[torn], &[after]);
    assert_eq!(found, [Kind::DeviceIdentified, Kind::FieldChanged], "contradicts itself");
}

#[test]
fn another_version_of_the_same_serial_number_is_a_change_in_place() {
    let before = of(&[with_serial(1, "10.0.0.1", "S1", "1.0")]);
    let after = of(&[with_serial(1, "10.0.0.1", "S1", "2.0")]);
    let found = compare(&before, &after);
    let [one] = &*found else { panic!("{found:?}") };
    assert_eq!(
        (one.kind, &*one.what, one.same_serial),
        (Kind::VersionChanged, "firmware", Some(true))
    );
    let frames = |said: &Option<Said>| said.as_ref().unwrap().seen_in[0].frame;
    assert_eq!((frames(&one.was), frames(&one.is)), (7, 7), "both carry evidence");
}

#[test]
fn a_value_that_only_one_side_holds_is_no_change() {
    let silent = device(1, "10.0.0.1");
    let telling = Device { plate: plate(&[(Field::Firmware, "1.0")]), ..silent.clone() };
    assert_eq!(kinds(from_ref(&silent), from_ref(&telling)), [Kind::FieldKnown]);
    assert_eq!(kinds(&[telling], &[silent]), [Kind::FieldNotSeen]);
}

#[test]
fn another_address_is_a_move_and_one_more_is_not() {
    let before = with_serial(1, "10.0.0.1", "S1", "1.0");
    let elsewhere = with_serial(1, "10.0.0.9", "S1", "1.0");
    let mut more = before.clone();
    more.ips.extend(&elsewhere.ips);
    let moved = line(Kind::Moved, "ip", "10.0.0.1", "10.0.0.9");
    assert_eq!(told(from_ref(&before), &[elsewhere]), [moved]);
    let known = line(Kind::FieldKnown, "ip", "", "10.0.0.9");
    assert_eq!(told(from_ref(&before), from_ref(&more)), [known]);
    let lost = line(Kind::FieldNotSeen, "ip", "10.0.0.9", "");
    assert_eq!(told(&[more], &[before]), [lost]);
}

#[test]
fn a_device_moves_from_zone_to_zone_only_when_both_looks_know_zones() {
    let within =
        |zone: Option<&str>| Device { zone: zone.map(Into::into), ..device(1, "10.0.0.1") };
    assert_eq!(kinds(&[within(Some("Cell 1"))], &[within(Some("Cell 2"))]), [Kind::Moved]);
    assert_eq!(kinds(&[within(None)], &[within(Some("Cell 2"))]), [Kind::Moved]);
    let without = Snapshot { has_zones: false, ..of(&[within(None)]) };
    assert_eq!(compare(&without, &of(&[within(Some("Cell 2"))])), []);
}

#[test]
fn the_same_address_in_two_sites_is_two_devices_where_sites_are_named() {
    let at = |id, site: &str| Device { sites: [site.into()].into(), ..device(id, "10.0.0.1") };
    let (north, south) = (at(1, "Nord"), at(2, "Süd"));
    assert_eq!(kinds(from_ref(&north), from_ref(&south)), [Kind::DeviceNew, Kind::DeviceNotSeen],);
    let nowhere = device(3, "10.0.0.1");
    let learned = [Kind::DeviceIdentified, Kind::FieldKnown];
    assert_eq!(kinds(&[nowhere], from_ref(&south)), learned);
    let moved = Device { id: north.id, ..south };
    assert_eq!(told(&[north], &[moved]), [line(Kind::Moved, "site", "Nord", "Süd")]);
}

#[test]
fn modules_come_are_missed_are_replaced_and_are_told_in_order_of_slots() {
    let chassis = |slots: &[(&str, &str, &str)]| Device {
        modules: slots
            .iter()
            .map(|(path, serial, firmware)| {
                ((*path).into(), plate(&[(Field::Serial, serial), (Field::Firmware, firmware)]))
            })
            .collect(),
        ..device(1, "10.0.0.1")
    };
    let before =
        of(&[chassis(&[("slot 1", "A", "1"), ("slot 2", "B", "1"), ("slot 4", "D", "1")])]);
    let after = of(&[chassis(&[
        ("slot 1", "X", "2"),
        ("slot 2", "B", "2"),
        ("slot 3", "C", "1"),
        ("slot 10", "E", "1"),
    ])]);
    let found = compare(&before, &after);
    let shown: Vec<_> =
        found.iter().map(|one| (one.kind, one.module.unwrap(), one.same_serial)).collect();
    let expected = [
        (Kind::VersionChanged, "slot 2", Some(true)),
        (Kind::ModuleNew, "slot 3", None),
        (Kind::ModuleNew, "slot 10", None),
        (Kind::ModuleNotSeen, "slot 4", None),
        (Kind::ModuleReplaced, "slot 1", Some(false)),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn what_a_device_and_its_only_unit_say_alike_is_told_once() {
    let unit = |firmware| {
        let plate = plate(&[(Field::Model, "M-1"), (Field::Firmware, firmware)]);
        let modules = [("unit 1".into(), plate.clone())].into();
        Device { plate, modules, ..device(1, "10.0.0.1") }
    };
    assert_eq!(kinds(&[unit("1.0")], &[unit("2.0")]), [Kind::VersionChanged]);
}

#[test]
fn protocols_and_events_are_told_and_an_event_of_the_same_minute_is_known() {
    let happened = |time: &str, frame| Happened {
        module: None,
        event: "enip.program_download".into(),
        said: Said {
            value: "10.0.0.9".into(),
            seen_in: vec![Place { capture: "a.pcap".into(), frame, time: time.into() }],
        },
    };
    let before =
        Device { events: vec![happened("2026-03-02T06:00:05Z", 1)], ..device(1, "10.0.0.1") };
    let mut after = Device {
        events: vec![happened("2026-03-02T06:00:01Z", 9), happened("2026-03-02T08:00:00Z", 4)],
        ..device(1, "10.0.0.1")
    };
    after.protocols = ["modbus".into()].into();
    let expected = [Kind::ProtocolNew, Kind::ProtocolNotSeen, Kind::EventNew];
    assert_eq!(kinds(from_ref(&before), from_ref(&after)), expected);
    let expected = [Kind::ProtocolNew, Kind::ProtocolNotSeen];
    assert_eq!(kinds(&[after], &[before]), expected, "what happened before is not undone");
}

fn judged(asset: u128, cve: &str, verdict: &str) -> Judged {
    Judged {
        asset: AssetId(uuid::Uuid::from_u128(asset)),
        module: None,
        advisory: "A-1".into(),
        cve: cve.into(),
        verdict: verdict.into(),
        reason: None,
        priority: None,
    }
}

fn with_verdicts(device: Device, verdicts: &[Judged]) -> Snapshot {
    Snapshot { verdicts: Some(verdicts.to_vec()), ..of(&[device]) }
}

#[test]
fn verdicts_open_change_and_close_with_a_device_that_changed_its_identifier() {
    let before = [judged(1, "CVE-1", "affected"), judged(1, "CVE-2", "affected")];
    let after = [judged(2, "CVE-2", "fixed"), judged(2, "CVE-3", "not_affected")];
    let found = words(
        &with_verdicts(device(1, "10.0.0.1"), &before),
        &with_verdicts(device(2, "10.0.0.1"), &after),
    );
    let expected = [
        line(Kind::VerdictNew, "A-1 CVE-3", "", "not affected"),
        line(Kind::VerdictChanged, "A-1 CVE-2", "affected", "fixed"),
        line(Kind::VerdictClosed, "A-1 CVE-1", "affected", ""),
    ];
    assert_eq!(found[1..], expected);
}

#[test]
fn another_reason_or_priority_is_another_verdict() {
    let missing = |reason: &str| {
        let verdict = judged(1, "CVE-1", "cannot_tell");
        [Judged { reason: Some(reason.into()), ..verdict }]
    };
    let looked = |verdicts: &[Judged]| with_verdicts(device(1, "10.0.0.1"), verdicts);
    let found = words(&looked(&missing("exact model")), &looked(&missing("serial number")));
    let (was, is) = ("cannot tell: exact model", "cannot tell: serial number");
    assert_eq!(found, [line(Kind::VerdictChanged, "A-1 CVE-1", was, is)]);
}

#[test]
fn verdicts_on_what_was_not_seen_stay_and_those_of_a_replacement_are_new() {
    let verdicts = |asset| [judged(asset, "CVE-1", "affected")];
    let before = with_verdicts(with_serial(1, "10.0.0.1", "S1", "1"), &verdicts(1));
    let unseen = Snapshot { verdicts: Some(Vec::new()), ..Snapshot::default() };
    let kinds = |after: &Snapshot| -> Vec<Kind> {
        words(&before, after).into_iter().map(|(kind, ..)| kind).collect()
    };
    assert_eq!(kinds(&unseen), [Kind::DeviceNotSeen]);
    let after = with_verdicts(with_serial(2, "10.0.0.1", "S2", "1"), &verdicts(2));
    assert_eq!(kinds(&after), [Kind::DeviceReplaced, Kind::VerdictNew]);
}

#[test]
fn verdicts_are_compared_only_when_both_sides_hold_them() {
    let one = device(1, "10.0.0.1");
    let with = with_verdicts(one.clone(), &[judged(1, "CVE-1", "affected")]);
    assert_eq!(words(&with, &of(&[one])), []);
}

fn talk(client: &str, server: &str, protocol: Option<&str>) -> Talk {
    Talk {
        site: Box::default(),
        client: client.into(),
        server: server.into(),
        port: "tcp/502".into(),
        protocol: protocol.map(Into::into),
        names: [None, None],
        seen: ("2026-03-02T06:00:00Z".into(), "2026-03-02T07:00:00Z".into()),
    }
}

#[test]
fn conversations_of_one_look_only_are_told() {
    let talks = |talks: &[Talk]| Snapshot { talks: Some(talks.to_vec()), ..of(&[]) };
    let before = talks(&[talk("a", "b", None), talk("a", "c", Some("modbus"))]);
    let after = talks(&[talk("a", "b", Some("modbus")), talk("b", "a", None)]);
    let told = words(&before, &after);
    let lost = "a to c on tcp/502, modbus".to_owned();
    let won = "b to a on tcp/502".to_owned();
    let what = || "conversation".to_owned();
    assert_eq!(
        told,
        [
            (Kind::ConversationNew, what(), String::new(), won),
            (Kind::ConversationNotSeen, what(), lost, String::new()),
        ]
    );
    assert!(compare(&before, &before).is_empty());
    assert!(compare(&before, &of(&[])).is_empty(), "conversations of one look are not compared");
    let other = talks(&[talk("a", "c", Some("enip")), talk("a", "b", None)]);
    assert_eq!(words(&before, &other).len(), 2, "another protocol at the same place is another");
}
