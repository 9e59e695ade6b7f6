//! Rule sets of connections: `tcp-request connection` and `tcp-request session`.

use super::hand;
use super::scene::{at_connection, at_session};
use crate::conn::Side;
use crate::conns::Conns;
use crate::engine::Engine;
use alloc::boxed::Box;
use core::net::SocketAddr;
use sample::format::RuleKind;
use sample::screen::Outlook;
use session::rules::{AddressPart, Adjust, Effect, Step, advance};
use session::{ConnId, Ends, Exchange, ExchangeId};
use tables::Event;

/// Whether a connection may stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admitted {
    Yes,
    No,
    /// Not, and it is not told.
    Silently,
}

impl Engine {
    /// `tcp-request connection`, of one that was just accepted; it may be gone behind it.
    pub(crate) fn rule_connection(&mut self, id: ConnId) {
        if self.rule_client(id, false) {
            self.note_session(id);
        }
    }

    /// `tcp-request session`, of one of which everything is known; it may be gone behind it.
    pub(crate) fn rule_session(&mut self, id: ConnId) {
        self.rule_client(id, true);
        if self.conns.get(id).is_some() {
            self.count_admitted(id);
        }
    }

    /// One of both rule sets; whether there is one and the connection stays.
    fn rule_client(&mut self, id: ConnId, of_session: bool) -> bool {
        let Some(Side::Client(client)) = self.conns.get(id).map(|conn| &conn.side) else {
            return false;
        };
        let (frontend, bind) = (client.frontend, client.bind);
        let rules = &self.proxy(frontend).rules;
        let quiet = match of_session {
            true => rules.session.is_none(),
            false => rules.connection.is_none(),
        };
        if quiet {
            return false;
        }
        let admitted = self.run_on_connection(id, of_session);
        if admitted != Admitted::Yes {
            let counters = self.counters(frontend);
            let listener = &counters.listeners[bind as usize];
            if of_session {
                counters.frontend.dses.add(1);
                listener.dses.add(1);
            } else {
                counters.frontend.dcon.add(1);
                listener.dcon.add(1);
            }
            self.drop_client(id, admitted == Admitted::Silently);
        }
        admitted == Admitted::Yes
    }

    /// What connections track is counted once its first rule set has let it in.
    fn note_session(&self, id: ConnId) {
        if let Some(conn) = self.conns.get(id)
            && let Side::Client(client) = &conn.side
        {
            for track in client.tracked.iter().flatten() {
                track.entry.count(Event::Session, 1, self.now);
            }
        }
    }

    fn run_on_connection(&mut self, id: ConnId, of_session: bool) -> Admitted {
        let shared = self.lent.clone();
        let mut next = 0;
        let mut outlook = Outlook::default();
        loop {
            self.lend_session_vars(id);
            let Some((world, client, conn)) = hand!(self, shared).connection(id) else {
                break;
            };
            let rules = &shared
                .proxy(session::settings::ProxyIndex(client.frontend))
                .rules;
            let step = if of_session {
                let Some(set) = &rules.session else { break };
                let context = at_session(&world, &client, &conn);
                let (rules, facts) = set.with(&context);
                advance(rules, next, &facts, &mut self.work, true, &mut outlook)
            } else {
                let Some(set) = &rules.connection else { break };
                let context = at_connection(&world, &client);
                let (rules, facts) = set.with(&context);
                advance(rules, next, &facts, &mut self.work, true, &mut outlook)
            };
            self.take_session_vars(id);
            let Step::Effect(at, effect) = step else {
                return Admitted::Yes;
            };
            next = at + 1;
            match effect {
                Effect::Allow => return Admitted::Yes,
                Effect::Reject => return Admitted::No,
                Effect::SilentDrop => return Admitted::Silently,
                Effect::Adjust(Adjust::DoLog) => {
                    let rules = match of_session {
                        true => RuleKind::Session,
                        false => RuleKind::Connection,
                    };
                    self.do_log_connection(id, rules);
                }
                Effect::Adjust(adjust) => self.adjust_connection(id, adjust, of_session),
                Effect::Deny(..)
                | Effect::Tarpit(..)
                | Effect::Close
                | Effect::Return(..)
                | Effect::Auth(_)
                | Effect::Redirect(..)
                | Effect::Edit(_)
                | Effect::EarlyHint(..)
                | Effect::WaitForBody(..)
                | Effect::SwitchMode(_)
                | Effect::Pause(_) => unreachable!("not an action of connections"),
            }
        }
        self.take_session_vars(id);
        Admitted::Yes
    }

    fn adjust_connection(&mut self, id: ConnId, adjust: Adjust<'_>, of_session: bool) {
        let whose = match of_session {
            true => Whose::Session(id),
            false => Whose::Transport(id),
        };
        match adjust {
            Adjust::Track {
                counter,
                table,
                key,
            } => self.track_session(id, counter, table, key),
            Adjust::Count(count, number) => self.count_of_session(id, count, number),
            Adjust::SetAddress(part, ip) => self.set_ip(whose, part, ip),
            Adjust::SetPort(part, port) => self.set_port(whose, part, port),
            Adjust::Capture(_, text) => self.work.give(text),
            Adjust::ExpectProxy => self.expect_proxied(id),
            Adjust::ExpectNetscaler => self.expect_insertion(id),
            Adjust::AttachServer(backend, server, name) => {
                self.expect_server(id, (backend, server), name);
            }
            Adjust::SetLogLevel(_)
            | Adjust::DoLog
            | Adjust::Mark(..)
            | Adjust::SetTimeout(..)
            | Adjust::SetRetries(_)
            | Adjust::SetPriorityClass(_)
            | Adjust::SetPriorityOffset(_)
            | Adjust::StrictMode(_)
            | Adjust::DisableL7Retry
            | Adjust::Limit(_) => unreachable!("not an action of connections"),
        }
    }

    fn lend_session_vars(&mut self, id: ConnId) {
        self.work.now = self.now;
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            self.work.vars.session = core::mem::take(&mut client.vars);
        }
    }

    fn take_session_vars(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            client.vars = core::mem::take(&mut self.work.vars.session);
        }
    }

    /// `set-src`, `set-dst`
    pub(super) fn set_ip(&mut self, whose: Whose, part: AddressPart, ip: core::net::IpAddr) {
        self.set_address(whose, part, |address| {
            SocketAddr::new(ip, address.map_or(0, |address| address.port()))
        });
    }

    /// `set-src-port`, `set-dst-port`
    pub(super) fn set_port(&mut self, whose: Whose, part: AddressPart, port: u16) {
        let nowhere = core::net::IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED);
        self.set_address(whose, part, |address| {
            SocketAddr::new(address.map_or(nowhere, |address| address.ip()), port)
        });
    }

    fn set_address(
        &mut self,
        whose: Whose,
        part: AddressPart,
        change: impl FnOnce(Option<SocketAddr>) -> SocketAddr,
    ) {
        let mut ends = self.ends_of(whose);
        let address = match part {
            AddressPart::Source | AddressPart::SourcePort => &mut ends.peer,
            AddressPart::Destination | AddressPart::DestinationPort => &mut ends.local,
        };
        *address = Some(change(*address));
        let id = match whose {
            Whose::Exchange(exchange) => {
                self.exchanges[exchange].ruled.ends = Some(Box::new(ends));
                return;
            }
            Whose::Transport(id) | Whose::Session(id) => id,
        };
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            (client.peer, client.local) = (ends.peer, ends.local);
            if matches!(whose, Whose::Transport(_)) {
                client.transport = (ends.peer, ends.local);
            }
        }
    }

    fn ends_of(&self, whose: Whose) -> Ends {
        match whose {
            Whose::Exchange(exchange) => ends(&self.conns, &self.exchanges[exchange]),
            Whose::Transport(id) | Whose::Session(id) => ends_of_client(&self.conns, id),
        }
    }
}

/// Whose addresses a rule sets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// Those of the connection itself: whatever is said behind sees them (`fc_src`).
    Transport(ConnId),
    /// Those of all its exchanges.
    Session(ConnId),
    /// Those of one.
    Exchange(ExchangeId),
}

/// Who sends an exchange, and to what.
pub(crate) fn ends(conns: &Conns, x: &Exchange) -> Ends {
    match &x.ruled.ends {
        Some(ends) => **ends,
        None => ends_of_client(conns, x.client.conn),
    }
}

fn ends_of_client(conns: &Conns, id: ConnId) -> Ends {
    match conns.get(id).map(|conn| &conn.side) {
        Some(Side::Client(client)) => Ends {
            peer: client.peer,
            local: client.local,
        },
        Some(Side::Server(_) | Side::Dialed(_)) | None => Ends::default(),
    }
}
