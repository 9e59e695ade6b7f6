//! What expressions are given to read: made from a connection, an exchange and the settings, for one
//! evaluation of a rule set.

use super::connection::ends;
use super::world::{World, timeouts_of};
use crate::conn::Side;
use crate::conns::Conns;
use crate::reuse::destination;
use crate::shared::Shared;
use balance::ServerIndex;
use base::Instant;
use core::net::SocketAddr;
use message::{Head, Part, Version};
use sample::facts::{
    self, Arrival, Body, Client, Conn, Context, RequestLine, ResponseLine, Timers, Transaction,
    Window,
};
use sample::{
    BackendBody, BackendContent, BackendReply, BackendResponseBody, Connecting, FrontendBody,
    FrontendConnection, FrontendContent, FrontendReply, FrontendResponseBody, FrontendSession, Log,
    ServerChoice, StoreResponse, Switching,
};
use session::{Abort, ConnId, Ends, Exchange, Guess, Link, Termination, Withheld};

/// One evaluation: everything that contexts lend.
pub(crate) struct Scene<'a> {
    world: World<'a>,
    client: Client<'a>,
    client_conn: Conn,
    server_conn: Option<Conn>,
    transaction: Transaction<'a>,
    request: Option<&'a Head>,
    held: Body<'a>,
    body: Arrival<Body<'a>>,
    is_http: bool,
    response: Option<&'a Head>,
    reply: Body<'a>,
    response_line: Option<ResponseLine<'a>>,
    backend: u32,
    server: Option<facts::Server>,
}

/// Where the parts of a scene are.
#[derive(Clone, Copy)]
pub(crate) struct Stagehand<'a> {
    pub(crate) world: World<'a>,
    pub(crate) conns: &'a Conns,
}

impl<'a> Stagehand<'a> {
    /// The scene of a client's connection without an exchange.
    pub(crate) fn connection(self, id: ConnId) -> Option<(World<'a>, Client<'a>, Conn)> {
        let World { shared, .. } = self.world;
        let conn = self.conns.get(id)?;
        let Side::Client(side) = &conn.side else {
            return None;
        };
        let frontend = shared.proxy(side.frontend);
        let bind = &frontend.binds[side.bind as usize];
        let preamble = side.preamble.as_deref().filter(|it| it.complete);
        let client = Client {
            peer: side.peer,
            local: side.local,
            transport_peer: side.transport.0,
            transport_local: side.transport.1,
            bind_id: bind.id,
            bind_name: bind.name.as_deref().unwrap_or_default(),
            frontend: side.frontend.0,
            accepted: side.accepted_at,
            proxy_fields: preamble.map_or(&[], |it| &it.bytes),
            tracked: &side.tracked,
            ..Client::default()
        };
        let conn = Conn {
            proxied: preamble.is_some(),
            handshake_nanos: preamble.map_or(0, |it| it.took.as_nanos() as u64),
            local: side.transport.1,
            peer: side.transport.0,
            measures: conn.measures.as_deref().copied(),
            ..Conn::default()
        };
        Some((self.world, client, conn))
    }

    /// The scene of an exchange, with the head of the response where there is one.
    pub(crate) fn exchange(self, x: &'a Exchange, response: Option<&'a Head>) -> Option<Scene<'a>> {
        let (world, mut client, mut client_conn) = self.connection(x.client.conn)?;
        client.stream_tracked = &x.ruled.tracked;
        let Ends { peer, local } = ends(self.conns, x);
        (client.peer, client.local) = (peer, local);
        self.describe(x.client, &mut client_conn);
        client_conn.aborted = x.ruled.client_abort != Abort::No;
        client_conn.reset_code = x.ruled.client_abort.code();
        let server_conn = self.server_conn(x, client.local);
        let request = x.request.as_deref().or(x.ruled.guess.head());
        let timers = Timers {
            handshake: Some(if x.first {
                client_conn.handshake_nanos
            } else {
                0
            }),
            ..timers_of(x, self.world.now)
        };
        let transaction = Transaction {
            line: request.map(|head| RequestLine {
                method: head.method(),
                target: head.target(),
                version: head.version,
            }),
            received: request.and_then(|head| {
                let (method, target) = x.ruled.asked.as_ref()?;
                Some(RequestLine {
                    method,
                    target,
                    version: head.version,
                })
            }),
            request_captures: &x.ruled.request_captures,
            response_captures: &x.ruled.response_captures,
            unique_id: x.ruled.unique_id.as_deref(),
            first: x.first,
            timers,
            request_in: x.bytes_in,
            request_out: x.bytes_in,
            response_in: x.bytes_out - x.ruled.own_bytes,
            response_out: x.bytes_out,
            retries: x.retries,
            redispatched: x.redispatched,
            termination: letters(x, world.shared),
            server_queue: x.ahead.server,
            backend_queue: x.ahead.backend,
            last_rule: x
                .ruled
                .last_rule
                .as_ref()
                .map(|spot| (&*spot.file, spot.line)),
            waiting_entity: x
                .ruled
                .waiting
                .as_ref()
                .map(|spot| (&*spot.file, spot.line)),
            request_cookie: x.ruled.request_cookie.as_deref(),
            response_cookie: x.ruled.response_cookie.as_deref(),
            waited: true,
            requested: x.times.begun,
            timeouts: timeouts_of(&x.ruled.timeouts(&world.shared.proxy(x.backend).timeouts)),
            retries_max: x.retries_max(world.shared.proxy(x.backend)),
            priority_class: x.ruled.priority_class.into(),
            priority_offset: x.ruled.priority_offset,
            id: x.number,
            status: x.status,
            response_version: response.map(|head| head.version),
            is_http: is_http(x),
            has_messages: x.request.is_some(),
            served_here: x.ruled.page,
        };
        let held = held_of(x);
        let reply = reply_of(x, response);
        let body = asked_of(x, held);
        let response_line = match response {
            Some(head) => Some(ResponseLine {
                status: head.status(),
                server_status: x.ruled.server_status,
                reason: head.reason(),
                version: head.version,
                compressed: None,
                cached: None,
            }),
            None if x.status > 0 => Some(ResponseLine {
                status: x.status,
                server_status: x.ruled.server_status,
                reason: b"",
                version: request.map(|head| head.version).unwrap_or_default(),
                compressed: None,
                cached: None,
            }),
            None => None,
        };
        Some(Scene {
            world,
            client,
            client_conn,
            server_conn,
            transaction,
            request,
            held,
            body,
            is_http: is_http(x) != Some(false),
            response,
            reply,
            response_line,
            backend: x.backend.0,
            server: x.last_server.map(|ServerIndex(place)| facts::Server {
                backend: x.backend.0,
                place,
            }),
        })
    }

    /// What is known of the server's connection, and of the stream on it.
    fn server_conn(self, x: &Exchange, local: Option<SocketAddr>) -> Option<Conn> {
        let served = x.ruled.served_by;
        let link = x.server.or(served.map(|served| served.link))?;
        let mut conn = Conn {
            aborted: x.ruled.server_abort != Abort::No,
            reset_code: x.ruled.server_abort.code(),
            version: served.and_then(|served| served.version),
            peer: self.server_address(x, local),
            ..Conn::default()
        };
        self.describe(link, &mut conn);
        conn.reused = match conn.version {
            Some(Version::Http10 | Version::Http11) => link.stream.0 > 0,
            // A client's first stream is 1 (RFC 9113 §5.1.1).
            Some(Version::Http2) => link.stream.0 > 1,
            None => false,
        };
        Some(conn)
    }

    /// Where connections to the server of an exchange lead; nowhere if it has no address of IP.
    fn server_address(self, x: &Exchange, local: Option<SocketAddr>) -> Option<SocketAddr> {
        let server = x.last_server?;
        let backend = self.world.shared.proxy(x.backend);
        destination(&backend.servers[server.0 as usize].address, local)
    }

    /// What the connection of a stream knows of it.
    fn describe(self, link: Link, conn: &mut Conn) {
        conn.stream_id = Some(link.stream.0);
        let Some(of) = self.conns.get(link.conn) else {
            return;
        };
        conn.version = of.wire.version();
        conn.streams = of.streams.len() as u32;
        conn.streams_max = of.wire.streams_max();
        conn.glitches = of.wire.glitches();
        conn.measures = of.measures.as_deref().copied();
    }
}

impl<'a> Scene<'a> {
    /// Rules may still wait for more (`wait_end`), or not.
    pub(crate) fn waited(&mut self, waited: bool) {
        self.transaction.waited = waited;
    }

    /// Raw bytes of the request.
    fn window(&self) -> Arrival<Window<'a>> {
        window_of(self.held)
    }

    /// Raw bytes of the response.
    fn reply_window(&self) -> Arrival<Window<'a>> {
        window_of(self.reply)
    }

    fn request_head(&self) -> Arrival<&'a Head> {
        match self.request {
            Some(head) => Arrival::Here(head),
            None if self.held.complete || !self.is_http => Arrival::Never,
            None => Arrival::Expected,
        }
    }

    fn response_head(&self) -> Arrival<&'a Head> {
        self.response.map_or(Arrival::Never, Arrival::Here)
    }
}

/// A context out of the parts of a scene: `context!(scene; fields that are nothing)`.
macro_rules! contexts {
    ($($(#[$doc:meta])* $method:ident: $checkpoint:ident { $($field:ident: $value:expr),* $(,)? } |$scene:ident|;)*) => {
        impl<'a> Scene<'a> {
            $($(#[$doc])*
            pub(crate) fn $method(&'a self) -> Context<'a, $checkpoint> {
                let $scene = self;
                Context {
                    process: &$scene.world,
                    client: &$scene.client,
                    client_conn: &$scene.client_conn,
                    $($field: $value,)*
                }
            })*
        }
    };
}

contexts! {
    /// `tcp-request content` of a frontend.
    front_content: FrontendContent {
        request_bytes: scene.window(), request_head: scene.request_head(), request_body: (),
        transaction: &scene.transaction, backend: (), server: (), server_conn: (), response_bytes: (),
        response_head: (), response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `http-request` of a frontend.
    front_request: FrontendBody {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.transaction, backend: (),
        server: (), server_conn: (), response_bytes: (), response_head: (), response_line: (),
        response_body: (), response_stats: (),
    } |scene|;
    /// `use_backend`
    switching: Switching {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.transaction, backend: (),
        server: (), server_conn: (), response_bytes: (), response_head: (), response_line: (),
        response_body: (), response_stats: (),
    } |scene|;
    /// `tcp-request content` of a backend.
    back_content: BackendContent {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.transaction,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `http-request` of a backend.
    back_request: BackendBody {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.transaction,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `use-server`, `force-persist`, `stick match` and their like.
    server_choice: ServerChoice {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: Arrival::Here(scene.held), transaction: &scene.transaction,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: &scene.transaction,
    } |scene|;
    /// `set-proxy-v2-tlv-fmt`
    connecting: Connecting {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: Arrival::Here(scene.held), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: (), response_bytes: (),
        response_head: (), response_line: (), response_body: (), response_stats: &scene.transaction,
    } |scene|;
    /// `tcp-response content` of a backend.
    back_reply: BackendReply {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: (), response_stats: &scene.transaction,
    } |scene|;
    /// `http-response` of a backend.
    back_response: BackendResponseBody {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.transaction,
    } |scene|;
    /// `stick store-response`
    store_response: StoreResponse {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.transaction,
    } |scene|;
    /// `tcp-response content` of a frontend.
    front_reply: FrontendReply {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.transaction,
    } |scene|;
    /// `http-response` and `http-after-response` of a frontend.
    front_response: FrontendResponseBody {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.transaction,
    } |scene|;
    /// `log-format` and its like.
    log: Log {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.transaction,
        backend: scene.backend, server: scene.server, server_conn: scene.server_conn.as_ref(),
        response_bytes: (), response_head: (), response_line: scene.response_line,
        response_body: (), response_stats: &scene.transaction,
    } |scene|;
}

/// `tcp-request connection`: no more than addresses.
pub(crate) fn at_connection<'a>(
    world: &'a World<'a>,
    client: &'a Client<'a>,
) -> Context<'a, FrontendConnection> {
    Context {
        process: world,
        client,
        client_conn: (),
        request_bytes: (),
        request_head: (),
        request_body: (),
        transaction: (),
        backend: (),
        server: (),
        server_conn: (),
        response_bytes: (),
        response_head: (),
        response_line: (),
        response_body: (),
        response_stats: (),
    }
}

/// `tcp-request session`: the connection as well.
pub(crate) fn at_session<'a>(
    world: &'a World<'a>,
    client: &'a Client<'a>,
    client_conn: &'a Conn,
) -> Context<'a, FrontendSession> {
    Context {
        process: world,
        client,
        client_conn,
        request_bytes: (),
        request_head: (),
        request_body: (),
        transaction: (),
        backend: (),
        server: (),
        server_conn: (),
        response_bytes: (),
        response_head: (),
        response_line: (),
        response_body: (),
        response_stats: (),
    }
}

/// The request's body, as far as it was read and not passed on.
fn held_of(x: &Exchange) -> Body<'_> {
    let complete = matches!(x.held.back(), Some(Part::End));
    body_of(x.held.front(), complete, x.request.as_deref())
}

/// The same of the response.
fn reply_of<'a>(x: &'a Exchange, head: Option<&Head>) -> Body<'a> {
    let withheld = x.withheld.as_deref();
    let complete = withheld.is_some_and(Withheld::is_complete);
    body_of(withheld.and_then(|it| it.parts.front()), complete, head)
}

fn body_of<'a>(first: Option<&'a Part>, complete: bool, head: Option<&Head>) -> Body<'a> {
    let bytes = match first {
        Some(Part::Data(data)) => &data[..],
        Some(Part::Head(_) | Part::Trailers(_) | Part::End) | None => &[],
    };
    let announced = head.and_then(Head::body_length);
    Body {
        bytes,
        size: announced.unwrap_or(bytes.len() as u64),
        complete,
    }
}

/// The body of the request; in TCP mode, what follows the head if there is one.
fn asked_of<'a>(x: &'a Exchange, held: Body<'a>) -> Arrival<Body<'a>> {
    match (&x.request, &x.ruled.guess) {
        (Some(_), _) => Arrival::Here(held),
        (None, Guess::Http { bytes, .. }) => {
            let bytes = &held.bytes[*bytes..];
            Arrival::Here(Body {
                bytes,
                size: bytes.len() as u64,
                ..held
            })
        }
        (None, Guess::Open | Guess::Other) => Arrival::Never,
    }
}

/// Whether the client speaks HTTP; none while that is open.
fn is_http(x: &Exchange) -> Option<bool> {
    match (&x.request, &x.ruled.guess) {
        (Some(_), _) | (None, Guess::Http { .. }) => Some(true),
        (None, Guess::Other) => Some(false),
        (None, Guess::Open) => None,
    }
}

fn window_of(body: Body<'_>) -> Arrival<Window<'_>> {
    Arrival::Here(Window {
        bytes: body.bytes,
        complete: body.complete,
    })
}

fn letters(x: &Exchange, shared: &Shared) -> [u8; 4] {
    let [cause, during] = x.termination.unwrap_or(Termination::NORMAL).letters();
    let cookie = shared.proxy(x.backend).cookie.as_ref();
    let [request, response] = x.ruled.tie.cookies.letters(cookie);
    [cause, during, request, response]
}

fn timers_of(x: &Exchange, now: Instant) -> Timers {
    let nanos = |from: Instant, to: Instant| to.since(from).as_nanos() as u64;
    let times = &x.times;
    let head = times.head;
    let assigned = times.assigned;
    let since = |from: Option<Instant>, to: Option<Instant>| Some(nanos(from?, to?));
    let total = nanos(times.accepted, now);
    let idle = nanos(times.idle_from, times.begun);
    Timers {
        handshake: Some(0),
        idle: Some(idle),
        request: head.map(|head| nanos(times.begun, head)),
        asked: head.map(|head| nanos(times.idle_from, head)),
        queue: since(head.or(Some(times.begun)), assigned),
        connect: since(assigned, times.connected),
        response: since(times.connected, times.response),
        data: times.response.map(|response| nanos(response, now)),
        active: Some(nanos(times.begun, now)),
        total: Some(total),
        user: Some(nanos(times.idle_from, now)),
    }
}
