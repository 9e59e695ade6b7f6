//! Requests that wait for their body before they go anywhere (`option http-buffer-request`).

use crate::engine::{Engine, cx};
use message::{Framing, Machine, Part, Version};
use session::settings::Options;
use session::{ExchangeId, Phase};

impl Engine {
    /// Whether a request has a body that is to be waited for.
    pub(crate) fn waits_for_body(&self, exchange: ExchangeId) -> bool {
        let x = &self.exchanges[exchange];
        let proxy = self.proxy(x.frontend);
        let backend = proxy
            .backend
            .map_or(Options::empty(), |backend| self.proxy(backend).options);
        let buffers = (proxy.options | backend).contains(Options::HTTP_BUFFER_REQUEST);
        let framing = x.request.as_ref().map(|head| head.framing);
        buffers && matches!(framing, Some(Framing::Length(_) | Framing::Streamed))
    }

    pub(crate) fn begin_buffering(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        x.phase = Phase::Buffering;
        let client = x.client;
        // Who waits for the body asks for it: the server would do so too late (RFC 9110 §10.1.1).
        if let Some(head) = &mut x.request
            && head.has_named(b"expect")
        {
            head.remove_if(|_, name, _| name.eq_ignore_ascii_case(b"expect"));
            let mut interim = self.heads.take();
            interim.set_response(100, b"Continue", Version::Http11);
            let to = &mut self.conns[client.conn].wire;
            to.send_head(cx!(self), client.stream, &interim);
            self.heads.give(interim);
        }
        self.buffer_upload(exchange);
        self.stir(client.conn);
    }

    /// Takes in what has come of the body; with all of it, or a buffer full, the request goes on.
    pub(crate) fn buffer_upload(&mut self, exchange: ExchangeId) {
        let bufsize = self.shared.settings.global.tune.bufsize as usize;
        let client = self.exchanges[exchange].client;
        while let Some(part) = self.conns[client.conn].wire.read(cx!(self), client.stream) {
            let x = &mut self.exchanges[exchange];
            x.client_at = self.now;
            let end = matches!(part, Part::End);
            match (x.held.back_mut(), part) {
                // So that however small the pieces are, there are few.
                (Some(Part::Data(last)), Part::Data(data)) if last.room() >= data.len() => {
                    last.append(&data);
                    self.pool.give(data);
                }
                (_, part) => x.held.push_back(part),
            }
            let bytes = x.held.iter().map(|part| match part {
                Part::Data(data) => data.len(),
                Part::Head(_) | Part::Trailers(_) | Part::End => 0,
            });
            if end || bytes.sum::<usize>() >= bufsize {
                self.stir(client.conn);
                return self.route(exchange);
            }
        }
    }

    /// Drops what was read of a request and will not be passed on.
    pub(crate) fn drop_held(&mut self, exchange: ExchangeId) {
        while let Some(part) = self.exchanges[exchange].held.pop_front() {
            self.drop_part(part);
        }
    }
}
