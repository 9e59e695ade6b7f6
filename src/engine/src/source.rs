//! Where connections to servers come from (`source`, `usesrc`).
//!
//! The address is worked out for an exchange before a connection is looked for, and is a part of the key
//! by which one is found: a server that sees its clients' own addresses never sees one client's request
//! come from another's.

use crate::engine::Engine;
use crate::rules::connection::ends;
use balance::{LocalEnd, ServerIndex, Shown};
use core::net::SocketAddr;
use sample::fetch::address_in_header;
use session::{Exchange, ExchangeId};

impl Engine {
    /// Works out the address that a connection to `server` comes from.
    pub(crate) fn choose_source(&mut self, exchange: ExchangeId, server: ServerIndex) {
        let address = self.source_address(&self.exchanges[exchange], server);
        self.exchanges[exchange].ruled.source = address;
    }

    /// The address; without one the system chooses.
    fn source_address(&self, x: &Exchange, server: ServerIndex) -> Option<SocketAddr> {
        let source = self.proxy(x.backend).source(server)?;
        // A client without an IP address is nobody to be shown.
        let peer = ends(&self.conns, x).peer;
        Some(match &source.shown {
            None => source.address,
            Some(Shown::Address(address)) => *address,
            Some(Shown::Client) => peer.unwrap_or(source.address),
            Some(Shown::ClientIp) => {
                peer.map_or(source.address, |peer| SocketAddr::new(peer.ip(), 0))
            }
            Some(Shown::Header { name, occurrence }) => {
                let head = x.request.as_deref().or(x.ruled.guess.head())?;
                let ip = address_in_header(head, name.as_bytes(), (*occurrence).into())?;
                SocketAddr::new(ip, 0)
            }
        })
    }

    /// Our end of a connection that is to be opened for an exchange.
    pub(crate) fn local_end(&self, x: &Exchange, server: ServerIndex) -> LocalEnd {
        let Some(source) = self.proxy(x.backend).source(server) else {
            return LocalEnd::default();
        };
        LocalEnd {
            address: x.ruled.source,
            foreign: source.shown.is_some() && x.ruled.source != Some(source.address),
            interface: source.interface.clone(),
        }
    }
}
