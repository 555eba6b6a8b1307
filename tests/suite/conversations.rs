//! Who talks to whom: counted right, counted once, and the same however the packets come.

use std::path::{Path, PathBuf};

use nameplate::engine::{Engine, Options};
use nameplate::model::{Act, Conversation, Frame, FrameRef, LinkType, Timestamp};
use serde_json::{Value, json};

use crate::program::{Ran, capture, run};
use crate::traffic::{Shot, captures};

/// The figures are those of `tshark -z conv,tcp` and `-z conv,udp`, added up over the ports of the client.
#[test]
fn packets_and_bytes_are_those_that_tshark_counts() {
    let cell = conversations(&[&capture("plant-demo/cell1-filling.pcap")], &[]);
    let hmi = one(&cell, "10.10.1.50", "10.10.1.10", "tcp/44818");
    assert_eq!(counts(hmi), [132, 67, 11_608, 7_306]);
    assert_eq!(hmi["protocol"], "enip");
    let engineer = one(&cell, "10.10.1.200", "10.10.1.10", "tcp/44818");
    assert_eq!(counts(engineer), [13, 10, 1_198, 1_051]);
    let adapter = one(&cell, "10.10.1.10", "10.10.1.20", "udp/2222");
    assert_eq!(counts(adapter), [48, 48, 3_360, 3_168]);
    assert_eq!(adapter["first"], "2026-03-02T06:00:20.000000000Z");
    assert_eq!(adapter["last"], "2026-03-02T21:00:20.040900000Z");
    let search = one(&cell, "10.10.1.200", "10.10.1.255", "udp/44818");
    assert_eq!(counts(search), [1, 0, 66, 0]);
    // Eleven connections from eleven ports.
    let nmap = conversations(&[&capture("smb/samba-nmap.pcap")], &[]);
    assert_eq!(counts(one(&nmap, "10.20.3.10", "10.20.3.20", "tcp/445")), [68, 46, 6_209, 5_574]);
}

#[test]
fn a_group_that_is_spoken_to_is_a_server_and_no_device() {
    let all = conversations(&[&capture("enip/io-multicast.pcap")], &[]);
    let io = one(&all, "10.20.2.203", "239.192.1.32", "udp/2222");
    assert_eq!(counts(io), [12, 0, 1_176, 0]);
    assert_eq!(io["server"]["asset_id"], Value::Null);
    let there = one(&all, "10.20.2.200", "10.20.2.203", "udp/2222");
    assert_eq!(there["server"]["asset_id"], io["client"]["asset_id"]);
    assert!(io["client"]["asset_id"].is_string());
}

/// Both show the same exchange, the second every packet twice.
#[test]
fn copies_of_a_mirror_count_once() {
    let all = conversations(&[&capture("packet/mirror-routed.pcap")], &[]);
    let tcp = all.iter().filter(|one| one["port"] == "tcp/502");
    let packets: u64 = tcp.map(|one| counts(one)[0] + counts(one)[1]).sum();
    assert_eq!(packets, 10, "{all:#?}");
}

#[test]
fn every_field_is_there() {
    let all = conversations(&[&capture("smb/samba-nmap.pcap")], &[]);
    let mut smb = one(&all, "10.20.3.10", "10.20.3.20", "tcp/445").clone();
    for party in ["client", "server"] {
        assert!(smb[party]["asset_id"].take().is_string());
    }
    let node =
        |ip| json!({ "asset_id": null, "ip": ip, "mac": null, "vlan": null, "outer_vlan": null });
    assert_eq!(
        smb,
        json!({
            "schema": "nameplate.conversation/1",
            "client": node("10.20.3.10"),
            "server": node("10.20.3.20"),
            "port": "tcp/445",
            "protocol": "smb",
            "first": "2026-11-22T06:57:05.500593000Z",
            "last": "2026-11-22T06:57:07.573999000Z",
            "packets": { "to_server": 68, "to_client": 46 },
            "bytes": { "to_server": 6_209, "to_client": 5_574 },
            "acts": { "identify": 0, "read": 0, "write": 0, "control": 0, "program": 0 },
        })
    );
}

#[test]
fn the_one_object_holds_what_the_lines_hold() {
    let name = capture("enip/io-multicast.pcap");
    let lines = conversations(&[&name], &[]);
    let whole = run(&["scan".into(), name, "-o".into(), PathBuf::from("json")]);
    let whole: Value = serde_json::from_str(&whole.out).unwrap();
    assert_eq!(whole["conversations"], Value::Array(lines));
}

#[test]
fn a_selection_of_devices_selects_their_conversations() {
    let name = capture("plant-demo/cell1-filling.pcap");
    let all = conversations(&[&name], &[]);
    let some = conversations(&[&name], &["--where", "ip = 10.10.1.20"]);
    let of_it = |one: &&Value| {
        let adapter = one_device(&all, "10.10.1.20").clone();
        one["client"]["asset_id"] == adapter || one["server"]["asset_id"] == adapter
    };
    assert_eq!(some, all.iter().filter(of_it).cloned().collect::<Vec<_>>());
    assert!(!some.is_empty() && some.len() < all.len());
    // Its peers are known although they were not selected.
    let plc = one(&some, "10.10.1.10", "10.10.1.20", "tcp/44818");
    assert!(plc["client"]["asset_id"].is_string());
}

#[test]
fn the_busiest_conversations_of_a_device_are_shown_and_the_others_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poller.pcap");
    let frames: Vec<Vec<u8>> = (1..=60_u8)
        .flat_map(|server| {
            vec![datagram([10, 0, 0, 200], [10, 0, 1, server], 40_000, 9); server.into()]
        })
        .collect();
    std::fs::write(&file, pcap(&frames)).unwrap();
    let show = |more: &[&str]| {
        let mut arguments: Vec<PathBuf> =
            ["assets", "show", "10.0.0.200"].iter().map(PathBuf::from).collect();
        arguments.push(file.clone());
        arguments.extend(more.iter().map(PathBuf::from));
        run(&arguments).out
    };
    let page = show(&[]);
    let (_, table) = page.split_once("CONVERSATIONS (60)").expect(&page);
    assert_eq!(table.lines().filter(|line| line.contains(" asks ")).count(), 50, "{page}");
    assert!(table.contains("10.0.1.60") && table.contains("10.0.1.11"), "{page}");
    assert!(
        !table.contains("10.0.1.10 ") && table.contains("and 10 quieter ones (--wide)"),
        "{page}"
    );
    assert_eq!(show(&["--wide"]).lines().filter(|line| line.contains(" asks ")).count(), 60);
}

#[test]
fn captures_cut_into_files_give_the_same_rows() {
    for (name, shots) in captures() {
        let whole = heard(&shots, 1, |_| 0);
        assert_eq!(heard(&shots, 99, |_| 0), whole, "{name}: another seed");
        let third = shots.len() / 3 + 1;
        assert_eq!(heard(&shots, 1, |at| at / third), whole, "{name}: in three files");
        assert_eq!(
            heard(&shots, 1, |at| at % 2),
            whole,
            "{name}: every other packet in each of two"
        );
    }
}

#[test]
fn asking_now_and_then_adds_up() {
    for (name, shots) in captures() {
        let mut engine = engine(1);
        for (at, shot) in shots.iter().enumerate() {
            show(&mut engine, shot, at, 0);
            if at % 7 == 0 {
                engine.conversations();
            }
        }
        engine.finish();
        assert_eq!(gathered(&mut engine), heard(&shots, 1, |_| 0), "{name}");
    }
}

#[test]
fn a_flood_of_connections_and_a_scan_of_ports_stay_few() {
    let mut engine = engine(1);
    let mut at = 0;
    let mut next = |engine: &mut Engine, bytes: Vec<u8>| {
        let shot = Shot { at: Timestamp(at), link: LinkType::ETHERNET, wire_len: 60, bytes };
        at += 1_000;
        show(engine, &shot, 0, 0);
    };
    for number in 0..100_000_u32 {
        let [_, a, b, c] = number.to_be_bytes();
        next(&mut engine, datagram([11, a, b, c], [10, 0, 0, 1], 40_000, 9_999));
    }
    for port in 1..=20_000 {
        next(&mut engine, datagram([10, 0, 0, 66], [10, 0, 0, 2], 60_000, port));
    }
    engine.finish();
    let fill = engine.fill();
    let (_, held, _) = fill.iter().find(|(name, ..)| *name == "engine.conversations").unwrap();
    assert!(*held <= 65_536, "{held}");
    let counted = engine.counters().count("engine.conversations_passed_by");
    assert!(counted >= 120_000 - 65_536, "{counted}");
    let scanned =
        gathered(&mut engine).into_iter().filter(|one| one.client.addr.to_string() == "10.0.0.66");
    assert_eq!(scanned.count(), 1_023 + 1);
}

#[test]
fn a_store_counts_each_capture_once() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["plant-demo/cell1-filling.pcap", "smb/samba-nmap.pcap"].map(capture);
    let expected = conversations(&[&a, &b], &[]);
    let scan_into = |store: &Path, inputs: &[&PathBuf], more: &[&str]| {
        let store = store.to_str().unwrap();
        conversations(inputs, &[&["--store", store], more].concat())
    };
    let together = folder.path().join("together");
    assert_eq!(scan_into(&together, &[&a, &b], &[]), expected);
    let database = together.join("nameplate.db");
    let before = std::fs::read(&database).unwrap();
    assert_eq!(scan_into(&together, &[&b, &a], &[]), expected, "again");
    assert!(before == std::fs::read(&database).unwrap(), "a byte of the store changed");
    assert_eq!(scan_into(&together, &[&a], &[]), expected, "one of them again");
    // A part of a capture takes nothing away from what the whole of it gave.
    assert_eq!(scan_into(&together, &[&a], &["-c", "100"]), expected);
    assert_eq!(scan_into(&together, &[&a], &["-f", "udp"]), expected);
    let parts = folder.path().join("parts");
    scan_into(&parts, &[&a], &["-f", "udp"]);
    scan_into(&parts, &[&b], &[]);
    assert_eq!(scan_into(&parts, &[&a], &[]), expected, "in parts");
    let listed = ["assets", "list", "-o", "ndjson", "--store"].map(PathBuf::from);
    let listed = run(&[listed.as_slice(), &[parts]].concat());
    assert_eq!(values(&listed), expected);
}

fn engine(seed: u64) -> Engine {
    Engine::new(Options { seed, ..Options::default() })
}

fn show(engine: &mut Engine, shot: &Shot, at: usize, capture: usize) {
    let frame = FrameRef { capture: capture as u32, number: at as u64 + 1 };
    let Shot { at, link, wire_len, .. } = *shot;
    engine.frame(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
    engine.drain().for_each(drop);
}

fn gathered(engine: &mut Engine) -> Vec<Conversation> {
    Conversation::gather(engine.conversations().into_iter().map(|(_, part)| part).collect())
}

/// What an engine makes of frames, of which `capture_of` tells the capture.
fn heard(shots: &[Shot], seed: u64, capture_of: impl Fn(usize) -> usize) -> Vec<Conversation> {
    let mut engine = engine(seed);
    for (at, shot) in shots.iter().enumerate() {
        show(&mut engine, shot, at, capture_of(at));
    }
    engine.finish();
    gathered(&mut engine)
}

fn conversations(inputs: &[&PathBuf], more: &[&str]) -> Vec<Value> {
    let mut arguments = ["scan", "-o", "ndjson"].map(PathBuf::from).to_vec();
    arguments.extend(inputs.iter().map(|input| input.to_path_buf()));
    arguments.extend(more.iter().map(PathBuf::from));
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    values(&ran)
}

fn values(ran: &Ran) -> Vec<Value> {
    ran.lines_of("conversation").iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn one<'a>(all: &'a [Value], client: &str, server: &str, port: &str) -> &'a Value {
    let is_it = |one: &&Value| {
        one["client"]["ip"] == client && one["server"]["ip"] == server && one["port"] == port
    };
    let found: Vec<&Value> = all.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{client} {server} {port}: {found:#?}");
    found[0]
}

fn one_device<'a>(all: &'a [Value], ip: &str) -> &'a Value {
    &all.iter().find(|one| one["server"]["ip"] == ip).unwrap()["server"]["asset_id"]
}

/// Packets to the server and to the client, then bytes.
fn counts(one: &Value) -> [u64; 4] {
    ["packets", "bytes"]
        .map(|what| ["to_server", "to_client"].map(|way| one[what][way].as_u64().unwrap()))
        .concat()
        .try_into()
        .unwrap()
}

/// A frame with a datagram of some bytes that are no protocol's.
fn datagram(from: [u8; 4], to: [u8; 4], source: u16, destination: u16) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, to[3], 2, 0, 0, 0, from[2], from[3], 0x08, 0x00, 0x45, 0];
    bytes.extend([0, 46, 0, 0, 0, 0, 64, 17, 0, 0]);
    bytes.extend([from, to].concat());
    bytes.extend([source.to_be_bytes(), destination.to_be_bytes()].concat());
    bytes.extend([0, 26, 0, 0]);
    bytes.extend([0xee; 18]);
    bytes
}

/// A capture with a second between frames.
fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for (second, frame) in (1_800_000_000_u32..).zip(frames) {
        for word in [second, 0, frame.len() as u32, frame.len() as u32] {
            file.extend(word.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// The acts of the model and the counts of a line are the same list.
#[test]
fn every_act_has_its_count() {
    let all = conversations(&[&capture("enip/io-multicast.pcap")], &[]);
    let names: Vec<&String> = all[0]["acts"].as_object().unwrap().keys().collect();
    let mut acts = Act::ALL.map(Act::name).to_vec();
    acts.sort_unstable();
    assert_eq!(names, acts);
}
