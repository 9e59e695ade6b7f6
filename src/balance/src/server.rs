//! A server's slots.

use crate::{Address, ServerSettings};

/// Whether a server takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It takes requests.
    Up,
    /// It only takes requests that ask for it (`drain`).
    Drain,
    /// It takes none (`disabled`, `maint`).
    Maintenance,
}

/// What there is to know of a server from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// Whether it takes requests.
    pub state: ServerState,
    /// `weight`.
    pub weight: u32,
    /// `backup`.
    pub backup: bool,
    /// Requests that hold a slot.
    pub served: u32,
    /// Requests that wait for this server alone.
    pub queued: u32,
    /// Slots there are now (`maxconn`, or less under `minconn`); `None` is no limit.
    pub limit: Option<u32>,
}

/// One server as balancing sees it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) state: ServerState,
    pub(crate) weight: u32,
    pub(crate) backup: bool,
    pub(crate) served: u32,
    pub(crate) queue_max: Option<u32>,
    slots: Slots,
}

impl Server {
    pub(crate) fn new(settings: &ServerSettings) -> Self {
        let unreachable = matches!(settings.address, Address::Unresolved(_));
        Self {
            state: if settings.disabled || unreachable {
                ServerState::Maintenance
            } else {
                ServerState::Up
            },
            weight: settings.weight,
            backup: settings.backup,
            served: 0,
            queue_max: (settings.maxqueue > 0).then_some(settings.maxqueue),
            slots: Slots::new(settings.minconn, settings.maxconn),
        }
    }

    /// Whether requests that ask for no server in particular may come here.
    pub(crate) fn is_balanced(&self) -> bool {
        self.state == ServerState::Up && self.weight > 0
    }

    /// Whether one more request may be served while the backend is under `load`.
    pub(crate) fn has_slot(&self, load: Load) -> bool {
        self.limit(load).is_none_or(|limit| self.served < limit)
    }

    /// How many requests may be served at once while the backend is under `load`.
    pub(crate) fn limit(&self, load: Load) -> Option<u32> {
        match self.slots {
            Slots::Unlimited => None,
            Slots::Fixed(max) => Some(max),
            Slots::Ramp { .. } if load.requests >= load.full => self.slots.most(),
            Slots::Ramp { min, max } => {
                let share = u64::from(load.requests) * u64::from(max) / u64::from(load.full);
                // Below `full`, so the share is below `max`.
                Some(min.max(share as u32))
            }
        }
    }

    /// Whether the limit moves with the backend's load.
    pub(crate) fn is_ramped(&self) -> bool {
        matches!(self.slots, Slots::Ramp { .. })
    }
}

/// How busy a backend is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Requests served and waiting.
    pub(crate) requests: u32,
    /// `fullconn`: at this many, every server may be used up to its `maxconn`.
    pub(crate) full: u32,
}

/// `minconn` and `maxconn` together.
#[derive(Clone, Copy, Debug)]
enum Slots {
    Unlimited,
    Fixed(u32),
    /// `max` in proportion to the backend's load, but no less than `min`.
    Ramp {
        min: u32,
        max: u32,
    },
}

impl Slots {
    fn new(min: u32, max: u32) -> Self {
        match (min, max) {
            (0, 0) => Self::Unlimited,
            (0, max) => Self::Fixed(max),
            // `minconn` alone, or above `maxconn`, is a fixed limit.
            (min, max) if min >= max => Self::Fixed(min),
            (min, max) => Self::Ramp { min, max },
        }
    }

    fn most(self) -> Option<u32> {
        match self {
            Self::Unlimited => None,
            Self::Fixed(max) | Self::Ramp { max, .. } => Some(max),
        }
    }
}
