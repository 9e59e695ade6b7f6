//! Idle connections that are taken back: unneeded, in maintenance, without their session.

use crate::held::Table;
use crate::key::Target;
use crate::place::Doom;
use crate::pool::Pool;
use crate::rules::Rules;
use alloc::vec::Vec;

impl<T: Table, R: Rules> Pool<T, R> {
    /// `pool-purge-delay` is over: dooms half of the connections that were not needed meanwhile, those
    /// that were not used for longest first. Says whether idle ones are left, to be looked at again: one
    /// on which an event is being handled is among them, although nobody finds it now.
    pub fn purge(&mut self, table: &mut T, target: Target) -> bool {
        for _ in 0..self.server_mut(target).end_period() {
            self.doom_oldest(table, target, Doom::Purged);
        }
        self.server(target).gauges.all_idle() > 0
    }

    /// Dooms the idle connection of a server that was not used for longest, if there is one, because its
    /// place is needed.
    pub fn evict(&mut self, table: &mut T, target: Target) -> bool {
        self.doom_oldest(table, target, Doom::Evicted)
    }

    fn doom_oldest(&mut self, table: &mut T, target: Target, why: Doom) -> bool {
        let last = self.server(target).by_age.last();
        if let Some(id) = last {
            self.doom(table, id, why);
        }
        last.is_some()
    }

    /// Dooms every idle connection that is nobody's own.
    pub fn drop_idle(&mut self, table: &mut T) {
        for at in 0..self.servers.len() as u32 {
            while self.evict(table, Target(at)) {}
        }
    }

    /// A server goes into maintenance, or comes out of it. What lies idle there goes; what is handled
    /// just now goes when that is done.
    pub fn set_maintenance(&mut self, table: &mut T, target: Target, on: bool) {
        self.server_mut(target).maintenance = on;
        if on {
            let withdrawn: Vec<T::Id> = table
                .all()
                .filter(|(_, held)| held.target == target && R::is_withdrawn(&held.place))
                .map(|(id, _)| id)
                .collect();
            for id in withdrawn {
                self.doom(table, id, Doom::Maintenance);
            }
        }
    }

    /// A session is over, and with it every connection that was its own.
    pub fn end_session(&mut self, table: &mut T, session: T::Session) {
        while let Some(id) = self.sessions.get(session).and_then(|own| own.list.first()) {
            self.doom(table, id, Doom::SessionOver);
        }
    }
}
