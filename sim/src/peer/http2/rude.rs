//! HTTP/2 clients that cost more than they ask for.

use super::super::client::{Asking, Session, describe};
use super::super::payload::{Ask, Span};
use super::super::rude::Rude;
use super::super::strict::NONCE;
use super::client::{Open, builder, exchange, open};
use super::frame::{
    ACK, CONTINUATION, END_HEADERS, END_STREAM, HEADERS, Header, PING, PREFACE, RST_STREAM,
    SETTINGS, Scanner, WINDOW, block, frame,
};
use crate::journal::{Loss, Manner, Outcome};
use crate::net::Stream;
use base::{Duration, Rng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Frames of one flood.
const FLOOD: usize = 400;

/// Frames that are written at once.
const BURST: usize = 20;

/// Streams that are quick beside a slow one.
const NEIGHBOURS: usize = 6;

/// How long a client without use for an answer stays.
const STAYS: Duration = Duration::from_secs(2);

const CANCEL: u32 = 8;

/// One difficult connection.
pub(in super::super) async fn rude(
    session: &Session,
    kind: Rude,
    stream: Stream,
    rng: &mut Rng,
    asked: &mut u32,
    conn: u32,
) {
    if kind == Rude::Cancels {
        return cancels(session, stream, rng, asked, conn).await;
    }
    // What is hurried, or never answered, has no body.
    let asks = session.asks.iter().map(|ask| Ask {
        method: "GET",
        body: Span::exactly(0),
        ..ask.clone()
    });
    let session = &Session {
        asks: asks.collect(),
        ..session.clone()
    };
    match kind {
        Rude::SlowStream => slow_stream(session, stream, rng, asked, conn).await,
        _ => Raw::new(session, stream).act(kind, rng, asked, conn).await,
    }
}

/// A connection of frames made by hand.
struct Raw<'a> {
    session: &'a Session,
    stream: Stream,
    scanner: Scanner,
    next: u32,
}

impl<'a> Raw<'a> {
    fn new(session: &'a Session, stream: Stream) -> Self {
        Self {
            session,
            stream,
            scanner: Scanner::default(),
            next: 1,
        }
    }

    async fn act(mut self, kind: Rude, rng: &mut Rng, asked: &mut u32, conn: u32) {
        let window = if kind == Rude::NoWindow {
            0
        } else {
            65_535_u32
        };
        let mut hello = PREFACE.to_vec();
        hello.extend(frame(SETTINGS, 0, 0, &setting(WINDOW, window)));
        let _ = self.stream.write_all(&hello).await;
        match kind {
            Rude::PingFlood => self.flood(&frame(PING, 0, 0, b"flooded!")).await,
            Rude::SettingsFlood => {
                self.flood(&frame(SETTINGS, 0, 0, &setting(WINDOW, 70_000)))
                    .await
            }
            Rude::EndlessHead => {
                let first = block(&fields("GET", "/endless", ""));
                let head = frame(HEADERS, END_STREAM, self.next, &first);
                let _ = self.stream.write_all(&head).await;
                self.flood(&frame(
                    CONTINUATION,
                    0,
                    self.next,
                    &block(&[("x-more", "more")]),
                ))
                .await;
            }
            Rude::RapidReset => {
                for _ in 0..FLOOD / BURST {
                    self.reset_some(rng, asked, conn).await;
                }
            }
            _ => {
                let asking = self.session.begin(rng, asked, conn, Manner::Slow);
                let request = self.request(&asking);
                let _ = self.stream.write_all(&request).await;
                self.listen(STAYS).await;
                self.session.end(asking.record, Outcome::Lost(Loss::GaveUp));
            }
        }
    }

    /// A request without a body on the next stream.
    fn request(&mut self, asking: &Asking) -> Vec<u8> {
        let target = asking.target();
        let fields = block(&fields("GET", &target, &asking.nonce));
        let request = frame(HEADERS, END_STREAM | END_HEADERS, self.next, &fields);
        self.next += 2;
        request
    }

    async fn flood(&mut self, bytes: &[u8]) {
        for _ in 0..FLOOD / BURST {
            if self.stream.write_all(&bytes.repeat(BURST)).await.is_err() {
                return;
            }
            self.listen(Duration::from_millis(1)).await;
        }
        self.listen(STAYS).await;
    }

    async fn reset_some(&mut self, rng: &mut Rng, asked: &mut u32, conn: u32) {
        let mut bytes = Vec::new();
        for _ in 0..BURST {
            let asking = self.session.begin(rng, asked, conn, Manner::Slow);
            let stream = self.next;
            bytes.extend(self.request(&asking));
            bytes.extend(frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
            self.session.end(asking.record, Outcome::Lost(Loss::GaveUp));
        }
        let _ = self.stream.write_all(&bytes).await;
        self.listen(Duration::from_millis(1)).await;
    }

    /// Reads for a while, and answers what must be answered.
    async fn listen(&mut self, time: Duration) {
        let until = self.session.host.network().now() + time;
        loop {
            let mut bytes = [0; 4096];
            let over = self.session.host.network().sleep_until(until);
            let read = tokio::select! { biased;
                read = self.stream.read(&mut bytes) => read,
                () = over => return,
            };
            let Ok(count @ 1..) = read else {
                return;
            };
            let mut answers = Vec::new();
            self.scanner
                .feed(&bytes[..count], |header: Header, payload| {
                    if matches!(header.kind, PING | SETTINGS) && !header.is(ACK) {
                        let payload = if header.kind == PING { payload } else { &[] };
                        answers.extend(frame(header.kind, ACK, 0, payload));
                    }
                });
            if self.stream.write_all(&answers).await.is_err() {
                return;
            }
        }
    }
}

fn setting(which: u16, value: u32) -> Vec<u8> {
    let mut bytes = which.to_be_bytes().to_vec();
    bytes.extend(value.to_be_bytes());
    bytes
}

fn fields<'a>(method: &'a str, path: &'a str, nonce: &'a str) -> [(&'a str, &'a str); 5] {
    [
        (":method", method),
        (":scheme", "http"),
        (":authority", "simulated"),
        (":path", path),
        (NONCE, nonce),
    ]
}

/// Reads one response late; its neighbours must not notice.
async fn slow_stream(session: &Session, stream: Stream, rng: &mut Rng, asked: &mut u32, conn: u32) {
    let builder = builder(rng);
    let Some(Open { mut sender, books }) = open(session, stream, &builder, conn).await else {
        return;
    };
    let asking = session.begin(rng, asked, conn, Manner::Slow);
    let request = http::Request::builder()
        .uri(format!("http://simulated{}", asking.target()))
        .header(NONCE, &*asking.nonce)
        .body(());
    let Ok(request) = request else {
        return;
    };
    let Ok((response, _)) = sender.send_request(request, true) else {
        return session.end(asking.record, Outcome::Lost(Loss::Closed));
    };
    books.name(response.stream_id(), &asking.nonce);
    for _ in 0..NEIGHBOURS {
        let Ok(ready) = sender.ready().await else {
            break;
        };
        sender = ready;
        let quick = session.begin(rng, asked, conn, Manner::Polite);
        let outcome = exchange(session, &mut sender, &books, &quick, rng).await;
        session.note(describe(&quick, &outcome));
        session.end(quick.record, outcome);
    }
    session
        .sleep(Duration::from_millis(rng.between(100, 1500)))
        .await;
    let outcome = super::client::receive(&asking, response).await;
    session.note(describe(&asking, &outcome));
    session.end(asking.record, outcome);
}

/// Gives up some requests while others go on.
async fn cancels(session: &Session, stream: Stream, rng: &mut Rng, asked: &mut u32, conn: u32) {
    let builder = builder(rng);
    let Some(Open { mut sender, books }) = open(session, stream, &builder, conn).await else {
        return;
    };
    for _ in 0..NEIGHBOURS {
        let Ok(ready) = sender.ready().await else {
            return;
        };
        sender = ready;
        let manner = if rng.chance(1, 2) {
            Manner::Aborts
        } else {
            Manner::Polite
        };
        let asking = session.begin(rng, asked, conn, manner);
        let exchange = exchange(session, &mut sender, &books, &asking, rng);
        let outcome = if manner == Manner::Aborts {
            let millis = session.seed.fork(&asking.nonce).between(0, 30);
            let soon = session.sleep(Duration::from_millis(millis));
            // What is dropped before its end is reset with CANCEL.
            tokio::select! { biased;
                outcome = exchange => outcome,
                () = soon => Outcome::Lost(Loss::GaveUp),
            }
        } else {
            exchange.await
        };
        session.note(describe(&asking, &outcome));
        let left_an_upload = asking.body_len > 0 && outcome == Outcome::Lost(Loss::GaveUp);
        session.end(asking.record, outcome);
        if left_an_upload {
            // The next reset would wait behind what is left of it.
            return;
        }
    }
}
