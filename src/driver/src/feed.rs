//! The servers of rings: messages kept in memory go out to them over streams, as fast as they take them.
//!
//! Nobody waits for them. One task a server connects as soon as there is a message, and again a while
//! after whatever ended the connection.

use crate::env::{Env, Stream};
use crate::tasks::within;
use crate::worker::Shared;
use balance::LocalEnd;
use base::{Duration, Instant};
use engine::SharedRing;
use session::ring::Feed;
use session::settings::{RingIndex, RingServer, RingSettings};
use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::task::Poll;
use tokio::io::ReadBuf;

/// One server of a ring.
pub(crate) struct Feeder<E: Env> {
    worker: Shared<E>,
    env: E,
    shared: Arc<engine::Shared>,
    ring: RingIndex,
    /// Which of the ring's servers.
    server: usize,
    feed: Feed,
    /// Messages it has missed since the last time that was told.
    missed: u64,
    told: Option<Instant>,
}

impl<E: Env> Feeder<E> {
    /// One a server, for all rings of the process.
    pub(crate) fn all(worker: &Shared<E>) -> Vec<Self> {
        let (env, shared) = {
            let this = worker.borrow();
            (this.env.clone(), this.engine.shared().clone())
        };
        let mut feeders = Vec::new();
        for (at, settings) in (0..).zip(&shared.settings.rings) {
            for (server, it) in settings.servers.iter().enumerate() {
                let oldest = shared.rings[at as usize].oldest();
                feeders.push(Self {
                    worker: worker.clone(),
                    env: env.clone(),
                    shared: shared.clone(),
                    ring: RingIndex(at),
                    server,
                    feed: Feed::new(oldest, it.framing),
                    missed: 0,
                    told: None,
                });
            }
        }
        feeders
    }

    /// Sends messages for as long as the worker lives.
    pub(crate) async fn serve(mut self) {
        loop {
            self.wait().await;
            let address = self.server().address.clone();
            let connecting = self.env.connect(address, LocalEnd::default());
            let patience = self.settings().connect_timeout;
            let connected = within(&self.env, patience, connecting).await;
            if let Some(Ok(stream)) = connected {
                self.converse(stream).await;
                self.feed.disconnected();
            }
            self.tell();
            let until = self.env.now() + RECONNECT_AFTER;
            self.env.sleep_until(until).await;
        }
    }

    /// Waits for something to send. Meanwhile the worker may end.
    async fn wait(&mut self) {
        if !self.feed.pending().is_empty() {
            return;
        }
        self.worker.borrow_mut().feeds(false);
        let (ring, place) = (self.ring(), self.feed.place());
        poll_fn(|cx| match ring.has_news(place, cx.waker()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
        self.worker.borrow_mut().feeds(true);
    }

    /// Sends until the connection ends, or takes nothing for too long.
    async fn converse(&mut self, mut stream: E::Stream) {
        loop {
            let shared = self.shared.clone();
            let ring = &shared.rings[self.ring.0 as usize];
            let missed = self.feed.fill(|place, out| ring.read(place, out));
            self.note_missed(missed);
            if self.feed.pending().is_empty() {
                self.worker.borrow_mut().feeds(false);
                let place = self.feed.place();
                let ended = poll_fn(|cx| {
                    if poll_end(&mut stream, cx).is_ready() {
                        return Poll::Ready(true);
                    }
                    match ring.has_news(place, cx.waker()) {
                        true => Poll::Ready(false),
                        false => Poll::Pending,
                    }
                })
                .await;
                self.worker.borrow_mut().feeds(true);
                if ended {
                    return;
                }
                continue;
            }
            match stream.try_write(&[IoSlice::new(self.feed.pending())]) {
                Ok(count) => self.feed.written(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let room = poll_fn(|cx| {
                        if poll_end(&mut stream, cx).is_ready() {
                            return Poll::Ready(false);
                        }
                        stream.poll_write_ready(cx).map(|ready| ready.is_ok())
                    });
                    let patience = self.settings().server_timeout;
                    if within(&self.env, patience, room).await != Some(true) {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }

    fn note_missed(&mut self, count: u64) {
        if count > 0 {
            self.missed += count;
            self.ring().note_missed(count);
            let this = self.worker.borrow();
            this.engine.logs_missed(count);
        }
        self.tell();
    }

    /// Says what the server has missed, if that was not said just before.
    fn tell(&mut self) {
        let now = self.env.now();
        let recently = |told: Instant| now.since(told) < TELL_EVERY;
        if self.missed > 0 && !self.told.is_some_and(recently) {
            self.told = Some(now);
            let count = std::mem::take(&mut self.missed);
            let (ring, server) = (self.settings().name.clone(), self.server().name.clone());
            let news = crate::News::Missed {
                ring,
                server,
                count,
            };
            self.worker.borrow_mut().announce(news);
        }
    }

    fn ring(&self) -> &SharedRing {
        &self.shared.rings[self.ring.0 as usize]
    }

    fn settings(&self) -> &RingSettings {
        &self.shared.settings.rings[self.ring.0 as usize]
    }

    fn server(&self) -> &RingServer {
        &self.settings().servers[self.server]
    }
}

/// Ready once the server has closed the connection. What it says is nobody's concern.
fn poll_end(stream: &mut impl Stream, cx: &mut std::task::Context<'_>) -> Poll<()> {
    let mut space = [0; IGNORED_BYTES];
    loop {
        let mut bytes = ReadBuf::new(&mut space);
        match stream.poll_read(cx, &mut bytes) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(())) if !bytes.filled().is_empty() => {}
            Poll::Ready(Ok(()) | Err(_)) => return Poll::Ready(()),
        }
    }
}

/// From the end of a connection, or of an attempt, to the next.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// What a server misses is told so often at most.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// Bytes of what a log server says, read at once.
const IGNORED_BYTES: usize = 512;
