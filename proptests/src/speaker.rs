//! A connection of HTTP/2 with what its owner lends it, for peers that speak by our own machine.

use base::{Instant, Pool, Rng};
use http2::{Connection, Limits};
use message::{Cx, Heads, Machine, Role};

/// A machine, and what it is lent.
pub struct Speaker {
    /// The machine.
    pub machine: Connection,
    /// Its buffers.
    pub pool: Pool,
    /// Its heads.
    pub heads: Heads,
    rng: Rng,
}

impl Speaker {
    /// One that has said and heard nothing.
    pub fn new(role: Role, limits: Limits) -> Self {
        let (mut pool, mut heads, mut rng) =
            (Pool::new(16_384), Heads::default(), Rng::from_u64(1));
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut pool,
            heads: &mut heads,
            rng: &mut rng,
        };
        Self {
            machine: Connection::new(&mut cx, role, limits),
            pool,
            heads,
            rng,
        }
    }

    /// Does something with the machine that it is lent things for.
    pub fn with<T>(&mut self, act: impl FnOnce(&mut Connection, &mut Cx<'_>) -> T) -> T {
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut self.pool,
            heads: &mut self.heads,
            rng: &mut self.rng,
        };
        act(&mut self.machine, &mut cx)
    }

    /// Takes in the beginning of `heard`, as much as a buffer holds; says how much that is.
    pub fn hear(&mut self, heard: &[u8]) -> usize {
        let mut bytes = self.pool.take();
        let count = bytes.room().min(heard.len());
        bytes.append(&heard[..count]);
        self.with(|machine, cx| machine.receive(cx, bytes));
        count
    }

    /// What it has to say next, which is said by that.
    pub fn say(&mut self) -> Option<Vec<u8>> {
        let mut slices = [&[][..]; 8];
        let used = self.machine.pending(&mut slices);
        let bytes = slices[..used].concat();
        if bytes.is_empty() {
            return None;
        }
        self.with(|machine, cx| machine.transmitted(cx, bytes.len()));
        Some(bytes)
    }
}
