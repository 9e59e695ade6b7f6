//! A running proxy and scripted servers, all on loopback.

use crate::Config;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a test waits for what must come, before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A port that nobody listens on, and that is given once. It is below those that the system gives to
/// whoever asks for any, so that nobody gets it before its user has it.
pub fn free_port() -> u16 {
    const LOWEST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Two runs of the tests at once begin at different places.
    let start = std::process::id().wrapping_mul(251);
    let is_free = |port: &u16| {
        let address = ("127.0.0.1", *port);
        TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
    };
    let next = || start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % COUNT + LOWEST;
    (0..COUNT)
        .map(|_| u16::try_from(next()).expect("a port"))
        .find(is_free)
        .expect("a port that is free")
}

/// A path in the temporary directory, of this process alone.
pub fn path(name: &str) -> String {
    let file = format!("tidegate-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(file);
    path.to_str().expect("a path of text").into()
}

/// A log server that datagrams come to, and its port.
pub fn log_server() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let port = socket.local_addr().expect("an address").port();
    (socket, port)
}

/// The next datagram, as text.
pub fn message(socket: &UdpSocket) -> String {
    let mut bytes = [0; 65_536];
    let count = socket.recv(&mut bytes).expect("a message");
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// Asks until the answer is yes.
#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits for another process gives up by the real clock"
)]
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}

/// One command to the runtime API at `socket`, and all of its answer.
pub fn ask(socket: &str, command: &str) -> String {
    let mut stream = UnixStream::connect(socket).expect("the runtime API");
    let asked = stream.write_all(format!("{command}\n").as_bytes());
    asked.expect("a command");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The binary at work; killed when the test is over.
pub struct Proxy {
    child: Child,
    port: u16,
    said: Arc<Mutex<String>>,
    config: Config,
}

impl Proxy {
    /// Runs a configuration in which `PORT` stands for the port of the listener.
    pub fn start(name: &str, text: &str) -> Self {
        Self::start_as(name, text, &[], &[])
    }

    /// The same with these words and variables besides.
    pub fn start_as(name: &str, text: &str, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let config = Config::new(name, &text.replace("PORT", &port.to_string()));
        let pid = Config::new("pid", "");
        let mut child = crate::tidegate()
            .args(["-db", "-p", pid.path(), "-f", config.path()])
            .args(words)
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let said = Arc::new(Mutex::new(String::new()));
        let (stderr, heard) = (child.stderr.take().expect("a pipe"), said.clone());
        beside(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                heard.lock().expect("a listener").push_str(&(line + "\n"));
            }
        });
        // From here on the process ends with the test, also if it never listens.
        let mut proxy = Self {
            child,
            port,
            said,
            config,
        };
        until("the proxy listens", || {
            let status = proxy.child.try_wait().expect("our child");
            assert_eq!(status, None, "{}", proxy.said.lock().expect("a listener"));
            // It writes its id when all of its sockets are open.
            let written = std::fs::read(pid.path()).expect("a file");
            !written.is_empty() && proxy.listens()
        });
        proxy
    }

    /// Waits until stderr has `text` as a warning of the process.
    pub fn says(&self, text: &str) {
        self.has_said("[WARNING]  ", text);
    }

    /// Waits until stderr has `text` as an alert of the process.
    pub fn alerts(&self, text: &str) {
        self.has_said("[ALERT]    ", text);
    }

    fn has_said(&self, level: &str, text: &str) {
        let line = format!("{level}({}) : {text}\n", self.child.id());
        until(text, || {
            self.said.lock().expect("a listener").contains(&line)
        });
    }

    /// Waits until stderr has a line with `text`; the number behind it.
    pub fn tells(&self, text: &str) -> u64 {
        let mut number = None;
        until(text, || {
            let said = self.said.lock().expect("a listener");
            let rest = said.split_once(text).map_or("", |(_, rest)| rest);
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
            number = digits.and_then(|digits| digits.parse().ok());
            number.is_some()
        });
        number.expect("a number")
    }

    /// The file of its configuration.
    pub fn config(&self) -> &str {
        self.config.path()
    }

    /// A new client.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the proxy listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// Whether new clients are let in.
    pub fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// Whether a signal does not end the process: it has a handler or is held back, by `SigCgt` and
    /// `SigBlk` of proc(5).
    pub fn bears(&self, signal: nix::sys::signal::Signal) -> bool {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a process");
        let mask = |name: &str| {
            let mask = status.lines().find_map(|line| line.strip_prefix(name));
            u64::from_str_radix(mask.expect("a mask").trim(), 16).expect("hexadecimal digits")
        };
        (mask("SigCgt:") | mask("SigBlk:")) & (1 << (signal as i32 - 1)) != 0
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).expect("the proxy runs");
    }

    /// Waits for the end of the process.
    pub fn ended(mut self) -> ExitStatus {
        let mut status = None;
        until("the proxy ends", || {
            status = self.child.try_wait().expect("our child");
            status.is_some()
        });
        status.expect("an end")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs one scripted peer beside the test.
#[expect(
    clippy::disallowed_methods,
    reason = "peers of the proxy are threads of the test, not of the proxy"
)]
pub fn beside<T: Send + 'static>(peer: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(peer)
}

/// A server that hands each connection to `serve` in a thread of its own.
pub fn server(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    beside(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            beside(move || serve(stream));
        }
    });
    port
}

/// Reads one head up to its empty line; empty if the peer closed before.
pub fn head(reader: &mut impl BufRead) -> String {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        if reader.read_line(&mut text).unwrap_or(0) == 0 {
            return String::new();
        }
    }
    text
}

/// The value of a field of a head.
pub fn field(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_string())
}

/// Answers each request with its own body, or its start line if it has none.
pub fn echo(stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    loop {
        let head = head(&mut reader);
        let Some(line) = head.lines().next() else {
            return;
        };
        let length = field(&head, "content-length").map_or(0, |n| n.parse().expect("a length"));
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        if body.is_empty() {
            body = line.as_bytes().to_vec();
        }
        let start = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        if writer.write_all(start.as_bytes()).is_err() || writer.write_all(&body).is_err() {
            return;
        }
    }
}

/// Sends a request and reads everything until the proxy closes.
pub fn whole(mut client: TcpStream, request: &str) -> String {
    client.write_all(request.as_bytes()).expect("a request");
    let mut text = String::new();
    client.read_to_string(&mut text).expect("an answer");
    text
}
