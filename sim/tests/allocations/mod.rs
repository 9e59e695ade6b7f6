//! Requests on kept-alive connections, between real sockets, use no heap: every buffer, head, timer
//! and line is used again.

use config::{Family, LoadOptions, SourceFile, Surroundings};
use driver::real::{Buffers, Clock, LogSockets, OpenListener, RealEnv, open};
use driver::{Bound, start};
use engine::settings::Settings;
use engine::{Engine, Identity, Shared};
use session::settings::ProxyIndex;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::thread;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

#[test]
fn a_kept_alive_request_allocates_nothing() {
    assert_eq!(allocations("option httplog\n  log global", 0), 0);
}

#[test]
fn a_kept_alive_request_with_a_body_both_ways_allocates_nothing() {
    assert_eq!(allocations("option forwardfor", 40_000), 0);
}

#[test]
fn a_request_through_rules_that_only_read_allocates_nothing() {
    let rules = "http-request deny if { path_beg /admin/ /internal/ } || { path_end .bak }
  http-request deny if { path_reg ^/wp-[a-z]+/ } !{ src 192.0.2.0/24 }
  http-request deny if { req.hdr(x-partner) -m str a b } || { hdr_dom(host) tenant }
  http-request track-sc0 src table clients
  http-request track-sc1 path table paths
  http-request set-var(txn.host) req.hdr(host),lower
  http-request set-var(sess.number) int(7),add(1)
  http-request deny if { sc_http_req_rate(0) gt 1000000 } || { var(txn.host) -m len 70 }
  use_backend %[req.hdr(host),lower,map_str(hosts.map)]";
    let tables = "backend clients
  stick-table type ip size 10 expire 1m store http_req_cnt,http_req_rate(10s),bytes_out_cnt
backend paths
  stick-table type string len 64 size 10 expire 1m store http_req_cnt
";
    assert_eq!(allocations_with(rules, tables, 0), 0);
}

/// What the worker's thread allocates for [`STEADY`] requests, after [`WARM`] others, with bodies of
/// `body` bytes both ways.
fn allocations(lines: &str, body: usize) -> u64 {
    allocations_with(lines, "", body)
}

/// The same beside other sections.
fn allocations_with(lines: &str, sections: &str, body: usize) -> u64 {
    let origin = serve_origin(body);
    let log = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let log_port = log.local_addr().expect("bound").port();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let fd = listener.into_raw_fd();
    let settings = settings(&format!(
        "global\n  maxconn 10\n  log 127.0.0.1:{log_port} local0\n\
         listen web\n  mode http\n  bind fd@{fd}\n  {lines}\n  server one {origin}\n  \
         timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n{sections}"
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tasks = LocalSet::new();
    let (warm, is_warm) = oneshot::channel();
    let (done, is_done) = oneshot::channel();
    let running = tasks.block_on(&runtime, async {
        let running = start_worker(settings);
        thread::spawn(move || {
            let mut client = Client::connect(address, body);
            client.ask(WARM);
            warm.send(()).expect("the test waits");
            client.ask(STEADY);
            done.send(()).expect("the test waits");
        });
        is_warm.await.expect("the client got its answers");
        running
    });
    let counted = allocation_counter::measure(|| {
        let end = tasks.block_on(&runtime, is_done);
        end.expect("the client got its answers");
    });
    let requests: u64 = running.with_engine(|engine| {
        let counters = engine.shared().counters.iter().map(|proxies| &proxies[0]);
        counters.map(|web| web.frontend.req_tot.get()).sum()
    });
    assert_eq!(requests, (WARM + STEADY) as u64);
    counted.count_total
}

fn start_worker(settings: Settings) -> driver::Running<RealEnv> {
    let clock = Clock::start();
    let bind = &settings.proxies[0].binds[0];
    let listener: OpenListener = open(bind, Buffers::default(), 1).expect("a port").remove(0);
    let identity = Identity {
        pid: 1,
        utc_offset_minutes: 0,
    };
    let shared = Arc::new(Shared::new(settings, 1, [0; 32], identity));
    let engine = Engine::new(shared, 0, clock.epoch());
    let (peer, mail) = unbounded_channel();
    let bound = Bound {
        frontend: ProxyIndex(0),
        bind: 0,
        listener: listener.into_worker().expect("a listener"),
    };
    let env = RealEnv::new(clock, LogSockets::default(), Buffers::default());
    start(env, engine, vec![bound], mail, vec![peer])
}

/// A server that answers request after request on each connection with `body` bytes.
fn serve_origin(body: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut peer = Peer::new(stream.expect("a connection"));
            let mut answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {body}\r\nServer: o\r\n\r\n")
                    .into_bytes();
            answer.resize(answer.len() + body, b'x');
            thread::spawn(move || {
                while peer.skip_message(body).is_some() {
                    peer.0.write_all(&answer).expect("the proxy reads");
                }
            });
        }
    });
    address
}

struct Client {
    peer: Peer,
    request: Vec<u8>,
    body: usize,
}

impl Client {
    fn connect(to: SocketAddr, body: usize) -> Self {
        let mut request =
            format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {body}\r\n\r\n").into_bytes();
        request.resize(request.len() + body, b'y');
        Self {
            peer: Peer::new(TcpStream::connect(to).expect("the proxy accepts")),
            request,
            body,
        }
    }

    fn ask(&mut self, times: usize) {
        for _ in 0..times {
            self.peer.0.write_all(&self.request).expect("it reads");
            self.peer.skip_message(self.body).expect("an answer");
        }
    }
}

/// One end of a connection whose messages all have bodies of one length.
struct Peer(TcpStream, Vec<u8>);

impl Peer {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a TCP socket");
        Self(stream, Vec::new())
    }

    /// Reads one message; `None` at the end.
    fn skip_message(&mut self, body: usize) -> Option<()> {
        let mut head = None;
        loop {
            if head.is_none() {
                head = self.1.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            }
            if let Some(head) = head
                && self.1.len() >= head + 4 + body
            {
                self.1.drain(..head + 4 + body);
                return Some(());
            }
            let mut bytes = [0; 16_384];
            let count = self.0.read(&mut bytes).ok().filter(|count| *count > 0)?;
            self.1.extend_from_slice(&bytes[..count]);
        }
    }
}

fn settings(text: &str) -> Settings {
    let file = SourceFile {
        name: "test.cfg".into(),
        text: text.into(),
    };
    let loaded = config::load(&[file], &Nowhere, &LoadOptions::default());
    let told = format!("{:?}", loaded.diagnostics);
    loaded.settings.expect(&told)
}

/// A machine without a surrounding.
#[derive(Debug)]
struct Nowhere;

impl Surroundings for Nowhere {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "hosts.map" {
            return Ok(b"a web\nb web\n".to_vec());
        }
        Err(format!("{path} is not here"))
    }

    fn resolve(&self, host: &str, _: Family) -> Result<IpAddr, String> {
        Err(format!("{host} is not known"))
    }

    fn user_id(&self, _: &str) -> Option<u32> {
        None
    }

    fn group_id(&self, _: &str) -> Option<u32> {
        None
    }

    fn host_name(&self) -> String {
        "here".into()
    }
}

/// Requests after which everything has been used once.
const WARM: usize = 20;
const STEADY: usize = 500;
