//! The configuration as people meet it: show, check, init, schema.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value as Json;

use crate::program::{Ran, program, run, run_in};
use crate::replayed::root;

/// Runs `config` with variables in the environment.
fn config(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = program();
    command.args(["config"]).args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_default_configuration_is_the_installed_one_and_sound() {
    let ran = run(&["config", "init"]);
    crate::kept::check(Path::new("packaging/nameplate.toml"), &ran.out).unwrap();
    let ran = run(&["config", "check", "packaging/nameplate.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("capture.interfaces: none is set"), "{}", ran.err);
    assert!(ran.out.contains("is sound"), "{}", ran.out);
}

#[test]
fn a_configuration_that_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_in(folder.path(), &["config", "init", "new.toml"]).code, 0);
    let first = std::fs::read(folder.path().join("new.toml")).unwrap();
    let again = run_in(folder.path(), &["config", "init", "new.toml"]);
    assert_eq!(again.code, 1, "{}", again.err);
    assert_eq!(std::fs::read(folder.path().join("new.toml")).unwrap(), first);
}

#[test]
fn check_tells_all_mistakes_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[capture]\nring = \"20\"\nfilter = \"port\"\n[store]\nmax = 3\nkepe = \"3d\"\n";
    std::fs::write(folder.path().join("bad.toml"), text).unwrap();
    let ran = config(folder.path(), &["check", "bad.toml"], &[("NAMEPLATE_LOG_LEVEL", "loud")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    for words in [
        "bad.toml:2:8: capture.ring",
        "bad.toml:5:7: store.max",
        "bad.toml:6:1:",
        "do you mean keep?",
        "NAMEPLATE_LOG_LEVEL: log.level",
    ] {
        assert!(ran.err.contains(words), "{words} is not in {}", ran.err);
    }
    let text = "[capture]\ninterfaces = [\"a/b\", \"eth0\", \"eth0\"]\nfilter = \"port\"\n";
    std::fs::write(folder.path().join("bad.toml"), text).unwrap();
    let ran = config(folder.path(), &["check", "bad.toml"], &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    for words in ["capture.filter", "\"a/b\" is no name", "eth0 is there twice"] {
        assert!(ran.err.contains(words), "{words} is not in {}", ran.err);
    }
    assert_eq!(config(folder.path(), &["check", "none.toml"], &[]).code, 1);
}

#[test]
fn check_warns_of_what_does_not_fit_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, "secret").unwrap();
    std::os::unix::fs::symlink(&key, folder.path().join("link")).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let text = format!(
        "[capture]\ninterfaces = [\"nosuch0\"]\n[store]\npath = {:?}\n[signatures]\npath = \"/nowhere/signatures\"\n\
         [[output]]\nkind = \"syslog\"\nto = \"tcp+tls://siem:6514\"\nca_file = \"/nowhere/ca.pem\"\nkey_file = {key:?}\n",
        folder.path().join("store"),
    );
    std::fs::write(folder.path().join("good.toml"), text).unwrap();
    let ran = config(folder.path(), &["check", "good.toml"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for words in [
        "no interface nosuch0",
        "cannot read /nowhere/signatures",
        "output 1, ca_file: cannot read /nowhere/ca.pem",
        "everybody on this machine can read",
    ] {
        assert!(ran.err.contains(words), "{words} is not in {}", ran.err);
    }
    assert!(ran.out.contains("is sound, with 4 warnings"), "{}\n{}", ran.out, ran.err);
    assert!(!folder.path().join("store").exists(), "checking makes nothing");
}

#[test]
fn nothing_is_read_from_the_current_folder() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["nameplate.toml", ".nameplate.toml", "etc/nameplate/nameplate.toml"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "[store]\npath = \"/evil\"\n").unwrap();
    }
    let ran = config(folder.path(), &["show"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("evil"), "{}", ran.out);
}

#[test]
fn show_says_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[site]\nname = \"A \\u001B plant\"\n[store]\nmax = \"1GiB\"\n[[zone]]\nname = \"Cell 3\"\nvlans = [103]\n";
    std::fs::write(folder.path().join("a.toml"), text).unwrap();
    let variables = [("NAMEPLATE_STORE_KEEP", "14d"), ("NAMEPLATE_STROE_MAX", "1TiB")];
    let ran = config(folder.path(), &["show", "--config", "a.toml"], &variables);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = |start: &str| {
        let line = ran.out.lines().find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no {start} in {}", ran.out)).to_owned()
    };
    assert!(line("max = \"1GiB\"").ends_with("# a.toml:4"));
    assert!(line("keep = \"14d\"").ends_with("# NAMEPLATE_STORE_KEEP"));
    assert!(line("snap = 65535").ends_with("# built in"));
    assert!(ran.out.contains("[[zone]]\nname = \"Cell 3\""), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'));
    assert!(ran.err.contains("do you mean NAMEPLATE_STORE_MAX?"), "{}", ran.err);
    // What is shown is a configuration of its own.
    std::fs::write(folder.path().join("b.toml"), &ran.out).unwrap();
    assert_eq!(config(folder.path(), &["show", "--config", "b.toml", "--json"], &[]).code, 0);
    let json = config(folder.path(), &["show", "--config", "a.toml", "--json"], &variables);
    let all: Vec<Json> = serde_json::from_str(&json.out).unwrap();
    let one = |key: &str| all.iter().find(|one| one["key"] == key).unwrap();
    assert_eq!(one("store.max")["value"], "1GiB");
    assert_eq!(one("capture.snap")["value"], 65535);
    assert_eq!(one("zone")["value"][0]["vlans"][0], 103);
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let schema: Json = serde_json::from_str(&run(&["config", "schema"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let text = std::fs::read_to_string(root().join("packaging/nameplate.toml")).unwrap();
    let switched: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect();
    for text in [text.clone(), switched.join("\n")] {
        let table: toml::Table = toml::from_str(&text).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&serde_json::to_value(table).unwrap())
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    for wrong in
        ["[store]\nmax = 3", "[sotre]", "[store]\npath = \"here\"", "[[output]]\nkind = \"syslog\""]
    {
        let table: toml::Table = toml::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&serde_json::to_value(table).unwrap()), "{wrong}");
    }
}

#[test]
fn every_line_that_is_printed_fits_its_schema() {
    let scanned = run(&["scan", "captures", "-o", "ndjson"]);
    let facts = run(&["scan", "captures/enip", "captures/modbus", "-o", "facts"]);
    let cell = "captures/plant-demo/cell1-filling.pcap";
    let changes = run(&["diff", cell, "captures/plant-demo", "-o", "ndjson"]);
    let mut validators = std::collections::BTreeMap::new();
    let names = run(&["schema"]);
    for name in names.out.lines() {
        let schema: Json = serde_json::from_str(&run(&["schema", name]).out).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        validators.insert(format!("nameplate.{name}/1"), validator);
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    let lines = [&scanned.out, &facts.out, &changes.out];
    for line in lines.into_iter().flat_map(|out| out.lines()) {
        let line: Json = serde_json::from_str(line).unwrap();
        let schema = line["schema"].as_str().unwrap().to_owned();
        let Some(validator) = validators.get(&schema) else {
            wrong.push(format!("there is no schema {schema}"));
            continue;
        };
        wrong.extend(
            validator
                .iter_errors(&line)
                .map(|error| format!("{schema} {}: {error}", error.instance_path())),
        );
        seen.insert(schema);
    }
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let kinds = ["run", "asset", "finding", "conversation", "event", "fact", "diff", "change"];
    for kind in kinds.map(|kind| format!("nameplate.{kind}/1")) {
        assert!(seen.contains(&kind), "{kind} was not tried");
    }
    let other = run(&["schema", "nothing"]);
    assert_eq!(other.code, 2, "{}", other.err);
    assert_eq!(run(&["schema", "nameplate.asset/1"]).out, run(&["schema", "asset"]).out);
}
