//! Setting a worker going.

use crate::accept::Door;
use crate::env::Env;
use crate::feed::Feeder;
use crate::intake::{self, Datagrams, Open, Source};
use crate::tasks;
use crate::worker::{MailOf, News, Shared, Worker};
use engine::Engine;
use session::settings::{Options, ProxyIndex};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// A listening socket and whose it is.
#[derive(Debug)]
pub struct Bound<L> {
    /// The frontend.
    pub frontend: ProxyIndex,
    /// Which of its `bind` lines.
    pub bind: u32,
    /// The socket.
    pub listener: L,
}

/// A running worker.
pub struct Running<E: Env>(Shared<E>);

/// Starts a worker's tasks in `env`. `mail` is what reaches it; `peers` are all workers' mailboxes by
/// number, its own included.
pub fn start<E: Env>(
    env: E,
    engine: Engine,
    listeners: Vec<Bound<E::Listener>>,
    mail: UnboundedReceiver<MailOf<E>>,
    peers: Vec<UnboundedSender<MailOf<E>>>,
) -> Running<E> {
    let shared = engine.shared().clone();
    let worker = Worker::new(env.clone(), engine, peers, listeners.len());
    let worker = Rc::new(RefCell::new(worker));
    for bound in listeners {
        let proxy = shared.proxy(bound.frontend);
        let probes = proxy.options.contains(Options::CLITCPKA);
        env.spawn(Door::new(worker.clone(), bound, probes).serve());
    }
    // Their messages come from all workers; one of these sends them.
    if worker.borrow().engine.worker() == 0 {
        for feeder in Feeder::all(&worker) {
            worker.borrow_mut().feeds(true);
            env.spawn(feeder.serve());
        }
    }
    env.spawn(tasks::sleep(worker.clone()));
    env.spawn(tasks::write(worker.clone()));
    env.spawn(tasks::mail(worker.clone(), mail));
    Running(worker)
}

impl<E: Env> Running<E> {
    /// Takes in messages of others over streams (`bind` of `log-forward`). One worker does that for a
    /// section: it counts them.
    pub fn accept_logs(&self, listeners: Vec<Source<E::Listener>>) {
        let mut open: BTreeMap<u32, Open> = BTreeMap::new();
        let env = self.0.borrow().env.clone();
        for listener in listeners {
            let open = open.entry(listener.section).or_default().clone();
            env.spawn(intake::accept(self.0.clone(), listener, open));
        }
    }

    /// Takes in messages of others, a datagram each (`dgram-bind` of `log-forward`).
    pub fn receive_logs(&self, sockets: Vec<Source<impl Datagrams>>) {
        let env = self.0.borrow().env.clone();
        for socket in sockets {
            env.spawn(intake::receive(self.0.clone(), socket));
        }
    }

    /// What happened to the worker next; `None` once a soft stop is complete. One task at a time may
    /// wait for it.
    pub async fn news(&self) -> Option<News> {
        poll_fn(|cx| {
            let mut worker = self.0.borrow_mut();
            if let Some(news) = worker.news.pop_front() {
                return Poll::Ready(Some(news));
            }
            if worker.stopped && worker.feeding == 0 {
                return Poll::Ready(None);
            }
            worker.listener = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Looks at the engine.
    pub fn with_engine<T>(&self, look: impl FnOnce(&Engine) -> T) -> T {
        look(&self.0.borrow().engine)
    }
}
