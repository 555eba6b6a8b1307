//! The scenarios of identity: who is who where that is hard to tell, each a capture in `captures/scenarios/` and the
//! inventory that has to come of it. No false merge is allowed, and nothing is said of a device that another said.
//!
//! An inventory stands in `tests/suite/scenarios/<case>.txt`. **It is written by a person, from the rules, and never from
//! what the program prints**: no variable rewrites it. Each device begins with its addresses (`-` without one), in order of
//! these; below are what it is and what happened to it. What a line leaves out is not known of that device.
//! `(hint)` follows what only a weak sign tells. A device that is known by its only Modbus unit has no line for that unit.

mod advisories;
mod losses;
mod notes;
mod stores;

use std::fmt::Write as _;
use std::path::PathBuf;

use nameplate::model::{
    Asset, Certainty, Event, Field, FrameRef, Happening, Module, Nameplate, Scope,
};

use crate::replayed::{Known, hear, know, root};

#[test]
fn a_routed_network_is_its_hosts_and_none_has_the_address_of_the_router() {
    let mut expected = String::new();
    for last in 1..=254 {
        let host = format!("10.30.1.{last}\n  through 00:00:0c:30:01:01\n\n");
        expected.push_str(&host);
    }
    expected.push_str("172.30.1.1\n  mac 00:00:0c:30:01:01\n  vendor Cisco (hint)\n\n");
    expected.push_str("172.30.1.10\n  mac f8:b1:56:30:01:0a\n  vendor Dell (hint)\n");
    compare("01-routed-24", &expected, &scan(&["01-routed-24.pcap.gz"]));
}

#[test]
fn a_lease_that_goes_to_another_laptop_makes_two_devices() {
    holds("02-lease-reuse");
}

#[test]
fn leases_behind_a_relay_tell_whose_address_it_was() {
    holds("02-lease-reuse-relayed");
}

#[test]
fn one_serial_number_in_two_vlans_is_one_device() {
    holds("03-vlans-one-serial");
}

#[test]
fn one_address_in_two_vlans_is_two_devices() {
    holds("03-vlans-one-address");
}

#[test]
fn one_card_in_two_vlans_is_one_device() {
    holds("03-vlans-one-card");
}

#[test]
fn each_site_has_its_devices() {
    holds("04-site-a");
    holds("04-site-b");
}

#[test]
fn one_address_at_two_sites_that_nobody_named_is_two_devices() {
    let known = scan(&["04-site-a.pcap", "04-site-b.pcap"]);
    compare("04-sites-untold", &expected("04-sites-untold"), &known);
}

#[test]
fn routers_that_share_a_virtual_address_stay_two() {
    holds("05-vrrp-failover");
}

#[test]
fn an_address_that_moves_between_hosts_joins_neither() {
    holds("05-address-moves");
}

#[test]
fn a_redundant_pair_that_exchanges_its_addresses_stays_two() {
    holds("06-redundant-switchover");
}

#[test]
fn adapters_behind_translation_are_not_those_at_their_inner_address() {
    holds("07-translated-adapters");
}

#[test]
fn a_gateway_is_one_device_with_its_units() {
    holds("08-gateway-32-units");
}

#[test]
fn a_full_chassis_is_one_device_with_its_modules() {
    holds("09-chassis-13-slots");
}

#[test]
fn an_upgrade_in_place_is_told_with_both_frames() {
    holds("10-upgrade");
}

#[test]
fn an_upgrade_of_a_module_is_the_module_s() {
    holds("10-upgrade-of-a-module");
}

#[test]
fn a_device_in_place_of_another_is_another() {
    holds("11-replaced");
}

#[test]
fn a_spare_of_the_same_product_is_another_device() {
    holds("11-replaced-alike");
}

#[test]
fn a_device_in_place_of_another_behind_a_router_is_another() {
    holds("11-replaced-routed");
}

#[test]
fn a_laptop_that_moves_between_zones_is_one_device() {
    holds("12-laptop-moves");
}

#[test]
fn copies_of_a_mirror_add_nothing() {
    holds("13-span-copies");
}

#[test]
fn a_remote_mirror_of_two_tags_is_read_to_the_bottom() {
    holds("14-erspan-qinq");
}

#[test]
fn questions_without_answers_tell_who_asks() {
    holds("16-requests-only");
}

#[test]
fn answers_without_questions_tell_what_they_say_themselves() {
    holds("16-answers-only");
}

#[test]
fn samba_that_says_windows_7_is_samba() {
    let known = holds("17-samba-as-windows-7");
    let server = device(&known, "10.30.17.20");
    let claims = server.nameplate.claims.values().flatten();
    let windows: Vec<_> = claims
        .filter(|claim| claim.value.contains("Windows") || &*claim.value == "Microsoft")
        .collect();
    assert!(windows.is_empty(), "{windows:#?}");
}

#[test]
fn a_cut_name_is_never_shown_as_the_name() {
    let known = holds("20-cut-at-96");
    let whole = [
        "1734-AENT/B",
        "METSEPM5560",
        "sw-packaging-hall-north-line-4-cabinet-a12-upper-row-spare",
    ];
    for claim in known.assets.iter().flat_map(|asset| asset.nameplate.claims.values().flatten()) {
        let is_part = |text: &&str| text.starts_with(&*claim.value) && **text != *claim.value;
        assert!(!whole.iter().any(is_part), "{claim:#?}");
    }
}

#[test]
fn hosts_seen_over_two_link_types_are_seen_once() {
    holds("21-two-link-types");
}

#[test]
fn five_years_between_two_frames_change_only_what_they_say() {
    let known = holds("22-five-years");
    let twin = device(&known, "10.30.22.21");
    let years = (twin.last.0 - twin.first.0) / (365 * 86_400 * 1_000_000_000);
    assert_eq!(years, 5, "{} to {}", twin.first, twin.last);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_happen() {
    holds("23-clock-set-back");
}

#[test]
fn two_devices_with_one_address_at_the_same_time_are_two() {
    holds("29-duplicate-address");
}

#[test]
fn a_router_that_answers_for_others_has_none_of_their_addresses() {
    holds("30-proxy-arp");
}

#[test]
fn a_server_with_two_cards_is_one_device() {
    holds("31-teamed-cards");
}

#[test]
fn devices_behind_a_bridge_that_hides_their_addresses_are_not_one() {
    holds("32-wireless-bridge");
}

/// Every capture has its expectation, and every expectation is compared in one of the tests here.
#[test]
fn every_scenario_is_expected_and_compared() {
    let code = std::fs::read_to_string(root().join("tests/suite/scenarios.rs")).unwrap()
        + &std::fs::read_to_string(root().join("tests/suite/scenarios/notes.rs")).unwrap();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("captures/scenarios")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some((case, _)) = name.split_once(".pcap") else { continue };
        if !code.contains(&format!("(\"{case}\"")) {
            wrong.push(format!("{name} is in no test"));
        }
    }
    for entry in std::fs::read_dir(root().join("tests/suite/scenarios")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(case) = name.strip_suffix(".txt") else { continue };
        if !code.contains(&format!("(\"{case}\"")) {
            wrong.push(format!("{name} is in no test"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Compares what a capture gives with what is expected of it, and hands it over for a closer look.
fn holds(case: &str) -> Known {
    let found = ["pcap", "pcapng"].map(|end| format!("{case}.{end}"));
    let is_there = |name: &&String| captures().join(name).exists();
    let known = scan(&[found.iter().find(is_there).expect("a capture of that name").as_str()]);
    compare(case, &expected(case), &known);
    known
}

/// The expectation without its comments.
fn expected(case: &str) -> String {
    let path = root().join("tests/suite/scenarios").join(format!("{case}.txt"));
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.join("\n").trim_start().trim_end().to_owned() + "\n"
}

fn scan(names: &[&str]) -> Known {
    let paths: Vec<PathBuf> = names.iter().map(|name| captures().join(name)).collect();
    know(hear(&paths, false))
}

fn captures() -> PathBuf {
    root().join("captures/scenarios")
}

fn compare(case: &str, expected: &str, known: &Known) {
    let found = inventory(known);
    let differ = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    assert!(
        expected == found,
        "{case}: differs from line {:?} on\n---- expected\n{expected}\n---- found\n{found}",
        differ.map(|at| at + 1)
    );
}

fn device<'a>(known: &'a Known, ip: &str) -> &'a Asset {
    let ip = ip.parse().unwrap();
    let mut having = known.assets.iter().filter(|asset| asset.ips.contains(&ip));
    let found = having.next().expect("a device of that address");
    assert!(having.next().is_none(), "several devices have {ip}");
    found
}

/// All devices, in order of their addresses, in the words of the expectations.
fn inventory(known: &Known) -> String {
    let mut assets: Vec<&Asset> = known.assets.iter().map(|asset| &**asset).collect();
    let serial = |asset: &Asset| asset.nameplate.value(Field::Serial).map(str::to_owned);
    assets.sort_by_cached_key(|asset| {
        (asset.ips.is_empty(), asset.ips.clone(), asset.macs.clone(), serial(asset))
    });
    let devices: Vec<String> = assets.into_iter().map(words).collect();
    devices.join("\n")
}

fn words(asset: &Asset) -> String {
    let mut text = String::new();
    let ips = list(&asset.ips, " ");
    writeln!(text, "{}", if ips.is_empty() { "-" } else { &ips }).unwrap();
    let vlans: Vec<String> = asset.scopes.iter().filter_map(vlan).collect();
    let lists = [
        ("mac", list(&asset.macs, " ")),
        ("through", list(&asset.reached_through, " ")),
        ("inner", list(&asset.inner_ips, " ")),
        ("vlan", vlans.join(", ")),
    ];
    for (name, values) in lists.iter().filter(|(_, values)| !values.is_empty()) {
        writeln!(text, "  {name} {values}").unwrap();
    }
    for (name, field) in FIELDS {
        if let Some(value) = shown(&asset.nameplate, *field) {
            writeln!(text, "  {name} {value}").unwrap();
        }
    }
    let told = |module: &&Module| !module.nameplate.claims.is_empty();
    for module in asset.modules.iter().filter(told).filter(|_| !asset.is_its_only_unit()) {
        writeln!(text, "  module {}: {}", module.path, part(&module.nameplate)).unwrap();
    }
    for event in &asset.events {
        writeln!(text, "  event {}", happened(event)).unwrap();
    }
    text
}

fn list<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>, between: &str) -> String {
    values.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

fn vlan(scope: &Scope) -> Option<String> {
    match (scope.outer_vlan, scope.vlan) {
        (0, 0) => None,
        (0, vlan) => Some(vlan.to_string()),
        (outer, vlan) => Some(format!("{outer}.{vlan}")),
    }
}

fn shown(plate: &Nameplate, field: Field) -> Option<String> {
    let claim = plate.claim(field)?;
    let hint = if claim.certainty == Certainty::Hint { " (hint)" } else { "" };
    Some(format!("{}{hint}", claim.value))
}

fn part(plate: &Nameplate) -> String {
    let what = [Field::Vendor, Field::Model].map(|field| shown(plate, field));
    let numbers = [("serial", Field::Serial), ("firmware", Field::Firmware)];
    let numbers = numbers.map(|(name, field)| shown(plate, field).map(|v| format!("{name} {v}")));
    let what: Vec<String> = what.into_iter().flatten().collect();
    let all: Vec<String> =
        [what.join(" ")].into_iter().chain(numbers.into_iter().flatten()).collect();
    all.join(", ")
}

fn happened(event: &Event) -> String {
    let module = event.module.as_ref().map(|path| format!("{path} ")).unwrap_or_default();
    let (name, now) = (event.name(), frame(event.ground.frame));
    let before = event.before.as_ref().map(|ground| frame(ground.frame));
    let frames =
        before.map_or(format!("frame {now}"), |before| format!("frames {before} and {now}"));
    match &event.what {
        Happening::Told => format!("{module}{name}, {frames}"),
        Happening::Changed { from, to, .. } => format!("{module}{name} {from} -> {to}, {frames}"),
        Happening::Replaced { .. } => format!("{module}{name}, {frames}"),
        Happening::Contested { address, .. } => format!("{module}{name} {address}"),
    }
}

fn frame(frame: FrameRef) -> String {
    match frame.capture {
        0 => frame.number.to_string(),
        later => format!("{} of file {}", frame.number, later + 1),
    }
}

/// What is said of a device in one line each.
const FIELDS: &[(&str, Field)] = &[
    ("name", Field::Name),
    ("vendor", Field::Vendor),
    ("model", Field::Model),
    ("serial", Field::Serial),
    ("firmware", Field::Firmware),
    ("os", Field::Os),
    ("build", Field::OsBuild),
];
