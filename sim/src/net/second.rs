//! The second substrate: `turmoil::Sim` in place of our scheduler and its kernels.
//!
//! Every host is a host of turmoil's, with a runtime and a clock of its own that turmoil's scheduler
//! moves a millisecond at a time, in an order drawn from the seed. The proxy, the peers, the journal
//! and the checkers are the same; so a rule that holds here and there does not hold because of our
//! scheduler. What turmoil's TCP cannot do is not asked of it ([`Substrate::Turmoil`] says what).

use super::host::Guarded;
use super::{HostIndex, Network, Settings, Substrate};
use crate::trace::Trace;
use base::Rng;
use std::cell::RefCell;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// What only turmoil's owner may do, asked for by tasks and done between two steps.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request {
    /// Ends everything that runs on a host.
    Crash(HostIndex),
    /// Lets a host run again.
    Bounce(HostIndex),
}

/// The machine that `main` runs on; no scenario can name it.
const WORLD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 255, 255, 254));

/// The step of turmoil's clock.
const TICK: Duration = Duration::from_millis(1);

/// Segments on their way and unread of one direction, and clients that wait to be accepted: turmoil
/// has one number for both and panics at the latter.
const SEGMENTS_MAX: usize = 1024;

/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(400 * 86400);

/// Runs `main` in a network of the hosts called `names` under turmoil's scheduler until it ends.
///
/// Must be called on a fresh thread. The error is turmoil's own.
pub fn run_in_turmoil<F, T>(
    names: &[String],
    settings: Settings,
    seed: &Rng,
    trace: Trace,
    main: impl FnOnce(Network) -> F + 'static,
) -> Result<T, String>
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let mut turmoil_seed = seed.fork("turmoil");
    let mut sim = turmoil::Builder::new()
        .epoch(SystemTime::UNIX_EPOCH)
        .rng_seed(turmoil_seed.below(u64::MAX))
        .enable_random_order()
        .tick_duration(TICK)
        .simulation_duration(FOREVER)
        .min_message_latency(settings.conditions.latency_min)
        .max_message_latency(settings.conditions.latency_max)
        .tcp_capacity(SEGMENTS_MAX)
        .build();
    let network = Network::of(Substrate::Turmoil, names, settings, seed, trace);
    for number in 0..names.len() {
        let index = HostIndex(number as u16);
        let (ip, network) = (network.with_host(index, |host| host.ip), network.clone());
        sim.host(ip, move || network.clone().work(index));
    }
    let result = Rc::new(RefCell::new(None));
    let (slot, world) = (result.clone(), network.clone());
    sim.client(WORLD, async move {
        let value = main(world).await;
        *slot.borrow_mut() = Some(value);
        Ok(())
    });
    loop {
        let over = sim.step().map_err(|error| error.to_string())?;
        if over {
            break;
        }
        for request in network.0.requests.take() {
            match request {
                Request::Crash(host) => sim.crash(network.with_host(host, |host| host.ip)),
                Request::Bounce(host) => sim.bounce(network.with_host(host, |host| host.ip)),
            }
        }
    }
    network.0.alive.set(false);
    let result = result.borrow_mut().take();
    result.ok_or_else(|| "turmoil ended before the run".to_owned())
}

impl Network {
    /// What a host of turmoil's does: it runs the tasks it is given.
    async fn work(self, index: HostIndex) -> turmoil::Result {
        loop {
            let (tasks, more) = self.with_host(index, |host| {
                (std::mem::take(&mut host.given), host.more.clone())
            });
            for task in tasks {
                let handle = tokio::task::spawn_local(task).abort_handle();
                self.with_host(index, |host| host.remember(handle));
            }
            more.notified().await;
        }
    }

    /// Gives a host a task to run.
    pub(super) fn give(&self, index: HostIndex, task: Guarded) {
        let bounce = self.with_host(index, |host| {
            host.given.push(task);
            host.more.notify_one();
            std::mem::take(&mut host.crashed)
        });
        if bounce {
            self.0.requests.borrow_mut().push(Request::Bounce(index));
        }
    }

    /// Crashes a host as turmoil does: its peers see FIN, and nobody is refused, only kept waiting.
    pub(super) fn crash(&self, index: HostIndex) {
        self.with_host(index, |host| {
            host.crashed = true;
            host.given.clear();
        });
        self.0.requests.borrow_mut().push(Request::Crash(index));
    }
}
