//! The engine's workers, looked at together.

use crate::view::{
    BackendNow, FrontendNow, FrontendStatus, Process, Served, ServerNow, ServerStatus, View,
};
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::{Address, ServerIndex, ServerState};
use base::{Epoch, Instant};
use engine::settings::Settings;
use engine::{Counters, Shared, SharedRing};
use sample::pattern::Directory;
use sample::{Cli, Context, Work};
use session::log::Clock;
use session::settings::ProxyIndex;
use session::{Captures, ListenerTotals, ProxyTotals, ServerTotals, WorkerCounters, WorkerTotals};
use tables::Table;

/// What the workers of a process have in common and count, at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Overview<'a> {
    /// What the workers share.
    pub shared: &'a Shared,
    /// What each worker counts beside the proxies.
    pub workers: &'a [WorkerCounters],
    /// The last invalid messages.
    pub captures: &'a Captures,
    /// What is known of the process.
    pub process: &'a Process,
    /// The instant.
    pub now: Instant,
    /// Wall-clock time of the clock's origin.
    pub epoch: Epoch,
}

impl Overview<'_> {
    /// Each worker's counters of a proxy.
    fn counters(&self, proxy: ProxyIndex) -> impl Iterator<Item = &Counters> {
        self.shared
            .counters
            .iter()
            .filter_map(move |of_worker| of_worker.get(proxy.0 as usize))
    }

    fn server_totals(&self, proxy: ProxyIndex, server: usize) -> ServerTotals {
        let counters = self.counters(proxy).filter_map(|c| c.servers.get(server));
        ServerTotals::of(counters, self.now)
    }
}

impl View for Overview<'_> {
    fn now(&self) -> Instant {
        self.now
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn clock(&self, at: Instant) -> Clock {
        self.shared.identity.clock(self.epoch, at)
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    fn process(&self) -> Process {
        self.process.clone()
    }

    /// Asked every second: this looks at two numbers of each proxy and no more.
    fn bytes_out(&self) -> u64 {
        let of_proxies = self.shared.counters.iter().flatten();
        let sent = of_proxies.map(|of| of.frontend.bout.get() + of.backend.reqbout.get());
        sent.sum::<u64>() + self.process.control_bytes_out
    }

    fn workers(&self) -> WorkerTotals {
        WorkerTotals::of(self.workers, self.now)
    }

    fn frontend(&self, proxy: ProxyIndex) -> FrontendNow {
        let connections = &self.shared.connections[proxy.0 as usize];
        let is_full = connections.max() > 0 && connections.now() >= connections.max();
        let status = if self.process.stopping {
            FrontendStatus::Stopped
        } else if self.process.paused {
            FrontendStatus::Paused
        } else if is_full {
            FrontendStatus::Full
        } else {
            FrontendStatus::Open
        };
        FrontendNow {
            status,
            totals: ProxyTotals::of(self.counters(proxy).map(|c| &c.frontend), self.now),
        }
    }

    fn backend(&self, proxy: ProxyIndex) -> BackendNow {
        let history = self.shared.backend_history(proxy);
        BackendNow {
            published: self.shared.is_published(proxy),
            queued: self.shared.backends[proxy.0 as usize]
                .lock()
                .queued_backend(),
            changed: history.changed.unwrap_or(self.process.started),
            downtime: history.downtime,
            downs: history.downs,
            totals: ProxyTotals::of(self.counters(proxy).map(|c| &c.backend), self.now),
            served: Served::by(
                (0..self.shared.proxy(proxy).servers.len())
                    .map(|server| self.server_totals(proxy, server)),
            ),
        }
    }

    fn listener(&self, proxy: ProxyIndex, bind: usize) -> ListenerTotals {
        let counters = self.counters(proxy).filter_map(|c| c.listeners.get(bind));
        ListenerTotals::of(counters, self.now)
    }

    fn idle(&self, proxy: ProxyIndex, server: ServerIndex) -> Vec<u64> {
        let of = self.counters(proxy);
        let of = of.filter_map(|c| c.servers.get(server.0 as usize));
        of.map(|c| c.idle_conn_cur.get() + c.safe_conn_cur.get())
            .collect()
    }

    fn server(&self, proxy: ProxyIndex, server: ServerIndex) -> ServerNow {
        let settings = &self.shared.proxy(proxy).servers[server.0 as usize];
        let balanced = self.shared.backends[proxy.0 as usize].lock().server(server);
        let status = match (balanced.state, &settings.address) {
            (ServerState::Up, _) => ServerStatus::NoCheck,
            (ServerState::Drain, _) => ServerStatus::Drain,
            (ServerState::Maintenance, Address::Unresolved(_)) => ServerStatus::Unresolved,
            (ServerState::Maintenance, _) => ServerStatus::Maintenance,
        };
        let history = self.shared.server_history(proxy, server);
        ServerNow {
            status,
            wanted: history.wanted,
            weight: balanced.weight,
            served: balanced.served,
            queued: balanced.queued,
            changed: history.changed.unwrap_or(self.process.started),
            totals: self.server_totals(proxy, server.0 as usize),
        }
    }

    fn captures(&self) -> &Captures {
        self.captures
    }

    fn patterns(&self) -> &Directory {
        &self.shared.settings.patterns
    }

    fn rings(&self) -> &[SharedRing] {
        &self.shared.rings
    }

    fn tables(&self) -> &[Arc<Table>] {
        &self.shared.tables
    }

    fn publish(&self, proxy: ProxyIndex, on: bool) {
        self.shared.publish(proxy, on);
    }

    fn evaluate(&self, with: &mut dyn FnMut(&Context<'_, Cli>, &mut Work)) {
        let stopping = self.process.stopping;
        self.shared.evaluate(self.now, self.epoch, stopping, with);
    }
}

#[cfg(test)]
mod tests {
    use super::Overview;
    use crate::fixture::Fake;
    use crate::view::{FrontendStatus, Process, ServerStatus, View};
    use alloc::vec;
    use alloc::vec::Vec;
    use balance::{Address, ServerIndex, ServerState};
    use base::{Epoch, Instant};
    use engine::{Identity, Shared};
    use session::settings::ProxyIndex;
    use session::{Captures, WorkerCounters};

    const FE: ProxyIndex = ProxyIndex(0);
    const BE: ProxyIndex = ProxyIndex(1);

    fn check(shared: &Shared, process: &Process, checks: impl FnOnce(Overview<'_>)) {
        let workers = [WorkerCounters::default(), WorkerCounters::default()];
        workers[1].dropped_logs.add(5);
        checks(Overview {
            shared,
            workers: &workers,
            captures: &Captures::default(),
            process,
            now: Instant::ZERO,
            epoch: Epoch(0),
        });
    }

    #[test]
    fn counters_are_summed_over_the_workers() {
        let shared = Shared::new(Fake::new().settings, 2, [0; 32], Identity::default());
        shared.counters[0][0].frontend.stot.add(3);
        shared.counters[1][0].frontend.stot.add(4);
        shared.counters[0][0].listeners[1].stot.add(1);
        shared.counters[1][0].listeners[1].stot.add(1);
        shared.counters[1][1].servers[2].stot.add(8);
        shared.counters[0][1].backend.smax.raise_to(2);
        shared.counters[1][1].backend.smax.raise_to(6);
        check(&shared, &Process::default(), |overview| {
            assert_eq!(overview.frontend(FE).totals.stot, 7);
            assert_eq!(overview.listener(FE, 1).stot, 2);
            assert_eq!(overview.listener(FE, 0).stot, 0);
            assert_eq!(overview.server(BE, ServerIndex(2)).totals.stot, 8);
            assert_eq!(overview.backend(BE).totals.smax, 6);
            assert_eq!(overview.workers().dropped_logs, 5);
        });
    }

    #[test]
    fn a_server_is_what_balancing_thinks_of_it() {
        let mut settings = Fake::new().settings;
        settings.proxies[1].servers[1].address = Address::Unresolved("db".into());
        let shared = Shared::new(settings, 1, [0; 32], Identity::default());
        shared.backends[1]
            .lock()
            .set_state(ServerIndex(0), ServerState::Drain);
        let expected = vec![
            ServerStatus::Drain,
            ServerStatus::Unresolved,
            ServerStatus::Maintenance,
        ];
        check(&shared, &Process::default(), |overview| {
            let statuses = (0..3).map(|at| overview.server(BE, ServerIndex(at)).status);
            assert_eq!(statuses.collect::<Vec<_>>(), expected);
        });
    }

    #[test]
    fn frontends_of_a_paused_process_are_paused_and_of_a_stopping_one_stopped() {
        let shared = Shared::new(Fake::new().settings, 1, [0; 32], Identity::default());
        let mut process = Process::default();
        check(&shared, &process, |overview| {
            assert_eq!(overview.frontend(FE).status, FrontendStatus::Open);
        });
        process.paused = true;
        check(&shared, &process, |overview| {
            assert_eq!(overview.frontend(FE).status, FrontendStatus::Paused);
        });
        process.stopping = true;
        check(&shared, &process, |overview| {
            assert_eq!(overview.frontend(FE).status, FrontendStatus::Stopped);
        });
    }
}
