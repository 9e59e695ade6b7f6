//! What is kept of messages for the log: captured headers and cookies, and the names of requests.

use crate::engine::Engine;
use crate::rules::hand;
use alloc::vec::Vec;
use message::Head;
use sample::Work;
use sample::format::Moment;
use session::ExchangeId;
use session::settings::{CaptureSlot, CookieCapture, UniqueId};

impl Engine {
    /// `capture request header`, `capture cookie` and `unique-id-format` of a request that is there.
    pub(crate) fn capture_request(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let proxy = self.shared.proxy(x.frontend);
        if let Some(head) = &x.request {
            let ruled = &mut x.ruled;
            let slots = &proxy.captures.request;
            capture(head, slots, &mut ruled.request_captures, &mut self.work);
            // Nothing is in them until there is a response, but they are there.
            let answers = proxy.captures.response.len();
            ruled.response_captures.resize(answers, None);
            if let Some(cookie) = &proxy.captures.cookie {
                ruled.request_cookie = find_cookie(head, b"cookie", cookie, &mut self.work);
            }
        }
        if !proxy.unique_id.is_late() {
            self.name_request(exchange);
        }
    }

    /// `capture response header` of a response.
    pub(crate) fn capture_response(&mut self, exchange: ExchangeId, head: &Head) {
        let x = &mut self.exchanges[exchange];
        let captures = &self.shared.proxy(x.frontend).captures;
        let ruled = &mut x.ruled;
        let slots = &captures.response;
        capture(head, slots, &mut ruled.response_captures, &mut self.work);
    }

    /// `capture cookie` of a response: of what its rules have left of it.
    pub(crate) fn capture_response_cookie(&mut self, exchange: ExchangeId, head: &Head) {
        let x = &mut self.exchanges[exchange];
        let captures = &self.shared.proxy(x.frontend).captures;
        if let Some(cookie) = &captures.cookie {
            x.ruled.response_cookie = find_cookie(head, b"set-cookie", cookie, &mut self.work);
        }
    }

    /// `unique-id-format`, unless the request has a name already.
    pub(crate) fn name_request(&mut self, exchange: ExchangeId) {
        let shared = self.lent.clone();
        let x = &self.exchanges[exchange];
        let Some(format) = &shared.proxy(x.frontend).unique_id.format else {
            return;
        };
        if x.ruled.unique_id.is_some() {
            return;
        }
        self.lend_vars(exchange);
        let mut name = self.work.buffer();
        let hand = hand!(self, shared);
        if let Some(scene) = hand.exchange(&self.exchanges[exchange], None) {
            let context = scene.front_request();
            let (format, facts) = format.with(&context);
            let max = UniqueId::LEN_MAX;
            format.write(&facts, Moment::default(), &mut self.work, &mut name, max);
        }
        self.take_vars(exchange);
        self.exchanges[exchange].ruled.unique_id = Some(name);
    }

    /// `unique-id-header`
    pub(crate) fn send_name(&mut self, exchange: ExchangeId) {
        self.name_request(exchange);
        let x = &mut self.exchanges[exchange];
        let unique_id = &self.shared.proxy(x.frontend).unique_id;
        if let (Some(name), Some(id), Some(head)) =
            (&unique_id.header, &x.ruled.unique_id, &mut x.request)
        {
            head.push(name.as_bytes(), id);
        }
    }
}

/// The last field of each slot's name, cut at the slot's length.
fn capture(head: &Head, slots: &[CaptureSlot], to: &mut Vec<Option<Vec<u8>>>, work: &mut Work) {
    if slots.is_empty() {
        return;
    }
    if to.len() < slots.len() {
        to.resize(slots.len(), None);
    }
    for (slot, to) in slots.iter().zip(to) {
        let Some(name) = &slot.header else {
            continue;
        };
        let mut fields = head.fields().rev();
        let found =
            fields.find(|field| head.bytes(field.name).eq_ignore_ascii_case(name.as_bytes()));
        if let Some(field) = found {
            *to = Some(copy(head.bytes(field.value), slot.len, work));
        }
    }
}

/// The first cookie whose name begins as wished, with its name.
fn find_cookie(
    head: &Head,
    header: &[u8],
    wished: &CookieCapture,
    work: &mut Work,
) -> Option<Vec<u8>> {
    let fields = head.fields();
    let values = fields
        .filter(|field| head.bytes(field.name).eq_ignore_ascii_case(header))
        .map(|field| head.bytes(field.value));
    let found = values
        .flat_map(|value| value.split(|byte| *byte == b';'))
        .map(<[u8]>::trim_ascii)
        .find(|cookie| cookie.starts_with(wished.name.as_bytes()))?;
    Some(copy(found, wished.len, work))
}

fn copy(text: &[u8], len_max: u32, work: &mut Work) -> Vec<u8> {
    let mut copy = work.buffer();
    copy.extend_from_slice(&text[..text.len().min(len_max as usize)]);
    copy
}
