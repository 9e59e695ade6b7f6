//! Expressions in commands of the runtime API.

use crate::rules::world::World;
use crate::shared::Shared;
use base::{Epoch, Instant};
use sample::{Cli, Context, Work};

impl Shared {
    /// Lets `with` evaluate expressions at `now`, on none of the workers.
    pub fn evaluate(
        &self,
        now: Instant,
        epoch: Epoch,
        stopping: bool,
        with: &mut dyn FnMut(&Context<'_, Cli>, &mut Work),
    ) {
        let world = World {
            shared: self,
            worker: 0,
            now,
            stopping,
        };
        let mut work = self.work(epoch, self.command_rng(now));
        work.now = now;
        with(&Context::cli(&world), &mut work);
    }
}
