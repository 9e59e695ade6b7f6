//! A small HTTP/1.1 server that is not our code, to have something behind the proxy.

use futures_util::{SinkExt, StreamExt};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_secs(3);
/// What is between two chunks of `/chunked`, and how many there are.
const PAUSE: Duration = Duration::from_millis(500);
const CHUNKS: u32 = 5;
/// `/large`: pieces of 64 KiB.
const LARGE_PIECE_BYTES: usize = 64 << 10;
const LARGE_PIECES: u32 = 1024;
/// What the origin reads of a request's body before it stops counting and closes.
const BODY_BYTES_MAX: u64 = 1 << 30;

/// Starts an origin on a free port, in a thread of its own.
pub fn start(name: &'static str) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    std::thread::Builder::new()
        .name(format!("origin-{name}"))
        .spawn(move || serve(name, listener))?;
    Ok(address)
}

#[expect(
    clippy::disallowed_methods,
    reason = "an origin is no part of the proxy: no replay depends on it"
)]
fn serve(name: &'static str, listener: std::net::TcpListener) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            // Out of files: the next one may be luckier.
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            tokio::spawn(connection(name, stream));
        }
    })
}

async fn connection(name: &'static str, stream: TcpStream) {
    // A client that leaves early, or speaks no HTTP, is no concern of a demo.
    let _ = hyper::server::conn::http1::Builder::new()
        .half_close(true)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(name, request)),
        )
        .with_upgrades()
        .await;
}

async fn answer(
    name: &'static str,
    mut request: Request<Incoming>,
) -> Result<Response<Pieces>, Infallible> {
    if let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) {
        let accept = derive_accept_key(key.as_bytes());
        return Ok(web_socket(&mut request, &accept));
    }
    let mut answer = match request.uri().path() {
        "/chunked" => Response::new(Pieces {
            piece: Bytes::from(format!("a chunk from {name}\n")),
            left: CHUNKS,
            pause: Some(PAUSE),
            sleep: None,
        }),
        "/large" => Response::new(Pieces {
            left: LARGE_PIECES,
            ..Pieces::one(vec![b'.'; LARGE_PIECE_BYTES])
        }),
        path => {
            if path == "/slow" {
                sleep(SLOW).await;
            }
            Response::new(Pieces::one(echo(name, &mut request).await))
        }
    };
    answer
        .headers_mut()
        .insert(header::SERVER, header::HeaderValue::from_static(name));
    Ok(answer)
}

/// Who answers, and what reached it.
async fn echo(name: &str, request: &mut Request<Incoming>) -> String {
    let mut bytes = 0;
    let body = request.body_mut();
    while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
    {
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        if bytes > BODY_BYTES_MAX {
            break;
        }
    }
    let mut text = format!("This is {name}. It got:\n\n");
    let (method, uri, version) = (request.method(), request.uri(), request.version());
    // Writing to a string does not fail.
    let _ = writeln!(text, "{method} {uri} {version:?}");
    for (name, value) in request.headers() {
        let _ = writeln!(
            text,
            "{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        );
    }
    let _ = writeln!(text, "\nand {bytes} bytes of body");
    text
}

/// Goes over to WebSocket and sends every message back (RFC 6455 §4.2.2).
#[expect(
    clippy::disallowed_methods,
    reason = "an origin is no part of the proxy: no replay depends on it"
)]
fn web_socket(request: &mut Request<Incoming>, accept: &str) -> Response<Pieces> {
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let io = TokioIo::new(upgraded);
        let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            let data = message.is_text() || message.is_binary();
            if data && socket.send(message).await.is_err() {
                return;
            }
        }
    });
    let mut response = Response::new(Pieces::none());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    for (name, value) in [
        (header::CONNECTION, "upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A body: the same bytes some times, perhaps with pauses (then its length is not told).
struct Pieces {
    piece: Bytes,
    left: u32,
    pause: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    fn one(piece: impl Into<Bytes>) -> Self {
        Self {
            piece: piece.into(),
            left: 1,
            pause: None,
            sleep: None,
        }
    }

    fn none() -> Self {
        Self {
            left: 0,
            ..Self::one(Bytes::new())
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
        }
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.sleep = self.pause.map(|pause| Box::pin(sleep(pause)));
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        match self.pause {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(u64::from(self.left) * self.piece.len() as u64),
        }
    }
}
