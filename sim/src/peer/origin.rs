//! A server that reads strictly, answers as planned, and misbehaves when told to.

use super::introduction;
use super::mischief::{Mischief, Mood};
use super::payload::{Span, is_payload, payload, reply_key};
use super::strict::{self, Framing, NONCE, RequestHead, SERVER};
use super::wire::{Broken, Wire};
use crate::journal::{Arrival, Flow, Journal};
use crate::net::{Host, Listener, Stream};
use base::{Duration, Rng};
use std::net::SocketAddr;
use std::sync::Arc;

/// How a server answers while it is well.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Milliseconds until it answers.
    pub latency_ms: Span,
    /// Bytes of a response's body.
    pub body: Span,
    /// Milliseconds between two pieces of a body.
    pub pause_ms: Span,
    /// Milliseconds after which it closes an idle connection.
    pub idle_close_ms: u64,
    /// Whether hyper answers instead of the raw server.
    pub hyper: bool,
    /// Whether it serves a byte stream instead of HTTP.
    pub tcp: bool,
    /// Whether it speaks HTTP/2.
    pub http2: bool,
    /// Streams it takes at a time on an HTTP/2 connection.
    pub streams: Span,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            latency_ms: Span { low: 1, high: 8 },
            body: Span {
                low: 0,
                high: 20_000,
            },
            pause_ms: Span::exactly(0),
            idle_close_ms: 60_000,
            hyper: false,
            tcp: false,
            http2: false,
            streams: Span { low: 3, high: 100 },
        }
    }
}

/// A simulated server of the proxy. Clones share it.
#[derive(Clone)]
pub struct Origin {
    /// Its name in the configuration, `backend/server`.
    pub name: Arc<str>,
    /// The machine it runs on.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// How it answers.
    pub plan: Plan,
    /// Whether it is told of its clients first.
    pub introduced: bool,
    /// Whether it sees the addresses of its clients.
    pub disguised: bool,
    /// How it feels.
    pub mood: Mood,
    /// What it saw goes here.
    pub journal: Journal,
    /// Its randomness.
    pub seed: Rng,
}

/// Bytes a response is written in.
const PIECE: usize = 6000;

/// How long a server keeps listening to a connection it has closed its side of.
const LINGER: Duration = Duration::from_secs(5);

impl Origin {
    /// Starts, or starts again after its host was killed.
    pub fn start(&self) {
        let address = SocketAddr::new(self.host.ip(), self.port);
        match self.host.listen(address) {
            Ok(listener) => self.host.spawn(self.clone().serve(listener)),
            Err(error) => panic!("{} cannot listen: {error}", self.name),
        }
    }

    async fn serve(self, mut listener: Listener) {
        while let Ok(stream) = listener.accept().await {
            let number = self.journal.server_conn(&self.name);
            if self.disguised {
                let ends = (stream.peer(), stream.local());
                self.journal
                    .write(|pages| pages.server_conns[number as usize].disguised = Some(ends));
            }
            self.host.spawn(self.clone().take(stream, number));
        }
    }

    async fn take(self, mut stream: Stream, number: u32) {
        if self.introduced && !self.hears_of_client(&mut stream, number).await {
            return;
        }
        if self.plan.tcp {
            super::pipe::answer(self.host, stream, self.journal).await;
        } else if self.plan.http2 {
            super::http2::serve(self, stream, number).await;
        } else if self.plan.hyper {
            super::hyper_peers::serve(self, stream, number).await;
        } else {
            Serving::new(self, stream, number).run().await;
        }
    }

    /// Whose connection it is, to be compared with whose requests come; whether anything may follow.
    async fn hears_of_client(&self, stream: &mut Stream, number: u32) -> bool {
        match introduction::read(stream).await {
            Some(Ok(who)) => {
                self.journal
                    .write(|pages| pages.server_conns[number as usize].introduced = Some(who));
                true
            }
            Some(Err(header)) => {
                let at = self.now();
                let what = format!("{} was told nothing by {header}", self.name);
                self.journal
                    .write(|pages| pages.wrongs.push(("own.identity", at, what)));
                false
            }
            None => false,
        }
    }

    pub(super) fn now(&self) -> base::Instant {
        self.host.network().now()
    }

    pub(super) async fn sleep_ms(&self, millis: u64) {
        let network = self.host.network();
        network
            .sleep_until(network.now() + Duration::from_millis(millis))
            .await;
    }

    /// Milliseconds until the answer to `nonce`.
    pub(super) fn latency_ms(&self, rng: &mut Rng) -> u64 {
        self.plan.latency_ms.draw(rng) * self.mood.slow()
    }

    /// Milliseconds after which an idle connection is closed.
    pub(super) fn idle_ms(&self) -> u64 {
        self.mood.idle_close_ms().unwrap_or(self.plan.idle_close_ms)
    }

    /// The random stream that belongs to one connection.
    pub(super) fn conn_rng(&self, number: u32) -> Rng {
        self.seed.fork(&format!("conn/{}/{number}", self.name))
    }

    /// The random stream that belongs to one request, whichever order requests come in.
    pub(super) fn rng(&self, nonce: &str) -> Rng {
        self.seed.fork(&format!("reply/{}/{nonce}", self.name))
    }

    pub(super) fn arrived(&self, conn: u32, head: &RequestHead, problem: Option<String>) -> usize {
        self.journal.arrival(Arrival {
            nonce: head.nonce.clone().unwrap_or_default(),
            server: self.name.clone(),
            conn,
            head_at: self.now(),
            whole_at: None,
            problem,
            method: head.method.clone(),
            body_len: 0,
            matches: true,
            reply_at: None,
            reply_end: None,
            reply_len: 0,
            until_close: false,
            watches: !self.plan.hyper,
            mischief: None,
            gone_at: None,
        })
    }

    pub(super) fn amend(&self, arrival: usize, act: impl FnOnce(&mut Arrival)) {
        self.journal
            .write(|pages| act(&mut pages.arrivals[arrival]));
    }

    /// Notes whether the whole request is what its client sent.
    pub(super) fn whole(&self, arrival: usize, nonce: &str, body: &[u8]) {
        let at = self.now();
        let matches = is_payload(nonce, 0, body);
        self.amend(arrival, |arrival| {
            arrival.whole_at = Some(at);
            arrival.body_len = body.len();
            arrival.matches = matches;
        });
    }
}

/// One connection of a raw server.
struct Serving {
    origin: Origin,
    wire: Wire,
    number: u32,
    rng: Rng,
}

/// Whether the connection goes on.
enum Then {
    Next,
    Over,
}

impl Serving {
    fn new(origin: Origin, stream: Stream, number: u32) -> Self {
        let rng = origin.conn_rng(number);
        Self {
            wire: Wire::new(stream),
            origin,
            number,
            rng,
        }
    }

    async fn run(mut self) {
        let mischief = self.origin.mood.draw(&mut self.rng);
        if mischief == Some(Mischief::CloseAtOnce) {
            return;
        }
        while let Then::Next = self.exchange().await {}
    }

    async fn exchange(&mut self) -> Then {
        let idle = Duration::from_millis(self.origin.idle_ms());
        let head = match tokio::time::timeout(idle, self.wire.head()).await {
            Ok(Ok(head)) => head,
            Ok(Err(Broken::Closed | Broken::Truncated | Broken::Reset)) => return Then::Over,
            Ok(Err(Broken::Malformed(problem))) => return self.refuse(problem).await,
            Err(_) if self.wire.buffer.is_empty() => return self.fin("idle").await,
            Err(_) => return Then::Over,
        };
        let head = match strict::request(&head) {
            Ok(head) => head,
            Err(problem) => return self.refuse(problem).await,
        };
        let arrival = self.origin.arrived(self.number, &head, None);
        let nonce = head.nonce.clone().unwrap_or_default();
        let mut rng = self.origin.rng(&nonce);
        let mischief = self.origin.mood.draw(&mut rng);
        self.origin.amend(arrival, |arrival| {
            arrival.mischief = mischief.map(Mischief::name)
        });
        match mischief {
            Some(Mischief::FinAfterHead) => return self.fin("a request").await,
            Some(Mischief::Early) => return self.answer_early(arrival, &head, &mut rng).await,
            Some(_) | None => {}
        }
        let mut body = Vec::new();
        let journal = self.origin.journal.clone();
        let flow = journal.flow_of(&nonce);
        self.wire.counted = Some((journal, flow, Flow::UpArrived));
        match self.wire.body(head.framing, &mut body).await {
            Ok(()) => {}
            Err(Broken::Malformed(problem)) => return self.refuse(problem).await,
            Err(Broken::Closed | Broken::Truncated | Broken::Reset) => {
                self.gone(arrival);
                return Then::Over;
            }
        }
        self.origin.whole(arrival, &nonce, &body);
        match mischief {
            Some(Mischief::FinAfterRequest) => return self.fin("a request").await,
            Some(Mischief::ResetAfterRequest) => return self.reset(),
            Some(Mischief::Stall) => return self.wait_for_the_end(arrival).await,
            Some(_) | None => {}
        }
        let latency = self.origin.latency_ms(&mut rng);
        if !self.is_still_wanted(arrival, latency).await {
            return Then::Over;
        }
        self.answer(arrival, &head, mischief, &mut rng).await
    }

    /// Waits; false if the proxy goes away meanwhile. Bytes meanwhile are a request too soon.
    async fn is_still_wanted(&mut self, arrival: usize, millis: u64) -> bool {
        let wait = self.origin.sleep_ms(millis);
        tokio::select! { biased;
            more = self.wire.fill() => match more {
                Ok(true) => {
                    let at = self.origin.now();
                    let number = self.number as usize;
                    self.origin.journal.write(|pages| {
                        pages.server_conns[number].overlapped_at.get_or_insert(at);
                    });
                }
                Ok(false) | Err(_) => {
                    self.gone(arrival);
                    return false;
                }
            },
            () = wait => return true,
        }
        true
    }

    async fn answer(
        &mut self,
        arrival: usize,
        head: &RequestHead,
        mischief: Option<Mischief>,
        rng: &mut Rng,
    ) -> Then {
        let nonce = head.nonce.clone().unwrap_or_default();
        let size = self.origin.plan.body.draw(rng) as usize;
        let framing = match (rng.below(8), head.method.as_str()) {
            (0, _) if mischief != Some(Mischief::Trailing) => Framing::UntilClose,
            (1..=3, _) => Framing::Chunked,
            _ => Framing::Length(size),
        };
        let at = self.origin.now();
        self.origin.amend(arrival, |arrival| {
            arrival.reply_at = Some(at);
            arrival.reply_len = size;
            arrival.until_close = framing == Framing::UntilClose;
        });
        let mut text = format!(
            "HTTP/1.1 200 OK\r\n{SERVER}: {}\r\n{NONCE}: {nonce}\r\n",
            self.origin.name
        );
        match framing {
            Framing::Length(size) => text += &format!("Content-Length: {size}\r\n"),
            Framing::Chunked => text += "Transfer-Encoding: chunked\r\n",
            Framing::UntilClose => text += "Connection: close\r\n",
            Framing::None => {}
        }
        if mischief == Some(Mischief::HugeHead) {
            text += &format!("X-Huge: {}\r\n", "h".repeat(100_000));
        }
        text += "\r\n";
        match mischief {
            Some(Mischief::Garbage) => {
                let _ = self
                    .wire
                    .write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
                    .await;
                return self.fin("garbage").await;
            }
            Some(Mischief::TruncatedHead) => {
                let _ = self.wire.write(&text.as_bytes()[..text.len() / 2]).await;
                return self.fin("half a head").await;
            }
            Some(Mischief::Interim) => {
                let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
                text.insert_str(0, hints);
            }
            Some(_) | None => {}
        }
        let body = payload(&reply_key(&nonce), size);
        let body = if head.method == "HEAD" {
            &[][..]
        } else {
            &body[..]
        };
        let sent = self.send(text, framing, body, head, mischief, rng).await;
        match sent {
            Ok(Then::Next) => {}
            Ok(Then::Over) => return Then::Over,
            Err(_) => {
                self.gone(arrival);
                return Then::Over;
            }
        }
        let at = self.origin.now();
        self.origin
            .amend(arrival, |arrival| arrival.reply_end = Some(at));
        match mischief {
            Some(Mischief::Trailing) => {
                self.spoil("surplus bytes");
                self.next_after_spoil().await
            }
            Some(Mischief::FinAfterReply) => self.fin("a response").await,
            _ if framing == Framing::UntilClose || !head.keep_alive => Then::Over,
            Some(_) | None => Then::Next,
        }
    }

    /// Writes a response in pieces, or a part of it.
    async fn send(
        &mut self,
        head: String,
        framing: Framing,
        body: &[u8],
        request: &RequestHead,
        mischief: Option<Mischief>,
        rng: &mut Rng,
    ) -> std::io::Result<Then> {
        let cut = body.len() / 2;
        let mut out = head.into_bytes();
        let chunked = framing == Framing::Chunked && request.method != "HEAD";
        let nonce = request.nonce.as_deref().unwrap_or_default();
        let flow = self.origin.journal.flow_of(nonce);
        let mut at = 0;
        if let Some(Mischief::FinAfterReplyHead) = mischief {
            self.wire.write(&out).await?;
            return Ok(self.fin("a response's head").await);
        }
        while at < body.len() {
            let end = (at + PIECE).min(body.len());
            let end = if at < cut { end.min(cut.max(1)) } else { end };
            if chunked {
                out.extend_from_slice(format!("{:x}\r\n", end - at).as_bytes());
            }
            out.extend_from_slice(&body[at..end]);
            if chunked {
                out.extend_from_slice(b"\r\n");
            }
            self.wire.write(&out).await?;
            self.origin.journal.flow(flow, Flow::DownSent, end - at);
            at = end;
            out.clear();
            if at >= cut
                && let Some(then) = self.interrupt(mischief, chunked).await?
            {
                return Ok(then);
            }
            let pause = self.origin.plan.pause_ms.draw(rng) * self.origin.mood.slow();
            if pause > 0 {
                self.origin.sleep_ms(pause).await;
            }
        }
        if chunked {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        if mischief == Some(Mischief::Trailing) {
            out.extend_from_slice(TRAILING);
        }
        self.wire.write(&out).await?;
        Ok(Then::Next)
    }

    /// What happens in the middle of a body.
    async fn interrupt(
        &mut self,
        mischief: Option<Mischief>,
        chunked: bool,
    ) -> std::io::Result<Option<Then>> {
        Ok(match mischief {
            Some(Mischief::FinInBody) => Some(self.fin("half a body").await),
            Some(Mischief::ResetInBody) => Some(self.reset()),
            Some(Mischief::StallInBody) => {
                while matches!(self.wire.fill().await, Ok(true)) {}
                Some(Then::Over)
            }
            Some(Mischief::BadChunk) if chunked => {
                self.wire.write(b"xyz\r\n").await?;
                Some(self.fin("a bad chunk").await)
            }
            Some(_) | None => None,
        })
    }

    /// Answers before the body was read, then reads it and goes on.
    async fn answer_early(&mut self, arrival: usize, head: &RequestHead, rng: &mut Rng) -> Then {
        let then = self.answer(arrival, head, Some(Mischief::Early), rng).await;
        let mut body = Vec::new();
        let nonce = head.nonce.clone().unwrap_or_default();
        match (then, self.wire.body(head.framing, &mut body).await) {
            (Then::Next, Ok(())) => {
                self.origin.whole(arrival, &nonce, &body);
                Then::Next
            }
            (Then::Next | Then::Over, _) => Then::Over,
        }
    }

    /// Says 400 to what no proxy may send.
    async fn refuse(&mut self, problem: String) -> Then {
        let head = RequestHead {
            method: String::new(),
            nonce: None,
            framing: Framing::None,
            keep_alive: false,
        };
        self.origin.arrived(self.number, &head, Some(problem));
        let refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = self.wire.write(refusal).await;
        Then::Over
    }

    fn reset(&mut self) -> Then {
        self.wire.stream.reset_on_close();
        Then::Over
    }

    /// Never answers, but sees when the proxy gives up.
    async fn wait_for_the_end(&mut self, arrival: usize) -> Then {
        while matches!(self.wire.fill().await, Ok(true)) {}
        self.gone(arrival);
        Then::Over
    }

    fn gone(&self, arrival: usize) {
        let at = self.origin.now();
        self.origin
            .amend(arrival, |arrival| arrival.gone_at = Some(at));
    }

    /// From now on nothing may be sent on this connection.
    fn spoil(&self, why: &'static str) {
        let at = self.origin.now();
        let number = self.number as usize;
        self.origin.journal.write(|pages| {
            pages.server_conns[number]
                .spoiled_at
                .get_or_insert((at, why));
        });
    }

    /// Sends FIN, and stays to see whether anything is sent nevertheless.
    async fn fin(&mut self, after: &'static str) -> Then {
        self.spoil(after);
        let _ = self.wire.stream.shutdown_write();
        self.next_after_spoil().await
    }

    async fn next_after_spoil(&mut self) -> Then {
        if let Ok(Ok(head)) = tokio::time::timeout(LINGER, self.wire.head()).await
            && strict::request(&head).is_ok()
        {
            let at = self.origin.now();
            let number = self.number as usize;
            self.origin.journal.write(|pages| {
                pages.server_conns[number].request_after.get_or_insert(at);
            });
        }
        Then::Over
    }
}

/// Surplus bytes after a response.
pub(crate) const TRAILING: &[u8] = b"!!surplus!!";
