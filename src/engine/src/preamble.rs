//! What stands before a client's own bytes: the header of the PROXY protocol (`accept-proxy`,
//! `expect-proxy`). Until it is there, nobody asks the machine of the connection for anything.

use crate::conn::Side;
use crate::engine::Engine;
use alloc::boxed::Box;
use alloc::vec::Vec;
use base::{Buf, Duration};
use core::net::SocketAddr;
use session::ConnId;
use session::proxied::{NotProxied, Proxied};

/// The header of a client's connection.
#[derive(Debug, Default)]
pub(crate) struct Preamble {
    /// It was read.
    pub(crate) complete: bool,
    /// How long it took, from the acceptance on.
    pub(crate) took: Duration,
    /// Its first bytes until it is complete, bounded by `HEADER_BYTES_MAX` and a block; then its fields.
    pub(crate) bytes: Vec<u8>,
}

impl Engine {
    /// A header is expected of a client before everything else.
    pub(crate) fn expect_preamble(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            client.preamble = Some(Box::default());
        }
    }

    /// Whether a connection has yet to say whose it is.
    pub(crate) fn awaits_preamble(&self, id: ConnId) -> bool {
        self.conns.get(id).is_some_and(|conn| match &conn.side {
            Side::Client(client) => client.awaits_preamble(),
            Side::Server(_) | Side::Dialed(_) => false,
        })
    }

    /// Takes in the first bytes of a client; those behind its header come back once that is complete and
    /// the client may stay.
    pub(crate) fn receive_preamble(&mut self, id: ConnId, mut bytes: Buf) -> Option<Buf> {
        let Side::Client(client) = &mut self.conns[id].side else {
            return Some(bytes);
        };
        let Some(preamble) = &mut client.preamble else {
            return Some(bytes);
        };
        let before = preamble.bytes.len();
        preamble.bytes.extend_from_slice(&bytes);
        let read = match Proxied::read(&preamble.bytes) {
            Ok(Some(read)) => read,
            Ok(None) => {
                self.pool.give(bytes);
                return None;
            }
            Err(NotProxied) => {
                self.pool.give(bytes);
                self.close(id, false);
                return None;
            }
        };
        bytes.consume(read.len - before);
        preamble.complete = true;
        preamble.took = self.now.since(client.accepted_at);
        preamble.bytes.truncate(read.fields.end);
        preamble.bytes.drain(..read.fields.start);
        client.note_addresses(read.addresses);
        client.idle_from = self.now;
        client.begun_at = self.now;
        self.rule_session(id);
        if self.conns.get(id).is_some() {
            return Some(bytes);
        }
        self.pool.give(bytes);
        None
    }
}

impl crate::conn::ClientSide {
    /// The header is still to come.
    pub(crate) fn awaits_preamble(&self) -> bool {
        self.preamble.as_ref().is_some_and(|it| !it.complete)
    }

    /// The header, if there was one and all of it has come.
    pub(crate) fn preamble(&self) -> Option<&Preamble> {
        self.preamble.as_deref().filter(|it| it.complete)
    }

    /// How long its handshakes took, nanoseconds.
    pub(crate) fn handshake_nanos(&self) -> u64 {
        self.preamble().map_or(0, |it| it.took.as_nanos() as u64)
    }

    /// The addresses that a header tells stand for those of the transport.
    fn note_addresses(&mut self, told: Option<(SocketAddr, SocketAddr)>) {
        if let Some((peer, local)) = told {
            (self.peer, self.local) = (Some(peer), Some(local));
        }
    }
}
