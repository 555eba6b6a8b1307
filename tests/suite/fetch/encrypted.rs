//! Encryption, against OpenSSL's server: whom it trusts.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::program::{Ran, program, run_in};

/// A server that gives out the files of a folder, and ends with the test.
struct Server(Child, u16);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(folder: &Path, arguments: &str) -> bool {
    let command = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    command.is_ok_and(|output| output.status.success())
}

/// An authority of its own, and a certificate for this machine by it.
fn certificates(folder: &Path) -> bool {
    std::fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    [
        format!("req -x509 {new} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"),
        format!("req -x509 {new} -keyout other.key -out other.pem -days 2 -subj /CN=other"),
        format!("req {new} -keyout own.key -out own.csr -subj /CN=own"),
        "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out own.pem".to_owned(),
    ]
    .iter()
    .all(|arguments| openssl(folder, arguments))
}

fn serve(folder: &Path) -> Option<Server> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).ok()?.local_addr().ok()?.port();
    let mut child = Command::new("openssl")
        .args(["s_server", "-WWW", "-cert", "../own.pem", "-key", "../own.key", "-accept"])
        .arg(format!("127.0.0.1:{port}"))
        .current_dir(folder.join("web"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let said = BufReader::new(child.stdout.take()?);
    let is_ready = said.lines().map_while(Result::ok).any(|line| line.contains("ACCEPT"));
    is_ready.then_some(Server(child, port))
}

fn fetch(folder: &Path, port: u16, authority: Option<&str>) -> Ran {
    let mut command = program();
    // A proxy of this machine would stand in between.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"]
    {
        command.env_remove(name);
    }
    let url = format!("https://127.0.0.1:{port}/csaf/");
    command.args(["db", "fetch", &url, "-o", "advisories", "--retries", "0", "--timeout", "20"]);
    command.args(authority.map(|file| format!("--ca-file={file}")));
    let output = command.current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn a_server_is_trusted_by_the_authority_that_is_named_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("web/csaf")).unwrap();
    std::fs::write(folder.join("web/csaf/index.txt"), "x.json\n").unwrap();
    std::fs::write(folder.join("web/csaf/x.json"), r#"{"document":{}}"#).unwrap();
    if !certificates(folder) {
        println!("skipped: openssl is not here");
        return;
    }
    let server = serve(folder).unwrap();
    for authority in [None, Some("other.pem")] {
        let ran = fetch(folder, server.1, authority);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("certificate"), "{ran:?}");
    }
    assert!(!folder.join(format!("advisories/127.0.0.1_{}", server.1)).exists());
    let ran = fetch(folder, server.1, Some("ca.pem"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 document fetched"), "{ran:?}");
}

#[test]
fn a_file_without_certificates_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing\n").unwrap();
    for file in ["empty.pem", "missing.pem"] {
        let arguments = ["db", "fetch", "https://127.0.0.1:1/x/", "-o", "x", "--ca-file", file];
        let ran = run_in(folder.path(), &arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(file) && ran.err.contains("PEM"), "{ran:?}");
    }
}
