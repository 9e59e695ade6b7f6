//! What an exchange and its client's connection have to tell, put together when it is asked for first:
//! most rules are about the message and ask for none of it.

use super::connection::ends;
use super::scene::{Stagehand, is_http};
use super::world::timeouts_of;
use crate::conn::{ClientSide, Side};
use crate::reuse::destination;
use base::Instant;
use core::cell::OnceCell;
use core::net::SocketAddr;
use message::{Head, Version};
use sample::facts::{AsConn, AsTransaction, Conn, RequestLine, Timers, Transaction};
use session::{Abort, ConnId, Exchange, Link, Termination};

/// The times and counts of an exchange so far.
pub(super) struct Story<'a> {
    hand: Stagehand<'a>,
    x: &'a Exchange,
    response: Option<&'a Head>,
    waited: bool,
    told: OnceCell<Transaction<'a>>,
}

impl<'a> Story<'a> {
    pub(super) fn new(hand: Stagehand<'a>, x: &'a Exchange, response: Option<&'a Head>) -> Self {
        Self {
            hand,
            x,
            response,
            waited: true,
            told: OnceCell::new(),
        }
    }

    /// Rules may still wait for more (`wait_end`), or not.
    pub(super) fn waited(&mut self, waited: bool) {
        self.waited = waited;
    }

    fn tell(&self) -> Transaction<'a> {
        let Self {
            hand, x, response, ..
        } = *self;
        let proxy = hand.world.shared.proxy(x.backend);
        let request = x.request.as_deref().or(x.ruled.guess.head());
        Transaction {
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
            timers: self.timers(),
            request_in: x.bytes_in,
            request_out: x.bytes_in,
            response_in: x.bytes_out - x.ruled.own_bytes,
            response_out: x.bytes_out,
            retries: x.retries,
            redispatched: x.redispatched,
            termination: self.letters(),
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
            waited: self.waited,
            requested: x.times.begun,
            timeouts: timeouts_of(&x.ruled.timeouts(&proxy.timeouts)),
            retries_max: x.retries_max(proxy),
            priority_class: x.ruled.priority_class.into(),
            priority_offset: x.ruled.priority_offset,
            id: x.number,
            status: x.status,
            response_version: response.map(|head| head.version),
            is_http: is_http(x),
            has_messages: x.request.is_some(),
            served_here: x.ruled.page,
        }
    }

    fn letters(&self) -> [u8; 4] {
        let x = self.x;
        let [cause, during] = x.termination.unwrap_or(Termination::NORMAL).letters();
        let cookie = self.hand.world.shared.proxy(x.backend).cookie.as_ref();
        let [request, response] = x.ruled.tie.cookies.letters(cookie);
        [cause, during, request, response]
    }

    fn timers(&self) -> Timers {
        let (times, now) = (&self.x.times, self.hand.world.now);
        let nanos = |from: Instant, to: Instant| to.since(from).as_nanos() as u64;
        let since = |from: Option<_>, to: Option<_>| Some(nanos(from?, to?));
        let (head, assigned) = (times.head, times.assigned);
        let side = self.hand.client_side(self.x.client.conn);
        let handshake = side.filter(|_| self.x.first);
        let handshake = handshake.map_or(0, ClientSide::handshake_nanos);
        Timers {
            handshake: Some(handshake),
            idle: Some(nanos(times.idle_from, times.begun)),
            request: head.map(|head| nanos(times.begun, head)),
            asked: head.map(|head| handshake + nanos(times.idle_from, head)),
            queue: since(head.or(Some(times.begun)), assigned),
            connect: since(assigned, times.connected),
            response: since(times.connected, times.response),
            data: times.response.map(|response| nanos(response, now)),
            active: Some(nanos(times.begun, now)),
            total: Some(nanos(times.accepted, now)),
            user: Some(handshake + nanos(times.begun, now)),
        }
    }
}

impl AsTransaction for Story<'_> {
    fn as_transaction(&self) -> &Transaction<'_> {
        self.told.get_or_init(|| self.tell())
    }
}

/// A connection of an exchange, and its stream on it.
pub(super) struct Line<'a> {
    hand: Stagehand<'a>,
    x: &'a Exchange,
    side: fn(Stagehand<'_>, &Exchange) -> Conn,
    told: OnceCell<Conn>,
}

impl<'a> Line<'a> {
    /// The client's.
    pub(super) fn of_client(hand: Stagehand<'a>, x: &'a Exchange) -> Self {
        Self {
            hand,
            x,
            side: client_line,
            told: OnceCell::new(),
        }
    }

    /// The server's.
    pub(super) fn of_server(hand: Stagehand<'a>, x: &'a Exchange) -> Self {
        Self {
            side: server_line,
            ..Self::of_client(hand, x)
        }
    }
}

impl AsConn for Line<'_> {
    fn as_conn(&self) -> &Conn {
        let Self { hand, x, side, .. } = *self;
        self.told.get_or_init(|| side(hand, x))
    }
}

fn client_line(hand: Stagehand<'_>, x: &Exchange) -> Conn {
    let mut conn = Conn {
        aborted: x.ruled.client_abort != Abort::No,
        reset_code: x.ruled.client_abort.code(),
        ..hand.client_conn(x.client.conn)
    };
    hand.describe(x.client, &mut conn);
    conn
}

fn server_line(hand: Stagehand<'_>, x: &Exchange) -> Conn {
    let Some(link) = server_link(x) else {
        return Conn::default();
    };
    let served = x.ruled.served_by;
    let mut conn = Conn {
        aborted: x.ruled.server_abort != Abort::No,
        reset_code: x.ruled.server_abort.code(),
        version: served.and_then(|served| served.version),
        peer: hand.server_address(x),
        ..Conn::default()
    };
    hand.describe(link, &mut conn);
    conn.reused = match conn.version {
        Some(Version::Http10 | Version::Http11) => link.stream.0 > 0,
        // A client's first stream is 1 (RFC 9113 §5.1.1).
        Some(Version::Http2) => link.stream.0 > 1,
        None => false,
    };
    conn
}

/// The stream to the server, or what it was.
pub(super) fn server_link(x: &Exchange) -> Option<Link> {
    x.server.or(x.ruled.served_by.map(|served| served.link))
}

impl<'a> Stagehand<'a> {
    pub(super) fn client_side(self, id: ConnId) -> Option<&'a ClientSide> {
        match &self.conns.get(id)?.side {
            Side::Client(side) => Some(side),
            Side::Server(_) | Side::Dialed(_) => None,
        }
    }

    /// What is known of a client's connection, whatever its streams.
    pub(super) fn client_conn(self, id: ConnId) -> Conn {
        let Some(side) = self.client_side(id) else {
            return Conn::default();
        };
        let measures = self.conns.get(id).and_then(|conn| conn.measures.as_deref());
        Conn {
            proxied: side.preamble().is_some_and(|it| it.proxied),
            handshake_nanos: side.handshake_nanos(),
            local: side.transport.1,
            peer: side.transport.0,
            measures: measures.copied(),
            ..Conn::default()
        }
    }

    /// Where connections to the server of an exchange lead; nowhere if it has no address of IP.
    fn server_address(self, x: &Exchange) -> Option<SocketAddr> {
        let server = x.last_server?;
        let backend = self.world.shared.proxy(x.backend);
        let address = &backend.servers[server.0 as usize].address;
        destination(address, ends(self.conns, x).local)
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
