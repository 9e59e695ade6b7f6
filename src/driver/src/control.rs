//! The runtime API's sockets (`stats socket`).
//!
//! They are served on the process's own thread, beside the signals: a long dump or a slow reader
//! never takes a worker's time. What they show is read from what the workers share.

use crate::env::{Listener, Stream};
use crate::real::{Clock, OpenListener, RealListener, RealStream};
use base::Duration;
use engine::Shared;
use engine::settings::AccessLevel;
use runtime::{Overview, Process, Session};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::io::ReadBuf;

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
    /// Connections now (`stats maxconn`).
    open: Cell<u32>,
    waiting: RefCell<Vec<Waker>>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>, clock: Clock, process: Process) -> Rc<Self> {
        Rc::new(Self {
            shared,
            clock,
            process: RefCell::new(process),
            open: Cell::new(0),
            waiting: RefCell::default(),
        })
    }

    /// Accepts on one socket, each connection being a task of its own.
    #[expect(
        clippy::disallowed_methods,
        reason = "the process's own thread has no environment to spawn in"
    )]
    pub(crate) fn listen(self: &Rc<Self>, socket: ControlListener) -> io::Result<()> {
        let mut listener = socket.listener.into_worker()?;
        let control = self.clone();
        let level = socket.level;
        tokio::task::spawn_local(async move {
            loop {
                match control.accept(&mut listener).await {
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

    async fn accept(&self, listener: &mut RealListener) -> io::Result<RealStream> {
        let stream = poll_fn(|cx| {
            if self.open.get() >= self.shared.settings.global.stats_maxconn {
                self.waiting.borrow_mut().push(cx.waker().clone());
                return Poll::Pending;
            }
            listener.poll_accept(cx)
        })
        .await?;
        self.open.set(self.open.get() + 1);
        Ok(stream)
    }

    fn leave(&self) {
        self.open.set(self.open.get() - 1);
        for waker in self.waiting.borrow_mut().drain(..) {
            waker.wake();
        }
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
        let process = self.process.borrow();
        session.advance(&Overview {
            shared: &self.shared,
            workers: &self.shared.workers,
            captures: &self.shared.captures,
            process: &process,
            now: self.clock.now(),
            epoch: self.clock.epoch(),
        });
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
                result => return result,
            }
        }
    }

    async fn read(&self, stream: &mut RealStream, session: &mut Session) -> io::Result<()> {
        let mut space = [0; READ_BYTES];
        let mut bytes = ReadBuf::new(&mut space);
        let read = poll_fn(|cx| stream.poll_read(cx, &mut bytes));
        match self.in_time(session, read).await {
            Some(read) => read?,
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

/// Bytes of commands read at once.
const READ_BYTES: usize = 4096;
/// How long accepting rests after a failure.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
