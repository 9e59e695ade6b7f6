//! A client connects.

use crate::conn::{ClientSide, Connection, Side};
use crate::engine::Engine;
use crate::output::Output;
use crate::shared::Limit;
use alloc::boxed::Box;
use core::net::SocketAddr;
use sample::facts::Measures;
use session::ConnId;
use session::settings::ProxyIndex;

impl Engine {
    pub(crate) fn on_accepted(
        &mut self,
        frontend: ProxyIndex,
        bind: u32,
        peer: Option<SocketAddr>,
        local: Option<SocketAddr>,
        measures: Option<Measures>,
    ) -> ConnId {
        let wire = self.machine_for_client(frontend, bind);
        let upgrades = self.upgrades(frontend, bind);
        let unread = wire.version().is_none() && self.looks_at_first_bytes(frontend);
        let client = ClientSide {
            upgrades,
            unread,
            ..ClientSide::new((frontend, bind), (peer, local), self.now)
        };
        let side = Side::Client(Box::new(client));
        let mut conn = Connection::new(wire, side, self.now, true);
        conn.measures = measures.map(Box::new);
        let id = self.conns.insert_client(conn);
        self.admit(id, frontend, bind);
        id
    }

    /// Whether rules may ask what the client of a TCP session has sent by the time it is accepted: as in
    /// HAProxy, they see that much without waiting for anything.
    fn looks_at_first_bytes(&self, frontend: ProxyIndex) -> bool {
        let looks = |proxy: ProxyIndex| {
            let proxy = self.proxy(proxy);
            proxy.rules.looks_at_bytes() || proxy.hashing.is_some()
        };
        looks(frontend) || self.proxy(frontend).backend.is_some_and(looks)
    }

    /// Whether what a client has sent already is to be read before anything else: then comes either that or
    /// [`Engine::nothing_read`].
    pub fn awaits_first_read(&self, id: ConnId) -> bool {
        let conn = self.conns.get(id);
        conn.is_some_and(|conn| matches!(&conn.side, Side::Client(client) if client.unread))
    }

    /// What a client has sent was read, if it has sent anything.
    pub(crate) fn note_first_read(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            client.unread = false;
        }
    }

    /// A client is there: it is counted, and goes through the rules of connections. It may be gone behind
    /// them.
    pub(crate) fn admit(&mut self, id: ConnId, frontend: ProxyIndex, bind: u32) {
        self.clients += 1;
        self.note_dialed_came(frontend, bind);
        let (clients, full) = self.shared.connections[frontend.0 as usize].enter();
        if full {
            self.outputs.push_back(Output::Accept {
                frontend: Some(frontend),
                on: false,
            });
        }
        if let Some(limit) = self.shared.listener(frontend, bind) {
            limit.enter();
        }
        let (_, full) = self.shared.all_connections.enter();
        if full {
            let worker = usize::from(self.worker);
            self.shared.workers[worker].maxconn_reached.add(1);
            self.outputs.push_back(Output::Accept {
                frontend: None,
                on: false,
            });
        }
        self.count_accepted(frontend, bind, clients);
        let line = &self.proxy(frontend).binds[bind as usize];
        let (insertion, proxied) = (line.netscaler_magic.is_some(), line.accept_proxy);
        if insertion {
            self.expect_insertion(id);
        }
        if proxied {
            self.expect_proxied(id);
        }
        self.rule_connection(id);
        if !self.awaits_preamble(id) {
            self.rule_session(id);
        }
        if self.conns.get(id).is_none() {
            return;
        }
        if self.stop.is_stopping() {
            self.part_with(id);
        }
        self.stir(id);
    }

    /// Whether another client of a `bind` line of `frontend` may be accepted now; if not,
    /// [`Output::Accept`] says when.
    pub fn may_accept(&self, frontend: ProxyIndex, bind: u32) -> bool {
        let listener = self.shared.listener(frontend, bind);
        !listener.is_some_and(Limit::is_full)
            && !self.shared.connections[frontend.0 as usize].is_full()
            && !self.shared.all_connections.is_full()
    }

    /// A client connection is gone: what it held is given back.
    pub(crate) fn client_left(&mut self, client: &mut ClientSide) {
        self.drop_vars([core::mem::take(&mut client.vars)]);
        self.end_tracks(core::mem::take(&mut client.tracked));
        self.clients -= 1;
        let counters = self.counters(client.frontend);
        counters.frontend.scur.sub(1);
        counters.listeners[client.bind as usize].scur.sub(1);
        let listener = self.shared.listener(client.frontend, client.bind);
        let room = listener.is_some_and(Limit::leave);
        if self.shared.connections[client.frontend.0 as usize].leave() || room {
            self.outputs.push_back(Output::Room {
                frontend: Some(client.frontend),
            });
        }
        if self.shared.all_connections.leave() {
            self.outputs.push_back(Output::Room { frontend: None });
        }
        self.note_dialed_left(client);
        self.note_client_left();
    }
}
