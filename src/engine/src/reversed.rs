//! Reverse HTTP: a server without an address connects to us, and its connection goes into its pool
//! (`attach-srv`, `rhttp@`).
//!
//! It comes as a client does, under the rules and limits of its frontend, and begins as a client of HTTP/2
//! would. Once it has said how it speaks, its connection moves, once and as it is: out of the frontend,
//! into the pool of its server. The machine is that of a server's connection from the start, so that
//! nothing changes under what was read or waits to be written; only the preface is passed over, which
//! the peer says in our place.

use crate::conn::{Connection, ServerSide, Side};
use crate::engine::{Engine, cx};
use crate::reuse::{Way, key};
use crate::wire::Wire;
use alloc::boxed::Box;
use balance::ServerIndex;
use base::Buf;
use http2::frame::PREFACE;
use message::Machine;
use pool::Parcel;
use session::settings::ProxyIndex;
use session::{Cause, ConnId, During, ExchangeId};

/// A server that connects to us.
#[derive(Debug)]
pub(crate) struct Comer {
    backend: ProxyIndex,
    server: ServerIndex,
    /// What its connection is called (`attach-srv ... name`).
    name: Box<[u8]>,
    /// As many bytes of the preface were read.
    greeted: usize,
}

impl Engine {
    /// Who connects is a server, if it goes on as one.
    pub(crate) fn expect_server(
        &mut self,
        id: ConnId,
        (backend, server): (ProxyIndex, ServerIndex),
        name: Box<[u8]>,
    ) {
        let wire = self.machine_for_comer(backend, server);
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            conn.wire = wire;
            client.upgrades = false;
            client.server = Some(Box::new(Comer {
                backend,
                server,
                name,
                greeted: 0,
            }));
        }
    }

    /// The machine of a connection to a server that has opened it.
    fn machine_for_comer(&mut self, backend: ProxyIndex, server: ServerIndex) -> Wire {
        let mut wire = self.machine_for_server(backend, server);
        wire.transmitted(cx!(self), PREFACE.len());
        wire
    }

    /// Takes in what is read from a server that has just connected.
    pub(crate) fn receive_comer(&mut self, id: ConnId, mut bytes: Buf) {
        let conn = &mut self.conns[id];
        if let Side::Client(client) = &mut conn.side
            && let Some(comer) = &mut client.server
        {
            let due = &PREFACE[comer.greeted..];
            let count = due.len().min(bytes.len());
            if bytes[..count] != due[..count] {
                self.pool.give(bytes);
                return self.close(id, false);
            }
            comer.greeted += count;
            bytes.consume(count);
        }
        conn.wire.receive(cx!(self), bytes);
        if conn.wire.is_settled() {
            self.turn_to_server(id);
        }
    }

    /// A server has no connection here that an exchange could use, and none can be opened: neither another
    /// attempt nor another server is tried.
    pub(crate) fn find_nobody(&mut self, exchange: ExchangeId, server: ServerIndex) {
        let x = &mut self.exchanges[exchange];
        x.terminate_at(Cause::Server, During::Connect);
        self.count_unconnected(&self.exchanges[exchange], Some(server));
        self.release_slot(exchange);
        self.answer(exchange, 503);
    }

    /// The one move from a frontend to a pool.
    fn turn_to_server(&mut self, id: ConnId) {
        let Side::Client(client) = &mut self.conns[id].side else {
            return;
        };
        let (frontend, comer) = (client.frontend, client.server.take());
        let Some(comer) = comer else {
            return;
        };
        let (backend, server) = (comer.backend, comer.server);
        let target = self.reuse.target(backend, server);
        let max = self.reuse.pool.limits(target).connections_max;
        if !self.shared.note_opened(backend, server, max) {
            return self.dismiss(id);
        }
        let way = Way {
            name: &comer.name,
            destination: None,
            introduction: &[],
            source: None,
        };
        let key = key(target, way);
        self.timers.cancel(&self.conns[id].timer);
        let mut came_as = None;
        let pool = &mut self.reuse.pool;
        self.conns.turn(id, |mut conn: Connection| {
            let side = Side::Server(ServerSide {
                backend,
                server,
                opened_for: ExchangeId::default(),
                unsaid: 0,
            });
            came_as = Some(core::mem::replace(&mut conn.side, side));
            let conn = Box::new(conn);
            pool.adopt(&key, Parcel { conn, begun: 0 })
        });
        self.released(id, frontend);
        if let Some(Side::Client(mut client)) = came_as {
            self.client_left(&mut client);
        }
    }
}
