//! What advisories look like in every format, and that their texts are obeyed by none.

use std::path::Path;

use super::{Paper, advisories, by, plant};
use crate::kept;
use crate::program::{program, run_in};

#[test]
fn hostile_texts_of_documents_reach_no_screen_and_no_spreadsheet() {
    let folder = plant();
    let folder = folder.path();
    let nasty = Paper {
        title: "=HYPERLINK(1)\\u001b[2J\\u202egpj",
        fix: "Update to 5.021\\u001b]0;owned\\u0007",
        severity: "+1\\u009b31m",
        ..Paper::default()
    };
    nasty.write(folder, "one.json");
    let wider =
        Paper { revision: "2\\u001b[3J", released: "2030-09-01", range: "<=5.020", ..nasty };
    wider.write(folder, "two.json");
    by(folder, "alice", &["add", "one.json", "two.json"]);
    by(folder, "\u{1b}[2Jmallory", &["comment", "ACME-2030-1", "=1+1\u{202e}"]);
    let verbs: [&[&str]; 6] = [
        &["list"],
        &["show", "ACME-2030-1"],
        &["diff", "ACME-2030-1"],
        &["marks"],
        &["products"],
        &["match", "--runs"],
    ];
    for verb in verbs {
        for format in ["table", "ndjson", "json", "csv"] {
            let ran =
                run_in(folder, &[&["advisories"], verb, &["--store", "s", "-o", format]].concat());
            assert_eq!(ran.code, 0, "{verb:?} {format}: {ran:?}");
            for text in [&ran.out, &ran.err] {
                let hostile = |c: char| {
                    (c.is_control() && !matches!(c, '\n' | '\r'))
                        || ('\u{202a}'..='\u{202e}').contains(&c)
                };
                assert!(!text.contains(hostile), "{verb:?} {format}: {text:?}");
            }
            if format == "csv" {
                assert!(
                    !ran.out.split([',', '\n']).any(|cell| cell.starts_with(['=', '+', '@'])),
                    "{}",
                    ran.out
                );
            }
        }
    }
}

#[test]
fn every_line_of_ndjson_is_json_with_a_schema_and_the_same_twice() {
    let folder = plant();
    let folder = folder.path();
    Paper::default().write(folder, "one.json");
    by(folder, "alice", &["add", "one.json"]);
    for verb in [&["list"][..], &["show", "ACME-2030-1"], &["products"], &["match", "--runs"]] {
        let print = || advisories(folder, &[verb, &["--store", "s", "-o", "ndjson"]].concat()).out;
        let text = print();
        assert!(!text.is_empty());
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["schema"].as_str().unwrap().starts_with("nameplate."), "{line}");
        }
        assert_eq!(text, print());
    }
}

#[test]
fn a_list_is_narrow_until_it_is_asked_to_be_wide() {
    let folder = tempfile::tempdir().unwrap();
    let title = "word ".repeat(60);
    Paper { title: title.trim(), ..Paper::default() }.write(folder.path(), "one.json");
    let narrow = advisories(folder.path(), &["list", "--db", "one.json"]).out;
    assert!(narrow.lines().all(|line| line.chars().count() < 200), "{narrow}");
    assert!(narrow.contains("word…"), "{narrow}");
    let wide = advisories(folder.path(), &["list", "--db", "one.json", "--wide"]).out;
    assert!(wide.contains(title.trim()), "{wide}");
}

#[test]
fn mistakes_are_told_with_what_to_do_next() {
    let folder = plant();
    for (arguments, code, told) in [
        (
            &["show", "NO-SUCH"][..],
            1,
            "no advisory here is called NO-SUCH: nameplate advisories list",
        ),
        (&["show", "ICSA-2"], 1, "can mean"),
        (&["list", "-o", "facts"], 2, "-o facts is for scan"),
        (&["list", "--affecting"], 2, "name their store with --store DIR"),
        (&["diff", "ICSA-23-236-06"], 1, "in one revision only"),
        (&["products"], 2, "--store DIR"),
        (&["add", "nothing.json", "--store", "s"], 5, "cannot read nothing.json"),
        (&["restore", "ICSA-23-236-06", "--why", "x", "--store", "s"], 1, "was not deleted"),
        (&["delete", "ICSA-23-236-06", "--why", " ", "--store", "s"], 2, "--why is empty"),
        (&["comment", "ICSA-23-236-06", " ", "--store", "s"], 2, "the comment is empty"),
        (&["list", "--store", "gone"], 1, "there is no store in gone"),
    ] {
        let by = if arguments.contains(&"s") { &["--by", "ann"][..] } else { &[] };
        let ran = run_in(folder.path(), &[&["advisories"], arguments, by].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(told), "{arguments:?}: {ran:?}");
    }
}

/// People find these verbs by their help.
#[test]
fn the_help_of_each_verb_is_kept() {
    let mut text = String::new();
    for verb in [
        "list", "show", "diff", "add", "delete", "restore", "comment", "read", "marks", "products",
        "match",
    ] {
        let mut help = program();
        help.args(["advisories", verb, "--help"]).env_remove("COLUMNS");
        let output = help.output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{verb}");
        text.push_str(&format!("$ nameplate advisories {verb} --help\n"));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
        text.push('\n');
    }
    let kept = kept::check(Path::new("tests/golden/help-advisories.txt"), &text);
    assert!(kept.is_ok(), "\n{}", kept.unwrap_err());
}
