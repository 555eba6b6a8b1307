//! A server on this machine that does what a test says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha512};

/// What is answered for a path.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A file.
    Page(Vec<u8>),
    /// A status, with a header.
    Status(u16, &'static str, String),
    /// A file of which the connection breaks off in the middle.
    Cut(Vec<u8>),
    /// A length that is said, and nothing else.
    Said(u64),
    /// A body without end.
    Endless,
    /// A byte now and then.
    Slow,
    /// One after the other; the last one stays.
    Then(Vec<Reply>),
}

type Pages = Arc<Mutex<BTreeMap<String, Reply>>>;

/// The server.
pub struct Server {
    pub port: u16,
    pages: Pages,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (pages, heads) = (Pages::default(), Arc::<Mutex<Vec<String>>>::default());
        let (shared, kept) = (Arc::clone(&pages), Arc::clone(&heads));
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (pages, heads) = (Arc::clone(&shared), Arc::clone(&kept));
                std::thread::spawn(move || serve(stream, &pages, &heads));
            }
        });
        Self { port, pages, heads }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn put(&self, path: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
    }

    pub fn page(&self, path: &str, text: &str) {
        self.put(path, Reply::Page(text.as_bytes().to_owned()));
    }

    /// A document with its checksum.
    pub fn document(&self, path: &str, text: &str) {
        self.page(path, text);
        let sum: String = Sha512::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        self.page(&format!("{path}.sha512"), &format!("{sum}  name\n"));
    }

    /// Heads of the requests that came.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.heads.lock().unwrap().clear();
    }
}

fn serve(mut stream: TcpStream, pages: &Pages, heads: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while reader.read_line(&mut head).ok()? > 2 {}
    heads.lock().unwrap().push(head.clone());
    let path = head.split(' ').nth(1)?.to_owned();
    let reply = {
        let mut pages = pages.lock().unwrap();
        match pages.get_mut(&path) {
            Some(Reply::Then(replies)) if replies.len() > 1 => replies.remove(0),
            Some(Reply::Then(replies)) => replies[0].clone(),
            Some(reply) => reply.clone(),
            None => Reply::Status(404, "X-None", String::new()),
        }
    };
    answer(&mut stream, &head, reply).ok()
}

fn answer(stream: &mut TcpStream, head: &str, reply: Reply) -> std::io::Result<()> {
    let begin = |length: u64, tag: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: {tag}\r\nConnection: close\r\n\r\n"
        )
    };
    match reply {
        Reply::Page(bytes) => {
            let tag = format!("\"{:x}\"", bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>());
            if head.to_ascii_lowercase().contains(&format!("if-none-match: {tag}")) {
                return stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
            }
            stream.write_all(begin(bytes.len() as u64, &tag).as_bytes())?;
            stream.write_all(&bytes)
        }
        Reply::Status(status, name, value) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\n{name}: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes())
        }
        Reply::Cut(bytes) => {
            stream.write_all(begin(bytes.len() as u64, "\"cut\"").as_bytes())?;
            stream.write_all(&bytes[..bytes.len() / 2])
        }
        Reply::Said(length) => stream.write_all(begin(length, "\"said\"").as_bytes()),
        Reply::Endless => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
        Reply::Slow => {
            stream.write_all(begin(1_000, "\"slow\"").as_bytes())?;
            for _ in 0..100 {
                std::thread::sleep(Duration::from_millis(100));
                stream.write_all(b"{")?;
            }
            Ok(())
        }
        Reply::Then(_) => Ok(()),
    }
}
