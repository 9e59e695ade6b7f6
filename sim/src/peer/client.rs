//! A client that keeps asking, reads strictly and writes down what it gets.

use super::payload::{Ask, Span, is_payload, payload, reply_key};
use super::strict::{self, Framing, NONCE, ResponseHead};
use super::wire::{Broken, Wire};
use super::{http2, hyper_peers};
use crate::journal::{Answer, Flow, Journal, Loss, Manner, Outcome, Request, Unasked};
use crate::net::Host;
use crate::trace::Kind;
use base::{Duration, Instant, Rng};
use bytes::Bytes;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

/// How clients use connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Many requests on one connection.
    KeepAlive,
    /// One request a connection, said with `Connection: close`.
    Close,
    /// Several requests at once on one connection.
    Pipeline,
    /// hyper's client, many requests on one connection.
    Hyper,
    /// Byte streams instead of HTTP.
    Pipe,
    /// HTTP/2, several requests at a time on one connection.
    Http2,
}

impl Style {
    /// All of them with their names in scenarios.
    pub const ALL: [(&'static str, Self); 6] = [
        ("keep-alive", Self::KeepAlive),
        ("close", Self::Close),
        ("pipeline", Self::Pipeline),
        ("hyper", Self::Hyper),
        ("pipe", Self::Pipe),
        ("http2", Self::Http2),
    ];
}

/// Where clients connect to.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The proxy.
    pub to: SocketAddr,
}

/// One user with a workload. Clones share what is counted.
#[derive(Clone)]
pub struct Session {
    /// The name of its clients in the scenario.
    pub group: Arc<str>,
    /// Which of them it is.
    pub number: u32,
    /// Its machine.
    pub host: Host,
    /// The proxy.
    pub target: Target,
    /// How it uses connections.
    pub style: Style,
    /// What it asks for, in turn by chance.
    pub asks: Rc<[Ask]>,
    /// Milliseconds between two requests.
    pub think_ms: Span,
    /// Requests on a connection before it opens another.
    pub per_connection: Span,
    /// Requests at a time on an HTTP/2 connection.
    pub streams: Span,
    /// What it sees goes here.
    pub journal: Journal,
    /// Its randomness.
    pub seed: Rng,
    /// It ends its connection and goes home when this says so.
    pub closing: Rc<Cell<bool>>,
    /// Faults are over, everything must go well.
    pub probe: bool,
    /// Connections of all clients so far.
    pub conns: Rc<Cell<u32>>,
}

/// How long a client waits for a response before it gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The pause after a connection that failed.
const PAUSE: Duration = Duration::from_millis(50);

/// Bytes of a request written at once.
const PIECE: usize = 8000;

impl Session {
    /// Asks until told to go home.
    pub async fn run(self) {
        let mut rng = self
            .seed
            .fork(&format!("client/{}/{}", self.group, self.number));
        let mut asked = 0;
        while !self.closing.get() {
            let count = self.per_connection.draw(&mut rng);
            self.connection(&mut rng, &mut asked, count).await;
        }
    }

    /// Asks `count` times on one connection.
    pub async fn connection(&self, rng: &mut Rng, asked: &mut u32, count: u64) {
        if let Style::Pipe = self.style {
            let body = self.asks.first().map_or(Span::exactly(0), |ask| ask.body);
            let (host, to, journal) = (self.host.clone(), self.target.to, self.journal.clone());
            super::pipe::open(host, to, journal, rng.fork(&asked.to_string()), body).await;
            *asked += 1;
            return self.think(rng).await;
        }
        let number = self.conns.get();
        self.conns.set(number + 1);
        let stream = match self.host.connect(self.target.to).await {
            Ok(stream) => stream,
            Err(error) => {
                let asking = self.begin(rng, asked, number, Manner::Polite);
                self.end(asking.record, Outcome::Lost(Loss::Unconnected));
                self.note(format!(
                    "#{} cannot connect: {}",
                    asking.nonce,
                    error.kind()
                ));
                return self.sleep(PAUSE).await;
            }
        };
        let own = stream.local();
        self.journal
            .write(|pages| pages.clients.insert(number, own));
        if let Style::Hyper = self.style {
            return hyper_peers::ask(self, stream, rng, asked, number, count).await;
        }
        if let Style::Http2 = self.style {
            return http2::ask(self, stream, rng, asked, number, count).await;
        }
        let mut wire = Wire::new(stream);
        let mut left = count;
        while left > 0 && !self.closing.get() {
            let batch = match self.style {
                Style::Pipeline => left.min(4),
                _ => 1,
            };
            left -= batch;
            if !self
                .batch(&mut wire, rng, asked, number, batch, left == 0)
                .await
            {
                return self.sleep(PAUSE).await;
            }
            self.think(rng).await;
            self.look_for_unasked(&mut wire, number).await;
        }
    }

    /// Sends `batch` requests, reads their responses; false if the connection is over.
    async fn batch(
        &self,
        wire: &mut Wire,
        rng: &mut Rng,
        asked: &mut u32,
        conn: u32,
        batch: u64,
        last: bool,
    ) -> bool {
        let mut asking = Vec::new();
        for nth in 0..batch {
            let one = self.begin(rng, asked, conn, Manner::Polite);
            let close = last && nth + 1 == batch && self.style == Style::Close;
            if self.send(wire, &one, close).await {
                self.note_sent(one.record);
            }
            asking.push(one);
        }
        let mut alive = true;
        for one in asking {
            if !alive {
                self.end(one.record, Outcome::Lost(Loss::Closed));
                continue;
            }
            let outcome = tokio::time::timeout(PATIENCE, self.receive(wire, &one)).await;
            let (outcome, goes_on) = outcome.unwrap_or((Outcome::Lost(Loss::GaveUp), false));
            self.note(describe(&one, &outcome));
            self.end(one.record, outcome);
            alive = goes_on;
        }
        alive
    }

    /// Draws the next request and writes it down.
    pub(super) fn begin(
        &self,
        rng: &mut Rng,
        asked: &mut u32,
        conn: u32,
        manner: Manner,
    ) -> Asking {
        let ask = self.asks[rng.below(self.asks.len() as u64) as usize].clone();
        let nonce: Arc<str> = format!("{}-{:03}-{:05}", self.group, self.number, asked).into();
        *asked += 1;
        let body_len = ask.body.draw(rng) as usize;
        let record = self.journal.request(Request {
            nonce: nonce.clone(),
            conn,
            group: self.group.clone(),
            method: ask.method,
            body_len,
            begun: self.now(),
            sent: None,
            outcome: Outcome::Pending,
            outcome_at: None,
            manner,
            probe: self.probe,
        });
        Asking {
            record,
            nonce,
            ask,
            body_len,
        }
    }

    pub(super) fn end(&self, record: usize, outcome: Outcome) {
        self.journal.outcome(record, self.now(), outcome);
    }

    /// A request is on its way, whole.
    pub(super) fn note_sent(&self, record: usize) {
        let at = self.now();
        self.journal
            .write(|pages| pages.requests[record].sent = Some(at));
    }

    /// The proxy broke a rule that a peer's implementation of the protocol holds it to.
    pub(super) fn wrong(&self, what: String) {
        let at = self.now();
        self.journal
            .write(|pages| pages.wrongs.push(("rr.framing", at, what)));
    }

    async fn send(&self, wire: &mut Wire, asking: &Asking, close: bool) -> bool {
        let bytes = asking.bytes(close);
        let flow = self.journal.flow_of(&asking.nonce);
        for piece in bytes.chunks(PIECE) {
            if wire.write(piece).await.is_err() {
                return false;
            }
            self.journal.flow(flow, Flow::UpSent, piece.len());
        }
        true
    }

    /// Reads one response; whether the connection can be used again.
    pub(super) async fn receive(&self, wire: &mut Wire, asking: &Asking) -> (Outcome, bool) {
        let head = loop {
            let bytes = match wire.head().await {
                Ok(bytes) => bytes,
                Err(broken) => return (Outcome::Lost(broken.into()), false),
            };
            match strict::response(&bytes, asking.ask.method) {
                Ok(head) if (100..200).contains(&head.status) => {}
                Ok(head) => break head,
                Err(problem) => return (Outcome::Lost(Loss::Malformed(problem)), false),
            }
        };
        let mut body = Vec::new();
        let flow = self.journal.flow_of(&asking.nonce);
        wire.counted = Some((self.journal.clone(), flow, Flow::DownArrived));
        let end = wire.body(head.framing, &mut body).await;
        let whole = end.is_ok();
        if let Err(Broken::Malformed(problem)) = end {
            return (Outcome::Lost(Loss::Malformed(problem)), false);
        }
        let goes_on = whole && head.keep_alive && head.framing != Framing::UntilClose;
        (
            Outcome::Answered(asking.answer(&head, &body, whole)),
            goes_on,
        )
    }

    /// Bytes that come while nothing was asked are a response to nothing.
    async fn look_for_unasked(&self, wire: &mut Wire, conn: u32) {
        if wire.buffer.is_empty() {
            let more = tokio::time::timeout(Duration::ZERO, wire.fill()).await;
            if !matches!(more, Ok(Ok(true))) {
                return;
            }
        }
        let text = String::from_utf8_lossy(&wire.buffer[..wire.buffer.len().min(60)]).into_owned();
        let at = self.now();
        self.journal
            .write(|pages| pages.unasked.push(Unasked { at, conn, text }));
    }

    pub(super) async fn think(&self, rng: &mut Rng) {
        self.sleep(Duration::from_millis(self.think_ms.draw(rng)))
            .await;
    }

    pub(super) fn note(&self, what: String) {
        let network = self.host.network();
        network
            .trace()
            .note(network.now(), Kind::Client, &self.host.name(), what);
    }

    fn now(&self) -> Instant {
        self.host.network().now()
    }

    pub(super) async fn sleep(&self, time: Duration) {
        self.host.network().sleep_until(self.now() + time).await;
    }
}

/// A request on its way.
pub(super) struct Asking {
    pub(super) record: usize,
    pub(super) nonce: Arc<str>,
    pub(super) ask: Ask,
    pub(super) body_len: usize,
}

impl Asking {
    /// The target, which carries the name into the log.
    pub(super) fn target(&self) -> String {
        format!("{}?n={}", self.ask.path, self.nonce)
    }

    pub(super) fn body(&self) -> Bytes {
        payload(&self.nonce, self.body_len)
    }

    /// The request as it goes over the wire.
    pub(super) fn bytes(&self, close: bool) -> Vec<u8> {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nHost: simulated\r\n{NONCE}: {}\r\n",
            self.ask.method,
            self.target(),
            self.nonce
        );
        if close {
            text += "Connection: close\r\n";
        }
        let has_body = !matches!(self.ask.method, "GET" | "HEAD") || self.body_len > 0;
        if !has_body {
            text += "\r\n";
            return text.into_bytes();
        }
        let body = self.body();
        if !self.ask.chunked {
            text += &format!("Content-Length: {}\r\n\r\n", body.len());
            let mut bytes = text.into_bytes();
            bytes.extend_from_slice(&body);
            return bytes;
        }
        text += "Transfer-Encoding: chunked\r\n\r\n";
        let mut bytes = text.into_bytes();
        for piece in body.chunks(3000) {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }

    pub(super) fn answer(&self, head: &ResponseHead, body: &[u8], whole: bool) -> Answer {
        Answer {
            status: head.status,
            by: head.server.as_deref().map(Arc::from),
            nonce: head.nonce.clone(),
            vars: head.vars.clone(),
            lists: head.lists.clone(),
            whole,
            matches: head.server.is_none() || is_payload(&reply_key(&self.nonce), 0, body),
            body_len: body.len(),
        }
    }
}

/// A line about what came of a request.
pub(super) fn describe(asking: &Asking, outcome: &Outcome) -> String {
    let what = match outcome {
        Outcome::Pending => "nothing yet".to_owned(),
        Outcome::Answered(answer) => {
            let by = answer.by.as_deref().unwrap_or("the proxy");
            let whole = if answer.whole { "" } else { ", cut off" };
            format!(
                "{} from {by}, {} bytes{whole}",
                answer.status, answer.body_len
            )
        }
        Outcome::Lost(Loss::Malformed(problem)) => format!("no HTTP: {problem}"),
        Outcome::Lost(loss) => match loss {
            Loss::Unconnected => "not connected",
            Loss::Closed => "closed without a response",
            Loss::Broken => "connection broken without a response",
            Loss::GaveUp => "gave up",
            Loss::Malformed(_) => "no HTTP",
        }
        .to_owned(),
    };
    format!(
        "{} {} {}: {what}",
        asking.ask.method, asking.ask.path, asking.nonce
    )
}

impl From<Broken> for Loss {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Closed | Broken::Truncated => Self::Closed,
            Broken::Reset => Self::Broken,
            Broken::Malformed(problem) => Self::Malformed(problem),
        }
    }
}
