//! Messages of others (`log-forward`): streams and datagrams, each message handed to the engine.

use crate::env::{Env, Listener, Stream};
use crate::tasks::{is_shortage, within};
use crate::worker::{Shared, ip_of};
use base::Duration;
use session::log::Intake;
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::ReadBuf;

/// A socket that datagrams come to.
pub trait Datagrams: Unpin + 'static {
    /// Receives one, and tells who sent it, if that has an address.
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Option<IpAddr>>>;
}

/// A socket of a `log-forward` section.
#[derive(Debug)]
pub struct Source<S> {
    /// The section.
    pub section: u32,
    /// The socket.
    pub socket: S,
}

/// The streams of a section that are open.
pub(crate) type Open = Rc<Cell<u32>>;

/// Accepts streams for a section as long as there is room for them, until a soft stop.
pub(crate) async fn accept<E: Env>(
    worker: Shared<E>,
    mut listener: Source<E::Listener>,
    open: Open,
) {
    let (env, shared) = {
        let this = worker.borrow();
        (this.env.clone(), this.engine.shared().clone())
    };
    let maxconn = shared.settings.forwards[listener.section as usize].maxconn;
    let section = listener.section;
    loop {
        let accepted = poll_fn(|cx| {
            let mut this = worker.borrow_mut();
            if this.unlistened {
                return Poll::Ready(None);
            }
            this.waits_to_accept(cx);
            if this.resting || (maxconn > 0 && open.get() >= maxconn) {
                return Poll::Pending;
            }
            listener.socket.poll_accept(cx).map(Some)
        });
        match accepted.await {
            None => return,
            Some(Ok(stream)) => {
                open.set(open.get() + 1);
                let (worker, open) = (worker.clone(), open.clone());
                env.spawn(async move {
                    read(&worker, section, stream).await;
                    open.set(open.get() - 1);
                    worker.borrow_mut().wake_accepting();
                });
            }
            Some(Err(error)) if is_shortage(&error) => {
                let until = env.now() + PAUSE;
                env.sleep_until(until).await;
            }
            // The client left before it was accepted.
            Some(Err(_)) => {}
        }
    }
}

/// Reads a stream to its end, or until it is silent for too long or no stream of messages.
async fn read<E: Env>(worker: &Shared<E>, section: u32, mut stream: E::Stream) {
    let (env, shared) = {
        let this = worker.borrow();
        (this.env.clone(), this.engine.shared().clone())
    };
    let settings = &shared.settings.forwards[section as usize];
    let source = ip_of(stream.peer()).map(|peer| peer.ip());
    let bufsize = shared.settings.global.tune.bufsize as usize;
    let mut intake = Intake::new(bufsize, settings.lines_only);
    let mut space = vec![0; bufsize];
    loop {
        let mut bytes = ReadBuf::new(&mut space);
        let read = poll_fn(|cx| stream.poll_read(cx, &mut bytes));
        let read = within(&env, settings.client_timeout, read).await;
        let bytes = bytes.filled();
        if !matches!(read, Some(Ok(()))) || bytes.is_empty() {
            return;
        }
        let mut this = worker.borrow_mut();
        let now = this.env.now();
        // What one brings forth is sent before the next is looked at: nothing piles up.
        let mut take = |message: &[u8]| {
            this.engine.forward(now, section, source, message);
            this.drain(worker);
        };
        if intake.receive(bytes, &mut take).is_err() {
            return;
        }
    }
}

/// Receives datagrams for a section until a soft stop has come and all that came before are taken in.
pub(crate) async fn receive<E: Env>(worker: Shared<E>, mut socket: Source<impl Datagrams>) {
    let env = worker.borrow().env.clone();
    let mut space = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        let mut bytes = ReadBuf::new(&mut space);
        let received = poll_fn(|cx| {
            if let Poll::Ready(received) = socket.socket.poll_receive(cx, &mut bytes) {
                return Poll::Ready(Some(received));
            }
            let mut this = worker.borrow_mut();
            this.waits_to_accept(cx);
            match this.unlistened {
                true => Poll::Ready(None),
                false => Poll::Pending,
            }
        });
        match received.await {
            None => return,
            Some(Ok(source)) => {
                let mut this = worker.borrow_mut();
                let now = this.env.now();
                let section = socket.section;
                this.engine.forward(now, section, source, bytes.filled());
                this.drain(&worker);
            }
            Some(Err(_)) => {
                let until = env.now() + PAUSE;
                env.sleep_until(until).await;
            }
        }
    }
}

/// How long a socket rests that has failed, or for which there was no descriptor or memory.
const PAUSE: Duration = Duration::from_millis(100);
/// The largest datagram there is.
const DATAGRAM_BYTES_MAX: usize = 65_535;
