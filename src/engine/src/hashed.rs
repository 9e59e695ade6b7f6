//! The number by which a request is given to a server (`balance` with a hash).

use crate::engine::Engine;
use crate::rules::connection::ends;
use crate::rules::hand;
use sample::{Fetched, Type, Value};
use session::ExchangeId;
use session::hashing::{domain, field, parameter, part_of_uri};
use session::settings::{HashFunction, HashOf};

impl Engine {
    /// The hash of what the backend of a request asks for; none if the request has no such thing.
    pub(crate) fn hash_of(&mut self, exchange: ExchangeId) -> Option<u32> {
        let x = &self.exchanges[exchange];
        let hashing = self.proxy(x.backend).hashing.as_ref()?;
        let head = x.request.as_deref();
        let bytes = match &hashing.of {
            HashOf::Source => {
                let peer = ends(&self.conns, x).peer?;
                return Some(hashing.of_address(peer.ip()));
            }
            HashOf::Expr(_) => return self.hash_of_expression(exchange),
            // Log lines are no requests.
            HashOf::Message(_) => return None,
            HashOf::Uri(uri) => part_of_uri(head?.target(), *uri),
            HashOf::Param(name) => parameter(head?.target(), name),
            HashOf::Header { name, domain: only } => {
                let value = field(head?, name);
                value.map(|value| if *only { domain(value) } else { value })
            }
        };
        bytes.map(|bytes| hashing.of_bytes(bytes))
    }

    fn hash_of_expression(&mut self, exchange: ExchangeId) -> Option<u32> {
        let shared = self.lent.clone();
        let hashing = shared
            .proxy(self.exchanges[exchange].backend)
            .hashing
            .as_ref()?;
        let HashOf::Expr(expr) = &hashing.of else {
            return None;
        };
        // A number is read from a text; everything else is hashed as it is in memory.
        let kind = match hashing.function {
            HashFunction::None => Type::Text,
            HashFunction::Sdbm | HashFunction::Djb2 | HashFunction::Wt6 | HashFunction::Crc32 => {
                Type::Bytes
            }
        };
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let hash = scene.and_then(|scene| {
            let context = scene.server_choice();
            let (expr, facts) = expr.with(&context);
            let (Fetched::Is(value) | Fetched::IsSoFar(value)) =
                expr.value_as(kind, &facts, &mut self.work)
            else {
                return None;
            };
            let hash = match &value {
                Value::Text(bytes) | Value::Bytes(bytes) | Value::Method(bytes) => {
                    Some(hashing.of_bytes(bytes))
                }
                Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => None,
            };
            self.work.done(value);
            hash
        });
        self.take_vars(exchange);
        hash
    }
}
