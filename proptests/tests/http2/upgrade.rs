//! A WebSocket over a stream of HTTP/2, against an independent implementation, both ways (RFC 8441).

use super::ours::Ours;
use super::{IDLE_STEPS_MAX, context, read_body, step};
use bytes::Bytes;
use h2::ext::Protocol;
use http::{Method, Request, Response};
use message::{Event, Role};
use proptests::harness::http2::wire::Wire;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

/// More than a window.
const TALK: usize = 100_000;

fn talk() -> Vec<u8> {
    (0..TALK).map(|at| (at % 251) as u8).collect()
}

#[test]
fn their_client_speaks_websocket_with_us() {
    let wire = Wire::default();
    let mut ours = Ours::new(Role::Accepting);
    let mut handshake = pin!(h2::client::handshake(wire.clone()));
    let Poll::Ready(shaken) = handshake.as_mut().poll(&mut context()) else {
        panic!("a handshake waits for nobody");
    };
    let (mut sender, mut connection): (_, h2::client::Connection<Wire, Bytes>) =
        shaken.expect("a handshake");
    let mut asked = None;
    let mut answered: Option<h2::RecvStream> = None;
    let (mut body, mut end, mut idle) = (Vec::new(), None, 0);
    while idle < IDLE_STEPS_MAX {
        let polled = Pin::new(&mut connection).poll(&mut context());
        assert!(!matches!(polled, Poll::Ready(Err(_))), "{polled:?}");
        if asked.is_none() && sender.is_extended_connect_protocol_enabled() {
            let mut request = Request::new(());
            *request.method_mut() = Method::CONNECT;
            *request.uri_mut() = "http://example/echo".parse().expect("a target");
            let protocol = Protocol::from_static("websocket");
            request.extensions_mut().insert(protocol);
            let (answer, mut stream) = sender.send_request(request, false).expect("a stream");
            stream.send_data(talk().into(), true).expect("room");
            asked = Some((answer, stream));
        }
        if let Some((answer, _)) = &mut asked
            && answered.is_none()
            && let Poll::Ready(response) = Pin::new(answer).poll(&mut context())
        {
            let response: Response<h2::RecvStream> = response.expect("an answer");
            assert_eq!(response.status(), 200);
            answered = Some(response.into_body());
        }
        if let Some(stream) = &mut answered
            && end.is_none()
        {
            end = read_body(stream, &mut body);
        }
        let moved = step(&mut ours, &wire, 10_000);
        idle = if moved { 0 } else { idle + 1 };
    }
    assert_eq!(ours.machine.violation(), None);
    assert!(body == talk() && end == Some(None), "{}", body.len());
    assert!(ours.heard.values().all(|heard| heard.done));
}

#[test]
fn we_speak_websocket_with_their_server_if_it_says_that_it_can() {
    for can in [true, false] {
        let wire = Wire::default();
        let mut ours = Ours::new(Role::Opening);
        let mut builder = h2::server::Builder::new();
        if can {
            builder.enable_connect_protocol();
        }
        let mut handshake = pin!(builder.handshake(wire.clone()));
        let mut connection = None;
        let id = ours.upgrade(&talk()).expect("capacity");
        let mut served = Vec::new();
        let mut idle = 0;
        while idle < IDLE_STEPS_MAX {
            match &mut connection {
                None => {
                    if let Poll::Ready(shaken) = handshake.as_mut().poll(&mut context()) {
                        let shaken: h2::server::Connection<Wire, Bytes> =
                            shaken.expect("a handshake");
                        connection = Some(shaken);
                    }
                }
                Some(connection) => {
                    while let Poll::Ready(Some(Ok((request, mut respond)))) =
                        connection.poll_accept(&mut context())
                    {
                        let protocol = request.extensions().get::<Protocol>();
                        assert_eq!(protocol.map(Protocol::as_str), Some("websocket"));
                        assert_eq!(request.method(), Method::CONNECT);
                        let stream = respond
                            .send_response(Response::new(()), false)
                            .expect("an open stream");
                        served.push((request.into_body(), stream, Vec::new(), false));
                    }
                }
            }
            for (body, stream, bytes, ended) in &mut served {
                if !*ended {
                    *ended = read_body(body, bytes).is_some();
                    let piece = Bytes::from(std::mem::take(bytes));
                    stream.send_data(piece, *ended).expect("an open stream");
                }
            }
            let moved = step(&mut ours, &wire, 10_000);
            idle = if moved { 0 } else { idle + 1 };
        }
        assert_eq!(served.len(), usize::from(can));
        if can {
            let heard = &ours.heard[&id];
            assert_eq!(heard.status, 101);
            assert!(heard.body == talk() && heard.ended && heard.done);
        } else {
            let broken = |event: &Event| matches!(event, Event::Reset(it, _) if *it == id);
            assert!(ours.events.iter().any(broken), "{:?}", ours.events);
        }
    }
}
