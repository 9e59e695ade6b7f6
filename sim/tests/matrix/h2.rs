//! One stream of the `h2` crate.

use super::cell::Ended;
use super::net::Io;
use super::peer::{Message, Part};
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::ext::Protocol;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

pub struct H2 {
    sender: Option<SendRequest<Bytes>>,
    response: Option<ResponseFuture>,
    respond: Option<SendResponse<Bytes>>,
    /// The method of a request that was read.
    method: Option<String>,
    incoming: Option<RecvStream>,
    outgoing: Option<SendStream<Bytes>>,
    data_is_over: bool,
    is_over: bool,
}

/// A window that lets a body come in sips.
const SIP: u32 = 1000;

impl H2 {
    fn new() -> Self {
        Self {
            sender: None,
            response: None,
            respond: None,
            method: None,
            incoming: None,
            outgoing: None,
            data_is_over: false,
            is_over: false,
        }
    }

    pub async fn client(io: Io, slow: bool) -> Self {
        let mut builder = h2::client::Builder::new();
        builder.enable_push(false);
        if slow {
            builder.initial_window_size(SIP);
        }
        let (sender, connection) = builder.handshake(io).await.expect("a handshake");
        tokio::task::spawn_local(async move {
            // How it ends shows on the stream.
            let _ = connection.await;
        });
        Self {
            sender: Some(sender),
            ..Self::new()
        }
    }

    pub async fn server(io: Io) -> Option<Self> {
        let mut builder = h2::server::Builder::new();
        builder.enable_connect_protocol();
        let mut connection = builder.handshake::<_, Bytes>(io).await.ok()?;
        let (request, respond) = connection.accept().await?.ok()?;
        tokio::task::spawn_local(
            async move { while let Some(Ok(_)) = connection.accept().await {} },
        );
        let (head, incoming) = request.into_parts();
        Some(Self {
            respond: Some(respond),
            method: Some(head.method.to_string()),
            incoming: Some(incoming),
            ..Self::new()
        })
    }

    pub async fn send_head(&mut self, message: &Message, ends: bool) {
        match message.status {
            0 => self.send_request(message, ends).await,
            _ => self.send_response(message, ends),
        }
    }

    async fn send_request(&mut self, message: &Message, ends: bool) {
        let name = &message.name;
        let mut sender = self.sender.take().expect("a client");
        let mut request = if message.websocket {
            // Only a server that said so may be asked (RFC 8441 §3).
            while !sender.is_extended_connect_protocol_enabled() {
                tokio::time::sleep(Duration::from_millis(1)).await;
                sender = sender.ready().await.expect("a connection");
            }
            let websocket = Request::builder()
                .method(Method::CONNECT)
                .uri(format!("http://a.test/{name}"))
                .header("sec-websocket-version", "13");
            websocket.extension(Protocol::from_static("websocket"))
        } else if message.method == "CONNECT" {
            Request::connect(format!("{name}.test:80"))
        } else {
            Request::builder()
                .method(message.method)
                .uri(format!("http://a.test/{name}"))
        };
        if let Some(length) = message.length {
            request = request.header("content-length", length);
        }
        let request = request.body(()).expect("a request");
        let mut sender = sender.ready().await.expect("a connection");
        let (response, outgoing) = sender.send_request(request, ends).expect("a stream");
        self.response = Some(response);
        self.outgoing = Some(outgoing);
        self.sender = Some(sender);
    }

    fn send_response(&mut self, message: &Message, ends: bool) {
        let mut response = Response::builder().status(message.status);
        if let Some(length) = message.length {
            response = response.header("content-length", length);
        }
        let response = response.body(()).expect("a response");
        let respond = self.respond.as_mut().expect("a server");
        // Who has gone shows when it is read from.
        self.outgoing = respond.send_response(response, ends).ok();
    }

    pub fn send_interim(&mut self) {
        let mut hints = Response::new(());
        *hints.status_mut() = StatusCode::EARLY_HINTS;
        let respond = self.respond.as_mut().expect("a server");
        respond.send_informational(hints).expect("an open stream");
    }

    pub async fn send_data(&mut self, mut data: &[u8], ends: bool) {
        let Some(stream) = &mut self.outgoing else {
            return;
        };
        while !data.is_empty() {
            stream.reserve_capacity(data.len());
            let Some(Ok(room)) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
                return;
            };
            let (now, later) = data.split_at(room.min(data.len()));
            data = later;
            let last = ends && data.is_empty();
            if stream.send_data(Bytes::copy_from_slice(now), last).is_err() {
                return;
            }
        }
    }

    pub fn send_end(&mut self) {
        if let Some(stream) = &mut self.outgoing {
            // Who has gone shows when it is read from.
            let _ = stream.send_data(Bytes::new(), true);
        }
    }

    pub fn send_trailers(&mut self, behind_empty: bool) {
        let Some(stream) = &mut self.outgoing else {
            return;
        };
        let value = http::HeaderValue::from_static("7");
        let sum = HeaderMap::from_iter([(http::HeaderName::from_static("x-sum"), value)]);
        if behind_empty {
            let _ = stream.send_data(Bytes::new(), false);
        }
        let _ = stream.send_trailers(sum);
    }

    pub fn reset(&mut self, reason: Reason) {
        match (&mut self.outgoing, &mut self.respond) {
            (Some(stream), _) => stream.send_reset(reason),
            (None, Some(respond)) => respond.send_reset(reason),
            (None, None) => {}
        }
    }

    pub async fn wait_for_abort(&mut self) -> Ended {
        let reset = match (&mut self.outgoing, &mut self.respond) {
            (Some(stream), _) => poll_fn(|cx| stream.poll_reset(cx)).await,
            (None, Some(respond)) => poll_fn(|cx| respond.poll_reset(cx)).await,
            (None, None) => return Ended::Not,
        };
        match reset {
            Ok(reason) => Ended::Reset(reason.into()),
            Err(error) => ended(&error),
        }
    }

    pub async fn read(&mut self) -> Part {
        if let Some(method) = self.method.take() {
            return Part::Head(method);
        }
        if let Some(response) = &mut self.response {
            let next = poll_fn(|cx| {
                if let Poll::Ready(Some(interim)) = response.poll_informational(cx) {
                    return Poll::Ready(interim.map(|head| (head.status(), None)));
                }
                let response = Pin::new(&mut *response).poll(cx);
                response.map_ok(|head| (head.status(), Some(head.into_body())))
            });
            return match next.await {
                Ok((status, None)) => Part::Interim(status.as_u16()),
                Ok((status, body)) => {
                    self.response = None;
                    self.incoming = body;
                    Part::Head(status.as_u16().to_string())
                }
                Err(error) => Part::Over(ended(&error)),
            };
        }
        let Some(incoming) = &mut self.incoming else {
            return Part::Over(Ended::Closed);
        };
        if self.is_over {
            return Part::Over(Ended::Whole);
        }
        if !self.data_is_over {
            match incoming.data().await {
                Some(Ok(data)) if data.is_empty() => return Box::pin(self.read()).await,
                Some(Ok(data)) => {
                    // A stream that is over needs no room.
                    let _ = incoming.flow_control().release_capacity(data.len());
                    return Part::Data(data.to_vec());
                }
                Some(Err(error)) => return Part::Over(ended(&error)),
                None => self.data_is_over = true,
            }
        }
        match incoming.trailers().await {
            Ok(Some(trailers)) => {
                assert_eq!(
                    trailers.get("x-sum").map(http::HeaderValue::as_bytes),
                    Some(&b"7"[..])
                );
                self.is_over = true;
                Part::Trailers
            }
            Ok(None) => Part::Over(Ended::Whole),
            Err(error) => Part::Over(ended(&error)),
        }
    }
}

fn ended(error: &h2::Error) -> Ended {
    match error.reason() {
        Some(reason) if error.is_reset() && error.is_remote() => Ended::Reset(reason.into()),
        _ if error.is_library() => panic!("the proxy breaks the protocol: {error}"),
        _ => Ended::Closed,
    }
}
