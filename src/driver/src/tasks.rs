//! The tasks of a worker beside those of its listeners: one a socket, one for time, one for mail.

use crate::env::{Env, Stream};
use crate::worker::{MailOf, Shared, ip_of};
use base::Duration;
use engine::ConnectError;
use session::ConnId;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
use tokio::sync::mpsc::UnboundedReceiver;

/// Serves an established socket until it is gone.
pub(crate) async fn serve<E: Env>(worker: Shared<E>, id: ConnId) {
    poll_fn(|cx| worker.borrow_mut().poll_socket(&worker, id, cx)).await;
}

/// Waits for a connection to a server, then serves it.
pub(crate) async fn connect<E: Env>(
    worker: Shared<E>,
    id: ConnId,
    connecting: impl Future<Output = Result<E::Stream, ConnectError>>,
    probes: bool,
) {
    let mut connecting = pin!(connecting);
    let outcome = poll_fn(|cx| {
        // Nobody may want it any more: an attempt that is given up must not go on.
        if worker.borrow_mut().poll_unwanted(id, cx).is_ready() {
            return Poll::Ready(None);
        }
        connecting.as_mut().poll(cx).map(Some)
    })
    .await;
    {
        let mut this = worker.borrow_mut();
        let now = this.env.now();
        match outcome {
            None => return,
            Some(Ok(mut stream)) => {
                if probes {
                    stream.keep_alive_probes();
                }
                if this.engine.is_dialed(id) {
                    this.engine.note_local(id, ip_of(stream.local()));
                }
                if this.establish(id, stream) {
                    if this.engine.wants_measures() {
                        this.measure(id);
                    }
                    this.engine.connected(now, id);
                }
            }
            Some(Err(error)) => this.engine.connect_failed(now, id, error),
        }
        this.drain(&worker);
    }
    serve(worker, id).await;
}

/// Writes to connections that streams share, after the tasks of the sockets that were ready.
pub(crate) async fn write<E: Env>(worker: Shared<E>) {
    poll_fn(|cx| worker.borrow_mut().poll_unwritten(&worker, cx)).await;
}

/// Lets the engine know when a timer is due.
pub(crate) async fn sleep<E: Env>(worker: Shared<E>) {
    loop {
        let deadline = worker.borrow().engine.deadline();
        worker.borrow_mut().sleeps_until = deadline;
        let env = worker.borrow().env.clone();
        let mut sleeping = pin!(deadline.map(|at| env.sleep_until(at)));
        poll_fn(|cx| {
            let mut this = worker.borrow_mut();
            if this.engine.deadline().is_some_and(|next| match deadline {
                Some(until) => next < until,
                None => true,
            }) {
                return Poll::Ready(());
            }
            this.sleeper = Some(cx.waker().clone());
            drop(this);
            match sleeping.as_mut().as_pin_mut() {
                Some(sleeping) => sleeping.poll(cx),
                None => Poll::Pending,
            }
        })
        .await;
        let mut this = worker.borrow_mut();
        let now = this.env.now();
        this.engine.timeout(now);
        this.drain(&worker);
    }
}

/// What log servers have not taken a while after the worker has stopped is lost.
pub(crate) async fn last_words<E: Env>(worker: Shared<E>) {
    let env = worker.borrow().env.clone();
    let until = env.now() + LAST_WORDS;
    env.sleep_until(until).await;
    let mut this = worker.borrow_mut();
    this.feeding = 0;
    this.wake_listener();
}

/// Hands mail to the engine.
pub(crate) async fn mail<E: Env>(worker: Shared<E>, mut mail: UnboundedReceiver<MailOf<E>>) {
    while let Some(mail) = mail.recv().await {
        let mut this = worker.borrow_mut();
        this.receive(&worker, mail);
        this.drain(&worker);
    }
}

/// The result of `work`, unless it takes longer than `patience`.
pub(crate) async fn within<E: Env, T>(
    env: &E,
    patience: Option<Duration>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let until = patience.map(|patience| env.now() + patience);
    let mut over = pin!(until.map(|until| env.sleep_until(until)));
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        match over.as_mut().as_pin_mut() {
            Some(over) => over.poll(cx).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}

/// Whether a failed accept says that we are short of something, rather than that one client left.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(EMFILE | ENFILE | ENOBUFS | ENOMEM)
    )
}

/// Why a socket could not be connected, by what the system said.
pub fn reason(error: &io::Error) -> ConnectError {
    match error.raw_os_error() {
        Some(EMFILE | ENFILE | ENOBUFS | ENOMEM | EAGAIN) => ConnectError::Resource,
        Some(EADDRNOTAVAIL) => ConnectError::NoPort,
        Some(_) | None => ConnectError::Refused,
    }
}

/// How long a worker that has stopped lives on for its log servers.
const LAST_WORDS: Duration = Duration::from_secs(1);

// Linux's numbers (errno(3)).
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const EADDRNOTAVAIL: i32 = 99;
const ENOBUFS: i32 = 105;
