//! The architecture, as a test: who may import whom, what the core may not name, how long a file may be.

use std::path::{Path, PathBuf};

/// Each module and what it may import. A line here is a design decision.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("packet", &["model", "wire"]),
    ("flow", &["model", "wire", "packet"]),
    ("protocols", &["model", "wire", "flow"]),
    ("fingerprint", &["model"]),
    ("inventory", &["model"]),
    ("advisory", &["model"]),
    ("assess", &["model", "advisory"]),
    ("handling", &["model"]),
    ("query", &["model"]),
    ("engine", &["model", "wire", "packet", "flow", "protocols"]),
    ("ledger", &["model", "fingerprint", "inventory", "advisory", "assess"]),
    ("compare", &["model"]),
    ("watch", &["model"]),
    ("capture", &["model"]),
    ("bundle", &["model", "wire", "advisory"]),
    ("store", &["model"]),
    ("export", &["model", "compare"]),
    ("alert", &["model", "export"]),
    ("web", &["model", "store", "export"]),
    (
        "app",
        &[
            "model",
            "wire",
            "packet",
            "flow",
            "protocols",
            "fingerprint",
            "inventory",
            "advisory",
            "assess",
            "handling",
            "query",
            "engine",
            "ledger",
            "compare",
            "watch",
            "capture",
            "bundle",
            "store",
            "export",
            "alert",
            "web",
        ],
    ),
    ("main", &["app"]),
];

/// Modules that touch the world; all others are the core.
const EDGES: &[&str] =
    &["capture", "bundle", "store", "export", "alert", "web", "app", "main", "lib"];

/// Words that would let the outside world into the core.
const NOT_IN_CORE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::thread",
    "TcpStream",
    "UdpSocket",
    "SystemTime::",
    "Instant::now",
    "tokio",
    "rusqlite",
    "async ",
];

/// Words that would put bytes on a network. Nothing anywhere may send on the monitored interface.
const NOWHERE: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixDatagram",
    "UnixStream",
    "sendpacket",
    "send_to",
    "ureq",
];

/// Where some of them may stand all the same, none of it in what a sensor does with its interface; docs/passive.md says why.
const MAY_SEND: &[(&str, &[&str])] = &[
    // The service manager of this machine is told how the sensor is, over a socket that leads nowhere else.
    ("src/app/service.rs", &["UnixDatagram"]),
    // Notices go out on the management network, from a process that captures nothing.
    ("src/alert/transport/", &["TcpStream", "TcpListener", "UdpSocket", "send_to"]),
    // Pages and programs are answered by the same process; nothing connects from there.
    ("src/app/serve/mod.rs", &["TcpListener"]),
    ("src/web/listen.rs", &["TcpListener"]),
    // Advisories are fetched on another machine than the sensor, by a program that was built to.
    ("src/bundle/fetch/http.rs", &["ureq"]),
];

/// Where tokio may be used.
const TOKIO: &[&str] = &["app", "web", "alert"];

/// What may stand at the top.
const TOP: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "captures",
    "clippy.toml",
    "docs",
    "packaging",
    "signatures",
    "src",
    "target",
    "tests",
];

const LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const CAPTURE_BYTES_MAX: u64 = 256 * 1_024;

#[test]
fn layers_hold() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let module = module_of(&path);
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: {module} is not in MAY_IMPORT", path.display()));
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let at = format!("{}:{}", path.display(), number + 1);
            let code = line.split("//").next().unwrap();
            for name in imports(code) {
                if name != module && !allowed.contains(&name) {
                    wrong.push(format!("{at}: {module} imports {name}"));
                }
            }
            if !EDGES.contains(&&*module) {
                let words = NOT_IN_CORE.iter().filter(|word| code.contains(**word));
                wrong.extend(words.map(|word| format!("{at}: {word} in the core")));
            }
            if code.contains("tokio") && !TOKIO.contains(&&*module) {
                wrong.push(format!("{at}: tokio outside {TOKIO:?}"));
            }
            let here = path.strip_prefix(root()).unwrap().to_str().unwrap();
            let may_send = |word: &str| {
                MAY_SEND.iter().any(|(place, may)| here.starts_with(place) && may.contains(&word))
            };
            let words = NOWHERE.iter().filter(|word| code.contains(**word) && !may_send(word));
            wrong.extend(words.map(|word| format!("{at}: {word} can send")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What fetches is in no build that was not asked for it, and only the verb that fetches calls it.
#[test]
fn only_a_build_that_was_asked_for_it_can_fetch() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert_eq!(manifest["dependencies"]["ureq"]["optional"].as_bool(), Some(true));
    let default = manifest["features"]["default"].as_array().unwrap();
    assert!(!default.iter().any(|name| name.as_str() == Some("fetch")), "{default:?}");
    let gate = "#[cfg(feature = \"fetch\")]";
    let module = std::fs::read_to_string(root().join("src/bundle/fetch/mod.rs")).unwrap();
    assert!(module.contains(&format!("{gate}\nmod http;")));
    let callers: Vec<PathBuf> = sources("src")
        .into_iter()
        .filter(|(path, text)| {
            text.contains("fetch::Http") && !path.ends_with("src/bundle/fetch/http.rs")
        })
        .map(|(path, _)| path.strip_prefix(root()).unwrap().to_owned())
        .collect();
    assert_eq!(callers, [PathBuf::from("src/app/db/fetch.rs")]);
}

#[test]
fn no_protocol_imports_another() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src/protocols") {
        let below = path.strip_prefix(root().join("src/protocols")).unwrap().to_owned();
        let own = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if ["mod", "sink", "recognise", "harness"].contains(&&*own) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for part in line.split("crate::protocols::").skip(1) {
                let name = first_word(part);
                let lower = name.chars().next().is_some_and(char::is_lowercase);
                if lower && ![&*own, "shared", "harness"].contains(&name) {
                    wrong.push(format!("{}:{}: {own} imports {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let mut all = sources("src");
    all.extend(sources("tests"));
    let long: Vec<String> = all
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{}: {lines} lines, at most {LINES_MAX}", path.display()))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn functions_fit_a_screen() {
    let mut long = Vec::new();
    for (path, text) in sources("src") {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let is_function = line.contains("fn ") && line.contains('(') && !line.contains("//");
            if !is_function || line.ends_with([';', '}']) {
                continue;
            }
            let end = format!("{indent}}}");
            let length = lines[start..].iter().position(|line| *line == end).map_or(0, |at| at + 1);
            if length > FUNCTION_LINES_MAX {
                long.push(format!("{}:{}: {length} lines", path.display(), start + 1));
            }
        }
    }
    assert!(long.is_empty(), "at most {FUNCTION_LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn nothing_stray_at_the_top() {
    let mut stray = Vec::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with('.') && !TOP.contains(&&*name) {
            stray.push(name);
        }
    }
    assert!(stray.is_empty(), "not in the tree of the architecture: {stray:?}");
}

#[test]
fn captures_are_small_and_indexed() {
    let index = std::fs::read_to_string(root().join("captures/INDEX.toml")).unwrap();
    let index: toml::Table = toml::from_str(&index).unwrap();
    let stanzas = index["capture"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut listed = Vec::new();
    for stanza in stanzas {
        let file = stanza["file"].as_str().unwrap();
        let path = root().join("captures").join(file);
        let Ok(bytes) = std::fs::read(&path) else {
            wrong.push(format!("{file}: listed but not there"));
            continue;
        };
        let sha256: String = <sha2::Sha256 as sha2::Digest>::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        if stanza["sha256"].as_str() != Some(&sha256) {
            wrong.push(format!("{file}: sha256 is {sha256}"));
        }
        if bytes.len() as u64 > CAPTURE_BYTES_MAX {
            wrong.push(format!("{file}: {} bytes", bytes.len()));
        }
        listed.push(path);
    }
    for path in files("captures") {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains(".pcap") && !listed.contains(&path) {
            wrong.push(format!("{}: not in INDEX.toml", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a line of code names of this crate: `crate::x` and the parts of `crate::{x, y}`.
fn imports(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for part in code.split("crate::").skip(1) {
        match part.strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(|name| first_word(name.trim_start()))),
            None => names.push(first_word(part)),
        }
    }
    for part in code.split("nameplate::").skip(1) {
        names.push(first_word(part));
    }
    names.retain(|name| name.chars().next().is_some_and(char::is_lowercase));
    names
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    Path::new(below.iter().next().unwrap()).file_stem().unwrap().to_str().unwrap().to_owned()
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    files(below)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

fn files(below: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(below)];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("target") => {}
                true => todo.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
