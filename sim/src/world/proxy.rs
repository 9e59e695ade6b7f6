//! The proxy in the simulated world: the real configuration reader, engine and driver.

use super::instance::{Beginning, Instance};
use crate::canary::{self, Canary};
use crate::check::{PROXY_RULES, RULES, Violation};
use crate::env::Shared;
use crate::net::{ADDRESS_FIRST, Host, Panic};
use crate::scenario::{BadScenario, Scenario};
use balance::{ServerIndex, ServerState};
use base::{Duration, Rng};
use config::{Family, LoadOptions, Severity, SourceFile, Surroundings};
use driver::Mail;
use engine::settings::Settings;
use session::settings::{Bind, BindAddress, ProxyIndex};
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

/// The settings in a scenario's configuration.
pub fn read_config(scenario: &Scenario) -> Result<Settings, BadScenario> {
    let files = [SourceFile {
        name: scenario.config_name.clone(),
        text: scenario.config.clone(),
    }];
    let loaded = config::load(&files, &Elsewhere, &LoadOptions::default());
    loaded.settings.ok_or_else(|| {
        let fatal = loaded
            .diagnostics
            .iter()
            .filter(|one| one.severity >= Severity::Alert);
        let texts: Vec<String> = fatal
            .map(|one| config::render::diagnostic(one, 0))
            .collect();
        BadScenario {
            file: scenario.config_name.clone(),
            problem: texts.join("\n"),
        }
    })
}

/// A machine that knows no files, accounts or variables; every host name has an address.
struct Elsewhere;

impl Surroundings for Elsewhere {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path}: files are not part of the simulation"))
    }

    fn resolve(&self, host: &str, _: Family) -> Result<IpAddr, String> {
        let sum = host
            .bytes()
            .fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
        let [_, b, c, d] = sum.to_be_bytes();
        Ok(IpAddr::V4(Ipv4Addr::new(198, b, c, d)))
    }

    fn user_id(&self, _: &str) -> Option<u32> {
        Some(1000)
    }

    fn group_id(&self, _: &str) -> Option<u32> {
        Some(1000)
    }

    fn host_name(&self) -> String {
        "simulated".into()
    }

    /// The proxy's machine is the first.
    fn local_addresses(&self) -> Vec<IpAddr> {
        vec![ADDRESS_FIRST.into()]
    }
}

/// The proxy's machine and the instances that run on it. Clones share them.
#[derive(Clone)]
pub(super) struct Proxy(Rc<Inner>);

struct Inner {
    host: Host,
    /// As every instance reads its configuration anew.
    scenario: Scenario,
    /// With what the instances should run.
    meant: Settings,
    seed: Rng,
    shared: Rc<Shared>,
    instances: RefCell<Vec<Rc<Instance>>>,
}

impl Proxy {
    pub(super) fn new(
        host: Host,
        scenario: Scenario,
        meant: Settings,
        seed: Rng,
        shared: Rc<Shared>,
    ) -> Self {
        Self(Rc::new(Inner {
            host,
            scenario,
            meant,
            seed,
            shared,
            instances: RefCell::default(),
        }))
    }

    pub(super) fn host(&self) -> &Host {
        &self.0.host
    }

    /// Starts an instance beside those that run.
    pub(super) fn start(&self) {
        let proxy = &*self.0;
        let generation = proxy.instances.borrow().len() as u32;
        let settings = read_config(&proxy.scenario);
        let mut settings = settings.expect("a configuration that could be read before");
        canary::distort(proxy.shared.canary, &mut settings);
        let instance = Instance::start(Beginning {
            host: &proxy.host,
            generation,
            settings,
            meant: &proxy.meant,
            seed: &proxy.seed,
            world: &proxy.shared,
        });
        proxy.instances.borrow_mut().push(instance);
    }

    /// Tells all instances what `backend/server` is to be used for, as a command does.
    pub(super) fn set_server(&self, name: &str, state: ServerState) {
        let Some((backend, server)) = self.find(name) else {
            return;
        };
        for instance in self.0.instances.borrow().iter() {
            instance.set_server(backend, server, state);
        }
    }

    fn find(&self, name: &str) -> Option<(ProxyIndex, ServerIndex)> {
        let (backend, server) = name.split_once('/')?;
        let proxies = &self.0.meant.proxies;
        let at = proxies.iter().position(|one| &*one.name == backend)?;
        let mut servers = proxies[at].servers.iter();
        let server = servers.position(|one| &*one.name == server)?;
        Some((ProxyIndex(at as u32), ServerIndex(server as u32)))
    }

    /// The answer of the newest instance to a line of commands.
    pub(super) fn command(&self, line: &str) -> String {
        let newest = self.0.instances.borrow().last().cloned();
        newest.map_or_else(String::new, |instance| instance.command(line))
    }

    /// Starts a new instance and stops the last one softly, as a reload does.
    pub(super) fn reload(&self) {
        let last = self.0.instances.borrow().last().cloned();
        self.start();
        if let Some(last) = last {
            self.soft_stop(&last);
        }
    }

    fn soft_stop(&self, instance: &Instance) {
        let at = self.0.host.network().now();
        self.0.shared.journal.write(|pages| pages.stops.push(at));
        if self.0.shared.canary == Some(Canary::StopsHard) {
            self.0.host.kill();
            self.start();
        }
        instance.tell(|| Mail::SoftStop);
    }

    /// Stops all instances softly; whether all have ended within `patience`.
    pub(super) async fn stop_all(&self, patience: Duration) -> bool {
        let instances = self.0.instances.borrow().clone();
        for instance in &instances {
            instance.tell(|| Mail::SoftStop);
        }
        let all = async {
            for instance in &instances {
                instance.ended().await;
            }
        };
        tokio::time::timeout(patience, all).await.is_ok()
    }

    /// Connections that all instances counted at frontends to which clients connect.
    pub(super) fn conn_tot(&self) -> u64 {
        let instances = self.0.instances.borrow();
        let proxies = instances.iter().flat_map(|instance| {
            let workers = instance.shared.counters.iter();
            workers.flat_map(|counters| counters.iter().zip(&instance.shared.settings.proxies))
        });
        proxies
            .filter(|(_, proxy)| !proxy.binds.iter().any(dials))
            .map(|(counters, _)| counters.frontend.conn_tot.get())
            .sum()
    }
}

/// Whether a listener connects instead of listening.
pub(super) fn dials(bind: &Bind) -> bool {
    matches!(bind.address, BindAddress::Reversed(_))
}

/// Panics that name a rule are violations found by the proxy itself; panics in the proxy's code that
/// name none break its promise never to panic; the rest are the simulator's.
pub(super) fn sort_panics(panics: Vec<Panic>) -> (Vec<Violation>, Vec<String>) {
    let mut violations = Vec::new();
    let mut crashes = Vec::new();
    for Panic { host, at, text } in panics {
        if &*host != super::PROXY {
            crashes.push(format!("{host}: {text}"));
            continue;
        }
        let rules = RULES.iter().chain(&PROXY_RULES).map(|(rule, _)| *rule);
        let rule = rules
            .into_iter()
            .find(|rule| text.contains(&format!("{rule}:")));
        violations.push(Violation {
            rule: rule.unwrap_or("panic"),
            at,
            what: text,
        });
    }
    (violations, crashes)
}
