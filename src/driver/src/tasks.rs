//! The tasks of a worker: one a socket, one a listener, one for time, one for mail.

use crate::env::{Env, Listener, Stream};
use crate::worker::{Mail, News, Shared};
use base::Duration;
use engine::ConnectError;
use session::ConnId;
use session::settings::ProxyIndex;
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
    connecting: impl Future<Output = io::Result<E::Stream>>,
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
                if this.establish(id, stream) {
                    this.engine.connected(now, id);
                }
            }
            Some(Err(error)) => this.engine.connect_failed(now, id, reason(&error)),
        }
        this.drain(&worker);
    }
    serve(worker, id).await;
}

/// Accepts the clients of one listener, as long as there is room for them.
pub(crate) async fn accept<E: Env>(
    worker: Shared<E>,
    mut listener: E::Listener,
    frontend: ProxyIndex,
    bind: u32,
    probes: bool,
) {
    let (mut warned, mut resting) = (false, false);
    loop {
        let accepted = poll_fn(|cx| {
            let mut this = worker.borrow_mut();
            if this.unlistened {
                return Poll::Ready(None);
            }
            if this.resting != resting {
                resting = this.resting;
                listener.rest(resting);
            }
            if resting || !this.engine.may_accept(frontend, bind) {
                this.waits_to_accept(cx);
                return Poll::Pending;
            }
            drop(this);
            let accepted = listener.poll_accept(cx);
            if accepted.is_pending() {
                worker.borrow_mut().waits_to_accept(cx);
            }
            accepted.map(Some)
        })
        .await;
        match accepted {
            None => return,
            Some(Ok(mut stream)) => {
                if probes {
                    stream.keep_alive_probes();
                }
                worker.borrow_mut().accept(&worker, frontend, bind, stream);
            }
            Some(Err(error)) => {
                // Out of descriptors or memory: the client waits in the backlog, and we try again.
                if is_shortage(&error) {
                    if !warned {
                        let news = News::AcceptPaused(error.to_string());
                        worker.borrow_mut().announce(news);
                        warned = true;
                    }
                    let pause = {
                        let mut this = worker.borrow_mut();
                        let now = this.env.now();
                        this.engine.out_of_resources(now);
                        this.drain(&worker);
                        this.env.sleep_until(now + SHORTAGE_PAUSE)
                    };
                    pause.await;
                }
            }
        }
    }
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

/// Hands mail to the engine.
pub(crate) async fn mail<E: Env>(worker: Shared<E>, mut mail: UnboundedReceiver<Mail>) {
    while let Some(mail) = mail.recv().await {
        let mut this = worker.borrow_mut();
        this.receive(mail);
        this.drain(&worker);
    }
}

/// Whether a failed accept says that we are short of something, rather than that one client left.
fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(EMFILE | ENFILE | ENOBUFS | ENOMEM)
    )
}

fn reason(error: &io::Error) -> ConnectError {
    match error.raw_os_error() {
        Some(EMFILE | ENFILE | ENOBUFS | ENOMEM | EADDRNOTAVAIL | EAGAIN) => ConnectError::Resource,
        Some(_) | None => ConnectError::Refused,
    }
}

// Linux's numbers (errno(3)).
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const EADDRNOTAVAIL: i32 = 99;
const ENOBUFS: i32 = 105;

/// How long accepting rests when descriptors or memory ran out.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(100);
