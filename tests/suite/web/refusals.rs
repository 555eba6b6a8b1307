//! Who is not let in, and what is not started.

use crate::program::run;
use crate::web::{Server, shared, store};

#[test]
fn a_name_of_somebody_else_leads_nowhere() {
    let server = Server::ready(store(), &["--host", "Sensor.Plant"]);
    for host in ["localhost", "127.0.0.1:1", "[::1]:8443", "sensor.plant:8443"] {
        assert_eq!(
            server.ask("GET", "/healthz", &[&format!("Host: {host}")]).status,
            200,
            "{host}"
        );
    }
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "localhost@evil", "a b"] {
        let reply = server.ask("GET", "/api/v1/assets", &[&format!("Host: {host}")]);
        assert_eq!(reply.refused(), (421, "host_unknown".to_owned()), "{host}");
        reply.assert_safe(host);
    }
    let ask = |head: &str| server.send(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes());
    let twice = ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example").unwrap();
    assert_eq!(twice.refused(), (400, "host_missing".to_owned()));
    let none = ask("GET /healthz HTTP/1.1\r\nX: y").unwrap();
    assert_eq!(none.refused(), (400, "host_missing".to_owned()));
    let address = ask("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost").unwrap();
    assert_eq!(address.status, 421, "the name in the address counts too");
}

#[test]
fn a_token_is_asked_for_where_one_is_set() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    permit(&file, 0o600);
    let options = ["--token-file", file.to_str().unwrap()];
    let server = Server::start(store(), &options);
    for path in ["/readyz", "/metrics", "/api/v1/assets", "/api/v1/openapi.json", "/nothing"] {
        for header in [
            "X: y",
            "Authorization: Bearer 0123456789abcdef0123456789abcdeF",
            "Authorization: Bearer 0123456789abcdef0123456789abcde",
            "Authorization: Basic 0123456789abcdef0123456789abcdef",
            "Authorization: 0123456789abcdef0123456789abcdef",
            "Authorization: Bearer",
        ] {
            let reply = server.ask("GET", path, &[header]);
            assert_eq!(reply.refused(), (401, "unauthorized".to_owned()), "{path} {header}");
            assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"));
            reply.assert_safe(path);
        }
    }
    let right = "Authorization: Bearer 0123456789abcdef0123456789abcdef";
    assert_eq!(server.ask("GET", "/metrics", &[right]).status, 200);
    assert_eq!(server.ask("GET", "/metrics", &[right, right]).status, 401, "two are none");
    assert_eq!(server.get("/healthz").status, 200, "that it is there, everybody may know");
}

#[test]
fn others_are_let_in_only_when_they_are_meant() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef").unwrap();
    permit(&file, 0o600);
    let file = file.to_str().unwrap();
    let store = store().to_str().unwrap();
    let all = ["--allow-remote", "--plain-http", "--token-file", file];
    for left_out in 0..3 {
        let mut options = all.to_vec();
        options.remove(left_out);
        if left_out == 2 {
            options.pop();
        }
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let ran = run(&[&["serve", "--store", store, "--listen", address], &*options].concat());
            assert_eq!(ran.code, 2, "{options:?}: {}", ran.err);
            assert!(ran.err.contains("can be reached by other machines"), "{}", ran.err);
            assert!(ran.out.is_empty());
        }
    }
    let mut command = crate::program::program();
    command.args(["serve", "--listen", "0.0.0.0:0"]);
    let mut local = Server::started(&mut command, std::path::Path::new(store), &all);
    local.address.set_ip([127, 0, 0, 1].into());
    assert_eq!(local.ask("GET", "/healthz", &["Host: 10.0.0.1"]).status, 200);
    assert_eq!(local.ask("GET", "/healthz", &["Host: evil.example"]).status, 421);
    assert_eq!(local.get("/api/v1/run").status, 401);
}

#[test]
fn what_cannot_be_served_is_told_before_anything_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = store().to_str().unwrap();
    let ran = run(&["serve", "--store", dir.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no store in"), "{}", ran.err);
    let file = dir.path().join("token");
    let token = file.to_str().unwrap();
    for (text, mode, why) in [
        ("0123456789abcdef0123456789abcdef", 0o644, "everybody can read the token file"),
        ("short", 0o600, "fewer than 20 characters"),
        ("", 0o600, "fewer than 20 characters"),
        ("0123456789abcdef 0123456789abcdef", 0o600, "characters other than"),
        ("0123456789abcdef\r\n0123456789abcdef", 0o600, "characters other than"),
    ] {
        std::fs::write(&file, text).unwrap();
        permit(&file, mode);
        let options = ["serve", "--store", store, "--listen", "127.0.0.1:0", "--token-file", token];
        let ran = run(&options);
        assert_eq!(ran.code, 1, "{text:?}");
        assert!(ran.err.contains(why), "{text:?}: {}", ran.err);
    }
    // Held until the program was refused: a server that nobody holds ends, and its port is free.
    let server = shared();
    let ran = run(&["serve", "--store", store, "--listen", &server.address.to_string()]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot listen on"), "{}", ran.err);
}

#[test]
fn bodies_are_refused_unread() {
    let server = shared();
    for header in ["Content-Length: 1", "Content-Length: 99999999999", "Transfer-Encoding: chunked"]
    {
        let reply = server.ask("GET", "/api/v1/assets", &[header]);
        assert_eq!(reply.refused(), (413, "body_refused".to_owned()), "{header}");
        reply.assert_safe(header);
    }
    assert_eq!(server.ask("GET", "/healthz", &["Content-Length: 0"]).status, 200);
    let both = server.ask("GET", "/healthz", &["Content-Length: 5", "Transfer-Encoding: chunked"]);
    assert!([400, 413].contains(&both.status), "{}", both.status);
}

#[test]
fn paths_lead_to_routes_only() {
    let server = shared();
    for path in [
        "/",
        "/index.html",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5cwindows",
        "/api/v1/assets/../../../etc/passwd",
        "//etc/passwd",
        "/api",
        "/api/v2/assets",
        "/api/v1/assets/",
        "/healthz/",
        "/HEALTHZ",
        "/nameplate.db",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
        assert_eq!(reply.refused().1, "not_found", "{path}");
        reply.assert_safe(path);
    }
}

#[test]
fn what_is_wrong_in_a_question_is_told_without_raw_bytes() {
    let server = shared();
    for (query, what) in [
        ("where=vendor%3D", "where"),
        ("where=zone%3Dx", "where: it asks for zones"),
        ("where=vendor%3D%3D%1b%5b31m", "where"),
        ("where=(((((((((((((((((((((((((((((((((((((((((((((((((((", "where"),
        ("where=%e2%80%aevendor%3D", "where"),
        ("sort=nothing", "sort: "),
        ("sort=zone", "sort: it asks for zones"),
        ("limit=0", "limit: write a number from 1 to 1000"),
        ("limit=1001", "limit: "),
        ("limit=x", "limit: write a number"),
        ("after=x", "after: it is no mark of a row"),
        ("limit=1&limit=2", "limit: it is given twice"),
        ("%1b%5b31m=1", "there is no such parameter"),
        ("where=%ff", "query: it is not encoded right"),
    ] {
        let reply = server.get(&format!("/api/v1/assets?{query}"));
        assert_eq!(reply.refused(), (400, "bad_parameter".to_owned()), "{query}: {}", reply.text());
        let text = reply.json()["error"]["text"].as_str().unwrap().to_owned();
        assert!(text.contains(what), "{query}: {text}");
        reply.assert_safe(query);
    }
    let long = format!("/api/v1/assets?where={}", "a+or+".repeat(2_000));
    assert!([400, 414, 431].contains(&server.get(&long).status));
    for path in ["/api/v1/facts?asset=x", "/api/v1/findings?asset=x", "/api/v1/events?after=-1"] {
        assert_eq!(server.get(path).status, 400, "{path}");
    }
    let nobody = "00000000-0000-0000-0000-000000000000";
    for list in ["facts", "findings", "conversations"] {
        let reply = server.get(&format!("/api/v1/{list}?asset={nobody}"));
        assert_eq!(reply.refused(), (404, "not_found".to_owned()), "{list}");
    }
}

pub fn permit(file: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}
