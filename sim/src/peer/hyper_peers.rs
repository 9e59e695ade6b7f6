//! hyper at both ends: an independent implementation of HTTP/1 on each side of the proxy.

use super::client::{Asking, Session, describe};
use super::origin::Origin;
use super::payload::{payload, reply_key};
use super::strict::{Framing, LISTS, NONCE, RequestHead, ResponseHead, SERVER, VARS};
use crate::journal::{Flow, Loss, Manner, Outcome};
use crate::net::Stream;
use base::Rng;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONNECTION, HeaderMap};
use hyper_util::rt::TokioIo;

/// Asks `count` times on one connection with hyper's client.
pub(super) async fn ask(
    session: &Session,
    stream: Stream,
    rng: &mut Rng,
    asked: &mut u32,
    conn: u32,
    count: u64,
) {
    let Ok((mut sender, connection)) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await
    else {
        return;
    };
    session.host.spawn(async move {
        // How the connection ended shows in the request that was on it.
        let _ = connection.await;
    });
    for _ in 0..count {
        if session.closing.get() || sender.ready().await.is_err() {
            return;
        }
        let asking = session.begin(rng, asked, conn, Manner::Polite);
        let outcome = exchange(session, &mut sender, &asking).await;
        session.note(describe(&asking, &outcome));
        let goes_on = matches!(&outcome, Outcome::Answered(answer) if answer.whole);
        session.end(asking.record, outcome);
        session.think(rng).await;
        if !goes_on {
            return;
        }
    }
}

async fn exchange(
    session: &Session,
    sender: &mut SendRequest<Full<Bytes>>,
    asking: &Asking,
) -> Outcome {
    let request = hyper::Request::builder()
        .method(asking.ask.method)
        .uri(asking.target())
        .header("host", "simulated")
        .header(NONCE, &*asking.nonce)
        .body(Full::new(asking.body()));
    let Ok(request) = request else {
        return Outcome::Lost(Loss::GaveUp);
    };
    session.note_sent(asking.record);
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        Err(error) if error.is_parse() => {
            return Outcome::Lost(Loss::Malformed(error.to_string()));
        }
        Err(error) if error.is_incomplete_message() || error.is_canceled() => {
            return Outcome::Lost(Loss::Closed);
        }
        Err(_) => return Outcome::Lost(Loss::Broken),
    };
    let text = |name: &str| text_of(response.headers(), name);
    let head = ResponseHead {
        status: response.status().as_u16(),
        nonce: text(NONCE),
        server: text(SERVER),
        vars: text(VARS),
        lists: text(LISTS),
        framing: Framing::None,
        keep_alive: true,
    };
    let mut body = response.into_body();
    let flow = session.journal.flow_of(&asking.nonce);
    let mut bytes = Vec::new();
    let whole = loop {
        match body.frame().await {
            None => break true,
            Some(Ok(frame)) => {
                let data = frame.data_ref().map_or(&[][..], |data| data);
                session.journal.flow(flow, Flow::DownArrived, data.len());
                bytes.extend_from_slice(data);
            }
            Some(Err(_)) => break false,
        }
    };
    Outcome::Answered(asking.answer(&head, &bytes, whole))
}

/// Serves one connection with hyper's server.
pub(super) async fn serve(origin: Origin, stream: Stream, number: u32) {
    let service = hyper::service::service_fn(move |request| {
        let origin = origin.clone();
        async move { respond(origin, request, number).await }
    });
    // How the connection ends is the proxy's to say.
    let _ = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    origin: Origin,
    request: hyper::Request<Incoming>,
    number: u32,
) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    let nonce = text_of(request.headers(), NONCE).unwrap_or_default();
    let head = RequestHead {
        method: request.method().to_string(),
        nonce: Some(nonce.clone()),
        framing: Framing::None,
        keep_alive: text_of(request.headers(), CONNECTION.as_str()).is_none(),
    };
    let arrival = origin.arrived(number, &head, None);
    let flow = origin.journal.flow_of(&nonce);
    let mut incoming = request.into_body();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        origin.journal.flow(flow, Flow::UpArrived, data.len());
        body.extend_from_slice(data);
    }
    origin.whole(arrival, &nonce, &body);
    let mut rng = origin.rng(&nonce);
    let network = origin.host.network().clone();
    let latency = base::Duration::from_millis(origin.latency_ms(&mut rng));
    network.sleep_until(network.now() + latency).await;
    let size = origin.plan.body.draw(&mut rng) as usize;
    let body = payload(&reply_key(&nonce), size);
    let at = network.now();
    origin.amend(arrival, |arrival| {
        arrival.reply_at = Some(at);
        arrival.reply_end = Some(at);
        arrival.reply_len = size;
    });
    let mut response = hyper::Response::new(Full::new(body));
    let headers = response.headers_mut();
    if let Ok(value) = nonce.parse() {
        headers.insert(NONCE, value);
    }
    if let Ok(value) = origin.name.parse() {
        headers.insert(SERVER, value);
    }
    Ok(response)
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
