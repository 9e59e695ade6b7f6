//! The real world: Linux sockets, clocks and descriptors.

mod datagram;
mod listen;
mod log;
mod measures;
mod stream;

pub use datagram::{OpenDatagrams, RealDatagrams, open_datagrams};
pub use listen::{OpenListener, RealListener, open};
pub use log::LogSockets;
pub use stream::{PackedStream, RealStream};

use crate::env::Env;
use balance::{Address, LocalEnd};
use base::{Duration, Epoch, Instant};
use engine::ConnectError;
use session::settings::LogSocket;
use socket2::SockRef;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The real world, as one worker sees it.
#[derive(Clone)]
pub struct RealEnv {
    clock: Clock,
    log: Rc<RefCell<LogSockets>>,
    /// Of connections to servers.
    buffers: Buffers,
}

/// Sizes of the system's buffers of a connection, bytes; `None` leaves them to the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Buffers {
    /// `tune.rcvbuf.client`, `tune.rcvbuf.server`
    pub receive: Option<u32>,
    /// `tune.sndbuf.client`, `tune.sndbuf.server`
    pub send: Option<u32>,
}

impl Buffers {
    fn apply<'a>(self, socket: impl Into<SockRef<'a>>) -> io::Result<()> {
        let socket = socket.into();
        if let Some(bytes) = self.receive {
            socket.set_recv_buffer_size(bytes as usize)?;
        }
        if let Some(bytes) = self.send {
            socket.set_send_buffer_size(bytes as usize)?;
        }
        Ok(())
    }
}

/// The clock of the process: an origin shared by all workers.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: tokio::time::Instant,
    epoch: Epoch,
}

impl Clock {
    /// A clock that starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where real time enters"
    )]
    pub fn start() -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            origin: tokio::time::Instant::now(),
            epoch: Epoch(u64::try_from(wall.as_nanos()).unwrap_or(0)),
        }
    }

    /// Wall-clock time of the origin.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The time since the origin.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where real time enters"
    )]
    pub fn now(&self) -> Instant {
        let passed = tokio::time::Instant::now() - self.origin;
        Instant::ZERO + passed
    }
}

impl RealEnv {
    /// The world of one worker.
    pub fn new(clock: Clock, log: LogSockets, buffers: Buffers) -> Self {
        Self {
            clock,
            log: Rc::new(RefCell::new(log)),
            buffers,
        }
    }
}

impl Env for RealEnv {
    type Stream = RealStream;
    type Listener = RealListener;

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn connect(
        &self,
        to: Address,
        from: LocalEnd,
    ) -> impl Future<Output = Result<RealStream, ConnectError>> + 'static + use<> {
        RealStream::connect(to, from, self.buffers)
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + 'static + use<> {
        let after_origin = Duration::from_nanos(at.as_nanos());
        tokio::time::sleep_until(self.clock.origin + after_origin)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the driver's own spawn, behind which everyone else stands"
    )]
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(task);
    }

    fn log(&self, to: &LogSocket, line: &[u8]) -> bool {
        self.log.borrow_mut().send(to, line)
    }
}
