//! `serve`: routes, forms, pages and headers, asked over plain HTTP/1.1 as any program would.

mod fresh;
mod load;
mod logs;
mod metrics;
mod refusals;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{program, run};

/// A server of the program, which ends with the test.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Server {
    /// Starts the program on a port of its choice.
    pub fn start(store: &Path, options: &[&str]) -> Self {
        Self::started(program().args(["serve", "--listen", "127.0.0.1:0"]), store, options)
    }

    pub fn started(command: &mut Command, store: &Path, options: &[&str]) -> Self {
        command.arg("--store").arg(store).args(options);
        Self::spawned(command.stdout(Stdio::piped()).stderr(Stdio::null()))
    }

    pub fn spawned(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line);
        Self { child, address: address.parse().unwrap() }
    }

    /// The same, once there is something to see.
    pub fn ready(store: &Path, options: &[&str]) -> Self {
        let server = Self::start(store, options);
        server.wait_for("a picture", |server| {
            server.json("/api/v1/health")["picture"]["version"].is_string()
        });
        server
    }

    pub fn wait_for(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "{what} did not come");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, once it did.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    /// A request with more header lines. Tests ask one server side by side: one that is told that others are being answered asks again
    /// in a moment, as it is told to.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Reply {
        let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let host = if more.to_lowercase().contains("host:") { "" } else { "Host: localhost\r\n" };
        let text = format!("{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{more}\r\n");
        for _ in 1..TRIES {
            let reply = self.send(text.as_bytes()).expect("an answer");
            if reply.status != 503 || !reply.text().contains("others are being answered") {
                return reply;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        self.send(text.as_bytes()).expect("an answer")
    }

    /// Sends bytes, and reads what comes until the server closes.
    pub fn send(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = connect(self.address);
        // It may answer and close before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Reply::read(&answer)
    }

    pub fn json(&self, path: &str) -> Value {
        self.get(path).json()
    }

    /// Lines of NDJSON, over all pages.
    pub fn lines(&self, path: &str) -> Vec<String> {
        let (mut lines, mut next) = (Vec::new(), path.to_owned());
        loop {
            let reply = self.ask("GET", &next, &["Accept: application/x-ndjson"]);
            assert_eq!(reply.status, 200, "{next}: {}", reply.text());
            lines.extend(reply.text().lines().map(str::to_owned));
            match reply.header("link") {
                Some(link) => {
                    let link = link.strip_suffix(">; rel=\"next\"").unwrap();
                    next = link.strip_prefix('<').unwrap().to_owned();
                }
                None => return lines,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Reply {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Some(Self { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{:?}", self.text()))
    }

    /// Status and code of an error.
    pub fn refused(&self) -> (u16, String) {
        let json = self.json();
        let error = &json["error"];
        assert!(error["text"].is_string() && error["hint"].is_string(), "{json}");
        (self.status, error["code"].as_str().unwrap().to_owned())
    }

    /// What every answer must carry.
    pub fn assert_safe(&self, what: &str) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(self.header(name), Some(value), "{what}: {name}");
        }
        let policy = self.header("content-security-policy").expect(what);
        assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
        let others = self.headers.iter().filter(|(name, _)| name.starts_with("access-control"));
        assert_eq!(others.count(), 0, "{what}: no other origin may read");
        let is_raw =
            |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!self.text().contains(is_raw), "{what}: raw control characters");
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A store of some captures of the project; made once.
pub fn store() -> &'static Path {
    static STORE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = STORE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = path.to_str().unwrap();
        let ran = run(&["scan", "captures/enip", "captures/modbus", "--store", store]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (dir, path)
    });
    path
}

/// A server over it, for tests that only ask: one for all that run at the same time.
pub fn shared() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut kept = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    kept.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::ready(store(), &[]));
        *kept = Arc::downgrade(&server);
        server
    })
}

/// All paths of the description, with identifiers put in.
pub fn paths(server: &Server) -> Vec<String> {
    let description = server.json("/api/v1/openapi.json");
    let first = |list: &str, id: &str| {
        server.json(&format!("/api/v1/{list}?limit=1"))[list][0][id].as_str().unwrap().to_owned()
    };
    let (asset, finding) = (first("assets", "asset_id"), first("findings", "finding_id"));
    let of = |path: &String| {
        let id = if path.contains("assets") { &asset } else { &finding };
        path.replace("{id}", id)
    };
    description["paths"].as_object().unwrap().keys().map(of).collect()
}

#[test]
fn every_route_answers_reads_and_nothing_else() {
    let server = shared();
    let paths = paths(&server);
    assert!(paths.len() >= 14, "{paths:?}");
    for path in &paths {
        let got = server.get(path);
        assert_eq!(got.status, 200, "{path}: {}", got.text());
        got.assert_safe(path);
        let head = server.ask("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "HEAD {path}");
        head.assert_safe(path);
        if path != "/metrics" && path != "/api/v1/health" {
            assert_eq!(head.header("content-length"), got.header("content-length"), "{path}");
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let reply = server.ask(method, path, &[]);
            assert_eq!(reply.refused(), (405, "method_not_allowed".to_owned()), "{method} {path}");
            assert_eq!(reply.header("allow"), Some("GET, HEAD"), "{method} {path}");
            reply.assert_safe(path);
        }
    }
}

#[test]
fn the_description_names_every_route_and_parameter() {
    let server = shared();
    let description = server.json("/api/v1/openapi.json");
    let source = std::fs::read_to_string(crate::replayed::root().join("src/web/mod.rs")).unwrap();
    let table = source.split_once("const ROUTES").unwrap().1;
    let routes: Vec<&str> =
        table.split("path: \"").skip(1).map(|one| one.split('"').next().unwrap()).collect();
    let mut described: Vec<&str> =
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = routes.clone();
    sorted.sort_unstable();
    described.sort_unstable();
    assert_eq!(sorted, described, "routes of the table, and of src/web/openapi.json");
    for path in routes {
        let parameters = description["paths"][path]["get"]["parameters"].as_array().cloned();
        let names: Vec<String> = parameters
            .iter()
            .flatten()
            .filter(|one| one["in"] == "query")
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect();
        let text =
            server.get(&format!("{path}?no-such-parameter=1")).json()["error"]["text"].clone();
        let wanted = match &*names {
            [] => "this route has none".to_owned(),
            names => format!("this route has {}", names.join(", ")),
        };
        assert!(text.as_str().unwrap().ends_with(&wanted), "{path}: {text}, described {names:?}");
    }
}

#[test]
fn rows_are_those_of_the_command_line() {
    let server = shared();
    let store = store().to_str().unwrap();
    for (path, verb, schema, options) in [
        ("/api/v1/assets?limit=3", "assets", "asset", &[][..]),
        ("/api/v1/findings?limit=7", "findings", "finding", &[]),
        ("/api/v1/conversations?limit=5", "assets", "conversation", &[]),
        (
            "/api/v1/assets?where=vendor%7ERockwell+and+not+has+serial",
            "assets",
            "asset",
            &["--where", "vendor~Rockwell and not has serial"],
        ),
        (
            "/api/v1/findings?where=verdict%3Daffected&limit=2",
            "findings",
            "finding",
            &["--where", "verdict=affected"],
        ),
    ] {
        let ran = run(&[&[verb, "list", "--store", store, "-o", "ndjson"], options].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        let wanted = ran.lines_of(schema);
        assert_eq!(server.lines(path), wanted, "{path}");
        let page = server.json(path);
        assert_eq!(page["of"], wanted.len(), "{path}");
    }
    let ran = run(&["assets", "list", "--store", store, "-o", "ndjson"]);
    assert_eq!(server.get("/api/v1/run").text().trim_end(), ran.lines_of("run")[0]);
}

#[test]
fn one_thing_is_found_by_its_identifier() {
    let server = shared();
    for (list, id) in [("assets", "asset_id"), ("findings", "finding_id")] {
        let lines = server.lines(&format!("/api/v1/{list}?limit=1000"));
        for line in lines.iter().take(5) {
            let row: Value = serde_json::from_str(line).unwrap();
            let path = format!("/api/v1/{list}/{}", row[id].as_str().unwrap());
            assert_eq!(server.get(&path).text().trim_end(), line);
        }
        for wrong in ["0", "%00", "..%2f..%2fetc%2fpasswd", "00000000-0000-0000-0000-000000000000"]
        {
            let reply = server.get(&format!("/api/v1/{list}/{wrong}"));
            assert_eq!(reply.refused(), (404, "not_found".to_owned()), "{wrong}");
            reply.assert_safe(wrong);
        }
    }
}

#[test]
fn sorted_rows_come_in_that_order_over_pages() {
    let server = shared();
    let vendors = |path: &str| -> Vec<Option<String>> {
        let lines = server.lines(path);
        let vendor = |line: &String| serde_json::from_str::<Value>(line).unwrap()["vendor"].clone();
        lines.iter().map(|line| vendor(line).as_str().map(str::to_lowercase)).collect()
    };
    let whole = vendors("/api/v1/assets?sort=vendor&limit=1000");
    assert_eq!(vendors("/api/v1/assets?sort=vendor&limit=2"), whole);
    let named: Vec<_> = whole.iter().flatten().collect();
    assert!(named.len() > 2 && named.is_sorted(), "{named:?}");
    let gone = "00000000-0000-0000-0000-000000000000";
    let reply = server.get(&format!("/api/v1/assets?sort=vendor&after={gone}"));
    assert_eq!(reply.refused(), (410, "mark_gone".to_owned()));
    assert_eq!(server.get(&format!("/api/v1/assets?after={gone}")).status, 200);
    let all = server.lines("/api/v1/findings?limit=1000");
    assert_eq!(server.lines(&format!("/api/v1/findings?limit=1000&after={gone}.{gone}")), all);
}

#[test]
fn facts_of_devices_are_facts() {
    let server = shared();
    let all = server.lines("/api/v1/facts?limit=1000");
    assert!(all.len() > 20, "{}", all.len());
    assert_eq!(server.lines("/api/v1/facts?limit=13"), all, "pages cut nothing and double nothing");
    let mut of_devices = 0;
    for asset in server.json("/api/v1/assets?limit=1000")["assets"].as_array().unwrap() {
        let path =
            format!("/api/v1/facts?limit=1000&asset={}", asset["asset_id"].as_str().unwrap());
        let own = server.lines(&path);
        assert!(own.iter().all(|line| all.contains(line)), "{path}");
        let ips = asset["ips"].as_array().unwrap();
        for fact in &own {
            let ip = serde_json::from_str::<Value>(fact).unwrap()["subject"]["ip"].clone();
            assert!(ip.is_null() || ips.contains(&ip), "{path}: {fact}");
        }
        of_devices += own.len();
    }
    assert_eq!(of_devices, all.len(), "every fact is somebody's");
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let server = shared();
    let first = server.get("/api/v1/assets");
    let tag = first.header("etag").unwrap();
    let header = format!("If-None-Match: {tag}");
    let again = server.ask("GET", "/api/v1/assets", &[&header]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(tag));
    again.assert_safe("304");
    let weak = format!("If-None-Match: \"x\", W/{tag}");
    assert_eq!(server.ask("GET", "/api/v1/run", &[&weak]).status, 304, "one picture, one tag");
    let lines = ["Accept: application/x-ndjson", &*header];
    assert_eq!(server.ask("GET", "/api/v1/assets", &lines).status, 200, "another form");
    assert_eq!(server.ask("GET", "/api/v1/assets", &["If-None-Match: \"x\""]).status, 200);
}

#[test]
fn advisories_are_listed_with_what_they_mean_here() {
    let server = shared();
    let page = server.json("/api/v1/advisories?limit=1000");
    let rows = page["advisories"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["schema"] == "nameplate.advisory/1"));
    let affected = rows.iter().filter(|row| row["assets"]["affected"].as_u64() > Some(0));
    let lines = server.lines("/api/v1/findings?limit=1000&where=verdict%3Daffected");
    let findings = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_advisories = findings.filter(|finding| finding["kind"] == "advisory");
    let mut wanted: Vec<String> =
        of_advisories.map(|finding| finding["advisory"].to_string()).collect();
    wanted.sort();
    wanted.dedup();
    let names: Vec<String> = affected.map(|row| row["advisory"].to_string()).collect();
    assert_eq!(names, wanted);
}

#[test]
fn what_the_page_asks_for_is_answered() {
    let page = std::fs::read_to_string(crate::replayed::root().join("docs/api.md")).unwrap();
    let asked: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("GET ")).collect();
    assert!(asked.len() > 3);
    let server = shared();
    for path in asked {
        let reply = server.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
}

/// Two cores are shared by many.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often a request is sent that others are answered before.
const TRIES: usize = 50;
