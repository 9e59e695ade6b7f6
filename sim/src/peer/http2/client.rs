//! The client of the `h2` crate: several requests at a time on one connection.

use super::super::client::{Asking, Session, describe};
use super::super::strict::{Framing, LISTS, NONCE, ResponseHead, SERVER, VARS};
use super::meter::Side;
use super::tap::{Books, Tap};
use super::{REMEMBERED, all, read_piece, send_body};
use crate::journal::{Loss, Manner, Outcome};
use crate::net::Stream;
use base::{Duration, Rng};
use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use std::cell::Cell;

/// How long a client waits for a response before it gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a connection can be used with.
pub(super) struct Open {
    pub(super) sender: SendRequest<Bytes>,
    pub(super) books: Books,
}

/// Shakes hands; the connection runs on its own from then on.
pub(super) async fn open(
    session: &Session,
    stream: Stream,
    builder: &Builder,
    conn: u32,
) -> Option<Open> {
    let who = format!("client connection {conn}");
    let journal = session.journal.clone();
    let name = who.as_str().into();
    let tap = Tap::new(stream, &session.host, Side::Client, name, journal);
    let books = tap.books();
    let (sender, connection) = builder.handshake::<_, Bytes>(tap).await.ok()?;
    let watched = session.clone();
    session.host.spawn(async move {
        if let Err(error) = connection.await
            && error.is_library()
        {
            watched.wrong(format!("{who}: h2: {error}"));
        }
    });
    Some(Open { sender, books })
}

/// Asks `count` times on one connection, as many at a time as the workload says.
pub(in super::super) async fn ask(
    session: &Session,
    stream: Stream,
    rng: &mut Rng,
    asked: &mut u32,
    conn: u32,
    count: u64,
) {
    let builder = builder(rng);
    let Some(Open { sender, books }) = open(session, stream, &builder, conn).await else {
        return;
    };
    let lanes = session.streams.draw(rng).clamp(1, count.max(1));
    let left = Cell::new(count);
    let next = Cell::new(*asked);
    let lanes = (0..lanes).map(|lane| {
        let mut rng = rng.fork(&format!("lane/{lane}"));
        let (sender, books) = (sender.clone(), books.clone());
        let (left, next) = (&left, &next);
        let task = async move {
            let mut sender = sender;
            while left.get() > 0 && !session.closing.get() {
                left.set(left.get() - 1);
                let Ok(ready) = sender.ready().await else {
                    return;
                };
                let mut number = next.get();
                let asking = session.begin(&mut rng, &mut number, conn, Manner::Polite);
                next.set(number);
                sender = ready;
                let exchange = exchange(session, &mut sender, &books, &asking, &mut rng);
                let outcome = tokio::time::timeout(PATIENCE, exchange).await;
                let outcome = outcome.unwrap_or(Outcome::Lost(Loss::GaveUp));
                session.note(describe(&asking, &outcome));
                session.end(asking.record, outcome);
                session.think(&mut rng).await;
            }
        };
        Box::pin(task) as _
    });
    all(lanes.collect()).await;
    *asked = next.get();
}

/// Windows and tables of different sizes find different mistakes.
pub(super) fn builder(rng: &mut Rng) -> Builder {
    let windows = [65_535, 65_535, 1 << 20, 16_384, 4_000];
    let tables = [4096, 4096, 0, 300, 65_536];
    let window = windows[rng.below(5) as usize];
    let mut builder = Builder::new();
    builder
        .initial_window_size(window)
        .initial_connection_window_size(window.max(65_535))
        .header_table_size(tables[rng.below(5) as usize])
        .enable_push(false)
        // A proxy that reads few bytes at a time sends small frames.
        .data_frame_budget(usize::MAX)
        .reset_stream_duration(REMEMBERED);
    builder
}

pub(super) async fn exchange(
    session: &Session,
    sender: &mut SendRequest<Bytes>,
    books: &Books,
    asking: &Asking,
    rng: &mut Rng,
) -> Outcome {
    let mut request = http::Request::builder()
        .method(asking.ask.method)
        .uri(format!("http://simulated{}", asking.target()))
        .header(NONCE, &*asking.nonce);
    let body = asking.body();
    if !asking.ask.chunked && !body.is_empty() {
        request = request.header("content-length", body.len());
    }
    let Ok(request) = request.body(()) else {
        return Outcome::Lost(Loss::GaveUp);
    };
    // The end is in the head, in the last data, or alone behind it.
    let bare = body.is_empty() && rng.chance(3, 4);
    let (response, stream) = match sender.send_request(request, bare) {
        Ok(sent) => sent,
        Err(error) => return Outcome::Lost(loss(&error)),
    };
    books.name(response.stream_id(), &asking.nonce);
    let apart = body.is_empty() || rng.chance(1, 3);
    let sending = async {
        if bare || send(stream, &body, apart).await {
            session.note_sent(asking.record);
        }
    };
    let receiving = receive(asking, response);
    // An early response ends a request that nobody reads: the receiver decides when it is over.
    tokio::pin!(sending, receiving);
    tokio::select! { biased;
        outcome = &mut receiving => outcome,
        () = &mut sending => receiving.await,
    }
}

async fn send(mut stream: SendStream<Bytes>, body: &[u8], apart: bool) -> bool {
    send_body(&mut stream, body, !apart).await
        && (!apart || stream.send_data(Bytes::new(), true).is_ok())
}

pub(super) async fn receive(asking: &Asking, response: ResponseFuture) -> Outcome {
    let response = match response.await {
        Ok(response) => response,
        Err(error) => return Outcome::Lost(loss(&error)),
    };
    let text = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let head = ResponseHead {
        status: response.status().as_u16(),
        nonce: text(NONCE),
        server: text(SERVER),
        vars: text(VARS),
        lists: text(LISTS),
        framing: Framing::None,
        keep_alive: true,
    };
    match read(response.into_body()).await {
        Ok((bytes, whole)) => Outcome::Answered(asking.answer(&head, &bytes, whole)),
        Err(loss) => Outcome::Lost(loss),
    }
}

/// Reads a body and its trailers; whether it was whole.
async fn read(mut stream: RecvStream) -> Result<(Vec<u8>, bool), Loss> {
    let mut bytes = Vec::new();
    while let Some(piece) = read_piece(&mut stream).await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(error) if error.is_library() => return Err(loss(&error)),
            Err(_) => return Ok((bytes, false)),
        }
    }
    Ok((bytes, stream.trailers().await.is_ok()))
}

fn loss(error: &h2::Error) -> Loss {
    if error.is_library() {
        Loss::Malformed(error.to_string())
    } else if error.is_go_away() || error.is_io() {
        Loss::Closed
    } else {
        Loss::Broken
    }
}
