//! What expressions are given to read: made from a connection, an exchange and the settings, for one
//! evaluation of a rule set.

use super::story::{Line, Story, server_link};
use super::world::World;
use crate::buffering::is_complete;
use crate::conn::ClientSide;
use crate::conns::Conns;
use balance::ServerIndex;
use message::{Head, Part};
use sample::facts::{self, Arrival, AsConn, Body, Client, Conn, Context, ResponseLine, Window};
use sample::{
    BackendBody, BackendContent, BackendReply, BackendResponseBody, Connecting, FrontendBody,
    FrontendConnection, FrontendContent, FrontendReply, FrontendResponseBody, FrontendSession, Log,
    ServerChoice, StoreResponse, Switching,
};
use session::{ConnId, Exchange, Guess, Withheld};

/// One evaluation: everything that contexts lend.
pub(crate) struct Scene<'a> {
    world: World<'a>,
    client: Client<'a>,
    client_conn: Line<'a>,
    server_conn: Option<Line<'a>>,
    story: Story<'a>,
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
        let client = self.client(self.client_side(id)?);
        Some((self.world, client, self.client_conn(id)))
    }

    #[inline]
    fn client(self, side: &'a ClientSide) -> Client<'a> {
        let frontend = self.world.shared.proxy(side.frontend);
        let bind = &frontend.binds[side.bind as usize];
        Client {
            peer: side.peer,
            local: side.local,
            transport_peer: side.transport.0,
            transport_local: side.transport.1,
            bind_id: bind.id,
            bind_name: bind.name.as_deref().unwrap_or_default(),
            frontend: side.frontend.0,
            accepted: side.accepted_at,
            proxy_fields: side.preamble().map_or(&[], |it| &it.bytes),
            tracked: &side.tracked,
            stream_tracked: &[],
        }
    }

    /// The scene of an exchange, with the head of the response where there is one; none once its client is
    /// gone. It is large: where that counts, [`Self::asker`] and [`Self::scene`] make it without a copy.
    pub(crate) fn exchange(self, x: &'a Exchange, response: Option<&'a Head>) -> Option<Scene<'a>> {
        Some(self.scene(self.asker(x)?, x, response))
    }

    /// The client of an exchange, unless it is gone.
    #[inline]
    pub(crate) fn asker(self, x: &Exchange) -> Option<&'a ClientSide> {
        self.client_side(x.client.conn)
    }

    /// The scene of an exchange and its client.
    #[inline]
    pub(crate) fn scene(
        self,
        side: &'a ClientSide,
        x: &'a Exchange,
        response: Option<&'a Head>,
    ) -> Scene<'a> {
        let (peer, local) = match &x.ruled.ends {
            Some(ends) => (ends.peer, ends.local),
            None => (side.peer, side.local),
        };
        let request = x.request.as_deref().or(x.ruled.guess.head());
        let held = held_of(self.conns, x);
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
        Scene {
            world: self.world,
            client: Client {
                peer,
                local,
                accepted: x.times.accepted,
                stream_tracked: &x.ruled.tracked,
                ..self.client(side)
            },
            client_conn: Line::of_client(self, x),
            server_conn: server_link(x).map(|_| Line::of_server(self, x)),
            story: Story::new(self, x, response),
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
        }
    }
}

impl<'a> Scene<'a> {
    /// Rules may still wait for more (`wait_end`), or not.
    pub(crate) fn waited(&mut self, waited: bool) {
        self.story.waited(waited);
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
        impl Scene<'_> {
            $($(#[$doc])*
            pub(crate) fn $method(&self) -> Context<'_, $checkpoint> {
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
        transaction: &scene.story, backend: (), server: (), server_conn: (), response_bytes: (),
        response_head: (), response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `http-request` of a frontend.
    front_request: FrontendBody {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.story, backend: (),
        server: (), server_conn: (), response_bytes: (), response_head: (), response_line: (),
        response_body: (), response_stats: (),
    } |scene|;
    /// `use_backend`
    switching: Switching {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.story, backend: (),
        server: (), server_conn: (), response_bytes: (), response_head: (), response_line: (),
        response_body: (), response_stats: (),
    } |scene|;
    /// `tcp-request content` of a backend.
    back_content: BackendContent {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.story,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `http-request` of a backend.
    back_request: BackendBody {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: scene.body, transaction: &scene.story,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: (),
    } |scene|;
    /// `use-server`, `force-persist`, `stick match` and their like.
    server_choice: ServerChoice {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: Arrival::Here(scene.held), transaction: &scene.story,
        backend: scene.backend, server: (), server_conn: (), response_bytes: (), response_head: (),
        response_line: (), response_body: (), response_stats: &scene.story,
    } |scene|;
    /// `set-proxy-v2-tlv-fmt`
    connecting: Connecting {
        request_bytes: scene.window(), request_head: scene.request_head(),
        request_body: Arrival::Here(scene.held), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: (), response_bytes: (),
        response_head: (), response_line: (), response_body: (), response_stats: &scene.story,
    } |scene|;
    /// `tcp-response content` of a backend.
    back_reply: BackendReply {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: (), response_stats: &scene.story,
    } |scene|;
    /// `http-response` of a backend.
    back_response: BackendResponseBody {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.story,
    } |scene|;
    /// `stick store-response`
    store_response: StoreResponse {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.story,
    } |scene|;
    /// `tcp-response content` of a frontend.
    front_reply: FrontendReply {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.story,
    } |scene|;
    /// `http-response` and `http-after-response` of a frontend.
    front_response: FrontendResponseBody {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: scene.reply_window(), response_head: scene.response_head(),
        response_line: scene.response_line, response_body: Arrival::Here(scene.reply),
        response_stats: &scene.story,
    } |scene|;
    /// `log-format` and its like.
    log: Log {
        request_bytes: (), request_head: (), request_body: (), transaction: &scene.story,
        backend: scene.backend, server: scene.server, server_conn: lent(&scene.server_conn),
        response_bytes: (), response_head: (), response_line: scene.response_line,
        response_body: (), response_stats: &scene.story,
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

fn lent<'s>(line: &'s Option<Line<'_>>) -> Option<&'s dyn AsConn> {
    line.as_ref().map(|line| line as _)
}

/// The request's body, as far as it was read and not passed on.
fn held_of<'a>(conns: &Conns, x: &'a Exchange) -> Body<'a> {
    body_of(x.held.front(), is_complete(conns, x), x.request.as_deref())
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
pub(super) fn is_http(x: &Exchange) -> Option<bool> {
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
