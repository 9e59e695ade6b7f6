//! Idle server connections that other workers have (`tune.idle-pool.shared`).
//!
//! A connection belongs to one worker. Who needs one that another worker has asks for it by a message,
//! and gets the connection, or hears that it is gone and opens one.

use crate::conn::{Connection, Side};
use crate::engine::Engine;
use crate::output::Output;
use crate::reuse::{Unproven, Way, key, want};
use crate::rules::connection::ends;
use crate::shared::Shared;
use alloc::boxed::Box;
use balance::ServerIndex;
use base::TimerSlot;
use core::net::SocketAddr;
use message::Machine;
use pool::{Around, Parcel, Shelf};
use session::settings::{Mode, ProxyIndex};
use session::{ConnId, ExchangeId, Phase};

/// What a worker asks another for.
#[derive(Clone, Debug)]
pub struct Wanted {
    backend: ProxyIndex,
    server: ServerIndex,
    /// What it is called (`pool-conn-name`).
    name: Box<[u8]>,
    destination: Option<SocketAddr>,
    /// The PROXY protocol header it began with.
    introduction: Box<[u8]>,
    /// Where it came from.
    source: Option<SocketAddr>,
    /// See [`pool::Want::careful`].
    careful: bool,
}

impl Wanted {
    fn way(&self) -> Way<'_> {
        Way {
            name: &self.name,
            destination: self.destination,
            introduction: &self.introduction,
            source: self.source,
        }
    }
}

/// A connection between two workers, without its socket.
#[derive(Debug)]
pub struct Traveller {
    parcel: Parcel<Box<Connection>>,
    wanted: Wanted,
}

impl Traveller {
    /// Its socket is lost.
    pub(crate) fn note_lost(&self, shared: &Shared) {
        shared.note_closed(self.wanted.backend, self.wanted.server);
    }
}

impl Engine {
    /// Asks another worker for a connection, if one has what an exchange can use.
    pub(crate) fn ask_others(&mut self, exchange: ExchangeId, server: ServerIndex) -> bool {
        let alone = self.shared.counters.len() < 2;
        let shares = self.shared.settings.global.tune.shared_pools;
        let x = &self.exchanges[exchange];
        if alone || !shares || self.proxy(x.backend).mode != Mode::Http {
            return false;
        }
        let (backend, frontend) = (x.backend, x.frontend);
        let target = self.reuse.target(backend, server);
        let around = Around {
            idle_elsewhere: self.idle_elsewhere(backend, server),
            ..self.around(target, frontend)
        };
        let local = ends(&self.conns, x).local;
        let want = want(&self.shared, target, x, server, local);
        let Some(shelves) = self.reuse.pool.may_take(&want, &around) else {
            return false;
        };
        let unproven = if shelves.contains(&Shelf::Idle) {
            Unproven::Counts
        } else {
            Unproven::DoesNot
        };
        let wanted = Wanted {
            backend,
            server,
            name: want.key.name.into(),
            destination: want.key.destination,
            introduction: want.key.proxy_header.into(),
            source: want.key.source,
            careful: want.careful,
        };
        let Some(worker) = self.has_idle(backend, server, unproven) else {
            return false;
        };
        self.exchanges[exchange].phase = Phase::Asking { since: self.now };
        self.outputs.push_back(Output::Ask {
            worker,
            exchange,
            wanted,
        });
        true
    }

    /// Another worker asks for a connection: which it gets. Its socket goes with it, and this worker
    /// forgets both.
    pub(crate) fn on_asked(&mut self, wanted: Wanted) -> Option<(ConnId, Traveller)> {
        let target = self.reuse.target(wanted.backend, wanted.server);
        let key = key(target, wanted.way());
        let id = self.reuse.pool.find_for_other(&key, wanted.careful)?;
        let conn = self.conns.get(id)?;
        // What lies idle here may still have a word to say; then it is not to be had.
        let busy = conn.has_pending() || !conn.wire.wants_bytes();
        if busy || conn.peer_ended || !conn.established {
            return None;
        }
        let mut parcel = self.reuse.pool.hand_over(&mut self.conns, id)?;
        self.conns.remove(id);
        self.timers.release(&mut parcel.conn.timer);
        self.publish(target);
        Some((id, Traveller { parcel, wanted }))
    }

    /// The answer to [`Engine::ask_others`]; says what the connection is called here.
    pub(crate) fn on_taken(
        &mut self,
        exchange: ExchangeId,
        traveller: Option<Traveller>,
    ) -> Option<ConnId> {
        let asking = self.exchanges.get(exchange);
        let waits = asking.is_some_and(|x| matches!(x.phase, Phase::Asking { .. }));
        let arrived = traveller.map(|traveller| self.arrive(exchange, traveller));
        match arrived {
            Some((id, frontend)) if !waits => {
                self.released(id, frontend);
                self.stir(id);
            }
            Some((id, _)) => self.reuse_found(exchange, id),
            None if waits => self.stop_asking(exchange),
            None => {}
        }
        if waits {
            self.touch(exchange);
        }
        arrived.map(|(id, _)| id)
    }

    /// No other worker helps: the exchange opens a connection.
    pub(crate) fn stop_asking(&mut self, exchange: ExchangeId) {
        if let Some(server) = self.exchanges[exchange].slot {
            self.connect(exchange, server);
        }
    }

    fn arrive(&mut self, exchange: ExchangeId, traveller: Traveller) -> (ConnId, ProxyIndex) {
        let Traveller { mut parcel, wanted } = traveller;
        parcel.conn.timer = TimerSlot::default();
        parcel.conn.active_at = self.now;
        parcel.conn.write_queued = false;
        parcel.conn.stirred = false;
        if let Side::Server(server) = &mut parcel.conn.side {
            server.opened_for = exchange;
        }
        let target = self.reuse.target(wanted.backend, wanted.server);
        let key = key(target, wanted.way());
        let held = self.reuse.pool.adopt(&key, parcel);
        let id = self.conns.insert_server(held);
        (id, wanted.backend)
    }
}
