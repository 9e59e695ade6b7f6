//! The runtime API's sockets (`stats socket`).
//!
//! They are served on the process's own thread, beside the signals: a long dump takes no time of
//! workers that have threads of their own (a process with more than one), a slow reader that of
//! nobody. What they show is read from what the workers share.

use crate::env::{Listener, Stream};
use crate::real::{Clock, OpenListener, RealListener, RealStream};
use base::Duration;
use engine::settings::AccessLevel;
use engine::{PageAsked, PageMade, Shared, Turn};
use runtime::{Order, Overview, Process, Session, View};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::io::ReadBuf;
use tokio::sync::mpsc::UnboundedSender;

/// A `stats socket` that listens.
#[derive(Debug)]
pub(crate) struct ControlListener {
    pub(crate) listener: OpenListener,
    pub(crate) level: AccessLevel,
}

/// What the runtime API looks at.
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Clock,
    pub(crate) process: RefCell<Process>,
    /// Who tells the workers of what commands have changed.
    turned: UnboundedSender<Turn>,
    /// Connections now (`stats maxconn`).
    open: Cell<u32>,
    /// Tasks that accept.
    waiting: RefCell<Vec<Waker>>,
    /// Somebody takes the measures of every second.
    measured: Cell<bool>,
}

impl Control {
    pub(crate) fn new(
        shared: Arc<Shared>,
        clock: Clock,
        process: Process,
        turned: UnboundedSender<Turn>,
    ) -> Rc<Self> {
        Rc::new(Self {
            shared,
            clock,
            process: RefCell::new(process),
            turned,
            open: Cell::new(0),
            waiting: RefCell::default(),
            measured: Cell::new(false),
        })
    }

    /// Accepts on one socket, each connection being a task of its own.
    #[expect(
        clippy::disallowed_methods,
        reason = "the process's own thread has no environment to spawn in"
    )]
    pub(crate) fn listen(self: &Rc<Self>, socket: ControlListener) -> io::Result<()> {
        let mut listener = socket.listener.into_worker()?;
        if !self.measured.replace(true) {
            tokio::task::spawn_local(self.clone().measure());
        }
        let control = self.clone();
        let level = socket.level;
        tokio::task::spawn_local(async move {
            while let Some(accepted) = control.accept(&mut listener).await {
                match accepted {
                    Ok(stream) => {
                        let control = control.clone();
                        tokio::task::spawn_local(async move {
                            control.serve(stream, level).await;
                            control.leave();
                        });
                    }
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                }
            }
        });
        Ok(())
    }

    /// The next connection; `None` once the process stops.
    async fn accept(&self, listener: &mut RealListener) -> Option<io::Result<RealStream>> {
        let accepted = poll_fn(|cx| {
            if self.process.borrow().stopping {
                return Poll::Ready(None);
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
            if self.open.get() >= self.shared.settings.global.stats_maxconn {
                return Poll::Pending;
            }
            listener.poll_accept(cx).map(Some)
        })
        .await;
        if let Some(Ok(_)) = accepted {
            self.open.set(self.open.get() + 1);
            self.process.borrow_mut().control_connections += 1;
        }
        accepted
    }

    /// Looks every second at what it brought. The workers are not asked: what they count and the
    /// processor time of the process tell enough, and cost them nothing.
    async fn measure(self: Rc<Self>) {
        let mut before = self.measures();
        loop {
            tokio::time::sleep(MEASURE_EVERY).await;
            let after = self.measures();
            let passed = after.at.since(before.at).as_nanos() * self.shared.counters.len() as u128;
            let busy = u128::from(after.busy_nanos.saturating_sub(before.busy_nanos));
            let busy_percent = (busy * 100).checked_div(passed).unwrap_or(0).min(100);
            let mut process = self.process.borrow_mut();
            process.idle_percent = 100 - busy_percent as u32;
            process.bytes_out_rate = after.bytes_out.saturating_sub(before.bytes_out);
            before = after;
        }
    }

    fn measures(&self) -> Measures {
        let busy = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Measures {
            at: self.clock.now(),
            busy_nanos: busy.tv_sec as u64 * 1_000_000_000 + busy.tv_nsec as u64,
            bytes_out: self.look(|overview| overview.bytes_out()),
        }
    }

    fn leave(&self) {
        self.open.set(self.open.get() - 1);
        self.wake_accepting();
    }

    fn wake_accepting(&self) {
        for waker in self.waiting.borrow_mut().drain(..) {
            waker.wake();
        }
    }

    /// The soft stop begins: nobody is let in any more, so that the sockets are free for the process
    /// that comes after. Who is in may go on asking.
    pub(crate) fn stop(&self) {
        self.process.borrow_mut().stopping = true;
        self.wake_accepting();
    }

    /// Serves one connection to its end.
    async fn serve(&self, mut stream: RealStream, level: AccessLevel) {
        let timeout = self.shared.settings.global.stats_timeout;
        let mut session = Session::new(self.clock.now(), level, timeout);
        loop {
            self.advance(&mut session);
            while !session.output().is_empty() {
                let Ok(sent) = self.write(&mut stream, &session).await else {
                    return;
                };
                session.consume(self.clock.now(), sent);
                self.advance(&mut session);
            }
            if session.is_over() || self.read(&mut stream, &mut session).await.is_err() {
                return;
            }
        }
    }

    fn advance(&self, session: &mut Session) {
        loop {
            self.look(|overview| session.advance(overview));
            match session.take_order() {
                Some(order) => self.obey(order),
                None => return,
            }
        }
    }

    fn obey(&self, order: Order) {
        let turn = match order {
            Order::SetServer {
                backend,
                server,
                state,
            } => self
                .shared
                .set_server(self.clock.now(), backend, server, state),
        };
        if let Some(turn) = turn {
            // Nobody hears of it any more if the process is about to end.
            let _ = self.turned.send(turn);
        }
    }

    /// Makes a page of statistics, and does what it was sent for.
    pub(crate) fn page(&self, asked: &PageAsked) -> PageMade {
        let (page, orders) = self.look(|overview| runtime::page::make(overview, asked));
        for order in orders {
            self.obey(order);
        }
        page
    }

    /// Looks at the process as it is now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Overview<'_>) -> T) -> T {
        let process = self.process.borrow();
        look(&Overview {
            shared: &self.shared,
            workers: &self.shared.workers,
            captures: &self.shared.captures,
            process: &process,
            now: self.clock.now(),
            epoch: self.clock.epoch(),
        })
    }

    async fn write(&self, stream: &mut RealStream, session: &Session) -> io::Result<usize> {
        loop {
            match stream.try_write(&[IoSlice::new(session.output())]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let ready = poll_fn(|cx| stream.poll_write_ready(cx));
                    match self.in_time(session, ready).await {
                        Some(ready) => ready?,
                        None => return Err(ErrorKind::TimedOut.into()),
                    }
                }
                result => {
                    let sent = result.as_ref().copied().unwrap_or(0);
                    self.process.borrow_mut().control_bytes_out += sent as u64;
                    return result;
                }
            }
        }
    }

    async fn read(&self, stream: &mut RealStream, session: &mut Session) -> io::Result<()> {
        let mut space = [0; READ_BYTES];
        let mut bytes = ReadBuf::new(&mut space);
        let read = poll_fn(|cx| {
            if let Some((ring, place)) = session.follows()
                && self.shared.rings[ring.0 as usize].has_news(place, cx.waker())
            {
                return Poll::Ready(None);
            }
            stream.poll_read(cx, &mut bytes).map(Some)
        });
        match self.in_time(session, read).await {
            Some(None) => return Ok(()),
            Some(Some(read)) => read?,
            None => {
                session.handle_timeout(self.clock.now());
                return Ok(());
            }
        }
        let mut bytes = bytes.filled();
        if bytes.is_empty() {
            session.end_of_input();
        }
        while !bytes.is_empty() {
            let taken = session.receive(self.clock.now(), bytes);
            bytes = &bytes[taken..];
            self.advance(session);
            if taken == 0 && !session.wants_input() && session.output().is_empty() {
                return Err(ErrorKind::InvalidData.into());
            }
            if taken == 0 {
                while !session.output().is_empty() {
                    let sent = self.write(stream, session).await?;
                    session.consume(self.clock.now(), sent);
                    self.advance(session);
                }
            }
        }
        Ok(())
    }

    /// The result of `work`, unless the session's own time is over before.
    async fn in_time<T>(&self, session: &Session, work: impl Future<Output = T>) -> Option<T> {
        match session.poll_timeout() {
            None => Some(work.await),
            Some(deadline) => {
                let left: Duration = deadline.at.since(self.clock.now());
                tokio::time::timeout(left, work).await.ok()
            }
        }
    }
}

/// What a second is measured by.
struct Measures {
    at: base::Instant,
    /// Processor time of the whole process.
    busy_nanos: u64,
    bytes_out: u64,
}

/// What `show info` says of the last second is as long as that.
const MEASURE_EVERY: Duration = Duration::from_secs(1);
/// Bytes of commands read at once.
pub(crate) const READ_BYTES: usize = 4096;
/// How long accepting rests after a failure.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
