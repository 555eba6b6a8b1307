//! Documents in the hands of their readers' own tools: networkx, Graphviz, openpyxl, where they are installed.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::{done, hostile, lines, plant, scanned};

/// What a program prints; `None` where it is not here.
fn tool(folder: &Path, what: &str, command: &[&str]) -> Option<String> {
    let (program, arguments) = command.split_first().unwrap();
    let ran = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .ok()
        .filter(|ran| ran.status.code() != Some(NOT_HERE));
    let ran = ran?;
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{what}: {said}");
    Some(String::from_utf8(ran.stdout).unwrap())
}

/// Runs Python with a module that may not be here.
fn python(folder: &Path, module: &str, script: &str) -> Option<Json> {
    let script = format!(
        "import json, sys\ntry:\n    import {module}\nexcept ImportError:\n    sys.exit({NOT_HERE})\n{script}"
    );
    // Another Python may stand in front of the one that the system's packages belong to.
    let pythons = ["python3", "/usr/bin/python3"];
    let said = pythons.iter().find_map(|python| tool(folder, module, &[python, "-c", &script]));
    if said.is_none() {
        println!("skipped: {module} is not here");
    }
    Some(serde_json::from_str(&said?).unwrap())
}

/// Hostile names, beside the devices of a plant.
fn documents(folder: &Path) {
    hostile::store(folder);
    done(folder, &["scan", &plant(), "--store", "s", "-o", "ndjson=x"]);
    for (format, file) in [("graphml", "p.graphml"), ("dot", "p.dot"), ("ndjson", "p.ndjson")] {
        done(folder, &["export", format, "--store", "s", "--zones", "zones.toml", "-o", file]);
    }
}

#[test]
fn networkx_reads_the_graph_with_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    documents(folder);
    let script = "graph = networkx.read_graphml('p.graphml', force_multigraph=True)\n\
        nodes = {name: data for name, data in graph.nodes(data=True)}\n\
        print(json.dumps({'nodes': nodes, 'edges': graph.number_of_edges(), 'directed': graph.is_directed()}))";
    let Some(read) = python(folder, "networkx", script) else { return };
    let devices = lines(folder, "asset");
    for device in &devices {
        let node = &read["nodes"][device["asset_id"].as_str().unwrap()];
        assert_eq!(node["vendor"], device["vendor"], "{device}");
    }
    assert!(devices.len() > 50 && read["directed"] == true);
    assert_eq!(read["edges"], lines(folder, "conversation").len());
}

#[test]
fn graphviz_draws_the_graph() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    documents(folder);
    let Some(svg) = tool(folder, "graphviz", &["dot", "-Tsvg", "p.dot"]) else {
        println!("skipped: Graphviz is not here");
        return;
    };
    assert!(svg.contains("</svg>") && !svg.contains("<script"), "{svg}");
    let plain = tool(folder, "graphviz", &["dot", "-Tplain", "p.dot"]).unwrap();
    let count = |word: &str| plain.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!(count("edge "), lines(folder, "conversation").len());
    assert!(count("node ") >= lines(folder, "asset").len());
}

#[test]
fn openpyxl_reads_the_workbook_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    scanned(folder, &plant(), &[]);
    let script = "book = openpyxl.load_workbook('p.xlsx')\n\
        rows = list(book['Assets'].iter_rows(values_only=True))\n\
        print(json.dumps([dict(zip(rows[0], row)) for row in rows[1:]]))";
    let Some(rows) = python(folder, "openpyxl", script) else { return };
    let devices = lines(folder, "asset");
    assert_eq!(rows.as_array().unwrap().len(), devices.len());
    for (row, device) in rows.as_array().unwrap().iter().zip(&devices) {
        for field in ["asset_id", "name", "vendor", "model", "firmware", "serial", "hardware"] {
            assert_eq!(row[field], device[field], "{field}");
        }
    }
}

/// What a script exits with when its module is not here.
const NOT_HERE: i32 = 77;
