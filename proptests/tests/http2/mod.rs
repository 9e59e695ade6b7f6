//! HTTP/2 against an independent implementation, both ways: echoes of any size, cut in any way.

mod ours;
mod upgrade;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use message::Role;
use ours::Ours;
use proptest::prelude::*;
use proptests::harness::http2::wire::Wire;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A body and whether trailers follow it.
type Ask = (Vec<u8>, bool);

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let size = prop_oneof![
        Just(0_usize),
        1..100_usize,
        16_000..17_000_usize,
        0..150_000_usize
    ];
    let body = size.prop_map(|size| (0..size).map(|at| (at % 251) as u8).collect());
    proptest::collection::vec((body, any::<bool>()), 1..8)
}

/// How many bytes move at once.
fn cut() -> impl Strategy<Value = usize> {
    prop_oneof![1..40_usize, 1000..70_000_usize]
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Moves bytes one step in both directions; false if there are none.
fn step(ours: &mut Ours, wire: &Wire, cut: usize) -> bool {
    let sent = ours.transmit(cut);
    wire.to_peer.borrow_mut().extend(&sent);
    let waiting: Vec<u8> = {
        let queue = wire.from_peer.borrow();
        queue.iter().take(cut).copied().collect()
    };
    let taken = ours.receive(&waiting);
    wire.from_peer.borrow_mut().drain(..taken);
    taken > 0 || !sent.is_empty()
}

/// Reads a body of theirs as far as it is there; `Some` at its end.
fn read_body(stream: &mut h2::RecvStream, body: &mut Vec<u8>) -> Option<Option<HeaderMap>> {
    let mut cx = context();
    loop {
        match stream.poll_data(&mut cx) {
            Poll::Ready(Some(bytes)) => {
                let bytes = bytes.expect("a body");
                body.extend(&bytes);
                let _ = stream.flow_control().release_capacity(bytes.len());
            }
            Poll::Ready(None) => break,
            Poll::Pending => return None,
        }
    }
    match stream.poll_trailers(&mut cx) {
        Poll::Ready(trailers) => Some(trailers.expect("trailers or none")),
        Poll::Pending => None,
    }
}

fn sum() -> HeaderMap {
    let mut map = HeaderMap::new();
    map.insert("x-sum", "7".parse().expect("a value"));
    map
}

/// Nothing moves any more after this many steps without a byte.
const IDLE_STEPS_MAX: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn their_client_gets_its_echoes_from_us(asks in asks(), cut in cut()) {
        let wire = Wire::default();
        let mut ours = Ours::new(Role::Accepting);
        let mut handshake = pin!(h2::client::handshake(wire.clone()));
        let Poll::Ready(shaken) = handshake.as_mut().poll(&mut context()) else {
            panic!("a handshake waits for nobody");
        };
        let (mut sender, mut connection) = shaken.expect("a handshake");
        let mut answers = Vec::new();
        for (body, trailers) in &asks {
            let request = Request::post("http://example/echo").body(()).expect("a request");
            let plain = body.is_empty() && !trailers;
            let (answer, mut stream) = sender.send_request(request, plain).expect("a stream");
            if !plain {
                stream.send_data(Bytes::from(body.clone()), !trailers).expect("room");
                if *trailers {
                    stream.send_trailers(sum()).expect("an open stream");
                }
            }
            answers.push((answer, None::<h2::RecvStream>, Vec::new(), None, stream));
        }
        let mut idle = 0;
        while idle < IDLE_STEPS_MAX {
            let polled = Pin::new(&mut connection).poll(&mut context());
            prop_assert!(!matches!(polled, Poll::Ready(Err(_))), "{polled:?}");
            for (answer, stream, body, end, _) in &mut answers {
                if stream.is_none()
                    && let Poll::Ready(response) = Pin::new(answer).poll(&mut context())
                {
                    let response: Response<h2::RecvStream> = response.expect("an answer");
                    prop_assert_eq!(response.status(), 200);
                    *stream = Some(response.into_body());
                }
                if let Some(stream) = stream && end.is_none() {
                    *end = read_body(stream, body);
                }
            }
            idle = if step(&mut ours, &wire, cut) { 0 } else { idle + 1 };
        }
        prop_assert_eq!(ours.machine.violation(), None);
        for ((_, _, body, end, _), (asked, trailers)) in answers.iter().zip(&asks) {
            prop_assert_eq!(body.len(), asked.len());
            prop_assert!(body == asked);
            prop_assert_eq!(end, &Some(trailers.then(sum)));
        }
        prop_assert!(ours.heard.values().all(|heard| heard.done));
    }

    #[test]
    fn our_client_gets_its_echoes_from_them(asks in asks(), cut in cut()) {
        let wire = Wire::default();
        let mut ours = Ours::new(Role::Opening);
        let mut handshake = pin!(h2::server::handshake(wire.clone()));
        let mut connection = None;
        let ids: Vec<_> = asks
            .iter()
            .map(|(body, trailers)| ours.ask(body, *trailers).expect("capacity"))
            .collect();
        let mut served = Vec::new();
        let mut idle = 0;
        while idle < IDLE_STEPS_MAX {
            match &mut connection {
                None => {
                    if let Poll::Ready(shaken) = handshake.as_mut().poll(&mut context()) {
                        let shaken: h2::server::Connection<Wire, Bytes> = shaken.expect("a handshake");
                        connection = Some(shaken);
                    }
                }
                Some(connection) => {
                    while let Poll::Ready(Some(asked)) = connection.poll_accept(&mut context()) {
                        let (request, mut respond) = asked.expect("a request");
                        let stream = respond
                            .send_response(Response::new(()), false)
                            .expect("an open stream");
                        served.push((request.into_body(), stream, Vec::new(), false));
                    }
                }
            }
            for (body, stream, bytes, ended) in &mut served {
                if *ended {
                    continue;
                }
                let end = read_body(body, bytes);
                let piece = Bytes::from(std::mem::take(bytes));
                let last = matches!(end, Some(None));
                if !piece.is_empty() || last {
                    stream.send_data(piece, last).expect("an open stream");
                }
                if let Some(Some(trailers)) = end.clone() {
                    stream.send_trailers(trailers).expect("an open stream");
                }
                *ended = end.is_some();
            }
            idle = if step(&mut ours, &wire, cut) { 0 } else { idle + 1 };
        }
        prop_assert_eq!(ours.machine.violation(), None);
        for (id, (asked, trailers)) in ids.iter().zip(&asks) {
            let heard = &ours.heard[id];
            prop_assert_eq!(heard.status, 200);
            prop_assert_eq!(heard.body.len(), asked.len());
            prop_assert!(&heard.body == asked);
            prop_assert_eq!(heard.trailers.is_some(), *trailers);
            prop_assert!(heard.ended && heard.done, "{:?}", ours.events);
        }
    }
}
