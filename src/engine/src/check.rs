//! What must hold after every event: asserted in debug builds and at every step of a simulation.

use crate::conn::Side;
use crate::conns::Conns;
use crate::engine::Engine;
use crate::pacing::{limits_download, limits_upload};
use message::Machine;
use pool::{Place, Users};
use session::{ConnId, Exchange, Link, Phase};

impl Engine {
    /// # Panics
    /// If an invariant is broken; the message begins with its name (`spec` of the simulator).
    pub(crate) fn check_invariants(&self) {
        self.check_places();
        self.check_dialers();
        self.check_links();
        self.check_nothing_owed_unarmed();
    }

    /// The invariants of the pool (`own.*`), and that nobody's connection is being established.
    fn check_places(&self) {
        let users = UsersOf(self);
        if let Err(broken) = self.reuse.pool.check(&self.conns, &users) {
            panic!("own.places: {broken}");
        }
        for (id, conn) in self.conns.iter() {
            let Side::Server(server) = &conn.side else {
                continue;
            };
            if let Some(Place::New { .. }) = self.conns.place(id) {
                let waits = self.exchanges.get(server.opened_for).is_some_and(
                    |x| matches!(x.phase, Phase::Connecting { conn, .. } if conn == id),
                );
                assert!(waits, "own.lease: {id:?} is being established for nobody");
            }
        }
    }

    /// `own.dialed`: a connection that is being opened to be asked on is the attempt of one listener, which
    /// knows how many of its connections are clients'.
    fn check_dialers(&self) {
        for (at, dialer) in (0..).zip(&self.dialers) {
            let (mut attempt, mut serving) = (None, 0);
            for (id, conn) in self.conns.iter() {
                match &conn.side {
                    Side::Dialed(dialed) if dialed.dialer == at => {
                        assert!(attempt.replace(id).is_none(), "own.dialed: two attempts");
                    }
                    Side::Client(it)
                        if (it.frontend, it.bind) == (dialer.frontend, dialer.bind) =>
                    {
                        serving += 1;
                    }
                    Side::Client(_) | Side::Server(_) | Side::Dialed(_) => {}
                }
            }
            assert_eq!(
                (attempt, serving),
                (dialer.attempt, dialer.serving),
                "own.dialed: listener {at} lost sight of its connections"
            );
        }
    }

    /// `own.consistent`: an exchange and its connections agree on their streams.
    fn check_links(&self) {
        for (id, x) in &self.exchanges {
            self.check_link(id, x.client);
            if let Some(server) = x.server {
                self.check_link(id, server);
                self.check_introduction(id, x, server);
            }
            if let Phase::Forwarding = x.phase {
                assert!(
                    x.server.is_some() || x.download == session::Flow::Done || x.withheld.is_some(),
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

    /// `own.identity`: a server was told of the client whose exchange its connection carries, and sees the
    /// address that is meant for it.
    fn check_introduction(&self, id: session::ExchangeId, x: &Exchange, server: Link) {
        let key = self.reuse.pool.key(&self.conns, server.conn);
        let said = key.map_or(&[][..], |key| key.proxy_header);
        assert_eq!(
            said,
            x.ruled.introduction.as_slice(),
            "own.identity: {id:?} is on a connection that was introduced as another's"
        );
        assert_eq!(
            key.and_then(|key| key.source),
            x.ruled.source,
            "own.identity: {id:?} is on a connection that comes from another's address"
        );
    }

    /// Nothing owed with nothing armed (founding.md ): if an exchange waits for something, then
    /// bytes can come, bytes can go, or a timer runs.
    fn check_nothing_owed_unarmed(&self) {
        for (id, x) in &self.exchanges {
            // A timer may still run for what nobody waits for any more.
            let armed = self.exchange_deadline(id).is_some();
            assert!(
                !armed || self.timers.due(&x.timer).is_some(),
                "live.timers: {id:?} has a deadline and no timer"
            );
            assert!(
                armed || self.can_move(x),
                "live.owed: {id:?} waits with nothing armed: {:?}",
                x.phase
            );
            assert!(
                !self.is_held_for_nothing(x),
                "live.owed: {id:?} holds back what no limit holds back"
            );
        }
    }

    /// What a limit holds back passes when its time comes, or when its reader has room again.
    fn is_held_for_nothing(&self, x: &Exchange) -> bool {
        let Some(pacing) = &x.pacing else {
            return false;
        };
        let has_room = |link: Link| {
            let conn = self.conns.get(link.conn);
            conn.is_some_and(|conn| conn.wire.room(link.stream) > 0)
        };
        let upload = limits_upload(x)
            && !x.held.is_empty()
            && x.server.is_some_and(has_room)
            && pacing.upload.until().is_none();
        let withheld = x.withheld.as_ref();
        let download = limits_download(x)
            && withheld.is_some_and(|it| it.waits.is_none() && !it.parts.is_empty())
            && has_room(x.client)
            && pacing.download.until().is_none();
        upload || download
    }

    fn can_move(&self, x: &Exchange) -> bool {
        let moves = |conn: Option<&crate::conn::Connection>| {
            conn.is_some_and(|conn| {
                conn.has_pending() || (conn.wire.wants_bytes() && !conn.read_paused)
            })
        };
        let waits_for_others = matches!(
            x.phase,
            Phase::Queued { .. } | Phase::Connecting { .. } | Phase::Asking { .. }
        );
        waits_for_others
            || moves(self.conns.get(x.client.conn))
            || x.server
                .is_some_and(|link| moves(self.conns.get(link.conn)))
    }
}

/// Whose streams a connection carries: a session is a client's connection.
struct UsersOf<'a>(&'a Engine);

impl Users<Conns> for UsersOf<'_> {
    fn each(&self, id: ConnId, name: &mut dyn FnMut(ConnId)) {
        let streams = self.0.conns.get(id).map(|conn| &conn.streams);
        for exchange in streams.into_iter().flat_map(|streams| streams.iter()) {
            if let Some(x) = self.0.exchanges.get(exchange) {
                name(x.client.conn);
            }
        }
    }
}
