//! What must hold after every event: asserted in debug builds and at every step of a simulation.

use crate::conn::{Place, Side};
use crate::engine::Engine;
use message::Machine;
use session::{Exchange, Link, Phase};

impl Engine {
    /// # Panics
    /// If an invariant is broken; the message begins with its name (`spec` of the simulator).
    pub(crate) fn check_invariants(&self) {
        self.check_places();
        self.check_links();
        self.check_nothing_owed_unarmed();
    }

    /// `own.onepool`, `own.lease`: a server connection is in exactly one place, and in the pool exactly
    /// if its place says so.
    fn check_places(&self) {
        let mut idle = 0;
        for (id, conn) in &self.conns {
            let Side::Server(server) = &conn.side else {
                continue;
            };
            match server.place {
                Place::Idle => {
                    idle += 1;
                    assert!(
                        conn.streams.is_empty(),
                        "own.lease: {id:?} is idle with a stream"
                    );
                    assert!(
                        conn.wire.capacity().now > 0,
                        "own.nodead: {id:?} can be found but not used"
                    );
                }
                Place::New(exchange) => assert!(
                    self.exchanges.get(exchange).is_some_and(|x| matches!(
                        x.phase,
                        Phase::Connecting { conn, .. } if conn == id
                    )),
                    "own.lease: {id:?} is being established for nobody"
                ),
                Place::Busy => assert!(
                    !conn.streams.is_empty(),
                    "own.lease: {id:?} is busy without a stream"
                ),
                Place::Doomed => {}
            }
        }
        let mut listed = 0;
        for (proxy, servers) in self.idle.iter().enumerate() {
            for (server, list) in servers.iter().enumerate() {
                for id in list.ids() {
                    listed += 1;
                    let place = self.conns.get(id).map(|conn| &conn.side);
                    assert!(
                        matches!(
                            place,
                            Some(Side::Server(side)) if side.place == Place::Idle
                                && side.backend.0 as usize == proxy
                                && side.server.0 as usize == server
                        ),
                        "own.onepool: {id:?} is in a pool it does not belong to"
                    );
                }
            }
        }
        assert_eq!(
            idle, listed,
            "own.onepool: an idle connection cannot be found"
        );
    }

    /// `own.consistent`: an exchange and its connections agree on their streams.
    fn check_links(&self) {
        for (id, x) in &self.exchanges {
            self.check_link(id, x.client);
            if let Some(server) = x.server {
                self.check_link(id, server);
            }
            if let Phase::Forwarding = x.phase {
                assert!(
                    x.server.is_some() || x.download == session::Flow::Done,
                    "own.consistent: {id:?} forwards to nobody"
                );
            }
        }
    }

    fn check_link(&self, id: session::ExchangeId, link: Link) {
        let linked = self
            .conns
            .get(link.conn)
            .and_then(|conn| conn.streams.get(link.stream));
        assert_eq!(
            linked,
            Some(id),
            "own.consistent: a connection does not know its exchange"
        );
    }

    /// Nothing owed with nothing armed (founding.md ): if an exchange waits for something, then
    /// bytes can come, bytes can go, or a timer runs.
    fn check_nothing_owed_unarmed(&self) {
        for (id, x) in &self.exchanges {
            let armed = self.timers.due(&x.timer).is_some();
            assert!(
                armed || self.exchange_deadline(id).is_none(),
                "live.timers: {id:?} has a deadline and no timer"
            );
            assert!(
                armed || self.can_move(x),
                "live.owed: {id:?} waits with nothing armed: {:?}",
                x.phase
            );
        }
    }

    fn can_move(&self, x: &Exchange) -> bool {
        let moves = |conn: Option<&crate::conn::Connection>| {
            conn.is_some_and(|conn| {
                conn.wire.has_pending() || (conn.wire.wants_bytes() && !conn.read_paused)
            })
        };
        let waits_for_others = matches!(x.phase, Phase::Queued { .. } | Phase::Connecting { .. });
        waits_for_others
            || moves(self.conns.get(x.client.conn))
            || x.server
                .is_some_and(|link| moves(self.conns.get(link.conn)))
    }
}
