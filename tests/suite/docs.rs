//! The README and the book, held to what the program does: every command in them runs, every line of output that they
//! show is printed, every link leads somewhere, and nothing is described that does not exist or left out that does.
//!
//! Commands stand in blocks marked `console`. A line that starts with `$ ` is a command, and one that ends in `\` goes on
//! in the next; what follows is its output, to be found in the real one in the same order. `…` stands for anything, and
//! runs of blanks are alike. A command ends with status 0 unless it says ` # exits with N`. A block marked
//! `toml,file=PATH` or `csv,file=PATH` is written to that path first. The commands of a page run one after the other in a directory of
//! their own, where `captures`, `signatures`, `tests` and `README.md` lead to those of the repository.
//!
//! `UPDATE_GOLDEN=1 cargo test` writes the output of blocks marked `console,sample` anew, shortened.

mod page;

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nameplate::model::{Certainty, Field, Why};

use crate::kept;
use crate::replayed::root;
use page::{
    blocks, headings, links, not_printed, rewrite, runnable, sample, slug, steps, without_blocks,
};

#[test]
fn commands_run_and_print_what_is_shown() {
    let update = kept::update();
    let results: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let pages: Vec<_> =
            pages().into_iter().map(|path| scope.spawn(move || try_page(&path, update))).collect();
        pages.into_iter().map(|page| page.join().unwrap()).collect()
    });
    let wrong: Vec<String> = results.iter().flat_map(|(_, wrong)| wrong.clone()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let run: usize = results.iter().map(|(run, _)| run).sum();
    assert!(run > 20, "only {run} commands were found: are the blocks still marked console?");
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for path in pages() {
        let text = read(&path);
        for target in links(&text) {
            if target.starts_with("http") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let there = if file.is_empty() { path.clone() } else { beside(&path, file) };
            if !there.exists() {
                wrong.push(format!("{}: {target} is not there", shown(&path)));
            } else if !anchor.is_empty() && !headings(&read(&there)).contains(anchor) {
                wrong.push(format!("{}: {target} has no such heading", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = root().join("docs/SUMMARY.md");
    let text = read(&summary);
    let mut listed: Vec<PathBuf> = links(&text).map(|link| beside(&summary, link)).collect();
    listed.sort();
    let mut present: Vec<PathBuf> =
        pages().into_iter().filter(|path| path.starts_with(root().join("docs"))).collect();
    present.retain(|path| *path != summary);
    present.sort();
    assert_eq!(listed, present);
}

#[test]
fn options_are_those_that_the_program_has() {
    let sandbox = Sandbox::new();
    let mut options = BTreeSet::new();
    let verbs = [
        "scan",
        "explain",
        "assets",
        "findings",
        "patches",
        "diff",
        "export",
        "interfaces",
        "doctor",
        "advisories",
        "outputs test",
        "outputs status",
        "report",
        "report verify",
        "serve",
        "run",
        "events list",
    ]
    .map(str::to_owned);
    let decided = ["merge", "split", "set", "undo", "decisions", "import"];
    let treated = ["show", "decide", "undo", "history"].map(|verb| format!("findings {verb}"));
    let patched = ["list", "set", "confirm", "auto-install", "history", "import", "export"];
    let patched = patched.map(|verb| format!("patches {verb}"));
    let managed = [
        "list", "show", "diff", "add", "delete", "restore", "comment", "read", "marks", "products",
        "match", "lint",
    ];
    let managed = managed.map(|verb| format!("advisories {verb}"));
    let carried = ["fetch", "build", "verify", "import", "status", "list", "rollback", "key new"];
    let carried = carried.map(|verb| format!("db {verb}"));
    let accepted = ["take", "list", "show", "compare", "accept", "remove"];
    let accepted = accepted.map(|verb| format!("baseline {verb}"));
    let looked_after = ["status", "check", "backup", "restore", "prune", "evidence"];
    let looked_after = looked_after.map(|verb| format!("store {verb}"));
    let decided = decided.map(|verb| format!("assets {verb}"));
    let installed = ["config show", "config check", "config init", "config schema", "licences"];
    let installed = installed.map(str::to_owned);
    let verbs = verbs.into_iter().chain(decided).chain(treated).chain(patched).chain(accepted);
    for verb in verbs.chain(managed).chain(carried).chain(installed).chain(looked_after) {
        let (_, help) = sandbox.run(&format!("nameplate {verb} --help"));
        let words = help.split(|c: char| c.is_whitespace() || ",.:[]".contains(c));
        options.extend(words.filter(|word| is_option(word)).map(str::to_owned));
    }
    let spans = |text: &str| -> Vec<String> {
        let spans = text.split('`').skip(1).step_by(2);
        let words = spans.flat_map(|span| span.split(|c: char| c.is_whitespace() || c == '='));
        words.filter(|word| is_option(word)).map(str::to_owned).collect()
    };
    let telling = [
        "scanning",
        "baseline",
        "deciding",
        "patching",
        "vex",
        "shelf",
        "bundles",
        "installing-a-sensor",
        "operations",
        "operations-store",
        "outputs",
        "report",
        "documents",
        "serving",
        "sensor",
    ];
    let text = |page: &str| read(&root().join(format!("docs/{page}.md")));
    let described: BTreeSet<String> =
        telling.iter().flat_map(|page| spans(&without_blocks(&text(page)))).collect();
    let missing: Vec<&String> = options.difference(&described).collect();
    assert!(missing.is_empty(), "docs/ {telling:?} do not describe {missing:?}");
    for path in pages() {
        for option in spans(&without_blocks(&read(&path))) {
            assert!(options.contains(&option), "{}: there is no {option}", shown(&path));
        }
    }
}

#[test]
fn every_reason_field_and_certainty_is_described() {
    let verdicts = headings(&read(&root().join("docs/verdicts.md")));
    for why in Why::ALL {
        assert!(verdicts.contains(&slug(why.name())), "docs/verdicts.md: no heading {why}");
    }
    let signatures = read(&root().join("docs/signatures.md"));
    let certainties = [Certainty::Hint, Certainty::Likely, Certainty::Certain];
    let words = Field::ALL.iter().map(|field| field.name());
    for word in words.chain(certainties.map(Certainty::name)) {
        let row = format!("| `{word}` |");
        assert!(signatures.contains(&row), "docs/signatures.md: no row for {word}");
    }
}

#[test]
fn tables_of_fields_are_what_is_printed() {
    let sandbox = Sandbox::new();
    let exports = read(&root().join("docs/exports.md"));
    // A directory of several protocols, so that chassis, units and messages in several frames are among the lines.
    let (_, lines) = sandbox.run("nameplate scan captures -o ndjson 2>/dev/null");
    let (_, facts) = sandbox.run("nameplate scan captures -o facts 2>/dev/null");
    let mut printed: BTreeSet<(String, String)> = BTreeSet::new();
    let cell = "captures/plant-demo/cell1-filling.pcap";
    let (_, changes) =
        sandbox.run(&format!("nameplate diff {cell} captures/plant-demo -o ndjson 2>/dev/null"));
    for line in lines.lines().chain(facts.lines()).chain(changes.lines()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let schema = value["schema"].as_str().unwrap().to_owned();
        collect(&schema, "", &value, &mut printed);
    }
    // Counters are named by what counts; the page says so.
    printed.retain(|(_, field)| !field.starts_with("counters.") && !field.starts_with("changes."));
    let described = described(&exports);
    let seen: BTreeSet<&str> = printed.iter().map(|(schema, _)| &**schema).collect();
    let missing: Vec<_> = printed.difference(&described).collect();
    assert!(missing.is_empty(), "docs/exports.md does not describe {missing:?}");
    let invented: Vec<_> = described
        .difference(&printed)
        .filter(|(schema, field)| {
            seen.contains(&**schema) && !field.contains('.') && !field.contains("[]")
        })
        .collect();
    assert!(invented.is_empty(), "docs/exports.md describes what is not printed: {invented:?}");
}

#[test]
fn the_architecture_names_every_module_and_every_test() {
    let page = read(&root().join("docs/architecture.md"));
    let modules = std::fs::read_dir(root().join("src")).unwrap().map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".rs") { name } else { format!("{name}/") }
    });
    let suite = read(&root().join("tests/suite/main.rs"));
    let tests = suite.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let missing: Vec<String> = modules
        .chain(tests.map(|test| format!("{test}.rs")))
        .filter(|name| !page.split_whitespace().any(|word| word == name))
        .collect();
    assert!(missing.is_empty(), "docs/architecture.md does not name {missing:?}");
}

/// Runs the commands of a page in their order; tells how many, and what was wrong.
fn try_page(path: &Path, update: bool) -> (usize, Vec<String>) {
    let sandbox = Sandbox::new();
    let text = read(path);
    let mut wrong = Vec::new();
    let mut run = 0;
    let mut samples = Vec::new();
    for block in blocks(&text) {
        if let Some((_, file)) = block.info.split_once(",file=") {
            let file = sandbox.place().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, block.lines.join("\n")).unwrap();
        }
        if block.info.split(',').next() != Some("console") {
            continue;
        }
        let is_sample = block.info == "console,sample";
        for step in steps(&block) {
            let at = format!("{}:{}: {}", shown(path), step.line, step.command);
            let command = match runnable(&step.command) {
                Ok(Some(command)) => command,
                Ok(None) if step.shown.is_empty() => continue,
                Ok(None) => {
                    wrong.push(format!("{at}: shows output that nothing checks"));
                    continue;
                }
                Err(program) => {
                    wrong.push(format!("{at}: {program} is not among the programs known here"));
                    continue;
                }
            };
            run += 1;
            let (status, output) = sandbox.run(&command);
            if status != step.status {
                wrong.push(format!("{at}: exits with {status}, not {}\n{output}", step.status));
            }
            if is_sample && update {
                samples.push((step, sample(&output)));
            } else if let Some(line) = not_printed(&step.shown, &output) {
                wrong.push(format!("{at}: does not print {line:?}, or not in this place"));
            }
        }
    }
    rewrite(path, &text, &samples);
    (run, wrong)
}

/// A directory that looks like the repository to a reader who follows a page.
struct Sandbox(tempfile::TempDir);

impl Sandbox {
    fn new() -> Self {
        let sandbox = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(sandbox.0.path().join("bin")).unwrap();
        std::fs::create_dir(sandbox.place()).unwrap();
        symlink(env!("CARGO_BIN_EXE_nameplate"), sandbox.0.path().join("bin/nameplate")).unwrap();
        for name in ["captures", "signatures", "tests", "README.md"] {
            symlink(root().join(name), sandbox.place().join(name)).unwrap();
        }
        sandbox
    }

    fn place(&self) -> PathBuf {
        self.0.path().join("here")
    }

    /// Exit status and everything printed.
    fn run(&self, command: &str) -> (i32, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(self.place())
            .env_clear()
            .env("PATH", format!("{}:{path}", self.0.path().join("bin").display()))
            .env("NAMEPLATE_AS_OF", crate::program::AS_OF)
            .env("HOME", self.0.path())
            .env("TMPDIR", self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap_or(-1), printed)
    }
}

/// Names of all fields in a JSON value: `claims[].evidence[].frame`.
fn collect(
    schema: &str,
    prefix: &str,
    value: &serde_json::Value,
    fields: &mut BTreeSet<(String, String)>,
) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                let dot = if prefix.is_empty() { "" } else { "." };
                let name = format!("{prefix}{dot}{name}");
                fields.insert((schema.to_owned(), name.clone()));
                collect(schema, &name, value, fields);
            }
        }
        serde_json::Value::Array(items) => {
            items.iter().for_each(|item| collect(schema, &format!("{prefix}[]"), item, fields));
        }
        _ => {}
    }
}

/// Fields that the page of exports describes: first cells of the tables under the heading of each schema. A row
/// `modules[].…` stands for all that `modules[]` shares with the asset itself.
fn described(page: &str) -> BTreeSet<(String, String)> {
    let mut fields = BTreeSet::new();
    let mut schema = String::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            schema = heading.trim_matches(['#', ' ', '`']).to_owned();
        }
        let Some(cell) = line.strip_prefix("| `").and_then(|row| row.split(" |").next()) else {
            continue;
        };
        for field in cell.split(", ") {
            fields.insert((schema.clone(), field.trim_matches('`').to_owned()));
        }
    }
    let shared: Vec<(String, String)> = fields
        .iter()
        .filter(|(schema, field)| schema == "nameplate.asset/1" && !field.starts_with("modules"))
        .map(|(schema, field)| (schema.clone(), format!("modules[].{field}")))
        .collect();
    fields.extend(shared);
    fields
}

/// README and book.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut todo = vec![root().join("docs")];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("docs/book") {
                todo.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

fn is_option(word: &str) -> bool {
    word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn beside(page: &Path, link: &str) -> PathBuf {
    page.parent().unwrap().join(link)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(root()).unwrap_or(path).display()
}
