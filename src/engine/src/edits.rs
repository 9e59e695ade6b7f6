//! What the proxy changes in a request's head before it goes to a server.

use crate::engine::Engine;
use crate::rules::connection::ends;
use crate::rules::hand;
use core::fmt::Write;
use core::net::{IpAddr, SocketAddr};
use message::{Head, Name};
use session::forwarded::Hop;
use session::settings::{AddressHeader, Proxy};
use session::{Ends, ExchangeId};

impl Engine {
    /// `option forwarded`
    pub(crate) fn add_forwarded(&mut self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        if self.proxy(x.backend).forwarded.is_none() || x.request.is_none() {
            return;
        }
        let shared = self.lent.clone();
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let x = &self.exchanges[exchange];
        let mut text = self.work.buffer();
        if let Some(all) = &shared.proxy(x.backend).forwarded
            && let Some(request) = &x.request
            && let Some(scene) = hand.exchange(x, None)
        {
            let Ends { peer, local } = ends(&self.conns, x);
            let hop = Hop {
                host: request.value(Name::Host).unwrap_or_default(),
                peer,
                local,
            };
            let context = scene.back_request();
            let (parts, facts) = all.with(&context);
            parts.write(hop, &facts, &mut self.work, &mut text);
        }
        self.take_vars(exchange);
        if let Some(head) = &mut self.exchanges[exchange].request
            && !text.is_empty()
        {
            head.push(b"forwarded", &text);
        }
        self.work.give(text);
    }
}

/// `option forwardfor` and `option originalto`, of the frontend or, where set, of the backend.
pub(crate) fn on_request(
    head: &mut Head,
    frontend: &Proxy,
    backend: &Proxy,
    peer: Option<SocketAddr>,
    local: Option<SocketAddr>,
) {
    let forwardfor = [&backend.forwardfor, &frontend.forwardfor];
    if let Some(peer) = peer {
        add_address(head, forwardfor, peer.ip());
    }
    let originalto = [&backend.originalto, &frontend.originalto];
    if let Some(local) = local {
        add_address(head, originalto, local.ip());
    }
}

/// Adds the header of the first rule there is, unless any excepts the address. It is left as it is where
/// one is already only if all rules say so (`if-none`).
fn add_address(head: &mut Head, rules: [&Option<AddressHeader>; 2], ip: IpAddr) {
    let Some(rule) = rules.into_iter().flatten().next() else {
        return;
    };
    let if_none = rules.into_iter().flatten().all(|rule| rule.if_none);
    let excepts = rules.into_iter().flatten().flat_map(|rule| &rule.except);
    let excepted = excepts.into_iter().any(|network| network.contains(ip));
    if excepted || (if_none && head.has_named(rule.name.as_bytes())) {
        return;
    }
    let mut text = AddressText {
        bytes: [0; 45],
        len: 0,
    };
    // An address always fits; if it did not, no header is better than a cut one.
    if write!(text, "{ip}").is_ok() {
        head.push(rule.name.as_bytes(), text.as_bytes());
    }
}

/// The text of an IP address without a heap: at most 45 bytes.
struct AddressText {
    bytes: [u8; 45],
    len: usize,
}

impl AddressText {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Write for AddressText {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
