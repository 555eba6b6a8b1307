//! Receivers on the loopback interface, which can die and come back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A log server that keeps what it reads, by connection.
pub struct Server {
    pub address: SocketAddr,
    read: Arc<Mutex<Vec<Vec<u8>>>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    dead: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap())
    }

    /// At an address where one was before.
    pub fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let (read, open) = <(Arc<Mutex<Vec<Vec<u8>>>>, Arc<Mutex<Vec<TcpStream>>>)>::default();
        let dead = Arc::new(AtomicBool::new(false));
        let (all, streams, ended) = (Arc::clone(&read), Arc::clone(&open), Arc::clone(&dead));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Acquire) {
                let Ok((stream, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                };
                stream.set_nonblocking(false).unwrap();
                streams.lock().unwrap().push(stream.try_clone().unwrap());
                let all = Arc::clone(&all);
                std::thread::spawn(move || keep(stream, &all));
            }
        });
        Self { address, read, open, dead, thread: Some(thread) }
    }

    /// What was read over each connection.
    pub fn connections(&self) -> Vec<Vec<u8>> {
        self.read.lock().unwrap().clone()
    }

    /// Messages of all connections, in order.
    pub fn messages(&self) -> Vec<String> {
        self.connections().iter().flat_map(|bytes| super::parse::octets(bytes)).collect()
    }

    /// So many messages; a reader may be behind what its system took.
    pub fn messages_of(&self, count: usize) -> Vec<String> {
        super::until("reading", || self.messages().len() >= count);
        self.messages()
    }

    /// So many lines of the first connection.
    pub fn lines_of(&self, count: usize) -> Vec<String> {
        let lines = || {
            let first = self.connections().into_iter().next().unwrap_or_default();
            super::parse::lines(&first)
        };
        super::until("reading", || lines().len() >= count);
        lines()
    }

    /// Ends all connections and listens no more.
    pub fn die(&mut self) {
        self.dead.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.die();
    }
}

fn keep(mut stream: TcpStream, all: &Mutex<Vec<Vec<u8>>>) {
    let index = {
        let mut all = all.lock().unwrap();
        all.push(Vec::new());
        all.len() - 1
    };
    let mut block = [0; 4_096];
    while let Ok(count) = stream.read(&mut block) {
        if count == 0 {
            break;
        }
        all.lock().unwrap()[index].extend_from_slice(&block[..count]);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// A port that nobody listens on now.
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A socket for datagrams, and all that came to it so far.
pub struct Datagrams(pub UdpSocket, pub Vec<String>);

impl Datagrams {
    pub fn new(address: &str) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        Self(socket, Vec::new())
    }

    pub fn read(&mut self) -> usize {
        let mut block = vec![0; 70_000];
        while let Ok(count) = self.0.recv(&mut block) {
            self.1.push(String::from_utf8(block[..count].to_vec()).unwrap());
        }
        self.1.len()
    }
}

/// A request of HTTP as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A web server that answers as a function says.
pub struct Web {
    pub address: SocketAddr,
    pub requests: Arc<Mutex<Vec<Request>>>,
}

impl Web {
    pub fn new(answer: impl Fn(usize, &Request) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let all = Arc::clone(&requests);
        // It ends with the test.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = request(&mut stream) else { continue };
                let count = all.lock().unwrap().len();
                let answer = answer(count, &request);
                all.lock().unwrap().push(request);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, requests }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Reads a request to its end.
pub fn request(stream: &mut (impl Read + Write)) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut block = [0; 4_096];
    loop {
        let count = stream.read(&mut block).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&block[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let request = Request { head, body: bytes[end + 4..].to_vec() };
        let length: usize = request.field("content-length").unwrap().parse().unwrap();
        if request.body.len() >= length {
            assert_eq!(request.body.len(), length);
            return Some(request);
        }
    }
}
