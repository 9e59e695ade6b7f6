//! Their side: the `h2` crate, with somebody who reads everything at once.

use super::super::compare::{authority, canonical};
use super::super::wire::Wire;
use super::side::{Message, Side, drain};
use super::{ASKS, WINDOW_BYTES};
use base::Duration;
use bytes::Bytes;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use message::Name;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// One connection of theirs, and the streams that are read from.
pub(super) struct Theirs {
    wire: Wire,
    link: Link,
    reading: Vec<(u32, RecvStream)>,
    messages: BTreeMap<u32, Message>,
    over: bool,
}

type Pinned<T> = Pin<Box<dyn Future<Output = T>>>;
type Served = h2::server::Connection<Wire, Bytes>;

enum Link {
    Shaking(Pinned<Result<Served, h2::Error>>),
    Accepting {
        connection: Served,
        answering: BTreeMap<u32, h2::server::SendResponse<Bytes>>,
    },
    Opening {
        connection: h2::client::Connection<Wire>,
        asked: Vec<(u32, h2::client::ResponseFuture)>,
        /// Requests whose bodies do not end: without these they would.
        sending: Vec<SendStream<Bytes>>,
        _more: h2::client::SendRequest<Bytes>,
    },
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

impl Theirs {
    pub(super) fn accepting() -> Self {
        let wire = Wire::default();
        let mut builder = h2::server::Builder::new();
        builder
            .initial_window_size(WINDOW_BYTES)
            .enable_connect_protocol()
            .max_header_list_size(16_384)
            .reset_stream_duration(REMEMBERED)
            .max_concurrent_reset_streams(usize::MAX)
            .max_pending_accept_reset_streams(usize::MAX);
        let link = Link::Shaking(Box::pin(builder.handshake(wire.clone())));
        Self::of(wire, link)
    }

    pub(super) fn opening() -> Self {
        let wire = Wire::default();
        let mut builder = h2::client::Builder::new();
        builder
            .initial_window_size(WINDOW_BYTES)
            .enable_push(false)
            .max_header_list_size(16_384)
            .reset_stream_duration(REMEMBERED)
            .max_concurrent_reset_streams(usize::MAX);
        let mut shaking = Box::pin(builder.handshake::<_, Bytes>(wire.clone()));
        let Poll::Ready(Ok((mut more, connection))) = shaking.as_mut().poll(&mut context()) else {
            panic!("a handshake waits for nobody");
        };
        let (mut asked, mut sending) = (Vec::new(), Vec::new());
        for (number, (method, ends)) in ASKS.into_iter().enumerate() {
            let request = Request::builder().method(method).uri("http://h/").body(());
            let request = request.expect("a request");
            let (answer, body) = more.send_request(request, ends).expect("capacity");
            asked.push((2 * number as u32 + 1, answer));
            sending.push(body);
        }
        let link = Link::Opening {
            connection,
            asked,
            sending,
            _more: more,
        };
        Self::of(wire, link)
    }

    fn of(wire: Wire, link: Link) -> Self {
        Self {
            wire,
            link,
            reading: Vec::new(),
            messages: BTreeMap::new(),
            over: false,
        }
    }

    /// Moves on as far as it can; true if something came of it.
    fn poll(&mut self) -> bool {
        match &mut self.link {
            Link::Shaking(shaking) => match shaking.as_mut().poll(&mut context()) {
                Poll::Ready(Ok(connection)) => {
                    self.link = Link::Accepting {
                        connection,
                        answering: BTreeMap::new(),
                    };
                    true
                }
                Poll::Ready(Err(_)) => {
                    self.over = true;
                    false
                }
                Poll::Pending => false,
            },
            Link::Accepting {
                connection,
                answering,
            } => match connection.poll_accept(&mut context()) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    let stream = u32::from(respond.stream_id());
                    let message = self.messages.entry(stream).or_default();
                    message.head = Some(request_lines(&request));
                    self.reading.push((stream, request.into_body()));
                    answering.insert(stream, respond);
                    true
                }
                Poll::Ready(Some(Err(_)) | None) => {
                    self.over = true;
                    false
                }
                Poll::Pending => false,
            },
            Link::Opening {
                connection, asked, ..
            } => {
                self.over = Pin::new(connection).poll(&mut context()).is_ready();
                let (mut waiting, before) = (Vec::new(), asked.len());
                for (stream, mut answer) in asked.drain(..) {
                    match Pin::new(&mut answer).poll(&mut context()) {
                        Poll::Ready(Ok(response)) => {
                            let message = self.messages.entry(stream).or_default();
                            message.head = Some(response_lines(&response));
                            self.reading.push((stream, response.into_body()));
                        }
                        Poll::Ready(Err(_)) => {
                            self.messages.entry(stream).or_default().lost = true;
                        }
                        Poll::Pending => waiting.push((stream, answer)),
                    }
                }
                *asked = waiting;
                asked.len() < before
            }
        }
    }

    fn read(&mut self) {
        let messages = &mut self.messages;
        self.reading.retain_mut(|(stream, body)| {
            let message = messages.entry(*stream).or_default();
            let goes_on = read_on(body, message);
            goes_on && !message.lost
        });
    }
}

/// Reads a body as far as it is there; false at its end.
fn read_on(body: &mut RecvStream, message: &mut Message) -> bool {
    loop {
        match body.poll_data(&mut context()) {
            Poll::Ready(Some(Ok(data))) => {
                message.body.extend(&data);
                // A stream that is gone needs no window.
                let _ = body.flow_control().release_capacity(data.len());
            }
            Poll::Ready(Some(Err(_))) => {
                message.lost = true;
                return false;
            }
            Poll::Ready(None) => break,
            Poll::Pending => return true,
        }
    }
    match body.poll_trailers(&mut context()) {
        Poll::Ready(Ok(trailers)) => {
            let mut trailers = trailers
                .map(|trailers| fields(&trailers))
                .unwrap_or_default();
            // What frames or routes a message is dropped from its trailers here (RFC 9110 §6.5.1).
            trailers.retain(|(name, _)| Name::of(name).may_trail());
            message.trailers = Some(trailers).filter(|it| !it.is_empty());
            message.ended = true;
            false
        }
        Poll::Ready(Err(_)) => {
            message.lost = true;
            false
        }
        Poll::Pending => true,
    }
}

impl Side for Theirs {
    fn hear(&mut self, bytes: &[u8]) {
        self.wire.to_peer.borrow_mut().extend(bytes);
        loop {
            let moved = self.poll();
            self.read();
            if !moved || self.over {
                break;
            }
        }
        // What reading gave back is said.
        if !self.over {
            self.poll();
        }
    }

    fn answer(&mut self, stream: u32) {
        // A stream that was reset meanwhile shows in what was said.
        match &mut self.link {
            Link::Shaking(_) => {}
            Link::Accepting { answering, .. } => {
                if let Some(mut respond) = answering.remove(&stream) {
                    let _ = respond.send_response(Response::new(()), true);
                }
            }
            Link::Opening { sending, .. } => {
                let _ = sending[stream as usize / 2].send_data(Bytes::new(), true);
            }
        }
        self.hear(&[]);
    }

    fn messages(&self) -> &BTreeMap<u32, Message> {
        &self.messages
    }

    fn said(&mut self) -> Vec<u8> {
        drain(&self.wire)
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

type Lines = Vec<(Vec<u8>, Vec<u8>)>;

fn request_lines(request: &Request<RecvStream>) -> Lines {
    let mut lines = fields(request.headers());
    let uri = request.uri();
    let host = request.headers().get("host").map(|host| host.as_bytes());
    let authority = authority(uri);
    let method = request.method().as_str();
    let path = match uri.path_and_query() {
        Some(path) => path.as_str().as_bytes(),
        None if method == "CONNECT" => authority.unwrap_or_default(),
        None => b"",
    };
    lines.push((b":method".to_vec(), method.into()));
    lines.push((b":path".to_vec(), path.to_vec()));
    let authority = authority.or(host).unwrap_or_default();
    lines.push((b":authority".to_vec(), authority.to_vec()));
    lines.sort();
    lines
}

fn response_lines(response: &Response<RecvStream>) -> Lines {
    let mut lines = fields(response.headers());
    let status = response.status();
    lines.push((b":status".to_vec(), status.as_str().into()));
    lines.sort();
    lines
}

fn fields(map: &HeaderMap) -> Lines {
    let fields = map.iter();
    canonical(fields.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())))
}

/// Longer than any test: what is late is late.
const REMEMBERED: Duration = Duration::from_secs(1 << 20);
