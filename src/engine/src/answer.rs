//! Answers of our own: error pages, redirections, `monitor-uri`.

use crate::count::Rows;
use crate::engine::{Engine, cx};
use alloc::boxed::Box;
use base::Buf;
use message::{Framing, Head, Machine, Part, Role, StreamId, Version};
use session::pages::{self, Page};
use session::settings::ErrorPage;
use session::{ConnId, ExchangeId, Flow, Phase};

impl Engine {
    /// Answers a request with the page of `status`; in TCP mode there is nothing to say, the
    /// connection ends.
    pub(crate) fn answer(&mut self, exchange: ExchangeId, status: u16) {
        self.answer_and(exchange, status, |_| {});
    }

    /// The same with more in the head, unless an `http-error` line says what that is.
    pub(crate) fn answer_and(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        add: impl FnOnce(&mut Head),
    ) {
        let x = &self.exchanges[exchange];
        if x.tunnel {
            return self.finish(exchange);
        }
        let (frontend, backend) = (x.frontend, x.backend);
        let shared = self.lent.clone();
        let mut pages = [backend, frontend]
            .into_iter()
            .filter_map(|proxy| shared.proxy(proxy).pages.0.get(&status));
        match pages.next() {
            Some(ErrorPage::File(text)) => self.answer_with_file(exchange, status, text, add),
            Some(ErrorPage::Front(page)) => {
                self.answer_line(exchange, page, &shared, |scene| scene.front_request());
            }
            Some(ErrorPage::Back(page)) => {
                self.answer_line(exchange, page, &shared, |scene| scene.back_request());
            }
            Some(ErrorPage::Redirect { status: code, to }) => {
                let mut head = self.heads.take();
                head.set_response(*code, pages::reason(*code).as_bytes(), Version::Http11);
                head.push(b"cache-control", b"no-cache");
                head.push(b"content-length", b"0");
                head.push(b"location", to.as_bytes());
                add(&mut head);
                self.send_answer(exchange, status, head, Buf::default());
            }
            None => self.answer_page(exchange, pages::error(status), add),
        }
    }

    /// `monitor-uri`.
    pub(crate) fn answer_monitor(&mut self, exchange: ExchangeId) {
        let frontend = self.exchanges[exchange].frontend;
        self.counters(frontend).frontend.intercepted.add(1);
        if self.monitor_fails(exchange) {
            return self.answer(exchange, 503);
        }
        self.answer_page(exchange, pages::monitor(), |_| {});
    }

    /// An answer that stands in the configuration as a whole.
    pub(crate) fn answer_file(&mut self, exchange: ExchangeId, status: u16, text: &[u8]) {
        self.answer_with_file(exchange, status, text, |_| {});
    }

    /// The same with more in its head. Without a byte of it nothing is said, and the stream ends.
    fn answer_with_file(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        text: &[u8],
        add: impl FnOnce(&mut Head),
    ) {
        if text.is_empty() {
            self.exchanges[exchange].status = status;
            return self.finish(exchange);
        }
        match self.parse_page(text) {
            Some((mut head, body)) => {
                add(&mut head);
                self.send_answer(exchange, status, head, body);
            }
            None => self.answer_page(exchange, pages::error(status), add),
        }
    }

    fn answer_page(&mut self, exchange: ExchangeId, page: &Page, add: impl FnOnce(&mut Head)) {
        let mut head = self.heads.take();
        head.set_response(page.status, page.reason.as_bytes(), Version::Http11);
        for (name, value) in page.fields {
            head.push(name.as_bytes(), value.as_bytes());
        }
        add(&mut head);
        if page.closes {
            let client = self.exchanges[exchange].client;
            self.conns[client.conn].wire.close_after();
        }
        let body = page.body.as_bytes();
        if !body.is_empty() {
            head.framing = Framing::Length(body.len() as u64);
        }
        self.send_answer(exchange, page.status, head, Buf::copy_of(body));
    }

    /// Sends an answer that was made because of `status`: that is what is logged and counted, whatever
    /// an `errorfile` or `errorloc` says instead.
    pub(crate) fn send_answer(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        head: Box<Head>,
        body: Buf,
    ) {
        let x = &mut self.exchanges[exchange];
        x.status = status;
        x.phase = Phase::Closing;
        // What is no request meets no rules, and neither does the answer to it.
        let head = match self.exchanges[exchange].request.is_some() {
            true => self.rule_after(exchange, head),
            false => head,
        };
        let x = &mut self.exchanges[exchange];
        let bytes = (head.wire_bytes() + body.len()) as u64;
        x.bytes_out += bytes;
        x.ruled.own_bytes = bytes;
        x.download = Flow::Done;
        x.client_at = self.now;
        let (client, frontend) = (x.client, x.frontend);
        Rows::of(&self.shared, self.worker, x).response_out(bytes);
        let bodiless = x
            .request
            .as_ref()
            .is_some_and(|request| request.method() == b"HEAD");
        let close = self.closes_after(client.conn, frontend, frontend);
        let wire = &mut self.conns[client.conn].wire;
        if close {
            wire.close_after();
        }
        wire.send_head(cx!(self), client.stream, &head);
        if !body.is_empty() && !bodiless {
            wire.send_data(cx!(self), client.stream, body);
        }
        wire.send_end(cx!(self), client.stream);
        self.heads.give(head);
        self.drop_held(exchange);
        self.skip_upload(client.conn, client.stream);
        self.conclude_tracks(exchange);
        self.stir(client.conn);
    }

    /// Drops what has arrived of a request that is answered already, so that the connection can go on
    /// with the next one if this one is complete.
    pub(crate) fn skip_upload(&mut self, conn: ConnId, stream: StreamId) {
        while let Some(part) = self.conns[conn].wire.read(cx!(self), stream) {
            let end = matches!(part, Part::End);
            self.drop_part(part);
            if end {
                break;
            }
        }
    }

    pub(crate) fn drop_part(&mut self, part: Part) {
        match part {
            Part::Data(data) => self.pool.give(data),
            Part::Head(head) | Part::Trailers(head) => self.heads.give(head),
            Part::End => {}
        }
    }

    /// Takes an `errorfile` apart.
    fn parse_page(&mut self, text: &[u8]) -> Option<(Box<Head>, Buf)> {
        let mut wire = http1::Connection::new(Role::Opening, http1::Limits::default());
        let stream = wire.open(cx!(self))?;
        wire.receive(cx!(self), Buf::copy_of(text));
        wire.receive_end(cx!(self), false);
        let Some(Part::Head(head)) = wire.read(cx!(self), stream) else {
            return None;
        };
        let mut body = Buf::default();
        while let Some(part) = wire.read(cx!(self), stream) {
            match part {
                Part::Data(data) if body.is_empty() => body = data,
                Part::Data(_) | Part::Head(_) | Part::Trailers(_) | Part::End => break,
            }
        }
        Some((head, body))
    }
}
