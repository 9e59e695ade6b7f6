//! The server of the `h2` crate, which can also be told to misbehave.

use super::super::mischief::Mischief;
use super::super::origin::Origin;
use super::super::payload::{payload, reply_key};
use super::super::strict::{Framing, NONCE, RequestHead, SERVER};
use super::frame::{DATA, PING, frame, goaway};
use super::meter::Side;
use super::tap::{Books, Tap};
use super::{PIECE, REMEMBERED, read_piece, send_piece};
use crate::net::Stream;
use base::Rng;
use bytes::Bytes;
use h2::server::{Builder, Connection, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response, StatusCode};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use tokio::sync::Notify;

/// A request that is served tells its connection what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// FIN, whatever is under way.
    Close,
    /// A reset.
    Reset,
    /// GOAWAY with the highest id there is, later with the real one.
    GoAwayTwice,
    /// Streams have another window from now on: [`Desk::window`].
    Window,
}

/// What the requests of one connection share with it.
#[derive(Clone)]
struct Desk {
    origin: Origin,
    books: Books,
    number: u32,
    orders: Rc<RefCell<VecDeque<Order>>>,
    bell: Rc<Notify>,
    /// Streams above are not served: GOAWAY said so.
    last: Rc<Cell<u32>>,
    /// The implementation says GOAWAY itself, with ids of its own.
    parting: Rc<Cell<bool>>,
    busy: Rc<Cell<u32>>,
    /// The window of streams, as wanted.
    window: Rc<Cell<u32>>,
}

/// A window that lets bodies come in drops, and the usual one.
const SMALL_WINDOW: u32 = 700;
const USUAL_WINDOW: u32 = 65_535;

/// How long a small window lasts, milliseconds: the implementation may forget to give back what was
/// read before it.
const SMALL_MS: u64 = 120;

/// When a change of the window that stands behind another is tried again, milliseconds.
const AGAIN_MS: u64 = 5;

/// PINGs of a flood.
const FLOOD: usize = 200;

impl Desk {
    fn order(&self, order: Order) {
        self.orders.borrow_mut().push_back(order);
        self.bell.notify_one();
    }

    /// Streams have a window of `bytes` for a while.
    fn squeeze(&self, bytes: u32) {
        self.window.set(bytes);
        self.order(Order::Window);
        let desk = self.clone();
        self.origin.host.spawn(async move {
            desk.origin.sleep_ms(SMALL_MS).await;
            desk.window.set(USUAL_WINDOW);
            desk.order(Order::Window);
        });
    }

    fn resize(&self, connection: &mut Connection<Tap, Bytes>) {
        if connection
            .set_initial_window_size(self.window.get())
            .is_err()
        {
            // The last change is not acknowledged yet.
            let desk = self.clone();
            self.origin.host.spawn(async move {
                desk.origin.sleep_ms(AGAIN_MS).await;
                desk.order(Order::Window);
            });
        }
    }

    fn next_order(&self) -> Option<Order> {
        self.orders.borrow_mut().pop_front()
    }
}

/// Serves one connection.
pub(in super::super) async fn serve(origin: Origin, stream: Stream, number: u32) {
    let mut rng = origin.conn_rng(number);
    if origin.mood.draw(&mut rng) == Some(Mischief::CloseAtOnce) {
        return;
    }
    let (who, journal) = (origin.name.clone(), origin.journal.clone());
    let tap = Tap::new(stream, &origin.host, Side::Server(number), who, journal);
    let desk = Desk {
        books: tap.books(),
        origin,
        number,
        orders: Rc::default(),
        bell: Rc::new(Notify::new()),
        last: Rc::new(Cell::new(u32::MAX)),
        parting: Rc::default(),
        busy: Rc::default(),
        window: Rc::new(Cell::new(USUAL_WINDOW)),
    };
    // None is smaller than what a client takes for granted: of what came before it knew better the
    // implementation gives nothing back.
    let windows = [USUAL_WINDOW, USUAL_WINDOW, 200_000, 1 << 20];
    let tables = [4096, 4096, 0, 300];
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(desk.origin.plan.streams.draw(&mut rng) as u32)
        .initial_window_size(windows[rng.below(4) as usize])
        .header_table_size(tables[rng.below(4) as usize])
        .enable_connect_protocol()
        .data_frame_budget(usize::MAX)
        // A frozen server finds many requests that were given up meanwhile.
        .max_pending_accept_reset_streams(usize::MAX)
        .reset_stream_duration(REMEMBERED);
    match builder.handshake(tap).await {
        Ok(connection) => desk.serve(connection).await,
        Err(error) => desk.judge(&error),
    }
}

impl Desk {
    /// What the implementation finds wrong is the proxy's mistake.
    fn judge(&self, error: &h2::Error) {
        if error.is_library() {
            let at = self.origin.now();
            let what = format!("{}: h2: {error}", self.origin.name);
            self.origin
                .journal
                .write(|pages| pages.wrongs.push(("rr.framing", at, what)));
        }
    }

    async fn serve(self, mut connection: Connection<Tap, Bytes>) {
        loop {
            let idle = self.origin.idle_ms();
            let quiet = async {
                self.origin.sleep_ms(idle).await;
                // Time alone ends nothing that is under way.
                while self.busy.get() > 0 {
                    self.origin.sleep_ms(idle).await;
                }
            };
            tokio::select! { biased;
                () = self.bell.notified() => {
                    while let Some(order) = self.next_order() {
                        match order {
                            Order::Close => return,
                            Order::Reset => return self.books.reset_on_close(),
                            Order::GoAwayTwice => self.part(&mut connection),
                            Order::Window => self.resize(&mut connection),
                        }
                    }
                }
                accepted = connection.accept() => match accepted {
                    Some(Ok((request, respond))) => {
                        let desk = self.clone();
                        self.busy.set(self.busy.get() + 1);
                        self.origin.host.spawn(async move {
                            desk.answer(request, respond).await;
                            desk.busy.set(desk.busy.get() - 1);
                        });
                    }
                    Some(Err(error)) => return self.judge(&error),
                    None => return,
                },
                () = quiet => match self.last.get() {
                    u32::MAX => self.part(&mut connection),
                    // It has said so already.
                    _ => return,
                },
            }
        }
    }

    /// The implementation sees the connection off. Not where GOAWAY was said for it: its own would name
    /// higher ids, and those must never grow (RFC 9113 §6.8).
    fn part(&self, connection: &mut Connection<Tap, Bytes>) {
        if self.last.get() == u32::MAX {
            self.parting.set(true);
            connection.graceful_shutdown();
        }
    }

    async fn answer(&self, request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
        let stream = u32::from(respond.stream_id());
        if stream > self.last.get() {
            return respond.send_reset(Reason::REFUSED_STREAM);
        }
        let (head, mut body) = request.into_parts();
        let nonce = head
            .headers
            .get(NONCE)
            .and_then(|value| value.to_str().ok());
        let nonce = nonce.unwrap_or_default().to_owned();
        self.books.name(respond.stream_id(), &nonce);
        let mut rng = self.origin.rng(&nonce);
        let mischief = self.origin.mood.draw(&mut rng);
        if self.refuses(mischief, stream) {
            return respond.send_reset(Reason::REFUSED_STREAM);
        }
        let read = RequestHead {
            method: head.method.to_string(),
            nonce: Some(nonce.clone()),
            framing: Framing::None,
            keep_alive: true,
        };
        let arrival = self.origin.arrived(self.number, &read, flaw(&head));
        self.origin.amend(arrival, |arrival| {
            arrival.mischief = mischief.map(Mischief::name);
            arrival.watches = true;
        });
        let served = async {
            match mischief {
                Some(Mischief::FinAfterHead) => return self.order(Order::Close),
                Some(Mischief::Early) => {
                    return self
                        .reply(arrival, &read, &mut respond, mischief, &mut rng)
                        .await;
                }
                Some(Mischief::ShrinkWindow) => self.squeeze(SMALL_WINDOW),
                Some(Mischief::ZeroWindow) => self.squeeze(0),
                Some(_) | None => {}
            }
            let mut bytes = Vec::new();
            while let Some(piece) = read_piece(&mut body).await {
                match piece {
                    Ok(piece) => bytes.extend_from_slice(&piece),
                    Err(error) => return self.broken(arrival, &error),
                }
            }
            if let Err(error) = body.trailers().await {
                return self.broken(arrival, &error);
            }
            self.origin.whole(arrival, &nonce, &bytes);
            match mischief {
                Some(Mischief::FinAfterRequest) => return self.order(Order::Close),
                Some(Mischief::ResetAfterRequest) => return self.order(Order::Reset),
                Some(Mischief::GoAwayTwice) => self.order(Order::GoAwayTwice),
                Some(Mischief::PingFlood) => {
                    self.books
                        .put(&frame(PING, 0, 0, b"flooded!").repeat(FLOOD));
                }
                Some(Mischief::Stall) => {
                    let _ = poll_fn(|cx| respond.poll_reset(cx)).await;
                    return self.gone(arrival);
                }
                Some(_) | None => {}
            }
            let latency = self.origin.sleep_ms(self.origin.latency_ms(&mut rng));
            let left = tokio::select! { biased;
                left = poll_fn(|cx| respond.poll_reset(cx)) => Some(left),
                () = latency => None,
            };
            if left.is_some() {
                return self.gone(arrival);
            }
            self.reply(arrival, &read, &mut respond, mischief, &mut rng)
                .await;
        };
        served.await;
    }

    /// Whether the stream is one of those that a server may refuse.
    fn refuses(&self, mischief: Option<Mischief>, stream: u32) -> bool {
        match mischief {
            Some(Mischief::Refuse) => true,
            // What the implementation is still to say would name more.
            Some(Mischief::GoAwayLow) if self.parting.get() => true,
            Some(Mischief::GoAwayLow) => {
                let last = stream.saturating_sub(2);
                self.last.set(last);
                self.books.put(&goaway(last));
                self.books.put(&frame(PING, 0, 0, b"farewell"));
                true
            }
            Some(_) | None => false,
        }
    }

    fn broken(&self, arrival: usize, error: &h2::Error) {
        if error.is_library() {
            let problem = error.to_string();
            self.origin
                .amend(arrival, |arrival| arrival.problem = Some(problem));
        }
        self.gone(arrival);
    }

    fn gone(&self, arrival: usize) {
        let at = self.origin.now();
        self.origin
            .amend(arrival, |arrival| arrival.gone_at = Some(at));
    }

    async fn reply(
        &self,
        arrival: usize,
        request: &RequestHead,
        respond: &mut SendResponse<Bytes>,
        mischief: Option<Mischief>,
        rng: &mut Rng,
    ) {
        let nonce = request.nonce.clone().unwrap_or_default();
        let size = self.origin.plan.body.draw(rng) as usize;
        let (trailers, counted, apart) = (rng.chance(1, 8), rng.chance(1, 2), rng.chance(1, 3));
        let at = self.origin.now();
        self.origin.amend(arrival, |arrival| {
            arrival.reply_at = Some(at);
            arrival.reply_len = size;
        });
        let body = payload(&reply_key(&nonce), size);
        let body = match request.method.as_str() {
            "HEAD" => &[][..],
            _ => &body[..],
        };
        match mischief {
            Some(Mischief::Garbage) => {
                self.books.put(b"\x16\x03\x01 this is no HTTP\r\n\r\n");
                return self.order(Order::Close);
            }
            Some(Mischief::TruncatedHead) => {
                let half = frame(
                    super::frame::HEADERS,
                    4,
                    respond.stream_id().into(),
                    &[0x88; 40],
                );
                self.books.put(&half[..half.len() / 2]);
                return self.order(Order::Close);
            }
            Some(Mischief::Interim) => {
                let mut hints = Response::new(());
                *hints.status_mut() = StatusCode::EARLY_HINTS;
                // A stream that was reset meanwhile shows below.
                let _ = respond.send_informational(hints);
            }
            Some(_) | None => {}
        }
        let bare = body.is_empty() && !apart && !trailers;
        let head = self.head(&nonce, counted.then_some(size), mischief);
        let Ok(mut stream) = respond.send_response(head, bare) else {
            return self.gone(arrival);
        };
        match mischief {
            Some(Mischief::FinAfterReplyHead) => return self.order(Order::Close),
            Some(Mischief::ResetStream) => return stream.send_reset(Reason::INTERNAL_ERROR),
            Some(_) | None => {}
        }
        let ends = !apart && !trailers;
        if !bare && !self.send(&mut stream, body, ends, mischief, rng).await {
            return self.gone(arrival);
        }
        if !bare && (!ends || body.is_empty()) {
            let ended = match trailers {
                true => stream.send_trailers(sum()),
                false => stream.send_data(Bytes::new(), true),
            };
            if ended.is_err() {
                return self.gone(arrival);
            }
        }
        let at = self.origin.now();
        self.origin
            .amend(arrival, |arrival| arrival.reply_end = Some(at));
        match mischief {
            Some(Mischief::Trailing) => {
                let id = respond.stream_id().into();
                self.books.put(&frame(DATA, 0, id, b""));
            }
            Some(Mischief::FinAfterReply) => self.order(Order::GoAwayTwice),
            Some(_) | None => {}
        }
    }

    fn head(&self, nonce: &str, length: Option<usize>, mischief: Option<Mischief>) -> Response<()> {
        let mut head = Response::builder()
            .header(NONCE, nonce)
            .header(SERVER, &*self.origin.name);
        if let Some(length) = length {
            head = head.header("content-length", length);
        }
        if mischief == Some(Mischief::HugeHead) {
            head = head.header("x-huge", "h".repeat(100_000));
        }
        head.body(()).unwrap_or_default()
    }

    /// Sends a body in pieces, or a part of it; false if it cannot be sent whole.
    async fn send(
        &self,
        stream: &mut SendStream<Bytes>,
        body: &[u8],
        ends: bool,
        mischief: Option<Mischief>,
        rng: &mut Rng,
    ) -> bool {
        let cut = body.len() / 2;
        let mut at = 0;
        while at < body.len() {
            let end = (at + PIECE).min(body.len());
            if !send_piece(stream, &body[at..end], ends && end == body.len()).await {
                return false;
            }
            at = end;
            if at >= cut && self.interrupts(stream, mischief).await {
                return false;
            }
            let pause = self.origin.plan.pause_ms.draw(rng) * self.origin.mood.slow();
            if pause > 0 {
                self.origin.sleep_ms(pause).await;
            }
        }
        true
    }

    /// What happens in the middle of a body.
    async fn interrupts(&self, stream: &mut SendStream<Bytes>, mischief: Option<Mischief>) -> bool {
        match mischief {
            Some(Mischief::FinInBody) => self.order(Order::Close),
            Some(Mischief::ResetInBody) => self.order(Order::Reset),
            Some(Mischief::BadChunk) => stream.send_reset(Reason::PROTOCOL_ERROR),
            Some(Mischief::StallInBody) => {
                let _ = poll_fn(|cx| stream.poll_reset(cx)).await;
            }
            Some(_) | None => return false,
        }
        true
    }
}

/// What no proxy may write into an HTTP/2 request (RFC 9113 §8.2.2).
fn flaw(head: &http::request::Parts) -> Option<String> {
    let hop_by_hop = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "upgrade",
    ];
    let found = hop_by_hop
        .into_iter()
        .find(|name| head.headers.contains_key(*name));
    found.map(|name| format!("a field `{name}`"))
}

fn sum() -> HeaderMap {
    let value = http::HeaderValue::from_static("7");
    HeaderMap::from_iter([(http::HeaderName::from_static("x-sum"), value)])
}
