//! What stands before a client's own bytes: NetScaler's client IP insertion (`accept-netscaler-cip`,
//! `expect-netscaler-cip`), then the header of the PROXY protocol (`accept-proxy`, `expect-proxy`). Until
//! they are there, nobody asks the machine of the connection for anything.

use crate::conn::Side;
use crate::engine::Engine;
use alloc::vec::Vec;
use base::{Buf, Duration};
use session::ConnId;
use session::proxied::{NotProxied, Proxied, insertion};

/// The headers of a client's connection.
#[derive(Debug, Default)]
pub(crate) struct Preamble {
    /// NetScaler's is still to come, with this magic number.
    insertion: Option<u32>,
    /// That of the PROXY protocol is to come, or has come.
    pub(crate) proxied: bool,
    /// All were read.
    pub(crate) complete: bool,
    /// How long they took, from the acceptance on.
    pub(crate) took: Duration,
    /// The first bytes of one until it is complete, bounded by `HEADER_BYTES_MAX` and a block; then the
    /// fields of that of the PROXY protocol.
    pub(crate) bytes: Vec<u8>,
}

impl Preamble {
    /// The next header in the bytes that are there.
    fn read(&self) -> Result<Option<Proxied>, NotProxied> {
        match self.insertion {
            Some(magic) => insertion::read(magic, &self.bytes),
            None => Proxied::read(&self.bytes),
        }
    }
}

impl Engine {
    /// A header of the PROXY protocol is expected of a client before everything else.
    pub(crate) fn expect_proxied(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            client.preamble.get_or_insert_default().proxied = true;
        }
    }

    /// NetScaler's client IP insertion is, with the magic number of its `bind` line; 0 without.
    pub(crate) fn expect_insertion(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Client(client) = &mut conn.side
        {
            let frontend = &self.shared.settings.proxies[client.frontend.0 as usize];
            let magic = frontend.binds[client.bind as usize].netscaler_magic;
            let preamble = client.preamble.get_or_insert_default();
            preamble.insertion = Some(magic.unwrap_or_default());
        }
    }

    /// Whether a connection has yet to say whose it is.
    pub(crate) fn awaits_preamble(&self, id: ConnId) -> bool {
        self.conns.get(id).is_some_and(|conn| match &conn.side {
            Side::Client(client) => client.awaits_preamble(),
            Side::Server(_) | Side::Dialed(_) => false,
        })
    }

    /// Takes in the first bytes of a client; those behind its headers come back once they are complete and
    /// the client may stay.
    pub(crate) fn receive_preamble(&mut self, id: ConnId, mut bytes: Buf) -> Option<Buf> {
        let Side::Client(client) = &mut self.conns[id].side else {
            return Some(bytes);
        };
        let Some(preamble) = &mut client.preamble else {
            return Some(bytes);
        };
        // What is behind the headers is in these bytes: there was nothing behind those before.
        preamble.bytes.extend_from_slice(&bytes);
        let behind = loop {
            let header = match preamble.read() {
                Ok(Some(header)) => header,
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
            if let Some((peer, local)) = header.addresses {
                // They stand for those of the transport.
                (client.peer, client.local) = (Some(peer), Some(local));
            }
            let first_of_two = preamble.insertion.take().is_some() && preamble.proxied;
            if first_of_two {
                preamble.bytes.drain(..header.len);
                continue;
            }
            let behind = preamble.bytes.len() - header.len;
            preamble.bytes.truncate(header.fields.end);
            preamble.bytes.drain(..header.fields.start);
            break behind;
        };
        bytes.consume(bytes.len() - behind);
        preamble.complete = true;
        preamble.took = self.now.since(client.accepted_at);
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
}
