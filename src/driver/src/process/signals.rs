//! The signals a process obeys.
//!
//! A signal that nobody handles yet would end the process. So they are held back before the first
//! socket listens, and let through once they are heard: one that came in between is obeyed then.

use nix::sys::signal::{SigSet, Signal as Number};
use std::io;
use std::task::{Context, Poll};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals are held back from this thread and all that it starts.
#[derive(Debug)]
pub struct Held(SigSet);

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// SIGUSR1: a soft stop.
    SoftStop,
    /// SIGHUP: tell how the servers are.
    TellServers,
    /// SIGTTOU: listeners rest; SIGTTIN: they accept again.
    Listen(bool),
}

/// The signals, heard. SIGINT and SIGTERM keep their meaning and end the process at once.
#[derive(Debug)]
pub(super) struct Signals {
    orders: [(Order, Signal); 4],
    /// SIGUSR2 has a meaning only for a master process.
    meaningless: Signal,
}

/// Holds back every signal that is obeyed later.
pub fn hold() -> io::Result<Held> {
    let held = Held(SigSet::from_iter([
        Number::SIGUSR1,
        Number::SIGUSR2,
        Number::SIGHUP,
        Number::SIGTTOU,
        Number::SIGTTIN,
    ]));
    held.0.thread_block()?;
    Ok(held)
}

impl Held {
    /// Lets the signals through to whoever hears them by now.
    pub(super) fn release(self) -> io::Result<()> {
        self.0.thread_unblock()?;
        Ok(())
    }

    /// Hears the signals from now on, those that were held back first. Needs a runtime.
    pub(super) fn hear(self) -> io::Result<Signals> {
        let hear = |number: Number| signal(SignalKind::from_raw(number as i32));
        let signals = Signals {
            orders: [
                (Order::SoftStop, hear(Number::SIGUSR1)?),
                (Order::TellServers, hear(Number::SIGHUP)?),
                (Order::Listen(false), hear(Number::SIGTTOU)?),
                (Order::Listen(true), hear(Number::SIGTTIN)?),
            ],
            meaningless: hear(Number::SIGUSR2)?,
        };
        self.release()?;
        Ok(signals)
    }
}

impl Signals {
    /// The next order.
    pub(super) fn poll_order(&mut self, cx: &mut Context<'_>) -> Poll<Order> {
        while self.meaningless.poll_recv(cx).is_ready() {}
        for (order, signal) in &mut self.orders {
            if signal.poll_recv(cx).is_ready() {
                return Poll::Ready(*order);
            }
        }
        Poll::Pending
    }
}
