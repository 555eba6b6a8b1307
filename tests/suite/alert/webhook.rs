//! Webhooks: what a server gets, and what its answers do.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::receivers::{Request, Web};
use super::{Site, until, until_delivered};

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn hook(web: &Web, more: &str) -> String {
    format!(
        "[[output]]\nkind = 'webhook'\nname = 'hook'\nto = 'http://{}/in?k=1'\n{more}\n",
        web.address
    )
}

fn numbers(request: &Request) -> Vec<u64> {
    let value: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    value.as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect()
}

#[test]
fn a_server_gets_batches_that_it_can_check() {
    let site = Site::new();
    let web = Web::new(|_, _| TAKEN.to_owned());
    let folder = site.folder.path();
    std::fs::write(folder.join("token"), "s3cret-token\n").unwrap();
    std::fs::write(folder.join("secret"), "Jefe\n").unwrap();
    let (token, secret) = (folder.join("token"), folder.join("secret"));
    site.tell(250);
    let more = format!(
        "token_file = '{}'\ntoken_scheme = 'Splunk'\nsecret_file = '{}'\nbatch = 100",
        token.display(),
        secret.display()
    );
    let outputs = site.start(&hook(&web, &more));
    let health = until_delivered(&outputs, 250);
    let requests = web.requests();
    assert_eq!(requests.iter().map(|one| numbers(one).len()).collect::<Vec<_>>(), [100, 100, 50]);
    let first = &requests[0];
    assert!(first.head.starts_with("POST /in?k=1 HTTP/1.1\r\n"), "{}", first.head);
    assert_eq!(first.field("host"), Some(&*web.address.to_string()));
    assert_eq!(first.field("content-type"), Some("application/json"));
    assert_eq!(first.field("authorization"), Some("Splunk s3cret-token"));
    assert_eq!(first.field("idempotency-key"), Some("hook-1-100"));
    if let Some(code) = hmac_of_openssl(b"Jefe", &first.body) {
        assert_eq!(first.field("x-nameplate-signature"), Some(&*format!("sha256={code}")));
    }
    assert!(!health.to.contains("k=1"), "{}", health.to);
    let kept = std::fs::read_to_string(folder.join("hook.json")).unwrap();
    assert!(!kept.contains("s3cret") && !kept.contains("Jefe") && !kept.contains("k=1"));
}

/// The same code, by another program.
fn hmac_of_openssl(key: &[u8], body: &[u8]) -> Option<String> {
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let child = Command::new("openssl")
        .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &format!("hexkey:{key}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: openssl is not here");
        return None;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), body).unwrap();
    let printed = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    printed.trim().rsplit(' ').next().map(str::to_owned)
}

#[test]
fn a_server_that_is_busy_is_asked_again_with_the_same() {
    let site = Site::new();
    let web = Web::new(|count, _| {
        let answers = [
            "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n",
            "HTTP/1.1 429 Slow\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n",
            "",
            "HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\nno\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ];
        answers[count.min(5)].to_owned()
    });
    site.tell(3);
    let outputs = site.start(&hook(&web, ""));
    let health = until_delivered(&outputs, 3);
    let requests = web.requests();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|request| numbers(request) == [1, 2, 3]));
    let keys: Vec<_> = requests.iter().map(|one| one.field("idempotency-key").unwrap()).collect();
    assert!(keys.iter().all(|key| *key == "hook-1-3"), "{keys:?}");
    assert_eq!((health.delivered, health.dropped, health.failing_since_ns), (3, 0, 0));
}

#[test]
fn a_redirect_is_not_followed() {
    let site = Site::new();
    let other = Web::new(|_, _| TAKEN.to_owned());
    let location = format!("http://{}/\u{1b}[2J", other.address);
    let web = Web::new(move |_, _| format!("HTTP/1.1 307 There\r\nLocation: {location}\r\n\r\n"));
    site.tell(1);
    let outputs = site.start(&hook(&web, ""));
    until("a complaint", || outputs.health()[0].last_error.contains("redirects are not followed"));
    let error = outputs.health()[0].last_error.clone();
    assert!(!error.contains('\u{1b}') && outputs.health()[0].delivered == 0, "{error:?}");
    assert!(other.requests().is_empty());
}

#[test]
fn one_notice_that_a_server_never_takes_is_given_up_and_told() {
    let site = Site::new();
    let web = Web::new(|_, request| match numbers(request).contains(&3) && !tells_gap(request) {
        true => "HTTP/1.1 422 Never\r\n\r\n".to_owned(),
        false => TAKEN.to_owned(),
    });
    site.tell(9);
    let outputs = site.start(&hook(&web, "format = 'json'"));
    let health = until_delivered(&outputs, 9);
    assert_eq!(health.dropped, 1);
    let taken = web.requests();
    let taken = taken.iter().filter(|one| !numbers(one).contains(&3) || tells_gap(one));
    let taken: Vec<u64> = taken.flat_map(numbers).collect();
    // The one about the gap has the number of what it is about.
    assert_eq!(taken, (1..=9).collect::<Vec<_>>());
    assert!(web.requests().iter().any(tells_gap));
}

fn tells_gap(request: &Request) -> bool {
    let value: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    value.as_array().unwrap().iter().any(|one| one["kind"] == "sensor_degraded")
}

#[test]
fn a_server_that_does_not_answer_costs_a_timeout_and_nothing_else() {
    let site = Site::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    site.tell(1);
    let to = silent.local_addr().unwrap();
    let outputs =
        site.start(&format!("[[output]]\nkind = 'webhook'\nto = 'http://{to}'\ntimeout = '1s'"));
    until("a complaint", || outputs.health()[0].last_error.contains("took too long"));
    let health = outputs.stop(Duration::from_secs(30)).remove(0);
    assert_eq!((health.delivered, health.number), (0, 0));
}
