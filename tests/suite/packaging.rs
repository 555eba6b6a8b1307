//! The package: units, what they start, licences, the manual and completions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;

use crate::program::run;
use crate::replayed::root;

/// Every setting of a unit, by section and name, in order.
fn unit(name: &str) -> BTreeMap<(String, String), Vec<String>> {
    let text = std::fs::read_to_string(root().join("packaging/systemd").join(name)).unwrap();
    let mut settings: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut section = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{name}: {line}"));
        settings.entry((section.clone(), key.to_owned())).or_default().push(value.to_owned());
    }
    settings
}

#[test]
fn the_sensor_has_one_capability_and_no_way_to_a_network() {
    let sensor = unit("nameplate-sensor.service");
    let one = |key: &str| sensor[&("Service".to_owned(), key.to_owned())].join(" ");
    assert_eq!(one("AmbientCapabilities"), "CAP_NET_RAW");
    assert_eq!(one("CapabilityBoundingSet"), "CAP_NET_RAW");
    assert_eq!(one("RestrictAddressFamilies"), "AF_PACKET AF_NETLINK AF_UNIX");
    assert_eq!(one("User"), "nameplate");
    assert_eq!(one("Type"), "notify");
    assert!(one("ExecReload").contains("-HUP"));
    let web = unit("nameplate-web.service");
    assert_eq!(web[&("Service".to_owned(), "CapabilityBoundingSet".to_owned())], [""]);
}

#[test]
fn units_start_what_the_program_has() {
    for (name, planned) in [("nameplate-sensor.service", "run"), ("nameplate-web.service", "serve")]
    {
        let start = unit(name)[&("Service".to_owned(), "ExecStart".to_owned())].join(" ");
        let words: Vec<&str> = start.split(' ').collect();
        assert_eq!(words[..2], ["/usr/bin/nameplate", planned], "{name}");
        assert_eq!(words[2..], ["--config", "/etc/nameplate/nameplate.toml"], "{name}");
        let help = run(&[planned, "--help"]);
        match help.code {
            0 => assert!(help.out.contains("--config"), "{planned} takes no --config"),
            _ => eprintln!("skipped: nameplate {planned} is not here"),
        }
    }
}

#[test]
fn systemd_counts_little_exposure() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        return eprintln!("skipped: systemd-analyze is not here");
    };
    assert!(version.status.success());
    for name in ["nameplate-sensor.service", "nameplate-web.service"] {
        let output = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
            .arg(root().join("packaging/systemd").join(name))
            .output()
            .unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}:\n{out}\n{err}");
        let exposure = out.lines().find(|line| line.contains("Overall exposure"));
        println!("{}", exposure.unwrap());
        assert!(!err.contains("Unknown") && !err.contains("ignoring"), "{name}: {err}");
    }
}

#[test]
fn everything_that_is_packed_is_there_or_made() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let package = &manifest["package"]["metadata"]["deb"];
    for asset in package["assets"].as_array().unwrap() {
        let path = asset[0].as_str().unwrap();
        let made = path.starts_with("target/");
        let folder = path.strip_suffix("*.md").unwrap_or(path);
        assert!(made || root().join(folder).exists(), "{path}");
    }
    for script in ["postinst", "prerm", "postrm"] {
        let path = root().join("packaging/debian").join(script);
        let parsed = Command::new("sh").arg("-n").arg(&path).output().unwrap();
        assert!(parsed.status.success(), "{script}: {}", String::from_utf8_lossy(&parsed.stderr));
    }
    for script in ["build-deb.sh", "test-deb.sh"] {
        let Ok(parsed) =
            Command::new("bash").arg("-n").arg(root().join("packaging").join(script)).output()
        else {
            return eprintln!("skipped: bash is not here");
        };
        assert!(parsed.status.success(), "{script}: {}", String::from_utf8_lossy(&parsed.stderr));
    }
}

#[test]
fn licences_name_every_crate_that_is_linked() {
    let mut linked: BTreeSet<String> = crates();
    assert!(linked.len() > 50, "{linked:?}");
    let text = run(&["licences", "--list"]).out;
    let listed: BTreeMap<String, &str> = text
        .lines()
        .skip_while(|line| !line.starts_with("adler2 "))
        .filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let (version, licence) = rest.trim().split_once(' ')?;
            Some((format!("{name} {version}"), licence.trim()))
        })
        .collect();
    let extra: Vec<&String> = listed.keys().filter(|name| !linked.contains(*name)).collect();
    assert!(extra.is_empty(), "listed and not linked: {extra:?}; run packaging/licences.py");
    linked.retain(|name| !listed.contains_key(name));
    assert!(linked.is_empty(), "linked and not listed: {linked:?}; run packaging/licences.py");
    for (name, licence) in &listed {
        assert!(ALLOWED.iter().any(|allowed| licence.contains(allowed)), "{name}: {licence}");
    }
    let all = run(&["licences"]).out;
    assert!(all.len() > text.len() && all.contains("Permission is hereby granted"));
}

/// Crates that the default build links on 64-bit PCs, as cargo resolves them; macros that run while compiling are not among them.
fn crates() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let meta: Json = serde_json::from_slice(&output.stdout).unwrap();
    let by_id = |list: &Json| -> BTreeMap<String, Json> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| (one["id"].as_str().unwrap().to_owned(), one.clone())).collect()
    };
    let (nodes, packages) = (by_id(&meta["resolve"]["nodes"]), by_id(&meta["packages"]));
    let top = meta["resolve"]["root"].as_str().unwrap().to_owned();
    let (mut seen, mut todo) = (BTreeSet::new(), vec![top.clone()]);
    while let Some(one) = todo.pop() {
        let targets = packages[&one]["targets"].as_array().unwrap();
        let runs_while_compiling =
            |target: &Json| target["kind"].as_array().unwrap().contains(&Json::from("proc-macro"));
        if targets.iter().any(runs_while_compiling) || !seen.insert(one.clone()) {
            continue;
        }
        for dependency in nodes[&one]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                todo.push(dependency["pkg"].as_str().unwrap().to_owned());
            }
        }
    }
    seen.remove(&top);
    let name = |id: &String| {
        let package = &packages[id];
        format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
    };
    seen.iter().map(name).collect()
}

#[test]
fn the_manual_has_a_page_for_every_verb_and_shells_know_them() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    assert_eq!(run(&["man", place]).code, 0);
    let pages: BTreeSet<PathBuf> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name().into()).collect();
    for page in
        ["nameplate.1", "nameplate-scan.1", "nameplate-config.1", "nameplate-config-check.1"]
    {
        assert!(pages.contains(&PathBuf::from(page)), "{page} is not in {pages:?}");
    }
    assert!(run(&["man"]).out.contains(".TH nameplate 1"));
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.err);
        assert!(script.out.contains("findings") && script.out.contains("strict"), "{shell}");
    }
    if let Ok(mut bash) =
        Command::new("bash").args(["-n"]).stdin(std::process::Stdio::piped()).spawn()
    {
        let script = run(&["completions", "bash"]).out;
        std::io::Write::write_all(&mut bash.stdin.take().unwrap(), script.as_bytes()).unwrap();
        assert!(bash.wait().unwrap().success());
    }
}

/// Licences that ask for nothing but to be told.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "Unlicense",
    "0BSD",
];
