//! Puts faults on when their time comes, and takes them off again.

use super::operator::Operator;
use super::proxy::Proxy;
use super::swarm::crowd_name;
use crate::canary::Canary;
use crate::fault::{Fault, Kind, LinkFault, ProxyFault, ServerFault, short_io};
use crate::journal::Journal;
use crate::net::{Conditions, Host, Network, Quirks};
use crate::peer::{Origin, Session, rude};
use crate::scenario::is_match;
use crate::trace::Kind as Note;
use balance::ServerState;
use base::{Duration, Instant, Rng};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Everything faults act on.
#[derive(Clone)]
pub(super) struct Drama {
    pub(super) network: Network,
    pub(super) proxy: Proxy,
    /// The machine whose tasks faults are: their panics are the simulator's.
    pub(super) stage: Host,
    pub(super) origins: Vec<Origin>,
    pub(super) sessions: Vec<(String, Session)>,
    pub(super) faults: Vec<Fault>,
    pub(super) canary: Option<Canary>,
    pub(super) journal: Journal,
    pub(super) seed: Rng,
    pub(super) closing: Rc<Cell<bool>>,
}

/// Faults that are on, by their numbers; several may be on one link or server at once.
type On = Rc<RefCell<Vec<usize>>>;

impl Drama {
    /// Starts one task a fault.
    pub(super) fn start(&self) {
        let on = On::default();
        for number in 0..self.faults.len() {
            let (drama, on) = (self.clone(), on.clone());
            self.stage.spawn(async move { drama.act(number, on).await });
        }
    }

    async fn act(self, number: usize, on: On) {
        let fault = self.faults[number].clone();
        self.network.sleep_until(at(fault.at_ms)).await;
        self.note(&fault, "begins");
        on.borrow_mut().push(number);
        self.update(&fault, &on, true);
        let over = Rc::new(Cell::new(false));
        self.bring_people(number, &fault, &over);
        self.network.sleep_until(at(fault.end_ms())).await;
        over.set(true);
        on.borrow_mut().retain(|other| *other != number);
        let sticks = self.canary == Some(Canary::StaysCut)
            && matches!(fault.kind, Kind::Link(LinkFault::Partition));
        if sticks {
            for origin in &self.origins {
                let proxy = self.proxy.host();
                self.network
                    .set_conditions(proxy, &origin.host, |way| way.cut = true);
            }
        } else {
            self.update(&fault, &on, false);
        }
        if fault.for_ms > 0 {
            self.note(&fault, "is over");
        }
    }

    fn note(&self, fault: &Fault, what: &str) {
        let who = if fault.target.is_empty() {
            "world"
        } else {
            &fault.target
        };
        let text = format!("{:?} {what}", fault.kind);
        self.network
            .trace()
            .note(self.network.now(), Note::Fault, &who.into(), text);
    }

    /// Makes the world what the faults that are on want it to be.
    fn update(&self, fault: &Fault, on: &On, begins: bool) {
        match fault.kind {
            Kind::Link(LinkFault::Reset) => {
                if begins {
                    let proxy = self.proxy.host();
                    for origin in self.targets(fault) {
                        self.network.reset_between(proxy, &origin.host, fault.at_ms);
                    }
                    // What it has with itself.
                    if fault.target == super::PROXY {
                        self.network.reset_between(proxy, proxy, fault.at_ms);
                    }
                }
            }
            Kind::Link(_) => {
                for origin in self.targets(fault) {
                    self.update_link(origin, on);
                }
            }
            Kind::Server(_) => {
                for origin in self.targets(fault) {
                    self.update_server(origin, fault, on, begins);
                }
            }
            Kind::Proxy(ProxyFault::Maintenance) => {
                let state = if begins {
                    ServerState::Maintenance
                } else {
                    ServerState::Up
                };
                for origin in self.targets(fault) {
                    self.proxy.set_server(&origin.name, state);
                }
            }
            Kind::Proxy(ProxyFault::Reload) => {
                if begins {
                    self.proxy.reload();
                }
            }
            Kind::Proxy(ProxyFault::ShortIo(bytes)) => {
                let quirks = if begins {
                    short_io(bytes)
                } else {
                    Quirks::default()
                };
                self.proxy.host().set_quirks(quirks);
            }
            Kind::Proxy(ProxyFault::NoDescriptors) => {
                let host = self.proxy.host();
                host.set_sockets_max(begins.then(|| host.sockets_open()));
            }
            Kind::Crowd { .. } | Kind::Surge { .. } | Kind::Proxy(ProxyFault::Operator) => {}
        }
    }

    fn targets<'a>(&'a self, fault: &'a Fault) -> impl Iterator<Item = &'a Origin> {
        let target = if fault.target.is_empty() {
            "*"
        } else {
            &fault.target
        };
        self.origins
            .iter()
            .filter(move |origin| is_match(target, &origin.name))
    }

    fn is_target(fault: &Fault, origin: &Origin) -> bool {
        fault.target.is_empty() || is_match(&fault.target, &origin.name)
    }

    fn update_link(&self, origin: &Origin, on: &On) {
        let usual = self.network.usual_conditions();
        let (mut out, mut back) = (usual.clone(), usual);
        for &number in on.borrow().iter() {
            let fault = &self.faults[number];
            if let Kind::Link(link) = fault.kind
                && Self::is_target(fault, origin)
            {
                link.apply(&mut out, &mut back);
            }
        }
        let set = |wanted: Conditions| move |now: &mut Conditions| *now = wanted;
        let proxy = self.proxy.host();
        self.network.set_conditions(proxy, &origin.host, set(out));
        self.network.set_conditions(&origin.host, proxy, set(back));
    }

    fn update_server(&self, origin: &Origin, fault: &Fault, on: &On, begins: bool) {
        let others_keep_it_down = on.borrow().iter().any(|&number| {
            let other = &self.faults[number];
            let down = matches!(
                other.kind,
                Kind::Server(ServerFault::Kill | ServerFault::PowerOff)
            );
            down && !std::ptr::eq(other, fault) && other != fault && Self::is_target(other, origin)
        });
        let Kind::Server(kind) = fault.kind else {
            return;
        };
        match (kind, begins) {
            (ServerFault::Kill, true) => origin.host.kill(),
            (ServerFault::PowerOff, true) => origin.host.power_off(),
            (ServerFault::Kill | ServerFault::PowerOff, false) => {
                if kind == ServerFault::PowerOff {
                    origin.host.power_on();
                }
                if !others_keep_it_down {
                    origin.start();
                }
            }
            (ServerFault::Freeze, true) => origin.host.freeze(),
            (ServerFault::Freeze, false) => origin.host.thaw(),
            (ServerFault::Slow(factor), _) => origin.mood.set_slow(begins.then_some(factor)),
            (ServerFault::IdleClose(millis), _) => {
                origin.mood.set_idle_close(begins.then_some(millis));
            }
            (ServerFault::Mischief(mischief, permille), _) => {
                origin
                    .mood
                    .set_mischief(mischief, if begins { permille } else { 0 });
            }
        }
    }

    /// Brings the people a fault consists of.
    fn bring_people(&self, number: usize, fault: &Fault, over: &Rc<Cell<bool>>) {
        if let Kind::Proxy(ProxyFault::Operator) = fault.kind {
            let operator = Operator {
                network: self.network.clone(),
                proxy: self.proxy.clone(),
                journal: self.journal.clone(),
                rng: self.seed.fork("operator"),
                canary: self.canary,
            };
            return self.stage.spawn(operator.work(over.clone()));
        }
        let wanted = |group: &str| fault.target.is_empty() || is_match(&fault.target, group);
        let model = self.sessions.iter().find(|(group, _)| wanted(group));
        let Some((_, model)) = model else {
            return;
        };
        match fault.kind {
            Kind::Crowd { rude: kind, count } => {
                let name = crowd_name(number, kind);
                let Some(host) = self.network.host(&name) else {
                    return;
                };
                for member in 0..count {
                    let session = Session {
                        group: name.as_str().into(),
                        number: member,
                        host: host.clone(),
                        closing: over.clone(),
                        ..model.clone()
                    };
                    host.spawn(rude(session, kind));
                }
            }
            Kind::Surge { count } => {
                for member in 0..count {
                    let session = Session {
                        number: 1000 + number as u32 * 100 + member,
                        closing: over.clone(),
                        ..model.clone()
                    };
                    model.host.spawn(session.run());
                }
            }
            Kind::Link(_) | Kind::Server(_) | Kind::Proxy(_) => {}
        }
        if self.closing.get() {
            over.set(true);
        }
    }
}

fn at(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}
