//! What the configuration, and the state of the process, say of a pool.

use base::Duration;

/// `http-reuse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// `never`: a connection is its session's.
    Never,
    /// `safe`: the first request of a session gets a connection of its own.
    #[default]
    Safe,
    /// `aggressive`: a first request may come on a connection that is known to bear reuse.
    Aggressive,
    /// `always`: a first request may come on any idle connection.
    Always,
}

/// What holds for the connections to one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `http-reuse`.
    pub reuse: Reuse,
    /// `pool-max-conn`: idle connections at most; `None` is no limit.
    pub idle_max: Option<u32>,
    /// `pool-low-conn`: so many idle connections are kept beyond what is needed, and with fewer none is
    /// taken from other workers.
    pub idle_low: u32,
    /// `pool-purge-delay`; zero keeps no idle connection.
    pub purge_delay: Duration,
    /// `max-reuse`: requests on a connection after the first; `None` is no limit.
    pub reuses_max: Option<u32>,
    /// `strict-maxconn`: connections at most, idle ones included; `None` is no limit.
    pub connections_max: Option<u32>,
    /// The server opens its connections itself (reverse HTTP): one that is gone cannot be replaced.
    pub reversed: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reuse: Reuse::Safe,
            idle_max: None,
            idle_low: 0,
            purge_delay: Duration::from_secs(5),
            reuses_max: None,
            connections_max: None,
            reversed: false,
        }
    }
}

/// What a decision depends on beside the pool of this worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// How many files the process has open.
    pub files: Files,
    /// Connections to the server that other workers have.
    pub elsewhere: u32,
    /// Idle ones among them.
    pub idle_elsewhere: u32,
    /// `max-session-srv-conns` of the session at hand.
    pub session_idle_max: u32,
    /// The worker stops: nothing is kept.
    pub stopping: bool,
}

/// How many files the process has open, against those it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Files {
    /// Fewer than `tune.pool-low-fd-ratio`.
    Few,
    /// More than that.
    Many,
    /// `tune.pool-high-fd-ratio` is reached.
    TooMany,
}

impl Files {
    /// `open` of `max` files, with both ratios in percent. Nothing is scarce without a limit.
    pub fn of(open: u32, max: u32, low_percent: u32, high_percent: u32) -> Self {
        let percent = u64::from(open) * 100;
        let reaches = |ratio: u32| max != 0 && percent >= u64::from(max) * u64::from(ratio);
        if reaches(high_percent) {
            Self::TooMany
        } else if reaches(low_percent) {
            Self::Many
        } else {
            Self::Few
        }
    }
}
