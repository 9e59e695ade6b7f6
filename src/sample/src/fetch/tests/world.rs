//! A process in which every name stands for something, heads made of text, and contexts of any
//! checkpoint.

use crate::checkpoint::{Checkpoint, Slot};
use crate::condition::Test;
use crate::facts::{
    Arrival, Body, Client, Conn, Context, Host, Load, Measures, Process, RequestLine, ResponseLine,
    Server, ServerLoad, Timeouts, Track, Transaction, Window,
};
use crate::names::{Lists, Names};
use crate::userlist::{Password, User, Userlist};
use crate::vars::{Scope, Variable};
use crate::work::Work;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::{Epoch, Rng};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use message::{Head, Version};
use tables::{DataType, Definition, KeyRef, KeyType, Stored, Table};

/// What the reference is made with, bytes.
pub(super) const BUFSIZE: usize = 16_384;

pub(super) fn work() -> Work {
    Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE)
}

/// The same with four tables: of addresses with plain counters, of addresses with arrays, of strings,
/// and of addresses with everything.
pub(super) fn work_with_tables() -> Work {
    let plain = [
        DataType::ConnCnt,
        DataType::ConnCur,
        DataType::Gpc0,
        DataType::Gpt0,
        DataType::BytesInCnt,
        DataType::ServerId,
    ];
    let arrays = [DataType::Gpc, DataType::Gpt];
    let all = DataType::ALL.map(|data| match (data.is_array(), data.in_array()) {
        (_, Some(_)) => None,
        (true, _) => Some(Stored::array(data, 2, 1000)),
        (false, _) if data.has_period() => Some(Stored::rate(data, 1000)),
        (false, _) => Some(Stored::plain(data)),
    });
    let definition = |name, key, stores: &[Stored]| {
        let mut definition = Definition::new(name, key, 10);
        for stored in stores {
            definition.store(*stored).expect("a type");
        }
        definition
    };
    let text = KeyType::String { bytes_max: 8 };
    let definitions = [
        definition("t0", KeyType::Ip, &plain.map(Stored::plain)),
        definition(
            "t1",
            KeyType::Ip,
            &arrays.map(|data| Stored::array(data, 2, 0)),
        ),
        definition("t2", text, &[Stored::plain(DataType::ConnCnt)]),
        definition(
            "t3",
            KeyType::Ip,
            &all.into_iter().flatten().collect::<Vec<_>>(),
        ),
    ];
    let mut work = work();
    work.tables = definitions
        .map(|it| Arc::new(Table::new(it, &work.rng)))
        .into();
    work
}

/// An entry that is tracked.
pub(super) fn track(work: &Work, table: u32, key: KeyRef<'_>) -> Option<Track> {
    let entry = work.tables[table as usize].track(key, work.now);
    let entry = entry.expect("room");
    Some(Track { table, entry })
}

/// Whatever is asked for exists, once.
pub(super) struct World {
    users: Userlist,
    lists: crate::pattern::world::World,
}

impl Default for World {
    fn default() -> Self {
        let user = |name: &str, password: &str| User {
            name: name.into(),
            password: Some(Password::plain(password.as_bytes())),
            groups: [name, "g"].map(Into::into).into(),
        };
        let users = [user("u", "p"), user("a", "b")].into();
        Self {
            users: Userlist { users },
            lists: crate::pattern::world::World::with(&[]),
        }
    }
}

impl Names for World {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        Ok((0, 0))
    }

    fn table(&mut self, name: Option<&str>) -> Result<u32, String> {
        let number = name.and_then(|name| name.strip_prefix('t'));
        Ok(number.and_then(|number| number.parse().ok()).unwrap_or(0))
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        Ok(0)
    }

    fn variable(&mut self, _: &str) -> Result<Variable, String> {
        Ok(Variable {
            scope: Scope::Transaction,
            name: 0,
        })
    }

    fn acl(&mut self, _: &str) -> Vec<Test> {
        let (test, _) = Test::parse(&["always_true"], self).expect("a test");
        Vec::from([test])
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(&mut self.lists)
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Err(path.to_string())
    }

    fn environment(&self, _: &str) -> Option<String> {
        Some("value".to_string())
    }
}

impl Process for World {
    fn proxy_name(&self, _: u32) -> &str {
        "proxy"
    }

    fn proxy_id(&self, _: u32) -> u32 {
        1
    }

    fn server_name(&self, _: u32, _: u32) -> &str {
        "server"
    }

    fn server_id(&self, _: u32, _: u32) -> u32 {
        1
    }

    fn servers(&self, _: u32) -> (u32, u32) {
        (2, 1)
    }

    fn frontend_load(&self, _: u32) -> Load {
        Load::default()
    }

    fn backend_load(&self, _: u32) -> Load {
        Load::default()
    }

    fn server_load(&self, _: u32, _: u32) -> ServerLoad {
        ServerLoad::default()
    }

    fn listener_connections(&self, _: u32, _: u32) -> u32 {
        1
    }

    fn timeouts(&self, _: u32) -> Timeouts {
        Timeouts::default()
    }

    fn retries(&self, _: u32) -> u32 {
        3
    }

    fn default_backend(&self, _: u32) -> Option<&str> {
        Some("proxy")
    }

    fn userlist(&self, _: u32) -> Option<&Userlist> {
        Some(&self.users)
    }

    fn is_local(&self, address: IpAddr) -> bool {
        address.is_loopback()
    }

    fn host(&self) -> Host<'_> {
        Host::default()
    }

    fn connections(&self) -> u32 {
        1
    }

    fn is_stopping(&self) -> bool {
        false
    }
}

/// Undoes the escapes of a vector.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().expect("an escape") {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                    let digits = core::str::from_utf8(&digits).expect("digits");
                    u8::from_str_radix(digits, 16).expect("digits")
                }
                other => other,
            },
            byte => byte,
        });
    }
    bytes
}

/// The bytes of hexadecimal digits.
pub(super) fn unhex(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len() / 2).map(|at| &digits[2 * at..][..2]);
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("two digits"))
        .collect()
}

/// The head and the body of a message that is written as HTTP/1 has it.
pub(super) fn message(text: &[u8]) -> (Head, Vec<u8>) {
    let end = text.windows(4).position(|it| it == b"\r\n\r\n");
    let end = end.expect("an empty line");
    let body = text[end + 4..].to_vec();
    let lines = core::str::from_utf8(&text[..end]).expect("text");
    let mut lines = lines.split("\r\n");
    let mut start = lines.next().expect("a start line").splitn(3, ' ');
    let mut next = || start.next().unwrap_or_default();
    let (first, second, third) = (next(), next(), next());
    let version = |text| match text {
        "HTTP/1.0" => Version::Http10,
        _ => Version::Http11,
    };
    let mut head = Head::default();
    match second.parse() {
        Ok(status) => head.set_response(status, third.as_bytes(), version(first)),
        Err(_) => head.set_request(first.as_bytes(), second.as_bytes(), version(third)),
    }
    for line in lines {
        let (name, value) = line.split_once(':').expect("a colon");
        head.push(name.as_bytes(), value.trim().as_bytes());
    }
    (head, body)
}

/// How much there is of what a checkpoint has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing that need not be there, for good.
    Absent,
    /// Nothing yet.
    Expected,
    /// Everything.
    Present,
}

/// Everything a context may lend.
pub(super) struct Stage<'a> {
    pub(super) world: &'a World,
    pub(super) client: Client<'a>,
    pub(super) conn: Conn,
    pub(super) transaction: Transaction<'a>,
    pub(super) window: Window<'a>,
    pub(super) request: &'a Head,
    pub(super) response: &'a Head,
    pub(super) body: Body<'a>,
}

impl<'a> Stage<'a> {
    pub(super) fn of(
        world: &'a World,
        request: &'a Head,
        response: &'a Head,
        body: &'a [u8],
    ) -> Self {
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80);
        let line = RequestLine {
            method: request.method(),
            target: request.target(),
            version: request.version,
        };
        Self {
            world,
            client: Client {
                peer: Some(loopback),
                local: Some(loopback),
                transport_peer: Some(loopback),
                transport_local: Some(loopback),
                bind_name: "bind",
                proxy_fields: b"\x01\0\x01a\x02\0\x01b\x05\0\x01c",
                ..Client::default()
            },
            conn: Conn {
                stream_id: Some(3),
                aborted: true,
                reset_code: Some(8),
                version: Some(Version::Http2),
                local: Some(loopback),
                peer: Some(loopback),
                measures: Some(Measures::default()),
                ..Conn::default()
            },
            transaction: Transaction {
                line: Some(line),
                unique_id: Some(b"id"),
                status: 200,
                response_version: Some(Version::Http11),
                is_http: Some(true),
                waited: true,
                last_rule: Some(("file", 1)),
                waiting_entity: Some(("waits.cfg", 7)),
                ..Transaction::default()
            },
            window: Window {
                bytes: body,
                complete: true,
            },
            request,
            response,
            body: Body {
                bytes: body,
                size: body.len() as u64,
                complete: true,
            },
        }
    }

    /// The context of a checkpoint.
    pub(super) fn context<C: Checkpoint>(&'a self, state: State) -> Context<'a, C> {
        let there = state == State::Present;
        let line = ResponseLine {
            status: self.response.status(),
            server_status: self.response.status(),
            version: self.response.version,
            compressed: Some("gzip"),
            cached: Some("cache"),
            ..ResponseLine::default()
        };
        let server = Server {
            backend: 0,
            place: 0,
        };
        Context {
            process: self.world,
            client: C::Client::hold(&self.client),
            client_conn: C::ClientConn::hold(&self.conn),
            request_bytes: C::RequestBytes::hold(arrives(state, self.window)),
            request_head: C::RequestHead::hold(arrives(state, self.request)),
            request_body: C::RequestBody::hold(arrives(state, self.body)),
            transaction: C::Transaction::hold(&self.transaction),
            backend: C::Backend::hold(0),
            server: C::Server::hold(there.then_some(server)),
            server_conn: C::ServerConn::hold(there.then_some(&self.conn)),
            response_bytes: C::ResponseBytes::hold(arrives(state, self.window)),
            response_head: C::ResponseHead::hold(arrives(state, self.response)),
            response_line: C::ResponseLine::hold(there.then_some(line)),
            response_body: C::ResponseBody::hold(arrives(state, self.body)),
            response_stats: C::ResponseStats::hold(&self.transaction),
        }
    }
}

fn arrives<T>(state: State, it: T) -> Arrival<T> {
    match state {
        State::Absent => Arrival::Never,
        State::Expected => Arrival::Expected,
        State::Present => Arrival::Here(it),
    }
}
