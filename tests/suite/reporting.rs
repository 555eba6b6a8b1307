//! Reports for people: the page, the map and the auditor pack, through the program.

pub mod markup;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use nameplate::export::escape::is_hostile;
use serde_json::Value;

use crate::kept;
use crate::made::{self, Device};
use crate::program::{Ran, run_in};
use crate::replayed::root;
use markup::{HTML, Page, read};

const PLANT: &str = "captures/plant-demo";

fn page(html: &str) -> Page {
    read(html, HTML).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The numbers of the four counts on the first page.
fn counts(html: &str) -> Vec<u64> {
    let (_, rest) = html.split_once("<ul class=\"counts\">").unwrap();
    let (counts, _) = rest.split_once("</ul>").unwrap();
    let words = ["▲ affected", "? cannot tell", "✓ fixed", "– not affected"];
    let items: Vec<&str> = counts.split("<li ").skip(1).collect();
    assert_eq!(items.len(), words.len());
    for (item, word) in items.iter().zip(words) {
        assert!(item.contains(&format!("<span>{word}</span>")), "{item}");
    }
    let number = |item: &&str| {
        item.split_once("<b>").unwrap().1.split_once("</b>").unwrap().0.parse().unwrap()
    };
    items.iter().map(number).collect()
}

fn done(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = run_in(folder, arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    ran
}

#[test]
fn the_first_page_says_what_ndjson_says() {
    let html = done(root(), &["report", PLANT]).out;
    let lines = done(root(), &["scan", PLANT, "-o", "ndjson"]);
    let run: Value = serde_json::from_str(lines.lines_of("run")[0]).unwrap();
    let verdicts = ["affected", "cannot_tell", "fixed", "not_affected"];
    let expected: Vec<u64> = verdicts.map(|name| run["verdicts"][name].as_u64().unwrap()).to_vec();
    assert_eq!(counts(&html), expected);
    let text = page(&html).text;
    let devices = lines.lines_of("asset").len();
    assert!(text.contains(&format!("{devices} devices")), "{text}");
    for input in run["inputs"].as_array().unwrap() {
        assert!(text.contains(input["sha256"].as_str().unwrap()));
    }
    assert!(text.contains(run["bundle"]["sha256"].as_str().unwrap()));
    // Every device is in the tables, and every advisory that gives a verdict.
    for line in lines.lines_of("asset") {
        let asset: Value = serde_json::from_str(line).unwrap();
        assert!(text.contains(asset["ips"][0].as_str().unwrap_or_default()), "{line}");
    }
    for line in lines.lines_of("finding") {
        let finding: Value = serde_json::from_str(line).unwrap();
        let is_advisory = finding["kind"] == "advisory";
        assert!(!is_advisory || text.contains(finding["advisory"].as_str().unwrap()), "{line}");
    }
    assert!(!text.to_lowercase().contains("no vulnerabilities"));
    assert!(!text.to_lowercase().contains("no vulnerability"));
    assert_eq!(done(root(), &["report", PLANT]).out, html, "the same bytes");
}

/// Five rows are five jobs: no device is told twice to do the same.
#[test]
fn the_five_things_to_do_first_are_five() {
    let html = done(root(), &["report", PLANT]).out;
    let (_, rest) = html.split_once("<ol class=\"jobs\">").unwrap();
    let (jobs, _) = rest.split_once("</ol>").unwrap();
    let orders: Vec<&str> =
        jobs.split("<li><b>").skip(1).map(|job| job.split_once("</b>").unwrap().0).collect();
    assert_eq!(orders.len(), 5);
    assert_eq!(orders.iter().collect::<BTreeSet<_>>().len(), 5, "{orders:?}");
    let whys: Vec<&str> = jobs.split("<p class=\"why\">").skip(1).collect();
    assert!(whys.len() == 5 && whys.iter().all(|why| why.len() > 40), "{whys:?}");
}

#[test]
fn a_page_runs_nothing_and_leads_nowhere() {
    let html = done(root(), &["report", PLANT]).out;
    let page = page(&html);
    let ids: BTreeSet<&String> = page
        .attributes
        .iter()
        .filter(|((_, name), _)| name == "id")
        .flat_map(|(_, values)| values)
        .collect();
    for target in &page.attributes[&("a".to_owned(), "href".to_owned())] {
        let id = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads out"));
        assert!(ids.iter().any(|known| *known == id), "{target} leads nowhere");
    }
    let policy = &page.attributes[&("meta".to_owned(), "content".to_owned())][0];
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for word in ["url(", "@import", "expression", "<script", "javascript:"] {
        assert!(!html.to_lowercase().contains(word), "{word}");
    }
    assert!(
        page.style.contains("prefers-color-scheme:dark") && page.style.contains("@media print")
    );
}

#[test]
fn hostile_names_are_words_on_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let name = "evil\"><script>alert(1)</script>\u{1b}[31m\u{202e}.pcap".replace('/', "_");
    let nasty: [&[u8]; 9] = [
        b"\x1b[2Jowned",
        b"<script>alert(1)</script>",
        b"\"><img src=x onerror=alert(1)>",
        b"' onmouseover='alert(1)",
        b"</td></table></style><h1>owned",
        b"&lt;b&gt;",
        b"]]><!--",
        "\u{202e}gpj.exe\u{2028}".as_bytes(),
        b"=HYPERLINK(\"http://example.invalid\")",
    ];
    let devices: Vec<Device> =
        (1..).zip(nasty).map(|(last, name)| Device::stranger(last, name)).collect();
    made::write(&folder.path().join(&name), &devices);
    let arguments = [
        &["report", &name][..],
        &["export", "svg", &name],
        &["scan", &name, "-o", "html"],
        &["report", &name, "--where", "ip = 10.99.0.1 or name = \"'><i>\""],
    ];
    for arguments in arguments {
        let ran = done(folder.path(), arguments);
        let found = ran.out.chars().find(|c| *c != '\n' && is_hostile(*c));
        assert_eq!(found, None, "{arguments:?}");
        let text = page(&ran.out).text;
        assert!(text.contains("owned"), "{arguments:?} lost the names");
    }
}

#[test]
fn the_four_counts_stand_where_nothing_was_found() {
    let folder = tempfile::tempdir().unwrap();
    made::write(&folder.path().join("a.pcap"), &[Device::stranger(1, b"nobody's")]);
    for arguments in
        [&["report", "a.pcap"][..], &["report", "a.pcap", "--where", "vendor = nobody"]]
    {
        let html = done(folder.path(), arguments).out;
        assert_eq!(counts(&html), [0, 0, 0, 0]);
        let text = page(&html).text;
        assert!(text.contains("clears no device"), "{text}");
        assert!(text.contains("What could not be seen"));
        assert!(!text.to_lowercase().contains("no vulnerabilit"));
    }
}

#[test]
fn an_input_that_is_cut_is_told_on_the_first_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcap");
    made::write(&path, &[Device::named(1, b"1756-EN2T/D")]);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let html = done(folder.path(), &["report", "cut.pcap"]).out;
    let (first, _) = html.split_once("</section>").unwrap();
    assert!(first.contains("Not complete.") && first.contains("cut.pcap: "), "{first}");
}

#[test]
fn the_map_is_a_picture_of_its_own() {
    let ran = done(root(), &["export", "svg", PLANT]);
    let page = page(&ran.out);
    assert!(page.text.contains("1756-EN2T") && page.text.contains("Level 1"));
    assert_eq!(
        page.attributes[&("svg".to_owned(), "xmlns".to_owned())],
        ["http://www.w3.org/2000/svg\n"]
    );
    assert_eq!(done(root(), &["export", "svg", PLANT]).out, ran.out);
    let refused = run_in(root(), &["export", "svg", PLANT, "--publisher", "x"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
}

#[test]
fn a_pack_is_whole_until_a_bit_of_it_differs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &["db", "key", "new", "key"]);
    done(folder, &["db", "key", "new", "other"]);
    let capture = root().join(PLANT).join("cell3-plant-it.pcap.zst");
    let capture = capture.to_str().unwrap();
    let make = |name: &str| {
        done(
            folder,
            &["report", capture, "--template", "auditor-pack", "--sign", "key", "-o", name],
        );
        std::fs::read(folder.join(name)).unwrap()
    };
    let whole = make("pack.zip");
    assert!(whole == make("again.zip"), "the same input, other bytes");
    let ran = done(folder, &["report", "verify", "pack.zip", "--key", "key.pub"]);
    assert!(
        ran.out.contains("every byte as it was written") && ran.out.contains("trusted key"),
        "{}",
        ran.out
    );
    assert_eq!(run_in(folder, &["report", "verify", "pack.zip", "--key", "other.pub"]).code, 1);
    assert_eq!(run_in(folder, &["report", "verify", "pack.zip", "--key", "no key"]).code, 2);
    assert_eq!(run_in(folder, &["report", "verify", "nothing.zip"]).code, 1);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&whole)).unwrap();
    let mut places: Vec<(String, u64)> = Vec::new();
    for at in 0..archive.len() {
        let file = archive.by_index(at).unwrap();
        let (start, length) = (file.data_start().unwrap(), file.compressed_size());
        let name = file.name().unwrap().into_owned();
        places.extend(
            [0, length / 2, length.saturating_sub(1)].map(|into| (name.clone(), start + into)),
        );
    }
    let end = u64::try_from(whole.len()).unwrap();
    places.extend([0, 8, 26, end - 1, end - 8, end - 40].map(|at| ("the archive".to_owned(), at)));
    assert!(places.len() > 60, "{places:?}");
    for (number, (name, at)) in places.into_iter().enumerate() {
        let mut bytes = whole.clone();
        bytes[usize::try_from(at).unwrap()] ^= 1 << (number % 8);
        std::fs::write(folder.join("flipped.zip"), &bytes).unwrap();
        let ran = run_in(folder, &["report", "verify", "flipped.zip"]);
        assert_eq!(ran.code, 1, "{name} at {at}: {}", ran.out);
        assert!(ran.out.contains("NOT as it was written"), "{}", ran.out);
    }
}

#[test]
fn a_pack_opens_with_other_readers_and_its_tables_agree_with_ndjson() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plant = root().join(PLANT);
    done(
        folder,
        &["report", plant.to_str().unwrap(), "--template", "auditor-pack", "-o", "pack.zip"],
    );
    let ran = done(folder, &["report", "verify", "pack.zip"]);
    assert!(ran.out.contains("not signed"), "{}", ran.out);
    let unpacked =
        Command::new("unzip").args(["-q", "pack.zip", "-d", "out"]).current_dir(folder).status();
    match unpacked {
        Ok(status) => assert!(status.success()),
        Err(_) => {
            println!("skipped: unzip is not here");
            return;
        }
    }
    let text = |name: &str| std::fs::read_to_string(folder.join("out").join(name)).unwrap();
    let rows = |name: &str| -> Vec<BTreeMap<String, String>> {
        let text = text(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    };
    let ndjson = text("report.ndjson");
    let lines = |schema: &str| ndjson.lines().filter(|line| line.contains(schema)).count();
    let assets = lines("\"schema\":\"nameplate.asset/1\"");
    let inventory = rows("inventory.csv");
    assert_eq!(inventory.iter().filter(|row| row["module"].is_empty()).count(), assets);
    assert_eq!(rows("inventory-values.csv").len(), assets);
    let fields = rows("inventory-fields.csv");
    assert_eq!(fields.len(), 32);
    assert!(fields.iter().all(|row| !row["source"].is_empty()));
    let run: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
    let ledger = rows("patch-ledger.csv");
    for name in ["affected", "cannot_tell", "fixed", "not_affected"] {
        let sum: u64 = ledger.iter().map(|row| row[name].parse::<u64>().unwrap()).sum();
        assert_eq!(sum, run["verdicts"][name].as_u64().unwrap(), "{name}");
    }
    for row in &ledger {
        assert_eq!(row["published"].len(), 10, "{row:?}");
        // Judged on the day of the tests, and the captures are of that day: evaluated at once, nothing is late.
        assert_eq!(
            (&*row["evaluated"], &*row["days_to_evaluation"]),
            ("2026-03-02", "0"),
            "{row:?}"
        );
        let is_affected = row["affected"] != "0";
        assert_eq!(row["action_due"], if is_affected { "2026-04-06" } else { "" }, "{row:?}");
        assert_eq!(row["acted_in_35_days"], if is_affected { "open" } else { "" }, "{row:?}");
    }
    let evidence = rows("evidence.csv");
    assert!(evidence.len() > 200 && evidence.iter().all(|row| row["frame"] != "0"));
    page(&text("report.html"));
}

/// People find these verbs by their help.
#[test]
fn the_help_is_kept() {
    let mut text = String::new();
    for verb in [&["report"][..], &["report", "verify"], &["export"]] {
        let ran = done(root(), &[verb, &["--help"]].concat());
        text.push_str(&format!("$ nameplate {} --help\n", verb.join(" ")));
        ran.out.lines().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
        text.push('\n');
    }
    let kept = kept::check(Path::new("tests/golden/help-report.txt"), &text);
    assert!(kept.is_ok(), "\n{}", kept.unwrap_err());
}
