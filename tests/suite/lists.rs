//! Lists of devices that people keep: what is taken from them, what is refused, and that a hostile one costs only itself.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, run_in};

fn import(folder: &Path, file: &str, more: &[&str]) -> Ran {
    let reasons = ["--store", "s", "--by", "carol", "--why", "the list of the plant"];
    run_in(folder, &[&["assets", "import", file], &reasons[..], more].concat())
}

/// Imports a list from these bytes into an empty store.
fn imported(bytes: &[u8]) -> (tempfile::TempDir, Ran) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list"), bytes).unwrap();
    let ran = import(folder.path(), "list", &[]);
    (folder, ran)
}

fn assets(folder: &Path) -> Vec<Json> {
    let ran = run_in(folder, &["assets", "list", "--store", "s", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.lines_of("asset").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn named(folder: &Path, name: &str) -> Json {
    let found = assets(folder).into_iter().find(|asset| asset["name"] == name);
    found.unwrap_or_else(|| panic!("no asset is called {name}"))
}

#[test]
fn devices_that_never_speak_are_judged() {
    let list = "Asset name;Manufacturer;Device type;Model;Firmware version;Serial number\n\
        Press 7;Rockwell;cpu;1756-EN2T/D;10.009;00524E10\n\
        Press 8;ROCKWELL AUTOMATION;PLC;1766-L32BXB;4.10;n/a\n";
    let list = list.replace("Rockwell;", "Allen-Bradley;");
    let (folder, ran) = imported(list.as_bytes());
    let folder = folder.path();
    assert_eq!((ran.code, ran.out.as_str()), (0, "2 devices from list\n"), "{ran:?}");
    let press = named(folder, "Press 7");
    assert_eq!(press["serial"], "00524E10");
    assert_eq!((&press["vendor"], &press["kind"]), (&"Rockwell Automation".into(), &"plc".into()));
    assert_eq!(press["protocols"], serde_json::json!([]));
    let other = named(folder, "Press 8");
    assert_eq!((&other["firmware"], &other["serial"]), (&"4.10".into(), &Json::Null));
    let firmware = other["claims"].as_array().unwrap().iter().find(|c| c["field"] == "firmware");
    let evidence = &firmware.unwrap()["evidence"][0];
    assert_eq!((&evidence["capture"], &evidence["frame"]), (&"list".into(), &3.into()));
    assert_eq!((&evidence["offset"], &evidence["bytes"]), (&5.into(), &"342e3130".into()));
    let ran = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
    let judged = ran.lines_of("finding");
    let id = other["asset_id"].as_str().unwrap();
    let own = judged.iter().find(|line| line.contains(id) && line.contains("\"affected\""));
    let because = own.unwrap_or_else(|| panic!("{judged:?}"));
    assert!(because.contains("firmware 4.10 stands on a list, and was not seen"), "{because}");
    let ran = run_in(folder, &["explain", "Press 8", "--store", "s"]);
    assert!(ran.out.contains("list row 3 column E, as of "), "{}", ran.out);
    assert!(ran.out.contains("imported by carol, "), "{}", ran.out);
    assert!(!ran.out.contains("tshark"), "{}", ran.out);
    let ran = run_in(folder, &["explain", "list#3", "--store", "s"]);
    assert!(ran.out.contains("import.firmware = 4.10"), "{}", ran.out);
}

#[test]
fn a_list_and_the_wire_meet_at_an_address_in_either_order() {
    let list = "name,ip,mac,firmware,role\n\
        Bridge 1,10.99.0.1,,9.9,bridge\n\
        Bridge 2,,00-1D-9C-99-00-02,,spare\n";
    let fill = |first: &str| {
        let folder = tempfile::tempdir().unwrap();
        let devices = [1, 2].map(|last| Device::named(last, b"1756-EN2T/D"));
        made::write(&folder.path().join("a.pcap"), &devices);
        std::fs::write(folder.path().join("l.csv"), list).unwrap();
        let scan =
            || assert_eq!(run_in(folder.path(), &["scan", "a.pcap", "--store", "s"]).code, 0);
        let list = || import(folder.path(), "l.csv", &["--as-of", "2026-06-01"]);
        let told = match first {
            "scan" => {
                scan();
                list()
            }
            _ => {
                let told = list();
                scan();
                told
            }
        };
        assert_eq!(told.code, 0, "{told:?}");
        let mut all = assets(folder.path());
        // The number that a store gives a capture is no matter of the device.
        all.sort_by_key(|asset| asset["ips"].to_string());
        (all, told)
    };
    let ((one, told), (other, _)) = (fill("scan"), fill("list"));
    assert_eq!(one, other);
    assert_eq!(one.len(), 2, "{one:?}");
    let bridge = &one[0];
    assert_eq!(bridge["role"], "bridge");
    assert_eq!(bridge["firmware"], "11.002", "the device said so itself");
    assert_eq!(one[1]["role"], "spare");
    assert_eq!(one[1]["ips"], serde_json::json!(["10.99.0.2"]));
    let words = "row 2 says that the firmware of 1756-EN2T/D is \"9.9\"; shown is \"11.002\", which is certain";
    assert!(told.err.contains(words), "{}", told.err);
}

#[test]
fn a_row_of_a_known_site_is_about_the_device_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made::write(&folder.join("a.pcap"), &[Device::named(1, b"1756-EN2T/D")]);
    let other = Device { serial: 7, ..Device::named(1, b"1756-EN2T/D") };
    made::write(&folder.join("b.pcap"), &[other]);
    for (file, site) in [("a.pcap", "Nord"), ("b.pcap", "Ost")] {
        assert_eq!(run_in(folder, &["scan", file, "--site", site, "--store", "s"]).code, 0);
    }
    let list = "site,ip,role\nNord,10.99.0.1,spare\nOst,10.99.0.1,bridge\n";
    std::fs::write(folder.join("l.csv"), list).unwrap();
    assert_eq!(import(folder, "l.csv", &[]).code, 0);
    let mut all: Vec<(String, String)> = assets(folder)
        .iter()
        .map(|asset| (asset["serial"].to_string(), asset["role"].to_string()))
        .collect();
    all.sort();
    let [one, two] = all.as_slice() else { panic!("{all:?}") };
    assert!(one.0.contains("00000007") && one.1.contains("bridge"), "{one:?}");
    assert!(two.0.contains("60000001") && two.1.contains("spare"), "{two:?}");
}

#[test]
fn the_newest_list_counts_and_what_is_gone_from_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("old.csv"), "name,firmware\nA,1.0\nB,1.0\n").unwrap();
    std::fs::write(folder.join("new.csv"), "name,firmware\nA,2.0\n").unwrap();
    let newer = import(folder, "new.csv", &["--as-of", "2026-02-01"]);
    let older = import(folder, "old.csv", &["--as-of", "2026-01-01"]);
    assert_eq!((newer.code, older.code), (0, 0), "{newer:?} {older:?}");
    assert_eq!(named(folder, "A")["firmware"], "2.0");
    let gone = named(folder, "B");
    assert_eq!(gone["firmware"], "1.0");
    assert_eq!(gone["last_seen"], "2026-01-01T00:00:00.000000000Z");
    let before = assets(folder);
    let again = import(folder, "new.csv", &["--as-of", "2026-03-01"]);
    assert!(again.out.contains("by carol; nothing changes"), "{}", again.out);
    std::fs::copy(folder.join("old.csv"), folder.join("copy.csv")).unwrap();
    assert!(import(folder, "copy.csv", &[]).out.contains("nothing changes"));
    assert_eq!(assets(folder), before);
    std::fs::write(folder.join("same.csv"), "name,firmware\nA,3.0\n").unwrap();
    assert_eq!(import(folder, "same.csv", &["--as-of", "2026-02-01"]).code, 0);
    assert_eq!(named(folder, "A")["firmware"], "3.0", "of two lists of one day the later counts");
    let future = import(folder, "same.csv", &["--as-of", "2200-01-01"]);
    assert!(future.code == 2 && future.err.contains("future"), "{future:?}");
}

#[test]
fn rows_and_columns_that_cannot_be_taken_are_named_and_cost_only_themselves() {
    let mut list = b"List of devices,,,\n\nName,IP address,Colour,Firmware,FW,Vendor\n".to_vec();
    list.extend(b"Good,10.0.0.1,red,1.0,2.0,Siemens\n");
    list.extend(b"M\xfcller,10.0.0.2,red,1.0,,\n");
    list.extend(b",,red,1.0,,\n");
    list.extend(b"Bad address,999.1.1.1,,4.2,,\n");
    list.extend(b"Long,10.0.0.4,,");
    list.extend(vec![b'9'; 5_000]);
    list.extend(b",,\nGood again,10.0.0.1,,,3.0,\n\"open,10.0.0.5,,,,\nLast,10.0.0.6,,7,,\n");
    let (folder, ran) = imported(&list);
    assert_eq!(ran.code, 0, "{ran:?}");
    for words in [
        "row 3 columns passed over: \"Colour\"; known are name, vendor",
        "row 3 \"FW\" is a second column for firmware; the first counts",
        "row 5 is not taken: the text in column 1 is not UTF-8",
        "row 6 is not taken: names no device",
        "row 7 ip \"999.1.1.1\" is no IP address of one device, and passed over",
        "row 8 firmware \"9999",
        "row 9 is about the same device as row 4, and counts more",
    ] {
        assert!(ran.err.contains(words), "no {words:?} in\n{}", ran.err);
    }
    let folder = folder.path();
    assert_eq!(named(folder, "Good again")["firmware"], "1.0");
    assert_eq!(named(folder, "Bad address")["firmware"], "4.2");
    assert_eq!(named(folder, "Long")["firmware"], Json::Null);
}

#[test]
fn hostile_cells_reach_no_screen_and_no_spreadsheet() {
    let list = "name,serial,role,vendor\n\
        =HYPERLINK(\"\"x\"\"),+1,-2,@SUM(1)\n\
        \u{1b}[2Jname,\u{202e}321,\"two\nlines\",x\u{7}\n\
        '=1+1,\"=\"\"007\"\"\",x,y\n";
    let (folder, ran) = imported(list.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let folder = folder.path();
    let serials: Vec<String> =
        assets(folder).iter().map(|asset| asset["serial"].as_str().unwrap().to_owned()).collect();
    for serial in ["+1", "\u{202e}321", "007"] {
        assert!(serials.contains(&serial.to_owned()), "{serials:?}");
    }
    for arguments in [
        &["assets", "list", "--store", "s", "--wide"][..],
        &["assets", "show", "007", "--store", "s"],
        &["explain", "+1", "--store", "s"],
        &["assets", "list", "--store", "s", "-o", "ndjson"],
        &["assets", "list", "--store", "s", "-o", "csv"],
    ] {
        let ran = run_in(folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        for c in ['\u{1b}', '\u{202e}', '\u{7}'] {
            assert!(!ran.out.contains(c) && !ran.err.contains(c), "{arguments:?}: {}", ran.out);
        }
        if arguments.contains(&"csv") {
            let cells = ran.out.split([',', '\n', '"']);
            let starts = cells.filter(|cell| cell.starts_with(['=', '+', '@'])).count();
            assert_eq!(starts, 0, "{}", ran.out);
        }
    }
}

#[test]
fn what_is_no_list_is_refused_with_a_hint() {
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        (b"%PDF-1.7", "PDF"),
        (&[0; 64], "is no text"),
        (b"just a sentence\nand another\n", "no row that names its columns"),
        (b"vendor,model\nSiemens,X\n", "no column by which a device could be known"),
        (b"name,ip\n,\n", "no row of it could be taken"),
        (b"PK\x03\x04 and nothing more", "damaged workbook"),
    ] {
        let (folder, ran) = imported(bytes);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        assert!(!folder.path().join("s").exists(), "{words}: a store was made");
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = import(folder.path(), "missing.csv", &[]);
    assert!(ran.code == 1 && ran.err.contains("check the path"), "{ran:?}");
}

#[test]
fn twenty_thousand_rows_take_a_bounded_time() {
    let mut list = String::from("name,ip,vendor,firmware\n");
    for row in 0..20_000_u32 {
        let [_, a, b, c] = row.to_be_bytes();
        list.push_str(&format!("PLC {row},10.{a}.{b}.{c},Siemens,V4.{row}\n"));
    }
    list.insert_str(24, "net,10.0.0.0\n");
    let started = Instant::now();
    let (_folder, ran) = imported(list.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("20000 devices"), "{}", ran.out);
    // Nine seconds alone: tests run without optimization, and beside others that want the same processors.
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

/// A package of these files, packed or not.
fn package(files: &[(&str, &[u8])], packs: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let data = if packs {
            let fast = flate2::Compression::fast();
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), fast);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        } else {
            content.to_vec()
        };
        let mut head = vec![20, 0, 0, 0, if packs { 8 } else { 0 }, 0, 0, 0, 0, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend((data.len() as u32).to_le_bytes());
        // What a file says it unpacks to is not to be believed.
        head.extend(7_u32.to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        let start = (out.len() as u32).to_le_bytes();
        directory
            .extend([b"PK\x01\x02\x14\x00", &head[..], &[0; 10], &start, name.as_bytes()].concat());
        out.extend([b"PK\x03\x04", &head[..], name.as_bytes(), &data].concat());
    }
    let (start, count) = ((out.len() as u32).to_le_bytes(), (files.len() as u16).to_le_bytes());
    let size = (directory.len() as u32).to_le_bytes();
    out.extend(directory);
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat());
    out
}

/// A workbook with a sheet of notes, and a sheet with these rows.
fn workbook(rows: &str, packs: bool) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let relation = |id: &str, kind: &str, part: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{part}\"/>")
    };
    let root = format!(
        "<Relationships>{}</Relationships>",
        relation("r", "officeDocument", "xl/workbook.xml")
    );
    let own = [
        relation("r1", "worksheet", "worksheets/sheet1.xml"),
        relation("r2", "worksheet", "/xl/worksheets/sheet2.xml"),
        relation("r3", "sharedStrings", "sharedStrings.xml"),
        relation("r4", "styles", "styles.xml"),
    ];
    let own = format!("<Relationships>{}</Relationships>", own.concat());
    package(
        &[
            ("_rels/.rels", root.as_bytes()),
            ("xl/_rels/workbook.xml.rels", own.as_bytes()),
            (
                "xl/workbook.xml",
                b"<x:workbook xmlns:r='r'><sheets><sheet name='Notes' r:id='r1'/><sheet name='PLCs' r:id='r2'/></sheets></x:workbook>",
            ),
            (
                "xl/worksheets/sheet1.xml",
                b"<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>Hello</t></is></c></row></sheetData></worksheet>",
            ),
            ("xl/worksheets/sheet2.xml", sheet.as_bytes()),
            (
                "xl/sharedStrings.xml",
                b"<sst><si><t>Name</t></si><si><r><t>Firm</t></r><r><t>ware</t></r></si><si><t>Serial</t></si><si><t>Press &amp; 1</t><rPh><t>x</t></rPh></si></sst>",
            ),
            (
                "xl/styles.xml",
                b"<styleSheet><numFmts><numFmt numFmtId='164' formatCode='0.000'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='14'/></cellXfs></styleSheet>",
            ),
        ],
        packs,
    )
}

const HEADING: &str = "<row r='3'><c r='B3' t='s'><v>0</v></c><c r='C3' t='s'><v>1</v></c><c r='D3' t='s'><v>2</v></c></row>";

#[test]
fn cells_of_a_workbook_are_what_a_person_sees_there() {
    let rows = format!(
        "{HEADING}<row r='4'><c r='B4' t='s'><v>3</v></c><c r='C4' s='1'><v>33.010999999999996</v></c><c r='D4' t='inlineStr'><is><t>00524E10</t></is></c></row>\
        <row r='7'><c r='B7' t='str'><f>A1</f><v>Made</v></c><c r='C7'><v>4.0999999999999996</v></c><c r='D7' t='e'><v>#REF!</v></c></row>\
        <row><c t='inlineStr' r='B8'><is><t>Dated</t></is></c><c s='2'><v>45000</v></c></row>"
    );
    for packs in [false, true] {
        let (folder, ran) = imported(&workbook(&rows, packs));
        assert_eq!(ran.out, "3 devices from list, sheet PLCs\n", "{ran:?}");
        let folder = folder.path();
        let press = named(folder, "Press & 1");
        assert_eq!((&press["firmware"], &press["serial"]), (&"33.011".into(), &"00524E10".into()));
        assert_eq!(named(folder, "Made")["firmware"], "4.1");
        assert_eq!(named(folder, "Dated")["firmware"], Json::Null);
        for words in [
            "1 of firmware are numbers, the first 4.1 in row 7: a spreadsheet drops zeros, it may have been 4.10",
            "1 of name are formulas, the first in row 7",
            "row 7 serial \"#REF!\" is an error of the spreadsheet",
            "row 8 firmware \"45000\" is a date, and passed over",
        ] {
            assert!(ran.err.contains(words), "no {words:?} in\n{}", ran.err);
        }
        let evidence = &press["claims"][0]["evidence"][0];
        assert_eq!(evidence["frame"], 4, "{evidence}");
    }
}

#[test]
fn a_sheet_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let rows = format!("{HEADING}<row><c r='B4' t='s'><v>3</v></c></row>");
    std::fs::write(folder.path().join("l.xlsx"), workbook(&rows, true)).unwrap();
    let ran = import(folder.path(), "l.xlsx", &["--sheet", "Drives"]);
    assert!(ran.code == 1 && ran.err.contains("it has Notes, PLCs"), "{ran:?}");
    let ran = import(folder.path(), "l.xlsx", &["--sheet", "notes"]);
    assert!(ran.code == 1 && ran.err.contains("no row that names its columns"), "{ran:?}");
    assert_eq!(import(folder.path(), "l.xlsx", &["--sheet", "plcs"]).code, 0);
}

#[test]
fn hostile_workbooks_cost_only_themselves() {
    let cell = |place: &str| format!("<c r='{place}' t='inlineStr'><is><t>x</t></is></c>");
    let far = format!(
        "{HEADING}<row r='4'><c r='B4' t='s'><v>3</v></c>{}</row><row r='1048576'>{}{}</row>",
        cell("C4"),
        cell("B1048576"),
        cell("XFD1048576")
    );
    let (folder, ran) = imported(&workbook(&far, true));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("row 1048576 is not taken: more than 256 columns"), "{}", ran.err);
    assert_eq!(assets(folder.path()).len(), 1);
    // A quarter of a gigabyte of blanks packs into a quarter of a megabyte.
    let bomb = " ".repeat(300 * 1_024 * 1_024);
    let started = Instant::now();
    let (_folder, ran) = imported(&workbook(&bomb, true));
    assert!(ran.code == 1 && ran.err.contains("unpacks to more than"), "{ran:?}");
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
    let entity = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>";
    let (_folder, ran) = imported(&workbook(entity, true));
    assert!(ran.code == 1 && ran.err.contains("document type"), "{ran:?}");
    let sound = workbook(&format!("{HEADING}<row><c r='B4' t='s'><v>3</v></c></row>"), true);
    for cut in (0..sound.len()).step_by(89) {
        let mut damaged = sound.clone();
        damaged[cut] ^= 0x55;
        for bytes in [&sound[..cut], &damaged[..]] {
            if bytes.len() < 4 {
                continue;
            }
            let (_folder, ran) = imported(bytes);
            assert!([0, 1].contains(&ran.code), "{cut}: {ran:?}");
            assert!(!ran.err.contains("panicked"), "{cut}: {}", ran.err);
        }
    }
}
