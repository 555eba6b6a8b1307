//! TLS: only the receiver that the authority vouches for gets anything.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::{PATIENT, Site, parse, until, until_delivered};

/// A receiver under TLS with the certificate of `tests/tls`.
struct Secure {
    address: SocketAddr,
    read: Arc<Mutex<Vec<u8>>>,
}

impl Secure {
    fn new(wants_certificate: bool) -> Self {
        let config = config(wants_certificate);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let read: Arc<Mutex<Vec<u8>>> = Arc::default();
        let all = Arc::clone(&read);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(session, stream.unwrap());
                let mut block = [0; 4_096];
                while let Ok(count) = stream.read(&mut block) {
                    if count == 0 {
                        break;
                    }
                    all.lock().unwrap().extend_from_slice(&block[..count]);
                }
            }
        });
        Self { address, read }
    }

    fn messages(&self) -> Vec<String> {
        parse::octets(&self.read.lock().unwrap())
    }

    fn output(&self, host: &str, more: &str) -> String {
        let port = self.address.port();
        format!("[[output]]\nkind = 'syslog'\nto = 'tcp+tls://{host}:{port}'\n{more}\n")
    }
}

fn config(wants_certificate: bool) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match wants_certificate {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = RootCertStore::empty();
            roots.add(certificate("authority")).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::from_pem_file(file("receiver.key")).unwrap();
    Arc::new(builder.with_single_cert(vec![certificate("receiver")], key).unwrap())
}

fn file(name: &str) -> PathBuf {
    crate::replayed::root().join("tests/tls").join(name)
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file(&format!("{name}.pem"))).unwrap()
}

fn key(name: &str, value: &str) -> String {
    format!("{name} = '{}'\n", file(value).display())
}

#[test]
fn a_receiver_that_is_vouched_for_gets_messages() {
    let (site, secure) = (Site::new(), Secure::new(false));
    site.tell(40);
    let outputs = site.start(&secure.output("127.0.0.1", &key("ca_file", "authority.pem")));
    until_delivered(&outputs, 40);
    until("reading", || secure.messages().len() == 40);
    let numbers: Vec<u64> =
        secure.messages().iter().map(|message| parse::rfc5424(message).number()).collect();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    let health = outputs.stop(std::time::Duration::from_secs(10)).remove(0);
    assert_eq!((health.number, &*health.last_error), (40, ""));
}

#[test]
fn a_sender_shows_its_certificate_where_one_is_wanted() {
    let (site, secure) = (Site::new(), Secure::new(true));
    site.tell(5);
    let ca = key("ca_file", "authority.pem");
    let outputs = site.start_at(&secure.output("localhost", &ca), PATIENT);
    until("a refusal", || outputs.health()[0].failing_since_ns != 0);
    assert_eq!((outputs.health()[0].number, secure.messages().len()), (0, 0));
    drop(outputs.stop(std::time::Duration::ZERO));
    let site = Site::new();
    site.tell(5);
    let own = key("cert_file", "sender.pem") + &key("key_file", "sender.key");
    let outputs = site.start(&secure.output("localhost", &(ca + &own)));
    until_delivered(&outputs, 5);
    until("reading", || secure.messages().len() == 5);
}

#[test]
fn a_receiver_that_is_another_gets_nothing() {
    let secure = Secure::new(false);
    let authority = key("ca_file", "authority.pem");
    let stranger = key("ca_file", "stranger.pem");
    let other_name = format!("{authority}server_name = 'other.example'\n");
    for (more, said) in [(&stranger, "UnknownIssuer"), (&other_name, "not valid for name")] {
        let site = Site::new();
        site.tell(1);
        let outputs = site.start(&secure.output("127.0.0.1", more));
        until("a complaint", || outputs.health()[0].last_error.contains("cannot set up TLS"));
        let health = outputs.health().remove(0);
        assert!(health.last_error.contains(said), "{}", health.last_error);
        assert_eq!(health.delivered, 0);
    }
    assert_eq!(secure.messages().len(), 0);
    // One that speaks in the clear gets no message either.
    let (site, plain) = (Site::new(), super::receivers::Server::new());
    site.tell(1);
    let to = plain.address;
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nto = 'tls://{to}'\ntimeout = '1s'\n{authority}"
    ));
    until("a complaint", || outputs.health()[0].last_error.contains("cannot set up TLS"));
    let sent = String::from_utf8_lossy(&plain.connections().concat()).into_owned();
    assert!(!sent.contains("nameplate") && !sent.contains("PLC"));
}

#[test]
fn a_webhook_goes_under_tls_and_only_to_whom_it_is_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let bodies: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let all = Arc::clone(&bodies);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let session = ServerConnection::new(config(false)).unwrap();
            let mut stream = StreamOwned::new(session, stream.unwrap());
            let Some(request) = super::receivers::request(&mut stream) else { continue };
            all.lock().unwrap().push(request.body);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.flush();
        }
    });
    for (ca, taken) in [("stranger.pem", 0), ("authority.pem", 1)] {
        let site = Site::new();
        site.tell(3);
        let ca = key("ca_file", ca);
        let outputs = site.start(&format!(
            "[[output]]\nkind = 'webhook'\nto = 'https://localhost:{port}/hook'\n{ca}"
        ));
        match taken {
            0 => until("a complaint", || outputs.health()[0].failing_since_ns != 0),
            _ => assert_eq!(until_delivered(&outputs, 3).delivered, 3),
        }
        assert_eq!(bodies.lock().unwrap().len(), taken);
    }
    let body: serde_json::Value = serde_json::from_slice(&bodies.lock().unwrap()[0]).unwrap();
    assert_eq!(body.as_array().unwrap().len(), 3);
}

#[test]
fn files_that_do_not_fit_are_found_before_anything_is_sent() {
    let secure = Secure::new(false);
    let ca = key("ca_file", "authority.pem");
    for (more, wrong) in [
        (key("ca_file", "absent.pem"), "ca_file"),
        (key("ca_file", "receiver.key"), "ca_file"),
        (
            format!("{ca}{}{}", key("cert_file", "sender.pem"), key("key_file", "receiver.key")),
            "key_file",
        ),
        (
            format!("{ca}{}{}", key("cert_file", "sender.key"), key("key_file", "sender.key")),
            "cert_file",
        ),
        (
            format!("{ca}{}{}", key("cert_file", "sender.pem"), key("key_file", "sender.pem")),
            "key_file",
        ),
        (format!("{ca}server_name = 'no name'"), "server_name"),
    ] {
        let settings = super::settings(&secure.output("127.0.0.1", &more));
        let error = settings[0].check().unwrap_err().to_string();
        assert!(error.contains(wrong), "{more}: {error}");
        assert!(!error.contains("BEGIN"), "{error}");
    }
}
