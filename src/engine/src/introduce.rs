//! Connections to servers begin with who the client is (`send-proxy`, `send-proxy-v2`).
//!
//! A header is worked out for an exchange before a connection is looked for, and is a part of the key by
//! which one is found. What a new connection sends first is lent from that key: it cannot be found by
//! other bytes than those its server has read.

use crate::conn::{Connection, Side};
use crate::engine::Engine;
use crate::rules::connection::ends;
use crate::rules::hand;
use alloc::vec::Vec;
use balance::ServerIndex;
use message::Machine;
use sample::format::Moment;
use sample::{Type, Value};
use session::proxied::HEADER_BYTES_MAX;
use session::proxied::write::{self, Binary, TooLong};
use session::settings::{Introduction, ProxyVersion};
use session::{ConnId, ExchangeId};

impl Engine {
    /// Works out what a connection to `server` says of the client of an exchange.
    pub(crate) fn introduce(
        &mut self,
        exchange: ExchangeId,
        server: ServerIndex,
    ) -> Result<(), TooLong> {
        let backend = self.exchanges[exchange].backend;
        let shared = self.lent.clone();
        let introduction = shared.proxy(backend).introduction(server);
        let mut header = core::mem::take(&mut self.exchanges[exchange].ruled.introduction);
        header.clear();
        let Some(introduction) = introduction else {
            // Another server had asked for one.
            self.work.give(header);
            return Ok(());
        };
        if header.capacity() == 0 {
            header = self.work.buffer();
        }
        let written = match introduction.version {
            ProxyVersion::Text => {
                write::text(ends(&self.conns, &self.exchanges[exchange]), &mut header);
                Ok(())
            }
            ProxyVersion::Binary => self.write_binary(exchange, introduction, &mut header),
        };
        self.exchanges[exchange].ruled.introduction = header;
        written
    }

    /// Works out what connections to `server` are called that may serve an exchange (`pool-conn-name`).
    pub(crate) fn name_connection(&mut self, exchange: ExchangeId, server: ServerIndex) {
        let x = &self.exchanges[exchange];
        let backend = x.backend;
        // Most have none, and had none.
        if x.ruled.conn_name.is_empty() && self.proxy(backend).conn_name(server).is_none() {
            return;
        }
        let shared = self.lent.clone();
        let mut name = core::mem::take(&mut self.exchanges[exchange].ruled.conn_name);
        name.clear();
        if let Some(expr) = shared.proxy(backend).conn_name(server) {
            self.lend_vars(exchange);
            let hand = hand!(self, shared);
            if let Some(scene) = hand.exchange(&self.exchanges[exchange], None) {
                let context = scene.connecting();
                let (expr, facts) = expr.with(&context);
                let value = expr.value_as(Type::Text, &facts, &mut self.work).found();
                if let Some(Value::Text(text)) = &value {
                    name.extend_from_slice(text);
                }
                if let Some(value) = value {
                    self.work.done(value);
                }
            }
            self.take_vars(exchange);
        }
        self.exchanges[exchange].ruled.conn_name = name;
    }

    fn write_binary(
        &mut self,
        exchange: ExchangeId,
        introduction: &Introduction,
        out: &mut Vec<u8>,
    ) -> Result<(), TooLong> {
        if introduction.unique_id {
            self.name_request(exchange);
        }
        let mut header = Binary::begin(ends(&self.conns, &self.exchanges[exchange]), out);
        if !introduction.fields.is_empty() {
            self.write_fields(exchange, introduction, &mut header)?;
        }
        if introduction.checksum {
            header.checksum()?;
        }
        if introduction.unique_id
            && let Some(name) = &self.exchanges[exchange].ruled.unique_id
        {
            header.unique_id(name)?;
        }
        header.finish();
        Ok(())
    }

    /// `set-proxy-v2-tlv-fmt`
    fn write_fields(
        &mut self,
        exchange: ExchangeId,
        introduction: &Introduction,
        header: &mut Binary<'_>,
    ) -> Result<(), TooLong> {
        let shared = self.lent.clone();
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let mut written = Ok(());
        if let Some(scene) = hand.exchange(&self.exchanges[exchange], None) {
            let context = scene.connecting();
            written = introduction.fields.iter().try_for_each(|field| {
                header.field(field.kind, |out| {
                    if let Some(value) = &field.value {
                        let (format, facts) = value.with(&context);
                        // What is longer is too long for a header anyway.
                        let max = HEADER_BYTES_MAX;
                        format.write(&facts, Moment::default(), &mut self.work, out, max);
                    }
                })
            });
        }
        self.take_vars(exchange);
        written
    }

    /// What is still to be sent in front of everything else.
    pub(crate) fn unsaid(&self, id: ConnId) -> &[u8] {
        let left = self.conns.get(id).map_or(0, Connection::unsaid);
        if left == 0 {
            return &[];
        }
        if let Some(Side::Dialed(dialed)) = self.conns.get(id).map(|conn| &conn.side) {
            return dialed.greeting();
        }
        let header = self.reuse.pool.key(&self.conns, id);
        let header = header.map_or(&[][..], |key| key.proxy_header);
        &header[header.len() - usize::from(left)..]
    }
}

impl Connection {
    /// Bytes of its introduction that were not written yet.
    pub(crate) fn unsaid(&self) -> u16 {
        match &self.side {
            Side::Client(_) => 0,
            Side::Server(server) => server.unsaid,
            Side::Dialed(dialed) => dialed.unsaid.into(),
        }
    }

    /// Some bytes were written: how many of them are the machine's.
    pub(crate) fn said(&mut self, count: usize) -> usize {
        match &mut self.side {
            Side::Client(_) => count,
            Side::Server(server) => {
                let own = count.min(server.unsaid.into());
                server.unsaid -= own as u16;
                count - own
            }
            Side::Dialed(dialed) => {
                let own = count.min(dialed.unsaid.into());
                dialed.unsaid -= own as u8;
                count - own
            }
        }
    }

    /// Whether anything waits to be written.
    pub(crate) fn has_pending(&self) -> bool {
        self.unsaid() > 0 || self.wire.has_pending()
    }
}
