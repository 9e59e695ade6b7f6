//! Clients that are slow, rude or broken.

use super::client::{Asking, Session, describe};
use super::http2;
use super::wire::Wire;
use crate::journal::{Loss, Manner, Outcome};
use base::{Duration, Rng};

/// A kind of difficult client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rude {
    /// Sends a head one byte at a time, and never finishes.
    Slowloris,
    /// Sends a body in drops.
    SlowBody,
    /// Reads a response in sips.
    SlowReader,
    /// Closes the connection after the request, with FIN or a reset.
    Aborts,
    /// Goes away in the middle of a request's body.
    HalfRequest,
    /// Sends FIN at a boundary of the request or after the response, and reads on.
    HalfClose,
    /// Connects and says nothing.
    Silent,
    /// Sends what no reader may accept.
    Garbage,
    /// Many PINGs (HTTP/2).
    PingFlood,
    /// Many SETTINGS (HTTP/2).
    SettingsFlood,
    /// Opens streams and resets them at once (HTTP/2).
    RapidReset,
    /// A head in CONTINUATION frames without end (HTTP/2).
    EndlessHead,
    /// Asks, and never opens a window for the answer (HTTP/2).
    NoWindow,
    /// Reads one stream late while others are quick (HTTP/2).
    SlowStream,
    /// Resets a stream after its request (HTTP/2).
    Cancels,
}

impl Rude {
    /// All of them with their names in scenarios, after `clients.`.
    pub const ALL: [(&'static str, Self); 15] = [
        ("slowloris", Self::Slowloris),
        ("slow-body", Self::SlowBody),
        ("slow-reader", Self::SlowReader),
        ("abort", Self::Aborts),
        ("half-request", Self::HalfRequest),
        ("half-close", Self::HalfClose),
        ("silent", Self::Silent),
        ("garbage", Self::Garbage),
        ("h2-ping-flood", Self::PingFlood),
        ("h2-settings-flood", Self::SettingsFlood),
        ("h2-rapid-reset", Self::RapidReset),
        ("h2-endless-head", Self::EndlessHead),
        ("h2-no-window", Self::NoWindow),
        ("h2-slow-stream", Self::SlowStream),
        ("h2-cancel", Self::Cancels),
    ];

    fn manner(self) -> Manner {
        match self {
            Self::Slowloris | Self::SlowBody | Self::SlowReader | Self::Silent => Manner::Slow,
            Self::Aborts => Manner::Aborts,
            Self::HalfRequest => Manner::Leaves,
            Self::HalfClose => Manner::Polite,
            Self::Garbage => Manner::Malformed,
            Self::PingFlood
            | Self::SettingsFlood
            | Self::RapidReset
            | Self::EndlessHead
            | Self::NoWindow
            | Self::SlowStream
            | Self::Cancels => Manner::Slow,
        }
    }

    /// Whether it speaks HTTP/2.
    fn is_http2(self) -> bool {
        matches!(
            self,
            Self::PingFlood
                | Self::SettingsFlood
                | Self::RapidReset
                | Self::EndlessHead
                | Self::NoWindow
                | Self::SlowStream
                | Self::Cancels
        )
    }
}

/// Requests that RFC 9112 leaves no choice about; `NONCE` stands for the name.
const MALFORMED: [&str; 8] = [
    "GET /?n=NONCE HTTP/1.1\r\nHost : a\r\nX-Nonce: NONCE\r\n\r\n",
    "GET /?n=NONCE HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Nonce: NONCE\r\n\r\n",
    "POST /?n=NONCE HTTP/1.1\r\nHost: a\r\nX-Nonce: NONCE\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "POST /?n=NONCE HTTP/1.1\r\nHost: a\r\nX-Nonce: NONCE\r\nContent-Length: +3\r\n\r\nabc",
    "POST /?n=NONCE HTTP/1.1\r\nHost: a\r\nX-Nonce: NONCE\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "GET /?n=NONCE HTTP/1.1\r\nHost: a\r\nX-Nonce: NONCE\r\nX-Nul: a\0b\r\n\r\n",
    "GE<T /?n=NONCE HTTP/1.1\r\nHost: a\r\nX-Nonce: NONCE\r\n\r\n",
    "\x16\x03\x01\x02\x01\x01 NONCE\r\n\r\n",
];

/// One difficult connection after another until told to go home.
pub async fn rude(session: Session, kind: Rude) {
    let mut rng = session
        .seed
        .fork(&format!("rude/{}/{}", session.group, session.number));
    let mut asked = 0;
    while !session.closing.get() {
        once(&session, kind, &mut rng, &mut asked).await;
        session.think(&mut rng).await;
    }
}

async fn once(session: &Session, kind: Rude, rng: &mut Rng, asked: &mut u32) {
    let conn = session.conns.get();
    session.conns.set(conn + 1);
    let Ok(stream) = session.host.connect(session.target.to).await else {
        return;
    };
    if kind.is_http2() {
        return http2::rude(session, kind, stream, rng, asked, conn).await;
    }
    let mut wire = Wire::new(stream);
    // Half of those who abort do it with a reset, half with FIN.
    let can_reset = session.host.network().can_reset();
    let boundary = Boundary::draw(rng);
    let manner = match kind.manner() {
        Manner::Polite if !boundary.is_whole() => Manner::Leaves,
        Manner::Aborts if rng.chance(1, 2) || !can_reset => Manner::Leaves,
        manner => manner,
    };
    let asking = session.begin(rng, asked, conn, manner);
    let bytes = asking.bytes(false);
    let half = bytes.len() / 2;
    let outcome = match kind {
        Rude::Slowloris => {
            let _ = drip(
                session,
                &mut wire,
                &bytes[..half],
                1,
                Duration::from_millis(700),
            )
            .await;
            session.receive(&mut wire, &asking).await.0
        }
        Rude::SlowBody => {
            let step = bytes.len() / 12 + 1;
            let _ = drip(session, &mut wire, &bytes, step, Duration::from_millis(400)).await;
            session.receive(&mut wire, &asking).await.0
        }
        Rude::SlowReader => {
            let _ = wire.write(&bytes).await;
            session
                .sleep(Duration::from_millis(rng.between(200, 3000)))
                .await;
            session.receive(&mut wire, &asking).await.0
        }
        Rude::Aborts => {
            let _ = wire.write(&bytes).await;
            session.note_sent(asking.record);
            session
                .sleep(Duration::from_millis(rng.between(0, 30)))
                .await;
            if manner == Manner::Aborts {
                wire.stream.reset_on_close();
            }
            Outcome::Lost(Loss::GaveUp)
        }
        Rude::HalfRequest => {
            let _ = wire.write(&bytes[..half]).await;
            session
                .sleep(Duration::from_millis(rng.between(0, 30)))
                .await;
            Outcome::Lost(Loss::GaveUp)
        }
        Rude::HalfClose => half_close(session, &mut wire, &asking, boundary).await,
        Rude::Silent => session.receive(&mut wire, &asking).await.0,
        Rude::Garbage => {
            let which = rng.below(MALFORMED.len() as u64) as usize;
            let text = MALFORMED[which].replace("NONCE", &asking.nonce);
            let _ = wire.write(text.as_bytes()).await;
            session.receive(&mut wire, &asking).await.0
        }
        Rude::PingFlood
        | Rude::SettingsFlood
        | Rude::RapidReset
        | Rude::EndlessHead
        | Rude::NoWindow
        | Rude::SlowStream
        | Rude::Cancels => return,
    };
    session.note(describe(&asking, &outcome));
    session.end(asking.record, outcome);
}

/// Where a client sends FIN and reads on.
#[derive(Clone, Copy)]
enum Boundary {
    /// Before the first byte.
    Start,
    InHead,
    AfterHead,
    InBody,
    /// The request is whole, its response is to come.
    AfterRequest,
    /// The connection is idle.
    AfterResponse,
}

const BOUNDARIES: [Boundary; 6] = [
    Boundary::Start,
    Boundary::InHead,
    Boundary::AfterHead,
    Boundary::InBody,
    Boundary::AfterRequest,
    Boundary::AfterResponse,
];

impl Boundary {
    fn draw(rng: &mut Rng) -> Self {
        BOUNDARIES[rng.below(BOUNDARIES.len() as u64) as usize]
    }

    /// Whether the request is whole before FIN.
    fn is_whole(self) -> bool {
        matches!(self, Self::AfterRequest | Self::AfterResponse)
    }

    /// How much of a request is sent.
    fn cut(self, request: &[u8]) -> usize {
        let head = request.windows(4).position(|four| four == b"\r\n\r\n");
        let head = head.map_or(request.len(), |at| at + 4);
        match self {
            Self::Start => 0,
            Self::InHead => head / 2,
            Self::AfterHead => head,
            Self::InBody => head + (request.len() - head) / 2,
            Self::AfterRequest | Self::AfterResponse => request.len(),
        }
    }
}

async fn half_close(
    session: &Session,
    wire: &mut Wire,
    asking: &Asking,
    boundary: Boundary,
) -> Outcome {
    let bytes = asking.bytes(false);
    let _ = wire.write(&bytes[..boundary.cut(&bytes)]).await;
    if let Boundary::AfterResponse = boundary {
        let outcome = session.receive(wire, asking).await.0;
        let _ = wire.stream.shutdown_write();
        // The proxy may close an idle connection that is half closed; it must not say anything.
        session.sleep(Duration::from_millis(20)).await;
        return outcome;
    }
    let _ = wire.stream.shutdown_write();
    session.receive(wire, asking).await.0
}

async fn drip(
    session: &Session,
    wire: &mut Wire,
    bytes: &[u8],
    step: usize,
    pause: Duration,
) -> std::io::Result<()> {
    for drop in bytes.chunks(step) {
        wire.write(drop).await?;
        session.sleep(pause).await;
        if session.closing.get() {
            break;
        }
    }
    Ok(())
}
