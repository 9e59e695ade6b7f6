//! What fetches read, as plain values the engine fills in: one type a source.

mod outside;

pub use outside::Unstarted;

use crate::checkpoint::{Checkpoint, Slot};
use crate::userlist::Userlist;
use base::Instant;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use message::{Head, Version};

/// What may not have arrived yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival<T> {
    /// It is there.
    Here(T),
    /// It may still come.
    Expected,
    /// It never comes: a stream without it, or the input has ended.
    Never,
}

impl<T> Arrival<T> {
    /// The same with another thing.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Arrival<U> {
        match self {
            Self::Here(it) => Arrival::Here(with(it)),
            Self::Expected => Arrival::Expected,
            Self::Never => Arrival::Never,
        }
    }
}

/// Addresses of the client's connection, and where it came in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// Who connected, as `set-src` and the PROXY protocol have it; none over a Unix socket.
    pub peer: Option<SocketAddr>,
    /// What was connected to, as `set-dst` and the PROXY protocol have it.
    pub local: Option<SocketAddr>,
    /// The transport's own addresses.
    pub transport_peer: Option<SocketAddr>,
    /// The transport's own addresses.
    pub transport_local: Option<SocketAddr>,
    /// `id` of the `bind` line.
    pub bind_id: u32,
    /// `name` of the `bind` line, empty without one.
    pub bind_name: &'a str,
    /// The frontend's place among the proxies.
    pub frontend: u32,
    /// When it was accepted; in HTTP, when its connection was ready for this request.
    pub accepted: Instant,
    /// What the PROXY protocol's second version told beside addresses: the fields behind them, as they
    /// were received.
    pub proxy_fields: &'a [u8],
    /// What the connection tracks (`tcp-request … track-sc`), by number.
    pub tracked: &'a [Option<Track>],
    /// What the stream tracks, by number; it hides what the connection tracks. Empty without a stream.
    pub stream_tracked: &'a [Option<Track>],
}

/// An entry of a stick table that is tracked.
#[derive(Debug)]
pub struct Track {
    /// The table's place among the tables.
    pub table: u32,
    /// The entry.
    pub entry: tables::Tracked,
}

/// What one side's connection and its protocol machine know of a stream: of the client or of the server
/// sides are values of one type, not letters of a name).
#[derive(Clone, Copy, Debug, Default)]
pub struct Conn {
    /// The stream's number on the connection; none before there is a protocol machine.
    pub stream_id: Option<u64>,
    /// The peer has reset the stream.
    pub aborted: bool,
    /// With what code.
    pub reset_code: Option<u32>,
    /// The version of HTTP it speaks; none for raw TCP.
    pub version: Option<Version>,
    /// Misbehaviour that was put up with.
    pub glitches: u32,
    /// Streams on the connection at present, and at most.
    pub streams: u32,
    /// Streams it may have at most at a time.
    pub streams_max: u32,
    /// The PROXY protocol told the addresses.
    pub proxied: bool,
    /// How long accept to the end of the handshakes took, nanoseconds.
    pub handshake_nanos: u64,
    /// The connection was used before.
    pub reused: bool,
    /// Local and remote address of the connection (for servers).
    pub local: Option<SocketAddr>,
    /// The peer's address of the connection (for servers).
    pub peer: Option<SocketAddr>,
    /// Error of the connection, by HAProxy's number; 0 if there is none.
    pub error: u32,
    /// What the system measures of it; none where nobody asks for that, or it has no TCP.
    pub measures: Option<Measures>,
}

/// A [`Conn`], or what can make one when it is asked for first.
pub trait AsConn {
    /// The connection.
    fn as_conn(&self) -> &Conn;
}

impl AsConn for Conn {
    fn as_conn(&self) -> &Conn {
        self
    }
}

/// What the system's TCP measures of a connection (`TCP_INFO`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The round trip, smoothed, microseconds.
    pub rtt_us: u32,
    /// How much it varies, microseconds.
    pub rttvar_us: u32,
    /// Segments that were sent and not acknowledged.
    pub unacked: u32,
    /// Of those, the ones that were acknowledged selectively.
    pub sacked: u32,
    /// The ones that count as lost.
    pub lost: u32,
    /// The ones that are on their way once more.
    pub retrans: u32,
    /// Segments up to the last one that was acknowledged selectively.
    pub fackets: u32,
    /// How far segments may overtake each other, segments.
    pub reordering: u32,
}

/// Bytes in a buffer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window<'a> {
    /// What has arrived and was not passed on.
    pub bytes: &'a [u8],
    /// No more will come, or no more fits.
    pub complete: bool,
}

/// A message's body, as far as it is in a buffer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body<'a> {
    /// What has arrived.
    pub bytes: &'a [u8],
    /// What its head says of its size; of what is announced without one, what has arrived.
    pub size: u64,
    /// All of it is there.
    pub complete: bool,
}

/// What stays of a request when its head is gone, and the times and counts of the exchange so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transaction<'a> {
    /// Method, request-target, version; none for raw TCP or before they are there.
    pub line: Option<RequestLine<'a>>,
    /// The same as it was received, where rules have changed it since.
    pub received: Option<RequestLine<'a>>,
    /// `capture request header`, `http-request capture`: by slot.
    pub request_captures: &'a [Option<alloc::vec::Vec<u8>>],
    /// `capture response header`, `http-response capture`: by slot.
    pub response_captures: &'a [Option<alloc::vec::Vec<u8>>],
    /// `capture cookie`, of the request.
    pub request_cookie: Option<&'a [u8]>,
    /// `capture cookie`, of the response.
    pub response_cookie: Option<&'a [u8]>,
    /// `unique-id-format`
    pub unique_id: Option<&'a [u8]>,
    /// First stream of its connection.
    pub first: bool,
    /// Milliseconds, as the timers of a log line; none where the event did not happen.
    pub timers: Timers,
    /// Bytes of the request: received from the client.
    pub request_in: u64,
    /// Bytes of the request: sent to the server.
    pub request_out: u64,
    /// Bytes of the response: received from the server.
    pub response_in: u64,
    /// Bytes of the response: sent to the client.
    pub response_out: u64,
    /// Attempts to connect after the first.
    pub retries: u32,
    /// One of them went to another server.
    pub redispatched: bool,
    /// The four letters of the termination state.
    pub termination: [u8; 4],
    /// Ahead in the server's queue on arrival.
    pub server_queue: u32,
    /// Ahead in the backend's queue on arrival.
    pub backend_queue: u32,
    /// The rule that ended the evaluation of a rule set: file and line (`last_rule_file`).
    pub last_rule: Option<(&'a str, u32)>,
    /// `http-request wait-for-body`, `tarpit` and their like: the rule being waited with, file and line.
    pub waiting_entity: Option<(&'a str, u32)>,
    /// Rules wait for nothing more: `inspect-delay` is over, no more comes or no more fits.
    pub waited: bool,
    /// When the request began: `accept_date` with the handshakes and the idle time behind it.
    pub requested: Instant,
    /// The timeouts in force, of the proxies or of `set-timeout`.
    pub timeouts: Timeouts,
    /// `retries` in force.
    pub retries_max: u32,
    /// `set-priority-class`
    pub priority_class: i32,
    /// `set-priority-offset`, milliseconds.
    pub priority_offset: i32,
    /// A number of the transaction within the process; it begins anew behind the largest.
    pub id: u32,
    /// The status in the log line; 0 before there is one.
    pub status: u16,
    /// Version of the response, as far as there is one.
    pub response_version: Option<Version>,
    /// The bytes of the request parse as HTTP; none while that is open.
    pub is_http: Option<bool>,
    /// A request is being read or answered, and no raw bytes.
    pub has_messages: bool,
    /// The proxy serves the request itself, as a server would: with a page of statistics.
    pub served_here: bool,
}

impl<'a> Transaction<'a> {
    /// The first line of the request as it was received.
    pub fn received_line(&self) -> Option<RequestLine<'a>> {
        self.received.or(self.line)
    }
}

/// A [`Transaction`], or what can make one when it is asked for first.
pub trait AsTransaction {
    /// The transaction.
    fn as_transaction(&self) -> &Transaction<'_>;
}

impl AsTransaction for Transaction<'_> {
    fn as_transaction(&self) -> &Transaction<'_> {
        self
    }
}

/// Timeouts; none without a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// `timeout client`
    pub client: Option<Duration>,
    /// `timeout connect`
    pub connect: Option<Duration>,
    /// `timeout queue`
    pub queue: Option<Duration>,
    /// `timeout server`
    pub server: Option<Duration>,
    /// `timeout tarpit`
    pub tarpit: Option<Duration>,
    /// `timeout tunnel`
    pub tunnel: Option<Duration>,
}

/// The first line of a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestLine<'a> {
    /// Its method.
    pub method: &'a [u8],
    /// Its target, as received.
    pub target: &'a [u8],
    /// Its version.
    pub version: Version,
}

/// The first line of a response.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponseLine<'a> {
    /// Its status.
    pub status: u16,
    /// The status the server gave, 0 if it gave none.
    pub server_status: u16,
    /// Its reason phrase.
    pub reason: &'a [u8],
    /// Its version.
    pub version: Version,
    /// How the proxy compressed it.
    pub compressed: Option<&'a str>,
    /// The cache it came from.
    pub cached: Option<&'a str>,
}

/// Timers of an exchange, nanoseconds; none where the event did not happen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timers {
    /// `%Th`
    pub handshake: Option<u64>,
    /// `%Ti`
    pub idle: Option<u64>,
    /// `%TR`
    pub request: Option<u64>,
    /// `%Tq`
    pub asked: Option<u64>,
    /// `%Tw`
    pub queue: Option<u64>,
    /// `%Tc`
    pub connect: Option<u64>,
    /// `%Tr`
    pub response: Option<u64>,
    /// `%Td`
    pub data: Option<u64>,
    /// `%Ta`
    pub active: Option<u64>,
    /// `%Tt`
    pub total: Option<u64>,
    /// `%Tu`
    pub user: Option<u64>,
}

/// The server that was chosen.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// The backend's place among the proxies.
    pub backend: u32,
    /// Its place in the backend.
    pub place: u32,
}

/// What the process knows, by place of the proxies and servers of the configuration.
pub trait Process {
    /// The name of a proxy.
    fn proxy_name(&self, proxy: u32) -> &str;
    /// The `id` of a proxy.
    fn proxy_id(&self, proxy: u32) -> u32;
    /// The name of a server.
    fn server_name(&self, backend: u32, server: u32) -> &str;
    /// The `id` of a server.
    fn server_id(&self, backend: u32, server: u32) -> u32;
    /// How many servers a backend has, and how many of them are usable.
    fn servers(&self, backend: u32) -> (u32, u32);
    /// What is going on at a frontend.
    fn frontend_load(&self, frontend: u32) -> Load;
    /// What is going on at a backend.
    fn backend_load(&self, backend: u32) -> Load;
    /// What is going on at a server.
    fn server_load(&self, backend: u32, server: u32) -> ServerLoad;
    /// Connections that came in at a `bind` line of a frontend and are open.
    fn listener_connections(&self, frontend: u32, bind_id: u32) -> u32;
    /// The timeouts of a proxy.
    fn timeouts(&self, proxy: u32) -> Timeouts;
    /// `retries` of a proxy.
    fn retries(&self, proxy: u32) -> u32;
    /// The name in `default_backend` of a frontend.
    fn default_backend(&self, frontend: u32) -> Option<&str>;
    /// A user list.
    fn userlist(&self, list: u32) -> Option<&Userlist>;
    /// Whether an address is one of the system's own.
    fn is_local(&self, address: IpAddr) -> bool;
    /// What it knows of itself.
    fn host(&self) -> Host<'_>;
    /// Client connections that are open.
    fn connections(&self) -> u32;
    /// It is stopping.
    fn is_stopping(&self) -> bool;
}

/// What a process knows of itself from its start on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host<'a> {
    /// The system's name.
    pub name: &'a str,
    /// The process's number.
    pub pid: u32,
    /// The number of the worker that asks, from 0.
    pub worker: u32,
    /// When it was started.
    pub started: Instant,
    /// It listens for QUIC.
    pub quic: bool,
    /// How much of a request line `%r` and its parts show, bytes.
    pub log_uri_len: u32,
}

/// What is going on at one side of a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Sessions at present.
    pub sessions: u32,
    /// New sessions in a second.
    pub session_rate: u32,
    /// HTTP requests in a second (of a frontend).
    pub request_rate: u32,
    /// Requests that wait for a server, those that wait for one in particular included (of a backend).
    pub queued: u32,
}

/// What is going on at a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLoad {
    /// It is neither down nor in maintenance.
    pub up: bool,
    /// The algorithm may choose it, if it is no backup server.
    pub usable: bool,
    /// `backup`
    pub backup: bool,
    /// Sessions at present.
    pub sessions: u32,
    /// New sessions in a second.
    pub session_rate: u32,
    /// Requests that wait for it.
    pub queued: u32,
    /// Sessions it may have at present: `maxconn`, or less with `minconn`; none without a limit.
    pub sessions_max: Option<u32>,
    /// Requests that may wait for it: `maxqueue`; none without a limit.
    pub queued_max: Option<u32>,
    /// The weight the algorithm goes by.
    pub weight: u32,
    /// The weight as the runtime API set it.
    pub user_weight: u32,
    /// The weight as configured.
    pub initial_weight: u32,
}

/// What exists at the checkpoint `C`; see [`Checkpoint`] for what each is.
#[expect(missing_docs, reason = "documented where the slots are")]
pub struct Context<'a, C: Checkpoint> {
    pub process: &'a dyn Process,
    pub client: <C::Client as Slot>::Of<&'a Client<'a>>,
    pub client_conn: <C::ClientConn as Slot>::Of<&'a dyn AsConn>,
    pub request_bytes: <C::RequestBytes as Slot>::Of<Arrival<Window<'a>>>,
    pub request_head: <C::RequestHead as Slot>::Of<Arrival<&'a Head>>,
    pub request_body: <C::RequestBody as Slot>::Of<Arrival<Body<'a>>>,
    pub transaction: <C::Transaction as Slot>::Of<&'a dyn AsTransaction>,
    pub backend: <C::Backend as Slot>::Of<u32>,
    pub server: <C::Server as Slot>::Of<Option<Server>>,
    pub server_conn: <C::ServerConn as Slot>::Of<Option<&'a dyn AsConn>>,
    pub response_bytes: <C::ResponseBytes as Slot>::Of<Arrival<Window<'a>>>,
    pub response_head: <C::ResponseHead as Slot>::Of<Arrival<&'a Head>>,
    pub response_line: <C::ResponseLine as Slot>::Of<Option<ResponseLine<'a>>>,
    pub response_body: <C::ResponseBody as Slot>::Of<Arrival<Body<'a>>>,
    pub response_stats: <C::ResponseStats as Slot>::Of<&'a dyn AsTransaction>,
}

/// A context whose checkpoint is forgotten: what fetches are given. It is only made from a
/// [`Context`], so what an accepted expression reads is there.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub(crate) process: &'a dyn Process,
    pub(crate) client: Option<&'a Client<'a>>,
    pub(crate) client_conn: Option<&'a dyn AsConn>,
    pub(crate) request_bytes: Arrival<Window<'a>>,
    pub(crate) request_head: Arrival<&'a Head>,
    pub(crate) request_body: Arrival<Body<'a>>,
    pub(crate) transaction: Option<&'a dyn AsTransaction>,
    pub(crate) backend: Option<u32>,
    pub(crate) server: Option<Server>,
    pub(crate) server_conn: Option<&'a dyn AsConn>,
    pub(crate) response_bytes: Arrival<Window<'a>>,
    pub(crate) response_head: Arrival<&'a Head>,
    pub(crate) response_line: Option<ResponseLine<'a>>,
    pub(crate) response_body: Arrival<Body<'a>>,
    pub(crate) response_stats: Option<&'a dyn AsTransaction>,
}

impl<'a, C: Checkpoint> Context<'a, C> {
    /// The same without its checkpoint.
    pub fn facts(&self) -> Facts<'a> {
        let arrival = Arrival::Never;
        Facts {
            process: self.process,
            client: C::Client::get(self.client),
            client_conn: C::ClientConn::get(self.client_conn),
            request_bytes: C::RequestBytes::get(self.request_bytes).unwrap_or(Arrival::Never),
            request_head: C::RequestHead::get(self.request_head).unwrap_or(arrival),
            request_body: C::RequestBody::get(self.request_body).unwrap_or(Arrival::Never),
            transaction: C::Transaction::get(self.transaction),
            backend: C::Backend::get(self.backend),
            server: C::Server::get(self.server).flatten(),
            server_conn: C::ServerConn::get(self.server_conn).flatten(),
            response_bytes: C::ResponseBytes::get(self.response_bytes).unwrap_or(Arrival::Never),
            response_head: C::ResponseHead::get(self.response_head).unwrap_or(Arrival::Never),
            response_line: C::ResponseLine::get(self.response_line).flatten(),
            response_body: C::ResponseBody::get(self.response_body).unwrap_or(Arrival::Never),
            response_stats: C::ResponseStats::get(self.response_stats),
        }
    }
}

impl<'a> Facts<'a> {
    /// What stays of the request, where there is one.
    pub(crate) fn transaction(&self) -> Option<&'a Transaction<'a>> {
        self.transaction.map(AsTransaction::as_transaction)
    }

    /// The head of the request, where there is one.
    pub fn request(&self) -> Option<&'a Head> {
        match self.request_head {
            Arrival::Here(head) => Some(head),
            Arrival::Expected | Arrival::Never => None,
        }
    }
}
