//! Accepting clients: one task a listener.

use crate::env::{Env, Listener, Stream};
use crate::start::Bound;
use crate::tasks::is_shortage;
use crate::worker::{News, Shared};
use base::Duration;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll};

/// A listener of a worker.
pub(crate) struct Door<E: Env> {
    worker: Shared<E>,
    bound: Bound<E::Listener>,
    /// Clients' connections are probed (`option clitcpka`).
    probes: bool,
    resting: bool,
    /// A shortage was announced.
    warned: bool,
}

enum Turn<S> {
    Client(io::Result<S>),
    /// Rest, or go on.
    Rest(bool),
    /// The soft stop began.
    Close,
}

impl<E: Env> Door<E> {
    pub(crate) fn new(worker: Shared<E>, bound: Bound<E::Listener>, probes: bool) -> Self {
        Self {
            worker,
            bound,
            probes,
            resting: false,
            warned: false,
        }
    }

    /// Accepts clients as long as there is room for them, until a soft stop.
    pub(crate) async fn serve(mut self) {
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                Turn::Client(Ok(stream)) => self.let_in(stream),
                // Out of descriptors or memory: the client waits in the backlog, and we try again.
                Turn::Client(Err(error)) if is_shortage(&error) => self.pause(&error).await,
                // The client left before it was accepted.
                Turn::Client(Err(_)) => {}
                Turn::Rest(rest) => {
                    self.resting = rest;
                    if rest {
                        self.let_all_in();
                    }
                    self.bound.listener.rest(rest);
                }
                Turn::Close => {
                    self.let_all_in();
                    let Self { worker, bound, .. } = self;
                    drop(bound);
                    return worker.borrow_mut().unlisten_one(&worker);
                }
            }
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn<E::Stream>> {
        let this = self.worker.borrow();
        if this.unlistened {
            return Poll::Ready(Turn::Close);
        }
        if this.resting != self.resting {
            return Poll::Ready(Turn::Rest(this.resting));
        }
        let room = this.engine.may_accept(self.bound.frontend, self.bound.bind);
        drop(this);
        if room
            && !self.resting
            && let Poll::Ready(client) = self.bound.listener.poll_accept(cx)
        {
            return Poll::Ready(Turn::Client(client));
        }
        self.worker.borrow_mut().waits_to_accept(cx);
        Poll::Pending
    }

    /// Accepts who has connected already, and would be reset when the listener goes. Others may come
    /// as fast as these go in: there is an end to it.
    fn let_all_in(&mut self) {
        let room = |door: &Self| {
            let engine = &door.worker.borrow().engine;
            engine.may_accept(door.bound.frontend, door.bound.bind)
        };
        for _ in 0..WAITING_MAX {
            if !room(self) {
                return;
            }
            match self.bound.listener.accept_waiting() {
                Ok(Some(stream)) => self.let_in(stream),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Ok(None) | Err(_) => return,
            }
        }
    }

    fn let_in(&self, mut stream: E::Stream) {
        if self.probes {
            stream.keep_alive_probes();
        }
        let mut worker = self.worker.borrow_mut();
        worker.accept(&self.worker, self.bound.frontend, self.bound.bind, stream);
    }

    async fn pause(&mut self, error: &io::Error) {
        let pause = {
            let mut this = self.worker.borrow_mut();
            if !self.warned {
                self.warned = true;
                this.announce(News::AcceptPaused(error.to_string()));
            }
            let now = this.env.now();
            this.engine.out_of_resources(now);
            this.drain(&self.worker);
            this.env.sleep_until(now + SHORTAGE_PAUSE)
        };
        pause.await;
    }
}

/// Clients that a listener lets in before it closes or rests; the kernel resets those beyond.
const WAITING_MAX: usize = 1024;
/// How long accepting rests when descriptors or memory ran out.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(100);
