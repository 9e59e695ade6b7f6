//! Answers that rules make.

use super::hand;
use super::scene::Scene;
use crate::engine::Engine;
use crate::shared::Shared;
use alloc::boxed::Box;
use base::Buf;
use message::{Framing, Head, Name, Version};
use sample::facts::Context;
use sample::{Checkpoint, For};
use session::ExchangeId;
use session::pages;
use session::rules::{Filled, Redirect, Reply, ReplyBody};

impl Engine {
    /// Answers with what a rule says.
    pub(crate) fn answer_with(&mut self, exchange: ExchangeId, reply: &Reply, filled: Filled) {
        match &reply.body {
            ReplyBody::Page => self.answer(exchange, reply.status),
            ReplyBody::Raw(text) => self.answer_file(exchange, reply.status, text),
            ReplyBody::Empty | ReplyBody::Text(_) | ReplyBody::Format(_) => {
                self.answer_made(exchange, reply, filled);
            }
        }
    }

    /// Answers with what an `http-error` line says.
    pub(crate) fn answer_line<C: Checkpoint>(
        &mut self,
        exchange: ExchangeId,
        page: &For<C, Box<Reply>>,
        shared: &Shared,
        context: impl for<'s> Fn(&'s Scene<'_>) -> Context<'s, C>,
    ) {
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let made = scene.map(|scene| {
            let (reply, facts) = page.with(&context(&scene));
            (reply, reply.fill(&facts, &mut self.work))
        });
        self.take_vars(exchange);
        match made {
            Some((reply, filled)) => self.answer_made(exchange, reply, filled),
            None => self.finish(exchange),
        }
    }

    /// Answers with fields and a body that are not those of a page.
    fn answer_made(&mut self, exchange: ExchangeId, reply: &Reply, filled: Filled) {
        let status = reply.status;
        let body: &[u8] = match &reply.body {
            ReplyBody::Text(text) => text,
            ReplyBody::Format(_) => &filled.body,
            ReplyBody::Empty | ReplyBody::Page | ReplyBody::Raw(_) => &[],
        };
        let mut head = self.heads.take();
        head.set_response(status, pages::reason(status).as_bytes(), Version::Http11);
        push_fields(&mut head, reply, &filled);
        set_length(&mut head, body.len());
        if let Some(kind) = &reply.content_type
            && !body.is_empty()
        {
            head.push_as(Name::ContentType, b"content-type", kind.as_bytes());
        }
        if !body.is_empty() {
            head.framing = Framing::Length(body.len() as u64);
        }
        let body = Buf::copy_of(body);
        self.work.give(filled.body);
        for value in filled.headers {
            self.work.give(value);
        }
        self.send_answer(exchange, status, head, body);
    }

    /// `redirect`
    pub(crate) fn redirect(
        &mut self,
        exchange: ExchangeId,
        redirect: &Redirect,
        to: alloc::vec::Vec<u8>,
    ) {
        let status = redirect.status;
        let mut head = self.heads.take();
        head.set_response(status, pages::reason(status).as_bytes(), Version::Http11);
        set_length(&mut head, 0);
        head.push(b"location", &to);
        self.work.give(to);
        // What holds for ever may be kept; these may not.
        if matches!(status, 302 | 303 | 307) {
            head.push(b"cache-control", b"no-cache");
        }
        if let Some(cookie) = &redirect.cookie {
            head.push(b"set-cookie", cookie);
        }
        self.send_answer(exchange, status, head, Buf::default());
    }

    /// `auth`: 401, or 407 to a client that takes us for its proxy.
    pub(crate) fn challenge(&mut self, exchange: ExchangeId, realm: Option<alloc::vec::Vec<u8>>) {
        let x = &self.exchanges[exchange];
        let proxied = x.request.as_ref().is_some_and(|head| asks_a_proxy(head));
        let (status, name): (u16, &[u8]) = if proxied {
            (407, b"proxy-authenticate")
        } else {
            (401, b"www-authenticate")
        };
        let mut value = self.work.buffer();
        value.extend_from_slice(b"Basic realm=\"");
        match &realm {
            Some(realm) => value.extend_from_slice(realm),
            None => {
                let shared = self.lent.clone();
                let x = &self.exchanges[exchange];
                value.extend_from_slice(shared.proxy(x.backend).name.as_bytes());
            }
        }
        value.push(b'"');
        self.answer_and(exchange, status, |head| head.push(name, &value));
        self.work.give(value);
        if let Some(realm) = realm {
            self.work.give(realm);
        }
    }
}

/// Whether the request names its proxy's target as to a proxy (RFC 9112 §3.2.2) and is not known to be
/// for an origin.
fn asks_a_proxy(head: &Head) -> bool {
    head.has_named(b"proxy-connection") && !head.target().starts_with(b"/")
}

fn push_fields(head: &mut Head, reply: &Reply, filled: &Filled) {
    for ((name, _), value) in reply.headers.iter().zip(&filled.headers) {
        // A field whose value comes to nothing is left out.
        if !value.is_empty() {
            head.push(name.as_bytes(), value);
        }
    }
}

fn set_length(head: &mut Head, length: usize) {
    let mut digits = itoa::Buffer::new();
    head.push_as(
        Name::ContentLength,
        b"content-length",
        digits.format(length).as_bytes(),
    );
}
