//! A process and exchanges as the reference saw them.

use crate::checkpoint::{FrontendRequest, Log};
use crate::expr::Ground;
use crate::facts::{
    Arrival, Client, Conn, Facts, Host, Load, Process, RequestLine, Server, ServerLoad, Timeouts,
    Timers, Transaction,
};
use crate::format::{Moment, Origin, Style};
use crate::names::Names;
use crate::userlist::Userlist;
use crate::vars::{Scope, Variable};
use crate::work::Work;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::{Epoch, Instant, Rng};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use message::Version;

/// Where formats of a style stand here.
pub(super) fn ground(style: Style) -> Ground {
    match style {
        Style::Log => Ground::of::<Log>(),
        Style::UniqueId | Style::Header | Style::Text => Ground::of::<FrontendRequest>(),
    }
}

/// Work at the origin of time, half a day from Greenwich's.
pub(super) fn work() -> Work {
    let mut work = Work::new(Epoch(0), Rng::new([1; 32]), 16_384);
    work.utc_offset_minutes = 330;
    work
}

/// Knows variables only.
pub(super) struct Known;

impl Names for Known {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(1)
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        Ok((1, 0))
    }

    fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no table".into())
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        Err("no user list".into())
    }

    fn variable(&mut self, _: &str) -> Result<Variable, String> {
        let scope = Scope::Transaction;
        Ok(Variable { scope, name: 0 })
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        Err("no file".into())
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// A frontend, a backend with a server, and what goes on there.
#[derive(Default)]
pub(super) struct World {
    frontend: String,
    pid: u32,
    pub(super) log_uri_len: u32,
    connections: [u32; 4],
}

impl Process for World {
    fn proxy_name(&self, proxy: u32) -> &str {
        if proxy == 0 { &self.frontend } else { "be" }
    }

    fn proxy_id(&self, proxy: u32) -> u32 {
        proxy
    }

    fn server_name(&self, _: u32, _: u32) -> &str {
        "srv1"
    }

    fn server_id(&self, _: u32, _: u32) -> u32 {
        1
    }

    fn servers(&self, _: u32) -> (u32, u32) {
        (1, 1)
    }

    fn frontend_load(&self, _: u32) -> Load {
        Load {
            sessions: self.connections[1],
            ..Load::default()
        }
    }

    fn backend_load(&self, _: u32) -> Load {
        Load {
            sessions: self.connections[2],
            ..Load::default()
        }
    }

    fn server_load(&self, _: u32, _: u32) -> ServerLoad {
        ServerLoad {
            sessions: self.connections[3],
            ..ServerLoad::default()
        }
    }

    fn listener_connections(&self, _: u32, _: u32) -> u32 {
        0
    }

    fn timeouts(&self, _: u32) -> Timeouts {
        Timeouts::default()
    }

    fn retries(&self, _: u32) -> u32 {
        3
    }

    fn default_backend(&self, _: u32) -> Option<&str> {
        Some("be")
    }

    fn userlist(&self, _: u32) -> Option<&Userlist> {
        None
    }

    fn is_local(&self, _: IpAddr) -> bool {
        false
    }

    fn host(&self) -> Host<'_> {
        Host {
            name: "vm",
            pid: self.pid,
            log_uri_len: self.log_uri_len,
            ..Host::default()
        }
    }

    fn connections(&self) -> u32 {
        self.connections[0]
    }

    fn is_stopping(&self) -> bool {
        false
    }
}

/// Facts of a place where nothing has happened.
pub(super) fn nothing(process: &World) -> Facts<'_> {
    Facts {
        process,
        client: None,
        client_conn: None,
        request_bytes: Arrival::Never,
        request_head: Arrival::Never,
        request_body: Arrival::Never,
        transaction: None,
        backend: None,
        server: None,
        server_conn: None,
        response_bytes: Arrival::Never,
        response_head: Arrival::Never,
        response_line: None,
        response_body: Arrival::Never,
        response_stats: None,
    }
}

/// An exchange at the moment a format is evaluated.
pub(super) struct Situation {
    pub(super) process: World,
    client: Client<'static>,
    client_conn: Conn,
    server_conn: Option<Conn>,
    transaction: Transaction<'static>,
    moment: Moment,
    is_served: bool,
    is_switched: bool,
}

impl Situation {
    /// The exchange called `what`, with the numbers that the reference told.
    pub(super) fn new(what: &str, facts: &str, frontend: &str) -> Self {
        let default = "1000000,1000000,1,80,-,-,1,0,0,0,0,0,0,0,0,0,0,0,0,0,51,45,1,1,0,0,0,0,0,200,--,txn_close";
        let facts = if facts.is_empty() { default } else { facts };
        let facts: Vec<&str> = facts.split(',').collect();
        let number = |at: usize| facts[at].trim_start_matches('+').parse::<i64>().ok();
        let small = |at: usize| number(at).unwrap_or(0) as u32;
        let instant = |at: usize| Instant::from_nanos(number(at).unwrap_or(0) as u64 * 1000);
        let timer = |at: usize| {
            number(at)
                .filter(|it| *it >= 0)
                .map(|it| it as u64 * 1_000_000)
        };
        let address = |at: usize| {
            let port = number(at)?;
            Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port as u16))
        };
        let is_tcp = what.ends_with("tcp");
        let is_captured = what == "captured";
        let line = match what {
            "bad" => None,
            _ if is_tcp => None,
            "captured" => Some(("GET", "/p\"a{|}\\]\u{e9}?q=1'<>".to_string())),
            _ => {
                let uri = match what {
                    // A unique id is made behind the choice of the backend.
                    "switched" => "GET /p",
                    _ => what.strip_prefix("uri ").unwrap_or("GET /p/a?q=1"),
                };
                let (method, target) = uri.split_once(' ').expect("a method and a target");
                Some((method.to_string().leak() as &str, target.to_string()))
            }
        };
        let latin = |text: &str| -> &'static [u8] {
            text.chars().map(|c| c as u8).collect::<Vec<u8>>().leak()
        };
        let captures = |texts: &[&[u8]]| -> &'static [Option<Vec<u8>>] {
            let slot = |text: &&[u8]| (!text.is_empty()).then(|| text.to_vec());
            texts.iter().map(slot).collect::<Vec<_>>().leak()
        };
        let letters: &[u8] = facts[30].as_bytes();
        let tsc = [letters[0], letters[1], b'-', b'-'];
        Self {
            process: World {
                frontend: frontend.into(),
                pid: small(6),
                log_uri_len: 1023,
                connections: [small(22), small(23), small(24), small(25)],
            },
            client: Client {
                peer: address(2),
                local: address(3),
                accepted: instant(0),
                ..Client::default()
            },
            client_conn: Conn {
                version: (!is_tcp).then_some(Version::Http11),
                ..Conn::default()
            },
            server_conn: address(4).map(|local| Conn {
                local: Some(local),
                peer: address(5),
                ..Conn::default()
            }),
            transaction: Transaction {
                line: line.map(|(method, target)| RequestLine {
                    method: method.as_bytes(),
                    target: latin(&target),
                    version: Version::Http11,
                }),
                received: None,
                request_captures: match is_captured {
                    true => captures(&[b"q\"h#b{|}\\bs]\te\xc3\xa9", b"01234567", b""]),
                    false => &[],
                },
                response_captures: match is_captured {
                    true => captures(&[b"s\"v{r}|", b""]),
                    false => &[],
                },
                request_cookie: is_captured.then_some(b"SID=v\\al]{|}"),
                response_cookie: is_captured.then_some(b"SID=xyz]\\"),
                unique_id: None,
                first: true,
                timers: Timers {
                    request: timer(9),
                    queue: timer(10),
                    connect: timer(11),
                    response: timer(12),
                    data: timer(13),
                    active: timer(14),
                    total: timer(15),
                    user: timer(16),
                    idle: timer(17),
                    asked: timer(18),
                    handshake: timer(19),
                },
                response_in: small(20).into(),
                response_out: small(20).into(),
                request_in: small(21).into(),
                request_out: small(21).into(),
                server_queue: small(26),
                backend_queue: small(27),
                retries: small(28),
                redispatched: false,
                status: number(29).filter(|it| *it > 0).unwrap_or(0) as u16,
                termination: tsc,
                last_rule: None,
                waiting_entity: None,
                requested: instant(1),
                timeouts: Timeouts::default(),
                retries_max: 3,
                priority_class: 0,
                priority_offset: 0,
                id: small(7),
                response_version: None,
                is_http: Some(!is_tcp),
                has_messages: !is_tcp,
                served_here: false,
                waited: false,
            },
            moment: Moment {
                asap: what.starts_with("asap"),
                count: small(8),
                origin: match facts[31] {
                    "sess_error" => Origin::Error,
                    "txn_accept" => Origin::Accept,
                    "txn_connect" => Origin::Connect,
                    "txn_response" => Origin::Response,
                    "txn_close" => Origin::Close,
                    _ => Origin::Unspecified,
                },
            },
            // Before the log there is none, and a bad request finds none.
            is_switched: what == "switched",
            is_served: facts[31] != "unspec" && what != "bad",
        }
    }

    /// Hands out what a format sees.
    pub(super) fn see<T>(&self, seen: impl FnOnce(&Facts<'_>, Moment) -> T) -> T {
        let server = Server {
            backend: 1,
            place: 0,
        };
        let facts = Facts {
            client: Some(&self.client),
            client_conn: Some(&self.client_conn),
            transaction: Some(&self.transaction),
            backend: (self.is_served || self.is_switched).then_some(1),
            server: self.is_served.then_some(server),
            server_conn: self.server_conn.as_ref().map(|conn| conn as _),
            response_stats: Some(&self.transaction),
            ..nothing(&self.process)
        };
        seen(&facts, self.moment)
    }
}
