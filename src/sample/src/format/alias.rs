//! Aliases: `%ci` and its like. Each is one item. Unlike fetches they may stand anywhere, and say what
//! they say where there is nothing yet.

use super::moment::Moment;
use super::pen::{Encoding, HEADER, LINE, Pen};
use crate::date::Clock;
use crate::facts::{AsConn, Conn, Facts, Timers, Transaction};
use crate::source::{Source, Stable};
use crate::work::Work;
use alloc::vec::Vec;
use base::Instant;
use message::{Version, target};

/// An alias.
pub struct Alias {
    /// Its name.
    pub name: &'static str,
    /// What it says, in a line.
    pub doc: &'static str,
    /// What it reads.
    pub source: Source,
    /// From when on that stays.
    pub stable: Stable,
    /// It is about HTTP.
    pub http: bool,
    pub(super) show: Show,
}

/// Writes what an alias says.
type Show = for<'a> fn(&About<'a, '_>, &mut Pen<'_>);

/// What an alias can tell of.
pub(super) struct About<'a, 'f> {
    pub(super) facts: &'f Facts<'a>,
    pub(super) work: &'f Work,
    pub(super) moment: Moment,
}

impl Alias {
    /// The alias called `name`, without `%`.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|alias| alias.name == name)
    }

    /// All of them, but for `%o`, which says nothing.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALIASES.iter()
    }
}

/// Those that say something of what the proxy cannot do yet.
pub(super) const NOT_YET: &[&str] = &["sslc", "sslv"];

macro_rules! aliases {
    ($($name:literal $http:ident $source:ident $stable:ident $show:expr, $doc:literal;)*) => {
        const ALIASES: &[Alias] = &[$(Alias {
            name: $name,
            doc: $doc,
            source: Source::$source,
            stable: Stable::$stable,
            http: $http,
            show: $show,
        },)*];
    };
}

/// About HTTP alone.
const HTTP: bool = true;
/// About any exchange.
const ANY: bool = false;

// Name, mode, what it reads, from when on that stays, what it writes
#[rustfmt::skip]
aliases! {
    "B" ANY ResponseStats End |of, pen| growing(of, pen, of.stats(|it| it.response_in)), "Bytes from the server to the client.";
    "CC" HTTP Transaction Request |of, pen| pen.text(of.stats(|it| it.request_cookie.unwrap_or_default())), "The cookie captured of the request.";
    "CS" HTTP Transaction Response |of, pen| pen.text(of.stats(|it| it.response_cookie.unwrap_or_default())), "The cookie captured of the response.";
    "H" ANY Internal Accept |of, pen| pen.text(of.facts.process.host().name.as_bytes()), "The system's name.";
    "HM" HTTP Transaction Request |of, pen| line(of, pen, |line| line.method), "The request's method.";
    "HP" HTTP Transaction Request |of, pen| line(of, pen, |line| without_query(line.target)), "The request-target without its query.";
    "HPO" HTTP Transaction Request |of, pen| line(of, pen, |line| target::path(line.target).unwrap_or_default()), "The path of the request-target.";
    "HQ" HTTP Transaction Request |of, pen| line(of, pen, |line| &line.target[without_query(line.target).len()..]), "The query of the request-target with its question mark.";
    "HU" HTTP Transaction Request |of, pen| line(of, pen, |line| line.target), "The request-target.";
    "HV" HTTP Transaction Request |of, pen| line(of, pen, |line| line.version), "The request's version of HTTP.";
    "ID" ANY Transaction Request |of, pen| pen.text(of.stats(|it| it.unique_id.unwrap_or_default())), "What 'unique-id-format' made.";
    "OG" ANY Internal Accept |of, pen| pen.text(of.moment.origin.name().as_bytes()), "What gave rise to the line.";
    "ST" ANY ResponseLine Response status, "The status.";
    "T" ANY Client Accept |of, pen| zoned(of, pen, of.accepted(), 0), "When the connection was accepted, UTC.";
    "TR" HTTP Transaction Request |of, pen| timer(of, pen, |timers| timers.request), "From the request's first byte to the end of its head, milliseconds.";
    "Ta" HTTP ResponseStats End |of, pen| growing_timer(of, pen, |timers| timers.active), "From the request's first byte to the end, milliseconds.";
    "Tc" ANY ServerConn Server |of, pen| timer(of, pen, |timers| timers.connect), "Connecting to the server, milliseconds.";
    "Td" ANY ResponseStats End |of, pen| timer(of, pen, |timers| timers.data), "From the response's head to its last byte, milliseconds.";
    "Th" ANY Client Accept |of, pen| timer(of, pen, |timers| timers.handshake), "From accept to the end of the handshakes, milliseconds.";
    "Ti" HTTP Transaction Request |of, pen| timer(of, pen, |timers| timers.idle), "From the handshakes to the request's first byte, milliseconds.";
    "Tl" ANY Client Accept |of, pen| zoned(of, pen, of.accepted(), of.work.utc_offset_minutes), "When the connection was accepted, local time.";
    "Tq" HTTP Transaction Request |of, pen| timer(of, pen, |timers| timers.asked), "From accept to the end of the request's head, milliseconds.";
    "Tr" HTTP ResponseLine Response |of, pen| timer(of, pen, |timers| timers.response), "From the server's connection to the end of the response's head, milliseconds.";
    "Ts" ANY Client Accept |of, pen| pen.number_or_hex(of.wall_nanos(of.accepted()) / 1_000_000_000, 4), "When the connection was accepted, seconds since 1970.";
    "Tt" ANY ResponseStats End |of, pen| growing_timer(of, pen, |timers| timers.total), "From accept to the end, milliseconds.";
    "Tu" ANY ResponseStats End |of, pen| growing_timer(of, pen, |timers| timers.user), "From the request's first byte to the end, handshakes included, milliseconds.";
    "Tw" ANY ServerConn Server |of, pen| timer(of, pen, |timers| timers.queue), "In queues, milliseconds.";
    "U" ANY Transaction End |of, pen| pen.number(of.stats(|it| it.request_in as i64)), "Bytes from the client to the server.";
    "ac" ANY Internal End |of, pen| pen.number(of.facts.process.connections().into()), "Connections of the process.";
    "b" ANY Backend Backend |of, pen| pen.text(of.facts.process.proxy_name(of.backend()).as_bytes()), "The backend's name.";
    "bc" ANY Internal End |of, pen| pen.number(of.facts.process.backend_load(of.backend()).sessions.into()), "Sessions of the backend.";
    "bi" ANY ServerConn Server |of, pen| host_of(of, pen, |conn| conn.local), "Our address towards the server.";
    "bp" ANY ServerConn Server |of, pen| port_of(of, pen, |conn| conn.local), "Our port towards the server.";
    "bq" ANY ServerConn Server |of, pen| pen.number(of.stats(|it| it.backend_queue.into())), "Requests ahead in the backend's queue.";
    "ci" ANY Client Accept client_address, "The client's address.";
    "cp" ANY Client Accept client_port, "The client's port.";
    "f" ANY Client Accept |of, pen| pen.text(of.frontend_name()), "The frontend's name.";
    "fc" ANY Internal End |of, pen| pen.number(of.facts.process.frontend_load(of.frontend()).sessions.into()), "Sessions of the frontend.";
    "fi" ANY Client Accept frontend_address, "The address that was connected to.";
    "fp" ANY Client Accept frontend_port, "The port that was connected to.";
    "ft" ANY Client Accept |of, pen| pen.captured(of.frontend_name(), LINE), "The frontend's name, with a tilde behind it over TLS.";
    "lc" ANY Internal Accept |of, pen| pen.number_or_hex(of.moment.count.into(), 4), "Lines the frontend has logged before.";
    "hr" ANY Transaction Request |of, pen| captures(pen, of.stats(|it| it.request_captures)), "Headers captured of the request.";
    "hrl" ANY Transaction Request |of, pen| capture_list(pen, of.stats(|it| it.request_captures)), "Headers captured of the request, each by itself.";
    "hs" ANY Transaction Response |of, pen| captures(pen, of.stats(|it| it.response_captures)), "Headers captured of the response.";
    "hsl" ANY Transaction Response |of, pen| capture_list(pen, of.stats(|it| it.response_captures)), "Headers captured of the response, each by itself.";
    "ms" ANY Client Accept millis_of_second, "When the connection was accepted, milliseconds of the second.";
    "pid" ANY Internal Accept |of, pen| pen.number_or_hex(of.facts.process.host().pid.into(), 4), "The number of the process.";
    "r" HTTP Transaction Request request, "The request line.";
    "rc" ANY ServerConn Server retries, "Attempts to connect after the first.";
    "rt" ANY Transaction Request |of, pen| pen.number_or_hex(of.stats(|it| it.id.into()), 4), "The number of the request within the process.";
    "s" ANY Server Server server_name, "The server's name.";
    "sc" ANY Server End server_sessions, "Sessions of the server.";
    "si" ANY ServerConn Server |of, pen| host_of(of, pen, |conn| conn.peer), "The server's address.";
    "sp" ANY ServerConn Server |of, pen| port_of(of, pen, |conn| conn.peer), "The server's port.";
    "sq" ANY ServerConn Server |of, pen| pen.number(of.stats(|it| it.server_queue.into())), "Requests ahead in the server's queue.";
    "t" ANY Client Accept |of, pen| with_millis(of, pen, of.accepted()), "When the connection was accepted, local time with milliseconds.";
    "tr" HTTP Transaction Request |of, pen| with_millis(of, pen, of.requested()), "When the request began, local time with milliseconds.";
    "trg" HTTP Transaction Request |of, pen| zoned(of, pen, of.requested(), 0), "When the request began, UTC.";
    "trl" HTTP Transaction Request |of, pen| zoned(of, pen, of.requested(), of.work.utc_offset_minutes), "When the request began, local time.";
    "ts" ANY Transaction End |of, pen| pen.bare(&of.termination()[..2]), "How it ended.";
    "tsc" HTTP Transaction End |of, pen| pen.bare(&of.termination()), "How it ended, and what became of cookies.";
}

impl<'a> About<'a, '_> {
    /// What `read` reads of the transaction, or nothing before there is one.
    fn stats<T: Default>(&self, read: impl FnOnce(&'a Transaction<'a>) -> T) -> T {
        self.facts.transaction().map(read).unwrap_or_default()
    }

    fn accepted(&self) -> Instant {
        self.facts
            .client
            .map_or(self.work.now, |client| client.accepted)
    }

    fn requested(&self) -> Instant {
        let requested = self.facts.transaction().map(|it| it.requested);
        requested.unwrap_or_else(|| self.accepted())
    }

    fn wall_nanos(&self, at: Instant) -> u64 {
        self.work.epoch.wall_nanos(at)
    }

    fn frontend(&self) -> u32 {
        self.facts.client.map_or(0, |client| client.frontend)
    }

    fn frontend_name(&self) -> &'a [u8] {
        match self.facts.client {
            Some(client) => self.facts.process.proxy_name(client.frontend).as_bytes(),
            None => b"",
        }
    }

    /// The backend; the frontend while none is chosen.
    fn backend(&self) -> u32 {
        self.facts.backend.unwrap_or_else(|| self.frontend())
    }

    fn termination(&self) -> [u8; 4] {
        self.facts
            .transaction()
            .map_or(*b"----", |it| it.termination)
    }
}

/// A number with a `+` in front while it grows.
fn growing(of: &About<'_, '_>, pen: &mut Pen<'_>, number: impl TryInto<i64>) {
    if of.moment.asap && pen.encoding == Encoding::Plain {
        pen.raw(b"+");
    }
    pen.number(number.try_into().unwrap_or(i64::MAX));
}

fn millis(of: &About<'_, '_>, read: fn(&Timers) -> Option<u64>) -> i64 {
    let nanos = of.stats(|it| read(&it.timers));
    nanos.map_or(-1, |nanos| (nanos / 1_000_000) as i64)
}

fn timer(of: &About<'_, '_>, pen: &mut Pen<'_>, read: fn(&Timers) -> Option<u64>) {
    pen.number(millis(of, read));
}

fn growing_timer(of: &About<'_, '_>, pen: &mut Pen<'_>, read: fn(&Timers) -> Option<u64>) {
    growing(of, pen, millis(of, read));
}

fn date(
    of: &About<'_, '_>,
    pen: &mut Pen<'_>,
    at: Instant,
    offset: i32,
    put: fn(Clock, &mut Vec<u8>),
) {
    let clock = Clock {
        wall_nanos: of.wall_nanos(at),
        utc_offset_minutes: offset,
    };
    let mut text = core::mem::take(&mut pen.scratch);
    text.clear();
    put(clock, &mut text);
    pen.bare(&text);
    pen.scratch = text;
}

fn zoned(of: &About<'_, '_>, pen: &mut Pen<'_>, at: Instant, offset_minutes: i32) {
    date(of, pen, at, offset_minutes, Clock::put_log_date_zone);
}

fn with_millis(of: &About<'_, '_>, pen: &mut Pen<'_>, at: Instant) {
    date(
        of,
        pen,
        at,
        of.work.utc_offset_minutes,
        Clock::put_log_date_millis,
    );
}

/// What has no HTTP has no status at all.
fn status(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    let is_tcp = of
        .facts
        .client_conn
        .is_some_and(|conn| conn.as_conn().version.is_none());
    pen.number(match of.stats(|it| it.status) {
        0 if !is_tcp => -1,
        status => status.into(),
    });
}

/// Three digits, unless they are hexadecimal or a number's.
fn millis_of_second(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    let millis = of.wall_nanos(of.accepted()) / 1_000_000 % 1000;
    if pen.is_plain_decimal() {
        pen.raw(&[
            b'0' + (millis / 100) as u8,
            b'0' + (millis / 10 % 10) as u8,
            b'0' + (millis % 10) as u8,
        ]);
    } else {
        pen.number_or_hex(millis, 2);
    }
}

fn client_address(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    match of.facts.client {
        Some(client) => address(pen, client.peer),
        None => pen.missing(),
    }
}

fn frontend_address(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    match of.facts.client {
        Some(client) => address(pen, client.local),
        None => pen.missing(),
    }
}

fn address(pen: &mut Pen<'_>, address: Option<core::net::SocketAddr>) {
    match address {
        Some(address) => pen.address(address.ip()),
        None => pen.text(b"unix"),
    }
}

fn client_port(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    port(of, pen, of.facts.client.and_then(|client| client.peer));
}

fn frontend_port(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    port(of, pen, of.facts.client.and_then(|client| client.local));
}

/// A port of the client's connection; of a Unix socket, the `id` of its `bind` line.
fn port(of: &About<'_, '_>, pen: &mut Pen<'_>, address: Option<core::net::SocketAddr>) {
    match (address, of.facts.client) {
        (Some(address), _) => pen.number_or_hex(address.port().into(), 4),
        (None, Some(client)) => pen.number_or_hex(client.bind_id.into(), 4),
        (None, None) => pen.missing(),
    }
}

type End = fn(&Conn) -> Option<core::net::SocketAddr>;

fn host_of(of: &About<'_, '_>, pen: &mut Pen<'_>, end: End) {
    match of.facts.server_conn.map(AsConn::as_conn).and_then(end) {
        Some(address) => pen.address(address.ip()),
        None => pen.missing(),
    }
}

fn port_of(of: &About<'_, '_>, pen: &mut Pen<'_>, end: End) {
    match of.facts.server_conn.map(AsConn::as_conn).and_then(end) {
        Some(address) => pen.number_or_hex(address.port().into(), 4),
        None => pen.missing(),
    }
}

fn server_name(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    pen.text(match of.facts.server {
        Some(it) => of
            .facts
            .process
            .server_name(it.backend, it.place)
            .as_bytes(),
        None => b"<NOSRV>",
    });
}

fn server_sessions(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    pen.number(of.facts.server.map_or(0, |server| {
        let load = of.facts.process.server_load(server.backend, server.place);
        load.sessions.into()
    }));
}

fn retries(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    if of.stats(|it| it.redispatched) && pen.encoding == Encoding::Plain {
        pen.raw(b"+");
    }
    pen.number(of.stats(|it| it.retries.into()));
}

/// `{first|second}`, if anything is captured at all.
fn captures(pen: &mut Pen<'_>, slots: &[Option<Vec<u8>>]) {
    if slots.is_empty() {
        return pen.null();
    }
    pen.open_pieces();
    for (at, slot) in slots.iter().enumerate() {
        pen.piece(if at == 0 { b"{" } else { b"|" }, LINE);
        pen.piece(slot.as_deref().unwrap_or_default(), HEADER);
    }
    pen.piece(b"}", LINE);
    pen.close_pieces();
}

fn capture_list(pen: &mut Pen<'_>, slots: &[Option<Vec<u8>>]) {
    if slots.is_empty() {
        return pen.null();
    }
    pen.list(slots);
}

/// A request line as lines show it: no longer than `tune.http.logurilen` lets it be.
struct Shown<'a> {
    method: &'a [u8],
    target: &'a [u8],
    version: &'a [u8],
}

fn shown<'a>(of: &About<'a, '_>) -> Option<Shown<'a>> {
    let line = of.facts.transaction()?.received_line()?;
    let version: &[u8] = match line.version {
        Version::Http10 => b"HTTP/1.0",
        Version::Http11 => b"HTTP/1.1",
        Version::Http2 => b"HTTP/2.0",
    };
    let mut room = of.facts.process.host().log_uri_len as usize;
    let mut cut = |piece: &'a [u8], between: usize| {
        let fits = &piece[..piece.len().min(room)];
        room = room.saturating_sub(piece.len() + between);
        fits
    };
    let method = cut(line.method, 1);
    let target = cut(line.target, 1);
    let version = match cut(version, 0) {
        // A line without a version is that of the oldest.
        b"" => b"HTTP/0.9",
        version => version,
    };
    Some(Shown {
        method,
        target,
        version,
    })
}

fn line(of: &About<'_, '_>, pen: &mut Pen<'_>, part: for<'l> fn(&Shown<'l>) -> &'l [u8]) {
    match shown(of) {
        Some(line) => pen.captured(part(&line), LINE),
        None => pen.captured(BAD_REQUEST, LINE),
    }
}

fn request(of: &About<'_, '_>, pen: &mut Pen<'_>) {
    let Some(line) = shown(of) else {
        return pen.captured(BAD_REQUEST, LINE);
    };
    let mut text = core::mem::take(&mut pen.scratch);
    text.clear();
    let room = of.facts.process.host().log_uri_len as usize;
    for piece in [line.method, b" ", line.target, b" ", line.version] {
        let fits = room.saturating_sub(text.len()).min(piece.len());
        text.extend_from_slice(&piece[..fits]);
    }
    pen.captured(&text, LINE);
    pen.scratch = text;
}

fn without_query(target: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'?', target).unwrap_or(target.len());
    &target[..end]
}

/// In place of a request that was none.
const BAD_REQUEST: &[u8] = b"<BADREQ>";
