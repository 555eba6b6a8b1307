//! What clients may cost: slow ones, many, wrong ones; and what an error of the program costs.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nameplate::export::shelf::Listing;
use nameplate::model::Notice;
use nameplate::web::{self, Hosts, Look, Plant, Question, Refused, Rules, Sensor, Standing};

use crate::random::Random;
use crate::web::{Reply, Server, connect, shared, store};

#[test]
fn slow_clients_are_cut_and_others_served() {
    let server = Server::ready(store(), &[]);
    let begun = Instant::now();
    let mut silent = connect(server.address);
    let mut half = connect(server.address);
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: local").unwrap();
    let mut drip = connect(server.address);
    let mut kept = connect(server.address);
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // Asks for far more than fits between the two, and takes nothing of it.
    let mut greedy = connect(server.address);
    let ask = b"GET /api/v1/facts?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let _ = greedy.write_all(&ask.repeat(200));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for byte in b"GET /healthz HTTP/1.1\r\nX: y".iter().cycle() {
                if drip.write_all(&[*byte]).is_err() || begun.elapsed() > CUT {
                    break;
                }
                std::thread::sleep(Duration::from_millis(300));
            }
            assert!(begun.elapsed() < CUT, "a head that never ends was read on");
        });
        for (what, stream) in [("silent", &mut silent), ("half", &mut half), ("kept", &mut kept)] {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            assert!(begun.elapsed() < CUT, "{what}");
            assert_eq!(what == "kept", rest.starts_with(b"HTTP/1.1 200"), "{what}");
        }
        assert_eq!(server.get("/healthz").status, 200);
    });
    let stalled = |server: &Server| {
        let text = server.get("/metrics").text().to_owned();
        let line =
            text.lines().find(|line| line.starts_with("nameplate_web_connections_stalled_total "));
        line.unwrap().rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    server.wait_for("the end of patience with a reader", |server| stalled(server) > 0);
    drop(greedy);
}

#[test]
fn heads_have_a_size() {
    let server = shared();
    let long = format!("X: {}", "y".repeat(20_000));
    let many: Vec<String> = (0..80).map(|number| format!("X-{number}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for headers in [&[&*long][..], &many] {
        assert_eq!(server.ask("GET", "/healthz", headers).status, 431);
    }
    let path = format!("/{}", "a".repeat(100_000));
    let reply = server.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
    assert!(reply.is_none_or(|reply| [414, 431].contains(&reply.status)));
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn what_is_no_request_harms_nobody() {
    let server = shared();
    let mut random = Random::new(7);
    for _ in 0..200 {
        let mut bytes: Vec<u8> = (0..random.below(400)).map(|_| random.below(256) as u8).collect();
        if random.below(2) == 0 {
            bytes.splice(0..0, b"GET /api/v1/assets?where= HTTP/1.1\r\n".iter().copied());
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        let mut stream = connect(server.address);
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let reply = Reply::read(&answer);
        assert!(reply.is_none_or(|reply| (400..500).contains(&reply.status)), "{bytes:?}");
    }
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn connections_have_a_number_and_the_next_one_is_told() {
    let server = Server::ready(store(), &[]);
    let waiting: Vec<_> = (0..256).map(|_| connect(server.address)).collect();
    server.wait_for("all places taken", |server| {
        let reply =
            server.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let Some(reply) = reply else { return false };
        if reply.status == 503 {
            assert_eq!(reply.refused(), (503, "full".to_owned()));
            assert!(reply.header("retry-after").is_some());
            assert_eq!(reply.header("content-length"), Some(&*reply.body.len().to_string()));
        }
        reply.status == 503
    });
    drop(waiting);
    server.wait_for("room again", |server| {
        let reply =
            server.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        reply.is_some_and(|reply| reply.status == 200)
    });
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let ask = b"GET /api/v1/assets?limit=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                    let reply = server.send(ask).expect("an answer");
                    assert!([200, 503].contains(&reply.status), "{}", reply.text());
                    answered.fetch_add(usize::from(reply.status == 200), Ordering::Relaxed);
                }
            });
        }
    });
    assert!(answered.load(Ordering::Relaxed) > 50, "{answered:?} of 1000");
}

#[test]
fn told_to_stop_it_answers_what_it_was_asked_and_ends() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::ready(store(), &[]);
        let _idle = connect(server.address);
        let mut asking = connect(server.address);
        asking
            .write_all(b"GET /api/v1/facts?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let begun = Instant::now();
        let told = Command::new("kill").args([signal, &server.process().to_string()]).status();
        assert!(told.unwrap().success());
        let mut answer = Vec::new();
        asking.read_to_end(&mut answer).unwrap();
        let reply = Reply::read(&answer).unwrap();
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-length"), Some(&*reply.body.len().to_string()));
        let code = loop {
            if let Some(code) = server.ended() {
                break code;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{signal}");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(code, 0, "{signal}");
    }
}

/// A plant that breaks whoever looks at it.
struct Broken;

impl Plant for Broken {
    fn standing(&self) -> Standing {
        Standing { version: Some("1".to_owned()), ..Standing::default() }
    }

    fn look(&self, question: &Question<'_>, _: &mut dyn FnMut(&Look<'_>)) -> Result<(), Refused> {
        match question.expression {
            Some("starting") => Err(Refused::Starting),
            Some("failed") => Err(Refused::Failed("\u{1b}[31mred".to_owned())),
            _ => panic!("an error of the program"),
        }
    }

    fn sensor(&self) -> Sensor {
        Sensor::None
    }

    fn notices(&self, _: u64, _: usize) -> Result<Vec<Notice>, Refused> {
        Err(Refused::Busy)
    }

    fn advisories(&self) -> Result<Arc<Listing>, Refused> {
        panic!("another")
    }

    fn now_ns(&self) -> i64 {
        0
    }
}

#[test]
fn an_error_of_the_program_costs_one_answer() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let rules = Rules { version: "1".to_owned(), hosts: Hosts::default(), token: None };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let served = web::serve(listener, Arc::new(Broken), rules, stopped);
    let serving = std::thread::spawn(move || runtime.block_on(served));
    let ask = |path: &str| {
        let mut stream = connect(address);
        let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Reply::read(&answer).unwrap()
    };
    for path in ["/api/v1/assets", "/api/v1/run", "/api/v1/advisories", "/api/v1/facts"] {
        let reply = ask(path);
        assert_eq!(reply.refused(), (500, "internal".to_owned()), "{path}");
        reply.assert_safe(path);
    }
    for (path, status, code) in [
        ("/api/v1/assets?where=starting", 503, "starting"),
        ("/api/v1/assets?where=failed", 500, "failed"),
        ("/api/v1/events", 503, "busy"),
    ] {
        let reply = ask(path);
        assert_eq!(reply.refused(), (status, code.to_owned()), "{path}");
        assert_eq!(reply.header("retry-after").is_some(), status == 503, "{path}");
        reply.assert_safe(path);
    }
    assert_eq!(ask("/healthz").status, 200);
    assert_eq!(ask("/api/v1/health").status, 200);
    drop(stop);
    serving.join().unwrap();
}

/// Heads must have come within ten seconds; machines are slow.
const CUT: Duration = Duration::from_secs(40);
