//! Time as the cores know it: monotonic, ours, and handed in.

use core::ops::{Add, Sub};
use core::time::Duration;

/// Nanoseconds on a monotonic clock whose origin the driver chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The origin of the clock.
    pub const ZERO: Self = Self(0);

    /// The instant `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the origin.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The time since `earlier`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        let nanos = u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, rhs: Self) -> Duration {
        self.since(rhs)
    }
}

/// Wall-clock time of the origin of [`Instant`], in nanoseconds since 1970-01-01 UTC.
///
/// Wall time is only ever `now` plus this one injected constant, so a run can be replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch(pub u64);

impl Epoch {
    /// Nanoseconds since 1970-01-01 UTC at `now`.
    pub const fn wall_nanos(self, now: Instant) -> u64 {
        self.0 + now.0
    }
}

/// When something is due, and which timer asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// Which timer.
    pub why: Why,
}

/// The timers a proxy runs, by the names of HAProxy's `timeout` keywords where one exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A rule waits for what it needs (`inspect-delay`, `wait-for-body`, `pause`).
    Rule,
    /// `timeout client`: inactivity on the client side.
    Client,
    /// `timeout client-fin`: inactivity while the client side is half closed.
    ClientFin,
    /// `timeout client-hs`: the handshake with a client.
    ClientHandshake,
    /// `timeout http-request`: the whole head of a request.
    HttpRequest,
    /// `timeout http-keep-alive`: the wait for the next request.
    HttpKeepAlive,
    /// `timeout queue`: the wait for a free slot on a server.
    Queue,
    /// `timeout connect`: a connection attempt to a server.
    Connect,
    /// The pause before a connection attempt is repeated (one second, or `timeout connect` if shorter).
    Retry,
    /// `timeout server`: inactivity on the server side.
    Server,
    /// `timeout server-fin`: inactivity while the server side is half closed.
    ServerFin,
    /// `timeout tunnel`: inactivity of a tunnel in both directions.
    Tunnel,
    /// `timeout tarpit`: how long a tarpitted request is held.
    Tarpit,
    /// `set-bandwidth-limit`: bytes are held back until more may pass.
    Pace,
    /// `pool-purge-delay`: idle server connections are looked through.
    Purge,
    /// `idle-ping`: an idle connection of HTTP/2 is asked whether it lives.
    IdlePing,
    /// `hard-stop-after`: a soft stop turns into a hard one.
    HardStop,
    /// `grace`: listeners stay open for a while after a soft stop.
    Grace,
    /// The earliest entry of a timer table whose own kind is not known before it fires.
    Table,
}
