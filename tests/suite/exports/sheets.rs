//! The workbook and the CSV set: what a person reads, edits, and gives back.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::{done, lines, plant, read, scanned};
use crate::program::run_in;

const LIST: &str = "name,ip,vendor,model,firmware,serial,hardware\n\
    Press 7,10.20.0.7,Rockwell Automation,1766-L32BXB,4.10,00524E10,3-2\n\
    Press 8,10.20.0.8,Schneider Electric,BMXP342020,2.70,0012345,1E5\n\
    \"=2+3, or so\",10.20.0.9,Siemens,6ES7315-2EH14-0AB0,V3.2.6,'0001,01-02-2026\n";

/// A store with what spreadsheets mangle.
fn store(folder: &Path) {
    std::fs::write(folder.join("list.csv"), LIST).unwrap();
    let reasons = ["--by", "carol", "--why", "test", "--as-of", "2026-01-01"];
    done(folder, &[&["assets", "import", "list.csv", "--store", "s"][..], &reasons].concat());
}

fn assets(folder: &Path, store: &str) -> Vec<Json> {
    let ran = done(folder, &["assets", "list", "--store", store, "-o", "ndjson"]);
    ran.lines_of("asset").iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Fields that a row of the workbook and a line of NDJSON have in common.
const FIELDS: [&str; 15] = [
    "asset_id",
    "identity",
    "name",
    "kind",
    "role",
    "vendor",
    "product",
    "model",
    "order_number",
    "series",
    "firmware",
    "hardware",
    "serial",
    "os",
    "os_build",
];

fn is_said_alike(row: &BTreeMap<String, (String, &str)>, line: &Json) {
    for field in FIELDS {
        let cell = row.get(field).map(|(text, _)| text.as_str());
        assert_eq!(cell, line[field].as_str(), "{field} of {}", line["name"]);
        assert!(row.get(field).is_none_or(|(_, kind)| *kind == "text"), "{field}: {row:?}");
    }
}

#[test]
fn a_workbook_read_by_others_says_what_ndjson_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store(folder);
    done(folder, &["export", "xlsx", "--store", "s", "-o", "s.xlsx"]);
    let book = std::fs::read(folder.join("s.xlsx")).unwrap();
    let rows = read::sheet(&book, "Assets");
    let known = assets(folder, "s");
    assert_eq!(rows.len(), known.len());
    rows.iter().zip(&known).for_each(|(row, line)| is_said_alike(row, line));
    let all: Vec<&str> =
        rows.iter().flat_map(|row| row.values().map(|(t, _)| t.as_str())).collect();
    for text in ["00524E10", "4.10", "0012345", "3-2", "1E5", "=2+3, or so", "01-02-2026"] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
}

#[test]
fn every_sheet_has_the_rows_of_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    scanned(folder.path(), &plant(), &[]);
    let book = std::fs::read(folder.path().join("p.xlsx")).unwrap();
    let rows = |title| read::sheet(&book, title);
    let (known, found) = (lines(folder.path(), "asset"), lines(folder.path(), "finding"));
    rows("Assets").iter().zip(&known).for_each(|(row, line)| is_said_alike(row, line));
    assert_eq!(rows("Assets").len(), known.len());
    let parts: usize = known.iter().map(|one| one["modules"].as_array().unwrap().len()).sum();
    assert_eq!(rows("Modules").len(), parts);
    let findings = rows("Findings");
    assert_eq!(findings.len(), found.len());
    for (row, line) in findings.iter().zip(&found) {
        for field in ["finding_id", "asset_id", "module", "advisory", "cve", "verdict", "reason"] {
            assert_eq!(row.get(field).map(|(text, _)| text.as_str()), line[field].as_str());
        }
        let score = row.get("cvss").map(|(text, _)| text.parse::<f64>().unwrap());
        assert_eq!(score, line["cvss"].as_f64());
        let because: Vec<&str> =
            line["because"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
        assert_eq!(row["because"].0, because.join("; "));
    }
    let open = found.iter().filter(|line| line["verdict"] == "cannot_tell").count();
    assert_eq!(rows("Cannot tell").len(), open);
    assert!(rows("Cannot tell").iter().all(|row| row["question"].0.contains('?')));
    assert_eq!(rows("Conversations").len(), lines(folder.path(), "conversation").len());
    let facts = std::fs::read_to_string(folder.path().join("p.facts")).unwrap();
    let news = facts.lines().filter(|line| line.contains("\"repeat\":false")).count();
    assert_eq!(rows("Facts").len(), news);
}

#[test]
fn what_nobody_edited_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store(folder);
    done(folder, &["scan", &plant(), "--store", "s", "-o", "csv=x.csv"]);
    let before = assets(folder, "s");
    done(folder, &["export", "xlsx", "--store", "s", "-o", "s.xlsx"]);
    done(folder, &["export", "csv", "--store", "s", "-o", "set"]);
    for list in ["s.xlsx", "set"] {
        let ran =
            done(folder, &["assets", "import", list, "--store", "s", "--by", "c", "--dry-run"]);
        assert!(ran.out.contains("No difference."), "{list}: {}", ran.out);
        assert!(ran.out.contains("nothing new in "), "{list}: {}", ran.out);
        assert!(ran.err.is_empty(), "{list}: {}", ran.err);
        done(folder, &["assets", "import", list, "--store", "s", "--by", "c"]);
        assert_eq!(assets(folder, "s"), before, "{list}");
    }
}

#[test]
fn what_was_edited_is_shown_first_and_then_taken_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store(folder);
    done(folder, &["scan", &plant(), "--store", "s", "-o", "csv=x.csv"]);
    done(folder, &["export", "csv", "--store", "s", "-o", "set"]);
    // Somebody corrects a firmware, and adds a device.
    let path = folder.join("set/assets.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .into_records()
        .map(Result::unwrap)
        .collect();
    let at = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    let (name, firmware, serial, ips) = (at("name"), at("firmware"), at("serial"), at("ips"));
    let columns = rows[0].len();
    for row in &mut rows {
        if &row[name] == "Press 7" {
            *row = row
                .iter()
                .enumerate()
                .map(|(at, cell)| if at == firmware { "4.20" } else { cell })
                .collect();
        }
    }
    let mut added = vec![String::new(); columns];
    added[name] = "Press 9".to_owned();
    added[serial] = "000077E2".to_owned();
    added[ips] = "10.20.0.10".to_owned();
    rows.push(added.into());
    let mut out = csv::Writer::from_path(&path).unwrap();
    rows.iter().for_each(|row| out.write_record(row).unwrap());
    out.flush().unwrap();
    let import = ["assets", "import", "set", "--store", "s", "--by", "c"];
    let before = assets(folder, "s");
    let shown = done(folder, &[&import[..], &["--dry-run"]].concat());
    for said in ["4.10", "4.20", "Press 9", "nothing was written"] {
        assert!(shown.out.contains(said), "{said}: {}", shown.out);
    }
    assert_eq!(assets(folder, "s"), before, "a preview writes nothing");
    done(folder, &import);
    let after = assets(folder, "s");
    let named = |name: &str| after.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(named("Press 7")["firmware"], "4.20");
    assert_eq!(named("Press 7")["serial"], "00524E10");
    assert_eq!(named("Press 9")["serial"], "000077E2");
    assert_eq!(after.len(), before.len() + 1);
    // Of all others nothing is said.
    let others = |all: &[Json]| -> Vec<Json> {
        all.iter()
            .filter(|one| !["Press 7", "Press 9"].contains(&one["name"].as_str().unwrap()))
            .cloned()
            .collect()
    };
    assert_eq!(others(&after), others(&before));
}

#[test]
fn a_workbook_goes_into_another_store_and_says_the_same_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store(folder);
    done(folder, &["export", "xlsx", "--store", "s", "-o", "s.xlsx"]);
    done(
        folder,
        &["assets", "import", "s.xlsx", "--store", "t", "--by", "c", "--as-of", "2026-01-01"],
    );
    let shown = |store| -> Vec<BTreeMap<&str, Json>> {
        let fields = |one: &Json| FIELDS.iter().map(|field| (*field, one[field].clone())).collect();
        assets(folder, store).iter().map(fields).collect()
    };
    assert_eq!(shown("s"), shown("t"));
}

#[test]
fn rows_about_parts_find_their_parts_or_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &["scan", &plant(), "--store", "s", "-o", "csv=x.csv"]);
    done(folder, &["export", "csv", "--store", "s", "-o", "set"]);
    let path = folder.join("set/modules.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut rows: Vec<Vec<String>> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .into_records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let at = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    let (module, hardware, id) = (at("module"), at("hardware"), at("asset_id"));
    let edited = (1..rows.len()).find(|row| rows[*row][hardware].is_empty()).unwrap();
    rows[edited][hardware] = "00524E10".to_owned();
    let (asset, part) = (rows[edited][id].clone(), rows[edited][module].clone());
    let mut wrong = rows[edited].clone();
    wrong[module] = "slot 99".to_owned();
    rows.push(wrong);
    let mut out = csv::Writer::from_path(&path).unwrap();
    rows.iter().for_each(|row| out.write_record(row).unwrap());
    out.flush().unwrap();
    let ran = run_in(folder, &["assets", "import", "set", "--store", "s", "--by", "c"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("is not taken: is about \"slot 99\""), "{}", ran.err);
    let known = assets(folder, "s");
    let device = known.iter().find(|one| one["asset_id"] == asset.as_str()).unwrap();
    let modules = device["modules"].as_array().unwrap();
    let own = modules.iter().find(|one| one["path"] == part.as_str()).unwrap();
    assert_eq!(own["hardware"], "00524E10", "{own}");
}
